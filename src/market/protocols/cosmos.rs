//! Cosmos x/mint (M12): inflation that follows the bonded ratio, in decimals of 18 digits.
//!
//! Source: cosmos/cosmos-sdk, `x/mint/types/minter.go`.

use super::Whole;
use super::decimal::Decimal;

/// Governance parameters; the defaults are the SDK's own, not any chain's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minting {
    /// Largest change of inflation in a year.
    pub change: Decimal,
    pub highest: Decimal,
    pub lowest: Decimal,
    pub goal_bonded: Decimal,
    pub blocks_per_year: u64,
}

/// 60·60·8766/5: blocks of 5 seconds.
pub const BLOCKS_PER_YEAR: u64 = 6_311_520;

impl Default for Minting {
    fn default() -> Self {
        let hundredth = |n: u64| Decimal(Whole::from(n) * 10_u64.pow(16));
        Self {
            change: hundredth(13),
            highest: hundredth(20),
            lowest: hundredth(7),
            goal_bonded: hundredth(67),
            blocks_per_year: BLOCKS_PER_YEAR,
        }
    }
}

impl Minting {
    /// Yearly inflation after one block; none where the goal or the blocks are 0.
    pub fn next_inflation(&self, inflation: &Decimal, bonded_ratio: &Decimal) -> Option<Decimal> {
        let one = Decimal::whole(&Whole::from(1));
        let yearly = one
            .minus(&bonded_ratio.over(&self.goal_bonded)?)
            .times(&self.change);
        let blocks = Decimal::whole(&Whole::from(self.blocks_per_year));
        let mut next = inflation.plus(&yearly.over(&blocks)?);
        if next > self.highest {
            next = self.highest.clone();
        }
        if next < self.lowest {
            next = self.lowest.clone();
        }
        Some(next)
    }

    /// Base units minted in a block: yearly provision ÷ blocks, truncated.
    pub fn block_provision(&self, inflation: &Decimal, supply: &Whole) -> Option<Whole> {
        let yearly = inflation.times_whole(supply);
        let block = yearly.over_whole(&Whole::from(self.blocks_per_year))?;
        Some(block.truncated())
    }
}
