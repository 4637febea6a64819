//! Clusters whose hours stand apart: the merit order of a lone region, the closed
//! form of a pair, and exact transport.

use super::dispatch::{Block, Cleared, HOURS, Hours, Owner, Stack, clear};
use super::network::{Answer, Network, Shortage};
use super::pair::{self, Joint, Pair};
use super::transport::{EPS_MW, Exchange, Line};
use crate::kernels::Level;

/// Cost of unserved load where it is not allowed: above every bid.
const FORBIDDEN_USD_PER_MWH: f64 = 1e12;

/// Clears a region without corridors, stores, reserves and building, with the code of the week.
pub fn merit_order(network: &Network, region: usize, answer: &mut Answer) -> Result<(), Shortage> {
    let members: Vec<usize> = units_of(network, region);
    let cap = network.voll_usd_per_mwh.unwrap_or(FORBIDDEN_USD_PER_MWH);
    let (mut stack, mut cleared) = (Stack::default(), Cleared::default());
    for start in (0..network.hours).step_by(HOURS) {
        let load = fill_week(network, (region, &members), start, &mut stack);
        clear(Level::chosen(), &stack, &load, cap, &mut cleared);
        write_week(network, (region, &members), (start, &cleared), answer);
    }
    merit_margins(network, (region, &members), answer);
    note(answer, "merit order");
    shortage(network, region, answer)
}

/// Clears two regions with one corridor by the closed form of the week.
pub fn pair(
    network: &Network,
    regions: [usize; 2],
    corridor: usize,
    answer: &mut Answer,
) -> Result<(), Vec<Shortage>> {
    let members = regions.map(|region| units_of(network, region));
    let cap = network.voll_usd_per_mwh.unwrap_or(FORBIDDEN_USD_PER_MWH);
    let line = &network.corridors[corridor];
    let is_along = line.from == regions[0];
    let (forward_mw, reverse_mw) = if is_along {
        (line.forward_mw, line.reverse_mw)
    } else {
        (line.reverse_mw, line.forward_mw)
    };
    let mut stacks = [Stack::default(), Stack::default()];
    let mut out = [Cleared::default(), Cleared::default()];
    let mut joint = Joint::default();
    for start in (0..network.hours).step_by(HOURS) {
        let mut load_mw = [[0.0; HOURS]; 2];
        for side in 0..2 {
            let place = (regions[side], &members[side][..]);
            load_mw[side] = fill_week(network, place, start, &mut stacks[side]);
        }
        let case = Pair {
            stacks: [&stacks[0], &stacks[1]],
            load_mw: [&load_mw[0], &load_mw[1]],
            forward_mw,
            reverse_mw,
            cap_usd_per_mwh: cap,
        };
        pair::clear(Level::chosen(), case, &mut joint, out.each_mut());
        for side in 0..2 {
            let place = (regions[side], &members[side][..]);
            write_week(network, place, (start, &out[side]), answer);
        }
        let hours = start..(start + HOURS).min(network.hours);
        for (hour, flow) in hours.zip(&joint.flow_mw) {
            answer.flow_mw[corridor][hour] = if is_along { *flow } else { -flow };
        }
    }
    for side in 0..2 {
        merit_margins(network, (regions[side], &members[side]), answer);
    }
    pair_margins(
        network,
        regions,
        (corridor, [forward_mw, reverse_mw]),
        answer,
    );
    note(answer, "pair");
    let short: Vec<Shortage> = regions
        .into_iter()
        .filter_map(|region| shortage(network, region, answer).err())
        .collect();
    if short.is_empty() { Ok(()) } else { Err(short) }
}

/// Joins the price intervals of two regions as far as their corridor has room.
fn pair_margins(
    network: &Network,
    [first, second]: [usize; 2],
    (corridor, [forward_mw, reverse_mw]): (usize, [f64; 2]),
    answer: &mut Answer,
) {
    let sign = if network.corridors[corridor].from == first {
        1.0
    } else {
        -1.0
    };
    for hour in 0..network.hours {
        let flow = sign * answer.flow_mw[corridor][hour];
        let both = [first, second];
        let low = both.map(|region| answer.price_low_usd_per_mwh[region][hour]);
        let high = both.map(|region| answer.price_high_usd_per_mwh[region][hour]);
        let co2 = both.map(|region| answer.co2_marginal_t_per_mwh[region][hour]);
        // One more MWh in a region may come from the other, and one less may go there.
        for (sender, receiver, room) in [(0, 1, forward_mw - flow), (1, 0, reverse_mw + flow)] {
            if room <= EPS_MW {
                continue;
            }
            let (from, to) = (both[sender], both[receiver]);
            if high[sender] < high[receiver] {
                answer.price_high_usd_per_mwh[to][hour] = high[sender];
                answer.co2_marginal_t_per_mwh[to][hour] = co2[sender];
            }
            if low[receiver] > low[sender] {
                answer.price_low_usd_per_mwh[from][hour] = low[receiver];
            }
        }
    }
}

