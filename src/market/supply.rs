//! Phase 4: providers are credited last week's pay and decide; operators go online.

use super::ids::Table;
use super::networks::{self, Served};
use super::operators;
use super::providers::{self, Providers, Surroundings, Venue};
use super::scratch::Scratch;
use super::services;
use super::week::{Fault, Week};
use super::world::World;
use crate::kernels::supply::sweep;

/// Sweeps every cell, books what the sweeps did, and lays out the supply curves.
pub fn decide(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    for network in world.networks.networks.values_mut() {
        network.week.begin();
    }
    networks::slash_mistaken(week, world);
    let World {
        grid,
        chips,
        providers,
        networks,
        market,
        books,
        ..
    } = world;
    let model = week.model;
    providers.follow_contracts(model, market);
    for cell in model.providers.cells.ids() {
        let place = &model.providers.cells[cell];
        let around = Surroundings {
            model,
            grid,
            chips,
            networks,
            week: week.number,
        };
        let terms = around.terms(providers, cell);
        let stream = model.luck.stream("provider", &place.name);
        let (rows, totals) = providers.rows(model, cell);
        scratch.clock.kernel(true);
        sweep(model.level, rows, &terms, (stream, week.number), totals);
        scratch.clock.kernel(false);
        providers.remember_lent(cell, &terms);
        for (slot, venue) in place.venues.iter().enumerate() {
            if let Some(Venue::Network(id)) = venue {
                let totals = &providers.totals[cell].venues[slot];
                networks.take(week, *id, totals, books);
            }
        }
    }
    gather_served(model, providers);
    providers::fill_supply(model, providers, networks, market);
    services::decide(week, world);
    operators::offer(week, world)
}

/// Sums devices by venue and hardware over the cells.
pub fn gather_served(model: &super::model::Model, providers: &mut Providers) {
    let Providers { served, totals, .. } = providers;
    for served in served.iter_mut() {
        clear(&mut served.devices);
        clear(&mut served.reliable_devices);
        clear(&mut served.second_devices);
        clear(&mut served.cheating_devices);
    }
    for (cell, place) in model.providers.cells.iter() {
        for (slot, venue) in place.venues.iter().enumerate() {
            let Some(venue) = venue else { continue };
            let sums = &totals[cell].venues[slot];
            let served: &mut Served = &mut served[providers::venue_index(model, *venue)];
            let (devices, reliable) = providers::paid_for(sums);
            served.devices[place.hardware] += devices;
            served.second_devices[place.hardware] += sums.second_devices;
            served.reliable_devices[place.hardware] += reliable;
            served.cheating_devices[place.hardware] += sums.cheating_devices;
        }
    }
}

fn clear<I: super::ids::Id>(column: &mut Table<I, f64>) {
    column.values_mut().fill(0.0);
}
