//! The exact rules inside the week: burnt tokens that come back, a floor that draws on burns,
//! emission by issuance, and compositions of every mechanism at random.

mod small;

use small::{Run, scenario};
use wattflop::kernels::{Luck, Stream, math};
use wattflop::market::networks::exchange::{Batch, Holders, Pool};
use wattflop::scenario::types::{
    BurnAndMint, BurnAndReemit, BuybackAndBurn, Emission, FeeShare, FixedSchedule, FloorBound,
    Halving, Inflation, IssuanceHalving, Network, RewardBasis, Scenario, Settlement, UsdFloor,
};
use wattflop::scenario::{Date, Series};

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
            },
            holders: Holders {
                tokens: 0.0,
                value_usd: 1.0,
                band_share: 0.1,
                response: 0.0,
            },
        };
        price = batch.price_usd(price);
        supply += emitted - spent_usd / price;
    }
    assert!((price / 2.0 - 1.0).abs() < 0.01, "{price}");
    assert!((supply / 1e8 - 1.0).abs() < 0.01, "{supply}");
}

struct Draws(Stream, u32);

impl Draws {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.1 += 1;
        low + (high - low) * self.0.uniform(self.1, 0)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.between(0.0, n as f64) as usize).min(n - 1)
    }
}

fn compose(network: &mut Network, draws: &mut Draws) {
    let date = Date::new(2025, 11, 3).unwrap();
    let size = math::pow(10.0, draws.between(0.0, 9.0));
    network.emission = match draws.below(5) {
        0 => None,
        1 => Some(Emission::FixedSchedule(FixedSchedule {
            tokens_per_year: Series {
                points: vec![(date, size)],
            },
            damping_per_year: draws.between(0.0, 1.0),
        })),
        2 => Some(Emission::Halving(Halving {
            first_year_tokens: size,
            every_weeks: draws.between(1.0, 300.0),
            started: date,
        })),
        3 => Some(Emission::IssuanceHalving(IssuanceHalving { block_s: 12.0 })),
        _ => Some(Emission::Inflation(Inflation {
            share_per_year: draws.between(0.0, 2.0),
        })),
    };
    let share = draws.between(0.0, 0.9);
    network.settlement = match draws.below(4) {
        0 => Settlement::FeeShare(FeeShare { take_share: share }),
        1 => Settlement::BurnAndMint(BurnAndMint { burn_share: share }),
        2 => Settlement::NetEmission(BurnAndReemit {
            burn_share: share,
            cap_tokens_per_day: math::pow(10.0, draws.between(-2.0, 6.0)),
        }),
        _ => Settlement::BuybackAndBurn(BuybackAndBurn {
            take_share: share,
            buyback_share: 1.0,
        }),
    };
    network.rewards.basis = [RewardBasis::Availability, RewardBasis::Work][draws.below(2)];
    network.rewards.provider_share = draws.between(0.0, 1.0);
    network.rewards.treasury_share = 1.0 - network.rewards.provider_share;
    let bound = [FloorBound::Schedule, FloorBound::Burn][draws.below(2)];
    network.rewards.usd_floor = (draws.below(2) == 0).then(|| UsdFloor {
        usd_per_gpu_h: draws.between(0.0, 20.0),
        limit_factor: draws.between(0.0, 50.0),
        bound,
    });
    if draws.below(3) == 0 {
        network.staking = None;
    }
    if draws.below(3) == 0 {
        network.verification = None;
    }
}

/// Mechanisms at random under a collapse: books to the base unit, prices finite, no panic. A
/// token that reaches the bounds of its price is reported by a fault, which is no crash.
#[test]
fn random_compositions_keep_their_books() {
    let mut draws = Draws(
        Luck {
            seed: 11,
            draw: 0,
            luck: 0,
        }
        .stream("test", "networks"),
        0,
    );
    let base = four("fixed_emission");
    let (all, mut survived) = (24, 0);
    for number in 0..all {
        let mut treated = base.clone();
        for name in [NAME, "ionet", "edge"] {
            if let Some(network) = treated.networks.get_mut(name) {
                compose(network, &mut draws);
            }
        }
        let mut run = Run::open(&treated, number);
        let lived = (0..52).all(|_| run.step().is_ok());
        survived += u32::from(lived);
        for (_, rules) in run.model.networks.networks.iter() {
            let (minted, back, burnt, residual) = books(&run, &rules.name);
            assert_eq!(residual, 0, "{} of {number}", rules.name);
            assert!(
                minted >= back && back >= 0 && burnt >= 0,
                "{} of {number}",
                rules.name
            );
        }
        for (_, network) in run.world.networks.networks.iter() {
            let price = network.token_price_usd;
            assert!(
                !lived || (price > 0.0 && price.is_finite()),
                "{number}: {price}"
            );
            let stocks = [
                network.holders_units,
                network.treasury_units,
                network.pool_units,
            ];
            assert!(
                stocks.iter().all(|units| *units >= 0),
                "{number}: {stocks:?}"
            );
            // A reward is promised by device; what arrives since is paid too, out of next week's.
            let owed = -network.rewards_units;
            assert!(owed <= 6_000 * 100_000_000 / 1_000, "{number}: {owed} owed");
        }
    }
    assert!(2 * survived >= all, "{survived} of {all} survived a year");
}
