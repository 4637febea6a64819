//! Water and batteries move energy towards the hours that need it most.
//!
//! Hydro: the week's energy E is given; output in hour h is clamp(n_h − λ, 0, P) with the level
//! λ such that the week's output is E (n is the net load). Batteries do the same inside each
//! day, filling valleys with E/η and shaving peaks by E; they never buy above where they sell.
//! This flattens the net load with perfect foresight: a threshold rule, equal to the cheapest
//! schedule when costs rise with net load and nothing else differs between hours.

use super::dispatch::{HOURS, Hours};
use crate::kernels::reduce;

const DAY: usize = 24;
const STEPS: usize = 30;

/// Σ clamp(n_h − level, 0, power) over whole chunks of eight hours.
#[inline(always)]
fn above(net_mw: &[f64], level: f64, power: f64) -> f64 {
    let mut lanes = [0.0; reduce::LANES];
    for chunk in net_mw.chunks(8) {
        for (lane, net) in chunk.iter().enumerate() {
            lanes[lane] += between(net - level, power);
        }
    }
    reduce::lane_tree(lanes)
}

#[inline(always)]
fn between(amount: f64, most: f64) -> f64 {
    let low = if amount > 0.0 { amount } else { 0.0 };
    if low < most { low } else { most }
}

/// The level above which `power` cuts `energy` out of the net load.
fn level_above(net_mw: &[f64], energy: f64, power: f64) -> f64 {
    let (mut low, mut high) = bounds(net_mw);
    low -= power;
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if above(net_mw, middle, power) > energy {
            low = middle
        } else {
            high = middle
        }
    }
    high
}

fn bounds(net_mw: &[f64]) -> (f64, f64) {
    let mut low = net_mw[0];
    let mut high = net_mw[0];
    for net in net_mw {
        low = if *net < low { *net } else { low };
        high = if *net > high { *net } else { high };
    }
    (low, high)
}

/// Hydro: spreads `energy_mwh` over the hours that need it most; `even_share` of it runs evenly.
/// Writes the output and takes it off the net load.
pub fn shave(net_mw: &mut Hours, energy_mwh: f64, power_mw: f64, even_share: f64, out: &mut Hours) {
    let most = power_mw * HOURS as f64;
    let energy = if energy_mwh < most { energy_mwh } else { most };
    let even_mw = energy * even_share / HOURS as f64;
    let power = power_mw - even_mw;
    let level = level_above(net_mw, energy * (1.0 - even_share), power);
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
pub fn shift(net_mw: &mut Hours, store: Store, discharge: &mut Hours, charge: &mut Hours) {
    for day in 0..HOURS / DAY {
        let hours = day * DAY..(day + 1) * DAY;
        let net = &mut net_mw[hours.clone()];
        let (sell, buy) = levels(net, store);
        let power = store.power_mw;
        let (discharge, charge) = (&mut discharge[hours.clone()], &mut charge[hours]);
        for hour in 0..DAY {
            discharge[hour] = between(net[hour] - sell, power);
            charge[hour] = between(buy - net[hour], power);
            net[hour] += charge[hour] - discharge[hour];
        }
    }
}

/// Levels at which a day's store sells and buys: as much energy as it holds, or as much as
/// leaves the selling level above the buying level.
fn levels(net: &[f64], store: Store) -> (f64, f64) {
    let energy = store.power_mw * store.duration_h;
    let at = |energy: f64| {
        let sell = level_above(net, energy, store.power_mw);
        let mut mirror = [0.0; DAY];
        for (mirrored, net) in mirror.iter_mut().zip(net) {
            *mirrored = -net;
        }
        let buy = -level_above(&mirror, energy / store.efficiency_share, store.power_mw);
        (sell, buy)
    };
    let full = at(energy);
    if full.1 <= full.0 {
        return full;
    }
    let (mut low, mut high) = (0.0, energy);
    let mut best = at(0.0);
    for _ in 0..10 {
        let middle = 0.5 * (low + high);
        let (sell, buy) = at(middle);
        if buy <= sell {
            (low, best) = (middle, (sell, buy));
        } else {
            high = middle;
        }
    }
    best
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

    #[test]
    fn hydro_uses_its_energy_and_lowers_the_peak() {
        let mut net = waves();
        let before = net.iter().copied().fold(0.0, f64::max);
        let mut out = [0.0; HOURS];
        shave(&mut net, 100_000.0, 1_500.0, 0.3, &mut out);
        assert!((total(&out) - 100_000.0).abs() < 1.0, "{}", total(&out));
        assert!(out.iter().all(|mw| (0.0..=1_500.0).contains(mw)));
        let after = net.iter().copied().fold(0.0, f64::max);
        assert!((before - after - 1_500.0).abs() < 1.0, "{before} {after}");
    }

    #[test]
    fn more_energy_than_hours_runs_flat_out() {
        let mut net = waves();
        let mut out = [0.0; HOURS];
        shave(&mut net, 1e9, 100.0, 0.0, &mut out);
        assert!(out.iter().all(|mw| (mw - 100.0).abs() < 1e-3));
    }

    #[test]
    fn a_store_pays_its_losses_each_day() {
        let mut net = waves();
        let (mut sold, mut bought) = ([0.0; HOURS], [0.0; HOURS]);
        let store = Store {
            power_mw: 400.0,
            duration_h: 4.0,
            efficiency_share: 0.8,
        };
        shift(&mut net, store, &mut sold, &mut bought);
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
        let store = Store {
            power_mw: 400.0,
            duration_h: 4.0,
            efficiency_share: 0.8,
        };
        shift(&mut net, store, &mut sold, &mut bought);
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
        let store = Store {
            power_mw: 5_000.0,
            duration_h: 100.0,
            efficiency_share: 0.8,
        };
        shift(&mut net, store, &mut sold, &mut bought);
        assert!((0..HOURS).all(|hour| sold[hour] == 0.0 || bought[hour] == 0.0));
        let out: f64 = sold[..24].iter().sum();
        let into: f64 = bought[..24].iter().sum();
        assert!(into * 0.8 >= out * 0.98, "{into} {out}");
    }
}
