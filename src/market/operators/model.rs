//! Operators as compiled: who they are, where, what they announced.

use super::super::books::{AccountId, Holder, Purpose, Unit};
use super::super::chips::{CLASSES, ChipModel};
use super::super::ids::{AreaId, ChipId, Id, OperatorId, RegionId, Table};
use super::super::model::Compile;
use super::super::schedule::Schedule;
use super::rents;
use crate::kernels::math;
use crate::scenario::types::{InvestmentRules, Operator, OperatorKind};

/// Price of a chip's hour rises with its H100-equivalents to this power: A100 0.65, B200 2.1 times
/// an H100 for 0.46 and 2.3 times the work.
const STRENGTH: f64 = 0.75;

/// One firm.
#[derive(Clone, Debug)]
pub struct Firm {
    pub kind: OperatorKind,
    /// Position of its law in `names.jurisdictions`.
    pub law: usize,
    /// Equal firms that it stands for, in measures of concentration.
    pub firms: f64,
    /// Whether it sells hours at all.
    pub sells: bool,
    /// Chips at the opening.
    pub fleet: Table<ChipId, f64>,
    pub site_share: Table<RegionId, f64>,
    /// Planned capital expenditure, USD a year, and the last week that was announced.
    pub capex_usd_per_year: Schedule,
    pub ai_share: f64,
    pub internal_share: f64,
    pub mining_mw: f64,
    pub mining_value_usd_per_mwh: f64,
    pub cash_usd: f64,
    pub debt_usd: f64,
    pub cash_flow_usd_per_year: f64,
    /// Cost of capital and the hurdle that uncertainty adds.
    pub rate: f64,
    pub hurdle: f64,
    pub cash: AccountId,
    pub debt: AccountId,
    pub stock: Table<ChipId, AccountId>,
}

/// What operators know of a region before the grid's first week.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    pub area: AreaId,
    pub pue: f64,
    pub tariff_usd_per_mwh: f64,
    pub connection_delay_weeks: f64,
    pub connection_limit_mw_per_year: f64,
    pub bills: AccountId,
}

#[derive(Clone, Debug)]
pub struct OperatorModel {
    pub firms: Table<OperatorId, Firm>,
    pub ground: Table<RegionId, Ground>,
    pub rules: InvestmentRules,
    /// Products by work done per kW, best first: the order in which scarce power is used.
    pub by_efficiency: Vec<ChipId>,
    /// Mean of training and decoding: H100-equivalents of a reference chip.
    pub h100e_of_class: [f64; CLASSES],
    /// The same to the power at which marketplace prices of A100, H100 and B200 rise with it.
    pub strength_of_class: [f64; CLASSES],
    /// Yearly fall of rents that is expected, as a continuous rate.
    pub decline_rate: f64,
    pub second_hand_rate: f64,
    pub regions: usize,
    pub chips: usize,
    pub areas: usize,
    pub usd_outside: AccountId,
}

impl OperatorModel {
    pub fn compile(compile: &mut Compile<'_>, chips: &ChipModel) -> Self {
        let rules = compile.scenario.investment.clone();
        let decline_rate = -math::ln(1.0 - rules.rent_decline_per_year.clamp(0.0, 0.99));
        let mut firms = Table::default();
        for name in compile.names.operators.iter() {
            let record = &compile.scenario.operators[name];
            let firm = firm(compile, record, &rules, decline_rate);
            firms.push(firm);
        }
        for operator in 0..firms.len() {
            let id = OperatorId::new(operator);
            let firm: &mut Firm = &mut firms[id];
            let accounts = &mut compile.accounts;
            firm.cash = accounts.open(Unit::Usd, Holder::Operator(id), Purpose::Cash);
            firm.debt = accounts.open(Unit::Usd, Holder::Operator(id), Purpose::Debt);
            firm.stock = (chips.products.ids())
                .map(|chip| accounts.open(Unit::Chip(chip), Holder::Operator(id), Purpose::Stock))
                .collect();
        }
        let grid = &compile.scenario.grid;
        let ground = compile
            .names
            .regions
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let region = &compile.scenario.regions[name];
                let holder = Holder::Region(RegionId::new(index));
                Ground {
                    area: compile.names.areas.id(&region.area),
                    pue: region.pue,
                    tariff_usd_per_mwh: grid.tariffs.data_centre_usd_per_mwh(&region.tariffs),
                    connection_delay_weeks: grid.connection_delay_weeks(region),
                    connection_limit_mw_per_year: region.connection_limit_mw_per_year,
                    bills: compile.accounts.open(Unit::Usd, holder, Purpose::Bills),
                }
            });
        let ground = ground.collect();
        let rates = &rules.cost_of_capital_share;
        let second_hand_rate = rates.get(&OperatorKind::Neocloud).copied().unwrap_or(0.12);
        let mut h100e_of_class = [0.0; CLASSES];
        for (mean, workloads) in h100e_of_class.iter_mut().zip(&chips.h100e) {
            *mean = 0.5 * (workloads[0] + workloads[1]);
        }
        let strength = |h100e: f64| {
            if h100e > 0.0 {
                math::pow(h100e, STRENGTH)
            } else {
                0.0
            }
        };
        Self {
            strength_of_class: h100e_of_class.map(strength),
            by_efficiency: by_efficiency(chips),
            regions: compile.names.regions.len(),
            chips: chips.products.len(),
            areas: compile.names.areas.len(),
            usd_outside: compile
                .accounts
                .open(Unit::Usd, Holder::Outside, Purpose::Cash),
            firms,
            ground,
            rules,
            h100e_of_class,
            decline_rate,
            second_hand_rate,
        }
    }
}

