//! The connection queue: a data centre waits a lognormal time, then for the year's limit, and
//! for as long as a moratorium lasts. The limit shrinks where reserves are short: whole at a
//! reserve margin of 10 %, half at none, a tenth from −8 %. Where it is known how much of a queue
//! gives up in a year, every request shrinks by that share while it waits.
//!
//! A deposit is put down with the request, returned when it is connected and lost as far as it
//! gives up; it keeps speculation away, so that studies take less time and less gives up. Load
//! that may be cut off has a queue of its own: it gets the connections that short reserves keep
//! from others, as long as the year's load curve has room (`headroom`). Where makers deliver
//! turbines sooner than the grid connects, and compute earns more in the years won than they cost
//! above the tariff, data centres make their own power.

use super::headroom;
use super::state::{Grid, RegionState, Requests};
use crate::kernels::math;
use crate::market::books::micro_usd;
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

/// How a request gets its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through the queue, within the year's limit.
    Queue,
    /// Sooner, as load that may be cut off, where the year's load leaves room.
    Flexible,
    /// From turbines behind the meter, as makers deliver them.
    OwnPower,
}

/// Part of what an operator asks for, and its usual wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    pub way: Way,
    pub mw: f64,
    pub wait_weeks: u32,
}

/// Deposits of a request that come back or are lost, when it is connected or gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Returned {
    pub region: RegionId,
    pub operator: OperatorId,
    pub refund_micro_usd: i128,
    pub lost_micro_usd: i128,
}

impl Grid {
    /// The ways in which a region can power what an operator asks for: what may be cut off goes
    /// first, then turbines where they pay, and the rest waits the usual time in the queue.
    /// `worth_usd_per_mwh` is what compute earns on a MWh.
    pub fn ways(
        &self,
        model: &Model,
        region: RegionId,
        mw: f64,
        (usual_weeks, worth_usd_per_mwh): (u32, f64),
    ) -> Vec<Ask> {
        let compiled = &model.grid.regions[region];
        let state = &self.regions[region];
        let mut asks = Vec::new();
        let mut left_mw = mw;
        let mut take = |way, wait_weeks: f64, most_mw: f64, left_mw: &mut f64| {
            let mw = if most_mw < *left_mw {
                most_mw
            } else {
                *left_mw
            };
            if mw > 0.0 && wait_weeks < f64::from(usual_weeks) {
                *left_mw -= mw;
                let wait_weeks = wait_weeks.ceil() as u32;
                asks.push(Ask {
                    way,
                    mw,
                    wait_weeks,
                });
            }
        };
        if let Some(rule) = &compiled.facts.flexible_connection {
            let left_over = 1.0 - headroom_share(state.reserve_margin_share);
            let yearly = compiled.facts.connection_limit_mw_per_year * left_over;
            let book = yearly * rule.connection_delay_weeks / YEAR_WEEKS;
            let room = headroom::room_mw(compiled, state);
            let room = if room < book { room } else { book };
            let room = room - self.waiting_mw(region, Way::Flexible);
            let accepted = rule.load_share * mw;
            let most = if room < accepted { room } else { accepted };
            take(
                Way::Flexible,
                rule.connection_delay_weeks,
                most,
                &mut left_mw,
            );
        }
        if let Some(turbines) = &compiled.own_power
            && turbines.pays(state, f64::from(usual_weeks), worth_usd_per_mwh)
        {
            let facts = &turbines.facts;
            // Makers take orders for as long as their lead time.
            let book = facts.limit_mw_per_year * facts.lead_time_weeks / YEAR_WEEKS;
            let most = book - self.waiting_mw(region, Way::OwnPower);
            take(Way::OwnPower, facts.lead_time_weeks, most, &mut left_mw);
        }
        if left_mw > 0.0 {
            asks.push(Ask {
                way: Way::Queue,
                mw: left_mw,
                wait_weeks: usual_weeks,
            });
        }
        asks
    }

    /// Asks the grid of a region for more; power comes after the queue.
    pub fn request(&mut self, week: &Week, (region, operator): (RegionId, OperatorId), ask: &Ask) {
        let model = week.model;
        let facts = &model.grid.regions[region].facts;
        let (place, firm) = (
            model.names.regions.name(region),
            model.names.operators.name(operator),
        );
        let stream = model.luck.stream("connection", &format!("{place}/{firm}"));
        let z = stream.normal(0, week.number);
        let rules = &model.grid.rules;
        let median = match ask.way {
            Way::Queue => rules.connection_delay_weeks(facts),
            Way::Flexible | Way::OwnPower => f64::from(ask.wait_weeks),
        };
        let delay = median * math::exp(rules.connection_delay_spread * z);
        self.enter((region, operator), ask, week.number + delay.ceil() as u32);
        if let (Some(last), true) = (self.requests.is_new.last_mut(), ask.way != Way::OwnPower) {
            *last = 1;
        }
    }

