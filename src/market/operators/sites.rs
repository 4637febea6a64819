//! Sites: halls and power. What is being built at the opening arrives evenly; new halls take
//! their time and wait for the grid's connection queue.

use super::super::chips::Chips;
use super::super::conditions::Conditions;
use super::super::grid::Grid;
use super::super::ids::{Id, OperatorId, RegionId};
use super::super::model::{Model, QUARTER_WEEKS, YEAR_WEEKS};
use super::super::week::Week;
use super::super::world::World;
use super::plan::{Shop, usd_per_mw};
use super::state::Operators;
use super::{appeal, offer};
use crate::kernels::math;

/// Sites smaller than this are not built.
const SMALLEST_MW: f64 = 1.0;
/// Longest wait for power that anyone plans with.
const LONGEST_WAIT_WEEKS: f64 = 520.0;
/// Steps in which the growth of a fleet is found.
const GROWTH_ROUNDS: u32 = 30;

/// Power and halls at the opening.
pub fn open(model: &Model, operators: &mut Operators) {
    let margin = 1.0 + model.operators.rules.power_margin_share;
    for (operator, firm) in model.operators.firms.iter() {
        for region in firm.site_share.ids() {
            let site = operators.site(operator, region);
            let need = needed_mw(model, operators, operator, region);
            operators.energised_mw[site] = need * margin;
            operators.shell_mw[site] = operators.energised_mw[site];
        }
    }
}

/// Construction that began before the opening, as announced plans need it, for as long as a new
/// request would wait. Money for accelerators buys the chips of halls that open, and builds those
/// that open later: MW(t) · chips + MW(t + half a building time) · site = plan(t), where MW grow as
/// the plan does.
pub fn build(model: &Model, chips: &Chips, operators: &mut Operators) {
    let rules = &model.operators.rules;
    let calm = Conditions::calm(model);
    for (operator, firm) in model.operators.firms.iter() {
        let shop = Shop::opening(model, chips, operators, &calm);
        let choices = shop.choices(operator, appeal::main_site(model, operator));
        let Some(chips_usd) = usd_per_mw(&choices) else {
            continue;
        };
        let yearly_mw = |ready: u32| {
            let plan = |week| firm.capex_usd_per_year.at(week);
            let (now, later) = (plan(ready), plan(ready + rules.site_weeks / 2));
            let growth = if now > 0.0 { later / now } else { 1.0 };
            now * firm.ai_share / (chips_usd + rules.site_cost_usd_per_mw * growth)
        };
        for (region, share) in firm.site_share.iter() {
            let quarter = share * f64::from(QUARTER_WEEKS) / YEAR_WEEKS;
            if quarter <= 0.0 {
                continue;
            }
            let offset = (operator.index() * 5 + region.index() * 3) as u32 % QUARTER_WEEKS;
            let until = lead_weeks(model, region);
            let mut ready = offset + 1;
            while ready <= until {
                // What is built today has its power; later halls stand in the queue for it.
                let powered = ready <= rules.site_weeks;
                let mw = yearly_mw(ready) * quarter;
                operators
                    .projects
                    .push((operator, region), ready, powered, mw);
                ready += QUARTER_WEEKS;
            }
        }
    }
}

/// Connections that the opening's halls wait for: asked for in time, they fall due as the halls are
/// finished, and come within the year's limit of the region.
pub fn stand_in_queue(operators: &Operators, grid: &mut Grid) {
    let projects = &operators.projects;
    for index in 0..projects.len() {
        let (operator, region) = projects.owner(index);
        if projects.powered[index] == 0 {
            let (mw, due) = (projects.mw[index], projects.ready_week[index]);
            grid.request_due(region, operator, mw, due);
        }
    }
}

/// From request to use: the hall or the connection, whichever takes longer.
pub fn lead_weeks(model: &Model, region: RegionId) -> u32 {
    let delay = model.operators.ground[region].connection_delay_weeks;
    let hall = model.operators.rules.site_weeks;
    let delay = if delay > 0.0 { delay as u32 } else { 0 };
    if delay > hall { delay } else { hall }
}

