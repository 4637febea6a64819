//! The weekly outcomes: one number each for prices, quantities, chips, power, networks.

use super::chips::{CLASSES, Channel};
use super::clearing::quotes;
use super::model::{Model, WEEK_H, YEAR_WEEKS};
use super::operators::chip_h100e;
use super::providers::Venue;
use super::week::Week;
use super::welfare::{self, Gains, Wealth};
use super::world::World;
use crate::scenario::types::{ChipClass, NetworkKind, ServiceKind, Workload};

/// A weekly outcome: its name (ends in its unit) and what it says.
pub struct Outcome {
    pub name: &'static str,
    pub meaning: &'static str,
}

macro_rules! outcomes {
    ($( $name:ident : $meaning:literal ),* $(,)?) => {
        /// Every weekly outcome, in the order of its column.
        pub const ALL: &[Outcome] = &[
            $( Outcome { name: stringify!($name), meaning: $meaning } ),*
        ];
        /// Column names of the weekly table.
        pub const NAMES: &[&str] = &[$( stringify!($name) ),*];
        /// One week's values, by name.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Outcomes { $( #[doc = $meaning] pub $name: f64, )* }
        impl Outcomes {
            fn row(&self) -> Vec<f64> { vec![$( self.$name ),*] }
        }
    };
}

