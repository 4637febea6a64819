//! How a token's supply grows, period by period: one state for each kind of emission.

use super::cosmos::Minting;
use super::decimal::{Decimal, one};
use super::filecoin::{NetworkTime, PRECISION, baseline_supply_q128, epoch_reward};
use super::livepeer::Minter;
use super::{Whole, bittensor, filecoin};
use crate::market::networks::emission::{decayed_total, halved_total, yearly_tokens};
use crate::scenario::Date;
use crate::scenario::solve::token::{BondedShare, BondingRounds, TokenEmission};

/// Hours of a year of 365.25 days.
const YEAR_H: f64 = 8_766.0;

/// What the emission of one period depends on.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// First day of the period, and hours since the first period opened.
    pub date: Date,
    pub hours: f64,
    /// Length of the period.
    pub length_h: f64,
    /// Base units that exist, and of one token.
    pub total: i128,
    pub per_token: i128,
    /// Share of tokens that is bonded; storage power in EiB; tokens of a table.
    pub bonded_share: f64,
    pub claimed_share: f64,
    pub power_eib: f64,
    pub given_tokens: f64,
    /// Base units in the treasury.
    pub treasury: i128,
}

/// What a period creates, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created {
    pub all: i128,
    /// The part of it that the treasury receives.
    pub treasury: i128,
}

impl Created {
    fn of(all: i128) -> Self {
        Self { all, treasury: 0 }
    }

    fn shared(all: i128, share: f64) -> Self {
        let treasury = units(all as f64 * share, 1);
        Self {
            all,
            treasury: treasury.clamp(0, if all > 0 { all } else { 0 }),
        }
    }
}

/// Whole base units of an amount of tokens.
pub fn units(tokens: f64, per_token: i128) -> i128 {
    let product = tokens * per_token as f64;
    let half = if product < 0.0 { -0.5 } else { 0.5 };
    // Beyond 2^53 there is nothing left to round.
    if product.abs() < 4e15 {
        (product + half) as i128
    } else {
        product as i128
    }
}

/// The emission's memory.
#[derive(Clone, Debug)]
pub enum Issuance {
    /// Closed forms of the date or the hour.
    ByTime(TokenEmission),
    /// Blocks that are due but not yet made.
    ByIssuance { block_h: f64, due: f64 },
    Bonded {
        minting: Minting,
        inflation: i128,
        share: f64,
        due: f64,
    },
    Rounds {
        minter: Minter,
        rule: BondingRounds,
        due: f64,
    },
    Actors {
        time: NetworkTime,
        theta: Whole,
        due: f64,
    },
}

impl Issuance {
    pub fn new(rule: &TokenEmission) -> Issuance {
        match rule {
            TokenEmission::IssuanceHalving(rule) => Issuance::ByIssuance {
                block_h: rule.block_s / 3_600.0,
                due: 0.0,
            },
            TokenEmission::BondedShare(rule) => bonded(rule),
            TokenEmission::BondingRounds(rule) => Issuance::Rounds {
                minter: Minter {
                    inflation: Whole::from(rule.inflation_parts),
                    change: Whole::from(rule.change_parts),
                    target: Whole::from(rule.target_parts),
                    ..Minter::default()
                },
                rule: rule.clone(),
                due: 0.0,
            },
            TokenEmission::BaselineMinting(_) => Issuance::Actors {
                time: NetworkTime::default(),
                theta: Whole::ZERO,
                due: 0.0,
            },
            other => Issuance::ByTime(other.clone()),
        }
    }

    /// Creates what a period is due.
    pub fn pass(&mut self, now: &Moment) -> Result<Created, String> {
        match self {
            Issuance::ByTime(rule) => by_time(rule, now),
            Issuance::ByIssuance { block_h, due } => {
                let blocks = whole_steps(due, now.length_h / *block_h);
                Ok(Created::of(by_issuance(now, blocks)))
            }
            Issuance::Bonded {
                minting,
                inflation,
                share,
                due,
            } => {
                let seconds = YEAR_H * 3_600.0 / minting.blocks_per_year as f64;
                let blocks = whole_steps(due, now.length_h * 3_600.0 / seconds);
                let all = bonded_blocks(minting, inflation, now, blocks)
                    .ok_or("the supply is too large for the chain's integers")?;
                Ok(Created::shared(all, *share))
            }
            Issuance::Rounds { minter, rule, due } => {
                let rounds = whole_steps(due, now.length_h / rule.round_h);
                Ok(bonding_rounds(minter, rule, now, rounds))
            }
            Issuance::Actors { time, theta, due } => {
                let epochs = whole_steps(due, now.length_h * 120.0);
                Ok(Created::of(actors(time, theta, now, epochs)))
            }
        }
    }

