//! Holders who delegate: they bond tokens while that yields more than they ask of the token.

use super::{Network, Rules, tokens};
use crate::kernels::math;
use crate::market::books::{Books, whole};
use crate::market::model::YEAR_WEEKS;

/// Yields beyond this are taken for this: a nearly empty bond pays without bound.
const HIGHEST_YIELD: f64 = 10.0;

/// Tokens staked or delegated ÷ tokens that exist.
pub fn bonded_share(network: &Network, staked_units: i128, total_units: i128) -> f64 {
    if total_units > 0 {
        (network.delegated_units + staked_units) as f64 / total_units as f64
    } else {
        0.0
    }
}

/// Delegated tokens on the first day.
pub fn open(rules: &Rules, network: &mut Network) {
    let staking = rules.facts.staking.as_ref();
    if let Some(rule) = staking.and_then(|rule| rule.delegation.as_ref()) {
        let bonded = whole(network.holders_units as f64 * rule.bonded_share);
        network.delegated_units = bonded.clamp(0, network.holders_units.max(0));
        network.holders_units -= network.delegated_units;
    }
}

/// A part of the gap to the share that this week's yield calls for closes.
pub fn move_bonds(rules: &Rules, network: &mut Network, yield_tokens: f64, books: &mut Books) {
    let staking = rules.facts.staking.as_ref();
    let Some(rule) = staking.and_then(|rule| rule.delegation.as_ref()) else {
        return;
    };
    let bonded = tokens(network.delegated_units);
    let paid = yield_tokens * YEAR_WEEKS;
    let earned = if paid < bonded * HIGHEST_YIELD {
        paid / bonded
    } else {
        HIGHEST_YIELD
    };
    let opening_odds = math::ln(rule.bonded_share / (1.0 - rule.bonded_share));
    let odds = opening_odds + rule.yield_response * (earned - rules.price.discount_rate_per_year);
    let wanted = math::logistic(odds);
    let all = network.delegated_units + network.holders_units;
    let gap = whole(all as f64 * wanted) - network.delegated_units;
    let moved = whole(gap as f64 * rule.moved_share_per_week);
    let moved = moved.clamp(-network.delegated_units, network.holders_units.max(0));
    network.delegated_units += moved;
    network.holders_units -= moved;
    network.week.delegation_yield_per_year = earned;
    books.post(rules.ledger.holders, rules.ledger.delegated, moved);
}
