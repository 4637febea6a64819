//! Policies, `--set`, uncertain numbers, the list of numbers.

use wattflop::scenario::Decode;
use wattflop::scenario::load::Loaded;
use wattflop::scenario::numbers::{numeric_paths, set_number};

use crate::toy::{Emission, Folder, GOOD, World, refused, world};

fn policies(lines: &str, sets: &[&str]) -> Result<Loaded, String> {
    Folder::new(&[("main.yaml", &format!("{GOOD}policies:\n{lines}"))]).load(sets)
}

fn good(lines: &str, sets: &[&str]) -> Loaded {
    policies(lines, sets).unwrap_or_else(|text| panic!("{text}"))
}

fn bad(lines: &str, sets: &[&str]) -> String {
    policies(lines, sets).map(|_| ()).unwrap_err()
}

fn under(loaded: &Loaded, policy: &str) -> World {
    World::decode(&loaded.policy(policy).unwrap().tree)
}

#[test]
fn a_policy_changes_its_own_world_only() {
    let loaded = good(
        "  none: { networks.open_gpu.emission: null }
  tail: { from: 2027-01-04, networks.open_gpu.emission: { tail: { tail_share: 0.02 } } }
  tag: { networks.open_gpu.emission.tail: { tail_share: 0.03 } }
  as_is: {}
  stake: { networks.open_gpu.staking: { slash_share: 0.5 }, regions.us_east.open: false }
  no_west: { regions.us_west: null, shares.hopper: 0.5 }
",
        &[],
    );
    let emission = |policy: &str| under(&loaded, policy).networks["open_gpu"].emission.clone();
    assert_eq!(emission("none"), None);
    assert!(matches!(emission("tail"), Some(Emission::Tail(tail)) if tail.tail_share == 0.02));
    assert!(matches!(emission("tag"), Some(Emission::Tail(tail)) if tail.tail_share == 0.03));
    assert!(matches!(emission("as_is"), Some(Emission::Halving(_))));
    assert_eq!(
        loaded.policy("tail").unwrap().from.unwrap().to_string(),
        "2027-01-04"
    );
    let stake = under(&loaded, "stake");
    // A new block is completed with its defaults.
    assert_eq!(
        stake.networks["open_gpu"]
            .staking
            .as_ref()
            .unwrap()
            .lock_weeks,
        4.0
    );
    assert!(!stake.regions["us_east"].open && under(&loaded, "none").regions["us_east"].open);
    assert_eq!(under(&loaded, "no_west").regions.len(), 1);
    assert_eq!(under(&loaded, "no_west").shares.len(), 1);
    assert_eq!(under(&loaded, "as_is"), world(&loaded));
}

#[test]
fn a_scenario_without_policies_has_one() {
    let loaded = Folder::new(&[("main.yaml", GOOD)]).load(&[]).unwrap();
    assert_eq!(loaded.policies.len(), 1);
    assert_eq!(loaded.policies[0].name, "baseline");
}

/// A change, what is said about it, and what is advised.
const UNFIT: [(&str, &str, &str); 12] = [
    (
        "networks.open_gpo.emission: null",
        "`networks` has no `open_gpo`",
        "`open_gpu`",
    ),
    (
        "networks.open_gpu.emision: null",
        "`networks.open_gpu` has no `emision`",
        "`emission`",
    ),
    (
        "netwroks.open_gpu.emission: null",
        "the scenario has no `netwroks`",
        "`networks`",
    ),
    (
        "networks.open_gpu.emission.tial.tail_share: 0.1",
        "`networks.open_gpu.emission` has no `tial`",
        "`tail`",
    ),
    (
        "networks.open_gpu.emission.tail.tail_share: 0.1",
        "`networks.open_gpu.emission` is `halving`, not `tail`",
        "give it whole: `networks.open_gpu.emission.tail: { … }`",
    ),
    (
        "networks.open_gpu.staking.slash_share: 0.1",
        "`networks.open_gpu.staking` is not set",
        "give it whole: `networks.open_gpu.staking: { … }`",
    ),
    (
        "regions: { us_eats: { power_price_usd_per_mwh: 4 } }",
        "there is no `us_eats`; policies and --set create none",
        "did you mean `us_east`?",
    ),
    (
        "regions.us_east.open.now: 1",
        "`regions.us_east.open` is one value and has no keys",
        "",
    ),
    (
        "regions.us_east.delays_weeks.0: 1",
        "`regions.us_east.delays_weeks` is a list",
        "whole",
    ),
    (
        "question: Who?",
        "a policy cannot change `question`",
        "one experiment",
    ),
    (
        "horizon.weeks: 9",
        "a policy cannot change `horizon`",
        "one experiment",
    ),
    (
        "policies.x: {}",
        "`policies` cannot be changed from here",
        "write it in the file",
    ),
];

