//! Between which ends the prices of a linear program can lie: its optima in the dual.
//!
//! A column between its ends binds its rows by an equation, one at an end by an inequality. With
//! at most two entries of opposite sign, a₁ y₁ − a₂ y₂ ≤ c: such systems have a largest and a
//! smallest solution, in which every y is at its largest (or smallest) at once. They are found by
//! tightening bounds along the columns, forwards and backwards, until nothing moves.

use super::interior::{Program, Side, solve_within};
use super::sparse::Columns;

/// Ends of the prices of all rows.
#[derive(Clone, Debug)]
pub struct Intervals {
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// The column that sets the upper end of each row.
    pub setter: Vec<Option<usize>>,
}

/// A condition on many prices: Σ share · y against a cost; `Lower` at most, `Upper` at least.
#[derive(Clone, Debug)]
pub struct Sum {
    pub terms: Vec<(usize, f64)>,
    pub cost: f64,
    pub side: Side,
}

/// Narrower than this, relative to the larger of 1 and its ends, an interval is a point.
const POINT: f64 = 1e-10;
/// Iterations for one end of a price.
const FACE_ITERATIONS: usize = 60;
/// Most prices that are open at once in a search for their ends.
const MAX_OPEN: usize = 1_500;

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

    /// What the others in a sum leave to each row; true if an end has moved.
    pub fn bound(&mut self, sum: &Sum) -> bool {
        let mut has_moved = false;
        if sum.side != Side::Upper {
            let (total, infinite) = finite_total(sum, &self.low);
            for (row, share) in &sum.terms {
                let own = share * self.low[*row];
                let others = if own.is_finite() { total - own } else { total };
                let most = (sum.cost - others) / share;
                let is_bound = infinite == 0 || (infinite == 1 && !own.is_finite());
                if is_bound && most < self.high[*row] - 1e-12 * (1.0 + most.abs()) {
                    self.high[*row] = most;
                    self.setter[*row] = None;
                    has_moved = true;
                }
            }
        }
        if sum.side != Side::Lower {
            let (total, infinite) = finite_total(sum, &self.high);
            for (row, share) in &sum.terms {
                let own = share * self.high[*row];
                let others = if own.is_finite() { total - own } else { total };
                let least = (sum.cost - others) / share;
                let is_bound = infinite == 0 || (infinite == 1 && !own.is_finite());
                if is_bound && least > self.low[*row] + 1e-12 * (1.0 + least.abs()) {
                    self.low[*row] = least;
                    has_moved = true;
                }
            }
        }
        has_moved
    }

    fn is_point(&self, row: usize) -> bool {
        let (low, high) = (self.low[row], self.high[row]);
        high - low <= POINT * (1.0 + low.abs() + high.abs())
    }

    /// Rows whose ends are finite and apart.
    fn open(&self) -> Vec<usize> {
        let is_open =
            |row: &usize| !self.is_point(*row) && (self.high[*row] - self.low[*row]).is_finite();
        (0..self.low.len()).filter(is_open).collect()
    }

    /// Sums that are equations may determine some classes altogether: those are at the known
    /// optimum. Elimination to the reduced form shows which.
    fn determine(&mut self, classes: &Classes, sums: &[Sum], known: &[f64]) {
        let width = classes.roots.len();
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for sum in sums.iter().filter(|sum| sum.side == Side::Between) {
            if let Some((list, _)) = self.condition(classes, &sum.terms, sum.cost) {
                let mut row = vec![0.0; width];
                for (class, share) in list {
                    row[class] = share;
                }
                rows.push(row);
            }
        }
        let mut pivots = Vec::new();
        for column in 0..width {
            let top = pivots.len();
            let size = |row: &Vec<f64>| row[column].abs();
            let best = (top..rows.len()).max_by(|a, b| size(&rows[*a]).total_cmp(&size(&rows[*b])));
            let Some(best) = best.filter(|best| size(&rows[*best]) > 1e-9) else {
                continue;
            };
            rows.swap(top, best);
            let pivot = rows[top].clone();
            for (index, row) in rows.iter_mut().enumerate() {
                let ratio = row[column] / pivot[column];
                if index != top && ratio != 0.0 {
                    for (value, own) in row.iter_mut().zip(&pivot) {
                        *value -= ratio * own;
                    }
                    row[column] = 0.0;
                }
            }
            pivots.push(column);
        }
        for (row, pivot) in rows.iter().zip(&pivots) {
            let is_alone = (0..width).all(|at| at == *pivot || row[at].abs() < 1e-9);
            for at in 0..known.len() {
                if is_alone && classes.of(at).is_some_and(|(class, ..)| class == *pivot) {
                    (self.low[at], self.high[at]) = (known[at], known[at]);
                }
            }
        }
    }

    /// Ends of some rows under all columns and sums together: a linear program for each end.
    /// False where that is too much or fails; the ends then hold, but may be too far apart.
    /// `known` is a solution of all conditions.
    pub fn sharpen(
        &mut self,
        program: &Program,
        side: &[Option<Side>],
        (sums, wanted): (&[Sum], &[usize]),
        known: &[f64],
    ) -> bool {
        let classes = Classes::new(program, side, &self.open());
        self.determine(&classes, sums, known);
        let open = self.open();
        let is_open = |row: &usize| open.binary_search(row).is_ok();
        let wide = |row: &&usize| !self.is_point(**row);
        let wanted: Vec<usize> = wanted.iter().filter(wide).copied().collect();
        if wanted.is_empty() {
            return true;
        }
        let mut is_whole = wanted.iter().all(is_open);
        let classes = Classes::new(program, side, &open);
        if classes.roots.len() > MAX_OPEN {
            return false;
        }
        let mut face = self.face(program, side, (sums, &classes));
        let mut ends: Vec<Option<(f64, f64)>> = vec![None; classes.roots.len()];
        for row in &wanted {
            let Some((class, ..)) = classes.of(*row) else {
                continue;
            };
            if ends[class].is_none() {
                let (low, high, is_exact) = self.class_ends(&mut face, &classes, class);
                is_whole &= is_exact;
                ends[class] = Some((low, high));
            }
        }
        for row in wanted {
            let found = classes.of(row);
            if let Some((class, scale, shift)) = found
                && let Some((low, high)) = ends[class]
            {
                self.low[row] = scale * low + shift;
                self.high[row] = scale * high + shift;
            }
        }
        is_whole
    }

    /// The ends of a class, and whether both are exact.
    fn class_ends(&self, face: &mut Program, classes: &Classes, class: usize) -> (f64, f64, bool) {
        let root = classes.roots[class];
        let (mut low, mut high, mut is_whole) = (self.low[root], self.high[root], true);
        for sign in [1.0, -1.0] {
            face.cost[class] = sign;
            let optimum = solve_within(face, FACE_ITERATIONS);
            face.cost[class] = 0.0;
            is_whole &= optimum.is_exact;
            match (optimum.is_exact, sign > 0.0) {
                (true, true) => low = self.low[root] + optimum.x[class],
                (true, false) => high = self.low[root] + optimum.x[class],
                (false, _) => {}
            }
        }
        (low, high, is_whole)
    }

    /// All prices that the conditions leave to the classes, as distances of their roots from
    /// their lower ends.
    fn face(
        &self,
        program: &Program,
        side: &[Option<Side>],
        (sums, classes): (&[Sum], &Classes),
    ) -> Program {
        let mut entries: Vec<Vec<(usize, f64)>> = vec![Vec::new(); classes.roots.len()];
        let mut slacks: Vec<(usize, f64)> = Vec::new();
        let mut right = Vec::new();
        let mut add = |terms: &[(usize, f64)], cost: f64, side: Side| {
            let Some((list, rest)) = self.condition(classes, terms, cost) else {
                return;
            };
            for (class, share) in list {
                entries[class].push((right.len(), share));
            }
            match side {
                Side::Lower => slacks.push((right.len(), 1.0)),
                Side::Upper => slacks.push((right.len(), -1.0)),
                Side::Between => {}
            }
            right.push(rest);
        };
        for j in 0..program.a.count() {
            let (rows, values) = program.a.column(j);
            if let (Some(side), 1..=ENTRIES) = (side[j], rows.len()) {
                let terms: Vec<(usize, f64)> =
                    rows.iter().copied().zip(values.iter().copied()).collect();
                add(&terms, program.cost[j], side);
            }
        }
        for sum in sums {
            add(&sum.terms, sum.cost, sum.side);
        }
        let mut a = Columns::new(right.len());
        let mut upper = Vec::with_capacity(classes.roots.len() + slacks.len());
        for (list, root) in entries.iter().zip(&classes.roots) {
            a.push(list);
            upper.push(self.high[*root] - self.low[*root]);
        }
        for slack in slacks {
            a.push(&[slack]);
            upper.push(f64::INFINITY);
        }
        let cost = vec![0.0; upper.len()];
        Program {
            a,
            cost,
            upper,
            right,
        }
    }

    /// A condition in terms of the classes and what is left of its cost; `None` where it binds
    /// none of them, or speaks of prices without ends.
    fn condition(
        &self,
        classes: &Classes,
        terms: &[(usize, f64)],
        cost: f64,
    ) -> Option<(Vec<(usize, f64)>, f64)> {
        let mut list: Vec<(usize, f64)> = Vec::new();
        let (mut rest, mut size) = (cost, 0.0);
        for (row, share) in terms {
            let Some((class, scale, shift)) = classes.of(*row) else {
                if !self.is_point(*row) {
                    return None;
                }
                rest -= share * self.low[*row];
                continue;
            };
            let own = share * scale;
            size += own.abs();
            rest -= own * self.low[classes.roots[class]] + share * shift;
            match list.iter_mut().find(|(known, _)| *known == class) {
                Some((_, sum)) => *sum += own,
                None => list.push((class, own)),
            }
        }
        // Within one class the prices may cancel: such a condition holds already.
        list.retain(|(_, share)| share.abs() > 1e-11 * size);
        (!list.is_empty()).then_some((list, rest))
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

/// Sum of the finite terms, and how many are infinite.
fn finite_total(sum: &Sum, bounds: &[f64]) -> (f64, usize) {
    let (mut total, mut infinite) = (0.0, 0);
    for (row, share) in &sum.terms {
        let term = share * bounds[*row];
        if term.is_finite() {
            total += term;
        } else {
            infinite += 1;
        }
    }
    (total, infinite)
}

/// Open rows whose prices move together: y = scale · y_root + shift.
struct Classes {
    roots: Vec<usize>,
    /// Class, scale and shift by row.
    member: Vec<Option<(usize, f64, f64)>>,
}

impl Classes {
    /// Follows the equations of columns between their ends from row to row.
    fn new(program: &Program, side: &[Option<Side>], open: &[usize]) -> Classes {
        let rows = program.a.rows;
        let mut is_open = vec![false; rows];
        for row in open {
            is_open[*row] = true;
        }
        let mut joints: Vec<Vec<usize>> = vec![Vec::new(); rows];
        for j in 0..program.a.count() {
            let (pair, _) = program.a.column(j);
            let is_joint = pair.len() == ENTRIES && side[j] == Some(Side::Between);
            if is_joint && pair.iter().all(|row| is_open[*row]) {
                joints[pair[0]].push(j);
                joints[pair[1]].push(j);
            }
        }
        let mut classes = Classes {
            roots: Vec::new(),
            member: vec![None; rows],
        };
        for root in open {
            if classes.member[*root].is_some() {
                continue;
            }
            let class = classes.roots.len();
            classes.roots.push(*root);
            classes.member[*root] = Some((class, 1.0, 0.0));
            let mut queue = vec![*root];
            while let Some(row) = queue.pop() {
                for j in &joints[row] {
                    classes.follow(program, (*j, row), &mut queue);
                }
            }
        }
        classes
    }

    /// a y_row + b y_other = c gives y_other.
    fn follow(&mut self, program: &Program, (j, row): (usize, usize), queue: &mut Vec<usize>) {
        let (pair, values) = program.a.column(j);
        let own = usize::from(pair[1] == row);
        let other = pair[1 - own];
        if let (Some((class, scale, shift)), None) = (self.member[row], self.member[other]) {
            let ratio = -values[own] / values[1 - own];
            let moved = program.cost[j] / values[1 - own] + ratio * shift;
            self.member[other] = Some((class, ratio * scale, moved));
            queue.push(other);
        }
    }

    fn of(&self, row: usize) -> Option<(usize, f64, f64)> {
        self.member[row]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows joined by a column that loses a tenth: 0.9 y₁ ≤ y₀, and y₀ = 5.
    #[test]
    fn bounds_travel_along_columns_with_their_losses() {
        let mut a = Columns::new(2);
        a.push(&[(0, 1.0)]);
        a.push(&[(0, -1.0), (1, 0.9)]);
        a.push(&[(1, -1.0)]);
        let program = Program {
            a,
            cost: vec![5.0, 0.0, 0.0],
            upper: vec![1.0; 3],
            right: vec![0.0; 2],
        };
        let none = vec![f64::NEG_INFINITY; 2];
        let mut open = Intervals::within(none, vec![f64::INFINITY; 2]);
        let sides = [Some(Side::Between), Some(Side::Lower), Some(Side::Lower)];
        open.tighten(&program, &sides);
        assert_eq!((open.low[0], open.high[0]), (5.0, 5.0));
        assert_eq!(open.low[1], 0.0);
        assert!((open.high[1] - 5.0 / 0.9).abs() < 1e-12);
        assert_eq!(open.setter, [Some(0), Some(1)]);
        // With an equation over both the second price is no longer free.
        let sum = Sum {
            terms: vec![(0, 1.0), (1, 2.0)],
            cost: 9.0,
            side: Side::Between,
        };
        assert!(open.bound(&sum));
        assert!((open.low[1] - 2.0).abs() < 1e-12 && (open.high[1] - 2.0).abs() < 1e-12);
    }
}
