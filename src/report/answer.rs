//! The answer in one sentence, computed from the numbers; it can also say “not
//! distinguishable”, with the draws that would decide.

use super::evidence::{Evidence, ends};
use super::measures::{Measure, change};
use super::policies::{Effect, last_year, outcomes};
use super::winners::{leading, shock_name, span};
use super::words::{fixed, month_of, name, sentence_case};

/// Several policies: what they change. One: where the price of compute goes and who sells it.
#[must_use]
pub fn answer(evidence: &Evidence) -> String {
    let compared = evidence.manifest.policies.len() > 1;
    let sentence = if compared {
        effect(evidence)
    } else {
        shock(evidence)
    };
    sentence
        .or_else(|| outlook(evidence))
        .unwrap_or_else(|| "This run has no price of compute to report.".to_owned())
}

/// What the shock does to the first outcome: with it against the same draws without it.
fn shock(evidence: &Evidence) -> Option<String> {
    let effect = leading(evidence)?;
    let measure = Measure::of(&effect.outcome);
    let (low, high) = (effect.low?, effect.high?);
    let who = shock_name(&effect.without_shock);
    let when = span(evidence, effect.from_week, effect.to_week);
    let clear = low > 0.0 || high < 0.0;
    if !clear {
        let needed = effect.needed_draws.filter(|_| effect.difference != 0.0);
        let needed = needed.map_or_else(String::new, |draws| {
            format!("; about {} draws would decide", fixed(draws, 0))
        });
        let sentence = format!(
            "{who} does not move {} distinguishably in {when} at {} draws{needed}.",
            measure.subject(),
            effect.draws
        );
        return Some(sentence_case(&sentence));
    }
    let plural = effect.without_shock == "all";
    let verb = match (effect.difference > 0.0, plural) {
        (true, false) => "raises",
        (true, true) => "raise",
        (false, false) => "lowers",
        (false, true) => "lower",
    };
    let share = effect.difference / effect.control_mean;
    let relative = if share.is_finite() && !measure.unit.is_empty() && measure.unit != "%" {
        format!(
            " ({}%)",
            fixed(100.0 * share.abs(), if share.abs() < 0.095 { 1 } else { 0 })
        )
    } else {
        String::new()
    };
    Some(sentence_case(&format!(
        "{who} {verb} {} by {}{relative} in {when}, against the same draws without it (95% \
         interval {} to {}; {} of {} draws agree).",
        measure.subject(),
        measure
            .difference(effect.difference.abs())
            .trim_start_matches('+'),
        measure.difference(low),
        measure.difference(high),
        effect.agreeing_draws,
        effect.draws
    )))
}

fn outlook(evidence: &Evidence) -> Option<String> {
    let fan = evidence.fan(&evidence.shown, "h100e_price_usd_per_h")?;
    let (first, last) = ends(&fan.points)?;
    let price = Measure::of("h100e_price_usd_per_h");
    let range = fan
        .bands
        .last()
        .map_or_else(String::new, |(level, low, high)| {
            let end = |edge: &Vec<f64>| price.written(edge.last().copied().unwrap_or(f64::NAN));
            format!(" ({level}% of draws: {} to {})", end(low), end(high))
        });
    let seller = evidence
        .fan(&evidence.shown, "network_share")
        .and_then(|fan| ends(&fan.points))
        .map_or_else(String::new, |(_, share)| {
            let share = Measure::of("network_share").written(share / 100.0);
            format!("; decentralised networks sell {share} of all compute by then")
        });
    Some(format!(
        "The median price of an H100-equivalent hour {}, from {} to {} in {}{range}{seller}.",
        change(first, last),
        price.written(first),
        price.written(last),
        month_of(fan.points.last()?.0)
    ))
}

/// The policy that moves the first outcome most; where none does so beyond chance, that, and
/// the outcome that is moved most clearly.
fn effect(evidence: &Evidence) -> Option<String> {
    let (window, effects) = last_year(evidence)?;
    let listed = outcomes(evidence);
    let first = listed.first()?;
    let size = |effect: &Effect| effect.difference.abs();
    let of = |effect: &&Effect| effect.outcome == *first && effect.difference.is_finite();
    let strongest = effects
        .iter()
        .filter(of)
        .max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let reference = name(&evidence.manifest.reference);
    if strongest.clear() {
        return Some(sentence_case(&format!(
            "{}.",
            moves(strongest, &reference, &window)
        )));
    }
    let needed = if strongest.needed.is_finite() && strongest.difference != 0.0 {
        format!("; about {} draws would decide", fixed(strongest.needed, 0))
    } else {
        String::new()
    };
    // Clearest: farthest from zero in widths of its interval.
    let clarity = |effect: &Effect| size(effect) / (effect.high - effect.low);
    let other = effects
        .iter()
        .filter(|effect| effect.clear() && listed.contains(&effect.outcome))
        .max_by(|a, b| clarity(a).total_cmp(&clarity(b)));
    let other = other.map_or_else(String::new, |effect| {
        format!(
            " What moves most clearly: {}.",
            moves(effect, &reference, &window)
        )
    });
    Some(format!(
        "No policy moves {} distinguishably from “{reference}” in {window} at {} draws{needed}.\
         {other}",
        Measure::of(first).subject(),
        strongest.draws
    ))
}

fn moves(effect: &Effect, reference: &str, window: &str) -> String {
    let measure = Measure::of(&effect.outcome);
    format!(
        "against “{reference}”, “{}” {} {} by {} in {window} (95% interval {} to {}; {} of {} \
         draws agree)",
        name(&effect.policy),
        if effect.difference > 0.0 {
            "raises"
        } else {
            "lowers"
        },
        measure.subject(),
        measure
            .difference(effect.difference.abs())
            .trim_start_matches('+'),
        measure.difference(effect.low),
        measure.difference(effect.high),
        effect.agreeing,
        effect.draws
    )
}
