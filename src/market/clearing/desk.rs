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
use super::super::equilibrium::{self, Conduct, Solution, Stop, case};
use super::super::ids::{Id, OfferId, OperatorId, Table};
use super::super::model::Model;
use super::super::world::{Column, Visitor};
use super::state::Market;
use crate::kernels::choice::{Menu, Nodes, shares};
use crate::kernels::math::ln;
use crate::scenario::solve::prices::{
    PriceCase, PriceMarket, PriceProduct, PriceSearch, PriceSegment,
};
use crate::scenario::types::Forecast;

/// Name of the nest in which lists compete.
const NEST: &str = "list";
/// Share of buyers below which a seller's sales are taken as this.
const LEAST_SHARE: f64 = 1e-7;
/// Steps of the share inversion, and the distance of logarithms at which it ends.
const STEPS: usize = 400;
const TOLERANCE: f64 = 1e-12;
/// Qualities stay within this distance of zero.
const WIDEST: f64 = 60.0;
/// When the search for prices ends: relative to a price, well below any menu cost.
const PRICE_TOLERANCE: f64 = 1e-12;
const PRICE_ITERATIONS: u64 = 2_000;
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

/// Best responses of a week.
#[derive(Clone, Debug)]
pub struct Response {
    /// The market that was solved.
    pub case: PriceCase,
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
        let Some(case) = desk.case(model, demand, market, &seen) else {
            market.desk = desk;
            return;
        };
        let market_of_lists = case::compile(&case).market;
        let mut reaction = equilibrium::Demand::new(&market_of_lists);
        let sellers = sellers(&seen);
        let prices: Vec<f64> = sellers.iter().map(|at| seen[*at].price_usd_per_h).collect();
        reaction.evaluate(&prices);
        let mut mean = (0.0, 0.0);
        for (product, at) in sellers.iter().enumerate() {
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
        let found = desk.case(model, demand, market, &seen).map(|case| {
            let compiled = case::compile(&case);
            let solution = equilibrium::solve(&compiled.market, Conduct::Nash, compiled.rule);
            let mut premium = vec![None; seen.len()];
            if solution.stop == Stop::Converged {
                for (product, at) in sellers(&seen).into_iter().enumerate() {
                    let price = solution.price_usd_per_h[product];
                    let value = seen[at].value_usd_per_h;
                    premium[at] = (price.is_finite() && value > 0.0).then(|| price / value);
                }
            } else {
                desk.unsettled_reviews += 1.0;
            }
            Response {
                case,
                solution,
                premium,
            }
        });
        market.desk = desk;
        found
    }

