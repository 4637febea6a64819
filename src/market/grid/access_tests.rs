//! Signs of the ways to power: deposits, loads that may be cut off, turbines behind the meter,
//! tariffs by the hour, negative offers.

use super::grid_tests::{Alone, compiled, scenario};
use super::*;
use crate::market::ids::OperatorId;
use crate::scenario::types::{PlantKind, Scenario, TimeOfUse};

const PLACE: &str = "us_texas";

fn with(change: impl Fn(&mut Scenario)) -> Alone {
    let mut scenario = scenario();
    change(&mut scenario);
    Alone::open(compiled(&scenario))
}

/// Texas with the deposit, and with a known share of requests that give up in a year.
fn deposit_world(usd_per_mw: f64, withdrawal: Option<f64>) -> (Model, World) {
    let mut scenario = scenario();
    if let Some(region) = scenario.regions.get_mut(PLACE) {
        region.connection_deposit_usd_per_mw = Some(usd_per_mw);
        region.queue_withdrawal_share_per_year = withdrawal;
    }
    let model = compiled(&scenario);
    let world = World::open(&model);
    (model, world)
}

fn queue_ask(mw: f64) -> Ask {
    Ask {
        way: Way::Queue,
        mw,
        wait_weeks: 0,
    }
}

/// What a firm has paid after some weeks of waiting for 100 MW, and when it was due.
fn wait(usd_per_mw: f64, withdrawal: Option<f64>, weeks: u32) -> (i128, u32, f64) {
    let (model, mut world) = deposit_world(usd_per_mw, withdrawal);
    let id = model.names.regions.id(PLACE);
    let firm = OperatorId::new(0);
    world.grid.requests = Requests::default();
    let before = world.operators.cash_micro_usd[firm];
    let week = |number| Week {
        number,
        model: &model,
    };
    world.grid.request(&week(0), (id, firm), &queue_ask(100.0));
    let due = world.grid.requests.due_week[0];
    for number in 1..=weeks {
        connection::energise(&week(number), &mut world);
    }
    let left: f64 = world.grid.requests.mw.iter().sum();
    let escrow: i128 = world.grid.requests.deposit_micro_usd.iter().sum();
    let balance = world
        .books
        .balance(model.grid.regions[id].accounts.deposits);
    assert_eq!(balance, escrow, "the books hold what requests put down");
    (before - world.operators.cash_micro_usd[firm], due, left)
}

#[test]
fn a_deposit_is_held_then_returned_and_shortens_studies() {
    let (paid, due, left) = wait(50_000.0, None, 5);
    assert_eq!((paid, left), (5_000_000_000_000, 100.0));
    let (paid, _, left) = wait(50_000.0, None, due + 2);
    assert_eq!((paid, left), (0, 0.0), "returned with the connection");
    let (paid, slow, _) = wait(0.0, None, 5);
    assert!(paid == 0 && slow > due + 5, "{slow} {due}");
}

#[test]
fn who_gives_up_loses_the_deposit_and_dearer_requests_give_up_less() {
    let weeks = 30;
    let (paid, _, left) = wait(50_000.0, Some(0.5), weeks);
    assert!(left < 90.0 && paid == 5_000_000_000_000, "{left} {paid}");
    let (_, due, cheap) = wait(1_000.0, Some(0.5), weeks);
    assert!(cheap < left - 1.0, "{cheap} {left}");
    // When it is connected the rest comes back: what is lost is what gave up.
    let (lost, _, _) = wait(1_000.0, Some(0.5), due + 2);
    assert!(lost > 10_000_000_000 && lost < 90_000_000_000, "{lost}");
}

#[test]
fn loads_that_may_be_cut_off_are_connected_sooner_as_long_as_there_is_room() {
    let asks = |share: f64, load: f64, margin: f64| {
        let mut alone = with(|scenario| {
            if let Some(region) = scenario.regions.get_mut(PLACE) {
                region.own_power = None;
                region.load_twh_per_year *= load;
                if let Some(rule) = &mut region.flexible_connection {
                    rule.load_share = share;
                }
            }
        });
        alone.run(0..2, |_| {});
        let id = alone.id(PLACE);
        alone.grid.regions[id].reserve_margin_share = margin;
        let ways = alone.grid.ways(&alone.model, id, 100.0, (104, 1_000.0));
        assert_eq!(ways.iter().map(|ask| ask.mw).sum::<f64>(), 100.0);
        let room = headroom::room_mw(&alone.model.grid.regions[id], &alone.grid.regions[id]);
        (ways, room)
    };
    let (ways, room) = asks(0.3, 1.0, 0.0);
    assert_eq!((ways[0].way, ways[0].mw), (Way::Flexible, 30.0));
    assert!(ways[0].wait_weeks < 104 && ways[1].way == Way::Queue);
    let (none, _) = asks(0.0, 1.0, 0.0);
    assert_eq!((none.len(), none[0].way), (1, Way::Queue));
    let (ample, _) = asks(0.3, 1.0, 0.3);
    assert_eq!(ample[0].way, Way::Queue, "firm load takes all connections");
    let (_, less) = asks(0.3, 1.05, 0.0);
    assert!(less < room, "more load leaves less room: {less} {room}");
    let (_, nothing) = asks(0.3, 1.6, 0.0);
    assert!(nothing < 0.05 * room, "{nothing} {room}");
}

