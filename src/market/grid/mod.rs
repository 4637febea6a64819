//! Power: 168 hours of every region, each week.
use super::books::{Books, Stocks};
use super::ids::{OperatorId, RegionId, Table};
use super::model::{Compile, Model};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::{Visitor, World};

/// Tariff classes, as indices of `tariff_usd_per_mwh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tariff {
    DataCentre,
    Industrial,
    Commercial,
    Residential,
}
/// Kinds of compute load, as indices of `curtailed_share`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    Operator,
    Provider,
    Miner,
}

#[derive(Clone, Debug, Default)]
pub struct GridModel {}
impl GridModel {
    pub fn compile(_compile: &mut Compile<'_>) -> Self {
        Self::default()
    }
}
#[derive(Clone, Debug, Default)]
pub struct Grid {
    pub regions: Table<RegionId, RegionState>,
}
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionState {
    pub wholesale_usd_per_mwh: f64,
    pub wholesale_worst_usd_per_mwh: f64,
    pub scarcity_hours: f64,
    pub tariff_usd_per_mwh: [f64; 4],
    pub co2_average_t_per_mwh: f64,
    pub co2_marginal_t_per_mwh: f64,
    pub water_off_site_m3_per_mwh: f64,
    pub water_on_site_m3_per_mwh_it: f64,
    pub pue: f64,
    pub curtailed_share: [f64; 3],
    pub unserved_mwh: f64,
    pub reserve_margin_share: f64,
    pub data_centre_mw: f64,
    pub compute_mwh: f64,
    pub connection_queue_mw: f64,
    pub residential_bill_usd_per_month: f64,
    pub co2_t: f64,
    pub water_on_site_m3: f64,
    pub water_off_site_m3: f64,
    pub energy_wh: i128,
    pub water_ml: i128,
}
impl Grid {
    pub fn open(model: &Model, _books: &mut Books) -> Self {
        Self {
            regions: Table::filled(model.names.regions.len(), RegionState::default()),
        }
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
    /// Asks the grid of a region for `mw` more.
    pub fn request(&mut self, _week: &Week, _region: RegionId, _operator: OperatorId, _mw: f64) {}
}
#[derive(Default)]
pub struct GridScratch {}
/// Phase 6.
pub fn power(_week: &Week, _world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    Ok(())
}
/// Called by arrivals: sites energised, plants commissioned.
pub fn arrive(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
/// Called by investment: plants enter and leave.
pub fn invest(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
