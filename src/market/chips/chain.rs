//! The weekly flow through the chain: fab → die bank → packaging and memory → shipping.

use super::super::books::{Books, whole};
use super::super::conditions::Conditions;
use super::super::ids::{ChipId, Id, MakerId};
use super::super::model::Model;
use super::Owner;
use super::model::{ChipModel, Made, let_through, unpack};
use super::roadmap::{inherited_per_week, planned_wait_weeks, ramp_ceiling};
use super::state::Chips;

/// Longest lead time that anyone quotes.
pub(super) const LONGEST_WEEKS: f64 = 156.0;
/// Weeks over which makers close a gap between wafers in work and wafers wanted.
const WAFER_GAP_WEEKS: f64 = 13.0;
/// Weight of this week in the average use of a line: a quarter's memory.
const USE_GAIN: f64 = 1.0 / 13.0;

/// Moves the chain by a week.
pub fn run(
    model: &Model,
    conditions: &Conditions,
    week: u32,
    chips: &mut Chips,
    books: &mut Books,
) {
    let chain = &model.chips;
    advance(chain, week, chips);
    let retail = make_retail(chain, conditions, chips);
    for (chip, &made) in chain.products.ids().zip(&retail) {
        books.post(
            chain.accounts[chip].outside,
            chain.accounts[chip].work,
            i128::from(made),
        );
    }
    ship(model, conditions, week, chips, books);
    let starts = package(chain, conditions, week, chips);
    start_wafers(chain, conditions, (week, &starts), chips, books);
    let memory = chain.rules().chain.output_average_weeks;
    for chip in chain.products.ids() {
        let ordered = chips.ordered_chips[chip] as f64;
        chips.orders_per_week[chip] += (ordered - chips.orders_per_week[chip]) / memory;
        chips.ordered_chips[chip] = 0;
        chips.in_work_chips[chip] = chips.count_work(chain, chip);
    }
    estimate_lead_times(chain, Some((conditions, week)), chips);
}

/// What was in the fab becomes dies; what was in assembly is finished.
fn advance(chain: &ChipModel, week: u32, chips: &mut Chips) {
    let rules = &chain.rules().chain;
    let (fab, packing) = (rules.fab_weeks as usize, rules.packaging_weeks as usize);
    for chip in chain.products.ids() {
        let at = chip.index() * fab + week as usize % fab;
        chips.bank_chips[chip] += std::mem::take(&mut chips.fab[at]);
        let at = chip.index() * packing + week as usize % packing;
        chips.finished_chips[chip] += std::mem::take(&mut chips.packing[at]);
    }
}

/// Products without a node come from shops: as many as are wanted and the shops can spare.
fn make_retail(chain: &ChipModel, conditions: &Conditions, chips: &mut Chips) -> Vec<i64> {
    let mut made_chips = vec![0; chain.products.len()];
    for (chip, product) in chain.products.iter() {
        let Some(made) = product.made.as_ref().filter(|made| made.node.is_none()) else {
            continue;
        };
        let ceiling = made.ceiling_chips_per_week * conditions.wafer_factor;
        let wanted = chips.backlog_chips[chip] - chips.finished_chips[chip];
        let count = if (wanted as f64) < ceiling {
            wanted
        } else {
            whole(ceiling) as i64
        };
        if count > 0 {
            chips.finished_chips[chip] += count;
            made_chips[chip.index()] = count;
        }
    }
    made_chips
}

