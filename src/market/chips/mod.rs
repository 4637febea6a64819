//! Chips: a chain of lagged bottlenecks from order to delivery.
use super::books::{Books, Stocks};
use super::ids::{CellId, ChipId, MakerId, OperatorId, RegionId, Table};
use super::model::{Compile, Model};
use super::world::Visitor;
use crate::scenario::types::ChipClass;

pub const CLASSES: usize = 8;
pub const WORKLOADS: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct ChipModel {
    pub products: Table<ChipId, Product>,
    pub reference_per_chip: Table<ChipId, f64>,
    pub h100e: [[f64; WORKLOADS]; CLASSES],
    pub memory_gb_of_class: [f64; CLASSES],
}
#[derive(Clone, Debug)]
pub struct Product {
    pub maker: MakerId,
    pub class: ChipClass,
    pub bf16_tflops: f64,
    pub memory_gb: f64,
    pub bandwidth_tb_per_s: f64,
    pub system_kw: f64,
    pub price_usd: f64,
    pub release_week: i64,
    pub last_week: i64,
    pub channel: Channel,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    DataCentre,
    Captive(OperatorId),
    Retail,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    Operator(OperatorId, RegionId),
    Cell(CellId),
}
impl ChipModel {
    pub fn compile(_compile: &mut Compile<'_>) -> Self {
        Self::default()
    }
}
#[derive(Clone, Debug, Default)]
pub struct Chips {
    pub lead_time_weeks: Table<ChipId, f64>,
    pub price_usd: Table<ChipId, f64>,
    pub backlog_chips: Table<ChipId, i64>,
    pub in_work_chips: Table<ChipId, i64>,
    pub shipped_total_chips: Table<ChipId, i64>,
    pub used_chips: Table<ChipId, i64>,
    pub used_price_usd: Table<ChipId, f64>,
}
impl Chips {
    pub fn open(_model: &Model, _books: &mut Books) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
    pub fn order(&mut self, _week: u32, _chip: ChipId, _owner: Owner, _chips: i64) {}
}
