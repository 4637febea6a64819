//! Charts drawn from made-up numbers: every kind paints as SVG and PNG, and what is written
//! stays on the page.
#![cfg(feature = "charts")]

use wattflop::report::bars::{Bar, Bars};
use wattflop::report::chart::{Body, Chart, ShockBand, scene};
use wattflop::report::dots::{DotPanel, DotRow, Dots};
use wattflop::report::lettering;
use wattflop::report::paint;
use wattflop::report::palette::{BLUE, GREEN, INK, ORANGE, PINK, Rgb, VERMILION};
use wattflop::report::panels::{Across, Band, Panel, Panels, Series};
use wattflop::report::scene::{Anchor, Mark, Sheet};

const COLOURS: [Rgb; 5] = [BLUE, VERMILION, GREEN, PINK, ORANGE];

fn weeks() -> Vec<f64> {
    (0..520)
        .map(|week| 2025.84 + f64::from(week) / 52.18)
        .collect()
}

/// A jagged path that starts at `from` and drifts to `to`.
fn path(from: f64, to: f64, roughness: f64, seed: u32) -> Vec<(f64, f64)> {
    let mut state = seed;
    let mut walk = 0.0;
    let steps = weeks();
    let many = steps.len() as f64;
    let point = |(index, x): (usize, f64)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        walk = 0.9 * walk + roughness * (f64::from(state >> 8) / 8_388_608.0 - 1.0);
        (x, (from + (to - from) * index as f64 / many) * (1.0 + walk))
    };
    steps.into_iter().enumerate().map(point).collect()
}

fn fan(label: &str, colour: Rgb, from: f64, to: f64, seed: u32) -> Series {
    let points = path(from, to, 0.02, seed);
    let band = |percent: u8, width: f64| {
        let spread = |i: usize| width * (i as f64 / 520.0);
        let low = points
            .iter()
            .enumerate()
            .map(|(i, p)| p.1 * (1.0 - 0.7 * spread(i)))
            .collect();
        let high = points
            .iter()
            .enumerate()
            .map(|(i, p)| p.1 * (1.0 + spread(i)))
            .collect();
        Band { percent, low, high }
    };
    let bands = vec![band(50, 0.25), band(80, 0.5), band(90, 0.75)];
    Series {
        label: label.into(),
        colour: Some(colour),
        points: points.clone(),
        bands,
        ending: None,
    }
}

fn line(label: &str, colour: Rgb, from: f64, to: f64, seed: u32) -> Series {
    Series {
        bands: Vec::new(),
        ..fan(label, colour, from, to, seed)
    }
}

fn chart(name: &str, title: &str, body: Body) -> Chart {
    Chart {
        name: name.into(),
        title: title.into(),
        subtitle: "Price of an H100-equivalent hour, $, world average, weekly".into(),
        note: "Bands cover drawn parameters only, not model error.".into(),
        source: "wattflop".into(),
        run_id: "baseline-7f3a91c2".into(),
        body,
    }
}

fn shocks() -> Vec<ShockBand> {
    vec![
        ShockBand {
            from: 2027.26,
            to: 2028.0,
            label: "Memory shortage".into(),
        },
        ShockBand {
            from: 2027.8,
            to: 2027.85,
            label: "Outage in US east".into(),
        },
    ]
}

fn single(name: &str, panel: Panel) -> Chart {
    let panels = vec![panel];
    let panels = Panels {
        panels,
        columns: 1,
        shocks: shocks(),
        ..Panels::default()
    };
    chart(
        name,
        "An hour on demand costs half as much in 2035 as today",
        Body::Panels(panels),
    )
}

