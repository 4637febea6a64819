//! Networks: verification, settlement, emission, staking and the token's own market.
use super::books::{Books, Stocks};
use super::ids::{HardwareId, NetworkId, Table};
use super::model::{Compile, Model};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::{Visitor, World};

#[derive(Clone, Debug, Default)]
pub struct NetworkModels {}
impl NetworkModels {
    pub fn compile(_compile: &mut Compile<'_>) -> Self {
        Self::default()
    }
}
/// What a network pays and asks this week, per device of a hardware.
#[derive(Clone, Debug, Default)]
pub struct NetworkTerms {
    pub reward_usd_per_device_h: Table<HardwareId, f64>,
    pub credit_quanta_per_device_h: Table<HardwareId, f64>,
    pub stake_quanta_per_device: Table<HardwareId, f64>,
    pub stake_cost_usd_per_h: Table<HardwareId, f64>,
    pub sell_share: f64,
    pub take_rate_share: f64,
    pub detection_probability: f64,
    pub slash_share: f64,
    pub cheat_saving_usd_per_h: f64,
    pub quality_share: f64,
}
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub token_price_usd: f64,
    pub quantum_tokens: f64,
    pub terms: NetworkTerms,
}
#[derive(Clone, Debug, Default)]
pub struct Networks {
    pub networks: Table<NetworkId, Network>,
}
impl Networks {
    pub fn open(_model: &Model, _books: &mut Books) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
    pub fn count(&self, _model: &Model, _stocks: &mut Stocks) {}
}
/// Phase 7.
pub fn settle(_week: &Week, _world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    Ok(())
}
/// Called by arrivals: vesting and unlocks.
pub fn unlock(_week: &Week, _world: &mut World) -> Result<(), Fault> {
    Ok(())
}
