//! What a key means: from the schema, the catalogue and the shipped scenarios.

use std::path::Path;

use super::embedded;
use super::facts::payload;
use super::json_schema::prose;
use super::layers::Gather;
use super::merge::{Likeness, complete};
use super::print::inline;
use super::problem::Texts;
use super::read;
use super::root::root_of;
use super::schema::{Default, Field, Record, Rule, Shape};
use super::suggest::similar;
use super::tree::{Node, TextId, Value};
use super::types::Scenario;
use crate::units::{number_text, unit_of};

/// Keys explained at most for one question.
const SHOWN: usize = 12;
/// Values of the catalogue listed at most.
const VALUES: usize = 8;

/// Characters of a block shown at most.
const WIDTH: usize = 100;

/// Everything known about one key. Names of entries stand as `*` in its path.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    pub path: String,
    pub doc: String,
    pub kind: String,
    pub unit: Option<String>,
    pub range: Option<String>,
    pub plausible: Option<String>,
    pub reference: Option<String>,
    pub default: Option<String>,
    pub options: Vec<(String, String)>,
    /// `path = value (source …)` of the catalogue.
    pub values: Vec<String>,
    /// Scenarios of the program that set it, with the line.
    pub set_by: Vec<String>,
    /// Files of the model that read a field of this name.
    pub acts_in: Vec<String>,
}

/// A place in the schema.
struct Spot {
    steps: Vec<&'static str>,
    field: &'static Field,
}

const ENTRY: &str = "*";

/// Explains a dotted path (entries by name or `*`) or every key that ends with it.
pub fn explain(key: &str) -> Result<Vec<Explained>, String> {
    let root = root_of::<Scenario>();
    let mut spots = Vec::new();
    collect(Shape::Record(root), &mut Vec::new(), &mut spots);
    let asked: Vec<&str> = key.split('.').collect();
    let mut matching: Vec<&Spot> = spots
        .iter()
        .filter(|spot| matches(spot, &asked, true))
        .collect();
    if matching.is_empty() {
        matching = spots
            .iter()
            .filter(|spot| matches(spot, &asked, false))
            .collect();
    }
    if matching.is_empty() {
        matching = spots
            .iter()
            .filter(|spot| spot.field.name.contains(key))
            .collect();
        matching.dedup_by_key(|spot| spot.field.name);
    }
    if matching.is_empty() {
        let names = spots.iter().map(|spot| spot.field.name);
        let last = asked.last().copied().unwrap_or_default();
        let help = similar(last, names).map(|name| format!("\n  help: did you mean `{name}`?"));
        return Err(format!(
            "error: no key is called `{key}`{}",
            help.unwrap_or_default()
        ));
    }
    let mut texts = Texts::default();
    let tree = catalogue(root, &mut texts);
    let explained = matching.iter().take(SHOWN).map(|spot| {
        let mut entry = describe(spot);
        let exact: Vec<&str> = if asked.len() == spot.steps.len() {
            asked.clone()
        } else {
            spot.steps.clone()
        };
        if let Some(tree) = &tree {
            find_values(
                (tree, &texts),
                tree,
                &exact,
                String::new(),
                &mut entry.values,
            );
        }
        let more = entry.values.len().saturating_sub(VALUES);
        if more > 0 {
            entry.values.truncate(VALUES);
            entry.values.push(format!("… and {more} more"));
        }
        entry.set_by = scenarios_that_set(&exact);
        entry
    });
    Ok(explained.collect())
}

fn collect(shape: Shape, steps: &mut Vec<&'static str>, spots: &mut Vec<Spot>) {
    let fields: &'static [Field] = match shape.inner() {
        Shape::Record(record) => record.fields,
        Shape::Tagged(tagged) => tagged.variants,
        Shape::Map(_, inner) => {
            steps.push(ENTRY);
            collect(*inner, steps, spots);
            steps.pop();
            return;
        }
        Shape::List(inner) => return collect(*inner, steps, spots),
        _ => return,
    };
    for field in fields {
        steps.push(field.name);
        spots.push(Spot {
            steps: steps.clone(),
            field,
        });
        collect(field.shape, steps, spots);
        steps.pop();
    }
}

fn matches(spot: &Spot, asked: &[&str], whole: bool) -> bool {
    let Some(skip) = spot.steps.len().checked_sub(asked.len()) else {
        return false;
    };
    if whole && skip > 0 {
        return false;
    }
    let same = |(step, name): (&&str, &&str)| step == name || *step == ENTRY;
    let last = spot.steps.last() == asked.last();
    last && spot.steps[skip..].iter().zip(asked).all(same)
}

fn describe(spot: &Spot) -> Explained {
    let Field {
        doc,
        shape,
        rule,
        name,
    } = spot.field;
    let say = |(low, high): (f64, f64)| format!("{} to {}", number_text(low), number_text(high));
    let mut options = Vec::new();
    match shape.inner() {
        Shape::Choice(choice) => {
            options.extend(
                choice
                    .options
                    .iter()
                    .map(|(n, d)| ((*n).to_owned(), prose(d))),
            );
        }
        Shape::Tagged(tagged) => {
            options.extend(
                tagged
                    .variants
                    .iter()
                    .map(|v| (v.name.to_owned(), prose(v.doc))),
            );
        }
        Shape::Record(record) => {
            options.extend(
                record
                    .fields
                    .iter()
                    .map(|f| (f.name.to_owned(), prose(f.doc))),
            );
        }
        _ => {}
    }
    Explained {
        path: spot.steps.join("."),
        doc: prose(doc),
        kind: kind(*shape),
        unit: unit_of(name).map(|unit| unit.to_string()),
        range: rule.range.map(say).or(whole_range(rule)),
        plausible: rule.plausible.map(say),
        reference: rule
            .reference
            .or(rule.keys)
            .map(|path| format!("entries of {path}")),
        default: default_text(spot.field),
        acts_in: acts_in(name),
        options,
        ..Explained::default()
    }
}

