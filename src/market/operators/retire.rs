//! Failure and retirement: a chip leaves when its present value to its owner is below what
//! brokers pay, or when its power and upkeep exceed its rent.

use super::super::books::whole;
use super::super::chips::Channel;
use super::super::ids::{ChipId, Id, OperatorId, RegionId};
use super::super::model::{Model, QUARTER_WEEKS, YEAR_WEEKS};
use super::super::schedule::annuity;
use super::super::week::{Fault, Week};
use super::super::world::World;

/// Hours of a year.
const YEAR_H: f64 = 8_766.0;

/// Called by investment: each operator reviews its fleet once a quarter.
pub fn retire(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    for operator in model.operators.firms.ids() {
        let turn = week.number % QUARTER_WEEKS == (operator.index() as u32 + 6) % QUARTER_WEEKS;
        if !turn || world.operators.defaulted[operator] {
            continue;
        }
        for region in model.operators.ground.ids() {
            let mut left_kw = powered_kw(model, world, (operator, region));
            for &chip in &model.operators.by_efficiency {
                let owned = world.operators.fleet(operator, region, chip);
                if owned == 0 {
                    continue;
                }
                let kw = model.chips.products[chip].system_kw;
                let running = (left_kw / kw).floor().clamp(0.0, owned as f64);
                left_kw -= running * kw;
                review(week, world, (operator, region, chip), running as i64);
            }
        }
    }
    Ok(())
}

/// Chips that have power over the year: a hot week makes none superfluous.
fn powered_kw(model: &Model, world: &World, (operator, region): (OperatorId, RegionId)) -> f64 {
    let operators = &world.operators;
    let site = operators.site(operator, region);
    let (power, shell) = (operators.energised_mw[site], operators.shell_mw[site]);
    (if power < shell { power } else { shell }) * 1e3 / model.operators.ground[region].pue
}

/// Failures leave; then idle and worthless chips go, a share at a time.
fn review(
    week: &Week,
    world: &mut World,
    (operator, region, chip): (OperatorId, RegionId, ChipId),
    running: i64,
) {
    let model = week.model;
    let rules = &model.operators.rules;
    let owned = world.operators.fleet(operator, region, chip);
    let quarter = f64::from(QUARTER_WEEKS) / YEAR_WEEKS;
    let failed = whole(running as f64 * rules.failure_share_per_year * quarter) as i64;
    let failed = failed.clamp(0, owned);
    let margin = world
        .operators
        .own_margin_usd_per_h(model, (operator, region), chip);
    let rate = model.operators.firms[operator].rate + model.operators.decline_rate;
    let years = model.chips.rules().second_hand.horizon_years;
    let value = if margin > 0.0 {
        margin * YEAR_H * annuity(rate, years)
    } else {
        0.0
    };
    let resale = resale_usd(week, world, chip);
    let idle = owned - failed - running.min(owned - failed);
    let surplus = if value <= 0.0 || resale > value {
        owned - failed
    } else {
        idle
    };
    let leaving = whole(surplus as f64 * rules.retire_step_share) as i64;
    let leaving = leaving.clamp(0, owned - failed);
    let World {
        operators,
        chips,
        books,
        ..
    } = world;
    *operators.fleet_mut(operator, region, chip) -= failed + leaving;
    let stock = model.operators.firms[operator].stock[chip];
    let accounts = &model.chips.accounts[chip];
    let (sold, scrapped) = if resale > 0.0 {
        (leaving, failed)
    } else {
        (0, failed + leaving)
    };
    books.post(stock, accounts.scrap, i128::from(scrapped));
    chips.scrapped_total_chips[chip] += scrapped;
    if sold > 0 {
        books.post(stock, accounts.used, i128::from(sold));
        chips.sell_used(chip, sold);
        operators.pay(model, operator, -(resale * sold as f64), books);
    }
}

/// What brokers pay; nobody buys a chip that runs only in its designer's halls.
fn resale_usd(week: &Week, world: &World, chip: ChipId) -> f64 {
    let product = &week.model.chips.products[chip];
    let price = world.chips.used_price_usd[chip];
    let handling = week.model.chips.rules().second_hand.handling_usd;
    match product.channel {
        Channel::Captive(_) => 0.0,
        _ if price > handling => price,
        _ => 0.0,
    }
}
