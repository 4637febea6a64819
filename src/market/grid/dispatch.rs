//! Closed-form merit order of a lone region: 168 hours as lanes, blocks as the outer loop.
//!
//! Blocks are served in order of cost. In an hour with load L and capacities k_b, block b serves
//! g_b = clamp(L − Σ_{j<b} k_j, 0, k_b); the price is the cost of the block in which the next
//! megawatt would fall (the upper end of the interval when L lies on an edge). What no block
//! serves is shed. Interruptible load is a block whose cost is what an hour of it is worth.
//!
//! Scarcity: with R = capacity − load, adder = (cap − price) · LOLP(R),
//! LOLP = 1 − Φ((R − X)/σ), and 1 for R ≤ X.

use crate::kernels::lanes::Real;
use crate::kernels::math64::Real64;
use crate::kernels::{Level, math64, reduce};
use fearless_simd::{Simd, SimdBase, f64x8};

/// Hours of a week.
pub const HOURS: usize = 168;
/// One number for each hour of a week.
pub type Hours = [f64; HOURS];

/// Hours that are computed side by side.
pub const LANES: usize = 8;
const CHUNKS: usize = HOURS / LANES;

/// Who stands behind a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A fleet, by its position in its region.
    Fleet(usize),
    /// Neighbours.
    Trade,
    /// Compute load that leaves when the price exceeds its worth.
    Compute(usize),
}

/// One step of the stack.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub cost_usd_per_mwh: f64,
    pub co2_t_per_mwh: f64,
    pub water_m3_per_mwh: f64,
    pub owner: Owner,
}

/// The week's supply: blocks with their hourly capacity, and the order of their costs.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    pub blocks: Vec<Block>,
    pub capacity_mw: Vec<Hours>,
    order: Vec<usize>,
    used: usize,
}

impl Stack {
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.used = 0;
    }

    /// Adds a block and returns its hourly capacity to be filled; memory is used again.
    pub fn push(&mut self, block: Block) -> &mut Hours {
        self.blocks.push(block);
        if self.capacity_mw.len() <= self.used {
            self.capacity_mw.push([0.0; HOURS]);
        }
        self.used += 1;
        &mut self.capacity_mw[self.used - 1]
    }

    /// Blocks from the cheapest to the dearest, after [`sort`](Self::sort).
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Orders blocks by cost; equal costs keep the order in which they were added.
    pub fn sort(&mut self) {
        self.order.clear();
        self.order.extend(0..self.blocks.len());
        let blocks = &self.blocks;
        self.order
            .sort_by(|a, b| (blocks[*a].cost_usd_per_mwh).total_cmp(&blocks[*b].cost_usd_per_mwh));
    }
}

/// What the week's clearing says.
#[derive(Clone, Debug)]
pub struct Cleared {
    /// Cost of one more MWh in each hour, with the scarcity adder after [`add_scarcity`].
    pub price_usd_per_mwh: Hours,
    /// CO2 of one more MWh.
    pub co2_marginal_t_per_mwh: Hours,
    /// Load that nothing serves.
    pub unserved_mw: Hours,
    /// Capacity left above the load.
    pub reserve_mw: Hours,
    /// Output of each block.
    pub output_mw: Vec<Hours>,
}

impl Default for Cleared {
    fn default() -> Self {
        Self {
            price_usd_per_mwh: [0.0; HOURS],
            co2_marginal_t_per_mwh: [0.0; HOURS],
            unserved_mw: [0.0; HOURS],
            reserve_mw: [0.0; HOURS],
            output_mw: Vec::new(),
        }
    }
}

/// Clears 168 hours of a sorted stack. Unserved load sets the price at `cap_usd_per_mwh`.
pub fn clear(level: Level, stack: &Stack, load_mw: &Hours, cap: f64, out: &mut Cleared) {
    out.output_mw
        .resize(stack.blocks.len().max(out.output_mw.len()), [0.0; HOURS]);
    match level {
        Level::Scalar => clear_plain(stack, load_mw, cap, out),
        // Two numbers side by side gain nothing over the plain loops.
        Level::Vector(_) if level.name() == "sse2" => clear_plain(stack, load_mw, cap, out),
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, simd => clear_lanes(simd, stack, load_mw, cap, out));
        }
    }
}

/// Where an hour stands: load not yet served, price and carbon of the marginal block.
#[derive(Clone, Copy)]
pub struct Standing<R> {
    pub left: R,
    pub price: R,
    pub co2: R,
}

/// Serves one block in one hour, or in eight; returns its output.
#[inline(always)]
pub fn serve<R: Real64>(hour: &mut Standing<R>, k: R, cost: f64, co2: f64) -> R {
    let zero = k.of(0.0);
    let left = hour.left;
    let short = left.below(k);
    let wanted = R::pick(zero.at_most(left), left, zero);
    let marginal = short & zero.at_most(left);
    hour.price = R::pick(marginal, k.of(cost), hour.price);
    hour.co2 = R::pick(marginal, k.of(co2), hour.co2);
    hour.left = left - k;
    R::pick(short, wanted, k)
}

