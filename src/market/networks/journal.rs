//! The audit table of token books: what every account of every token paid every other in a week,
//! in base units, so that a third party replays supply from postings alone.
//!
//! A cell of a table is a binary number, exact up to 2^53; an amount is therefore two: high × 10^9
//! + low base units, both exact.

use super::Ledger;
use crate::market::books::{AccountId, Posting};
use crate::market::ids::{Id, NetworkId};
use crate::market::model::Model;
use std::collections::BTreeMap;

/// Base units of one unit of the high column.
pub const HIGH_UNITS: i128 = 1_000_000_000;
/// Token accounts of one network, by name; the order numbers the rows.
pub const ACCOUNTS: [&str; 16] = [
    "genesis",
    "minted",
    "burnt",
    "holders",
    "providers_held",
    "providers_staked",
    "unbonding",
    "rewards",
    "locked",
    "treasury",
    "vault",
    "waiting",
    "delegated",
    "pool",
    "orders",
    "elsewhere",
];

fn accounts(ledger: &Ledger) -> [AccountId; ACCOUNTS.len() - 1] {
    [
        ledger.genesis,
        ledger.minted,
        ledger.burnt,
        ledger.holders,
        ledger.providers_held,
        ledger.providers_staked,
        ledger.unbonding,
        ledger.rewards,
        ledger.locked,
        ledger.treasury,
        ledger.vault,
        ledger.waiting,
        ledger.delegated,
        ledger.pool,
        ledger.orders,
    ]
}

/// Name of a row: `network:from>to`.
pub fn name(model: &Model, entity: usize) -> String {
    let count = ACCOUNTS.len();
    let (pair, network) = (entity % (count * count), entity / (count * count));
    let network = model.names.networks.name(NetworkId::new(network));
    format!(
        "{network}:{}>{}",
        ACCOUNTS[pair / count],
        ACCOUNTS[pair % count]
    )
}

/// A week's postings of tokens, summed by network, from and to; rows of [`name`].
pub fn of_week(model: &Model, journal: &[Posting]) -> BTreeMap<usize, i128> {
    let mut known = BTreeMap::new();
    for (id, rules) in model.networks.networks.iter() {
        for (place, account) in accounts(&rules.ledger).into_iter().enumerate() {
            known.insert(account, (id.index(), place));
        }
    }
    let count = ACCOUNTS.len();
    let mut sums = BTreeMap::new();
    for posting in journal {
        let (from, to) = (known.get(&posting.from), known.get(&posting.to));
        let Some((network, _)) = from.or(to) else {
            continue;
        };
        let place = |found: Option<&(usize, usize)>| found.map_or(count - 1, |(_, place)| *place);
        let row = (network * count + place(from)) * count + place(to);
        *sums.entry(row).or_insert(0) += posting.amount;
    }
    sums.retain(|_, amount| *amount != 0);
    sums
}
