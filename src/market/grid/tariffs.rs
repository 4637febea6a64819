//! Tariffs and the yearly price of capacity.
//!
//! A tariff is energy + capacity + wires. Energy follows the wholesale price with a lag, through
//! losses; data centres' contracts follow faster. Wires are what opening tariffs held beyond
//! energy and capacity. New data centres bring wires: a share of their yearly cost falls on all
//! customers, the rest on data centres, and what data centres pay for wires relieves the others.
//! Fixed cost is divided by energy sold, so the sign of their effect on bills is an outcome.
//!
//! What data centres hold in contracts for difference costs the strike, whatever the market pays.
//! Their demand charge falls on the highest load of about a year, so that a data centre which
//! runs below it pays more for each MWh: a minimum take.
//!
//! Shops and offices pay the mean of industry and homes. Homes with a tariff by the hour pay p_e
//! in the evening and p_o else, p_e − p_o = Δ, and u of their use falls in the evening; Δ and the
//! mean of both follow the wholesale prices of their hours from the opening on. A device that
//! runs day and night buys less of its power in the evening than the home around it.
//!
//! Where data centres have turbines behind the meter (`own_power`), their tariff is the mean of
//! both, by energy.
//!
//! Capacity: with x = reserve margin − target, the price is 1.6 × the net cost of entry at
//! x ≤ −1 %, 0.75 × at +1.5 % and zero from +6 %, straight between, then floor and ceiling.

use super::model::{GridModel, RegionModel, YEAR_H};
use super::state::{RegionMemory, RegionState, Tariff};
use crate::kernels::math;
use crate::market::model::WEEK_H;
use crate::scenario::types::{CapacityMarket, TariffRules, Tariffs};

/// Points of the demand curve for capacity: margin beyond target, multiple of cost of entry.
const CURVE: [(f64, f64); 3] = [(-0.01, 1.6), (0.015, 0.75), (0.06, 0.0)];
/// Years over which wires are paid.
const WIRES_LIFE_YEARS: f64 = 40.0;
/// Weeks over which a data centre's highest load is remembered for its demand charge.
const PEAK_MEMORY_WEEKS: f64 = 52.0;
/// Hours of the day that tariffs by the hour call the evening.
const EVENING: std::ops::Range<usize> = 16..21;
/// Their share of the hours of a day.
const EVENING_SHARE: f64 = 5.0 / 24.0;

/// Price of capacity at a reserve margin, USD per MW and day.
pub fn capacity_price_usd_per_mw_day(market: &CapacityMarket, margin_share: f64) -> f64 {
    let x = margin_share - market.target_margin_share;
    let mut multiple = CURVE[0].1;
    for pair in CURVE.windows(2) {
        let ((from, high), (to, low)) = (pair[0], pair[1]);
        if x >= from {
            multiple = high + (low - high) * (x - from) / (to - from);
        }
    }
    if x >= CURVE[2].0 {
        multiple = 0.0;
    }
    let price = multiple * market.net_cost_of_entry_usd_per_mw_day;
    let floor = market.floor_usd_per_mw_day.unwrap_or(0.0);
    let ceiling = market.ceiling_usd_per_mw_day;
    let price = if price < floor { floor } else { price };
    if price > ceiling { ceiling } else { price }
}

/// Opens tariffs at the published level; the remainder is wires.
pub fn open(
    model: &GridModel,
    region: &RegionModel,
    state: &mut RegionState,
    (mean_usd, gap_usd): (f64, f64),
) {
    let facts = &region.facts.tariffs;
    let published = [
        model.rules.tariffs.data_centre_usd_per_mwh(facts),
        facts.industrial_usd_per_mwh,
        0.5 * (facts.industrial_usd_per_mwh + facts.residential_usd_per_mwh),
        facts.residential_usd_per_mwh,
    ];
    let rules = &model.rules.tariffs;
    let memory = &mut state.memory;
    (memory.regulated_usd_per_mwh, memory.indexed_usd_per_mwh) = (mean_usd, mean_usd);
    (
        memory.evening_gap_usd_per_mwh,
        memory.opening_gap_usd_per_mwh,
    ) = (gap_usd, gap_usd);
    let capacity = state.capacity_price_usd_per_mw_day;
    for (class, published) in published.into_iter().enumerate() {
        let energy = energy_usd_per_mwh(facts, memory, class) * (1.0 + rules.loss_share);
        let wires = published - energy - capacity_usd_per_mwh(region, capacity, class);
        memory.wires_usd_per_mwh[class] = wires;
        state.tariff_usd_per_mwh[class] = published;
    }
    homes(model, region, state);
}