/// Flexible load needs no reserve of its own; the same load connected firmly does.
#[test]
fn reserves_are_not_kept_for_who_may_be_cut_off() {
    let margin = |way: Way, reserve: f64| {
        let mut alone = with(|_| {});
        let id = alone.id(PLACE);
        let ask = Ask {
            way,
            mw: 500.0,
            wait_weeks: 0,
        };
        let model = alone.model.clone();
        let week = Week {
            number: 0,
            model: &model,
        };
        alone.run(0..1, |_| {});
        alone.grid.request(&week, (id, OperatorId::new(0)), &ask);
        alone.grid.requests.due_week[0] = 0;
        let open = &alone.conditions.connection_open;
        let mut got = 0.0;
        alone.grid.regions[id].reserve_margin_share = reserve;
        for _ in 0..20 {
            alone.grid.connect(&week, open, |_, _, mw| got += mw);
        }
        assert_eq!(got, 500.0);
        alone.loads[id.index()].operator_it_mw += 300.0;
        alone.run(1..2, |_| {});
        alone.grid.regions[id].reserve_margin_share
    };
    assert!(margin(Way::Flexible, 0.0) > margin(Way::Queue, 0.0) + 0.003);
    // Ample reserves leave no connections over: its turn comes with the others'.
    assert!(margin(Way::Flexible, 0.5) > margin(Way::Queue, 0.5) + 0.003);
}

/// A region's first weeks with turbines behind the meter of a capacity, at a gas price.
fn turbines(capacity_mw: f64, gas: f64) -> (RegionState, f64) {
    let mut alone = with(|scenario| {
        let region = scenario.regions.get_mut("us_southeast");
        if let Some(own) = region.and_then(|region| region.own_power.as_mut()) {
            own.capacity_mw = capacity_mw;
        }
    });
    let id = alone.id("us_southeast");
    alone.conditions.fuel_price_factor[id] = gas;
    alone.run(0..4, |_| {});
    let state = alone.grid.regions[id].clone();
    let own = alone.model.grid.regions[id].own_power.as_ref();
    let co2 = own.map_or(0.0, |own| own.co2_t_per_mwh(&alone.model.grid));
    (state, co2)
}

#[test]
fn turbines_behind_the_meter_leave_the_grid_and_answer_for_their_carbon() {
    let ((none, _), (some, rate)) = (turbines(0.0, 1.0), turbines(1_000.0, 1.0));
    let mwh = some.own_power_mwh;
    assert!((mwh - 168_000.0).abs() < 1.0, "{mwh}");
    assert!(some.load_peak_mw < none.load_peak_mw - 990.0);
    assert!((some.load_mw - none.load_mw).abs() < 1.0, "all load counts");
    assert!((some.data_centre_mw - none.data_centre_mw).abs() < 1e-6);
    assert!(some.reserve_margin_share > none.reserve_margin_share);
    // 10.349 million British thermal units of gas at 0.0531 t each.
    assert!((rate - 0.5495).abs() < 1e-3, "{rate}");
    let bought = (some.compute_mwh - mwh) * some.co2_average_t_per_mwh;
    assert!((some.co2_t - bought - mwh * rate).abs() < 1e-6 * some.co2_t);
    assert!(some.co2_t > none.co2_t, "dirtier than the grid here");
}

#[test]
fn own_power_costs_fuel_and_annuity_and_no_wires() {
    let ((some, _), (dear, _)) = (turbines(1_000.0, 1.0), turbines(1_000.0, 2.0));
    let cost = some.own_power_usd_per_mwh;
    // About 10.3 × 3.6 + 5 for fuel and upkeep, and 1.3 × 123 USD a kW and year of turbines.
    assert!((45.0..75.0).contains(&cost), "{cost}");
    assert!(dear.own_power_usd_per_mwh > 1.5 * cost, "twice the gas");
    let (grid_only, _) = turbines(0.0, 1.0);
    let share = some.own_power_share;
    let [grid, mixed] = [&grid_only, &some].map(|state| state.tariff_usd_per_mwh[0]);
    let expected = grid + share * (cost - grid);
    assert!((mixed / expected - 1.0).abs() < 0.03, "{mixed} {expected}");
}

