//! Sixteen rows at once: last week's service is checked, paid and partly sold (steps a, b).

use super::change::slash;
use super::columns::{add_where, bytes, doubles, floats, small_float, store_doubles};
use super::prepared::Prepared;
use super::second;
use super::strip::{STATE, Strip, Sums};
use super::{CHEATING, MAX_VENUES, ONLINE, Rows, Terms, Totals};
use crate::kernels::reduce::LANES;
use fearless_simd::{MaskWiden, Select, Simd, SimdBase, SimdFloat, SimdMask, SimdWiden};
use fearless_simd::{f32x16, f64x8, mask32x16, u32x16};

/// a, b. Checks, learning, credit, sales.
#[inline(always)]
pub(super) fn settle<S: Simd>(
    simd: S,
    rows: &mut Rows,
    strip: &Strip,
    (terms, prepared): (&Terms, &Prepared),
    (sums, totals): (&mut Sums<S>, &mut Totals),
) {
    for group in 0..strip.groups {
        let local = group * LANES;
        let at = strip.start + local;
        let mode = bytes(simd, rows.mode, at);
        let state = mode & STATE;
        let online = (state - u32::from(ONLINE)).simd_lt(MAX_VENUES as u32);
        let mut honest = mask32x16::splat(simd, true);
        // Where nobody serves, no belief moves.
        if prepared.checks && online.any_true() {
            let low = floats(simd, &strip.low, local);
            let caught = learn(simd, rows, (at, mode, low), terms, prepared);
            if caught.any_true() {
                honest = !caught;
                slash_all(rows, at, caught.to_bitmask(), terms, totals);
            }
        }
        if !prepared.tokens {
            continue;
        }
        second::credit_all(rows, at, terms, totals);
        let seat = bytes(simd, rows.seat, at);
        // Nobody sits: nothing is earned or sold, and no token column is touched.
        if !seat.simd_lt(MAX_VENUES as u32).any_true() {
            continue;
        }
        let count = small_float(u32x16::from_slice(simd, &rows.count[at..at + LANES]));
        let (low, high) = floats(simd, rows.reliability, at).widen();
        let mut held = doubles(simd, rows.held_quanta, at);
        // A row online in a venue sits there, so the seat chooses pay and sales alike.
        let paid = online & honest;
        let none = f64x8::splat(simd, 0.0);
        let mut pay = [none; 2];
        let mut share = [none; 2];
        for v in 0..MAX_VENUES {
            let venue = &terms.venues[v];
            if prepared.token_venue[v] {
                let (first, second) = seat.simd_eq(v as u32).widen();
                let credit = f64x8::splat(simd, venue.credit_quanta_per_device);
                pay = [first.select(credit, pay[0]), second.select(credit, pay[1])];
                let part = f64x8::splat(simd, venue.sell_share);
                share = [first.select(part, share[0]), second.select(part, share[1])];
            }
        }
        let (paid_low, paid_high) = paid.widen();
        let earned_low = paid_low.select((low * pay[0]).floor(), none);
        let earned_high = paid_high.select((high * pay[1]).floor(), none);
        let full = [held[0] + earned_low, held[1] + earned_high];
        let sold = [(full[0] * share[0]).floor(), (full[1] * share[1]).floor()];
        held = [full[0] - sold[0], full[1] - sold[1]];
        store_doubles(held, rows.held_quanta, at);
        let (count_low, count_high) = count.widen();
        let earned = [earned_low * count_low, earned_high * count_high];
        let sold = [sold[0] * count_low, sold[1] * count_high];
        for v in 0..MAX_VENUES {
            if prepared.token_venue[v] {
                let seated = seat.simd_eq(v as u32);
                add_where(&mut sums.credited[v], seated, earned);
                add_where(&mut sums.sold[v], seated, sold);
            }
        }
    }
}

/// Those of sixteen rows who were caught lose part of their stakes.
fn slash_all(rows: &mut Rows, at: usize, mut caught: u64, terms: &Terms, totals: &mut Totals) {
    while caught != 0 {
        slash(rows, at + caught.trailing_zeros() as usize, terms, totals);
        caught &= caught - 1;
    }
}

/// Detection beliefs after this week's checks; returns who was caught.
#[inline(always)]
fn learn<S: Simd>(
    simd: S,
    rows: &mut Rows,
    (at, mode, low): (usize, u32x16<S>, f32x16<S>),
    terms: &Terms,
    prepared: &Prepared,
) -> mask32x16<S> {
    let state = mode & STATE;
    let cheating = !(mode & u32::from(CHEATING)).simd_eq(0);
    let zero = f32x16::splat(simd, 0.0);
    let one = f32x16::splat(simd, 1.0);
    let mut caught = mask32x16::splat(simd, false);
    let mut gain = zero;
    let mut target = zero;
    for v in 0..MAX_VENUES {
        let venue = &terms.venues[v];
        if venue.detection_probability > 0.0 || venue.detection_gain > 0.0 {
            let here = state.simd_eq(u32::from(ONLINE) + v as u32);
            let found = here & cheating & low.simd_lt(prepared.detection_threshold[v]);
            caught |= found;
            let fast = f32x16::splat(simd, venue.detection_gain);
            let slow = f32x16::splat(simd, venue.detection_gain * 0.125);
            let seen = f32x16::splat(simd, venue.detection_probability);
            gain = here.select(cheating.select(fast, slow), gain);
            target = here.select(cheating.select(found.select(one, zero), seen), target);
        }
    }
    let belief = floats(simd, rows.detection_belief, at);
    let belief = belief + gain * (target - belief);
    belief.store_slice(&mut rows.detection_belief[at..at + LANES]);
    caught
}
