//! What is read off a market's prices: elasticities, diversion, pass-through, concentration,
//! welfare, and what a subsidy costs.

use super::capacity::{Solution, active_response};
use super::demand::Demand;
use super::market::{Conduct, Market};
use super::pricing;
use crate::kernels::linear::{self, Square};
use crate::kernels::math::ln;

/// Matrices over products, row j and column k.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrices {
    /// d ln s_j / d ln p_k.
    pub elasticity: Square,
    /// Share of j's lost buyers that goes to k; on the diagonal to the outside option.
    pub diversion: Square,
    /// dp_j/dc_k; absent where the first-order conditions are singular.
    pub pass_through: Option<Square>,
}

/// Elasticities, diversion and pass-through at a solution. Products that cannot be sold have
/// rows and columns of zeros.
pub fn matrices(market: &Market, conduct: Conduct, solution: &Solution) -> Matrices {
    let all = market.products();
    let open: Vec<usize> = (0..all).filter(|j| market.capacity_h[*j] > 0.0).collect();
    let part = market.only(&open);
    let take = |values: &[f64]| -> Vec<f64> { open.iter().map(|j| values[*j]).collect() };
    let price = take(&solution.price_usd_per_h);
    let shadow = take(&solution.shadow_usd_per_h);
    let mut demand = Demand::new(&part);
    demand.evaluate(&price);
    let n = open.len();
    let mut slopes = Square::zeros(n);
    for j in 0..n {
        for k in 0..n {
            slopes.set(j, k, demand.log_slope(j, k));
        }
    }
    let mut elasticity = Square::zeros(n);
    let mut diversion = Square::zeros(n);
    for j in 0..n {
        // ∂s is symmetric, so that ∂s_k/∂p_j = ∂s_j/∂p_k = s_j L_jk. What leaves j is the sum of
        // what others gain: its own slope would cancel where nearly everybody buys j.
        let outside = demand.outside_slope(j);
        let others = (0..n).filter(|k| *k != j).map(|k| slopes.at(j, k));
        let lost = outside + others.sum::<f64>();
        for k in (0..n).filter(|k| *k != j) {
            elasticity.set(j, k, price[k] * slopes.at(j, k));
            diversion.set(j, k, slopes.at(j, k) / lost);
        }
        elasticity.set(j, j, -price[j] * lost);
        diversion.set(j, j, outside / lost);
    }
    let costs = part.priced_cost(conduct);
    let cost: Vec<f64> = costs.iter().zip(&shadow).map(|(c, l)| c + l).collect();
    let free = pricing::pass_through(&demand, &part.stakes(conduct), &price, &cost);
    let active: Vec<usize> = (0..n).filter(|j| shadow[*j] > 0.0).collect();
    let pass_through = free.and_then(|free| bound(&demand, free, &active));
    Matrices {
        elasticity: spread(&elasticity, &open, all),
        diversion: spread(&diversion, &open, all),
        pass_through: pass_through.map(|square| spread(&square, &open, all)),
    }
}

/// Pass-through where full products stay full: their shadow prices give way so that the hours
/// sold do not change, dp/dc = T − T_A (L_A T_A)⁻¹ L_A T.
fn bound(demand: &Demand, free: Square, active: &[usize]) -> Option<Square> {
    if active.is_empty() {
        return Some(free);
    }
    let (n, m) = (free.order, active.len());
    let response = active_response(demand, &free, active);
    let mut inner = Square::zeros(m);
    for (a, row) in response.iter().enumerate() {
        for (b, k) in active.iter().enumerate() {
            inner.set(a, b, row[*k]);
        }
    }
    let shadow = linear::solve(inner, response.concat(), n)?;
    let mut out = free.clone();
    for j in 0..n {
        for k in 0..n {
            let given: f64 = active
                .iter()
                .enumerate()
                .map(|(a, l)| free.at(j, *l) * shadow[a * n + k])
                .sum();
            out.set(j, k, free.at(j, k) - given);
        }
    }
    Some(out)
}

fn spread(part: &Square, open: &[usize], all: usize) -> Square {
    let mut whole = Square::zeros(all);
    for (a, j) in open.iter().enumerate() {
        for (b, k) in open.iter().enumerate() {
            whole.set(*j, *k, part.at(a, b));
        }
    }
    whole
}

/// Herfindahl–Hirschman index of owners on inside shares, 0 to 10,000; 0 where nothing is sold.
pub fn hhi(market: &Market, share: &[f64]) -> f64 {
    let mut owners = vec![0.0; market.profit_weight.len()];
    for (owner, share) in market.owner.iter().zip(share) {
        owners[*owner] += share;
    }
    Concentration::of(&owners).hhi
}

/// How unevenly something is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concentration {
    /// 10,000 · Σ s² on shares of the total.
    pub hhi: f64,
    /// Share of the four largest.
    pub four_largest_share: f64,
    pub gini: f64,
    /// Fewest whose share together exceeds one half.
    pub nakamoto: usize,
    /// −Σ s ln s.
    pub shannon: f64,
}

impl Concentration {
    /// Of holdings that are not negative; all zero where nothing is held.
    pub fn of(holdings: &[f64]) -> Concentration {
        let total: f64 = holdings.iter().sum();
        if total <= 0.0 || !total.is_finite() {
            return Concentration::default();
        }
        let mut shares: Vec<f64> = holdings.iter().map(|x| x / total).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        let n = shares.len() as f64;
        let rank = |i: usize| 2.0 * (n - i as f64) - n - 1.0;
        let ranked: f64 = shares.iter().enumerate().map(|(i, s)| rank(i) * s).sum();
        let (mut held, mut nakamoto) = (0.0, 0);
        for share in &shares {
            if held > 0.5 {
                break;
            }
            held += share;
            nakamoto += 1;
        }
        let entropy = shares.iter().filter(|s| **s > 0.0).map(|s| -s * ln(*s));
        Concentration {
            hhi: 1e4 * shares.iter().map(|s| s * s).sum::<f64>(),
            four_largest_share: shares.iter().take(4).sum(),
            gini: ranked / n,
            nakamoto,
            shannon: entropy.sum(),
        }
    }
}

/// Consumer surplus + profit − cost to third parties, USD per unit of size (1.6).
pub fn welfare_usd(market: &Market, solution: &Solution) -> f64 {
    let profit: f64 = solution.profit_usd.iter().sum();
    let pairs = market.external_usd_per_h.iter().zip(&solution.share);
    let external: f64 = pairs.map(|(external, share)| external * share).sum();
    solution.consumer_surplus_usd + profit - external
}

/// USD per additional hour of a small subsidy s at price p (S2 of 1.6):
/// s + p (ε_s + ε_d) ÷ (ε_s ε_d), elasticities as positive numbers.
pub fn subsidy_usd_per_additional_h(
    price_usd_per_h: f64,
    subsidy_usd_per_h: f64,
    supply_elasticity: f64,
    demand_elasticity: f64,
) -> f64 {
    let both = supply_elasticity * demand_elasticity;
    subsidy_usd_per_h + price_usd_per_h * (supply_elasticity + demand_elasticity) / both
}
