//! Who gains and who loses: groups of the weekly outcomes with paired intervals, then the
//! entities behind them (operators, hardware of providers, areas, networks, regions).

use std::collections::BTreeMap;

use super::evidence::{Evidence, key_of};
use super::html::Grid;
use super::measures::Measure;
use super::words::{month_of, name, short};
use crate::experiment::effects::{Factors, Paired, paired, pairs};
use crate::results::columns::Table;
use crate::results::manifest::JudgedEffect;
use crate::results::panel::{Panel, mean};

/// Entities of a kind that are listed.
const LISTED: usize = 6;
const WEEKS_PER_YEAR: f64 = 52.0;

/// A group: its name, its outcome, whether more of it is better for the group.
const GROUPS: [(&str, &str, bool); 8] = [
    ("Buyers of compute", "consumer_surplus_usd_per_week", true),
    ("Operators", "operator_profit_usd_per_week", true),
    (
        "Independent providers",
        "provider_profit_usd_per_week",
        true,
    ),
    ("Token holders", "holder_gain_usd_per_week", true),
    ("Ratepayers", "ratepayer_bill_usd_per_week", false),
    ("Households", "residential_bill_usd_per_month", false),
    ("Third parties", "external_cost_usd_per_week", false),
    ("All together", "welfare_usd_per_week", true),
];

/// Two worlds that share their luck, over the same weeks.
struct Comparison<'a> {
    heading: String,
    treated: (&'a Table, String),
    control: (&'a Table, String),
    from_week: u32,
    to_week: u32,
}

/// First and last week of the run's last year.
fn last_year(evidence: &Evidence) -> (u32, u32) {
    let last = evidence.manifest.weeks.saturating_sub(1);
    (last.saturating_sub(51), last)
}

/// The judged difference that a run with a single policy answers its question with.
pub(super) fn leading<'a>(evidence: &'a Evidence) -> Option<&'a JudgedEffect> {
    let effects = || {
        evidence
            .manifest
            .expectations
            .iter()
            .filter_map(|e| e.effect.as_ref())
    };
    let shocks = || effects().filter(|effect| !effect.without_shock.is_empty());
    let wanted = evidence
        .manifest
        .outcomes
        .first()
        .map_or("h100e_price_usd_per_h", String::as_str);
    shocks()
        .find(|effect| effect.outcome == wanted)
        .or_else(|| shocks().next())
}

/// “Jul 2027 to Apr 2028”, from weeks.
pub(super) fn span(evidence: &Evidence, from_week: u32, to_week: u32) -> String {
    let (from, to) = (
        month_of(evidence.year(f64::from(from_week))),
        month_of(evidence.year(f64::from(to_week))),
    );
    if from == to {
        from
    } else {
        format!("{from} to {to}")
    }
}

/// Every policy against the reference, or the world with a shock against that without.
fn comparisons<'a>(evidence: &'a Evidence) -> Vec<Comparison<'a>> {
    let Some(weekly) = evidence.table("weekly") else {
        return Vec::new();
    };
    let manifest = evidence.manifest;
    if manifest.policies.len() > 1 {
        let (from_week, to_week) = last_year(evidence);
        let rivals = manifest
            .policies
            .iter()
            .filter(|name| **name != manifest.reference);
        let rivals = rivals.map(|policy| Comparison {
            heading: name(policy),
            treated: (weekly, policy.clone()),
            control: (weekly, manifest.reference.clone()),
            from_week,
            to_week,
        });
        return rivals.collect();
    }
    let (Some(controls), Some(effect)) = (evidence.table("controls"), leading(evidence)) else {
        return Vec::new();
    };
    let panel = Panel::new(controls);
    let arms = panel.map_or_else(Vec::new, |panel| panel.policies().to_vec());
    let ending = format!("without {}", effect.without_shock);
    let all = effect.without_shock == "all";
    let arm = arms.iter().find(|arm| arm.ends_with(&ending) || all);
    let one = arm.map(|arm| Comparison {
        heading: format!(
            "With {}, {}",
            shock_name(&effect.without_shock),
            span(evidence, effect.from_week, effect.to_week)
        ),
        treated: (weekly, effect.policy.clone()),
        control: (controls, arm.clone()),
        from_week: effect.from_week,
        to_week: effect.to_week,
    });
    one.into_iter().collect()
}

