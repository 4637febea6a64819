//! A network's accounts: every token is in exactly one of them.

use crate::market::books::{AccountId, Accounts, Holder, Purpose, Unit};
use crate::market::ids::NetworkId;

/// Account ids of one network.
#[derive(Clone, Copy, Debug)]
pub struct Ledger {
    /// Where opening stocks come from.
    pub genesis: AccountId,
    /// Its balance is minus all tokens created since the opening.
    pub minted: AccountId,
    pub burnt: AccountId,
    pub holders: AccountId,
    pub providers_held: AccountId,
    pub providers_staked: AccountId,
    pub unbonding: AccountId,
    pub rewards: AccountId,
    pub locked: AccountId,
    pub treasury: AccountId,
    /// Tokens of vaults, and rewards that wait for their release.
    pub vault: AccountId,
    pub waiting: AccountId,
    /// Tokens that holders have bonded.
    pub delegated: AccountId,
    pub pool: AccountId,
    pub orders: AccountId,
    /// Money of buyers until it is divided; clearing pays into it.
    pub escrow_usd: AccountId,
    pub treasury_usd: AccountId,
    pub pool_usd: AccountId,
    pub holders_usd: AccountId,
    pub providers_usd: AccountId,
    pub buyers_usd: AccountId,
    pub outside_usd: AccountId,
}

impl Ledger {
    pub fn open(accounts: &mut Accounts, network: NetworkId) -> Self {
        let token = Unit::Token(network);
        let own = Holder::Network(network);
        let mut of = |unit, holder, purpose| accounts.open(unit, holder, purpose);
        Self {
            genesis: of(token, Holder::Outside, Purpose::Stock),
            minted: of(token, own, Purpose::Minted),
            burnt: of(token, own, Purpose::Burnt),
            holders: of(token, Holder::Holders, Purpose::Held),
            providers_held: of(token, Holder::Providers, Purpose::Held),
            providers_staked: of(token, Holder::Providers, Purpose::Staked),
            unbonding: of(token, Holder::Providers, Purpose::Unbonding),
            rewards: of(token, own, Purpose::Rewards),
            locked: of(token, own, Purpose::Locked),
            treasury: of(token, own, Purpose::Treasury),
            vault: of(token, own, Purpose::Vault),
            waiting: of(token, own, Purpose::Unbonding),
            delegated: of(token, Holder::Holders, Purpose::Staked),
            pool: of(token, Holder::Pool(network), Purpose::Stock),
            orders: of(token, own, Purpose::Escrow),
            escrow_usd: of(Unit::Usd, own, Purpose::Escrow),
            treasury_usd: of(Unit::Usd, own, Purpose::Treasury),
            pool_usd: of(Unit::Usd, Holder::Pool(network), Purpose::Cash),
            holders_usd: of(Unit::Usd, Holder::Holders, Purpose::Cash),
            providers_usd: of(Unit::Usd, Holder::Providers, Purpose::Cash),
            buyers_usd: of(Unit::Usd, Holder::Buyers, Purpose::Cash),
            outside_usd: of(Unit::Usd, Holder::Outside, Purpose::Cash),
        }
    }
}
