//! From a file of `solve prices` to a market by numbers.

use std::collections::BTreeMap;

use super::market::{Conduct, Market};
use super::pricing::Rule;
use crate::scenario::solve::prices::{PriceCase, PriceConduct, PriceMarket};

/// A market with the names of its products, in the order of the numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub products: Vec<String>,
    pub market: Market,
    pub conducts: Vec<(PriceConduct, Conduct)>,
    pub rule: Rule,
}

/// Numbers the products, owners, nests and segments of a checked file.
pub fn compile(case: &PriceCase) -> Case {
    let asked = match &case.solve.conduct[..] {
        [] => vec![PriceConduct::Nash],
        some => some.to_vec(),
    };
    let conduct = |asked: PriceConduct| match asked {
        PriceConduct::Nash => Conduct::Nash,
        PriceConduct::Cartel => Conduct::Cartel,
        PriceConduct::Competitive => Conduct::Competitive,
        PriceConduct::Planner => Conduct::Planner,
    };
    Case {
        products: case.market.products.keys().cloned().collect(),
        market: market(&case.market),
        conducts: asked
            .into_iter()
            .map(|name| (name, conduct(name)))
            .collect(),
        rule: Rule {
            tolerance: case.solve.tolerance,
            max_iterations: case.solve.max_iterations,
        },
    }
}

fn market(written: &PriceMarket) -> Market {
    let products = written.products.values();
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for product in products.clone() {
        let next = owners.len();
        owners.entry(&product.owner).or_insert(next);
    }
    let names = written.nests.keys().enumerate();
    let nests: BTreeMap<&str, usize> = names.map(|(h, name)| (name.as_str(), h)).collect();
    let mut rho: Vec<f64> = written.nests.values().copied().collect();
    let mut nest = Vec::new();
    for product in products.clone() {
        let known = product.nest.as_deref().and_then(|name| nests.get(name));
        nest.push(known.copied().unwrap_or_else(|| {
            rho.push(0.0);
            rho.len() - 1
        }));
    }
    let mut profit_weight: Vec<Vec<(usize, f64)>> =
        (0..owners.len()).map(|f| vec![(f, 1.0)]).collect();
    for (owner, row) in &written.profit_weights {
        for (other, weight) in row {
            if let (Some(f), Some(g)) = (owners.get(&owner[..]), owners.get(&other[..])) {
                profit_weight[*f].push((*g, *weight));
            }
        }
    }
    let buyers = buyers(written);
    let base = written.products.iter().flat_map(|(name, product)| {
        let added = buyers.iter().map(move |buyer| buyer.2.get(name).copied());
        added.map(|taste| product.mean_utility + taste.unwrap_or(0.0))
    });
    Market {
        size_h: written.size,
        cost_usd_per_h: products
            .clone()
            .map(|p| p.marginal_cost_usd_per_h)
            .collect(),
        external_usd_per_h: products
            .clone()
            .map(|p| p.external_cost_usd_per_h)
            .collect(),
        capacity_h: products
            .clone()
            .map(|p| p.capacity_h.unwrap_or(f64::INFINITY))
            .collect(),
        owner: products.map(|p| owners[p.owner.as_str()]).collect(),
        nest,
        rho,
        weight: buyers.iter().map(|buyer| buyer.0).collect(),
        alpha: buyers.iter().map(|buyer| buyer.1).collect(),
        base: base.collect(),
        profit_weight,
    }
}

/// Weight, price coefficient and tastes of the segments that have a weight.
fn buyers(written: &PriceMarket) -> Vec<(f64, f64, BTreeMap<String, f64>)> {
    let common = written.price_coefficient.unwrap_or(-1.0);
    if written.segments.is_empty() {
        return vec![(1.0, common, BTreeMap::new())];
    }
    let all = written
        .segments
        .values()
        .filter(|segment| segment.weight > 0.0);
    all.map(|segment| {
        let alpha = segment.price_coefficient.unwrap_or(common);
        (segment.weight, alpha, segment.taste.clone())
    })
    .collect()
}
