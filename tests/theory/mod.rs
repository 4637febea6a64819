//! Economies that are small and still, so that a closed form must come out of the week: owners
//! decide, networks settle, one phase after another, and the limit is taken in plain sight.

pub mod contest;
pub mod exchange;
pub mod reflexive;
pub mod subsidy;
pub mod value;

use crate::small::{self, Run};
use wattflop::market::ids::{HardwareId, Id, NetworkId};
use wattflop::market::model::YEAR_WEEKS;
use wattflop::market::networks::Network;
use wattflop::scenario::Date;
use wattflop::scenario::types::{self as types, Scenario};

/// Rows of one kind of hardware.
pub const ROWS: u32 = 4_096;
/// Devices of one kind.
pub const DEVICES: f64 = 1e6;
const WEEK_H: f64 = 168.0;

/// One network, equal owners in one region, no chance in tokens: what is left is the mechanism.
///
/// Owners see pay without noise, expect what they saw, and leave after one week of loss; the
/// hardware of each of `owners` costs nothing but what the owner forgoes.
pub fn still_world(owners: &[bool]) -> Scenario {
    // A lone kind gets the rows of four: what is measured then is a crowd's fine gradation.
    let kinds = if owners.len() == 1 { 4 } else { owners.len() };
    let rows = format!("providers.rows={}", ROWS * kinds as u32);
    let mut world = small::scenario("baseline.yaml", None, &[&rows]);
    world.marketplaces.clear();
    world.shocks.clear();
    let facts = world.providers.hardware["rtx_4090"].clone();
    world.providers.hardware = (owners.iter().enumerate())
        .map(|(place, one_owner)| {
            let hardware = types::Hardware {
                row_share: 1.0 / owners.len() as f64,
                owned_devices: DEVICES,
                prospective_devices: 0.0,
                own_use: true,
                one_owner: *one_owner,
                ..facts.clone()
            };
            (kind_name(place), hardware)
        })
        .collect();
    world.providers.region_share = [("us_texas".to_owned(), 1.0)].into();
    calm(&mut world.providers.behaviour);
    let mut network = world.networks["ionet"].clone();
    world.networks.clear();
    network.accepts = (0..owners.len()).map(kind_name).collect();
    network.opening.devices = (0..owners.len()).map(|k| (kind_name(k), 1e5)).collect();
    network.emission = None;
    network.staking = None;
    network.verification = None;
    network.vesting.clear();
    network.treasury.tokens = 0.0;
    network.treasury.spend_usd_per_year = Some(0.0);
    network.liquidity = Some(types::Liquidity {
        pool_usd: 0.0,
        fee_share: 0.0,
        curve_exponent: None,
        providers: None,
    });
    network.price = Some(types::TokenPrice {
        discount_rate_per_year: 0.1,
        premium_kept_per_year: 1.0,
        band_share: 0.0,
        holder_response_per_week: 10.0,
        crypto_sigma_per_week: 0.0,
        crypto_kept_per_week: 0.0,
        counted_supply: types::CountedSupply::Circulating,
        network_effect_exponent: None,
        unlock_sell_share: 1.0,
        speculators: None,
    });
    network.rewards.basis = types::RewardBasis::Availability;
    network.rewards.provider_share = 1.0;
    network.rewards.treasury_share = 0.0;
    network.rewards.sell_share = Some(1.0);
    // Buyers' money goes to the treasury: owners live on rewards alone.
    network.settlement = types::Settlement::BurnAndMint(types::BurnAndMint { burn_share: 0.0 });
    world.networks.insert("theory".to_owned(), network);
    world
}

/// Owners see pay without noise, expect what they saw, and are all alike.
fn calm(habits: &mut types::ProviderBehaviour) {
    habits.belief_gain_per_week = 1.0;
    habits.patience_weeks = 1;
    habits.reliability_share = 1.0;
    habits.idle_power_share = 1.0;
    for still in [
        &mut habits.noise_sigma,
        &mut habits.join_margin_share,
        &mut habits.switch_margin_share,
        &mut habits.efficiency_sigma,
        &mut habits.tariff_sigma,
        &mut habits.opportunity_sigma,
        &mut habits.reliability_sigma,
        &mut habits.other_cost_share,
        &mut habits.cheat_saving_share,
    ] {
        *still = 0.0;
    }
}

