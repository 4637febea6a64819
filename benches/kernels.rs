//! Rows per second of the supply sweep at every SIMD level, normals, choice.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Instant;
use wattflop::kernels::choice::{self, Menu, Nodes};
use wattflop::kernels::supply::{self, Rows, Seconds, Terms, Totals, Venue};
use wattflop::kernels::supply::{ABSENT, IDLE, NO_SEAT, ONLINE};
use wattflop::kernels::{Level, Luck, random::philox};

const CELLS: usize = 84;
const CELL_ROWS: usize = 1184;

/// Columns of all cells, one after another, as the week stores them.
struct Population {
    efficiency: Vec<f32>,
    tariff_ratio: Vec<f32>,
    opportunity: Vec<f32>,
    reliability: Vec<f32>,
    count: Vec<u32>,
    mode: Vec<u8>,
    patience: Vec<u8>,
    seat: Vec<u8>,
    belief: Vec<f32>,
    detection: Vec<f32>,
    staked: Vec<f64>,
    held: Vec<f64>,
    second: Vec<u8>,
    second_staked: Vec<f64>,
}

impl Population {
    fn new() -> Self {
        let rows = CELLS * CELL_ROWS;
        let words = Vec::from_iter((0..rows).map(|row| philox([row as u32, 0, 0, 0], [1, 2])));
        let share = |word: u32| word as f32 / 4_294_967_296.0;
        let column = |at: usize, low: f32, width: f32| {
            Vec::from_iter(words.iter().map(|row| low + width * share(row[at])))
        };
        Population {
            efficiency: column(0, 0.8, 0.4),
            tariff_ratio: column(1, 0.7, 0.6),
            opportunity: column(2, 0.0, 0.1),
            reliability: column(3, 0.9, 0.1),
            count: Vec::from_iter(words.iter().map(|row| 1 + row[0] % 8)),
            mode: Vec::from_iter(words.iter().map(|row| match row[1] % 4 {
                0 => ABSENT,
                1 => IDLE,
                _ => ONLINE + (row[2] % 3) as u8,
            })),
            patience: vec![0; rows],
            seat: Vec::from_iter(words.iter().map(|row| match row[1] % 4 {
                0 | 1 => NO_SEAT,
                _ => (row[2] % 3) as u8,
            })),
            belief: vec![0.05; rows],
            detection: vec![0.1; rows],
            staked: vec![1000.0; rows],
            held: vec![500.0; rows],
            second: vec![NO_SEAT; rows],
            second_staked: vec![0.0; rows],
        }
    }

    fn cell(&mut self, cell: usize) -> Rows<'_> {
        let range = cell * CELL_ROWS..(cell + 1) * CELL_ROWS;
        Rows {
            luck_rows: CELL_ROWS,
            efficiency: &self.efficiency[range.clone()],
            tariff_ratio: &self.tariff_ratio[range.clone()],
            opportunity_usd_per_h: &self.opportunity[range.clone()],
            reliability: &self.reliability[range.clone()],
            count: &self.count[range.clone()],
            mode: &mut self.mode[range.clone()],
            patience_weeks: &mut self.patience[range.clone()],
            seat: &mut self.seat[range.clone()],
            belief_usd_per_h: &mut self.belief[range.clone()],
            detection_belief: &mut self.detection[range.clone()],
            staked_quanta: &mut self.staked[range.clone()],
            held_quanta: &mut self.held[range.clone()],
            second: Some(Seconds {
                seat: &mut self.second[range.clone()],
                staked_quanta: &mut self.second_staked[range],
            }),
        }
    }
}

/// All mechanisms on: two token networks with checks and stakes, a marketplace that pays USD and
/// whose owners list idle hours in them.
fn terms() -> Terms {
    let token = Venue {
        open: true,
        pay_usd_per_h: 0.32,
        stake_cost_usd_per_h: 0.01,
        stake_quanta_per_device: 1000.0,
        credit_quanta_per_device: 77.7,
        sell_share: 0.5,
        cheat_saving_usd_per_h: 0.03,
        cheat_penalty_usd_per_h: 0.1,
        detection_probability: 0.05,
        slash_share: 0.3,
        detection_gain: 0.1,
        lists_idle: true,
        busy_kw: 0.3,
        ..Venue::default()
    };
    let dollars = Venue {
        open: true,
        pay_usd_per_h: 0.31,
        lent_share: 0.3,
        lent_before: 0.3,
        ..Venue::default()
    };
    Terms {
        power_kw: 0.6,
        tariff_usd_per_kwh: 0.15,
        opex_usd_per_h: 0.02,
        noise_sigma: 0.15,
        belief_gain: 0.2,
        review_hazard: 0.15,
        join_margin_usd_per_h: 0.06,
        exit_margin_usd_per_h: 0.05,
        patience_limit_weeks: 4,
        switch_margin_usd_per_h: 0.05,
        second_cost_factor: 0.5,
        buy_margin_usd_per_h: 0.3,
        buy_spread: 0.5,
        bin_floor_usd_per_h: 0.01,
        venues: [token, token, dollars, Venue::default()],
    }
}

