//! The exact rules inside the week: burnt tokens that come back, a floor that draws on burns,
//! and emission by issuance.

mod small;

use small::{Run, scenario};
use wattflop::market::networks::exchange::{Batch, Holders, Pool};
use wattflop::scenario::types::{
    Emission, FeeShare, FloorBound, IssuanceHalving, Network, Scenario, Settlement, UsdFloor,
};

const NAME: &str = "open_gpu";

fn four(policy: &str) -> Scenario {
    scenario("four_burn_and_mints.yaml", Some(policy), &[])
}

/// Base units: minted, re-emitted, burnt, and what is held beyond opening + minted − burnt.
fn books(run: &Run, name: &str) -> (i128, i128, i128, i128) {
    let found = run
        .model
        .networks
        .networks
        .iter()
        .find(|(_, rules)| rules.name == name);
    let (id, rules) = found.expect("a network of that name");
    let network = &run.world.networks.networks[id];
    let balance = |account| run.world.books.balance(account);
    let ledger = &rules.ledger;
    let seats = balance(ledger.providers_held) + balance(ledger.providers_staked);
    let held = network.total_without_seats_units() + seats;
    let opening = -balance(ledger.genesis);
    let residual = held - (opening + network.minted_units - network.burnt_units);
    (
        network.minted_units,
        network.reemitted_units,
        network.burnt_units,
        residual,
    )
}

#[test]
fn burnt_tokens_come_back_but_never_more_than_were_burnt() {
    let mut minted = Vec::new();
    for policy in ["fixed_emission", "net_emission", "usd_floor"] {
        let mut run = Run::open(&four(policy), 0);
        run.weeks(1);
        let (first_minted, first_back, first_burnt, _) = books(&run, NAME);
        run.weeks(51);
        let (all, back, burnt, residual) = books(&run, NAME);
        assert_eq!(residual, 0, "{policy}");
        assert!(burnt > first_burnt, "{policy}: nothing was burnt");
        // What the filter still held at the opening is at most a week's burn.
        let memory = 2 * first_burnt + first_back + 100_000_000;
        assert!(
            back <= burnt + memory,
            "{policy}: {back} of {burnt} came back"
        );
        assert_eq!(back > 0, policy != "fixed_emission", "{policy}");
        if policy == "usd_floor" {
            // Schedule, re-emission and top-up: the last two never exceed the burn.
            let scheduled = (all - first_minted) as f64 - 3e14 * 51.0 / 52.178_57;
            assert!(
                scheduled <= (burnt + memory) as f64 * 1.001,
                "{scheduled} of {burnt}"
            );
        }
        minted.push(all);
    }
    assert!(minted[1] > minted[0] && minted[2] > minted[0], "{minted:?}");
}

#[test]
fn every_form_of_settlement_emission_and_floor_moves_the_outcome() {
    let base = four("fixed_emission");
    let with = |change: &dyn Fn(&mut Network)| {
        let mut treated = base.clone();
        change(treated.networks.get_mut(NAME).expect("the network"));
        treated
    };
    let floor = |bound| {
        Some(UsdFloor {
            usd_per_gpu_h: 5.0,
            limit_factor: 3.0,
            bound,
        })
    };
    let index = |treated: &Scenario| small::run(treated, 0, 30).outcome("token_index");
    let control = index(&base);
    let forms: [(&str, Scenario); 6] = [
        (
            "fee share",
            with(&|n| n.settlement = Settlement::FeeShare(FeeShare { take_share: 0.2 })),
        ),
        ("net emission", four("net_emission")),
        ("buyback", four("buyback")),
        (
            "floor by schedule",
            with(&|n| n.rewards.usd_floor = floor(FloorBound::Schedule)),
        ),
        (
            "floor by burns",
            with(&|n| n.rewards.usd_floor = floor(FloorBound::Burn)),
        ),
        (
            "issuance",
            with(&|n| {
                n.opening.total_tokens = 20e6;
                n.emission = Some(Emission::IssuanceHalving(IssuanceHalving { block_s: 12.0 }));
            }),
        ),
    ];
    for (name, treated) in &forms {
        assert!(index(treated) != control, "{name} changes nothing");
    }
}

/// T20: burns worth D a week against E new tokens that are all sold: the price settles at D/E and
/// the supply stands still; nobody else trades.
#[test]
fn burn_and_mint_settles_where_burns_meet_emission() {
    let (spent_usd, emitted) = (1e6, 5e5);
    let mut price = 0.3;
    let mut supply = 1e8;
    for _ in 0..40 {
        let batch = Batch {
            sold_tokens: emitted,
            needed_tokens: 0.0,
            budget_usd: spent_usd,
            pool: Pool {
                tokens: 0.0,
                usd: 0.0,
                fee_share: 0.003,
                curve: None,
            },
            holders: Holders {
                value_usd: 1.0,
                band_share: 0.1,
                ..Holders::default()
            },
        };
        price = batch.price_usd(price);
        supply += emitted - spent_usd / price;
    }
    assert!((price / 2.0 - 1.0).abs() < 0.01, "{price}");
    assert!((supply / 1e8 - 1.0).abs() < 0.01, "{supply}");
}
