//! Phase 5, in its own order; see the module above.

use super::super::demand::Demand;
use super::super::ids::{Id, OfferId, PopulationId};
use super::super::model::{Model, QUARTER_WEEKS};
use super::super::operators::Operators;
use super::super::scratch::Scratch;
use super::super::week::{Fault, Week};
use super::super::world::World;
use super::choice::MENU;
use super::prices::Signals;
use super::ration::Room;
use super::state::Market;
use super::view::View;
use super::{asks, indices, load, menus, prices, settle, waits};
use crate::scenario::types::Tier;

/// Times that rationed buyers look again in one week.
const LOOKS: u32 = 3;

/// Buffers of clearing.
#[derive(Clone, Debug, Default)]
pub struct ClearingScratch {
    sizes: Vec<f64>,
    /// Hours wanted at this week's prices, by offer.
    wanted_h: Vec<f64>,
    /// Hours wanted by those who look a second time.
    again_h: Vec<f64>,
    fill: Vec<f64>,
    unmet_h: Vec<f64>,
    /// H100e-hours asked for, by population and place on its menu.
    asked: Vec<f64>,
    /// H100e-hours placed, by population and place on its menu.
    placed: Vec<f64>,
    /// H100e-hours that found their offer full, by population.
    rationed: Vec<f64>,
    sellers: Vec<f64>,
    /// Least price of each pool's hours.
    pub floor_usd_per_h: Vec<f64>,
    pub room: Room,
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
            (&mut self.again_h, offers),
            (&mut self.fill, offers),
            (&mut self.unmet_h, offers),
            (&mut self.asked, populations * MENU),
            (&mut self.placed, populations * MENU),
            (&mut self.rationed, populations),
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
    buffers.inputs(model, operators);
    menus::rental(model, conditions, &mut buffers.view.rental);
    trade(model, week.number, demand, market, buffers);
    load::fill(model, operators, providers, market);
    settle::sales(model, world);
    check(model, &world.market)
}

