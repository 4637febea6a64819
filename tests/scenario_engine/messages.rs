//! Every kind of message, word for word.

use crate::toy::{GOOD, load, refused, with};

/// One problem, without the closing count.
fn said(content: &str) -> String {
    let text = refused(content);
    let (body, count) = text.rsplit_once('\n').unwrap();
    assert_eq!(count, "1 error", "{text}");
    body.to_owned()
}

fn lines(parts: &[&str]) -> String {
    parts.join("\n")
}

#[test]
fn good_is_good() {
    let loaded = load(GOOD).unwrap_or_else(|text| panic!("{text}"));
    assert!(loaded.warnings.is_empty());
}

#[test]
fn unknown_key() {
    let content = with("power_price_usd_per_mwh: 74", "power_price_usd_per_mhw: 74");
    assert_eq!(
        said(&content),
        lines(&[
            "error: unknown key `power_price_usd_per_mhw` in `regions.us_east`",
            "  --> main.yaml:3:14",
            "   3 |   us_east: { power_price_usd_per_mhw: 74 }",
            "     |              ^^^^^^^^^^^^^^^^^^^^^^^",
            "  help: did you mean `power_price_usd_per_mwh`?",
        ])
    );
}

#[test]
fn unknown_key_at_the_top() {
    assert_eq!(
        said(&format!("{GOOD}zzz: 1\n")),
        lines(&[
            "error: unknown key `zzz`",
            "  --> main.yaml:10:1",
            "  10 | zzz: 1",
            "     | ^^^",
            "  help: known here: base, include, sources, uncertain, policies, question, horizon, \
             regions, networks, shares",
        ])
    );
}

#[test]
fn dotted_key_in_a_file() {
    let text = said(&format!("{GOOD}regions.us_east.open: false\n"));
    assert!(
        text.contains("error: unknown key `regions.us_east.open`\n"),
        "{text}"
    );
    assert!(
        text.ends_with("help: dotted paths work in policies and with --set; nest the keys here")
    );
}

#[test]
fn missing_keys_are_named_together() {
    assert_eq!(
        said(&with("    class: hopper\n    node_count: 40_000\n", "")),
        lines(&[
            "error: missing `class`, `node_count` in `networks.open_gpu`",
            "  --> main.yaml:6:3",
            "   6 |   open_gpu:",
            "     |   ^^^^^^^^",
        ])
    );
}

#[test]
fn an_incomplete_entry_may_be_a_typing_error() {
    let text = said(&with(
        "networks:",
        "  us_eest: { outage_share: 0.1 }\nnetworks:",
    ));
    assert_eq!(
        text,
        lines(&[
            "error: missing `power_price_usd_per_mwh` in `regions.us_eest`",
            "  --> main.yaml:5:3",
            "   5 |   us_eest: { outage_share: 0.1 }",
            "     |   ^^^^^^^",
            "  help: did you mean `us_east`? A new entry may say `like: us_east`",
        ])
    );
}

#[test]
fn without_a_base_the_base_is_proposed() {
    let text = said("question: What?\n");
    assert!(
        text.starts_with("error: missing `horizon`, `regions`\n  --> main.yaml:1:1\n"),
        "{text}"
    );
    assert!(
        text.ends_with(
            "help: name a parent that has them, for example `base: catalog/2025-11.yaml`"
        )
    );
}

