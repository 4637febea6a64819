//! What a designer should be told of a closed network: a mechanism that never worked though it
//! had cause to, a price rule beyond its bounds, nobody left to serve, a token worth nothing.

use super::{ClosedNetwork, ClosedRules};
use crate::market::networks::alarms::{FAILED_SHARE, INSOLVENT};

/// Kinds of the events that alarms leave.
pub const NOBODY_LEAVES: &str = "leaving_never_happens";
pub const FLOW: &str = "flow_exceeds_supply";
pub const NOBODY_PROVIDES: &str = "nobody_provides";

/// What is on this week, with its size.
pub fn of_week(
    rules: &ClosedRules,
    network: &ClosedNetwork,
) -> impl Iterator<Item = (&'static str, f64)> {
    let week = &network.week;
    let worth = network.token_price_usd / rules.facts.token_price_usd;
    let flow = week.flow_share.abs();
    let alarms = [
        // Somebody lost money and stayed, and nobody has ever left.
        (
            NOBODY_LEAVES,
            week.losing as f64,
            week.losing > 0 && network.left_count == 0,
        ),
        (FLOW, flow, flow > 1.0),
        (NOBODY_PROVIDES, 1.0, network.crowd.is_empty()),
        (INSOLVENT, worth, worth < FAILED_SHARE),
    ];
    alarms
        .into_iter()
        .filter(|(.., on)| *on)
        .map(|(kind, size, _)| (kind, size))
}
