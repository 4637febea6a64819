//! How buyers choose: nested logit over one menu, the tiers being the nests (E1-E6 in
//! [`kernels::grouped`](crate::kernels::grouped)).
//!
//! The population's outside utility is one number for all its nodes, and its surplus is measured
//! from there: (ln Σ − o) ÷ |α_i| is the money that makes the whole menu dispensable.

use super::menus::Tastes;
use crate::kernels::Level;
use crate::kernels::choice::Menu;
use crate::kernels::grouped::{self, Groups};

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

/// What the groups of one population may choose; groups that may choose the same are one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// Bit j is set when offer j is feasible, by group.
    mask: Vec<u64>,
    /// Weight of one point.
    weight: Vec<f64>,
}

impl Reach {
    pub fn clear(&mut self) {
        self.mask.clear();
        self.weight.clear();
    }

    pub fn add(&mut self, mask: u64, weight: f64) {
        match self.mask.iter().position(|known| *known == mask) {
            Some(at) => self.weight[at] += weight,
            None => {
                self.mask.push(mask);
                self.weight.push(weight);
            }
        }
    }
}

/// What a population chooses beside the offers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Weight of those who stay outside.
    pub outside: f64,
    /// Mean surplus, in units of the planning price.
    pub surplus: f64,
}

/// What one population chooses; `out` receives Σ_i w_i·s_ij, one number per offer of the menu.
pub fn shares(
    level: Level,
    view: &MenuView<'_>,
    tastes: &Tastes,
    reach: &Reach,
    out: &mut [f64],
) -> Chosen {
    let rho = [view.correlation; NESTS];
    let menu = Menu {
        utility: view.utility,
        price: view.price,
        nest: view.nest,
        rho: &rho,
    };
    let groups = Groups {
        price_coefficient: &tastes.price_coefficient,
        weight: &reach.weight,
        feasible: &reach.mask,
        outside_utility: view.outside,
    };
    let chosen = grouped::shares(level, &menu, &groups, out);
    Chosen {
        outside: chosen.outside,
        surplus: chosen.surplus - view.outside * tastes.money_per_utility,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::math::{exp, ln};

    /// One buyer's choice.
    fn alone(coefficient: f64, mask: u64, menu: &MenuView<'_>, out: &mut [f64]) -> Chosen {
        let tastes = Tastes::new(&[(0, 1.0)], vec![coefficient]);
        let mut reach = Reach::default();
        reach.add(mask, 1.0);
        shares(Level::Scalar, menu, &tastes, &reach, out)
    }

    #[test]
    fn plain_logit_is_the_limit_of_no_correlation() {
        let menu = MenuView {
            utility: &[1.0, 2.0],
            price: &[1.0, 1.5],
            nest: &[0, 1],
            correlation: 0.0,
            outside: 0.3,
        };
        let mut out = [0.0; 2];
        let chosen = alone(-1.0, u64::MAX, &menu, &mut out);
        let total = exp(0.3) + exp(0.0) + exp(0.5);
        assert!((out[0] - exp(0.0) / total).abs() < 1e-15);
        assert!((out[1] - exp(0.5) / total).abs() < 1e-15);
        assert!((out[0] + out[1] + chosen.outside - 1.0).abs() < 1e-15);
        assert!((chosen.surplus - (ln(total) - 0.3)).abs() < 1e-14);
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
            alone(-2.0, u64::MAX, &menu, &mut out);
            out
        };
        let (low, high) = (at(1.0), at(1.1));
        assert!(high[0] < low[0] && high[1] > low[1] && high[2] > low[2]);
        assert!(high[1] - low[1] > high[2] - low[2]);
    }

    #[test]
    fn who_has_no_feasible_offer_stays_outside_without_surplus() {
        let menu = MenuView {
            utility: &[8.0, -9.0],
            price: &[0.0, 1e6],
            nest: &[0, 4],
            correlation: 0.95,
            outside: -2.0,
        };
        let mut out = [0.0; 2];
        let chosen = alone(-1.0, 0, &menu, &mut out);
        assert_eq!((chosen.outside, out), (1.0, [0.0; 2]));
        assert!(chosen.surplus.abs() < 1e-12);
    }
}
