//! Loops over slices, counter-based randomness and our own mathematics. Knows no economics.
//!
//! The rules that make results equal on every machine, thread count and vector width:
//! 16 virtual lanes and blocks of 4,096 rows are part of the numbers, not a tuning knob;
//! no fused multiply-add; only `+ - * / sqrt`, comparison and conversion are used directly;
//! every random word is a pure function of names and indices. Vector code and scalar code
//! are one text, generic over [`lanes`], so that they cannot drift apart.

pub mod bits;
pub mod choice;
pub mod dispatch;
pub mod grouped;
pub mod interior;
pub mod intervals;
pub mod lanes;
pub mod linear;
pub mod math;
pub mod math32;
pub mod math64;
pub mod nested;
pub mod over;
pub mod random;
pub mod reduce;
pub mod sparse;
pub mod supply;

pub use dispatch::Level;
pub use random::{Key, Luck, Stream};

/// Rises whenever any bit of any result of a kernel may change.
pub const KERNEL_VERSION: u32 = 2;
