//! Full products (E11): p = c + λ + markup(p; c + λ) with 0 ≤ λ ⟂ capacity − hours sold ≥ 0.
//!
//! The set of full products is guessed, their shadow prices are found by Newton's method on
//! ln(hours sold ÷ capacity) = 0, and the guess is corrected until it holds. Buyers who find a
//! product full at these prices do not exist: the price keeps them away.

use std::collections::BTreeSet;

use super::demand::Demand;
use super::market::{Conduct, Market, Stakes};
use super::pricing::{self, Iterated, Rule};
use crate::kernels::linear::{self, Square};
use crate::kernels::math::{exp, ln};

/// Hours sold may exceed capacity by this share before a product counts as full.
const SLACK_SHARE: f64 = 1e-9;
/// Aim of Newton's method, and what is accepted where rounding stops it earlier.
const AIM: f64 = 1e-13;
const ACCEPTED: f64 = 1e-9;
/// Largest relative error of shares per relative error of prices that is expected.
const BLUR: f64 = 10.0;
const ROUNDS: usize = 50;
const NEWTON_STEPS: usize = 60;
const HALVINGS: usize = 24;
/// The whole search may take this many times the iterations allowed for one vector of costs.
const SEARCHES: u64 = 4;

/// How the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Converged,
    /// Prices still moved after the allowed iterations, or left the range of numbers.
    Unsettled,
    /// The shadow prices of full products were not found.
    NoShadowPrice,
    /// The set of full products kept changing.
    Cycle,
}

/// Prices and what follows from them. A product without capacity has an infinite price.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    pub stop: Stop,
    pub iterations: u64,
    /// Largest first-order residual (E7), in shares.
    pub foc_residual: f64,
    pub is_second_order: bool,
    pub price_usd_per_h: Vec<f64>,
    pub share: Vec<f64>,
    /// λ, USD per hour.
    pub shadow_usd_per_h: Vec<f64>,
    /// Per unit of size.
    pub profit_usd: Vec<f64>,
    pub outside_share: f64,
    /// Per unit of size.
    pub consumer_surplus_usd: f64,
}

/// Solves a market under a conduct.
pub fn solve(market: &Market, conduct: Conduct, rule: Rule) -> Solution {
    let all = market.products();
    let open: Vec<usize> = (0..all).filter(|j| market.capacity_h[*j] > 0.0).collect();
    let part = market.only(&open);
    let mut search = Search::new(&part, conduct, rule);
    let stop = search.complement();
    let found = search.report(stop);
    if open.len() == all {
        return found;
    }
    let mut whole = Solution {
        price_usd_per_h: vec![f64::INFINITY; all],
        share: vec![0.0; all],
        shadow_usd_per_h: vec![f64::INFINITY; all],
        profit_usd: vec![0.0; all],
        ..found.clone()
    };
    for (at, j) in open.iter().enumerate() {
        whole.price_usd_per_h[*j] = found.price_usd_per_h[at];
        whole.share[*j] = found.share[at];
        whole.shadow_usd_per_h[*j] = found.shadow_usd_per_h[at];
        whole.profit_usd[*j] = found.profit_usd[at];
    }
    whole
}

struct Search<'a> {
    market: &'a Market,
    conduct: Conduct,
    rule: Rule,
    stakes: Stakes,
    cost: Vec<f64>,
    demand: Demand<'a>,
    price: Vec<f64>,
    shadow: Vec<f64>,
    ln_room: Vec<f64>,
    iterations: u64,
}

