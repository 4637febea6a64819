//! Filecoin day by day (M2 to M4, M6): the closed form and the collateral of the peer model
//! mechafil 1.9, whose constants are named here, and the vesting of rewards as on chain.

use super::filecoin::{BASELINE_FIL, SIMPLE_FIL};
use crate::kernels::math;
use crate::scenario::Date;

/// Bytes of an EiB over 10^18.
const EXA_PER_EIB: f64 = 1_152_921_504_606_846_976_u64 as f64 / 1e18;
/// Baseline at the launch in exabytes, as mechafil fits it; the actors start at 2.888.
pub const FITTED_BASELINE_EB: f64 = 2.766_213_637_444_971;
const GIB_PER_EIB: f64 = 1_073_741_824.0;
/// FIL paid out of the mining reserve, part of what circulates.
pub const DISBURSED_FIL: f64 = 17_066_618.961_773_41;
/// Share of rewards that is locked, and days over which it is released.
const LOCKED_SHARE: f64 = 0.75;
const RELEASE_DAYS: f64 = 180.0;
/// Days of reward that the storage part of a pledge is worth.
const PLEDGE_DAYS: f64 = 20.0;

/// The first day of the main net.
pub fn launch() -> Option<Date> {
    Date::new(2020, 10, 15)
}

fn growth_per_day() -> f64 {
    std::f64::consts::LN_2 / 365.0
}

fn decay_per_day() -> f64 {
    std::f64::consts::LN_2 / (6.0 * 365.0)
}

/// Days since the launch at which the network's time stands, from cumulative capped power.
pub fn network_days(capped_eib_days: f64) -> f64 {
    let g = growth_per_day();
    math::ln_1p(g * capped_eib_days * EXA_PER_EIB / FITTED_BASELINE_EB) / g
}

/// Baseline `days` after the launch, EiB.
pub fn baseline_eib(days: f64) -> f64 {
    FITTED_BASELINE_EB / EXA_PER_EIB * math::exp(growth_per_day() * days)
}

/// Cumulative capped power of a network that always kept up with its baseline.
pub fn kept_up_eib_days(days: f64) -> f64 {
    let g = growth_per_day();
    math::exp_m1(g * days) / g * FITTED_BASELINE_EB / EXA_PER_EIB
}

/// FIL minted since the launch: `days` by the clock, `network_days` by the baseline.
pub fn minted_fil(days: f64, network_days: f64) -> f64 {
    let part = |days: f64| -math::exp_m1(-decay_per_day() * days);
    SIMPLE_FIL * part(days) + BASELINE_FIL * part(network_days)
}

/// What minting starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Days since the launch.
    pub days: i32,
    pub baseline_eib: f64,
    pub capped_eib_days: f64,
}

/// Baseline of each day, EiB, and FIL minted from the launch up to it.
pub fn minting(start: &Start, raw_eib: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut capped = start.capped_eib_days;
    let (mut baselines, mut totals) = (Vec::new(), Vec::new());
    for (day, raw) in raw_eib.iter().enumerate() {
        let baseline = start.baseline_eib * math::exp(growth_per_day() * day as f64);
        capped += if *raw < baseline { *raw } else { baseline };
        let days = f64::from(start.days) + day as f64;
        totals.push(minted_fil(days, network_days(capped)));
        baselines.push(baseline);
    }
    (baselines, totals)
}

/// Rules of the collateral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub lock_target_share: f64,
    pub duration_days: usize,
    pub pledge_cap_gib: f64,
}

/// One day: FIL, and quality-adjusted power in EiB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Day {
    pub reward: f64,
    pub circulating: f64,
    pub total_power: f64,
    pub baseline: f64,
    pub onboarded: f64,
    pub renewed: f64,
    pub renewal_share: f64,
    /// Pledge of sectors known at the start that ends today.
    pub scheduled_release: f64,
}

/// Locked rewards and pledge, FIL.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collateral {
    pub locked_reward: f64,
    /// Pledge locked on each day so far, for its release a sector's life later.
    locked_by_day: Vec<f64>,
}

