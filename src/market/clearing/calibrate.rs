//! Mean utilities by share inversion: the opening week sells what the facts say.
//!
//! Unknown are the quality δ_j of every offer, every population's utility of buying nothing, and
//! every segment's of being bound. Berry's contraction δ_j += (1 − ρ)·(ln T_j − ln S_j) fits the
//! expected sales T_j of each offer; the outside utility fits each population's uncommitted work;
//! the utility of being bound fits what a segment signs in a week, so that the share of its work
//! under contract rests where the facts have it. These margins agree only up to the level of
//! sales, so the level floats: the shares of T and of signatures are reproduced, not their sums.

use super::super::demand::{Demand, TERM_WEEKS};
use super::super::ids::{Id, OfferId, PopulationId, SegmentId, Table};
use super::super::model::{Model, WEEK_H};
use super::choice::{MENU, NESTS};
use super::menus;
use super::offers::Seller;
use super::state::Market;
use super::view::{View, excluded};
use crate::kernels::math::ln;
use crate::scenario::types::Tier;

/// Rounds of two steps and a leap after which the fit is taken as it is.
const STEPS: usize = 200;
/// Largest α of a leap.
const LONGEST_LEAP: f64 = 30.0;
/// Largest relative error of a share that ends the fit.
const TOLERANCE: f64 = 1e-11;
/// Chips from which an offer's own sales tell its quality; smaller ones of a seller, tier and class
/// have one quality, told by what they sell together. Who waits for a handful of chips depends on
/// which menus they stand on, and a fit of each would pay for the wait with a quality that stays
/// when the offer has grown.
const LEAST_CHIPS: f64 = 100.0;
/// Qualities stay within this distance of zero, whatever the targets ask.
const WIDEST: f64 = 25.0;

/// Fits qualities and outside utilities; returns the largest relative error of an offer's share.
pub fn invert(
    model: &Model,
    demand: &Demand,
    targets: &Table<OfferId, f64>,
    market: &mut Market,
) -> f64 {
    let mut fit = Fit::new(model, demand, targets, market);
    let mut best = (f64::INFINITY, Point::of(market));
    for _ in 0..STEPS {
        let start = Point::of(market);
        let error = fit.step(model, market);
        if error < best.0 {
            best = (error, start.clone());
        }
        if error < TOLERANCE {
            break;
        }
        let first = Point::of(market);
        fit.step(model, market);
        let second = Point::of(market);
        if error < 4.0 * best.0 {
            start.leap(&first, &second).put(market);
        } else {
            best.1.put(market);
            fit.step(model, market);
        }
    }
    best.1.put(market);
    fill_absent(model, &fit.seen, market);
    best.0
}

/// Which offers have one quality: large ones each its own, small ones by seller, tier and class.
fn groups(model: &Model, market: &Market) -> Table<OfferId, usize> {
    let mut small = std::collections::BTreeMap::new();
    let mut count = 0;
    let mut next = || {
        count += 1;
        count - 1
    };
    (model.market.offers.iter())
        .map(|(id, offer)| {
            let pool = offer.pool.map(|pool| model.market.pools[pool].reserved);
            let chips = market.standing_h[pool.unwrap_or(id)] / WEEK_H;
            if chips >= LEAST_CHIPS {
                return next();
            }
            let alike = (offer.seller, offer.tier as usize, offer.class as usize);
            *small.entry(alike).or_insert_with(&mut next)
        })
        .collect()
}

/// The unknowns at one moment of the fit.
#[derive(Clone, Debug)]
struct Point {
    quality: Vec<f64>,
    outside: Vec<f64>,
    binding: Vec<f64>,
}

impl Point {
    fn of(market: &Market) -> Self {
        Self {
            quality: market.quality.values().to_vec(),
            outside: market.outside.values().to_vec(),
            binding: market.binding.values().to_vec(),
        }
    }

    fn put(&self, market: &mut Market) {
        market.quality.values_mut().copy_from_slice(&self.quality);
        market.outside.values_mut().copy_from_slice(&self.outside);
        market.binding.values_mut().copy_from_slice(&self.binding);
    }

