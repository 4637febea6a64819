//! The file of `solve prices`: a market at one moment, and what is asked of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::load::Finding;
use crate::scenario::problem::Severity;
use crate::scenario::suggest::hint;
use crate::units::number_text;
use crate::{choice, record};

record! {
    /// A market whose prices are asked for.
    pub struct PriceCase {
        /// What is asked.
        pub question: Option<String>;
        /// Products, their owners and their buyers.
        pub market: PriceMarket;
        /// How it is solved.
        pub solve: PriceSearch => typed().empty();
    }
    /// Products, their owners and their buyers.
    pub struct PriceMarket {
        /// Hours demanded if everyone bought.
        pub size: f64 => number(1e-12, 1e18).default(1.0);
        /// Utility per USD per hour, negative; for segments that give none themselves.
        pub price_coefficient: Option<f64> => number(-1e9, 0.0);
        /// What is sold.
        pub products: BTreeMap<String, PriceProduct>;
        /// Correlation ρ of tastes within each nest.
        pub nests: BTreeMap<String, f64> => number(0.0, 1.0).empty();
        /// Buyers by kind; one kind when absent.
        pub segments: BTreeMap<String, PriceSegment> => typed().empty();
        /// Weight that an owner puts on the profit of another, which it owns in part.
        pub profit_weights: BTreeMap<String, BTreeMap<String, f64>> => number(0.0, 10.0).empty();
    }
    /// A product.
    pub struct PriceProduct {
        /// Who sets its price.
        pub owner: String;
        /// Utility at price 0, against buying nothing.
        pub mean_utility: f64 => number(-1e6, 1e6);
        /// Cost of one more hour.
        pub marginal_cost_usd_per_h: f64 => number(-1e9, 1e9);
        /// The nest it belongs to; alone when absent.
        pub nest: Option<String> => reference("market.nests");
        /// Hours that can be sold; without bound when absent.
        pub capacity_h: Option<f64> => number(0.0, 1e18);
        /// What an hour costs third parties; only the planner counts it.
        pub external_cost_usd_per_h: f64 => number(-1e9, 1e9).default(0.0);
    }
    /// Buyers of one kind.
    pub struct PriceSegment {
        /// Share of all buyers.
        pub weight: f64 => number(0.0, 1.0);
        /// Utility per USD per hour, negative; the market's own when absent.
        pub price_coefficient: Option<f64> => number(-1e9, 0.0);
        /// Utility added to a product.
        pub taste: BTreeMap<String, f64> => number(-1e6, 1e6).keys("market.products").empty();
    }
    /// How a market is solved.
    pub struct PriceSearch {
        /// How sellers behave; `nash` when empty.
        pub conduct: Vec<PriceConduct> => typed().empty();
        /// Prices have settled when they move by less, relative to the larger of 1 and the price.
        pub tolerance: f64 => number(0.0, 1.0).default(1e-14);
        /// Iterations before the search gives up.
        pub max_iterations: u64 => integer(1, 1_000_000_000).default(10_000);
    }
}

choice! {
    /// How sellers behave.
    pub enum PriceConduct {
        /// Every owner sets its own prices, given the others'.
        Nash = "nash",
        /// All owners set prices as one.
        Cartel = "cartel",
        /// Price is marginal cost and the shadow price of capacity.
        Competitive = "competitive",
        /// Consumer surplus + profit − external cost is largest.
        Planner = "planner",
    }
}

/// Segments' weights may miss 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// Everything that contradicts itself in the file.
pub fn verify(case: &PriceCase) -> Vec<Finding> {
    let mut found = Vec::new();
    let market = &case.market;
    if market.products.is_empty() {
        let message = "a market needs a product".to_owned();
        found.push(error("market.products", message));
    }
    for (nest, rho) in &market.nests {
        if *rho >= 1.0 {
            let message = "ρ must stay below 1: at 1 the nest is one product".to_owned();
            found.push(error(&format!("market.nests.{nest}"), message));
        }
    }
    let message = "the coefficient must be negative: buyers dislike prices";
    if market.price_coefficient.is_some_and(|own| own >= 0.0) {
        found.push(error("market.price_coefficient", message.to_owned()));
    }
    for (name, segment) in &market.segments {
        let path = format!("market.segments.{name}");
        match segment.price_coefficient {
            Some(own) if own >= 0.0 => {
                let path = format!("{path}.price_coefficient");
                found.push(error(&path, message.to_owned()));
            }
            None if market.price_coefficient.is_none() => {
                found.push(error(&path, NO_COEFFICIENT.to_owned()));
            }
            _ => {}
        }
    }
    if market.segments.is_empty() && market.price_coefficient.is_none() {
        found.push(error("market", NO_COEFFICIENT.to_owned()));
    }
    let weights: f64 = market.segments.values().map(|segment| segment.weight).sum();
    if !market.segments.is_empty() && (weights - 1.0).abs() > ROUNDING {
        let message = format!("the weights add up to {}, not 1", number_text(weights));
        found.push(error("market.segments", message));
    }
    verify_owners(market, &mut found);
    found
}

const NO_COEFFICIENT: &str =
    "no `price_coefficient`: give one to the market or to each of its segments";

fn verify_owners(market: &PriceMarket, found: &mut Vec<Finding>) {
    let owners = market.products.values();
    let owners: BTreeSet<&str> = owners.map(|product| product.owner.as_str()).collect();
    for (owner, row) in &market.profit_weights {
        let path = format!("market.profit_weights.{owner}");
        let pairs = row.keys().map(|other| (other, format!("{path}.{other}")));
        for (name, at) in std::iter::once((owner, path.clone())).chain(pairs) {
            if !owners.contains(name.as_str()) {
                let help = hint(name, owners.iter().copied()).unwrap_or_default();
                found.push(error(
                    &at,
                    format!("no product is owned by `{name}`; {help}"),
                ));
            }
        }
        if row.contains_key(owner) {
            let message = "an owner counts its own profit once".to_owned();
            found.push(error(&format!("{path}.{owner}"), message));
        }
    }
}

fn error(path: &str, message: String) -> Finding {
    Finding {
        path: path.to_owned(),
        message,
        severity: Severity::Error,
    }
}
