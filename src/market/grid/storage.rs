//! Water and batteries move energy towards the hours that need it most.
//!
//! Hydro: the week's energy E is given; output in hour h is clamp(n_h − λ, 0, P) with the level
//! λ such that the week's output is E (n is the net load). Batteries do the same inside each
//! day, filling valleys with E/η and shaving peaks by E; they never buy above where they sell.
//! This flattens the net load with perfect foresight: a threshold rule, equal to the cheapest
//! schedule when costs rise with net load and nothing else differs between hours.

use super::dispatch::{HOURS, Hours, LANES};
use crate::kernels::Level;
use crate::kernels::lanes::Real;
use fearless_simd::{Simd, SimdBase, f64x8};

const DAY: usize = 24;
const DAYS: usize = HOURS / DAY;
const STEPS: usize = 26;

/// How Σ clamp(n_h − level, 0, power) is added up: eight lanes, one after or beside the other.
/// Methods, not closures: only what is always inlined keeps the instructions of its level.
trait Adder: Copy {
    fn above(self, net_mw: &[f64], level: f64, power: f64) -> f64;
}

/// One lane after the other.
#[derive(Clone, Copy)]
struct Plain;

impl Adder for Plain {
    fn above(self, net_mw: &[f64], level: f64, power: f64) -> f64 {
        let mut lanes = [0.0; LANES];
        for chunk in net_mw.chunks_exact(LANES) {
            for (lane, net) in lanes.iter_mut().zip(chunk) {
                *lane += between(net - level, power);
            }
        }
        lanes_sum(lanes)
    }
}

/// Lanes side by side.
#[derive(Clone, Copy)]
struct Beside<S>(S);

impl<S: Simd> Adder for Beside<S> {
    #[inline(always)]
    fn above(self, net_mw: &[f64], level: f64, power: f64) -> f64 {
        let most = f64x8::splat(self.0, power);
        let mut sum = f64x8::splat(self.0, 0.0);
        for chunk in net_mw.chunks_exact(LANES) {
            sum += between(f64x8::from_slice(self.0, chunk) - level, most);
        }
        let mut lanes = [0.0; LANES];
        sum.store_slice(&mut lanes);
        lanes_sum(lanes)
    }
}

#[inline(always)]
fn lanes_sum<R: Real>(sum: [R; LANES]) -> R {
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

#[inline(always)]
fn between<R: Real<One = f64>>(amount: R, most: R) -> R {
    let zero = amount.of(0.0);
    let low = R::pick(zero.below(amount), amount, zero);
    R::pick(low.below(most), low, most)
}

/// The level above which `power` cuts `energy` out of the week's net load.
#[inline(always)]
fn week_level(net_mw: &Hours, energy: f64, power: f64, adder: impl Adder) -> f64 {
    let (low, mut high) = bounds(net_mw);
    let mut low = low - power;
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if adder.above(net_mw, middle, power) > energy {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[inline(always)]
fn bounds<R: Real>(net_mw: &[R]) -> (R, R) {
    let (mut low, mut high) = (net_mw[0], net_mw[0]);
    for net in net_mw {
        low = R::pick(net.below(low), *net, low);
        high = R::pick(high.below(*net), *net, high);
    }
    (low, high)
}

/// A hydro fleet's week.
#[derive(Clone, Copy, Debug)]
pub struct Water {
    pub energy_mwh: f64,
    pub power_mw: f64,
    /// Share of the energy that runs evenly.
    pub even_share: f64,
}

/// Hydro: spreads its energy over the hours that need it most.
/// Writes the output and takes it off the net load.
pub fn shave(level: Level, net_mw: &mut Hours, water: Water, out: &mut Hours) {
    match level {
        Level::Scalar => shave_with(net_mw, water, out, Plain),
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, simd => {

                shave_with(net_mw, water, out, Beside(simd));
            });
        }
    }
}

#[inline(always)]
fn shave_with(net_mw: &mut Hours, water: Water, out: &mut Hours, adder: impl Adder) {
    let most = water.power_mw * HOURS as f64;
    let energy = if water.energy_mwh < most {
        water.energy_mwh
    } else {
        most
    };
    let even_mw = energy * water.even_share / HOURS as f64;
    let power = water.power_mw - even_mw;
    let energy = energy * (1.0 - water.even_share);
    let level = week_level(net_mw, energy, power, adder);
    for (net, output) in net_mw.iter_mut().zip(out) {
        *output = even_mw + between(*net - level, power);
        *net -= *output;
    }
}

/// A store: megawatts, hours and losses.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    pub power_mw: f64,
    pub duration_h: f64,
    pub efficiency_share: f64,
}

