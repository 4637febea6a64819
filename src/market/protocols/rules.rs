//! The catalogue of rules: one value from named inputs, each with its unit and source.

use std::collections::BTreeMap;

use super::Whole;
use super::decimal::Decimal;
use super::{table_burning, table_emission, table_markets};

/// What an input or output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole, not negative, of any length.
    Integer,
    /// At most 18 digits after the point, exact.
    Decimal,
    /// A binary number of 64 bits.
    Number,
    Text,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::Decimal => "decimal",
            Kind::Number => "number",
            Kind::Text => "text",
        }
    }
}

/// One input of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    pub name: &'static str,
    pub kind: Kind,
    pub unit: &'static str,
    /// Taken when the input is not given; none where it must be.
    pub default: Option<&'static str>,
}

/// An input of a rule, for the tables.
pub(super) const fn input(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    default: Option<&'static str>,
) -> Input {
    Input {
        name,
        kind,
        unit,
        default,
    }
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub inputs: &'static [Input],
    pub output: (Kind, &'static str),
    pub source: &'static str,
    pub value: fn(&Given) -> Result<Answer, String>,
}

/// What a rule answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Integer(Whole),
    Decimal(Decimal),
    Number(f64),
    Text(&'static str),
}

impl From<Whole> for Answer {
    fn from(value: Whole) -> Answer {
        Answer::Integer(value)
    }
}
impl From<u64> for Answer {
    fn from(value: u64) -> Answer {
        Answer::Integer(Whole::from(value))
    }
}
impl From<u128> for Answer {
    fn from(value: u128) -> Answer {
        Answer::Integer(Whole::from(value))
    }
}
impl From<Decimal> for Answer {
    fn from(value: Decimal) -> Answer {
        Answer::Decimal(value)
    }
}
impl From<f64> for Answer {
    fn from(value: f64) -> Answer {
        Answer::Number(value)
    }
}
impl From<&'static str> for Answer {
    fn from(value: &'static str) -> Answer {
        Answer::Text(value)
    }
}

/// Inputs as they were given, every one read and found to be of its kind.
#[derive(Clone, Debug, Default)]
pub struct Given {
    texts: BTreeMap<&'static str, String>,
}

/// A value of one input, read from its text.
fn check(input: &Input, text: &str) -> Result<(), String> {
    let wrong = |wanted: &str| Err(format!("`{}` is {wanted}, not `{text}`", input.name));
    match input.kind {
        Kind::Integer if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => Ok(()),
        Kind::Integer => wrong("a whole number from 0"),
        Kind::Decimal if text.parse::<Decimal>().is_ok() => Ok(()),
        Kind::Decimal => wrong("a decimal of at most 18 digits after the point"),
        Kind::Number if text.parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
        Kind::Number => wrong("a number"),
        Kind::Text => Ok(()),
    }
}

impl Rule {
    /// The value for the given inputs; the text of an error says which input is wrong.
    pub fn answer(&self, given: &BTreeMap<String, String>) -> Result<Answer, String> {
        let mut read = Given::default();
        for input in self.inputs {
            let text = given.get(input.name).map(String::as_str).or(input.default);
            let Some(text) = text else { continue };
            let text = text.replace('_', "");
            check(input, &text)?;
            read.texts.insert(input.name, text);
        }
        let missing: Vec<&str> = (self.inputs.iter())
            .filter(|input| !read.texts.contains_key(input.name))
            .map(|input| input.name)
            .collect();
        if !missing.is_empty() {
            return Err(format!("missing: {}", missing.join(", ")));
        }
        (self.value)(&read)
    }

    /// Every rule.
    pub fn all() -> impl Iterator<Item = &'static Rule> + Clone {
        let tables = [
            table_markets::RULES,
            table_burning::RULES,
            table_emission::RULES,
        ];
        tables.into_iter().flatten()
    }

    /// The rule of that name.
    pub fn named(name: &str) -> Option<&'static Rule> {
        Rule::all().find(|rule| rule.name == name)
    }
}

impl Given {
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
    pub fn whole(&self, name: &str) -> Whole {
        self.text(name).parse().unwrap_or(Whole::ZERO)
    }
    pub fn decimal(&self, name: &str) -> Decimal {
        self.text(name).parse().unwrap_or(Decimal(Whole::ZERO))
    }
    pub fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(f64::NAN)
    }
    /// A whole number that the protocol keeps in 64 bits.
    pub fn u64(&self, name: &str) -> Result<u64, String> {
        let text = self.text(name);
        text.parse()
            .map_err(|_| format!("`{name}` must fit into 64 bits, as on chain"))
    }
    /// A whole number that the protocol keeps in 32 bits.
    pub fn u32(&self, name: &str) -> Result<u32, String> {
        let text = self.text(name);
        text.parse()
            .map_err(|_| format!("`{name}` must fit into 32 bits, as on chain"))
    }
}
