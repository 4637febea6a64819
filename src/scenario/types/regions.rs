//! Places with a grid, tariffs, climate and jurisdiction, and how grids behave everywhere.

use std::collections::BTreeMap;

use crate::kernels::math;
use crate::{choice, record, tagged};

choice! {
    /// What a power plant burns.
    pub enum Fuel {
        /// Natural gas.
        Gas = "gas",
        /// Hard coal and lignite.
        Coal = "coal",
        /// Fuel oil and diesel.
        Oil = "oil",
        /// Enriched uranium.
        Uranium = "uranium",
        /// Wood, waste and residues.
        Biomass = "biomass",
    }
}

choice! {
    /// How batteries and pumped water choose their hours.
    pub enum StorageRule {
        /// Flattens each day's net load: fast, and approximate.
        Threshold = "threshold",
        /// The cheapest schedule of each region's day.
        Exact = "exact",
    }
}

record! {
    /// A group of regions and buyers between which latency is low.
    pub struct Area {
        /// Its name in charts and tables.
        pub title: String;
    }

    /// A way of making or shifting electricity.
    pub struct Technology {
        /// How it works.
        pub kind: PlantKind;
        /// Costs per MWh made, beyond fuel and carbon.
        pub variable_cost_usd_per_mwh: f64 => number(-100.0, 1e4).plausible(-40.0, 100.0);
        /// Water evaporated per MWh made; stores make none.
        pub water_m3_per_mwh: Option<f64> => number(0.0, 1e3).plausible(0.0, 70.0);
        /// Share of capacity that counts towards the peak.
        pub accredited_share: f64 => number(0.0, 1.0);
        /// Yearly cost of keeping a plant open; it retires when rents stay below.
        pub keeping_usd_per_kw_year: Option<f64> => number(0.0, 1e4).plausible(5.0, 400.0);
        /// What a new plant takes; absent when none is built.
        pub build: Option<Build>;
    }

    /// A plant that burns fuel.
    pub struct Thermal {
        /// What it burns.
        pub fuel: Fuel;
        /// Fuel burnt per MWh at full load, mean of the fleet.
        pub heat_rate_mmbtu_per_mwh: f64 => number(0.0, 50.0).plausible(5.0, 16.0);
        /// The best third of a fleet burns this share less than the mean, the worst this more.
        pub heat_rate_spread_share: f64 => number(0.0, 0.9);
        /// Forced outages: share of capacity down.
        pub outage_share: f64 => number(0.0, 0.9).plausible(0.01, 0.25);
        /// Mean time to repair.
        pub repair_h: f64 => number(1.0, 10_000.0);
        /// Size of one unit; small fleets of large units fail in larger steps.
        pub unit_mw: f64 => number(0.1, 5_000.0);
        /// Planned maintenance where it differs from that of other plants.
        pub maintenance_share: Option<f64> => number(0.0, 0.5);
    }

    /// A plant driven by wind.
    pub struct WindPower {
        /// Standard deviation of the logit of hourly output.
        pub volatility: f64 => number(0.0, 5.0).plausible(0.5, 2.0);
        /// Hours after which a deviation has decayed to 1/e.
        pub persistence_h: f64 => number(0.1, 1_000.0).plausible(10.0, 100.0);
        /// Winter output above the mean of the year; summer falls as far below.
        pub winter_share: f64 => number(0.0, 0.9);
    }

    /// A plant driven by the sun.
    pub struct SolarPower {
        /// Standard deviation of the logit of daily clearness.
        pub cloud_volatility: f64 => number(0.0, 5.0);
        /// Days after which a deviation has decayed to 1/e.
        pub persistence_days: f64 => number(0.05, 100.0);
    }

    /// A plant driven by falling water: its week's energy is given, its hours are chosen.
    pub struct HydroPower {
        /// Share of the week's energy that must run evenly.
        pub run_of_river_share: f64 => number(0.0, 1.0);
        /// Standard deviation of the logarithm of inflow.
        pub inflow_volatility: f64 => number(0.0, 2.0);
        /// Weeks after which a deviation has decayed to 1/e.
        pub persistence_weeks: f64 => number(0.1, 500.0);
    }

    /// A store that is filled when the net load is low and emptied when it is high.
    pub struct Battery {
        /// Hours at full power from full to empty.
        pub duration_h: f64 => number(0.1, 1_000.0).plausible(0.5, 12.0);
        /// Energy out ÷ energy in.
        pub efficiency_share: f64 => number(0.05, 1.0).plausible(0.6, 0.95);
    }

