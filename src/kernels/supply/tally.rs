//! Sixteen rows at once: totals and the supply curve of the new modes (step f).

use super::columns::{add_where, bytes, floats, small_float};
use super::prepared::Prepared;
use super::second;
use super::strip::{COPIES, STATE, Strip, Sums};
use super::{ABSENT, BINS, CHEATING, IDLE, MAX_VENUES, ONLINE, ORDERED, WHOLE, whole};
use super::{Rows, Terms, Totals};
use crate::kernels::lanes::Real;
use crate::kernels::reduce::LANES;
use fearless_simd::{MaskWiden, Select, Simd, SimdBase, SimdMask, SimdWiden};
use fearless_simd::{f32x16, f64x8, mask32x16, mask64x8, u32x16, u64x8};

/// f. Adds the rows to the totals of their new modes.
#[inline(always)]
pub(super) fn count<S: Simd>(
    simd: S,
    rows: &Rows,
    strip: &Strip,
    (terms, prepared): (&Terms, &Prepared),
    (sums, totals): (&mut Sums<S>, &mut Totals),
) {
    let zero = u32x16::splat(simd, 0);
    for group in 0..strip.groups {
        let local = group * LANES;
        let at = strip.start + local;
        let mode = bytes(simd, rows.mode, at);
        let state = mode & STATE;
        let devices = u32x16::from_slice(simd, &rows.count[at..at + LANES]);
        let idle = state.simd_eq(u32::from(IDLE));
        sums.idle += idle.select(devices, zero);
        let ordered = state.simd_eq(u32::from(ORDERED));
        sums.ordered += ordered.select(devices, zero);
        let absent = state.simd_eq(u32::from(ABSENT));
        sums.absent += absent.select(devices, zero);
        let serves = (state - u32::from(ONLINE)).simd_lt(MAX_VENUES as u32);
        if !serves.any_true() {
            continue;
        }
        let number: [f64x8<S>; 2] = small_float(devices).widen().into();
        let (low, high) = floats(simd, rows.efficiency, at).widen();
        let load = [low * number[0], high * number[1]];
        let mut stake_cost = f32x16::splat(simd, 0.0);
        let mut first_bin = zero;
        let mut online = mask32x16::splat(simd, false);
        for v in 0..MAX_VENUES {
            let venue = &terms.venues[v];
            if venue.open {
                let here = state.simd_eq(u32::from(ONLINE) + v as u32);
                sums.devices[v] += here.select(devices, zero);
                add_where(&mut sums.power[v], here, load);
                let cost = f32x16::splat(simd, venue.stake_cost_usd_per_h);
                stake_cost = here.select(cost, stake_cost);
                first_bin = here.select(u32x16::splat(simd, (v * BINS) as u32), first_bin);
                online |= here;
            }
        }
        if !online.any_true() {
            continue;
        }
        let cost = floats(simd, &strip.base, local) + stake_cost;
        let floor = f32x16::splat(simd, prepared.bin_floor_usd_per_h);
        let above = cost.simd_lt(floor).select(floor, cost);
        let bin = (above.bits() >> 20) - prepared.bin_base;
        let last = u32x16::splat(simd, BINS as u32 - 1);
        let bin = first_bin + bin.simd_lt(BINS as u32).select(bin, last);
        let reliability = floats(simd, rows.reliability, at);
        scatter(sums, (online, bin), number, (reliability, cost));
        if prepared.seconds && !second::none_sits(rows, at) {
            for lane in 0..LANES {
                let costs = (strip.base[local + lane], cost.as_array()[lane]);
                lend(rows, at + lane, costs, (terms, prepared), (sums, totals));
            }
        }
        let cheating = online & !(mode & u32::from(CHEATING)).simd_eq(0);
        let mut cheats = cheating.to_bitmask();
        while cheats != 0 {
            let row = at + cheats.trailing_zeros() as usize;
            cheats &= cheats - 1;
            let venue = usize::from(rows.mode[row] & !CHEATING) - usize::from(ONLINE);
            totals.venues[venue].cheating_devices += f64::from(rows.count[row]);
        }
    }
}

/// Moves the listed hours of a row with a second seat from its first venue's bin to the other's.
fn lend<S: Simd>(
    rows: &Rows,
    row: usize,
    (base, cost): (f32, f32),
    (terms, prepared): (&Terms, &Prepared),
    (sums, totals): (&mut Sums<S>, &mut Totals),
) {
    let Some(moved) = second::moved(rows, row, base, (terms, prepared)) else {
        return;
    };
    let devices = f64::from(rows.count[row]);
    let units = (moved.units * devices) as i64;
    let value = |cost: f32| whole(whole(f64::from(cost) * moved.units) * devices) as i64;
    let (here, there) = (value(cost), value(moved.cost));
    let bins = &mut sums.bins[0];
    let from = &mut bins[moved.first * BINS + prepared.bin(cost)];
    *from = [from[0].wrapping_sub(units), from[1].wrapping_sub(here)];
    let to = &mut bins[moved.second * BINS + moved.bin];
    *to = [to[0].wrapping_add(units), to[1].wrapping_add(there)];
    sums.lent[moved.first] = sums.lent[moved.first].wrapping_add(units);
    sums.listed[moved.second] = sums.listed[moved.second].wrapping_add(units);
    totals.venues[moved.second].second_devices += devices;
}

/// Adds reliable devices and their cost to the bins, in whole units of 2^−16.
#[inline(always)]
fn scatter<S: Simd>(
    sums: &mut Sums<S>,
    (online, bin): (mask32x16<S>, u32x16<S>),
    number: [f64x8<S>; 2],
    (reliability, cost): (f32x16<S>, f32x16<S>),
) {
    let (mask_low, mask_high) = online.widen();
    let (reliable_low, reliable_high) = reliability.widen();
    let (cost_low, cost_high) = cost.widen();
    let low = whole_units(mask_low, number[0], (reliable_low, cost_low));
    let high = whole_units(mask_high, number[1], (reliable_high, cost_high));
    let bins = bin.as_array();
    let mut lane = 0;
    while lane < LANES {
        let (units, place) = if lane < 8 {
            (&low, lane)
        } else {
            (&high, lane - 8)
        };
        let sum = &mut sums.bins[lane % COPIES][bins[lane] as usize % (MAX_VENUES * BINS)];
        sum[0] = sum[0].wrapping_add(units[0].as_array()[place] as i64);
        sum[1] = sum[1].wrapping_add(units[1].as_array()[place] as i64);
        lane += 1;
    }
}

/// Reliable devices and cost × reliable devices as integers, `number` times those of one device;
/// 0 where the mask is not set.
#[inline(always)]
fn whole_units<S: Simd>(
    mask: mask64x8<S>,
    number: f64x8<S>,
    (reliability, cost): (f64x8<S>, f64x8<S>),
) -> [u64x8<S>; 2] {
    let one = (reliability * 65_536.0 + WHOLE) - WHOLE;
    let units = one * number + WHOLE;
    let value = ((cost * one + WHOLE) - WHOLE) * number + WHOLE;
    let zero = u64x8::splat(number.simd, 0);
    let units = mask.select(units.bits() - WHOLE.to_bits(), zero);
    [units, mask.select(value.bits() - WHOLE.to_bits(), zero)]
}
