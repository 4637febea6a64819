//! The commands about scenarios, as a user meets them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn wattflop(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wattflop"));
    command.current_dir(folder).args(args).output().unwrap()
}

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder =
            std::env::temp_dir().join(format!("wattflop-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn check_says_good_or_where_it_is_bad() {
    let good = wattflop(&home(), &["check", "scenarios/baseline.yaml"]);
    assert_eq!(good.status.code(), Some(0), "{}", err(&good));
    assert!(
        out(&good).starts_with("scenarios/baseline.yaml: good; 1 policy ("),
        "{}",
        out(&good)
    );
    let folder = Folder::new("check");
    let text = "question: Why?\nbase: catalog/2025-11.yaml\nhorizon: { wekes: 10 }\n";
    std::fs::write(folder.0.join("bad.yaml"), text).unwrap();
    let bad = wattflop(&folder.0, &["check", "bad.yaml"]);
    assert_eq!((bad.status.code(), out(&bad)), (Some(2), String::new()));
    assert_eq!(
        err(&bad),
        "error: unknown key `wekes` in `horizon`
  --> bad.yaml:3:12
   3 | horizon: { wekes: 10 }
     |            ^^^^^
  help: did you mean `weeks`?
1 error in bad.yaml
"
    );
    let json = wattflop(&folder.0, &["check", "bad.yaml", "--json"]);
    assert_eq!((json.status.code(), err(&json)), (Some(2), String::new()));
    let report: serde_json::Value = serde_json::from_str(&out(&json)).unwrap();
    assert_eq!(report[0]["problems"][0]["at"]["line"], 3);
    assert_eq!(report[0]["ok"], false);
}

#[test]
fn several_files_are_all_checked() {
    let files = ["check", "scenarios/baseline.yaml", "scenarios/nowhere.yaml"];
    let output = wattflop(&home(), &files);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("baseline.yaml: good"));
    assert!(
        err(&output).contains("error: cannot read scenarios/nowhere.yaml: "),
        "{}",
        err(&output)
    );
}

#[test]
fn new_writes_a_good_scenario_and_never_overwrites() {
    let folder = Folder::new("new");
    let first = wattflop(&folder.0, &["new", "mine"]);
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    assert!(
        out(&first).starts_with("created mine.yaml ("),
        "{}",
        out(&first)
    );
    let check = wattflop(&folder.0, &["check", "mine.yaml", "--strict"]);
    assert_eq!(check.status.code(), Some(0), "{}", err(&check));
    std::fs::write(folder.0.join("mine.yaml"), "precious").unwrap();
    let second = wattflop(&folder.0, &["new", "mine.yaml"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(
        err(&second).contains("cannot create mine.yaml"),
        "{}",
        err(&second)
    );
    assert_eq!(
        std::fs::read_to_string(folder.0.join("mine.yaml")).unwrap(),
        "precious"
    );
    let copy = wattflop(
        &folder.0,
        &["new", "copy", "--from", "scenarios/incentives.yaml"],
    );
    assert_eq!(copy.status.code(), Some(0), "{}", err(&copy));
    let check = wattflop(&folder.0, &["check", "copy.yaml"]);
    assert_eq!(check.status.code(), Some(0), "{}", err(&check));
    let lost = wattflop(&folder.0, &["new", "other", "--from", "incentive"]);
    assert_eq!(lost.status.code(), Some(2));
    assert!(
        err(&lost).contains("did you mean `incentives.yaml`?"),
        "{}",
        err(&lost)
    );
    let odd = wattflop(&folder.0, &["new", "a b"]);
    assert_eq!(odd.status.code(), Some(2));
}

#[test]
fn show_prints_values_with_their_origins() {
    let args = [
        "show",
        "scenarios/chip_shortage.yaml",
        "--origins",
        "--only",
        "shocks",
    ];
    let output = wattflop(&home(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let line = out(&output)
        .lines()
        .find(|line| line.contains("weeks: 39"))
        .map(str::to_owned);
    assert!(
        line.is_some_and(|l| l.contains("# scenarios/chip_shortage.yaml:")),
        "{}",
        out(&output)
    );
    let args = [
        "show",
        "scenarios/baseline.yaml",
        "--json",
        "--set",
        "horizon.weeks=17",
    ];
    let output = wattflop(&home(), &args);
    let json: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["horizon"]["weeks"], 17);
    let lost = wattflop(
        &home(),
        &["show", "scenarios/incentives.yaml", "--policy", "usd_flor"],
    );
    assert_eq!(lost.status.code(), Some(2));
    assert!(
        err(&lost).contains("did you mean `usd_floor`?"),
        "{}",
        err(&lost)
    );
}

#[test]
fn explain_and_schema_print_data() {
    let output = wattflop(&home(), &["explain", "horizon.weeks"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        out(&output).starts_with("horizon.weeks\n  "),
        "{}",
        out(&output)
    );
    assert!(
        out(&output).contains("  unit      weeks\n"),
        "{}",
        out(&output)
    );
    let outcome = out(&wattflop(&home(), &["explain", "sold_h100e"]));
    assert!(outcome.contains("outcome of a run"), "{outcome}");
    assert!(outcome.contains("`tiers.NAME.sold_h100e`"), "{outcome}");
    let lost = wattflop(&home(), &["explain", "qqqqqqqq"]);
    assert_eq!((lost.status.code(), out(&lost)), (Some(2), String::new()));
    let schema = wattflop(&home(), &["schema"]);
    let json: serde_json::Value = serde_json::from_str(&out(&schema)).unwrap();
    assert_eq!(
        json["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn wrong_usage_is_the_users_input() {
    assert_eq!(wattflop(&home(), &["chekc"]).status.code(), Some(2));
    assert_eq!(wattflop(&home(), &["check"]).status.code(), Some(2));
    assert_eq!(wattflop(&home(), &["--help"]).status.code(), Some(0));
}
