#![forbid(unsafe_code)]
//! wattflop: what will an hour of compute cost, who will sell it, and what does a token
//! incentive change? One agent-based model of operators, chips, grids, networks and buyers.
//!
//! Each module uses only modules named above it.

pub mod units;
pub mod kernels;
pub mod scenario;
pub mod market;
pub mod results;
pub mod run;
pub mod experiment;
pub mod report;
pub mod cli;
