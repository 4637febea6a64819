//! The entity tables: one row per week and region, chip, operator, offer, network, segment.

use super::clearing::oracle::{self, CONDUCTS};
use super::clearing::{quotes, tape};
use super::closed;
use super::columns::{Columns, TABLES};
use super::ids::{
    ChipId, ClosedNetworkId, Id, NetworkId, OfferId, OperatorId, RegionId, SegmentId,
};
use super::model::{Model, WEEK_H, YEAR_WEEKS};
use super::networks::{Network, journal, tokens};
use super::operators::chip_h100e;
use super::outcomes::{fleets_h100e, share};
use super::record::Frame;
use super::week::Week;
use super::welfare;
use super::world::World;
use crate::scenario::types::Tier;

/// Empty frames of every entity table.
pub fn frames() -> Vec<Frame> {
    let frame = |columns: &Columns| Frame::new(columns.table, columns.key, columns.names);
    TABLES.iter().map(frame).collect()
}

/// Empty frames of the tables that every run has.
pub fn common() -> Vec<Frame> {
    let mut frames = frames();
    frames.retain(|frame| frame.name != closed::TABLE);
    frames
}

/// How many entities a table has.
pub fn entities(model: &Model, table: &str) -> usize {
    let names = &model.names;
    match table {
        "offers" => model.market.offers.len(),
        "regions" => names.regions.len(),
        "corridors" => model.grid.corridors.len(),
        "chips" => names.chips.len(),
        "operators" => names.operators.len(),
        "networks" => names.networks.len(),
        "closed_networks" => names.closed_networks.len(),
        "segments" => names.segments.len(),
        "tiers" => Tier::ALL.len(),
        "indices" => tape::entities(),
        "equilibrium" => CONDUCTS.len(),
        _ => 1,
    }
}

/// The name behind a row's entity.
pub fn entity_name(model: &Model, table: &str, entity: usize) -> String {
    let names = &model.names;
    match table {
        "offers" => model.market.offers[OfferId::new(entity)].name.clone(),
        "regions" => names.regions.name(RegionId::new(entity)).to_owned(),
        "corridors" => model.grid.corridors[entity].name.clone(),
        "chips" => names.chips.name(ChipId::new(entity)).to_owned(),
        "operators" => names.operators.name(OperatorId::new(entity)).to_owned(),
        "networks" => names.networks.name(NetworkId::new(entity)).to_owned(),
        "closed_networks" => (names.closed_networks)
            .name(ClosedNetworkId::new(entity))
            .to_owned(),
        "postings" => journal::name(model, entity),
        "segments" => names.segments.name(SegmentId::new(entity)).to_owned(),
        "tiers" => Tier::ALL[entity].name().to_owned(),
        "indices" => tape::name(entity),
        "equilibrium" => CONDUCTS[entity].0.to_owned(),
        _ => table.to_owned(),
    }
}

/// Adds this week's rows to one table.
pub fn fill(frame: &mut Frame, week: &Week, world: &World) {
    match frame.name {
        "offers" => offers(frame, week, world),
        "regions" => regions(frame, week, world),
        "corridors" => corridors(frame, week, world),
        "chips" => chips(frame, week, world),
        "operators" => operators(frame, week, world),
        "networks" => networks(frame, week, world),
        "closed_networks" => closed_networks(frame, week, world),
        "segments" => segments(frame, week, world),
        "postings" => postings(frame, week, world),
        "tiers" => tiers(frame, week, world),
        "indices" => indices(frame, week, world),
        "equilibrium" => equilibrium(frame, week, world),
        _ => {}
    }
}

fn offers(frame: &mut Frame, week: &Week, world: &World) {
    let market = &world.market;
    for (id, &capacity_h) in market.capacity_h.iter() {
        if capacity_h > 0.0 {
            let [low, middle, high] = quotes::of_offer(market, id);
            let row = [
                capacity_h,
                market.price_usd_per_h[id],
                market.sold_h[id],
                market.served_h[id],
                market.curtailed_h[id],
                market.wait_h[id],
                market.utilisation_share[id],
                low,
                middle,
                high,
            ];
            frame.push(week.number, id.index(), &row);
        }
    }
}

fn regions(frame: &mut Frame, week: &Week, world: &World) {
    for (id, region) in world.grid.regions.iter() {
        let [data_centre, _, _, residential, _] = region.tariff_usd_per_mwh;
        let row = [
            region.wholesale_usd_per_mwh,
            region.wholesale_worst_usd_per_mwh,
            region.scarcity_hours,
            data_centre,
            residential,
            region.residential_bill_usd_per_month,
            region.data_centre_mw,
            region.compute_mwh,
            region.co2_average_t_per_mwh,
            region.co2_marginal_t_per_mwh,
            region.co2_t,
            region.water_on_site_m3,
            region.water_off_site_m3,
            region.pue,
            region.curtailed_share[0],
            region.unserved_mwh,
            region.reserve_margin_share,
            region.connection_queue_mw,
            region.imports_mwh,
            region.exports_mwh,
            region.capacity_price_usd_per_mw_day,
            region.load_mw,
            region.load_peak_mw,
            region.net_load_peak_mw,
            region.curtailed_mwh,
            region.co2_market_t,
        ];
        frame.push(week.number, id.index(), &row);
    }
}

