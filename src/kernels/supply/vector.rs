//! The sweep in sixteen lanes: strips of 256 rows pass through four short loops in the first
//! cache (draw, settle, decide, count), with the bits of the oracle.

use super::change::{Change, apply, slash};
use super::oracle::{W_MEAN, W_SCALE, WHOLE};
use super::prepared::Prepared;
use super::{ABSENT, BINS, CHEATING, GROUP, IDLE, MAX_VENUES, ONLINE, ORDERED};
use super::{Rows, Terms, Totals};
use crate::kernels::lanes::Real;
use crate::kernels::random::{philox_lanes, round_keys};
use crate::kernels::reduce::{BLOCK, LANES, lane_tree};
use crate::kernels::{Stream, math32};
use fearless_simd::{Bytes, MaskWiden, Select, Simd, SimdBase, SimdCvtFloat, SimdMask, SimdWiden};
use fearless_simd::{f32x16, f64x8, i32x16, mask32x16, u32x16, u64x8};

/// Rows that pass through all loops before the next: their columns fit the first cache.
const STRIP: usize = 256;
/// Copies of the histogram, so that neighbouring rows of one bin do not wait for each other.
const COPIES: usize = 2;
const STATE: u32 = (!CHEATING) as u32;

/// Numbers a strip hands from loop to loop.
struct Strip {
    start: usize,
    groups: usize,
    z: [f32; STRIP],
    w: [f32; STRIP],
    high: [f32; STRIP],
    low: [f32; STRIP],
    base: [f32; STRIP],
}

/// Running sums of a cell.
struct Sums<S: Simd> {
    credited: [[f64x8<S>; 2]; MAX_VENUES],
    sold: [[f64x8<S>; 2]; MAX_VENUES],
    power: [[f64x8<S>; 2]; MAX_VENUES],
    devices: [u32x16<S>; MAX_VENUES],
    idle: u32x16<S>,
    ordered: u32x16<S>,
    absent: u32x16<S>,
    bins: [[[i64; 2]; MAX_VENUES * BINS]; COPIES],
}

#[inline(always)]
pub(super) fn sweep<S: Simd>(
    simd: S,
    mut rows: Rows,
    terms: &Terms,
    (stream, week): (Stream, u32),
    totals: &mut Totals,
) {
    let prepared = Prepared::new(terms);
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
    };
    let mut strip = Strip {
        start: 0,
        groups: 0,
        z: [0.0; STRIP],
        w: [0.0; STRIP],
        high: [0.0; STRIP],
        low: [0.0; STRIP],
        base: [0.0; STRIP],
    };
    let keys = round_keys(stream.key.0);
    let rest = [week, stream.draw, stream.luck];
    let length = rows.len();
    while strip.start < length {
        let left = length - strip.start;
        strip.groups = if left < STRIP { left } else { STRIP } / LANES;
        draw(simd, &mut strip, rest, &keys);
        if prepared.tokens || prepared.checks {
            settle(simd, &mut rows, &strip, of, (&mut sums, totals));
        }
        decide(simd, &mut rows, &mut strip, of, totals);
        count(simd, &rows, &strip, of, (&mut sums, totals));
        strip.start += strip.groups * LANES;
        if strip.start % BLOCK == 0 || strip.start == length {
            flush(simd, &mut sums, totals);
        }
    }
    finish(&sums, terms, totals);
}

/// Philox for pairs of rows i, i + 16: even and odd rows in separate registers interleave
/// without shuffles.
#[inline(always)]
fn draw<S: Simd>(simd: S, strip: &mut Strip, rest: [u32; 3], keys: &[[u64; 2]; 10]) {
    let first = strip.start as u64;
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
        even = even + GROUP as u64;
        odd = odd + GROUP as u64;
    }
}

/// Low halves of even and odd lanes → sixteen words in row order.
#[inline(always)]
fn interleave<S: Simd>(even: u64x8<S>, odd: u64x8<S>) -> u32x16<S> {
    ((even & 0xffff_ffff) | (odd << 32)).bitcast()
}

/// Whole numbers below 2^31 as floats.
#[inline(always)]
fn small_float<S: Simd>(whole: u32x16<S>) -> f32x16<S> {
    f32x16::float_from(whole.bitcast::<i32x16<S>>())
}

/// Sixteen bytes of a column as words.
#[inline(always)]
fn bytes<S: Simd>(simd: S, column: &[u8], at: usize) -> u32x16<S> {
    let mut words = [0; LANES];
    for (word, byte) in words.iter_mut().zip(&column[at..at + LANES]) {
        *word = u32::from(*byte);
    }
    u32x16::from_slice(simd, &words)
}

