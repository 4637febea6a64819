//! How much operators spend, and on which chips and sites.
//!
//! Spending = announced plan × (c + (1 − c)·M): the committed share c does not follow rents, and
//! fades in the year after the last announcement; momentum M grows at `response_per_year` times
//! (return ÷ hurdle − 1). Construction is paid first; the rest buys chips, each week, product by
//! product in proportion to appeal · (return)^sharpness, as far as power and credit reach.

use super::super::chips::{Channel, Chips, Owner, let_through};
use super::super::conditions::Conditions;
use super::super::ids::{ChipId, Id, OperatorId, RegionId, Table};
use super::super::model::{Model, QUARTER_WEEKS, YEAR_WEEKS};
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::sites;
use super::state::Operators;
use crate::kernels::math;

/// Weeks of planned chip spending that may pile up unspent.
const FUND_WEEKS: f64 = 26.0;
/// Lead time at which nobody orders any more.
const PATIENCE_WEEKS: f64 = 60.0;
/// Weeks in which an operator fills the power it has: halls are fitted out over a quarter, so
/// that scarce power slows orders down before it stops them.
const FILL_WEEKS: f64 = 6.0;
/// Longest look ahead when payments are planned.
const AHEAD_WEEKS: f64 = 40.0;

impl Operators {
    /// Spending ÷ announced plan.
    pub fn plan_factor(&self, model: &Model, operator: OperatorId, week: &Week) -> f64 {
        let firm = &model.operators.firms[operator];
        // Guidance covers its calendar year.
        let beyond = f64::from(week.number) - firm.capex_usd_per_year.covered_week;
        let fade = (1.0 - beyond / YEAR_WEEKS).clamp(0.0, 1.0);
        let committed = model.operators.rules.commitment_share * fade;
        committed + (1.0 - committed) * self.momentum[operator]
    }

    /// Momentum follows returns; money that power keeps from being spent gives no reason for more.
    fn follow_returns(&mut self, model: &Model, operator: OperatorId, ratio: f64, stuck: bool) {
        let rules = &model.operators.rules;
        let excess = (ratio - 1.0).clamp(-1.0, if stuck { 0.0 } else { 1.0 });
        let step = rules.response_per_year / YEAR_WEEKS * excess;
        let momentum = self.momentum[operator] * (1.0 + step);
        self.momentum[operator] = momentum.clamp(rules.response_floor, rules.response_cap);
        self.return_ratio[operator] = ratio;
    }
}

/// What an operator could order this week.
pub(super) struct Choice {
    pub chip: ChipId,
    pub weight: f64,
    ratio: f64,
    pub unit_usd: f64,
    usd_per_mw: f64,
    lead_weeks: f64,
}

/// What a MW of chips and servers costs when money is spent by weight.
pub(super) fn usd_per_mw(choices: &[Choice]) -> Option<f64> {
    let total: f64 = choices.iter().map(|choice| choice.weight).sum();
    let mw = choices
        .iter()
        .map(|choice| choice.weight / choice.usd_per_mw);
    let mw: f64 = mw.sum();
    (mw > 0.0).then(|| total / mw)
}

/// Called by investment: chips every week, power and halls each quarter.
pub fn order(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let construction = sites::construction_usd(model, &world.operators, week.number);
    let outstanding = outstanding(model, world);
    for operator in model.operators.firms.ids() {
        if !world.operators.defaulted[operator] {
            decide(
                week,
                world,
                operator,
                (construction[operator.index()], &outstanding),
            );
        }
    }
    Ok(())
}

