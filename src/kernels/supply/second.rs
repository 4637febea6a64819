//! Second seats: a row online in one venue lists its idle hours in another.
//!
//! Of the hours of a row online in v, the share `lent_share` of v is on offer in its second venue
//! and the rest in v, so that no hour is ever on offer twice. Few rows change their second seat
//! in a week, hence one row at a time, for the oracle and the vectors alike.

use super::prepared::Prepared;
use super::{CHEATING, MAX_VENUES, NO_SEAT, ONLINE, Rows, Terms, Totals};
use crate::kernels::reduce::LANES;

/// The columns of second seats.
pub struct Seconds<'a> {
    /// Venue in which the idle hours are listed, or [`NO_SEAT`].
    pub seat: &'a mut [u8],
    /// Of each device.
    pub staked_quanta: &'a mut [f64],
}

/// The venue that row `row` is online in.
fn first(rows: &Rows, row: usize) -> Option<usize> {
    let state = usize::from(rows.mode[row] & !CHEATING);
    let venue = state.wrapping_sub(usize::from(ONLINE));
    (venue < MAX_VENUES).then_some(venue)
}

/// The second venue of row `row`.
pub(super) fn second(rows: &Rows, row: usize) -> Option<usize> {
    let seat = usize::from(rows.second.as_ref()?.seat[row]);
    (seat < MAX_VENUES).then_some(seat)
}

/// Whether none of sixteen rows has a second seat.
#[inline(always)]
pub(super) fn none_sits(rows: &Rows, at: usize) -> bool {
    let Some(seconds) = &rows.second else {
        return true;
    };
    let (words, _) = seconds.seat[at..at + LANES].as_chunks::<8>();
    let all = words
        .iter()
        .fold(u64::MAX, |all, w| all & u64::from_le_bytes(*w));
    all == u64::MAX
}

/// USD/h that listing idle hours in `second` adds to a row online in `first`: pay less the power
/// of busy hours, what else those hours were good for, and collateral. An owner is his
/// reliability, efficiency × tariff ratio, and opportunity cost; `luck` is 1 + noise.
pub fn listing_gain(
    terms: &Terms,
    (first, second): (usize, usize),
    [reliability, usual, opportunity_usd_per_h]: [f32; 3],
    luck: f32,
) -> f32 {
    let venue = &terms.venues[second];
    let pay = venue.pay_usd_per_h * reliability * luck;
    let busy = venue.busy_kw * terms.tariff_usd_per_kwh * usual;
    let own = terms.second_cost_factor * opportunity_usd_per_h;
    terms.venues[first].lent_share * (pay - busy - own) - venue.stake_cost_usd_per_h
}

fn gain(
    rows: &Rows,
    row: usize,
    pair: (usize, usize),
    (z, w): (f32, f32),
    (terms, prepared): (&Terms, &Prepared),
) -> f32 {
    let usual = rows.efficiency[row] * rows.tariff_ratio[row];
    let (a, b) = prepared.shock[pair.1];
    let owner = [
        rows.reliability[row],
        usual,
        rows.opportunity_usd_per_h[row],
    ];
    listing_gain(terms, pair, owner, 1.0 + (a * z + b * w))
}

/// What its second seat adds to the margin of a row.
pub(super) fn extra(rows: &Rows, row: usize, chance: (f32, f32), of: (&Terms, &Prepared)) -> f32 {
    match (first(rows, row), second(rows, row)) {
        (Some(one), Some(two)) => {
            let gain = gain(rows, row, (one, two), chance, of);
            // A seat that costs can be given up.
            if gain > 0.0 { gain } else { 0.0 }
        }
        _ => 0.0,
    }
}

