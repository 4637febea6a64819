//! Trees over trees. The schema says what merges (records, collections, the same alternative)
//! and what is replaced whole (numbers with their facts, lists, series, another alternative).

use std::collections::BTreeSet;

use super::problem::Problem;
use super::schema::{Default, Field, Names, Record, Shape};
use super::suggest::hint;
use super::tree::{Key, Node, Place, Value};

/// Blocks whose entries only serve as models, and the blocks that they are models for.
pub const LIBRARIES: [(&str, &str); 2] = [
    ("protocols", "networks"),
    ("closed_protocols", "closed_networks"),
];
/// Values that copying by `like` may create in one scenario.
const MAX_COPIED: usize = 200_000;

/// May the upper tree name new entries of a collection?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    Allowed,
    Refused,
}

pub struct Merge<'a> {
    pub creation: Creation,
    pub problems: &'a mut Vec<Problem>,
}

impl Merge<'_> {
    /// Lays `upper` over `lower`.
    pub fn lay(&mut self, shape: Shape, lower: &mut Node, upper: Node) {
        let both = matches!((&lower.value, &upper.value), (Value::Map(_), Value::Map(_)));
        match shape.inner() {
            Shape::Record(record) if both => self.lay_record(record, lower, upper),
            Shape::Map(names, inner) if both => self.lay_map(names, *inner, lower, upper),
            Shape::Tagged(tagged) if both => match (live_tag(lower), live_tag(&upper)) {
                (Some(old), Some(new)) if old == new => {
                    let shape = tagged
                        .variant(&new)
                        .map_or(Shape::Text, |field| field.shape);
                    let (target, value) = (lower.get_mut(&new), take(upper, &new));
                    if let (Some(target), Some(value)) = (target, value) {
                        self.lay(shape, target, value);
                    }
                }
                _ => *lower = upper,
            },
            _ => *lower = upper,
        }
    }

    fn lay_record(&mut self, record: &Record, lower: &mut Node, upper: Node) {
        let Value::Map(entries) = upper.value else {
            return;
        };
        for (key, value) in entries {
            match (lower.get_mut(&key.name), record.field(&key.name)) {
                (Some(target), Some(field)) => self.lay(field.shape, target, value),
                (Some(target), None) => *target = value,
                (None, _) => insert(lower, key, value),
            }
        }
    }

    fn lay_map(&mut self, names: Names, inner: Shape, lower: &mut Node, upper: Node) {
        let Value::Map(entries) = upper.value else {
            return;
        };
        for (key, value) in entries {
            let living = lower.get_mut(&key.name).filter(|target| !target.is_null());
            if let Some(target) = living {
                self.lay(inner, target, value);
            } else if value.is_null() {
                let message = format!("there is no `{}` to delete", key.name);
                self.refuse(&key, lower, message);
            } else if self.creation == Creation::Refused && matches!(names, Names::Free) {
                let message = format!("there is no `{}`; policies and --set create none", key.name);
                self.refuse(&key, lower, message);
            } else if let Some(target) = lower.get_mut(&key.name) {
                *target = value;
            } else {
                insert(lower, key, value);
            }
        }
    }

    fn refuse(&mut self, key: &Key, lower: &Node, message: String) {
        let help = hint(&key.name, live_names(lower));
        self.problems
            .push(Problem::error(key.at, message).maybe_help(help));
    }
}

/// Names of the entries that are not deleted.
pub fn live_names(node: &Node) -> impl Iterator<Item = &str> + Clone {
    let live = node.entries().iter().filter(|(_, value)| !value.is_null());
    live.map(|(key, _)| key.name.as_str())
}

/// The tag of an alternative, if exactly one is not deleted.
pub fn live_tag(node: &Node) -> Option<String> {
    let mut names = live_names(node);
    match (names.next(), names.next()) {
        (Some(name), None) => Some(name.to_owned()),
        _ => None,
    }
}

pub fn insert(node: &mut Node, key: Key, value: Node) {
    if let Value::Map(entries) = &mut node.value {
        entries.push((key, value));
    }
}

