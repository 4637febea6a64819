//! What a cell's owners meet this week, and the supply curves that their decisions make.
//!
//! Expected pay of a reliable device-hour in a venue = reward and share sold last week × price ×
//! (1 − take), times the venue's appeal. An owner's ask for a sold hour is his avoidable cost
//! (power, other costs, opportunity, stake) less a part of the reward that only work earns; what
//! buyers face is the ask ÷ (1 − take). Rewards never enter buyers' utility.

use super::seats::{self, pays_for_work};
use super::{Providers, Venue, venue_index};
use crate::kernels::supply::{self, BINS, MAX_VENUES, Terms};
use crate::market::chips::Chips;
use crate::market::clearing::{Market, SupplyCurve};
use crate::market::grid::Grid;
use crate::market::ids::{CellId, ChipId, Id, NetworkId};
use crate::market::model::{Model, WEEK_H, YEAR_WEEKS};
use crate::market::networks::Networks;

/// Asks do not fall below this share of the cost, however large the reward.
const LOWEST_ASK_SHARE: f64 = 0.1;

/// What owners look at when they decide.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub model: &'a Model,
    pub grid: &'a Grid,
    pub chips: &'a Chips,
    pub networks: &'a Networks,
    pub week: u32,
}

/// Prices of a chip this week.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChipPrices {
    /// From the maker, when it is on sale.
    pub new_usd: Option<f64>,
    /// Second-hand, when some are in stock.
    pub used_usd: Option<f64>,
}

impl ChipPrices {
    /// What a buyer reckons with: new hardware while it is on sale (if he then finds it cheaper
    /// second-hand, so much the better), otherwise second-hand.
    pub fn deciding_usd(&self) -> Option<f64> {
        self.new_usd.or(self.used_usd)
    }
}

/// Prices of a chip to independent buyers.
pub fn chip_prices(model: &Model, chips: &Chips, chip: ChipId, week: u32) -> ChipPrices {
    let slot = chip.index();
    let at = |column: &[f64]| column.get(slot).copied().unwrap_or(0.0);
    let price = at(chips.price_usd.values());
    let on_sale = (model.chips.products.values().get(slot)).is_some_and(|product| {
        let week = i64::from(week);
        product.price_usd > 0.0 && product.release_week <= week && week <= product.last_week
    });
    let used = at(chips.used_price_usd.values());
    let stock = chips.used_chips.values().get(slot).copied().unwrap_or(0);
    let sound = |price: f64| price > 0.0 && price.is_finite();
    ChipPrices {
        new_usd: (on_sale && sound(price)).then_some(price),
        used_usd: (stock > 0 && sound(used)).then_some(used),
    }
}

/// Yearly cost of capital tied up and written off, per hour and USD.
pub fn annuity_per_h(model: &Model) -> f64 {
    let behaviour = &model.providers.behaviour;
    (behaviour.hurdle_rate_per_year + 1.0 / behaviour.hardware_life_years) / (YEAR_WEEKS * WEEK_H)
}

