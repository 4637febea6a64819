//! Filecoin's collateral and slashing (M3 to M5) in attoFIL, and the economics of checking work
//! (M25). Source of the former: builtin-actors, `actors/miner/src/{monies,policy}.rs`.

use super::Whole;
use super::filecoin::ATTO_PER_FIL;
use crate::kernels::math;

/// What a sector's pledge depends on; power in quality-adjusted bytes, money in attoFIL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pledge {
    pub sector_power: Whole,
    pub network_power: Whole,
    pub baseline_power: Whole,
    pub circulating: Whole,
    /// Expected reward of the sector over 20 days.
    pub base: Whole,
    /// Baseline formulation's weight in thousandths: 1000 before FIP-0081, 700 after its ramp.
    pub gamma: u64,
    /// GiB for which the pledge is at most one FIL: 32 on chain, 1 in mechafil.
    pub cap_gib: u64,
}

/// Initial pledge (M4).
pub fn initial_pledge(ask: &Pledge) -> Option<Whole> {
    let larger = |a: &Whole, b: &Whole| if a > b { a.clone() } else { b.clone() };
    let simple = larger(&ask.network_power, &ask.sector_power);
    let baseline = larger(&simple, &ask.baseline_power);
    if simple <= Whole::ZERO || ask.gamma > 1_000 || ask.cap_gib == 0 {
        return None;
    }
    let above = &ask.circulating * 3_u32 * &ask.sector_power;
    let part = |weight: u64, below: Whole| &above * weight / (below * 10_u32 * 1_000_u32);
    let added = part(ask.gamma, baseline) + part(1_000 - ask.gamma, simple);
    let base = larger(&ask.base, &Whole::from(1));
    let cap = Whole::from(ATTO_PER_FIL) / (Whole::from(ask.cap_gib) << 30_u32);
    let cap = cap * &ask.sector_power;
    let nominal = base + added;
    Some(if nominal < cap { nominal } else { cap })
}

/// Part of a reward that is locked for 180 days: three quarters.
pub fn locked_reward(reward: &Whole) -> Whole {
    reward * 3_u32 / 4_u32
}

/// Fee for ending a sector early; fault fee is the reward of 3.51 days.
pub fn termination_fee(pledge: &Whole, age_days: u64, fault_fee: &Whole) -> Whole {
    let full = pledge * 85_u32 / 1_000_u32;
    let aged = &full * age_days / 140_u32;
    let ramped = if aged < full { aged } else { full };
    let (a, b) = (pledge * 2_u32 / 100_u32, fault_fee * 105_u32 / 100_u32);
    let least = if a > b { a } else { b };
    if ramped > least { ramped } else { least }
}

/// Penalty for a consensus fault: five times a winner's reward.
pub fn consensus_fault(epoch_reward: &Whole) -> Whole {
    epoch_reward * 5_u32 / 5_u32
}

/// Chance that redundancy notices a cheat: 1 − f^(k−1) for copies k and colluding share f.
pub fn redundancy_detection(copies: u64, colluding_share: f64) -> f64 {
    if copies < 2 {
        return 0.0;
    }
    let others = i32::try_from(copies - 1).unwrap_or(i32::MAX);
    1.0 - math::powi(colluding_share, others)
}

/// Chance that `checked` of `jobs` contain at least one of `bad`: 1 − C(n−d, m)/C(n, m).
pub fn sampling_detection(jobs: u64, checked: u64, bad: u64) -> f64 {
    let (mut missed, mut left, mut good) = (1.0, jobs, jobs.saturating_sub(bad));
    for _ in 0..checked {
        if good == 0 || left == 0 {
            return if bad == 0 { 0.0 } else { 1.0 };
        }
        missed *= good as f64 / left as f64;
        (left, good) = (left - 1, good - 1);
    }
    1.0 - missed
}

/// Stake above which cheating does not pay: Δc/p − R.
pub fn slash_threshold(saved_cost: f64, detection: f64, reward: f64) -> f64 {
    saved_cost / detection - reward
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(n: u64) -> Whole {
        Whole::from(n)
    }

    #[test]
    fn the_pledge_is_capped_and_the_two_caps_differ_by_32() {
        let ask = Pledge {
            sector_power: of(1 << 35),
            network_power: of(1 << 60),
            baseline_power: of(1 << 61),
            circulating: of(1) * ATTO_PER_FIL * 500_000_000_u32,
            base: of(1) * ATTO_PER_FIL * 50_u32,
            gamma: 1_000,
            cap_gib: 32,
        };
        let chain = initial_pledge(&ask).unwrap();
        let peer = initial_pledge(&Pledge {
            cap_gib: 1,
            ..ask.clone()
        })
        .unwrap();
        // On chain the cap per byte is floored: a little less than one FIL for 32 GiB.
        assert!(chain < of(1) * ATTO_PER_FIL && chain > of(999_999_984) * 1_000_000_000_u64);
        assert!(peer > &chain * 31_u32 && peer < &chain * 33_u32);
        let open = Pledge {
            base: of(1),
            cap_gib: 1,
            ..ask
        };
        // 0.3 · 5e8 FIL · 2^35/2^61 = 2.2352 FIL.
        let added = initial_pledge(&open).unwrap() / 1_000_000_000_000_u64;
        assert_eq!(added, of(2_235_174));
        let mixed = initial_pledge(&Pledge { gamma: 700, ..open }).unwrap();
        assert_eq!(mixed / 1_000_000_000_000_u64, of(2_905_726));
    }

    #[test]
    fn fees_grow_with_age_up_to_their_cap() {
        assert_eq!(termination_fee(&of(1_000), 70, &of(0)), of(42));
        assert_eq!(termination_fee(&of(1_000), 140, &of(0)), of(85));
        assert_eq!(termination_fee(&of(1_000), 900, &of(0)), of(85));
        assert_eq!(termination_fee(&of(1_000), 1, &of(0)), of(20));
        assert_eq!(termination_fee(&of(1_000), 1, &of(100)), of(105));
        assert_eq!(locked_reward(&of(7)), of(5));
    }

    #[test]
    fn checking_finds_what_combinatorics_says() {
        // 1 − C(8, 3)/C(10, 3) = 1 − 56/120.
        assert!((sampling_detection(10, 3, 2) - 64.0 / 120.0).abs() < 1e-15);
        assert_eq!(sampling_detection(10, 9, 2), 1.0);
        assert_eq!(sampling_detection(10, 10, 0), 0.0);
        assert_eq!(redundancy_detection(3, 0.1), 1.0 - 0.1 * 0.1);
        assert_eq!(redundancy_detection(1, 0.0), 0.0);
        assert_eq!(slash_threshold(0.2, 0.1, 0.5), 1.5);
    }
}
