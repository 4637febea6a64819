//! Guesses at what the user meant: names that look alike, numbers in another unit.

use super::schema::{Field, Record, Shape};
use crate::units::{Unit, number_text};

/// The candidate that looks most like `name`, if one is close enough.
pub fn similar<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = edits(&name.to_lowercase(), &candidate.to_lowercase());
        let limit = 1 + name.len().max(candidate.len()) / 4;
        let part = name.len() >= 4 && (candidate.starts_with(name) || candidate.ends_with(name));
        let cost = if part { distance.min(limit) } else { distance };
        if cost <= limit && best.is_none_or(|(known, _)| cost < known) {
            best = Some((cost, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or the whole list where it is short.
pub fn hint<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(candidate) = similar(name, candidates.clone()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    let all: Vec<&str> = candidates.collect();
    match all.len() {
        0 => None,
        1..=12 => Some(format!("known here: {}", all.join(", "))),
        count => Some(format!(
            "known here: {} and {} more",
            all[..6].join(", "),
            count - 6
        )),
    }
}

/// Dotted paths of the blocks that know a key of this name; entries stand as `*`.
pub fn paths_called(root: &'static Record, name: &str) -> Vec<String> {
    fn walk(shape: Shape, steps: &mut Vec<&'static str>, name: &str, out: &mut Vec<String>) {
        let fields: &'static [Field] = match shape.inner() {
            Shape::Record(record) => record.fields,
            Shape::Tagged(tagged) => tagged.variants,
            Shape::Map(_, inner) => {
                steps.push("*");
                walk(*inner, steps, name, out);
                steps.pop();
                return;
            }
            Shape::List(inner) => return walk(*inner, steps, name, out),
            _ => return,
        };
        for field in fields {
            if field.name == name && !steps.is_empty() {
                out.push(steps.join("."));
            }
            steps.push(field.name);
            walk(field.shape, steps, name, out);
            steps.pop();
        }
    }
    let mut out = Vec::new();
    walk(Shape::Record(root), &mut Vec::new(), name, &mut out);
    out
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<usize>>()];
    for i in 1..=from.len() {
        let mut row = vec![i; to.len() + 1];
        for j in 1..=to.len() {
            let same = from[i - 1] == to[j - 1];
            let mut cost = (rows[i - 1][j] + 1).min(row[j - 1] + 1);
            cost = cost.min(rows[i - 1][j - 1] + usize::from(!same));
            let swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if swapped {
                cost = cost.min(rows[i - 2][j - 2] + 1);
            }
            row[j] = cost;
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

/// A guess at a number outside `range`: another unit of the same size, or percent for a share.
pub fn other_unit(value: f64, range: (f64, f64), unit: Option<&Unit>) -> Option<String> {
    let fits = |guess: f64| guess != 0.0 && guess >= range.0 && guess <= range.1;
    if unit.is_some_and(Unit::is_share) && value > 1.0 && fits(value / 100.0) {
        let share = number_text(value / 100.0);
        return Some(format!(
            "a share is 0 to 1: did you mean {share} ({value} %)?"
        ));
    }
    // Just outside the range is no other unit.
    let far = |bound: f64| value.abs() > 3.0 * bound.abs() || 3.0 * value.abs() < bound.abs();
    let plain =
        unit.is_some_and(Unit::is_share) || !far(if value > range.1 { range.1 } else { range.0 });
    let factors: &[f64] = if plain {
        &[]
    } else {
        &[1e3, 1e-3, 1e6, 1e-6, 1e2, 1e-2]
    };
    for &factor in factors {
        let guess = value * factor;
        if !fits(guess) {
            continue;
        }
        let guess = number_text(guess);
        return Some(match unit {
            Some(unit) => match unit.scaled(factor) {
                Some(other) => {
                    format!("the unit is {unit}: did you mean {guess} ({value} {other})?")
                }
                None => format!("the unit is {unit}: did you mean {guess}?"),
            },
            None => format!("did you mean {guess}?"),
        });
    }
    unit.map(|unit| format!("the unit is {unit}"))
}

#[cfg(test)]
mod tests {
    use super::{edits, hint, other_unit, similar};
    use crate::units::unit_of;

    #[test]
    fn edits_count_swaps_as_one() {
        assert_eq!(edits("mhw", "mwh"), 1);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
    }

    #[test]
    fn only_close_names_are_suggested() {
        let names = ["power_price_usd_per_mwh", "load_mw", "water_litre_per_kwh"];
        let find = |name: &str| similar(name, names.iter().copied());
        assert_eq!(
            find("power_price_usd_per_mhw"),
            Some("power_price_usd_per_mwh")
        );
        assert_eq!(find("power_price"), Some("power_price_usd_per_mwh"));
        assert_eq!(find("zebra"), None);
        let all = hint("zebra", names.iter().copied()).unwrap();
        assert_eq!(
            all,
            "known here: power_price_usd_per_mwh, load_mw, water_litre_per_kwh"
        );
    }

    #[test]
    fn units_are_guessed_both_ways() {
        let unit = unit_of("power_price_usd_per_mwh");
        assert_eq!(
            other_unit(0.074, (1.0, 1000.0), unit.as_ref()).unwrap(),
            "the unit is USD/MWh: did you mean 74 (0.074 USD/kWh)?"
        );
        let unit = unit_of("outage_share");
        assert_eq!(
            other_unit(35.0, (0.0, 1.0), unit.as_ref()).unwrap(),
            "a share is 0 to 1: did you mean 0.35 (35 %)?"
        );
        // A little outside is an odd value, not another unit.
        let say = |name: &str, value: f64| {
            other_unit(value, (-0.2, 2.0), unit_of(name).as_ref()).unwrap()
        };
        assert_eq!(say("markup_share", -0.244), "the unit is share");
        assert_eq!(say("price_usd_per_mwh", 2.5), "the unit is USD/MWh");
    }
}
