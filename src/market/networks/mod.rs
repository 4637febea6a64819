//! Networks: verification, settlement, emission, staking and the token's own market.
//!
//! Tokens are counted in whole base units (10^−8 token). Providers' seats hold whole *quanta*
//! (a power of ten of base units, chosen so that every sum stays below 2^53 and is exact in
//! vector lanes). A week: `unlock` frees vested and unbonded tokens (arrivals), `take` books
//! what the providers' sweep credited, staked, sold and lost (supply), `settle` divides the
//! money of buyers, creates new tokens, and trades everything in one batch.

mod count;
pub mod emission;
pub mod exchange;
mod ledger;
mod open;
mod outlook;
mod reemission;
mod rewards;
mod settle;
pub mod settlement;
mod trade;
pub mod verification;

use super::ids::{HardwareId, NetworkId, Table};
use super::model::Compile;
use crate::scenario::types::{self, NetworkKind};
pub use ledger::Ledger;
pub use rewards::{Served, write_terms};
pub use settle::{open_terms, settle, unlock};

/// Base units of one token, for every network.
pub const UNITS_PER_TOKEN: f64 = 1e8;
/// Weeks of the unbonding ring.
pub const RING_WEEKS: usize = 521;

/// Whole base units of an amount of tokens.
pub fn units(tokens: f64) -> i128 {
    super::books::whole(tokens * UNITS_PER_TOKEN)
}

/// Tokens of an amount of base units.
pub fn tokens(units: i128) -> f64 {
    units as f64 / UNITS_PER_TOKEN
}

/// The networks as the scenario states them, ready for the week.
#[derive(Clone, Debug, Default)]
pub struct NetworkModels {
    pub networks: Table<NetworkId, Rules>,
    /// Memory of buyers' trust.
    pub trust_kept_per_week: f64,
}

/// One network's rules.
#[derive(Clone, Debug)]
pub struct Rules {
    pub name: String,
    /// What the scenario says.
    pub facts: types::Network,
    /// How its holders value the token.
    pub price: types::TokenPrice,
    /// The pool on the first day.
    pub pool: types::Liquidity,
    /// Share of a provider's free tokens that he sells each week.
    pub sell_share: f64,
    /// What the treasury spends.
    pub spend_usd_per_year: f64,
    pub accepts: Table<HardwareId, bool>,
    /// What a device's reward is proportional to; 0 where it may not join.
    pub weight: Table<HardwareId, f64>,
    /// Chips of a device: collateral is asked per chip.
    pub chips_per_device: Table<HardwareId, f64>,
    /// Every device that could ever join.
    pub reach_devices: Table<HardwareId, f64>,
    /// Base units of one quantum: a power of ten.
    pub quantum_units: i128,
    pub ledger: Ledger,
}

impl Rules {
    /// Whether its service trades in the compute market.
    pub fn sells_compute(&self) -> bool {
        matches!(self.facts.kind, NetworkKind::GpuPool | NetworkKind::Edge)
    }
    /// Tokens of one quantum.
    pub fn quantum_tokens(&self) -> f64 {
        self.quantum_units as f64 / UNITS_PER_TOKEN
    }
}

impl NetworkModels {
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        let scenario = compile.scenario;
        let names = compile.names;
        let mut networks = Table::default();
        for (index, name) in names.networks.iter().enumerate() {
            let facts = scenario.networks[name].clone();
            let ledger = Ledger::open(compile.accounts, NetworkId(index as u16));
            networks.push(rules(name, facts, scenario, names, ledger));
        }
        Self {
            networks,
            trust_kept_per_week: scenario.providers.behaviour.trust_kept_per_week,
        }
    }
}

fn rules(
    name: &str,
    facts: types::Network,
    scenario: &types::Scenario,
    names: &super::model::Names,
    ledger: Ledger,
) -> Rules {
    let kinds = || (names.hardware.iter()).map(|kind| (kind, &scenario.providers.hardware[kind]));
    let speed = |kind: &types::Hardware| scenario.chips.products[&kind.chip].bf16_tflops;
    let sells = matches!(facts.kind, NetworkKind::GpuPool | NetworkKind::Edge);
    let accepts: Table<HardwareId, bool> = kinds()
        .map(|(kind, _)| sells && facts.accepts.iter().any(|accepted| accepted == kind))
        .collect();
    // A chip of the network's mean opening speed weighs 1.
    let (mut chips, mut speeds) = (0.0, 0.0);
    for (name, kind) in kinds() {
        let online = facts.opening.devices.get(name).copied().unwrap_or(0.0);
        let count = (online + 1e-9) * f64::from(kind.chips_per_device);
        if facts.accepts.iter().any(|accepted| accepted == name) {
            chips += count;
            speeds += count * speed(kind);
        }
    }
    let mean = if speeds > 0.0 { speeds / chips } else { 1.0 };
    let exponent = facts.rewards.size_exponent;
    let weight = kinds()
        .zip(accepts.values())
        .map(|((_, kind), accepted)| {
            let relative = crate::kernels::math::pow(speed(kind) / mean, exponent);
            f64::from(u8::from(*accepted)) * f64::from(kind.chips_per_device) * relative
        })
        .collect();
    let market = &scenario.token_market;
    let opening = &facts.opening;
    let habit = types::Liquidity {
        pool_usd: market.pool_share * opening.total_tokens * opening.token_price_usd,
        fee_share: market.pool_fee_share,
    };
    let purse_usd = facts.treasury.tokens * opening.token_price_usd;
    let spend = market.treasury_spend_share_per_year * purse_usd;
    Rules {
        name: name.to_owned(),
        price: facts.price.clone().unwrap_or(market.price.clone()),
        pool: facts.liquidity.clone().unwrap_or(habit),
        sell_share: facts.rewards.sell_share.unwrap_or(market.sell_share),
        spend_usd_per_year: facts.treasury.spend_usd_per_year.unwrap_or(spend),
        quantum_units: quantum(facts.opening.total_tokens),
        weight,
        accepts,
        chips_per_device: kinds()
            .map(|(_, kind)| f64::from(kind.chips_per_device))
            .collect(),
        reach_devices: kinds()
            .map(|(_, kind)| kind.owned_devices + kind.prospective_devices)
            .collect(),
        facts,
        ledger,
    }
}