/// One operator's week: what returns say, what the plan allows, what is bought.
fn decide(
    week: &Week,
    world: &mut World,
    operator: OperatorId,
    (construction_usd, (ordered_mw, owed_usd)): (f64, &(Vec<f64>, Vec<f64>)),
) {
    let model = week.model;
    let firm = &model.operators.firms[operator];
    let site = operator.index() * model.operators.regions;
    let mut room = headroom(
        week,
        world,
        operator,
        &ordered_mw[site..site + model.operators.regions],
    );
    let shop = Shop {
        model,
        week: week.number,
        chips: &world.chips,
        operators: &world.operators,
        sale_share: &world.conditions.sale_share,
    };
    let choices = shop.choices(operator, best_region(&room));
    let total: f64 = choices.iter().map(|choice| choice.weight).sum();
    let mean = |pick: fn(&Choice) -> f64| {
        let sum: f64 = choices
            .iter()
            .map(|choice| choice.weight * pick(choice))
            .sum();
        if total > 0.0 { sum / total } else { 0.0 }
    };
    let World {
        operators,
        conditions,
        ..
    } = world;
    let lead = mean(|choice| choice.lead_weeks).clamp(0.0, AHEAD_WEEKS);
    for (region, mw) in model.operators.ground.ids().zip(&mut room) {
        *mw += leaving_mw(model, operators, (operator, region), lead);
    }
    let plan = firm.capex_usd_per_year.at(week.number + lead as u32) * firm.ai_share;
    let waiting = operators.chip_fund_usd[operator] * YEAR_WEEKS / (plan + 1.0);
    if total > 0.0 {
        let stuck = waiting > 0.5 * FUND_WEEKS;
        operators.follow_returns(model, operator, mean(|choice| choice.ratio), stuck);
    }
    let factor = operators.plan_factor(model, operator, week) * conditions.capital_factor;
    let ai_usd_per_year = plan * factor;
    let weekly = ai_usd_per_year / YEAR_WEEKS;
    let spare = weekly - construction_usd;
    let fund = operators.chip_fund_usd[operator] + if spare > 0.0 { spare } else { 0.0 };
    operators.chip_fund_usd[operator] = fund.min(weekly * FUND_WEEKS);
    let credit = operators.liquidity_usd(model, operator, week.number)
        + incoming_usd(model, operators, operator, lead)
        - owed_usd[operator.index()];
    if total > 0.0 && credit > 0.0 {
        buy(week, world, (operator, credit), (&choices, total), room);
    }
    if week.number % QUARTER_WEEKS == operator.index() as u32 % QUARTER_WEEKS {
        let rules = &model.operators.rules;
        let mw = usd_per_mw(&choices).map_or(0.0, |chips_usd| {
            ai_usd_per_year / (chips_usd + rules.site_cost_usd_per_mw)
        });
        sites::request(week, (operator, mw), &mut world.operators, &mut world.grid);
    }
}

/// What comes in, after running costs, while ordered chips are made.
fn incoming_usd(model: &Model, operators: &Operators, operator: OperatorId, weeks: f64) -> f64 {
    let firm = &model.operators.firms[operator];
    let yearly = firm.cash_flow_usd_per_year + 0.5 * operators.sales_usd_per_year[operator];
    let flow = yearly * weeks / YEAR_WEEKS;
    if flow > 0.0 { flow } else { 0.0 }
}

/// MW by operator × region, and USD by operator, of chips ordered and not delivered.
fn outstanding(model: &Model, world: &World) -> (Vec<f64>, Vec<f64>) {
    let operators = &world.operators;
    let servers = 1.0 + model.operators.rules.server_cost_share;
    let mut mw = vec![0.0; operators.energised_mw.len()];
    let mut usd = vec![0.0; model.operators.firms.len()];
    world
        .chips
        .each_outstanding(|chip, operator, region, count| {
            let kw = model.chips.products[chip].system_kw * count as f64;
            mw[operators.site(operator, region)] += kw * model.operators.ground[region].pue / 1e3;
            usd[operator.index()] += count as f64 * world.chips.price_usd[chip] * servers;
        });
    (mw, usd)
}

/// MW that a region can still take: power and halls now and within a lead time, whichever is
/// less, a little more, less what chips owned and ordered need.
fn headroom(week: &Week, world: &World, operator: OperatorId, ordered_mw: &[f64]) -> Vec<f64> {
    let model = week.model;
    let operators = &world.operators;
    let soon = week.number + AHEAD_WEEKS as u32 / 2;
    let mut power = world.grid.expected_mw(model, operator, (week.number, soon));
    let mut halls = vec![0.0; power.len()];
    for region in model.operators.ground.ids() {
        let site = operators.site(operator, region);
        power[region.index()] += operators.energised_mw[site];
        halls[region.index()] += operators.shell_mw[site];
    }
    let projects = &operators.projects;
    for index in 0..projects.len() {
        let (owner, region) = projects.owner(index);
        if owner == operator && projects.ready_week[index] <= soon {
            halls[region.index()] += projects.mw[index];
            if projects.powered[index] == 1 {
                power[region.index()] += projects.mw[index];
            }
        }
    }
    let least = |(power, halls): (&f64, &f64)| if power < halls { *power } else { *halls };
    let mut room: Vec<f64> = power.iter().zip(&halls).map(least).collect();
    let over = 1.0 + model.operators.rules.overorder_share;
    for (index, mw) in room.iter_mut().enumerate() {
        let region = RegionId::new(index);
        let need = sites::needed_mw(model, operators, operator, region);
        *mw = *mw * over - need - ordered_mw[index];
    }
    room
}

/// MW of chips that will have failed or been retired for want of power when orders of today come.
/// Who counts what he has ordered and not what will leave meanwhile lets his fleet shrink whenever
/// lead times grow, and then orders twice.
fn leaving_mw(
    model: &Model,
    operators: &Operators,
    (operator, region): (OperatorId, RegionId),
    weeks: f64,
) -> f64 {
    let rules = &model.operators.rules;
    let site = operators.site(operator, region);
    let need = sites::needed_mw(model, operators, operator, region);
    let (power, halls) = (operators.energised_mw[site], operators.shell_mw[site]);
    let served = if power < halls { power } else { halls };
    let idle = if need > served { need - served } else { 0.0 };
    let quarters = weeks / f64::from(QUARTER_WEEKS);
    let retired = 1.0 - math::pow(1.0 - rules.retire_step_share, quarters);
    (need - idle) * rules.failure_share_per_year * weeks / YEAR_WEEKS + idle * retired
}

