//! What the money of buyers does to a token, period by period: burns, re-emission, vaults.

use std::collections::BTreeMap;

use super::akash::{self, Breaker, Status, Swap};
use super::decimal::Decimal;
use super::helium::{self, Budget, Epoch};
use super::issuance::units;
use super::supply::{Account, Flow, SupplyBook};
use super::{Whole, ionet};
use crate::market::networks::settlement::burnt_share;
use crate::scenario::Date;
use crate::scenario::solve::token::{CreditVault, NetEmission, TokenSettlement, TopUpBudget};
use crate::scenario::types::Settlement;

/// What the market supplied in one period.
#[derive(Clone, Copy, Debug)]
pub struct Supplied {
    pub date: Date,
    pub length_h: f64,
    pub per_token: i128,
    /// 0 where there is none that can be trusted.
    pub price_usd: f64,
    /// The price at which HIP-149 caps; the same where it is not given.
    pub cap_price_usd: f64,
    pub fees_usd: f64,
    pub paid_usd: f64,
    pub deposited_usd: f64,
    pub settled_usd: f64,
    pub target_usd: f64,
    pub burnt_tokens: Option<f64>,
    pub mobile_share: Option<f64>,
    /// Base units that the schedule created in this period.
    pub scheduled: i128,
}

/// How often something happened, when first, and how large it was at most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    pub times: u64,
    pub first: usize,
    pub most: f64,
}

/// What a designer should know, by what it is.
pub type Alarms = BTreeMap<Alarm, Seen>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Tokens re-emitted and topped up beyond the smoothed burn.
    BurnMintedTwice,
    /// Top-up with no bound, in multiples of the schedule.
    UnboundedFloor,
    /// No price: what depends on it stood still.
    NoPrice,
    /// The vault's ratio stopped new credits; value refused, USD.
    VaultHalted,
    /// The vault's ratio is at its warning.
    VaultWarned,
    /// Tokens newly minted because credits did not suffice.
    VaultShort,
    /// Swaps that were refused.
    SwapRefused,
    /// Tokens owed to providers that no vault could pay.
    Unpaid,
    /// Burns that more than all circulating tokens would have been needed for.
    NothingLeft,
    /// Fees below the target.
    Unsustainable,
}

/// Adds an event to the alarms.
pub fn note(alarms: &mut Alarms, alarm: Alarm, period: usize, size: f64) {
    let seen = alarms.entry(alarm).or_default();
    if seen.times == 0 {
        seen.first = period;
    }
    seen.times += 1;
    if size > seen.most {
        seen.most = size;
    }
}

/// The settlement's memory.
#[derive(Clone, Debug, Default)]
pub struct Settler {
    /// Helium's filter of burns, bones.
    pub smoothed: u64,
    /// Akash: credits for re-minting, uakt, and outstanding ACT, uact.
    pub credits: Whole,
    pub outstanding: Whole,
    /// Tokens that moved to stakers because of a cap, base units; supply-neutral.
    pub redirected: i128,
    pub alarms: Alarms,
}

fn positive(tokens: f64) -> f64 {
    if tokens > 0.0 { tokens } else { 0.0 }
}

impl Settler {
    /// Settles one period in the books.
    pub fn pass(
        &mut self,
        rule: &TokenSettlement,
        now: &Supplied,
        period: usize,
        book: &mut SupplyBook,
    ) {
        if now.price_usd <= 0.0 && needs_price(rule, now) {
            note(&mut self.alarms, Alarm::NoPrice, period, 0.0);
        }
        match rule {
            TokenSettlement::FeeShare(rule) => {
                self.burn(&Settlement::FeeShare(rule.clone()), now, period, book);
            }
            TokenSettlement::BurnAndMint(rule) => {
                self.burn(&Settlement::BurnAndMint(rule.clone()), now, period, book);
            }
            TokenSettlement::BuybackAndBurn(rule) => {
                self.burn(&Settlement::BuybackAndBurn(rule.clone()), now, period, book);
            }
            TokenSettlement::NetEmission(rule) => self.net_emission(rule, now, period, book),
            TokenSettlement::CreditVault(rule) => self.vault(rule, now, period, book),
            TokenSettlement::UsdTarget(rule) => {
                self.targeted(rule.burnt_surplus_share, now, period, book);
            }
        }
    }

    /// Burns what the shares of the week's own rule burn, at the period's price.
    fn burn(&mut self, rule: &Settlement, now: &Supplied, period: usize, book: &mut SupplyBook) {
        let tokens = match now.burnt_tokens {
            Some(tokens) => tokens,
            None if now.price_usd > 0.0 => burnt_share(rule) * now.fees_usd / now.price_usd,
            None => 0.0,
        };
        self.destroy(
            units(positive(tokens), now.per_token),
            period,
            book,
            now.per_token,
        );
    }

    fn destroy(&mut self, wanted: i128, period: usize, book: &mut SupplyBook, unit: i128) -> i128 {
        let there = book.stock(Account::Circulating).max(0);
        let burnt = wanted.min(there);
        if burnt < wanted {
            let missing = (wanted - burnt) as f64 / unit as f64;
            note(&mut self.alarms, Alarm::NothingLeft, period, missing);
        }
        book.burn(Flow::Burnt, Account::Circulating, burnt);
        burnt
    }

