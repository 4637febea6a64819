//! Choice of segments over products: plain, nested, mixed, and both at once (E2–E6).
//!
//! Derivatives are kept as ∂ ln s, which stay finite where a share vanishes: with the weight
//! ω_ij = w_i s_ij ÷ s_j of segment i among the buyers of j,
//! L_jk = ∂ ln s_j/∂p_k = Σ_i ω_ij α_i A_ijk and
//! A_ijk = 1{j=k}/(1−ρ) − 1{same nest}·ρ/(1−ρ)·s_{k|h,i} − s_ik.

use super::market::Market;
use crate::kernels::Level;
use crate::kernels::math::{exp, ln, ln_1p};
use crate::kernels::nested::{self, Choices, Sheet};
use crate::kernels::reduce::{dot, short_sum};

/// Below this a share is too small to be divided by; weights then come from logarithms.
const TINY: f64 = 1e-280;

/// Demand at one vector of prices, with the room that it needs. Vectors over products and
/// segments are product-major.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    pub market: &'a Market,
    level: Level,
    segments: usize,
    members: Vec<Vec<usize>>,
    price: Vec<f64>,
    /// Utility added to each product for everybody; 0 unless it is being fitted.
    pub shift: Vec<f64>,
    sheet: Sheet,
    /// w_i α_i.
    weighed: Vec<f64>,
    /// ω_ij α_i.
    pub pull: Vec<f64>,
    /// Σ_i ω_ij α_i.
    pulled: Vec<f64>,
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
        let pairs = market.weight.iter().zip(&market.alpha);
        Demand {
            market,
            level: Level::chosen(),
            segments,
            price: vec![0.0; products],
            shift: vec![0.0; products],
            sheet: Sheet::new(products, members.len(), segments),
            members,
            weighed: pairs.map(|(weight, alpha)| weight * alpha).collect(),
            pull: vec![0.0; products * segments],
            pulled: vec![0.0; products],
            share: vec![0.0; products],
            ln_share: vec![0.0; products],
        }
    }

    fn row(&self, j: usize) -> std::ops::Range<usize> {
        j * self.segments..(j + 1) * self.segments
    }

    /// s_ij.
    pub fn chosen(&self) -> &[f64] {
        &self.sheet.chosen
    }

    /// s_{j|h,i}.
    pub fn within(&self) -> &[f64] {
        &self.sheet.within
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
        self.price.copy_from_slice(price_usd_per_h);
        let choices = Choices {
            members: &self.members,
            rho: &self.market.rho,
            base: &self.market.base,
            alpha: &self.market.alpha,
            price: &self.price,
            shift: &self.shift,
        };
        nested::choose(self.level, &choices, &mut self.sheet);
        for j in 0..price_usd_per_h.len() {
            self.finish(j);
        }
    }

    /// Share of a product and the weights of its buyers.
    fn finish(&mut self, j: usize) {
        let row = self.row(j);
        let chosen = &self.sheet.chosen[row.clone()];
        let share = dot(&self.market.weight, chosen);
        self.share[j] = share;
        if share < TINY {
            self.finish_tiny(j);
        } else {
            self.ln_share[j] = ln(share);
            let part = 1.0 / share;
            let pull = &mut self.pull[row.clone()];
            for ((pull, chosen), weighed) in pull.iter_mut().zip(chosen).zip(&self.weighed) {
                *pull = weighed * chosen * part;
            }
        }
        self.pulled[j] = short_sum(&self.pull[row]);
    }

    /// The same from logarithms, where the share itself underflows.
    fn finish_tiny(&mut self, j: usize) {
        let (n, nest, row) = (self.segments, self.market.nest[j], self.row(j));
        let stretch = self.stretch(j);
        let mut best = f64::NEG_INFINITY;
        for i in 0..n {
            let worth = self.sheet.inclusive[nest * n + i];
            let utility =
                self.market.base[j * n + i] + self.shift[j] + self.market.alpha[i] * self.price[j];
            let log =
                (utility - worth) * stretch + worth - self.sheet.top[i] - ln(self.sheet.sum[i])
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
        self.pulled[j] * self.stretch(j)
    }

    /// Γ_jk ÷ s_j: the part of ∂ ln s_j/∂p_k that runs over rivals (E8).
    pub fn rival(&self, j: usize, k: usize) -> f64 {
        let ratio = if self.market.nest[j] == self.market.nest[k] {
            self.ratio(j)
        } else {
            0.0
        };
        let (pull, of_k) = (&self.pull[self.row(j)], self.row(k));
        let all = dot(pull, &self.sheet.chosen[of_k.clone()]);
        if ratio == 0.0 {
            all
        } else {
            all + ratio * dot(pull, &self.sheet.within[of_k])
        }
    }

    /// L_jk = ∂ ln s_j/∂p_k (E5).
    pub fn log_slope(&self, j: usize, k: usize) -> f64 {
        let own = if j == k { self.direct(j) } else { 0.0 };
        own - self.rival(j, k)
    }

    /// ∂s_0/∂p_j ÷ s_j: buyers of j who would rather buy nothing, per USD.
    pub fn outside_slope(&self, j: usize) -> f64 {
        let pull = &self.pull[self.row(j)];
        let one = |(i, pull): (usize, &f64)| -pull * exp(-self.sheet.top[i]) / self.sheet.sum[i];
        pull.iter().enumerate().map(one).sum()
    }

    /// ∂ ln s_j/∂δ_k: what a product's sales answer to another's quality.
    pub fn quality_slope(&self, j: usize, k: usize) -> f64 {
        let (market, ratio) = (self.market, self.ratio(j));
        let is_near = market.nest[j] == market.nest[k];
        let mut lost = 0.0;
        for i in 0..self.segments {
            let own = market.weight[i] * self.sheet.chosen[j * self.segments + i];
            let at = k * self.segments + i;
            let near = if is_near {
                ratio * self.sheet.within[at]
            } else {
                0.0
            };
            lost += own * (self.sheet.chosen[at] + near);
        }
        let own = if j == k { self.stretch(j) } else { 0.0 };
        own - lost / self.share[j]
    }

    /// Share of buyers who buy nothing here.
    pub fn outside_share(&self) -> f64 {
        let one = |i: usize| self.market.weight[i] * exp(-self.sheet.top[i]) / self.sheet.sum[i];
        (0..self.segments).map(one).sum()
    }

    /// Consumer surplus (E6), USD per unit of size.
    pub fn surplus_usd(&self) -> f64 {
        let one = |i: usize| {
            let log = if self.sheet.top[i] == 0.0 {
                ln_1p(self.sheet.sum[i] - 1.0)
            } else {
                self.sheet.top[i] + ln(self.sheet.sum[i])
            };
            self.market.weight[i] * log / -self.market.alpha[i]
        };
        (0..self.segments).map(one).sum()
    }
}
