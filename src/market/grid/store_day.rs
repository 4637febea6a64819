//! The cheapest day of a region's store: exact storage with losses.
//!
//! Every hour has its own merit order: up_h is what one more MWh costs, down_h what one less
//! saves. A store buys a MWh for η stored, sells what is stored at its cost of cycling, holds at
//! most E, works at most at P, one way at a time, and ends the day as full as it began (its level
//! then is free). Starting from an idle store, energy moves from the hour that adds a stored MWh
//! for least (it buys, or sells less) to the hour in which one is worth most (it sells, or buys
//! less), as far as blocks, power and the level on the way allow. All improvements of one store
//! are such pairs, so without one the day is the cheapest. Several stores of a region take turns
//! until none gains.

use super::dispatch::{HOURS, Hours, Stack};

const DAY: usize = 24;
/// Less than this is nothing, MW.
const EPS_MW: f64 = 1e-7;
/// Smaller gains are none, USD per MWh.
const EPS_USD: f64 = 1e-9;
/// Moves of one store in one day, and turns of all stores, at most.
const MAX_MOVES: usize = 10_000;
const MAX_TURNS: usize = 20;

/// A store.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    pub power_mw: f64,
    pub energy_mwh: f64,
    /// Energy out ÷ energy in.
    pub efficiency_share: f64,
    /// Paid on what is sold.
    pub cost_usd_per_mwh: f64,
}

/// What a store does.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    pub bought_mw: Hours,
    pub sold_mw: Hours,
    /// After each hour.
    pub level_mwh: Hours,
}

impl Default for Course {
    fn default() -> Self {
        let zero = [0.0; HOURS];
        Self {
            bought_mw: zero,
            sold_mw: zero,
            level_mwh: zero,
        }
    }
}

/// The merit orders of a day's hours and where they stand.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// First block of each hour, and the end.
    first: Vec<usize>,
    cost: Vec<f64>,
    room_mw: Vec<f64>,
    active: Vec<usize>,
    filled_mw: Vec<f64>,
}

/// The next MWh of an hour.
#[derive(Clone, Copy)]
struct Step {
    cost: f64,
    block: usize,
    room_mw: f64,
}

/// A way into or out of the store, per stored MWh.
#[derive(Clone, Copy)]
struct Way {
    usd: f64,
    room_mwh: f64,
}

/// A stored MWh at an hour: what it costs, where it came from and which way round.
#[derive(Clone, Copy)]
struct Source {
    usd: f64,
    hour: usize,
}

/// Chooses the hours of all stores of a region, day by day. The stack holds everything else;
/// what nothing serves costs `cap`.
pub fn schedule(
    (stack, load_mw, cap): (&Stack, &Hours, f64),
    stores: &[Store],
    courses: &mut [Course],
    day: &mut Day,
) {
    for start in (0..HOURS).step_by(DAY) {
        day.open((stack, load_mw, cap), start);
        for course in courses.iter_mut() {
            for row in [
                &mut course.bought_mw,
                &mut course.sold_mw,
                &mut course.level_mwh,
            ] {
                row[start..start + DAY].fill(0.0);
            }
        }
        for _ in 0..MAX_TURNS {
            let mut moves = 0;
            for (store, course) in stores.iter().zip(courses.iter_mut()) {
                if store.power_mw > EPS_MW && store.energy_mwh > EPS_MW {
                    moves += day.improve(*store, course, start);
                }
            }
            if moves == 0 || stores.len() == 1 {
                break;
            }
        }
    }
}

