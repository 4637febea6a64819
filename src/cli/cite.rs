//! `wattflop cite RUN`: every source behind the numbers that a run used; what is assumed.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Outcome, print, print_json, refuse};
use crate::report::dossier::{Dossier, Source};
use crate::results::folder::RunFolder;
use crate::scenario::load::{Loaded, load, load_text_as};
use crate::scenario::problem::Problems;
use crate::scenario::types::Scenario;
use crate::scenario::{assumptions, embedded, identification, verify};

#[derive(clap::Args)]
pub struct Args {
    /// Run folder; with one of the pages a scenario file, the shipped baseline if absent
    #[arg(value_name = "RUN", required_unless_present_any = ["assumptions", "identification"])]
    run: Option<PathBuf>,
    /// Print what a scenario assumes, in Markdown
    #[arg(long, conflicts_with = "identification")]
    assumptions: bool,
    /// Print which fact pins which behavioural number, in Markdown
    #[arg(long)]
    identification: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A file, or the scenario of that name that the program carries.
fn shipped_or(file: &Path) -> Result<Loaded, Problems> {
    match file.to_str().and_then(embedded::file) {
        Some(text) if !file.exists() => {
            load_text_as::<Scenario>("baseline", text, &[], verify::verify)
        }
        _ => load(file, &[]),
    }
}

pub fn run(args: Args) -> Outcome {
    if args.assumptions || args.identification {
        let file = args.run.unwrap_or_else(|| PathBuf::from("baseline.yaml"));
        return match shipped_or(&file) {
            Ok(loaded) if args.assumptions => print(&assumptions::markdown(&loaded)),
            Ok(loaded) => print(&identification::markdown(&loaded)),
            Err(problems) => refuse(&problems),
        };
    }
    let folder = match RunFolder::open(&args.run.unwrap_or_default()) {
        Ok(folder) => folder,
        Err(error) => return Outcome::Input(format!("error: {error}")),
    };
    let mut sources: Vec<Source> = Vec::new();
    for resolved in folder.manifest.resolved.values() {
        for source in Dossier::of(resolved).sources() {
            match sources.iter_mut().find(|known| known.key == source.key) {
                Some(known) => known.numbers = known.numbers.max(source.numbers),
                None => sources.push(source),
            }
        }
    }
    if args.json {
        let list = sources.iter().map(|source| {
            json!({
                "key": source.key, "title": source.title, "url": source.url,
                "date": source.date, "numbers": source.numbers,
            })
        });
        return print_json(&json!(list.collect::<Vec<_>>()));
    }
    let mut text = String::new();
    for source in &sources {
        let numbers = if source.numbers == 1 {
            "number"
        } else {
            "numbers"
        };
        text.push_str(&format!("{} ({})", source.title, source.date));
        if !source.url.is_empty() {
            text.push_str(&format!(" {}", source.url));
        }
        text.push_str(&format!(" [{} {numbers}]\n", source.numbers));
    }
    print(&text)
}
