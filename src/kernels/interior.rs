//! Linear programs min cᵀx, A x = b, 0 ≤ x ≤ u: an interior point that ends on the exact optimum.
//!
//! Mehrotra's predictor and corrector on the normal equations A Θ Aᵀ Δy = r. Near the optimum the
//! columns separate into those at their lower end, at their upper end and between (the strictly
//! complementary partition). The first are put on their ends, the last are moved by least squares
//! until A x = b, and y until their reduced costs vanish. If then every x lies within its ends and
//! every reduced cost has its sign, x and y are the optimum up to rounding: duality is the proof.

use super::sparse::{Columns, Factors};

/// What is to be minimised.
#[derive(Clone, Debug)]
pub struct Program {
    pub a: Columns,
    pub cost: Vec<f64>,
    /// Largest x; infinite where there is none.
    pub upper: Vec<f64>,
    pub right: Vec<f64>,
}

/// Where a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Lower,
    Upper,
    Between,
}

/// An optimum, or where the search ended.
#[derive(Clone, Debug)]
pub struct Optimum {
    pub x: Vec<f64>,
    /// Price of one more unit of each row's right side.
    pub y: Vec<f64>,
    pub side: Vec<Side>,
    /// Proved by duality; otherwise the last point of the search.
    pub is_exact: bool,
    pub iterations: usize,
}

/// Largest error of a row, of an end and of a reduced cost in what counts as exact.
const EXACT: f64 = 1e-10;
/// An exact x nearer to an end stands on it.
const AT_END: f64 = 1e-9;
/// Weight of Δx² in every step: keeps the weights of columns far from their ends from drowning
/// the others in rounding. What it adds vanishes with Δx.
const PROXIMAL: f64 = 3e-7;
const MAX_ITERATIONS: usize = 300;

/// Solves a program whose numbers are of the order of 1.
pub fn solve(program: &Program) -> Optimum {
    solve_within(program, MAX_ITERATIONS)
}

/// As [`solve`], giving up after so many iterations.
pub fn solve_within(program: &Program, iterations: usize) -> Optimum {
    let mut search = Search::new(program);
    let mut stalled = 0;
    for iteration in 0..iterations {
        search.measure();
        let gap = search.complementarity();
        let is_near = search.primal_error < 1e-5 && search.dual_error < 1e-5 && gap < 1e-4;
        if is_near && let Some(optimum) = search.exact(iteration) {
            return optimum;
        }
        let is_spent = gap < 1e-15 && search.primal_error < 1e-12;
        if !search.step(gap) || is_spent {
            stalled += 1;
            if stalled > 3 {
                break;
            }
        }
    }
    search.ended()
}

struct Search<'a> {
    program: &'a Program,
    factors: Factors,
    x: Vec<f64>,
    /// u − x; infinite where there is no upper end.
    room: Vec<f64>,
    y: Vec<f64>,
    /// Prices of the lower and of the upper end.
    z: Vec<f64>,
    v: Vec<f64>,
    primal: Vec<f64>,
    dual: Vec<f64>,
    primal_error: f64,
    dual_error: f64,
    theta: Vec<f64>,
}

