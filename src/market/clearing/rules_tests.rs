//! Rules that a scenario chooses between, and the oracle: signs on the shipped facts.

use super::super::demand::Demand;
use super::super::equilibrium::{Conduct, case, solve};
use super::super::ids::PopulationId;
use super::desk::{Desk, RULE};
use super::indices;
use super::oracle::{self, CONDUCTS};
use super::tape;
use super::tests::Fair;
use crate::scenario::types::Tier;

/// Weeks of a fair whose capacity is cut.
fn short(sets: &[&str], weeks: u32) -> Fair {
    let mut fair = Fair::open(sets);
    for hours in &mut fair.buffers.room.pool_h {
        *hours *= 0.7;
    }
    for week in 0..weeks {
        fair.week(week);
    }
    fair
}

fn sales(fair: &Fair) -> (f64, f64) {
    let offers = fair.model.market.offers.iter();
    let pooled = offers.filter(|(_, offer)| offer.pool.is_some());
    pooled.fold((0.0, 0.0), |(usd, hours), (id, _)| {
        let h100e = fair.model.market.h100e(id);
        (
            usd + fair.market.revenue_usd[id],
            hours + fair.market.sold_h[id] * h100e,
        )
    })
}

#[test]
fn an_auction_of_short_pools_costs_more_and_leaves_fewer_waiting() {
    let first = short(&["pricing.rationing=reserved_first"], 1);
    let before = first.market.price_usd_per_h.clone();
    let auction = short(&["pricing.rationing=auction"], 1);
    let (calm, bid) = (sales(&first), sales(&auction));
    assert!(bid.0 / bid.1 > 1.02 * calm.0 / calm.1, "{bid:?}, {calm:?}");
    let waiting = |fair: &Fair| fair.market.indices.waiting_h100e_h;
    let waits = (waiting(&auction), waiting(&first));
    assert!(waits.0 < 0.8 * waits.1, "{waits:?}");
    // The bids of a week are no new list prices.
    for pool in &auction.model.market.pools {
        let list = auction.market.price_usd_per_h[pool.on_demand] / before[pool.on_demand];
        assert!((list - 1.0).abs() < 0.3, "{list}");
    }
}

#[test]
fn a_queue_serves_those_who_have_waited() {
    // One population has waited, the others have just come: the one that a short week serves
    // worst.
    let week = |rule: &str, old: Option<PopulationId>| {
        let mut fair = Fair::open(&[rule]);
        for hours in &mut fair.buffers.room.pool_h {
            *hours *= 0.7;
        }
        if let Some(old) = old {
            fair.demand.backlog_h100e_h[old] = fair.demand.contestable_h100e_h[old];
        }
        fair.week(0);
        fair.demand
    };
    let waits = |demand: &Demand, id: PopulationId| {
        demand.backlog_h100e_h[id] / demand.contestable_h100e_h[id]
    };
    let fresh = week("pricing.rationing=proportional", None);
    let worst =
        |a: &PopulationId, b: &PopulationId| waits(&fresh, *a).total_cmp(&waits(&fresh, *b));
    let ids = fresh
        .backlog_h100e_h
        .ids()
        .filter(|id| fresh.contestable_h100e_h[*id] > 0.0);
    let old = ids.max_by(worst).expect("buyers");
    let served = |rule: &str| waits(&week(rule, Some(old)), old);
    let (queue, alike) = (
        served("pricing.rationing=queue"),
        served("pricing.rationing=proportional"),
    );
    assert!(
        queue < 0.9 * alike,
        "still waiting: {queue} of a queue, {alike} of equal shares"
    );
}

#[test]
fn venues_open_alike_and_part_ways_when_demand_moves() {
    let rules = [
        "marketplaces.prime_intellect.clearing={uniform_auction: {}}",
        "marketplaces.prime_intellect.clearing={reverse_auction: cost_plus}",
        "marketplaces.prime_intellect.clearing={reverse_auction: strategic}",
        "marketplaces.prime_intellect.clearing={posted: {}}",
    ];
    let prices = |rule: &str, factor: f64| {
        let mut fair = Fair::open(&[rule, "pricing.provider_speed_per_week=0.9"]);
        let opening = fair.mean(Tier::Marketplace, |market, id| market.price_usd_per_h[id]);
        for hours in fair.demand.contestable_h100e_h.values_mut() {
            *hours *= factor;
        }
        let Fair {
            model,
            demand,
            market,
            buffers,
        } = &mut fair;
        super::week::trade(model, 0, demand, market, buffers);
        let now = fair.mean(Tier::Marketplace, |market, id| market.price_usd_per_h[id]);
        (opening, now)
    };
    let found: Vec<[(f64, f64); 2]> = rules
        .map(|rule| [prices(rule, 0.5), prices(rule, 2.0)])
        .into();
    for rule in &found {
        assert!((rule[0].0 / found[0][0].0 - 1.0).abs() < 1e-9, "{found:?}");
    }
    let rise = |rule: &[(f64, f64); 2]| rule[1].1 / rule[0].1;
    let [uniform, cost_plus, strategic, posted] = [0, 1, 2, 3].map(|at| rise(&found[at]));
    assert!(uniform > 1.0 && cost_plus > 1.0, "{uniform} {cost_plus}");
    assert!(strategic > cost_plus, "{strategic} {cost_plus}");
    assert!((posted - 1.0).abs() < 0.01, "{posted}");
}

