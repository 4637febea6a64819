//! Plausible before dynamic: without shocks the first quarter goes on as the year before.
//!
//! The catalogue's `trends` say how each series moved in the year before the opening. In the median
//! of draws, and in the first draw alone, no series may leave its trend by more than its
//! tolerance.

mod small;

use std::collections::BTreeMap;
use std::path::Path;

use small::Run;
use wattflop::kernels::math::pow;
use wattflop::market::outcomes::NAMES;
use wattflop::market::tables::entity_name;
use wattflop::run::economy::Script;
use wattflop::run::script::FileScript;
use wattflop::scenario::load::load;
use wattflop::scenario::types::{Scenario, Trend};

/// Draws of which the median is judged.
const DRAWS: u32 = 9;
/// Weeks of a year, as the model counts them.
const YEAR_WEEKS: f64 = 52.178_57;
/// Series that no yearly trend describes, and why.
const WITHOUT: [(&str, &[&str]); 8] = [
    (
        "reviews come by turns; tests/backcast.rs judges their mean over half a year",
        &["list_unchanged_share", "spot_unchanged_share"],
    ),
    (
        "seasons and weather move it",
        &[
            "wholesale_usd_per_mwh",
            "compute_co2_mt_per_year",
            "water_on_site_gl_per_year",
            "water_off_site_gl_per_year",
            "residential_bill_usd_per_month",
            "reserve_margin_min_share",
            "reserve_margin_share",
        ],
    ),
    (
        "zero or nearly so at the opening",
        &[
            "waiting_h100e",
            "unserved_mwh",
            "curtailed_h",
            "marketplace_unchanged_share",
            "defaults",
            "hardware_ordered_devices",
            "cheating_share",
            "connection_queue_gw",
        ],
    ),
    (
        "nobody observes it",
        &[
            "edge_net_usd_per_device_week",
            "service_net_usd_per_week",
            "storage_network_share",
            "bandwidth_network_share",
            "data_network_share",
            "service_devices",
            "service_sales_usd_per_week",
            "service_token_index",
            "consumer_surplus_usd_per_week",
            "owned_devices",
            "network_h100e",
            "backlog_h100e",
        ],
    ),
    (
        "a product of series that are judged",
        &[
            "h100_ask_p10_usd_per_h",
            "h100_ask_p50_usd_per_h",
            "h100_ask_p90_usd_per_h",
            "operator_debt_usd_bn",
            "operator_cash_usd_bn",
            "used_price_usd_per_h100e",
            "operator_revenue_usd_per_week",
            "operator_profit_usd_per_week",
            "provider_profit_usd_per_week",
            "holder_gain_usd_per_week",
            "ratepayer_bill_usd_per_week",
            "external_cost_usd_per_week",
            "welfare_usd_per_week",
            "subsidy_usd_per_week",
            "fees_usd_per_week",
            "emission_usd_per_week",
            "burnt_usd_per_week",
            "token_sales_usd_per_week",
            "subsidy_usd_per_gpu_h",
        ],
    ),
    (
        "the facts are of all data centres",
        &["compute_twh_per_year"],
    ),
    (
        "weather and season move them from week to week",
        &[
            "wholesale_worst_usd_per_mwh",
            "scarcity_hours",
            "congestion_rent_usd_per_week",
            "pue",
            "data_centre_load_share",
            "curtailed_mwh",
            "compute_co2_marginal_mt_per_year",
        ],
    ),
    (
        "they follow from others: the auction is yearly, no contracts are modelled, queues in MW",
        &[
            "capacity_price_usd_per_mw_day",
            "compute_co2_market_mt_per_year",
            "connection_queue_months",
        ],
    ),
];

fn draws() -> Vec<Scenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml");
    let loaded = load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let mut script = FileScript::new(42);
    let version = script.add_version(loaded);
    script.add_arm(version, "baseline").expect("the policy");
    (0..DRAWS)
        .map(|draw| script.scenario(0, draw).scenario)
        .collect()
}

