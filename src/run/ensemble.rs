//! Runs all jobs of a plan on a fixed number of threads and keeps each as it finishes.
//!
//! Results are collected by the job's position, so they do not depend on threads. A run that
//! an earlier command finished is read back and not run again. The first failure stops the
//! others at their next week; what had finished stays kept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::job::{Fault, Halt, Job, Simulation, Watch};
use super::plan::Plan;
use crate::results::RunRecord;
use crate::results::disk::DiskError;
use crate::results::partial::Partial;

/// Why an ensemble did not finish.
#[derive(Debug)]
pub enum Broken {
    /// Asked to stop; so many runs are kept of so many.
    Interrupted {
        kept: usize,
        runs: usize,
    },
    /// A run broke an invariant.
    Fault {
        job: Job,
        fault: Fault,
    },
    /// A run panicked; the message is the panic's.
    Panic {
        job: Job,
        message: String,
    },
    Disk(DiskError),
    /// The threads could not be started.
    Threads(String),
}

/// All records in the order of `Plan::jobs`.
pub struct Ensemble {
    pub records: Vec<RunRecord>,
    /// Runs that were read back instead of run.
    pub resumed: usize,
}

struct Done {
    record: RunRecord,
    resumed: bool,
}

enum Missing {
    Stopped,
    Panic { job: Job, message: String },
    Fault { job: Job, fault: Fault },
    Disk(DiskError),
}

/// Runs what is not yet kept. `threads` 0 means one per core.
pub fn run(
    simulation: &dyn Simulation,
    plan: &Plan,
    kept: &Partial,
    watch: &Watch,
    threads: usize,
) -> Result<Ensemble, Broken> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Broken::Threads(error.to_string()))?;
    let jobs = plan.jobs();
    let results: Vec<Result<Done, Missing>> = pool.install(|| {
        jobs.par_iter()
            .with_max_len(1)
            .map(|job| {
                let done = one(simulation, job, kept, watch);
                if done.is_err() {
                    watch.stop();
                }
                done
            })
            .collect()
    });
    collected(results)
}

fn one(
    simulation: &dyn Simulation,
    job: &Job,
    kept: &Partial,
    watch: &Watch,
) -> Result<Done, Missing> {
    if let Some(record) = kept
        .find(job.arm, job.draw, job.luck)
        .map_err(Missing::Disk)?
    {
        watch.skip_weeks(u64::from(job.weeks));
        return Ok(Done {
            record,
            resumed: true,
        });
    }
    if watch.stopped() {
        return Err(Missing::Stopped);
    }
    let mut record = guarded(simulation, job, watch)?;
    if !job.detail {
        record.entities.clear();
    }
    kept.keep(&record).map_err(Missing::Disk)?;
    Ok(Done {
        record,
        resumed: false,
    })
}

/// One run; a panic inside it is a bug of ours to report, not the end of the process.
fn guarded(simulation: &dyn Simulation, job: &Job, watch: &Watch) -> Result<RunRecord, Missing> {
    let job = *job;
    match catch_unwind(AssertUnwindSafe(|| simulation.run(&job, watch))) {
        Ok(Ok(record)) => Ok(record),
        Ok(Err(Halt::Stopped)) => Err(Missing::Stopped),
        Ok(Err(Halt::Fault(fault))) => Err(Missing::Fault { job, fault }),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            let message = text.unwrap_or("a panic without words").to_string();
            Err(Missing::Panic { job, message })
        }
    }
}

/// All records, or the gravest reason why some are missing: a fault before a disk error
/// before an interruption, each the first in the order of jobs.
fn collected(results: Vec<Result<Done, Missing>>) -> Result<Ensemble, Broken> {
    let runs = results.len();
    let mut ensemble = Ensemble {
        records: Vec::with_capacity(runs),
        resumed: 0,
    };
    let (mut fault, mut disk) = (None, None);
    for result in results {
        match result {
            Ok(Done { record, resumed }) => {
                ensemble.records.push(record);
                ensemble.resumed += usize::from(resumed);
            }
            Err(Missing::Stopped) => {}
            Err(Missing::Fault { job, fault: found }) => {
                fault = fault.or(Some(Broken::Fault { job, fault: found }));
            }
            Err(Missing::Panic { job, message }) => {
                fault = fault.or(Some(Broken::Panic { job, message }));
            }
            Err(Missing::Disk(error)) => disk = disk.or(Some(Broken::Disk(error))),
        }
    }
    if let Some(broken) = fault.or(disk) {
        return Err(broken);
    }
    if ensemble.records.len() < runs {
        return Err(Broken::Interrupted {
            kept: ensemble.records.len(),
            runs,
        });
    }
    Ok(ensemble)
}
