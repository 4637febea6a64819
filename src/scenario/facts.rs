//! A number with its evidence: `{ value: 0.35, low: 0.2, high: 0.5, source: KEY, date: 2025-10,
//! status: measured, note: text }`. Facts of the catalogue must be sourced.

use super::check::{Check, shorten};
use super::numbers::numeric_paths;
use super::problem::Problem;
use super::schema::Record;
use super::suggest::hint;
use super::tree::{Key, Node, Value, parse_number};
use crate::units::unit_of;

pub const FACT_KEYS: [&str; 8] = [
    "value", "low", "high", "source", "date", "status", "note", "unit",
];
/// How a number became known.
pub const STATUSES: [&str; 4] = ["measured", "governance", "fitted", "assumed"];

/// Is this map a number with its evidence?
pub fn is_fact(node: &Node) -> bool {
    node.get("value").is_some()
}

/// What a leaf decodes from: the value of a fact, or the node itself.
pub fn payload(node: &Node) -> &Node {
    node.get("value").unwrap_or(node)
}

/// Checks the evidence; the value itself is checked by the caller.
pub fn check_fact(check: &mut Check<'_>, node: &Node, value: Option<f64>, name: &str) {
    if !is_fact(node) {
        return;
    }
    for (key, part) in node.entries() {
        check_part(check, key, part, name);
    }
    let bound = |name: &str| node.get(name).and_then(Node::text).and_then(parse_number);
    let (low, high) = (bound("low"), bound("high"));
    if let Some(value) = value {
        let below = low.is_some_and(|low| value < low);
        let above = high.is_some_and(|high| value > high);
        if below || above {
            let side = if below { "`low`" } else { "`high`" };
            let path = check.path.join(".");
            let message = format!("the value of `{path}` lies outside its own {side}");
            check
                .problems
                .push(Problem::error(payload(node).at, message));
        }
    }
    if check.texts.in_catalogue(payload(node).at.text) {
        check_evidence(check, node, low.is_some() && high.is_some());
    }
}

fn check_evidence(check: &mut Check<'_>, node: &Node, bounded: bool) {
    let path = check.path.join(".");
    let at = payload(node).at;
    let assumed = node.get("status").and_then(Node::text) == Some("assumed");
    if assumed && !bounded {
        let message = format!("`{path}` is assumed and has no `low` and `high`");
        check.problems.push(Problem::error(at, message));
    }
    if !assumed && node.get("source").is_none() {
        let message = format!("`{path}` has no source");
        let help = "`source: KEY` of the `sources:` block, or `status: assumed` with a range";
        check.problems.push(Problem::error(at, message).help(help));
    }
}

fn check_part(check: &mut Check<'_>, key: &Key, part: &Node, name: &str) {
    let path = check.path.join(".");
    let text = match &part.value {
        Value::Scalar { text, .. } => Some(text.as_str()),
        _ => None,
    };
    let wrong = match key.name.as_str() {
        "value" => None,
        "low" | "high" => (text.and_then(parse_number).is_none()).then_some("a number"),
        "source" => {
            if let Some(text) = text {
                check.refers("sources", text, part.at);
            }
            text.is_none().then_some("a key of `sources`")
        }
        "status" => (!text.is_some_and(|text| STATUSES.contains(&text)))
            .then_some("measured, governance, fitted or assumed"),
        "unit" => match (text, unit_of(name)) {
            (Some(text), Some(unit)) if !same_unit(text, &unit.to_string()) => {
                let message = format!("`{path}` is in {unit}, not {}", shorten(text));
                check.problems.push(Problem::error(part.at, message));
                None
            }
            _ => text.is_none().then_some("a text"),
        },
        "note" => text.is_none().then_some("a text"),
        "date" => (!text.is_some_and(is_loose_date)).then_some("a year, month or day"),
        other => {
            let message = format!("unknown key `{}` in the fact `{path}`", shorten(other));
            let help = hint(other, FACT_KEYS.iter().copied());
            check
                .problems
                .push(Problem::error(key.at, message).maybe_help(help));
            None
        }
    };
    if let Some(wanted) = wrong {
        let message = format!("`{}` of `{path}` wants {wanted}", key.name);
        check.problems.push(Problem::error(part.at, message));
    }
}

/// `source` and `note` of a whole block stand for all plain numbers in it.
pub fn check_block_key(check: &mut Check<'_>, key: &Key, value: &Node) {
    match (&value.value, key.name.as_str()) {
        (Value::Scalar { text, .. }, "source") => check.refers("sources", text, value.at),
        (Value::Scalar { .. }, _) => {}
        _ => {
            let message = format!("`{}` of a block wants a text", key.name);
            check.problems.push(Problem::error(value.at, message));
        }
    }
}

fn same_unit(written: &str, known: &str) -> bool {
    let plain = |text: &str| {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.collect::<String>().to_lowercase()
    };
    plain(written) == plain(known)
}

/// `2025`, `2025-10` or `2025-10-31`.
fn is_loose_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, length| part.len() == length && part.parse::<u32>().is_ok();
    match parts.as_slice() {
        [year] => digits(year, 4),
        [year, month] => digits(year, 4) && digits(month, 2) && ("01"..="12").contains(month),
        _ => text.parse::<super::Date>().is_ok(),
    }
}

/// How the numbers of a tree are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    pub measured: usize,
    pub governance: usize,
    pub fitted: usize,
    pub assumed: usize,
    /// Paths of numbers that say nothing about themselves.
    pub bare: Vec<String>,
}

impl Survey {
    /// Numbers that say how they are known.
    pub fn known(&self) -> usize {
        self.measured + self.governance + self.fitted + self.assumed
    }
}

/// Surveys every number of the model; a `source` of a block speaks for its plain numbers.
pub fn survey(root: &'static Record, tree: &Node) -> Survey {
    let mut survey = Survey::default();
    for number in numeric_paths(root, tree) {
        let (mut node, mut status, mut sourced) = (tree, None, false);
        for name in number.path.split('.') {
            let (here, inner) = (node, payload(node));
            let child = match &inner.value {
                Value::List(items) => name.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => here.get(name).or_else(|| inner.get(name)),
            };
            let Some(child) = child else { break };
            node = child;
            // A record's own word holds for what was written in the same text.
            let source = node
                .get("source")
                .filter(|source| source.at.text == number.at.text);
            sourced |= source.is_some();
            status = node.get("status").and_then(Node::text).or(status);
        }
        match status {
            Some("assumed") => survey.assumed += 1,
            Some("governance") => survey.governance += 1,
            Some("fitted") => survey.fitted += 1,
            _ if sourced => survey.measured += 1,
            _ => survey.bare.push(number.path),
        }
    }
    survey
}
