//! What flows in a year: money, tokens, chips and electricity, each from where it comes, through
//! one narrow place, to where it goes. Widths are amounts.

use super::chart::{bold, regular};
use super::labels::spread;
use super::lettering::width;
use super::palette::{AXIS, INK, Rgb, SOFT_INK, WHITE};
use super::scene::{Anchor, Frame, Scene, Weight};
use super::words::short;

#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// At most four.
    pub panels: Vec<FlowPanel>,
}

/// Two sides of the same amount.
#[derive(Clone, Debug, Default)]
pub struct FlowPanel {
    pub heading: String,
    pub unit: String,
    /// What stands in the middle.
    pub through: String,
    pub from: Vec<Flow>,
    pub to: Vec<Flow>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    pub label: String,
    pub amount: f64,
    pub colour: Rgb,
}

impl FlowPanel {
    /// Amount that passes through: the larger side.
    #[must_use]
    pub fn total(&self) -> f64 {
        let sum = |flows: &[Flow]| flows.iter().map(|flow| flow.amount).sum::<f64>();
        let (from, to) = (sum(&self.from), sum(&self.to));
        if from > to { from } else { to }
    }
}

const BAR: f64 = 12.0;
const LABEL: f64 = 15.0;

pub(super) fn draw(scene: &mut Scene, flows: &Flows, body: Frame) {
    let columns = flows.panels.len().min(2);
    let rows = flows.panels.len().div_ceil(columns.max(1));
    let gap = 48.0;
    let cell_width = (body.width() - gap * (columns as f64 - 1.0)) / columns as f64;
    let cell_height = body.height() / rows as f64;
    for (index, panel) in flows.panels.iter().enumerate() {
        let left = body.left + (index % columns) as f64 * (cell_width + gap);
        let top = body.top + (index / columns) as f64 * cell_height;
        let cell = Frame {
            left,
            top,
            right: left + cell_width,
            bottom: top + cell_height - 14.0,
        };
        draw_panel(scene, panel, cell);
    }
}

/// A stack of amounts along a bar: where each begins and ends, px.
fn stacked(flows: &[Flow], total: f64, top: f64, height: f64) -> Vec<(f64, f64)> {
    let gaps = 4.0 * flows.len().saturating_sub(1) as f64;
    let scale = (height - gaps) / total;
    let sum: f64 = flows.iter().map(|flow| flow.amount).sum();
    let mut at = top + ((total - sum) * scale) / 2.0;
    flows
        .iter()
        .map(|flow| {
            let from = at;
            at += flow.amount * scale + 4.0;
            (from, at - 4.0)
        })
        .collect()
}

/// Where the parts of a panel lie, px.
struct Layout {
    /// Inner edges of the outer bars.
    left: f64,
    right: f64,
    top: f64,
    height: f64,
    total: f64,
    /// Top of the middle and its px per unit.
    throat: (f64, f64),
}

fn sum(flows: &[Flow]) -> f64 {
    flows.iter().map(|flow| flow.amount).sum()
}

fn laid_out(panel: &FlowPanel, cell: Frame) -> Layout {
    let room = |flows: &[Flow]| {
        let widths = flows
            .iter()
            .map(|flow| width(&written(flow), LABEL, Weight::Regular));
        widths.fold(0.0_f64, f64::max) + BAR + 8.0
    };
    let gaps = |flows: &[Flow]| 4.0 * flows.len().saturating_sub(1) as f64;
    let (top, height) = (cell.top + 44.0, cell.bottom - cell.top - 52.0);
    let total = panel.total();
    // The middle is as high as the sides without their gaps.
    let core = height - gaps(&panel.from).max(gaps(&panel.to));
    Layout {
        left: cell.left + room(&panel.from),
        right: cell.right - room(&panel.to),
        top,
        height,
        total,
        throat: (top + (height - core) / 2.0, core / total),
    }
}