fn corridors(frame: &mut Frame, week: &Week, world: &World) {
    let columns = &world.grid.corridors;
    for (at, forward_mwh) in columns.forward_mwh.iter().enumerate() {
        let row = [
            *forward_mwh,
            columns.reverse_mwh[at],
            columns.full_hours[at],
            columns.rent_usd[at],
        ];
        frame.push(week.number, at, &row);
    }
}

fn chips(frame: &mut Frame, week: &Week, world: &World) {
    let chips = &world.chips;
    let owned_chips = world.operators.fleet_by_chip(week.model);
    for id in week.model.chips.products.ids() {
        let row = [
            chips.lead_time_weeks[id],
            chips.price_usd[id],
            chips.backlog_chips[id] as f64,
            chips.in_work_chips[id] as f64,
            chips.delivered_chips[id] as f64,
            chips.used_chips[id] as f64,
            chips.used_price_usd[id],
            owned_chips[id.index()] as f64,
            owned_chips[id.index()] as f64 * chip_h100e(week.model, id),
        ];
        frame.push(week.number, id.index(), &row);
    }
}

fn operators(frame: &mut Frame, week: &Week, world: &World) {
    let operators = &world.operators;
    for (index, fleet) in fleets_h100e(week.model, world).into_iter().enumerate() {
        let id = OperatorId::new(index);
        let row = [
            fleet,
            operators.online_h100e[id],
            operators.capex_usd_this_week[id],
            operators.chip_spend_usd_this_week[id],
            world.market.operator_sales_micro_usd[id] as f64 / 1e6,
            operators.cash_micro_usd[id] as f64 / 1e6,
            operators.debt_micro_usd[id] as f64 / 1e6,
            f64::from(u8::from(operators.defaulted[id])),
        ];
        frame.push(week.number, index, &row);
    }
}

fn networks(frame: &mut Frame, week: &Week, world: &World) {
    for (id, network) in world.networks.networks.iter() {
        let seen = &network.week;
        let ledger = &week.model.networks.networks[id].ledger;
        let balance = |account| world.books.balance(account);
        let seats = balance(ledger.providers_held) + balance(ledger.providers_staked);
        // Opening + minted − burnt is everything that somebody holds, to the base unit.
        let held = network.total_without_seats_units() + seats;
        let opening = -balance(ledger.genesis);
        let residual = held - (opening + network.minted_units - network.burnt_units);
        let service = service_of(week, world, id);
        let row = [
            network.token_price_usd,
            tokens(held),
            seen.circulating_tokens,
            tokens(network.minted_units),
            tokens(network.burnt_units),
            seen.staked_tokens,
            tokens(network.treasury_units),
            tokens(network.locked_units.iter().sum()),
            seen.emission_tokens,
            seen.fees_usd,
            seen.gross_usd,
            seen.online_devices,
            seen.sold_device_h,
            seen.reward_usd_per_device_h,
            seen.sold_tokens,
            seen.participation_share,
            seen.cheating_share,
            seen.subsidy_usd_per_verified_gpu_h,
            network.pool_cash_micro_usd as f64 / 1e6,
            tokens(network.reemitted_units),
            tokens(network.holders_units),
            tokens(seats),
            tokens(network.unbonding_units.iter().sum()),
            tokens(network.rewards_units),
            tokens(network.pool_units),
            residual as f64,
            service[0],
            service[1],
            service[2],
            service[3],
            service[4],
            runway_weeks(week, id, network),
            velocity_per_year(network),
            seen.slashed_tokens,
            tokens(network.vault_units + network.reward_vault_units),
            tokens(network.delegated_units),
            tokens(network.waiting_units),
            seen.halted,
            seen.shortfall_tokens,
            seen.unpaid_tokens,
            seen.unbacked_tokens,
            seen.floor_multiple,
            seen.programme_usd,
            seen.paid_usd,
            seen.provider_reward_usd,
            network.minds.trend_share,
            seen.self_paid_usd,
            seen.self_paid_device_h,
            seen.idle_rewarded_device_h,
            seen.second_devices,
        ];
        frame.push(week.number, id.index(), &row);
    }
}

fn closed_networks(frame: &mut Frame, week: &Week, world: &World) {
    for (id, network) in world.closed.networks.iter() {
        let seen = &network.week;
        let row = [
            network.crowd.len() as f64,
            seen.joined as f64,
            seen.left as f64,
            seen.losing as f64,
            seen.capacity_units,
            seen.demand_units,
            seen.served_units,
            network.service_price_usd_per_unit,
            network.token_price_usd,
            network.tokens(network.supply_quanta()),
            network.tokens(network.minted_quanta),
            network.tokens(network.burnt_quanta),
            seen.bought_tokens,
            seen.sold_tokens,
            network.reward_tokens_per_unit,
            network.tokens(network.crowd.held_quanta()),
            network.tokens(network.public_quanta),
            seen.flow_share,
            network.residual_quanta() as f64,
        ];
        frame.push(week.number, id.index(), &row);
    }
}