/// Batteries: fills each day's valleys and shaves its peaks. Writes discharge (positive) and
/// charge (positive, into `charge`), and changes the net load accordingly.
pub fn shift(level: Level, net_mw: &mut Hours, store: Store, sold: &mut Hours, bought: &mut Hours) {
    let (mut sell, mut buy) = ([0.0; LANES], [0.0; LANES]);
    match level {
        Level::Scalar => {
            for day in 0..DAYS {
                let net: [f64; DAY] = std::array::from_fn(|hour| net_mw[day * DAY + hour]);
                (sell[day], buy[day]) = levels(&net, store);
            }
        }
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, simd => {
                days_beside(simd, net_mw, store, (&mut sell, &mut buy));
            });
        }
    }
    let power = store.power_mw;
    for (hour, net) in net_mw.iter_mut().enumerate() {
        let (sell, buy) = (sell[hour / DAY], buy[hour / DAY]);
        let (out, into) = (between(*net - sell, power), between(buy - *net, power));
        (sold[hour], bought[hour]) = (out, into);
        *net += into - out;
    }
}

/// [`levels`] of all days, one day in each lane: every step of a search waits for the one before
/// it, so that seven searches side by side take a quarter of the time of one after the other.
/// The eighth lane repeats the last day.
#[inline(always)]
fn days_beside<S: Simd>(
    simd: S,
    net_mw: &Hours,
    store: Store,
    (sell, buy): (&mut [f64; LANES], &mut [f64; LANES]),
) {
    let mut net = [f64x8::splat(simd, 0.0); DAY];
    for (hour, net) in net.iter_mut().enumerate() {
        let mut lanes = [net_mw[(DAYS - 1) * DAY + hour]; LANES];
        for day in 0..DAYS {
            lanes[day] = net_mw[day * DAY + hour];
        }
        *net = f64x8::from_slice(simd, &lanes);
    }
    let (sells, buys) = levels(&net, store);
    sells.store_slice(sell);
    buys.store_slice(buy);
}

/// Levels at which a day's store sells and buys: as much energy as it holds, or, where that
/// would sell below where it buys, the one level at which what it buys feeds what it sells.
#[inline(always)]
fn levels<R: Real<One = f64>>(net: &[R; DAY], store: Store) -> (R, R) {
    let energy = store.power_mw * store.duration_h;
    let mut mirror = *net;
    for net in &mut mirror {
        *net = -*net;
    }
    let power = net[0].of(store.power_mw);
    let sell = day_level(net, net[0].of(energy), power);
    let needed = energy / store.efficiency_share;
    let buy = -day_level(&mirror, net[0].of(needed), power);
    let apart = buy.at_most(sell);
    if !R::any(!apart) {
        return (sell, buy);
    }
    let level = day_level_between(net, &mirror, power, net[0].of(store.efficiency_share));
    (R::pick(apart, sell, level), R::pick(apart, buy, level))
}

/// Σ clamp(n_h − level, 0, power) over one day, or over a day in each lane; hour h belongs to sum
/// h mod 8.
#[inline(always)]
fn day_above<R: Real<One = f64>>(net: &[R; DAY], level: R, power: R) -> R {
    let mut sums = [level; LANES];
    for (at, sum) in sums.iter_mut().enumerate() {
        *sum = between(net[at] - level, power)
            + between(net[at + LANES] - level, power)
            + between(net[at + 2 * LANES] - level, power);
    }
    lanes_sum(sums)
}

/// The level above which `power` cuts `energy` out of a day's net load.
#[inline(always)]
fn day_level<R: Real<One = f64>>(net: &[R; DAY], energy: R, power: R) -> R {
    let (low, mut high) = bounds(net);
    let mut low = low - power;
    for _ in 0..STEPS {
        let middle = (low + high) * low.of(0.5);
        let more = energy.below(day_above(net, middle, power));
        (low, high) = (R::pick(more, middle, low), R::pick(more, high, middle));
    }
    high
}

