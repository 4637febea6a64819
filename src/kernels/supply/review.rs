//! Sixteen rows at once: margins, belief, patience and decisions (steps c, d, e).

use super::change::{Change, apply};
use super::columns::{bytes, floats, store_bytes};
use super::prepared::Prepared;
use super::second;
use super::strip::{STATE, Strip};
use super::{ABSENT, CHEATING, IDLE, MAX_VENUES, ONLINE, Rows, Terms, Totals};
use crate::kernels::reduce::LANES;
use fearless_simd::{Select, Simd, SimdBase, SimdMask};
use fearless_simd::{f32x16, mask32x16, u32x16};

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
                margin += cheating.select(saving, zero);
                view.saving = here.select(saving, view.saving);
                let risk = f32x16::splat(simd, prepared.risk_usd_per_h[v]);
                view.risk = here.select(risk, view.risk);
            }
            view.current = here.select(margin, view.current);
            view.open |= here;
        }
    }
    view
}

/// c, d, e. Margins, belief, patience, review.
#[inline(always)]
pub(super) fn decide<S: Simd>(
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
        let mut view = look(simd, (base, reliability), shocks, mode, (terms, prepared));
        if prepared.seconds && !second::none_sits(rows, at) {
            let more = extra(rows, strip, local, (terms, prepared));
            view.current += f32x16::from_slice(simd, &more);
        }

        let state = mode & STATE;
        let online = (state - u32::from(ONLINE)).simd_lt(MAX_VENUES as u32);
        let (belief, patience) = remember(simd, (rows, at), &view, online, terms.belief_gain);

        let reviewed = floats(simd, &strip.high, local).simd_lt(prepared.review_threshold);
        let tired = patience.simd_ge(u32::from(terms.patience_limit_weeks));
        let somewhere = view.best_venue.simd_lt(MAX_VENUES as u32);
        let leave = online & ((reviewed & tired) | !view.open);
        let stays = online & reviewed & !leave;
        let gain = view.best - view.current;
        let margin = f32x16::splat(simd, prepared.switch_margin_usd_per_h);
        let switch = stays & somewhere & margin.simd_lt(gain);
        let low = floats(simd, &strip.low, local);
        let unplaced = (reviewed, state, somewhere);
        let [join, let_go, order] = offline(unplaced, belief, low, terms);

        let again = stays & !switch;
        let detection = floats(simd, rows.detection_belief, at);
        let cheat = (detection * view.risk).simd_lt(view.saving);
        let cheating = state | u32x16::splat(simd, u32::from(CHEATING));
        let chosen = again.select(cheat.select(cheating, state), mode);
        store_bytes(chosen, rows.mode, at);
        if prepared.seconds && again.any_true() {
            reseat(
                rows,
                strip,
                (local, again.to_bitmask()),
                (terms, prepared),
                totals,
            );
        }

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

/// c, d. What sixteen rows expect from now on, and for how long they have lost.
#[inline(always)]
fn remember<S: Simd>(
    simd: S,
    (rows, at): (&mut Rows, usize),
    view: &View<S>,
    online: mask32x16<S>,
    gain: f32,
) -> (f32x16<S>, u32x16<S>) {
    let belief = floats(simd, rows.belief_usd_per_h, at);
    let belief = belief + (view.best - belief) * gain;
    belief.store_slice(&mut rows.belief_usd_per_h[at..at + LANES]);
    let raised = bytes(simd, rows.patience_weeks, at) + 1;
    let raised = raised.simd_lt(256).select(raised, u32x16::splat(simd, 255));
    let waits = online & view.current.simd_lt(0.0);
    let patience = waits.select(raised, u32x16::splat(simd, 0));
    store_bytes(patience, rows.patience_weeks, at);
    (belief, patience)
}

/// e. What reviewing rows that are not online decide: join, let hardware go, order some.
#[inline(always)]
fn offline<S: Simd>(
    (reviewed, state, somewhere): (mask32x16<S>, u32x16<S>, mask32x16<S>),
    belief: f32x16<S>,
    low: f32x16<S>,
    terms: &Terms,
) -> [mask32x16<S>; 3] {
    let idle = reviewed & state.simd_eq(u32::from(IDLE));
    let joins = f32x16::splat(belief.simd, terms.join_margin_usd_per_h).simd_lt(belief);
    let join = idle & somewhere & joins;
    let let_go = idle & !join & belief.simd_lt(-terms.exit_margin_usd_per_h);
    let spread = (low * (1.0 / 65_536.0) - 0.5) * terms.buy_spread;
    let threshold = (spread + 1.0) * terms.buy_margin_usd_per_h;
    let order = reviewed & state.simd_eq(u32::from(ABSENT)) & threshold.simd_lt(belief);
    [join, let_go, order]
}

/// What second seats add to sixteen margins.
fn extra(rows: &Rows, strip: &Strip, local: usize, of: (&Terms, &Prepared)) -> [f32; LANES] {
    std::array::from_fn(|lane| {
        let place = local + lane;
        let chance = (strip.z[place], strip.w[place]);
        second::extra(rows, strip.start + place, chance, of)
    })
}

/// Reviewing rows that stay where they are look for a second seat.
fn reseat(
    rows: &mut Rows,
    strip: &Strip,
    (local, mut again): (usize, u64),
    of: (&Terms, &Prepared),
    totals: &mut Totals,
) {
    while again != 0 {
        let place = local + again.trailing_zeros() as usize;
        again &= again - 1;
        let row = strip.start + place;
        let chance = (strip.z[place], strip.w[place]);
        if let Some(wanted) = second::choose(rows, row, chance, of) {
            apply(rows, row, Change::Second(wanted), of, totals);
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
