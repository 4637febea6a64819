//! What drives the result: how far each drawn input alone moves the first outcome, from its low
//! to its high end, over the same draws (a straight line by least squares).

use super::chart::{Body, Chart};
use super::charts::chart;
use super::dossier::Dossier;
use super::dots::{DotPanel, DotRow, Dots};
use super::evidence::Evidence;
use super::measures::Measure;
use super::palette::BLUE;
use super::policies::outcomes;
use super::words::{in_sentence, name};
use crate::experiment::student::two_sided;
use crate::results::panel::Panel;
use crate::run::script::uniform;

/// Fewer draws say nothing about a slope.
const FEWEST_DRAWS: usize = 8;
const SHOWN: usize = 8;
/// From the tenth to the ninetieth percentile of an input.
const SPAN: f64 = 0.8;

/// How one input moves the outcome, recorded units.
pub(super) struct Driver {
    pub path: String,
    pub effect: f64,
    pub half_width: f64,
}

impl Driver {
    fn clear(&self) -> bool {
        self.effect.abs() > self.half_width
    }
}

/// Last-year means of an outcome by draw, under the policy shown.
fn by_draw(evidence: &Evidence, outcome: &str) -> Vec<(u32, f64)> {
    let Some(panel) = evidence.table("weekly").and_then(Panel::new) else {
        return Vec::new();
    };
    let last = evidence.manifest.weeks.saturating_sub(1);
    let mut means: Vec<(u32, f64)> = Vec::new();
    for series in panel.series(&evidence.shown, outcome) {
        let mean = series.mean(last.saturating_sub(51), last);
        match (means.last_mut(), mean) {
            // Lucks of a draw share their inputs; the first stands for them.
            (Some(known), _) if known.0 == series.draw => {}
            (_, Some(mean)) => means.push((series.draw, mean)),
            _ => {}
        }
    }
    means
}

/// Every drawn input with its effect, the strongest first.
pub(super) fn ranked(evidence: &Evidence, outcome: &str) -> Vec<Driver> {
    let means = by_draw(evidence, outcome);
    if means.len() < FEWEST_DRAWS {
        return Vec::new();
    }
    let resolved = evidence.manifest.resolved.get(&evidence.shown);
    let paths = Dossier::of(resolved.map_or("", String::as_str)).drawn();
    let seed = evidence.manifest.seed;
    let drivers = paths.into_iter().filter_map(|path| {
        let pairs = means
            .iter()
            .map(|(draw, mean)| (uniform(seed, *draw, &path), *mean));
        let (slope, error) = line(&pairs.collect::<Vec<_>>())?;
        let factor = two_sided(means.len() as u32 - 2, 0.95);
        Some(Driver {
            path,
            effect: slope * SPAN,
            half_width: error * factor * SPAN,
        })
    });
    let mut drivers: Vec<Driver> = drivers.collect();
    drivers.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    drivers
}

/// Slope of the least-squares line and its standard error.
fn line(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = pairs.len() as f64;
    let (x, y) = pairs
        .iter()
        .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let (x, y) = (x / count, y / count);
    let (mut across, mut both) = (0.0, 0.0);
    for pair in pairs {
        across += (pair.0 - x) * (pair.0 - x);
        both += (pair.0 - x) * (pair.1 - y);
    }
    let slope = both / across;
    let mut left = 0.0;
    for pair in pairs {
        let miss = pair.1 - y - slope * (pair.0 - x);
        left += miss * miss;
    }
    let error = (left / (count - 2.0) / across).sqrt();
    (slope.is_finite() && error.is_finite() && slope != 0.0).then_some((slope, error))
}

/// `demand.segments.batch_inference.growth_per_year` as “Batch inference: growth per year”.
fn told(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    match parts.as_slice() {
        [.., entity, key] => {
            let label = Measure::of(key).label;
            format!("{}: {}", name(entity), in_sentence(&label))
        }
        _ => name(path),
    }
}

pub(super) fn drivers(evidence: &Evidence) -> Option<Chart> {
    let outcome = outcomes(evidence).into_iter().next()?;
    let measure = Measure::of(&outcome);
    let ranked = ranked(evidence, &outcome);
    let draws = evidence.manifest.draws;
    let title = match ranked.first()? {
        strongest if strongest.clear() => format!(
            "“{}” drives {} most: {} from its low to its high end",
            told(&strongest.path),
            measure.subject(),
            measure.difference(strongest.effect)
        ),
        _ => format!(
            "No drawn input alone moves {} distinguishably at {draws} draws",
            measure.subject()
        ),
    };
    let row = |driver: &Driver| DotRow {
        label: told(&driver.path),
        colour: BLUE,
        estimate: driver.effect * measure.scale,
        low: (driver.effect - driver.half_width) * measure.scale,
        high: (driver.effect + driver.half_width) * measure.scale,
    };
    let unit = match measure.unit.as_str() {
        "%" => "percentage points".to_owned(),
        unit => unit.to_owned(),
    };
    let panel = DotPanel {
        heading: measure.label.clone(),
        unit,
        rows: ranked.iter().take(SHOWN).map(row).collect(),
    };
    let subtitle = format!(
        "Change of {} in the last year when an input goes from its 10th to its 90th percentile, \
         {} drawn",
        measure.subject(),
        match ranked.len() {
            1 => "1 input".to_owned(),
            many => format!("{many} inputs"),
        }
    );
    let panels = vec![panel];
    let mut made = chart(
        evidence,
        "drivers",
        &title,
        &subtitle,
        Body::Dots(Dots { panels }),
    );
    made.note = format!(
        "Straight lines through {draws} draws, one input at a time, with 95% intervals. Hollow: \
         the interval includes zero."
    );
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_with_its_error() {
        let exact: Vec<(f64, f64)> = (0..10)
            .map(|i| (f64::from(i), 3.0 - 2.0 * f64::from(i)))
            .collect();
        let (slope, error) = line(&exact).expect("a line");
        assert!((slope + 2.0).abs() < 1e-12 && error < 1e-9);
        // R: summary(lm(c(1,3,2,5,4) ~ 1:5)): slope 0.8, standard error 0.3464102.
        let rough = [(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 5.0), (5.0, 4.0)];
        let (slope, error) = line(&rough).expect("a line");
        assert!((slope - 0.8).abs() < 1e-12 && (error - 0.346_410_161).abs() < 1e-8);
        assert!(line(&[(1.0, 2.0), (2.0, 2.0), (3.0, 2.0)]).is_none());
    }

    #[test]
    fn inputs_are_named_by_their_last_two_parts() {
        let path = "demand.segments.batch_inference.growth_per_year";
        assert_eq!(told(path), "Batch inference: growth per year");
    }
}