/// Finished chips go to the oldest orders, in proportion among those of one week; where a control
/// refuses a share of a sale, it goes back to the maker's stock and the order keeps waiting.
fn ship(model: &Model, conditions: &Conditions, week: u32, chips: &mut Chips, books: &mut Books) {
    let chain = &model.chips;
    let rules = &chain.rules().chain;
    for chip in chain.products.ids() {
        let stock = chips.finished_chips[chip];
        let mut left = stock;
        let queue = &mut chips.queue[chip];
        let mut next = 0;
        while left > 0 && next < queue.chips.len() {
            let first = next;
            next += queue.same_batch(first);
            let ordered: i64 = queue.chips[first..next].iter().sum();
            let offered = ordered.min(left);
            let mut before = 0;
            for index in first..next {
                let (from, to) = (before, before + queue.chips[index]);
                before = to;
                let part = portion(offered, to, ordered) - portion(offered, from, ordered);
                let free = allowed(model, &conditions.sale_share[chip], queue.owner[index]);
                let given = if free >= 1.0 {
                    part
                } else {
                    (part as f64 * free).floor() as i64
                };
                if given > 0 {
                    queue.chips[index] -= given;
                    left -= given;
                    let arrival = week + rules.delivery_weeks;
                    chips.transit.push(arrival, chip, queue.owner[index], given);
                }
            }
        }
        let shipped = stock - left;
        if shipped > 0 {
            queue.compact();
        }
        chips.finished_chips[chip] = left;
        chips.backlog_chips[chip] -= shipped;
        chips.shipped_total_chips[chip] += shipped;
        let gain = 1.0 / rules.output_average_weeks;
        let output = chips.output_per_week[chip];
        chips.output_per_week[chip] += (shipped as f64 - output) * gain;
        let accounts = &chain.accounts[chip];
        books.post(accounts.work, accounts.transit, i128::from(shipped));
    }
}

/// What the first `ordered` of `total` chips get of `offered`: whole chips that add up.
fn portion(offered: i64, ordered: i64, total: i64) -> i64 {
    (i128::from(offered) * i128::from(ordered) / i128::from(total)) as i64
}

/// Share of a sale that controls let through to an owner.
fn allowed(model: &Model, shares: &[f64], owner: u32) -> f64 {
    match unpack(owner) {
        Owner::Operator(operator, region) => {
            let place = usize::from(model.places.jurisdiction[region]);
            let_through(shares, model.operators.firms[operator].law, place)
        }
        Owner::Cell(cell) => {
            let region = model.providers.cells[cell].region;
            shares[usize::from(model.places.jurisdiction[region])]
        }
    }
}

/// Orders that nothing finished or in assembly covers.
fn uncovered(chain: &ChipModel, chips: &Chips, chip: ChipId) -> i64 {
    let packing = chain.rules().chain.packaging_weeks as usize;
    let packed: i64 = chips.packing[chip.index() * packing..][..packing]
        .iter()
        .sum();
    (chips.backlog_chips[chip] - chips.finished_chips[chip] - packed).max(0)
}

/// Capacity of a line this week: plan, expansions, and what events leave of it.
pub(super) fn capacity(
    chain: &ChipModel,
    conditions: &Conditions,
    week: u32,
    line: usize,
    extra: f64,
) -> f64 {
    let factor = if line < chain.packaging_from {
        conditions.wafer_factor
    } else if line < chain.memory_from {
        conditions.packaging_factor
    } else {
        conditions.memory_factor
    };
    chain.lines[line].capacity_per_week.at(week) * (1.0 + extra) * factor
}

