//! Who lives where: cells, their rows, and what tells their owners apart.
//!
//! Attributes are quantile transforms of numbers from the cell's own stream, one column per
//! attribute: a row's luck depends on the cell's name and its place in it, nothing else.
//!
//! Few owners ever join, those who have little else to do with their hardware. Rows are
//! therefore dense where opportunity costs are low: row i of n stands for the owners between the
//! quantiles (i/n)^k and ((i+1)/n)^k of opportunity cost, with k as large as whole devices allow
//! (at most 3). Counts follow from the quantiles, so every device is somebody's and the
//! distribution is met exactly, with many small rows where decisions are made.

use super::{Cell, HardwareKind, Venue};
use crate::kernels::over::{self, Exp, Logistic, NormInv, Power};
use crate::kernels::supply::{GROUP, MAX_COUNT};
use crate::kernels::{Stream, math};
use crate::market::ids::{CellId, HardwareId, Id, MarketplaceId, RegionId, Table};
use crate::market::model::Names;
use crate::market::networks::NetworkModels;
use crate::scenario::types::{ProviderBehaviour, Scenario};

/// Columns of luck within a cell's stream.
const EFFICIENCY: u32 = 0;
const TARIFF: u32 = 1;
const OPPORTUNITY: u32 = 2;
const RELIABILITY: u32 = 3;
const OWNER: u32 = 4;

/// Who buys a rack for the venues has little else to do with it.
const DEDICATED_SHARE: f32 = 0.1;

/// All cells and the length of the columns.
pub fn cells(
    scenario: &Scenario,
    names: &Names,
    networks: &NetworkModels,
) -> (Table<CellId, Cell>, usize) {
    let side = &scenario.providers;
    let mut cells = Table::default();
    let mut next = 0;
    for (slot, name) in names.hardware.iter().enumerate() {
        let (facts, hardware) = (&side.hardware[name], HardwareId::new(slot));
        let venues = venues(name, hardware, scenario, names, networks);
        for (place, region) in names.regions.iter().enumerate() {
            let share = side.region_share.get(region).copied().unwrap_or(0.0);
            let all = facts.owned_devices + facts.prospective_devices;
            let devices = (all * share).round() as u64;
            if devices == 0 {
                continue;
            }
            let wanted = f64::from(side.rows) * facts.row_share * share;
            let least = devices.div_ceil(u64::from(MAX_COUNT));
            // Whole groups, as far as devices reach: padding costs as much as people.
            let wanted = (wanted.round() as u64).max(least).div_ceil(GROUP as u64);
            let rows = (wanted.max(1) * GROUP as u64).min(devices) as usize;
            let padded = rows.div_ceil(GROUP) * GROUP;
            cells.push(Cell {
                hardware,
                region: RegionId::new(place),
                name: format!("{name}:{region}"),
                rows: next..next + padded,
                luck_rows: padded,
                real_rows: rows,
                devices,
                venues,
            });
            next += padded;
        }
    }
    (cells, next)
}

/// Up to four venues that take the hardware; where more do, the largest on the first day.
fn venues(
    name: &str,
    hardware: HardwareId,
    scenario: &Scenario,
    names: &Names,
    networks: &NetworkModels,
) -> [Option<Venue>; 4] {
    let mut found: Vec<(f64, Venue)> = Vec::new();
    for (id, rules) in networks.networks.iter() {
        if rules.sells_compute() && rules.accepts[hardware] {
            let devices = rules.facts.opening.devices.get(name).copied();
            found.push((devices.unwrap_or(0.0), Venue::Network(id)));
        }
    }
    for (slot, market) in names.marketplaces.iter().enumerate() {
        let facts = &scenario.marketplaces[market];
        if facts.accepts.iter().any(|accepted| accepted == name) {
            let devices = facts.devices.get(name).copied().unwrap_or(0.0);
            found.push((devices, Venue::Marketplace(MarketplaceId::new(slot))));
        }
    }
    // Stable: equal sizes stay in order of name.
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(4);
    found.sort_by_key(|(_, venue)| *venue);
    let mut venues = [None; 4];
    for (slot, (_, venue)) in found.into_iter().enumerate() {
        venues[slot] = Some(venue);
    }
    venues
}

/// The columns of one cell's rows.
pub struct Attributes<'a> {
    pub efficiency: &'a mut [f32],
    pub tariff_ratio: &'a mut [f32],
    pub opportunity_usd_per_h: &'a mut [f32],
    pub reliability: &'a mut [f32],
    pub count: &'a mut [u32],
    /// 0 absent or 2 owned.
    pub mode: &'a mut [u8],
}

