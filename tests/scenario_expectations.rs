//! Every shipped scenario at full size with eight draws: what its author expects holds.

use std::path::Path;
use std::process::Command;

use wattflop::experiment::prepare::{Request, prepare};
use wattflop::run::economy::Script;

/// Draws of each run; the scenarios ask for more.
const DRAWS: &str = "8";

#[test]
#[ignore = "minutes: continuous integration runs it apart"]
fn what_the_authors_expect_holds() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expectations");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).unwrap();
    let files = std::fs::read_dir(home.join("scenarios")).unwrap().flatten();
    let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let mut failed = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let expects = std::fs::read_to_string(&file)
            .unwrap()
            .contains("\nexpect:");
        assert!(expects || name == "baseline", "{name} expects nothing");
        if !expects {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_wattflop"))
            .arg("run")
            .arg(&file)
            .args(["--draws", DRAWS, "--json", "--out", "runs"])
            .current_dir(&place)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {told}");
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let judged = found["expectations"].as_array().unwrap();
        assert!(!judged.is_empty(), "{name}: nothing was judged");
        for one in judged {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let line = format!("{name}: {}: {}", text("statement"), text("finding"));
            println!(
                "{} {line}",
                if one["held"] == true {
                    "held  "
                } else {
                    "FAILED"
                }
            );
            if one["held"] != true {
                failed.push(line);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Expectations may share a control: every arm of the plan is the script's arm of the same place,
/// with the shocks that its name says.
#[test]
fn arms_of_the_plan_are_those_of_the_script() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for name in ["storage_and_bandwidth.yaml", "drought.yaml", "ai_bust.yaml"] {
        let request = Request {
            file: home.join(name),
            expectations: true,
            ..Request::default()
        };
        let Ok(prepared) = prepare(&request) else {
            panic!("{name} is refused");
        };
        let controls = prepared.plan.arms.len() - prepared.scenario.policies.len();
        assert!(controls > 0 && prepared.trials.len() > 1, "{name}");
        assert_eq!(prepared.script.arms(), prepared.plan.arms.len(), "{name}");
        for (place, arm) in prepared.plan.arms.iter().enumerate() {
            let world = prepared.script.scenario(place as u32, 0).scenario;
            for shock in prepared.scenario.shocks.keys() {
                let is_left_out = arm.without_shocks.contains(shock);
                let is_there = world.shocks.contains_key(shock);
                assert_eq!(is_there, !is_left_out, "{name}: {}: {shock}", arm.name);
            }
        }
    }
}