outcomes! {
    h100_list_usd_per_h: "List price of an H100 hour at hyperscalers, over a year's basket",
    h100_neocloud_usd_per_h: "List price of an H100 hour at neoclouds",
    h100_reserved_usd_per_h: "One-year contract price of an H100 hour",
    h100_spot_usd_per_h: "Spot price of an H100 hour",
    h100_marketplace_usd_per_h: "Marketplace price of an H100 hour",
    h100_ask_p10_usd_per_h: "Marketplace ask below which a tenth of H100 hours lie",
    h100_ask_p50_usd_per_h: "Median marketplace ask for an H100 hour, by hours",
    h100_ask_p90_usd_per_h: "Marketplace ask below which nine tenths of H100 hours lie",
    list_unchanged_share: "Share of hyperscalers' list prices that are last week's",
    spot_unchanged_share: "Share of hyperscalers' spot prices that are last week's",
    marketplace_unchanged_share: "Share of marketplace prices that are last week's",
    h100_network_usd_per_h: "Price of an H100-equivalent hour on token networks",
    h100e_price_usd_per_h: "Mean price of all H100-equivalent hours sold to outside buyers",
    sold_h100e: "H100-equivalents rented by outside buyers, mean of the week",
    waiting_h100e: "H100-equivalents that buyers wait for",
    utilisation_share: "Share of offered hours that was sold",
    network_share: "Share of sold H100-equivalent hours that token networks served",
    marketplace_share: "Share of sold H100-equivalent hours that marketplaces served",
    consumer_surplus_usd_per_week: "Buyers' surplus",
    operator_profit_usd_per_week: "Sales of operators less the avoidable cost of the hours served",
    provider_profit_usd_per_week: "What providers earn less power, other costs and hardware bought",
    holder_gain_usd_per_week: "Gain of those who hold tokens, in value and in cash",
    ratepayer_bill_usd_per_week: "Power bill of all load but data centres, at residential tariffs",
    external_cost_usd_per_week: "Damage of the carbon of compute to third parties",
    welfare_usd_per_week: "Surplus, profits and holders' gain less ratepayers' bill and external cost",
    operator_revenue_usd_per_week: "Sales of all operators",
    fleet_h100e: "H100-equivalents owned by operators",
    online_h100e: "H100-equivalents of operators that have power and a shell",
    owner_hhi: "Concentration of accelerator ownership, Herfindahl index 0 to 10,000",
    top4_share: "Share of accelerators owned by the four largest owners",
    chip_lead_time_weeks: "Lead time of data-centre accelerators, weighted by orders",
    hopper_lead_time_weeks: "Lead time of H100-class accelerators",
    blackwell_lead_time_weeks: "Lead time of B200-class accelerators",
    backlog_h100e: "Accelerators ordered and not delivered",
    shipped_h100e_per_week: "Accelerators delivered this week",
    chip_price_usd_per_h100e: "Vendor price of data-centre accelerators per H100-equivalent",
    capex_usd_bn_per_year: "Investment of all operators, at the yearly rate",
    chip_spend_usd_bn_per_year: "Part of it that is paid for chips",
    operator_debt_usd_bn: "Debt of all operators",
    operator_cash_usd_bn: "Cash of all operators",
    defaults: "Operators that have failed so far",
    used_h100_price_usd: "Price of a second-hand H100",
    used_price_usd_per_h100e: "Second-hand price of one chip of each product, per H100-equivalent",
    wholesale_usd_per_mwh: "Wholesale power price, weighted by compute load",
    wholesale_worst_usd_per_mwh: "Mean of the dearest twentieth of hours, weighted by compute load",
    scarcity_hours: "Hours above 500 USD per MWh, mean of regions by load",
    capacity_price_usd_per_mw_day: "Price of capacity, mean of regions that have one, by load",
    congestion_rent_usd_per_week: "Flow × difference of prices, over all corridors",
    pue: "Energy of data centres ÷ energy of their computers, weighted by compute",
    data_centre_load_share: "Share of all load that is data centres",
    curtailed_mwh: "Energy of compute that the grid took back",
    us_data_centre_twh_per_year: "Electricity of all data centres in the United States, yearly rate",
    compute_twh_per_year: "Electricity of the compute that is modelled, yearly rate",
    compute_co2_mt_per_year: "Its average emissions, yearly rate",
    compute_co2_marginal_mt_per_year: "Emissions of one more MWh × its energy, yearly rate",
    compute_co2_market_mt_per_year: "Average emissions less what contracts with clean plants cover",
    water_on_site_gl_per_year: "Water evaporated on site, yearly rate",
    water_off_site_gl_per_year: "Water consumed at power plants for it, yearly rate",
    unserved_mwh: "Load that no plant could serve",
    curtailed_h: "Sold reference-chip hours that the grid took back",
    residential_bill_usd_per_month: "Mean residential bill, weighted by load",
    reserve_margin_share: "Reserve margin, mean of regions by load",
    reserve_margin_min_share: "Smallest reserve margin of any region",
    connection_queue_gw: "Load that waits for a connection",
    connection_queue_months: "Months that the queue takes at the yearly limits of its regions",
    network_devices: "Devices online on token networks",
    network_h100e: "H100-equivalents online on token networks",
    owned_devices: "Devices that providers own, modelled hardware",
    participation_share: "Share of owned devices that is online anywhere",
    hardware_ordered_devices: "Devices that providers have ordered and not received",
    emission_usd_per_week: "Tokens that networks of compute emitted, at the week's price",
    fees_usd_per_week: "Fees that buyers pay to networks",
    burnt_usd_per_week: "Tokens burnt, at the week's price",
    token_sales_usd_per_week: "Tokens sold by providers, at the week's price",
    token_index: "Mean token price of the networks of compute, opening = 1",
    subsidy_usd_per_week: "New tokens for providers of compute, at the week's price",
    subsidy_usd_per_gpu_h: "Emission per verified device-hour sold",
    cheating_share: "Share of network devices that cheat",
    edge_net_usd_per_device_week: "What a laptop or phone on a network earns in a week, net of power, wear and traffic",
    storage_network_share: "Share of stored data that token networks hold, the rest lies with object storage",
    bandwidth_network_share: "Share of bought traffic that token networks carry",
    data_network_share: "Share of bought data that token networks sell",
    service_devices: "Devices online on networks of storage, traffic and data",
    service_sales_usd_per_week: "What buyers paid networks of storage, traffic and data",
    service_net_usd_per_week: "What their owners earned, net of power, wear, traffic and stakes",
    service_token_index: "Mean token price of these networks, opening = 1",
}

/// The week's outcomes as a row of the weekly table.
pub fn of(week: &Week, before: &Wealth, world: &World) -> Vec<f64> {
    let mut outcomes = Outcomes::default();
    prices(week.model, world, &mut outcomes);
    fleets(week.model, world, &mut outcomes);
    chips(week, world, &mut outcomes);
    power(week.model, world, &mut outcomes);
    networks(week.model, world, &mut outcomes);
    services(week.model, world, &mut outcomes);
    gains(&welfare::gains(week, before, world), &mut outcomes);
    outcomes.row()
}

fn gains(gains: &Gains, outcomes: &mut Outcomes) {
    outcomes.operator_profit_usd_per_week = gains.operators_usd;
    outcomes.provider_profit_usd_per_week = gains.providers_usd;
    outcomes.holder_gain_usd_per_week = gains.holders_usd;
    outcomes.ratepayer_bill_usd_per_week = gains.ratepayers_usd;
    outcomes.external_cost_usd_per_week = gains.external_usd;
    let surplus_usd = outcomes.consumer_surplus_usd_per_week;
    outcomes.welfare_usd_per_week = gains.welfare_usd(surplus_usd);
}