#[test]
fn policies_create_nothing() {
    for (change, message, help) in UNFIT {
        let text = bad(&format!("  p:\n    {change}\n"), &[]);
        assert!(
            text.starts_with(&format!("error: {message}\n  --> main.yaml:12:5\n"))
                || text.contains(&format!("error: {message}\n  --> main.yaml:12:")),
            "{text}"
        );
        assert!(text.contains(help), "{text}");
    }
}

#[test]
fn what_a_policy_breaks_is_shown_with_its_name() {
    let text = bad("  p: { regions.us_east: null }\n", &[]);
    assert!(
        text.contains("error: `us_east` is not one of `regions`\n  --> main.yaml:4:54\n"),
        "{text}"
    );
    assert!(
        text.contains("  ::: main.yaml:11:3 under policy `p`\n"),
        "{text}"
    );
    let text = bad("  p: { regions.us_east.outage_share: 2 }\n  q: {}\n", &[]);
    assert!(
        text.contains("--> main.yaml:11:38\n") && text.ends_with("1 error"),
        "{text}"
    );
    let text = bad("  p: { from: soon }\n", &[]);
    assert!(text.contains("`from` wants a date"), "{text}");
    let text = bad("  p: 7\n", &[]);
    assert!(
        text.contains("`policies.p` wants a block of dotted paths, found `7`"),
        "{text}"
    );
}

#[test]
fn set_wins_over_policies_and_creates_nothing() {
    let lines = "  p: { regions.us_east.outage_share: 0.3 }\n  q: { networks.open_gpu: null }\n";
    let sets = [
        "regions.us_east.outage_share=0.4",
        "networks.open_gpu.node_count=7",
        "horizon.weeks=9",
    ];
    let loaded = good(lines, &sets);
    assert_eq!(under(&loaded, "p").regions["us_east"].outage_share, 0.4);
    assert_eq!(world(&loaded).regions["us_east"].outage_share, 0.4);
    assert_eq!(under(&loaded, "p").networks["open_gpu"].node_count, 7);
    // What a policy deletes stays deleted.
    assert!(under(&loaded, "q").networks.is_empty());
    assert_eq!(under(&loaded, "q").horizon.weeks, 9);
    let text = bad(lines, &["regions.us_eest.open=false"]);
    assert_eq!(
        text,
        "error: `regions` has no `us_eest`
  --> --set:1:1
   1 | regions.us_eest.open=false
     | ^^^^^^^^^^^^^^^^^^^^
  help: did you mean `us_east`?
1 error"
    );
    let text = bad(lines, &["regions.us_east.outage_share=two"]);
    assert!(text.contains("--> --set:1:30\n"), "{text}");
    assert!(bad(lines, &["regions"]).contains("`--set` wants path=value"));
    assert!(bad(lines, &["regions.us_east.open="]).contains("no value after `=`"));
    assert!(bad(lines, &["policies.p={}"]).contains("`policies` cannot be changed from here"));
    good(
        lines,
        &["networks.open_gpu.emission={ tail: { tail_share: 0.5 } }"],
    );
}

const UNCERTAIN: &str = "\
uncertain:
  regions.us_east.power_price_usd_per_mwh: { uniform: { low: 50, high: 150 } }
  networks.open_gpu.node_count: { triangular: { low: 0, mode: 100, high: 1000 } }
  networks.open_gpu.emission.halving.first_year_tokens: { lognormal: { median: 1e6, sigma: 0.1 } }
policies:
  as_is: {}
  fixed: { regions.us_east: { power_price_usd_per_mwh: 60 } }
  other: { regions.us_east: { outage_share: 0.5 } }
  none: { networks.open_gpu.emission: null }
";

