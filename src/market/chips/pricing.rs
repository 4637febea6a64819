//! Makers review prices and capacity each quarter.
//!
//! Price = cost ÷ (1 − margin) × (1 + response · (lead ÷ normal − 1)), relative to the same at the
//! opening, so that the opening price is the fact, plus what the chip's memory costs more than at
//! the opening. Cost falls by learning. Dearer memory is passed on dollar for dollar: the margin
//! is the worth of the design, and a maker at 83 % that marked memory up with it would ask six
//! dollars for one (HBM rose by a third with each generation while prices of chips did not).

use super::super::ids::ChipId;
use super::super::model::{QUARTER_WEEKS, YEAR_WEEKS};
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::model::ChipModel;
use super::state::Chips;
use crate::kernels::math;

/// Use of memory lines at which their price is the opening one.
const CALM_USE: f64 = 0.8;

/// Cost of one chip at the opening's memory price after learning, and what memory adds to it, USD.
fn cost_parts_usd(model: &ChipModel, chip: ChipId, week: u32, chips: &Chips) -> (f64, f64) {
    let product = &model.products[chip];
    let opening = product.price_usd * (1.0 - model.makers[product.maker].gross_margin_share);
    let since = i64::from(week) - product.release_week.max(0);
    let years = if since > 0 {
        since as f64 / YEAR_WEEKS
    } else {
        0.0
    };
    let learnt = math::pow(1.0 - model.rules().pricing.learning_per_year, years);
    let memory = product.made.as_ref().and_then(|made| made.memory);
    let dearer = memory.map_or(0.0, |line| {
        let line = line - model.memory_from;
        chips.memory_price_usd_per_gb[line] - model.memory_price[line].usd_per_gb
    });
    // Cheap memory cannot make a chip cost less than a fifth of what it did.
    let (learnt, least) = (opening * learnt, 0.2 * opening);
    let added = dearer * product.memory_gb;
    let lowest = least - learnt;
    let lowest = if lowest < 0.0 { lowest } else { 0.0 };
    (learnt, if added > lowest { added } else { lowest })
}

/// Cost of one chip to its maker: learning since release, and today's memory price.
pub fn unit_cost_usd(model: &ChipModel, chip: ChipId, week: u32, chips: &Chips) -> f64 {
    let (learnt, memory) = cost_parts_usd(model, chip, week, chips);
    learnt + memory
}

/// What a lead time does to a price.
fn lead_factor(model: &ChipModel, lead_weeks: f64) -> f64 {
    let rules = &model.rules().pricing;
    let excess = (lead_weeks / rules.normal_lead_weeks - 1.0).clamp(-0.9, 3.0);
    1.0 + rules.price_response_share * excess
}

/// Lead time of a product in the state that its opening price belongs to.
fn opening_lead_weeks(model: &ChipModel, chip: ChipId) -> f64 {
    let rules = model.rules();
    let made = model.products[chip].made.as_ref();
    match made.filter(|made| made.opening_chips_per_week > 0.0) {
        Some(made) => made.opening_backlog_weeks + model.process_weeks(chip),
        None => rules.pricing.normal_lead_weeks,
    }
}

/// Called by investment every week.
pub fn review(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = &week.model.chips;
    let chips = &mut world.chips;
    commission(week.number, chips);
    if week.number % QUARTER_WEEKS == QUARTER_WEEKS - 1 {
        price_memory(model, chips);
        price_chips(model, week.number, chips);
        plan_capacity(model, week.number, chips);
    }
    for (chip, product) in model.products.iter() {
        if product.made.is_none() {
            chips.price_usd[chip] = chips.used_price_usd[chip];
        }
    }
    Ok(())
}

