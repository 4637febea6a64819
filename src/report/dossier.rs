//! What the resolved scenario says about itself: sources, sourced numbers, facts to compare
//! with. Read from the manifest, so that a report can be made from a run folder alone.

use serde_json::Value;

use super::evidence::Evidence;
use super::html::{Assumption, Fact, Section, TrendLine};
use super::words::{fixed, name};
use crate::kernels::math;
use crate::results::panel::mean;
use crate::results::summary::{ascending, quantile};

/// The resolved scenario of the policy shown.
pub struct Dossier {
    tree: Value,
}

/// Where numbers come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub key: String,
    pub title: String,
    pub url: String,
    pub date: String,
    /// How many numbers of the scenario it stands behind.
    pub numbers: usize,
}

impl Dossier {
    /// An unreadable text gives an empty dossier: the report then lists no assumptions.
    #[must_use]
    pub fn of(resolved: &str) -> Dossier {
        Dossier {
            tree: serde_yaml::from_str::<Value>(resolved).unwrap_or(Value::Null),
        }
    }

    fn source(&self, key: &str) -> Source {
        let entry = &self.tree["sources"][key];
        let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let title = part("title");
        Source {
            key: key.to_owned(),
            numbers: 0,
            title: if title.is_empty() {
                key.to_owned()
            } else {
                title
            },
            url: part("url"),
            date: plain(&entry["date"]),
        }
    }

    /// Every number that carries its evidence, by part of the scenario.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        for (part, tree) in self.tree.as_object().into_iter().flatten() {
            if ["sources", "plausibility", "trends"].contains(&part.as_str()) {
                continue;
            }
            let mut rows = Vec::new();
            self.walk(part, tree, &mut rows);
            if !rows.is_empty() {
                sections.push(Section {
                    name: name(part),
                    rows,
                });
            }
        }
        sections
    }

    fn walk(&self, path: &str, tree: &Value, rows: &mut Vec<Assumption>) {
        let Some(map) = tree.as_object() else { return };
        let text = |key: &str| map.get(key).map(plain).unwrap_or_default();
        if map.contains_key("value") {
            let source = self.source(&text("source"));
            let (low, high) = (text("low"), text("high"));
            rows.push(Assumption {
                path: path.to_owned(),
                value: text("value"),
                range: if low.is_empty() {
                    String::new()
                } else {
                    format!("{low} to {high}")
                },
                status: text("status"),
                source: source.title,
                url: source.url,
                date: if text("date").is_empty() {
                    source.date
                } else {
                    text("date")
                },
            });
            return;
        }
        for (key, below) in map {
            self.walk(&format!("{path}.{key}"), below, rows);
        }
    }

    /// Paths of the numbers that are drawn.
    #[must_use]
    pub fn drawn(&self) -> Vec<String> {
        let drawn = self.tree["uncertain"].as_object().into_iter().flatten();
        drawn.map(|(path, _)| path.clone()).collect()
    }

    /// The sources that stand behind at least one number, in order of their keys.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        let mut counts = std::collections::BTreeMap::new();
        count_sources(&self.tree, &mut counts);
        let used = counts.into_iter();
        used.map(|(key, numbers)| Source {
            numbers,
            ..self.source(&key)
        })
        .collect()
    }

    /// The plausibility table: facts of the catalogue against the run's own weeks.
    #[must_use]
    pub fn facts(&self, evidence: &Evidence) -> Vec<Fact> {
        let entries = self.tree["plausibility"].as_object().into_iter().flatten();
        let compared = entries.filter_map(|(_, entry)| {
            let value = &entry["value"];
            let number = if value.is_object() {
                &value["value"]
            } else {
                value
            };
            let fact = number.as_f64()?;
            let week = |key: &str, default: i64| entry[key].as_i64().unwrap_or(default);
            let from = week("from_week", 0);
            let to = week("to_week", from.max(3));
            // A fact that no table answers stays in the list, without a model's value.
            let outcome = entry["outcome"].as_str().unwrap_or_default();
            let model = observed(evidence, outcome, from, to).unwrap_or(f64::NAN);
            Some(Fact {
                what: entry["fact"].as_str().unwrap_or_default().to_owned(),
                fact,
                model,
                weeks: if from == to {
                    format!("{from}")
                } else {
                    format!("{from}–{to}")
                },
                source: self.source(&plain(&value["source"])).title,
            })
        });
        compared.collect()
    }

    /// The catalogue's trends of the year before against the run's first weeks.
    #[must_use]
    pub fn trends(&self, evidence: &Evidence) -> Vec<TrendLine> {
        let entries = self.tree["trends"].as_object().into_iter().flatten();
        let lines = entries.filter_map(|(_, entry)| {
            let value = &entry["growth_per_year"];
            let number = if value.is_object() {
                &value["value"]
            } else {
                value
            };
            let growth_per_year = number.as_f64()?;
            let weeks = entry["weeks"].as_i64().unwrap_or(13);
            let outcome = entry["outcome"].as_str()?;
            let path: Option<Vec<f64>> = (0..=weeks)
                .map(|week| observed(evidence, outcome, week, week))
                .collect();
            let path = path.filter(|path| path.len() > 1)?;
            Some(TrendLine {
                what: entry["fact"].as_str().unwrap_or_default().to_owned(),
                source: self.source(&plain(&value["source"])).title,
                assumed: plain(&value["status"]) == "assumed",
                growth_per_year,
                first: path[0],
                last: path[path.len() - 1],
                weeks,
                off: furthest(&path, growth_per_year),
                passes_within: entry["tolerance_share"].as_f64().unwrap_or(0.1),
            })
        });
        lines.collect()
    }
}

