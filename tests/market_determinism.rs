//! One seed, one result: of whatever else is asked, of how long, of who else is in the world.

mod small;

use wattflop::market::ids::{CellId, Id, RegionId};

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

#[test]
fn another_region_leaves_everyone_elses_luck() {
    let without = small::scenario("baseline.yaml", None, &[]);
    let mut with = without.clone();
    let twin = with.regions["germany"].clone();
    // Its name stands first, so that every number behind a name moves.
    with.regions.insert("aland".to_owned(), twin);
    let half = with.providers.region_share["germany"] / 2.0;
    with.providers
        .region_share
        .insert("germany".to_owned(), half);
    with.providers.region_share.insert("aland".to_owned(), half);
    same_luck(&without, &with);
}

/// Chance is keyed by names: owners keep their attributes cell by cell, and every region its
/// weather, whatever else the world holds.
fn same_luck(
    first: &wattflop::scenario::types::Scenario,
    second: &wattflop::scenario::types::Scenario,
) {
    let first = small::run(first, 0, 2);
    let second = small::run(second, 0, 2);
    let cells = &second.model.providers.cells;
    let mut compared = 0;
    for (_, cell) in first.model.providers.cells.iter() {
        let twin = (0..cells.len())
            .map(CellId::new)
            .find(|&id| cells[id].name == cell.name);
        let twin = &cells[twin.expect("the cell is still there")];
        let (a, b) = (cell.rows.clone(), twin.rows.clone());
        let len = a.len().min(b.len());
        let part = |rows: &std::ops::Range<usize>| rows.start..rows.start + len;
        let (mine, yours) = (&first.world.providers, &second.world.providers);
        assert_eq!(mine.efficiency[part(&a)], yours.efficiency[part(&b)]);
        assert_eq!(mine.reliability[part(&a)], yours.reliability[part(&b)]);
        assert_eq!(mine.tariff_ratio[part(&a)], yours.tariff_ratio[part(&b)]);
        compared += len;
    }
    assert!(compared > 1_000);
    for region in first.model.grid.regions.values() {
        let twin = second.model.names.regions.find(&region.name);
        let twin: RegionId = twin.expect("the region is still there");
        let (mine, yours) = (&first.world.grid, &second.world.grid);
        let other = &second.model.grid.regions[twin].fleets;
        let sky = |grid: &wattflop::market::grid::Grid, at: std::ops::Range<usize>| {
            grid.fleets.deviation[at]
                .iter()
                .map(|z| z.to_bits())
                .collect::<Vec<u64>>()
        };
        let (here, there) = (region.fleets.clone(), other.clone());
        assert_eq!(sky(mine, here), sky(yours, there), "{}", region.name);
    }
    let fuels = |run: &small::Run| run.world.grid.fuel_deviation.clone();
    assert_eq!(fuels(&first), fuels(&second));
}

/// What a scenario watches is the cell of the entity table, week by week.
#[test]
fn watched_cells_are_those_of_the_tables() {
    use wattflop::market::watch::Watched;
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut run = small::Run::open(&scenario, 0);
    let names = [
        "networks.render.token_price_usd",
        "regions.us_texas.compute_mwh",
        "tiers.spot.sold_h100e",
        // The last of its table, and a table named nowhere else.
        "corridors.pacific_intertie.forward_mwh",
    ];
    run.scratch.recorder.watched = Watched::new(names.map(str::to_owned).to_vec());
    run.weeks(4);
    for (name, values) in run.scratch.recorder.watched.columns() {
        let (table, rest) = name.split_once('.').expect("a table");
        let (entity, column) = rest.rsplit_once('.').expect("a column");
        let frames = &run.scratch.recorder.entities;
        let frame = frames.iter().find(|frame| frame.name == table);
        let frame = frame.expect("a frame");
        let cells = frame.column(column).expect("a column");
        let called = |at: u32| {
            wattflop::market::tables::entity_name(&run.model, table, at as usize) == entity
        };
        let rows = frame.entities.iter().zip(cells);
        let expected: Vec<f64> = rows
            .filter(|(at, _)| called(**at))
            .map(|row| row.1)
            .collect();
        assert_eq!(values, expected, "{name}");
        assert!(values.iter().any(|value| *value > 0.0), "{name}");
    }
}
