//! What the four loops of a strip hand to each other.

use super::{BINS, CHEATING, MAX_VENUES};
use fearless_simd::{Simd, f64x8, u32x16};

/// Rows that pass through all loops before the next: their columns fit the first cache.
pub(super) const STRIP: usize = 256;
/// Copies of the histogram, so that neighbouring rows of one bin do not wait for each other.
pub(super) const COPIES: usize = 2;
pub(super) const STATE: u32 = (!CHEATING) as u32;

/// Numbers a strip hands from loop to loop.
pub(super) struct Strip {
    pub start: usize,
    /// Row whose luck the first of the strip has.
    pub luck: usize,
    pub groups: usize,
    pub z: [f32; STRIP],
    pub w: [f32; STRIP],
    pub high: [f32; STRIP],
    pub low: [f32; STRIP],
    pub base: [f32; STRIP],
}

/// Running sums of a cell.
pub(super) struct Sums<S: Simd> {
    pub credited: [[f64x8<S>; 2]; MAX_VENUES],
    pub sold: [[f64x8<S>; 2]; MAX_VENUES],
    pub power: [[f64x8<S>; 2]; MAX_VENUES],
    pub devices: [u32x16<S>; MAX_VENUES],
    pub idle: u32x16<S>,
    pub ordered: u32x16<S>,
    pub absent: u32x16<S>,
    pub bins: [[[i64; 2]; MAX_VENUES * BINS]; COPIES],
    /// Units of 2^−16 reliable devices, lent by and listed in each venue.
    pub lent: [i64; MAX_VENUES],
    pub listed: [i64; MAX_VENUES],
}
