//! Akash's burn and mint through a vault (M11, AEP-76): AKT in, credits of one USD (ACT) out,
//! and back. Amounts in uakt and uact (10^−6).
//!
//! Source: akash-network/node, `x/bme/keeper/keeper.go`. The vault here keeps what was paid in
//! as remint credit, as the code's ledger does: total supply falls only when it is burnt for
//! good.

use super::Whole;
use super::decimal::Decimal;

/// Parts in which spreads and ratios are counted.
pub const BASIS_POINTS: u64 = 10_000;
/// No epoch is longer than about a day of blocks.
pub const LONGEST_EPOCH_BLOCKS: u64 = 14_400;

/// What a swap between AKT and ACT is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Paid in and destroyed.
    pub amount: Whole,
    pub price_from: Decimal,
    pub price_to: Decimal,
    /// Share of the result that stays in the vault.
    pub spread_bps: u64,
    /// Smaller results are refused; 0 refuses none.
    pub least: Whole,
}

/// What a swap yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// All that is created.
    pub minted: Whole,
    /// The part of it that stays in the vault.
    pub spread: Whole,
}

impl Swapped {
    pub fn to_user(&self) -> Whole {
        &self.minted - &self.spread
    }
}

/// Why a swap is cancelled and paid back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The result truncates to nothing.
    Epsilon,
    /// The result is below the least amount.
    BelowLeast,
    /// A price is missing or zero.
    NoPrice,
}

impl Refusal {
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Epsilon => "canceled_epsilon",
            Refusal::BelowLeast => "canceled_min_mint",
            Refusal::NoPrice => "canceled_zero_price",
        }
    }
}

/// Result of a swap: amount·P_from/P_to in decimals of 18 digits, truncated; the least amount is
/// tested before the spread is taken off.
pub fn swap(ask: &Swap) -> Result<Swapped, Refusal> {
    let zero = Whole::ZERO;
    if ask.price_from.0 <= zero || ask.price_to.0 <= zero {
        return Err(Refusal::NoPrice);
    }
    let rate = ask.price_from.over(&ask.price_to).ok_or(Refusal::NoPrice)?;
    let raw = Decimal::whole(&ask.amount).times(&rate);
    let minted = raw.truncated();
    if minted <= zero {
        return Err(Refusal::Epsilon);
    }
    if ask.least > zero && minted < ask.least {
        return Err(Refusal::BelowLeast);
    }
    let points = Decimal::whole(&Whole::from(ask.spread_bps));
    let parts = Decimal::whole(&Whole::from(BASIS_POINTS));
    let spread = raw.times(&points).over(&parts).map(|part| part.truncated());
    Ok(Swapped {
        minted,
        spread: spread.unwrap_or(zero),
    })
}

/// How AKT owed is paid: from remint credits first, the shortfall newly minted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    pub from_credits: Whole,
    pub newly_minted: Whole,
}

pub fn payout(owed: &Whole, credits: &Whole) -> Payout {
    let from_credits = if owed < credits { owed } else { credits };
    let from_credits = super::at_least_zero(from_credits.clone());
    Payout {
        newly_minted: owed - &from_credits,
        from_credits,
    }
}

/// Thresholds and backoff of the circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    pub warn_bps: u64,
    pub halt_bps: u64,
    pub least_epoch_blocks: u64,
    pub backoff_percent: u64,
}

impl Default for Breaker {
    /// AEP-76: warn 0.95, halt 0.90; 10 blocks and 10 % are the code's test parameters.
    fn default() -> Self {
        Self {
            warn_bps: 9_500,
            halt_bps: 9_000,
            least_epoch_blocks: 10,
            backoff_percent: 10,
        }
    }
}

/// State of the circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Healthy,
    Warning,
    /// No new ACT; settlement goes on.
    HaltRatio,
    /// No price: nothing moves but settlement already asked for.
    HaltOracle,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Healthy => "healthy",
            Status::Warning => "warning",
            Status::HaltRatio => "halt_ratio",
            Status::HaltOracle => "halt_oracle",
        }
    }
}

/// Collateral ratio (vault AKT − pending)·P/outstanding ACT, 1 USD per ACT. With no ACT the code
/// skips the division, and so does this.
pub fn collateral_ratio(vault: &Whole, price: &Decimal, outstanding: &Whole) -> Decimal {
    let value = Decimal::whole(vault).times(price);
    let whole = Decimal::whole(outstanding);
    match value.over(&whole) {
        Some(ratio) if *outstanding > Whole::ZERO => ratio,
        _ => value,
    }
}

