//! Ensembles on a small stateful simulation: equal results for any threads, any order of
//! arms, any number of draws; kills and resumes lose nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use wattflop::results::{RunRecord, Table, Value};
use wattflop::run::assemble::{Assembled, assemble};
use wattflop::run::ensemble::{self, Broken};
use wattflop::run::estimate::estimate;
use wattflop::run::{Arm, Fault, Halt, Job, Plan, Simulation, Watch};

/// A random walk whose steps depend on seed, draw, luck and week and whose drift depends on
/// the arm: state carries from week to week, so any mixed-up run shows.
struct Walk {
    plan: Plan,
    week_pause: Duration,
    fault_at: Option<(u32, u32)>,
}

fn mixed(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Simulation for Walk {
    fn run(&self, job: &Job, watch: &Watch) -> Result<RunRecord, Halt> {
        let arm = &self.plan.arms[job.arm as usize];
        let drift = arm.name.len() as f64 / 100.0;
        let (mut weekly, mut regions) = (Table::new("weekly"), Table::new("regions"));
        let mut level = 10.0;
        for week in 0..job.weeks {
            let key =
                mixed(self.plan.seed ^ mixed(u64::from(job.draw) << 32 | u64::from(job.luck)));
            let chance = (mixed(key ^ u64::from(week)) >> 11) as f64 / (1_u64 << 53) as f64;
            level = level * (1.0 + drift / 52.0) + chance - 0.5;
            weekly
                .push_row(&[("week", week.into()), ("price_usd", level.into())])
                .unwrap();
            let region: Value = if week % 2 == 0 { "east" } else { "west" }.into();
            let row = [
                ("week", week.into()),
                ("region", region),
                ("load_mw", level.into()),
            ];
            regions.push_row(&row).unwrap();
            if self.fault_at == Some((job.draw, week)) {
                return Err(Halt::Fault(Fault {
                    phase: "power",
                    week,
                    entity: "east".to_string(),
                    quantity: "load_mw",
                    value: f64::NAN,
                }));
            }
            if !self.week_pause.is_zero() {
                std::thread::sleep(self.week_pause);
            }
            watch.week_done()?;
        }
        Ok(RunRecord {
            arm: job.arm,
            draw: job.draw,
            luck: job.luck,
            weekly,
            entities: vec![regions],
            events: Table::new("events"),
            residuals: vec![("micro_usd".to_string(), 0)],
            seconds: 0.001,
        })
    }
}

fn arm(name: &str) -> Arm {
    Arm {
        name: name.to_string(),
        policy: name.to_string(),
        without_shocks: Vec::new(),
        resolved: format!("policy: {name}\n"),
        starts: None,
    }
}

fn walk(arms: &[&str], draws: std::ops::Range<u32>, weeks: u32) -> Walk {
    let plan = Plan {
        arms: arms.iter().map(|name| arm(name)).collect(),
        seed: 42,
        draws: draws.collect(),
        luck: vec![0, 1],
        weeks,
        detail_draws: 2,
    };
    Walk {
        plan,
        week_pause: Duration::ZERO,
        fault_at: None,
    }
}

/// A new empty folder below the target folder of the build.
fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn kept(walk: &Walk, folder: &Path) -> wattflop::results::partial::Partial {
    let fingerprint = *walk.plan.fingerprint(1).as_bytes();
    wattflop::results::partial::Partial::open(folder, fingerprint).unwrap()
}

fn run(walk: &Walk, folder: &Path, threads: usize) -> (Assembled, usize) {
    let kept = kept(walk, folder);
    let found = ensemble::run(walk, &walk.plan, &kept, &Watch::default(), threads).unwrap();
    (assemble(&walk.plan, found.records).unwrap(), found.resumed)
}

/// (policy, draw, hash), sorted.
fn hashes(joined: &Assembled) -> Vec<(String, u32, String)> {
    let flat = |hash: &wattflop::results::manifest::ValueHash| {
        (hash.policy.clone(), hash.draw, hash.blake3.clone())
    };
    let mut all: Vec<_> = joined.hashes.iter().map(flat).collect();
    all.sort();
    all
}

#[test]
fn threads_order_of_policies_and_number_of_draws_do_not_matter() {
    let base = walk(&["none", "floor"], 0..6, 40);
    let (one, _) = run(&base, &scratch("one"), 1);
    let expected = hashes(&one);
    assert_eq!(expected.len(), 12);
    assert_ne!(expected[0].2, expected[6].2, "policies differ");
    for threads in [2, 3, 7] {
        let (many, _) = run(&base, &scratch("many"), threads);
        assert_eq!(hashes(&many), expected, "{threads} threads");
        assert_eq!(many.weekly, one.weekly);
    }
    let (turned, _) = run(&walk(&["floor", "none"], 0..6, 40), &scratch("turned"), 2);
    assert_eq!(hashes(&turned), expected, "policies in another order");
    let (alone, _) = run(&walk(&["none", "floor"], 0..3, 40), &scratch("alone"), 2);
    let first: Vec<_> = expected
        .iter()
        .filter(|(_, draw, _)| *draw < 3)
        .cloned()
        .collect();
    assert_eq!(hashes(&alone), first, "three draws alone and within six");
}

#[test]
fn entity_tables_are_kept_for_the_detailed_draws_only() {
    let base = walk(&["none", "floor"], 0..6, 40);
    let (joined, _) = run(&base, &scratch("detail"), 2);
    assert_eq!(joined.weekly.rows(), 2 * 6 * 2 * 40);
    let regions = &joined.entities[0];
    assert_eq!(regions.rows(), 2 * 2 * 2 * 40);
    assert!(regions.counts("draw").unwrap().iter().all(|draw| *draw < 2));
}

#[test]
fn a_stopped_ensemble_keeps_what_was_finished_and_resumes_to_the_same_hash() {
    let (whole, _) = run(&walk(&["none", "floor"], 0..4, 30), &scratch("whole"), 2);
    let mut slow = walk(&["none", "floor"], 0..4, 30);
    slow.week_pause = Duration::from_micros(300);
    let folder = scratch("stopped");
    let watch = Watch::default();
    let broken = std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.weeks() < 150 {
                std::thread::sleep(Duration::from_millis(1));
            }
            watch.stop();
        });
        ensemble::run(&slow, &slow.plan, &kept(&slow, &folder), &watch, 2)
    });
    let Err(Broken::Interrupted { kept, runs: 16 }) = broken else {
        panic!("not interrupted")
    };
    assert!((1..16).contains(&kept), "{kept} kept");
    let (resumed, back) = run(&slow, &folder, 2);
    assert_eq!(back, kept);
    assert_eq!(hashes(&resumed), hashes(&whole));
    assert_eq!(resumed.weekly, whole.weekly);
}

