//! Speed of power: a lone region's merit order, and the week of all grids as the week calls it.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use wattflop::kernels::{Level, Luck};
use wattflop::market::books::Books;
use wattflop::market::clearing::ComputeLoad;
use wattflop::market::conditions::Conditions;
use wattflop::market::grid::dispatch::{Block, Cleared, HOURS, Owner, Scarcity, Stack};
use wattflop::market::grid::dispatch::{add_scarcity, clear};
use wattflop::market::grid::network::{Corridor, Network, Region, Store, Unit};
use wattflop::market::grid::solution;
use wattflop::market::grid::transport::{Exchange, Line};
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

/// The order alone, as the exact clearing of a lone region needs it.
fn bare_merit_order(criterion: &mut Criterion) {
    let mut stack = Stack::default();
    for step in 0..16 {
        let block = Block {
            cost_usd_per_mwh: f64::from(step) * 5.0,
            co2_t_per_mwh: 0.4,
            water_m3_per_mwh: 1.0,
            owner: Owner::Fleet(0),
        };
        stack.push(block).fill(1_000.0);
    }
    stack.sort();
    let load = std::array::from_fn(|hour| 9_000.0 + 35.0 * ((hour * 29) % HOURS) as f64);
    let mut out = Cleared::default();
    criterion.bench_function("168 h x 16 blocks without scarcity", |bencher| {
        bencher.iter(|| {
            clear(
                Level::best(),
                black_box(&stack),
                black_box(&load),
                5_000.0,
                &mut out,
            );
            out.price_usd_per_mwh[0]
        });
    });
}

/// A number in 0..1 that looks like chance.
fn noise(index: usize) -> f64 {
    ((index * 7_919 + 104_729) % 10_007) as f64 / 10_007.0
}

/// Corridors of the ring of eight regions and two across.
const LINES: [(usize, usize); 10] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (4, 5),
    (5, 6),
    (6, 7),
    (7, 0),
    (0, 4),
    (2, 6),
];

/// Eight regions, 80 blocks, 10 corridors: one hour of exact transport, 168 hours in turn.
fn transport(criterion: &mut Criterion) {
    let mut costs = Vec::new();
    for region in 0..8 {
        let mut own: Vec<f64> = (0..9).map(|at| 80.0 * noise(region * 9 + at)).collect();
        own.sort_by(f64::total_cmp);
        costs.extend(own);
        costs.push(5_000.0);
    }
    let lines = LINES.map(|(from, to)| Line {
        from,
        to,
        forward_mw: 1_500.0,
        reverse_mw: 1_200.0,
    });
    let starts = (0..=8).map(|region| region * 10).collect();
    let mut exchange = Exchange::new(starts, costs, lines.to_vec());
    let mut hour = 0;
    criterion.bench_function("an hour of 8 regions, 80 blocks, 10 corridors", |bencher| {
        bencher.iter(|| {
            hour = (hour + 1) % HOURS;
            for (at, capacity) in exchange.capacity_mw.iter_mut().enumerate() {
                let is_last = at % 10 == 9;
                let share = noise(hour * 83 + at);
                *capacity = if is_last {
                    f64::INFINITY
                } else {
                    2_500.0 * share
                };
            }
            for (region, load) in exchange.load_mw.iter_mut().enumerate() {
                *load = 7_000.0 + 4_000.0 * noise(hour * 11 + region);
            }
            exchange.clear().expect("trades end");
            exchange.margin(black_box(3)).high_usd_per_mwh
        });
    });
}

/// A week of eight regions with a store each, over all hours at once.
fn stores(criterion: &mut Criterion) {
    let mut network = Network {
        hours: HOURS,
        hours_weight: 1.0,
        voll_usd_per_mwh: Some(5_000.0),
        ..Network::default()
    };
    for region in 0..8 {
        let load = (0..HOURS).map(|hour| 7_000.0 + 4_000.0 * noise(hour * 11 + region));
        network.regions.push(Region {
            name: region.to_string(),
            load_mw: load.collect(),
        });
        for block in 0..9 {
            let share = (0..HOURS).map(|hour| noise(hour * 83 + region * 10 + block));
            network.units.push(Unit {
                name: block.to_string(),
                region,
                capacity_mw: 2_500.0,
                availability_share: share.collect(),
                cost_usd_per_mwh: 80.0 * noise(region * 9 + block),
                co2_t_per_mwh: 0.4,
                water_m3_per_mwh: 1.0,
                build: None,
            });
        }
        network.stores.push(Store {
            name: "store".to_owned(),
            region,
            power_mw: 1_000.0,
            energy_mwh: 4_000.0,
            charge_efficiency: 0.95,
            discharge_efficiency: 0.95,
            cost_usd_per_mwh: 0.2,
            initial_mwh: None,
        });
    }
    for (from, to) in LINES {
        network.corridors.push(Corridor {
            name: format!("{from}_{to}"),
            from,
            to,
            forward_mw: 1_500.0,
            reverse_mw: 1_200.0,
        });
    }
    let mut group = criterion.benchmark_group("horizon");
    group.sample_size(10);
    group.bench_function("a week of 8 regions with stores", |bencher| {
        bencher.iter(|| solution::clear(black_box(&network)).expect("load is shed"));
    });
    group.finish();
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

criterion_group!(
    benches,
    merit_order,
    bare_merit_order,
    transport,
    stores,
    week
);
criterion_main!(benches);
