//! Second seats in the sweep: idle hours of one venue listed in another, never twice.

mod rows;

use rows::{Cell, plain};
use wattflop::kernels::Level;
use wattflop::kernels::supply::{NO_SEAT, Terms, Totals, Venue};

/// Work pays in venue 0, of which owners may list half; venue 1 lists idle hours.
fn two_venues() -> Terms {
    let mut terms = plain();
    terms.venues[0].lent_share = 0.5;
    terms.venues[0].lent_before = 0.5;
    terms.venues[1] = Venue {
        open: true,
        pay_usd_per_h: 0.2,
        lists_idle: true,
        credit_quanta_per_device: 100.0,
        sell_share: 0.5,
        stake_quanta_per_device: 7.0,
        ..Venue::default()
    };
    terms
}

fn online_twice(terms: &Terms) -> (Cell, Totals) {
    let mut cell = Cell::idle(32);
    cell.twice = true;
    cell.opportunity.fill(0.01);
    cell.week(Level::chosen(), terms, 0);
    let totals = cell.week(Level::chosen(), terms, 1);
    (cell, totals)
}

#[test]
fn idle_hours_of_one_venue_are_listed_and_paid_in_another() {
    let (mut cell, totals) = online_twice(&two_venues());
    let [first, second, ..] = &totals.venues;
    assert_eq!((first.devices, second.devices), (32.0, 0.0));
    assert_eq!((second.second_devices, second.listed_devices), (32.0, 16.0));
    assert_eq!(
        (first.reliable_devices, second.reliable_devices),
        (16.0, 16.0)
    );
    assert_eq!(
        (second.staked_in_quanta, second.bought_quanta),
        (224.0, 224.0)
    );
    // A week later half a device each is paid, and sold at once.
    let totals = cell.week(Level::chosen(), &two_venues(), 2);
    let second = &totals.venues[1];
    assert_eq!(
        (second.credited_quanta, second.sold_quanta),
        (1600.0, 1600.0)
    );
}

#[test]
fn no_second_seat_where_hours_are_bound_or_pay_too_little() {
    let bound = |terms: &mut Terms| terms.venues[0].lent_share = 0.0;
    let poor = |terms: &mut Terms| terms.venues[1].pay_usd_per_h = -0.1;
    let closed = |terms: &mut Terms| terms.venues[1].lists_idle = false;
    let bother = |terms: &mut Terms| terms.second_cost_factor = 30.0;
    let margin = |terms: &mut Terms| terms.switch_margin_usd_per_h = 0.11;
    for bend in [bound, poor, closed, bother, margin] {
        let mut terms = two_venues();
        bend(&mut terms);
        assert_eq!(online_twice(&terms).1.venues[1].second_devices, 0.0);
        // Whoever sits there already leaves, except for less than the switch margin.
        let (mut cell, _) = online_twice(&two_venues());
        let totals = cell.week(Level::chosen(), &terms, 2);
        let stays = terms.switch_margin_usd_per_h > 0.0;
        assert_eq!(totals.venues[1].second_devices == 32.0, stays);
        let returned = if stays { 0.0 } else { 224.0 };
        assert_eq!(totals.venues[1].unstaked_quanta, returned);
    }
}

#[test]
fn whoever_goes_idle_gives_both_seats_up() {
    let (mut cell, _) = online_twice(&two_venues());
    let mut terms = two_venues();
    terms.venues[0].open = false;
    let totals = cell.week(Level::chosen(), &terms, 2);
    assert_eq!(totals.idle_devices, 32.0);
    assert_eq!(totals.venues[1].unstaked_quanta, 224.0);
    assert!(cell.second.iter().all(|seat| *seat == NO_SEAT));
    assert_eq!(cell.second_staked.iter().sum::<f64>(), 0.0);
}
