//! From a run to its page and pictures: which charts, which sentence, which checks.

use std::path::Path;

use rayon::prelude::*;

use super::answer::answer;
use super::chart::{Chart, alternative, scene};
use super::charts;
use super::dossier::Dossier;
use super::evidence::{Evidence, ends};
use super::html::{Check, Grid, Page, Picture, ShockLine, render};
use super::measures::Measure;
use super::paint::{self, ChartError};
use super::policies::{Effect, last_year, outcomes};
use super::scene::Sheet;
use super::words::{fixed, listed, month_of, name, sentence_case, short};
use super::{changed, winners};
use crate::market::outcomes::NAMES;
use crate::results::alarms::alarms;
use crate::results::columns::Table;
use crate::results::manifest::{JudgedEffect, Manifest};

/// Draws every chart into `folder/charts` and the page into `folder/report.html`.
pub fn tell(
    manifest: &Manifest,
    run_id: &str,
    tables: Vec<&Table>,
    folder: &Path,
) -> Result<(), ChartError> {
    let evidence = Evidence::new(manifest, run_id, tables);
    let charts = chosen(&evidence);
    let place = folder.join("charts");
    let broken = |error: std::io::Error| ChartError(error.to_string());
    std::fs::create_dir_all(&place).map_err(broken)?;
    let draw = |chart: &Chart| -> Result<(String, Picture), ChartError> {
        let scene = scene(chart, Sheet::WIDE);
        let svg = paint::svg(&scene)?;
        std::fs::write(place.join(format!("{}.svg", chart.name)), &svg).map_err(broken)?;
        paint::png(&scene, &place.join(format!("{}.png", chart.name)))?;
        Ok((chart.name.clone(), picture(chart, svg)))
    };
    let pictures: Vec<(String, Picture)> = charts.par_iter().map(draw).collect::<Result<_, _>>()?;
    let page = render(&page(&evidence, pictures));
    std::fs::write(folder.join("report.html"), page).map_err(broken)
}

/// The page alone, without files.
pub fn html(manifest: &Manifest, run_id: &str, tables: Vec<&Table>) -> Result<String, ChartError> {
    let evidence = Evidence::new(manifest, run_id, tables);
    let mut pictures = Vec::new();
    for chart in &chosen(&evidence) {
        let svg = paint::svg(&scene(chart, Sheet::WIDE))?;
        pictures.push((chart.name.clone(), picture(chart, svg)));
    }
    Ok(render(&page(&evidence, pictures)))
}

/// With several policies, first what they change and their outcomes side by side.
fn chosen(evidence: &Evidence) -> Vec<Chart> {
    let mut charts = charts::all(evidence);
    if evidence.manifest.policies.len() > 1 {
        let fans = outcomes(evidence);
        let fans = fans
            .iter()
            .filter_map(|outcome| charts::outcome(evidence, outcome));
        let place = usize::from(charts.first().is_some_and(|c| c.name == "policy_effects"));
        charts.splice(place..place, fans);
    }
    charts
}

fn picture(chart: &Chart, svg: String) -> Picture {
    Picture {
        svg,
        title: chart.title.clone(),
        alternative: alternative(chart),
    }
}

/// Pictures of the sections that stand apart, by the name of their chart.
const APART: [&str; 2] = ["flows", "drivers"];

fn page(evidence: &Evidence, named: Vec<(String, Picture)>) -> Page {
    let of = |wanted: &str| -> Vec<Picture> {
        let found = named.iter().filter(|(name, _)| name == wanted);
        found.map(|(_, picture)| picture.clone()).collect()
    };
    let (flows, drivers) = (of(APART[0]), of(APART[1]));
    let rest = named
        .into_iter()
        .filter(|(name, _)| !APART.contains(&name.as_str()));
    let pictures = rest.map(|(_, picture)| picture).collect();
    let manifest = evidence.manifest;
    let resolved = manifest
        .resolved
        .get(&evidence.shown)
        .map_or("", String::as_str);
    let dossier = Dossier::of(resolved);
    Page {
        scenario: name(&manifest.scenario),
        run_id: evidence.run_id.clone(),
        question: manifest.question.clone(),
        answer: answer(evidence),
        scope: scope(manifest),
        policies: policy_table(evidence),
        shock_effects: shock_effects(evidence),
        pictures,
        winners: winners::groups(evidence)
            .into_iter()
            .chain(winners::subsidy(evidence))
            .chain(winners::entities(evidence))
            .collect(),
        flows,
        drivers,
        changes: changed::tables(evidence),
        shocks: shocks(evidence),
        checks: checks(evidence),
        facts: dossier.facts(evidence),
        trends: dossier.trends(evidence),
        assumptions: dossier.assumptions(),
        scenario_text: manifest.scenario_text.clone(),
        command: manifest.command.clone(),
        identity: identity(manifest),
    }
}