/// A region's blocks and load from an hour on, as a week; hours beyond the last are empty.
fn fill_week(
    network: &Network,
    (region, members): (usize, &[usize]),
    start: usize,
    stack: &mut Stack,
) -> Hours {
    let cap = network.voll_usd_per_mwh.unwrap_or(FORBIDDEN_USD_PER_MWH);
    let count = HOURS.min(network.hours - start);
    stack.clear();
    for (index, unit) in members.iter().enumerate() {
        let unit = &network.units[*unit];
        let column = stack.push(Block {
            cost_usd_per_mwh: unit.cost_usd_per_mwh,
            co2_t_per_mwh: unit.co2_t_per_mwh,
            water_m3_per_mwh: unit.water_m3_per_mwh,
            owner: Owner::Fleet(index),
        });
        column.fill(0.0);
        // What costs more than lost load never runs.
        if unit.cost_usd_per_mwh < cap {
            for hour in 0..count {
                column[hour] = unit.capacity_mw * unit.availability_share[start + hour];
            }
        }
    }
    stack.sort();
    let mut load = [0.0; HOURS];
    load[..count].copy_from_slice(&network.regions[region].load_mw[start..start + count]);
    load
}

/// Writes a week's outputs and unserved load from an hour on.
fn write_week(
    network: &Network,
    (region, members): (usize, &[usize]),
    (start, cleared): (usize, &Cleared),
    answer: &mut Answer,
) {
    for hour in 0..HOURS.min(network.hours - start) {
        for (index, unit) in members.iter().enumerate() {
            answer.output_mw[*unit][start + hour] = cleared.output_mw[index][hour];
        }
        answer.unserved_mw[region][start + hour] = cleared.unserved_mw[hour];
    }
}

/// Price intervals of a lone region: the dearest block that runs, the cheapest that has room.
fn merit_margins(network: &Network, (region, members): (usize, &[usize]), answer: &mut Answer) {
    for hour in 0..network.hours {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut co2 = 0.0;
        for unit in members {
            let output = answer.output_mw[*unit][hour];
            let unit = &network.units[*unit];
            let room = unit.capacity_mw * unit.availability_share[hour] - output;
            if output > EPS_MW && unit.cost_usd_per_mwh > low {
                low = unit.cost_usd_per_mwh;
            }
            if room > EPS_MW && unit.cost_usd_per_mwh < high {
                (high, co2) = (unit.cost_usd_per_mwh, unit.co2_t_per_mwh);
            }
        }
        if let Some(voll) = network.voll_usd_per_mwh {
            if answer.unserved_mw[region][hour] > EPS_MW && voll > low {
                low = voll;
            }
            if voll < high {
                (high, co2) = (voll, 0.0);
            }
        }
        answer.price_low_usd_per_mwh[region][hour] = low;
        answer.price_high_usd_per_mwh[region][hour] = high;
        answer.co2_marginal_t_per_mwh[region][hour] = co2;
    }
}

/// Clears regions that are joined by corridors, hour by hour.
pub fn transport(
    network: &Network,
    regions: &[usize],
    answer: &mut Answer,
) -> Result<(), Vec<Shortage>> {
    let mut cluster = Cluster::new(network, regions);
    for hour in 0..network.hours {
        cluster.set(network, hour);
        if cluster.exchange.clear().is_err() {
            let text = format!("hour {hour}: trades did not end");
            answer.approximate.push(text);
        }
        cluster.write(network, hour, answer);
    }
    note(answer, "transport");
    let short: Vec<Shortage> = regions
        .iter()
        .filter_map(|region| shortage(network, *region, answer).err())
        .collect();
    if short.is_empty() { Ok(()) } else { Err(short) }
}

/// A cluster's blocks in order of cost.
struct Cluster {
    exchange: Exchange,
    regions: Vec<usize>,
    corridors: Vec<usize>,
    /// The unit of each block; `None` is load that is shed.
    unit: Vec<Option<usize>>,
}

