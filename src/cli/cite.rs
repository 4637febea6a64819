//! `wattflop cite RUN`: every source behind the numbers that a run used.

use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, print, print_json};
use crate::report::dossier::{Dossier, Source};
use crate::results::folder::RunFolder;

#[derive(clap::Args)]
pub struct Args {
    /// Run folder
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let folder = match RunFolder::open(&args.run) {
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