#[inline(always)]
fn store_bytes<S: Simd>(words: u32x16<S>, column: &mut [u8], at: usize) {
    for (byte, word) in column[at..at + LANES].iter_mut().zip(words.as_array()) {
        *byte = *word as u8;
    }
}

#[inline(always)]
fn floats<S: Simd>(simd: S, column: &[f32], at: usize) -> f32x16<S> {
    f32x16::from_slice(simd, &column[at..at + LANES])
}

#[inline(always)]
fn doubles<S: Simd>(simd: S, column: &[f64], at: usize) -> [f64x8<S>; 2] {
    let half = at + LANES / 2;
    [
        f64x8::from_slice(simd, &column[at..half]),
        f64x8::from_slice(simd, &column[half..at + LANES]),
    ]
}

#[inline(always)]
fn store_doubles<S: Simd>(values: [f64x8<S>; 2], column: &mut [f64], at: usize) {
    let half = at + LANES / 2;
    values[0].store_slice(&mut column[at..half]);
    values[1].store_slice(&mut column[half..at + LANES]);
}

/// sum += value where the mask is set.
#[inline(always)]
fn add_where<S: Simd>(sum: &mut [f64x8<S>; 2], mask: mask32x16<S>, value: [f64x8<S>; 2]) {
    let zero = sum[0].of(0.0);
    let (low, high) = mask.widen();
    sum[0] = sum[0] + low.select(value[0], zero);
    sum[1] = sum[1] + high.select(value[1], zero);
}

