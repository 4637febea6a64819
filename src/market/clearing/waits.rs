//! Waiting: a queue of jobs at busy servers, and a fluid backlog where demand exceeds capacity.
//!
//! A pool of K chips serves c = K ÷ n jobs of n chips at once. Sakasegawa's formula for M/M/c,
//! W = job · u^(√(2(c+1)) − 1) ÷ (c·(1 − u)), is within a few per cent of Erlang C and needs no
//! sum; beyond capacity the unmet hours wait in line and are served at the pool's speed.

use super::super::ids::{OfferId, Table};
use super::super::model::{Model, WEEK_H};
use super::choice::MENU;
use super::indices::utilisation;
use super::state::Market;
use crate::kernels::math::pow;
use crate::scenario::types::{Segment, Tier};

/// Utilisation at which the steady-state queue is cut; beyond it the fluid backlog speaks.
const BUSIEST: f64 = 0.99;
/// Length of the jobs that the reported wait is about, hours.
const MEAN_JOB_H: f64 = 24.0;

/// Mean wait of a job before it starts, hours.
pub fn queue_h(job_h: f64, servers: f64, utilisation: f64) -> f64 {
    if utilisation <= 0.0 {
        return 0.0;
    }
    let u = if utilisation < BUSIEST {
        utilisation
    } else {
        BUSIEST
    };
    let c = if servers > 1.0 { servers } else { 1.0 };
    job_h * pow(u, (2.0 * (c + 1.0)).sqrt() - 1.0) / (c * (1.0 - u))
}

/// Sold share of what an offer could sell: contracts are no servers for buyers by the hour, and
/// spot is no obstacle to them.
fn busy(market: &Market, offer: OfferId) -> f64 {
    utilisation(market.sold_h[offer], market.capacity_h[offer])
}

/// What a segment expects to wait at an offer, from the weeks that it remembers: were it last
/// week alone, a crowded offer would be empty every other week.
pub fn of_job(model: &Model, market: &Market, offer: OfferId, segment: &Segment) -> f64 {
    let fluid = market.expected_fluid_wait_h[offer];
    if model.market.offers[offer].tier == Tier::Reserved {
        return fluid;
    }
    let servers = market.standing_h[offer] / WEEK_H / segment.contiguous_chips;
    queue_h(segment.job_h, servers, market.expected_busy_share[offer]) + fluid
}

/// What buyers expect on the first day: offers as busy as the sales that are calibrated to make
/// them. Without it the first waits would drive buyers from whoever is small.
pub fn open(model: &Model, targets: &Table<OfferId, f64>, market: &mut Market) {
    let idle = 1.0 - model.market.rules.headroom_share;
    for (id, offer) in model.market.offers.iter() {
        let standing = market.standing_h[id];
        let capacity = match offer.tier {
            Tier::Spot => standing / idle,
            _ => standing,
        };
        market.expected_busy_share[id] = utilisation(targets[id], capacity).clamp(0.0, 1.0);
    }
}

/// Takes stock after clearing: `unmet_h` are hours that found the offer full.
pub fn update(model: &Model, market: &mut Market, unmet_h: &[f64]) {
    let gain = 1.0 / model.demand.choice.size_memory_weeks;
    for (id, offer) in model.market.offers.iter() {
        let capacity = market.capacity_h[id];
        let known = market.standing_h[id];
        let unmet = unmet_h[usize::from(id.0)];
        let fluid = if known > 0.0 {
            WEEK_H * unmet / known
        } else {
            0.0
        };
        let busy = busy(market, id);
        let queue = if offer.tier == Tier::Reserved {
            0.0
        } else {
            queue_h(MEAN_JOB_H, capacity / WEEK_H, busy)
        };
        market.fluid_wait_h[id] = fluid;
        market.wait_h[id] = queue + fluid;
        let expected = &mut market.expected_fluid_wait_h[id];
        *expected += gain * (fluid - *expected);
        let expected = &mut market.expected_busy_share[id];
        *expected += gain * (busy - *expected);
    }
}

const _: () = assert!(MENU <= 64, "a menu fits one mask");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_near_erlang_c() {
        // T10: servers, offered load, W_q·μ by Erlang C.
        for (servers, load, exact) in [
            (10.0, 8.0, 0.20459008),
            (100.0, 98.0, 0.38755026),
            (1000.0, 970.0, 0.00809411),
        ] {
            let near = queue_h(1.0, servers, load / servers);
            assert!(
                (near / exact - 1.0).abs() < 0.15,
                "{servers}: {near} against {exact}"
            );
        }
    }

    #[test]
    fn waits_grow_with_load_and_fall_with_servers() {
        assert!(queue_h(1.0, 10.0, 0.9) > queue_h(1.0, 10.0, 0.8));
        assert!(queue_h(1.0, 100.0, 0.9) < queue_h(1.0, 10.0, 0.9));
        assert_eq!(queue_h(1.0, 10.0, 0.0), 0.0);
        assert!(queue_h(1.0, 0.0, 5.0).is_finite());
    }
}
