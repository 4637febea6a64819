//! The cheapest day of stores against linear programs.

use super::dispatch::{Block, Hours, Owner, Stack};
use super::network::{Network, Region, Store as Known, Unit};
use super::solution;
use super::store_day::{Course, Day, Store, schedule};

const CAP: f64 = 5_000.0;
const SHAPE: [f64; 24] = [
    0.62, 0.59, 0.57, 0.56, 0.56, 0.58, 0.63, 0.70, 0.75, 0.79, 0.83, 0.87, 0.90, 0.93, 0.96, 0.98,
    1.0, 0.995, 0.975, 0.94, 0.90, 0.84, 0.76, 0.68,
];
const SOLAR: [f64; 24] = [
    0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.12, 0.29, 0.47, 0.62, 0.73, 0.80, 0.83, 0.81, 0.75, 0.65,
    0.51, 0.34, 0.17, 0.05, 0.0, 0.0, 0.0, 0.0,
];
const WIND: [f64; 24] = [
    0.46, 0.48, 0.50, 0.51, 0.49, 0.46, 0.42, 0.37, 0.33, 0.29, 0.26, 0.24, 0.22, 0.21, 0.22, 0.24,
    0.27, 0.31, 0.35, 0.39, 0.42, 0.44, 0.45, 0.46,
];

fn push(stack: &mut Stack, cost: f64, mw: impl Fn(usize) -> f64) {
    let block = Block {
        cost_usd_per_mwh: cost,
        co2_t_per_mwh: 0.0,
        water_m3_per_mwh: 0.0,
        owner: Owner::Trade,
    };
    *stack.push(block) = std::array::from_fn(mw);
}

/// Cost of the first day once stores have chosen their hours.
fn cost_of_day(stack: &Stack, load: &Hours, stores: &[Store], courses: &[Course]) -> f64 {
    let mut sum = 0.0;
    for hour in 0..24 {
        let mut left = load[hour];
        for (store, course) in stores.iter().zip(courses) {
            left += course.bought_mw[hour] - course.sold_mw[hour];
            sum += store.cost_usd_per_mwh * course.sold_mw[hour];
        }
        for index in stack.order() {
            let k = stack.capacity_mw[*index][hour];
            let used = if left < k { left } else { k };
            sum += used * stack.blocks[*index].cost_usd_per_mwh;
            left -= used;
        }
        sum += left * CAP;
    }
    sum
}

/// The stores keep to their power, energy and losses.
fn check(stores: &[Store], courses: &[Course]) {
    for (store, course) in stores.iter().zip(courses) {
        for hour in 0..24 {
            let (bought, sold) = (course.bought_mw[hour], course.sold_mw[hour]);
            assert!(bought >= 0.0 && sold >= 0.0 && (bought == 0.0 || sold == 0.0));
            assert!(bought <= store.power_mw + 1e-6 && sold <= store.power_mw + 1e-6);
            let level = course.level_mwh[hour];
            assert!(
                (-1e-6..=store.energy_mwh + 1e-6).contains(&level),
                "{level}"
            );
            let before = course.level_mwh[(hour + 23) % 24];
            let change = store.efficiency_share * bought - sold;
            assert!(
                (level - before - change).abs() < 1e-5,
                "{level} {before} {change}"
            );
        }
    }
}

fn optimum(stack: &Stack, load: &Hours, stores: &[Store]) -> f64 {
    let mut network = Network {
        hours: 24,
        hours_weight: 1.0,
        voll_usd_per_mwh: Some(CAP),
        ..Network::default()
    };
    network.regions.push(Region {
        name: "a".to_owned(),
        load_mw: load[..24].to_vec(),
    });
    for (at, block) in stack.blocks.iter().enumerate() {
        network.units.push(Unit {
            name: at.to_string(),
            region: 0,
            capacity_mw: 1.0,
            availability_share: stack.capacity_mw[at][..24].to_vec(),
            cost_usd_per_mwh: block.cost_usd_per_mwh,
            co2_t_per_mwh: 0.0,
            water_m3_per_mwh: 0.0,
            build: None,
        });
    }
    for (at, store) in stores.iter().enumerate() {
        network.stores.push(Known {
            name: at.to_string(),
            region: 0,
            power_mw: store.power_mw,
            energy_mwh: store.energy_mwh,
            charge_efficiency: store.efficiency_share,
            discharge_efficiency: 1.0,
            cost_usd_per_mwh: store.cost_usd_per_mwh,
            initial_mwh: None,
        });
    }
    let answer = solution::clear(&network).expect("load may be shed");
    assert!(answer.approximate.is_empty(), "{:?}", answer.approximate);
    answer.objective_usd(&network)
}

