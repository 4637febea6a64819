//! The first day: prices, sizes and contracts as the facts have them, and the sales that the
//! mean utilities are calibrated to.

use super::super::chips::CLASSES;
use super::super::demand::{TERM_WEEKS, vintages};
use super::super::ids::{OfferId, Table};
use super::super::model::Model;
use super::super::operators::Operators;
use super::offers::{Offer, Seller};
use super::state::Market;
use crate::kernels::math::pow;
use crate::scenario::types::{ChipClass, Tier};

/// Price of a class ÷ price of the H100, where no fact says otherwise.
fn class_factor(model: &Model, class: ChipClass) -> f64 {
    let stated = model.market.rules.opening_class_price_factor.get(&class);
    stated.copied().unwrap_or_else(|| {
        let hopper = model.market.h100e_mean[ChipClass::Hopper as usize];
        let own = model.market.h100e_mean[class as usize];
        if hopper > 0.0 && own > 0.0 {
            own / hopper
        } else {
            1.0
        }
    })
}

/// Opening price of an operator's offer; `None` where he has no price list.
pub fn operator_price_usd_per_h(model: &Model, offer: &Offer) -> Option<f64> {
    let Seller::Operator(operator) = offer.seller else {
        return None;
    };
    let list = model.market.list_prices[operator].as_ref()?;
    let h100 = match offer.tier {
        Tier::Reserved => negotiated(model, list.reserved_usd_per_h),
        Tier::Spot => list.spot_usd_per_h,
        _ => list.on_demand_usd_per_h,
    };
    Some(class_factor(model, offer.class) * h100)
}

/// Opening prices: operators' own for the H100 and by class; venues' own.
pub fn prices(model: &Model, market: &mut Market) {
    for (id, offer) in model.market.offers.iter() {
        market.price_usd_per_h[id] = match offer.seller {
            Seller::Operator(_) => match operator_price_usd_per_h(model, offer) {
                Some(price) => price,
                None => continue,
            },
            Seller::Marketplace(venue) => {
                venue_price(model, &model.market.marketplace_prices[venue], offer.class)
            }
            Seller::Network(venue) => {
                venue_price(model, &model.market.network_prices[venue], offer.class)
            }
        };
    }
    for (index, pool) in model.market.pools.iter().enumerate() {
        market.list_premium[index] =
            market.price_usd_per_h[pool.on_demand] / market.price_usd_per_h[pool.reserved];
    }
}

/// Large buyers do not pay what is published: a contract costs the cheapest seller's price, moved
/// towards the seller's own list by a share (of logarithms).
fn negotiated(model: &Model, listed: f64) -> f64 {
    let lists = model.market.list_prices.values().iter().flatten();
    let least = lists
        .map(|list| list.reserved_usd_per_h)
        .fold(
            listed,
            |least, price| if price < least { price } else { least },
        );
    least * pow(listed / least, model.market.rules.contract_list_share)
}

/// A venue's own price of a class, else its dearest known H100-equivalent price.
fn venue_price(model: &Model, known: &[f64; CLASSES], class: ChipClass) -> f64 {
    if known[class as usize] > 0.0 {
        return known[class as usize];
    }
    let h100e = &model.market.h100e_mean;
    let mut dearest = 0.0;
    for (price, per) in known.iter().zip(h100e) {
        if *per > 0.0 && price / per > dearest {
            dearest = price / per;
        }
    }
    // A venue without any price starts at what break-even asks of an H100: 1.65 USD/h.
    let per_h100e = if dearest > 0.0 { dearest } else { 1.65 };
    let own = h100e[class as usize];
    per_h100e * if own > 0.0 { own } else { 1.0 }
}

/// Opening capacities become the sizes that buyers know.
pub fn capacities(model: &Model, operators: &Operators, market: &mut Market) {
    for pool in &model.market.pools {
        let hours = operators.offered(pool.operator, pool.area, pool.class);
        for offer in [pool.on_demand, pool.reserved, pool.spot] {
            market.standing_h[offer] = hours;
        }
    }
    for &offer in &model.market.provider_offers {
        market.standing_h[offer] = market.supply[offer].total_h();
    }
}

/// Share of what operators offer that is under contract at the opening.
pub fn contracted_share(model: &Model, offered_h100e_h: f64) -> f64 {
    let populations = model.demand.populations.iter();
    let committed: f64 = populations
        .map(|(id, population)| {
            population.opening_h100e_h * model.demand.segment(id).reserved_share
        })
        .sum();
    let limit = model.market.rules.reserved_limit_share;
    let share = committed / offered_h100e_h;
    if share < limit { share } else { limit }
}

