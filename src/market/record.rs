//! Phase 10: the week becomes rows. Rows are flat columns of numbers; whoever runs the market
//! names the policy and the draw, turns them into tables and writes them.

use super::closed;
use super::ids::Id;
use super::model::Model;
use super::networks;
use super::outcomes;
use super::scratch::Scratch;
use super::tables;
use super::watch::Watched;
use super::week::{Fault, Week};
use super::welfare::Wealth;
use super::world::World;

/// A table in the making: rows of numbers, one per week and entity.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Name of the table, for example `regions`.
    pub name: &'static str,
    /// Name of the entity's column, for example `region`; empty for the weekly table.
    pub key: &'static str,
    /// Names of the value columns; each ends in its unit.
    pub columns: &'static [&'static str],
    pub weeks: Vec<u32>,
    /// Position of the row's entity in the model's list of names.
    pub entities: Vec<u32>,
    /// Row-major values.
    pub values: Vec<f64>,
}

impl Frame {
    pub fn new(name: &'static str, key: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            name,
            key,
            columns,
            weeks: Vec::new(),
            entities: Vec::new(),
            values: Vec::new(),
        }
    }
    /// Adds one row.
    pub fn push(&mut self, week: u32, entity: usize, row: &[f64]) {
        assert_eq!(row.len(), self.columns.len(), "row of table {}", self.name);
        self.weeks.push(week);
        self.entities
            .push(u32::try_from(entity).expect("fewer than 2^32 entities"));
        self.values.extend_from_slice(row);
    }
    /// Forgets every row and keeps the room.
    pub fn clear(&mut self) {
        self.weeks.clear();
        self.entities.clear();
        self.values.clear();
    }
    /// The last value of an entity, if it has a row.
    pub fn value(&self, entity: usize, column: usize) -> Option<f64> {
        let row = self
            .entities
            .iter()
            .rposition(|row| *row as usize == entity)?;
        self.values.get(row * self.columns.len() + column).copied()
    }
    pub fn rows(&self) -> usize {
        self.weeks.len()
    }
    /// One column, by name.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let index = self.columns.iter().position(|column| *column == name)?;
        Some(
            self.values
                .iter()
                .skip(index)
                .step_by(self.columns.len())
                .copied()
                .collect(),
        )
    }
    /// Checks that every number is finite; the first that is not is a fault.
    fn finite(&self, from_row: usize, model: &Model) -> Result<(), Fault> {
        let width = self.columns.len();
        for (offset, value) in self.values[from_row * width..].iter().enumerate() {
            if !value.is_finite() {
                let entity = self.entities[from_row + offset / width] as usize;
                let name = tables::entity_name(model, self.name, entity);
                return Err(Fault::new(name, self.columns[offset % width], *value));
            }
        }
        Ok(())
    }
}

/// Something that happened: a shock began, a firm failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub week: u32,
    pub kind: &'static str,
    pub entity: String,
    pub value: f64,
}

/// Collects the rows of one run.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// Whether entity tables are kept (they are for the first draws only).
    pub detail: bool,
    pub weekly: Frame,
    /// Single entities that the scenario asks for, in every draw.
    pub watched: Watched,
    pub entities: Vec<Frame>,
    pub events: Vec<Event>,
    /// What providers and holders had when the week began.
    pub opening: Wealth,
}

impl Recorder {
    pub fn new(detail: bool) -> Self {
        Self {
            detail,
            weekly: Frame::new("weekly", "", outcomes::NAMES),
            watched: Watched::default(),
            entities: tables::common(),
            events: Vec::new(),
            opening: Wealth::default(),
        }
    }
}

impl Recorder {
    /// Tables that only some scenarios have: others keep the tables, and the value hashes, that
    /// they have without them.
    fn open_frames(&mut self, model: &Model) {
        let missing = |frame: &Frame| self.entities.iter().all(|known| known.name != frame.name);
        let wanted: Vec<Frame> = (tables::frames().into_iter())
            .filter(|frame| missing(frame) && tables::entities(model, frame.name) > 0)
            .collect();
        self.entities.extend(wanted);
    }

    /// Notes the first time that something happens to somebody.
    fn once(&mut self, week: u32, kind: &'static str, entity: &str, value: f64) {
        let known = |event: &Event| event.kind == kind && event.entity == entity;
        if !self.events.iter().any(known) {
            let entity = entity.to_owned();
            self.events.push(Event {
                week,
                kind,
                entity,
                value,
            });
        }
    }
}

/// Phase 10.
pub fn observe(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    let recorder = &mut scratch.recorder;
    for &(shock, hours) in &scratch.notes.began {
        let entity = week.model.names.shocks.name(shock).to_owned();
        recorder.events.push(Event {
            week: week.number,
            kind: "shock",
            entity,
            value: hours,
        });
    }
    if scratch.notes.unsettled {
        recorder.events.push(Event {
            week: week.number,
            kind: "unsettled_review",
            entity: "list".to_owned(),
            value: world.market.desk.unsettled_reviews,
        });
    }
    let row = outcomes::of(week, &recorder.opening, world);
    recorder.weekly.push(week.number, 0, &row);
    recorder
        .weekly
        .finite(recorder.weekly.rows() - 1, week.model)?;
    recorder.watched.observe(week, world)?;
    if recorder.detail {
        recorder.open_frames(week.model);
        for frame in &mut recorder.entities {
            let from_row = frame.rows();
            tables::fill(frame, week, world);
            frame.finite(from_row, week.model)?;
        }
    }
    world.books.close_journal();
    for (id, rules) in week.model.networks.networks.iter() {
        for (kind, value) in networks::alarms::of_week(rules, &world.networks.networks[id]) {
            recorder.once(week.number, kind, &rules.name, value);
        }
    }
    for (id, closed) in week.model.closed.networks.iter() {
        let network = &world.closed.networks[id];
        for (kind, value) in closed::alarms::of_week(&closed.rules, network) {
            recorder.once(week.number, kind, &closed.rules.name, value);
        }
    }
    for (operator, defaulted) in world.operators.defaulted.iter() {
        let name = week.model.names.operators.name(operator);
        if *defaulted {
            recorder.once(week.number, "default", name, operator.index() as f64);
        }
    }
    Ok(())
}
