//! Replays a token: emission, settlement, vesting and collateral, period by period, in books.

use std::collections::{BTreeMap, VecDeque};

use super::issuance::{Issuance, Moment, units};
use super::settlement::{Settler, Supplied, note};
use super::storage;
use super::supply::{Account, Entry, Flow, SupplyBook};
use super::{Whole, settlement::Alarm};
use crate::scenario::Date;
use crate::scenario::solve::series::Course;
use crate::scenario::solve::token::{
    BaselineReading, StorageCollateral, TokenEmission, TokenSettlement, TokenVesting,
};

/// Power above every baseline, EiB: a network whose power is not given keeps up.
const KEPT_UP_EIB: f64 = 1e12;

/// Days over which a locked reward comes free.
const RELEASE_DAYS: i128 = 180;

/// A token with everything it needs, ready to be replayed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Digits of a base unit after the point.
    pub digits: u32,
    pub start: Date,
    pub periods: usize,
    /// Hours of a period.
    pub length_h: f64,
    pub emission: Option<TokenEmission>,
    pub settlement: Option<TokenSettlement>,
    pub collateral: Option<StorageCollateral>,
    pub vesting: BTreeMap<String, TokenVesting>,
    pub series: BTreeMap<String, Course>,
    pub opening: BTreeMap<String, f64>,
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Replayed {
    pub entries: Vec<Entry>,
    /// Stocks less what opening, creation and burning leave: 0.
    pub residual: i128,
    pub settler: Settler,
    /// Inflation at the end, where the rule has one.
    pub inflation: Option<f64>,
    /// Base units of one token.
    pub per_token: i128,
}

impl Plan {
    pub fn per_token(&self) -> i128 {
        10_i128.pow(self.digits)
    }

    /// Day of a period and hours since the start.
    pub fn moment(&self, period: usize) -> (Date, f64) {
        let hours = period as f64 * self.length_h;
        (self.start.add_days((hours / 24.0).floor() as i32), hours)
    }

    fn at(&self, name: &str, period: usize) -> Option<f64> {
        self.series.get(name).map(|course| course.at(period))
    }

    fn opening(&self, name: &str) -> Option<f64> {
        self.opening.get(name).copied()
    }

    /// The bonded share of a period; the rule's own goal where the file gives none.
    fn bonded_share(&self, period: usize) -> f64 {
        let goal = match &self.emission {
            Some(TokenEmission::BondedShare(rule)) => rule.goal_share,
            Some(TokenEmission::BondingRounds(rule)) => rule.target_parts as f64 / 1e9,
            _ => 0.0,
        };
        self.at("bonded_share", period)
            .unwrap_or(goal)
            .clamp(0.0, 1.0)
    }

    /// Whether minting follows the peer's daily closed form.
    pub fn is_daily_storage(&self) -> bool {
        matches!(&self.emission, Some(TokenEmission::BaselineMinting(rule))
            if rule.reading == BaselineReading::Daily)
    }

    fn is_storage(&self) -> bool {
        matches!(&self.emission, Some(TokenEmission::BaselineMinting(_)))
    }
}

/// The daily storage chain: known in advance from the power alone.
struct Chain {
    rules: storage::Rules,
    collateral: storage::Collateral,
    baselines: Vec<f64>,
    totals: Vec<f64>,
}

struct Run<'a> {
    plan: &'a Plan,
    book: SupplyBook,
    settler: Settler,
    issuance: Option<Issuance>,
    chain: Option<Chain>,
    /// Base units of locked rewards that each coming day releases.
    releases: VecDeque<i128>,
    /// Days whose release is done.
    released_days: i64,
    vested: i128,
}

/// Replays a plan; the text of an error says what is not known.
pub fn replay(plan: &Plan) -> Result<Replayed, String> {
    let mut run = Run::open(plan);
    let mut entries = Vec::with_capacity(plan.periods);
    for period in 0..plan.periods {
        run.period(period)
            .map_err(|text| format!("period {period}: {text}"))?;
        entries.push(run.book.close());
    }
    Ok(Replayed {
        entries,
        residual: run.book.residual(),
        inflation: run.issuance.as_ref().and_then(Issuance::inflation),
        settler: run.settler,
        per_token: plan.per_token(),
    })
}

