//! `wattflop report RUN`: writes the page of a finished run again, from its tables alone.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Outcome, print, print_json};
use crate::results::columns::Table;
use crate::results::disk::write_whole;
use crate::results::folder::RunFolder;

/// Every table that a run folder may hold.
const TABLES: [&str; 17] = [
    "weekly",
    "offers",
    "regions",
    "chips",
    "operators",
    "networks",
    "closed_networks",
    "segments",
    "tiers",
    "indices",
    "equilibrium",
    "marketplaces",
    "summary",
    "effects",
    "subsidy",
    "events",
    "controls",
];

#[derive(clap::Args)]
pub struct Args {
    /// Run folder
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// File to write [default: RUN-report.html beside the run folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the path as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let (folder, tables) = match opened(&args.run) {
        Ok(found) => found,
        Err(message) => return Outcome::Input(message),
    };
    let run_id = run_id(&folder.path);
    let page = match page(&folder, &run_id, &tables) {
        Ok(page) => page,
        Err(message) => return Outcome::Input(format!("error: {message}")),
    };
    let beside = || folder.path.with_file_name(format!("{run_id}-report.html"));
    let out = args.out.unwrap_or_else(beside);
    if let Err(error) = write_whole(&out, page.as_bytes()) {
        return Outcome::Input(format!("error: {error}"));
    }
    if args.json {
        return print_json(&json!({ "report": out }));
    }
    print(&format!("{}\n", out.display()))
}

/// A run folder with all of its tables.
pub(super) fn opened(path: &Path) -> Result<(RunFolder, Vec<Table>), String> {
    let folder = RunFolder::open(path).map_err(|error| format!("error: {error}"))?;
    let mut tables = Vec::new();
    for name in TABLES.iter().filter(|name| folder.has(name)) {
        tables.push(
            folder
                .table(name)
                .map_err(|error| format!("error: {error}"))?,
        );
    }
    Ok((folder, tables))
}

/// Name of the run folder.
pub(super) fn run_id(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    whole
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

#[cfg(feature = "charts")]
fn page(folder: &RunFolder, run_id: &str, tables: &[Table]) -> Result<String, String> {
    crate::report::story::html(&folder.manifest, run_id, tables.iter().collect())
        .map_err(|error| error.to_string())
}

#[cfg(not(feature = "charts"))]
fn page(_: &RunFolder, _: &str, _: &[Table]) -> Result<String, String> {
    Err("this wattflop was built without charts".to_owned())
}
