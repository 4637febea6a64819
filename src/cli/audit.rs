//! `wattflop audit FILE…`: which of my numbers matter?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{Outcome, print, print_json, refuse};
use crate::experiment::audit::{Answer, Audit, Depth};
use crate::kernels::random::Luck;
use crate::run::progress;
use crate::scenario::load::{Loaded, load};
use crate::scenario::numbers::NumberAt;
use crate::scenario::tree::Node;
use crate::units::number_text;

/// The small world that an audit runs, unless asked otherwise.
const SMALL: [&str; 2] = ["providers.rows=2000", "demand.nodes=8"];
/// One number in so many may stand still, with its reason.
const EXCUSED_OF: usize = 50;

#[derive(clap::Args)]
pub struct Args {
    /// Scenario files. The first is audited whole; of each further one the numbers that it adds
    /// or changes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Change a value first
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Audit this policy only; otherwise a number may answer in any
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Weeks of each run; the scenario's own horizon otherwise
    #[arg(long, value_name = "W")]
    weeks: Option<u32>,
    /// Only numbers whose path begins so
    #[arg(long, value_name = "PATH", default_value = "")]
    only: String,
    /// Stop at the first answer of a number: quicker, elasticities of one move in a short run
    #[arg(long)]
    quick: bool,
    /// Every n-th number only
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
    /// File of `PATH: reason` lines for numbers that may stand still; lines that are not
    /// needed are named
    #[arg(long, value_name = "FILE")]
    exceptions: Option<PathBuf>,
    /// Print results as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let excused = match excused(args.exceptions.as_deref()) {
        Ok(excused) => excused,
        Err(message) => return Outcome::Input(message),
    };
    let mut ledger = Ledger {
        excused: excused.iter().cloned().collect(),
        ..Ledger::default()
    };
    for (index, file) in args.files.iter().enumerate() {
        ledger.file = index;
        let sets: Vec<String> = SMALL
            .iter()
            .map(ToString::to_string)
            .chain(args.sets.iter().cloned())
            .collect();
        let loaded = match load(file, &sets) {
            Ok(loaded) => loaded,
            Err(problems) => return refuse(&problems),
        };
        if let Err(outcome) = ledger.audit(&args, &loaded) {
            return outcome;
        }
    }
    let answers: Vec<Answer> = ledger.answers.into_values().map(|(_, _, a)| a).collect();
    report(&args, &answers, &excused)
}

/// What all files said so far.
#[derive(Default)]
struct Ledger {
    /// Paths that may stand still.
    excused: BTreeSet<String>,
    /// Number of the file that is being audited.
    file: usize,
    /// By path: the bits of the value, the file that answered, the answer.
    answers: BTreeMap<String, (u64, usize, Answer)>,
}

impl Ledger {
    fn audit(&mut self, args: &Args, loaded: &Loaded) -> Result<(), Outcome> {
        for (policy, tree) in trees(args, loaded)?.into_iter().enumerate() {
            let scenario = loaded.scenario(None);
            let luck = Luck {
                seed: scenario.ensemble.seed,
                draw: 0,
                luck: 0,
            };
            let weeks = args.weeks.unwrap_or(scenario.horizon.weeks);
            let audit = Audit::new(loaded.root, tree, weeks, luck)
                .map_err(|fault| Outcome::Bug(format!("error: {fault}")))?;
            let first = self.answers.is_empty();
            let numbers: Vec<NumberAt> = (audit.numbers().into_iter())
                .filter(|number| number.path.starts_with(&args.only))
                .step_by(if first { args.every.max(1) } else { 1 })
                .filter(|number| self.open(number, policy == 0, args.every > 1 && !first))
                .collect();
            let finished = AtomicUsize::new(0);
            let bar = progress::counter(numbers.len() as u64, "numbers");
            let depth = if args.quick {
                Depth::Quick
            } else {
                Depth::Thorough
            };
            let answers = audit.ask(&numbers, depth, &|| {
                bar.set_position(finished.fetch_add(1, Ordering::Relaxed) as u64 + 1);
            });
            bar.finish_and_clear();
            for (number, answer) in numbers.iter().zip(answers) {
                // One that stays silent keeps the file that it was first asked in.
                let bits = number.value.to_bits();
                let before = self.answers.get(&number.path);
                let before = before.filter(|(value, ..)| *value == bits && !answer.alive());
                let told = (bits, before.map_or(self.file, |known| known.1), answer);
                self.answers.insert(number.path.clone(), told);
            }
        }
        Ok(())
    }

    /// Is this number still to be asked: new, changed, or silent so far? One that was silent in
    /// an earlier file is asked again under the first policy of every later one, unless its
    /// silence is excused.
    fn open(&self, number: &NumberAt, first_policy: bool, sampled: bool) -> bool {
        match self.answers.get(&number.path) {
            Some((value, file, answer)) => {
                let later = first_policy && !self.excused.contains(&number.path);
                let again = !sampled && (*file == self.file || later);
                *value != number.value.to_bits() || (again && !answer.alive())
            }
            None => !sampled,
        }
    }
}

