//! `wattflop explain KEY`: what a key means, and what the catalogue and the scenarios say.

use serde_json::json;

use super::{Outcome, print, print_json};
use crate::scenario::explain::{Explained, explain};

#[derive(clap::Args)]
pub struct Args {
    /// A dotted path such as chips.memory.lead_time_weeks, or the end of one
    #[arg(value_name = "KEY")]
    key: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let found = match explain(&args.key) {
        Ok(found) => found,
        Err(message) => return Outcome::Input(message),
    };
    if args.json {
        return print_json(&json!(found.iter().map(to_json).collect::<Vec<_>>()));
    }
    let texts: Vec<String> = found.iter().map(to_text).collect();
    print(&texts.join("\n"))
}

fn rows(entry: &Explained) -> Vec<(&'static str, String)> {
    let mut rows = vec![("type", entry.kind.clone())];
    let mut add = |name, value: &Option<String>| {
        rows.extend(value.clone().map(|value| (name, value)));
    };
    add("unit", &entry.unit);
    add("range", &entry.range);
    add("usual", &entry.plausible);
    add("names", &entry.reference);
    add("default", &entry.default);
    rows.extend(
        entry
            .options
            .iter()
            .map(|(name, doc)| ("option", format!("{name}: {doc}"))),
    );
    rows.extend(entry.values.iter().map(|value| ("value", value.clone())));
    rows.extend(entry.acts_in.iter().map(|file| ("acts in", file.clone())));
    rows.extend(entry.set_by.iter().map(|place| ("set by", place.clone())));
    rows
}

fn to_text(entry: &Explained) -> String {
    let mut out = format!("{}\n  {}\n", entry.path, entry.doc);
    for (name, value) in rows(entry) {
        out.push_str(&format!("  {name:<9} {value}\n"));
    }
    out
}

fn to_json(entry: &Explained) -> serde_json::Value {
    json!({
        "path": entry.path, "meaning": entry.doc, "type": entry.kind, "unit": entry.unit,
        "range": entry.range, "usual": entry.plausible, "names": entry.reference,
        "default": entry.default, "options": entry.options, "values": entry.values,
        "set_by": entry.set_by, "acts_in": entry.acts_in,
    })
}
