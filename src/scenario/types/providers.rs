//! Independent owners of hardware: how many, where, at what cost, and how they decide.

use crate::{choice, record};
use std::collections::BTreeMap;

choice! {
    /// The tariff class in which a provider buys power.
    pub enum ProviderTariff {
        /// At home.
        Residential = "residential",
        /// In a small hall.
        Industrial = "industrial",
    }
}

record! {
    /// Independent owners of hardware.
    pub struct ProviderSide {
        /// Rows of the population: each stands for one or many equal devices.
        pub rows: u32 => integer(32, 10_000_000).plausible(1_000.0, 2_000_000.0);
        /// Kinds of hardware.
        pub hardware: BTreeMap<String, Hardware>;
        /// Share of the world's devices that stands in each region.
        pub region_share: BTreeMap<String, f64> => number(0.0, 1.0).keys("regions");
        /// How providers decide.
        pub behaviour: ProviderBehaviour;
    }

    /// One kind of hardware; a device is what joins a network as a whole.
    pub struct Hardware {
        /// The product inside.
        pub chip: String => reference("chips.products");
        /// Chips of one device.
        pub chips_per_device: u32 => integer(1, 100_000);
        /// Share of the rows that stands for it (a matter of resolution).
        pub row_share: f64 => number(0.0, 1.0);
        /// Devices owned on the first day by people who might offer them.
        pub owned_devices: f64 => number(0.0, 1e10);
        /// Further devices that would be bought if that paid.
        pub prospective_devices: f64 => number(0.0, 1e10);
        /// How its power is billed.
        pub tariff: ProviderTariff;
        /// Median value of an hour in which the owner could do something else with it.
        pub opportunity_usd_per_h: f64 => number(0.0, 1e4);
        /// Its owner keeps it for his own use even when no network pays.
        pub own_use: bool;
        /// All its devices of a region belong to one owner, who counts what his own devices take
        /// from the reward of his others.
        pub one_owner: bool => flag().default(false);
        /// Wear of an hour online, beyond power and other running costs.
        pub wear_usd_per_h: f64 => number(0.0, 1e3).default(0.0);
        /// Traffic of an hour online over the owner's own line.
        pub data_gb_per_h: f64 => number(0.0, 1e4).default(0.0);
    }

    /// How providers decide.
    pub struct ProviderBehaviour {
        /// Chance that a provider reviews his decision in a week.
        pub review_hazard_per_week: f64 => number(0.0, 1.0);
        /// Weight of this week's margin in what he expects.
        pub belief_gain_per_week: f64 => number(0.0, 1.0);
        /// Spread of what providers see of the pay of a week.
        pub noise_sigma: f64 => number(0.0, 2.0);
        /// Weeks of loss before he goes offline.
        pub patience_weeks: u32 => integer(0, 200);
        /// Margin ÷ running cost beyond which an idle owner joins.
        pub join_margin_share: f64 => number(0.0, 10.0);
        /// Gain ÷ running cost beyond which he moves to another network.
        pub switch_margin_share: f64 => number(0.0, 10.0);
        /// Share of idle hours that an owner in two networks lists in the second.
        pub idle_listed_share: f64 => number(0.0, 1.0);
        /// Share of online devices whose owners would list idle hours elsewhere on the first day.
        pub second_seat_share: f64 => number(0.0, 1.0);
        /// Spread of the logarithm of power use of equal hardware.
        pub efficiency_sigma: f64 => number(0.0, 2.0);
        /// Spread of the logarithm of power prices within a region.
        pub tariff_sigma: f64 => number(0.0, 2.0);
        /// Spread of the logarithm of opportunity costs.
        pub opportunity_sigma: f64 => number(0.0, 5.0);
        /// Median share of promised hours that is delivered.
        pub reliability_share: f64 => number(0.0, 1.0);
        /// Spread of the log-odds of reliability.
        pub reliability_sigma: f64 => number(0.0, 5.0);
        /// Power with cooling ÷ power without, at home.
        pub home_pue: f64 => number(1.0, 3.0);
        /// The same in a small hall.
        pub hall_pue: f64 => number(1.0, 3.0);
        /// Power of an online device that has no work ÷ its full power.
        pub idle_power_share: f64 => number(0.0, 1.0);
        /// Other running costs ÷ cost of full power at the mean tariff.
        pub other_cost_share: f64 => number(0.0, 10.0);
        /// What a gigabyte beyond the cap of a data plan costs at home.
        pub data_usd_per_gb: f64 => number(0.0, 1e3);
        /// Share of owners at home whose use is beyond the cap of their plan.
        pub data_capped_share: f64 => number(0.0, 1.0);
        /// Return that a buyer of hardware asks.
        pub hurdle_rate_per_year: f64 => number(0.0, 5.0);
        /// Life over which he writes hardware off.
        pub hardware_life_years: f64 => number(0.1, 30.0);
        /// Spread of the return asked, between rows.
        pub hurdle_spread_share: f64 => number(0.0, 2.0);
        /// Value of used hardware ÷ its price when it is not known from trades.
        pub salvage_share: f64 => number(0.0, 1.0);
        /// Share of the reward for work that lowers asks.
        pub reward_in_ask_share: f64 => number(0.0, 1.0);
        /// Share of the running cost saved by faking work.
        pub cheat_saving_share: f64 => number(0.0, 1.0);
        /// Chance of being caught that newcomers expect.
        pub detection_prior_share: f64 => number(0.0, 1.0);
        /// How fast that belief follows experience.
        pub detection_gain_share: f64 => number(0.0, 1.0);
        /// Memory of buyers' trust in measured fraud.
        pub trust_kept_per_week: f64 => number(0.0, 1.0);
    }
}
