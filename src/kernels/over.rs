//! The functions of [`math`](super::math) over whole columns, eight numbers at a time: the same
//! bits as one by one.

use super::Level;
use super::math64::{self, Real64};
use fearless_simd::{Simd, SimdBase, dispatch, f64x8};

const LANES: usize = 8;

/// A function of one number, or of eight.
pub trait Function: Copy {
    fn of<R: Real64>(self, x: R) -> R;
}

/// e^x.
#[derive(Clone, Copy)]
pub struct Exp;

/// x to this power.
#[derive(Clone, Copy)]
pub struct Power(pub f64);

/// 1 / (1 + e^−x).
#[derive(Clone, Copy)]
pub struct Logistic;

/// Φ⁻¹(x).
#[derive(Clone, Copy)]
pub struct NormInv;

impl Function for Exp {
    #[inline(always)]
    fn of<R: Real64>(self, x: R) -> R {
        math64::exp(x)
    }
}

impl Function for Power {
    #[inline(always)]
    fn of<R: Real64>(self, x: R) -> R {
        math64::pow(x, x.of(self.0))
    }
}

impl Function for Logistic {
    #[inline(always)]
    fn of<R: Real64>(self, x: R) -> R {
        math64::logistic(x)
    }
}

impl Function for NormInv {
    #[inline(always)]
    fn of<R: Real64>(self, x: R) -> R {
        math64::norm_inv(x)
    }
}

/// Puts f(x) in the place of every x.
pub fn each(values: &mut [f64], f: impl Function) {
    match Level::chosen() {
        Level::Scalar => plain(values, f),
        Level::Vector(set) => {
            let (chunks, rest) = values.as_chunks_mut();
            dispatch!(set, simd => lanes(simd, chunks, f));
            plain(rest, f);
        }
    }
}

fn plain(values: &mut [f64], f: impl Function) {
    for value in values {
        *value = f.of(*value);
    }
}

#[inline(always)]
fn lanes<S: Simd>(simd: S, chunks: &mut [[f64; LANES]], f: impl Function) {
    for chunk in chunks {
        f.of(f64x8::from_slice(simd, chunk)).store_slice(chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(f: impl Function, name: &str) {
        let mut column = Vec::from_iter((1..=99).map(|at| f64::from(at) / 100.0));
        let mut alone = column.clone();
        each(&mut column, f);
        plain(&mut alone, f);
        for (value, alone) in column.iter().zip(&alone) {
            assert_eq!(value.to_bits(), alone.to_bits(), "{name}");
        }
        assert_ne!(column[50], 0.51, "{name} changes something");
    }

    #[test]
    fn columns_have_the_bits_of_single_numbers() {
        compare(Exp, "exp");
        compare(Power(2.7), "pow");
        compare(Logistic, "logistic");
        compare(NormInv, "norm_inv");
    }
}