impl<'a> Run<'a> {
    fn open(plan: &'a Plan) -> Run<'a> {
        let mut book = SupplyBook::default();
        let unit = plan.per_token();
        let half = plan.opening("locked_tokens").map(|tokens| tokens / 2.0);
        for account in Account::ALL {
            let split = matches!(account, Account::LockedRewards | Account::Pledge);
            let tokens = plan.opening(account.column());
            let tokens = tokens.or(if split { half } else { None });
            book.open(account, units(tokens.unwrap_or(0.0), unit));
        }
        let micro = |name: &str| Whole::from(units(plan.opening(name).unwrap_or(0.0), 1_000_000));
        let smoothed = units(plan.opening("smoothed_burn_tokens").unwrap_or(0.0), unit);
        let settler = Settler {
            smoothed: u64::try_from(smoothed).unwrap_or(0),
            credits: micro("remint_credit_tokens"),
            outstanding: micro("outstanding_credits_usd"),
            ..Settler::default()
        };
        let chain = plan.is_daily_storage().then(|| Chain::new(plan));
        let mut run = Run {
            plan,
            book,
            settler,
            issuance: plan.emission.as_ref().map(Issuance::new),
            chain,
            releases: VecDeque::new(),
            released_days: 0,
            vested: 0,
        };
        run.vested = run.vested_by(0);
        if plan.opening(Account::Unvested.column()).is_none() {
            let all: f64 = plan.vesting.values().map(|bucket| bucket.tokens).sum();
            run.book
                .open(Account::Unvested, (units(all, unit) - run.vested).max(0));
        }
        run.restate_opening();
        run
    }

    /// The daily chain states its opening at the end of the first day: what that day creates and
    /// frees is taken off again.
    fn restate_opening(&mut self) {
        let Some(chain) = &self.chain else { return };
        let unit = self.plan.per_token();
        let vested = self.vested_by(1) - self.vested;
        let minted = units(chain.reward(0), unit);
        if self.plan.opening(Account::Circulating.column()).is_none() {
            let all = self.identity(chain, 0);
            self.book.open(Account::Circulating, all);
        }
        self.book.open(Account::Circulating, -(vested + minted));
    }

    /// Base units that the buckets have freed when `period` opens.
    fn vested_by(&self, period: usize) -> i128 {
        let plan = self.plan;
        let hours = plan.moment(period).1;
        let unit = plan.per_token();
        let one = |bucket: &TokenVesting| {
            let days = f64::from(plan.start.days_since(bucket.starts)) + hours / 24.0;
            let share = match bucket.instalments {
                Some(count) if days >= 0.0 => {
                    let step = bucket.days / f64::from(count);
                    ((days / step + 1e-9).floor() + 1.0) / f64::from(count)
                }
                Some(_) => 0.0,
                None => days / bucket.days,
            };
            let share = share.clamp(0.0, 1.0);
            units(bucket.tokens * share, unit)
        };
        plan.vesting.values().map(one).sum()
    }

    fn period(&mut self, period: usize) -> Result<(), String> {
        let plan = self.plan;
        let before = self.book.stock(Account::Circulating);
        let next = self.vested_by(period + 1);
        let freed = (next - self.vested).max(0);
        self.vested = next;
        let accounts = (Account::Unvested, Account::Circulating);
        self.book.transfer(Flow::Vested, accounts, freed);
        if let Some(mut chain) = self.chain.take() {
            chain.pass(self, period, before);
            self.chain = Some(chain);
            return Ok(());
        }
        let minted = self.create(period)?;
        if plan.is_storage() {
            self.lock_rewards(period, minted);
        }
        self.slash(period);
        match &plan.settlement {
            Some(rule) => {
                let supplied = self.supplied(period, minted);
                self.settler.pass(rule, &supplied, period, &mut self.book);
            }
            None => self.burn_given(period),
        }
        Ok(())
    }

    fn create(&mut self, period: usize) -> Result<i128, String> {
        let plan = self.plan;
        let Some(issuance) = &mut self.issuance else {
            return Ok(0);
        };
        let (date, hours) = plan.moment(period);
        let created = issuance.pass(&Moment {
            date,
            hours,
            length_h: plan.length_h,
            total: self.book.total(),
            per_token: plan.per_token(),
            bonded_share: plan.bonded_share(period),
            claimed_share: plan
                .at("claimed_share", period)
                .unwrap_or(1.0)
                .clamp(0.0, 1.0),
            power_eib: plan.at("capacity", period).unwrap_or(KEPT_UP_EIB),
            given_tokens: plan.at("minted_tokens", period).unwrap_or(0.0),
            treasury: self.book.stock(Account::Treasury),
        })?;
        let rest = created.all - created.treasury;
        self.book.create(Flow::Minted, Account::Circulating, rest);
        self.book
            .create(Flow::Minted, Account::Treasury, created.treasury);
        Ok(created.all)
    }

    /// Three quarters of a reward are locked and come free in equal parts on 180 days.
    fn lock_rewards(&mut self, period: usize, minted: i128) {
        let accounts = (Account::LockedRewards, Account::Circulating);
        let today = (self.plan.moment(period).1 / 24.0).floor() as i64;
        while self.released_days < today {
            self.released_days += 1;
            let due = self.releases.pop_front().unwrap_or(0);
            let due = due.min(self.book.stock(Account::LockedRewards).max(0));
            self.book.transfer(Flow::Released, accounts, due);
        }
        let locked = minted * 3 / 4;
        self.book.transfer(
            Flow::Locked,
            (Account::Circulating, Account::LockedRewards),
            locked,
        );
        self.releases.resize(RELEASE_DAYS as usize, 0);
        let mut given = 0;
        for (day, due) in self.releases.iter_mut().enumerate() {
            let until = locked * (day as i128 + 1) / RELEASE_DAYS;
            *due += until - given;
            given = until;
        }
    }

    fn slash(&mut self, period: usize) {
        let Some(tokens) = self.plan.at("slashed_tokens", period) else {
            return;
        };
        let wanted = units(tokens, self.plan.per_token()).max(0);
        let there = self.book.stock(Account::Pledge).max(0);
        self.book
            .burn(Flow::Slashed, Account::Pledge, wanted.min(there));
    }

    fn burn_given(&mut self, period: usize) {
        let Some(tokens) = self.plan.at("burnt_tokens", period) else {
            return;
        };
        let unit = self.plan.per_token();
        let wanted = units(tokens, unit).max(0);
        let there = self.book.stock(Account::Circulating).max(0);
        if wanted > there {
            let missing = (wanted - there) as f64 / unit as f64;
            note(
                &mut self.settler.alarms,
                Alarm::NothingLeft,
                period,
                missing,
            );
        }
        self.book
            .burn(Flow::Burnt, Account::Circulating, wanted.min(there));
    }

    fn supplied(&self, period: usize, minted: i128) -> Supplied {
        let plan = self.plan;
        let at = |name: &str| plan.at(name, period);
        let price_usd = at("token_price_usd").unwrap_or(0.0);
        let fees_usd = at("fees_usd").unwrap_or(0.0);
        Supplied {
            date: plan.moment(period).0,
            length_h: plan.length_h,
            per_token: plan.per_token(),
            price_usd,
            cap_price_usd: at("cap_price_usd").unwrap_or(price_usd),
            fees_usd,
            paid_usd: at("paid_usd").unwrap_or(fees_usd),
            deposited_usd: at("deposited_usd").unwrap_or(fees_usd),
            settled_usd: at("settled_usd").unwrap_or(fees_usd),
            target_usd: at("target_usd").unwrap_or(0.0),
            burnt_tokens: at("burnt_tokens"),
            mobile_share: at("mobile_share"),
            scheduled: minted,
        }
    }
}

impl Chain {
    fn new(plan: &Plan) -> Chain {
        let days = storage::launch().map_or(0, |launch| plan.start.days_since(launch));
        let since = f64::from(days);
        let start = storage::Start {
            days,
            baseline_eib: (plan.opening("baseline_eib"))
                .unwrap_or_else(|| storage::baseline_eib(since)),
            capped_eib_days: (plan.opening("cumulative_capped_eib_days"))
                .unwrap_or_else(|| storage::kept_up_eib_days(since)),
        };
        // The first day copies the second, so that there are two at least.
        let days = plan.periods.max(2);
        let raw = plan.series.get("capacity").map(|raw| raw.spread(days));
        let raw = raw.unwrap_or_else(|| vec![KEPT_UP_EIB; days]);
        let (baselines, totals) = storage::minting(&start, &raw);
        let rule = plan.collateral.clone();
        let half = plan.opening("locked_tokens").unwrap_or(0.0) / 2.0;
        let locked = plan
            .opening(Account::LockedRewards.column())
            .unwrap_or(half);
        Chain {
            rules: storage::Rules {
                lock_target_share: rule.as_ref().map_or(0.3, |rule| rule.lock_target_share),
                duration_days: rule
                    .as_ref()
                    .map_or(360, |rule| rule.duration_days as usize),
                pledge_cap_gib: rule.as_ref().map_or(1.0, |rule| rule.pledge_cap_gib),
            },
            collateral: storage::Collateral::new(locked),
            baselines,
            totals,
        }
    }

