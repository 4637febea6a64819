//! The chip chain, operators and investment: opening facts, conservation, and signs.

use std::path::Path;
use wattflop::kernels::random::Luck;
use wattflop::market::books::Stocks;
use wattflop::market::ids::{ChipId, OperatorId, RegionId, Table};
use wattflop::market::scratch::{NoMeter, Scratch};
use wattflop::market::{Model, Week, World, chips, operators, reconcile, step};
use wattflop::scenario::types::ChipClass;

const LUCK: Luck = Luck {
    seed: 42,
    draw: 0,
    luck: 0,
};

fn model(changes: &[&str]) -> Model {
    let mut sets = vec![
        "providers.rows=2000".to_owned(),
        "demand.nodes=2".to_owned(),
    ];
    sets.extend(changes.iter().map(|change| (*change).to_owned()));
    let loaded = wattflop::scenario::load(Path::new("scenarios/baseline.yaml"), &sets);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:?}"));
    Model::compile(&loaded.scenario(Some(&loaded.policies[0])), LUCK)
}

fn run(model: &Model, weeks: u32) -> World {
    let mut world = World::open(model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    for number in 0..weeks {
        let week = Week { number, model };
        step(&week, &mut world, &mut scratch).expect("a sound week");
    }
    world
}

fn balanced(model: &Model, world: &World) {
    let mut stocks = Stocks::default();
    let week = Week { number: 0, model };
    reconcile::count(&week, world, &mut stocks);
    let gaps = world.books.reconcile(&stocks);
    if let Err(gaps) = gaps {
        let first = model.accounts.account(gaps[0].account);
        panic!("{} gaps, first {first:?} {:?}", gaps.len(), gaps[0]);
    }
    let residuals = world.books.residuals(&model.accounts);
    assert!(
        residuals.values().all(|residual| *residual == 0),
        "{residuals:?}"
    );
}

fn operator(model: &Model, name: &str) -> OperatorId {
    model.names.operators.id(name)
}

fn chip(model: &Model, name: &str) -> ChipId {
    model.names.chips.id(name)
}

fn all_fleet(model: &Model, world: &World, chip: ChipId) -> i64 {
    world.operators.fleet_by_chip(model)[usize::from(chip.0)]
}

/// Mean lead time of what is on sale and ordered, weighted by orders.
fn lead_weeks(model: &Model, world: &World, week: u32) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for id in model.chips.products.ids() {
        let made = model.chips.products[id].made.as_ref();
        if model.chips.on_sale(id, week) && made.is_some_and(|made| made.packaging.is_some()) {
            sum += world.chips.lead_time_weeks[id] * world.chips.orders_per_week[id];
            weight += world.chips.orders_per_week[id];
        }
    }
    sum / weight
}

#[test]
fn the_opening_is_near_the_facts() {
    let model = model(&[]);
    let world = World::open(&model);
    balanced(&model, &world);
    let fleets: Vec<f64> = (model.operators.firms.ids())
        .map(|id| world.operators.fleet_h100e(&model, id))
        .collect();
    let total: f64 = fleets.iter().sum();
    assert!((17.0e6..19.7e6).contains(&total), "{total}");
    let four = ["alphabet", "microsoft", "amazon", "meta"];
    let four: f64 = four
        .iter()
        .map(|name| fleets[usize::from(operator(&model, name).0)])
        .sum();
    assert!((four / total - 0.67).abs() < 0.03, "{}", four / total);
    let hhi: f64 = (fleets.iter().zip(model.operators.firms.values()))
        .map(|(fleet, firm)| fleet * fleet / firm.firms)
        .sum::<f64>()
        / (total * total);
    assert!((hhi - 0.13).abs() < 0.013, "{hhi}");
    let h100 = world.chips.lead_time_weeks[chip(&model, "h100")];
    assert!((8.0..=13.0).contains(&h100), "{h100}");
    assert!(world.chips.lead_time_weeks[chip(&model, "gb300")] > h100);
    for (id, online) in world.operators.online_h100e.iter() {
        let fleet = world.operators.fleet_h100e(&model, id);
        assert!(
            (online / fleet - 1.0).abs() < 0.02,
            "all chips have power at the opening"
        );
    }
}

