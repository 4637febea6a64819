//! Clusters whose hours hang together: stores over any horizon, reserves, capacity to be built.
//!
//! One linear program over all hours. Power is in units of the largest load, money in hundreds:
//! balance   Σ g + Σ ±f + d − c + shed = L
//! capacity  g + r + slack − a K = a K₀           units that hold reserve or may be built
//! reserve   Σ r = Σ q                            q: steps of the demand for reserve
//! level     s_t = s_{t−1} + η_c c − d/η_d
//! chain     K_t = K_{t+1}                        one capacity, written once for each hour
//! Rows are numbered hour by hour, so that the factors stay a narrow band.

use super::hourly::units_of;
use super::network::Network;
use crate::kernels::interior::Program;
use crate::kernels::sparse::Columns;

/// What a column of the program is; the last number is the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Output(usize, usize),
    Shed(usize, usize),
    Flow(usize, usize),
    Charge(usize, usize),
    Discharge(usize, usize),
    Level(usize, usize),
    Held(usize, usize),
    /// Reserve and step of its demand.
    Step(usize, usize, usize),
    Slack(usize, usize),
    Built(usize, usize),
}

/// Hundreds of USD.
pub const MONEY: f64 = 100.0;
/// A range below this share of the largest load is none.
const NOTHING: f64 = 1e-8;

/// A cluster's program and where its rows and columns come from.
pub struct Horizon {
    pub program: Program,
    pub parts: Vec<Part>,
    /// MW per unit of the program.
    pub power_mw: f64,
    /// Nothing ever delivers or carries more than this.
    enough_mw: f64,
    pub regions: Vec<usize>,
    pub stores: Vec<usize>,
    pub reserves: Vec<usize>,
    pub corridors: Vec<usize>,
    /// Units with a row of capacity.
    pub limited: Vec<usize>,
    /// Those of them that may be built.
    pub built: Vec<usize>,
    pub hours: usize,
}

/// Where rows of an hour begin.
struct Layout {
    hour: usize,
    limited: usize,
    reserves: usize,
    regions: usize,
    stores: usize,
}

/// The largest load or store, and twice what all loads, stores and reserves can take at once.
fn sizes(network: &Network, regions: &[usize], stores: &[usize]) -> (f64, f64) {
    let (mut most, mut sum) = (1.0, 1.0);
    for region in regions {
        let loads = network.regions[*region].load_mw.iter();
        let peak = loads.fold(0.0, |peak, mw| if *mw > peak { *mw } else { peak });
        sum += peak;
        most = if peak > most { peak } else { most };
    }
    for store in stores {
        let power = network.stores[*store].power_mw;
        sum += power;
        most = if 0.25 * power > most {
            0.25 * power
        } else {
            most
        };
    }
    for reserve in network
        .reserves
        .iter()
        .filter(|held| regions.contains(&held.region))
    {
        sum += reserve.demand.iter().map(|(mw, _)| mw).sum::<f64>();
    }
    (most, 2.0 * sum)
}

fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

impl Horizon {
    /// Writes the program of some regions. `shed_usd_per_mwh`: what load costs that is shed.
    pub fn new(network: &Network, regions: &[usize], shed_usd_per_mwh: f64) -> Horizon {
        let inside = |region: usize| regions.contains(&region);
        let members: Vec<usize> = regions
            .iter()
            .flat_map(|region| units_of(network, *region))
            .collect();
        let pick = |count: usize, region: &dyn Fn(usize) -> usize| -> Vec<usize> {
            (0..count).filter(|at| inside(region(*at))).collect()
        };
        let stores = pick(network.stores.len(), &|at| network.stores[at].region);
        let reserves = pick(network.reserves.len(), &|at| network.reserves[at].region);
        let corridors = pick(network.corridors.len(), &|at| network.corridors[at].from);
        let holds = |unit: usize| {
            let mut offers = reserves.iter().flat_map(|at| &network.reserves[*at].offers);
            offers.any(|(known, mw)| *known == unit && *mw > 0.0)
        };
        let built: Vec<usize> = members
            .iter()
            .copied()
            .filter(|unit| network.units[*unit].build.is_some())
            .collect();
        let limited: Vec<usize> = members
            .iter()
            .copied()
            .filter(|unit| holds(*unit) || built.contains(unit))
            .collect();
        let (power_mw, enough_mw) = sizes(network, regions, &stores);
        let mut horizon = Horizon {
            program: Program {
                a: Columns::new(0),
                cost: Vec::new(),
                upper: Vec::new(),
                right: Vec::new(),
            },
            parts: Vec::new(),
            power_mw,
            enough_mw,
            regions: regions.to_vec(),
            stores,
            reserves,
            corridors,
            limited,
            built,
            hours: network.hours,
        };
        let rows = horizon.layout().hour * network.hours;
        horizon.program.a = Columns::new(rows);
        horizon.program.right = vec![0.0; rows];
        for hour in 0..network.hours {
            horizon.hour_units(network, &members, hour);
            horizon.hour_regions(network, hour, shed_usd_per_mwh);
            horizon.hour_stores(network, hour);
        }
        horizon
    }