#[test]
fn wrong_types() {
    for (from, to, message, help) in [
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: cheap",
            "`regions.us_east.power_price_usd_per_mwh` wants a number, found `cheap`",
            "the unit is USD/MWh",
        ),
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: \"74\"",
            "`regions.us_east.power_price_usd_per_mwh` wants a number, found the text \"74\"",
            "remove the quotes",
        ),
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: .inf",
            "`regions.us_east.power_price_usd_per_mwh` wants a number, found `.inf`",
            "a number is finite",
        ),
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: -.nan",
            "`regions.us_east.power_price_usd_per_mwh` wants a number, found `-.nan`",
            "a number is finite",
        ),
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: 74, open: yes",
            "`regions.us_east.open` wants `true` or `false`, found `yes`",
            "write `true`",
        ),
        (
            "power_price_usd_per_mwh: 74",
            "power_price_usd_per_mwh: 74, delays_weeks: 3",
            "`regions.us_east.delays_weeks` wants a list, found `3`",
            "for example `[a, b]`",
        ),
        (
            "start: 2025-11-03",
            "start: 2025-11-31",
            "`horizon.start` wants a day of the calendar, found `2025-11-31`",
            "write YYYY-MM-DD, for example 2026-01-05",
        ),
        (
            "horizon: { start: 2025-11-03 }",
            "horizon: 2025-11-03",
            "`horizon` wants a block of keys, found `2025-11-03`",
            "`Horizon` is a block, for example `{ start: … }`",
        ),
        (
            "emission: { halving: { first_year_tokens: 12_000_000 } }",
            "emission: halving",
            "`networks.open_gpu.emission` wants one alternative, found `halving`",
            "write `{ halving: { … } }`",
        ),
    ] {
        let text = said(&with(from, to));
        assert!(
            text.starts_with(&format!("error: {message}\n  --> main.yaml:")),
            "{text}"
        );
        assert!(text.ends_with(&format!("\n  help: {help}")), "{text}");
    }
}

#[test]
fn whole_numbers_are_whole() {
    let text = said(&with("node_count: 40_000", "node_count: 0.5"));
    assert!(text.contains("`networks.open_gpu.node_count` wants a whole number, found `0.5`"));
    let text = said(&with("node_count: 40_000", "node_count: 2_000_000"));
    assert!(text.contains("`networks.open_gpu.node_count: 2000000` must lie in 0 to 1000000"));
    load(&with("node_count: 40_000", "node_count: 4e5")).unwrap();
}

#[test]
fn hard_range() {
    assert_eq!(
        said(&with("mwh: 91,", "mwh: 91, outage_share: 35,")),
        lines(&[
            "error: `regions.us_west.outage_share: 35` must lie in 0 to 1",
            "  --> main.yaml:4:57",
            concat!(
                "   4 |   us_west: { power_price_usd_per_mwh: 91, outage_share: 35, ",
                "neighbour: us_east }"
            ),
            "     |                                                         ^^",
            "  help: a share is 0 to 1: did you mean 0.35 (35 %)?",
        ])
    );
}

#[test]
fn unusual_numbers_are_warned_about_with_a_guess() {
    let loaded = load(&with(
        "power_price_usd_per_mwh: 74",
        "power_price_usd_per_mwh: 0.074",
    ));
    let loaded = loaded.unwrap_or_else(|text| panic!("{text}"));
    let text = loaded.warnings[0].render(&loaded.texts);
    assert!(text.contains(
        "warning: `regions.us_east.power_price_usd_per_mwh: 0.074` is unusual; 1 to 1000 is usual"
    ));
    assert!(text.ends_with("  help: the unit is USD/MWh: did you mean 74 (0.074 USD/kWh)?\n"));
    assert_eq!(loaded.warnings.len(), 1);
}

#[test]
fn exactly_one_alternative() {
    let two = "emission: { halving: { first_year_tokens: 5 }, tail: { tail_share: 0.1 } }";
    let text = said(&with(
        "emission: { halving: { first_year_tokens: 12_000_000 } }",
        two,
    ));
    assert!(text.starts_with(
        "error: `networks.open_gpu.emission` wants exactly one alternative, found halving, tail\n  \
         --> main.yaml:9:52\n"
    ), "{text}");
    let text = said(&with(
        "emission: { halving: { first_year_tokens: 12_000_000 } }",
        "emission: {}",
    ));
    assert!(
        text.contains("wants exactly one alternative, found none\n"),
        "{text}"
    );
    let text = refused(&with("{ halving: {", "{ halvign: {"));
    assert!(text.contains("error: unknown alternative `halvign` in `networks.open_gpu.emission`"));
    assert!(text.contains("help: did you mean `halving`?"), "{text}");
}

#[test]
fn options_and_references() {
    let text = said(&with("class: hopper", "class: hoper"));
    assert!(text.starts_with("error: `networks.open_gpu.class: hoper` is not an option\n"));
    assert!(text.ends_with("help: did you mean `hopper`?"));
    let text = said(&with("neighbour: us_east", "neighbour: us_eats"));
    assert!(text.starts_with("error: `us_eats` is not one of `regions`\n  --> main.yaml:4:54\n"));
    assert!(text.ends_with("help: did you mean `us_east`?"));
    let text = said(&format!("{GOOD}shares: {{ hoppper: 0.5 }}\n"));
    assert!(
        text.starts_with("error: unknown name `hoppper` in `shares`\n"),
        "{text}"
    );
}

