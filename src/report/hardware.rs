//! Chips: what is installed, and how long one waits for more.

use super::chart::{Body, Chart};
use super::charts::{by_year, chart, line, over_kept, over_time, period, series, stacked};
use super::evidence::{Evidence, ends};
use super::measures::{Measure, change};
use super::palette::{BLUE, ORANGE};
use super::panels::{Panel, Series};
use super::words::{in_sentence, month_of, name, percent, short};

/// Layers from the oldest class up.
const CLASSES: [&str; 8] = [
    "phone",
    "laptop",
    "consumer",
    "ampere",
    "hopper",
    "blackwell",
    "rubin",
    "next",
];

/// Capacity by class of chip, stacked.
pub(super) fn capacity(evidence: &Evidence) -> Option<Chart> {
    let table = evidence.table("chips")?;
    let column = if table.numbers("owned_h100e").is_some() {
        "owned_h100e"
    } else {
        "owned_chips"
    };
    let mut paths = evidence.paths("chips", "class", column);
    let layers: Vec<Series> = CLASSES
        .iter()
        .filter_map(|class| {
            let points = paths.remove(*class)?;
            let colour = evidence.palette.colour("class", class);
            points
                .iter()
                .any(|p| p.1 > 0.0)
                .then(|| line(&name(class), colour, points))
        })
        .collect();
    let total = |pick: fn(&(f64, f64)) -> f64| -> f64 {
        layers
            .iter()
            .filter_map(|layer| ends(&layer.points))
            .map(|ends| pick(&ends))
            .sum()
    };
    let (first, last) = (total(|e| e.0), total(|e| e.1));
    let largest = layers
        .iter()
        .filter_map(|layer| Some((ends(&layer.points)?.1, layer.label.as_str())))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let points = layers.first()?.points.clone();
    // Names of architectures keep their capital.
    let class = match largest.1 {
        next if next == name("next") => in_sentence(next).replace(' ', "-"),
        proper => proper.to_owned(),
    };
    let title = format!(
        "Installed compute {} {}, to {}; {} chips make up {} of it",
        change(first, last),
        by_year(&points),
        short(last),
        class,
        percent(largest.0 / last)
    );
    let unit = if column == "owned_h100e" {
        "H100-equivalents"
    } else {
        "accelerators"
    };
    let subtitle = format!(
        "Chips installed, {unit}, world, by class, {}",
        period(&points)
    );
    let body = stacked(evidence, layers);
    let made = chart(evidence, "capacity_by_class", &title, &subtitle, body);
    Some(over_kept(evidence, "chips", made))
}

/// Lead time beside the backlog.
pub(super) fn lead_times(evidence: &Evidence) -> Option<Chart> {
    let fan = |outcome: &str| evidence.fan(&evidence.shown, outcome);
    let all = fan("chip_lead_time_weeks")?;
    let backlog = fan("backlog_h100e")?;
    let peak = all
        .points
        .iter()
        .copied()
        .filter(|p| p.1.is_finite())
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (_, last) = ends(&all.points)?;
    let weeks = Measure::of("chip_lead_time_weeks");
    let title = format!(
        "The wait for chips peaks at {} weeks in {} and ends at {}",
        weeks.written(peak.1),
        month_of(peak.0),
        weeks.written(last)
    );
    let subtitle = format!(
        "From order to delivery, and orders not yet delivered, world, {}",
        period(&all.points)
    );
    let waits = Panel {
        heading: "Lead time".to_owned(),
        unit: "weeks".to_owned(),
        series: vec![series("Lead time", BLUE, all)],
        labelled: true,
        ..Panel::default()
    };
    let orders = Panel {
        heading: "Backlog".to_owned(),
        unit: "H100-equivalents on order".to_owned(),
        series: vec![series("Backlog", ORANGE, backlog)],
        labelled: true,
        ..Panel::default()
    };
    let body = Body::Panels(over_time(evidence, vec![waits, orders], 2));
    Some(chart(evidence, "chip_lead_times", &title, &subtitle, body))
}
