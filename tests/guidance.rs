//! What firms said that they would spend in calendar 2026 is a fact known at the opening: each
//! operator's simulated year lies inside its range, chips, servers, halls and the rest together.

mod small;

use std::path::Path;

use wattflop::market::ids::Id;
use wattflop::scenario::Date;
use wattflop::scenario::load::load;

/// A range may be left by this part of its ends: deliveries come in whole weeks.
const TOLERANCE_SHARE: f64 = 0.03;
/// Guidance of Amazon, Alphabet and Meta, and analysts' for Microsoft, as the press added it up.
const FOUR_FIRMS_USD_BN: (f64, f64) = (630.0, 660.0);

/// Lowest and highest value that the catalogue gives for an operator's 2026.
fn range(tree: &wattflop::scenario::tree::Node, operator: &str) -> (f64, f64) {
    let path = ["operators", operator, "capex_usd_bn_per_year", "2026-07-01"];
    let fact = tree.find(&path).expect("guidance of the operator");
    let end = |name: &str| fact.field(name).text().and_then(|text| text.parse().ok());
    (end("low").expect("low"), end("high").expect("high"))
}

#[test]
fn every_operator_spends_what_it_announced_for_2026() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml");
    let loaded = load(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let start = scenario.horizon.start;
    let first = Date::new(2026, 1, 5).expect("a Monday").days_since(start) / 7;
    let mut run = small::Run::open(&scenario, 0);
    run.weeks(first as u32);
    let mut spent = vec![0.0; run.model.operators.firms.len()];
    for _ in 0..52 {
        run.weeks(1);
        for (operator, usd) in run.world.operators.capex_usd_this_week.iter() {
            spent[operator.index()] += usd * 365.0 / 364.0 / 1e9;
        }
    }
    let (mut outside, mut four) = (Vec::new(), 0.0);
    for operator in run.model.operators.firms.ids() {
        let name = run.model.names.operators.name(operator);
        let (low, high) = range(&loaded.tree, name);
        let usd_bn = spent[operator.index()];
        println!("{name:16} {usd_bn:6.1} of {low}-{high}");
        if ["amazon", "alphabet", "microsoft", "meta"].contains(&name) {
            four += usd_bn;
        }
        let inside = low * (1.0 - TOLERANCE_SHARE)..=high * (1.0 + TOLERANCE_SHARE);
        if !inside.contains(&usd_bn) {
            outside.push(format!("{name}: {usd_bn:.1} of {low}-{high}"));
        }
    }
    println!("four firms {four:.1}");
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    let (low, high) = FOUR_FIRMS_USD_BN;
    let inside = low * (1.0 - TOLERANCE_SHARE)..=high * (1.0 + TOLERANCE_SHARE);
    assert!(inside.contains(&four), "four firms spend {four}");
}
