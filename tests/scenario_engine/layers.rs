//! Bases, the catalogue, `like`, facts of the catalogue.

use proptest::prelude::*;
use wattflop::scenario::merge::{Creation, Merge};
use wattflop::scenario::root::root_of;
use wattflop::scenario::schema::Shape;
use wattflop::scenario::tree::{Node, TextId};
use wattflop::scenario::{print, read};

use crate::toy::{Emission, Folder, GOOD, World, world};

#[test]
fn this_file_wins_and_origins_stay() {
    let folder = Folder::new(&[
        ("base.yaml", GOOD),
        (
            "main.yaml",
            "base: base.yaml\nregions:\n  us_east: { outage_share: 0.5 }\n  us_west: null\n",
        ),
    ]);
    let loaded = folder.load(&[]).unwrap_or_else(|text| panic!("{text}"));
    let east = &world(&loaded).regions["us_east"];
    assert_eq!(
        (east.power_price_usd_per_mwh, east.outage_share),
        (74.0, 0.5)
    );
    assert!(!world(&loaded).regions.contains_key("us_west"));
    let origin = |path: &[&str]| {
        let text = loaded.texts.describe(loaded.tree.find(path).unwrap().at);
        text.rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!(
        origin(&["regions", "us_east", "outage_share"]),
        "main.yaml:3:28"
    );
    assert_eq!(
        origin(&["regions", "us_east", "power_price_usd_per_mwh"]),
        "base.yaml:3:39"
    );
    assert_eq!(origin(&["regions", "us_east", "open"]), "default");
}

#[test]
fn problems_below_are_placed_below() {
    let folder = Folder::new(&[
        ("base.yaml", &GOOD.replace("74", "cold")),
        (
            "main.yaml",
            "base: base.yaml\nregions: { us_west: { outage_share: 7 } }\n",
        ),
    ]);
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("--> main.yaml:2:37\n") && text.contains("--> base.yaml:3:39\n"),
        "{text}"
    );
    assert!(text.ends_with("\n2 errors"));
}

