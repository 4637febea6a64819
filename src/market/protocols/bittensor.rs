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

/// rao of `blocks` blocks from `issuance` rao on.
pub fn emission_of_blocks_rao(issuance: u128, blocks: u64) -> u128 {
    let (mut issued, mut left) = (issuance, u128::from(blocks));
    while left > 0 {
        let block = block_emission_rao(issued);
        if block == 0 {
            break;
        }
        // Double the run while the last block of it still earns the same.
        let mut run = 1;
        while run * 2 <= left && block_emission_rao(issued + block * (run * 2 - 1)) == block {
            run *= 2;
        }
        issued += block * run;
        left -= run;
    }
    issued - issuance
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_blocks_are_the_blocks_one_by_one() {
        for opening in [0, 10_499_999 * RAO_PER_TAO, LIMIT_RAO - 1_000, LIMIT_RAO] {
            let mut issued = opening;
            for _ in 0..3_000 {
                issued += block_emission_rao(issued);
            }
            assert_eq!(emission_of_blocks_rao(opening, 3_000), issued - opening);
        }
    }
}
