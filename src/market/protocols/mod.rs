//! Rules of token protocols, exact to the integer: the same arithmetic, the same rounding and
//! the same order of operations as the chains, checked against their own test vectors.
//!
//! Each file is one family; [`rules`] lists every rule by name with its inputs and source.
//! Amounts are whole base units (attoFIL, bones, uakt, wei) as integers of any length.

pub mod akash;
pub mod bittensor;
pub mod collateral;
pub mod cosmos;
pub mod decimal;
pub mod ethereum;
pub mod exchange;
pub mod filecoin;
pub mod helium;
pub mod ionet;
pub mod issuance;
pub mod livepeer;
pub mod presets;
pub mod replay;
pub mod rules;
pub mod settlement;
pub mod storage;
pub mod supply;
mod table_burning;
mod table_emission;
mod table_markets;

pub use num_bigint::BigInt as Whole;

/// Floor of `amount · above / below` for non-negative numbers; 0 where `below` is 0.
pub fn portion(amount: &Whole, above: &Whole, below: &Whole) -> Whole {
    if *below == Whole::ZERO {
        Whole::ZERO
    } else {
        amount * above / below
    }
}

/// The larger of an amount and nothing.
pub fn at_least_zero(amount: Whole) -> Whole {
    if amount < Whole::ZERO {
        Whole::ZERO
    } else {
        amount
    }
}

/// The nearest f64 of a whole number.
pub fn nearest(amount: &Whole) -> f64 {
    amount.to_string().parse().unwrap_or(f64::NAN)
}
