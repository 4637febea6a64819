//! One region's week: weather, load, plants, clearing, and what it says.
//!
//! Cooling: PUE_h = 1 + o·(1 + κ (T_h − T̄)) + dry_pue · dry_h, with o the mean overhead and
//! dry_h the share of sites that may not evaporate water: stress × (heat + drought).
//! On-site water = computers' kWh × tower water at the hour's wet bulb × the share of cooling
//! that evaporates × (1 − dry_h).

use super::dispatch::{
    self, Block, Cleared, HOURS, Hours, Owner, Scarcity, Stack, lanes_total, total,
};
use super::headroom;
use super::model::{Drive, Fleet, GridModel, RegionModel, YEAR_H};
use super::outcome::Supplied;
use super::own_power;
use super::state::{Chance, FleetColumns, RegionState};
use super::store_day::{Course, Day};
use super::stores;
use super::weather::{self, Common, DAYS, Season};
use crate::kernels::{Level, math};
use crate::market::clearing::ComputeLoad;
use crate::market::ids::RegionId;
use crate::market::model::YEAR_WEEKS;
use crate::scenario::types::{Fuel, PlantKind, ScarcityRules, StorageRule, Thermal};

/// Kinds of compute load inside a week: operators' sold work, providers, miners, operators' own.
pub const KINDS: usize = 4;
/// Position of operators' own work.
pub const INTERNAL: usize = 3;
/// Interruptible load never outbids the price at which homes are cut off.
const BELOW_CAP: f64 = 0.999;
/// Heat beyond the year's mean at which stressed regions begin, and end, to cool dry, °C.
const DRY_FROM_C: f64 = 5.0;
const DRY_RANGE_C: f64 = 20.0;

/// What a region's week depends on.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub model: &'a GridModel,
    pub id: RegionId,
    /// Key of the week's chance.
    pub week: u32,
    pub season: Season,
    /// Since the opening; negative before.
    pub years: f64,
    pub compute: ComputeLoad,
    /// Data centres without modelled accelerators, mean MW.
    pub other_data_centre_mw: f64,
    /// Price of each fuel ÷ its own level.
    pub fuel_factor: [f64; 5],
    pub water_factor: f64,
    pub heat_c: f64,
    pub level: Level,
}

/// Buffers of one region's week.
#[derive(Clone, Debug)]
pub struct Buffers {
    pub load_mw: Hours,
    pub net_mw: Hours,
    pub temperature_c: Hours,
    pub pue: Hours,
    own: Hours,
    row: Hours,
    pub(super) charge: Hours,
    /// What each store buys, by position of the fleet; paid when the price is known.
    pub charges: Vec<(usize, Hours)>,
    pub(super) compute_mw: [Hours; KINDS],
    /// What turbines behind the meter make for operators' sold work and for their own.
    pub(super) own_power_mwh: [f64; 2],
    /// Water of the towers, litres per kWh of computers.
    tower: Hours,
    /// Water and batteries that wait for a worse hour: they count as reserve.
    pub(super) idle_mw: Hours,
    pub stack: Stack,
    pub cleared: Cleared,
    /// Rent of the week, USD per MW and year, by position of the fleet in its region.
    pub rent: Vec<f64>,
    /// What corridors bring, less what they take away.
    pub import_mw: Hours,
    pub supplied: Supplied,
    peak_mw: f64,
    pub(super) day: Day,
    pub(super) courses: Vec<Course>,
}

impl Default for Buffers {
    fn default() -> Self {
        let zero = [0.0; HOURS];
        Self {
            load_mw: zero,
            net_mw: zero,
            temperature_c: zero,
            pue: zero,
            own: zero,
            row: zero,
            charge: zero,
            charges: Vec::new(),
            compute_mw: [zero; KINDS],
            own_power_mwh: [0.0; 2],
            tower: zero,
            idle_mw: zero,
            stack: Stack::default(),
            cleared: Cleared::default(),
            rent: Vec::new(),
            import_mw: zero,
            supplied: Supplied::default(),
            peak_mw: 1.0,
            day: Day::default(),
            courses: Vec::new(),
        }
    }
}

