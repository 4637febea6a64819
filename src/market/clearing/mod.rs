//! Clearing: buyers choose, tier by tier, until quantities and prices agree.
//!
//! Before it contracts end, or are left for a fee ([`breakage`]).
//!
//! The week: what every seller can offer is known ([`offers`]); buyers compare menus ([`menus`])
//! and choose ([`choice`]); prices of independent providers move along their supply curves
//! ([`asks`]) and buyers choose again; capacity is shared out and those who are rationed look
//! once more among what is left ([`ration`]); the rest waits ([`waits`]). Then prices for the
//! coming weeks are reviewed ([`prices`]), money is posted ([`settle`]) and [`indices`] are taken.
//! When the grid has cleared, curtailed hours are unsold again and refunded ([`refund`]).

pub mod asks;
mod booking;
pub mod breakage;
pub mod calibrate;
pub mod choice;
pub mod desk;
pub mod indices;
pub mod load;
pub mod menus;
pub mod offers;
pub mod opening;
pub mod oracle;
pub mod prices;
pub mod quotes;
pub mod ration;
#[cfg(test)]
mod rules_tests;
pub mod settle;
pub mod state;
pub mod tape;
#[cfg(test)]
mod tests;
pub mod venues;
pub mod view;
pub mod waits;
mod week;

pub use super::demand::Population;
pub use indices::Indices;
pub use load::{ComputeLoad, Work};
pub use offers::{MarketModel, Offer, Pool, Seller};
pub use settle::refund;
pub use state::{Market, SupplyCurve};
pub use week::{ClearingScratch, clear};