    /// What a new plant takes.
    pub struct Build {
        /// Overnight cost.
        pub capex_usd_per_kw: f64 => number(1.0, 1e5).plausible(200.0, 15_000.0);
        /// Years over which it is paid.
        pub life_years: f64 => number(1.0, 100.0);
        /// Weeks from decision to first power, queues included.
        pub lead_time_weeks: f64 => number(1.0, 1_000.0);
        /// Most that can be built in a year, as a share of the region's peak load.
        pub limit_share_per_year: f64 => number(0.0, 1.0);
        /// Under construction at the opening, as a share of what stands; it arrives evenly over
        /// the lead time.
        pub arriving_share: Option<f64> => number(0.0, 100.0).plausible(0.0, 3.0);
    }

    /// A fuel everywhere.
    pub struct FuelFacts {
        /// Price at the hub; regions may stand above or below it.
        pub price_usd_per_mmbtu: f64 => number(0.0, 1e3).plausible(0.3, 30.0);
        /// CO2 per unit of fuel.
        pub co2_t_per_mmbtu: f64 => number(0.0, 1.0);
        /// Standard deviation of a year's change of the logarithm of the price.
        pub volatility_per_year: f64 => number(0.0, 3.0);
    }

    /// The fleet of one technology in one region.
    pub struct Plants {
        /// Capacity at the opening.
        pub capacity_mw: f64 => number(0.0, 1e8);
        /// Mean output ÷ capacity over a year (wind, sun and water only).
        pub capacity_factor_share: Option<f64> => number(0.0, 1.0);
        /// Under construction at the opening, where the technology's own share does not hold.
        pub arriving_mw: Option<f64> => number(0.0, 1e8);
    }

    /// Neighbours who sell above a price and buy below it.
    pub struct Trade {
        /// Most that can come in.
        pub import_mw: f64 => number(0.0, 1e7);
        /// Most that can go out.
        pub export_mw: f64 => number(0.0, 1e7);
        /// Mean price at which neighbours trade.
        pub price_usd_per_mwh: f64 => number(-500.0, 1e4).plausible(0.0, 300.0);
        /// Carbon of what comes in, where anything does.
        pub co2_t_per_mwh: Option<f64> => number(0.0, 2.0);
    }

    /// Opening tariffs, all charges included.
    pub struct Tariffs {
        /// Data centres, where it is known.
        pub data_centre_usd_per_mwh: Option<f64> => number(0.0, 5_000.0).plausible(15.0, 500.0);
        /// Industry.
        pub industrial_usd_per_mwh: f64 => number(0.0, 5_000.0).plausible(15.0, 500.0);
        /// Homes.
        pub residential_usd_per_mwh: f64 => number(0.0, 5_000.0).plausible(15.0, 700.0);
        /// What data centres have bought ahead from clean plants, where that is modelled.
        pub contracts: Option<PowerContracts>;
        /// Homes that pay by the hour of the day, where there are such tariffs.
        pub time_of_use: Option<TimeOfUse>;
    }

    /// A tariff of homes with a dear evening, from 16 to 21 h. At the opening it costs the mean
    /// home as much as the flat one; later each period follows the wholesale price of its hours.
    pub struct TimeOfUse {
        /// Share of homes that have it.
        pub home_share: f64 => number(0.0, 1.0);
        /// Price of the evening ÷ price of the other hours, at the opening.
        pub peak_price_ratio: f64 => number(0.1, 20.0).plausible(1.0, 4.0);
        /// Share of the mean home's use that falls in the evening.
        pub peak_use_share: f64 => number(0.0, 1.0).plausible(0.2, 0.45);
    }

    /// Contracts for difference between data centres and clean plants: they pay the strike for
    /// what is under contract, whatever the market pays, and own its claim to be clean.
    pub struct PowerContracts {
        /// Share of data centres' energy that is under contract.
        pub load_share: f64 => number(0.0, 1.0);
        /// Price of the contracts.
        pub strike_usd_per_mwh: f64 => number(0.0, 1e3).plausible(20.0, 150.0);
    }

