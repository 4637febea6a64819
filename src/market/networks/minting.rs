//! Rules of emission that remember: what a week creates and what the network keeps in mind.
//!
//! Closed forms of the date stand in [`super::emission`]; the arithmetic of chains is that of
//! `market::protocols`, the same that `solve token` replays.

use super::{Network, Rules, UNITS_PER_TOKEN, emission, tokens, units};
use crate::market::model::WEEK_H;
use crate::market::protocols::issuance::{self, Created, Issuance};
use crate::market::protocols::storage;
use crate::scenario::Date;
use crate::scenario::formula::Values;
use crate::scenario::solve::token::TokenEmission;
use crate::scenario::types::{Emission, FormulaMinting, PowerMinting, WeeklyTable};

/// What the emission of a week depends on beyond the date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub opens: Date,
    /// Base units that exist.
    pub total_units: i128,
    /// Storage that providers offer.
    pub power_eib: f64,
    /// Tokens staked or delegated ÷ tokens that exist.
    pub bonded_share: f64,
    pub week: u32,
    pub circulating_units: i128,
    pub utilisation_share: f64,
}

/// What a week creates; the part for the treasury comes before all others.
pub fn of_week(rules: &Rules, network: &mut Network, now: &Moment) -> Created {
    let rule = rules.facts.emission.as_ref();
    let all = match rule {
        Some(Emission::BaselineMinting(rule)) => by_power(rule, network, now),
        Some(Emission::BondedShare(_) | Emission::BondingRounds(_)) => {
            return by_chain(rule, network, now);
        }
        Some(Emission::Table(rule)) => by_table(rule, now.opens),
        Some(Emission::Expression(rule)) => by_formula(rules, rule, network, now),
        rule => emission::of_week(rule, now.opens, now.total_units),
    };
    Created { all, treasury: 0 }
}

/// The chain's own form of a rule that moves with the bonded share.
fn chain_rule(rule: Option<&Emission>) -> Option<TokenEmission> {
    match rule {
        Some(Emission::BondedShare(rule)) => Some(TokenEmission::BondedShare(rule.clone())),
        Some(Emission::BondingRounds(rule)) => Some(TokenEmission::BondingRounds(rule.clone())),
        _ => None,
    }
}

/// Blocks or rounds of a week, in the chain's integers (M12, M13).
fn by_chain(rule: Option<&Emission>, network: &mut Network, now: &Moment) -> Created {
    let Some(rule) = chain_rule(rule) else {
        return Created::default();
    };
    let mut issuance = Issuance::new(&rule);
    issuance.resume(network.inflation_parts, network.steps_due);
    let moment = issuance::Moment {
        date: now.opens,
        hours: 0.0,
        length_h: WEEK_H,
        total: now.total_units,
        per_token: UNITS_PER_TOKEN as i128,
        bonded_share: now.bonded_share,
        claimed_share: 1.0,
        power_eib: now.power_eib,
        given_tokens: 0.0,
        treasury: network.treasury_units,
    };
    // Overflow of the chain's integers creates nothing.
    let created = issuance.pass(&moment).unwrap_or_default();
    (network.inflation_parts, network.steps_due) = issuance.memory();
    created
}

fn by_table(rule: &WeeklyTable, opens: Date) -> i128 {
    let points = rule.tokens_per_week.points.iter().rev();
    let mut begun = points.filter(|(from, _)| *from <= opens);
    begun.next().map_or(0, |(_, tokens)| units(*tokens))
}

/// A designer's formula, at most a share of what exists.
fn by_formula(rules: &Rules, rule: &FormulaMinting, network: &Network, now: &Moment) -> i128 {
    let Some(formula) = &rules.formula else {
        return 0;
    };
    let seen = &network.week;
    let values: Values = [
        f64::from(now.week),
        tokens(now.total_units),
        tokens(now.circulating_units),
        tokens(network.minted_units),
        tokens(network.burnt_units),
        seen.burnt_tokens,
        now.bonded_share,
        network.token_price_usd,
        seen.fees_usd,
        seen.online_devices,
        now.utilisation_share,
        tokens(network.treasury_units),
    ];
    let most = tokens(now.total_units) * rule.highest_share_per_week;
    let wanted = formula.value(&values);
    let wanted = if wanted > 0.0 { wanted } else { 0.0 };
    units(if wanted < most { wanted } else { most })
}

/// Seven days of Filecoin's minting, by the peer model's closed form (M1, M2).
fn by_power(rule: &PowerMinting, network: &mut Network, now: &Moment) -> i128 {
    let first = f64::from(now.opens.days_since(rule.launched));
    if first < 0.0 {
        return 0;
    }
    let before = storage::minted_fil(first, storage::network_days(network.capped_eib_days));
    for day in 0..7 {
        let baseline = storage::baseline_eib(first + f64::from(day));
        let counted = if now.power_eib < baseline {
            now.power_eib
        } else {
            baseline
        };
        network.capped_eib_days += counted;
    }
    let reached = storage::network_days(network.capped_eib_days);
    units(storage::minted_fil(first + 7.0, reached) - before)
}

/// The state that a rule starts from.
pub fn open(rule: Option<&Emission>, network: &mut Network) {
    if let Some(Emission::BaselineMinting(rule)) = rule {
        network.capped_eib_days = rule.capped_eib_days;
    }
    if let Some(rule) = chain_rule(rule) {
        (network.inflation_parts, network.steps_due) = Issuance::new(&rule).memory();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::networks::tokens;

    /// Power above the baseline mints what the clock allows; none mints the simple part alone.
    #[test]
    fn storage_power_mints_up_to_its_baseline() {
        let launched = Date::new(2020, 10, 15).unwrap();
        let days = 1_845;
        let rule = PowerMinting {
            capped_eib_days: storage::kept_up_eib_days(f64::from(days)),
            launched,
        };
        let week = |power_eib: f64| {
            let mut network = Network {
                capped_eib_days: rule.capped_eib_days,
                ..Network::default()
            };
            let now = Moment {
                opens: launched.add_days(days),
                total_units: 0,
                power_eib,
                bonded_share: 0.0,
                week: 0,
                circulating_units: 0,
                utilisation_share: 0.0,
            };
            tokens(by_power(&rule, &mut network, &now))
        };
        let half = |days: f64| crate::kernels::math::pow(0.5, days / 2_190.0);
        let simple = 330e6 * (half(1_845.0) - half(1_852.0));
        assert!((week(0.0) / simple - 1.0).abs() < 1e-9, "{}", week(0.0));
        let kept_up = week(1e6) / simple;
        assert!(
            (kept_up / (1_100.0 / 330.0) - 1.0).abs() < 2e-3,
            "{kept_up}"
        );
        assert!(week(3.0) > week(1.0) && week(1e6) == week(1e9));
    }
}
