//! Prices from which no seller wants to move (E7, E8), by the ζ-iteration of Morrow and Skerlos.
//!
//! First-order conditions are used divided by the share, G_j = 1 + Σ_k H_jk (p_k − c_k) L_jk,
//! so that a product nobody buys does not divide by zero.

use std::collections::BTreeMap;

use super::demand::Demand;
use super::market::Stakes;
use crate::kernels::linear::{self, Square, is_semidefinite};

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// |Δp| ≤ tolerance · max(1, |p|), never below 4 ulp.
    pub tolerance: f64,
    pub max_iterations: u64,
}

/// Steps without progress after which the step is halved.
const PATIENCE: u64 = 24;
const SMALLEST_STEP: f64 = 1.0 / 64.0;
/// Plain iterations before Newton's method is tried, and between two tries.
const NEWTON_FROM: u64 = 48;
const NEWTON_EVERY: u64 = 12;

/// What an iteration came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Iterated {
    pub is_converged: bool,
    pub iterations: u64,
}

/// p_k − c_k.
fn margins(price: &[f64], cost: &[f64]) -> Vec<f64> {
    price.iter().zip(cost).map(|(p, c)| p - c).collect()
}

/// G at the prices that `demand` was evaluated at.
pub fn conditions(demand: &Demand, stakes: &Stakes, margin: &[f64]) -> Vec<f64> {
    let row = |(j, stakes): (usize, &Vec<(usize, f64)>)| {
        let term = |(k, h): &(usize, f64)| h * margin[*k] * demand.log_slope(j, *k);
        1.0 + stakes.iter().map(term).sum::<f64>()
    };
    stakes.iter().enumerate().map(row).collect()
}

/// Largest first-order residual of E7, in shares.
pub fn residual(demand: &Demand, stakes: &Stakes, price: &[f64], cost: &[f64]) -> f64 {
    let conditions = conditions(demand, stakes, &margins(price, cost));
    largest(conditions.iter().zip(&demand.share).map(|(g, s)| g * s))
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(
        0.0,
        |most: f64, x| if x.abs() > most { x.abs() } else { most },
    )
}

/// One application of p ↦ c + ζ(p).
fn zeta(demand: &Demand, stakes: &Stakes, prices: (&[f64], &[f64]), out: &mut [f64]) {
    let (price, cost) = prices;
    for (j, row) in stakes.iter().enumerate() {
        let mut sum = -1.0;
        for (k, weight) in row {
            sum += weight * (price[*k] - cost[*k]) * demand.rival(j, *k);
        }
        out[j] = cost[j] + sum / demand.direct(j);
    }
}

/// Finds the prices for these costs; `price` holds the start and then the result.
pub fn settle(
    demand: &mut Demand,
    stakes: &Stakes,
    cost: &[f64],
    price: &mut [f64],
    rule: Rule,
) -> Iterated {
    if stakes.iter().all(Vec::is_empty) {
        price.copy_from_slice(cost);
        demand.evaluate(price);
        let (is_converged, iterations) = (true, 0);
        return Iterated {
            is_converged,
            iterations,
        };
    }
    let floor = 4.0 * f64::EPSILON;
    let tolerance = if rule.tolerance > floor {
        rule.tolerance
    } else {
        floor
    };
    let mut next = price.to_vec();
    let (mut damping, mut best, mut since) = (1.0, f64::INFINITY, 0);
    for iteration in 1..=rule.max_iterations {
        demand.evaluate(price);
        zeta(demand, stakes, (price, cost), &mut next);
        let step = largest(next.iter().zip(price.iter()).map(|(n, p)| {
            let size = p.abs();
            (n - p) / if size > 1.0 { size } else { 1.0 }
        }));
        if !next.iter().all(|p| p.is_finite()) {
            return stopped(demand, price, (false, iteration));
        }
        if step <= tolerance {
            price.copy_from_slice(&next);
            return stopped(demand, price, (true, iteration));
        }
        (best, since) = if step < best {
            (step, 0)
        } else {
            (best, since + 1)
        };
        if since > PATIENCE && damping > SMALLEST_STEP {
            (damping, since) = (damping / 2.0, 0);
        }
        let is_slow = iteration >= NEWTON_FROM && iteration % NEWTON_EVERY == 0;
        if is_slow && newton(demand, stakes, cost, price) {
            continue;
        }
        for (p, n) in price.iter_mut().zip(&next) {
            *p += damping * (n - *p);
        }
    }
    stopped(demand, price, (false, rule.max_iterations))
}

fn stopped(demand: &mut Demand, price: &[f64], end: (bool, u64)) -> Iterated {
    demand.evaluate(price);
    Iterated {
        is_converged: end.0,
        iterations: end.1,
    }
}

/// One step of Newton's method on G, kept only where it brings G nearer to zero.
fn newton(demand: &mut Demand, stakes: &Stakes, cost: &[f64], price: &mut [f64]) -> bool {
    let margin = margins(price, cost);
    let before = conditions(demand, stakes, &margin);
    let slopes = condition_slopes(demand, stakes, &margin, &every(price.len()));
    let Some(step) = linear::solve(slopes, before.clone(), 1) else {
        return false;
    };
    let trial: Vec<f64> = price.iter().zip(&step).map(|(p, d)| p - d).collect();
    demand.evaluate(&trial);
    let after = conditions(demand, stakes, &margins(&trial, cost));
    let is_nearer = largest(after.iter().copied()) < 0.9 * largest(before.iter().copied());
    let is_finite = after.iter().all(|g| g.is_finite());
    if is_nearer && is_finite {
        price.copy_from_slice(&trial);
    }
    is_nearer && is_finite
}