    fn net_emission(
        &mut self,
        rule: &NetEmission,
        now: &Supplied,
        period: usize,
        book: &mut SupplyBook,
    ) {
        let unit = now.per_token;
        let epochs = now.length_h / 24.0;
        let tokens = match now.burnt_tokens {
            Some(tokens) => tokens,
            None if now.price_usd > 0.0 => now.fees_usd / now.price_usd,
            None => 0.0,
        };
        let burnt = self.destroy(units(positive(tokens), unit), period, book, unit);
        let bones = |amount: i128| u64::try_from(amount.max(0)).unwrap_or(u64::MAX);
        self.smoothed = helium::smoothed_burn(self.smoothed, bones(burnt));
        let cap = bones(units(rule.cap_tokens_per_day * epochs, unit));
        let Some(floor) = &rule.usd_floor_cap else {
            let back = helium::net_emission(self.smoothed, cap);
            book.create(Flow::Reemitted, Account::Circulating, i128::from(back));
            return;
        };
        let share = now
            .mobile_share
            .unwrap_or(floor.mobile_share)
            .clamp(0.0, 1.0);
        let price = |usd: f64| bones(units(positive(usd), 100_000_000));
        let epoch = Epoch {
            emission: bones(now.scheduled),
            smoothed: self.smoothed,
            cap,
            credits_burnt: bones(units(
                positive(now.paid_usd),
                helium::CREDITS_PER_USD as i128,
            )),
            mobile_share: (share * f64::from(u32::MAX)) as u32,
            floor_price: price(now.price_usd),
            cap_price: price(now.cap_price_usd),
        };
        let budget = match floor.budget {
            TopUpBudget::Shared => Budget::Shared,
            TopUpBudget::Own => Budget::Own,
            TopUpBudget::Unbounded => Budget::None,
        };
        let out = helium::backstop(&epoch, budget);
        self.watch(&epoch, &out, period);
        book.create(
            Flow::Reemitted,
            Account::Circulating,
            i128::from(out.re_emitted),
        );
        book.create(Flow::ToppedUp, Account::Circulating, i128::from(out.top_up));
        self.redirected += i128::from(helium::overflow(out.deployer_base, out.deployer_cap));
        let supplement = if floor.supplement { supplement(now) } else { 0 };
        book.create(Flow::Supplement, Account::Circulating, supplement);
    }

    /// The two flaws that were found in drafts of HIP-149: a floor without a bound, and a burn
    /// that two mints are drawn from.
    fn watch(&mut self, epoch: &Epoch, out: &helium::Backstop, period: usize) {
        let both = i128::from(out.re_emitted) + i128::from(out.top_up);
        let excess = both - i128::from(epoch.smoothed);
        if excess > 0 {
            let tokens = excess as f64 / helium::BONES_PER_HNT as f64;
            note(&mut self.alarms, Alarm::BurnMintedTwice, period, tokens);
        }
        if out.top_up > epoch.emission && excess > 0 && epoch.emission > 0 {
            let times = out.top_up as f64 / epoch.emission as f64;
            note(&mut self.alarms, Alarm::UnboundedFloor, period, times);
        }
    }

    fn vault(&mut self, rule: &CreditVault, now: &Supplied, period: usize, book: &mut SupplyBook) {
        // Chains count in 10^−6; the books may count finer.
        let scale = now.per_token / 1_000_000;
        let micro = |usd: f64| Whole::from(units(positive(usd), 1_000_000));
        let price = Decimal::nearest(now.price_usd).unwrap_or(Decimal(Whole::ZERO));
        let usd = Decimal::whole(&Whole::from(1));
        let breaker = Breaker {
            warn_bps: rule.warn_bps,
            halt_bps: rule.halt_bps,
            ..Breaker::default()
        };
        let vault = Whole::from(book.stock(Account::Vault) / scale);
        let ratio = akash::ratio_bps(&akash::collateral_ratio(&vault, &price, &self.outstanding));
        let status = breaker.status((now.price_usd > 0.0).then_some(ratio));
        if status == Status::Warning {
            note(
                &mut self.alarms,
                Alarm::VaultWarned,
                period,
                ratio as f64 / 1e4,
            );
        }
        if matches!(status, Status::HaltRatio | Status::HaltOracle) && now.deposited_usd > 0.0 {
            note(
                &mut self.alarms,
                Alarm::VaultHalted,
                period,
                now.deposited_usd,
            );
        }
        if now.price_usd <= 0.0 {
            return;
        }
        if matches!(status, Status::Healthy | Status::Warning) {
            let swap = Swap {
                amount: Whole::from(units(
                    positive(now.deposited_usd) / now.price_usd,
                    1_000_000,
                )),
                price_from: price.clone(),
                price_to: usd.clone(),
                spread_bps: rule.mint_spread_bps,
                least: Whole::ZERO,
            };
            self.deposit(&swap, (period, scale), book);
        }
        let asked = micro(now.settled_usd);
        let swap = Swap {
            amount: if asked < self.outstanding {
                asked
            } else {
                self.outstanding.clone()
            },
            price_from: usd,
            price_to: price,
            spread_bps: rule.settle_spread_bps,
            least: Whole::ZERO,
        };
        self.pay(&swap, (period, scale), book);
    }

