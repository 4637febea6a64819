//! What grids remember from week to week, and what a week says about each region.

use super::corridors::CorridorColumns;
use super::model::{GridModel, PIPELINE_QUARTERS};
use super::weather::CommonStreams;
use crate::kernels::{Luck, Stream};
use crate::market::books::Stocks;
use crate::market::ids::{AreaId, RegionId, Table};
use crate::market::model::Model;
use crate::market::world::{Column, Visitor};
use crate::scenario::types::Fuel;

/// Tariff classes, as indices of `tariff_usd_per_mwh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tariff {
    DataCentre,
    Industrial,
    Commercial,
    Residential,
    /// A device at home that runs day and night.
    RoundTheClock,
}

/// Kinds of compute load, as indices of `curtailed_share`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    Operator,
    Provider,
    Miner,
}

/// All grids.
#[derive(Clone, Debug)]
pub struct Grid {
    pub regions: Table<RegionId, RegionState>,
    pub fleets: FleetColumns,
    /// Deviation of the logarithm of each fuel's price, in order of [`Fuel::ALL`].
    pub fuel_deviation: Vec<f64>,
    pub requests: Requests,
    pub corridors: CorridorColumns,
    pub(super) chance: Chance,
}

/// What the week says about a region; all fields named by their units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionState {
    /// Load-weighted mean of the week.
    pub wholesale_usd_per_mwh: f64,
    /// Mean of the worst 5 % of hours.
    pub wholesale_worst_usd_per_mwh: f64,
    /// Hours above 500 USD/MWh.
    pub scarcity_hours: f64,
    /// What is billed next week, by [`Tariff`].
    pub tariff_usd_per_mwh: [f64; 5],
    pub co2_average_t_per_mwh: f64,
    pub co2_marginal_t_per_mwh: f64,
    pub water_off_site_m3_per_mwh: f64,
    /// Per MWh of computers.
    pub water_on_site_m3_per_mwh_it: f64,
    /// Data centres, this week.
    pub pue: f64,
    /// Share of this week's compute energy that was curtailed, by [`LoadKind`].
    pub curtailed_share: [f64; 3],
    /// The same for operators' own work.
    pub internal_curtailed_share: f64,
    pub unserved_mwh: f64,
    /// Energy of compute that was curtailed.
    pub curtailed_mwh: f64,
    pub reserve_margin_share: f64,
    /// All data centres, mean of the week.
    pub data_centre_mw: f64,
    /// Energy of the modelled compute, served.
    pub compute_mwh: f64,
    /// All load served, mean of the week.
    pub load_mw: f64,
    /// The highest hour of load, and the highest that plants other than wind, sun and water, or
    /// neighbours, had to serve.
    pub load_peak_mw: f64,
    pub net_load_peak_mw: f64,
    /// Load that waits for a connection, firm and flexible.
    pub connection_queue_mw: f64,
    /// Data centres' own turbines: capacity, output of the week, its share of operators' power
    /// and all that a MWh costs.
    pub own_power_mw: f64,
    pub own_power_mwh: f64,
    pub own_power_share: f64,
    pub own_power_usd_per_mwh: f64,
    pub capacity_price_usd_per_mw_day: f64,
    pub residential_bill_usd_per_month: f64,
    /// Of the modelled compute, this week.
    pub co2_t: f64,
    /// The same less what contracts with clean plants cover.
    pub co2_market_t: f64,
    pub water_on_site_m3: f64,
    pub water_off_site_m3: f64,
    /// Price and load (exports apart) of each of the week's hours.
    pub hourly_usd_per_mwh: Vec<f64>,
    pub hourly_load_mw: Vec<f64>,
    /// From neighbours and through corridors, this week; neighbours' trade is netted.
    pub imports_mwh: f64,
    pub exports_mwh: f64,
    /// Meters since the opening.
    pub energy_wh: i128,
    pub water_ml: i128,
    /// Brought by corridors less taken away, since the opening.
    pub import_wh: i128,
    pub(super) memory: RegionMemory,
}

/// What a region carries into the next week.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionMemory {
    /// Standard deviations of the last day's temperature.
    pub temperature: f64,
    /// Cost of energy as regulated tariffs and data-centre contracts see it, USD/MWh.
    pub regulated_usd_per_mwh: f64,
    pub indexed_usd_per_mwh: f64,
    /// Opening tariffs less energy and capacity: wires, taxes, policy; by [`Tariff`], USD/MWh.
    pub wires_usd_per_mwh: [f64; 4],
    /// Mean load of data centres at the opening, and the highest since, MW.
    pub opening_data_centre_mw: f64,
    pub peak_data_centre_mw: f64,
    /// Connections that may still be made, and turbines that may still be delivered, MW.
    pub allowance_mw: f64,
    pub turbine_allowance_mw: f64,
    pub flexible_allowance_mw: f64,
    /// Capacity that serves the peak, less the least reserve, MW.
    pub firm_capacity_mw: f64,
    /// Load above levels of that capacity (`headroom`).
    pub excess_share: Vec<f64>,
    /// Connected load that may be cut off, and what of it the year does not show yet, MW.
    pub flexible_mw: f64,
    pub flexible_recent_mw: f64,
    /// Evening above other hours, wholesale, as regulated tariffs see it; and at the opening.
    pub evening_gap_usd_per_mwh: f64,
    pub opening_gap_usd_per_mwh: f64,
}

