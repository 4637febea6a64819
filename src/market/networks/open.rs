//! Networks on the first day: every token in its account, and a price that clears the flows of
//! the week before.

use super::exchange::{self, Holders};
use super::{Network, Networks, RING_WEEKS, Rules, outlook, rewards, settlement, tokens, units};
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
    let elsewhere = locked.iter().sum::<i128>() + treasury + waiting + pool;
    let free = (units(facts.opening.total_tokens) - elsewhere).max(0);
    let pool_cash = micro_usd(rules.pool.pool_usd);
    let ledger = &rules.ledger;
    for (account, amount) in [
        (ledger.holders, free),
        (ledger.locked, locked.iter().sum()),
        (ledger.treasury, treasury),
        (ledger.rewards, waiting),
        (ledger.pool, pool),
    ] {
        books.post(ledger.genesis, account, amount);
    }
    books.post(ledger.outside_usd, ledger.pool_usd, pool_cash);
    let gross_usd = opening_gross_usd_per_week(model, rules);
    let accrual = gross_usd * settlement::accrual_share(&facts.settlement);
    let mut network = Network {
        token_price_usd: price,
        quantum_tokens: rules.quantum_tokens(),
        holders_units: free,
        rewards_units: waiting,
        locked_units: locked,
        treasury_units: treasury,
        pool_units: pool,
        unbonding_units: vec![0; RING_WEEKS],
        pool_cash_micro_usd: pool_cash,
        accrual_usd_per_week: accrual,
        smoothed_burn_units: units(gross_usd * settlement::burnt_share(&facts.settlement) / price)
            / 7,
        trust_share: 1.0,
        terms: rewards::blank_terms(rules),
        ..Network::default()
    };
    network.premium_usd = opening_premium_usd(model, rules, &network, gross_usd);
    network
}

/// What buyers paid in the week before, from the opening facts.
pub fn opening_gross_usd_per_week(model: &Model, rules: &Rules) -> f64 {
    let opening = &rules.facts.opening;
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
        Settlement::BurnAndMint(_) | Settlement::NetEmission(_) => 1.0,
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
    };
    let value = exchange::value_that_clears(price, sold, &holders);
    let circulating = tokens(network.holders_units + network.pool_units);
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
