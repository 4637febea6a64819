//! What the policies change: paired differences from the reference with their intervals.

use super::chart::{Body, Chart};
use super::charts::chart;
use super::dots::{DotPanel, DotRow, Dots};
use super::evidence::Evidence;
use super::measures::Measure;
use super::words::{listed, name};

/// One paired difference as the report tells it, in recorded units.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub policy: String,
    pub outcome: String,
    pub difference: f64,
    pub low: f64,
    pub high: f64,
    pub agreeing: i64,
    pub draws: i64,
    /// Draws that would tell the difference from zero.
    pub needed: f64,
}

impl Effect {
    /// Whether the interval leaves out zero.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// The window that effects are told for, and its effects.
#[must_use]
pub fn last_year(evidence: &Evidence) -> Option<(String, Vec<Effect>)> {
    let table = evidence.table("effects")?;
    let text = |name: &str| table.text(name);
    let (policy, outcome, window) = (text("policy")?, text("outcome")?, text("window")?);
    let (from, to) = (table.counts("from_week")?, table.counts("to_week")?);
    let rows = 0..table.rows();
    let years = rows
        .clone()
        .filter(|row| window.get(*row) != "all" && to[*row] - from[*row] >= 51);
    let last = years
        .max_by_key(|row| from[*row])
        .or_else(|| rows.clone().next())?;
    let chosen = window.get(last).to_owned();
    let count = |name: &str, row: usize| table.counts(name).map_or(0, |values| values[row]);
    let number =
        |name: &str, row: usize| table.numbers(name).map_or(f64::NAN, |values| values[row]);
    let effects = rows
        .filter(|row| window.get(*row) == chosen)
        .map(|row| Effect {
            policy: policy.get(row).to_owned(),
            outcome: outcome.get(row).to_owned(),
            difference: number("mean_difference", row),
            low: number("low", row),
            high: number("high", row),
            agreeing: count("agreeing_draws", row),
            draws: count("draws", row),
            needed: number("needed_draws", row),
        })
        .collect();
    let told = if chosen == "all" {
        "all weeks".to_owned()
    } else {
        chosen
    };
    Some((told, effects))
}

/// Outcomes that the report puts first, or a general choice.
#[must_use]
pub fn outcomes(evidence: &Evidence) -> Vec<String> {
    let chosen = &evidence.manifest.outcomes;
    if !chosen.is_empty() {
        return chosen.clone();
    }
    [
        "h100e_price_usd_per_h",
        "network_share",
        "residential_bill_usd_per_month",
        "owner_hhi",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Dots with intervals, a panel an outcome, a row a policy.
pub(super) fn effects(evidence: &Evidence) -> Option<Chart> {
    let (window, effects) = last_year(evidence)?;
    let rivals: Vec<&String> = evidence
        .manifest
        .policies
        .iter()
        .filter(|p| **p != evidence.manifest.reference)
        .collect();
    let mut panels = Vec::new();
    let mut told = String::new();
    for outcome in outcomes(evidence).iter().take(8) {
        let measure = Measure::of(outcome);
        let scale = measure.scale;
        let rows: Vec<DotRow> = rivals
            .iter()
            .filter_map(|policy| {
                let found = effects
                    .iter()
                    .find(|e| e.policy == **policy && e.outcome == *outcome)?;
                Some(DotRow {
                    label: name(policy),
                    colour: evidence.palette.colour("policy", policy),
                    estimate: found.difference * scale,
                    low: found.low * scale,
                    high: found.high * scale,
                })
            })
            .collect();
        if rows.len() == rivals.len() {
            if panels.is_empty() {
                told.clone_from(outcome);
            }
            let unit = if measure.unit == "%" {
                "percentage points".to_owned()
            } else {
                measure.unit
            };
            panels.push(DotPanel {
                heading: measure.label,
                unit,
                rows,
            });
        }
    }
    let headline = panels.first()?;
    let moved = |up: bool| -> Vec<String> {
        let of = headline
            .rows
            .iter()
            .filter(|row| row.clear() && (row.estimate > 0.0) == up);
        of.map(|row| format!("“{}”", row.label)).collect()
    };
    let (raised, lowered) = (moved(true), moved(false));
    let title = finding(&Measure::of(&told).subject(), &raised, &lowered);
    let subtitle = format!(
        "Difference from policy “{}” on the same draw and luck, {window}, mean and 95% interval",
        name(&evidence.manifest.reference)
    );
    let mut made = chart(
        evidence,
        "policy_effects",
        &title,
        &subtitle,
        Body::Dots(Dots { panels }),
    );
    made.note =
        "Hollow: the interval includes zero. Intervals cover draws, not model error.".to_owned();
    Some(made)
}

/// Who raises and who lowers the first outcome beyond chance.
fn finding(subject: &str, raised: &[String], lowered: &[String]) -> String {
    let ending = |who: &[String]| if who.len() == 1 { "s" } else { "" };
    let raises = || format!("{} raise{}", listed(raised), ending(raised));
    let lowers = || format!("{} lower{}", listed(lowered), ending(lowered));
    match (raised.is_empty(), lowered.is_empty()) {
        (true, true) => format!("No policy moves {subject} beyond chance"),
        (false, true) => format!("{} {subject}", raises()),
        (true, false) => format!("{} {subject}", lowers()),
        (false, false) => format!("{} {subject}, {} it", raises(), lowers()),
    }
}
