//! Buyers of compute and the rules of pricing.
use crate::{choice, record};
use std::collections::BTreeMap;
choice! {
    /// Form in which an hour is sold.
    pub enum Tier {
        /// By the hour at a list price.
        OnDemand = "on_demand",
        /// Under a contract of a year or more.
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
}
record! {
    /// Buyers of compute.
    pub struct DemandSide {
        /// Populations of buyers.
        pub segments: BTreeMap<String, Segment>;
    }
    /// A population of buyers.
    pub struct Segment {
        /// What limits its jobs.
        pub workload: Workload;
    }
    /// How prices are set and buyers are rationed.
    pub struct PricingRules {
    }
}