    fn enter(&mut self, (region, operator): (RegionId, OperatorId), ask: &Ask, due: u32) {
        if ask.mw.is_finite() && ask.mw > 0.0 {
            let requests = &mut self.requests;
            requests.region.push(region.0.into());
            requests.operator.push(operator.0.into());
            requests.mw.push(ask.mw);
            requests.due_week.push(due);
            requests.way.push(ask.way as u32);
            requests.deposit_micro_usd.push(0);
            requests.is_new.push(0);
            if ask.way != Way::OwnPower {
                self.regions[region].connection_queue_mw += ask.mw;
            }
        }
    }

    /// Megawatts that wait in a region for one way of getting power.
    fn waiting_mw(&self, region: RegionId, way: Way) -> f64 {
        let requests = &self.requests;
        let whose = requests.region.iter().zip(&requests.way);
        (requests.mw.iter().zip(whose))
            .filter(|(_, (at, by))| **at == u32::from(region.0) && **by == way as u32)
            .map(|(mw, _)| *mw)
            .sum()
    }

    /// Enters a request whose study ends in a given week (pipelines of the opening).
    pub fn request_due(&mut self, region: RegionId, operator: OperatorId, mw: f64, due: u32) {
        let ask = Ask {
            way: Way::Queue,
            mw,
            wait_weeks: 0,
        };
        self.enter((region, operator), &ask, due);
    }

