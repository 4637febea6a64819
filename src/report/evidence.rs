//! What charts and the page are made from: the tables of one run, asked for as paths in time.

use std::collections::BTreeMap;

use super::measures::Measure;
use super::palette::Palette;
use super::words::decimal_year;
use crate::results::columns::{Table, Text};
use crate::results::manifest::Manifest;
use crate::results::panel::mean;
use crate::results::summary::{QUANTILES, ascending, quantile};

/// Weeks per calendar year.
const WEEKS_PER_YEAR: f64 = 365.25 / 7.0;

/// One run as its readers see it.
pub struct Evidence<'a> {
    pub manifest: &'a Manifest,
    /// Name of the run folder.
    pub run_id: String,
    pub palette: Palette,
    /// Policy whose world is drawn where a chart can show only one.
    pub shown: String,
    tables: Vec<&'a Table>,
}

/// Median path of an outcome with the bands that its draws carry. Decimal years across.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    pub points: Vec<(f64, f64)>,
    /// Level in per cent, low edge, high edge.
    pub bands: Vec<(u8, Vec<f64>, Vec<f64>)>,
}

/// A shock that struck every draw in the same week.
#[derive(Clone, Debug, PartialEq)]
pub struct Strike {
    pub name: String,
    pub week: u32,
    /// First and last decimal year.
    pub from: f64,
    pub to: f64,
}

