//! A YAML text that is built key by key and remembers the line of each.

use std::collections::BTreeMap;

pub type Path = Vec<String>;

#[derive(Clone, Debug)]
pub enum Document {
    /// A value as it is written on one line.
    Text(String),
    Block(Vec<(String, Document)>),
}

impl Document {
    pub fn block() -> Document {
        Document::Block(Vec::new())
    }

    /// Puts a value at a path, over what was there.
    pub fn put(&mut self, path: &[String], value: Document) {
        let Some((name, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !matches!(self, Document::Block(_)) {
            *self = Document::block();
        }
        let Document::Block(entries) = self else {
            unreachable!("just made")
        };
        let place = entries.iter().position(|(known, _)| known == name);
        let place = place.unwrap_or_else(|| {
            entries.push((name.clone(), Document::block()));
            entries.len() - 1
        });
        entries[place].1.put(rest, value);
    }

    pub fn remove(&mut self, path: &[String]) {
        let (Some((name, rest)), Document::Block(entries)) = (path.split_first(), self) else {
            return;
        };
        match rest.is_empty() {
            true => entries.retain(|(known, _)| known != name),
            false => {
                if let Some((_, below)) = entries.iter_mut().find(|(known, _)| known == name) {
                    below.remove(rest);
                }
            }
        }
    }

    /// The text and the line of every key.
    pub fn written(&self) -> (String, BTreeMap<Path, u32>) {
        let (mut text, mut lines) = (String::new(), BTreeMap::new());
        self.write(&mut Vec::new(), &mut text, &mut lines);
        (text, lines)
    }

    fn write(&self, path: &mut Path, text: &mut String, lines: &mut BTreeMap<Path, u32>) {
        let Document::Block(entries) = self else {
            return;
        };
        for (name, below) in entries {
            path.push(name.clone());
            lines.insert(path.clone(), text.lines().count() as u32 + 1);
            let indent = "  ".repeat(path.len() - 1);
            match below {
                Document::Text(value) => text.push_str(&format!("{indent}{name}: {value}\n")),
                Document::Block(entries) if entries.is_empty() => {
                    text.push_str(&format!("{indent}{name}: {{}}\n"));
                }
                Document::Block(_) => {
                    text.push_str(&format!("{indent}{name}:\n"));
                    below.write(path, text, lines);
                }
            }
            path.pop();
        }
    }
}
