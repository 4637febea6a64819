//! Designs drawn at random from the schema, under random shocks: whatever the composition, books
//! are exact, balances are not negative, numbers are numbers, and nothing panics. Half of the
//! designs last a year.
//!
//! `WATTFLOP_COMPOSITIONS=2000` draws as many; a sample otherwise.

mod small;

use small::{Run, SMALL, shock};
use wattflop::kernels::{Luck, Stream, math};
use wattflop::market::networks::{Network, Rules, alarms};
use wattflop::scenario::Decode;
use wattflop::scenario::load::{Loaded, load};
use wattflop::scenario::problem::Problems;
use wattflop::scenario::schema::{Default, Field, Names, Rule, Shape};
use wattflop::scenario::types;

const WEEKS: u32 = 52;
/// The networks whose design is drawn, one for each run in turn.
const TRIED: [&str; 5] = ["ionet", "edge", "filecoin", "helium", "data_commons"];
/// What a design does not choose: what it sells, and the facts of its first day.
const KEPT: [&str; 5] = ["kind", "accepts", "opening", "price", "liquidity"];

/// Numbers at random, one after the other.
struct Draws {
    stream: Stream,
    next: u32,
}

impl Draws {
    fn unit(&mut self) -> f64 {
        self.next += 1;
        self.stream.uniform(self.next, 0)
    }
    fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    /// Evenly by order of magnitude.
    fn scale(&mut self, low: f64, high: f64) -> f64 {
        math::exp(self.between(math::ln(low), math::ln(high)))
    }
}

/// A number of a field: by its unit, within its hard range.
fn number(field: &Field, draws: &mut Draws) -> f64 {
    let name = field.name;
    let ends = |part: &str| name.ends_with(part);
    let value = if name == "lowest_per_year" {
        draws.between(0.0, 0.05)
    } else if name == "highest_per_year" {
        draws.between(0.05, 0.5)
    } else if name == "provider_share" {
        draws.between(0.3, 0.8)
    } else if name == "treasury_share" {
        draws.between(0.0, 0.2)
    } else if ends("share_per_week") || ends("share_per_year") {
        draws.between(0.0, 0.5)
    } else if name == "decay_per_hour" {
        draws.scale(1e-7, 1e-3)
    } else if ends("_share") || ends("_kept_per_week") {
        draws.between(0.0, 1.0)
    } else if ends("_bps") {
        draws.between(0.0, 9_999.0)
    } else if ends("tokens_per_year") || ends("_year_tokens") || name == "total_tokens" {
        draws.scale(1e4, 3e8)
    } else if ends("tokens_per_week") || ends("tokens_per_day") || ends("_hour_tokens") {
        draws.scale(1.0, 1e6)
    } else if ends("tokens") {
        draws.scale(1e3, 1e7)
    } else if ends("usd_per_gpu_h") {
        draws.scale(1e-3, 3.0)
    } else if name == "stake_usd_per_gpu" {
        draws.scale(0.01, 100.0)
    } else if ends("weeks") || ends("_h") {
        draws.between(1.0, 104.0)
    } else if ends("usd_per_week") {
        draws.scale(1.0, 1e5)
    } else if ends("_parts") {
        draws.scale(1.0, 1e9)
    } else {
        draws.between(0.0, 3.0)
    };
    match field.rule.range {
        Some((low, high)) => value.clamp(low, high),
        None => value,
    }
}

fn whole(rule: &Rule, value: f64, draws: &mut Draws) -> i128 {
    let (low, high) = rule.whole_range.unwrap_or((0, 100));
    let most = if high > 1_000_000_000 {
        1_000_000
    } else {
        high
    };
    let value = if high > 10_000 {
        draws.scale(1.0, 1e6)
    } else {
        value
    };
    (value.round() as i128).clamp(low, most)
}

