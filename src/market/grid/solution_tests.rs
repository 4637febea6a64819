//! A week's saved inputs, asked again as a file of `solve dispatch`.

use std::fmt::Write as _;

use super::*;
use crate::kernels::{Level, Luck};
use crate::market::grid::case::compile;
use crate::market::grid::dispatch::{Cleared, HOURS, Hours, clear};
use crate::scenario::Decode;
use crate::scenario::load::{load_surveyed_as, load_text_as};
use crate::scenario::solve::dispatch::{DispatchCase, Survey};
use crate::scenario::types::Scenario;

fn model() -> Model {
    let luck = Luck {
        seed: 7,
        draw: 0,
        luck: 0,
    };
    let text = "question: What does power cost?\nbase: catalog/2025-11.yaml\n";
    let loaded = load_text_as::<Scenario>("grid", text, &[], |_| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    Model::compile(&loaded.scenario(None), luck)
}

/// A power of two above every capacity: shares of it keep all bits.
fn scale(capacity: &Hours) -> f64 {
    let mut scale = 1.0;
    while capacity.iter().any(|mw| *mw > scale) {
        scale *= 2.0;
    }
    scale
}

/// Writes a week's load and blocks as a file and its CSV file.
fn save(buffers: &Buffers, cap: f64, folder: &std::path::Path) -> std::path::PathBuf {
    let (stack, mut names) = (&buffers.stack, "hour,load".to_owned());
    let mut text = format!(
        "grid:\n  voll_usd_per_mwh: {cap}\n  regions:\n    A:\n      load_mw: {{ csv: week.csv, \
         column: load }}\n      generators:\n"
    );
    for (at, block) in stack.blocks.iter().enumerate() {
        let _ = write!(names, ",b{at:03}");
        let (capacity, cost) = (scale(&stack.capacity_mw[at]), block.cost_usd_per_mwh);
        let _ = writeln!(
            text,
            "        b{at:03}: {{ capacity_mw: {capacity}, marginal_cost_usd_per_mwh: {cost}, \
             availability: {{ csv: week.csv, column: b{at:03} }} }}"
        );
    }
    let mut table = format!("{names}\n");
    for hour in 0..HOURS {
        let _ = write!(table, "{hour},{}", buffers.load_mw[hour]);
        for at in 0..stack.blocks.len() {
            let column = &stack.capacity_mw[at];
            let _ = write!(table, ",{}", column[hour] / scale(column));
        }
        table.push('\n');
    }
    std::fs::write(folder.join("week.csv"), table).expect("a folder for tests");
    let file = folder.join("week.yaml");
    std::fs::write(&file, text).expect("a folder for tests");
    file
}

#[test]
fn a_saved_week_returns_its_bits() {
    let model = model();
    let folder = format!("wattflop-week-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).expect("a folder for tests");
    let mut grid = Grid::open(&model, &mut Books::new(&model.accounts));
    let (conditions, mut scratch) = (Conditions::calm(&model), GridScratch::default());
    let load = ComputeLoad {
        operator_it_mw: 900.0,
        value_usd_per_mwh: 1_400.0,
        ..ComputeLoad::default()
    };
    let loads = vec![load; model.names.regions.len()];
    // The buffers keep the region that was cleared last.
    let (id, region) = model.grid.regions.iter().last().expect("a region");
    let mut priced = 0;
    for number in [0, 3, 30] {
        let week = Week {
            number,
            model: &model,
        };
        let cleared = grid.clear(&week, &conditions, &loads, &mut scratch);
        cleared.unwrap_or_else(|fault| panic!("{fault}"));
        let file = save(&scratch.buffers, region.price_cap_usd_per_mwh, &folder);
        let mut survey = Survey::default();
        let loaded = load_surveyed_as::<DispatchCase>(
            &file,
            &[],
            |_| Vec::new(),
            &mut |tree, texts, problems| survey.read(&file, tree, texts, problems),
        );
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        let network = compile(&DispatchCase::decode(&loaded.tree), &survey);
        let answer = solution::clear(&network).expect("load may be shed");
        let week = &scratch.buffers.cleared;
        // Prices of the order itself: scarcity and bids of the region come on top in the week.
        let mut bare = Cleared::default();
        let (stack, load) = (&scratch.buffers.stack, &scratch.buffers.load_mw);
        clear(
            Level::chosen(),
            stack,
            load,
            region.price_cap_usd_per_mwh,
            &mut bare,
        );
        for hour in 0..HOURS {
            let unserved = answer.unserved_mw[0][hour];
            assert_eq!(
                unserved.to_bits(),
                week.unserved_mw[hour].to_bits(),
                "{id:?} {hour}"
            );
            for (unit, output) in network.units.iter().zip(&answer.output_mw) {
                let at: usize = unit.name[1..].parse().expect("the name of a block");
                let found = output[hour].to_bits();
                assert_eq!(
                    found,
                    week.output_mw[at][hour].to_bits(),
                    "{id:?} {hour} {at}"
                );
            }
            let high = answer.price_high_usd_per_mwh[0][hour];
            assert_eq!(high.to_bits(), bare.price_usd_per_mwh[hour].to_bits());
            priced += usize::from(high > 0.0);
        }
    }
    assert!(priced > HOURS, "weeks with prices");
}
