//! Wall time by phase, measured outside the market, which never looks at a clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use crate::market::PHASES;
use crate::market::scratch::Meter;

/// Seconds spent in each phase so far; shared between the run and who asks.
#[derive(Clone, Default)]
pub struct PhaseTimes(Rc<RefCell<[f64; PHASES.len()]>>);

impl PhaseTimes {
    /// (phase, seconds) in the order of the week.
    pub fn read(&self) -> Vec<(&'static str, f64)> {
        let seconds = self.0.borrow();
        PHASES
            .iter()
            .zip(*seconds)
            .map(|((name, _), spent)| (*name, spent))
            .collect()
    }

    /// A meter that adds to these times.
    pub fn meter(&self) -> Box<dyn Meter> {
        Box::new(PhaseMeter {
            times: self.clone(),
            since: Instant::now(),
            phase: None,
        })
    }
}

struct PhaseMeter {
    times: PhaseTimes,
    since: Instant,
    phase: Option<usize>,
}

impl Meter for PhaseMeter {
    fn enter(&mut self, phase: usize) {
        let now = Instant::now();
        if let Some(before) = self.phase {
            let spent = now.duration_since(self.since).as_secs_f64();
            self.times.0.borrow_mut()[before] += spent;
        }
        self.phase = (phase < PHASES.len()).then_some(phase);
        self.since = now;
    }
}