    /// A yearly auction for capacity: price falls from the ceiling as the margin grows.
    pub struct CapacityMarket {
        /// Yearly cost of a new peaker less what it earns from energy.
        pub net_cost_of_entry_usd_per_mw_day: f64 => number(0.0, 1e5).plausible(20.0, 1_000.0);
        /// Reserve margin at which the curve turns.
        pub target_margin_share: f64 => number(-0.5, 2.0);
        /// Lowest price, where the auction has one.
        pub floor_usd_per_mw_day: Option<f64> => number(0.0, 1e5);
        /// Highest price.
        pub ceiling_usd_per_mw_day: f64 => number(0.0, 1e5);
    }

    /// Connections for load that may be cut off in the hours of the peak: those that short reserves
    /// keep from firm load, sooner, as long as the year's load leaves room.
    pub struct FlexibleConnection {
        /// Share of what is asked for that accepts this.
        pub load_share: f64 => number(0.0, 1.0);
        /// Most of its energy of a year that it may lose.
        pub curtailed_share: f64 => number(0.0, 0.5).plausible(0.0005, 0.05);
        /// Median wait.
        pub connection_delay_weeks: f64 => number(0.0, 2_000.0).plausible(4.0, 260.0);
    }

    /// Data centres with turbines of their own: dearer than the grid, and sooner there. They pay
    /// fuel and the annuity of the turbines, and neither wires nor capacity.
    pub struct OwnPower {
        /// What they burn and cost: a plant that burns fuel and can be built.
        pub technology: String => reference("technologies");
        /// Such turbines at the opening.
        pub capacity_mw: f64 => number(0.0, 1e6);
        /// From the order to first power.
        pub lead_time_weeks: f64 => number(1.0, 1_000.0).plausible(13.0, 400.0);
        /// Most that makers deliver in a year.
        pub limit_mw_per_year: f64 => number(0.0, 1e6);
        /// Turbines that stand by, ÷ the load that they serve.
        pub spare_share: f64 => number(0.0, 3.0).plausible(0.1, 1.0);
    }

    /// A place.
    pub struct Region {
        /// The area it belongs to.
        pub area: String => reference("areas");
        /// Law that holds there.
        pub jurisdiction: String;
        /// Latitude of its load and its solar fields; south is negative.
        pub latitude_deg: f64 => number(-80.0, 80.0);
        /// Mean temperature of the year.
        pub temperature_mean_c: f64 => number(-40.0, 50.0);
        /// Hottest month above the mean of the year.
        pub temperature_season_c: f64 => number(0.0, 40.0);
        /// Mean relative humidity.
        pub humidity_share: f64 => number(0.0, 1.0);
        /// Demand of everybody but data centres.
        pub load_twh_per_year: f64 => number(0.0, 2e4);
        /// Mean ÷ peak of that demand.
        pub load_factor_share: f64 => number(0.2, 1.0);
        /// Growth of that demand.
        pub load_growth_per_year: f64 => number(-0.2, 0.5).plausible(-0.03, 0.1);
        /// Demand per degree below 15 °C, as a share of the mean.
        pub heating_share_per_c: f64 => number(0.0, 0.2);
        /// Demand per degree above 20 °C, as a share of the mean.
        pub cooling_share_per_c: f64 => number(0.0, 0.2);
        /// Demand of all data centres at the opening.
        pub data_centre_twh_per_year: f64 => number(0.0, 2e4);
        /// Share of it that the modelled accelerators do not explain.
        pub other_data_centre_share: f64 => number(0.0, 1.0);
        /// Energy of a data centre ÷ energy of its computers.
        pub pue: f64 => number(1.0, 4.0).plausible(1.05, 1.8);
        /// Share of cooling that evaporates water.
        pub evaporative_share: f64 => number(0.0, 1.0);
        /// Water withdrawn ÷ water available.
        pub water_stress_share: f64 => number(0.0, 1.0);
        /// Most water that towers may take on a day per kWh of computers, where permits say so;
        /// beyond it sites cool dry.
        pub withdrawal_limit_l_per_kwh: Option<f64> => number(0.0, 20.0).plausible(0.05, 5.0);
        /// Fuel prices at the plant above those of the hub.
        pub fuel_basis_usd_per_mmbtu: BTreeMap<Fuel, f64> => number(-1e3, 1e3).empty();
        /// Price of carbon for generators.
        pub carbon_usd_per_t: f64 => number(0.0, 1e4).default(0.0);
        /// Offers above full-load cost: start-up, no-load, congestion, market power.
        pub offer_markup_share: f64 => number(-0.9, 10.0).plausible(-0.4, 2.0);
        /// Cost of building here ÷ the technology's own.
        pub build_cost_ratio: f64 => number(0.05, 5.0).plausible(0.3, 2.0);
        /// Price at which load is shed, where rules state one.
        pub price_cap_usd_per_mwh: Option<f64> => number(1.0, 1e6).plausible(200.0, 30_000.0);
        /// Neighbours.
        pub trade: Option<Trade>;
        /// Fleets, by technology.
        pub plants: BTreeMap<String, Plants> => typed().keys("technologies");
        /// Opening tariffs.
        pub tariffs: Tariffs;
        /// Payment for capacity, where there is one.
        pub capacity_market: Option<CapacityMarket>;
        /// Median wait of a new data centre for its connection.
        pub connection_delay_weeks: f64 => number(0.0, 2_000.0).plausible(13.0, 520.0);
        /// Most that is connected in a year.
        pub connection_limit_mw_per_year: f64 => number(0.0, 1e7);
        /// Share of waiting load that gives up in a year, where that is known.
        pub queue_withdrawal_share_per_year: Option<f64> => number(0.0, 1.0);
        /// What a request puts down from the opening on, where rules ask for it: returned when it
        /// is connected, lost as far as it gives up.
        pub connection_deposit_usd_per_mw: Option<f64> => number(0.0, 1e7).plausible(1e3, 5e5);
        /// A sooner connection for load that may be cut off.
        pub flexible_connection: Option<FlexibleConnection>;
        /// Data centres that make their own power.
        pub own_power: Option<OwnPower>;
        /// Electricity a home uses in a month.
        pub household_kwh_per_month: f64 => number(1.0, 1e5).plausible(50.0, 3_000.0);
    }

