//! Owners of service devices decide, in the same sweep as owners of accelerators.

use super::{Service, ServiceCell, ServiceModel};
use crate::kernels::supply::{self, IDLE, MAX_VENUES, ORDERED, Rows, Terms, sweep};
use crate::market::books::micro_usd;
use crate::market::grid::{Grid, Tariff};
use crate::market::ids::Id;
use crate::market::model::{Model, WEEK_H};
use crate::market::networks::Networks;
use crate::market::providers::annuity_per_h;
use crate::market::week::Week;
use crate::market::world::World;
use crate::scenario::types::ProviderTariff;

/// Floor of the cost bins, which services do not read.
const BIN_FLOOR_USD_PER_H: f32 = 1e-6;

impl ServiceModel {
    /// What a device's power costs in a cell's region.
    pub fn tariff_usd_per_kwh(&self, grid: &Grid, cell: usize) -> f64 {
        let tariff = match self.facts.device.tariff {
            ProviderTariff::Residential => Tariff::RoundTheClock,
            ProviderTariff::Industrial => Tariff::Industrial,
        };
        let region = &grid.regions[self.cells[cell].region];
        region.tariff_usd_per_mwh[tariff as usize] * 1e-3
    }

    /// Expected pay of a reliable device-hour: last week's price and sold share less the
    /// protocol's part, and the reward.
    pub fn pay_usd_per_h(
        &self,
        (model, networks): (&Model, &Networks),
        state: &Service,
        slot: usize,
    ) -> f64 {
        let terms = &networks.networks[self.networks[slot]].terms;
        let capacity = state.capacity_units[slot];
        let opening = &model.networks.networks[self.networks[slot]].facts.opening;
        let sold = if capacity > 0.0 {
            state.sold_units[slot] / capacity
        } else {
            opening.utilisation_share
        };
        let units_per_h = self.facts.device.units_per_week / WEEK_H;
        let gross = units_per_h * sold * state.price_usd_per_unit[slot];
        gross * (1.0 - terms.take_rate_share) + terms.reward_usd_per_device_h.values()[0]
    }

    /// The kernel's terms of one cell.
    pub fn terms(
        &self,
        (model, grid, networks): (&Model, &Grid, &Networks),
        state: &Service,
        cell: usize,
    ) -> Terms {
        let behaviour = &model.providers.behaviour;
        let tariff = self.tariff_usd_per_kwh(grid, cell);
        let power = self.power_kw * tariff;
        let other = behaviour.other_cost_share * power + self.upkeep_usd_per_h;
        let running = power + other;
        let device = &self.facts.device;
        let buy = state.entry_factor * device.price_usd * annuity_per_h(model);
        let patience = device.patience_weeks.unwrap_or(behaviour.patience_weeks);
        let mut terms = Terms {
            power_kw: self.power_kw as f32,
            tariff_usd_per_kwh: tariff as f32,
            opex_usd_per_h: other as f32,
            noise_sigma: behaviour.noise_sigma as f32,
            belief_gain: behaviour.belief_gain_per_week as f32,
            review_hazard: behaviour.review_hazard_per_week as f32,
            join_margin_usd_per_h: (behaviour.join_margin_share * running) as f32,
            exit_margin_usd_per_h: f32::INFINITY,
            patience_limit_weeks: patience.clamp(1, 255) as u8,
            switch_margin_usd_per_h: (behaviour.switch_margin_share * running) as f32,
            second_cost_factor: 0.0,
            buy_margin_usd_per_h: buy as f32,
            buy_spread: behaviour.hurdle_spread_share as f32,
            bin_floor_usd_per_h: BIN_FLOOR_USD_PER_H,
            venues: [supply::Venue::default(); MAX_VENUES],
        };
        for (slot, id) in self.networks.iter().enumerate() {
            let offer = &networks.networks[*id].terms;
            let pay = self.pay_usd_per_h((model, networks), state, slot);
            let saved = behaviour.cheat_saving_share * running;
            terms.venues[slot] = supply::Venue {
                open: true,
                pay_usd_per_h: (state.appeal_share[slot] * pay) as f32,
                stake_cost_usd_per_h: offer.stake_cost_usd_per_h.values()[0] as f32,
                stake_quanta_per_device: offer.stake_quanta_per_device.values()[0],
                credit_quanta_per_device: offer.credit_quanta_per_device.values()[0],
                sell_share: offer.sell_share,
                cheat_saving_usd_per_h: saved as f32,
                cheat_penalty_usd_per_h: offer.stake_at_risk_usd_per_h.values()[0] as f32,
                detection_probability: offer.detection_probability as f32,
                slash_share: offer.slash_share,
                detection_gain: behaviour.detection_gain_share as f32,
                ..supply::Venue::default()
            };
        }
        terms
    }
}

impl Service {
    pub(super) fn rows(&mut self, cell: &ServiceCell) -> Rows<'_> {
        let rows = cell.rows.clone();
        Rows {
            luck_rows: cell.luck_rows,
            efficiency: &self.efficiency[rows.clone()],
            tariff_ratio: &self.tariff_ratio[rows.clone()],
            opportunity_usd_per_h: &self.opportunity_usd_per_h[rows.clone()],
            reliability: &self.reliability[rows.clone()],
            count: &self.count[rows.clone()],
            mode: &mut self.mode[rows.clone()],
            patience_weeks: &mut self.patience_weeks[rows.clone()],
            seat: &mut self.seat[rows.clone()],
            belief_usd_per_h: &mut self.belief_usd_per_h[rows.clone()],
            detection_belief: &mut self.detection_belief[rows.clone()],
            staked_quanta: &mut self.staked_quanta[rows.clone()],
            held_quanta: &mut self.held_quanta[rows],
            second: None,
        }
    }
}

/// Phase 4 for services: owners are credited last week's pay and decide; what they order comes
/// off the shelf and can serve a week later.
pub fn decide(week: &Week, world: &mut World) {
    let World {
        grid,
        providers,
        networks,
        services,
        books,
        ..
    } = world;
    let model = week.model;
    for (service, state) in model.services.services.iter().zip(&mut services.services) {
        for mode in &mut state.mode {
            *mode = if *mode == ORDERED { IDLE } else { *mode };
        }
        let mut ordered = 0.0;
        for (index, cell) in service.cells.iter().enumerate() {
            let terms = service.terms((model, grid, networks), state, index);
            let stream = model.luck.stream("service", &cell.name);
            let mut totals = supply::Totals::default();
            let rows = state.rows(cell);
            sweep(
                model.level,
                rows,
                &terms,
                (stream, week.number),
                &mut totals,
            );
            for (slot, id) in service.networks.iter().enumerate() {
                networks.take(week, *id, &totals.venues[slot], books);
            }
            ordered += totals.ordered_now;
            state.totals[index] = totals;
        }
        let paid = micro_usd(ordered * service.facts.device.price_usd);
        let accounts = &model.providers.accounts;
        books.post(accounts.cash, accounts.outside, paid);
        providers.cash_micro_usd -= paid;
        serve(service, state);
    }
}

/// Who serves each network this week.
fn serve(service: &ServiceModel, state: &mut Service) {
    for slot in 0..service.networks.len() {
        let served = &mut state.served[slot];
        let sum = |of: fn(&supply::VenueTotals) -> f64| -> f64 {
            state.totals.iter().map(|cell| of(&cell.venues[slot])).sum()
        };
        let id = Id::new(0);
        served.devices[id] = sum(|venue| venue.devices);
        served.reliable_devices[id] = sum(|venue| venue.reliable_devices);
        served.cheating_devices[id] = sum(|venue| venue.cheating_devices);
    }
}
