//! The house rules, held by reading the source. What a rule forbids is written in pieces here,
//! so that this file does not break it.

mod measure;

use std::path::Path;

use measure::{ROOT, Source, below, code, function_name, functions, long_text, none, parameters};
use measure::{read, rust};

/// Files that are tables of data or of formulas, and the lines that they may have.
const LONG_FILES: [(&str, usize); 0] = [];

/// Functions that are one table or one unrolled kernel, with the reason.
const LONG_FUNCTIONS: [(&str, &str); 3] = [
    (
        "src/market/operators/state.rs::visit",
        "one entry a state column",
    ),
    (
        "src/market/grid/state.rs::visit",
        "one entry a state column",
    ),
    (
        "tests/scenario_engine/policies.rs::policies_create_nothing",
        "a table of messages",
    ),
];

/// Kernels whose loops must stay plain: no closures, no iterator chains.
const HOT: [&str; 3] = [
    "src/kernels/supply/vector.rs",
    "src/kernels/supply/change.rs",
    "src/kernels/choice.rs",
];

/// Functions that may panic, because the check of the scenario has excluded the cause.
const AFTER_CHECK: [(&str, &str); 3] = [
    ("src/market/ids.rs", "a name that the check found to exist"),
    (
        "src/scenario/decode.rs",
        "a node that the check let through",
    ),
    (
        "src/scenario/root.rs",
        "the declaration of the program's own root record",
    ),
];

#[test]
fn files_are_short_and_shallow() {
    let mut breaches = Vec::new();
    for file in rust() {
        let most = LONG_FILES
            .iter()
            .find(|(name, _)| *name == file.name)
            .map_or(600, |e| e.1);
        let lines = file.text.lines().count();
        if lines > most {
            breaches.push(format!("{}: {lines} lines", file.name));
        }
        if file.name.matches('/').count() > 3 {
            breaches.push(format!("{}: too deep", file.name));
        }
    }
    let main = read("src/main.rs").lines().count();
    if main > 60 {
        breaches.push(format!("src/main.rs: {main} lines, at most 60"));
    }
    none("files ≤ 600 lines, folders ≤ 2 deep", breaches);
}

#[test]
fn lines_are_at_most_100_columns() {
    let mut breaches = Vec::new();
    for file in rust() {
        for (number, line) in file.lines() {
            let excused = line.contains("://") || long_text(line);
            if line.chars().count() > 100 && !excused {
                breaches.push(format!("{}:{number}", file.name));
            }
        }
    }
    none("lines ≤ 100 columns", breaches);
}

#[test]
fn functions_are_at_most_70_lines() {
    let mut breaches = Vec::new();
    for file in rust() {
        for (name, line, length) in functions(&file) {
            let key = format!("{}::{name}", file.name);
            let excused = LONG_FUNCTIONS.iter().any(|(known, _)| *known == key);
            if length > 70 && !excused {
                breaches.push(format!("{}:{line} {name}: {length} lines", file.name));
            }
        }
    }
    none("functions ≤ 70 lines", breaches);
}

#[test]
fn the_measure_of_functions_measures() {
    let text = "fn short() {\n    x();\n}\n\nimpl A {\n    pub fn two(\n        a: u8,\n    ) -> u8 {\n        a\n    }\n}\n";
    let file = Source {
        name: "x".to_owned(),
        text: text.to_owned(),
    };
    let found = functions(&file);
    assert_eq!(
        found,
        [("short".to_owned(), 1, 3), ("two".to_owned(), 6, 5)]
    );
    assert_eq!(code("let a = \"fn // x\"; // fn b"), "let a = ; ");
}

#[test]
fn parameters_are_at_most_five() {
    let mut breaches = Vec::new();
    for file in below("src", "rs") {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let bare = code(line);
            let Some(name) = function_name(&bare) else {
                continue;
            };
            let count = parameters(&lines[index..]);
            if count > 5 {
                breaches.push(format!("{}:{} {name}: {count}", file.name, index + 1));
            }
        }
    }
    none("parameters ≤ 5, otherwise a struct", breaches);
}

