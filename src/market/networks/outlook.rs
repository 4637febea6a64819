//! What holders see beyond this week: tokens still to come, and how many serve.
//!
//! A holder who divides capitalised fees y/ρ by every token that exists or will exist, S, holds
//! the price on the path on which waiting earns ρ (E25): each week burns take the share ρ of S,
//! so S shrinks and the price grows at that rate. Without an end to creation S has no bound and
//! fees alone give no price.

use super::{Network, Rules, Served, emission, tokens, trade};
use crate::kernels::math;
use crate::market::model::YEAR_WEEKS;
use crate::scenario::Date;
use crate::scenario::types::{CountedSupply, Emission, FixedSchedule};

/// Tokens that bittensor's rule creates in all.
const ISSUANCE_CAP_TOKENS: f64 = 21e6;

/// Tokens that a schedule creates after the week that opens on `opens`; infinite where it never
/// ends. `total_tokens` exist.
pub fn tokens_to_come(rule: Option<&Emission>, opens: Date, total_tokens: f64) -> f64 {
    let left = match rule {
        None => 0.0,
        Some(Emission::ExponentialDecay(decay)) => {
            let hour = f64::from(opens.days_since(decay.started)) * 24.0 + 168.0;
            let all = if decay.decay_per_hour > 0.0 {
                decay.first_hour_tokens / decay.decay_per_hour
            } else {
                f64::INFINITY
            };
            let all = if all < decay.total_tokens {
                all
            } else {
                decay.total_tokens
            };
            all - emission::decayed_total(decay, hour)
        }
        Some(Emission::Halving(halving)) => {
            let week = f64::from(opens.days_since(halving.started)) / 7.0 + 1.0;
            let all = halving.first_year_tokens / YEAR_WEEKS * halving.every_weeks * 2.0;
            all - emission::halved_total(halving, week)
        }
        Some(Emission::FixedSchedule(schedule)) => scheduled(schedule, opens),
        Some(Emission::IssuanceHalving(_)) => ISSUANCE_CAP_TOKENS - total_tokens,
        Some(_) => f64::INFINITY,
    };
    if left > 0.0 { left } else { 0.0 }
}

/// What is left of a yearly schedule: each year as its last amount, damped for ever after.
fn scheduled(schedule: &FixedSchedule, opens: Date) -> f64 {
    let points = &schedule.tokens_per_year.points;
    let Some((last, _)) = points.last() else {
        return 0.0;
    };
    let (mut left, mut day) = (0.0, opens.add_days(7));
    // Week by week until the last date and the end of the year then running.
    while day < *last || day.days_since(*last) % 365 >= 7 {
        left += emission::yearly_tokens(schedule, day) / YEAR_WEEKS;
        day = day.add_days(7);
    }
    let yearly = emission::yearly_tokens(schedule, day);
    let damping = schedule.damping_per_year;
    if yearly <= 0.0 {
        left
    } else if damping < 1.0 {
        left + yearly / (1.0 - damping)
    } else {
        f64::INFINITY
    }
}

/// Tokens by which holders divide the value.
pub fn counted_tokens(rules: &Rules, network: &Network, circulating: f64, opens: Date) -> f64 {
    match rules.price.counted_supply {
        CountedSupply::Circulating => circulating,
        CountedSupply::FullyDiluted => {
            let locked: i128 = network.locked_units.iter().sum();
            let kept = network.vault_units + network.reward_vault_units + network.waiting_units;
            let asleep = locked + network.treasury_units + network.rewards_units + kept;
            let all = circulating + tokens(asleep);
            all + tokens_to_come(rules.facts.emission.as_ref(), opens, all)
        }
    }
}

/// The premium as the network's size bends it.
pub fn premium_usd(rules: &Rules, network: &Network, served: &Served) -> f64 {
    let Some(exponent) = rules.price.network_effect_exponent else {
        return network.premium_usd;
    };
    let online: f64 = served.devices.values().iter().sum();
    if network.first_devices <= 0.0 {
        return network.premium_usd;
    }
    network.premium_usd * math::pow(online / network.first_devices, exponent)
}

/// Fees and burns of a week as holders count them.
pub fn accrual_usd(rules: &Rules, gross_usd: f64, again_units: i128, price_usd: f64) -> f64 {
    let accrual = gross_usd * super::settlement::accrual_share(&rules.facts.settlement);
    match rules.price.counted_supply {
        CountedSupply::Circulating => accrual,
        CountedSupply::FullyDiluted => accrual - tokens(again_units) * price_usd,
    }
}

/// What holders believe a token is worth.
pub fn value_usd(
    rules: &Rules,
    network: &Network,
    (served, opens): (&Served, Date),
    circulating: f64,
) -> f64 {
    let supply = counted_tokens(rules, network, circulating, opens);
    trade::token_value_usd(rules, network, premium_usd(rules, network, served), supply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Series;
    use crate::scenario::types::{ExponentialDecay, Halving, Inflation};

    /// Weeks added up until nothing comes any more.
    fn summed(rule: &Emission, mut opens: Date) -> f64 {
        let mut sum = 0.0;
        for _ in 0..52 * 120 {
            opens = opens.add_days(7);
            sum += tokens(emission::of_week(Some(rule), opens, 0));
        }
        sum
    }

    #[test]
    fn what_is_to_come_is_the_sum_of_all_weeks() {
        let opens = Date::new(2026, 3, 2).unwrap();
        let started = Date::new(2025, 11, 3).unwrap();
        let schedule = FixedSchedule {
            tokens_per_year: Series {
                points: vec![
                    (started, 52_000.0),
                    (Date::new(2027, 11, 3).unwrap(), 26_000.0),
                ],
            },
            damping_per_year: 0.5,
        };
        let decay = ExponentialDecay {
            first_hour_tokens: 10.0,
            decay_per_hour: 1e-4,
            started,
            total_tokens: 80_000.0,
        };
        let halving = Halving {
            first_year_tokens: 52_000.0,
            every_weeks: 52.0,
            started,
        };
        for rule in [
            Emission::FixedSchedule(schedule),
            Emission::ExponentialDecay(decay),
            Emission::Halving(halving),
        ] {
            let found = tokens_to_come(Some(&rule), opens, 0.0);
            let sum = summed(&rule, opens);
            assert!((found / sum - 1.0).abs() < 0.01, "{rule:?}: {found}, {sum}");
        }
        let endless = Emission::Inflation(Inflation {
            share_per_year: 0.01,
        });
        assert_eq!(tokens_to_come(Some(&endless), opens, 1.0), f64::INFINITY);
        assert_eq!(tokens_to_come(None, opens, 1.0), 0.0);
    }
}
