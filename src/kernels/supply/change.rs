//! What happens to one row when its mode changes: rare, hence one row at a time.

use super::prepared::Prepared;
use super::second;
use super::{ABSENT, CHEATING, IDLE, MAX_VENUES, NO_SEAT, ONLINE, ORDERED, Rows, Terms, Totals};

/// A decision that changes the mode.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Leave,
    Switch(usize),
    Join(usize),
    LetGo,
    Order,
    /// Another second seat, or none.
    Second(Option<usize>),
}

/// Carries out a decision of row `row`.
pub(super) fn apply(
    rows: &mut Rows,
    row: usize,
    change: Change,
    (terms, prepared): (&Terms, &Prepared),
    totals: &mut Totals,
) {
    let devices = f64::from(rows.count[row]);
    rows.patience_weeks[row] = 0;
    match change {
        Change::Leave => {
            second::give_up(rows, row, totals);
            release(rows, row, totals);
            rows.mode[row] = IDLE;
        }
        Change::Switch(venue) => {
            second::give_up(rows, row, totals);
            release(rows, row, totals);
            take_seat(rows, row, venue, terms, totals);
            rows.mode[row] = (ONLINE + venue as u8) | cheat(rows, row, venue, (terms, prepared));
        }
        Change::Join(venue) => {
            take_seat(rows, row, venue, terms, totals);
            rows.mode[row] = (ONLINE + venue as u8) | cheat(rows, row, venue, (terms, prepared));
        }
        Change::LetGo => {
            sell_all(rows, row, totals);
            rows.mode[row] = ABSENT;
            totals.sold_off_devices += devices;
        }
        Change::Order => {
            rows.mode[row] = ORDERED;
            totals.ordered_now += devices;
        }
        Change::Second(wanted) => second::take(rows, row, wanted, terms, totals),
    }
}

/// A caught cheat loses part of the stake.
pub(super) fn slash(rows: &mut Rows, row: usize, terms: &Terms, totals: &mut Totals) {
    let venue = usize::from((rows.mode[row] & !CHEATING) - ONLINE);
    let slashed = (rows.staked_quanta[row] * terms.venues[venue].slash_share).floor();
    rows.staked_quanta[row] -= slashed;
    rows.mode[row] &= !CHEATING;
    let devices = f64::from(rows.count[row]);
    totals.venues[venue].slashed_quanta += slashed * devices;
    totals.venues[venue].caught_devices += devices;
}

/// Leaves the venue; the stake returns to the owner's hands.
fn release(rows: &mut Rows, row: usize, totals: &mut Totals) {
    let venue = usize::from((rows.mode[row] & !CHEATING) - ONLINE);
    let staked = rows.staked_quanta[row];
    rows.held_quanta[row] += staked;
    rows.staked_quanta[row] = 0.0;
    let devices = f64::from(rows.count[row]);
    totals.venues[venue].unstaked_quanta += staked * devices;
    totals.venues[venue].leaves += devices;
}

/// Sells whatever is held and gives the seat up.
fn sell_all(rows: &mut Rows, row: usize, totals: &mut Totals) {
    let seat = usize::from(rows.seat[row]);
    if seat < MAX_VENUES {
        totals.venues[seat].sold_quanta += rows.held_quanta[row] * f64::from(rows.count[row]);
        rows.held_quanta[row] = 0.0;
    }
    rows.seat[row] = NO_SEAT;
}

/// Sits down in a venue: tokens of another are sold, the stake is taken from what is held.
fn take_seat(rows: &mut Rows, row: usize, venue: usize, terms: &Terms, totals: &mut Totals) {
    if usize::from(rows.seat[row]) != venue {
        sell_all(rows, row, totals);
        rows.seat[row] = venue as u8;
    }
    let devices = f64::from(rows.count[row]);
    let needed = terms.venues[venue].stake_quanta_per_device.floor();
    let held = rows.held_quanta[row];
    let own = if held < needed { held } else { needed };
    rows.held_quanta[row] = held - own;
    rows.staked_quanta[row] += needed;
    let venue = &mut totals.venues[venue];
    venue.staked_in_quanta += needed * devices;
    venue.bought_quanta += (needed - own) * devices;
    venue.joins += devices;
}

/// The cheating bit a row chooses in a venue.
fn cheat(rows: &Rows, row: usize, venue: usize, of: (&Terms, &Prepared)) -> u8 {
    let saving = of.0.venues[venue].cheat_saving_usd_per_h;
    if saving > rows.detection_belief[row] * of.1.risk_usd_per_h[venue] {
        CHEATING
    } else {
        0
    }
}
