//! The rules of markets, storage and checking by name:
//! inputs with their units, source and the function called.

use super::rules::{Answer, Given, Kind, Rule, input};
use super::{Whole, collateral, ethereum, exchange, filecoin};

fn eip1559(given: &Given) -> Result<Answer, String> {
    let block = ethereum::Block {
        base_fee: given.whole("parent_base_fee"),
        gas_used: given.whole("gas_used"),
        gas_limit: given.whole("gas_limit"),
    };
    let fee = ethereum::next_base_fee(&block);
    Ok(fee.ok_or("`gas_limit` must be at least 2")?.into())
}

fn constant_product(given: &Given) -> Result<Answer, String> {
    let reserves = exchange::Reserves {
        taken: given.whole("reserve_in"),
        given: given.whole("reserve_out"),
    };
    let kept = given.u32("kept_thousandths")?;
    if kept > 1_000 {
        return Err("`kept_thousandths` is at most 1000".to_owned());
    }
    let out = exchange::constant_product(&given.whole("amount_in"), &reserves, kept);
    Ok(out
        .ok_or("`reserve_in` and `reserve_out` must be above 0")?
        .into())
}

fn bonding_curve(given: &Given) -> Result<Answer, String> {
    let curve = exchange::Curve {
        reserve: given.number("reserve"),
        supply: given.number("supply"),
        exponent: given.number("exponent"),
    };
    if curve.supply <= 0.0 || curve.reserve < 0.0 {
        return Err("`supply` must be above 0 and `reserve` at least 0".to_owned());
    }
    if given.number("amount") < -curve.supply {
        return Err("no more than the supply can be sold".to_owned());
    }
    Ok(curve.reserve_change(given.number("amount")).into())
}

fn impermanent_loss(given: &Given) -> Result<Answer, String> {
    Ok(exchange::impermanent_loss_share(given.number("price_ratio")).into())
}

fn filecoin_simple_reward(given: &Given) -> Result<Answer, String> {
    Ok(filecoin::simple_reward(given.u64("epoch")?).into())
}

fn filecoin_simple_reward_f64(given: &Given) -> Result<Answer, String> {
    Ok(filecoin::simple_reward_fil(given.number("epoch")).into())
}

fn filecoin_baseline_reward(given: &Given) -> Result<Answer, String> {
    let (from, to) = (given.whole("theta0"), given.whole("theta1"));
    Ok(filecoin::baseline_reward(&from, &to).into())
}

fn filecoin_baseline_reward_f64(given: &Given) -> Result<Answer, String> {
    Ok(filecoin::baseline_reward_fil(given.number("theta0"), given.number("theta1")).into())
}

fn filecoin_epoch_reward(given: &Given) -> Result<Answer, String> {
    let (from, to) = (given.whole("theta0"), given.whole("theta1"));
    Ok(filecoin::epoch_reward(given.u64("epoch")?, &from, &to).into())
}

fn filecoin_reward_theta(given: &Given) -> Result<Answer, String> {
    let n = given.u64("effective_network_time")?;
    let baseline = given.whole("baseline_power");
    let realised = given.whole("cumulative_realised");
    let cumulative = given.whole("cumulative_baseline");
    if baseline == Whole::ZERO || realised > cumulative {
        return Err("`baseline_power` must be above 0, realised at most baseline".to_owned());
    }
    Ok(filecoin::reward_theta(n, &baseline, &realised, &cumulative).into())
}

fn filecoin_next_baseline(given: &Given) -> Result<Answer, String> {
    let bytes = u128::try_from(given.whole("baseline_power"));
    let bytes = bytes.ok().filter(|bytes| *bytes < 1 << 120);
    Ok(filecoin::next_baseline(bytes.ok_or("`baseline_power` is below 2^120")?).into())
}

fn filecoin_winner_reward(given: &Given) -> Result<Answer, String> {
    Ok(filecoin::winner_reward(&given.whole("epoch_reward"), given.u64("wins")?).into())
}

fn filecoin_locked_reward(given: &Given) -> Result<Answer, String> {
    Ok(collateral::locked_reward(&given.whole("reward")).into())
}

fn filecoin_initial_pledge(given: &Given) -> Result<Answer, String> {
    let ask = collateral::Pledge {
        sector_power: given.whole("sector_qa_power"),
        network_power: given.whole("network_qa_power"),
        baseline_power: given.whole("baseline_power"),
        circulating: given.whole("circulating_supply"),
        base: given.whole("reward_20_days"),
        gamma: given.u64("gamma_thousandths")?,
        cap_gib: given.u64("cap_gib_per_fil")?,
    };
    let pledge = collateral::initial_pledge(&ask);
    Ok(pledge
        .ok_or("power and cap must be above 0, gamma at most 1000")?
        .into())
}

