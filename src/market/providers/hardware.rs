//! Hardware changes hands: rows that decided to buy order chips, second-hand first where that is
//! cheaper; deliveries fill waiting rows in order; racks that no longer pay are let go.
//!
//! An owner of a rack keeps it while an hour of it, rented out or used otherwise, is worth more
//! than the return on what it would fetch; owners of a gaming card or a phone keep it for
//! themselves.

use super::terms::{ChipPrices, annuity_per_h, chip_prices};
use super::{Providers, Venue};
use crate::kernels::supply::{ABSENT, IDLE, ORDERED};
use crate::market::books::{Books, micro_usd};
use crate::market::chips::{Chips, Owner};
use crate::market::ids::CellId;
use crate::market::model::Model;
use crate::market::week::{Fault, Week};
use crate::market::world::World;

/// Phase 8: orders, second-hand trade, hardware let go.
pub fn trade_hardware(week: &Week, world: &mut World) -> Result<(), Fault> {
    let World {
        chips,
        providers,
        books,
        ..
    } = world;
    let model = week.model;
    providers.hardware_spend_usd = 0.0;
    for (cell, place) in model.providers.cells.iter() {
        let kind = &model.providers.hardware[place.hardware];
        let prices = chip_prices(model, chips, kind.chip, week.number);
        let ordered = providers.totals[cell].ordered_now as i64 * kind.chips_per_device;
        let wanted = providers.unfilled_chips[cell] + ordered;
        if wanted > 0 {
            buy(week, (cell, wanted), prices, (providers, chips, books));
        }
        if !kind.own_use {
            let fetched = prices.used_usd.or(prices
                .new_usd
                .map(|new| new * model.providers.behaviour.salvage_share));
            if let Some(price) = fetched {
                let_go(week, (cell, price), (providers, chips, books));
            }
        }
    }
    Ok(())
}

type Purses<'a> = (&'a mut Providers, &'a mut Chips, &'a mut Books);

fn buy(week: &Week, (cell, wanted): (CellId, i64), prices: ChipPrices, purses: Purses) {
    let (providers, chips, books) = purses;
    let model = week.model;
    let kind = &model.providers.hardware[model.providers.cells[cell].hardware];
    let mut left = wanted;
    let used_first = match (prices.used_usd, prices.new_usd) {
        (Some(used), Some(new)) => (used < new).then_some(used),
        (used, _) => used,
    };
    if let Some(price) = used_first {
        let taken = left.min(chips.used_chips[kind.chip]);
        chips.used_chips[kind.chip] -= taken;
        let accepted = providers.receive(model, cell, taken);
        chips.used_chips[kind.chip] += taken - accepted;
        books.post(kind.stock_used, kind.stock, i128::from(accepted));
        providers.pay(model, books, price * accepted as f64);
        left -= accepted;
    }
    if left > 0 && prices.new_usd.is_some() {
        chips.order(week.number, kind.chip, Owner::Cell(cell), left);
        left = 0;
    }
    providers.unfilled_chips[cell] = left;
}

fn let_go(week: &Week, (cell, price_usd): (CellId, f64), purses: Purses) {
    let (providers, chips, books) = purses;
    let model = week.model;
    let place = &model.providers.cells[cell];
    let kind = &model.providers.hardware[place.hardware];
    let per_device = price_usd * kind.chips_per_device as f64;
    // As far below the return asked as the keenest buyer's threshold.
    let slack = 1.0 - 0.5 * model.providers.behaviour.hurdle_spread_share;
    let needed_usd_per_h = per_device * annuity_per_h(model) * slack;
    let hazard = model.providers.behaviour.review_hazard_per_week;
    let stream = model.luck.stream("provider hardware", &place.name);
    let mut devices = 0_i64;
    for (place_in_cell, row) in place.rows.clone().enumerate() {
        if providers.mode[row] != IDLE || providers.count[row] == 0 {
            continue;
        }
        let own = f64::from(providers.opportunity_usd_per_h[row]);
        let margin = f64::from(providers.belief_usd_per_h[row]);
        let kept_usd_per_h = if margin > 0.0 { own + margin } else { own };
        let luck = (place_in_cell % place.luck_rows) as u32;
        let reviews = || stream.uniform(luck, week.number) < hazard;
        if kept_usd_per_h < needed_usd_per_h && reviews() {
            providers.mode[row] = ABSENT;
            devices += i64::from(providers.count[row]);
        }
    }
    if devices > 0 {
        let sold = devices * kind.chips_per_device;
        chips.used_chips[kind.chip] += sold;
        books.post(kind.stock, kind.stock_used, i128::from(sold));
        providers.pay(model, books, -per_device * devices as f64);
        // The sweep's sums follow at the next sweep; owners counted from rows are right now.
        providers.totals[cell].idle_devices -= devices as f64;
        providers.totals[cell].absent_devices += devices as f64;
    }
}

impl Providers {
    /// Takes as many of `chips` as waiting rows need, and fills rows in order, those of one luck
    /// together.
    pub fn receive(&mut self, model: &Model, cell: CellId, chips: i64) -> i64 {
        let place = &model.providers.cells[cell];
        let kind = &model.providers.hardware[place.hardware];
        let rows = place.rows.clone();
        let waiting: i64 = (rows.clone())
            .filter(|row| self.mode[*row] == ORDERED)
            .map(|row| i64::from(self.count[row]) * kind.chips_per_device)
            .sum();
        let needed = (waiting - self.spare_chips[cell]).max(0);
        let taken = chips.clamp(0, needed);
        self.spare_chips[cell] += taken;
        for first in rows.start..rows.start + place.luck_rows {
            if self.mode[first] != ORDERED {
                continue;
            }
            let alike = || (first..rows.end).step_by(place.luck_rows);
            let devices: i64 = alike().map(|row| i64::from(self.count[row])).sum();
            let need = devices * kind.chips_per_device;
            if self.spare_chips[cell] < need {
                break;
            }
            self.spare_chips[cell] -= need;
            alike().for_each(|row| self.mode[row] = IDLE);
        }
        taken
    }

    /// Providers pay (or, below zero, receive) money for hardware.
    fn pay(&mut self, model: &Model, books: &mut Books, usd: f64) {
        let amount = micro_usd(usd);
        let accounts = &model.providers.accounts;
        books.post(accounts.cash, accounts.outside, amount);
        self.cash_micro_usd -= amount;
        self.hardware_spend_usd += usd;
    }

    /// Devices online in all networks.
    pub fn network_devices(&self, model: &Model) -> f64 {
        let mut sum = 0.0;
        for (cell, place) in model.providers.cells.iter() {
            for (slot, venue) in place.venues.iter().enumerate() {
                if matches!(venue, Some(Venue::Network(_))) {
                    sum += self.totals[cell].venues[slot].devices;
                }
            }
        }
        sum
    }
}
