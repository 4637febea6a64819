//! What a seller could gain by other prices than those found (E11).

use wattflop::kernels::linear::{self, Square};
use wattflop::kernels::{Luck, Stream, math};
use wattflop::market::equilibrium::{Conduct, Demand, Market, Solution};

pub const FAR: &[f64] = &[
    0.5, 0.8, 0.9, 0.99, 0.999, 0.99999, 1.00001, 1.001, 1.01, 1.1, 1.5, 3.0,
];
pub const NEAR: &[f64] = &[0.999, 0.9999, 0.99999, 1.00001, 1.0001, 1.001];

/// The largest gain of any owner from another price of one of its products, others' prices
/// given, among prices at which its own capacities hold; relative to its profit.
pub fn best_deviation(market: &Market, conduct: Conduct, found: &Solution, steps: &[f64]) -> f64 {
    if conduct != Conduct::Nash {
        return 0.0;
    }
    let open: Vec<usize> = (0..market.products())
        .filter(|j| market.capacity_h[*j] > 0.0)
        .collect();
    let part = market.only(&open);
    let price: Vec<f64> = open.iter().map(|j| found.price_usd_per_h[*j]).collect();
    let stakes = part.stakes(conduct);
    let mut demand = Demand::new(&part);
    let mut profit = |price: &[f64], j: usize| {
        demand.evaluate(price);
        let sold = demand.share.iter().zip(&part.capacity_h);
        let mut own = stakes[j]
            .iter()
            .filter(|(k, _)| part.owner[*k] == part.owner[j]);
        let full = |(share, capacity): (&f64, &f64)| share * part.size_h > capacity * (1.0 + 1e-9);
        let over: Vec<bool> = sold.map(full).collect();
        if own.any(|(k, _)| over[*k]) {
            return f64::NEG_INFINITY;
        }
        let term =
            |(k, h): &(usize, f64)| h * (price[*k] - part.cost_usd_per_h[*k]) * demand.share[*k];
        stakes[j].iter().map(term).sum()
    };
    let mut best: f64 = 0.0;
    for j in 0..price.len() {
        let now = profit(&price, j);
        for factor in steps {
            let mut trial = price.clone();
            trial[j] *= factor;
            let gain = (profit(&trial, j) - now) / now.abs().max(1e-3);
            best = best.max(gain);
        }
    }
    best
}

/// One owner's products, others' prices given, by the hours it sells instead of by its prices:
/// what E11 allows it is then a box, with its capacities for edges.
struct Seller<'a> {
    part: &'a Market,
    stakes: &'a [(usize, f64)],
    own: Vec<usize>,
    demand: Demand<'a>,
    /// Prices that sold the last hours tried: the start for the next.
    price: Vec<f64>,
    /// Logarithms of the shares that fit its capacities.
    most: Vec<f64>,
}

impl Seller<'_> {
    /// Profit at these logarithms of its shares; the prices that sell them by Newton's method.
    fn profit(&mut self, wanted: &[f64]) -> Option<f64> {
        let mut price = self.price.clone();
        for _ in 0..60 {
            self.demand.evaluate(&price);
            let miss = self.own.iter().zip(wanted);
            let miss: Vec<f64> = miss.map(|(j, q)| self.demand.ln_share[*j] - q).collect();
            if miss.iter().all(|x| x.abs() < 1e-13) {
                break;
            }
            let mut slopes = Square::zeros(self.own.len());
            for (a, j) in self.own.iter().enumerate() {
                for (b, k) in self.own.iter().enumerate() {
                    slopes.set(a, b, self.demand.log_slope(*j, *k));
                }
            }
            let step = linear::solve(slopes, miss, 1)?;
            for (j, step) in self.own.iter().zip(step) {
                price[*j] -= step.clamp(-1.0, 1.0);
            }
        }
        let found = self.own.iter().zip(wanted);
        for (j, q) in found {
            if (self.demand.ln_share[*j] - q).abs() > 1e-11 {
                return None;
            }
        }
        let term = |(k, h): &(usize, f64)| {
            h * (price[*k] - self.part.cost_usd_per_h[*k]) * self.demand.share[*k]
        };
        let profit = self.stakes.iter().map(term).sum();
        self.price = price;
        Some(profit)
    }

    fn fit(&self, wanted: &mut [f64]) {
        for (q, most) in wanted.iter_mut().zip(&self.most) {
            *q = q.min(*most);
        }
    }
}

