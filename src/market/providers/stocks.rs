//! What providers own, counted from their rows, and the bills they pay.

use super::{Providers, Venue};
use crate::kernels::supply::{GROUP, MAX_VENUES};
use crate::market::books::{Stocks, micro_usd};
use crate::market::grid::Grid;
use crate::market::ids::{CellId, Id, Table};
use crate::market::model::{Model, WEEK_H};
use crate::market::week::{Fault, Week};
use crate::market::world::World;
use crate::scenario::types::NetworkKind;

impl Providers {
    /// Counts money, whole chips and tokens from the rows alone.
    pub fn count(&self, model: &Model, stocks: &mut Stocks) {
        stocks.count(model.providers.accounts.cash, self.cash_micro_usd);
        // Marketplaces hold no money between weeks.
        stocks.count(model.providers.accounts.escrow, 0);
        let mut chips = vec![0_i128; model.names.chips.len()];
        for (cell, place) in model.providers.cells.iter() {
            let kind = &model.providers.hardware[place.hardware];
            let owned = self.owned_rows_devices(model, cell) as i128;
            chips[kind.chip.index()] +=
                owned * i128::from(kind.chips_per_device) + i128::from(self.spare_chips[cell]);
        }
        let mut seen = vec![false; chips.len()];
        for kind in model.providers.hardware.values() {
            let slot = kind.chip.index();
            if !std::mem::replace(&mut seen[slot], true) {
                stocks.count(kind.stock, chips[slot]);
            }
        }
        let seats = self.seats(model);
        for (id, rules) in model.networks.networks.iter() {
            if !rules.sells_compute() {
                continue;
            }
            let (held, staked) = seats[id.index()];
            let units = |quanta: f64| quanta as i128 * rules.quantum_units;
            stocks.count(rules.ledger.providers_held, units(held));
            stocks.count(rules.ledger.providers_staked, units(staked));
        }
    }

    /// Devices of rows that own hardware.
    fn owned_rows_devices(&self, model: &Model, cell: CellId) -> u64 {
        let rows = model.providers.cells[cell].rows.clone();
        let (modes, _) = self.mode[rows.clone()].as_chunks::<GROUP>();
        let (counts, _) = self.count[rows].as_chunks::<GROUP>();
        let mut devices = 0;
        for (modes, counts) in modes.iter().zip(counts) {
            // A group's count fits 32 bits: 32 rows of at most 2^20.
            let mut sum = 0_u32;
            for lane in 0..GROUP {
                let owned = u32::from(modes[lane] & 0x7f >= 2);
                sum = sum.wrapping_add(counts[lane] & 0_u32.wrapping_sub(owned));
            }
            devices += u64::from(sum);
        }
        devices
    }

    /// Quanta held and staked by network; whole numbers, so exact in any order.
    fn seats(&self, model: &Model) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); model.names.networks.len()];
        // Tokens on no seat are an error; counted with the first network they show as a gap.
        let mut astray = (0.0, 0.0);
        for place in model.providers.cells.values() {
            let mut found = [(0.0, 0.0); MAX_VENUES + 1];
            for start in place.rows.clone().step_by(GROUP) {
                let group = start..start + GROUP;
                let [held, staked] = [&self.held_quanta, &self.staked_quanta];
                let [held, staked] = [&held[group.clone()], &staked[group.clone()]];
                // Most groups have no seat and hold nothing: one look tells.
                let [sat, second] = [&self.seat, &self.second_seat];
                let second_staked = &self.second_staked_quanta[group.clone()];
                if !(nobody_sits(&second[group.clone()]) && empty(second_staked)) {
                    for row in group.clone() {
                        let devices = f64::from(self.count[row]);
                        let staked = self.second_staked_quanta[row] * devices;
                        found[slot_of(second[row])].1 += staked;
                    }
                }
                if nobody_sits(&sat[group.clone()]) && empty(held) && empty(staked) {
                    continue;
                }
                for row in group {
                    let seat = slot_of(self.seat[row]);
                    let devices = f64::from(self.count[row]);
                    found[seat].0 += self.held_quanta[row] * devices;
                    found[seat].1 += self.staked_quanta[row] * devices;
                }
            }
            for (seat, found) in found.into_iter().enumerate() {
                let sum = match place.venues.get(seat) {
                    Some(Some(Venue::Network(id))) => &mut sums[id.index()],
                    _ => &mut astray,
                };
                sum.0 += found.0;
                sum.1 += found.1;
            }
        }
        if let Some(first) = sums.first_mut() {
            first.0 += astray.0;
            first.1 += astray.1;
        }
        sums
    }
}