/// The second seat that a reviewing row wants, if it is worth the change: the best of none and
/// all networks, where it gains more than the switch margin.
pub(super) fn choose(
    rows: &Rows,
    row: usize,
    chance: (f32, f32),
    of: (&Terms, &Prepared),
) -> Option<Option<usize>> {
    rows.second.as_ref()?;
    let one = first(rows, row)?;
    let seated = second(rows, row);
    let lends = of.0.venues[one].lent_share > 0.0;
    if seated.is_none() && !lends {
        return None;
    }
    // A seat that no idle hours can be listed on is worth less than none.
    let mut now = if seated.is_some() {
        f32::NEG_INFINITY
    } else {
        0.0
    };
    let mut best = (0.0, None);
    for (v, venue) in of.0.venues.iter().enumerate() {
        if v == one || !lends || !venue.open || !venue.lists_idle {
            continue;
        }
        let gain = gain(rows, row, (one, v), chance, of);
        if gain > best.0 {
            best = (gain, Some(v));
        }
        if seated == Some(v) {
            now = gain;
        }
    }
    (best.1 != seated && best.0 - now > of.1.switch_margin_usd_per_h).then_some(best.1)
}

/// Gives the second seat up: its stake is sold, to be delivered when it has unbonded.
pub(super) fn give_up(rows: &mut Rows, row: usize, totals: &mut Totals) {
    let Some(two) = second(rows, row) else {
        return;
    };
    let Some(seconds) = &mut rows.second else {
        return;
    };
    let staked = std::mem::take(&mut seconds.staked_quanta[row]);
    seconds.seat[row] = NO_SEAT;
    let all = staked * f64::from(rows.count[row]);
    totals.venues[two].unstaked_quanta += all;
    totals.venues[two].sold_quanta += all;
}

/// Takes another second seat, or none.
pub(super) fn take(
    rows: &mut Rows,
    row: usize,
    wanted: Option<usize>,
    terms: &Terms,
    totals: &mut Totals,
) {
    give_up(rows, row, totals);
    let (Some(two), Some(seconds)) = (wanted, &mut rows.second) else {
        return;
    };
    let needed = terms.venues[two].stake_quanta_per_device.floor();
    seconds.seat[row] = two as u8;
    seconds.staked_quanta[row] = needed;
    let all = needed * f64::from(rows.count[row]);
    totals.venues[two].staked_in_quanta += all;
    totals.venues[two].bought_quanta += all;
}

/// [`credit`] of sixteen rows.
#[inline(always)]
pub(super) fn credit_all(rows: &Rows, at: usize, terms: &Terms, totals: &mut Totals) {
    if !none_sits(rows, at) {
        for row in at..at + LANES {
            credit(rows, row, terms, totals);
        }
    }
}

/// Last week's listed hours are paid, and the pay is sold at once.
pub(super) fn credit(rows: &Rows, row: usize, terms: &Terms, totals: &mut Totals) {
    let (Some(one), Some(two)) = (first(rows, row), second(rows, row)) else {
        return;
    };
    let listed = rows.reliability[row] * terms.venues[one].lent_before;
    let earned = (terms.venues[two].credit_quanta_per_device * f64::from(listed)).floor();
    let earned = earned * f64::from(rows.count[row]);
    totals.venues[two].credited_quanta += earned;
    totals.venues[two].sold_quanta += earned;
}

/// What the second seat of one device moves from a supply curve to another.
pub(super) struct Moved {
    pub first: usize,
    pub second: usize,
    /// Reliable devices whose hours are listed in the second venue, in whole units of 2^−16.
    pub units: f64,
    /// Cost step and cost there.
    pub bin: usize,
    pub cost: f32,
}

/// Where the listed hours of a row go; `base` is its cost without stakes.
pub(super) fn moved(
    rows: &Rows,
    row: usize,
    base: f32,
    (terms, prepared): (&Terms, &Prepared),
) -> Option<Moved> {
    let (one, two) = (first(rows, row)?, second(rows, row)?);
    if !(terms.venues[one].open && terms.venues[two].open) {
        return None;
    }
    let listed = rows.reliability[row] * terms.venues[one].lent_share;
    let cost = base + terms.venues[two].stake_cost_usd_per_h;
    Some(Moved {
        first: one,
        second: two,
        units: super::whole(f64::from(listed) * 65_536.0),
        bin: prepared.bin(cost),
        cost,
    })
}