/// The largest gain of any owner from other prices of all its products at once, found in random
/// directions, product by product, and up the slope of its profit; relative to its profit.
pub fn best_joint_deviation(market: &Market, found: &Solution, draws: &mut Draws, far: f64) -> f64 {
    let open: Vec<usize> = (0..market.products())
        .filter(|j| market.capacity_h[*j] > 0.0)
        .collect();
    let part = market.only(&open);
    let stakes = part.stakes(Conduct::Nash);
    let price: Vec<f64> = open.iter().map(|j| found.price_usd_per_h[*j]).collect();
    let mut best: f64 = 0.0;
    for owner in 0..part.profit_weight.len() {
        let own: Vec<usize> = (0..open.len())
            .filter(|j| part.owner[*j] == owner)
            .collect();
        let Some(first) = own.first() else { continue };
        let mut demand = Demand::new(&part);
        demand.evaluate(&price);
        let start: Vec<f64> = own.iter().map(|j| demand.ln_share[*j]).collect();
        let most = own.iter().zip(&start).map(|(j, now)| {
            let room = math::ln(part.capacity_h[*j] / part.size_h);
            room.max(*now)
        });
        let mut seller = Seller {
            most: most.collect(),
            part: &part,
            stakes: &stakes[*first],
            own,
            demand,
            price: price.clone(),
        };
        let now = seller.profit(&start).expect("the prices that were found");
        let top = climb(&mut seller, &start, draws, far);
        best = best.max((top - now) / now.abs().max(1e-3));
    }
    best
}

/// The largest profit near a start.
fn climb(seller: &mut Seller, start: &[f64], draws: &mut Draws, far: f64) -> f64 {
    let prices = seller.price.clone();
    let (mut at, mut top) = (start.to_vec(), f64::NEG_INFINITY);
    let mut attempt = |seller: &mut Seller, at: &mut Vec<f64>, mut trial: Vec<f64>| {
        seller.fit(&mut trial);
        let profit = seller.profit(&trial);
        if profit.is_none() {
            seller.price.copy_from_slice(&prices);
        }
        let is_better = profit.is_some_and(|profit| profit > top);
        if is_better {
            (*at, top) = (trial, profit.unwrap());
        }
        is_better
    };
    attempt(seller, &mut at, start.to_vec());
    let sizes = [1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5];
    for size in sizes.map(|size| size * far) {
        for _ in 0..6 {
            let moved = start.iter().map(|q| q + size * draws.between(-1.0, 1.0));
            attempt(seller, &mut at, moved.collect());
        }
        for place in 0..start.len() {
            for sign in [-1.0, 1.0] {
                let mut moved = at.clone();
                moved[place] += sign * size;
                attempt(seller, &mut at, moved);
            }
        }
        // Up the slope, as far as the capacities let.
        let slope: Vec<f64> = (0..start.len())
            .map(|place| {
                let mut side = |step: f64| {
                    let mut moved = at.clone();
                    moved[place] += step;
                    seller.profit(&moved).unwrap_or(0.0)
                };
                (side(1e-5) - side(-1e-5)) / 2e-5
            })
            .collect();
        let steepest = slope.iter().fold(1e-300, |most: f64, s| most.max(s.abs()));
        let up = at.iter().zip(&slope).map(|(q, s)| q + size * s / steepest);
        let up = up.collect();
        attempt(seller, &mut at, up);
    }
    top
}

/// Draws for random markets.
pub struct Draws(Stream, u32);

impl Draws {
    pub fn new() -> Draws {
        let (seed, draw, luck) = (7, 0, 0);
        Draws(Luck { seed, draw, luck }.stream("test", "markets"), 0)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.1 += 1;
        low + (high - low) * self.0.uniform(self.1, 0)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.between(0.0, n as f64) as usize).min(n - 1)
    }
}
