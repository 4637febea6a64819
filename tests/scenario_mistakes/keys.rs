//! Every key of the shipped schema with a place where it can be written: in the shipped world
//! where that uses it, else in a made-up value that is put there first.

use std::collections::BTreeSet;

use wattflop::scenario::facts::payload;
use wattflop::scenario::schema::{Default, Field, Names, Record, Rule, Shape};
use wattflop::scenario::tree::Node;

use crate::document::{Document, Path};

/// One key of the schema and where to write it.
pub struct Key {
    /// Record or alternative that it belongs to.
    pub owner: &'static str,
    pub field: &'static Field,
    /// All names that may stand in its place.
    pub siblings: Vec<&'static str>,
    pub path: Path,
    /// What must be written first so that its place exists.
    pub setup: Vec<(Path, Document)>,
    /// Is it the tag of an alternative?
    pub tag: bool,
}

impl Key {
    pub fn name(&self) -> &'static str {
        self.field.name
    }

    /// Whether both can be written into one file and judged apart.
    pub fn disturbs(&self, other: &Key) -> bool {
        let places = |key: &Key| {
            // A tag under another name replaces what stands beside it.
            let own = key.path.len() - usize::from(key.tag);
            let set = key.setup.iter().map(|(path, _)| path.clone());
            set.chain([key.path[..own].to_vec()]).collect::<Vec<Path>>()
        };
        let parent = |key: &Key| key.path[..key.path.len() - 1].to_vec();
        let covers = |a: &Path, b: &Path| b.starts_with(a);
        parent(self) == parent(other)
            || places(self)
                .iter()
                .any(|a| places(other).iter().any(|b| covers(a, b) || covers(b, a)))
    }
}

pub struct Collector<'a> {
    pub tree: &'a Node,
    pub keys: Vec<Key>,
    seen: BTreeSet<(usize, &'static str)>,
    setup: Vec<(Path, Document)>,
    path: Path,
}

impl<'a> Collector<'a> {
    /// Every key, once for each record that has it: first all that the tree uses, then the rest.
    pub fn of(root: &'static Record, tree: &'a Node) -> Vec<Key> {
        let mut collector = Collector {
            tree,
            keys: Vec::new(),
            seen: BTreeSet::new(),
            setup: Vec::new(),
            path: Vec::new(),
        };
        for made_up in [false, true] {
            collector.visit(Shape::Record(root), &Rule::NONE, Some(tree), made_up);
        }
        collector.keys
    }

    /// True the first time.
    fn first(&mut self, owner: usize, name: &'static str) -> bool {
        self.seen.insert((owner, name))
    }

    fn add(&mut self, owner: &'static str, fields: &'static [Field], place: usize, tag: bool) {
        self.keys.push(Key {
            owner,
            field: &fields[place],
            siblings: fields.iter().map(|field| field.name).collect(),
            path: [&self.path[..], &[fields[place].name.to_owned()]].concat(),
            setup: self.setup.clone(),
            tag,
        });
    }