/// Weekly values of an outcome, or of `table.entity.column`.
fn series(run: &Run, outcome: &str) -> Vec<f64> {
    let Some((table, rest)) = outcome.split_once('.') else {
        return run.outcome(outcome);
    };
    let (entity, column) = rest.rsplit_once('.').expect("table.entity.column");
    let frames = &run.scratch.recorder.entities;
    let frame = frames
        .iter()
        .find(|frame| frame.name == table)
        .expect("a table");
    let values = frame.column(column).expect("a column");
    let rows = frame.entities.iter().zip(values);
    rows.filter(|(id, _)| entity_name(&run.model, table, **id as usize) == entity)
        .map(|(_, value)| value)
        .collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Largest distance from the trend over its weeks, relative, with its sign.
fn distance(path: &[f64], trend: &Trend) -> f64 {
    let mut worst = 0.0_f64;
    for (week, value) in path.iter().enumerate().take(trend.weeks as usize + 1) {
        let usual = pow(1.0 + trend.growth_per_year, week as f64 / YEAR_WEEKS);
        let off = value / path[0] / usual - 1.0;
        if off.is_nan() || off.abs() > worst.abs() {
            worst = off;
        }
    }
    worst
}

#[test]
fn every_series_has_its_trend_or_a_reason() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let with: Vec<&str> = scenario
        .trends
        .values()
        .map(|trend| trend.outcome.as_str())
        .collect();
    let without: Vec<&str> = WITHOUT
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    for name in NAMES {
        let told = with.contains(name) != without.contains(name);
        assert!(told, "{name} stands in both tables or in none");
    }
}

#[test]
fn the_first_quarter_goes_on_as_the_year_before() {
    let scenarios = draws();
    let trends: BTreeMap<String, Trend> = scenarios[0].trends.clone();
    assert!(trends.len() >= 30);
    let weeks = trends.values().map(|trend| trend.weeks).max().unwrap_or(0);
    let mut paths: BTreeMap<&str, Vec<Vec<f64>>> = BTreeMap::new();
    for (draw, scenario) in (0..).zip(&scenarios) {
        let run = small::run(scenario, draw, weeks + 1);
        for (name, trend) in &trends {
            paths
                .entry(name)
                .or_default()
                .push(series(&run, &trend.outcome));
        }
    }
    let mut left = Vec::new();
    for (name, trend) in &trends {
        let of = &paths[name.as_str()];
        let middle: Vec<f64> = (0..=weeks as usize)
            .map(|week| median(of.iter().map(|path| path[week]).collect()))
            .collect();
        let (all, first) = (distance(&middle, trend), distance(&of[0], trend));
        println!("{name:20} median {:+.3} draw 0 {:+.3}", all, first);
        // One draw of a token's price is chance; its median is not.
        let off = all.abs() > trend.tolerance_share;
        if off || (name != "token_index" && first.abs() > 1.5 * trend.tolerance_share) {
            left.push(format!("{name}: median {all:+.3}, first draw {first:+.3}"));
        }
    }
    assert!(left.is_empty(), "left their trends:\n{}", left.join("\n"));
}

/// Signatures balance the contracts that end: no kind of buyer drifts into contracts or out of them
/// before anything has happened.
#[test]
fn the_share_of_work_under_contract_rests() {
    let scenario = small::scenario("baseline.yaml", None, &["demand.nodes=28"]);
    let run = small::run(&scenario, 0, 14);
    let segments: Vec<String> = scenario.demand.segments.keys().cloned().collect();
    assert!(segments.len() >= 6);
    for name in segments {
        let of = |column: &str| series(&run, &format!("segments.{name}.{column}"));
        let (bound, all) = (of("committed_h100e"), of("wanted_h100e"));
        let share = |week: usize| bound[week] / all[week];
        let drift = share(13) / share(0) - 1.0;
        println!("{name:20} {:.3} then {:.3}", share(0), share(13));
        assert!(
            drift.abs() < 0.05,
            "{name}: {} then {}",
            share(0),
            share(13)
        );
    }
}

/// What the opening weeks are compared with in the report stays within a tenth of the fact.
#[test]
fn the_opening_is_near_the_facts() {
    let scenario = small::scenario("baseline.yaml", None, &["providers.rows=100000"]);
    let weeks = scenario.plausibility.values().map(|fact| fact.to_week);
    let run = small::run(&scenario, 0, weeks.max().unwrap_or(0) + 1);
    assert!(scenario.plausibility.len() >= 12);
    for wanted in ["hopper_lead_time_weeks", "supply_tokens", "owner_hhi"] {
        let compared = scenario.plausibility.values();
        assert!(
            compared
                .map(|fact| &fact.outcome)
                .any(|outcome| outcome.contains(wanted)),
            "{wanted} is compared with nothing"
        );
    }
    let mut far = Vec::new();
    for (name, fact) in &scenario.plausibility {
        let path = series(&run, &fact.outcome);
        let window = &path[fact.from_week as usize..=fact.to_week as usize];
        let mean = window.iter().sum::<f64>() / window.len() as f64;
        let off = mean / fact.value - 1.0;
        println!("{name:20} {mean:12.4e} fact {:12.4e} {off:+.3}", fact.value);
        assert!(fact.tolerance_share <= 0.1, "{name}");
        if off.is_nan() || off.abs() > fact.tolerance_share {
            far.push(format!("{name}: {mean} against {}", fact.value));
        }
    }
    assert!(far.is_empty(), "far from the facts:\n{}", far.join("\n"));
}
