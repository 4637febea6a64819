//! What a price tape would show: which prices stood still since last week, and how far the asks
//! of independent providers lie apart.
//!
//! A price has changed when it is not the same number. Lists and spot are those of hyperscalers,
//! all classes; marketplaces are all offers behind which somebody stands. Asks are what providers
//! of a marketplace ask for an hour of the class, sold or not, weighted by their hours.

use super::super::ids::{OfferId, Table};
use super::super::model::Model;
use super::super::world::{Column, Visitor};
use super::offers::{Offer, Seller};
use super::state::{Market, SupplyCurve};
use crate::scenario::types::{ChipClass, OperatorKind, Tier};

/// Shares of hours below which the three quantiles of asks lie.
pub const QUANTILES: [f64; 3] = [0.1, 0.5, 0.9];

#[derive(Clone, Debug, Default)]
pub struct Quotes {
    /// Prices of last week.
    last_usd_per_h: Table<OfferId, f64>,
    /// Share of offers whose price is last week's: hyperscalers' lists, their spot, marketplaces.
    pub unchanged_share: [f64; 3],
}

impl Quotes {
    /// Before the first week prices are those of the opening.
    pub fn open(prices: &Table<OfferId, f64>) -> Self {
        Self {
            last_usd_per_h: prices.clone(),
            unchanged_share: [1.0; 3],
        }
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        let last = self.last_usd_per_h.values_mut();
        visitor.column("market.last_price_usd_per_h", Column::F64(last));
        let shares = &mut self.unchanged_share;
        visitor.column("market.unchanged_share", Column::F64(shares));
    }
}

/// Compares the week's prices with last week's; a tier that nobody offers keeps its share.
pub fn take(model: &Model, market: &mut Market) {
    let mut counts = [(0.0, 0.0); 3];
    for (id, offer) in model.market.offers.iter() {
        let price = market.price_usd_per_h[id];
        let last = &mut market.quotes.last_usd_per_h[id];
        if let (Some(place), true) = (place(model, offer), market.capacity_h[id] > 0.0) {
            counts[place].0 += f64::from(u8::from(price == *last));
            counts[place].1 += 1.0;
        }
        *last = price;
    }
    for (share, (still, all)) in market.quotes.unchanged_share.iter_mut().zip(counts) {
        if all > 0.0 {
            *share = still / all;
        }
    }
}

fn place(model: &Model, offer: &Offer) -> Option<usize> {
    match (offer.tier, offer.seller) {
        (Tier::Marketplace, _) => Some(2),
        (tier, Seller::Operator(seller)) => {
            let large = model.market.kind[seller] == OperatorKind::Hyperscaler;
            match tier {
                Tier::OnDemand if large => Some(0),
                Tier::Spot if large => Some(1),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Quantiles of the asks of one offer, USD per reference-chip hour; its price where it has no
/// asks, as those of operators.
pub fn of_offer(market: &Market, id: OfferId) -> [f64; 3] {
    let asks = asks(market.ask_factor[id], &market.supply[id]);
    quantiles(asks.collect()).unwrap_or([market.price_usd_per_h[id]; 3])
}

/// Quantiles of the asks of all marketplaces for a class; `None` where nobody asks.
pub fn of_class(model: &Model, market: &Market, class: ChipClass) -> Option<[f64; 3]> {
    let mut all = Vec::new();
    for &id in &model.market.provider_offers {
        let offer = &model.market.offers[id];
        if offer.tier == Tier::Marketplace && offer.class == class {
            all.extend(asks(market.ask_factor[id], &market.supply[id]));
        }
    }
    quantiles(all)
}

/// Asks and hours behind them.
fn asks(factor: f64, curve: &SupplyCurve) -> impl Iterator<Item = (f64, f64)> {
    let bins = curve.cost_usd_per_h.iter().zip(&curve.units_h);
    bins.filter(|(cost, hours)| **hours > 0.0 && **cost > 0.0)
        .map(move |(cost, hours)| (factor * cost, *hours))
}

/// The smallest asks below which the shares of all hours lie.
pub fn quantiles(mut asks: Vec<(f64, f64)>) -> Option<[f64; 3]> {
    asks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = asks.iter().map(|(_, hours)| hours).sum();
    let (highest, _) = *asks.last()?;
    Some(QUANTILES.map(|share| {
        let mut below = 0.0;
        let found = asks.iter().find(|(_, hours)| {
            below += hours;
            below >= share * all
        });
        found.map_or(highest, |(ask, _)| *ask)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_weigh_hours_not_asks() {
        assert_eq!(quantiles(Vec::new()), None);
        let asks = vec![(3.0, 10.0), (1.0, 5.0), (2.0, 85.0)];
        assert_eq!(quantiles(asks), Some([2.0, 2.0, 2.0]));
        let spread = vec![(1.0, 10.0), (2.0, 40.0), (4.0, 40.0), (8.0, 10.0)];
        assert_eq!(quantiles(spread), Some([1.0, 2.0, 4.0]));
        assert_eq!(quantiles(vec![(5.0, 0.1)]), Some([5.0; 3]));
    }

    #[test]
    fn asks_are_costs_times_the_factor_without_empty_bins() {
        let mut curve = SupplyCurve::default();
        (curve.cost_usd_per_h[3], curve.units_h[3]) = (1.5, 10.0);
        (curve.cost_usd_per_h[9], curve.units_h[9]) = (2.0, 0.0);
        assert_eq!(asks(2.0, &curve).collect::<Vec<_>>(), vec![(3.0, 10.0)]);
    }
}
