//! Events: what they bend, when, and for how long.

use super::RivalPrice;
use crate::record;
use crate::scenario::Date;

record! {
    /// An event on the calendar (`at`) or drawn by a hazard (`hazard_per_year`), with its effects.
    pub struct Shock {
        /// First week of the event.
        pub at: Option<Date>;
        /// Mean number of times a year, when it is drawn by chance.
        pub hazard_per_year: Option<f64> => number(0.0, 52.0);
        /// How long it lasts.
        pub weeks: Option<f64> => number(0.0, 2_600.0);
        /// How long it lasts, for short events.
        pub days: Option<f64> => number(0.0, 3_650.0);
        /// Part of an operator's capacity goes down.
        pub operator_outage: Option<OperatorOutage>;
        /// Fuel becomes dearer or cheaper.
        pub fuel_price: Option<PriceHike>;
        /// Tariffs are raised or cut by decree.
        pub tariff: Option<PriceHike>;
        /// Chips may not reach a jurisdiction.
        pub export_control: Option<ExportControl>;
        /// Foundries stop or slow.
        pub fab_stop: Option<CapacityChange>;
        /// Advanced packaging changes.
        pub packaging_capacity: Option<CapacityChange>;
        /// Stacked memory changes.
        pub memory_capacity: Option<CapacityChange>;
        /// Hydro inflow and cooling water fall.
        pub drought: Option<Drought>;
        /// Temperatures rise.
        pub heat_wave: Option<HeatWave>;
        /// Demand jumps or collapses.
        pub demand_change: Option<DemandChange>;
        /// Locked tokens are released.
        pub token_unlock: Option<TokenUnlock>;
        /// All tokens move at once.
        pub crypto_move: Option<CryptoMove>;
        /// The central rival of a service changes his price.
        pub rival_price: Option<RivalPrice>;
        /// Connections stop.
        pub connection_moratorium: Option<Moratorium>;
        /// Capital dries up or floods in.
        pub capital_change: Option<CapitalChange>;
    }
    /// Part of an operator's capacity goes down.
    pub struct OperatorOutage {
        /// Whose capacity.
        pub operator: String => reference("operators");
        /// Where; everywhere when absent.
        pub area: Option<String> => reference("areas");
        /// Share of the capacity that is down.
        pub share: f64 => number(0.0, 1.0);
    }
    /// Fuel or tariffs change in a region.
    pub struct PriceHike {
        /// Where; everywhere when absent.
        pub region: Option<String> => reference("regions");
        /// Price ÷ its undisturbed level.
        pub factor: f64 => number(0.0, 100.0).plausible(0.2, 10.0);
    }
    /// Chips may not be sold, or rented, to a jurisdiction.
    pub struct ExportControl {
        /// The products.
        pub chips: Vec<String> => reference("chips.products");
        /// The jurisdictions that may not have them.
        pub jurisdictions: Vec<String>;
        /// `sale`, `rental` or both.
        pub applies_to: Vec<ControlScope>;
        /// Share that arrives all the same.
        pub leakage_share: f64 => number(0.0, 1.0);
    }
    /// A capacity of the chip chain changes.
    pub struct CapacityChange {
        /// Capacity ÷ its undisturbed level.
        pub factor: f64 => number(0.0, 10.0);
    }
    /// Hydro inflow and cooling water change in a region.
    pub struct Drought {
        /// Where.
        pub region: String => reference("regions");
        /// Water ÷ normal.
        pub factor: f64 => number(0.0, 2.0);
    }
    /// Temperatures rise in a region.
    pub struct HeatWave {
        /// Where.
        pub region: String => reference("regions");
        /// Degrees above the season's normal.
        pub degrees_c: f64 => number(-30.0, 30.0);
    }
    /// Demand jumps or collapses.
    pub struct DemandChange {
        /// Which buyers; all when absent.
        pub segment: Option<String> => reference("demand.segments");
        /// Demand ÷ its undisturbed level.
        pub factor: f64 => number(0.0, 100.0);
    }
    /// Tokens are released that were locked.
    pub struct TokenUnlock {
        /// Whose tokens.
        pub network: String => reference("networks");
        /// Share of the tokens still locked.
        pub share: f64 => number(0.0, 1.0);
    }
    /// All tokens lose or gain in the first week of the event.
    pub struct CryptoMove {
        /// Return of that week.
        pub return_share: f64 => number(-0.99, 10.0);
    }
    /// No new load is connected in a region.
    pub struct Moratorium {
        /// Where.
        pub region: String => reference("regions");
    }
    /// Investment budgets change.
    pub struct CapitalChange {
        /// Budget ÷ its undisturbed level.
        pub factor: f64 => number(0.0, 10.0);
    }
}

crate::choice! {
    /// What an export control forbids.
    pub enum ControlScope {
        /// Shipping chips into the jurisdiction.
        Sale = "sale",
        /// Renting chips to buyers of the jurisdiction.
        Rental = "rental",
    }
}
