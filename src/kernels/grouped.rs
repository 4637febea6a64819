//! Nested-logit choice over one menu by groups of buyers that differ in what they may use.
//!
//! The same choice as [`choice`](super::choice) for nodes that are every pair of a group and a
//! point of price sensitivity: e^{V_j/(1−ρ)} hangs on the point alone, so that it is computed
//! once for all groups. Nests are shifted by the best offer that any group may use: what lies
//! further below it than numbers reach has share 0.
//!
//! Point m belongs to lane m mod 8; lanes are summed by halving. Equal bits at every level.

use super::Level;
use super::choice::{Chosen, MAX_OFFERS, Menu};
use super::math64::{self, Real64};
use fearless_simd::{Simd, SimdBase, dispatch, f64x8};

/// Points whose choices are computed together.
const LANES: usize = 8;
/// Most groups.
pub const MAX_GROUPS: usize = 8;
/// Most nests.
pub const MAX_NESTS: usize = 8;

/// Who chooses.
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    /// Utility per unit of price by point, negative.
    pub price_coefficient: &'a [f64],
    /// Weight of a point in each group.
    pub weight: &'a [f64],
    /// Bit j: offer j is feasible, by group.
    pub feasible: &'a [u64],
    pub outside_utility: f64,
}

/// Sums over points by lane.
struct Sums {
    shares: [[f64; LANES]; MAX_OFFERS],
    outside: [f64; LANES],
    surplus: [f64; LANES],
}

/// Lanes from `at`, of which the first `count` are somebody.
#[derive(Clone, Copy)]
struct Point<R> {
    lane: usize,
    price_coefficient: R,
    /// 1 for somebody, 0 for nobody.
    part: R,
}

/// A nest's offers.
#[derive(Clone, Copy, Default)]
struct Nest {
    first: usize,
    end: usize,
    spread: f64,
    sharpness: f64,
}

struct Plan<'a> {
    menu: Menu<'a>,
    groups: Groups<'a>,
    /// Offers that some group may use.
    reach: u64,
    nests: [Nest; MAX_NESTS],
    count: usize,
}

/// Σ over groups and points of weight · s_ij into `shares`.
pub fn shares(level: Level, menu: &Menu, groups: &Groups, shares: &mut [f64]) -> Chosen {
    let plan = Plan::new(menu, groups);
    let mut sums = Sums {
        shares: [[0.0; LANES]; MAX_OFFERS],
        outside: [0.0; LANES],
        surplus: [0.0; LANES],
    };
    match level {
        Level::Vector(set) => dispatch!(set, simd => add_lanes(simd, &plan, &mut sums)),
        Level::Scalar => {
            for (at, coefficient) in groups.price_coefficient.iter().enumerate() {
                let point = Point {
                    lane: at % LANES,
                    price_coefficient: *coefficient,
                    part: 1.0,
                };
                add(&plan, point, &mut sums);
            }
        }
    }
    for (share, lanes) in shares.iter_mut().zip(&sums.shares[..menu.utility.len()]) {
        *share = tree(lanes);
    }
    Chosen {
        outside: tree(&sums.outside),
        surplus: tree(&sums.surplus),
    }
}

impl<'a> Plan<'a> {
    fn new(menu: &Menu<'a>, groups: &Groups<'a>) -> Self {
        let offers = menu.utility.len();
        debug_assert!(offers <= MAX_OFFERS && menu.nest.is_sorted());
        debug_assert!(groups.weight.len() <= MAX_GROUPS && menu.price.len() == offers);
        debug_assert!(groups.weight.len() == groups.feasible.len());
        let mut plan = Plan {
            menu: *menu,
            groups: *groups,
            reach: groups.feasible.iter().fold(0, |all, mask| all | mask),
            nests: [Nest::default(); MAX_NESTS],
            count: 0,
        };
        let mut first = 0;
        while first < offers && plan.count < MAX_NESTS {
            let name = menu.nest[first];
            let mut end = first + 1;
            while end < offers && menu.nest[end] == name {
                end += 1;
            }
            let spread = 1.0 - menu.rho[usize::from(name)];
            plan.nests[plan.count] = Nest {
                first,
                end,
                spread,
                sharpness: 1.0 / spread,
            };
            plan.count += 1;
            first = end;
        }
        plan
    }
}

