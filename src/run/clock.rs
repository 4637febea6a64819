//! Wall time by phase, measured outside the market, which never looks at a clock.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use crate::market::PHASES;
use crate::market::scratch::Meter;

/// Seconds spent so far: in each phase, and in the supply kernel alone.
#[derive(Clone, Copy, Default)]
struct Spent {
    phases: [f64; PHASES.len()],
    kernel: f64,
}

/// Seconds spent so far; shared between the run and who asks.
#[derive(Clone, Default)]
pub struct PhaseTimes(Rc<RefCell<Spent>>);

impl PhaseTimes {
    /// (phase, seconds) in the order of the week.
    pub fn read(&self) -> Vec<(&'static str, f64)> {
        let spent = self.0.borrow();
        PHASES
            .iter()
            .zip(spent.phases)
            .map(|((name, _), spent)| (*name, spent))
            .collect()
    }

    /// Seconds in the supply kernel.
    pub fn kernel(&self) -> f64 {
        self.0.borrow().kernel
    }

    /// A meter that adds to these times.
    pub fn meter(&self) -> Box<dyn Meter> {
        let now = Instant::now();
        Box::new(PhaseMeter {
            times: self.clone(),
            since: now,
            kernel_since: now,
            phase: None,
        })
    }
}

struct PhaseMeter {
    times: PhaseTimes,
    since: Instant,
    kernel_since: Instant,
    phase: Option<usize>,
}

impl Meter for PhaseMeter {
    fn enter(&mut self, phase: usize) {
        let now = Instant::now();
        if let Some(before) = self.phase {
            let spent = now.duration_since(self.since).as_secs_f64();
            self.times.0.borrow_mut().phases[before] += spent;
        }
        self.phase = (phase < PHASES.len()).then_some(phase);
        self.since = now;
    }

    fn kernel(&mut self, begins: bool) {
        let now = Instant::now();
        if begins {
            self.kernel_since = now;
        } else {
            let spent = now.duration_since(self.kernel_since).as_secs_f64();
            self.times.0.borrow_mut().kernel += spent;
        }
    }
}
