//! The data inside a panel: stacks, bands with their labels, grey companions, lines.

use super::chart::regular;
use super::lettering::width;
use super::palette::{Rgb, WHITE};
use super::panels::{Band, GHOST_COLOUR, Panel, Plot, Series};
use super::scene::{Anchor, Scene, Weight};

pub(super) fn draw(scene: &mut Scene, panel: &Panel, plot: &Plot, alone: bool) {
    if panel.stacked {
        return stack(scene, panel, plot);
    }
    for series in &panel.series {
        for band in outermost_first(series) {
            fan(scene, series, band, plot);
        }
    }
    for ghost in &panel.ghosts {
        lines(scene, ghost, plot, 1.2, GHOST_COLOUR);
    }
    let thick = if alone { 3.0 } else { 2.4 };
    for series in &panel.series {
        lines(scene, &series.points, plot, thick, series.colour());
    }
    for series in &panel.series {
        band_labels(scene, series, plot);
    }
}

fn outermost_first(series: &Series) -> Vec<&Band> {
    let mut bands: Vec<&Band> = series.bands.iter().collect();
    bands.sort_by_key(|band| std::cmp::Reverse(band.percent));
    bands
}

/// Lighter outward; opaque, so that nested bands do not add up.
fn shade(colour: Rgb, percent: u8) -> Rgb {
    let white = match percent {
        0..=60 => 0.55,
        61..=85 => 0.74,
        _ => 0.87,
    };
    colour.mixed(WHITE, white)
}

fn fan(scene: &mut Scene, series: &Series, band: &Band, plot: &Plot) {
    let ends = series.points.iter().zip(band.low.iter().zip(&band.high));
    let kept: Vec<_> = ends
        .filter(|(_, (low, high))| low.is_finite() && high.is_finite())
        .map(|(point, (low, high))| (plot.x.px(point.0), plot.y.px(*low), plot.y.px(*high)))
        .collect();
    let mut outline: Vec<_> = kept.iter().map(|(x, _, high)| (*x, *high)).collect();
    outline.extend(kept.iter().rev().map(|(x, low, _)| (*x, *low)));
    scene.area(outline, shade(series.colour(), band.percent));
}

/// The level of each band, written on it where it is widest towards the end.
fn band_labels(scene: &mut Scene, series: &Series, plot: &Plot) {
    let mut inner: Vec<f64> = series.points.iter().map(|point| point.1).collect();
    let mut bands = outermost_first(series);
    bands.reverse();
    let size = 14.0;
    for band in bands {
        let text = match band.percent {
            50 => "half of draws".to_owned(),
            percent => format!("{percent}% of draws"),
        };
        let half = width(&text, size, Weight::Regular) / 2.0;
        let place = roomiest(series, &inner, &band.high, plot, half + 6.0);
        if let Some((x, y, room)) = place
            && room >= size + 3.0
        {
            let face = regular(size, series.colour().mixed(Rgb(0, 0, 0), 0.35));
            scene.text((x, y + size * 0.36), &text, face, Anchor::Middle);
        }
        inner.clone_from(&band.high);
    }
}

/// Place in the last two thirds where the ring between `inner` and `outer` holds the tallest
/// text of half-width `half` px: (x, centre y, free height).
fn roomiest(
    series: &Series,
    inner: &[f64],
    outer: &[f64],
    plot: &Plot,
    half: f64,
) -> Option<(f64, f64, f64)> {
    let xs: Vec<f64> = series.points.iter().map(|point| plot.x.px(point.0)).collect();
    let mut best: Option<(f64, f64, f64)> = None;
    for (centre, x) in xs.iter().enumerate().skip(xs.len() / 3).step_by(4) {
        if x + half > plot.frame.right || x - half < plot.frame.left {
            continue;
        }
        let mut low = f64::INFINITY;
        let mut high = f64::NEG_INFINITY;
        for (index, other) in xs.iter().enumerate() {
            if (other - x).abs() <= half && inner[index].is_finite() && outer[index].is_finite() {
                low = low.min(plot.y.px(inner[index]));
                high = high.max(plot.y.px(outer[index]));
            }
        }
        let room = low - high;
        // A little more room is not worth a place further left.
        if best.is_none_or(|(_, _, most)| room >= most * 0.97) && centre > 0 {
            best = Some((*x, (low + high) / 2.0, room));
        }
    }
    best
}

/// A line, broken where a value is missing.
fn lines(scene: &mut Scene, points: &[(f64, f64)], plot: &Plot, thick: f64, colour: Rgb) {
    for run in points.split(|point| !point.1.is_finite()) {
        let path = run.iter().map(|(x, y)| (plot.x.px(*x), plot.y.px(*y))).collect();
        scene.line(path, thick, colour);
    }
}

/// Upper edges of the layers of a stacked panel, first series lowest, missing values as 0.
pub(super) fn stacked_tops(panel: &Panel) -> Vec<Vec<(f64, f64)>> {
    let mut tops: Vec<Vec<(f64, f64)>> = Vec::new();
    for series in &panel.series {
        let below = tops.last();
        let top = series
            .points
            .iter()
            .enumerate()
            .map(|(index, (x, y))| {
                let base = below.and_then(|edge| edge.get(index)).map_or(0.0, |point| point.1);
                (*x, base + if y.is_finite() { y.max(0.0) } else { 0.0 })
            })
            .collect();
        tops.push(top);
    }
    tops
}

/// Middle of each layer at the right edge, in data units.
pub(super) fn stacked_middles(panel: &Panel) -> Vec<f64> {
    let mut below = 0.0;
    let mut middles = Vec::new();
    for top in stacked_tops(panel) {
        let end = top.last().map_or(f64::NAN, |point| point.1);
        middles.push((below + end) / 2.0);
        below = end;
    }
    middles
}

fn stack(scene: &mut Scene, panel: &Panel, plot: &Plot) {
    let tops = stacked_tops(panel);
    let ground: Vec<(f64, f64)> =
        tops.first().map_or_else(Vec::new, |top| top.iter().map(|p| (p.0, 0.0)).collect());
    let pixels = |edge: &[(f64, f64)]| -> Vec<(f64, f64)> {
        edge.iter().map(|(x, y)| (plot.x.px(*x), plot.y.px(*y))).collect()
    };
    let mut below = pixels(&ground);
    for (series, top) in panel.series.iter().zip(&tops) {
        let edge = pixels(top);
        let mut outline = edge.clone();
        outline.extend(below.iter().rev());
        scene.area(outline, series.colour().mixed(WHITE, 0.12));
        below = edge;
    }
    for top in tops.iter().take(tops.len().saturating_sub(1)) {
        scene.line(pixels(top), 1.0, WHITE);
    }
}
