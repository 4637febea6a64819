//! What one run (policy × draw × luck) leaves behind.

use super::columns::{Misfit, Table};

/// The rows of one finished run. Tables carry `week` and the entity's key; who made them is
/// stamped on when runs are joined.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Position of the arm (policy, or policy without a shock) in the plan.
    pub arm: u32,
    pub draw: u32,
    pub luck: u32,
    /// One row per week: the outcomes.
    pub weekly: Table,
    /// Tables of offers, regions, chips and so on; empty when the run keeps no detail.
    pub entities: Vec<Table>,
    /// What happened when: shocks, defaults, non-convergence.
    pub events: Table,
    /// Worst gap of the books by unit, in base units of that unit; 0 means balanced.
    pub residuals: Vec<(String, i128)>,
    /// Wall time of the run.
    pub seconds: f64,
}

impl RunRecord {
    /// All tables of the run with `policy`, `draw` and `luck` in front.
    pub fn stamped_tables(&self, policy: &str) -> Result<Vec<Table>, Misfit> {
        std::iter::once(&self.weekly)
            .chain(&self.entities)
            .chain(std::iter::once(&self.events))
            .map(|table| table.stamped(policy, self.draw, self.luck))
            .collect()
    }
}
