//! Demand: segments grow, contracts expire, uncommitted hours are contestable.
use super::ids::{PopulationId, Table};
use super::model::{Compile, Model};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::{Visitor, World};

#[derive(Clone, Debug, Default)]
pub struct DemandModel {}
impl DemandModel {
    pub fn compile(_compile: &mut Compile<'_>) -> Self {
        Self::default()
    }
}
#[derive(Clone, Debug, Default)]
pub struct Demand {
    pub contestable_h100e_h: Table<PopulationId, f64>,
    pub committed_h100e_h: Table<PopulationId, f64>,
    pub backlog_h100e_h: Table<PopulationId, f64>,
}
impl Demand {
    pub fn open(_model: &Model) -> Self {
        Self::default()
    }
    pub fn visit(&mut self, _visitor: &mut dyn Visitor) {}
}
/// Phase 3.
pub fn grow(_week: &Week, _world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    Ok(())
}
