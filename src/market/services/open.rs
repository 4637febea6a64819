//! Services on the first day: owners with their own costs, as many online as the facts say, and
//! buyers who are where the facts say.

use super::{ROWS, Service, ServiceCell, ServiceModel, Services};
use crate::kernels::math;
use crate::kernels::supply::{ABSENT, GROUP, IDLE, MAX_COUNT, MAX_VENUES, ONLINE};
use crate::kernels::supply::{Terms, Totals, sweep};
use crate::market::books::Books;
use crate::market::grid::Grid;
use crate::market::ids::{Id, NetworkId, RegionId};
use crate::market::model::{Compile, Model, WEEK_H};
use crate::market::networks::{self, Networks, Served};
use crate::market::providers::{share_out, whole_parts};
use crate::scenario::types::{self, ProviderTariff, ServiceKind};
use std::iter::StepBy;
use std::ops::Range;

/// Columns of luck within a cell's stream.
const EFFICIENCY: u32 = 0;
const TARIFF: u32 = 1;
const OPPORTUNITY: u32 = 2;
const RELIABILITY: u32 = 3;
/// Pay of the keenest owner above what would make him indifferent: nobody leaves on the first day.
const SLACK: f64 = 1.02;
/// Sweeps in which beliefs settle, sweeps with true habits, and how often appeals are moved.
const CALM_SWEEPS: u32 = 40;
const TRUE_SWEEPS: u32 = 48;
const ADJUST_EVERY: u32 = 4;
/// Tries at how many would come today for as many to be online: patience keeps the rest.
const ROUNDS: u32 = 4;
/// Nearly everyone who owns a device is online: none stands idle for want of pay.
const ALL_ONLINE_SHARE: f64 = 0.97;
/// Rise of pay beyond the opening from which the keenest owner buys a device.
const RISE_TO_BUY: f64 = 1.05;

/// One service, ready for the week.
pub fn model(
    (kind, facts): (ServiceKind, &types::Service),
    networks: Vec<NetworkId>,
    compile: &Compile<'_>,
) -> ServiceModel {
    let habit = &compile.scenario.service_buyers;
    let side = &compile.scenario.providers;
    let device = &facts.device;
    let mut cells = Vec::new();
    let mut next = 0;
    for (place, region) in compile.names.regions.iter().enumerate() {
        let share = side.region_share.get(region).copied().unwrap_or(0.0);
        let all = device.owned_devices + device.prospective_devices;
        let devices = (all * share).round() as u64;
        if devices == 0 {
            continue;
        }
        let least = devices.div_ceil(u64::from(MAX_COUNT));
        let real_rows = ROWS.max(least).min(devices) as usize;
        let padded = real_rows.div_ceil(GROUP) * GROUP;
        cells.push(ServiceCell {
            region: RegionId::new(place),
            name: format!("{}:{region}", kind.name()),
            rows: next..next + padded,
            luck_rows: padded,
            real_rows,
            devices,
        });
        next += padded;
    }
    let behaviour = &side.behaviour;
    let pue = match device.tariff {
        ProviderTariff::Residential => behaviour.home_pue,
        ProviderTariff::Industrial => behaviour.hall_pue,
    };
    let traffic_usd_per_h =
        device.data_gb_per_h * behaviour.data_usd_per_gb * behaviour.data_capped_share;
    ServiceModel {
        kind,
        buyers: facts.buyers.clone().unwrap_or_else(|| habit.clone()),
        facts: facts.clone(),
        networks,
        cells,
        rows: next,
        power_kw: device.power_kw * pue,
        upkeep_usd_per_h: device.wear_usd_per_h + traffic_usd_per_h,
    }
}

impl Services {
    /// Owners, prices and buyers of the first day; tokens follow in [`open_tokens`].
    pub fn open(model: &Model, grid: &Grid, networks: &mut Networks) -> Self {
        let services = model.services.services.iter();
        Self {
            services: (services.map(|service| open(model, service, grid, networks))).collect(),
        }
    }
}

fn open(model: &Model, service: &ServiceModel, grid: &Grid, networks: &mut Networks) -> Service {
    let mut state = blank(service);
    for cell in &service.cells {
        draw(model, service, cell, &mut state);
    }
    expect_pay(model, service, &mut state, networks);
    settle_in(model, service, grid, (&mut state, networks));
    gather(service, &mut state);
    calibrate_buyers(model, service, &mut state);
    state
}

