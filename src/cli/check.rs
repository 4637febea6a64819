//! `wattflop check FILE…`: every problem of every file.

use std::path::PathBuf;

use serde_json::json;

use super::{Outcome, print, print_json, problems_json};
use crate::market::watch;
use crate::scenario::load;
use crate::scenario::problem::Problems;
use crate::scenario::verify::unknown_outcomes;

#[derive(clap::Args)]
pub struct Args {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change a value, for example chips.memory.lead_time_weeks=30
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
    /// Print problems as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let (mut bad, mut reports, mut good_lines) = (false, Vec::new(), String::new());
    let mut messages = String::new();
    for file in &args.files {
        let (problems, policies) = match load(file, &args.sets) {
            Ok(loaded) => {
                let unknown = unknown_outcomes(&loaded, watch::outcomes);
                let policies: Vec<String> = loaded
                    .policies
                    .iter()
                    .map(|policy| policy.name.clone())
                    .collect();
                let found = unknown.into_iter().chain(loaded.warnings).collect();
                (Problems::new(loaded.texts, found), Some(policies))
            }
            Err(problems) => (problems, None),
        };
        let fails = problems.errors() > 0 || (args.strict && problems.warnings() > 0);
        bad |= fails;
        if let Some(policies) = policies.as_ref().filter(|_| !fails) {
            let count = policies.len();
            let word = if count == 1 { "policy" } else { "policies" };
            let list = policies.join(", ");
            good_lines.push_str(&format!(
                "{}: good; {count} {word} ({list})\n",
                file.display()
            ));
        }
        if !problems.list.is_empty() {
            messages.push_str(&format!("{problems} in {}\n", file.display()));
        }
        reports.push(json!({
            "file": file.display().to_string(),
            "ok": !fails,
            "policies": policies,
            "problems": problems_json(&problems),
        }));
    }
    let printed = if args.json {
        print_json(&json!(reports))
    } else {
        print(&good_lines)
    };
    if args.json {
        messages.clear();
    }
    match printed {
        Outcome::Done if bad => Outcome::Input(messages),
        Outcome::Done => {
            eprint!("{messages}");
            Outcome::Done
        }
        other => other,
    }
}
