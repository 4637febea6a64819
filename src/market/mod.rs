//! The economy, pure: no files, clock, threads, tables or printing. Start with [`week`].

pub mod alarms;
pub mod arrivals;
pub mod books;
pub mod chips;
pub mod clearing;
pub mod closed;
pub mod columns;
pub mod conditions;
pub mod demand;
pub mod equilibrium;
pub mod grid;
pub mod ids;
pub mod investment;
pub mod model;
pub mod networks;
pub mod operators;
pub mod outcomes;
pub mod protocols;
pub mod providers;
pub mod reconcile;
pub mod record;
pub mod schedule;
pub mod scratch;
pub mod seal;
pub mod services;
pub mod shocks;
pub mod supply;
pub mod tables;
pub mod watch;
pub mod week;
pub mod welfare;
pub mod world;

pub use model::Model;
pub use week::{Fault, PHASES, Week, step};
pub use world::World;
