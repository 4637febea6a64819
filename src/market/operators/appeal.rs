//! What products are worth to operators beyond their returns: habit, software, allocation.
//!
//! Opening output is a fact. Orders of the opening follow returns at opening prices and lead
//! times; what is left is a factor of each product's weight, fitted so that money is spent on
//! products as their output says (the inversion of market shares, on the buyers of chips). So
//! that queues open at rest: no product is suddenly ordered twice as fast as it is made.

use super::super::chips::Chips;
use super::super::conditions::Conditions;
use super::super::ids::{ChipId, Id, OperatorId, RegionId, Table};
use super::super::model::Model;
use super::plan::Shop;
use super::state::Operators;
use crate::kernels::math;

/// Rounds of the fit, and the part of the gap that one closes.
const ROUNDS: usize = 60;
const STEP: f64 = 0.7;
/// Appeal stays within this factor of one.
const WIDEST: f64 = 100.0;

/// Fits the appeal of every product that is made at the opening; others get their maker's mean.
pub fn fit(model: &Model, chips: &Chips, operators: &mut Operators) {
    let targets = targets_usd(model);
    let wanted: f64 = targets.values().iter().sum();
    let budgets: f64 = model.operators.firms.ids().map(|o| budget(model, o)).sum();
    if wanted <= 0.0 || budgets <= 0.0 {
        return;
    }
    let calm = Conditions::calm(model);
    for _ in 0..ROUNDS {
        let spent = spending(model, chips, operators, &calm);
        for (chip, target) in targets.iter() {
            let (target, spent) = (target * budgets / wanted, spent[chip]);
            if target > 0.0 && spent > 0.0 {
                let appeal = operators.chip_appeal[chip] * math::pow(target / spent, STEP);
                operators.chip_appeal[chip] = appeal.clamp(1.0 / WIDEST, WIDEST);
            }
        }
    }
    level(model, &targets, operators);
}

/// A year's spending on accelerators.
fn budget(model: &Model, operator: OperatorId) -> f64 {
    let firm = &model.operators.firms[operator];
    firm.capex_usd_per_year.at(0) * firm.ai_share
}

/// Weekly output at the opening, at its price, of what operators may buy.
fn targets_usd(model: &Model) -> Table<ChipId, f64> {
    let products = model.chips.products.iter();
    products
        .map(|(chip, product)| match &product.made {
            Some(made) if model.chips.on_sale(chip, 0) && made.node.is_some() => {
                made.opening_chips_per_week * product.price_usd
            }
            _ => 0.0,
        })
        .collect()
}

/// Money by product when every operator spends its plan as returns and appeal say.
fn spending(
    model: &Model,
    chips: &Chips,
    operators: &Operators,
    calm: &Conditions,
) -> Table<ChipId, f64> {
    let shop = Shop::opening(model, chips, operators, calm);
    let mut spent = Table::filled(model.chips.products.len(), 0.0);
    for operator in model.operators.firms.ids() {
        let choices = shop.choices(operator, main_site(model, operator));
        let total: f64 = choices.iter().map(|choice| choice.weight).sum();
        for choice in choices {
            spent[choice.chip] += budget(model, operator) * choice.weight / total;
        }
    }
    spent
}

pub(super) fn main_site(model: &Model, operator: OperatorId) -> RegionId {
    let mut best = (RegionId::new(0), 0.0);
    for (region, share) in model.operators.firms[operator].site_share.iter() {
        if *share > best.1 {
            best = (region, *share);
        }
    }
    best.0
}

/// Only comparisons matter: the mean logarithm, by money, becomes zero. A product of later years
/// appeals as its maker's do today.
fn level(model: &Model, targets: &Table<ChipId, f64>, operators: &mut Operators) {
    let makers = model.chips.makers.len();
    let (mut all, mut own) = ((0.0, 0.0), vec![(0.0, 0.0); makers]);
    for (chip, target) in targets.iter() {
        let maker = model.chips.products[chip].maker.index();
        for sums in [&mut all, &mut own[maker]] {
            sums.0 += target * math::ln(operators.chip_appeal[chip]);
            sums.1 += target;
        }
    }
    let mean = all.0 / all.1;
    for (chip, product) in model.chips.products.iter() {
        let (sum, weight) = own[product.maker.index()];
        let appeal = &mut operators.chip_appeal[chip];
        *appeal = if targets[chip] > 0.0 {
            *appeal * math::exp(-mean)
        } else if weight > 0.0 {
            math::exp(sum / weight - mean)
        } else {
            1.0
        };
    }
}
