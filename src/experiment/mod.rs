//! Questions put to ensembles: what a policy changes, whether an expectation holds, how two
//! runs differ. Everything is paired: the same draw and luck with and without.

pub mod audit;
pub mod compare;
pub mod effects;
pub mod expect;
pub mod prepare;
pub mod student;
pub mod study;
pub mod subsidy;
