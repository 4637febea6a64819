//! The week of a network: `unlock` in arrivals, `take` in supply, `settle` in the tokens phase.

use super::trade::{self, Purses};
use super::{Network, NetworkWeek, Networks, RING_WEEKS, Rules, Served};
use super::{bonding, income, liquidity, minting, outlook, reemission, rewards, settlement};
use super::{tokens, units, vault, verification, wash};
use crate::kernels::math;
use crate::kernels::supply::VenueTotals;
use crate::market::books::{Books, micro_usd, whole};
use crate::market::closed;
use crate::market::ids::NetworkId;
use crate::market::model::{WEEK_H, YEAR_WEEKS};
use crate::market::outcomes::share;
use crate::market::providers::{self, Venue};
use crate::market::scratch::Scratch;
use crate::market::services;
use crate::market::week::{Fault, Week};
use crate::market::world::World;
use crate::scenario::Date;
use crate::scenario::types::{Settlement, VestingBucket};

/// A treasury sells at most this part of its tokens in a week.
pub const TREASURY_WEEKS: i128 = 26;
/// Memory of the smoothed accrual, about a quarter.
const ACCRUAL_KEPT: f64 = 12.0 / 13.0;

/// Phase 2: vested and unbonded tokens become free.
pub fn unlock(week: &Week, world: &mut World) -> Result<(), Fault> {
    let World {
        conditions,
        networks,
        books,
        ..
    } = world;
    let opens = week.calendar().date(week.number);
    for (id, rules) in week.model.networks.networks.iter() {
        let network = &mut networks.networks[id];
        let event = conditions.unlock_share[id];
        let event = if event < 1.0 { event } else { 1.0 };
        for (slot, bucket) in rules.facts.vesting.values().enumerate() {
            let left = network.locked_units[slot];
            let freed = part(left, event) + unlocked_units(bucket, opens);
            let freed = freed.clamp(0, left);
            let sold = part(freed, rules.price.unlock_sell_share);
            network.locked_units[slot] -= freed;
            network.orders.insiders += sold;
            network.holders_units += freed - sold;
            books.post(rules.ledger.locked, rules.ledger.orders, sold);
            books.post(rules.ledger.locked, rules.ledger.holders, freed - sold);
        }
        let slot = week.number as usize % RING_WEEKS;
        let free = std::mem::take(&mut network.unbonding_units[slot]);
        network.orders.providers += free;
        books.post(rules.ledger.unbonding, rules.ledger.orders, free);
    }
    Ok(())
}

/// What a bucket frees in the week: a cliff on its first day, then equal instalments.
fn unlocked_units(bucket: &VestingBucket, opens: Date) -> i128 {
    if opens < bucket.starts {
        return 0;
    }
    let week = opens.days_since(bucket.starts) / 7;
    let step = bucket.instalment_weeks as i32;
    let mut freed = 0.0;
    if week == 0 {
        freed += bucket.cliff_share * bucket.tokens;
    }
    if week % step == step - 1 {
        let evenly = (1.0 - bucket.cliff_share) * bucket.tokens;
        freed += f64::from(step) * (evenly / bucket.weeks);
    }
    units(freed)
}

fn part(amount: i128, share: f64) -> i128 {
    whole(amount as f64 * share).clamp(0, amount.max(0))
}

impl Networks {
    /// Books what one cell's sweep did in one network: credits, sales, stakes, slashes.
    ///
    /// A stake that is withdrawn and sold at once is delivered when it has unbonded.
    pub fn take(&mut self, week: &Week, id: NetworkId, totals: &VenueTotals, books: &mut Books) {
        let rules = &week.model.networks.networks[id];
        let network = &mut self.networks[id];
        let units = |quanta: f64| quanta as i128 * rules.quantum_units;
        let credited = units(totals.credited_quanta);
        let sold = units(totals.sold_quanta);
        let staked = units(totals.staked_in_quanta);
        let bought = units(totals.bought_quanta);
        let unstaked = units(totals.unstaked_quanta);
        let slashed = units(totals.slashed_quanta);
        if credited == 0 && sold == 0 && staked == 0 && unstaked == 0 && slashed == 0 {
            return;
        }
        let late = sold.min(unstaked);
        let ledger = &rules.ledger;
        books.post(ledger.rewards, ledger.providers_held, credited);
        books.post(ledger.providers_staked, ledger.providers_held, unstaked);
        books.post(
            ledger.providers_held,
            ledger.providers_staked,
            staked - bought,
        );
        books.post(ledger.orders, ledger.providers_staked, bought);
        books.post(ledger.providers_held, ledger.orders, sold - late);
        books.post(ledger.providers_held, ledger.unbonding, late);
        books.post(ledger.providers_staked, ledger.burnt, slashed);
        let wait = (rules.facts.staking.as_ref()).map_or(0, |rule| rule.unbonding_weeks);
        let slot = (week.number as usize + 1 + wait as usize) % RING_WEEKS;
        network.unbonding_units[slot] += late;
        network.rewards_units -= credited;
        network.orders.providers += sold - late;
        network.orders.needed += bought;
        network.burnt_units += slashed;
        network.week.sold_tokens += tokens(sold);
        network.week.slashed_tokens += tokens(slashed);
    }
}

