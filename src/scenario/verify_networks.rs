//! What contradicts itself in a network's design: refused before anything runs, with its place.

use super::formula::Formula;
use super::load::Finding;
use super::problem::Severity;
use super::types::{Emission, Network, RewardBasis, Scenario, Settlement};

/// Everything that cannot work in a network's design.
pub fn verify(scenario: &Scenario, name: &str, network: &Network, found: &mut Vec<Finding>) {
    let mut add = |part: &str, message: String| {
        found.push(Finding {
            path: format!("networks.{name}{part}"),
            message,
            severity: Severity::Error,
        });
    };
    service(scenario, network, &mut add);
    supply(scenario, network, &mut add);
    emission(network, &mut add);
    rewards(network, &mut add);
    if let Settlement::CreditVault(rule) = &network.settlement
        && rule.breakers.halt_bps > rule.breakers.warn_bps
    {
        let part = ".settlement.credit_vault";
        add(part, "the vault halts before it warns".to_owned());
    }
}

fn service(scenario: &Scenario, network: &Network, add: &mut impl FnMut(&str, String)) {
    let opening = &network.opening;
    let Some(kind) = network.kind.service() else {
        if opening.service.is_some() {
            let message = "a network of compute opens with `devices` and `price_usd_per_h`";
            add(".opening.service", message.to_owned());
        }
        return;
    };
    if opening.service.is_none() {
        let message = format!("a network that sells {} needs `service` here", kind.name());
        add(".opening", message);
    }
    if !scenario.services.contains_key(&kind) {
        add(
            ".kind",
            format!("`services` says nothing of {}", kind.name()),
        );
    }
}

/// Tokens that somebody holds on the first day, and collateral that calls for more than exist.
fn supply(scenario: &Scenario, network: &Network, add: &mut impl FnMut(&str, String)) {
    let opening = &network.opening;
    let price = opening.token_price_usd;
    let locked: f64 = network.vesting.values().map(|bucket| bucket.tokens).sum();
    let pool = (network.liquidity.as_ref()).map_or(0.0, |pool| pool.pool_usd / price);
    let vault = match &network.settlement {
        Settlement::CreditVault(rule) => rule.vault_tokens,
        Settlement::UsdTarget(rule) => rule.reward_vault_tokens,
        _ => 0.0,
    };
    let given = locked + network.treasury.tokens + opening.rewards_tokens_per_week + pool + vault;
    if given > opening.total_tokens {
        let all = crate::units::number_text(opening.total_tokens);
        let given = crate::units::number_text(given);
        let message = format!("{given} tokens are locked, pooled or held back, of {all} in all");
        add(".opening.total_tokens", message);
    }
    if let Some(pool) = &network.liquidity
        && pool.pool_usd <= 0.0
    {
        let message = "a pool without money trades nothing: leave `liquidity` out for the market's \
                       habit";
        add(".liquidity.pool_usd", message.to_owned());
    }
    let Some(staking) = &network.staking else {
        return;
    };
    let mut chips = opening
        .service
        .as_ref()
        .map_or(0.0, |service| service.devices);
    for (kind, devices) in &opening.devices {
        if let Some(hardware) = scenario.providers.hardware.get(kind) {
            chips += devices * f64::from(hardware.chips_per_device);
        }
    }
    let asked = chips * staking.stake_usd_per_gpu / price;
    if asked > opening.total_tokens {
        let asked = crate::units::number_text(asked.round());
        let message = format!("those online would stake {asked} tokens, more than there are");
        add(".staking.stake_usd_per_gpu", message);
    }
}

fn emission(network: &Network, add: &mut impl FnMut(&str, String)) {
    match &network.emission {
        Some(Emission::Expression(rule)) => {
            if let Err(message) = Formula::read(&rule.tokens_per_week) {
                add(".emission.expression.tokens_per_week", message);
            }
        }
        Some(Emission::BondedShare(rule)) if rule.lowest_per_year > rule.highest_per_year => {
            let part = ".emission.bonded_share.lowest_per_year";
            add(part, "the lowest inflation is above the highest".to_owned());
        }
        _ => {}
    }
}

fn rewards(network: &Network, add: &mut impl FnMut(&str, String)) {
    let rewards = &network.rewards;
    if rewards.provider_share + rewards.treasury_share > 1.0 + 1e-9 {
        let message = "providers and treasury together receive more than all".to_owned();
        add(".rewards.provider_share", message);
    }
    if rewards.basis == RewardBasis::Score {
        let weights = rewards.score.as_ref();
        let sum = weights.map_or(0.0, |score| {
            score.earned + score.hours + score.speed + score.uptime
        });
        if sum <= 0.0 {
            let message = "rewards by score need `score` with a weight above 0".to_owned();
            add(".rewards.basis", message);
        }
    }
    if rewards.basis == RewardBasis::Coverage && rewards.coverage_devices.is_none() {
        let message = "rewards for coverage need `coverage_devices`".to_owned();
        add(".rewards.basis", message);
    }
    if rewards.basis == RewardBasis::Stake && network.staking.is_none() {
        let message = "rewards by stake need `staking`".to_owned();
        add(".rewards.basis", message);
    }
}
