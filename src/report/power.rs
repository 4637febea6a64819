//! The grid under compute: prices and load by region, carbon and water.

use super::chart::{Body, Chart};
use super::charts::{
    by_year, chart, entity_panel, line, over_kept, over_time, period, series, stacked,
};
use super::evidence::{Evidence, ends};
use super::measures::{Measure, change};
use super::palette::{BLUE, SKY, SOFT_INK, VERMILION};
use super::panels::{Across, Panel, Panels, Series};
use super::words::{name, percent, short};

/// Wholesale price by region; the load of its data centres stands below each name.
pub(super) fn prices(evidence: &Evidence) -> Option<Chart> {
    let mut prices = evidence.paths("regions", "region", "wholesale_usd_per_mwh");
    let loads = evidence.paths("regions", "region", "data_centre_mw");
    let regions: Vec<String> = evidence.ranked("regions", "data_centre_mw");
    let shown: Vec<(String, Vec<(f64, f64)>)> = regions
        .into_iter()
        .take(15)
        .filter_map(|region| Some((region.clone(), prices.remove(&region)?)))
        .collect();
    let (_, points) = shown.first()?;
    let dearer = shown
        .iter()
        .filter_map(|(_, points)| ends(points))
        .filter(|(first, last)| last > first)
        .count();
    let total = |pick: fn(&(f64, f64)) -> f64| -> f64 {
        loads
            .values()
            .filter_map(|path| ends(path))
            .map(|ends| pick(&ends))
            .sum()
    };
    let title = format!(
        "Power gets dearer in {dearer} of {} regions as data centres grow from {} to {} GW",
        shown.len(),
        short(total(|e| e.0)),
        short(total(|e| e.1))
    );
    let subtitle = format!(
        "Wholesale price of power, $ per MWh, week’s mean; load of data centres, GW; {}",
        period(points)
    );
    let panels = shown.iter().map(|(region, points)| {
        let mut panel = entity_panel(evidence, ("region", region), points);
        if let Some((first, last)) = loads.get(region).and_then(|path| ends(path)) {
            panel.unit = format!("{} to {} GW", short(first), short(last));
        }
        panel
    });
    let panels: Vec<Panel> = panels.collect();
    let columns = panels.len().div_ceil(2).clamp(1, 8);
    let panels = Panels {
        share_y: true,
        ..over_time(evidence, panels, columns)
    };
    let made = chart(
        evidence,
        "power_prices",
        &title,
        &subtitle,
        Body::Panels(panels),
    );
    Some(over_kept(evidence, "regions", made))
}

/// Wholesale prices sorted from the dearest week to the cheapest, the five largest regions.
pub(super) fn durations(evidence: &Evidence) -> Option<Chart> {
    let mut prices = evidence.paths("regions", "region", "wholesale_usd_per_mwh");
    let mut lines: Vec<Series> = Vec::new();
    let mut span = String::new();
    for region in evidence.ranked("regions", "data_centre_mw").iter().take(5) {
        let Some(points) = prices.remove(region) else {
            continue;
        };
        span = period(&points);
        let sorted = sorted_down(&points);
        let cheapest = sorted.last().map(|point| short(point.1));
        let colour = evidence.palette.colour("region", region);
        lines.push(Series {
            ending: cheapest,
            ..line(&name(region), colour, sorted)
        });
    }
    // The steepest: price that a twentieth of the weeks exceed, against the median.
    let at = |line: &Series, share: f64| {
        line.points
            .iter()
            .find(|point| point.0 >= share)
            .map_or(f64::NAN, |point| point.1)
    };
    let ratio = |line: &Series| at(line, 0.05) / at(line, 0.5);
    let steepest = lines.iter().max_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
    let title = format!(
        "In its dearest twentieth of weeks power in {} costs more than ${} per MWh, against a \
         median of ${}",
        steepest.label,
        short(at(steepest, 0.05)),
        short(at(steepest, 0.5))
    );
    let subtitle =
        format!("Wholesale price of power, $ per MWh, weeks from dearest to cheapest, {span}");
    let panel = Panel {
        series: lines,
        labelled: true,
        ..Panel::default()
    };
    let across = Across::Share("share of weeks".to_owned());
    let panels = Panels {
        panels: vec![panel],
        columns: 1,
        across,
        ..Panels::default()
    };
    let made = chart(
        evidence,
        "power_durations",
        &title,
        &subtitle,
        Body::Panels(panels),
    );
    Some(over_kept(evidence, "regions", made))
}