/// Starts packages; returns how many of each product.
fn package(chain: &ChipModel, conditions: &Conditions, week: u32, chips: &mut Chips) -> Vec<i64> {
    let wanted: Vec<f64> = (chain.products.ids())
        .map(|chip| uncovered(chain, chips, chip).min(chips.bank_chips[chip]) as f64)
        .collect();
    let mut starts = wanted.clone();
    for line in chain.packaging_from..chain.memory_from {
        let slots = capacity(chain, conditions, week, line, chips.extra_share[line])
            * chain.rules().chain.packaging_yield_share;
        pack_line(chain, (line, slots), chips, &wanted, &mut starts);
        let asked = asked(
            chain,
            chips,
            line,
            |made| made.packaging,
            |made| 1.0 / made.packages_per_wafer,
        );
        note_use(chips, line, asked, slots);
    }
    limit_ramps(chain, conditions, week, chips, &mut starts);
    for line in chain.memory_from..chain.lines.len() {
        let gb = capacity(chain, conditions, week, line, chips.extra_share[line]);
        let mut need = 0.0;
        for (chip, product) in chain.products.iter() {
            if product
                .made
                .as_ref()
                .is_some_and(|made| made.memory == Some(line))
            {
                need += starts[chip.index()] * product.memory_gb;
            }
        }
        let scale = if need > gb { gb / need } else { 1.0 };
        for (chip, product) in chain.products.iter() {
            if product
                .made
                .as_ref()
                .is_some_and(|made| made.memory == Some(line))
            {
                starts[chip.index()] *= scale;
            }
        }
        note_use(chips, line, need, gb);
    }
    let packing = chain.rules().chain.packaging_weeks as usize;
    let mut started = vec![0; starts.len()];
    for (chip, product) in chain.products.iter() {
        if product
            .made
            .as_ref()
            .is_some_and(|made| made.node.is_some())
        {
            let count = starts[chip.index()].floor() as i64;
            chips.bank_chips[chip] -= count;
            chips.packing[chip.index() * packing + week as usize % packing] += count;
            started[chip.index()] = count;
        }
    }
    started
}

/// A new product climbs to its maker's share of the line over the ramp.
fn limit_ramps(
    chain: &ChipModel,
    conditions: &Conditions,
    week: u32,
    chips: &Chips,
    starts: &mut [f64],
) {
    for chip in chain.products.ids() {
        if let Some(most) = ramp_ceiling(chain, conditions, week, chips, chip) {
            let start = &mut starts[chip.index()];
            *start = if *start > most { most } else { *start };
        }
    }
}

/// Packages each product at the pace of its orders, then works off what its queue has grown
/// beyond the usual, then any queue: a long queue of one product takes nothing from the others.
fn pack_line(
    chain: &ChipModel,
    (line, slots): (usize, f64),
    chips: &Chips,
    wanted: &[f64],
    starts: &mut [f64],
) {
    let normal = chain.rules().pricing.normal_lead_weeks;
    let usual_weeks = |chip: ChipId| {
        let made = chain.products[chip].made.as_ref();
        let opened = made.filter(|made| made.opening_chips_per_week > 0.0);
        opened.map_or(normal, |made| made.opening_backlog_weeks)
    };
    let packages = |chip: ChipId| {
        let made = chain.products[chip].made.as_ref();
        let made = made.filter(|made| made.packaging == Some(line));
        made.map(|made| made.packages_per_wafer)
    };
    let mut given = vec![0.0; wanted.len()];
    let mut left = slots;
    for round in 0..3 {
        let claims: Vec<f64> = (chain.products.ids())
            .map(|chip| {
                let pace = chips.orders_per_week[chip];
                let claim = match round {
                    0 => pace,
                    1 => wanted[chip.index()] - pace * usual_weeks(chip),
                    _ => wanted[chip.index()],
                };
                let open = wanted[chip.index()] - given[chip.index()];
                claim.clamp(0.0, if open > 0.0 { open } else { 0.0 })
            })
            .collect();
        let mut more = vec![0.0; claims.len()];
        share_line(chain, line, left, &claims, &mut more);
        for chip in chain.products.ids() {
            if let Some(per_wafer) = packages(chip) {
                given[chip.index()] += more[chip.index()];
                left -= more[chip.index()] / per_wafer;
            }
        }
        left = if left > 0.0 { left } else { 0.0 };
    }
    for chip in chain
        .products
        .ids()
        .filter(|chip| packages(*chip).is_some())
    {
        starts[chip.index()] = given[chip.index()];
    }
}

