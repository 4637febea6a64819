//! The charts of a run: which numbers, in which form, and the finding that is their title.

use super::chart::{Body, Chart, ShockBand};
use super::evidence::{Evidence, Fan, ends};
use super::measures::{Measure, change};
use super::palette::{BLUE, Rgb};
use super::panels::{Band, Panel, Panels, Series};
use super::words::{listed, name, sentence_case, short};
use super::{concentration, drivers, hardware, money, networks, policies, power, prices, year};

/// Every chart that this run has the numbers for, in the order of the report.
#[must_use]
pub fn all(evidence: &Evidence) -> Vec<Chart> {
    let makers: [fn(&Evidence) -> Option<Chart>; 16] = [
        policies::effects,
        prices::tiers,
        prices::indices,
        hardware::capacity,
        hardware::lead_times,
        power::prices,
        power::load,
        power::durations,
        power::load_durations,
        power::water_and_carbon,
        networks::devices,
        networks::tokens,
        concentration::owners,
        money::spending,
        year::flows,
        drivers::drivers,
    ];
    let made = makers.iter().filter_map(|make| make(evidence));
    made.filter(says_something).collect()
}

/// Whether any value is not zero: a part of the world that a scenario leaves out is no chart.
fn says_something(chart: &Chart) -> bool {
    match &chart.body {
        Body::Panels(panels) => panels
            .panels
            .iter()
            .flat_map(|panel| &panel.series)
            .flat_map(|series| &series.points)
            .any(|point| point.1.is_finite() && point.1 != 0.0),
        Body::Bars(bars) => bars.rows.iter().any(|bar| bar.value > 0.0),
        Body::Dots(_) | Body::Flows(_) => true,
    }
}

/// A chart with the foot that all charts of a run share.
pub(super) fn chart(
    evidence: &Evidence,
    stem: &str,
    title: &str,
    subtitle: &str,
    body: Body,
) -> Chart {
    let many = evidence.manifest.policies.len() > 1;
    let policy = if many && !matches!(body, Body::Dots(_)) {
        format!(", policy “{}”", name(&evidence.shown))
    } else {
        String::new()
    };
    Chart {
        name: stem.to_owned(),
        title: sentence_case(title),
        subtitle: format!("{subtitle}{policy}"),
        note: note(&body, evidence),
        source: "wattflop; inputs and their sources in the report".to_owned(),
        run_id: evidence.run_id.clone(),
        body,
    }
}

/// What the lines and bands are, in words that fit the chart.
fn note(body: &Body, evidence: &Evidence) -> String {
    let Body::Panels(panels) = body else {
        return String::new();
    };
    let mut levels: Vec<u8> = panels
        .panels
        .iter()
        .flat_map(|panel| &panel.series)
        .flat_map(|series| &series.bands)
        .map(|band| band.percent)
        .collect();
    levels.sort_unstable();
    levels.dedup();
    let draws = evidence.manifest.draws * evidence.manifest.luck.max(1);
    if levels.is_empty() {
        return if draws > 1 {
            "Lines are medians over draws.".to_owned()
        } else {
            String::new()
        };
    }
    let words: Vec<String> = levels
        .iter()
        .map(|level| {
            if *level == 50 {
                "half".to_owned()
            } else {
                format!("{level}%")
            }
        })
        .collect();
    format!(
        "Lines are medians; bands hold {} of {draws} draws. They cover drawn parameters only, \
         not model error.",
        listed(&words)
    )
}

/// The same chart with a note that says how many draws the lines of `table` are medians of.
pub(super) fn over_kept(evidence: &Evidence, table: &str, chart: Chart) -> Chart {
    let kept = evidence.kept_draws(table);
    let note = match kept {
        0 | 1 => String::new(),
        many => format!("Medians over {many} draws."),
    };
    Chart { note, ..chart }
}

/// A fan as a series of a panel.
pub(super) fn series(label: &str, colour: Rgb, fan: Fan) -> Series {
    let bands = fan
        .bands
        .into_iter()
        .map(|(percent, low, high)| Band { percent, low, high });
    Series {
        label: label.to_owned(),
        colour: Some(colour),
        points: fan.points,
        bands: bands.collect(),
        ending: None,
    }
}

/// A line without bands.
pub(super) fn line(label: &str, colour: Rgb, points: Vec<(f64, f64)>) -> Series {
    Series {
        label: label.to_owned(),
        colour: Some(colour),
        points,
        bands: Vec::new(),
        ending: None,
    }
}

/// The weeks of all shocks that every draw met.
pub(super) fn shock_bands(evidence: &Evidence) -> Vec<ShockBand> {
    let strikes = evidence.strikes().into_iter();
    strikes
        .map(|s| ShockBand {
            from: s.from,
            to: s.to,
            label: name(&s.name),
        })
        .collect()
}

/// Panels side by side over time, with the shocks behind them.
pub(super) fn over_time(evidence: &Evidence, panels: Vec<Panel>, columns: usize) -> Panels {
    Panels {
        panels,
        columns,
        shocks: shock_bands(evidence),
        ..Panels::default()
    }
}

/// One panel of layers on top of each other, each with its name.
pub(super) fn stacked(evidence: &Evidence, layers: Vec<Series>) -> Body {
    let panel = Panel {
        series: layers,
        stacked: true,
        labelled: true,
        ..Panel::default()
    };
    Body::Panels(over_time(evidence, vec![panel], 1))
}

/// “by 2035”, the year in which the path ends.
pub(super) fn by_year(points: &[(f64, f64)]) -> String {
    points.last().map_or_else(String::new, |point| {
        format!("by {}", (point.0 + 0.02).floor())
    })
}