#[test]
fn rules_between_values_have_a_place() {
    let text = said(&with("neighbour: us_east", "neighbour: us_west"));
    assert!(text.starts_with("error: `us_west` is its own neighbour\n  --> main.yaml:4:54\n"));
}

#[test]
fn names_of_entries_are_plain() {
    for name in ["us.east", "a b", "é", &"x".repeat(65), "\"\""] {
        let text = said(&with(
            "  us_east:",
            &format!("  {name}: {{ power_price_usd_per_mwh: 1 }}\n  us_east:"),
        ));
        assert!(text.contains("cannot name an entry"), "{text}");
    }
}

#[test]
fn series_want_dates() {
    let fuel = |points: &str| with("mwh: 74", &format!("mwh: 74, fuel_usd_per_mwh: {points}"));
    load(&fuel("{ 2025-01-01: 3.0, 2026-01-01: 4 }")).unwrap();
    assert!(said(&fuel("{ 2025-13-01: 3.0 }")).contains("`2025-13-01` is not a date"));
    assert!(said(&fuel("{}")).contains("wants at least one number by date"));
    assert!(said(&fuel("7")).contains("wants numbers by date, found `7`"));
    assert!(said(&fuel("{ 2025-01-01: 501 }")).contains("must lie in 0 to 500"));
}

#[test]
fn all_problems_at_once_in_the_order_of_the_file() {
    let content = "\
horizon: { start: never, weeks: 0 }
regions:
  us_east: { power_price_usd_per_mwh: cheap, colour: red }
  us_east: { power_price_usd_per_mwh: 3 }
networks: [1]
";
    // A duplicate is refused while reading, with both places.
    assert_eq!(
        refused(content),
        lines(&[
            "error: `us_east` is given twice",
            "  --> main.yaml:4:3",
            "   4 |   us_east: { power_price_usd_per_mwh: 3 }",
            "     |   ^^^^^^^",
            "  ::: main.yaml:3:3 is the first",
            "1 error",
        ])
    );
    let text = refused(&content.replacen("us_east", "us_west", 1));
    let found: Vec<&str> = text.lines().filter(|line| line.contains("-->")).collect();
    let places = ["1:19", "1:33", "3:39", "3:46", "5:11"];
    let wanted: Vec<String> = places
        .iter()
        .map(|at| format!("  --> main.yaml:{at}"))
        .collect();
    assert_eq!(found, wanted, "{text}");
    assert!(text.ends_with("\n5 errors"));
    assert_eq!(text, refused(&content.replacen("us_east", "us_west", 1)));
}

#[test]
fn facts_outside_the_catalogue_are_checked_for_form() {
    let fact = |fact: &str| with("mwh: 74", &format!("mwh: {fact}"));
    load(&fact(
        "{ value: 74, low: 50, high: 90, note: guess, unit: USD/MWh, date: 2025-10 }",
    ))
    .unwrap();
    let text = said(&fact("{ value: 74, low: 80 }"));
    assert!(text.contains(
        "the value of `regions.us_east.power_price_usd_per_mwh` lies outside its own `low`"
    ));
    assert!(said(&fact("{ value: 74, sorce: x }")).contains("help: did you mean `source`?"));
    assert!(said(&fact("{ value: 74, unit: EUR/MWh }")).contains("is in USD/MWh, not EUR/MWh"));
    assert!(said(&fact("{ value: 74, status: sure }")).contains("wants measured, governance"));
    assert!(said(&fact("{ value: 74, date: 2025-13 }")).contains("wants a year, month or day"));
    assert!(said(&fact("{ value: 74, source: eia }")).contains("`eia` is not one of `sources`"));
    assert!(said(&fact("{ valeu: 74 }")).contains("help: a fact is `{ value: …, source: … }`"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let text = refused(&with(
        "power_price_usd_per_mwh: 74",
        "\"\\e[31m\": 1, power_price_usd_per_mwh: 74",
    ));
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(text.contains("unknown key `·[31m`"), "{text}");
}
