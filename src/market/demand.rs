//! Phase 3, demand: segments grow, contracts expire, uncommitted hours are contestable.
//!
//! What population n would use at the planning price P̄ is
//! X_n(t) = X_n(0) · G(t) · (P̄ ÷ P̄_0)^(−ε) · shock, with the growth shifter
//! ln G = r_∞·t + (r_0 − r_∞)·(1 − e^(−λt)) ÷ λ, r = ln(1 + growth per year):
//! today's wave of growth fades into a lasting rate. P̄ follows the mean price of an H100e hour
//! slowly, so that demand is inelastic in the short run (only the outside option answers) and
//! has the elasticity ε in the long run. Hours under contract are not contestable; contracts of
//! the opening expire in the first year, as many each week as were signed a year before.

use super::clearing::menus::{self, Tastes};
use super::clearing::{Market, breakage};
use super::ids::{AreaId, Id, PopulationId, SegmentId, Table};
use super::model::{Compile, Model, WEEK_H, YEAR_WEEKS};
use super::scratch::Scratch;
use super::week::{Fault, Week};
use super::world::{Column, Visitor, World};
use crate::kernels::math::{exp, exp_m1, ln, pow};
use crate::scenario::types::{ChoiceRules, Segment};

/// Weeks for which a contract binds.
pub const TERM_WEEKS: usize = 52;

/// One segment's buyers in one area.
#[derive(Clone, Copy, Debug)]
pub struct Population {
    pub segment: SegmentId,
    pub area: AreaId,
    /// Opening work, H100-equivalent hours a week.
    pub opening_h100e_h: f64,
}

#[derive(Clone, Debug)]
pub struct DemandModel {
    pub segments: Table<SegmentId, Segment>,
    pub populations: Table<PopulationId, Population>,
    pub choice: ChoiceRules,
    /// Week from which a segment's jobs come as islands.
    islands_week: Table<SegmentId, i64>,
    /// Quadrature nodes of each segment.
    pub tastes: Table<SegmentId, Tastes>,
}

impl DemandModel {
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        let side = &compile.scenario.demand;
        let names = compile.names;
        let segments: Table<SegmentId, Segment> = names
            .segments
            .iter()
            .map(|name| side.segments[name].clone())
            .collect();
        let shares: f64 = side.area_shares.values().sum();
        let mut populations = Table::default();
        for (segment, record) in segments.iter() {
            for (name, share) in &side.area_shares {
                if *share > 0.0 && record.opening_h100e > 0.0 {
                    populations.push(Population {
                        segment,
                        area: names.areas.id(name),
                        opening_h100e_h: record.opening_h100e * WEEK_H * share / shares,
                    });
                }
            }
        }
        let choice = side.choice.clone();
        let nodes = side.nodes as usize;
        let tastes = (segments.iter())
            .map(|(_, segment)| menus::tastes(&choice, segment, nodes))
            .collect();
        let start = compile.scenario.horizon.start;
        let from = |segment: &Segment| match &segment.islands {
            Some(islands) => i64::from(islands.from.weeks_since(start)),
            None => i64::MAX,
        };
        let islands_week = segments.values().iter().map(from).collect();
        Self {
            segments,
            populations,
            choice,
            islands_week,
            tastes,
        }
    }

    /// Chips that a typical job of a segment needs side by side in a week.
    pub fn contiguous_chips(&self, id: SegmentId, week: u32) -> f64 {
        let segment = &self.segments[id];
        match &segment.islands {
            Some(islands) if i64::from(week) >= self.islands_week[id] => islands.contiguous_chips,
            _ => segment.contiguous_chips,
        }
    }

    /// The segment of a population.
    pub fn segment(&self, population: PopulationId) -> &Segment {
        &self.segments[self.populations[population].segment]
    }

    /// The growth shifter of a segment after some years.
    fn growth(&self, segment: &Segment, years: f64) -> f64 {
        let first = ln(1.0 + segment.growth_per_year);
        let last = ln(1.0 + self.choice.lasting_growth_per_year);
        let decay = self.choice.growth_decay_per_year;
        let wave = if decay > 0.0 {
            -exp_m1(-decay * years) / decay
        } else {
            years
        };
        exp(last * years + (first - last) * wave)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Work that looks for a seller this week, waiting work included.
    pub contestable_h100e_h: Table<PopulationId, f64>,
    /// Work under contract.
    pub committed_h100e_h: Table<PopulationId, f64>,
    /// Work that found no seller last week and still waits.
    pub backlog_h100e_h: Table<PopulationId, f64>,
    /// All work at this week's planning price.
    pub wanted_h100e_h: Table<PopulationId, f64>,
    /// Hours under contract by the week of the year in which they end; population by population.
    pub expiring_h100e_h: Vec<f64>,
}

