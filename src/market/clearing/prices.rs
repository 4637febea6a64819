//! Prices of operators, reviewed after each week for the weeks to come.
//!
//! A simple markup rule by tier; whoever replaces it keeps the signature of [`review`].
//! * Contracts follow the market: p moves by the share k·(pressure − neutral) a week, where
//!   pressure is everything that buyers wanted ÷ capacity, half of the pool, half of all that
//!   the operator has.
//! * Lists are reviewed each quarter, operators taking turns in order of name. The desired list is
//!   the contract price times the premium of the opening (the markup that buyers of single hours
//!   have been seen to pay); it is posted only when it differs by more than the menu cost, a
//!   share of the premium's logarithm.
//! * Spot is administered: a step up when idle capacity is nearly sold, a step down when it is not.
//! * No price falls below avoidable cost and its least margin, nor does spot exceed the list.
//!
//! A class that an operator does not have yet is quoted at his price of an H100-equivalent hour.

use super::super::ids::{Id, OfferId, OperatorId};
use super::super::model::{Model, QUARTER_WEEKS};
use super::offers::{Pool, Seller};
use super::ration::Room;
use super::state::Market;
use crate::kernels::math::ln;

/// Pressure beyond which a price moves no faster.
const MOST_PRESSURE: f64 = 1.6;

/// What the week has shown.
pub struct Signals<'a> {
    pub week: u32,
    pub room: &'a Room,
    /// Hours wanted at this week's prices before rationing, by offer.
    pub wanted_h: &'a [f64],
    /// Avoidable cost with its least margin, by pool.
    pub floor_usd_per_h: &'a [f64],
}

/// Weight of the operator's whole capacity, beside the pool's own, in a contract's pressure:
/// chips of one seller compete per H100-equivalent, so their prices move together.
const COMMON_WEIGHT: f64 = 0.5;

/// Reviews every operator's prices.
pub fn review(model: &Model, signals: &Signals<'_>, market: &mut Market) {
    let mut common = vec![(0.0, 0.0); model.names.operators.len()];
    for (index, pool) in model.market.pools.iter().enumerate() {
        let h100e_h = signals.room.pool_h[index] * model.market.h100e(pool.reserved);
        if h100e_h > 0.0 {
            let sums = &mut common[pool.operator.index()];
            sums.0 += h100e_h * pressure(signals, index, pool);
            sums.1 += h100e_h;
        }
    }
    for (index, pool) in model.market.pools.iter().enumerate() {
        if signals.room.pool_h[index] <= 0.0 {
            continue;
        }
        let floor = signals.floor_usd_per_h[index];
        let (sum, weight) = common[pool.operator.index()];
        let own = pressure(signals, index, pool);
        let all = if weight > 0.0 { sum / weight } else { own };
        let pressure = COMMON_WEIGHT * all + (1.0 - COMMON_WEIGHT) * own;
        contract(model, pressure, (index, floor), market);
        list(model, signals.week, (index, floor), market);
        spot(model, signals, (index, floor), market);
    }
    quote_absent(model, market);
}

/// Everything wanted of a pool ÷ its capacity; of spot no more than there is idle, because its
/// own price answers to the rest.
fn pressure(signals: &Signals<'_>, index: usize, pool: &Pool) -> f64 {
    let wanted = |offer: OfferId| signals.wanted_h[offer.index()];
    let room = signals.room;
    let spot = wanted(pool.spot);
    let spot = if spot < room.idle_h[index] {
        spot
    } else {
        room.idle_h[index]
    };
    let firm = room.contracts_h[index] + wanted(pool.reserved) + wanted(pool.on_demand);
    let pressure = (firm + spot) / room.pool_h[index];
    if pressure < MOST_PRESSURE {
        pressure
    } else {
        MOST_PRESSURE
    }
}

fn contract(model: &Model, pressure: f64, (index, floor): (usize, f64), market: &mut Market) {
    let rules = &model.market.rules;
    let pool = &model.market.pools[index];
    let gap = pressure - rules.neutral_utilisation_share;
    let moved = market.price_usd_per_h[pool.reserved] * (1.0 + rules.contract_speed_per_week * gap);
    market.price_usd_per_h[pool.reserved] = if moved > floor { moved } else { floor };
}

fn list(model: &Model, week: u32, (index, floor): (usize, f64), market: &mut Market) {
    let pool = &model.market.pools[index];
    if !turn(week, pool.operator, QUARTER_WEEKS) {
        return;
    }
    let premium = market.list_premium[index];
    let present = market.price_usd_per_h[pool.on_demand];
    let desired = market.price_usd_per_h[pool.reserved] * premium;
    let desired = if desired > floor { desired } else { floor };
    let band = model.market.rules.menu_band_share * ln(premium).abs();
    if ln(desired / present).abs() > band {
        market.price_usd_per_h[pool.on_demand] = desired;
    }
}

fn spot(model: &Model, signals: &Signals<'_>, (index, floor): (usize, f64), market: &mut Market) {
    let rules = &model.market.rules;
    let pool = &model.market.pools[index];
    let mut price = market.price_usd_per_h[pool.spot];
    if turn(signals.week, pool.operator, rules.spot_review_weeks) {
        let idle = signals.room.idle_h[index];
        let wanted = signals.wanted_h[pool.spot.index()];
        let step = 1.0 + rules.spot_step_share;
        if wanted > rules.spot_high_utilisation_share * idle {
            price *= step;
        } else if wanted < rules.spot_low_utilisation_share * idle {
            price /= step;
        }
    }
    let list = market.price_usd_per_h[pool.on_demand];
    price = if price < list { price } else { list };
    market.price_usd_per_h[pool.spot] = if price > floor { price } else { floor };
}

/// Whether it is an operator's turn; operators take turns in order of name.
fn turn(week: u32, operator: OperatorId, every: u32) -> bool {
    (week + 1 + operator.index() as u32 * 5).is_multiple_of(every)
}

/// Prices of what cannot be bought yet: the seller's mean price of an H100-equivalent hour.
fn quote_absent(model: &Model, market: &mut Market) {
    let tiers = crate::scenario::types::Tier::ALL.len();
    let sellers = model.names.operators.len();
    let mut sums = vec![(0.0, 0.0); sellers * tiers];
    let place = |operator: OperatorId, tier: usize| operator.index() * tiers + tier;
    for (id, offer) in model.market.offers.iter() {
        if let (Seller::Operator(operator), true) = (offer.seller, market.standing_h[id] > 0.0) {
            let sums = &mut sums[place(operator, offer.tier as usize)];
            sums.0 += market.standing_h[id] * market.price_usd_per_h[id];
            sums.1 += market.standing_h[id] * model.market.h100e(id);
        }
    }
    for (id, offer) in model.market.offers.iter() {
        if let (Seller::Operator(operator), true) = (offer.seller, market.standing_h[id] <= 0.0) {
            let (usd, h100e) = sums[place(operator, offer.tier as usize)];
            if usd > 0.0 && h100e > 0.0 {
                market.price_usd_per_h[id] = usd / h100e * model.market.h100e(id);
            }
        }
    }
}
