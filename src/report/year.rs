//! The last year of a run as flows: who pays whom, where tokens, chips and electricity go.

use std::collections::BTreeMap;

use super::chart::{Body, Chart};
use super::charts::{chart, over_kept};
use super::evidence::Evidence;
use super::flows::{Flow, FlowPanel, Flows};
use super::palette::{BLUE, GREEN, ORANGE, PINK, Rgb, SKY, VERMILION};
use super::words::{fixed, name};

/// Weeks of the year that is shown.
const YEAR: f64 = 52.0;
const REST: Rgb = Rgb(0x93, 0x93, 0x93);
/// Named flows of a side at most; the others are one.
const NAMED: usize = 4;

type Paths = BTreeMap<String, Vec<(f64, f64)>>;

pub(super) fn flows(evidence: &Evidence) -> Option<Chart> {
    let panels: Vec<FlowPanel> = [money, tokens, chips, power]
        .iter()
        .filter_map(|make| make(evidence))
        .filter(|panel| panel.total() > 0.0)
        .collect();
    let first = panels.first()?;
    let title = match first.heading.as_str() {
        "Money" => {
            let of = |flows: &[Flow], label: &str| {
                let found = flows.iter().find(|flow| flow.label == label);
                found.map_or(0.0, |flow| flow.amount)
            };
            let (paid, chips) = (of(&first.from, "Buyers"), of(&first.to, "Chips"));
            format!(
                "In a year buyers pay operators ${}bn, and operators pay ${}bn for chips",
                fixed(paid, 0),
                fixed(chips, 0)
            )
        }
        _ => "What flows in a year".to_owned(),
    };
    let weeks = evidence.manifest.weeks;
    let subtitle = match weeks {
        0..52 => format!("Flows of the whole run, {weeks} weeks"),
        _ => "Flows of the last 52 weeks".to_owned(),
    };
    let body = Body::Flows(Flows { panels });
    let made = chart(evidence, "flows", &title, &subtitle, body);
    Some(over_kept(evidence, "operators", made))
}

/// Sum over the last year of each path, all scaled.
fn year_sums(paths: &Paths, scale: f64) -> Vec<(String, f64)> {
    let sum = |path: &Vec<(f64, f64)>| {
        let from = path.len().saturating_sub(YEAR as usize);
        let values = path[from..].iter().map(|point| point.1);
        values.filter(|value| value.is_finite()).sum::<f64>() * scale
    };
    let sums = paths
        .iter()
        .map(|(entity, path)| (entity.clone(), sum(path)));
    let mut sums: Vec<(String, f64)> = sums.collect();
    sums.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    sums
}

fn total(sums: &[(String, f64)]) -> f64 {
    sums.iter().map(|sum| sum.1).sum()
}

fn flow(label: &str, amount: f64, colour: Rgb) -> Flow {
    Flow {
        label: label.to_owned(),
        amount,
        colour,
    }
}

/// The flows that are any, in order.
fn some(flows: Vec<Flow>) -> Vec<Flow> {
    let any = flows.into_iter().filter(|flow| flow.amount > 0.0);
    any.collect()
}

/// The largest as flows of their own, the others as one.
fn largest(evidence: &Evidence, kind: &str, sums: &[(String, f64)], rest: &str) -> Vec<Flow> {
    let mut flows: Vec<Flow> = sums
        .iter()
        .take(NAMED)
        .map(|(entity, sum)| flow(&name(entity), *sum, evidence.palette.colour(kind, entity)))
        .collect();
    flows.push(flow(rest, total(&sums[sums.len().min(NAMED)..]), REST));
    some(flows)
}

/// Bills of operators: what they sell and spend, $bn.
fn money(evidence: &Evidence) -> Option<FlowPanel> {
    let of = |column: &str| year_sums(&evidence.paths("operators", "operator", column), 1e-9);
    let sold = total(&of("revenue_usd"));
    let (chips, capex) = (total(&of("chip_spend_usd")), total(&of("capex_usd")));
    let power = power_bill_usd_bn(evidence);
    let sites = (capex - chips).max(0.0);
    let spent = chips + sites + power;
    (sold + spent > 0.0).then(|| FlowPanel {
        heading: "Money".to_owned(),
        unit: "$bn, operators".to_owned(),
        through: "Operators".to_owned(),
        from: some(vec![
            flow("Buyers", sold, BLUE),
            flow("Own business, capital", spent - sold, REST),
        ]),
        to: some(vec![
            flow("Chips", chips, GREEN),
            flow("Sites, power, network", sites, ORANGE),
            flow("Electricity", power, VERMILION),
            flow("Left over", sold - spent, SKY),
        ]),
    })
}

