//! Everything that a scenario assumes, as a page: `ASSUMPTIONS.md`. One row for each kind of
//! number, with the values of all its entries and their ranges.

use std::fmt::Write;

use super::json_schema::prose;
use super::load::Loaded;
use super::numbers::{NumberAt, library_paths, locate, numeric_paths};
use super::schema::{Field, Record, Shape};
use super::tree::{Node, parse_number};
use crate::units::{number_text, unit_of};

/// How numbers of one block are known, in order of [`super::facts::STATUSES`].
#[derive(Default)]
struct Block {
    name: String,
    count: [usize; 4],
    kinds: Vec<Kind>,
}

/// One kind of assumed number: `demand.segments.*.job_h`.
struct Kind {
    pattern: String,
    field: &'static Field,
    entries: Vec<String>,
}

/// Numbers by status.
struct Count([usize; 4]);

impl Count {
    fn of(blocks: &[Block]) -> Self {
        Self(std::array::from_fn(|at| {
            blocks.iter().map(|block| block.count[at]).sum()
        }))
    }
    fn known(&self) -> usize {
        self.0.iter().sum()
    }
    fn assumed(&self) -> usize {
        self.0[3]
    }
    fn assumed_percent(&self) -> f64 {
        100.0 * self.assumed() as f64 / self.known().max(1) as f64
    }
}

/// The page: what the market runs on, then what stands in the library for scenarios to take.
pub fn markdown(loaded: &Loaded) -> String {
    let own = blocks(loaded, numeric_paths(loaded.root, &loaded.tree));
    let library = blocks(loaded, library_paths(loaded.root, &loaded.tree));
    let (market, models) = (Count::of(&own), Count::of(&library));
    let [measured, governance, fitted, assumed] = market.0;
    let mut text = format!(
        "# Assumptions\n\n\
         Made from the catalogue by `wattflop cite --assumptions > ASSUMPTIONS.md`; a test holds \
         it current.\n\n\
         The market runs on {} numbers: {measured} are measured, {governance} are rules of a \
         protocol or an authority, {fitted} are fitted to facts, and **{assumed} ({:.1} %) are \
         assumed**. Each of those has a range, written in brackets. `wattflop explain KEY` says \
         more about any of them, and `wattflop audit scenarios/baseline.yaml` what each one \
         moves. The models of protocols in the library, which a network takes by `like:`, hold \
         {} further numbers, {} of them assumed.\n",
        market.known(),
        market.assumed_percent(),
        models.known(),
        models.assumed(),
    );
    for blocks in [&own, &library] {
        table(&mut text, blocks);
    }
    for blocks in [&own, &library] {
        sections(&mut text, blocks);
    }
    text
}

fn table(text: &mut String, blocks: &[Block]) {
    text.push_str(
        "\n| block | measured | governance | fitted | assumed |\n|---|---:|---:|---:|---:|\n",
    );
    for Block { name, count, .. } in blocks {
        let [measured, governance, fitted, assumed] = count;
        let _ = writeln!(
            text,
            "| `{name}` | {measured} | {governance} | {fitted} | {assumed} |"
        );
    }
}

fn sections(text: &mut String, blocks: &[Block]) {
    for block in blocks.iter().filter(|block| !block.kinds.is_empty()) {
        let name = &block.name;
        let _ = write!(text, "\n## `{name}`\n\n| number | values |\n|---|---|\n");
        for kind in &block.kinds {
            let said = prose(kind.field.doc).replace('|', "\\|");
            let unit = unit_of(kind.field.name).map_or(String::new(), |unit| format!(" [{unit}]"));
            let (pattern, values) = (&kind.pattern, kind.entries.join("; "));
            let _ = writeln!(text, "| `{pattern}`{unit}: {said} | {values} |");
        }
    }
}

fn blocks(loaded: &Loaded, numbers: Vec<NumberAt>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for number in numbers {
        let Ok(found) = locate(loaded.root, &loaded.tree, &number.path) else {
            continue;
        };
        let status = found.node.get("status").and_then(Node::text);
        let Some(at) = status.and_then(position) else {
            continue;
        };
        let name = number.path.split('.').next().unwrap_or_default();
        if name == "plausibility" {
            continue;
        }
        if blocks.last().is_none_or(|block| block.name != name) {
            blocks.push(Block {
                name: name.to_owned(),
                ..Block::default()
            });
        }
        if let Some(block) = blocks.last_mut() {
            block.count[at] += 1;
            if status == Some("assumed") {
                block.add(loaded.root, &number, (found.field, found.node));
            }
        }
    }
    blocks
}

fn position(status: &str) -> Option<usize> {
    super::facts::STATUSES.iter().position(|one| *one == status)
}

impl Block {
    fn add(
        &mut self,
        root: &'static Record,
        number: &NumberAt,
        (field, node): (&'static Field, &Node),
    ) {
        let (pattern, names) = pattern(root, &number.path);
        let bound = |name: &str| node.get(name).and_then(Node::text).and_then(parse_number);
        let mut entry = names.join(" ");
        let gap = if entry.is_empty() { "" } else { " " };
        let _ = write!(entry, "{gap}{}", number_text(number.value));
        if let (Some(low), Some(high)) = (bound("low"), bound("high")) {
            let (low, high) = (number_text(low), number_text(high));
            let _ = write!(entry, " ({low} to {high})");
        }
        if let Some(note) = node.get("note").and_then(Node::text) {
            let _ = write!(entry, ", {}", note.replace('|', "\\|"));
        }
        match self.kinds.iter_mut().find(|kind| kind.pattern == pattern) {
            Some(kind) => kind.entries.push(entry),
            None => self.kinds.push(Kind {
                pattern,
                field,
                entries: vec![entry],
            }),
        }
    }
}

/// A path with `*` for the names of entries, and those names.
pub fn pattern(root: &'static Record, path: &str) -> (String, Vec<String>) {
    let mut shape = Shape::Record(root);
    let (mut steps, mut names) = (Vec::new(), Vec::new());
    for name in path.split('.') {
        let field = match shape.inner() {
            Shape::Record(record) => record.field(name),
            Shape::Tagged(tagged) => tagged.variant(name),
            _ => None,
        };
        match (field, shape.inner()) {
            (Some(field), _) => {
                steps.push(field.name);
                shape = field.shape;
                continue;
            }
            (None, Shape::Map(_, inner) | Shape::List(inner)) => shape = *inner,
            (None, _) => shape = Shape::Number,
        }
        steps.push("*");
        names.push(name.to_owned());
    }
    (steps.join("."), names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::root::root_of;
    use crate::scenario::types::Scenario;

    #[test]
    fn names_of_entries_become_stars() {
        let root = root_of::<Scenario>();
        assert_eq!(
            pattern(root, "regions.gulf.plants.solar.capacity_mw"),
            (
                "regions.*.plants.*.capacity_mw".to_owned(),
                vec!["gulf".to_owned(), "solar".to_owned()]
            )
        );
        let (dated, names) = pattern(root, "chips.nodes.n3.wafers_per_month.2026-12-31");
        assert_eq!(dated, "chips.nodes.*.wafers_per_month.*");
        assert_eq!(names, ["n3", "2026-12-31"]);
    }
}
