//! The pricing desk: the market of list prices as its sellers see it, and their best response.
//!
//! What an operator sells by the hour is one product, measured in H100-equivalents; buyers are
//! the segments' uncommitted work with the tastes that the choice itself uses; everything else
//! they could buy is the outside. Mean utilities are found from expected sales by share inversion
//! (E1-E4). An hour on the list costs what it would bring under contract, its avoidable cost and
//! scarcity rent, times the hours that are held for one that is sold; this factor is what makes
//! the opening's lists satisfy the first-order conditions (E7), seller by seller, and stays.
//! Prices are Bertrand-Nash with capacity (E8, E11), by the function behind `solve prices`, on a
//! market that can be written as its file.

use std::collections::BTreeMap;

use super::super::demand::Demand;
use super::super::equilibrium::inversion::invert;
use super::super::equilibrium::{self, Conduct, Rule, Solution, Stop};
use super::super::ids::{Id, OfferId, OperatorId, SegmentId, Table};
use super::super::model::Model;
use super::super::world::{Column, Visitor};
use super::state::Market;
use crate::scenario::solve::prices::{
    PriceCase, PriceConduct, PriceMarket, PriceProduct, PriceSearch, PriceSegment,
};
use crate::scenario::types::Forecast;

/// Name of the nest in which lists compete.
const NEST: &str = "list";
/// Share of buyers below which a seller's sales are taken as this.
const LEAST_SHARE: f64 = 1e-7;
/// Largest share of buyers whom lists may serve together: somebody always stays outside.
const MOST_INSIDE: f64 = 0.98;
/// When the search for prices ends: relative to a price, well below any menu cost.
pub const RULE: Rule = Rule {
    tolerance: 1e-11,
    max_iterations: 2_000,
};
/// A trend is followed no further than this factor.
const BOLDEST: f64 = 2.0;

/// What sellers remember and know of each other; by operator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// Remembered sales at the list, H100e-hours a week.
    sold_h: Vec<f64>,
    /// Remembered value of an hour under contract, USD per H100e-hour.
    value_usd_per_h: Vec<f64>,
    /// Remembered work that looks for a seller, H100e-hours a week.
    buyers_h: f64,
    /// Utility at price 0 against everything else.
    mean_utility: Vec<f64>,
    /// Cost of a list hour ÷ value of an hour under contract.
    cost_factor: Vec<f64>,
    /// Reviews that found no equilibrium and left prices alone.
    pub unsettled_reviews: f64,
}

/// One operator's list business this week, in H100-equivalents.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    price_usd_per_h: f64,
    value_usd_per_h: f64,
    sold_h: f64,
    room_h: f64,
}

/// The market of lists by numbers.
#[derive(Clone, Debug)]
pub struct Lists {
    /// Operators whose products they are, in order of name.
    pub sellers: Vec<usize>,
    /// Segment and point of its price sensitivity, by kind of buyer.
    buyers: Vec<(SegmentId, usize)>,
    pub market: equilibrium::Market,
    /// List prices that stand, USD per H100e-hour.
    pub price_usd_per_h: Vec<f64>,
}

/// Best responses of a week.
#[derive(Clone, Debug)]
pub struct Response {
    /// The market that was solved.
    pub lists: Lists,
    pub solution: Solution,
    /// List price ÷ value of an hour under contract, by operator; `None` for who does not sell.
    pub premium: Vec<Option<f64>>,
}

