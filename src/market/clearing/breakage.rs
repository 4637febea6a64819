//! Contracts that buyers leave before they end.
//!
//! Who leaves pays a share φ of what is still owed. An hour that is not needed costs its price if
//! it is kept and φ of it if it is left: with φ below 1 it is left. An hour that is needed is left
//! where a new contract with the same seller and the fee together are cheaper,
//! p' + φ·p < p; its buyer then looks for hours anew. Buyers look at their contracts once a
//! quarter, each in another week. At φ = 1 contracts are take-or-pay and nobody leaves.

use super::super::demand::{Demand, TERM_WEEKS, slot};
use super::super::ids::{Id, PopulationId};
use super::super::model::{Model, QUARTER_WEEKS};
use super::state::Market;

/// Share of buyers who look at their contracts in a week.
const LOOK_SHARE: f64 = 1.0 / QUARTER_WEEKS as f64;

/// Contracts of one week of the year in which they end.
#[derive(Clone, Copy, Debug)]
struct Vintage {
    slot: usize,
    weeks_left: f64,
}

/// Phase 3, after contracts that end have ended; the fees are paid with the week's sales.
pub fn leave(model: &Model, week: u32, demand: &mut Demand, market: &mut Market) {
    let fee_share = model.market.rules.break_fee_share;
    market.break_fees_usd.fill(0.0);
    if fee_share >= 1.0 {
        return;
    }
    let idle: Vec<f64> = (model.demand.populations.ids())
        .map(|id| idle_share(demand, id))
        .collect();
    for at in 0..TERM_WEEKS {
        let weeks_left = (at + TERM_WEEKS - slot(week)) % TERM_WEEKS;
        let vintage = Vintage {
            slot: at,
            weeks_left: weeks_left as f64,
        };
        let (mut held, mut unused) = (0.0, 0.0);
        for (population, idle) in idle.iter().enumerate() {
            let own = demand.expiring_h100e_h[population * TERM_WEEKS + at];
            held += own;
            unused += own * idle;
        }
        if weeks_left > 0 && held > 0.0 {
            let dear = cancel(model, market, vintage, (unused / held, fee_share));
            forget(demand, &idle, vintage, dear);
        }
    }
}

/// Share of a population's contracts that it does not need.
fn idle_share(demand: &Demand, id: PopulationId) -> f64 {
    let committed = demand.committed_h100e_h[id];
    let spare = committed - demand.wanted_h100e_h[id];
    if committed > 0.0 && spare > 0.0 {
        spare / committed
    } else {
        0.0
    }
}

/// Takes the hours that are left out of the pools' books and notes the fees; returns the share
/// of needed hours that is left for a cheaper contract.
fn cancel(
    model: &Model,
    market: &mut Market,
    vintage: Vintage,
    (unused, fee_share): (f64, f64),
) -> f64 {
    let (mut all, mut dear) = (0.0, 0.0);
    for (index, pool) in model.market.pools.iter().enumerate() {
        let at = index * TERM_WEEKS + vintage.slot;
        let (hours, usd) = (market.expiring_h[at], market.expiring_usd[at]);
        if hours <= 0.0 {
            continue;
        }
        let anew = hours * market.price_usd_per_h[pool.reserved];
        let is_dear = anew + fee_share * usd < usd;
        let h100e = hours * model.market.h100e(pool.reserved);
        all += h100e;
        let mut part = unused;
        if is_dear {
            dear += h100e;
            part = 1.0;
        }
        part *= LOOK_SHARE;
        market.expiring_h[at] -= hours * part;
        market.expiring_usd[at] -= usd * part;
        market.committed_h[pool.reserved] -= hours * part;
        market.committed_usd[pool.reserved] -= usd * part;
        market.break_fees_usd[index] += fee_share * usd * part * vintage.weeks_left;
    }
    if all > 0.0 { dear / all } else { 0.0 }
}