#[test]
fn a_fault_names_the_job_and_stops_the_others() {
    let mut faulty = walk(&["none"], 0..40, 50);
    faulty.fault_at = Some((1, 7));
    let folder = scratch("fault");
    let watch = Watch::default();
    let broken = ensemble::run(&faulty, &faulty.plan, &kept(&faulty, &folder), &watch, 2);
    let Err(Broken::Fault { job, fault }) = broken else {
        panic!("no fault")
    };
    assert_eq!((job.draw, fault.week, fault.phase), (1, 7, "power"));
    assert_eq!(
        fault.to_string(),
        "week 7, phase `power`: load_mw of east is NaN"
    );
    assert!(watch.weeks() < 40 * 2 * 50, "the others were stopped");
}

struct Panicking(Walk);

impl Simulation for Panicking {
    fn run(&self, job: &Job, watch: &Watch) -> Result<RunRecord, Halt> {
        assert!(job.draw != 3, "draw {} is too much", job.draw);
        self.0.run(job, watch)
    }
}

#[test]
fn a_panic_inside_a_run_names_the_job_too() {
    let base = Panicking(walk(&["none"], 0..5, 10));
    let folder = scratch("panic");
    let kept = kept(&base.0, &folder);
    let broken = ensemble::run(&base, &base.0.plan, &kept, &Watch::default(), 2);
    let Err(Broken::Panic { job, message }) = broken else {
        panic!("no panic")
    };
    assert_eq!((job.draw, message.as_str()), (3, "draw 3 is too much"));
}

