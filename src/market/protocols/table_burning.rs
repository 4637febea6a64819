//! The rules of burning and minting by name:
//! inputs with their units, source and the function called.

use super::decimal::Decimal;
use super::rules::{Answer, Given, Input, Kind, Rule, input};
use super::{Whole, akash, helium};

fn settlement(given: &Given) -> Result<akash::Swap, String> {
    Ok(akash::Swap {
        amount: given.whole("burn_uact"),
        price_from: Decimal::whole(&Whole::from(1)),
        price_to: given.decimal("akt_price"),
        spread_bps: given.u64("settle_spread_bps")?,
        least: given.whole("min_mint_uakt"),
    })
}

fn hip149(given: &Given) -> Result<helium::Backstop, String> {
    let budget = match given.text("budget") {
        "shared" => helium::Budget::Shared,
        "own" => helium::Budget::Own,
        "none" => helium::Budget::None,
        other => return Err(format!("`budget` is shared, own or none, not `{other}`")),
    };
    let price = given.u64("price")?;
    let cap_price = given.u64("cap_price")?;
    let epoch = helium::Epoch {
        emission: given.u64("emission")?,
        smoothed: given.u64("smoothed_burn")?,
        cap: given.u64("net_emissions_cap")?,
        credits_burnt: given.u64("dc_burned")?,
        mobile_share: given.u32("mobile_share")?,
        floor_price: price,
        cap_price: if cap_price == 0 { price } else { cap_price },
    };
    Ok(helium::backstop(&epoch, budget))
}

fn akash_mint(given: &Given) -> Result<Answer, String> {
    let one: Decimal = Decimal::whole(&Whole::from(1));
    let swap = akash::Swap {
        amount: given.whole("burn_uakt"),
        price_from: given.decimal("akt_price"),
        price_to: one,
        spread_bps: given.u64("mint_spread_bps")?,
        least: given.whole("min_mint_uact"),
    };
    Ok(akash::swap(&swap)
        .map_or(Whole::ZERO, |swapped| swapped.to_user())
        .into())
}

fn akash_settle(given: &Given) -> Result<Answer, String> {
    let swapped = akash::swap(&settlement(given)?);
    Ok(swapped
        .map_or(Whole::ZERO, |swapped| swapped.to_user())
        .into())
}

fn akash_settle_minted(given: &Given) -> Result<Answer, String> {
    let swapped = akash::swap(&settlement(given)?);
    Ok(swapped.map_or(Whole::ZERO, |swapped| swapped.minted).into())
}

fn akash_settle_result(given: &Given) -> Result<Answer, String> {
    let swapped = akash::swap(&settlement(given)?);
    Ok(swapped
        .map_or_else(|refusal| refusal.name(), |_| "ok")
        .into())
}

fn akash_collateral_ratio(given: &Given) -> Result<Answer, String> {
    let (vault, act) = (given.whole("vault_uakt"), given.whole("outstanding_uact"));
    Ok(akash::collateral_ratio(&vault, &given.decimal("akt_price"), &act).into())
}

fn akash_mint_status(given: &Given) -> Result<Answer, String> {
    let breaker = akash::Breaker {
        warn_bps: given.u64("warn_bps")?,
        halt_bps: given.u64("halt_bps")?,
        ..akash::Breaker::default()
    };
    Ok(breaker.status(Some(given.u64("ratio_bps")?)).name().into())
}

fn akash_epoch_blocks(given: &Given) -> Result<Answer, String> {
    let breaker = akash::Breaker {
        warn_bps: u64::from(given.u32("warn_bps")?),
        least_epoch_blocks: given.u64("min_epoch_blocks")?,
        backoff_percent: u64::from(given.u32("backoff_percent")?),
        ..akash::Breaker::default()
    };
    Ok(breaker.epoch_blocks(given.u64("ratio_bps")?).into())
}

fn helium_scheduled_emission(given: &Given) -> Result<Answer, String> {
    Ok(helium::scheduled_after_2025(given.u32("years_after_2025_08")?).into())
}

fn helium_smoothed_burn(given: &Given) -> Result<Answer, String> {
    Ok(helium::smoothed_burn(given.u64("previous")?, given.u64("burn")?).into())
}

fn helium_net_emission(given: &Given) -> Result<Answer, String> {
    Ok(helium::net_emission(given.u64("smoothed_burn")?, given.u64("net_emissions_cap")?).into())
}