fn blank(service: &ServiceModel) -> Service {
    let floats = || vec![0.0_f32; service.rows];
    Service {
        efficiency: floats(),
        tariff_ratio: floats(),
        opportunity_usd_per_h: floats(),
        reliability: floats(),
        count: vec![0; service.rows],
        mode: vec![ABSENT; service.rows],
        patience_weeks: vec![0; service.rows],
        seat: vec![255; service.rows],
        belief_usd_per_h: floats(),
        detection_belief: floats(),
        staked_quanta: vec![0.0; service.rows],
        held_quanta: vec![0.0; service.rows],
        totals: vec![Totals::default(); service.cells.len()],
        served: vec![Served::nobody(1); service.networks.len()],
        appeal_share: [1.0; MAX_VENUES],
        entry_factor: 1.0,
        rival_price_usd_per_unit: service.facts.rival_price_usd_per_unit,
        ..Service::default()
    }
}

/// Quantile transforms of the cell's own stream; opportunity costs are spread evenly over it.
fn draw(model: &Model, service: &ServiceModel, cell: &ServiceCell, state: &mut Service) {
    let behaviour = &model.providers.behaviour;
    let device = &service.facts.device;
    let stream = model.luck.stream("service attributes", &cell.name);
    let middle = behaviour.reliability_share.clamp(1e-6, 1.0 - 1e-6);
    let log_odds = math::ln(middle / (1.0 - middle));
    let n = cell.real_rows as f64;
    let spread = |sigma: f64, z: f64| whole_parts(math::exp(sigma * z));
    for (place, row) in cell.rows.clone().enumerate() {
        let place = place % cell.luck_rows;
        let at = place as u32;
        state.efficiency[row] = spread(behaviour.efficiency_sigma, stream.normal(at, EFFICIENCY));
        state.tariff_ratio[row] = spread(behaviour.tariff_sigma, stream.normal(at, TARIFF));
        let odds = log_odds + behaviour.reliability_sigma * stream.normal(at, RELIABILITY);
        state.reliability[row] = whole_parts(math::logistic(odds));
        let quantile = (place as f64 + stream.uniform(at, OPPORTUNITY)) / n;
        let z = math::norm_inv(quantile.clamp(1e-9, 1.0 - 1e-9));
        let cost = device.opportunity_usd_per_h * math::exp(behaviour.opportunity_sigma * z);
        state.opportunity_usd_per_h[row] = cost as f32;
        state.detection_belief[row] = behaviour.detection_prior_share as f32;
        if place < cell.real_rows {
            let until = |place: usize| cell.devices * place as u64 / cell.real_rows as u64;
            state.count[row] = (until(place + 1) - until(place)) as u32;
        }
    }
    share_out(cell.luck_rows, &mut state.count[cell.rows.clone()]);
}

/// Prices and sold shares of the week before, and the rewards that they promise.
fn expect_pay(model: &Model, service: &ServiceModel, state: &mut Service, networks: &mut Networks) {
    for (slot, id) in service.networks.iter().enumerate() {
        let rules = &model.networks.networks[*id];
        let opening = &rules.facts.opening;
        let Some(facts) = &opening.service else {
            continue;
        };
        let reliable = facts.devices * model.providers.behaviour.reliability_share;
        let capacity = reliable * service.facts.device.units_per_week;
        state.price_usd_per_unit[slot] = facts.price_usd_per_unit;
        state.capacity_units[slot] = capacity;
        state.sold_units[slot] = capacity * opening.utilisation_share;
        let served = &mut state.served[slot];
        served.devices.values_mut()[0] = facts.devices;
        served.reliable_devices.values_mut()[0] = reliable;
        let usd = state.sold_units[slot] * facts.price_usd_per_unit;
        served.sold_usd.values_mut()[0] = usd;
        served.sold_h.values_mut()[0] = reliable * WEEK_H * opening.utilisation_share;
        let network = &mut networks.networks[*id];
        networks::write_terms(rules, network, served);
    }
}

/// One owner who could be online.
struct Candidate {
    pay_usd_per_h: f64,
    devices: f64,
    /// All rows of his luck.
    rows: StepBy<Range<usize>>,
}

