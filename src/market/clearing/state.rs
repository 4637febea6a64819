//! The market's state: what is offered, at which price, what was sold, who is bound to whom.

use super::super::books::Stocks;
use super::super::demand::{Demand, TERM_WEEKS, slot};
use super::super::ids::{
    HardwareId, Id, MarketplaceId, NetworkId, OfferId, OperatorId, PopulationId, RegionId,
    SegmentId, Table,
};
use super::super::model::Model;
use super::super::networks::Networks;
use super::super::operators::Operators;
use super::super::providers::{Providers, fill_supply};
use super::super::world::{Column, Visitor};
use super::asks;
use super::calibrate;
use super::choice::MENU;
use super::desk::Desk;
use super::indices::Indices;
use super::load::{ComputeLoad, Work};
use super::menus;
use super::opening;
use super::prices;
use super::quotes::Quotes;
use super::settle::Meters;
use super::waits;

/// Asks of independent providers: a bin holds its mean ask and reference-chip hours. Bins rise.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplyCurve {
    pub cost_usd_per_h: [f64; 64],
    pub units_h: [f64; 64],
}

impl Default for SupplyCurve {
    fn default() -> Self {
        Self {
            cost_usd_per_h: [0.0; 64],
            units_h: [0.0; 64],
        }
    }
}

impl SupplyCurve {
    pub fn total_h(&self) -> f64 {
        self.units_h.iter().sum()
    }
}

/// No offer in this place of a menu.
pub const EMPTY: u32 = u32::MAX;

#[derive(Clone, Debug, Default)]
pub struct Market {
    /// The most that an offer could sell this week; the tiers of a pool overlap.
    pub capacity_h: Table<OfferId, f64>,
    pub price_usd_per_h: Table<OfferId, f64>,
    pub sold_h: Table<OfferId, f64>,
    pub served_h: Table<OfferId, f64>,
    pub curtailed_h: Table<OfferId, f64>,
    /// Time until a job of mean length starts.
    pub wait_h: Table<OfferId, f64>,
    /// Sold ÷ offered: of the whole pool for operators' tiers.
    pub utilisation_share: Table<OfferId, f64>,
    /// Asks behind the offers of independent providers, filled by supply.
    pub supply: Table<OfferId, SupplyCurve>,
    /// What buyers paid this week, refunds deducted.
    pub revenue_usd: Table<OfferId, f64>,
    /// Size that buyers know: capacity, smoothed.
    pub standing_h: Table<OfferId, f64>,
    /// Its mean over a year: weights of prices by tier.
    pub basket_h: Table<OfferId, f64>,
    /// Mean utility that price, size, distance and privacy do not explain.
    pub quality: Table<OfferId, f64>,
    /// Utility of buying nothing, by population.
    pub outside: Table<PopulationId, f64>,
    /// Utility of being bound by a contract, by segment: large trainers take it for security, who
    /// comes for an hour dislikes it.
    pub binding: Table<SegmentId, f64>,
    /// Price of providers ÷ their marginal cost.
    pub ask_factor: Table<OfferId, f64>,
    /// Hours under contract, and what they bring a week.
    pub committed_h: Table<OfferId, f64>,
    pub committed_usd: Table<OfferId, f64>,
    /// The same by pool and week of the year in which they end.
    pub expiring_h: Vec<f64>,
    pub expiring_usd: Vec<f64>,
    /// What buyers pay this week to leave contracts, by pool.
    pub break_fees_usd: Vec<f64>,
    /// Menus: `MENU` places for each population.
    pub menu_offer: Vec<u32>,
    pub menu_length: Vec<u32>,
    /// Logarithm of the share of jobs that fit.
    pub menu_fit: Vec<f64>,
    /// Logarithm of that share ÷ the same for jobs as they were at the opening.
    pub menu_gain: Vec<f64>,
    /// Costs beside the price, in units of the planning price.
    pub menu_cost: Vec<f64>,
    /// Share of the population's hours that its seller had last week.
    pub menu_loyalty: Vec<f64>,
    /// Feasible offers for the four groups of buyers.
    pub menu_mask: Vec<u64>,
    /// Price that buyers plan with: the mean price of an H100e hour, slowly.
    pub planning_price_usd_per_h: f64,
    pub opening_planning_price_usd_per_h: f64,
    /// Contract price below which a list counts as dear: list ÷ contract at the opening.
    pub list_premium: Vec<f64>,
    /// Hours that wait in line for an offer, as time.
    pub fluid_wait_h: Table<OfferId, f64>,
    /// The same as buyers expect it, and the sold share that they expect.
    pub expected_fluid_wait_h: Table<OfferId, f64>,
    pub expected_busy_share: Table<OfferId, f64>,
    /// Where each pool's spot price stood between its two steps at the opening: the logarithm of
    /// a factor on the sold share of idle capacity.
    pub spot_offset: Vec<f64>,
    /// Weeks until a spot price may move again, by pool.
    pub spot_rest_weeks: Vec<f64>,
    /// Capacity of each pool this week.
    pub pool_h: Vec<f64>,
    pub load: Table<RegionId, ComputeLoad>,
    pub network_work: Table<NetworkId, Table<HardwareId, Work>>,
    pub marketplace_work: Table<MarketplaceId, Table<HardwareId, Work>>,
    /// Sales of the week before refunds, micro-USD.
    pub operator_sales_micro_usd: Table<OperatorId, i128>,
    pub network_sales_micro_usd: Table<NetworkId, i128>,
    pub marketplace_sales_micro_usd: Table<MarketplaceId, i128>,
    pub operator_sold_h: Vec<f64>,
    pub indices: Indices,
    pub surplus_usd_per_week: f64,
    /// Largest relative distance of a share from what the opening was fitted to.
    pub calibration_error: f64,
    pub meters: Meters,
    pub desk: Desk,
    pub quotes: Quotes,
}