/// Columns with one number for each fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetColumns {
    pub capacity_mw: Vec<f64>,
    /// AR(1) deviation of weather or outages, standard deviations.
    pub deviation: Vec<f64>,
    /// Mean yearly rent that builders remember.
    pub rent_usd_per_mw_year: Vec<f64>,
    /// Output of this week.
    pub output_mwh: Vec<f64>,
    /// Orders by quarter of arrival, fleet × [`PIPELINE_QUARTERS`] (a ring).
    pub pipeline_mw: Vec<f64>,
}

/// Data centres that wait for a connection.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    pub region: Vec<u32>,
    pub operator: Vec<u32>,
    pub mw: Vec<f64>,
    pub due_week: Vec<u32>,
    /// How they get their power, a [`super::Way`].
    pub way: Vec<u32>,
    /// What they have put down; a request of this week has not yet.
    pub deposit_micro_usd: Vec<i128>,
    pub is_new: Vec<u32>,
}

/// Streams of chance: derived from names, never state.
#[derive(Clone, Debug)]
pub struct Chance {
    pub areas: Table<AreaId, CommonStreams>,
    pub fleets: Vec<Stream>,
    pub temperature: Vec<Stream>,
    pub fuels: Vec<Stream>,
}

impl Chance {
    pub fn new(model: &Model) -> Self {
        let luck: &Luck = &model.luck;
        let area = |name: &str| CommonStreams {
            wind: luck.stream("area wind", name),
            temperature: luck.stream("area temperature", name),
            cloud: luck.stream("area cloud", name),
            inflow: luck.stream("area inflow", name),
        };
        let grid: &GridModel = &model.grid;
        Self {
            areas: model.names.areas.iter().map(area).collect(),
            fleets: grid
                .fleets
                .iter()
                .map(|fleet| luck.stream("fleet", &fleet.name))
                .collect(),
            temperature: (model.names.regions.iter())
                .map(|name| luck.stream("temperature", name))
                .collect(),
            fuels: Fuel::ALL
                .iter()
                .map(|fuel| luck.stream("fuel price", fuel.name()))
                .collect(),
        }
    }
}

impl FleetColumns {
    pub fn open(model: &GridModel) -> Self {
        let count = model.fleets.len();
        Self {
            capacity_mw: model
                .fleets
                .iter()
                .map(|fleet| fleet.facts.capacity_mw)
                .collect(),
            deviation: vec![0.0; count],
            rent_usd_per_mw_year: vec![0.0; count],
            output_mwh: vec![0.0; count],
            pipeline_mw: vec![0.0; count * PIPELINE_QUARTERS],
        }
    }
}

impl Grid {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        let fleets = &mut self.fleets;
        visitor.column(
            "grid.fleet_capacity_mw",
            Column::F64(&mut fleets.capacity_mw),
        );
        visitor.column("grid.fleet_deviation", Column::F64(&mut fleets.deviation));
        visitor.column(
            "grid.fleet_rent",
            Column::F64(&mut fleets.rent_usd_per_mw_year),
        );
        visitor.column("grid.fleet_output_mwh", Column::F64(&mut fleets.output_mwh));
        visitor.column(
            "grid.fleet_pipeline_mw",
            Column::F64(&mut fleets.pipeline_mw),
        );
        visitor.column("grid.fuel_deviation", Column::F64(&mut self.fuel_deviation));
        let requests = &mut self.requests;
        visitor.column("grid.request_region", Column::U32(&mut requests.region));
        visitor.column("grid.request_operator", Column::U32(&mut requests.operator));
        visitor.column("grid.request_mw", Column::F64(&mut requests.mw));
        visitor.column("grid.request_due_week", Column::U32(&mut requests.due_week));
        visitor.column("grid.request_way", Column::U32(&mut requests.way));
        visitor.column("grid.request_is_new", Column::U32(&mut requests.is_new));
        let deposits = &mut requests.deposit_micro_usd;
        visitor.column("grid.request_deposit", Column::I128(deposits));
        self.corridors.visit(visitor);
        for region in self.regions.values_mut() {
            region.visit(visitor);
        }
    }

    /// Meters against the books.
    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        for (id, region) in self.regions.iter() {
            let accounts = &model.grid.regions[id].accounts;
            stocks.count(accounts.energy_served, region.energy_wh);
            stocks.count(accounts.water_used, region.water_ml);
            stocks.count(accounts.energy_traded, region.import_wh);
        }
        let requests = &self.requests;
        let mut deposits = vec![0_i128; self.regions.len()];
        for (region, deposit) in requests.region.iter().zip(&requests.deposit_micro_usd) {
            deposits[*region as usize] += deposit;
        }
        for (region, deposit) in model.grid.regions.values().iter().zip(deposits) {
            stocks.count(region.accounts.deposits, deposit);
        }
    }
}

