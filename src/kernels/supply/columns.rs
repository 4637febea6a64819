//! Sixteen rows of a column in and out of vectors.

use crate::kernels::lanes::Real;
use crate::kernels::reduce::LANES;
use fearless_simd::{Bytes, MaskWiden, Select, Simd, SimdBase, SimdCvtFloat, SimdNarrow};
use fearless_simd::{f32x16, f64x8, i32x16, mask32x16, u32x16, u64x8};

/// Low halves of even and odd lanes → sixteen words in row order.
#[inline(always)]
pub(super) fn interleave<S: Simd>(even: u64x8<S>, odd: u64x8<S>) -> u32x16<S> {
    ((even & 0xffff_ffff) | (odd << 32)).bitcast()
}

/// Whole numbers below 2^31 as floats.
#[inline(always)]
pub(super) fn small_float<S: Simd>(whole: u32x16<S>) -> f32x16<S> {
    f32x16::float_from(whole.bitcast::<i32x16<S>>())
}

/// Sixteen bytes of a column as words.
#[inline(always)]
pub(super) fn bytes<S: Simd>(simd: S, column: &[u8], at: usize) -> u32x16<S> {
    let mut words = [0; LANES];
    for (word, byte) in words.iter_mut().zip(&column[at..at + LANES]) {
        *word = u32::from(*byte);
    }
    u32x16::from_slice(simd, &words)
}

/// Two narrowing steps: left to the compiler, the last bytes went one by one.
#[inline(always)]
pub(super) fn store_bytes<S: Simd>(words: u32x16<S>, column: &mut [u8], at: usize) {
    let halves = words.narrow(words);
    let bytes = halves.narrow(halves);
    column[at..at + LANES].copy_from_slice(&bytes.as_array()[..LANES]);
}

#[inline(always)]
pub(super) fn floats<S: Simd>(simd: S, column: &[f32], at: usize) -> f32x16<S> {
    f32x16::from_slice(simd, &column[at..at + LANES])
}

#[inline(always)]
pub(super) fn doubles<S: Simd>(simd: S, column: &[f64], at: usize) -> [f64x8<S>; 2] {
    let half = at + LANES / 2;
    [
        f64x8::from_slice(simd, &column[at..half]),
        f64x8::from_slice(simd, &column[half..at + LANES]),
    ]
}

#[inline(always)]
pub(super) fn store_doubles<S: Simd>(values: [f64x8<S>; 2], column: &mut [f64], at: usize) {
    let half = at + LANES / 2;
    values[0].store_slice(&mut column[at..half]);
    values[1].store_slice(&mut column[half..at + LANES]);
}

/// sum += value where the mask is set.
#[inline(always)]
pub(super) fn add_where<S: Simd>(
    sum: &mut [f64x8<S>; 2],
    mask: mask32x16<S>,
    value: [f64x8<S>; 2],
) {
    let zero = sum[0].of(0.0);
    let (low, high) = mask.widen();
    sum[0] += low.select(value[0], zero);
    sum[1] += high.select(value[1], zero);
}
