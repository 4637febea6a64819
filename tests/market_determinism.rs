//! One seed, one result: of whatever else is asked, of how long, of who else is in the world.

mod small;

use wattflop::market::ids::{CellId, Id};

/// Bits of all weekly outcomes.
fn bits(run: &small::Run) -> Vec<u64> {
    run.scratch
        .recorder
        .weekly
        .values
        .iter()
        .map(|value| value.to_bits())
        .collect()
}

#[test]
fn the_first_weeks_of_a_longer_run_equal_the_shorter_run() {
    let long = small::scenario("baseline.yaml", None, &["horizon.weeks=520"]);
    let short = small::scenario("baseline.yaml", None, &["horizon.weeks=104"]);
    let long = small::run(&long, 3, 520);
    let short = small::run(&short, 3, 104);
    let short = bits(&short);
    assert_eq!(bits(&long)[..short.len()], short[..]);
}

#[test]
fn the_same_draw_twice_is_the_same_run_and_another_draw_is_not() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let first = small::run(&scenario, 1, 20);
    assert_eq!(bits(&first), bits(&small::run(&scenario, 1, 20)));
    assert_ne!(bits(&first), bits(&small::run(&scenario, 2, 20)));
}

#[test]
fn another_network_leaves_everyone_elses_luck() {
    let without = small::scenario("baseline.yaml", None, &[]);
    let with = small::scenario("incentives.yaml", Some("fixed_emission"), &[]);
    same_luck(&without, &with);
}

/// Owners keep their attributes, cell by cell, whatever else the world holds.
fn same_luck(
    first: &wattflop::scenario::types::Scenario,
    second: &wattflop::scenario::types::Scenario,
) {
    let first = small::Run::open(first, 0);
    let second = small::Run::open(second, 0);
    let cells = &second.model.providers.cells;
    let mut compared = 0;
    for (_, cell) in first.model.providers.cells.iter() {
        let twin = (0..cells.len())
            .map(CellId::new)
            .find(|&id| cells[id].name == cell.name);
        let twin = &cells[twin.expect("the cell is still there")];
        let (a, b) = (cell.rows.clone(), twin.rows.clone());
        let len = a.len().min(b.len());
        let mine = &first.world.providers.efficiency[a.start..a.start + len];
        assert_eq!(
            mine,
            &second.world.providers.efficiency[b.start..b.start + len]
        );
        compared += len;
    }
    assert!(compared > 1_000);
}
