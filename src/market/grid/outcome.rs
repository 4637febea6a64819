//! What a cleared week says about a region: prices, carbon, water, curtailment, rents.

use super::dispatch::{HOURS, Hours, Owner, lanes_total, mean_of_highest, total};
use super::model::RegionModel;
use super::region_week::{
    Buffers, INTERNAL, KINDS, Parts, Setting, cooling_means, margin, wanted_mwh, yearly,
};
use super::state::RegionState;
use crate::market::model::WEEK_H;
use crate::scenario::types::PlantKind;

/// Hours that make the worst 5 % of a week.
const WORST_HOURS: usize = 8;
/// Above this an hour counts as scarce.
const SCARCE_USD_PER_MWH: f64 = 500.0;

/// Energy, carbon and water of the week's supply.
#[derive(Clone, Copy, Debug, Default)]
pub struct Supplied {
    pub mwh: f64,
    pub co2_t: f64,
    pub water_m3: f64,
}

pub fn write(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) {
    prices(region, parts.state, buffers);
    buffers.supplied = fleets(setting, region, parts, buffers);
}

/// Carbon and water of what is used, once it is known what neighbours send.
pub fn write_use(setting: &Setting<'_>, state: &mut RegionState, buffers: &Buffers) {
    rates(state, buffers.supplied);
    compute(setting, state, buffers);
}

fn prices(region: &RegionModel, state: &mut RegionState, buffers: &Buffers) {
    let cleared = &buffers.cleared;
    let price = &cleared.price_usd_per_mwh;
    let exports = region
        .facts
        .trade
        .as_ref()
        .map_or(0.0, |trade| trade.export_mw);
    let spent = lanes_total(&buffers.load_mw, |hour, mw| (mw - exports) * price[hour]);
    let energy = lanes_total(&buffers.load_mw, |_, mw| mw - exports);
    let mean = total(price) / HOURS as f64;
    state.wholesale_usd_per_mwh = if energy > 1e-6 { spent / energy } else { mean };
    state.wholesale_worst_usd_per_mwh = mean_of_highest(price, WORST_HOURS);
    state.hourly_usd_per_mwh.clear();
    state.hourly_usd_per_mwh.extend_from_slice(&price[..]);
    state.hourly_load_mw.clear();
    let own = buffers.load_mw.iter().map(|mw| mw - exports);
    state.hourly_load_mw.extend(own);
    state.scarcity_hours = price
        .iter()
        .filter(|price| **price > SCARCE_USD_PER_MWH)
        .count() as f64;
    state.unserved_mwh = total(&cleared.unserved_mw);
    state.load_mw = (energy - state.unserved_mwh) / WEEK_H;
    state.load_peak_mw = highest(&buffers.load_mw) - exports;
    state.net_load_peak_mw = highest(&buffers.net_mw);
    state.co2_marginal_t_per_mwh = total(&cleared.co2_marginal_t_per_mwh) / HOURS as f64;
}

fn highest(hours: &Hours) -> f64 {
    let most = |most: f64, mw: &f64| if *mw > most { *mw } else { most };
    hours.iter().fold(0.0, most)
}

/// Output and rent of each fleet; neighbours count when more comes in than goes out.
fn fleets(
    setting: &Setting<'_>,
    region: &RegionModel,
    parts: &mut Parts<'_>,
    buffers: &mut Buffers,
) -> Supplied {
    let first = region.fleets.start;
    parts.columns.output_mwh[region.fleets.clone()].fill(0.0);
    let price = &buffers.cleared.price_usd_per_mwh;
    let (mut supplied, mut trade) = (Supplied::default(), Supplied::default());
    for (index, block) in buffers.stack.blocks.iter().enumerate() {
        let output = &buffers.cleared.output_mw[index];
        match block.owner {
            Owner::Fleet(position) => {
                let mwh = total(output);
                let fleet = &setting.model.fleets[first + position];
                parts.columns.output_mwh[first + position] += mwh;
                let thermal = matches!(fleet.technology.kind, PlantKind::Thermal(_));
                let markup = if thermal {
                    region.facts.offer_markup_share
                } else {
                    0.0
                };
                let cost = block.cost_usd_per_mwh / (1.0 + markup);
                buffers.rent[position] += margin(price, output, cost);
                if !matches!(fleet.technology.kind, PlantKind::Battery(_)) {
                    supplied.mwh += mwh;
                    supplied.co2_t += mwh * block.co2_t_per_mwh;
                    supplied.water_m3 += mwh * block.water_m3_per_mwh;
                }
                if matches!(
                    fleet.technology.kind,
                    PlantKind::Wind(_) | PlantKind::Solar(_)
                ) {
                    buffers.rent[position] +=
                        mwh * setting.model.rules.generation.clean_premium_usd_per_mwh;
                }
            }
            Owner::Trade => {
                trade.mwh += total(output);
                trade.co2_t = block.co2_t_per_mwh;
            }
            Owner::Compute(_) => {}
        }
    }
    for (position, charge) in &buffers.charges {
        buffers.rent[*position] -= margin(price, charge, 0.0);
    }
    for (position, at) in region.fleets.clone().enumerate() {
        let energy = buffers.rent[position];
        let accredited = setting.model.fleets[at].technology.accredited_share;
        let paid = parts.state.capacity_price_usd_per_mw_day * 365.25 * accredited;
        buffers.rent[position] = yearly(energy, parts.columns.capacity_mw[at]) + paid;
    }
    let exports = region
        .facts
        .trade
        .as_ref()
        .map_or(0.0, |trade| trade.export_mw)
        * WEEK_H;
    let net = trade.mwh - exports;
    exchanged(net, parts.state, buffers);
    if net > 0.0 {
        supplied.mwh += net;
        supplied.co2_t += net * trade.co2_t;
    }
    supplied
}

