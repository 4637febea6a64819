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

/// The commands of the first shell block, joined where a line goes on.
fn commands() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(readme).expect("README.md");
    let block = text.split("```sh\n").nth(1).expect("commands");
    let block = block.split("```").next().expect("commands");
    let joined = block.replace("\\\n", " ");
    joined.lines().map(str::to_owned).collect()
}

/// The commands as they stand, in a smaller world.
#[test]
fn five_commands_lead_from_a_clone_to_a_paired_effect() {
    let commands = commands();
    assert_eq!(commands.len(), 5, "five are promised: {commands:#?}");
    assert_eq!(commands[0], "cargo build --release");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newcomer");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).expect("a folder");
    let mut said = String::new();
    for command in &commands[1..] {
        let small = "--set providers.rows=2000 --set demand.nodes=4";
        let mut words = command
            .replace("target/release/wattflop", "\"$WATTFLOP\"")
            .replace("--draws 8", "--draws 4")
            .replace("--weeks 104", "--weeks 26");
        if words.contains(" run ") {
            words = format!("{words} {small}");
        }
        let output = Command::new("sh")
            .args(["-c", &words])
            .env("WATTFLOP", env!("CARGO_BIN_EXE_wattflop"))
            .current_dir(&place)
            .output()
            .expect("a shell");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{told}");
        said = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    let line = said
        .lines()
        .find(|line| line.starts_with("token_sales_usd_per_week"));
    let line = line.unwrap_or_else(|| panic!("no paired effect on token sales:\n{said}"));
    // Thrice the tokens: more is sold, on every draw.
    assert!(line.contains('+') && !line.contains("unclear"), "{line}");
}

/// Table of docs/results.md between the marks: every column of every entity table, its unit and
/// what it says. `WATTFLOP_WRITE_DOCS=1` writes it.
#[test]
fn the_page_of_results_tells_every_column() {
    const FROM: &str = "<!-- columns: from here -->\n";
    const TO: &str = "<!-- columns: to here -->";
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/results.md");
    let text = std::fs::read_to_string(&page).expect("docs/results.md");
    let (before, rest) = text.split_once(FROM).expect("where columns begin");
    let (told, after) = rest.split_once(TO).expect("where columns end");
    let wanted = wattflop::market::columns::markdown();
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_some() {
        std::fs::write(&page, format!("{before}{FROM}{wanted}{TO}{after}")).expect("written");
    } else {
        assert!(told == wanted, "run with WATTFLOP_WRITE_DOCS=1 to write it");
    }
}
