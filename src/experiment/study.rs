//! One command's work from plan to run folder: run or resume, join, summarise, compare,
//! judge, write, and only then let go of what was kept on the way.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::effects::{Factors, effects, paired, pairs};
use super::expect::{Against, Expectation, Verdict};
use super::subsidy::subsidy;
use crate::results::columns::{Misfit, Table};
use crate::results::disk::DiskError;
use crate::results::folder::{Draft, may_write};
use crate::results::manifest::{JudgedEffect, JudgedExpectation, Manifest, Timings};
use crate::results::panel::{Panel, Series};
use crate::results::partial::Partial;
use crate::results::summary::summary;
use crate::results::{NUMERICS_VERSION, SCHEMA_VERSION};
use crate::run::assemble::{Assembled, assemble};
use crate::run::ensemble::{self, Broken};
use crate::run::{Plan, Simulation, Watch, snapshot};

/// An expectation with the arms that it is judged on.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub expectation: Expectation,
    pub treated_arm: String,
    pub control_arm: String,
}

/// Where and under which name results are kept.
pub struct Place<'a> {
    pub output: &'a Path,
    pub scenario: &'a str,
    pub force: bool,
}

impl Place<'_> {
    /// `output/<scenario>-<hash8>`.
    pub fn folder(&self, plan: &Plan) -> PathBuf {
        self.output.join(format!(
            "{}-{}",
            self.scenario,
            plan.hash8(NUMERICS_VERSION)
        ))
    }

    /// `output/.partial-<hash8>`.
    pub fn partial(&self, plan: &Plan) -> PathBuf {
        self.output
            .join(format!(".partial-{}", plan.hash8(NUMERICS_VERSION)))
    }

    /// Says before any work whether the results may be written.
    pub fn may_write(&self, plan: &Plan) -> Result<(), DiskError> {
        may_write(&self.folder(plan), self.force)
    }

    /// Opens what is kept of this plan.
    pub fn kept(&self, plan: &Plan) -> Result<Partial, DiskError> {
        Partial::open(
            &self.partial(plan),
            *plan.fingerprint(NUMERICS_VERSION).as_bytes(),
        )
    }
}

/// Everything that was found, as it is written.
pub struct Findings {
    pub manifest: Manifest,
    pub weekly: Table,
    /// Policies without some shock, for the expectations; may be empty.
    pub controls: Table,
    pub entities: Vec<Table>,
    pub events: Table,
    pub summary: Table,
    pub effects: Table,
    /// What each policy's subsidy bought against the reference.
    pub subsidy: Table,
}

/// Why no run folder was written.
#[derive(Debug)]
pub enum Failed {
    Runs(Broken),
    Disk(DiskError),
    /// Tables of the runs do not fit each other.
    Tables(Misfit),
}

impl From<DiskError> for Failed {
    fn from(error: DiskError) -> Failed {
        Failed::Disk(error)
    }
}

impl From<Misfit> for Failed {
    fn from(error: Misfit) -> Failed {
        Failed::Tables(error)
    }
}

/// Runs the plan, or what is left of it, and joins the findings. `manifest` brings what the
/// caller knows (scenario, command, reference); the rest is filled in.
pub fn explore(
    simulation: &dyn Simulation,
    plan: &Plan,
    kept: &Partial,
    runner: Runner,
    brief: Brief,
) -> Result<Findings, Failed> {
    let began = Instant::now();
    let found = ensemble::run(simulation, plan, kept, runner.watch, runner.threads)
        .map_err(Failed::Runs)?;
    let (runs, resumed) = (found.records.len(), found.resumed);
    let wall_seconds = began.elapsed().as_secs_f64();
    let joined = assemble(plan, found.records)?;
    let timings = Timings {
        threads: runner.threads,
        runs,
        resumed,
        wall_seconds,
        run_seconds: joined.run_seconds,
    };
    let manifest = filled(brief.manifest, plan, &joined, timings);
    let empty = || Misfit("the weekly table has no rows".to_string());
    let panel = Panel::new(&joined.weekly).ok_or_else(empty)?;
    let summary = summary(&panel)?;
    let effects = effects(&panel, &manifest.reference)?;
    let subsidy = subsidy(&panel, &manifest.reference)?;
    let expectations = judged(&brief.trials, &panel, &joined.controls);
    drop(panel);
    Ok(Findings {
        manifest: Manifest {
            expectations,
            ..manifest
        },
        weekly: joined.weekly,
        controls: joined.controls,
        entities: joined.entities,
        events: joined.events,
        summary,
        effects,
        subsidy,
    })
}

/// How the runs are carried out; nothing here changes a result.
#[derive(Clone, Copy)]
pub struct Runner<'a> {
    pub watch: &'a Watch,
    pub threads: usize,
}

/// What the caller knows about the study.
pub struct Brief {
    pub manifest: Manifest,
    pub trials: Vec<Trial>,
}

