//! The rules of emission by issuance, bonding and hour by name:
//! inputs with their units, source and the function called.

use super::decimal::Decimal;
use super::rules::{Answer, Given, Input, Kind, Rule, input};
use super::{Whole, bittensor, cosmos, ionet, livepeer};

fn cosmos_next(given: &Given) -> Result<Decimal, String> {
    let rule = cosmos::Minting {
        change: given.decimal("inflation_rate_change"),
        highest: given.decimal("inflation_max"),
        lowest: given.decimal("inflation_min"),
        goal_bonded: given.decimal("goal_bonded"),
        blocks_per_year: given.u64("blocks_per_year")?,
    };
    let next = rule.next_inflation(&given.decimal("inflation"), &given.decimal("bonded_ratio"));
    next.ok_or_else(|| "`goal_bonded` and `blocks_per_year` must be above 0".to_owned())
}

/// The minter; what a rule has no input for stays 0 and is not used by it.
fn minter(given: &Given) -> Result<livepeer::Minter, String> {
    let divisor = given.whole("divisor");
    if divisor == Whole::ZERO {
        return Err("`divisor` must be above 0".to_owned());
    }
    Ok(livepeer::Minter {
        inflation: given.whole("inflation"),
        change: given.whole("inflation_change"),
        target: given.whole("target_bonding_rate"),
        divisor,
    })
}

fn cosmos_inflation(given: &Given) -> Result<Answer, String> {
    Ok(cosmos_next(given)?.into())
}

fn cosmos_inflation_change(given: &Given) -> Result<Answer, String> {
    Ok(cosmos_next(given)?
        .minus(&given.decimal("inflation"))
        .into())
}

fn cosmos_block_provision(given: &Given) -> Result<Answer, String> {
    let rule = cosmos::Minting {
        blocks_per_year: given.u64("blocks_per_year")?,
        ..cosmos::Minting::default()
    };
    let minted = rule.block_provision(&given.decimal("inflation"), &given.whole("supply"));
    Ok(minted.ok_or("`blocks_per_year` must be above 0")?.into())
}

fn livepeer_inflation(given: &Given) -> Result<Answer, String> {
    let (bonded, supply) = (given.whole("bonded"), given.whole("supply"));
    Ok(minter(given)?.next_inflation(&bonded, &supply).into())
}

fn livepeer_mintable(given: &Given) -> Result<Answer, String> {
    Ok(minter(given)?.mintable(&given.whole("supply")).into())
}

fn livepeer_reward(given: &Given) -> Result<Answer, String> {
    let (stake, total) = (given.whole("stake"), given.whole("total_stake"));
    Ok(minter(given)?
        .reward(&given.whole("mintable"), &stake, &total)
        .into())
}

fn bittensor_block_emission(given: &Given) -> Result<Answer, String> {
    // 18 digits after the point are 9 more than a rao has: floored.
    let tao = super::at_least_zero(given.decimal("issuance").0) / 1_000_000_000_u64;
    let sum = u128::try_from(tao + given.whole("issuance_rao")).unwrap_or(u128::MAX);
    Ok(bittensor::block_emission_rao(sum).into())
}

fn ionet_hourly_emission(given: &Given) -> Result<Answer, String> {
    Ok(ionet::hourly_tokens(given.u64("hour")?).into())
}

fn ionet_cumulative_emission(given: &Given) -> Result<Answer, String> {
    Ok(ionet::cumulative_tokens(given.u64("hours")?).into())
}

/// What the minter of Cosmos reads.
const MINTER: &[Input] = &[
    input("bonded_ratio", Kind::Decimal, "share", None),
    input("inflation", Kind::Decimal, "share a year", None),
    input("goal_bonded", Kind::Decimal, "share", Some("0.67")),
    input("inflation_max", Kind::Decimal, "share a year", Some("0.20")),
    input("inflation_min", Kind::Decimal, "share a year", Some("0.07")),
    input(
        "inflation_rate_change",
        Kind::Decimal,
        "share a year",
        Some("0.13"),
    ),
    input("blocks_per_year", Kind::Integer, "blocks", Some("6311520")),
];