fn hip149_top_up(given: &Given) -> Result<Answer, String> {
    Ok(hip149(given)?.top_up.into())
}

fn hip149_deployer_cap(given: &Given) -> Result<Answer, String> {
    Ok(hip149(given)?.deployer_cap.into())
}

fn hip149_deployer_base(given: &Given) -> Result<Answer, String> {
    Ok(hip149(given)?.deployer_base.into())
}

fn hip149_floor_price(given: &Given) -> Result<Answer, String> {
    Ok(helium::floor_price_usd(given.number("paid_usd"), given.number("deployer_base")).into())
}

fn hip149_cap_price(given: &Given) -> Result<Answer, String> {
    Ok(helium::cap_price_usd(given.number("paid_usd"), given.number("deployer_base")).into())
}

fn hip149_overflow(given: &Given) -> Result<Answer, String> {
    Ok(helium::overflow(given.u64("deployer_pool")?, given.u64("deployer_cap")?).into())
}

fn hip149_supplement(given: &Given) -> Result<Answer, String> {
    Ok(helium::supplement(u64::from(given.u32("epoch")?)).into())
}

fn render_compute_pool(given: &Given) -> Result<Answer, String> {
    let (pool, nodes) = (
        given.whole("scheduled"),
        given.whole("qualified_nodes") * 75_u32,
    );
    Ok(if pool < nodes { pool } else { nodes }.into())
}

/// What a settlement of compute credits takes; its three answers share it.
const SETTLE: &[Input] = &[
    input("burn_uact", Kind::Integer, "uact", None),
    input("akt_price", Kind::Decimal, "USD", None),
    input("settle_spread_bps", Kind::Integer, "1/10000", Some("0")),
    input("min_mint_uakt", Kind::Integer, "uakt", Some("0")),
];

/// What the backstop of HIP-149 takes; its three answers share it.
const BACKSTOP: &[Input] = &[
    input("emission", Kind::Integer, "bones", Some("2054794520548")),
    input("smoothed_burn", Kind::Integer, "bones", None),
    input(
        "net_emissions_cap",
        Kind::Integer,
        "bones",
        Some("164383561643"),
    ),
    input("dc_burned", Kind::Integer, "data credits (10^-5 USD)", None),
    input("mobile_share", Kind::Integer, "1/(2^32 - 1)", None),
    input("price", Kind::Integer, "10^-8 USD", None),
    input(
        "cap_price",
        Kind::Integer,
        "10^-8 USD; 0: the same price",
        Some("0"),
    ),
    input(
        "budget",
        Kind::Text,
        "shared (approved), own (PR 1228) or none (draft, PR 1210)",
        Some("shared"),
    ),
];

/// Pay of deployers, for the worked prices of HIP-149.
const DEPLOYERS: &[Input] = &[
    input("paid_usd", Kind::Number, "USD a day", None),
    input("deployer_base", Kind::Number, "HNT a day", None),
];

const BME: &str = "akash-network/node, x/bme/keeper/keeper.go (AEP-76)";
const HIP149: &str = "HIP-149; helium-program-library, programs/helium-sub-daos/src/backstop.rs";
const HIP149_FIGURES: &str = "HIP-149, worked figures";

