//! How likely a cheat is caught, and what checking costs (M25).
//!
//! A job that runs in k copies is caught unless every other copy is held by a colluder; when a
//! share f of devices cheats and they collude, p = check · (1 − f^(k−1)).

use crate::kernels::math;
use crate::scenario::types::Verification;

/// Chance that a week of faked work is noticed when a share of devices cheats.
pub fn detection_probability(rule: Option<&Verification>, cheating_share: f64) -> f64 {
    match rule {
        None => 0.0,
        Some(Verification::Redundancy(checks)) => {
            checks.check_share * seen_share(rule, cheating_share)
        }
        Some(Verification::Inspection(inspection)) => inspection.inspected_share,
    }
}

/// Share of faked jobs that a check, when made, reveals.
pub fn seen_share(rule: Option<&Verification>, cheating_share: f64) -> f64 {
    match rule {
        None => 0.0,
        Some(Verification::Redundancy(rule)) => {
            let others = rule.copies.saturating_sub(1).min(1_000) as i32;
            1.0 - math::powi(cheating_share, others)
        }
        Some(Verification::Inspection(_)) => 1.0,
    }
}

/// Share of device-hours that is left for buyers when checked jobs run several times.
pub fn sellable_share(rule: Option<&Verification>) -> f64 {
    match rule {
        None => 1.0,
        Some(Verification::Redundancy(rule)) => {
            let extra = f64::from(rule.copies.saturating_sub(1));
            1.0 / (1.0 + rule.check_share * extra)
        }
        Some(Verification::Inspection(_)) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::types::Redundancy;

    #[test]
    fn copies_and_checks_catch_and_cost_and_collusion_hides() {
        let rule = |copies, check_share| {
            Verification::Redundancy(Redundancy {
                copies,
                check_share,
            })
        };
        let p = |rule: &Verification, f| detection_probability(Some(rule), f);
        assert_eq!(p(&rule(1, 0.5), 0.2), 0.0);
        assert!((p(&rule(2, 0.1), 0.2) - 0.08).abs() < 1e-15);
        assert!(p(&rule(3, 0.1), 0.2) > p(&rule(2, 0.1), 0.2));
        assert!(p(&rule(3, 0.1), 0.9) < p(&rule(3, 0.1), 0.2));
        assert_eq!(p(&rule(2, 0.1), 1.0), 0.0);
        assert_eq!(sellable_share(Some(&rule(2, 0.25))), 0.8);
        assert_eq!(sellable_share(None), 1.0);
    }
}
