//! Speed of power: a lone region's merit order, and the week of all grids as the week calls it.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use wattflop::kernels::{Level, Luck};
use wattflop::market::books::Books;
use wattflop::market::clearing::ComputeLoad;
use wattflop::market::conditions::Conditions;
use wattflop::market::grid::dispatch::{Block, Cleared, HOURS, Owner, Scarcity, Stack};
use wattflop::market::grid::dispatch::{add_scarcity, clear};
use wattflop::market::grid::{Grid, GridScratch};
use wattflop::market::model::Model;
use wattflop::market::week::Week;
use wattflop::scenario::load::load_text_as;
use wattflop::scenario::types::Scenario;

/// Sixteen blocks, 168 hours: divide the time by 168 for nanoseconds per region-hour.
fn merit_order(criterion: &mut Criterion) {
    let mut stack = Stack::default();
    for step in 0..16 {
        let block = Block {
            cost_usd_per_mwh: f64::from(step * 7 % 16) * 5.0,
            co2_t_per_mwh: 0.4,
            water_m3_per_mwh: 1.0,
            owner: Owner::Fleet(0),
        };
        for (hour, capacity) in stack.push(block).iter_mut().enumerate() {
            *capacity = 1_000.0 + (hour * 37 % 101) as f64;
        }
    }
    stack.sort();
    let load = std::array::from_fn(|hour| 9_000.0 + 50.0 * ((hour * 29) % HOURS) as f64);
    let scarcity = Scarcity {
        cap_usd_per_mwh: 5_000.0,
        minimum_mw: 500.0,
        error_mw: 300.0,
    };
    let mut out = Cleared::default();
    for (name, level) in Level::available() {
        criterion.bench_function(&format!("168 h x 16 blocks, {name}"), |bencher| {
            bencher.iter(|| {
                clear(
                    level,
                    black_box(&stack),
                    black_box(&load),
                    5_000.0,
                    &mut out,
                );
                add_scarcity(level, scarcity, &mut out);
                out.price_usd_per_mwh[0]
            });
        });
    }
}

/// All regions of the shipped catalogue, weather to tariffs.
fn week(criterion: &mut Criterion) {
    let text = "question: How fast are grids?\nbase: catalog/2025-11.yaml\n";
    let loaded = load_text_as::<Scenario>("grid", text, &[], |_| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let model = Model::compile(&loaded.scenario(None), luck);
    let mut grid = Grid::open(&model, &mut Books::new(&model.accounts));
    let (conditions, mut scratch) = (Conditions::calm(&model), GridScratch::default());
    let load = ComputeLoad {
        operator_it_mw: 500.0,
        value_usd_per_mwh: 1_400.0,
        ..ComputeLoad::default()
    };
    let loads = vec![load; model.names.regions.len()];
    let mut number = 0;
    criterion.bench_function("a week of all grids", |bencher| {
        bencher.iter(|| {
            let now = Week {
                number: number % 520,
                model: &model,
            };
            number += 1;
            grid.clear(&now, &conditions, &loads, &mut scratch)
        });
    });
    criterion.bench_function("opening of all grids", |bencher| {
        bencher.iter(|| Grid::open(&model, &mut Books::new(&model.accounts)));
    });
}

criterion_group!(benches, merit_order, week);
criterion_main!(benches);
