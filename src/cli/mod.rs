//! Commands: each file has its arguments and `run(args) -> Outcome`. Data goes to stdout,
//! messages to stderr. Exit codes: 0 done, 1 a bug, 2 the user's input, 130 interrupted.

pub mod audit;
pub mod bench;
pub mod check;
pub mod cite;
pub mod compare;
pub mod explain;
pub mod figures;
pub mod new;
pub mod outcomes;
#[cfg(feature = "charts")]
pub mod plot;
pub mod process;
pub mod question;
pub mod report;
pub mod run;
pub mod schema;
pub mod show;
pub mod solve;
pub mod solve_dispatch;
pub mod solve_prices;
pub mod solve_rule;
pub mod solve_token;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::scenario::problem::Problems;

/// What a command came to.
pub enum Outcome {
    Done,
    /// A fault of the program; the text says how to repeat it.
    Bug(String),
    /// The user can mend it; the text says what and where. Empty where all is said.
    Input(String),
    /// Stopped by the user; the text says how to go on.
    Interrupted(String),
}

#[derive(Parser)]
#[command(name = "wattflop", version, about, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 a bug, 2 your input, 130 interrupted.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask which numbers matter: move each and see what answers
    Audit(audit::Args),
    /// Time the week and its parts on this machine
    Bench(bench::Args),
    /// Check scenario files and report every problem with its place
    Check(check::Args),
    /// Show what a scenario says once all layers are merged
    Show(show::Args),
    /// Explain a key: meaning, unit, range, default, value and source
    Explain(explain::Args),
    /// Print the JSON schema of scenario files, for editors
    Schema(schema::Args),
    /// Write a new scenario file
    New(new::Args),
    /// Run a scenario and keep tables, charts and report
    Run(run::Args),
    /// Compare run folders draw by draw
    Compare(compare::Args),
    /// Draw outcomes of a run as SVG or PNG
    #[cfg(feature = "charts")]
    Plot(plot::Args),
    /// Write the report of a run again
    Report(report::Args),
    /// Ask one part of the model a question: prices, a token's supply, a protocol's rule
    Solve(solve::Args),
    /// List the sources behind the numbers of a run
    Cite(cite::Args),
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Audit(args) => audit::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Check(args) => check::run(args),
        Command::Show(args) => show::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Schema(args) => schema::run(args),
        Command::New(args) => new::run(args),
        Command::Run(args) => run::run(args),
        Command::Compare(args) => compare::run(args),
        #[cfg(feature = "charts")]
        Command::Plot(args) => plot::run(args),
        Command::Report(args) => report::run(args),
        Command::Solve(args) => solve::run(args),
        Command::Cite(args) => cite::run(args),
    };
    let (code, message) = match outcome {
        Outcome::Done => (0, String::new()),
        Outcome::Bug(message) => (1, message),
        Outcome::Input(message) => (2, message),
        Outcome::Interrupted(message) => (130, message),
    };
    if !message.is_empty() {
        let _ = writeln!(std::io::stderr(), "{}", message.trim_end());
    }
    ExitCode::from(code)
}

/// Writes data to stdout. A reader that has gone away (`| head`) is no fault.
pub fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Outcome::Done,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Outcome::Done,
        Err(error) => Outcome::Input(format!("error: cannot write to stdout: {error}")),
    }
}

/// Pretty JSON on stdout.
pub fn print_json(value: &serde_json::Value) -> Outcome {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&format!("{text}\n")),
        Err(error) => Outcome::Bug(format!("error: {error}")),
    }
}

/// Problems of a scenario for the terminal, for a command that cannot go on.
pub fn refuse(problems: &Problems) -> Outcome {
    Outcome::Input(format!("{problems}; nothing was run"))
}

/// Problems as JSON, with their places.
pub fn problems_json(problems: &Problems) -> serde_json::Value {
    let place = |at: crate::scenario::tree::Place| {
        let file = problems.texts.get(at.text).map(|text| text.name.as_str());
        serde_json::json!({ "file": file, "line": at.line, "column": at.column })
    };
    let list = problems.list.iter().map(|problem| {
        let also = problem
            .also
            .iter()
            .map(|(at, note)| serde_json::json!({ "at": place(*at), "note": note }));
        serde_json::json!({
            "severity": if problem.is_error() { "error" } else { "warning" },
            "message": problem.message,
            "at": place(problem.at),
            "also": also.collect::<Vec<_>>(),
            "help": problem.help,
        })
    });
    list.collect()
}
