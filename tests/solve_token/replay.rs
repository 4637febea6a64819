//! A question to `solve token`, its answer by column, and what it said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of its own for each test, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("wattflop-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn command(file: &Path, out: &Path, sets: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wattflop"));
    command
        .args(["solve", "token"])
        .arg(file)
        .arg("--out")
        .arg(out);
    for set in sets {
        command.args(["--set", set]);
    }
    command.output().unwrap()
}

/// A replay: its summary, its table by column, and what was said on standard error.
pub struct Shown {
    pub summary: Value,
    pub columns: BTreeMap<String, Vec<f64>>,
    pub dates: Vec<String>,
    pub said: String,
}

impl Shown {
    pub fn column(&self, name: &str) -> &[f64] {
        self.columns
            .get(name)
            .unwrap_or_else(|| panic!("no column {name}"))
    }
    pub fn last(&self, name: &str) -> f64 {
        *self.column(name).last().unwrap()
    }
    pub fn total(&self, name: &str) -> f64 {
        self.summary["totals"][name]
            .as_f64()
            .unwrap_or_else(|| panic!("no total {name}"))
    }
}

pub fn replay_with(file: &Path, sets: &[&str]) -> Shown {
    let folder = Folder::new(&format!(
        "token-{}-{}",
        file.file_stem().unwrap().to_string_lossy(),
        sets.len() * 1_000 + sets.concat().len()
    ));
    let output = command(file, &folder.0, sets);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{}: {said}", file.display());
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["residual"], 0, "{}", file.display());
    let text = std::fs::read_to_string(folder.0.join("supply.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(&names[..2], ["period", "date"]);
    let (mut columns, mut dates) = (BTreeMap::new(), Vec::new());
    for (number, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), names.len());
        assert_eq!(cells[0], number.to_string());
        dates.push(cells[1].to_owned());
        for (name, cell) in names.iter().zip(cells).skip(2) {
            let value: f64 = cell.parse().unwrap();
            assert!(value.is_finite(), "{name} {cell}");
            columns
                .entry((*name).to_owned())
                .or_insert_with(Vec::new)
                .push(value);
        }
    }
    Shown {
        summary,
        columns,
        dates,
        said,
    }
}

pub fn replay_text(name: &str, text: &str) -> Shown {
    let folder = Folder::new(&format!("case-{name}"));
    replay_with(&folder.write(&format!("{name}.yaml"), text), &[])
}

pub fn refused(name: &str, text: &str) -> String {
    let folder = Folder::new(&format!("refused-{name}"));
    let output = command(&folder.write("bad.yaml", text), &folder.0, &[]);
    assert_eq!(output.status.code(), Some(2), "{name}");
    String::from_utf8(output.stderr).unwrap()
}

pub fn near(found: f64, wanted: f64, relative: f64, what: &str) {
    let distance = (found - wanted).abs();
    assert!(
        distance <= relative * wanted.abs().max(1.0),
        "{what}: {found} against {wanted}"
    );
}

pub fn shipped(name: &str) -> PathBuf {
    root()
        .join("scenarios/solve")
        .join(format!("token_{name}.yaml"))
}
