//! Between which ends the prices of a linear program can lie: its optima in the dual.
//!
//! A column between its ends binds its rows by an equation, one at an end by an inequality. With
//! at most two entries of opposite sign, a₁ y₁ − a₂ y₂ ≤ c: such systems have a largest and a
//! smallest solution, in which every y is at its largest (or smallest) at once. They are found by
//! tightening bounds along the columns, forwards and backwards, until nothing moves.

use super::interior::{Program, Side};

/// Ends of the prices of all rows.
#[derive(Clone, Debug)]
pub struct Intervals {
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// The column that sets the upper end of each row.
    pub setter: Vec<Option<usize>>,
}

/// Columns with more entries are left out by this.
const ENTRIES: usize = 2;
const MAX_PASSES: usize = 20_000;
/// Bounds that move by less, relative to the larger of 1 and themselves, stand still.
const STILL: f64 = 1e-13;

/// One column as the condition p y_to − n y_from ≤ c; without `from` p y_to ≤ c, and without `to`
/// −n y_from ≤ c.
#[derive(Clone, Copy)]
struct Bond {
    to: usize,
    p: f64,
    from: usize,
    n: f64,
    c: f64,
    column: usize,
}

const NONE: usize = usize::MAX;

impl Intervals {
    /// From bounds that hold already.
    pub fn within(low: Vec<f64>, high: Vec<f64>) -> Intervals {
        let setter = vec![None; low.len()];
        Intervals { low, high, setter }
    }

    /// Tightens to what the columns of a partition leave. Columns without a side bind nothing.
    pub fn tighten(&mut self, program: &Program, side: &[Option<Side>]) {
        let bonds = bonds(program, side);
        for _ in 0..MAX_PASSES {
            let mut has_moved = false;
            for bond in &bonds {
                has_moved |= self.pull(bond);
            }
            for bond in bonds.iter().rev() {
                has_moved |= self.pull(bond);
            }
            if !has_moved {
                break;
            }
        }
    }

    fn pull(&mut self, bond: &Bond) -> bool {
        let mut has_moved = false;
        if bond.to != NONE {
            let beyond = if bond.from == NONE {
                0.0
            } else {
                bond.n * self.high[bond.from]
            };
            let most = (bond.c + beyond) / bond.p;
            if most < self.high[bond.to] - still(most) {
                self.high[bond.to] = most;
                self.setter[bond.to] = Some(bond.column);
                has_moved = true;
            }
        }
        if bond.from != NONE {
            let before = if bond.to == NONE {
                0.0
            } else {
                bond.p * self.low[bond.to]
            };
            let least = (before - bond.c) / bond.n;
            if least > self.low[bond.from] + still(least) {
                self.low[bond.from] = least;
                has_moved = true;
            }
        }
        has_moved
    }
}

fn still(value: f64) -> f64 {
    let size = value.abs();
    if size.is_finite() && size > 1.0 {
        STILL * size
    } else {
        STILL
    }
}

/// Every column that a partition makes a condition of, in order.
fn bonds(program: &Program, side: &[Option<Side>]) -> Vec<Bond> {
    let mut out = Vec::new();
    for j in 0..program.a.count() {
        let (rows, values) = program.a.column(j);
        if rows.is_empty() || rows.len() > ENTRIES {
            continue;
        }
        if rows.len() == ENTRIES && (values[0] > 0.0) == (values[1] > 0.0) {
            continue;
        }
        let mut bond = Bond {
            to: NONE,
            p: 1.0,
            from: NONE,
            n: 1.0,
            c: program.cost[j],
            column: j,
        };
        for (row, value) in rows.iter().zip(values) {
            if *value > 0.0 {
                (bond.to, bond.p) = (*row, *value);
            } else {
                (bond.from, bond.n) = (*row, -*value);
            }
        }
        let turned = Bond {
            to: bond.from,
            p: bond.n,
            from: bond.to,
            n: bond.p,
            c: -bond.c,
            ..bond
        };
        match side[j] {
            None => {}
            Some(Side::Lower) => out.push(bond),
            Some(Side::Upper) => out.push(turned),
            Some(Side::Between) => out.extend([bond, turned]),
        }
    }
    out
}
