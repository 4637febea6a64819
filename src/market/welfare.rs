//! Who gains and who pays in a week: buyers, operators, providers, holders of tokens, everyone
//! else who buys power, and third parties who breathe the carbon.
//!
//! Tokens are wealth moved, never made: what a network pays providers in new tokens shows here
//! as their income and as its holders' loss. What hardware costs is counted when it is paid
//! for, so that years, not weeks, should be compared.

use super::clearing::Seller;
use super::grid::Tariff;
use super::model::{Model, WEEK_H};
use super::networks::tokens;
use super::week::Week;
use super::world::World;

/// The week's gains, USD per week.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gains {
    /// Sales less the avoidable cost of the hours served.
    pub operators_usd: f64,
    /// Money and tokens earned, less power, other costs and hardware bought.
    pub providers_usd: f64,
    /// What holders' tokens gained, and what they took out less what they put in.
    pub holders_usd: f64,
    /// What all other load pays, at residential tariffs.
    pub ratepayers_usd: f64,
    /// Damage of the carbon of compute.
    pub external_usd: f64,
}

impl Gains {
    /// Consumer surplus + profits + holders' gain − ratepayers' bill − external cost.
    pub fn welfare_usd(&self, consumer_surplus_usd: f64) -> f64 {
        consumer_surplus_usd + self.operators_usd + self.providers_usd + self.holders_usd
            - self.ratepayers_usd
            - self.external_usd
    }
}

/// What providers and holders had when the week began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wealth {
    providers_cash_usd: f64,
    providers_tokens: Vec<f64>,
    holders_cash_usd: f64,
    holders_tokens_usd: f64,
}

impl Wealth {
    pub fn of(model: &Model, world: &World) -> Wealth {
        let networks = &world.networks;
        let seats = model.networks.networks.values().iter().map(|rules| {
            let ledger = &rules.ledger;
            let accounts = [
                ledger.providers_held,
                ledger.providers_staked,
                ledger.unbonding,
            ];
            let units = accounts.iter().map(|account| world.books.balance(*account));
            tokens(units.sum())
        });
        let held = networks.networks.values().iter();
        let held = held.map(|n| tokens(n.holders_units) * n.token_price_usd);
        Wealth {
            providers_cash_usd: world.providers.cash_micro_usd as f64 * 1e-6,
            providers_tokens: seats.collect(),
            holders_cash_usd: networks.holders_cash_micro_usd as f64 * 1e-6,
            holders_tokens_usd: held.sum(),
        }
    }
}

/// The week's gains against what was there when it began.
pub fn gains(week: &Week, before: &Wealth, world: &World) -> Gains {
    let now = Wealth::of(week.model, world);
    let prices = world.networks.networks.values().iter();
    let kept = prices.zip(now.providers_tokens.iter().zip(&before.providers_tokens));
    let kept: f64 = kept
        .map(|(network, (now, before))| (now - before) * network.token_price_usd)
        .sum();
    let regions = world.grid.regions.values().iter();
    let mut ratepayers_usd = 0.0;
    for region in regions {
        let others_mwh = (region.load_mw - region.data_centre_mw) * WEEK_H;
        ratepayers_usd += others_mwh * region.tariff_usd_per_mwh[Tariff::Residential as usize];
    }
    Gains {
        operators_usd: operators_usd(week.model, world),
        providers_usd: now.providers_cash_usd - before.providers_cash_usd + kept,
        holders_usd: now.holders_cash_usd - before.holders_cash_usd + now.holders_tokens_usd
            - before.holders_tokens_usd,
        ratepayers_usd,
        external_usd: external_usd(week, world),
    }
}

/// Damage of the week's carbon of compute, USD.
pub fn external_usd(week: &Week, world: &World) -> f64 {
    let regions = world.grid.regions.values().iter();
    let co2_t: f64 = regions.map(|region| region.co2_t).sum();
    co2_t * week.model.grid.rules.social_cost_usd_per_t
}

fn operators_usd(model: &Model, world: &World) -> f64 {
    let mut sum = 0.0;
    for (id, offer) in model.market.offers.iter() {
        if let Seller::Operator(operator) = offer.seller {
            let operators = &world.operators;
            let cost = operators.unit_cost_usd_per_h(operator, offer.area, offer.class);
            sum += world.market.revenue_usd[id] - world.market.served_h[id] * cost;
        }
    }
    sum
}