impl Buffers {
    /// Load of the week's year at its peak, MW.
    pub fn peak_mw(&self) -> f64 {
        self.peak_mw
    }
}

/// The region's state, its chance and the week's common weather.
pub struct Parts<'a> {
    pub state: &'a mut RegionState,
    pub columns: &'a mut FleetColumns,
    pub chance: &'a Chance,
    pub common: &'a Common,
}

/// Weather, load and the stack of one region's week, ready to be cleared.
pub fn prepare(setting: &Setting<'_>, parts: &mut Parts<'_>, buffers: &mut Buffers) {
    let region = &setting.model.regions[setting.id];
    weather_and_load(setting, region, parts, buffers);
    data_centres(setting, region, buffers);
    own_power::serve(setting, region, parts.state, buffers);
    buffers.peak_mw = peak_mw(setting, region, &*parts.state, buffers);
    buffers.stack.clear();
    buffers.charges.clear();
    buffers.idle_mw = [0.0; HOURS];
    buffers.net_mw = buffers.load_mw;
    buffers.rent.clear();
    buffers.rent.resize(region.fleets.len(), 0.0);
    driven_plants(setting, region, parts, buffers);
    stores::water(setting, region, parts, buffers);
    let is_exact = setting.model.rules.storage == StorageRule::Exact;
    if !is_exact {
        stores::batteries(setting, region, parts, buffers);
    }
    burning_plants(setting, region, parts, buffers);
    trade_and_compute(setting, region, buffers);
    buffers.stack.sort();
    if is_exact {
        stores::exact_batteries(setting, region, parts, buffers);
        buffers.stack.sort();
    }
}

/// What waits in stores counts as reserve.
pub fn add_idle(buffers: &mut Buffers) {
    for (reserve, idle) in buffers.cleared.reserve_mw.iter_mut().zip(&buffers.idle_mw) {
        *reserve += idle;
    }
}

/// Adds scarcity to a cleared week's prices and writes what the week says.
pub fn settle(setting: &Setting<'_>, parts: &mut Parts<'_>, buffers: &mut Buffers) {
    let region = &setting.model.regions[setting.id];
    let rules = &setting.model.rules.scarcity;
    let scarcity = scarcity(rules, region.price_cap_usd_per_mwh, buffers.peak_mw);
    dispatch::add_scarcity(setting.level, scarcity, &mut buffers.cleared);
    super::outcome::write(setting, region, parts, buffers);
    let accredited = accredited_mw(setting.model, setting.id, parts);
    parts.state.reserve_margin_share = accredited / buffers.peak_mw - 1.0;
    if region.facts.flexible_connection.is_some() {
        let state = &mut *parts.state;
        let firm = accredited - rules.minimum_reserve_share * buffers.peak_mw;
        state.memory.firm_capacity_mw = firm;
        let curve = &mut state.memory.excess_share;
        headroom::observe(&state.hourly_load_mw, firm, slot(setting), curve);
    }
}

/// Part of the year's load curve in which a week falls, and its weeks before.
fn slot(setting: &Setting<'_>) -> (u32, u32) {
    if setting.years < 0.0 {
        let slots = f64::from(headroom::SLOTS);
        let slot = slots + setting.years * slots;
        return (
            if slot > 0.0 { slot as u32 } else { 0 } % headroom::SLOTS,
            0,
        );
    }
    let weeks = headroom::SLOT_WEEKS;
    let slot = setting.week / weeks % headroom::SLOTS;
    (slot, setting.week % weeks)
}

/// The scarcity rule for a region of this peak.
pub fn scarcity(rules: &ScarcityRules, cap_usd_per_mwh: f64, peak_mw: f64) -> Scarcity {
    Scarcity {
        cap_usd_per_mwh,
        minimum_mw: rules.minimum_reserve_share * peak_mw,
        error_mw: rules.forecast_error_share * peak_mw,
    }
}

/// Mean demand of everybody but data centres in this week's year, MW.
pub fn base_mean_mw(region: &RegionModel, years: f64) -> f64 {
    let growth = math::exp(years * math::ln_1p(region.facts.load_growth_per_year));
    region.facts.load_twh_per_year * 1e6 / YEAR_H * growth
}

