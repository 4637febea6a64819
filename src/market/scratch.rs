//! Buffers that phases reuse, and what watches the run: never state of the economy.

use super::books::Stocks;
use super::clearing::ClearingScratch;
use super::closed::Comers;
use super::grid::GridScratch;
use super::record::Recorder;
use super::seal::Seal;
use super::shocks::ShockNotes;

/// Told when a phase begins; the run measures time with it, the market never looks at a clock.
pub trait Meter {
    fn enter(&mut self, phase: usize);
    /// The supply kernel begins or ends on one cell.
    fn kernel(&mut self, _begins: bool) {}
}

/// Measures nothing.
pub struct NoMeter;

impl Meter for NoMeter {
    fn enter(&mut self, _phase: usize) {}
}

pub struct Scratch {
    pub clock: Box<dyn Meter>,
    pub stocks: Stocks,
    pub recorder: Recorder,
    pub notes: ShockNotes,
    pub seal: Seal,
    pub grid: GridScratch,
    pub clearing: ClearingScratch,
    pub comers: Comers,
}

impl Scratch {
    /// `detail` keeps the entity tables.
    pub fn new(detail: bool, clock: Box<dyn Meter>) -> Self {
        Self {
            clock,
            stocks: Stocks::default(),
            recorder: Recorder::new(detail),
            notes: ShockNotes::default(),
            seal: Seal::default(),
            grid: GridScratch::default(),
            clearing: ClearingScratch::default(),
            comers: Comers::default(),
        }
    }
}
