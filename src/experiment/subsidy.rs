//! What a subsidy bought. Three measures, because the first flatters every programme: USD per
//! verified GPU-hour; USD per *additional* hour in the whole market against the same luck
//! without it; welfare gained per USD.

use super::effects::{Factors, Window, pairs, windows};
use crate::results::columns::{Data, Misfit, Table, Text};
use crate::results::panel::Panel;

const HOURS_PER_WEEK: f64 = 168.0;

/// A ratio of two paired differences, with its 95 % interval by leaving out one draw at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    pub value: f64,
    /// NaN with fewer than two draws.
    pub low: f64,
    pub high: f64,
}

/// What one policy's subsidy bought in one window, against the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Bought {
    pub draws: usize,
    /// Mean spending of the policy, and its difference to the reference.
    pub subsidy_usd_per_week: f64,
    pub added_subsidy_usd_per_week: f64,
    /// Mean of the policy's own spending per verified GPU-hour.
    pub usd_per_verified_gpu_h: f64,
    pub added_h100e_h_per_week: f64,
    /// Draws in which the whole market sold more than without the policy.
    pub adding_draws: usize,
    pub usd_per_added_h100e_h: Ratio,
    pub welfare_usd_per_usd: Ratio,
}

/// Σ above ÷ Σ below over the draws, with a jackknife interval.
pub fn ratio(above: &[f64], below: &[f64], factors: &mut Factors) -> Ratio {
    let sums = (above.iter().sum::<f64>(), below.iter().sum::<f64>());
    let (value, draws) = (sums.0 / sums.1, above.len());
    let without = above.iter().zip(below);
    let without: Vec<f64> = without.map(|(a, b)| (sums.0 - a) / (sums.1 - b)).collect();
    let mean = without.iter().sum::<f64>() / draws as f64;
    let squares: f64 = without.iter().map(|x| (x - mean) * (x - mean)).sum();
    let half = if draws > 1 {
        let count = draws as f64;
        factors.at(draws) * ((count - 1.0) / count * squares).sqrt()
    } else {
        f64::NAN
    };
    Ratio {
        value,
        low: value - half,
        high: value + half,
    }
}

/// What the policy bought in the window; `None` when no draw can be paired or neither it nor
/// the reference spends anything.
pub fn bought(
    panel: &Panel,
    (policy, reference): (&str, &str),
    window: &Window,
    factors: &mut Factors,
) -> Option<Bought> {
    let paired = |outcome: &str| {
        let treated = panel.series(policy, outcome);
        let control = panel.series(reference, outcome);
        pairs(&treated, &control, window.from_week, window.to_week)
    };
    let spending = paired("subsidy_usd_per_week");
    let (hours, welfare) = (paired("sold_h100e"), paired("welfare_usd_per_week"));
    let per_gpu_h = paired("subsidy_usd_per_gpu_h");
    let draws = spending.len();
    let idle = spending
        .iter()
        .all(|(with, without)| *with == 0.0 && *without == 0.0);
    if draws == 0 || idle || hours.len() != draws || welfare.len() != draws {
        return None;
    }
    let added = |pairs: &[(f64, f64)], scale: f64| -> Vec<f64> {
        pairs.iter().map(|(a, b)| (a - b) * scale).collect()
    };
    let (added_usd, added_h) = (added(&spending, 1.0), added(&hours, HOURS_PER_WEEK));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / draws as f64;
    let own = |pairs: &[(f64, f64)]| pairs.iter().map(|pair| pair.0).sum::<f64>() / draws as f64;
    Some(Bought {
        draws,
        subsidy_usd_per_week: own(&spending),
        added_subsidy_usd_per_week: mean(&added_usd),
        usd_per_verified_gpu_h: own(&per_gpu_h),
        added_h100e_h_per_week: mean(&added_h),
        adding_draws: added_h.iter().filter(|hours| **hours > 0.0).count(),
        usd_per_added_h100e_h: ratio(&added_usd, &added_h, factors),
        welfare_usd_per_usd: ratio(&added(&welfare, 1.0), &added_usd, factors),
    })
}

