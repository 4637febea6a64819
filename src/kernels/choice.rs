//! Nested-logit choice over one menu by many buyers' nodes, in `f64`.
//!
//! Node i, offer j in nest h: V = utility_j + α_i price_j + taste_ij (E1);
//! D_h = Σ_{j∈h} e^{V_j/(1−ρ_h)}, inclusive value I_h = (1 − ρ_h) ln D_h,
//! s_j = e^{V_j/(1−ρ_h)}/D_h · e^{I_h} / (e^{V_0} + Σ_g e^{I_g}) (E3; E2 if every ρ is 0),
//! S_j = Σ_i w_i s_ij (E4), surplus = Σ_i w_i ln(e^{V_0} + Σ_g e^{I_g}) / |α_i| (E6).
//! Every nest is shifted by its own maximum: V/(1 − ρ) would overflow as ρ nears 1.
//! An offer a node cannot use has no part in it; a nest without usable offers has share 0.
//!
//! Node i belongs to lane i mod 8; lanes are summed by halving. Equal bits at every level.

use super::Level;
use super::lanes::Real;
use super::math64::{self, Real64};
use fearless_simd::{Simd, SimdBase, dispatch, f64x8, u64x8};

/// Offers of one menu, limited by the bits of a feasibility mask.
pub const MAX_OFFERS: usize = 64;

/// Nodes whose choices are computed together.
const LANES: usize = 8;

/// What one population compares: equal lengths, at most [`MAX_OFFERS`].
#[derive(Clone, Copy, Debug)]
pub struct Menu<'a> {
    /// Mean utility without the price.
    pub utility: &'a [f64],
    pub price: &'a [f64],
    /// Nest of each offer, ascending.
    pub nest: &'a [u8],
    /// ρ of each nest, 0 ≤ ρ < 1.
    pub rho: &'a [f64],
}

/// Who chooses: equal lengths.
#[derive(Clone, Copy, Debug)]
pub struct Nodes<'a> {
    pub weight: &'a [f64],
    /// Utility per unit of price, negative.
    pub price_coefficient: &'a [f64],
    /// Bit j: offer j is feasible.
    pub feasible: &'a [u64],
    pub outside_utility: &'a [f64],
    /// Utility beyond the mean, offer by offer: `taste[offer · nodes + node]`; may be empty.
    pub taste: &'a [f64],
}

/// What is chosen besides the offers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Σ_i w_i s_i0.
    pub outside: f64,
    /// Expected surplus in units of the price.
    pub surplus: f64,
}

/// A nest as a range of offers.
#[derive(Clone, Copy)]
struct Nest {
    first: usize,
    end: usize,
    /// 1 − ρ and its inverse.
    spread: f64,
    sharpness: f64,
}

/// A menu with its nests found; it and what is computed from it hold `O` offers in `H` nests.
struct Plan<'a, const H: usize> {
    menu: Menu<'a>,
    nodes: Nodes<'a>,
    offers: usize,
    nests: [Nest; H],
    nest_count: usize,
}

/// Sums over nodes by lane.
struct Sums<const O: usize> {
    shares: [[f64; LANES]; O],
    outside: [f64; LANES],
    surplus: [f64; LANES],
}

/// What one choice is computed in: one value by offer, two by nest.
struct Sheet<R, const O: usize, const H: usize> {
    chances: [R; O],
    inclusive: [R; H],
    size: [R; H],
}

impl<R: Copy, const O: usize, const H: usize> Sheet<R, O, H> {
    #[inline(always)]
    fn new(zero: R) -> Self {
        Self {
            chances: [zero; O],
            inclusive: [zero; H],
            size: [zero; H],
        }
    }
}

/// One node, or eight: position and coefficients.
#[derive(Clone, Copy)]
struct Node<R: Real64> {
    index: usize,
    price_coefficient: R,
    feasible: R::Word,
    outside_utility: R,
}

/// Offers and nests of a usual menu: clearing less memory for it saves a third of the time.
const USUAL: (usize, usize) = (40, 8);

