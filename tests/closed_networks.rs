//! Closed networks: the rules of a published toy (mkq-volt/depin_sim at ce5ef58) run as a
//! scenario, beside what its peers counted, and the defects that were seen in it.

mod small;

use wattflop::kernels::random::Luck;
use wattflop::market::closed::{ClosedNetwork, ClosedRules, Comers, alarms};
use wattflop::market::reconcile::reconcile;
use wattflop::market::week::Week;
use wattflop::market::world::{Column, Visitor};
use wattflop::scenario::types::{self, ClosedChurn};
use wattflop::scenario::verify;

const FILE: &str = "depin_sim.yaml";
const TOY: &str = "toy";

fn facts(policy: &str) -> types::ClosedNetwork {
    small::scenario(FILE, Some(policy), &[]).closed_networks[TOY].clone()
}

/// A run of a closed network without any market around it.
struct Alone {
    rules: ClosedRules,
    network: ClosedNetwork,
    comers: Comers,
    week: u32,
    alarms: Vec<&'static str>,
}

impl Alone {
    fn open(facts: &types::ClosedNetwork, seed: u64, draw: u32) -> Self {
        let luck = Luck {
            seed,
            draw,
            luck: 0,
        };
        let rules = ClosedRules::new(TOY, facts, luck);
        let mut comers = Comers::default();
        let network = ClosedNetwork::open(&rules, &mut comers);
        Self {
            rules,
            network,
            comers,
            week: 0,
            alarms: Vec::new(),
        }
    }

    fn step(&mut self) {
        self.network.step(&self.rules, self.week, &mut self.comers);
        self.week += 1;
        assert_eq!(self.network.residual_quanta(), 0, "week {}", self.week);
        let price = self.network.token_price_usd;
        assert!(price.is_finite() && price > 0.0, "{price}");
        let raised = alarms::of_week(&self.rules, &self.network);
        self.alarms.extend(raised.map(|(kind, _)| kind));
    }

    fn weeks(mut self, weeks: u32) -> Self {
        (0..weeks).for_each(|_| self.step());
        self
    }
}

/// Provider-steps of a run, providers at last, and how many left: means of 200 runs.
fn means(facts: &types::ClosedNetwork, weeks: u32) -> [f64; 3] {
    let runs = 200;
    let mut sums = [0.0; 3];
    for seed in 0..runs {
        let mut run = Alone::open(facts, seed, 0);
        for _ in 0..weeks {
            run.step();
            sums[0] += run.network.crowd.len() as f64;
        }
        sums[1] += run.network.crowd.len() as f64;
        sums[2] += run.network.left_count as f64;
    }
    sums.map(|sum| sum / runs as f64)
}

/// What radCAD counted, as shipped and without its copies; its spread was not recorded and its
/// streams differ, hence 15 %.
#[test]
fn provider_steps_are_those_of_the_peer() {
    for (policy, weeks, steps, last) in [
        ("as_published", 52, 5_457.0, 128.0),
        ("as_published", 104, 12_585.0, 140.0),
        ("as_meant", 52, 3_521.0, 90.0),
        ("as_meant", 104, 8_551.0, 99.0),
    ] {
        let [mean_steps, mean_last, left] = means(&facts(policy), weeks);
        println!(
            "{policy}, {weeks} weeks: {mean_steps:.0} steps, {mean_last:.1} at last, {left:.1} left"
        );
        assert!((mean_steps / steps - 1.0).abs() < 0.15, "{mean_steps}");
        assert!((mean_last / last - 1.0).abs() < 0.15, "{mean_last}");
        assert_eq!(left > 0.0, policy == "as_meant");
    }
}

/// The published code changes providers on a copy: nobody ever leaves, and it does not notice.
#[test]
fn a_mechanism_of_leaving_that_never_works_is_noticed() {
    let dead = Alone::open(&facts("as_published"), 7, 0).weeks(104);
    assert!(dead.alarms.contains(&alarms::NOBODY_LEAVES));
    assert_eq!(dead.network.left_count, 0);
    let live = Alone::open(&facts("as_meant"), 7, 0).weeks(104);
    assert!(!live.alarms.contains(&alarms::NOBODY_LEAVES));
    assert!(live.network.left_count > 0);
    // Where everyone earns, nobody has cause to leave and nothing is wrong.
    let mut cheap = facts("as_published");
    (cheap.unit_cost_low_usd, cheap.unit_cost_high_usd) = (0.0, 1e-9);
    let calm = Alone::open(&cheap, 7, 0).weeks(52);
    assert!(calm.alarms.is_empty(), "{:?}", calm.alarms);
}

