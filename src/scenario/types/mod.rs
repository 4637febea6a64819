//! The scenario file as types: one file per noun; this is the root.

mod chips;
mod closed;
mod demand;
mod networks;
mod operators;
mod providers;
mod regions;
mod services;
mod shocks;

pub use chips::*;
pub use closed::*;
pub use demand::*;
pub use networks::*;
pub use operators::*;
pub use providers::*;
pub use regions::*;
pub use services::*;
pub use shocks::*;

use super::{Date, Patch};
use crate::{choice, record, tagged};
use std::collections::BTreeMap;

record! {
    /// A question about the compute market, and everything needed to compute its answer.
    pub struct Scenario {
        /// The question that this file answers; it becomes the title of the report.
        pub question: String;
        /// When the run starts and how long it lasts.
        pub horizon: Horizon;
        /// How many draws and lucks are run, and from which seed.
        pub ensemble: Ensemble;
        /// Groups of regions and buyers between which latency is low.
        pub areas: BTreeMap<String, Area>;
        /// Ways of making electricity.
        pub technologies: BTreeMap<String, Technology>;
        /// Places with a grid, tariffs, climate and jurisdiction.
        pub regions: BTreeMap<String, Region>;
        /// Lines between regions.
        pub corridors: BTreeMap<String, Corridor> => text().empty();
        /// How grids, weather and tariffs behave everywhere.
        pub grid: GridRules;
        /// Chips, their makers and the chain that makes them.
        pub chips: ChipChain;
        /// Firms that own data centres.
        pub operators: BTreeMap<String, Operator>;
        /// How operators decide.
        pub investment: InvestmentRules;
        /// Buyers of compute.
        pub demand: DemandSide;
        /// How prices are set and buyers are rationed.
        pub pricing: PricingRules;
        /// Independent owners of hardware.
        pub providers: ProviderSide;
        /// Open marketplaces of independent providers, without a token.
        pub marketplaces: BTreeMap<String, Marketplace> => text().empty();
        /// How buyers of services choose, wherever a service does not say otherwise.
        pub service_buyers: ServiceBuyers;
        /// Services other than compute: buyers, central rivals, devices.
        pub services: BTreeMap<ServiceKind, Service> => typed().empty();
        /// Habits of those who hold and trade tokens.
        pub token_market: TokenMarket;
        /// Decentralised protocols with a token.
        pub networks: BTreeMap<String, Network> => text().empty();
        /// Protocols that a network may be `like`; they do not trade themselves.
        pub protocols: BTreeMap<String, Network> => text().empty();
        /// Networks outside the market, with demand and providers of their own, by the simple
        /// rules of a published toy: for comparing rules and speed with the models of peers.
        pub closed_networks: BTreeMap<String, ClosedNetwork> => text().empty();
        /// Published toys that a closed network may be `like`; they do not run themselves.
        pub closed_protocols: BTreeMap<String, ClosedNetwork> => text().empty();
        /// Events on the calendar or drawn by a hazard.
        pub shocks: BTreeMap<String, Shock> => text().empty();
        /// What is drawn once per draw; everything else is a point value.
        pub uncertain: BTreeMap<String, Distribution> => text().empty();
        /// Named sets of changes: the lines of the chart.
        pub policies: BTreeMap<String, Patch> => text().empty();
        /// What the author expects, judged on paired runs.
        pub expect: BTreeMap<String, Expectation> => text().empty();
        /// What the report shows.
        pub report: Report;
        /// Facts that the opening weeks are compared with.
        pub plausibility: BTreeMap<String, Plausible> => text().empty();
        /// How series have moved in the year before, which the first quarter should go on with.
        pub trends: BTreeMap<String, Trend> => text().empty();
    }
}

