//! Networks on the first day: every token in its account, and a price that clears the flows of
//! the week before.

use super::exchange::{self, Holders};
use super::{Network, Networks, RING_WEEKS, Rules, bonding, income, minting, rewards};
use super::{outlook, settlement, tokens, units, vault};
use crate::market::books::{Books, micro_usd};
use crate::market::ids::Table;
use crate::market::model::{Model, WEEK_H, YEAR_WEEKS};
use crate::scenario::types::Settlement;

impl Networks {
    pub fn open(model: &Model, books: &mut Books) -> Self {
        let mut networks = Table::default();
        for rules in model.networks.networks.values() {
            networks.push(open(model, rules, books));
        }
        Self {
            networks,
            holders_cash_micro_usd: 0,
        }
    }
}

fn open(model: &Model, rules: &Rules, books: &mut Books) -> Network {
    let facts = &rules.facts;
    let price = facts.opening.token_price_usd;
    let locked: Vec<i128> = facts.vesting.values().map(|b| units(b.tokens)).collect();
    let treasury = units(facts.treasury.tokens);
    let waiting = units(facts.opening.rewards_tokens_per_week);
    let pool = units(rules.pool.pool_usd / price);
    let gross_usd = opening_gross_usd_per_week(model, rules);
    let mut network = Network {
        token_price_usd: price,
        unbonding_units: vec![0; RING_WEEKS],
        release_ends_units: vec![0; RING_WEEKS],
        ..Network::default()
    };
    vault::open(rules, &mut network, gross_usd);
    income::open_waiting(rules, &mut network);
    let vaults = network.vault_units + network.reward_vault_units;
    let held_back = vaults + network.waiting_units;
    let elsewhere = locked.iter().sum::<i128>() + treasury + waiting + pool + held_back;
    network.holders_units = (units(facts.opening.total_tokens) - elsewhere).max(0);
    bonding::open(rules, &mut network);
    let free = network.holders_units;
    let pool_cash = micro_usd(rules.pool.pool_usd);
    let ledger = &rules.ledger;
    for (account, amount) in [
        (ledger.holders, free),
        (ledger.locked, locked.iter().sum()),
        (ledger.treasury, treasury),
        (ledger.rewards, waiting),
        (ledger.pool, pool),
        (ledger.vault, vaults),
        (ledger.waiting, network.waiting_units),
        (ledger.delegated, network.delegated_units),
    ] {
        books.post(ledger.genesis, account, amount);
    }
    books.post(ledger.outside_usd, ledger.pool_usd, pool_cash);
    let accrual = gross_usd * settlement::accrual_share(&facts.settlement);
    let mut network = Network {
        quantum_tokens: rules.quantum_tokens(),
        curve_sold_units: curve_sold_units(rules),
        rewards_units: waiting,
        locked_units: locked,
        treasury_units: treasury,
        pool_units: pool,
        pool_cash_micro_usd: pool_cash,
        accrual_usd_per_week: accrual,
        smoothed_burn_units: units(gross_usd * settlement::burnt_share(&facts.settlement) / price)
            / 7,
        trust_share: 1.0,
        terms: rewards::blank_terms(rules),
        ..network
    };
    minting::open(facts.emission.as_ref(), &mut network);
    network.premium_usd = opening_premium_usd(model, rules, &network, gross_usd);
    network
}

/// Tokens that a backed curve has sold when its next token costs the opening price.
fn curve_sold_units(rules: &Rules) -> i128 {
    let price = rules.facts.opening.token_price_usd;
    let exponent = rules.pool.curve_exponent.unwrap_or(0.0);
    units((1.0 + exponent) * rules.pool.pool_usd / price)
}

/// What buyers paid in the week before, from the opening facts.
pub fn opening_gross_usd_per_week(model: &Model, rules: &Rules) -> f64 {
    let opening = &rules.facts.opening;
    if let Some(facts) = &opening.service {
        let services = model.services.services.iter();
        let mut same = services.filter(|s| Some(s.kind) == rules.facts.kind.service());
        let units = same.next().map_or(0.0, |s| s.facts.device.units_per_week);
        let reliable = facts.devices * model.providers.behaviour.reliability_share;
        return reliable * units * opening.utilisation_share * facts.price_usd_per_unit;
    }
    let mut gross = 0.0;
    for (name, devices) in &opening.devices {
        let kind = &model.providers.hardware[model.names.hardware.id(name)];
        let price = opening.price_usd_per_h.get(&kind.class).copied();
        gross += devices * kind.reference_per_device * price.unwrap_or(0.0);
    }
    gross * opening.utilisation_share * WEEK_H
}

/// The premium over discounted fees at which the opening price clears the opening flows.
fn opening_premium_usd(model: &Model, rules: &Rules, network: &Network, gross_usd: f64) -> f64 {
    let facts = &rules.facts;
    let price = network.token_price_usd;
    let burnt = settlement::burnt_share(&facts.settlement);
    let kept = match &facts.settlement {
        Settlement::BurnAndMint(_)
        | Settlement::NetEmission(_)
        | Settlement::CreditVault(_)
        | Settlement::UsdTarget(_) => 1.0,
        rule => settlement::take_share(rule),
    };
    let short_usd = rules.spend_usd_per_year / YEAR_WEEKS - gross_usd * (kept - burnt);
    let treasury_tokens = if short_usd > 0.0 {
        let limit = tokens(network.treasury_units) / super::settle::TREASURY_WEEKS as f64;
        let wanted = short_usd / price;
        if wanted < limit { wanted } else { limit }
    } else {
        0.0
    };
    let mut unlocked = 0.0;
    for bucket in facts.vesting.values() {
        if bucket.starts <= model.calendar.start {
            unlocked += bucket.tokens / bucket.weeks;
        }
    }
    let sold = facts.opening.rewards_tokens_per_week
        + unlocked * rules.price.unlock_sell_share
        + treasury_tokens
        - gross_usd * burnt / price;
    let holders = Holders {
        tokens: tokens(network.holders_units),
        value_usd: price,
        band_share: rules.price.band_share,
        response: rules.price.holder_response_per_week,
        speculation: exchange::Speculation::default(),
    };
    let value = exchange::value_that_clears(price, sold, &holders);
    let free = network.holders_units + network.delegated_units;
    let circulating = tokens(free + network.pool_units);
    let fees = network.accrual_usd_per_week * YEAR_WEEKS / rules.price.discount_rate_per_year;
    let opens = model.calendar.start;
    let supply = outlook::counted_tokens(rules, network, circulating, opens.add_days(-7));
    // Where creation never ends, no premium makes up for it.
    if supply.is_finite() {
        value * supply - fees
    } else {
        0.0
    }
}
