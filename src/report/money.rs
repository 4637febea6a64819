//! What operators spend in a calendar year, and how much of it on chips.

use super::bars::{Bar, Bars};
use super::chart::{Body, Chart};
use super::charts::{chart, over_kept};
use super::evidence::Evidence;
use super::words::{name, percent, short};

/// Bars of the first whole calendar year, or of the first 52 weeks of a short run.
pub(super) fn spending(evidence: &Evidence) -> Option<Chart> {
    let capex = evidence.paths("operators", "operator", "capex_usd");
    let chips = evidence.paths("operators", "operator", "chip_spend_usd");
    let some = capex.values().next()?;
    let (from, to) = (some.first()?.0, some.last()?.0);
    let year = from.ceil();
    let whole = year + 1.0 <= to + 0.03;
    let (low, high) = if whole {
        (year, year + 1.0)
    } else {
        (from, from + 1.0)
    };
    let sum = |path: Option<&Vec<(f64, f64)>>| -> f64 {
        let inside = path
            .into_iter()
            .flatten()
            .filter(|p| p.0 >= low && p.0 < high);
        inside.map(|p| p.1).filter(|v| v.is_finite()).sum::<f64>() / 1e9
    };
    let mut rows: Vec<Bar> = capex
        .iter()
        .map(|(operator, path)| Bar {
            label: name(operator),
            colour: evidence.palette.colour("operator", operator),
            value: sum(Some(path)),
            part: sum(chips.get(operator)),
        })
        .filter(|bar| bar.value > 0.0)
        .collect();
    rows.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.label.cmp(&b.label)));
    let total: f64 = rows.iter().map(|bar| bar.value).sum();
    let on_chips: f64 = rows.iter().map(|bar| bar.part.min(bar.value)).sum();
    if rows.is_empty() || total <= 0.0 {
        return None;
    }
    let when = if whole {
        format!("in {year}")
    } else {
        "in the first year".to_owned()
    };
    let part = match on_chips {
        chips if chips > 0.0 => format!(", {} of it on chips", percent(chips / total)),
        _ => String::new(),
    };
    let title = format!("Operators spend ${}bn {when}{part}", short(total));
    let subtitle = format!("Capital expenditure, $bn, {when}, by operator");
    let bars = Bars {
        rows: rows.into_iter().take(12).collect(),
        whole_label: "sites, power, network".to_owned(),
        part_label: "chips".to_owned(),
    };
    let made = chart(
        evidence,
        "capital_spending",
        &title,
        &subtitle,
        Body::Bars(bars),
    );
    Some(over_kept(evidence, "operators", made))
}
