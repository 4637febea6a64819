//! What is online and open to buyers this week.

use super::super::chips::{CLASSES, Chips};
use super::super::grid::Tariff;
use super::super::ids::{AreaId, ChipId, Id, OperatorId, RegionId};
use super::super::model::{Model, WEEK_H};
use super::super::schedule::annuity;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::state::{Operators, mean_ground};

/// Hours of a year.
const YEAR_H: f64 = 8_766.0;

/// Called by supply: operators go online, place their own work and offer the rest.
pub fn offer(week: &Week, world: &mut World) -> Result<(), Fault> {
    let World {
        operators,
        grid,
        chips,
        conditions,
        market,
        ..
    } = world;
    for (region, state) in grid.regions.iter() {
        let tariff = state.tariff_usd_per_mwh[Tariff::DataCentre as usize];
        if state.pue >= 1.0 && tariff > 0.0 {
            operators.pue[region.index()] = state.pue;
            operators.tariff_usd_per_mwh[region.index()] = tariff;
        }
    }
    operators.mean_pue_and_tariff =
        mean_ground(week.model, &operators.pue, &operators.tariff_usd_per_mwh);
    let up = |operator, area| conditions.up_share(operator, area);
    measure(week.model, chips, &up, operators);
    for (region, load) in market.load.iter_mut() {
        let (mut internal, mut mining, mut value) = (0.0, 0.0, 0.0);
        for (operator, firm) in week.model.operators.firms.iter() {
            let site = operators.site(operator, region);
            internal += operators.internal_mw[site];
            mining += operators.mining_mw[site];
            value += operators.mining_mw[site] * firm.mining_value_usd_per_mwh;
        }
        load.internal_it_mw = internal;
        load.internal_value_usd_per_mwh = internal_value_per_mwh(week.model, operators, region);
        load.miner_mw = mining;
        load.miner_value_usd_per_mwh = if mining > 0.0 { value / mining } else { 0.0 };
    }
    Ok(())
}

/// What a MWh of own work is worth: value of its H100-equivalent hours ÷ its energy.
pub(super) fn internal_value_per_mwh(
    model: &Model,
    operators: &Operators,
    region: RegionId,
) -> f64 {
    let Some(h100) = model.chips.references[crate::scenario::types::ChipClass::Hopper as usize]
    else {
        return operators.internal_value_usd_per_h * 1e3;
    };
    let kw = model.chips.products[h100].system_kw * model.operators.rules.power_draw_share;
    operators.internal_value_usd_per_h * 1e3 / (kw * operators.pue[region.index()])
}

/// Hours, loads and costs of the week from fleets, power, halls and events.
pub fn measure(
    model: &Model,
    chips: &Chips,
    up_share: &dyn Fn(OperatorId, AreaId) -> f64,
    operators: &mut Operators,
) {
    operators.offered_h.fill(0.0);
    operators.internal_h.fill(0.0);
    operators.kw_per_reference.fill(0.0);
    operators.unit_cost.fill(0.0);
    for operator in model.operators.firms.ids() {
        operators.online_h100e[operator] = 0.0;
        operators.online_kw[operator] = 0.0;
        for region in model.operators.ground.ids() {
            let area = model.operators.ground[region].area;
            run_site(
                model,
                (operator, region, area),
                up_share(operator, area),
                operators,
            );
        }
        place_own_work(model, operator, operators);
        full_costs(model, chips, operator, operators);
    }
}

/// Scarce power runs the chips that do most with it. Hours gather in `offered_h`, their energy in
/// `kw_per_reference` and cost in `unit_cost`, both still as sums.
fn run_site(
    model: &Model,
    (operator, region, area): (OperatorId, RegionId, AreaId),
    up_share: f64,
    operators: &mut Operators,
) {
    let site = operators.site(operator, region);
    let firm = &model.operators.firms[operator];
    let (pue, tariff) = (
        operators.pue[region.index()],
        operators.tariff_usd_per_mwh[region.index()],
    );
    operators.mining_mw[site] = mining_mw(firm.mining_mw * firm.site_share[region], firm, tariff);
    operators.internal_mw[site] = 0.0;
    operators.region_share[site] = 0.0;
    let (power, shell) = (operators.energised_mw[site], operators.shell_mw[site]);
    let mut left_kw = if power < shell { power } else { shell } * 1e3 / pue;
    if operators.defaulted[operator] || left_kw <= 0.0 {
        return;
    }
    let draw = model.operators.rules.power_draw_share;
    let mut drawn_kw = 0.0;
    for &chip in &model.operators.by_efficiency {
        let owned = operators.fleet_chips[site * operators.chips + chip.index()];
        if owned == 0 {
            continue;
        }
        let product = &model.chips.products[chip];
        let possible = left_kw / product.system_kw;
        let run = if (owned as f64) < possible {
            owned as f64
        } else {
            possible
        };
        left_kw -= run * product.system_kw;
        let references = run * model.chips.reference_per_chip[chip];
        let hours = references * WEEK_H * up_share;
        let slot = operators.slot(operator, area, product.class);
        let kw = run * product.system_kw * draw * up_share;
        let cost = Operators::avoidable_usd_per_h(model, chip, pue, tariff);
        operators.offered_h[slot] += hours;
        operators.kw_per_reference[slot] += kw * WEEK_H;
        operators.unit_cost[slot] += cost * run * WEEK_H * up_share;
        operators.online_h100e[operator] +=
            references * model.chips.h100e[product.class as usize][0];
        drawn_kw += kw;
        operators.online_kw[operator] += run * product.system_kw;
    }
    operators.region_share[site] = drawn_kw;
}

