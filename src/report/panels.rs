//! Lines, fans and stacks over time, in one panel or in small multiples.

use super::chart::{ShockBand, TEXT, bold, regular};
use super::labels::spread;
use super::lettering::{width, wrapped};
use super::marks;
use super::palette::{AXIS, GHOST, GRID, INK, Rgb, SHOCK, SOFT_INK};
use super::scale::{Scale, Ticks, calendar_ticks, linear_ticks, log_ticks};
use super::scene::{Anchor, Frame, Scene, Weight};
use super::words::short;

/// One or more panels over the same horizontal axis.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    pub panels: Vec<Panel>,
    pub columns: usize,
    /// All panels on one vertical axis, written once per row.
    pub share_y: bool,
    pub across: Across,
    pub shocks: Vec<ShockBand>,
}

/// The horizontal axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Across {
    /// Decimal years.
    #[default]
    Time,
    /// Shares 0 to 1, written as per cent; the text says of what.
    Share(String),
}

#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// Heading in bold and its colour; empty for a single panel.
    pub heading: String,
    pub heading_colour: Option<Rgb>,
    /// Unit or small print below the heading.
    pub unit: String,
    pub series: Vec<Series>,
    pub stacked: bool,
    pub log: bool,
    /// Other panels' lines in thin grey, for comparison.
    pub ghosts: Vec<Vec<(f64, f64)>>,
    /// Whether lines are labelled at their ends.
    pub labelled: bool,
}

/// A line with its bands. Points in data units, ascending across.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub label: String,
    pub colour: Option<Rgb>,
    pub points: Vec<(f64, f64)>,
    pub bands: Vec<Band>,
    /// Written at the end of the line in place of its value.
    pub ending: Option<String>,
}

/// A central band, aligned with the points of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub percent: u8,
    pub low: Vec<f64>,
    pub high: Vec<f64>,
}

impl Series {
    #[must_use]
    pub fn colour(&self) -> Rgb {
        self.colour.unwrap_or(SOFT_INK)
    }

    fn last(&self) -> Option<(f64, f64)> {
        self.points
            .iter()
            .rev()
            .find(|point| point.1.is_finite())
            .copied()
    }

    /// What is written at the end of the line: the mean that titles tell as its end.
    fn told(&self) -> Option<f64> {
        super::evidence::ends(&self.points).map(|ends| ends.1)
    }
}

/// Where one panel lies and how it maps its values.
pub(super) struct Plot {
    pub frame: Frame,
    pub x: Scale,
    pub y: Scale,
}

pub(super) fn draw(scene: &mut Scene, panels: &Panels, body: Frame) {
    let count = panels.panels.len();
    if count == 0 {
        return;
    }
    let columns = columns(panels, body);
    let rows = count.div_ceil(columns);
    let cells = cells(panels, body, columns, rows);
    let common = panels
        .share_y
        .then(|| ticks_of(&panels.panels, rows_height(&cells)));
    for (index, (panel, cell)) in panels.panels.iter().zip(&cells).enumerate() {
        let head = head(scene, panel, *cell, panels.share_y);
        let ticks = match &common {
            Some(ticks) => ticks.clone(),
            None => ticks_of(std::slice::from_ref(panel), cell.height() - head),
        };
        let gutter = gutter(&ticks);
        let left = if panels.share_y && count > 1 {
            // The axis of a row is written at its first panel, outside the cells.
            cell.left
        } else {
            cell.left + gutter
        };
        let right = cell.right - labels_room(panel, count);
        let frame = Frame {
            left,
            top: cell.top + head,
            right,
            bottom: cell.bottom - 26.0,
        };
        let plot = plot(panels, panel, frame, &ticks);
        let written = !(panels.share_y && count > 1) || index % columns == 0;
        shocks(scene, &panels.shocks, &plot, index == 0 || count <= 2);
        vertical_axis(scene, &ticks, &plot, written);
        horizontal_axis(scene, panels, &plot, count);
        marks::draw(scene, panel, &plot, count == 1);
        if panel.labelled {
            end_labels(scene, panel, &plot, count);
        }
    }
}