/// Load that must be served at the year's peak: not that of those who accept to be cut off.
fn peak_mw(
    setting: &Setting<'_>,
    region: &RegionModel,
    state: &RegionState,
    buffers: &Buffers,
) -> f64 {
    let base = base_mean_mw(region, setting.years) / region.facts.load_factor_share;
    let compute: f64 = buffers.compute_mw.iter().map(|row| row[0]).sum();
    let operators = buffers.compute_mw[0][0] + buffers.compute_mw[INTERNAL][0];
    let flexible = headroom::in_use_mw(setting.model, state.memory.flexible_mw, operators);
    let peak = base + compute + setting.other_data_centre_mw - flexible;
    if peak > 1.0 { peak } else { 1.0 }
}

/// Capacity that counts towards the peak: plants, neighbours, and a share of corridors.
pub fn accredited_mw(model: &GridModel, id: RegionId, parts: &Parts<'_>) -> f64 {
    let region = &model.regions[id];
    let own: f64 = (region.fleets.clone())
        .map(|at| parts.columns.capacity_mw[at] * model.fleets[at].technology.accredited_share)
        .sum();
    let trade = region.facts.trade.as_ref();
    let mut carried_mw = 0.0;
    for corridor in &model.corridors {
        if corridor.to == id {
            carried_mw += corridor.forward_mw;
        }
        if corridor.from == id {
            carried_mw += corridor.reverse_mw;
        }
    }
    own + trade.map_or(0.0, |trade| trade.import_mw)
        + model.rules.corridor_accredited_share * carried_mw
}

fn weather_and_load(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    let rules = &setting.model.rules.weather;
    let mut own = [0.0; DAYS];
    parts.chance.temperature[usize::from(setting.id.0)].normals(setting.week, &mut own);
    let mean = weather::seasonal_c(&region.facts, setting.season) + setting.heat_c;
    let z = &mut parts.state.memory.temperature;
    let mut days = [0.0; DAYS];
    for (day, own) in own.iter().enumerate() {
        *z = setting
            .model
            .temperature
            .next(*z, parts.common.temperature[day], *own);
        days[day] = mean + rules.temperature_sd_c * *z;
    }
    let base = base_mean_mw(region, setting.years);
    region.shape.fill(
        base,
        &days,
        &mut buffers.load_mw,
        &mut buffers.temperature_c,
    );
}

/// Computers, cooling and towers; adds data centres to the load.
fn data_centres(setting: &Setting<'_>, region: &RegionModel, buffers: &mut Buffers) {
    let rules = &setting.model.rules.cooling;
    let facts = &region.facts;
    let overhead = facts.pue - 1.0;
    let drought = if setting.water_factor < 1.0 {
        1.0 - setting.water_factor
    } else {
        0.0
    };
    for hour in 0..HOURS {
        let t = buffers.temperature_c[hour];
        let above = t - facts.temperature_mean_c;
        let hot = share((above - DRY_FROM_C) / DRY_RANGE_C);
        let dry = share(facts.water_stress_share * (hot + drought));
        let course = 1.0 + rules.overhead_share_per_c * above;
        let course = if course > 0.3 { course } else { 0.3 };
        buffers.pue[hour] = 1.0 + overhead * course + rules.dry_pue * dry;
        let wet = weather::wet_bulb_c(t, facts.humidity_share);
        buffers.tower[hour] = facts.evaporative_share
            * (1.0 - dry)
            * weather::tower_water_l_per_kwh(wet, rules.cycles_of_concentration);
    }
    if let Some(limit) = facts.withdrawal_limit_l_per_kwh {
        keep_permit(limit, rules.dry_pue, buffers);
    }
    let compute = &setting.compute;
    for hour in 0..HOURS {
        let pue = buffers.pue[hour];
        let rows = [
            compute.operator_it_mw * pue,
            compute.provider_mw,
            compute.miner_mw,
            compute.internal_it_mw * pue,
        ];
        let mut sum = setting.other_data_centre_mw * pue / facts.pue;
        for (kind, mw) in rows.into_iter().enumerate() {
            buffers.compute_mw[kind][hour] = mw;
            sum += mw;
        }
        buffers.load_mw[hour] += sum;
    }
}