impl Day {
    /// Every hour fills its blocks for its own load.
    fn open(&mut self, (stack, load_mw, cap): (&Stack, &Hours, f64), start: usize) {
        self.first.clear();
        self.cost.clear();
        self.room_mw.clear();
        self.active.clear();
        self.filled_mw.clear();
        for hour in start..start + DAY {
            self.first.push(self.cost.len());
            for index in stack.order() {
                let mw = stack.capacity_mw[*index][hour];
                let cost = stack.blocks[*index].cost_usd_per_mwh;
                if mw > EPS_MW && cost < cap {
                    self.cost.push(cost);
                    self.room_mw.push(mw);
                }
            }
            self.cost.push(cap);
            self.room_mw.push(f64::INFINITY);
            let mut at = self.first[hour - start];
            let mut left = load_mw[hour];
            while left > self.room_mw[at] {
                left -= self.room_mw[at];
                at += 1;
            }
            self.active.push(at);
            self.filled_mw.push(left);
        }
        self.first.push(self.cost.len());
    }

    fn step(&self, block: usize, room_mw: f64) -> Step {
        Step {
            cost: self.cost[block],
            block,
            room_mw,
        }
    }

    /// One more MWh.
    fn up(&self, hour: usize) -> Option<Step> {
        let at = self.active[hour];
        let room = self.room_mw[at] - self.filled_mw[hour];
        if room > EPS_MW {
            Some(self.step(at, room))
        } else if at + 1 < self.first[hour + 1] {
            Some(self.step(at + 1, self.room_mw[at + 1]))
        } else {
            None
        }
    }

    /// One MWh less.
    fn down(&self, hour: usize) -> Option<Step> {
        let (at, filled) = (self.active[hour], self.filled_mw[hour]);
        if filled > EPS_MW {
            Some(self.step(at, filled))
        } else if at > self.first[hour] {
            Some(self.step(at - 1, self.room_mw[at - 1]))
        } else {
            None
        }
    }

    fn take(&mut self, hour: usize, block: usize, mw: f64) {
        if block == self.active[hour] {
            self.filled_mw[hour] += mw;
        } else {
            (self.active[hour], self.filled_mw[hour]) = (block, mw);
        }
    }

    fn give(&mut self, hour: usize, block: usize, mw: f64) {
        if block == self.active[hour] {
            self.filled_mw[hour] -= mw;
        } else {
            self.active[hour] = block;
            self.filled_mw[hour] = self.room_mw[block] - mw;
        }
    }

    /// How a stored MWh more comes into the store in an hour.
    fn way_in(&self, store: Store, course: &Course, (start, hour): (usize, usize)) -> Option<Way> {
        let up = self.up(hour)?;
        let sold = course.sold_mw[start + hour];
        if sold > EPS_MW {
            return Some(Way {
                usd: up.cost - store.cost_usd_per_mwh,
                room_mwh: least(sold, up.room_mw),
            });
        }
        let spare = store.power_mw - course.bought_mw[start + hour];
        (spare > EPS_MW).then(|| Way {
            usd: up.cost / store.efficiency_share,
            room_mwh: store.efficiency_share * least(spare, up.room_mw),
        })
    }

    /// What a stored MWh is worth in an hour.
    fn way_out(&self, store: Store, course: &Course, (start, hour): (usize, usize)) -> Option<Way> {
        let down = self.down(hour)?;
        let bought = course.bought_mw[start + hour];
        if bought > EPS_MW {
            return Some(Way {
                usd: down.cost / store.efficiency_share,
                room_mwh: store.efficiency_share * least(bought, down.room_mw),
            });
        }
        let spare = store.power_mw - course.sold_mw[start + hour];
        (spare > EPS_MW).then(|| Way {
            usd: down.cost - store.cost_usd_per_mwh,
            room_mwh: least(spare, down.room_mw),
        })
    }

