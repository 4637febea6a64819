//! T20 to T22: what burns, mints and expectations make of the price.

use super::{network, network_of, opened, still_world};
use crate::Cases;
use crate::small::Run;
use wattflop::kernels::math::{exp, exp_m1, ln, powi};
use wattflop::market::ids::NetworkId;
use wattflop::market::model::YEAR_WEEKS;
use wattflop::scenario::types::{self as types, Scenario};

const YEAR_H: f64 = YEAR_WEEKS * 168.0;

/// Customers outside the market pay a million USD a week, which burns; forty owners live on
/// 500,000 new tokens a week and sell them all. (What they sell in the market comes on top: a
/// tenth of a percent.) Holders ask so much that fees count at once, so supply comes to rest
/// within months; it begins at twice what it will be.
pub fn burn_and_mint(cases: &mut Cases) {
    let (paid, minted) = (1e6, 5e5);
    let mut world = still_world(&[false]);
    super::contest::without_power(&mut world);
    super::steady_reward(&mut world, minted);
    let kind = world.providers.hardware.get_mut("kind_0").expect("a kind");
    kind.owned_devices = 40.0;
    let network = network_of(&mut world);
    network.opening.devices.insert("kind_0".to_owned(), 36.0);
    network.opening.total_tokens = 5e6;
    network.settlement = types::Settlement::BurnAndMint(types::BurnAndMint { burn_share: 1.0 });
    let price = network.price.as_mut().expect("stated");
    price.discount_rate_per_year = 10.0;
    price.premium_kept_per_year = 0.0;
    let mut run = opened(&world, |_, _| 0.01);
    for _ in 0..156 {
        paid_week(&mut run, paid);
    }
    let supply = super::network(&run).week.circulating_tokens;
    let weeks = 52;
    let (mut price, mut burnt) = (0.0, 0.0);
    for _ in 0..weeks {
        paid_week(&mut run, paid);
        let network = super::network(&run);
        assert!(network.week.online_devices > 30.0 && network.week.sold_tokens > 0.99 * minted);
        price += network.token_price_usd / f64::from(weeks);
        burnt += network.week.burnt_tokens / f64::from(weeks);
    }
    cases.meet(
        "T20 burn and mint, D = 10⁶, E = 5 · 10⁵: price",
        price,
        2.0,
        0.02,
    );
    cases.meet(
        "T20 burn and mint: burnt ÷ minted",
        burnt / minted,
        1.0,
        0.01,
    );
    let after = super::network(&run).week.circulating_tokens;
    cases.meet(
        "T20 burn and mint: supply ÷ supply a year before",
        after / supply,
        1.0,
        0.01,
    );
}

/// Tokens of the theory's unit.
const UNIT: f64 = 1e6;

/// Kalabić's economy: holders alone, M₀ = 100, customers outside the market pay y = 1 a year and
/// their money burns, new tokens w₀ e^(−gt) go to holders, who ask the return ρ and count every
/// token that will exist. A year of the theory is `stretch` years of the model.
fn kalabic(w0: f64, g: f64, discount: f64, stretch: f64) -> Scenario {
    let mut world = still_world(&[false]);
    let start = world.horizon.start;
    let network = network_of(&mut world);
    network.accepts.clear();
    network.opening.devices.clear();
    network.opening.total_tokens = 100.0 * UNIT;
    network.opening.rewards_tokens_per_week = 0.0;
    network.opening.token_price_usd = 0.1;
    network.rewards.provider_share = 0.0;
    network.settlement = types::Settlement::BurnAndMint(types::BurnAndMint { burn_share: 1.0 });
    if w0 > 0.0 {
        let decay = -exp_m1(-g / (YEAR_H * stretch));
        network.emission = Some(types::Emission::ExponentialDecay(types::ExponentialDecay {
            first_hour_tokens: w0 / g * UNIT * decay,
            decay_per_hour: decay,
            started: start,
            total_tokens: w0 / g * UNIT,
        }));
    }
    let price = network.price.as_mut().expect("stated");
    price.discount_rate_per_year = discount / stretch;
    // Nobody holds out for a better price.
    price.holder_response_per_week = 1e9;
    price.counted_supply = types::CountedSupply::FullyDiluted;
    world
}

/// What customers pay in a week of the model, in whole micro-USD.
fn weekly_usd(stretch: f64) -> f64 {
    (UNIT / (YEAR_WEEKS * stretch) * 1e6).round() * 1e-6
}

/// The economy on the day before the first payment: fees are known, nothing else is hoped for.
fn awaiting(world: &Scenario, stretch: f64) -> Run {
    let mut run = Run::open(world, 0);
    let network = &mut run.world.networks.networks[NetworkId(0)];
    network.accrual_usd_per_week = weekly_usd(stretch);
    network.premium_usd = 0.0;
    run
}