impl Desk {
    /// Costs that make the opening's list prices best responses to each other.
    pub fn open(
        model: &Model,
        demand: &Demand,
        targets: &Table<OfferId, f64>,
        market: &mut Market,
    ) {
        let operators = model.names.operators.len();
        let seen = look(model, market, &|offer| targets[offer]);
        let mut desk = Self {
            sold_h: seen.iter().map(|seen| seen.sold_h).collect(),
            value_usd_per_h: seen.iter().map(|seen| seen.value_usd_per_h).collect(),
            buyers_h: buyers_h(model, demand),
            mean_utility: vec![0.0; operators],
            cost_factor: vec![0.0; operators],
            unsettled_reviews: 0.0,
        };
        let Some(lists) = desk.lists(model, demand, market, &seen) else {
            market.desk = desk;
            return;
        };
        let mut reaction = equilibrium::Demand::new(&lists.market);
        reaction.evaluate(&prices(&lists.sellers, &seen));
        let mut mean = (0.0, 0.0);
        for (product, at) in lists.sellers.iter().enumerate() {
            let markup = -1.0 / reaction.log_slope(product, product);
            let cost = seen[*at].price_usd_per_h - markup;
            let factor = if cost > 0.0 && seen[*at].value_usd_per_h > 0.0 {
                cost / seen[*at].value_usd_per_h
            } else {
                0.0
            };
            desk.cost_factor[*at] = factor;
            mean = (
                mean.0 + factor * seen[*at].room_h,
                mean.1 + seen[*at].room_h,
            );
        }
        // Who does not sell yet will hold as many hours as the others do.
        for (factor, seen) in desk.cost_factor.iter_mut().zip(&seen) {
            if seen.room_h <= 0.0 && mean.1 > 0.0 {
                *factor = mean.0 / mean.1;
            }
        }
        market.desk = desk;
    }

    /// Remembers a week.
    pub fn learn(model: &Model, demand: &Demand, market: &mut Market) {
        let seen = look(model, market, &|offer| market.sold_h[offer]);
        let gain = 1.0 / model.market.rules.forecast_memory_weeks;
        let mut desk = std::mem::take(&mut market.desk);
        desk.buyers_h += gain * (buyers_h(model, demand) - desk.buyers_h);
        for (at, seen) in seen.iter().enumerate() {
            let (sold, value) = (&mut desk.sold_h[at], &mut desk.value_usd_per_h[at]);
            // What a seller offers for the first time it knows only from this week.
            let gain = if *value > 0.0 { gain } else { 1.0 };
            *sold += gain * (seen.sold_h - *sold);
            *value += gain * (seen.value_usd_per_h - *value);
        }
        market.desk = desk;
    }

    /// Everybody's best response to expected demand and costs.
    pub fn respond(model: &Model, demand: &Demand, market: &mut Market) -> Option<Response> {
        let mut desk = std::mem::take(&mut market.desk);
        let seen = look(model, market, &|offer| market.sold_h[offer]);
        let found = desk.lists(model, demand, market, &seen).map(|lists| {
            let solution = equilibrium::solve(&lists.market, Conduct::Nash, RULE);
            let mut premium = vec![None; seen.len()];
            if solution.stop == Stop::Converged {
                for (product, at) in lists.sellers.iter().enumerate() {
                    let price = solution.price_usd_per_h[product];
                    let value = seen[*at].value_usd_per_h;
                    premium[*at] = (price.is_finite() && value > 0.0).then(|| price / value);
                }
            } else {
                desk.unsettled_reviews += 1.0;
            }
            Response {
                lists,
                solution,
                premium,
            }
        });
        market.desk = desk;
        found
    }

    /// The market of lists as its sellers see it now; nothing is remembered.
    pub fn look_at(model: &Model, demand: &Demand, market: &Market) -> Option<Lists> {
        let seen = look(model, market, &|offer| market.sold_h[offer]);
        market.desk.clone().lists(model, demand, market, &seen)
    }

