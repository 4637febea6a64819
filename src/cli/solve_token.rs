//! `wattflop solve token FILE`: how much of a token will exist, and where.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::question::{Question, keep, warn};
use super::{Outcome, print_json};
use crate::market::protocols::presets::{Feed, MARKET, Preset, instead, resolve};
use crate::market::protocols::replay::{Plan, Replayed, replay};
use crate::market::protocols::settlement::{Alarm, Seen};
use crate::market::protocols::supply::Account;
use crate::scenario::Decode;
use crate::scenario::load::{Loaded, load_as};
use crate::scenario::problem::{Problem, Problems};
use crate::scenario::solve::series::{Columns, Course};
use crate::scenario::solve::token::{TokenCase, verify};
use crate::scenario::suggest::hint;
use crate::scenario::tree::Node;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    question: Question,
}

pub fn run(args: Args) -> Outcome {
    let asked = &args.question;
    let (plan, preset, loaded) = match prepare(&asked.file, &asked.sets) {
        Ok(ready) => ready,
        Err(problems) => return asked.refuse(&problems),
    };
    let start = Instant::now();
    let replayed = replay(&plan);
    let seconds = start.elapsed().as_secs_f64();
    let replayed = match replayed {
        Ok(replayed) => replayed,
        Err(text) => {
            let mut message = format!("error: {text}");
            for unknown in &preset.unknown {
                let _ = write!(message, "\n  not known: {unknown}");
            }
            let _ = write!(message, "\n  --> {}", asked.file.display());
            return Outcome::Input(message);
        }
    };
    let warnings = alarms(&replayed);
    for warning in &warnings {
        eprintln!("warning: {warning}");
    }
    let answer = summary(&plan, &preset, &replayed, (seconds, &warnings));
    let files = [
        ("supply.csv", table(&plan, &preset, &replayed)),
        ("token.json", format!("{answer:#}\n")),
    ];
    if let Err(outcome) = keep(&asked.folder(&loaded), &files) {
        return outcome;
    }
    print_json(&answer)
}

/// Reads the file, its series and its preset; every problem has its place.
pub fn prepare(file: &Path, sets: &[String]) -> Result<(Plan, Preset, Loaded), Problems> {
    let mut loaded = load_as::<TokenCase>(file, sets, verify)?;
    warn(&loaded);
    let case = TokenCase::decode(&loaded.tree);
    let preset = resolve(&case.network, case.horizon.period);
    let network = loaded.tree.field("network").clone();
    let mut problems = Vec::new();
    for (block, message) in &preset.needs {
        let at = network.field("preset").at;
        problems.push(Problem::error(at, *message).help(format!("`network.{block}` is missing")));
    }
    let horizon = loaded.tree.field("horizon");
    let length_h = preset.period_h(case.horizon.period);
    if length_h.is_none() {
        let period = case.horizon.period.name();
        let message = format!("this network has no {period} of its own: use hour, day or week");
        problems.push(Problem::error(horizon.field("period").at, message));
    }
    let periods = case.horizon.periods as usize;
    let mut columns = Columns::new(file, &mut loaded.texts, &mut problems);
    let series = courses(&mut columns, &network, &preset, periods);
    check_daily(&case, &preset, horizon, &mut problems);
    if problems.iter().any(Problem::is_error) {
        return Err(Problems::new(loaded.texts, problems));
    }
    if !problems.is_empty() {
        eprintln!("{}", Problems::new(loaded.texts.clone(), problems));
    }
    let plan = Plan {
        digits: preset.digits,
        start: case.horizon.start,
        periods,
        length_h: length_h.unwrap_or(24.0),
        emission: preset.emission.clone(),
        settlement: preset.settlement.clone(),
        collateral: preset.collateral.clone(),
        vesting: preset.vesting.clone(),
        series,
        opening: case.network.opening,
    };
    Ok((plan, preset, loaded))
}

