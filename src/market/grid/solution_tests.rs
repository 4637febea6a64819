//! A week's saved inputs, asked again as a file of `solve dispatch`: lone regions, pairs, clusters.

use std::fmt::Write as _;

use super::grid_tests::model;
use super::*;
use crate::market::grid::case::compile;
use crate::market::grid::dispatch::{Cleared, HOURS, Hours, add_scarcity};
use crate::market::grid::network::{Answer, Network};
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

/// A week's loads, blocks and corridors as the text of a file.
fn saved(model: &GridModel, cluster: &ClusterModel, members: &[Buffers]) -> String {
    let cap = model.regions[cluster.regions[0]].price_cap_usd_per_mwh;
    let mut text = format!("grid:\n  voll_usd_per_mwh: {cap}\n  regions:\n");
    for (id, buffers) in cluster.regions.iter().zip(members) {
        let _ = writeln!(text, "    {}:", model.regions[*id].name);
        let _ = writeln!(text, "      load_mw: {:?}", buffers.load_mw);
        text.push_str("      generators:\n");
        for (at, block) in buffers.stack.blocks.iter().enumerate() {
            let column = &buffers.stack.capacity_mw[at];
            let (capacity, cost) = (scale(column), block.cost_usd_per_mwh);
            let shares = column.map(|mw| mw / capacity);
            let _ = writeln!(
                text,
                "        b{at:03}: {{ capacity_mw: {capacity}, marginal_cost_usd_per_mwh: {cost}, \
                 availability: {shares:?} }}"
            );
        }
    }
    if !cluster.corridors.is_empty() {
        text.push_str("  corridors:\n");
    }
    for at in &cluster.corridors {
        let corridor = &model.corridors[*at];
        let end = |id: RegionId| &model.regions[id].name;
        let _ = writeln!(
            text,
            "    {}: {{ from: {}, to: {}, capacity_mw: {}, reverse_capacity_mw: {} }}",
            corridor.name,
            end(corridor.from),
            end(corridor.to),
            corridor.forward_mw,
            corridor.reverse_mw
        );
    }
    text
}

/// Asks a saved week.
fn asked(text: &str) -> (Network, Answer) {
    let loaded = load_text_as::<DispatchCase>("week", text, &[], |_| Vec::new());
    let mut loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let (mut survey, mut problems) = (Survey::default(), Vec::new());
    let nowhere = std::path::Path::new("week");
    survey.read(nowhere, &loaded.tree, &mut loaded.texts, &mut problems);
    assert!(problems.is_empty(), "{}", problems.len());
    let network = compile(&DispatchCase::decode(&loaded.tree), &survey);
    let answer = solution::clear(&network).expect("load may be shed");
    (network, answer)
}

/// The answer's prices with the scarcity rule of a region on the week's reserve.
fn with_scarcity(model: &GridModel, id: RegionId, high: &[f64], week: &Buffers) -> Hours {
    let mut priced = Cleared {
        price_usd_per_mwh: std::array::from_fn(|hour| high[hour]),
        reserve_mw: week.cleared.reserve_mw,
        ..Cleared::default()
    };
    let cap = model.regions[id].price_cap_usd_per_mwh;
    let rule = region_week::scarcity(&model.rules.scarcity, cap, week.peak_mw());
    add_scarcity(crate::kernels::Level::chosen(), rule, &mut priced);
    priced.price_usd_per_mwh
}

