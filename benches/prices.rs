//! Speed of the equilibrium: ten products of five owners before 49 kinds of buyers, plain and
//! with full products. And of the weekly clearing: the baseline's thousand buyers before menus of
//! forty, reviews of lists included; it stops where a week takes longer than asked.

use criterion::{Criterion, criterion_group};
use std::cell::RefCell;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;
use wattflop::kernels::Luck;
use wattflop::market::clearing::choice::MENU;
use wattflop::market::equilibrium::{Conduct, Market, Rule, Stop, solve};
use wattflop::market::ids::Id;
use wattflop::market::model::Model;
use wattflop::market::scratch::{Meter, Scratch};
use wattflop::market::world::World;
use wattflop::market::{PHASES, Week, step};
use wattflop::scenario::load::load;

/// Gauss–Hermite rule of seven nodes for a standard normal: node ÷ √2, weight × √π.
const NODES: [(f64, f64); 7] = [
    (-2.651961356835233, 0.0009717812450995),
    (-1.673551628767471, 0.0545155828191270),
    (-0.816287882858965, 0.4256072526101278),
    (0.0, 0.8102646175568073),
    (0.816287882858965, 0.4256072526101278),
    (1.673551628767471, 0.0545155828191270),
    (2.651961356835233, 0.0009717812450995),
];

/// Price coefficients with sd 0.18 and tastes for reliability with sd 0.9, on the product rule.
fn market(capacity_h: f64) -> Market {
    let utility = [3.9, 3.3, 1.2, 3.7, 3.2, 3.5, 1.1, 2.6, 2.7, 0.4];
    let cost = [1.9, 1.7, 1.1, 1.95, 1.75, 1.8, 1.05, 1.45, 1.55, 0.7];
    let reliability = [1.0, 0.9, 0.3, 1.0, 0.9, 1.0, 0.3, 0.6, 0.6, 0.1];
    let pairs = || {
        NODES
            .iter()
            .flat_map(|a| NODES.iter().map(move |b| (*a, *b)))
    };
    let root = std::f64::consts::SQRT_2;
    let total: f64 = pairs().map(|(a, b)| a.1 * b.1).sum();
    let tastes: Vec<f64> = pairs().map(|(_, b)| 0.9 * root * b.0).collect();
    let base = utility.iter().zip(&reliability);
    Market {
        size_h: 1000.0,
        cost_usd_per_h: cost.to_vec(),
        external_usd_per_h: vec![0.0; 10],
        capacity_h: vec![capacity_h; 10],
        owner: vec![0, 0, 0, 1, 1, 2, 2, 3, 3, 4],
        nest: (0..10).collect(),
        rho: vec![0.0; 10],
        weight: pairs().map(|(a, b)| a.1 * b.1 / total).collect(),
        alpha: pairs().map(|(a, _)| -1.1 + 0.18 * root * a.0).collect(),
        base: base
            .flat_map(|(u, r)| tastes.iter().map(move |taste| u + r * taste))
            .collect(),
        profit_weight: (0..5).map(|owner| vec![(owner, 1.0)]).collect(),
    }
}

fn equilibrium(criterion: &mut Criterion) {
    let rule = Rule {
        tolerance: 1e-14,
        max_iterations: 10_000,
    };
    for (name, capacity_h) in [("open", f64::INFINITY), ("full", 70.0)] {
        let market = market(capacity_h);
        let found = solve(&market, Conduct::Nash, rule);
        assert_eq!(found.stop, Stop::Converged);
        criterion.bench_function(
            &format!("Nash, 10 products x 49 nodes, {name}"),
            |bencher| {
                bencher.iter(|| solve(black_box(&market), Conduct::Nash, rule));
            },
        );
    }
}

/// Weeks timed, runs of them (the machine is shared: each week counts with its least time), and
/// what the mean of a year and the worst week may take on one core.
const WEEKS: u32 = 260;
const RUNS: usize = 5;
const MEAN_MS: f64 = 1.0;
const WORST_MS: f64 = 5.0;
const BUYERS: usize = 1_000;