/// Energy of compute at the data centres' tariff, $bn.
fn power_bill_usd_bn(evidence: &Evidence) -> f64 {
    let energy = evidence.paths("regions", "region", "compute_mwh");
    let tariff = evidence.paths("regions", "region", "data_centre_tariff_usd_per_mwh");
    let mut bills = Paths::new();
    for (region, path) in &energy {
        let Some(prices) = tariff.get(region) else {
            continue;
        };
        let bill = path
            .iter()
            .zip(prices)
            .map(|(mwh, usd)| (mwh.0, mwh.1 * usd.1));
        bills.insert(region.clone(), bill.collect());
    }
    total(&year_sums(&bills, 1e-9))
}

/// Tokens of all networks at the price of their week, $m.
fn tokens(evidence: &Evidence) -> Option<FlowPanel> {
    let prices = evidence.paths("networks", "network", "token_price_usd");
    let valued = |column: &str| -> Vec<(String, f64)> {
        let mut amounts = evidence.paths("networks", "network", column);
        for (network, path) in &mut amounts {
            let price = prices.get(network).map_or(&[][..], Vec::as_slice);
            for (point, usd) in path.iter_mut().zip(price) {
                point.1 *= usd.1;
            }
        }
        year_sums(&amounts, 1e-6)
    };
    let (minted, sold) = (valued("emission_tokens"), total(&valued("sold_tokens")));
    let all = total(&minted);
    (all > 0.0).then(|| {
        let mut from = largest(evidence, "network", &minted, "Others");
        from.extend(some(vec![flow("From holdings", sold - all, REST)]));
        FlowPanel {
            heading: "Tokens".to_owned(),
            unit: "$m at the week’s price".to_owned(),
            through: "New tokens".to_owned(),
            from,
            to: some(vec![
                flow("Sold by providers", sold, VERMILION),
                flow("Held, staked, treasury", all - sold, PINK),
            ]),
        }
    })
}

/// Chips delivered by class and the growth of the fleets that they went to, H100e.
fn chips(evidence: &Evidence) -> Option<FlowPanel> {
    let owned = evidence.paths("chips", "chip", "owned_h100e");
    let counted = evidence.paths("chips", "chip", "owned_chips");
    let mut delivered = evidence.paths("chips", "chip", "delivered_chips");
    for (chip, path) in &mut delivered {
        // H100e of one chip, from the fleets that hold it.
        let worth = owned
            .get(chip)
            .zip(counted.get(chip))
            .and_then(|(h100e, chips)| {
                let pair = h100e
                    .iter()
                    .zip(chips)
                    .rev()
                    .find(|(_, count)| count.1 > 0.0);
                pair.map(|(h100e, count)| h100e.1 / count.1)
            });
        path.iter_mut()
            .for_each(|point| point.1 *= worth.unwrap_or(0.0));
    }
    let delivered = year_sums(&delivered, 1e-6);
    let all = total(&delivered);
    let fleets = evidence.paths("operators", "operator", "fleet_h100e");
    let mut grown: Vec<(String, f64)> = fleets
        .iter()
        .filter_map(|(operator, path)| {
            let from = path.len().saturating_sub(YEAR as usize + 1);
            let growth = path.last()?.1 - path.get(from)?.1;
            (growth > 0.0).then(|| (operator.clone(), growth * 1e-6))
        })
        .collect();
    grown.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    (all > 0.0).then(|| {
        let mut to = largest(evidence, "operator", &grown, "Other operators");
        let rest = all - total(&grown);
        to.extend(some(vec![flow(
            "Replacement, others",
            rest,
            Rgb(0xC6, 0xC6, 0xC6),
        )]));
        FlowPanel {
            heading: "Chips".to_owned(),
            unit: "m H100-equivalents".to_owned(),
            through: "Delivered".to_owned(),
            from: largest(evidence, "chip", &delivered, "Other chips"),
            to,
        }
    })
}

/// Electricity of compute by region, and what it runs, TWh.
fn power(evidence: &Evidence) -> Option<FlowPanel> {
    let energy = evidence.paths("regions", "region", "compute_mwh");
    let pue = evidence.paths("regions", "region", "pue");
    let mut servers = Paths::new();
    for (region, path) in &energy {
        let ratio = pue.get(region).map_or(&[][..], Vec::as_slice);
        let net = path.iter().zip(ratio).filter(|(_, pue)| pue.1 >= 1.0);
        let net = net.map(|(mwh, pue)| (mwh.0, mwh.1 / pue.1));
        servers.insert(region.clone(), net.collect());
    }
    let used = year_sums(&energy, 1e-6);
    let (all, servers) = (total(&used), total(&year_sums(&servers, 1e-6)));
    (all > 0.0).then(|| FlowPanel {
        heading: "Electricity".to_owned(),
        unit: "TWh".to_owned(),
        through: "Compute".to_owned(),
        from: largest(evidence, "region", &used, "Elsewhere"),
        to: some(vec![
            flow("Servers", servers, BLUE),
            flow("Cooling and losses", all - servers, SKY),
        ]),
    })
}
