//! T23: the pool in the week.

use super::{network, network_of, opened, still_world};
use crate::Cases;
use crate::small::{self, Run};
use wattflop::market::ids::NetworkId;
use wattflop::scenario::types::{self as types, Scenario};

const TOKENS: f64 = 1e6;
const USD: f64 = 5e6;

/// Nobody but the pool trades; insiders unlock and sell `sold` tokens in the first week.
fn pool_alone(sold: f64, fee_share: f64) -> Scenario {
    let mut world = still_world(&[false]);
    let start = world.horizon.start;
    let network = network_of(&mut world);
    network.accepts.clear();
    network.opening.devices.clear();
    network.opening.total_tokens = 1e8;
    network.opening.token_price_usd = USD / TOKENS;
    network.opening.rewards_tokens_per_week = 0.0;
    network.liquidity = Some(types::Liquidity {
        pool_usd: USD,
        fee_share,
        curve_exponent: None,
        providers: None,
    });
    network
        .price
        .as_mut()
        .expect("stated")
        .holder_response_per_week = 0.0;
    network.settlement = types::Settlement::BurnAndMint(types::BurnAndMint { burn_share: 1.0 });
    if sold > 0.0 {
        let bucket = types::VestingBucket {
            tokens: sold,
            starts: start,
            weeks: 1.0,
            cliff_share: 0.0,
            instalment_weeks: 1,
        };
        network.vesting.insert("insiders".to_owned(), bucket);
    }
    world
}

/// The pool after the first week: tokens, USD.
fn pool_after(run: &Run) -> (f64, f64) {
    let network = network(run);
    let tokens = network.pool_units as f64 / 1e8;
    (tokens, network.pool_cash_micro_usd as f64 * 1e-6)
}

/// Value of the pool ÷ value of what went into it, less one, and the price's move.
fn loss(run: &Run) -> (f64, f64) {
    let (tokens, usd) = pool_after(run);
    let price = usd / tokens;
    (
        (tokens * price + usd) / (TOKENS * price + USD) - 1.0,
        price / (USD / TOKENS),
    )
}

pub fn pool(cases: &mut Cases) {
    let mut run = opened(&pool_alone(1e4, 0.003), |_, _| 1.0);
    run.weeks(1);
    let paid = network(&run).token_price_usd * 1e4;
    let closed = 49_357.901_719_853;
    cases.meet(
        "T23 sale of 10,000 tokens: what they fetch",
        paid,
        closed,
        1e-12 * closed,
    );
    let (_, usd) = pool_after(&run);
    let name = "T23 the same in whole micro-USD of the books";
    cases.meet(name, USD - usd, closed, 1e-6);
    for (sold, ratio, closed) in [
        (TOKENS, 0.25, -0.2),
        (TOKENS * 0.414_213_562_373_095_1, 0.5, -0.057_190_958_4),
    ] {
        let mut run = opened(&pool_alone(sold, 0.0), |_, _| 1.0);
        run.weeks(1);
        let (found, moved) = loss(&run);
        cases.meet(&format!("T23 sale: price × {ratio}"), moved, ratio, 1e-12);
        let expected = 2.0 * moved.sqrt() / (1.0 + moved) - 1.0;
        let name = format!("T23 loss against holding, price × {ratio}");
        cases.meet(&name, found, expected, 1e-12);
        cases.meet(&format!("{name}, as printed"), found, closed, 1e-10);
    }
    // Customers' money burns tokens out of the pool.
    let mut run = opened(&pool_alone(0.0, 0.0), |_, _| 1.0);
    let ledger = &run.model.networks.networks[NetworkId(0)].ledger;
    let amount = (USD * 0.414_213_562_373_095_1 * 1e6).round() as i128;
    run.world
        .books
        .post(ledger.outside_usd, ledger.escrow_usd, amount);
    run.weeks(1);
    let (found, moved) = loss(&run);
    cases.meet("T23 burn: price × 2", moved, 2.0, 1e-12);
    let name = "T23 loss against holding, price × 2, as printed";
    cases.meet(name, found, -0.057_190_958_4, 1e-10);
    cases.meet(
        "T23 weeks of three years in which a pool's product fell",
        product_falls(),
        0.0,
        0.0,
    );
}

/// Weeks and networks of the shipped world in which tokens × money of the pool became less.
fn product_falls() -> f64 {
    let mut run = Run::open(&small::scenario("baseline.yaml", None, &[]), 0);
    let product = |run: &Run| -> Vec<i128> {
        let networks = run.world.networks.networks.values().iter();
        networks
            .map(|n| n.pool_units * n.pool_cash_micro_usd)
            .collect()
    };
    let mut before = product(&run);
    let mut falls = 0;
    for _ in 0..156 {
        run.weeks(1);
        let after = product(&run);
        falls += before
            .iter()
            .zip(&after)
            .filter(|(before, after)| after < before)
            .count();
        before = after;
    }
    falls as f64
}