#[test]
fn the_count_of_parameters_counts() {
    let count = |text: &str| parameters(&text.lines().collect::<Vec<_>>());
    assert_eq!(count("fn a() {}"), 0);
    assert_eq!(
        count("pub fn a(&mut self, b: (u8, u8), c: Vec<(u8, u8)>) {}"),
        2
    );
    assert_eq!(
        count("fn a<T: Fn(u8) -> u8>(\n    f: T,\n    g: &dyn Fn(u8, u8),\n) {}"),
        2
    );
    assert_eq!(
        count("fn a(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {}"),
        6
    );
}

#[test]
fn every_module_says_what_it_is_for() {
    let opens = |file: &Source| {
        let first = file
            .text
            .lines()
            .find(|line| !line.starts_with("#![") && !line.is_empty());
        first.is_some_and(|line| line.starts_with("//!"))
    };
    let mute = rust()
        .into_iter()
        .filter(|file| !opens(file))
        .map(|file| file.name);
    none("modules open with //! and their purpose", mute.collect());
}

#[test]
fn nothing_is_unfinished_and_names_are_nouns_of_the_trade() {
    let unfinished = [
        ["to", "do!"].concat(),
        ["unimple", "mented!"].concat(),
        ["place", "holder"].concat(),
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
        ["XX", "X"].concat(),
        ["db", "g!("].concat(),
    ];
    let vague = [
        ["mana", "ger"].concat(),
        ["hel", "per"].concat(),
        ["ut", "ils"].concat(),
    ];
    let mut breaches = Vec::new();
    for file in rust() {
        for (number, line) in file.lines() {
            if let Some(word) = unfinished.iter().find(|word| line.contains(word.as_str())) {
                breaches.push(format!("{}:{number} {word}", file.name));
            }
            let lower = code(line).to_lowercase();
            if let Some(word) = vague.iter().find(|word| lower.contains(word.as_str())) {
                breaches.push(format!("{}:{number} {word}", file.name));
            }
        }
        if vague.iter().any(|word| file.name.contains(word.as_str())) {
            breaches.push(file.name.clone());
        }
    }
    none("no unfinished business, no vague names", breaches);
}

