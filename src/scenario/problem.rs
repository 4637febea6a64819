//! What is wrong with a scenario, where, and what to do about it.

use std::fmt::{self, Write};

use super::tree::{Place, TextId};

/// Problems printed at most; the rest is counted.
const PRINTED: usize = 100;
/// Characters of a source line shown around the place.
const WIDTH: usize = 96;

/// Every text that was read, so that a place can show its line.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    list: Vec<Text>,
}

#[derive(Clone, Debug)]
pub struct Text {
    /// As the user named it: a path, or `--set path=value`.
    pub name: String,
    pub content: String,
    /// Facts in the catalogue must be sourced.
    pub catalogue: bool,
}

impl Texts {
    pub fn add(&mut self, name: String, content: String, catalogue: bool) -> TextId {
        self.list.push(Text {
            name,
            content,
            catalogue,
        });
        TextId((self.list.len() - 1).min(usize::from(TextId::COMPUTED.0) - 1) as u16)
    }

    pub fn get(&self, id: TextId) -> Option<&Text> {
        self.list.get(usize::from(id.0))
    }

    pub fn list(&self) -> &[Text] {
        &self.list
    }

    pub fn in_catalogue(&self, id: TextId) -> bool {
        self.get(id).is_some_and(|text| text.catalogue)
    }

    /// `file.yaml:4:20`, or where a value without a text comes from.
    pub fn describe(&self, at: Place) -> String {
        match self.get(at.text) {
            Some(text) if at.line > 0 => {
                format!("{}:{}:{}", printable(&text.name), at.line, at.column)
            }
            Some(text) => printable(&text.name),
            None if at.text == TextId::DEFAULT => "default".to_owned(),
            None => "computed".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub severity: Severity,
    pub message: String,
    pub at: Place,
    /// Further places that matter, each with a few words.
    pub also: Vec<(Place, String)>,
    pub help: Option<String>,
}

impl Problem {
    pub fn error(at: Place, message: impl Into<String>) -> Problem {
        let (message, severity) = (message.into(), Severity::Error);
        Problem {
            severity,
            message,
            at,
            also: Vec::new(),
            help: None,
        }
    }

    pub fn warning(at: Place, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(at, message)
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    pub fn maybe_help(mut self, help: Option<String>) -> Problem {
        self.help = help;
        self
    }

    pub fn also(mut self, at: Place, note: impl Into<String>) -> Problem {
        self.also.push((at, note.into()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The message with its place, the source line and a caret.
    pub fn render(&self, texts: &Texts) -> String {
        let word = if self.is_error() { "error" } else { "warning" };
        let mut out = format!("{word}: {}\n", printable(&self.message));
        let _ = writeln!(out, "  --> {}", texts.describe(self.at));
        if let Some(text) = texts.get(self.at.text) {
            out.push_str(&snippet(&text.content, self.at));
        }
        for (at, note) in &self.also {
            let _ = writeln!(out, "  ::: {} {}", texts.describe(*at), printable(note));
        }
        if let Some(help) = &self.help {
            let _ = writeln!(out, "  help: {}", printable(help));
        }
        out
    }
}

/// The line of a place with the place underlined; long lines are cut around it.
fn snippet(content: &str, at: Place) -> String {
    let Some(line) = (at.line as usize)
        .checked_sub(1)
        .and_then(|row| content.lines().nth(row))
    else {
        return String::new();
    };
    let start = (at.column as usize).saturating_sub(1);
    let from = if start + (at.length as usize) < WIDTH {
        0
    } else {
        start.saturating_sub(20)
    };
    let shown: String = line.chars().skip(from).take(WIDTH).collect();
    let shown_length = shown.chars().count();
    let indent = (start - from).min(shown_length);
    let length = (at.length as usize).clamp(1, (shown_length - indent).max(1));
    let number = at.line.to_string();
    let gutter = number.len().max(4);
    let (cut, pad) = if from > 0 { ("…", " ") } else { ("", "") };
    format!(
        "{number:>gutter$} | {cut}{}\n{:>gutter$} | {pad}{}{}\n",
        printable(&shown).trim_end(),
        "",
        " ".repeat(indent),
        "^".repeat(length),
    )
}

/// A text of the user's must not steer the terminal: control characters become `·`.
pub fn printable(text: &str) -> String {
    let turns = [
        '\u{200e}'..='\u{200f}',
        '\u{202a}'..='\u{202e}',
        '\u{2066}'..='\u{2069}',
    ];
    let hidden = |c: char| c.is_control() || turns.iter().any(|turn| turn.contains(&c));
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if hidden(c) {
                '·'
            } else {
                c
            }
        })
        .collect()
}

/// Everything found, in the order of files, lines and columns.
#[derive(Clone, Debug)]
pub struct Problems {
    pub texts: Texts,
    pub list: Vec<Problem>,
}

impl Problems {
    pub fn new(texts: Texts, mut list: Vec<Problem>) -> Problems {
        sort(&mut list);
        Problems { texts, list }
    }

    pub fn errors(&self) -> usize {
        self.list
            .iter()
            .filter(|problem| problem.is_error())
            .count()
    }

    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// `2 errors, 1 warning`.
    pub fn count(&self) -> String {
        let say = |count: usize, word: &str| match count {
            0 => None,
            1 => Some(format!("1 {word}")),
            _ => Some(format!("{count} {word}s")),
        };
        let parts = [say(self.errors(), "error"), say(self.warnings(), "warning")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "no problems".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// Same input, same order; what was found twice is said once.
pub fn sort(list: &mut Vec<Problem>) {
    let key = |p: &Problem| {
        (
            p.at.text,
            p.at.line,
            p.at.column,
            p.severity,
            p.message.clone(),
        )
    };
    list.sort_by_cached_key(key);
    list.dedup_by(|a, b| key(a) == key(b));
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.list.iter().take(PRINTED) {
            f.write_str(&problem.render(&self.texts))?;
        }
        if self.list.len() > PRINTED {
            writeln!(f, "… and {} more", self.list.len() - PRINTED)?;
        }
        f.write_str(&self.count())
    }
}

impl std::error::Error for Problems {}