/// Phase 7: work is verified, money divided, tokens created, burnt and traded.
pub fn settle(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    closed::settle(week, world, scratch);
    services::trade(week, world);
    let World {
        conditions,
        market,
        providers,
        networks,
        services,
        books,
        ..
    } = world;
    providers.observe_work(week.model, market);
    let model = week.model;
    let noise = model.luck.stream("crypto", "common");
    let normal = noise.normal(0, week.number);
    let event = math::ln(1.0 + conditions.token_return.max(-0.999));
    let opens = model.calendar.date(week.number);
    for (id, rules) in model.networks.networks.iter() {
        let ledger = &rules.ledger;
        let staked_units = books.balance(ledger.providers_staked);
        let seats_units = books.balance(ledger.providers_held) + staked_units;
        let served = match model.services.seat(id) {
            Some(seat) => &services.services[seat.service].served[seat.slot],
            None => &providers.served[providers::venue_index(model, Venue::Network(id))],
        };
        let network = &mut networks.networks[id];
        let price = &rules.price;
        network.crypto_log = price.crypto_kept_per_week * network.crypto_log
            + price.crypto_sigma_per_week * normal
            + event;
        let mut purses = Purses {
            books,
            providers_micro_usd: &mut providers.cash_micro_usd,
            holders_micro_usd: &mut networks.holders_cash_micro_usd,
        };
        let before = Before {
            opens,
            week: week.number,
            seats_units,
            staked_units,
            trust_kept: model.networks.trust_kept_per_week,
            power_eib: model.services.power_eib(id, served),
        };
        one(rules, network, served, &before, &mut purses);
        if !(network.token_price_usd > 0.0 && network.token_price_usd.is_finite()) {
            let value = network.token_price_usd;
            return Err(Fault::new(rules.name.clone(), "token price", value));
        }
    }
    services::pay_bills(week, world);
    providers::pay_marketplaces(week, world);
    providers::pay_bills(week, world)
}

/// What the week of one network starts from.
struct Before {
    opens: Date,
    week: u32,
    /// Tokens on providers' seats, and those of them at stake.
    seats_units: i128,
    staked_units: i128,
    trust_kept: f64,
    /// Storage that providers offer.
    power_eib: f64,
}

fn one(
    rules: &Rules,
    network: &mut Network,
    served: &Served,
    before: &Before,
    purses: &mut Purses,
) {
    verify(rules, network, served, before.trust_kept);
    let waiting = network.rewards_units;
    wash::buy_own(rules, network, purses);
    let (gross, split) = divide(rules, network, purses);
    vault::pay_out(rules, network, served, gross, purses.books);
    income::release(rules, network, before.week, purses.books);
    income::grant(rules, network, purses.books);
    let money = Money {
        gross_usd: gross as f64 * 1e-6,
        paid_usd: split.providers as f64 * 1e-6,
    };
    let created = create(rules, network, (served, money), before, purses);
    let rewarded = tokens(network.rewards_units - waiting);
    let earned_usd = money.paid_usd + rewarded * network.token_price_usd;
    income::guarantee(rules, network, (served, earned_usd), before.opens, purses);
    let asked = spend_order(rules, network, before.opens, purses.books);
    let price_usd = network.token_price_usd;
    let weekly = outlook::accrual_usd(rules, money.gross_usd, created.again, price_usd);
    network.accrual_usd_per_week =
        ACCRUAL_KEPT * network.accrual_usd_per_week + (1.0 - ACCRUAL_KEPT) * weekly;
    network.premium_usd *= math::pow(rules.price.premium_kept_per_year, 1.0 / YEAR_WEEKS);
    let circulating = tokens(trade::circulating_units(network, before.seats_units));
    let value = outlook::value_usd(rules, network, (served, before.opens), circulating);
    let cleared = trade::clear(rules, network, value, purses);
    vault::deposit(rules, network, cleared.kept);
    let holders = (&mut *purses.books, &mut *purses.holders_micro_usd);
    liquidity::come_and_go(rules, network, cleared.pool_usd, holders);
    bonding::move_bonds(rules, network, tokens(created.holders), purses.books);
    let spent = asked.min(network.treasury_cash_micro_usd.max(0));
    network.treasury_cash_micro_usd -= spent;
    let ledger = &rules.ledger;
    (purses.books).post(ledger.treasury_usd, ledger.outside_usd, spent);
    rewards::write_terms(rules, network, served);
    let week = &mut network.week;
    week.emission_tokens = tokens(created.all);
    week.provider_emission_usd = tokens(created.providers) * network.token_price_usd;
    week.provider_reward_usd = rewarded * network.token_price_usd + week.programme_usd;
    week.burnt_tokens = tokens(cleared.burnt);
    week.gross_usd = gross as f64 * 1e-6;
    week.paid_usd = split.providers as f64 * 1e-6 - week.self_paid_usd;
    week.fees_usd = weekly;
    week.circulating_tokens = circulating;
    week.value_usd = value;
    note_service(rules, network, served);
}