#[test]
fn conducts_stand_in_the_order_of_theory() {
    let fair = Fair::open(&[]);
    let lists = oracle::lists(&fair.model, &fair.demand, &fair.market, 0.05);
    let lists = lists.expect("lists at the opening");
    let gaps = oracle::gaps(&lists).map(|gap| gap.expect("a solution"));
    let [nash, cartel, competitive, planner] = gaps;
    assert!(cartel.profit_usd >= nash.profit_usd && nash.profit_usd > 0.0);
    assert!(cartel.conduct_usd_per_h > nash.conduct_usd_per_h);
    assert!(nash.conduct_usd_per_h > competitive.conduct_usd_per_h);
    assert!(competitive.consumer_surplus_usd > nash.consumer_surplus_usd);
    for other in [nash, cartel, competitive] {
        assert!(
            planner.welfare_usd >= other.welfare_usd * (1.0 - 1e-12),
            "{gaps:?}"
        );
    }
    // Cost factors make the opening's lists best responses (E7).
    assert!(nash.gap_share.abs() < 0.05, "{}", nash.gap_share);
}

#[test]
fn looking_at_the_market_changes_nothing_and_a_file_has_its_bits() {
    let mut fair = Fair::open(&[]);
    for week in 0..14 {
        fair.week(week);
    }
    let desk = fair.market.desk.clone();
    let lists = oracle::lists(&fair.model, &fair.demand, &fair.market, 0.0).expect("lists");
    assert!(desk == fair.market.desk);
    let compiled = case::compile(&lists.case(&fair.model));
    assert_eq!(compiled.market, lists.market);
    for (_, conduct) in CONDUCTS {
        let own = solve(&lists.market, conduct, RULE);
        assert_eq!(own, solve(&compiled.market, conduct, compiled.rule));
    }
    let Fair {
        model,
        demand,
        market,
        ..
    } = &mut fair;
    let response = Desk::respond(model, demand, market).expect("lists");
    let own = solve(&response.lists.market, Conduct::Nash, RULE);
    assert_eq!(own, response.solution);
}

#[test]
fn every_index_is_quoted_per_chip_with_its_dispersion() {
    let mut fair = Fair::open(&[]);
    fair.week(0);
    let read = tape::read(&fair.model, &fair.market);
    let find = |name: &str| {
        let own = read.iter().find(|(entity, _)| tape::name(*entity) == name);
        own.unwrap_or_else(|| panic!("nobody quotes {name}"))
            .1
            .clone()
    };
    for index in tape::NAMES {
        let found = read
            .iter()
            .any(|(entity, _)| tape::name(*entity).starts_with(index));
        assert!(found, "{index}");
    }
    for (_, index) in &read {
        let [low, middle, high] = index.quantiles_usd_per_h;
        assert!(0.0 < low && low <= middle && middle <= high && index.hours > 0.0);
        assert!(index.mean_usd_per_h > 0.0 && index.h100e > 0.0);
    }
    let (list, spot) = (find("hyperscaler_list/hopper"), find("spot/hopper"));
    assert!(list.mean_usd_per_h > spot.mean_usd_per_h);
    assert!(find("marketplace/hopper").mean_usd_per_h < list.mean_usd_per_h);
}

/// A hyperscaler's list far from the mean that leaves the market, or comes back, moves the index no
/// faster than its part of a year's hours goes; a price that moves is seen at once.
#[test]
fn an_index_shows_prices_and_not_who_is_there() {
    let mut fair = Fair::open(&[]);
    let list = |fair: &Fair| fair.market.indices.list;
    let take = |fair: &mut Fair| {
        let names = &fair.model.names;
        let sellers = names.operators.len() + names.marketplaces.len() + names.networks.len();
        let mut sold = vec![0.0; sellers];
        let pool_h = fair.buffers.room.pool_h.clone();
        indices::take(&fair.model, &mut fair.market, &pool_h, &mut sold);
    };
    take(&mut fair);
    let before = list(&fair);
    let lists: Vec<_> = (fair.model.market.offers.iter())
        .filter(|(_, offer)| offer.name.starts_with("alphabet/hopper/on_demand"))
        .map(|(id, _)| id)
        .collect();
    assert!(!lists.is_empty());
    let stood: Vec<f64> = lists.iter().map(|id| fair.market.standing_h[*id]).collect();
    for id in &lists {
        fair.market.standing_h[*id] = 0.0;
    }
    take(&mut fair);
    let gone = list(&fair) / before - 1.0;
    assert!(gone < 0.0 && gone > -0.01, "{gone}");
    for _ in 0..300 {
        take(&mut fair);
    }
    let long = list(&fair) / before - 1.0;
    assert!(long < -0.05, "after years the basket has changed: {long}");
    for (id, hours) in lists.iter().zip(&stood) {
        fair.market.standing_h[*id] = *hours;
    }
    let away = list(&fair);
    take(&mut fair);
    assert!((list(&fair) / away - 1.0).abs() < 0.02);
    let quiet = list(&fair);
    for id in fair.model.market.offers.ids() {
        fair.market.price_usd_per_h[id] *= 0.9;
    }
    take(&mut fair);
    assert!((list(&fair) / quiet - 0.9).abs() < 0.01);
}
