//! The books and the seal: whoever changes the world without saying so is caught and named.

mod small;

use wattflop::market::ids::OfferId;
use wattflop::market::world::{Column, Visitor};

/// Names of all columns that hold at least one value, in order, once each.
struct Names(Vec<&'static str>);

impl Visitor for Names {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        if len(&column) > 0 && !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

fn len(column: &Column<'_>) -> usize {
    match column {
        Column::F64(values) => values.len(),
        Column::F32(values) => values.len(),
        Column::U64(values) => values.len(),
        Column::U32(values) => values.len(),
        Column::U8(values) => values.len(),
        Column::I64(values) => values.len(),
        Column::I128(values) => values.len(),
        Column::Flag(values) => values.len(),
        Column::Offer(values) => values.len(),
    }
}

/// Changes the last value of the first non-empty column of one name.
struct Corrupt {
    name: &'static str,
    /// The first element or the last.
    first: bool,
    done: bool,
}

impl Visitor for Corrupt {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        if name != self.name || self.done || len(&column) == 0 {
            return;
        }
        self.done = true;
        let at = if self.first { 0 } else { len(&column) - 1 };
        match column {
            Column::F64(values) => values[at] += 1.0,
            Column::F32(values) => values[at] += 1.0,
            Column::U64(values) => values[at] ^= 1,
            Column::U32(values) => values[at] ^= 1,
            Column::U8(values) => values[at] ^= 1,
            Column::I64(values) => values[at] ^= 1,
            Column::I128(values) => values[at] ^= 1,
            Column::Flag(values) => values[at] ^= true,
            Column::Offer(values) => {
                let last = &mut values[at];
                *last = if last.is_some() {
                    None
                } else {
                    Some(OfferId(0))
                };
            }
        }
    }
}

#[test]
fn corrupting_any_state_column_is_caught_and_named() {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut run = small::run(&scenario, 0, 3);
    let mut names = Names(Vec::new());
    run.world.visit(&mut names);
    assert!(
        names.0.len() > 60,
        "only {} columns are shown",
        names.0.len()
    );
    for name in names.0 {
        let mut world = run.world.clone();
        world.visit(&mut Corrupt {
            name,
            first: false,
            done: false,
        });
        std::mem::swap(&mut world, &mut run.world);
        // Columns that are written once are read in sixteen turns, all others every week.
        let week = run.week;
        let fault = (0..16).find_map(|_| run.step().err()).expect(name);
        run.week = week;
        assert_eq!(fault.entity, name, "{fault}");
        assert_eq!(fault.phase, "between weeks");
        std::mem::swap(&mut world, &mut run.world);
        run.scratch.seal.close(&mut run.world);
    }
}

/// Fields of the world that no visitor is shown, and why.
const NOT_SHOWN: [(&str, &str); 4] = [
    (
        "chance",
        "keys of chance, made of names; they hold no state",
    ),
    ("regions", "a length (of operators' columns)"),
    ("chips", "a length (of operators' columns)"),
    ("areas", "a length (of operators' columns)"),
];

/// The text of every file of the model, by folder.
fn sources(folder: &std::path::Path, all: &mut Vec<(std::path::PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            all.push((path, text));
        }
    }
}

/// Names and types of the fields of a struct.
fn fields(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let body = text.split(&format!("struct {name} {{\n")).nth(1)?;
    let body = body.split("\n}").next()?;
    let lines = body.lines().map(str::trim);
    Some(
        lines
            .filter(|line| !line.starts_with("//") && !line.starts_with('#'))
            .filter_map(|line| line.strip_suffix(',')?.split_once(": "))
            .map(|(name, ty)| {
                let name = name.rsplit(' ').next().unwrap_or(name);
                (name.to_owned(), ty.to_owned())
            })
            .collect(),
    )
}

/// What the functions that show columns to visitors say.
fn shown(text: &str) -> String {
    let mut end: Option<String> = None;
    let mut said = String::new();
    for line in text.lines() {
        let inner = line.trim_start();
        if inner.trim_start_matches("pub ").starts_with("fn visit") {
            let indent = &line[..line.len() - inner.len()];
            end = Some(format!("{indent}}}"));
        }
        if end.is_some() {
            said.push_str(line);
            said.push('\n');
        }
        if end.as_deref() == Some(line) {
            end = None;
        }
    }
    said
}

#[test]
fn every_field_of_the_world_is_shown_to_visitors() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root.join("market"), &mut files);
    sources(&root.join("kernels/supply"), &mut files);
    let said: String = files.iter().map(|(_, text)| shown(text)).collect();
    let words: std::collections::BTreeSet<&str> = said
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let (mut open, mut seen, mut silent) = (vec!["World".to_owned()], Vec::new(), Vec::new());
    while let Some(name) = open.pop() {
        if seen.contains(&name) || ["Table", "Stream", "CommonStreams"].contains(&&*name) {
            continue;
        }
        // The state's own struct, not a namesake of what `solve` computes.
        let found = (files.iter())
            .filter(|(path, _)| !path.ends_with("grid/network.rs"))
            .filter(|(path, _)| !path.iter().any(|part| part == "equilibrium"))
            .find_map(|(_, text)| fields(text, &name));
        seen.push(name.clone());
        for (field, ty) in found.unwrap_or_default() {
            if NOT_SHOWN.iter().any(|(name, _)| *name == field) {
                continue;
            }
            if !words.contains(field.as_str()) && field != "books" {
                silent.push(format!("{name}.{field}: {ty}"));
            }
            let types = ty.split(|c: char| !c.is_alphanumeric());
            let types = types.filter(|word| word.starts_with(|c: char| c.is_uppercase()));
            open.extend(types.map(str::to_owned));
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
    assert!(silent.is_empty(), "no visitor sees {silent:#?}");
}

#[test]
fn every_conserved_stock_is_counted_against_its_account() {
    use wattflop::market::reconcile::count;
    use wattflop::market::week::Week;
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let run = small::run(&scenario, 0, 30);
    let mut stocks = wattflop::market::books::Stocks::default();
    let week = Week {
        number: run.week,
        model: &run.model,
    };
    count(&week, &run.world, &mut stocks);
    assert!(
        stocks.len() > 100,
        "only {} stocks are counted",
        stocks.len()
    );
    assert!(run.world.books.reconcile(&stocks).is_ok());
    for (unit, residual) in run.world.books.residuals(&run.model.accounts) {
        assert_eq!(residual, 0, "{unit:?}");
    }
}

#[test]
fn a_stock_that_moves_without_a_posting_stops_the_run_and_names_the_account() {
    use wattflop::market::reconcile::reconcile;
    use wattflop::market::week::Week;
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut run = small::run(&scenario, 0, 3);
    for name in [
        "operators.cash_micro_usd",
        "providers.cash_micro_usd",
        "providers.held_quanta",
        "providers.staked_quanta",
        "chips.used_chips",
        "operators.fleet_chips",
    ] {
        let mut world = run.world.clone();
        // The first row stands for somebody; the last may be padding.
        let mut corrupt = Corrupt {
            name,
            first: true,
            done: false,
        };
        world.visit(&mut corrupt);
        assert!(corrupt.done, "no column `{name}`");
        let week = Week {
            number: run.week,
            model: &run.model,
        };
        let fault = reconcile(&week, &mut world, &mut run.scratch).expect_err(name);
        assert_eq!(fault.quantity, "books minus count", "{name}");
    }
}