impl Cluster {
    fn new(network: &Network, regions: &[usize]) -> Cluster {
        let cap = network.voll_usd_per_mwh.unwrap_or(FORBIDDEN_USD_PER_MWH);
        let (mut starts, mut costs, mut owners) = (vec![0], Vec::new(), Vec::new());
        for region in regions {
            let mut members = units_of(network, *region);
            let cost = |unit: &usize| network.units[*unit].cost_usd_per_mwh;
            members.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
            // Nothing dearer than lost load ever runs: shedding is the last block.
            for unit in members.into_iter().filter(|unit| cost(unit) < cap) {
                costs.push(cost(&unit));
                owners.push(Some(unit));
            }
            costs.push(cap);
            owners.push(None);
            starts.push(costs.len());
        }
        let place = |region: usize| regions.iter().position(|known| *known == region);
        let (mut lines, mut corridors) = (Vec::new(), Vec::new());
        for (index, corridor) in network.corridors.iter().enumerate() {
            if let (Some(from), Some(to)) = (place(corridor.from), place(corridor.to)) {
                lines.push(Line {
                    from,
                    to,
                    forward_mw: corridor.forward_mw,
                    reverse_mw: corridor.reverse_mw,
                });
                corridors.push(index);
            }
        }
        Cluster {
            exchange: Exchange::new(starts, costs, lines),
            regions: regions.to_vec(),
            corridors,
            unit: owners,
        }
    }

    fn set(&mut self, network: &Network, hour: usize) {
        for (block, owner) in self.unit.iter().enumerate() {
            self.exchange.capacity_mw[block] = match owner {
                Some(unit) => {
                    let unit = &network.units[*unit];
                    unit.capacity_mw * unit.availability_share[hour]
                }
                None => f64::INFINITY,
            };
        }
        for (place, region) in self.regions.iter().enumerate() {
            self.exchange.load_mw[place] = network.regions[*region].load_mw[hour];
        }
    }

    fn write(&self, network: &Network, hour: usize, answer: &mut Answer) {
        for (place, region) in self.regions.iter().enumerate() {
            for block in self.exchange.starts[place]..self.exchange.starts[place + 1] {
                let output = self.exchange.output_mw(place, block);
                match self.unit[block] {
                    Some(unit) => answer.output_mw[unit][hour] = output,
                    None => answer.unserved_mw[*region][hour] = output,
                }
            }
            let margin = self.exchange.margin(place);
            let setter = margin.setter.and_then(|block| self.unit[block]);
            let co2 = setter.map_or(0.0, |unit| network.units[unit].co2_t_per_mwh);
            let is_forbidden = margin.high_usd_per_mwh >= FORBIDDEN_USD_PER_MWH;
            let high = if is_forbidden {
                f64::INFINITY
            } else {
                margin.high_usd_per_mwh
            };
            answer.price_low_usd_per_mwh[*region][hour] = margin.low_usd_per_mwh;
            answer.price_high_usd_per_mwh[*region][hour] = high;
            answer.co2_marginal_t_per_mwh[*region][hour] = co2;
        }
        for (line, corridor) in self.corridors.iter().enumerate() {
            answer.flow_mw[*corridor][hour] = self.exchange.flow_mw[line];
        }
    }
}

/// Positions of a region's units.
pub fn units_of(network: &Network, region: usize) -> Vec<usize> {
    (0..network.units.len())
        .filter(|unit| network.units[*unit].region == region)
        .collect()
}

/// Remembers how a part was solved.
pub fn note(answer: &mut Answer, method: &'static str) {
    if !answer.methods.contains(&method) {
        answer.methods.push(method);
    }
}

/// Load left over where that is not allowed.
pub fn shortage(network: &Network, region: usize, answer: &Answer) -> Result<(), Shortage> {
    if network.voll_usd_per_mwh.is_some() {
        return Ok(());
    }
    let unserved = &answer.unserved_mw[region];
    // A megawatt of rounding at most in a thousand million.
    let hours: Vec<usize> = (0..network.hours)
        .filter(|hour| unserved[*hour] > 10.0 * EPS_MW)
        .collect();
    if hours.is_empty() {
        return Ok(());
    }
    let most = hours.iter().map(|hour| unserved[*hour]);
    Err(Shortage {
        region,
        most_mw: most.fold(0.0, |most, mw| if mw > most { mw } else { most }),
        hours,
    })
}