fn firm(
    compile: &Compile<'_>,
    record: &Operator,
    rules: &InvestmentRules,
    decline_rate: f64,
) -> Firm {
    let names = compile.names;
    let horizon = &compile.scenario.horizon;
    let law: AreaId = names.jurisdictions.id(&record.jurisdiction);
    let mut capex = record.capex_usd_bn_per_year.clone();
    for point in &mut capex.points {
        point.1 *= 1e9;
    }
    let fleet = |name: &str| record.fleet.get(name).copied().unwrap_or(0.0);
    let rates = &rules.cost_of_capital_share;
    let rate = rates.get(&record.kind).copied().unwrap_or(0.1);
    let nothing = AccountId(0);
    Firm {
        kind: record.kind,
        law: law.index(),
        firms: record.firms.unwrap_or(1.0),
        sells: record.prices.is_some(),
        fleet: names.chips.iter().map(fleet).collect(),
        site_share: site_shares(compile, record),
        capex_usd_per_year: Schedule::new(
            &capex,
            horizon.start,
            horizon.weeks,
            rules.cash_flow_growth_per_year,
        ),
        ai_share: record.ai_share,
        internal_share: record.internal_share.unwrap_or(1.0),
        mining_mw: record.mining_mw.unwrap_or(0.0),
        mining_value_usd_per_mwh: record.mining_value_usd_per_mwh.unwrap_or(0.0),
        cash_usd: record.cash_usd_bn * 1e9,
        debt_usd: record.debt_usd_bn * 1e9,
        cash_flow_usd_per_year: record.cash_flow_usd_bn_per_year * 1e9,
        rate,
        hurdle: rents::hurdle(rate, decline_rate, rules.rent_volatility),
        cash: nothing,
        debt: nothing,
        stock: Table::default(),
    }
}

/// A firm's fleet is spread over its regions as their accelerator load is.
fn site_shares(compile: &Compile<'_>, record: &Operator) -> Table<RegionId, f64> {
    let weight = |name: &str| {
        let region = &compile.scenario.regions[name];
        let listed = record.sites.iter().any(|site| site == name);
        let load = region.data_centre_twh_per_year * (1.0 - region.other_data_centre_share);
        if listed { load + 1e-6 } else { 0.0 }
    };
    let weights: Vec<f64> = compile.names.regions.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    let share = |weight: f64| if total > 0.0 { weight / total } else { 0.0 };
    weights.into_iter().map(share).collect()
}

fn by_efficiency(chips: &ChipModel) -> Vec<ChipId> {
    let mut order: Vec<ChipId> = chips.products.ids().collect();
    let work = |chip: ChipId| {
        let product = &chips.products[chip];
        let h100e = chips.h100e[product.class as usize];
        chips.worth_per_chip[chip] * 0.5 * (h100e[0] + h100e[1]) / product.system_kw
    };
    order.sort_by(|a, b| work(*b).total_cmp(&work(*a)).then(a.cmp(b)));
    order
}
