//! Independent owners of hardware: a closed population ordered by cell.
//!
//! Everyone who could ever join is a row from the first day; a row stands for `count` equal
//! devices. What a cell (hardware × region) shares is a plain number, what tells owners apart is
//! drawn once from the cell's own stream of luck, so that adding a region or a network leaves
//! everyone else's luck as it was. The weekly decision is `kernels::supply`.

mod hardware;
mod hearsay;
mod opening;
mod population;
mod seats;
mod stocks;
mod terms;

use super::books::{AccountId, Holder, Purpose, Unit};
use super::chips::{CLASSES, ChipModel};
use super::grid::Tariff;
use super::ids::Table;
use super::ids::{CellId, ChipId, HardwareId, Id, MarketplaceId, NetworkId, OfferId, RegionId};
use super::model::{Compile, Model};
use super::networks::{NetworkModels, Served};
use super::world::{Column, Visitor};
use crate::kernels::supply::Totals;
use crate::scenario::types::{ChipClass, Marketplace, ProviderBehaviour};
use crate::scenario::types::{ProviderTariff, Scenario};
use std::collections::BTreeMap;
use std::ops::Range;
use std::slice::from_mut;

pub use hardware::trade_hardware;
pub use population::{share_out, whole_parts};
pub use seats::paid_for;
pub use stocks::{pay_bills, pay_marketplaces};
pub use terms::{Surroundings, annuity_per_h, fill_supply};

/// Where a provider can sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Venue {
    Network(NetworkId),
    Marketplace(MarketplaceId),
}

/// Everyone who owns, or could own, one hardware in one region.
#[derive(Clone, Debug)]
pub struct Cell {
    pub hardware: HardwareId,
    pub region: RegionId,
    /// `hardware:region`; keys its luck.
    pub name: String,
    /// Rows of the columns, padded to whole groups.
    pub rows: Range<usize>,
    /// Rows with luck of their own; row i of the cell has the luck of row i mod this.
    pub luck_rows: usize,
    /// Of these, rows that stand for somebody.
    pub real_rows: usize,
    /// Devices that could ever be owned here.
    pub devices: u64,
    /// At most four, networks first.
    pub venues: [Option<Venue>; 4],
}

/// One kind of hardware.
#[derive(Clone, Debug)]
pub struct HardwareKind {
    pub name: String,
    pub class: ChipClass,
    pub chip: ChipId,
    pub chips_per_device: i64,
    /// Reference-chip hours of one device-hour.
    pub reference_per_device: f64,
    /// Full power of a device at the meter, cooling included.
    pub power_kw: f64,
    /// Wear and traffic of an hour online.
    pub upkeep_usd_per_h: f64,
    pub tariff: Tariff,
    /// Devices owned on the first day ÷ devices that could ever be owned.
    pub owned_share: f64,
    pub opportunity_usd_per_h: f64,
    pub own_use: bool,
    /// Its owner in a region is one firm, which knows that its devices share one pool.
    pub one_owner: bool,
    /// Whole chips owned, in the books.
    pub stock: AccountId,
    /// Where the chips of the first day come from.
    pub stock_source: AccountId,
    /// The brokers' stock of used chips.
    pub stock_used: AccountId,
}

#[derive(Clone, Debug)]
pub struct ProviderModel {
    pub cells: Table<CellId, Cell>,
    pub hardware: Table<HardwareId, HardwareKind>,
    pub behaviour: ProviderBehaviour,
    /// Marketplaces as the scenario states them.
    pub marketplaces: Table<MarketplaceId, Marketplace>,
    /// Lower edge of the supply curves of each class, per reference-chip hour.
    pub bin_floor_usd_per_h: [f64; CLASSES],
    pub accounts: ProviderAccounts,
    rows: usize,
}

/// A venue on the first day.
pub struct OpeningVenue<'a> {
    pub devices: &'a BTreeMap<String, f64>,
    pub utilisation_share: f64,
    /// Per hour of the class's reference chip.
    pub price_usd_per_h: &'a BTreeMap<ChipClass, f64>,
}