/// Hours in which the saved week of the last cluster is scarce and in which its prices differ.
fn same_bits(model: &Model, scratch: &GridScratch) -> (usize, usize) {
    let grid = &model.grid;
    let cluster = grid.clusters.last().expect("a cluster");
    let members = &scratch.buffers[..cluster.regions.len()];
    let (network, answer) = asked(&saved(grid, cluster, members));
    let (mut scarce, mut apart) = (0, 0);
    for (place, (id, week)) in cluster.regions.iter().zip(members).enumerate() {
        let high = &answer.price_high_usd_per_mwh[place];
        let price = with_scarcity(grid, *id, high, week);
        for hour in 0..HOURS {
            let cleared = &week.cleared;
            let unserved = answer.unserved_mw[place][hour];
            assert_eq!(unserved.to_bits(), cleared.unserved_mw[hour].to_bits());
            let (found, known) = (price[hour], cleared.price_usd_per_mwh[hour]);
            assert_eq!(
                found.to_bits(),
                known.to_bits(),
                "{id:?} {hour} {found} {known}"
            );
            scarce += usize::from(found > high[hour]);
            apart += usize::from(high[hour] != answer.price_high_usd_per_mwh[0][hour]);
        }
        for (unit, output) in network.units.iter().zip(&answer.output_mw) {
            if unit.region == place {
                let at: usize = unit.name[1..].parse().expect("the name of a block");
                let known = week.cleared.output_mw[at].map(f64::to_bits);
                let found: Vec<u64> = output.iter().map(|mw| mw.to_bits()).collect();
                assert!(found == known, "{id:?} {at}");
            }
        }
    }
    for (flow, known) in answer.flow_mw.iter().zip(&scratch.trading.flow_mw) {
        let found: Vec<u64> = flow.iter().map(|mw| mw.to_bits()).collect();
        assert!(found == known.map(f64::to_bits), "flows");
    }
    (scarce, apart)
}

/// Weeks of a model in which one cluster is cleared last; plants shrink, so that some are scarce.
fn weeks(mut model: Model, members: &[&str], shrink: f64) -> (usize, usize) {
    let ids: Vec<RegionId> = members
        .iter()
        .map(|name| model.names.regions.id(name))
        .collect();
    let clusters = &mut model.grid.clusters;
    let at = clusters.iter().position(|cluster| cluster.regions == ids);
    let last = clusters.remove(at.expect("a cluster of these regions"));
    clusters.push(last);
    let mut grid = Grid::open(&model, &mut Books::new(&model.accounts));
    for id in ids {
        for capacity in &mut grid.fleets.capacity_mw[model.grid.regions[id].fleets.clone()] {
            *capacity *= shrink;
        }
    }
    let (conditions, mut scratch) = (Conditions::calm(&model), GridScratch::default());
    let load = ComputeLoad {
        operator_it_mw: 900.0,
        value_usd_per_mwh: 1_400.0,
        ..ComputeLoad::default()
    };
    let loads = vec![load; model.names.regions.len()];
    let (mut scarce, mut apart) = (0, 0);
    for number in [0, 3, 30] {
        let week = Week {
            number,
            model: &model,
        };
        let cleared = grid.clear(&week, &conditions, &loads, &mut scratch);
        cleared.unwrap_or_else(|fault| panic!("{fault}"));
        let found = same_bits(&model, &scratch);
        (scarce, apart) = (scarce + found.0, apart + found.1);
    }
    (scarce, apart)
}

#[test]
fn a_saved_week_of_a_lone_region_returns_its_bits() {
    let (scarce, _) = weeks(model(), &["brazil"], 0.75);
    assert!(scarce > 0, "weeks with a scarcity adder");
}

#[test]
fn a_saved_week_of_a_pair_returns_its_bits() {
    let (scarce, apart) = weeks(model(), &["us_midwest", "us_virginia"], 0.85);
    assert!(scarce > 0 && apart > 0, "{scarce} {apart}");
}

#[test]
fn a_saved_week_of_a_cluster_returns_its_bits() {
    let mut scenario = super::grid_tests::scenario();
    let mut line = scenario.corridors["lake_seam"].clone();
    (line.from, line.to) = ("us_virginia".to_owned(), "us_southeast".to_owned());
    scenario.corridors.insert("south".to_owned(), line);
    let model = super::grid_tests::compiled(&scenario);
    let (scarce, apart) = weeks(model, &["us_midwest", "us_southeast", "us_virginia"], 0.85);
    assert!(scarce > 0 && apart > 0, "{scarce} {apart}");
}