    /// The lines between two regions: power goes where it is dearer, hour by hour, as far as they
    /// carry it.
    pub struct Corridor {
        /// One end.
        pub from: String => reference("regions");
        /// The other end.
        pub to: String => reference("regions");
        /// Most that is carried from the first to the second.
        pub capacity_mw: f64 => number(0.0, 1e7);
        /// Most that is carried back; as much as forth where absent.
        pub reverse_capacity_mw: Option<f64> => number(0.0, 1e7);
    }

    /// Weather everywhere.
    pub struct WeatherRules {
        /// Share of the variance of weather that regions of an area have in common.
        pub common_share: f64 => number(0.0, 1.0);
        /// Standard deviation of a day's temperature about its season.
        pub temperature_sd_c: f64 => number(0.0, 20.0);
        /// Days after which such a deviation has decayed to 1/e.
        pub temperature_persistence_days: f64 => number(0.1, 100.0);
        /// Afternoon above the mean of the day.
        pub day_range_c: f64 => number(0.0, 30.0);
    }

    /// What is paid when reserves run short: (cap − price) × chance of losing load.
    pub struct ScarcityRules {
        /// Reserve below which loss of load is certain, as a share of the peak.
        pub minimum_reserve_share: f64 => number(0.0, 0.5);
        /// Error of the hour-ahead forecast of reserve, as a share of the peak.
        pub forecast_error_share: f64 => number(0.0001, 0.5);
        /// Price at which load is shed where a region states none.
        pub price_cap_usd_per_mwh: f64 => number(1.0, 1e6).plausible(200.0, 30_000.0);
    }

    /// Cooling of data centres.
    pub struct CoolingRules {
        /// Overhead (PUE − 1) added per degree above the year's mean, as a share of itself.
        pub overhead_share_per_c: f64 => number(0.0, 1.0);
        /// PUE added where water may not be evaporated.
        pub dry_pue: f64 => number(0.0, 1.0).plausible(0.0, 0.2);
        /// Times that tower water circulates before it is drained.
        pub cycles_of_concentration: f64 => number(1.1, 50.0);
    }

    /// How tariffs follow cost.
    pub struct TariffRules {
        /// What a data centre pays ÷ what industry pays, where its tariff is not known.
        pub data_centre_share: f64 => number(0.05, 5.0).plausible(0.4, 1.2);
        /// Weeks after which 1 − 1/e of a change of cost has arrived in regulated tariffs.
        pub lag_weeks: f64 => number(1.0, 1_000.0).plausible(13.0, 200.0);
        /// The same for data centres, whose contracts follow the market.
        pub indexed_lag_weeks: f64 => number(1.0, 1_000.0);
        /// Energy lost in wires.
        pub loss_share: f64 => number(0.0, 0.5);
        /// Wires built for a data centre.
        pub wires_usd_per_kw: f64 => number(0.0, 1e5).plausible(50.0, 3_000.0);
        /// Share of those wires that all customers pay.
        pub socialised_share: f64 => number(0.0, 1.0);
        /// What data centres pay for their peak.
        pub demand_charge_usd_per_kw_month: f64 => number(0.0, 1e3).plausible(2.0, 40.0);
    }

