//! Printed trees read back the same; the JSON schema says what check says.

use proptest::prelude::*;
use wattflop::scenario::json_schema::json_schema;
use wattflop::scenario::print::{json, yaml};
use wattflop::scenario::root::root_of;
use wattflop::scenario::tree::{Key, Node, Place, TextId, Value};
use wattflop::scenario::{Decode, read};

use crate::toy::{Folder, GOOD, World, load};

fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar { text: a, .. }, Value::Scalar { text: b, .. }) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let pair =
                |((ka, a), (kb, b)): (&(Key, Node), &(Key, Node))| ka.name == kb.name && same(a, b);
            a.len() == b.len() && a.iter().zip(b).all(pair)
        }
        (a, b) => a == b,
    }
}

/// Any tree whose root is a map.
fn tree() -> impl Strategy<Value = Node> {
    let at = Place::DEFAULT;
    let scalar = prop_oneof![
        any::<String>().prop_map(|text| Value::Scalar { text, quoted: true }),
        "[a-z0-9 :#,.\\-~]{1,8}".prop_map(|text| Value::Scalar { text, quoted: true }),
        any::<f64>()
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(|x| Value::Scalar {
                text: x.to_string(),
                quoted: false
            }),
        Just(Value::Null),
        Just(Value::Scalar {
            text: "null".to_owned(),
            quoted: true
        }),
    ];
    let node = scalar.prop_map(move |value| Node::new(value, at));
    let node = node.prop_recursive(4, 40, 5, move |inner| {
        let names = proptest::collection::btree_map("[a-z_]{1,6}|.{1,4}", inner.clone(), 0..5);
        let map = names.prop_map(move |entries| {
            let keyed = entries
                .into_iter()
                .map(|(name, node)| (Key { name, at }, node));
            Node::new(Value::Map(keyed.collect()), at)
        });
        let list = proptest::collection::vec(inner, 0..4);
        prop_oneof![
            map,
            list.prop_map(move |items| Node::new(Value::List(items), at))
        ]
    });
    proptest::collection::btree_map("[a-z_]{1,6}", node, 1..5).prop_map(move |entries| {
        let keyed = entries
            .into_iter()
            .map(|(name, node)| (Key { name, at }, node));
        Node::new(Value::Map(keyed.collect()), at)
    })
}

proptest! {
    #[test]
    fn printed_trees_read_back(tree in tree()) {
        let text = yaml(&tree, None);
        let back = read::parse(TextId(0), &text);
        prop_assert!(back.as_ref().is_ok_and(|back| same(back, &tree)), "{}\n{:?}", text, back);
    }
}

#[test]
fn the_resolved_scenario_is_a_scenario() {
    let loaded = load(GOOD).unwrap();
    let resolved = yaml(&loaded.tree, None);
    let again = load(&resolved).unwrap_or_else(|text| panic!("{resolved}\n{text}"));
    assert_eq!(World::decode(&again.tree), World::decode(&loaded.tree));
    assert!(
        resolved.contains("    outage_share: 0.02\n") || resolved.contains("outage_share: 0.02,")
    );
}

#[test]
fn origins_stand_behind_every_value() {
    let folder = Folder::new(&[
        ("base.yaml", GOOD),
        (
            "main.yaml",
            "base: base.yaml\nnetworks: { open_gpu: { node_count: 5 } }\n",
        ),
    ]);
    let loaded = folder.load(&["regions.us_east.open=false"]).unwrap();
    let text = yaml(&loaded.tree, Some(&loaded.texts));
    let line = |words: &str| {
        text.lines()
            .find(|line| line.contains(words))
            .unwrap()
            .to_owned()
    };
    assert!(line("node_count: 5").ends_with("main.yaml:2:37"), "{text}");
    assert!(line("class: hopper").ends_with("base.yaml:7:12"), "{text}");
    assert!(text.contains("# --set:1:22"), "{text}");
}

#[test]
fn json_has_numbers_by_the_schema() {
    let content = GOOD.replace(
        "mwh: 74",
        "mwh: { value: 74, low: 1, source: eia, note: 1e3 }",
    ) + "sources: { eia: { title: 2025 } }\n";
    let loaded = load(&content).unwrap_or_else(|text| panic!("{text}"));
    let json = json(loaded.root, &loaded.tree);
    let fact = &json["regions"]["us_east"]["power_price_usd_per_mwh"];
    assert_eq!(
        (fact["value"].as_f64(), fact["low"].as_f64()),
        (Some(74.0), Some(1.0))
    );
    assert_eq!(fact["note"], "1e3");
    assert_eq!(json["networks"]["open_gpu"]["node_count"], 40_000);
    assert_eq!(json["regions"]["us_east"]["open"], true);
    assert_eq!(json["horizon"]["start"], "2025-11-03");
}

#[test]
fn the_json_schema_carries_docs_ranges_and_dotted_policies() {
    let schema = json_schema(root_of::<World>());
    let price = &schema["$defs"]["Region"]["properties"]["power_price_usd_per_mwh"];
    let text = price["description"].as_str().unwrap();
    assert_eq!(text, "Price of energy. Unit: USD/MWh. Usually 1 to 1000.");
    assert!(price.to_string().contains("\"maximum\":10000.0"), "{price}");
    assert_eq!(schema["$defs"]["Region"]["additionalProperties"], false);
    assert_eq!(
        schema["$defs"]["Region"]["properties"]["outage_share"]["default"],
        0.02
    );
    let policies = schema["properties"]["policies"].to_string();
    assert!(
        policies.contains(r"^(regions|networks|shares)(\\.[A-Za-z0-9_-]+)*$"),
        "{policies}"
    );
    // Each point of a series may carry its own evidence.
    let points = schema["$defs"]["Region"]["properties"]["fuel_usd_per_mwh"].to_string();
    assert_eq!(points.matches("#/$defs/fact\"").count(), 2, "{points}");
    let dangling = schema.to_string();
    for name in dangling
        .split("\"#/$defs/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
}
