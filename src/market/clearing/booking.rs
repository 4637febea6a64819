//! What a week of trade leaves behind: sales, contracts, backlog, loyalty, and the sizes that
//! buyers know.

use super::super::demand::Demand;
use super::super::ids::{Id, OfferId, PopulationId};
use super::super::model::Model;
use super::choice::MENU;
use super::indices;
use super::ration::Room;
use super::state::Market;
use super::week::ClearingScratch;
use crate::scenario::types::Tier;

/// Writes sales, contracts, backlog and loyalty into the state.
pub fn book(
    model: &Model,
    week: u32,
    demand: &mut Demand,
    market: &mut Market,
    buffers: &mut ClearingScratch,
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
        let waits = buffers.rationed[id.index()] * keep + buffers.stranded[id.index()];
        demand.backlog_h100e_h[id] = waits;
        waiting += demand.backlog_h100e_h[id];
        let placed = &buffers.placed[base..base + MENU];
        loyalty(model, market, (id, placed), &mut buffers.sellers);
    }
    market.indices.waiting_h100e_h = waiting;
    revenue(model, week, market, &buffers.room);
}

/// Shares of a population's placed hours by seller; `sums` has one place per seller.
fn loyalty(
    model: &Model,
    market: &mut Market,
    (id, placed): (PopulationId, &[f64]),
    sums: &mut [f64],
) {
    let base = id.index() * MENU;
    let length = market.menu_length[id.index()] as usize;
    let total: f64 = placed[..length].iter().sum();
    if total <= 0.0 {
        return;
    }
    let seller = |at: usize, market: &Market| {
        let offer = OfferId::new(market.menu_offer[at] as usize);
        model.market.offers[offer].seller_place
    };
    sums.fill(0.0);
    for (place, hours) in placed[..length].iter().enumerate() {
        sums[seller(base + place, market)] += hours;
    }
    for at in base..base + length {
        market.menu_loyalty[at] = sums[seller(at, market)] / total;
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

/// The size that buyers know follows what an offer could have sold them: all of a pool under
/// contract, by the hour what contracts leave, as spot what both leave beyond the headroom.
pub fn learn_sizes(model: &Model, market: &mut Market, room: &Room) {
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
