//! `wattflop plot RUN OUTCOME…`: one chart an outcome, as SVG or PNG.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::report::{opened, run_id};
use super::{Outcome, print, print_json};
use crate::report::chart::{Chart, scene};
use crate::report::evidence::Evidence;
use crate::report::scene::{Scene, Sheet};
use crate::report::{charts, paint};
use crate::results::columns::{Data, Table};
use crate::results::disk::write_whole;
use crate::scenario::suggest::similar;

/// What one panel stands for.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub enum By {
    Policy,
    Region,
    Network,
    ClosedNetwork,
    Operator,
    Chip,
    Segment,
    Tier,
}

impl By {
    fn table(self) -> &'static str {
        match self {
            By::Policy => "weekly",
            By::Region => "regions",
            By::Network => "networks",
            By::ClosedNetwork => "closed_networks",
            By::Operator => "operators",
            By::Chip => "chips",
            By::Segment => "segments",
            By::Tier => "tiers",
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    /// Run folder
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Columns of the run's tables, for example h100_spot_usd_per_h
    #[arg(value_name = "OUTCOME", required = true)]
    outcomes: Vec<String>,
    /// One panel each [default: whatever the outcome is recorded for]
    #[arg(long, value_name = "WHAT")]
    by: Option<By>,
    /// File to write, .svg or .png; of a single outcome
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A square page instead of a wide one
    #[arg(long)]
    square: bool,
    /// Print the paths as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    match drawn(&args) {
        Ok(files) if args.json => print_json(&json!({ "files": files })),
        Ok(files) => {
            let lines = files.iter().map(|file| format!("{}\n", file.display()));
            print(&lines.collect::<String>())
        }
        Err(message) => Outcome::Input(format!("error: {message}")),
    }
}

fn drawn(args: &Args) -> Result<Vec<PathBuf>, String> {
    if args.out.is_some() && args.outcomes.len() > 1 {
        return Err("--out takes a single outcome".to_owned());
    }
    let (folder, tables) = opened(&args.run)?;
    let evidence = Evidence::new(
        &folder.manifest,
        &run_id(&folder.path),
        tables.iter().collect(),
    );
    let mut files = Vec::new();
    for outcome in &args.outcomes {
        let chart = chart(&evidence, &tables, outcome, args.by)?;
        let file = args
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("{}.svg", chart.name)));
        let page = if args.square {
            Sheet::SQUARE
        } else {
            Sheet::WIDE
        };
        written(&scene(&chart, page), &file)?;
        files.push(file);
    }
    Ok(files)
}

fn chart(
    evidence: &Evidence,
    tables: &[Table],
    outcome: &str,
    by: Option<By>,
) -> Result<Chart, String> {
    let holds = |table: &&Table| table.numbers(outcome).is_some();
    let wanted = by.map(By::table);
    let found = tables
        .iter()
        .filter(|table| wanted.is_none_or(|name| name == table.name))
        .filter(|table| {
            !["summary", "effects", "subsidy", "events", "offers"].contains(&table.name.as_str())
        })
        .find(holds);
    let Some(table) = found else {
        return Err(unknown(tables, outcome, wanted));
    };
    let made = match table.name.as_str() {
        "weekly" => charts::outcome(evidence, outcome),
        name => charts::by_entity(evidence, name, outcome),
    };
    made.ok_or_else(|| format!("`{outcome}` has no finite value in this run"))
}

fn unknown(tables: &[Table], outcome: &str, wanted: Option<&str>) -> String {
    let columns = || {
        tables
            .iter()
            .filter(|table| wanted.is_none_or(|name| name == table.name))
            .flat_map(Table::columns)
            .filter(|column| matches!(column.data, Data::F64(_)))
            .map(|column| column.name.as_str())
    };
    let hint = similar(outcome, columns());
    let hint = hint.map_or_else(String::new, |name| {
        format!("\nhint: did you mean `{name}`?")
    });
    let place = wanted.map_or_else(|| "this run".to_owned(), |name| format!("table `{name}`"));
    format!("{place} has no outcome `{outcome}`{hint}")
}

fn written(scene: &Scene, file: &Path) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    match file.extension().and_then(|end| end.to_str()) {
        Some("svg") => {
            let svg = paint::svg(scene).map_err(|error| told(&error))?;
            write_whole(file, svg.as_bytes()).map_err(|error| told(&error))
        }
        Some("png") => paint::png(scene, file).map_err(|error| told(&error)),
        _ => Err(format!(
            "`{}` ends in neither .svg nor .png",
            file.display()
        )),
    }
}