    /// What a rule that follows the bonded share keeps in mind: its inflation in the chain's
    /// integers, and the part of a block or round that is due.
    pub fn memory(&self) -> (i128, f64) {
        match self {
            Issuance::Bonded { inflation, due, .. } => (*inflation, *due),
            Issuance::Rounds { minter, due, .. } => {
                (i128::try_from(&minter.inflation).unwrap_or(0), *due)
            }
            _ => (0, 0.0),
        }
    }

    /// Takes a rule up where [`Self::memory`] left it.
    pub fn resume(&mut self, parts: i128, steps_due: f64) {
        match self {
            Issuance::Bonded { inflation, due, .. } => (*inflation, *due) = (parts, steps_due),
            Issuance::Rounds { minter, due, .. } => {
                minter.inflation = Whole::from(parts);
                *due = steps_due;
            }
            _ => {}
        }
    }

    /// Inflation where the rule has one: a year's share, or parts of 10^9 a round.
    pub fn inflation(&self) -> Option<f64> {
        match self {
            Issuance::Bonded { inflation, .. } => Some(*inflation as f64 / 1e18),
            Issuance::Rounds { minter, .. } => Some(super::nearest(&minter.inflation) / 1e9),
            _ => None,
        }
    }
}

/// Whole steps that are due after `more`, the rest is kept; a hair short of one counts as one.
fn whole_steps(due: &mut f64, more: f64) -> u64 {
    *due += more;
    let steps = (*due + 1e-9).floor();
    *due -= steps;
    if steps > 0.0 { steps as u64 } else { 0 }
}

fn by_time(rule: &TokenEmission, now: &Moment) -> Result<Created, String> {
    let unit = |tokens: f64| units(tokens, now.per_token);
    let between = |total: &dyn Fn(f64) -> f64, since: Date, hours_per_step: f64| {
        let opens = f64::from(now.date.days_since(since)) * 24.0 + day_hours(now);
        let closes = opens + now.length_h;
        unit(total(closes / hours_per_step)) - unit(total(opens / hours_per_step))
    };
    Ok(match rule {
        TokenEmission::Schedule(rule) => {
            if rule.known_until.is_some_and(|until| now.date >= until) {
                let message = format!("the schedule is not known from {} on", now.date);
                return Err(message);
            }
            let points = &rule.tokens_per_day.points;
            let amount = points.iter().rev().find(|(from, _)| *from <= now.date);
            Created::of(amount.map_or(0, |(_, tokens)| unit(tokens * now.length_h / 24.0)))
        }
        TokenEmission::FixedSchedule(rule) => {
            Created::of(unit(yearly_tokens(rule, now.date) * now.length_h / YEAR_H))
        }
        TokenEmission::ExponentialDecay(rule) => Created::of(between(
            &|hours| decayed_total(rule, hours),
            rule.started,
            1.0,
        )),
        TokenEmission::Halving(rule) => Created::of(between(
            &|weeks| halved_total(rule, weeks),
            rule.started,
            168.0,
        )),
        TokenEmission::Inflation(rule) => {
            let share = rule.share_per_year * now.length_h / YEAR_H;
            Created::of(units(now.total as f64 * share, 1))
        }
        TokenEmission::Table(rule) => Created::shared(unit(now.given_tokens), rule.treasury_share),
        _ => Created::default(),
    })
}

/// Hours of the day that have passed when the period opens.
fn day_hours(now: &Moment) -> f64 {
    now.hours - (now.hours / 24.0).floor() * 24.0
}

/// Base units of blocks whose amount halves by issuance.
fn by_issuance(now: &Moment, blocks: u64) -> i128 {
    let (rao, unit) = (bittensor::RAO_PER_TAO as i128, now.per_token);
    // Books may count finer or coarser than the chain.
    let opening = u128::try_from(now.total / unit * rao + now.total % unit * rao / unit);
    let opening = opening.unwrap_or(0);
    bittensor::emission_of_blocks_rao(opening, blocks) as i128 * unit / rao
}

