//! The market as a simulation: compile, open, step week by week, hand over the rows.

use std::time::Instant;

use super::clock::PhaseTimes;
use super::job::{Fault, Halt, Job, Simulation, Watch};
use super::rows::{events_of, table_of};
use super::snapshot::Snapshots;
use crate::kernels::random::Luck;
use crate::market::model::Model;
use crate::market::record::Frame;
use crate::market::scratch::Scratch;
use crate::market::watch::Watched;
use crate::market::week::{Week, step};
use crate::market::world::World;
use crate::results::RunRecord;
use crate::results::columns::{Data, Misfit};
use crate::scenario::Date;
use crate::scenario::types::Scenario;

/// The scenario of one arm and draw: before the policy starts, and from then on.
pub struct Timed {
    /// What holds before `from`; absent when the policy is in force from the first week.
    pub before: Option<Scenario>,
    pub from: Option<Date>,
    pub scenario: Scenario,
    /// Outcomes of single entities that every arm records, as `table.entity.column`.
    pub watched: Vec<String>,
}

/// Gives the scenario of any arm and draw; the same for the same question.
pub trait Script: Sync {
    fn scenario(&self, arm: u32, draw: u32) -> Timed;
}

/// The market, asked through a script.
pub struct Economy<'a> {
    pub script: &'a dyn Script,
    pub seed: u64,
}

/// A run with the state that it ended in.
pub struct Completed {
    pub record: RunRecord,
    pub model: Model,
    pub world: World,
}

impl Simulation for Economy<'_> {
    fn run(&self, job: &Job, watch: &Watch) -> Result<RunRecord, Halt> {
        let timed = self.script.scenario(job.arm, job.draw);
        let luck = Luck {
            seed: self.seed,
            draw: job.draw,
            luck: job.luck,
        };
        complete(timed, luck, job, watch, None).map(|completed| completed.record)
    }
}

/// Runs one job on given scenarios. The horizon is the job's; `times` measures the phases.
pub fn complete(
    timed: Timed,
    luck: Luck,
    job: &Job,
    watch: &Watch,
    times: Option<&PhaseTimes>,
) -> Result<Completed, Halt> {
    let began = Instant::now();
    let model = Model::compile(&timed.scenario, luck);
    let before = timed.before.map(|scenario| Model::compile(&scenario, luck));
    let starts = timed
        .from
        .map_or(0, |date| model.calendar.week_of(date).unwrap_or(0));
    let meter = times.map_or_else(|| PhaseTimes::default().meter(), PhaseTimes::meter);
    let mut scratch = Scratch::new(job.detail, meter);
    scratch.recorder.watched = Watched::new(timed.watched);
    let mut snapshots = Snapshots::default();
    let mut world = World::open(before.as_ref().unwrap_or(&model));
    for number in 0..job.weeks {
        let in_force = before
            .as_ref()
            .filter(|_| number < starts)
            .unwrap_or(&model);
        let week = Week {
            number,
            model: in_force,
        };
        step(&week, &mut world, &mut scratch).map_err(Halt::Fault)?;
        if job.detail {
            snapshots.take(number, in_force, &world, &scratch);
        }
        watch.week_done()?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let misfit = |misfit: Misfit| Halt::Fault(Fault::new(misfit.0, "rows", f64::NAN));
    let mut record = record_of(&scratch, &model, &world, job).map_err(misfit)?;
    record
        .entities
        .extend(snapshots.table(&model).map_err(misfit)?);
    Ok(Completed {
        record: RunRecord { seconds, ..record },
        model,
        world,
    })
}

fn record_of(
    scratch: &Scratch,
    model: &Model,
    world: &World,
    job: &Job,
) -> Result<RunRecord, Misfit> {
    let recorder = &scratch.recorder;
    let mut entities = Vec::new();
    if job.detail {
        // What the report did not ask for leaves no table.
        let asked = |frame: &&Frame| frame.rows() > 0 || frame.name != "equilibrium";
        for frame in recorder.entities.iter().filter(asked) {
            entities.push(table_of(frame, model)?);
        }
    }
    let mut weekly = table_of(&recorder.weekly, model)?;
    for (name, values) in recorder.watched.columns() {
        weekly.push_column(name, Data::F64(values))?;
    }
    let residuals = world.books.residuals(&model.accounts);
    Ok(RunRecord {
        arm: job.arm,
        draw: job.draw,
        luck: job.luck,
        weekly,
        entities,
        events: events_of(&recorder.events, model)?,
        residuals: residuals
            .iter()
            .map(|(unit, gap)| (unit_name(*unit, model), *gap))
            .collect(),
        seconds: 0.0,
    })
}

/// The name of a book-keeping unit, ending in its base unit.
fn unit_name(unit: crate::market::books::Unit, model: &Model) -> String {
    use crate::market::books::Unit;
    match unit {
        Unit::Usd => "micro_usd".to_string(),
        Unit::Token(id) => format!("{}_token_units", model.names.networks.name(id)),
        Unit::Chip(id) => format!("{}_chips", model.names.chips.name(id)),
        Unit::Energy => "energy_wh".to_string(),
        Unit::Water => "water_ml".to_string(),
        Unit::Compute(class) => format!("{}_gpu_seconds", class.name()),
        Unit::ClosedToken(id) => format!("{}_token_quanta", model.names.closed_networks.name(id)),
    }
}
