//! Phase 4: providers are credited last week's pay and decide; operators go online.
use super::operators;
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;

/// Phase 4.
pub fn decide(week: &Week, world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    operators::offer(week, world)
}
