//! Phase 8: chips, sites, fabs and plants are ordered; hardware is resold and scrapped.

use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::World;
use super::{chips, grid, operators, providers};

/// Phase 8.
pub fn order(week: &Week, world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    operators::expect(week, world)?;
    operators::settle(week, world)?;
    chips::trade(week, world)?;
    operators::order(week, world)?;
    operators::retire(week, world)?;
    providers::trade_hardware(week, world)?;
    chips::review(week, world)?;
    grid::invest(week, world)
}
