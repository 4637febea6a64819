//! Grids as the scenario describes them, compiled: fleets, shapes, streams of chance, accounts.

use super::corridors::{self, ClusterModel, CorridorModel};
use super::load::LoadShape;
use super::own_power::OwnTurbines;
use super::weather::{self, Memory};
use crate::market::books::{AccountId, Holder, Purpose, Unit};
use crate::market::ids::{AreaId, Id, RegionId, Table};
use crate::market::model::Compile;
use crate::scenario::types::{
    Fuel, FuelFacts, GridRules, PlantKind, Plants, Region, Technology, Thermal,
};
use std::ops::Range;

/// Quarters that a fleet's order book reaches into the future.
pub const PIPELINE_QUARTERS: usize = 80;
/// Hours of a year.
pub const YEAR_H: f64 = 8_766.0;

/// Everything about grids that a run may not change.
#[derive(Clone, Debug)]
pub struct GridModel {
    pub regions: Table<RegionId, RegionModel>,
    pub fleets: Vec<Fleet>,
    pub corridors: Vec<CorridorModel>,
    pub clusters: Vec<ClusterModel>,
    pub fuels: Vec<FuelFacts>,
    pub rules: GridRules,
    pub temperature: Memory,
    /// Mean power draw of operators' chips ÷ what is connected for them.
    pub power_draw_share: f64,
}

/// One region, compiled.
#[derive(Clone, Debug)]
pub struct RegionModel {
    pub name: String,
    pub area: AreaId,
    pub facts: Region,
    pub shape: LoadShape,
    /// Its fleets, in order of technology name.
    pub fleets: Range<usize>,
    /// Price of each fuel here, USD per million British thermal units, undisturbed.
    pub fuel_usd_per_mmbtu: Vec<f64>,
    /// Price at which load is shed.
    pub price_cap_usd_per_mwh: f64,
    /// Turbines behind the meter, where data centres have them.
    pub own_power: Option<OwnTurbines>,
    pub accounts: RegionAccounts,
}

#[derive(Clone, Copy, Debug)]
pub struct RegionAccounts {
    pub energy_outside: AccountId,
    pub energy_served: AccountId,
    pub energy_traded: AccountId,
    pub deposits: AccountId,
    pub water_outside: AccountId,
    pub water_used: AccountId,
}

/// One technology in one region.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// `region/technology`: the key of its chance.
    pub name: String,
    pub technology: Technology,
    pub facts: Plants,
    pub drive: Drive,
}

/// What decides a fleet's hours.
#[derive(Clone, Copy, Debug)]
pub enum Drive {
    /// Outages: daily steps.
    Outages(Memory),
    Wind(weather::Wind),
    Sun {
        memory: Memory,
        volatility: f64,
        clearness_mean: f64,
        scale: f64,
    },
    Water {
        memory: Memory,
        volatility: f64,
        mean_share: f64,
    },
    Store,
}

impl GridModel {
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        let scenario = compile.scenario;
        let rules = scenario.grid.clone();
        let fuels = fuel_facts(&rules);
        let mut fleets = Vec::new();
        let mut regions = Table::default();
        for name in compile.names.regions.iter() {
            let facts = scenario.regions[name].clone();
            let first = fleets.len();
            let sky = weather::clear_sky_mean(facts.latitude_deg);
            for (technology, plants) in &facts.plants {
                let technology_facts = scenario.technologies[technology].clone();
                fleets.push(Fleet {
                    name: format!("{name}/{technology}"),
                    drive: Drive::new(&technology_facts, plants, &rules, sky),
                    technology: technology_facts,
                    facts: plants.clone(),
                });
            }
            let id: RegionId = Id::new(regions.len());
            regions.push(RegionModel {
                name: name.to_owned(),
                area: compile.places.area[id],
                shape: LoadShape::new(&facts, &rules.weather),
                fleets: first..fleets.len(),
                fuel_usd_per_mmbtu: Fuel::ALL
                    .iter()
                    .zip(&fuels)
                    .map(|(fuel, world)| {
                        let basis = facts.fuel_basis_usd_per_mmbtu.get(fuel);
                        delivered(world.price_usd_per_mmbtu, basis.copied().unwrap_or(0.0))
                    })
                    .collect(),
                price_cap_usd_per_mwh: facts
                    .price_cap_usd_per_mwh
                    .unwrap_or(rules.scarcity.price_cap_usd_per_mwh),
                own_power: OwnTurbines::compile(scenario, &facts),
                accounts: RegionAccounts::open(compile, id),
                facts,
            });
        }
        let corridors = corridors::compile(scenario, compile.names);
        let clusters = corridors::clusters(&corridors, &mut regions);
        let temperature = Memory::new(
            rules.weather.temperature_persistence_days,
            rules.weather.common_share,
        );
        Self {
            regions,
            fleets,
            corridors,
            clusters,
            fuels,
            rules,
            temperature,
            power_draw_share: scenario.investment.power_draw_share,
        }
    }
}