    /// Squared extrapolation (SQUAREM): from three points of a slow contraction to a fourth,
    /// x − 2αr + α²v with r and v the first and second difference and α = −|r| ÷ |v|.
    fn leap(&self, first: &Self, second: &Self) -> Self {
        let (mut steps, mut bends) = (0.0, 0.0);
        let mut measure = |a: &[f64], b: &[f64], c: &[f64]| {
            for ((a, b), c) in a.iter().zip(b).zip(c) {
                let (step, bend) = (b - a, c - b - (b - a));
                steps += step * step;
                bends += bend * bend;
            }
        };
        measure(&self.quality, &first.quality, &second.quality);
        measure(&self.outside, &first.outside, &second.outside);
        measure(&self.binding, &first.binding, &second.binding);
        let alpha = if bends > 0.0 {
            -(steps / bends).sqrt()
        } else {
            -1.0
        };
        let alpha = alpha.clamp(-LONGEST_LEAP, -1.0);
        let blend = |a: &[f64], b: &[f64], c: &[f64]| -> Vec<f64> {
            let points = a.iter().zip(b).zip(c);
            points
                .map(|((a, b), c)| a - 2.0 * alpha * (b - a) + alpha * alpha * (c - b - (b - a)))
                .map(|value| value.clamp(-WIDEST, WIDEST))
                .collect()
        };
        Self {
            quality: blend(&self.quality, &first.quality, &second.quality),
            outside: blend(&self.outside, &first.outside, &second.outside),
            binding: blend(&self.binding, &first.binding, &second.binding),
        }
    }
}

struct Fit<'a> {
    targets: &'a Table<OfferId, f64>,
    /// Work that should be placed, by population.
    placed: Vec<f64>,
    /// Weight of those whom nobody may serve, by population.
    excluded: Vec<f64>,
    /// Work that should be signed for a year in the first week, by segment, and what is.
    signing: Table<SegmentId, f64>,
    signed: Table<SegmentId, f64>,
    /// Offers on some menu with expected sales.
    seen: Vec<bool>,
    groups: Table<OfferId, usize>,
    sales: Vec<f64>,
    sizes: Vec<f64>,
    view: View,
}

impl<'a> Fit<'a> {
    fn new(
        model: &Model,
        demand: &Demand,
        targets: &'a Table<OfferId, f64>,
        market: &mut Market,
    ) -> Self {
        let offers = model.market.offers.len();
        let mut seen = vec![false; offers];
        for &offer in &market.menu_offer {
            if let Some(seen) = seen.get_mut(offer as usize) {
                *seen = targets[OfferId::new(offer as usize)] > 0.0;
            }
        }
        loyalty_from_targets(model, targets, &seen, market);
        let mut sizes = vec![0.0; offers];
        menus::sizes(model, market, &mut sizes);
        // Contracts that end in the first week are contestable in it.
        let ending = |id: PopulationId| demand.expiring_h100e_h[id.index() * TERM_WEEKS];
        let placed = (demand.contestable_h100e_h.iter())
            .map(|(id, free)| free + ending(id))
            .collect();
        let excluded = (model.demand.populations.ids())
            .map(|id| excluded(model, market, id))
            .collect();
        let mut view = View::default();
        view.prepare(model, market, &sizes);
        let signing = signing(model, demand);
        Self {
            targets,
            placed,
            excluded,
            signed: Table::filled(signing.len(), 0.0),
            signing,
            groups: groups(model, market),
            seen,
            sales: vec![0.0; offers],
            sizes,
            view,
        }
    }

    /// One step of the contraction; returns the largest relative error before it.
    fn step(&mut self, model: &Model, market: &mut Market) -> f64 {
        let stay = model.demand.choice.outside_share;
        let mut worst = 0.0;
        self.sales.fill(0.0);
        self.signed.values_mut().fill(0.0);
        let mut own = [0.0; MENU];
        self.view.value(model, market, &self.sizes);
        for id in model.demand.populations.ids() {
            let potential = self.placed[id.index()] / (1.0 - stay);
            let length = market.menu_length[id.index()] as usize;
            if length == 0 || potential <= 0.0 {
                continue;
            }
            let chosen = self.view.choose(model, market, (id, 0), &mut own);
            let inside = 1.0 - chosen.outside;
            // Those whom nobody may serve stay outside whatever the others do.
            let excluded = self.excluded[id.index()];
            let away = excluded + (1.0 - excluded) * stay;
            if inside > 0.0 && chosen.outside > 0.0 && away < 1.0 {
                let gap = ln(chosen.outside / inside) - ln(away / (1.0 - away));
                worst = if gap.abs() > worst { gap.abs() } else { worst };
                let moved = market.outside[id] - gap;
                market.outside[id] = moved.clamp(-WIDEST, WIDEST);
            }
            let h100e = self.view.h100e(market, id);
            let offers = &market.menu_offer[id.index() * MENU..];
            let segment = model.demand.populations[id].segment;
            let contracts = self.view.places_of(market, id, Tier::Reserved);
            let rows = own.iter().zip(h100e).zip(offers);
            for (place, ((share, h100e), offer)) in rows.enumerate() {
                self.sales[*offer as usize] += potential * share / h100e;
                if contracts >> place & 1 == 1 {
                    self.signed[segment] += potential * share;
                }
            }
        }
        for error in [self.correct(model, market), self.bind(market)] {
            worst = if error > worst { error } else { worst };
        }
        worst
    }

