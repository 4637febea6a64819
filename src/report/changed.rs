//! What a scenario changes: every value that differs from the shipped baseline, and every value
//! in which a policy differs from the reference. Read from resolved scenarios alone.

use serde_json::Value;

use super::evidence::Evidence;
use super::html::Grid;
use super::words::name;
use crate::scenario::load::load_text_as;
use crate::scenario::print::yaml;
use crate::scenario::types::Scenario;

/// Rows of a table at most.
const SHOWN: usize = 40;
/// Characters of a block at most.
const WIDTH: usize = 110;
/// Blocks that are no part of the world, or that say the same elsewhere in the report.
const LEFT_OUT: [&str; 11] = [
    "uncertain",
    "base",
    "include",
    "question",
    "sources",
    "policies",
    "expect",
    "report",
    "plausibility",
    "horizon",
    "ensemble",
];

/// Path, before, now.
type Difference = [String; 3];

fn read(resolved: &str) -> Value {
    serde_yaml::from_str(resolved).unwrap_or(Value::Null)
}

/// The shipped baseline, resolved by this program.
fn baseline() -> Option<Value> {
    let content = "base: baseline.yaml\n";
    let loaded = load_text_as::<Scenario>("baseline", content, &[], |_| Vec::new()).ok()?;
    Some(read(&yaml(&loaded.tree, None)))
}

/// A value without its evidence, on one line.
fn written(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(map)) if map.contains_key("value") => return written(map.get("value")),
        Some(other) => other.to_string().replace('"', "").replace(',', ", "),
    };
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn differences(path: &str, before: &Value, now: &Value, out: &mut Vec<Difference>) {
    let (Some(old), Some(new)) = (before.as_object(), now.as_object()) else {
        let (old, new) = (written(Some(before)), written(Some(now)));
        if old != new {
            out.push([path.to_owned(), old, new]);
        }
        return;
    };
    if old.contains_key("value") || new.contains_key("value") {
        let (old, new) = (written(Some(before)), written(Some(now)));
        if old != new {
            out.push([path.to_owned(), old, new]);
        }
        return;
    }
    let dotted = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    let left_out = |key: &str| path.is_empty() && LEFT_OUT.contains(&key);
    for (key, value) in new.iter().filter(|(key, _)| !left_out(key)) {
        match old.get(key) {
            Some(known) => differences(&dotted(key), known, value, out),
            None if value.is_null() => {}
            None => out.push([dotted(key), written(None), written(Some(value))]),
        }
    }
    for (key, value) in old.iter().filter(|(key, _)| !left_out(key)) {
        if !new.contains_key(key) && !value.is_null() {
            out.push([dotted(key), written(Some(value)), written(None)]);
        }
    }
}

fn grid(head: [&str; 3], caption: String, found: Vec<Difference>) -> Option<Grid> {
    let more = found.len().saturating_sub(SHOWN);
    let mut rows: Vec<Vec<String>> = found.into_iter().take(SHOWN).map(Vec::from).collect();
    if more > 0 {
        rows.push(vec![
            format!("… and {more} more"),
            String::new(),
            String::new(),
        ]);
    }
    (!rows.is_empty()).then(|| Grid {
        caption,
        head: head.map(str::to_owned).to_vec(),
        rows,
    })
}

/// What the scenario changes, then what each policy does.
pub(super) fn tables(evidence: &Evidence) -> Vec<Grid> {
    let resolved = |policy: &str| {
        evidence
            .manifest
            .resolved
            .get(policy)
            .map(|text| read(text))
    };
    let Some(shown) = resolved(&evidence.shown) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(default) = baseline() {
        differences("", &default, &shown, &mut found);
    }
    let caption = "Against the baseline that this program carries.".to_owned();
    let mut tables: Vec<Grid> = grid(["Key", "Baseline", "This scenario"], caption, found)
        .into_iter()
        .collect();
    for policy in evidence
        .manifest
        .policies
        .iter()
        .filter(|policy| **policy != evidence.shown)
    {
        let Some(other) = resolved(policy) else {
            continue;
        };
        let mut found = Vec::new();
        differences("", &shown, &other, &mut found);
        let caption = format!("Policy “{}”.", name(policy));
        let head = ["Key", &name(&evidence.shown), &name(policy)];
        tables.extend(grid(head, caption, found));
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_without_evidence_and_in_place() {
        let before = read("{ question: a, r: { x: { value: 1, source: s }, y: 2 }, z: [1] }");
        let now = read("{ question: b, r: { x: { value: 3, source: t }, y: 2, n: {k: v} } }");
        let mut found = Vec::new();
        differences("", &before, &now, &mut found);
        let told: Vec<String> = found.iter().map(|row| row.join(" | ")).collect();
        assert_eq!(told, ["r.x | 1 | 3", "r.n | – | {k:v}", "z | [1] | –"]);
    }

    #[test]
    fn the_baseline_changes_nothing() {
        let baseline = baseline().expect("the shipped baseline");
        let mut found = Vec::new();
        differences("", &baseline, &baseline, &mut found);
        assert!(found.is_empty());
    }
}