/// Nearest multiple of 2^−16, in which sums over devices are exact in any order.
pub fn whole_parts(value: f64) -> f32 {
    ((value * 65_536.0).round() / 65_536.0) as f32
}

/// Shares the devices of a cell's rows out over all rows that have their luck.
pub fn share_out(luck_rows: usize, counts: &mut [u32]) {
    let parts = (counts.len() / luck_rows.max(1)).max(1) as u32;
    for row in 0..luck_rows.min(counts.len()) {
        let all = counts[row];
        for part in 0..parts {
            let more = u32::from(part < all % parts);
            counts[row + part as usize * luck_rows] = all / parts + more;
        }
    }
}

/// Gives rows that have the luck of others their numbers.
pub fn repeat<T: Copy>(luck_rows: usize, column: &mut [T]) {
    for row in luck_rows..column.len() {
        column[row] = column[row - luck_rows];
    }
}

/// Draws a cell's rows.
pub fn draw(
    cell: &Cell,
    kind: &HardwareKind,
    behaviour: &ProviderBehaviour,
    stream: Stream,
    out: Attributes<'_>,
) {
    let mut column = vec![0.0; cell.luck_rows];
    let mut spread = |at: u32, sigma: f64, out: &mut [f32]| {
        stream.normals(at, &mut column);
        column.iter_mut().for_each(|z| *z *= sigma);
        over::each(&mut column, Exp);
        for (value, factor) in out.iter_mut().zip(&column) {
            *value = whole_parts(*factor);
        }
    };
    spread(EFFICIENCY, behaviour.efficiency_sigma, out.efficiency);
    spread(TARIFF, behaviour.tariff_sigma, out.tariff_ratio);
    let middle = behaviour.reliability_share.clamp(1e-6, 1.0 - 1e-6);
    let log_odds = math::ln(middle / (1.0 - middle));
    stream.normals(RELIABILITY, &mut column);
    for z in &mut column {
        *z = log_odds + behaviour.reliability_sigma * *z;
    }
    over::each(&mut column, Logistic);
    for (value, share) in out.reliability.iter_mut().zip(&column) {
        *value = whole_parts(*share);
    }
    let edges = edges(cell);
    stream.uniforms(OPPORTUNITY, &mut column);
    for (place, edges) in column.iter_mut().zip(edges.windows(2)) {
        *place = (edges[0] + (edges[1] - edges[0]) * *place).clamp(1e-9, 1.0 - 1e-9);
    }
    over::each(&mut column, NormInv);
    (column.iter_mut()).for_each(|z| *z *= behaviour.opportunity_sigma);
    over::each(&mut column, Exp);
    let mut owner = vec![0.0; cell.luck_rows];
    stream.uniforms(OWNER, &mut owner);
    let mut before = 0;
    for row in 0..cell.luck_rows {
        out.opportunity_usd_per_h[row] = (kind.opportunity_usd_per_h * column[row]) as f32;
        let until = if row + 1 < cell.real_rows {
            (cell.devices as f64 * edges[row + 1]).floor() as u64
        } else {
            cell.devices
        };
        let real = row < cell.real_rows;
        out.count[row] = if real { (until - before) as u32 } else { 0 };
        before = until;
        let owned = owner[row] < kind.owned_share;
        out.mode[row] = if owned { 2 } else { 0 };
        if !owned && !kind.own_use {
            out.opportunity_usd_per_h[row] *= DEDICATED_SHARE;
        }
    }
    for column in [
        out.efficiency,
        out.tariff_ratio,
        out.opportunity_usd_per_h,
        out.reliability,
    ] {
        repeat(cell.luck_rows, column);
    }
    repeat(cell.luck_rows, out.mode);
    share_out(cell.luck_rows, out.count);
}

/// The quantiles between which rows stand, from the first row's lower to the last one's upper.
fn edges(cell: &Cell) -> Vec<f64> {
    let part = |row: usize| row as f64 / cell.real_rows as f64;
    let mut edges = Vec::from_iter((0..=cell.luck_rows).map(part));
    over::each(&mut edges, Power(depth(cell)));
    edges
}

/// The k of the quantiles: the first row must stand for a whole device.
fn depth(cell: &Cell) -> f64 {
    let rows = cell.real_rows as f64;
    if rows < 2.0 {
        return 1.0;
    }
    let most = math::ln(cell.devices as f64) / math::ln(rows);
    most.clamp(1.0, 3.0)
}
