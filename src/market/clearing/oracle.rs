//! The equilibrium oracle inside a run: how far lists stand from what theory says of the same
//! week, and that week's market for whoever wants to ask it again.

use super::super::demand::Demand;
use super::super::equilibrium::{Conduct, Solution, Stop, solve};
use super::super::model::Model;
use super::desk::{Desk, Lists, RULE};
use super::state::Market;
use crate::scenario::types::{Often, Report, Scenario};

/// Weeks of a year of the run.
const YEAR: u32 = 52;

/// What the report asks of the market of lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Whether its distance from equilibrium is recorded each year.
    yearly: bool,
    /// Weeks that are kept as files, rising.
    pub snapshots: Vec<u32>,
}

impl Asked {
    pub fn new(scenario: &Scenario) -> Self {
        let week = |text: &String| Report::snapshot_week(&scenario.horizon, text);
        let mut snapshots: Vec<u32> = scenario.report.snapshots.iter().filter_map(week).collect();
        snapshots.sort_unstable();
        snapshots.dedup();
        Self {
            yearly: scenario.report.equilibrium_gap == Some(Often::Yearly),
            snapshots,
        }
    }

    /// Whether the gap of this week is recorded.
    pub fn gap_in(&self, week: u32) -> bool {
        self.yearly && (week + 1).is_multiple_of(YEAR)
    }
}

/// Conducts in the order of their rows.
pub const CONDUCTS: [(&str, Conduct); 4] = [
    ("nash", Conduct::Nash),
    ("cartel", Conduct::Cartel),
    ("competitive", Conduct::Competitive),
    ("planner", Conduct::Planner),
];

/// Lists beside one conduct. Means are weighted by the conduct's sales; per H100e-hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gap {
    /// What sellers ask now, USD.
    pub market_usd_per_h: f64,
    /// What they would ask, USD.
    pub conduct_usd_per_h: f64,
    /// Market ÷ conduct − 1.
    pub gap_share: f64,
    /// Buyers' surplus, sellers' profit and their sum less the cost to third parties, USD a week.
    pub consumer_surplus_usd: f64,
    pub profit_usd: f64,
    pub welfare_usd: f64,
    /// Hours that lists would sell, H100e-hours a week.
    pub sold_h: f64,
    /// Mean scarcity rent, USD.
    pub shadow_usd_per_h: f64,
}

/// The lists of the present week with the prices that stand; an external cost per H100e-hour
/// (USD) is what only the planner counts.
pub fn lists(model: &Model, demand: &Demand, market: &Market, external: f64) -> Option<Lists> {
    let mut found = Desk::look_at(model, demand, market)?;
    found.market.external_usd_per_h.fill(external);
    Some(found)
}

/// The gap to each conduct; a conduct without a solution has none.
pub fn gaps(lists: &Lists) -> [Option<Gap>; 4] {
    CONDUCTS.map(|(_, conduct)| {
        let solution = solve(&lists.market, conduct, RULE);
        (solution.stop == Stop::Converged).then(|| gap(lists, &solution))
    })
}

fn gap(lists: &Lists, solution: &Solution) -> Gap {
    let market = &lists.market;
    let mut gap = Gap {
        consumer_surplus_usd: market.size_h * solution.consumer_surplus_usd,
        ..Gap::default()
    };
    for (product, share) in solution.share.iter().enumerate() {
        let hours = market.size_h * share;
        let price = solution.price_usd_per_h[product];
        if hours <= 0.0 || !price.is_finite() {
            continue;
        }
        gap.sold_h += hours;
        gap.market_usd_per_h += hours * lists.price_usd_per_h[product];
        gap.conduct_usd_per_h += hours * price;
        gap.shadow_usd_per_h += hours * solution.shadow_usd_per_h[product];
        gap.profit_usd += hours * (price - market.cost_usd_per_h[product]);
        gap.welfare_usd -= hours * market.external_usd_per_h[product];
    }
    gap.welfare_usd += gap.consumer_surplus_usd + gap.profit_usd;
    if gap.sold_h > 0.0 {
        gap.market_usd_per_h /= gap.sold_h;
        gap.conduct_usd_per_h /= gap.sold_h;
        gap.shadow_usd_per_h /= gap.sold_h;
        gap.gap_share = gap.market_usd_per_h / gap.conduct_usd_per_h - 1.0;
    }
    gap
}
