//! Water and batteries in a region's week: rows of its stack whose hours are chosen.

use super::dispatch::{HOURS, Owner};
use super::model::{Drive, RegionModel};
use super::region_week::{Buffers, Parts, Setting, block};
use super::storage::{self, Store, Water};
use super::store_day::{self, Course};
use crate::kernels::{Stream, math};
use crate::scenario::types::PlantKind;

/// Inflow of a hydro fleet's week ÷ its capacity × 168 h.
fn inflow_share(drive: &Drive, z: &mut f64, common: f64, own: &Stream, week: u32) -> f64 {
    let Drive::Water {
        memory,
        volatility,
        mean_share,
    } = drive
    else {
        return 0.0;
    };
    *z = memory.next(*z, common, own.normal(0, week));
    mean_share * math::exp(volatility * *z - 0.5 * volatility * volatility)
}

/// Water: its hours are chosen on the net load.
pub fn water(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    for (position, at) in region.fleets.clone().enumerate() {
        let fleet = &setting.model.fleets[at];
        let PlantKind::Hydro(plant) = &fleet.technology.kind else {
            continue;
        };
        let power = parts.columns.capacity_mw[at];
        let z = &mut parts.columns.deviation[at];
        let stream = &parts.chance.fleets[at];
        let inflow = inflow_share(&fleet.drive, z, parts.common.inflow, stream, setting.week);
        let energy = inflow * setting.water_factor * power * HOURS as f64;
        let cost = fleet.technology.variable_cost_usd_per_mwh;
        let row = buffers
            .stack
            .push(block(fleet, cost, 0.0, Owner::Fleet(position)));
        let water = Water {
            energy_mwh: energy,
            power_mw: power,
            even_share: plant.run_of_river_share,
        };
        storage::shave(setting.level, &mut buffers.net_mw, water, row);
        for (idle, output) in buffers.idle_mw.iter_mut().zip(&*row) {
            *idle += power - output;
        }
    }
}

/// Batteries, after water: they flatten each day's net load.
pub fn batteries(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    for (position, at) in region.fleets.clone().enumerate() {
        let fleet = &setting.model.fleets[at];
        let PlantKind::Battery(plant) = &fleet.technology.kind else {
            continue;
        };
        let store = Store {
            power_mw: parts.columns.capacity_mw[at],
            duration_h: plant.duration_h,
            efficiency_share: plant.efficiency_share,
        };
        let cost = fleet.technology.variable_cost_usd_per_mwh;
        let row = buffers
            .stack
            .push(block(fleet, cost, 0.0, Owner::Fleet(position)));
        if store.power_mw < 1.0 {
            row.fill(0.0);
            continue;
        }
        let net = &mut buffers.net_mw;
        storage::shift(setting.level, net, store, row, &mut buffers.charge);
        for hour in 0..HOURS {
            buffers.load_mw[hour] += buffers.charge[hour];
            buffers.idle_mw[hour] += store.power_mw - row[hour];
        }
        buffers.charges.push((position, buffers.charge));
    }
}

/// Batteries: the cheapest schedule of each day against everything else of the region.
pub fn exact_batteries(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &Parts<'_>,
    buffers: &mut Buffers,
) {
    let (mut stores, mut owners) = (Vec::new(), Vec::new());
    for (position, at) in region.fleets.clone().enumerate() {
        let fleet = &setting.model.fleets[at];
        let power_mw = parts.columns.capacity_mw[at];
        if let (PlantKind::Battery(plant), true) = (&fleet.technology.kind, power_mw >= 1.0) {
            let cost_usd_per_mwh = fleet.technology.variable_cost_usd_per_mwh;
            stores.push(store_day::Store {
                power_mw,
                energy_mwh: power_mw * plant.duration_h,
                efficiency_share: plant.efficiency_share,
                cost_usd_per_mwh,
            });
            owners.push((position, fleet));
        }
    }
    buffers.courses.resize(stores.len(), Course::default());
    let case = (
        &buffers.stack,
        &buffers.load_mw,
        region.price_cap_usd_per_mwh,
    );
    store_day::schedule(case, &stores, &mut buffers.courses, &mut buffers.day);
    for ((position, fleet), (store, course)) in
        owners.into_iter().zip(stores.iter().zip(&buffers.courses))
    {
        let owner = Owner::Fleet(position);
        let row = (buffers.stack).push(block(fleet, store.cost_usd_per_mwh, 0.0, owner));
        *row = course.sold_mw;
        for hour in 0..HOURS {
            buffers.load_mw[hour] += course.bought_mw[hour];
            buffers.idle_mw[hour] += store.power_mw - course.sold_mw[hour];
        }
        buffers.charges.push((position, course.bought_mw));
    }
}
