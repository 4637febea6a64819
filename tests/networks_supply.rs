//! Providers and networks on the shipped facts: openings near the facts, tokens conserved,
//! mechanisms that move the outcome.

mod small;

use small::{Run, run, scenario};
use wattflop::market::ids::Id;
use wattflop::scenario::types::Scenario;

#[test]
fn as_many_devices_open_online_as_the_facts_say() {
    let run = Run::open(&scenario("baseline.yaml", None, &[]), 0);
    for (id, rules) in run.model.networks.networks.iter() {
        if !rules.sells_compute() {
            continue;
        }
        let online: f64 = run.world.providers.served[id.index()]
            .devices
            .iter()
            .map(|(kind, devices)| devices * rules.chips_per_device[kind])
            .sum();
        let mut facts = 0.0;
        for (name, devices) in &rules.facts.opening.devices {
            let kind = run.model.names.hardware.id(name);
            facts += devices * rules.chips_per_device[kind];
        }
        let ratio = online / facts;
        assert!((0.4..2.5).contains(&ratio), "{}: {ratio}", rules.name);
    }
}

#[test]
fn opening_tokens_plus_minted_less_burnt_is_what_everybody_holds() {
    let run = run(&scenario("baseline.yaml", None, &[]), 0, 60);
    for (id, rules) in run.model.networks.networks.iter() {
        let network = &run.world.networks.networks[id];
        let balance = |account| run.world.books.balance(account);
        let ledger = &rules.ledger;
        let seats = balance(ledger.providers_held) + balance(ledger.providers_staked);
        let all = network.total_without_seats_units() + seats;
        let opening = -balance(ledger.genesis);
        assert_eq!(all, opening + network.minted_units - network.burnt_units);
        let facts = rules.facts.opening.total_tokens * 1e8;
        assert!(
            (opening as f64 / facts - 1.0).abs() < 1e-9,
            "{}",
            rules.name
        );
    }
}

/// The sum of a weekly outcome's bits tells two runs apart.
fn changes(treated: &Scenario, outcome: &str) -> bool {
    let control = scenario("baseline.yaml", None, &[]);
    run(treated, 0, 40).outcome(outcome) != run(&control, 0, 40).outcome(outcome)
}

#[test]
fn every_mechanism_of_a_network_moves_the_outcome() {
    let base = scenario("baseline.yaml", None, &[]);
    let with = |change: &dyn Fn(&mut wattflop::scenario::types::Network)| {
        let mut treated = base.clone();
        change(treated.networks.get_mut("ionet").expect("a network"));
        treated
    };
    for (name, treated) in [
        ("emission", with(&|network| network.emission = None)),
        ("staking", with(&|network| network.staking = None)),
        ("verification", with(&|network| network.verification = None)),
        ("vesting", with(&|network| network.vesting.clear())),
        (
            "liquidity",
            with(&|network| {
                network.liquidity = Some(wattflop::scenario::types::Liquidity {
                    pool_usd: 0.0,
                    fee_share: 0.003,
                    curve_exponent: None,
                    providers: None,
                })
            }),
        ),
        (
            "treasury",
            with(&|network| network.treasury.spend_usd_per_year = Some(0.0)),
        ),
    ] {
        assert!(changes(&treated, "token_index"), "{name}");
    }
}

#[test]
fn unlocked_tokens_lower_the_price() {
    let mut treated = scenario("baseline.yaml", None, &[]);
    let control = treated.clone();
    let unlock = "token_unlock: { network: ionet, share: 0.9 }";
    treated.shocks.insert("unlock".into(), small::shock(unlock));
    let lower = small::larger(&control, &treated, "token_index", (12, 20));
    assert!(lower >= 13, "{lower} of 16");
}
