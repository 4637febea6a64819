//! What prices would be: sellers with several products facing buyers in segments and nests.
//!
//! [`demand`] is E1–E6 (who buys what at given prices), [`pricing`] E7–E10 (prices at which no
//! seller wants to move), [`capacity`] E11 (shadow prices of full products), [`measures`] what
//! an economist reads off the result, [`inversion`] the qualities behind known sales,
//! [`auctions`] E15–E16. Pure functions of their arguments.

pub mod auctions;
pub mod capacity;
pub mod capacity_game;
pub mod case;
pub mod demand;
pub mod friction;
pub mod inversion;
pub mod market;
pub mod measures;
pub mod pricing;
pub mod queue;

pub use capacity::{Solution, Stop, solve};
pub use demand::Demand;
pub use market::{Conduct, Market};
pub use measures::{Matrices, matrices};
pub use pricing::Rule;
