//! Small dense systems, row by row: elimination with partial pivoting, and a test of definiteness.

/// A square matrix, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Square {
    pub order: usize,
    pub cells: Vec<f64>,
}

impl Square {
    pub fn zeros(order: usize) -> Square {
        Square {
            order,
            cells: vec![0.0; order * order],
        }
    }

    pub fn identity(order: usize) -> Square {
        let mut one = Square::zeros(order);
        for i in 0..order {
            one.set(i, i, 1.0);
        }
        one
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.order + column]
    }

    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.order + column] = value;
    }

    pub fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.order..(row + 1) * self.order]
    }
}

/// Solves A x = b for `columns` right-hand sides at once; `right` is row-major, one row an
/// equation, and holds the solution afterwards. `None` where A is singular or not finite.
pub fn solve(mut a: Square, mut right: Vec<f64>, columns: usize) -> Option<Vec<f64>> {
    let n = a.order;
    for pivot in 0..n {
        let best = (pivot..n).fold(pivot, |best, row| {
            if a.at(row, pivot).abs() > a.at(best, pivot).abs() {
                row
            } else {
                best
            }
        });
        let head = a.at(best, pivot);
        if head == 0.0 || !head.is_finite() {
            return None;
        }
        if best != pivot {
            for column in 0..n {
                a.cells.swap(pivot * n + column, best * n + column);
            }
            for column in 0..columns {
                right.swap(pivot * columns + column, best * columns + column);
            }
        }
        for row in pivot + 1..n {
            let factor = a.at(row, pivot) / head;
            if factor == 0.0 {
                continue;
            }
            for column in pivot + 1..n {
                a.cells[row * n + column] -= factor * a.cells[pivot * n + column];
            }
            for column in 0..columns {
                right[row * columns + column] -= factor * right[pivot * columns + column];
            }
        }
    }
    for row in (0..n).rev() {
        for column in 0..columns {
            let mut sum = right[row * columns + column];
            for later in row + 1..n {
                sum -= a.at(row, later) * right[later * columns + column];
            }
            right[row * columns + column] = sum / a.at(row, row);
        }
    }
    right.iter().all(|x| x.is_finite()).then_some(right)
}

/// Whether a symmetric matrix is positive semidefinite, up to rounding (Cholesky's pivots,
/// each against its own diagonal).
pub fn is_semidefinite(mut a: Square) -> bool {
    const ROUNDING: f64 = 1e-9;
    let n = a.order;
    let own: Vec<f64> = (0..n).map(|i| a.at(i, i)).collect();
    for pivot in 0..n {
        let head = a.at(pivot, pivot);
        if !head.is_finite() || head < -ROUNDING * own[pivot].abs() {
            return false;
        }
        if head <= ROUNDING * own[pivot].abs() {
            continue;
        }
        for row in pivot + 1..n {
            let factor = a.at(row, pivot) / head;
            for column in pivot + 1..n {
                a.cells[row * n + column] -= factor * a.cells[pivot * n + column];
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(order: usize, cells: &[f64]) -> Square {
        Square {
            order,
            cells: cells.to_vec(),
        }
    }

    #[test]
    fn systems_are_solved_with_pivoting() {
        let a = square(3, &[0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 3.0, 0.0, 1.0]);
        let x = solve(a, vec![7.0, 0.0, 3.0, 1.0, 6.0, 0.0], 2).unwrap();
        let expected = [1.0, -0.2, 2.0, 1.2, 3.0, 0.6];
        // Second column: 2y + z = 0, x + y = 1, 3x + z = 0.
        assert!((x[0] - expected[0]).abs() < 1e-14 && (x[2] - 2.0).abs() < 1e-14);
        assert!((2.0 * x[3] + x[5]).abs() < 1e-14 && (x[1] + x[3] - 1.0).abs() < 1e-14);
        assert!((3.0 * x[1] + x[5]).abs() < 1e-14);
        assert!(solve(square(2, &[1.0, 2.0, 2.0, 4.0]), vec![1.0, 1.0], 1).is_none());
    }

    #[test]
    fn definiteness_is_seen() {
        assert!(is_semidefinite(square(2, &[2.0, 1.0, 1.0, 2.0])));
        assert!(is_semidefinite(square(2, &[1.0, 1.0, 1.0, 1.0])));
        assert!(!is_semidefinite(square(2, &[1.0, 2.0, 2.0, 1.0])));
        assert!(!is_semidefinite(square(1, &[-1.0])));
    }
}
