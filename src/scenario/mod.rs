//! What the user wrote: a tree with origins, layered, checked, then decoded into types.

pub mod assumptions;
pub mod check;
pub mod date;
pub mod decode;
pub mod embedded;
pub mod explain;
pub mod facts;
pub mod formula;
pub mod identification;
pub mod json_schema;
pub mod layers;
pub mod load;
pub mod merge;
pub mod numbers;
pub mod patch;
pub mod print;
pub mod problem;
pub mod read;
pub mod reference;
pub mod root;
pub mod schema;
pub mod solve;
pub mod suggest;
pub mod tree;
pub mod types;
pub mod uncertain;
pub mod verify;
mod verify_networks;

pub use date::Date;
pub use decode::{Decode, DottedPath, Numbers, Patch, Series};
pub use load::{Loaded, PolicyTree, load};
