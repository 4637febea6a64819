//! What a policy changes: differences to the reference on the same draw and luck.
//!
//! Lucks of a draw are averaged first, so a pair is a draw. The interval is paired Student t
//! at 95 %. `agreeing` counts the draws whose difference has the sign of the mean; `needed`
//! says how many draws would tell the difference from zero.

use super::student;
use crate::results::columns::{Data, Misfit, Table, Text};
use crate::results::panel::{Panel, Series, mean};
use crate::results::summary::{ascending, quantile};

/// Weeks `from..=to` over which an outcome is averaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub name: String,
    pub from_week: u32,
    pub to_week: u32,
}

/// A paired difference in one window, in units of the outcome unless named a share.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    pub treated_mean: f64,
    pub control_mean: f64,
    pub mean_difference: f64,
    pub median_difference: f64,
    /// Median of difference ÷ |control|.
    pub median_relative_share: f64,
    /// 95 % interval of the mean difference; NaN with fewer than two draws.
    pub low: f64,
    pub high: f64,
    pub draws: usize,
    pub agreeing_draws: usize,
    /// Draws at which the interval would leave out zero if mean and spread stayed; NaN when
    /// the mean difference is zero.
    pub needed_draws: f64,
}

impl Paired {
    /// Whether the interval leaves out zero.
    pub fn is_distinguishable(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// (treated, control) means of a window by draw, lucks averaged.
pub fn pairs(treated: &[Series], control: &[Series], from: u32, to: u32) -> Vec<(f64, f64)> {
    let mut found: Vec<(u32, f64, f64, f64)> = Vec::new();
    for run in treated {
        let same = |other: &&Series| (other.draw, other.luck) == (run.draw, run.luck);
        let Some(other) = control.iter().find(same) else {
            continue;
        };
        let (Some(with), Some(without)) = (run.mean(from, to), other.mean(from, to)) else {
            continue;
        };
        match found.last_mut() {
            Some(last) if last.0 == run.draw => {
                last.1 += with;
                last.2 += without;
                last.3 += 1.0;
            }
            _ => found.push((run.draw, with, without, 1.0)),
        }
    }
    found
        .into_iter()
        .map(|(_, with, without, lucks)| (with / lucks, without / lucks))
        .collect()
}

/// Difference ÷ |control|; infinite when only the control is zero, 0 when nothing differs.
pub fn relative(with: f64, without: f64) -> f64 {
    if with == without {
        0.0
    } else {
        (with - without) / without.abs()
    }
}

/// The paired difference; `None` when no draw can be paired. `factor` is the half-width
/// factor for a number of draws.
pub fn paired(pairs: &[(f64, f64)], factor: &mut Factors) -> Option<Paired> {
    if pairs.is_empty() {
        return None;
    }
    let draws = pairs.len();
    let differences: Vec<f64> = pairs.iter().map(|(with, without)| with - without).collect();
    let difference = mean(&differences);
    let mut squares = 0.0;
    for value in &differences {
        squares += (value - difference) * (value - difference);
    }
    let (mut half, mut needed) = (f64::NAN, f64::NAN);
    if draws > 1 {
        let deviation = (squares / (draws - 1) as f64).sqrt();
        half = factor.at(draws) * deviation / (draws as f64).sqrt();
        let ratio = half / difference;
        needed = (draws as f64 * ratio * ratio).ceil();
    }
    let agrees = |value: &&f64| difference != 0.0 && (**value > 0.0) == (difference > 0.0);
    let agreeing = differences
        .iter()
        .filter(|value| **value != 0.0)
        .filter(agrees)
        .count();
    let mut relatives: Vec<f64> = pairs.iter().map(|(a, b)| relative(*a, *b)).collect();
    relatives.sort_by(f64::total_cmp);
    let column = |pick: fn(&(f64, f64)) -> f64| pairs.iter().map(pick).collect::<Vec<f64>>();
    Some(Paired {
        treated_mean: mean(&column(|pair| pair.0)),
        control_mean: mean(&column(|pair| pair.1)),
        mean_difference: difference,
        median_difference: quantile(&ascending(differences.iter().copied()), 0.5),
        median_relative_share: quantile(&relatives, 0.5),
        low: difference - half,
        high: difference + half,
        draws,
        agreeing_draws: agreeing,
        needed_draws: if difference == 0.0 { f64::NAN } else { needed },
    })
}

/// Half-width factors of the 95 % interval, worked out once per number of draws.
#[derive(Default)]
pub struct Factors(Vec<(usize, f64)>);

impl Factors {
    pub fn at(&mut self, draws: usize) -> f64 {
        if let Some((_, factor)) = self.0.iter().find(|(known, _)| *known == draws) {
            return *factor;
        }
        let factor = student::two_sided((draws - 1).min(1_000_000) as u32, 0.95);
        self.0.push((draws, factor));
        factor
    }
}

/// Every 52 weeks, then all weeks.
pub fn windows(weeks: &[u32]) -> Vec<Window> {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else {
        return Vec::new();
    };
    let mut windows: Vec<Window> = weeks
        .chunks(52)
        .enumerate()
        .map(|(year, part)| Window {
            name: format!("year {}", year + 1),
            from_week: part[0],
            to_week: part[part.len() - 1],
        })
        .collect();
    windows.push(Window {
        name: "all".to_string(),
        from_week: *first,
        to_week: *last,
    });
    windows
}

/// The last 52 weeks, or all when there are fewer.
pub fn last_year(weeks: &[u32]) -> Option<Window> {
    let (first, last) = (*weeks.first()?, *weeks.last()?);
    let from_week = (last + 1).saturating_sub(52).max(first);
    Some(Window {
        name: "last 52 weeks".to_string(),
        from_week,
        to_week: last,
    })
}

/// The table `effects`: every policy against the reference, by outcome and window.
pub fn effects(panel: &Panel, reference: &str) -> Result<Table, Misfit> {
    let mut rows = EffectRows::default();
    let windows = windows(&panel.weeks());
    for outcome in panel.outcomes() {
        let control = panel.series(reference, outcome);
        for policy in panel.policies().iter().filter(|name| *name != reference) {
            let treated = panel.series(policy, outcome);
            for window in &windows {
                let pairs = pairs(&treated, &control, window.from_week, window.to_week);
                if let Some(found) = paired(&pairs, &mut rows.factors) {
                    rows.push([policy, reference, outcome, &window.name], window, &found);
                }
            }
        }
    }
    rows.table("effects", ["policy", "reference", "outcome", "window"])
}

/// Rows of paired differences with four labels each.
#[derive(Default)]
pub struct EffectRows {
    pub factors: Factors,
    labels: [Text; 4],
    counts: [Vec<i64>; 4],
    numbers: [Vec<f64>; 8],
}

impl EffectRows {
    pub fn len(&self) -> usize {
        self.labels[0].len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn push(&mut self, labels: [&str; 4], window: &Window, found: &Paired) {
        for (column, label) in self.labels.iter_mut().zip(labels) {
            column.push(label);
        }
        let counts = [
            i64::from(window.from_week),
            i64::from(window.to_week),
            found.draws as i64,
            found.agreeing_draws as i64,
        ];
        for (column, count) in self.counts.iter_mut().zip(counts) {
            column.push(count);
        }
        let numbers = [
            found.control_mean,
            found.treated_mean,
            found.mean_difference,
            found.low,
            found.high,
            found.median_difference,
            found.median_relative_share,
            found.needed_draws,
        ];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push(number);
        }
    }

    pub fn table(self, name: &str, labels: [&str; 4]) -> Result<Table, Misfit> {
        const COUNTS: [&str; 4] = ["from_week", "to_week", "draws", "agreeing_draws"];
        const NUMBERS: [&str; 8] = [
            "reference_mean",
            "policy_mean",
            "mean_difference",
            "low",
            "high",
            "median_difference",
            "median_relative_share",
            "needed_draws",
        ];
        let mut table = Table::new(name);
        for (name, column) in labels.iter().zip(self.labels) {
            table.push_column(name, Data::Text(column))?;
        }
        for (name, column) in COUNTS.iter().zip(self.counts) {
            table.push_column(name, Data::I64(column))?;
        }
        for (name, column) in NUMBERS.iter().zip(self.numbers) {
            table.push_column(name, Data::F64(column))?;
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(values: &[(u32, u32, f64)]) -> Vec<Series> {
        let one = |(draw, luck, value): &(u32, u32, f64)| Series {
            draw: *draw,
            luck: *luck,
            first_week: 0,
            values: vec![*value; 4],
        };
        values.iter().map(one).collect()
    }

    #[test]
    fn matches_a_paired_t_test_done_by_hand() {
        // Student's sleep data (1908), R: t.test(extra ~ group, paired = TRUE):
        // mean difference 1.58, 95 % interval 0.7001142 to 2.4598858.
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let pairs: Vec<(f64, f64)> = second.into_iter().zip(first).collect();
        let found = paired(&pairs, &mut Factors::default()).unwrap();
        assert!((found.mean_difference - 1.58).abs() < 1e-12);
        assert!((found.low - 0.7001142).abs() < 1e-6 && (found.high - 2.4598858).abs() < 1e-6);
        assert_eq!((found.draws, found.agreeing_draws), (10, 9));
        assert!(found.is_distinguishable());
    }

    #[test]
    fn pairs_meet_by_draw_and_lucks_are_averaged() {
        let treated = runs(&[(0, 0, 3.0), (0, 1, 5.0), (2, 0, 9.0), (7, 0, 1.0)]);
        let control = runs(&[(2, 0, 8.0), (0, 1, 1.0), (0, 0, 2.0)]);
        assert_eq!(pairs(&treated, &control, 0, 3), [(4.0, 1.5), (9.0, 8.0)]);
        assert!(pairs(&treated, &control, 10, 12).is_empty());
    }

    #[test]
    fn no_difference_is_no_effect() {
        let found = paired(&[(2.0, 2.0), (3.0, 3.0)], &mut Factors::default()).unwrap();
        assert_eq!((found.low, found.high, found.agreeing_draws), (0.0, 0.0, 0));
        assert!(!found.is_distinguishable() && found.needed_draws.is_nan());
    }

    #[test]
    fn windows_cover_every_week_once_and_all() {
        let weeks: Vec<u32> = (0..120).collect();
        let windows = windows(&weeks);
        let spans: Vec<(u32, u32)> = windows.iter().map(|w| (w.from_week, w.to_week)).collect();
        assert_eq!(spans, [(0, 51), (52, 103), (104, 119), (0, 119)]);
        assert_eq!(
            last_year(&weeks).map(|w| (w.from_week, w.to_week)),
            Some((68, 119))
        );
    }
}