    fn visit(&mut self, shape: Shape, rule: &Rule, node: Option<&Node>, made_up: bool) {
        match shape.inner() {
            Shape::Record(record) => {
                let id = std::ptr::from_ref(record) as usize;
                for (place, field) in record.fields.iter().enumerate() {
                    if self.first(id, field.name) {
                        self.add(record.name, record.fields, place, false);
                    }
                    self.below(field, node, made_up);
                }
            }
            Shape::Tagged(tagged) => {
                let id = std::ptr::from_ref(tagged) as usize;
                for (place, field) in tagged.variants.iter().enumerate() {
                    if self.first(id, field.name) {
                        self.add(tagged.name, tagged.variants, place, true);
                    }
                    self.below(field, node, made_up);
                }
            }
            Shape::Map(names, inner) => {
                let entries = node.map_or(&[][..], |node| payload(node).entries());
                let live = entries.iter().filter(|(_, value)| !value.is_null());
                let mut any = false;
                for (key, value) in live {
                    any = true;
                    self.path.push(key.name.clone());
                    self.visit(*inner, rule, Some(value), made_up);
                    self.path.pop();
                }
                let dull = matches!(names, Names::Path | Names::Date);
                if !any && made_up && !dull {
                    self.path.push(self.entry_name(names, rule));
                    self.made_up(*inner, rule);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    /// Into the field's value: the tree's, or a made-up one where the tree has none.
    fn below(&mut self, field: &'static Field, node: Option<&Node>, made_up: bool) {
        self.path.push(field.name.to_owned());
        let value = node.and_then(|node| node.get(field.name));
        match value.filter(|value| !value.is_null()) {
            Some(value) => self.visit(field.shape, &field.rule, Some(value), made_up),
            None if made_up && self.path.len() < 9 => self.made_up(field.shape, &field.rule),
            None => {}
        }
        self.path.pop();
    }

    fn made_up(&mut self, shape: Shape, rule: &Rule) {
        let innermost = match shape.inner() {
            Shape::List(_) => return,
            inner => inner,
        };
        if !matches!(
            innermost,
            Shape::Record(_) | Shape::Tagged(_) | Shape::Map(..)
        ) {
            return;
        }
        // An alternative replaces what the tree has beside it.
        let sample = self.sample(shape, rule);
        self.setup.push((self.path.clone(), sample));
        self.visit(shape, rule, None, true);
        self.setup.pop();
    }

    fn entry_name(&self, names: Names, rule: &Rule) -> String {
        if let Some(collection) = rule.keys {
            return self.some_entry(collection);
        }
        match names {
            Names::Choice(choice) => choice.options[0].0.to_owned(),
            Names::Date => "2026-06-01".to_owned(),
            _ => "made_up".to_owned(),
        }
    }

    fn some_entry(&self, collection: &str) -> String {
        let path: Vec<&str> = collection.split('.').collect();
        let entry = self
            .tree
            .find(&path)
            .and_then(|node| node.entries().first());
        entry.map_or_else(|| "nothing".to_owned(), |(key, _)| key.name.clone())
    }

    /// A value that passes the check.
    pub fn sample(&self, shape: Shape, rule: &Rule) -> Document {
        let text = |text: &str| Document::Text(text.to_owned());
        match shape.inner() {
            Shape::Number | Shape::Numbers => text(&number(rule).to_string()),
            Shape::Integer => text(&whole(rule).to_string()),
            Shape::Text => match rule.reference {
                Some(collection) => text(&self.some_entry(collection)),
                None => text("some text"),
            },
            Shape::Flag => text("true"),
            Shape::Date => text("2026-06-01"),
            Shape::Series => text(&format!("{{ 2026-06-01: {} }}", number(rule))),
            Shape::Choice(choice) => text(choice.options[0].0),
            Shape::Patch => text("{}"),
            Shape::List(inner) => match self.sample(*inner, rule) {
                Document::Text(item) => text(&format!("[{item}]")),
                Document::Block(_) => text("[]"),
            },
            Shape::Map(Names::Path, _) => text("{}"),
            Shape::Map(names, inner) => {
                let entry = (self.entry_name(names, rule), self.sample(*inner, rule));
                Document::Block(vec![entry])
            }
            Shape::Tagged(tagged) => {
                let variant = &tagged.variants[0];
                let value = self.sample(variant.shape, &variant.rule);
                Document::Block(vec![(variant.name.to_owned(), value)])
            }
            Shape::Record(record) => {
                let required = record.fields.iter().filter(|field| field.is_required());
                let fields = required
                    .map(|field| (field.name.to_owned(), self.sample(field.shape, &field.rule)));
                Document::Block(fields.collect())
            }
            Shape::Optional(_) => unreachable!("inner"),
        }
    }

    /// A reader of samples for a tree.
    pub fn sampler(tree: &'a Node) -> Collector<'a> {
        Collector {
            tree,
            keys: Vec::new(),
            seen: BTreeSet::new(),
            setup: Vec::new(),
            path: Vec::new(),
        }
    }
}

fn number(rule: &Rule) -> f64 {
    if let Default::Number(value) = rule.default {
        return value;
    }
    let (low, high) = rule.plausible.or(rule.range).unwrap_or((0.0, 1.0));
    // Whole thousandths, so that the text is short and inside.
    let middle = ((low + high) / 2.0 * 1000.0).round() / 1000.0;
    if middle >= low && middle <= high {
        middle
    } else {
        high
    }
}

fn whole(rule: &Rule) -> i128 {
    if let Default::Integer(value) = rule.default {
        return value;
    }
    rule.whole_range
        .map_or(1, |(low, high)| (low + 1).min(high))
}
