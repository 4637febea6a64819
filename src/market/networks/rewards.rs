//! From a week's new tokens to what each kind of device is credited, expects and must lock.

use super::{Network, Rules, verification};
use crate::kernels::math;
use crate::market::ids::{HardwareId, Table};
use crate::market::model::{WEEK_H, YEAR_WEEKS};
use crate::scenario::types::{FloorBound, RewardBasis, ScoreWeights};

/// Keeps the sum of floored products below the pool whatever the rounding of the sweep: it
/// multiplies reliability in single precision, twice.
const SAFE_SHARE: f64 = 1.0 - 1.0 / 4_194_304.0;
/// The sweep sums reliable devices in units of 2^−16, so a row's may be short by half a unit; a
/// row is at least one device.
const SUM_ERROR: f64 = 1.0 / 131_072.0;
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
    /// Of the devices, those online elsewhere that list idle hours here.
    pub second_devices: Table<HardwareId, f64>,
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
            second_devices: zero(),
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
fn pool_share(rules: &Rules, network: &Network, served: &Served, kind: HardwareId) -> f64 {
    let rewards = &rules.facts.rewards;
    let found = match rewards.basis {
        RewardBasis::Availability | RewardBasis::Coverage => None,
        RewardBasis::Work => part_of(&served.sold_usd, kind),
        RewardBasis::Stake => {
            let stakes = &network.terms.stake_quanta_per_device;
            let staked = |kind| stakes[kind] * served.reliable_devices[kind];
            let all: f64 = served.reliable_devices.ids().map(staked).sum();
            (all > 0.0).then(|| staked(kind) / all)
        }
        RewardBasis::Score => {
            (rewards.score.as_ref()).and_then(|weights| score(weights, rules, served, kind))
        }
    };
    found.unwrap_or_else(|| by_weight(rules, served, kind).unwrap_or(0.0))
}

/// A kind's part of a column; none where the column is empty.
fn part_of(column: &Table<HardwareId, f64>, kind: HardwareId) -> Option<f64> {
    let all: f64 = column.values().iter().sum();
    (all > 0.0).then(|| column[kind] / all)
}

fn by_weight(rules: &Rules, served: &Served, kind: HardwareId) -> Option<f64> {
    let weight = served.weight(rules);
    (weight > 0.0).then(|| rules.weight[kind] * served.reliable_devices[kind] / weight)
}

/// A weighted mix of parts (M23); a part that nobody has earned counts for nobody.
fn score(weights: &ScoreWeights, rules: &Rules, served: &Served, kind: HardwareId) -> Option<f64> {
    let parts = [
        (weights.earned, part_of(&served.sold_usd, kind)),
        (weights.hours, part_of(&served.sold_h, kind)),
        (weights.speed, by_weight(rules, served, kind)),
        (weights.uptime, part_of(&served.reliable_devices, kind)),
    ];
    let (mut sum, mut all) = (0.0, 0.0);
    for (weight, part) in parts {
        if let Some(part) = part {
            sum += weight * part;
            all += weight;
        }
    }
    (all > 0.0).then(|| sum / all)
}

/// Share of the pool that is paid: a map is covered by 1 − exp(−devices ÷ devices that cover it),
/// so that a crowd earns less for each.
fn covered_share(rules: &Rules, served: &Served) -> f64 {
    let rewards = &rules.facts.rewards;
    match (rewards.basis, rewards.coverage_devices) {
        (RewardBasis::Coverage, Some(devices)) => {
            let online: f64 = served.reliable_devices.values().iter().sum();
            -math::exp_m1(-online / devices)
        }
        _ => 1.0,
    }
}

