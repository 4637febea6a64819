//! `wattflop solve dispatch FILE`: what the hours of a grid would cost.

use std::fmt::{Display, Write};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::question::{Question, keep, warn};
use super::{Outcome, print_json};
use crate::market::grid::case::compile;
use crate::market::grid::network::{Answer, Network, Shortage};
use crate::market::grid::solution::clear;
use crate::scenario::Decode;
use crate::scenario::load::load_surveyed_as;
use crate::scenario::solve::dispatch::{DispatchCase, Survey};

/// New capacity; written where any was asked for.
const BUILT: &str = "build.csv";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    question: Question,
}

pub fn run(args: Args) -> Outcome {
    let asked = &args.question;
    let mut survey = Survey::default();
    let loaded = load_surveyed_as::<DispatchCase>(
        &asked.file,
        &asked.sets,
        |_| Vec::new(),
        &mut |tree, texts, problems| survey.read(&asked.file, tree, texts, problems),
    );
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(problems) => return asked.refuse(&problems),
    };
    warn(&loaded);
    let network = compile(&DispatchCase::decode(&loaded.tree), &survey);
    let start = Instant::now();
    let cleared = clear(&network);
    let seconds = start.elapsed().as_secs_f64();
    let answer = match cleared {
        Ok(answer) => answer,
        Err(shortages) => return short(&asked.file, &network, &shortages),
    };
    let folder = asked.folder(&loaded);
    let files = tables(&network, &answer);
    if let Err(outcome) = keep(&folder, &files) {
        return outcome;
    }
    if files.iter().all(|(name, _)| *name != BUILT) {
        // What an earlier run left would be read as this one's.
        let _ = std::fs::remove_file(folder.join(BUILT));
    }
    for text in &answer.approximate {
        eprintln!("warning: {text}");
    }
    print_json(&summary(&network, &answer, seconds))
}

fn short(file: &Path, network: &Network, shortages: &[Shortage]) -> Outcome {
    let mut text = String::new();
    for shortage in shortages {
        let hours: Vec<String> = shortage
            .hours
            .iter()
            .take(8)
            .map(usize::to_string)
            .collect();
        let more = match shortage.hours.len().saturating_sub(8) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let name = &network.regions[shortage.region].name;
        let _ = writeln!(
            text,
            "error: load of region `{name}` cannot be served in hours {}{more}: up to {} MW short",
            hours.join(", "),
            shortage.most_mw,
        );
        let _ = writeln!(
            text,
            "  --> {}: grid.regions.{name}.load_mw",
            file.display()
        );
    }
    text.push_str("  help: `grid.voll_usd_per_mwh` gives unserved load a price");
    Outcome::Input(text)
}

fn summary(network: &Network, answer: &Answer, seconds: f64) -> Value {
    json!({
        "objective_usd": answer.objective_usd(network),
        "co2_t": network.hours_weight * answer.co2_t(network),
        "unserved_mwh": network.hours_weight * answer.unserved_mwh(),
        "hours": network.hours,
        "seconds": seconds,
        "method": answer.methods.join(" + "),
        "approximate": answer.approximate,
    })
}

/// A table as text.
struct Sheet(String);

impl Sheet {
    fn new(header: &str) -> Sheet {
        Sheet(format!("{header}\n"))
    }

    /// Numbers are written so that they read back to the same bits; −0 is written as 0.
    fn row(&mut self, names: &[&dyn Display], numbers: &[f64]) {
        let mut is_first = true;
        for name in names {
            let comma = if is_first { "" } else { "," };
            let _ = write!(self.0, "{comma}{name}");
            is_first = false;
        }
        for number in numbers {
            let _ = write!(self.0, ",{}", number + 0.0);
        }
        self.0.push('\n');
    }
}

/// Every table by the name of its file.
fn tables(network: &Network, answer: &Answer) -> Vec<(&'static str, String)> {
    let mut dispatch = Sheet::new("hour,region,unit,mw");
    let mut prices = Sheet::new(
        "hour,region,price_low_usd_per_mwh,price_high_usd_per_mwh,reserve_price_usd_per_mwh",
    );
    let mut flows = Sheet::new("hour,corridor,mw");
    let mut storage = Sheet::new("hour,region,unit,charge_mw,discharge_mw,level_mwh");
    let mut emissions = Sheet::new("hour,region,co2_t,marginal_co2_t_per_mwh,water_m3");
    for hour in 0..network.hours {
        let region = |at: usize| &network.regions[at].name;
        for (unit, output) in network.units.iter().zip(&answer.output_mw) {
            dispatch.row(&[&hour, region(unit.region), &unit.name], &[output[hour]]);
        }
        for (at, place) in network.regions.iter().enumerate() {
            let unserved = answer.unserved_mw[at][hour];
            dispatch.row(&[&hour, &place.name, &"unserved"], &[unserved]);
            let low = answer.price_low_usd_per_mwh[at][hour];
            let high = answer.price_high_usd_per_mwh[at][hour];
            let reserve = answer.reserve_price_usd_per_mwh[at][hour];
            prices.row(&[&hour, &place.name], &[low, high, reserve]);
            let (co2, water) = answer.burden(network, at, hour);
            let marginal = answer.co2_marginal_t_per_mwh[at][hour];
            emissions.row(&[&hour, &place.name], &[co2, marginal, water]);
        }
        for (corridor, flow) in network.corridors.iter().zip(&answer.flow_mw) {
            flows.row(&[&hour, &corridor.name], &[flow[hour]]);
        }
        for (at, store) in network.stores.iter().enumerate() {
            let charge = answer.charge_mw[at][hour];
            let discharge = answer.discharge_mw[at][hour];
            let numbers = [charge, discharge, answer.level_mwh[at][hour]];
            storage.row(&[&hour, region(store.region), &store.name], &numbers);
        }
    }
    let mut files = vec![
        ("dispatch.csv", dispatch.0),
        ("prices.csv", prices.0),
        ("flows.csv", flows.0),
        ("storage.csv", storage.0),
        ("emissions.csv", emissions.0),
    ];
    files.extend(built(network, answer).map(|sheet| (BUILT, sheet.0)));
    files
}

/// New capacity, where any was asked for.
fn built(network: &Network, answer: &Answer) -> Option<Sheet> {
    let mut build = Sheet::new("region,unit,capacity_mw,rent_usd_per_mw");
    for (at, unit) in network.units.iter().enumerate() {
        if unit.build.is_some() {
            let numbers = [answer.built_mw[at], answer.rent_usd_per_mw[at]];
            build.row(&[&network.regions[unit.region].name, &unit.name], &numbers);
        }
    }
    let is_asked = network.units.iter().any(|unit| unit.build.is_some());
    is_asked.then_some(build)
}