/// Weeks per calendar year.
const WEEKS_PER_YEAR: f64 = 365.25 / 7.0;

/// Largest relative distance of a weekly path from a steady yearly growth, with its sign.
#[must_use]
pub fn furthest(path: &[f64], growth_per_year: f64) -> f64 {
    let Some(first) = path.first() else {
        return f64::NAN;
    };
    let weekly = math::ln(1.0 + growth_per_year) / WEEKS_PER_YEAR;
    let mut worst = 0.0_f64;
    for (week, value) in path.iter().enumerate() {
        let off = value / first / math::exp(weekly * week as f64) - 1.0;
        if !off.is_finite() || off.abs() > worst.abs() {
            worst = off;
        }
    }
    worst
}

/// Counts, per key of a source, the facts that name it. A block's own `source` counts once.
fn count_sources(tree: &Value, counts: &mut std::collections::BTreeMap<String, usize>) {
    let Some(map) = tree.as_object() else { return };
    for (name, below) in map {
        match below {
            Value::String(key) if name == "source" => *counts.entry(key.clone()).or_insert(0) += 1,
            other => count_sources(other, counts),
        }
    }
}

/// Median over draws of the mean over weeks `from` to `to`, under the policy shown. `outcome`
/// is a weekly column or `table.entity.column`.
fn observed(evidence: &Evidence, outcome: &str, from: i64, to: i64) -> Option<f64> {
    let (table, entity, column) = match outcome.split_once('.') {
        Some((table, rest)) => {
            let (entity, column) = rest.rsplit_once('.')?;
            (table, Some(entity), column)
        }
        None => ("weekly", None, outcome),
    };
    // An offer is written with blanks or with the slashes of its name.
    let entity = entity.map(|entity| entity.replace(' ', "/"));
    let found = evidence.table(table)?;
    let values = found.numbers(column)?;
    let (policy, draw) = (found.text("policy")?, found.counts("draw")?);
    let week = found.counts("week")?;
    let keys = match entity {
        Some(_) => Some(found.text(super::evidence::key_of(table))?),
        None => None,
    };
    let mut by_draw: std::collections::BTreeMap<i64, Vec<f64>> = std::collections::BTreeMap::new();
    for row in 0..found.rows() {
        let is = |name: &String| keys.is_some_and(|keys| keys.get(row) == name.as_str());
        let same = entity.as_ref().is_none_or(is);
        let inside = week[row] >= from && week[row] <= to;
        if same && inside && policy.get(row) == evidence.shown {
            by_draw.entry(draw[row]).or_default().push(values[row]);
        }
    }
    let means = by_draw.values().map(|values| mean(values));
    let median = quantile(&ascending(means), 0.5);
    median.is_finite().then_some(median)
}

/// A scalar as it is written.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Number(number) => match number.as_f64() {
            Some(number) if number.abs() >= 1e5 => fixed(number, 0),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_as_far_from_its_trend_as_its_furthest_week() {
        let steady: Vec<f64> = (0..14)
            .map(|week| 3.0 * math::exp(math::ln(1.5) * f64::from(week) / WEEKS_PER_YEAR))
            .collect();
        assert!(furthest(&steady, 0.5).abs() < 1e-12);
        let mut bent = steady.clone();
        bent[5] *= 0.8;
        assert!((furthest(&bent, 0.5) + 0.2).abs() < 1e-12);
        assert!(furthest(&steady, 0.0) > 0.1);
    }

    const RESOLVED: &str = "
sources:
  doc: { title: A paper, url: \"https://example.org\", date: 2025-10 }
regions:
  us_east:
    load: { value: 12.5, low: 10, high: 15, source: doc, status: measured }
    plain: 3
chips: { h100: { price_usd: { value: 25_000, source: lost, status: assumed, low: 1, high: 2 } } }
";

    #[test]
    fn numbers_are_listed_with_their_sources() {
        let sections = Dossier::of(RESOLVED).assumptions();
        assert_eq!(sections.len(), 2);
        let row = &sections[0].rows[0];
        assert_eq!(row.path, "regions.us_east.load");
        assert_eq!(
            (row.value.as_str(), row.range.as_str()),
            ("12.5", "10 to 15")
        );
        assert_eq!(
            (row.source.as_str(), row.date.as_str()),
            ("A paper", "2025-10")
        );
        assert_eq!(sections[1].rows[0].source, "lost");
        let sources = Dossier::of(RESOLVED).sources();
        let told: Vec<_> = sources
            .iter()
            .map(|s| (s.title.as_str(), s.numbers))
            .collect();
        assert_eq!(told, [("A paper", 1), ("lost", 1)]);
    }

    #[test]
    fn an_unreadable_scenario_gives_an_empty_list() {
        assert!(Dossier::of("a: [").assumptions().is_empty());
    }
}