/// The events of a run in the market name the alarm, once, with its first week.
#[test]
fn runs_note_the_alarm_among_their_events() {
    for (policy, expected) in [("as_published", 1), ("as_meant", 0)] {
        let run = small::run(&small::scenario(FILE, Some(policy), &[]), 0, 40);
        let events = &run.scratch.recorder.events;
        let raised = |kind: &str| {
            let same = events.iter().filter(|event| event.kind == kind);
            same.filter(|event| event.entity == TOY).count()
        };
        assert_eq!(raised(alarms::NOBODY_LEAVES), expected, "{policy}");
    }
}

/// A profit of +1 without a history kept newcomers for ever. Here, as in the published rule, a
/// newcomer is paid in the week in which he joins; if that is below his cost he is gone the next.
#[test]
fn newcomers_who_lose_leave_after_their_first_paid_week() {
    let mut facts = facts("as_meant");
    // A single opening provider of almost no size earns the whole mint by the unit, so everyone
    // who comes in the first week joins; they share it and earn almost nothing.
    facts.opening_providers = 1;
    facts.opening_capacity_factor = 1e-6;
    facts.highest_mint_tokens_per_week = 1.0;
    let mut run = Alone::open(&facts, 3, 0);
    run.step();
    let came = run.network.week.joined;
    assert!(came > 0);
    assert_eq!(run.network.week.left, 0);
    assert!(run.network.paid_usd_per_unit < facts.unit_cost_low_usd);
    run.step();
    // The newcomers, and the opening provider who earned as little.
    assert_eq!(run.network.week.left, came + 1);
}

/// With nobody left the published code divides by a capacity of zero.
#[test]
fn a_network_without_providers_goes_on() {
    let mut facts = facts("as_meant");
    facts.highest_mint_tokens_per_week = 0.0;
    let run = Alone::open(&facts, 3, 0).weeks(60);
    assert!(run.network.crowd.is_empty());
    assert!(run.alarms.contains(&alarms::NOBODY_PROVIDES));
    let week = &run.network.week;
    assert_eq!((week.served_units, week.bought_tokens), (0.0, 0.0));
    assert!(week.demand_units > 0.0);
    let ceiling = facts.service_price_ceiling_usd_per_unit;
    assert_eq!(run.network.service_price_usd_per_unit, ceiling);
}

/// The published price is an exponential of flow ÷ supply without a bound.
#[test]
fn a_flow_beyond_the_supply_is_bounded_and_named() {
    let mut facts = facts("as_meant");
    facts.genesis_tokens = 100.0;
    let run = Alone::open(&facts, 3, 0).weeks(520);
    assert!(run.alarms.contains(&alarms::FLOW));
    let calm = Alone::open(&self::facts("as_meant"), 3, 0).weeks(520);
    assert!(!calm.alarms.contains(&alarms::FLOW));
    // Every limit of the schema at once keeps numbers finite and the books exact.
    facts.flow_sensitivity = 100.0;
    facts.macro_high_factor = 10.0;
    facts.highest_mint_tokens_per_week = 1e15;
    facts.base_demand_units_per_week = 1e15;
    Alone::open(&facts, 3, 0).weeks(200);
    facts.genesis_tokens = 1e15;
    facts.token_price_usd = 1e-9;
    facts.unit_cost_high_usd = 1e9;
    facts.churn = ClosedChurn::Dead;
    Alone::open(&facts, 3, 0).weeks(200);
}

/// A larger supply and demand, with as many more providers, is the same network.
#[test]
fn scale_changes_no_price() {
    let one = facts("as_meant");
    let mut many = one.clone();
    many.genesis_tokens *= 100.0;
    many.opening_providers *= 100;
    many.candidates_per_week *= 100.0;
    many.base_demand_units_per_week *= 100.0;
    many.highest_mint_tokens_per_week *= 100.0;
    let large = Alone::open(&many, 1, 0).weeks(104);
    let providers = large.network.crowd.len() as f64 / 100.0;
    let [_, mean, _] = means(&one, 104);
    assert!((providers / mean - 1.0).abs() < 0.1, "{providers} {mean}");
    let small = Alone::open(&one, 1, 0).weeks(104);
    let ratio = large.network.token_price_usd / small.network.token_price_usd;
    assert!((ratio - 1.0).abs() < 0.25, "{ratio}");
}

/// Columns of a closed network in the tables of a run, as bits.
fn rows(run: &small::Run, name: &str) -> Vec<u64> {
    let mut entities = run.scratch.recorder.entities.iter();
    let frame = entities.find(|frame| frame.name == "closed_networks");
    let frame = frame.expect("a table of closed networks");
    let names = &run.model.names.closed_networks;
    let entity = names.iter().position(|known| known == name);
    let width = frame.columns.len();
    let mine = (frame.entities.iter().enumerate())
        .filter(|(_, row)| Some(**row as usize) == entity)
        .flat_map(|(at, _)| &frame.values[at * width..(at + 1) * width]);
    mine.map(|value| value.to_bits()).collect()
}