    /// FIL of a day: the difference of cumulative totals; the first day copies the second.
    fn reward(&self, day: usize) -> f64 {
        let day = if day == 0 { 1 } else { day };
        match (self.totals.get(day), self.totals.get(day - 1)) {
            (Some(now), Some(before)) => now - before,
            _ => 0.0,
        }
    }

    /// A day; the pledge looks at what circulated the day `before`.
    fn pass(&mut self, run: &mut Run<'_>, day: usize, before: i128) {
        let plan = run.plan;
        let unit = plan.per_token();
        let reward = self.reward(day);
        run.book
            .create(Flow::Minted, Account::Circulating, units(reward, unit));
        if day == 0 {
            return;
        }
        let at = |name: &str| plan.at(name, day);
        let raw = at("capacity").unwrap_or(self.baselines[day]);
        let moves = self.collateral.pass(
            &self.rules,
            &storage::Day {
                reward,
                circulating: before as f64 / unit as f64,
                total_power: at("quality_capacity").unwrap_or(raw),
                baseline: self.baselines[day],
                onboarded: at("onboarded").unwrap_or(0.0),
                renewed: at("renewed").unwrap_or(0.0),
                renewal_share: at("renewal_share").unwrap_or(0.0),
                scheduled_release: at("scheduled_release_tokens").unwrap_or(0.0),
            },
            plan.collateral
                .as_ref()
                .map_or(0, |rule| rule.known_days as usize),
        );
        let circulating = Account::Circulating;
        let lock = (circulating, Account::LockedRewards);
        run.book
            .transfer(Flow::Locked, lock, units(moves.locked_in, unit));
        let release = (Account::LockedRewards, circulating);
        run.book
            .transfer(Flow::Released, release, units(moves.released, unit));
        run.book.transfer(
            Flow::Pledged,
            (circulating, Account::Pledge),
            units(moves.pledged, unit),
        );
        let burnt = units(at("burnt_tokens").unwrap_or(0.0), unit);
        run.book.burn(Flow::Burnt, circulating, burnt);
        run.slash(day);
        if day == 1 {
            self.correct(run);
        }
    }

