//! A week's saved inputs, asked again as a file of `solve dispatch`.

use std::fmt::Write as _;

use super::tests::model;
use super::*;
use crate::kernels::Level;
use crate::market::grid::case::compile;
use crate::market::grid::dispatch::{Cleared, HOURS, Hours, clear};
use crate::scenario::Decode;
use crate::scenario::load::load_text_as;
use crate::scenario::solve::dispatch::{DispatchCase, Survey};

/// A power of two above every capacity: shares of it keep all bits.
fn scale(capacity: &Hours) -> f64 {
    let mut scale = 1.0;
    while capacity.iter().any(|mw| *mw > scale) {
        scale *= 2.0;
    }
    scale
}

/// A week's load and blocks as the text of a file.
fn saved(buffers: &Buffers, cap: f64) -> String {
    let stack = &buffers.stack;
    let mut text = format!("grid:\n  voll_usd_per_mwh: {cap}\n  regions:\n    A:\n");
    let _ = writeln!(text, "      load_mw: {:?}", buffers.load_mw);
    text.push_str("      generators:\n");
    for (at, block) in stack.blocks.iter().enumerate() {
        let column = &stack.capacity_mw[at];
        let (capacity, cost) = (scale(column), block.cost_usd_per_mwh);
        let shares = column.map(|mw| mw / capacity);
        let _ = writeln!(
            text,
            "        b{at:03}: {{ capacity_mw: {capacity}, marginal_cost_usd_per_mwh: {cost}, \
             availability: {shares:?} }}"
        );
    }
    text
}

#[test]
fn a_saved_week_returns_its_bits() {
    let model = model();
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
        let text = saved(&scratch.buffers, region.price_cap_usd_per_mwh);
        let loaded = load_text_as::<DispatchCase>("week", &text, &[], |_| Vec::new());
        let mut loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        let (mut survey, mut problems) = (Survey::default(), Vec::new());
        let nowhere = std::path::Path::new("week");
        survey.read(nowhere, &loaded.tree, &mut loaded.texts, &mut problems);
        assert!(problems.is_empty(), "{}", problems.len());
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
