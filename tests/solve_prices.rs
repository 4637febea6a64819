//! `solve prices` against markets that PyBLP 1.3.0 solved, and against chance.

mod deviations;

use std::path::{Path, PathBuf};
use std::process::Command;

use deviations::{Draws, FAR, NEAR, best_deviation, best_joint_deviation};
use serde_json::Value;
use wattflop::kernels::linear::Square;
use wattflop::kernels::math;
use wattflop::market::equilibrium::case::{Case, compile};
use wattflop::market::equilibrium::measures::hhi;
use wattflop::market::equilibrium::{Conduct, Market, Rule, Solution, Stop, matrices, solve};
use wattflop::scenario::Decode;
use wattflop::scenario::load::load_as;
use wattflop::scenario::solve::prices::{PriceCase, verify};

const RULE: Rule = Rule {
    tolerance: 1e-14,
    max_iterations: 10_000,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn case(path: &Path) -> Case {
    let loaded = load_as::<PriceCase>(path, &[], verify);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.warnings.is_empty(), "{}", path.display());
    compile(&PriceCase::decode(&loaded.tree))
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn near(found: &[f64], expected: &Value, tolerance: f64, what: &str) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(&expected) {
        let distance = (found - expected).abs();
        assert!(distance <= tolerance, "{what}: {found} against {expected}");
    }
}

#[test]
fn the_reference_markets_are_met() {
    let folder = root().join("tests/truth/prices");
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 26);
    for (name, truth) in expected {
        let case = case(&folder.join(format!("{name}.yaml")));
        let found = solve(&case.market, Conduct::Nash, case.rule);
        assert_eq!(found.stop, Stop::Converged, "{name}");
        assert!(found.is_second_order, "{name}");
        assert!(found.foc_residual < 1e-13, "{name}: {}", found.foc_residual);
        let shown = matrices(&case.market, Conduct::Nash, &found);
        let of = |part: &str| format!("{name} {part}");
        let met = |found: &[f64], part: &str, tolerance: f64| {
            near(found, &truth[part], tolerance, &of(part));
        };
        met(&found.price_usd_per_h, "price", 1e-10);
        met(&found.share, "share", 1e-12);
        met(&[found.outside_share], "outside_share", 1e-12);
        met(&found.profit_usd, "profit", 1e-10);
        met(&[found.consumer_surplus_usd], "consumer_surplus", 1e-12);
        met(&[hhi(&case.market, &found.share)], "hhi", 1e-8);
        met(&shown.elasticity.cells, "elasticity", 1e-9);
        met(&shown.diversion.cells, "diversion", 1e-9);
        met(&shown.pass_through.unwrap().cells, "pass_through", 1e-7);
    }
}

#[test]
fn the_command_prints_what_the_library_finds() {
    let file = root().join("tests/truth/prices/m14_compute_segments_nested.yaml");
    let case = case(&file);
    let found = solve(&case.market, Conduct::Nash, case.rule);
    let output = Command::new(env!("CARGO_BIN_EXE_wattflop"))
        .args(["solve", "prices"])
        .arg(&file)
        .arg("--full")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert!(shown["seconds"].as_f64().unwrap() > 0.0);
    let nash = &shown["nash"];
    assert_eq!(nash["converged"], true);
    for (j, name) in case.products.iter().enumerate() {
        // As text: the reader of JSON may miss the last bit, the writer does not.
        let price = format!("\"price_usd_per_h\": {},", found.price_usd_per_h[j]);
        assert!(text.contains(&price), "{price}");
        let row = nash["diversion"][name].as_object().unwrap();
        let whole: f64 = row.values().map(|share| share.as_f64().unwrap()).sum();
        assert!((whole - 1.0).abs() < 1e-12 && row.contains_key("outside"));
    }
}

