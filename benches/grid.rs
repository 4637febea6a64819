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
use wattflop::market::grid::pair::{self, Joint, Pair};
use wattflop::market::grid::solution;
use wattflop::market::grid::transport::{Exchange, Line};
use wattflop::market::grid::{Grid, GridScratch};
use wattflop::market::model::Model;
use wattflop::market::week::Week;
use wattflop::scenario::load::load_text_as;
use wattflop::scenario::types::{Scenario, StorageRule};

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

/// A pair in closed form: 168 hours of two regions with 16 blocks each.
fn pair_hours(criterion: &mut Criterion) {
    let stack = |side: usize| {
        let mut stack = Stack::default();
        for step in 0..16 {
            let block = Block {
                cost_usd_per_mwh: 80.0 * noise(side * 16 + step),
                co2_t_per_mwh: 0.4,
                water_m3_per_mwh: 1.0,
                owner: Owner::Fleet(0),
            };
            stack.push(block).fill(1_000.0);
        }
        stack.sort();
        stack
    };
    let stacks = [stack(0), stack(1)];
    let load = |side: usize| -> [f64; HOURS] {
        std::array::from_fn(|hour| 7_000.0 + 6_000.0 * noise(hour * 11 + side))
    };
    let loads = [load(0), load(1)];
    let (mut joint, mut out) = (Joint::default(), [Cleared::default(), Cleared::default()]);
    for (name, level) in Level::available() {
        criterion.bench_function(&format!("168 h x a pair of 16 blocks, {name}"), |bencher| {
            bencher.iter(|| {
                let case = Pair {
                    stacks: [&stacks[0], &stacks[1]],
                    load_mw: [black_box(&loads[0]), black_box(&loads[1])],
                    forward_mw: 1_500.0,
                    reverse_mw: 1_200.0,
                    cap_usd_per_mwh: 5_000.0,
                };
                pair::clear(level, case, &mut joint, out.each_mut());
                joint.flow_mw[3]
            });
        });
    }
}

fn catalogue() -> Scenario {
    let text = "question: How fast are grids?\nbase: catalog/2025-11.yaml\n";
    let loaded = load_text_as::<Scenario>("grid", text, &[], |_| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    loaded.scenario(None)
}

/// A chain of eight regions beside the pairs: the cluster of eight.
fn eight(scenario: &mut Scenario) {
    let line = scenario.corridors["lake_seam"].clone();
    let chain = [
        "us_virginia",
        "us_southeast",
        "us_texas",
        "us_california",
        "ireland",
        "germany",
    ];
    for pair in chain.windows(2) {
        let mut line = line.clone();
        (line.from, line.to) = (pair[0].to_owned(), pair[1].to_owned());
        scenario.corridors.insert(pair.join("_"), line);
    }
    // The Nordics and the North-West hang on by their own corridors: nine with the Midwest.
    scenario.corridors.remove("nordlink");
}

/// All regions of the shipped catalogue, weather to tariffs.
fn week(criterion: &mut Criterion) {
    let mut lone = catalogue();
    lone.corridors.clear();
    let pairs = catalogue();
    let mut cluster = catalogue();
    eight(&mut cluster);
    let mut exact = cluster.clone();
    exact.grid.storage = StorageRule::Exact;
    for (name, scenario) in [
        ("a week of lone regions", lone),
        ("a week of lone regions and pairs, threshold storage", pairs),
        ("a week with a cluster of eight, threshold storage", cluster),
        ("a week with a cluster of eight, exact storage", exact),
    ] {
        week_of(criterion, name, &scenario);
    }
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let model = Model::compile(&catalogue(), luck);
    criterion.bench_function("opening of all grids", |bencher| {
        bencher.iter(|| Grid::open(&model, &mut Books::new(&model.accounts)));
    });
}

fn week_of(criterion: &mut Criterion, name: &str, scenario: &Scenario) {
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let model = Model::compile(scenario, luck);
    let largest = model
        .grid
        .clusters
        .iter()
        .map(|cluster| cluster.regions.len());
    println!(
        "{name}: the largest cluster has {} regions",
        largest.max().unwrap_or(0)
    );
    let mut grid = Grid::open(&model, &mut Books::new(&model.accounts));
    let (conditions, mut scratch) = (Conditions::calm(&model), GridScratch::default());
    let load = ComputeLoad {
        operator_it_mw: 500.0,
        value_usd_per_mwh: 1_400.0,
        ..ComputeLoad::default()
    };
    let loads = vec![load; model.names.regions.len()];
    let mut number = 0;
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let now = Week {
                number: number % 520,
                model: &model,
            };
            number += 1;
            grid.clear(&now, &conditions, &loads, &mut scratch)
        });
    });
}

criterion_group!(
    benches,
    merit_order,
    bare_merit_order,
    pair_hours,
    transport,
    stores,
    week
);
criterion_main!(benches);