impl RegionState {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        let memory = &mut self.memory;
        let numbers: [(&'static str, &mut f64); 44] = [
            ("grid.wholesale", &mut self.wholesale_usd_per_mwh),
            (
                "grid.wholesale_worst",
                &mut self.wholesale_worst_usd_per_mwh,
            ),
            ("grid.scarcity_hours", &mut self.scarcity_hours),
            ("grid.co2_average", &mut self.co2_average_t_per_mwh),
            ("grid.co2_marginal", &mut self.co2_marginal_t_per_mwh),
            (
                "grid.water_off_site_rate",
                &mut self.water_off_site_m3_per_mwh,
            ),
            (
                "grid.water_on_site_rate",
                &mut self.water_on_site_m3_per_mwh_it,
            ),
            ("grid.pue", &mut self.pue),
            (
                "grid.internal_curtailed_share",
                &mut self.internal_curtailed_share,
            ),
            ("grid.unserved_mwh", &mut self.unserved_mwh),
            ("grid.reserve_margin_share", &mut self.reserve_margin_share),
            ("grid.data_centre_mw", &mut self.data_centre_mw),
            ("grid.compute_mwh", &mut self.compute_mwh),
            ("grid.load_mw", &mut self.load_mw),
            ("grid.connection_queue_mw", &mut self.connection_queue_mw),
            (
                "grid.capacity_price",
                &mut self.capacity_price_usd_per_mw_day,
            ),
            (
                "grid.residential_bill",
                &mut self.residential_bill_usd_per_month,
            ),
            ("grid.co2_t", &mut self.co2_t),
            ("grid.water_on_site_m3", &mut self.water_on_site_m3),
            ("grid.water_off_site_m3", &mut self.water_off_site_m3),
            ("grid.curtailed_mwh", &mut self.curtailed_mwh),
            ("grid.load_peak_mw", &mut self.load_peak_mw),
            ("grid.net_load_peak_mw", &mut self.net_load_peak_mw),
            ("grid.co2_market_t", &mut self.co2_market_t),
            ("grid.imports_mwh", &mut self.imports_mwh),
            ("grid.exports_mwh", &mut self.exports_mwh),
            ("grid.temperature", &mut memory.temperature),
            ("grid.regulated", &mut memory.regulated_usd_per_mwh),
            ("grid.indexed", &mut memory.indexed_usd_per_mwh),
            (
                "grid.opening_data_centre_mw",
                &mut memory.opening_data_centre_mw,
            ),
            ("grid.peak_data_centre_mw", &mut memory.peak_data_centre_mw),
            ("grid.allowance_mw", &mut memory.allowance_mw),
            (
                "grid.turbine_allowance_mw",
                &mut memory.turbine_allowance_mw,
            ),
            (
                "grid.flexible_allowance_mw",
                &mut memory.flexible_allowance_mw,
            ),
            ("grid.firm_capacity_mw", &mut memory.firm_capacity_mw),
            ("grid.flexible_mw", &mut memory.flexible_mw),
            ("grid.flexible_recent_mw", &mut memory.flexible_recent_mw),
            ("grid.evening_gap", &mut memory.evening_gap_usd_per_mwh),
            ("grid.opening_gap", &mut memory.opening_gap_usd_per_mwh),
            ("grid.own_power_mw", &mut self.own_power_mw),
            ("grid.own_power_mwh", &mut self.own_power_mwh),
            ("grid.own_power_share", &mut self.own_power_share),
            ("grid.own_power_cost", &mut self.own_power_usd_per_mwh),
            ("grid.tariff_data_centre", &mut self.tariff_usd_per_mwh[0]),
        ];
        for (name, number) in numbers {
            visitor.column(name, Column::F64(std::slice::from_mut(number)));
        }
        self.visit_lists(visitor);
    }

    fn visit_lists(&mut self, visitor: &mut dyn Visitor) {
        visitor.column(
            "grid.tariffs",
            Column::F64(&mut self.tariff_usd_per_mwh[1..]),
        );
        visitor.column(
            "grid.curtailed_share",
            Column::F64(&mut self.curtailed_share),
        );
        visitor.column(
            "grid.wires",
            Column::F64(&mut self.memory.wires_usd_per_mwh),
        );
        visitor.column(
            "grid.energy_wh",
            Column::I128(std::slice::from_mut(&mut self.energy_wh)),
        );
        visitor.column(
            "grid.water_ml",
            Column::I128(std::slice::from_mut(&mut self.water_ml)),
        );
        let excess = &mut self.memory.excess_share;
        visitor.column("grid.excess_share", Column::F64(excess));
        let hourly = &mut self.hourly_usd_per_mwh;
        visitor.column("grid.hourly_usd_per_mwh", Column::F64(hourly));
        let hourly = &mut self.hourly_load_mw;
        visitor.column("grid.hourly_load_mw", Column::F64(hourly));
        visitor.column(
            "grid.import_wh",
            Column::I128(std::slice::from_mut(&mut self.import_wh)),
        );
    }
}
