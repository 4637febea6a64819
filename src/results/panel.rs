//! Weekly outcomes seen as paths: one series per policy, draw, luck and outcome.

use std::collections::BTreeMap;

use super::columns::{Data, Table};

/// One run's path of one outcome, week by week.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub draw: u32,
    pub luck: u32,
    /// Week number of `values[0]`.
    pub first_week: u32,
    pub values: Vec<f64>,
}

impl Series {
    /// Mean over the weeks `from..=to` that exist; `None` when none does or one is missing.
    pub fn mean(&self, from_week: u32, to_week: u32) -> Option<f64> {
        let skip = from_week.saturating_sub(self.first_week) as usize;
        let end = (u64::from(to_week) + 1).saturating_sub(u64::from(self.first_week)) as usize;
        let window = self.values.get(skip..end.min(self.values.len()))?;
        if window.is_empty() {
            return None;
        }
        let mean = mean(window);
        mean.is_finite().then_some(mean)
    }
}

/// The mean, added up in order.
pub fn mean(values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for value in values {
        sum += value;
    }
    sum / values.len() as f64
}

/// The weekly table grouped by run. Policies keep the order of their first row.
pub struct Panel<'a> {
    table: &'a Table,
    policies: Vec<String>,
    /// Rows in order of week, by (position of policy, draw, luck).
    runs: BTreeMap<(usize, u32, u32), Vec<usize>>,
}

impl<'a> Panel<'a> {
    /// `None` when an identity column is missing.
    pub fn new(weekly: &'a Table) -> Option<Panel<'a>> {
        let policy = weekly.text("policy")?;
        let (draw, luck) = (weekly.counts("draw")?, weekly.counts("luck")?);
        let week = weekly.counts("week")?;
        let mut runs: BTreeMap<(usize, u32, u32), Vec<usize>> = BTreeMap::new();
        for row in 0..weekly.rows() {
            let key = (
                policy.codes()[row] as usize,
                draw[row] as u32,
                luck[row] as u32,
            );
            runs.entry(key).or_default().push(row);
        }
        for rows in runs.values_mut() {
            rows.sort_by_key(|row| week[*row]);
        }
        Some(Panel {
            table: weekly,
            policies: policy.words().to_vec(),
            runs,
        })
    }

    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// Names of the numeric columns.
    pub fn outcomes(&self) -> Vec<&'a str> {
        self.table
            .columns()
            .iter()
            .filter(|column| matches!(column.data, Data::F64(_)))
            .map(|column| column.name.as_str())
            .collect()
    }

    /// Weeks of the longest run, ascending.
    pub fn weeks(&self) -> Vec<u32> {
        let Some(week) = self.table.counts("week") else {
            return Vec::new();
        };
        let longest = self.runs.values().max_by_key(|rows| rows.len());
        longest.map_or_else(Vec::new, |rows| {
            rows.iter().map(|r| week[*r] as u32).collect()
        })
    }

    /// The date of each of `weeks`, as written in the table; empty when it has no dates.
    pub fn dates(&self) -> Vec<&'a str> {
        let Some(date) = self.table.text("date") else {
            return Vec::new();
        };
        let longest = self.runs.values().max_by_key(|rows| rows.len());
        longest.map_or_else(Vec::new, |rows| rows.iter().map(|r| date.get(*r)).collect())
    }

    /// One series per run of a policy, in order of draw, then luck.
    pub fn series(&self, policy: &str, outcome: &str) -> Vec<Series> {
        let place = self.policies.iter().position(|name| name == policy);
        let values = self.table.numbers(outcome);
        let (Some(place), Some(values), Some(week)) = (place, values, self.table.counts("week"))
        else {
            return Vec::new();
        };
        self.runs
            .range((place, 0, 0)..=(place, u32::MAX, u32::MAX))
            .map(|((_, draw, luck), rows)| Series {
                draw: *draw,
                luck: *luck,
                first_week: rows.first().map_or(0, |row| week[*row] as u32),
                values: rows.iter().map(|row| values[*row]).collect(),
            })
            .collect()
    }
}
