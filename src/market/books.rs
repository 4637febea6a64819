//! Double entry in integers: every unit that is conserved moves by postings between named
//! accounts, and each week the balances are compared with the stocks that the world itself counts.
//!
//! A posting always balances. What can fail is a balance against the counted stock: then some
//! code changed the world without saying so, and the run stops with the account's name.

use super::ids::{ChipId, ClosedNetworkId, MakerId, NetworkId, OperatorId, RegionId};
use super::world::{Column, Visitor};
use crate::scenario::types::ChipClass;
use std::collections::BTreeMap;

/// What is conserved, in integer base units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Unit {
    /// Micro-USD of the base year.
    Usd,
    /// Base units of one network's token.
    Token(NetworkId),
    /// Whole chips of one product.
    Chip(ChipId),
    /// Watt-hours.
    Energy,
    /// Millilitres.
    Water,
    /// GPU-seconds of one class's reference chip.
    Compute(ChipClass),
    /// Quanta of a closed network's token.
    ClosedToken(ClosedNetworkId),
}

/// Who holds an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Holder {
    /// Everything outside the model; never counted.
    Outside,
    Buyers,
    Providers,
    Holders,
    Pool(NetworkId),
    Network(NetworkId),
    Operator(OperatorId),
    Maker(MakerId),
    Region(RegionId),
    Marketplaces,
    ClosedNetwork(ClosedNetworkId),
}

/// Why the account exists; one word of the field per purpose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Purpose {
    Cash,
    Debt,
    Stock,
    Work,
    Transit,
    Used,
    Scrap,
    Escrow,
    Held,
    Staked,
    Unbonding,
    Locked,
    Vault,
    Treasury,
    Rewards,
    Minted,
    Burnt,
    Slashed,
    Offered,
    Served,
    Curtailed,
    Unsold,
    Internal,
    Idle,
    Bills,
    Remainder,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Account {
    pub unit: Unit,
    pub holder: Holder,
    pub purpose: Purpose,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AccountId(pub u32);

/// The chart of accounts, fixed when the scenario is compiled.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    accounts: Vec<Account>,
    index: BTreeMap<Account, AccountId>,
}

impl Accounts {
    /// The id of an account, opened at first mention.
    pub fn open(&mut self, unit: Unit, holder: Holder, purpose: Purpose) -> AccountId {
        let account = Account {
            unit,
            holder,
            purpose,
        };
        let next = AccountId(u32::try_from(self.accounts.len()).expect("fewer than 2^32 accounts"));
        *self.index.entry(account).or_insert_with(|| {
            self.accounts.push(account);
            next
        })
    }
    pub fn len(&self) -> usize {
        self.accounts.len()
    }
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }
    pub fn account(&self, id: AccountId) -> Account {
        self.accounts[id.0 as usize]
    }
}

/// One movement of one unit; `amount` may be negative (a refund).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Posting {
    pub from: AccountId,
    pub to: AccountId,
    pub amount: i128,
}

/// A balance that differs from the stock counted in the world.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    pub account: AccountId,
    pub balance: i128,
    pub counted: i128,
}

/// Balances, and the stocks counted against them.
#[derive(Clone, Debug, PartialEq)]
pub struct Books {
    balance: Vec<i128>,
    postings: u64,
    /// Postings of tokens since the last week's record.
    journal: Vec<Posting>,
    is_token: Vec<bool>,
}

impl Books {
    pub fn new(accounts: &Accounts) -> Self {
        Self {
            balance: vec![0; accounts.len()],
            postings: 0,
            journal: Vec::new(),
            is_token: (accounts.accounts.iter())
                .map(|account| matches!(account.unit, Unit::Token(_)))
                .collect(),
        }
    }
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.column("books.balance", Column::I128(&mut self.balance));
        let postings = std::slice::from_mut(&mut self.postings);
        visitor.column("books.postings", Column::U64(postings));
        visitor.constant("books.is_token", Column::Flag(&mut self.is_token));
        // Empty between weeks; an entry that appears there is a change.
        for posting in &mut self.journal {
            let amount = std::slice::from_mut(&mut posting.amount);
            visitor.column("books.journal", Column::I128(amount));
            for account in [&mut posting.from, &mut posting.to] {
                let account = std::slice::from_mut(&mut account.0);
                visitor.column("books.journal", Column::U32(account));
            }
        }
    }

    /// Moves `amount` base units; both accounts must be of one unit (checked by [`Self::check`]).
    pub fn post(&mut self, from: AccountId, to: AccountId, amount: i128) {
        self.balance[from.0 as usize] -= amount;
        self.balance[to.0 as usize] += amount;
        self.postings += 1;
        if self.is_token[from.0 as usize] {
            self.journal.push(Posting { from, to, amount });
        }
    }
    /// Postings of tokens since [`Self::close_journal`].
    pub fn journal(&self) -> &[Posting] {
        &self.journal
    }
    /// The week is recorded: a new page.
    pub fn close_journal(&mut self) {
        self.journal.clear();
    }
    pub fn balance(&self, account: AccountId) -> i128 {
        self.balance[account.0 as usize]
    }
    pub fn postings(&self) -> u64 {
        self.postings
    }
    /// Compares every counted stock with its balance.
    pub fn reconcile(&self, counted: &Stocks) -> Result<(), Vec<Gap>> {
        let gaps: Vec<Gap> = counted
            .stocks
            .iter()
            .filter(|(account, amount)| self.balance(*account) != *amount)
            .map(|&(account, counted)| Gap {
                account,
                balance: self.balance(account),
                counted,
            })
            .collect();
        if gaps.is_empty() { Ok(()) } else { Err(gaps) }
    }
    /// The sum of all balances of each unit: zero whenever no posting mixed two units.
    pub fn residuals(&self, accounts: &Accounts) -> BTreeMap<Unit, i128> {
        let mut sums = BTreeMap::new();
        for (index, balance) in self.balance.iter().enumerate() {
            *sums.entry(accounts.accounts[index].unit).or_insert(0) += balance;
        }
        sums
    }
}

/// Stocks as the world counts them, collected anew each week.
#[derive(Clone, Debug, Default)]
pub struct Stocks {
    stocks: Vec<(AccountId, i128)>,
}

impl Stocks {
    pub fn clear(&mut self) {
        self.stocks.clear();
    }
    pub fn count(&mut self, account: AccountId, amount: i128) {
        self.stocks.push((account, amount));
    }
    pub fn len(&self) -> usize {
        self.stocks.len()
    }
    pub fn is_empty(&self) -> bool {
        self.stocks.is_empty()
    }
}

/// USD to whole micro-USD, rounded to nearest, ties away from zero.
pub fn micro_usd(usd: f64) -> i128 {
    whole(usd * 1e6)
}

/// The nearest whole number; non-finite amounts are zero here and a fault at the phase boundary.
pub fn whole(amount: f64) -> i128 {
    if amount.is_finite() {
        amount.round() as i128
    } else {
        0
    }
}