/// Shares a packaging line: first each maker's reserved share, then what is left by need.
fn share_line(chain: &ChipModel, line: usize, slots: f64, wanted: &[f64], starts: &mut [f64]) {
    let on_line = |chip: ChipId| {
        let made = chain.products[chip].made.as_ref()?;
        (made.packaging == Some(line)).then_some(made.packages_per_wafer)
    };
    let mut need = vec![0.0; chain.makers.len()];
    for (chip, product) in chain.products.iter() {
        if let Some(packages) = on_line(chip) {
            need[product.maker.index()] += wanted[chip.index()] / packages;
        }
    }
    let reserved = |maker: usize| slots * chain.makers[MakerId::new(maker)].packaging_share;
    let within = |maker: usize| need[maker].min(reserved(maker));
    let used: f64 = (0..need.len()).map(within).sum();
    let open: f64 = (0..need.len())
        .map(|maker| need[maker] - within(maker))
        .sum();
    let spare = if slots > used { slots - used } else { 0.0 };
    let pass = if open > spare { spare / open } else { 1.0 };
    for (chip, product) in chain.products.iter() {
        if on_line(chip).is_some() {
            let maker = product.maker.index();
            let given = within(maker) + (need[maker] - within(maker)) * pass;
            let share = if need[maker] > 0.0 {
                given / need[maker]
            } else {
                0.0
            };
            starts[chip.index()] = wanted[chip.index()] * share;
        }
    }
}

/// What makers would like of a line each week: orders as they come, and the queue's excess over
/// the normal lead time within a quarter.
fn asked(
    chain: &ChipModel,
    chips: &Chips,
    line: usize,
    link: impl Fn(&Made) -> Option<usize>,
    units: impl Fn(&Made) -> f64,
) -> f64 {
    let normal = chain.rules().pricing.normal_lead_weeks;
    let mut total = 0.0;
    for (chip, product) in chain.products.iter() {
        let Some(made) = product
            .made
            .as_ref()
            .filter(|made| link(made) == Some(line))
        else {
            continue;
        };
        let orders = chips.orders_per_week[chip];
        let excess = chips.backlog_chips[chip] as f64 - orders * normal;
        let catch_up = if excess > 0.0 { excess / 13.0 } else { 0.0 };
        total += (orders + catch_up) * units(made);
    }
    total
}

fn note_use(chips: &mut Chips, line: usize, asked: f64, capacity: f64) {
    let now = if capacity > 0.0 {
        asked / capacity
    } else {
        1.0
    };
    let now = if now > 2.0 { 2.0 } else { now };
    chips.use_share[line] += (now - chips.use_share[line]) * USE_GAIN;
}

/// Starts wafers so that fab and bank cover the queue and the orders that will come meanwhile.
fn start_wafers(
    chain: &ChipModel,
    conditions: &Conditions,
    (week, starts): (u32, &[i64]),
    chips: &mut Chips,
    books: &mut Books,
) {
    let rules = &chain.rules().chain;
    let fab = rules.fab_weeks as usize;
    let inherited = inherited_per_week(chain, week, chips);
    let mut wanted = vec![0.0; chain.products.len()];
    for (chip, product) in chain.products.iter() {
        if product.made.as_ref().is_none_or(|made| made.node.is_none()) {
            continue;
        }
        let in_fab: i64 = chips.fab[chip.index() * fab..][..fab].iter().sum();
        let orders = chips.orders_per_week[chip];
        // Orders that wafers of today can still serve: none come after the last day of sale.
        let ahead = fab as f64 + rules.die_bank_weeks;
        let left = product.last_week.saturating_sub(i64::from(week));
        let ahead = if (left as f64) < ahead {
            left.max(0) as f64
        } else {
            ahead
        };
        let expected = orders + inherited[chip.index()];
        let aim = uncovered(chain, chips, chip) as f64 + expected * ahead;
        let gap = aim - (in_fab + chips.bank_chips[chip]) as f64;
        let packed = starts[chip.index()] as f64;
        let pace = if ahead > 0.0 && orders < packed {
            orders
        } else {
            packed
        };
        let start = pace + gap / WAFER_GAP_WEEKS;
        wanted[chip.index()] = if start > 0.0 { start } else { 0.0 };
    }
    for line in 0..chain.packaging_from {
        let wafers = capacity(chain, conditions, week, line, chips.extra_share[line]);
        let mut need = 0.0;
        for (chip, product) in chain.products.iter() {
            if let Some(made) = product.made.as_ref().filter(|made| made.node == Some(line)) {
                need += wanted[chip.index()] / made.dies_per_wafer;
            }
        }
        let scale = if need > wafers { wafers / need } else { 1.0 };
        note_use(chips, line, need, wafers);
        for (chip, product) in chain.products.iter() {
            if product
                .made
                .as_ref()
                .is_some_and(|made| made.node == Some(line))
            {
                let count = (wanted[chip.index()] * scale).floor() as i64;
                chips.fab[chip.index() * fab + week as usize % fab] += count;
                let accounts = &chain.accounts[chip];
                books.post(accounts.outside, accounts.work, i128::from(count));
            }
        }
    }
}

