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
        let (zero, most) = (f64x8::splat(self.0, 0.0), f64x8::splat(self.0, power));
        let mut sum = zero;
        for chunk in net_mw.chunks_exact(LANES) {
            let amount = f64x8::from_slice(self.0, chunk) - level;
            let low = Real::pick(zero.below(amount), amount, zero);
            sum += Real::pick(low.below(most), low, most);
        }
        let mut lanes = [0.0; LANES];
        sum.store_slice(&mut lanes);
        lanes_sum(lanes)
    }
}

#[inline(always)]
fn lanes_sum(sum: [f64; LANES]) -> f64 {
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

#[inline(always)]
fn between(amount: f64, most: f64) -> f64 {
    let low = if amount > 0.0 { amount } else { 0.0 };
    if low < most { low } else { most }
}

/// The level above which `power` cuts `energy` out of the net load.
#[inline(always)]
fn level_above(net_mw: &[f64], energy: f64, power: f64, adder: impl Adder) -> f64 {
    let (low, high) = bounds(net_mw);
    let (mut low, mut high) = (low - power, high);
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

/// The level at which what a store buys below it feeds what it sells above it.
#[inline(always)]
fn level_between(net_mw: &[f64], mirror_mw: &[f64], store: Store, adder: impl Adder) -> f64 {
    let (mut low, mut high) = bounds(net_mw);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        let sold = adder.above(net_mw, middle, store.power_mw);
        let bought = adder.above(mirror_mw, -middle, store.power_mw);
        if sold > store.efficiency_share * bought {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[inline(always)]
fn bounds(net_mw: &[f64]) -> (f64, f64) {
    let mut low = net_mw[0];
    let mut high = net_mw[0];
    for net in net_mw {
        low = if *net < low { *net } else { low };
        high = if *net > high { *net } else { high };
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
    let level = level_above(net_mw.as_slice(), energy, power, adder);
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
    match level {
        Level::Scalar => shift_with(net_mw, store, (sold, bought), Plain),
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, simd => {

                shift_with(net_mw, store, (sold, bought), Beside(simd));
            });
        }
    }
}

#[inline(always)]
fn shift_with(
    net_mw: &mut Hours,
    store: Store,
    (sold, bought): (&mut Hours, &mut Hours),
    adder: impl Adder,
) {
    let power = store.power_mw;
    for day in 0..HOURS / DAY {
        let at = day * DAY;
        let net: &mut [f64; DAY] = (&mut net_mw[at..at + DAY]).try_into().expect("whole days");
        let (sell, buy) = levels(net, store, adder);
        for hour in 0..DAY {
            let (out, into) = (
                between(net[hour] - sell, power),
                between(buy - net[hour], power),
            );
            (sold[at + hour], bought[at + hour]) = (out, into);
            net[hour] += into - out;
        }
    }
}

/// Levels at which a day's store sells and buys: as much energy as it holds, or, where that
/// would sell below where it buys, the one level at which what it buys feeds what it sells.
#[inline(always)]
fn levels(net: &[f64; DAY], store: Store, adder: impl Adder) -> (f64, f64) {
    let energy = store.power_mw * store.duration_h;
    let mut mirror = [0.0; DAY];
    for hour in 0..DAY {
        mirror[hour] = -net[hour];
    }
    let sell = level_above(net, energy, store.power_mw, adder);
    let needed = energy / store.efficiency_share;
    let buy = -level_above(&mirror, needed, store.power_mw, adder);
    if buy <= sell {
        return (sell, buy);
    }
    let level = level_between(net, &mirror, store, adder);
    (level, level)
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