/// What a day moves, FIL.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moves {
    pub locked_in: f64,
    pub released: f64,
    /// New pledge less released pledge.
    pub pledged: f64,
}

impl Rules {
    /// Pledge for `added` power: 20 days of its reward and its share of the lock target.
    fn pledge(&self, day: &Day, added: f64) -> f64 {
        if added <= 0.0 || day.total_power <= 0.0 {
            return 0.0;
        }
        let storage = PLEDGE_DAYS * day.reward * (added / day.total_power);
        let larger = if day.total_power > day.baseline {
            day.total_power
        } else {
            day.baseline
        };
        let consensus = self.lock_target_share * day.circulating * (added / larger);
        let consensus = if consensus > 0.0 { consensus } else { 0.0 };
        let cap = added * GIB_PER_EIB / self.pledge_cap_gib;
        let sum = storage + consensus;
        if sum < cap { sum } else { cap }
    }
}

impl Collateral {
    /// Collateral at the end of the first day.
    pub fn new(locked_reward: f64) -> Self {
        Self {
            locked_reward,
            locked_by_day: vec![0.0],
        }
    }

    /// The moves of the next day; the first day has none. Modelled sectors end once `known` days
    /// (whose endings are scheduled) and a sector's life have passed.
    pub fn pass(&mut self, rules: &Rules, day: &Day, known: usize) -> Moves {
        let number = self.locked_by_day.len();
        let mut ending = day.scheduled_release;
        if let Some(then) = number.checked_sub(rules.duration_days)
            && then >= known
        {
            ending += self.locked_by_day[then];
        }
        let added = rules.pledge(day, day.onboarded);
        let renewed = rules.pledge(day, day.renewed);
        let original = day.renewal_share * ending;
        let more = if renewed > original {
            renewed - original
        } else {
            0.0
        };
        self.locked_by_day.push(added + original + more);
        let moves = Moves {
            locked_in: LOCKED_SHARE * day.reward,
            released: self.locked_reward / RELEASE_DAYS,
            pledged: added + more - (ending - original),
        };
        self.locked_reward += moves.locked_in - moves.released;
        moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_keeps_up_mints_by_the_clock() {
        for days in [1.0, 78.0, 1_000.0] {
            let found = network_days(kept_up_eib_days(days));
            assert!((found - days).abs() < 1e-9, "{found}");
        }
        let all = minted_fil(1e9, 1e9);
        assert!((all - 1.1e9).abs() < 1e-3, "{all}");
        assert!((baseline_eib(0.0) * EXA_PER_EIB - FITTED_BASELINE_EB).abs() < 1e-12);
    }

    #[test]
    fn rewards_lock_and_pledge_returns_after_a_sector_s_life() {
        let rules = Rules {
            lock_target_share: 0.3,
            duration_days: 3,
            pledge_cap_gib: 1.0,
        };
        let day = Day {
            reward: 100.0,
            circulating: 1e6,
            total_power: 10.0,
            baseline: 5.0,
            onboarded: 0.01,
            ..Day::default()
        };
        let mut collateral = Collateral::new(180.0);
        let first = collateral.pass(&rules, &day, 0);
        assert_eq!((first.locked_in, first.released), (75.0, 1.0));
        // 20 days · 100 · 0.001 + 0.3 · 10^6 · 0.001.
        assert!((first.pledged - 302.0).abs() < 1e-9, "{}", first.pledged);
        collateral.pass(&rules, &day, 0);
        collateral.pass(&rules, &day, 0);
        // What was pledged on the first modelled day comes back.
        let fourth = collateral.pass(&rules, &day, 0);
        assert!(fourth.pledged.abs() < 1e-9, "{}", fourth.pledged);
        let all = Day {
            renewal_share: 1.0,
            ..day
        };
        let fifth = collateral.pass(&rules, &all, 0);
        assert!((fifth.pledged - 302.0).abs() < 1e-9, "{}", fifth.pledged);
    }
}
