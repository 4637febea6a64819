//! `wattflop compare RUN RUN…`: paired differences between run folders.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::figures::{aligned, figure};
use super::outcomes::difference;
use super::{Outcome, print, print_json};
use crate::experiment::compare::{Side, compare};
use crate::experiment::effects::Paired;
use crate::results::columns::Table;
use crate::results::folder::RunFolder;

#[derive(clap::Args)]
pub struct Args {
    /// Run folders; the first is the reference
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Show these outcomes only; may be repeated
    #[arg(long = "outcome", value_name = "NAME")]
    outcomes: Vec<String>,
    /// Show every year and not the whole time only
    #[arg(long)]
    years: bool,
    /// Print the comparison as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let mut sides = Vec::new();
    for path in &args.runs {
        let side = RunFolder::open(path)
            .map_err(|error| error.to_string())
            .and_then(|folder| Side::read(&folder).map_err(|error| error.to_string()));
        match side {
            Ok(side) => sides.push(side),
            Err(message) => return Outcome::Input(format!("error: {message}")),
        }
    }
    let table = match compare(&sides) {
        Ok(table) => table,
        Err(refused) => return Outcome::Input(format!("error: {refused}")),
    };
    let rows: Vec<Row> = rows(&table)
        .into_iter()
        .filter(|row| args.wants(row))
        .collect();
    if let Some(lost) = args
        .outcomes
        .iter()
        .find(|name| !rows.iter().any(|r| r.outcome == **name))
    {
        return Outcome::Input(format!("error: the runs share no outcome `{lost}`"));
    }
    if args.json {
        return print_json(&rows.iter().map(Row::json).collect());
    }
    print(&text(&rows))
}

impl Args {
    fn wants(&self, row: &Row) -> bool {
        let named = self.outcomes.is_empty() || self.outcomes.contains(&row.outcome);
        named && (self.years || row.window == "all")
    }
}

struct Row {
    run: String,
    reference: String,
    outcome: String,
    window: String,
    weeks: (i64, i64),
    found: Paired,
}

/// The comparison's rows, read back by column.
fn rows(table: &Table) -> Vec<Row> {
    let word = |name: &str, row: usize| {
        table
            .text(name)
            .map_or_else(String::new, |text| text.get(row).to_string())
    };
    let number =
        |name: &str, row: usize| table.numbers(name).map_or(f64::NAN, |values| values[row]);
    let count = |name: &str, row: usize| table.counts(name).map_or(0, |values| values[row]);
    let one = |row: usize| Row {
        run: word("run", row),
        reference: word("reference", row),
        outcome: word("outcome", row),
        window: word("window", row),
        weeks: (count("from_week", row), count("to_week", row)),
        found: Paired {
            treated_mean: number("policy_mean", row),
            control_mean: number("reference_mean", row),
            mean_difference: number("mean_difference", row),
            median_difference: number("median_difference", row),
            median_relative_share: number("median_relative_share", row),
            low: number("low", row),
            high: number("high", row),
            draws: count("draws", row) as usize,
            agreeing_draws: count("agreeing_draws", row) as usize,
            needed_draws: number("needed_draws", row),
        },
    };
    (0..table.rows()).map(one).collect()
}

fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    for same in rows.chunk_by(|a, b| (&a.run, &a.reference) == (&b.run, &b.reference)) {
        out.push_str(&format!("{} against {}\n", same[0].run, same[0].reference));
        let head = [
            "outcome",
            "weeks",
            "reference",
            "mean difference [95 %]",
            "draws agree",
        ];
        let mut lines = vec![head.map(str::to_string).to_vec()];
        for row in same {
            lines.push(vec![
                row.outcome.clone(),
                format!("{}–{}", row.weeks.0, row.weeks.1),
                figure(row.found.control_mean),
                difference(Some(&row.found)),
                format!("{} of {}", row.found.agreeing_draws, row.found.draws),
            ]);
        }
        out.push_str(&aligned(&lines));
        out.push('\n');
    }
    out
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "run": self.run,
            "reference": self.reference,
            "outcome": self.outcome,
            "window": self.window,
            "from_week": self.weeks.0,
            "to_week": self.weeks.1,
            "reference_mean": self.found.control_mean,
            "mean": self.found.treated_mean,
            "mean_difference": self.found.mean_difference,
            "low": self.found.low,
            "high": self.found.high,
            "median_relative_share": self.found.median_relative_share,
            "agreeing_draws": self.found.agreeing_draws,
            "draws": self.found.draws,
            "distinguishable": self.found.is_distinguishable(),
        })
    }
}
