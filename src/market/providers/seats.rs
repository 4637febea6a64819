//! Owners in two networks at once: idle hours of one are listed in another.
//!
//! A network that pays for work (or a marketplace, which pays for nothing else) leaves its owners
//! free between jobs; one that pays for being available has bought those hours too. Of the idle
//! hours, as last week had them, a share is on offer in the second network; the rest stays with
//! the first, for its peaks. Each hour is on offer once, so hours sold never exceed the device's.
//!
//! An idle hour that is listed elsewhere can no longer be used by its owner on a whim: it costs
//! him a multiple of his opportunity cost. The multiple (which also holds what two agents, rules
//! against it and taste are worth) is fitted so that as many have a second seat on the first day
//! as the scenario says; from then on pay decides.

use super::opening::{frozen, sweep_all};
use super::terms::Surroundings;
use super::{Providers, Venue, venue_index};
use crate::kernels::supply::{MAX_VENUES, NO_SEAT, ONLINE, Terms, VenueTotals, listing_gain};
use crate::market::books::Books;
use crate::market::ids::CellId;
use crate::market::model::Model;
use crate::market::networks::Networks;
use crate::scenario::types::RewardBasis;

/// Reviews until second seats settle.
const SWEEPS: u32 = 8;
/// Weeks before the first whose luck is met nowhere else.
const LUCK: u32 = u32::MAX - 1_000;
/// A factor at which nobody lists anything twice.
pub const NEVER: f64 = 1e9;

/// Whether hours that nobody buys are their owner's to list elsewhere.
pub fn pays_for_work(model: &Model, venue: Venue) -> bool {
    match venue {
        Venue::Marketplace(_) => true,
        Venue::Network(id) => model.networks.networks[id].facts.rewards.basis == RewardBasis::Work,
    }
}

/// Share of all hours of a device online in one venue that its owner may list in another.
pub fn idle_listed_share(model: &Model, providers: &Providers, cell: CellId, slot: usize) -> f32 {
    let place = &model.providers.cells[cell];
    let Some(venue) = place.venues[slot] else {
        return 0.0;
    };
    let busy = providers.utilisation_share[venue_index(model, venue)][place.hardware];
    let idle = 1.0 - busy;
    let listed = model.providers.behaviour.idle_listed_share;
    if idle > 0.0 {
        (listed * idle) as f32
    } else {
        0.0
    }
}

/// Power that an hour listed in a venue draws beyond an idle one, on average.
pub fn busy_kw(model: &Model, providers: &Providers, cell: CellId, slot: usize) -> f32 {
    let place = &model.providers.cells[cell];
    let Some(venue) = place.venues[slot] else {
        return 0.0;
    };
    let busy = providers.utilisation_share[venue_index(model, venue)][place.hardware];
    let idle = model.providers.behaviour.idle_power_share;
    (model.providers.hardware[place.hardware].power_kw * (1.0 - idle) * busy) as f32
}

/// The second seats of the first day: owners review them until they settle; first seats,
/// beliefs and patience stay as they were.
pub fn open_second(around: &Surroundings, providers: &mut Providers) {
    let model = around.model;
    fit_cost(around, providers);
    let (mode, patience) = (providers.mode.clone(), providers.patience_weeks.clone());
    sweep_all(around, providers, LUCK..LUCK + SWEEPS, |terms| {
        terms.review_hazard = 1.0;
        terms.belief_gain = 0.0;
        terms.join_margin_usd_per_h = f32::INFINITY;
        terms.patience_limit_weeks = u8::MAX;
    });
    for (row, before) in mode.iter().enumerate() {
        if providers.mode[row] != *before {
            providers.second_seat[row] = NO_SEAT;
        }
    }
    providers.mode = mode;
    // First seats are taken when everybody has settled.
    providers.seat.fill(NO_SEAT);
    // Counts who is where, without a decision.
    sweep_all(
        around,
        providers,
        LUCK + SWEEPS..LUCK + SWEEPS + 1,
        |terms| {
            terms.review_hazard = 0.0;
            terms.belief_gain = 0.0;
        },
    );
    providers.patience_weeks = patience;
    for cell in model.providers.cells.ids() {
        providers.remember_lent(cell, &frozen(around, providers, cell));
    }
}