/// “HBM shortage”, or every shock.
pub(super) fn shock_name(raw: &str) -> String {
    match raw {
        "all" => "the shocks".to_owned(),
        shock => format!("“{}”", name(shock)),
    }
}

fn difference(compared: &Comparison, outcome: &str, factors: &mut Factors) -> Option<Paired> {
    let series = |(table, arm): &(&Table, String)| {
        Panel::new(table).map_or_else(Vec::new, |panel| panel.series(arm, outcome))
    };
    let (treated, control) = (series(&compared.treated), series(&compared.control));
    let pairs = pairs(&treated, &control, compared.from_week, compared.to_week);
    paired(&pairs, factors)
}

/// Groups by comparison: gain or loss with its interval.
pub(super) fn groups(evidence: &Evidence) -> Option<Grid> {
    let comparisons = comparisons(evidence);
    let mut factors = Factors::default();
    let mut rows = Vec::new();
    for (group, outcome, better) in GROUPS {
        let measure = Yearly::of(outcome);
        let mut row = vec![format!("{group}\n{}", measure.label())];
        for compared in &comparisons {
            let found = difference(compared, outcome, &mut factors);
            row.push(found.map_or_else(String::new, |found| cell(&found, &measure, better)));
        }
        if row.iter().skip(1).any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
    }
    let mut head = vec![String::new()];
    head.extend(comparisons.iter().map(|compared| compared.heading.clone()));
    let against = match evidence.manifest.policies.len() {
        1 => "the same draws without it".to_owned(),
        _ => format!("“{}” in the last year", name(&evidence.manifest.reference)),
    };
    let caption = format!(
        "Mean difference to {against}, with the 95% interval of paired draws; no verdict where \
         it holds zero."
    );
    (!rows.is_empty() && !comparisons.is_empty()).then_some(Grid {
        caption,
        head,
        rows,
    })
}

fn cell(found: &Paired, measure: &Yearly, better: bool) -> String {
    if found.mean_difference == 0.0 && found.median_difference == 0.0 {
        return "no difference".to_owned();
    }
    let verdict = match (
        found.is_distinguishable(),
        (found.mean_difference > 0.0) == better,
    ) {
        (false, _) => "unclear",
        (true, true) => "gain",
        (true, false) => "lose",
    };
    let size = measure.difference(found.mean_difference);
    if !found.low.is_finite() {
        return format!("{size}\none draw");
    }
    let (low, high) = (
        measure.difference(found.low),
        measure.difference(found.high),
    );
    format!("{verdict}: {size}\n{low} to {high}")
}

/// What the subsidy of each policy bought against the reference, over all weeks.
pub(super) fn subsidy(evidence: &Evidence) -> Option<Grid> {
    let table = evidence.table("subsidy")?;
    let (policy, window) = (table.text("policy")?, table.text("window")?);
    let usd = |value: f64| Measure::of("subsidy_usd").written(value);
    let cell = |row: usize, name: &str| {
        let value = number(table, name, row);
        let edge = |end: &str| number(table, &format!("{name}_{end}"), row);
        let (low, high) = (edge("low"), edge("high"));
        match (value.is_finite(), low.is_finite() && high.is_finite()) {
            (false, _) => "nothing added".to_owned(),
            (true, false) => usd(value),
            (true, true) => format!("{}\n{} to {}", usd(value), usd(low), usd(high)),
        }
    };
    let rows = (0..table.rows()).filter(|row| window.get(*row) == "all");
    let rows: Vec<Vec<String>> = rows
        .map(|row| {
            vec![
                name(policy.get(row)),
                cell(row, "added_subsidy_usd_per_week"),
                cell(row, "usd_per_verified_gpu_h"),
                cell(row, "usd_per_added_h100e_h"),
                cell(row, "welfare_usd_per_usd"),
            ]
        })
        .collect();
    let head = [
        "What a subsidy bought",
        "Added, a week",
        "Per verified GPU-hour",
        "Per H100e-hour that the whole market sells more",
        "Welfare gained per $",
    ];
    (!rows.is_empty()).then(|| Grid {
        caption: String::new(),
        head: head.map(str::to_owned).to_vec(),
        rows,
    })
}