    /// Moves energy until no pair of hours gains; returns the number of moves.
    fn improve(&mut self, store: Store, course: &mut Course, start: usize) -> usize {
        let mut into: [Option<Way>; DAY] =
            std::array::from_fn(|hour| self.way_in(store, course, (start, hour)));
        let mut out: [Option<Way>; DAY] =
            std::array::from_fn(|hour| self.way_out(store, course, (start, hour)));
        for moves in 0..MAX_MOVES {
            let level: &[f64; DAY] = (&course.level_mwh[start..start + DAY])
                .try_into()
                .unwrap_or(&[0.0; DAY]);
            let Some((from, to, is_forth)) = best(store, (&into, &out), level) else {
                return moves;
            };
            let mut amount = least(
                into[from].map_or(0.0, |way| way.room_mwh),
                out[to].map_or(0.0, |way| way.room_mwh),
            );
            for hour in between((from, to), is_forth) {
                let room = if is_forth {
                    store.energy_mwh - level[hour]
                } else {
                    level[hour]
                };
                amount = least(amount, room);
            }
            self.shift(store, course, start, (from, to, is_forth), amount);
            for hour in [from, to] {
                into[hour] = self.way_in(store, course, (start, hour));
                out[hour] = self.way_out(store, course, (start, hour));
            }
        }
        MAX_MOVES
    }

    fn shift(
        &mut self,
        store: Store,
        course: &mut Course,
        start: usize,
        (from, to, is_forth): (usize, usize, bool),
        stored_mwh: f64,
    ) {
        if let Some(up) = self.up(from) {
            let at = start + from;
            if course.sold_mw[at] > EPS_MW {
                course.sold_mw[at] = still(course.sold_mw[at] - stored_mwh);
                self.take(from, up.block, stored_mwh);
            } else {
                let mw = stored_mwh / store.efficiency_share;
                course.bought_mw[at] += mw;
                self.take(from, up.block, mw);
            }
        }
        if let Some(down) = self.down(to) {
            let at = start + to;
            if course.bought_mw[at] > EPS_MW {
                let mw = stored_mwh / store.efficiency_share;
                course.bought_mw[at] = still(course.bought_mw[at] - mw);
                self.give(to, down.block, mw);
            } else {
                course.sold_mw[at] += stored_mwh;
                self.give(to, down.block, stored_mwh);
            }
        }
        let sign = if is_forth { 1.0 } else { -1.0 };
        for hour in between((from, to), is_forth) {
            course.level_mwh[start + hour] += sign * stored_mwh;
        }
    }
}

/// Rounding is nothing.
fn still(mw: f64) -> f64 {
    if mw > EPS_MW { mw } else { 0.0 }
}

fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Hours after which the level changes when energy goes from one hour to another, forth in time
/// (it is held) or back (what was held is used earlier); the day is a circle.
fn between((from, to): (usize, usize), is_forth: bool) -> impl Iterator<Item = usize> {
    let (first, last) = if is_forth { (from, to) } else { (to, from) };
    let count = (last + DAY - first) % DAY;
    (0..count).map(move |step| (first + step) % DAY)
}

/// The pair of hours with the largest gain and the way round between them.
fn best(
    store: Store,
    (into, out): (&[Option<Way>; DAY], &[Option<Way>; DAY]),
    level: &[f64; DAY],
) -> Option<(usize, usize, bool)> {
    let own = |hour: usize| Source {
        usd: into[hour].map_or(f64::INFINITY, |way| way.usd),
        hour,
    };
    let mut forth: [Source; DAY] = std::array::from_fn(own);
    let mut back = forth;
    // Twice round the circle.
    for step in 1..2 * DAY {
        let (hour, before) = (step % DAY, (step - 1) % DAY);
        let is_open = store.energy_mwh - level[before] > EPS_MW;
        if is_open && forth[before].usd < forth[hour].usd {
            forth[hour] = forth[before];
        }
        let (hour, after) = (DAY - 1 - hour, DAY - 1 - before);
        if level[hour] > EPS_MW && back[after].usd < back[hour].usd {
            back[hour] = back[after];
        }
    }
    let (mut gain, mut pair) = (EPS_USD, None);
    for (hour, way) in out.iter().enumerate() {
        let Some(way) = way else { continue };
        for (source, is_forth) in [(forth[hour], true), (back[hour], false)] {
            let found = way.usd - source.usd;
            if source.hour != hour && found > gain {
                gain = found;
                pair = Some((source.hour, hour, is_forth));
            }
        }
    }
    pair
}