/// a, b. Checks, learning, credit, sales.
#[inline(always)]
fn settle<S: Simd>(
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
        let mut honest = mask32x16::splat(simd, true);
        if prepared.checks {
            let low = floats(simd, &strip.low, local);
            let caught = learn(simd, rows, (at, mode, low), terms, prepared);
            let mut caught_rows = caught.to_bitmask();
            if caught_rows != 0 {
                honest = !caught;
                while caught_rows != 0 {
                    slash(
                        rows,
                        at + caught_rows.trailing_zeros() as usize,
                        terms,
                        totals,
                    );
                    caught_rows &= caught_rows - 1;
                }
            }
        }
        if !prepared.tokens {
            continue;
        }
        let count = small_float(u32x16::from_slice(simd, &rows.count[at..at + LANES]));
        let (low, high) = (count * floats(simd, rows.reliability, at)).widen();
        let mut held = doubles(simd, rows.held_quanta, at);
        let seat = bytes(simd, rows.seat, at);
        // A row online in a venue sits there, so the seat chooses pay and sales alike.
        let paid = (state - u32::from(ONLINE)).simd_lt(MAX_VENUES as u32) & honest;
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
        for v in 0..MAX_VENUES {
            if prepared.token_venue[v] {
                let seated = seat.simd_eq(v as u32);
                add_where(&mut sums.credited[v], seated, [earned_low, earned_high]);
                add_where(&mut sums.sold[v], seated, sold);
            }
        }
        store_doubles(held, rows.held_quanta, at);
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
            caught = caught | found;
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

/// What sixteen rows think after looking at all venues.
struct View<S: Simd> {
    best: f32x16<S>,
    best_venue: u32x16<S>,
    current: f32x16<S>,
    /// Online in an open venue.
    open: mask32x16<S>,
    saving: f32x16<S>,
    risk: f32x16<S>,
}

/// c. Margins of all open venues.
#[inline(always)]
fn look<S: Simd>(
    simd: S,
    (base, reliability): (f32x16<S>, f32x16<S>),
    (z, w): (f32x16<S>, f32x16<S>),
    mode: u32x16<S>,
    (terms, prepared): (&Terms, &Prepared),
) -> View<S> {
    let state = mode & STATE;
    let zero = f32x16::splat(simd, 0.0);
    let cheating = !(mode & u32::from(CHEATING)).simd_eq(0);
    let mut view = View {
        best: -base,
        best_venue: u32x16::splat(simd, MAX_VENUES as u32),
        current: -base,
        open: mask32x16::splat(simd, false),
        saving: zero,
        risk: zero,
    };
    for v in 0..MAX_VENUES {
        let venue = &terms.venues[v];
        if venue.open {
            let (a, b) = prepared.shock[v];
            let shock = (z * a + w * b) + 1.0;
            let gross = reliability * venue.pay_usd_per_h * shock;
            let mut margin = gross - base - venue.stake_cost_usd_per_h;
            let better = view.best.simd_lt(margin);
            view.best = better.select(margin, view.best);
            let number = u32x16::splat(simd, v as u32);
            view.best_venue = better.select(number, view.best_venue);
            let here = state.simd_eq(u32::from(ONLINE) + v as u32);
            if prepared.cheats {
                let saving = f32x16::splat(simd, venue.cheat_saving_usd_per_h);
                margin = margin + cheating.select(saving, zero);
                view.saving = here.select(saving, view.saving);
                let risk = f32x16::splat(simd, prepared.risk_usd_per_h[v]);
                view.risk = here.select(risk, view.risk);
            }
            view.current = here.select(margin, view.current);
            view.open = view.open | here;
        }
    }
    view
}

/// c, d, e. Margins, belief, patience, review.
#[inline(always)]
fn decide<S: Simd>(
    simd: S,
    rows: &mut Rows,
    strip: &mut Strip,
    (terms, prepared): (&Terms, &Prepared),
    totals: &mut Totals,
) {
    for group in 0..strip.groups {
        let local = group * LANES;
        let at = strip.start + local;
        let usual = floats(simd, rows.efficiency, at) * floats(simd, rows.tariff_ratio, at);
        let energy = usual * prepared.energy_usd_per_h;
        let base = energy + terms.opex_usd_per_h + floats(simd, rows.opportunity_usd_per_h, at);
        base.store_slice(&mut strip.base[local..local + LANES]);
        let reliability = floats(simd, rows.reliability, at);
        let shocks = (floats(simd, &strip.z, local), floats(simd, &strip.w, local));
        let mode = bytes(simd, rows.mode, at);
        let view = look(simd, (base, reliability), shocks, mode, (terms, prepared));

        let belief = floats(simd, rows.belief_usd_per_h, at);
        let belief = belief + (view.best - belief) * terms.belief_gain;
        belief.store_slice(&mut rows.belief_usd_per_h[at..at + LANES]);
        let state = mode & STATE;
        let online = (state - u32::from(ONLINE)).simd_lt(MAX_VENUES as u32);
        let zero = u32x16::splat(simd, 0);
        let raised = bytes(simd, rows.patience_weeks, at) + 1;
        let raised = raised.simd_lt(256).select(raised, u32x16::splat(simd, 255));
        let waits = online & view.current.simd_lt(0.0);
        let patience = waits.select(raised, zero);
        store_bytes(patience, rows.patience_weeks, at);

        let reviewed = floats(simd, &strip.high, local).simd_lt(prepared.review_threshold);
        let tired = patience.simd_ge(u32::from(terms.patience_limit_weeks));
        let somewhere = view.best_venue.simd_lt(MAX_VENUES as u32);
        let leave = online & ((reviewed & tired) | !view.open);
        let stays = online & reviewed & !leave;
        let gain = view.best - view.current;
        let margin = f32x16::splat(simd, prepared.switch_margin_usd_per_h);
        let switch = stays & somewhere & margin.simd_lt(gain);
        let idle = reviewed & state.simd_eq(u32::from(IDLE));
        let joins = f32x16::splat(simd, terms.join_margin_usd_per_h).simd_lt(belief);
        let join = idle & somewhere & joins;
        let let_go = idle & !join & belief.simd_lt(-terms.exit_margin_usd_per_h);
        let low = floats(simd, &strip.low, local);
        let spread = (low * (1.0 / 65_536.0) - 0.5) * terms.buy_spread;
        let threshold = (spread + 1.0) * terms.buy_margin_usd_per_h;
        let order = reviewed & state.simd_eq(u32::from(ABSENT)) & threshold.simd_lt(belief);

        let again = stays & !switch;
        let detection = floats(simd, rows.detection_belief, at);
        let cheat = (detection * view.risk).simd_lt(view.saving);
        let bit = cheat.select(u32x16::splat(simd, u32::from(CHEATING)), zero);
        let chosen = again.select(state | bit, mode);
        store_bytes(chosen, rows.mode, at);

        let changes = (leave | switch | join | let_go | order).to_bitmask();
        if changes != 0 {
            let masks = [leave, switch, join, let_go];
            let bits = masks_to_bits(masks);
            let venues = *view.best_venue.as_array();
            change_rows(
                rows,
                (at, changes, bits),
                &venues,
                (terms, prepared),
                totals,
            );
        }
    }
}

#[inline(always)]
fn masks_to_bits<S: Simd>(masks: [mask32x16<S>; 4]) -> [u64; 4] {
    let [a, b, c, d] = masks;
    [
        a.to_bitmask(),
        b.to_bitmask(),
        c.to_bitmask(),
        d.to_bitmask(),
    ]
}

/// Carries the decisions of sixteen rows out, in row order.
fn change_rows(
    rows: &mut Rows,
    (at, mut changes, [leave, switch, join, let_go]): (usize, u64, [u64; 4]),
    venues: &[u32; LANES],
    of: (&Terms, &Prepared),
    totals: &mut Totals,
) {
    while changes != 0 {
        let lane = changes.trailing_zeros() as usize;
        let bit = changes & changes.wrapping_neg();
        changes ^= bit;
        let venue = venues[lane % LANES] as usize;
        let change = if leave & bit != 0 {
            Change::Leave
        } else if switch & bit != 0 {
            Change::Switch(venue)
        } else if join & bit != 0 {
            Change::Join(venue)
        } else if let_go & bit != 0 {
            Change::LetGo
        } else {
            Change::Order
        };
        apply(rows, at + lane, change, of, totals);
    }
}

/// f. Adds the rows to the totals of their new modes.
#[inline(always)]
fn count<S: Simd>(
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
        let number = small_float(devices);
        let (low, high) = (number * floats(simd, rows.efficiency, at)).widen();
        let mut stake_cost = f32x16::splat(simd, 0.0);
        let mut first_bin = zero;
        let mut online = mask32x16::splat(simd, false);
        for v in 0..MAX_VENUES {
            let venue = &terms.venues[v];
            if venue.open {
                let here = state.simd_eq(u32::from(ONLINE) + v as u32);
                sums.devices[v] = sums.devices[v] + here.select(devices, zero);
                add_where(&mut sums.power[v], here, [low, high]);
                let cost = f32x16::splat(simd, venue.stake_cost_usd_per_h);
                stake_cost = here.select(cost, stake_cost);
                first_bin = here.select(u32x16::splat(simd, (v * BINS) as u32), first_bin);
                online = online | here;
            }
        }
        let idle = state.simd_eq(u32::from(IDLE));
        sums.idle = sums.idle + idle.select(devices, zero);
        let ordered = state.simd_eq(u32::from(ORDERED));
        sums.ordered = sums.ordered + ordered.select(devices, zero);
        let absent = state.simd_eq(u32::from(ABSENT));
        sums.absent = sums.absent + absent.select(devices, zero);
        if !online.any_true() {
            continue;
        }
        let cost = floats(simd, &strip.base, local) + stake_cost;
        let floor = f32x16::splat(simd, prepared.bin_floor_usd_per_h);
        let above = cost.simd_lt(floor).select(floor, cost);
        let bin = (above.bits() >> 20) - prepared.bin_base;
        let last = u32x16::splat(simd, BINS as u32 - 1);
        let bin = first_bin + bin.simd_lt(BINS as u32).select(bin, last);
        let reliable = number * floats(simd, rows.reliability, at);
        scatter(sums, online, bin, (reliable, cost));
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

/// Adds reliable devices and their cost to the bins, in whole units of 2^−16.
#[inline(always)]
fn scatter<S: Simd>(
    sums: &mut Sums<S>,
    online: mask32x16<S>,
    bin: u32x16<S>,
    (reliable, cost): (f32x16<S>, f32x16<S>),
) {
    let (mask_low, mask_high) = online.widen();
    let (reliable_low, reliable_high) = reliable.widen();
    let (cost_low, cost_high) = cost.widen();
    let low = whole_units(mask_low, reliable_low, cost_low);
    let high = whole_units(mask_high, reliable_high, cost_high);
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

/// Reliable devices and cost × reliable devices as integers; 0 where the mask is not set.
#[inline(always)]
fn whole_units<S: Simd>(
    mask: fearless_simd::mask64x8<S>,
    reliable: f64x8<S>,
    cost: f64x8<S>,
) -> [u64x8<S>; 2] {
    let shifted = reliable * 65_536.0 + WHOLE;
    let units = shifted - WHOLE;
    let value = cost * units + WHOLE;
    let zero = u64x8::splat(reliable.simd, 0);
    let units = mask.select(shifted.bits() - WHOLE.to_bits(), zero);
    [units, mask.select(value.bits() - WHOLE.to_bits(), zero)]
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
    }
}
