//! Power: 168 hours of every region, each week.
//!
//! Compute load comes from clearing and operators; prices, tariffs, carbon, water and curtailment
//! go back as bills and refunds. Each region is cleared alone ([`dispatch`]); [`region_week`]
//! brings weather, load and plants together; [`tariffs`], [`connection`] and [`plants`] hold the
//! slower mechanisms.

pub mod case;
mod connection;
mod corridors;
pub mod dispatch;
mod headroom;
mod horizon;
mod hourly;
mod load;
mod margins;
mod model;
pub mod network;
mod outcome;
mod own_power;
pub mod pair;
mod plants;
mod region_week;
pub mod solution;
mod state;
pub mod storage;
pub mod store_day;
mod stores;
mod tariffs;
pub mod transport;
mod unwind;
pub mod weather;

pub use connection::{Ask, Way};
pub use corridors::{ClusterModel, CorridorColumns, CorridorModel};
pub use model::{Fleet, GridModel, RegionModel};
pub use region_week::{Buffers, Setting};
pub use state::{FleetColumns, Grid, LoadKind, RegionState, Requests, Tariff};

use super::books::{Books, whole};
use super::clearing::ComputeLoad;
use super::conditions::Conditions;
use super::ids::{AreaId, Id, RegionId, Table};
use super::model::{Calendar, Model, YEAR_WEEKS};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;
use super::{clearing, operators};
use crate::kernels::math;
use crate::scenario::types::Fuel;
use corridors::Trading;
use model::YEAR_H;
use region_week::Parts;
use state::Chance;
use weather::{Common, Season};

/// Weeks of the year before the opening that are run to know its prices and rents.
const WARM_UP_WEEKS: u32 = 13;
/// Their chance is drawn from week numbers that no run reaches.
const WARM_UP_KEY: u32 = 1_000_000;

#[derive(Default)]
pub struct GridScratch {
    common: Table<AreaId, Common>,
    /// Of the regions of the cluster that was cleared last.
    buffers: Vec<Buffers>,
    trading: Trading,
}

impl Grid {
    /// The opening: prices, rents and tariffs of the year before, plants and queues of the day.
    pub fn open(model: &Model, _books: &mut Books) -> Self {
        let mut grid = Self {
            regions: Table::filled(model.names.regions.len(), RegionState::default()),
            fleets: FleetColumns::open(&model.grid),
            fuel_deviation: vec![0.0; Fuel::ALL.len()],
            requests: Requests::default(),
            corridors: CorridorColumns::default(),
            chance: Chance::new(model),
        };
        let mut scratch = GridScratch::default();
        let mut sums = vec![0.0; grid.regions.len()];
        let mut gaps = vec![0.0; grid.regions.len()];
        let mut rents = vec![0.0; grid.fleets.capacity_mw.len()];
        for sample in 0..WARM_UP_WEEKS {
            // From a year before to the eve of the opening.
            let left = f64::from(WARM_UP_WEEKS - sample) - 0.5;
            let before = left * YEAR_WEEKS / f64::from(WARM_UP_WEEKS);
            scratch.draw(&grid.chance, WARM_UP_KEY + sample);
            let setting = |id| Setting {
                season: season(&model.calendar, -before),
                week: WARM_UP_KEY + sample,
                years: -before / YEAR_WEEKS,
                other_data_centre_mw: opening_data_centre_mw(&model.grid.regions[id]),
                ..calm_setting(model, id)
            };
            for cluster in &model.grid.clusters {
                let settings: Vec<Setting<'_>> =
                    cluster.regions.iter().copied().map(setting).collect();
                if grid.run(&settings, cluster, &mut scratch).is_err() {
                    continue;
                }
                for (id, buffers) in cluster.regions.iter().zip(&scratch.buffers) {
                    let state = &grid.regions[*id];
                    sums[id.index()] += state.wholesale_usd_per_mwh;
                    gaps[id.index()] += tariffs::evening_gap_usd(&state.hourly_usd_per_mwh);
                    let fleets = model.grid.regions[*id].fleets.clone();
                    for (rent, at) in buffers.rent.iter().zip(fleets) {
                        rents[at] += rent / f64::from(WARM_UP_WEEKS);
                    }
                }
            }
        }
        grid.fleets.rent_usd_per_mw_year = rents;
        for (id, region) in model.grid.regions.iter() {
            let state = &mut grid.regions[id];
            let own = region.own_power.as_ref();
            state.own_power_mw = own.map_or(0.0, |own| own.facts.capacity_mw);
            let load = opening_grid_mw(region);
            (
                state.memory.opening_data_centre_mw,
                state.memory.peak_data_centre_mw,
            ) = (load, load);
            plants::auction(region, state);
            let paid = state.capacity_price_usd_per_mw_day * 365.25;
            for at in region.fleets.clone() {
                let accredited = model.grid.fleets[at].technology.accredited_share;
                grid.fleets.rent_usd_per_mw_year[at] += paid * accredited;
            }
            let mean = |sums: &[f64]| sums[id.index()] / f64::from(WARM_UP_WEEKS);
            tariffs::open(&model.grid, region, state, (mean(&sums), mean(&gaps)));
        }
        grid
    }

