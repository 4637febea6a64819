//! Sold hours become electrical load by region, and work by hardware.

use super::super::chips::CLASSES;
use super::super::ids::{Id, OfferId, RegionId};
use super::super::model::{Model, WEEK_H};
use super::super::operators::Operators;
use super::super::providers::{Providers, Venue};
use super::super::world::{Column, Visitor};
use super::offers::Seller;
use super::state::Market;

/// Compute load of a region, mean MW of the week, and what an MWh of it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ComputeLoad {
    /// IT load of hours that operators sold.
    pub operator_it_mw: f64,
    /// IT load of operators' own work; filled by operators.
    pub internal_it_mw: f64,
    /// Load of independent providers at the meter.
    pub provider_mw: f64,
    /// Load of miners; filled by operators.
    pub miner_mw: f64,
    pub value_usd_per_mwh: f64,
    pub internal_value_usd_per_mwh: f64,
    pub provider_value_usd_per_mwh: f64,
    pub miner_value_usd_per_mwh: f64,
}

impl ComputeLoad {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for value in [
            &mut self.operator_it_mw,
            &mut self.internal_it_mw,
            &mut self.provider_mw,
            &mut self.miner_mw,
            &mut self.value_usd_per_mwh,
            &mut self.internal_value_usd_per_mwh,
            &mut self.provider_value_usd_per_mwh,
            &mut self.miner_value_usd_per_mwh,
        ] {
            visitor.column("market.load", Column::F64(std::slice::from_mut(value)));
        }
    }
}

/// Hours that one hardware sold on one venue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Device-hours sold.
    pub sold_h: f64,
    /// What buyers paid for a device-hour.
    pub price_usd_per_h: f64,
    /// What buyers paid in all.
    pub fees_usd: f64,
}

impl Work {
    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for value in [
            &mut self.sold_h,
            &mut self.price_usd_per_h,
            &mut self.fees_usd,
        ] {
            visitor.column("market.work", Column::F64(std::slice::from_mut(value)));
        }
    }
}

/// Fills load and work from the week's sales.
pub fn fill(model: &Model, operators: &Operators, providers: &Providers, market: &mut Market) {
    for load in market.load.values_mut() {
        (load.operator_it_mw, load.value_usd_per_mwh) = (0.0, 0.0);
        (load.provider_mw, load.provider_value_usd_per_mwh) = (0.0, 0.0);
    }
    market.operator_sold_h.fill(0.0);
    operators_load(model, operators, market);
    let works = market.network_work.values_mut().iter_mut();
    for works in works.chain(market.marketplace_work.values_mut().iter_mut()) {
        works.values_mut().fill(Work::default());
    }
    providers_load(model, providers, market);
    // So far values are USD an hour; divided by MW they are USD per MWh.
    for load in market.load.values_mut() {
        load.value_usd_per_mwh = per_mwh(load.value_usd_per_mwh, load.operator_it_mw);
        load.provider_value_usd_per_mwh =
            per_mwh(load.provider_value_usd_per_mwh, load.provider_mw);
    }
    for works in [&mut market.network_work]
        .into_iter()
        .flat_map(|table| table.values_mut())
    {
        works.values_mut().iter_mut().for_each(price);
    }
    for works in market.marketplace_work.values_mut() {
        works.values_mut().iter_mut().for_each(price);
    }
}

fn per_mwh(usd_per_h: f64, mw: f64) -> f64 {
    if mw > 0.0 { usd_per_h / mw } else { 0.0 }
}

fn price(work: &mut Work) {
    work.price_usd_per_h = if work.sold_h > 0.0 {
        work.fees_usd / work.sold_h
    } else {
        0.0
    };
}

fn operators_load(model: &Model, operators: &Operators, market: &mut Market) {
    for pool in &model.market.pools {
        let offers = [pool.on_demand, pool.reserved, pool.spot];
        let sold: f64 = offers.iter().map(|offer| market.sold_h[*offer]).sum();
        if sold <= 0.0 {
            continue;
        }
        market.operator_sold_h[pool.operator.index() * CLASSES + pool.class as usize] += sold;
        let usd: f64 = offers.iter().map(|offer| market.revenue_usd[*offer]).sum();
        let kw = operators.kw_per_reference(pool.operator, pool.area, pool.class);
        let mw = sold / WEEK_H * kw / 1_000.0;
        for &region in &model.places.regions_of_area[pool.area] {
            let share = operators.region_share(pool.operator, region);
            let load = &mut market.load[region];
            load.operator_it_mw += share * mw;
            load.value_usd_per_mwh += share * usd / WEEK_H;
        }
    }
}

/// Each cell's part in its offer, by reference-chip hours.
fn providers_load(model: &Model, providers: &Providers, market: &mut Market) {
    for (cell, record) in model.providers.cells.iter() {
        let kind = &model.providers.hardware[record.hardware];
        for (position, venue) in record.venues.iter().enumerate() {
            let (Some(venue), Some(offer)) = (*venue, providers.offers[cell][position]) else {
                continue;
            };
            let offered_h = providers.offered_h[cell][position];
            let capacity = market.capacity_h[offer];
            if offered_h <= 0.0 || capacity <= 0.0 || kind.reference_per_device <= 0.0 {
                continue;
            }
            let part = offered_h / capacity;
            let sold_h = part * market.sold_h[offer] / kind.reference_per_device;
            let fees_usd = part * market.revenue_usd[offer];
            let load = &mut market.load[record.region];
            // What is online draws power whether it is busy or not.
            load.provider_mw += providers.online_kw(cell, position) / 1_000.0;
            load.provider_value_usd_per_mwh += fees_usd / WEEK_H;
            let work = match venue {
                Venue::Network(id) => &mut market.network_work[id][record.hardware],
                Venue::Marketplace(id) => &mut market.marketplace_work[id][record.hardware],
            };
            work.sold_h += sold_h;
            work.fees_usd += fees_usd;
        }
    }
}

/// Share of an offer's hours that the grid takes back: by region of the load behind it.
pub fn curtailed_share(
    model: &Model,
    operators: &Operators,
    offer: OfferId,
    curtailed: &dyn Fn(RegionId, bool) -> f64,
) -> f64 {
    let record = &model.market.offers[offer];
    let regions = &model.places.regions_of_area[record.area];
    let (mut share, mut weight) = (0.0, 0.0);
    for &region in regions {
        let (part, theirs) = match record.seller {
            Seller::Operator(operator) => (operators.region_share(operator, region), true),
            Seller::Marketplace(_) | Seller::Network(_) => (1.0, false),
        };
        share += part * curtailed(region, theirs);
        weight += part;
    }
    if weight > 0.0 {
        (share / weight).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
