//! How many tokens a week creates, in closed form from the rule's own period.
//!
//! Each rule gives the total ever created at a moment; a week creates the difference of two
//! totals, so that no rounding accumulates. Amounts are whole base units.

use super::{UNITS_PER_TOKEN, units};
use crate::kernels::math;
use crate::market::model::YEAR_WEEKS;
use crate::market::protocols::bittensor;
use crate::scenario::Date;
use crate::scenario::types::{Emission, ExponentialDecay, FixedSchedule, Halving, IssuanceHalving};

/// Base units created in the week that opens on `opens`, when `total_units` exist.
pub fn of_week(rule: Option<&Emission>, opens: Date, total_units: i128) -> i128 {
    let Some(rule) = rule else { return 0 };
    let created = match rule {
        Emission::FixedSchedule(schedule) => units(fixed(schedule, opens)),
        Emission::ExponentialDecay(decay) => {
            let hour = f64::from(opens.days_since(decay.started)) * 24.0;
            units(decayed_total(decay, hour + 168.0)) - units(decayed_total(decay, hour))
        }
        Emission::Halving(halving) => {
            let week = f64::from(opens.days_since(halving.started)) / 7.0;
            units(halved_total(halving, week + 1.0)) - units(halved_total(halving, week))
        }
        Emission::IssuanceHalving(halving) => by_issuance(halving, total_units),
        Emission::Inflation(inflation) => {
            let total_tokens = total_units as f64 / UNITS_PER_TOKEN;
            units(total_tokens * inflation.share_per_year / YEAR_WEEKS)
        }
        // These remember, see `minting`.
        Emission::BaselineMinting(_)
        | Emission::BondedShare(_)
        | Emission::BondingRounds(_)
        | Emission::Table(_)
        | Emission::Expression(_) => 0,
    };
    if created > 0 { created } else { 0 }
}

/// A week of blocks whose amount halves by issuance (M14), in the chain's own units.
fn by_issuance(halving: &IssuanceHalving, total_units: i128) -> i128 {
    let rao_per_unit = 1e9 / UNITS_PER_TOKEN;
    let blocks = (7.0 * 86_400.0 / halving.block_s) as u64;
    let rao = (total_units as f64 * rao_per_unit) as u128;
    let issued = bittensor::emission_of_blocks_rao(rao, blocks);
    (issued as f64 / rao_per_unit) as i128
}

/// Tokens of a week of a yearly schedule.
fn fixed(schedule: &FixedSchedule, opens: Date) -> f64 {
    yearly_tokens(schedule, opens) / YEAR_WEEKS
}

/// Tokens a year of a schedule: the latest date's amount, damped each full year after the last
/// date.
pub fn yearly_tokens(schedule: &FixedSchedule, opens: Date) -> f64 {
    let points = &schedule.tokens_per_year.points;
    let Some((from, tokens)) = points.iter().rev().find(|(from, _)| *from <= opens) else {
        return 0.0;
    };
    let is_last = points.last().is_some_and(|(last, _)| last == from);
    let years = if is_last {
        opens.days_since(*from) / 365
    } else {
        0
    };
    tokens * math::powi(schedule.damping_per_year, years)
}

/// Tokens created in the first `hours` hours: first·(1 − (1−d)^hours)/d, at most the total (M15).
pub fn decayed_total(decay: &ExponentialDecay, hours: f64) -> f64 {
    let hours = if hours > 0.0 { hours } else { 0.0 };
    let d = decay.decay_per_hour;
    let sum = if d > 0.0 {
        -decay.first_hour_tokens * math::exp_m1(hours * math::ln_1p(-d)) / d
    } else {
        decay.first_hour_tokens * hours
    };
    if sum < decay.total_tokens {
        sum
    } else {
        decay.total_tokens
    }
}

