//! A pool of providers is a supply curve: an owner of six devices is two owners of three with the
//! same luck. Every row of a whole world is split so, and every outcome stays as it was.

mod small;

use small::Run;
use wattflop::market::model::Model;
use wattflop::market::record::Frame;
use wattflop::market::scratch::{NoMeter, Scratch};
use wattflop::market::world::World;
use wattflop::scenario::types::Scenario;

/// Largest relative change that counts as none.
const NOTHING: f64 = 1e-12;

/// A world whose provider rows are each `parts` rows.
fn open(scenario: &Scenario, parts: usize) -> Run {
    let mut run = Run::open(scenario, 3);
    let mut model: Model = run.model;
    model.providers.split_rows(parts);
    model.services.split_rows(parts);
    run.world = World::open(&model);
    run.scratch = Scratch::new(true, Box::new(NoMeter));
    run.model = model;
    run
}

/// The largest relative difference between two frames, and where it stands.
fn apart(ours: &Frame, other: &Frame) -> (f64, String) {
    if ours.weeks != other.weeks || ours.entities != other.entities {
        return (f64::INFINITY, format!("{}: other rows", ours.name));
    }
    let mut worst = (0.0, String::new());
    for (at, (a, b)) in ours.values.iter().zip(&other.values).enumerate() {
        assert_eq!(a.is_nan(), b.is_nan());
        let size = a.abs().max(b.abs());
        let gap = if size > 0.0 {
            (a - b).abs() / size
        } else {
            0.0
        };
        if gap > worst.0 {
            let row = at / ours.columns.len();
            let column = ours.columns[at % ours.columns.len()];
            worst = (
                gap,
                format!("{} {column} week {}", ours.name, ours.weeks[row]),
            );
        }
    }
    worst
}

/// The largest relative difference between two runs, over all tables.
fn difference(ours: &Run, other: &Run) -> (f64, String) {
    let (ours, other) = (&ours.scratch.recorder, &other.scratch.recorder);
    let mut worst = apart(&ours.weekly, &other.weekly);
    for (a, b) in ours.entities.iter().zip(&other.entities) {
        let found = apart(a, b);
        if found.0 > worst.0 {
            worst = found;
        }
    }
    worst
}

fn devices(run: &Run) -> u64 {
    let counts = run.world.providers.count.iter();
    let services = run.world.services.services.iter();
    let more = services.flat_map(|service| &service.count);
    counts.chain(more).map(|count| u64::from(*count)).sum()
}

/// Rows change hands in every way that owners know: they join, leave, cheat, buy, let go.
fn alive(run: &Run) {
    let weekly = |name: &str| run.outcome(name);
    let moved = |name: &str| weekly(name).windows(2).any(|pair| pair[0] != pair[1]);
    for name in [
        "network_devices",
        "owned_devices",
        "token_sales_usd_per_week",
    ] {
        assert!(moved(name), "{name} stands still");
    }
    let ordered: f64 = weekly("hardware_ordered_devices").iter().sum();
    assert!(ordered > 0.0, "nobody buys hardware");
}

fn splitting_changes_nothing(file: &str, policy: Option<&str>, sets: &[&str], weeks: u32) {
    let scenario = small::scenario(file, policy, sets);
    let mut whole = open(&scenario, 1);
    whole.weeks(weeks);
    for parts in [2, 3] {
        let mut split = open(&scenario, parts);
        let rows = whole.model.providers.rows();
        assert_eq!(split.model.providers.rows(), parts * rows);
        assert_eq!(devices(&split), devices(&whole));
        split.weeks(weeks);
        let (gap, place) = difference(&split, &whole);
        println!("{file} in {parts} parts: largest relative change {gap:e} {place}");
        assert!(gap <= NOTHING, "{file} in {parts}: {gap:e} at {place}");
    }
}

#[test]
fn rows_in_halves_change_no_outcome_of_the_baseline() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut whole = open(&scenario, 1);
    whole.weeks(78);
    alive(&whole);
    splitting_changes_nothing("baseline.yaml", None, &[], 78);
}

#[test]
fn rows_in_halves_change_no_outcome_under_stress() {
    splitting_changes_nothing("edge_swarm.yaml", Some("ten_times"), &[], 60);
    splitting_changes_nothing("slashing.yaml", None, &[], 40);
    splitting_changes_nothing("incentives.yaml", Some("fixed_emission"), &[], 60);
    splitting_changes_nothing("storage_and_bandwidth.yaml", None, &[], 40);
}

/// The comparison can fail: one row in each cell that is less reliable is another world.
#[test]
fn one_other_row_in_each_cell_is_seen() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut whole = open(&scenario, 1);
    let mut other = open(&scenario, 1);
    for place in other.model.providers.cells.values() {
        other.world.providers.reliability[place.rows.start] *= 0.5;
    }
    whole.weeks(12);
    other.weeks(12);
    assert!(difference(&other, &whole).0 > 1e-9);
}