#[inline(always)]
fn add_lanes<S: Simd>(simd: S, plan: &Plan, sums: &mut Sums) {
    let points = plan.groups.price_coefficient;
    let mut at = 0;
    while at < points.len() {
        let left = points.len() - at;
        let count = if left < LANES { left } else { LANES };
        let (mut coefficient, mut part) = ([-1.0; LANES], [0.0; LANES]);
        coefficient[..count].copy_from_slice(&points[at..at + count]);
        part[..count].fill(1.0);
        let point = Point {
            lane: 0,
            price_coefficient: f64x8::from_slice(simd, &coefficient),
            part: f64x8::from_slice(simd, &part),
        };
        add(plan, point, sums);
        at += LANES;
    }
}

/// Adds the choices of all groups at one point, or at eight.
#[inline(always)]
fn add<R: Real64>(plan: &Plan, point: Point<R>, sums: &mut Sums) {
    let zero = point.part.of(0.0);
    let mut sizes = [zero; MAX_OFFERS];
    let mut peaks = [zero; MAX_NESTS];
    for h in 0..plan.count {
        peaks[h] = weigh(plan, point, plan.nests[h], &mut sizes);
    }
    let mut scales = [[zero; MAX_NESTS]; MAX_GROUPS];
    let (mut outside, mut surplus) = (zero, zero);
    for (group, mask) in plan.groups.feasible.iter().enumerate() {
        let weight = point.part * zero.of(plan.groups.weight[group]);
        let at = (&sizes, &peaks, weight);
        let (stays, logsum) = share_out(plan, *mask, at, &mut scales[group]);
        outside = outside + stays;
        surplus = surplus + weight * logsum;
    }
    let groups = plan.groups.feasible;
    for h in 0..plan.count {
        for j in plan.nests[h].first..plan.nests[h].end {
            let mut scale = zero;
            for (mask, scales) in groups.iter().zip(&scales) {
                if mask >> j & 1 == 1 {
                    scale = scale + scales[h];
                }
            }
            let slot = &mut sums.shares[j][point.lane..];
            (zero.read(slot) + sizes[j] * scale).write(slot);
        }
    }
    let slot = &mut sums.outside[point.lane..];
    (zero.read(slot) + outside).write(slot);
    let slot = &mut sums.surplus[point.lane..];
    (zero.read(slot) + surplus / point.price_coefficient.abs()).write(slot);
}

/// e^(V/(1−ρ) − peak) of a nest's offers, 0 for those that nobody may use; returns the peak.
#[inline(always)]
fn weigh<R: Real64>(plan: &Plan, point: Point<R>, nest: Nest, sizes: &mut [R; MAX_OFFERS]) -> R {
    let never = point.part.of(f64::NEG_INFINITY);
    let mut peak = never;
    for j in nest.first..nest.end {
        if plan.reach >> j & 1 == 1 {
            let value = point.price_coefficient * never.of(plan.menu.price[j])
                + never.of(plan.menu.utility[j]);
            let value = value * never.of(nest.sharpness);
            sizes[j] = value;
            peak = R::pick(peak.below(value), value, peak);
        }
    }
    for j in nest.first..nest.end {
        if plan.reach >> j & 1 == 1 {
            sizes[j] = math64::exp(sizes[j] - peak);
        }
    }
    peak
}

