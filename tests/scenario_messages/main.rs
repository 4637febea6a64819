//! Every message about a scenario, word for word: `cases.txt` holds files and what is said about
//! them. `WATTFLOP_BLESS=1 cargo test --test scenario_messages` writes the answers anew.

use std::path::{Path, PathBuf};

use wattflop::market::watch;
use wattflop::scenario::load::load;
use wattflop::scenario::problem::Problems;
use wattflop::scenario::verify::unknown_outcomes;

/// Begins a case, with its title.
const CASE: &str = "=== ";
/// Begins a file beside `main.yaml`, with its path.
const FILE: &str = "@ ";
/// Begins a `--set` of the command line.
const SET: &str = "$ --set ";
/// Ends the files; the answer follows.
const ANSWER: &str = "---";

#[derive(Default)]
struct Case {
    title: String,
    sets: Vec<String>,
    files: Vec<(String, String)>,
    /// Everything before the answer, as it stands in the file.
    question: String,
    answer: String,
}

fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(home().join("tests/scenario_messages/cases.txt")).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    let mut answering = false;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix(CASE) {
            answering = false;
            cases.push(Case {
                title: title.to_owned(),
                files: vec![("main.yaml".to_owned(), String::new())],
                ..Case::default()
            });
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if line == ANSWER {
            answering = true;
        } else if answering {
            case.answer.push_str(&format!("{line}\n"));
        } else {
            case.question.push_str(&format!("{line}\n"));
            if line.starts_with(CASE) {
                continue;
            } else if let Some(set) = line.strip_prefix(SET) {
                case.sets.push(set.to_owned());
            } else if let Some(path) = line.strip_prefix(FILE) {
                case.files.push((path.to_owned(), String::new()));
            } else {
                let (_, file) = case.files.last_mut().expect("main.yaml");
                file.push_str(&format!("{line}\n"));
            }
        }
    }
    cases
}

/// What `wattflop check` says, with the folder taken out.
fn told(case: &Case, folder: &Path) -> String {
    let _ = std::fs::remove_dir_all(folder);
    for (path, content) in &case.files {
        let place = folder.join(path);
        std::fs::create_dir_all(place.parent().expect("a folder")).unwrap();
        std::fs::write(place, content).unwrap();
    }
    let problems = match load(&folder.join("main.yaml"), &case.sets) {
        Ok(loaded) => {
            let unknown = unknown_outcomes(&loaded, watch::outcomes);
            let found = unknown.into_iter().chain(loaded.warnings).collect();
            Problems::new(loaded.texts, found)
        }
        Err(problems) => problems,
    };
    let said = problems.to_string();
    let _ = std::fs::remove_dir_all(folder);
    let said = said.replace(&format!("{}/", folder.display()), "");
    format!("{}\n", uncounted(&said))
}

/// The text with “and … more” for “and 23 more” and without lists of known names: which keys
/// and entries there are may change. `scenario_engine` holds such lists word for word.
fn uncounted(text: &str) -> String {
    const LIST: &str = "  help: known here: ";
    let lines = text.lines().map(|line| match line.strip_prefix(LIST) {
        Some(_) => format!("{LIST}…"),
        None => line.to_owned(),
    });
    let text = lines.collect::<Vec<String>>().join("\n");
    let mut words: Vec<&str> = text.split(' ').collect();
    for place in 1..words.len().saturating_sub(1) {
        let counts = words[place].bytes().all(|digit| digit.is_ascii_digit());
        if counts && words[place - 1] == "and" && words[place + 1].starts_with("more") {
            words[place] = "…";
        }
    }
    words.join(" ")
}

