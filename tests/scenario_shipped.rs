//! The real schema, catalogue and scenarios: facts, typing errors on every key, ranges, docs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use wattflop::scenario::check::check_tree;
use wattflop::scenario::facts::survey;
use wattflop::scenario::json_schema::{json_schema, prose};
use wattflop::scenario::load::{Loaded, load};
use wattflop::scenario::merge::complete;
use wattflop::scenario::numbers::{locate, numeric_paths, set_number};
use wattflop::scenario::problem::Problem;
use wattflop::scenario::root::root_of;
use wattflop::scenario::schema::{Default, Field, Record, Shape};
use wattflop::scenario::tree::{Node, Value};
use wattflop::scenario::types::Scenario;
use wattflop::scenario::{
    Decode, assumptions, embedded, explain, identification, print, suggest, verify,
};
use wattflop::units::unit_of;

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

fn loaded(path: &Path) -> Loaded {
    load(path, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn baseline() -> Loaded {
    loaded(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml"))
}

/// Every record and every field below a shape, each record once.
fn records(shape: Shape, seen: &mut Vec<&'static Record>, fields: &mut Vec<&'static Field>) {
    match shape.inner() {
        Shape::Record(record) if seen.iter().any(|known| std::ptr::eq(*known, record)) => {}
        Shape::Record(record) => {
            seen.push(record);
            for field in record.fields {
                fields.push(field);
                records(field.shape, seen, fields);
            }
        }
        Shape::Tagged(tagged) => {
            for field in tagged.variants {
                fields.push(field);
                records(field.shape, seen, fields);
            }
        }
        Shape::Map(_, inner) | Shape::List(inner) => records(*inner, seen, fields),
        _ => {}
    }
}

fn schema() -> (Vec<&'static Record>, Vec<&'static Field>) {
    let (mut seen, mut fields) = (Vec::new(), Vec::new());
    records(Shape::Record(root_of::<Scenario>()), &mut seen, &mut fields);
    (seen, fields)
}

#[test]
fn every_shipped_scenario_is_good_without_a_warning() {
    let files = shipped();
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let loaded = loaded(&path);
        let texts = &loaded.texts;
        let warnings: Vec<String> = loaded.warnings.iter().map(|w| w.render(texts)).collect();
        assert!(
            warnings.is_empty(),
            "{}\n{}",
            path.display(),
            warnings.join("\n")
        );
        for policy in &loaded.policies {
            let _ = Scenario::decode(&policy.tree);
        }
    }
}

#[test]
fn the_program_carries_every_scenario_and_a_lone_copy_works() {
    for path in shipped() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(
            embedded::file(name),
            std::fs::read_to_string(&path).ok().as_deref()
        );
    }
    let folder = std::env::temp_dir().join(format!("wattflop-lone-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let lone = folder.join("lone.yaml");
    std::fs::write(&lone, embedded::file("baseline.yaml").unwrap()).unwrap();
    let alone = loaded(&lone);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(Scenario::decode(&alone.tree) == Scenario::decode(&baseline().tree));
}

#[test]
fn every_key_is_documented_and_says_its_unit() {
    let (records, fields) = schema();
    assert!(records.len() > 30 && fields.len() > 200);
    for record in records {
        assert!(!prose(record.doc).is_empty(), "{}", record.name);
        let names: BTreeSet<&str> = record.fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), record.fields.len(), "{}", record.name);
    }
    for field in fields {
        assert!(
            !prose(field.doc).is_empty(),
            "{} has no documentation",
            field.name
        );
    }
}

#[test]
fn ranges_are_ordered_and_hold_their_defaults() {
    for field in schema().1 {
        let Field {
            name, rule, shape, ..
        } = field;
        if let Some((low, high)) = rule.range {
            assert!(low < high, "{name}");
        }
        if let Some((low, high)) = rule.whole_range {
            assert!(low < high, "{name}");
        }
        if let (Some(hard), Some(usual)) = (rule.range, rule.plausible) {
            assert!(
                hard.0 <= usual.0 && usual.0 < usual.1 && usual.1 <= hard.1,
                "{name}"
            );
        }
        match (rule.default, rule.range, rule.whole_range) {
            (Default::Number(x), Some((low, high)), _) => assert!(low <= x && x <= high, "{name}"),
            (Default::Integer(x), _, Some((low, high))) => assert!(low <= x && x <= high, "{name}"),
            _ => {}
        }
        let innermost = match shape.inner() {
            Shape::List(inner) | Shape::Map(_, inner) => inner.inner(),
            inner => inner,
        };
        // Every number has a hard range.
        match innermost {
            Shape::Number | Shape::Series => assert!(rule.range.is_some(), "{name} has no range"),
            Shape::Integer => assert!(rule.whole_range.is_some(), "{name} has no range"),
            _ => {}
        }
    }
}

/// Neighbours swapped, one letter dropped, one doubled: the errors that people make.
fn misspelt(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let middle = letters.len() / 2;
    let mut all = Vec::new();
    let mut swapped = letters.clone();
    swapped.swap(middle - 1, middle);
    let mut dropped = letters.clone();
    dropped.remove(middle);
    let mut doubled = letters.clone();
    doubled.insert(middle, letters[middle]);
    for word in [swapped, dropped, doubled] {
        let word: String = word.into_iter().collect();
        if word != name {
            all.push(word);
        }
    }
    all
}

#[test]
fn a_typing_error_in_any_key_is_named_with_the_right_key() {
    let (records, _) = schema();
    let (mut tried, mut wrong) = (0, Vec::new());
    for record in records {
        let names = || record.fields.iter().map(|field| field.name);
        for name in names().filter(|name| name.len() > 3) {
            for typo in misspelt(name) {
                if names().any(|known| known == typo) {
                    continue;
                }
                tried += 1;
                let guess = suggest::similar(&typo, names());
                // Two names one letter apart may be confused; nothing else may.
                if guess != Some(name)
                    && guess.is_none_or(|guess| guess.len().abs_diff(name.len()) > 1)
                {
                    wrong.push(format!(
                        "{typo}: {guess:?}, wanted {name} of {}",
                        record.name
                    ));
                }
            }
        }
    }
    assert!(tried > 600, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Renames the key at a path and says what check finds there.
fn check_renamed(loaded: &Loaded, path: &[String], to: &str) -> Vec<Problem> {
    let mut tree = loaded.tree.clone();
    let mut node = &mut tree;
    for name in &path[..path.len() - 1] {
        node = node.get_mut(name).unwrap();
    }
    if let Value::Map(entries) = &mut node.value {
        let last = path.last().unwrap();
        entries
            .iter_mut()
            .find(|(key, _)| key.name == *last)
            .unwrap()
            .0
            .name = to.to_owned();
    }
    let mut problems = Vec::new();
    complete(Shape::Record(loaded.root), &mut tree);
    check_tree(loaded.root, &tree, &loaded.texts, &mut problems);
    problems
}

/// One path for each key of each record that the tree uses.
fn key_paths(
    shape: Shape,
    node: &Node,
    path: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
    out: &mut Vec<Vec<String>>,
) {
    match shape.inner() {
        Shape::Record(record) => {
            for (key, value) in node.entries() {
                let Some(field) = record.field(&key.name) else {
                    continue;
                };
                path.push(key.name.clone());
                if seen.insert(format!("{}.{}", record.name, key.name)) {
                    out.push(path.clone());
                }
                key_paths(field.shape, value, path, seen, out);
                path.pop();
            }
        }
        Shape::Tagged(tagged) => {
            for (key, value) in node.entries() {
                let Some(field) = tagged.variant(&key.name) else {
                    continue;
                };
                path.push(key.name.clone());
                key_paths(field.shape, value, path, seen, out);
                path.pop();
            }
        }
        Shape::Map(_, inner) => {
            for (key, value) in node.entries() {
                path.push(key.name.clone());
                key_paths(*inner, value, path, seen, out);
                path.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn a_renamed_key_never_passes() {
    let loaded = baseline();
    let (mut paths, mut seen) = (Vec::new(), BTreeSet::new());
    let root = Shape::Record(loaded.root);
    key_paths(root, &loaded.tree, &mut Vec::new(), &mut seen, &mut paths);
    assert!(paths.len() > 250, "{}", paths.len());
    for path in paths {
        let name = path.last().unwrap();
        let typo = format!("{name}_x");
        let problems = check_renamed(&loaded, &path, &typo);
        let unknown = format!("unknown key `{typo}`");
        let found = problems
            .iter()
            .find(|problem| problem.message.starts_with(&unknown));
        let found = found.unwrap_or_else(|| panic!("{}: {problems:?}", path.join(".")));
        let help = found.help.clone().unwrap_or_default();
        assert!(
            help.contains(&format!("`{name}`")) || name.len() < 4,
            "{typo}: {help}"
        );
    }
}

#[test]
fn no_number_may_leave_its_hard_range() {
    let loaded = baseline();
    let mut seen = BTreeSet::new();
    for number in numeric_paths(loaded.root, &loaded.tree) {
        if !seen.insert(number.field) {
            continue;
        }
        let whole = number
            .rule
            .whole_range
            .map(|(low, high)| (low as f64, high as f64));
        let (low, high) = number.rule.range.or(whole).unwrap();
        for beyond in [high * 2.0 + 1.0, low - 1.0 - low.abs()] {
            if number.whole && beyond.abs() > 9e15 {
                continue;
            }
            let mut tree = loaded.tree.clone();
            assert!(
                set_number(loaded.root, &mut tree, &number.path, beyond),
                "{}",
                number.path
            );
            let mut problems = Vec::new();
            check_tree(loaded.root, &tree, &loaded.texts, &mut problems);
            let refused = problems
                .iter()
                .any(|problem| problem.is_error() && problem.message.contains("must lie in"));
            assert!(refused, "{} may be {beyond}", number.path);
        }
    }
    assert!(seen.len() > 150, "{}", seen.len());
}

/// Share of numbers that may be assumed.
const MOST_ASSUMED: f64 = 0.30;

#[test]
fn every_number_of_the_catalogue_has_its_evidence() {
    let loaded = baseline();
    let survey = survey(loaded.root, &loaded.tree);
    assert!(survey.known() > 500, "{survey:?}");
    let assumed = survey.assumed as f64 / survey.known() as f64;
    assert!(
        assumed <= MOST_ASSUMED,
        "{} of {} numbers are assumed",
        survey.assumed,
        survey.known()
    );
    // Settings of the run and defaults of the schema are choices, not facts.
    // How finely buyers and owners are sampled, and what a device is, are no facts either.
    let sampling = ["nodes", "rows", "row_share", "chips_per_device"];
    let settings = [
        "horizon.",
        "ensemble.",
        "report.",
        "expect.",
        "plausibility.",
        "trends.",
    ];
    let bare: Vec<&String> = survey
        .bare
        .iter()
        .filter(|path| !settings.iter().any(|block| path.starts_with(block)))
        .filter(|path| {
            let found = locate(loaded.root, &loaded.tree, path).unwrap();
            let absent = found.node.text() == Some("0") || found.node.text() == Some("0.0");
            let fact = !sampling.contains(&found.field.name) && !absent;
            fact && loaded.texts.in_catalogue(found.node.at.text)
        })
        .collect();
    assert!(
        bare.is_empty(),
        "{} numbers without evidence:\n{bare:#?}",
        bare.len()
    );
}

#[test]
fn outcomes_are_those_of_a_run() {
    for path in shipped() {
        let loaded = loaded(&path);
        let unknown = verify::unknown_outcomes(&loaded, wattflop::market::watch::outcomes);
        let said: Vec<String> = unknown.iter().map(|p| p.render(&loaded.texts)).collect();
        assert!(said.is_empty(), "{}", said.join("\n"));
    }
    let found = verify::unknown_outcomes(&baseline(), |_| vec!["nothing".to_owned()]);
    assert!(!found.is_empty());
}

#[test]
fn contradictions_are_found() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/chip_shortage.yaml");
    for (set, message) in [
        (
            "horizon.start=2025-11-04",
            "a run starts on a Monday: 2025-11-04 is none, 2025-11-03 is",
        ),
        (
            "shocks.hbm_shortage.hazard_per_year=1",
            "either `at` or `hazard_per_year`, not both",
        ),
        (
            "shocks.hbm_shortage.at=null",
            "a shock needs `at` (a date) or `hazard_per_year`",
        ),
        (
            "shocks.hbm_shortage.memory_capacity=null",
            "a shock needs an effect",
        ),
        (
            "expect.compute_gets_dearer.from_week=9999",
            "must lie in 0 to 2600",
        ),
        (
            "expect.compute_gets_dearer.from_week=200",
            "`from_week` lies behind `to_week`",
        ),
        (
            "expect.compute_gets_dearer.without_shock=hbm_shortag",
            "there is no shock `hbm_shortag`",
        ),
        (
            "expect.compute_gets_dearer.without_shock=null",
            "needs `against` or `without_shock`",
        ),
    ] {
        let problems = load(&file, &[set.to_owned()]).expect_err(set);
        assert!(problems.to_string().contains(message), "{set}\n{problems}");
    }
}

#[test]
fn the_resolved_baseline_reads_back_as_the_same_scenario() {
    let loaded = baseline();
    let mut tree = loaded.tree.clone();
    if let Value::Map(entries) = &mut tree.value {
        entries.retain(|(key, _)| key.name != "base" && key.name != "include");
    }
    let folder = std::env::temp_dir().join(format!("wattflop-resolved-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("resolved.yaml");
    std::fs::write(&path, print::yaml(&tree, None)).unwrap();
    let again = load(&path, &[]);
    std::fs::remove_dir_all(&folder).unwrap();
    let again = again.unwrap_or_else(|problems| panic!("{problems}"));
    let plain = |loaded: &Loaded| {
        let mut scenario = Scenario::decode(&loaded.tree);
        // Policies keep the places of their text, which differ.
        scenario.policies.clear();
        scenario
    };
    assert!(plain(&again) == plain(&loaded));
}

#[test]
fn the_committed_json_schema_is_the_current_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.schema.json");
    let committed: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let current = json_schema(root_of::<Scenario>());
    assert!(
        committed == current,
        "run: wattflop schema > docs/scenario.schema.json"
    );
}

#[test]
fn the_pages_made_from_the_catalogue_are_the_current_ones() {
    let loaded = baseline();
    for (file, option, current) in [
        (
            "ASSUMPTIONS.md",
            "--assumptions",
            assumptions::markdown(&loaded),
        ),
        (
            "docs/identification.md",
            "--identification",
            identification::markdown(&loaded),
        ),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == current, "run: wattflop cite {option} > {file}");
    }
}

#[test]
fn the_committed_reference_is_the_current_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.md");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == wattflop::scenario::reference::markdown(root_of::<Scenario>()),
        "run: wattflop schema --markdown > docs/scenario.md"
    );
}

/// Every shipped scenario stands in the index with its own question, and nothing else does.
#[test]
fn the_index_of_scenarios_is_complete() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let files = shipped();
    for path in &files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let question = Scenario::decode(&loaded(path).tree).question;
        let line = format!("[{question}]({name})");
        assert!(index.contains(&line), "scenarios/README.md lacks {line}");
        let text = std::fs::read_to_string(path).unwrap();
        let modeline = "# yaml-language-server: $schema=../docs/scenario.schema.json\n";
        assert!(
            text.starts_with(modeline),
            "{name} has no modeline for editors"
        );
    }
    assert_eq!(index.matches(".yaml)").count(), files.len());
}

#[test]
fn explain_says_where_a_key_acts() {
    let entries = explain::explain("demand.choice.size_taste").unwrap();
    let files = &entries[0].acts_in;
    assert!(
        files
            .iter()
            .any(|file| file.starts_with("src/market/clearing/")),
        "{files:?}"
    );
}

#[test]
fn explain_knows_every_key() {
    let entries = explain::explain("horizon.weeks").unwrap();
    assert_eq!(
        (entries.len(), entries[0].unit.as_deref()),
        (1, Some("weeks"))
    );
    assert!(
        entries[0].values[0].starts_with("horizon.weeks = "),
        "{:?}",
        entries[0].values
    );
    assert!(!entries[0].set_by.is_empty());
    let loaded = baseline();
    for number in numeric_paths(loaded.root, &loaded.tree).iter().step_by(40) {
        let Ok(found) = locate(loaded.root, &loaded.tree, &number.path) else {
            panic!("{}", number.path)
        };
        // Points of a series and items of a list are explained by their field.
        let path = match number.path.rsplit_once(found.field.name) {
            Some((before, _)) => format!("{before}{}", found.field.name),
            None => continue,
        };
        let entries = explain::explain(&path).unwrap_or_else(|text| panic!("{path}: {text}"));
        assert!(
            entries
                .iter()
                .any(|entry| entry.path.ends_with(found.field.name)),
            "{path}"
        );
    }
    assert!(
        explain::explain("horizn")
            .unwrap_err()
            .contains("did you mean `horizon`?")
    );
}

#[test]
fn names_that_end_in_a_unit_are_understood() {
    let silent: Vec<&str> = schema()
        .1
        .iter()
        .filter(|field| matches!(field.shape.inner(), Shape::Number | Shape::Series))
        .filter(|field| unit_of(field.name).is_none())
        .map(|field| field.name)
        .collect();
    let all = schema().1.len();
    assert!(
        silent.len() * 10 < all,
        "{} of {all} say no unit: {silent:?}",
        silent.len()
    );
}
