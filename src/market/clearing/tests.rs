//! Signs and limits of a week of trade, on the shipped facts.

use super::super::demand::{Demand, TERM_WEEKS};
use super::super::ids::{Id, OfferId, OperatorId, PopulationId, Table};
use super::super::model::Model;
use super::super::world::World;
use super::opening;
use super::state::Market;
use super::week::{ClearingScratch, trade};
use crate::kernels::random::Luck;
use crate::scenario::load::load;
use crate::scenario::types::Tier;
use std::path::Path;

fn model(sets: &[&str]) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml");
    let small = ["providers.rows=2000", "demand.nodes=8"];
    let sets: Vec<String> = small.iter().chain(sets).map(ToString::to_string).collect();
    let loaded = load(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    Model::compile(
        &loaded.scenario(None),
        Luck {
            seed: 1,
            draw: 0,
            luck: 0,
        },
    )
}

pub(super) struct Fair {
    pub model: Model,
    pub demand: Demand,
    pub market: Market,
    pub buffers: ClearingScratch,
}

impl Fair {
    pub fn open(sets: &[&str]) -> Self {
        let model = model(sets);
        let World {
            market,
            demand,
            operators,
            ..
        } = World::open(&model);
        let mut buffers = ClearingScratch::default();
        for pool in &model.market.pools {
            buffers.room.pool_h.push(market.standing_h[pool.reserved]);
            let cost = operators.unit_cost_usd_per_h(pool.operator, pool.area, pool.class);
            buffers.floor_usd_per_h.push(cost);
        }
        Self {
            model,
            demand,
            market,
            buffers,
        }
    }

    pub fn week(&mut self, number: u32) {
        let Self {
            model,
            demand,
            market,
            buffers,
            ..
        } = self;
        let calm = Table::filled(model.demand.segments.len(), 1.0);
        demand.advance(model, number, &calm, market);
        market.expire_contracts(&model.market.pools, number);
        trade(model, number, demand, market, buffers);
        for (id, offer) in model.market.offers.iter() {
            let (sold, capacity) = (market.sold_h[id], market.capacity_h[id]);
            assert!(
                sold <= capacity * (1.0 + 1e-9) + 1e-6,
                "{}: {sold} of {capacity}",
                offer.name
            );
            let price = market.price_usd_per_h[id];
            assert!(price > 0.0 && price.is_finite(), "{}: {price}", offer.name);
        }
        for (index, pool) in model.market.pools.iter().enumerate() {
            let sold: f64 = [pool.on_demand, pool.reserved, pool.spot]
                .iter()
                .map(|offer| market.sold_h[*offer])
                .sum();
            assert!(sold <= buffers.room.pool_h[index] * (1.0 + 1e-12));
        }
    }

    fn find(&self, name: &str) -> OfferId {
        let found = self
            .model
            .market
            .offers
            .iter()
            .find(|(_, offer)| offer.name == name);
        found.unwrap_or_else(|| panic!("no offer {name}")).0
    }

    fn pool_of(&self, offer: OfferId) -> &super::Pool {
        let pool = self.model.market.offers[offer].pool.expect("an operator's");
        &self.model.market.pools[pool]
    }

    pub fn mean(&self, tier: Tier, value: impl Fn(&Market, OfferId) -> f64) -> f64 {
        let ids: Vec<OfferId> = (self.model.market.offers.iter())
            .filter(|(id, offer)| offer.tier == tier && self.market.standing_h[*id] > 0.0)
            .map(|(id, _)| id)
            .collect();
        ids.iter().map(|id| value(&self.market, *id)).sum::<f64>() / ids.len() as f64
    }
}

