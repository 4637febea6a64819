//! Providers of a closed network in columns: size, cost, tokens.

use crate::market::world::{Column, Visitor};

use super::MOST_QUANTA;

/// Rows whose whole quanta are summed in 64 bits before they join the total.
const BLOCK: usize = 4096;
const LANES: usize = 8;
/// 1.5 · 2^52: added to a number below 2^51, its low bits are that number, rounded.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Everyone online.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowd {
    /// Units that he can serve in a week.
    pub units: Vec<f64>,
    /// What each of them costs him.
    pub unit_cost_usd: Vec<f64>,
    /// Tokens that he holds, or owes where negative, in whole quanta.
    pub balance_quanta: Vec<f64>,
}

/// What a week of work pays and costs, in quanta.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub quanta_per_unit: f64,
    pub quanta_per_usd: f64,
}

impl Crowd {
    pub fn len(&self) -> usize {
        self.units.len()
    }
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    pub(super) fn join(&mut self, units: f64, unit_cost_usd: f64) {
        self.units.push(units);
        self.unit_cost_usd.push(unit_cost_usd);
        self.balance_quanta.push(0.0);
    }

    /// How many lost money at this pay.
    pub(super) fn losing(&self, paid_usd_per_unit: f64) -> u64 {
        let mut lanes = [0_u64; LANES];
        let chunks = self.unit_cost_usd.chunks_exact(LANES);
        for cost in chunks.remainder() {
            lanes[0] += u64::from(paid_usd_per_unit <= *cost);
        }
        for chunk in chunks {
            for (lane, cost) in lanes.iter_mut().zip(chunk) {
                *lane += u64::from(paid_usd_per_unit <= *cost);
            }
        }
        lanes.iter().sum()
    }

    /// Those who lost money sell what they hold and go: how many, and the quanta sold. The last
    /// row takes the place of one who left.
    pub(super) fn leave(&mut self, paid_usd_per_unit: f64) -> (u64, i128) {
        let (mut row, mut left, mut sold) = (0, 0, 0);
        while row < self.len() {
            if paid_usd_per_unit > self.unit_cost_usd[row] {
                row += 1;
                continue;
            }
            self.units.swap_remove(row);
            self.unit_cost_usd.swap_remove(row);
            sold += self.balance_quanta.swap_remove(row) as i128;
            left += 1;
        }
        (left, sold)
    }

    /// Everyone earns his share and sells what his costs come to: quanta earned and sold. Nobody
    /// comes to owe more than all that can ever be minted.
    pub(super) fn work(&mut self, terms: Terms) -> (i128, i128) {
        let (mut earned, mut sold) = (0, 0);
        let blocks = (self.units.chunks(BLOCK))
            .zip(self.unit_cost_usd.chunks(BLOCK))
            .zip(self.balance_quanta.chunks_mut(BLOCK));
        for ((units, costs), balances) in blocks {
            let (block_earned, block_sold) = work_block(terms, (units, costs), balances);
            earned += i128::from(block_earned);
            sold += i128::from(block_sold);
        }
        (earned, sold)
    }

    /// What all of them hold.
    pub fn held_quanta(&self) -> i128 {
        let mut held = 0;
        for block in self.balance_quanta.chunks(BLOCK) {
            let mut lanes = [0_i64; LANES];
            for chunk in block.chunks(LANES) {
                for (lane, balance) in lanes.iter_mut().zip(chunk) {
                    *lane = lane.wrapping_add(whole(*balance));
                }
            }
            held += lanes.iter().map(|lane| i128::from(*lane)).sum::<i128>();
        }
        held
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.column("closed.units", Column::F64(&mut self.units));
        visitor.column("closed.unit_cost_usd", Column::F64(&mut self.unit_cost_usd));
        visitor.column(
            "closed.balance_quanta",
            Column::F64(&mut self.balance_quanta),
        );
    }
}

/// The nearest whole number of an amount below 2^51.
#[inline(always)]
fn whole(amount: f64) -> i64 {
    ((amount + WHOLE).to_bits() as i64).wrapping_sub(WHOLE.to_bits() as i64)
}

/// At most [`BLOCK`] rows: 2^12 amounts of at most 2^50 quanta fit into 64 bits.
fn work_block(terms: Terms, (units, costs): (&[f64], &[f64]), balances: &mut [f64]) -> (i64, i64) {
    let (mut earned_lanes, mut sold_lanes) = ([0_i64; LANES], [0_i64; LANES]);
    let rows = units.len() / LANES * LANES;
    let mut from = 0;
    while from < units.len() {
        let until = if from < rows {
            from + LANES
        } else {
            units.len()
        };
        let (units, costs) = (&units[from..until], &costs[from..until]);
        let lanes = earned_lanes.iter_mut().zip(&mut sold_lanes);
        let inputs = units.iter().zip(costs);
        for (((units, cost), balance), (earned_sum, sold_sum)) in
            inputs.zip(&mut balances[from..until]).zip(lanes)
        {
            let earned = (units * terms.quanta_per_unit + WHOLE) - WHOLE;
            let room = *balance + earned + MOST_QUANTA;
            let due = units * cost * terms.quanta_per_usd;
            let due = if due < room { due } else { room };
            let sold = (due + WHOLE) - WHOLE;
            *balance += earned - sold;
            *earned_sum = earned_sum.wrapping_add(whole(earned));
            *sold_sum = sold_sum.wrapping_add(whole(sold));
        }
        from = until;
    }
    (earned_lanes.iter().sum(), sold_lanes.iter().sum())
}
