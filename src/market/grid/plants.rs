//! Plants arrive and leave.
//!
//! Opening construction arrives evenly over its technology's lead time. Once a year builders
//! compare the rent that they remember with the yearly cost of a new plant: of the year's build
//! limit they order logistic((rent ÷ annuity − 1) ÷ spread), spread over the four quarters after
//! the lead time. Of a fleet's capacity exit_share × logistic((1 − rent ÷ keeping) ÷ spread)
//! retires, while reserves allow: regulators keep plants open when the margin is below 10 %.
//! Free entry drives rent to the annuity.

use super::model::{Fleet, GridModel, PIPELINE_QUARTERS, RegionModel};
use super::region_week::base_mean_mw;
use super::state::{FleetColumns, Grid, RegionState};
use super::tariffs;
use crate::kernels::math;
use crate::market::model::{QUARTER_WEEKS, WEEK_H, YEAR_WEEKS};
use crate::market::week::Week;

/// Weeks between reviews of builders and of the price of capacity.
pub const REVIEW_WEEKS: u32 = 52;

/// Reserve margin below which no plant may close; above twice it all that want to do.
const KEPT_MARGIN_SHARE: f64 = 0.1;

/// Lead times grow no longer than the order book reaches.
fn lead_quarters(fleet: &Fleet) -> usize {
    let weeks = fleet
        .technology
        .build
        .as_ref()
        .map_or(0.0, |build| build.lead_time_weeks);
    let quarters = (weeks / f64::from(QUARTER_WEEKS)).ceil() as usize;
    quarters.clamp(1, PIPELINE_QUARTERS - 5)
}

/// This week's share of what is under construction comes into service.
pub fn commission(week: &Week, grid: &mut Grid) {
    let columns = &mut grid.fleets;
    let quarter = (week.number / QUARTER_WEEKS) as usize % PIPELINE_QUARTERS;
    let last = week.number % QUARTER_WEEKS == QUARTER_WEEKS - 1;
    for (at, fleet) in week.model.grid.fleets.iter().enumerate() {
        let ordered = &mut columns.pipeline_mw[at * PIPELINE_QUARTERS + quarter];
        let left = QUARTER_WEEKS - week.number % QUARTER_WEEKS;
        let arriving = *ordered / f64::from(left);
        *ordered = if last { 0.0 } else { *ordered - arriving };
        columns.capacity_mw[at] += arriving + opening_rate_mw(fleet, week.number);
    }
}

/// Weekly arrivals of what was under construction at the opening.
fn opening_rate_mw(fleet: &Fleet, week: u32) -> f64 {
    let Some(build) = &fleet.technology.build else {
        return 0.0;
    };
    let share = build.arriving_share.unwrap_or(0.0) * fleet.facts.capacity_mw;
    let arriving = fleet.facts.arriving_mw.unwrap_or(share);
    let weeks = build.lead_time_weeks;
    let left = weeks - f64::from(week);
    let part = if left > 1.0 { 1.0 } else { left };
    if part > 0.0 {
        arriving / weeks * part
    } else {
        0.0
    }
}

/// Yearly: the capacity auction, entry and exit.
pub fn review(week: &Week, grid: &mut Grid) {
    if !(week.number + 1).is_multiple_of(REVIEW_WEEKS) {
        return;
    }
    let model = &week.model.grid;
    let years = week.calendar().years(week.number);
    let quarter = (week.number / QUARTER_WEEKS) as usize;
    for (id, region) in model.regions.iter() {
        let state = &mut grid.regions[id];
        auction(region, state);
        let base = base_mean_mw(region, years) / region.facts.load_factor_share;
        let peak_mw = base + state.data_centre_mw - state.own_power_mwh / WEEK_H;
        let margin = state.reserve_margin_share;
        for at in region.fleets.clone() {
            enter(model, region, at, &mut grid.fleets, (peak_mw, quarter));
            leave(model, at, &mut grid.fleets, margin);
        }
    }
}

/// Next year's price of capacity at this year's reserve margin.
pub fn auction(region: &RegionModel, state: &mut RegionState) {
    if let Some(market) = &region.facts.capacity_market {
        state.capacity_price_usd_per_mw_day =
            tariffs::capacity_price_usd_per_mw_day(market, state.reserve_margin_share);
    }
}

fn enter(
    model: &GridModel,
    region: &RegionModel,
    at: usize,
    columns: &mut FleetColumns,
    (peak_mw, quarter): (f64, usize),
) {
    let fleet = &model.fleets[at];
    let rules = &model.rules.generation;
    let ratio = region.facts.build_cost_ratio;
    let Some(annuity) = fleet.annuity_usd_per_mw_year(rules.cost_of_capital_share, ratio) else {
        return;
    };
    let limit = fleet
        .technology
        .build
        .as_ref()
        .map_or(0.0, |build| build.limit_share_per_year);
    let worth = columns.rent_usd_per_mw_year[at] / annuity;
    let keen = math::logistic((worth - 1.0) / rules.judgement_spread);
    let ordered_mw = limit * peak_mw * keen;
    let first = quarter + 1 + lead_quarters(fleet);
    for later in 0..4 {
        let slot = (first + later) % PIPELINE_QUARTERS;
        columns.pipeline_mw[at * PIPELINE_QUARTERS + slot] += ordered_mw / 4.0;
    }
}

fn leave(model: &GridModel, at: usize, columns: &mut FleetColumns, margin_share: f64) {
    let fleet = &model.fleets[at];
    let Some(keeping) = fleet.technology.keeping_usd_per_kw_year else {
        return;
    };
    let rules = &model.rules.generation;
    let worth = columns.rent_usd_per_mw_year[at] / (keeping * 1e3);
    let tired = math::logistic((1.0 - worth) / rules.judgement_spread);
    let spare = margin_share / KEPT_MARGIN_SHARE - 1.0;
    let spare = if spare < 0.0 { 0.0 } else { spare };
    let spare = if spare > 1.0 { 1.0 } else { spare };
    columns.capacity_mw[at] *= 1.0 - rules.exit_share_per_year * tired * spare;
}

/// Builders remember rents with a fading memory.
pub fn remember(model: &GridModel, region: &RegionModel, rent: &[f64], columns: &mut FleetColumns) {
    let gain = 1.0 / (model.rules.generation.rent_memory_years * YEAR_WEEKS);
    let gain = if gain < 1.0 { gain } else { 1.0 };
    for (now, at) in rent.iter().zip(region.fleets.clone()) {
        let remembered = &mut columns.rent_usd_per_mw_year[at];
        *remembered += gain * (now - *remembered);
    }
}
