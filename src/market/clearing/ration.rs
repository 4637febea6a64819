//! Who gets what: capacity is never exceeded; who is served first when a pool is short is the
//! scenario's rule, and within one form of sale rationing is proportional. In a queue those who
//! have waited since last week come before everybody else, whatever they pay.
//!
//! A pool serves its contracts first, then new contracts up to a limit, hours at list price,
//! and spot with what is left beyond a headroom kept for buyers by the hour.

use super::super::ids::{Id, OfferId};
use super::super::model::Model;
use super::offers::Pool;
use super::state::Market;
use crate::scenario::types::Rationing;

/// What is still free while the week clears.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// Hours, by pool.
    free_h: Vec<f64>,
    /// Part of what is wanted that has waited since last week, by offer; empty without a queue.
    pub waited_h: Vec<f64>,
    /// Share of it that was served.
    pub waited_fill: Vec<f64>,
    /// Hours that may still go under contract, by pool.
    contract_h: Vec<f64>,
    /// Hours kept from spot, by pool; set when the first spot hours are sold.
    headroom_h: Vec<f64>,
    /// Hours of independent providers, by offer.
    provider_h: Vec<f64>,
    /// Capacity of each pool.
    pub pool_h: Vec<f64>,
    /// Share of each pool's sites that stand; all of them where nothing is said.
    pub up_share: Vec<f64>,
    /// Hours of running contracts that are not served, by pool.
    pub lost_h: Vec<f64>,
    /// Hours of running contracts that are served, by pool.
    pub contracts_h: Vec<f64>,
    /// Forms of sale by their price, the dearest first, by pool.
    dearest: Vec<[usize; 3]>,
    /// Most that spot could have sold, by pool.
    pub idle_h: Vec<f64>,
}

fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn positive(a: f64) -> f64 {
    if a > 0.0 { a } else { 0.0 }
}

impl Room {
    /// Capacity at the opening of the week; `pool_h` has been filled by the caller.
    pub fn open(&mut self, model: &Model, market: &Market) {
        let pools = &model.market.pools;
        let limit = model.market.rules.reserved_limit_share;
        for column in [
            &mut self.free_h,
            &mut self.contract_h,
            &mut self.headroom_h,
            &mut self.contracts_h,
            &mut self.lost_h,
            &mut self.idle_h,
        ] {
            column.clear();
            column.resize(pools.len(), 0.0);
        }
        self.dearest.clear();
        for (index, pool) in pools.iter().enumerate() {
            let offers = [pool.reserved, pool.on_demand, pool.spot];
            let price = |tier: usize| market.price_usd_per_h[offers[tier]];
            let mut order = [0, 1, 2];
            order.sort_by(|a, b| price(*b).total_cmp(&price(*a)));
            self.dearest.push(order);
            let capacity = self.pool_h[index];
            let owed = market.committed_h[pool.reserved];
            let up = self.up_share.get(index).copied().unwrap_or(1.0);
            let contracts = least(owed * up, capacity);
            self.contracts_h[index] = contracts;
            self.lost_h[index] = owed - contracts;
            self.free_h[index] = capacity - contracts;
            self.contract_h[index] =
                least(positive(limit * capacity - contracts), self.free_h[index]);
            self.headroom_h[index] = -1.0;
        }
        self.provider_h.clear();
        self.provider_h.resize(model.market.offers.len(), 0.0);
        for &offer in &model.market.provider_offers {
            self.provider_h[offer.index()] = market.capacity_h[offer];
        }
    }

    /// Serves `wanted_h` as far as there is room; `fill` receives the share served, by offer.
    pub fn serve(&mut self, model: &Model, wanted_h: &[f64], fill: &mut [f64]) {
        let share = |wanted: f64, served: f64| if wanted > 0.0 { served / wanted } else { 1.0 };
        for (index, pool) in model.market.pools.iter().enumerate() {
            let offers = [pool.reserved, pool.on_demand, pool.spot];
            let wanted = offers.map(|offer| wanted_h[offer.index()]);
            let served = match model.market.rules.rationing {
                Rationing::ReservedFirst => self.in_order(model, index, [0, 1, 2], wanted),
                Rationing::Efficient | Rationing::Auction => {
                    self.in_order(model, index, self.dearest[index], wanted)
                }
                Rationing::Proportional => self.alike(model, index, wanted),
                Rationing::Queue => self.by_arrival(model, index, offers, wanted),
            };
            self.contract_h[index] = least(self.contract_h[index], self.free_h[index]);
            for ((offer, wanted), served) in offers.iter().zip(wanted).zip(served) {
                let waited = self.waited_h.get(offer.index()).copied().unwrap_or(0.0);
                fill[offer.index()] = share(wanted - waited, served);
            }
        }
        for &offer in &model.market.provider_offers {
            let at = offer.index();
            let served = least(wanted_h[at], self.provider_h[at]);
            self.provider_h[at] -= served;
            fill[at] = share(wanted_h[at], served);
            if let Some(waited) = self.waited_fill.get_mut(at) {
                *waited = fill[at];
            }
        }
    }

