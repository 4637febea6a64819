//! Every number of a tree with its path and rule: for draws, for the audit, for `explain`.

use super::facts::payload;
use super::merge::live_names;
use super::schema::{Field, Names, Record, Rule, Shape};
use super::suggest::hint;
use super::tree::{Node, Place, Value, parse_number};

/// One number of a tree.
#[derive(Clone, Debug)]
pub struct NumberAt {
    pub path: String,
    pub value: f64,
    pub rule: &'static Rule,
    /// The field whose name carries the unit.
    pub field: &'static str,
    /// Must it be whole?
    pub whole: bool,
    pub at: Place,
}

/// Every number below the root, in order of the tree.
pub fn numeric_paths(root: &'static Record, tree: &Node) -> Vec<NumberAt> {
    let mut found = Vec::new();
    for field in root.fields {
        // What is about the file is not a number of the model.
        if !super::root::FILE_BLOCKS.contains(&field.name) {
            walk(
                field.shape,
                field,
                tree.field(field.name),
                field.name,
                &mut found,
            );
        }
    }
    found
}

/// Every number of the blocks that only hold models for others.
pub fn library_paths(root: &'static Record, tree: &Node) -> Vec<NumberAt> {
    let mut found = Vec::new();
    for (library, _) in super::merge::LIBRARIES {
        if let Some(field) = root.field(library) {
            let node = tree.field(field.name);
            walk(field.shape, field, node, field.name, &mut found);
        }
    }
    found
}

fn walk(shape: Shape, field: &'static Field, node: &Node, path: &str, found: &mut Vec<NumberAt>) {
    match shape.inner() {
        Shape::Number | Shape::Integer => {
            let scalar = payload(node);
            if let Some(value) = scalar.text().and_then(parse_number) {
                found.push(NumberAt {
                    path: path.to_owned(),
                    value,
                    rule: &field.rule,
                    field: field.name,
                    whole: matches!(shape.inner(), Shape::Integer),
                    at: scalar.at,
                });
            }
        }
        Shape::Series => {
            for (key, value) in payload(node).entries() {
                walk(
                    Shape::Number,
                    field,
                    value,
                    &format!("{path}.{}", key.name),
                    found,
                );
            }
        }
        Shape::Record(record) => {
            for inner in record.fields {
                if let Some(value) = node.get(inner.name) {
                    walk(
                        inner.shape,
                        inner,
                        value,
                        &format!("{path}.{}", inner.name),
                        found,
                    );
                }
            }
        }
        Shape::Tagged(tagged) => {
            for (key, value) in node.entries() {
                if let Some(inner) = tagged.variant(&key.name) {
                    walk(
                        inner.shape,
                        inner,
                        value,
                        &format!("{path}.{}", key.name),
                        found,
                    );
                }
            }
        }
        Shape::Map(_, inner) => {
            for (key, value) in node.entries() {
                walk(*inner, field, value, &format!("{path}.{}", key.name), found);
            }
        }
        Shape::List(inner) => {
            for (i, item) in payload(node).items().iter().enumerate() {
                walk(*inner, field, item, &format!("{path}.{i}"), found);
            }
        }
        _ => {}
    }
}

/// What a dotted path leads to.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub shape: Shape,
    /// The field whose rule holds here.
    pub field: &'static Field,
    pub node: &'a Node,
}

/// Why a path leads nowhere, and what may have been meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    pub message: String,
    pub help: Option<String>,
}

/// Follows a dotted path through tree and schema.
pub fn locate<'a>(root: &'static Record, tree: &'a Node, path: &str) -> Result<Found<'a>, Lost> {
    let (mut shape, mut field, mut node) = (Shape::Record(root), None, tree);
    let mut done = String::new();
    for name in path.split('.') {
        (shape, field) = step(shape, field, &done, name)?;
        let child = match &payload(node).value {
            Value::List(items) => name.parse::<usize>().ok().and_then(|i| items.get(i)),
            Value::Map(_) => payload_of_child(node, name),
            _ => None,
        };
        let dot = if done.is_empty() { "" } else { "." };
        let here = format!("{done}{dot}{name}");
        let Some(child) = child.filter(|child| !child.is_null()) else {
            let declared = field.is_some_and(|known: &Field| known.name == name);
            return Err(if declared {
                Lost {
                    message: format!("`{here}` is not set"),
                    help: None,
                }
            } else {
                lost(&done, name, hint(name, live_names(payload(node))))
            });
        };
        (node, done) = (child, here);
    }
    match field {
        Some(field) => Ok(Found { shape, field, node }),
        None => Err(Lost {
            message: "the path is empty".to_owned(),
            help: None,
        }),
    }
}

/// The shape below a name, and the field whose rule holds there.
fn step(
    shape: Shape,
    field: Option<&'static Field>,
    done: &str,
    name: &str,
) -> Result<(Shape, Option<&'static Field>), Lost> {
    let fields: &'static [Field] = match shape.inner() {
        Shape::Record(record) => record.fields,
        Shape::Tagged(tagged) => tagged.variants,
        Shape::Map(_, inner) | Shape::List(inner) => return Ok((*inner, field)),
        Shape::Series => return Ok((Shape::Number, field)),
        _ => {
            return Err(Lost {
                message: format!("`{done}` is one value"),
                help: None,
            });
        }
    };
    match fields.iter().find(|field| field.name == name) {
        Some(inner) => Ok((inner.shape, Some(inner))),
        None => Err(lost(
            done,
            name,
            hint(name, fields.iter().map(|field| field.name)),
        )),
    }
}

fn lost(done: &str, name: &str, help: Option<String>) -> Lost {
    let here = if done.is_empty() {
        "the scenario".to_owned()
    } else {
        format!("`{done}`")
    };
    Lost {
        message: format!("{here} has no `{name}`"),
        help,
    }
}

fn payload_of_child<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.get(name).or_else(|| payload(node).get(name))
}

/// Writes a number at a path; a fact keeps nothing of its old evidence. Whole fields round.
/// False where the path leads to no number.
pub fn set_number(root: &'static Record, tree: &mut Node, path: &str, value: f64) -> bool {
    let Ok(found) = locate(root, tree, path) else {
        return false;
    };
    let text = match found.shape.inner() {
        Shape::Number => value.to_string(),
        Shape::Integer => value.round().to_string(),
        _ => return false,
    };
    let names: Vec<&str> = path.split('.').collect();
    match descend(tree, &names) {
        Some(target) => {
            *target = Node::scalar(text, Place::COMPUTED);
            true
        }
        None => false,
    }
}

fn descend<'a>(node: &'a mut Node, names: &[&str]) -> Option<&'a mut Node> {
    let Some((name, rest)) = names.split_first() else {
        return Some(node);
    };
    let child = match &mut node.value {
        Value::List(items) => items.get_mut(name.parse::<usize>().ok()?)?,
        Value::Map(entries) => {
            let position = entries.iter().position(|(key, _)| key.name == *name);
            let wrapped = entries.iter().position(|(key, _)| key.name == "value");
            let found = position.map(|i| (i, rest)).or(wrapped.map(|i| (i, names)));
            let (i, rest) = found?;
            return descend(&mut entries[i].1, rest);
        }
        _ => return None,
    };
    descend(child, rest)
}

/// Is the key of this map free (an entry of a collection)?
pub fn is_collection(shape: Shape) -> bool {
    matches!(shape.inner(), Shape::Map(Names::Free, _))
}
