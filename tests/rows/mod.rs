//! The columns of one cell, owned, for tests of the supply sweep.

#![allow(dead_code)]

use wattflop::kernels::supply::{self, Rows, Seconds, Terms, Totals, Venue};
use wattflop::kernels::supply::{ABSENT, CHEATING, IDLE, NO_SEAT, ONLINE, ORDERED};
use wattflop::kernels::{Level, Luck, Stream, random::philox};

/// Owned columns of a cell.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    pub efficiency: Vec<f32>,
    pub tariff_ratio: Vec<f32>,
    pub opportunity: Vec<f32>,
    pub reliability: Vec<f32>,
    pub count: Vec<u32>,
    pub mode: Vec<u8>,
    pub patience: Vec<u8>,
    pub seat: Vec<u8>,
    pub belief: Vec<f32>,
    pub detection: Vec<f32>,
    pub staked: Vec<f64>,
    pub held: Vec<f64>,
    pub second: Vec<u8>,
    pub second_staked: Vec<f64>,
    /// Whether owners may sit in two venues.
    pub twice: bool,
}

impl Cell {
    /// Rows in every state, drawn from `seed`; the last rows are padding.
    pub fn drawn(rows: usize, seed: u32) -> Self {
        let mut cell = Cell::idle(rows);
        for row in 0..rows {
            let [a, b, c, d] = philox([row as u32, 0, 0, 0], [seed, 1]);
            let share = |word: u32| word as f32 / 4_294_967_296.0;
            cell.efficiency[row] = 0.7 + 0.6 * share(a);
            cell.tariff_ratio[row] = 0.6 + 0.9 * share(a.rotate_left(11));
            cell.opportunity[row] = 0.2 * share(b);
            cell.reliability[row] = 0.8 + 0.2 * share(b.rotate_left(9));
            cell.count[row] = if row + 5 > rows {
                0
            } else {
                1 + c % 9 * (c >> 8 & 0xfff)
            };
            let venue = (c >> 20 & 3) as u8;
            let state = (d & 7) as u8;
            cell.mode[row] = match state {
                0 => ABSENT,
                1 => ORDERED,
                2 | 3 => IDLE,
                4 => (ONLINE + venue) | CHEATING,
                _ => ONLINE + venue,
            };
            cell.patience[row] = (d >> 4 & 7) as u8;
            cell.belief[row] = share(d) - 0.5;
            cell.detection[row] = share(d.rotate_left(7)) * 0.2;
            if state > 2 {
                cell.seat[row] = venue;
                cell.held[row] = f64::from(a >> 3);
            }
            if state > 3 {
                cell.staked[row] = f64::from(b >> 2);
            }
        }
        cell
    }

    /// The same, where owners may sit in two venues; half of those online do.
    pub fn drawn_twice(rows: usize, seed: u32) -> Self {
        let mut cell = Cell::drawn(rows, seed);
        cell.twice = true;
        for row in 0..rows {
            let [a, b, ..] = philox([row as u32, 1, 0, 0], [seed, 2]);
            let online = cell.mode[row] & !CHEATING >= ONLINE;
            let second = (b & 3) as u8;
            if online && a & 1 == 0 && second != cell.seat[row] {
                cell.second[row] = second;
                cell.second_staked[row] = f64::from(a >> 5);
            }
        }
        cell
    }

    /// Equal idle rows without tokens.
    pub fn idle(rows: usize) -> Self {
        Cell {
            efficiency: vec![1.0; rows],
            tariff_ratio: vec![1.0; rows],
            opportunity: vec![0.0; rows],
            reliability: vec![1.0; rows],
            count: vec![1; rows],
            mode: vec![IDLE; rows],
            patience: vec![0; rows],
            seat: vec![NO_SEAT; rows],
            belief: vec![0.0; rows],
            detection: vec![0.0; rows],
            staked: vec![0.0; rows],
            held: vec![0.0; rows],
            second: vec![NO_SEAT; rows],
            second_staked: vec![0.0; rows],
            twice: false,
        }
    }

    pub fn rows(&mut self) -> Rows<'_> {
        Rows {
            luck_rows: self.count.len(),
            efficiency: &self.efficiency,
            tariff_ratio: &self.tariff_ratio,
            opportunity_usd_per_h: &self.opportunity,
            reliability: &self.reliability,
            count: &self.count,
            mode: &mut self.mode,
            patience_weeks: &mut self.patience,
            seat: &mut self.seat,
            belief_usd_per_h: &mut self.belief,
            detection_belief: &mut self.detection,
            staked_quanta: &mut self.staked,
            held_quanta: &mut self.held,
            second: self.twice.then_some(Seconds {
                seat: &mut self.second,
                staked_quanta: &mut self.second_staked,
            }),
        }
    }

    pub fn week(&mut self, level: Level, terms: &Terms, week: u32) -> Totals {
        let mut totals = Totals::default();
        supply::sweep(level, self.rows(), terms, (stream(), week), &mut totals);
        totals
    }

    pub fn quanta(&self) -> f64 {
        let columns = [&self.staked, &self.held, &self.second_staked];
        let of = |column: &Vec<f64>| -> f64 {
            let each = column.iter().zip(&self.count);
            each.map(|(quanta, count)| quanta * f64::from(*count)).sum()
        };
        columns.into_iter().map(of).sum()
    }
}

pub fn stream() -> Stream {
    Luck {
        seed: 7,
        draw: 3,
        luck: 1,
    }
    .stream("supply", "gpu in nordic")
}

/// One venue that pays, nothing else.
pub fn plain() -> Terms {
    let mut terms = Terms {
        power_kw: 0.5,
        tariff_usd_per_kwh: 0.2,
        belief_gain: 1.0,
        review_hazard: 1.0,
        patience_limit_weeks: 3,
        exit_margin_usd_per_h: 1e9,
        buy_margin_usd_per_h: f32::INFINITY,
        bin_floor_usd_per_h: 0.01,
        ..Terms::default()
    };
    terms.venues[0] = Venue {
        open: true,
        pay_usd_per_h: 0.3,
        ..Venue::default()
    };
    terms
}