fn scope(manifest: &Manifest) -> String {
    let draws = if manifest.draws == 1 { "draw" } else { "draws" };
    let policies = match manifest.policies.len() {
        1 => "1 policy".to_owned(),
        many => format!("{many} policies"),
    };
    let lucks = match manifest.luck {
        0 | 1 => String::new(),
        many => format!(" × {many} lucks"),
    };
    format!(
        "{policies} × {} {draws}{lucks} × {} weeks from {}, seed {}",
        manifest.draws, manifest.weeks, manifest.start, manifest.seed
    )
}

/// Last-quarter medians with their 80 % band where carried, then paired differences.
fn policy_table(evidence: &Evidence) -> Option<Grid> {
    let manifest = evidence.manifest;
    let many = manifest.policies.len() > 1;
    let effects = if many { last_year(evidence) } else { None };
    let mut head = vec!["Last quarter, median".to_owned()];
    head.extend(manifest.policies.iter().map(|policy| name(policy)));
    let listed = if many {
        outcomes(evidence)
    } else {
        headline(evidence)
    };
    let rows: Vec<Vec<String>> = listed
        .iter()
        .filter_map(|outcome| {
            let measure = Measure::of(outcome);
            let mut row = vec![format!("{}\n{}", measure.label, measure.unit)];
            for policy in &manifest.policies {
                row.push(cell(evidence, effects.as_ref(), policy, outcome)?);
            }
            Some(row)
        })
        .collect();
    let caption = match &effects {
        Some((window, _)) => format!(
            "Small print: paired difference from “{}” in {window}, with its 95% interval; unclear where that holds zero.",
            name(&manifest.reference)
        ),
        None => "Small print: the widest band that the draws carry.".to_owned(),
    };
    (!rows.is_empty()).then_some(Grid {
        caption,
        head,
        rows,
    })
}

/// The judged differences to the same draws without a shock.
fn shock_effects(evidence: &Evidence) -> Option<Grid> {
    let effects = evidence.manifest.expectations.iter();
    let effects = effects.filter_map(|judged| judged.effect.as_ref());
    let effects = effects.filter(|effect| !effect.without_shock.is_empty());
    let row = |effect: &JudgedEffect| {
        let measure = Measure::of(&effect.outcome);
        let interval = match (effect.low, effect.high) {
            (Some(low), Some(high)) => {
                let unclear = if low > 0.0 || high < 0.0 {
                    ""
                } else {
                    ", unclear"
                };
                format!(
                    "\n{} to {}{unclear}",
                    measure.difference(low),
                    measure.difference(high)
                )
            }
            _ => String::new(),
        };
        vec![
            format!("{}\n{}", measure.label, measure.unit),
            winners::span(evidence, effect.from_week, effect.to_week),
            measure.written(effect.control_mean),
            measure.written(effect.control_mean + effect.difference),
            format!("{}{interval}", measure.difference(effect.difference)),
            format!("{} of {}", effect.agreeing_draws, effect.draws),
        ]
    };
    let rows: Vec<Vec<String>> = effects.map(row).collect();
    let head = [
        "",
        "When",
        "Without",
        "With",
        "Difference",
        "Draws that agree",
    ];
    (!rows.is_empty()).then(|| Grid {
        caption: "Means over the weeks, with the shock and without it on the same draws; 95% \
                  interval of the paired difference."
            .to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows,
    })
}

