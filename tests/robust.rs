//! The real program against strangers' files, kills at random instants and broken disks.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use wattflop::results::folder::RunFolder;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wattflop");
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/baseline.yaml");

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("robust")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The program under limits of the shell, for example `ulimit -d 65536` (KiB of data).
fn limited(limits: &str, place: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{limits}; exec \"$0\" \"$@\""), PROGRAM])
        .args(words)
        .current_dir(place)
        .stdin(Stdio::null());
    command
}

/// The program under limits, and the processor time that it took: other tests share the machine.
fn timed(limits: &str, place: &Path, words: &[&str]) -> (Output, Duration) {
    let times = place.with_extension("times");
    let line = format!(
        "{limits}; \"$0\" \"$@\"; code=$?; times >'{}'; exit $code",
        times.display()
    );
    let output = Command::new("sh")
        .args(["-c", &line, PROGRAM])
        .args(words)
        .current_dir(place)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // The second line is of the children: `0m0.012000s 0m0.004000s`.
    let text = std::fs::read_to_string(times).unwrap();
    let seconds = text.lines().nth(1).unwrap().split_whitespace().map(|part| {
        let (minutes, rest) = part.split_once('m').unwrap();
        let seconds: f64 = rest.trim_end_matches('s').parse().unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds
    });
    (output, Duration::from_secs_f64(seconds.sum()))
}

/// Names in a folder, sorted.
fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Files that nobody should write, by name, with the limit in milliseconds.
fn hostile_files(place: &Path) -> Vec<(&'static str, &'static str, u64)> {
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.join(name), bytes).unwrap();
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (upper, lower) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let list = vec![format!("*{lower}"); 9].join(",");
        bomb.push_str(&format!("{upper}: &{upper} [{list}]\n"));
    }
    write("bomb.yaml", bomb.as_bytes());
    write(
        "deep.yaml",
        format!("a: {}", "[".repeat(100_000)).as_bytes(),
    );
    write(
        "braces.yaml",
        format!("a: {}", "{a: ".repeat(100_000)).as_bytes(),
    );
    // 200 MB that take no room on the disk.
    let big = std::fs::File::create(place.join("big.yaml")).unwrap();
    big.set_len(200 << 20).unwrap();
    write("nul.yaml", b"question: a\0b\nbase: baseline.yaml\n");
    write(
        "mark.yaml",
        b"\xef\xbb\xbfquestion: a\nbase: baseline.yaml\n",
    );
    let wide = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    write("utf16.yaml", &wide("question: a\nbase: baseline.yaml\n"));
    write("up.yaml", b"question: a\nbase: ../../etc/passwd\n");
    write("root.yaml", b"question: a\nbase: /etc/passwd\n");
    write("link.yaml", b"question: a\nbase: out.yaml\n");
    std::os::unix::fs::symlink("/etc/passwd", place.join("out.yaml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.join("device.yaml")).unwrap();
    write(
        "nan.yaml",
        b"base: baseline.yaml\nensemble: { draws: .nan }\n",
    );
    std::fs::create_dir(place.join("folder.yaml")).unwrap();
    let pipe = Command::new("mkfifo").arg(place.join("pipe.yaml")).status();
    assert!(pipe.unwrap().success());
    vec![
        ("bomb.yaml", "anchors are not supported", 200),
        ("deep.yaml", "nested deeper than 32 levels", 200),
        ("braces.yaml", "nested deeper than 32 levels", 200),
        ("big.yaml", "larger than 4 MiB", 1000),
        ("nul.yaml", "not valid YAML", 200),
        (
            "mark.yaml",
            "byte order mark; save it as UTF-8 without one",
            200,
        ),
        ("utf16.yaml", "it is UTF-16; save it as UTF-8", 200),
        ("up.yaml", "in or below the folder of this file", 200),
        ("root.yaml", "in or below the folder of this file", 200),
        ("link.yaml", "leads out of the scenario's folder", 200),
        ("out.yaml", "a scenario is a block of keys", 200),
        ("device.yaml", "not a regular file", 200),
        ("nan.yaml", "wants a number, found `.nan`", 200),
        ("folder.yaml", "not a regular file", 200),
        ("pipe.yaml", "not a regular file", 200),
        ("nowhere.yaml", "No such file", 200),
    ]
}

#[test]
fn hostile_files_are_refused_fast_in_little_memory_and_nothing_is_written() {
    let place = scratch("hostile");
    let files = hostile_files(&place);
    let before = names(&place);
    for (file, words, limit_ms) in files {
        let start = Instant::now();
        let words_of = ["run", file, "--out", "runs"];
        let (output, used) = timed("ulimit -d 65536", &place, &words_of);
        assert_eq!(output.status.code(), Some(2), "{file}: {}", told(&output));
        assert!(told(&output).contains(words), "{file}: {}", told(&output));
        println!("{file}: {} ms", used.as_millis());
        // Nothing waits for a pipe; how long else it takes depends on who shares the machine.
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{file}: {:?}",
            start.elapsed()
        );
        assert!(used < Duration::from_millis(limit_ms), "{file}: {used:?}");
    }
    assert_eq!(names(&place), before, "something was written");
}

/// A world that runs in a moment.
fn small<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let sets = ["--set", "providers.rows=500", "--set", "demand.nodes=2"];
    let size = ["--draws", "4", "--weeks", "6", "--threads", "2"];
    let words = ["run", BASELINE, "--no-expect", "--json", "--out", out];
    [&words[..], &sets, &size, more].concat()
}

