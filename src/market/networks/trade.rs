//! One batch of a token: orders become trades at one price, in whole base units and micro-USD.

use super::exchange::{self, Batch, Curve, Holders, Pool};
use super::{Network, Rules, UNITS_PER_TOKEN, speculation, tokens, units};
use crate::kernels::math;
use crate::market::books::{Books, whole};
use crate::market::model::YEAR_WEEKS;

const LOWEST_PRICE_USD: f64 = 1e-12;
/// Values below this share of the last price are not believed.
const LOWEST_VALUE_SHARE: f64 = 1e-3;

/// The purses that a trade touches beyond the network's own.
pub struct Purses<'a> {
    pub books: &'a mut Books,
    pub providers_micro_usd: &'a mut i128,
    pub holders_micro_usd: &'a mut i128,
}

/// Tokens that somebody may trade: all but locked, treasury and unpaid rewards.
pub fn circulating_units(network: &Network, seats_units: i128) -> i128 {
    let unbonding: i128 = network.unbonding_units.iter().sum();
    network.holders_units + network.delegated_units + network.pool_units + unbonding + seats_units
}

/// What holders believe each of `supply` tokens is worth.
pub fn token_value_usd(rules: &Rules, network: &Network, premium_usd: f64, supply: f64) -> f64 {
    let yearly = network.accrual_usd_per_week * YEAR_WEEKS;
    let discount = rules.price.discount_rate_per_year;
    let factor = math::exp(network.crypto_log);
    let all = exchange::value_usd(yearly, discount, premium_usd, factor);
    let lowest = network.token_price_usd * LOWEST_VALUE_SHARE;
    if supply > 0.0 && all / supply > lowest {
        all / supply
    } else {
        lowest
    }
}

fn holders(rules: &Rules, network: &mut Network, value_usd: f64) -> Holders {
    let speculation = speculation::of_week(rules, network, value_usd);
    Holders {
        tokens: tokens(network.holders_units),
        value_usd,
        band_share: rules.price.band_share,
        response: rules.price.holder_response_per_week,
        speculation,
    }
}

fn pool(rules: &Rules, network: &Network) -> Pool {
    Pool {
        tokens: tokens(network.pool_units),
        usd: network.pool_cash_micro_usd as f64 * 1e-6,
        fee_share: rules.pool.fee_share,
        curve: rules.pool.curve_exponent.map(|exponent| Curve {
            exponent,
            sold_tokens: tokens(network.curve_sold_units),
        }),
    }
}

/// What a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cleared {
    /// Base units destroyed, and kept in the vault.
    pub burnt: i128,
    pub kept: i128,
    /// Value that passed through the pool.
    pub pool_usd: f64,
}

/// Clears the week's orders.
pub fn clear(rules: &Rules, network: &mut Network, value_usd: f64, purses: &mut Purses) -> Cleared {
    let orders = network.orders;
    let batch = Batch {
        sold_tokens: tokens(orders.providers + orders.insiders + orders.treasury),
        needed_tokens: tokens(orders.needed),
        budget_usd: network.pending_burn_micro_usd as f64 * 1e-6,
        pool: pool(rules, network),
        holders: holders(rules, network, value_usd),
    };
    let price = batch.price_usd(network.token_price_usd);
    let price = if price > LOWEST_PRICE_USD {
        price
    } else {
        LOWEST_PRICE_USD
    };
    let before_usd = std::mem::replace(&mut network.token_price_usd, price);
    let micro_per_unit = price * 1e6 / UNITS_PER_TOKEN;
    let pay = |amount: i128| whole(amount as f64 * micro_per_unit);

    speculation::learn(network, before_usd);
    let (burnt, inflow, bought) = allocate(network, &batch, price);
    let kept = whole(burnt as f64 * network.vault_share).clamp(0, burnt.max(0));
    let (ledger, books) = (&rules.ledger, &mut *purses.books);
    books.post(ledger.orders, ledger.vault, kept);
    books.post(ledger.orders, ledger.burnt, burnt - kept);
    books.post(ledger.orders, ledger.pool, inflow);
    books.post(ledger.orders, ledger.holders, bought);
    network.burnt_units += burnt - kept;
    network.vault_units += kept;
    if rules.pool.curve_exponent.is_some() {
        network.curve_sold_units = (network.curve_sold_units - inflow).max(1);
    }
    network.pool_units += inflow;
    network.holders_units += bought;
    network.orders = super::Orders::default();

    let burn_cost = pay(burnt).clamp(0, network.pending_burn_micro_usd.max(0));
    // Down when the pool pays, up when it is paid: its product never falls.
    let pool_pays = (inflow as f64 * micro_per_unit).floor() as i128;
    let pool_pays = pool_pays.min(network.pool_cash_micro_usd);
    let to_providers = pay(orders.providers) - pay(orders.needed);
    let (to_insiders, to_treasury) = (pay(orders.insiders), pay(orders.treasury));
    let holders_pay = to_providers + to_insiders + to_treasury - pool_pays - burn_cost;
    books.post(ledger.holders_usd, ledger.escrow_usd, holders_pay);
    books.post(ledger.pool_usd, ledger.escrow_usd, pool_pays);
    books.post(ledger.escrow_usd, ledger.providers_usd, to_providers);
    books.post(ledger.escrow_usd, ledger.outside_usd, to_insiders);
    books.post(ledger.escrow_usd, ledger.treasury_usd, to_treasury);
    network.pending_burn_micro_usd -= burn_cost;
    network.pool_cash_micro_usd -= pool_pays;
    network.treasury_cash_micro_usd += to_treasury;
    *purses.holders_micro_usd -= holders_pay;
    *purses.providers_micro_usd += to_providers;
    Cleared {
        burnt: burnt - kept,
        kept,
        pool_usd: tokens(inflow.abs()) * price,
    }
}

/// Whole units burnt, into the pool and to holders; they sum to what the orders brought.
/// Holders never end below zero: the burn waits first, then the pool.
fn allocate(network: &Network, batch: &Batch, price: f64) -> (i128, i128, i128) {
    let brought = network.orders.net();
    let mut burnt = units((batch.budget_usd / price * (1.0 - 1e-15)).max(0.0));
    let mut inflow = (batch.pool.inflow_tokens(price) * UNITS_PER_TOKEN) as i128;
    inflow = inflow.max(1 - network.pool_units.max(1));
    let mut bought = brought - burnt - inflow;
    let short = -(network.holders_units + bought);
    if short > 0 {
        let cut = short.min(burnt);
        burnt -= cut;
        let rest = (short - cut).min(inflow.max(0));
        inflow -= rest;
        bought += cut + rest;
    }
    (burnt, inflow, bought)
}