/// Supply curves begin at this part of the lowest opening price of their class.
const FLOOR_PART: f64 = 1.0 / 32.0;

fn bin_floors(scenario: &Scenario) -> [f64; CLASSES] {
    let mut floors = [f64::INFINITY; CLASSES];
    let networks = scenario
        .networks
        .values()
        .map(|n| &n.opening.price_usd_per_h);
    let markets = scenario.marketplaces.values().map(|m| &m.price_usd_per_h);
    for prices in networks.chain(markets) {
        for (class, price) in prices {
            let floor = price * FLOOR_PART;
            let slot = *class as usize;
            if floor > 0.0 && floor < floors[slot] {
                floors[slot] = floor;
            }
        }
    }
    floors.map(|floor| if floor.is_finite() { floor } else { 0.01 })
}

/// Accounts of money.
#[derive(Clone, Copy, Debug)]
pub struct ProviderAccounts {
    pub cash: AccountId,
    pub outside: AccountId,
    /// What buyers paid on marketplaces until it is passed on.
    pub escrow: AccountId,
}

/// Position of a venue in [`Providers::served`]: networks, then marketplaces.
pub fn venue_index(model: &Model, venue: Venue) -> usize {
    match venue {
        Venue::Network(id) => id.index(),
        Venue::Marketplace(id) => model.names.networks.len() + id.index(),
    }
}

impl ProviderModel {
    pub fn compile(
        compile: &mut Compile<'_>,
        _chips: &ChipModel,
        networks: &NetworkModels,
    ) -> Self {
        let scenario = compile.scenario;
        let (names, accounts) = (compile.names, &mut *compile.accounts);
        let mut hardware = Table::default();
        for name in names.hardware.iter() {
            let chip: ChipId = names.chips.id(&scenario.providers.hardware[name].chip);
            let unit = Unit::Chip(chip);
            let stock = accounts.open(unit, Holder::Providers, Purpose::Stock);
            let source = accounts.open(unit, Holder::Outside, Purpose::Stock);
            let used = accounts.open(unit, Holder::Marketplaces, Purpose::Used);
            hardware.push(kind(name, chip, [stock, source, used], scenario));
        }
        let (cells, rows) = population::cells(scenario, names, networks);
        Self {
            cells,
            hardware,
            behaviour: scenario.providers.behaviour.clone(),
            marketplaces: (names.marketplaces.iter())
                .map(|name| scenario.marketplaces[name].clone())
                .collect(),
            bin_floor_usd_per_h: bin_floors(scenario),
            accounts: ProviderAccounts {
                cash: accounts.open(Unit::Usd, Holder::Providers, Purpose::Cash),
                outside: accounts.open(Unit::Usd, Holder::Outside, Purpose::Cash),
                escrow: accounts.open(Unit::Usd, Holder::Marketplaces, Purpose::Escrow),
            },
            rows,
        }
    }

    /// Devices, sold share and prices of a venue on the first day.
    pub fn opening<'a>(&'a self, model: &'a Model, venue: Venue) -> OpeningVenue<'a> {
        match venue {
            Venue::Network(id) => {
                let opening = &model.networks.networks[id].facts.opening;
                OpeningVenue {
                    devices: &opening.devices,
                    utilisation_share: opening.utilisation_share,
                    price_usd_per_h: &opening.price_usd_per_h,
                }
            }
            Venue::Marketplace(id) => {
                let opening = &self.marketplaces[id];
                OpeningVenue {
                    devices: &opening.devices,
                    utilisation_share: opening.utilisation_share,
                    price_usd_per_h: &opening.price_usd_per_h,
                }
            }
        }
    }

    /// Makes `parts` rows of each, which share its devices and its luck. An owner is a point of a
    /// supply curve: this changes no outcome.
    pub fn split_rows(&mut self, parts: usize) {
        let mut next = 0;
        for cell in self.cells.values_mut() {
            let rows = cell.luck_rows * parts.max(1);
            cell.rows = next..next + rows;
            next += rows;
        }
        self.rows = next;
    }