/// MW at the meter that an operator's chips in a region are built for, at the year's mean overhead:
/// sized by this week's, fleets would be ordered in winter and idle in summer.
pub fn needed_mw(
    model: &Model,
    operators: &Operators,
    operator: OperatorId,
    region: RegionId,
) -> f64 {
    let site = operators.site(operator, region);
    let fleet = &operators.fleet_chips[site * operators.chips..][..operators.chips];
    let products = model.chips.products.values();
    let kw: f64 = fleet
        .iter()
        .zip(products)
        .map(|(&n, chip)| n as f64 * chip.system_kw)
        .sum();
    kw * model.operators.ground[region].pue / 1e3
}

/// Called by arrivals: halls that are finished open; a moratorium keeps power away.
pub fn arrive(week: &Week, world: &mut World) {
    let World {
        operators,
        conditions,
        ..
    } = world;
    let mut projects = std::mem::take(&mut operators.projects);
    projects.retain(|projects, index| {
        if projects.ready_week[index] > week.number {
            return true;
        }
        let (operator, region) = projects.owner(index);
        let powered = projects.powered[index] == 1;
        if powered && !conditions.connection_open[region] {
            return true;
        }
        let site = operators.site(operator, region);
        operators.shell_mw[site] += projects.mw[index];
        if powered {
            operators.energised_mw[site] += projects.mw[index];
        }
        false
    });
    operators.projects = projects;
}

/// USD that construction takes this week, by operator: cost spread over the time it takes.
pub fn construction_usd(model: &Model, operators: &Operators, week: u32) -> Vec<f64> {
    let rules = &model.operators.rules;
    let mut usd = vec![0.0; model.operators.firms.len()];
    let projects = &operators.projects;
    for index in 0..projects.len() {
        let ready = projects.ready_week[index];
        if ready > week && ready - week <= rules.site_weeks {
            let weekly = rules.site_cost_usd_per_mw / f64::from(rules.site_weeks);
            usd[projects.operator[index] as usize] += projects.mw[index] * weekly;
        }
    }
    usd
}

/// Weeks until a region's power may be expected for a request of today: the hall, the usual
/// study, or the queue ahead, whichever takes longest.
fn wait_weeks(model: &Model, grid: &Grid, region: RegionId) -> u32 {
    let queue = grid
        .queue_weeks(model, region)
        .clamp(0.0, LONGEST_WAIT_WEEKS);
    lead_weeks(model, region).max(queue.ceil() as u32)
}

/// Each quarter an operator asks for what its plans will need when the power comes and nothing
/// owned, building or queued covers: more where power is cheap and the queue short. Its hall is
/// built so that it is ready when the queue ahead has been served: nobody pays for empty halls.
pub fn request(
    week: &Week,
    (operator, yearly_mw): (OperatorId, f64),
    operators: &mut Operators,
    grid: &mut Grid,
) {
    let model = week.model;
    let weights = attraction(model, operator, operators, grid);
    let total: f64 = weights.iter().sum();
    let waits = model.operators.ground.ids();
    let waits = waits.zip(&weights).map(|(region, weight)| {
        let share = if total > 0.0 { weight / total } else { 0.0 };
        share * f64::from(wait_weeks(model, grid, region))
    });
    let wait_weeks_mean: f64 = waits.sum();
    let plans = (yearly_mw, wait_weeks_mean);
    let wanted = uncovered_mw(model, operators, (operator, week.number), plans);
    for (index, weight) in weights.iter().enumerate() {
        let mw = if total > 0.0 {
            wanted * weight / total
        } else {
            0.0
        };
        if mw < SMALLEST_MW {
            continue;
        }
        let region = RegionId::new(index);
        let usual = wait_weeks(model, grid, region);
        let worth = offer::internal_value_per_mwh(model, operators, region);
        for ask in grid.ways(model, region, mw, (usual, worth)) {
            grid.request(week, (region, operator), &ask);
            // The hall is finished when its power comes.
            let wait = ask.wait_weeks.max(model.operators.rules.site_weeks);
            let project = (week.number + wait, false, ask.mw);
            (operators.projects).push((operator, region), project.0, project.1, project.2);
        }
    }
}