/// ∂G_j/∂p_l. With μ_k = H_jk (p_k − c_k), U = Σ μ_k A_jk, X = Σ μ_k s_k, and Y, Z the sums of
/// μ_k s_k and μ_k s_{k|h} over a nest, per segment
/// Σ_k μ_k ∂(ω α A_jk)/∂p_l = ωα²{A_jl U − [l with j] ρ/(1−ρ)² s_{l|h}(μ_l − Z)
/// − μ_l s_l/(1−ρ_l) + s_l X + ρ_l/(1−ρ_l) s_{l|h} Y} − L_jl Σ μ_k L_jk.
/// Rows and columns are those of `kept`.
pub fn condition_slopes(
    demand: &Demand,
    stakes: &Stakes,
    margin: &[f64],
    kept: &[usize],
) -> Square {
    let n = demand.market.segments();
    let mut out = Square::zeros(kept.len());
    let mut weighed = vec![0.0; margin.len()];
    let mut direct = vec![0.0; margin.len()];
    let mut profit_in = vec![0.0; demand.market.rho.len()];
    for (a, j) in kept.iter().enumerate() {
        let mut chain = 0.0;
        for (k, h) in &stakes[*j] {
            weighed[*k] = h * margin[*k];
            direct[*k] = *h;
            chain += weighed[*k] * demand.log_slope(*j, *k);
        }
        for (b, l) in kept.iter().enumerate() {
            let slope = demand.log_slope(*j, *l);
            out.set(a, b, slope * (direct[*l] - chain));
        }
        let line = &mut out.cells[a * kept.len()..(a + 1) * kept.len()];
        for i in 0..n {
            let row = (&stakes[*j][..], kept);
            bend(demand, row, (*j, i), &weighed, (&mut profit_in, line));
        }
        for (k, _) in &stakes[*j] {
            (weighed[*k], direct[*k]) = (0.0, 0.0);
        }
    }
    out
}

fn every(products: usize) -> Vec<usize> {
    (0..products).collect()
}

/// Adds segment i's part of the curvature to the row of j.
fn bend(
    demand: &Demand,
    lists: (&[(usize, f64)], &[usize]),
    at: (usize, usize),
    weighed: &[f64],
    room: (&mut [f64], &mut [f64]),
) {
    let ((j, i), (row, kept), (profit_in, line)) = (at, lists, room);
    let (market, n) = (demand.market, demand.market.segments());
    let nest = &market.nest;
    for (k, _) in row {
        profit_in[nest[*k]] = 0.0;
    }
    let (mut all, mut inside) = (0.0, 0.0);
    for (k, _) in row {
        let earned = weighed[*k] * demand.chosen()[k * n + i];
        all += earned;
        profit_in[nest[*k]] += earned;
        if nest[*k] == nest[j] {
            inside += weighed[*k] * demand.within()[k * n + i];
        }
    }
    let (ratio, stretch) = (demand.ratio(j), demand.stretch(j));
    let own = weighed[j] * stretch - ratio * inside - all;
    let scale = demand.pull[j * n + i] * market.alpha[i];
    for (cell, l) in line.iter_mut().zip(kept) {
        let (chosen, within) = (demand.chosen()[l * n + i], demand.within()[l * n + i]);
        let mut a = -chosen;
        let mut curve = -weighed[*l] * chosen * demand.stretch(*l)
            + chosen * all
            + demand.ratio(*l) * within * profit_in[nest[*l]];
        if nest[*l] == nest[j] {
            a -= ratio * within;
            curve -= ratio * stretch * within * (weighed[*l] - inside);
        }
        if *l == j {
            a += stretch;
        }
        *cell += scale * (a * own + curve);
    }
    for (k, _) in row {
        profit_in[nest[*k]] = 0.0;
    }
}

/// dp/dc by implicit differentiation (E10), without regard to capacity. `None` where the
/// conditions are singular.
pub fn pass_through(
    demand: &Demand,
    stakes: &Stakes,
    price: &[f64],
    cost: &[f64],
) -> Option<Square> {
    let order = demand.market.products();
    if stakes.iter().all(Vec::is_empty) {
        return Some(Square::identity(order));
    }
    let slopes = condition_slopes(demand, stakes, &margins(price, cost), &every(order));
    let mut right = Square::zeros(order);
    for (j, row) in stakes.iter().enumerate() {
        for (k, weight) in row {
            right.set(j, *k, weight * demand.log_slope(j, *k));
        }
    }
    let cells = linear::solve(slopes, right.cells, order)?;
    Some(Square { order, cells })
}

/// Whether every seller stands on a hill of its profit: its block of second derivatives is
/// negative semidefinite. `group` numbers who decides on each product.
pub fn is_second_order(demand: &Demand, stakes: &Stakes, margin: &[f64], group: &[usize]) -> bool {
    if stakes.iter().all(Vec::is_empty) {
        return true;
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (j, who) in group.iter().enumerate() {
        groups.entry(*who).or_default().push(j);
    }
    groups.values().all(|mine| {
        let slopes = condition_slopes(demand, stakes, margin, mine);
        let mut block = Square::zeros(mine.len());
        for a in 0..mine.len() {
            for b in 0..mine.len() {
                // Scaled by the shares the block is symmetric, so that its cells are the
                // geometric means of the two sides whatever the shares are.
                let (one, other) = (slopes.at(a, b), slopes.at(b, a));
                let product = one * other;
                let size = if product > 0.0 { product.sqrt() } else { 0.0 };
                block.set(a, b, if one > 0.0 { -size } else { size });
            }
        }
        is_semidefinite(block)
    })
}
