//! Dispatch against cases worked out by hand.

use super::dispatch::*;
use crate::kernels::Level;

fn stack(blocks: &[(f64, f64)]) -> Stack {
    let mut stack = Stack::default();
    for &(cost, capacity) in blocks {
        let block = Block {
            cost_usd_per_mwh: cost,
            co2_t_per_mwh: cost / 100.0,
            water_m3_per_mwh: 1.0,
            owner: Owner::Fleet(0),
        };
        stack.push(block).fill(capacity);
    }
    stack.sort();
    stack
}

/// The definition, one hour at a time.
fn plain(stack: &Stack, load: f64, hour: usize, cap: f64) -> (f64, f64, Vec<f64>) {
    let mut output = vec![0.0; stack.blocks.len()];
    let mut left = load;
    let mut price = None;
    for &index in stack.order() {
        let k = stack.capacity_mw[index][hour];
        if price.is_none() && left >= 0.0 && left < k {
            price = Some(stack.blocks[index].cost_usd_per_mwh);
        }
        output[index] = left.clamp(0.0, k);
        left -= k;
    }
    (price.unwrap_or(cap), left.max(0.0), output)
}

/// Case T11 of textbook merit orders: costs 5, 20, 35, 60, 150.
#[test]
fn textbook_prices() {
    let stack = stack(&[
        (5.0, 30.0),
        (20.0, 40.0),
        (35.0, 20.0),
        (60.0, 20.0),
        (150.0, 10.0),
    ]);
    let mut load = [25.0; HOURS];
    (load[1], load[2], load[3], load[4]) = (65.0, 85.0, 108.0, 130.0);
    let mut out = Cleared::default();
    clear(Level::Scalar, &stack, &load, 5_000.0, &mut out);
    assert_eq!(out.price_usd_per_mwh[..5], [5.0, 20.0, 35.0, 60.0, 5_000.0]);
    assert_eq!(out.unserved_mw[4], 10.0);
    assert_eq!(out.reserve_mw[0], 95.0);
    assert_eq!(out.output_mw[1][1], 35.0);
}

/// A day with nuclear, coal, combined cycles and turbines each on the margin at some hour;
/// objective, prices and emissions were computed with PyPSA and HiGHS.
#[test]
fn a_day_that_pypsa_solved() {
    const SHAPE: [f64; 24] = [
        0.62, 0.59, 0.57, 0.56, 0.56, 0.58, 0.63, 0.70, 0.75, 0.79, 0.83, 0.87, 0.90, 0.93, 0.96,
        0.98, 1.0, 0.995, 0.975, 0.94, 0.90, 0.84, 0.76, 0.68,
    ];
    const SOLAR: [f64; 24] = [
        0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.12, 0.29, 0.47, 0.62, 0.73, 0.80, 0.83, 0.81, 0.75, 0.65,
        0.51, 0.34, 0.17, 0.05, 0.0, 0.0, 0.0, 0.0,
    ];
    const WIND: [f64; 24] = [
        0.46, 0.48, 0.50, 0.51, 0.49, 0.46, 0.42, 0.37, 0.33, 0.29, 0.26, 0.24, 0.22, 0.21, 0.22,
        0.24, 0.27, 0.31, 0.35, 0.39, 0.42, 0.44, 0.45, 0.46,
    ];
    let flat = [1.0; 24];
    let fleets: [(f64, f64, f64, &[f64; 24]); 6] = [
        (22_000.0, 0.0, 0.0, &WIND),
        (12_000.0, 0.5, 0.0, &SOLAR),
        (5_000.0, 9.3, 0.0, &flat),
        (6_000.0, 27.4, 0.95, &flat),
        (5_500.0, 31.7, 0.36, &flat),
        (6_000.0, 58.9, 0.52, &flat),
    ];
    let mut stack = Stack::default();
    for (index, (mw, cost, co2, shape)) in fleets.iter().enumerate() {
        let owner = Owner::Fleet(index);
        let block = Block {
            cost_usd_per_mwh: *cost,
            co2_t_per_mwh: *co2,
            water_m3_per_mwh: 0.0,
            owner,
        };
        for (hour, k) in stack.push(block).iter_mut().enumerate() {
            *k = mw * shape[hour % 24];
        }
    }
    stack.sort();
    let load: Hours = std::array::from_fn(|hour| (SHAPE[hour % 24] * 28_137.0).round_ties_even());
    let mut out = Cleared::default();
    clear(Level::Scalar, &stack, &load, 1e5, &mut out);
    let (mut cost, mut co2, mut spent, mut energy) = (0.0, 0.0, 0.0, 0.0);
    for hour in 0..24 {
        for (block, output) in stack.blocks.iter().zip(&out.output_mw) {
            cost += output[hour] * block.cost_usd_per_mwh;
            co2 += output[hour] * block.co2_t_per_mwh;
        }
        spent += out.price_usd_per_mwh[hour] * load[hour];
        energy += load[hour];
    }
    assert!((cost / 5_043_608.70 - 1.0).abs() < 1e-9, "{cost}");
    assert!((co2 / 103_903.55 - 1.0).abs() < 1e-9, "{co2}");
    assert!(
        (spent / energy - 32.623_904_185_5).abs() < 1e-9,
        "{}",
        spent / energy
    );
}