record! {
    /// When the run starts and how long it lasts.
    pub struct Horizon {
        /// The Monday that opens week 0.
        pub start: Date;
        /// Length of the run.
        pub weeks: u32 => integer(1, 2_600).plausible(13.0, 1_040.0);
    }
    /// How many times the scenario is run.
    pub struct Ensemble {
        /// Samples of what is uncertain.
        pub draws: u32 => integer(1, 100_000);
        /// Independent chances for each draw.
        pub luck: u32 => integer(1, 1_000).default(1);
        /// The root of all chance.
        pub seed: u64 => integer(0, 18_446_744_073_709_551_615).default(42);
    }
    /// What the report shows.
    pub struct Report {
        /// The policy that others are compared with.
        pub reference: Option<String> => reference("policies");
        /// Weekly outcomes shown first.
        pub outcomes: Vec<String> => text().empty();
        /// Draws whose entity tables are kept.
        pub detail: u32 => integer(0, 1_000).default(8);
        /// How often the market's distance from its equilibria is recorded; never when absent.
        pub equilibrium_gap: Option<Often>;
        /// Weeks, by number or date, whose market of lists is kept as a file of `solve prices`.
        pub snapshots: Vec<String> => text().empty();
    }
    /// A fact that the model's own opening is compared with.
    pub struct Plausible {
        /// What the fact is, in words.
        pub fact: String;
        /// The weekly outcome that should be near it.
        pub outcome: String;
        /// Its value, in the outcome's unit.
        pub value: f64 => number(-1e15, 1e15);
        /// Largest relative distance that passes.
        pub tolerance_share: f64 => number(0.0, 10.0).default(0.1);
        /// First week of the average.
        pub from_week: u32 => integer(0, 2_600).default(0);
        /// Last week of the average.
        pub to_week: u32 => integer(0, 2_600).default(0);
    }
    /// How a series moved in the year before the opening.
    pub struct Trend {
        /// What moved, in words.
        pub fact: String;
        /// The weekly outcome, or `table.entity.column`, that should go on with it.
        pub outcome: String;
        /// Growth in the year before the opening, a share; below zero where it fell.
        pub growth_per_year: f64 => number(-0.99, 100.0);
        /// Largest relative distance from the trend that passes.
        pub tolerance_share: f64 => number(0.0, 10.0).default(0.1);
        /// Weeks after the opening that are judged.
        pub weeks: u32 => integer(1, 104).default(13);
    }
    /// What the author expects of one outcome, judged on runs that share their luck.
    pub struct Expectation {
        /// The weekly outcome.
        pub outcome: String;
        /// The policy that is judged; the only one when absent.
        pub policy: Option<String> => reference("policies");
        /// The policy it is paired with.
        pub against: Option<String> => reference("policies");
        /// The shock whose absence it is paired with; `all` for every shock.
        pub without_shock: Option<String>;
        /// First week of the window.
        pub from_week: u32 => integer(0, 2_600);
        /// Last week of the window.
        pub to_week: u32 => integer(0, 2_600);
        /// Direction of the paired difference.
        pub sign: Sign;
        /// Smallest relative size of the median difference.
        pub at_least_share: Option<f64> => number(0.0, 1e6);
        /// Largest relative size of the median difference.
        pub at_most_share: Option<f64> => number(0.0, 1e6);
        /// Share of draws that must agree with the sign.
        pub agreeing_share: f64 => number(0.5, 1.0).default(0.8);
        /// Where the size comes from.
        pub source: Option<String>;
    }
    /// Equal chance between two values.
    pub struct Uniform {
        /// Smallest value.
        pub low: f64 => number(-1e18, 1e18);
        /// Largest value.
        pub high: f64 => number(-1e18, 1e18);
    }
    /// Chance that rises to a mode and falls.
    pub struct Triangular {
        /// Smallest value.
        pub low: f64 => number(-1e18, 1e18);
        /// Likeliest value.
        pub mode: f64 => number(-1e18, 1e18);
        /// Largest value.
        pub high: f64 => number(-1e18, 1e18);
    }
    /// A normal logarithm.
    pub struct LogNormal {
        /// Median.
        pub median: f64 => number(0.0, 1e18);
        /// Standard deviation of the logarithm.
        pub sigma: f64 => number(0.0, 5.0);
    }
    /// A normal value, cut at the key's own range.
    pub struct Normal {
        /// Mean.
        pub mean: f64 => number(-1e18, 1e18);
        /// Standard deviation.
        pub sd: f64 => number(0.0, 1e18);
    }
}

tagged! {
    /// How an uncertain number is drawn.
    pub enum Distribution {
        /// Equal chance between two values.
        Uniform(Uniform) = "uniform",
        /// Chance that rises to a mode and falls.
        Triangular(Triangular) = "triangular",
        /// A normal logarithm.
        LogNormal(LogNormal) = "lognormal",
        /// A normal value.
        Normal(Normal) = "normal",
    }
}

impl Report {
    /// The week that a snapshot names: its number, or the one that a date falls in.
    pub fn snapshot_week(horizon: &Horizon, text: &str) -> Option<u32> {
        let week = match text.parse::<Date>() {
            Ok(date) => u32::try_from(date.days_since(horizon.start).div_euclid(7)).ok(),
            Err(_) => text.parse().ok(),
        };
        week.filter(|week| *week < horizon.weeks)
    }
}

choice! {
    /// How often something is recorded.
    pub enum Often {
        /// In the last week of every year of the run.
        Yearly = "yearly",
    }
    /// Direction of a difference.
    pub enum Sign {
        /// Treated above control.
        Rises = "rises",
        /// Treated below control.
        Falls = "falls",
        /// Equal bit for bit.
        Unchanged = "unchanged",
    }
}
