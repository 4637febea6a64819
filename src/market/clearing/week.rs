//! Phase 5, in its own order; see the module above.

use super::super::conditions::Conditions;
use super::super::demand::Demand;
use super::super::equilibrium::Stop;
use super::super::ids::{Id, OfferId, PopulationId};
use super::super::model::Model;
use super::super::operators::Operators;
use super::super::scratch::Scratch;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::choice::MENU;
use super::desk::{Desk, Response};
use super::prices::Signals;
use super::ration::Room;
use super::state::Market;
use super::view::View;
use super::{asks, booking, indices, load, menus, prices, quotes, settle, waits};
use crate::kernels::math::{exp, ln};
use crate::scenario::types::{Rationing, Tier};

/// Times that rationed buyers look again in one week.
const LOOKS: u32 = 3;

/// Buffers of clearing.
#[derive(Clone, Debug, Default)]
pub struct ClearingScratch {
    sizes: Vec<f64>,
    /// Hours wanted at this week's prices, by offer.
    wanted_h: Vec<f64>,
    /// The same with the hours of those who came because another offer was full.
    sought_h: Vec<f64>,
    /// Hours wanted by those who look a second time.
    again_h: Vec<f64>,
    fill: Vec<f64>,
    pub(super) unmet_h: Vec<f64>,
    /// H100e-hours asked for, by population and place on its menu.
    asked: Vec<f64>,
    /// H100e-hours placed, by population and place on its menu.
    pub(super) placed: Vec<f64>,
    /// H100e-hours that found their offer full, by population.
    pub(super) rationed: Vec<f64>,
    /// H100e-hours under contracts that a failed site does not serve, by population: those who
    /// move at once, and those who wait until it is back.
    moving: Vec<f64>,
    /// How much denser than over the whole week they come: 1 ÷ the part of it that fails.
    rush: f64,
    /// Hours wanted by offer beyond the week's mean while they come.
    rush_h: Vec<f64>,
    pub(super) stranded: Vec<f64>,
    pub(super) sellers: Vec<f64>,
    /// Least price of each pool's hours.
    pub floor_usd_per_h: Vec<f64>,
    pub room: Room,
    /// Best responses of the week, if somebody reviewed a list.
    pub response: Option<Response>,
    /// Part of each population's work that has waited since last week, while it stands in line.
    waited: Vec<f64>,
    /// Prices to which pools return after a week's auction.
    resting: Vec<(OfferId, f64)>,
    view: View,
}

impl ClearingScratch {
    fn open(&mut self, model: &Model) {
        let offers = model.market.offers.len();
        let populations = model.demand.populations.len();
        let sellers = model.names.operators.len()
            + model.names.marketplaces.len()
            + model.names.networks.len();
        for (column, length) in [
            (&mut self.sizes, offers),
            (&mut self.wanted_h, offers),
            (&mut self.sought_h, offers),
            (&mut self.rush_h, offers),
            (&mut self.again_h, offers),
            (&mut self.fill, offers),
            (&mut self.unmet_h, offers),
            (&mut self.asked, populations * MENU),
            (&mut self.placed, populations * MENU),
            (&mut self.rationed, populations),
            (&mut self.waited, populations),
            (&mut self.moving, populations),
            (&mut self.stranded, populations),
            (&mut self.sellers, sellers),
        ] {
            column.clear();
            column.resize(length, 0.0);
        }
    }
}

/// Phase 5.
pub fn clear(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    let model = week.model;
    let buffers = &mut scratch.clearing;
    let World {
        conditions,
        demand,
        market,
        operators,
        providers,
        ..
    } = world;
    buffers.inputs(model, operators, conditions);
    menus::rental(model, conditions, &mut buffers.view.rental);
    trade(model, week.number, demand, market, buffers);
    let unsettled = |response: &Response| response.solution.stop != Stop::Converged;
    scratch.notes.unsettled = scratch.clearing.response.as_ref().is_some_and(unsettled);
    load::fill(model, operators, providers, market);
    settle::sales(model, world);
    check(model, &world.market)
}

impl ClearingScratch {
    /// What operators can offer, and the least that they would take for it.
    fn inputs(&mut self, model: &Model, operators: &Operators, conditions: &Conditions) {
        let part = conditions.outage_week_share;
        self.rush = if part > 0.0 { 1.0 / part } else { 1.0 };
        self.room.pool_h.clear();
        self.room.up_share.clear();
        self.floor_usd_per_h.clear();
        for pool in &model.market.pools {
            let offered = operators.offered(pool.operator, pool.area, pool.class);
            self.room
                .pool_h
                .push(if offered > 0.0 { offered } else { 0.0 });
            self.room
                .up_share
                .push(conditions.up_share(pool.operator, pool.area));
            let cost = operators.unit_cost_usd_per_h(pool.operator, pool.area, pool.class);
            let margin = 1.0 + model.market.rules.least_margin_share;
            self.floor_usd_per_h.push(cost * margin);
        }
    }
}