/// `part ÷ whole`, 0 where there is no whole.
pub fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn prices(model: &Model, world: &World, outcomes: &mut Outcomes) {
    let market = &world.market;
    let asks = quotes::of_class(model, market, ChipClass::Hopper);
    let asks = asks.unwrap_or([market.indices.marketplace; 3]);
    [
        outcomes.h100_ask_p10_usd_per_h,
        outcomes.h100_ask_p50_usd_per_h,
        outcomes.h100_ask_p90_usd_per_h,
    ] = asks;
    [
        outcomes.list_unchanged_share,
        outcomes.spot_unchanged_share,
        outcomes.marketplace_unchanged_share,
    ] = market.quotes.unchanged_share;
    let indices = market.indices;
    outcomes.h100_list_usd_per_h = indices.list;
    outcomes.h100_neocloud_usd_per_h = indices.neocloud;
    outcomes.h100_reserved_usd_per_h = indices.reserved_1y;
    outcomes.h100_spot_usd_per_h = indices.spot;
    outcomes.h100_marketplace_usd_per_h = indices.marketplace;
    outcomes.h100_network_usd_per_h = indices.network;
    outcomes.h100e_price_usd_per_h = indices.h100e_mean;
    outcomes.sold_h100e = indices.sold_h100e_h / WEEK_H;
    outcomes.waiting_h100e = indices.waiting_h100e_h / WEEK_H;
    outcomes.utilisation_share = share(indices.sold_h100e_h, indices.offered_h100e_h);
    outcomes.network_share = indices.network_share;
    outcomes.marketplace_share = indices.marketplace_share;
    outcomes.consumer_surplus_usd_per_week = market.surplus_usd_per_week;
    outcomes.operator_revenue_usd_per_week = indices.operator_sales_usd;
    outcomes.curtailed_h = market.curtailed_h.values().iter().sum();
}

/// H100-equivalents that each operator owns.
pub fn fleets_h100e(model: &Model, world: &World) -> Vec<f64> {
    let operators = model.operators.firms.ids();
    operators
        .map(|operator| world.operators.fleet_h100e(model, operator))
        .collect()
}

fn fleets(model: &Model, world: &World, outcomes: &mut Outcomes) {
    let mut fleets = fleets_h100e(model, world);
    let total: f64 = fleets.iter().sum();
    outcomes.fleet_h100e = total;
    outcomes.online_h100e = world.operators.online_h100e.values().iter().sum();
    // The fringe is many firms: its share is spread over them before squaring.
    outcomes.owner_hhi = fleets
        .iter()
        .zip(model.operators.firms.values())
        .map(|(fleet, owner)| {
            let part = 100.0 * share(*fleet, total);
            part * part / owner.firms
        })
        .sum();
    for (fleet, owner) in fleets.iter_mut().zip(model.operators.firms.values()) {
        *fleet /= owner.firms;
    }
    fleets.sort_by(|a, b| b.total_cmp(a));
    outcomes.top4_share = share(fleets.iter().take(4).sum(), total);
    let failed = world.operators.defaulted.values();
    outcomes.defaults = failed.iter().filter(|failed| **failed).count() as f64;
    let billions = |micro_usd: &[i128]| micro_usd.iter().sum::<i128>() as f64 * 1e-15;
    outcomes.operator_debt_usd_bn = billions(world.operators.debt_micro_usd.values());
    outcomes.operator_cash_usd_bn = billions(world.operators.cash_micro_usd.values());
    let yearly = YEAR_WEEKS / 1e9;
    let capex: f64 = world.operators.capex_usd_this_week.values().iter().sum();
    outcomes.capex_usd_bn_per_year = capex * yearly;
    let chips: f64 = world
        .operators
        .chip_spend_usd_this_week
        .values()
        .iter()
        .sum();
    outcomes.chip_spend_usd_bn_per_year = chips * yearly;
}

