//! Operators: what they own, what is online, what they earn, what they decide.
//!
//! Online = min(chips, power, shells); internal work is placed first and released when rents
//! outside are above its value; the rest is offered. Cash, debt and default close the loop.

mod appeal;
mod cash;
mod model;
mod offer;
mod plan;
mod power;
mod rents;
mod retire;
mod sites;
mod state;

pub use cash::settle;
pub use model::{Firm, OperatorModel};
pub use offer::offer;
pub use plan::order;
pub use power::pay_power_bills;
pub use rents::{expect, hurdle};
pub use retire::retire;
pub use sites::{arrive as open_halls, stand_in_queue};
pub use state::{Operators, Projects, chip_h100e};
