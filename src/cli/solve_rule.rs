//! `wattflop solve rule [NAME --set INPUT=VALUE…]`: one rule of a token protocol for one value.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Outcome, print_json};
use crate::market::protocols::Whole;
use crate::market::protocols::rules::{Answer, Rule};
use crate::scenario::suggest::hint;

#[derive(clap::Args)]
pub struct Args {
    /// A rule; without one the catalogue of all rules is printed
    name: Option<String>,
    /// Give an input, for example gas_used=10000000
    #[arg(long = "set", value_name = "INPUT=VALUE")]
    sets: Vec<String>,
    /// Accepted by every command; the answer is JSON anyway
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let Some(name) = &args.name else {
        if !args.sets.is_empty() {
            return Outcome::Input("error: --set needs the name of a rule before it".to_owned());
        }
        return print_json(&catalogue());
    };
    match value(name, &args.sets) {
        Ok(value) => print_json(&Value::Object(Map::from_iter([(name.clone(), value)]))),
        Err(message) => Outcome::Input(format!("error: {message}")),
    }
}

/// Every rule with its inputs, output and source.
fn catalogue() -> Value {
    let mut out = Map::new();
    for rule in Rule::all() {
        let mut inputs = Map::new();
        for input in rule.inputs {
            let mut shown = json!({ "type": input.kind.name(), "unit": input.unit });
            if let Some(default) = input.default {
                shown["default"] = json!(default);
            }
            inputs.insert(input.name.to_owned(), shown);
        }
        let (kind, unit) = rule.output;
        let shown = json!({
            "inputs": inputs,
            "output": { "type": kind.name(), "unit": unit },
            "source": rule.source,
        });
        out.insert(rule.name.to_owned(), shown);
    }
    Value::Object(out)
}

fn value(name: &str, sets: &[String]) -> Result<Value, String> {
    let help = |text: Option<String>| text.map_or(String::new(), |text| format!("; {text}"));
    let Some(rule) = Rule::named(name) else {
        let known = hint(name, Rule::all().map(|rule| rule.name));
        return Err(format!("no rule is called `{name}`{}", help(known)));
    };
    let mut given = BTreeMap::new();
    for set in sets {
        let Some((input, text)) = set.split_once('=') else {
            return Err(format!("`--set {set}` is not INPUT=VALUE"));
        };
        let names = rule.inputs.iter().map(|input| input.name);
        if !names.clone().any(|known| known == input) {
            let known = hint(input, names);
            return Err(format!("`{name}` has no input `{input}`{}", help(known)));
        }
        if given.insert(input.to_owned(), text.to_owned()).is_some() {
            return Err(format!("`{input}` is given twice"));
        }
    }
    let answer = rule.answer(&given).map_err(|text| {
        let inputs: Vec<&str> = rule.inputs.iter().map(|input| input.name).collect();
        format!("`{name}`: {text}; its inputs are {}", inputs.join(", "))
    })?;
    shown(&answer).ok_or_else(|| format!("`{name}` has no finite value for these inputs"))
}

/// Whole numbers beyond 2^53 and decimals are texts: a reader of JSON would round them.
fn shown(answer: &Answer) -> Option<Value> {
    Some(match answer {
        Answer::Integer(whole) => {
            let limit = Whole::from(1_u64 << 53);
            let is_exact = *whole <= limit && *whole >= -limit;
            match i64::try_from(whole) {
                Ok(small) if is_exact => json!(small),
                _ => json!(whole.to_string()),
            }
        }
        Answer::Decimal(decimal) => json!(decimal.to_string()),
        Answer::Number(number) if number.is_finite() => json!(number),
        Answer::Number(_) => return None,
        Answer::Text(text) => json!(text),
    })
}
