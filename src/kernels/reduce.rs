//! Sums in one fixed order, so that neither vector width nor thread count can move a bit.

/// Rows whose partial sum is formed first.
pub const BLOCK: usize = 4096;

/// Virtual lanes: row `i` belongs to lane `i mod 16`.
pub const LANES: usize = 16;

/// Adds 16 lanes by halving: 16, 8, 4, 2, 1.
#[inline(always)]
pub fn lane_tree(lanes: [f64; LANES]) -> f64 {
    let mut sums = lanes;
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Adds partial sums by a tree over their index: split at the largest power of two below
/// the length.
pub fn block_tree(partials: &[f64]) -> f64 {
    match partials {
        [] => 0.0,
        [one] => *one,
        [one, two] => one + two,
        more => {
            let half = more.len().next_power_of_two() / 2;
            let (low, high) = more.split_at(half);
            block_tree(low) + block_tree(high)
        }
    }
}

/// The sum of a column: blocks of 4,096 rows, 16 lanes in each, then the two trees.
pub fn sum(values: &[f64]) -> f64 {
    let mut partials = Vec::with_capacity(values.len().div_ceil(BLOCK));
    for block in values.chunks(BLOCK) {
        let mut lanes = [0.0; LANES];
        for row in block.chunks(LANES) {
            for (lane, value) in lanes.iter_mut().zip(row) {
                *lane += value;
            }
        }
        partials.push(lane_tree(lanes));
    }
    block_tree(&partials)
}

/// Lanes of a short sum: item `i` belongs to lane `i mod 8`.
const SHORT: usize = 8;

fn short_tree(lanes: [f64; SHORT]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Σ a·b over two short columns of one length. Whole chunks first: their known length keeps the
/// lanes in registers.
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; SHORT];
    let (lefts, left_rest) = left.as_chunks::<SHORT>();
    let (rights, right_rest) = right.as_chunks::<SHORT>();
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..SHORT {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    for ((lane, left), right) in lanes.iter_mut().zip(left_rest).zip(right_rest) {
        *lane += left * right;
    }
    short_tree(lanes)
}

/// Σ a over a short column.
pub fn short_sum(values: &[f64]) -> f64 {
    let mut lanes = [0.0; SHORT];
    let (chunks, rest) = values.as_chunks::<SHORT>();
    for chunk in chunks {
        for lane in 0..SHORT {
            lanes[lane] += chunk[lane];
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += value;
    }
    short_tree(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_sum_exactly() {
        for rows in [0usize, 1, 15, 16, 17, 4095, 4096, 4097, 20_000] {
            let column = Vec::from_iter((0..rows).map(|row| row as f64));
            let expected = (rows * rows.saturating_sub(1) / 2) as f64;
            assert_eq!(sum(&column), expected, "{rows} rows");
        }
    }

    #[test]
    fn short_sums_of_whole_numbers_are_exact() {
        for length in [0usize, 1, 7, 8, 9, 49] {
            let column = Vec::from_iter((0..length).map(|at| at as f64));
            let twos = vec![2.0; length];
            let expected = (length * length.saturating_sub(1) / 2) as f64;
            assert_eq!(short_sum(&column), expected, "{length}");
            assert_eq!(dot(&column, &twos), 2.0 * expected, "{length}");
        }
    }

    #[test]
    fn the_tree_splits_at_the_largest_power_of_two_below() {
        // 1e16 + 1 rounds to 1e16: the result tells which pair was added first.
        let partials = [1e16, -1e16, 1.0];
        assert_eq!(block_tree(&partials), 1.0);
        let partials = [1e16, 1.0, -1e16, 0.0, 3.0];
        assert_eq!(block_tree(&partials), 3.0);
    }
}
