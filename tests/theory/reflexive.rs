//! T24: the token price draws owners, owners raise the price.

use super::{DEVICES, online, opened, settle_down, steady_reward, still_world, week_h};
use crate::Cases;
use wattflop::kernels::math::{ln, pow};
use wattflop::market::ids::NetworkId;

/// Logarithm of devices over devices at rest, 30 and 130 weeks after a passing move of the price
/// by `push` (a logarithm), with the loop gain γη/(1+η) for η = 1.
fn deviations(gain: f64, push: f64) -> (f64, f64) {
    let mut world = still_world(&[false]);
    for product in world.chips.products.values_mut() {
        product.system_kw = 1e-9;
    }
    steady_reward(&mut world, 0.01 * DEVICES * week_h());
    let mut run = opened(&world, |_, share| pow(0.1 * share, 1.0));
    settle_down(&mut run);
    // From here on the value beyond fees follows the size of the network.
    let rest = online(&run, 0);
    let rules = &mut run.model.networks.networks[NetworkId(0)];
    rules.price.network_effect_exponent = Some(2.0 * gain);
    rules.price.crypto_kept_per_week = 0.5;
    run.model.providers.behaviour.review_hazard_per_week = 0.2;
    let network = &mut run.world.networks.networks[NetworkId(0)];
    network.first_devices = rest;
    network.crypto_log = push;
    run.scratch.seal.close(&mut run.world);
    run.weeks(30);
    let early = ln(online(&run, 0) / rest);
    run.weeks(100);
    (early, ln(online(&run, 0) / rest))
}

pub fn gain(cases: &mut Cases) {
    for push in [0.4, -0.4] {
        for (gain, word) in [(0.9, "decays"), (1.1, "grows")] {
            let (early, late) = deviations(gain, push);
            let name = format!("T24 gain {gain}, push {push}: deviation {word}");
            println!("{name}: {early} then {late}");
            // The sign of the push stays; what is judged is whether it fades.
            let same = early * push > 0.0 && late * early > 0.0;
            let sign = if late.abs() < early.abs() { -1.0 } else { 1.0 };
            let expected = if gain < 1.0 { -1.0 } else { 1.0 };
            cases.meet(
                &name,
                if same || gain < 1.0 { sign } else { 0.0 },
                expected,
                0.0,
            );
        }
    }
}
