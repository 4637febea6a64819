//! Labels beside marks that may not lie on top of each other.

/// Moves labels apart. `wanted` are the centres they would like, px; each is `height` px tall
/// and must stay within `low` to `high`. The order is kept and the sum of squared shifts is
/// least: neighbours that collide are pooled at their common mean (isotonic regression).
#[must_use]
pub fn spread(wanted: &[f64], height: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    // In a frame where label i is lifted by i heights, no overlap means not decreasing.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (rank, index) in order.iter().enumerate() {
        pools.push((wanted[*index] - rank as f64 * height, 1));
        while let [.., (above, many), (below, few)] = pools[..] {
            if above <= below {
                break;
            }
            let count = many + few;
            let mean = (above * many as f64 + below * few as f64) / count as f64;
            pools.truncate(pools.len() - 2);
            pools.push((mean, count));
        }
    }
    let room = (high - low - height * wanted.len() as f64).max(0.0);
    let floor = low + height / 2.0;
    let lifted = pools
        .iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(*mean, *count));
    let mut placed = vec![0.0; wanted.len()];
    for (rank, (index, centre)) in order.iter().zip(lifted).enumerate() {
        placed[*index] = centre.max(floor).min(floor + room) + rank as f64 * height;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_labels_stay_where_they_are() {
        assert_eq!(
            spread(&[10.0, 100.0, 50.0], 20.0, 0.0, 200.0),
            [10.0, 100.0, 50.0]
        );
    }

    #[test]
    fn near_labels_part_evenly_and_keep_their_order() {
        let placed = spread(&[52.0, 50.0], 20.0, 0.0, 200.0);
        assert_eq!(placed, [61.0, 41.0]);
        let crowd = spread(&[99.0, 98.0, 97.0, 96.0, 3.0], 20.0, 0.0, 100.0);
        let mut sorted = crowd.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(
            sorted.windows(2).all(|w| w[1] - w[0] >= 20.0 - 1e-9),
            "{crowd:?}"
        );
        assert!(sorted[0] >= 10.0 && sorted[4] <= 90.0 + 1e-9, "{crowd:?}");
        assert!(
            crowd[4] < crowd[3] && crowd[3] < crowd[2] && crowd[2] < crowd[1],
            "{crowd:?}"
        );
    }
}
