//! Mean utilities from known sales (Berry): δ at which these prices sell these shares.
//!
//! Where all buyers are alike, δ_j = (1−ρ) ln s_j + ρ ln S_h − ln s_0 exactly. Otherwise the same
//! formula applied to the gaps of logarithms contracts, and near the solution Newton's method on
//! ln s_j(δ) ends the search.

use super::demand::Demand;
use crate::kernels::linear::{self, Square};
use crate::kernels::math::ln;

/// Largest distance of logarithms at the end, and steps allowed.
const TOLERANCE: f64 = 1e-12;
const STEPS: usize = 400;
/// Newton's method is tried below this distance.
const NEAR: f64 = 0.5;
/// Qualities stay within this distance of zero.
const WIDEST: f64 = 60.0;

/// What the search came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inverted {
    pub is_converged: bool,
    pub steps: usize,
    /// Largest |ln wanted − ln sold| left.
    pub distance: f64,
}

/// Fits `demand.shift` until these prices (USD per hour) sell the shares `wanted`, which are
/// positive and leave somebody outside. The shift given is the start.
pub fn invert(demand: &mut Demand, price_usd_per_h: &[f64], wanted: &[f64]) -> Inverted {
    let goal: Vec<f64> = wanted.iter().map(|share| ln(*share)).collect();
    let outside = ln(1.0 - wanted.iter().sum::<f64>());
    let (mut gap, mut common) = (vec![0.0; goal.len()], Vec::new());
    let mut before = f64::INFINITY;
    let mut found = Inverted {
        is_converged: false,
        steps: 0,
        distance: before,
    };
    for steps in 0..STEPS {
        demand.evaluate(price_usd_per_h);
        let mut worst = 0.0;
        for ((gap, goal), now) in gap.iter_mut().zip(&goal).zip(&demand.ln_share) {
            *gap = goal - now;
            // What is no number ends the search.
            worst = if gap.abs() > worst || gap.is_nan() {
                gap.abs()
            } else {
                worst
            };
        }
        found = Inverted {
            is_converged: worst < TOLERANCE,
            steps,
            distance: worst,
        };
        if found.is_converged || !worst.is_finite() {
            return found;
        }
        let is_near = worst < NEAR && worst < before / 2.0;
        before = worst;
        let step = if is_near { newton(demand, &gap) } else { None };
        let step = step.unwrap_or_else(|| {
            nest_gaps(demand, wanted, &mut common);
            let stayed = outside - ln(demand.outside_share());
            let nests = demand.market.nest.iter().zip(&gap);
            let own = |(nest, gap): (&usize, &f64)| {
                let rho = demand.market.rho[*nest];
                (1.0 - rho) * gap + rho * common[*nest] - stayed
            };
            nests.map(own).collect()
        });
        for (quality, step) in demand.shift.iter_mut().zip(&step) {
            *quality = (*quality + step).clamp(-WIDEST, WIDEST);
        }
    }
    found
}

/// ln of what a nest should sell ÷ what it sells, by nest.
fn nest_gaps(demand: &Demand, wanted: &[f64], out: &mut Vec<f64>) {
    out.clear();
    for nest in 0..demand.market.rho.len() {
        let (mut goal, mut now) = (0.0, 0.0);
        for (j, own) in demand.market.nest.iter().enumerate() {
            if *own == nest {
                goal += wanted[j];
                now += demand.share[j];
            }
        }
        let is_sold = goal > 0.0 && now > 0.0;
        out.push(if is_sold { ln(goal / now) } else { 0.0 });
    }
}

/// (∂ ln s/∂δ)⁻¹ · gap.
fn newton(demand: &Demand, gap: &[f64]) -> Option<Vec<f64>> {
    let n = gap.len();
    let mut slopes = Square::zeros(n);
    for j in 0..n {
        for k in 0..n {
            slopes.set(j, k, demand.quality_slope(j, k));
        }
    }
    linear::solve(slopes, gap.to_vec(), 1)
}
