//! Every mechanism is alive: the schema is asked for all of them by name, each is switched on and
//! off on the same luck, and what the run shows must differ.

mod small;

use std::collections::BTreeSet;

use small::{run, scenario};
use wattflop::scenario::Decode;
use wattflop::scenario::schema::{Record, Shape};
use wattflop::scenario::types::Network;

/// A mechanism, what switches it on, and what stands in its place; both over the shipped baseline.
struct Case {
    name: &'static str,
    on: &'static [&'static str],
    off: &'static [&'static str],
}

const fn case(
    name: &'static str,
    on: &'static [&'static str],
    off: &'static [&'static str],
) -> Case {
    Case { name, on, off }
}

const NONE: &[&str] = &[];
/// A price block of a network's own, without speculators.
const PRICE: &str = "networks.ionet.price={ discount_rate_per_year: 0.3, \
                     premium_kept_per_year: 0.95, band_share: 0.05, \
                     holder_response_per_week: 0.05, crypto_sigma_per_week: 0.08, \
                     crypto_kept_per_week: 0.98 }";
const BETS: &str = "networks.ionet.price={ discount_rate_per_year: 0.3, \
                    premium_kept_per_year: 0.95, band_share: 0.05, \
                    holder_response_per_week: 0.05, crypto_sigma_per_week: 0.08, \
                    crypto_kept_per_week: 0.98, speculators: { holdings_share: 0.2, \
                    trend_gain: 0.8, choice_intensity: 50, memory_kept_per_week: 0.8, \
                    response_per_week: 0.5 } }";
const POOL: &str = "networks.ionet.liquidity={ pool_usd: 2000000, fee_share: 0.003 }";
const BURNING: &str = "networks.ionet.settlement={ net_emission: { burn_share: 1, \
                       cap_tokens_per_day: 150000 } }";
const SHARED: &str = "networks.ionet.settlement={ net_emission: { burn_share: 1, \
                      cap_tokens_per_day: 150000, usd_floor_cap: { budget: shared } } }";
const OWN: &str = "networks.ionet.settlement={ net_emission: { burn_share: 1, \
                   cap_tokens_per_day: 150000, usd_floor_cap: { budget: own } } }";
const UNBOUNDED: &str = "networks.ionet.settlement={ net_emission: { burn_share: 1, \
                         cap_tokens_per_day: 5000000, usd_floor_cap: { budget: none } } }";
const BOUNDED: &str = "networks.ionet.settlement={ net_emission: { burn_share: 1, \
                       cap_tokens_per_day: 5000000, usd_floor_cap: { budget: shared } } }";
const NO_EMISSION: &[&str] = &["networks.ionet.emission=null"];
const FEES: &[&str] = &["networks.ionet.settlement={ fee_share: { take_share: 0.025 } }"];
const UNCHECKED: &[&str] = &["networks.ionet.verification=null"];
const ONLINE: &[&str] = &["networks.ionet.rewards.basis=availability"];
const FLOOR: &str = "networks.ionet.rewards.usd_floor={ usd_per_gpu_h: 5, bound: schedule }";