    /// The market of lists under the scenario's expectation, with mean utilities fitted to it.
    fn case(
        &mut self,
        model: &Model,
        demand: &Demand,
        market: &Market,
        seen: &[Seen],
    ) -> Option<PriceCase> {
        let forecast = model.market.rules.forecast;
        let sellers = sellers(seen);
        let size = expect(forecast, buyers_h(model, demand), self.buyers_h);
        let segments = segments(model, demand, market.planning_price_usd_per_h);
        if sellers.is_empty() || size <= 0.0 || segments.is_empty() {
            return None;
        }
        let expected: Vec<f64> = (sellers.iter())
            .map(|at| expect(forecast, seen[*at].sold_h, self.sold_h[*at]) / size)
            .collect();
        let prices: Vec<f64> = sellers.iter().map(|at| seen[*at].price_usd_per_h).collect();
        let rho = model.demand.choice.nest_correlation_share;
        let mut fitted: Vec<f64> = sellers.iter().map(|at| self.mean_utility[*at]).collect();
        invert(model, (&expected, &prices), (&segments, rho), &mut fitted);
        let mut products = BTreeMap::new();
        for (product, at) in sellers.iter().enumerate() {
            self.mean_utility[*at] = fitted[product];
            let value = expect(
                forecast,
                seen[*at].value_usd_per_h,
                self.value_usd_per_h[*at],
            );
            let name = model.names.operators.name(OperatorId::new(*at)).to_owned();
            let record = PriceProduct {
                owner: name.clone(),
                mean_utility: fitted[product],
                marginal_cost_usd_per_h: self.cost_factor[*at] * value,
                nest: Some(NEST.to_owned()),
                capacity_h: Some(seen[*at].room_h),
                external_cost_usd_per_h: 0.0,
            };
            products.insert(name, record);
        }
        Some(PriceCase {
            question: None,
            market: PriceMarket {
                size,
                price_coefficient: None,
                products,
                nests: BTreeMap::from([(NEST.to_owned(), rho)]),
                segments,
                profit_weights: BTreeMap::new(),
            },
            solve: PriceSearch {
                conduct: Vec::new(),
                tolerance: PRICE_TOLERANCE,
                max_iterations: PRICE_ITERATIONS,
            },
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

/// Buyers by segment and price sensitivity; weights sum to one.
fn segments(
    model: &Model,
    demand: &Demand,
    planning_price_usd_per_h: f64,
) -> BTreeMap<String, PriceSegment> {
    let mut work = vec![0.0; model.demand.segments.len()];
    for (id, population) in model.demand.populations.iter() {
        work[population.segment.index()] += demand.contestable_h100e_h[id];
    }
    let all: f64 = work.iter().sum();
    let mut found = BTreeMap::new();
    for (segment, tastes) in model.demand.tastes.iter() {
        let part = work[segment.index()] / all;
        if part <= 0.0 || !part.is_finite() {
            continue;
        }
        let first = tastes.group.first().copied();
        let points = tastes
            .group
            .iter()
            .filter(|group| Some(**group) == first)
            .count();
        let mut weight = vec![0.0; points];
        for (node, share) in tastes.weight.iter().enumerate() {
            weight[node % points] += share;
        }
        let name = model.names.segments.name(segment);
        for (point, weight) in weight.into_iter().enumerate() {
            let record = PriceSegment {
                weight: part * weight,
                price_coefficient: Some(tastes.price_coefficient[point] / planning_price_usd_per_h),
                taste: BTreeMap::new(),
            };
            found.insert(format!("{name}_{point:04}"), record);
        }
    }
    found
}

/// Berry's contraction: mean utilities at which these prices sell these shares.
fn invert(
    model: &Model,
    (expected, prices): (&[f64], &[f64]),
    (segments, rho): (&BTreeMap<String, PriceSegment>, f64),
    utility: &mut [f64],
) {
    let weight: Vec<f64> = segments.values().map(|at| at.weight).collect();
    let slope: Vec<f64> = (segments.values())
        .map(|at| at.price_coefficient.unwrap_or(-1.0))
        .collect();
    let (reach, outside) = (vec![u64::MAX; weight.len()], vec![0.0; weight.len()]);
    let nest = vec![0; expected.len()];
    let mut found = vec![0.0; expected.len()];
    for _ in 0..STEPS {
        let menu = Menu {
            utility,
            price: prices,
            nest: &nest,
            rho: &[rho],
        };
        let nodes = Nodes {
            weight: &weight,
            price_coefficient: &slope,
            feasible: &reach,
            outside_utility: &outside,
            taste: &[],
        };
        shares(model.level, &menu, &nodes, &mut found);
        let mut worst = 0.0;
        for ((utility, found), expected) in utility.iter_mut().zip(&found).zip(expected) {
            let wanted = if *expected > LEAST_SHARE {
                *expected
            } else {
                LEAST_SHARE
            };
            let gap = ln(wanted) - ln(*found);
            worst = if gap.abs() > worst { gap.abs() } else { worst };
            *utility = (*utility + (1.0 - rho) * gap).clamp(-WIDEST, WIDEST);
        }
        if worst < TOLERANCE {
            return;
        }
    }
}