fn headline(evidence: &Evidence) -> Vec<String> {
    let mut chosen = outcomes(evidence);
    for outcome in [
        "h100_spot_usd_per_h",
        "chip_lead_time_weeks",
        "compute_twh_per_year",
        "top4_share",
    ] {
        if !chosen.iter().any(|known| known == outcome) {
            chosen.push(outcome.to_owned());
        }
    }
    chosen
}

fn cell(
    evidence: &Evidence,
    effects: Option<&(String, Vec<Effect>)>,
    policy: &str,
    outcome: &str,
) -> Option<String> {
    let measure = Measure::of(outcome);
    let fan = evidence.fan(policy, outcome)?;
    let value = |shown: f64| measure.written(shown / measure.scale);
    let median = value(ends(&fan.points)?.1);
    let effect = effects.and_then(|(_, list)| {
        list.iter()
            .find(|e| e.policy == policy && e.outcome == outcome)
    });
    if let Some(effect) = effect {
        if effect.difference == 0.0 && effect.low == effect.high {
            return Some(format!("{median}\nno difference in any draw"));
        }
        return Some(format!(
            "{median}\n{} ({} to {}){}",
            measure.difference(effect.difference),
            measure.difference(effect.low),
            measure.difference(effect.high),
            if effect.clear() { "" } else { ", unclear" }
        ));
    }
    let band = fan
        .bands
        .last()
        .map_or_else(String::new, |(level, low, high)| {
            let edge = |edge: &Vec<f64>| value(edge.last().copied().unwrap_or(f64::NAN));
            format!("\n{level}%: {} to {}", edge(low), edge(high))
        });
    Some(format!("{median}{band}"))
}

fn shocks(evidence: &Evidence) -> Vec<ShockLine> {
    let weeks = f64::from(evidence.manifest.weeks.max(1));
    let start = evidence.year(0.0);
    let span = evidence.year(weeks) - start;
    let strikes = evidence.strikes();
    let lines = strikes.iter().map(|strike| ShockLine {
        name: name(&strike.name),
        when: format!(
            "from {} for {}",
            month_of(strike.from),
            lasting(strike.to - strike.from)
        ),
        from_share: (strike.from - start) / span,
        to_share: (strike.to - start) / span,
    });
    lines.collect()
}

/// A stretch of years in days or weeks.
fn lasting(years: f64) -> String {
    let days = years * 365.25;
    match days {
        d if d < 20.0 => format!("{} days", fixed(d, 0)),
        d => format!("{} weeks", fixed(d / 7.0, 0)),
    }
}

fn checks(evidence: &Evidence) -> Vec<Check> {
    let manifest = evidence.manifest;
    let mut checks = Vec::new();
    let gaps: Vec<String> = manifest
        .residuals
        .iter()
        .filter(|(_, gap)| **gap != 0)
        .map(|(unit, gap)| format!("{gap} {unit}"))
        .collect();
    let units = kinds_of_unit(manifest);
    checks.push(Check {
        name: "Books".to_owned(),
        finding: if gaps.is_empty() {
            format!(
                "every account equals the stock counted in the world, every week of every run ({})",
                listed(&units)
            )
        } else {
            format!("worst gaps: {}", gaps.join(", "))
        },
        passed: Some(gaps.is_empty()),
    });
    for expectation in &manifest.expectations {
        checks.push(Check {
            name: sentence_case(&expectation.statement),
            finding: expectation.finding.clone(),
            passed: Some(expectation.held),
        });
    }
    checks.push(Check {
        name: "Bands".to_owned(),
        finding: format!(
            "{} draws carry central bands up to {}",
            manifest.draws,
            match manifest.draws {
                d if d >= 100 => "90%",
                d if d >= 50 => "80%",
                d if d >= 20 => "half of draws",
                _ => "none: medians only",
            }
        ),
        passed: None,
    });
    checks.extend(prices_stand(evidence));
    checks.extend(alarms_raised(evidence));
    if let Some(text) = defaults(evidence) {
        checks.push(Check {
            name: "Defaults".to_owned(),
            finding: text,
            passed: None,
        });
    }
    checks
}

