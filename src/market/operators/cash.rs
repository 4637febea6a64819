//! Cash: what comes in, what is paid, what is borrowed, and who fails.

use super::super::books::{Books, micro_usd};
use super::super::chips::Chips;
use super::super::ids::{ChipId, Id, OperatorId, RegionId};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::sites;
use super::state::Operators;
use crate::kernels::math;

/// Weeks without money after which creditors close a firm.
const GRACE_WEEKS: u32 = 13;
/// Weight of this week in the average of sales: a quarter's memory.
const SALES_GAIN: f64 = 1.0 / 13.0;

impl Operators {
    /// Takes delivery: chips join the fleet, the maker and the server's builder are paid. Returns
    /// what the maker got, micro-USD.
    pub fn receive(
        &mut self,
        model: &Model,
        (operator, region, chip): (OperatorId, RegionId, ChipId),
        (count, price_usd): (i64, f64),
        books: &mut Books,
    ) -> i128 {
        let firm = &model.operators.firms[operator];
        let accounts = &model.chips.accounts[chip];
        *self.fleet_mut(operator, region, chip) += count;
        books.post(accounts.transit, firm.stock[chip], i128::from(count));
        let chips_usd = price_usd * count as f64;
        let servers_usd = chips_usd * model.operators.rules.server_cost_share;
        let (paid, servers) = (micro_usd(chips_usd), micro_usd(servers_usd));
        let maker = model.chips.products[chip].maker;
        books.post(firm.cash, model.chips.maker_cash[maker], paid);
        books.post(firm.cash, model.operators.usd_outside, servers);
        self.cash_micro_usd[operator] -= paid + servers;
        self.chip_spend_usd_this_week[operator] += chips_usd;
        self.capex_usd_this_week[operator] += chips_usd + servers_usd;
        paid
    }

    /// Pays an amount to (or takes a negative one from) everybody else.
    pub(super) fn pay(&mut self, model: &Model, operator: OperatorId, usd: f64, books: &mut Books) {
        let amount = micro_usd(usd);
        self.cash_micro_usd[operator] -= amount;
        let cash = model.operators.firms[operator].cash;
        books.post(cash, model.operators.usd_outside, amount);
    }

    fn borrow(&mut self, model: &Model, operator: OperatorId, amount: i128, books: &mut Books) {
        let firm = &model.operators.firms[operator];
        self.cash_micro_usd[operator] += amount;
        self.debt_micro_usd[operator] += amount;
        books.post(firm.debt, firm.cash, amount);
    }

    /// Most debt that lenders give: years of cash flow with sales.
    pub fn debt_limit_usd(&self, model: &Model, operator: OperatorId, week: u32) -> f64 {
        let firm = &model.operators.firms[operator];
        let flow =
            firm.cash_flow_usd_per_year * grown(model, week) + self.sales_usd_per_year[operator];
        let limit = flow * model.operators.rules.debt_limit_years;
        if limit > 0.0 { limit } else { 0.0 }
    }

    /// Cash and the debt that lenders would still give, USD.
    pub fn liquidity_usd(&self, model: &Model, operator: OperatorId, week: u32) -> f64 {
        let debt = self.debt_micro_usd[operator] as f64 / 1e6;
        let room = self.debt_limit_usd(model, operator, week) - debt;
        self.cash_micro_usd[operator] as f64 / 1e6 + if room > 0.0 { room } else { 0.0 }
    }
}

/// Growth of cash flow from the opening to a week.
pub fn grown(model: &Model, week: u32) -> f64 {
    let rate = model.operators.rules.cash_flow_growth_per_year;
    math::pow(1.0 + rate, f64::from(week) / YEAR_WEEKS)
}

/// Called by investment: the week's income and costs, construction, borrowing, failures.
pub fn settle(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = week.model;
    let World {
        operators,
        chips,
        conditions,
        books,
        ..
    } = world;
    let construction = sites::construction_usd(model, operators, week.number);
    let rules = &model.operators.rules;
    for (operator, firm) in model.operators.firms.iter() {
        if operators.defaulted[operator] {
            continue;
        }
        let sales = operators.revenue_micro_usd[operator] as f64 / 1e6 * YEAR_WEEKS;
        let average = &mut operators.sales_usd_per_year[operator];
        *average += (sales - *average) * SALES_GAIN;
        let income = firm.cash_flow_usd_per_year * grown(model, week.number);
        let upkeep = operators.online_kw[operator] * rules.opex_usd_per_kw_year;
        let debt = operators.debt_micro_usd[operator] as f64 / 1e6;
        let interest = debt * rules.interest_share_per_year;
        let plan = firm.capex_usd_per_year.at(week.number) * conditions.capital_factor;
        let other = plan * (1.0 - firm.ai_share);
        let built = construction[operator.index()];
        let weekly = (upkeep + interest + other - income) / YEAR_WEEKS + built;
        operators.pay(model, operator, weekly, books);
        operators.capex_usd_this_week[operator] += other / YEAR_WEEKS + built;
        balance(
            model,
            (operator, week.number),
            plan / YEAR_WEEKS,
            operators,
            books,
        );
        let broke = operators.cash_micro_usd[operator] < 0;
        let short = &mut operators.short_weeks[operator];
        *short = if broke { *short + 1 } else { 0 };
    }
    for operator in model.operators.firms.ids() {
        if operators.short_weeks[operator] >= GRACE_WEEKS && !operators.defaulted[operator] {
            fail(model, operator, (operators, chips), books);
        }
    }
    Ok(())
}