fn price_memory(model: &ChipModel, chips: &mut Chips) {
    let step = model.rules().pricing.review_step_share;
    for (index, price) in model.memory_price.iter().enumerate() {
        let tightness = (chips.use_share[model.memory_from + index] - CALM_USE) / (1.0 - CALM_USE);
        let factor = 1.0 + price.scarcity_response * tightness.clamp(-1.0, 3.0);
        let floor = 0.3 * price.usd_per_gb;
        let wanted = price.usd_per_gb * factor;
        let wanted = if wanted > floor { wanted } else { floor };
        let now = &mut chips.memory_price_usd_per_gb[index];
        *now += (wanted - *now) * step;
    }
}

fn price_chips(model: &ChipModel, week: u32, chips: &mut Chips) {
    let rules = &model.rules().pricing;
    for (chip, product) in model.products.iter() {
        if !model.on_sale(chip, week) {
            continue;
        }
        let (cost, memory) = cost_parts_usd(model, chip, week, chips);
        let margin = model.makers[product.maker].gross_margin_share;
        let lead = lead_factor(model, chips.lead_time_weeks[chip])
            / lead_factor(model, opening_lead_weeks(model, chip));
        let wanted = cost / (1.0 - margin) * lead + memory;
        let floor = (cost + memory) / (1.0 - rules.margin_floor_share);
        let wanted = if wanted > floor { wanted } else { floor };
        chips.price_usd[chip] += (wanted - chips.price_usd[chip]) * rules.review_step_share;
    }
}

/// More capacity where a line is short, counting what is already being built; less where idle.
fn plan_capacity(model: &ChipModel, week: u32, chips: &mut Chips) {
    let rules = &model.rules().expansion;
    for (line, record) in model.lines.iter().enumerate() {
        let growing: f64 = chips
            .growing_line
            .iter()
            .zip(&chips.growing_share)
            .filter(|(other, _)| **other == line as u32)
            .map(|(_, share)| share)
            .sum();
        let use_share = chips.use_share[line] / (1.0 + growing);
        if use_share > rules.use_trigger_share {
            chips.growing_line.push(line as u32);
            chips.growing_week.push(week + record.expansion_weeks);
            chips
                .growing_share
                .push(rules.step_share * (use_share - rules.use_trigger_share));
        } else if use_share < rules.use_idle_share && !awaited(model, line, week) {
            let less = rules.retreat_share * (rules.use_idle_share - use_share);
            let left = chips.extra_share[line] - less;
            chips.extra_share[line] = if left > -0.8 { left } else { -0.8 };
        }
    }
}

/// Whether a foundry's line is kept for products to come: until its first product has climbed, and
/// while another is due before capacity given up could be built again. Fabs are built for their
/// customers' next products; packaging and memory serve old and new alike, so there today's use
/// tells.
fn awaited(model: &ChipModel, line: usize, week: u32) -> bool {
    if line >= model.packaging_from {
        return false;
    }
    let rules = &model.rules().chain;
    let climb = i64::from(rules.fab_weeks) + rules.ramp_weeks.ceil() as i64;
    let now = i64::from(week);
    let again = now + i64::from(model.lines[line].expansion_weeks);
    let (mut coming, mut climbed) = (false, false);
    for product in model.products.values() {
        let made = product.made.as_ref();
        if made.is_some_and(|made| made.node == Some(line)) {
            let stands = product.release_week + climb <= now;
            climbed |= stands;
            coming |= !stands && product.release_week <= again;
        }
    }
    coming || !climbed
}

/// Expansions whose time has come add to their lines.
fn commission(week: u32, chips: &mut Chips) {
    let mut kept = 0;
    for index in 0..chips.growing_week.len() {
        if chips.growing_week[index] <= week {
            let line = chips.growing_line[index] as usize;
            chips.extra_share[line] += chips.growing_share[index];
        } else {
            chips.growing_line[kept] = chips.growing_line[index];
            chips.growing_week[kept] = chips.growing_week[index];
            chips.growing_share[kept] = chips.growing_share[index];
            kept += 1;
        }
    }
    chips.growing_line.truncate(kept);
    chips.growing_week.truncate(kept);
    chips.growing_share.truncate(kept);
}