/// As many columns as asked for; on a page as tall as wide, as many columns as rows.
fn columns(panels: &Panels, body: Frame) -> usize {
    let count = panels.panels.len();
    let tall = body.height() > 0.7 * body.width();
    let square = (1..=count).find(|side| side * side >= count).unwrap_or(1);
    let most = if tall { square } else { count };
    panels.columns.clamp(1, most)
}

fn rows_height(cells: &[Frame]) -> f64 {
    cells.first().map_or(300.0, |cell| cell.height() - 60.0)
}

/// The rectangles of all panels, headings and axes included.
fn cells(panels: &Panels, body: Frame, columns: usize, rows: usize) -> Vec<Frame> {
    let (gap_x, gap_y) = (if panels.share_y { 22.0 } else { 40.0 }, 14.0);
    let shared = panels.share_y && panels.panels.len() > 1;
    let left = if shared {
        let ticks = ticks_of(&panels.panels, body.height() / rows as f64 - 60.0);
        body.left + gutter(&ticks)
    } else {
        body.left
    };
    let cell_width = (body.right - left - gap_x * (columns as f64 - 1.0)) / columns as f64;
    let cell_height = (body.height() - gap_y * (rows as f64 - 1.0)) / rows as f64;
    (0..panels.panels.len())
        .map(|index| {
            let (column, row) = ((index % columns) as f64, (index / columns) as f64);
            let (x, y) = (
                left + column * (cell_width + gap_x),
                body.top + row * (cell_height + gap_y),
            );
            Frame {
                left: x,
                top: y,
                right: x + cell_width,
                bottom: y + cell_height,
            }
        })
        .collect()
}

fn gutter(ticks: &Ticks) -> f64 {
    let widest = ticks
        .marks
        .iter()
        .map(|tick| width(&tick.1, TEXT, Weight::Regular));
    widest.fold(0.0_f64, f64::max) + 10.0
}

/// Heading and unit above a panel; returns their height.
fn head(scene: &mut Scene, panel: &Panel, cell: Frame, shared: bool) -> f64 {
    let mut height = 10.0;
    if !panel.heading.is_empty() {
        let colour = panel.heading_colour.unwrap_or(INK);
        height += 12.0;
        let at = (cell.left, cell.top + height);
        scene.text(
            at,
            &panel.heading,
            bold(17.0, colour.for_text()),
            Anchor::Start,
        );
        height += 6.0;
    }
    // Where all panels share one axis, the subtitle says that it is logarithmic.
    let log = !shared && panel.log && range(std::slice::from_ref(panel)).0 > 0.0;
    let unit = match (panel.unit.as_str(), log) {
        (unit, false) => unit.to_owned(),
        ("", true) => "Log scale".to_owned(),
        (unit, true) => format!("{unit}, log scale"),
    };
    if !unit.is_empty() {
        for line in wrapped(&unit, 15.0, Weight::Regular, cell.width()) {
            height += 14.0;
            let at = (cell.left, cell.top + height);
            scene.text(at, &line, regular(15.0, SOFT_INK), Anchor::Start);
            height += 4.0;
        }
    }
    height + 10.0
}

/// All finite values that the panels must show.
fn range(panels: &[Panel]) -> (f64, f64) {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    let mut see = |value: f64| {
        if value.is_finite() {
            low = low.min(value);
            high = high.max(value);
        }
    };
    for panel in panels {
        if panel.stacked {
            see(0.0);
            marks::stacked_tops(panel)
                .last()
                .into_iter()
                .flatten()
                .for_each(|p| see(p.1));
            continue;
        }
        for series in &panel.series {
            series.points.iter().for_each(|point| see(point.1));
            for band in &series.bands {
                band.low
                    .iter()
                    .chain(&band.high)
                    .for_each(|value| see(*value));
            }
        }
    }
    if low > high { (0.0, 1.0) } else { (low, high) }
}

fn ticks_of(panels: &[Panel], height: f64) -> Ticks {
    let (low, high) = range(panels);
    if panels.iter().any(|panel| panel.log) && low > 0.0 {
        log_ticks(low, high)
    } else {
        linear_ticks(low, high, ((height / 54.0) as usize).clamp(3, 6))
    }
}

