//! Walks a merged tree with the schema and reports everything that is wrong with it, with its
//! place. What passes can be decoded without failure.

use super::facts;
use super::merge::live_names;
use super::problem::{Problem, Texts};
use super::schema::{Choice, Field, Names, Record, Rule, Shape, Tagged};
use super::suggest::{hint, other_unit, paths_called, similar};
use super::tree::{Node, Place, Value, parse_integer, parse_number};
use crate::units::{number_text, unit_of};

/// Guesses cost time: after this many problems there are none.
const GUESSES: usize = 200;
/// Longest name of an entry.
const MAX_NAME: usize = 64;

pub struct Check<'a> {
    pub texts: &'a Texts,
    /// The whole schema, where a misplaced key is looked up.
    pub root: &'static Record,
    /// The whole tree, where references are looked up.
    pub tree: &'a Node,
    pub problems: &'a mut Vec<Problem>,
    pub path: Vec<String>,
}

/// What is being looked at: its rule, the field that names its unit, the place of its key.
#[derive(Clone, Copy)]
struct Spot {
    rule: &'static Rule,
    name: &'static str,
    key_at: Place,
    /// Is this an entry of a collection?
    entry: bool,
}

/// Every problem of a merged and completed tree.
pub fn check_tree(root: &'static Record, tree: &Node, texts: &Texts, out: &mut Vec<Problem>) {
    let mut check = Check {
        texts,
        root,
        tree,
        problems: out,
        path: Vec::new(),
    };
    let start = Place {
        line: 1,
        column: 1,
        length: 1,
        ..tree.at
    };
    check.record(
        root,
        tree,
        Spot {
            rule: &Rule::NONE,
            name: "",
            key_at: start,
            entry: false,
        },
    );
}

