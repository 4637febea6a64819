//! Chips: a chain of lagged bottlenecks from order to delivery, in whole chips.
//!
//! Orders wait in a queue per product. Makers start wafers to a forecast and keep a bank of dies;
//! packages are started for orders that nothing in the pipeline covers, as far as packaging,
//! memory and dies allow; finished chips go to the oldest orders and arrive after delivery.
//! Whichever link binds sets the lead time = queue ÷ recent output + the process that remains; a
//! product that still climbs is quoted by its planned ramp.

mod chain;
mod delivery;
mod model;
mod pricing;
mod roadmap;
mod second_hand;
mod state;

pub use delivery::arrive;
pub use model::{
    Channel, ChipAccounts, ChipModel, Line, Made, Maker, MemoryPrice, Product, Rules, let_through,
};
pub use pricing::review;
pub use second_hand::trade;
pub use state::{Chips, Parcels, Queue};

use super::ids::{CellId, OperatorId, RegionId};

pub const CLASSES: usize = 8;
pub const WORKLOADS: usize = 3;

/// Who ordered a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    Operator(OperatorId, RegionId),
    Cell(CellId),
}
