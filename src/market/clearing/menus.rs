//! Menus: what one population of buyers compares, chosen anew each quarter.
//!
//! An offer is feasible if jobs fit into its memory and side by side into its tier and pool, if
//! it is near enough, and, for those who insist, if seller and site stand under the buyer's law
//! and the privacy promised is enough. Job sizes are spread: of jobs of typical size n a share
//! 1 ÷ (1 + (n ÷ room)^k) fits, and its logarithm enters utility; below one in a thousand the
//! offer is left out. Each tier has its places on the menu: a third for the largest offers
//! nearby, the rest for the largest anywhere; large segments fill the last third with nearby
//! pools dealt out by their order of names, so that smaller pools too are seen by somebody, and
//! always by the same.

use super::super::chips::CLASSES;
use super::super::conditions::Conditions;
use super::super::ids::{AreaId, Id, OfferId, PopulationId, RegionId, SegmentId};
use super::super::model::{Model, QUARTER_WEEKS};
use super::choice::{MENU, NESTS};
use super::offers::Offer;
use super::state::{EMPTY, Market};
use crate::kernels::math::{exp, ln, norm_inv, pow};
use crate::scenario::types::{ChoiceRules, Segment};

/// Groups of buyers: sovereign or not × private or not.
pub const GROUPS: usize = 4;
/// Bit of a group: bound to its own law.
pub const SOVEREIGN: usize = 1;
/// Bit of a group: takes no less than its class of privacy.
pub const PRIVATE: usize = 2;

/// Places of each tier, in the order of tiers.
const PLACES: [usize; NESTS] = [12, 8, 7, 6, 7];
/// Share of jobs below which an offer is no alternative.
const LEAST_FIT: f64 = 1e-3;
/// Share of a segment's jobs that an offer must fit to be dealt to it.
const DEALT_FIT: f64 = 0.2;
/// Share of all opening work that makes a segment large.
const LARGE_SHARE: f64 = 0.08;
/// Weight of an offer in another area when menus are drawn up.
const REMOTE_WEIGHT: f64 = 0.25;
/// Weight of an offer that has been on the menu: buyers compare whom they know.
const KNOWN_WEIGHT: f64 = 2.0;

/// The quadrature nodes of a segment: every group at every point of price sensitivity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tastes {
    /// Utility per unit of the planning price, by point; negative.
    pub price_coefficient: Vec<f64>,
    /// Bits of each group.
    pub group: Vec<usize>,
    /// Weight of one point of each group.
    pub weight: Vec<f64>,
    /// Σ weight ÷ |coefficient|: money that a unit of utility is worth.
    pub money_per_utility: f64,
}

impl Tastes {
    /// Groups with their weights, at points of equal weight.
    pub fn new(groups: &[(usize, f64)], price_coefficient: Vec<f64>) -> Self {
        let points = price_coefficient.len() as f64;
        let inverse = |coefficient: &f64| 1.0 / coefficient.abs();
        let money: f64 = price_coefficient.iter().map(inverse).sum();
        let all: f64 = groups.iter().map(|(_, weight)| weight).sum();
        Self {
            group: groups.iter().map(|(group, _)| *group).collect(),
            weight: groups.iter().map(|(_, weight)| weight / points).collect(),
            money_per_utility: all * money / points,
            price_coefficient,
        }
    }
}

/// The nodes of a segment: groups × quantiles of a lognormal price sensitivity with mean one.
pub fn tastes(rules: &ChoiceRules, segment: &Segment, nodes: usize) -> Tastes {
    let points = if nodes >= GROUPS { nodes / GROUPS } else { 1 };
    let mut factors: Vec<f64> = (0..points)
        .map(|m| exp(rules.price_taste_sigma * norm_inv((m as f64 + 0.5) / points as f64)))
        .collect();
    let mean = factors.iter().sum::<f64>() / points as f64;
    for factor in &mut factors {
        *factor *= -segment.price_sensitivity / mean;
    }
    let mut groups = Vec::new();
    for group in 0..GROUPS {
        let bound = if group & SOVEREIGN != 0 {
            segment.sovereign_share
        } else {
            1.0 - segment.sovereign_share
        };
        let private = if group & PRIVATE != 0 {
            segment.private_share
        } else {
            1.0 - segment.private_share
        };
        if bound * private > 0.0 {
            groups.push((group, bound * private));
        }
    }
    Tastes::new(&groups, factors)
}

/// Share of jobs of typical size `need` that fit into `room`.
fn fit(need: f64, room: f64, shape: f64) -> f64 {
    if need <= 0.0 {
        1.0
    } else if room <= 0.0 {
        0.0
    } else {
        1.0 / (1.0 + pow(need / room, shape))
    }
}

