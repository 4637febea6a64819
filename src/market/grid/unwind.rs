//! Takes out of an optimum what cancels at no cost: power that flows in circles, and stores that
//! charge and discharge at once. Cost, prices and balances stay as they are.

use super::network::{Answer, Network};
use super::transport::EPS_MW;

/// Circles that an hour may hold at most.
const MAX_CIRCLES: usize = 10_000;

/// Takes out circles of flow: every one that leaves less power on the lines.
pub fn circles(network: &Network, corridors: &[usize], answer: &mut Answer) {
    for hour in 0..network.hours {
        for _ in 0..MAX_CIRCLES {
            let Some(circle) = circle(network, corridors, (answer, hour)) else {
                break;
            };
            let room = |(corridor, sign): &(usize, f64)| {
                let flow = answer.flow_mw[*corridor][hour];
                arc(network, *corridor, flow, *sign).1
            };
            let least = circle.iter().map(room).fold(f64::INFINITY, |least, room| {
                if room < least { room } else { least }
            });
            for (corridor, sign) in circle {
                answer.flow_mw[corridor][hour] += sign * least;
            }
        }
    }
}

/// What one MW more in a direction adds to the power on a line, and how far that holds.
fn arc(network: &Network, corridor: usize, flow: f64, sign: f64) -> (f64, f64) {
    let line = &network.corridors[corridor];
    let along = sign * flow;
    if along < -EPS_MW {
        return (-1.0, -along);
    }
    let most = if sign > 0.0 {
        line.forward_mw
    } else {
        line.reverse_mw
    };
    (1.0, most - along)
}

/// A circle of negative length in the manner of Bellman and Ford: lines with directions.
fn circle(
    network: &Network,
    corridors: &[usize],
    (answer, hour): (&Answer, usize),
) -> Option<Vec<(usize, f64)>> {
    let regions = network.regions.len();
    let mut length = vec![0.0; regions];
    let mut came: Vec<Option<(usize, f64, usize)>> = vec![None; regions];
    let mut last = None;
    for _ in 0..=regions {
        last = None;
        for corridor in corridors {
            let line = &network.corridors[*corridor];
            let flow = answer.flow_mw[*corridor][hour];
            for (sign, from, to) in [(1.0, line.from, line.to), (-1.0, line.to, line.from)] {
                let (cost, room) = arc(network, *corridor, flow, sign);
                if room > EPS_MW && length[from] + cost < length[to] - 0.5 {
                    length[to] = length[from] + cost;
                    came[to] = Some((*corridor, sign, from));
                    last = Some(to);
                }
            }
        }
        last?;
    }
    // After as many rounds as regions, going back ends on the circle.
    let mut at = last?;
    for _ in 0..regions {
        at = came[at]?.2;
    }
    let (start, mut list) = (at, Vec::new());
    loop {
        let (corridor, sign, from) = came[at]?;
        list.push((corridor, sign));
        at = from;
        if at == start {
            return Some(list);
        }
    }
}

/// Nets stores that charge and discharge at once, where the power they burn can stay unproduced
/// for nothing.
pub fn stores(network: &Network, stores: &[usize], answer: &mut Answer) {
    for index in stores {
        let store = &network.stores[*index];
        let round_trip = store.charge_efficiency * store.discharge_efficiency;
        for hour in 0..network.hours {
            let (charge, discharge) = (
                answer.charge_mw[*index][hour],
                answer.discharge_mw[*index][hour],
            );
            let reached = charge * round_trip;
            let sold = if discharge < reached {
                discharge
            } else {
                reached
            };
            let spare = sold / round_trip - sold;
            if sold <= 0.0 || store.cost_usd_per_mwh != 0.0 {
                continue;
            }
            let is_free = |unit: &usize| {
                let facts = &network.units[*unit];
                let has_room = answer.output_mw[*unit][hour] >= spare;
                facts.region == store.region && facts.cost_usd_per_mwh == 0.0 && has_room
            };
            let free = (0..network.units.len()).find(is_free);
            if spare > 0.0 && free.is_none() {
                continue;
            }
            answer.charge_mw[*index][hour] -= sold / round_trip;
            answer.discharge_mw[*index][hour] -= sold;
            if let (Some(unit), true) = (free, spare > 0.0) {
                answer.output_mw[unit][hour] -= spare;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::{Corridor, Region, Store, Unit};
    use super::*;

    fn triangle() -> Network {
        let line = |from, to| Corridor {
            name: format!("{from}_{to}"),
            from,
            to,
            forward_mw: 100.0,
            reverse_mw: 100.0,
        };
        Network {
            hours: 1,
            regions: vec![
                Region {
                    name: "a".to_owned(),
                    load_mw: vec![0.0],
                };
                3
            ],
            corridors: vec![line(0, 1), line(1, 2), line(2, 0), line(0, 1)],
            ..Network::default()
        }
    }

    #[test]
    fn flow_that_goes_in_circles_is_taken_out() {
        let network = triangle();
        let mut answer = Answer::blank(&network);
        // Ten go from 0 to 1; forty turn in the triangle and twenty in the double line.
        for (corridor, flow) in [70.0, 40.0, 40.0, -20.0].into_iter().enumerate() {
            answer.flow_mw[corridor][0] = flow;
        }
        circles(&network, &[0, 1, 2, 3], &mut answer);
        let flow = |at: usize| answer.flow_mw[at][0];
        assert!((flow(0) + flow(3) - 10.0).abs() < 1e-9, "{answer:?}");
        assert!(flow(1).abs() < 1e-6 && flow(2).abs() < 1e-6, "{answer:?}");
        assert!(flow(0) >= -1e-6 && flow(3) >= -1e-6, "{answer:?}");
    }

    #[test]
    fn a_store_nets_what_costs_nothing() {
        let mut network = triangle();
        network.units.push(Unit {
            name: "wind".to_owned(),
            region: 0,
            capacity_mw: 100.0,
            availability_share: vec![1.0],
            cost_usd_per_mwh: 0.0,
            co2_t_per_mwh: 0.0,
            water_m3_per_mwh: 0.0,
            build: None,
        });
        network.stores.push(Store {
            name: "store".to_owned(),
            region: 0,
            power_mw: 50.0,
            energy_mwh: 50.0,
            charge_efficiency: 0.8,
            discharge_efficiency: 0.5,
            cost_usd_per_mwh: 0.0,
            initial_mwh: None,
        });
        let mut answer = Answer::blank(&network);
        (answer.charge_mw[0][0], answer.discharge_mw[0][0]) = (30.0, 8.0);
        answer.output_mw[0][0] = 90.0;
        stores(&network, &[0], &mut answer);
        assert_eq!(
            (answer.charge_mw[0][0], answer.discharge_mw[0][0]),
            (10.0, 0.0)
        );
        assert_eq!(answer.output_mw[0][0], 78.0);
    }
}
