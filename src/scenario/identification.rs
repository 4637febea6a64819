//! Which fact pins which behavioural number, as a page: `docs/identification.md`.

use std::fmt::Write;

use super::assumptions::pattern;
use super::json_schema::prose;
use super::load::Loaded;
use super::numbers::{NumberAt, locate, numeric_paths};
use super::schema::Field;
use super::tree::Node;
use crate::units::number_text;

/// Where behaviour is stated, and whose it is.
const BEHAVIOUR: [(&str, &str); 13] = [
    ("demand.segments", "Buyers: segments"),
    ("demand.choice", "Buyers: choice"),
    ("pricing", "Sellers: prices"),
    ("investment", "Operators: investment"),
    ("providers.behaviour", "Providers"),
    ("token_market", "Holders of tokens"),
    ("chips.vendor_pricing", "Makers of chips: prices"),
    ("chips.expansion", "Makers of chips: capacity"),
    ("chips.second_hand", "Used chips"),
    ("chips.worth", "What an hour on a chip is worth"),
    ("grid.generation", "Builders and owners of power plants"),
    ("grid.tariffs", "Tariffs"),
    ("grid.scarcity", "Scarcity of power"),
];

/// Numbers of one kind that are known in one way.
struct Row {
    pattern: String,
    field: &'static Field,
    fact: String,
    values: Vec<String>,
}

/// The page.
pub fn markdown(loaded: &Loaded) -> String {
    let mut text = "# Identification\n\n\
        Which fact pins which behavioural number. Made from the catalogue by `wattflop cite \
        --identification > docs/identification.md`; a test holds it current. A number that \
        nothing pins says *assumed* and carries a range; those that matter most are drawn in \
        the shipped ensemble (`uncertain` of `scenarios/baseline.yaml`).\n"
        .to_owned();
    let numbers = numeric_paths(loaded.root, &loaded.tree);
    for (block, title) in BEHAVIOUR {
        let inside = |number: &&NumberAt| {
            let rest = number.path.strip_prefix(block);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let rows = rows(loaded, numbers.iter().filter(inside));
        let head = "| number | value | pinned by |\n|---|---|---|";
        let _ = write!(text, "\n## {title} (`{block}`)\n\n{head}\n");
        for row in rows {
            let said = prose(row.field.doc).replace('|', "\\|");
            let (pattern, values) = (&row.pattern, row.values.join(", "));
            let _ = writeln!(text, "| `{pattern}`: {said} | {values} | {} |", row.fact);
        }
    }
    text
}

fn rows<'a>(loaded: &Loaded, numbers: impl Iterator<Item = &'a NumberAt>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for number in numbers {
        let Ok(found) = locate(loaded.root, &loaded.tree, &number.path) else {
            continue;
        };
        let Some(fact) = fact(loaded, found.node) else {
            continue;
        };
        let (pattern, mut names) = pattern(loaded.root, &number.path);
        names.push(number_text(number.value));
        let value = names.join(" ");
        let known = (rows.iter_mut()).find(|row| row.pattern == pattern && row.fact == fact);
        match known {
            Some(row) => row.values.push(value),
            None => rows.push(Row {
                pattern,
                field: found.field,
                fact,
                values: vec![value],
            }),
        }
    }
    rows
}

/// What a number rests on; nothing for a setting, which states no fact.
fn fact(loaded: &Loaded, node: &Node) -> Option<String> {
    let part = |name: &str| node.get(name).and_then(Node::text);
    let status = part("status")?;
    let note = part("note").map_or(String::new(), |note| format!(": {note}"));
    if status == "assumed" {
        return Some(format!("*assumed*{note}").replace('|', "\\|"));
    }
    let key = part("source")?;
    let title = loaded.tree.find(&["sources", key, "title"]);
    let title = title.and_then(Node::text).unwrap_or(key);
    Some(format!("{status}, {title}{note}").replace('|', "\\|"))
}