/// The cheapest owners are online, as many as the facts say; what is left between the pay and the
/// last one's cost is the network's appeal.
fn settle_in(
    model: &Model,
    service: &ServiceModel,
    grid: &Grid,
    (state, networks): (&mut Service, &Networks),
) {
    let device = &service.facts.device;
    let openings = (service.networks.iter()).map(|id| {
        let facts = &model.networks.networks[*id].facts.opening.service;
        facts.as_ref().map_or(0.0, |facts| facts.devices)
    });
    let mut wanted: Vec<f64> = openings.collect();
    let all = device.owned_devices + device.prospective_devices;
    // Facts cannot ask for more than there are.
    let (asked, most) = (wanted.iter().sum::<f64>(), device.owned_devices);
    if asked > most && asked > 0.0 {
        wanted
            .iter_mut()
            .for_each(|devices| *devices *= most / asked);
    }
    let mut owners: Vec<Candidate> = Vec::new();
    for (index, cell) in service.cells.iter().enumerate() {
        let terms = service.terms((model, grid, networks), state, index);
        for (place, row) in cell.rows.clone().enumerate() {
            let power = f64::from(terms.power_kw * terms.tariff_usd_per_kwh)
                * f64::from(state.efficiency[row] * state.tariff_ratio[row]);
            let base = power
                + f64::from(terms.opex_usd_per_h)
                + f64::from(state.opportunity_usd_per_h[row]);
            let stake = f64::from(terms.venues[0].stake_cost_usd_per_h);
            let reliability = f64::from(state.reliability[row]);
            state.belief_usd_per_h[row] = -base as f32;
            if place < cell.luck_rows && state.count[row] > 0 && reliability > 0.0 {
                let rows = (row..cell.rows.end).step_by(cell.luck_rows);
                owners.push(Candidate {
                    pay_usd_per_h: (base + stake) / reliability,
                    devices: rows.clone().map(|row| f64::from(state.count[row])).sum(),
                    rows,
                });
            }
        }
    }
    owners.sort_by(|a, b| a.pay_usd_per_h.total_cmp(&b.pay_usd_per_h));
    let level = seat_owners(state, &owners, &wanted);
    own_the_rest(state, &owners, device.owned_devices / all);
    let idle = wanted.iter().sum::<f64>() < ALL_ONLINE_SHARE * device.owned_devices;
    appeal(model, service, (state, networks), (level, idle));
    let mut keen_share = 1.0;
    for _ in 0..ROUNDS {
        let around = (model, service, grid, networks);
        rest(around, state, idle.then_some((&wanted[..], keen_share)));
        let cells = state.totals.iter();
        let online: f64 = (cells.flat_map(|cell| &cell.venues))
            .map(|venue| venue.devices)
            .sum();
        if !idle || online <= 0.0 {
            break;
        }
        keen_share *= wanted.iter().sum::<f64>() / online;
    }
    keep_from_buying(model, service, grid, (state, networks));
}

/// Runs the weekly sweep on opening pay until as many are online as the facts say. First from
/// home, where nobody moves and beliefs settle: appeal is moved until as many would come. Then
/// with true habits, from nobody online to whoever stays.
fn rest(
    (model, service, grid, networks): (&Model, &ServiceModel, &Grid, &Networks),
    state: &mut Service,
    wanted: Option<(&[f64], f64)>,
) {
    // Weeks before the first: their luck is never met again.
    let before = u32::MAX - CALM_SWEEPS - TRUE_SWEEPS;
    let (targets, keen_share) = wanted.unwrap_or((&[], 1.0));
    let total: f64 = targets.iter().sum();
    if wanted.is_some() {
        for mode in &mut state.mode {
            *mode = if *mode >= ONLINE { IDLE } else { *mode };
        }
    }
    for step in 0..CALM_SWEEPS + TRUE_SWEEPS {
        let calm = step < CALM_SWEEPS;
        let mut keen = 0.0;
        for (index, cell) in service.cells.iter().enumerate() {
            let mut terms = service.terms((model, grid, networks), state, index);
            freeze(&mut terms);
            if calm && wanted.is_some() {
                terms.review_hazard = 0.0;
            }
            let stream = model.luck.stream("service", &cell.name);
            let mut totals = Totals::default();
            let rows = state.rows(cell);
            sweep(
                model.level,
                rows,
                &terms,
                (stream, before + step),
                &mut totals,
            );
            state.totals[index] = totals;
            keen += keen_devices(state, cell, terms.join_margin_usd_per_h);
        }
        if step % ADJUST_EVERY != 0 {
            continue;
        }
        let push = |seen: f64, target: f64, most: f64| {
            math::exp((-0.3 * math::ln((seen + 1.0) / (target + 1.0))).clamp(-most, most))
        };
        for (slot, target) in targets.iter().enumerate() {
            let cells = state.totals.iter();
            let online: f64 = cells.map(|cell| cell.venues[slot].devices).sum();
            state.appeal_share[slot] *= if calm {
                push(keen, keen_share * total, 0.4)
            } else if step > CALM_SWEEPS + TRUE_SWEEPS / 2 {
                push(online, *target, 0.02)
            } else {
                1.0
            };
        }
    }
    for row in 0..state.mode.len() {
        state.seat[row] = 255;
        (state.held_quanta[row], state.staked_quanta[row]) = (0.0, 0.0);
        // Nobody cheats on the first day: what is saved is not known yet.
        state.mode[row] &= 0x7f;
    }
}

