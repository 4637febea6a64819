//! What the scenario's author expects, judged on paired draws.
//!
//! An outcome is averaged over a window of weeks, with and without what the expectation is
//! about, on the same draw and luck. A draw agrees when its change has the expected sign. The
//! expectation holds when a stated share of the draws agrees, and the median change has the
//! sign and, where one is given, the size.

use super::effects::{pairs, relative};
use crate::results::panel::Series;
use crate::results::summary::quantile;

/// What the outcome is expected to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Rises,
    Falls,
    Unchanged,
}

/// What the outcome is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    Policy(String),
    WithoutShock(String),
    WithoutAllShocks,
}

/// One assertion of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    pub name: String,
    /// Column of the weekly table.
    pub outcome: String,
    /// Policy under which it is expected; the report's reference when absent.
    pub policy: Option<String>,
    pub against: Against,
    pub from_week: u32,
    pub to_week: u32,
    pub sign: Sign,
    /// Smallest relative size of the median change, as a share of the control.
    pub at_least_share: Option<f64>,
    /// Largest relative size of the median change. For `Unchanged` also the largest change
    /// of a draw that still counts as none (0 when absent: equal to the bit).
    pub at_most_share: Option<f64>,
    /// Share of draws that must agree.
    pub agreeing_share: f64,
}

/// The judgement of one expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub held: bool,
    /// Median over draws of the change ÷ |control|.
    pub median_relative_share: f64,
    pub agreeing_draws: usize,
    pub draws: usize,
}

impl Expectation {
    /// Judges runs with (`treated`) against runs without (`control`), paired by draw and luck.
    pub fn judge(&self, treated: &[Series], control: &[Series]) -> Verdict {
        let mut changes: Vec<f64> = pairs(treated, control, self.from_week, self.to_week)
            .into_iter()
            .map(|(with, without)| relative(with, without))
            .collect();
        changes.sort_by(f64::total_cmp);
        let agreeing = changes
            .iter()
            .filter(|change| self.agrees(**change))
            .count();
        let median = quantile(&changes, 0.5);
        let enough = agreeing as f64 >= self.agreeing_share * changes.len() as f64;
        Verdict {
            held: !changes.is_empty() && enough && self.agrees(median) && self.has_size(median),
            median_relative_share: median,
            agreeing_draws: agreeing,
            draws: changes.len(),
        }
    }

    fn agrees(&self, change: f64) -> bool {
        match self.sign {
            Sign::Rises => change > 0.0,
            Sign::Falls => change < 0.0,
            Sign::Unchanged => change.abs() <= self.at_most_share.unwrap_or(0.0),
        }
    }

    fn has_size(&self, median: f64) -> bool {
        let size = median.abs();
        self.at_least_share.is_none_or(|least| size >= least)
            && self.at_most_share.is_none_or(|most| size <= most)
    }

    /// The assertion in words.
    pub fn statement(&self) -> String {
        let sign = match self.sign {
            Sign::Rises => "rises",
            Sign::Falls => "falls",
            Sign::Unchanged => "stays unchanged",
        };
        let size = match (self.at_least_share, self.at_most_share) {
            (None, None) => String::new(),
            (Some(least), None) => format!(" by at least {}", percent(least)),
            (None, Some(most)) => format!(" by at most {}", percent(most)),
            (Some(least), Some(most)) => format!(" by {} to {}", percent(least), percent(most)),
        };
        let against = match &self.against {
            Against::Policy(name) => format!("against policy {name}"),
            Against::WithoutShock(name) => format!("against the same draws without {name}"),
            Against::WithoutAllShocks => "against the same draws without any shock".to_string(),
        };
        let Expectation {
            outcome,
            from_week,
            to_week,
            ..
        } = self;
        format!("{outcome} {sign}{size} in weeks {from_week} to {to_week}, {against}")
    }
}

impl Verdict {
    /// What was found, in words.
    pub fn finding(&self) -> String {
        if self.draws == 0 {
            return "no draw could be paired: the outcome or the window is missing".to_string();
        }
        let Verdict {
            agreeing_draws,
            draws,
            ..
        } = self;
        // Where there was nothing, a change has no relative size.
        let median = if self.median_relative_share.is_finite() {
            format!("median change {}", percent(self.median_relative_share))
        } else {
            "a change from zero".to_string()
        };
        format!("{median}, {agreeing_draws} of {draws} draws agree")
    }
}

/// A share as a signed percentage with at most two decimals; small changes keep two digits.
fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value != 0.0 && value.abs() < 0.01 {
        format!("{value:.1e} %")
    } else {
        format!("{value:.2} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(levels: &[f64]) -> Vec<Series> {
        let one = |(draw, level): (usize, &f64)| Series {
            draw: draw as u32,
            luck: 0,
            first_week: 0,
            values: (0..20)
                .map(|week| if week < 10 { 1.0 } else { *level })
                .collect(),
        };
        levels.iter().enumerate().map(one).collect()
    }

    fn rises() -> Expectation {
        Expectation {
            name: "scarcity".to_string(),
            outcome: "h100e_price_usd_per_h".to_string(),
            policy: None,
            against: Against::WithoutShock("hbm_shortage".to_string()),
            from_week: 10,
            to_week: 19,
            sign: Sign::Rises,
            at_least_share: Some(0.05),
            at_most_share: None,
            agreeing_share: 0.8,
        }
    }

    #[test]
    fn holds_only_when_median_and_share_of_draws_agree() {
        let control = runs(&[2.0; 5]);
        assert!(
            rises()
                .judge(&runs(&[2.2, 2.2, 2.2, 2.2, 1.0]), &control)
                .held
        );
        assert!(
            !rises()
                .judge(&runs(&[2.2, 2.2, 2.2, 1.0, 1.0]), &control)
                .held
        );
        let verdict = rises().judge(&runs(&[2.05; 5]), &control);
        assert!(!verdict.held && verdict.agreeing_draws == 5, "too small");
        let capped = Expectation {
            at_most_share: Some(0.08),
            ..rises()
        };
        assert!(!capped.judge(&runs(&[2.2; 5]), &control).held, "too large");
    }

    #[test]
    fn fails_when_the_shock_is_removed_or_the_window_is_wrong() {
        let control = runs(&[2.0; 5]);
        assert!(!rises().judge(&control, &control).held);
        let falls = Expectation {
            sign: Sign::Falls,
            at_least_share: None,
            ..rises()
        };
        assert!(!falls.judge(&control, &control).held);
        let early = Expectation {
            from_week: 0,
            to_week: 9,
            ..rises()
        };
        assert!(!early.judge(&runs(&[3.0; 5]), &control).held);
        let outside = Expectation {
            from_week: 40,
            to_week: 50,
            ..rises()
        };
        let verdict = outside.judge(&runs(&[3.0; 5]), &control);
        assert!(!verdict.held && verdict.draws == 0);
    }

    #[test]
    fn unchanged_means_equal_unless_a_size_is_given() {
        let control = runs(&[2.0; 3]);
        let strict = Expectation {
            sign: Sign::Unchanged,
            at_least_share: None,
            ..rises()
        };
        assert!(strict.judge(&control, &control).held);
        let near = runs(&[2.0 + 1e-12; 3]);
        assert!(!strict.judge(&near, &control).held);
        let loose = Expectation {
            at_most_share: Some(0.01),
            ..strict
        };
        assert!(loose.judge(&near, &control).held);
    }
}
