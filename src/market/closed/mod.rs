//! Closed networks: outside the market, with demand and providers of their own, by the rules of
//! a published toy (mkq-volt/depin_sim at ce5ef58). They are here so that its rules and speed can
//! be compared with ours; nothing of them reaches the market, and nothing of it reaches them.
//!
//! Tokens are whole *quanta* (a power of two of a token, chosen so that every amount is an exact
//! `f64`), so the books hold to the last one. A balance may be negative: the toy's providers sell
//! what they owe even when they have earned less.

pub mod alarms;
mod ledger;
mod providers;
mod state;
mod week;

use super::ids::{ClosedNetworkId, Table};
use super::model::Compile;
use crate::kernels::random::{Luck, Stream};
use crate::scenario::types;
pub use ledger::{Ledger, settle};
pub use providers::Crowd;
pub use state::{ClosedNetwork, ClosedNetworks, ClosedWeek};
pub use week::{Comers, Moved};

/// The table of closed networks.
pub const TABLE: &str = "closed_networks";

/// What an amount of tokens may come to, in quanta: sums of a whole block of rows stay exact.
pub(in crate::market) const MOST_QUANTA: f64 = 562_949_953_421_312.0; // 2^49
/// Quanta of a token at most.
const FINEST: f64 = 1_048_576.0; // 2^20
/// Weeks of the longest run.
const LONGEST_WEEKS: f64 = 2_600.0;

/// All closed networks of a scenario, in order of name.
#[derive(Clone, Debug, Default)]
pub struct ClosedModels {
    pub networks: Table<ClosedNetworkId, ClosedModel>,
}

/// One closed network and its accounts.
#[derive(Clone, Debug)]
pub struct ClosedModel {
    pub rules: ClosedRules,
    pub ledger: Ledger,
}

/// What a closed network obeys: the scenario's numbers and its own chance.
#[derive(Clone, Debug)]
pub struct ClosedRules {
    pub name: String,
    pub facts: types::ClosedNetwork,
    chance: Chance,
}

/// Streams of one network, each keyed by its name.
#[derive(Clone, Copy, Debug)]
struct Chance {
    /// How many candidates come.
    candidates: Stream,
    /// How large and how dear each is.
    attributes: Stream,
    /// Noise of demand and the macro factor.
    market: Stream,
}

impl ClosedRules {
    pub fn new(name: &str, facts: &types::ClosedNetwork, luck: Luck) -> Self {
        let chance = Chance {
            candidates: luck.stream("closed network candidates", name),
            attributes: luck.stream("closed network attributes", name),
            market: luck.stream("closed network market", name),
        };
        Self {
            name: name.to_owned(),
            facts: facts.clone(),
            chance,
        }
    }

    /// Quanta of a token: the finest power of two at which all that can ever be minted is exact.
    fn quanta_per_token(&self) -> f64 {
        let minted = LONGEST_WEEKS * self.facts.highest_mint_tokens_per_week;
        let mut quanta = FINEST;
        while (self.facts.genesis_tokens + minted) * quanta > MOST_QUANTA {
            quanta *= 0.5;
        }
        quanta
    }
}

impl ClosedModels {
    pub fn compile(compile: &mut Compile<'_>, luck: Luck) -> Self {
        let mut networks = Table::default();
        for (index, name) in compile.names.closed_networks.iter().enumerate() {
            let facts = &compile.scenario.closed_networks[name];
            networks.push(ClosedModel {
                rules: ClosedRules::new(name, facts, luck),
                ledger: Ledger::open(compile.accounts, ClosedNetworkId(index as u16)),
            });
        }
        Self { networks }
    }
}
