//! Choice of segments over products: plain, nested, mixed, and both at once (E2–E6).
//!
//! Derivatives are kept as ∂ ln s, which stay finite where a share vanishes: with the weight
//! ω_ij = w_i s_ij ÷ s_j of segment i among the buyers of j,
//! L_jk = ∂ ln s_j/∂p_k = Σ_i ω_ij α_i A_ijk and
//! A_ijk = 1{j=k}/(1−ρ) − 1{same nest}·ρ/(1−ρ)·s_{k|h,i} − s_ik.

use super::market::Market;
use crate::kernels::math::{exp, ln, ln_1p};

/// Below this a share is too small to be divided by; weights then come from logarithms.
const TINY: f64 = 1e-280;

/// Demand at one vector of prices, with the room that it needs. Vectors over products and
/// segments are product-major.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    pub market: &'a Market,
    segments: usize,
    members: Vec<Vec<usize>>,
    utility: Vec<f64>,
    /// ln of what the nest is worth, (1−ρ) ln D; nest-major.
    inclusive: Vec<f64>,
    top: Vec<f64>,
    sum: Vec<f64>,
    /// s_ij.
    pub chosen: Vec<f64>,
    /// s_{j|h,i}.
    pub within: Vec<f64>,
    /// ω_ij α_i.
    pub pull: Vec<f64>,
    /// s_j, share of all buyers.
    pub share: Vec<f64>,
    /// ln s_j.
    pub ln_share: Vec<f64>,
}