/// Every series that the network reads; keys that nobody knows are problems.
fn courses(
    columns: &mut Columns<'_>,
    network: &Node,
    preset: &Preset,
    periods: usize,
) -> BTreeMap<String, Course> {
    let mut series = BTreeMap::new();
    let given = network.field("series");
    let feeds = preset.feeds();
    let names = feeds.iter().map(|feed| feed.name).chain(MARKET);
    unknown_keys(given, names, columns.problems);
    idle(given, &feeds, columns.problems);
    for feed in &feeds {
        let course = match given.get(feed.name).filter(|node| !node.is_null()) {
            Some(node) => read(columns, feed, node, periods),
            None => None,
        };
        if let Some(course) = course {
            series.insert(feed.name.to_owned(), course);
        } else if feed.is_needed && given.get(feed.name).is_none() {
            let (name, taken) = (feed.name, instead(feed.name));
            let message = format!("the series `{name}` is not given: {taken}");
            columns.problems.push(Problem::warning(network.at, message));
        }
    }
    let known = preset.openings();
    unknown_keys(
        network.field("opening"),
        known.into_iter(),
        columns.problems,
    );
    series
}

/// Series of the market that no mechanism of this network reads.
fn idle(given: &Node, feeds: &[Feed], problems: &mut Vec<Problem>) {
    for (key, _) in given.entries() {
        let is_read = feeds.iter().any(|feed| feed.name == key.name);
        if !is_read && MARKET.contains(&key.name.as_str()) {
            let message = format!("no mechanism of this network reads `{}`", key.name);
            problems.push(Problem::warning(key.at, message));
        }
    }
}

/// The peer's closed form knows days only.
fn check_daily(case: &TokenCase, preset: &Preset, horizon: &Node, problems: &mut Vec<Problem>) {
    use crate::scenario::solve::token::{BaselineReading, TokenEmission, TokenPeriod};
    let Some(TokenEmission::BaselineMinting(rule)) = &preset.emission else {
        return;
    };
    if rule.reading != BaselineReading::Daily {
        return;
    }
    if case.horizon.period != TokenPeriod::Day {
        let message = "the daily reading of storage minting needs `period: day`";
        let help = "`reading: actors` goes epoch by epoch, as the protocol";
        problems.push(Problem::error(horizon.at, message).help(help));
    }
}

fn unknown_keys(
    given: &Node,
    known: impl Iterator<Item = &'static str> + Clone,
    problems: &mut Vec<Problem>,
) {
    for (key, _) in given.entries() {
        if !known.clone().any(|name| name == key.name) {
            let message = format!("no mechanism of this network reads `{}`", key.name);
            let help = hint(&key.name, known.clone());
            problems.push(Problem::error(key.at, message).maybe_help(help));
        }
    }
}

fn read(columns: &mut Columns<'_>, feed: &Feed, node: &Node, periods: usize) -> Option<Course> {
    let course = columns.course(node, feed.range)?;
    let (low, high) = feed.range;
    let length = course.length().unwrap_or(periods);
    if length < periods {
        let message = format!("`{}` has {length} of {periods} periods", feed.name);
        columns.problems.push(Problem::error(node.at, message));
        return None;
    }
    let spread = course.spread(length);
    if let Some(wrong) = spread.iter().find(|value| !(low..=high).contains(*value)) {
        let message = format!("`{}: {wrong}` must lie in {low} to {high}", feed.name);
        columns.problems.push(Problem::error(node.at, message));
        return None;
    }
    Some(course)
}

/// Base units as tokens: the nearest f64.
fn tokens(units: i128, per_token: i128) -> f64 {
    let (whole, rest) = (units / per_token, units % per_token);
    whole as f64 + rest as f64 / per_token as f64
}

/// supply.csv: flows of each period and stocks at its end.
fn table(plan: &Plan, preset: &Preset, replayed: &Replayed) -> String {
    let (flows, accounts) = (preset.flows(), preset.accounts());
    let mut out = String::from("period,date");
    for flow in &flows {
        let _ = write!(out, ",{}", flow.column());
    }
    out.push_str(",locked_tokens");
    for account in &accounts {
        let _ = write!(out, ",{}", account.column());
    }
    out.push_str(",total_tokens\n");
    for (period, entry) in replayed.entries.iter().enumerate() {
        let (date, hours) = plan.moment(period);
        let _ = write!(out, "{period},{date}");
        let within = hours - (hours / 24.0).floor() * 24.0;
        if plan.length_h < 24.0 || within > 0.0 {
            let seconds = (within * 3_600.0 + 0.5) as u32;
            let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
            let _ = write!(out, "T{hour:02}:{minute:02}:{:02}", seconds % 60);
        }
        let mut put = |units: i128| {
            let _ = write!(out, ",{}", tokens(units, replayed.per_token));
        };
        for flow in &flows {
            put(entry.flow(*flow));
        }
        put(entry.stock(Account::LockedRewards) + entry.stock(Account::Pledge));
        for account in &accounts {
            put(entry.stock(*account));
        }
        put(Account::ALL
            .iter()
            .map(|account| entry.stock(*account))
            .sum());
        out.push('\n');
    }
    out
}

