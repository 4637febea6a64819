//! How buyers choose: nested logit over one menu (E1-E6).
//!
//! Buyer i sees the utility V_ij = u_j + α_i·g_j of offer j, where g_j is the generalised price.
//! In nest h, D_h = Σ exp(V_ij ÷ (1−ρ)), the share inside the nest is exp(V_ij ÷ (1−ρ)) ÷ D_h, and
//! the nest is chosen with probability D_h^(1−ρ) ÷ (e^o + Σ_g D_g^(1−ρ)); o is the utility of
//! staying outside. Everything is shifted by a maximum first, so that no exponential overflows.
//! The surplus is ln(e^o + Σ_g D_g^(1−ρ)) ÷ |α_i|, the money that makes the menu dispensable.

use crate::kernels::math::{exp, ln};

/// Offers that one population compares, at most this many.
pub const MENU: usize = 40;
/// Nests, one per tier.
pub const NESTS: usize = 5;

/// What one population compares this week; offers stand in order of their nest.
#[derive(Clone, Copy, Debug)]
pub struct MenuView<'a> {
    /// Utility apart from the price.
    pub utility: &'a [f64],
    /// Generalised price, in units of the planning price.
    pub price: &'a [f64],
    /// Nest of each offer, rising.
    pub nest: &'a [u8],
    /// Correlation of tastes inside a nest.
    pub correlation: f64,
    /// Utility of buying nothing here.
    pub outside: f64,
}

/// A buyer: a quadrature node of his population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Share of the population.
    pub weight: f64,
    /// Utility per unit of generalised price; negative.
    pub price_coefficient: f64,
    /// Bit j is set when offer j is feasible for him.
    pub mask: u64,
}

/// Shares of one population: `shares[j]` = Σ_i w_i·s_ij.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Weight of those who stay outside.
    pub outside: f64,
    /// Mean surplus, in units of the planning price.
    pub surplus: f64,
}

/// What one population chooses; `shares` receives one number per offer of the menu.
pub fn shares(menu: &MenuView<'_>, nodes: &[Node], shares: &mut [f64]) -> Chosen {
    shares.fill(0.0);
    let mut chosen = Chosen::default();
    let mut weight = [0.0; MENU];
    for node in nodes {
        let alone = node_shares(menu, node, &mut weight);
        for (share, &own) in shares.iter_mut().zip(&weight) {
            *share += node.weight * own;
        }
        chosen.outside += node.weight * alone.outside;
        chosen.surplus += node.weight * alone.surplus;
    }
    chosen
}

/// One buyer's shares into `out`; offers beyond the menu stay untouched.
fn node_shares(menu: &MenuView<'_>, node: &Node, out: &mut [f64; MENU]) -> Chosen {
    let offers = menu.utility.len();
    let scale = 1.0 / (1.0 - menu.correlation);
    let mut top = [f64::NEG_INFINITY; NESTS];
    for j in 0..offers {
        let feasible = node.mask >> j & 1 == 1;
        let value = menu.utility[j] + node.price_coefficient * menu.price[j];
        let value = if feasible {
            value * scale
        } else {
            f64::NEG_INFINITY
        };
        out[j] = value;
        let nest = usize::from(menu.nest[j]);
        if value > top[nest] {
            top[nest] = value;
        }
    }
    let mut sum = [0.0; NESTS];
    for j in 0..offers {
        let nest = usize::from(menu.nest[j]);
        let e = if out[j] > f64::NEG_INFINITY {
            exp(out[j] - top[nest])
        } else {
            0.0
        };
        out[j] = e;
        sum[nest] += e;
    }
    let (value, outside, surplus) = nest_weights(menu, node, &top, &sum);
    for j in 0..offers {
        out[j] *= value[usize::from(menu.nest[j])];
    }
    Chosen { outside, surplus }
}

/// Probability of each nest ÷ the sum of its exponentials, of the outside, and the surplus.
fn nest_weights(
    menu: &MenuView<'_>,
    node: &Node,
    top: &[f64; NESTS],
    sum: &[f64; NESTS],
) -> ([f64; NESTS], f64, f64) {
    let mut inclusive = [f64::NEG_INFINITY; NESTS];
    let mut shift = menu.outside;
    for nest in 0..NESTS {
        if sum[nest] > 0.0 {
            inclusive[nest] = (1.0 - menu.correlation) * (top[nest] + ln(sum[nest]));
            if inclusive[nest] > shift {
                shift = inclusive[nest];
            }
        }
    }
    let alone = exp(menu.outside - shift);
    let mut total = alone;
    let mut weight = [0.0; NESTS];
    for nest in 0..NESTS {
        if sum[nest] > 0.0 {
            weight[nest] = exp(inclusive[nest] - shift);
            total += weight[nest];
        }
    }
    for nest in 0..NESTS {
        if sum[nest] > 0.0 {
            weight[nest] /= total * sum[nest];
        }
    }
    let surplus = (shift + ln(total) - menu.outside) / -node.price_coefficient;
    (weight, alone / total, surplus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(price_coefficient: f64) -> Node {
        Node {
            weight: 1.0,
            price_coefficient,
            mask: u64::MAX,
        }
    }

    #[test]
    fn plain_logit_is_the_limit_of_no_correlation() {
        let menu = MenuView {
            utility: &[1.0, 2.0],
            price: &[1.0, 1.5],
            nest: &[0, 1],
            correlation: 0.0,
            outside: 0.0,
        };
        let mut out = [0.0; 2];
        let chosen = shares(&menu, &[node(-1.0)], &mut out);
        let total = 1.0 + exp(0.0) + exp(0.5);
        assert!((out[0] - exp(0.0) / total).abs() < 1e-15);
        assert!((out[1] - exp(0.5) / total).abs() < 1e-15);
        assert!((out[0] + out[1] + chosen.outside - 1.0).abs() < 1e-15);
        assert!((chosen.surplus - ln(total)).abs() < 1e-15);
    }

    #[test]
    fn a_dearer_offer_loses_to_its_own_nest_first() {
        let at = |price: f64| {
            let price = [price, 1.0, 1.0];
            let menu = MenuView {
                utility: &[2.0, 2.0, 2.0],
                price: &price,
                nest: &[0, 0, 1],
                correlation: 0.6,
                outside: 0.0,
            };
            let mut out = [0.0; 3];
            shares(&menu, &[node(-2.0)], &mut out);
            out
        };
        let (low, high) = (at(1.0), at(1.1));
        assert!(high[0] < low[0] && high[1] > low[1] && high[2] > low[2]);
        assert!(high[1] - low[1] > high[2] - low[2]);
    }

    #[test]
    fn nobody_buys_what_is_not_feasible_and_extremes_stay_finite() {
        let menu = MenuView {
            utility: &[800.0, -900.0],
            price: &[0.0, 1e6],
            nest: &[0, 4],
            correlation: 0.95,
            outside: 0.0,
        };
        let mut out = [0.0; 2];
        let masked = Node {
            mask: 0b10,
            ..node(-1.0)
        };
        let chosen = shares(&menu, &[masked], &mut out);
        assert_eq!(out[0], 0.0);
        assert!(out[1] >= 0.0 && chosen.outside <= 1.0 && chosen.surplus.is_finite());
        let chosen = shares(&menu, &[node(-1.0)], &mut out);
        assert!((out[0] - 1.0).abs() < 1e-12 && chosen.surplus.is_finite());
        let none = Node {
            mask: 0,
            ..node(-1.0)
        };
        let chosen = shares(&menu, &[none], &mut out);
        assert_eq!((chosen.outside, chosen.surplus), (1.0, 0.0));
    }
}