/// Where the key acts; nothing where so many fields share its name that it would say nothing.
fn acts_in(name: &str) -> Vec<String> {
    let files = embedded::readers(name);
    let told = if files.len() > SHOWN { &[] } else { files };
    told.iter().map(|file| (*file).to_owned()).collect()
}

fn whole_range(rule: &Rule) -> Option<String> {
    rule.whole_range
        .map(|(low, high)| format!("{low} to {high}"))
}

fn default_text(field: &Field) -> Option<String> {
    match field.rule.default {
        Default::Required if field.is_optional() => Some("absent".to_owned()),
        Default::Required => Some("none: it must be given".to_owned()),
        Default::Number(number) => Some(number_text(number)),
        Default::Integer(number) => Some(number.to_string()),
        Default::Text(text) => Some(text.to_owned()),
        Default::Flag(flag) => Some(flag.to_string()),
        Default::Empty => Some("empty".to_owned()),
    }
}

fn kind(shape: Shape) -> String {
    match shape {
        Shape::Number => "number".to_owned(),
        Shape::Integer => "whole number".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Date => "date".to_owned(),
        Shape::Series => "numbers by date".to_owned(),
        Shape::Numbers => "number, list of numbers, or { csv, column }".to_owned(),
        Shape::Patch => "changes by dotted path".to_owned(),
        Shape::Choice(_) => "one option".to_owned(),
        Shape::Tagged(_) => "exactly one alternative".to_owned(),
        Shape::Record(_) => "block".to_owned(),
        Shape::List(inner) => format!("list of {}", kind(*inner)),
        Shape::Map(_, inner) => format!("named entries, each: {}", kind(*inner)),
        Shape::Optional(inner) => kind(*inner),
    }
}

/// The newest catalogue that the program carries, merged and completed.
fn catalogue(root: &'static Record, texts: &mut Texts) -> Option<Node> {
    let newest = embedded::catalogue().map(|(name, _)| *name);
    let newest = newest
        .filter(|name| name.as_bytes().get(8).is_some_and(u8::is_ascii_digit))
        .max()?;
    let (content, mut problems) = (format!("base: {newest}\n"), Vec::new());
    let mut tree = Gather {
        root,
        texts,
        problems: &mut problems,
    }
    .text("explain", &content)?;
    Likeness::new(&mut problems).resolve(Shape::Record(root), &mut tree);
    complete(Shape::Record(root), &mut tree);
    Some(tree)
}

fn find_values(
    (tree, texts): (&Node, &Texts),
    node: &Node,
    steps: &[&str],
    path: String,
    out: &mut Vec<String>,
) {
    let Some((step, rest)) = steps.split_first() else {
        if let Some(text) = value_text(tree, node, texts) {
            out.push(format!("{path} = {text}"));
        }
        return;
    };
    for (key, value) in node.entries() {
        if *step == ENTRY || key.name == *step {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", key.name);
            find_values((tree, texts), value, rest, path, out);
        }
    }
}

fn value_text(tree: &Node, node: &Node, texts: &Texts) -> Option<String> {
    let value = payload(node);
    let mut text = match &value.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::List(items) => {
            let items: Vec<&str> = items.iter().filter_map(Node::text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) if !entries.is_empty() => shorten(&inline(value), WIDTH),
        _ => return None,
    };
    let part = |name: &str| node.get(name).and_then(Node::text);
    if let (Some(low), Some(high)) = (part("low"), part("high")) {
        text.push_str(&format!(" ({low} to {high})"));
    }
    if let Some(status) = part("status") {
        text.push_str(&format!(", {status}"));
    }
    if let Some(source) = part("source") {
        let title = tree
            .find(&["sources", source, "title"])
            .and_then(Node::text);
        text.push_str(&format!(", {}", title.unwrap_or(source)));
    }
    if let Some(date) = part("date") {
        text.push_str(&format!(", {date}"));
    }
    text.push_str(&format!("   [{}]", texts.describe(value.at)));
    Some(text)
}

fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width).chain(['…']).collect()
}

/// Places in the shipped scenarios that set the path: in a block or as a dotted key.
fn scenarios_that_set(steps: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for (name, content) in embedded::scenarios() {
        let Ok(tree) = read::parse(TextId(0), content) else {
            continue;
        };
        let mut lines = Vec::new();
        find_lines(&tree, steps, &mut lines);
        for part in ["uncertain", "policies"] {
            find_dotted(tree.field(part), steps, &mut lines);
        }
        lines.sort_unstable();
        lines.dedup();
        let shown = Path::new("scenarios").join(name);
        places.extend(
            lines
                .iter()
                .map(|line| format!("{}:{line}", shown.display())),
        );
    }
    places
}

fn find_lines(node: &Node, steps: &[&str], lines: &mut Vec<u32>) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    for (key, value) in node.entries() {
        if *step == ENTRY || key.name == *step {
            if rest.is_empty() {
                lines.push(key.at.line);
            }
            find_lines(value, rest, lines);
        }
    }
}

fn find_dotted(node: &Node, steps: &[&str], lines: &mut Vec<u32>) {
    for (key, value) in node.entries() {
        let named: Vec<&str> = key.name.split('.').collect();
        let fits = named
            .iter()
            .zip(steps)
            .all(|(name, step)| *step == ENTRY || name == step);
        if fits && named.len() == steps.len() {
            lines.push(key.at.line);
        } else if fits && named.len() < steps.len() {
            find_lines(value, &steps[named.len()..], lines);
        }
        find_dotted(value, steps, lines);
    }
}