/// Mean price of a week's evenings above that of its other hours.
pub fn evening_gap_usd(price_usd_per_mwh: &[f64]) -> f64 {
    let (mut evening, mut other) = ((0.0, 0.0), (0.0, 0.0));
    for (hour, price) in price_usd_per_mwh.iter().enumerate() {
        let part = if EVENING.contains(&(hour % 24)) {
            &mut evening
        } else {
            &mut other
        };
        *part = (part.0 + price, part.1 + 1.0);
    }
    if evening.1 > 0.0 && other.1 > 0.0 {
        evening.0 / evening.1 - other.0 / other.1
    } else {
        0.0
    }
}

/// What homes pay: the mean of flat tariffs and those by the hour, for the mean home and for a
/// device that runs day and night; and the bill.
fn homes(model: &GridModel, region: &RegionModel, state: &mut RegionState) {
    let flat = state.tariff_usd_per_mwh[Tariff::Residential as usize];
    let (mut home, mut device) = (flat, flat);
    if let Some(rule) = &region.facts.tariffs.time_of_use {
        let memory = &state.memory;
        let losses = 1.0 + model.rules.tariffs.loss_share;
        let ratio = rule.peak_price_ratio - 1.0;
        let opening = region.facts.tariffs.residential_usd_per_mwh;
        let grown = (memory.evening_gap_usd_per_mwh - memory.opening_gap_usd_per_mwh) * losses;
        let gap = opening * ratio / (1.0 + rule.peak_use_share * ratio) + grown;
        let more = rule.peak_use_share - EVENING_SHARE;
        home += rule.home_share * more * grown;
        device = home - rule.home_share * more * gap;
    }
    let least = |usd: f64| if usd > 1.0 { usd } else { 1.0 };
    let tariff = &mut state.tariff_usd_per_mwh;
    tariff[Tariff::Residential as usize] = least(home);
    tariff[Tariff::RoundTheClock as usize] = least(device);
    let kwh = region.facts.household_kwh_per_month;
    state.residential_bill_usd_per_month = tariff[Tariff::Residential as usize] * kwh / 1e3;
}

/// Energy as a class pays it: what data centres hold in contracts costs the strike.
fn energy_usd_per_mwh(tariffs: &Tariffs, memory: &RegionMemory, class: usize) -> f64 {
    if class != 0 {
        return memory.regulated_usd_per_mwh;
    }
    let market = memory.indexed_usd_per_mwh;
    match &tariffs.contracts {
        Some(held) => market + held.load_share * (held.strike_usd_per_mwh - market),
        None => market,
    }
}

/// Capacity per MWh: data centres run flat, everybody else at the region's load factor.
fn capacity_usd_per_mwh(region: &RegionModel, price_usd_per_mw_day: f64, class: usize) -> f64 {
    let factor = if class == 0 {
        1.0
    } else {
        region.facts.load_factor_share
    };
    price_usd_per_mw_day / 24.0 / factor
}

/// Next week's tariffs. `base_mw` is the mean demand of everybody but data centres.
pub fn update(
    model: &GridModel,
    region: &RegionModel,
    state: &mut RegionState,
    (base_mw, factor): (f64, f64),
) {
    let rules = &model.rules.tariffs;
    follow(rules, state);
    let (burden, own) = wires(model, state, base_mw);
    let memory = &state.memory;
    let mut bills = [0.0; 5];
    for (class, bill) in bills.iter_mut().take(4).enumerate() {
        let energy = energy_usd_per_mwh(&region.facts.tariffs, memory, class);
        let capacity = capacity_usd_per_mwh(region, state.capacity_price_usd_per_mw_day, class);
        let added = if class == 0 { own } else { burden };
        let sum =
            energy * (1.0 + rules.loss_share) + capacity + memory.wires_usd_per_mwh[class] + added;
        // A tariff may be subsidised, never negative.
        *bill = if sum > 1.0 { sum * factor } else { factor };
    }
    let own = state.own_power_share;
    bills[0] += own * (state.own_power_usd_per_mwh - bills[0]);
    state.tariff_usd_per_mwh = bills;
    homes(model, region, state);
}

