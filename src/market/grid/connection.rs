//! The connection queue: a data centre waits a lognormal time, then for the year's limit, and
//! for as long as a moratorium lasts.

use super::state::Grid;
use crate::kernels::math;
use crate::market::ids::{Id, OperatorId, RegionId};
use crate::market::model::YEAR_WEEKS;
use crate::market::week::{Fault, Week};
use crate::market::world::World;

/// Connections of which part of a year may be saved up.
const SAVED_SHARE_OF_YEAR: f64 = 0.25;

impl Grid {
    /// Asks the grid of a region for `mw` more; power comes after the queue.
    pub fn request(&mut self, week: &Week, region: RegionId, operator: OperatorId, mw: f64) {
        let model = week.model;
        let facts = &model.grid.regions[region].facts;
        let (place, firm) = (
            model.names.regions.name(region),
            model.names.operators.name(operator),
        );
        let stream = model.luck.stream("connection", &format!("{place}/{firm}"));
        let z = stream.normal(0, week.number);
        let spread = model.grid.rules.connection_delay_spread;
        let delay = facts.connection_delay_weeks * math::exp(spread * z);
        self.request_due(region, operator, mw, week.number + delay.ceil() as u32);
    }

    /// Enters a request whose study ends in a given week (pipelines of the opening).
    pub fn request_due(&mut self, region: RegionId, operator: OperatorId, mw: f64, due: u32) {
        if mw.is_finite() && mw > 0.0 {
            let requests = &mut self.requests;
            requests.region.push(region.0.into());
            requests.operator.push(operator.0.into());
            requests.mw.push(mw);
            requests.due_week.push(due);
            self.regions[region].connection_queue_mw += mw;
        }
    }

    /// Megawatts that an operator waits for in a region.
    pub fn queued_mw(&self, region: RegionId, operator: OperatorId) -> f64 {
        let requests = &self.requests;
        (0..requests.mw.len())
            .filter(|&at| {
                requests.region[at] == u32::from(region.0)
                    && requests.operator[at] == u32::from(operator.0)
            })
            .map(|at| requests.mw[at])
            .sum()
    }
}

/// Energises what is due, first come first served, within the year's limit.
pub fn energise(week: &Week, world: &mut World) -> Result<(), Fault> {
    let World {
        grid,
        conditions,
        operators,
        ..
    } = world;
    for (id, region) in week.model.grid.regions.iter() {
        if !conditions.connection_open[id] {
            continue;
        }
        let limit = region.facts.connection_limit_mw_per_year;
        let allowance = &mut grid.regions[id].memory.allowance_mw;
        let most = limit * SAVED_SHARE_OF_YEAR;
        let grown = *allowance + limit / YEAR_WEEKS;
        *allowance = if grown < most { grown } else { most };
    }
    let requests = &mut grid.requests;
    let mut kept = 0;
    for at in 0..requests.mw.len() {
        let region = RegionId::new(requests.region[at] as usize);
        let operator = OperatorId::new(requests.operator[at] as usize);
        let mw = requests.mw[at];
        let state = &mut grid.regions[region];
        let due = requests.due_week[at] <= week.number;
        if due && conditions.connection_open[region] && state.memory.allowance_mw > 0.0 {
            state.memory.allowance_mw -= mw;
            state.connection_queue_mw -= mw;
            operators.energise(operator, region, mw);
            continue;
        }
        requests.region[kept] = requests.region[at];
        requests.operator[kept] = requests.operator[at];
        requests.mw[kept] = mw;
        requests.due_week[kept] = requests.due_week[at];
        kept += 1;
    }
    requests.region.truncate(kept);
    requests.operator.truncate(kept);
    requests.mw.truncate(kept);
    requests.due_week.truncate(kept);
    if kept == 0 {
        for region in grid.regions.values_mut() {
            region.connection_queue_mw = 0.0;
        }
    }
    Ok(())
}