/// One week of all cells.
fn week(level: Level, population: &mut Population, week: u32) {
    let stream = Luck {
        seed: 1,
        draw: 0,
        luck: 0,
    }
    .stream("supply", "cell");
    let mut totals = Totals::default();
    for cell in 0..CELLS {
        supply::sweep(
            level,
            population.cell(cell),
            &terms(),
            (stream, week),
            &mut totals,
        );
        black_box(&totals);
    }
}

fn sweep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("supply");
    group.throughput(Throughput::Elements((CELLS * CELL_ROWS) as u64));
    group.sample_size(30);
    for (name, level) in Level::available() {
        let mut population = Population::new();
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                week(level, &mut population, number);
                number += 1;
            });
        });
    }
    group.finish();
    floor();
}

/// Below 4 times the scalar loop something is no longer inlined: AVX2 and AVX-512 must beat it.
fn floor() {
    let rows = (CELLS * CELL_ROWS) as f64;
    let mut scalar = f64::INFINITY;
    for (name, level) in Level::available() {
        let mut population = Population::new();
        let mut best = f64::INFINITY;
        for number in 0..100 {
            let start = Instant::now();
            week(level, &mut population, number);
            let seconds = start.elapsed().as_secs_f64();
            best = if seconds < best { seconds } else { best };
        }
        if name == "scalar" {
            scalar = best;
        }
        let ratio = scalar / best;
        println!(
            "{name}: best {:.1} M rows/s, {ratio:.1} times scalar",
            rows / best / 1e6
        );
        assert!(
            ratio >= 4.0 || !name.starts_with("avx"),
            "{name} is only {ratio:.1} times scalar"
        );
    }
}

fn normals(criterion: &mut Criterion) {
    let stream = Luck {
        seed: 1,
        draw: 0,
        luck: 0,
    }
    .stream("weather", "nordic");
    let mut out = vec![0.0; 168 * 30];
    let mut group = criterion.benchmark_group("normals");
    group.throughput(Throughput::Elements(out.len() as u64));
    group.bench_function("hourly", |bencher| {
        bencher.iter(|| stream.normals(black_box(3), &mut out));
    });
    group.finish();
}

/// 1,000 buyers × 40 offers in five nests.
fn choose(criterion: &mut Criterion) {
    const OFFERS: usize = 40;
    const BUYERS: usize = 1000;
    let share = |row: usize| philox([row as u32, 0, 0, 0], [5, 6])[0] as f64 / 4_294_967_296.0;
    let utility = Vec::from_iter((0..OFFERS).map(share));
    let price = Vec::from_iter((0..OFFERS).map(|offer| 1.0 + share(offer + 100)));
    let nest = Vec::from_iter((0..OFFERS).map(|offer| (offer / 8) as u8));
    let slope = Vec::from_iter((0..BUYERS).map(|node| -0.5 - 2.0 * share(node)));
    let rho = [0.3; OFFERS / 8];
    let menu = Menu {
        utility: &utility,
        price: &price,
        nest: &nest,
        rho: &rho,
    };
    let nodes = Nodes {
        weight: &[1e-3; BUYERS],
        price_coefficient: &slope,
        feasible: &[u64::MAX; BUYERS],
        outside_utility: &[0.0; BUYERS],
        taste: &[],
    };
    let mut shares = vec![0.0; OFFERS];
    let mut group = criterion.benchmark_group("choice");
    group.throughput(Throughput::Elements((OFFERS * BUYERS) as u64));
    for (name, level) in Level::available() {
        group.bench_function(name, |bencher| {
            bencher.iter(|| choice::shares(level, black_box(&menu), &nodes, &mut shares));
        });
    }
    group.finish();
}

criterion_group!(kernels, sweep, normals, choose);
criterion_main!(kernels);