#[test]
fn shipped_questions_are_answered() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios/solve")).unwrap() {
        let path = entry.unwrap().path();
        if !path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("prices_")
        {
            continue;
        }
        count += 1;
        let case = case(&path);
        for (_, conduct) in &case.conducts {
            let found = solve(&case.market, *conduct, case.rule);
            assert_eq!(
                found.stop,
                Stop::Converged,
                "{} {conduct:?}",
                path.display()
            );
            assert!(found.is_second_order, "{} {conduct:?}", path.display());
            let gain = best_deviation(&case.market, *conduct, &found, FAR);
            assert!(gain <= 1e-8, "{} {conduct:?}: {gain}", path.display());
            if *conduct == Conduct::Nash {
                let gain = best_joint_deviation(&case.market, &found, &mut Draws::new(), 1.0);
                assert!(gain <= 1e-8, "{} together: {gain}", path.display());
            }
        }
    }
    assert!(count >= 5, "an example per demand model");
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let folder = std::env::temp_dir().join(format!("wattflop-prices-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("bad.yaml");
    let text = "market:\n  nests: { tier: 1.0 }\n  products:\n    a: { owner: A, mean_utility: 1, \
                marginal_cost_usd_per_h: 1, nest: teir }\n  profit_weights: { B: { A: 0.5 } }\n";
    std::fs::write(&file, text).unwrap();
    let wrong = load_as::<PriceCase>(&file, &[], verify)
        .unwrap_err()
        .to_string();
    assert!(
        wrong.contains("teir") && wrong.contains("bad.yaml:4"),
        "{wrong}"
    );
    std::fs::write(&file, text.replace("teir", "tier")).unwrap();
    let wrong = load_as::<PriceCase>(&file, &[], verify)
        .unwrap_err()
        .to_string();
    for part in [
        "below 1",
        "no `price_coefficient`",
        "no product is owned by `B`",
    ] {
        assert!(wrong.contains(part), "{wrong}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Nobody gains either in the reference markets, with room for all or for two thirds of what
/// would be sold (E11).
#[test]
fn nobody_gains_by_moving_in_the_reference_markets() {
    let folder = root().join("tests/truth/prices");
    let (mut count, mut full, mut draws) = (0, 0, Draws::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "yaml") {
            continue;
        }
        count += 1;
        let mut market = case(&path).market;
        let open = solve(&market, Conduct::Nash, RULE);
        for scarce in [false, true] {
            if scarce {
                for (capacity, share) in market.capacity_h.iter_mut().zip(&open.share) {
                    *capacity = share * market.size_h / 1.5;
                }
            }
            let found = solve(&market, Conduct::Nash, RULE);
            assert_eq!(found.stop, Stop::Converged, "{}", path.display());
            full += found.shadow_usd_per_h.iter().filter(|l| **l > 0.0).count();
            let gain = best_deviation(&market, Conduct::Nash, &found, NEAR);
            assert!(gain <= 1e-8, "{} {scarce}: {gain}", path.display());
            let gain = best_joint_deviation(&market, &found, &mut draws, 0.1);
            assert!(gain <= 1e-8, "{} {scarce} together: {gain}", path.display());
        }
    }
    assert!(count == 26 && full > 50, "{count} markets, {full} full");
}

/// An ordinary market, or a wild one.
fn random(draws: &mut Draws, most: usize, is_wild: bool) -> Market {
    let products = 1 + draws.below(most);
    let owners = 1 + draws.below(products.min(12));
    // One kind of buyers in half of the markets: there the equilibrium is known to be one.
    let segments = 1 + draws.below(4) * draws.below(2);
    let nests = 1 + draws.below(4);
    let mut rho: Vec<f64> = (0..nests).map(|_| draws.between(0.0, 0.85)).collect();
    let mut nest = Vec::new();
    for _ in 0..products {
        if draws.below(2) == 0 {
            nest.push(draws.below(nests));
        } else {
            rho.push(0.0);
            nest.push(rho.len() - 1);
        }
    }
    let raw: Vec<f64> = (0..segments).map(|_| draws.between(0.1, 1.0)).collect();
    let total: f64 = raw.iter().sum();
    let scale = if is_wild { 20.0 } else { 1.0 };
    let spread = |draws: &mut Draws| draws.between(-1.0, 1.0) * scale;
    let mut capacity = Vec::new();
    for _ in 0..products {
        capacity.push(match draws.below(if is_wild { 5 } else { 3 }) {
            0 => draws.between(0.01, 0.2),
            4 => 0.0,
            3 => draws.between(0.0, 1e-6),
            _ => f64::INFINITY,
        });
    }
    let costs = |draws: &mut Draws| {
        if is_wild && draws.below(8) == 0 {
            [0.0, 1e3, 1e6, -5.0][draws.below(4)]
        } else {
            draws.between(0.5, 2.5)
        }
    };
    Market {
        size_h: 1.0,
        cost_usd_per_h: (0..products).map(|_| costs(draws)).collect(),
        external_usd_per_h: vec![0.0; products],
        capacity_h: capacity,
        owner: (0..products).map(|_| draws.below(owners)).collect(),
        nest,
        rho,
        weight: raw.iter().map(|w| w / total).collect(),
        alpha: (0..segments).map(|_| -draws.between(0.5, 3.0)).collect(),
        base: (0..products * segments)
            .map(|_| 2.0 + spread(draws))
            .collect(),
        profit_weight: (0..owners).map(|f| vec![(f, 1.0)]).collect(),
    }
}

#[test]
fn no_seller_gains_by_moving() {
    let mut draws = Draws::new();
    let (mut full, mut solved, mut together) = (0, 0, 0);
    while solved < 240 {
        let mut market = random(&mut draws, 8, false);
        // In every fourth market two owners count part of each other's profit, with room for all:
        // what buyers whom a rival has no room for are worth to it, E11 does not say.
        if solved % 4 == 3 && market.profit_weight.len() > 1 {
            market.capacity_h.fill(f64::INFINITY);
            market.profit_weight[0].push((1, draws.between(0.1, 0.9)));
            market.profit_weight[1].push((0, draws.between(0.1, 0.9)));
        }
        let found = solve(&market, Conduct::Nash, RULE);
        assert_eq!(found.stop, Stop::Converged);
        solved += 1;
        full += found.shadow_usd_per_h.iter().filter(|l| **l > 0.0).count();
        for (j, shadow) in found.shadow_usd_per_h.iter().enumerate() {
            let slack = market.capacity_h[j] - found.share[j];
            assert!(*shadow >= 0.0 && slack >= -1e-9 * market.capacity_h[j]);
            assert!(*shadow == 0.0 || slack.abs() < 1e-9);
        }
        // With several kinds of buyers an owner may prefer another hill of its profit; what is
        // reported as a hill must be one nearby.
        let steps = if market.segments() == 1 { FAR } else { NEAR };
        if market.segments() == 1 || found.is_second_order {
            let gain = best_deviation(&market, Conduct::Nash, &found, steps);
            assert!(gain <= 1e-8, "{gain} in market {solved}: {market:?}");
            let far = if market.segments() == 1 { 1.0 } else { 0.01 };
            let gain = best_joint_deviation(&market, &found, &mut draws, far);
            assert!(
                gain <= 1e-8,
                "together {gain} in market {solved}: {market:?}"
            );
            together += 1;
        }
    }
    assert!(
        full > 100,
        "only {full} full products: the test would prove little"
    );
    assert!(
        together >= 200,
        "only {together} markets were tried jointly"
    );
}

/// The search finds a gain where there is one: prices of an equilibrium in another market.
#[test]
fn the_search_for_gains_finds_them() {
    let mut draws = Draws::new();
    let mut seen = 0;
    for _ in 0..20 {
        let market = random(&mut draws, 8, false);
        let mut dearer = market.clone();
        dearer
            .cost_usd_per_h
            .iter_mut()
            .for_each(|cost| *cost += 0.01);
        let found = solve(&dearer, Conduct::Nash, RULE);
        let gain = best_joint_deviation(&market, &found, &mut draws, 1.0);
        seen += usize::from(gain > 1e-8);
    }
    assert!(seen >= 15, "{seen} of 20");
}

/// Where one product has nearly everybody, what diverts from it is still told to the last digits:
/// to the outside and to the other in proportion to their shares.
#[test]
fn diversion_does_not_cancel_where_nearly_everybody_buys_one() {
    let market = Market {
        size_h: 1.0,
        cost_usd_per_h: vec![1.0, 1.0],
        external_usd_per_h: vec![0.0; 2],
        capacity_h: vec![f64::INFINITY; 2],
        owner: vec![0, 1],
        nest: vec![0, 1],
        rho: vec![0.0; 2],
        weight: vec![1.0],
        alpha: vec![-1.0],
        base: vec![41.0, 3.0],
        profit_weight: vec![vec![(0, 1.0)], vec![(1, 1.0)]],
    };
    let found = solve(&market, Conduct::Competitive, RULE);
    let shown = matrices(&market, Conduct::Competitive, &found);
    let other = math::exp(2.0);
    assert!((shown.diversion.at(0, 1) - other / (1.0 + other)).abs() < 1e-12);
    assert!((shown.diversion.at(0, 0) - 1.0 / (1.0 + other)).abs() < 1e-12);
    let rest = (1.0 + other) * math::exp(-40.0);
    assert!((shown.elasticity.at(0, 0) / -rest - 1.0).abs() < 1e-12);
}

#[test]
fn no_market_breaks_the_solver() {
    let mut draws = Draws::new();
    let rule = Rule {
        max_iterations: 300,
        ..RULE
    };
    let mut unsolved = 0;
    for round in 0..10_000 {
        let most = if round % 500 == 0 { 60 } else { 5 };
        let market = random(&mut draws, most, true);
        let conduct = [Conduct::Nash, Conduct::Cartel, Conduct::Competitive][round % 3];
        let found = solve(&market, conduct, rule);
        unsolved += usize::from(found.stop != Stop::Converged);
        let vectors = [
            &found.price_usd_per_h,
            &found.share,
            &found.shadow_usd_per_h,
            &found.profit_usd,
        ];
        let lone = [
            found.outside_share,
            found.consumer_surplus_usd,
            found.foc_residual,
        ];
        let numbers = vectors.into_iter().flatten().chain(&lone);
        assert!(numbers.into_iter().all(|x| !x.is_nan()), "{market:?}");
        let whole = found.share.iter().sum::<f64>() + found.outside_share;
        assert!((whole - 1.0).abs() < 1e-9, "{whole}");
    }
    assert!(
        unsolved <= 500,
        "{unsolved} of 10,000 markets were given up"
    );
}

/// The matrices by finite differences of the equilibrium, which the formulas do not use.
#[test]
fn pass_through_is_the_slope_of_the_equilibrium() {
    let mut draws = Draws::new();
    let mut compared = 0;
    for _ in 0..40 {
        let market = random(&mut draws, 6, false);
        let found = solve(&market, Conduct::Nash, RULE);
        let shown = matrices(&market, Conduct::Nash, &found)
            .pass_through
            .unwrap();
        let step = 1e-5;
        let n = market.products();
        let mut slopes = Square::zeros(n);
        let mut kept = true;
        for k in 0..n {
            let moved = |sign: f64| {
                let mut other = market.clone();
                other.cost_usd_per_h[k] += sign * step;
                solve(&other, Conduct::Nash, RULE)
            };
            let (up, down) = (moved(1.0), moved(-1.0));
            let full = |s: &Solution| s.shadow_usd_per_h.iter().map(|l| *l > 0.0).collect();
            let (a, b, c): (Vec<bool>, Vec<bool>, Vec<bool>) =
                (full(&up), full(&down), full(&found));
            kept &= a == c && b == c;
            for j in 0..n {
                let rise = up.price_usd_per_h[j] - down.price_usd_per_h[j];
                slopes.set(j, k, rise / (2.0 * step));
            }
        }
        // On a saddle between two hills the slope is ill-conditioned; it is reported as none.
        if kept && found.is_second_order {
            compared += 1;
            for (a, b) in shown.cells.iter().zip(&slopes.cells) {
                assert!((a - b).abs() < 1e-6, "{a} against {b}: {market:?}");
            }
        }
    }
    assert!(compared >= 20, "only {compared} markets were compared");
}