    /// Weeks in which the limit, as reserves leave it, serves the requests that wait in a region.
    pub fn queue_weeks(&self, model: &Model, region: RegionId) -> f64 {
        let state = &self.regions[region];
        let limit = model.grid.regions[region]
            .facts
            .connection_limit_mw_per_year;
        let limit = limit * headroom_share(state.reserve_margin_share);
        if limit > 0.0 {
            self.waiting_mw(region, Way::Queue) / limit * YEAR_WEEKS
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
        let regions = self.regions.len();
        let (mut own, mut all) = (vec![0.0; regions], vec![0.0; regions]);
        let mut sooner = vec![0.0; regions];
        let who = requests.region.iter().zip(&requests.operator);
        let when = requests.way.iter().zip(&requests.due_week);
        for ((mw, (region, of)), (way, due)) in requests.mw.iter().zip(who).zip(when) {
            if *due > later {
                continue;
            }
            let region = *region as usize;
            let is_own = *of == u32::from(operator.0);
            if *way == Way::Queue as u32 {
                all[region] += mw;
                own[region] += if is_own { *mw } else { 0.0 };
            } else if is_own {
                sooner[region] += mw;
            }
        }
        for (id, state) in self.regions.iter() {
            let limit = model.grid.regions[id].facts.connection_limit_mw_per_year
                * headroom_share(state.reserve_margin_share);
            let able = limit * f64::from(later - now) / YEAR_WEEKS;
            if all[id.index()] > able {
                own[id.index()] *= able / all[id.index()];
            }
            own[id.index()] += sooner[id.index()];
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
    /// Connects what is due, first come first served, within the year's limit, the load curve's
    /// room and what makers of turbines deliver; tells `energise` of each, and answers what
    /// becomes of deposits.
    pub fn connect(
        &mut self,
        week: &Week,
        open: &Table<RegionId, bool>,
        mut energise: impl FnMut(OperatorId, RegionId, f64),
    ) -> Vec<Returned> {
        self.allow(week.model, open);
        let mut returned = Vec::new();
        let mut kept = 0;
        for at in 0..self.requests.mw.len() {
            let requests = &mut self.requests;
            let region = RegionId::new(requests.region[at] as usize);
            let operator = OperatorId::new(requests.operator[at] as usize);
            let (mw, way) = (requests.mw[at], requests.way[at]);
            let mut deposit = Returned {
                region,
                operator,
                refund_micro_usd: 0,
                lost_micro_usd: 0,
            };
            let is_due = requests.due_week[at] <= week.number;
            let state = &mut self.regions[region];
            if is_due && has_room(week.model, region, state, (way, open[region])) {
                take_room(state, way, mw);
                deposit.refund_micro_usd = requests.deposit_micro_usd[at];
                energise(operator, region, mw);
            } else {
                let rules = &week.model.grid.rules;
                let facts = &week.model.grid.regions[region].facts;
                if let Some(share) = facts.queue_withdrawal_share_per_year {
                    let gone = share * (1.0 - rules.deterred_share(facts)) / YEAR_WEEKS;
                    requests.mw[at] -= mw * gone;
                    let held = requests.deposit_micro_usd[at];
                    deposit.lost_micro_usd = (held as f64 * gone) as i128;
                    requests.deposit_micro_usd[at] = held - deposit.lost_micro_usd;
                }
                if way != Way::OwnPower as u32 {
                    state.connection_queue_mw += requests.mw[at];
                }
                requests.keep(at, kept);
                kept += 1;
            }
            if deposit.refund_micro_usd + deposit.lost_micro_usd > 0 {
                returned.push(deposit);
            }
        }
        self.requests.truncate(kept);
        returned
    }

    /// A week's part of the year's connections and turbines; counters of the queue begin anew.
    fn allow(&mut self, model: &Model, open: &Table<RegionId, bool>) {
        let grown = |allowance: &mut f64, limit_mw_per_year: f64| {
            let most = limit_mw_per_year * SAVED_SHARE_OF_YEAR;
            let grown = *allowance + limit_mw_per_year / YEAR_WEEKS;
            *allowance = if grown < most { grown } else { most };
        };
        for (id, region) in model.grid.regions.iter() {
            let state = &mut self.regions[id];
            state.connection_queue_mw = 0.0;
            if open[id] {
                let headroom = headroom_share(state.reserve_margin_share);
                let limit = region.facts.connection_limit_mw_per_year * headroom;
                grown(&mut state.memory.allowance_mw, limit);
                let left_over = region.facts.connection_limit_mw_per_year - limit;
                grown(&mut state.memory.flexible_allowance_mw, left_over);
            }
            if let Some(turbines) = &region.own_power {
                let limit = turbines.facts.limit_mw_per_year;
                grown(&mut state.memory.turbine_allowance_mw, limit);
            }
            state.memory.flexible_recent_mw *= 1.0 - 1.0 / YEAR_WEEKS;
        }
    }
}

/// Whether a request that is due may be connected; a moratorium holds back all but turbines.
fn has_room(
    model: &Model,
    region: RegionId,
    state: &RegionState,
    (way, is_open): (u32, bool),
) -> bool {
    if way == Way::OwnPower as u32 {
        state.memory.turbine_allowance_mw > 0.0
    } else if way == Way::Flexible as u32 && state.memory.flexible_allowance_mw > 0.0 {
        is_open && headroom::room_mw(&model.grid.regions[region], state) > 0.0
    } else {
        is_open && state.memory.allowance_mw > 0.0
    }
}

fn take_room(state: &mut RegionState, way: u32, mw: f64) {
    if way == Way::OwnPower as u32 {
        state.memory.turbine_allowance_mw -= mw;
        state.own_power_mw += mw;
    } else if way == Way::Flexible as u32 {
        // Where ample reserves leave nothing over, its turn comes with the others'.
        let allowance = if state.memory.flexible_allowance_mw > 0.0 {
            &mut state.memory.flexible_allowance_mw
        } else {
            &mut state.memory.allowance_mw
        };
        *allowance -= mw;
        state.memory.flexible_mw += mw;
        state.memory.flexible_recent_mw += mw;
    } else {
        state.memory.allowance_mw -= mw;
    }
}

impl Requests {
    fn keep(&mut self, from: usize, to: usize) {
        self.region[to] = self.region[from];
        self.operator[to] = self.operator[from];
        self.mw[to] = self.mw[from];
        self.due_week[to] = self.due_week[from];
        self.way[to] = self.way[from];
        self.deposit_micro_usd[to] = self.deposit_micro_usd[from];
        self.is_new[to] = self.is_new[from];
    }

    fn truncate(&mut self, length: usize) {
        self.region.truncate(length);
        self.operator.truncate(length);
        self.mw.truncate(length);
        self.due_week.truncate(length);
        self.way.truncate(length);
        self.deposit_micro_usd.truncate(length);
        self.is_new.truncate(length);
    }
}

/// Called by arrivals: deposits of last week's requests are put down, then what is due is
/// connected.
pub fn energise(week: &Week, world: &mut World) {
    let World {
        grid,
        conditions,
        operators,
        books,
        ..
    } = world;
    let model = week.model;
    for at in 0..grid.requests.mw.len() {
        if grid.requests.is_new[at] == 0 {
            continue;
        }
        grid.requests.is_new[at] = 0;
        let region = RegionId::new(grid.requests.region[at] as usize);
        let operator = OperatorId::new(grid.requests.operator[at] as usize);
        let compiled = &model.grid.regions[region];
        let deposit_usd = compiled.facts.connection_deposit_usd_per_mw.unwrap_or(0.0);
        let deposit = micro_usd(deposit_usd * grid.requests.mw[at]);
        if deposit > 0 {
            grid.requests.deposit_micro_usd[at] = deposit;
            operators.cash_micro_usd[operator] -= deposit;
            let cash = model.operators.firms[operator].cash;
            books.post(cash, compiled.accounts.deposits, deposit);
        }
    }
    let open = &conditions.connection_open;
    let returned = grid.connect(week, open, |operator, region, mw| {
        operators.energise(operator, region, mw);
    });
    for deposit in returned {
        let deposits = model.grid.regions[deposit.region].accounts.deposits;
        let cash = model.operators.firms[deposit.operator].cash;
        operators.cash_micro_usd[deposit.operator] += deposit.refund_micro_usd;
        books.post(deposits, cash, deposit.refund_micro_usd);
        // What is lost stays with the grid's owners.
        let bills = model.operators.ground[deposit.region].bills;
        books.post(deposits, bills, deposit.lost_micro_usd);
    }
}