impl ClearingScratch {
    /// What operators can offer, and the least that they would take for it.
    fn inputs(&mut self, model: &Model, operators: &Operators) {
        self.room.pool_h.clear();
        self.floor_usd_per_h.clear();
        for pool in &model.market.pools {
            let offered = operators.offered(pool.operator, pool.area, pool.class);
            self.room
                .pool_h
                .push(if offered > 0.0 { offered } else { 0.0 });
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
    capacities(model, market, &buffers.room.pool_h);
    if week > 0 && week.is_multiple_of(QUARTER_WEEKS) {
        menus::select(model, market);
    }
    menus::sizes(model, market, &mut buffers.sizes);
    choose(model, market, demand, buffers);
    asks::move_prices(model, market, &buffers.wanted_h);
    market.surplus_usd_per_week = choose(model, market, demand, buffers);
    place(model, market, buffers);
    book(model, week, demand, market, buffers);
    indices::take(model, market, &buffers.room.pool_h, &mut buffers.sellers);
    waits::update(model, market, &buffers.unmet_h);
    learn_sizes(model, market, &buffers.room);
    let signals = Signals {
        week,
        room: &buffers.room,
        wanted_h: &buffers.wanted_h,
        floor_usd_per_h: &buffers.floor_usd_per_h,
    };
    prices::review(model, &signals, market);
    indices::plan(model, market);
}

/// What is on offer this week.
fn capacities(model: &Model, market: &mut Market, pool_h: &[f64]) {
    market.pool_h.copy_from_slice(pool_h);
    for &offer in &model.market.provider_offers {
        market.capacity_h[offer] = market.supply[offer].total_h();
    }
}

/// The size that buyers know follows what an offer could have sold them: all of a pool under
/// contract, by the hour what contracts leave, as spot what both leave beyond the headroom.
fn learn_sizes(model: &Model, market: &mut Market, room: &Room) {
    let gain = 1.0 / model.demand.choice.size_memory_weeks;
    let learn = |known: &mut f64, capacity: f64| {
        *known += gain * (capacity - *known);
        // Less than one chip for an hour is nothing.
        if *known < 1.0 && capacity <= 0.0 {
            *known = 0.0;
        }
    };
    for (index, pool) in model.market.pools.iter().enumerate() {
        learn(&mut market.standing_h[pool.reserved], room.pool_h[index]);
        learn(
            &mut market.standing_h[pool.on_demand],
            market.capacity_h[pool.on_demand],
        );
        learn(&mut market.standing_h[pool.spot], room.idle_h[index]);
    }
    for &offer in &model.market.provider_offers {
        learn(&mut market.standing_h[offer], market.capacity_h[offer]);
    }
}

/// Everybody chooses at this week's prices; returns buyers' surplus in USD a week.
fn choose(model: &Model, market: &Market, demand: &Demand, buffers: &mut ClearingScratch) -> f64 {
    let stay = model.demand.choice.outside_share;
    buffers.wanted_h.fill(0.0);
    let mut surplus = 0.0;
    for (id, population) in model.demand.populations.iter() {
        let asked = &mut buffers.asked[id.index() * MENU..(id.index() + 1) * MENU];
        asked.fill(0.0);
        let potential = demand.contestable_h100e_h[id] / (1.0 - stay);
        buffers.view.fill(model, market, id, &buffers.sizes);
        let length = buffers.view.offers.len();
        if length == 0 || potential <= 0.0 {
            continue;
        }
        let chosen = buffers.view.choose(model, market, id, asked);
        surplus += potential * chosen.surplus * market.planning_price_usd_per_h;
        let workload = model.demand.segments[population.segment].workload as usize;
        for (share, offer) in asked.iter_mut().zip(&buffers.view.offers) {
            *share *= potential;
            let h100e = model.market.offers[*offer].h100e[workload];
            buffers.wanted_h[offer.index()] += *share / h100e;
        }
    }
    surplus
}

/// Shares out capacity; who is rationed looks again among what is left, a few times. Who then
/// prefers to stay outside has left; the rest waits.
fn place(model: &Model, market: &Market, buffers: &mut ClearingScratch) {
    buffers.room.open(model, market);
    buffers
        .room
        .serve(model, &buffers.wanted_h, &mut buffers.fill);
    for (offer, unmet) in buffers.unmet_h.iter_mut().enumerate() {
        *unmet = buffers.wanted_h[offer] * (1.0 - buffers.fill[offer]);
    }
    for _ in 0..LOOKS {
        if look_again(model, market, buffers) <= 0.0 {
            return;
        }
        buffers
            .room
            .serve(model, &buffers.again_h, &mut buffers.fill);
    }
    for id in model.demand.populations.ids() {
        let places = id.index() * MENU..(id.index() + 1) * MENU;
        let (asked, placed) = (&buffers.asked[places.clone()], &mut buffers.placed[places]);
        buffers.rationed[id.index()] = grant(market, id, &buffers.fill, asked, placed);
    }
}

/// Grants what was served, and lets the rationed ask for what is not sold out; returns the
/// H100e-hours that they ask for.
fn look_again(model: &Model, market: &Market, buffers: &mut ClearingScratch) -> f64 {
    buffers.again_h.fill(0.0);
    let mut own = [0.0; MENU];
    let mut sum = 0.0;
    for (id, population) in model.demand.populations.iter() {
        let places = id.index() * MENU..(id.index() + 1) * MENU;
        let (asked, placed) = (
            &mut buffers.asked[places.clone()],
            &mut buffers.placed[places],
        );
        let rationed = grant(market, id, &buffers.fill, asked, placed);
        buffers.rationed[id.index()] = rationed;
        asked.fill(0.0);
        if rationed <= 0.0 {
            continue;
        }
        buffers.view.fill(model, market, id, &buffers.sizes);
        let full = full_mask(model, &buffers.room, &buffers.view.offers);
        (buffers.view.buyers.mask.iter_mut()).for_each(|mask| *mask &= !full);
        buffers.view.choose(model, market, id, &mut own);
        let workload = model.demand.segments[population.segment].workload as usize;
        for (place, offer) in buffers.view.offers.iter().enumerate() {
            asked[place] = rationed * own[place];
            sum += asked[place];
            let h100e = model.market.offers[*offer].h100e[workload];
            buffers.again_h[offer.index()] += asked[place] / h100e;
        }
    }
    sum
}

/// Adds what is served of `asked` to `placed`; returns what is not.
fn grant(
    market: &Market,
    id: PopulationId,
    fill: &[f64],
    asked: &[f64],
    placed: &mut [f64],
) -> f64 {
    let base = id.index() * MENU;
    let mut rationed = 0.0;
    for place in 0..market.menu_length[id.index()] as usize {
        let served = asked[place] * fill[market.menu_offer[base + place] as usize];
        placed[place] += served;
        rationed += asked[place] - served;
    }
    rationed
}

fn full_mask(model: &Model, room: &Room, offers: &[OfferId]) -> u64 {
    let full = |(place, offer): (usize, &OfferId)| u64::from(room.is_full(model, *offer)) << place;
    offers.iter().enumerate().map(full).sum()
}

/// Writes sales, contracts, backlog and loyalty into the state.
fn book(
    model: &Model,
    week: u32,
    demand: &mut Demand,
    market: &mut Market,
    buffers: &ClearingScratch,
) {
    market.sold_h.values_mut().fill(0.0);
    let mut waiting = 0.0;
    for (id, population) in model.demand.populations.iter() {
        let segment = &model.demand.segments[population.segment];
        let base = id.index() * MENU;
        let mut contracts = 0.0;
        for place in 0..market.menu_length[id.index()] as usize {
            let offer = OfferId::new(market.menu_offer[base + place] as usize);
            let record = &model.market.offers[offer];
            let hours = buffers.placed[base + place];
            market.sold_h[offer] += hours / record.h100e[segment.workload as usize];
            if record.tier == Tier::Reserved {
                contracts += hours;
            }
        }
        demand.commit(week, id, contracts);
        let keep = segment.patience_weeks / (1.0 + segment.patience_weeks);
        demand.backlog_h100e_h[id] = buffers.rationed[id.index()] * keep;
        waiting += demand.backlog_h100e_h[id];
        loyalty(model, market, id, &buffers.placed[base..base + MENU]);
    }
    market.indices.waiting_h100e_h = waiting;
    revenue(model, week, market, &buffers.room);
}

/// Shares of a population's placed hours by seller.
fn loyalty(model: &Model, market: &mut Market, id: PopulationId, placed: &[f64]) {
    let base = id.index() * MENU;
    let length = market.menu_length[id.index()] as usize;
    let total: f64 = placed[..length].iter().sum();
    if total <= 0.0 {
        return;
    }
    let seller = |place: usize, market: &Market| {
        model.market.offers[OfferId::new(market.menu_offer[base + place] as usize)].seller
    };
    for place in 0..length {
        let own = seller(place, market);
        let hours: f64 = (0..length)
            .filter(|other| seller(*other, market) == own)
            .map(|at| placed[at])
            .sum();
        market.menu_loyalty[base + place] = hours / total;
    }
}

/// Revenue, capacity and utilisation of every offer; new contracts begin.
fn revenue(model: &Model, week: u32, market: &mut Market, room: &Room) {
    for (index, pool) in model.market.pools.iter().enumerate() {
        let capacity = room.pool_h[index];
        let running = room.contracts_h[index];
        let owed = market.committed_h[pool.reserved];
        let kept = if owed > 0.0 { running / owed } else { 0.0 };
        let old_usd = market.committed_usd[pool.reserved] * kept;
        let signed = market.sold_h[pool.reserved];
        market.revenue_usd[pool.reserved] =
            old_usd + signed * market.price_usd_per_h[pool.reserved];
        market.commit(week, index, pool.reserved, signed);
        market.sold_h[pool.reserved] = signed + running;
        for offer in [pool.on_demand, pool.spot] {
            market.revenue_usd[offer] = market.sold_h[offer] * market.price_usd_per_h[offer];
        }
        let contracts = market.sold_h[pool.reserved];
        let hourly = market.sold_h[pool.on_demand];
        let sold = contracts + hourly + market.sold_h[pool.spot];
        market.capacity_h[pool.reserved] = contracts + room.contracts_left_h(index);
        market.capacity_h[pool.on_demand] = capacity - contracts;
        market.capacity_h[pool.spot] = capacity - contracts - hourly;
        for offer in [pool.on_demand, pool.reserved, pool.spot] {
            market.utilisation_share[offer] = indices::utilisation(sold, capacity);
        }
    }
    for &offer in &model.market.provider_offers {
        market.revenue_usd[offer] = market.sold_h[offer] * market.price_usd_per_h[offer];
        market.utilisation_share[offer] =
            indices::utilisation(market.sold_h[offer], market.capacity_h[offer]);
    }
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