#[test]
fn turbines_are_ordered_where_years_won_are_worth_more_than_they_cost() {
    let mut alone = with(|_| {});
    alone.run(0..2, |_| {});
    let id = alone.id("us_southeast");
    let ways =
        |alone: &Alone, usual, worth| alone.grid.ways(&alone.model, id, 50.0, (usual, worth));
    assert_eq!(ways(&alone, 156, 1_500.0)[0].way, Way::OwnPower);
    assert_eq!(
        ways(&alone, 60, 1_500.0)[0].way,
        Way::Queue,
        "the grid is sooner"
    );
    alone.grid.regions[id].own_power_usd_per_mwh = 400.0;
    assert_eq!(
        ways(&alone, 156, 100.0)[0].way,
        Way::Queue,
        "too dear for it"
    );
    // Makers' book ends.
    let facts = alone.model.grid.regions[id].facts.own_power.clone();
    let book = facts.map_or(0.0, |own| {
        own.limit_mw_per_year * own.lead_time_weeks / 52.18
    });
    let asks = alone.grid.ways(&alone.model, id, 1e5, (156, 1e4));
    assert!((asks[0].mw - book).abs() < 0.01 * book && asks[1].way == Way::Queue);
}

#[test]
fn a_device_at_home_pays_less_by_the_hour_and_dear_evenings_raise_the_bill() {
    let place = "us_california";
    let homes = |rule: Option<TimeOfUse>, evening: f64| {
        let mut alone = with(|scenario| {
            if let Some(region) = scenario.regions.get_mut(place) {
                region.tariffs.time_of_use = rule.clone();
            }
        });
        let id = alone.id(place);
        alone.grid.regions[id].memory.evening_gap_usd_per_mwh += evening;
        alone.run(0..1, |_| {});
        let state = &alone.grid.regions[id];
        let [.., home, device] = state.tariff_usd_per_mwh;
        (home, device, state.residential_bill_usd_per_month)
    };
    let rule = |ratio| {
        Some(TimeOfUse {
            home_share: 1.0,
            peak_price_ratio: ratio,
            peak_use_share: 0.3,
        })
    };
    let flat = homes(None, 0.0);
    assert_eq!(flat.0, flat.1);
    let timed = homes(rule(2.0), 0.0);
    assert!((timed.0 - flat.0).abs() < 0.1, "as dear for the mean home");
    // Evening Δ = flat × 1 ÷ 1.3, and 0.3 − 5/24 of it saved.
    let saved = flat.0 / 1.3 * (0.3 - 5.0 / 24.0);
    assert!(
        (timed.0 - timed.1 - saved).abs() < 0.02 * saved,
        "{timed:?}"
    );
    let dear = homes(rule(2.0), 50.0);
    assert!(
        dear.2 > timed.2 + 1.0 && dear.1 < dear.0,
        "{dear:?} {timed:?}"
    );
}

/// Wind that is paid to run offers below nothing, and sets the price where it is abundant.
#[test]
fn negative_offers_make_negative_prices() {
    let lowest = |cost: f64| {
        let mut alone = with(|scenario| {
            scenario.corridors.clear();
            if let Some(wind) = scenario.technologies.get_mut("wind") {
                assert!(matches!(wind.kind, PlantKind::Wind(_)));
                wind.variable_cost_usd_per_mwh = cost;
            }
            if let Some(region) = scenario.regions.get_mut("us_midwest") {
                region.trade = None;
                region
                    .plants
                    .retain(|name, _| name == "wind" || name == "gas_cc");
                if let Some(wind) = region.plants.get_mut("wind") {
                    wind.capacity_mw = 300e3;
                }
            }
        });
        let id = alone.id("us_midwest");
        let mut lowest = f64::INFINITY;
        alone.run(0..8, |grid| {
            for price in &grid.regions[id].hourly_usd_per_mwh {
                lowest = if *price < lowest { *price } else { lowest };
            }
        });
        lowest
    };
    assert!((lowest(-26.0) + 26.0).abs() < 1e-9, "{}", lowest(-26.0));
    assert!(lowest(1.0) >= 0.0);
}

#[test]
fn operators_plan_with_the_shorter_study() {
    let weeks = |deposit: f64| {
        let mut scenario = scenario();
        if let Some(region) = scenario.regions.get_mut(PLACE) {
            region.connection_deposit_usd_per_mw = Some(deposit);
        }
        let model = compiled(&scenario);
        let id = model.names.regions.id(PLACE);
        model.operators.ground[id].connection_delay_weeks
    };
    assert!(weeks(100_000.0) < weeks(0.0) - 10.0);
}