/// Trust follows the fraud that checks reveal.
fn verify(rules: &Rules, network: &mut Network, served: &Served, kept: f64) {
    let cheating = served.cheating_share();
    let check = rules.facts.verification.as_ref();
    let seen = verification::seen_share(check, cheating) * cheating;
    network.cheating_share = cheating;
    network.trust_share = kept * network.trust_share + (1.0 - kept) * (1.0 - seen);
}

/// Divides what buyers paid this week; returns the gross amount and its parts.
fn divide(rules: &Rules, network: &mut Network, purses: &mut Purses) -> (i128, settlement::Split) {
    let ledger = &rules.ledger;
    let gross = purses.books.balance(ledger.escrow_usd) - network.pending_burn_micro_usd;
    let split = vault::split(rules, network, gross);
    let books = &mut *purses.books;
    books.post(ledger.escrow_usd, ledger.providers_usd, split.providers);
    books.post(ledger.escrow_usd, ledger.treasury_usd, split.treasury);
    *purses.providers_micro_usd += split.providers;
    network.treasury_cash_micro_usd += split.treasury;
    network.pending_burn_micro_usd += split.burn;
    (gross, split)
}

struct Created {
    all: i128,
    /// Burnt tokens created again.
    again: i128,
    providers: i128,
    holders: i128,
}

/// What buyers paid, and what of it providers received.
#[derive(Clone, Copy)]
struct Money {
    gross_usd: f64,
    paid_usd: f64,
}

/// New tokens of the week: to providers, treasury, and those who hold.
fn create(
    rules: &Rules,
    network: &mut Network,
    (served, money): (&Served, Money),
    before: &Before,
    purses: &mut Purses,
) -> Created {
    let facts = &rules.facts;
    let minted = minting::of_week(rules, network, &moment(network, served, before));
    let again = reemission::of_week(
        &facts.settlement,
        network,
        &reemission::Week {
            opens: before.opens,
            scheduled_units: minted.all,
            paid_usd: money.gross_usd,
        },
    );
    let scheduled =
        minted.all - minted.treasury + again.units + again.top_up_units + again.supplement_units;
    let mut to_treasury = part(scheduled, facts.rewards.treasury_share);
    let mut to_providers = part(scheduled, facts.rewards.provider_share);
    to_providers = to_providers.min(scheduled - to_treasury);
    let mut to_holders = scheduled - to_treasury - to_providers;
    to_treasury += minted.treasury;
    let capped = again.overflow_units.clamp(0, to_providers);
    (to_providers, to_holders) = (to_providers - capped, to_holders + capped);
    if served.weight(rules) > 0.0 {
        let income = rewards::Income {
            scheduled_units: to_providers,
            paid_usd: money.paid_usd,
            burn_budget_units: again.budget_units,
        };
        let lifted = rewards::floor_top_up_units(rules, network, served, &income);
        note_floor(rules, network, (lifted, &again), minted.all);
        to_providers += lifted;
        let earned = (to_providers, money.paid_usd);
        let above = income::above_cap_units(rules, network, served, earned);
        (to_providers, to_holders) = (to_providers - above, to_holders + above);
    } else {
        // Nobody served, so nothing is owed.
        to_treasury += std::mem::take(&mut to_providers);
    }
    let all = to_treasury + to_providers + to_holders;
    let held = income::hold_back(rules, network, before.week, to_providers);
    let (ledger, books) = (&rules.ledger, &mut *purses.books);
    books.post(ledger.minted, ledger.rewards, to_providers - held);
    books.post(ledger.minted, ledger.waiting, held);
    books.post(ledger.minted, ledger.treasury, to_treasury);
    books.post(ledger.minted, ledger.holders, to_holders);
    network.minted_units += all;
    network.reemitted_units += again.units;
    network.rewards_units += to_providers - held;
    network.treasury_units += to_treasury;
    network.holders_units += to_holders;
    Created {
        all,
        again: again.units,
        providers: to_providers,
        holders: to_holders,
    }
}

