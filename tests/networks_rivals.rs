//! Every kind of network has a central rival, and his price moves what the network sells. Storage,
//! traffic and data have a rival each (tests/services.rs); pools of accelerators stand against
//! operators, edge devices against operators' inference in their region. Pairs have one luck.

mod small;

use small::{Run, scenario};
use wattflop::market::networks::NetworkWeek;
use wattflop::market::seal::Seal;

/// What operators ask in the dearer world ÷ what they ask in the other.
const DEARER: f64 = 1.25;
const WEEKS: u32 = 16;

fn week(run: &Run, name: &str) -> NetworkWeek {
    let id = run.model.names.networks.id(name);
    run.world.networks.networks[id].week
}

fn step(run: &mut Run) {
    run.step().unwrap_or_else(|fault| panic!("{fault}"));
}

/// Gives operators in one world their prices in another, raised; the seal would see it.
fn raise(run: &mut Run, usual: &Run) {
    for (id, offer) in usual.model.market.offers.iter() {
        if offer.pool.is_some() {
            let price = usual.world.market.price_usd_per_h[id];
            run.world.market.price_usd_per_h[id] = DEARER * price;
        }
    }
    run.scratch.seal = Seal::default();
}

#[test]
fn operators_who_ask_more_send_buyers_to_pools_and_edge_devices() {
    let scenario = scenario(
        "baseline.yaml",
        None,
        &["providers.rows=20000", "demand.nodes=28"],
    );
    for (kind, networks) in [
        ("gpu pools", &["render", "ionet", "akash"][..]),
        ("edge", &["edge"][..]),
    ] {
        let (mut usual, mut dear) = (Run::open(&scenario, 0), Run::open(&scenario, 0));
        let (mut few, mut many) = (0.0, 0.0);
        for _ in 0..WEEKS {
            raise(&mut dear, &usual);
            step(&mut usual);
            step(&mut dear);
            let sold = |run: &Run| -> f64 {
                let of = |name: &&str| {
                    let week = week(run, name);
                    week.sold_device_h - week.self_paid_device_h
                };
                networks.iter().map(of).sum()
            };
            few += sold(&usual);
            many += sold(&dear);
        }
        println!("{kind}: hours {few} -> {many}");
        assert!(many > 1.05 * few, "{kind}: hours {few} -> {many}");
    }
}