/// Weekly flow of a product through the fab, over the weeks in which wafers were started.
fn coming_per_week(chain: &ChipModel, chips: &Chips, chip: ChipId) -> f64 {
    let fab = chain.rules().chain.fab_weeks as usize;
    let starts = &chips.fab[chip.index() * fab..][..fab];
    let weeks = starts.iter().filter(|count| **count > 0).count();
    let total: i64 = starts.iter().sum();
    total as f64 / if weeks > 0 { weeks as f64 } else { 1.0 }
}

/// Lead time = wait in the queue at recent output, at least the fab where nothing is in stock,
/// plus packaging and delivery. A product that still climbs is quoted by its plan: its output of
/// the last weeks says nothing about the weeks to come.
pub fn estimate_lead_times(chain: &ChipModel, now: Option<(&Conditions, u32)>, chips: &mut Chips) {
    let rules = &chain.rules().chain;
    for (chip, product) in chain.products.iter() {
        let Some(made) = &product.made else {
            chips.lead_time_weeks[chip] = f64::from(rules.delivery_weeks);
            continue;
        };
        let wait = if made.node.is_none() {
            chips.backlog_chips[chip] as f64 / made.ceiling_chips_per_week
        } else {
            queue_weeks(chain, now, chips, chip)
        };
        let wait = if wait.is_finite() {
            wait.clamp(0.0, LONGEST_WEEKS)
        } else {
            LONGEST_WEEKS
        };
        chips.lead_time_weeks[chip] = wait + chain.process_weeks(chip);
    }
}

/// Weeks that an order of today waits before its chips are packaged.
fn queue_weeks(
    chain: &ChipModel,
    now: Option<(&Conditions, u32)>,
    chips: &Chips,
    chip: ChipId,
) -> f64 {
    let rules = &chain.rules().chain;
    let from = chip.index() * rules.packaging_weeks as usize;
    let packing = &chips.packing[from..][..rules.packaging_weeks as usize];
    let packed = packing.iter().sum::<i64>();
    let stock = chips.bank_chips[chip] + chips.finished_chips[chip];
    let started = packed as f64 / f64::from(rules.packaging_weeks);
    let output = chips.output_per_week[chip];
    let pace = if started > output { started } else { output };
    let coming = coming_per_week(chain, chips, chip);
    // While wafers bind, output goes on at the pace of what is in the fab.
    let ramps = coming > pace && (stock as f64) < coming;
    let pace = if ramps { coming } else { pace };
    let open = chips.backlog_chips[chip] as f64 - packed as f64 - chips.finished_chips[chip] as f64;
    let open = if open > 0.0 { open } else { 0.0 };
    let planned = now.and_then(|now| planned_wait_weeks(chain, now, chips, (chip, open)));
    let queued = match planned {
        Some(weeks) => weeks,
        None if pace > 0.0 => open / pace,
        None => 0.0,
    };
    // A product that is new, or whose stock has run out, waits for wafers first.
    let wafers = if stock + packed == 0 {
        f64::from(rules.fab_weeks)
    } else {
        0.0
    };
    if queued > wafers { queued } else { wafers }
}