    /// Rows of all cells, padding included.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

fn kind(
    name: &str,
    chip: ChipId,
    [stock, stock_source, stock_used]: [AccountId; 3],
    scenario: &Scenario,
) -> HardwareKind {
    let facts = &scenario.providers.hardware[name];
    let product = &scenario.chips.products[&facts.chip];
    let chips = f64::from(facts.chips_per_device);
    let reference = (scenario.chips.references.get(&product.class))
        .map_or(product.bf16_tflops, |name| {
            scenario.chips.products[name].bf16_tflops
        });
    let all = facts.owned_devices + facts.prospective_devices;
    let behaviour = &scenario.providers.behaviour;
    let (tariff, pue) = match facts.tariff {
        ProviderTariff::Residential => (Tariff::RoundTheClock, behaviour.home_pue),
        ProviderTariff::Industrial => (Tariff::Industrial, behaviour.hall_pue),
    };
    HardwareKind {
        name: name.to_owned(),
        class: product.class,
        chip,
        chips_per_device: i64::from(facts.chips_per_device),
        reference_per_device: chips * product.bf16_tflops / reference,
        power_kw: chips * product.system_kw * pue,
        upkeep_usd_per_h: facts.wear_usd_per_h
            + facts.data_gb_per_h * behaviour.data_usd_per_gb * behaviour.data_capped_share,
        tariff,
        owned_share: if all > 0.0 {
            facts.owned_devices / all
        } else {
            0.0
        },
        opportunity_usd_per_h: facts.opportunity_usd_per_h,
        own_use: facts.own_use,
        one_owner: facts.one_owner,
        stock,
        stock_source,
        stock_used,
    }
}

/// The population's state: columns over rows, sums over cells, what venues were like.
#[derive(Clone, Debug)]
pub struct Providers {
    pub efficiency: Vec<f32>,
    pub tariff_ratio: Vec<f32>,
    pub opportunity_usd_per_h: Vec<f32>,
    pub reliability: Vec<f32>,
    /// Devices of a row; 0 is padding.
    pub count: Vec<u32>,
    /// 0 absent, 1 waits for hardware, 2 idle, 3 + v online in venue v; bit 7: cheats.
    pub mode: Vec<u8>,
    pub patience_weeks: Vec<u8>,
    /// Venue whose tokens are held, 255 for none.
    pub seat: Vec<u8>,
    pub belief_usd_per_h: Vec<f32>,
    pub detection_belief: Vec<f32>,
    pub staked_quanta: Vec<f64>,
    pub held_quanta: Vec<f64>,
    /// Network in which idle hours are listed, 255 for none, and what is staked there.
    pub second_seat: Vec<u8>,
    pub second_staked_quanta: Vec<f64>,
    /// What the last sweep of each cell did.
    pub totals: Table<CellId, Totals>,
    /// Chips delivered that do not yet make a whole row.
    pub spare_chips: Table<CellId, i64>,
    /// Chips that ordering rows want and nobody could sell yet.
    pub unfilled_chips: Table<CellId, i64>,
    /// What a dollar of a venue's pay is worth to owners (trust, hassle, taste), fitted to
    /// opening devices: venue × hardware.
    pub appeal_share: Vec<Table<HardwareId, f64>>,
    /// What buyers of hardware ask beyond the plain return on it, fitted so that nobody is on
    /// the verge of buying on the first day.
    pub entry_factor: Table<HardwareId, f64>,
    /// What operators ask for a year's contract, per reference-chip hour: now and at first sight.
    pub class_price_usd_per_h: [f64; CLASSES],
    pub first_price_usd_per_h: [f64; CLASSES],
    /// What the opportunity cost of racks has been multiplied with since the opening.
    pub opportunity_factor: [f64; CLASSES],
    /// Who served each venue (networks, then marketplaces).
    pub served: Vec<Served>,
    /// Share of reliable device-hours that was sold: venue × hardware.
    pub utilisation_share: Vec<Table<HardwareId, f64>>,
    /// What buyers paid for a device-hour: venue × hardware.
    pub price_usd_per_h: Vec<Table<HardwareId, f64>>,
    /// Money of all providers since the opening.
    pub cash_micro_usd: i128,
    /// What hours listed a second time cost their owner, in units of his opportunity cost: fitted
    /// to how many have a second seat on the first day.
    pub second_cost_factor: Table<HardwareId, f64>,
    /// Share of the hours of a device online in each venue that a second seat lists.
    pub lent_share: Table<CellId, [f32; 4]>,
    /// The offer behind each venue of each cell.
    pub offers: Table<CellId, [Option<OfferId>; 4]>,
    /// Reference-chip hours that each venue of each cell puts on sale this week.
    pub offered_h: Table<CellId, [f64; 4]>,
    /// Power and other running costs of the week, for the record.
    pub bills_usd: f64,
    /// Hardware bought and sold this week, for the record.
    pub hardware_spend_usd: f64,
}

impl Providers {
    /// Devices online in a cell.
    pub fn online_devices(&self, cell: CellId) -> f64 {
        let venues = self.totals[cell].venues.iter();
        venues.map(|venue| venue.devices).sum()
    }

