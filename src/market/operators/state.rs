//! What operators own and owe, what they offer this week, what they plan.

use super::super::books::{Books, Stocks, micro_usd, whole};
use super::super::chips::{CLASSES, Chips};
use super::super::ids::{AreaId, ChipId, Id, OperatorId, RegionId, Table};
use super::super::model::{Model, YEAR_WEEKS};
use super::super::world::{Column, Visitor};
use super::{appeal, offer, sites};
use crate::scenario::types::ChipClass;

/// Halls under construction, some with power already granted.
#[derive(Clone, Debug, Default)]
pub struct Projects {
    pub operator: Vec<u32>,
    pub region: Vec<u32>,
    pub ready_week: Vec<u32>,
    pub powered: Vec<u8>,
    pub mw: Vec<f64>,
}

impl Projects {
    pub fn push(
        &mut self,
        (operator, region): (OperatorId, RegionId),
        ready_week: u32,
        powered: bool,
        mw: f64,
    ) {
        self.operator.push(u32::from(operator.0));
        self.region.push(u32::from(region.0));
        self.ready_week.push(ready_week);
        self.powered.push(u8::from(powered));
        self.mw.push(mw);
    }
    pub fn len(&self) -> usize {
        self.mw.len()
    }
    pub fn is_empty(&self) -> bool {
        self.mw.is_empty()
    }
    pub fn owner(&self, index: usize) -> (OperatorId, RegionId) {
        let operator = OperatorId::new(self.operator[index] as usize);
        (operator, RegionId::new(self.region[index] as usize))
    }
    /// Forgets projects for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&Projects, usize) -> bool) {
        let kept: Vec<usize> = (0..self.len()).filter(|&index| keep(self, index)).collect();
        if kept.len() < self.len() {
            self.operator = kept.iter().map(|&index| self.operator[index]).collect();
            self.region = kept.iter().map(|&index| self.region[index]).collect();
            self.ready_week = kept.iter().map(|&index| self.ready_week[index]).collect();
            self.powered = kept.iter().map(|&index| self.powered[index]).collect();
            self.mw = kept.iter().map(|&index| self.mw[index]).collect();
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Operators {
    pub(super) regions: usize,
    pub(super) chips: usize,
    pub(super) areas: usize,
    /// Chips by operator × region × product.
    pub fleet_chips: Vec<i64>,
    /// Granted power and finished halls at the meter, MW, by operator × region.
    pub energised_mw: Vec<f64>,
    pub shell_mw: Vec<f64>,
    pub projects: Projects,
    /// Reference-chip hours by operator × area × class: open to buyers this week.
    pub offered_h: Vec<f64>,
    /// By operator × class: hours of own work.
    pub internal_h: Vec<f64>,
    /// IT load of own work by operator × region.
    pub internal_mw: Vec<f64>,
    /// Mean IT draw of a reference chip by operator × area × class.
    pub kw_per_reference: Vec<f64>,
    /// Avoidable cost of a reference-chip hour by operator × area × class.
    pub unit_cost: Vec<f64>,
    /// Cost with the annuity of chip and hall by operator × class.
    pub full_cost: Vec<f64>,
    /// Share of an operator's hours in a region's area that stand in the region.
    pub region_share: Vec<f64>,
    /// Mining load by operator × region.
    pub mining_mw: Vec<f64>,
    /// H100-equivalents that have power and a hall.
    pub online_h100e: Table<OperatorId, f64>,
    pub online_kw: Table<OperatorId, f64>,
    pub cash_micro_usd: Table<OperatorId, i128>,
    pub debt_micro_usd: Table<OperatorId, i128>,
    pub defaulted: Table<OperatorId, bool>,
    pub short_weeks: Table<OperatorId, u32>,
    pub revenue_micro_usd: Table<OperatorId, i128>,
    /// A year's sales at the recent rate.
    pub sales_usd_per_year: Table<OperatorId, f64>,
    pub capex_usd_this_week: Table<OperatorId, f64>,
    pub chip_spend_usd_this_week: Table<OperatorId, f64>,
    pub power_bill_usd_this_week: Table<OperatorId, f64>,
    /// Money set aside for chips and not yet ordered.
    pub chip_fund_usd: Table<OperatorId, f64>,
    /// Spending ÷ plan that returns have brought about.
    pub momentum: Table<OperatorId, f64>,
    /// Return ÷ hurdle of what was last ordered.
    pub return_ratio: Table<OperatorId, f64>,
    /// What returns leave unexplained of the opening's orders, by product.
    pub chip_appeal: Table<ChipId, f64>,
    /// Sales per open hour of a class, averaged.
    pub rent_usd_per_h: [f64; CLASSES],
    /// Contract price per open hour of a class, averaged.
    pub lease_usd_per_h: [f64; CLASSES],
    pub rent_usd_per_h100e_h: f64,
    pub internal_value_usd_per_h: f64,
    pub opening_internal_h100e_h: f64,
    /// Last seen overhead and data-centre tariff by region.
    pub pue: Vec<f64>,
    pub tariff_usd_per_mwh: Vec<f64>,
    pub(super) mean_pue_and_tariff: (f64, f64),
}

impl Operators {
    /// Fleets, sites, construction and accounts of the first day.
    pub fn open(model: &Model, chips: &Chips, books: &mut Books) -> Self {
        let mut operators = Self::empty(model);
        for (operator, firm) in model.operators.firms.iter() {
            operators.cash_micro_usd[operator] = micro_usd(firm.cash_usd);
            operators.debt_micro_usd[operator] = micro_usd(firm.debt_usd);
            let outside = model.operators.usd_outside;
            books.post(outside, firm.cash, operators.cash_micro_usd[operator]);
            books.post(firm.debt, outside, operators.debt_micro_usd[operator]);
            for (region, share) in firm.site_share.iter() {
                for (chip, count) in firm.fleet.iter() {
                    let chips = whole(count * share) as i64;
                    *operators.fleet_mut(operator, region, chip) = chips;
                    let outside = model.chips.accounts[chip].outside;
                    books.post(outside, firm.stock[chip], i128::from(chips));
                }
            }
        }
        sites::open(model, &mut operators);
        offer::measure(model, chips, &|_, _| 1.0, &mut operators);
        operators.opening_internal_h100e_h = operators.internal_h100e_h(model);
        operators.start_averages(model);
        appeal::fit(model, chips, &mut operators);
        sites::build(model, chips, &mut operators);
        operators
    }

    /// Sales that the opening fleets would bring at the opening rents.
    fn start_averages(&mut self, model: &Model) {
        self.open_rents(model);
        for (index, hours) in self.offered_h.iter().enumerate() {
            let class = index % CLASSES;
            let operator = OperatorId::new(index / (CLASSES * self.areas));
            let weekly = hours * self.rent_usd_per_h[class];
            self.sales_usd_per_year[operator] += weekly * YEAR_WEEKS;
        }
    }

    fn empty(model: &Model) -> Self {
        let (operators, regions) = (model.operators.firms.len(), model.operators.regions);
        let (products, areas) = (model.operators.chips, model.operators.areas);
        let zero = || Table::filled(operators, 0.0);
        let ground = model.operators.ground.values();
        let pue: Vec<f64> = ground.iter().map(|ground| ground.pue).collect();
        let tariff: Vec<f64> = ground
            .iter()
            .map(|ground| ground.tariff_usd_per_mwh)
            .collect();
        Self {
            mean_pue_and_tariff: mean_ground(model, &pue, &tariff),
            regions,
            chips: products,
            areas,
            fleet_chips: vec![0; operators * regions * products],
            energised_mw: vec![0.0; operators * regions],
            shell_mw: vec![0.0; operators * regions],
            projects: Projects::default(),
            offered_h: vec![0.0; operators * areas * CLASSES],
            internal_h: vec![0.0; operators * CLASSES],
            internal_mw: vec![0.0; operators * regions],
            kw_per_reference: vec![0.0; operators * areas * CLASSES],
            unit_cost: vec![0.0; operators * areas * CLASSES],
            full_cost: vec![0.0; operators * CLASSES],
            region_share: vec![0.0; operators * regions],
            mining_mw: vec![0.0; operators * regions],
            online_h100e: zero(),
            online_kw: zero(),
            cash_micro_usd: Table::filled(operators, 0),
            debt_micro_usd: Table::filled(operators, 0),
            defaulted: Table::filled(operators, false),
            short_weeks: Table::filled(operators, 0),
            revenue_micro_usd: Table::filled(operators, 0),
            sales_usd_per_year: zero(),
            capex_usd_this_week: zero(),
            chip_spend_usd_this_week: zero(),
            power_bill_usd_this_week: zero(),
            chip_fund_usd: zero(),
            momentum: Table::filled(operators, 1.0),
            return_ratio: Table::filled(operators, 1.0),
            chip_appeal: Table::filled(products, 1.0),
            rent_usd_per_h: [0.0; CLASSES],
            lease_usd_per_h: [0.0; CLASSES],
            rent_usd_per_h100e_h: 0.0,
            internal_value_usd_per_h: model.operators.rules.internal_value_usd_per_h,
            opening_internal_h100e_h: 0.0,
            pue,
            tariff_usd_per_mwh: tariff,
        }
    }

    pub(super) fn site(&self, operator: OperatorId, region: RegionId) -> usize {
        operator.index() * self.regions + region.index()
    }
    pub(super) fn slot(&self, operator: OperatorId, area: AreaId, class: ChipClass) -> usize {
        (operator.index() * self.areas + area.index()) * CLASSES + class as usize
    }
    pub(super) fn fleet_mut(
        &mut self,
        operator: OperatorId,
        region: RegionId,
        chip: ChipId,
    ) -> &mut i64 {
        let site = self.site(operator, region);
        &mut self.fleet_chips[site * self.chips + chip.index()]
    }
    /// Chips of one product that an operator owns in a region.
    pub fn fleet(&self, operator: OperatorId, region: RegionId, chip: ChipId) -> i64 {
        self.fleet_chips[self.site(operator, region) * self.chips + chip.index()]
    }
    /// The whole of an operator's fleet, H100-equivalents by arithmetic.
    pub fn fleet_h100e(&self, model: &Model, operator: OperatorId) -> f64 {
        let from = operator.index() * self.regions * self.chips;
        let fleet = &self.fleet_chips[from..from + self.regions * self.chips];
        let mut total = 0.0;
        for (index, &count) in fleet.iter().enumerate() {
            if count > 0 {
                total += count as f64 * chip_h100e(model, ChipId::new(index % self.chips));
            }
        }
        total
    }
    /// Chips alive in all fleets, by product.
    pub fn fleet_by_chip(&self, model: &Model) -> Vec<i64> {
        let mut total = vec![0; model.operators.chips];
        for site in self.fleet_chips.chunks_exact(self.chips.max(1)) {
            for (sum, count) in total.iter_mut().zip(site) {
                *sum += count;
            }
        }
        total
    }
    /// Reference-chip hours open to external buyers this week.
    pub fn offered(&self, operator: OperatorId, area: AreaId, class: ChipClass) -> f64 {
        self.offered_h[self.slot(operator, area, class)]
    }
    /// Mean IT draw of one reference chip, kW.
    pub fn kw_per_reference(&self, o: OperatorId, a: AreaId, c: ChipClass) -> f64 {
        self.kw_per_reference[self.slot(o, a, c)]
    }
    /// Share of an operator's hours in a region's area that stand in the region.
    pub fn region_share(&self, operator: OperatorId, region: RegionId) -> f64 {
        self.region_share[self.site(operator, region)]
    }
    /// Avoidable cost of a reference-chip hour.
    pub fn unit_cost_usd_per_h(&self, o: OperatorId, a: AreaId, c: ChipClass) -> f64 {
        self.unit_cost[self.slot(o, a, c)]
    }
    /// Cost with the annuity of chip and site.
    pub fn full_cost_usd_per_h(&self, operator: OperatorId, class: ChipClass) -> f64 {
        self.full_cost[operator.index() * CLASSES + class as usize]
    }
    /// IT load of internal work.
    pub fn internal_it_mw(&self, operator: OperatorId, region: RegionId) -> f64 {
        self.internal_mw[self.site(operator, region)]
    }
    /// Cash from sales; the posting is made by the caller.
    pub fn receive_revenue(&mut self, operator: OperatorId, micro_usd: i128) {
        self.cash_micro_usd[operator] += micro_usd;
        self.revenue_micro_usd[operator] += micro_usd;
    }
    /// A site gets power.
    pub fn energise(&mut self, operator: OperatorId, region: RegionId, mw: f64) {
        let site = self.site(operator, region);
        self.energised_mw[site] += mw;
    }
    /// Forgets last week's flows.
    pub fn begin_week(&mut self) {
        self.revenue_micro_usd.values_mut().fill(0);
        self.capex_usd_this_week.values_mut().fill(0.0);
        self.chip_spend_usd_this_week.values_mut().fill(0.0);
        self.power_bill_usd_this_week.values_mut().fill(0.0);
    }

    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        let mut owned = vec![0_i64; self.chips];
        for (operator, firm) in model.operators.firms.iter() {
            stocks.count(firm.cash, self.cash_micro_usd[operator]);
            stocks.count(firm.debt, -self.debt_micro_usd[operator]);
            owned.fill(0);
            let from = operator.index() * self.regions * self.chips;
            let fleet = &self.fleet_chips[from..from + self.regions * self.chips];
            for site in fleet.chunks_exact(self.chips.max(1)) {
                for (sum, chips) in owned.iter_mut().zip(site) {
                    *sum += chips;
                }
            }
            for (account, chips) in firm.stock.values().iter().zip(&owned) {
                stocks.count(*account, i128::from(*chips));
            }
        }
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.column("operators.fleet_chips", Column::I64(&mut self.fleet_chips));
        for (name, column) in [
            ("operators.energised_mw", &mut self.energised_mw),
            ("operators.shell_mw", &mut self.shell_mw),
            ("operators.project_mw", &mut self.projects.mw),
            ("operators.offered_h", &mut self.offered_h),
            ("operators.internal_h", &mut self.internal_h),
            ("operators.internal_mw", &mut self.internal_mw),
            ("operators.kw_per_reference", &mut self.kw_per_reference),
            ("operators.unit_cost", &mut self.unit_cost),
            ("operators.full_cost", &mut self.full_cost),
            ("operators.region_share", &mut self.region_share),
            ("operators.mining_mw", &mut self.mining_mw),
            ("operators.pue", &mut self.pue),
            ("operators.tariff_usd_per_mwh", &mut self.tariff_usd_per_mwh),
        ] {
            visitor.column(name, Column::F64(column));
        }
        let projects = &mut self.projects;
        visitor.column(
            "operators.project_operator",
            Column::U32(&mut projects.operator),
        );
        visitor.column(
            "operators.project_region",
            Column::U32(&mut projects.region),
        );
        visitor.column(
            "operators.project_ready_week",
            Column::U32(&mut projects.ready_week),
        );
        visitor.column(
            "operators.project_powered",
            Column::U8(&mut projects.powered),
        );
        for (name, column) in [
            ("operators.online_h100e", &mut self.online_h100e),
            ("operators.online_kw", &mut self.online_kw),
            ("operators.sales_usd_per_year", &mut self.sales_usd_per_year),
            (
                "operators.capex_usd_this_week",
                &mut self.capex_usd_this_week,
            ),
            (
                "operators.chip_spend_usd_this_week",
                &mut self.chip_spend_usd_this_week,
            ),
            (
                "operators.power_bill_usd_this_week",
                &mut self.power_bill_usd_this_week,
            ),
            ("operators.chip_fund_usd", &mut self.chip_fund_usd),
            ("operators.momentum", &mut self.momentum),
            ("operators.return_ratio", &mut self.return_ratio),
        ] {
            visitor.column(name, Column::F64(column.values_mut()));
        }
        for (name, column) in [
            ("operators.cash_micro_usd", &mut self.cash_micro_usd),
            ("operators.debt_micro_usd", &mut self.debt_micro_usd),
            ("operators.revenue_micro_usd", &mut self.revenue_micro_usd),
        ] {
            visitor.column(name, Column::I128(column.values_mut()));
        }
        visitor.constant(
            "operators.chip_appeal",
            Column::F64(self.chip_appeal.values_mut()),
        );
        let defaulted = self.defaulted.values_mut();
        visitor.column("operators.defaulted", Column::Flag(defaulted));
        let short = self.short_weeks.values_mut();
        visitor.column("operators.short_weeks", Column::U32(short));
        visitor.column(
            "operators.rent_usd_per_h",
            Column::F64(&mut self.rent_usd_per_h),
        );
        visitor.column(
            "operators.lease_usd_per_h",
            Column::F64(&mut self.lease_usd_per_h),
        );
        for (name, scalar) in [
            (
                "operators.rent_usd_per_h100e_h",
                &mut self.rent_usd_per_h100e_h,
            ),
            (
                "operators.internal_value_usd_per_h",
                &mut self.internal_value_usd_per_h,
            ),
            (
                "operators.opening_internal_h100e_h",
                &mut self.opening_internal_h100e_h,
            ),
            ("operators.mean_pue", &mut self.mean_pue_and_tariff.0),
            (
                "operators.mean_tariff_usd_per_mwh",
                &mut self.mean_pue_and_tariff.1,
            ),
        ] {
            visitor.column(name, Column::F64(std::slice::from_mut(scalar)));
        }
    }
}

/// H100-equivalents of one chip by dense arithmetic, as accelerator counts have them.
pub fn chip_h100e(model: &Model, chip: ChipId) -> f64 {
    let class = model.chips.products[chip].class as usize;
    model.chips.reference_per_chip[chip] * model.chips.h100e[class][0]
}

/// Mean overhead and tariff of regions, by the accelerator load that firms have there.
pub(super) fn mean_ground(model: &Model, pues: &[f64], tariffs: &[f64]) -> (f64, f64) {
    let (mut pue, mut tariff, mut weight) = (0.0, 0.0, 0.0);
    for firm in model.operators.firms.values() {
        for (region, share) in firm.site_share.iter() {
            pue += share * pues[region.index()];
            tariff += share * tariffs[region.index()];
            weight += share;
        }
    }
    if weight > 0.0 {
        (pue / weight, tariff / weight)
    } else {
        (1.2, 80.0)
    }
}
