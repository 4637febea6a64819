//! Golden hashes: short runs of every shipped scenario and policy in a small world. Results may
//! change only on purpose: together with a line under *Results* in CHANGELOG.md that names them.

mod small;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use wattflop::results::hash::value_hash;
use wattflop::run::rows::table_of;
use wattflop::scenario::load::load;

const WEEKS: u32 = 20;

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

/// One line for each scenario and policy: its name and the value hash of its tables.
fn hashes() -> String {
    let mut text = format!("# Value hashes of {WEEKS} weeks in a small world, draw 0.\n");
    for file in shipped() {
        let loaded = load(&root().join("scenarios").join(&file), &[]).unwrap();
        for policy in loaded.policies.iter().map(|policy| policy.name.as_str()) {
            let scenario = small::scenario(&file, Some(policy), &[]);
            let run = small::run(&scenario, 0, WEEKS);
            let recorder = &run.scratch.recorder;
            let frames = std::iter::once(&recorder.weekly).chain(&recorder.entities);
            let tables: Vec<_> = frames.map(|f| table_of(f, &run.model).unwrap()).collect();
            let hash = value_hash(&tables.iter().collect::<Vec<_>>());
            writeln!(text, "{file} {policy} {hash}").unwrap();
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
    let current = hashes();
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