/// The trees of a file that are audited: of one policy, or of each.
fn trees<'a>(args: &Args, loaded: &'a Loaded) -> Result<Vec<&'a Node>, Outcome> {
    let trees: Vec<&Node> = match &args.policy {
        Some(name) => loaded.policy(name).iter().map(|one| &one.tree).collect(),
        None if loaded.policies.is_empty() => vec![&loaded.tree],
        None => loaded.policies.iter().map(|one| &one.tree).collect(),
    };
    if trees.is_empty() {
        let name = args.policy.as_deref().unwrap_or_default();
        return Err(Outcome::Input(format!("error: no policy `{name}`")));
    }
    Ok(trees)
}

/// Paths that may stand still, from the exceptions file.
fn excused(file: Option<&Path>) -> Result<Vec<String>, String> {
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

/// What the answers and the exceptions say together.
struct Verdict<'a> {
    order: Vec<&'a Answer>,
    still: Vec<&'a Answer>,
    faults: Vec<&'a Answer>,
    /// Still, and nobody has said why.
    unexplained: Vec<&'a str>,
    /// Excused, though something moves or no such number exists.
    needless: Vec<&'a str>,
}

impl<'a> Verdict<'a> {
    fn new(args: &Args, answers: &'a [Answer], excused: &'a [String]) -> Self {
        let mut order: Vec<&Answer> = answers.iter().collect();
        order.sort_by(|a, b| b.elasticity.abs().total_cmp(&a.elasticity.abs()));
        let still: Vec<&Answer> = answers.iter().filter(|answer| !answer.alive()).collect();
        let unexplained = (still.iter())
            .map(|answer| answer.path.as_str())
            .filter(|path| !excused.iter().any(|excused| excused == path))
            .collect();
        let whole = args.every <= 1 && args.only.is_empty();
        let needless = (excused.iter().map(String::as_str))
            .filter(|path| whole && !still.iter().any(|answer| answer.path == *path))
            .collect();
        let faults = (answers.iter())
            .filter(|answer| answer.fault.is_some())
            .collect();
        Self {
            order,
            still,
            faults,
            unexplained,
            needless,
        }
    }

    /// Why the audit fails, where exceptions are given.
    fn failure(&self) -> Option<String> {
        let (still, all) = (self.still.len(), self.order.len());
        if let Some(path) = self.unexplained.first() {
            let others = self.unexplained.len() - 1;
            return Some(format!("`{path}` moves nothing ({others} others neither)"));
        }
        let many = still * EXCUSED_OF > all;
        many.then(|| format!("{still} of {all} numbers are excused, more than 2 %"))
    }
}

fn report(args: &Args, answers: &[Answer], excused: &[String]) -> Outcome {
    let verdict = Verdict::new(args, answers, excused);
    let printed = if args.json {
        let rows: Vec<_> = verdict.order.iter().map(|answer| row(answer)).collect();
        print_json(
            &json!({ "numbers": answers.len(), "still": verdict.still.len(),
            "unexplained": verdict.unexplained, "needless": verdict.needless,
            "faults": verdict.faults.len(), "answers": rows }),
        )
    } else {
        print(&table(&verdict))
    };
    if !matches!(printed, Outcome::Done) {
        return printed;
    }
    if let Some(answer) = verdict.faults.first() {
        let fault = answer.fault.as_ref().expect("filtered");
        let path = &answer.path;
        return Outcome::Bug(format!("error: moving `{path}` breaks the run: {fault}"));
    }
    match verdict.failure() {
        Some(why) if args.exceptions.is_some() => Outcome::Bug(format!("error: {why}")),
        _ => Outcome::Done,
    }
}

fn row(answer: &Answer) -> serde_json::Value {
    json!({
        "path": answer.path, "value": answer.value, "outcome": answer.outcome,
        "elasticity": answer.elasticity, "largest_change": answer.largest_change,
        "weeks": answer.weeks, "alive": answer.alive(),
        "fault": answer.fault.as_ref().map(ToString::to_string),
    })
}

fn table(verdict: &Verdict) -> String {
    let mut text = format!(
        "{:<72} {:>12} {:>10} {:>5}  moves most\n",
        "number", "value", "elasticity", "weeks"
    );
    for answer in verdict.order.iter().filter(|answer| answer.alive()) {
        let value = number_text(answer.value);
        let (path, outcome) = (&answer.path, &answer.outcome);
        let _ = writeln!(
            text,
            "{path:<72} {value:>12} {:>10.3} {:>5}  {outcome}",
            answer.elasticity, answer.weeks
        );
    }
    let (still, all) = (verdict.still.len(), verdict.order.len());
    let _ = writeln!(text, "\n{still} of {all} numbers move nothing");
    for answer in &verdict.still {
        let _ = writeln!(text, "  {} = {}", answer.path, number_text(answer.value));
    }
    for path in &verdict.needless {
        let _ = writeln!(text, "the exception of {path} is not needed");
    }
    for answer in &verdict.faults {
        let _ = writeln!(text, "moving {} breaks the run", answer.path);
    }
    text
}
