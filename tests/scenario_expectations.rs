//! Every shipped scenario at full size with eight draws: what its author expects holds.

use std::path::Path;
use std::process::Command;

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
