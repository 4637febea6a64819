//! Used chips: brokers bid the present value of the rents that a new owner can expect, less their
//! margin, and less as their stock grows. What no longer pays its handling is scrapped.

use super::super::ids::Id;
use super::super::model::Model;
use super::super::operators::Operators;
use super::super::schedule::annuity;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::state::Chips;
use crate::kernels::math;

/// Hours of a year.
const YEAR_H: f64 = 8_766.0;

/// Price of a worthless chip ÷ the cost of handling it.
const METAL_SHARE: f64 = 0.2;

/// Called by investment every week, after rents are known.
pub fn trade(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let rules = &model.chips.rules().second_hand;
    let World {
        chips,
        operators,
        books,
        ..
    } = world;
    let alive = operators.fleet_by_chip(model);
    for (chip, accounts) in model.chips.accounts.iter() {
        let used = chips.used_chips[chip];
        let around = (alive[chip.index()] + used) as f64;
        let glut = used as f64 / (1.0 + around) / rules.stock_share_at_half_price;
        let hourly = operators.margin_usd_per_h(model, chip);
        let bid = value_usd(model, hourly) * (1.0 - rules.broker_margin_share) / (1.0 + glut);
        let bid = if model.chips.on_sale(chip, week.number) && bid > chips.price_usd[chip] {
            chips.price_usd[chip]
        } else {
            bid
        };
        // Somebody always takes a chip for its metal.
        let metal = METAL_SHARE * rules.handling_usd;
        let bid = if bid > metal { bid } else { metal };
        chips.used_price_usd[chip] += (bid - chips.used_price_usd[chip]) * rules.price_step_share;
        if chips.used_price_usd[chip] < rules.handling_usd && used > 0 {
            let share = (used as f64 * rules.scrap_share_per_week).ceil() as i64;
            let scrapped = share.min(used);
            chips.used_chips[chip] -= scrapped;
            chips.scrapped_total_chips[chip] += scrapped;
            books.post(accounts.used, accounts.scrap, i128::from(scrapped));
        }
    }
    Ok(())
}

/// Second-hand prices of the first day, from the rents of the opening.
pub fn open(model: &Model, operators: &Operators, chips: &mut Chips) {
    let rules = &model.chips.rules().second_hand;
    for (chip, product) in model.chips.products.iter() {
        let value = value_usd(model, operators.margin_usd_per_h(model, chip));
        let bid = value * (1.0 - rules.broker_margin_share);
        let metal = METAL_SHARE * rules.handling_usd;
        let bid = if bid > metal { bid } else { metal };
        let made = product.made.is_some();
        let dear = made && bid > product.price_usd;
        chips.used_price_usd[chip] = if dear { product.price_usd } else { bid };
        if !made {
            chips.price_usd[chip] = chips.used_price_usd[chip];
        }
    }
}

/// Present value of a margin per hour over a second owner's horizon, rents falling as expected.
pub fn value_usd(model: &Model, margin_usd_per_h: f64) -> f64 {
    if margin_usd_per_h <= 0.0 {
        return 0.0;
    }
    let rules = &model.operators.rules;
    let decline = -math::ln(1.0 - rules.rent_decline_per_year.clamp(0.0, 0.99));
    let rate = model.operators.second_hand_rate + decline;
    margin_usd_per_h * YEAR_H * annuity(rate, model.chips.rules().second_hand.horizon_years)
}
