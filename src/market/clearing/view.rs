//! One population's menu as the choice sees it this week.

use super::super::ids::{Id, OfferId, PopulationId};
use super::super::model::Model;
use super::choice::{Buyers, Chosen, MENU, MenuView, shares};
use super::menus::{self, GROUPS};
use super::state::Market;
use super::waits;

/// Buffers for one population; refilled for each.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub offers: Vec<OfferId>,
    pub utility: Vec<f64>,
    /// Generalised price in units of the planning price.
    pub price: Vec<f64>,
    pub nest: Vec<u8>,
    pub buyers: Buyers,
    /// Export controls on rental, by area and class; see [`menus::rental`].
    pub rental: Vec<f64>,
}

impl View {
    /// Collects the menu of a population. Generalised price (E1): the price of an H100e hour
    /// for its work, waiting, switching to a seller it does not use, and the fixed costs.
    pub fn fill(&mut self, model: &Model, market: &Market, id: PopulationId, sizes: &[f64]) {
        let rules = &model.demand.choice;
        let population = model.demand.populations[id];
        let segment = model.demand.segment(id);
        let workload = segment.workload as usize;
        let base = id.index() * MENU;
        for column in [&mut self.utility, &mut self.price] {
            column.clear();
        }
        self.offers.clear();
        self.nest.clear();
        for at in base..base + market.menu_length[id.index()] as usize {
            let offer = OfferId::new(market.menu_offer[at] as usize);
            let record = &model.market.offers[offer];
            let paid = market.price_usd_per_h[offer];
            let wait_h = waits::of_job(model, market, offer, segment);
            let strange = 1.0 - market.menu_loyalty[at];
            self.offers.push(offer);
            self.nest.push(record.tier as u8);
            let control = menus::control(model, population.area, record, &self.rental);
            self.utility
                .push(market.quality[offer] + sizes[offer.index()] + market.menu_fit[at] + control);
            self.price.push(
                paid / (record.h100e[workload] * market.planning_price_usd_per_h)
                    + market.menu_cost[at]
                    + segment.waiting_cost_share_per_h * wait_h
                    + rules.switching_cost_share * strange,
            );
        }
        self.buyers.clear();
        let masks = &market.menu_mask[id.index() * GROUPS..(id.index() + 1) * GROUPS];
        for taste in &model.demand.tastes[population.segment] {
            self.buyers
                .push(taste.weight, taste.price_coefficient, masks[taste.group]);
        }
    }

    /// What the population chooses; `out` receives one share per offer of its menu.
    pub fn choose(
        &mut self,
        model: &Model,
        market: &Market,
        id: PopulationId,
        out: &mut [f64],
    ) -> Chosen {
        let menu = MenuView {
            utility: &self.utility,
            price: &self.price,
            nest: &self.nest,
            correlation: model.demand.choice.nest_correlation_share,
            outside: market.outside[id],
        };
        shares(
            model.level,
            &menu,
            &mut self.buyers,
            &mut out[..self.offers.len()],
        )
    }
}
