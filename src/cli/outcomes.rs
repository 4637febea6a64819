//! What a run found, for the terminal: outcomes by policy, effects, expectations.

use serde_json::{Map, Value, json};

use super::figures::{aligned, figure, range, signed, whole};
use crate::experiment::effects::{Factors, Paired, Window, last_year, paired, pairs};
use crate::experiment::study::Findings;
use crate::results::alarms;
use crate::results::panel::Panel;
use crate::results::summary::{ascending, carries, quantile};

/// Outcomes shown when the scenario names none.
const USUAL: [&str; 8] = [
    "h100e_price_usd_per_h",
    "h100_spot_usd_per_h",
    "chip_lead_time_weeks",
    "fleet_h100e",
    "owner_hhi",
    "network_share",
    "residential_bill_usd_per_month",
    "subsidy_usd_per_gpu_h",
];

/// One outcome of one policy in the closing window.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// The closing window's outcomes, by outcome and policy.
pub struct Closing {
    pub window: Window,
    pub outcomes: Vec<String>,
    pub policies: Vec<String>,
    pub reference: String,
    pub runs: usize,
    /// By outcome, then policy.
    pub cells: Vec<Vec<Cell>>,
    /// By outcome, then policy; `None` for the reference.
    pub effects: Vec<Vec<Option<Paired>>>,
}

/// The first of `wanted` that exist, else the usual ones, else the first columns.
fn shown(wanted: &[String], panel: &Panel) -> Vec<String> {
    let known = panel.outcomes();
    let pick = |names: &[&str]| -> Vec<String> {
        names
            .iter()
            .filter(|name| known.contains(name))
            .map(|name| name.to_string())
            .collect()
    };
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let chosen = [pick(&wanted), pick(&USUAL), pick(&known)];
    let chosen = chosen
        .into_iter()
        .find(|names| !names.is_empty())
        .unwrap_or_default();
    chosen.into_iter().take(16).collect()
}

/// Means over the last 52 weeks, over runs; `None` when there are no rows.
pub fn closing(panel: &Panel, wanted: &[String], reference: &str) -> Option<Closing> {
    let window = last_year(&panel.weeks())?;
    let outcomes = shown(wanted, panel);
    let policies = panel.policies().to_vec();
    let (mut cells, mut effects, mut runs) = (Vec::new(), Vec::new(), 0);
    let mut factors = Factors::default();
    for outcome in &outcomes {
        let (mut row, mut effect_row) = (Vec::new(), Vec::new());
        let control = panel.series(reference, outcome);
        for policy in &policies {
            let series = panel.series(policy, outcome);
            let means = series
                .iter()
                .filter_map(|run| run.mean(window.from_week, window.to_week));
            let sorted = ascending(means);
            runs = sorted.len();
            let (low, high) = if carries(runs, 80) {
                (0.1, 0.9)
            } else {
                (0.0, 1.0)
            };
            row.push(Cell {
                median: quantile(&sorted, 0.5),
                low: quantile(&sorted, low),
                high: quantile(&sorted, high),
            });
            let treated = pairs(&series, &control, window.from_week, window.to_week);
            let differs = policy != reference;
            effect_row.push(differs.then(|| paired(&treated, &mut factors)).flatten());
        }
        cells.push(row);
        effects.push(effect_row);
    }
    let reference = reference.to_string();
    Some(Closing {
        window,
        outcomes,
        policies,
        reference,
        runs,
        cells,
        effects,
    })
}

impl Closing {
    /// Whether the interval is 10 to 90 %, else it is lowest to highest.
    fn is_band(&self) -> bool {
        carries(self.runs, 80)
    }

    /// The table and, below it, what each policy changes.
    pub fn text(&self) -> String {
        let spread = match (self.runs, self.is_band()) {
            (1, _) => "one run".to_string(),
            (runs, true) => format!("median [10–90 %] of {runs} runs"),
            (runs, false) => format!("median [lowest–highest] of {runs} runs"),
        };
        let mut head = vec![format!("outcome ({}, {spread})", self.window.name)];
        head.extend(self.policies.iter().cloned());
        let mut rows = vec![head];
        for (outcome, cells) in self.outcomes.iter().zip(&self.cells) {
            let mut row = vec![outcome.clone()];
            row.extend(cells.iter().map(|cell| match self.runs {
                1 => figure(cell.median),
                _ => format!("{} [{}]", figure(cell.median), range(cell.low, cell.high)),
            }));
            rows.push(row);
        }
        let mut text = aligned(&rows);
        if self.effects.iter().flatten().any(Option::is_some) {
            text.push('\n');
            text.push_str(&aligned(&self.effect_rows()));
        }
        text
    }

