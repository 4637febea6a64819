//! Where the money of buyers goes: to providers, to the treasury, or into a burn.

use crate::market::books::micro_usd;
use crate::scenario::types::Settlement;

/// The money of one week, divided; micro-USD, the parts sum to what was to be divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    pub providers: i128,
    pub treasury: i128,
    /// Buys tokens, which are burnt.
    pub burn: i128,
}

fn part(amount: i128, share: f64) -> i128 {
    let part = micro_usd(amount as f64 * share * 1e-6);
    part.clamp(0, amount.max(0))
}

fn burning(paid: i128, burn_share: f64) -> Split {
    let burn = part(paid, burn_share);
    Split {
        providers: 0,
        treasury: paid - burn,
        burn,
    }
}

/// Divides what buyers paid.
pub fn split(rule: &Settlement, paid: i128) -> Split {
    match rule {
        Settlement::FeeShare(rule) => {
            let treasury = part(paid, rule.take_share);
            Split {
                providers: paid - treasury,
                treasury,
                burn: 0,
            }
        }
        Settlement::BurnAndMint(rule) => burning(paid, rule.burn_share),
        Settlement::NetEmission(rule) => burning(paid, rule.burn_share),
        // All of it buys tokens; a vault keeps them, or what its rule says.
        Settlement::CreditVault(_) | Settlement::UsdTarget(_) => burning(paid, 1.0),
        Settlement::BuybackAndBurn(rule) => {
            let kept = part(paid, rule.take_share);
            let burn = part(kept, rule.buyback_share);
            Split {
                providers: paid - kept,
                treasury: kept - burn,
                burn,
            }
        }
    }
}

/// Share of the buyer's price that does not reach the provider in USD.
pub fn take_share(rule: &Settlement) -> f64 {
    match rule {
        Settlement::FeeShare(rule) => rule.take_share,
        Settlement::BurnAndMint(_) | Settlement::NetEmission(_) => 1.0,
        Settlement::CreditVault(_) | Settlement::UsdTarget(_) => 1.0,
        Settlement::BuybackAndBurn(rule) => rule.take_share,
    }
}

/// Share of the buyer's price that accrues to the token: burnt, bought back or kept as a fee.
pub fn accrual_share(rule: &Settlement) -> f64 {
    match rule {
        Settlement::FeeShare(rule) => rule.take_share,
        Settlement::BurnAndMint(rule) => rule.burn_share,
        Settlement::NetEmission(rule) => rule.burn_share,
        Settlement::BuybackAndBurn(rule) => rule.take_share,
        // What a vault takes in, it pays out again.
        Settlement::CreditVault(_) => 0.0,
        Settlement::UsdTarget(rule) => rule.burnt_surplus_share,
    }
}

/// Share of the buyer's price that buys tokens, to burn them or to keep them in a vault.
pub fn burnt_share(rule: &Settlement) -> f64 {
    match rule {
        Settlement::FeeShare(_) => 0.0,
        Settlement::BurnAndMint(rule) => rule.burn_share,
        Settlement::NetEmission(rule) => rule.burn_share,
        Settlement::CreditVault(_) | Settlement::UsdTarget(_) => 1.0,
        Settlement::BuybackAndBurn(rule) => rule.take_share * rule.buyback_share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::types::{BurnAndMint, BuybackAndBurn, FeeShare};

    #[test]
    fn the_parts_sum_to_the_whole_for_every_rule_and_amount() {
        let rules = [
            Settlement::FeeShare(FeeShare { take_share: 0.2 }),
            Settlement::BurnAndMint(BurnAndMint { burn_share: 0.95 }),
            Settlement::BuybackAndBurn(BuybackAndBurn {
                take_share: 0.025,
                buyback_share: 1.0 / 3.0,
            }),
        ];
        for rule in &rules {
            for paid in [0, 1, 2, 3, 999_999, 123_456_789_012_345] {
                let split = split(rule, paid);
                assert_eq!(split.providers + split.treasury + split.burn, paid);
                assert!(split.providers >= 0 && split.treasury >= 0 && split.burn >= 0);
            }
        }
        assert_eq!(split(&rules[0], 1_000_000).treasury, 200_000);
        assert_eq!(split(&rules[1], 1_000_000).burn, 950_000);
        assert_eq!(split(&rules[2], 1_000_000).providers, 975_000);
    }
}