    /// The peer recomputes what circulates from its identity on the second day, whatever the
    /// opening said: disbursed + minted + vested − locked − burnt.
    fn correct(&self, run: &mut Run<'_>) {
        if run.plan.opening(Account::Circulating.column()).is_none() {
            return;
        }
        let gap = run.identity(self, 1) - run.book.stock(Account::Circulating);
        run.book.create(Flow::Corrected, Account::Circulating, gap);
    }
}

impl Run<'_> {
    /// What circulates at the end of a day by the peer's identity: disbursed + minted + vested −
    /// locked − burnt (M6).
    fn identity(&self, chain: &Chain, day: usize) -> i128 {
        let plan = self.plan;
        let unit = plan.per_token();
        let vested = match plan.opening("vested_tokens") {
            Some(tokens) => units(tokens, unit) + self.vested_by(day + 1) - self.vested_by(0),
            None => self.vested_by(day + 1),
        };
        let total = |day: usize| chain.totals.get(day).copied().unwrap_or(0.0);
        let minted = match plan.opening("minted_tokens") {
            Some(tokens) => tokens + total(day) - total(0),
            None => total(day),
        };
        let burnt = units(plan.opening("burnt_tokens").unwrap_or(0.0), unit) + self.book.burnt();
        let book = &self.book;
        let locked = book.stock(Account::LockedRewards) + book.stock(Account::Pledge);
        units(storage::DISBURSED_FIL + minted, unit) + vested - locked - burnt
    }
}
