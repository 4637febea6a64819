//! `wattflop schema`: the JSON schema that editors use for completion, or all keys to read.

use super::{Outcome, print, print_json};
use crate::scenario::json_schema::json_schema;
use crate::scenario::reference::markdown;
use crate::scenario::root::root_of;
use crate::scenario::types::Scenario;

#[derive(clap::Args)]
pub struct Args {
    /// Accepted by every command; the schema is JSON anyway
    #[arg(long)]
    json: bool,
    /// Print the reference of all keys as Markdown
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

pub fn run(args: Args) -> Outcome {
    if args.markdown {
        return print(&markdown(root_of::<Scenario>()));
    }
    print_json(&json_schema(root_of::<Scenario>()))
}