/// Finds the factor that keeps all but the wanted share of online owners from a second seat. As
/// with appeal, only opening facts count and no rule that a policy may change: the fit asks what
/// idle hours would earn elsewhere, whether or not the first network lets them go.
fn fit_cost(around: &Surroundings, providers: &mut Providers) {
    let model = around.model;
    let wanted_share = model.providers.behaviour.second_seat_share;
    for hardware in model.providers.hardware.ids() {
        let mut bearable: Vec<(f32, u32)> = Vec::new();
        for (cell, place) in model.providers.cells.iter() {
            if place.hardware == hardware {
                bearable_factors(around, providers, cell, &mut bearable);
            }
        }
        bearable.sort_by(|a, b| b.0.total_cmp(&a.0));
        let online = bearable.iter().map(|(_, devices)| f64::from(*devices));
        let all: f64 = online.sum();
        let (mut seated, mut factor) = (0.0, NEVER);
        for (highest, devices) in bearable {
            factor = f64::from(highest);
            seated += f64::from(devices);
            if seated > wanted_share * all {
                break;
            }
        }
        providers.second_cost_factor[hardware] = factor.clamp(0.0, NEVER);
    }
}

/// The factor at which the best second seat of each online row of a cell would just not pay.
fn bearable_factors(
    around: &Surroundings,
    providers: &Providers,
    cell: CellId,
    bearable: &mut Vec<(f32, u32)>,
) {
    let mut terms = frozen(around, providers, cell);
    terms.second_cost_factor = 0.0;
    for (slot, venue) in terms.venues.iter_mut().enumerate() {
        venue.lent_share = idle_listed_share(around.model, providers, cell, slot);
    }
    for row in around.model.providers.cells[cell].rows.clone() {
        let Some(first) = providers.venue_of(row) else {
            continue;
        };
        let usual = providers.efficiency[row] * providers.tariff_ratio[row];
        let opportunity = providers.opportunity_usd_per_h[row];
        let owner = [providers.reliability[row], usual, opportunity];
        let mut best = 0.0;
        for second in 0..MAX_VENUES {
            if second != first && terms.venues[second].lists_idle {
                let gain = listing_gain(&terms, (first, second), owner, 1.0);
                best = if gain > best { gain } else { best };
            }
        }
        let price = terms.venues[first].lent_share * opportunity;
        let highest = if price > 0.0 { best / price } else { 0.0 };
        bearable.push((highest, providers.count[row]));
    }
}

impl Providers {
    /// The venue that a row is online in.
    fn venue_of(&self, row: usize) -> Option<usize> {
        let state = self.mode[row] & 0x7f;
        (state >= ONLINE && self.count[row] > 0).then(|| usize::from(state - ONLINE))
    }

    /// Keeps the shares on which a sweep counted second seats: they are paid by the next.
    pub fn remember_lent(&mut self, cell: CellId, terms: &Terms) {
        self.lent_share[cell] = terms.venues.map(|venue| venue.lent_share);
    }

    /// Holders hand over the collateral of the first day's second seats; where they cannot, there
    /// is no seat.
    pub fn stake_second(&mut self, model: &Model, networks: &mut Networks, books: &mut Books) {
        for place in model.providers.cells.values() {
            for row in place.rows.clone() {
                let seat = usize::from(self.second_seat[row]);
                let Some(Some(Venue::Network(id))) = place.venues.get(seat) else {
                    continue;
                };
                let rules = &model.networks.networks[*id];
                let network = &mut networks.networks[*id];
                let asked = network.terms.stake_quanta_per_device[place.hardware];
                let staked = asked.floor();
                let quantum = i128::from(self.count[row]) * rules.quantum_units;
                let units = staked as i128 * quantum;
                if units > network.holders_units {
                    self.second_seat[row] = NO_SEAT;
                    continue;
                }
                self.second_staked_quanta[row] = staked;
                network.holders_units -= units;
                books.post(rules.ledger.holders, rules.ledger.providers_staked, units);
            }
        }
    }
}

/// Devices and reliable devices that a network pays for: those online in it, whether or not they
/// list idle hours elsewhere, and the listed hours of others.
pub fn paid_for(venue: &VenueTotals) -> (f64, f64) {
    (
        venue.devices + venue.second_devices,
        venue.reliable_devices + venue.lent_devices,
    )
}
