//! Rules between values that the schema cannot say, on the decoded scenario.

use super::decode::Decode;
use super::load::{Finding, Loaded};
use super::problem::{Problem, Severity};
use super::suggest::hint;
use super::types::{ClosedNetwork, Expectation, PlantKind, Report, Scenario, Shock, Technology};

/// Shares that should add up to one may miss it by rounding.
const ROUNDING: f64 = 0.005;

/// Everything that contradicts itself in a scenario.
pub fn verify(scenario: &Scenario) -> Vec<Finding> {
    let mut found = Vec::new();
    if scenario.horizon.start.weekday() != 0 {
        let start = scenario.horizon.start;
        let monday = start.add_days(-(start.weekday() as i32));
        let message = format!("a run starts on a Monday: {start} is none, {monday} is");
        found.push(error("horizon.start".to_owned(), message));
    }
    for (name, shock) in &scenario.shocks {
        verify_shock(scenario, &format!("shocks.{name}"), shock, &mut found);
    }
    for (name, network) in &scenario.networks {
        super::verify_networks::verify(scenario, name, network, &mut found);
    }
    for (name, closed) in &scenario.closed_networks {
        verify_closed(name, closed, &mut found);
    }
    verify_own_power(scenario, &mut found);
    for (name, expectation) in &scenario.expect {
        verify_expectation(scenario, &format!("expect.{name}"), expectation, &mut found);
    }
    for (place, text) in scenario.report.snapshots.iter().enumerate() {
        if Report::snapshot_week(&scenario.horizon, text).is_none() {
            let weeks = scenario.horizon.weeks;
            let message = format!(
                "`{text}` is no week of the run: a number below {weeks}, or a date within it"
            );
            let path = format!("report.snapshots.{place}");
            found.push(Finding {
                path,
                message,
                severity: Severity::Warning,
            });
        }
    }
    for (name, fact) in &scenario.plausibility {
        if fact.from_week > fact.to_week {
            let path = format!("plausibility.{name}.from_week");
            found.push(error(path, "`from_week` lies behind `to_week`".to_owned()));
        }
    }
    let shares: [(&str, f64); 2] = [
        (
            "demand.area_shares",
            scenario.demand.area_shares.values().sum(),
        ),
        (
            "providers.region_share",
            scenario.providers.region_share.values().sum(),
        ),
    ];
    for (path, sum) in shares {
        if (sum - 1.0).abs() > ROUNDING {
            let sum = crate::units::number_text(sum);
            let message = format!("the shares of `{path}` add up to {sum}, not 1");
            found.push(Finding {
                path: path.to_owned(),
                message,
                severity: Severity::Warning,
            });
        }
    }
    found
}

/// Lowest values of a closed network do not lie above its highest.
fn verify_closed(name: &str, closed: &ClosedNetwork, found: &mut Vec<Finding>) {
    let pairs = [
        (
            "service_price_floor_usd_per_unit",
            closed.service_price_floor_usd_per_unit,
            closed.service_price_ceiling_usd_per_unit,
            "the floor lies above the ceiling",
        ),
        (
            "unit_cost_low_usd",
            closed.unit_cost_low_usd,
            closed.unit_cost_high_usd,
            "the lowest cost lies above the highest",
        ),
        (
            "macro_low_factor",
            closed.macro_low_factor,
            closed.macro_high_factor,
            "the lowest macro factor lies above the highest",
        ),
    ];
    for (field, low, high, message) in pairs {
        if low > high {
            let path = format!("closed_networks.{name}.{field}");
            found.push(error(path, message.to_owned()));
        }
    }
}

/// Turbines behind the meter must be a plant that burns fuel and that somebody builds.
fn verify_own_power(scenario: &Scenario, found: &mut Vec<Finding>) {
    for (name, region) in &scenario.regions {
        let Some(own) = &region.own_power else {
            continue;
        };
        let technology = scenario.technologies.get(&own.technology);
        let is_thermal = |technology: &Technology| {
            matches!(technology.kind, PlantKind::Thermal(_)) && technology.build.is_some()
        };
        if technology.is_some_and(|technology| !is_thermal(technology)) {
            let path = format!("regions.{name}.own_power.technology");
            let message = format!(
                "`{}` burns no fuel or is built by nobody: own power needs both",
                own.technology
            );
            found.push(error(path, message));
        }
    }
}

fn error(path: String, message: String) -> Finding {
    Finding {
        path,
        message,
        severity: Severity::Error,
    }
}

