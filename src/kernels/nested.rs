//! Nested logit by product and node: every choice and what its derivatives need, in `f64`.
//!
//! Node i, product j in nest h, outside utility 0: V_ij = base_ij + shift_j + α_i p_j,
//! D_ih = Σ_{j∈h} e^{V_ij/(1−ρ_h)}, I_ih = (1 − ρ_h) ln D_ih, s_{j|h,i} = e^{V_ij/(1−ρ_h)}/D_ih,
//! s_ij = s_{j|h,i} e^{I_ih} / (1 + Σ_g e^{I_ig}). Each nest is shifted by its own maximum, each
//! node by its best nest. Nodes do not meet, so that eight at a time have the bits of one.

use super::Level;
use super::math64::{self, Real64};
use fearless_simd::{Simd, SimdBase, dispatch, f64x8};

/// Nodes whose choices are computed together.
const LANES: usize = 8;

/// Who chooses among what. Vectors over products and nodes are product-major.
#[derive(Clone, Copy, Debug)]
pub struct Choices<'a> {
    /// Products of each nest.
    pub members: &'a [Vec<usize>],
    /// ρ of each nest, 0 ≤ ρ < 1.
    pub rho: &'a [f64],
    /// V at price 0.
    pub base: &'a [f64],
    /// Utility per unit of price, by node.
    pub alpha: &'a [f64],
    pub price: &'a [f64],
    /// Utility added to each product for every node.
    pub shift: &'a [f64],
}

/// What is chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// s_ij, product-major.
    pub chosen: Vec<f64>,
    /// s_{j|h,i}, product-major.
    pub within: Vec<f64>,
    /// I_ih, nest-major.
    pub inclusive: Vec<f64>,
    /// e^(I_ih − top), nest-major.
    worth: Vec<f64>,
    /// The larger of 0 and the best I_ih, by node.
    pub top: Vec<f64>,
    /// e^(−top) + Σ_h e^(I_ih − top), by node.
    pub sum: Vec<f64>,
}

impl Sheet {
    pub fn new(products: usize, nests: usize, nodes: usize) -> Sheet {
        Sheet {
            chosen: vec![0.0; products * nodes],
            within: vec![0.0; products * nodes],
            inclusive: vec![0.0; nests * nodes],
            worth: vec![0.0; nests * nodes],
            top: vec![0.0; nodes],
            sum: vec![1.0; nodes],
        }
    }
}

/// Fills the sheet.
pub fn choose(level: Level, choices: &Choices, sheet: &mut Sheet) {
    let nodes = choices.alpha.len();
    match level {
        Level::Vector(set) if nodes >= LANES => {
            dispatch!(set, simd => lanes(simd, choices, sheet));
        }
        _ => {
            for at in 0..nodes {
                block(0.0, choices, at, sheet);
            }
        }
    }
}

#[inline(always)]
fn lanes<S: Simd>(simd: S, choices: &Choices, sheet: &mut Sheet) {
    let nodes = choices.alpha.len();
    let zero = f64x8::splat(simd, 0.0);
    let mut at = 0;
    while at + LANES <= nodes {
        block(zero, choices, at, sheet);
        at += LANES;
    }
    if at < nodes {
        // The last eight once more, some of them for the second time with the same result.
        block(zero, choices, nodes - LANES, sheet);
    }
}

/// The nodes from `at`, as many as there are lanes.
#[inline(always)]
fn block<R: Real64>(zero: R, choices: &Choices, at: usize, sheet: &mut Sheet) {
    let nodes = choices.alpha.len();
    let (one, never) = (zero.of(1.0), zero.of(f64::NEG_INFINITY));
    let alpha = zero.read(&choices.alpha[at..]);
    let mut top = zero;
    for (nest, members) in choices.members.iter().enumerate() {
        let mut best = never;
        for j in members {
            let base = zero.read(&choices.base[j * nodes + at..]);
            let utility = base + zero.of(choices.shift[*j]) + alpha * zero.of(choices.price[*j]);
            utility.write(&mut sheet.within[j * nodes + at..]);
            best = R::pick(best.below(utility), utility, best);
        }
        let mut inclusive = best;
        if let [only] = members[..] {
            one.write(&mut sheet.within[only * nodes + at..]);
        } else if !members.is_empty() {
            let rest = zero.of(1.0 - choices.rho[nest]);
            let mut sum = zero;
            for j in members {
                let slot = &mut sheet.within[j * nodes + at..];
                let size = math64::exp((zero.read(slot) - best) / rest);
                size.write(slot);
                sum = sum + size;
            }
            let part = one / sum;
            for j in members {
                let slot = &mut sheet.within[j * nodes + at..];
                (zero.read(slot) * part).write(slot);
            }
            inclusive = best + rest * math64::ln(sum);
        }
        inclusive.write(&mut sheet.inclusive[nest * nodes + at..]);
        top = R::pick(top.below(inclusive), inclusive, top);
    }
    share_out(choices, (at, top), sheet);
}

/// From the worth of nests to the shares of products.
#[inline(always)]
fn share_out<R: Real64>(choices: &Choices, (at, top): (usize, R), sheet: &mut Sheet) {
    let nodes = choices.alpha.len();
    let mut sum = math64::exp(-top);
    for nest in 0..choices.members.len() {
        let place = nest * nodes + at;
        let worth = math64::exp(top.read(&sheet.inclusive[place..]) - top);
        worth.write(&mut sheet.worth[place..]);
        sum = sum + worth;
    }
    top.write(&mut sheet.top[at..]);
    sum.write(&mut sheet.sum[at..]);
    let part = top.of(1.0) / sum;
    for (nest, members) in choices.members.iter().enumerate() {
        let share = top.read(&sheet.worth[nest * nodes + at..]) * part;
        for j in members {
            let place = j * nodes + at;
            let within = top.read(&sheet.within[place..]);
            (share * within).write(&mut sheet.chosen[place..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::math::exp;

    /// Five products in two nests and one alone, eleven nodes.
    fn sheet(level: Level) -> Sheet {
        let members = [vec![0, 2], vec![1, 3], vec![4], vec![]];
        let nodes = 11;
        let spread = |k: usize| f64::from((k as u32 * 37) % 23) / 7.0 - 1.5;
        let base: Vec<f64> = (0..5 * nodes).map(spread).collect();
        let alpha: Vec<f64> = (0..nodes).map(|i| -0.4 - 0.3 * i as f64).collect();
        let choices = Choices {
            members: &members,
            rho: &[0.6, 0.0, 0.9, 0.2],
            base: &base,
            alpha: &alpha,
            price: &[1.0, 0.4, 2.0, 900.0, 0.1],
            shift: &[0.0, 0.5, 0.0, -1.0, 0.0],
        };
        let mut sheet = Sheet::new(5, 4, nodes);
        choose(level, &choices, &mut sheet);
        sheet
    }

    #[test]
    fn every_level_has_the_bits_of_one_node_at_a_time() {
        let alone = sheet(Level::Scalar);
        for (name, level) in Level::available() {
            assert_eq!(sheet(level), alone, "{name}");
        }
    }

    #[test]
    fn shares_and_the_outside_make_one() {
        let sheet = sheet(Level::Scalar);
        for i in 0..11 {
            let inside: f64 = (0..5).map(|j| sheet.chosen[j * 11 + i]).sum();
            let outside = exp(-sheet.top[i]) / sheet.sum[i];
            assert!((inside + outside - 1.0).abs() < 1e-14, "node {i}");
            let nest = sheet.within[i] + sheet.within[2 * 11 + i];
            assert!((nest - 1.0).abs() < 1e-15);
        }
    }
}
