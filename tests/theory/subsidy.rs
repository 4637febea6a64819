//! T30: what a small subsidy buys, from the week: owners whose cost rises with their number sell
//! all they have to buyers whose use falls with the price, once for hardly any tokens and once for
//! a tenth of the price.

use super::contest::without_power;
use super::{DEVICES, network_of, online, opened, settle_down, steady_reward, still_world, week_h};
use crate::Cases;
use crate::small::{self, Run};
use wattflop::kernels::Luck;
use wattflop::kernels::math::{ln, pow};
use wattflop::market::model::Model;
use wattflop::scenario::types::{self, ChipClass, Scenario};

/// Opening price of a device-hour, and devices that are sold at it.
const PRICE_USD: f64 = 0.3;
const SOLD_DEVICES: f64 = 4e5;
/// Subsidy per device-hour ÷ that price.
const SUBSIDY_SHARE: f64 = 0.1;
/// Weeks of which means are taken.
const WEEKS: usize = 150;

/// One network that pays owners what buyers pay, and buyers of one kind who have no other seller
/// and whose use has a constant elasticity once they have seen a price for long.
fn market(demand_elasticity: f64) -> Scenario {
    let mut world = still_world(&[false]);
    without_power(&mut world);
    world.operators.clear();
    for product in world.chips.products.values_mut() {
        product.owner = None;
    }
    let network = network_of(&mut world);
    network.settlement = types::Settlement::FeeShare(types::FeeShare { take_share: 0.0 });
    network.opening.price_usd_per_h = [(ChipClass::Consumer, PRICE_USD)].into();
    network.opening.utilisation_share = 1.0;
    for devices in network.opening.devices.values_mut() {
        *devices = SOLD_DEVICES;
    }
    let rules = &mut world.demand.choice;
    (rules.size_taste, rules.price_taste_sigma) = (0.0, 0.0);
    (rules.price_memory_weeks, rules.lasting_growth_per_year) = (4.0, 0.0);
    rules.refusal_hazard_per_year = 0.0;
    let names: Vec<String> = world.demand.segments.keys().cloned().collect();
    for name in &names[1..] {
        world.demand.segments.remove(name);
    }
    let buyers = world.demand.segments.get_mut(&names[0]).expect("buyers");
    (buyers.memory_gb, buyers.contiguous_chips) = (1.0, 1.0);
    (buyers.growth_per_year, buyers.reserved_share) = (0.0, 0.0);
    (buyers.waiting_cost_share_per_h, buyers.patience_weeks) = (0.0, 0.0);
    (buyers.sovereign_share, buyers.private_share) = (0.0, 0.0);
    buyers.privacy = types::Privacy::None;
    buyers.price_elasticity = demand_elasticity;
    buyers.islands = None;
    world.demand.area_shares = [("us".to_owned(), 1.0)].into();
    buyers_of_all(&mut world);
    world
}

/// As much work as the devices of the opening do.
fn buyers_of_all(world: &mut Scenario) {
    let luck = Luck {
        seed: 42,
        draw: 0,
        luck: 0,
    };
    let model = Model::compile(world, luck);
    let (_, offer) = model.market.offers.iter().next().expect("an offer");
    let kind = &model.providers.hardware.values()[0];
    let buyers = world.demand.segments.values_mut().next().expect("buyers");
    let each = offer.h100e[buyers.workload as usize] * kind.reference_per_device;
    buyers.opening_h100e = SOLD_DEVICES * each;
}

/// Means of a settled market.
struct Settled {
    spent_usd: f64,
    h100e_h: f64,
    /// Price of such an hour.
    price_usd: f64,
    usd_per_verified_h: f64,
    device_h: f64,
}

fn settled(world: &Scenario, supply_elasticity: f64) -> Settled {
    let mut run = opened(world, |_, share| {
        PRICE_USD * pow(share * DEVICES / SOLD_DEVICES, 1.0 / supply_elasticity)
    });
    // Who is online sells: no ask is above what buyers pay.
    run.world.market.ask_factor.values_mut().fill(1e-3);
    settle_down(&mut run);
    let from = run.week as usize;
    run.weeks(WEEKS as u32);
    let mean = |name: &str| run.mean(name, from, from + WEEKS - 1);
    let networks = (run.scratch.recorder.entities.iter()).find(|frame| frame.name == "networks");
    let gross = networks.and_then(|frame| frame.column("gross_usd"));
    let gross = gross.expect("what buyers paid");
    let gross: f64 = gross[gross.len() - WEEKS..].iter().sum();
    let h100e_h = mean("sold_h100e") * week_h();
    Settled {
        spent_usd: mean("subsidy_usd_per_week"),
        h100e_h,
        price_usd: gross / WEEKS as f64 / h100e_h,
        usd_per_verified_h: mean("subsidy_usd_per_gpu_h"),
        device_h: mean("network_devices") * week_h(),
    }
}

