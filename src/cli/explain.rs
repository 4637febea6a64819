//! `wattflop explain KEY`: what a key means, and what the catalogue and the scenarios say.

use serde_json::json;

use super::{Outcome, print, print_json};
use crate::market::columns::TABLES;
use crate::market::outcomes::ALL;
use crate::market::watch::WATCHED;
use crate::scenario::explain::{Explained, explain};
use crate::units::unit_of;

#[derive(clap::Args)]
pub struct Args {
    /// A dotted path such as chips.memory.lead_time_weeks, or the end of one, or an outcome
    #[arg(value_name = "KEY")]
    key: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let outcomes = outcomes_of(&args.key);
    let found = match explain(&args.key) {
        Ok(mut found) => {
            found.extend(outcomes);
            found
        }
        Err(_) if !outcomes.is_empty() => outcomes,
        Err(message) => return Outcome::Input(message),
    };
    if args.json {
        return print_json(&json!(found.iter().map(to_json).collect::<Vec<_>>()));
    }
    let texts: Vec<String> = found.iter().map(to_text).collect();
    print(&texts.join("\n"))
}

/// What runs record under this name: a weekly outcome, or a column of entity tables.
fn outcomes_of(key: &str) -> Vec<Explained> {
    let column = key.rsplit('.').next().unwrap_or(key);
    let entry = |path: String, kind: String, doc: &str| Explained {
        path,
        doc: doc.to_owned(),
        kind,
        unit: unit_of(column).map(|unit| unit.to_string()),
        ..Explained::default()
    };
    let weekly = ALL.iter().filter(|outcome| outcome.name == key);
    let mut found: Vec<Explained> = weekly
        .map(|outcome| {
            let kind = "outcome of a run, each week".to_owned();
            entry(column.to_owned(), kind, outcome.meaning)
        })
        .collect();
    for columns in TABLES {
        let table = columns.table;
        let asked = key == column || key.starts_with(&format!("{table}."));
        let Some(meaning) = columns.meaning(column).filter(|_| asked) else {
            continue;
        };
        let kind = format!(
            "column of the table `{table}`, one row a week and {}",
            columns.key
        );
        let doc = if WATCHED.contains(&table) {
            format!("{meaning}. Ask for one as `{table}.NAME.{column}`.")
        } else {
            format!("{meaning}.")
        };
        found.push(entry(format!("{table}.*.{column}"), kind, &doc));
    }
    found
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
