//! Several prices of the same hour at once, as the real market quotes them: hyperscalers' lists,
//! neoclouds' listings, spot, one-year contracts, marketplaces and networks, for every class of
//! chips, with how far the quotes lie apart.
//!
//! A quote is an offer's price, or what providers of a marketplace or network ask; quotes are
//! weighted by the hours that stand behind them.

use super::super::ids::OfferId;
use super::super::model::Model;
use super::offers::{Offer, Seller};
use super::quotes;
use super::state::Market;
use crate::scenario::types::{ChipClass, OperatorKind, Tier};

/// Names of the indices, in their order.
pub const NAMES: [&str; 6] = [
    "hyperscaler_list",
    "neocloud_list",
    "spot",
    "contract_1y",
    "marketplace",
    "network",
];

/// Indices × classes.
pub fn entities() -> usize {
    NAMES.len() * ChipClass::ALL.len()
}

/// `index/class`.
pub fn name(entity: usize) -> String {
    let classes = ChipClass::ALL.len();
    let class = ChipClass::ALL[entity % classes].name();
    format!("{}/{class}", NAMES[entity / classes])
}

/// One index for one class of chips, per hour of the class's reference chip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    pub mean_usd_per_h: f64,
    /// Quotes below which a tenth, a half and nine tenths of the hours lie.
    pub quantiles_usd_per_h: [f64; 3],
    /// Hours behind the quotes this week.
    pub hours: f64,
    /// H100-equivalents of the reference chip.
    pub h100e: f64,
}

/// Every index that somebody quotes this week, with its place.
pub fn read(model: &Model, market: &Market) -> Vec<(usize, Index)> {
    let classes = ChipClass::ALL.len();
    let mut all: Vec<Vec<(f64, f64)>> = vec![Vec::new(); entities()];
    for (id, offer) in model.market.offers.iter() {
        let Some(index) = index(model, offer) else {
            continue;
        };
        let found = &mut all[index * classes + offer.class as usize];
        if offer.pool.is_some() {
            found.push((market.price_usd_per_h[id], standing_h(market, id)));
        } else {
            let curve = &market.supply[id];
            let factor = market.ask_factor[id];
            let bins = curve.cost_usd_per_h.iter().zip(&curve.units_h);
            found.extend(bins.map(|(cost, hours)| (factor * cost, *hours)));
        }
    }
    let mut read = Vec::new();
    for (entity, mut found) in all.into_iter().enumerate() {
        found.retain(|(price, hours)| *hours > 0.0 && *price > 0.0);
        let hours: f64 = found.iter().map(|(_, hours)| hours).sum();
        let usd: f64 = found.iter().map(|(price, hours)| price * hours).sum();
        let h100e = model.market.h100e_mean[entity % classes];
        if let (Some(quantiles_usd_per_h), true) = (quotes::quantiles(found), h100e > 0.0) {
            let index = Index {
                mean_usd_per_h: usd / hours,
                quantiles_usd_per_h,
                hours,
                h100e,
            };
            read.push((entity, index));
        }
    }
    read
}

/// Hours that an operator's offer could sell this week.
fn standing_h(market: &Market, id: OfferId) -> f64 {
    if market.standing_h[id] > 0.0 {
        market.capacity_h[id]
    } else {
        0.0
    }
}

fn index(model: &Model, offer: &Offer) -> Option<usize> {
    let kind = match offer.seller {
        Seller::Operator(seller) => Some(model.market.kind[seller]),
        _ => None,
    };
    match (offer.tier, kind) {
        (Tier::OnDemand, Some(OperatorKind::Hyperscaler)) => Some(0),
        (Tier::OnDemand, Some(OperatorKind::Neocloud)) => Some(1),
        (Tier::Spot, Some(_)) => Some(2),
        (Tier::Reserved, Some(_)) => Some(3),
        (Tier::Marketplace, _) => Some(4),
        (Tier::Network, _) => Some(5),
        _ => None,
    }
}
