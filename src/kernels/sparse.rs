//! Sparse columns, and the factors L D Lᵀ of A W Aᵀ in a fixed order of rows.
//!
//! Rows are eliminated in the order in which they are numbered; who numbers them by time gets a
//! band. A pivot that is lost to rounding is taken out, its unknown becomes 0.

/// Columns with their entries in order of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    pub rows: usize,
    pub starts: Vec<usize>,
    pub row: Vec<usize>,
    pub value: Vec<f64>,
}

impl Columns {
    pub fn new(rows: usize) -> Columns {
        Columns {
            rows,
            starts: vec![0],
            row: Vec::new(),
            value: Vec::new(),
        }
    }

    /// How many columns there are.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Adds a column; entries may come in any order, each row once.
    pub fn push(&mut self, entries: &[(usize, f64)]) {
        let start = self.row.len();
        for (row, value) in entries {
            let mut at = self.row.len();
            self.row.push(*row);
            self.value.push(*value);
            while at > start && self.row[at - 1] > self.row[at] {
                self.row.swap(at - 1, at);
                self.value.swap(at - 1, at);
                at -= 1;
            }
        }
        self.starts.push(self.row.len());
    }

    /// Rows and values of a column.
    pub fn column(&self, index: usize) -> (&[usize], &[f64]) {
        let range = self.starts[index]..self.starts[index + 1];
        (&self.row[range.clone()], &self.value[range])
    }

    /// aⱼᵀ y.
    pub fn dot(&self, index: usize, y: &[f64]) -> f64 {
        let mut sum = 0.0;
        for at in self.starts[index]..self.starts[index + 1] {
            sum += self.value[at] * y[self.row[at]];
        }
        sum
    }

    /// out += A x.
    pub fn add_product(&self, x: &[f64], out: &mut [f64]) {
        for j in 0..self.count() {
            let xj = x[j];
            if xj != 0.0 {
                for at in self.starts[j]..self.starts[j + 1] {
                    out[self.row[at]] += self.value[at] * xj;
                }
            }
        }
    }
}

/// Factors of A W Aᵀ for changing weights W ≥ 0.
#[derive(Clone, Debug, Default)]
pub struct Factors {
    order: usize,
    /// Upper triangle of the product, column by column, diagonal last.
    starts: Vec<usize>,
    row: Vec<usize>,
    value: Vec<f64>,
    /// Where the products of two entries of a column of A go, in their order.
    target: Vec<u32>,
    parent: Vec<usize>,
    l_starts: Vec<usize>,
    l_row: Vec<u32>,
    l_value: Vec<f64>,
    /// 1/D; 0 for a pivot that was taken out.
    inverse: Vec<f64>,
    work: Work,
}

#[derive(Clone, Debug, Default)]
struct Work {
    y: Vec<f64>,
    is_marked: Vec<bool>,
    path: Vec<usize>,
    pattern: Vec<usize>,
    next: Vec<usize>,
}

const NONE: usize = usize::MAX;

