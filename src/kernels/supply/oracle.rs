//! The definition of the sweep: one row after another, with branches.

use super::change::{Change, apply, slash};
use super::prepared::Prepared;
use super::second;
use super::{ABSENT, BINS, CHEATING, GROUP, IDLE, MAX_VENUES, ONLINE, ORDERED, whole};
use super::{Rows, Terms, Totals};
use crate::kernels::reduce::{LANES, lane_tree};
use crate::kernels::{Stream, math32};

/// A row's chance of the week.
struct Chance {
    z: f32,
    w: f32,
    /// Halves of the second word as numbers below 65,536.
    high: f32,
    low: f32,
}

/// Sums in the units in which they are exact.
struct Sums {
    power_lanes: [[f64; LANES]; MAX_VENUES],
    bins: [[[i64; 2]; BINS]; MAX_VENUES],
    lent: [i64; MAX_VENUES],
    listed: [i64; MAX_VENUES],
}

/// [`super::sweep`], defined.
pub fn sweep(mut rows: Rows, terms: &Terms, (stream, week): (Stream, u32), totals: &mut Totals) {
    *totals = Totals::default();
    let prepared = Prepared::new(terms, rows.second.is_some());
    let of = (terms, &prepared);
    let mut sums = Sums {
        power_lanes: [[0.0; LANES]; MAX_VENUES],
        bins: [[[0; 2]; BINS]; MAX_VENUES],
        lent: [0; MAX_VENUES],
        listed: [0; MAX_VENUES],
    };
    for row in 0..rows.len() {
        let chance = draw(row % rows.own(), stream, week);
        credit(&mut rows, row, &chance, of, totals);
        sell(&mut rows, row, terms, totals);
        let base = decide(&mut rows, row, &chance, of, totals);
        count(&rows, row, base, (of, &mut sums), totals);
    }
    for v in 0..MAX_VENUES {
        let venue = &mut totals.venues[v];
        venue.power_kw = lane_tree(sums.power_lanes[v]) * f64::from(terms.power_kw);
        let mut reliable = 0;
        for bin in 0..BINS {
            let [devices, cost] = sums.bins[v][bin];
            venue.bin_devices[bin] = devices as f64 / 65_536.0;
            venue.bin_cost_usd_per_h[bin] = cost as f64 / 65_536.0;
            reliable = i64::wrapping_add(reliable, devices);
        }
        venue.reliable_devices = reliable as f64 / 65_536.0;
        venue.lent_devices = sums.lent[v] as f64 / 65_536.0;
        venue.listed_devices = sums.listed[v] as f64 / 65_536.0;
    }
}

fn draw(row: usize, stream: Stream, week: u32) -> Chance {
    let place = row % GROUP;
    let words = stream.words((row - place + place % 16) as u32, week);
    let (a, b) = if place < 16 {
        (words[0], words[1])
    } else {
        (words[2], words[3])
    };
    Chance {
        z: math32::norm_inv_word(a),
        w: (a & 0xffff) as f32 * W_SCALE - W_MEAN,
        high: (b >> 16) as f32,
        low: (b & 0xffff) as f32,
    }
}

/// √12 2^−16 and √12 / 2.
pub(super) const W_SCALE: f32 = 3.464_101_6 / 65_536.0;
pub(super) const W_MEAN: f32 = 1.732_050_8;

/// The venue a row is online in.
fn venue_of(mode: u8) -> Option<usize> {
    let state = usize::from(mode & !CHEATING);
    let online = usize::from(ONLINE)..usize::from(ONLINE) + MAX_VENUES;
    online.contains(&state).then(|| state - usize::from(ONLINE))
}

/// a. Checks, learns, credits.
fn credit(
    rows: &mut Rows,
    row: usize,
    chance: &Chance,
    (terms, prepared): (&Terms, &Prepared),
    totals: &mut Totals,
) {
    let Some(v) = venue_of(rows.mode[row]) else {
        return;
    };
    second::credit(rows, row, terms, totals);
    let venue = &terms.venues[v];
    let cheating = rows.mode[row] & CHEATING != 0;
    let caught = cheating && chance.low < prepared.detection_threshold[v];
    let belief = rows.detection_belief[row];
    let (gain, target) = if caught {
        (venue.detection_gain, 1.0)
    } else if cheating {
        (venue.detection_gain, 0.0)
    } else {
        (venue.detection_gain * 0.125, venue.detection_probability)
    };
    if prepared.checks {
        rows.detection_belief[row] = belief + gain * (target - belief);
    }
    if caught {
        slash(rows, row, terms, totals);
    } else {
        let reliability = f64::from(rows.reliability[row]);
        let earned = (venue.credit_quanta_per_device * reliability).floor();
        rows.held_quanta[row] += earned;
        totals.venues[v].credited_quanta += earned * f64::from(rows.count[row]);
    }
}

/// b. Sells a share of what is held.
fn sell(rows: &mut Rows, row: usize, terms: &Terms, totals: &mut Totals) {
    let seat = usize::from(rows.seat[row]);
    if seat < MAX_VENUES {
        let sold = (rows.held_quanta[row] * terms.venues[seat].sell_share).floor();
        rows.held_quanta[row] -= sold;
        totals.venues[seat].sold_quanta += sold * f64::from(rows.count[row]);
    }
}