/// Borrows up to the buffer where cash is short; repays, then pays out, where there is plenty.
fn balance(
    model: &Model,
    (operator, week): (OperatorId, u32),
    weekly_plan_usd: f64,
    operators: &mut Operators,
    books: &mut Books,
) {
    let firm = &model.operators.firms[operator];
    let buffer = micro_usd(weekly_plan_usd * model.operators.rules.cash_buffer_weeks);
    let cash = operators.cash_micro_usd[operator];
    let debt = operators.debt_micro_usd[operator];
    if cash < buffer {
        let room = micro_usd(operators.debt_limit_usd(model, operator, week)) - debt;
        let amount = (buffer - cash).min(room);
        if amount > 0 {
            operators.borrow(model, operator, amount, books);
        }
        return;
    }
    let usual = micro_usd(firm.cash_usd).max(2 * buffer);
    if cash > usual {
        let repaid = (cash - usual).min(debt);
        operators.borrow(model, operator, -repaid, books);
        let rest = operators.cash_micro_usd[operator] - usual;
        // Half a year's excess is enough of a rush: owners get the rest over time.
        operators.pay(model, operator, rest as f64 / 1e6 / 26.0, books);
    }
}

/// Creditors close a firm: orders are cancelled, sites go to the richest solvent firm of the same
/// law in the region, chips without a taker to brokers; what proceeds do not cover is lost.
fn fail(
    model: &Model,
    operator: OperatorId,
    (operators, chips): (&mut Operators, &mut Chips),
    books: &mut Books,
) {
    operators.defaulted[operator] = true;
    chips.cancel(operator);
    for region in model.operators.ground.ids() {
        match buyer(model, operators, operator, region) {
            Some(buyer) => take_over(model, (operator, buyer, region), (operators, chips), books),
            None => {
                for chip in model.chips.products.ids() {
                    sell_to_brokers(model, (operator, region, chip), (operators, chips), books);
                }
            }
        }
    }
    operators
        .projects
        .retain(|projects, index| projects.owner(index).0 != operator);
    let cash = operators.cash_micro_usd[operator];
    let debt = operators.debt_micro_usd[operator];
    let repaid = cash.clamp(0, debt);
    operators.borrow(model, operator, -repaid, books);
    let lost = operators.debt_micro_usd[operator];
    operators.debt_micro_usd[operator] = 0;
    books.post(
        model.operators.usd_outside,
        model.operators.firms[operator].debt,
        lost,
    );
}

fn buyer(
    model: &Model,
    operators: &Operators,
    failed: OperatorId,
    region: RegionId,
) -> Option<OperatorId> {
    let law = model.operators.firms[failed].law;
    let may = |id: &OperatorId| {
        let firm = &model.operators.firms[*id];
        *id != failed
            && !operators.defaulted[*id]
            && firm.law == law
            && firm.site_share[region] > 0.0
    };
    let solvent = model.operators.firms.ids().filter(may);
    let richest = solvent.max_by_key(|id| (operators.cash_micro_usd[*id], usize::MAX - id.index()));
    richest.filter(|id| operators.cash_micro_usd[*id] > 0)
}

/// A site changes hands with its chips, power and halls, at a fire-sale price.
fn take_over(
    model: &Model,
    (failed, buyer, region): (OperatorId, OperatorId, RegionId),
    (operators, chips): (&mut Operators, &Chips),
    books: &mut Books,
) {
    let (seller, owner) = (
        &model.operators.firms[failed],
        &model.operators.firms[buyer],
    );
    let mut value = 0.0;
    for chip in model.chips.products.ids() {
        let count = std::mem::take(operators.fleet_mut(failed, region, chip));
        *operators.fleet_mut(buyer, region, chip) += count;
        books.post(seller.stock[chip], owner.stock[chip], i128::from(count));
        value += count as f64 * chips.used_price_usd[chip];
    }
    let paid = micro_usd(value * model.operators.rules.fire_sale_share);
    let paid = paid.min(operators.cash_micro_usd[buyer]).max(0);
    operators.cash_micro_usd[buyer] -= paid;
    operators.cash_micro_usd[failed] += paid;
    books.post(owner.cash, seller.cash, paid);
    let (from, to) = (
        operators.site(failed, region),
        operators.site(buyer, region),
    );
    operators.energised_mw[to] += std::mem::take(&mut operators.energised_mw[from]);
    operators.shell_mw[to] += std::mem::take(&mut operators.shell_mw[from]);
}

/// Sells all chips of a product at a site to brokers at the second-hand price.
pub(super) fn sell_to_brokers(
    model: &Model,
    (operator, region, chip): (OperatorId, RegionId, ChipId),
    (operators, chips): (&mut Operators, &mut Chips),
    books: &mut Books,
) {
    let count = std::mem::take(operators.fleet_mut(operator, region, chip));
    if count == 0 {
        return;
    }
    let stock = model.operators.firms[operator].stock[chip];
    books.post(stock, model.chips.accounts[chip].used, i128::from(count));
    chips.sell_used(chip, count);
    let proceeds = chips.used_price_usd[chip] * count as f64;
    operators.pay(model, operator, -proceeds, books);
}