/// Miners switch off where power costs more than it earns.
fn mining_mw(mw: f64, firm: &super::Firm, tariff_usd_per_mwh: f64) -> f64 {
    if tariff_usd_per_mwh < firm.mining_value_usd_per_mwh {
        mw
    } else {
        0.0
    }
}

/// Own work comes first; a rent above its value releases a share of it. Sums become means.
fn place_own_work(model: &Model, operator: OperatorId, operators: &mut Operators) {
    let firm = &model.operators.firms[operator];
    let mut area_kw = vec![0.0; operators.areas];
    let mut area_internal_kw = vec![0.0; operators.areas];
    for area in 0..operators.areas {
        for class in 0..CLASSES {
            let slot = (operator.index() * operators.areas + area) * CLASSES + class;
            let hours = operators.offered_h[slot];
            if hours <= 0.0 {
                continue;
            }
            let own = own_share(model, firm, class, operators);
            area_kw[area] += operators.kw_per_reference[slot] / WEEK_H;
            area_internal_kw[area] += own * operators.kw_per_reference[slot] / WEEK_H;
            operators.internal_h[operator.index() * CLASSES + class] += own * hours;
            operators.offered_h[slot] = (1.0 - own) * hours;
            operators.kw_per_reference[slot] /= hours;
            operators.unit_cost[slot] /= hours;
        }
    }
    for (region, ground) in model.operators.ground.iter() {
        let site = operators.site(operator, region);
        let area = ground.area.index();
        let share = if area_kw[area] > 0.0 {
            operators.region_share[site] / area_kw[area]
        } else {
            0.0
        };
        operators.region_share[site] = share;
        operators.internal_mw[site] = area_internal_kw[area] * share / 1e3;
    }
}

/// Share of a class's hours that an operator keeps for itself.
fn own_share(model: &Model, firm: &super::Firm, class: usize, operators: &Operators) -> f64 {
    if !firm.sells {
        return 1.0;
    }
    let value = operators.internal_value_usd_per_h * model.operators.h100e_of_class[class];
    let rent = operators.rent_usd_per_h[class];
    let above = if value > 0.0 {
        (rent / value - 1.0).clamp(0.0, 1.0)
    } else {
        1.0
    };
    firm.internal_share * (1.0 - model.operators.rules.release_share * above)
}

/// Avoidable cost + annuity of a reference chip and its hall, at today's prices.
fn full_costs(model: &Model, chips: &Chips, operator: OperatorId, operators: &mut Operators) {
    let rules = &model.operators.rules;
    let firm = &model.operators.firms[operator];
    let chip_annuity = annuity(firm.rate, rules.chip_life_years) * YEAR_H;
    let hall_annuity = annuity(firm.rate, rules.site_life_years) * YEAR_H;
    let (pue, tariff) = operators.mean_pue_and_tariff;
    for (class, reference) in model.chips.references.iter().enumerate() {
        let cost = reference.map_or(0.0, |chip: ChipId| {
            let product = &model.chips.products[chip];
            let chip_usd = chips.price_usd[chip] * (1.0 + rules.server_cost_share);
            let hall_usd = product.system_kw * pue * rules.site_cost_usd_per_mw / 1e3;
            chip_usd / chip_annuity
                + hall_usd / hall_annuity
                + Operators::avoidable_usd_per_h(model, chip, pue, tariff)
        });
        operators.full_cost[operator.index() * CLASSES + class] = cost;
    }
}
