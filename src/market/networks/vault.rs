//! Vaults of tokens in the week: credits of one USD that are paid out in tokens (AEP-76), and a
//! target in USD that is paid out of two vaults (our reconstruction of io.net's).
//!
//! Money of buyers buys tokens in the week's batch; the vault takes them in. What is owed for work
//! leaves the vault at the last batch's price, credits first, the shortfall newly minted. The
//! swaps, payouts and breakers are those of `market::protocols`, which `solve token` replays.

use super::settlement::{self, Split};
use super::{Network, Rules, Served, UNITS_PER_TOKEN, tokens, units};
use crate::market::books::Books;
use crate::market::model::WEEK_H;
use crate::market::protocols::Whole;
use crate::market::protocols::akash::{self, Breaker, Status, Swap};
use crate::market::protocols::decimal::Decimal;
use crate::market::protocols::ionet::{self, Targeted};
use crate::scenario::types::{RewardBasis, Settlement, TargetVaults, VaultCredits};

/// Base units of a millionth of a token, in which the chain counts.
const UNITS_PER_MICRO: i128 = (UNITS_PER_TOKEN / 1e6) as i128;

fn whole(amount: i128) -> Whole {
    Whole::from(if amount > 0 { amount } else { 0 })
}

fn small(amount: &Whole) -> i128 {
    i128::try_from(amount).unwrap_or(0)
}

/// State of the breakers at the last batch's price.
pub fn status(rule: &VaultCredits, network: &Network) -> Status {
    let breaker = Breaker {
        warn_bps: rule.breakers.warn_bps,
        halt_bps: rule.breakers.halt_bps,
        ..Breaker::default()
    };
    let Some(price) = Decimal::nearest(network.token_price_usd) else {
        return breaker.status(None);
    };
    let vault = whole(network.vault_units / UNITS_PER_MICRO);
    let owed = whole(network.outstanding_micro_usd);
    let ratio = akash::collateral_ratio(&vault, &price, &owed);
    breaker.status(Some(akash::ratio_bps(&ratio)))
}

/// Divides what buyers paid; while the vault is halted, no credits are made and providers are paid
/// in USD.
pub fn split(rules: &Rules, network: &mut Network, paid: i128) -> Split {
    network.week.halted = 0.0;
    if let Settlement::CreditVault(rule) = &rules.facts.settlement
        && matches!(
            status(rule, network),
            Status::HaltRatio | Status::HaltOracle
        )
    {
        network.week.halted = 1.0;
        return Split {
            providers: paid,
            ..Split::default()
        };
    }
    settlement::split(&rules.facts.settlement, paid)
}

/// Pays what is owed for the week's work out of the vault; providers are credited it in the next
/// sweep. Decides, too, what becomes of the tokens that this week's money buys.
pub fn pay_out(
    rules: &Rules,
    network: &mut Network,
    served: &Served,
    gross_micro_usd: i128,
    books: &mut Books,
) {
    network.week.shortfall_tokens = 0.0;
    network.week.unpaid_tokens = 0.0;
    match &rules.facts.settlement {
        Settlement::CreditVault(rule) => pay_credits(rules, rule, network, books),
        Settlement::UsdTarget(rule) => {
            let gross_usd = gross_micro_usd as f64 * 1e-6;
            pay_target(rules, rule, network, (served, gross_usd), books);
        }
        _ => network.vault_share = 0.0,
    }
}