/// A measure whose weekly sums are told by the year.
struct Yearly {
    measure: Measure,
    weekly: bool,
}

impl Yearly {
    fn of(outcome: &str) -> Yearly {
        Yearly {
            measure: Measure::of(outcome),
            weekly: outcome.ends_with("_per_week"),
        }
    }

    fn label(&self) -> String {
        match self.weekly {
            true => format!("{}, $ a year", self.measure.label),
            false => self.measure.titled(),
        }
    }

    fn difference(&self, value: f64) -> String {
        let yearly = if self.weekly { WEEKS_PER_YEAR } else { 1.0 };
        self.measure.difference(value * yearly)
    }
}

/// What is told of the entities of a kind: table, what it is, unit of the last year's sum.
struct Kind {
    table: &'static str,
    /// Part of the entity's name after slashes; none for the whole name.
    part: Option<usize>,
    label: &'static str,
    value: fn(&Table, usize) -> f64,
    /// Sum over entities and weeks, else the mean of weeks.
    sum: bool,
}

fn number(table: &Table, column: &str, row: usize) -> f64 {
    table.numbers(column).map_or(f64::NAN, |values| values[row])
}

/// Sales of offers by providers, $; 0 for those of operators.
fn provider_sales_usd(table: &Table, row: usize) -> f64 {
    let tier = table.text("offer").map_or("", |names| names.get(row));
    let tier = tier.split('/').nth(2).unwrap_or_default();
    match tier {
        "marketplace" | "network" => {
            number(table, "price_usd_per_h", row) * number(table, "served_h", row)
        }
        _ => 0.0,
    }
}

const KINDS: [Kind; 5] = [
    Kind {
        table: "operators",
        part: None,
        label: "Operators, sales in a year, $",
        value: |table, row| number(table, "revenue_usd", row),
        sum: true,
    },
    Kind {
        table: "offers",
        part: Some(1),
        label: "Independent providers by hardware, sales in a year, $",
        value: provider_sales_usd,
        sum: true,
    },
    Kind {
        table: "offers",
        part: Some(3),
        label: "Independent providers by area, sales in a year, $",
        value: provider_sales_usd,
        sum: true,
    },
    Kind {
        table: "networks",
        part: None,
        label: "Holders, price of a token, $",
        value: |table, row| number(table, "token_price_usd", row),
        sum: false,
    },
    Kind {
        table: "regions",
        part: None,
        label: "Households, power bill a month, $",
        value: |table, row| number(table, "residential_bill_usd_per_month", row),
        sum: false,
    },
];

/// Last-year value of each entity under a policy: median-free mean over the draws kept.
fn entity_values(evidence: &Evidence, kind: &Kind, policy: &str, weeks: (u32, u32)) -> Values {
    let mut values = Values::new();
    let Some(table) = evidence.table(kind.table) else {
        return values;
    };
    let parts = (table.text("policy"), table.text(key_of(kind.table)));
    let counts = (
        table.counts("week"),
        table.counts("draw"),
        table.counts("luck"),
    );
    let ((Some(policies), Some(names)), (Some(week), Some(draw), Some(luck))) = (parts, counts)
    else {
        return values;
    };
    let mut runs: BTreeMap<(String, i64, i64), (f64, f64)> = BTreeMap::new();
    for row in 0..table.rows() {
        let inside = week[row] >= i64::from(weeks.0) && week[row] <= i64::from(weeks.1);
        if !inside || policies.get(row) != policy {
            continue;
        }
        let whole = names.get(row);
        let entity = kind
            .part
            .map_or(whole, |part| whole.split('/').nth(part).unwrap_or(whole));
        let value = (kind.value)(table, row);
        if value.is_finite() {
            let run = runs
                .entry((entity.to_owned(), draw[row], luck[row]))
                .or_default();
            *run = (run.0 + value, run.1 + 1.0);
        }
    }
    for ((entity, ..), (sum, count)) in runs {
        let value = if kind.sum { sum } else { sum / count };
        values.entry(entity).or_default().push(value);
    }
    values
}

