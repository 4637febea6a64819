//! Owners in two networks at once: where the rules allow it, what it does to both, and that no
//! hour is sold twice. Pairs of runs have the same luck.

mod small;

use small::{Run, scenario};
use wattflop::market::model::WEEK_H;
use wattflop::market::networks::NetworkWeek;
use wattflop::market::providers::Venue;

/// Many would list idle hours elsewhere, so that a small world has some who do.
const MANY: &str = "providers.behaviour.second_seat_share=0.3";
/// Rows small enough that a few of them are a few owners.
const ROWS: &str = "providers.rows=20000";
const POORER: &str = "networks.ionet.emission.exponential_decay.first_hour_tokens=1500";
const RICHER: &str = "networks.ionet.emission.exponential_decay.first_hour_tokens=13700";

fn run(sets: &[&str], weeks: u32) -> Run {
    let mut run = Run::open(
        &scenario("baseline.yaml", None, &[&[ROWS], sets].concat()),
        0,
    );
    for _ in 0..weeks {
        run.step().unwrap_or_else(|fault| panic!("{fault}"));
    }
    run
}

fn week(run: &Run, name: &str) -> NetworkWeek {
    let id = run.model.names.networks.id(name);
    run.world.networks.networks[id].week
}

/// Devices online first of all in a network.
fn first_devices(run: &Run, name: &str) -> f64 {
    week(run, name).online_devices - week(run, name).second_devices
}

/// Hours on offer in all venues together, and hours that online devices deliver.
fn hours(run: &Run) -> (f64, f64) {
    let (mut offered, mut delivered) = (0.0, 0.0);
    for (cell, place) in run.model.providers.cells.iter() {
        let kind = &run.model.providers.hardware[place.hardware];
        for slot in 0..place.venues.len() {
            offered += run.world.providers.offered_h[cell][slot];
        }
        for row in place.rows.clone() {
            let online = run.world.providers.mode[row] & 0x7f > 2;
            let device = f64::from(run.world.providers.count[row])
                * f64::from(run.world.providers.reliability[row]);
            delivered += f64::from(u8::from(online)) * device * WEEK_H * kind.reference_per_device;
        }
    }
    (offered, delivered)
}

#[test]
fn some_owners_serve_two_networks_and_no_hour_is_on_offer_twice() {
    let mut run = run(&[MANY], 0);
    let mut seen = 0.0;
    for _ in 0..30 {
        // The books reconcile inside: stakes of second seats are counted from rows.
        run.step().unwrap_or_else(|fault| panic!("{fault}"));
        seen += week(&run, "ionet").second_devices;
        let (offered, delivered) = hours(&run);
        assert!(
            offered <= delivered * (1.0 + 1e-6),
            "{offered} of {delivered}"
        );
    }
    assert!(seen > 0.0, "nobody sits in two networks");
    let staked = &run.world.providers.second_staked_quanta;
    assert!(
        staked.iter().sum::<f64>() > 0.0,
        "second seats need collateral too"
    );
}

/// Second seats of a run by the network of the first: its own, and all others.
fn seconds_of(run: &Run, first: &str) -> (f64, f64) {
    let id = run.model.names.networks.id(first);
    let (mut own, mut others) = (0.0, 0.0);
    for place in run.model.providers.cells.values() {
        for row in place.rows.clone() {
            let second = run.world.providers.second_seat[row];
            if second == 255 {
                continue;
            }
            let state = usize::from(run.world.providers.mode[row] & 0x7f);
            assert_ne!(state, 3 + usize::from(second), "twice in one network");
            let venue = place.venues[usize::from(second)];
            assert!(matches!(venue, Some(Venue::Network(_))));
            let devices = f64::from(run.world.providers.count[row]);
            if place.venues[state - 3] == Some(Venue::Network(id)) {
                own += devices;
            } else {
                others += devices;
            }
        }
    }
    (own, others)
}

/// Only who is paid for work may list his idle hours elsewhere: io.net pays for being available.
#[test]
fn hours_bought_as_availability_are_not_listed_elsewhere() {
    let (own, others) = seconds_of(&run(&[MANY], 12), "ionet");
    assert!(own == 0.0 && others > 0.0, "{own} {others}");
    let free = run(&[MANY, "networks.ionet.rewards.basis=work"], 12);
    assert!(seconds_of(&free, "ionet").0 > 0.0);
}

/// Mean over the weeks before everything else has answered.
fn soon(sets: &[&str], of: fn(&Run) -> f64) -> f64 {
    let mut run = run(sets, 1);
    let mut sum = 0.0;
    for _ in 0..10 {
        run.step().unwrap_or_else(|fault| panic!("{fault}"));
        sum += of(&run) / 10.0;
    }
    sum
}

#[test]
fn a_richer_network_drains_another_of_owners() {
    let first = |run: &Run| first_devices(run, "render");
    let (before, after) = (soon(&[MANY], first), soon(&[MANY, RICHER], first));
    assert!(after < 0.95 * before, "{before} -> {after}");
}

#[test]
fn a_poorer_network_loses_its_second_seats_and_their_hours_return() {
    let second = |run: &Run| week(run, "ionet").second_devices;
    let (before, after) = (soon(&[MANY], second), soon(&[MANY, POORER], second));
    assert!(after < 0.9 * before, "second seats {before} -> {after}");
    let (before, after) = (soon(&[MANY], lent_share), soon(&[MANY, POORER], lent_share));
    assert!(after < 0.95 * before, "lent hours {before} -> {after}");
    // Where idle hours may not be listed, nobody sits twice.
    let none = [MANY, "providers.behaviour.idle_listed_share=0"];
    assert_eq!((soon(&none, second), soon(&none, lent_share)), (0.0, 0.0));
}

/// Taking a second seat is not free: a wider switch margin keeps more owners out of it.
#[test]
fn a_second_seat_has_a_switching_cost() {
    let second = |run: &Run| week(run, "ionet").second_devices;
    let dear = "providers.behaviour.switch_margin_share=3";
    let (cheap, dear) = (soon(&[MANY], second), soon(&[MANY, dear], second));
    assert!(dear < 0.8 * cheap, "{cheap} -> {dear}");
}

/// Of the hours of all devices online, the part listed elsewhere.
fn lent_share(run: &Run) -> f64 {
    let (mut lent, mut all) = (0.0, 0.0);
    for (cell, _) in run.model.providers.cells.iter() {
        for totals in &run.world.providers.totals[cell].venues {
            lent += totals.lent_devices;
            all += totals.reliable_devices;
        }
    }
    lent / all
}
