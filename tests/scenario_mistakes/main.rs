//! Every mistake that can be made with a key of the schema, in a file over the shipped world,
//! through the whole way from text to message: refused, with the right line and the right guess.

mod document;
mod keys;

use std::collections::BTreeMap;

use rayon::prelude::*;

use document::{Document, Path};
use keys::{Collector, Key};
use wattflop::scenario::load::{Loaded, load_text_as};
use wattflop::scenario::problem::{Problem, Problems};
use wattflop::scenario::schema::{Rule, Shape};
use wattflop::scenario::types::Scenario;
use wattflop::scenario::verify;

fn read(content: &str) -> Result<Loaded, Problems> {
    load_text_as::<Scenario>("main.yaml", content, &[], verify::verify)
}

fn world() -> Loaded {
    read("base: incentives.yaml\n").unwrap_or_else(|problems| panic!("{problems}"))
}

/// What is written instead of the right thing.
#[derive(Clone)]
enum Mistake {
    /// The key under another name.
    Name(String),
    /// The value, on one line.
    Value(String),
}

struct Case<'a> {
    key: &'a Key,
    mistake: Mistake,
}

/// What became of one case.
struct Verdict {
    refused: bool,
    right_line: bool,
    guess: Option<String>,
    told: String,
}

/// Cases that do not disturb each other share a file: every problem must be told at once.
fn batches<'a, 'b>(cases: &'b [Case<'a>]) -> Vec<Vec<&'b Case<'a>>> {
    let mut batches: Vec<Vec<&Case>> = Vec::new();
    for case in cases {
        // Without a base nothing else can be judged.
        let alone = |key: &Key| ["base", "include"].contains(&key.name()) && key.path.len() == 1;
        let free = batches.iter_mut().find(|batch| {
            batch.len() < 90
                && !alone(case.key)
                && batch
                    .iter()
                    .all(|other| !alone(other.key) && !other.key.disturbs(case.key))
        });
        match free {
            Some(batch) => batch.push(case),
            None => batches.push(vec![case]),
        }
    }
    batches
}

fn judged(tree: &Loaded, cases: &[Case]) -> Vec<(usize, Verdict)> {
    let place = |case: &Case| cases.iter().position(|other| std::ptr::eq(other, case));
    let batches = batches(cases);
    let judged = batches.par_iter().flat_map_iter(|batch| {
        let verdicts = judge(tree, batch);
        batch
            .iter()
            .zip(verdicts)
            .map(|(case, verdict)| (place(case).expect("one of them"), verdict))
            .collect::<Vec<_>>()
    });
    judged.collect()
}

fn judge(tree: &Loaded, batch: &[&Case]) -> Vec<Verdict> {
    let mut document = Document::block();
    document.put(
        &["base".to_owned()],
        Document::Text("incentives.yaml".to_owned()),
    );
    let sampler = Collector::sampler(&tree.tree);
    let mut places: Vec<Path> = Vec::new();
    for case in batch {
        let key = case.key;
        for (path, value) in &key.setup {
            document.put(path, value.clone());
        }
        let mut path = key.path.clone();
        match &case.mistake {
            Mistake::Name(name) => {
                let value = sampler.sample(key.field.shape, &key.field.rule);
                if key.tag {
                    document.put(&path[..path.len() - 1], Document::block());
                }
                document.remove(&path);
                *path.last_mut().expect("a name") = name.clone();
                document.put(&path, value);
            }
            Mistake::Value(value) => document.put(&path, Document::Text(value.clone())),
        }
        places.push(path);
    }
    let (text, lines) = document.written();
    let problems: Vec<Problem> = match read(&text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list,
    };
    let verdict = |path: &Path| {
        let line = lines[path];
        let mut here = problems
            .iter()
            .filter(|problem| problem.is_error() && problem.at.line == line)
            .filter(|problem| problem.at.text.0 == 0)
            .peekable();
        Verdict {
            refused: !problems.is_empty(),
            right_line: here.peek().is_some(),
            guess: here.filter_map(|problem| problem.help.clone()).next_back(),
            told: format!(
                "{} in line {line} of\n{text}\n{:?}",
                path.join("."),
                problems
                    .iter()
                    .map(|p| (p.at.line, &p.message))
                    .collect::<Vec<_>>()
            ),
        }
    };
    places.iter().map(verdict).collect()
}

/// Neighbours swapped, one letter dropped, one doubled, at two places of the name.
fn misspelt(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut all = Vec::new();
    for at in [1, letters.len() / 2] {
        let mut swapped = letters.clone();
        swapped.swap(at - 1, at);
        let mut dropped = letters.clone();
        dropped.remove(at);
        let mut doubled = letters.clone();
        doubled.insert(at, letters[at]);
        for word in [swapped, dropped, doubled] {
            let word: String = word.into_iter().collect();
            if word != name && !all.contains(&word) {
                all.push(word);
            }
        }
    }
    all
}

