//! Signs that theory fixes, on 16 draws that share their luck: at least 13 must agree.

mod small;

use small::{Run, larger, run, scenario};
use wattflop::market::ids::RegionId;
use wattflop::scenario::types::{Scenario, Shock};

/// Draws of 16 that must agree.
const AGREE: usize = 13;

fn scale_packaging(scenario: &mut Scenario, factor: f64) {
    for line in scenario.chips.packaging.values_mut() {
        for (_, wafers) in &mut line.wafers_per_month.points {
            *wafers *= factor;
        }
    }
}

#[test]
fn more_packaging_lowers_lead_times() {
    let control = scenario("baseline.yaml", None, &[]);
    let mut treated = control.clone();
    scale_packaging(&mut treated, 1.3);
    let agree = larger(&control, &treated, "chip_lead_time_weeks", (40, 103));
    assert!(agree >= AGREE, "{agree} of 16");
}

/// Devices online ÷ devices owned in one region.
fn participation(run: &Run, region: &str) -> f64 {
    let id: RegionId = run.model.names.regions.id(region);
    let (mut online, mut owned) = (0.0, 0.0);
    for (_, cell) in run
        .model
        .providers
        .cells
        .iter()
        .filter(|(_, cell)| cell.region == id)
    {
        for row in cell.rows.clone() {
            let count = f64::from(run.world.providers.count[row]);
            let mode = run.world.providers.mode[row] & 0x7f;
            owned += if mode >= 2 { count } else { 0.0 };
            online += if mode >= 3 { count } else { 0.0 };
        }
    }
    online / owned
}

#[test]
fn dearer_power_lowers_participation_there() {
    let control = scenario("baseline.yaml", None, &[]);
    let mut treated = control.clone();
    let hike = small::shock("tariff: { region: germany, factor: 1.8 }");
    treated.shocks.insert("dear_power".into(), hike);
    let agree = (0..16).filter(|&draw| {
        let dear = participation(&run(&treated, draw, 40), "germany");
        dear < participation(&run(&control, draw, 40), "germany")
    });
    let agree = agree.count();
    assert!(agree >= AGREE, "{agree} of 16");
}

/// Mean relative change of the spot prices at all operators but one.
fn rivals_spot(treated: &Run, control: &Run, but: &str, weeks: std::ops::Range<u32>) -> f64 {
    let frame = |run: &Run| run.scratch.recorder.entities[0].clone();
    let (treated_rows, control_rows) = (frame(treated), frame(control));
    let prices = |frame: &wattflop::market::record::Frame, run: &Run| {
        let column = frame.column("price_usd_per_h").expect("a price");
        let rows = frame.weeks.iter().zip(&frame.entities).zip(column);
        let mut found = Vec::new();
        for ((week, offer), price) in rows {
            let name = wattflop::market::tables::entity_name(&run.model, "offers", *offer as usize);
            if weeks.contains(week) && name.contains("/spot/") && !name.starts_with(but) {
                found.push(((*week, *offer), price));
            }
        }
        found
    };
    let control_prices = prices(&control_rows, control);
    let mut changes = Vec::new();
    for (key, price) in prices(&treated_rows, treated) {
        let same = control_prices.iter().find(|(other, _)| *other == key);
        changes.extend(same.map(|(_, before)| price / before - 1.0));
    }
    assert!(!changes.is_empty(), "no rival sells spot");
    changes.iter().sum::<f64>() / changes.len() as f64
}

#[test]
fn an_outage_at_the_largest_operator_raises_rivals_prices_and_waits() {
    let treated = scenario("hyperscaler_outage.yaml", None, &[]);
    let mut control = treated.clone();
    control.shocks.clear();
    let (mut spot, mut marketplace, mut waiting) = (0, 0, 0);
    for draw in 0..16 {
        let (with, without) = (run(&treated, draw, 22), run(&control, draw, 22));
        spot += usize::from(rivals_spot(&with, &without, "amazon", 18..21) > 0.0);
        let rises = |name: &str, from: usize, to: usize| {
            usize::from(with.mean(name, from, to) > without.mean(name, from, to))
        };
        marketplace += rises("h100_marketplace_usd_per_h", 17, 20);
        waiting += rises("waiting_h100e", 17, 18);
    }
    assert!(spot >= AGREE, "rivals' spot: {spot} of 16");
    assert!(marketplace >= AGREE, "marketplaces: {marketplace} of 16");
    assert!(waiting >= AGREE, "waiting: {waiting} of 16");
}