    fn effect_rows(&self) -> Vec<Vec<String>> {
        let title = format!("difference to {} (mean, 95 %)", self.reference);
        let mut rows = vec![vec![title]];
        let others = || {
            self.policies
                .iter()
                .enumerate()
                .filter(|(_, p)| **p != self.reference)
        };
        rows[0].extend(others().map(|(_, policy)| policy.clone()));
        for (outcome, effects) in self.outcomes.iter().zip(&self.effects) {
            let mut row = vec![outcome.clone()];
            row.extend(others().map(|(place, _)| difference(effects[place].as_ref())));
            rows.push(row);
        }
        rows
    }

    pub fn json(&self) -> Value {
        let mut outcomes = Map::new();
        for ((outcome, cells), effects) in self.outcomes.iter().zip(&self.cells).zip(&self.effects)
        {
            let mut policies = Map::new();
            for ((policy, cell), effect) in self.policies.iter().zip(cells).zip(effects) {
                let mut entry = json!({ "median": cell.median });
                let (low, high) = if self.is_band() {
                    ("p10", "p90")
                } else {
                    ("low", "high")
                };
                entry[low] = json!(cell.low);
                entry[high] = json!(cell.high);
                if let Some(effect) = effect {
                    entry["difference"] = json!({
                        "mean": effect.mean_difference,
                        "low": effect.low,
                        "high": effect.high,
                        "agreeing_draws": effect.agreeing_draws,
                        "draws": effect.draws,
                        "distinguishable": effect.is_distinguishable(),
                    });
                }
                policies.insert(policy.clone(), entry);
            }
            outcomes.insert(outcome.clone(), Value::Object(policies));
        }
        json!({
            "from_week": self.window.from_week,
            "to_week": self.window.to_week,
            "runs": self.runs,
            "outcomes": outcomes,
        })
    }
}

/// A paired difference in words: the interval, or that it cannot be told from zero.
pub fn difference(found: Option<&Paired>) -> String {
    let Some(found) = found else {
        return "–".to_string();
    };
    if found.mean_difference == 0.0 && found.low == 0.0 {
        return "none".to_string();
    }
    if found.draws < 2 {
        return format!("{} (one draw)", signed(found.mean_difference));
    }
    let interval = format!(
        "{} [{} to {}]",
        signed(found.mean_difference),
        signed(found.low),
        signed(found.high)
    );
    if found.is_distinguishable() {
        interval
    } else if found.needed_draws < 1e6 {
        format!(
            "{interval} unclear, needs ~{} draws",
            whole(found.needed_draws)
        )
    } else {
        format!("{interval} unclear")
    }
}

/// One line per alarm of a network under a policy.
pub fn alarms(findings: &Findings) -> String {
    let each = alarms::alarms(&findings.events).into_iter().map(|alarm| {
        let (meaning, runs) = (alarm.meaning(), alarm.runs);
        let runs = if runs == 1 {
            "1 run".to_owned()
        } else {
            format!("{runs} runs")
        };
        let (policy, entity, week) = (&alarm.policy, &alarm.entity, alarm.week);
        format!(
            "alarm of {entity} under {policy}: {meaning} ({runs}, week {week} at the earliest)\n"
        )
    });
    each.collect()
}

/// The same for machines.
pub fn alarms_json(findings: &Findings) -> Vec<Value> {
    let each = alarms::alarms(&findings.events).into_iter().map(|alarm| {
        json!({
            "policy": alarm.policy, "entity": alarm.entity, "kind": alarm.kind,
            "meaning": alarm.meaning(), "runs": alarm.runs, "first_week": alarm.week,
        })
    });
    each.collect()
}

/// One line per judged expectation.
pub fn expectations(findings: &Findings) -> String {
    let mut text = String::new();
    for judged in &findings.manifest.expectations {
        let word = if judged.held { "held  " } else { "FAILED" };
        let (name, statement, finding) = (&judged.name, &judged.statement, &judged.finding);
        text.push_str(&format!(
            "expectation {word} {name}: {statement}: {finding}\n"
        ));
    }
    text
}