/// Basis points of a ratio, truncated, at most 2^32 − 1.
pub fn ratio_bps(ratio: &Decimal) -> u64 {
    let points = ratio.times(&Decimal::whole(&Whole::from(BASIS_POINTS)));
    let points = u64::try_from(super::at_least_zero(points.truncated())).unwrap_or(u64::MAX);
    if points > u64::from(u32::MAX) {
        u64::from(u32::MAX)
    } else {
        points
    }
}

impl Breaker {
    /// The state at a ratio; `None` is an oracle that has no price.
    pub fn status(&self, ratio_bps: Option<u64>) -> Status {
        match ratio_bps {
            None => Status::HaltOracle,
            Some(ratio) if ratio > self.warn_bps => Status::Healthy,
            Some(ratio) if ratio > self.halt_bps => Status::Warning,
            Some(_) => Status::HaltRatio,
        }
    }

    /// Blocks of an epoch: the least times (1 + b/100) for each 10 basis points below the
    /// warning, at most a day.
    pub fn epoch_blocks(&self, ratio_bps: u64) -> u64 {
        let least = self.least_epoch_blocks;
        let steps = self.warn_bps.saturating_sub(ratio_bps) / 10;
        if steps == 0 || self.backoff_percent == 0 {
            return least;
        }
        let Some(base) = Decimal::ratio(100 + self.backoff_percent, 100) else {
            return least;
        };
        let longest = Decimal::whole(&Whole::from(LONGEST_EPOCH_BLOCKS));
        let grown = Decimal::whole(&Whole::from(least)).times(&base.power(steps));
        let grown = if grown > longest { longest } else { grown };
        let blocks = u64::try_from(grown.truncated()).unwrap_or(LONGEST_EPOCH_BLOCKS);
        if blocks < least { least } else { blocks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// akash-network/node, `x/bme/keeper/keeper_test.go`: 10 blocks, 10 %, warning at 9500.
    #[test]
    fn epochs_back_off_as_the_chain_s_own_tests_say() {
        let breaker = Breaker::default();
        let published = [
            (9_600, 10),
            (9_491, 10),
            (9_490, 11),
            (9_480, 12),
            (9_450, 16),
            (9_400, 25),
            (9_300, 67),
            (9_200, 174),
            (9_100, 452),
            (9_000, 1_173),
            (8_900, 3_044),
            (0, 14_400),
        ];
        for (ratio, blocks) in published {
            assert_eq!(breaker.epoch_blocks(ratio), blocks, "{ratio}");
        }
        let double = Breaker {
            backoff_percent: 100,
            ..breaker
        };
        assert_eq!(double.epoch_blocks(9_400), 10_240);
        assert_eq!(double.epoch_blocks(9_390), 14_400);
        assert_eq!(
            Breaker {
                backoff_percent: 0,
                ..breaker
            }
            .epoch_blocks(0),
            10
        );
        assert_eq!(
            Breaker {
                backoff_percent: 1,
                ..breaker
            }
            .epoch_blocks(9_000),
            16
        );
    }

    #[test]
    fn the_breaker_compares_truncated_basis_points() {
        let breaker = Breaker::default();
        let named = |ratio| breaker.status(ratio);
        assert_eq!(named(Some(9_501)), Status::Healthy);
        assert_eq!(named(Some(9_500)), Status::Warning);
        assert_eq!(named(Some(9_001)), Status::Warning);
        assert_eq!(named(Some(9_000)), Status::HaltRatio);
        assert_eq!(named(None), Status::HaltOracle);
        let of = |n: u32| Whole::from(n);
        let price: Decimal = "2".parse().unwrap();
        // An empty vault reads 0, a stocked one without ACT reads healthy.
        assert_eq!(ratio_bps(&collateral_ratio(&of(0), &price, &of(0))), 0);
        assert!(ratio_bps(&collateral_ratio(&of(1_000_000), &price, &of(0))) > 9_500);
        assert_eq!(
            ratio_bps(&collateral_ratio(&of(9_499), &price, &of(20_000))),
            9_499
        );
    }

    #[test]
    fn credits_are_used_first() {
        let of = |n: u32| Whole::from(n);
        let paid = payout(&of(10), &of(4));
        assert_eq!((paid.from_credits, paid.newly_minted), (of(4), of(6)));
        let paid = payout(&of(3), &of(4));
        assert_eq!((paid.from_credits, paid.newly_minted), (of(3), of(0)));
    }
}