    /// The market of lists under the scenario's expectation, with mean utilities fitted to it.
    fn lists(
        &mut self,
        model: &Model,
        demand: &Demand,
        market: &Market,
        seen: &[Seen],
    ) -> Option<Lists> {
        let forecast = model.market.rules.forecast;
        let sellers = sellers(seen);
        let size_h = expect(forecast, buyers_h(model, demand), self.buyers_h);
        let kinds = kinds(model, demand, market.planning_price_usd_per_h);
        if sellers.is_empty() || size_h <= 0.0 || kinds.weight.is_empty() {
            return None;
        }
        let (products, segments) = (sellers.len(), kinds.weight.len());
        let cost = |at: &usize| {
            let value = expect(
                forecast,
                seen[*at].value_usd_per_h,
                self.value_usd_per_h[*at],
            );
            self.cost_factor[*at] * value
        };
        let mut lists = equilibrium::Market {
            size_h,
            cost_usd_per_h: sellers.iter().map(cost).collect(),
            external_usd_per_h: vec![0.0; products],
            capacity_h: sellers.iter().map(|at| seen[*at].room_h).collect(),
            owner: (0..products).collect(),
            nest: vec![0; products],
            rho: vec![model.demand.choice.nest_correlation_share],
            weight: kinds.weight,
            alpha: kinds.alpha,
            base: vec![0.0; products * segments],
            profit_weight: (0..products).map(|owner| vec![(owner, 1.0)]).collect(),
        };
        let expected = |at: &usize| expect(forecast, seen[*at].sold_h, self.sold_h[*at]) / size_h;
        let wanted = goals(sellers.iter().map(expected).collect());
        let mut reaction = equilibrium::Demand::new(&lists);
        for (shift, at) in reaction.shift.iter_mut().zip(&sellers) {
            *shift = self.mean_utility[*at];
        }
        invert(&mut reaction, &prices(&sellers, seen), &wanted);
        let fitted = reaction.shift;
        for ((product, at), utility) in sellers.iter().enumerate().zip(&fitted) {
            self.mean_utility[*at] = *utility;
            lists.base[product * segments..(product + 1) * segments].fill(*utility);
        }
        Some(Lists {
            price_usd_per_h: prices(&sellers, seen),
            sellers,
            buyers: kinds.buyers,
            market: lists,
        })
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for (name, column) in [
            ("market.desk_sold_h", &mut self.sold_h),
            ("market.desk_value", &mut self.value_usd_per_h),
            ("market.desk_utility", &mut self.mean_utility),
            ("market.desk_cost_factor", &mut self.cost_factor),
        ] {
            visitor.column(name, Column::F64(column));
        }
        for (name, value) in [
            ("market.desk_buyers_h", &mut self.buyers_h),
            ("market.desk_unsettled", &mut self.unsettled_reviews),
        ] {
            visitor.column(name, Column::F64(std::slice::from_mut(value)));
        }
    }
}

/// What is expected of a quantity that is `now` and has been `known`.
fn expect(forecast: Forecast, now: f64, known: f64) -> f64 {
    match forecast {
        Forecast::Static => now,
        Forecast::Adaptive => known,
        Forecast::Trend if known > 0.0 => now * (now / known).clamp(1.0 / BOLDEST, BOLDEST),
        Forecast::Trend => now,
    }
}

/// Work that looks for a seller this week, with those who stay outside.
fn buyers_h(model: &Model, demand: &Demand) -> f64 {
    let free: f64 = demand.contestable_h100e_h.values().iter().sum();
    free / (1.0 - model.demand.choice.outside_share)
}

/// Every operator's list business; `sold_h` are the hours that each offer sells.
fn look(model: &Model, market: &Market, sold_h: &dyn Fn(OfferId) -> f64) -> Vec<Seen> {
    let mut seen = vec![Seen::default(); model.names.operators.len()];
    let mut whole_h = vec![0.0; seen.len()];
    for pool in &model.market.pools {
        let own = &mut seen[pool.operator.index()];
        let h100e = model.market.h100e(pool.on_demand);
        let (open, whole) = (
            market.standing_h[pool.on_demand],
            market.standing_h[pool.reserved],
        );
        if open > 0.0 && whole > 0.0 {
            own.price_usd_per_h += open * market.price_usd_per_h[pool.on_demand];
            own.value_usd_per_h += whole * market.price_usd_per_h[pool.reserved];
            own.sold_h += sold_h(pool.on_demand) * h100e;
            own.room_h += open * h100e;
            whole_h[pool.operator.index()] += whole * h100e;
        }
    }
    for (own, whole_h) in seen.iter_mut().zip(whole_h) {
        if own.room_h > 0.0 {
            own.price_usd_per_h /= own.room_h;
            own.value_usd_per_h /= whole_h;
        }
    }
    seen
}