/// One week of trade at given capacities: choices, rationing, contracts, prices.
pub fn trade(
    model: &Model,
    week: u32,
    demand: &mut Demand,
    market: &mut Market,
    buffers: &mut ClearingScratch,
) {
    buffers.open(model);
    buffers.resting.clear();
    capacities(model, market, &buffers.room.pool_h);
    menus::select_in_turn(model, week, market);
    menus::sizes(model, market, &mut buffers.sizes);
    buffers.view.prepare(model, market, &buffers.sizes);
    buffers.room.open(model, market);
    displace(model, demand, market, buffers);
    choose(model, market, demand, buffers);
    asks::move_prices(model, market, &buffers.wanted_h);
    market.surplus_usd_per_week = choose(model, market, demand, buffers);
    let rationing = model.market.rules.rationing;
    if rationing == Rationing::Auction {
        bid(model, market, demand, buffers);
    }
    if rationing == Rationing::Queue {
        line_up(model, market, demand, buffers);
    }
    place(model, market, buffers);
    booking::book(model, week, demand, market, buffers);
    indices::take(model, market, &buffers.room.pool_h, &mut buffers.sellers);
    for (offer, price) in buffers.resting.drain(..) {
        market.price_usd_per_h[offer] = price;
    }
    quotes::take(model, market);
    waits::update(model, market, &buffers.unmet_h);
    booking::learn_sizes(model, market, &buffers.room);
    Desk::learn(model, demand, market);
    let signals = Signals {
        week,
        room: &buffers.room,
        wanted_h: &buffers.wanted_h,
        sought_h: &buffers.sought_h,
        floor_usd_per_h: &buffers.floor_usd_per_h,
        demand,
    };
    buffers.response = prices::review(model, &signals, market);
    indices::plan(model, market);
}

/// Rounds of bidding, the most that bids rise in the week, and the gap of logarithms that is
/// left.
const BIDS: u32 = 12;
const HIGHEST_BID: f64 = 4.0;
const BID_GAP: f64 = 1e-3;

/// Where a pool is short its prices rise for the week to where those fit who still want it (E14);
/// who gives way has left, and does not wait. Prices return when the week is booked. A round
/// answers with the elasticity that the last one has shown: buyers of one short pool go to the
/// next, where all are short they can only leave.
fn bid(model: &Model, market: &mut Market, demand: &Demand, buffers: &mut ClearingScratch) {
    let most_elastic = asks::elasticity(model);
    let pools = &model.market.pools;
    let offers = |at: usize| [pools[at].reserved, pools[at].on_demand, pools[at].spot];
    for at in 0..pools.len() {
        let resting = offers(at).map(|offer| (offer, market.price_usd_per_h[offer]));
        buffers.resting.extend(resting);
    }
    // Logarithms by pool: bid above the resting price, last step, last gap.
    let mut bids = vec![(0.0, 0.0, 0.0); pools.len()];
    for _ in 0..BIDS {
        let mut is_short = false;
        for (at, (height, step, gap)) in bids.iter_mut().enumerate() {
            let now = ln(buffers.room.load(&pools[at], at, &buffers.wanted_h));
            let shown = if *step == 0.0 {
                most_elastic
            } else {
                (*gap - now) / *step
            };
            let before = *height;
            let next = before + now / shown.clamp(1.0, most_elastic);
            *height = next.clamp(0.0, ln(HIGHEST_BID));
            (*step, *gap) = (*height - before, now);
            is_short |= step.abs() > BID_GAP;
            let factor = exp(*height);
            for place in 0..3 {
                let (offer, resting) = buffers.resting[3 * at + place];
                market.price_usd_per_h[offer] = resting * factor;
            }
        }
        if !is_short {
            return;
        }
        market.surplus_usd_per_week = choose(model, market, demand, buffers);
    }
}