    /// Power that the devices online in one venue of a cell draw on average, at the meter.
    pub fn online_kw(&self, cell: CellId, venue: usize) -> f64 {
        self.totals[cell].venues[venue].power_kw
    }

    /// Devices owned in a cell, online or idle.
    pub fn owned_devices(&self, cell: CellId) -> f64 {
        self.online_devices(cell) + self.totals[cell].idle_devices
    }

    /// Share of full power that a cell's device draws while online in a venue.
    fn power_share(&self, model: &Model, cell: CellId, venue: usize) -> f64 {
        let Some(place) = model.providers.cells[cell].venues[venue] else {
            return 0.0;
        };
        let kind = model.providers.cells[cell].hardware;
        let busy = self.utilisation_share[venue_index(model, place)][kind];
        let idle = model.providers.behaviour.idle_power_share;
        idle + (1.0 - idle) * busy
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        use Column::{F32, F64, I64, U8, U32};
        visitor.constant("providers.efficiency", F32(&mut self.efficiency));
        visitor.constant("providers.tariff_ratio", F32(&mut self.tariff_ratio));
        visitor.column(
            "providers.opportunity_usd_per_h",
            F32(&mut self.opportunity_usd_per_h),
        );
        visitor.constant("providers.reliability", F32(&mut self.reliability));
        visitor.constant("providers.count", U32(&mut self.count));
        visitor.column("providers.mode", U8(&mut self.mode));
        visitor.column("providers.patience_weeks", U8(&mut self.patience_weeks));
        visitor.column("providers.seat", U8(&mut self.seat));
        visitor.column(
            "providers.belief_usd_per_h",
            F32(&mut self.belief_usd_per_h),
        );
        visitor.column(
            "providers.detection_belief",
            F32(&mut self.detection_belief),
        );
        visitor.column("providers.staked_quanta", F64(&mut self.staked_quanta));
        visitor.column("providers.held_quanta", F64(&mut self.held_quanta));
        visitor.column("providers.second_seat", U8(&mut self.second_seat));
        visitor.column(
            "providers.second_staked_quanta",
            F64(&mut self.second_staked_quanta),
        );
        let lent = self.lent_share.values_mut().as_flattened_mut();
        visitor.column("providers.lent_share", F32(lent));
        let cost = self.second_cost_factor.values_mut();
        visitor.column("providers.second_cost_factor", F64(cost));
        visitor.column("providers.spare_chips", I64(self.spare_chips.values_mut()));
        visitor.column(
            "providers.unfilled_chips",
            I64(self.unfilled_chips.values_mut()),
        );
        visitor.column(
            "providers.entry_factor",
            F64(self.entry_factor.values_mut()),
        );
        for venue in &mut self.appeal_share {
            visitor.column("providers.appeal_share", F64(venue.values_mut()));
        }
        for venue in &mut self.utilisation_share {
            visitor.column("providers.utilisation_share", F64(venue.values_mut()));
        }
        for venue in &mut self.price_usd_per_h {
            visitor.column("providers.price_usd_per_h", F64(venue.values_mut()));
        }
        for prices in [
            &mut self.class_price_usd_per_h,
            &mut self.first_price_usd_per_h,
            &mut self.opportunity_factor,
        ] {
            visitor.column("providers.class_prices", F64(prices));
        }
        self.visit_sums(visitor);
    }

