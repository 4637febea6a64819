//! Quantiles of the weekly outcomes over runs, by policy and week.
//!
//! Quantiles are of type 7 (linear between order statistics, as in R and NumPy). A band is
//! kept only where the runs carry it: a central band of level L needs n ≥ 10 / (1 − L) runs,
//! so that about ten lie outside it. What is not carried is missing (NaN, null in parquet),
//! never a guess.

use super::columns::{Data, Misfit, Table, Text};
use super::panel::{Panel, mean};

/// Columns of the summary: name, probability, level of the central band in percent.
pub const QUANTILES: [(&str, f64, u64); 7] = [
    ("p05", 0.05, 90),
    ("p10", 0.10, 80),
    ("p25", 0.25, 50),
    ("p50", 0.50, 0),
    ("p75", 0.75, 50),
    ("p90", 0.90, 80),
    ("p95", 0.95, 90),
];

/// Whether `runs` runs carry a central band of `level_percent`.
pub fn carries(runs: usize, level_percent: u64) -> bool {
    level_percent == 0 || runs as u64 * (100 - level_percent) >= 1000
}

/// Type-7 quantile of ascending values; NaN for none.
pub fn quantile(ascending: &[f64], probability: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = probability * last as f64;
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (ascending[below], ascending[above]);
    if low == high {
        low
    } else {
        low + (place - below as f64) * (high - low)
    }
}

/// Finite values in ascending order.
pub fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The table `summary`: policy, week, date, outcome, runs, mean and the quantiles.
pub fn summary(panel: &Panel) -> Result<Table, Misfit> {
    let (weeks, dates) = (panel.weeks(), panel.dates());
    let mut identity = [Text::default(), Text::default(), Text::default()];
    let (mut week_column, mut runs_column, mut means) = (Vec::new(), Vec::new(), Vec::new());
    let mut quantiles: [Vec<f64>; 7] = Default::default();
    for policy in panel.policies() {
        for outcome in panel.outcomes() {
            let series = panel.series(policy, outcome);
            for (place, week) in weeks.iter().enumerate() {
                let sorted = ascending(
                    series
                        .iter()
                        .filter_map(|run| run.values.get(place).copied()),
                );
                identity[0].push(policy);
                identity[1].push(dates.get(place).copied().unwrap_or_default());
                identity[2].push(outcome);
                week_column.push(i64::from(*week));
                runs_column.push(sorted.len() as i64);
                means.push(mean(&sorted));
                for ((_, probability, level), column) in QUANTILES.iter().zip(&mut quantiles) {
                    let carried = carries(sorted.len(), *level);
                    column.push(if carried {
                        quantile(&sorted, *probability)
                    } else {
                        f64::NAN
                    });
                }
            }
        }
    }
    let mut table = Table::new("summary");
    let [policies, dates, outcomes] = identity;
    table.push_column("policy", Data::Text(policies))?;
    table.push_column("week", Data::I64(week_column))?;
    table.push_column("date", Data::Text(dates))?;
    table.push_column("outcome", Data::Text(outcomes))?;
    table.push_column("runs", Data::I64(runs_column))?;
    table.push_column("mean", Data::F64(means))?;
    for ((name, ..), values) in QUANTILES.iter().zip(quantiles) {
        table.push_column(name, Data::F64(values))?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_type_seven() {
        // R: quantile(c(1, 2, 4, 8), c(.1, .25, .5, .9), type = 7) = 1.3 1.75 3.0 6.8
        let values = [1.0, 2.0, 4.0, 8.0];
        for (probability, expected) in [(0.1, 1.3), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8)] {
            assert!((quantile(&values, probability) - expected).abs() < 1e-12);
        }
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 1.0), 8.0);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[3.0], 0.9), 3.0);
    }

    #[test]
    fn bands_need_ten_runs_outside() {
        assert!(!carries(19, 50) && carries(20, 50));
        assert!(!carries(49, 80) && carries(50, 80));
        assert!(!carries(99, 90) && carries(100, 90));
        assert!(carries(1, 0));
    }

    fn weekly(runs: u32) -> Table {
        let mut all = Table::new("weekly");
        for draw in 0..runs {
            let mut table = Table::new("weekly");
            for week in 0..3_u32 {
                let row = [
                    ("week", week.into()),
                    ("date", "2025-11-03".into()),
                    ("price_usd", f64::from(draw * 10 + week).into()),
                ];
                table.push_row(&row).unwrap();
            }
            all.append(&table.stamped("none", draw, 0).unwrap())
                .unwrap();
        }
        all
    }

    #[test]
    fn what_the_runs_do_not_carry_is_missing() {
        let table = weekly(21);
        let summary = summary(&Panel::new(&table).unwrap()).unwrap();
        assert_eq!(summary.rows(), 3);
        assert_eq!(summary.numbers("p50").unwrap(), [100.0, 101.0, 102.0]);
        assert_eq!(summary.numbers("p25").unwrap(), [50.0, 51.0, 52.0]);
        assert_eq!(summary.numbers("mean").unwrap(), [100.0, 101.0, 102.0]);
        assert_eq!(summary.counts("runs").unwrap(), [21, 21, 21]);
        assert!(
            summary
                .numbers("p10")
                .unwrap()
                .iter()
                .all(|value| value.is_nan())
        );
    }
}
