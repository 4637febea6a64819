//! A network's rules from what the scenario says: who may join, and what a device weighs.

use super::{Ledger, Rules, UNITS_PER_TOKEN};
use crate::kernels::math;
use crate::market::ids::{HardwareId, Table};
use crate::market::model::Names;
use crate::scenario::formula::Formula;
use crate::scenario::types::{self, ServiceKind};

/// The devices that may join, one entry a kind.
struct Devices {
    accepts: Table<HardwareId, bool>,
    weight: Table<HardwareId, f64>,
    chips_per_device: Table<HardwareId, f64>,
    reach_devices: Table<HardwareId, f64>,
}

/// One network, ready for the week.
pub fn rules(
    name: &str,
    facts: types::Network,
    (scenario, names): (&types::Scenario, &Names),
    ledger: Ledger,
) -> Rules {
    let devices = match facts.kind.service() {
        Some(kind) => of_service(kind, scenario),
        None => of_compute(&facts, scenario, names),
    };
    let market = &scenario.token_market;
    let opening = &facts.opening;
    let habit = types::Liquidity {
        pool_usd: market.pool_share * opening.total_tokens * opening.token_price_usd,
        fee_share: market.pool_fee_share,
        curve_exponent: None,
        providers: None,
    };
    let purse_usd = facts.treasury.tokens * opening.token_price_usd;
    let spend = market.treasury_spend_share_per_year * purse_usd;
    Rules {
        name: name.to_owned(),
        price: facts.price.clone().unwrap_or(market.price.clone()),
        pool: facts.liquidity.clone().unwrap_or(habit),
        sell_share: facts.rewards.sell_share.unwrap_or(market.sell_share),
        spend_usd_per_year: facts.treasury.spend_usd_per_year.unwrap_or(spend),
        formula: formula(facts.emission.as_ref()),
        quantum_units: quantum(facts.opening.total_tokens),
        weight: devices.weight,
        accepts: devices.accepts,
        chips_per_device: devices.chips_per_device,
        reach_devices: devices.reach_devices,
        facts,
        ledger,
    }
}

/// A formula that the check has read before.
fn formula(rule: Option<&types::Emission>) -> Option<Formula> {
    match rule {
        Some(types::Emission::Expression(rule)) => Formula::read(&rule.tokens_per_week).ok(),
        _ => None,
    }
}

/// Accelerators: a chip of the network's mean opening speed weighs 1.
fn of_compute(facts: &types::Network, scenario: &types::Scenario, names: &Names) -> Devices {
    let kinds = || (names.hardware.iter()).map(|kind| (kind, &scenario.providers.hardware[kind]));
    let speed = |kind: &types::Hardware| scenario.chips.products[&kind.chip].bf16_tflops;
    let accepts: Table<HardwareId, bool> = kinds()
        .map(|(kind, _)| facts.accepts.iter().any(|accepted| accepted == kind))
        .collect();
    let (mut chips, mut speeds) = (0.0, 0.0);
    for ((name, kind), accepted) in kinds().zip(accepts.values()) {
        let online = facts.opening.devices.get(name).copied().unwrap_or(0.0);
        let count = (online + 1e-9) * f64::from(kind.chips_per_device);
        if *accepted {
            chips += count;
            speeds += count * speed(kind);
        }
    }
    let mean = if speeds > 0.0 { speeds / chips } else { 1.0 };
    let exponent = facts.rewards.size_exponent.unwrap_or(1.0);
    let weight = kinds().zip(accepts.values()).map(|((_, kind), accepted)| {
        let relative = math::pow(speed(kind) / mean, exponent);
        f64::from(u8::from(*accepted)) * f64::from(kind.chips_per_device) * relative
    });
    Devices {
        weight: weight.collect(),
        chips_per_device: kinds()
            .map(|(_, kind)| f64::from(kind.chips_per_device))
            .collect(),
        reach_devices: kinds()
            .map(|(_, kind)| kind.owned_devices + kind.prospective_devices)
            .collect(),
        accepts,
    }
}

/// The one device of a service.
fn of_service(kind: ServiceKind, scenario: &types::Scenario) -> Devices {
    let reach = scenario.services.get(&kind).map_or(0.0, |service| {
        service.device.owned_devices + service.device.prospective_devices
    });
    Devices {
        accepts: Table::filled(1, true),
        weight: Table::filled(1, 1.0),
        chips_per_device: Table::filled(1, 1.0),
        reach_devices: Table::filled(1, reach),
    }
}

/// The smallest power of ten in which 64 times the opening supply stays below 2^53.
fn quantum(total_tokens: f64) -> i128 {
    let mut quantum: i128 = 1;
    while total_tokens * UNITS_PER_TOKEN / quantum as f64 * 64.0 > 9e15 {
        quantum *= 10;
    }
    quantum
}