impl Check<'_> {
    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn wrong(&mut self, node: &Node, wanted: &str, help: Option<String>) {
        let found = match &node.value {
            Value::Null => "nothing (`null`)".to_owned(),
            Value::Scalar { text, quoted: true } => format!("the text \"{}\"", shorten(text)),
            Value::Scalar { text, .. } => format!("`{}`", shorten(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a block of keys".to_owned(),
        };
        let message = format!("`{}` wants {wanted}, found {found}", self.path.join("."));
        self.report(Problem::error(node.at, message).maybe_help(help));
    }

    fn visit(&mut self, shape: Shape, node: &Node, spot: Spot) {
        match shape {
            Shape::Optional(inner) if !node.is_null() => self.visit(*inner, node, spot),
            Shape::Optional(_) => {}
            Shape::Number => self.number(node, spot),
            Shape::Integer => self.integer(node, spot),
            Shape::Text => self.text(node, spot),
            Shape::Flag => self.flag(node),
            Shape::Date => self.date(node),
            Shape::Series => self.series(node, spot),
            Shape::Numbers => self.numbers(node, spot),
            Shape::Patch => {
                if !matches!(node.value, Value::Map(_)) {
                    let help = "for example `{ chips.memory.lead_time_weeks: 30 }`, or `{}`";
                    self.wrong(node, "a block of dotted paths", Some(help.to_owned()));
                }
            }
            Shape::Choice(choice) => self.choice(choice, node),
            Shape::Tagged(tagged) => self.tagged(tagged, node, spot),
            Shape::Record(record) => self.record(record, node, spot),
            Shape::List(inner) => self.list(*inner, node, spot),
            Shape::Map(names, inner) => self.map(names, *inner, node, spot),
        }
    }

    fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        look(self);
        self.path.pop();
    }

    fn record(&mut self, record: &'static Record, node: &Node, spot: Spot) {
        let Value::Map(entries) = &node.value else {
            let example = record.fields.first().map(|field| {
                format!(
                    "`{}` is a block, for example `{{ {}: … }}`",
                    record.name, field.name
                )
            });
            return self.wrong(node, "a block of keys", example);
        };
        let mut unknown = Vec::new();
        for (key, value) in entries {
            match record.field(&key.name) {
                Some(field) if value.is_null() && field.is_required() => {
                    let message = format!("`{}` is deleted here but required", key.name);
                    self.report(Problem::error(value.at, message));
                }
                Some(field) => self.within(field.name, |check| {
                    let spot = Spot {
                        rule: &field.rule,
                        name: field.name,
                        key_at: key.at,
                        entry: false,
                    };
                    check.visit(field.shape, value, spot);
                }),
                // `like` stays where it could not be followed; the reason is already given.
                None if key.name == "like" && spot.entry => {}
                None if matches!(key.name.as_str(), "source" | "note") && !spot.name.is_empty() => {
                    facts::check_block_key(self, key, value);
                }
                None => {
                    self.unknown(record, &key.name, key.at);
                    unknown.push(key.name.as_str());
                }
            }
        }
        // A key that is written with a typing error is not reported as missing as well.
        let guesses: Vec<&str> = unknown
            .iter()
            .filter_map(|name| super::suggest::similar(name, field_names(record)))
            .collect();
        let missing: Vec<&'static Field> = record
            .fields
            .iter()
            .filter(|field| field.is_required() && node.get(field.name).is_none())
            .filter(|field| !guesses.contains(&field.name))
            .collect();
        let unfollowed = spot.entry && node.get("like").is_some();
        if !missing.is_empty() && !unfollowed {
            self.missing(&missing, spot);
        }
    }

    fn unknown(&mut self, record: &'static Record, name: &str, at: Place) {
        let help = match name {
            "like" => Some("`like` copies an entry of the same collection; here is none".into()),
            "<<" => Some("merge keys are not supported; use `like:` to copy an entry".into()),
            _ if name.contains('.') => {
                Some("dotted paths work in policies and with --set; nest the keys here".into())
            }
            _ if self.problems.len() > GUESSES => None,
            _ => self.guess(record, name),
        };
        let place = if self.path.is_empty() {
            String::new()
        } else {
            format!(" in `{}`", self.path.join("."))
        };
        let message = format!("unknown key `{}`{place}", shorten(name));
        self.report(Problem::error(at, message).maybe_help(help));
    }

    /// A key of this block that looks alike, else the block that a key of this name belongs to.
    fn guess(&self, record: &'static Record, name: &str) -> Option<String> {
        let here = similar(name, field_names(record)).is_some();
        let elsewhere = if here {
            Vec::new()
        } else {
            paths_called(self.root, name)
        };
        match elsewhere.as_slice() {
            [] => hint(name, field_names(record)),
            [one] => Some(format!("it belongs in `{one}`")),
            [one, other] => Some(format!("it belongs in `{one}` or `{other}`")),
            [one, rest @ ..] => Some(format!("it belongs in `{one}` or {} others", rest.len())),
        }
    }

    fn missing(&mut self, missing: &[&'static Field], spot: Spot) {
        let names: Vec<String> = missing
            .iter()
            .take(6)
            .map(|field| format!("`{}`", field.name))
            .collect();
        let more = match missing.len().saturating_sub(6) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let whole = self.path.is_empty();
        let place = if whole {
            String::new()
        } else {
            format!(" in `{}`", self.path.join("."))
        };
        let message = format!("missing {}{more}{place}", names.join(", "));
        let help = if whole && self.tree.get("base").is_none() {
            Some("name a parent that has them, for example `base: catalog/2025-11.yaml`".into())
        } else {
            self.likeness()
        };
        self.report(Problem::error(spot.key_at, message).maybe_help(help));
    }

    /// An incomplete entry of a collection is a new one, or the name of another mistyped.
    fn likeness(&self) -> Option<String> {
        if self.problems.len() > GUESSES {
            return None;
        }
        let (name, parents) = self.path.split_last()?;
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        let siblings = self.tree.find(&parents)?;
        let others = || live_names(siblings).filter(|known| known != name);
        let like = super::suggest::similar(name, others()).map(str::to_owned);
        match like {
            Some(known) if !parents.is_empty() => Some(format!(
                "did you mean `{known}`? A new entry may say `like: {known}`"
            )),
            _ => None,
        }
    }

    fn map(&mut self, names: Names, inner: Shape, node: &Node, spot: Spot) {
        let Value::Map(entries) = &node.value else {
            return self.wrong(node, "a block of named entries", None);
        };
        for (key, value) in entries {
            self.name(names, &key.name, key.at, spot);
            self.within(&key.name, |check| {
                check.visit(
                    inner,
                    value,
                    Spot {
                        key_at: key.at,
                        entry: true,
                        ..spot
                    },
                );
            });
        }
    }

    fn name(&mut self, names: Names, name: &str, at: Place, spot: Spot) {
        let path = self.path.join(".");
        match names {
            Names::Free => {
                let letters = name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
                if !letters || name.is_empty() || name.len() > MAX_NAME {
                    let message = format!("`{}` cannot name an entry", shorten(name));
                    let help = format!("letters, digits, _ and -; at most {MAX_NAME}");
                    self.report(Problem::error(at, message).help(help));
                } else if let Some(collection) = spot.rule.keys {
                    self.refers(collection, name, at);
                }
            }
            Names::Choice(choice) => {
                if !choice.options.iter().any(|(option, _)| *option == name) {
                    let message = format!("unknown name `{}` in `{path}`", shorten(name));
                    let help = hint(name, choice.options.iter().map(|(option, _)| *option));
                    self.report(Problem::error(at, message).maybe_help(help));
                }
            }
            Names::Date => {
                if name.parse::<super::Date>().is_err() {
                    let message = format!("`{}` is not a date", shorten(name));
                    self.report(Problem::error(at, message).help("write YYYY-MM-DD"));
                }
            }
            Names::Path => {}
        }
    }

    fn list(&mut self, inner: Shape, node: &Node, spot: Spot) {
        let items = facts::payload(node);
        facts::check_fact(self, node, None, spot.name);
        let Value::List(items) = &items.value else {
            return self.wrong(node, "a list", Some("for example `[a, b]`".to_owned()));
        };
        for (i, item) in items.iter().enumerate() {
            self.within(&i.to_string(), |check| check.visit(inner, item, spot));
        }
    }

    fn series(&mut self, node: &Node, spot: Spot) {
        facts::check_fact(self, node, None, spot.name);
        let Value::Map(entries) = &facts::payload(node).value else {
            let help = "for example `{ 2026-01-01: 3.0, 2027-01-01: 4.0 }`";
            return self.wrong(node, "numbers by date", Some(help.to_owned()));
        };
        if entries.is_empty() {
            return self.wrong(node, "at least one number by date", None);
        }
        for (key, value) in entries {
            self.name(Names::Date, &key.name, key.at, spot);
            self.within(&key.name, |check| check.number(value, spot));
        }
    }

    /// A number, a list of numbers, or a column of a file; the file is read later.
    fn numbers(&mut self, node: &Node, spot: Spot) {
        match &node.value {
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.within(&i.to_string(), |check| check.number(item, spot));
                }
            }
            Value::Map(entries) if !facts::is_fact(node) => {
                for (key, value) in entries {
                    match key.name.as_str() {
                        "csv" | "column" => self.within(&key.name, |check| check.text(value, spot)),
                        name => {
                            let message = format!("unknown key `{}`", shorten(name));
                            let help = hint(name, ["csv", "column"].into_iter());
                            self.report(Problem::error(key.at, message).maybe_help(help));
                        }
                    }
                }
                for wanted in ["csv", "column"] {
                    if node.get(wanted).is_none() {
                        let message = format!("missing `{wanted}` in `{}`", self.path.join("."));
                        self.report(Problem::error(spot.key_at, message));
                    }
                }
            }
            _ => self.number(node, spot),
        }
    }

    fn tagged(&mut self, tagged: &'static Tagged, node: &Node, spot: Spot) {
        let tags = || tagged.variants.iter().map(|variant| variant.name);
        let all = || tags().collect::<Vec<&str>>().join(", ");
        let Value::Map(entries) = &node.value else {
            let help = match node.text() {
                Some(text) if tagged.variant(text).is_some() => {
                    format!("write `{{ {text}: {{ … }} }}`")
                }
                _ => format!(
                    "one of {}, for example `{{ {}: … }}`",
                    all(),
                    tagged_first(tagged)
                ),
            };
            return self.wrong(node, "one alternative", Some(help));
        };
        for (key, value) in entries {
            match tagged.variant(&key.name) {
                Some(variant) => self.within(variant.name, |check| {
                    let spot = Spot {
                        rule: &variant.rule,
                        name: variant.name,
                        key_at: key.at,
                        entry: false,
                    };
                    check.visit(variant.shape, value, spot);
                }),
                None => {
                    let message = format!(
                        "unknown alternative `{}` in `{}`",
                        shorten(&key.name),
                        self.path.join(".")
                    );
                    let help = hint(&key.name, tags());
                    self.report(Problem::error(key.at, message).maybe_help(help));
                }
            }
        }
        if entries.len() != 1 {
            let given: Vec<&str> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
            let found = if given.is_empty() {
                "none".to_owned()
            } else {
                given.join(", ")
            };
            let path = self.path.join(".");
            let message = format!("`{path}` wants exactly one alternative, found {found}");
            let at = entries.get(1).map_or(spot.key_at, |(key, _)| key.at);
            self.report(Problem::error(at, message).help(format!("one of {}", all())));
        }
    }

    fn number(&mut self, node: &Node, spot: Spot) {
        let scalar = facts::payload(node);
        let number = match &scalar.value {
            Value::Scalar {
                text,
                quoted: false,
            } => parse_number(text),
            _ => None,
        };
        facts::check_fact(self, node, number, spot.name);
        match number {
            Some(number) => self.ranges(number, scalar, spot),
            None => self.not_a_number(scalar, spot),
        }
    }

    fn not_a_number(&mut self, node: &Node, spot: Spot) {
        let help = match &node.value {
            Value::Scalar { text, quoted: true } if parse_number(text).is_some() => {
                Some("remove the quotes".to_owned())
            }
            Value::Scalar { text, .. } => {
                let infinite = ["inf", "nan"].iter().any(|word| {
                    text.trim_start_matches(['+', '-', '.'])
                        .eq_ignore_ascii_case(word)
                });
                let unit = unit_of(spot.name).map(|unit| format!("the unit is {unit}"));
                if infinite {
                    Some("a number is finite".to_owned())
                } else {
                    unit
                }
            }
            Value::Map(_) => Some("a fact is `{ value: …, source: … }`".to_owned()),
            _ => None,
        };
        self.wrong(node, "a number", help);
    }

    pub(super) fn ranges(&mut self, number: f64, node: &Node, spot_rule: impl Into<RuleOf>) {
        let RuleOf { rule, name } = spot_rule.into();
        let unit = unit_of(name);
        let written = node.text().map(shorten).unwrap_or_default();
        let path = self.path.join(".");
        let whole = rule
            .whole_range
            .map(|(low, high)| (low as f64, high as f64));
        let say =
            |(low, high): (f64, f64)| format!("{} to {}", number_text(low), number_text(high));
        if let Some(range) = rule.range.or(whole)
            && (number < range.0 || number > range.1)
        {
            let target = rule.plausible.unwrap_or(range);
            let help = other_unit(number, target, unit.as_ref());
            let message = format!("`{path}: {written}` must lie in {}", say(range));
            return self.report(Problem::error(node.at, message).maybe_help(help));
        }
        if let Some(range) = rule.plausible
            && (number < range.0 || number > range.1)
        {
            let help = other_unit(number, range, unit.as_ref());
            let message = format!("`{path}: {written}` is unusual; {} is usual", say(range));
            self.report(Problem::warning(node.at, message).maybe_help(help));
        }
    }

    fn integer(&mut self, node: &Node, spot: Spot) {
        let scalar = facts::payload(node);
        let number = match &scalar.value {
            Value::Scalar {
                text,
                quoted: false,
            } => parse_integer(text),
            _ => None,
        };
        facts::check_fact(self, node, number.map(|number| number as f64), spot.name);
        let Some(number) = number else {
            let fraction = scalar.text().and_then(parse_number).is_some();
            return match fraction {
                true => self.wrong(scalar, "a whole number", None),
                false => self.not_a_number(scalar, spot),
            };
        };
        let outside = |(low, high): (i128, i128)| number < low || number > high;
        if let Some((low, high)) = spot.rule.whole_range.filter(|range| outside(*range)) {
            let path = self.path.join(".");
            let message = format!("`{path}: {number}` must lie in {low} to {high}");
            return self.report(Problem::error(scalar.at, message));
        }
        self.ranges(number as f64, scalar, spot);
    }

    fn text(&mut self, node: &Node, spot: Spot) {
        let Value::Scalar { text, .. } = &node.value else {
            return self.wrong(node, "a text", None);
        };
        if let Some(collection) = spot.rule.reference {
            self.refers(collection, text, node.at);
        }
    }

    /// `name` must be an entry of the collection at the dotted path.
    pub(super) fn refers(&mut self, collection: &str, name: &str, at: Place) {
        let path: Vec<&str> = collection.split('.').collect();
        let Some(node) = self.tree.find(&path) else {
            let message = format!(
                "`{}` should name one of `{collection}`; there is none",
                name
            );
            return self.report(Problem::error(at, message));
        };
        // A collection that is none itself has been told of already.
        let sound = matches!(node.value, Value::Map(_));
        if sound && !live_names(node).any(|known| known == name) {
            let help = hint(name, live_names(node));
            let message = format!("`{}` is not one of `{collection}`", shorten(name));
            self.report(Problem::error(at, message).maybe_help(help));
        }
    }

    fn flag(&mut self, node: &Node) {
        let text = match &node.value {
            Value::Scalar {
                text,
                quoted: false,
            } => text.as_str(),
            _ => "",
        };
        let help = match text {
            "true" | "false" => return,
            "yes" | "on" | "True" | "TRUE" | "Yes" => Some("write `true`".to_owned()),
            "no" | "off" | "False" | "FALSE" | "No" => Some("write `false`".to_owned()),
            _ => None,
        };
        self.wrong(node, "`true` or `false`", help);
    }

    fn date(&mut self, node: &Node) {
        let parsed = match &node.value {
            Value::Scalar { text, .. } => text.parse::<super::Date>().ok(),
            _ => None,
        };
        if parsed.is_none() {
            let help = "write YYYY-MM-DD, for example 2026-01-05";
            self.wrong(node, "a day of the calendar", Some(help.to_owned()));
        }
    }

    fn choice(&mut self, choice: &'static Choice, node: &Node) {
        let options = || choice.options.iter().map(|(option, _)| *option);
        let Value::Scalar { text, .. } = &node.value else {
            let all = options().collect::<Vec<&str>>().join(", ");
            return self.wrong(node, &format!("one of {all}"), None);
        };
        if !options().any(|option| option == text) {
            let message = format!(
                "`{}: {}` is not an option",
                self.path.join("."),
                shorten(text)
            );
            self.report(Problem::error(node.at, message).maybe_help(hint(text, options())));
        }
    }
}

/// The part of a spot that ranges need.
pub(super) struct RuleOf {
    pub rule: &'static Rule,
    pub name: &'static str,
}

impl From<Spot> for RuleOf {
    fn from(spot: Spot) -> RuleOf {
        RuleOf {
            rule: spot.rule,
            name: spot.name,
        }
    }
}

fn tagged_first(tagged: &'static Tagged) -> &'static str {
    tagged.variants.first().map_or("…", |variant| variant.name)
}

fn field_names(record: &'static Record) -> impl Iterator<Item = &'static str> + Clone {
    record.fields.iter().map(|field| field.name)
}

/// A text of the user's inside a message.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