/// Devices that stand idle and would join.
fn keen_devices(state: &Service, cell: &ServiceCell, join_margin_usd_per_h: f32) -> f64 {
    let rows = cell.rows.clone();
    let keen = |row: &usize| {
        state.mode[*row] == IDLE && state.belief_usd_per_h[*row] > join_margin_usd_per_h
    };
    rows.filter(keen)
        .map(|row| f64::from(state.count[row]))
        .sum()
}

/// Terms on which nothing is paid, staked, bought or sold: only who is online where moves.
fn freeze(terms: &mut Terms) {
    terms.buy_margin_usd_per_h = f32::INFINITY;
    for venue in &mut terms.venues {
        venue.stake_quanta_per_device = 0.0;
        venue.credit_quanta_per_device = 0.0;
        venue.sell_share = 0.0;
        venue.detection_probability = 0.0;
        venue.detection_gain = 0.0;
        venue.cheat_saving_usd_per_h = 0.0;
    }
}

/// Seats the cheapest owners, network by network in turn; returns the last one's break-even pay.
fn seat_owners(state: &mut Service, owners: &[Candidate], wanted: &[f64]) -> f64 {
    let total: f64 = wanted.iter().sum();
    let mut seated = vec![0.0; wanted.len()];
    let (mut sum, mut level) = (0.0, 0.0);
    for owner in owners {
        let devices = owner.devices;
        // Half a row too many or too few.
        if sum + 0.5 * devices > total {
            break;
        }
        // The network that lags most behind its part.
        let lag = |slot: usize| wanted[slot] * (sum + devices) / total - seated[slot];
        let mut best = 0;
        for slot in 1..wanted.len() {
            if lag(slot) > lag(best) {
                best = slot;
            }
        }
        seated[best] += devices;
        sum += devices;
        level = owner.pay_usd_per_h;
        for row in owner.rows.clone() {
            state.mode[row] = ONLINE + best as u8;
        }
    }
    level
}

/// Of the others the cheapest own a device that stands idle.
fn own_the_rest(state: &mut Service, owners: &[Candidate], owned_share: f64) {
    let all: f64 = state.count.iter().map(|count| f64::from(*count)).sum();
    let mut owned = 0.0;
    for owner in owners {
        owned += owner.devices;
        if owned > all * owned_share {
            break;
        }
        for row in owner.rows.clone() {
            if state.mode[row] == ABSENT {
                state.mode[row] = IDLE;
            }
        }
    }
}

/// Appeal makes the last owner online indifferent, and every network as good as another.
fn appeal(
    model: &Model,
    service: &ServiceModel,
    (state, networks): (&mut Service, &Networks),
    (level, idle): (f64, bool),
) {
    for slot in 0..service.networks.len() {
        let pay = service.pay_usd_per_h((model, networks), state, slot);
        // Where nobody's device stands idle, pay may be worth more than the last one's cost.
        let least = SLACK * level / pay;
        if pay > 0.0 && level > 0.0 && (idle || least > 1.0) {
            state.appeal_share[slot] = least;
        }
    }
    for row in 0..state.mode.len() {
        let pay = SLACK * level * f64::from(state.reliability[row]);
        if pay > 0.0 {
            state.belief_usd_per_h[row] += pay as f32;
        }
    }
}

