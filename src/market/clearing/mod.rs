//! Clearing: buyers choose, tier by tier, until quantities and prices agree.
use super::books::Stocks;
use super::chips::ChipModel;
use super::demand::{Demand, DemandModel};
use super::ids::{
    AreaId, HardwareId, MarketplaceId, NetworkId, OfferId, OperatorId, PopulationId, RegionId,
    SegmentId, Table,
};
use super::model::{Compile, Model};
use super::networks::NetworkModels;
use super::operators::{OperatorModel, Operators};
use super::providers::{ProviderModel, Providers};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::{Visitor, World};
use crate::scenario::types::{ChipClass, Tier};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seller {
    Operator(OperatorId),
    Marketplace(MarketplaceId),
    Network(NetworkId),
}
#[derive(Clone, Debug)]
pub struct Offer {
    pub seller: Seller,
    pub class: ChipClass,
    pub tier: Tier,
    pub area: AreaId,
    pub name: String,
}
#[derive(Clone, Copy, Debug)]
pub struct Population {
    pub segment: SegmentId,
    pub area: AreaId,
}
#[derive(Clone, Debug, Default)]
pub struct MarketModel {
    pub offers: Table<OfferId, Offer>,
    pub populations: Table<PopulationId, Population>,
}
impl MarketModel {
    pub fn compile(
        _compile: &mut Compile<'_>,
        _chips: &ChipModel,
        _operators: &OperatorModel,
        _providers: &ProviderModel,
        _networks: &NetworkModels,
        _demand: &DemandModel,
    ) -> Self {
        Self::default()
    }
}
/// Asks of independent providers: one bin = mean ask and reference-chip hours.
#[derive(Clone, Debug)]
pub struct SupplyCurve {
    pub cost_usd_per_h: [f64; 64],
    pub units_h: [f64; 64],
}
impl Default for SupplyCurve {
    fn default() -> Self {
        Self {
            cost_usd_per_h: [0.0; 64],
            units_h: [0.0; 64],
        }
    }
}
/// Compute load of a region, mean MW of the week, and what an MWh of it is worth.
#[derive(Clone, Copy, Debug, Default)]
pub struct ComputeLoad {
    pub operator_it_mw: f64,
    pub internal_it_mw: f64,
    pub provider_mw: f64,
    pub miner_mw: f64,
    pub value_usd_per_mwh: f64,
    pub internal_value_usd_per_mwh: f64,
    pub provider_value_usd_per_mwh: f64,
    pub miner_value_usd_per_mwh: f64,
}
/// Hours that one hardware sold on one venue.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    pub sold_h: f64,
    pub price_usd_per_h: f64,
    pub fees_usd: f64,
}
/// Several prices of the same H100 hour, USD.
#[derive(Clone, Copy, Debug, Default)]
pub struct Indices {
    pub list: f64,
    pub neocloud: f64,
    pub reserved_1y: f64,
    pub spot: f64,
    pub marketplace: f64,
    pub network: f64,
    pub h100e_mean: f64,
}
#[derive(Clone, Debug, Default)]
pub struct Market {
    pub capacity_h: Table<OfferId, f64>,
    pub price_usd_per_h: Table<OfferId, f64>,
    pub sold_h: Table<OfferId, f64>,
    pub served_h: Table<OfferId, f64>,
    pub curtailed_h: Table<OfferId, f64>,
    pub wait_h: Table<OfferId, f64>,
    pub utilisation_share: Table<OfferId, f64>,
    pub supply: Table<OfferId, SupplyCurve>,
    pub load: Table<RegionId, ComputeLoad>,
    pub network_work: Table<NetworkId, Table<HardwareId, Work>>,
    pub marketplace_work: Table<MarketplaceId, Table<HardwareId, Work>>,
    pub indices: Indices,
    pub surplus_usd_per_week: f64,
}
impl Market {
    pub fn open(
        _model: &Model,
        _operators: &Operators,
        _providers: &Providers,
        _demand: &Demand,
    ) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
}
#[derive(Default)]
pub struct ClearingScratch {}
/// Phase 5.
pub fn clear(_week: &Week, _world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    Ok(())
}
/// Called by power: curtailed hours are unsold again and refunded.
pub fn refund(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
