//! The command line: parses, calls one command, maps errors to exit codes.
fn main() {}
