//! A sample of the audit: numbers of every block of the baseline move some outcome. The whole
//! audit runs in continuous integration, with the exceptions of `tests/audit_exceptions.txt`.

use std::path::Path;

use wattflop::experiment::audit::{Audit, Depth};
use wattflop::kernels::random::Luck;
use wattflop::scenario::load::load;

/// Every so manieth number is asked.
const EVERY: usize = 11;

#[test]
fn a_sample_of_all_numbers_moves_some_outcome() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sets = ["providers.rows=2000", "demand.nodes=8"].map(String::from);
    let loaded = load(&root.join("scenarios/baseline.yaml"), &sets).expect("a good scenario");
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let audit = Audit::new(loaded.root, &loaded.tree, 520, luck).expect("a sound run");
    let numbers = audit.numbers();
    assert!(numbers.len() > 1_000, "only {} numbers", numbers.len());
    let sample: Vec<_> = numbers.into_iter().step_by(EVERY).collect();
    let excused = std::fs::read_to_string(root.join("tests/audit_exceptions.txt")).expect("a list");
    let excused: Vec<&str> = excused
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(path, _)| path)
        .collect();
    let answers = audit.ask(&sample, Depth::Quick, &|| {});
    let mut still: Vec<&str> = (answers.iter())
        .filter(|answer| !answer.alive() && !excused.contains(&answer.path.as_str()))
        .map(|answer| answer.path.as_str())
        .collect();
    // Foundries have wafers to spare in the baseline; where they stop, chips a wafer matter.
    if !still.is_empty() {
        let loaded = load(&root.join("scenarios/fab_stop.yaml"), &sets).expect("a good scenario");
        let tree = &loaded.policies[0].tree;
        let audit = Audit::new(loaded.root, tree, 520, luck).expect("a sound run");
        let mut again = audit.numbers();
        again.retain(|number| still.contains(&number.path.as_str()));
        let answers = audit.ask(&again, Depth::Quick, &|| {});
        still.retain(|path| !(answers.iter()).any(|a| a.path == *path && a.alive()));
    }
    let broken: Vec<_> = answers
        .iter()
        .filter(|answer| answer.fault.is_some())
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
    assert!(
        still.is_empty(),
        "{} of {} move nothing: {still:?}",
        still.len(),
        answers.len()
    );
}