fn bonded(rule: &BondedShare) -> Issuance {
    let share = |value: f64| Decimal::nearest(value).unwrap_or(Decimal(Whole::ZERO));
    Issuance::Bonded {
        minting: Minting {
            change: share(rule.change_per_year),
            highest: share(rule.highest_per_year),
            lowest: share(rule.lowest_per_year),
            goal_bonded: share(rule.goal_share),
            blocks_per_year: rule.blocks_per_year,
        },
        inflation: i128::try_from(share(rule.inflation_per_year).0).unwrap_or(0),
        share: rule.treasury_share,
        due: 0.0,
    }
}

/// The blocks of a period at one bonded share: the step of inflation is the same in each, so
/// that 128 bits suffice. None on overflow.
fn bonded_blocks(rule: &Minting, inflation: &mut i128, now: &Moment, blocks: u64) -> Option<i128> {
    let whole = |decimal: &Decimal| i128::try_from(&decimal.0).ok();
    let (highest, lowest) = (whole(&rule.highest)?, whole(&rule.lowest)?);
    let year = i128::from(rule.blocks_per_year);
    let bonded = Decimal::nearest(now.bonded_share)?;
    // From the middle of a wide band, so that only the step is seen.
    let open = Minting {
        highest: Decimal::whole(&Whole::from(1_000)),
        lowest: Decimal::whole(&Whole::from(-1_000)),
        ..rule.clone()
    };
    let step = whole(&open.next_inflation(&Decimal(Whole::ZERO), &bonded)?)?;
    let unit = i128::try_from(one()).ok()?;
    let mut total = now.total;
    for _ in 0..blocks {
        *inflation = (*inflation + step).clamp(lowest, highest.max(lowest));
        total += inflation.checked_mul(total)? / year / unit;
    }
    Some(total - now.total)
}

fn bonding_rounds(minter: &mut Minter, rule: &BondingRounds, now: &Moment, rounds: u64) -> Created {
    let mut created = Created::default();
    // A share with at most nine digits is met exactly, whatever its binary form.
    let parts = (now.bonded_share * super::livepeer::DIVISOR as f64 + 1e-3).floor();
    let rate = Whole::from(parts as u64);
    for _ in 0..rounds {
        let total = now.total + created.all;
        let supply = Whole::from(total);
        minter.inflation = minter.inflation_at(&rate);
        let mintable = i128::try_from(minter.mintable(&supply)).unwrap_or(0);
        let claimed = units(mintable as f64 * now.claimed_share, 1);
        let claimed = if now.claimed_share >= 1.0 {
            mintable
        } else {
            claimed
        };
        let ceiling = units(rule.treasury_ceiling_tokens, now.per_token);
        if now.treasury + created.treasury < ceiling {
            created.treasury += Created::shared(claimed, rule.treasury_share).treasury;
        }
        created.all += claimed;
    }
    created
}

/// Rewards of the reward actor. One epoch is floored as on chain; a longer period is floored
/// once, so it may differ by an attoFIL an epoch.
fn actors(time: &mut NetworkTime, theta: &mut Whole, now: &Moment, epochs: u64) -> i128 {
    let bytes = now.power_eib * 1_152_921_504_606_846_976.0;
    let power = if bytes > 0.0 { bytes as u128 } else { 0 };
    let first = time.epoch;
    let mut simple = 0.0;
    for _ in 0..epochs {
        time.pass(power);
    }
    let next = time.theta();
    let reward = if epochs == 1 {
        epoch_reward(first, theta, &next)
    } else {
        let baseline = baseline_supply_q128(&next) - baseline_supply_q128(theta);
        let lambda = filecoin::lambda_per_epoch();
        let decay = |epochs: f64| -crate::kernels::math::exp_m1(-lambda * epochs);
        simple += filecoin::SIMPLE_FIL
            * crate::kernels::math::exp(-lambda * (first as f64 - 1.0))
            * decay(epochs as f64);
        (baseline >> PRECISION) + Whole::from(units(simple, filecoin::ATTO_PER_FIL))
    };
    *theta = next;
    i128::try_from(reward).unwrap_or(0)
}