    fn deposit(&mut self, swap: &Swap, (period, scale): (usize, i128), book: &mut SupplyBook) {
        if swap.amount == Whole::ZERO {
            return;
        }
        let amount = i128::try_from(&swap.amount).unwrap_or(0) * scale;
        match akash::swap(swap) {
            Ok(swapped) if amount <= book.stock(Account::Circulating) => {
                let accounts = (Account::Circulating, Account::Vault);
                book.transfer(Flow::Deposited, accounts, amount);
                self.credits += &swap.amount;
                self.outstanding += swapped.minted;
            }
            Ok(_) => note(&mut self.alarms, Alarm::NothingLeft, period, amount as f64),
            Err(_) => note(&mut self.alarms, Alarm::SwapRefused, period, 0.0),
        }
    }

    fn pay(&mut self, swap: &Swap, (period, scale): (usize, i128), book: &mut SupplyBook) {
        if swap.amount == Whole::ZERO {
            return;
        }
        let Ok(swapped) = akash::swap(swap) else {
            note(&mut self.alarms, Alarm::SwapRefused, period, 0.0);
            return;
        };
        let payout = akash::payout(&swapped.minted, &self.credits);
        let of = |amount: &Whole| i128::try_from(amount).unwrap_or(0) * scale;
        if payout.newly_minted > Whole::ZERO {
            let tokens = super::nearest(&payout.newly_minted) / 1e6;
            note(&mut self.alarms, Alarm::VaultShort, period, tokens);
        }
        book.create(Flow::Shortfall, Account::Vault, of(&payout.newly_minted));
        let accounts = (Account::Vault, Account::Circulating);
        book.transfer(Flow::Settled, accounts, of(&swapped.to_user()));
        self.credits -= payout.from_credits;
        self.outstanding -= &swap.amount;
    }

    fn targeted(&mut self, share: f64, now: &Supplied, period: usize, book: &mut SupplyBook) {
        let unit = now.per_token;
        let held = |account| positive(book.stock(account) as f64 / unit as f64);
        let out = ionet::targeted(&ionet::Targeted {
            target_usd: positive(now.target_usd),
            token_price_usd: now.price_usd,
            fees_usd: positive(now.fees_usd),
            reward_vault_tokens: held(Account::RewardVault),
            fee_vault_tokens: held(Account::FeeVault),
            burnt_surplus_share: share,
        });
        if out.unpaid > 1e-9 {
            note(&mut self.alarms, Alarm::Unpaid, period, out.unpaid);
        }
        if out.sustainability_ratio < 1.0 && now.price_usd > 0.0 {
            note(
                &mut self.alarms,
                Alarm::Unsustainable,
                period,
                1.0 - out.sustainability_ratio,
            );
        }
        for (account, tokens) in [
            (Account::RewardVault, out.from_reward_vault),
            (Account::FeeVault, out.from_fee_vault),
        ] {
            let amount = units(tokens, unit).min(book.stock(account).max(0));
            book.transfer(Flow::Paid, (account, Account::Circulating), amount);
        }
        let there = book.stock(Account::Circulating).max(0);
        let bought = units(out.to_fee_vault, unit).min(there);
        let accounts = (Account::Circulating, Account::FeeVault);
        book.transfer(Flow::BoughtBack, accounts, bought);
        self.destroy(units(out.burnt, unit), period, book, unit);
    }
}

/// Whether money of this period waits for a price.
fn needs_price(rule: &TokenSettlement, now: &Supplied) -> bool {
    match rule {
        TokenSettlement::FeeShare(_) => false,
        TokenSettlement::BurnAndMint(_) | TokenSettlement::BuybackAndBurn(_) => {
            now.fees_usd > 0.0 && now.burnt_tokens.is_none()
        }
        TokenSettlement::NetEmission(rule) => {
            let is_burning = now.fees_usd > 0.0 && now.burnt_tokens.is_none();
            is_burning || (now.paid_usd > 0.0 && rule.usd_floor_cap.is_some())
        }
        TokenSettlement::CreditVault(_) => now.deposited_usd + now.settled_usd > 0.0,
        TokenSettlement::UsdTarget(_) => now.target_usd + now.fees_usd > 0.0,
    }
}

/// Supplement of HIP-149 in this period: its first day of payment is 6 August 2026.
fn supplement(now: &Supplied) -> i128 {
    let Some(first) = Date::new(2026, 8, 6) else {
        return 0;
    };
    let days = (now.length_h / 24.0 + 0.5) as i32;
    let since = now.date.days_since(first);
    (since..since + days)
        .filter_map(|day| u64::try_from(day).ok())
        .map(|day| i128::from(helium::supplement(day)))
        .sum()
}
