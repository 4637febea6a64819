//! Prices of operators, reviewed after each week for the weeks to come.
//!
//! * Contracts follow the market: p moves by the share k·(pressure − neutral) a week, where
//!   pressure is everything that buyers wanted ÷ capacity, half of the pool, half of all that
//!   the operator has; and each class slowly towards the operator's price of an H100e hour,
//!   because buyers compare per H100e.
//! * Lists are reviewed each quarter, operators taking turns in order of name. The desired list is
//!   the best response of [`super::desk`], Bertrand-Nash under the scenario's expectation; it is
//!   posted only when it differs by more than the menu cost, a share of the logarithm of the
//!   premium over contracts at the opening. Without an equilibrium prices stand.
//! * Spot is administered: a step up when the sold share of idle capacity rises above one
//!   threshold, a step down when it falls below another, then rest. What is sought counts, with
//!   those whom other sellers turned away. Between its steps a price stands still, and each stands
//!   elsewhere between them (Caplin and Spulber), so that the market's mean moves with scarcity
//!   although hardly any price moves in a given week.
//!   Or it is auctioned: each week the price at which idle hours are just sold.
//! * No price falls below avoidable cost and its least margin, nor does spot exceed the list.
//!
//! A class that an operator does not have yet is quoted at his price of an H100-equivalent hour.

use super::super::demand::Demand;
use super::super::ids::{Id, OfferId, OperatorId};
use super::super::model::{Model, QUARTER_WEEKS};
use super::asks::{Wanted, elasticity};
use super::desk::{Desk, Response};
use super::offers::{Pool, Seller};
use super::ration::Room;
use super::state::Market;
use crate::kernels::math::{exp, ln};
use crate::scenario::types::SpotRule;

/// Pressure beyond which a price moves no faster.
const MOST_PRESSURE: f64 = 1.6;

/// What the week has shown.
pub struct Signals<'a> {
    pub week: u32,
    pub room: &'a Room,
    /// Hours wanted at this week's prices before rationing, by offer.
    pub wanted_h: &'a [f64],
    /// The same with the hours of those who came because another offer was full.
    pub sought_h: &'a [f64],
    /// Avoidable cost with its least margin, by pool.
    pub floor_usd_per_h: &'a [f64],
    pub demand: &'a Demand,
}

/// Weight of the operator's whole capacity, beside the pool's own, in a contract's pressure:
/// chips of one seller compete per H100-equivalent, so their prices move together.
const COMMON_WEIGHT: f64 = 0.5;
/// Speed at which a class's contract price closes in on the operator's price of an H100e hour,
/// as a share of the speed at which it answers pressure.
const COHERENCE: f64 = 0.25;

/// What an operator's pools have in common.
#[derive(Clone, Copy, Default)]
struct Common {
    h100e_h: f64,
    /// Σ hours × pressure, and Σ hours × contract price per H100e.
    pressed: f64,
    usd: f64,
}