/// Weight × what turns a size into a share, by nest; returns weight × outside share, and the
/// log-sum.
#[inline(always)]
fn share_out<R: Real64>(
    plan: &Plan,
    mask: u64,
    (sizes, peaks, weight): (&[R; MAX_OFFERS], &[R; MAX_NESTS], R),
    scales: &mut [R; MAX_NESTS],
) -> (R, R) {
    let (zero, one) = (weight.of(0.0), weight.of(1.0));
    let never = zero.of(f64::NEG_INFINITY);
    let stay = zero.of(plan.groups.outside_utility);
    let mut top = stay;
    let (mut inclusive, mut whole) = ([never; MAX_NESTS], [one; MAX_NESTS]);
    for h in 0..plan.count {
        let nest = plan.nests[h];
        let mut sum = zero;
        for j in nest.first..nest.end {
            if mask >> j & 1 == 1 {
                sum = sum + sizes[j];
            }
        }
        let empty = sum.equals(zero);
        let value = (peaks[h] + math64::ln(sum)) * zero.of(nest.spread);
        inclusive[h] = R::pick(empty, never, value);
        whole[h] = R::pick(empty, one, sum);
        top = R::pick(top.below(inclusive[h]), inclusive[h], top);
    }
    let outside = math64::exp(stay - top);
    let mut total = outside;
    for value in &mut inclusive[..plan.count] {
        *value = math64::exp(*value - top);
        total = total + *value;
    }
    let part = weight / total;
    for h in 0..plan.count {
        scales[h] = inclusive[h] * part / whole[h];
    }
    (outside * part, top + math64::ln(total))
}

/// Eight lanes by halving.
fn tree(lanes: &[f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = *lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::super::choice::{self, Nodes};
    use super::*;

    /// Twelve offers in three nests, eleven points, three groups: shares and the rest.
    fn both(level: Level) -> ([f64; 12], Chosen, [f64; 12], Chosen) {
        let spread = |k: usize| f64::from((k as u32 * 29) % 17) / 5.0;
        let utility: Vec<f64> = (0..12).map(|j| spread(j) - 1.0).collect();
        let price: Vec<f64> = (0..12).map(|j| 0.2 + spread(j + 5)).collect();
        let menu = Menu {
            utility: &utility,
            price: &price,
            nest: &[0, 0, 0, 0, 0, 2, 2, 2, 3, 3, 3, 3],
            rho: &[0.5, 0.9, 0.7, 0.0],
        };
        let points: Vec<f64> = (0..11).map(|m| -0.3 - 0.4 * m as f64).collect();
        let groups = Groups {
            price_coefficient: &points,
            weight: &[0.04, 0.03, 0.02],
            feasible: &[0xfff, 0b1110_0001_0110, 0b0000_1110_0000],
            outside_utility: 0.4,
        };
        let mut nodes = (Vec::new(), Vec::new(), Vec::new());
        for (weight, mask) in groups.weight.iter().zip(groups.feasible) {
            for point in &points {
                nodes.0.push(*weight);
                nodes.1.push(*point);
                nodes.2.push(*mask);
            }
        }
        let single = Nodes {
            weight: &nodes.0,
            price_coefficient: &nodes.1,
            feasible: &nodes.2,
            outside_utility: &[0.4; 33],
            taste: &[],
        };
        let (mut own, mut truth) = ([0.0; 12], [0.0; 12]);
        let chosen = shares(level, &menu, &groups, &mut own);
        let expected = choice::shares(Level::Scalar, &menu, &single, &mut truth);
        (own, chosen, truth, expected)
    }

    #[test]
    fn groups_choose_what_their_nodes_choose_one_by_one() {
        let (own, chosen, truth, expected) = both(Level::Scalar);
        for (own, truth) in own.iter().zip(truth) {
            assert!((own - truth).abs() < 1e-15, "{own} against {truth}");
        }
        assert!((chosen.outside - expected.outside).abs() < 1e-15);
        assert!((chosen.surplus / expected.surplus - 1.0).abs() < 1e-14);
    }

    #[test]
    fn every_level_has_the_same_bits() {
        let alone = both(Level::Scalar);
        for (name, level) in Level::available() {
            let found = both(level);
            assert_eq!((found.0, found.1), (alone.0, alone.1), "{name}");
        }
    }
}
