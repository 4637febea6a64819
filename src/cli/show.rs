//! `wattflop show FILE`: what the layers come to, and where every value comes from.

use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, print, print_json, refuse};
use crate::scenario::print::{json as tree_json, yaml};
use crate::scenario::tree::{Node, Value};
use crate::scenario::{Loaded, load};

#[derive(clap::Args)]
pub struct Args {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print every value of the merged scenario
    #[arg(long)]
    resolved: bool,
    /// Say behind each value where it comes from; implies --resolved
    #[arg(long)]
    origins: bool,
    /// As this policy changes it
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Only this part, for example chips.memory
    #[arg(long, value_name = "PATH")]
    only: Option<String>,
    /// Change a value first
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let loaded = match load(&args.file, &args.sets) {
        Ok(loaded) => loaded,
        Err(problems) => return refuse(&problems),
    };
    let mut tree = match &args.policy {
        None => loaded.tree.clone(),
        Some(name) => match loaded.policy(name) {
            Some(policy) => policy.tree.clone(),
            None => return no_policy(&loaded, name),
        },
    };
    if !(args.resolved || args.origins || args.only.is_some() || args.json) {
        return print(&summary(&loaded));
    }
    // The layers are merged: naming them again would merge them twice.
    if let Value::Map(entries) = &mut tree.value {
        entries.retain(|(key, _)| key.name != "base" && key.name != "include");
    }
    if let Some(path) = &args.only {
        tree = match part(&tree, path) {
            Some(part) => part,
            None => return Outcome::Input(format!("error: there is no `{path}` in the scenario")),
        };
    }
    if args.json {
        let values = tree_json(loaded.root, &tree);
        let origins = args.origins.then(|| origin_list(&loaded, &tree));
        return print_json(&match origins {
            Some(origins) => json!({ "values": values, "origins": origins }),
            None => values,
        });
    }
    print(&yaml(&tree, args.origins.then_some(&loaded.texts)))
}

fn no_policy(loaded: &Loaded, name: &str) -> Outcome {
    let names = loaded.policies.iter().map(|policy| policy.name.as_str());
    let help = crate::scenario::suggest::hint(name, names).unwrap_or_default();
    Outcome::Input(format!(
        "error: there is no policy `{name}`\n  help: {help}"
    ))
}

/// The tree with nothing left but the path.
fn part(tree: &Node, path: &str) -> Option<Node> {
    let Some((name, rest)) = path.split_once('.') else {
        return keep(tree, path, |node| Some(node.clone()));
    };
    keep(tree, name, |node| part(node, rest))
}

fn keep(tree: &Node, name: &str, look: impl Fn(&Node) -> Option<Node>) -> Option<Node> {
    let (key, node) = tree.entries().iter().find(|(key, _)| key.name == name)?;
    Some(Node::new(
        Value::Map(vec![(key.clone(), look(node)?)]),
        tree.at,
    ))
}

fn summary(loaded: &Loaded) -> String {
    let text = |path: &[&str]| {
        loaded
            .tree
            .find(path)
            .and_then(Node::text)
            .unwrap_or("not given")
            .to_owned()
    };
    let mut out = format!("{}\n\n", text(&["question"]));
    let weeks = text(&["horizon", "weeks"]);
    out.push_str(&format!(
        "horizon     {weeks} weeks from {}\n",
        text(&["horizon", "start"])
    ));
    let (draws, luck) = (text(&["ensemble", "draws"]), text(&["ensemble", "luck"]));
    let seed = text(&["ensemble", "seed"]);
    out.push_str(&format!(
        "ensemble    {draws} draws x {luck} luck, seed {seed}\n"
    ));
    for policy in &loaded.policies {
        let from = policy
            .from
            .map_or(String::new(), |date| format!(" from {date}"));
        let count = policy.changes.len();
        let word = if count == 1 { "change" } else { "changes" };
        out.push_str(&format!(
            "policy      {}{from}: {count} {word}\n",
            policy.name
        ));
    }
    out.push_str(&format!("uncertain   {} numbers\n", loaded.uncertain.len()));
    let numbers = crate::scenario::numbers::numeric_paths(loaded.root, &loaded.tree).len();
    out.push_str(&format!("numbers     {numbers} in all\n"));
    for text in loaded.texts.list() {
        out.push_str(&format!("layer       {}\n", text.name));
    }
    out.push_str("\nEvery value: --resolved; where it comes from: --origins\n");
    out
}

/// `path: file:line:column` of every scalar.
fn origin_list(loaded: &Loaded, tree: &Node) -> serde_json::Value {
    let mut pairs = serde_json::Map::new();
    collect_origins(loaded, tree, String::new(), &mut pairs);
    serde_json::Value::Object(pairs)
}

fn collect_origins(
    loaded: &Loaded,
    node: &Node,
    path: String,
    pairs: &mut serde_json::Map<String, serde_json::Value>,
) {
    for (key, value) in node.entries() {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{}", key.name);
        if matches!(value.value, Value::Map(_)) {
            collect_origins(loaded, value, path, pairs);
        } else {
            pairs.insert(path, json!(loaded.texts.describe(value.at)));
        }
    }
}