const CASES: &[Case] = &[
    case(
        "emission.fixed_schedule",
        &["networks.ionet.emission={ fixed_schedule: { tokens_per_year: { 2025-01-01: 4e7 } } }"],
        NO_EMISSION,
    ),
    case("emission.exponential_decay", NONE, NO_EMISSION),
    case(
        "emission.halving",
        &["networks.ionet.emission={ halving: { first_year_tokens: 4e7, every_weeks: 8 } }"],
        NO_EMISSION,
    ),
    case(
        "emission.issuance_halving",
        &[
            "networks.ionet.emission={ issuance_halving: { block_s: 12 } }",
            "networks.ionet.vesting=null",
            "networks.ionet.treasury.tokens=1e6",
            "networks.ionet.opening.total_tokens=15000000",
        ],
        &[
            "networks.ionet.emission=null",
            "networks.ionet.vesting=null",
            "networks.ionet.treasury.tokens=1e6",
            "networks.ionet.opening.total_tokens=15000000",
        ],
    ),
    case(
        "emission.inflation",
        &["networks.ionet.emission={ inflation: { share_per_year: 0.1 } }"],
        NO_EMISSION,
    ),
    case(
        "emission.baseline_minting",
        NONE,
        &["networks.filecoin.emission=null"],
    ),
    case(
        "emission.bonded_share",
        &[
            "networks.ionet.emission={ bonded_share: { inflation_per_year: 0.1, \
           highest_per_year: 0.2, lowest_per_year: 0.07 } }",
        ],
        NO_EMISSION,
    ),
    case(
        "emission.bonding_rounds",
        &["networks.ionet.emission={ bonding_rounds: { inflation_parts: 218500 } }"],
        NO_EMISSION,
    ),
    case(
        "emission.table",
        &["networks.ionet.emission={ table: { tokens_per_week: { 2025-01-01: 500000 } } }"],
        NO_EMISSION,
    ),
    case(
        "emission.expression",
        &["networks.ionet.emission={ expression: { tokens_per_week: \
           '300000 + 0.5 * burnt_tokens_per_week' } }"],
        NO_EMISSION,
    ),
    case("settlement.buyback_and_burn", NONE, FEES),
    case("settlement.fee_share", FEES, NONE),
    case(
        "settlement.burn_and_mint",
        &["networks.ionet.settlement={ burn_and_mint: { burn_share: 0.95 } }"],
        FEES,
    ),
    case("settlement.net_emission", &[BURNING], FEES),
    case(
        "settlement.credit_vault",
        &["networks.ionet.settlement={ credit_vault: { vault_tokens: 1000000 } }"],
        FEES,
    ),
    case(
        "settlement.usd_target",
        &[
            "networks.ionet.settlement={ usd_target: { usd_per_gpu_h: 0.3, \
           reward_vault_tokens: 20000000 } }",
        ],
        FEES,
    ),
    case(
        "settlement.net_emission.usd_floor_cap",
        &[SHARED],
        &[BURNING],
    ),
    case(
        "settlement.net_emission.usd_floor_cap.budget.shared",
        &[SHARED],
        &[OWN],
    ),
    case(
        "settlement.net_emission.usd_floor_cap.budget.own",
        &[OWN],
        &[SHARED],
    ),
    case(
        "settlement.net_emission.usd_floor_cap.budget.none",
        &[UNBOUNDED],
        &[BOUNDED],
    ),
    case("staking", NONE, &["networks.ionet.staking=null"]),
    case(
        "staking.delegation",
        &[
            "networks.ionet.staking.delegation={ bonded_share: 0.4, yield_response: 4, \
           moved_share_per_week: 0.1 }",
        ],
        NONE,
    ),
    case(
        "rewards.size_exponent",
        NONE,
        &["networks.ionet.rewards.size_exponent=0.3"],
    ),
    case(
        "staking.pledge",
        NONE,
        &["networks.filecoin.staking.pledge=null"],
    ),
    case(
        "staking.mistaken_share_per_week",
        &["networks.ionet.staking.mistaken_share_per_week=0.05"],
        NONE,
    ),
    case("verification.redundancy", NONE, UNCHECKED),
    case(
        "verification.inspection",
        &[
            "networks.ionet.verification={ inspection: { inspected_share: 0.5 } }",
            "providers.behaviour.cheat_saving_share=1",
            "providers.behaviour.detection_prior_share=0.01",
            "networks.ionet.staking=null",
        ],
        &[
            "networks.ionet.verification=null",
            "providers.behaviour.cheat_saving_share=1",
            "providers.behaviour.detection_prior_share=0.01",
            "networks.ionet.staking=null",
        ],
    ),
    case(
        "verification.sampling",
        &["networks.ionet.verification={ sampling: { jobs: 100, checked: 2, faked_share: 0.3 } }"],
        UNCHECKED,
    ),
    case(
        "verification.optimistic",
        &["networks.ionet.verification={ optimistic: { watched_share: 0.1 } }"],
        UNCHECKED,
    ),
    case(
        "verification.tee",
        &["networks.ionet.verification={ tee: { overhead_share: 0.05, breached_share: 0.01 } }"],
        UNCHECKED,
    ),
    case(
        "verification.zk",
        &["networks.ionet.verification={ zk: { overhead_factor: 2 } }"],
        UNCHECKED,
    ),
    case(
        "rewards.basis.availability",
        ONLINE,
        &["networks.ionet.rewards.basis=work"],
    ),
    case(
        "rewards.basis.work",
        &["networks.ionet.rewards.basis=work"],
        ONLINE,
    ),
    case(
        "rewards.basis.coverage",
        &[
            "networks.ionet.rewards.basis=coverage",
            "networks.ionet.rewards.coverage_devices=20000",
        ],
        ONLINE,
    ),
    case(
        "rewards.basis.stake",
        &["networks.ionet.rewards.basis=stake"],
        ONLINE,
    ),
    case(
        "rewards.basis.score",
        &[
            "networks.ionet.rewards.basis=score",
            "networks.ionet.rewards.score={ earned: 1, hours: 1, speed: 1, uptime: 1 }",
        ],
        ONLINE,
    ),
    case(
        "rewards.score",
        &[
            "networks.ionet.rewards.basis=score",
            "networks.ionet.rewards.score={ earned: 1, hours: 0, speed: 0, uptime: 0 }",
        ],
        &[
            "networks.ionet.rewards.basis=score",
            "networks.ionet.rewards.score={ earned: 0, hours: 0, speed: 0, uptime: 1 }",
        ],
    ),
    case(
        "rewards.coverage_devices",
        &[
            "networks.ionet.rewards.basis=coverage",
            "networks.ionet.rewards.coverage_devices=20000",
        ],
        &[
            "networks.ionet.rewards.basis=coverage",
            "networks.ionet.rewards.coverage_devices=1000",
        ],
    ),
    case(
        "rewards.size_exponent",
        &["networks.ionet.rewards.size_exponent=0.2"],
        NONE,
    ),
    case(
        "rewards.sell_share",
        &["networks.ionet.rewards.sell_share=0.1"],
        NONE,
    ),
    case("rewards.usd_floor", &[FLOOR], NONE),
    case(
        "rewards.usd_floor.bound.schedule",
        &[FLOOR],
        &["networks.ionet.rewards.usd_floor={ usd_per_gpu_h: 5, bound: burn }"],
    ),
    case(
        "rewards.usd_floor.bound.burn",
        &["networks.ionet.rewards.usd_floor={ usd_per_gpu_h: 5, bound: burn }"],
        &[FLOOR],
    ),
    case(
        "rewards.usd_cap",
        &["networks.ionet.rewards.usd_cap={ usd_per_gpu_h: 0.05 }"],
        NONE,
    ),
    case(
        "rewards.locked",
        &["networks.ionet.rewards.locked={ share: 0.75, weeks: 26 }"],
        NONE,
    ),
    case(
        "rewards.programme",
        &["networks.ionet.rewards.programme={ usd_per_gpu_h: 3, budget_usd_per_week: 300000 }"],
        NONE,
    ),
    case(
        "rewards.self_buying",
        &[
            "networks.ionet.rewards.basis=work",
            "networks.ionet.rewards.self_buying={ noticed_share: 0.2, moved_share_per_week: 0.3 }",
        ],
        &["networks.ionet.rewards.basis=work"],
    ),
    case("vesting", NONE, &["networks.ionet.vesting=null"]),
    case(
        "vesting.cliff_share",
        &["networks.ionet.vesting.team.cliff_share=0.5"],
        NONE,
    ),
    case(
        "vesting.instalment_weeks",
        &["networks.ionet.vesting.team.instalment_weeks=4"],
        NONE,
    ),
    case(
        "treasury.spend_usd_per_year",
        &["networks.ionet.treasury.spend_usd_per_year=0"],
        NONE,
    ),
    case(
        "treasury.grants_tokens_per_year",
        &["networks.ionet.treasury.grants_tokens_per_year=20000000"],
        NONE,
    ),
    case("liquidity", &[POOL], NONE),
    case(
        "liquidity.curve_exponent",
        &["networks.ionet.liquidity={ pool_usd: 2000000, curve_exponent: 1 }"],
        &[POOL],
    ),
    case(
        "liquidity.providers",
        &[
            "networks.ionet.liquidity={ pool_usd: 2000000, fee_share: 0.003, providers: \
           { required_yield_per_year: 0.2, response_per_week: 0.3 } }",
        ],
        &[POOL],
    ),
    case("price", &[PRICE], NONE),
    case(
        "clearing.posted",
        &["networks.ionet.clearing={ posted: {} }"],
        &["networks.ionet.clearing={ reverse_auction: strategic }"],
    ),
    case(
        "clearing.reverse_auction",
        &["networks.ionet.clearing={ reverse_auction: strategic }"],
        &["networks.ionet.clearing={ posted: {} }"],
    ),
    case(
        "clearing.uniform_auction",
        &["networks.ionet.clearing={ uniform_auction: {} }"],
        &["networks.ionet.clearing={ posted: {} }"],
    ),
    case(
        "price.counted_supply.fully_diluted",
        &[PRICE, "networks.ionet.price.counted_supply=fully_diluted"],
        &[PRICE],
    ),
    case(
        "price.counted_supply.circulating",
        &[PRICE],
        &[PRICE, "networks.ionet.price.counted_supply=fully_diluted"],
    ),
    case(
        "price.network_effect_exponent",
        &[PRICE, "networks.ionet.price.network_effect_exponent=1"],
        &[PRICE],
    ),
    case("price.speculators", &[BETS], &[PRICE]),
];

