//! How buyers and independent providers meet on a marketplace or network: from the supply curve
//! to the price per hour that buyers pay.
//!
//! * `uniform_auction`: everybody is paid the ask of the last who is needed; when all are sold
//!   out, what buyers give ([`super::asks`]).
//! * `reverse_auction`: an order goes to the lowest bids, which are paid as bid (E15); buyers pay
//!   the mean of the accepted bids. Bids are cost times a fitted mark-up (`cost_plus`), or shade
//!   above cost by c + (highest − c) ÷ n (`strategic`), n the providers per order: hours offered
//!   ÷ hours wanted. With many idle rivals bids fall to cost, without any they rise to the
//!   dearest's cost.
//! * `posted`: providers post their asks and wait; buyers take what they find, so that the mean
//!   of all asks is paid, whatever is wanted, and shortage shows in waits alone.
//!
//! The mark-up φ explains the opening price under the venue's own rule, so that all rules open
//! alike and part ways afterwards.

use super::super::equilibrium::auctions::Bidding;
use super::super::ids::OfferId;
use super::super::model::Model;
use super::asks::{self, Wanted};
use super::offers::Seller;
use super::state::SupplyCurve;
use crate::scenario::types::{BidRule, VenueRule};

/// How a venue clears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Venue {
    #[default]
    Uniform,
    CostPlus,
    Strategic,
    Posted,
}

impl Venue {
    pub fn of(rule: Option<&VenueRule>) -> Self {
        match rule {
            None | Some(VenueRule::UniformAuction(_)) => Self::Uniform,
            Some(VenueRule::ReverseAuction(BidRule::CostPlus)) => Self::CostPlus,
            Some(VenueRule::ReverseAuction(BidRule::Strategic)) => Self::Strategic,
            Some(VenueRule::Posted(_)) => Self::Posted,
        }
    }

    /// The rule behind an offer of independent providers.
    pub fn behind(model: &Model, offer: OfferId) -> Self {
        match model.market.offers[offer].seller {
            Seller::Marketplace(venue) => model.market.marketplace_rules[venue],
            Seller::Network(venue) => model.market.network_rules[venue],
            Seller::Operator(_) => Self::Uniform,
        }
    }

    /// Price per hour at which these providers serve what is wanted, mark-up `factor` included.
    pub fn price_usd_per_h(self, curve: &SupplyCurve, factor: f64, wanted: Wanted) -> f64 {
        if self == Self::Uniform {
            return asks::clearing_price(curve, factor, wanted);
        }
        let Some(bids) = Bids::new(self, curve, wanted.hours) else {
            return wanted.price_usd_per_h;
        };
        if self == Self::Posted {
            return factor * bids.mean_usd_per_h(f64::INFINITY);
        }
        // The mean of accepted bids rises with the hours, demand falls with the price.
        let (mut served, mut last) = (0.0, 0.0);
        for step in 0..bids.steps {
            let all = served + bids.hours[step];
            let price = factor * bids.mean_usd_per_h(all);
            let still = wanted.at(price);
            if still <= all {
                let hours = if still > served { still } else { served };
                let first = hours <= 0.0;
                return if first {
                    price
                } else {
                    factor * bids.mean_usd_per_h(hours)
                };
            }
            (served, last) = (all, price);
        }
        last
    }

    /// Price per hour without mark-up when `hours` are sold, cheapest first.
    pub fn level_usd_per_h(self, curve: &SupplyCurve, hours: f64) -> Option<f64> {
        if self == Self::Uniform {
            return asks::marginal_cost(curve, hours);
        }
        let bids = Bids::new(self, curve, hours)?;
        let sold = if self == Self::Posted {
            f64::INFINITY
        } else {
            hours
        };
        Some(bids.mean_usd_per_h(sold))
    }
}

/// Bids without mark-up, rising.
struct Bids {
    usd_per_h: [f64; 64],
    hours: [f64; 64],
    steps: usize,
}

