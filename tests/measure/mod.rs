//! Reading the source for the house rules: files, functions, parameters, code without strings.

use std::fs;
use std::path::{Path, PathBuf};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

pub struct Source {
    /// Path from the root of the package, with slashes.
    pub name: String,
    pub text: String,
}

impl Source {
    /// The lines before the tests of the module.
    pub fn product(&self) -> impl Iterator<Item = (usize, &str)> {
        // Files of tests may stand beside the code that they test.
        let end = match self.text.find("\n#[cfg(test)]\nmod ") {
            _ if self.name.ends_with("tests.rs") => 0,
            Some(tests) => tests,
            None => self.text.len(),
        };
        self.text[..end]
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

pub fn below(folder: &str, ending: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(ROOT).join(folder)];
    while let Some(place) = folders.pop() {
        let Ok(entries) = fs::read_dir(&place) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == ending) {
                let text = fs::read_to_string(&path).expect("readable source");
                found.push(Source {
                    name: relative(&path),
                    text,
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

pub fn relative(path: &Path) -> String {
    let inside = path.strip_prefix(ROOT).expect("inside the package");
    inside.to_string_lossy().replace('\\', "/")
}

pub fn rust() -> Vec<Source> {
    ["src", "tests", "benches"]
        .iter()
        .flat_map(|folder| below(folder, "rs"))
        .collect()
}

pub fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_default()
}

/// Fails with all breaches at once.
pub fn none(rule: &str, breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{rule}:\n{}", breaches.join("\n"));
}

/// Code without its line comment and without the insides of strings.
pub fn code(line: &str) -> String {
    let mut kept = String::new();
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => {
                letters.next();
            }
            '"' => quoted = !quoted,
            '/' if !quoted && letters.peek() == Some(&'/') => break,
            other if !quoted => kept.push(other),
            _ => {}
        }
    }
    kept
}

/// Whether most of the line is one quoted text, which has no place to break.
pub fn long_text(line: &str) -> bool {
    line.split('"')
        .skip(1)
        .step_by(2)
        .any(|text| text.chars().count() > 55)
}

/// Name, first line and length of every function of a formatted file.
pub fn functions(file: &Source) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let bare = code(line);
        let Some(name) = function_name(&bare) else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        // A declaration without body ends before any block opens.
        let mut end = index;
        while end < lines.len() && !lines[end].trim_end().ends_with(['{', '}', ';']) {
            end += 1;
        }
        if end >= lines.len() || !lines[end].trim_end().ends_with('{') {
            continue;
        }
        let last = (end..lines.len())
            .find(|at| lines[*at] == closing)
            .unwrap_or(end);
        found.push((name, index + 1, last - index + 1));
    }
    found
}

pub fn function_name(bare: &str) -> Option<String> {
    let words = bare.trim_start();
    let words = ["pub ", "pub(super) ", "pub(crate) ", "const "]
        .iter()
        .fold(words, |rest, start| {
            rest.strip_prefix(start).unwrap_or(rest)
        });
    let rest = words.strip_prefix("fn ")?;
    Some(
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect(),
    )
}

/// Parameters of the function that begins in the first line, `self` not counted.
pub fn parameters(lines: &[&str]) -> usize {
    let text: String = lines
        .iter()
        .take(14)
        .map(|line| code(line) + "\n")
        .collect();
    let Some(open) = signature_start(&text) else {
        return 0;
    };
    let (mut depth, mut count, mut word) = (0_i32, 0, String::new());
    for letter in text[open..].chars() {
        match letter {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            let own = word.trim_start_matches(['(', '&', ' ', '\n']);
            let own = own.trim_start_matches("mut ").trim();
            let receiver = own == "self" || own.ends_with(" self") || own.starts_with("self:");
            count += usize::from(!own.is_empty() && !receiver);
            word.clear();
            if depth == 0 {
                break;
            }
        } else {
            word.push(letter);
        }
    }
    count
}

/// Where the parameters open: the first parenthesis outside angle brackets after `fn name`.
pub fn signature_start(text: &str) -> Option<usize> {
    let from = text.find("fn ")?;
    let mut angle = 0_i32;
    let mut previous = ' ';
    for (place, letter) in text[from..].char_indices() {
        match letter {
            '<' => angle += 1,
            '>' if previous != '-' => angle -= 1,
            '(' if angle == 0 => return Some(from + place),
            _ => {}
        }
        previous = letter;
    }
    None
}
