//! Power bills: what sold and own work drew, at each region's tariff; and what mining earned.

use super::super::books::micro_usd;
use super::super::clearing::Seller;
use super::super::grid::{LoadKind, Tariff};
use super::super::ids::{Id, RegionId};
use super::super::model::WEEK_H;
use super::super::week::{Fault, Week};
use super::super::world::World;

/// Called by power, after curtailed hours are refunded.
pub fn pay_power_bills(week: &Week, world: &mut World) -> Result<(), Fault> {
    let model = &week.model.operators;
    let World {
        operators,
        market,
        grid,
        books,
        ..
    } = world;
    let regions = model.regions;
    let mut it_mwh = vec![0.0; model.firms.len() * regions];
    for (id, offer) in week.model.market.offers.iter() {
        let Seller::Operator(operator) = offer.seller else {
            continue;
        };
        let served = market.served_h[id];
        if served <= 0.0 {
            continue;
        }
        let kw = operators.kw_per_reference(operator, offer.area, offer.class);
        for region in &week.model.places.regions_of_area[offer.area] {
            let share = operators.region_share(operator, *region);
            it_mwh[operator.index() * regions + region.index()] += served * kw * share / 1e3;
        }
    }
    for (operator, firm) in model.firms.iter() {
        for region in 0..regions {
            let id = RegionId::new(region);
            let state = &grid.regions[id];
            let on = |kind: LoadKind| 1.0 - state.curtailed_share[kind as usize].clamp(0.0, 1.0);
            let site = operators.site(operator, id);
            let own = operators.internal_mw[site] * WEEK_H * on(LoadKind::Operator);
            let mined = operators.mining_mw[site] * WEEK_H * on(LoadKind::Miner);
            let tariff = operators.tariff_usd_per_mwh[region];
            let drawn = (it_mwh[site] + own) * operators.pue[region];
            // Miners buy at the industrial rate where the grid has one.
            let industrial = state.tariff_usd_per_mwh[Tariff::Industrial as usize];
            let mining_tariff = if industrial > 0.0 { industrial } else { tariff };
            let bill = drawn * tariff + mined * mining_tariff;
            if bill > 0.0 {
                let amount = micro_usd(bill);
                operators.cash_micro_usd[operator] -= amount;
                operators.power_bill_usd_this_week[operator] += bill;
                books.post(firm.cash, model.ground[id].bills, amount);
            }
            if mined > 0.0 {
                let earned = mined * firm.mining_value_usd_per_mwh;
                operators.pay(week.model, operator, -earned, books);
            }
        }
    }
    Ok(())
}