impl Demand {
    pub fn open(model: &Model) -> Self {
        let populations = &model.demand.populations;
        let count = populations.len();
        let mut demand = Self {
            contestable_h100e_h: Table::filled(count, 0.0),
            committed_h100e_h: Table::filled(count, 0.0),
            backlog_h100e_h: Table::filled(count, 0.0),
            wanted_h100e_h: Table::filled(count, 0.0),
            expiring_h100e_h: vec![0.0; count * TERM_WEEKS],
        };
        for (id, population) in populations.iter() {
            let committed = population.opening_h100e_h * model.demand.segment(id).reserved_share;
            demand.committed_h100e_h[id] = committed;
            demand.contestable_h100e_h[id] = population.opening_h100e_h - committed;
            demand.wanted_h100e_h[id] = population.opening_h100e_h;
            let from = id.index() * TERM_WEEKS;
            let vintages = vintages(model.demand.segment(id).growth_per_year);
            for (hours, share) in demand.expiring_h100e_h[from..].iter_mut().zip(vintages) {
                *hours = committed * share;
            }
        }
        demand
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        for (name, column) in [
            ("demand.contestable_h100e_h", &mut self.contestable_h100e_h),
            ("demand.committed_h100e_h", &mut self.committed_h100e_h),
            ("demand.backlog_h100e_h", &mut self.backlog_h100e_h),
            ("demand.wanted_h100e_h", &mut self.wanted_h100e_h),
        ] {
            visitor.column(name, Column::F64(column.values_mut()));
        }
        visitor.column(
            "demand.expiring_h100e_h",
            Column::F64(&mut self.expiring_h100e_h),
        );
    }

    /// New contracts of a population, signed this week for a year.
    pub fn commit(&mut self, week: u32, population: PopulationId, h100e_h: f64) {
        self.committed_h100e_h[population] += h100e_h;
        self.expiring_h100e_h[population.index() * TERM_WEEKS + slot(week)] += h100e_h;
    }
}

/// Shares of the opening contracts by the week in which they end, the oldest first: signatures
/// grew like the work, so that few contracts of a year ago end and many were signed of late.
pub fn vintages(growth_per_year: f64) -> [f64; TERM_WEEKS] {
    let mut shares = [0.0; TERM_WEEKS];
    for (week, share) in shares.iter_mut().enumerate() {
        *share = pow(1.0 + growth_per_year, week as f64 / TERM_WEEKS as f64);
    }
    let total: f64 = shares.iter().sum();
    shares.map(|share| share / total)
}

/// Place of a week in the year's ring of contracts.
pub fn slot(week: u32) -> usize {
    week as usize % TERM_WEEKS
}

/// Phase 3.
pub fn grow(week: &Week, world: &mut World, _scratch: &mut Scratch) -> Result<(), Fault> {
    let World {
        conditions,
        demand,
        market,
        ..
    } = world;
    demand.advance(week.model, week.number, &conditions.demand_factor, market);
    market.expire_contracts(&week.model.market.pools, week.number);
    breakage::leave(week.model, week.number, demand, market);
    Ok(())
}

impl Demand {
    /// Work and commitments of a week; `factors` are the shocks to segments.
    pub fn advance(
        &mut self,
        model: &Model,
        week: u32,
        factors: &Table<SegmentId, f64>,
        market: &Market,
    ) {
        let years = f64::from(week) / YEAR_WEEKS;
        let cheaper = market.opening_planning_price_usd_per_h / market.planning_price_usd_per_h;
        for (id, population) in model.demand.populations.iter() {
            let segment = model.demand.segment(id);
            let wanted = population.opening_h100e_h
                * model.demand.growth(segment, years)
                * pow(cheaper, segment.price_elasticity)
                * factors[population.segment];
            let at = id.index() * TERM_WEEKS + slot(week);
            let committed = self.committed_h100e_h[id] - self.expiring_h100e_h[at];
            self.expiring_h100e_h[at] = 0.0;
            let committed = if committed > 0.0 { committed } else { 0.0 };
            let free = wanted - committed;
            self.wanted_h100e_h[id] = wanted;
            self.committed_h100e_h[id] = committed;
            self.contestable_h100e_h[id] =
                self.backlog_h100e_h[id] + if free > 0.0 { free } else { 0.0 };
        }
    }
}
