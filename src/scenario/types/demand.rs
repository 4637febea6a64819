//! Buyers of compute, how they choose, and how prices are set.

use crate::{choice, record};
use std::collections::BTreeMap;

use super::ChipClass;
use crate::scenario::Date;

choice! {
    /// What a seller expects.
    pub enum Forecast {
        /// What it saw last.
        Static = "static",
        /// What it remembers.
        Adaptive = "adaptive",
        /// What it saw last, and the change since what it remembers once more.
        Trend = "trend",
    }
    /// How the price of idle capacity is found.
    pub enum SpotRule {
        /// In steps, by the seller, as clouds do.
        Administered = "administered",
        /// Every week anew, where what is sought meets what is idle; energy is the floor and the
        /// list the ceiling.
        Auction = "auction",
    }
    /// Who is served first when an operator's pool cannot serve everybody.
    pub enum Rationing {
        /// New contracts, then hours at the list, then spot, which leaves a headroom.
        ReservedFirst = "reserved_first",
        /// Everybody by the same share.
        Proportional = "proportional",
        /// Whoever pays most.
        Efficient = "efficient",
        /// Whoever has waited since last week, then the newcomers by the same share.
        Queue = "queue",
        /// The highest bids: prices of a short pool rise for the week until all fit who still
        /// want it.
        Auction = "auction",
    }
    /// Form in which an hour is sold.
    pub enum Tier {
        /// By the hour at a list price.
        OnDemand = "on_demand",
        /// Under a contract of one year.
        Reserved = "reserved",
        /// Idle capacity that may be taken back.
        Spot = "spot",
        /// Independent providers without a token.
        Marketplace = "marketplace",
        /// Independent providers under a protocol with a token.
        Network = "network",
    }
    /// What limits a job, and so what an H100-equivalent means for it.
    pub enum Workload {
        /// Dense arithmetic.
        Training = "training",
        /// Memory bandwidth.
        Decoding = "decoding",
        /// Single-card throughput.
        Rendering = "rendering",
    }
    /// How well a buyer's data are kept from the seller; each class includes those before it.
    pub enum Privacy {
        /// No promise.
        None = "none",
        /// A contract with a liable firm.
        Contractual = "contractual",
        /// Attested hardware that its owner cannot read.
        Tee = "tee",
        /// Only encrypted data leave the buyer.
        Cryptographic = "cryptographic",
    }
}