/// “2025–35”.
pub(super) fn period(points: &[(f64, f64)]) -> String {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => {
            let (from, to) = (first.0.floor(), (last.0 - 0.02).floor());
            if from >= to {
                format!("{from}")
            } else {
                format!("{from}–{:02}", to % 100.0)
            }
        }
        _ => String::new(),
    }
}

/// One outcome: its fan alone, or one panel a policy with the others' medians in grey.
#[must_use]
pub fn outcome(evidence: &Evidence, outcome: &str) -> Option<Chart> {
    let measure = Measure::of(outcome);
    let fans: Vec<(String, Fan)> = evidence
        .manifest
        .policies
        .iter()
        .filter_map(|policy| Some((policy.clone(), evidence.fan(policy, outcome)?)))
        .collect();
    let (_, main) = fans
        .iter()
        .find(|(policy, _)| *policy == evidence.shown)
        .or(fans.first())?;
    let (first, last) = ends(&main.points)?;
    let written = measure.written(last / measure.scale);
    let period = period(&main.points);
    let subtitle = format!("{}, {period}", measure.titled());
    let stem = format!("outcome_{}", outcome.replace('.', "_"));
    if fans.len() == 1 {
        let moved = change(first, last);
        let title = format!(
            "{} {moved}, to {written} {}",
            measure.label,
            by_year(&main.points)
        );
        let panel = Panel {
            series: vec![series("Median", BLUE, main.clone())],
            labelled: true,
            ..Panel::default()
        };
        let body = Body::Panels(over_time(evidence, vec![panel], 1));
        return Some(chart(evidence, &stem, &title, &subtitle, body));
    }
    let title = spread_title(&measure, &fans);
    let panels = fans.iter().map(|(policy, fan)| {
        let colour = evidence.palette.colour("policy", policy);
        let ghosts = fans.iter().filter(|(other, _)| other != policy);
        let end = ends(&fan.points).map_or(f64::NAN, |e| e.1);
        Panel {
            heading: name(policy),
            heading_colour: Some(colour),
            unit: format!("ends at {}", measure.written(end / measure.scale)),
            series: vec![series("", colour, fan.clone())],
            ghosts: ghosts.map(|(_, other)| other.points.clone()).collect(),
            ..Panel::default()
        }
    });
    let panels: Vec<Panel> = panels.collect();
    let columns = if panels.len() > 4 {
        panels.len().div_ceil(2)
    } else {
        panels.len()
    };
    let panels = Panels {
        share_y: true,
        ..over_time(evidence, panels, columns)
    };
    let mut made = chart(evidence, &stem, &title, &subtitle, Body::Panels(panels));
    made.subtitle = subtitle;
    made.note
        .push_str(" Grey lines: medians under the other policies.");
    Some(made)
}

/// Which policy ends highest and which lowest, in the last quarter.
fn spread_title(measure: &Measure, fans: &[(String, Fan)]) -> String {
    let mut finals: Vec<(f64, &str)> = fans
        .iter()
        .filter_map(|(policy, fan)| Some((ends(&fan.points)?.1, policy.as_str())))
        .collect();
    finals.sort_by(|a, b| a.0.total_cmp(&b.0));
    match (finals.first(), finals.last()) {
        (Some(low), Some(high)) if high.0 - low.0 > 0.01 * high.0.abs() => format!(
            "{} ends highest under “{}”, at {}, and lowest under “{}”, at {}",
            measure.label,
            name(high.1),
            measure.written(high.0 / measure.scale),
            name(low.1),
            measure.written(low.0 / measure.scale)
        ),
        _ => format!("{} ends within 1% under every policy", measure.label),
    }
}

/// One column of an entity table: a panel an entity, all on one scale.
#[must_use]
pub fn by_entity(evidence: &Evidence, table: &str, column: &str) -> Option<Chart> {
    let kind = super::evidence::key_of(table);
    let mut paths = evidence.paths(table, kind, column);
    let measure = Measure::of(column);
    let names = evidence.ranked(table, column);
    let lines: Vec<(String, Vec<(f64, f64)>)> = names
        .into_iter()
        .take(24)
        .filter_map(|n| Some((n.clone(), paths.remove(&n)?)))
        .collect();
    let (top, points) = lines.first()?;
    let (first, last) = ends(points)?;
    let title = format!("{} in {} {}", measure.label, name(top), change(first, last));
    let subtitle = format!("{}, by {kind}, {}", measure.titled(), period(points));
    let panels: Vec<Panel> = lines
        .iter()
        .map(|(entity, points)| entity_panel(evidence, (kind, entity), points))
        .collect();
    let rows = match panels.len() {
        0..=4 => 1,
        5..=14 => 2,
        _ => 3,
    };
    let columns = panels.len().div_ceil(rows);
    let panels = Panels {
        share_y: true,
        ..over_time(evidence, panels, columns)
    };
    let stem = format!("{table}_{column}");
    let made = chart(evidence, &stem, &title, &subtitle, Body::Panels(panels));
    Some(over_kept(evidence, table, made))
}

/// A small panel with one entity's line in its colour.
pub(super) fn entity_panel(
    evidence: &Evidence,
    (kind, entity): (&str, &str),
    points: &[(f64, f64)],
) -> Panel {
    let colour = evidence.palette.colour(kind, entity);
    let end = ends(points).map_or(f64::NAN, |e| e.1);
    Panel {
        heading: name(entity),
        heading_colour: Some(colour),
        unit: format!("ends at {}", short(end)),
        series: vec![line("", colour, points.to_vec())],
        ..Panel::default()
    }
}
