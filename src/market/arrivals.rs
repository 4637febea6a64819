//! Phase 2: what was already on its way arrives.

use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;
use super::{chips, grid, networks, operators};

/// Phase 2.
pub fn arrive(week: &Week, world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    chips::arrive(week, world)?;
    operators::open_halls(week, world);
    grid::arrive(week, world)?;
    networks::unlock(week, world)
}
