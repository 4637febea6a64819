//! How likely a cheat is caught, and what checking costs (M25).
//!
//! A job that runs in k copies is caught unless every other copy is held by a colluder; when a
//! share f of devices cheats and they collude, p = check · (1 − f^(k−1)).

use crate::kernels::math;
use crate::scenario::types::{Sampling, Verification};

/// Chance that a week of faked work is noticed when a share of devices cheats.
pub fn detection_probability(rule: Option<&Verification>, cheating_share: f64) -> f64 {
    match rule {
        None => 0.0,
        Some(Verification::Redundancy(checks)) => {
            checks.check_share * seen_share(rule, cheating_share)
        }
        Some(Verification::Inspection(inspection)) => inspection.inspected_share,
        Some(Verification::Sampling(sampling)) => found_in_sample(sampling),
        Some(Verification::Optimistic(rule)) => rule.watched_share * rule.upheld_share,
        Some(Verification::TrustedHardware(rule)) => 1.0 - rule.breached_share,
        Some(Verification::ZeroKnowledge(_)) => 1.0,
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
        Some(Verification::Optimistic(rule)) => rule.upheld_share,
        // What attests itself falsely is not seen.
        Some(Verification::TrustedHardware(rule)) => 1.0 - rule.breached_share,
        Some(
            Verification::Inspection(_)
            | Verification::Sampling(_)
            | Verification::ZeroKnowledge(_),
        ) => 1.0,
    }
}

/// 1 − C(n−d, m)/C(n, m): a sample of m of n jobs holds at least one of the d faked.
fn found_in_sample(rule: &Sampling) -> f64 {
    let jobs = f64::from(rule.jobs);
    let faked = (jobs * rule.faked_share).round();
    let mut missed = 1.0;
    for drawn in 0..rule.checked.min(rule.jobs) {
        let left = jobs - f64::from(drawn);
        let honest = left - faked;
        missed *= if honest > 0.0 { honest / left } else { 0.0 };
        if missed <= 0.0 {
            break;
        }
    }
    1.0 - missed
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
        // A checked or watched job runs once more somewhere.
        Some(Verification::Sampling(rule)) => {
            let checked = f64::from(rule.checked.min(rule.jobs));
            1.0 / (1.0 + checked / f64::from(rule.jobs))
        }
        Some(Verification::Optimistic(rule)) => 1.0 / (1.0 + rule.watched_share),
        Some(Verification::TrustedHardware(rule)) => 1.0 / (1.0 + rule.overhead_share),
        Some(Verification::ZeroKnowledge(rule)) => 1.0 / (1.0 + rule.overhead_factor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::types::{
        Optimistic, Redundancy, TrustedHardware, Verification as V, ZeroKnowledge,
    };

    /// M25: 1 − C(n−d, m)/C(n, m), by hand for n = 10, d = 2, m = 3: 1 − 56/120.
    #[test]
    fn a_sample_finds_what_the_hypergeometric_says() {
        let rule = |checked| {
            let (jobs, faked_share) = (10, 0.2);
            V::Sampling(Sampling {
                jobs,
                checked,
                faked_share,
            })
        };
        let p = |checked| detection_probability(Some(&rule(checked)), 0.0);
        assert!((p(3) - (1.0 - 56.0 / 120.0)).abs() < 1e-15);
        assert_eq!((p(0), p(9), p(10)), (0.0, 1.0, 1.0));
        assert!((sellable_share(Some(&rule(3))) - 1.0 / 1.3).abs() < 1e-15);
    }

    #[test]
    fn proofs_and_enclaves_catch_and_cost_time() {
        let (watched_share, upheld_share) = (0.1, 0.8);
        let optimistic = V::Optimistic(Optimistic {
            watched_share,
            upheld_share,
        });
        assert!((detection_probability(Some(&optimistic), 0.3) - 0.08).abs() < 1e-15);
        let (overhead_share, breached_share) = (0.25, 0.01);
        let enclave = V::TrustedHardware(TrustedHardware {
            overhead_share,
            breached_share,
        });
        assert_eq!(detection_probability(Some(&enclave), 0.3), 0.99);
        assert_eq!(sellable_share(Some(&enclave)), 0.8);
        let proof = V::ZeroKnowledge(ZeroKnowledge {
            overhead_factor: 999.0,
        });
        assert_eq!(sellable_share(Some(&proof)), 1e-3);
        assert_eq!(detection_probability(Some(&proof), 0.9), 1.0);
    }

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
