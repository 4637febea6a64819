//! Everybody's menu as the choice sees it this week.
//!
//! What stands while the week clears is worked out once ([`View::prepare`]); from one pass of
//! choices to the next only prices and what is sold out change.

use super::super::ids::{Id, OfferId, PopulationId};
use super::super::model::Model;
use super::choice::{Chosen, MENU, MenuView, Reach, shares};
use super::menus::{self, GROUPS};
use super::state::Market;
use super::waits;
use crate::scenario::types::Tier;

/// Columns by population and place on its menu.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Utility apart from the price.
    utility: Vec<f64>,
    /// The part of it that export controls take.
    control: Vec<f64>,
    /// Generalised price beside what is paid, in units of the planning price.
    beside: Vec<f64>,
    /// USD per reference-chip hour that make one unit of generalised price.
    unit_usd_per_h: Vec<f64>,
    /// H100-equivalents of the offer's reference chip for the population's work.
    h100e: Vec<f64>,
    nest: Vec<u8>,
    /// Wait of a segment's jobs by segment and offer, where a menu has asked for it: populations
    /// of one segment wait alike, and most offers are on the menus of several.
    wait_h: Vec<Option<f64>>,
    price: Vec<f64>,
    reach: Reach,
    /// Export controls on rental, by area and class; see [`menus::rental`].
    pub rental: Vec<f64>,
}

impl View {
    /// Collects all menus. Generalised price (E1): the price of an H100e hour for the
    /// population's work, waiting, switching to a seller it does not use, and the fixed costs.
    pub fn prepare(&mut self, model: &Model, market: &Market, sizes: &[f64]) {
        let places = model.demand.populations.len() * MENU;
        for column in [
            &mut self.utility,
            &mut self.control,
            &mut self.beside,
            &mut self.unit_usd_per_h,
            &mut self.h100e,
        ] {
            column.clear();
            column.resize(places, 0.0);
        }
        self.nest.clear();
        self.nest.resize(places, 0);
        self.price.resize(MENU, 0.0);
        let waits = model.demand.segments.len() * model.market.offers.len();
        self.wait_h.clear();
        self.wait_h.resize(waits, None);
        for id in model.demand.populations.ids() {
            self.collect(model, market, id);
        }
        self.value(model, market, sizes);
    }

    /// Utilities at the tastes as they are: all that a fit of tastes changes.
    pub fn value(&mut self, model: &Model, market: &Market, sizes: &[f64]) {
        for (id, population) in model.demand.populations.iter() {
            let segment = population.segment;
            let base = id.index() * MENU;
            for at in base..base + market.menu_length[id.index()] as usize {
                let offer = OfferId::new(market.menu_offer[at] as usize);
                let bound = if self.nest[at] == Tier::Reserved as u8 {
                    market.binding[segment]
                } else {
                    0.0
                };
                let known = market.quality[offer] + sizes[offer.index()];
                self.utility[at] = known + market.menu_fit[at] + self.control[at] + bound;
            }
        }
    }

    fn collect(&mut self, model: &Model, market: &Market, id: PopulationId) {
        let rules = &model.demand.choice;
        let population = model.demand.populations[id];
        let segment = model.demand.segment(id);
        let waits = population.segment.index() * model.market.offers.len();
        let base = id.index() * MENU;
        for at in base..base + market.menu_length[id.index()] as usize {
            let offer = OfferId::new(market.menu_offer[at] as usize);
            let record = &model.market.offers[offer];
            let wait_h = *self.wait_h[waits + offer.index()]
                .get_or_insert_with(|| waits::of_job(model, market, offer, segment));
            let strange = 1.0 - market.menu_loyalty[at];
            let h100e = record.h100e[segment.workload as usize];
            self.nest[at] = record.tier as u8;
            self.h100e[at] = h100e;
            self.control[at] = menus::control(model, population.area, record, &self.rental);
            self.unit_usd_per_h[at] = h100e * market.planning_price_usd_per_h;
            self.beside[at] = market.menu_cost[at]
                + segment.waiting_cost_share_per_h * wait_h
                + rules.switching_cost_share * strange;
        }
    }

    /// H100-equivalents of each offer on a population's menu.
    pub fn h100e(&self, market: &Market, id: PopulationId) -> &[f64] {
        let base = id.index() * MENU;
        &self.h100e[base..base + market.menu_length[id.index()] as usize]
    }

    /// Bits of a population's places in one tier.
    pub fn places_of(&self, market: &Market, id: PopulationId, tier: Tier) -> u64 {
        let base = id.index() * MENU;
        let nests = &self.nest[base..base + market.menu_length[id.index()] as usize];
        let bit = |(place, nest): (usize, &u8)| u64::from(*nest == tier as u8) << place;
        nests.iter().enumerate().map(bit).sum()
    }

    /// What a population chooses among the offers whose bit in `closed` is not set; `out`
    /// receives one share per offer of its menu.
    pub fn choose(
        &mut self,
        model: &Model,
        market: &Market,
        (id, closed): (PopulationId, u64),
        out: &mut [f64],
    ) -> Chosen {
        let base = id.index() * MENU;
        let length = market.menu_length[id.index()] as usize;
        let places = base..base + length;
        for (place, at) in places.clone().enumerate() {
            let paid = market.price_usd_per_h[OfferId::new(market.menu_offer[at] as usize)];
            self.price[place] = paid / self.unit_usd_per_h[at] + self.beside[at];
        }
        let tastes = &model.demand.tastes[model.demand.populations[id].segment];
        let masks = &market.menu_mask[id.index() * GROUPS..(id.index() + 1) * GROUPS];
        self.reach.clear();
        for (group, weight) in tastes.group.iter().zip(&tastes.weight) {
            self.reach.add(masks[*group] & !closed, *weight);
        }
        let menu = MenuView {
            utility: &self.utility[places.clone()],
            price: &self.price[..length],
            nest: &self.nest[places],
            correlation: model.demand.choice.nest_correlation_share,
            outside: market.outside[id],
        };
        let out = &mut out[..length];
        shares(model.level, &menu, tastes, &self.reach, out)
    }
}

/// Weight of a population's nodes that have no feasible offer.
pub fn excluded(model: &Model, market: &Market, id: PopulationId) -> f64 {
    let tastes = &model.demand.tastes[model.demand.populations[id].segment];
    let masks = &market.menu_mask[id.index() * GROUPS..(id.index() + 1) * GROUPS];
    let groups = tastes.weight.iter().zip(&tastes.group);
    let alone = groups.filter(|(_, group)| masks[**group] == 0);
    let points = tastes.price_coefficient.len() as f64;
    points * alone.map(|(weight, _)| weight).sum::<f64>()
}
