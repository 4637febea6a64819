//! Golden hashes: runs of every shipped scenario and policy in a small world, long enough to see
//! the scenario's last event. Results may change only on purpose: together with a line under
//! *Results* in CHANGELOG.md that names them.

mod small;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use wattflop::results::hash::value_hash;
use wattflop::run::rows::table_of;
use wattflop::scenario::load::load;
use wattflop::scenario::types::Scenario;

/// Weeks of the shortest run, and how far every run goes beyond its scenario's last event.
const WEEKS: u32 = 20;
const AFTER: u32 = 13;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Names of the shipped scenario files, in order.
fn shipped() -> Vec<String> {
    let files = std::fs::read_dir(root().join("scenarios")).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    names
}

/// Weeks in which everything that a scenario and its policies schedule has begun, and a quarter.
fn weeks_of(scenario: &Scenario) -> u32 {
    let start = scenario.horizon.start;
    let shocks = scenario.shocks.values().filter_map(|shock| shock.at);
    let segments = scenario.demand.segments.values();
    let islands = segments.filter_map(|segment| segment.islands.as_ref().map(|it| it.from));
    let last = shocks.chain(islands).map(|at| at.weeks_since(start)).max();
    WEEKS.max(last.map_or(0, |week| week.max(0) as u32 + AFTER))
}

/// The hashes of this build, worked out once for all tests.
fn hashes() -> &'static str {
    static HASHES: OnceLock<String> = OnceLock::new();
    HASHES.get_or_init(work_out)
}

/// One line for each scenario and policy: its name, its weeks and the value hash of its tables.
fn work_out() -> String {
    let mut text =
        "# Value hashes in a small world, draw 0: file, policy, weeks, hash.\n".to_owned();
    for file in shipped() {
        let loaded = load(&root().join("scenarios").join(&file), &[]).unwrap();
        let weeks = (loaded.policies.iter())
            .map(|policy| weeks_of(&loaded.scenario(Some(policy))))
            .max()
            .unwrap_or(WEEKS);
        for policy in loaded.policies.iter().map(|policy| policy.name.as_str()) {
            let scenario = small::scenario(&file, Some(policy), &[]);
            let run = small::run(&scenario, 0, weeks);
            let recorder = &run.scratch.recorder;
            let frames = std::iter::once(&recorder.weekly).chain(&recorder.entities);
            let tables: Vec<_> = frames.map(|f| table_of(f, &run.model).unwrap()).collect();
            let hash = value_hash(&tables.iter().collect::<Vec<_>>());
            writeln!(text, "{file} {policy} {weeks} {hash}").unwrap();
        }
    }
    text
}

/// What a line of CHANGELOG.md calls a set of hashes.
fn name_of(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..8].to_owned()
}

/// Adds a line at the end of *Results*.
fn log(why: &str, name: &str) {
    let path = root().join("CHANGELOG.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let line = format!("- {why} Golden hashes `{name}`.\n");
    let at = text.find("### Results").expect("a section for results");
    let end = text[at + 3..]
        .find("\n#")
        .map_or(text.len(), |end| at + 3 + end + 1);
    let (before, after) = text.split_at(end);
    let gap = if after.is_empty() { "" } else { "\n" };
    let written = format!("{}\n{line}{gap}{after}", before.trim_end());
    std::fs::write(&path, written).unwrap();
}

#[test]
fn results_change_only_with_a_line_in_the_changelog() {
    let path = root().join("tests/golden.txt");
    let current = hashes().to_owned();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if let Ok(why) = std::env::var("WATTFLOP_RESULTS_CHANGED")
        && committed != current
    {
        std::fs::write(&path, &current).unwrap();
        log(&why, &name_of(&current));
        return;
    }
    let changed: Vec<&str> = (current.lines())
        .filter(|line| !committed.lines().any(|known| known == *line))
        .collect();
    assert!(
        committed == current,
        "results differ from tests/golden.txt:\n{}\nif that is meant, say why:\n  \
         WATTFLOP_RESULTS_CHANGED='Why.' cargo test --release --test golden",
        changed.join("\n")
    );
    let log = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let results = log
        .split("### Results")
        .nth(1)
        .expect("a section for results");
    let name = name_of(&current);
    assert!(
        results.contains(&name),
        "CHANGELOG.md does not name the golden hashes `{name}`"
    );
}

#[test]
fn every_shock_and_every_policy_leaves_its_mark() {
    for file in shipped() {
        let loaded = load(&root().join("scenarios").join(&file), &[]).unwrap();
        let lines = hashes().lines().filter_map(|line| {
            let mut words = line.split(' ');
            (words.next() == Some(file.as_str())).then(|| words.collect::<Vec<_>>())
        });
        let known: Vec<(&str, &str)> = lines.map(|words| (words[0], words[2])).collect();
        for (index, (policy, hash)) in known.iter().enumerate() {
            for (other, same) in &known[index + 1..] {
                assert!(hash != same, "{file}: {policy} and {other} do the same");
            }
            let mut calm = small::scenario(&file, Some(policy), &[]);
            if calm.shocks.is_empty() {
                continue;
            }
            let weeks = (loaded.policies.iter())
                .map(|policy| weeks_of(&loaded.scenario(Some(policy))))
                .max();
            calm.shocks.clear();
            let run = small::run(&calm, 0, weeks.unwrap_or(WEEKS));
            let recorder = &run.scratch.recorder;
            let frames = std::iter::once(&recorder.weekly).chain(&recorder.entities);
            let tables: Vec<_> = frames.map(|f| table_of(f, &run.model).unwrap()).collect();
            let without = value_hash(&tables.iter().collect::<Vec<_>>()).to_string();
            assert!(
                *hash != without,
                "{file} {policy}: its shocks change nothing"
            );
        }
    }
}