/// Case c4 of the reference grids: 4,500 MW for 5 h with losses of 5 % each way. What is stored is
/// counted as what it will deliver.
#[test]
fn the_reference_day_with_a_store_is_met() {
    let mut stack = Stack::default();
    push(&mut stack, 0.0, |hour| 22_000.0 * WIND[hour % 24]);
    push(&mut stack, 0.5, |hour| 12_000.0 * SOLAR[hour % 24]);
    for (cost, mw) in [(9.3, 5e3), (27.4, 6e3), (31.7, 5_500.0), (58.9, 6e3)] {
        push(&mut stack, cost, |_| mw);
    }
    stack.sort();
    let load = std::array::from_fn(|hour| (SHAPE[hour % 24] * 30_411.0).round_ties_even());
    let stores = [Store {
        power_mw: 4_500.0,
        energy_mwh: 22_500.0 * 0.95,
        efficiency_share: 0.95 * 0.95,
        cost_usd_per_mwh: 0.2,
    }];
    let mut courses = vec![Course::default()];
    schedule(
        (&stack, &load, CAP),
        &stores,
        &mut courses,
        &mut Day::default(),
    );
    check(&stores, &courses);
    let cost = cost_of_day(&stack, &load, &stores, &courses);
    assert!((cost / 6_219_048.868_421 - 1.0).abs() < 1e-9, "{cost}");
    // Every day of the week is the same day.
    assert_eq!(courses[0].sold_mw[..24], courses[0].sold_mw[144..]);
}

/// Numbers that look like chance.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1u32 << 31)
    }
}

fn random_day(dice: &mut Dice, count: usize) -> (Stack, Hours, Vec<Store>) {
    let mut stack = Stack::default();
    for _ in 0..3 + (dice.share() * 5.0) as usize {
        let cost = (dice.share() * 90.0 - 5.0).floor();
        let (mw, is_whole) = (400.0 * dice.share(), dice.share() < 0.5);
        let shares: Vec<f64> = (0..24).map(|_| dice.share()).collect();
        let share = |hour: usize| if is_whole { 1.0 } else { shares[hour % 24] };
        push(&mut stack, if cost < 0.0 { 0.0 } else { cost }, |hour| {
            (mw * share(hour)).round()
        });
    }
    stack.sort();
    let loads: Vec<f64> = (0..24).map(|_| (1_200.0 * dice.share()).round()).collect();
    let stores = (0..count).map(|_| Store {
        power_mw: (300.0 * dice.share()).round() + 1.0,
        energy_mwh: (900.0 * dice.share()).round() + 1.0,
        efficiency_share: 0.6 + 0.4 * dice.share(),
        cost_usd_per_mwh: (3.0 * dice.share()).round(),
    });
    let stores = stores.collect();
    (stack, std::array::from_fn(|hour| loads[hour % 24]), stores)
}

#[test]
fn random_days_of_a_store_equal_a_linear_program() {
    let mut dice = Dice(11);
    let mut gains = 0;
    for case in 0..150 {
        let (stack, load, stores) = random_day(&mut dice, 1);
        let mut courses = vec![Course::default()];
        let idle = cost_of_day(&stack, &load, &stores, &courses);
        schedule(
            (&stack, &load, CAP),
            &stores,
            &mut courses,
            &mut Day::default(),
        );
        check(&stores, &courses);
        let cost = cost_of_day(&stack, &load, &stores, &courses);
        let best = optimum(&stack, &load, &stores);
        assert!(
            (cost - best).abs() < 1e-6 * (1.0 + best.abs()),
            "{case}: {cost} {best}"
        );
        gains += usize::from(cost < idle - 1.0);
    }
    assert!(gains > 100, "{gains}");
}

/// Two stores that take turns stay within a thousandth of the joint optimum on average and never
/// go below it.
#[test]
fn stores_that_take_turns_come_near_the_joint_optimum() {
    let mut dice = Dice(12);
    let (mut lost, mut gained) = (0.0, 0.0);
    for _ in 0..100 {
        let (stack, load, stores) = random_day(&mut dice, 2);
        let mut courses = vec![Course::default(); 2];
        let idle = cost_of_day(&stack, &load, &stores, &courses);
        schedule(
            (&stack, &load, CAP),
            &stores,
            &mut courses,
            &mut Day::default(),
        );
        check(&stores, &courses);
        let cost = cost_of_day(&stack, &load, &stores, &courses);
        let best = optimum(&stack, &load, &stores);
        assert!(cost > best - 1e-6 * (1.0 + best.abs()), "{cost} {best}");
        lost += cost - best;
        gained += idle - best;
    }
    assert!(lost < 0.01 * gained, "{lost} {gained}");
}
