//! Who owns the world's compute: the Herfindahl index and the share of the largest four.

use super::chart::{Body, Chart};
use super::charts::{by_year, chart, over_time, period, series};
use super::evidence::{Evidence, ends};
use super::palette::{BLUE, GREEN};
use super::panels::Panel;
use super::words::fixed;

pub(super) fn owners(evidence: &Evidence) -> Option<Chart> {
    let index = evidence.fan(&evidence.shown, "owner_hhi")?;
    let top = evidence.fan(&evidence.shown, "top4_share")?;
    let (before, after) = ends(&index.points)?;
    let (first, last) = ends(&top.points)?;
    let direction = match after / before {
        r if r > 1.05 => "becomes more concentrated",
        r if r < 0.95 => "becomes less concentrated",
        _ => "stays as concentrated as it is",
    };
    let title = format!(
        "Ownership of compute {direction}: the four largest hold {}% {}, {} {}%",
        fixed(last, 0),
        by_year(&top.points),
        if last < first { "down from" } else { "up from" },
        fixed(first, 0)
    );
    let subtitle = format!(
        "Ownership of installed compute, H100e-weighted, world, {}",
        period(&top.points)
    );
    let panel = |heading: &str, unit: &str, line| Panel {
        heading: heading.to_owned(),
        unit: unit.to_owned(),
        series: vec![line],
        labelled: true,
        ..Panel::default()
    };
    let panels = vec![
        panel(
            "Herfindahl index of owners",
            "10,000 = one owner",
            series("Index", BLUE, index),
        ),
        panel(
            "Share of the four largest",
            "% of installed compute",
            series("Top four", GREEN, top),
        ),
    ];
    let body = Body::Panels(over_time(evidence, panels, 2));
    Some(chart(evidence, "concentration", &title, &subtitle, body))
}
