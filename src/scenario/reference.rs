//! The reference of all keys as Markdown, from the same declaration that checks a file.

use std::fmt::Write;

use super::json_schema::prose;
use super::schema::{Default, Field, Names, Record, Shape};
use crate::units::{number_text, unit_of};

/// A section for every block and every set of alternatives, in the order in which they are met.
pub fn markdown(root: &'static Record) -> String {
    let mut out = String::from(
        "# Every key of a scenario\n\nWritten by `wattflop schema --markdown`; a test holds it to \
         the types. `wattflop explain KEY` adds values, sources and the scenarios that set a key. \
         A number may carry its evidence: `{ value, low, high, source, date, status, note }`.\n",
    );
    let mut waiting = vec![("the file".to_owned(), Shape::Record(root))];
    let mut seen: Vec<&'static str> = Vec::new();
    while !waiting.is_empty() {
        let (path, shape) = waiting.remove(0);
        let (name, doc, fields) = match shape {
            Shape::Record(record) => (record.name, record.doc, record.fields),
            Shape::Tagged(tagged) => (tagged.name, tagged.doc, tagged.variants),
            _ => continue,
        };
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let _ = write!(out, "\n## {name}\n\n{} In `{path}`", prose(doc));
        out.push_str(match shape {
            Shape::Tagged(_) => "; exactly one of these:\n\n",
            _ => ":\n\n",
        });
        out.push_str("| key | what | unit | range | default |\n|---|---|---|---|---|\n");
        for field in fields {
            row(&mut out, field);
            let dotted = match path.as_str() {
                "the file" => field.name.to_owned(),
                path => format!("{path}.{}", field.name),
            };
            next(field.shape, dotted, &mut waiting);
        }
    }
    out
}

/// The blocks below a shape.
fn next(shape: Shape, path: String, waiting: &mut Vec<(String, Shape)>) {
    match shape.inner() {
        Shape::Map(_, inner) => next(*inner, format!("{path}.*"), waiting),
        Shape::List(inner) => next(*inner, path, waiting),
        inner @ (Shape::Record(_) | Shape::Tagged(_)) => waiting.push((path, inner)),
        _ => {}
    }
}

fn row(out: &mut String, field: &Field) {
    let rule = &field.rule;
    let pair = |(low, high): (f64, f64)| format!("{} to {}", number_text(low), number_text(high));
    let whole = |(low, high): (i128, i128)| format!("{low} to {high}");
    let mut range = rule
        .range
        .map(pair)
        .or(rule.whole_range.map(whole))
        .unwrap_or_default();
    if let Some(usual) = rule.plausible {
        range.push_str(&format!(", usual {}", pair(usual)));
    }
    let unit = unit_of(field.name).map_or_else(String::new, |unit| unit.to_string());
    let default = match rule.default {
        Default::Required if field.is_optional() => "absent".to_owned(),
        Default::Required => "required".to_owned(),
        Default::Number(number) => number_text(number),
        Default::Integer(number) => number.to_string(),
        Default::Text(text) => text.to_owned(),
        Default::Flag(flag) => flag.to_string(),
        Default::Empty => "empty".to_owned(),
    };
    let about = prose(field.doc).replace('|', "\\|");
    let kind = kind(field.shape, rule.reference.or(rule.keys));
    let _ = writeln!(
        out,
        "| `{}` | {about} {kind} | {unit} | {range} | {default} |",
        field.name
    );
}

/// What may stand there, in a few words; nothing for a plain number.
fn kind(shape: Shape, reference: Option<&str>) -> String {
    let of = reference.map_or_else(String::new, |path| format!(" of `{path}`"));
    match shape.inner() {
        Shape::Number | Shape::Integer => String::new(),
        Shape::Text => format!("*Text{of}.*"),
        Shape::Flag => "*True or false.*".to_owned(),
        Shape::Date => "*A date.*".to_owned(),
        Shape::Series => "*Numbers by date.*".to_owned(),
        Shape::Numbers => "*A number, a list or a column of a file.*".to_owned(),
        Shape::Patch => "*Dotted paths and their new values.*".to_owned(),
        Shape::Choice(choice) => {
            let options: Vec<&str> = choice.options.iter().map(|(option, _)| *option).collect();
            format!("*One of {}.*", options.join(", "))
        }
        Shape::Tagged(tagged) => format!("*See {}.*", tagged.name),
        Shape::Record(record) => format!("*See {}.*", record.name),
        Shape::List(inner) => format!("*A list.* {}", kind(*inner, reference)),
        Shape::Map(names, inner) => {
            let keys = match names {
                Names::Free => "name",
                Names::Choice(choice) => choice.name,
                Names::Date => "date",
                Names::Path => "dotted path",
            };
            format!("*By {keys}{of}.* {}", kind(*inner, None))
        }
        Shape::Optional(_) => String::new(),
    }
}