impl<'a> Demand<'a> {
    pub fn new(market: &'a Market) -> Demand<'a> {
        let (products, segments) = (market.products(), market.segments());
        let mut members = vec![Vec::new(); market.rho.len()];
        for (j, nest) in market.nest.iter().enumerate() {
            members[*nest].push(j);
        }
        let cells = vec![0.0; products * segments];
        Demand {
            market,
            segments,
            utility: cells.clone(),
            inclusive: vec![0.0; members.len() * segments],
            members,
            top: vec![0.0; segments],
            sum: vec![1.0; segments],
            chosen: cells.clone(),
            within: cells.clone(),
            pull: cells,
            share: vec![0.0; products],
            ln_share: vec![0.0; products],
        }
    }

    fn row(&self, j: usize) -> std::ops::Range<usize> {
        j * self.segments..(j + 1) * self.segments
    }

    /// ρ ÷ (1 − ρ) of the product's nest.
    pub fn ratio(&self, j: usize) -> f64 {
        let rho = self.market.rho[self.market.nest[j]];
        rho / (1.0 - rho)
    }

    /// 1 ÷ (1 − ρ) of the product's nest.
    pub fn stretch(&self, j: usize) -> f64 {
        1.0 / (1.0 - self.market.rho[self.market.nest[j]])
    }

    /// Computes everything at these prices, USD per hour.
    pub fn evaluate(&mut self, price_usd_per_h: &[f64]) {
        let n = self.segments;
        for (j, price) in price_usd_per_h.iter().enumerate() {
            let row = j * n..(j + 1) * n;
            let base = &self.market.base[row.clone()];
            let out = &mut self.utility[row];
            for ((v, base), alpha) in out.iter_mut().zip(base).zip(&self.market.alpha) {
                *v = base + alpha * price;
            }
        }
        self.top.fill(0.0);
        for nest in 0..self.members.len() {
            self.value_nest(nest);
        }
        for i in 0..n {
            self.sum[i] = exp(-self.top[i]);
        }
        for nest in 0..self.members.len() {
            self.weigh_nest(nest);
        }
        for j in 0..price_usd_per_h.len() {
            self.finish(j);
        }
    }

    /// Worth of a nest to each segment (log-sum-exp), and shares within it.
    fn value_nest(&mut self, nest: usize) {
        let n = self.segments;
        let members = &self.members[nest];
        let room = nest * n..(nest + 1) * n;
        if let [only] = members[..] {
            let row = only * n..(only + 1) * n;
            self.inclusive[room.clone()].copy_from_slice(&self.utility[row.clone()]);
            self.within[row].fill(1.0);
        } else if members.is_empty() {
            self.inclusive[room.clone()].fill(f64::NEG_INFINITY);
        } else {
            let rest = 1.0 - self.market.rho[nest];
            for i in 0..n {
                let mut best = self.utility[members[0] * n + i];
                for j in &members[1..] {
                    let v = self.utility[j * n + i];
                    if v > best {
                        best = v;
                    }
                }
                let mut sum = 0.0;
                for j in members {
                    let e = exp((self.utility[j * n + i] - best) / rest);
                    self.within[j * n + i] = e;
                    sum += e;
                }
                for j in members {
                    self.within[j * n + i] /= sum;
                }
                self.inclusive[nest * n + i] = best + rest * ln(sum);
            }
        }
        for (top, value) in self.top.iter_mut().zip(&self.inclusive[room]) {
            if *value > *top {
                *top = *value;
            }
        }
    }

    /// e^(worth − best), added to each segment's sum; kept in the place of the choice shares.
    fn weigh_nest(&mut self, nest: usize) {
        let n = self.segments;
        let Some(first) = self.members[nest].first() else {
            return;
        };
        let worth = &self.inclusive[nest * n..(nest + 1) * n];
        let held = &mut self.chosen[first * n..(first + 1) * n];
        let best = self.top.iter().zip(self.sum.iter_mut());
        for ((held, worth), (top, sum)) in held.iter_mut().zip(worth).zip(best) {
            *held = exp(worth - top);
            *sum += *held;
        }
        // Every member starts from its nest's term; `finish` turns it into the member's share.
        let source = first * n..(first + 1) * n;
        for other in &self.members[nest][1..] {
            self.chosen.copy_within(source.clone(), other * n);
        }
    }

    /// Shares of a product and the weights of its buyers.
    fn finish(&mut self, j: usize) {
        let row = self.row(j);
        let (weights, alphas) = (&self.market.weight, &self.market.alpha);
        let within = &self.within[row.clone()];
        let chosen = &mut self.chosen[row.clone()];
        let mut share = 0.0;
        for i in 0..self.segments {
            chosen[i] = chosen[i] * within[i] / self.sum[i];
            share += weights[i] * chosen[i];
        }
        self.share[j] = share;
        if share < TINY {
            self.finish_tiny(j);
            return;
        }
        self.ln_share[j] = ln(share);
        let pull = &mut self.pull[row];
        for i in 0..self.segments {
            pull[i] = weights[i] * chosen[i] / share * alphas[i];
        }
    }

    /// The same from logarithms, where the share itself underflows.
    fn finish_tiny(&mut self, j: usize) {
        let (n, nest, row) = (self.segments, self.market.nest[j], self.row(j));
        let stretch = self.stretch(j);
        let mut best = f64::NEG_INFINITY;
        for i in 0..n {
            let worth = self.inclusive[nest * n + i];
            let log =
                (self.utility[j * n + i] - worth) * stretch + worth - self.top[i] - ln(self.sum[i])
                    + ln(self.market.weight[i]);
            self.pull[j * n + i] = log;
            if log > best {
                best = log;
            }
        }
        let mut sum = 0.0;
        for log in &mut self.pull[row.clone()] {
            *log = exp(*log - best);
            sum += *log;
        }
        for (pull, alpha) in self.pull[row].iter_mut().zip(&self.market.alpha) {
            *pull = *pull / sum * alpha;
        }
        self.ln_share[j] = best + ln(sum);
    }

    /// Λ_j ÷ s_j: the part of ∂ ln s_j/∂p_j without feedback (E8), 1/USD·h.
    pub fn direct(&self, j: usize) -> f64 {
        self.pull[self.row(j)].iter().sum::<f64>() * self.stretch(j)
    }

    /// Γ_jk ÷ s_j: the part of ∂ ln s_j/∂p_k that runs over rivals (E8).
    pub fn rival(&self, j: usize, k: usize) -> f64 {
        let ratio = if self.market.nest[j] == self.market.nest[k] {
            self.ratio(j)
        } else {
            0.0
        };
        let (pull, of_k) = (&self.pull[self.row(j)], self.row(k));
        let chosen = &self.chosen[of_k.clone()];
        let mut sum = 0.0;
        if ratio == 0.0 {
            for (pull, chosen) in pull.iter().zip(chosen) {
                sum += pull * chosen;
            }
        } else {
            let within = &self.within[of_k];
            for ((pull, chosen), within) in pull.iter().zip(chosen).zip(within) {
                sum += pull * (chosen + ratio * within);
            }
        }
        sum
    }

    /// L_jk = ∂ ln s_j/∂p_k (E5).
    pub fn log_slope(&self, j: usize, k: usize) -> f64 {
        let own = if j == k { self.direct(j) } else { 0.0 };
        own - self.rival(j, k)
    }

    /// Share of buyers who buy nothing here.
    pub fn outside_share(&self) -> f64 {
        let one = |i: usize| self.market.weight[i] * exp(-self.top[i]) / self.sum[i];
        (0..self.segments).map(one).sum()
    }

    /// Consumer surplus (E6), USD per unit of size.
    pub fn surplus_usd(&self) -> f64 {
        let one = |i: usize| {
            let log = if self.top[i] == 0.0 {
                ln_1p(self.sum[i] - 1.0)
            } else {
                self.top[i] + ln(self.sum[i])
            };
            self.market.weight[i] * log / -self.market.alpha[i]
        };
        (0..self.segments).map(one).sum()
    }
}