/// Operators that sell by the hour, in order of name.
fn sellers(seen: &[Seen]) -> Vec<usize> {
    let sells = |at: &usize| seen[*at].room_h > 0.0 && seen[*at].price_usd_per_h > 0.0;
    (0..seen.len()).filter(sells).collect()
}

/// Their list prices, USD per H100e-hour.
fn prices(sellers: &[usize], seen: &[Seen]) -> Vec<f64> {
    sellers.iter().map(|at| seen[*at].price_usd_per_h).collect()
}

/// Shares to be met: none vanishes, and somebody stays outside.
fn goals(mut expected: Vec<f64>) -> Vec<f64> {
    for share in &mut expected {
        *share = if *share > LEAST_SHARE {
            *share
        } else {
            LEAST_SHARE
        };
    }
    let all: f64 = expected.iter().sum();
    if all > MOST_INSIDE {
        expected
            .iter_mut()
            .for_each(|share| *share *= MOST_INSIDE / all);
    }
    expected
}

/// Buyers by segment and price sensitivity; weights sum to one.
#[derive(Default)]
struct Kinds {
    buyers: Vec<(SegmentId, usize)>,
    weight: Vec<f64>,
    alpha: Vec<f64>,
}

fn kinds(model: &Model, demand: &Demand, planning_price_usd_per_h: f64) -> Kinds {
    let mut work = vec![0.0; model.demand.segments.len()];
    for (id, population) in model.demand.populations.iter() {
        work[population.segment.index()] += demand.contestable_h100e_h[id];
    }
    let all: f64 = work.iter().sum();
    let mut kinds = Kinds::default();
    for (segment, tastes) in model.demand.tastes.iter() {
        let part = work[segment.index()] / all;
        if part <= 0.0 || !part.is_finite() {
            continue;
        }
        let everybody: f64 = tastes.weight.iter().sum();
        for (point, coefficient) in tastes.price_coefficient.iter().enumerate() {
            kinds.buyers.push((segment, point));
            kinds.weight.push(part * everybody);
            kinds.alpha.push(coefficient / planning_price_usd_per_h);
        }
    }
    kinds
}

impl Lists {
    /// The same market as a file of `solve prices`, which has the same bits.
    pub fn case(&self, model: &Model) -> PriceCase {
        let market = &self.market;
        let mut products = BTreeMap::new();
        for (product, at) in self.sellers.iter().enumerate() {
            let name = model.names.operators.name(OperatorId::new(*at)).to_owned();
            let record = PriceProduct {
                owner: name.clone(),
                mean_utility: market.base[product * market.segments()],
                marginal_cost_usd_per_h: market.cost_usd_per_h[product],
                nest: Some(NEST.to_owned()),
                capacity_h: Some(market.capacity_h[product]),
                external_cost_usd_per_h: 0.0,
            };
            products.insert(name, record);
        }
        let mut segments = BTreeMap::new();
        for (kind, (segment, point)) in self.buyers.iter().enumerate() {
            let name = model.names.segments.name(*segment);
            let record = PriceSegment {
                weight: market.weight[kind],
                price_coefficient: Some(market.alpha[kind]),
                taste: BTreeMap::new(),
            };
            // Numbered, so that the file keeps the order of the sums.
            segments.insert(format!("k{kind:04}_{name}_{point}"), record);
        }
        PriceCase {
            question: None,
            market: PriceMarket {
                size: market.size_h,
                price_coefficient: None,
                products,
                nests: BTreeMap::from([(NEST.to_owned(), market.rho[0])]),
                segments,
                profit_weights: BTreeMap::new(),
            },
            solve: PriceSearch {
                conduct: PriceConduct::ALL.to_vec(),
                tolerance: RULE.tolerance,
                max_iterations: RULE.max_iterations,
            },
        }
    }
}