fn is_usual(menu: &Menu) -> bool {
    let mut nests = 1;
    for at in 1..menu.nest.len() {
        if menu.nest[at] != menu.nest[at - 1] {
            nests += 1;
        }
    }
    menu.utility.len() <= USUAL.0 && nests <= USUAL.1
}

/// Σ_i w_i s_ij of every offer into `shares`.
pub fn shares(level: Level, menu: &Menu, nodes: &Nodes, shares: &mut [f64]) -> Chosen {
    if is_usual(menu) {
        sum_shares::<{ USUAL.0 }, { USUAL.1 }>(level, menu, nodes, shares)
    } else {
        sum_shares::<MAX_OFFERS, MAX_OFFERS>(level, menu, nodes, shares)
    }
}

fn sum_shares<const O: usize, const H: usize>(
    level: Level,
    menu: &Menu,
    nodes: &Nodes,
    shares: &mut [f64],
) -> Chosen {
    let plan = Plan::<H>::new(menu, nodes);
    let mut sums = Sums {
        shares: [[0.0; LANES]; O],
        outside: [0.0; LANES],
        surplus: [0.0; LANES],
    };
    let count = nodes.weight.len();
    let mut first = 0;
    if let Level::Vector(set) = level {
        first = count / LANES * LANES;
        dispatch!(set, simd => add_lanes(simd, &plan, first, &mut sums));
        if first < count && nodes.taste.is_empty() {
            // Nodes without weight fill the last lanes: they add nothing to any sum.
            let rest = Rest::new(nodes, first);
            let plan = Plan::<H> {
                nodes: rest.nodes(),
                ..plan
            };
            dispatch!(set, simd => add_lanes(simd, &plan, LANES, &mut sums));
            first = count;
        }
    }
    let mut sheet = Sheet::<f64, O, H>::new(0.0);
    for index in first..count {
        let node = plan.node(index);
        let (outside, logsum) = choose(&plan, node, &mut sheet);
        let weight = nodes.weight[index];
        let lane = index % LANES;
        for (sum, chance) in sums.shares.iter_mut().zip(&sheet.chances[..plan.offers]) {
            sum[lane] += weight * chance;
        }
        sums.outside[lane] += weight * outside;
        sums.surplus[lane] += weight * (logsum / node.price_coefficient.abs());
    }
    for (share, lanes) in shares.iter_mut().zip(&sums.shares[..plan.offers]) {
        *share = tree(lanes);
    }
    Chosen {
        outside: tree(&sums.outside),
        surplus: tree(&sums.surplus),
    }
}

/// The nodes behind the last full eight, filled up with nodes of no weight.
struct Rest {
    weight: [f64; LANES],
    price_coefficient: [f64; LANES],
    feasible: [u64; LANES],
    outside_utility: [f64; LANES],
}

impl Rest {
    fn new(nodes: &Nodes, first: usize) -> Self {
        let mut rest = Self {
            weight: [0.0; LANES],
            price_coefficient: [-1.0; LANES],
            feasible: [0; LANES],
            outside_utility: [0.0; LANES],
        };
        let left = nodes.weight.len() - first;
        rest.weight[..left].copy_from_slice(&nodes.weight[first..]);
        rest.price_coefficient[..left].copy_from_slice(&nodes.price_coefficient[first..]);
        rest.feasible[..left].copy_from_slice(&nodes.feasible[first..]);
        rest.outside_utility[..left].copy_from_slice(&nodes.outside_utility[first..]);
        rest
    }

    fn nodes(&self) -> Nodes<'_> {
        Nodes {
            weight: &self.weight,
            price_coefficient: &self.price_coefficient,
            feasible: &self.feasible,
            outside_utility: &self.outside_utility,
            taste: &[],
        }
    }
}

/// s_ij of every node and offer into `chances[offer · nodes + node]`, for derivatives (E5).
pub fn chances(level: Level, menu: &Menu, nodes: &Nodes, chances: &mut [f64]) {
    if is_usual(menu) {
        all_chances::<{ USUAL.0 }, { USUAL.1 }>(level, menu, nodes, chances);
    } else {
        all_chances::<MAX_OFFERS, MAX_OFFERS>(level, menu, nodes, chances);
    }
}