fn plot(panels: &Panels, panel: &Panel, frame: Frame, ticks: &Ticks) -> Plot {
    let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
    for other in &panels.panels {
        for (x, _) in other.series.iter().flat_map(|series| &series.points) {
            from = from.min(*x);
            to = to.max(*x);
        }
    }
    if from >= to {
        (from, to) = if from.is_finite() {
            (from - 0.5, from + 0.5)
        } else {
            (0.0, 1.0)
        };
    }
    let x = Scale {
        low: from,
        high: to,
        from_px: frame.left,
        to_px: frame.right,
        log: false,
    };
    let log = panel.log && ticks.low > 0.0;
    let y = Scale {
        low: ticks.low,
        high: ticks.high,
        from_px: frame.bottom,
        to_px: frame.top,
        log,
    };
    Plot { frame, x, y }
}

fn vertical_axis(scene: &mut Scene, ticks: &Ticks, plot: &Plot, written: bool) {
    let (left, right) = (plot.frame.left, plot.frame.right);
    for (value, label) in &ticks.marks {
        let y = plot.y.px(*value);
        let base = *value == 0.0;
        let (thick, colour) = if base { (1.5, AXIS) } else { (1.0, GRID) };
        scene.rule((left, y), (right, y), thick, colour);
        if written {
            scene.text(
                (left - 8.0, y + 5.5),
                label,
                regular(TEXT, SOFT_INK),
                Anchor::End,
            );
        }
    }
}

fn horizontal_axis(scene: &mut Scene, panels: &Panels, plot: &Plot, count: usize) {
    let frame = plot.frame;
    scene.rule(
        (frame.left, frame.bottom),
        (frame.right, frame.bottom),
        1.5,
        AXIS,
    );
    let ticks = match &panels.across {
        Across::Time => {
            let spacing = if count > 1 { 54.0 } else { 70.0 };
            calendar_ticks(plot.x.low, plot.x.high, frame.width(), spacing)
        }
        Across::Share(_) => {
            let parts = [4, 2]
                .into_iter()
                .find(|parts| frame.width() / f64::from(*parts) >= 58.0);
            let parts = parts.unwrap_or(1);
            let shares = (0..=parts).map(|part| f64::from(part) / f64::from(parts));
            shares
                .map(|share| (share, format!("{}%", share * 100.0)))
                .collect()
        }
    };
    for (value, label) in ticks {
        let x = plot.x.px(value);
        scene.rule((x, frame.bottom), (x, frame.bottom + 6.0), 1.2, AXIS);
        let half = width(&label, TEXT, Weight::Regular) / 2.0;
        if x + half <= frame.right + 40.0 {
            let at = (x, frame.bottom + 22.0);
            scene.text(at, &label, regular(TEXT, SOFT_INK), Anchor::Middle);
        }
    }
    if let Across::Share(of) = &panels.across {
        let at = (frame.right, frame.bottom - 8.0);
        scene.text(at, of, regular(15.0, SOFT_INK), Anchor::End);
    }
}

/// Grey stretches of time; labels in as many rows as they need not to touch.
fn shocks(scene: &mut Scene, shocks: &[ShockBand], plot: &Plot, labelled: bool) {
    let inside = |shock: &&ShockBand| shock.from < plot.x.high && shock.to > plot.x.low;
    let span = |shock: &ShockBand| {
        let from = plot.x.px(shock.from.max(plot.x.low));
        (from, plot.x.px(shock.to.min(plot.x.high)).max(from + 3.0))
    };
    let mut covered = f64::NEG_INFINITY;
    for shock in shocks.iter().filter(inside) {
        let (left, right) = span(shock);
        let (top, bottom) = (plot.frame.top - 4.0, plot.frame.bottom);
        // Where two meet, and where one is a hairline, the grey must still be seen.
        let darker = left < covered || right - left < 8.0;
        let colour = if darker {
            SHOCK.mixed(AXIS, 0.12)
        } else {
            SHOCK
        };
        scene.rect(
            Frame {
                left,
                top,
                right,
                bottom,
            },
            colour,
        );
        covered = covered.max(right);
    }
    if labelled {
        let mut row_ends: Vec<f64> = Vec::new();
        for shock in shocks.iter().filter(inside) {
            shock_label(scene, shock, span(shock), plot, &mut row_ends);
        }
    }
}

