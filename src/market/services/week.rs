//! Buyers of a service divide between the networks and the central rival, and pay.
//!
//! A seller's share of demand tends to liking × trust × price^−σ over the sum of all sellers'
//! (the rival's liking is 1), and closes a part of the gap each week. Demand follows the mean
//! price by its elasticity. What a network cannot serve, the rival does. A network whose price
//! the protocol does not fix moves it by the share of its capacity that is sold.

use super::{Service, ServiceModel};
use crate::kernels::math;
use crate::kernels::supply::MAX_VENUES;
use crate::market::books::micro_usd;
use crate::market::ids::Id;
use crate::market::model::WEEK_H;
use crate::market::networks::Networks;
use crate::market::week::Week;
use crate::market::world::World;

/// A price stays within this factor of its opening.
const PRICE_LIMIT_FACTOR: f64 = 1e3;
/// Trust below this buys nothing more or less: shares stay finite.
const LEAST_TRUST_SHARE: f64 = 1e-6;

/// Phase 7, first: the week's service is sold and paid for; the money waits in escrow for the
/// network's own settlement.
pub fn trade(week: &Week, world: &mut World) {
    let World {
        conditions,
        market,
        networks,
        services,
        books,
        ..
    } = world;
    let years = week.model.calendar.years(week.number);
    for (service, state) in (week.model.services.services.iter()).zip(&mut services.services) {
        let facts = &service.facts;
        let growth = |share: f64| math::pow(1.0 + share, years);
        state.rival_price_usd_per_unit = facts.rival_price_usd_per_unit
            * growth(facts.rival_price_growth_per_year)
            * conditions.rival_price_factor[service.kind as usize];
        let wanted = facts.demand_units_per_week * growth(facts.demand_growth_per_year);
        buy(service, state, networks, wanted);
        for (slot, id) in service.networks.iter().enumerate() {
            let rules = &week.model.networks.networks[*id];
            let paid = micro_usd(state.sold_units[slot] * state.price_usd_per_unit[slot]);
            books.post(rules.ledger.buyers_usd, rules.ledger.escrow_usd, paid);
            market.meters.paid_micro_usd += paid;
            note(service, state, slot);
            let opening = &rules.facts.opening;
            if let Some(first) = &opening.service {
                let rise = first.price_response_per_week
                    * (sold_share(state, slot) - opening.utilisation_share);
                move_price(state, slot, rise, first.price_usd_per_unit);
            }
        }
    }
}

fn sold_share(state: &Service, slot: usize) -> f64 {
    if state.capacity_units[slot] > 0.0 {
        state.sold_units[slot] / state.capacity_units[slot]
    } else {
        0.0
    }
}

/// Who buys what: shares move, the mean price moves demand, capacity binds.
fn buy(service: &ServiceModel, state: &mut Service, networks: &Networks, wanted: f64) {
    let facts = &service.facts;
    let rival_usd = state.rival_price_usd_per_unit;
    let mut pull = [0.0; MAX_VENUES];
    let mut all = 1.0;
    for (slot, id) in service.networks.iter().enumerate() {
        let terms = &networks.networks[*id].terms;
        let reliable = state.served[slot].reliable_devices.values()[0];
        let usable = terms.sellable_share;
        state.capacity_units[slot] = reliable * facts.device.units_per_week * usable;
        let trust = terms.quality_share.max(LEAST_TRUST_SHARE);
        let relative = state.price_usd_per_unit[slot] / rival_usd;
        pull[slot] =
            state.liking[slot] * trust * math::pow(relative, -service.buyers.switching_elasticity);
        all += pull[slot];
    }
    let mut mean_usd = rival_usd;
    for slot in 0..service.networks.len() {
        let gap = pull[slot] / all - state.demand_share[slot];
        state.demand_share[slot] += service.buyers.moved_share_per_week * gap;
        mean_usd += state.demand_share[slot] * (state.price_usd_per_unit[slot] - rival_usd);
    }
    let relative = mean_usd / state.opening_mean_usd_per_unit;
    let bought = wanted * math::pow(relative.max(1e-9), -service.buyers.price_elasticity);
    state.bought_units = bought;
    for slot in 0..service.networks.len() {
        let (asked, room) = (
            state.demand_share[slot] * bought,
            state.capacity_units[slot],
        );
        state.sold_units[slot] = if asked < room { asked } else { room };
    }
}

/// Sold hours and money, for rewards by work and for the record.
fn note(service: &ServiceModel, state: &mut Service, slot: usize) {
    let share = sold_share(state, slot);
    let served = &mut state.served[slot];
    let id = Id::new(0);
    served.sold_h[id] = served.reliable_devices[id] * WEEK_H * share;
    served.sold_usd[id] = state.sold_units[slot] * state.price_usd_per_unit[slot];
    debug_assert!(slot < service.networks.len());
}

fn move_price(state: &mut Service, slot: usize, rise: f64, opening_usd: f64) {
    if state.capacity_units[slot] > 0.0 {
        let moved = state.price_usd_per_unit[slot] * math::exp(rise);
        let (low, high) = (
            opening_usd / PRICE_LIMIT_FACTOR,
            opening_usd * PRICE_LIMIT_FACTOR,
        );
        state.price_usd_per_unit[slot] = moved.clamp(low, high);
    }
}

/// Owners pay for power, wear and traffic of the week; what a device has earned net of them is
/// noted by network.
pub fn pay_bills(week: &Week, world: &mut World) {
    let World {
        grid,
        providers,
        networks,
        services,
        books,
        ..
    } = world;
    let model = week.model;
    let other_share = model.providers.behaviour.other_cost_share;
    for (service, state) in model.services.services.iter().zip(&mut services.services) {
        let mut costs_usd = [0.0; MAX_VENUES];
        for (index, totals) in state.totals.iter().enumerate() {
            let tariff = service.tariff_usd_per_kwh(grid, index);
            for (slot, venue) in totals.venues.iter().enumerate() {
                let kw = venue.power_kw + other_share * service.power_kw * venue.devices;
                let upkeep = service.upkeep_usd_per_h * venue.devices;
                costs_usd[slot] += (kw * tariff + upkeep) * WEEK_H;
            }
        }
        state.bills_usd = costs_usd.iter().sum();
        let bill = micro_usd(state.bills_usd);
        let accounts = &model.providers.accounts;
        books.post(accounts.cash, accounts.outside, bill);
        providers.cash_micro_usd -= bill;
        for (slot, id) in service.networks.iter().enumerate() {
            let seen = &networks.networks[*id].week;
            let devices = state.served[slot].devices.values()[0];
            let earned = seen.paid_usd + seen.provider_reward_usd - costs_usd[slot];
            state.net_usd_per_device[slot] = if devices > 0.0 { earned / devices } else { 0.0 };
        }
    }
}