/// The level at which what a store buys below it feeds what it sells above it.
#[inline(always)]
fn day_level_between<R: Real<One = f64>>(
    net: &[R; DAY],
    mirror: &[R; DAY],
    power: R,
    efficiency: R,
) -> R {
    let (mut low, mut high) = bounds(net);
    for _ in 0..STEPS {
        let middle = (low + high) * low.of(0.5);
        let sold = day_above(net, middle, power);
        let bought = day_above(mirror, -middle, power);
        let more = (efficiency * bought).below(sold);
        (low, high) = (R::pick(more, middle, low), R::pick(more, high, middle));
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::grid::dispatch::total;

    fn waves() -> Hours {
        std::array::from_fn(|hour| {
            1_000.0 + 300.0 * (((hour % 24) as f64) - 12.0).abs() + hour as f64
        })
    }

    fn store(power_mw: f64, duration_h: f64, efficiency_share: f64) -> Store {
        Store {
            power_mw,
            duration_h,
            efficiency_share,
        }
    }

    #[test]
    fn hydro_uses_its_energy_and_lowers_the_peak() {
        let mut net = waves();
        let before = net.iter().copied().fold(0.0, f64::max);
        let mut out = [0.0; HOURS];
        let water = Water {
            energy_mwh: 100_000.0,
            power_mw: 1_500.0,
            even_share: 0.3,
        };
        shave(Level::best(), &mut net, water, &mut out);
        assert!((total(&out) - 100_000.0).abs() < 1.0, "{}", total(&out));
        assert!(out.iter().all(|mw| (0.0..=1_500.0).contains(mw)));
        let after = net.iter().copied().fold(0.0, f64::max);
        assert!((before - after - 1_500.0).abs() < 1.0, "{before} {after}");
    }

    #[test]
    fn more_energy_than_hours_runs_flat_out() {
        let mut net = waves();
        let mut out = [0.0; HOURS];
        let water = Water {
            energy_mwh: 1e9,
            power_mw: 100.0,
            even_share: 0.0,
        };
        shave(Level::best(), &mut net, water, &mut out);
        assert!(out.iter().all(|mw| (mw - 100.0).abs() < 1e-3));
    }

    #[test]
    fn a_store_pays_its_losses_each_day() {
        let mut net = waves();
        let (mut sold, mut bought) = ([0.0; HOURS], [0.0; HOURS]);
        let store = store(400.0, 4.0, 0.8);
        shift(Level::best(), &mut net, store, &mut sold, &mut bought);
        for day in 0..7 {
            let hours = day * 24..(day + 1) * 24;
            let out: f64 = sold[hours.clone()].iter().sum();
            let into: f64 = bought[hours].iter().sum();
            assert!((out - 1_600.0).abs() < 0.1, "{out}");
            assert!((into * 0.8 - out).abs() < 0.1, "{into} {out}");
        }
        assert!((0..HOURS).all(|hour| sold[hour] == 0.0 || bought[hour] == 0.0));
    }

    #[test]
    fn a_flat_day_moves_nothing() {
        let mut net = [500.0; HOURS];
        let (mut sold, mut bought) = ([0.0; HOURS], [0.0; HOURS]);
        let store = store(400.0, 4.0, 0.8);
        shift(Level::best(), &mut net, store, &mut sold, &mut bought);
        assert!(
            total(&sold) < 1e-3 && total(&bought) < 1e-3,
            "{}",
            total(&sold)
        );
    }

    #[test]
    fn a_store_larger_than_the_valleys_never_trades_against_itself() {
        let mut net = waves();
        let (mut sold, mut bought) = ([0.0; HOURS], [0.0; HOURS]);
        let store = store(5_000.0, 100.0, 0.8);
        shift(Level::best(), &mut net, store, &mut sold, &mut bought);
        assert!((0..HOURS).all(|hour| sold[hour] == 0.0 || bought[hour] == 0.0));
        let out: f64 = sold[..24].iter().sum();
        let into: f64 = bought[..24].iter().sum();
        assert!((into * 0.8 / out - 1.0).abs() < 1e-3, "{into} {out}");
    }

    #[test]
    fn every_level_gives_equal_bits() {
        let store = store(777.0, 3.3, 0.85);
        let water = Water {
            energy_mwh: 81_234.5,
            power_mw: 1_500.0,
            even_share: 0.35,
        };
        let run = |level| {
            let (mut net, mut out) = (waves(), [0.0; HOURS]);
            let (mut sold, mut bought) = ([0.0; HOURS], [0.0; HOURS]);
            shave(level, &mut net, water, &mut out);
            shift(level, &mut net, store, &mut sold, &mut bought);
            net.map(f64::to_bits)
        };
        for (name, level) in Level::available() {
            assert_eq!(run(level), run(Level::Scalar), "{name}");
        }
    }
}