    fn visit_sums(&mut self, visitor: &mut dyn Visitor) {
        use Column::{F64, I128};
        for served in &mut self.served {
            for column in [
                &mut served.devices,
                &mut served.reliable_devices,
                &mut served.cheating_devices,
                &mut served.second_devices,
                &mut served.sold_h,
                &mut served.sold_usd,
            ] {
                visitor.column("providers.served", F64(column.values_mut()));
            }
        }
        for totals in self.totals.values_mut() {
            visit_totals(totals, visitor);
        }
        let offers = self.offers.values_mut().as_flattened_mut();
        visitor.column("providers.offers", Column::Offer(offers));
        let offered = self.offered_h.values_mut().as_flattened_mut();
        visitor.column("providers.offered_h", F64(offered));
        visitor.column("providers.bills_usd", F64(from_mut(&mut self.bills_usd)));
        let spend = from_mut(&mut self.hardware_spend_usd);
        visitor.column("providers.hardware_spend_usd", F64(spend));
        visitor.column(
            "providers.cash_micro_usd",
            I128(from_mut(&mut self.cash_micro_usd)),
        );
    }
}

fn visit_totals(totals: &mut Totals, visitor: &mut dyn Visitor) {
    visitor.numbers(&mut [
        ("providers.absent_devices", &mut totals.absent_devices),
        ("providers.ordered_devices", &mut totals.ordered_devices),
        ("providers.idle_devices", &mut totals.idle_devices),
        ("providers.ordered_now", &mut totals.ordered_now),
        ("providers.sold_off_devices", &mut totals.sold_off_devices),
    ]);
    for venue in &mut totals.venues {
        visitor.numbers(&mut [
            ("providers.online_devices", &mut venue.devices),
            (
                "providers.venue.reliable_devices",
                &mut venue.reliable_devices,
            ),
            ("providers.venue.lent_devices", &mut venue.lent_devices),
            ("providers.venue.listed_devices", &mut venue.listed_devices),
            ("providers.venue.second_devices", &mut venue.second_devices),
            ("providers.venue.power_kw", &mut venue.power_kw),
            (
                "providers.venue.cheating_devices",
                &mut venue.cheating_devices,
            ),
            (
                "providers.venue.credited_quanta",
                &mut venue.credited_quanta,
            ),
            ("providers.venue.sold_quanta", &mut venue.sold_quanta),
            (
                "providers.venue.staked_in_quanta",
                &mut venue.staked_in_quanta,
            ),
            ("providers.venue.bought_quanta", &mut venue.bought_quanta),
            (
                "providers.venue.unstaked_quanta",
                &mut venue.unstaked_quanta,
            ),
            ("providers.venue.slashed_quanta", &mut venue.slashed_quanta),
            ("providers.venue.joins", &mut venue.joins),
            ("providers.venue.leaves", &mut venue.leaves),
            ("providers.venue.caught_devices", &mut venue.caught_devices),
        ]);
        for (name, column) in [
            ("providers.bin_devices", &mut venue.bin_devices),
            ("providers.bin_cost", &mut venue.bin_cost_usd_per_h),
        ] {
            visitor.column(name, Column::F64(column));
        }
    }
}