/// c, d, e. Margins, belief, patience, review; returns the base cost (USD/h).
fn decide(
    rows: &mut Rows,
    row: usize,
    chance: &Chance,
    (terms, prepared): (&Terms, &Prepared),
    totals: &mut Totals,
) -> f32 {
    let energy = prepared.energy_usd_per_h * (rows.efficiency[row] * rows.tariff_ratio[row]);
    let base = energy + terms.opex_usd_per_h + rows.opportunity_usd_per_h[row];
    let mode = rows.mode[row];
    let online = venue_of(mode);
    let mut best = (-base, None);
    let mut current = -base;
    for (v, venue) in terms.venues.iter().enumerate() {
        if !venue.open {
            continue;
        }
        let (a, b) = prepared.shock[v];
        let shock = 1.0 + (a * chance.z + b * chance.w);
        let gross = venue.pay_usd_per_h * rows.reliability[row] * shock;
        let margin = gross - base - venue.stake_cost_usd_per_h;
        if margin > best.0 {
            best = (margin, Some(v));
        }
        if online == Some(v) {
            let saving = if mode & CHEATING != 0 {
                venue.cheat_saving_usd_per_h
            } else {
                0.0
            };
            current = margin + saving;
        }
    }
    let shocks = (chance.z, chance.w);
    current += second::extra(rows, row, shocks, (terms, prepared));
    let belief = rows.belief_usd_per_h[row];
    let belief = belief + terms.belief_gain * (best.0 - belief);
    rows.belief_usd_per_h[row] = belief;
    let waits = online.is_some() && current < 0.0;
    let patience = u8::from(waits) * rows.patience_weeks[row].saturating_add(1);
    rows.patience_weeks[row] = patience;

    let reviewed = chance.high < prepared.review_threshold;
    let change = match (online, best.1) {
        (Some(v), _) if !terms.venues[v].open => Some(Change::Leave),
        _ if !reviewed => None,
        (Some(_), _) if patience >= terms.patience_limit_weeks => Some(Change::Leave),
        (Some(_), Some(b)) if best.0 - current > prepared.switch_margin_usd_per_h => {
            Some(Change::Switch(b))
        }
        (Some(v), _) => {
            let risk = rows.detection_belief[row] * prepared.risk_usd_per_h[v];
            let cheats = terms.venues[v].cheat_saving_usd_per_h > risk;
            rows.mode[row] = if cheats {
                mode | CHEATING
            } else {
                mode & !CHEATING
            };
            second::choose(rows, row, shocks, (terms, prepared)).map(Change::Second)
        }
        (None, better) => unplaced(mode, belief, better, chance, terms),
    };
    if let Some(change) = change {
        apply(rows, row, change, (terms, prepared), totals);
    }
    base
}

/// e. What a reviewing row that is not online decides.
fn unplaced(
    mode: u8,
    belief: f32,
    best: Option<usize>,
    chance: &Chance,
    terms: &Terms,
) -> Option<Change> {
    match (mode & !CHEATING, best) {
        (IDLE, Some(best)) if belief > terms.join_margin_usd_per_h => Some(Change::Join(best)),
        (IDLE, _) if belief < -terms.exit_margin_usd_per_h => Some(Change::LetGo),
        (ABSENT, _) => {
            let spread = terms.buy_spread * (chance.low * (1.0 / 65_536.0) - 0.5);
            (belief > terms.buy_margin_usd_per_h * (1.0 + spread)).then_some(Change::Order)
        }
        _ => None,
    }
}

/// f. Adds the row to the totals of its new mode.
fn count(
    rows: &Rows,
    row: usize,
    base: f32,
    ((terms, prepared), sums): ((&Terms, &Prepared), &mut Sums),
    totals: &mut Totals,
) {
    let devices = f64::from(rows.count[row]);
    let mode = rows.mode[row];
    let Some(v) = venue_of(mode) else {
        match mode & !CHEATING {
            ABSENT => totals.absent_devices += devices,
            ORDERED => totals.ordered_devices += devices,
            IDLE => totals.idle_devices += devices,
            _ => {}
        }
        return;
    };
    totals.venues[v].devices += devices;
    if mode & CHEATING != 0 {
        totals.venues[v].cheating_devices += devices;
    }
    sums.power_lanes[v][row % LANES] += devices * f64::from(rows.efficiency[row]);
    let cost = base + terms.venues[v].stake_cost_usd_per_h;
    let bin = prepared.bin(cost);
    let units = whole(f64::from(rows.reliability[row]) * 65_536.0);
    let value = |cost: f32, units: f64| whole(whole(f64::from(cost) * units) * devices) as i64;
    let sum = &mut sums.bins[v][bin];
    sum[0] = sum[0].wrapping_add((units * devices) as i64);
    sum[1] = sum[1].wrapping_add(value(cost, units));
    if let Some(moved) = second::moved(rows, row, base, (terms, prepared)) {
        let units = (moved.units * devices) as i64;
        sum[0] = sum[0].wrapping_sub(units);
        sum[1] = sum[1].wrapping_sub(value(cost, moved.units));
        let there = &mut sums.bins[moved.second][moved.bin];
        there[0] = there[0].wrapping_add(units);
        there[1] = there[1].wrapping_add(value(moved.cost, moved.units));
        sums.lent[v] = sums.lent[v].wrapping_add(units);
        sums.listed[moved.second] = sums.listed[moved.second].wrapping_add(units);
        totals.venues[moved.second].second_devices += devices;
    }
}
