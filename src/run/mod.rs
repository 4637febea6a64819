//! How the model is run: jobs (policy × draw × luck) in parallel, estimated before, shown
//! while they run, kept as they finish, stopped and resumed without loss.

pub mod assemble;
pub mod clock;
pub mod economy;
pub mod ensemble;
pub mod estimate;
pub mod job;
pub mod plan;
pub mod progress;
pub mod rows;
pub mod script;
pub mod snapshot;

pub use economy::{Economy, Script, Timed};
pub use job::{Fault, Halt, Job, Simulation, Watch};
pub use plan::{Arm, Plan};
