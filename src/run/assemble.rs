//! Joins the records of an ensemble into tables, value hashes and the worst gap of the books.

use std::collections::BTreeMap;

use super::plan::Plan;
use crate::results::RunRecord;
use crate::results::columns::{Misfit, Table};
use crate::results::hash::value_hash;
use crate::results::manifest::ValueHash;

/// Everything the ensemble found, in order of policy, draw, luck and week.
pub struct Assembled {
    /// Weekly outcomes of the policies.
    pub weekly: Table,
    /// Weekly outcomes of the controls (policies without some shock).
    pub controls: Table,
    /// Entity tables of the detailed draws.
    pub entities: Vec<Table>,
    pub events: Table,
    pub hashes: Vec<ValueHash>,
    /// Worst gap over all runs by unit, in base units.
    pub residuals: BTreeMap<String, i128>,
    pub run_seconds: f64,
}

/// Joins records given in any order.
pub fn assemble(plan: &Plan, mut records: Vec<RunRecord>) -> Result<Assembled, Misfit> {
    records.sort_by_key(|record| (record.arm, record.draw, record.luck));
    let mut joined = Assembled {
        weekly: Table::new("weekly"),
        controls: Table::new("controls"),
        entities: Vec::new(),
        events: Table::new("events"),
        hashes: Vec::new(),
        residuals: BTreeMap::new(),
        run_seconds: 0.0,
    };
    for same in records.chunk_by(|left, right| (left.arm, left.draw) == (right.arm, right.draw)) {
        let arm = &plan.arms[same[0].arm as usize];
        let tables = draw_tables(&arm.name, same)?;
        if !arm.is_control() {
            let borrowed: Vec<&Table> = tables.iter().collect();
            let blake3 = value_hash(&borrowed).to_hex().to_string();
            joined.hashes.push(ValueHash {
                policy: arm.name.clone(),
                draw: same[0].draw,
                blake3,
            });
        }
        for table in tables {
            joined.take(table, arm.is_control())?;
        }
    }
    for record in &records {
        joined.run_seconds += record.seconds;
        for (unit, gap) in &record.residuals {
            let worst = joined.residuals.entry(unit.clone()).or_insert(0);
            if gap.unsigned_abs() > worst.unsigned_abs() {
                *worst = *gap;
            }
        }
    }
    Ok(joined)
}

/// The stamped tables of one policy and draw, its lucks joined; weekly first, events last.
fn draw_tables(name: &str, records: &[RunRecord]) -> Result<Vec<Table>, Misfit> {
    let mut tables: Vec<Table> = Vec::new();
    for record in records {
        for table in record.stamped_tables(name)? {
            match tables.iter_mut().find(|known| known.name == table.name) {
                Some(known) => known.append(&table)?,
                None => tables.push(table),
            }
        }
    }
    Ok(tables)
}

impl Assembled {
    fn take(&mut self, table: Table, control: bool) -> Result<(), Misfit> {
        let known = match (table.name.as_str(), control) {
            ("weekly", false) => &mut self.weekly,
            ("weekly", true) => &mut self.controls,
            (_, true) => return Ok(()),
            ("events", false) => &mut self.events,
            _ => match self
                .entities
                .iter()
                .position(|known| known.name == table.name)
            {
                Some(place) => &mut self.entities[place],
                None => {
                    self.entities.push(table);
                    return Ok(());
                }
            },
        };
        known.append(&table)
    }
}
