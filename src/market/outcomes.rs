//! The weekly outcomes: one number each for prices, quantities, chips, power, networks.

use super::model::Model;
use super::week::Week;
use super::world::World;

/// Bytes of meaning: name (ends in its unit) and what it says.
pub struct Outcome {
    pub name: &'static str,
    pub meaning: &'static str,
}

macro_rules! outcomes {
    ($( $name:ident : $meaning:literal ),* $(,)?) => {
        /// Every weekly outcome, in the order of its column.
        pub const ALL: &[Outcome] = &[$( Outcome { name: stringify!($name), meaning: $meaning } ),*];
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
    h100_list_usd_per_h: "List price of an H100 hour at hyperscalers, weighted by hours offered",
    h100_neocloud_usd_per_h: "List price of an H100 hour at neoclouds",
    h100_reserved_usd_per_h: "One-year contract price of an H100 hour",
    h100_spot_usd_per_h: "Spot price of an H100 hour",
    h100_marketplace_usd_per_h: "Marketplace price of an H100 hour",
    h100_network_usd_per_h: "Price of an H100-equivalent hour on token networks",
    h100e_price_usd_per_h: "Mean price of all H100-equivalent hours sold to outside buyers",
    sold_h100e: "H100-equivalents rented by outside buyers, mean of the week",
    waiting_h100e: "H100-equivalents that buyers wait for",
    utilisation_share: "Share of offered hours that was sold",
    network_share: "Share of sold H100-equivalent hours that token networks served",
    marketplace_share: "Share of sold H100-equivalent hours that marketplaces served",
    consumer_surplus_usd_per_week: "Buyers' surplus",
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
    defaults: "Operators that have failed so far",
    used_h100_price_usd: "Price of a second-hand H100",
    wholesale_usd_per_mwh: "Wholesale power price, weighted by compute load",
    us_data_centre_twh_per_year: "Electricity of all data centres in the United States, yearly rate",
    compute_twh_per_year: "Electricity of the compute that is modelled, yearly rate",
    compute_co2_mt_per_year: "Its average emissions, yearly rate",
    water_on_site_gl_per_year: "Water evaporated on site, yearly rate",
    water_off_site_gl_per_year: "Water consumed at power plants for it, yearly rate",
    unserved_mwh: "Load that no plant could serve",
    curtailed_h: "Sold reference-chip hours that the grid took back",
    residential_bill_usd_per_month: "Mean residential bill, weighted by load",
    reserve_margin_min_share: "Smallest reserve margin of any region",
    connection_queue_gw: "Load that waits for a connection",
    network_devices: "Devices online on token networks",
    network_h100e: "H100-equivalents online on token networks",
    owned_devices: "Devices that providers own, modelled hardware",
    participation_share: "Share of owned devices that is online anywhere",
    hardware_ordered_devices: "Devices that providers have ordered and not received",
    provider_income_usd_per_h100e_h: "Providers' income per sold H100-equivalent hour, rewards included",
    emission_usd_per_week: "Tokens emitted, at the week's price",
    fees_usd_per_week: "Fees that buyers pay to networks",
    burnt_usd_per_week: "Tokens burnt, at the week's price",
    token_sales_usd_per_week: "Tokens sold by providers, at the week's price",
    token_index: "Mean token price of the networks, opening = 1",
    subsidy_usd_per_gpu_h: "Emission per verified device-hour sold",
    cheating_share: "Share of network devices that cheat",
}

/// The week's outcomes as a row of the weekly table.
pub fn of(week: &Week, world: &World) -> Vec<f64> {
    let mut outcomes = Outcomes::default();
    prices(week.model, world, &mut outcomes);
    outcomes.row()
}

fn prices(_model: &Model, world: &World, outcomes: &mut Outcomes) {
    let indices = world.market.indices;
    outcomes.h100_list_usd_per_h = indices.list;
    outcomes.h100_neocloud_usd_per_h = indices.neocloud;
    outcomes.h100_reserved_usd_per_h = indices.reserved_1y;
    outcomes.h100_spot_usd_per_h = indices.spot;
    outcomes.h100_marketplace_usd_per_h = indices.marketplace;
    outcomes.h100_network_usd_per_h = indices.network;
    outcomes.h100e_price_usd_per_h = indices.h100e_mean;
    outcomes.consumer_surplus_usd_per_week = world.market.surplus_usd_per_week;
}
