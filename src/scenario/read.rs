//! Text to tree, once. Files may come from strangers: size, depth and nodes are limited, and
//! what YAML offers beyond plain maps, lists and scalars is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_yaml::granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::problem::Problem;
use super::tree::{Key, Node, Place, TextId, Value};

pub const MAX_BYTES: u64 = 4 << 20;
pub const MAX_DEPTH: usize = 32;
pub const MAX_NODES: usize = 200_000;
/// Entries of one map.
pub const MAX_ENTRIES: usize = 2_000;
/// Entries of one list: the hours of a year fit.
pub const MAX_ITEMS: usize = 10_000;

/// Reads a whole regular file of at most [`MAX_BYTES`].
pub fn read_file(path: &Path) -> Result<String, String> {
    let content = read_limited(path, MAX_BYTES)?;
    if content.starts_with('\u{feff}') {
        let place = path.display();
        return Err(format!(
            "cannot read {place}: it begins with a byte order mark; save it as UTF-8 without one"
        ));
    }
    Ok(content)
}

/// A file of at most so many bytes.
pub fn read_limited(path: &Path, most: u64) -> Result<String, String> {
    let fail = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let facts = std::fs::metadata(path).map_err(fail)?;
    if !facts.is_file() {
        return Err(format!(
            "cannot read {}: not a regular file",
            path.display()
        ));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > most {
        return Err(format!(
            "cannot read {}: larger than {} MiB",
            path.display(),
            most >> 20
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let wide = [[0xff, 0xfe], [0xfe, 0xff]];
        if wide.iter().any(|mark| error.as_bytes().starts_with(mark)) {
            return format!(
                "cannot read {}: it is UTF-16; save it as UTF-8",
                path.display()
            );
        }
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        format!("cannot read {}: line {line} is not UTF-8", path.display())
    })
}

/// A collection that is still open.
struct Frame {
    node: Node,
    /// Where each name of a map was written first.
    seen: BTreeMap<String, Place>,
    key: Option<Key>,
}

struct Reader<'a> {
    text: TextId,
    content: &'a str,
    frames: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    problems: Vec<Problem>,
}

/// The tree of `content`, or every problem up to the first that ends reading.
pub fn parse(text: TextId, content: &str) -> Result<Node, Vec<Problem>> {
    let mut reader = Reader {
        text,
        content,
        frames: Vec::new(),
        root: None,
        nodes: 0,
        problems: Vec::new(),
    };
    if let Err(problem) = reader.read() {
        reader.problems.push(problem);
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    let start = Place {
        text,
        line: 1,
        column: 1,
        length: 1,
    };
    reader
        .root
        .ok_or_else(|| vec![Problem::error(start, "the file is empty")])
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Problem> {
        let content = self.content;
        for event in Parser::new_from_str(content) {
            let (event, span) = event.map_err(|error| {
                let at = self.place(&Span::empty(*error.marker()));
                match error.info() {
                    info if info.contains("recursion limit") => deep(at),
                    info => Problem::error(at, format!("not valid YAML: {info}")),
                }
            })?;
            self.take(event, &span)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(span, anchor, tag.is_some())?;
                self.scalar(text.into_owned(), style == ScalarStyle::Plain, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse(span, anchor, tag.is_some())?;
                self.open(Value::List(Vec::new()), span)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse(span, anchor, tag.is_some())?;
                self.open(Value::Map(Vec::new()), span)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.frames.pop() {
                Some(frame) => self.close(frame.node),
                None => Ok(()),
            },
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(Problem::error(
                self.place(span),
                "aliases are not supported",
            )
            .help("write the value out, or use `like:` to copy an entry")),
            Event::DocumentStart(..) if self.root.is_some() => Err(Problem::error(
                self.place(span),
                "a second document begins here; a scenario is one document",
            )),
            _ => Ok(()),
        }
    }

    fn refuse(&self, span: &Span, anchor: usize, tagged: bool) -> Result<(), Problem> {
        if anchor > 0 {
            let help = "use `like:` to copy an entry";
            return Err(Problem::error(self.place(span), "anchors are not supported").help(help));
        }
        if tagged {
            return Err(Problem::error(
                self.place(span),
                "YAML tags are not supported",
            ));
        }
        Ok(())
    }

    fn open(&mut self, value: Value, span: &Span) -> Result<(), Problem> {
        let at = self.place(span);
        if self.frames.last().is_some_and(wants_key) {
            return Err(Problem::error(at, "a key must be a plain name"));
        }
        if self.frames.len() >= MAX_DEPTH {
            return Err(deep(at));
        }
        self.count(at)?;
        self.frames.push(Frame {
            node: Node::new(value, at),
            seen: BTreeMap::new(),
            key: None,
        });
        Ok(())
    }

    fn scalar(&mut self, text: String, plain: bool, span: &Span) -> Result<(), Problem> {
        let at = self.place(span);
        self.count(at)?;
        if let Some(frame) = self.frames.last_mut().filter(|frame| wants_key(frame)) {
            if let Some(first) = frame.seen.get(&text) {
                let message = format!("`{text}` is given twice");
                self.problems
                    .push(Problem::error(at, message).also(*first, "is the first"));
            }
            frame.seen.entry(text.clone()).or_insert(at);
            frame.key = Some(Key { name: text, at });
            return Ok(());
        }
        // The parser says `~` for nothing at all.
        if plain && span.start.index() == span.end.index() {
            let key = self.frames.last().and_then(|frame| frame.key.as_ref());
            let (at, name) = key.map_or((at, "this"), |key| (key.at, key.name.as_str()));
            return Err(Problem::error(at, format!("`{name}` has no value"))
                .help("write one, `null` to delete, or `{}` for an empty block"));
        }
        let value = match text.as_str() {
            "null" | "~" | "Null" | "NULL" if plain => Value::Null,
            _ => Value::Scalar {
                text,
                quoted: !plain,
            },
        };
        self.close(Node::new(value, at))
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node) -> Result<(), Problem> {
        let at = node.at;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let (length, most) = match &mut frame.node.value {
            Value::Map(entries) => {
                if let Some(key) = frame.key.take() {
                    entries.push((key, node));
                }
                (entries.len(), MAX_ENTRIES)
            }
            Value::List(items) => {
                items.push(node);
                (items.len(), MAX_ITEMS)
            }
            _ => (0, 0),
        };
        if length > most {
            let message = format!("more than {most} entries in one block");
            return Err(Problem::error(at, message));
        }
        Ok(())
    }

    fn count(&mut self, at: Place) -> Result<(), Problem> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Problem::error(at, format!("more than {MAX_NODES} values")));
        }
        Ok(())
    }

    fn place(&self, span: &Span) -> Place {
        let start = span.tag_start.unwrap_or(span.start);
        let length = if span.end.line() == start.line() {
            span.end.index().saturating_sub(start.index())
        } else {
            self.rest_of_line(&start)
        };
        Place {
            text: self.text,
            line: start.line() as u32,
            column: start.col() as u32 + 1,
            length: length.max(1) as u32,
        }
    }

    /// Characters from a marker to the end of its line.
    fn rest_of_line(&self, start: &Marker) -> usize {
        let from = start.byte_offset().unwrap_or(self.content.len());
        let rest = self.content.get(from..).unwrap_or_default();
        rest.chars()
            .take(200)
            .take_while(|c| *c != '\n')
            .collect::<String>()
            .trim_end()
            .len()
    }
}

fn deep(at: Place) -> Problem {
    Problem::error(at, format!("nested deeper than {MAX_DEPTH} levels"))
}

fn wants_key(frame: &Frame) -> bool {
    matches!(frame.node.value, Value::Map(_)) && frame.key.is_none()
}
