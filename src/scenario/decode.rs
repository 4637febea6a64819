//! From the checked tree to types. Check has seen every node, so decoding cannot fail; a breach
//! of that is a bug and panics with the place.

use std::collections::BTreeMap;

use super::date::Date;
use super::schema::{Choice, Names, Shape};
use super::tree::{Node, Value, parse_integer, parse_number};

/// A type that a scenario can hold.
pub trait Decode: Sized {
    const SHAPE: Shape;
    fn decode(node: &Node) -> Self;
}

/// A type that can name the entries of a map.
pub trait DecodeName: Sized + Ord {
    const NAMES: Names;
    fn decode_name(name: &str) -> Option<Self>;
}

/// Numbers at dates, in order of date.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub points: Vec<(Date, f64)>,
}

/// Numbers by hour or period: as written, or where they stand.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// The same number at all times.
    Constant(f64),
    List(Vec<f64>),
    /// A column of a file that lies beside the scenario.
    Column {
        csv: String,
        column: String,
    },
}

/// New values for dotted paths, applied by name (a policy).
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    pub node: Node,
}

#[cold]
fn unchecked(node: &Node, wanted: &str) -> ! {
    panic!("decode met a node that check let through: wanted {wanted}, found {node:?}")
}

impl Decode for f64 {
    const SHAPE: Shape = Shape::Number;
    fn decode(node: &Node) -> f64 {
        let number = node.text().and_then(parse_number);
        number.unwrap_or_else(|| unchecked(node, "a number"))
    }
}

macro_rules! decode_integer {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            const SHAPE: Shape = Shape::Integer;
            fn decode(node: &Node) -> $type {
                let number = node.text().and_then(parse_integer);
                let number = number.and_then(|number| <$type>::try_from(number).ok());
                number.unwrap_or_else(|| unchecked(node, stringify!($type)))
            }
        }
    )*};
}
decode_integer!(u8, u16, u32, u64, usize, i32, i64, i128);

impl Decode for bool {
    const SHAPE: Shape = Shape::Flag;
    fn decode(node: &Node) -> bool {
        match node.text() {
            Some("true") => true,
            Some("false") => false,
            _ => unchecked(node, "true or false"),
        }
    }
}

impl Decode for String {
    const SHAPE: Shape = Shape::Text;
    fn decode(node: &Node) -> String {
        node.text()
            .unwrap_or_else(|| unchecked(node, "a text"))
            .to_owned()
    }
}

impl Decode for Date {
    const SHAPE: Shape = Shape::Date;
    fn decode(node: &Node) -> Date {
        let date = node.text().and_then(|text| text.parse().ok());
        date.unwrap_or_else(|| unchecked(node, "a date"))
    }
}

impl Decode for Series {
    const SHAPE: Shape = Shape::Series;
    fn decode(node: &Node) -> Series {
        let points: BTreeMap<Date, f64> = BTreeMap::decode(node);
        Series {
            points: points.into_iter().collect(),
        }
    }
}

impl Decode for Numbers {
    const SHAPE: Shape = Shape::Numbers;
    fn decode(node: &Node) -> Numbers {
        match &node.value {
            Value::List(_) => Numbers::List(Vec::decode(node)),
            Value::Map(_) if node.get("csv").is_some() => Numbers::Column {
                csv: String::decode(node.field("csv")),
                column: String::decode(node.field("column")),
            },
            _ => Numbers::Constant(f64::decode(node)),
        }
    }
}

impl Decode for Patch {
    const SHAPE: Shape = Shape::Patch;
    fn decode(node: &Node) -> Patch {
        Patch { node: node.clone() }
    }
}

impl<T: Decode> Decode for Option<T> {
    const SHAPE: Shape = Shape::Optional(&T::SHAPE);
    fn decode(node: &Node) -> Option<T> {
        (!node.is_null()).then(|| T::decode(node))
    }
}