impl Factors {
    /// The pattern of A W Aᵀ and of its factors.
    pub fn new(a: &Columns) -> Factors {
        let order = a.rows;
        let mut pairs: Vec<u64> = (0..order as u64).map(|i| (i << 32) | i).collect();
        for j in 0..a.count() {
            let (rows, _) = a.column(j);
            for (q, column) in rows.iter().enumerate() {
                for row in &rows[..q] {
                    pairs.push(((*column as u64) << 32) | *row as u64);
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut factors = Factors {
            order,
            starts: vec![0; order + 1],
            row: pairs
                .iter()
                .map(|pair| (*pair & 0xffff_ffff) as usize)
                .collect(),
            value: vec![0.0; pairs.len()],
            ..Factors::default()
        };
        for pair in &pairs {
            factors.starts[(*pair >> 32) as usize + 1] += 1;
        }
        for i in 0..order {
            factors.starts[i + 1] += factors.starts[i];
        }
        factors.aim(a);
        factors.shape();
        factors
    }

    /// Where each product of two entries goes.
    fn aim(&mut self, a: &Columns) {
        for j in 0..a.count() {
            let (rows, _) = a.column(j);
            for (q, column) in rows.iter().enumerate() {
                let range = self.starts[*column]..self.starts[*column + 1];
                for row in &rows[..=q] {
                    let found = self.row[range.clone()].partition_point(|known| known < row);
                    self.target.push((range.start + found) as u32);
                }
            }
        }
    }

    /// The elimination tree and the length of every column of L.
    fn shape(&mut self) {
        let order = self.order;
        self.parent = vec![NONE; order];
        let mut count = vec![0usize; order];
        let mut seen = vec![NONE; order];
        for column in 0..order {
            seen[column] = column;
            for at in self.starts[column]..self.starts[column + 1] {
                let mut i = self.row[at];
                while seen[i] != column {
                    if self.parent[i] == NONE {
                        self.parent[i] = column;
                    }
                    count[i] += 1;
                    seen[i] = column;
                    i = self.parent[i];
                }
            }
        }
        self.l_starts = vec![0; order + 1];
        for i in 0..order {
            self.l_starts[i + 1] = self.l_starts[i] + count[i];
        }
        self.l_row = vec![0; self.l_starts[order]];
        self.l_value = vec![0.0; self.l_starts[order]];
        self.inverse = vec![0.0; order];
        self.work = Work {
            y: vec![0.0; order],
            is_marked: vec![false; order],
            path: Vec::with_capacity(order),
            pattern: Vec::with_capacity(order),
            next: vec![0; order],
        };
    }

    /// Factors A W Aᵀ. A pivot below the share `lost` of its diagonal is lost to rounding.
    pub fn factor(&mut self, a: &Columns, weight: &[f64], lost: f64) {
        self.value.fill(0.0);
        let mut pair = 0;
        for j in 0..a.count() {
            let (_, values) = a.column(j);
            let w = weight[j];
            for q in 0..values.len() {
                let scaled = w * values[q];
                for p in 0..=q {
                    self.value[self.target[pair] as usize] += scaled * values[p];
                    pair += 1;
                }
            }
        }
        for k in 0..self.order {
            self.work.next[k] = self.l_starts[k];
        }
        for k in 0..self.order {
            self.row_of_l(k, lost);
        }
    }

    /// Row k of L by a sparse triangular solve along the elimination tree.
    fn row_of_l(&mut self, k: usize, lost: f64) {
        let work = &mut self.work;
        let end = self.starts[k + 1] - 1;
        let diagonal = self.value[end];
        work.pattern.clear();
        work.is_marked[k] = true;
        for at in self.starts[k]..end {
            let mut i = self.row[at];
            work.y[i] = self.value[at];
            work.path.clear();
            while i != NONE && !work.is_marked[i] {
                work.is_marked[i] = true;
                work.path.push(i);
                i = self.parent[i];
            }
            while let Some(i) = work.path.pop() {
                work.pattern.push(i);
            }
        }
        // Each path was pushed root first, later paths hang below earlier ones: backwards is
        // an order in which every row follows those it depends on.
        let mut pivot = diagonal;
        for index in (0..work.pattern.len()).rev() {
            let i = work.pattern[index];
            let yi = work.y[i];
            for at in self.l_starts[i]..work.next[i] {
                work.y[self.l_row[at] as usize] -= self.l_value[at] * yi;
            }
            let l = yi * self.inverse[i];
            pivot -= l * yi;
            let at = work.next[i];
            self.l_row[at] = k as u32;
            self.l_value[at] = l;
            work.next[i] += 1;
            work.y[i] = 0.0;
            work.is_marked[i] = false;
        }
        work.is_marked[k] = false;
        let is_kept = pivot > lost * diagonal && pivot > 0.0;
        self.inverse[k] = if is_kept { 1.0 / pivot } else { 0.0 };
    }

    /// Solves A W Aᵀ x = x in place.
    pub fn solve(&self, x: &mut [f64]) {
        for i in 0..self.order {
            let xi = x[i];
            if xi != 0.0 {
                for at in self.l_starts[i]..self.l_starts[i + 1] {
                    x[self.l_row[at] as usize] -= self.l_value[at] * xi;
                }
            }
        }
        for i in (0..self.order).rev() {
            let mut xi = x[i] * self.inverse[i];
            for at in self.l_starts[i]..self.l_starts[i + 1] {
                xi -= self.l_value[at] * x[self.l_row[at] as usize];
            }
            x[i] = xi;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A band with a corner, as time and its cycle make it.
    fn example() -> (Columns, Vec<f64>) {
        let mut a = Columns::new(6);
        for i in 0..6 {
            a.push(&[(i, 1.0), ((i + 1) % 6, -0.9)]);
            a.push(&[(i, 0.5)]);
        }
        let weight = (0..12).map(|j| 0.5 + f64::from(j) * 0.3).collect();
        (a, weight)
    }

    #[test]
    fn the_factors_solve_what_they_factor() {
        let (a, weight) = example();
        let mut factors = Factors::new(&a);
        factors.factor(&a, &weight, 1e-15);
        let wanted: Vec<f64> = (0..6).map(|i| f64::from(i) - 2.5).collect();
        let mut inner: Vec<f64> = (0..12).map(|j| weight[j] * a.dot(j, &wanted)).collect();
        let mut right = vec![0.0; 6];
        a.add_product(&inner, &mut right);
        factors.solve(&mut right);
        for (found, wanted) in right.iter().zip(&wanted) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
        inner.clear();
    }

    #[test]
    fn a_row_without_weight_is_taken_out() {
        let (a, mut weight) = example();
        for j in [2, 3, 0] {
            weight[j] = 0.0;
        }
        let mut factors = Factors::new(&a);
        factors.factor(&a, &weight, 1e-15);
        let mut right = vec![0.0; 6];
        right[1] = 1.0;
        factors.solve(&mut right);
        assert_eq!(right[1], 0.0);
    }
}
