//! The base fee of EIP-1559 (M18). Source: go-ethereum, `consensus/misc/eip1559`.

use super::Whole;

/// What a block after London is priced at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// wei per gas.
    pub base_fee: Whole,
    pub gas_used: Whole,
    pub gas_limit: Whole,
}

/// Half of the limit is the target.
const ELASTICITY: u32 = 2;
/// The fee moves by at most an eighth.
const DENOMINATOR: u32 = 8;

/// wei per gas of the next block; none where the target is 0.
pub fn next_base_fee(parent: &Block) -> Option<Whole> {
    let target = &parent.gas_limit / ELASTICITY;
    if target <= Whole::ZERO {
        return None;
    }
    let fee = &parent.base_fee;
    let moved = |gas: Whole| fee * gas / &target / DENOMINATOR;
    Some(if parent.gas_used > target {
        let up = moved(&parent.gas_used - &target);
        let one = Whole::from(1);
        fee + if up > one { up } else { one }
    } else {
        let down = moved(&target - &parent.gas_used);
        super::at_least_zero(fee - down)
    })
}