/// The same tokens of the first day, of which a part is paid a week.
fn rescale(world: &mut Scenario, part: f64) {
    if let Some(types::Emission::FixedSchedule(rule)) = &mut network_of(world).emission {
        for (_, tokens) in &mut rule.tokens_per_year.points {
            *tokens *= part;
        }
    }
}

/// Hours with the subsidy ÷ hours without, where sellers get p + s and buyers pay p.
fn rise_of_hours(price: f64, subsidy: f64, supply: f64, demand: f64) -> f64 {
    let (mut low, mut high) = (price - subsidy, price);
    for _ in 0..100 {
        let p = (low + high) / 2.0;
        let excess = supply * ln((p + subsidy) / price) + demand * ln(p / price);
        (low, high) = if excess > 0.0 { (low, p) } else { (p, high) };
    }
    pow(low / price, -demand)
}

pub fn measures(cases: &mut Cases) {
    for (supply, demand) in [(1.0, 1.0), (2.0, 1.0), (1.0, 0.5)] {
        let mut world = market(demand);
        steady_reward(
            &mut world,
            SUBSIDY_SHARE * PRICE_USD * SOLD_DEVICES * week_h(),
        );
        let with = settled(&world, supply);
        // As good as none: the opening is the same.
        rescale(&mut world, 1e-5);
        let bare = settled(&world, supply);
        let name =
            |what: &str| format!("T30 in the week, elasticities {supply} and {demand}: {what}");
        let rise = ln(with.h100e_h / bare.h100e_h);
        let subsidy = with.spent_usd / with.h100e_h;
        let paid = ln((with.price_usd + subsidy) / bare.price_usd);
        let what = name("rise of hours ÷ rise of what owners get");
        cases.meet(&what, rise / paid, supply, 0.02 * supply);
        let fall = ln(bare.price_usd / with.price_usd);
        let what = name("rise of hours ÷ fall of the price");
        cases.meet(&what, rise / fall, demand, 0.02 * demand);
        // The first measure: what an hour is given.
        let given = with.usd_per_verified_h * with.device_h / with.spent_usd;
        cases.meet(
            &name("USD per verified hour × hours ÷ spending"),
            given,
            1.0,
            0.01,
        );
        // The second, at a tenth of the price; its limit for a small one is the first table's.
        let found = (with.spent_usd - bare.spent_usd) / (with.h100e_h - bare.h100e_h);
        let ratio = rise_of_hours(bare.price_usd, subsidy, supply, demand);
        let closed = subsidy * ratio / (ratio - 1.0);
        let what = name("USD per additional hour ÷ closed form");
        cases.meet(&what, found / closed, 1.0, 0.02);
    }
}

/// The same market with owners as the catalogue has them: unlike, patient, with second thoughts.
/// `rewards_share` of the price was paid in tokens the week before the first.
fn among_people(rewards_share: f64, goes_on: bool) -> Run {
    let mut world = market(1.0);
    let paid_usd = rewards_share * PRICE_USD * SOLD_DEVICES * week_h();
    // No tokens at all have no supply either.
    steady_reward(&mut world, if paid_usd > 0.0 { paid_usd } else { 1e-3 });
    if !goes_on {
        network_of(&mut world).emission = None;
    }
    world.providers.behaviour = small::scenario("baseline.yaml", None, &[])
        .providers
        .behaviour;
    Run::open(&world, 0)
}

/// A network that never paid tokens opens with those who stay at what buyers pay. Where rewards of
/// the week before stop on the first day, which is a policy and no fact of the opening, the same
/// owners are online; they wait for as long as they are patient, and go when they next review.
pub fn opening_is_at_rest() {
    let mut bare = among_people(0.0, false);
    let first = online(&bare, 0);
    assert!((first / SOLD_DEVICES - 1.0).abs() < 0.1, "{first}");
    let patience = bare.model.providers.behaviour.patience_weeks;
    for _ in 0..patience + 4 {
        bare.weeks(1);
        let moved = online(&bare, 0) / first - 1.0;
        assert!(moved.abs() < 0.03, "week {}: {moved}", bare.week);
    }
    let (mut stops, on) = (among_people(2.0, false), among_people(2.0, true));
    let first = online(&stops, 0);
    assert_eq!(first, online(&on, 0));
    // Buyers pay as before, rewards were two thirds of what owners lived on.
    stops.weeks(patience - 1);
    assert!(online(&stops, 0) > 0.95 * first, "{}", online(&stops, 0));
    stops.weeks(20);
    assert!(online(&stops, 0) < 0.6 * first, "{}", online(&stops, 0));
}
