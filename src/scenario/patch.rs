//! Dotted paths: what a policy and `--set` change. They change what exists and create nothing.

use super::date::Date;
use super::merge::{Creation, Merge, live_names, live_tag};
use super::problem::{Problem, Texts};
use super::read;
use super::root::{EXPERIMENT_BLOCKS, FILE_BLOCKS};
use super::schema::{Names, Record, Shape};
use super::suggest::hint;
use super::tree::{Key, Node, Place, TextId, Value};

/// The key of a policy that says from when it is in force.
pub const FROM: &str = "from";

/// One change: where, and to what.
#[derive(Clone, Debug)]
pub struct Change {
    pub path: Key,
    pub value: Node,
}

/// The changes of one policy and the day it starts.
pub fn read_policy(patch: &Node, problems: &mut Vec<Problem>) -> (Option<Date>, Vec<Change>) {
    let (mut from, mut changes) = (None, Vec::new());
    for (key, value) in patch.entries() {
        if key.name != FROM {
            changes.push(Change {
                path: key.clone(),
                value: value.clone(),
            });
            continue;
        }
        from = value.text().and_then(|text| text.parse().ok());
        if from.is_none() {
            let help = "for example `from: 2027-01-04`";
            problems.push(Problem::error(value.at, "`from` wants a date").help(help));
        }
    }
    (from, changes)
}

/// Reads `path=value` from the command line; the text stays for messages.
pub fn read_set(set: &str, texts: &mut Texts, problems: &mut Vec<Problem>) -> Option<Change> {
    let text = texts.add("--set".to_owned(), set.to_owned(), false);
    let whole = Place {
        text,
        line: 1,
        column: 1,
        length: set.chars().count().max(1) as u32,
    };
    let Some((path, value)) = set.split_once('=') else {
        let help = "for example --set chips.memory.lead_time_weeks=30";
        problems.push(Problem::error(whole, "`--set` wants path=value").help(help));
        return None;
    };
    let at = Place {
        length: path.chars().count().max(1) as u32,
        ..whole
    };
    // Leading blanks keep the columns of the message right.
    let padded = format!("{}{value}", " ".repeat(path.chars().count() + 1));
    match parse_value(text, &padded) {
        Ok(value) => Some(Change {
            path: Key {
                name: path.trim().to_owned(),
                at,
            },
            value,
        }),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}

fn parse_value(text: TextId, padded: &str) -> Result<Node, Vec<Problem>> {
    if padded.trim().is_empty() {
        let at = Place {
            text,
            line: 1,
            column: 1,
            length: padded.len().max(1) as u32,
        };
        return Err(vec![
            Problem::error(at, "no value after `=`").help("`null` deletes"),
        ]);
    }
    read::parse(text, padded)
}

/// Who changes the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Changes the world, never the experiment: policies must stay comparable.
    Policy,
    CommandLine,
}

/// Applies changes in order; every change that does not fit is reported.
pub struct Apply<'a> {
    pub root: &'static Record,
    pub author: Author,
    pub problems: &'a mut Vec<Problem>,
}

impl Apply<'_> {
    pub fn all(&mut self, tree: &mut Node, changes: &[Change]) {
        for change in changes {
            let steps: Vec<&str> = change.path.name.split('.').collect();
            if self.is_allowed(&change.path, steps[0]) {
                let mut walk = Walk {
                    change,
                    steps: &steps,
                    problems: self.problems,
                };
                walk.step(Shape::Record(self.root), tree, 0);
            }
        }
    }

    fn is_allowed(&mut self, path: &Key, block: &str) -> bool {
        let of_file = FILE_BLOCKS.contains(&block);
        let of_experiment = EXPERIMENT_BLOCKS.contains(&block) && self.author == Author::Policy;
        if of_file {
            let message = format!("`{block}` cannot be changed from here");
            self.problems
                .push(Problem::error(path.at, message).help("write it in the file"));
        } else if of_experiment {
            let message = format!("a policy cannot change `{block}`");
            let help = "policies are compared under one experiment; change it for all of them";
            self.problems
                .push(Problem::error(path.at, message).help(help));
        }
        !of_file && !of_experiment
    }
}

struct Walk<'a> {
    change: &'a Change,
    steps: &'a [&'a str],
    problems: &'a mut Vec<Problem>,
}

