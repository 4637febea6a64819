//! Owners of the pool: they come while its fees yield more than they ask, and go otherwise.

use super::{Network, Rules};
use crate::market::books::{Books, whole};
use crate::market::model::YEAR_WEEKS;

/// A pool grows or shrinks by at most this part in a week.
const MOST_SHARE: f64 = 0.2;
/// A pool does not shrink below a millionth of a token and of a USD.
const LEAST_UNITS: i128 = 100;

/// After a batch that moved `traded_usd` through the pool; both sides grow or shrink alike, so that
/// the pool's price stays.
pub fn come_and_go(
    rules: &Rules,
    network: &mut Network,
    traded_usd: f64,
    (books, holders_micro_usd): (&mut Books, &mut i128),
) {
    let Some(rule) = &rules.pool.providers else {
        return;
    };
    let pool_usd = network.pool_cash_micro_usd as f64 * 1e-6;
    if rules.pool.curve_exponent.is_some() || pool_usd <= 0.0 {
        return;
    }
    // Both sides together are worth twice the money.
    let yearly = traded_usd * rules.pool.fee_share * YEAR_WEEKS / (2.0 * pool_usd);
    network.week.pool_yield_per_year = yearly;
    let share = rule.response_per_week * (yearly - rule.required_yield_per_year);
    let share = share.clamp(-MOST_SHARE, MOST_SHARE);
    let part = |stock: i128, most: i128| {
        whole(stock as f64 * share).clamp((LEAST_UNITS - stock).min(0), most.max(0))
    };
    let tokens = part(network.pool_units, network.holders_units);
    let cash = part(network.pool_cash_micro_usd, i128::MAX);
    let ledger = &rules.ledger;
    books.post(ledger.holders, ledger.pool, tokens);
    books.post(ledger.holders_usd, ledger.pool_usd, cash);
    network.holders_units -= tokens;
    network.pool_units += tokens;
    network.pool_cash_micro_usd += cash;
    *holders_micro_usd -= cash;
}
