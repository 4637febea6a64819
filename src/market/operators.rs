//! Operators: what they own, what is online, what they earn.
use super::books::{Books, Stocks};
use super::chips::{ChipModel, Chips};
use super::ids::{AreaId, ChipId, OperatorId, RegionId, Table};
use super::model::{Compile, Model};
use super::week::{Fault, Week};
use super::world::{Visitor, World};
use crate::scenario::types::ChipClass;

#[derive(Clone, Debug, Default)]
pub struct OperatorModel {}
impl OperatorModel {
    pub fn compile(_compile: &mut Compile<'_>, _chips: &ChipModel) -> Self {
        Self::default()
    }
}
#[derive(Clone, Debug, Default)]
pub struct Operators {
    pub cash_micro_usd: Table<OperatorId, i128>,
    pub debt_micro_usd: Table<OperatorId, i128>,
    pub defaulted: Table<OperatorId, bool>,
    pub capex_usd_this_week: Table<OperatorId, f64>,
}
impl Operators {
    pub fn open(_model: &Model, _chips: &Chips, _books: &mut Books) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
    pub fn fleet(&self, _operator: OperatorId, _region: RegionId, _chip: ChipId) -> i64 {
        0
    }
    /// Reference-chip hours open to external buyers this week.
    pub fn offered(&self, _operator: OperatorId, _area: AreaId, _class: ChipClass) -> f64 {
        0.0
    }
    /// IT kW of one reference chip.
    pub fn kw_per_reference(&self, _o: OperatorId, _a: AreaId, _c: ChipClass) -> f64 {
        0.0
    }
    /// Share of an operator's hours in an area that stand in a region.
    pub fn region_share(&self, _o: OperatorId, _r: RegionId) -> f64 {
        0.0
    }
    /// Avoidable cost of a reference-chip hour.
    pub fn unit_cost_usd_per_h(&self, _o: OperatorId, _a: AreaId, _c: ChipClass) -> f64 {
        0.0
    }
    /// Cost with the annuity of chip and site.
    pub fn full_cost_usd_per_h(&self, _o: OperatorId, _c: ChipClass) -> f64 {
        0.0
    }
    /// IT load of internal work.
    pub fn internal_it_mw(&self, _o: OperatorId, _r: RegionId) -> f64 {
        0.0
    }
    /// Cash from sales; the posting is made by the caller.
    pub fn receive_revenue(&mut self, operator: OperatorId, micro_usd: i128) {
        self.cash_micro_usd[operator] += micro_usd;
    }
    /// A site gets power.
    pub fn energise(&mut self, _operator: OperatorId, _region: RegionId, _mw: f64) {}
}
/// Called by supply: what is online and open to buyers.
pub fn offer(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
/// Called by power: bills of the week.
pub fn pay_power_bills(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
