//! Prices of independent providers: a marketplace or network clears on its supply curve, by the
//! rule of the venue ([`super::venues`]); this is the uniform auction.
//!
//! Providers ask a multiple φ of their own cost, fitted to the opening price. Demand near the
//! present price p is taken as D·(p ÷ p')^ε, ε the most that one offer's sales can answer to its
//! price: a logit's sensitivity ÷ (1 − correlation in its nest). Less would overshoot: with a true
//! elasticity above 2ε the price swings for ever instead of settling. The price that clears lies
//! where this curve meets the asks: on a flat step, between two steps, or, when everybody is sold
//! out, above the last ask. A week moves it at most by the scenario's speed.

use super::super::ids::OfferId;
use super::super::model::Model;
use super::state::{Market, SupplyCurve};
use super::venues::Venue;
use crate::kernels::math::pow;

/// What buyers want of an offer around a price.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub hours: f64,
    pub price_usd_per_h: f64,
    /// Relative fall of hours per relative rise of the price.
    pub elasticity: f64,
}

impl Wanted {
    /// Hours at another price.
    pub fn at(self, price_usd_per_h: f64) -> f64 {
        self.hours * pow(self.price_usd_per_h / price_usd_per_h, self.elasticity)
    }

    /// Price at which these hours are wanted.
    pub fn price_of(self, hours: f64) -> f64 {
        self.price_usd_per_h * pow(self.hours / hours, 1.0 / self.elasticity)
    }
}

/// The most that sales of one offer answer to its price.
pub fn elasticity(model: &Model) -> f64 {
    let segments = model.demand.segments.values();
    let most = segments.iter().fold(1.0, |most, segment| {
        if segment.price_sensitivity > most {
            segment.price_sensitivity
        } else {
            most
        }
    });
    let apart = 1.0 - model.demand.choice.nest_correlation_share;
    most / if apart > 0.05 { apart } else { 0.05 }
}

/// Cost of the provider who serves the last of `hours`, cheapest first.
pub fn marginal_cost(curve: &SupplyCurve, hours: f64) -> Option<f64> {
    let mut served = 0.0;
    let mut last = None;
    for (cost, units) in curve.cost_usd_per_h.iter().zip(&curve.units_h) {
        if *units > 0.0 && *cost > 0.0 {
            last = Some(*cost);
            served += units;
            if served >= hours {
                break;
            }
        }
    }
    last
}

/// The price at which demand meets the asks. Costs rise from bin to bin and demand falls with the
/// price, so the step where they meet is found by halving.
pub fn clearing_price(curve: &SupplyCurve, factor: f64, wanted: Wanted) -> f64 {
    let (mut asks, mut served) = ([0.0; 65], [0.0; 65]);
    let mut steps = 0;
    for (cost, units) in curve.cost_usd_per_h.iter().zip(&curve.units_h) {
        if *units > 0.0 && *cost > 0.0 {
            steps += 1;
            asks[steps] = factor * cost;
            served[steps] = served[steps - 1] + units;
        }
    }
    if steps == 0 {
        return wanted.price_usd_per_h;
    }
    let (mut below, mut first) = (0, steps + 1);
    while below + 1 < first {
        let middle = usize::midpoint(below, first);
        if wanted.at(asks[middle]) <= served[middle] {
            first = middle;
        } else {
            below = middle;
        }
    }
    if first > steps || (first > 1 && wanted.at(asks[first]) < served[first - 1]) {
        // Everybody is sold out, or demand crosses between two steps.
        let crossing = wanted.price_of(served[first - 1]);
        let last = asks[first - 1];
        return if crossing > last { crossing } else { last };
    }
    asks[first]
}

/// Moves the prices of all independent providers once; `wanted_h` by offer.
pub fn move_prices(model: &Model, market: &mut Market, wanted_h: &[f64]) {
    let speed = 1.0 + model.market.rules.provider_speed_per_week;
    let elasticity = elasticity(model);
    for &id in &model.market.provider_offers {
        let price = market.price_usd_per_h[id];
        if market.capacity_h[id] <= 0.0 || price <= 0.0 {
            continue;
        }
        let wanted = Wanted {
            hours: wanted_h[usize::from(id.0)],
            price_usd_per_h: price,
            elasticity,
        };
        let venue = Venue::behind(model, id);
        let target = venue.price_usd_per_h(&market.supply[id], market.ask_factor[id], wanted);
        market.price_usd_per_h[id] = target.clamp(price / speed, price * speed);
    }
}

