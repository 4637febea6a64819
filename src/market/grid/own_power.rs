//! Data centres with turbines of their own, behind the meter.
//!
//! Cost of a MWh: heat rate × (fuel + carbon) + other running cost + annuity × (1 + spare) ÷
//! hours of a year. They pay no wires and no capacity, take nothing from the grid, and answer for
//! carbon and water of their own. They are chosen where the years won are worth more to compute
//! than the dearer power of the turbines' life.

use super::model::{Drive, Fleet, GridModel, RegionModel, YEAR_H};
use super::region_week::{Buffers, INTERNAL, Setting};
use super::state::RegionState;
use super::weather::Memory;
use crate::market::model::YEAR_WEEKS;
use crate::scenario::types::{Fuel, OwnPower, PlantKind, Plants, Region, Scenario, Thermal};

/// A region's turbines behind the meter, compiled.
#[derive(Clone, Debug)]
pub struct OwnTurbines {
    pub facts: OwnPower,
    fleet: Fleet,
    plant: Thermal,
    /// Position in [`Fuel::ALL`].
    fuel: usize,
    fixed_usd_per_mwh: f64,
    life_years: f64,
}

impl OwnTurbines {
    pub fn compile(scenario: &Scenario, region: &Region) -> Option<Self> {
        let facts = region.own_power.clone()?;
        let technology = scenario.technologies.get(&facts.technology)?.clone();
        let PlantKind::Thermal(plant) = technology.kind.clone() else {
            return None;
        };
        let life_years = technology.build.as_ref()?.life_years;
        let fleet = Fleet {
            name: String::new(),
            technology,
            facts: Plants {
                capacity_mw: facts.capacity_mw,
                capacity_factor_share: None,
                arriving_mw: None,
            },
            drive: Drive::Outages(Memory::new(1.0, 0.0)),
        };
        let rate = scenario.grid.generation.cost_of_capital_share;
        let yearly = fleet.annuity_usd_per_mw_year(rate, region.build_cost_ratio)?;
        let fuel = Fuel::ALL.iter().position(|fuel| *fuel == plant.fuel)?;
        Some(Self {
            fixed_usd_per_mwh: yearly * (1.0 + facts.spare_share) / YEAR_H,
            life_years,
            fuel,
            plant,
            fleet,
            facts,
        })
    }

    /// All that a MWh costs, USD.
    fn cost_usd_per_mwh(&self, model: &GridModel, region: &RegionModel, factor: f64) -> f64 {
        let fuel_usd = region.fuel_usd_per_mmbtu[self.fuel] * factor;
        let carbon = model.fuels[self.fuel].co2_t_per_mmbtu * region.facts.carbon_usd_per_t;
        let running = self.fleet.thermal_cost(&self.plant, 1.0, fuel_usd, carbon);
        running + self.fixed_usd_per_mwh
    }

    /// Carbon, t per MWh.
    pub fn co2_t_per_mwh(&self, model: &GridModel) -> f64 {
        self.plant.heat_rate_mmbtu_per_mwh * model.fuels[self.fuel].co2_t_per_mmbtu
    }

    /// Water, m3 per MWh.
    pub fn water_m3_per_mwh(&self) -> f64 {
        self.fleet.technology.water_m3_per_mwh.unwrap_or(0.0)
    }

    /// Whether turbines pay: what an MWh of compute earns in the years won, against what they
    /// cost above the grid over their life.
    pub fn pays(&self, state: &RegionState, usual_weeks: f64, worth_usd_per_mwh: f64) -> bool {
        let won_years = (usual_weeks - self.facts.lead_time_weeks) / YEAR_WEEKS;
        let own_share = state.own_power_share;
        let above = state.own_power_usd_per_mwh - state.tariff_usd_per_mwh[0];
        // The tariff is a mean of both.
        let above = if own_share < 1.0 {
            above / (1.0 - own_share)
        } else {
            above
        };
        let cost = if above > 0.0 { above } else { 0.0 };
        won_years > 0.0 && won_years * worth_usd_per_mwh > cost * self.life_years
    }
}

/// Takes what turbines behind the meter make off the grid's load of operators' compute.
pub fn serve(
    setting: &Setting<'_>,
    region: &RegionModel,
    state: &mut RegionState,
    buffers: &mut Buffers,
) {
    buffers.own_power_mwh = [0.0; 2];
    state.own_power_usd_per_mwh = 0.0;
    let Some(turbines) = &region.own_power else {
        return;
    };
    let factor = setting.fuel_factor[turbines.fuel];
    state.own_power_usd_per_mwh = turbines.cost_usd_per_mwh(setting.model, region, factor);
    let kinds = [0, INTERNAL];
    for hour in 0..buffers.load_mw.len() {
        let wanted = kinds.map(|kind| buffers.compute_mw[kind][hour]);
        let sum = wanted[0] + wanted[1];
        if sum <= 0.0 {
            continue;
        }
        let share = state.own_power_mw / sum;
        let share = if share < 1.0 { share } else { 1.0 };
        for (place, kind) in kinds.into_iter().enumerate() {
            let own = wanted[place] * share;
            buffers.compute_mw[kind][hour] -= own;
            buffers.load_mw[hour] -= own;
            buffers.own_power_mwh[place] += own;
        }
    }
}
