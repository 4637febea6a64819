//! What the user wrote: a tree with origins, layered, checked, then decoded into types.

pub mod date;
pub mod decode;
pub mod problem;
pub mod read;
pub mod schema;
pub mod tree;
pub mod types;

pub use date::Date;
pub use decode::{Decode, Patch, Series};
