//! Networks: verification, settlement, emission, staking and the token's own market.
//!
//! Tokens are counted in whole base units (10^−8 token). Providers' seats hold whole *quanta*
//! (a power of ten of base units, chosen so that every sum stays below 2^53 and is exact in
//! vector lanes). A week: `unlock` frees vested and unbonded tokens (arrivals), `take` books
//! what the providers' sweep credited, staked, sold and lost (supply), `settle` divides the
//! money of buyers, creates new tokens, and trades everything in one batch.

pub mod alarms;
mod bonding;
mod compile;
mod count;
pub mod emission;
pub mod exchange;
mod income;
pub mod journal;
mod ledger;
mod liquidity;
pub mod minting;
mod mistakes;
mod open;
mod outlook;
mod reemission;
mod rewards;
mod settle;
pub mod settlement;
mod speculation;
mod trade;
pub mod vault;
mod wash;
pub mod verification;

use super::ids::{HardwareId, NetworkId, Table};
use super::model::Compile;
use crate::scenario::formula::Formula;
use crate::scenario::types;
pub use ledger::Ledger;
pub use mistakes::slash_mistaken;
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
    /// A designer's formula of emission.
    pub formula: Option<Formula>,
    /// Base units of one quantum: a power of ten.
    pub quantum_units: i128,
    pub ledger: Ledger,
}

impl Rules {
    /// Whether it trades in the compute market; otherwise its tables have one kind of device.
    pub fn sells_compute(&self) -> bool {
        self.facts.kind.service().is_none()
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
            networks.push(compile::rules(name, facts, (scenario, names), ledger));
        }
        Self {
            networks,
            trust_kept_per_week: scenario.providers.behaviour.trust_kept_per_week,
        }
    }
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
    /// All tokens that joined what providers are paid: new, released, granted, from a vault.
    pub provider_reward_usd: f64,
    pub burnt_tokens: f64,
    /// What buyers paid.
    pub gross_usd: f64,
    /// What of it providers received in money.
    pub paid_usd: f64,
    /// What accrued to the token or the treasury.
    pub fees_usd: f64,
    /// What providers sold.
    pub sold_tokens: f64,
    pub slashed_tokens: f64,
    pub circulating_tokens: f64,
    pub staked_tokens: f64,
    pub value_usd: f64,
    pub online_devices: f64,
    /// Of them, devices online elsewhere that list idle hours here.
    pub second_devices: f64,
    pub online_gpus: f64,
    pub sold_device_h: f64,
    /// Sold chip-hours that were not faked.
    pub verified_gpu_h: f64,
    pub reward_usd_per_device_h: f64,
    /// Devices online ÷ devices that could ever join.
    pub participation_share: f64,
    pub subsidy_usd_per_verified_gpu_h: f64,
    pub cheating_share: f64,
    /// Created because a vault's credits did not suffice.
    pub shortfall_tokens: f64,
    /// Owed and not covered by any vault.
    pub unpaid_tokens: f64,
    /// 1 while a vault makes no credits.
    pub halted: f64,
    /// Created again beyond what burns back: above 0, one burn has backed two mints.
    pub unbacked_tokens: f64,
    /// What a floor creates beyond burns ÷ the schedule; above 1 only the price bounds it.
    pub floor_multiple: f64,
    /// What the treasury paid to a guaranteed income.
    pub programme_usd: f64,
    /// Of the gross: what providers paid for their own work, and such hours.
    pub self_paid_usd: f64,
    pub self_paid_device_h: f64,
    /// Hours that were rewarded and that nobody bought.
    pub idle_rewarded_device_h: f64,
    pub delegation_yield_per_year: f64,
    pub pool_yield_per_year: f64,
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
    /// Storage power since the launch, each day capped at the baseline.
    pub capped_eib_days: f64,
    /// Filter of daily burns, and what of the burnt it has seen.
    pub smoothed_burn_units: i128,
    pub burnt_seen_units: i128,
    /// Tokens that a vault keeps, of fees and of rewards.
    pub vault_units: i128,
    pub reward_vault_units: i128,
    /// Credits of one USD that somebody still holds, and millionths of tokens that back them.
    pub outstanding_micro_usd: i128,
    pub credits_micro: i128,
    /// Share of this week's bought tokens that a vault keeps; the rest burns.
    pub vault_share: f64,
    /// Bonded by holders.
    pub delegated_units: i128,
    /// Inflation of a rule that follows the bonded share, in the chain's integers, and the part of
    /// a block or round that is due.
    pub inflation_parts: i128,
    pub steps_due: f64,
    /// Rewards that wait, what they release in a week, and by when such a part ends (a ring).
    pub waiting_units: i128,
    pub release_units_per_week: i128,
    pub release_ends_units: Vec<i128>,
    /// What providers pay for their own work in a week.
    pub self_bought_usd: f64,
    /// Tokens that a backed curve has sold.
    pub curve_sold_units: i128,
    /// What speculators remember.
    pub minds: Minds,
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

/// What speculators remember, see `speculation`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Minds {
    pub last_return: f64,
    pub trend_forecast: f64,
    pub value_forecast: f64,
    pub trend_profit: f64,
    pub value_profit: f64,
    pub trend_share: f64,
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
