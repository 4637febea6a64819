//! Regions that trade hour by hour through limited corridors.
//!
//! A lone region is cleared by its own merit order, two regions with one corridor by the closed
//! form of [`pair`], more by the exact transport of [`Exchange`]. Regions of a cluster share one
//! price at which load is shed, the highest of theirs. Reserve is pooled as far as corridors have
//! room. Congestion rent of a corridor is Σ flow × (price where it leads − price where it comes
//! from), before the scarcity adder; it is never negative. A region that imports takes over
//! carbon and water of what it imports at the sender's own average.

use super::dispatch::{self, HOURS, Hours, lanes_total, total};
use super::model::{GridModel, RegionModel};
use super::outcome::Supplied;
use super::pair::{self, Joint, Pair};
use super::region_week::Buffers;
use super::transport::{EPS_MW, Exchange, Line};
use crate::kernels::Level;
use crate::market::ids::{Id, RegionId, Table};
use crate::market::model::Names;
use crate::market::week::Fault;
use crate::market::world::{Column, Visitor};
use crate::scenario::types::Scenario;

/// A corridor, compiled.
#[derive(Clone, Debug)]
pub struct CorridorModel {
    pub name: String,
    pub from: RegionId,
    pub to: RegionId,
    pub forward_mw: f64,
    pub reverse_mw: f64,
}

/// Regions that corridors join, in order, and these corridors.
#[derive(Clone, Debug, Default)]
pub struct ClusterModel {
    pub regions: Vec<RegionId>,
    pub corridors: Vec<usize>,
}

/// What each corridor did this week.
#[derive(Clone, Debug, Default)]
pub struct CorridorColumns {
    pub forward_mwh: Vec<f64>,
    pub reverse_mwh: Vec<f64>,
    /// Hours in which it was full.
    pub full_hours: Vec<f64>,
    pub rent_usd: Vec<f64>,
}

/// Buffers of a cluster's clearing.
#[derive(Clone, Debug, Default)]
pub struct Trading {
    joint: Joint,
    exchange: Exchange,
    /// The block of its region behind each block of the exchange; `None` is load that is shed.
    block: Vec<Option<usize>>,
    co2_t_per_mwh: Vec<f64>,
    /// From → to, by corridor of the cluster.
    pub flow_mw: Vec<Hours>,
}

/// The scenario's corridors whose ends exist.
pub fn compile(scenario: &Scenario, names: &Names) -> Vec<CorridorModel> {
    let mut corridors = Vec::new();
    for (name, facts) in &scenario.corridors {
        let ends = (
            names.regions.find(&facts.from),
            names.regions.find(&facts.to),
        );
        let (Some(from), Some(to)) = ends else {
            continue;
        };
        if from != to {
            corridors.push(CorridorModel {
                name: name.clone(),
                from,
                to,
                forward_mw: facts.capacity_mw,
                reverse_mw: facts.reverse_capacity_mw.unwrap_or(facts.capacity_mw),
            });
        }
    }
    corridors
}

/// Groups regions by the corridors between them; the cap of a group is the highest of its own.
pub fn clusters(
    corridors: &[CorridorModel],
    regions: &mut Table<RegionId, RegionModel>,
) -> Vec<ClusterModel> {
    let mut group: Vec<usize> = (0..regions.len()).collect();
    for _ in 0..regions.len() {
        for corridor in corridors {
            let (a, b) = (group[corridor.from.index()], group[corridor.to.index()]);
            let low = if a < b { a } else { b };
            for own in group.iter_mut().filter(|own| **own == a || **own == b) {
                *own = low;
            }
        }
    }
    let mut clusters = Vec::new();
    for head in 0..regions.len() {
        let members: Vec<RegionId> = (regions.ids())
            .filter(|id| group[id.index()] == head)
            .collect();
        if members.is_empty() {
            continue;
        }
        let caps = members.iter().map(|id| regions[*id].price_cap_usd_per_mwh);
        let cap = caps.fold(0.0, |most, cap| if cap > most { cap } else { most });
        for id in &members {
            regions[*id].price_cap_usd_per_mwh = cap;
        }
        let inside = |at: &usize| group[corridors[*at].from.index()] == head;
        clusters.push(ClusterModel {
            corridors: (0..corridors.len()).filter(inside).collect(),
            regions: members,
        });
    }
    clusters
}

impl ClusterModel {
    fn place(&self, region: RegionId) -> usize {
        self.regions
            .iter()
            .position(|known| *known == region)
            .unwrap_or(0)
    }

    /// Positions of a corridor's ends within the cluster.
    fn ends(&self, corridor: &CorridorModel) -> (usize, usize) {
        (self.place(corridor.from), self.place(corridor.to))
    }
}