/// What the emission of the week depends on.
fn moment(network: &Network, served: &Served, before: &Before) -> minting::Moment {
    let circulating_units = trade::circulating_units(network, before.seats_units);
    let total_units = network.total_without_seats_units() + before.seats_units;
    let hours: f64 = served.reliable_devices.values().iter().sum::<f64>() * WEEK_H;
    let sold: f64 = served.sold_h.values().iter().sum();
    minting::Moment {
        opens: before.opens,
        total_units,
        power_eib: before.power_eib,
        bonded_share: bonding::bonded_share(network, before.staked_units, total_units),
        week: before.week,
        circulating_units,
        utilisation_share: if hours > 0.0 { sold / hours } else { 0.0 },
    }
}

/// Whether a floor mints more than the schedule, and whether a burn has backed two mints.
fn note_floor(
    rules: &Rules,
    network: &mut Network,
    (lifted, again): (i128, &reemission::Again),
    scheduled: i128,
) {
    // What a floor lifts beyond what is left of the burns, and what HIP-149 creates beyond them.
    let beyond = (lifted - again.budget_units.max(0)).max(0) + again.unbacked_units;
    let burns_back = matches!(rules.facts.settlement, Settlement::NetEmission(_));
    let week = &mut network.week;
    week.floor_multiple = if scheduled > 0 {
        beyond as f64 / scheduled as f64
    } else {
        0.0
    };
    week.unbacked_tokens = if burns_back { tokens(beyond) } else { 0.0 };
}

/// The treasury sells tokens when its cash does not cover the week; returns what it spends.
fn spend_order(rules: &Rules, network: &mut Network, opens: Date, books: &mut Books) -> i128 {
    let asked = micro_usd(rules.spend_usd_per_year / YEAR_WEEKS);
    let programme = micro_usd(income::programme_budget_usd(rules, opens));
    let short = asked + programme - network.treasury_cash_micro_usd;
    if short > 0 && network.treasury_units > 0 {
        let wanted = units(short as f64 * 1e-6 / network.token_price_usd);
        let sold = wanted.clamp(0, network.treasury_units / TREASURY_WEEKS);
        network.treasury_units -= sold;
        network.orders.treasury += sold;
        books.post(rules.ledger.treasury, rules.ledger.orders, sold);
    }
    asked
}

/// The service of the week, for the record.
fn note_service(rules: &Rules, network: &mut Network, served: &Served) {
    let honest = 1.0 - network.cheating_share;
    let mut week = network.week;
    (week.online_devices, week.online_gpus, week.sold_device_h) = (0.0, 0.0, 0.0);
    (week.verified_gpu_h, week.second_devices) = (0.0, 0.0);
    let (mut reach, mut rewarded) = (0.0, 0.0);
    for (kind, devices) in served.devices.iter() {
        week.online_devices += devices;
        week.second_devices += served.second_devices[kind];
        week.online_gpus += devices * rules.chips_per_device[kind];
        week.sold_device_h += served.sold_h[kind];
        week.verified_gpu_h += served.sold_h[kind] * rules.chips_per_device[kind] * honest;
        rewarded += network.terms.reward_usd_per_device_h[kind] * devices;
        if rules.accepts[kind] {
            reach += rules.reach_devices[kind];
        }
    }
    let sold_usd: f64 = served.sold_usd.values().iter().sum();
    let price_usd = share(sold_usd, week.sold_device_h);
    week.self_paid_device_h = share(week.self_paid_usd, price_usd);
    let reliable: f64 = served.reliable_devices.values().iter().sum();
    let idle_h = reliable * WEEK_H - week.sold_device_h - week.self_paid_device_h;
    week.idle_rewarded_device_h = if idle_h > 0.0 { idle_h } else { 0.0 };
    week.reward_usd_per_device_h = share(rewarded, week.online_devices);
    week.participation_share = share(week.online_devices, reach);
    week.subsidy_usd_per_verified_gpu_h = share(week.provider_emission_usd, week.verified_gpu_h);
    week.cheating_share = network.cheating_share;
    network.week = week;
}

impl NetworkWeek {
    /// Forgets the sums that a new week starts afresh.
    pub fn begin(&mut self) {
        self.sold_tokens = 0.0;
        self.slashed_tokens = 0.0;
    }
}

impl Network {
    /// Total tokens that exist, seats of providers excluded.
    pub fn total_without_seats_units(&self) -> i128 {
        let locked: i128 = self.locked_units.iter().sum();
        let kept = self.vault_units + self.reward_vault_units + self.waiting_units;
        let free = trade::circulating_units(self, 0);
        free + locked + self.treasury_units + self.rewards_units + kept
    }
}

/// Opening terms: the rewards that wait are credited to those online on the first day.
pub fn open_terms(rules: &Rules, network: &mut Network, served: &Served) {
    rewards::write_terms(rules, network, served);
    note_service(rules, network, served);
    network.first_devices = network.week.online_devices;
}
