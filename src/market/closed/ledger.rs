//! A closed network's accounts, and its week in the market's phase of tokens.

use super::state::{ClosedNetwork, ClosedNetworks};
use super::week::Comers;
use crate::market::books::{AccountId, Accounts, Books, Holder, Purpose, Stocks, Unit};
use crate::market::ids::ClosedNetworkId;
use crate::market::model::Model;
use crate::market::scratch::Scratch;
use crate::market::week::Week;
use crate::market::world::World;

/// Account ids of one closed network, in its quanta.
#[derive(Clone, Copy, Debug)]
pub struct Ledger {
    /// Where the opening tokens come from.
    pub genesis: AccountId,
    /// Its balance is minus all tokens minted since the opening.
    pub minted: AccountId,
    pub burnt: AccountId,
    /// Negative where providers owe more than they hold.
    pub providers: AccountId,
    pub public: AccountId,
}

impl Ledger {
    pub fn open(accounts: &mut Accounts, network: ClosedNetworkId) -> Self {
        let own = Holder::ClosedNetwork(network);
        let mut of = |holder, purpose| accounts.open(Unit::ClosedToken(network), holder, purpose);
        Self {
            genesis: of(Holder::Outside, Purpose::Stock),
            minted: of(own, Purpose::Minted),
            burnt: of(own, Purpose::Burnt),
            providers: of(Holder::Providers, Purpose::Held),
            public: of(Holder::Holders, Purpose::Held),
        }
    }
}

impl ClosedNetworks {
    pub fn open(model: &Model, books: &mut Books) -> Self {
        let mut comers = Comers::default();
        let open = |(_, closed): (ClosedNetworkId, &super::ClosedModel)| {
            let network = ClosedNetwork::open(&closed.rules, &mut comers);
            let ledger = &closed.ledger;
            books.post(ledger.genesis, ledger.public, network.genesis_quanta);
            network
        };
        Self {
            networks: model.closed.networks.iter().map(open).collect(),
        }
    }

    /// Counts tokens from the state alone.
    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        for (id, closed) in model.closed.networks.iter() {
            let network = &self.networks[id];
            let ledger = &closed.ledger;
            stocks.count(ledger.minted, -network.minted_quanta);
            stocks.count(ledger.burnt, network.burnt_quanta);
            stocks.count(ledger.providers, network.crowd.held_quanta());
            stocks.count(ledger.public, network.public_quanta);
        }
    }
}

/// A week of every closed network.
pub fn settle(week: &Week, world: &mut World, scratch: &mut Scratch) {
    for (id, closed) in week.model.closed.networks.iter() {
        let network = &mut world.closed.networks[id];
        let moved = network.step(&closed.rules, week.number, &mut scratch.comers);
        let (ledger, books) = (&closed.ledger, &mut world.books);
        books.post(ledger.minted, ledger.providers, moved.minted);
        books.post(ledger.providers, ledger.public, moved.sold);
        books.post(ledger.public, ledger.burnt, moved.burnt);
    }
}