    /// Clears one cluster's week.
    fn run(
        &mut self,
        settings: &[Setting<'_>],
        cluster: &ClusterModel,
        scratch: &mut GridScratch,
    ) -> Result<(), Fault> {
        let Some(Setting { model, level, .. }) = settings.first().copied() else {
            return Ok(());
        };
        while scratch.buffers.len() < settings.len() {
            scratch.buffers.push(Buffers::default());
        }
        let GridScratch {
            common,
            buffers,
            trading,
        } = scratch;
        let members = &mut buffers[..settings.len()];
        for (setting, buffers) in settings.iter().zip(members.iter_mut()) {
            let mut parts = self.parts(setting, common);
            region_week::prepare(setting, &mut parts, buffers);
        }
        corridors::clear((model, level), cluster, members, trading)?;
        members.iter_mut().for_each(region_week::add_idle);
        corridors::pool_reserve(model, cluster, members, trading);
        corridors::account(model, cluster, (members, trading), &mut self.corridors);
        for (setting, buffers) in settings.iter().zip(members.iter_mut()) {
            let mut parts = self.parts(setting, common);
            region_week::settle(setting, &mut parts, buffers);
        }
        corridors::mix(model, cluster, members, &self.corridors);
        for (setting, buffers) in settings.iter().zip(members.iter()) {
            outcome::write_use(setting, &mut self.regions[setting.id], buffers);
        }
        Ok(())
    }

    fn parts<'a>(
        &'a mut self,
        setting: &Setting<'_>,
        common: &'a Table<AreaId, Common>,
    ) -> Parts<'a> {
        let area = setting.model.regions[setting.id].area;
        Parts {
            state: &mut self.regions[setting.id],
            columns: &mut self.fleets,
            chance: &self.chance,
            common: &common[area],
        }
    }

    /// Fuel prices wander about their level and return within a year.
    fn move_fuels(&mut self, model: &GridModel, week: u32) {
        for (at, fuel) in model.fuels.iter().enumerate() {
            let z = self.chance.fuels[at].normal(0, week);
            let step = fuel.volatility_per_year / YEAR_WEEKS.sqrt();
            self.fuel_deviation[at] += step * z - self.fuel_deviation[at] / YEAR_WEEKS;
        }
    }

    fn fuel_factor(&self, region_factor: f64) -> [f64; 5] {
        std::array::from_fn(|at| region_factor * math::exp(self.fuel_deviation[at]))
    }
}

impl GridScratch {
    fn draw(&mut self, chance: &Chance, week: u32) {
        if self.common.len() != chance.areas.len() {
            self.common = Table::filled(chance.areas.len(), Common::default());
        }
        for (area, streams) in chance.areas.iter() {
            self.common[area].draw(streams, week);
        }
    }
}

fn opening_data_centre_mw(region: &RegionModel) -> f64 {
    region.facts.data_centre_twh_per_year * 1e6 / YEAR_H
}

/// The same without what turbines behind the meter serve.
fn opening_grid_mw(region: &RegionModel) -> f64 {
    let own = region.own_power.as_ref();
    let load = opening_data_centre_mw(region) - own.map_or(0.0, |own| own.facts.capacity_mw);
    if load > 0.0 { load } else { 0.0 }
}

/// Data centres without modelled accelerators, `years` after the opening.
fn other_data_centre_mw(model: &GridModel, region: &RegionModel, years: f64) -> f64 {
    let growth = math::ln_1p(model.rules.other_data_centre_growth_per_year);
    opening_data_centre_mw(region)
        * region.facts.other_data_centre_share
        * math::exp(growth * years)
}

/// Where in the year the middle of a week lies; weeks before the opening are negative.
fn season(calendar: &Calendar, weeks: f64) -> Season {
    let share = calendar.start.fractional_year() + (weeks + 0.5) / YEAR_WEEKS;
    Season {
        year_share: share - share.floor(),
    }
}

fn calm_setting(model: &Model, id: RegionId) -> Setting<'_> {
    Setting {
        model: &model.grid,
        id,
        week: 0,
        season: Season { year_share: 0.0 },
        years: 0.0,
        compute: ComputeLoad::default(),
        other_data_centre_mw: 0.0,
        fuel_factor: [1.0; 5],
        water_factor: 1.0,
        heat_c: 0.0,
        level: model.level,
    }
}

