#![forbid(unsafe_code)]
//! The command line: parses, calls one command, maps its outcome to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    wattflop::cli::main()
}