/// Seconds of clearing, week by week.
struct Watch {
    clearing: usize,
    since: Option<Instant>,
    spent: Rc<RefCell<Vec<f64>>>,
}

impl Meter for Watch {
    fn enter(&mut self, phase: usize) {
        if let Some(since) = self.since.take() {
            let seconds = since.elapsed().as_secs_f64();
            self.spent.borrow_mut().push(seconds);
        }
        self.since = (phase == self.clearing).then(Instant::now);
    }
}

/// How much is compared. A buyer is a point of the price tastes of one group (bound to its law
/// or not, private or not) of one population.
struct Size {
    buyers: usize,
    /// Offers that all of them look at.
    looks: usize,
    longest: usize,
}

/// One run; returns its size in the last week.
fn run(model: &Model, spent: &Rc<RefCell<Vec<f64>>>) -> Size {
    let clearing = PHASES.iter().position(|(name, _)| *name == "clearing");
    let watch = Watch {
        clearing: clearing.expect("a phase of clearing"),
        since: None,
        spent: Rc::clone(spent),
    };
    let mut world = World::open(model);
    let mut scratch = Scratch::new(false, Box::new(watch));
    for number in 0..WEEKS {
        let week = Week { number, model };
        step(&week, &mut world, &mut scratch).unwrap_or_else(|fault| panic!("{fault}"));
    }
    let (mut buyers, mut looks, mut longest) = (0, 0, 0);
    for (id, population) in model.demand.populations.iter() {
        let tastes = &model.demand.tastes[population.segment];
        let menu = world.market.menu_length[id.index()] as usize;
        let here = tastes.price_coefficient.len() * tastes.group.len();
        buyers += here;
        looks += here * menu;
        longest = longest.max(menu);
    }
    Size {
        buyers,
        looks,
        longest,
    }
}

/// The baseline's market with so many kinds of buyers in each population; ms of each week.
fn clearing(nodes: Option<u32>) -> (Size, Vec<f64>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.yaml");
    let sets: Vec<String> = nodes.iter().map(|n| format!("demand.nodes={n}")).collect();
    let loaded = load(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let model = Model::compile(&loaded.scenario(None), luck);
    let mut least = vec![f64::INFINITY; WEEKS as usize];
    let mut size = None;
    for _ in 0..RUNS {
        let spent = Rc::default();
        size = Some(run(&model, &spent));
        for (least, seconds) in least.iter_mut().zip(spent.borrow().iter()) {
            *least = least.min(seconds * 1e3);
        }
    }
    (size.expect("a run"), least)
}

/// Prints the times; whether they are within what is asked.
fn judge(name: &str, size: &Size, week_ms: &[f64]) -> bool {
    let years = week_ms
        .chunks(52)
        .map(|year| year.iter().sum::<f64>() / 52.0);
    let years: Vec<f64> = years.collect();
    let worst = week_ms.iter().fold(0.0, |most: f64, ms| most.max(*ms));
    let mean_menu = size.looks as f64 / size.buyers as f64;
    println!(
        "{name}: {} buyers, menus of {mean_menu:.1} on average and {} at most; ms a week by year \
         {years:.3?}, worst week {worst:.3}",
        size.buyers, size.longest
    );
    years.iter().all(|ms| *ms <= MEAN_MS) && worst <= WORST_MS
}

/// The baseline as it is, which must look at as many offers as a thousand buyers with full menus
/// do, and (without judgement) with four times the buyers: a thousand price tastes.
fn weeks() {
    let (size, week_ms) = clearing(None);
    let is_fast = judge("baseline", &size, &week_ms);
    assert!(size.buyers >= BUYERS && size.longest == MENU, "too small");
    assert!(size.looks >= BUYERS * MENU, "too few offers are looked at");
    assert!(is_fast, "slower than asked");
    let (size, week_ms) = clearing(Some(112));
    judge("four times", &size, &week_ms);
}

criterion_group!(benches, equilibrium);

fn main() {
    weeks();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