#[test]
fn every_message_is_as_written_down() {
    let folder = std::env::temp_dir().join(format!("wattflop-messages-{}", std::process::id()));
    let cases = cases();
    assert!(cases.len() >= 28, "{}", cases.len());
    let mut fresh = String::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let said = told(case, &folder);
        if said != case.answer {
            let (title, answer) = (&case.title, &case.answer);
            wrong.push(format!("{title}:\n{said}\ninstead of\n{answer}"));
        }
        fresh.push_str(&format!("{}{ANSWER}\n{said}", case.question));
    }
    if std::env::var_os("WATTFLOP_BLESS").is_some() {
        std::fs::write(home().join("tests/scenario_messages/cases.txt"), fresh).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn twelve_errors_give_twelve_messages_in_the_order_of_the_file() {
    let folder = std::env::temp_dir().join(format!("wattflop-twelve-{}", std::process::id()));
    let cases = cases();
    let twelve = cases.iter().find(|case| case.title == "twelve errors");
    let said: Vec<String> = (0..3).map(|_| told(twelve.unwrap(), &folder)).collect();
    assert!(said.iter().all(|text| *text == said[0]), "not stable");
    let lines: Vec<u32> = said[0]
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> main.yaml:"))
        .map(|place| place.split(':').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(lines.len(), 12, "{}", said[0]);
    assert!(lines.windows(2).all(|pair| pair[0] <= pair[1]), "{lines:?}");
    assert!(said[0].ends_with("12 errors\n"), "{}", said[0]);
}

/// Texts that no user sees: they tell of a defect of the program, or stand behind another check
/// (an alias needs an anchor, which is refused first).
const INTERNAL: [&str; 8] = [
    "aliases are not supported",
    "write the value out, or use `like:`",
    "decode met a node that check let through",
    "true or false",
    "exactly one tag",
    "a known tag",
    "the root of a scenario is declared with record!",
    "the path is empty",
];

/// The string literals of a source text, without tests and comments, parts joined.
fn literals(source: &str) -> Vec<String> {
    let code: Vec<&str> = source
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let mut found = Vec::new();
    let mut inside: Option<String> = None;
    let mut letters = code.join("\n").chars().collect::<Vec<char>>().into_iter();
    while let Some(letter) = letters.next() {
        match (&mut inside, letter) {
            (None, '"') => inside = Some(String::new()),
            (Some(_), '"') => found.extend(inside.take()),
            (Some(text), '\\') => match letters.next() {
                // A break in the source is none in the text.
                Some('\n') => text.push('\u{1}'),
                Some(other) => text.push(other),
                None => {}
            },
            (Some(text), letter) => text.push(letter),
            (None, '\'') => {
                // A letter in quotes may itself be a quote.
                let rest = letters.as_slice();
                if rest.first() == Some(&'"') && rest.get(1) == Some(&'\'') {
                    letters.next();
                    letters.next();
                }
            }
            (None, _) => {}
        }
    }
    found
}

/// The longest stretch of a message without what is filled in.
fn longest_fixed_part(message: &str) -> String {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    let mut after_break = false;
    for letter in message.chars() {
        match letter {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                parts.push(String::new());
            }
            '\u{1}' => after_break = true,
            ' ' if after_break => {}
            _ if depth > 0 => {}
            _ => {
                after_break = false;
                parts.last_mut().expect("one").push(letter);
            }
        }
    }
    let longest = parts.into_iter().max_by_key(String::len);
    let longest = longest.unwrap_or_default();
    longest.trim_matches([' ', ':']).to_owned()
}

#[test]
fn no_message_is_without_a_test() {
    let tests = ["scenario_messages/cases.txt", "scenario_engine/messages.rs"];
    let more = ["scenario_engine/hostile.rs", "scenario_engine/layers.rs"];
    let others = [
        "scenario_engine/policies.rs",
        "scenario_shipped.rs",
        "scenario_cli.rs",
        "robust.rs",
    ];
    let all = tests.iter().chain(&more).chain(&others);
    let read = |name: &&str| std::fs::read_to_string(home().join("tests").join(name)).unwrap();
    let held: String = all.map(read).collect::<String>().replace("\\\"", "\"");
    let mut free = Vec::new();
    let mut counted = 0;
    for entry in std::fs::read_dir(home().join("src/scenario")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let about_texts = [
            "print.rs",
            "json_schema.rs",
            "explain.rs",
            "schema.rs",
            "reference.rs",
            "assumptions.rs",
            "identification.rs",
        ];
        if path.is_dir() || about_texts.contains(&name.as_str()) {
            continue;
        }
        for literal in literals(&std::fs::read_to_string(&path).unwrap()) {
            let part = longest_fixed_part(&literal);
            // A message has words; names and formats have not.
            if part.matches(' ').count() < 2 || INTERNAL.iter().any(|known| part.contains(known)) {
                continue;
            }
            counted += 1;
            if !held.contains(&part) {
                free.push(format!("{name}: {part}"));
            }
        }
    }
    assert!(counted > 80, "{counted} messages found in the sources");
    assert!(
        free.is_empty(),
        "{} of {counted}:\n{}",
        free.len(),
        free.join("\n")
    );
}
