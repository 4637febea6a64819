//! Outcomes of single entities that a scenario asks for as `table.entity.column`, for example
//! `networks.open_gpu.online_devices`: they are recorded in every run, beside the weekly outcomes.

use super::model::Model;
use super::outcomes::NAMES;
use super::record::Frame;
use super::tables;
use super::week::{Fault, Week};
use super::world::World;
use crate::scenario::types::{Scenario, Tier};

/// One cell of an entity table.
#[derive(Clone, Debug)]
struct Cell {
    frame: usize,
    entity: usize,
    column: usize,
}

/// What is watched and what was seen.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// `table.entity.column`, each once.
    pub names: Vec<String>,
    cells: Vec<Option<Cell>>,
    /// One frame for every table that is watched, of the current week only.
    frames: Vec<Frame>,
    /// A row a week, a column a name.
    pub values: Vec<f64>,
}

impl Watched {
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    fn look_up(&mut self, model: &Model) {
        for frame in tables::frames() {
            let prefix = format!("{}.", frame.name);
            if self.names.iter().any(|name| name.starts_with(&prefix)) {
                self.frames.push(frame);
            }
        }
        let (names, frames) = (&self.names, &self.frames);
        let cell = |name: &String| cell(name, frames, model);
        self.cells = names.iter().map(cell).collect();
    }

    /// Adds the week's row. An entity that has no row this week counts as zero.
    pub fn observe(&mut self, week: &Week, world: &World) -> Result<(), Fault> {
        if self.cells.len() < self.names.len() {
            self.look_up(week.model);
        }
        for frame in &mut self.frames {
            frame.clear();
            tables::fill(frame, week, world);
        }
        for (cell, name) in self.cells.iter().zip(&self.names) {
            let value = cell.as_ref().and_then(|cell| {
                let frame = &self.frames[cell.frame];
                frame.value(cell.entity, cell.column)
            });
            let value = value.unwrap_or(0.0);
            if !value.is_finite() {
                return Err(Fault::new(name.as_str(), "watched outcome", value));
            }
            self.values.push(value);
        }
        Ok(())
    }

    /// Each name with its values, one a week.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Vec<f64>)> {
        let width = self.names.len();
        self.names.iter().enumerate().map(move |(at, name)| {
            let values = self.values.iter().skip(at).step_by(width.max(1));
            (name.as_str(), values.copied().collect())
        })
    }
}

fn cell(name: &str, frames: &[Frame], model: &Model) -> Option<Cell> {
    let (table, rest) = name.split_once('.')?;
    let (entity, column) = rest.rsplit_once('.')?;
    let frame = frames.iter().position(|frame| frame.name == table)?;
    let entities = 0..tables::entities(model, table);
    Some(Cell {
        frame,
        entity: { entities }.find(|at| tables::entity_name(model, table, *at) == entity)?,
        column: frames[frame].columns.iter().position(|c| *c == column)?,
    })
}

/// Every outcome that runs of this scenario have: the weekly ones and `table.entity.column`.
pub fn outcomes(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    for frame in tables::frames() {
        for entity in entities(scenario, frame.name) {
            let cell = |column| format!("{}.{entity}.{column}", frame.name);
            names.extend(frame.columns.iter().map(cell));
        }
    }
    names
}

/// Tables whose entities a scenario names.
pub const WATCHED: [&str; 8] = [
    "regions",
    "corridors",
    "chips",
    "operators",
    "networks",
    "closed_networks",
    "segments",
    "tiers",
];

/// Entities of a table, by name. Offers are too many and have no names of their own.
fn entities<'a>(scenario: &'a Scenario, table: &str) -> Vec<&'a str> {
    fn keys<T>(map: &std::collections::BTreeMap<String, T>) -> Vec<&str> {
        map.keys().map(String::as_str).collect()
    }
    match table {
        "regions" => keys(&scenario.regions),
        "corridors" => keys(&scenario.corridors),
        "chips" => keys(&scenario.chips.products),
        "operators" => keys(&scenario.operators),
        "networks" => keys(&scenario.networks),
        "closed_networks" => keys(&scenario.closed_networks),
        "segments" => keys(&scenario.demand.segments),
        "tiers" => Tier::ALL.iter().map(|tier| tier.name()).collect(),
        _ => Vec::new(),
    }
}

/// What a scenario names as `table.entity.column` in its report and its expectations.
pub fn named(scenario: &Scenario) -> Vec<String> {
    let expected = scenario.expect.values().map(|expected| &expected.outcome);
    let mut names = Vec::new();
    for name in scenario.report.outcomes.iter().chain(expected) {
        if name.contains('.') && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}
