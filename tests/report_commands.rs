//! `plot`, `report` and `cite` on a run folder of the shipped baseline.
#![cfg(feature = "charts")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn wattflop(words: &[&str], place: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wattflop"))
        .args(words)
        .current_dir(place)
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder of its own with one small run in it; the run's name.
fn folder() -> &'static (PathBuf, String) {
    static FOLDER: OnceLock<(PathBuf, String)> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report_commands");
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir_all(&place).expect("folder");
        let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/baseline.yaml");
        let words = [
            "run", scenario, "--draws", "2", "--weeks", "6", "--out", "runs",
        ];
        let output = wattflop(&words, &place);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut runs = std::fs::read_dir(place.join("runs"))
            .expect("runs")
            .flatten();
        let run = runs.find(|entry| entry.file_name().to_string_lossy().starts_with("baseline"));
        let run = run
            .expect("a run folder")
            .file_name()
            .to_string_lossy()
            .into_owned();
        (place, run)
    })
}

#[test]
fn a_run_holds_ten_charts_and_a_page_within_its_size() {
    let (place, run) = folder();
    let run = place.join("runs").join(run);
    let count = |ending: &str| {
        let files = std::fs::read_dir(run.join("charts"))
            .expect("charts")
            .flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|e| e == ending))
            .count()
    };
    assert!(count("svg") >= 10, "{} charts", count("svg"));
    assert_eq!(count("svg"), count("png"));
    let page = std::fs::read_to_string(run.join("report.html")).expect("report");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(page.contains("What will an hour of compute cost"));
    for forbidden in [
        "<script", "<link", "@import", "url(", " src=", "NaN", "n/a%",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    // Every shipped fact is compared with a number of the model.
    let facts = include_str!("../scenarios/catalog/plausibility.yaml")
        .matches("    fact:")
        .count();
    let table = page
        .split("The opening beside the facts")
        .nth(1)
        .expect("plausibility table");
    let table = table.split("</table>").next().unwrap_or_default();
    assert_eq!(table.matches("<tr>").count() - 1, facts);
    assert!(!table.contains("n/a"), "{table}");
    assert!(
        page.matches("<code>").count() > 300,
        "assumptions with sources"
    );
}

#[test]
fn plot_draws_what_is_asked_and_corrects_a_slip() {
    let (place, run) = folder();
    let run = format!("runs/{run}");
    let made = wattflop(
        &["plot", &run, "h100_spot_usd_per_h", "--out", "spot.png"],
        place,
    );
    assert_eq!(said(&made), "spot.png\n");
    let bytes = std::fs::read(place.join("spot.png")).expect("picture");
    assert_eq!(&bytes[1..4], b"PNG");
    let by = ["plot", &run, "wholesale_usd_per_mwh", "--by", "region"];
    let made = wattflop(&by, place);
    let svg = std::fs::read_to_string(place.join(said(&made).trim())).expect("svg");
    assert!(svg.contains("US Texas") && svg.contains("$ per MWh"));
    let slip = wattflop(&["plot", &run, "h100_spott_usd_per_h"], place);
    assert_eq!(slip.status.code(), Some(2));
    let told = String::from_utf8_lossy(&slip.stderr);
    assert!(
        told.contains("did you mean `h100_spot_usd_per_h`?"),
        "{told}"
    );
    let ending = ["plot", &run, "network_share", "--out", "x.gif"];
    assert_eq!(wattflop(&ending, place).status.code(), Some(2));
}

#[test]
fn a_report_made_again_is_the_same_page() {
    let (place, run) = folder();
    let again = wattflop(
        &["report", &format!("runs/{run}"), "--out", "again.html"],
        place,
    );
    assert_eq!(said(&again), "again.html\n");
    let first = std::fs::read(place.join("runs").join(run).join("report.html")).expect("page");
    let second = std::fs::read(place.join("again.html")).expect("page");
    assert!(first == second, "the page differs from the one of the run");
}

#[test]
fn cite_names_every_source_once_with_its_weight() {
    let (place, run) = folder();
    let cited = wattflop(&["cite", &format!("runs/{run}"), "--json"], place);
    let list: serde_json::Value = serde_json::from_slice(&cited.stdout).expect("json");
    let list = list.as_array().expect("a list");
    assert!(list.len() > 30, "{} sources", list.len());
    let mut keys: Vec<&str> = list
        .iter()
        .filter_map(|source| source["key"].as_str())
        .collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(
        list.iter()
            .all(|source| source["numbers"].as_u64() >= Some(1))
    );
    let nowhere = wattflop(&["cite", "runs/none"], place);
    assert_eq!(nowhere.status.code(), Some(2));
}