/// A value of any shape, as YAML.
fn value(shape: Shape, field: &Field, draws: &mut Draws) -> String {
    match shape.inner() {
        Shape::Number => format!("{:?}", number(field, draws)),
        Shape::Integer => {
            let value = number(field, draws);
            whole(&field.rule, value, draws).to_string()
        }
        Shape::Flag => ["true", "false"][draws.below(2)].to_owned(),
        Shape::Date => format!(
            "202{}-0{}-0{}",
            5 + draws.below(2),
            1 + draws.below(9),
            1 + draws.below(9)
        ),
        Shape::Series => {
            let amount = number(field, draws);
            format!(
                "{{ 2025-06-01: {amount:?}, 2026-05-01: {:?} }}",
                amount * draws.unit()
            )
        }
        Shape::Text => FORMULAS[draws.below(FORMULAS.len())].to_owned(),
        Shape::Choice(choice) => {
            let (name, _) = choice.options[draws.below(choice.options.len())];
            name.to_owned()
        }
        Shape::Tagged(tagged) => {
            let variant = &tagged.variants[draws.below(tagged.variants.len())];
            format!(
                "{{ {}: {} }}",
                variant.name,
                value(variant.shape, variant, draws)
            )
        }
        Shape::Record(record) => fields(record.fields, &[], draws),
        Shape::Map(Names::Free, inner) => {
            let entries: Vec<String> = (0..draws.below(3))
                .map(|at| format!("bucket_{at}: {}", value(*inner, field, draws)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => panic!("no value of {other:?} for `{}`", field.name),
    }
}

/// Formulas that a designer might write.
const FORMULAS: [&str; 4] = [
    "'1000 + 0.5 * burnt_tokens_per_week'",
    "'min(0.001 * supply_tokens, 2e5 * exp(-week / 100))'",
    "'if(bonded_share - 0.3, 0, 0.0005 * supply_tokens)'",
    "'fees_usd_per_week / max(price_usd, 0.01)'",
];

fn fields(fields: &[Field], kept: &[&str], draws: &mut Draws) -> String {
    let mut parts = Vec::new();
    for field in fields {
        let optional = field.is_optional() || field.rule.default != Default::Required;
        if kept.contains(&field.name) || (optional && draws.below(2) == 0) {
            continue;
        }
        parts.push(format!(
            "{}: {}",
            field.name,
            value(field.shape, field, draws)
        ));
    }
    format!("{{ {} }}", parts.join(", "))
}

/// A design, laid over the facts of a shipped network.
fn design(name: &str, draws: &mut Draws) -> Vec<String> {
    let Shape::Record(record) = types::Network::SHAPE else {
        panic!("a network is a record");
    };
    let mut sets = Vec::new();
    for field in record.fields {
        if KEPT.contains(&field.name) {
            continue;
        }
        let optional = field.is_optional() || field.rule.default != Default::Required;
        if optional {
            // What the shipped network has goes first, so that nothing of it is left.
            sets.push(format!("networks.{name}.{}=null", field.name));
            if draws.below(3) == 0 {
                continue;
            }
            sets.pop();
        }
        let drawn = value(field.shape, field, draws);
        sets.push(format!("networks.{name}.{}={drawn}", field.name));
    }
    if draws.below(4) == 0 {
        let exponent = draws.between(0.0, 3.0);
        let pool_usd = draws.scale(1e3, 1e6);
        sets.push(format!(
            "networks.{name}.liquidity={{ pool_usd: {pool_usd:?}, curve_exponent: {exponent:?} }}"
        ));
    }
    sets
}

fn shocks(scenario: &mut types::Scenario, name: &str, draws: &mut Draws) {
    let moves = [
        format!(
            "crypto_move: {{ return_share: {:?} }}",
            draws.between(-0.95, 3.0)
        ),
        format!(
            "demand_change: {{ factor: {:?} }}",
            draws.between(0.05, 3.0)
        ),
        format!(
            "token_unlock: {{ network: {name}, share: {:?} }}",
            draws.unit()
        ),
        format!(
            "rival_price: {{ service: storage, factor: {:?} }}",
            draws.scale(0.1, 10.0)
        ),
        format!("tariff: {{ factor: {:?} }}", draws.scale(0.2, 5.0)),
    ];
    for (at, effect) in moves.iter().enumerate() {
        if draws.below(2) == 0 {
            let mut event = shock(effect);
            let week = draws.below(WEEKS as usize) as i32;
            event.at = event.at.map(|opens| opens.add_weeks(week));
            scenario.shocks.insert(format!("shock_{at}"), event);
        }
    }
}

/// Balances of a network that may not be negative, and the identity of its supply.
fn check(run: &Run, rules: &Rules, network: &Network, what: &str) {
    let balance = |account| run.world.books.balance(account);
    let ledger = &rules.ledger;
    let seats = balance(ledger.providers_held) + balance(ledger.providers_staked);
    let held = network.total_without_seats_units() + seats;
    let opening = -balance(ledger.genesis);
    assert_eq!(
        held,
        opening + network.minted_units - network.burnt_units,
        "{what}"
    );
    let stocks = [
        network.holders_units,
        network.rewards_units,
        network.treasury_units,
        network.pool_units,
        network.vault_units,
        network.reward_vault_units,
        network.waiting_units,
        network.delegated_units,
        network.burnt_units,
        network.minted_units,
        network.outstanding_micro_usd,
        network.credits_micro,
        network.pool_cash_micro_usd,
        network.treasury_cash_micro_usd,
        network.pending_burn_micro_usd,
        balance(ledger.providers_held),
        balance(ledger.providers_staked),
    ];
    assert!(stocks.iter().all(|units| *units >= 0), "{what}: {stocks:?}");
    let numbers = [
        network.token_price_usd,
        network.trust_share,
        network.premium_usd,
    ];
    assert!(
        numbers.iter().all(|number| number.is_finite()),
        "{what}: {numbers:?}"
    );
}

/// Whether a design lasts: its token is worth something and somebody serves.
fn lasts(loaded: &Loaded, name: &str, number: u32, draws: &mut Draws) -> bool {
    let mut scenario = loaded.scenario(None);
    shocks(&mut scenario, name, draws);
    let mut run = Run::open(&scenario, number);
    let id = run.model.names.networks.id(name);
    for week in 0..WEEKS {
        let lived = run.step();
        let rules = &run.model.networks.networks[id];
        let network: &Network = &run.world.networks.networks[id];
        if let Err(fault) = lived {
            // A price outside the numbers is a failed token; anything else is our fault.
            assert!(
                fault.quantity == "token price",
                "{number} {name} week {week}: {fault}"
            );
            return false;
        }
        check(
            &run,
            rules,
            network,
            &format!("{number} {name} week {week}"),
        );
        let mut failed = alarms::of_week(rules, network);
        if failed.any(|(kind, _)| kind == "token_insolvent") {
            return false;
        }
    }
    let network: &Network = &run.world.networks.networks[id];
    network.week.online_devices > 0.0
}

#[test]
fn random_designs_keep_their_books_and_half_of_them_last_a_year() {
    let asked = std::env::var("WATTFLOP_COMPOSITIONS").ok();
    let wanted: u32 = asked.and_then(|text| text.parse().ok()).unwrap_or(60);
    let luck = Luck {
        seed: 11,
        draw: 0,
        luck: 0,
    };
    let mut draws = Draws {
        stream: luck.stream("test", "designs"),
        next: 0,
    };
    let (mut tried, mut refused, mut lasted) = (0, 0, 0);
    while tried < wanted {
        let name = TRIED[draws.below(TRIED.len())];
        let sets = design(name, &mut draws);
        match load_design(&sets) {
            Err(problems) => {
                let text = problems.to_string();
                assert!(
                    text.contains(".yaml:"),
                    "refused without its place: {text}\n{sets:?}"
                );
                refused += 1;
                assert!(
                    refused < 20 * (tried + 20),
                    "nearly all are refused: {text}"
                );
            }
            Ok(loaded) => {
                lasted += u32::from(lasts(&loaded, name, tried, &mut draws));
                tried += 1;
            }
        }
    }
    eprintln!("{tried} designs ran, {lasted} lasted a year, {refused} were refused by the check");
    assert!(2 * lasted >= tried, "{lasted} of {tried} lasted a year");
}

/// A scenario file with these changes over the shipped catalogue, in a small world.
fn load_design(changes: &[String]) -> Result<Loaded, Problems> {
    let mut text = "question: Does this design last?\n".to_owned();
    text += "base: catalog/2025-11.yaml\nnetworks:\n";
    let mut open = String::new();
    for change in changes {
        let (path, value) = change.split_once('=').expect("path=value");
        let parts: Vec<&str> = path.split('.').skip(1).collect();
        if parts[0] != open {
            text += &format!("  {}:\n", parts[0]);
            open = parts[0].to_owned();
        }
        let nest = |inner: String, key: &&str| format!("{{ {key}: {inner} }}");
        let nested = parts[2..].iter().rev().fold(value.to_owned(), nest);
        text += &format!("    {}: {nested}\n", parts[1]);
    }
    let (process, thread) = (std::process::id(), std::thread::current().id());
    let name = format!("wattflop_design_{process}_{thread:?}.yaml");
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, text).expect("a temporary file");
    let sets: Vec<String> = SMALL.iter().map(ToString::to_string).collect();
    let loaded = load(&file, &sets);
    let _ = std::fs::remove_file(&file);
    loaded
}

/// Designs that cannot work are refused with the place, never run.
#[test]
fn broken_designs_are_refused_with_their_place() {
    for (set, message) in [
        (
            "networks.ionet.liquidity={ pool_usd: 0 }",
            "a pool without money",
        ),
        (
            "networks.ionet.emission={ halving: { first_year_tokens: -5, every_weeks: 52 } }",
            "first_year_tokens",
        ),
        (
            "networks.ionet.staking.stake_usd_per_gpu=900000",
            "would stake",
        ),
        (
            "networks.ionet.treasury.tokens=9e11",
            "locked, pooled or held back",
        ),
        (
            "networks.ionet.emission={ expression: { tokens_per_week: '3 * wek' } }",
            "`wek` is not known",
        ),
        ("networks.ionet.rewards.basis=score", "need `score`"),
        ("networks.ionet.rewards.treasury_share=0.7", "more than all"),
        ("networks.helium.opening.service=null", "needs `service`"),
    ] {
        let problems = load_design(&[set.to_owned()]).map(|_| ()).expect_err(set);
        let text = problems.to_string();
        let placed = text.contains(message) && text.contains(".yaml:");
        assert!(placed, "{set}: {text}");
    }
}