#[test]
fn another_alternative_replaces_the_old_one_whole() {
    let load = |emission: &str| {
        let main =
            format!("base: base.yaml\nnetworks: {{ open_gpu: {{ emission: {emission} }} }}\n");
        Folder::new(&[("base.yaml", GOOD), ("main.yaml", &main)])
            .load(&[])
            .map(|loaded| world(&loaded).networks["open_gpu"].emission.clone())
    };
    assert!(matches!(
        load("{ tail: { tail_share: 0.1 } }"),
        Ok(Some(Emission::Tail(_)))
    ));
    match load("{ halving: { every_weeks: 104 } }") {
        Ok(Some(Emission::Halving(halving))) => {
            assert_eq!(
                (halving.first_year_tokens, halving.every_weeks),
                (12_000_000, 104)
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(load("null"), Ok(None));
}

#[test]
fn deleting_what_is_needed_or_absent_is_refused() {
    let load = |line: &str| {
        let main = format!("base: base.yaml\n{line}\n");
        let folder = Folder::new(&[("base.yaml", GOOD), ("main.yaml", &main)]);
        folder.load(&[]).map(|_| ()).unwrap_err()
    };
    let text = load("horizon: { start: null }");
    assert!(text.contains("error: `start` is deleted here but required\n  --> main.yaml:2:19"));
    let text = load("regions: { us_eest: null }");
    assert!(text.contains("error: there is no `us_eest` to delete\n  --> main.yaml:2:12"));
    assert!(text.contains("help: did you mean `us_east`?"));
    // Deleting a region shows who still needs it.
    let text = load("regions: { us_east: null }");
    assert!(
        text.contains("error: `us_east` is not one of `regions`\n  --> base.yaml:4:54"),
        "{text}"
    );
}

#[test]
fn an_entry_may_be_like_its_sibling() {
    let main = "\
base: base.yaml
regions:
  north: { like: south, outage_share: 0.1 }
  south: { like: us_west, power_price_usd_per_mwh: 50 }
";
    let folder = Folder::new(&[("base.yaml", GOOD), ("main.yaml", main)]);
    let loaded = folder.load(&[]).unwrap_or_else(|text| panic!("{text}"));
    let north = &world(&loaded).regions["north"];
    assert_eq!(
        (north.power_price_usd_per_mwh, north.outage_share),
        (50.0, 0.1)
    );
    assert_eq!(north.neighbour.as_deref(), Some("us_east"));
    let refuse = |from: &str, to: &str| {
        let main = main.replace(from, to);
        let folder = Folder::new(&[("base.yaml", GOOD), ("main.yaml", &main)]);
        folder.load(&[]).map(|_| ()).unwrap_err()
    };
    let text = refuse("like: us_west", "like: north");
    assert!(
        text.contains("is like itself: north → south → north"),
        "{text}"
    );
    let text = refuse("like: us_west", "like: us_wets");
    assert!(
        text.contains("there is no `us_wets` to be like\n  --> main.yaml:4:18"),
        "{text}"
    );
    assert!(text.contains("help: did you mean `us_west`?"), "{text}");
}

#[test]
fn bases_form_a_chain_without_a_circle() {
    let folder = Folder::new(&[
        ("a.yaml", "base: b.yaml\n"),
        ("b.yaml", "base: a.yaml\n"),
        ("main.yaml", "base: a.yaml\n"),
    ]);
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("`a.yaml` is its own base\n  --> b.yaml:1:7"),
        "{text}"
    );
    for base in [
        "../main.yaml",
        "/etc/passwd",
        "a/../../b.yaml",
        ".hidden.yaml",
        "a//b.yaml",
    ] {
        let folder = Folder::new(&[("main.yaml", &format!("base: {base}\n"))]);
        let text = folder.load(&[]).map(|_| ()).unwrap_err();
        assert!(
            text.contains("a base is a file in or below the folder of this file"),
            "{text}"
        );
    }
    let folder = Folder::new(&[("main.yaml", "base: catalog/2025-12.yaml\n")]);
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(text.contains("there is no `catalog/2025-12.yaml` beside this file or in the program"));
    assert!(
        text.contains("help: did you mean `catalog/2025-11.yaml`?"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn links_must_not_leave_the_folder() {
    let outside = Folder::new(&[("secret.yaml", GOOD)]);
    let folder = Folder::new(&[("main.yaml", "base: inside.yaml\n")]);
    let link = folder.0.join("inside.yaml");
    std::os::unix::fs::symlink(outside.0.join("secret.yaml"), link).unwrap();
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("leads out of the scenario's folder"),
        "{text}"
    );
}

#[test]
fn only_the_catalogue_includes_and_each_block_comes_once() {
    let folder = Folder::new(&[("main.yaml", &format!("include: [a.yaml]\n{GOOD}"))]);
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(text.contains("only the catalogue includes files"), "{text}");
    let regions = GOOD.split("networks:").next().unwrap();
    let networks = "networks: { a: { class: hopper, node_count: 1 } }\n";
    let files = |second: &str| {
        Folder::new(&[
            ("catalog/x.yaml", "include: [one.yaml, two.yaml]\n"),
            ("catalog/one.yaml", regions),
            ("catalog/two.yaml", second),
            ("main.yaml", "base: catalog/x.yaml\n"),
        ])
    };
    // Facts are the matter of another test.
    let loaded = files(networks)
        .load(&[])
        .unwrap_or_else(|text| panic!("{text}"));
    assert_eq!(world(&loaded).networks["a"].node_count, 1);
    let text = files(regions).load(&[]).map(|_| ()).unwrap_err();
    assert!(text.contains("the catalogue has `horizon` twice"), "{text}");
    assert!(text.contains("catalog/one.yaml:1:1 is the first"), "{text}");
}

#[test]
fn facts_of_the_catalogue_are_sourced() {
    let load = |fact: &str| {
        let catalogue = GOOD.replace("74", fact) + "sources: { eia: { title: EIA } }\n";
        let folder = Folder::new(&[
            ("catalog/x.yaml", &catalogue),
            ("main.yaml", "base: catalog/x.yaml\n"),
        ]);
        folder.load(&[]).map(|_| ())
    };
    load("{ value: 74, source: eia, date: 2025 }").unwrap();
    load("{ value: 74, status: assumed, low: 50, high: 90 }").unwrap();
    let text = load("{ value: 74, date: 2025 }").unwrap_err();
    assert!(
        text.contains("power_price_usd_per_mwh` has no source"),
        "{text}"
    );
    let text = load("{ value: 74, status: assumed, low: 50, source: eia }").unwrap_err();
    assert!(
        text.contains("is assumed and has no `low` and `high`"),
        "{text}"
    );
}

fn parse(text: &str) -> Node {
    read::parse(TextId(0), text).unwrap()
}

fn laid(lower: &str, upper: &str) -> Node {
    let mut problems = Vec::new();
    let mut tree = parse(lower);
    let mut merge = Merge {
        creation: Creation::Allowed,
        problems: &mut problems,
    };
    merge.lay(Shape::Record(root_of::<World>()), &mut tree, parse(upper));
    assert!(problems.is_empty(), "{problems:?}");
    tree
}

/// Files over two regions with any of their fields.
fn layer() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        (0u32..100).prop_map(|n| format!("power_price_usd_per_mwh: {n}")),
        (0u32..100).prop_map(|n| format!("outage_share: 0.{n}")),
        any::<bool>().prop_map(|open| format!("open: {open}")),
        proptest::collection::vec(0u32..9, 0..3).prop_map(|list| format!("delays_weeks: {list:?}")),
    ];
    let unique = |fields: Vec<String>| {
        let mut seen = std::collections::BTreeSet::new();
        let kept = fields
            .into_iter()
            .filter(|f| seen.insert(f.split(':').next().unwrap().to_owned()));
        kept.collect::<Vec<String>>().join(", ")
    };
    let region = proptest::collection::vec(field, 1..4).prop_map(unique);
    proptest::collection::btree_map(prop_oneof![Just("a"), Just("b"), Just("c")], region, 1..3)
        .prop_map(|regions| {
            let body = regions
                .iter()
                .map(|(name, fields)| format!("  {name}: {{ {fields} }}\n"));
            format!("regions:\n{}", body.collect::<String>())
        })
}

proptest! {
    #[test]
    fn laying_twice_changes_nothing(a in layer(), b in layer()) {
        let once = laid(&a, &b);
        let twice = laid(&print::yaml(&once, None), &b);
        prop_assert_eq!(print::yaml(&once, None), print::yaml(&twice, None));
    }

    #[test]
    fn layers_may_be_joined_in_any_grouping(a in layer(), b in layer(), c in layer()) {
        let left = laid(&print::yaml(&laid(&a, &b), None), &c);
        let right = laid(&a, &print::yaml(&laid(&b, &c), None));
        prop_assert_eq!(values(&left), values(&right));
    }

    #[test]
    fn the_upper_file_wins_and_nothing_is_lost(a in layer(), b in layer()) {
        let (lower, upper, both) = (values(&parse(&a)), values(&parse(&b)), values(&laid(&a, &b)));
        for (path, text) in &both {
            prop_assert_eq!(Some(text), upper.get(path).or(lower.get(path)));
        }
        prop_assert!(lower.keys().chain(upper.keys()).all(|path| both.contains_key(path)));
    }
}

/// `region.field` and its text.
fn values(tree: &Node) -> std::collections::BTreeMap<String, String> {
    let mut out = std::collections::BTreeMap::new();
    for (name, region) in tree.field("regions").entries() {
        for (key, value) in region.entries() {
            let items: Vec<&str> = value.items().iter().filter_map(Node::text).collect();
            let text = value.text().map_or(items.join(","), str::to_owned);
            out.insert(format!("{}.{}", name.name, key.name), text);
        }
    }
    out
}
