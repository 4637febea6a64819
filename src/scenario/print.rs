//! Trees as YAML and as JSON. Printed YAML reads back as the same tree.

use serde_json::{Map, Number, Value as Json};

use super::facts::{is_fact, payload};
use super::problem::Texts;
use super::schema::{Record, Shape};
use super::tree::{Node, Value, parse_integer, parse_number};

/// Columns before the origins.
const ORIGIN_COLUMN: usize = 64;

/// Characters of a block that stays on one line.
const SHORT: usize = 72;

/// The tree as YAML; with `texts`, every value is followed by where it comes from.
pub fn yaml(tree: &Node, texts: Option<&Texts>) -> String {
    let mut out = String::new();
    print_entries(tree, 0, texts, &mut out);
    out
}

fn print_entries(node: &Node, depth: usize, texts: Option<&Texts>, out: &mut String) {
    for (key, value) in node.entries() {
        let mut line = format!(
            "{}{}:",
            "  ".repeat(depth),
            quoted_where_needed(&key.name, false)
        );
        match &value.value {
            Value::Map(entries) if !entries.is_empty() && !is_short(value) => {
                out.push_str(&line);
                out.push('\n');
                print_entries(value, depth + 1, texts, out);
            }
            _ => {
                line.push(' ');
                line.push_str(&inline(value));
                if let Some(texts) = texts {
                    let column = line.chars().count().max(ORIGIN_COLUMN);
                    let pad = column - line.chars().count() + 1;
                    line.push_str(&format!(
                        "{}# {}",
                        " ".repeat(pad),
                        texts.describe(payload(value).at)
                    ));
                }
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
}

/// A number with its evidence, or a block of few scalars, stays on one line.
fn is_short(node: &Node) -> bool {
    let scalars = |entry: &(super::tree::Key, Node)| {
        matches!(entry.1.value, Value::Scalar { .. } | Value::Null)
    };
    let plain = node.entries().iter().all(scalars);
    plain && (is_fact(node) || inline(node).len() <= SHORT)
}

/// A node on one line.
pub fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar { text, quoted } => quoted_where_needed(text, *quoted),
        Value::List(items) => {
            format!(
                "[{}]",
                items.iter().map(inline).collect::<Vec<String>>().join(", ")
            )
        }
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let pair = |(key, value): &(super::tree::Key, Node)| {
                format!(
                    "{}: {}",
                    quoted_where_needed(&key.name, false),
                    inline(value)
                )
            };
            format!(
                "{{ {} }}",
                entries.iter().map(pair).collect::<Vec<String>>().join(", ")
            )
        }
    }
}

/// Plain where YAML reads it back the same, double quotes elsewhere.
fn quoted_where_needed(text: &str, quoted: bool) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-.+/ ()%".contains(c);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let number = text.starts_with(['-', '+', '.']) && parse_number(text).is_some();
    let start = edge(text.chars().next()) || number;
    let end = text.chars().last().is_some_and(|c| c != ' ');
    let reserved = matches!(text, "null" | "Null" | "NULL" | "~");
    if !quoted && start && end && !reserved && text.chars().all(safe) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || c == '\u{feff}' || c == '\u{2028}' || c == '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The checked tree as JSON: numbers are numbers, by the schema. Facts keep their evidence.
pub fn json(root: &'static Record, tree: &Node) -> Json {
    to_json(Shape::Record(root), tree)
}

fn to_json(shape: Shape, node: &Node) -> Json {
    let object = |inner: &dyn Fn(&str) -> Shape| {
        let pairs = node.entries().iter();
        let pairs = pairs.map(|(key, value)| (key.name.clone(), to_json(inner(&key.name), value)));
        Json::Object(pairs.collect::<Map<String, Json>>())
    };
    match (&node.value, shape.inner()) {
        (Value::Null, _) => Json::Null,
        (Value::Scalar { text, .. }, shape) => scalar_json(shape, text),
        (Value::List(items), shape) => {
            let inner = match shape {
                Shape::List(inner) => *inner,
                Shape::Numbers => Shape::Number,
                _ => Shape::Text,
            };
            Json::Array(items.iter().map(|item| to_json(inner, item)).collect())
        }
        (Value::Map(_), Shape::Record(record)) => {
            object(&|name| record.field(name).map_or(Shape::Text, |field| field.shape))
        }
        (Value::Map(_), Shape::Tagged(tagged)) => object(&|name| {
            tagged
                .variant(name)
                .map_or(Shape::Text, |field| field.shape)
        }),
        (Value::Map(_), Shape::Map(_, inner)) => object(&|_| *inner),
        (Value::Map(_), shape) => {
            let fact = !std::ptr::eq(payload(node), node);
            let numeric = |name: &str| matches!(name, "low" | "high");
            match shape {
                Shape::Series if !fact => object(&|_| Shape::Number),
                _ => object(&|name| match name {
                    "value" => shape,
                    name if numeric(name) => Shape::Number,
                    _ => Shape::Text,
                }),
            }
        }
    }
}

fn scalar_json(shape: Shape, text: &str) -> Json {
    let text_json = || Json::String(text.to_owned());
    match shape {
        Shape::Number | Shape::Numbers => {
            let number = parse_number(text).and_then(Number::from_f64);
            number.map_or_else(text_json, Json::Number)
        }
        Shape::Integer => {
            let number = parse_integer(text);
            let whole = number.and_then(|number| match u64::try_from(number) {
                Ok(number) => Some(Number::from(number)),
                Err(_) => i64::try_from(number).ok().map(Number::from),
            });
            whole.map_or_else(text_json, Json::Number)
        }
        Shape::Flag => Json::Bool(text == "true"),
        _ => text_json(),
    }
}
