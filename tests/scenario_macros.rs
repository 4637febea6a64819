//! The declaration macros: one text gives the struct, its schema and its decoder.

use std::collections::BTreeMap;

use wattflop::scenario::schema::{Default, Shape};
use wattflop::scenario::tree::{Key, Node, Place, Value};
use wattflop::scenario::{Date, Decode, Patch, Series};
use wattflop::{choice, record, tagged};

record! {
    /// One accelerator product.
    /// Second line.
    pub struct Chip {
        /// Dense throughput.
        pub bf16_tflops: f64 => number(0.0, 1e6).plausible(1.0, 5e4);
        /// Company.
        pub maker: String => reference("chips.makers");
        /// Generation.
        pub class: Class;
        /// First week.
        pub release: Date;
        /// Share of hours down.
        pub outage_share: f64 => number(0.0, 1.0).default(0.02);
        /// How many.
        pub count: u64 => integer(0, 1_000_000);
        /// Prices.
        pub path: Series;
        /// Rule.
        pub emission: Option<Emission>;
        /// Areas.
        pub areas: Vec<String> => reference("regions");
        /// Shares of the generations.
        pub shares: BTreeMap<Class, f64> => number(0.0, 1.0).empty();
        /// Sold.
        pub sold: bool => flag().default(true);
    }

    /// Halves.
    pub struct Halving {
        /// Tokens of the first year.
        pub first_year_tokens: u64 => integer(0, 1_000_000_000);
    }

    /// A file.
    pub struct File {
        /// Plants.
        pub stack: BTreeMap<String, Halving>;
        /// Policies.
        pub policies: BTreeMap<String, Patch> => typed().empty();
    }
}

choice! {
    /// Generation.
    pub enum Class {
        /// Hopper and peers.
        Hopper = "hopper",
        /// Blackwell and peers.
        Blackwell = "blackwell",
    }
}

tagged! {
    /// How tokens are created.
    pub enum Emission {
        /// Halves.
        Halving(Halving) = "halving",
        /// A fixed share.
        Share(f64) = "share" => number(0.0, 1.0),
    }
}

fn scalar(text: &str) -> Node {
    Node::scalar(text, Place::DEFAULT)
}

fn map(entries: &[(&str, Node)]) -> Node {
    let entries = entries.iter().map(|(name, node)| {
        (
            Key {
                name: (*name).to_owned(),
                at: Place::DEFAULT,
            },
            node.clone(),
        )
    });
    Node::new(Value::Map(entries.collect()), Place::DEFAULT)
}

#[test]
fn a_record_decodes_every_kind_of_field() {
    let node = map(&[
        (
            "bf16_tflops",
            map(&[("value", scalar("989")), ("source", scalar("maker"))]),
        ),
        ("maker", scalar("nvidia")),
        ("class", scalar("blackwell")),
        ("release", scalar("2025-11-03")),
        ("outage_share", scalar("0.5")),
        ("count", scalar("12_000")),
        (
            "path",
            map(&[("2026-01-01", scalar("4")), ("2025-01-01", scalar("3e0"))]),
        ),
        ("emission", map(&[("share", scalar("0.25"))])),
        (
            "areas",
            Node::new(Value::List(vec![scalar("no")]), Place::DEFAULT),
        ),
        ("shares", map(&[("hopper", scalar("1.0"))])),
        ("sold", scalar("false")),
    ]);
    let chip = Chip::decode(&node);
    assert_eq!(chip.bf16_tflops, 989.0);
    assert_eq!(
        (chip.maker.as_str(), chip.class.name()),
        ("nvidia", "blackwell")
    );
    assert_eq!(chip.release, Date::new(2025, 11, 3).unwrap());
    assert_eq!(
        (chip.outage_share, chip.count, chip.sold),
        (0.5, 12_000, false)
    );
    let dates: Vec<String> = chip
        .path
        .points
        .iter()
        .map(|(date, _)| date.to_string())
        .collect();
    assert_eq!(dates, ["2025-01-01", "2026-01-01"]);
    assert_eq!(chip.emission, Some(Emission::Share(0.25)));
    assert_eq!(chip.areas, ["no"]);
    assert_eq!(chip.shares[&Class::Hopper], 1.0);
    assert_eq!(Class::ALL.len(), 2);
}

#[test]
fn the_schema_holds_docs_ranges_and_defaults() {
    let Shape::Record(record) = Chip::SHAPE else {
        panic!("{:?}", Chip::SHAPE)
    };
    assert_eq!(record.doc, " One accelerator product.\n Second line.\n");
    let field = record.field("bf16_tflops").unwrap();
    assert_eq!(
        (field.rule.range, field.rule.plausible),
        (Some((0.0, 1e6)), Some((1.0, 5e4)))
    );
    assert!(field.is_required());
    let field = record.field("outage_share").unwrap();
    assert_eq!(
        (field.rule.default, field.is_required()),
        (Default::Number(0.02), false)
    );
    assert!(!record.field("emission").unwrap().is_required());
    assert_eq!(
        record.field("areas").unwrap().rule.reference,
        Some("regions")
    );
    assert!(matches!(File::SHAPE, Shape::Record(file) if file.fields.len() == 2));
}