/// The smallest power of ten in which 64 times the opening supply stays below 2^53.
fn quantum(total_tokens: f64) -> i128 {
    let mut quantum: i128 = 1;
    while total_tokens * UNITS_PER_TOKEN / quantum as f64 * 64.0 > 9e15 {
        quantum *= 10;
    }
    quantum
}

/// What a provider meets when he considers a network this week.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NetworkTerms {
    /// Reward that a reliable device expects.
    pub reward_usd_per_device_h: Table<HardwareId, f64>,
    /// The part of it that depends on sold hours, per sold device-hour.
    pub work_reward_usd_per_h: Table<HardwareId, f64>,
    /// What the next sweep credits a reliable device for last week.
    pub credit_quanta_per_device: Table<HardwareId, f64>,
    pub stake_quanta_per_device: Table<HardwareId, f64>,
    /// Return forgone on the stake.
    pub stake_cost_usd_per_h: Table<HardwareId, f64>,
    /// Stake that a caught cheat loses, per hour of the week in which he may be caught.
    pub stake_at_risk_usd_per_h: Table<HardwareId, f64>,
    pub sell_share: f64,
    /// Share of the buyer's price that does not reach the provider in USD.
    pub take_rate_share: f64,
    pub detection_probability: f64,
    pub slash_share: f64,
    /// Share of device-hours left for buyers after checks.
    pub sellable_share: f64,
    /// Buyers' trust: memory of the share of work that was not fraud.
    pub quality_share: f64,
}

/// What one week of a network looked like, for the record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkWeek {
    pub emission_tokens: f64,
    /// New tokens for providers, at the batch price.
    pub provider_emission_usd: f64,
    pub burnt_tokens: f64,
    /// What buyers paid.
    pub gross_usd: f64,
    /// What accrued to the token or the treasury.
    pub fees_usd: f64,
    /// What providers sold.
    pub sold_tokens: f64,
    pub slashed_tokens: f64,
    pub circulating_tokens: f64,
    pub staked_tokens: f64,
    pub value_usd: f64,
    pub online_devices: f64,
    pub online_gpus: f64,
    pub sold_device_h: f64,
    /// Sold chip-hours that were not faked.
    pub verified_gpu_h: f64,
    pub reward_usd_per_device_h: f64,
    /// Devices online ÷ devices that could ever join.
    pub participation_share: f64,
    pub subsidy_usd_per_verified_gpu_h: f64,
    pub cheating_share: f64,
}

/// One network's state. Tokens in base units, money in micro-USD.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    pub token_price_usd: f64,
    /// Tokens of one quantum of a provider's seat.
    pub quantum_tokens: f64,
    pub holders_units: i128,
    /// Created or left over, not yet credited to providers.
    pub rewards_units: i128,
    /// Still locked, by vesting bucket in order of name.
    pub locked_units: Vec<i128>,
    pub treasury_units: i128,
    pub pool_units: i128,
    pub burnt_units: i128,
    pub minted_units: i128,
    /// The part of the minted that are burnt tokens created again.
    pub reemitted_units: i128,
    /// Filter of daily burns, and what of the burnt it has seen.
    pub smoothed_burn_units: i128,
    pub burnt_seen_units: i128,
    /// Collateral on its way out, by week of release (a ring).
    pub unbonding_units: Vec<i128>,
    /// Tokens brought to this week's batch; nothing is left after it.
    pub orders: Orders,
    pub pool_cash_micro_usd: i128,
    pub treasury_cash_micro_usd: i128,
    /// Money that could not be burnt yet.
    pub pending_burn_micro_usd: i128,
    /// Logarithm of the common factor as this token feels it.
    pub crypto_log: f64,
    /// Smoothed fees and burns.
    pub accrual_usd_per_week: f64,
    /// Value beyond discounted fees.
    pub premium_usd: f64,
    /// Devices online on the first day.
    pub first_devices: f64,
    pub trust_share: f64,
    pub cheating_share: f64,
    pub terms: NetworkTerms,
    pub week: NetworkWeek,
}

/// Who brought tokens to the batch, in base units; `needed` was handed out as collateral.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Orders {
    pub providers: i128,
    pub insiders: i128,
    pub treasury: i128,
    pub needed: i128,
}

impl Orders {
    /// What the orders account holds.
    pub fn net(&self) -> i128 {
        self.providers + self.insiders + self.treasury - self.needed
    }
}

/// All networks, and the purse of those who hold their tokens.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    pub networks: Table<NetworkId, Network>,
    /// Money that holders took out of tokens less what they put in, since the opening.
    pub holders_cash_micro_usd: i128,
}