fn take(node: Node, name: &str) -> Option<Node> {
    match node.value {
        Value::Map(entries) => entries
            .into_iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node),
        _ => None,
    }
}

fn count(node: &Node) -> usize {
    let below: usize = match &node.value {
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| count(value)).sum(),
        _ => 0,
    };
    1 + below
}

/// Resolves `like: NAME`: an entry that copies a sibling and then overrides it.
pub struct Likeness<'a> {
    pub problems: &'a mut Vec<Problem>,
    copied: usize,
}

impl<'a> Likeness<'a> {
    pub fn new(problems: &'a mut Vec<Problem>) -> Likeness<'a> {
        Likeness {
            problems,
            copied: 0,
        }
    }

    pub fn resolve(&mut self, shape: Shape, node: &mut Node) {
        match shape.inner() {
            Shape::Map(_, inner) => {
                if let Shape::Record(record) = inner.inner()
                    && record.field("like").is_none()
                {
                    self.resolve_siblings(*inner, node);
                }
                if let Value::Map(entries) = &mut node.value {
                    entries
                        .iter_mut()
                        .for_each(|(_, value)| self.resolve(*inner, value));
                }
            }
            Shape::Record(record) => {
                for library in LIBRARIES {
                    if record.field(library.0).is_some() {
                        self.resolve_library(library, record, node);
                    }
                }
                for field in record.fields {
                    if let Some(value) = node.get_mut(field.name) {
                        self.resolve(field.shape, value);
                    }
                }
            }
            Shape::Tagged(tagged) => {
                for field in tagged.variants {
                    if let Some(value) = node.get_mut(field.name) {
                        self.resolve(field.shape, value);
                    }
                }
            }
            Shape::List(inner) => {
                if let Value::List(items) = &mut node.value {
                    items.iter_mut().for_each(|item| self.resolve(*inner, item));
                }
            }
            _ => {}
        }
    }

    /// Entries of a block may be like entries of its library, and the other way round: both are
    /// resolved as one block.
    fn resolve_library(
        &mut self,
        (library, block): (&str, &str),
        record: &'static Record,
        node: &mut Node,
    ) {
        let Some(Shape::Map(_, inner)) = record.field(block).map(|field| field.shape.inner())
        else {
            return;
        };
        let Some(Value::Map(shelf)) = node.get(library).map(|node| node.value.clone()) else {
            return;
        };
        let Some(entries) = node.get_mut(block) else {
            return;
        };
        let Value::Map(list) = &mut entries.value else {
            return;
        };
        let own = list.len();
        let twice = |name: &str| list.iter().any(|(key, _)| key.name == name);
        let shelf: Vec<_> = (shelf.into_iter())
            .filter(|(key, _)| !twice(&key.name))
            .collect();
        list.extend(shelf);
        self.resolve_siblings(*inner, entries);
        if let Value::Map(list) = &mut entries.value {
            let resolved = list.split_off(own);
            if let Some(Value::Map(shelf)) = node.get_mut(library).map(|node| &mut node.value) {
                for (key, value) in resolved {
                    if let Some(slot) = shelf.iter_mut().find(|(known, _)| known.name == key.name) {
                        slot.1 = value;
                    }
                }
            }
        }
    }

    fn resolve_siblings(&mut self, inner: Shape, node: &mut Node) {
        let names: Vec<String> = live_names(node).map(str::to_owned).collect();
        let mut failed = BTreeSet::new();
        for name in names {
            let mut seen = vec![name.clone()];
            if self
                .resolve_entry(inner, node, &mut seen, &mut failed)
                .is_none()
            {
                failed.insert(name);
            }
        }
    }

    /// Resolves the last entry of `seen`. `None` where it cannot be; then its `like` stays, which
    /// tells check that the entry is incomplete for a reason already given.
    fn resolve_entry(
        &mut self,
        inner: Shape,
        node: &mut Node,
        seen: &mut Vec<String>,
        failed: &mut BTreeSet<String>,
    ) -> Option<()> {
        let name = seen.last()?.clone();
        if failed.contains(&name) {
            return None;
        }
        let Some(like) = node.get(&name).and_then(|entry| entry.get("like")).cloned() else {
            return Some(());
        };
        if let Some(problem) = impossible(node, &name, &like, seen) {
            self.problems.push(problem);
            return None;
        }
        let model = like.text()?.to_owned();
        seen.push(model.clone());
        if self.resolve_entry(inner, node, seen, failed).is_none() {
            failed.insert(model);
            return None;
        }
        seen.pop();
        let mut copy = node.get(&model)?.clone();
        self.copied += count(&copy);
        if self.copied > MAX_COPIED {
            let message = format!("`like` copies more than {MAX_COPIED} values");
            self.problems.push(Problem::error(like.at, message));
            return None;
        }
        let entry = node.get_mut(&name)?;
        let mut own = std::mem::replace(entry, Node::new(Value::Null, like.at));
        remove(&mut own, "like");
        copy.at = own.at;
        let mut merge = Merge {
            creation: Creation::Allowed,
            problems: self.problems,
        };
        merge.lay(inner, &mut copy, own);
        *entry = copy;
        Some(())
    }
}

/// Why an entry cannot be like another.
fn impossible(node: &Node, name: &str, like: &Node, seen: &[String]) -> Option<Problem> {
    let Some(model) = like.text() else {
        let message = "`like` is the name of another entry of this block";
        return Some(Problem::error(like.at, message));
    };
    if seen.iter().any(|known| known == model) {
        let circle = seen.join(" → ");
        let message = format!("`{name}` is like itself: {circle} → {model}");
        return Some(Problem::error(like.at, message));
    }
    if !live_names(node).any(|known| known == model) {
        let help = hint(model, live_names(node).filter(|known| *known != name));
        let message = format!("there is no `{model}` to be like");
        return Some(Problem::error(like.at, message).maybe_help(help));
    }
    None
}

fn remove(node: &mut Node, name: &str) {
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|(key, _)| key.name != name);
    }
}