/// Eight hours at a time in plain loops, so that any compiler can lay them side by side. One block
/// is marginal in an hour at most, so its price and carbon are gathered by masks of all bits.
fn clear_plain(stack: &Stack, load_mw: &Hours, cap: f64, out: &mut Cleared) {
    let (load, _) = load_mw.as_chunks::<LANES>();
    for (chunk, load) in load.iter().enumerate() {
        let mut left = *load;
        let (mut price, mut co2) = ([0_u64; LANES], [0_u64; LANES]);
        for &index in &stack.order {
            let block = &stack.blocks[index];
            let cost = block.cost_usd_per_mwh.to_bits();
            let carbon = block.co2_t_per_mwh.to_bits();
            let k = &stack.capacity_mw[index].as_chunks::<LANES>().0[chunk];
            let output = &mut out.output_mw[index].as_chunks_mut::<LANES>().0[chunk];
            for lane in 0..LANES {
                let (now, k) = (left[lane], k[lane]);
                let short = if now < k { u64::MAX } else { 0 };
                let open = if 0.0 <= now { u64::MAX } else { 0 };
                price[lane] |= short & open & cost;
                co2[lane] |= short & open & carbon;
                let wanted = if now < 0.0 { 0.0 } else { now };
                output[lane] = if wanted < k { wanted } else { k };
                left[lane] = now - k;
            }
        }
        for lane in 0..LANES {
            let hour = chunk * LANES + lane;
            // Load that begins below nothing meets no marginal block either.
            let is_open = 0.0 <= left[lane] || load[lane] < 0.0;
            out.price_usd_per_mwh[hour] = if is_open {
                cap
            } else {
                f64::from_bits(price[lane])
            };
            out.co2_marginal_t_per_mwh[hour] = f64::from_bits(co2[lane]);
            out.unserved_mw[hour] = if left[lane] > 0.0 { left[lane] } else { 0.0 };
            out.reserve_mw[hour] = -left[lane];
        }
    }
}

#[inline(always)]
fn clear_lanes<S: Simd>(simd: S, stack: &Stack, load_mw: &Hours, cap: f64, out: &mut Cleared) {
    let zero = f64x8::splat(simd, 0.0);
    for chunk in 0..CHUNKS {
        let hours = chunk * LANES..(chunk + 1) * LANES;
        let mut standing = Standing {
            left: f64x8::from_slice(simd, &load_mw[hours.clone()]),
            price: f64x8::splat(simd, cap),
            co2: zero,
        };
        for &index in &stack.order {
            let block = &stack.blocks[index];
            let k = f64x8::from_slice(simd, &stack.capacity_mw[index][hours.clone()]);
            let (cost, co2) = (block.cost_usd_per_mwh, block.co2_t_per_mwh);
            let output = serve(&mut standing, k, cost, co2);
            output.store_slice(&mut out.output_mw[index][hours.clone()]);
        }
        let left = standing.left;
        let unserved = Real::pick(zero.below(left), left, zero);
        (standing.price).store_slice(&mut out.price_usd_per_mwh[hours.clone()]);
        (standing.co2).store_slice(&mut out.co2_marginal_t_per_mwh[hours.clone()]);
        unserved.store_slice(&mut out.unserved_mw[hours.clone()]);
        (-left).store_slice(&mut out.reserve_mw[hours]);
    }
}

/// What is paid when reserves run short.
#[derive(Clone, Copy, Debug)]
pub struct Scarcity {
    pub cap_usd_per_mwh: f64,
    /// X: below it loss of load is certain.
    pub minimum_mw: f64,
    /// σ: error of the forecast of reserve.
    pub error_mw: f64,
}

/// Adds (cap − price) · LOLP(reserve) to every hour's price.
pub fn add_scarcity(level: Level, scarcity: Scarcity, out: &mut Cleared) {
    match level {
        Level::Scalar => scarcity_lanes(scarcity, out),
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, _simd => scarcity_lanes(scarcity, out));
        }
    }
}

#[inline(always)]
fn scarcity_lanes(scarcity: Scarcity, out: &mut Cleared) {
    for (price, reserve) in out.price_usd_per_mwh.iter_mut().zip(&out.reserve_mw) {
        let distance = (reserve - scarcity.minimum_mw) / scarcity.error_mw;
        // Seven standard deviations away the adder is below a thousandth of a cent.
        if distance < 7.0 {
            let lolp = if distance <= 0.0 {
                1.0
            } else {
                1.0 - math64::norm_cdf(distance)
            };
            *price += (scarcity.cap_usd_per_mwh - *price) * lolp;
        }
    }
}

/// Σ of 168 numbers in a fixed order.
#[inline(always)]
pub fn total(hours: &Hours) -> f64 {
    lanes_total(hours, |_, value| value)
}

/// Σ f(hour, value) in a fixed order.
#[inline(always)]
pub fn lanes_total(hours: &Hours, f: impl Fn(usize, f64) -> f64) -> f64 {
    let mut lanes = [0.0; reduce::LANES];
    // Whole chunks: their known length keeps the lanes in registers.
    let (chunks, _) = hours.as_chunks::<LANES>();
    for (chunk, values) in chunks.iter().enumerate() {
        for lane in 0..LANES {
            lanes[lane] += f(chunk * LANES + lane, values[lane]);
        }
    }
    reduce::lane_tree(lanes)
}

/// Mean of the highest `count` of 168 numbers.
pub fn mean_of_highest(hours: &Hours, count: usize) -> f64 {
    let mut sorted = *hours;
    let cut = HOURS - count;
    sorted.select_nth_unstable_by(cut, f64::total_cmp);
    sorted[cut..].sort_unstable_by(f64::total_cmp);
    sorted[cut..].iter().sum::<f64>() / count as f64
}
