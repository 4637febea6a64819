//! Price intervals and marginal carbon of a horizon, from the partition of its optimum.
//!
//! All optimal prices satisfy the conditions of the columns (see `kernels::intervals`). Capacity
//! to be built adds one over all hours: its rents Σ a_t φ_t equal its annual cost (or stay below
//! it where nothing is built, or above it at its limit).

use super::horizon::{Horizon, MONEY, Part};
use super::network::{Answer, Network};
use crate::kernels::interior::{Optimum, Side};
use crate::kernels::intervals::{Intervals, Sum};

/// Rounds of rents against prices.
const MAX_ROUNDS: usize = 100;

/// Writes price intervals, reserve prices and marginal carbon of a solved horizon.
pub fn write(network: &Network, horizon: &Horizon, optimum: &Optimum, answer: &mut Answer) {
    let (intervals, is_whole) = intervals(network, horizon, optimum);
    if !is_whole {
        let text = "some price intervals are wider than what the optimum leaves";
        answer.approximate.push(text.to_owned());
    }
    for (place, region) in horizon.regions.iter().enumerate() {
        for hour in 0..horizon.hours {
            let row = horizon.balance_row(place, hour);
            answer.price_low_usd_per_mwh[*region][hour] = intervals.low[row] * MONEY;
            answer.price_high_usd_per_mwh[*region][hour] = intervals.high[row] * MONEY;
            answer.co2_marginal_t_per_mwh[*region][hour] =
                marginal_co2(network, horizon, &intervals, row);
        }
    }
    for (place, reserve) in horizon.reserves.iter().enumerate() {
        let region = network.reserves[*reserve].region;
        for hour in 0..horizon.hours {
            let row = horizon.reserve_row(place, hour);
            let (low, high) = (intervals.low[row], intervals.high[row]);
            let price = if high.is_finite() { high } else { low };
            let is_known = price.is_finite();
            let price = if is_known { price } else { optimum.y[row] };
            answer.reserve_price_usd_per_mwh[region][hour] = price * MONEY;
        }
    }
}

/// Ends of all prices; false where some may lie too far apart.
fn intervals(network: &Network, horizon: &Horizon, optimum: &Optimum) -> (Intervals, bool) {
    let program = &horizon.program;
    let rows = program.a.rows;
    let (low, mut high) = (vec![f64::NEG_INFINITY; rows], vec![f64::INFINITY; rows]);
    if let Some(voll) = network.voll_usd_per_mwh {
        for place in 0..horizon.regions.len() {
            for hour in 0..horizon.hours {
                high[horizon.balance_row(place, hour)] = voll / MONEY;
            }
        }
    }
    let has_voll = network.voll_usd_per_mwh.is_some();
    let pairs = horizon.parts.iter().zip(&optimum.side);
    let sides: Vec<Option<Side>> = pairs
        .map(|(part, side)| match part {
            Part::Shed(..) if !has_voll => None,
            Part::Built(..) => None,
            _ => Some(*side),
        })
        .collect();
    let mut intervals = Intervals::within(low, high);
    intervals.tighten(program, &sides);
    let rents = rents(network, horizon, optimum);
    for _ in 0..MAX_ROUNDS {
        let mut has_moved = false;
        for rent in &rents {
            has_moved |= intervals.bound(rent);
        }
        if !has_moved {
            break;
        }
        intervals.tighten(program, &sides);
    }
    let mut balances = Vec::new();
    for hour in 0..horizon.hours {
        balances.extend((0..horizon.regions.len()).map(|place| horizon.balance_row(place, hour)));
    }
    let is_whole =
        rents.is_empty() || intervals.sharpen(program, &sides, (&rents, &balances), &optimum.y);
    (intervals, is_whole)
}

/// Rows of capacity with the share that can run, against the cost of a megawatt.
fn rents(network: &Network, horizon: &Horizon, optimum: &Optimum) -> Vec<Sum> {
    let mut out = Vec::new();
    for unit in &horizon.built {
        let facts = &network.units[*unit];
        let first = horizon
            .parts
            .iter()
            .position(|part| *part == Part::Built(*unit, 0));
        let place = horizon.limited.iter().position(|known| known == unit);
        if let (Some(first), Some(place), Some(build)) = (first, place, facts.build) {
            let shares = facts.availability_share.iter().enumerate();
            let terms = shares.filter(|(_, share)| **share > 0.0);
            out.push(Sum {
                terms: terms
                    .map(|(hour, share)| (horizon.capacity_row(place, hour), *share))
                    .collect(),
                cost: build.annual_cost_usd_per_mw / network.hours_weight / MONEY,
                side: optimum.side[first],
            });
        }
    }
    out
}

/// CO2 of what delivers one more MWh: along the columns that set the upper end, to its source.
fn marginal_co2(network: &Network, horizon: &Horizon, intervals: &Intervals, start: usize) -> f64 {
    let program = &horizon.program;
    let (mut row, mut amount, mut co2) = (start, 1.0, 0.0);
    for _ in 0..10 * horizon.hours + 100 {
        let Some(column) = intervals.setter[row] else {
            break;
        };
        let (rows, values) = program.a.column(column);
        let Some(own) = rows.iter().position(|known| *known == row) else {
            break;
        };
        // The column moves so that this row has `amount` more.
        let change = amount / values[own];
        if let Part::Output(unit, _) = horizon.parts[column] {
            co2 += change * network.units[unit].co2_t_per_mwh;
        }
        let Some(other) = (0..rows.len()).find(|at| *at != own) else {
            break;
        };
        amount = -change * values[other];
        row = rows[other];
    }
    co2
}