fn small_multiples() -> Chart {
    let names = [
        "US east", "US west", "Texas", "Ireland", "Germany", "China", "Japan", "India",
    ];
    let panels = names.iter().enumerate().map(|(index, name)| {
        let colour = COLOURS[index % 5];
        let series = fan(
            "",
            colour,
            60.0,
            70.0 + 9.0 * index as f64,
            7 + index as u32,
        );
        Panel {
            heading: (*name).into(),
            heading_colour: Some(colour),
            unit: "load 12 to 31 GW".into(),
            series: vec![series],
            ghosts: vec![path(60.0, 90.0, 0.01, 3), path(70.0, 99.0, 0.01, 4)],
            ..Panel::default()
        }
    });
    let panels = Panels {
        panels: panels.collect(),
        columns: 4,
        share_y: true,
        ..Panels::default()
    };
    let title = "Power becomes dearer in every region, most of all where data centres crowd in, \
                 and the gap between the dearest and the cheapest region doubles";
    chart("multiples", title, Body::Panels(panels))
}

fn two_panels() -> Chart {
    let many = |log| {
        let labels = ["Alpha", "Beta network", "Gamma", "Delta"];
        labels
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let end = if log {
                    0.02 + 5.0 * i as f64
                } else {
                    10.1 + 0.1 * i as f64
                };
                line(name, COLOURS[i], 1.0, end, 9 + i as u32)
            })
            .collect()
    };
    let panel = |heading: &str, log| Panel {
        heading: heading.into(),
        unit: "$ a token".into(),
        series: many(log),
        log,
        labelled: true,
        ..Panel::default()
    };
    let panels = vec![panel("Price", true), panel("Supply", false)];
    let panels = Panels {
        panels,
        columns: 2,
        ..Panels::default()
    };
    chart("two", "Two tokens rise and two fade", Body::Panels(panels))
}

fn stack() -> Chart {
    let labels = ["Hopper", "Blackwell", "Rubin", "TPU", "Other"];
    let series = labels.iter().enumerate().map(|(i, name)| {
        line(
            name,
            COLOURS[i],
            1.0e6,
            [0.2e6, 2.0e6, 2.0e7, 1.0e7, 1.1e6][i],
            5,
        )
    });
    let series = series.collect();
    let panel = Panel {
        series,
        stacked: true,
        labelled: true,
        ..Panel::default()
    };
    single("stack", panel)
}

fn duration() -> Chart {
    let points = |top: f64| {
        (0..=100)
            .map(|i| (f64::from(i) / 100.0, top / (0.3 + f64::from(i) / 60.0)))
            .collect()
    };
    let series = ["Before", "After"]
        .iter()
        .zip(COLOURS)
        .enumerate()
        .map(|(i, (name, colour))| {
            let points = points(40.0 + 20.0 * i as f64);
            Series {
                label: (*name).into(),
                colour: Some(colour),
                points,
                bands: Vec::new(),
                ending: None,
            }
        });
    let panel = Panel {
        series: series.collect(),
        labelled: true,
        ..Panel::default()
    };
    let across = Across::Share("share of hours".into());
    let panels = Panels {
        panels: vec![panel],
        columns: 1,
        across,
        ..Panels::default()
    };
    chart(
        "duration",
        "A tenth of the hours costs five times the rest",
        Body::Panels(panels),
    )
}

fn bars() -> Chart {
    let names = [
        "Amazon",
        "Alphabet",
        "Microsoft",
        "Meta",
        "Oracle",
        "CoreWeave",
        "xAI",
    ];
    let rows = names.iter().enumerate().map(|(i, name)| Bar {
        label: (*name).into(),
        colour: if i < 5 { COLOURS[i] } else { INK },
        value: 200.0 / (1.0 + 0.7 * i as f64),
        part: 110.0 / (1.0 + 0.7 * i as f64),
    });
    let whole_label = "rest of capital spending".into();
    let bars = Bars {
        rows: rows.collect(),
        whole_label,
        part_label: "chips".into(),
    };
    chart(
        "bars",
        "Four firms spend two-thirds of the money",
        Body::Bars(bars),
    )
}

fn dots() -> Chart {
    let panel = |heading: &str, size: f64| DotPanel {
        heading: heading.into(),
        unit: "difference from none, $".into(),
        rows: ["Fixed emission", "Burn and mint", "USD floor"]
            .iter()
            .enumerate()
            .map(|(i, name)| DotRow {
                label: (*name).into(),
                colour: COLOURS[i],
                estimate: size * (i as f64 - 0.8),
                low: size * (i as f64 - 1.2),
                high: size * (i as f64 - 0.3),
            })
            .collect(),
    };
    let panels = vec![
        panel("Price of an H100e-hour", 0.2),
        panel("Network share", 0.05),
        panel("Owner concentration", -300.0),
        panel("Household bill a month", 1.3),
    ];
    chart(
        "dots",
        "Only the floor moves the price",
        Body::Dots(Dots { panels }),
    )
}