fn all_chances<const O: usize, const H: usize>(
    level: Level,
    menu: &Menu,
    nodes: &Nodes,
    chances: &mut [f64],
) {
    let plan = Plan::<H>::new(menu, nodes);
    let count = nodes.weight.len();
    let mut first = 0;
    if let Level::Vector(set) = level {
        first = count / LANES * LANES;
        dispatch!(set, simd => store_lanes::<_, O, H>(simd, &plan, first, chances));
    }
    let mut sheet = Sheet::<f64, O, H>::new(0.0);
    for index in first..count {
        choose(&plan, plan.node(index), &mut sheet);
        for (offer, chance) in sheet.chances[..plan.offers].iter().enumerate() {
            chances[offer * count + index] = *chance;
        }
    }
}

impl<'a, const H: usize> Plan<'a, H> {
    fn new(menu: &Menu<'a>, nodes: &Nodes<'a>) -> Self {
        let offers = menu.utility.len();
        debug_assert!(offers <= MAX_OFFERS && menu.nest.is_sorted());
        debug_assert!(menu.price.len() == offers && menu.nest.len() == offers);
        debug_assert!(nodes.taste.is_empty() || nodes.taste.len() == offers * nodes.weight.len());
        let offers = if offers < MAX_OFFERS {
            offers
        } else {
            MAX_OFFERS
        };
        let none = Nest {
            first: 0,
            end: 0,
            spread: 1.0,
            sharpness: 1.0,
        };
        let mut plan = Plan {
            menu: *menu,
            nodes: *nodes,
            offers,
            nests: [none; H],
            nest_count: 0,
        };
        let mut first = 0;
        while first < offers {
            let name = menu.nest[first];
            let mut end = first + 1;
            while end < offers && menu.nest[end] == name {
                end += 1;
            }
            let spread = 1.0 - menu.rho[usize::from(name)];
            plan.nests[plan.nest_count] = Nest {
                first,
                end,
                spread,
                sharpness: 1.0 / spread,
            };
            plan.nest_count += 1;
            first = end;
        }
        plan
    }

    fn node(&self, index: usize) -> Node<f64> {
        Node {
            index,
            price_coefficient: self.nodes.price_coefficient[index],
            feasible: self.nodes.feasible[index],
            outside_utility: self.nodes.outside_utility[index],
        }
    }
}

#[inline(always)]
fn node_lanes<S: Simd, const H: usize>(simd: S, plan: &Plan<H>, index: usize) -> Node<f64x8<S>> {
    let nodes = &plan.nodes;
    let lanes = index..index + LANES;
    Node {
        index,
        price_coefficient: f64x8::from_slice(simd, &nodes.price_coefficient[lanes.clone()]),
        feasible: u64x8::from_slice(simd, &nodes.feasible[lanes.clone()]),
        outside_utility: f64x8::from_slice(simd, &nodes.outside_utility[lanes]),
    }
}

#[inline(always)]
fn add_lanes<S: Simd, const O: usize, const H: usize>(
    simd: S,
    plan: &Plan<H>,
    end: usize,
    sums: &mut Sums<O>,
) {
    let mut sheet = Sheet::<f64x8<S>, O, H>::new(f64x8::splat(simd, 0.0));
    let mut index = 0;
    while index < end {
        let node = node_lanes(simd, plan, index);
        let (outside, logsum) = choose(plan, node, &mut sheet);
        let weight = f64x8::from_slice(simd, &plan.nodes.weight[index..index + LANES]);
        for (sum, chance) in sums.shares.iter_mut().zip(&sheet.chances[..plan.offers]) {
            add(sum, weight * *chance);
        }
        add(&mut sums.outside, weight * outside);
        add(
            &mut sums.surplus,
            weight * (logsum / Real::abs(node.price_coefficient)),
        );
        index += LANES;
    }
}