#[test]
fn damaged_foreign_and_renamed_files_are_run_again() {
    let base = walk(&["none"], 0..3, 20);
    let folder = scratch("damaged");
    let (whole, _) = run(&base, &folder, 2);
    let file = |draw: u32| folder.join(format!("arm000-draw{draw:06}-luck000.run"));
    let bytes = std::fs::read(file(0)).unwrap();
    for place in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        std::fs::write(file(0), &flipped).unwrap();
        let kept = kept(&base, &folder);
        assert!(
            kept.find(0, 0, 0).unwrap().is_none(),
            "bit flip at byte {place}"
        );
        assert!(!file(0).exists(), "a damaged file is removed");
    }
    std::fs::write(file(0), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::copy(file(1), file(2)).unwrap();
    let (again, resumed) = run(&base, &folder, 2);
    assert_eq!(
        resumed, 4,
        "of six runs, one is truncated and one is another's"
    );
    assert_eq!(hashes(&again), hashes(&whole));
    let other = walk(&["none"], 0..3, 21);
    assert!(
        kept(&other, &folder).find(0, 1, 0).unwrap().is_none(),
        "another plan's file"
    );
}

#[test]
fn two_processes_do_not_share_an_ensemble() {
    let base = walk(&["none"], 0..3, 20);
    let folder = scratch("locked");
    let first = kept(&base, &folder);
    let fingerprint = *base.plan.fingerprint(1).as_bytes();
    let refused = wattflop::results::partial::Partial::open(&folder, fingerprint);
    assert!(refused.is_err_and(|error| error.to_string().contains("another wattflop")));
    drop(first);
    assert!(wattflop::results::partial::Partial::open(&folder, fingerprint).is_ok());
}

#[test]
fn the_estimate_scales_with_runs_and_weeks() {
    let mut base = walk(&["none", "floor"], 0..10, 200);
    base.week_pause = Duration::from_millis(10);
    let found = estimate(&base, &base.plan, 2, 40).unwrap().unwrap();
    assert_eq!(found.runs, 40);
    // The pauses alone take 40 s; a busy machine may time them anywhere near.
    let pauses = 20.0 * 200.0 * 0.010;
    assert!(
        found.seconds > 0.3 * pauses && found.seconds < 5.0 * pauses,
        "{}",
        found.seconds
    );
    // Weekly: 40 runs × 200 weeks × 2 columns; detail: 8 runs × 200 rows × (8 + 4 + 8) bytes.
    assert_eq!(found.bytes, 40 * 200 * 16 + 8 * 200 * 20);
}

const CHILD: &str = "WATTFLOP_TEST_KILLED_FOLDER";

/// Runs as a child process only: it works in the folder that the parent names.
#[test]
#[ignore = "the child of the kill test"]
fn killed_child() {
    let Ok(folder) = std::env::var(CHILD) else {
        return;
    };
    let folder = Path::new(&folder);
    let mut base = walk(&["none", "floor"], 0..6, 30);
    base.week_pause = Duration::from_micros(100);
    let (joined, _) = run(&base, &folder.join("kept"), 2);
    std::fs::write(folder.join("hashes"), format!("{:?}", hashes(&joined))).unwrap();
}

fn child(folder: &Path, limit_kib: Option<u32>) -> Command {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "killed_child", "--ignored"];
    let mut command = match limit_kib {
        None => Command::new(program),
        Some(_) => Command::new("sh"),
    };
    if let Some(limit) = limit_kib {
        // A file that grows past the limit kills its writer in the middle of the write.
        let line = format!("ulimit -f {}; exec \"$0\" \"$@\"", limit * 2);
        command
            .args(["-c", &line])
            .arg(std::env::current_exe().unwrap());
    }
    command
        .args(arguments)
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn killed_at_random_instants_nothing_is_lost_or_half_written() {
    let folder = scratch("killed");
    let (whole, _) = run(&walk(&["none", "floor"], 0..6, 30), &scratch("unkilled"), 2);
    let written = child(&folder, Some(1)).status().unwrap();
    assert!(!written.success(), "killed by the file size limit");
    let mut chance = 1;
    let mut kills = 0;
    for _ in 0..60 {
        chance = mixed(chance);
        let mut running = child(&folder, None).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(chance % 16_000));
        running.kill().unwrap();
        if !running.wait().unwrap().success() {
            kills += 1;
        }
        for entry in std::fs::read_dir(folder.join("kept")).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "run") {
                assert!(
                    std::fs::metadata(&path).unwrap().len() > 500,
                    "half a file: {path:?}"
                );
            }
        }
    }
    assert!(kills >= 10, "only {kills} kills hit a running child");
    assert!(child(&folder, None).status().unwrap().success());
    let found = std::fs::read_to_string(folder.join("hashes")).unwrap();
    assert_eq!(found, format!("{:?}", hashes(&whole)));
}