#[test]
fn every_level_gives_the_bits_of_the_definition() {
    let mut state = 7u64;
    let mut draw = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / 2_147_483_648.0
    };
    for _ in 0..50 {
        let mut stack = Stack::default();
        for _ in 0..16 {
            let block = Block {
                cost_usd_per_mwh: (draw() * 20.0).floor() * 5.0,
                co2_t_per_mwh: draw(),
                water_m3_per_mwh: draw(),
                owner: Owner::Trade,
            };
            let size = draw() * 1_000.0;
            let row = stack.push(block);
            for k in row.iter_mut() {
                *k = if draw() < 0.1 { 0.0 } else { size * draw() };
            }
        }
        stack.sort();
        let mut load: Hours = std::array::from_fn(|_| draw() * 6_000.0);
        // Nothing, less than nothing, and the edge of the first block.
        let first = stack.capacity_mw[stack.order()[0]][2];
        (load[0], load[1], load[2]) = (0.0, -3.0, first);
        for (name, level) in Level::available() {
            let mut out = Cleared::default();
            clear(level, &stack, &load, 4_000.0, &mut out);
            for hour in 0..HOURS {
                let (price, unserved, output) = plain(&stack, load[hour], hour, 4_000.0);
                assert_eq!(
                    out.price_usd_per_mwh[hour].to_bits(),
                    price.to_bits(),
                    "{name}"
                );
                assert_eq!(
                    out.unserved_mw[hour].to_bits(),
                    unserved.to_bits(),
                    "{name}"
                );
                for (index, mw) in output.iter().enumerate() {
                    assert_eq!(out.output_mw[index][hour].to_bits(), mw.to_bits(), "{name}");
                }
            }
        }
    }
}

#[test]
fn scarcity_rises_to_the_cap_and_vanishes_with_ample_reserve() {
    let stack = stack(&[(30.0, 1_000.0)]);
    let load: Hours = std::array::from_fn(|hour| 400.0 + 4.0 * hour as f64);
    let scarcity = Scarcity {
        cap_usd_per_mwh: 3_000.0,
        minimum_mw: 30.0,
        error_mw: 20.0,
    };
    for (name, level) in Level::available() {
        let mut out = Cleared::default();
        clear(level, &stack, &load, 3_000.0, &mut out);
        add_scarcity(level, scarcity, &mut out);
        let price = &out.price_usd_per_mwh;
        assert_eq!(price[0], 30.0, "{name}");
        assert!(price.windows(2).all(|pair| pair[0] <= pair[1]), "{name}");
        assert_eq!(price[146], 3_000.0, "{name}");
        assert!(
            price[135] > 31.0 && price[135] < 3_000.0,
            "{name} {}",
            price[135]
        );
    }
}

#[test]
fn the_highest_hours() {
    let hours: Hours = std::array::from_fn(|hour| ((hour * 37) % HOURS) as f64);
    assert_eq!(mean_of_highest(&hours, 8), 163.5);
}

/// An empty stack sheds everything at the cap; no load costs the first block.
#[test]
fn limit_cases() {
    let mut out = Cleared::default();
    let mut empty = Stack::default();
    empty.sort();
    clear(Level::Scalar, &empty, &[5.0; HOURS], 100.0, &mut out);
    assert_eq!((out.price_usd_per_mwh[9], out.unserved_mw[9]), (100.0, 5.0));
    clear(
        Level::Scalar,
        &stack(&[(7.0, 3.0)]),
        &[0.0; HOURS],
        100.0,
        &mut out,
    );
    assert_eq!((out.price_usd_per_mwh[9], out.unserved_mw[9]), (7.0, 0.0));
}
