//! T17 to T19: owners share a fixed reward.

use super::{DEVICES, averages, online, opened, power_usd_per_h, reward_usd, settle_down};
use super::{network_of, steady_reward, still_world, week_h};
use crate::Cases;
use crate::small::Run;
use wattflop::kernels::math::{ln, pow};

/// Takes power out of the cost: what an hour costs is what its owner forgoes.
pub fn without_power(world: &mut wattflop::scenario::types::Scenario) {
    for product in world.chips.products.values_mut() {
        if product.class == wattflop::scenario::types::ChipClass::Consumer {
            product.system_kw = 1e-9;
        }
    }
}

/// Owners with these costs, each knowing what his own devices take from his others, in the
/// week; returns their shares of all devices online.
fn contest(costs: &[f64], one_owner: bool, reward_usd_per_h: f64) -> Vec<f64> {
    let mut world = still_world(&vec![one_owner; costs.len()]);
    without_power(&mut world);
    steady_reward(&mut world, reward_usd_per_h * week_h());
    let mut run = opened(&world, |kind, _| costs[kind]);
    settle_down(&mut run);
    let found = averages(&mut run, 200, |run| {
        std::array::from_fn::<f64, 4, _>(|kind| {
            if kind < costs.len() {
                online(run, kind)
            } else {
                0.0
            }
        })
    });
    let all: f64 = found.iter().sum();
    found[..costs.len()]
        .iter()
        .map(|devices| devices / all)
        .collect()
}

pub fn mining(cases: &mut Cases) {
    for (costs, shares) in [
        ([0.8, 1.0, 1.0, 1.2], [0.4, 0.25, 0.25, 0.1]),
        ([0.5, 1.0, 1.6, 3.0], [2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]),
    ] {
        let found = contest(&costs, true, 0.9 * DEVICES);
        for (owner, share) in shares.iter().enumerate() {
            let name = format!("T17 contest in the week, costs {costs:?}: share of owner {owner}");
            // 1 % of the share; owners who stay out have no devices at all.
            cases.meet(&name, found[owner], *share, 0.01 * share);
        }
    }
}

/// Cost of all hours ÷ reward, with `owners` of equal cost; a crowd for none.
fn dissipation(owners: usize) -> f64 {
    let kinds = if owners == 0 { 1 } else { owners };
    let mut world = still_world(&vec![owners > 0; kinds]);
    without_power(&mut world);
    steady_reward(&mut world, 0.5 * DEVICES * week_h());
    let mut run = opened(&world, |_, _| 1.0);
    settle_down(&mut run);
    let [hours, reward] = averages(&mut run, 200, |run| {
        let devices: f64 = (0..kinds).map(|kind| online(run, kind)).sum();
        [devices * week_h(), reward_usd(run)]
    });
    hours / reward
}

/// Devices online, cost of power, reward: means of a settled year in which owners pay for power
/// alone.
fn electric(price_usd: f64, tariff_factor: f64) -> [f64; 3] {
    let mut world = still_world(&[false]);
    steady_reward(&mut world, 0.02 * DEVICES * week_h());
    let network = network_of(&mut world);
    network.opening.token_price_usd *= price_usd;
    world
        .regions
        .get_mut("us_texas")
        .expect("a region")
        .tariffs
        .residential_usd_per_mwh *= tariff_factor;
    let mut run = opened(&world, |_, _| 0.0);
    settle_down(&mut run);
    averages(&mut run, 104, |run| {
        [online(run, 0), power_usd_per_h(run, 0), reward_usd(run)]
    })
}

pub fn free_entry(cases: &mut Cases) {
    for owners in [2, 4, 8] {
        let closed = 1.0 - 1.0 / owners as f64;
        let name = format!("T18 {owners} owners of equal cost: cost ÷ reward = (n − 1)/n");
        cases.meet(&name, dissipation(owners), closed, 0.01 * closed);
    }
    let name = "T18 a crowd of equal cost: cost ÷ reward → 1";
    cases.meet(name, dissipation(0), 1.0, 0.01);
    let [devices, power, reward] = electric(1.0, 1.0);
    cases.meet(
        "T18 a crowd that pays for power: cost ÷ reward",
        devices * power * week_h() / reward,
        1.0,
        0.01,
    );
    let [more, _, _] = electric(1.2, 1.0);
    cases.meet(
        "T18 elasticity of devices to the token price",
        ln(more / devices) / ln(1.2),
        1.0,
        0.01,
    );
    let [fewer, dear, _] = electric(1.0, 1.2);
    cases.meet(
        "T18 elasticity of devices to the power price",
        ln(fewer / devices) / ln(dear / power),
        -1.0,
        0.01,
    );
}

/// Devices of one unit of the theory, and USD of its cost unit.
const UNIT_DEVICES: f64 = 1e4;
const UNIT_USD: f64 = 0.01;

/// Owners whose cost rises as N^(1/η), paid EP a week; N in the theory's unit.
fn entry(eta: f64, reward: f64) -> f64 {
    let mut world = still_world(&[false]);
    without_power(&mut world);
    steady_reward(&mut world, reward * UNIT_DEVICES * UNIT_USD * week_h());
    let mut run: Run = opened(&world, |_, share| {
        UNIT_USD * pow(share * DEVICES / UNIT_DEVICES, 1.0 / eta)
    });
    settle_down(&mut run);
    let [devices] = averages(&mut run, 200, |run| [online(run, 0)]);
    devices / UNIT_DEVICES
}

pub fn elasticity(cases: &mut Cases) {
    for eta in [0.5, 1.0, 4.0] {
        let share = eta / (1.0 + eta);
        let found = entry(eta, 100.0);
        let closed = pow(100.0, share);
        let name = format!("T19 entry, η {eta}: devices at EP = 100");
        cases.meet(&name, found, closed, 0.02 * closed);
        let more = entry(eta, 200.0);
        let name = format!("T19 entry, η {eta}: elasticity to EP");
        cases.meet(&name, ln(more / found) / ln(2.0), share, 0.02 * share);
    }
}