    /// What of a corridor's capacity counts.
    pub fn carried(&self, capacity_mw: f64) -> f64 {
        least(capacity_mw, self.enough_mw)
    }

    fn layout(&self) -> Layout {
        let limited = self.built.len();
        let reserves = limited + self.limited.len();
        let regions = reserves + self.reserves.len();
        let stores = regions + self.regions.len();
        Layout {
            hour: stores + self.stores.len(),
            limited,
            reserves,
            regions,
            stores,
        }
    }

    /// Row of K_t = K_{t+1} of the unit at this place among `built`.
    pub fn chain_row(&self, place: usize, hour: usize) -> usize {
        hour * self.layout().hour + place
    }

    /// Row of capacity of the unit at this place among `limited`.
    pub fn capacity_row(&self, place: usize, hour: usize) -> usize {
        let layout = self.layout();
        hour * layout.hour + layout.limited + place
    }

    /// Row of the reserve at this place among `reserves`.
    pub fn reserve_row(&self, place: usize, hour: usize) -> usize {
        let layout = self.layout();
        hour * layout.hour + layout.reserves + place
    }

    /// Row of balance of the region at this place among `regions`.
    pub fn balance_row(&self, place: usize, hour: usize) -> usize {
        let layout = self.layout();
        hour * layout.hour + layout.regions + place
    }

    fn level_row(&self, place: usize, hour: usize) -> usize {
        let layout = self.layout();
        hour * layout.hour + layout.stores + place
    }

    fn balance_of(&self, region: usize, hour: usize) -> usize {
        let place = self.regions.iter().position(|known| *known == region);
        self.balance_row(place.unwrap_or(0), hour)
    }

    /// Adds a column; one that cannot move is left out.
    fn push(&mut self, part: Part, (cost, upper_mw): (f64, f64), entries: &[(usize, f64)]) {
        if upper_mw > NOTHING * self.power_mw {
            self.program.a.push(entries);
            self.program.cost.push(cost / MONEY);
            self.program.upper.push(upper_mw / self.power_mw);
            self.parts.push(part);
        }
    }

    fn hour_units(&mut self, network: &Network, members: &[usize], hour: usize) {
        for unit in members {
            let share = network.units[*unit].availability_share[hour];
            let facts = &network.units[*unit];
            let balance = (self.balance_of(facts.region, hour), 1.0);
            let existing = least(facts.capacity_mw * share, self.enough_mw);
            let cost = facts.cost_usd_per_mwh;
            let Some(place) = self.limited.iter().position(|known| known == unit) else {
                self.push(Part::Output(*unit, hour), (cost, existing), &[balance]);
                continue;
            };
            if let Some(chain) = self.built.iter().position(|known| known == unit) {
                self.hour_built(network, (place, chain), hour);
            }
            if share <= 0.0 || (facts.build.is_none() && existing <= 0.0) {
                continue;
            }
            let row = self.capacity_row(place, hour);
            let free = f64::INFINITY;
            self.program.right[row] = -existing / self.power_mw;
            let output = [balance, (row, -1.0)];
            self.push(Part::Output(*unit, hour), (cost, free), &output);
            self.push(Part::Slack(*unit, hour), (0.0, free), &[(row, -1.0)]);
            for (at, reserve) in self.reserves.clone().iter().enumerate() {
                let offers = network.reserves[*reserve].offers.iter();
                for (_, mw) in offers.filter(|(known, _)| known == unit) {
                    let held = [(self.reserve_row(at, hour), 1.0), (row, -1.0)];
                    self.push(Part::Held(*unit, hour), (0.0, *mw), &held);
                }
            }
        }
    }

