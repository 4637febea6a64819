//! Every kind of network has a central rival, and his price moves what the network sells. Storage,
//! traffic and data have a rival each (tests/services.rs); pools of accelerators stand against
//! operators, edge devices against operators' inference in their region. Pairs have one luck.

mod small;

use small::{Run, scenario};
use wattflop::market::networks::NetworkWeek;

/// Operators raise their prices when less of their capacity is sold than they were used to.
const DEARER: &str = "pricing.neutral_utilisation_share=0.7";

fn week(run: &Run, name: &str) -> NetworkWeek {
    let id = run.model.names.networks.id(name);
    run.world.networks.networks[id].week
}

/// Weeks in which contracts move and owners bring hardware before anything is counted.
const BEFORE: usize = 20;
/// Weeks that are counted.
const COUNTED: usize = 26;

/// Mean over half a year of operators' price, and of the hours that networks sold to buyers.
fn half_year(networks: &[&str], sets: &[&str]) -> (f64, f64) {
    let sets: Vec<&str> = [&["providers.rows=20000", "demand.nodes=28"], sets].concat();
    let mut run = Run::open(&scenario("baseline.yaml", None, &sets), 0);
    let (mut price, mut sold) = (0.0, 0.0);
    for number in 0..BEFORE + COUNTED {
        run.step().unwrap_or_else(|fault| panic!("{fault}"));
        if number < BEFORE {
            continue;
        }
        price += run.outcome("h100e_price_usd_per_h")[number] / COUNTED as f64;
        for network in networks {
            let week = week(&run, network);
            sold += (week.sold_device_h - week.self_paid_device_h) / COUNTED as f64;
        }
    }
    (price, sold)
}

#[test]
fn operators_who_ask_more_send_buyers_to_pools_and_edge_devices() {
    for (kind, networks, least) in [
        ("gpu pools", &["render", "ionet", "akash"][..], 1.02),
        ("edge", &["edge"][..], 1.05),
    ] {
        let (before, few) = half_year(networks, &[]);
        let (after, many) = half_year(networks, &[DEARER]);
        println!("{kind}: price {before} -> {after}, hours {few} -> {many}");
        assert!(after > 1.02 * before, "{kind}: price {before} -> {after}");
        assert!(many > least * few, "{kind}: hours {few} -> {many}");
    }
}