impl Surroundings<'_> {
    /// Power price of a cell.
    pub fn tariff_usd_per_kwh(&self, cell: CellId) -> f64 {
        let place = &self.model.providers.cells[cell];
        let kind = &self.model.providers.hardware[place.hardware];
        self.grid.regions[place.region].tariff_usd_per_mwh[kind.tariff as usize] * 1e-3
    }

    /// The kernel's terms of one cell.
    pub fn terms(&self, providers: &Providers, cell: CellId) -> Terms {
        let model = self.model;
        let place = &model.providers.cells[cell];
        let kind = &model.providers.hardware[place.hardware];
        let behaviour = &model.providers.behaviour;
        let tariff = self.tariff_usd_per_kwh(cell);
        let power_kw = kind.power_kw * mean_power_share(model, providers, cell);
        let other = behaviour.other_cost_share * kind.power_kw * tariff;
        let running = power_kw * tariff + other;
        let other = other + kind.upkeep_usd_per_h;
        let prices = chip_prices(model, self.chips, kind.chip, self.week);
        let entry = providers.entry_factor[place.hardware];
        let buy = prices.deciding_usd().map_or(f64::INFINITY, |price| {
            entry * price * kind.chips_per_device as f64 * annuity_per_h(model)
        });
        let floor = model.providers.bin_floor_usd_per_h[kind.class as usize];
        let mut terms = Terms {
            power_kw: power_kw as f32,
            tariff_usd_per_kwh: tariff as f32,
            opex_usd_per_h: other as f32,
            noise_sigma: behaviour.noise_sigma as f32,
            belief_gain: behaviour.belief_gain_per_week as f32,
            review_hazard: behaviour.review_hazard_per_week as f32,
            join_margin_usd_per_h: (behaviour.join_margin_share * running) as f32,
            exit_margin_usd_per_h: f32::INFINITY,
            patience_limit_weeks: behaviour.patience_weeks.clamp(1, 255) as u8,
            switch_margin_usd_per_h: (behaviour.switch_margin_share * running) as f32,
            second_cost_factor: providers.second_cost_factor[place.hardware] as f32,
            buy_margin_usd_per_h: buy as f32,
            buy_spread: behaviour.hurdle_spread_share as f32,
            bin_floor_usd_per_h: (floor * kind.reference_per_device) as f32,
            venues: [supply::Venue::default(); MAX_VENUES],
        };
        for (slot, venue) in place.venues.iter().enumerate() {
            if let Some(venue) = venue {
                let mut offer = self.venue(providers, cell, *venue, running);
                if pays_for_work(model, *venue) {
                    offer.lent_share = seats::idle_listed_share(model, providers, cell, slot);
                }
                offer.lent_before = providers.lent_share[cell][slot];
                offer.lists_idle = matches!(venue, Venue::Network(_));
                offer.busy_kw = seats::busy_kw(model, providers, cell, slot);
                terms.venues[slot] = offer;
            }
        }
        terms
    }

    /// Share of a network's pool that the cell's one owner earns already: what another device
    /// of his brings is less by it, since the pool does not grow (contest, E24). 0 for a crowd.
    fn own_pool_share(&self, providers: &Providers, cell: CellId, network: NetworkId) -> f64 {
        let place = &self.model.providers.cells[cell];
        if !self.model.providers.hardware[place.hardware].one_owner {
            return 0.0;
        }
        let rules = &self.model.networks.networks[network];
        let venue = Venue::Network(network);
        let all = providers.served[venue_index(self.model, venue)].weight(rules);
        let Some(slot) = place.venues.iter().position(|known| *known == Some(venue)) else {
            return 0.0;
        };
        let here = &providers.totals[cell].venues[slot];
        let own = rules.weight[place.hardware] * (here.reliable_devices + here.lent_devices);
        if own < all {
            own / all
        } else {
            f64::from(u8::from(all > 0.0))
        }
    }

    fn venue(
        &self,
        providers: &Providers,
        cell: CellId,
        venue: Venue,
        running_usd_per_h: f64,
    ) -> supply::Venue {
        let model = self.model;
        let kind = model.providers.cells[cell].hardware;
        let slot = venue_index(model, venue);
        let gross = providers.utilisation_share[slot][kind] * providers.price_usd_per_h[slot][kind];
        let appeal = providers.appeal_share[slot][kind];
        let behaviour = &model.providers.behaviour;
        match venue {
            Venue::Marketplace(id) => supply::Venue {
                open: true,
                pay_usd_per_h: (appeal
                    * gross
                    * (1.0 - model.providers.marketplaces[id].take_share))
                    as f32,
                ..supply::Venue::default()
            },
            Venue::Network(id) => {
                let terms = &self.networks.networks[id].terms;
                let reward = terms.reward_usd_per_device_h[kind];
                let shared = self.own_pool_share(providers, cell, id);
                let pay = gross * (1.0 - terms.take_rate_share) + reward * (1.0 - shared);
                supply::Venue {
                    open: true,
                    pay_usd_per_h: (appeal * pay) as f32,
                    stake_cost_usd_per_h: terms.stake_cost_usd_per_h[kind] as f32,
                    stake_quanta_per_device: terms.stake_quanta_per_device[kind],
                    credit_quanta_per_device: terms.credit_quanta_per_device[kind],
                    sell_share: terms.sell_share,
                    cheat_saving_usd_per_h: (behaviour.cheat_saving_share * running_usd_per_h)
                        as f32,
                    cheat_penalty_usd_per_h: terms.stake_at_risk_usd_per_h[kind] as f32,
                    detection_probability: terms.detection_probability as f32,
                    slash_share: terms.slash_share,
                    detection_gain: behaviour.detection_gain_share as f32,
                    ..supply::Venue::default()
                }
            }
        }
    }
}