#[test]
fn draws_set_what_policies_leave_open() {
    let folder = Folder::new(&[("main.yaml", &format!("{GOOD}{UNCERTAIN}"))]);
    let loaded = folder.load(&[]).unwrap_or_else(|text| panic!("{text}"));
    assert_eq!(loaded.uncertain.len(), 3);
    let half = |_: &str| 0.5;
    let price = |policy: Option<&str>, u: &dyn Fn(&str) -> f64| {
        let policy = policy.map(|name| loaded.policy(name).unwrap());
        let world = World::decode(&loaded.drawn(policy, u));
        world.regions["us_east"].power_price_usd_per_mwh
    };
    assert_eq!(price(None, &half), 100.0);
    assert_eq!(price(Some("as_is"), &half), 100.0);
    assert_eq!(price(Some("fixed"), &half), 60.0);
    assert_eq!(price(Some("other"), &half), 100.0);
    let by_name = |path: &str| {
        if path.starts_with("regions") {
            0.25
        } else {
            0.5
        }
    };
    assert_eq!(price(Some("as_is"), &by_name), 75.0);
    let none = World::decode(&loaded.drawn(loaded.policy("none"), &half));
    assert_eq!(none.networks["open_gpu"].emission, None);
    // Whole numbers are rounded: √(0.5·1000·900) below 1000.
    assert_eq!(none.networks["open_gpu"].node_count, 329);
    // --set fixes a number.
    let loaded = folder
        .load(&["regions.us_east.power_price_usd_per_mwh=80"])
        .unwrap();
    let world = World::decode(&loaded.drawn(None, &half));
    assert_eq!(world.regions["us_east"].power_price_usd_per_mwh, 80.0);
}

#[test]
fn uncertain_numbers_must_exist_and_stay_in_range() {
    let uncertain = |line: &str| refused(&format!("{GOOD}uncertain:\n  {line}\n"));
    let text = uncertain("regions.us_eest.outage_share: { uniform: { low: 0, high: 1 } }");
    assert!(
        text.contains("error: `regions` has no `us_eest`\n  --> main.yaml:11:3\n"),
        "{text}"
    );
    let text = uncertain("regions.us_east.open: { uniform: { low: 0, high: 1 } }");
    assert!(
        text.contains("`regions.us_east.open` is not a number"),
        "{text}"
    );
    let text = uncertain("regions.us_east.neighbour: { uniform: { low: 0, high: 1 } }");
    assert!(
        text.contains("`regions.us_east.neighbour` is not set"),
        "{text}"
    );
    let text = uncertain("regions.us_east.outage_share: { uniform: { low: 0, high: 2 } }");
    assert!(
        text.contains("draws would leave the range 0 to 1"),
        "{text}"
    );
    let text =
        uncertain("regions.us_east.outage_share: { triangular: { low: 0, mode: 2, high: 1 } }");
    assert!(
        text.contains("`low`, `mode` and `high` must rise"),
        "{text}"
    );
    let text = uncertain("regions.us_east.outage_share: { unifrom: { low: 0, high: 1 } }");
    assert!(text.contains("help: did you mean `uniform`?"), "{text}");
    let text = uncertain("regions.us_east.outage_share: { uniform: { low: 0 } }");
    assert!(text.contains("missing `high`"), "{text}");
}

#[test]
fn every_number_is_listed_and_can_be_set() {
    let content = GOOD.replace(
        "mwh: 74",
        "mwh: { value: 74, low: 1 }, delays_weeks: [3, 4], \
        fuel_usd_per_mwh: { 2025-01-01: 3, 2026-01-01: 5 }",
    );
    let loaded = Folder::new(&[("main.yaml", &content)]).load(&[]).unwrap();
    let numbers = numeric_paths(loaded.root, &loaded.tree);
    let paths: Vec<&str> = numbers.iter().map(|number| number.path.as_str()).collect();
    let wanted = [
        "horizon.weeks",
        "regions.us_east.power_price_usd_per_mwh",
        "regions.us_east.outage_share",
        "regions.us_east.fuel_usd_per_mwh.2025-01-01",
        "regions.us_east.fuel_usd_per_mwh.2026-01-01",
        "regions.us_east.delays_weeks.0",
        "regions.us_east.delays_weeks.1",
        "regions.us_west.power_price_usd_per_mwh",
        "regions.us_west.outage_share",
        "networks.open_gpu.emission.halving.first_year_tokens",
        "networks.open_gpu.emission.halving.every_weeks",
        "networks.open_gpu.node_count",
    ];
    assert_eq!(paths, wanted);
    let mut tree = loaded.tree.clone();
    for (i, number) in numbers.iter().enumerate() {
        assert!(
            set_number(loaded.root, &mut tree, &number.path, 1.0 + i as f64),
            "{}",
            number.path
        );
    }
    let after = numeric_paths(loaded.root, &tree);
    let values: Vec<f64> = after.iter().map(|number| number.value).collect();
    assert_eq!(values, (1..=12).map(f64::from).collect::<Vec<f64>>());
    assert_eq!(
        World::decode(&tree).regions["us_east"].delays_weeks,
        [6.0, 7.0]
    );
    assert!(!set_number(
        loaded.root,
        &mut tree,
        "regions.us_east.open",
        1.0
    ));
    assert!(!set_number(
        loaded.root,
        &mut tree,
        "regions.nowhere.outage_share",
        1.0
    ));
}