/// Nobody's name puts him ahead: of one product, chips that wait at the opening reach their owners
/// in the same proportion in every week.
#[test]
fn orders_of_one_week_are_filled_in_proportion() {
    let model = model(&[]);
    let mut world = World::open(&model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    let waiting = |world: &World, chip: ChipId| -> Vec<i64> {
        let queue = &world.chips.queue[chip];
        queue.chips[..queue.same_batch(0)].to_vec()
    };
    let sold = (model.chips.products.iter())
        .filter(|(_, product)| matches!(product.channel, chips::Channel::DataCentre));
    let (chip, _) = sold
        .max_by_key(|(chip, _)| world.chips.queue[*chip].total())
        .expect("a product on open sale");
    let first = waiting(&world, chip);
    assert!(first.len() > 10, "{first:?}");
    for number in 0..3 {
        let week = Week {
            number,
            model: &model,
        };
        step(&week, &mut world, &mut scratch).expect("a sound week");
        let now = waiting(&world, chip);
        let (left, all): (i64, i64) = (now.iter().sum(), first.iter().sum());
        assert!(left < all && now.len() == first.len());
        for (now, first) in now.iter().zip(&first) {
            let fair = *first as f64 * left as f64 / all as f64;
            assert!(
                (*now as f64 - fair).abs() <= 8.0,
                "{now} of {first}, fair {fair}"
            );
        }
    }
}

#[test]
fn products_go_on_as_they_were_made() {
    let model = model(&[]);
    let mut world = World::open(&model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    let facts: Vec<(ChipId, f64)> = (model.chips.products.iter())
        .filter(|(_, product)| product.channel != chips::Channel::Retail)
        .filter(|(chip, _)| model.chips.on_sale(*chip, 13))
        .filter_map(|(chip, product)| {
            let made = product.made.as_ref().filter(|made| made.node.is_some())?;
            Some((chip, made.opening_chips_per_week)).filter(|(_, weekly)| *weekly > 1_000.0)
        })
        .collect();
    assert!(facts.len() > 8, "{}", facts.len());
    let mut shipped = Table::filled(model.chips.products.len(), 0_i64);
    for number in 0..13 {
        let week = Week {
            number,
            model: &model,
        };
        step(&week, &mut world, &mut scratch).expect("a sound week");
        if number >= 8 {
            for (chip, count) in world.chips.delivered_chips.iter() {
                shipped[chip] += count;
            }
        }
    }
    // What is packaged from the first week on arrives eight weeks later.
    for (chip, weekly) in facts {
        let (name, now) = (model.names.chips.name(chip), shipped[chip] as f64 / 5.0);
        let ratio = now / weekly;
        assert!(
            (0.8..2.0).contains(&ratio),
            "{name}: {now} a week after {weekly}"
        );
    }
}

#[test]
fn announced_spending_is_what_is_spent() {
    let model = model(&[]);
    let mut world = World::open(&model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    let four: Vec<OperatorId> = ["alphabet", "microsoft", "amazon", "meta"]
        .iter()
        .map(|name| operator(&model, name))
        .collect();
    let mut spent = 0.0;
    for number in 0..61 {
        let week = Week {
            number,
            model: &model,
        };
        step(&week, &mut world, &mut scratch).expect("a sound week");
        if model.calendar.date(number).year() == 2026 {
            spent += four
                .iter()
                .map(|id| world.operators.capex_usd_this_week[*id])
                .sum::<f64>();
        }
    }
    assert!((spent / 650e9 - 1.0).abs() < 0.1, "{spent}");
}

#[test]
fn more_packaging_shortens_the_wait_and_less_memory_lengthens_it() {
    let base = model(&[]);
    let usual = lead_weeks(&base, &run(&base, 20), 19);
    let ample = model(&["chips.chain.packaging_yield_share=0.9"]);
    let short = lead_weeks(&ample, &run(&ample, 20), 19);
    assert!(short < usual, "more packaging: {short} against {usual}");
    let scarce = model(&["chips.memory.hbm.gb_per_week={2025-11-03: 12_000_000}"]);
    let long = lead_weeks(&scarce, &run(&scarce, 20), 19);
    assert!(long > usual, "less memory: {long} against {usual}");
}

/// At a launch nothing has been delivered yet: the quote is the maker's plan, and it comes true.
#[test]
fn what_is_quoted_at_a_launch_comes_true() {
    let model = model(&[]);
    let vr200 = chip(&model, "vr200");
    let mut world = World::open(&model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    let mut quotes: Vec<(u32, f64, i64)> = Vec::new();
    let mut kept = 0;
    for number in 0..90 {
        let week = Week {
            number,
            model: &model,
        };
        step(&week, &mut world, &mut scratch).expect("a sound week");
        let chips = &world.chips;
        let shipped = chips.shipped_total_chips[vr200];
        quotes.retain(|(since, quoted, order)| {
            let served = shipped >= *order;
            if served {
                let weeks = f64::from(number - since) + 4.0;
                assert!((weeks / quoted - 1.0).abs() < 0.25, "{quoted} {weeks}");
                kept += 1;
            }
            !served
        });
        if [24, 30, 36, 42, 48].contains(&number) {
            let order = shipped + chips.backlog_chips[vr200];
            quotes.push((number, chips.lead_time_weeks[vr200], order));
        }
    }
    assert_eq!(kept, 5, "quotes that came due");
}

/// A line whose first products are years away stands idle, and is not given up for it.
#[test]
fn foundries_keep_lines_for_products_to_come() {
    let model = model(&[]);
    let world = run(&model, 130);
    let made = |name: &str| model.chips.products[chip(&model, name)].made.clone();
    let line = made("gen_2030").and_then(|made| made.node).expect("a node");
    assert!(world.chips.use_share[line] < 0.4, "nearly idle");
    assert!(world.chips.extra_share[line] >= 0.0, "and kept");
    let old = made("h100").and_then(|made| made.node).expect("a node");
    assert!(world.chips.extra_share[old] < 0.0, "but not the last one");
}

/// Halls and chips are planned for the year: where power is scarce, overhead of a hot week stops no
/// orders and a cold one brings none.
#[test]
fn weather_moves_no_orders() {
    let model = model(&[]);
    let ordered = |factor: f64| {
        let mut world = run(&model, 230);
        for region in model.operators.ground.ids() {
            world.grid.regions[region].pue *= factor;
        }
        let week = Week {
            number: 230,
            model: &model,
        };
        let mut scratch = Scratch::new(false, Box::new(NoMeter));
        step(&week, &mut world, &mut scratch).expect("a sound week");
        let chips = world.chips.ordered_chips.iter();
        let kw = chips.map(|(id, n)| *n as f64 * model.chips.products[id].system_kw);
        kw.sum::<f64>()
    };
    let (cold, hot) = (ordered(0.95), ordered(1.05));
    assert!(cold > 0.0);
    // What a hall costs to run still moves the choice of products a little.
    assert!((hot / cold - 1.0).abs() < 0.1, "{cold} {hot}");
}

#[test]
fn refused_chips_stay_with_the_maker() {
    let model = model(&[]);
    let mut world = World::open(&model);
    let h20 = chip(&model, "h20");
    let china: RegionId = model.names.jurisdictions.id("china");
    world.conditions.sale_share[h20][usize::from(china.0)] = 0.0;
    let shipped = world.chips.shipped_total_chips[h20];
    let backlog = world.chips.backlog_chips[h20];
    for number in 0..20 {
        let week = Week {
            number,
            model: &model,
        };
        chips::arrive(&week, &mut world).expect("deliveries");
        balanced(&model, &world);
    }
    assert_eq!(
        world.chips.shipped_total_chips[h20], shipped,
        "nothing may pass"
    );
    assert_eq!(
        world.chips.backlog_chips[h20], backlog,
        "orders keep waiting"
    );
    assert!(
        world.chips.finished_chips[h20] > 0,
        "what was made waits at the maker"
    );
    world.conditions.sale_share[h20][usize::from(china.0)] = 0.1;
    let week = Week {
        number: 20,
        model: &model,
    };
    chips::arrive(&week, &mut world).expect("deliveries");
    let leaked = world.chips.shipped_total_chips[h20] - shipped;
    assert!(
        leaked > 0 && world.chips.finished_chips[h20] > leaked,
        "a tenth leaks: {leaked}"
    );
    balanced(&model, &world);
}

#[test]
fn a_firm_without_credit_orders_nothing() {
    let model = model(&[]);
    let coreweave = operator(&model, "coreweave");
    let orders = |broke: bool| {
        let mut world = run(&model, 2);
        if broke {
            world.operators.debt_micro_usd[coreweave] += 2_000_000_000_000_000_000;
            world.operators.cash_micro_usd[coreweave] -= 100_000_000_000_000_000;
        }
        let before = owned_orders(&world, coreweave);
        let week = Week {
            number: 2,
            model: &model,
        };
        operators::order(&week, &mut world).expect("orders");
        owned_orders(&world, coreweave) - before
    };
    assert!(orders(false) > 0);
    assert_eq!(orders(true), 0);
}

fn owned_orders(world: &World, operator: OperatorId) -> i64 {
    let mut total = 0;
    world.chips.each_outstanding(|_, owner, _, count| {
        if owner == operator {
            total += count;
        }
    });
    total
}

#[test]
fn higher_rents_raise_spending() {
    let model = model(&[]);
    let fringe = operator(&model, "neocloud_fringe");
    let momentum = |factor: f64| {
        let mut world = run(&model, 2);
        for rent in &mut world.operators.rent_usd_per_h {
            *rent *= factor;
        }
        for number in 2..28 {
            let week = Week {
                number,
                model: &model,
            };
            operators::order(&week, &mut world).expect("orders");
        }
        let week = Week {
            number: 28,
            model: &model,
        };
        (
            world.operators.return_ratio[fringe],
            world.operators.plan_factor(&model, fringe, &week),
        )
    };
    let (low, usual, high) = (momentum(0.3), momentum(1.0), momentum(1.6));
    assert!(
        low.0 < usual.0 && usual.0 < high.0,
        "{low:?} {usual:?} {high:?}"
    );
    assert!(
        low.1 < usual.1 && usual.1 < high.1,
        "{low:?} {usual:?} {high:?}"
    );
}

#[test]
fn old_chips_leave_when_energy_costs_more_than_they_earn() {
    let model = model(&[]);
    let old = chip(&model, "a100");
    let gone = |rent: f64, own: f64| {
        let mut world = World::open(&model);
        let before = all_fleet(&model, &world, old);
        world.operators.rent_usd_per_h[ChipClass::Ampere as usize] = rent;
        world.operators.internal_value_usd_per_h = own;
        for number in 0..13 {
            let week = Week {
                number,
                model: &model,
            };
            operators::retire(&week, &mut world).expect("retirement");
        }
        balanced(&model, &world);
        before - all_fleet(&model, &world, old)
    };
    let (kept, left) = (gone(1.0, 3.0), gone(0.02, 0.02));
    assert!(
        left > 10 * kept,
        "failures only: {kept}; not worth its power: {left}"
    );
}

#[test]
fn a_firm_that_cannot_pay_fails_and_nothing_is_lost() {
    let model = model(&[]);
    let miner = operator(&model, "miner");
    let mut world = run(&model, 1);
    let chips_before: i64 = world.operators.fleet_by_chip(&model).iter().sum::<i64>()
        + world.chips.used_chips.values().iter().sum::<i64>();
    // Creditors took its cash: beyond every limit it owes more than it can ever borrow.
    let owed = 900_000_000_000_000_000;
    world.operators.debt_micro_usd[miner] += owed;
    let firm = &model.operators.firms[miner];
    world
        .books
        .post(firm.debt, model.operators.usd_outside, owed);
    for number in 1..40 {
        let week = Week {
            number,
            model: &model,
        };
        operators::settle(&week, &mut world).expect("settlement");
        balanced(&model, &world);
    }
    assert!(world.operators.defaulted[miner]);
    assert_eq!(
        world.operators.debt_micro_usd[miner], 0,
        "what is lost is written off"
    );
    assert_eq!(world.operators.fleet_h100e(&model, miner), 0.0);
    let chips_after: i64 = world.operators.fleet_by_chip(&model).iter().sum::<i64>()
        + world.chips.used_chips.values().iter().sum::<i64>();
    assert_eq!(chips_before, chips_after);
    assert!(!world.operators.defaulted[operator(&model, "amazon")]);
}

#[test]
fn waiting_has_a_value() {
    // Dixit and Pindyck: r = δ = 0.04, σ = 0.2 and three further cases.
    for (rate, payout, volatility, expected) in [
        (0.04, 0.04, 0.2, 2.0),
        (0.05, 0.04, 0.4, 3.932_104_036_85),
        (0.08, 0.1, 0.6, 3.362_049_935_18),
        (0.05, 0.05, 0.001, 1.003_167),
    ] {
        let hurdle = operators::hurdle(rate, payout, volatility);
        let tolerance = if expected < 1.1 { 1e-6 } else { 1e-10 };
        assert!(
            (hurdle - expected).abs() < tolerance * expected,
            "{hurdle} {expected}"
        );
    }
    assert_eq!(operators::hurdle(0.04, 0.08, 0.0), 1.0);
}

#[test]
fn books_hold_and_every_number_is_sound_for_two_years() {
    let model = model(&[]);
    let world = run(&model, 104);
    balanced(&model, &world);
    for (id, price) in world.chips.price_usd.iter() {
        let name = model.names.chips.name(id);
        assert!(price.is_finite() && *price >= 0.0, "{name} {price}");
        assert!(world.chips.backlog_chips[id] >= 0, "{name}");
        assert!(
            world.chips.bank_chips[id] >= 0 && world.chips.finished_chips[id] >= 0,
            "{name}"
        );
    }
    assert!(world.operators.fleet_chips.iter().all(|count| *count >= 0));
}