impl<T: Decode> Decode for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    fn decode(node: &Node) -> Vec<T> {
        match &node.value {
            Value::List(items) => items.iter().map(T::decode).collect(),
            _ => unchecked(node, "a list"),
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    fn decode(node: &Node) -> Box<T> {
        Box::new(T::decode(node))
    }
}

impl<K: DecodeName, T: Decode> Decode for BTreeMap<K, T> {
    const SHAPE: Shape = Shape::Map(K::NAMES, &T::SHAPE);
    fn decode(node: &Node) -> BTreeMap<K, T> {
        let Value::Map(entries) = &node.value else {
            unchecked(node, "a map")
        };
        let live = entries.iter().filter(|(_, value)| !value.is_null());
        live.map(|(key, value)| {
            let name = K::decode_name(&key.name);
            (
                name.unwrap_or_else(|| unchecked(node, "a name")),
                T::decode(value),
            )
        })
        .collect()
    }
}

impl DecodeName for String {
    const NAMES: Names = Names::Free;
    fn decode_name(name: &str) -> Option<String> {
        Some(name.to_owned())
    }
}

/// The name of a value anywhere in the tree, for example `chips.memory.lead_time_weeks`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DottedPath(pub String);

impl DecodeName for DottedPath {
    const NAMES: Names = Names::Path;
    fn decode_name(name: &str) -> Option<DottedPath> {
        Some(DottedPath(name.to_owned()))
    }
}

impl DecodeName for Date {
    const NAMES: Names = Names::Date;
    fn decode_name(name: &str) -> Option<Date> {
        name.parse().ok()
    }
}

/// Position of a checked name in its choice; used by [`choice!`](crate::choice).
pub fn option_index(choice: &Choice, node: &Node) -> usize {
    let text = node.text().unwrap_or_else(|| unchecked(node, choice.name));
    let found = choice.options.iter().position(|(name, _)| *name == text);
    found.unwrap_or_else(|| unchecked(node, choice.name))
}

/// The one tag of a checked alternative; used by [`tagged!`](crate::tagged).
pub fn only_tag(node: &Node) -> (&str, &Node) {
    let mut live = node.entries().iter().filter(|(_, value)| !value.is_null());
    match (live.next(), live.next()) {
        (Some((key, value)), None) => (key.name.as_str(), value),
        _ => unchecked(node, "exactly one tag"),
    }
}

/// Reports a tag that check should have refused; used by [`tagged!`](crate::tagged).
pub fn unknown_tag(node: &Node) -> ! {
    unchecked(node, "a known tag")
}

/// Declares records: the struct, its schema and its decoder at once.
#[macro_export]
macro_rules! record {
    ($(
        $(#[doc = $doc:literal])* $vis:vis struct $name:ident {
            $( $(#[doc = $field_doc:literal])* $field_vis:vis $field:ident : $type:ty
                $(=> $rule:expr)? ; )*
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $field_doc])* $field_vis $field: $type, )*
        }

        impl $crate::scenario::decode::Decode for $name {
            const SHAPE: $crate::scenario::schema::Shape = {
                #[allow(unused_imports)]
                use $crate::scenario::schema::{flag, integer, number, reference, text, typed};
                #[allow(unused_imports)]
                use $crate::scenario::schema::{Field, Record, Rule, Shape};
                static FIELDS: &[Field] = &[$( Field {
                    name: stringify!($field),
                    doc: concat!($($field_doc, "\n"),*),
                    shape: <$type as $crate::scenario::decode::Decode>::SHAPE,
                    rule: $crate::rule_or_none!($($rule)?),
                }, )*];
                static RECORD: Record = Record {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    fields: FIELDS,
                };
                Shape::Record(&RECORD)
            };

            #[allow(unused_variables)]
            fn decode(node: &$crate::scenario::tree::Node) -> Self {
                $name { $(
                    $field: $crate::scenario::decode::Decode::decode(
                        node.field(stringify!($field))
                    ),
                )* }
            }
        }
    )+};
}

/// Declares choices: one word out of a documented list.
#[macro_export]
macro_rules! choice {
    ($(
        $(#[doc = $doc:literal])* $vis:vis enum $name:ident {
            $( $(#[doc = $option_doc:literal])* $option:ident = $text:literal ),* $(,)?
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $vis enum $name { $( $(#[doc = $option_doc])* $option, )* }

        impl $name {
            /// Every option, in order of declaration.
            pub const ALL: &'static [$name] = &[$( $name::$option, )*];

            /// The word used in files and tables.
            pub fn name(self) -> &'static str {
                match self { $( $name::$option => $text, )* }
            }
        }

        const _: () = {
            static CHOICE: $crate::scenario::schema::Choice = $crate::scenario::schema::Choice {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),*),
                options: &[$( ($text, concat!($($option_doc, "\n"),*)), )*],
            };

            impl $crate::scenario::decode::Decode for $name {
                const SHAPE: $crate::scenario::schema::Shape =
                    $crate::scenario::schema::Shape::Choice(&CHOICE);
                fn decode(node: &$crate::scenario::tree::Node) -> Self {
                    $name::ALL[$crate::scenario::decode::option_index(&CHOICE, node)]
                }
            }

            impl $crate::scenario::decode::DecodeName for $name {
                const NAMES: $crate::scenario::schema::Names =
                    $crate::scenario::schema::Names::Choice(&CHOICE);
                fn decode_name(name: &str) -> Option<Self> {
                    $name::ALL.iter().copied().find(|option| option.name() == name)
                }
            }
        };
    )+};
}

/// Declares alternatives, written as a map with exactly one tag.
#[macro_export]
macro_rules! tagged {
    ($(
        $(#[doc = $doc:literal])* $vis:vis enum $name:ident {
            $( $(#[doc = $variant_doc:literal])* $variant:ident ( $type:ty ) = $text:literal
                $(=> $rule:expr)? ),* $(,)?
        }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis enum $name { $( $(#[doc = $variant_doc])* $variant($type), )* }

        impl $name {
            /// The tag used in files and tables.
            pub fn tag(&self) -> &'static str {
                match self { $( $name::$variant(_) => $text, )* }
            }
        }

        impl $crate::scenario::decode::Decode for $name {
            const SHAPE: $crate::scenario::schema::Shape = {
                #[allow(unused_imports)]
                use $crate::scenario::schema::{flag, integer, number, reference, text, typed};
                #[allow(unused_imports)]
                use $crate::scenario::schema::{Field, Rule, Shape, Tagged};
                static VARIANTS: &[Field] = &[$( Field {
                    name: $text,
                    doc: concat!($($variant_doc, "\n"),*),
                    shape: <$type as $crate::scenario::decode::Decode>::SHAPE,
                    rule: $crate::rule_or_none!($($rule)?),
                }, )*];
                static TAGGED: Tagged = Tagged {
                    name: stringify!($name),
                    doc: concat!($($doc, "\n"),*),
                    variants: VARIANTS,
                };
                Shape::Tagged(&TAGGED)
            };

            fn decode(node: &$crate::scenario::tree::Node) -> Self {
                match $crate::scenario::decode::only_tag(node) {
                    $( ($text, value) => {
                        $name::$variant($crate::scenario::decode::Decode::decode(value))
                    } )*
                    _ => $crate::scenario::decode::unknown_tag(node),
                }
            }
        }
    )+};
}

#[doc(hidden)]
#[macro_export]
macro_rules! rule_or_none {
    () => {
        $crate::scenario::schema::Rule::NONE
    };
    ($rule:expr) => {
        ($rule).rule()
    };
}