fn pay_credits(rules: &Rules, rule: &VaultCredits, network: &mut Network, books: &mut Books) {
    network.vault_share = 1.0;
    let asked = (network.outstanding_micro_usd as f64 / rule.held_weeks) as i128;
    let Some(price) = Decimal::nearest(network.token_price_usd) else {
        return;
    };
    let swap = Swap {
        amount: whole(asked),
        price_from: Decimal::whole(&Whole::from(1)),
        price_to: price,
        spread_bps: rule.breakers.settle_spread_bps,
        least: Whole::ZERO,
    };
    let Ok(swapped) = akash::swap(&swap) else {
        return;
    };
    let payout = akash::payout(&swapped.minted, &whole(network.credits_micro));
    let minted = small(&payout.newly_minted) * UNITS_PER_MICRO;
    let paid = small(&swapped.to_user()) * UNITS_PER_MICRO;
    let ledger = &rules.ledger;
    books.post(ledger.minted, ledger.vault, minted);
    network.minted_units += minted;
    network.vault_units += minted;
    let paid = paid.clamp(0, network.vault_units.max(0));
    books.post(ledger.vault, ledger.rewards, paid);
    network.vault_units -= paid;
    network.rewards_units += paid;
    network.credits_micro -= small(&payout.from_credits);
    network.outstanding_micro_usd -= asked;
    network.week.shortfall_tokens = tokens(minted);
}

fn pay_target(
    rules: &Rules,
    rule: &TargetVaults,
    network: &mut Network,
    (served, gross_usd): (&Served, f64),
    books: &mut Books,
) {
    // What is paid for: hours that buyers paid, or all that were online.
    let hours = if rules.facts.rewards.basis == RewardBasis::Work {
        let pairs = rules.weight.iter();
        pairs
            .map(|(kind, weight)| weight * served.sold_h[kind])
            .sum()
    } else {
        served.weight(rules) * WEEK_H
    };
    let state = Targeted {
        target_usd: rule.usd_per_gpu_h * hours,
        token_price_usd: network.token_price_usd,
        fees_usd: gross_usd,
        reward_vault_tokens: tokens(network.reward_vault_units),
        fee_vault_tokens: tokens(network.vault_units),
        burnt_surplus_share: rule.burnt_surplus_share,
    };
    let out = ionet::targeted(&state);
    let from_rewards = units(out.from_reward_vault).clamp(0, network.reward_vault_units);
    let from_fees = units(out.from_fee_vault).clamp(0, network.vault_units);
    let ledger = &rules.ledger;
    books.post(ledger.vault, ledger.rewards, from_rewards + from_fees);
    network.reward_vault_units -= from_rewards;
    network.vault_units -= from_fees;
    network.rewards_units += from_rewards + from_fees;
    network.week.unpaid_tokens = out.unpaid;
    let bought = out.to_fee_vault + out.burnt;
    network.vault_share = if bought > 0.0 {
        out.to_fee_vault / bought
    } else {
        1.0
    };
}

/// Tokens that the batch bought for the vault become credits.
pub fn deposit(rules: &Rules, network: &mut Network, bought_units: i128) {
    let Settlement::CreditVault(rule) = &rules.facts.settlement else {
        return;
    };
    let Some(price) = Decimal::nearest(network.token_price_usd) else {
        return;
    };
    let amount = whole(bought_units / UNITS_PER_MICRO);
    let swap = Swap {
        amount: amount.clone(),
        price_from: price,
        price_to: Decimal::whole(&Whole::from(1)),
        spread_bps: rule.breakers.mint_spread_bps,
        least: Whole::ZERO,
    };
    if let Ok(swapped) = akash::swap(&swap) {
        network.credits_micro += small(&amount);
        network.outstanding_micro_usd += small(&swapped.to_user());
    }
}

/// Tokens of both vaults and credits on the first day: credits of so many weeks' work, backed.
pub fn open(rules: &Rules, network: &mut Network, gross_usd_per_week: f64) {
    match &rules.facts.settlement {
        Settlement::CreditVault(rule) => {
            let owed_usd = gross_usd_per_week * rule.held_weeks;
            let held = units(rule.vault_tokens + owed_usd / network.token_price_usd);
            network.vault_units = held;
            network.credits_micro = held / UNITS_PER_MICRO;
            network.outstanding_micro_usd = (owed_usd * 1e6) as i128;
        }
        Settlement::UsdTarget(rule) => {
            network.reward_vault_units = units(rule.reward_vault_tokens);
        }
        _ => {}
    }
}
