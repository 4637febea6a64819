//! Who gets what: capacity is never exceeded, and rationing is proportional.
//!
//! A pool serves its contracts first, then new contracts up to a limit, hours at list price,
//! and spot with what is left beyond a headroom kept for buyers by the hour.

use super::super::ids::{Id, OfferId};
use super::super::model::Model;
use super::offers::Pool;
use super::state::Market;

/// What is still free while the week clears.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// Hours, by pool.
    free_h: Vec<f64>,
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
        for (index, pool) in pools.iter().enumerate() {
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
            let wanted = |offer: OfferId| wanted_h[offer.index()];
            let contract = least(wanted(pool.reserved), self.contract_h[index]);
            self.contract_h[index] -= contract;
            self.free_h[index] = positive(self.free_h[index] - contract);
            let hourly = least(wanted(pool.on_demand), self.free_h[index]);
            self.free_h[index] -= hourly;
            let spot = self.spot(model, index, pool, wanted(pool.spot));
            fill[pool.reserved.index()] = share(wanted(pool.reserved), contract);
            fill[pool.on_demand.index()] = share(wanted(pool.on_demand), hourly);
            fill[pool.spot.index()] = share(wanted(pool.spot), spot);
            self.contract_h[index] = least(self.contract_h[index], self.free_h[index]);
        }
        for &offer in &model.market.provider_offers {
            let at = offer.index();
            let served = least(wanted_h[at], self.provider_h[at]);
            self.provider_h[at] -= served;
            fill[at] = share(wanted_h[at], served);
        }
    }

    fn spot(&mut self, model: &Model, index: usize, _pool: &Pool, wanted: f64) -> f64 {
        if self.headroom_h[index] < 0.0 {
            self.headroom_h[index] = model.market.rules.headroom_share * self.free_h[index];
            self.idle_h[index] = self.free_h[index] - self.headroom_h[index];
        }
        let open = positive(self.free_h[index] - self.headroom_h[index]);
        let sold = least(wanted, open);
        self.free_h[index] -= sold;
        sold
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
