//! The run folder: whole or absent, verified to the last bit, never in the user's way.

use std::path::{Path, PathBuf};

use wattflop::results::folder::{Draft, RunFolder, may_write};
use wattflop::results::manifest::{Manifest, ValueHash};
use wattflop::results::{Data, Table, Value};

fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("folder")
        .join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn table() -> Table {
    let mut table = Table::new("weekly");
    for week in 0..300_u32 {
        let policy: Value = if week % 3 == 0 { "none" } else { "Bodenpreis" }.into();
        let value = if week == 7 {
            f64::NAN
        } else {
            1.0 / f64::from(week + 1)
        };
        let row = [
            ("policy", policy),
            ("week", week.into()),
            ("price_usd", value.into()),
        ];
        table.push_row(&row).unwrap();
    }
    table
}

fn manifest() -> Manifest {
    Manifest {
        scenario: "shortage".to_string(),
        question: "What does a \"seal\": \"0\" do?".to_string(),
        seed: u64::MAX,
        policies: vec!["none".to_string()],
        hashes: vec![ValueHash {
            policy: "none".to_string(),
            draw: 3,
            blake3: "ab".to_string(),
        }],
        residuals: [("micro_usd".to_string(), 0)].into(),
        ..Manifest::default()
    }
}

fn write(target: &Path, force: bool) -> Result<PathBuf, String> {
    let draft = Draft::begin(target, force).map_err(|error| error.to_string())?;
    draft.table(&table()).map_err(|error| error.to_string())?;
    draft
        .file("charts/price.svg", b"<svg/>")
        .map_err(|error| error.to_string())?;
    draft.commit(&manifest()).map_err(|error| error.to_string())
}

fn names(path: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = std::fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_read_back() {
    let root = scratch("round");
    let target = root.join("shortage-12345678");
    write(&target, false).unwrap();
    assert_eq!(names(&root), ["shortage-12345678"], "nothing else is left");
    let run = RunFolder::open(&target).unwrap();
    assert_eq!(run.manifest.question, manifest().question);
    assert_eq!(run.manifest.seed, u64::MAX);
    assert!(run.has("weekly") && !run.has("offers"));
    let (found, expected) = (run.table("weekly").unwrap(), table());
    assert_eq!(found.columns().len(), 3);
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        assert_eq!(found.name, expected.name);
        match (&found.data, &expected.data) {
            (Data::F64(found), Data::F64(expected)) => {
                let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(found), bits(expected));
            }
            (found, expected) => assert_eq!(found, expected),
        }
    }
    assert!(run.table("offers").is_err());
}

#[test]
fn a_draft_that_is_dropped_leaves_nothing() {
    let root = scratch("dropped");
    let draft = Draft::begin(&root.join("run"), false).unwrap();
    draft.table(&table()).unwrap();
    assert!(RunFolder::open(draft.path()).is_err(), "no manifest yet");
    drop(draft);
    assert!(names(&root).is_empty());
}

#[test]
fn earlier_results_are_replaced_only_by_force_and_other_things_never() {
    let root = scratch("force");
    let target = root.join("run");
    write(&target, false).unwrap();
    let refused = write(&target, false).unwrap_err();
    assert!(
        refused.contains("--force") && refused.contains("run"),
        "{refused}"
    );
    assert!(RunFolder::open(&target).is_ok());
    write(&target, true).unwrap();
    assert_eq!(names(&root), ["run"]);

    let mine = root.join("mine");
    std::fs::create_dir(&mine).unwrap();
    std::fs::write(mine.join("thesis.tex"), "x").unwrap();
    assert!(write(&mine, true).unwrap_err().contains("not a run"));
    assert!(mine.join("thesis.tex").exists());

    let file = root.join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(write(&file, true).unwrap_err().contains("in the way"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "x");
    assert!(write(&file.join("below"), false).is_err());
    assert!(
        may_write(Path::new("/proc/wattflop/run"), false).is_err(),
        "cannot be written"
    );

    #[cfg(unix)]
    {
        let link = root.join("link");
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        assert!(write(&link, true).unwrap_err().contains("in the way"));
        assert!(mine.join("thesis.tex").exists());
    }
}

#[test]
fn a_folder_put_aside_by_a_killed_replacement_is_put_back() {
    let root = scratch("aside");
    let target = root.join("run");
    write(&target, false).unwrap();
    std::fs::rename(&target, root.join(".run.old")).unwrap();
    std::fs::create_dir(root.join(".run.new")).unwrap();
    std::fs::write(root.join(".run.new/half"), "x").unwrap();
    assert!(
        write(&target, false)
            .unwrap_err()
            .contains("exists already")
    );
    assert!(RunFolder::open(&target).is_ok(), "put back");
    write(&target, true).unwrap();
    assert_eq!(names(&root), ["run"]);
    assert!(!target.join("half").exists());
}

#[test]
fn every_truncation_and_bit_flip_is_found_on_opening() {
    let root = scratch("flips");
    let target = root.join("run");
    write(&target, false).unwrap();
    let files = ["manifest.json", "charts/price.svg"].map(|name| target.join(name));
    let tables = RunFolder::open(&target).unwrap().manifest.files;
    let stored = tables
        .keys()
        .find(|name| name.starts_with("weekly"))
        .unwrap();
    for path in files.iter().chain([&target.join(stored)]) {
        let bytes = std::fs::read(path).unwrap();
        let step = (bytes.len() / 400).max(1);
        for place in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            std::fs::write(path, &flipped).unwrap();
            assert!(
                RunFolder::open(&target).is_err(),
                "flip at {place} of {path:?}"
            );
        }
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(path, &bytes[..length]).unwrap();
            assert!(
                RunFolder::open(&target).is_err(),
                "cut to {length} of {path:?}"
            );
        }
        std::fs::write(path, &bytes).unwrap();
        assert!(RunFolder::open(&target).is_ok());
    }
    std::fs::remove_file(&files[1]).unwrap();
    assert!(RunFolder::open(&target).is_err(), "a missing file");
}
