//! The entity tables: one row per week and region, chip, operator, offer, network, segment.

use super::ids::{ChipId, Id, NetworkId, OfferId, OperatorId, RegionId, SegmentId};
use super::model::Model;
use super::record::Frame;
use super::week::Week;
use super::world::World;

const REGIONS: &[&str] = &[
    "wholesale_usd_per_mwh",
    "wholesale_worst_usd_per_mwh",
    "scarcity_hours",
    "data_centre_tariff_usd_per_mwh",
    "residential_tariff_usd_per_mwh",
    "residential_bill_usd_per_month",
    "data_centre_mw",
    "compute_mwh",
    "co2_average_t_per_mwh",
    "co2_marginal_t_per_mwh",
    "co2_t",
    "water_on_site_m3",
    "water_off_site_m3",
    "pue",
    "curtailed_share",
    "unserved_mwh",
    "reserve_margin_share",
    "connection_queue_mw",
];

const OFFERS: &[&str] = &[
    "capacity_h",
    "price_usd_per_h",
    "sold_h",
    "served_h",
    "curtailed_h",
    "wait_h",
    "utilisation_share",
];

/// Empty frames of every entity table.
pub fn frames() -> Vec<Frame> {
    vec![
        Frame::new("offers", "offer", OFFERS),
        Frame::new("regions", "region", REGIONS),
    ]
}

/// The name behind a row's entity.
pub fn entity_name(model: &Model, table: &str, entity: usize) -> String {
    let names = &model.names;
    match table {
        "offers" => model.market.offers[OfferId::new(entity)].name.clone(),
        "regions" => names.regions.name(RegionId::new(entity)).to_owned(),
        "chips" => names.chips.name(ChipId::new(entity)).to_owned(),
        "operators" => names.operators.name(OperatorId::new(entity)).to_owned(),
        "networks" => names.networks.name(NetworkId::new(entity)).to_owned(),
        "segments" => names.segments.name(SegmentId::new(entity)).to_owned(),
        _ => table.to_owned(),
    }
}

/// Adds this week's rows to one table.
pub fn fill(frame: &mut Frame, week: &Week, world: &World) {
    match frame.name {
        "offers" => offers(frame, week, world),
        "regions" => regions(frame, week, world),
        _ => {}
    }
}

fn offers(frame: &mut Frame, week: &Week, world: &World) {
    let market = &world.market;
    for (id, &capacity_h) in market.capacity_h.iter() {
        if capacity_h > 0.0 {
            let row = [
                capacity_h,
                market.price_usd_per_h[id],
                market.sold_h[id],
                market.served_h[id],
                market.curtailed_h[id],
                market.wait_h[id],
                market.utilisation_share[id],
            ];
            frame.push(week.number, id.index(), &row);
        }
    }
}

fn regions(frame: &mut Frame, week: &Week, world: &World) {
    for (id, region) in world.grid.regions.iter() {
        let [data_centre, _, _, residential] = region.tariff_usd_per_mwh;
        let row = [
            region.wholesale_usd_per_mwh,
            region.wholesale_worst_usd_per_mwh,
            region.scarcity_hours,
            data_centre,
            residential,
            region.residential_bill_usd_per_month,
            region.data_centre_mw,
            region.compute_mwh,
            region.co2_average_t_per_mwh,
            region.co2_marginal_t_per_mwh,
            region.co2_t,
            region.water_on_site_m3,
            region.water_off_site_m3,
            region.pue,
            region.curtailed_share[0],
            region.unserved_mwh,
            region.reserve_margin_share,
            region.connection_queue_mw,
        ];
        frame.push(week.number, id.index(), &row);
    }
}
