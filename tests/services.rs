//! Storage, traffic and data in the market: openings at the facts, books exact, a rival's price
//! that moves what networks sell, owners who switch, buy and hardly leave.

mod small;

use small::{Run, run, scenario, shock};
use wattflop::market::ids::Id;
use wattflop::scenario::types::ServiceKind;

const SHARES: [(&str, &str); 3] = [
    ("storage", "storage_network_share"),
    ("bandwidth", "bandwidth_network_share"),
    ("data", "data_network_share"),
];

#[test]
#[ignore = "prints"]
fn print_services() {
    let mut run = Run::open(&scenario("baseline.yaml", None, &[]), 0);
    for week in 0..120 {
        run.weeks(1);
        if week % 8 == 0 || week < 4 {
            for (service, state) in
                (run.model.services.services.iter()).zip(&run.world.services.services)
            {
                for (slot, id) in service.networks.iter().enumerate() {
                    let network = &run.world.networks.networks[*id];
                    eprintln!(
                        "{week:3} {:12} token {:8.4} devices {:9.0} price {:7.4} sold/cap {:6.3} share {:8.6} net/dev {:8.3} emit {:9.0} burnt {:9.0} reward {:8.6} cheat {:5.3}",
                        run.model.networks.networks[*id].name,
                        network.token_price_usd,
                        network.week.online_devices,
                        state.price_usd_per_unit[slot],
                        state.sold_units[slot] / state.capacity_units[slot],
                        state.network_share(),
                        state.net_usd_per_device[slot],
                        network.week.emission_tokens,
                        network.week.burnt_tokens,
                        network.week.reward_usd_per_device_h,
                        network.week.cheating_share,
                    );
                }
            }
        }
    }
}

#[test]
fn every_service_opens_at_its_facts() {
    let run = Run::open(&scenario("baseline.yaml", None, &[]), 0);
    assert_eq!(run.model.services.services.len(), ServiceKind::ALL.len());
    for (service, state) in (run.model.services.services.iter()).zip(&run.world.services.services) {
        for (slot, id) in service.networks.iter().enumerate() {
            let rules = &run.model.networks.networks[*id];
            let facts = rules.facts.opening.service.as_ref().expect("a service");
            let online: f64 = state.served[slot].devices.values().iter().sum();
            let ratio = online / facts.devices;
            assert!((0.85..1.15).contains(&ratio), "{}: {ratio}", rules.name);
            let sold = state.sold_units[slot] / state.capacity_units[slot];
            assert!((sold - rules.facts.opening.utilisation_share).abs() < 1e-9);
        }
    }
}

#[test]
fn without_shocks_a_quarter_leaves_services_near_their_opening() {
    let run = run(&scenario("baseline.yaml", None, &[]), 0, 13);
    for (_, share) in SHARES {
        let values = run.outcome(share);
        let ratio = values[12] / values[0];
        assert!((0.9..1.1).contains(&ratio), "{share}: {ratio}");
    }
    let devices = run.outcome("service_devices");
    let ratio = devices[12] / devices[0];
    assert!((0.9..1.1).contains(&ratio), "devices: {ratio}");
}

#[test]
fn a_rival_s_price_moves_what_networks_sell() {
    let control = scenario("baseline.yaml", None, &[]);
    for (service, share) in SHARES {
        let moved = |factor: f64| {
            let mut treated = control.clone();
            let effect = format!("rival_price: {{ service: {service}, factor: {factor} }}");
            treated.shocks.insert("rival".into(), shock(&effect));
            run(&treated, 0, 30).mean(share, 20, 29)
        };
        let plain = run(&control, 0, 30).mean(share, 20, 29);
        let (dearer, cheaper) = (moved(1.3), moved(0.7));
        assert!(dearer > plain * 1.02, "{service}: {plain} {dearer}");
        assert!(cheaper < plain * 0.98, "{service}: {plain} {cheaper}");
    }
}

/// A second network of the same kind drains the first when it pays more.
#[test]
fn networks_of_one_kind_drain_one_another() {
    let mut twins = scenario("baseline.yaml", None, &[]);
    // Nobody can buy: what one gains, the other loses.
    let service = twins.services.get_mut(&ServiceKind::Bandwidth);
    service.expect("traffic").device.prospective_devices = 0.0;
    let mut twin = twins.networks["helium"].clone();
    for network in [&mut twin, twins.networks.get_mut("helium").expect("helium")] {
        let opening = network.opening.service.as_mut().expect("a service");
        opening.devices /= 2.0;
        network.opening.rewards_tokens_per_week /= 2.0;
    }
    twins.networks.insert("rival_hotspots".into(), twin);
    let mut generous = twins.clone();
    let rewards = &mut generous
        .networks
        .get_mut("rival_hotspots")
        .expect("twin")
        .rewards;
    rewards.provider_share = 1.0;
    let online = |scenario| {
        let run = run(scenario, 0, 40);
        let id = run.model.names.networks.id("helium");
        let network: &wattflop::market::networks::Network = &run.world.networks.networks[id];
        network.week.online_devices
    };
    let (calm, drained) = (online(&twins), online(&generous));
    assert!(drained < calm * 0.9, "{calm} {drained}");
}

/// Helium 2021: owners flood in after rewards rise, a device's lead time later, and hardly leave.
#[test]
fn owners_flood_in_after_a_spike_and_hardly_leave() {
    let mut spike = scenario("baseline.yaml", None, &[]);
    let year = "{ fixed_schedule: { damping_per_year: 1, tokens_per_year: { 2025-08-01: 7500000, \
                2026-01-05: 60000000, 2026-07-06: 7500000 } } }";
    use wattflop::scenario::Decode;
    let node = wattflop::scenario::read::parse(wattflop::scenario::tree::TextId(0), year);
    let node = node.unwrap_or_else(|problems| panic!("{problems:?}"));
    let emission = wattflop::scenario::types::Emission::decode(&node);
    spike.networks.get_mut("helium").expect("helium").emission = Some(emission);
    let run = run(&spike, 0, 104);
    let devices = run.outcome("service_devices");
    let (before, top) = (devices[8], devices[40]);
    let path: Vec<u32> = devices
        .iter()
        .step_by(4)
        .map(|devices| *devices as u32)
        .collect();
    assert!(top > before * 1.1, "{path:?}");
    assert!(devices[100] > before + 0.5 * (top - before), "{path:?}");
}

#[test]
fn tokens_of_services_are_conserved_to_the_unit() {
    let run = run(&scenario("baseline.yaml", None, &[]), 0, 60);
    for (service, _) in (run.model.services.services.iter()).zip(&run.world.services.services) {
        for id in &service.networks {
            let rules = &run.model.networks.networks[*id];
            let network = &run.world.networks.networks[*id];
            let balance = |account| run.world.books.balance(account);
            let ledger = &rules.ledger;
            let seats = balance(ledger.providers_held) + balance(ledger.providers_staked);
            let all = network.total_without_seats_units() + seats;
            let opening = -balance(ledger.genesis);
            assert_eq!(all, opening + network.minted_units - network.burnt_units);
            assert!(balance(ledger.providers_held) >= 0, "{}", id.index());
        }
    }
}