/// Need when a request of today is ready, less halls finished, building or planned by then: each of
/// them has its power or stands in the queue for it. Need is what of today's chips will still
/// stand, and what will be bought until then or, if that is longer, in the life of a chip: the
/// halls of what is retired are filled again.
fn uncovered_mw(
    model: &Model,
    operators: &Operators,
    (operator, week): (OperatorId, u32),
    (yearly_mw, wait_weeks): (f64, f64),
) -> f64 {
    let quarter = f64::from(QUARTER_WEEKS) / YEAR_WEEKS;
    let years = quarter + wait_weeks / YEAR_WEEKS;
    let life_years = model.operators.rules.chip_life_years;
    let (mut need, mut covered) = (0.0, 0.0);
    for region in model.operators.ground.ids() {
        need += needed_mw(model, operators, operator, region);
        covered += operators.shell_mw[operators.site(operator, region)];
    }
    let projects = &operators.projects;
    for index in 0..projects.len() {
        let by_then = f64::from(projects.ready_week[index]) <= f64::from(week) + wait_weeks;
        if projects.owner(index).0 == operator && by_then {
            covered += projects.mw[index];
        }
    }
    let bought = if years < life_years {
        years
    } else {
        life_years
    };
    let staying = need * staying_share(yearly_mw, need, (years, life_years));
    let missing = staying + yearly_mw * bought - covered;
    missing.clamp(0.0, 2.0 * yearly_mw * quarter)
}

/// Share of a fleet that still stands after some years, when a fleet that has grown steadily buys
/// so much a year and a chip lives so long: growth g solves purchases ÷ stock = g ÷ (1 − e^−gL),
/// and 1 − e^−g(L−t) of 1 − e^−gL stays. Where little is bought, ages are even: 1 − t/L.
fn staying_share(yearly: f64, stock: f64, (years, life_years): (f64, f64)) -> f64 {
    if years >= life_years || stock <= 0.0 {
        return 0.0;
    }
    let turnover = yearly / stock;
    let mut growth = turnover;
    for _ in 0..GROWTH_ROUNDS {
        growth = turnover * (1.0 - math::exp(-growth * life_years));
    }
    if growth * life_years < 0.01 {
        return 1.0 - years / life_years;
    }
    (1.0 - math::exp(-growth * (life_years - years))) / (1.0 - math::exp(-growth * life_years))
}

/// How much of a request goes to each region.
fn attraction(model: &Model, operator: OperatorId, operators: &Operators, grid: &Grid) -> Vec<f64> {
    let rules = &model.operators.rules;
    let (_, mean_tariff) = operators.mean_pue_and_tariff;
    let firm = &model.operators.firms[operator];
    let weight = |region: RegionId| {
        let share = firm.site_share[region];
        if share <= 0.0 {
            return 0.0;
        }
        let queue = grid.queue_weeks(model, region) / YEAR_WEEKS;
        let wait = f64::from(lead_weeks(model, region)) * (1.0 + queue) / 104.0;
        let dear = if mean_tariff > 0.0 {
            operators.tariff_usd_per_mwh[region.index()] / mean_tariff
        } else {
            1.0
        };
        // Free power draws no more than a twentieth of the mean price does.
        let dear = dear.clamp(0.05, 20.0);
        share * math::pow(dear, -rules.tariff_sharpness) * math::pow(wait, -rules.queue_sharpness)
    };
    model.operators.ground.ids().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits: nobody has lost a chip at once, all are gone after a life; a fleet that is bought
    /// anew once in a life has even ages, and a young one stays longer.
    #[test]
    fn fleets_stay_as_their_ages_say() {
        let life = 5.0;
        for turnover in [0.05, 0.2, 0.5, 2.0] {
            assert!((staying_share(turnover, 1.0, (1e-9, life)) - 1.0).abs() < 1e-6);
            assert_eq!(staying_share(turnover, 1.0, (life, life)), 0.0);
        }
        assert!((staying_share(0.2, 1.0, (2.0, life)) - 0.6).abs() < 0.02);
        let young = staying_share(1.0, 1.0, (2.0, life));
        assert!(young > 0.9, "{young}");
        // Bought last year what stands: none of it is four years old.
        let share = staying_share(0.5, 1.0, (2.0, life));
        assert!((0.6..0.95).contains(&share), "{share}");
    }
}