/// Whether a law holds somewhere in an area.
fn law_of(model: &Model, area: AreaId, law: Option<u16>) -> bool {
    let regions = &model.places.regions_of_area[area];
    law.is_some_and(|law| {
        regions
            .iter()
            .any(|region| model.places.jurisdiction[*region] == law)
    })
}

/// Whether a seller answers to a law that is not the buyer's.
pub fn foreign(model: &Model, area: AreaId, offer: &Offer) -> bool {
    offer.jurisdiction.is_some() && !law_of(model, area, offer.jurisdiction)
}

/// Costs beside the price, in units of the planning price.
fn costs(model: &Model, area: AreaId, segment: &Segment, offer: &Offer) -> f64 {
    let rules = &model.demand.choice;
    let tier = &model.market.tiers[offer.tier as usize];
    let mut cost = rules.interruption_cost_share
        * (1.0 - tier.availability_share)
        * (segment.job_h / 24.0).sqrt();
    if offer.area != area {
        cost += rules.remote_cost_share;
    }
    if foreign(model, area, offer) {
        cost += rules.refusal_hazard_per_year * rules.refusal_loss_weeks / 52.0;
    }
    let missing = (segment.privacy as i32) - (offer.privacy as i32);
    if missing > 0 {
        cost += rules.privacy_cost_share * f64::from(missing);
    }
    cost
}

/// Shares of jobs that fit, where they do not hang on how large an offer is.
struct Fits {
    week: u32,
    /// Into a class's memory, by segment and class.
    memory: Vec<f64>,
    /// Side by side where a tier sets the limit, by segment and tier.
    limit: Vec<f64>,
    /// Segments large enough to carry pools that nobody else sees.
    large: Vec<SegmentId>,
}

impl Fits {
    fn new(model: &Model, week: u32) -> Self {
        let shape = model.demand.choice.job_size_shape;
        let (mut memory, mut limit) = (Vec::new(), Vec::new());
        for segment in model.demand.segments.values() {
            let of_class = |room: &f64| fit(segment.memory_gb, *room, shape);
            memory.extend(model.market.memory_gb.iter().map(of_class));
            let tiers = model.market.tiers.iter();
            limit.extend(
                tiers.map(|tier| fit(segment.contiguous_chips, tier.largest_job_chips, shape)),
            );
        }
        Self {
            week,
            memory,
            limit,
            large: large_segments(model),
        }
    }

    /// Share of a segment's jobs that fit an offer of a known size, and that share ÷ what it would
    /// be for jobs of the opening.
    fn of(&self, model: &Model, id: SegmentId, offer: &Offer, standing_h: f64) -> (f64, f64) {
        let most = model.market.tiers[offer.tier as usize].largest_job_chips;
        let shape = model.demand.choice.job_size_shape;
        let chips = standing_h / super::super::model::WEEK_H;
        let need = model.demand.segments[id].contiguous_chips;
        let (room, opening) = if chips < most {
            (chips, fit(need, chips, shape))
        } else {
            let place = id.index() * model.market.tiers.len() + offer.tier as usize;
            (most, self.limit[place])
        };
        let island = model.demand.contiguous_chips(id, self.week);
        let now = if island == need {
            opening
        } else {
            fit(island, room, shape)
        };
        let gain = if opening > 0.0 { now / opening } else { 1.0 };
        let classes = model.market.memory_gb.len();
        let memory = self.memory[id.index() * classes + offer.class as usize];
        (memory * now, gain)
    }
}

/// An offer that a population could use.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    offer: OfferId,
    tier: usize,
    score: f64,
    fit: f64,
    gain: f64,
    near: bool,
    /// Dealt to this population's segment.
    dealt: bool,
}

/// Draws up every population's menu.
pub fn select_all(model: &Model, market: &mut Market) {
    let fits = Fits::new(model, 0);
    for id in model.demand.populations.ids() {
        select(model, &fits, id, market);
    }
}

/// Draws up the menus of those whose turn it is: each population once a quarter, in turns, so
/// that no week changes everybody's mind.
pub fn select_in_turn(model: &Model, week: u32, market: &mut Market) {
    let fits = Fits::new(model, week);
    for id in model.demand.populations.ids() {
        if week > 0 && (week + id.index() as u32 * 5).is_multiple_of(QUARTER_WEEKS) {
            select(model, &fits, id, market);
        }
    }
}

