//! Automated exchange: the constant product (M20) and the backed bonding curve (M21).
//!
//! Sources: Uniswap v2-core (`UniswapV2Library.getAmountOut`) and helium-program-library,
//! `programs/treasury-management/src/curve.rs`.

use super::Whole;
use crate::kernels::math;

/// A pool's two reserves, base units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserves {
    pub taken: Whole,
    pub given: Whole,
}

/// Base units paid out for `amount` paid in, with a fee of (1000 − kept)/1000; none from an
/// empty pool. Floor division keeps the product from falling.
pub fn constant_product(amount: &Whole, reserves: &Reserves, kept: u32) -> Option<Whole> {
    let (x, y) = (&reserves.taken, &reserves.given);
    if *x <= Whole::ZERO || *y <= Whole::ZERO {
        return None;
    }
    let paid = amount * kept;
    Some(&paid * y / (x * 1000_u32 + &paid))
}

/// The constant product in f64 for a fee given as a share: y·dx(1−f)/(x + dx(1−f)).
pub fn constant_product_f64(amount: f64, (x, y): (f64, f64), fee_share: f64) -> f64 {
    let paid = amount * (1.0 - fee_share);
    y * paid / (x + paid)
}

/// Loss of a liquidity provider against holding when the price changes by `ratio`.
pub fn impermanent_loss_share(ratio: f64) -> f64 {
    2.0 * ratio.sqrt() / (1.0 + ratio) - 1.0
}

/// A curve whose reserve backs the whole supply: R ∝ S^(1+k).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    pub reserve: f64,
    pub supply: f64,
    /// k; 0 is a constant price.
    pub exponent: f64,
}

impl Curve {
    /// Reserve paid in for `amount` new tokens (negative: paid out for tokens given back).
    pub fn reserve_change(&self, amount: f64) -> f64 {
        let ratio = (self.supply + amount) / self.supply;
        if ratio <= 0.0 {
            // Selling everything returns everything.
            return -self.reserve;
        }
        self.reserve * math::exp_m1((1.0 + self.exponent) * math::ln(ratio))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selling_everything_returns_the_whole_reserve() {
        let curve = Curve {
            reserve: 500.0,
            supply: 1e6,
            exponent: 1.0,
        };
        assert_eq!(curve.reserve_change(-1e6), -500.0);
        // k = 1: doubling the supply quadruples the reserve.
        assert!((curve.reserve_change(1e6) - 1_500.0).abs() < 1e-9);
        let flat = Curve {
            exponent: 0.0,
            ..curve
        };
        assert!((flat.reserve_change(1e5) - 50.0).abs() < 1e-10);
    }

    #[test]
    fn theory_t23() {
        let paid = constant_product_f64(1e4, (1e6, 5e6), 0.003);
        assert!((paid / 49_357.901_719_853 - 1.0).abs() < 1e-12, "{paid}");
        assert!((impermanent_loss_share(0.25) + 0.2).abs() < 1e-12);
        assert!((impermanent_loss_share(2.0) + 0.057_190_958_4).abs() < 1e-10);
    }

    #[test]
    fn the_product_never_falls() {
        let reserves = Reserves {
            taken: Whole::from(7_u32),
            given: Whole::from(1_000_003_u32),
        };
        for amount in 0..200_u32 {
            let amount = Whole::from(amount);
            let out = constant_product(&amount, &reserves, 997).unwrap();
            let after = (&reserves.taken + &amount) * (&reserves.given - out);
            assert!(after >= &reserves.taken * &reserves.given);
        }
        let empty = Reserves {
            taken: Whole::ZERO,
            given: Whole::from(1),
        };
        assert!(constant_product(&Whole::from(1), &empty, 997).is_none());
    }
}
