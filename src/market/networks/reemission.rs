//! Burnt tokens that are created again (M9): the filter of daily burns, its cap, and what it
//! leaves for a floor in USD, so that no burn backs two mints.

use super::{Network, units};
use crate::market::protocols::helium;
use crate::scenario::types::Settlement;

const DAYS: u64 = 7;

/// What a week's burns allow to be created again, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// Created again beside the schedule.
    pub units: i128,
    /// What is left of the burns for a floor.
    pub budget_units: i128,
}

/// Seven epochs of a day, with the burn since the last week spread evenly over them.
pub fn of_week(rule: &Settlement, network: &mut Network) -> Again {
    let cap = match rule {
        Settlement::NetEmission(rule) => whole(units(rule.cap_tokens_per_day)),
        _ => 0,
    };
    let burnt = whole(network.burnt_units - network.burnt_seen_units);
    network.burnt_seen_units = network.burnt_units;
    let mut smoothed = whole(network.smoothed_burn_units);
    let mut again = Again::default();
    for _ in 0..DAYS {
        smoothed = helium::smoothed_burn(smoothed, burnt / DAYS);
        again.units += i128::from(helium::net_emission(smoothed, cap));
        again.budget_units += i128::from(smoothed.saturating_sub(cap));
    }
    network.smoothed_burn_units = i128::from(smoothed);
    again
}

fn whole(units: i128) -> u64 {
    u64::try_from(units.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::types::BurnAndReemit;

    #[test]
    fn what_comes_back_is_what_was_burnt_up_to_the_cap() {
        let rule = |cap_tokens_per_day| {
            Settlement::NetEmission(BurnAndReemit {
                burn_share: 1.0,
                cap_tokens_per_day,
            })
        };
        for (cap, most) in [(1e6, 700), (20.0, 140), (0.0, 0)] {
            let mut network = Network::default();
            let (mut back, mut left) = (0, 0);
            for _ in 0..200 {
                network.burnt_units += units(700.0);
                let again = of_week(&rule(cap), &mut network);
                (back, left) = (again.units, again.budget_units);
                assert!(again.units + again.budget_units <= units(700.0) + 10_000);
            }
            // Flooring by 7 each day loses a few base units, as on chain.
            assert!(
                (back - units(f64::from(most))).abs() < 1_000,
                "{cap}: {back}"
            );
            assert!((back + left - units(700.0)).abs() < 1_000, "{cap}: {left}");
        }
    }
}