/// Customers outside the market pay; then the week runs.
fn paid_week(run: &mut Run, usd: f64) {
    let ledger = &run.model.networks.networks[NetworkId(0)].ledger;
    let amount = (usd * 1e6).round() as i128;
    run.world
        .books
        .post(ledger.outside_usd, ledger.escrow_usd, amount);
    run.scratch.seal.close(&mut run.world);
    run.weeks(1);
}

const KALABIC: [(f64, f64, f64); 4] = [
    (0.0, 1.0, 0.1),
    (1.0, 0.15, 0.09375),
    (5.0, 0.5, 1.0 / 11.0),
    (1.0, 0.1, 1.0 / 11.0),
];

pub fn fully_diluted(cases: &mut Cases) {
    let discount = 0.1;
    for (w0, g, first) in KALABIC {
        let named = |part: &str| format!("T21 holders, w₀ {w0}, g {g}: {part}");
        let mut run = awaiting(&kalabic(w0, g, discount, 1.0), 1.0);
        paid_week(&mut run, weekly_usd(1.0));
        let opening = network(&run).token_price_usd;
        cases.meet(&named("first price"), opening, first, 1e-6);
        // Ten years in weekly steps: a week keeps the part 1 − ρ/52 of all tokens to come.
        let weeks = 520;
        for _ in 0..weeks {
            paid_week(&mut run, weekly_usd(1.0));
        }
        let kept = powi(1.0 - discount / YEAR_WEEKS, weeks);
        let grown = network(&run).token_price_usd / opening;
        cases.meet(
            &named("price × after ten years of weeks"),
            grown,
            1.0 / kept,
            1e-6,
        );
        let left = network(&run).week.circulating_tokens / UNIT;
        let to_come = if w0 > 0.0 {
            w0 / g * exp(-g * f64::from(weeks + 1) / YEAR_WEEKS)
        } else {
            0.0
        };
        let all = 1.0 / (first * discount);
        cases.meet(
            &named("tokens before that week's burn"),
            left,
            all * kept - to_come,
            1e-6,
        );
        // Short steps: a year of the theory is 2,000 of the model's.
        let stretch = 2_000.0;
        let mut run = awaiting(&kalabic(w0, g, discount, stretch), stretch);
        paid_week(&mut run, weekly_usd(stretch));
        let before = network(&run).token_price_usd;
        for _ in 0..52 {
            paid_week(&mut run, weekly_usd(stretch));
        }
        let rate = ln(network(&run).token_price_usd / before) * stretch * YEAR_WEEKS / 52.0;
        cases.meet(
            &named("growth of the price a year = ρ, in short steps"),
            rate,
            0.1,
            1e-6,
        );
    }
}

/// Weeks until so few tokens are free that payments must pay more than holders think they are
/// worth; the limit if they never do.
fn weeks_until_dry(g: f64, limit: u32) -> u32 {
    let mut run = awaiting(&kalabic(100.0 * g, g, 0.1, 1.0), 1.0);
    for week in 0..limit {
        paid_week(&mut run, weekly_usd(1.0));
        if network(&run).token_price_usd > 1.5 * network(&run).week.value_usd {
            return week;
        }
    }
    limit
}

pub fn collapse(cases: &mut Cases) {
    // M(t) = 200 e^(−ρt) − 100 e^(−gt) = 0 at t = ln 2/(ρ − g): 13.9 years for g = 0.05.
    let closed = ln(2.0) / 0.05;
    let found = f64::from(weeks_until_dry(0.05, 1_000)) / YEAR_WEEKS;
    cases.meet(
        "T22 minting fades slower than ρ: years until no token is left",
        found,
        closed,
        0.15,
    );
    let limit = 1_000;
    let lasting = weeks_until_dry(0.15, limit);
    let name = "T22 minting fades faster than ρ: the price is still the holders' after 1,000 weeks";
    cases.meet(name, f64::from(u8::from(lasting == limit)), 1.0, 0.0);
    // Every burn comes back: w = u.
    let mut world = kalabic(0.0, 1.0, 0.1, 1.0);
    let reemitted = types::BurnAndReemit {
        burn_share: 1.0,
        cap_tokens_per_day: 1e9,
        usd_floor_cap: None,
    };
    network_of(&mut world).settlement = types::Settlement::NetEmission(reemitted);
    let mut run = awaiting(&world, 1.0);
    paid_week(&mut run, weekly_usd(1.0));
    let first = network(&run).week.value_usd;
    for _ in 0..520 {
        paid_week(&mut run, weekly_usd(1.0));
    }
    let left = network(&run).week.value_usd / first;
    let name = "T22 every burn is minted again: value after ten years ÷ value at first";
    cases.meet(name, left, 0.0, 0.02);
}
