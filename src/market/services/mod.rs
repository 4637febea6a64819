//! Services other than compute: storage against object storage, traffic against egress, data
//! sets against licensed data.
//!
//! Each service has buyers, a central rival who serves whoever pays his price, and up to four
//! networks whose providers are independent owners of one kind of device. Owners decide in the
//! same weekly sweep as owners of accelerators (`kernels::supply`): they join, switch, cheat,
//! stake and sell tokens; what a network pays them is settled by its own rules. Buyers divide by
//! price and trust, slowly: contracts and data do not move in a week.

mod count;
mod open;
mod owners;
mod week;

use super::ids::{NetworkId, RegionId, Table};
use super::model::Compile;
use super::networks::{NetworkModels, Served};
use crate::kernels::supply::{MAX_VENUES, Totals};
use crate::scenario::types::{self, ServiceKind};
use std::ops::Range;

pub use open::open_tokens;
pub use owners::decide;
pub use week::{pay_bills, trade};

/// Rows of a region's owners, where there are as many devices.
const ROWS: u64 = 64;

/// Every service that some network sells.
#[derive(Clone, Debug, Default)]
pub struct ServiceModels {
    pub services: Vec<ServiceModel>,
    /// Service and place among its networks; none for networks of compute.
    seats: Table<NetworkId, Option<Seat>>,
}

/// Where a network stands: which service, and which of its networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub service: usize,
    pub slot: usize,
}

/// One service.
#[derive(Clone, Debug)]
pub struct ServiceModel {
    pub kind: ServiceKind,
    pub facts: types::Service,
    pub buyers: types::ServiceBuyers,
    /// Its networks, at most four.
    pub networks: Vec<NetworkId>,
    pub cells: Vec<ServiceCell>,
    /// Rows of all cells, padding included.
    rows: usize,
    /// Full power of a device at the meter, cooling included.
    power_kw: f64,
    /// Wear and traffic of an hour online.
    upkeep_usd_per_h: f64,
}

/// Owners of one service's devices in one region.
#[derive(Clone, Debug)]
pub struct ServiceCell {
    pub region: RegionId,
    /// `service:region`; keys its luck.
    pub name: String,
    pub rows: Range<usize>,
    /// Rows with luck of their own; row i of the cell has the luck of row i mod this.
    pub luck_rows: usize,
    real_rows: usize,
    devices: u64,
}

impl ServiceModels {
    pub fn compile(compile: &mut Compile<'_>, networks: &NetworkModels) -> Self {
        let mut models = Self {
            services: Vec::new(),
            seats: Table::filled(compile.names.networks.len(), None),
        };
        for (kind, facts) in &compile.scenario.services {
            let sells = |id: &NetworkId| networks.networks[*id].facts.kind.service() == Some(*kind);
            // Where more than four sell a service, the first by name trade.
            let sellers: Vec<NetworkId> = (networks.networks.ids())
                .filter(sells)
                .take(MAX_VENUES)
                .collect();
            if sellers.is_empty() {
                continue;
            }
            for (slot, id) in sellers.iter().enumerate() {
                models.seats[*id] = Some(Seat {
                    service: models.services.len(),
                    slot,
                });
            }
            let model = open::model((*kind, facts), sellers, compile);
            models.services.push(model);
        }
        models
    }

    /// Makes `parts` rows of each, which share its devices and its luck; changes no outcome.
    pub fn split_rows(&mut self, parts: usize) {
        for service in &mut self.services {
            service.rows = 0;
            for cell in &mut service.cells {
                let rows = cell.luck_rows * parts.max(1);
                cell.rows = service.rows..service.rows + rows;
                service.rows += rows;
            }
        }
    }

    /// Storage that a network's reliable devices offer; 0 where it sells something else.
    pub fn power_eib(&self, id: NetworkId, served: &Served) -> f64 {
        const TB_PER_EIB: f64 = 1_152_921.504_606_847;
        let Some(seat) = self.seat(id) else {
            return 0.0;
        };
        let service = &self.services[seat.service];
        if service.kind != ServiceKind::Storage {
            return 0.0;
        }
        let devices: f64 = served.reliable_devices.values().iter().sum();
        devices * service.facts.device.units_per_week / TB_PER_EIB
    }

    /// Where a network stands; none for networks of compute.
    pub fn seat(&self, id: NetworkId) -> Option<Seat> {
        self.seats
            .values()
            .get(usize::from(id.0))
            .copied()
            .flatten()
    }
}

/// One service's state: its owners' columns, and last week's market.
#[derive(Clone, Debug, Default)]
pub struct Service {
    pub efficiency: Vec<f32>,
    pub tariff_ratio: Vec<f32>,
    pub opportunity_usd_per_h: Vec<f32>,
    pub reliability: Vec<f32>,
    pub count: Vec<u32>,
    pub mode: Vec<u8>,
    pub patience_weeks: Vec<u8>,
    pub seat: Vec<u8>,
    pub belief_usd_per_h: Vec<f32>,
    pub detection_belief: Vec<f32>,
    pub staked_quanta: Vec<f64>,
    pub held_quanta: Vec<f64>,
    /// What the last sweep of each cell did.
    pub totals: Vec<Totals>,
    /// Who served each network.
    pub served: Vec<Served>,
    /// What a dollar of a network's pay is worth to owners, fitted to opening devices.
    pub appeal_share: [f64; MAX_VENUES],
    /// What buyers of devices ask beyond the plain return, so that nobody is on the verge of
    /// buying on the first day.
    pub entry_factor: f64,
    /// How a network appeals to buyers beyond its price, fitted to opening sales.
    pub liking: [f64; MAX_VENUES],
    pub price_usd_per_unit: [f64; MAX_VENUES],
    /// Share of buyers' demand that has moved to each network.
    pub demand_share: [f64; MAX_VENUES],
    pub capacity_units: [f64; MAX_VENUES],
    pub sold_units: [f64; MAX_VENUES],
    /// What a device of each network earned in the week, net of power, wear, traffic and stake.
    pub net_usd_per_device: [f64; MAX_VENUES],
    pub rival_price_usd_per_unit: f64,
    /// Units that all buyers bought, the rival's included.
    pub bought_units: f64,
    /// Mean price of the first day.
    pub opening_mean_usd_per_unit: f64,
    pub bills_usd: f64,
}

impl Service {
    /// Share of what buyers bought that networks served.
    pub fn network_share(&self) -> f64 {
        let sold: f64 = self.sold_units.iter().sum();
        if self.bought_units > 0.0 {
            sold / self.bought_units
        } else {
            0.0
        }
    }
}

/// All services.
#[derive(Clone, Debug, Default)]
pub struct Services {
    pub services: Vec<Service>,
}
