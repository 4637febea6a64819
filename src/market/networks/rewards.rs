//! From a week's new tokens to what each kind of device is credited, expects and must lock.

use super::{Network, Rules, verification};
use crate::market::ids::{HardwareId, Table};
use crate::market::model::{WEEK_H, YEAR_WEEKS};
use crate::scenario::types::{FloorBound, RewardBasis};

/// Keeps the sum of floored products below the pool whatever their rounding.
const SAFE_SHARE: f64 = 1.0 - 1e-12;
/// Newcomers expect to share an empty pool with this share of those who could join.
const COMPANY_SHARE: f64 = 1e-3;
/// Largest share of holders' tokens that collateral can call for at once.
const CALLABLE_SHARE: f64 = 0.9;

/// Who served a network in a week, by hardware.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Served {
    pub devices: Table<HardwareId, f64>,
    /// Devices × the share of promised hours they deliver.
    pub reliable_devices: Table<HardwareId, f64>,
    pub cheating_devices: Table<HardwareId, f64>,
    /// Device-hours that buyers paid for.
    pub sold_h: Table<HardwareId, f64>,
    /// What buyers paid for them.
    pub sold_usd: Table<HardwareId, f64>,
}

impl Served {
    pub fn nobody(kinds: usize) -> Self {
        let zero = || Table::filled(kinds, 0.0);
        Self {
            devices: zero(),
            reliable_devices: zero(),
            cheating_devices: zero(),
            sold_h: zero(),
            sold_usd: zero(),
        }
    }

    /// Share of reliable devices that fake their work.
    pub fn cheating_share(&self) -> f64 {
        let all: f64 = self.devices.values().iter().sum();
        let cheating: f64 = self.cheating_devices.values().iter().sum();
        if all > 0.0 { cheating / all } else { 0.0 }
    }

    /// Reliable devices by weight.
    pub fn weight(&self, rules: &Rules) -> f64 {
        let pairs = rules.weight.iter();
        pairs
            .map(|(id, weight)| weight * self.reliable_devices[id])
            .sum()
    }
}

/// Share of the provider pool that falls to each kind of hardware.
fn pool_share(rules: &Rules, served: &Served, kind: HardwareId) -> f64 {
    let by_work = rules.facts.rewards.basis == RewardBasis::Work;
    let sold: f64 = served.sold_usd.values().iter().sum();
    if by_work && sold > 0.0 {
        return served.sold_usd[kind] / sold;
    }
    let weight = served.weight(rules);
    if weight > 0.0 {
        rules.weight[kind] * served.reliable_devices[kind] / weight
    } else {
        0.0
    }
}

/// Writes next week's terms from the tokens that wait for providers.
pub fn write_terms(rules: &Rules, network: &mut Network, served: &Served) {
    let pool_quanta = network.rewards_units.max(0) / rules.quantum_units;
    let pool = pool_quanta as f64 * SAFE_SHARE;
    let usd_per_quantum = network.quantum_tokens * network.token_price_usd;
    let mut company = served.weight(rules);
    for kind in rules.weight.ids() {
        company += COMPANY_SHARE * rules.weight[kind] * rules.reach_devices[kind];
    }
    let stake_factor = affordable_stake_factor(rules, network);
    let facts = &rules.facts;
    for kind in rules.weight.ids() {
        let reliable = served.reliable_devices[kind];
        let share = pool_share(rules, served, kind);
        let credit = if reliable > 0.0 {
            pool * share / reliable
        } else {
            0.0
        };
        let expected = if reliable > 0.0 {
            credit
        } else if company > 0.0 {
            pool * rules.weight[kind] / company
        } else {
            0.0
        };
        let terms = &mut network.terms;
        terms.credit_quanta_per_device[kind] = credit;
        terms.reward_usd_per_device_h[kind] = expected * usd_per_quantum / WEEK_H;
        let by_work = facts.rewards.basis == RewardBasis::Work && served.sold_h[kind] > 0.0;
        terms.work_reward_usd_per_h[kind] = if by_work {
            pool * share * usd_per_quantum / served.sold_h[kind]
        } else {
            0.0
        };
        let stake_usd = (facts.staking.as_ref()).map_or(0.0, |rule| rule.stake_usd_per_gpu)
            * f64::from(u8::from(rules.accepts[kind]))
            * rules.chips_per_device[kind]
            * stake_factor;
        terms.stake_quanta_per_device[kind] = (stake_usd / usd_per_quantum).floor();
        let year_h = YEAR_WEEKS * WEEK_H;
        terms.stake_cost_usd_per_h[kind] = stake_usd * rules.price.discount_rate_per_year / year_h;
        // A check falls once a week: per hour a cheat risks a week's part of what he would lose.
        terms.stake_at_risk_usd_per_h[kind] = stake_usd * terms.slash_share / WEEK_H;
    }
    let check = facts.verification.as_ref();
    network.terms.detection_probability =
        verification::detection_probability(check, network.cheating_share);
    network.terms.quality_share = network.trust_share;
}