/// Who has waited since last week stands first in line, on every offer it wants.
fn line_up(model: &Model, market: &Market, demand: &Demand, buffers: &mut ClearingScratch) {
    let room = &mut buffers.room;
    room.waited_h.clear();
    room.waited_h.resize(model.market.offers.len(), 0.0);
    room.waited_fill.clear();
    room.waited_fill.resize(model.market.offers.len(), 1.0);
    for id in model.demand.populations.ids() {
        let all = demand.contestable_h100e_h[id];
        let waited = demand.backlog_h100e_h[id];
        let share = if all > 0.0 { waited / all } else { 0.0 };
        buffers.waited[id.index()] = share;
        let h100e = buffers.view.h100e(market, id);
        let offers = &market.menu_offer[id.index() * MENU..];
        let asked = &buffers.asked[id.index() * MENU..];
        for ((hours, h100e), offer) in asked.iter().zip(h100e).zip(offers) {
            let offer = *offer as usize;
            if model.market.offers[OfferId::new(offer)].pool.is_some() {
                room.waited_h[offer] += share * hours / h100e;
            }
        }
    }
}

/// Contracts stand on chips of their own: a failed site serves none of them. Their buyers, spread
/// as contracts and loyalty are, wait for it or go elsewhere, by their patience against a week.
fn displace(model: &Model, demand: &Demand, market: &Market, buffers: &mut ClearingScratch) {
    if buffers.room.lost_h.iter().all(|lost| *lost <= 0.0) {
        return;
    }
    let mut weight = vec![0.0; model.market.pools.len()];
    let holds = |id: PopulationId| {
        let base = id.index() * MENU;
        (base..base + market.menu_length[id.index()] as usize).filter_map(move |at| {
            let offer = OfferId::new(market.menu_offer[at] as usize);
            let record = &model.market.offers[offer];
            let pool = record.pool.filter(|_| record.tier == Tier::Reserved)?;
            Some((pool, demand.committed_h100e_h[id] * market.menu_loyalty[at]))
        })
    };
    for id in model.demand.populations.ids() {
        holds(id).for_each(|(pool, held)| weight[pool] += held);
    }
    for id in model.demand.populations.ids() {
        let patience = model.demand.segment(id).patience_weeks;
        let stay = patience / (1.0 + patience);
        for (pool, held) in holds(id) {
            let lost = buffers.room.lost_h[pool];
            if lost > 0.0 && weight[pool] > 0.0 {
                let h100e = model.market.h100e(model.market.pools[pool].reserved);
                let own = lost * h100e * held / weight[pool];
                buffers.stranded[id.index()] += stay * own;
                buffers.moving[id.index()] += (1.0 - stay) * own;
            }
        }
    }
}

/// What is on offer this week.
fn capacities(model: &Model, market: &mut Market, pool_h: &[f64]) {
    market.pool_h.copy_from_slice(pool_h);
    for &offer in &model.market.provider_offers {
        market.capacity_h[offer] = market.supply[offer].total_h();
    }
}

/// Everybody chooses at this week's prices; returns buyers' surplus in USD a week.
fn choose(model: &Model, market: &Market, demand: &Demand, buffers: &mut ClearingScratch) -> f64 {
    let stay = model.demand.choice.outside_share;
    buffers.wanted_h.fill(0.0);
    buffers.rush_h.fill(0.0);
    let mut surplus = 0.0;
    let mut own = [0.0; MENU];
    for id in model.demand.populations.ids() {
        let asked = &mut buffers.asked[id.index() * MENU..(id.index() + 1) * MENU];
        asked.fill(0.0);
        let potential = demand.contestable_h100e_h[id] / (1.0 - stay);
        if market.menu_length[id.index()] == 0 || potential <= 0.0 {
            continue;
        }
        let chosen = buffers.view.choose(model, market, (id, 0), asked);
        surplus += potential * chosen.surplus * market.planning_price_usd_per_h;
        asked.iter_mut().for_each(|share| *share *= potential);
        let moving = buffers.moving[id.index()];
        if moving > 0.0 {
            // Their contract runs on: they look for hours, not for another contract.
            let contracts = buffers.view.places_of(market, id, Tier::Reserved);
            buffers
                .view
                .choose(model, market, (id, contracts), &mut own);
            let denser = moving * (buffers.rush - 1.0);
            let offers = &market.menu_offer[id.index() * MENU..];
            let h100e = buffers.view.h100e(market, id);
            for (place, hours) in asked.iter_mut().enumerate().take(h100e.len()) {
                *hours += moving * own[place];
                buffers.rush_h[offers[place] as usize] += denser * own[place] / h100e[place];
            }
        }
        let h100e = buffers.view.h100e(market, id);
        let offers = &market.menu_offer[id.index() * MENU..];
        for ((hours, h100e), offer) in asked.iter().zip(h100e).zip(offers) {
            buffers.wanted_h[*offer as usize] += hours / h100e;
        }
    }
    surplus
}

