//! Livepeer's rounds (M13): inflation that follows the bonding rate.
//!
//! Source: livepeer/protocol, `contracts/token/Minter.sol` and `contracts/libraries`. Rates are
//! integers over the divisor: 10^9 on the main net today, 10^6 in older libraries and tests.

use super::{Whole, portion};

/// Rates are counted in parts of this.
pub const DIVISOR: u64 = 1_000_000_000;

/// What the minter is governed by; rates over `divisor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minter {
    pub inflation: Whole,
    pub change: Whole,
    pub target: Whole,
    pub divisor: Whole,
}

impl Default for Minter {
    /// The main net: target 50 %, a change of 500 parts in 10^9 a round.
    fn default() -> Self {
        Self {
            inflation: Whole::from(218_500),
            change: Whole::from(500),
            target: Whole::from(DIVISOR / 2),
            divisor: Whole::from(DIVISOR),
        }
    }
}

impl Minter {
    /// Inflation after a round opens with `bonded` of `supply`.
    pub fn next_inflation(&self, bonded: &Whole, supply: &Whole) -> Whole {
        self.inflation_at(&portion(bonded, &self.divisor, supply))
    }

    /// Inflation after a round opens at a bonding `rate` in parts of the divisor.
    pub fn inflation_at(&self, rate: &Whole) -> Whole {
        match rate.cmp(&self.target) {
            std::cmp::Ordering::Less => &self.inflation + &self.change,
            std::cmp::Ordering::Greater => super::at_least_zero(&self.inflation - &self.change),
            std::cmp::Ordering::Equal => self.inflation.clone(),
        }
    }

    /// What may be minted in a round at the present inflation.
    pub fn mintable(&self, supply: &Whole) -> Whole {
        portion(supply, &self.inflation, &self.divisor)
    }

    /// What one caller with `stake` of `total` receives of what is mintable.
    pub fn reward(&self, mintable: &Whole, stake: &Whole, total: &Whole) -> Whole {
        let share = portion(stake, &self.divisor, total);
        portion(mintable, &share, &self.divisor)
    }
}
