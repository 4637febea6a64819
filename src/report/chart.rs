//! What a chart says, as plain data, and the page around it: the finding as title, measure,
//! unit, place and period below it, source, note and run at the foot.

use super::bars::{self, Bars};
use super::dots::{self, Dots};
use super::flows::{self, Flows};
use super::lettering::wrapped;
use super::palette::{INK, Rgb, SOFT_INK};
use super::panels::{self, Panels};
use super::scene::{Anchor, Face, Frame, Scene, Sheet, Weight};

/// One chart: everything that is written or drawn.
#[derive(Clone, Debug)]
pub struct Chart {
    /// File stem.
    pub name: String,
    /// The finding, as a sentence without full stop.
    pub title: String,
    /// Measure, unit, place, period.
    pub subtitle: String,
    /// What the reader must know to read it right; may be empty.
    pub note: String,
    pub source: String,
    /// Run folder that the numbers come from.
    pub run_id: String,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Panels(Panels),
    Bars(Bars),
    Dots(Dots),
    Flows(Flows),
}

/// A stretch of time in grey, decimal years.
#[derive(Clone, Debug, PartialEq)]
pub struct ShockBand {
    pub from: f64,
    pub to: f64,
    pub label: String,
}

const MARGIN: f64 = 40.0;
const TITLE: Face = Face {
    size: 27.0,
    weight: Weight::Bold,
    colour: INK,
};
const SUBTITLE: Face = Face {
    size: 18.0,
    weight: Weight::Regular,
    colour: SOFT_INK,
};
const FOOT: Face = Face {
    size: 13.5,
    weight: Weight::Regular,
    colour: SOFT_INK,
};

/// Regular text of axes and labels, px.
pub const TEXT: f64 = 16.0;

#[must_use]
pub fn regular(size: f64, colour: Rgb) -> Face {
    Face {
        size,
        weight: Weight::Regular,
        colour,
    }
}

#[must_use]
pub fn bold(size: f64, colour: Rgb) -> Face {
    Face {
        size,
        weight: Weight::Bold,
        colour,
    }
}

/// Lays the chart out on a sheet.
#[must_use]
pub fn scene(chart: &Chart, sheet: Sheet) -> Scene {
    let mut scene = Scene {
        sheet,
        title: chart.title.clone(),
        description: alternative(chart),
        marks: Vec::new(),
    };
    let whole = Frame {
        left: 0.0,
        top: 0.0,
        right: sheet.width,
        bottom: sheet.height,
    };
    scene.rect(whole, super::palette::WHITE);
    let room = sheet.width - 2.0 * MARGIN;
    let mut baseline = 28.0;
    for line in wrapped(&chart.title, TITLE.size, TITLE.weight, room) {
        baseline += 31.0;
        scene.text((MARGIN, baseline - 8.0), &line, TITLE, Anchor::Start);
    }
    baseline += 20.0;
    for line in wrapped(&chart.subtitle, SUBTITLE.size, SUBTITLE.weight, room) {
        scene.text((MARGIN, baseline), &line, SUBTITLE, Anchor::Start);
        baseline += 24.0;
    }
    let foot = foot_lines(chart, room);
    let foot_top = sheet.height - 14.0 - 18.0 * foot.len() as f64;
    for (index, line) in foot.iter().enumerate() {
        scene.text(
            (MARGIN, foot_top + 14.0 + 18.0 * index as f64),
            line,
            FOOT,
            Anchor::Start,
        );
    }
    let body = Frame {
        left: MARGIN,
        top: baseline + 4.0,
        right: sheet.width - MARGIN,
        bottom: foot_top - 12.0,
    };
    match &chart.body {
        Body::Panels(panels) => panels::draw(&mut scene, panels, body),
        Body::Bars(bars) => bars::draw(&mut scene, bars, body),
        Body::Dots(dots) => dots::draw(&mut scene, dots, body),
        Body::Flows(flows) => flows::draw(&mut scene, flows, body),
    }
    scene
}

fn foot_lines(chart: &Chart, room: f64) -> Vec<String> {
    let mut lines = wrapped(&chart.note, FOOT.size, FOOT.weight, room);
    let source = if chart.source.is_empty() {
        format!("Run: {}", chart.run_id)
    } else {
        format!("Source: {} · Run: {}", chart.source, chart.run_id)
    };
    lines.extend(wrapped(&source, FOOT.size, FOOT.weight, room));
    lines
}

/// What the picture shows, for those who cannot see it.
#[must_use]
pub fn alternative(chart: &Chart) -> String {
    let series = match &chart.body {
        Body::Panels(panels) => panels::described(panels),
        Body::Bars(bars) => bars::described(bars),
        Body::Dots(dots) => dots::described(dots),
        Body::Flows(flows) => flows::described(flows),
    };
    format!("{}. {}. {series}", chart.title, chart.subtitle)
}
