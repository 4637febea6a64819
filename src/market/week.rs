//! One week of the compute market: the newcomer's door.
//!
//! Ten phases in economic order. A phase reads the [`World`], changes its own part and posts to
//! the books; what one phase needs of a later one, it takes from last week.

use super::model::{Calendar, Model};
use super::scratch::Scratch;
use super::supply;
use super::welfare::Wealth;
use super::world::World;
use super::{arrivals, clearing, demand, grid, investment, networks, reconcile, record, shocks};

/// One phase: may fail only on a broken invariant.
pub type Phase = fn(&Week, &mut World, &mut Scratch) -> Result<(), Fault>;

/// The week, in economic order.
pub const PHASES: [(&str, Phase); 10] = [
    ("shocks", shocks::bend), // events start and end; they bend this week's conditions
    ("arrivals", arrivals::arrive), // chips, sites, plants, tokens that were on their way
    ("demand", demand::grow), // segments grow, contracts expire
    ("supply", supply::decide), // providers are paid, then decide; operators go online
    ("clearing", clearing::clear), // buyers choose until quantities and prices agree
    ("power", grid::power),   // served work becomes MW; the grid clears 168 hours
    ("tokens", networks::settle), // work is verified; fees, burns, mints, trades
    ("investment", investment::order), // chips, sites, fabs, plants are ordered; scrap leaves
    ("books", reconcile::reconcile), // every account against the stock counted in the world
    ("record", record::observe), // the week becomes rows
];

/// Which week it is, and the model that it obeys.
pub struct Week<'a> {
    pub number: u32,
    pub model: &'a Model,
}

impl Week<'_> {
    pub fn calendar(&self) -> Calendar {
        self.model.calendar
    }
}

/// Runs one week.
pub fn step(week: &Week, world: &mut World, scratch: &mut Scratch) -> Result<(), Fault> {
    scratch
        .seal
        .verify(world)
        .map_err(|fault| fault.in_phase("between weeks", week.number))?;
    scratch.recorder.opening = Wealth::of(week.model, world);
    for (index, (name, phase)) in PHASES.iter().enumerate() {
        scratch.clock.enter(index);
        phase(week, world, scratch).map_err(|fault| fault.in_phase(name, week.number))?;
    }
    scratch.clock.enter(PHASES.len());
    scratch.seal.close(world);
    Ok(())
}

/// A broken invariant: a defect of the program, never of the user's input.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub phase: &'static str,
    pub week: u32,
    pub entity: String,
    pub quantity: &'static str,
    pub value: f64,
}

impl Fault {
    pub fn new(entity: impl Into<String>, quantity: &'static str, value: f64) -> Self {
        Self {
            phase: "",
            week: 0,
            entity: entity.into(),
            quantity,
            value,
        }
    }
    fn in_phase(mut self, phase: &'static str, week: u32) -> Self {
        self.phase = phase;
        self.week = week;
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "week {}, phase `{}`: {} of {} is {}",
            self.week, self.phase, self.quantity, self.entity, self.value
        )
    }
}