/// Price at the plant: the hub's and the basis, never less than a tenth of the hub's.
fn delivered(hub: f64, basis: f64) -> f64 {
    let least = 0.1 * hub;
    let price = hub + basis;
    if price > least { price } else { least }
}

/// The facts of every fuel in order of [`Fuel::ALL`]; a fuel that the file leaves out is free.
fn fuel_facts(rules: &GridRules) -> Vec<FuelFacts> {
    let free = FuelFacts {
        price_usd_per_mmbtu: 0.0,
        co2_t_per_mmbtu: 0.0,
        volatility_per_year: 0.0,
    };
    Fuel::ALL
        .iter()
        .map(|fuel| {
            rules
                .fuels
                .get(fuel)
                .cloned()
                .unwrap_or_else(|| free.clone())
        })
        .collect()
}

impl RegionAccounts {
    fn open(compile: &mut Compile<'_>, region: RegionId) -> Self {
        let place = Holder::Region(region);
        let accounts = &mut *compile.accounts;
        Self {
            energy_outside: accounts.open(Unit::Energy, Holder::Outside, Purpose::Stock),
            energy_served: accounts.open(Unit::Energy, place, Purpose::Served),
            energy_traded: accounts.open(Unit::Energy, place, Purpose::Transit),
            deposits: accounts.open(Unit::Usd, place, Purpose::Escrow),
            water_outside: accounts.open(Unit::Water, Holder::Outside, Purpose::Stock),
            water_used: accounts.open(Unit::Water, place, Purpose::Served),
        }
    }
}

impl Drive {
    fn new(technology: &Technology, plants: &Plants, rules: &GridRules, sky_mean: f64) -> Self {
        let common = rules.weather.common_share;
        let share = plants.capacity_factor_share.unwrap_or(0.3);
        match &technology.kind {
            PlantKind::Thermal(plant) => Self::Outages(Memory::new(plant.repair_h / 24.0, 0.0)),
            PlantKind::Wind(plant) => Self::Wind(weather::Wind {
                memory: Memory::new(plant.persistence_h, common),
                logit: weather::logit_of_mean(share, plant.volatility),
                volatility: plant.volatility,
            }),
            PlantKind::Solar(plant) => Self::Sun {
                memory: Memory::new(plant.persistence_days, common),
                volatility: plant.cloud_volatility,
                clearness_mean: weather::clearness_mean(plant.cloud_volatility),
                scale: share / sky_mean,
            },
            PlantKind::Hydro(plant) => Self::Water {
                memory: Memory::new(plant.persistence_weeks, common),
                volatility: plant.inflow_volatility,
                mean_share: share,
            },
            PlantKind::Battery(_) => Self::Store,
        }
    }
}

impl Fleet {
    /// Cost of a fuel-burning fleet's MWh at `heat` times its mean heat rate, with carbon.
    pub fn thermal_cost(&self, plant: &Thermal, heat: f64, fuel_usd: f64, carbon_usd: f64) -> f64 {
        plant.heat_rate_mmbtu_per_mwh * heat * (fuel_usd + carbon_usd)
            + self.technology.variable_cost_usd_per_mwh
    }

    /// Yearly payment for a new MW: capital at the real cost of capital, and keeping.
    pub fn annuity_usd_per_mw_year(&self, rate: f64, cost_ratio: f64) -> Option<f64> {
        let build = self.technology.build.as_ref()?;
        let grown = crate::kernels::math::pow(1.0 + rate, build.life_years);
        let recovery = rate * grown / (grown - 1.0);
        let keeping = self.technology.keeping_usd_per_kw_year.unwrap_or(0.0);
        Some((build.capex_usd_per_kw * cost_ratio * recovery + keeping) * 1e3)
    }
}
