//! Clears a network: every cluster of joined regions by the simplest method that is exact for it.

use super::horizon::{Horizon, MONEY, Part};
use super::hourly::{merit_order, note, pair, shortage, transport};
use super::network::{Answer, Network, Shortage};
use super::transport::MAX_REGIONS;
use super::{margins, unwind};
use crate::kernels::interior::{Optimum, solve};

/// Clears all hours of a network. Where load must be served and cannot, says where and when.
pub fn clear(network: &Network) -> Result<Answer, Vec<Shortage>> {
    let mut answer = Answer::blank(network);
    let mut short = Vec::new();
    for cluster in clusters(network) {
        let inside = |region: &usize| cluster.contains(region);
        let is_linked = network.stores.iter().any(|store| inside(&store.region))
            || network.reserves.iter().any(|held| inside(&held.region))
            || (network.units.iter()).any(|unit| unit.build.is_some() && inside(&unit.region));
        let cleared = if is_linked || cluster.len() > MAX_REGIONS {
            horizon(network, &cluster, &mut answer)
        } else if let [lone] = cluster.as_slice() {
            merit_order(network, *lone, &mut answer).map_err(|one| vec![one])
        } else if let Some((regions, corridor)) = lone_pair(network, &cluster) {
            pair(network, regions, corridor, &mut answer)
        } else {
            transport(network, &cluster, &mut answer)
        };
        if let Err(found) = cleared {
            short.extend(found);
        }
    }
    if short.is_empty() {
        Ok(answer)
    } else {
        Err(short)
    }
}

/// Two regions that one corridor joins.
fn lone_pair(network: &Network, cluster: &[usize]) -> Option<([usize; 2], usize)> {
    let regions: [usize; 2] = cluster.try_into().ok()?;
    let inside = |at: &usize| regions.contains(&network.corridors[*at].from);
    let mut corridors = (0..network.corridors.len()).filter(inside);
    let only = corridors.next()?;
    corridors.next().is_none().then_some((regions, only))
}

/// Regions that corridors join, each group in order.
pub fn clusters(network: &Network) -> Vec<Vec<usize>> {
    let count = network.regions.len();
    let mut group: Vec<usize> = (0..count).collect();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for corridor in &network.corridors {
            let (a, b) = (group[corridor.from], group[corridor.to]);
            if a != b && corridor.forward_mw + corridor.reverse_mw > 0.0 {
                let (low, high) = if a < b { (a, b) } else { (b, a) };
                for own in group.iter_mut().filter(|own| **own == high) {
                    *own = low;
                }
                has_changed = true;
            }
        }
    }
    let heads = (0..count).filter(|head| group[*head] == *head);
    heads
        .map(|head| (0..count).filter(|at| group[*at] == head).collect())
        .collect()
}

/// Clears a cluster whose hours hang together.
fn horizon(network: &Network, regions: &[usize], answer: &mut Answer) -> Result<(), Vec<Shortage>> {
    let mut shed = network.voll_usd_per_mwh.unwrap_or_else(|| dear(network));
    for attempt in 0..2 {
        let horizon = Horizon::new(network, regions, shed);
        let optimum = solve(&horizon.program);
        let held_usd = write(network, &horizon, &optimum, answer);
        let short: Vec<Shortage> = regions
            .iter()
            .filter_map(|region| shortage(network, *region, answer).err())
            .collect();
        // Where load must be served, shedding may only have been too cheap.
        if !short.is_empty() && attempt == 0 {
            shed *= 1e3;
            continue;
        }
        if !short.is_empty() {
            return Err(short);
        }
        unwind::circles(network, &horizon.corridors, answer);
        unwind::stores(network, &horizon.stores, answer);
        answer.reserve_value_usd += held_usd;
        note(answer, "interior point");
        if !optimum.is_exact {
            let names: Vec<&str> = regions
                .iter()
                .map(|region| network.regions[*region].name.as_str())
                .collect();
            let text = format!("no proof of the optimum for {}", names.join(", "));
            answer.approximate.push(text);
        }
        margins::write(network, &horizon, &optimum, answer);
        return Ok(());
    }
    Ok(())
}

/// A price above all that a MWh can be worth in ordinary cases.
fn dear(network: &Network) -> f64 {
    let mut most = 100.0;
    for unit in &network.units {
        let build = unit.build.map_or(0.0, |build| build.annual_cost_usd_per_mw);
        let cost = unit.cost_usd_per_mwh.abs() + build / network.hours_weight;
        most = if cost > most { cost } else { most };
    }
    for store in &network.stores {
        let cost = store.cost_usd_per_mwh.abs();
        most = if cost > most { cost } else { most };
    }
    100.0 * most
}

/// Reads the optimum back into the network's terms; returns the value of the reserve held.
fn write(network: &Network, horizon: &Horizon, optimum: &Optimum, answer: &mut Answer) -> f64 {
    let mut held_usd = 0.0;
    for (part, x) in horizon.parts.iter().zip(&optimum.x) {
        let mw = x * horizon.power_mw;
        match *part {
            Part::Output(unit, hour) => answer.output_mw[unit][hour] = mw,
            Part::Shed(region, hour) => answer.unserved_mw[region][hour] = mw,
            Part::Flow(corridor, hour) => {
                let reverse = network.corridors[corridor].reverse_mw;
                answer.flow_mw[corridor][hour] = mw - horizon.carried(reverse);
            }
            Part::Charge(store, hour) => answer.charge_mw[store][hour] = mw,
            Part::Discharge(store, hour) => answer.discharge_mw[store][hour] = mw,
            Part::Level(store, hour) => answer.level_mwh[store][hour] = mw,
            Part::Built(unit, 0) => answer.built_mw[unit] = mw,
            Part::Step(reserve, step, _) => {
                let (_, price) = network.reserves[reserve].demand[step];
                held_usd += price * mw;
            }
            Part::Held(..) | Part::Slack(..) | Part::Built(..) => {}
        }
    }
    for chain in &horizon.built {
        let mut rent = 0.0;
        let place = horizon.limited.iter().position(|unit| unit == chain);
        for hour in 0..horizon.hours {
            let share = network.units[*chain].availability_share[hour];
            let row = horizon.capacity_row(place.unwrap_or(0), hour);
            rent += if share > 0.0 {
                share * optimum.y[row]
            } else {
                0.0
            };
        }
        answer.rent_usd_per_mw[*chain] = rent * MONEY * network.hours_weight;
    }
    held_usd
}
