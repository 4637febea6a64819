//! Phase 8: chips, sites, fabs and plants are ordered; hardware is resold and scrapped.
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;
use super::{grid, providers};

/// Phase 8.
pub fn order(week: &Week, world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    providers::trade_hardware(week, world)?;
    grid::invest(week, world)
}