fn all_refused_in_the_right_line(verdicts: &[(usize, Verdict)]) {
    for (_, verdict) in verdicts {
        assert!(verdict.refused && verdict.right_line, "{}", verdict.told);
    }
}

#[test]
fn every_misspelt_key_is_refused_in_its_line_with_the_right_guess() {
    let world = world();
    let keys = Collector::of(world.root, &world.tree);
    assert!(keys.len() > 450, "{} keys", keys.len());
    let mut cases = Vec::new();
    for key in keys.iter().filter(|key| key.name().len() > 2) {
        let typos = misspelt(key.name()).into_iter();
        let typos = typos.filter(|typo| !key.siblings.contains(&typo.as_str()));
        cases.extend(typos.map(|typo| Case {
            key,
            mistake: Mistake::Name(typo),
        }));
    }
    let verdicts = judged(&world, &cases);
    all_refused_in_the_right_line(&verdicts);
    let mut ambiguous = BTreeMap::new();
    for (place, verdict) in &verdicts {
        let Case { key, mistake } = &cases[*place];
        let Mistake::Name(typo) = mistake else {
            continue;
        };
        let guess = verdict.guess.clone().unwrap_or_default();
        if !guess.contains(&format!("did you mean `{}`?", key.name())) {
            ambiguous.insert(format!("{}.{typo}", key.owner), guess);
        }
    }
    let right = 1.0 - ambiguous.len() as f64 / cases.len() as f64;
    println!(
        "{} keys, {} misspellings, all refused in their line; guess right in {:.2} %",
        keys.len(),
        cases.len(),
        100.0 * right
    );
    for (typo, guess) in &ambiguous {
        println!("  {typo}: {guess}");
    }
    assert!(right >= 0.95, "{right}: {ambiguous:#?}");
}

/// A text that is no value of the shape.
fn no_value_of(shape: Shape) -> &'static str {
    match shape.inner() {
        Shape::Text => "[a]",
        Shape::List(_) => "{ a: 1 }",
        _ => "not_at_all",
    }
}

#[test]
fn every_wrong_type_is_refused_in_its_line() {
    let world = world();
    let keys = Collector::of(world.root, &world.tree);
    let cases: Vec<Case> = keys
        .iter()
        .map(|key| Case {
            key,
            mistake: Mistake::Value(no_value_of(key.field.shape).to_owned()),
        })
        .collect();
    let verdicts = judged(&world, &cases);
    println!("{} values of a wrong type", verdicts.len());
    all_refused_in_the_right_line(&verdicts);
}

#[test]
fn every_required_key_that_is_deleted_is_missed_in_its_line() {
    let world = world();
    let keys = Collector::of(world.root, &world.tree);
    let cases: Vec<Case> = keys
        .iter()
        .filter(|key| key.field.is_required() && !key.tag)
        .map(|key| Case {
            key,
            mistake: Mistake::Value("null".to_owned()),
        })
        .collect();
    let verdicts = judged(&world, &cases);
    println!("{} required keys deleted", verdicts.len());
    all_refused_in_the_right_line(&verdicts);
}

/// Texts beyond the hard range of a number, none where there is no number.
fn beyond(rule: &Rule, shape: Shape) -> Vec<String> {
    let innermost = match shape.inner() {
        Shape::Map(_, inner) => inner.inner(),
        inner => inner,
    };
    let written = |text: String| match shape.inner() {
        Shape::Series => format!("{{ 2026-06-01: {text} }}"),
        _ => text,
    };
    match (innermost, rule.range, rule.whole_range) {
        (Shape::Number | Shape::Series, Some((low, high)), _)
            if !matches!(shape.inner(), Shape::Map(..)) =>
        {
            [low - 1.0 - low.abs(), high * 2.0 + 1.0 + high.abs()]
                .iter()
                .map(|value| written(format!("{value:e}")))
                .collect()
        }
        (Shape::Integer, _, Some((low, high))) if !matches!(shape.inner(), Shape::Map(..)) => {
            vec![format!("{}", low - 1), format!("{}", high + 1)]
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_number_out_of_its_range_is_refused_in_its_line() {
    let world = world();
    let keys = Collector::of(world.root, &world.tree);
    let mut cases = Vec::new();
    for key in &keys {
        let values = beyond(&key.field.rule, key.field.shape).into_iter();
        cases.extend(values.map(|value| Case {
            key,
            mistake: Mistake::Value(value),
        }));
    }
    let verdicts = judged(&world, &cases);
    println!("{} numbers out of range", verdicts.len());
    assert!(verdicts.len() > 500, "{}", verdicts.len());
    all_refused_in_the_right_line(&verdicts);
}