/// Clears a cluster whose members' stacks and loads are prepared.
pub fn clear(
    (model, level): (&GridModel, Level),
    cluster: &ClusterModel,
    members: &mut [Buffers],
    trading: &mut Trading,
) -> Result<(), Fault> {
    let cap = model.regions[cluster.regions[0]].price_cap_usd_per_mwh;
    trading.flow_mw.clear();
    if let [lone] = members {
        let (stack, load) = (&lone.stack, &lone.load_mw);
        dispatch::clear(level, stack, load, cap, &mut lone.cleared);
        lone.import_mw = [0.0; HOURS];
        return Ok(());
    }
    let corridors = (cluster.corridors.iter()).map(|at| &model.corridors[*at]);
    if let ([first, second], [only]) = (&mut *members, &cluster.corridors[..]) {
        let corridor = &model.corridors[*only];
        let is_along = cluster.ends(corridor).0 == 0;
        let limits = (corridor.forward_mw, corridor.reverse_mw);
        let (forward_mw, reverse_mw) = if is_along {
            limits
        } else {
            (limits.1, limits.0)
        };
        let pair = Pair {
            stacks: [&first.stack, &second.stack],
            load_mw: [&first.load_mw, &second.load_mw],
            forward_mw,
            reverse_mw,
            cap_usd_per_mwh: cap,
        };
        let out = [&mut first.cleared, &mut second.cleared];
        pair::clear(level, pair, &mut trading.joint, out);
        let flow = trading.joint.flow_mw;
        let flow = if is_along { flow } else { flow.map(|mw| -mw) };
        trading.flow_mw.push(flow);
    } else {
        trading.open(cluster, corridors.clone(), members, cap);
        for hour in 0..HOURS {
            trading.hour(hour, members)?;
        }
    }
    for buffers in members.iter_mut() {
        buffers.import_mw = [0.0; HOURS];
    }
    for (corridor, flow) in corridors.zip(&trading.flow_mw) {
        let (from, to) = cluster.ends(corridor);
        for (hour, mw) in flow.iter().enumerate() {
            members[from].import_mw[hour] -= mw;
            members[to].import_mw[hour] += mw;
        }
    }
    Ok(())
}

impl Trading {
    /// Writes the cluster's blocks in order of cost, region by region, load that is shed last.
    fn open<'a>(
        &mut self,
        cluster: &ClusterModel,
        corridors: impl Iterator<Item = &'a CorridorModel>,
        members: &mut [Buffers],
        cap: f64,
    ) {
        let (mut starts, mut costs) = (vec![0], Vec::new());
        self.block.clear();
        self.co2_t_per_mwh.clear();
        for buffers in members {
            let stack = &buffers.stack;
            for index in stack.order() {
                let cost = stack.blocks[*index].cost_usd_per_mwh;
                // What costs more than lost load never runs.
                if cost < cap {
                    costs.push(cost);
                    self.block.push(Some(*index));
                    self.co2_t_per_mwh.push(stack.blocks[*index].co2_t_per_mwh);
                }
            }
            costs.push(cap);
            self.block.push(None);
            self.co2_t_per_mwh.push(0.0);
            starts.push(costs.len());
            let count = stack.blocks.len();
            if buffers.cleared.output_mw.len() < count {
                buffers.cleared.output_mw.resize(count, [0.0; HOURS]);
            }
            for output in &mut buffers.cleared.output_mw[..count] {
                output.fill(0.0);
            }
        }
        let lines = corridors.map(|corridor| {
            let (from, to) = cluster.ends(corridor);
            Line {
                from,
                to,
                forward_mw: corridor.forward_mw,
                reverse_mw: corridor.reverse_mw,
            }
        });
        self.exchange = Exchange::new(starts, costs, lines.collect());
        self.flow_mw.resize(cluster.corridors.len(), [0.0; HOURS]);
    }

    fn hour(&mut self, hour: usize, members: &mut [Buffers]) -> Result<(), Fault> {
        let exchange = &mut self.exchange;
        for (place, buffers) in members.iter().enumerate() {
            exchange.load_mw[place] = buffers.load_mw[hour];
            for at in exchange.starts[place]..exchange.starts[place + 1] {
                exchange.capacity_mw[at] = match self.block[at] {
                    Some(index) => buffers.stack.capacity_mw[index][hour],
                    None => f64::INFINITY,
                };
            }
        }
        exchange
            .clear()
            .map_err(|_| Fault::new("grid", "trades between regions", hour as f64))?;
        for (flow, mw) in self.flow_mw.iter_mut().zip(&exchange.flow_mw) {
            flow[hour] = *mw;
        }
        for (place, buffers) in members.iter_mut().enumerate() {
            let mut reserve = 0.0;
            let cleared = &mut buffers.cleared;
            for at in exchange.starts[place]..exchange.starts[place + 1] {
                let output = exchange.output_mw(place, at);
                match self.block[at] {
                    Some(index) => {
                        cleared.output_mw[index][hour] = output;
                        reserve += exchange.capacity_mw[at] - output;
                    }
                    None => {
                        let unserved = if output > EPS_MW { output } else { 0.0 };
                        cleared.unserved_mw[hour] = unserved;
                        reserve -= unserved;
                    }
                }
            }
            let margin = exchange.margin(place);
            let carbon = margin.setter.map_or(0.0, |at| self.co2_t_per_mwh[at]);
            cleared.reserve_mw[hour] = reserve;
            cleared.price_usd_per_mwh[hour] = margin.high_usd_per_mwh;
            cleared.co2_marginal_t_per_mwh[hour] = carbon;
        }
        Ok(())
    }
}