    /// Moves the utilities of being bound towards each segment's part of all signatures.
    fn bind(&self, market: &mut Market) -> f64 {
        let rows = || self.signing.values().iter().zip(self.signed.values());
        let meant = |(wanted, signed): &(&f64, &f64)| **wanted > 0.0 && **signed > 0.0;
        let (wanted, signed) = rows()
            .filter(meant)
            .fold((0.0, 0.0), |sums, row| (sums.0 + row.0, sums.1 + row.1));
        let mut worst = 0.0;
        for (row, binding) in rows().zip(market.binding.values_mut()) {
            if meant(&row) {
                let gap = ln(row.0 / wanted) - ln(row.1 / signed);
                worst = if gap.abs() > worst { gap.abs() } else { worst };
                *binding = (*binding + gap).clamp(-WIDEST, WIDEST);
            }
        }
        worst
    }

    /// Moves qualities towards the targets' shares.
    fn correct(&mut self, model: &Model, market: &mut Market) -> f64 {
        // Expected sales and sales, of each group and of all.
        let mut groups = vec![(0.0, 0.0); self.targets.len()];
        let mut all = (0.0, 0.0);
        for (id, target) in self.targets.iter() {
            if self.seen[id.index()] {
                for sums in [&mut groups[self.groups[id]], &mut all] {
                    sums.0 += target;
                    sums.1 += self.sales[id.index()];
                }
            }
        }
        let mut worst = 0.0;
        for (id, group) in self.groups.iter() {
            let (wanted, sold) = groups[*group];
            if !self.seen[id.index()] || sold <= 0.0 {
                continue;
            }
            let gap = ln(wanted / all.0) - ln(sold / all.1);
            worst = if gap.abs() > worst { gap.abs() } else { worst };
            let step = (1.0 - model.demand.choice.nest_correlation_share) * gap;
            market.quality[id] = (market.quality[id] + step).clamp(-WIDEST, WIDEST);
        }
        worst
    }
}

/// Work that each segment signs in a week at rest: the contracts that end, grown by a year.
fn signing(model: &Model, demand: &Demand) -> Table<SegmentId, f64> {
    let mut signing = Table::filled(model.demand.segments.len(), 0.0);
    for (id, population) in model.demand.populations.iter() {
        let ending = demand.expiring_h100e_h[id.index() * TERM_WEEKS];
        signing[population.segment] += ending * (1.0 + model.demand.segment(id).growth_per_year);
    }
    signing
}

/// At the opening buyers are spread over sellers as sales are.
fn loyalty_from_targets(
    model: &Model,
    targets: &Table<OfferId, f64>,
    seen: &[bool],
    market: &mut Market,
) {
    for id in model.demand.populations.ids() {
        let base = id.index() * MENU;
        let places = base..base + market.menu_length[id.index()] as usize;
        let sales = |at: usize| {
            let offer = OfferId::new(market.menu_offer[at] as usize);
            if seen[offer.index()] {
                targets[offer] * model.market.h100e(offer)
            } else {
                0.0
            }
        };
        let total: f64 = places.clone().map(sales).sum();
        let seller = |at: usize| {
            let offer = OfferId::new(market.menu_offer[at] as usize);
            model.market.offers[offer].seller
        };
        let loyalty: Vec<f64> = (places.clone())
            .map(|at| {
                let own: f64 = places
                    .clone()
                    .filter(|other| seller(*other) == seller(at))
                    .map(sales)
                    .sum();
                if total > 0.0 { own / total } else { 0.0 }
            })
            .collect();
        market.menu_loyalty[places].copy_from_slice(&loyalty);
    }
}

/// Offers without opening sales are as good as their seller's others of the tier, or as the
/// tier's, weighted by sales.
fn fill_absent(model: &Model, seen: &[bool], market: &mut Market) {
    let offers = &model.market.offers;
    let mut tier = [(0.0, 0.0); NESTS];
    let mut own: std::collections::BTreeMap<(Seller, usize), (f64, f64)> = Default::default();
    for (id, offer) in offers.iter() {
        if seen[id.index()] {
            let weight = market.standing_h[id] * model.market.h100e(id);
            let nest = offer.tier as usize;
            let sums = own.entry((offer.seller, nest)).or_insert((0.0, 0.0));
            for sums in [sums, &mut tier[nest]] {
                sums.0 += weight * market.quality[id];
                sums.1 += weight;
            }
        }
    }
    let mean = |sums: (f64, f64)| (sums.1 > 0.0).then(|| sums.0 / sums.1);
    for (id, offer) in offers.iter() {
        if !seen[id.index()] {
            let nest = offer.tier as usize;
            let mine = own.get(&(offer.seller, nest)).copied().and_then(mean);
            market.quality[id] = mine.or(mean(tier[nest])).unwrap_or(0.0);
        }
    }
}