/// Drops deleted entries and fills in defaults, so that what follows sees every value.
pub fn complete(shape: Shape, node: &mut Node) {
    match shape.inner() {
        Shape::Record(record) => {
            if matches!(node.value, Value::Map(_)) {
                record
                    .fields
                    .iter()
                    .for_each(|field| complete_field(field, node));
            }
        }
        Shape::Map(_, inner) => {
            if let Value::Map(entries) = &mut node.value {
                entries.retain(|(_, value)| !value.is_null());
                entries
                    .iter_mut()
                    .for_each(|(_, value)| complete(*inner, value));
            }
        }
        Shape::Tagged(tagged) => {
            if let Value::Map(entries) = &mut node.value {
                entries.retain(|(_, value)| !value.is_null());
                for (key, value) in entries {
                    if let Some(field) = tagged.variant(&key.name) {
                        complete(field.shape, value);
                    }
                }
            }
        }
        Shape::List(inner) => {
            if let Value::List(items) = &mut node.value {
                items.iter_mut().for_each(|item| complete(*inner, item));
            }
        }
        _ => {}
    }
}

fn complete_field(field: &Field, node: &mut Node) {
    if node.field(field.name).is_null()
        && let Some(value) = default_of(field)
    {
        match node.get_mut(field.name) {
            Some(slot) => *slot = value,
            None => {
                let key = Key {
                    name: field.name.to_owned(),
                    at: Place::DEFAULT,
                };
                insert(node, key, value);
            }
        }
    }
    if let Some(value) = node.get_mut(field.name) {
        complete(field.shape, value);
    }
}

fn default_of(field: &Field) -> Option<Node> {
    let text = match field.rule.default {
        Default::Required => return None,
        Default::Number(number) => number.to_string(),
        Default::Integer(number) => number.to_string(),
        Default::Text(text) => text.to_owned(),
        Default::Flag(flag) => flag.to_string(),
        Default::Empty => {
            let value = match field.shape.inner() {
                Shape::List(_) => Value::List(Vec::new()),
                _ => Value::Map(Vec::new()),
            };
            return Some(Node::new(value, Place::DEFAULT));
        }
    };
    let quoted = matches!(field.rule.default, Default::Text(_));
    Some(Node::new(Value::Scalar { text, quoted }, Place::DEFAULT))
}
