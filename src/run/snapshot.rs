//! The market of lists of a week as a file of `solve prices`, with every bit of its numbers.

use std::fmt::Write as _;

use crate::market::clearing::desk::Lists;
use crate::market::clearing::oracle;
use crate::market::scratch::Scratch;
use crate::market::{Model, World};
use crate::results::columns::{Data, Misfit, Table, Text};
use crate::scenario::solve::prices::PriceCase;

/// Name of the table in which snapshots travel until they are written as files.
pub const TABLE: &str = "snapshots";

/// Snapshots of one run: week and text.
#[derive(Clone, Debug, Default)]
pub struct Snapshots {
    weeks: Vec<u32>,
    texts: Vec<String>,
}

impl Snapshots {
    /// Keeps the week's market if the report asks for it: the one that was solved when somebody
    /// reviewed a list, otherwise the one that stands.
    pub fn take(&mut self, week: u32, model: &Model, world: &World, scratch: &Scratch) {
        if model.market.asked.snapshots.binary_search(&week).is_err() {
            return;
        }
        let solved = scratch.clearing.response.as_ref();
        let stands = || oracle::lists(model, &world.demand, &world.market, 0.0);
        let lists: Option<Lists> = solved.map(|found| found.lists.clone()).or_else(stands);
        if let Some(lists) = lists {
            let date = model.calendar.date(week);
            let question = format!("What did list hours cost in the week of {date}?");
            self.weeks.push(week);
            self.texts.push(text(&lists.case(model), &question));
        }
    }

    /// One row per snapshot; `None` where nothing was asked for.
    pub fn table(&self, model: &Model) -> Result<Option<Table>, Misfit> {
        if self.weeks.is_empty() {
            return Ok(None);
        }
        let mut table = Table::new(TABLE);
        let weeks = self.weeks.iter();
        table.push_column(
            "week",
            Data::I64(weeks.clone().map(|w| i64::from(*w)).collect()),
        )?;
        let (mut dates, mut texts) = (Text::default(), Text::default());
        weeks.for_each(|week| dates.push(&model.calendar.date(*week).to_string()));
        self.texts.iter().for_each(|text| texts.push(text));
        table.push_column("date", Data::Text(dates))?;
        table.push_column("market", Data::Text(texts))?;
        Ok(Some(table))
    }
}

/// The files behind the stamped table of an ensemble: path in the run folder, and text.
pub fn files(table: &Table) -> Vec<(String, String)> {
    let text = |name: &str, row: usize| match table.column(name) {
        Some(Data::Text(text)) => {
            let code = text.codes()[row] as usize;
            text.words()[code].clone()
        }
        Some(Data::I64(numbers)) => numbers[row].to_string(),
        _ => String::new(),
    };
    (0..table.rows())
        .map(|row| {
            let of = |name: &str| text(name, row);
            let (policy, draw, luck) = (of("policy"), of("draw"), of("luck"));
            let week = of("week");
            let name = format!("snapshots/{policy}-draw{draw}-luck{luck}-week{week}.yaml");
            (name, of("market"))
        })
        .collect()
}

/// A case as YAML; numbers are written so that they read back to the same bits.
pub fn text(case: &PriceCase, question: &str) -> String {
    let mut out = format!("question: \"{question}\"\nmarket:\n");
    let market = &case.market;
    // Writing to a text does not fail.
    let _ = writeln!(out, "  size: {:?}\n  products:", market.size);
    for (name, product) in &market.products {
        let _ = write!(
            out,
            "    {name}: {{ owner: {}, mean_utility: {:?}, marginal_cost_usd_per_h: {:?}",
            product.owner, product.mean_utility, product.marginal_cost_usd_per_h
        );
        if let Some(nest) = &product.nest {
            let _ = write!(out, ", nest: {nest}");
        }
        if let Some(capacity_h) = product.capacity_h {
            let _ = write!(out, ", capacity_h: {capacity_h:?}");
        }
        if product.external_cost_usd_per_h != 0.0 {
            let cost = product.external_cost_usd_per_h;
            let _ = write!(out, ", external_cost_usd_per_h: {cost:?}");
        }
        out.push_str(" }\n");
    }
    out.push_str("  nests:\n");
    for (name, rho) in &market.nests {
        let _ = writeln!(out, "    {name}: {rho:?}");
    }
    out.push_str("  segments:\n");
    for (name, segment) in &market.segments {
        let alpha = segment.price_coefficient.unwrap_or(-1.0);
        let weight = segment.weight;
        let _ = writeln!(
            out,
            "    {name}: {{ weight: {weight:?}, price_coefficient: {alpha:?} }}"
        );
    }
    let conducts: Vec<&str> = case.solve.conduct.iter().map(|own| own.name()).collect();
    let _ = writeln!(
        out,
        "solve: {{ conduct: [{}], tolerance: {:?}, max_iterations: {} }}",
        conducts.join(", "),
        case.solve.tolerance,
        case.solve.max_iterations
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::random::Luck;
    use crate::market::equilibrium::{Conduct, case, solve};
    use crate::market::scratch::NoMeter;
    use crate::market::week::{Week, step};
    use crate::scenario::Decode;
    use crate::scenario::load::{load, load_text_as};
    use crate::scenario::solve::prices::verify;
    use std::path::Path;

    /// The function behind `solve prices`, fed the saved inputs of a week, returns that week's
    /// bits: prices, shares, shadow prices and surplus of every week with a review.
    #[test]
    fn a_saved_week_has_the_weeks_bits() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml");
        let sets = [
            "providers.rows=2000",
            "report.snapshots=[0, 1, 2, 2025-12-01, 9]",
        ];
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let loaded = load(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
        let scenario = loaded.scenario(None);
        let (seed, draw, luck) = (1, 0, 0);
        let model = Model::compile(&scenario, Luck { seed, draw, luck });
        let mut world = World::open(&model);
        let mut scratch = Scratch::new(false, Box::new(NoMeter));
        let (mut snapshots, mut reviews) = (Snapshots::default(), 0);
        for number in 0..10 {
            let model = &model;
            step(&Week { number, model }, &mut world, &mut scratch).unwrap();
            let kept = snapshots.texts.len();
            snapshots.take(number, model, &world, &scratch);
            let Some(text) = snapshots.texts.get(kept) else {
                continue;
            };
            let loaded = load_text_as::<PriceCase>("week", text, &[], verify);
            let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
            let compiled = case::compile(&PriceCase::decode(&loaded.tree));
            let again = solve(&compiled.market, Conduct::Nash, compiled.rule);
            if let Some(response) = &scratch.clearing.response {
                reviews += 1;
                assert_eq!(again, response.solution, "week {number}");
            }
        }
        assert_eq!(snapshots.weeks, [0, 1, 2, 4, 9]);
        assert!(reviews >= 3, "{reviews} weeks with a review");
        let table = snapshots.table(&model).unwrap().expect("five snapshots");
        assert_eq!(table.rows(), 5);
    }
}