/// Shares out capacity; who is rationed looks again among what is left, a few times. Who then
/// prefers to stay outside has left; the rest waits.
fn place(model: &Model, market: &Market, buffers: &mut ClearingScratch) {
    for (at, sought) in buffers.sought_h.iter_mut().enumerate() {
        *sought = buffers.wanted_h[at] + buffers.rush_h[at];
    }
    buffers
        .room
        .serve(model, &buffers.wanted_h, &mut buffers.fill);
    for (offer, unmet) in buffers.unmet_h.iter_mut().enumerate() {
        let waited = buffers.room.waited_h.get(offer).copied().unwrap_or(0.0);
        *unmet = (buffers.wanted_h[offer] - waited) * (1.0 - buffers.fill[offer]);
        if waited > 0.0 {
            *unmet += waited * (1.0 - buffers.room.waited_fill[offer]);
        }
    }
    buffers.room.waited_h.clear();
    for (index, pool) in model.market.pools.iter().enumerate() {
        buffers.unmet_h[pool.reserved.index()] += buffers.room.lost_h[index];
    }
    for _ in 0..LOOKS {
        if look_again(model, market, buffers) <= 0.0 {
            return;
        }
        for (sought, again) in buffers.sought_h.iter_mut().zip(&buffers.again_h) {
            *sought += again;
        }
        buffers
            .room
            .serve(model, &buffers.again_h, &mut buffers.fill);
    }
    for id in model.demand.populations.ids() {
        let places = id.index() * MENU..(id.index() + 1) * MENU;
        let (asked, placed) = (&buffers.asked[places.clone()], &mut buffers.placed[places]);
        let fills = (&buffers.fill[..], &[][..], 0.0);
        buffers.rationed[id.index()] = grant(market, id, fills, asked, placed);
    }
}

/// Grants what was served, and lets the rationed ask for what is not sold out; returns the
/// H100e-hours that they ask for.
fn look_again(model: &Model, market: &Market, buffers: &mut ClearingScratch) -> f64 {
    buffers.again_h.fill(0.0);
    let mut own = [0.0; MENU];
    let mut sum = 0.0;
    for id in model.demand.populations.ids() {
        let places = id.index() * MENU..(id.index() + 1) * MENU;
        let (asked, placed) = (
            &mut buffers.asked[places.clone()],
            &mut buffers.placed[places.clone()],
        );
        let waited = std::mem::take(&mut buffers.waited[id.index()]);
        let fills = (&buffers.fill[..], &buffers.room.waited_fill[..], waited);
        let rationed = grant(market, id, fills, asked, placed);
        buffers.rationed[id.index()] = rationed;
        asked.fill(0.0);
        if rationed <= 0.0 {
            continue;
        }
        let offers = &market.menu_offer[places][..market.menu_length[id.index()] as usize];
        let full = full_mask(model, &buffers.room, offers);
        buffers.view.choose(model, market, (id, full), &mut own);
        let h100e = buffers.view.h100e(market, id);
        for (place, offer) in offers.iter().enumerate() {
            asked[place] = rationed * own[place];
            sum += asked[place];
            buffers.again_h[*offer as usize] += asked[place] / h100e[place];
        }
    }
    sum
}

/// Adds what is served of `asked` to `placed`; returns what is not. A share of it has waited and
/// is filled as those are who have.
fn grant(
    market: &Market,
    id: PopulationId,
    (fill, waited_fill, waited): (&[f64], &[f64], f64),
    asked: &[f64],
    placed: &mut [f64],
) -> f64 {
    let base = id.index() * MENU;
    let mut rationed = 0.0;
    for place in 0..market.menu_length[id.index()] as usize {
        let offer = market.menu_offer[base + place] as usize;
        let mut part = fill[offer];
        if waited > 0.0 {
            part += waited * (waited_fill[offer] - part);
        }
        let served = asked[place] * part;
        placed[place] += served;
        rationed += asked[place] - served;
    }
    rationed
}

fn full_mask(model: &Model, room: &Room, offers: &[u32]) -> u64 {
    let full = |(place, offer): (usize, &u32)| {
        u64::from(room.is_full(model, OfferId::new(*offer as usize))) << place
    };
    offers.iter().enumerate().map(full).sum()
}

/// No price is zero or infinite, and nobody sells more than he has.
fn check(model: &Model, market: &Market) -> Result<(), Fault> {
    for (id, offer) in model.market.offers.iter() {
        let price = market.price_usd_per_h[id];
        if !(price > 0.0 && price < 1e6) {
            return Err(Fault::new(offer.name.clone(), "price_usd_per_h", price));
        }
        let (sold, capacity) = (market.sold_h[id], market.capacity_h[id]);
        if sold > capacity * (1.0 + 1e-9) + 1e-6 {
            return Err(Fault::new(
                offer.name.clone(),
                "sold_h beyond capacity",
                sold - capacity,
            ));
        }
    }
    Ok(())
}
