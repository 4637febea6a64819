//! A token's books: every base unit is in one account, every flow is a posting.

/// Where tokens are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    Circulating,
    /// Rewards that wait for their release.
    LockedRewards,
    /// Collateral of providers.
    Pledge,
    /// Tokens of insiders that have not unlocked.
    Unvested,
    Treasury,
    Vault,
    RewardVault,
    FeeVault,
}

impl Account {
    pub const ALL: [Account; 8] = [
        Account::Circulating,
        Account::LockedRewards,
        Account::Pledge,
        Account::Unvested,
        Account::Treasury,
        Account::Vault,
        Account::RewardVault,
        Account::FeeVault,
    ];

    /// Column of its stock, and key of its opening.
    pub fn column(self) -> &'static str {
        match self {
            Account::Circulating => "circulating_tokens",
            Account::LockedRewards => "locked_reward_tokens",
            Account::Pledge => "pledge_tokens",
            Account::Unvested => "unvested_tokens",
            Account::Treasury => "treasury_tokens",
            Account::Vault => "vault_tokens",
            Account::RewardVault => "reward_vault_tokens",
            Account::FeeVault => "fee_vault_tokens",
        }
    }
}

/// Why tokens move. Some create, some destroy, the rest moves from account to account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Created by schedule, decay, halving, inflation or baseline.
    Minted,
    /// Burnt tokens that were created again.
    Reemitted,
    /// Created to lift providers to their floor.
    ToppedUp,
    /// Created by a supplement.
    Supplement,
    /// Created because the vault's credits did not suffice.
    Shortfall,
    Burnt,
    /// Collateral destroyed for misconduct.
    Slashed,
    Vested,
    /// New rewards that are locked.
    Locked,
    /// Locked rewards that come free.
    Released,
    /// Collateral put up less collateral given back.
    Pledged,
    /// Paid into the vault for credits.
    Deposited,
    /// Paid out of the vault for credits.
    Settled,
    /// Bought with fees and kept.
    BoughtBack,
    /// Paid to providers out of a vault.
    Paid,
    /// The peer's identity where an opening contradicts it.
    Corrected,
}

impl Flow {
    pub const ALL: [Flow; 16] = [
        Flow::Minted,
        Flow::Reemitted,
        Flow::ToppedUp,
        Flow::Supplement,
        Flow::Shortfall,
        Flow::Burnt,
        Flow::Slashed,
        Flow::Vested,
        Flow::Locked,
        Flow::Released,
        Flow::Pledged,
        Flow::Deposited,
        Flow::Settled,
        Flow::BoughtBack,
        Flow::Paid,
        Flow::Corrected,
    ];

    pub fn column(self) -> &'static str {
        match self {
            Flow::Minted => "minted_tokens",
            Flow::Reemitted => "reemitted_tokens",
            Flow::ToppedUp => "topped_up_tokens",
            Flow::Supplement => "supplement_tokens",
            Flow::Shortfall => "shortfall_minted_tokens",
            Flow::Burnt => "burnt_tokens",
            Flow::Slashed => "slashed_tokens",
            Flow::Vested => "vested_tokens",
            Flow::Locked => "locked_in_tokens",
            Flow::Released => "released_tokens",
            Flow::Pledged => "pledged_tokens",
            Flow::Deposited => "deposited_tokens",
            Flow::Settled => "settled_tokens",
            Flow::BoughtBack => "bought_back_tokens",
            Flow::Paid => "paid_tokens",
            Flow::Corrected => "corrected_tokens",
        }
    }

    fn creates(self) -> bool {
        use Flow::{Corrected, Minted, Reemitted, Shortfall, Supplement, ToppedUp};
        matches!(
            self,
            Minted | Reemitted | ToppedUp | Supplement | Shortfall | Corrected
        )
    }
}

const FLOWS: usize = Flow::ALL.len();
const ACCOUNTS: usize = Account::ALL.len();

/// One period's flows and the stocks at its end, base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    flows: [i128; FLOWS],
    stocks: [i128; ACCOUNTS],
}

impl Entry {
    pub fn flow(&self, flow: Flow) -> i128 {
        self.flows[flow as usize]
    }
    pub fn stock(&self, account: Account) -> i128 {
        self.stocks[account as usize]
    }
}

/// The books of one token, base units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupplyBook {
    stocks: [i128; ACCOUNTS],
    flows: [i128; FLOWS],
    opening: i128,
    created: i128,
    burnt: i128,
}

impl SupplyBook {
    /// An opening stock.
    pub fn open(&mut self, account: Account, amount: i128) {
        self.stocks[account as usize] += amount;
        self.opening += amount;
    }

    /// Tokens come into being.
    pub fn create(&mut self, flow: Flow, to: Account, amount: i128) {
        debug_assert!(flow.creates());
        self.stocks[to as usize] += amount;
        self.flows[flow as usize] += amount;
        self.created += amount;
    }

    /// Tokens cease to be.
    pub fn burn(&mut self, flow: Flow, from: Account, amount: i128) {
        self.stocks[from as usize] -= amount;
        self.flows[flow as usize] += amount;
        self.burnt += amount;
    }

    pub fn transfer(&mut self, flow: Flow, (from, to): (Account, Account), amount: i128) {
        self.stocks[from as usize] -= amount;
        self.stocks[to as usize] += amount;
        self.flows[flow as usize] += amount;
    }

    pub fn stock(&self, account: Account) -> i128 {
        self.stocks[account as usize]
    }

    /// All tokens that exist.
    pub fn total(&self) -> i128 {
        self.stocks.iter().sum()
    }

    pub fn burnt(&self) -> i128 {
        self.burnt
    }

    pub fn created(&self) -> i128 {
        self.created
    }

    /// Stocks − (opening + created − burnt): 0 unless a posting was lost.
    pub fn residual(&self) -> i128 {
        self.total() - (self.opening + self.created - self.burnt)
    }

    /// Closes a period: its flows and the stocks at its end.
    pub fn close(&mut self) -> Entry {
        let entry = Entry {
            flows: self.flows,
            stocks: self.stocks,
        };
        self.flows = [0; FLOWS];
        entry
    }
}
