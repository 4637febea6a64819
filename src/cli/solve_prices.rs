//! `wattflop solve prices FILE`: what the products of a market would cost.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::question::{Question, keep, warn};
use super::{Outcome, print_json};
use crate::kernels::linear::Square;
use crate::market::equilibrium::case::{Case, compile};
use crate::market::equilibrium::measures::{hhi, matrices};
use crate::market::equilibrium::{Conduct, Matrices, Solution, Stop, solve};
use crate::scenario::Decode;
use crate::scenario::load::load_as;
use crate::scenario::solve::prices::{PriceCase, verify};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    question: Question,
    /// Print elasticities, diversion and pass-through too
    #[arg(long)]
    full: bool,
}

pub fn run(args: Args) -> Outcome {
    let asked = &args.question;
    let loaded = match load_as::<PriceCase>(&asked.file, &asked.sets, verify) {
        Ok(loaded) => loaded,
        Err(problems) => return asked.refuse(&problems),
    };
    warn(&loaded);
    let case = compile(&PriceCase::decode(&loaded.tree));
    let is_full = args.full || asked.out.is_some();
    let start = Instant::now();
    let solved: Vec<(Solution, Option<Matrices>)> = case
        .conducts
        .iter()
        .map(|(_, conduct)| {
            let solution = solve(&case.market, *conduct, case.rule);
            let shown = is_full.then(|| matrices(&case.market, *conduct, &solution));
            (solution, shown)
        })
        .collect();
    let seconds = start.elapsed().as_secs_f64();
    let answer = |is_full: bool| {
        let mut out = Map::from_iter([("seconds".to_owned(), json!(seconds))]);
        for ((name, conduct), (solution, matrices)) in case.conducts.iter().zip(&solved) {
            let matrices = matrices.as_ref().filter(|_| is_full);
            let value = report(&case, *conduct, solution, matrices);
            out.insert(name.name().to_owned(), value);
        }
        Value::Object(out)
    };
    if let Some(folder) = &asked.out {
        let text = format!("{:#}\n", answer(true));
        if let Err(outcome) = keep(folder, &[("prices.json", text)]) {
            return outcome;
        }
    }
    for ((name, _), (solution, _)) in case.conducts.iter().zip(&solved) {
        if solution.stop != Stop::Converged {
            eprintln!("warning: {}: {}", name.name(), reason(solution.stop));
        }
    }
    print_json(&answer(args.full))
}

fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::Converged => "converged",
        Stop::Unsettled => "prices did not settle within the allowed iterations",
        Stop::NoShadowPrice => "no shadow prices were found at which full products are just full",
        Stop::Cycle => "the set of full products kept changing",
    }
}

/// The answer for one conduct, in the order in which it is documented.
fn report(
    case: &Case,
    conduct: Conduct,
    solution: &Solution,
    matrices: Option<&Matrices>,
) -> Value {
    let market = &case.market;
    let mut products = Map::new();
    for (j, name) in case.products.iter().enumerate() {
        let price = solution.price_usd_per_h[j];
        let lerner = (price - market.cost_usd_per_h[j]) / price;
        products.insert(
            name.clone(),
            json!({
                "price_usd_per_h": price,
                "share": solution.share[j],
                "quantity_h": solution.share[j] * market.size_h,
                "shadow_price_usd_per_h": solution.shadow_usd_per_h[j],
                "lerner": lerner,
                "profit_usd": solution.profit_usd[j],
            }),
        );
    }
    let mut out = json!({
        "converged": solution.stop == Stop::Converged,
        "iterations": solution.iterations,
        "foc_residual": solution.foc_residual,
        "second_order_ok": solution.is_second_order,
        "products": products,
        "outside_share": solution.outside_share,
        "consumer_surplus_usd": solution.consumer_surplus_usd,
        "hhi": hhi(market, &solution.share),
    });
    if solution.stop != Stop::Converged {
        out["stop"] = json!(reason(solution.stop));
    }
    if conduct == Conduct::Planner {
        out["welfare_usd"] = json!(crate::market::equilibrium::measures::welfare_usd(
            market, solution
        ));
    }
    if let Some(matrices) = matrices {
        out["elasticity"] = matrix(case, &matrices.elasticity, false);
        out["diversion"] = matrix(case, &matrices.diversion, true);
        out["pass_through"] = match &matrices.pass_through {
            Some(square) => matrix(case, square, false),
            None => Value::Null,
        };
    }
    out
}

/// Rows and columns by name; in a diversion matrix the diagonal is the outside option.
fn matrix(case: &Case, square: &Square, is_diversion: bool) -> Value {
    let mut rows = Map::new();
    for (j, name) in case.products.iter().enumerate() {
        let mut row = Map::new();
        for (k, other) in case.products.iter().enumerate() {
            if !(is_diversion && j == k) {
                row.insert(other.clone(), json!(square.at(j, k)));
            }
        }
        if is_diversion {
            row.insert("outside".to_owned(), json!(square.at(j, j)));
        }
        rows.insert(name.clone(), Value::Object(row));
    }
    Value::Object(rows)
}