/// Tokens that moved between accounts this week.
fn postings(frame: &mut Frame, week: &Week, world: &World) {
    for (row, units) in journal::of_week(week.model, world.books.journal()) {
        let high = units.div_euclid(journal::HIGH_UNITS);
        let low = units.rem_euclid(journal::HIGH_UNITS);
        frame.push(week.number, row, &[high as f64, low as f64]);
    }
}

/// Capacity, sold units, price, the rival's price, and what a device earned net; zeros for
/// networks of compute.
fn service_of(week: &Week, world: &World, id: NetworkId) -> [f64; 5] {
    let Some(seat) = week.model.services.seat(id) else {
        return [0.0; 5];
    };
    let state = &world.services.services[seat.service];
    [
        state.capacity_units[seat.slot],
        state.sold_units[seat.slot],
        state.price_usd_per_unit[seat.slot],
        state.rival_price_usd_per_unit,
        state.net_usd_per_device[seat.slot],
    ]
}

/// Weeks that the treasury lasts at its spending and the token's price; ten thousand at most.
fn runway_weeks(week: &Week, id: NetworkId, network: &Network) -> f64 {
    const LONGEST_WEEKS: f64 = 10_000.0;
    let spent_usd = week.model.networks.networks[id].spend_usd_per_year / YEAR_WEEKS;
    let worth_usd = network.treasury_cash_micro_usd as f64 * 1e-6
        + tokens(network.treasury_units) * network.token_price_usd;
    if spent_usd * LONGEST_WEEKS > worth_usd {
        worth_usd / spent_usd
    } else {
        LONGEST_WEEKS
    }
}

/// Equation of exchange, as a diagnostic: what buyers pay in a year ÷ value in circulation.
fn velocity_per_year(network: &Network) -> f64 {
    let held_usd = network.week.circulating_tokens * network.token_price_usd;
    share(network.week.gross_usd * YEAR_WEEKS, held_usd)
}

fn segments(frame: &mut Frame, week: &Week, world: &World) {
    let demand = &world.demand;
    let populations = &week.model.demand.populations;
    for segment in week.model.demand.segments.ids() {
        let mut row = [0.0; 3];
        for (id, _) in populations
            .iter()
            .filter(|(_, people)| people.segment == segment)
        {
            row[0] += demand.wanted_h100e_h[id] / WEEK_H;
            row[1] += demand.committed_h100e_h[id] / WEEK_H;
            row[2] += demand.backlog_h100e_h[id] / WEEK_H;
        }
        frame.push(week.number, segment.index(), &row);
    }
}

/// Prices weighted by what is offered, waits by what is sold. On-demand, reserved and spot hours
/// of one pool are offered once each, so their offered hours do not add up.
fn tiers(frame: &mut Frame, week: &Week, world: &World) {
    let market = &world.market;
    let mut rows = vec![[0.0; 5]; Tier::ALL.len()];
    for (id, offer) in week.model.market.offers.iter() {
        let row = &mut rows[offer.tier as usize];
        let h100e = week.model.market.h100e(id);
        let (offered, sold) = (market.capacity_h[id] * h100e, market.sold_h[id] * h100e);
        row[0] += market.price_usd_per_h[id] / h100e * offered;
        row[1] += offered / WEEK_H;
        row[2] += sold / WEEK_H;
        row[3] += market.revenue_usd[id];
        row[4] += market.wait_h[id] * sold;
    }
    for (tier, mut row) in rows.into_iter().enumerate() {
        row[0] = share(row[0], row[1] * WEEK_H);
        row[4] = share(row[4], row[2] * WEEK_H);
        frame.push(week.number, tier, &row);
    }
}

fn indices(frame: &mut Frame, week: &Week, world: &World) {
    for (entity, index) in tape::read(week.model, &world.market) {
        let [low, middle, high] = index.quantiles_usd_per_h;
        let row = [
            index.mean_usd_per_h,
            index.mean_usd_per_h / index.h100e,
            low,
            middle,
            high,
            index.hours,
        ];
        frame.push(week.number, entity, &row);
    }
}

fn equilibrium(frame: &mut Frame, week: &Week, world: &World) {
    let model = week.model;
    if !model.market.asked.gap_in(week.number) {
        return;
    }
    let sold_h = world.market.indices.sold_h100e_h;
    let external = share(welfare::external_usd(week, world), sold_h);
    let lists = oracle::lists(model, &world.demand, &world.market, external);
    let gaps = lists.map(|lists| oracle::gaps(&lists)).unwrap_or_default();
    for (conduct, gap) in gaps.into_iter().enumerate() {
        if let Some(gap) = gap {
            let row = [
                gap.market_usd_per_h,
                gap.conduct_usd_per_h,
                gap.gap_share,
                gap.consumer_surplus_usd,
                gap.profit_usd,
                gap.welfare_usd,
                gap.sold_h / WEEK_H,
                gap.shadow_usd_per_h,
            ];
            frame.push(week.number, conduct, &row);
        }
    }
}