const LIVEPEER: &str = "livepeer/protocol, contracts/token/Minter.sol";
const COSMOS: &str = "cosmos/cosmos-sdk, x/mint/types/minter.go";
const IONET: &str = "docs.iog.net/docs/token-emission-schedule";

/// Every rule of this family.
pub const RULES: &[Rule] = &[
    Rule {
        name: "cosmos_inflation",
        inputs: MINTER,
        output: (Kind::Decimal, "share a year"),
        source: COSMOS,
        value: cosmos_inflation,
    },
    Rule {
        name: "cosmos_inflation_change",
        inputs: MINTER,
        output: (Kind::Decimal, "share a year"),
        source: "cosmos/cosmos-sdk, x/mint/types/minter.go (new less old inflation)",
        value: cosmos_inflation_change,
    },
    Rule {
        name: "cosmos_block_provision",
        inputs: &[
            input("inflation", Kind::Decimal, "share a year", None),
            input("supply", Kind::Integer, "base units", None),
            input("blocks_per_year", Kind::Integer, "blocks", Some("6311520")),
        ],
        output: (Kind::Integer, "base units"),
        source: COSMOS,
        value: cosmos_block_provision,
    },
    Rule {
        name: "livepeer_inflation",
        inputs: &[
            input("inflation", Kind::Integer, "1/divisor a round", None),
            input("bonded", Kind::Integer, "base units", None),
            input("supply", Kind::Integer, "base units", None),
            input("inflation_change", Kind::Integer, "1/divisor", Some("500")),
            input(
                "target_bonding_rate",
                Kind::Integer,
                "1/divisor",
                Some("500000000"),
            ),
            input("divisor", Kind::Integer, "parts", Some("1000000000")),
        ],
        output: (Kind::Integer, "1/divisor a round"),
        source: LIVEPEER,
        value: livepeer_inflation,
    },
    Rule {
        name: "livepeer_mintable",
        inputs: &[
            input("inflation", Kind::Integer, "1/divisor a round", None),
            input("supply", Kind::Integer, "base units", None),
            input("divisor", Kind::Integer, "parts", Some("1000000000")),
        ],
        output: (Kind::Integer, "base units"),
        source: LIVEPEER,
        value: livepeer_mintable,
    },
    Rule {
        name: "livepeer_reward",
        inputs: &[
            input("mintable", Kind::Integer, "base units", None),
            input("stake", Kind::Integer, "base units", None),
            input("total_stake", Kind::Integer, "base units", None),
            input("divisor", Kind::Integer, "parts", Some("1000000000")),
        ],
        output: (Kind::Integer, "base units"),
        source: LIVEPEER,
        value: livepeer_reward,
    },
    Rule {
        name: "bittensor_block_emission",
        inputs: &[
            input("issuance", Kind::Decimal, "TAO", Some("0")),
            input(
                "issuance_rao",
                Kind::Integer,
                "rao, instead of issuance",
                Some("0"),
            ),
        ],
        output: (Kind::Integer, "rao"),
        source: "opentensor/subtensor, pallets/subtensor/src/coinbase/block_emission.rs (our reading in integers)",
        value: bittensor_block_emission,
    },
    Rule {
        name: "ionet_hourly_emission",
        inputs: &[input("hour", Kind::Integer, "hours from 0", None)],
        output: (Kind::Number, "IO"),
        source: IONET,
        value: ionet_hourly_emission,
    },
    Rule {
        name: "ionet_cumulative_emission",
        inputs: &[input("hours", Kind::Integer, "hours", None)],
        output: (Kind::Number, "IO"),
        source: IONET,
        value: ionet_cumulative_emission,
    },
];