/// Draws up one population's menu.
fn select(model: &Model, fits: &Fits, id: PopulationId, market: &mut Market) {
    let population = model.demand.populations[id];
    let segment = model.demand.segment(id);
    let base = id.index() * MENU;
    let known = &market.menu_offer[base..base + market.menu_length[id.index()] as usize];
    let mut candidates = Vec::new();
    for (offer, record) in model.market.offers.iter() {
        let standing = market.standing_h[offer];
        let remote = record.area != population.area;
        if standing <= 0.0 || (remote && segment.area_bound) {
            continue;
        }
        let (fit, gain) = fits.of(model, population.segment, record, standing);
        if fit < LEAST_FIT {
            continue;
        }
        let h100e = record.h100e[segment.workload as usize];
        let near = if remote { REMOTE_WEIGHT } else { 1.0 };
        let habit = if known.contains(&u32::from(offer.0)) {
            KNOWN_WEIGHT
        } else {
            1.0
        };
        let score = standing * h100e * fit * near * habit;
        if score > 0.0 {
            candidates.push(Candidate {
                offer,
                tier: record.tier as usize,
                score,
                fit,
                gain,
                near: !remote,
                // Asked of the near ones alone.
                dealt: !remote && dealt_to(model, population.segment, fits, (offer, standing)),
            });
        }
    }
    let chosen = deal(&mut candidates);
    write(model, market, id, &chosen);
}

/// Segments large enough to carry pools that nobody else sees.
fn large_segments(model: &Model) -> Vec<SegmentId> {
    let segments = &model.demand.segments;
    let all: f64 = (segments.values().iter())
        .map(|segment| segment.opening_h100e)
        .sum();
    (segments.ids())
        .filter(|id| segments[*id].opening_h100e > LARGE_SHARE * all)
        .collect()
}

/// Offers are dealt out, by the order of their names, among the large segments whose jobs they
/// can take; whether this one falls to `segment`.
fn dealt_to(
    model: &Model,
    segment: SegmentId,
    fits: &Fits,
    (offer, standing_h): (OfferId, f64),
) -> bool {
    let record = &model.market.offers[offer];
    let large = &fits.large;
    if !large.contains(&segment) || record.pool.is_none() {
        return false;
    }
    let takes = |id: &&SegmentId| fits.of(model, **id, record, standing_h).0 >= DEALT_FIT;
    let count = large.iter().filter(takes).count();
    let chosen = offer.index() % count.max(1);
    large.iter().filter(takes).nth(chosen) == Some(&segment)
}

/// Fills the places of each tier, then the rest, and puts the menu in order of tier and name.
fn deal(candidates: &mut [Candidate]) -> Vec<Candidate> {
    candidates.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.offer.cmp(&b.offer)));
    let mut taken = vec![false; candidates.len()];
    let mut chosen: Vec<Candidate> = Vec::with_capacity(MENU);
    for (tier, places) in PLACES.iter().enumerate() {
        let mut left = *places;
        let of_tier = |at: &usize| candidates[*at].tier == tier;
        let members = Vec::from_iter((0..candidates.len()).filter(of_tier));
        let mut take = |most: usize, wanted: &dyn Fn(&Candidate) -> bool| {
            let most = if most < left { most } else { left };
            let mut open = most;
            for &index in &members {
                if open == 0 {
                    break;
                }
                if !taken[index] && wanted(&candidates[index]) {
                    taken[index] = true;
                    open -= 1;
                    chosen.push(candidates[index]);
                }
            }
            left -= most - open;
        };
        take(places / 3, &|candidate| candidate.near);
        take(places / 3, &|_| true);
        take(*places, &|at| at.near && at.dealt);
        take(*places, &|_| true);
    }
    for (index, candidate) in candidates.iter().enumerate() {
        if chosen.len() < MENU && !taken[index] {
            chosen.push(*candidate);
        }
    }
    chosen.sort_by(|a, b| a.tier.cmp(&b.tier).then(a.offer.cmp(&b.offer)));
    chosen
}

/// Writes a menu into the state; loyalty follows the offers that stay.
fn write(model: &Model, market: &mut Market, id: PopulationId, chosen: &[Candidate]) {
    let population = model.demand.populations[id];
    let segment = model.demand.segment(id);
    let base = id.index() * MENU;
    let before: Vec<(u32, f64)> = (base..base + MENU)
        .map(|at| (market.menu_offer[at], market.menu_loyalty[at]))
        .filter(|(offer, _)| *offer != EMPTY)
        .collect();
    market.menu_offer[base..base + MENU].fill(EMPTY);
    market.menu_loyalty[base..base + MENU].fill(0.0);
    market.menu_length[id.index()] = chosen.len() as u32;
    let mut masks = [0_u64; GROUPS];
    for (place, candidate) in chosen.iter().enumerate() {
        let record = &model.market.offers[candidate.offer];
        let at = base + place;
        market.menu_offer[at] = u32::from(candidate.offer.0);
        market.menu_fit[at] = ln(candidate.fit);
        market.menu_gain[at] = ln(candidate.gain);
        market.menu_cost[at] = costs(model, population.area, segment, record);
        let seller = |offer: u32| model.market.offers[OfferId::new(offer as usize)].seller;
        let known = before
            .iter()
            .find(|(offer, _)| seller(*offer) == record.seller);
        market.menu_loyalty[at] = known.map_or(0.0, |(_, loyalty)| *loyalty);
        let own_law =
            record.area == population.area && law_of(model, population.area, record.jurisdiction);
        for (group, mask) in masks.iter_mut().enumerate() {
            let lawful = group & SOVEREIGN == 0 || own_law;
            let private = group & PRIVATE == 0 || record.privacy >= segment.privacy;
            if lawful && private {
                *mask |= 1 << place;
            }
        }
    }
    market.menu_mask[id.index() * GROUPS..(id.index() + 1) * GROUPS].copy_from_slice(&masks);
}

