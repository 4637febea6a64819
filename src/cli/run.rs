//! `wattflop run FILE`: estimates, runs or resumes, writes the run folder, shows what came out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::figures::{bytes, duration};
use super::{Outcome, outcomes, print, print_json, problems_json, refuse};
use crate::experiment::prepare::{Prepared, Refused, Request, prepare};
use crate::experiment::study::{Brief, Failed, Findings, Place, Runner, explore};
use crate::kernels::Level;
use crate::results::manifest::Manifest;
use crate::results::panel::Panel;
use crate::results::partial::Partial;
use crate::run::ensemble::Broken;
use crate::run::estimate::{Estimate, attempted};
use crate::run::{Economy, Job, Plan, Watch, progress};
use crate::scenario::problem::Problems;

#[derive(clap::Args)]
pub struct Args {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Change a value, for example chips.memory.lead_time_weeks=30
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Run this policy only; may be repeated
    #[arg(long = "policy", value_name = "NAME")]
    policies: Vec<String>,
    /// Number of draws
    #[arg(long, value_name = "N")]
    draws: Option<u32>,
    /// Seed of all chance
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Threads; results do not depend on them [default: one per core]
    #[arg(long, value_name = "T", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Weeks to run
    #[arg(long, value_name = "W")]
    weeks: Option<u32>,
    /// Folder that receives the run folder
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Run again and replace the run folder of the same scenario, seed and size
    #[arg(long)]
    force: bool,
    /// Run draw K alone: repeats one run of an ensemble
    #[arg(long, value_name = "K")]
    draw: Option<u32>,
    /// Run luck L alone
    #[arg(long, value_name = "L")]
    luck: Option<u32>,
    /// Do not judge the scenario's expectations, which need runs without its shocks
    #[arg(long)]
    no_expect: bool,
    /// Print results as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    fn request(&self) -> Request {
        Request {
            file: self.file.clone(),
            sets: self.sets.clone(),
            policies: self.policies.clone(),
            draws: self.draws,
            seed: self.seed,
            weeks: self.weeks,
            only_draw: self.draw,
            only_luck: self.luck,
            expectations: !self.no_expect,
        }
    }

    /// The command that repeats this run; `only` narrows it to one run.
    fn command(&self, prepared: &Prepared, only: Option<&Job>) -> String {
        let mut words = vec![
            "wattflop run".to_string(),
            quoted(&self.file.to_string_lossy()),
        ];
        words.extend(self.sets.iter().map(|set| format!("--set {}", quoted(set))));
        let policies = match only {
            Some(job) => vec![prepared.plan.arms[job.arm as usize].policy.clone()],
            None => self.policies.clone(),
        };
        words.extend(
            policies
                .iter()
                .map(|name| format!("--policy {}", quoted(name))),
        );
        let mut number = |flag: &str, value: Option<u64>| {
            words.extend(value.map(|value| format!("--{flag} {value}")));
        };
        number("draws", self.draws.map(u64::from));
        number("seed", Some(prepared.plan.seed));
        number("weeks", self.weeks.map(u64::from));
        number(
            "draw",
            only.map(|job| job.draw).or(self.draw).map(u64::from),
        );
        number(
            "luck",
            only.map(|job| job.luck).or(self.luck).map(u64::from),
        );
        if let Some(arm) = only.map(|job| &prepared.plan.arms[job.arm as usize]) {
            words.extend(
                arm.without_shocks
                    .iter()
                    .map(|s| format!("--set shocks.{s}=null")),
            );
            words.push("--no-expect".to_string());
        } else if self.no_expect {
            words.push("--no-expect".to_string());
        }
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

pub fn run(args: Args) -> Outcome {
    let prepared = match prepare(&args.request()) {
        Ok(prepared) => prepared,
        Err(Refused::Problems(problems)) if args.json => {
            let shown = print_json(&json!({ "problems": problems_json(&problems) }));
            return if matches!(shown, Outcome::Done) {
                refuse(&problems)
            } else {
                shown
            };
        }
        Err(Refused::Problems(problems)) => return refuse(&problems),
        Err(Refused::Request(message)) => return Outcome::Input(format!("error: {message}")),
    };
    if !args.json && !prepared.warnings.is_empty() {
        let warnings = Problems::new(prepared.texts.clone(), prepared.warnings.clone());
        eprintln!("{warnings}");
    }
    prepared
        .notes
        .iter()
        .for_each(|note| eprintln!("note: {note}"));
    let place = Place {
        output: &args.out,
        scenario: &prepared.name,
        force: args.force,
    };
    let opened = place
        .may_write(&prepared.plan)
        .and_then(|()| place.kept(&prepared.plan));
    match opened {
        Ok(kept) => carry_out(&args, &prepared, &place, kept),
        Err(error) => Outcome::Input(format!("error: {error}")),
    }
}

fn carry_out(args: &Args, prepared: &Prepared, place: &Place, kept: Partial) -> Outcome {
    let economy = Economy {
        script: &prepared.script,
        seed: prepared.plan.seed,
    };
    let watch = Arc::new(Watch::default());
    listen(&watch);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if args.threads == 0 {
        cores
    } else {
        args.threads
    };
    announce(&prepared.plan, &economy, &kept, threads);
    let manifest = Manifest {
        simd: simd(),
        scenario: prepared.name.clone(),
        question: prepared.question.clone(),
        command: args.command(prepared, None),
        start: prepared.start.clone(),
        reference: prepared.reference.clone(),
        outcomes: prepared.outcomes.clone(),
        scenario_text: prepared.text.clone(),
        ..Manifest::default()
    };
    let brief = Brief {
        manifest,
        trials: prepared.trials.clone(),
    };
    let runner = Runner {
        watch: &watch,
        threads,
    };
    let total_weeks = prepared.plan.runs() as u64 * u64::from(prepared.plan.weeks);
    let found = progress::shown(total_weeks, !args.json, &watch, || {
        explore(&economy, &prepared.plan, &kept, runner, brief)
    });
    let findings = match found {
        Ok(findings) => findings,
        Err(failed) => return told(args, prepared, failed),
    };
    let target = place.folder(&prepared.plan);
    match findings.save(&target, args.force, &|findings, folder| {
        pictures(findings, &target, folder)
    }) {
        Ok((folder, complaint)) => {
            if let Some(complaint) = complaint {
                eprintln!("warning: {complaint}; the tables are saved");
            }
            if let Err(error) = kept.discard() {
                eprintln!("warning: {error}");
            }
            show(args, &findings, &folder)
        }
        Err(error) => told(args, prepared, Failed::Disk(error)),
    }
}

/// Charts and report into the folder under construction.
#[cfg(feature = "charts")]
fn pictures(findings: &Findings, target: &Path, folder: &Path) -> Result<(), String> {
    let run_id = target.file_name().unwrap_or_default().to_string_lossy();
    crate::report::story::tell(&findings.manifest, &run_id, findings.tables(), folder)
        .map_err(|error| format!("charts and report were not made: {error}"))
}

/// This build draws no charts.
#[cfg(not(feature = "charts"))]
fn pictures(_: &Findings, _: &Path, _: &Path) -> Result<(), String> {
    Ok(())
}

/// The name of the SIMD level in use.
fn simd() -> String {
    let levels = Level::available();
    let asked = std::env::var("WATTFLOP_SIMD").unwrap_or_default();
    let named = levels
        .iter()
        .find(|(name, _)| *name == asked)
        .or(levels.last());
    named.map_or_else(String::new, |(name, _)| name.to_string())
}

/// Ctrl-C asks the runs to stop; a second one does not wait for them. Every file is written
/// whole or not at all, so neither leaves anything half-written.
fn listen(watch: &Arc<Watch>) {
    let watch = Arc::clone(watch);
    let handler = move || {
        if watch.stopped() {
            std::process::exit(130);
        }
        watch.stop();
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("warning: Ctrl-C will not keep unfinished runs apart: {error}");
    }
}

/// Says what is ahead.
fn announce(plan: &Plan, economy: &Economy, kept: &Partial, threads: usize) {
    let waiting = kept.waiting().unwrap_or(0).min(plan.runs());
    let cost = attempted(economy, plan, threads, plan.runs() - waiting);
    eprintln!("{}", ahead(plan, waiting, cost.as_ref()));
}

fn ahead(plan: &Plan, waiting: usize, cost: Option<&Estimate>) -> String {
    let controls = plan.arms.iter().filter(|arm| arm.is_control()).count();
    let policies = plan.arms.len() - controls;
    let counted = |count: usize, one: &str, many: &str| {
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let mut text = counted(policies, "policy", "policies");
    if controls > 0 {
        text.push_str(&format!(" + {}", counted(controls, "control", "controls")));
    }
    text.push_str(&format!(
        " × {}",
        counted(plan.draws.len(), "draw", "draws")
    ));
    if plan.luck.len() > 1 {
        text.push_str(&format!(" × {} lucks", plan.luck.len()));
    }
    text.push_str(&format!(
        " × {} weeks = {}",
        plan.weeks,
        counted(plan.runs(), "run", "runs")
    ));
    if waiting > 0 {
        text.push_str(&format!(", {waiting} of them finished before"));
    }
    if let Some(cost) = cost {
        let (time, size) = (duration(cost.seconds), bytes(cost.bytes));
        text.push_str(&format!("; about {time}, {size} of results"));
    }
    format!("{text}; seed {}", plan.seed)
}

/// Why there is no run folder, as the user reads it.
fn told(args: &Args, prepared: &Prepared, failed: Failed) -> Outcome {
    let resume = "the same command goes on from there";
    match failed {
        Failed::Runs(Broken::Interrupted { kept, runs }) => Outcome::Interrupted(format!(
            "interrupted; {kept} of {runs} runs are kept in {}; {resume}",
            args.out.display()
        )),
        Failed::Runs(Broken::Fault { job, fault }) => bug(args, prepared, &job, &fault.to_string()),
        Failed::Runs(Broken::Panic { job, message }) => bug(args, prepared, &job, &message),
        Failed::Runs(Broken::Disk(error)) | Failed::Disk(error) => {
            Outcome::Input(format!("error: {error}\nfinished runs are kept; {resume}"))
        }
        Failed::Runs(Broken::Threads(why)) => {
            Outcome::Input(format!("error: cannot start the threads: {why}"))
        }
        Failed::Tables(misfit) => Outcome::Bug(format!(
            "bug: {misfit}\nplease report it; to repeat it:\n  {}",
            args.command(prepared, None)
        )),
    }
}

/// A defect of the program, with the command that repeats the one run that met it.
fn bug(args: &Args, prepared: &Prepared, job: &Job, what: &str) -> Outcome {
    let arm = &prepared.plan.arms[job.arm as usize].name;
    let Job { draw, luck, .. } = job;
    let command = args.command(prepared, Some(job));
    Outcome::Bug(format!(
        "bug: {what} (policy {arm}, draw {draw}, luck {luck})\n\
         please report it; to repeat it:\n  {command}"
    ))
}

fn show(args: &Args, findings: &Findings, folder: &Path) -> Outcome {
    let manifest = &findings.manifest;
    let times = &manifest.timings;
    let worst = manifest
        .residuals
        .values()
        .map(|gap| gap.unsigned_abs())
        .max()
        .unwrap_or(0);
    let books = match worst {
        0 => "books balance to the last unit".to_string(),
        gap => format!("books are {gap} units apart"),
    };
    let (new, time) = (times.runs - times.resumed, duration(times.wall_seconds));
    eprintln!(
        "ran {new} runs in {time} on {} threads; {books}",
        times.threads
    );
    let panel = Panel::new(&findings.weekly);
    let closing = panel
        .as_ref()
        .and_then(|panel| outcomes::closing(panel, &manifest.outcomes, &manifest.reference));
    if args.json {
        return print_json(&json!({
            "folder": folder.display().to_string(),
            "question": manifest.question,
            "seed": manifest.seed,
            "draws": manifest.draws,
            "weeks": manifest.weeks,
            "policies": manifest.policies,
            "reference": manifest.reference,
            "closing": closing.map_or(Value::Null, |closing| closing.json()),
            "expectations": manifest.expectations,
            "alarms": outcomes::alarms_json(findings),
            "residuals": manifest.residuals,
            "hashes": manifest.hashes,
            "timings": manifest.timings,
        }));
    }
    let mut text = format!("{}\n\n", manifest.question);
    text.push_str(&closing.map_or_else(String::new, |closing| closing.text()));
    let judged = outcomes::expectations(findings);
    if !judged.is_empty() {
        text.push_str(&format!("\n{judged}"));
    }
    let raised = outcomes::alarms(findings);
    if !raised.is_empty() {
        text.push_str(&format!("\n{raised}"));
    }
    text.push_str(&format!("\nsaved {}\n", folder.display()));
    print(&text)
}
