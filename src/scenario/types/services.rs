//! Services other than compute: who buys them, their central rival, and the devices that
//! independent owners offer.

use super::ProviderTariff;
use crate::{choice, record};

choice! {
    /// A service that is not compute.
    pub enum ServiceKind {
        /// Room for data.
        Storage = "storage",
        /// Traffic.
        Bandwidth = "bandwidth",
        /// Data to learn from.
        Data = "data",
    }
}

record! {
    /// A service: its buyers, its central rival, and the device that networks of its kind use.
    pub struct Service {
        /// What a unit is; prices and quantities are per unit.
        pub unit: String;
        /// Whom buyers turn to otherwise.
        pub rival: String;
        /// What the rival asks on the first day; he serves whoever pays it.
        pub rival_price_usd_per_unit: f64 => number(1e-9, 1e9);
        /// Growth of his price; below zero where it falls.
        pub rival_price_growth_per_year: f64 => number(-0.9, 5.0).default(0.0);
        /// Units that all buyers want in a week on the first day, at opening prices.
        pub demand_units_per_week: f64 => number(1e-6, 1e18);
        /// Growth of that demand.
        pub demand_growth_per_year: f64 => number(-0.9, 5.0).default(0.0);
        /// How its buyers choose, where that differs from buyers of other services.
        pub buyers: Option<ServiceBuyers>;
        /// The device that owners bring.
        pub device: ServiceDevice;
    }

    /// How buyers of services choose.
    pub struct ServiceBuyers {
        /// Percent of demand lost when the mean price rises by one percent.
        pub price_elasticity: f64 => number(0.0, 10.0);
        /// Percent by which a seller's share falls when it is one percent dearer than others.
        pub switching_elasticity: f64 => number(0.0, 20.0);
        /// Share of the gap to the shares that buyers want which closes in a week.
        pub moved_share_per_week: f64 => number(0.0, 1.0);
    }

    /// A device that offers a service.
    pub struct ServiceDevice {
        /// Units that it can serve in a week.
        pub units_per_week: f64 => number(1e-9, 1e12);
        /// Power at the meter, cooling excluded.
        pub power_kw: f64 => number(0.0, 1e4);
        /// Wear of an hour online.
        pub wear_usd_per_h: f64 => number(0.0, 1e3).default(0.0);
        /// Traffic of an hour online over the owner's own line.
        pub data_gb_per_h: f64 => number(0.0, 1e4).default(0.0);
        /// What a further device costs.
        pub price_usd: f64 => number(0.0, 1e8);
        /// Devices that somebody owns on the first day.
        pub owned_devices: f64 => number(0.0, 1e10);
        /// Further devices that would be bought if that paid.
        pub prospective_devices: f64 => number(0.0, 1e10);
        /// How its power is billed.
        pub tariff: ProviderTariff;
        /// Median value of an hour in which the owner could do something else with it.
        pub opportunity_usd_per_h: f64 => number(0.0, 1e4);
        /// Weeks of loss before it goes offline, where owners are not as patient as others.
        pub patience_weeks: Option<u32> => integer(1, 250);
    }

    /// A network that sells a service other than compute, on the first day.
    pub struct ServiceOpening {
        /// Devices online.
        pub devices: f64 => number(0.0, 1e10);
        /// What buyers paid for a unit.
        pub price_usd_per_unit: f64 => number(1e-12, 1e9);
        /// Percent by which its price moves in a week for each percent of capacity that is sold
        /// beyond the opening; 0 where the protocol fixes the price.
        pub price_response_per_week: f64 => number(0.0, 5.0).default(0.0);
    }

    /// The central rival of a service raises or cuts his price.
    pub struct RivalPrice {
        /// Which service.
        pub service: ServiceKind;
        /// Price ÷ its undisturbed level.
        pub factor: f64 => number(0.0001, 100.0);
    }
}
