//! The connection queue: a data centre waits a lognormal time, then for the year's limit, and
//! for as long as a moratorium lasts. The limit shrinks where reserves are short: whole at a
//! reserve margin of 10 %, half at none, a tenth from −8 %. Where it is known how much of a queue
//! gives up in a year, every request shrinks by that share while it waits.

use super::state::{Grid, Requests};
use crate::kernels::math;
use crate::market::ids::{Id, OperatorId, RegionId, Table};
use crate::market::model::{Model, YEAR_WEEKS};
use crate::market::week::Week;
use crate::market::world::World;

/// Connections of which part of a year may be saved up.
const SAVED_SHARE_OF_YEAR: f64 = 0.25;

/// Share of the year's connections that reserves allow.
fn headroom_share(reserve_margin_share: f64) -> f64 {
    let share = 0.5 + reserve_margin_share / 0.2;
    let share = if share > 0.1 { share } else { 0.1 };
    if share < 1.0 { share } else { 1.0 }
}

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

    /// Weeks in which the limit, as reserves leave it, serves the requests that wait in a region.
    pub fn queue_weeks(&self, model: &Model, region: RegionId) -> f64 {
        let state = &self.regions[region];
        let limit = model.grid.regions[region]
            .facts
            .connection_limit_mw_per_year;
        let limit = limit * headroom_share(state.reserve_margin_share);
        if limit > 0.0 {
            state.connection_queue_mw / limit * YEAR_WEEKS
        } else {
            0.0
        }
    }

    /// Megawatts that an operator may expect by a later week, by region: what is due by then, in
    /// the proportion in which the limit lets through all that is due.
    pub fn expected_mw(
        &self,
        model: &Model,
        operator: OperatorId,
        (now, later): (u32, u32),
    ) -> Vec<f64> {
        let requests = &self.requests;
        let (mut own, mut all) = (vec![0.0; self.regions.len()], vec![0.0; self.regions.len()]);
        for at in 0..requests.mw.len() {
            if requests.due_week[at] <= later {
                all[requests.region[at] as usize] += requests.mw[at];
                if requests.operator[at] == u32::from(operator.0) {
                    own[requests.region[at] as usize] += requests.mw[at];
                }
            }
        }
        for (id, state) in self.regions.iter() {
            let limit = model.grid.regions[id].facts.connection_limit_mw_per_year
                * headroom_share(state.reserve_margin_share);
            let able = limit * f64::from(later - now) / YEAR_WEEKS;
            if all[id.index()] > able {
                own[id.index()] *= able / all[id.index()];
            }
        }
        own
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

impl Grid {
    /// Connects what is due, first come first served, within the year's limit, and tells
    /// `energise` of each.
    pub fn connect(
        &mut self,
        week: &Week,
        open: &Table<RegionId, bool>,
        mut energise: impl FnMut(OperatorId, RegionId, f64),
    ) {
        for (id, region) in week.model.grid.regions.iter() {
            if open[id] {
                let headroom = headroom_share(self.regions[id].reserve_margin_share);
                let limit = region.facts.connection_limit_mw_per_year * headroom;
                let allowance = &mut self.regions[id].memory.allowance_mw;
                let most = limit * SAVED_SHARE_OF_YEAR;
                let grown = *allowance + limit / YEAR_WEEKS;
                *allowance = if grown < most { grown } else { most };
            }
        }
        for region in self.regions.values_mut() {
            region.connection_queue_mw = 0.0;
        }
        let requests = &mut self.requests;
        let mut kept = 0;
        for at in 0..requests.mw.len() {
            let region = RegionId::new(requests.region[at] as usize);
            let operator = OperatorId::new(requests.operator[at] as usize);
            let mw = requests.mw[at];
            let state = &mut self.regions[region];
            let due = requests.due_week[at] <= week.number;
            if due && open[region] && state.memory.allowance_mw > 0.0 {
                state.memory.allowance_mw -= mw;
                energise(operator, region, mw);
                continue;
            }
            let facts = &week.model.grid.regions[region].facts;
            if let Some(share) = facts.queue_withdrawal_share_per_year {
                requests.mw[at] -= mw * share / YEAR_WEEKS;
            }
            state.connection_queue_mw += requests.mw[at];
            requests.keep(at, kept);
            kept += 1;
        }
        requests.truncate(kept);
    }
}

impl Requests {
    fn keep(&mut self, from: usize, to: usize) {
        self.region[to] = self.region[from];
        self.operator[to] = self.operator[from];
        self.mw[to] = self.mw[from];
        self.due_week[to] = self.due_week[from];
    }

    fn truncate(&mut self, length: usize) {
        self.region.truncate(length);
        self.operator.truncate(length);
        self.mw.truncate(length);
        self.due_week.truncate(length);
    }
}

/// Called by arrivals.
pub fn energise(week: &Week, world: &mut World) {
    let World {
        grid,
        conditions,
        operators,
        ..
    } = world;
    grid.connect(week, &conditions.connection_open, |operator, region, mw| {
        operators.energise(operator, region, mw);
    });
}
