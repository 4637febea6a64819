//! Bittensor's block emission (M14): halving by issuance.
//!
//! Source: opentensor/subtensor, `pallets/subtensor/src/coinbase/block_emission.rs`, our reading
//! in whole numbers: the chain computes ⌊log2(1/(1 − S/21M))⌋ in fixed point.

/// rao of one TAO.
pub const RAO_PER_TAO: u128 = 1_000_000_000;
/// rao that can ever exist.
pub const LIMIT_RAO: u128 = 21_000_000 * RAO_PER_TAO;

/// rao of a block when `issuance` rao exist: 10^9 >> k, where 2^k ≤ 21M/(21M − S) < 2^(k+1).
pub fn block_emission_rao(issuance: u128) -> u128 {
    if issuance >= LIMIT_RAO {
        return 0;
    }
    let left = LIMIT_RAO - issuance;
    let mut halvings = 0;
    while (left << (halvings + 1)) <= LIMIT_RAO {
        halvings += 1;
    }
    RAO_PER_TAO >> halvings
}
