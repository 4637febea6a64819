//! Speed of the equilibrium: ten products of five owners before 49 kinds of buyers, plain and
//! with full products.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use wattflop::market::equilibrium::{Conduct, Market, Rule, Stop, solve};

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

criterion_group!(benches, equilibrium);
criterion_main!(benches);