fn shock_label(
    scene: &mut Scene,
    shock: &ShockBand,
    (from, to): (f64, f64),
    plot: &Plot,
    row_ends: &mut Vec<f64>,
) {
    let long = width(&shock.label, 14.0, Weight::Regular);
    let fits = from + 4.0 + long <= plot.frame.right + 60.0;
    let (start, anchor) = if fits {
        (from + 4.0, Anchor::Start)
    } else {
        (to - 4.0, Anchor::End)
    };
    let left = if fits { start } else { start - long };
    let free = row_ends.iter().position(|end| *end + 8.0 <= left);
    let row = free.unwrap_or_else(|| {
        row_ends.push(0.0);
        row_ends.len() - 1
    });
    row_ends[row] = left + long;
    let at = (start, plot.frame.top + 13.0 + 17.0 * row as f64);
    scene.text(at, &shock.label, regular(14.0, SOFT_INK), anchor);
}

/// Room at the right for the labels of one panel, px.
fn labels_room(panel: &Panel, count: usize) -> f64 {
    if !panel.labelled {
        return 6.0;
    }
    let size = label_size(count);
    let widest = panel.series.iter().map(|series| {
        let name = width(&series.label, size, Weight::Bold);
        name + width(&end_value(series), size, Weight::Regular) + 6.0
    });
    widest.fold(0.0_f64, f64::max) + 16.0
}

fn label_size(count: usize) -> f64 {
    if count > 2 { 15.0 } else { TEXT }
}

fn end_value(series: &Series) -> String {
    let told = || series.told().map_or_else(String::new, short);
    series.ending.clone().unwrap_or_else(told)
}

fn end_labels(scene: &mut Scene, panel: &Panel, plot: &Plot, count: usize) {
    let size = label_size(count);
    let ends = if panel.stacked {
        marks::stacked_middles(panel)
    } else {
        panel
            .series
            .iter()
            .map(|series| series.last().map_or(f64::NAN, |p| p.1))
            .collect()
    };
    let shown: Vec<usize> = (0..ends.len())
        .filter(|index| ends[*index].is_finite())
        .collect();
    let wanted: Vec<f64> = shown.iter().map(|index| plot.y.px(ends[*index])).collect();
    let frame = plot.frame;
    let placed = spread(&wanted, size + 4.0, frame.top - 12.0, frame.bottom + 10.0);
    for ((index, wish), y) in shown.iter().zip(&wanted).zip(&placed) {
        let series = &panel.series[*index];
        let (end, start) = (frame.right + 3.0, frame.right + 14.0);
        if (wish - y).abs() > 5.0 {
            scene.rule((end, *wish), (start - 3.0, *y), 1.0, series.colour());
        }
        let face = bold(size, series.colour().for_text());
        scene.text((start, y + size * 0.36), &series.label, face, Anchor::Start);
        let after = start + width(&series.label, size, Weight::Bold) + 6.0;
        let value = regular(size, series.colour().for_text());
        scene.text(
            (after, y + size * 0.36),
            &end_value(series),
            value,
            Anchor::Start,
        );
    }
}

/// First and last value of every line, for the alternative text.
pub(super) fn described(panels: &Panels) -> String {
    let mut parts = Vec::new();
    for panel in &panels.panels {
        for series in &panel.series {
            let first = series.points.iter().find(|point| point.1.is_finite());
            if let (Some(first), Some(last)) = (first, series.last()) {
                let name = if series.label.is_empty() {
                    &panel.heading
                } else {
                    &series.label
                };
                parts.push(format!(
                    "{name}: from {} to {}",
                    short(first.1),
                    short(last.1)
                ));
            }
        }
    }
    parts.join("; ")
}

pub(super) const GHOST_COLOUR: Rgb = GHOST;