fn filled(manifest: Manifest, plan: &Plan, joined: &Assembled, timings: Timings) -> Manifest {
    let clamped = |gap: i128| gap.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    let policies = plan.arms.iter().filter(|arm| !arm.is_control());
    Manifest {
        tool_version: env!("CARGO_PKG_VERSION").to_string(),
        results_schema: SCHEMA_VERSION,
        numerics_version: NUMERICS_VERSION,
        seed: plan.seed,
        draws: plan.draws.len() as u32,
        luck: plan.luck.len() as u32,
        weeks: plan.weeks,
        policies: policies.clone().map(|arm| arm.name.clone()).collect(),
        resolved: policies
            .map(|arm| (arm.name.clone(), arm.resolved.clone()))
            .collect(),
        policy_starts: starting(plan)
            .map(|(name, (from, _))| (name, from.clone()))
            .collect(),
        resolved_before: starting(plan)
            .map(|(_, (_, text))| text.clone())
            .next()
            .unwrap_or_default(),
        fingerprint: plan.fingerprint(NUMERICS_VERSION).to_hex().to_string(),
        hashes: joined.hashes.clone(),
        residuals: joined
            .residuals
            .iter()
            .map(|(u, gap)| (u.clone(), clamped(*gap)))
            .collect(),
        timings,
        ..manifest
    }
}

/// Policies that start later, with their first day and the scenario until then.
fn starting(plan: &Plan) -> impl Iterator<Item = (String, &(String, String))> {
    let arms = plan.arms.iter().filter(|arm| !arm.is_control());
    arms.filter_map(|arm| Some((arm.name.clone(), arm.starts.as_ref()?)))
}

/// Paths of the treated runs and of their controls.
fn sides(trial: &Trial, panel: &Panel, controls: &Table) -> [Vec<Series>; 2] {
    let controls = Panel::new(controls);
    [&trial.treated_arm, &trial.control_arm].map(|arm| {
        let found = panel.series(arm, &trial.expectation.outcome);
        match &controls {
            Some(controls) if found.is_empty() => controls.series(arm, &trial.expectation.outcome),
            _ => found,
        }
    })
}

/// The verdict on one trial, from the policies' paths and the controls'.
pub fn judge(trial: &Trial, panel: &Panel, controls: &Table) -> Verdict {
    let [treated, control] = sides(trial, panel, controls);
    trial.expectation.judge(&treated, &control)
}

/// The paired difference of one trial.
fn effect(trial: &Trial, panel: &Panel, controls: &Table) -> Option<JudgedEffect> {
    let [treated, control] = sides(trial, panel, controls);
    let asked = &trial.expectation;
    let pairs = pairs(&treated, &control, asked.from_week, asked.to_week);
    let found = paired(&pairs, &mut Factors::default())?;
    let finite = |value: f64| value.is_finite().then_some(value);
    let (against, without_shock) = match &asked.against {
        Against::Policy(name) => (name.clone(), String::new()),
        Against::WithoutShock(name) => (String::new(), name.clone()),
        Against::WithoutAllShocks => (String::new(), "all".to_owned()),
    };
    Some(JudgedEffect {
        outcome: asked.outcome.clone(),
        policy: asked.policy.clone().unwrap_or_default(),
        against,
        without_shock,
        from_week: asked.from_week,
        to_week: asked.to_week,
        control_mean: finite(found.control_mean)?,
        difference: finite(found.mean_difference)?,
        low: finite(found.low),
        high: finite(found.high),
        agreeing_draws: found.agreeing_draws,
        draws: found.draws,
        needed_draws: finite(found.needed_draws),
    })
}

fn judged(trials: &[Trial], panel: &Panel, controls: &Table) -> Vec<JudgedExpectation> {
    let one = |trial: &Trial| {
        let verdict = judge(trial, panel, controls);
        JudgedExpectation {
            name: trial.expectation.name.clone(),
            statement: trial.expectation.statement(),
            held: verdict.held,
            finding: verdict.finding(),
            effect: effect(trial, panel, controls),
        }
    };
    trials.iter().map(one).collect()
}

impl Findings {
    /// Every table, in the order in which they are described.
    pub fn tables(&self) -> Vec<&Table> {
        let mut tables = vec![&self.weekly];
        let is_table = |table: &&Table| table.name != snapshot::TABLE;
        tables.extend(self.entities.iter().filter(is_table));
        tables.extend([&self.summary, &self.effects, &self.subsidy, &self.events]);
        if !self.controls.columns().is_empty() {
            tables.push(&self.controls);
        }
        tables
    }

    /// Writes the run folder. `pictures` puts charts and the report into the folder that is
    /// under construction; when it fails the numbers are saved all the same and its reason
    /// is handed back.
    pub fn save(
        &self,
        target: &Path,
        force: bool,
        pictures: &dyn Fn(&Findings, &Path) -> Result<(), String>,
    ) -> Result<(PathBuf, Option<String>), DiskError> {
        let draft = Draft::begin(target, force)?;
        for table in self.tables() {
            draft.table(table)?;
        }
        for table in &self.entities {
            if table.name == snapshot::TABLE {
                for (name, text) in snapshot::files(table) {
                    draft.file(&name, text.as_bytes())?;
                }
            }
        }
        let complaint = pictures(self, draft.path()).err();
        Ok((draft.commit(&self.manifest)?, complaint))
    }
}