/// Takes the same hours out of the buyers' books; those that are needed are sought anew.
fn forget(demand: &mut Demand, idle: &[f64], vintage: Vintage, dear: f64) {
    for (population, idle) in idle.iter().enumerate() {
        let id = PopulationId::new(population);
        let at = population * TERM_WEEKS + vintage.slot;
        let own = demand.expiring_h100e_h[at] * LOOK_SHARE;
        let sought = own * (1.0 - idle) * dear;
        let left = own * idle + sought;
        demand.expiring_h100e_h[at] -= left;
        demand.committed_h100e_h[id] -= left;
        demand.contestable_h100e_h[id] += sought;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Fair;
    use super::*;

    /// H100e-hours under contract in the books of buyers and of sellers, and the week's fees.
    fn books(fair: &Fair) -> (f64, f64, f64) {
        let buyers = fair.demand.committed_h100e_h.values().iter().sum();
        let pools = fair.model.market.pools.iter();
        let sellers = pools.map(|pool| {
            fair.market.committed_h[pool.reserved] * fair.model.market.h100e(pool.reserved)
        });
        let fees = fair.market.break_fees_usd.iter().sum();
        (buyers, sellers.sum(), fees)
    }

    fn left(fee_share: f64, wanted: f64, price: f64) -> (Fair, (f64, f64, f64)) {
        let mut fair = Fair::open(&[]);
        fair.model.market.rules.break_fee_share = fee_share;
        for id in fair.model.demand.populations.ids() {
            fair.demand.wanted_h100e_h[id] = wanted * fair.demand.committed_h100e_h[id];
        }
        for pool in &fair.model.market.pools {
            let (hours, usd) = (
                fair.market.committed_h[pool.reserved],
                fair.market.committed_usd[pool.reserved],
            );
            if hours > 0.0 {
                fair.market.price_usd_per_h[pool.reserved] = price * usd / hours;
            }
        }
        let before = books(&fair);
        leave(&fair.model, 3, &mut fair.demand, &mut fair.market);
        (fair, before)
    }

    #[test]
    fn nobody_leaves_a_contract_that_is_take_or_pay_or_needed_and_cheap() {
        for (fee_share, wanted, price) in [(1.0, 0.5, 0.1), (0.3, 1.5, 0.95)] {
            let (fair, before) = left(fee_share, wanted, price);
            assert_eq!(books(&fair), (before.0, before.1, 0.0));
        }
    }

    #[test]
    fn hours_that_are_not_needed_are_left_for_the_fee() {
        let (fair, before) = left(0.2, 0.6, 1.0);
        let (buyers, sellers, fees) = books(&fair);
        let gone = 1.0 - buyers / before.0;
        // Two fifths are idle, a thirteenth looks; those that end this week are let run out.
        let expected = 0.4 * LOOK_SHARE;
        assert!(gone > 0.95 * expected && gone <= expected, "{gone}");
        let theirs = 1.0 - sellers / before.1;
        assert!(
            (theirs / gone - 1.0).abs() < 0.02,
            "{theirs} against {gone}"
        );
        assert!(fees > 0.0);
        let (dearer, _) = left(0.4, 0.6, 1.0);
        assert!(
            (books(&dearer).2 / fees - 2.0).abs() < 1e-9,
            "twice the fee"
        );
    }

    #[test]
    fn a_contract_is_left_where_a_new_one_and_the_fee_are_cheaper() {
        let (fair, before) = left(0.2, 1.5, 0.5);
        let (buyers, _, fees) = books(&fair);
        assert!(buyers < before.0 && fees > 0.0);
        let contestable: f64 = fair.demand.contestable_h100e_h.values().iter().sum();
        let calm: f64 = left(1.0, 1.5, 0.5)
            .0
            .demand
            .contestable_h100e_h
            .values()
            .iter()
            .sum();
        let sought = contestable - calm;
        assert!(
            (sought / (before.0 - buyers) - 1.0).abs() < 1e-9,
            "they look anew"
        );
        let (kept, before) = left(0.7, 1.5, 0.5);
        assert_eq!(books(&kept).0, before.0, "the fee eats the gain");
    }

    #[test]
    fn the_fee_reaches_the_seller() {
        use super::super::settle::sales;
        use crate::market::world::World;
        let fair = Fair::open(&[]);
        let mut world = World::open(&fair.model);
        world.market.revenue_usd.values_mut().fill(0.0);
        world.market.break_fees_usd[0] = 1_000.0;
        let paid = world.market.meters.paid_micro_usd;
        sales(&fair.model, &mut world);
        assert_eq!(world.market.meters.paid_micro_usd - paid, 1_000_000_000);
        let operator = fair.model.market.pools[0].operator;
        assert_eq!(
            world.market.operator_sales_micro_usd[operator],
            1_000_000_000
        );
    }
}