/// Writes next week's terms from the tokens that wait for providers.
pub fn write_terms(rules: &Rules, network: &mut Network, served: &Served) {
    let pool_quanta = network.rewards_units.max(0) / rules.quantum_units;
    let pool = pool_quanta as f64 * SAFE_SHARE * covered_share(rules, served);
    let usd_per_quantum = network.quantum_tokens * network.token_price_usd;
    let mut company = served.weight(rules);
    for kind in rules.weight.ids() {
        company += COMPANY_SHARE * rules.weight[kind] * rules.reach_devices[kind];
    }
    let (weight, programme_usd) = (served.weight(rules), network.week.programme_usd);
    // All shares of one moment: stakes are rewritten below.
    let shares: Table<HardwareId, f64> = (rules.weight.ids())
        .map(|kind| pool_share(rules, network, served, kind))
        .collect();
    let pays: Table<HardwareId, Pay> = (rules.weight.ids())
        .map(|kind| Pay::of(rules, served, kind, (pool * shares[kind], pool / company)))
        .collect();
    let stakes: Table<HardwareId, f64> = (rules.weight.ids())
        .map(|kind| stake_usd(rules, network, kind, (pays[kind].expected, company)))
        .collect();
    let stake_factor = affordable_stake_factor(rules, network, &stakes);
    let facts = &rules.facts;
    for kind in rules.weight.ids() {
        let reliable = served.reliable_devices[kind];
        let share = shares[kind];
        let Pay { credit, expected } = pays[kind];
        let stake_usd = stakes[kind] * stake_factor;
        let terms = &mut network.terms;
        terms.credit_quanta_per_device[kind] = credit;
        terms.reward_usd_per_device_h[kind] = expected * usd_per_quantum / WEEK_H;
        if programme_usd > 0.0 && reliable > 0.0 {
            let share = rules.weight[kind] / weight;
            terms.reward_usd_per_device_h[kind] += programme_usd * share / WEEK_H;
        }
        let by_work = facts.rewards.basis == RewardBasis::Work && served.sold_h[kind] > 0.0;
        terms.work_reward_usd_per_h[kind] = if by_work {
            pool * share * usd_per_quantum / served.sold_h[kind]
        } else {
            0.0
        };
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
    // While a vault makes no credits, buyers pay providers in USD.
    let take = super::settlement::take_share(&facts.settlement);
    network.terms.take_rate_share = if network.week.halted > 0.0 { 0.0 } else { take };
}

/// Quanta of a week for a reliable device: what it is credited, and what a newcomer expects.
#[derive(Clone, Copy)]
struct Pay {
    credit: f64,
    expected: f64,
}

impl Pay {
    /// Of a kind's part of the pool, and of the pool for each unit of weight in company.
    fn of(
        rules: &Rules,
        served: &Served,
        kind: HardwareId,
        (part, per_weight): (f64, f64),
    ) -> Self {
        let reliable = served.reliable_devices[kind];
        if reliable > 0.0 {
            let credit = part / (reliable + SUM_ERROR * served.devices[kind]);
            return Self {
                credit,
                expected: credit,
            };
        }
        let expected = rules.weight[kind] * per_weight;
        Self {
            credit: 0.0,
            expected: if expected.is_finite() { expected } else { 0.0 },
        }
    }
}

/// Collateral that a protocol asks of a device: a value, or a pledge (M4) of days of its reward
/// and of the part of the locked supply that its share of the network's weight calls for.
fn stake_usd(
    rules: &Rules,
    network: &Network,
    kind: HardwareId,
    (week_quanta, company): (f64, f64),
) -> f64 {
    let Some(staking) = &rules.facts.staking else {
        return 0.0;
    };
    if !rules.accepts[kind] {
        return 0.0;
    }
    let Some(pledge) = &staking.pledge else {
        return staking.stake_usd_per_gpu * rules.chips_per_device[kind];
    };
    let part = if company > 0.0 {
        rules.weight[kind] / company
    } else {
        0.0
    };
    let reward = pledge.reward_days / 7.0 * week_quanta * network.quantum_tokens;
    let free = super::tokens(super::trade::circulating_units(network, 0));
    (reward + pledge.locked_supply_share * free * part) * network.token_price_usd
}

/// A protocol cannot ask for more collateral than its market holds: everyone who could join must
/// find his.
fn affordable_stake_factor(
    rules: &Rules,
    network: &Network,
    stakes: &Table<HardwareId, f64>,
) -> f64 {
    let asked = stakes.iter();
    let asked_usd: f64 = asked
        .map(|(kind, usd)| rules.reach_devices[kind] * usd)
        .sum();
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
