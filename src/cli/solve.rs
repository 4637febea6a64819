//! `wattflop solve PART`: one part of the model, asked without the rest.

use clap::Subcommand;

use super::Outcome;
use super::{solve_dispatch, solve_prices, solve_rule, solve_token};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Hours of a grid: outputs, prices, flows, storage, emissions, new capacity
    Dispatch(solve_dispatch::Args),
    /// Equilibrium prices of a market: Nash, cartel, competitive, planner
    Prices(solve_prices::Args),
    /// One rule of a token protocol; without a name, all of them
    Rule(solve_rule::Args),
    /// The supply of a token, period by period
    Token(solve_token::Args),
}

pub fn run(args: Args) -> Outcome {
    match args.part {
        Part::Dispatch(args) => solve_dispatch::run(args),
        Part::Prices(args) => solve_prices::run(args),
        Part::Rule(args) => solve_rule::run(args),
        Part::Token(args) => solve_token::run(args),
    }
}
