//! Decentralised networks: who is online, what is sold, what the token does.

use super::chart::{Body, Chart};
use super::charts::{by_year, chart, line, over_kept, over_time, period};
use super::evidence::{Evidence, ends};
use super::measures::change;
use super::palette::Rgb;
use super::panels::{Panel, Series};
use super::words::{name, percent, short};

/// The lines of one column, a line a network, those that are ever above zero.
fn lines(evidence: &Evidence, column: &str) -> Vec<Series> {
    let mut paths = evidence.paths("networks", "network", column);
    let names = evidence.ranked("networks", column);
    let found = names.iter().filter_map(|network| {
        let points = paths.remove(network)?;
        let colour: Rgb = evidence.palette.colour("network", network);
        points
            .iter()
            .any(|p| p.1 > 0.0)
            .then(|| line(&name(network), colour, points))
    });
    found.collect()
}

/// Whether the peaks of the lines differ so much that only a log axis shows them all.
fn wants_log(lines: &[Series]) -> bool {
    let peaks = lines.iter().map(peak).filter(|value| *value > 0.0);
    let (low, high) = peaks.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    high > 20.0 * low
}

fn peak(line: &Series) -> f64 {
    line.points
        .iter()
        .map(|point| point.1)
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max)
}

/// On a log axis nothing can be drawn at zero, and what is a hundred-thousandth of the largest
/// line would only squeeze the others.
fn above_floor(lines: Vec<Series>) -> Vec<Series> {
    let floor = lines.iter().map(peak).fold(0.0, f64::max) * 1e-5;
    let cut = |line: Series| {
        let shown = |(x, y): &(f64, f64)| (*x, if *y > floor { *y } else { f64::NAN });
        let points = line.points.iter().map(shown).collect();
        let end = ends(&line.points).map_or(0.0, |ends| ends.1);
        let ending = (end <= floor).then(|| {
            if end > 0.0 {
                short(end)
            } else {
                "0".to_owned()
            }
        });
        Series {
            points,
            ending,
            ..line
        }
    };
    lines.into_iter().map(cut).collect()
}

fn panel(heading: &str, unit: &str, series: Vec<Series>) -> Panel {
    let log = wants_log(&series);
    Panel {
        heading: heading.to_owned(),
        unit: unit.to_owned(),
        log,
        series: if log { above_floor(series) } else { series },
        labelled: true,
        ..Panel::default()
    }
}

/// Sum over networks of where lines start and end.
fn totals(lines: &[Series]) -> (f64, f64) {
    let found = lines.iter().filter_map(|line| ends(&line.points));
    found.fold((0.0, 0.0), |sum, e| (sum.0 + e.0, sum.1 + e.1))
}

/// Devices online and the hours they sell.
pub(super) fn devices(evidence: &Evidence) -> Option<Chart> {
    let online = lines(evidence, "online_devices");
    let sold = lines(evidence, "sold_device_h");
    let points = online.first()?.points.clone();
    let (first, last) = totals(&online);
    let occupied = totals(&sold).1 / (last * 168.0);
    let verb = if last >= first { "rise" } else { "fall" };
    let title = format!(
        "Devices online in networks {verb} from {} to {} {}; buyers pay for {} of their hours",
        short(first),
        short(last),
        by_year(&points),
        percent(occupied)
    );
    let subtitle = format!("Devices and paid hours, by network, {}", period(&points));
    let panels = vec![
        panel("Devices online", "devices", online),
        panel("Hours sold", "device-hours a week", sold),
    ];
    let body = Body::Panels(over_time(evidence, panels, 2));
    let made = chart(evidence, "network_devices", &title, &subtitle, body);
    Some(over_kept(evidence, "networks", made))
}

/// Token prices and what circulates of them, against the start.
pub(super) fn tokens(evidence: &Evidence) -> Option<Chart> {
    let prices = lines(evidence, "token_price_usd");
    let supplies = lines(evidence, "circulating_tokens");
    let points = prices.first()?.points.clone();
    let fell = prices
        .iter()
        .filter_map(|l| ends(&l.points))
        .filter(|e| e.1 < e.0)
        .count();
    let grown = supplies
        .iter()
        .filter_map(|line| ends(&line.points).map(|e| (e.1 / e.0 - 1.0, line.label.clone())))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let title = format!(
        "{fell} of {} tokens lose value; the supply of {} {} {}, most of all",
        prices.len(),
        grown.1,
        change(1.0, 1.0 + grown.0),
        by_year(&points)
    );
    let subtitle = format!(
        "Token price, $, and circulating supply, first week = 100, {}",
        period(&points)
    );
    let indexed = supplies.into_iter().map(|line| {
        let base = line
            .points
            .iter()
            .map(|p| p.1)
            .find(|value| *value > 0.0)
            .unwrap_or(1.0);
        let points = line
            .points
            .iter()
            .map(|(x, y)| (*x, y / base * 100.0))
            .collect();
        Series { points, ..line }
    });
    let panels = vec![
        panel("Price", "$ a token", prices),
        panel("Circulating supply", "first week = 100", indexed.collect()),
    ];
    let body = Body::Panels(over_time(evidence, panels, 2));
    let made = chart(evidence, "tokens", &title, &subtitle, body);
    Some(over_kept(evidence, "networks", made))
}
