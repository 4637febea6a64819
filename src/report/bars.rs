//! Horizontal bars from a zero baseline, each with a darker part of it.

use super::chart::{TEXT, bold, regular};
use super::lettering::width;
use super::palette::{AXIS, GRID, INK, Rgb, SOFT_INK, WHITE};
use super::scale::{Scale, linear_ticks};
use super::scene::{Anchor, Frame, Scene, Weight};
use super::words::short;

#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// In the order drawn, top first.
    pub rows: Vec<Bar>,
    /// What the whole bar is, written on the first.
    pub whole_label: String,
    /// What the dark part is, written on the first.
    pub part_label: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub label: String,
    pub colour: Rgb,
    pub value: f64,
    /// Part of `value`; 0 for none.
    pub part: f64,
}

pub(super) fn draw(scene: &mut Scene, bars: &Bars, body: Frame) {
    if bars.rows.is_empty() {
        return;
    }
    let names = bars
        .rows
        .iter()
        .map(|bar| width(&bar.label, TEXT, Weight::Bold));
    let left = body.left + names.fold(0.0_f64, f64::max) + 12.0;
    let most = bars
        .rows
        .iter()
        .map(|bar| bar.value)
        .fold(0.0_f64, f64::max);
    let ticks = linear_ticks(0.0, most, 6);
    let frame = Frame {
        left,
        top: body.top + 34.0,
        right: body.right - 70.0,
        bottom: body.bottom,
    };
    let x = Scale {
        low: 0.0,
        high: ticks.high,
        from_px: frame.left,
        to_px: frame.right,
        log: false,
    };
    for (value, label) in &ticks.marks {
        let at = x.px(*value);
        scene.rule((at, frame.top), (at, frame.bottom), 1.0, GRID);
        scene.text(
            (at, frame.top - 8.0),
            label,
            regular(TEXT, SOFT_INK),
            Anchor::Middle,
        );
    }
    let pitch = frame.height() / bars.rows.len() as f64;
    for (index, bar) in bars.rows.iter().enumerate() {
        let middle = frame.top + pitch * (index as f64 + 0.5);
        draw_bar(scene, bar, &x, (middle, (pitch * 0.66).min(34.0)));
        if index == 0 {
            explain(scene, bars, bar, &x, middle + TEXT * 0.36);
        }
    }
    let foot = (frame.left, frame.bottom);
    scene.rule((frame.left, frame.top), foot, 1.5, AXIS);
}

/// One bar with its name and its value; `across` is its middle and its thickness, px.
fn draw_bar(scene: &mut Scene, bar: &Bar, x: &Scale, across: (f64, f64)) {
    let (middle, thick) = across;
    let left = x.from_px;
    let span = |to: f64| Frame {
        left,
        top: middle - thick / 2.0,
        right: x.px(to.max(0.0)),
        bottom: middle + thick / 2.0,
    };
    if bar.part > 0.0 {
        scene.rect(span(bar.value), bar.colour.mixed(WHITE, 0.6));
        scene.rect(span(bar.part.min(bar.value)), bar.colour);
    } else {
        scene.rect(span(bar.value), bar.colour);
    }
    let baseline = middle + TEXT * 0.36;
    let name = (left - 12.0, baseline);
    scene.text(name, &bar.label, bold(TEXT, INK), Anchor::End);
    let end = (x.px(bar.value) + 7.0, baseline);
    scene.text(end, &short(bar.value), regular(TEXT, INK), Anchor::Start);
}

/// Names the two tones on the longest bar itself, where they fit.
fn explain(scene: &mut Scene, bars: &Bars, bar: &Bar, x: &Scale, baseline: f64) {
    if bar.part <= 0.0 {
        return;
    }
    let inside = |text: &str, from: f64, to: f64| {
        width(text, 15.0, Weight::Regular) + 16.0 <= x.px(to) - x.px(from)
    };
    if inside(&bars.part_label, 0.0, bar.part) {
        let at = (x.px(0.0) + 8.0, baseline);
        scene.text(at, &bars.part_label, regular(15.0, WHITE), Anchor::Start);
    }
    if inside(&bars.whole_label, bar.part, bar.value) {
        let at = (x.px(bar.part) + 8.0, baseline);
        scene.text(at, &bars.whole_label, regular(15.0, INK), Anchor::Start);
    }
}

pub(super) fn described(bars: &Bars) -> String {
    let rows = bars
        .rows
        .iter()
        .map(|bar| format!("{}: {}", bar.label, short(bar.value)));
    rows.collect::<Vec<_>>().join("; ")
}
