//! Self-buying: providers who pay for their own work to earn rewards that follow paid work.
//!
//! A dollar of self-bought work returns what the protocol passes on and its part of the reward
//! pool R; it costs the protocol's share. Each further dollar thins the pool, so that self-buying
//! stops at W = (1 − q) R/take − S, where S is what buyers pay and q the part of self-buying that
//! is noticed and earns nothing. Volume closes a part of the gap each week.

use super::trade::Purses;
use super::{Network, Rules};
use crate::market::books::micro_usd;
use crate::scenario::types::RewardBasis;

/// Where the protocol takes nothing, nothing but this multiple of the pool bounds self-buying.
const MOST_POOLS: f64 = 10.0;

/// Self-buyers pay into escrow like buyers, out of providers' purse.
pub fn buy_own(rules: &Rules, network: &mut Network, purses: &mut Purses) {
    let (basis, rule) = (rules.facts.rewards.basis, &rules.facts.rewards.self_buying);
    let Some(rule) = rule.as_ref().filter(|_| basis == RewardBasis::Work) else {
        return;
    };
    let ledger = &rules.ledger;
    let bought = purses.books.balance(ledger.escrow_usd) - network.pending_burn_micro_usd;
    let pool_usd = (1.0 - rule.noticed_share) * network.week.provider_reward_usd;
    let take = network.terms.take_rate_share;
    let most = MOST_POOLS * pool_usd;
    let wanted = if take > 0.0 {
        pool_usd / take - bought as f64 * 1e-6
    } else {
        most
    };
    let wanted = wanted.clamp(0.0, most.max(0.0));
    network.self_bought_usd += rule.moved_share_per_week * (wanted - network.self_bought_usd);
    let paid = micro_usd(network.self_bought_usd);
    purses
        .books
        .post(ledger.providers_usd, ledger.escrow_usd, paid);
    *purses.providers_micro_usd -= paid;
    network.week.self_paid_usd = paid as f64 * 1e-6;
}
