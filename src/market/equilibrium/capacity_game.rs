//! Capacity first, price after, under efficient rationing (E12): the outcome is Cournot's.

/// Demand P = intercept − slope · Q, and what an hour and a unit of capacity cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapacityGame {
    pub intercept_usd_per_h: f64,
    pub slope_usd_per_h2: f64,
    pub cost_usd_per_h: f64,
    pub capacity_cost_usd_per_h: f64,
}

impl CapacityGame {
    /// Price that clears when all capacity is sold.
    pub fn price_usd_per_h(&self, capacity_h: &[f64]) -> f64 {
        self.intercept_usd_per_h - self.slope_usd_per_h2 * capacity_h.iter().sum::<f64>()
    }

    /// Capacities from which no firm wants to move: each in turn answers the others best, until
    /// none moves by more than a rounding. Taking turns converges for any number of firms.
    pub fn capacities_h(&self, firms: usize) -> Vec<f64> {
        let mut capacity = vec![0.0; firms];
        let room = self.intercept_usd_per_h - self.cost_usd_per_h - self.capacity_cost_usd_per_h;
        let full = room / self.slope_usd_per_h2;
        for _ in 0..100_000 {
            let mut moved: f64 = 0.0;
            for firm in 0..firms {
                let all: f64 = capacity.iter().sum();
                let best = (full - (all - capacity[firm])) / 2.0;
                let best = if best > 0.0 { best } else { 0.0 };
                let change = (best - capacity[firm]).abs();
                moved = if change > moved { change } else { moved };
                capacity[firm] = best;
            }
            if moved <= 1e-15 * full.abs() {
                break;
            }
        }
        capacity
    }
}
