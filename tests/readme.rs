//! What the README shows works as shown.

use std::path::Path;
use std::process::Command;

#[test]
fn the_scenario_of_the_readme_passes_the_check() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).expect("README.md");
    let scenario = text
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let scenario = scenario.expect("a scenario in the README");
    assert_eq!(scenario.lines().count(), 10, "ten lines are promised");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme.yaml");
    std::fs::write(&file, scenario).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_wattflop"))
        .arg("check")
        .arg(&file)
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
