//! What owners know of venues: their own week's sales, else those of others, else the market.

use super::{Providers, Venue, venue_index};
use crate::market::chips::CLASSES;
use crate::market::clearing::{Market, Seller};
use crate::market::ids::HardwareId;
use crate::market::model::{Model, WEEK_H};
use crate::scenario::types::Tier;

/// What is known of a class on some venues, in reference chips.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Reference chips online and reliable.
    chips: f64,
    sold_h: f64,
    usd: f64,
}

impl Heard {
    fn add(&mut self, other: Heard) {
        self.chips += other.chips;
        self.sold_h += other.sold_h;
        self.usd += other.usd;
    }
}

impl Providers {
    /// Racks have another use: their opportunity cost follows what operators' contracts for the
    /// same class fetch.
    pub fn follow_contracts(&mut self, model: &Model, market: &Market) {
        let mut hours = [0.0; CLASSES];
        let mut usd = [0.0; CLASSES];
        for (id, offer) in model.market.offers.iter() {
            if offer.tier == Tier::Reserved && matches!(offer.seller, Seller::Operator(_)) {
                let size = market.standing_h[id];
                hours[offer.class as usize] += size;
                usd[offer.class as usize] += size * market.price_usd_per_h[id];
            }
        }
        let mut change = [1.0; CLASSES];
        for class in 0..CLASSES {
            if hours[class] <= 0.0 || usd[class] <= 0.0 {
                continue;
            }
            let price = usd[class] / hours[class];
            self.class_price_usd_per_h[class] = price;
            if self.first_price_usd_per_h[class] <= 0.0 {
                self.first_price_usd_per_h[class] = price;
            }
            let factor = price / self.first_price_usd_per_h[class];
            change[class] = factor / self.opportunity_factor[class];
            self.opportunity_factor[class] = factor;
        }
        for place in model.providers.cells.values() {
            let kind = &model.providers.hardware[place.hardware];
            let change = change[kind.class as usize];
            if !kind.own_use && change != 1.0 {
                for value in &mut self.opportunity_usd_per_h[place.rows.clone()] {
                    *value = (f64::from(*value) * change) as f32;
                }
            }
        }
    }

    /// Learns from the week's sales what each venue was like.
    pub fn observe_work(&mut self, model: &Model, market: &Market) {
        for (id, kinds) in market.network_work.iter() {
            let slot = venue_index(model, Venue::Network(id));
            for (kind, work) in kinds.iter() {
                self.observe(slot, kind, work.sold_h, work.price_usd_per_h);
            }
        }
        for (id, kinds) in market.marketplace_work.iter() {
            let slot = venue_index(model, Venue::Marketplace(id));
            for (kind, work) in kinds.iter() {
                self.observe(slot, kind, work.sold_h, work.price_usd_per_h);
            }
        }
        self.hearsay(model);
    }

    fn observe(&mut self, slot: usize, kind: HardwareId, sold_h: f64, price_usd_per_h: f64) {
        let served = &mut self.served[slot];
        served.sold_h[kind] = sold_h;
        served.sold_usd[kind] = sold_h * price_usd_per_h;
        let offered_h = served.reliable_devices[kind] * WEEK_H;
        if offered_h > 0.0 {
            let share = sold_h / offered_h;
            self.utilisation_share[slot][kind] = if share < 1.0 { share } else { 1.0 };
            if sold_h > 0.0 {
                self.price_usd_per_h[slot][kind] = price_usd_per_h;
            }
        }
    }

    /// Where nobody of a kind is online, its owners go by others of the class: on the venue if
    /// there are any, otherwise on all venues.
    fn hearsay(&mut self, model: &Model) {
        let mut everywhere = [Heard::default(); CLASSES];
        for slot in 0..self.served.len() {
            let mut here = [Heard::default(); CLASSES];
            for (kind, facts) in model.providers.hardware.iter() {
                let served = &self.served[slot];
                let heard = Heard {
                    chips: served.reliable_devices[kind] * facts.reference_per_device,
                    sold_h: served.sold_h[kind] * facts.reference_per_device,
                    usd: served.sold_usd[kind],
                };
                here[facts.class as usize].add(heard);
                everywhere[facts.class as usize].add(heard);
            }
            self.spread_word(model, slot, &here);
        }
        for slot in 0..self.served.len() {
            self.by_the_market(model, slot, &everywhere);
            let mut known = [Heard::default(); CLASSES];
            for (kind, facts) in model.providers.hardware.iter() {
                let online = self.served[slot].reliable_devices[kind];
                known[facts.class as usize].chips += online;
            }
            let mut rest = everywhere;
            for (rest, known) in rest.iter_mut().zip(&known) {
                if known.chips > 0.0 {
                    *rest = Heard::default();
                }
            }
            self.spread_word(model, slot, &rest);
        }
    }

    fn spread_word(&mut self, model: &Model, slot: usize, heard: &[Heard; CLASSES]) {
        for (kind, facts) in model.providers.hardware.iter() {
            let heard = heard[facts.class as usize];
            if self.served[slot].reliable_devices[kind] > 0.0 || heard.chips <= 0.0 {
                continue;
            }
            let share = heard.sold_h / (heard.chips * WEEK_H);
            self.utilisation_share[slot][kind] = if share < 1.0 { share } else { 1.0 };
            if heard.sold_h > 0.0 {
                self.price_usd_per_h[slot][kind] =
                    heard.usd / heard.sold_h * facts.reference_per_device;
            }
        }
    }

    /// A class that no venue has sold yet would fetch what contracts fetch, as busy as the venue.
    fn by_the_market(&mut self, model: &Model, slot: usize, sold: &[Heard; CLASSES]) {
        let (mut busy, mut chips) = (0.0, 0.0);
        for (kind, online) in self.served[slot].reliable_devices.iter() {
            busy += online * self.utilisation_share[slot][kind];
            chips += online;
        }
        for (kind, facts) in model.providers.hardware.iter() {
            let price = self.class_price_usd_per_h[facts.class as usize];
            if sold[facts.class as usize].chips > 0.0 || price <= 0.0 {
                continue;
            }
            self.price_usd_per_h[slot][kind] = price * facts.reference_per_device;
            if chips > 0.0 {
                self.utilisation_share[slot][kind] = busy / chips;
            }
        }
    }
}