/// Sizes that enter utility: the logarithm of an offer's share of all capacity, and of its
/// tier's, both in H100-equivalents. With weight κ = 1 shares follow capacity at equal prices,
/// and a pool cut in two halves sells as much as before. A menu is a sample of all offers: what
/// is on few menus stands there for more, 1 ÷ the share of buyers who see it (McFadden's
/// sampling of alternatives), so that sales do not hang on how many menus hold an offer.
pub fn sizes(model: &Model, market: &Market, out: &mut [f64]) {
    let rules = &model.demand.choice;
    let rho = rules.nest_correlation_share;
    let mut tier = [0.0; NESTS];
    for (id, offer) in model.market.offers.iter() {
        tier[offer.tier as usize] += market.standing_h[id] * model.market.h100e(id);
    }
    seen_shares(model, market, out);
    // The three tiers of a pool share its chips; contracts could have all of them.
    let total = tier[1] + tier[3] + tier[4];
    let nest = tier.map(|size| if size > 0.0 { ln(size / total) } else { 0.0 });
    for (id, offer) in model.market.offers.iter() {
        let size = market.standing_h[id] * model.market.h100e(id);
        let seen = out[id.index()];
        out[id.index()] = if size > 0.0 && seen > 0.0 {
            let own = ln(size / (total * seen));
            rules.size_taste * ((1.0 - rho) * own + rho * nest[offer.tier as usize])
        } else {
            0.0
        };
    }
}

/// Share of all work that could use each offer and has it on its menu.
fn seen_shares(model: &Model, market: &Market, out: &mut [f64]) {
    out.fill(0.0);
    let populations = &model.demand.populations;
    let all: f64 = (populations.values().iter())
        .map(|population| population.opening_h100e_h)
        .sum();
    for (id, population) in populations.iter() {
        let base = id.index() * MENU;
        let length = market.menu_length[id.index()] as usize;
        for at in base..base + length {
            // Jobs that have become smaller bring work; who knew the offer stays who knew it.
            let jobs = exp(market.menu_fit[at] - market.menu_gain[at]);
            let jobs = jobs * population.opening_h100e_h;
            out[market.menu_offer[at] as usize] += jobs / all;
        }
    }
}

/// Rental under export controls: the logarithm of the share of a class that sellers from outside
/// may rent out in an area, by area and class; empty when everything is free.
pub fn rental(model: &Model, conditions: &Conditions, out: &mut Vec<f64>) {
    out.clear();
    let free = |shares: &Vec<f64>| shares.iter().all(|share| *share >= 1.0);
    if conditions.rental_share.values().iter().all(free) {
        return;
    }
    for regions in model.places.regions_of_area.values() {
        for class in 0..CLASSES {
            let chip = model.market.reference_chip[class];
            let allowed = chip.map_or(1.0, |chip| {
                let law = |region: &RegionId| usize::from(model.places.jurisdiction[*region]);
                let share = |region| conditions.rental_share[chip][law(region)];
                let sum: f64 = regions.iter().map(share).sum();
                if regions.is_empty() {
                    1.0
                } else {
                    sum / regions.len() as f64
                }
            });
            out.push(if allowed > 0.0 { ln(allowed) } else { REFUSED });
        }
    }
}

/// Utility of what may not be rented.
const REFUSED: f64 = -60.0;

/// The control's effect on one offer: sellers under the buyer's own law are free.
pub fn control(model: &Model, area: AreaId, offer: &Offer, rental: &[f64]) -> f64 {
    let outside = match offer.jurisdiction {
        Some(_) => foreign(model, area, offer),
        None => offer.area != area,
    };
    let place = area.index() * CLASSES + offer.class as usize;
    if outside {
        rental.get(place).copied().unwrap_or(0.0)
    } else {
        0.0
    }
}