fn filecoin_termination_fee(given: &Given) -> Result<Answer, String> {
    let (pledge, fault) = (given.whole("initial_pledge"), given.whole("fault_fee"));
    Ok(collateral::termination_fee(&pledge, given.u64("age_days")?, &fault).into())
}

fn filecoin_consensus_fault(given: &Given) -> Result<Answer, String> {
    Ok(collateral::consensus_fault(&given.whole("epoch_reward")).into())
}

fn redundancy_detection(given: &Given) -> Result<Answer, String> {
    Ok(
        collateral::redundancy_detection(given.u64("copies")?, given.number("colluding_share"))
            .into(),
    )
}

fn sampling_detection(given: &Given) -> Result<Answer, String> {
    let (jobs, checked, bad) = (given.u64("jobs")?, given.u64("checked")?, given.u64("bad")?);
    if checked > jobs || bad > jobs || jobs > 100_000_000 {
        return Err("`checked` and `bad` are at most `jobs`, and these at most 10^8".to_owned());
    }
    Ok(collateral::sampling_detection(jobs, checked, bad).into())
}

fn slash_threshold(given: &Given) -> Result<Answer, String> {
    let p = given.number("detection");
    if !(p > 0.0 && p <= 1.0) {
        return Err("`detection` lies above 0 and at most at 1".to_owned());
    }
    Ok(collateral::slash_threshold(given.number("saved_cost"), p, given.number("reward")).into())
}

const REWARD: &str = "filecoin-project/builtin-actors, actors/reward/src/logic.rs (Q.128)";
const REWARD_F64: &str =
    "filecoin-project/builtin-actors, actors/reward/src/logic.rs, in f64 with exp_m1";
const BASELINE: &str = "filecoin-project/builtin-actors, actors/reward/src/logic.rs";
const MONIES: &str = "filecoin-project/builtin-actors, actors/miner/src/monies.rs";

