//! Paired comparison of run folders: the same draw and luck in two runs.
//!
//! The first run is the reference. A policy that both runs have is compared with itself;
//! other policies are compared with the first run's reference policy.

use super::effects::{EffectRows, paired, pairs, windows};
use crate::results::columns::Table;
use crate::results::folder::RunFolder;
use crate::results::panel::Panel;

/// Why runs cannot be compared; what the user can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPaired(pub String);

impl std::fmt::Display for NotPaired {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// A run to compare: its label, its manifest's pairing facts, its weekly outcomes.
pub struct Side {
    pub label: String,
    pub seed: u64,
    pub start: String,
    pub reference: String,
    pub weekly: Table,
}

impl Side {
    pub fn read(folder: &RunFolder) -> Result<Side, NotPaired> {
        let weekly = folder
            .table("weekly")
            .map_err(|error| NotPaired(error.to_string()))?;
        let label = folder
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Side {
            label,
            seed: folder.manifest.seed,
            start: folder.manifest.start.clone(),
            reference: folder.manifest.reference.clone(),
            weekly,
        })
    }

    fn panel(&self) -> Result<Panel<'_>, NotPaired> {
        Panel::new(&self.weekly)
            .ok_or_else(|| NotPaired(format!("{}: the weekly table has no runs", self.label)))
    }
}

/// The table `comparison`: run, policy, outcome and window against the first run.
pub fn compare(sides: &[Side]) -> Result<Table, NotPaired> {
    let Some((first, others)) = sides.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(NotPaired("compare needs at least two runs".to_string()));
    };
    let base = first.panel()?;
    let mut rows = EffectRows::default();
    for side in others {
        may_pair(first, side)?;
        let panel = side.panel()?;
        let before = rows.len();
        for policy in panel.policies() {
            let known = base.policies().contains(policy);
            let against = if known { policy } else { &first.reference };
            for outcome in panel.outcomes() {
                let (treated, control) =
                    (panel.series(policy, outcome), base.series(against, outcome));
                for window in windows(&common(&base.weeks(), &panel.weeks())) {
                    let pairs = pairs(&treated, &control, window.from_week, window.to_week);
                    if let Some(found) = paired(&pairs, &mut rows.factors) {
                        let run = format!("{} {policy}", side.label);
                        let reference = format!("{} {against}", first.label);
                        rows.push([&run, &reference, outcome, &window.name], &window, &found);
                    }
                }
            }
        }
        if rows.len() == before {
            let (one, two) = (&first.label, &side.label);
            return Err(NotPaired(format!(
                "{one} and {two} share no draw, outcome and week"
            )));
        }
    }
    rows.table("comparison", ["run", "reference", "outcome", "window"])
        .map_err(|error| NotPaired(error.to_string()))
}

/// The weeks that both runs have.
fn common(one: &[u32], two: &[u32]) -> Vec<u32> {
    one.iter()
        .copied()
        .filter(|week| two.binary_search(week).is_ok())
        .collect()
}

/// Equal seed and start mean equal draws and luck; anything else would compare chance.
fn may_pair(first: &Side, other: &Side) -> Result<(), NotPaired> {
    let (one, two) = (&first.label, &other.label);
    if first.seed != other.seed {
        return Err(NotPaired(format!(
            "{one} has seed {} and {two} seed {}: their draws are not the same; \
             run one again with --seed",
            first.seed, other.seed
        )));
    }
    if first.start != other.start {
        let (from, to) = (&first.start, &other.start);
        return Err(NotPaired(format!(
            "{one} starts {from} and {two} starts {to}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(label: &str, policies: &[&str], shift: f64) -> Side {
        let mut weekly = Table::new("weekly");
        for (place, policy) in policies.iter().enumerate() {
            for draw in 0..5 {
                let mut table = Table::new("weekly");
                for week in 0..60_u32 {
                    let value = f64::from(draw * 100 + week) + shift + place as f64;
                    table
                        .push_row(&[("week", week.into()), ("price_usd", value.into())])
                        .unwrap();
                }
                weekly
                    .append(&table.stamped(policy, draw, 0).unwrap())
                    .unwrap();
            }
        }
        let (seed, start, reference) = (42, "2025-11-03".to_string(), policies[0].to_string());
        Side {
            label: label.to_string(),
            seed,
            start,
            reference,
            weekly,
        }
    }

    #[test]
    fn draws_cancel_and_the_shift_remains() {
        let sides = [
            side("a", &["none", "floor"], 0.0),
            side("b", &["none", "other"], 0.25),
        ];
        let table = compare(&sides).unwrap();
        let found = table.numbers("mean_difference").unwrap();
        // Two policies by three windows: `none` with itself, `other` with a's reference.
        assert_eq!(found, [0.25, 0.25, 0.25, 1.25, 1.25, 1.25]);
        assert_eq!(table.text("reference").unwrap().get(5), "a none");
        assert_eq!(
            table.numbers("low").unwrap(),
            found,
            "all draws differ by the same"
        );
    }

    #[test]
    fn unequal_seeds_are_refused() {
        let sides = [
            side("a", &["none"], 0.0),
            Side {
                seed: 43,
                ..side("b", &["none"], 0.0)
            },
        ];
        let refused = compare(&sides).unwrap_err();
        assert!(
            refused.0.contains("seed 42") && refused.0.contains("--seed"),
            "{refused}"
        );
        assert!(compare(&sides[..1]).is_err());
    }
}
