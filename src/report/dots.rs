//! Estimates with their intervals: one panel per outcome, one row per policy, a line at zero.

use super::chart::{TEXT, bold, regular};
use super::lettering::{width, wrapped};
use super::palette::{AXIS, GRID, INK, Rgb, SOFT_INK, WHITE};
use super::scale::{Scale, linear_ticks};
use super::scene::{Anchor, Frame, Scene, Weight};
use super::words::short;

#[derive(Clone, Debug, Default)]
pub struct Dots {
    pub panels: Vec<DotPanel>,
}

#[derive(Clone, Debug, Default)]
pub struct DotPanel {
    pub heading: String,
    pub unit: String,
    /// The same rows in every panel.
    pub rows: Vec<DotRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DotRow {
    pub label: String,
    pub colour: Rgb,
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

impl DotRow {
    /// Whether the interval keeps clear of zero.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

pub(super) fn draw(scene: &mut Scene, dots: &Dots, body: Frame) {
    let Some(first) = dots.panels.first() else {
        return;
    };
    let names = first
        .rows
        .iter()
        .map(|row| width(&row.label, TEXT, Weight::Bold));
    let left = body.left + names.fold(0.0_f64, f64::max) + 16.0;
    let columns = dots.panels.len().min(4);
    let lines = dots.panels.len().div_ceil(columns);
    let gap = 34.0;
    let cell_width = (body.right - left - gap * (columns as f64 - 1.0)) / columns as f64;
    let cell_height = body.height() / lines as f64;
    for (index, panel) in dots.panels.iter().enumerate() {
        let x = left + (index % columns) as f64 * (cell_width + gap);
        let y = body.top + (index / columns) as f64 * cell_height;
        let cell = Frame {
            left: x,
            top: y,
            right: x + cell_width,
            bottom: y + cell_height - 10.0,
        };
        let names_at = (index % columns == 0).then_some(left - 16.0);
        draw_panel(scene, panel, cell, names_at);
    }
}

fn draw_panel(scene: &mut Scene, panel: &DotPanel, cell: Frame, names_at: Option<f64>) {
    let mut top = cell.top;
    for line in wrapped(&panel.heading, 16.0, Weight::Bold, cell.width()) {
        top += 20.0;
        scene.text((cell.left, top), &line, bold(16.0, INK), Anchor::Start);
    }
    top += 19.0;
    scene.text(
        (cell.left, top),
        &panel.unit,
        regular(14.0, SOFT_INK),
        Anchor::Start,
    );
    let (high, deepest) = (cell.top + 70.0, cell.bottom - 26.0);
    let rows = panel.rows.len().max(1) as f64;
    let pitch = ((deepest - high) / rows).min(116.0);
    let bottom = high + pitch * rows;
    let frame = Frame {
        left: cell.left,
        top: high,
        right: cell.right,
        bottom,
    };
    let x = horizontal(scene, panel, frame);
    for (index, row) in panel.rows.iter().enumerate() {
        let middle = frame.top + pitch * (index as f64 + 0.5);
        if let Some(end) = names_at {
            let face = bold(TEXT, row.colour.for_text());
            scene.text((end, middle + TEXT * 0.36), &row.label, face, Anchor::End);
        }
        if !row.estimate.is_finite() {
            continue;
        }
        if row.low.is_finite() && row.high.is_finite() {
            scene.rule(
                (x.px(row.low), middle),
                (x.px(row.high), middle),
                3.0,
                row.colour,
            );
        }
        let centre = (x.px(row.estimate), middle);
        scene.dot(centre, 7.0, row.colour);
        if !row.clear() {
            // Hollow: not distinguishable from zero.
            scene.dot(centre, 4.5, WHITE);
        }
        let sign = if row.estimate > 0.0 { "+" } else { "" };
        let value = format!("{sign}{}", short(row.estimate));
        let at = (centre.0, middle - 13.0);
        let half = width(&value, 14.0, Weight::Regular) / 2.0 + 3.0;
        let (left, right) = (at.0 - half, at.0 + half);
        scene.rect(
            Frame {
                left,
                top: at.1 - 12.0,
                right,
                bottom: at.1 + 3.0,
            },
            WHITE,
        );
        scene.text(
            at,
            &value,
            regular(14.0, row.colour.for_text()),
            Anchor::Middle,
        );
    }
}

fn horizontal(scene: &mut Scene, panel: &DotPanel, frame: Frame) -> Scale {
    let ends = panel
        .rows
        .iter()
        .flat_map(|row| [row.low, row.high, row.estimate, 0.0]);
    let finite: Vec<f64> = ends.filter(|value| value.is_finite()).collect();
    let low = finite.iter().copied().fold(0.0_f64, f64::min);
    let high = finite.iter().copied().fold(0.0_f64, f64::max);
    let ticks = linear_ticks(low, high, 3);
    let x = Scale {
        low: ticks.low,
        high: ticks.high,
        from_px: frame.left + 14.0,
        to_px: frame.right - 14.0,
        log: false,
    };
    let mut taken = f64::NEG_INFINITY;
    for (value, label) in &ticks.marks {
        let at = x.px(*value);
        let (thick, colour) = if *value == 0.0 {
            (1.5, AXIS)
        } else {
            (1.0, GRID)
        };
        scene.rule((at, frame.top), (at, frame.bottom), thick, colour);
        let half = width(label, 15.0, Weight::Regular) / 2.0;
        if at - half > taken + 6.0 {
            let below = (at, frame.bottom + 20.0);
            scene.text(below, label, regular(15.0, SOFT_INK), Anchor::Middle);
            taken = at + half;
        }
    }
    x
}

pub(super) fn described(dots: &Dots) -> String {
    let mut parts = Vec::new();
    for panel in &dots.panels {
        for row in &panel.rows {
            parts.push(format!(
                "{}, {}: {} ({} to {})",
                panel.heading,
                row.label,
                short(row.estimate),
                short(row.low),
                short(row.high)
            ));
        }
    }
    parts.join("; ")
}