#[test]
fn higher_emission_wakes_idle_hardware_within_four_weeks_and_is_sold() {
    let control = scenario("edge_swarm.yaml", Some("today"), &[]);
    let treated = scenario("edge_swarm.yaml", Some("ten_times"), &[]);
    for outcome in ["network_devices", "token_sales_usd_per_week"] {
        let agree = larger(&treated, &control, outcome, (3, 4));
        assert!(agree >= AGREE, "{outcome}: {agree} of 16");
    }
}

#[test]
fn bought_hardware_comes_after_its_lead_time() {
    let control = scenario("incentives.yaml", Some("none"), &[]);
    let generous =
        ["networks.open_gpu.emission.fixed_schedule.tokens_per_year.2025-11-03=3000000000"];
    let treated = scenario("incentives.yaml", Some("fixed_emission"), &generous);
    let ordered = larger(&treated, &control, "hardware_ordered_devices", (4, 12));
    assert!(ordered >= AGREE, "ordered: {ordered} of 16");
    let soon = larger(&treated, &control, "owned_devices", (1, 2));
    let late = larger(&treated, &control, "owned_devices", (40, 51));
    assert!(late >= AGREE, "owned after a year: {late} of 16");
    assert!(soon < AGREE, "owned at once: {soon} of 16");
}

#[test]
fn zero_subsidy_equals_no_subsidy_bit_for_bit() {
    let none = scenario("edge_swarm.yaml", Some("no_reward"), &[]);
    let zero = ["networks.edge.emission.halving.first_year_tokens=0"];
    let zero = scenario("edge_swarm.yaml", Some("today"), &zero);
    let bits = |scenario: &Scenario| -> Vec<u64> {
        let run = run(scenario, 0, 60);
        run.scratch
            .recorder
            .weekly
            .values
            .iter()
            .map(|value| value.to_bits())
            .collect()
    };
    assert_eq!(bits(&none), bits(&zero));
}

/// Owners who go by last week's pay alone and leave after a week without: the cobweb's assumption.
/// Only how many of them review in the same week differs.
fn myopic(review_hazard_per_week: f64) -> Scenario {
    let mut scenario = scenario("baseline.yaml", None, &[]);
    let behaviour = &mut scenario.providers.behaviour;
    behaviour.belief_gain_per_week = 1.0;
    behaviour.patience_weeks = 1;
    behaviour.review_hazard_per_week = review_hazard_per_week;
    scenario
}

#[test]
fn participation_converges_by_hazard_where_reviewing_together_alternates() {
    let (hazard, together) = (myopic(0.15), myopic(1.0));
    // Weeks in which participation turns round by more than a tenth of itself, of 38.
    let turns = |scenario: &Scenario, draw: u32| {
        let path = run(scenario, draw, 52).outcome("participation_share");
        let turn = |week: &[f64]| {
            let (first, second) = (week[1] / week[0] - 1.0, week[2] / week[1] - 1.0);
            first * second < 0.0 && first.abs() > 0.1 && second.abs() > 0.1
        };
        path[12..].windows(3).filter(|week| turn(week)).count()
    };
    let agree = (0..16).filter(|&draw| turns(&together, draw) >= 10 + 5 * turns(&hazard, draw));
    let agree = agree.count();
    assert!(agree >= AGREE, "{agree} of 16");
}

#[test]
fn prices_stay_positive_and_finite_for_ten_years() {
    for draw in 0..4 {
        let run = run(&scenario("baseline.yaml", None, &[]), draw, 520);
        for name in wattflop::market::outcomes::NAMES
            .iter()
            .filter(|name| name.contains("_usd_per_h"))
        {
            if *name == "subsidy_usd_per_gpu_h" {
                continue;
            }
            for (week, value) in run.outcome(name).into_iter().enumerate() {
                assert!(
                    value > 0.0 && value.is_finite(),
                    "{name} in week {week} is {value}"
                );
            }
        }
    }
}

#[test]
fn a_shock_without_effect_changes_nothing() {
    let control = scenario("baseline.yaml", None, &[]);
    let mut treated = control.clone();
    let nothing: Shock = small::shock("memory_capacity: { factor: 1.0 }");
    treated.shocks.insert("nothing".into(), nothing);
    let bits = |scenario: &Scenario| -> Vec<u64> {
        let run = run(scenario, 0, 20);
        run.scratch
            .recorder
            .weekly
            .values
            .iter()
            .map(|value| value.to_bits())
            .collect()
    };
    assert_eq!(bits(&control), bits(&treated));
}