/// The books' units by kind: chips of every product are one kind, tokens of every network too.
fn kinds_of_unit(manifest: &Manifest) -> Vec<String> {
    const KINDS: [(&str, &str); 6] = [
        ("usd", "dollars"),
        ("token", "tokens"),
        ("chip", "chips"),
        ("gpu", "GPU-seconds"),
        ("energy", "energy"),
        ("water", "water"),
    ];
    let mut kinds: Vec<String> = Vec::new();
    for unit in manifest.residuals.keys() {
        let lower = unit.to_lowercase();
        let kind = KINDS.iter().find(|(part, _)| lower.contains(part));
        let kind = kind.map_or_else(|| name(unit), |(_, written)| (*written).to_owned());
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// How many firms fail in how many runs.
/// Whether a price was ever 0 or infinite, over every week of every run: the lowest and highest.
fn prices_stand(evidence: &Evidence) -> Option<Check> {
    let table = evidence.table("weekly")?;
    let mut lowest = (f64::INFINITY, "");
    let mut highest = (0.0, "");
    let mut count = 0;
    let priced = |name: &str| {
        let rent = name.ends_with("_usd_per_h") || name == "token_index";
        rent || name == "chip_price_usd_per_h100e" || name == "used_h100_price_usd"
    };
    for name in NAMES.iter().copied().filter(|name| priced(name)) {
        let Some(values) = table.numbers(name) else {
            continue;
        };
        count += 1;
        for &value in values {
            if !value.is_finite() || value > highest.0 {
                highest = (value, name);
            }
            if value < lowest.0 {
                lowest = (value, name);
            }
        }
    }
    let sound = lowest.0 > 0.0 && highest.0.is_finite();
    (count > 0).then(|| Check {
        name: "Prices".to_owned(),
        finding: format!(
            "{count} series in {} weeks of runs: lowest {} ({}), highest {} ({}); every offer's \
             own price is held above 0 and below a million in every week",
            table.rows(),
            short(lowest.0),
            sentence_case(&name(lowest.1)),
            short(highest.0),
            sentence_case(&name(highest.1)),
        ),
        passed: Some(sound),
    })
}

/// What networks raised alarms for, under which policies.
fn alarms_raised(evidence: &Evidence) -> Option<Check> {
    let raised = alarms(evidence.table("events")?);
    let said: Vec<String> = (raised.iter())
        .map(|alarm| {
            let (meaning, runs, week) = (alarm.meaning(), alarm.runs, alarm.week);
            let (entity, policy) = (name(&alarm.entity), name(&alarm.policy));
            format!("{entity} under “{policy}”: {meaning} ({runs} runs, first in week {week})")
        })
        .collect();
    (!said.is_empty()).then(|| Check {
        name: "Alarms".to_owned(),
        finding: said.join("; "),
        passed: None,
    })
}

fn defaults(evidence: &Evidence) -> Option<String> {
    let events = evidence.table("events")?;
    let (kind, entity) = (events.text("kind")?, events.text("entity")?);
    let failed = (0..events.rows()).filter(|row| kind.get(*row) == "default");
    let firms: std::collections::BTreeSet<&str> =
        failed.clone().map(|row| entity.get(row)).collect();
    let runs = evidence.manifest.timings.runs;
    let count = failed.count();
    (count > 0).then(|| {
        format!(
            "{count} firms fail in {runs} runs; {} different ones",
            firms.len()
        )
    })
}

fn identity(manifest: &Manifest) -> Vec<(String, String)> {
    let mut list: Vec<(String, String)> = [
        ("wattflop", manifest.tool_version.clone()),
        ("numerics", manifest.numerics_version.to_string()),
        ("results schema", manifest.results_schema.to_string()),
        ("seed", manifest.seed.to_string()),
        ("fingerprint", manifest.fingerprint.clone()),
        (
            "SIMD level (results do not depend on it)",
            manifest.simd.clone(),
        ),
        (
            "wall time",
            format!(
                "{} s on {} threads",
                fixed(manifest.timings.wall_seconds, 1),
                manifest.timings.threads
            ),
        ),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec();
    for hash in manifest.hashes.iter().filter(|hash| hash.draw == 0) {
        list.push((
            format!("values of “{}”, draw 0", hash.policy),
            hash.blake3.clone(),
        ));
    }
    list
}