impl Market {
    pub fn open(
        model: &Model,
        operators: &Operators,
        (providers, networks): (&mut Providers, &Networks),
        demand: &Demand,
    ) -> Self {
        let mut market = Self::empty(model);
        opening::prices(model, &mut market);
        fill_supply(model, providers, networks, &mut market);
        opening::capacities(model, operators, &mut market);
        market.begin(model, demand);
        market
    }

    /// Contracts, menus and mean utilities for the sizes that have been set; returns the largest
    /// error of the calibration.
    pub(super) fn begin(&mut self, model: &Model, demand: &Demand) -> f64 {
        opening::contracts(model, self);
        self.basket_h = self.standing_h.clone();
        opening::planning_price(model, self);
        asks::calibrate(model, self);
        prices::spread_spot(model, self);
        menus::select_all(model, self);
        let targets = opening::targets(model, self);
        waits::open(model, &targets, self);
        self.calibration_error = calibrate::invert(model, demand, &targets, self);
        Desk::open(model, demand, &targets, self);
        self.quotes = Quotes::open(&self.price_usd_per_h);
        self.calibration_error
    }

    pub(super) fn empty(model: &Model) -> Self {
        let offers = model.market.offers.len();
        let pools = model.market.pools.len();
        let populations = model.demand.populations.len();
        let zero = || Table::filled(offers, 0.0);
        let work = Table::filled(model.names.hardware.len(), Work::default());
        Self {
            capacity_h: zero(),
            price_usd_per_h: zero(),
            sold_h: zero(),
            served_h: zero(),
            curtailed_h: zero(),
            wait_h: zero(),
            utilisation_share: zero(),
            supply: Table::filled(offers, SupplyCurve::default()),
            revenue_usd: zero(),
            standing_h: zero(),
            basket_h: zero(),
            quality: zero(),
            outside: Table::filled(populations, 0.0),
            binding: Table::filled(model.demand.segments.len(), 0.0),
            ask_factor: zero(),
            committed_h: zero(),
            committed_usd: zero(),
            expiring_h: vec![0.0; pools * TERM_WEEKS],
            expiring_usd: vec![0.0; pools * TERM_WEEKS],
            break_fees_usd: vec![0.0; pools],
            menu_offer: vec![EMPTY; populations * MENU],
            menu_length: vec![0; populations],
            menu_fit: vec![0.0; populations * MENU],
            menu_gain: vec![0.0; populations * MENU],
            menu_cost: vec![0.0; populations * MENU],
            menu_loyalty: vec![0.0; populations * MENU],
            menu_mask: vec![0; populations * menus::GROUPS],
            planning_price_usd_per_h: 1.0,
            opening_planning_price_usd_per_h: 1.0,
            list_premium: vec![1.0; pools],
            fluid_wait_h: zero(),
            expected_fluid_wait_h: zero(),
            expected_busy_share: zero(),
            spot_offset: vec![0.0; pools],
            spot_rest_weeks: vec![0.0; pools],
            pool_h: vec![0.0; pools],
            load: Table::filled(model.names.regions.len(), ComputeLoad::default()),
            network_work: Table::filled(model.names.networks.len(), work.clone()),
            marketplace_work: Table::filled(model.names.marketplaces.len(), work),
            operator_sales_micro_usd: Table::filled(model.names.operators.len(), 0),
            network_sales_micro_usd: Table::filled(model.names.networks.len(), 0),
            marketplace_sales_micro_usd: Table::filled(model.names.marketplaces.len(), 0),
            operator_sold_h: vec![0.0; model.names.operators.len() * super::super::chips::CLASSES],
            indices: Indices::default(),
            surplus_usd_per_week: 0.0,
            calibration_error: 0.0,
            meters: Meters::default(),
            desk: Desk::default(),
            quotes: Quotes::default(),
        }
    }

    /// Contracts that end this week free their hours.
    pub fn expire_contracts(&mut self, pools: &[super::Pool], week: u32) {
        for (index, pool) in pools.iter().enumerate() {
            let at = index * TERM_WEEKS + slot(week);
            let hours = self.committed_h[pool.reserved] - self.expiring_h[at];
            let usd = self.committed_usd[pool.reserved] - self.expiring_usd[at];
            self.committed_h[pool.reserved] = if hours > 0.0 { hours } else { 0.0 };
            self.committed_usd[pool.reserved] = if usd > 0.0 { usd } else { 0.0 };
            (self.expiring_h[at], self.expiring_usd[at]) = (0.0, 0.0);
        }
    }

