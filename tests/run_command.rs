//! The real program on the shipped baseline: equal hashes whatever the machine does, whole
//! folders or none, and interruptions that cost nothing but time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use wattflop::results::Table;
use wattflop::results::folder::RunFolder;
use wattflop::results::hash::value_hash;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/baseline.yaml");

/// A world small enough to run often: few provider rows, few buyer nodes.
const SMALL: [&str; 4] = ["--set", "providers.rows=2000", "--set", "demand.nodes=4"];

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("command")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn command(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wattflop"));
    command
        .args(["run", BASELINE, "--no-expect", "--json"])
        .args(SMALL)
        .args(more)
        .arg("--out")
        .arg(out);
    command
}

fn good(output: &Output) -> serde_json::Value {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn run(out: &Path, more: &[&str]) -> serde_json::Value {
    good(&command(out, more).output().unwrap())
}

/// Hashes by policy and draw.
fn hashes(found: &serde_json::Value) -> BTreeMap<(String, u64), String> {
    let one = |hash: &serde_json::Value| {
        let policy = hash["policy"].as_str().unwrap().to_string();
        let blake3 = hash["blake3"].as_str().unwrap().to_string();
        ((policy, hash["draw"].as_u64().unwrap()), blake3)
    };
    found["hashes"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect()
}

fn folder(found: &serde_json::Value) -> RunFolder {
    RunFolder::open(Path::new(found["folder"].as_str().unwrap())).unwrap()
}

/// Names in a folder, without those of work in progress.
fn names(path: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = std::fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn hashes_do_not_depend_on_threads_simd_libm_or_the_number_of_draws() {
    let small = ["--draws", "3", "--weeks", "30"];
    let one = run(&scratch("one"), &[&small[..], &["--threads", "1"]].concat());
    let expected = hashes(&one);
    assert_eq!(expected.len(), 3);
    let different: std::collections::BTreeSet<&String> = expected.values().collect();
    assert_eq!(different.len(), 3, "draws differ");
    for threads in ["2", "3"] {
        let many = run(
            &scratch("many"),
            &[&small[..], &["--threads", threads]].concat(),
        );
        assert_eq!(hashes(&many), expected, "{threads} threads");
    }
    let machines = [
        ("WATTFLOP_SIMD", "scalar"),
        ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2"),
    ];
    for (name, value) in machines {
        let other = command(&scratch("machine"), &small)
            .env(name, value)
            .output()
            .unwrap();
        assert_eq!(hashes(&good(&other)), expected, "{name}={value}");
    }
    let more = run(&scratch("more"), &["--draws", "5", "--weeks", "30"]);
    let first: BTreeMap<_, _> = hashes(&more)
        .into_iter()
        .filter(|((_, draw), _)| *draw < 3)
        .collect();
    assert_eq!(first, expected, "three draws alone and within five");
    let alone = run(
        &scratch("alone"),
        &["--draws", "3", "--weeks", "30", "--draw", "2"],
    );
    assert_eq!(
        hashes(&alone).values().next(),
        expected.values().last(),
        "one run repeated"
    );
    let seed = run(
        &scratch("seed"),
        &["--draws", "3", "--weeks", "30", "--seed", "43"],
    );
    assert!(
        hashes(&seed)
            .iter()
            .all(|(key, hash)| expected[key] != *hash),
        "another seed"
    );
}

#[test]
fn the_first_weeks_of_a_longer_run_are_the_shorter_run() {
    let short = folder(&run(&scratch("short"), &["--draws", "2", "--weeks", "20"]));
    let long = folder(&run(&scratch("long"), &["--draws", "2", "--weeks", "45"]));
    let files = short.manifest.files.keys().cloned();
    let computed = ["summary", "effects", "subsidy", "events"];
    let tables: Vec<String> = files
        .filter_map(|file| file.split_once('.').map(|(name, _)| name.to_string()))
        .filter(|name| short.has(name) && !computed.contains(&name.as_str()))
        .collect();
    for wanted in ["weekly", "regions", "offers"] {
        assert!(tables.iter().any(|name| name == wanted), "{wanted}");
    }
    for name in &tables {
        let cut = |table: Table| {
            let weeks = table.counts("week").unwrap().to_vec();
            table.filtered(|row| weeks[row] < 20)
        };
        let (short, long) = (short.table(name).unwrap(), cut(long.table(name).unwrap()));
        assert!(short.rows() >= 2 * 20, "{name}: {} rows", short.rows());
        assert_eq!(value_hash(&[&short]), value_hash(&[&long]), "table {name}");
    }
}

#[test]
fn a_run_folder_is_kept_until_force_and_names_what_is_in_the_way() {
    let out = scratch("force");
    let small = ["--draws", "1", "--weeks", "4"];
    let first = run(&out, &small);
    let kept = names(&out);
    assert_eq!(kept.len(), 1, "only the run folder: {kept:?}");
    let again = command(&out, &small).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    let forced = run(&out, &[&small[..], &["--force"]].concat());
    assert_eq!(hashes(&forced), hashes(&first));
    assert_eq!(names(&out), kept);

    let file = out.join("file");
    std::fs::write(&file, "x").unwrap();
    for bad in [
        file.as_path(),
        Path::new("/proc/wattflop"),
        Path::new("/dev/full"),
    ] {
        let refused = command(bad, &small).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{bad:?}");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(told.contains(&*bad.to_string_lossy()), "{told}");
    }
}

#[test]
fn wrong_requests_are_the_users_input() {
    let out = scratch("wrong");
    for (bad, said) in [
        (["--policy", "nobody"], "there is no policy `nobody`"),
        (["--set", "horizon.weks=4"], "weks"),
        (["--draws", "0"], "draws"),
    ] {
        let refused = command(&out, &bad).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{bad:?}");
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(told.contains(said), "{told}");
    }
    assert!(names(&out).is_empty(), "nothing was written");
}

/// Waits until at least one finished run is kept below `out`.
fn wait_for_a_kept_run(out: &Path) {
    for _ in 0..4000 {
        let partial = names(out)
            .into_iter()
            .find(|name| name.starts_with(".partial-"));
        let kept = partial
            .map(|name| names(&out.join(name)))
            .unwrap_or_default();
        if kept.iter().any(|name| name.ends_with(".run")) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no run was kept");
}

#[test]
fn interrupted_and_killed_the_same_command_goes_on_to_the_same_hashes() {
    let size = ["--draws", "12", "--weeks", "60", "--threads", "2"];
    let whole = run(&scratch("whole"), &size);
    let out = scratch("stopped");
    let start = || {
        command(&out, &size)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
    };
    let running = start().unwrap();
    wait_for_a_kept_run(&out);
    let interrupt = ["-INT".to_string(), running.id().to_string()];
    assert!(
        Command::new("kill")
            .args(interrupt)
            .status()
            .unwrap()
            .success()
    );
    let stopped = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&stopped.stderr).into_owned();
    assert_eq!(stopped.status.code(), Some(130), "{told}");
    assert!(
        told.contains("of 12 runs are kept") && told.contains("same command"),
        "{told}"
    );
    assert!(
        names(&out).iter().all(|name| name.starts_with('.')),
        "no run folder yet"
    );
    for wait_ms in [1, 5, 20, 40, 60] {
        let mut running = start().unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        running.kill().unwrap();
        running.wait().unwrap();
        for name in names(&out)
            .into_iter()
            .filter(|name| !name.starts_with('.'))
        {
            RunFolder::open(&out.join(name)).expect("a run folder is whole or absent");
        }
    }
    let unfinished = names(&out).iter().all(|name| name.starts_with('.'));
    let finished = command(&out, &size).arg("--force").output().unwrap();
    let found = good(&finished);
    let resumed = found["timings"]["resumed"].as_u64().unwrap();
    assert!(resumed >= 1 || !unfinished, "nothing was resumed");
    assert_eq!(hashes(&found), hashes(&whole));
    assert_eq!(
        names(&out).len(),
        1,
        "only the run folder is left: {:?}",
        names(&out)
    );
}