fn summary(
    plan: &Plan,
    preset: &Preset,
    replayed: &Replayed,
    (seconds, warnings): (f64, &[String]),
) -> Value {
    let shown = |units: i128| json!(tokens(units, replayed.per_token));
    let mut totals = Map::new();
    let mut exact = Map::new();
    for flow in preset.flows() {
        let sum: i128 = replayed.entries.iter().map(|entry| entry.flow(flow)).sum();
        totals.insert(flow.column().to_owned(), shown(sum));
        exact.insert(flow.column().to_owned(), json!(sum.to_string()));
    }
    let mut stocks = Map::new();
    if let Some(last) = replayed.entries.last() {
        let locked = last.stock(Account::LockedRewards) + last.stock(Account::Pledge);
        stocks.insert("locked_tokens".to_owned(), shown(locked));
        for account in preset.accounts() {
            stocks.insert(account.column().to_owned(), shown(last.stock(account)));
        }
        let total = Account::ALL
            .iter()
            .map(|account| last.stock(*account))
            .sum();
        stocks.insert("total_tokens".to_owned(), shown(total));
    }
    let mut out = json!({
        "seconds": seconds,
        "periods": plan.periods,
        "residual": i64::try_from(replayed.residual).unwrap_or(i64::MAX),
        "totals": totals,
        "totals_base_units": exact,
        "closing": stocks,
        "digits": plan.digits,
        "unknown": preset.unknown,
        "assumed": preset.assumed,
        "warnings": warnings,
    });
    if let Some(inflation) = replayed.inflation {
        out["closing_inflation"] = json!(inflation);
    }
    if replayed.settler.redirected != 0 {
        out["redirected_to_stakers_tokens"] = shown(replayed.settler.redirected);
    }
    out
}

/// What a designer should know, in words.
fn alarms(replayed: &Replayed) -> Vec<String> {
    let list = replayed.settler.alarms.iter();
    list.map(|(alarm, seen)| sentence(*alarm, *seen)).collect()
}

fn sentence(alarm: Alarm, seen: Seen) -> String {
    let Seen { times, first, most } = seen;
    let when = format!("in {times} periods, first in period {first}");
    match alarm {
        Alarm::BurnMintedTwice => format!(
            "one burn backs two mints: re-emission and top-up exceed the smoothed burn {when}, by \
             up to {most} tokens a period; net supply grows beyond the schedule"
        ),
        Alarm::UnboundedFloor => format!(
            "the floor mints without bound: the top-up exceeds the schedule {when}, up to {most} \
             times; a falling price makes it larger still"
        ),
        Alarm::NoPrice => {
            format!("no price that can be trusted {when}: what needs one stood still")
        }
        Alarm::VaultHalted => format!(
            "the vault's collateral ratio stopped new credits {when}; up to {most} USD a period \
             were turned away (an empty vault reads 0: see `opening.vault_tokens`)"
        ),
        Alarm::VaultWarned => format!("the vault's collateral ratio was at its warning {when}"),
        Alarm::VaultShort => format!(
            "credits did not suffice and tokens were newly minted {when}, up to {most} a period"
        ),
        Alarm::SwapRefused => format!("amounts too small for a base unit were refused {when}"),
        Alarm::Unpaid => format!(
            "both vaults together could not pay what was owed {when}: up to {most} tokens a period"
        ),
        Alarm::NothingLeft => format!(
            "more was to be burnt or deposited than circulates {when}: up to {most} tokens missing; \
             was `opening.circulating_tokens` given?"
        ),
        Alarm::Unsustainable => {
            format!("fees stay below the target {when}: at worst by a share of {most}")
        }
    }
}
