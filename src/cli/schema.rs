//! `wattflop schema`: the JSON schema that editors use for completion.

use super::{Outcome, print_json};
use crate::scenario::json_schema::json_schema;
use crate::scenario::root::root_of;
use crate::scenario::types::Scenario;

#[derive(clap::Args)]
pub struct Args {
    /// Accepted by every command; the schema is JSON anyway
    #[arg(long)]
    json: bool,
}

pub fn run(_: Args) -> Outcome {
    print_json(&json_schema(root_of::<Scenario>()))
}