/// A direction of all unknowns.
struct Direction {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    v: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(program: &'a Program) -> Search<'a> {
        let count = program.a.count();
        let mut x = vec![1.0; count];
        let mut room = vec![f64::INFINITY; count];
        let (mut z, mut v) = (vec![1.0; count], vec![0.0; count]);
        for j in 0..count {
            let cost = program.cost[j];
            if program.upper[j] < f64::INFINITY {
                x[j] = capped(0.5 * program.upper[j]);
                room[j] = program.upper[j] - x[j];
                z[j] = positive(cost) + 1.0;
                v[j] = positive(-cost) + 1.0;
            } else if cost > 1.0 {
                z[j] = cost;
            }
        }
        Search {
            program,
            factors: Factors::new(&program.a),
            x,
            room,
            y: vec![0.0; program.a.rows],
            z,
            v,
            primal: vec![0.0; program.a.rows],
            dual: vec![0.0; count],
            primal_error: f64::INFINITY,
            dual_error: f64::INFINITY,
            theta: vec![0.0; count],
        }
    }

    fn is_boxed(&self, j: usize) -> bool {
        self.program.upper[j] < f64::INFINITY
    }

    /// b − A x and c − Aᵀy − z + v.
    fn measure(&mut self) {
        let program = self.program;
        self.primal = residual(program, &self.x);
        self.primal_error = largest(&self.primal);
        self.dual_error = 0.0;
        for j in 0..self.x.len() {
            let rest = program.cost[j] - program.a.dot(j, &self.y) - self.z[j] + self.v[j];
            self.dual[j] = rest;
            let relative = rest.abs() / (1.0 + program.cost[j].abs());
            if relative > self.dual_error {
                self.dual_error = relative;
            }
        }
    }

    /// Mean product of distances and prices.
    fn complementarity(&self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for j in 0..self.x.len() {
            sum += self.x[j] * self.z[j];
            count += 1.0;
            if self.is_boxed(j) {
                sum += self.room[j] * self.v[j];
                count += 1.0;
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// A step of predictor and corrector; false where it does not move.
    fn step(&mut self, gap: f64) -> bool {
        for j in 0..self.x.len() {
            let mut inverse = self.z[j] / self.x[j];
            if self.is_boxed(j) {
                inverse += self.v[j] / self.room[j];
            }
            self.theta[j] = 1.0 / (inverse + PROXIMAL);
        }
        self.factors.factor(&self.program.a, &self.theta, 1e-18);
        let count = self.x.len();
        let (mut low, mut high) = (vec![0.0; count], vec![0.0; count]);
        for j in 0..count {
            low[j] = -self.x[j] * self.z[j];
            high[j] = -room_of(self.room[j]) * self.v[j];
        }
        let affine = self.direction(&low, &high);
        let (primal, dual) = self.lengths(&affine);
        let left = self.gap_after(&affine, primal, dual);
        let ratio = left / gap;
        let aim = gap * ratio * ratio * ratio;
        for j in 0..count {
            low[j] += aim - affine.x[j] * affine.z[j];
            if self.is_boxed(j) {
                high[j] += aim + affine.x[j] * affine.v[j];
            }
        }
        let direction = self.direction(&low, &high);
        let (primal, dual) = self.lengths(&direction);
        // The nearer, the longer the share of the way to the wall.
        let share = 1.0 - if gap < 0.01 { 0.1 * gap + 1e-4 } else { 0.005 };
        self.go(&direction, capped(share * primal), capped(share * dual));
        primal > 1e-9 || dual > 1e-9
    }

    /// Solves the Newton equations for the given products.
    fn direction(&self, low: &[f64], high: &[f64]) -> Direction {
        let (a, count) = (&self.program.a, self.x.len());
        let mut pull = vec![0.0; count];
        let mut scaled = vec![0.0; count];
        for j in 0..count {
            pull[j] = self.dual[j] - low[j] / self.x[j];
            if self.is_boxed(j) {
                pull[j] += high[j] / self.room[j];
            }
            scaled[j] = self.theta[j] * pull[j];
        }
        let mut right = self.primal.clone();
        a.add_product(&scaled, &mut right);
        let y = solve_refined(a, &self.factors, &self.theta, &right);
        let mut out = Direction {
            x: vec![0.0; count],
            y,
            z: vec![0.0; count],
            v: vec![0.0; count],
        };
        for j in 0..count {
            let dx = self.theta[j] * (a.dot(j, &out.y) - pull[j]);
            out.x[j] = dx;
            out.z[j] = (low[j] - self.z[j] * dx) / self.x[j];
            if self.is_boxed(j) {
                out.v[j] = (high[j] + self.v[j] * dx) / self.room[j];
            }
        }
        out
    }

    /// How far x and how far the prices can go.
    fn lengths(&self, direction: &Direction) -> (f64, f64) {
        let (mut primal, mut dual) = (1e3, 1e3);
        for j in 0..self.x.len() {
            primal = shorter(primal, self.x[j], direction.x[j]);
            dual = shorter(dual, self.z[j], direction.z[j]);
            if self.is_boxed(j) {
                primal = shorter(primal, self.room[j], -direction.x[j]);
                dual = shorter(dual, self.v[j], direction.v[j]);
            }
        }
        (primal, dual)
    }

    fn gap_after(&self, direction: &Direction, primal: f64, dual: f64) -> f64 {
        let (primal, dual) = (capped(primal), capped(dual));
        let (mut sum, mut count) = (0.0, 0.0);
        for j in 0..self.x.len() {
            let dx = primal * direction.x[j];
            sum += (self.x[j] + dx) * (self.z[j] + dual * direction.z[j]);
            count += 1.0;
            if self.is_boxed(j) {
                sum += (self.room[j] - dx) * (self.v[j] + dual * direction.v[j]);
                count += 1.0;
            }
        }
        sum / count
    }

    fn go(&mut self, direction: &Direction, primal: f64, dual: f64) {
        for j in 0..self.x.len() {
            let dx = primal * direction.x[j];
            self.x[j] += dx;
            self.z[j] += dual * direction.z[j];
            if self.is_boxed(j) {
                self.room[j] -= dx;
                self.v[j] += dual * direction.v[j];
            }
        }
        for (y, dy) in self.y.iter_mut().zip(&direction.y) {
            *y += dual * dy;
        }
    }

    fn sides(&self) -> Vec<Side> {
        let side = |j: usize| {
            let reach = if self.program.upper[j] < 1.0 {
                self.program.upper[j]
            } else {
                1.0
            };
            let is_lower = self.x[j] < reach * self.z[j];
            let is_upper = self.is_boxed(j) && self.room[j] < reach * self.v[j];
            match (is_lower, is_upper) {
                (true, true) if self.x[j] > self.room[j] => Side::Upper,
                (true, _) => Side::Lower,
                (false, true) => Side::Upper,
                (false, false) => Side::Between,
            }
        };
        (0..self.x.len()).map(side).collect()
    }

    /// The optimum of the present partition, if duality proves it.
    fn exact(&mut self, iterations: usize) -> Option<Optimum> {
        let program = self.program;
        let side = self.sides();
        let mut x = self.x.clone();
        for j in 0..x.len() {
            let nearest = if self.room[j] < self.x[j] {
                self.room[j]
            } else {
                self.x[j]
            };
            self.theta[j] = 0.0;
            match side[j] {
                Side::Lower => x[j] = 0.0,
                Side::Upper => x[j] = program.upper[j],
                Side::Between => self.theta[j] = capped(nearest * nearest),
            }
        }
        self.factors.factor(&program.a, &self.theta, 1e-13);
        for _ in 0..4 {
            let rest = residual(program, &x);
            let y = solve_refined(&program.a, &self.factors, &self.theta, &rest);
            for j in 0..x.len() {
                x[j] += self.theta[j] * program.a.dot(j, &y);
            }
        }
        for j in 0..x.len() {
            if x[j] < -EXACT || x[j] > program.upper[j] + EXACT {
                return None;
            }
            x[j] = if x[j] < 0.0 { 0.0 } else { x[j] };
            x[j] = if x[j] > program.upper[j] {
                program.upper[j]
            } else {
                x[j]
            };
        }
        if largest(&residual(program, &x)) > EXACT {
            return None;
        }
        let y = self.exact_prices(&side)?;
        let side = (0..x.len()).map(|j| self.stand(x[j], j)).collect();
        Some(Optimum {
            x,
            y,
            side,
            is_exact: true,
            iterations,
        })
    }

    /// Where an exact x stands. A column that only seemed to lie between its ends says nothing
    /// about prices: every optimal x has the same optimal prices, so one partition will do.
    fn stand(&self, x: f64, j: usize) -> Side {
        if x < AT_END {
            Side::Lower
        } else if self.program.upper[j] - x < AT_END {
            Side::Upper
        } else {
            Side::Between
        }
    }

    /// Prices at which columns between their ends earn nothing, if all others have their sign.
    fn exact_prices(&self, side: &[Side]) -> Option<Vec<f64>> {
        let program = self.program;
        let mut y = self.y.clone();
        let mut scaled = vec![0.0; side.len()];
        for _ in 0..4 {
            for j in 0..side.len() {
                scaled[j] = self.theta[j] * (program.cost[j] - program.a.dot(j, &y));
            }
            let mut right = vec![0.0; y.len()];
            program.a.add_product(&scaled, &mut right);
            self.factors.solve(&mut right);
            for (y, step) in y.iter_mut().zip(&right) {
                *y += step;
            }
        }
        for j in 0..side.len() {
            let reduced = program.cost[j] - program.a.dot(j, &y);
            let error = match side[j] {
                Side::Lower => -reduced,
                Side::Upper => reduced,
                Side::Between => reduced.abs(),
            };
            if error > EXACT * (1.0 + program.cost[j].abs()) {
                return None;
            }
        }
        Some(y)
    }

    fn ended(self) -> Optimum {
        let side = self.sides();
        Optimum {
            x: self.x,
            y: self.y,
            side,
            is_exact: false,
            iterations: MAX_ITERATIONS,
        }
    }
}

/// b − A x.
fn residual(program: &Program, x: &[f64]) -> Vec<f64> {
    let minus: Vec<f64> = x.iter().map(|x| -x).collect();
    let mut rest = program.right.clone();
    program.a.add_product(&minus, &mut rest);
    rest
}

/// Solves A Θ Aᵀ y = r, and corrects what rounding left.
fn solve_refined(a: &Columns, factors: &Factors, theta: &[f64], right: &[f64]) -> Vec<f64> {
    let mut y = right.to_vec();
    factors.solve(&mut y);
    let mut scaled = vec![0.0; theta.len()];
    let mut best = f64::INFINITY;
    for _ in 0..2 {
        for j in 0..theta.len() {
            scaled[j] = -theta[j] * a.dot(j, &y);
        }
        let mut rest = right.to_vec();
        a.add_product(&scaled, &mut rest);
        let error = largest(&rest);
        if error >= 0.5 * best || error == 0.0 {
            break;
        }
        best = error;
        factors.solve(&mut rest);
        for (y, step) in y.iter_mut().zip(&rest) {
            *y += step;
        }
    }
    y
}

fn largest(list: &[f64]) -> f64 {
    let mut most = 0.0;
    for value in list {
        let size = value.abs();
        if size > most || size.is_nan() {
            most = size;
        }
    }
    most
}

fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

fn capped(value: f64) -> f64 {
    if value < 1.0 { value } else { 1.0 }
}

fn room_of(room: f64) -> f64 {
    if room < f64::INFINITY { room } else { 0.0 }
}

/// The length at which a value meets 0, if that is less than `length`.
fn shorter(length: f64, value: f64, change: f64) -> f64 {
    if change < 0.0 && -value / change < length {
        -value / change
    } else {
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// min −2a − 3b, a + b ≤ 4, a + 3b ≤ 6, a ≤ 3: the corner a = 3, b = 1.
    fn corner() -> Program {
        let mut a = Columns::new(2);
        a.push(&[(0, 1.0), (1, 1.0)]);
        a.push(&[(0, 1.0), (1, 3.0)]);
        a.push(&[(0, 1.0)]);
        a.push(&[(1, 1.0)]);
        Program {
            a,
            cost: vec![-2.0, -3.0, 0.0, 0.0],
            upper: vec![3.0, f64::INFINITY, f64::INFINITY, f64::INFINITY],
            right: vec![4.0, 6.0],
        }
    }

    #[test]
    fn a_corner_is_found_exactly_and_proved() {
        let program = corner();
        let optimum = solve(&program);
        assert!(optimum.is_exact);
        for (found, wanted) in optimum.x.iter().zip([3.0, 1.0, 0.0, 0.0]) {
            assert!((found - wanted).abs() < 1e-12, "{optimum:?}");
        }
        let value: f64 = program
            .cost
            .iter()
            .zip(&optimum.x)
            .map(|(c, x)| c * x)
            .sum();
        assert!((value + 9.0).abs() < 1e-12, "{value}");
        assert_eq!(optimum.side[0], Side::Upper);
    }

    #[test]
    fn a_program_without_solution_is_not_called_exact() {
        let mut program = corner();
        // a + b = −1 with nothing below zero.
        program.right[0] = -1.0;
        assert!(!solve(&program).is_exact);
    }
}