/// A seat's place in the sums; the last is for tokens on no seat.
fn slot_of(seat: u8) -> usize {
    let seat = usize::from(seat);
    if seat < MAX_VENUES { seat } else { MAX_VENUES }
}

/// Whether every seat is 255: no tokens of any venue.
fn nobody_sits(seats: &[u8]) -> bool {
    seats.iter().fold(255, |all, seat| all & seat) == 255
}

/// Whether all are zero.
fn empty(quanta: &[f64]) -> bool {
    quanta.iter().fold(0, |bits, value| bits | value.to_bits()) == 0
}

/// Marketplaces keep their share of the week's sales and pass the rest on.
pub fn pay_marketplaces(week: &Week, world: &mut World) {
    let World {
        market,
        providers,
        books,
        ..
    } = world;
    let accounts = &week.model.providers.accounts;
    for (id, facts) in week.model.providers.marketplaces.iter() {
        let paid = market.marketplace_sales_micro_usd[id];
        let kept = micro_usd(paid as f64 * facts.take_share * 1e-6);
        books.post(accounts.escrow, accounts.outside, kept);
        books.post(accounts.escrow, accounts.cash, paid - kept);
        providers.cash_micro_usd += paid - kept;
    }
}

impl Providers {
    /// Power, other costs, wear and traffic of the week's devices in networks of edge devices.
    pub fn edge_bills_usd(&self, model: &Model, grid: &Grid) -> f64 {
        let other_share = model.providers.behaviour.other_cost_share;
        let mut bills_usd = 0.0;
        for (cell, place) in model.providers.cells.iter() {
            let kind = &model.providers.hardware[place.hardware];
            for (slot, venue) in place.venues.iter().enumerate() {
                let Some(Venue::Network(id)) = venue else {
                    continue;
                };
                if model.networks.networks[*id].facts.kind != NetworkKind::Edge {
                    continue;
                }
                let tariff = grid.regions[place.region].tariff_usd_per_mwh[kind.tariff as usize];
                let devices = self.totals[cell].venues[slot].devices;
                let kw = self.online_kw(cell, slot) + other_share * kind.power_kw * devices;
                bills_usd += (kw * tariff * 1e-3 + kind.upkeep_usd_per_h * devices) * WEEK_H;
            }
        }
        bills_usd
    }
}

/// Providers pay for the power that the week drew, and their other costs.
pub fn pay_bills(week: &Week, world: &mut World) -> Result<(), Fault> {
    let World {
        grid,
        providers,
        networks: _,
        books,
        ..
    } = world;
    let model = week.model;
    let other_share = model.providers.behaviour.other_cost_share;
    let mut bills_usd = 0.0;
    for (cell, place) in model.providers.cells.iter() {
        let kind = &model.providers.hardware[place.hardware];
        let tariff = grid.regions[place.region].tariff_usd_per_mwh[kind.tariff as usize] * 1e-3;
        let mut kw = 0.0;
        for slot in 0..place.venues.len() {
            kw += providers.online_kw(cell, slot);
        }
        let other = other_share * kind.power_kw * providers.online_devices(cell);
        let upkeep = kind.upkeep_usd_per_h * providers.online_devices(cell);
        bills_usd += ((kw + other) * tariff + upkeep) * WEEK_H;
    }
    let bill = micro_usd(bills_usd);
    let accounts = &model.providers.accounts;
    books.post(accounts.cash, accounts.outside, bill);
    providers.cash_micro_usd -= bill;
    providers.bills_usd = bills_usd;
    Ok(())
}

/// A whole-number column of zeros, one per cell.
pub fn zero_chips(model: &Model) -> Table<CellId, i64> {
    Table::filled(model.providers.cells.len(), 0)
}
