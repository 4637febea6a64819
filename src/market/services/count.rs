//! What owners of service devices hold, counted for the books, and the state shown by name.

use super::{Service, Services};
use crate::kernels::supply::Totals;
use crate::market::books::Stocks;
use crate::market::model::Model;
use crate::market::world::{Column, Visitor};
use std::slice::from_mut;

impl Services {
    /// Counts tokens on seats from the rows alone.
    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        for (service, state) in model.services.services.iter().zip(&self.services) {
            for (slot, id) in service.networks.iter().enumerate() {
                let rules = &model.networks.networks[*id];
                let (mut held, mut staked) = (0_i128, 0_i128);
                for row in 0..state.seat.len() {
                    // Tokens on no seat are an error; counted with the first they show as a gap.
                    let here = usize::from(state.seat[row]) == slot;
                    if here || slot == 0 && usize::from(state.seat[row]) >= service.networks.len() {
                        // Whole numbers below 2^53.
                        let quanta = |quanta: f64| i128::from(quanta as i64);
                        let devices = i128::from(state.count[row]);
                        held += quanta(state.held_quanta[row]) * devices;
                        staked += quanta(state.staked_quanta[row]) * devices;
                    }
                }
                let unit = rules.quantum_units;
                stocks.count(rules.ledger.providers_held, held * unit);
                stocks.count(rules.ledger.providers_staked, staked * unit);
            }
        }
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for service in &mut self.services {
            service.visit(visitor);
        }
    }
}

impl Service {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        use Column::{F32, F64, U8, U32};
        visitor.constant("services.efficiency", F32(&mut self.efficiency));
        visitor.constant("services.tariff_ratio", F32(&mut self.tariff_ratio));
        visitor.constant("services.opportunity", F32(&mut self.opportunity_usd_per_h));
        visitor.constant("services.reliability", F32(&mut self.reliability));
        visitor.constant("services.devices", U32(&mut self.count));
        visitor.column("services.mode", U8(&mut self.mode));
        visitor.column("services.patience_weeks", U8(&mut self.patience_weeks));
        visitor.column("services.seat", U8(&mut self.seat));
        visitor.column("services.belief_usd_per_h", F32(&mut self.belief_usd_per_h));
        visitor.column("services.detection_belief", F32(&mut self.detection_belief));
        visitor.column("services.staked_quanta", F64(&mut self.staked_quanta));
        visitor.column("services.held_quanta", F64(&mut self.held_quanta));
        for totals in &mut self.totals {
            visit_totals(totals, visitor);
        }
        for served in &mut self.served {
            for column in [
                &mut served.devices,
                &mut served.reliable_devices,
                &mut served.cheating_devices,
                &mut served.sold_h,
                &mut served.sold_usd,
            ] {
                visitor.column("services.served", F64(column.values_mut()));
            }
        }
        for (name, numbers) in [
            ("services.appeal_share", &mut self.appeal_share),
            ("services.liking", &mut self.liking),
            ("services.price_usd_per_unit", &mut self.price_usd_per_unit),
            ("services.demand_share", &mut self.demand_share),
            ("services.capacity_units", &mut self.capacity_units),
            ("services.sold_units", &mut self.sold_units),
            ("services.net_usd_per_device", &mut self.net_usd_per_device),
        ] {
            visitor.column(name, F64(numbers));
        }
        for (name, number) in [
            ("services.entry_factor", &mut self.entry_factor),
            ("services.rival_price", &mut self.rival_price_usd_per_unit),
            ("services.bought_units", &mut self.bought_units),
            ("services.opening_mean", &mut self.opening_mean_usd_per_unit),
            ("services.bills_usd", &mut self.bills_usd),
        ] {
            visitor.column(name, F64(from_mut(number)));
        }
    }
}

fn visit_totals(totals: &mut Totals, visitor: &mut dyn Visitor) {
    let numbers = [
        &mut totals.absent_devices,
        &mut totals.ordered_devices,
        &mut totals.idle_devices,
        &mut totals.ordered_now,
        &mut totals.sold_off_devices,
    ];
    visitor.numbers(&mut numbers.map(|number| ("services.totals", number)));
    for venue in &mut totals.venues {
        let numbers = [
            &mut venue.devices,
            &mut venue.reliable_devices,
            &mut venue.power_kw,
            &mut venue.cheating_devices,
            &mut venue.credited_quanta,
            &mut venue.sold_quanta,
            &mut venue.staked_in_quanta,
            &mut venue.bought_quanta,
            &mut venue.unstaked_quanta,
            &mut venue.slashed_quanta,
            &mut venue.joins,
            &mut venue.leaves,
            &mut venue.caught_devices,
        ];
        visitor.numbers(&mut numbers.map(|number| ("services.venue", number)));
        visitor.column("services.bins", Column::F64(&mut venue.bin_devices));
        visitor.column("services.bins", Column::F64(&mut venue.bin_cost_usd_per_h));
    }
}