/// Modules in the order of `src/lib.rs`, which is the order of dependence.
fn order() -> Vec<String> {
    let lib = read("src/lib.rs");
    lib.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_module_uses_only_those_above_it() {
    let order = order();
    assert!(order.len() >= 8, "src/lib.rs lists {order:?}");
    let rank = |module: &str| order.iter().position(|known| known == module);
    let mut breaches = Vec::new();
    for file in below("src", "rs") {
        let own = file.name.trim_start_matches("src/").trim_end_matches(".rs");
        let own = own.split('/').next().unwrap_or_default();
        let Some(mine) = rank(own) else { continue };
        for (number, line) in file.product() {
            let bare = code(line);
            for (place, _) in bare.match_indices("crate::") {
                let rest = &bare[place + "crate::".len()..];
                let used: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if rank(&used).is_some_and(|theirs| theirs > mine) {
                    breaches.push(format!("{}:{number} uses {used}", file.name));
                }
            }
        }
    }
    none("one direction of dependence", breaches);
}

/// Lines of product code below `folder` that name any of `words`.
fn naming(folder: &str, words: &[&str]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in below("src", "rs")
        .iter()
        .filter(|file| file.name.starts_with(folder))
    {
        for (number, line) in file.product() {
            let bare = code(line);
            if let Some(word) = words.iter().find(|word| bare.contains(**word)) {
                breaches.push(format!("{}:{number} {word}", file.name));
            }
        }
    }
    breaches
}

#[test]
fn the_market_is_pure() {
    let outside = [
        "std::fs",
        "std::io",
        "std::time",
        "std::thread",
        "std::env",
        "std::net",
        "std::process",
        "std::sync",
        "Instant",
        "SystemTime",
        "rayon",
        "polars",
        "plotters",
        "indicatif",
        "println!",
        "eprintln!",
        "print!(",
        "eprint!(",
        "rand::rng",
        "serde_yaml",
    ];
    none(
        "no files, clocks, threads, tables or printing in market/",
        naming("src/market", &outside),
    );
}

#[test]
fn kernels_know_no_economics() {
    let nouns = [
        "crate::units",
        "crate::scenario",
        "crate::market",
        "std::fs",
        "std::time",
    ];
    none(
        "kernels/ takes slices and numbers",
        naming("src/kernels", &nouns),
    );
}

#[test]
fn tables_and_charts_have_one_home_each() {
    let mut breaches = Vec::new();
    for file in below("src", "rs") {
        for (number, line) in file.product() {
            let bare = code(line);
            for (word, home) in [("polars::", "src/results/"), ("plotters::", "src/report/")] {
                if bare.contains(word) && !file.name.starts_with(home) {
                    breaches.push(format!("{}:{number} {word}", file.name));
                }
            }
        }
    }
    none("polars in results/, plotters in report/", breaches);
}

#[test]
fn hot_loops_are_plain() {
    let chains = [
        ".map(",
        ".for_each(",
        ".filter(",
        ".fold(",
        ".collect",
        "(|",
        "= |",
        "move |",
    ];
    let mut breaches = Vec::new();
    for stem in HOT {
        let found = below("src", "rs")
            .iter()
            .any(|file| file.name.starts_with(stem));
        assert!(found, "{stem} is gone; name the hot kernels again");
        breaches.extend(naming(stem, &chains));
    }
    none("no closures and chains in hot kernels", breaches);
}

#[test]
fn values_do_not_depend_on_the_machine() {
    let mut breaches = naming("src", &["HashMap", "HashSet", ".powi(", ".mul_add("]);
    // The mathematics of our own has a function of that name.
    breaches.retain(|breach| !breach.contains("math"));
    none("no hash order, no fused or library arithmetic", breaches);
}

#[test]
fn library_code_does_not_panic_on_input() {
    let mut breaches = naming("src", &[".unwrap()", "panic!(", "unreachable!("]);
    for (file, why) in AFTER_CHECK {
        let (known, others): (Vec<_>, Vec<_>) = breaches
            .into_iter()
            .partition(|breach| breach.starts_with(file));
        assert!(
            known.len() == 1 && !why.is_empty(),
            "{file}: one panic is excused: {known:?}"
        );
        breaches = others;
    }
    none("no unwrap or panic outside tests", breaches);
}

#[test]
fn unsafe_code_is_forbidden() {
    for name in ["src/lib.rs", "src/main.rs"] {
        assert!(read(name).starts_with("#![forbid(unsafe_code)]"), "{name}");
    }
}

#[test]
fn the_readme_shows_the_commands_and_the_main_loop() {
    let readme = read("README.md");
    for needed in [
        "cargo run --release -- run scenarios/baseline.yaml",
        "cargo test --release",
        "src/market/week.rs",
        "docs/picture.png",
    ] {
        assert!(readme.contains(needed), "README.md lacks `{needed}`");
    }
    for linked in links(&readme) {
        assert!(
            Path::new(ROOT).join(&linked).exists(),
            "README.md links to {linked}"
        );
    }
    assert!(read("CHANGELOG.md").contains("### Results"));
}

/// Local targets of markdown links.
fn links(text: &str) -> Vec<String> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn nothing_points_outside_the_repository() {
    let outside = [
        ["/wo", "rk/"].concat(),
        ["../sha", "red"].concat(),
        ["/ro", "ot/"].concat(),
    ];
    let mut files = rust();
    files.extend(below("scenarios", "yaml"));
    files.extend(below("docs", "md"));
    let mut breaches = Vec::new();
    for file in &files {
        for (number, line) in file.lines() {
            if outside.iter().any(|word| line.contains(word.as_str())) {
                breaches.push(format!("{}:{number}", file.name));
            }
        }
    }
    none("no paths of one machine", breaches);
}