/// Adds to each region's reserve what neighbours could still send.
pub fn pool_reserve(
    model: &GridModel,
    cluster: &ClusterModel,
    members: &mut [Buffers],
    trading: &Trading,
) {
    if members.len() == 1 {
        return;
    }
    let own: Vec<Hours> = (members.iter())
        .map(|buffers| buffers.cleared.reserve_mw)
        .collect();
    for (at, flow) in cluster.corridors.iter().zip(&trading.flow_mw) {
        let corridor = &model.corridors[*at];
        let (from, to) = cluster.ends(corridor);
        for hour in 0..HOURS {
            let forth = corridor.forward_mw - flow[hour];
            let back = corridor.reverse_mw + flow[hour];
            members[to].cleared.reserve_mw[hour] += positive_least(forth, own[from][hour]);
            members[from].cleared.reserve_mw[hour] += positive_least(back, own[to][hour]);
        }
    }
}

fn positive_least(a: f64, b: f64) -> f64 {
    let least = if a < b { a } else { b };
    if least > 0.0 { least } else { 0.0 }
}

/// Energy and congestion rent of each corridor, at prices before the scarcity adder.
pub fn account(
    model: &GridModel,
    cluster: &ClusterModel,
    (members, trading): (&[Buffers], &Trading),
    columns: &mut CorridorColumns,
) {
    let count = model.corridors.len();
    for column in columns.all() {
        column.resize(count, 0.0);
    }
    for (at, flow) in cluster.corridors.iter().zip(&trading.flow_mw) {
        let corridor = &model.corridors[*at];
        let (from, to) = cluster.ends(corridor);
        let (low, high) = (
            &members[from].cleared.price_usd_per_mwh,
            &members[to].cleared.price_usd_per_mwh,
        );
        let forward = lanes_total(flow, |_, mw| if mw > 0.0 { mw } else { 0.0 });
        columns.forward_mwh[*at] = forward;
        columns.reverse_mwh[*at] = forward - total(flow);
        columns.rent_usd[*at] = lanes_total(flow, |hour, mw| mw * (high[hour] - low[hour]));
        let is_full = |mw: &&f64| {
            **mw >= corridor.forward_mw - EPS_MW || **mw <= EPS_MW - corridor.reverse_mw
        };
        columns.full_hours[*at] = flow.iter().filter(is_full).count() as f64;
    }
}

impl CorridorColumns {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.column("grid.forward_mwh", Column::F64(&mut self.forward_mwh));
        visitor.column("grid.reverse_mwh", Column::F64(&mut self.reverse_mwh));
        visitor.column("grid.full_hours", Column::F64(&mut self.full_hours));
        visitor.column("grid.rent_usd", Column::F64(&mut self.rent_usd));
    }

    fn all(&mut self) -> [&mut Vec<f64>; 4] {
        [
            &mut self.forward_mwh,
            &mut self.reverse_mwh,
            &mut self.full_hours,
            &mut self.rent_usd,
        ]
    }
}

/// What each region uses: its own supply, and imports at the senders' averages.
pub fn mix(
    model: &GridModel,
    cluster: &ClusterModel,
    members: &mut [Buffers],
    columns: &CorridorColumns,
) {
    let own: Vec<Supplied> = members.iter().map(|buffers| buffers.supplied).collect();
    for at in &cluster.corridors {
        let (from, to) = cluster.ends(&model.corridors[*at]);
        for (sender, receiver, mwh) in [
            (from, to, columns.forward_mwh[*at]),
            (to, from, columns.reverse_mwh[*at]),
        ] {
            let supply = own[sender];
            if supply.mwh > 1e-6 {
                let used = &mut members[receiver].supplied;
                used.mwh += mwh;
                used.co2_t += mwh * supply.co2_t / supply.mwh;
                used.water_m3 += mwh * supply.water_m3 / supply.mwh;
            }
        }
    }
}
