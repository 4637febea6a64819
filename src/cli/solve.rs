//! `wattflop solve PART`: one part of the model, asked without the rest.

use clap::Subcommand;

use super::{Outcome, solve_prices};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Equilibrium prices of a market: Nash, cartel, competitive, planner
    Prices(solve_prices::Args),
}

pub fn run(args: Args) -> Outcome {
    match args.part {
        Part::Prices(args) => solve_prices::run(args),
    }
}
