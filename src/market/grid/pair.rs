//! Closed form of two regions and one corridor: 168 hours as lanes, blocks as the outer loop.
//!
//! The blocks of both regions are served in one order of cost for the sum of both loads. What the
//! first region's blocks deliver beyond its load is the flow that a corridor without limit would
//! carry, f*. Total cost is convex in the flow, so the best flow is f* brought within the limits:
//! f = min(max(f*, −R), F). Each region is then cleared alone for its load and what it sends.
//! While the corridor has room both pay the price of the common order; when it is full each pays
//! its own. Load that nothing can serve is shed in proportion to load, as far as the corridor
//! allows.

use super::dispatch::{self, Cleared, HOURS, Hours, LANES, Stack, Standing, serve};
use crate::kernels::Level;
use crate::kernels::math64::Real64;
use fearless_simd::{Simd, SimdBase, f64x8};

/// Two regions: their sorted stacks and loads, what the corridor carries from the first to the
/// second and back, and the price at which load is shed.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    pub stacks: [&'a Stack; 2],
    pub load_mw: [&'a Hours; 2],
    pub forward_mw: f64,
    pub reverse_mw: f64,
    pub cap_usd_per_mwh: f64,
}

/// What the common order says, and what the corridor carries.
#[derive(Clone, Debug)]
pub struct Joint {
    /// First → second.
    pub flow_mw: Hours,
    price_usd_per_mwh: Hours,
    co2_t_per_mwh: Hours,
    short_mw: Hours,
    sent_mw: Hours,
    own_mw: Hours,
    order: Vec<(usize, usize)>,
}

impl Default for Joint {
    fn default() -> Self {
        let zero = [0.0; HOURS];
        Self {
            flow_mw: zero,
            price_usd_per_mwh: zero,
            co2_t_per_mwh: zero,
            short_mw: zero,
            sent_mw: zero,
            own_mw: zero,
            order: Vec::new(),
        }
    }
}

/// Clears both regions.
pub fn clear(level: Level, pair: Pair<'_>, joint: &mut Joint, out: [&mut Cleared; 2]) {
    joint.merge(pair.stacks);
    match level {
        Level::Scalar => {
            for hour in 0..HOURS {
                common(0.0, hour, pair, joint);
            }
        }
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, simd => common_lanes(simd, pair, joint));
        }
    }
    joint.limit(pair);
    for (side, out) in out.into_iter().enumerate() {
        let sign = if side == 0 { 1.0 } else { -1.0 };
        for (own, (load, flow)) in
            (joint.own_mw.iter_mut()).zip(pair.load_mw[side].iter().zip(&joint.flow_mw))
        {
            *own = load + sign * flow;
        }
        let cap = pair.cap_usd_per_mwh;
        dispatch::clear(level, pair.stacks[side], &joint.own_mw, cap, out);
        joint.price(pair, out);
    }
}

#[inline(always)]
fn common_lanes<S: Simd>(simd: S, pair: Pair<'_>, joint: &mut Joint) {
    for chunk in 0..HOURS / LANES {
        common(f64x8::splat(simd, 0.0), chunk * LANES, pair, joint);
    }
}

/// The common order in one hour, or in eight, beginning at `hour`.
#[inline(always)]
fn common<R: Real64>(zero: R, hour: usize, pair: Pair<'_>, joint: &mut Joint) {
    let [first, second] = pair.load_mw.map(|load| zero.read(&load[hour..]));
    let mut standing = Standing {
        left: first + second,
        price: zero.of(pair.cap_usd_per_mwh),
        co2: zero,
    };
    let mut sent = zero;
    for &(side, index) in &joint.order {
        let stack = pair.stacks[side];
        let block = &stack.blocks[index];
        let k = zero.read(&stack.capacity_mw[index][hour..]);
        let output = serve(
            &mut standing,
            k,
            block.cost_usd_per_mwh,
            block.co2_t_per_mwh,
        );
        if side == 0 {
            sent = sent + output;
        }
    }
    let short = R::pick(zero.below(standing.left), standing.left, zero);
    standing.price.write(&mut joint.price_usd_per_mwh[hour..]);
    standing.co2.write(&mut joint.co2_t_per_mwh[hour..]);
    short.write(&mut joint.short_mw[hour..]);
    (sent - first).write(&mut joint.sent_mw[hour..]);
}

impl Joint {
    /// Both stacks in one order of cost; the first region's blocks come first among equals.
    fn merge(&mut self, stacks: [&Stack; 2]) {
        self.order.clear();
        let [first, second] = stacks.map(Stack::order);
        let cost = |side: usize, index: usize| stacks[side].blocks[index].cost_usd_per_mwh;
        let (mut a, mut b) = (0, 0);
        while a < first.len() || b < second.len() {
            let from_second =
                a == first.len() || (b < second.len() && cost(1, second[b]) < cost(0, first[a]));
            if from_second {
                self.order.push((1, second[b]));
                b += 1;
            } else {
                self.order.push((0, first[a]));
                a += 1;
            }
        }
    }