record! {
    /// Buyers of compute.
    pub struct DemandSide {
        /// Buyers that stand for one population; their tastes are fixed quantiles, not draws.
        pub nodes: u32 => integer(1, 4_096).default(28);
        /// How buyers weigh price, size, distance, waiting and risk.
        pub choice: ChoiceRules;
        /// Share of the demand of each area; scaled to sum to one.
        pub area_shares: BTreeMap<String, f64> => number(0.0, 1.0).keys("areas");
        /// Populations of buyers.
        pub segments: BTreeMap<String, Segment>;
    }
    /// How buyers weigh price, size, distance, waiting and risk. Costs are shares of the market's
    /// mean price of an H100-equivalent hour, so that they keep their weight as prices fall.
    pub struct ChoiceRules {
        /// Correlation of tastes inside a tier (0: tiers do not matter; near 1: sellers of a tier
        /// are perfect substitutes).
        pub nest_correlation_share: f64 => number(0.0, 0.95).plausible(0.1, 0.9);
        /// Share of uncommitted work that stays outside the market at opening prices.
        pub outside_share: f64 => number(0.001, 0.9).plausible(0.01, 0.5);
        /// Standard deviation of the logarithm of buyers' price sensitivity.
        pub price_taste_sigma: f64 => number(0.0, 2.0);
        /// Weight of the logarithm of an offer's size (1: at equal prices shares follow capacity).
        pub size_taste: f64 => number(0.0, 1.5).plausible(0.5, 1.2);
        /// Weeks in which buyers learn an offer's size.
        pub size_memory_weeks: f64 => number(1.0, 520.0);
        /// Weeks in which the market's price becomes the price that buyers plan with.
        pub price_memory_weeks: f64 => number(1.0, 520.0).plausible(8.0, 156.0);
        /// Cost of moving an hour to another seller.
        pub switching_cost_share: f64 => number(0.0, 5.0);
        /// Cost of an hour in another area: data transfer and delay.
        pub remote_cost_share: f64 => number(0.0, 5.0);
        /// Chance per year that a seller under foreign law is told to refuse service.
        pub refusal_hazard_per_year: f64 => number(0.0, 52.0);
        /// Weeks of work that a refusal costs.
        pub refusal_loss_weeks: f64 => number(0.0, 104.0);
        /// Cost of one missing class of privacy to those who could do without.
        pub privacy_cost_share: f64 => number(0.0, 5.0);
        /// Cost of an interrupted hour: work lost and repeated.
        pub interruption_cost_share: f64 => number(0.0, 50.0);
        /// Shape of the log-logistic spread of job sizes: of jobs of typical size n, a share
        /// 1 ÷ (1 + (n/room)^shape) fits into room for one.
        pub job_size_shape: f64 => number(0.5, 50.0);
        /// Growth that remains when the present wave has passed, per year at constant prices.
        pub lasting_growth_per_year: f64 => number(-0.5, 2.0);
        /// How fast growth falls towards it, per year.
        pub growth_decay_per_year: f64 => number(0.0, 5.0);
    }
    /// A population of buyers.
    pub struct Segment {
        /// What limits its jobs.
        pub workload: Workload;
        /// Accelerator memory that a job needs.
        pub memory_gb: f64 => number(0.0, 10_000.0);
        /// Chips that one job needs side by side.
        pub contiguous_chips: f64 => number(1.0, 1e6);
        /// Training that needs little communication comes to the segment on a day.
        pub islands: Option<Islands>;
        /// Mean length of a job.
        pub job_h: f64 => number(0.01, 10_000.0);
        /// True when other areas are too far away.
        pub area_bound: bool => flag().default(false);
        /// Work bought outside at the opening, as busy H100-equivalents.
        pub opening_h100e: f64 => number(0.0, 1e9);
        /// Growth at constant prices at the opening, per year.
        pub growth_per_year: f64 => number(-0.9, 20.0).plausible(-0.2, 4.0);
        /// Long-run price elasticity of its work (positive: a lower price brings more work).
        pub price_elasticity: f64 => number(0.0, 5.0).plausible(0.3, 2.0);
        /// Loss of utility when an offer's price rises by the mean price of an hour.
        pub price_sensitivity: f64 => number(0.01, 50.0).plausible(1.0, 8.0);
        /// Share of its opening work under contract, relative to other segments.
        pub reserved_share: f64 => number(0.0, 1.0);
        /// Mean time for which it waits rather than give up.
        pub patience_weeks: f64 => number(0.0, 520.0);
        /// Cost of waiting one hour.
        pub waiting_cost_share_per_h: f64 => number(0.0, 10.0);
        /// Share that may only use sellers and sites under its own law.
        pub sovereign_share: f64 => number(0.0, 1.0);
        /// Class of privacy that it wants.
        pub privacy: Privacy;
        /// Share that takes nothing less.
        pub private_share: f64 => number(0.0, 1.0);
    }
    /// How prices are set and buyers are rationed.
    pub struct PricingRules {
        /// How the price of idle capacity is found.
        pub spot: SpotRule;
        /// Who is served first when a pool cannot serve everybody.
        pub rationing: Rationing;
        /// What a seller expects of demand and costs when it reviews its list prices.
        pub forecast: Forecast;
        /// Weeks that it remembers of both.
        pub forecast_memory_weeks: f64 => number(1.0, 520.0).plausible(4.0, 52.0);
        /// Sold share of capacity at which a seller leaves his contract price alone.
        pub neutral_utilisation_share: f64 => number(0.05, 0.99);
        /// Change of the contract price per week and unit of utilisation beyond neutral.
        pub contract_speed_per_week: f64 => number(0.0, 1.0);
        /// Gap at which a list price is changed, as a share of the logarithm of its premium over
        /// the contract price (the menu cost: famous lists are stickier).
        pub menu_band_share: f64 => number(0.0, 2.0);
        /// Size of one step of an administered spot price.
        pub spot_step_share: f64 => number(0.0, 1.0);
        /// Weeks between reviews of a spot price.
        pub spot_review_weeks: u32 => integer(1, 52);
        /// Sold share of idle capacity above which a spot price steps up.
        pub spot_high_utilisation_share: f64 => number(0.0, 1.5);
        /// Sold share of idle capacity below which a spot price steps down.
        pub spot_low_utilisation_share: f64 => number(0.0, 1.0);
        /// Least price ÷ avoidable cost, beyond one.
        pub least_margin_share: f64 => number(0.0, 5.0);
        /// Share of a seller's capacity that may be under contract.
        pub reserved_limit_share: f64 => number(0.0, 1.0);
        /// Share of free capacity kept from spot for buyers by the hour.
        pub headroom_share: f64 => number(0.0, 0.9);
        /// Largest weekly change of the logarithm of a marketplace's or network's price.
        pub provider_speed_per_week: f64 => number(0.0, 2.0);
        /// Opening price of a class's reference chip ÷ that of an H100, as sellers ask it; other
        /// classes by their H100-equivalents.
        pub opening_class_price_factor: BTreeMap<ChipClass, f64> => number(0.0, 1e4).empty();
        /// How far contracts keep to the price that a seller publishes for a year: 0 is the
        /// cheapest seller's price for all, 1 everyone's own list.
        pub contract_list_share: f64 => number(0.0, 1.0);
        /// What a buyer pays to leave a contract early, as a share of what is still owed; 1 is
        /// take or pay.
        pub break_fee_share: f64 => number(0.0, 1.0);
        /// Yearly fall of the contract price up to the opening, at which old contracts were signed.
        pub contract_decline_per_year: f64 => number(-1.0, 0.95);
        /// What each form of sale promises.
        pub tiers: BTreeMap<Tier, TierRules>;
    }
    /// Jobs cut into islands that exchange little, so that they fit where chips stand apart.
    pub struct Islands {
        /// Day from which menus are drawn up for islands; everybody has seen them a quarter later.
        pub from: Date;
        /// Chips of an island.
        pub contiguous_chips: f64 => number(1.0, 1e6);
    }
    /// What one form of sale promises.
    pub struct TierRules {
        /// Privacy that the seller offers; attested hardware needs Hopper or later.
        pub privacy: Privacy;
        /// Largest job that the form can place side by side.
        pub largest_job_chips: f64 => number(1.0, 1e7);
        /// Share of sold hours that run to their end.
        pub availability_share: f64 => number(0.0, 1.0);
        /// Share of an operator's capacity sold in this form at the opening, relative to other
        /// forms; contracts follow from the segments, networks and marketplaces say their own.
        pub opening_sold_share: Option<f64> => number(0.0, 1.0);
    }
}