fn verify_shock(scenario: &Scenario, path: &str, shock: &Shock, found: &mut Vec<Finding>) {
    match (shock.at, shock.hazard_per_year) {
        (Some(_), Some(_)) => {
            let message = "a shock has either `at` or `hazard_per_year`, not both";
            found.push(error(format!("{path}.hazard_per_year"), message.to_owned()));
        }
        (None, None) => {
            let message = "a shock needs `at` (a date) or `hazard_per_year`";
            found.push(error(path.to_owned(), message.to_owned()));
        }
        _ => {}
    }
    let end = scenario
        .horizon
        .start
        .add_weeks(scenario.horizon.weeks as i32);
    if let Some(at) = shock
        .at
        .filter(|at| *at >= end || *at < scenario.horizon.start)
    {
        let start = scenario.horizon.start;
        let message = format!("{at} lies outside the run, which lasts from {start} to {end}");
        let severity = Severity::Warning;
        found.push(Finding {
            path: format!("{path}.at"),
            message,
            severity,
        });
    }
    if !has_effect(shock) {
        let message = "a shock needs an effect, for example `memory_capacity: { factor: 0.6 }`";
        found.push(error(path.to_owned(), message.to_owned()));
    }
    for law in shock
        .export_control
        .iter()
        .flat_map(|control| &control.jurisdictions)
    {
        let regions = scenario
            .regions
            .values()
            .map(|region| region.jurisdiction.as_str());
        let operators = scenario
            .operators
            .values()
            .map(|operator| operator.jurisdiction.as_str());
        let known = || regions.clone().chain(operators.clone());
        if !known().any(|known| known == law) {
            let help = hint(law, known()).unwrap_or_default();
            let message = format!("no region has the jurisdiction `{law}`; {help}");
            found.push(error(
                format!("{path}.export_control.jurisdictions"),
                message,
            ));
        }
    }
}

fn has_effect(shock: &Shock) -> bool {
    let effects = [
        shock.operator_outage.is_some(),
        shock.fuel_price.is_some(),
        shock.tariff.is_some(),
        shock.export_control.is_some(),
        shock.fab_stop.is_some(),
        shock.packaging_capacity.is_some(),
        shock.memory_capacity.is_some(),
        shock.drought.is_some(),
        shock.heat_wave.is_some(),
        shock.demand_change.is_some(),
        shock.token_unlock.is_some(),
        shock.crypto_move.is_some(),
        shock.connection_moratorium.is_some(),
        shock.capital_change.is_some(),
        shock.rival_price.is_some(),
    ];
    effects.contains(&true)
}

fn verify_expectation(
    scenario: &Scenario,
    path: &str,
    expectation: &Expectation,
    found: &mut Vec<Finding>,
) {
    let mut add = |part: &str, message: &str| {
        found.push(error(format!("{path}{part}"), message.to_owned()));
    };
    if expectation.from_week > expectation.to_week {
        add(".from_week", "`from_week` lies behind `to_week`");
    }
    match (&expectation.against, &expectation.without_shock) {
        (Some(_), Some(_)) => add(
            ".without_shock",
            "give `against` or `without_shock`, not both",
        ),
        (None, None) => add("", "an expectation needs `against` or `without_shock`"),
        (None, Some(name)) if name != "all" && !scenario.shocks.contains_key(name) => {
            let names = scenario.shocks.keys().map(String::as_str);
            let help = hint(name, names).unwrap_or_default();
            add(
                ".without_shock",
                &format!("there is no shock `{name}`; {help}"),
            );
        }
        _ => {}
    }
    if expectation.policy.is_none() && scenario.policies.len() > 1 {
        add("", "name the `policy`: there are several");
    }
}

/// Outcomes that are named in the scenario but that no run has; `outcomes` lists those that
/// runs have.
pub fn unknown_outcomes(
    loaded: &Loaded,
    outcomes: impl Fn(&Scenario) -> Vec<String>,
) -> Vec<Problem> {
    let scenario = Scenario::decode(&loaded.tree);
    let known = outcomes(&scenario);
    let mut named = Vec::new();
    for (i, outcome) in scenario.report.outcomes.iter().enumerate() {
        let item = loaded
            .tree
            .find(&["report", "outcomes"])
            .and_then(|list| list.items().get(i));
        named.extend(item.map(|item| (outcome.clone(), item.at)));
    }
    let place = |block: &str, name: &str| {
        loaded
            .tree
            .find(&[block, name, "outcome"])
            .map(|node| node.at)
    };
    for (name, expectation) in &scenario.expect {
        named.extend(place("expect", name).map(|at| (expectation.outcome.clone(), at)));
    }
    // A fact may stand for one offer; which offers there are only a compiled market knows.
    let facts = scenario.plausibility.iter();
    for (name, fact) in facts.filter(|(_, fact)| !fact.outcome.starts_with("offers.")) {
        named.extend(place("plausibility", name).map(|at| (fact.outcome.clone(), at)));
    }
    for (name, trend) in &scenario.trends {
        named.extend(place("trends", name).map(|at| (trend.outcome.clone(), at)));
    }
    named.retain(|(outcome, _)| !known.contains(outcome));
    let problem = |(outcome, at): &(String, _)| {
        let help = hint(outcome, known.iter().map(String::as_str));
        Problem::error(*at, format!("no run has the outcome `{outcome}`")).maybe_help(help)
    };
    named.iter().map(problem).collect()
}