    /// Brings the flow within what the corridor carries.
    fn limit(&mut self, pair: Pair<'_>) {
        for hour in 0..HOURS {
            let [first, second] = pair.load_mw.map(|load| load[hour]);
            let (short, all) = (self.short_mw[hour], first + second);
            let shed = if short > 0.0 {
                short * first / all
            } else {
                0.0
            };
            let flow = self.sent_mw[hour] + shed;
            let flow = if flow < pair.forward_mw {
                flow
            } else {
                pair.forward_mw
            };
            self.flow_mw[hour] = if flow > -pair.reverse_mw {
                flow
            } else {
                -pair.reverse_mw
            };
        }
    }

    /// Hours with room on the corridor take the common price.
    fn price(&self, pair: Pair<'_>, out: &mut Cleared) {
        for hour in 0..HOURS {
            let flow = self.flow_mw[hour];
            if flow < pair.forward_mw && flow > -pair.reverse_mw {
                out.price_usd_per_mwh[hour] = self.price_usd_per_mwh[hour];
                out.co2_marginal_t_per_mwh[hour] = self.co2_t_per_mwh[hour];
                // What rounding of the flow leaves over is not shed.
                if self.short_mw[hour] <= 0.0 {
                    out.unserved_mw[hour] = 0.0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispatch::{Block, Owner, total};
    use super::*;

    fn stack(blocks: &[(f64, f64)]) -> Stack {
        let mut stack = Stack::default();
        for (cost, mw) in blocks {
            let block = Block {
                cost_usd_per_mwh: *cost,
                co2_t_per_mwh: cost / 100.0,
                water_m3_per_mwh: 0.0,
                owner: Owner::Trade,
            };
            stack.push(block).fill(*mw);
        }
        stack.sort();
        stack
    }

    fn cleared(level: Level, loads: [f64; 2], limits: (f64, f64)) -> (Joint, [Cleared; 2]) {
        let stacks = [
            stack(&[(-3.0, 30.0), (20.0, 40.0)]),
            stack(&[(50.0, 100.0), (35.0, 5.0)]),
        ];
        let load_mw = loads.map(|mw| [mw; HOURS]);
        let pair = Pair {
            stacks: [&stacks[0], &stacks[1]],
            load_mw: [&load_mw[0], &load_mw[1]],
            forward_mw: limits.0,
            reverse_mw: limits.1,
            cap_usd_per_mwh: 1_000.0,
        };
        let (mut joint, mut out) = (Joint::default(), [Cleared::default(), Cleared::default()]);
        clear(level, pair, &mut joint, out.each_mut());
        (joint, out)
    }

    /// Flow, prices and unserved load of an hour.
    fn hour(loads: [f64; 2], limits: (f64, f64)) -> [f64; 5] {
        let (joint, [a, b]) = cleared(Level::best(), loads, limits);
        [
            joint.flow_mw[7],
            a.price_usd_per_mwh[7],
            b.price_usd_per_mwh[7],
            a.unserved_mw[7],
            b.unserved_mw[7],
        ]
    }

    #[test]
    fn a_full_corridor_parts_prices_and_an_open_one_joins_them() {
        // Wind at home, gas abroad: the corridor is full and wind is curtailed below zero.
        assert_eq!(
            hour([10.0, 40.0], (15.0, 0.0)),
            [15.0, -3.0, 50.0, 0.0, 0.0]
        );
        assert_eq!(
            hour([10.0, 40.0], (99.0, 0.0)),
            [40.0, 20.0, 20.0, 0.0, 0.0]
        );
        // The second region helps out, up to the limit backwards.
        assert_eq!(hour([90.0, 0.0], (9.0, 12.0)), [-12.0, 1e3, 50.0, 8.0, 0.0]);
        assert_eq!(
            hour([80.0, 20.0], (9.0, 12.0)),
            [-10.0, 50.0, 50.0, 0.0, 0.0]
        );
        assert_eq!(hour([10.0, 40.0], (0.0, 0.0)), [0.0, -3.0, 50.0, 0.0, 0.0]);
    }

    #[test]
    fn what_nothing_serves_is_shed_in_proportion_to_load() {
        let [flow, first, second, short, far] = hour([100.0, 120.0], (500.0, 500.0));
        assert_eq!((first, second), (1e3, 1e3));
        assert!((short - 45.0 * 100.0 / 220.0).abs() < 1e-9, "{short}");
        assert!((short + far - 45.0).abs() < 1e-9 && (70.0 - flow + short - 100.0).abs() < 1e-9);
    }

    #[test]
    fn every_level_gives_equal_bits() {
        let run = |level| {
            let (joint, [a, b]) = cleared(level, [77.7, 33.3], (11.1, 5.0));
            let mut bits = joint.flow_mw.map(f64::to_bits).to_vec();
            for out in [a, b] {
                bits.extend(out.price_usd_per_mwh.map(f64::to_bits));
                bits.push(total(&out.output_mw[0]).to_bits());
            }
            bits
        };
        for (name, level) in Level::available() {
            assert!(run(level) == run(Level::Scalar), "{name}");
        }
    }
}