impl Walk<'_> {
    fn report(&mut self, message: String, help: Option<String>) {
        self.problems
            .push(Problem::error(self.change.path.at, message).maybe_help(help));
    }

    fn done(&self, depth: usize) -> String {
        self.steps[..depth].join(".")
    }

    fn step(&mut self, shape: Shape, node: &mut Node, depth: usize) {
        let value = self.change.value.clone();
        let Some(name) = self.steps.get(depth).copied() else {
            let mut merge = Merge {
                creation: Creation::Refused,
                problems: self.problems,
            };
            return merge.lay(shape, node, value);
        };
        match shape.inner() {
            Shape::Record(record) => self.step_record(record, node, depth),
            Shape::Map(names, inner) => match node.get_mut(name).filter(|known| !known.is_null()) {
                Some(child) => self.step(*inner, child, depth + 1),
                None => self.no_entry(names, node, depth),
            },
            Shape::Series => match node.get_mut(name) {
                Some(child) => self.step(Shape::Number, child, depth + 1),
                None => self.no_entry(Names::Date, node, depth),
            },
            Shape::Tagged(tagged) => match tagged.variant(name) {
                None => {
                    let help = hint(name, tagged.variants.iter().map(|variant| variant.name));
                    let message = format!("`{}` has no `{name}`", self.done(depth));
                    self.report(message, help);
                }
                Some(variant) if live_tag(node).as_deref() == Some(name) => {
                    if let Some(child) = node.get_mut(name) {
                        self.step(variant.shape, child, depth + 1);
                    }
                }
                Some(_) if depth + 1 == self.steps.len() => {
                    let key = Key {
                        name: name.to_owned(),
                        at: self.change.path.at,
                    };
                    *node = Node::new(Value::Map(vec![(key, value)]), self.change.path.at);
                }
                Some(_) => {
                    let now = live_tag(node).unwrap_or_else(|| "none".to_owned());
                    let message = format!("`{}` is `{now}`, not `{name}`", self.done(depth));
                    let help = format!("give it whole: `{}: {{ … }}`", self.done(depth + 1));
                    self.report(message, Some(help));
                }
            },
            Shape::List(_) => {
                let message = format!("`{}` is a list", self.done(depth));
                self.report(message, Some("lists are replaced whole".to_owned()));
            }
            _ => {
                let message = format!("`{}` is one value and has no keys", self.done(depth));
                self.report(message, None);
            }
        }
    }

    fn step_record(&mut self, record: &'static Record, node: &mut Node, depth: usize) {
        let name = self.steps[depth];
        let Some(field) = record.field(name) else {
            let place = if depth == 0 {
                "the scenario".into()
            } else {
                format!("`{}`", self.done(depth))
            };
            let help = hint(name, record.fields.iter().map(|field| field.name));
            return self.report(format!("{place} has no `{name}`"), help);
        };
        let last = depth + 1 == self.steps.len();
        match node.get_mut(name) {
            Some(child) if last || !child.is_null() => self.step(field.shape, child, depth + 1),
            _ if last => {
                let key = Key {
                    name: name.to_owned(),
                    at: self.change.path.at,
                };
                super::merge::insert(node, key, self.change.value.clone());
            }
            _ => {
                let path = self.done(depth + 1);
                let help = format!("give it whole: `{path}: {{ … }}`");
                self.report(format!("`{path}` is not set"), Some(help));
            }
        }
    }

    fn no_entry(&mut self, names: Names, node: &mut Node, depth: usize) {
        let name = self.steps[depth];
        let last = depth + 1 == self.steps.len();
        // Shares by class or prices by date may gain a key that the schema knows.
        let known = match names {
            Names::Choice(choice) => choice.options.iter().any(|(option, _)| *option == name),
            Names::Date => name.parse::<Date>().is_ok(),
            Names::Free | Names::Path => false,
        };
        if known && last {
            let key = Key {
                name: name.to_owned(),
                at: self.change.path.at,
            };
            return super::merge::insert(node, key, self.change.value.clone());
        }
        let help = hint(name, live_names(node));
        let message = format!("`{}` has no `{name}`", self.done(depth));
        self.report(message, help);
    }
}

/// Does a change set the value at `path` (or an alternative or a block that replaces it)?
pub fn covers(change: &Change, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(change.path.name.as_str()) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix('.') else {
        return rest.is_empty();
    };
    let mut node = &change.value;
    for name in rest.split('.') {
        match (&node.value, node.get(name)) {
            (_, Some(child)) => node = child,
            (Value::Map(_), None) => return false,
            _ => break,
        }
    }
    true
}
