//! What an hour of H100 costs: by tier, and how the tiers move against each other.

use super::chart::{Body, Chart};
use super::charts::{by_year, chart, line, over_time, period, series};
use super::evidence::{Evidence, Fan, ends};
use super::measures::{Measure, change};
use super::panels::{Panel, Panels};
use super::words::{in_sentence, percent};

/// Tier, outcome, heading.
const TIERS: [(&str, &str, &str); 6] = [
    ("list", "h100_list_usd_per_h", "Hyperscalers, list"),
    (
        "neocloud",
        "h100_neocloud_usd_per_h",
        "Neoclouds, on demand",
    ),
    (
        "reserved",
        "h100_reserved_usd_per_h",
        "Reservations, one year",
    ),
    ("spot", "h100_spot_usd_per_h", "Spot markets"),
    ("marketplace", "h100_marketplace_usd_per_h", "Marketplaces"),
    ("network", "h100_network_usd_per_h", "Networks"),
];

fn fans(evidence: &Evidence) -> Vec<(&'static str, &'static str, Fan)> {
    TIERS
        .iter()
        .filter_map(|(tier, outcome, heading)| {
            Some((*tier, *heading, evidence.fan(&evidence.shown, outcome)?))
        })
        .collect()
}

/// A fan a tier, all on one scale, the other tiers in grey.
pub(super) fn tiers(evidence: &Evidence) -> Option<Chart> {
    let fans = fans(evidence);
    let measure = Measure::of("h100_list_usd_per_h");
    let told = |tier: &str| {
        let (_, _, fan) = fans.iter().find(|(known, ..)| *known == tier)?;
        ends(&fan.points)
    };
    let (_, _, first) = fans.first()?;
    let title = match (told("list"), told("spot")) {
        (Some(list), Some(spot)) => format!(
            "An H100-hour at list price {}, to {} {}; spot {}, to {}",
            change(list.0, list.1),
            measure.written(list.1),
            by_year(&first.points),
            change(spot.0, spot.1),
            measure.written(spot.1)
        ),
        _ => "Prices of an H100-hour by tier".to_owned(),
    };
    let subtitle = format!(
        "Price of an H100-hour, $, world mean, by tier, {}",
        period(&first.points)
    );
    let log = wide(&fans);
    let subtitle = if log {
        format!("{subtitle}, log scale")
    } else {
        subtitle
    };
    let panels = fans.iter().map(|(tier, heading, fan)| {
        let colour = evidence.palette.colour("tier", tier);
        let (from, to) = ends(&fan.points).unwrap_or((f64::NAN, f64::NAN));
        Panel {
            heading: (*heading).to_owned(),
            log,
            heading_colour: Some(colour),
            unit: format!("{} to {}", measure.written(from), measure.written(to)),
            series: vec![series("", colour, fan.clone())],
            ghosts: fans
                .iter()
                .filter(|o| o.0 != *tier)
                .map(|o| o.2.points.clone())
                .collect(),
            ..Panel::default()
        }
    });
    let panels = Panels {
        share_y: true,
        ..over_time(evidence, panels.collect(), 3)
    };
    let mut made = chart(
        evidence,
        "prices_by_tier",
        &title,
        &subtitle,
        Body::Panels(panels),
    );
    made.note.push_str(" Grey lines: the other tiers.");
    Some(made)
}

/// Whether all prices are above zero and the dearest is more than ten times the cheapest.
fn wide(fans: &[(&str, &str, Fan)]) -> bool {
    let values = || {
        fans.iter()
            .flat_map(|(_, _, fan)| &fan.points)
            .map(|point| point.1)
    };
    let low = values()
        .filter(|value| value.is_finite())
        .fold(f64::INFINITY, f64::min);
    let high = values()
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    low > 0.0 && high > 10.0 * low
}

/// Every tier as an index of its own first quarter.
pub(super) fn indices(evidence: &Evidence) -> Option<Chart> {
    let mut lines = Vec::new();
    for (tier, heading, fan) in fans(evidence) {
        let opening: Vec<f64> = fan
            .points
            .iter()
            .take(13)
            .map(|p| p.1)
            .filter(|v| v.is_finite() && *v > 0.0)
            .collect();
        if opening.is_empty() {
            continue;
        }
        let base = opening.iter().sum::<f64>() / opening.len() as f64;
        let points: Vec<(f64, f64)> = fan
            .points
            .iter()
            .map(|(x, y)| (*x, y / base * 100.0))
            .collect();
        let short = heading.split(',').next().unwrap_or(heading);
        lines.push(line(short, evidence.palette.colour("tier", tier), points));
    }
    let mut moved: Vec<(f64, &str)> = lines
        .iter()
        .filter_map(|line| Some((ends(&line.points)?.1 / 100.0 - 1.0, line.label.as_str())))
        .collect();
    moved.sort_by(|a, b| a.0.total_cmp(&b.0));
    let title = spread(*moved.first()?, *moved.last()?);
    let points = lines.first()?.points.clone();
    let subtitle = format!(
        "Price of an H100-hour, mean of the first quarter = 100, medians, {}",
        period(&points)
    );
    let panel = Panel {
        series: lines,
        labelled: true,
        ..Panel::default()
    };
    let body = Body::Panels(over_time(evidence, vec![panel], 1));
    Some(chart(evidence, "price_indices", &title, &subtitle, body))
}

/// The tier that moves most to the buyer's advantage and the one that moves least.
fn spread(low: (f64, &str), high: (f64, &str)) -> String {
    let size = |change: f64| percent(change.abs());
    let (cheap, dear) = (in_sentence(low.1), in_sentence(high.1));
    match (low.0 < 0.0, high.0 < 0.0) {
        (true, true) => format!(
            "Hours from {cheap} get cheapest, down {}; those from {dear} hold up best, down {}",
            size(low.0),
            size(high.0)
        ),
        (true, false) => format!(
            "Hours from {cheap} get cheaper, by {}, while those from {dear} cost {} more",
            size(low.0),
            size(high.0)
        ),
        _ => format!(
            "Every hour gets dearer: from {dear} by {}, from {cheap} by {}",
            size(high.0),
            size(low.0)
        ),
    }
}
