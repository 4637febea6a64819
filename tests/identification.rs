//! Identification (docs/identification.md): what the model infers from sales, prices and
//! published margins is recovered from markets whose parameters are known.

use wattflop::kernels::{Luck, Stream};
use wattflop::market::equilibrium::inversion::invert;
use wattflop::market::equilibrium::{Conduct, Demand, Market, Rule, Stop, solve};

const RULE: Rule = Rule {
    tolerance: 1e-14,
    max_iterations: 10_000,
};

struct Draws(Stream, u32);

impl Draws {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.1 += 1;
        low + (high - low) * self.0.uniform(self.1, 0)
    }
}

fn draws() -> Draws {
    let (seed, draw, luck) = (11, 0, 0);
    Draws(
        Luck { seed, draw, luck }.stream("test", "identification"),
        0,
    )
}

/// Two to seven sellers with one product each, two nests, six kinds of buyers.
fn world(draws: &mut Draws) -> (Market, Vec<f64>) {
    let products = 2 + draws.between(0.0, 6.0) as usize;
    let buyers = 6;
    let quality: Vec<f64> = (0..products).map(|_| draws.between(1.0, 4.0)).collect();
    let base = quality.iter().flat_map(|quality| vec![*quality; buyers]);
    let market = Market {
        size_h: 1.0,
        cost_usd_per_h: (0..products).map(|_| draws.between(0.5, 2.0)).collect(),
        external_usd_per_h: vec![0.0; products],
        capacity_h: vec![f64::INFINITY; products],
        owner: (0..products).collect(),
        nest: (0..products).map(|j| j % 2).collect(),
        rho: vec![draws.between(0.0, 0.7), draws.between(0.0, 0.7)],
        weight: vec![1.0 / buyers as f64; buyers],
        alpha: (0..buyers).map(|_| -draws.between(0.5, 2.5)).collect(),
        base: base.collect(),
        profit_weight: (0..products).map(|owner| vec![(owner, 1.0)]).collect(),
    };
    (market, quality)
}

/// The same market whose qualities are not known.
fn unknown(market: &Market, scale: f64) -> Market {
    Market {
        base: vec![0.0; market.base.len()],
        alpha: market.alpha.iter().map(|alpha| alpha * scale).collect(),
        cost_usd_per_h: vec![0.0; market.cost_usd_per_h.len()],
        ..market.clone()
    }
}

/// Costs at which prices are best responses of sellers with one product each (E7).
fn costs(demand: &Demand, price: &[f64]) -> Vec<f64> {
    let own = |(j, price): (usize, &f64)| price + 1.0 / demand.log_slope(j, j);
    price.iter().enumerate().map(own).collect()
}

#[test]
fn qualities_and_costs_are_recovered_from_prices_and_shares() {
    let mut draws = draws();
    for round in 0..100 {
        let (market, quality) = world(&mut draws);
        let truth = solve(&market, Conduct::Nash, RULE);
        assert_eq!(truth.stop, Stop::Converged, "round {round}");
        let blank = unknown(&market, 1.0);
        let mut demand = Demand::new(&blank);
        let found = invert(&mut demand, &truth.price_usd_per_h, &truth.share);
        assert!(found.is_converged, "round {round}: {found:?}");
        assert!(found.steps < 60, "round {round}: {found:?}");
        for (found, known) in demand.shift.iter().zip(&quality) {
            assert!((found - known).abs() < 1e-9, "{found} against {known}");
        }
        let inferred = costs(&demand, &truth.price_usd_per_h);
        for (found, known) in inferred.iter().zip(&market.cost_usd_per_h) {
            assert!((found - known).abs() < 1e-9, "{found} against {known}");
        }
    }
}

/// One published margin pins how strongly buyers answer to prices: the implied margin of the
/// first seller falls with the scale of all price coefficients.
#[test]
fn the_price_coefficient_is_recovered_from_a_published_margin() {
    let mut draws = draws();
    for round in 0..40 {
        let (market, quality) = world(&mut draws);
        let truth = solve(&market, Conduct::Nash, RULE);
        let price = &truth.price_usd_per_h;
        let published = (price[0] - market.cost_usd_per_h[0]) / price[0];
        let implied = |scale: f64| {
            let blank = unknown(&market, scale);
            let mut demand = Demand::new(&blank);
            assert!(invert(&mut demand, price, &truth.share).is_converged);
            let margin = (price[0] - costs(&demand, price)[0]) / price[0];
            (margin, demand.shift)
        };
        let (mut low, mut high) = (0.2_f64, 5.0_f64);
        for _ in 0..60 {
            let middle = (low * high).sqrt();
            if implied(middle).0 > published {
                low = middle;
            } else {
                high = middle;
            }
        }
        let scale = (low * high).sqrt();
        assert!((scale - 1.0).abs() < 1e-8, "round {round}: {scale}");
        for (found, known) in implied(scale).1.iter().zip(&quality) {
            assert!((found - known).abs() < 1e-6, "{found} against {known}");
        }
    }
}

/// Shares that no quality explains are told apart: the search says that it did not converge.
#[test]
fn shares_beyond_everybody_are_not_explained() {
    let (market, _) = world(&mut draws());
    let blank = unknown(&market, 1.0);
    let mut demand = Demand::new(&blank);
    let wanted = vec![0.7; market.products()];
    let price = vec![1.0; market.products()];
    assert!(!invert(&mut demand, &price, &wanted).is_converged);
}