    /// New contracts of a pool, signed this week for a year.
    pub fn commit(&mut self, week: u32, pool: usize, reserved: OfferId, hours: f64) {
        let at = pool * TERM_WEEKS + slot(week);
        let usd = hours * self.price_usd_per_h[reserved];
        self.committed_h[reserved] += hours;
        self.committed_usd[reserved] += usd;
        self.expiring_h[at] += hours;
        self.expiring_usd[at] += usd;
    }

    /// Hours that an operator sold of one class.
    pub fn operator_sold(
        &self,
        operator: OperatorId,
        class: crate::scenario::types::ChipClass,
    ) -> f64 {
        self.operator_sold_h[operator.index() * super::super::chips::CLASSES + class as usize]
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.visit_offers(visitor);
        for (name, column) in [
            ("market.expiring_h", &mut self.expiring_h),
            ("market.expiring_usd", &mut self.expiring_usd),
            ("market.break_fees_usd", &mut self.break_fees_usd),
            ("market.menu_fit", &mut self.menu_fit),
            ("market.menu_gain", &mut self.menu_gain),
            ("market.menu_cost", &mut self.menu_cost),
            ("market.menu_loyalty", &mut self.menu_loyalty),
            ("market.list_premium", &mut self.list_premium),
            ("market.spot_offset", &mut self.spot_offset),
            ("market.spot_rest_weeks", &mut self.spot_rest_weeks),
            ("market.pool_h", &mut self.pool_h),
            ("market.operator_sold_h", &mut self.operator_sold_h),
        ] {
            visitor.column(name, Column::F64(column));
        }
        visitor.column("market.outside", Column::F64(self.outside.values_mut()));
        visitor.column("market.binding", Column::F64(self.binding.values_mut()));
        visitor.column("market.menu_offer", Column::U32(&mut self.menu_offer));
        visitor.column("market.menu_length", Column::U32(&mut self.menu_length));
        visitor.column("market.menu_mask", Column::U64(&mut self.menu_mask));
        for (name, value) in [
            ("market.planning_price", &mut self.planning_price_usd_per_h),
            (
                "market.opening_planning_price",
                &mut self.opening_planning_price_usd_per_h,
            ),
            ("market.surplus", &mut self.surplus_usd_per_week),
            ("market.calibration_error", &mut self.calibration_error),
        ] {
            visitor.column(name, Column::F64(std::slice::from_mut(value)));
        }
        for (name, column) in [
            (
                "market.operator_sales",
                self.operator_sales_micro_usd.values_mut(),
            ),
            (
                "market.network_sales",
                self.network_sales_micro_usd.values_mut(),
            ),
            (
                "market.marketplace_sales",
                self.marketplace_sales_micro_usd.values_mut(),
            ),
        ] {
            visitor.column(name, Column::I128(column));
        }
        self.meters.visit(visitor);
        self.desk.visit(visitor);
        self.quotes.visit(visitor);
        self.indices.visit(visitor);
        for load in self.load.values_mut() {
            load.visit(visitor);
        }
        let works = self.network_work.values_mut().iter_mut();
        for works in works.chain(self.marketplace_work.values_mut().iter_mut()) {
            for work in works.values_mut() {
                work.visit(visitor);
            }
        }
    }

    fn visit_offers(&mut self, visitor: &mut dyn Visitor) {
        for (name, column) in [
            ("market.capacity_h", &mut self.capacity_h),
            ("market.price_usd_per_h", &mut self.price_usd_per_h),
            ("market.sold_h", &mut self.sold_h),
            ("market.served_h", &mut self.served_h),
            ("market.curtailed_h", &mut self.curtailed_h),
            ("market.wait_h", &mut self.wait_h),
            ("market.fluid_wait_h", &mut self.fluid_wait_h),
            (
                "market.expected_fluid_wait_h",
                &mut self.expected_fluid_wait_h,
            ),
            ("market.expected_busy_share", &mut self.expected_busy_share),
            ("market.utilisation_share", &mut self.utilisation_share),
            ("market.revenue_usd", &mut self.revenue_usd),
            ("market.standing_h", &mut self.standing_h),
            ("market.basket_h", &mut self.basket_h),
            ("market.quality", &mut self.quality),
            ("market.ask_factor", &mut self.ask_factor),
            ("market.committed_h", &mut self.committed_h),
            ("market.committed_usd", &mut self.committed_usd),
        ] {
            visitor.column(name, Column::F64(column.values_mut()));
        }
        for curve in self.supply.values_mut() {
            visitor.column("market.supply_cost", Column::F64(&mut curve.cost_usd_per_h));
            visitor.column("market.supply_units", Column::F64(&mut curve.units_h));
        }
    }

    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        self.meters.count(&model.market.ledger, stocks);
    }
}
