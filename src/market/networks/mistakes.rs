//! Honest providers who are slashed by mistake: a check that errs with some chance a week takes a
//! part of a stake whoever holds it.

use super::Rules;
use crate::kernels::Stream;
use crate::market::books::Books;
use crate::market::ids::NetworkId;
use crate::market::providers::Venue;
use crate::market::week::Week;
use crate::market::world::World;

/// One network's erring check.
struct Error<'a> {
    rules: &'a Rules,
    chance: f64,
    slash_share: f64,
    week: u32,
}

/// The seats of a cell.
struct Staked<'a> {
    seats: &'a [u8],
    count: &'a [u32],
    staked: &'a mut [f64],
}

impl Error<'_> {
    /// Slashes rows by chance; returns the quanta taken. Seats and stakes are of one cell, whose
    /// luck the stream and a number of rows are.
    fn strike(&self, (stream, rows): (Stream, usize), slot: usize, cell: Staked<'_>) -> f64 {
        let mut taken = 0.0;
        for (row, stake) in cell.staked.iter_mut().enumerate() {
            let here = usize::from(cell.seats[row]) == slot;
            let struck = || stream.uniform((row % rows) as u32, self.week) < self.chance;
            if *stake > 0.0 && here && struck() {
                let lost = (*stake * self.slash_share).floor();
                *stake -= lost;
                taken += lost * f64::from(cell.count[row]);
            }
        }
        taken
    }
}

/// Before owners decide: checks that erred.
pub fn slash_mistaken(week: &Week, world: &mut World) {
    let model = week.model;
    for (id, rules) in model.networks.networks.iter() {
        let Some(staking) = &rules.facts.staking else {
            continue;
        };
        if staking.mistaken_share_per_week <= 0.0 {
            continue;
        }
        let error = Error {
            rules,
            chance: staking.mistaken_share_per_week,
            slash_share: staking.slash_share,
            week: week.number,
        };
        let quanta = strike_all(week, world, id, &error);
        take(world, id, &error, quanta);
    }
}

fn strike_all(week: &Week, world: &mut World, id: NetworkId, error: &Error) -> f64 {
    let model = week.model;
    let mut quanta = 0.0;
    if let Some(seat) = model.services.seat(id) {
        let state = &mut world.services.services[seat.service];
        for cell in &model.services.services[seat.service].cells {
            let stream = model.luck.stream("mistaken slash", &cell.name);
            let staked = Staked {
                seats: &state.seat[cell.rows.clone()],
                count: &state.count[cell.rows.clone()],
                staked: &mut state.staked_quanta[cell.rows.clone()],
            };
            quanta += error.strike((stream, cell.luck_rows), seat.slot, staked);
        }
        return quanta;
    }
    for place in model.providers.cells.values() {
        let mut slots = place.venues.iter();
        let Some(slot) = slots.position(|venue| *venue == Some(Venue::Network(id))) else {
            continue;
        };
        let stream = model.luck.stream("mistaken slash", &place.name);
        let providers = &mut world.providers;
        for (seats, staked) in [
            (&providers.seat, &mut providers.staked_quanta),
            (&providers.second_seat, &mut providers.second_staked_quanta),
        ] {
            let staked = Staked {
                seats: &seats[place.rows.clone()],
                count: &providers.count[place.rows.clone()],
                staked: &mut staked[place.rows.clone()],
            };
            quanta += error.strike((stream, place.luck_rows), slot, staked);
        }
    }
    quanta
}

fn take(world: &mut World, id: NetworkId, error: &Error, quanta: f64) {
    let units = quanta as i128 * error.rules.quantum_units;
    let network = &mut world.networks.networks[id];
    network.burnt_units += units;
    network.week.slashed_tokens += super::tokens(units);
    post(&mut world.books, error.rules, units);
}

fn post(books: &mut Books, rules: &Rules, units: i128) {
    books.post(rules.ledger.providers_staked, rules.ledger.burnt, units);
}
