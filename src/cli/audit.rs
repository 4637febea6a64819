//! `wattflop audit FILE`: which of my numbers matter?

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{Outcome, print, print_json, refuse};
use crate::experiment::audit::{Answer, Audit};
use crate::kernels::random::Luck;
use crate::run::progress;
use crate::scenario::load::load;
use crate::units::number_text;

/// The small world that an audit runs, unless asked otherwise.
const SMALL: [&str; 2] = ["providers.rows=2000", "demand.nodes=4"];

#[derive(clap::Args)]
pub struct Args {
    /// Scenario file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Change a value first
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Audit this policy; the first of the file otherwise
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Weeks of each run; the scenario's own horizon otherwise
    #[arg(long, value_name = "W")]
    weeks: Option<u32>,
    /// Only numbers whose path begins so
    #[arg(long, value_name = "PATH", default_value = "")]
    only: String,
    /// Stop at the first move of a number that is answered: quicker, elasticities of one move
    #[arg(long)]
    quick: bool,
    /// Every n-th number only
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// File of `PATH: reason` lines for numbers that may stand still
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// Print results as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let sets: Vec<String> = SMALL
        .iter()
        .map(ToString::to_string)
        .chain(args.sets.iter().cloned())
        .collect();
    let loaded = match load(&args.file, &sets) {
        Ok(loaded) => loaded,
        Err(problems) => return refuse(&problems),
    };
    let named = args.policy.as_deref();
    let policy = match named {
        Some(name) => loaded.policy(name),
        None => loaded.policies.first(),
    };
    let tree = match (named, policy) {
        (Some(name), None) => return Outcome::Input(format!("error: no policy `{name}`")),
        (_, policy) => policy.map_or(&loaded.tree, |policy| &policy.tree),
    };
    let scenario = loaded.scenario(policy);
    let weeks = args.weeks.unwrap_or(scenario.horizon.weeks);
    let luck = Luck {
        seed: scenario.ensemble.seed,
        draw: 0,
        luck: 0,
    };
    let audit = match Audit::new(&loaded, tree, weeks, luck) {
        Ok(audit) => audit,
        Err(fault) => return Outcome::Bug(format!("error: {fault}")),
    };
    let numbers: Vec<_> = (audit.numbers().into_iter())
        .filter(|number| number.path.starts_with(&args.only))
        .step_by(args.every.max(1))
        .collect();
    let finished = AtomicUsize::new(0);
    let total = numbers.len();
    let bar = progress::counter(total as u64, "numbers");
    let answers = audit.ask(&numbers, !args.quick, &|| {
        bar.set_position(finished.fetch_add(1, Ordering::Relaxed) as u64 + 1);
    });
    bar.finish_and_clear();
    let excused = match excused(args.exceptions.as_deref()) {
        Ok(excused) => excused,
        Err(message) => return Outcome::Input(message),
    };
    report(&answers, &excused, args.json)
}

/// Paths that may stand still, from the exceptions file.
fn excused(file: Option<&std::path::Path>) -> Result<Vec<String>, String> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("error: cannot read {}: {error}", file.display()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines
        .filter_map(|line| line.split_once(": "))
        .map(|(path, _)| path.into())
        .collect())
}

fn report(answers: &[Answer], excused: &[String], as_json: bool) -> Outcome {
    let mut order: Vec<&Answer> = answers.iter().collect();
    order.sort_by(|a, b| b.elasticity.abs().total_cmp(&a.elasticity.abs()));
    let still: Vec<&Answer> = answers.iter().filter(|answer| !answer.alive()).collect();
    let faults: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.fault.is_some())
        .collect();
    let unexplained = still
        .iter()
        .filter(|answer| !excused.contains(&answer.path))
        .count();
    let printed = if as_json {
        let rows: Vec<_> = order.iter().map(|answer| row(answer)).collect();
        print_json(&json!({ "numbers": answers.len(), "still": still.len(),
            "unexplained": unexplained, "faults": faults.len(), "answers": rows }))
    } else {
        print(&table(&order, &still, &faults))
    };
    if !matches!(printed, Outcome::Done) {
        return printed;
    }
    if let Some(answer) = faults.first() {
        let fault = answer.fault.as_ref().expect("filtered");
        return Outcome::Bug(format!(
            "error: moving `{}` breaks the run: {fault}",
            answer.path
        ));
    }
    let allowed = answers.len() / 50;
    if !excused.is_empty() && (unexplained > 0 || still.len() > allowed) {
        let counted = format!("{} of {} numbers move nothing", still.len(), answers.len());
        return Outcome::Bug(format!("error: {counted}, {unexplained} unexplained"));
    }
    Outcome::Done
}

fn row(answer: &Answer) -> serde_json::Value {
    json!({
        "path": answer.path, "value": answer.value, "outcome": answer.outcome,
        "elasticity": answer.elasticity, "largest_change": answer.largest_change,
        "alive": answer.alive(), "fault": answer.fault.as_ref().map(ToString::to_string),
    })
}

fn table(order: &[&Answer], still: &[&Answer], faults: &[&Answer]) -> String {
    let mut text = format!(
        "{:<72} {:>12} {:>10}  moves most\n",
        "number", "value", "elasticity"
    );
    for answer in order.iter().filter(|answer| answer.alive()) {
        let value = number_text(answer.value);
        let (path, outcome) = (&answer.path, answer.outcome);
        let _ = writeln!(
            text,
            "{path:<72} {value:>12} {:>10.3}  {outcome}",
            answer.elasticity
        );
    }
    let _ = writeln!(
        text,
        "\n{} of {} numbers move nothing",
        still.len(),
        order.len()
    );
    for answer in still {
        let _ = writeln!(text, "  {} = {}", answer.path, number_text(answer.value));
    }
    for answer in faults {
        let _ = writeln!(text, "moving {} breaks the run", answer.path);
    }
    text
}