/// One value a run, by entity.
type Values = BTreeMap<String, Vec<f64>>;

/// A table a kind: the largest entities, their value under the reference and what each policy
/// changes; with a single policy the first year beside the last.
pub(super) fn entities(evidence: &Evidence) -> Vec<Grid> {
    KINDS
        .iter()
        .filter_map(|kind| entity_grid(evidence, kind))
        .collect()
}

fn entity_grid(evidence: &Evidence, kind: &Kind) -> Option<Grid> {
    let manifest = evidence.manifest;
    let last = last_year(evidence);
    let single = manifest.policies.len() == 1;
    let (base, others): (Values, Vec<(String, Values)>) = if single {
        if manifest.weeks < 104 {
            return None;
        }
        let first = entity_values(evidence, kind, &evidence.shown, (0, 51));
        let then = entity_values(evidence, kind, &evidence.shown, last);
        (first, vec![("Last year".to_owned(), then)])
    } else {
        let of = |policy: &String| entity_values(evidence, kind, policy, last);
        let rivals = manifest
            .policies
            .iter()
            .filter(|name| **name != manifest.reference);
        let rivals = rivals.map(|policy| (name(policy), of(policy)));
        (of(&manifest.reference), rivals.collect())
    };
    let mut order: Vec<(&String, f64)> = base.iter().map(|(e, values)| (e, mean(values))).collect();
    order.retain(|(_, value)| value.is_finite() && *value != 0.0);
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let rows: Vec<Vec<String>> = order
        .into_iter()
        .take(LISTED)
        .map(|(entity, value)| {
            let mut row = vec![name(entity), short(value)];
            for (_, other) in &others {
                let then = other.get(entity).map_or(f64::NAN, |values| mean(values));
                row.push(change(value, then, single));
            }
            row
        })
        .collect();
    let mut head = vec![kind.label.to_owned()];
    head.push(match single {
        true => "First year".to_owned(),
        false => name(&manifest.reference),
    });
    head.extend(others.into_iter().map(|(heading, _)| heading));
    (!rows.is_empty()).then(|| Grid {
        caption: String::new(),
        head,
        rows,
    })
}

/// The other value and by how much it differs.
fn change(from: f64, to: f64, shown: bool) -> String {
    if !to.is_finite() {
        return "gone".to_owned();
    }
    let share = (to - from) / from.abs();
    let sign = if share > 0.0 { "+" } else { "" };
    let percent = match share {
        share if share.abs() < 5e-5 => "no change".to_owned(),
        share if share.abs() >= 9.995 => format!("{sign}{}-fold", short(to / from)),
        share => format!("{sign}{}%", short(share * 100.0)),
    };
    match shown {
        true => format!("{} ({percent})", short(to)),
        false => percent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_in_per_cent() {
        assert_eq!(change(2.0, 3.0, false), "+50%");
        assert_eq!(change(2.0, 1.0, true), "1.00 (−50%)");
        assert_eq!(change(2.0, 2.0, false), "no change");
        assert_eq!(change(2.0, f64::NAN, false), "gone");
    }

    #[test]
    fn a_dearer_bill_is_a_loss() {
        let mut factors = Factors::default();
        let up = paired(&[(11.0, 10.0), (12.0, 10.9), (11.5, 10.4)], &mut factors).expect("pairs");
        let bill = Yearly::of("residential_bill_usd_per_month");
        assert!(cell(&up, &bill, false).starts_with("lose: +$1.07\n"));
        let sales = Yearly::of("operator_revenue_usd_per_week");
        assert!(
            cell(&up, &sales, true).starts_with("gain: +$55.4"),
            "{}",
            cell(&up, &sales, true)
        );
        let unclear = paired(&[(11.0, 10.0), (9.0, 10.0)], &mut factors).expect("pairs");
        assert_eq!(cell(&unclear, &sales, true), "no difference");
    }
}
