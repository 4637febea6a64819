//! One run, seen from outside: what it is asked, how it is stopped, how it can fail.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub use crate::market::Fault;
use crate::results::RunRecord;

/// One run: an arm of the plan, a draw, a luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Position in `Plan::arms`.
    pub arm: u32,
    pub draw: u32,
    pub luck: u32,
    /// Weeks to run; the first weeks of a longer run equal a shorter one.
    pub weeks: u32,
    /// Whether entity tables are wanted besides the weekly outcomes.
    pub detail: bool,
}

/// Why a run did not finish.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// It was asked to stop.
    Stopped,
    Fault(Fault),
}

/// Lets a run say that a week is done, and hear that it should stop.
#[derive(Debug, Default)]
pub struct Watch {
    stop: AtomicBool,
    weeks: AtomicU64,
}

impl Watch {
    /// Asks all runs to stop at their next week.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Called by a run after each week; says whether to go on.
    pub fn week_done(&self) -> Result<(), Halt> {
        self.weeks.fetch_add(1, Ordering::Relaxed);
        if self.stopped() {
            Err(Halt::Stopped)
        } else {
            Ok(())
        }
    }

    pub fn skip_weeks(&self, weeks: u64) {
        self.weeks.fetch_add(weeks, Ordering::Relaxed);
    }

    pub fn weeks(&self) -> u64 {
        self.weeks.load(Ordering::Relaxed)
    }
}

/// A model that can be run; shared by all threads.
pub trait Simulation: Sync {
    /// Runs one job. The record depends on the job alone, never on threads or other jobs.
    fn run(&self, job: &Job, watch: &Watch) -> Result<RunRecord, Halt>;
}