#[test]
fn the_first_week_sells_the_shares_it_was_calibrated_to() {
    let mut fair = Fair::open(&["pricing.provider_speed_per_week=0"]);
    let error = fair.market.calibration_error;
    assert!(error < 1e-8, "error {error}");
    let targets = opening::targets(&fair.model, &fair.market);
    let mut contracts: Vec<f64> = fair.market.committed_h.values().to_vec();
    for (index, pool) in fair.model.market.pools.iter().enumerate() {
        contracts[pool.reserved.index()] -= fair.market.expiring_h[index * TERM_WEEKS];
    }
    let Fair { model, market, .. } = &mut fair;
    let on_menu = |id: OfferId| market.menu_offer.contains(&u32::from(id.0));
    let pooled: Vec<OfferId> = (model.market.offers.iter())
        .filter(|(id, offer)| offer.pool.is_some() && offer.tier != Tier::Spot && on_menu(*id))
        .map(|(id, _)| id)
        .collect();
    fair.week(0);
    let market = &fair.market;
    let sold = |id: OfferId| {
        let running = if fair.model.market.offers[id].tier == Tier::Reserved {
            contracts[id.index()]
        } else {
            0.0
        };
        market.sold_h[id] - running
    };
    let all: f64 = pooled.iter().map(|id| sold(*id)).sum();
    let wanted: f64 = pooled.iter().map(|id| targets[*id]).sum();
    for id in pooled {
        if targets[id] > 0.0 {
            let ratio = sold(id) / all / (targets[id] / wanted);
            let name = &fair.model.market.offers[id].name;
            // The fit is exact; small offers are bounded after it, and what they lose goes to
            // the others, not quite in proportion.
            assert!((ratio - 1.0).abs() < 1e-3, "{name}: {ratio}");
        }
    }
}

#[test]
fn a_dearer_offer_sells_less() {
    let sold = |factor: f64| {
        let mut fair = Fair::open(&[]);
        let offer = fair.find("amazon/hopper/on_demand/us");
        fair.market.price_usd_per_h[offer] *= factor;
        fair.week(0);
        fair.market.sold_h[offer]
    };
    let (cheap, dear) = (sold(1.0), sold(1.2));
    assert!(dear < 0.9 * cheap, "{dear} against {cheap}");
}

#[test]
fn less_capacity_raises_contract_prices_spot_use_and_waits() {
    let run = |factor: f64| {
        let mut fair = Fair::open(&[]);
        for hours in &mut fair.buffers.room.pool_h {
            *hours *= factor;
        }
        (0..26).for_each(|week| fair.week(week));
        let price = fair.mean(Tier::Reserved, |market, id| market.price_usd_per_h[id]);
        let spot = fair.mean(Tier::Spot, |market, id| market.price_usd_per_h[id]);
        let places = fair.mean(Tier::Marketplace, |market, id| market.price_usd_per_h[id]);
        let wait = fair.mean(Tier::OnDemand, |market, id| market.wait_h[id]);
        (price, spot, places, wait)
    };
    let (full, less) = (run(1.0), run(0.7));
    assert!(
        less.0 > full.0 && less.1 > full.1,
        "{less:?} against {full:?}"
    );
    assert!(
        less.2 > full.2 && less.3 > full.3,
        "{less:?} against {full:?}"
    );
}

#[test]
fn an_outage_at_the_largest_sends_buyers_to_rivals() {
    let run = |up: f64| {
        let mut fair = Fair::open(&[]);
        let full = fair.buffers.room.pool_h.clone();
        let amazon = fair.model.names.operators.id::<OperatorId>("amazon");
        for week in 0..8 {
            for (index, pool) in fair.model.market.pools.iter().enumerate() {
                let own = if pool.operator == amazon { up } else { 1.0 };
                fair.buffers.room.pool_h[index] = full[index] * own;
            }
            fair.week(week);
        }
        let rivals = |value: &dyn Fn(OfferId) -> f64| -> f64 {
            let spots = fair
                .model
                .market
                .pools
                .iter()
                .filter(|pool| pool.operator != amazon);
            spots.map(|pool| value(pool.spot)).sum()
        };
        let size = |offer| fair.market.standing_h[fair.pool_of(offer).reserved];
        rivals(&|offer| size(offer) * fair.market.price_usd_per_h[offer])
    };
    // Marketplaces need their providers to answer: tests/market_signs.rs looks at them.
    let (calm, out) = (run(1.0), run(0.3));
    assert!(out > calm, "{out} against {calm}");
}

