//! What every command of `solve` that reads a file takes, and how it answers.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Outcome, print_json, problems_json, refuse};
use crate::results::disk::write_whole;
use crate::scenario::load::Loaded;
use crate::scenario::problem::Problems;

/// What every part that is asked by a file takes.
#[derive(clap::Args)]
pub struct Question {
    /// What to solve (see docs/solve.md)
    pub file: PathBuf,
    /// Change a value of the file
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Folder of the answer's files
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Accepted by every command; the answer is JSON anyway
    #[arg(long)]
    pub json: bool,
}

impl Question {
    /// The problems as the user asked to see them.
    pub fn refuse(&self, problems: &Problems) -> Outcome {
        if self.json {
            let shown = print_json(&json!({ "problems": problems_json(problems) }));
            if !matches!(shown, Outcome::Done) {
                return shown;
            }
        }
        refuse(problems)
    }

    /// Where the answer's files go: `--out`, or a folder of the question's name.
    pub fn folder(&self, loaded: &Loaded) -> PathBuf {
        let named = || Path::new("output").join(format!("solve-{}", loaded.name));
        self.out.clone().unwrap_or_else(named)
    }
}

/// Warnings go to stderr: the answer is alone on stdout.
pub fn warn(loaded: &Loaded) {
    if !loaded.warnings.is_empty() {
        let (texts, warnings) = (loaded.texts.clone(), loaded.warnings.clone());
        eprintln!("{}", Problems::new(texts, warnings));
    }
}

/// Writes the files of an answer, each whole or not at all.
pub fn keep(folder: &Path, files: &[(&str, String)]) -> Result<(), Outcome> {
    let told = |error: &dyn std::fmt::Display| Outcome::Input(format!("error: {error}"));
    std::fs::create_dir_all(folder).map_err(|error| {
        let place = folder.display();
        Outcome::Input(format!("error: cannot make folder {place}: {error}"))
    })?;
    for (name, text) in files {
        write_whole(&folder.join(name), text.as_bytes()).map_err(|error| told(&error))?;
    }
    Ok(())
}