/// Every rule of this family.
pub const RULES: &[Rule] = &[
    Rule {
        name: "akash_mint",
        inputs: &[
            input("burn_uakt", Kind::Integer, "uakt", None),
            input("akt_price", Kind::Decimal, "USD", None),
            input("mint_spread_bps", Kind::Integer, "1/10000", Some("25")),
            input("min_mint_uact", Kind::Integer, "uact", Some("0")),
        ],
        output: (Kind::Integer, "uact to the user, 0 where refused"),
        source: BME,
        value: akash_mint,
    },
    Rule {
        name: "akash_settle",
        inputs: SETTLE,
        output: (Kind::Integer, "uakt to the user, 0 where refused"),
        source: BME,
        value: akash_settle,
    },
    Rule {
        name: "akash_settle_minted",
        inputs: SETTLE,
        output: (Kind::Integer, "uakt with the spread, 0 where refused"),
        source: BME,
        value: akash_settle_minted,
    },
    Rule {
        name: "akash_settle_result",
        inputs: SETTLE,
        output: (
            Kind::Text,
            "ok, canceled_epsilon, canceled_min_mint or canceled_zero_price",
        ),
        source: BME,
        value: akash_settle_result,
    },
    Rule {
        name: "akash_collateral_ratio",
        inputs: &[
            input("vault_uakt", Kind::Integer, "uakt less pending", None),
            input("akt_price", Kind::Decimal, "USD", None),
            input("outstanding_uact", Kind::Integer, "uact", None),
        ],
        output: (Kind::Decimal, "ratio"),
        source: BME,
        value: akash_collateral_ratio,
    },
    Rule {
        name: "akash_mint_status",
        inputs: &[
            input("ratio_bps", Kind::Integer, "1/10000", None),
            input("warn_bps", Kind::Integer, "1/10000", Some("9500")),
            input("halt_bps", Kind::Integer, "1/10000", Some("9000")),
        ],
        output: (Kind::Text, "healthy, warning or halt_ratio"),
        source: BME,
        value: akash_mint_status,
    },
    Rule {
        name: "akash_epoch_blocks",
        inputs: &[
            input("ratio_bps", Kind::Integer, "1/10000", None),
            input("warn_bps", Kind::Integer, "1/10000", Some("9500")),
            input("min_epoch_blocks", Kind::Integer, "blocks", Some("10")),
            input("backoff_percent", Kind::Integer, "percent", Some("10")),
        ],
        output: (Kind::Integer, "blocks"),
        source: BME,
        value: akash_epoch_blocks,
    },
    Rule {
        name: "helium_scheduled_emission",
        inputs: &[input(
            "years_after_2025_08",
            Kind::Integer,
            "full years",
            None,
        )],
        output: (Kind::Integer, "bones a day"),
        source: "helium-program-library, emissions/hnt.json; halving every two years",
        value: helium_scheduled_emission,
    },
    Rule {
        name: "helium_smoothed_burn",
        inputs: &[
            input("previous", Kind::Integer, "bones", None),
            input("burn", Kind::Integer, "bones", None),
        ],
        output: (Kind::Integer, "bones"),
        source: "helium-program-library, programs/helium-sub-daos/src/instructions/calculate_utility_score_v0.rs",
        value: helium_smoothed_burn,
    },
    Rule {
        name: "helium_net_emission",
        inputs: &[
            input("smoothed_burn", Kind::Integer, "bones", None),
            input(
                "net_emissions_cap",
                Kind::Integer,
                "bones",
                Some("164383561643"),
            ),
        ],
        output: (Kind::Integer, "bones"),
        source: "helium-program-library, programs/helium-sub-daos/src",
        value: helium_net_emission,
    },
    Rule {
        name: "hip149_top_up",
        inputs: BACKSTOP,
        output: (Kind::Integer, "bones"),
        source: HIP149,
        value: hip149_top_up,
    },
    Rule {
        name: "hip149_deployer_cap",
        inputs: BACKSTOP,
        output: (Kind::Integer, "bones"),
        source: HIP149,
        value: hip149_deployer_cap,
    },
    Rule {
        name: "hip149_deployer_base",
        inputs: BACKSTOP,
        output: (Kind::Integer, "bones"),
        source: HIP149,
        value: hip149_deployer_base,
    },
    Rule {
        name: "hip149_floor_price",
        inputs: DEPLOYERS,
        output: (Kind::Number, "USD"),
        source: HIP149_FIGURES,
        value: hip149_floor_price,
    },
    Rule {
        name: "hip149_cap_price",
        inputs: DEPLOYERS,
        output: (Kind::Number, "USD"),
        source: HIP149_FIGURES,
        value: hip149_cap_price,
    },
    Rule {
        name: "hip149_overflow",
        inputs: &[
            input("deployer_pool", Kind::Integer, "bones", None),
            input("deployer_cap", Kind::Integer, "bones", None),
        ],
        output: (Kind::Integer, "bones"),
        source: HIP149,
        value: hip149_overflow,
    },
    Rule {
        name: "hip149_supplement",
        inputs: &[input("epoch", Kind::Integer, "days after the start", None)],
        output: (Kind::Integer, "bones"),
        source: "helium-program-library, programs/helium-sub-daos/src/supplement.rs",
        value: hip149_supplement,
    },
    Rule {
        name: "render_compute_pool",
        inputs: &[
            input("scheduled", Kind::Integer, "RENDER", None),
            input("qualified_nodes", Kind::Integer, "nodes", None),
        ],
        output: (Kind::Integer, "RENDER"),
        source: "rendernetwork/RNPs, RNP-006: min(scheduled, 75 a node)",
        value: render_compute_pool,
    },
];