#[test]
fn nobody_sells_nothing_and_nothing_breaks() {
    let mut fair = Fair::open(&[]);
    fair.buffers.room.pool_h.fill(0.0);
    for curve in fair.market.supply.values_mut() {
        *curve = Default::default();
    }
    (0..60).for_each(|week| fair.week(week));
    assert_eq!(fair.market.sold_h.values().iter().sum::<f64>(), 0.0);
    assert!(fair.market.planning_price_usd_per_h > 0.0);
    let mut empty = Fair::open(&["demand.nodes=1"]);
    empty.model.demand.populations = Table::default();
    empty.week(0);
    assert!(empty.market.surplus_usd_per_week == 0.0);
}

#[test]
fn halving_a_pool_leaves_its_sales_alone() {
    // With size taste 1 an offer's odds follow its size: sizes enter as shares of all capacity.
    let fair = Fair::open(&[]);
    let mut sizes = vec![0.0; fair.model.market.offers.len()];
    super::menus::sizes(&fair.model, &fair.market, &mut sizes);
    let rho = fair.model.demand.choice.nest_correlation_share;
    let id = fair.find("amazon/hopper/on_demand/us");
    let mut half = Fair::open(&[]);
    for pool in &half.model.market.pools {
        for offer in [pool.on_demand, pool.reserved, pool.spot] {
            half.market.standing_h[offer] *= 0.5;
        }
    }
    for &offer in &half.model.market.provider_offers {
        half.market.standing_h[offer] *= 0.5;
    }
    let mut halved = vec![0.0; sizes.len()];
    super::menus::sizes(&half.model, &half.market, &mut halved);
    assert!(
        (sizes[id.index()] - halved[id.index()]).abs() < 1e-12,
        "only relative size counts"
    );
    let other = fair.find("amazon/ampere/on_demand/us");
    let size = |id: OfferId| fair.market.standing_h[id] * fair.model.market.h100e(id);
    let seen = |id: OfferId| -> f64 {
        let own = |(at, offer): (usize, &u32)| {
            let sees = *offer == u32::from(id.0);
            let population = PopulationId::new(at / super::choice::MENU);
            let jobs = crate::kernels::math::exp(fair.market.menu_fit[at]);
            let work = fair.model.demand.populations[population].opening_h100e_h;
            f64::from(u8::from(sees)) * jobs * work
        };
        fair.market.menu_offer.iter().enumerate().map(own).sum()
    };
    let ratio = size(id) / size(other) * seen(other) / seen(id);
    let odds = crate::kernels::math::exp((sizes[id.index()] - sizes[other.index()]) / (1.0 - rho));
    assert!(
        (odds / ratio - 1.0).abs() < 1e-9,
        "odds {odds} follow size {ratio}"
    );
}

#[test]
fn the_openings_lists_are_best_responses_and_a_file_says_the_same() {
    use super::desk::Desk;
    use crate::market::equilibrium::{Conduct, case, solve};
    let mut fair = Fair::open(&["pricing.forecast=adaptive"]);
    let Fair {
        model,
        demand,
        market,
        ..
    } = &mut fair;
    let response = Desk::respond(model, demand, market).expect("lists at the opening");
    let mut pools = 0;
    for (index, pool) in model.market.pools.iter().enumerate() {
        let Some(premium) = response.premium[pool.operator.index()] else {
            continue;
        };
        if market.standing_h[pool.on_demand] > 0.0 {
            let list = market.list_premium[index];
            assert!(
                (premium / list - 1.0).abs() < 1e-6,
                "{premium} against {list}"
            );
            pools += 1;
        }
    }
    assert!(pools > 10, "{pools} pools");
    let compiled = case::compile(&response.lists.case(model));
    assert_eq!(compiled.market, response.lists.market);
    let again = solve(&compiled.market, Conduct::Nash, compiled.rule);
    assert_eq!(again, response.solution);
}