/// Load of the largest regions, weeks from the heaviest to the lightest: the highest hour, what
/// plants that burn fuel had to cover of it, and the mean.
pub(super) fn load_durations(evidence: &Evidence) -> Option<Chart> {
    let mut mean = evidence.paths("regions", "region", "load_mw");
    let mut peak = evidence.paths("regions", "region", "load_peak_mw");
    let mut net = evidence.paths("regions", "region", "net_load_peak_mw");
    let mut panels: Vec<Panel> = Vec::new();
    let mut span = String::new();
    let mut steepest: Option<(f64, String)> = None;
    for region in evidence.ranked("regions", "data_centre_mw").iter().take(6) {
        let paths = (mean.remove(region), peak.remove(region), net.remove(region));
        let (Some(mean), Some(peak), Some(net)) = paths else {
            continue;
        };
        span = period(&mean);
        let [mean, peak, net] = [&mean, &peak, &net].map(|points| sorted_down(points));
        let (highest, usual) = (peak.first()?.1, peak.get(peak.len() / 2)?.1);
        let ratio = highest / usual;
        if steepest.as_ref().is_none_or(|known| ratio > known.0) {
            steepest = Some((ratio, name(region)));
        }
        panels.push(Panel {
            heading: name(region),
            series: vec![
                line("Highest hour", VERMILION, peak),
                line("Highest hour less wind, sun and water", SKY, net),
                line("Mean", BLUE, mean),
            ],
            ..Panel::default()
        });
    }
    let (ratio, place) = steepest?;
    let title = format!(
        "The heaviest week of {place} peaks {} above its median week",
        percent(ratio - 1.0)
    );
    let subtitle = format!(
        "Weekly load, GW: highest hour (red), less wind, sun and water (light blue), mean (blue); \
         weeks from heaviest to lightest, {span}"
    );
    let columns = panels.len().div_ceil(2).clamp(1, 3);
    let panels = Panels {
        panels,
        columns,
        across: Across::Share(String::new()),
        ..Panels::default()
    };
    let body = Body::Panels(panels);
    let made = chart(evidence, "load_durations", &title, &subtitle, body);
    Some(over_kept(evidence, "regions", made))
}

/// Values from the largest down, over the share of them that is at least as large.
fn sorted_down(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut values: Vec<f64> = points
        .iter()
        .map(|p| p.1)
        .filter(|v| v.is_finite())
        .collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let last = values.len().saturating_sub(1).max(1) as f64;
    values
        .into_iter()
        .enumerate()
        .map(|(rank, value)| (rank as f64 / last, value))
        .collect()
}

/// Load of data centres stacked by region, the five largest and the rest.
pub(super) fn load(evidence: &Evidence) -> Option<Chart> {
    let mut paths = evidence.paths("regions", "region", "data_centre_mw");
    let mut layers: Vec<Series> = Vec::new();
    let mut rest: Vec<(f64, f64)> = Vec::new();
    for (rank, region) in evidence
        .ranked("regions", "data_centre_mw")
        .iter()
        .enumerate()
    {
        let Some(points) = paths.remove(region) else {
            continue;
        };
        if rank < 5 {
            layers.push(line(
                &name(region),
                evidence.palette.colour("region", region),
                points,
            ));
        } else if rest.is_empty() {
            rest = points;
        } else {
            for (sum, point) in rest.iter_mut().zip(&points) {
                sum.1 += point.1;
            }
        }
    }
    if !rest.is_empty() {
        layers.push(line(
            "Elsewhere",
            SOFT_INK.mixed(super::palette::WHITE, 0.45),
            rest,
        ));
    }
    let grown = layers
        .iter()
        .filter_map(|layer| ends(&layer.points).map(|e| (e.1 - e.0, layer.label.clone())))
        .filter(|(_, label)| label != "Elsewhere")
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let sums = layers.iter().filter_map(|layer| ends(&layer.points));
    let (first, last) = sums.fold((0.0, 0.0), |sum, e| (sum.0 + e.0, sum.1 + e.1));
    let points = layers.first()?.points.clone();
    let title = format!(
        "The load of data centres {} {}; {} adds most, {} GW",
        change(first, last),
        by_year(&points),
        grown.1,
        short(grown.0)
    );
    let subtitle = format!(
        "Mean load of all data centres, GW, by region, {}",
        period(&points)
    );
    layers.reverse();
    let body = stacked(evidence, layers);
    let made = chart(evidence, "data_centre_load", &title, &subtitle, body);
    Some(over_kept(evidence, "regions", made))
}

/// Carbon of compute beside its water, at the site and at the power stations.
pub(super) fn water_and_carbon(evidence: &Evidence) -> Option<Chart> {
    let fan = |outcome: &str| evidence.fan(&evidence.shown, outcome);
    let carbon = fan("compute_co2_mt_per_year")?;
    let on_site = fan("water_on_site_gl_per_year")?;
    let off_site = fan("water_off_site_gl_per_year")?;
    let (first, last) = ends(&carbon.points)?;
    let (near, far) = (ends(&on_site.points)?.1, ends(&off_site.points)?.1);
    let measure = Measure::of("compute_co2_mt_per_year");
    let title = format!(
        "Carbon from compute {}, to {} Mt a year {}; {} of its water is used at power stations",
        change(first, last),
        measure.written(last),
        by_year(&carbon.points),
        percent(far / (near + far))
    );
    let subtitle = format!(
        "CO₂ and water of compute, world, {}",
        period(&carbon.points)
    );
    let emissions = Panel {
        heading: "CO₂".to_owned(),
        unit: "Mt a year".to_owned(),
        series: vec![series("CO₂", VERMILION, carbon)],
        labelled: true,
        ..Panel::default()
    };
    let water = Panel {
        heading: "Water".to_owned(),
        unit: "bn litres a year".to_owned(),
        series: vec![
            line("At the site", BLUE, on_site.points),
            line("Power stations", SKY, off_site.points),
        ],
        stacked: true,
        labelled: true,
        ..Panel::default()
    };
    let body = Body::Panels(over_time(evidence, vec![emissions, water], 2));
    Some(chart(evidence, "carbon_and_water", &title, &subtitle, body))
}
