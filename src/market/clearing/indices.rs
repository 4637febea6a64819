//! Several prices of the same hour, as the real market has them, and what the week sold.
//!
//! Prices by tier are means over a basket: the hours that each offer had in the year before. A
//! product that comes or goes moves the basket by a fifty-second part a week, so that what is seen
//! from one week to the next is prices.

use super::super::ids::{AreaId, OfferId};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::world::{Column, Visitor};
use super::offers::{Offer, Seller};
use super::state::Market;
use crate::scenario::types::{ChipClass, OperatorKind, Tier};

/// USD per H100 hour unless the name says otherwise; a price that nobody quotes keeps its last
/// value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Indices {
    /// Hyperscalers' list, weighted by what they offered in a year.
    pub list: f64,
    /// Neoclouds' list.
    pub neocloud: f64,
    /// Contracts of one year signed now.
    pub reserved_1y: f64,
    pub spot: f64,
    pub marketplace: f64,
    /// Networks, per H100-equivalent of what they sell: few of their devices are H100s.
    pub network: f64,
    /// All hours sold, running contracts included, per H100-equivalent.
    pub h100e_mean: f64,
    /// H100-equivalent hours sold this week.
    pub sold_h100e_h: f64,
    /// H100-equivalent hours offered this week.
    pub offered_h100e_h: f64,
    /// H100-equivalent hours that wait.
    pub waiting_h100e_h: f64,
    pub network_share: f64,
    pub marketplace_share: f64,
    /// Concentration of sold hours by seller, Herfindahl index 0 to 10,000.
    pub seller_hhi: f64,
    /// Operators' sales of the week.
    pub operator_sales_usd: f64,
}

impl Indices {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for value in [
            &mut self.list,
            &mut self.neocloud,
            &mut self.reserved_1y,
            &mut self.spot,
            &mut self.marketplace,
            &mut self.network,
            &mut self.h100e_mean,
            &mut self.sold_h100e_h,
            &mut self.offered_h100e_h,
            &mut self.waiting_h100e_h,
            &mut self.network_share,
            &mut self.marketplace_share,
            &mut self.seller_hhi,
            &mut self.operator_sales_usd,
        ] {
            visitor.column("market.indices", Column::F64(std::slice::from_mut(value)));
        }
    }
}

/// Weight of this week in the basket: a year's memory.
const BASKET_GAIN: f64 = 1.0 / YEAR_WEEKS;
/// Weight of an offer that nobody stands behind.
const LEAST_WEIGHT_H: f64 = 1e-6;

/// A weighted mean in the making.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }
    fn or(self, last: f64) -> f64 {
        if self.weight > 0.0 {
            self.sum / self.weight
        } else {
            last
        }
    }
}

/// Takes all indices after a week has cleared. `pool_h` is the capacity of pools, `sold` one
/// number per operator, marketplace and network.
pub fn take(model: &Model, market: &mut Market, pool_h: &[f64], sold: &mut [f64]) {
    prices(model, market);
    let (mut h100e_h, mut usd, mut network, mut marketplace) = (0.0, 0.0, 0.0, 0.0);
    let mut operator_sales = 0.0;
    sold.fill(0.0);
    for (id, offer) in model.market.offers.iter() {
        let hours = market.sold_h[id] * model.market.h100e(id);
        h100e_h += hours;
        usd += market.revenue_usd[id];
        match offer.tier {
            Tier::Marketplace => marketplace += hours,
            Tier::Network => network += hours,
            _ => operator_sales += market.revenue_usd[id],
        }
        sold[offer.seller_place] += hours;
    }
    let mut offered = 0.0;
    for (index, pool) in model.market.pools.iter().enumerate() {
        offered += pool_h[index] * model.market.h100e(pool.on_demand);
    }
    for &id in &model.market.provider_offers {
        offered += market.capacity_h[id] * model.market.h100e(id);
    }
    let share = |part: f64| if h100e_h > 0.0 { part / h100e_h } else { 0.0 };
    let indices = &mut market.indices;
    indices.sold_h100e_h = h100e_h;
    indices.offered_h100e_h = offered;
    indices.network_share = share(network);
    indices.marketplace_share = share(marketplace);
    indices.operator_sales_usd = operator_sales;
    indices.seller_hhi = 1e4
        * sold
            .iter()
            .map(|hours| share(*hours) * share(*hours))
            .sum::<f64>();
    if usd > 0.0 && h100e_h > 0.0 {
        indices.h100e_mean = usd / h100e_h;
    }
}