fn program(place: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(words).current_dir(place).stdin(Stdio::null());
    command
}

/// Value hashes as the program prints them.
fn hashes(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", told(output));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["hashes"].as_array().unwrap().len(), 4);
    found["hashes"].clone()
}

/// Every run folder that can be seen is whole.
fn all_whole(runs: &Path) {
    for name in names(runs).iter().filter(|name| !name.starts_with('.')) {
        let folder = RunFolder::open(&runs.join(name));
        folder.unwrap_or_else(|error| panic!("a readable half: {name}: {error}"));
    }
}

/// 25 instants here; `WATTFLOP_KILLS=200` in continuous integration.
#[test]
fn killed_at_random_instants_the_same_command_ends_with_the_same_hashes() {
    let instants = std::env::var("WATTFLOP_KILLS").map_or(25, |text| text.parse().unwrap());
    let place = scratch("kills");
    let start = Instant::now();
    let whole = hashes(&program(&place, &small("whole", &[])).output().unwrap());
    let span = start.elapsed();
    let (mut chance, mut hit, mut finished) = (42_u64, 0, 0);
    for _ in 0..instants {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let share = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        let mut running = program(&place, &small("runs", &[]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(span.mul_f64(share));
        running.kill().unwrap();
        hit += usize::from(running.wait().unwrap().code().is_none());
        if !place.join("runs").is_dir() {
            continue;
        }
        all_whole(&place.join("runs"));
        // Once whole, the next kills meet a new ensemble.
        let runs = names(&place.join("runs"));
        if runs.iter().any(|name| !name.starts_with('.')) {
            let again = program(&place, &small("runs", &["--force"]))
                .output()
                .unwrap();
            assert_eq!(hashes(&again), whole);
            std::fs::remove_dir_all(place.join("runs")).unwrap();
            finished += 1;
        }
    }
    println!("{hit} of {instants} kills hit a running program; {finished} runs ended between");
    // A resumed ensemble has less left to do, so late kills come after its end.
    assert!(hit * 4 >= instants, "only {hit} of {instants} kills hit");
    let _ = std::fs::remove_dir_all(place.join("last"));
    let last = program(&place, &small("runs", &["--force"]))
        .output()
        .unwrap();
    assert_eq!(hashes(&last), whole);
    all_whole(&place.join("runs"));
    let left = names(&place.join("runs"));
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_full_disk_is_named_and_earlier_results_stay() {
    let place = scratch("full");
    hashes(&program(&place, &small("runs", &[])).output().unwrap());
    let earlier = names(&place.join("runs"));
    let folder = place.join("runs").join(&earlier[0]);
    let kept = RunFolder::open(&folder).unwrap().manifest.hashes.len();
    // No file may grow past a few blocks; the write fails as on a full disk. Small limits stop
    // the kept runs, larger ones the tables and the charts.
    for blocks in [1, 8, 64, 200] {
        let limits = format!("trap '' XFSZ; ulimit -f {blocks}");
        let words = small("runs", &["--seed", "7"]);
        let output = limited(&limits, &place, &words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{blocks}: {}", told(&output));
        assert!(
            told(&output).contains("runs/"),
            "no path: {}",
            told(&output)
        );
        all_whole(&place.join("runs"));
        let opened = RunFolder::open(&folder).unwrap();
        assert_eq!(opened.manifest.hashes.len(), kept);
    }
    // With room again the same command finishes.
    let output = program(&place, &small("runs", &["--seed", "7"])).output();
    hashes(&output.unwrap());
    assert_eq!(names(&place.join("runs")).len(), 2);
}

/// Whether files of this process may be kept from it: root may write everywhere.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

#[test]
fn folders_that_may_not_be_written_are_named_and_nothing_is_lost() {
    use std::os::unix::fs::PermissionsExt;
    let place = std::env::temp_dir().join(format!("wattflop-locked-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(place.join("locked")).unwrap();
    std::fs::write(place.join("locked/precious"), "x").unwrap();
    let mode = |bits| std::fs::Permissions::from_mode(bits);
    std::fs::set_permissions(place.join("locked"), mode(0o555)).unwrap();
    std::fs::set_permissions(&place, mode(0o755)).unwrap();
    let words = small("locked", &[]);
    let mut command = if is_root() {
        // Root is never refused: the program runs as nobody, from a place that nobody may read.
        std::fs::copy(PROGRAM, place.join("wattflop")).unwrap();
        std::fs::copy(BASELINE, place.join("baseline.yaml")).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.arg(place.join("wattflop"));
        let local = words.iter().map(|&word| {
            if word == BASELINE {
                "baseline.yaml"
            } else {
                word
            }
        });
        command.args(local);
        command
    } else {
        let mut command = Command::new(PROGRAM);
        command.args(&words);
        command
    };
    let output = command.current_dir(&place).stdin(Stdio::null()).output();
    let output = output.unwrap();
    let left = names(&place.join("locked"));
    std::fs::set_permissions(place.join("locked"), mode(0o755)).unwrap();
    let _ = std::fs::remove_dir_all(&place);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("locked"), "{}", told(&output));
    assert!(
        told(&output).contains("ermission denied"),
        "{}",
        told(&output)
    );
    assert_eq!(left, ["precious"]);
}