/// Every rule of this family.
pub const RULES: &[Rule] = &[
    Rule {
        name: "eip1559",
        inputs: &[
            input("parent_base_fee", Kind::Integer, "wei/gas", None),
            input("gas_used", Kind::Integer, "gas", None),
            input("gas_limit", Kind::Integer, "gas", None),
        ],
        output: (Kind::Integer, "wei/gas"),
        source: "ethereum/go-ethereum, consensus/misc/eip1559",
        value: eip1559,
    },
    Rule {
        name: "constant_product",
        inputs: &[
            input("amount_in", Kind::Integer, "base units", None),
            input("reserve_in", Kind::Integer, "base units", None),
            input("reserve_out", Kind::Integer, "base units", None),
            input("kept_thousandths", Kind::Integer, "1/1000", Some("997")),
        ],
        output: (Kind::Integer, "base units"),
        source: "Uniswap/v2-core and v2-periphery, getAmountOut",
        value: constant_product,
    },
    Rule {
        name: "bonding_curve",
        inputs: &[
            input("reserve", Kind::Number, "USD", None),
            input("supply", Kind::Number, "tokens", None),
            input("amount", Kind::Number, "tokens", None),
            input("exponent", Kind::Number, "k", None),
        ],
        output: (Kind::Number, "USD"),
        source: "helium-program-library, programs/treasury-management/src/curve.rs",
        value: bonding_curve,
    },
    Rule {
        name: "impermanent_loss",
        inputs: &[input("price_ratio", Kind::Number, "ratio", None)],
        output: (Kind::Number, "share"),
        source: "arithmetic of the constant product",
        value: impermanent_loss,
    },
    Rule {
        name: "filecoin_simple_reward",
        inputs: &[input("epoch", Kind::Integer, "epochs of 30 s", None)],
        output: (Kind::Integer, "attoFIL"),
        source: REWARD,
        value: filecoin_simple_reward,
    },
    Rule {
        name: "filecoin_simple_reward_f64",
        inputs: &[input("epoch", Kind::Number, "epochs of 30 s", None)],
        output: (Kind::Number, "FIL"),
        source: REWARD_F64,
        value: filecoin_simple_reward_f64,
    },
    Rule {
        name: "filecoin_baseline_reward",
        inputs: &[
            input("theta0", Kind::Integer, "epochs in Q.128", None),
            input("theta1", Kind::Integer, "epochs in Q.128", None),
        ],
        output: (Kind::Integer, "attoFIL"),
        source: REWARD,
        value: filecoin_baseline_reward,
    },
    Rule {
        name: "filecoin_baseline_reward_f64",
        inputs: &[
            input("theta0", Kind::Number, "epochs", None),
            input("theta1", Kind::Number, "epochs", None),
        ],
        output: (Kind::Number, "FIL"),
        source: REWARD_F64,
        value: filecoin_baseline_reward_f64,
    },
    Rule {
        name: "filecoin_epoch_reward",
        inputs: &[
            input("epoch", Kind::Integer, "epochs of 30 s", None),
            input("theta0", Kind::Integer, "epochs in Q.128", None),
            input("theta1", Kind::Integer, "epochs in Q.128", None),
        ],
        output: (Kind::Integer, "attoFIL"),
        source: REWARD,
        value: filecoin_epoch_reward,
    },
    Rule {
        name: "filecoin_reward_theta",
        inputs: &[
            input("effective_network_time", Kind::Integer, "epochs", None),
            input("baseline_power", Kind::Integer, "bytes", None),
            input("cumulative_realised", Kind::Integer, "bytes", None),
            input("cumulative_baseline", Kind::Integer, "bytes", None),
        ],
        output: (Kind::Integer, "epochs in Q.128"),
        source: BASELINE,
        value: filecoin_reward_theta,
    },
    Rule {
        name: "filecoin_next_baseline",
        inputs: &[input("baseline_power", Kind::Integer, "bytes", None)],
        output: (Kind::Integer, "bytes"),
        source: BASELINE,
        value: filecoin_next_baseline,
    },
    Rule {
        name: "filecoin_winner_reward",
        inputs: &[
            input("epoch_reward", Kind::Integer, "attoFIL", None),
            input("wins", Kind::Integer, "of 5 expected", None),
        ],
        output: (Kind::Integer, "attoFIL"),
        source: "filecoin-project/builtin-actors, actors/reward/src/lib.rs",
        value: filecoin_winner_reward,
    },
    Rule {
        name: "filecoin_locked_reward",
        inputs: &[input("reward", Kind::Integer, "attoFIL", None)],
        output: (Kind::Integer, "attoFIL"),
        source: MONIES,
        value: filecoin_locked_reward,
    },
    Rule {
        name: "filecoin_initial_pledge",
        inputs: &[
            input("sector_qa_power", Kind::Integer, "bytes", None),
            input("network_qa_power", Kind::Integer, "bytes", None),
            input("baseline_power", Kind::Integer, "bytes", None),
            input("circulating_supply", Kind::Integer, "attoFIL", None),
            input("reward_20_days", Kind::Integer, "attoFIL", None),
            input("gamma_thousandths", Kind::Integer, "1/1000", Some("700")),
            input("cap_gib_per_fil", Kind::Integer, "GiB/FIL", Some("32")),
        ],
        output: (Kind::Integer, "attoFIL"),
        source: MONIES,
        value: filecoin_initial_pledge,
    },
    Rule {
        name: "filecoin_termination_fee",
        inputs: &[
            input("initial_pledge", Kind::Integer, "attoFIL", None),
            input("age_days", Kind::Integer, "days", None),
            input("fault_fee", Kind::Integer, "attoFIL", None),
        ],
        output: (Kind::Integer, "attoFIL"),
        source: "filecoin-project/builtin-actors, actors/miner/src/monies.rs (FIP-0098)",
        value: filecoin_termination_fee,
    },
    Rule {
        name: "filecoin_consensus_fault",
        inputs: &[input("epoch_reward", Kind::Integer, "attoFIL", None)],
        output: (Kind::Integer, "attoFIL"),
        source: MONIES,
        value: filecoin_consensus_fault,
    },
    Rule {
        name: "redundancy_detection",
        inputs: &[
            input("copies", Kind::Integer, "copies", None),
            input("colluding_share", Kind::Number, "share", None),
        ],
        output: (Kind::Number, "probability"),
        source: "our derivation: 1 - f^(k-1)",
        value: redundancy_detection,
    },
    Rule {
        name: "sampling_detection",
        inputs: &[
            input("jobs", Kind::Integer, "jobs", None),
            input("checked", Kind::Integer, "jobs", None),
            input("bad", Kind::Integer, "jobs", None),
        ],
        output: (Kind::Number, "probability"),
        source: "our derivation: 1 - C(n-d, m)/C(n, m)",
        value: sampling_detection,
    },
    Rule {
        name: "slash_threshold",
        inputs: &[
            input("saved_cost", Kind::Number, "USD", None),
            input("detection", Kind::Number, "probability", None),
            input("reward", Kind::Number, "USD", None),
        ],
        output: (Kind::Number, "USD"),
        source: "our derivation: S > dc/p - R",
        value: slash_threshold,
    },
];