fn chips(week: &Week, world: &World, outcomes: &mut Outcomes) {
    let model = week.model;
    let chips = &world.chips;
    let mut all = Mean::default();
    let mut price = Mean::default();
    let mut used = Mean::default();
    let mut by_class = [Mean::default(); CLASSES];
    for (id, product) in model.chips.products.iter() {
        let h100e = chip_h100e(model, id);
        outcomes.shipped_h100e_per_week += chips.delivered_chips[id] as f64 * h100e;
        used.add(chips.used_price_usd[id] / h100e, h100e);
        if product.channel == Channel::Retail {
            continue;
        }
        let backlog = chips.backlog_chips[id] as f64 * h100e;
        outcomes.backlog_h100e += backlog;
        let orders = chips.orders_per_week[id] * h100e;
        all.add(chips.lead_time_weeks[id], orders);
        price.add(chips.price_usd[id] / h100e, orders);
        by_class[product.class as usize].add(chips.lead_time_weeks[id], orders);
        if model.chips.references[ChipClass::Hopper as usize] == Some(id) {
            outcomes.used_h100_price_usd = chips.used_price_usd[id];
        }
    }
    outcomes.chip_lead_time_weeks = all.value();
    outcomes.chip_price_usd_per_h100e = price.value();
    outcomes.used_price_usd_per_h100e = used.value();
    outcomes.hopper_lead_time_weeks = by_class[ChipClass::Hopper as usize].value();
    outcomes.blackwell_lead_time_weeks = by_class[ChipClass::Blackwell as usize].value();
}

/// A weighted mean in the making; 0 without weight.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }
    fn value(self) -> f64 {
        share(self.sum, self.weight)
    }
}

fn power(model: &Model, world: &World, outcomes: &mut Outcomes) {
    let mut wholesale = Mean::default();
    let mut bill = Mean::default();
    let mut reserve = Mean::default();
    let (mut worst, mut pue) = (Mean::default(), Mean::default());
    let (mut scarce, mut capacity) = (Mean::default(), Mean::default());
    let (mut centres_mw, mut limit_mw) = (0.0, 0.0);
    let (mut energy_mwh, mut co2_t, mut on_site_m3, mut off_site_m3) = (0.0, 0.0, 0.0, 0.0);
    outcomes.reserve_margin_min_share = f64::INFINITY;
    for (id, region) in world.grid.regions.iter() {
        wholesale.add(region.wholesale_usd_per_mwh, region.compute_mwh);
        bill.add(region.residential_bill_usd_per_month, region.load_mw);
        reserve.add(region.reserve_margin_share, region.load_mw);
        worst.add(region.wholesale_worst_usd_per_mwh, region.compute_mwh);
        pue.add(region.pue, region.compute_mwh);
        scarce.add(region.scarcity_hours, region.load_mw);
        let facts = &model.grid.regions[id].facts;
        if facts.capacity_market.is_some() {
            capacity.add(region.capacity_price_usd_per_mw_day, region.load_mw);
        }
        if region.connection_queue_mw > 0.0 {
            limit_mw += facts.connection_limit_mw_per_year;
        }
        centres_mw += region.data_centre_mw;
        outcomes.curtailed_mwh += region.curtailed_mwh;
        outcomes.compute_co2_market_mt_per_year += region.co2_market_t * YEAR_WEEKS / 1e6;
        outcomes.compute_co2_marginal_mt_per_year +=
            region.compute_mwh * region.co2_marginal_t_per_mwh * YEAR_WEEKS / 1e6;
        energy_mwh += region.compute_mwh;
        co2_t += region.co2_t;
        on_site_m3 += region.water_on_site_m3;
        off_site_m3 += region.water_off_site_m3;
        outcomes.unserved_mwh += region.unserved_mwh;
        outcomes.connection_queue_gw += region.connection_queue_mw / 1e3;
        if region.reserve_margin_share < outcomes.reserve_margin_min_share {
            outcomes.reserve_margin_min_share = region.reserve_margin_share;
        }
        if model.places.united_states[id] {
            outcomes.us_data_centre_twh_per_year += region.data_centre_mw * 8.766e-3;
        }
    }
    outcomes.wholesale_usd_per_mwh = wholesale.value();
    outcomes.wholesale_worst_usd_per_mwh = worst.value();
    outcomes.scarcity_hours = scarce.value();
    outcomes.capacity_price_usd_per_mw_day = capacity.value();
    outcomes.congestion_rent_usd_per_week = world.grid.corridors.rent_usd.iter().sum();
    outcomes.pue = pue.value();
    outcomes.data_centre_load_share = share(centres_mw, reserve.weight);
    outcomes.connection_queue_months = share(12e3 * outcomes.connection_queue_gw, limit_mw);
    outcomes.residential_bill_usd_per_month = bill.value();
    outcomes.reserve_margin_share = reserve.value();
    outcomes.compute_twh_per_year = energy_mwh * YEAR_WEEKS / 1e6;
    outcomes.compute_co2_mt_per_year = co2_t * YEAR_WEEKS / 1e6;
    outcomes.water_on_site_gl_per_year = on_site_m3 * YEAR_WEEKS / 1e6;
    outcomes.water_off_site_gl_per_year = off_site_m3 * YEAR_WEEKS / 1e6;
}