/// The table `subsidy`: every policy against the reference, by window. Ratios are NaN where
/// nothing was added to divide by.
pub fn subsidy(panel: &Panel, reference: &str) -> Result<Table, Misfit> {
    const NUMBERS: [&str; 10] = [
        "subsidy_usd_per_week",
        "added_subsidy_usd_per_week",
        "usd_per_verified_gpu_h",
        "added_h100e_h_per_week",
        "usd_per_added_h100e_h",
        "usd_per_added_h100e_h_low",
        "usd_per_added_h100e_h_high",
        "welfare_usd_per_usd",
        "welfare_usd_per_usd_low",
        "welfare_usd_per_usd_high",
    ];
    let mut factors = Factors::default();
    let mut labels: [Text; 3] = Default::default();
    let mut counts: [Vec<i64>; 4] = Default::default();
    let mut numbers: [Vec<f64>; 10] = Default::default();
    for policy in panel.policies().iter().filter(|name| *name != reference) {
        for window in windows(&panel.weeks()) {
            let Some(found) = bought(panel, (policy, reference), &window, &mut factors) else {
                continue;
            };
            for (column, label) in labels.iter_mut().zip([policy, reference, &window.name]) {
                column.push(label);
            }
            let (price, gain) = (found.usd_per_added_h100e_h, found.welfare_usd_per_usd);
            let row = [
                found.subsidy_usd_per_week,
                found.added_subsidy_usd_per_week,
                found.usd_per_verified_gpu_h,
                found.added_h100e_h_per_week,
                price.value,
                price.low,
                price.high,
                gain.value,
                gain.low,
                gain.high,
            ];
            for (column, value) in numbers.iter_mut().zip(row) {
                column.push(if value.is_finite() { value } else { f64::NAN });
            }
            let row = [
                i64::from(window.from_week),
                i64::from(window.to_week),
                found.draws as i64,
                found.adding_draws as i64,
            ];
            for (column, count) in counts.iter_mut().zip(row) {
                column.push(count);
            }
        }
    }
    let mut table = Table::new("subsidy");
    for (name, column) in ["policy", "reference", "window"].iter().zip(labels) {
        table.push_column(name, Data::Text(column))?;
    }
    let names = ["from_week", "to_week", "draws", "adding_draws"];
    for (name, column) in names.iter().zip(counts) {
        table.push_column(name, Data::I64(column))?;
    }
    for (name, column) in NUMBERS.iter().zip(numbers) {
        table.push_column(name, Data::F64(column))?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::math::{ln, pow};
    use crate::market::equilibrium::measures::subsidy_usd_per_additional_h;

    /// Sellers get p + s, buyers pay p, elasticities are constant: the whole bill, divided by
    /// the hours that it added, is the closed form; per hour subsidised it would be s.
    #[test]
    fn a_small_subsidy_costs_what_the_closed_form_says() {
        for (supply, demand) in [(0.5, 1.0), (2.0, 1.0), (4.0, 1.5)] {
            let small = 1e-3;
            let (mut spent, mut added) = (Vec::new(), Vec::new());
            for scale in [1.0, 3.0, 10.0] {
                let (mut low, mut high) = (2.0 - small, 2.0);
                for _ in 0..100 {
                    let p = (low + high) / 2.0;
                    let excess = supply * ln((p + small) / 2.0) + demand * ln(p / 2.0);
                    (low, high) = if excess > 0.0 { (low, p) } else { (p, high) };
                }
                let hours = scale * pow(low / 2.0, -demand);
                spent.push(small * hours);
                added.push(hours - scale);
            }
            let found = ratio(&spent, &added, &mut Factors::default());
            let expected = subsidy_usd_per_additional_h(2.0, small, supply, demand);
            assert!((found.value / expected - 1.0).abs() < 0.02, "{found:?}");
            assert!(found.low <= found.value && found.value <= found.high);
        }
    }

    #[test]
    fn the_interval_is_the_jackknife_by_hand() {
        // Leaving out one: 5/5, 4/4, 3/3 → all 1, no spread.
        let even = ratio(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0], &mut Factors::default());
        assert_eq!((even.value, even.low, even.high), (1.0, 1.0, 1.0));
        // 2 and 4 over 1 and 1: value 3, leave-one-out 4 and 2, standard error 1, t(1) 12.7062.
        let two = ratio(&[2.0, 4.0], &[1.0, 1.0], &mut Factors::default());
        assert!((two.high - 3.0 - 12.7062047).abs() < 1e-4, "{two:?}");
        assert!(ratio(&[1.0], &[2.0], &mut Factors::default()).low.is_nan());
    }
}
