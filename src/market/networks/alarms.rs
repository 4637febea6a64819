//! What a designer should be told of a week: mints that no burn backs, floors without a bound,
//! vaults that halt or cannot pay, tokens that are worth nothing.

use super::{Network, Rules};

/// Kinds of the events that alarms leave.
pub const TWO_MINTS: &str = "burn_backs_two_mints";
pub const UNBOUNDED: &str = "unbounded_floor";
pub const HALTED: &str = "vault_halted";
pub const UNPAID: &str = "rewards_unpaid";
pub const INSOLVENT: &str = "token_insolvent";

/// A token below this part of its opening price has failed.
pub const FAILED_SHARE: f64 = 1e-3;
/// A floor that creates more than this multiple of the schedule beyond burns is bounded by
/// nothing but the price.
const UNBOUNDED_MULTIPLE: f64 = 1.0;

/// What is on this week, with its size.
pub fn of_week(rules: &Rules, network: &Network) -> impl Iterator<Item = (&'static str, f64)> {
    let week = &network.week;
    let worth = network.token_price_usd / rules.facts.opening.token_price_usd;
    let alarms = [
        (TWO_MINTS, week.unbacked_tokens, week.unbacked_tokens > 0.0),
        (
            UNBOUNDED,
            week.floor_multiple,
            week.floor_multiple > UNBOUNDED_MULTIPLE,
        ),
        (HALTED, 1.0, week.halted > 0.0),
        (UNPAID, week.unpaid_tokens, week.unpaid_tokens > 1e-6),
        (INSOLVENT, worth, worth < FAILED_SHARE),
    ];
    alarms
        .into_iter()
        .filter(|(.., on)| *on)
        .map(|(kind, size, _)| (kind, size))
}