fn all() -> Vec<Chart> {
    let one = |series, labelled| Panel {
        series,
        labelled,
        ..Panel::default()
    };
    let lines = (0..5).map(|i| {
        let names = ["On demand", "Spot", "Reserved", "Network", "Marketplace"];
        line(
            names[i],
            COLOURS[i],
            2.5 - 0.3 * i as f64,
            1.2 - 0.02 * i as f64,
            i as u32,
        )
    });
    vec![
        single("fan", one(vec![fan("On demand", BLUE, 2.3, 1.2, 1)], true)),
        single("lines", one(lines.collect(), true)),
        small_multiples(),
        two_panels(),
        stack(),
        duration(),
        bars(),
        dots(),
    ]
}

/// Left and right end of a text, px.
fn extent(mark: &Mark) -> Option<(f64, f64, f64)> {
    let Mark::Text {
        at,
        text,
        face,
        anchor,
    } = mark
    else {
        return None;
    };
    let long = lettering::width(text, face.size, face.weight);
    let left = match anchor {
        Anchor::Start => at.0,
        Anchor::Middle => at.0 - long / 2.0,
        Anchor::End => at.0 - long,
    };
    Some((left, left + long, at.1))
}

#[test]
fn every_kind_paints_and_no_word_leaves_the_page() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts");
    std::fs::create_dir_all(&folder).expect("folder");
    for (chart, sheet) in all()
        .iter()
        .flat_map(|c| [(c, Sheet::WIDE), (c, Sheet::SQUARE)])
    {
        let scene = scene(chart, sheet);
        for mark in &scene.marks {
            if let Some((left, right, y)) = extent(mark) {
                let within = left >= 0.0 && right <= sheet.width;
                assert!(within, "{}: {mark:?}", chart.name);
                assert!(
                    y > 10.0 && y < sheet.height - 4.0,
                    "{}: {mark:?}",
                    chart.name
                );
            }
        }
        let name = format!("{}_{}", chart.name, sheet.height);
        let svg = paint::svg(&scene).expect("svg");
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.len() < 260_000, "{name} is {} bytes", svg.len());
        std::fs::write(folder.join(format!("{name}.svg")), svg).expect("written");
        let file = folder.join(format!("{name}.png"));
        paint::png(&scene, &file).expect("png");
        let bytes = std::fs::read(&file).expect("read");
        // Width and height stand in the header of a PNG, twice those of the sheet.
        let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four"));
        let expected = (2.0 * sheet.width, 2.0 * sheet.height);
        assert_eq!((f64::from(side(16)), f64::from(side(20))), expected);
    }
}

#[test]
fn labels_of_lines_that_end_together_do_not_touch() {
    let chart = &all()[1];
    let scene = scene(chart, Sheet::WIDE);
    let names = ["On demand", "Spot", "Reserved", "Network", "Marketplace"];
    let mut places: Vec<f64> = scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Text { at, text, .. } if names.contains(&text.as_str()) => Some(at.1),
            _ => None,
        })
        .collect();
    places.sort_by(f64::total_cmp);
    assert_eq!(places.len(), 5);
    assert!(
        places.windows(2).all(|pair| pair[1] - pair[0] >= 19.0),
        "{places:?}"
    );
}

#[test]
fn grey_lies_behind_the_lines_and_bands_below_them() {
    let scene = scene(&all()[0], Sheet::WIDE);
    let position = |wanted: &dyn Fn(&Mark) -> bool| scene.marks.iter().position(wanted);
    let area = position(&|mark| matches!(mark, Mark::Area { .. })).expect("a band");
    let line = scene
        .marks
        .iter()
        .position(|mark| matches!(mark, Mark::Line { colour, .. } if *colour == BLUE))
        .expect("the median");
    assert!(area < line);
}