/// On days on which towers would take more water than permits allow, part of the sites cool dry.
fn keep_permit(limit_l_per_kwh: f64, dry_pue: f64, buffers: &mut Buffers) {
    for day in 0..DAYS {
        let hours = day * 24..(day + 1) * 24;
        let wanted = buffers.tower[hours.clone()].iter().sum::<f64>() / 24.0;
        if wanted > limit_l_per_kwh {
            let kept = limit_l_per_kwh / wanted;
            for hour in hours {
                buffers.tower[hour] *= kept;
                buffers.pue[hour] += dry_pue * (1.0 - kept);
            }
        }
    }
}

// Comparison and selection only: `clamp` panics on NaN bounds and the order of NaN is ours.
#[expect(clippy::manual_clamp)]
fn share(x: f64) -> f64 {
    if x < 0.0 {
        0.0
    } else if x > 1.0 {
        1.0
    } else {
        x
    }
}

pub fn block(fleet: &Fleet, cost: f64, co2: f64, owner: Owner) -> Block {
    Block {
        cost_usd_per_mwh: cost,
        co2_t_per_mwh: co2,
        water_m3_per_mwh: fleet.technology.water_m3_per_mwh.unwrap_or(0.0),
        owner,
    }
}

/// Wind, sun and water: output follows weather; takes it off the net load.
fn driven_plants(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    let sky = weather::clear_sky(region.facts.latitude_deg, setting.season);
    for (position, at) in region.fleets.clone().enumerate() {
        let fleet = &setting.model.fleets[at];
        let capacity = parts.columns.capacity_mw[at];
        let stream = &parts.chance.fleets[at];
        let z = &mut parts.columns.deviation[at];
        match (&fleet.drive, &fleet.technology.kind) {
            (Drive::Wind(wind), PlantKind::Wind(plant)) => {
                stream.normals(setting.week, &mut buffers.own);
                let warmth = setting.season.warmth(region.facts.latitude_deg);
                let season = 1.0 - plant.winter_share * warmth;
                let noise = [&parts.common.wind, &buffers.own];
                weather::wind(setting.level, wind, (season, noise), z, &mut buffers.row);
            }
            (
                Drive::Sun {
                    memory,
                    volatility,
                    clearness_mean,
                    scale,
                },
                _,
            ) => {
                let mut own = [0.0; DAYS];
                stream.normals(setting.week, &mut own);
                let mut clear = [0.0; DAYS];
                for day in 0..DAYS {
                    *z = memory.next(*z, parts.common.cloud[day], own[day]);
                    clear[day] = weather::clearness(*volatility, *clearness_mean, *z);
                }
                weather::solar(&sky, *scale, &clear, &mut buffers.row);
            }
            (Drive::Water { .. }, _) => continue,
            _ => continue,
        }
        let cost = fleet.technology.variable_cost_usd_per_mwh;
        let row = buffers
            .stack
            .push(block(fleet, cost, 0.0, Owner::Fleet(position)));
        for hour in 0..HOURS {
            row[hour] = capacity * buffers.row[hour];
            buffers.net_mw[hour] -= row[hour];
        }
    }
}

/// Fleets that burn fuel: three steps of heat rate each, derated by outages and maintenance.
fn burning_plants(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    for (position, at) in region.fleets.clone().enumerate() {
        let fleet = &setting.model.fleets[at];
        let (Drive::Outages(memory), PlantKind::Thermal(plant)) =
            (&fleet.drive, &fleet.technology.kind)
        else {
            continue;
        };
        let capacity = parts.columns.capacity_mw[at];
        let units = capacity / plant.unit_mw;
        let units = if units > 1.0 { units } else { 1.0 };
        let usual = setting.model.rules.generation.maintenance_share;
        let maintenance = plant.maintenance_share.unwrap_or(usual) * setting.season.shoulder();
        let mean = 1.0 - plant.outage_share - maintenance;
        let spread = (plant.outage_share * (1.0 - plant.outage_share) / units).sqrt();
        let mut own = [0.0; DAYS];
        parts.chance.fleets[at].normals(setting.week, &mut own);
        let z = &mut parts.columns.deviation[at];
        let mut up = [0.0; DAYS];
        for day in 0..DAYS {
            *z = memory.next(*z, 0.0, own[day]);
            up[day] = share(mean + spread * *z);
        }
        let fuel = Fuel::ALL
            .iter()
            .position(|fuel| *fuel == plant.fuel)
            .unwrap_or(0);
        let steps = steps(plant);
        for heat in steps {
            let (cost, co2) = thermal_offer(setting, region, fleet, plant, (fuel, heat));
            let row = buffers
                .stack
                .push(block(fleet, cost, co2, Owner::Fleet(position)));
            for (day, up) in up.iter().enumerate() {
                row[day * 24..(day + 1) * 24].fill(capacity / 3.0 * up);
            }
        }
    }
}

