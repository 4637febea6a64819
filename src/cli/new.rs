//! `wattflop new NAME`: a scenario file to start from.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, print, print_json};
use crate::scenario::{embedded, read, suggest};

#[derive(clap::Args)]
pub struct Args {
    /// Name of the scenario; the file becomes NAME.yaml
    #[arg(value_name = "NAME")]
    name: String,
    /// Copy this scenario: a file, or one that the program carries
    #[arg(long, value_name = "SCENARIO")]
    from: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The shortest useful scenario; a test checks it.
pub const STARTER: &str = include_str!("starter.yaml");

pub fn run(args: Args) -> Outcome {
    let stem = args.name.strip_suffix(".yaml").unwrap_or(&args.name);
    let file_name = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let letters = file_name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if file_name.is_empty() || !letters {
        let help = "letters, digits, _ and -, for example `wattflop new shortage`";
        return Outcome::Input(format!(
            "error: `{stem}` cannot name a scenario\n  help: {help}"
        ));
    }
    let content = match &args.from {
        None => STARTER.to_owned(),
        Some(from) => match template(from) {
            Ok(content) => content,
            Err(message) => return Outcome::Input(message),
        },
    };
    let path = PathBuf::from(format!("{stem}.yaml"));
    let created = OpenOptions::new().write(true).create_new(true).open(&path);
    let written = created.and_then(|mut file| file.write_all(content.as_bytes()));
    if let Err(error) = written {
        return Outcome::Input(format!("error: cannot create {}: {error}", path.display()));
    }
    let (shown, lines) = (path.display().to_string(), content.lines().count());
    if args.json {
        return print_json(&json!({ "created": shown, "lines": lines }));
    }
    print(&format!(
        "created {shown} ({lines} lines)   next: wattflop check {shown}\n"
    ))
}

fn template(from: &str) -> Result<String, String> {
    let path = PathBuf::from(from);
    if path.exists() {
        return read::read_file(&path).map_err(|message| format!("error: {message}"));
    }
    let short = from.strip_prefix("scenarios/").unwrap_or(from);
    let named = [short.to_owned(), format!("{short}.yaml")];
    let known = embedded::scenarios().find(|(name, _)| named.iter().any(|n| n == name));
    known
        .map(|(_, content)| (*content).to_owned())
        .ok_or_else(|| {
            let names = embedded::scenarios().map(|(name, _)| *name);
            let help = suggest::hint(&named[1], names).unwrap_or_default();
            format!("error: there is no scenario `{from}`\n  help: {help}")
        })
}