fn weekly(run: &small::Run) -> Vec<u64> {
    let values = &run.scratch.recorder.weekly.values;
    values.iter().map(|value| value.to_bits()).collect()
}

/// The same network alone, in a market, in another market and beside a sibling; and the market
/// beside none, one and two of them.
#[test]
fn nobody_meets_a_closed_network_and_it_meets_nobody() {
    let scenario = small::scenario(FILE, Some("as_meant"), &[]);
    let within = small::run(&scenario, 2, 30);
    let alone = Alone::open(&scenario.closed_networks[TOY], 42, 2).weeks(30);
    assert!(within.world.closed.networks.values()[0] == alone.network);

    let mut without = scenario.clone();
    without.closed_networks.clear();
    let without = small::run(&without, 2, 30);
    assert_eq!(weekly(&within), weekly(&without));

    let mut crowded = small::scenario("incentives.yaml", Some("fixed_emission"), &[]);
    let mut sibling = scenario.closed_networks[TOY].clone();
    sibling.flow_sensitivity = 0.3;
    // Its name stands first, so that every number behind a name moves.
    crowded
        .closed_networks
        .insert("another".to_owned(), sibling);
    let toy = scenario.closed_networks[TOY].clone();
    crowded.closed_networks.insert(TOY.to_owned(), toy);
    let crowded = small::run(&crowded, 2, 30);
    assert_eq!(rows(&within, TOY), rows(&crowded, TOY));
    assert_ne!(rows(&crowded, TOY), rows(&crowded, "another"));
    let other_draw = small::run(&scenario, 3, 30);
    assert_ne!(rows(&within, TOY), rows(&other_draw, TOY));
}

/// Adds one to the first value of the column of this name.
struct Corrupt {
    name: &'static str,
    done: bool,
}

impl Visitor for Corrupt {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        if name != self.name || self.done {
            return;
        }
        self.done = true;
        match column {
            Column::F64(values) => values[0] += 1.0,
            Column::U64(values) => values[0] += 1,
            Column::I128(values) => values[0] += 1,
            _ => panic!("{name} has another type"),
        }
    }
}

/// Names of the columns of closed networks.
struct Names(Vec<&'static str>);

impl Visitor for Names {
    fn column(&mut self, name: &'static str, _column: Column<'_>) {
        if name.starts_with("closed.") {
            self.0.push(name);
        }
    }
}

/// The seal sees every column; the books see every token that moves without a posting.
#[test]
fn who_changes_a_closed_network_without_saying_so_is_caught_and_named() {
    let scenario = small::scenario(FILE, Some("as_meant"), &[]);
    let mut run = small::run(&scenario, 0, 12);
    let mut names = Names(Vec::new());
    run.world.visit(&mut names);
    assert!(names.0.len() >= 20, "{:?}", names.0);
    let good = run.world.clone();
    for name in names.0 {
        run.world = good.clone();
        run.world.visit(&mut Corrupt { name, done: false });
        let fault = run.step().expect_err(name);
        assert_eq!(
            (fault.entity.as_str(), fault.phase),
            (name, "between weeks")
        );
    }
    for name in [
        "closed.balance_quanta",
        "closed.public_quanta",
        "closed.minted_quanta",
        "closed.burnt_quanta",
    ] {
        let mut world = good.clone();
        world.visit(&mut Corrupt { name, done: false });
        let (number, model) = (run.week, &run.model);
        let fault = reconcile(&Week { number, model }, &mut world, &mut run.scratch);
        assert_eq!(fault.expect_err(name).quantity, "books minus count");
    }
}

/// A scenario without closed networks has no table of them, so its value hash is what it was.
#[test]
fn only_scenarios_with_closed_networks_have_their_table() {
    let run = small::run(&small::scenario("baseline.yaml", None, &[]), 0, 1);
    let mut entities = run.scratch.recorder.entities.iter();
    assert!(entities.all(|frame| frame.name != "closed_networks"));
}

#[test]
fn contradictions_are_refused() {
    for (set, message) in [
        (
            "closed_networks.toy.unit_cost_low_usd=1",
            "the lowest cost lies above the highest",
        ),
        (
            "closed_networks.toy.service_price_floor_usd_per_unit=2",
            "the floor lies above the ceiling",
        ),
        (
            "closed_networks.toy.macro_low_factor=2",
            "the lowest macro factor lies above",
        ),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let refused = wattflop::scenario::load::load(&path.join(FILE), &[set.to_owned()]);
        let problems = refused.expect_err(set).to_string();
        assert!(problems.contains(message), "{problems}");
    }
    let mut scenario = small::scenario(FILE, None, &[]);
    assert!(verify::verify(&scenario).is_empty());
    let toy = scenario.closed_networks.get_mut(TOY).expect("the toy");
    toy.unit_cost_low_usd = 3.0;
    assert_eq!(verify::verify(&scenario).len(), 1);
}
