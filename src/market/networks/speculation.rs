//! Speculators of Brock and Hommes: two beliefs about next week's return, and a share of traders
//! behind each that follows what has paid.
//!
//! Followers of the trend expect g times last week's return again; followers of value expect the
//! price to close in on it, ln(V/p). A belief's profit is its forecast times what then came; the
//! share of trend followers is 1/(1 + exp(−β (F_trend − F_value))) of remembered profits F.

use super::exchange::Speculation;
use super::{Network, Rules};
use crate::kernels::math;

/// Forecasts beyond this are taken for this.
const WIDEST_RETURN: f64 = 1.0;

/// The traders of this week; none where the network has no speculators.
pub fn of_week(rules: &Rules, network: &mut Network, value_usd: f64) -> Speculation {
    let Some(rule) = &rules.price.speculators else {
        return Speculation::default();
    };
    let minds = &mut network.minds;
    let came = minds.last_return;
    let keep = rule.memory_kept_per_week;
    minds.trend_profit = keep * minds.trend_profit + minds.trend_forecast * came;
    minds.value_profit = keep * minds.value_profit + minds.value_forecast * came;
    let ahead = rule.choice_intensity * (minds.trend_profit - minds.value_profit);
    minds.trend_share = math::logistic(ahead);
    let bound = |value: f64| value.clamp(-WIDEST_RETURN, WIDEST_RETURN);
    minds.trend_forecast = bound(rule.trend_gain * came);
    minds.value_forecast = bound(math::ln(value_usd / network.token_price_usd));
    Speculation {
        holdings_share: rule.holdings_share,
        response: rule.response_per_week,
        trend_share: minds.trend_share,
        trend_return: minds.trend_forecast,
    }
}

/// What the batch has brought.
pub fn learn(network: &mut Network, price_before_usd: f64) {
    network.minds.last_return = math::ln(network.token_price_usd / price_before_usd);
}