/// Tokens created in the first `weeks` weeks of a rate that halves.
pub fn halved_total(halving: &Halving, weeks: f64) -> f64 {
    let weeks = if weeks > 0.0 { weeks } else { 0.0 };
    let rate = halving.first_year_tokens / YEAR_WEEKS;
    let whole = (weeks / halving.every_weeks).floor();
    let full = if whole < 1_000.0 { whole } else { 1_000.0 };
    let left = math::powi(0.5, full as i32);
    rate * halving.every_weeks * 2.0 * (1.0 - left)
        + rate * left * (weeks - whole * halving.every_weeks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Series;
    use crate::scenario::types::Inflation;

    fn ionet() -> ExponentialDecay {
        ExponentialDecay {
            first_hour_tokens: 500e6 * 0.08 / 8760.0,
            decay_per_hour: 1.388_695_239_597_93e-5,
            started: Date::new(2024, 6, 11).unwrap(),
            total_tokens: 3.1e8,
        }
    }

    /// docs.iog.net/docs/token-emission-schedule: hours 1 to 6, to the cent, and 300M in all.
    #[test]
    fn io_net_hours_and_total_are_the_published_ones() {
        let published = [4566.21, 4566.15, 4566.08, 4566.02, 4565.96, 4565.89];
        for (hour, published) in published.iter().enumerate() {
            let hour = hour as f64;
            let made = decayed_total(&ionet(), hour + 1.0) - decayed_total(&ionet(), hour);
            assert!((made - published).abs() < 0.0051, "hour {hour}: {made}");
        }
        let total = decayed_total(&ionet(), 175_319.0);
        assert!((total / 300_000_000.0 - 1.0).abs() < 1e-9, "{total}");
    }

    #[test]
    fn the_cap_is_never_exceeded_and_nothing_comes_before_the_start() {
        let capped = ExponentialDecay {
            total_tokens: 1_000.0,
            ..ionet()
        };
        let rule = Emission::ExponentialDecay(capped);
        let first = Date::new(2024, 6, 11).unwrap();
        assert_eq!(of_week(Some(&rule), first, 0), units(1_000.0));
        assert_eq!(of_week(Some(&rule), first.add_days(7), 0), 0);
        assert_eq!(of_week(Some(&rule), first.add_days(-70), 0), 0);
    }

    #[test]
    fn halving_halves_and_sums_to_twice_the_first_span() {
        let rule = Halving {
            first_year_tokens: YEAR_WEEKS * 100.0,
            every_weeks: 104.0,
            started: Date::new(2025, 11, 3).unwrap(),
        };
        let week = |w: f64| halved_total(&rule, w + 1.0) - halved_total(&rule, w);
        assert!((week(0.0) - 100.0).abs() < 1e-9 && (week(103.0) - 100.0).abs() < 1e-9);
        assert!((week(104.0) - 50.0).abs() < 1e-9 && (week(208.0) - 25.0).abs() < 1e-9);
        assert!((halved_total(&rule, 1e9) - 20_800.0).abs() < 1e-6);
    }

    #[test]
    fn a_schedule_holds_each_amount_and_then_shrinks() {
        let day = |y, m, d| Date::new(y, m, d).unwrap();
        let schedule = FixedSchedule {
            tokens_per_year: Series {
                points: vec![
                    (day(2024, 12, 1), 2.0 * YEAR_WEEKS),
                    (day(2025, 12, 1), YEAR_WEEKS),
                ],
            },
            damping_per_year: 0.945,
        };
        assert_eq!(fixed(&schedule, day(2024, 11, 30)), 0.0);
        assert_eq!(fixed(&schedule, day(2025, 11, 30)), 2.0);
        assert_eq!(fixed(&schedule, day(2026, 11, 30)), 1.0);
        assert_eq!(fixed(&schedule, day(2026, 12, 2)), 0.945);
    }

    #[test]
    fn inflation_is_a_share_of_what_exists_and_no_rule_creates_nothing() {
        let rule = Emission::Inflation(Inflation {
            share_per_year: 0.08,
        });
        let opens = Date::new(2025, 11, 3).unwrap();
        let week = of_week(Some(&rule), opens, units(1e6));
        assert!((week as f64 / UNITS_PER_TOKEN * YEAR_WEEKS - 80_000.0).abs() < 1e-3);
        assert_eq!(of_week(None, opens, units(1e6)), 0);
    }
}
