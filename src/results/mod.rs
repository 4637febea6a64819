//! What remains after a run: columns, their hash, finished runs kept aside, the run folder.
//! Polars is used in `tables` only; everything else is plain Rust, so that the model builds
//! and tests in seconds.

pub mod alarms;
pub mod codec;
pub mod columns;
pub mod disk;
pub mod folder;
pub mod hash;
pub mod manifest;
pub mod panel;
pub mod partial;
pub mod record;
pub mod summary;
pub mod tables;
pub mod text;

pub use columns::{Column, Data, Table, Value};
pub use record::RunRecord;

/// Changes when tables or columns change their meaning or name.
pub const SCHEMA_VERSION: u32 = 1;

/// Changes when the same scenario and seed may give other numbers.
pub const NUMERICS_VERSION: u32 = 1;