fn networks(model: &Model, world: &World, outcomes: &mut Outcomes) {
    let mut online_anywhere = 0.0;
    for (id, cell) in model.providers.cells.iter() {
        let totals = &world.providers.totals[id];
        let kind = &model.providers.hardware[cell.hardware];
        for (venue, place) in totals.venues.iter().zip(&cell.venues) {
            online_anywhere += venue.devices;
            if let Some(Venue::Network(_)) = place {
                let h100e = model.chips.h100e[kind.class as usize][Workload::Training as usize];
                outcomes.network_devices += venue.devices;
                outcomes.network_h100e +=
                    venue.reliable_devices * kind.reference_per_device * h100e;
            }
        }
        outcomes.owned_devices += world.providers.owned_devices(id);
        outcomes.hardware_ordered_devices += totals.ordered_devices;
    }
    outcomes.participation_share = share(online_anywhere, outcomes.owned_devices);
    let (mut index, mut tokens, mut cheating, mut verified_gpu_h) = (0.0, 0.0, 0.0, 0.0);
    for (id, network) in world.networks.networks.iter() {
        let week = &network.week;
        let rules = &model.networks.networks[id];
        let opening = rules.facts.opening.token_price_usd;
        if !rules.sells_compute() {
            continue;
        }
        tokens += 1.0;
        index += network.token_price_usd / opening;
        cheating += week.cheating_share * week.online_devices;
        verified_gpu_h += week.verified_gpu_h;
        outcomes.subsidy_usd_per_week += week.provider_emission_usd;
        outcomes.emission_usd_per_week += week.emission_tokens * network.token_price_usd;
        outcomes.burnt_usd_per_week += week.burnt_tokens * network.token_price_usd;
        outcomes.token_sales_usd_per_week += week.sold_tokens * network.token_price_usd;
        outcomes.fees_usd_per_week += week.fees_usd;
    }
    outcomes.token_index = share(index, tokens);
    outcomes.cheating_share = share(cheating, outcomes.network_devices);
    outcomes.subsidy_usd_per_gpu_h = share(outcomes.subsidy_usd_per_week, verified_gpu_h);
}

/// Networks of storage, traffic and data, and what edge devices are left with.
fn services(model: &Model, world: &World, outcomes: &mut Outcomes) {
    for (service, state) in model.services.services.iter().zip(&world.services.services) {
        let part = state.network_share();
        match service.kind {
            ServiceKind::Storage => outcomes.storage_network_share = part,
            ServiceKind::Bandwidth => outcomes.bandwidth_network_share = part,
            ServiceKind::Data => outcomes.data_network_share = part,
        }
        for slot in 0..service.networks.len() {
            let devices: f64 = state.served[slot].devices.values().iter().sum();
            outcomes.service_devices += devices;
            outcomes.service_sales_usd_per_week +=
                state.sold_units[slot] * state.price_usd_per_unit[slot];
            outcomes.service_net_usd_per_week += state.net_usd_per_device[slot] * devices;
        }
    }
    let (mut index, mut tokens, mut earned_usd, mut devices) = (0.0, 0.0, 0.0, 0.0);
    for (id, network) in world.networks.networks.iter() {
        let rules = &model.networks.networks[id];
        if !rules.sells_compute() {
            tokens += 1.0;
            index += network.token_price_usd / rules.facts.opening.token_price_usd;
        } else if rules.facts.kind == NetworkKind::Edge {
            devices += network.week.online_devices;
            earned_usd += network.week.paid_usd + network.week.provider_reward_usd;
        }
    }
    outcomes.service_token_index = share(index, tokens);
    let bills_usd = world.providers.edge_bills_usd(model, &world.grid);
    outcomes.edge_net_usd_per_device_week = share(earned_usd - bills_usd, devices);
}