/// Phase 6: served work becomes MW; the grid clears 168 hours; bills and refunds follow.
pub fn power(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    clear(week, world, &mut scratch.grid)?;
    clearing::refund(week, world)?;
    operators::pay_power_bills(week, world)
}

fn clear(week: &Week, world: &mut World, scratch: &mut GridScratch) -> Result<(), Fault> {
    let World {
        conditions,
        market,
        grid,
        books,
        ..
    } = world;
    grid.clear(week, conditions, market.load.values(), scratch)?;
    for (id, region) in week.model.grid.regions.iter() {
        meter(region, &mut grid.regions[id], books);
    }
    meter_corridors(&week.model.grid, grid, books);
    Ok(())
}

impl Grid {
    /// Clears every region's week for the compute that wants to run there.
    pub fn clear(
        &mut self,
        week: &Week,
        conditions: &Conditions,
        loads: &[ComputeLoad],
        scratch: &mut GridScratch,
    ) -> Result<(), Fault> {
        let model = week.model;
        let years = model.calendar.years(week.number);
        scratch.draw(&self.chance, week.number);
        self.move_fuels(&model.grid, week.number);
        let fuel_deviation = self.fuel_factor(1.0);
        let setting = |id: RegionId| Setting {
            week: week.number,
            season: season(&model.calendar, f64::from(week.number)),
            years,
            compute: loads.get(id.index()).copied().unwrap_or_default(),
            other_data_centre_mw: other_data_centre_mw(&model.grid, &model.grid.regions[id], years),
            fuel_factor: fuel_deviation.map(|factor| conditions.fuel_price_factor[id] * factor),
            water_factor: conditions.water_factor[id],
            heat_c: conditions.heat_c[id],
            ..calm_setting(model, id)
        };
        for cluster in &model.grid.clusters {
            let settings: Vec<Setting<'_>> = cluster.regions.iter().copied().map(setting).collect();
            self.run(&settings, cluster, scratch)?;
            for (id, buffers) in cluster.regions.iter().zip(&scratch.buffers) {
                let region = &model.grid.regions[*id];
                plants::remember(&model.grid, region, &buffers.rent, &mut self.fleets);
                let state = &mut self.regions[*id];
                let price = state.wholesale_usd_per_mwh;
                if !price.is_finite() {
                    return Err(Fault::new(&region.name, "price of power", price));
                }
                let base_mw = region_week::base_mean_mw(region, years);
                let factor = conditions.tariff_factor[*id];
                tariffs::update(&model.grid, region, state, (base_mw, factor));
            }
        }
        Ok(())
    }
}

/// Whole watt-hours and millilitres of the modelled compute, to the meters and to the books.
fn meter(region: &RegionModel, state: &mut RegionState, books: &mut Books) {
    let energy_wh = whole(state.compute_mwh * 1e6);
    let water_ml = whole((state.water_on_site_m3 + state.water_off_site_m3) * 1e6);
    state.energy_wh += energy_wh;
    state.water_ml += water_ml;
    let accounts = &region.accounts;
    books.post(accounts.energy_outside, accounts.energy_served, energy_wh);
    books.post(accounts.water_outside, accounts.water_used, water_ml);
}

/// Whole watt-hours that corridors carried, from the sender's meter to the receiver's.
fn meter_corridors(model: &GridModel, grid: &mut Grid, books: &mut Books) {
    for (at, corridor) in model.corridors.iter().enumerate() {
        let forth = (corridor.from, corridor.to, grid.corridors.forward_mwh[at]);
        let back = (corridor.to, corridor.from, grid.corridors.reverse_mwh[at]);
        for (sender, receiver, mwh) in [forth, back] {
            let energy_wh = whole(mwh * 1e6);
            grid.regions[sender].import_wh -= energy_wh;
            grid.regions[receiver].import_wh += energy_wh;
            let traded = |id: RegionId| model.regions[id].accounts.energy_traded;
            books.post(traded(sender), traded(receiver), energy_wh);
        }
    }
}

/// Called by arrivals: sites energised, plants commissioned.
pub fn arrive(week: &Week, world: &mut World) -> Result<(), Fault> {
    plants::commission(week, &mut world.grid);
    connection::energise(week, world);
    Ok(())
}

/// Called by investment: the capacity auction, plants enter and leave.
pub fn invest(week: &Week, world: &mut World) -> Result<(), Fault> {
    plants::review(week, &mut world.grid);
    Ok(())
}

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod dispatch_tests;
#[cfg(test)]
mod grid_tests;
#[cfg(test)]
mod regime_tests;
#[cfg(test)]
mod solution_tests;
#[cfg(test)]
mod store_day_tests;
