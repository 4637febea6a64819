//! Networks outside the market: demand and providers of their own, by the rules of a published
//! toy, for comparing rules and speed with the models of peers.

use crate::{choice, record};

choice! {
    /// Whether providers of a closed network leave.
    pub enum ClosedChurn {
        /// Who lost money last week sells his tokens and goes.
        Live = "live",
        /// Nobody ever leaves, as in the code that was published: a defect kept for comparison.
        Dead = "dead",
    }
}

record! {
    /// A network outside the market: neither its providers nor its buyers meet anyone else's.
    pub struct ClosedNetwork {
        /// Whether providers leave.
        pub churn: ClosedChurn => text().default("live");
        /// Tokens on the first day, all of them with the public.
        pub genesis_tokens: f64 => number(1.0, 1e15);
        /// Price of a token on the first day.
        pub token_price_usd: f64 => number(1e-9, 1e9);
        /// Price of a unit of the service on the first day.
        pub service_price_usd_per_unit: f64 => number(1e-9, 1e9);
        /// Lowest price of a unit of the service.
        pub service_price_floor_usd_per_unit: f64 => number(1e-9, 1e9);
        /// Highest price of a unit of the service; also what it costs where nobody provides.
        pub service_price_ceiling_usd_per_unit: f64 => number(1e-9, 1e9);
        /// Providers on the first day.
        pub opening_providers: u32 => integer(0, 10_000_000);
        /// Capacity of an opening provider ÷ that of a candidate.
        pub opening_capacity_factor: f64 => number(0.0, 1_000.0);
        /// Candidates of a week, the mean of a Poisson number.
        pub candidates_per_week: f64 => number(0.0, 1e7);
        /// Median capacity of a candidate.
        pub capacity_median_units_per_week: f64 => number(1e-9, 1e12);
        /// Standard deviation of the logarithm of that capacity.
        pub capacity_sigma: f64 => number(0.0, 3.0);
        /// Lowest cost of a unit of capacity; costs lie evenly between lowest and highest.
        pub unit_cost_low_usd: f64 => number(0.0, 1e9);
        /// Highest cost of a unit of capacity.
        pub unit_cost_high_usd: f64 => number(0.0, 1e9);
        /// Units that buyers want at a price of one USD.
        pub base_demand_units_per_week: f64 => number(0.0, 1e15);
        /// Demand falls with the price to half this power; the price falls with capacity ÷ base
        /// demand to one over it.
        pub demand_elasticity: f64 => number(0.01, 10.0);
        /// Half-width of the noise on demand, once in what is bought and once in what is priced.
        pub demand_noise_share: f64 => number(0.0, 0.99);
        /// Demand gained for each unit of the macro factor.
        pub macro_sensitivity: f64 => number(0.0, 100.0);
        /// Lowest macro factor; it multiplies the token's price every week.
        pub macro_low_factor: f64 => number(0.1, 10.0);
        /// Highest macro factor.
        pub macro_high_factor: f64 => number(0.1, 10.0);
        /// Share of the tokens that buyers pay which is burnt.
        pub burnt_share: f64 => number(0.0, 1.0);
        /// Tokens minted in a week at most; below it, as many as buyers pay.
        pub highest_mint_tokens_per_week: f64 => number(0.0, 1e15);
        /// Logarithm by which the token's price moves when as many tokens are bought, net, as
        /// there are. No market was fitted to it.
        pub flow_sensitivity: f64 => number(0.0, 100.0);
    }
}