pub fn kind_name(place: usize) -> String {
    format!("kind_{place}")
}

pub fn network_of(world: &mut Scenario) -> &mut types::Network {
    world.networks.get_mut("theory").expect("the one network")
}

/// The same amount of new tokens each week; the supply is so large that it hardly grows, and not
/// so large that what a device earns is lost among whole quanta.
pub fn steady_reward(world: &mut Scenario, usd_per_week: f64) {
    let start = world.horizon.start;
    let network = network_of(world);
    network.opening.token_price_usd = 1.0;
    network.opening.total_tokens = usd_per_week * 3e5;
    network.opening.rewards_tokens_per_week = usd_per_week;
    network.emission = Some(types::Emission::FixedSchedule(types::FixedSchedule {
        tokens_per_year: wattflop::scenario::Series {
            points: vec![(Date::add_days(start, -7), usd_per_week * YEAR_WEEKS)],
        },
        damping_per_year: 1.0,
    }));
}

/// The opened world before its first week, with every owner's cost as `cost_usd_per_h` gives it:
/// kind, share of the kind's devices that are cheaper → what the hour must bring.
pub fn opened(world: &Scenario, cost_usd_per_h: impl Fn(usize, f64) -> f64) -> Run {
    let mut run = Run::open(world, 0);
    let providers = &mut run.world.providers;
    // A dollar is a dollar: no taste for or against the network.
    for appeal in &mut providers.appeal_share {
        appeal.values_mut().fill(1.0);
    }
    for cell in run.model.providers.cells.values() {
        let mut before = 0.0;
        for row in cell.rows.clone() {
            let devices = f64::from(providers.count[row]);
            let share = (before + devices / 2.0) / cell.devices as f64;
            before += devices;
            let cost = cost_usd_per_h(cell.hardware.index(), share);
            providers.opportunity_usd_per_h[row] = cost as f32;
        }
    }
    run
}

/// Weeks in which reviews become ever rarer: from one owner in five to one in two thousand, so
/// that in the end nobody overshoots.
pub fn settle_down(run: &mut Run) {
    let mut hazard = 0.2;
    while hazard > 5e-4 {
        run.model.providers.behaviour.review_hazard_per_week = hazard;
        run.weeks(24);
        hazard *= 0.65;
    }
}

/// Means of what `read` finds over further weeks.
pub fn averages<const N: usize>(
    run: &mut Run,
    weeks: u32,
    read: impl Fn(&Run) -> [f64; N],
) -> [f64; N] {
    let mut sums = [0.0; N];
    for _ in 0..weeks {
        run.weeks(1);
        for (sum, value) in sums.iter_mut().zip(read(run)) {
            *sum += value;
        }
    }
    sums.map(|sum| sum / f64::from(weeks))
}

pub fn network(run: &Run) -> &Network {
    &run.world.networks.networks[NetworkId(0)]
}

/// Devices of a kind online in the network.
pub fn online(run: &Run, kind: usize) -> f64 {
    run.world.providers.served[0].devices[HardwareId::new(kind)]
}

/// What the network pays owners in a week.
pub fn reward_usd(run: &Run) -> f64 {
    network(run).week.provider_emission_usd
}

/// Cost of an online device-hour beyond what its owner forgoes: power at this week's tariff.
pub fn power_usd_per_h(run: &Run, kind: usize) -> f64 {
    let facts = &run.model.providers.hardware[HardwareId::new(kind)];
    let cell = &run.model.providers.cells[wattflop::market::ids::CellId::new(kind)];
    let tariffs = run.world.grid.regions[cell.region].tariff_usd_per_mwh;
    facts.power_kw * tariffs[facts.tariff as usize] * 1e-3
}

/// Hours of a week.
pub const fn week_h() -> f64 {
    WEEK_H
}