    /// How plants enter and leave.
    pub struct GenerationRules {
        /// Real cost of capital.
        pub cost_of_capital_share: f64 => number(0.001, 1.0).plausible(0.03, 0.15);
        /// Years over which builders average rents.
        pub rent_memory_years: f64 => number(0.1, 50.0);
        /// Spread of builders' judgement of rent ÷ cost.
        pub judgement_spread: f64 => number(0.001, 10.0);
        /// Paid to wind and sun beyond the energy price: tax credits, certificates, contracts.
        pub clean_premium_usd_per_mwh: f64 => number(0.0, 500.0).plausible(0.0, 80.0);
        /// Planned maintenance of plants that burn fuel, mean over the year; it falls in spring
        /// and autumn.
        pub maintenance_share: f64 => number(0.0, 0.5);
        /// Most of a fleet that retires in a year.
        pub exit_share_per_year: f64 => number(0.0, 1.0);
    }

    /// How grids, weather and tariffs behave everywhere.
    pub struct GridRules {
        /// Fuels.
        pub fuels: BTreeMap<Fuel, FuelFacts>;
        /// Weather.
        pub weather: WeatherRules;
        /// Scarcity.
        pub scarcity: ScarcityRules;
        /// Cooling.
        pub cooling: CoolingRules;
        /// Tariffs.
        pub tariffs: TariffRules;
        /// Entry and exit of plants.
        pub generation: GenerationRules;
        /// Spread of the wait for a connection (standard deviation of its logarithm).
        pub connection_delay_spread: f64 => number(0.0, 3.0);
        /// Share of the requests in a queue that nobody means to use, where no deposit is asked.
        pub speculative_request_share: f64 => number(0.0, 0.95);
        /// Deposit at which 1/e of them are left.
        pub speculation_stake_usd_per_mw: f64 => number(1.0, 1e8).plausible(1e4, 1e6);
        /// How stores choose their hours.
        pub storage: StorageRule => text().default("threshold");
        /// Share of a corridor's capacity that counts towards the peak of the region it leads to.
        pub corridor_accredited_share: f64 => number(0.0, 1.0).default(0.5);
        /// Spread of neighbours' prices about their mean.
        pub trade_spread_share: f64 => number(0.0, 0.9);
        /// Damage of a tonne of CO2 to third parties; counted in welfare, billed to nobody.
        pub social_cost_usd_per_t: f64 => number(0.0, 1e4).plausible(20.0, 600.0);
        /// Growth of data centres that hold no modelled accelerator.
        pub other_data_centre_growth_per_year: f64 => number(-0.5, 1.0);
    }
}

tagged! {
    /// How a plant works.
    pub enum PlantKind {
        /// Burns fuel.
        Thermal(Thermal) = "thermal",
        /// Driven by wind.
        Wind(WindPower) = "wind",
        /// Driven by the sun.
        Solar(SolarPower) = "solar",
        /// Driven by falling water.
        Hydro(HydroPower) = "hydro",
        /// Stores.
        Battery(Battery) = "battery",
    }
}

impl TariffRules {
    /// What data centres pay at the opening where these tariffs hold.
    pub fn data_centre_usd_per_mwh(&self, tariffs: &Tariffs) -> f64 {
        let usual = self.data_centre_share * tariffs.industrial_usd_per_mwh;
        tariffs.data_centre_usd_per_mwh.unwrap_or(usual)
    }
}

impl GridRules {
    /// Share of speculative requests that a region's deposit keeps away.
    pub fn deterred_share(&self, region: &Region) -> f64 {
        let deposit = region.connection_deposit_usd_per_mw.unwrap_or(0.0);
        1.0 - math::exp(-deposit / self.speculation_stake_usd_per_mw)
    }

    /// Median wait for a connection: studies take as long as there is to study, speculation too.
    pub fn connection_delay_weeks(&self, region: &Region) -> f64 {
        let away = self.speculative_request_share * self.deterred_share(region);
        region.connection_delay_weeks * (1.0 - away)
    }
}