/// Load of data centres on the grid, mean MW of the week.
fn bought_mw(state: &RegionState) -> f64 {
    let mw = state.data_centre_mw - state.own_power_mwh / WEEK_H;
    if mw > 0.0 { mw } else { 0.0 }
}

fn follow(rules: &TariffRules, state: &mut RegionState) {
    let price = state.wholesale_usd_per_mwh;
    let gap = evening_gap_usd(&state.hourly_usd_per_mwh);
    let load = bought_mw(state);
    let memory = &mut state.memory;
    memory.evening_gap_usd_per_mwh += (gap - memory.evening_gap_usd_per_mwh) / rules.lag_weeks;
    memory.regulated_usd_per_mwh += (price - memory.regulated_usd_per_mwh) / rules.lag_weeks;
    memory.indexed_usd_per_mwh += (price - memory.indexed_usd_per_mwh) / rules.indexed_lag_weeks;
    let fading =
        memory.peak_data_centre_mw * (1.0 - 1.0 / PEAK_MEMORY_WEEKS) + load / PEAK_MEMORY_WEEKS;
    memory.peak_data_centre_mw = if load > fading { load } else { fading };
}

/// What new wires and their payers add per MWh: for everybody else, and for data centres.
fn wires(model: &GridModel, state: &RegionState, base_mw: f64) -> (f64, f64) {
    let rules = &model.rules.tariffs;
    let memory = &state.memory;
    let load = bought_mw(state);
    let load = if load > 1.0 { load } else { 1.0 };
    let rate = model.rules.generation.cost_of_capital_share;
    let grown = math::pow(1.0 + rate, WIRES_LIFE_YEARS);
    let yearly_per_kw = rules.wires_usd_per_kw * rate * grown / (grown - 1.0);
    let new_mw = memory.peak_data_centre_mw - memory.opening_data_centre_mw;
    let new_mw = if new_mw > 0.0 { new_mw } else { 0.0 };
    let yearly_usd = yearly_per_kw * 1e3 * new_mw;
    let charge_usd_per_mw_year = rules.demand_charge_usd_per_kw_month * 12e3;
    // Demand charges on the part of the peak that is not used at the mean of the week.
    let idle_usd = charge_usd_per_mw_year * (memory.peak_data_centre_mw - load) / (load * YEAR_H);
    let paid = memory.wires_usd_per_mwh[0] * YEAR_H * (load - memory.opening_data_centre_mw);
    let relief = if paid > 0.0 { paid } else { 0.0 };
    let base = if base_mw > 1.0 { base_mw } else { 1.0 };
    let burden = (rules.socialised_share * yearly_usd - relief) / (base * YEAR_H);
    let own = (1.0 - rules.socialised_share) * yearly_usd / (load * YEAR_H) + idle_usd;
    (burden, own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_dear_when_short_and_free_when_ample() {
        let market = CapacityMarket {
            net_cost_of_entry_usd_per_mw_day: 200.0,
            target_margin_share: 0.1,
            floor_usd_per_mw_day: None,
            ceiling_usd_per_mw_day: 1e5,
        };
        let price = |margin| capacity_price_usd_per_mw_day(&market, margin);
        assert_eq!(price(0.0), 320.0);
        assert!((price(0.115) - 150.0).abs() < 1e-9);
        assert_eq!(price(0.2), 0.0);
        // Convex: the first point of margin is worth more than the second.
        assert!(price(0.095) - price(0.105) > price(0.13) - price(0.14));
        let collar = CapacityMarket {
            floor_usd_per_mw_day: Some(175.0),
            ceiling_usd_per_mw_day: 300.0,
            ..market
        };
        assert_eq!(capacity_price_usd_per_mw_day(&collar, 0.3), 175.0);
        assert_eq!(capacity_price_usd_per_mw_day(&collar, 0.0), 300.0);
    }
}