/// The multiple of cost that providers ask: what explains the opening price of each offer, and
/// for offers that nobody stands behind yet the mean of their seller's others, or of all.
pub fn calibrate(model: &Model, market: &mut Market) {
    let offers = &model.market.offers;
    let mut all = (0.0, 0.0);
    for &id in &model.market.provider_offers {
        let hours = market.supply[id].total_h();
        let sold = hours * opening_utilisation(model, id);
        let cost = Venue::behind(model, id).level_usd_per_h(&market.supply[id], sold);
        if let (Some(cost), true) = (cost, hours > 0.0) {
            market.ask_factor[id] = market.price_usd_per_h[id] / cost;
            all = (all.0 + market.ask_factor[id], all.1 + 1.0);
        }
    }
    let known: Vec<(OfferId, f64)> = (model.market.provider_offers.iter())
        .filter(|id| market.ask_factor[**id] > 0.0)
        .map(|id| (*id, market.ask_factor[*id]))
        .collect();
    for &id in &model.market.provider_offers {
        if market.ask_factor[id] <= 0.0 {
            let seller = offers[id].seller;
            let own = known
                .iter()
                .filter(|(other, _)| offers[*other].seller == seller);
            let (sum, count) = own.fold((0.0, 0.0), |(sum, count), (_, factor)| {
                (sum + factor, count + 1.0)
            });
            let (sum, count) = if count > 0.0 { (sum, count) } else { all };
            market.ask_factor[id] = if count > 0.0 { sum / count } else { 1.0 };
        }
    }
}

fn opening_utilisation(model: &Model, id: OfferId) -> f64 {
    use super::offers::Seller;
    match model.market.offers[id].seller {
        Seller::Marketplace(venue) => model.market.marketplace_utilisation[venue],
        Seller::Network(venue) => model.market.network_utilisation[venue],
        Seller::Operator(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> SupplyCurve {
        let mut curve = SupplyCurve::default();
        for (bin, cost) in [(3, 1.0), (7, 1.5), (20, 2.0)] {
            curve.cost_usd_per_h[bin] = cost;
            curve.units_h[bin] = 100.0;
        }
        curve
    }

    fn wanted(hours: f64, price_usd_per_h: f64) -> Wanted {
        Wanted {
            hours,
            price_usd_per_h,
            elasticity: 4.0,
        }
    }

    #[test]
    fn the_price_meets_the_asks_and_rises_with_demand() {
        let curve = curve();
        assert_eq!(clearing_price(&curve, 1.0, wanted(50.0, 1.0)), 1.0);
        assert_eq!(clearing_price(&curve, 1.0, wanted(150.0, 1.5)), 1.5);
        let mut last = 0.0;
        for demand in 1..3_000 {
            let price = clearing_price(&curve, 1.1, wanted(f64::from(demand), 1.6));
            assert!(price >= last, "{demand}: {price} below {last}");
            last = price;
        }
        assert!(
            last > 2.2,
            "sold out, the price is above the last ask: {last}"
        );
    }

    #[test]
    fn an_empty_curve_keeps_its_price_and_no_demand_asks_the_least() {
        let empty = SupplyCurve::default();
        assert_eq!(clearing_price(&empty, 1.0, wanted(5.0, 1.3)), 1.3);
        assert_eq!(clearing_price(&curve(), 1.0, wanted(0.0, 1.3)), 1.0);
        assert_eq!(marginal_cost(&curve(), 150.0), Some(1.5));
        assert_eq!(marginal_cost(&curve(), 1e9), Some(2.0));
    }

    #[test]
    fn a_price_settles_when_the_elasticity_is_not_below_half_of_the_true_one() {
        let mut one = SupplyCurve::default();
        (one.cost_usd_per_h[0], one.units_h[0]) = (0.1, 100.0);
        let swing = |assumed: f64| {
            let (mut price, mut last) = (2.0_f64, 0.0);
            for _ in 0..60 {
                last = price;
                // True demand: 100 hours at 1 USD, elasticity 10.
                let hours = 100.0 * pow(1.0 / price, 10.0);
                let wanted = Wanted {
                    hours,
                    price_usd_per_h: price,
                    elasticity: assumed,
                };
                price = clearing_price(&one, 1.0, wanted).clamp(price / 1.1, price * 1.1);
            }
            (price - last).abs()
        };
        assert!(swing(10.0) < 1e-9 && swing(12.0) < 1e-3);
        assert!(swing(4.0) > 0.05, "half of the answer overshoots");
    }

    #[test]
    fn less_supply_is_dearer() {
        let mut less = curve();
        less.units_h[3] = 10.0;
        let full = clearing_price(&curve(), 1.0, wanted(120.0, 1.2));
        assert!(clearing_price(&less, 1.0, wanted(120.0, 1.2)) >= full);
    }
}
