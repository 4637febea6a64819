//! From the file of `solve dispatch` to a network.

use super::network::{Build, Corridor, Network, Region, Reserve, Store, Unit};
use crate::scenario::solve::dispatch::{DispatchCase, RegionCase, Survey};
use crate::scenario::tree::parse_number;

/// The network of a checked file and its series.
pub fn compile(case: &DispatchCase, survey: &Survey) -> Network {
    let grid = &case.grid;
    let mut network = Network {
        hours: survey.hours,
        hours_weight: grid.hours_weight,
        voll_usd_per_mwh: grid.voll_usd_per_mwh,
        ..Network::default()
    };
    let names: Vec<&String> = grid.regions.keys().collect();
    let place = |name: &String| names.iter().position(|known| *known == name);
    for (name, region) in &grid.regions {
        let load = survey.load_mw.get(name);
        network.regions.push(Region {
            name: name.clone(),
            load_mw: load.map_or_else(Vec::new, |load| load.spread(survey.hours)),
        });
        add_units(
            &mut network,
            name,
            (region, grid.carbon_price_usd_per_t),
            survey,
        );
    }
    for (name, corridor) in &grid.corridors {
        if let (Some(from), Some(to)) = (place(&corridor.from), place(&corridor.to)) {
            network.corridors.push(Corridor {
                name: name.clone(),
                from,
                to,
                forward_mw: corridor.capacity_mw,
                reverse_mw: corridor.reverse_capacity_mw.unwrap_or(corridor.capacity_mw),
            });
        }
    }
    for (name, reserve) in &grid.reserve {
        let Some(region) = place(name) else { continue };
        let unit = |name: &String| {
            let mut units = network.units.iter();
            units.position(|unit| unit.region == region && unit.name == *name)
        };
        let offers = reserve.offers.iter();
        let demand = reserve.demand.iter();
        network.reserves.push(Reserve {
            region,
            demand: demand
                .map(|step| (step.mw, step.price_usd_per_mwh))
                .collect(),
            offers: offers
                .filter_map(|(name, mw)| Some((unit(name)?, *mw)))
                .collect(),
        });
    }
    network
}

fn add_units(
    network: &mut Network,
    name: &str,
    (region, carbon_usd_per_t): (&RegionCase, f64),
    survey: &Survey,
) {
    let at = network.regions.len() - 1;
    for (unit, facts) in &region.generators {
        let share = survey.availability.get(&(name.to_owned(), unit.clone()));
        let carbon = carbon_usd_per_t * facts.co2_t_per_mwh;
        network.units.push(Unit {
            name: unit.clone(),
            region: at,
            capacity_mw: facts.capacity_mw.unwrap_or(0.0),
            availability_share: share.map_or_else(
                || vec![1.0; survey.hours],
                |share| share.spread(survey.hours),
            ),
            cost_usd_per_mwh: facts.marginal_cost_usd_per_mwh + carbon,
            co2_t_per_mwh: facts.co2_t_per_mwh,
            water_m3_per_mwh: facts.water_m3_per_mwh,
            build: facts.build.as_ref().map(|build| Build {
                annual_cost_usd_per_mw: build.annual_cost_usd_per_mw,
                max_mw: build.max_mw,
            }),
        });
    }
    for (store, facts) in &region.storage {
        network.stores.push(Store {
            name: store.clone(),
            region: at,
            power_mw: facts.power_mw,
            energy_mwh: facts.energy_mwh,
            charge_efficiency: facts.charge_efficiency,
            discharge_efficiency: facts.discharge_efficiency,
            cost_usd_per_mwh: facts.marginal_cost_usd_per_mwh,
            initial_mwh: parse_number(&facts.initial_mwh),
        });
    }
}