fn draw_panel(scene: &mut Scene, panel: &FlowPanel, cell: Frame) {
    let (start, baseline) = (Anchor::Start, cell.top + 16.0);
    scene.text(
        (cell.left, baseline),
        &panel.heading,
        bold(17.0, INK),
        start,
    );
    let after = cell.left + width(&panel.heading, 17.0, Weight::Bold) + 8.0;
    scene.text(
        (after, baseline),
        &panel.unit,
        regular(LABEL, SOFT_INK),
        start,
    );
    if panel.total() <= 0.0 {
        return;
    }
    let layout = laid_out(panel, cell);
    let middle = (layout.left + layout.right) / 2.0;
    for (side, flows) in [&panel.from, &panel.to].into_iter().enumerate() {
        let bars = stacked(flows, layout.total, layout.top, layout.height);
        draw_side(scene, &layout, (side, flows), &bars);
        let edge = if side == 0 { layout.left } else { layout.right };
        labels(scene, flows, &bars, (side, edge), cell);
    }
    let throat = Frame {
        left: middle - BAR / 2.0,
        right: middle + BAR / 2.0,
        top: layout.throat.0,
        bottom: layout.throat.0 + layout.throat.1 * layout.total,
    };
    scene.rect(throat, AXIS);
    let through = format!("{} {}", panel.through, short(layout.total));
    let half = width(&through, LABEL, Weight::Bold) / 2.0 + 3.0;
    let above = Frame {
        left: middle - half,
        right: middle + half,
        top: layout.top - 22.0,
        bottom: layout.top - 2.0,
    };
    scene.rect(above, WHITE);
    let at = (middle, layout.top - 7.0);
    scene.text(at, &through, bold(LABEL, INK), Anchor::Middle);
}

/// The bars of one side and their bands to the middle.
fn draw_side(
    scene: &mut Scene,
    layout: &Layout,
    (side, flows): (usize, &[Flow]),
    bars: &[(f64, f64)],
) {
    let middle = (layout.left + layout.right) / 2.0;
    let (top, scale) = layout.throat;
    let mut end = top + (layout.total - sum(flows)) * scale / 2.0;
    for (flow, (from, to)) in flows.iter().zip(bars) {
        let inner = (end, end + flow.amount * scale);
        end = inner.1;
        let (outer_x, inner_x, bar) = match side {
            0 => (layout.left, middle - BAR / 2.0, layout.left - BAR),
            _ => (layout.right, middle + BAR / 2.0, layout.right),
        };
        ribbon(
            scene,
            (outer_x, (*from, *to)),
            (inner_x, inner),
            flow.colour,
        );
        let frame = Frame {
            left: bar,
            right: bar + BAR,
            top: *from,
            bottom: (*to).max(from + 1.0),
        };
        scene.rect(frame, flow.colour);
    }
}

fn written(flow: &Flow) -> String {
    format!("{} {}", flow.label, short(flow.amount))
}

fn labels(
    scene: &mut Scene,
    flows: &[Flow],
    bars: &[(f64, f64)],
    (side, x): (usize, f64),
    cell: Frame,
) {
    let wanted: Vec<f64> = bars.iter().map(|(from, to)| (from + to) / 2.0).collect();
    let placed = spread(&wanted, 18.0, cell.top + 22.0, cell.bottom + 8.0);
    for (flow, centre) in flows.iter().zip(placed) {
        let face = regular(LABEL, flow.colour.for_text());
        let (at, anchor) = match side {
            0 => (x - BAR - 6.0, Anchor::End),
            _ => (x + BAR + 6.0, Anchor::Start),
        };
        scene.text((at, centre + 5.0), &written(flow), face, anchor);
    }
}

/// A band from one edge to another, bent like an S.
fn ribbon(scene: &mut Scene, outer: (f64, (f64, f64)), inner: (f64, (f64, f64)), colour: Rgb) {
    const STEPS: usize = 24;
    let bend = |from: f64, to: f64, share: f64| {
        let smooth = share * share * (3.0 - 2.0 * share);
        from + (to - from) * smooth
    };
    let edge = |from: f64, to: f64| {
        (0..=STEPS).map(move |step| {
            let share = step as f64 / STEPS as f64;
            (outer.0 + (inner.0 - outer.0) * share, bend(from, to, share))
        })
    };
    let mut outline: Vec<(f64, f64)> = edge(outer.1.0, inner.1.0).collect();
    let mut back: Vec<(f64, f64)> = edge(outer.1.1, inner.1.1).collect();
    back.reverse();
    outline.extend(back);
    scene.area(outline, colour.mixed(WHITE, 0.55));
}

pub(super) fn described(flows: &Flows) -> String {
    let side = |flows: &[Flow]| flows.iter().map(written).collect::<Vec<_>>().join(", ");
    let panels = flows.panels.iter().map(|panel| {
        let (from, to) = (side(&panel.from), side(&panel.to));
        format!("{} ({}): from {from}; to {to}", panel.heading, panel.unit)
    });
    panels.collect::<Vec<_>>().join(". ")
}