impl<'a> Evidence<'a> {
    /// `run_id` is the folder's name; `tables` as they are written there.
    #[must_use]
    pub fn new(manifest: &'a Manifest, run_id: &str, tables: Vec<&'a Table>) -> Evidence<'a> {
        let shown = match manifest
            .policies
            .iter()
            .find(|name| **name == manifest.reference)
        {
            Some(reference) => reference.clone(),
            None => manifest.policies.first().cloned().unwrap_or_default(),
        };
        let mut evidence = Evidence {
            manifest,
            run_id: run_id.to_owned(),
            palette: Palette::default(),
            shown,
            tables,
        };
        evidence.colour();
        evidence
    }

    fn colour(&mut self) {
        let tiers = [
            "list",
            "spot",
            "reserved",
            "network",
            "marketplace",
            "neocloud",
        ]
        .map(str::to_owned);
        self.palette.register("tier", &tiers);
        self.palette
            .register("policy", &self.manifest.policies.clone());
        let ranked = [
            ("operator", "operators", "fleet_h100e"),
            ("region", "regions", "data_centre_mw"),
            ("network", "networks", "online_devices"),
        ];
        for (kind, table, column) in ranked {
            let names = self.ranked(table, column);
            self.palette.register(kind, &names);
        }
        let classes =
            ["hopper", "blackwell", "rubin", "next", "ampere", "consumer"].map(str::to_owned);
        self.palette.register("class", &classes);
    }

    #[must_use]
    pub fn table(&self, name: &str) -> Option<&'a Table> {
        self.tables
            .iter()
            .find(|table| table.name == name && table.rows() > 0)
            .copied()
    }

    /// Week number as decimal year.
    #[must_use]
    pub fn year(&self, week: f64) -> f64 {
        decimal_year(&self.manifest.start).unwrap_or(2025.84) + week / WEEKS_PER_YEAR
    }

    /// Median and bands of a weekly outcome under a policy, in the measure's display unit.
    #[must_use]
    pub fn fan(&self, policy: &str, outcome: &str) -> Option<Fan> {
        let table = self.table("summary")?;
        let (policies, outcomes) = (table.text("policy")?, table.text("outcome")?);
        let week = table.counts("week")?;
        let rows: Vec<usize> =
            code(outcomes, outcome)
                .zip(code(policies, policy))
                .map(|(wanted, of)| {
                    let same = |row: &usize| {
                        outcomes.codes()[*row] == wanted && policies.codes()[*row] == of
                    };
                    (0..table.rows()).filter(same).collect()
                })?;
        let scale = Measure::of(outcome).scale;
        let column = |name: &str| -> Option<Vec<f64>> {
            let values = table.numbers(name)?;
            Some(rows.iter().map(|row| values[*row] * scale).collect())
        };
        let median = column("p50")?;
        if !median.iter().any(|value| value.is_finite()) {
            return None;
        }
        let points = rows
            .iter()
            .map(|row| self.year(week[*row] as f64))
            .zip(median)
            .collect();
        let mut bands = Vec::new();
        for (low, high) in [("p25", "p75"), ("p10", "p90"), ("p05", "p95")] {
            let level = QUANTILES.iter().find(|q| q.0 == low).map_or(0, |q| q.2);
            let (low, high) = (column(low)?, column(high)?);
            if low.iter().any(|value| value.is_finite()) {
                bands.push((u8::try_from(level).unwrap_or(0), low, high));
            }
        }
        Some(Fan { points, bands })
    }

    /// Names in an entity table, the largest mean of `column` first.
    #[must_use]
    pub fn ranked(&self, table: &str, column: &str) -> Vec<String> {
        let Some(found) = self.table(table) else {
            return Vec::new();
        };
        let (Some(names), Some(values)) = (found.text(key_of(table)), found.numbers(column)) else {
            return Vec::new();
        };
        let mut sums = vec![0.0; names.words().len()];
        for (code, value) in names.codes().iter().zip(values) {
            sums[*code as usize] += if value.is_finite() { *value } else { 0.0 };
        }
        let mut order: Vec<usize> = (0..sums.len()).collect();
        order.sort_by(|a, b| {
            sums[*b]
                .total_cmp(&sums[*a])
                .then(names.words()[*a].cmp(&names.words()[*b]))
        });
        order
            .into_iter()
            .map(|index| names.words()[index].clone())
            .collect()
    }

    /// How many draws an entity table keeps.
    #[must_use]
    pub fn kept_draws(&self, table: &str) -> usize {
        let draws = self.table(table).and_then(|found| found.counts("draw"));
        let mut draws = draws.map_or_else(Vec::new, <[i64]>::to_vec);
        draws.sort_unstable();
        draws.dedup();
        draws.len()
    }

    /// Median over the draws kept of a column of an entity table, by entity (or by the class of
    /// entity that `key` names, summed over its entities), under the policy shown.
    #[must_use]
    pub fn paths(&self, table: &str, key: &str, column: &str) -> BTreeMap<String, Vec<(f64, f64)>> {
        let mut paths = BTreeMap::new();
        let Some(found) = self.table(table) else {
            return paths;
        };
        let parts = (found.text("policy"), found.text(key), found.numbers(column));
        let counts = (
            found.counts("draw"),
            found.counts("luck"),
            found.counts("week"),
        );
        let ((Some(policy), Some(names), Some(values)), (Some(draw), Some(luck), Some(week))) =
            (parts, counts)
        else {
            return paths;
        };
        let Some(shown) = code(policy, &self.shown) else {
            return paths;
        };
        let mut sums: BTreeMap<(u32, i64, i64, i64), f64> = BTreeMap::new();
        for row in 0..found.rows() {
            if policy.codes()[row] == shown {
                let cell = (names.codes()[row], week[row], draw[row], luck[row]);
                *sums.entry(cell).or_insert(0.0) += values[row];
            }
        }
        let mut weeks: BTreeMap<(u32, i64), Vec<f64>> = BTreeMap::new();
        for ((name, week, ..), value) in sums {
            weeks.entry((name, week)).or_default().push(value);
        }
        let scale = Measure::of(column).scale;
        for ((name, week), draws) in weeks {
            let middle = quantile(&ascending(draws.into_iter()), 0.5) * scale;
            let path: &mut Vec<(f64, f64)> = paths
                .entry(names.words()[name as usize].clone())
                .or_default();
            path.push((self.year(week as f64), middle));
        }
        paths
    }

    /// Shocks that at least nine tenths of the runs shown met in the same week.
    #[must_use]
    pub fn strikes(&self) -> Vec<Strike> {
        let Some(events) = self.table("events") else {
            return Vec::new();
        };
        let text = |name: &str| events.text(name);
        let (Some(kind), Some(entity), Some(policy)) =
            (text("kind"), text("entity"), text("policy"))
        else {
            return Vec::new();
        };
        let (Some(week), Some(hours)) = (events.counts("week"), events.numbers("value")) else {
            return Vec::new();
        };
        let mut met: BTreeMap<(i64, String), (u32, f64)> = BTreeMap::new();
        for row in 0..events.rows() {
            if kind.get(row) == "shock" && policy.get(row) == self.shown {
                let found = met
                    .entry((week[row], entity.get(row).to_owned()))
                    .or_default();
                found.0 += 1;
                found.1 = hours[row];
            }
        }
        let runs = self.manifest.draws * self.manifest.luck.max(1);
        met.into_iter()
            .filter(|(_, (count, _))| f64::from(*count) >= 0.9 * f64::from(runs))
            .map(|((week, name), (_, hours))| {
                let (from, to) = (
                    self.year(week as f64),
                    self.year(week as f64 + hours / 168.0),
                );
                Strike {
                    name,
                    week: u32::try_from(week).unwrap_or(0),
                    from,
                    to,
                }
            })
            .collect()
    }
}

/// Name of the identity column of an entity table: `regions` has `region`.
#[must_use]
pub fn key_of(table: &str) -> &str {
    table.strip_suffix('s').unwrap_or(table)
}

fn code(text: &Text, word: &str) -> Option<u32> {
    text.words()
        .iter()
        .position(|known| known == word)
        .and_then(|p| u32::try_from(p).ok())
}

/// Mean of the first four weeks and of the last thirteen, less in a short run: where a path
/// starts and ends.
#[must_use]
pub fn ends(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let values: Vec<f64> = points
        .iter()
        .map(|p| p.1)
        .filter(|value| value.is_finite())
        .collect();
    if values.is_empty() {
        return None;
    }
    let quarter = (values.len() / 4).max(1);
    let first = mean(&values[..quarter.min(4)]);
    let last = mean(&values[values.len() - quarter.min(13)..]);
    Some((first, last))
}