fn prices(model: &Model, market: &mut Market) {
    let mut means = [Mean::default(); 6];
    for (id, offer) in model.market.offers.iter() {
        let size = &mut market.basket_h[id];
        *size += (market.standing_h[id] - *size) * BASKET_GAIN;
        let size = *size;
        if let Some(place) = place(model, offer) {
            // Where nobody sells, what sellers would ask still counts.
            let size = if size > 0.0 { size } else { LEAST_WEIGHT_H };
            let network = offer.tier == Tier::Network;
            let per = if network { model.market.h100e(id) } else { 1.0 };
            if per > 0.0 {
                means[place].add(market.price_usd_per_h[id] / per, size * per);
            }
        }
    }
    let indices = &mut market.indices;
    for (mean, index) in means.into_iter().zip([
        &mut indices.list,
        &mut indices.neocloud,
        &mut indices.reserved_1y,
        &mut indices.spot,
        &mut indices.marketplace,
        &mut indices.network,
    ]) {
        *index = mean.or(*index);
    }
}

/// Whether an H100 may be sold in an area: elsewhere other chips of its class stand in halls, at
/// prices of their own, and in the end most of the class stands there.
fn sells_h100(model: &Model, area: AreaId) -> bool {
    let shares = model.market.reference_chip[ChipClass::Hopper as usize]
        .map(|chip| &model.chips.products[chip].licensed_share);
    let regions = &model.places.regions_of_area[area];
    shares.is_none_or(|shares| {
        regions.is_empty()
            || regions
                .iter()
                .any(|region| shares[usize::from(model.places.jurisdiction[*region])] > 0.0)
    })
}

/// The index that an offer belongs to.
fn place(model: &Model, offer: &Offer) -> Option<usize> {
    let hopper = offer.class == ChipClass::Hopper && sells_h100(model, offer.area);
    match (offer.tier, offer.seller) {
        (Tier::OnDemand, Seller::Operator(seller)) if hopper => match model.market.kind[seller] {
            OperatorKind::Hyperscaler => Some(0),
            OperatorKind::Neocloud => Some(1),
            _ => None,
        },
        (Tier::Reserved, _) if hopper => Some(2),
        (Tier::Spot, Seller::Operator(seller)) if hopper => {
            (model.market.kind[seller] == OperatorKind::Hyperscaler).then_some(3)
        }
        (Tier::Marketplace, _) if hopper => Some(4),
        (Tier::Network, _) => Some(5),
        _ => None,
    }
}

/// The planning price follows the mean price; offers that nobody has yet follow with it.
pub fn plan(model: &Model, market: &mut Market) {
    let before = market.planning_price_usd_per_h;
    let gain = 1.0 / model.demand.choice.price_memory_weeks;
    let now = before + gain * (market.indices.h100e_mean - before);
    market.planning_price_usd_per_h = now;
    for &id in &model.market.provider_offers {
        if market.standing_h[id] <= 0.0 {
            market.price_usd_per_h[id] *= now / before;
        }
    }
}

/// Sold ÷ offered of one offer.
pub fn utilisation(sold_h: f64, offered_h: f64) -> f64 {
    if offered_h > 0.0 {
        sold_h / offered_h
    } else {
        0.0
    }
}

/// Names of the offers, in order of their ids.
pub fn offer_name(model: &Model, id: OfferId) -> &str {
    &model.market.offers[id].name
}