    /// The copy of a new capacity that this hour sees.
    fn hour_built(&mut self, network: &Network, (place, chain): (usize, usize), hour: usize) {
        let unit = self.built[chain];
        let facts = &network.units[unit];
        let Some(build) = facts.build else { return };
        let share = facts.availability_share[hour];
        let mut entries = Vec::with_capacity(3);
        if share > 0.0 {
            entries.push((self.capacity_row(place, hour), share));
        }
        if hour + 1 < self.hours {
            entries.push((self.chain_row(chain, hour), 1.0));
        }
        if hour > 0 {
            entries.push((self.chain_row(chain, hour - 1), -1.0));
        }
        let cost = build.annual_cost_usd_per_mw / network.hours_weight / self.hours as f64;
        let is_free = build.annual_cost_usd_per_mw <= 0.0;
        let upper = if is_free {
            // What costs nothing has no best size: enough is taken.
            least(build.max_mw, 100.0 * self.enough_mw)
        } else if build.max_mw >= 1e4 * self.enough_mw || (hour > 0 && build.max_mw > 0.0) {
            f64::INFINITY
        } else {
            build.max_mw
        };
        self.push(Part::Built(unit, hour), (cost, upper), &entries);
    }

    fn hour_regions(&mut self, network: &Network, hour: usize, shed_usd_per_mwh: f64) {
        for place in 0..self.regions.len() {
            let region = self.regions[place];
            let row = self.balance_row(place, hour);
            let load = network.regions[region].load_mw[hour];
            self.program.right[row] += load / self.power_mw;
            let shed = (shed_usd_per_mwh, load);
            self.push(Part::Shed(region, hour), shed, &[(row, 1.0)]);
        }
        for at in 0..self.corridors.len() {
            let index = self.corridors[at];
            let corridor = &network.corridors[index];
            let from = self.balance_of(corridor.from, hour);
            let to = self.balance_of(corridor.to, hour);
            // The column is the flow above the largest reverse flow.
            let reverse_mw = self.carried(corridor.reverse_mw);
            let reverse = reverse_mw / self.power_mw;
            let range = self.carried(corridor.forward_mw) + reverse_mw;
            if range > 0.0 {
                self.program.right[from] -= reverse;
                self.program.right[to] += reverse;
            }
            let entries = [(from, -1.0), (to, 1.0)];
            self.push(Part::Flow(index, hour), (0.0, range), &entries);
        }
        for place in 0..self.reserves.len() {
            let index = self.reserves[place];
            let row = self.reserve_row(place, hour);
            for (step, (mw, price)) in network.reserves[index].demand.iter().enumerate() {
                let value = (-price, *mw);
                self.push(Part::Step(index, step, hour), value, &[(row, -1.0)]);
            }
        }
    }

    fn hour_stores(&mut self, network: &Network, hour: usize) {
        for place in 0..self.stores.len() {
            let index = self.stores[place];
            let store = &network.stores[index];
            if store.power_mw <= 0.0 {
                continue;
            }
            let row = self.level_row(place, hour);
            let balance = self.balance_of(store.region, hour);
            let (into, out) = (store.charge_efficiency, 1.0 / store.discharge_efficiency);
            let power = store.power_mw;
            let entries = [(balance, -1.0), (row, into)];
            self.push(Part::Charge(index, hour), (0.0, power), &entries);
            let entries = [(balance, 1.0), (row, -out)];
            let cost = (store.cost_usd_per_mwh, power);
            self.push(Part::Discharge(index, hour), cost, &entries);
            let is_last = hour + 1 == self.hours;
            let next = if is_last { 0 } else { hour + 1 };
            let mut entries = vec![(row, -1.0)];
            if !is_last || (store.initial_mwh.is_none() && self.hours > 1) {
                entries.push((self.level_row(place, next), 1.0));
            }
            if let (0, Some(initial)) = (hour, store.initial_mwh) {
                self.program.right[row] -= initial / self.power_mw;
            }
            let is_idle = is_last && store.initial_mwh.is_none() && self.hours == 1;
            if !is_idle {
                // More than all hours can fill is no limit.
                let most = 2.0 * power * self.hours as f64 + store.initial_mwh.unwrap_or(0.0);
                let energy = least(store.energy_mwh, most);
                self.push(Part::Level(index, hour), (0.0, energy), &entries);
            }
        }
    }
}
