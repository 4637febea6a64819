//! Series of the scenario as weekly values: straight lines between dates, growth after the last.

use super::model::YEAR_WEEKS;
use crate::kernels::math;
use crate::scenario::{Date, Series};

/// Weeks that are looked ahead beyond the horizon: fifteen years, longer than anybody waits for
/// power and halls. What is planned must not hang on where the run ends.
const AHEAD_WEEKS: usize = 783;

/// One value a week from the start of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    weekly: Vec<f64>,
    /// Week in which the calendar year of the last given date ends.
    pub covered_week: f64,
}

impl Schedule {
    /// `series` from `start`, growing by `growth_per_year` after its last date.
    pub fn new(series: &Series, start: Date, weeks: u32, growth_per_year: f64) -> Self {
        let points: Vec<(f64, f64)> = (series.points.iter())
            .map(|&(date, value)| (f64::from(date.days_since(start)) / 7.0, value))
            .collect();
        let Some(&(last_week, last)) = points.last() else {
            return Self::default();
        };
        let year = series.points.last().map_or(start, |point| point.0).year();
        let new_year = Date::new(year + 1, 1, 1).map_or(0, |day| day.days_since(start));
        let log_growth = math::ln(1.0 + growth_per_year) / YEAR_WEEKS;
        let value = |week: f64| {
            if week >= last_week {
                return last * math::exp(log_growth * (week - last_week));
            }
            let after = points.partition_point(|point| point.0 <= week);
            if after == 0 {
                return points[0].1;
            }
            let ((from, low), (to, high)) = (points[after - 1], points[after]);
            low + (high - low) * (week - from) / (to - from)
        };
        let count = weeks as usize + AHEAD_WEEKS;
        let weekly = (0..count).map(|week| value(week as f64)).collect();
        Self {
            weekly,
            covered_week: f64::from(new_year) / 7.0,
        }
    }

    /// The value of a week; the last known one beyond the table, 0 for an empty series.
    pub fn at(&self, week: u32) -> f64 {
        let last = self.weekly.len().saturating_sub(1);
        let index = (week as usize).min(last);
        self.weekly.get(index).copied().unwrap_or(0.0)
    }
}

/// Present value of one unit a year for `years`, discounted continuously at `rate` a year.
pub fn annuity(rate: f64, years: f64) -> f64 {
    if rate.abs() < 1e-9 {
        years
    } else {
        (1.0 - math::exp(-rate * years)) / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> Date {
        Date::new(year, month, day).expect("a day of the calendar")
    }

    #[test]
    fn lines_between_dates_and_growth_after() {
        let series = Series {
            points: vec![(date(2025, 11, 3), 10.0), (date(2025, 12, 1), 30.0)],
        };
        let schedule = Schedule::new(&series, date(2025, 11, 3), 104, 1.0);
        assert_eq!(schedule.at(0), 10.0);
        assert_eq!(schedule.at(2), 20.0);
        assert_eq!(schedule.at(4), 30.0);
        let doubled = schedule.at(4 + 52) / 30.0;
        assert!((doubled - 2.0).abs() < 0.01, "{doubled}");
        let early = Schedule::new(&series, date(2025, 10, 6), 104, 0.0);
        assert_eq!(early.at(0), 10.0);
        assert_eq!(early.at(400), 30.0);
    }

    #[test]
    fn annuities() {
        assert_eq!(annuity(0.0, 3.0), 3.0);
        assert!((annuity(0.1, 1e6) - 10.0).abs() < 1e-9);
        assert!((annuity(-0.1, 1.0) - 1.0517).abs() < 1e-4);
    }
}
