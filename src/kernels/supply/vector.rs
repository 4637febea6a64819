//! The sweep in sixteen lanes: strips of 256 rows pass through four short loops in the first
//! cache (draw, settle, decide, count), with the bits of the oracle.

use super::columns::{interleave, small_float};
use super::oracle::{W_MEAN, W_SCALE};
use super::prepared::Prepared;
use super::review::decide;
use super::settle::settle;
use super::strip::{COPIES, STRIP, Strip, Sums};
use super::tally::count;
use super::{BINS, GROUP, MAX_VENUES, Rows, Terms, Totals};
use crate::kernels::random::{philox_lanes, round_keys};
use crate::kernels::reduce::{BLOCK, LANES, lane_tree};
use crate::kernels::{Stream, math32};
use fearless_simd::{Simd, SimdBase, f64x8, u32x16, u64x8};

#[inline(always)]
pub(super) fn sweep<S: Simd>(
    simd: S,
    mut rows: Rows,
    terms: &Terms,
    (stream, week): (Stream, u32),
    totals: &mut Totals,
) {
    let prepared = Prepared::new(terms, rows.second.is_some());
    let of = (terms, &prepared);
    let none = [[f64x8::splat(simd, 0.0); 2]; MAX_VENUES];
    let zero = u32x16::splat(simd, 0);
    let mut sums = Sums {
        credited: none,
        sold: none,
        power: none,
        devices: [zero; MAX_VENUES],
        idle: zero,
        ordered: zero,
        absent: zero,
        bins: [[[0; 2]; MAX_VENUES * BINS]; COPIES],
        lent: [0; MAX_VENUES],
        listed: [0; MAX_VENUES],
    };
    let mut strip = Strip {
        start: 0,
        luck: 0,
        groups: 0,
        z: [0.0; STRIP],
        w: [0.0; STRIP],
        high: [0.0; STRIP],
        low: [0.0; STRIP],
        base: [0.0; STRIP],
    };
    let keys = round_keys(stream.key.0);
    let rest = [week, stream.draw, stream.luck];
    let (length, own) = (rows.len(), rows.own());
    while strip.start < length {
        let left = own - strip.luck;
        strip.groups = if left < STRIP { left } else { STRIP } / LANES;
        draw(simd, &mut strip, rest, &keys);
        if prepared.tokens || prepared.checks {
            settle(simd, &mut rows, &strip, of, (&mut sums, totals));
        }
        decide(simd, &mut rows, &mut strip, of, totals);
        count(simd, &rows, &strip, of, (&mut sums, totals));
        strip.start += strip.groups * LANES;
        strip.luck += strip.groups * LANES;
        if strip.luck.is_multiple_of(BLOCK) || strip.luck == own {
            flush(simd, &mut sums, totals);
        }
        strip.luck %= own;
    }
    finish(&sums, terms, totals);
}

/// Philox for pairs of rows i, i + 16: even and odd rows in separate registers interleave
/// without shuffles.
#[inline(always)]
fn draw<S: Simd>(simd: S, strip: &mut Strip, rest: [u32; 3], keys: &[[u64; 2]; 10]) {
    let first = strip.luck as u64;
    let mut even = u64x8::from_slice(simd, &[0, 2, 4, 6, 8, 10, 12, 14]) + first;
    let mut odd = even + 1;
    for group in 0..strip.groups / 2 {
        let e = philox_lanes(simd, even, rest, keys);
        let o = philox_lanes(simd, odd, rest, keys);
        for half in 0..2 {
            let a = interleave(e[2 * half], o[2 * half]);
            let b = interleave(e[2 * half + 1], o[2 * half + 1]);
            let at = group * GROUP + half * LANES;
            let z = math32::norm_inv(small_float(a & 0x7fff_ffff), a);
            let w = small_float(a & 0xffff) * W_SCALE - W_MEAN;
            z.store_slice(&mut strip.z[at..at + LANES]);
            w.store_slice(&mut strip.w[at..at + LANES]);
            small_float(b >> 16).store_slice(&mut strip.high[at..at + LANES]);
            small_float(b & 0xffff).store_slice(&mut strip.low[at..at + LANES]);
        }
        even += GROUP as u64;
        odd += GROUP as u64;
    }
}

/// Device counts of a block into the totals, before 32 bits could overflow.
#[inline(always)]
fn flush<S: Simd>(simd: S, sums: &mut Sums<S>, totals: &mut Totals) {
    let zero = u32x16::splat(simd, 0);
    for v in 0..MAX_VENUES {
        totals.venues[v].devices += total(sums.devices[v]);
        sums.devices[v] = zero;
    }
    totals.idle_devices += total(sums.idle);
    totals.ordered_devices += total(sums.ordered);
    totals.absent_devices += total(sums.absent);
    sums.idle = zero;
    sums.ordered = zero;
    sums.absent = zero;
}

#[inline(always)]
fn total<S: Simd>(lanes: u32x16<S>) -> f64 {
    let mut sum = 0;
    for lane in lanes.as_array() {
        sum += u64::from(*lane);
    }
    sum as f64
}

#[inline(always)]
fn sixteen<S: Simd>(halves: &[f64x8<S>; 2]) -> [f64; LANES] {
    let mut lanes = [0.0; LANES];
    lanes[..8].copy_from_slice(halves[0].as_array());
    lanes[8..].copy_from_slice(halves[1].as_array());
    lanes
}

/// Sums of lanes and copies, in the units of the totals.
#[inline(always)]
fn finish<S: Simd>(sums: &Sums<S>, terms: &Terms, totals: &mut Totals) {
    for v in 0..MAX_VENUES {
        let venue = &mut totals.venues[v];
        venue.credited_quanta += lane_tree(sixteen(&sums.credited[v]));
        venue.sold_quanta += lane_tree(sixteen(&sums.sold[v]));
        if !terms.venues[v].open {
            continue;
        }
        venue.power_kw = lane_tree(sixteen(&sums.power[v])) * f64::from(terms.power_kw);
        let mut reliable = 0_i64;
        for bin in 0..BINS {
            let [devices, cost] = sums.bins[0][v * BINS + bin];
            let [more_devices, more_cost] = sums.bins[1][v * BINS + bin];
            let devices = devices.wrapping_add(more_devices);
            venue.bin_devices[bin] = devices as f64 / 65_536.0;
            venue.bin_cost_usd_per_h[bin] = cost.wrapping_add(more_cost) as f64 / 65_536.0;
            reliable = reliable.wrapping_add(devices);
        }
        venue.reliable_devices = reliable as f64 / 65_536.0;
        venue.lent_devices = sums.lent[v] as f64 / 65_536.0;
        venue.listed_devices = sums.listed[v] as f64 / 65_536.0;
    }
}