/// Amazon's best response after a change to the opening.
fn amazons_list(change: &dyn Fn(&mut Fair)) -> f64 {
    let mut fair = Fair::open(&["pricing.forecast=static"]);
    for (id, offer) in fair.model.market.offers.iter() {
        let part = if offer.tier == Tier::OnDemand {
            0.12
        } else {
            0.0
        };
        fair.market.sold_h[id] = part * fair.market.standing_h[id];
    }
    change(&mut fair);
    let Fair {
        model,
        demand,
        market,
        ..
    } = &mut fair;
    let response = super::desk::Desk::respond(model, demand, market).expect("lists");
    let name = |at: &usize| model.names.operators.name(OperatorId::new(*at));
    let product = (response.lists.sellers.iter()).position(|at| name(at) == "amazon");
    response.solution.price_usd_per_h[product.expect("amazon sells")]
}

#[test]
fn dearer_contracts_and_larger_sales_raise_the_best_response() {
    let calm = amazons_list(&|_| {});
    let dear = amazons_list(&|fair| {
        for pool in &fair.model.market.pools {
            fair.market.price_usd_per_h[pool.reserved] *= 1.2;
        }
    });
    assert!(
        dear > 1.1 * calm,
        "{dear} after dearer contracts, {calm} before"
    );
    let large = amazons_list(&|fair| {
        for (id, offer) in fair.model.market.offers.iter() {
            if offer.name.starts_with("amazon/") {
                fair.market.sold_h[id] *= 2.0;
            }
        }
    });
    assert!(large > calm, "{large} with twice the sales, {calm} before");
}

#[test]
fn an_auction_of_idle_hours_clears_every_week_and_steps_do_not() {
    let moves = |rule: &str| {
        let mut fair = Fair::open(&[rule]);
        let (mut moved, mut all) = (0, 0);
        for week in 0..12 {
            let before = fair.market.price_usd_per_h.clone();
            fair.week(week);
            for pool in &fair.model.market.pools {
                if fair.market.standing_h[pool.reserved] > 0.0 {
                    all += 1;
                    let (now, then) = (fair.market.price_usd_per_h[pool.spot], before[pool.spot]);
                    moved += usize::from((now / then - 1.0).abs() > 0.005);
                }
            }
        }
        moved as f64 / f64::from(all)
    };
    let (steps, auction) = (
        moves("pricing.spot=administered"),
        moves("pricing.spot=auction"),
    );
    assert!(
        steps < 0.35 && auction > steps,
        "{steps} with steps, {auction} with an auction"
    );
}

#[test]
fn rationing_decides_who_is_served_when_capacity_is_short() {
    let filled = |rule: &str| {
        let mut fair = Fair::open(&[rule]);
        for hours in &mut fair.buffers.room.pool_h {
            *hours *= 0.75;
        }
        fair.week(0);
        let sold = |tier: Tier| -> f64 {
            let offers = fair.model.market.offers.iter();
            let own = offers.filter(|(_, offer)| offer.tier == tier);
            own.map(|(id, _)| fair.market.sold_h[id] * fair.model.market.h100e(id))
                .sum()
        };
        (sold(Tier::OnDemand), sold(Tier::Spot))
    };
    let first = filled("pricing.rationing=reserved_first");
    let alike = filled("pricing.rationing=proportional");
    let efficient = filled("pricing.rationing=efficient");
    assert!(
        alike.1 > first.1,
        "spot gets more of an equal share: {alike:?}, {first:?}"
    );
    assert!(
        efficient.0 >= alike.0,
        "the list pays most: {efficient:?}, {alike:?}"
    );
    assert!(first != efficient || first != alike);
}