/// A protocol cannot ask for more collateral than its market holds.
fn affordable_stake_factor(rules: &Rules, network: &Network) -> f64 {
    let Some(staking) = &rules.facts.staking else {
        return 0.0;
    };
    let mut gpus = 0.0;
    for (kind, accepted) in rules.accepts.iter() {
        if *accepted {
            gpus += rules.reach_devices[kind] * rules.chips_per_device[kind];
        }
    }
    let asked_usd = gpus * staking.stake_usd_per_gpu;
    let held_usd = super::tokens(network.holders_units) * network.token_price_usd;
    let most_usd = CALLABLE_SHARE * held_usd;
    if asked_usd <= most_usd {
        1.0
    } else if most_usd > 0.0 {
        most_usd / asked_usd
    } else {
        0.0
    }
}

/// Terms before anyone has served: every column at its width.
pub fn blank_terms(rules: &Rules) -> super::NetworkTerms {
    let kinds = rules.weight.len();
    let zero = || Table::filled(kinds, 0.0);
    let facts = &rules.facts;
    super::NetworkTerms {
        reward_usd_per_device_h: zero(),
        work_reward_usd_per_h: zero(),
        credit_quanta_per_device: zero(),
        stake_quanta_per_device: zero(),
        stake_cost_usd_per_h: zero(),
        stake_at_risk_usd_per_h: zero(),
        sell_share: rules.sell_share,
        take_rate_share: super::settlement::take_share(&facts.settlement),
        detection_probability: verification::detection_probability(
            facts.verification.as_ref(),
            0.0,
        ),
        slash_share: (facts.staking.as_ref()).map_or(0.0, |rule| rule.slash_share),
        sellable_share: verification::sellable_share(facts.verification.as_ref()),
        quality_share: 1.0,
    }
}

/// What providers earn before a floor, and what a floor may draw on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Income {
    pub scheduled_units: i128,
    pub paid_usd: f64,
    /// Recent burns that re-emission has not used.
    pub burn_budget_units: i128,
}

/// Extra tokens that lift the income of a device of mean speed to the floor, in base units.
///
/// Income is what a weighted device-hour earns in USD and in scheduled tokens. The limit keeps
/// a collapsing price from minting without bound.
pub fn floor_top_up_units(
    rules: &Rules,
    network: &Network,
    served: &Served,
    income: &Income,
) -> i128 {
    let Some(floor) = &rules.facts.rewards.usd_floor else {
        return 0;
    };
    let by_work = rules.facts.rewards.basis == RewardBasis::Work;
    let hours = if by_work {
        let pairs = rules.weight.iter();
        pairs
            .map(|(kind, weight)| weight * served.sold_h[kind])
            .sum()
    } else {
        served.weight(rules) * WEEK_H
    };
    let price = network.token_price_usd;
    let scheduled = super::tokens(income.scheduled_units);
    let short_usd = floor.usd_per_gpu_h * hours - income.paid_usd - scheduled * price;
    if short_usd <= 0.0 {
        return 0;
    }
    let limit = match floor.bound {
        FloorBound::Schedule => scheduled * floor.limit_factor,
        FloorBound::Burn => super::tokens(income.burn_budget_units),
    };
    let wanted = short_usd / price;
    super::units(if wanted < limit { wanted } else { limit })
}