/// Imports and exports: neighbours' net of the week, and what corridors carried.
fn exchanged(net_mwh: f64, state: &mut RegionState, buffers: &Buffers) {
    let (bought, sold) = if net_mwh > 0.0 {
        (net_mwh, 0.0)
    } else {
        (0.0, -net_mwh)
    };
    let through = &buffers.import_mw;
    let brought = lanes_total(through, |_, mw| if mw > 0.0 { mw } else { 0.0 });
    state.imports_mwh = bought + brought;
    state.exports_mwh = sold + brought - total(through);
}

fn rates(state: &mut RegionState, supplied: Supplied) {
    let mwh = if supplied.mwh > 1e-6 {
        supplied.mwh
    } else {
        1.0
    };
    state.co2_average_t_per_mwh = supplied.co2_t / mwh;
    state.water_off_site_m3_per_mwh = supplied.water_m3 / mwh;
}

/// Compute: what was curtailed, and what the rest used.
fn compute(setting: &Setting<'_>, state: &mut RegionState, buffers: &Buffers) {
    let wanted = wanted_mwh(buffers);
    let mut curtailed = [0.0; KINDS];
    for (index, block) in buffers.stack.blocks.iter().enumerate() {
        if let Owner::Compute(kind) = block.owner {
            curtailed[kind] += total(&buffers.cleared.output_mw[index]);
        }
    }
    let mut own = [0.0; KINDS];
    (own[0], own[INTERNAL]) = (buffers.own_power_mwh[0], buffers.own_power_mwh[1]);
    let part = |kind: usize| {
        if wanted[kind] + own[kind] > 1e-9 {
            curtailed[kind] / (wanted[kind] + own[kind])
        } else {
            0.0
        }
    };
    state.curtailed_share = std::array::from_fn(part);
    state.internal_curtailed_share = part(INTERNAL);
    state.curtailed_mwh = curtailed.iter().sum();
    let drawn: [f64; KINDS] = std::array::from_fn(|kind| wanted[kind] - curtailed[kind]);
    let served: [f64; KINDS] = std::array::from_fn(|kind| drawn[kind] + own[kind]);
    let (litres_per_kwh, pue) = cooling_means(buffers);
    (state.pue, state.water_on_site_m3_per_mwh_it) = (pue, litres_per_kwh);
    state.compute_mwh = served.iter().sum();
    let it_mwh = (setting.compute.operator_it_mw * (1.0 - part(0))
        + setting.compute.internal_it_mw * (1.0 - part(INTERNAL)))
        * WEEK_H;
    let other = setting.other_data_centre_mw * pue / setting.model.regions[setting.id].facts.pue;
    state.data_centre_mw = other + (served[0] + served[2] + served[INTERNAL]) / WEEK_H;
    let drawn_mwh: f64 = drawn.iter().sum();
    let bought_co2_t = drawn_mwh * state.co2_average_t_per_mwh;
    let region = &setting.model.regions[setting.id];
    let held = region.facts.tariffs.contracts.as_ref();
    let clean = held.map_or(0.0, |held| held.load_share);
    state.water_on_site_m3 = it_mwh * litres_per_kwh;
    state.water_off_site_m3 = drawn_mwh * state.water_off_site_m3_per_mwh;
    (state.co2_t, state.co2_market_t) = (bought_co2_t, bought_co2_t * (1.0 - clean));
    state.own_power_mwh = own[0] + own[INTERNAL];
    let operators = served[0] + served[INTERNAL];
    state.own_power_share = if operators > 1e-9 {
        state.own_power_mwh / operators
    } else {
        0.0
    };
    if let Some(turbines) = &region.own_power {
        let mwh = state.own_power_mwh;
        let co2_t = mwh * turbines.co2_t_per_mwh(setting.model);
        state.co2_t += co2_t;
        state.co2_market_t += co2_t;
        state.water_off_site_m3 += mwh * turbines.water_m3_per_mwh();
        state.load_mw += mwh / WEEK_H;
    }
}
