//! What stands between new tokens and providers' income: a cap in USD, rewards that wait, an income
//! that the treasury guarantees, and grants.

use super::trade::Purses;
use super::{Network, RING_WEEKS, Rules, Served, tokens, units};
use crate::market::books::{Books, micro_usd};
use crate::market::model::{WEEK_H, YEAR_WEEKS};
use crate::scenario::Date;

/// Base units beyond the cap: they go to holders instead.
pub fn above_cap_units(
    rules: &Rules,
    network: &Network,
    served: &Served,
    (to_providers, paid_usd): (i128, f64),
) -> i128 {
    let Some(cap) = &rules.facts.rewards.usd_cap else {
        return 0;
    };
    let most_usd = cap.usd_per_gpu_h * served.weight(rules) * WEEK_H;
    let earned_usd = paid_usd + tokens(to_providers) * network.token_price_usd;
    if earned_usd <= most_usd {
        return 0;
    }
    units((earned_usd - most_usd) / network.token_price_usd).clamp(0, to_providers)
}

/// Waiting rewards of the first day: as if the opening's rewards had always been paid.
pub fn open_waiting(rules: &Rules, network: &mut Network) {
    let Some(rule) = &rules.facts.rewards.locked else {
        return;
    };
    let weeks = i128::from(rule.weeks);
    let weekly = units(rules.facts.opening.rewards_tokens_per_week * rule.share);
    let part = weekly / weeks;
    network.release_units_per_week = part * weeks;
    for slot in 0..rule.weeks as usize {
        network.release_ends_units[slot] = part;
    }
    network.waiting_units = part * weeks * (weeks + 1) / 2;
}

/// Waiting rewards that come free this week join what is paid to those who serve.
pub fn release(rules: &Rules, network: &mut Network, week: u32, books: &mut Books) {
    let free = network.release_units_per_week;
    network.waiting_units -= free;
    network.rewards_units += free;
    books.post(rules.ledger.waiting, rules.ledger.rewards, free);
    let slot = week as usize % RING_WEEKS;
    network.release_units_per_week -= std::mem::take(&mut network.release_ends_units[slot]);
}

/// The part of new rewards that waits, spread evenly over the weeks to come.
pub fn hold_back(rules: &Rules, network: &mut Network, week: u32, created: i128) -> i128 {
    let Some(rule) = &rules.facts.rewards.locked else {
        return 0;
    };
    let wanted = units(tokens(created) * rule.share).clamp(0, created);
    let part = wanted / i128::from(rule.weeks);
    let held = part * i128::from(rule.weeks);
    let slot = (week as usize + rule.weeks as usize) % RING_WEEKS;
    network.release_units_per_week += part;
    network.release_ends_units[slot] += part;
    network.waiting_units += held;
    held
}

/// What the programme may spend this week; 0 outside its time.
pub fn programme_budget_usd(rules: &Rules, opens: Date) -> f64 {
    let Some(rule) = &rules.facts.rewards.programme else {
        return 0.0;
    };
    let week = opens.days_since(rule.starts) / 7;
    let runs = opens >= rule.starts && week < rule.weeks as i32;
    if runs { rule.budget_usd_per_week } else { 0.0 }
}

/// The treasury pays what providers lack to the guaranteed income, within budget and cash.
pub fn guarantee(
    rules: &Rules,
    network: &mut Network,
    (served, earned_usd): (&Served, f64),
    opens: Date,
    purses: &mut Purses,
) {
    network.week.programme_usd = 0.0;
    let budget_usd = programme_budget_usd(rules, opens);
    let Some(rule) = &rules.facts.rewards.programme else {
        return;
    };
    let short_usd = rule.usd_per_gpu_h * served.weight(rules) * WEEK_H - earned_usd;
    let wanted_usd = if short_usd < budget_usd {
        short_usd
    } else {
        budget_usd
    };
    let paid = micro_usd(wanted_usd).clamp(0, network.treasury_cash_micro_usd.max(0));
    let ledger = &rules.ledger;
    (purses.books).post(ledger.treasury_usd, ledger.providers_usd, paid);
    network.treasury_cash_micro_usd -= paid;
    *purses.providers_micro_usd += paid;
    network.week.programme_usd = paid as f64 * 1e-6;
}

/// Tokens of the treasury that join what providers are paid.
pub fn grant(rules: &Rules, network: &mut Network, books: &mut Books) {
    let yearly = rules.facts.treasury.grants_tokens_per_year;
    let given = units(yearly / YEAR_WEEKS).clamp(0, network.treasury_units.max(0));
    network.treasury_units -= given;
    network.rewards_units += given;
    books.post(rules.ledger.treasury, rules.ledger.rewards, given);
}