fn best_region(room: &[f64]) -> RegionId {
    let mut best = 0;
    for index in 1..room.len() {
        if room[index] > room[best] {
            best = index;
        }
    }
    RegionId::new(best)
}

/// What operators look at when they choose products.
pub(super) struct Shop<'a> {
    pub model: &'a Model,
    pub week: u32,
    pub chips: &'a Chips,
    pub operators: &'a Operators,
    pub sale_share: &'a Table<ChipId, Vec<f64>>,
}

impl<'a> Shop<'a> {
    /// What they look at on the first day.
    pub fn opening(
        model: &'a Model,
        chips: &'a Chips,
        operators: &'a Operators,
        calm: &'a Conditions,
    ) -> Self {
        Self {
            model,
            week: 0,
            chips,
            operators,
            sale_share: &calm.sale_share,
        }
    }

    /// Products that an operator may and would buy, with weights.
    pub fn choices(&self, operator: OperatorId, region: RegionId) -> Vec<Choice> {
        let model = self.model;
        let firm = &model.operators.firms[operator];
        let place = usize::from(model.places.jurisdiction[region]);
        let pue = model.operators.ground[region].pue;
        let mut choices = Vec::new();
        let mut best = 0.0;
        for (chip, product) in model.chips.products.iter() {
            let sold = match product.channel {
                Channel::DataCentre => true,
                Channel::Captive(owner) => owner == operator,
                Channel::Retail => false,
            };
            let licensed = let_through(&product.licensed_share, firm.law, place)
                * let_through(&self.sale_share[chip], firm.law, place);
            if !sold || licensed <= 0.0 || !model.chips.on_sale(chip, self.week) {
                continue;
            }
            let (price, lead_weeks) =
                (self.chips.price_usd[chip], self.chips.lead_time_weeks[chip]);
            let site = (operator, region);
            let ratio = self
                .operators
                .return_on_chip(model, site, chip, (price, lead_weeks));
            if ratio > best {
                best = ratio;
            }
            let patience = (1.0 - lead_weeks / PATIENCE_WEEKS).clamp(0.0, 1.0);
            let unit_usd = price * (1.0 + model.operators.rules.server_cost_share);
            choices.push(Choice {
                chip,
                weight: licensed * patience * self.operators.chip_appeal[chip],
                ratio,
                unit_usd,
                usd_per_mw: unit_usd / (product.system_kw * pue / 1e3),
                lead_weeks,
            });
        }
        let sharpness = model.operators.rules.product_sharpness;
        for choice in &mut choices {
            let relative = if best > 0.0 { choice.ratio / best } else { 0.0 };
            choice.weight *= if relative > 1e-6 {
                math::pow(relative, sharpness)
            } else {
                0.0
            };
        }
        choices.retain(|choice| choice.weight > 1e-6);
        choices
    }
}

/// Spends the fund on products by weight, each where there is most room.
fn buy(
    week: &Week,
    world: &mut World,
    (operator, credit_usd): (OperatorId, f64),
    (choices, total): (&[Choice], f64),
    mut room: Vec<f64>,
) {
    let model = week.model;
    let World {
        operators, chips, ..
    } = world;
    let fund = operators.chip_fund_usd[operator];
    let budget = if fund < credit_usd { fund } else { credit_usd };
    let filled_mw: f64 = choices
        .iter()
        .map(|choice| budget * choice.weight / total / choice.usd_per_mw)
        .sum();
    let open_mw: f64 = room.iter().filter(|mw| **mw > 0.0).sum();
    let pace = if filled_mw * FILL_WEEKS > open_mw {
        open_mw / (filled_mw * FILL_WEEKS)
    } else {
        1.0
    };
    for choice in choices {
        let region = best_region(&room);
        let pue = model.operators.ground[region].pue;
        let mw = model.chips.products[choice.chip].system_kw * pue / 1e3;
        let affordable = pace * budget * choice.weight / total / choice.unit_usd;
        let fitting = room[region.index()] / mw;
        let count = if affordable < fitting {
            affordable
        } else {
            fitting
        };
        if count < 1.0 {
            continue;
        }
        let count = count.floor();
        room[region.index()] -= count * mw;
        operators.chip_fund_usd[operator] -= count * choice.unit_usd;
        chips.order(
            week.number,
            choice.chip,
            Owner::Operator(operator, region),
            count as i64,
        );
    }
}