#[inline(always)]
fn store_lanes<S: Simd, const O: usize, const H: usize>(
    simd: S,
    plan: &Plan<H>,
    end: usize,
    chances: &mut [f64],
) {
    let mut sheet = Sheet::<f64x8<S>, O, H>::new(f64x8::splat(simd, 0.0));
    let count = plan.nodes.weight.len();
    let mut index = 0;
    while index < end {
        choose(plan, node_lanes(simd, plan, index), &mut sheet);
        for (offer, chance) in sheet.chances[..plan.offers].iter().enumerate() {
            chance.write(&mut chances[offer * count + index..]);
        }
        index += LANES;
    }
}

#[inline(always)]
fn add<S: Simd>(sum: &mut [f64; LANES], value: f64x8<S>) {
    (f64x8::from_slice(value.simd, sum) + value).store_slice(sum);
}

/// Leaves s_ij in the sheet's chances; returns the outside share and the log-sum.
#[inline(always)]
fn choose<R: Real64, const O: usize, const H: usize>(
    plan: &Plan<H>,
    node: Node<R>,
    sheet: &mut Sheet<R, O, H>,
) -> (R, R) {
    let zero = node.outside_utility.of(0.0);
    let one = zero.of(1.0);
    let mut top = node.outside_utility;
    for h in 0..plan.nest_count {
        let nest = plan.nests[h];
        let peak = utilities(plan, node, nest, &mut sheet.chances);
        sheet.size[h] = one;
        if nest.end - nest.first == 1 {
            sheet.inclusive[h] = peak * zero.of(nest.spread);
            sheet.chances[nest.first] = one;
        } else {
            let empty = peak.equals(zero.of(f64::NEG_INFINITY));
            let shift = R::pick(empty, zero, peak);
            let mut sum = zero;
            for chance in &mut sheet.chances[nest.first..nest.end] {
                *chance = math64::exp(*chance - shift);
                sum = sum + *chance;
            }
            sheet.inclusive[h] = (shift + math64::ln(sum)) * zero.of(nest.spread);
            sheet.size[h] = R::pick(empty, one, sum);
        }
        top = R::pick(top.below(sheet.inclusive[h]), sheet.inclusive[h], top);
    }
    let outside = math64::exp(node.outside_utility - top);
    let mut total = outside;
    for value in &mut sheet.inclusive[..plan.nest_count] {
        *value = math64::exp(*value - top);
        total = total + *value;
    }
    let part = one / total;
    for h in 0..plan.nest_count {
        let nest = plan.nests[h];
        let scale = sheet.inclusive[h] * part / sheet.size[h];
        for chance in &mut sheet.chances[nest.first..nest.end] {
            *chance = *chance * scale;
        }
    }
    (outside * part, top + math64::ln(total))
}

/// V/(1 − ρ) of a nest's offers into `values`, −∞ where not feasible; returns the largest.
#[inline(always)]
fn utilities<R: Real64, const O: usize, const H: usize>(
    plan: &Plan<H>,
    node: Node<R>,
    nest: Nest,
    values: &mut [R; O],
) -> R {
    let never = node.outside_utility.of(f64::NEG_INFINITY);
    let mut peak = never;
    for (index, slot) in values[nest.first..nest.end].iter_mut().enumerate() {
        let offer = nest.first + index;
        let price = never.of(plan.menu.price[offer]);
        let mut value = node.price_coefficient * price + never.of(plan.menu.utility[offer]);
        if !plan.nodes.taste.is_empty() {
            let row = offer * plan.nodes.weight.len() + node.index;
            value = value + value.read(&plan.nodes.taste[row..]);
        }
        value = value * never.of(nest.sharpness);
        value = R::pick(R::bit(node.feasible, offer as u32), value, never);
        *slot = value;
        peak = R::pick(peak.below(value), value, peak);
    }
    peak
}

/// Eight lanes by halving.
fn tree(lanes: &[f64; LANES]) -> f64 {
    let pairs = [
        lanes[0] + lanes[4],
        lanes[1] + lanes[5],
        lanes[2] + lanes[6],
        lanes[3] + lanes[7],
    ];
    (pairs[0] + pairs[2]) + (pairs[1] + pairs[3])
}