/// Contracts of the opening: the segments' committed hours, spread over pools by size and over
/// the year by week of signing; older ones were signed at higher prices.
pub fn contracts(model: &Model, market: &mut Market) {
    let pools = &model.market.pools;
    let offered: f64 = (pools.iter())
        .map(|pool| market.standing_h[pool.reserved] * model.market.h100e(pool.reserved))
        .sum();
    if offered <= 0.0 {
        return;
    }
    let share = contracted_share(model, offered);
    let hourly = model.market.tiers[Tier::OnDemand as usize]
        .opening_sold_share
        .unwrap_or(0.0);
    let idle = if share + hourly < 1.0 {
        1.0 - share - hourly
    } else {
        0.0
    };
    let decline = 1.0 - model.market.rules.contract_decline_per_year;
    let vintages = vintages(contract_growth_per_year(model));
    for (index, pool) in pools.iter().enumerate() {
        let capacity = market.standing_h[pool.reserved];
        market.standing_h[pool.on_demand] = (1.0 - share) * capacity;
        market.standing_h[pool.spot] = idle * (1.0 - model.market.rules.headroom_share) * capacity;
        for (week, vintage) in vintages.iter().enumerate() {
            let hours = share * capacity * vintage;
            let age_years = (TERM_WEEKS - week) as f64 / TERM_WEEKS as f64;
            let price = market.price_usd_per_h[pool.reserved] / pow(decline, age_years);
            market.expiring_h[index * TERM_WEEKS + week] = hours;
            market.expiring_usd[index * TERM_WEEKS + week] = hours * price;
            market.committed_h[pool.reserved] += hours;
            market.committed_usd[pool.reserved] += hours * price;
        }
    }
}

/// Growth of work under contract, all segments.
fn contract_growth_per_year(model: &Model) -> f64 {
    let (mut grown, mut total) = (0.0, 0.0);
    for (id, population) in model.demand.populations.iter() {
        let segment = model.demand.segment(id);
        let committed = population.opening_h100e_h * segment.reserved_share;
        grown += committed * segment.growth_per_year;
        total += committed;
    }
    if total > 0.0 { grown / total } else { 0.0 }
}

/// Sales that a week is expected to bring at the opening, reference-chip hours by offer: flows,
/// so that of a year's contracts one week's signatures count, those of the newest week.
pub fn targets(model: &Model, market: &Market) -> Table<OfferId, f64> {
    let rules = &model.market.tiers;
    let sold = |tier: Tier| rules[tier as usize].opening_sold_share.unwrap_or(0.0);
    let signed = vintages(contract_growth_per_year(model))[TERM_WEEKS - 1];
    (model.market.offers.iter())
        .map(|(id, offer)| {
            let size = market.standing_h[id];
            match (offer.seller, offer.pool) {
                (Seller::Marketplace(venue), _) => {
                    size * model.market.marketplace_utilisation[venue]
                }
                (Seller::Network(venue), _) => size * model.market.network_utilisation[venue],
                _ if offer.tier == Tier::Reserved => market.committed_h[id] * signed,
                (_, pool) => pool.map_or(0.0, |pool| {
                    let whole = model.market.pools[pool].reserved;
                    market.standing_h[whole] * sold(offer.tier)
                }),
            }
        })
        .collect()
}

/// The mean price of an H100e hour at the opening, weighted by expected sales.
pub fn planning_price(model: &Model, market: &mut Market) {
    let (mut usd, mut hours) = (0.0, 0.0);
    let targets = targets(model, market);
    for (id, offer) in model.market.offers.iter() {
        let h100e = model.market.h100e(id);
        if offer.tier == Tier::Reserved {
            usd += market.committed_usd[id];
            hours += market.committed_h[id] * h100e;
        } else {
            usd += targets[id] * market.price_usd_per_h[id];
            hours += targets[id] * h100e;
        }
    }
    let mean = if hours > 0.0 && usd > 0.0 {
        usd / hours
    } else {
        1.0
    };
    // Prices have been falling; plans follow them slowly and so still hold an older price.
    let rules = &model.demand.choice;
    let age_years = rules.price_memory_weeks / TERM_WEEKS as f64;
    let planned = mean
        / pow(
            1.0 - model.market.rules.contract_decline_per_year,
            age_years,
        );
    market.planning_price_usd_per_h = planned;
    market.opening_planning_price_usd_per_h = planned;
    market.indices.h100e_mean = mean;
}

/// Prices of a venue by class, from the facts of its opening.
pub fn by_class(prices: &std::collections::BTreeMap<ChipClass, f64>) -> [f64; CLASSES] {
    let mut out = [0.0; CLASSES];
    for (class, price) in prices {
        out[*class as usize] = *price;
    }
    out
}