fn steps(plant: &Thermal) -> [f64; 3] {
    let spread = plant.heat_rate_spread_share;
    [1.0 - spread, 1.0, 1.0 + spread]
}

/// Offer of a fuel-burning step, with the region's markup, and its CO2 per MWh.
fn thermal_offer(
    setting: &Setting<'_>,
    region: &RegionModel,
    fleet: &Fleet,
    plant: &Thermal,
    (fuel, heat): (usize, f64),
) -> (f64, f64) {
    let price = region.fuel_usd_per_mmbtu[fuel] * setting.fuel_factor[fuel];
    let carbon_t = setting.model.fuels[fuel].co2_t_per_mmbtu;
    let cost = fleet.thermal_cost(plant, heat, price, carbon_t * region.facts.carbon_usd_per_t);
    let co2 = plant.heat_rate_mmbtu_per_mwh * heat * carbon_t;
    (cost * (1.0 + region.facts.offer_markup_share), co2)
}

/// Neighbours and interruptible compute. Exports are load that leaves above the neighbours'
/// price, so one row of blocks serves both directions.
fn trade_and_compute(setting: &Setting<'_>, region: &RegionModel, buffers: &mut Buffers) {
    if let Some(trade) = &region.facts.trade {
        let spread = setting.model.rules.trade_spread_share;
        for step in [1.0 - spread, 1.0, 1.0 + spread] {
            let block = Block {
                cost_usd_per_mwh: trade.price_usd_per_mwh * step,
                co2_t_per_mwh: trade.co2_t_per_mwh.unwrap_or(0.0),
                water_m3_per_mwh: 0.0,
                owner: Owner::Trade,
            };
            buffers
                .stack
                .push(block)
                .fill((trade.import_mw + trade.export_mw) / 3.0);
        }
        for load in &mut buffers.load_mw {
            *load += trade.export_mw;
        }
    }
    let compute = &setting.compute;
    let cap = region.price_cap_usd_per_mwh * BELOW_CAP;
    let worth = [
        compute.value_usd_per_mwh,
        compute.provider_value_usd_per_mwh,
        compute.miner_value_usd_per_mwh,
        compute.internal_value_usd_per_mwh,
    ];
    for (kind, worth) in worth.into_iter().enumerate() {
        let block = Block {
            cost_usd_per_mwh: if worth < cap { worth } else { cap },
            co2_t_per_mwh: 0.0,
            water_m3_per_mwh: 0.0,
            owner: Owner::Compute(kind),
        };
        *buffers.stack.push(block) = buffers.compute_mw[kind];
    }
}

/// Energy that each kind of compute wanted this week, MWh.
pub fn wanted_mwh(buffers: &Buffers) -> [f64; KINDS] {
    std::array::from_fn(|kind| total(&buffers.compute_mw[kind]))
}

/// Litres per kWh of computers, and PUE, weighted by the hours of the week.
pub fn cooling_means(buffers: &Buffers) -> (f64, f64) {
    let hours = HOURS as f64;
    (total(&buffers.tower) / hours, total(&buffers.pue) / hours)
}

/// Rent of a week per MW → USD per MW and year.
pub fn yearly(rent_usd: f64, capacity_mw: f64) -> f64 {
    if capacity_mw > 1.0 {
        rent_usd * YEAR_WEEKS / capacity_mw
    } else {
        0.0
    }
}

/// Σ output × (price − cost).
pub fn margin(price: &Hours, output: &Hours, cost: f64) -> f64 {
    lanes_total(output, |hour, mw| mw * (price[hour] - cost))
}