/// Weeks in which a mechanism must show.
const WEEKS: u32 = 16;

/// Everything that a run shows of its networks.
fn shown(sets: &[&str]) -> Vec<u64> {
    let run = run(&scenario("baseline.yaml", None, sets), 0, WEEKS);
    let tables = run.scratch.recorder.entities.iter();
    let networks = tables.filter(|frame| frame.name == "networks");
    networks
        .flat_map(|frame| frame.values.iter().map(|value| value.to_bits()))
        .collect()
}

#[test]
fn switching_any_mechanism_changes_what_the_run_shows() {
    let dead: Vec<&str> = (CASES.iter())
        .filter(|case| shown(case.on) == shown(case.off))
        .map(|case| case.name)
        .collect();
    assert!(dead.is_empty(), "these change nothing: {dead:?}");
}

/// Mechanisms below a record: variants of tagged fields, options of choices, optional fields.
fn mechanisms(record: &Record, path: &str, found: &mut BTreeSet<String>) {
    for field in record.fields {
        let here = if path.is_empty() {
            field.name.to_owned()
        } else {
            format!("{path}.{}", field.name)
        };
        if ["kind", "opening", "accepts"].contains(&field.name) {
            continue;
        }
        match field.shape.inner() {
            Shape::Tagged(tagged) => {
                for variant in tagged.variants {
                    found.insert(format!("{here}.{}", variant.name));
                    if let Shape::Record(inner) = variant.shape.inner() {
                        mechanisms(inner, &format!("{here}.{}", variant.name), found);
                    }
                }
                continue;
            }
            Shape::Choice(choice) => {
                found.extend(
                    choice
                        .options
                        .iter()
                        .map(|(name, _)| format!("{here}.{name}")),
                );
            }
            Shape::Record(inner) => mechanisms(inner, &here, found),
            Shape::Map(_, inner) => {
                found.insert(here.clone());
                if let Shape::Record(inner) = inner.inner() {
                    mechanisms(inner, &here, found);
                }
            }
            _ => {}
        }
        if field.is_optional() {
            found.insert(here);
        }
    }
}

#[test]
fn every_mechanism_of_the_schema_has_its_case() {
    let Shape::Record(record) = Network::SHAPE else {
        panic!("a network is a record");
    };
    let mut known = BTreeSet::new();
    mechanisms(record, "", &mut known);
    let cases: BTreeSet<String> = CASES.iter().map(|case| case.name.to_owned()).collect();
    let missing: Vec<&String> = known.difference(&cases).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    assert!(known.len() > 40, "{known:?}");
}
