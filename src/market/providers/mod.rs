//! Independent owners of hardware: a closed population ordered by cell.
use super::books::{Books, Stocks};
use super::chips::ChipModel;
use super::ids::{CellId, ChipId, HardwareId, MarketplaceId, NetworkId, RegionId, Table};
use super::model::{Compile, Model};
use super::networks::{NetworkModels, Networks};
use super::week::{Fault, Week};
use super::world::{Visitor, World};
use crate::scenario::types::ChipClass;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Venue {
    Network(NetworkId),
    Marketplace(MarketplaceId),
}
#[derive(Clone, Debug)]
pub struct Cell {
    pub hardware: HardwareId,
    pub region: RegionId,
    pub name: String,
    pub rows: Range<usize>,
    pub venues: [Option<Venue>; 4],
}
#[derive(Clone, Debug)]
pub struct HardwareKind {
    pub class: ChipClass,
    pub chip: ChipId,
    pub reference_per_device: f64,
    pub power_kw: f64,
}
#[derive(Clone, Debug, Default)]
pub struct ProviderModel {
    pub cells: Table<CellId, Cell>,
    pub hardware: Table<HardwareId, HardwareKind>,
}
impl ProviderModel {
    pub fn compile(
        _compile: &mut Compile<'_>,
        _chips: &ChipModel,
        _networks: &NetworkModels,
    ) -> Self {
        Self::default()
    }
}
#[derive(Clone, Debug, Default)]
pub struct Providers {
    pub cash_micro_usd: i128,
}
impl Providers {
    pub fn open(_model: &Model, _networks: &Networks, _books: &mut Books) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
    /// Hardware that was ordered arrives; returns the chips that found an owner.
    pub fn receive(&mut self, _model: &Model, _cell: CellId, chips: i64) -> i64 {
        chips
    }
}
/// Called by investment: hardware is ordered, resold, scrapped.
pub fn trade_hardware(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
