//! io.net: the hourly emission of version 1 (M15), fees (M16), and our own reconstruction of
//! the USD-targeted emission that replaced it (M17).

use crate::kernels::math;

/// Tokens that version 1 emits in all, and hours over which it does.
pub const TOTAL_TOKENS: f64 = 300_000_000.0;
pub const HOURS: u64 = 175_319;
const BASE_TOKENS: f64 = 500_000_000.0;
/// Share of the base in the first hour: 8 % a year.
const FIRST_SHARE_PER_H: f64 = 0.08 / 8_760.0;
const DECAY_PER_H: f64 = 1.388_695_239_597_93e-5;

/// Tokens of hour `hour`, counted from 0 (docs.iog.net/docs/token-emission-schedule).
pub fn hourly_tokens(hour: u64) -> f64 {
    if hour >= HOURS {
        return 0.0;
    }
    let kept = math::exp(hour as f64 * math::ln_1p(-DECAY_PER_H));
    BASE_TOKENS * FIRST_SHARE_PER_H * kept
}

/// Tokens of the first `hours` hours.
pub fn cumulative_tokens(hours: u64) -> f64 {
    let hours = if hours < HOURS { hours } else { HOURS } as f64;
    let lost = -math::exp_m1(hours * math::ln_1p(-DECAY_PER_H));
    BASE_TOKENS * FIRST_SHARE_PER_H * lost / DECAY_PER_H
}

/// Fee in USD on a payment, both sides together: 0.25 % of a reservation on each side, and 2 %
/// where the tenant pays in USDC (docs.io.net/docs/io-tokenomics).
pub fn fee_usd(paid_usd: f64, in_usdc: bool) -> f64 {
    let share = if in_usdc { 0.025 } else { 0.005 };
    paid_usd * share
}

/// The USD-targeted emission as we rebuilt it from its description: assumed, not published.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Targeted {
    /// What suppliers are to receive in this period.
    pub target_usd: f64,
    pub token_price_usd: f64,
    /// Fees of the period.
    pub fees_usd: f64,
    pub reward_vault_tokens: f64,
    pub fee_vault_tokens: f64,
    /// Share of a surplus that buys tokens and burns them; at least 0.5 by the description.
    pub burnt_surplus_share: f64,
}

/// What one period of the USD-targeted emission does, tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Released {
    pub from_reward_vault: f64,
    pub from_fee_vault: f64,
    /// Owed and not covered by either vault.
    pub unpaid: f64,
    /// Bought with fees and kept in the fee vault.
    pub to_fee_vault: f64,
    pub burnt: f64,
    /// Fees ÷ target: at least 1 is sustainable.
    pub sustainability_ratio: f64,
}

/// Pays the target at the live price, reward vault first; fees buy tokens, of which a share of
/// the surplus over the target burns.
pub fn targeted(state: &Targeted) -> Released {
    let price = state.token_price_usd;
    if price <= 0.0 || !price.is_finite() {
        return Released::default();
    }
    let lower = |a: f64, b: f64| if a < b { a } else { b };
    let owed = state.target_usd / price;
    let from_reward_vault = lower(owed, state.reward_vault_tokens);
    let from_fee_vault = lower(owed - from_reward_vault, state.fee_vault_tokens);
    let surplus_usd = state.fees_usd - state.target_usd;
    let surplus_usd = if surplus_usd > 0.0 { surplus_usd } else { 0.0 };
    let burnt = state.burnt_surplus_share * surplus_usd / price;
    let ratio = if state.target_usd > 0.0 {
        state.fees_usd / state.target_usd
    } else {
        f64::INFINITY
    };
    Released {
        from_reward_vault,
        from_fee_vault,
        unpaid: owed - from_reward_vault - from_fee_vault,
        to_fee_vault: state.fees_usd / price - burnt,
        burnt,
        sustainability_ratio: ratio,
    }
}