impl Bids {
    fn new(venue: Venue, curve: &SupplyCurve, wanted_h: f64) -> Option<Self> {
        let mut bids = Self {
            usd_per_h: [0.0; 64],
            hours: [0.0; 64],
            steps: 0,
        };
        for (cost, units) in curve.cost_usd_per_h.iter().zip(&curve.units_h) {
            if *units > 0.0 && *cost > 0.0 {
                bids.usd_per_h[bids.steps] = *cost;
                bids.hours[bids.steps] = *units;
                bids.steps += 1;
            }
        }
        let highest_usd_per_h = bids.usd_per_h[bids.steps.checked_sub(1)?];
        if venue == Venue::Strategic {
            let offered: f64 = bids.hours[..bids.steps].iter().sum();
            let rivals = if wanted_h > 0.0 && offered > wanted_h {
                offered / wanted_h
            } else if wanted_h > 0.0 {
                1.0
            } else {
                f64::INFINITY
            };
            let bidding = Bidding::Strategic { highest_usd_per_h };
            for bid in &mut bids.usd_per_h[..bids.steps] {
                *bid = bidding.bid_usd_per_h(*bid, rivals);
            }
        }
        Some(bids)
    }

    /// Mean of the lowest bids for so many hours; the lowest bid for none.
    fn mean_usd_per_h(&self, hours: f64) -> f64 {
        let (mut usd, mut served) = (0.0, 0.0);
        for (bid, units) in self.usd_per_h[..self.steps].iter().zip(&self.hours) {
            let left = hours - served;
            let part = if *units < left { *units } else { left };
            if part <= 0.0 {
                break;
            }
            usd += bid * part;
            served += part;
        }
        if served > 0.0 {
            usd / served
        } else {
            self.usd_per_h[0]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Venue; 4] = [
        Venue::Uniform,
        Venue::CostPlus,
        Venue::Strategic,
        Venue::Posted,
    ];

    fn curve() -> SupplyCurve {
        let mut curve = SupplyCurve::default();
        for (bin, cost) in [(3, 1.0), (7, 1.5), (20, 2.0)] {
            curve.cost_usd_per_h[bin] = cost;
            curve.units_h[bin] = 100.0;
        }
        curve
    }

    fn price(venue: Venue, hours: f64) -> f64 {
        let wanted = Wanted {
            hours,
            price_usd_per_h: 1.5,
            elasticity: 2.0,
        };
        venue.price_usd_per_h(&curve(), 1.1, wanted)
    }

    #[test]
    fn paying_as_bid_is_cheaper_than_paying_everybody_the_last_ask() {
        for hours in [50.0, 120.0, 180.0, 260.0] {
            let paid = price(Venue::CostPlus, hours);
            assert!(paid <= price(Venue::Uniform, hours), "{hours}: {paid}");
            assert!(
                price(Venue::Strategic, hours) >= paid,
                "nobody bids below cost"
            );
        }
        assert!(price(Venue::CostPlus, 180.0) < price(Venue::Uniform, 180.0));
    }

    #[test]
    fn strategic_bids_fall_to_cost_with_idle_rivals_and_rise_without() {
        let above_cost = |hours| price(Venue::Strategic, hours) / price(Venue::CostPlus, hours);
        assert!(above_cost(0.01) < 1.001);
        assert!(above_cost(30.0) < above_cost(100.0) && above_cost(100.0) < above_cost(250.0));
        let sold_out = price(Venue::Strategic, 5_000.0);
        assert!((sold_out - 1.1 * 2.0).abs() < 1e-12, "{sold_out}");
    }

    #[test]
    fn posted_asks_stand_whatever_is_wanted_and_only_the_uniform_price_rations() {
        assert_eq!(price(Venue::Posted, 10.0), price(Venue::Posted, 5_000.0));
        assert!((price(Venue::Posted, 10.0) - 1.1 * 1.5).abs() < 1e-12);
        let last_ask = 1.1 * 2.0;
        for venue in ALL {
            let short = price(venue, 5_000.0);
            assert_eq!(
                short > last_ask + 1e-9,
                venue == Venue::Uniform,
                "{venue:?}"
            );
        }
    }

    #[test]
    fn a_price_never_falls_when_more_is_wanted_and_an_empty_curve_keeps_its_own() {
        for venue in ALL {
            let mut last = 0.0;
            for hours in 0..2_000 {
                let now = price(venue, f64::from(hours));
                assert!(now >= last - 1e-12, "{venue:?} {hours}: {now} below {last}");
                last = now;
            }
            let wanted = Wanted {
                hours: 5.0,
                price_usd_per_h: 1.3,
                elasticity: 2.0,
            };
            let empty = SupplyCurve::default();
            assert_eq!(venue.price_usd_per_h(&empty, 1.0, wanted), 1.3);
            assert_eq!(venue.level_usd_per_h(&empty, 5.0), None);
        }
    }
}