impl<'a> Search<'a> {
    fn new(market: &'a Market, conduct: Conduct, rule: Rule) -> Search<'a> {
        let cost = market.priced_cost(conduct);
        let ln_room = market.capacity_h.iter().map(|capacity| {
            if capacity.is_finite() {
                ln(*capacity) - ln(market.size_h)
            } else {
                f64::INFINITY
            }
        });
        Search {
            market,
            conduct,
            rule,
            stakes: market.stakes(conduct),
            price: cost.clone(),
            shadow: vec![0.0; cost.len()],
            ln_room: ln_room.collect(),
            demand: Demand::new(market),
            cost,
            iterations: 0,
        }
    }

    fn full_cost(&self) -> Vec<f64> {
        let pairs = self.cost.iter().zip(&self.shadow);
        pairs.map(|(cost, shadow)| cost + shadow).collect()
    }

    fn settle(&mut self) -> bool {
        let cost = self.full_cost();
        let all = self.rule.max_iterations.saturating_mul(SEARCHES);
        let left = all.saturating_sub(self.iterations);
        let rule = Rule {
            max_iterations: left.min(self.rule.max_iterations),
            ..self.rule
        };
        let (demand, price) = (&mut self.demand, &mut self.price);
        let Iterated {
            is_converged,
            iterations,
        } = pricing::settle(demand, &self.stakes, &cost, price, rule);
        self.iterations += iterations;
        is_converged
    }

    /// ln(hours sold ÷ capacity).
    fn excess(&self, j: usize) -> f64 {
        self.demand.ln_share[j] - self.ln_room[j]
    }

    /// The active-set loop. After a repeated guess only one product changes sides at a time.
    fn complement(&mut self) -> Stop {
        if !self.settle() {
            return Stop::Unsettled;
        }
        let mut active: Vec<usize> = Vec::new();
        let mut seen = BTreeSet::from([active.clone()]);
        let mut is_careful = false;
        let rounds = ROUNDS + 4 * self.price.len();
        for _ in 0..rounds {
            if !active.is_empty() && !self.shadow_prices(&active) {
                return Stop::NoShadowPrice;
            }
            let is_full = |j: &usize| {
                if active.contains(j) {
                    self.shadow[*j] > 0.0
                } else {
                    self.excess(*j) > SLACK_SHARE
                }
            };
            let mut next: Vec<usize> = (0..self.price.len()).filter(is_full).collect();
            if next == active {
                return Stop::Converged;
            }
            if is_careful {
                let moved = |j: &usize| next.contains(j) != active.contains(j);
                let Some(first) = (0..self.price.len()).find(moved) else {
                    return Stop::Cycle;
                };
                next = active.clone();
                match next.iter().position(|j| *j == first) {
                    Some(at) => drop(next.remove(at)),
                    None => next.push(first),
                }
                next.sort_unstable();
            }
            is_careful |= !seen.insert(next.clone());
            for (j, shadow) in self.shadow.iter_mut().enumerate() {
                if !next.contains(&j) {
                    *shadow = 0.0;
                }
            }
            active = next;
            if !self.settle() {
                return Stop::Unsettled;
            }
        }
        Stop::Cycle
    }

    /// Newton's aim: prices known to a tolerance say no more about shares.
    fn aim(&self) -> f64 {
        let seen = BLUR * self.rule.tolerance;
        if seen > ACCEPTED {
            ACCEPTED
        } else if seen > AIM {
            seen
        } else {
            AIM
        }
    }

    fn worst(&self, active: &[usize]) -> f64 {
        let size = active.iter().map(|j| self.excess(*j).abs());
        size.fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
    }

    /// Newton's method on the shadow prices of the active products, with halved steps where a
    /// whole one does not help.
    fn shadow_prices(&mut self, active: &[usize]) -> bool {
        for _ in 0..NEWTON_STEPS {
            let worst = self.worst(active);
            if worst <= self.aim() {
                return true;
            }
            let Some(step) = self.newton_step(active) else {
                return worst <= ACCEPTED;
            };
            let before = (self.shadow.clone(), self.price.clone());
            let mut length = 1.0;
            let mut is_nearer = false;
            for _ in 0..HALVINGS {
                for (j, d) in active.iter().zip(&step) {
                    self.shadow[*j] = before.0[*j] - length * d;
                    self.price[*j] = before.1[*j] - length * d;
                }
                is_nearer = self.settle() && self.worst(active) < worst;
                if is_nearer {
                    break;
                }
                self.price.copy_from_slice(&before.1);
                length /= 2.0;
            }
            if !is_nearer {
                self.shadow.copy_from_slice(&before.0);
                return self.settle() && worst <= ACCEPTED;
            }
        }
        self.worst(active) <= ACCEPTED
    }

    /// (∂ ln s_a/∂λ_b)⁻¹ · ln(hours ÷ capacity).
    fn newton_step(&self, active: &[usize]) -> Option<Vec<f64>> {
        let through = self.pass_through()?;
        let response = active_response(&self.demand, &through, active);
        let mut jacobian = Square::zeros(active.len());
        for a in 0..active.len() {
            for (b, k) in active.iter().enumerate() {
                jacobian.set(a, b, response[a][*k]);
            }
        }
        let excess = active.iter().map(|j| self.excess(*j)).collect();
        linear::solve(jacobian, excess, 1)
    }

    fn pass_through(&self) -> Option<Square> {
        let cost = self.full_cost();
        pricing::pass_through(&self.demand, &self.stakes, &self.price, &cost)
    }

    fn report(self, stop: Stop) -> Solution {
        let cost = self.full_cost();
        let pairs = self.price.iter().zip(&cost);
        let margin: Vec<f64> = pairs.map(|(p, c)| p - c).collect();
        let (demand, stakes) = (&self.demand, &self.stakes);
        let is_taker = stakes.iter().all(Vec::is_empty);
        let foc_residual = if is_taker {
            0.0
        } else {
            pricing::residual(demand, stakes, &self.price, &cost)
        };
        let group = match self.conduct {
            Conduct::Nash => self.market.owner.clone(),
            _ => vec![0; cost.len()],
        };
        let earned = self.price.iter().zip(&self.market.cost_usd_per_h);
        let profit = earned.zip(&demand.share).map(|((p, c), s)| (p - c) * s);
        Solution {
            stop,
            iterations: self.iterations,
            foc_residual,
            is_second_order: pricing::is_second_order(demand, stakes, &margin, &group),
            profit_usd: profit.collect(),
            share: demand
                .ln_share
                .iter()
                .zip(&demand.share)
                .map(share)
                .collect(),
            outside_share: demand.outside_share(),
            consumer_surplus_usd: demand.surplus_usd(),
            shadow_usd_per_h: self.shadow,
            price_usd_per_h: self.price,
        }
    }
}

/// A share that underflowed in every segment may still be a number by its logarithm.
fn share((log, share): (&f64, &f64)) -> f64 {
    if *share > 0.0 { *share } else { exp(*log) }
}

/// ∂ ln s_a/∂c_k for each active product a: its slopes times dp/dc.
pub fn active_response(demand: &Demand, through: &Square, active: &[usize]) -> Vec<Vec<f64>> {
    let products = through.order;
    let row = |a: &usize| {
        let mut out = vec![0.0; products];
        for l in 0..products {
            let slope = demand.log_slope(*a, l);
            for (sum, cell) in out.iter_mut().zip(through.row(l)) {
                *sum += slope * cell;
            }
        }
        out
    };
    active.iter().map(row).collect()
}