/// Share of full power that the cell's online devices draw on average.
fn mean_power_share(model: &Model, providers: &Providers, cell: CellId) -> f64 {
    let (mut weight, mut sum) = (0.0, 0.0);
    for (slot, venue) in model.providers.cells[cell].venues.iter().enumerate() {
        if venue.is_some() {
            // A venue where nobody is online still tells newcomers something.
            let devices = providers.totals[cell].venues[slot].devices + 1e-3;
            weight += devices;
            sum += devices * providers.power_share(model, cell, slot);
            // Idle hours of other venues' devices that were sold here.
            let full_kw = model.providers.hardware[model.providers.cells[cell].hardware].power_kw;
            let busy = seats::busy_kw(model, providers, cell, slot);
            sum += providers.totals[cell].venues[slot].listed_devices * f64::from(busy) / full_kw;
        }
    }
    if weight > 0.0 {
        sum / weight
    } else {
        model.providers.behaviour.idle_power_share
    }
}

/// Fills the supply curves of every offer that providers stand behind.
pub fn fill_supply(
    model: &Model,
    providers: &mut Providers,
    networks: &Networks,
    market: &mut Market,
) {
    for offers in providers.offers.values() {
        for offer in offers.iter().flatten() {
            if let Some(curve) = market.supply.values_mut().get_mut(offer.index()) {
                *curve = SupplyCurve::default();
            }
        }
    }
    for cell in model.providers.cells.ids() {
        for slot in 0..MAX_VENUES {
            let mut hours = 0.0;
            if let Some(offer) = providers.offers[cell][slot]
                && let Some(curve) = market.supply.values_mut().get_mut(offer.index())
            {
                hours = add_cell(model, providers, networks, (cell, slot), curve);
            }
            providers.offered_h[cell][slot] = hours;
        }
    }
    // Sums of cost × units become means.
    for offers in providers.offers.values() {
        for offer in offers.iter().flatten() {
            if let Some(curve) = market.supply.values_mut().get_mut(offer.index()) {
                finish(curve);
            }
        }
    }
}

/// Marks a curve whose costs are already means: several cells share one offer.
fn finish(curve: &mut SupplyCurve) {
    for bin in 0..BINS {
        let (sum, units) = (curve.cost_usd_per_h[bin], curve.units_h[bin]);
        // A sum is negative until it is divided, see `add_cell`.
        if units > 0.0 && sum < 0.0 {
            curve.cost_usd_per_h[bin] = -sum / units;
        }
    }
}

/// Adds one venue of one cell to its offer's curve; returns the hours added.
fn add_cell(
    model: &Model,
    providers: &Providers,
    networks: &Networks,
    (cell, slot): (CellId, usize),
    curve: &mut SupplyCurve,
) -> f64 {
    let place = &model.providers.cells[cell];
    let kind = &model.providers.hardware[place.hardware];
    let Some(venue) = place.venues[slot] else {
        return 0.0;
    };
    let (kept, usable, reward) = match venue {
        Venue::Marketplace(id) => (1.0 - model.providers.marketplaces[id].take_share, 1.0, 0.0),
        Venue::Network(id) => {
            let terms = &networks.networks[id].terms;
            let usable = terms.sellable_share * terms.quality_share;
            let reward = terms.work_reward_usd_per_h[place.hardware];
            let kept = 1.0 - terms.take_rate_share;
            (if kept > 0.0 { kept } else { 1.0 }, usable, reward)
        }
    };
    let discount = reward * model.providers.behaviour.reward_in_ask_share;
    let floor = model.providers.bin_floor_usd_per_h[kind.class as usize];
    let base = (floor as f32).to_bits() >> 20;
    let totals = &providers.totals[cell].venues[slot];
    if totals.reliable_devices <= 0.0 {
        return 0.0;
    }
    let mut hours = 0.0;
    for bin in 0..BINS {
        let devices = totals.bin_devices[bin];
        if devices <= 0.0 {
            continue;
        }
        let cost = totals.bin_cost_usd_per_h[bin] / devices;
        let lowest = cost * LOWEST_ASK_SHARE;
        let ask = cost - discount;
        let ask = if ask > lowest { ask } else { lowest };
        let ask = ask / (kept * kind.reference_per_device);
        let ask = if ask > floor { ask } else { floor };
        let units = devices * WEEK_H * kind.reference_per_device * usable;
        let step = ((ask as f32).to_bits() >> 20).wrapping_sub(base) as usize;
        let step = if step < BINS { step } else { BINS - 1 };
        curve.units_h[step] += units;
        curve.cost_usd_per_h[step] -= ask * units;
        hours += units;
    }
    hours
}