/// Reviews every operator's prices; returns the best responses if somebody's list was reviewed.
pub fn review(model: &Model, signals: &Signals<'_>, market: &mut Market) -> Option<Response> {
    let reviews = |operator| turn(signals.week, operator, QUARTER_WEEKS);
    let mut sellers = model.market.list_prices.iter();
    let response = if sellers.any(|(operator, list)| list.is_some() && reviews(operator)) {
        Desk::respond(model, signals.demand, market)
    } else {
        None
    };
    let mut common = vec![Common::default(); model.names.operators.len()];
    for (index, pool) in model.market.pools.iter().enumerate() {
        let h100e_h = signals.room.pool_h[index] * model.market.h100e(pool.reserved);
        if h100e_h > 0.0 {
            let sums = &mut common[pool.operator.index()];
            sums.h100e_h += h100e_h;
            sums.pressed += h100e_h * pressure(signals, index, pool);
            sums.usd += signals.room.pool_h[index] * market.price_usd_per_h[pool.reserved];
        }
    }
    for (index, pool) in model.market.pools.iter().enumerate() {
        if signals.room.pool_h[index] <= 0.0 {
            continue;
        }
        let floor = signals.floor_usd_per_h[index];
        let all = common[pool.operator.index()];
        let own = pressure(signals, index, pool);
        let mut gap = own - model.market.rules.neutral_utilisation_share;
        let h100e = model.market.h100e(pool.reserved);
        if all.h100e_h > 0.0 && h100e > 0.0 {
            gap += COMMON_WEIGHT * (all.pressed / all.h100e_h - own);
            let usual = all.usd / all.h100e_h * h100e;
            gap += COHERENCE * ln(usual / market.price_usd_per_h[pool.reserved]);
        }
        contract(model, gap, (index, floor), market);
        if let (Some(response), true) = (&response, reviews(pool.operator)) {
            let premium = response.premium[pool.operator.index()];
            list(model, premium, (index, floor), market);
        }
        spot(model, signals, (index, floor), market);
    }
    quote_absent(model, market);
    response
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

fn contract(model: &Model, gap: f64, (index, floor): (usize, f64), market: &mut Market) {
    let rules = &model.market.rules;
    let pool = &model.market.pools[index];
    let moved = market.price_usd_per_h[pool.reserved] * (1.0 + rules.contract_speed_per_week * gap);
    market.price_usd_per_h[pool.reserved] = if moved > floor { moved } else { floor };
}

fn list(model: &Model, premium: Option<f64>, (index, floor): (usize, f64), market: &mut Market) {
    let pool = &model.market.pools[index];
    let Some(premium) = premium else { return };
    let present = market.price_usd_per_h[pool.on_demand];
    let desired = market.price_usd_per_h[pool.reserved] * premium;
    let desired = if desired > floor { desired } else { floor };
    let band = model.market.rules.menu_band_share * ln(market.list_premium[index]).abs();
    if ln(desired / present).abs() > band {
        market.price_usd_per_h[pool.on_demand] = desired;
    }
}

fn spot(model: &Model, signals: &Signals<'_>, (index, floor): (usize, f64), market: &mut Market) {
    let pool = &model.market.pools[index];
    let price = match model.market.rules.spot {
        SpotRule::Administered => administered(model, signals, index, market),
        SpotRule::Auction => auctioned(model, signals, index, market),
    };
    let list = market.price_usd_per_h[pool.on_demand];
    let price = if price < list { price } else { list };
    market.price_usd_per_h[pool.spot] = if price > floor { price } else { floor };
}

/// A step where what is sought has left the thresholds, then rest.
fn administered(model: &Model, signals: &Signals<'_>, index: usize, market: &mut Market) -> f64 {
    let rules = &model.market.rules;
    let pool = &model.market.pools[index];
    let price = market.price_usd_per_h[pool.spot];
    let rest = market.spot_rest_weeks[index] - 1.0;
    market.spot_rest_weeks[index] = if rest > 0.0 { rest } else { 0.0 };
    if rest > 0.0 {
        return price;
    }
    let idle = signals.room.idle_h[index] / exp(market.spot_offset[index]);
    let sought = signals.sought_h[pool.spot.index()];
    let step = 1.0 + rules.spot_step_share;
    let moved = if sought > rules.spot_high_utilisation_share * idle {
        price * step
    } else if sought < rules.spot_low_utilisation_share * idle {
        price / step
    } else {
        return price;
    };
    market.spot_rest_weeks[index] = f64::from(rules.spot_review_weeks);
    moved
}

/// Largest weekly factor on a price that is auctioned.
const WILDEST: f64 = 1.25;

/// The price at which idle hours are just sold (E14), from what is sought at the present one.
fn auctioned(model: &Model, signals: &Signals<'_>, index: usize, market: &Market) -> f64 {
    let pool = &model.market.pools[index];
    let price = market.price_usd_per_h[pool.spot];
    let wanted = Wanted {
        hours: signals.sought_h[pool.spot.index()],
        price_usd_per_h: price,
        elasticity: elasticity(model),
    };
    let idle = signals.room.idle_h[index];
    let cleared = if wanted.hours <= 0.0 {
        price / WILDEST
    } else if idle <= 0.0 {
        price * WILDEST
    } else {
        wanted.price_of(idle)
    };
    cleared.clamp(price / WILDEST, price * WILDEST)
}

/// Part of the way between the two steps over which spot prices are spread at the opening.
const SPREAD: f64 = 0.9;
/// Fractional part of the golden ratio: its multiples fill the unit interval evenly.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Spreads spot prices evenly over the way between their two steps: the state in which random
/// demand leaves them, and nobody knows when they were last changed.
pub fn spread_spot(model: &Model, market: &mut Market) {
    let rules = &model.market.rules;
    let (low, high) = (
        rules.spot_low_utilisation_share,
        rules.spot_high_utilisation_share,
    );
    let way = if low > 0.0 { ln(high / low) } else { 0.0 };
    let mut place = 0.5;
    for offset in &mut market.spot_offset {
        *offset = SPREAD * way * (place - 0.5);
        place += GOLDEN;
        if place >= 1.0 {
            place -= 1.0;
        }
    }
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
