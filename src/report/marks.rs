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

/// The level of each band, written on it, one above the other where all rings are wide enough
/// or else each where its own ring is.
fn band_labels(scene: &mut Scene, series: &Series, plot: &Plot) {
    let mut bands = outermost_first(series);
    bands.reverse();
    let mut rings: Vec<Ring<'_>> = Vec::new();
    let mut inner: Vec<f64> = series.points.iter().map(|point| point.1).collect();
    for band in bands {
        let text = match band.percent {
            50 => "half of draws".to_owned(),
            percent => format!("{percent}% of draws"),
        };
        let half = width(&text, LABEL, Weight::Regular) / 2.0 + 6.0;
        rings.push(Ring {
            text,
            half,
            inner: inner.clone(),
            outer: &band.high,
        });
        inner.clone_from(&band.high);
    }
    let together: Vec<usize> = candidates(series)
        .filter(|place| {
            rings
                .iter()
                .all(|ring| ring.slot(series, plot, *place).is_some())
        })
        .collect();
    for ring in &rings {
        let own = || candidates(series).rfind(|p| ring.slot(series, plot, *p).is_some());
        let place = together.last().copied().or_else(own);
        if let Some((x, y)) = place.and_then(|place| ring.slot(series, plot, place)) {
            let face = regular(LABEL, series.colour().mixed(Rgb(0, 0, 0), 0.35));
            scene.text((x, y + LABEL * 0.36), &ring.text, face, Anchor::Middle);
        }
    }
}

/// Size of the labels on bands, px.
const LABEL: f64 = 14.0;

/// What lies between two edges, and the label that should stand there.
struct Ring<'a> {
    text: String,
    half: f64,
    inner: Vec<f64>,
    outer: &'a [f64],
}

fn candidates(series: &Series) -> impl DoubleEndedIterator<Item = usize> {
    let many = series.points.len();
    (many / 3..many).step_by(4)
}

impl Ring<'_> {
    /// Centre of the label above point `place`, if the ring is tall enough along all of it.
    fn slot(&self, series: &Series, plot: &Plot, place: usize) -> Option<(f64, f64)> {
        let x = plot.x.px(series.points.get(place)?.0);
        if x + self.half > plot.frame.right || x - self.half < plot.frame.left {
            return None;
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (point, (inner, outer)) in series.points.iter().zip(self.inner.iter().zip(self.outer)) {
            let near = (plot.x.px(point.0) - x).abs() <= self.half;
            if near && inner.is_finite() && outer.is_finite() {
                low = low.min(plot.y.px(*inner));
                high = high.max(plot.y.px(*outer));
            }
        }
        (low - high >= LABEL + 3.0).then_some((x, (low + high) / 2.0))
    }
}

/// A line, broken where a value is missing.
fn lines(scene: &mut Scene, points: &[(f64, f64)], plot: &Plot, thick: f64, colour: Rgb) {
    for run in points.split(|point| !point.1.is_finite()) {
        let path = run
            .iter()
            .map(|(x, y)| (plot.x.px(*x), plot.y.px(*y)))
            .collect();
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
                let base = below
                    .and_then(|edge| edge.get(index))
                    .map_or(0.0, |point| point.1);
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
    let ground: Vec<(f64, f64)> = tops
        .first()
        .map_or_else(Vec::new, |top| top.iter().map(|p| (p.0, 0.0)).collect());
    let pixels = |edge: &[(f64, f64)]| -> Vec<(f64, f64)> {
        edge.iter()
            .map(|(x, y)| (plot.x.px(*x), plot.y.px(*y)))
            .collect()
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