    /// One form of sale after the other: 0 contracts, 1 hours at the list, 2 spot.
    fn in_order(
        &mut self,
        model: &Model,
        index: usize,
        order: [usize; 3],
        wanted: [f64; 3],
    ) -> [f64; 3] {
        let mut served = [0.0; 3];
        for tier in order {
            let hours = match tier {
                0 => least(wanted[0], self.contract_h[index]),
                1 => least(wanted[1], self.free_h[index]),
                _ => least(wanted[2], self.open_to_spot(model, index)),
            };
            if tier == 0 {
                self.contract_h[index] -= hours;
            }
            self.free_h[index] = positive(self.free_h[index] - hours);
            self.contract_h[index] = least(self.contract_h[index], self.free_h[index]);
            served[tier] = hours;
        }
        served
    }

    /// Those who have waited, then the rest; returns what the rest gets.
    fn by_arrival(
        &mut self,
        model: &Model,
        index: usize,
        offers: [OfferId; 3],
        wanted: [f64; 3],
    ) -> [f64; 3] {
        if self.waited_h.is_empty() {
            return self.alike(model, index, wanted);
        }
        let waited = offers.map(|offer| self.waited_h[offer.index()]);
        let served = self.alike(model, index, waited);
        for tier in 0..3 {
            let share = if waited[tier] > 0.0 {
                served[tier] / waited[tier]
            } else {
                1.0
            };
            self.waited_fill[offers[tier].index()] = share;
        }
        let rest = [0, 1, 2].map(|tier| positive(wanted[tier] - waited[tier]));
        self.contract_h[index] = least(self.contract_h[index], self.free_h[index]);
        self.alike(model, index, rest)
    }

    /// The same share of what everybody wants.
    fn alike(&mut self, model: &Model, index: usize, wanted: [f64; 3]) -> [f64; 3] {
        let wanted = [
            least(wanted[0], self.contract_h[index]),
            wanted[1],
            least(wanted[2], self.open_to_spot(model, index)),
        ];
        let all: f64 = wanted.iter().sum();
        let share = if all > self.free_h[index] {
            self.free_h[index] / all
        } else {
            1.0
        };
        let served = wanted.map(|hours| hours * share);
        self.contract_h[index] -= served[0];
        self.free_h[index] = positive(self.free_h[index] - served.iter().sum::<f64>());
        served
    }

    /// Free hours beyond the headroom, which is set when spot is first served.
    fn open_to_spot(&mut self, model: &Model, index: usize) -> f64 {
        if self.headroom_h[index] < 0.0 {
            self.headroom_h[index] = model.market.rules.headroom_share * self.free_h[index];
            self.idle_h[index] = self.free_h[index] - self.headroom_h[index];
        }
        positive(self.free_h[index] - self.headroom_h[index])
    }

    /// What is wanted of a pool ÷ what is free; 1 where nothing is free or wanted.
    pub fn load(&self, pool: &Pool, index: usize, wanted_h: &[f64]) -> f64 {
        let offers = [pool.reserved, pool.on_demand, pool.spot];
        let wanted: f64 = offers.map(|offer| wanted_h[offer.index()]).iter().sum();
        if self.free_h[index] > 0.0 && wanted > 0.0 {
            wanted / self.free_h[index]
        } else {
            1.0
        }
    }

    /// Hours that could still have gone under contract.
    pub fn contracts_left_h(&self, pool: usize) -> f64 {
        self.contract_h[pool]
    }

    /// True when an offer has nothing left to sell.
    pub fn is_full(&self, model: &Model, offer: OfferId) -> bool {
        let record = &model.market.offers[offer];
        match record.pool {
            None => self.provider_h[offer.index()] <= 0.0,
            Some(index) => {
                let pool = &model.market.pools[index];
                let left = if offer == pool.reserved {
                    self.contract_h[index]
                } else if offer == pool.spot {
                    self.free_h[index] - positive(self.headroom_h[index])
                } else {
                    self.free_h[index]
                };
                left <= 1e-9 * self.pool_h[index]
            }
        }
    }
}
