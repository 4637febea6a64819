//! `wattflop bench`: how fast the week is here, and what its parts cost.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::json;

use super::{Outcome, print, print_json, process, refuse};
use crate::kernels::Level;
use crate::kernels::random::Luck;
use crate::market::model::Model;
use crate::market::scratch::Scratch;
use crate::market::week::{Fault, Week, step};
use crate::market::world::World;
use crate::run::clock::PhaseTimes;
use crate::scenario::load::load;
use crate::scenario::types::Scenario;

#[derive(clap::Args)]
pub struct Args {
    /// Scenario file
    #[arg(value_name = "FILE", default_value = "scenarios/baseline.yaml")]
    file: PathBuf,
    /// Change a value first
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Weeks to time; the scenario's own horizon otherwise
    #[arg(long, value_name = "W")]
    weeks: Option<u32>,
    /// Weeks to time with the scalar kernel, for the ratio
    #[arg(long, value_name = "W", default_value_t = 20)]
    scalar_weeks: u32,
    /// At least so many rows of providers
    #[arg(long, value_name = "N")]
    rows: Option<u32>,
    /// At least so many networks; the one that takes most kinds of hardware is copied
    #[arg(long, value_name = "N")]
    networks: Option<usize>,
    /// Print results as JSON
    #[arg(long)]
    json: bool,
}

/// What one timed run took.
struct Timed {
    weeks: u32,
    rows: usize,
    open_s: f64,
    total_s: f64,
    /// Time on a processor, where the system tells; others may have had it meanwhile.
    processor_s: Option<f64>,
    /// Most memory that the process has held so far.
    memory_mb: Option<f64>,
    kernel_s: f64,
    phases: Vec<(&'static str, f64)>,
}

impl Timed {
    /// Nanoseconds per row and week of the supply kernel.
    fn kernel_ns(&self) -> f64 {
        self.kernel_s * 1e9 / (f64::from(self.weeks) * self.rows as f64)
    }
}

pub fn run(args: Args) -> Outcome {
    let loaded = match load(&args.file, &args.sets) {
        Ok(loaded) => loaded,
        Err(problems) => return refuse(&problems),
    };
    let mut scenario = loaded.scenario(loaded.policies.first());
    crowd(&mut scenario, args.networks.unwrap_or(0));
    enlarge(&mut scenario, args.rows.unwrap_or(0));
    let weeks = args.weeks.unwrap_or(scenario.horizon.weeks);
    let level = Level::chosen();
    let timed = time(&scenario, weeks, level);
    let scalar = time(&scenario, args.scalar_weeks.min(weeks), Level::Scalar);
    match (timed, scalar) {
        (Ok(timed), Ok(scalar)) => report(&timed, &scalar, level, args.json),
        (Err(fault), _) | (_, Err(fault)) => Outcome::Bug(format!("error: {fault}")),
    }
}

fn luck(scenario: &Scenario) -> Luck {
    Luck {
        seed: scenario.ensemble.seed,
        draw: 0,
        luck: 0,
    }
}

/// Copies the network that takes most kinds of hardware until there are enough.
fn crowd(scenario: &mut Scenario, networks: usize) {
    let widest = (scenario.networks.iter()).max_by_key(|(_, network)| network.accepts.len());
    let Some((name, network)) = widest.map(|(name, network)| (name.clone(), network.clone()))
    else {
        return;
    };
    for copy in 2.. {
        if scenario.networks.len() >= networks {
            break;
        }
        (scenario.networks).insert(format!("{name}_{copy}"), network.clone());
    }
}

/// Raises the rows of the population until cells, rounded to whole groups, hold enough.
fn enlarge(scenario: &mut Scenario, rows: u32) {
    let wanted = f64::from(rows);
    for _ in 0..20 {
        let found = Model::compile(scenario, luck(scenario)).providers.rows() as f64;
        if found >= wanted {
            break;
        }
        let more = f64::from(scenario.providers.rows) * (wanted / found) * 1.001;
        scenario.providers.rows = more as u32 + 1;
    }
}

/// The opening is the same at every level, so only the weeks run at `level`.
fn time(scenario: &Scenario, weeks: u32, level: Level) -> Result<Timed, Fault> {
    let (began, processor) = (Instant::now(), process::processor_s());
    let mut model = Model::compile(scenario, luck(scenario));
    let times = PhaseTimes::default();
    let mut world = World::open(&model);
    model.level = level;
    let mut scratch = Scratch::new(false, times.meter());
    let open_s = began.elapsed().as_secs_f64();
    for number in 0..weeks {
        step(
            &Week {
                number,
                model: &model,
            },
            &mut world,
            &mut scratch,
        )?;
    }
    Ok(Timed {
        weeks,
        rows: model.providers.rows(),
        open_s,
        total_s: began.elapsed().as_secs_f64(),
        processor_s: (processor.zip(process::processor_s())).map(|(from, to)| to - from),
        memory_mb: process::most_memory_mb(),
        kernel_s: times.kernel(),
        phases: times.read(),
    })
}

fn report(timed: &Timed, scalar: &Timed, level: Level, as_json: bool) -> Outcome {
    let weeks = f64::from(timed.weeks);
    let week_ms = |seconds: f64| seconds * 1e3 / weeks;
    let ratio = scalar.kernel_ns() / timed.kernel_ns();
    let in_phases: f64 = timed.phases.iter().map(|(_, seconds)| seconds).sum();
    let seal_s = timed.total_s - timed.open_s - in_phases;
    if as_json {
        let phases: serde_json::Map<_, _> = (timed.phases.iter())
            .map(|(name, seconds)| ((*name).to_owned(), json!(week_ms(*seconds))))
            .collect();
        return print_json(&json!({
            "level": level.name(), "rows": timed.rows, "weeks": timed.weeks,
            "seconds": timed.total_s, "open_seconds": timed.open_s,
            "processor_seconds": timed.processor_s, "most_memory_mb": timed.memory_mb,
            "supply_kernel_ns_per_row_week": timed.kernel_ns(),
            "supply_kernel_million_rows_per_s": 1e3 / timed.kernel_ns(),
            "scalar_ratio": ratio, "phase_ms_per_week": phases, "seal_ms_per_week": week_ms(seal_s),
        }));
    }
    let mut text = format!(
        "{} rows, {} weeks, {}: {:.2} s, of which {:.2} s to open\n",
        timed.rows,
        timed.weeks,
        level.name(),
        timed.total_s,
        timed.open_s
    );
    if let (Some(processor_s), Some(memory_mb)) = (timed.processor_s, timed.memory_mb) {
        text.push_str(&format!(
            "{processor_s:.2} s on a processor, {memory_mb:.0} MB of memory at most\n"
        ));
    }
    text.push_str(&format!(
        "supply kernel {:.2} ns per row and week ({:.0} million rows/s), {ratio:.1} x scalar\n",
        timed.kernel_ns(),
        1e3 / timed.kernel_ns()
    ));
    for (name, seconds) in timed.phases.iter().chain([&("seal", seal_s)]) {
        text.push_str(&format!(
            "  {name:<12} {:>8.3} ms a week\n",
            week_ms(*seconds)
        ));
    }
    print(&text)
}