/// Whatever has kept the keenest absent owner from buying keeps him until pay rises.
fn keep_from_buying(
    model: &Model,
    service: &ServiceModel,
    grid: &Grid,
    (state, networks): (&mut Service, &Networks),
) {
    for (index, cell) in service.cells.iter().enumerate() {
        let terms = service.terms((model, grid, networks), state, index);
        let lowest = terms.buy_margin_usd_per_h * (1.0 - 0.5 * terms.buy_spread);
        for row in cell.rows.clone() {
            if state.mode[row] != ABSENT || state.count[row] == 0 {
                continue;
            }
            let keen = f64::from(state.belief_usd_per_h[row] / lowest);
            let factor = RISE_TO_BUY * keen * state.entry_factor;
            if factor.is_finite() && factor > state.entry_factor {
                state.entry_factor = factor;
            }
        }
    }
}

/// Sums who is online over the cells, before the first sweep.
fn gather(service: &ServiceModel, state: &mut Service) {
    for (slot, served) in state.served.iter_mut().enumerate() {
        let (mut devices, mut reliable) = (0.0, 0.0);
        for cell in &service.cells {
            for row in cell.rows.clone() {
                if state.mode[row] == ONLINE + slot as u8 {
                    let count = f64::from(state.count[row]);
                    devices += count;
                    reliable += count * f64::from(state.reliability[row]);
                }
            }
        }
        let before = served.reliable_devices.values()[0];
        let ratio = if before > 0.0 { reliable / before } else { 0.0 };
        served.devices.values_mut()[0] = devices;
        served.reliable_devices.values_mut()[0] = reliable;
        served.sold_h.values_mut()[0] *= ratio;
        served.sold_usd.values_mut()[0] *= ratio;
        state.capacity_units[slot] *= ratio;
        state.sold_units[slot] *= ratio;
    }
}

/// How buyers like each network, from what they bought of it.
fn calibrate_buyers(model: &Model, service: &ServiceModel, state: &mut Service) {
    let facts = &service.facts;
    let all = facts.demand_units_per_week;
    let sold: f64 = state.sold_units.iter().sum();
    // Networks that would serve everybody leave the rival a thousandth.
    let served = if sold < 0.999 * all {
        sold
    } else {
        0.999 * all
    };
    let scale = if sold > 0.0 { served / sold } else { 0.0 };
    let rival = 1.0 - served / all;
    let mut mean = rival * facts.rival_price_usd_per_unit;
    for slot in 0..service.networks.len() {
        let share = state.sold_units[slot] * scale / all;
        let price = state.price_usd_per_unit[slot];
        let relative = price / facts.rival_price_usd_per_unit;
        let odds = share / rival;
        state.liking[slot] = odds * math::pow(relative, service.buyers.switching_elasticity);
        state.demand_share[slot] = share;
        mean += share * price;
        let id = service.networks[slot];
        debug_assert!(model.networks.networks[id].facts.kind.service() == Some(service.kind));
    }
    state.opening_mean_usd_per_unit = mean;
    state.bought_units = all;
}

/// Terms of the first day, stakes of those online, and the tokens that a steady seller holds.
pub fn open_tokens(
    model: &Model,
    services: &mut Services,
    networks: &mut Networks,
    books: &mut Books,
) {
    for (service, state) in model.services.services.iter().zip(&mut services.services) {
        for (slot, id) in service.networks.iter().enumerate() {
            let rules = &model.networks.networks[*id];
            let network = &mut networks.networks[*id];
            networks::open_terms(rules, network, &state.served[slot]);
            let terms = &network.terms;
            let stake = terms.stake_quanta_per_device.values()[0];
            let credit = terms.credit_quanta_per_device.values()[0];
            let sold = terms.sell_share.clamp(0.02, 1.0);
            for row in 0..state.mode.len() {
                if state.mode[row] != ONLINE + slot as u8 {
                    continue;
                }
                let staked = stake.floor();
                let reliability = f64::from(state.reliability[row]);
                let held = (credit * reliability * (1.0 - sold) / sold).floor();
                let unit = i128::from(state.count[row]) * rules.quantum_units;
                let wanted = (held + staked) as i128 * unit;
                if wanted > network.holders_units {
                    continue;
                }
                state.seat[row] = slot as u8;
                state.held_quanta[row] = held;
                state.staked_quanta[row] = staked;
                network.holders_units -= wanted;
                let ledger = &rules.ledger;
                books.post(ledger.holders, ledger.providers_held, held as i128 * unit);
                books.post(
                    ledger.holders,
                    ledger.providers_staked,
                    staked as i128 * unit,
                );
            }
        }
    }
}
