//! What a plan will cost, from a short timing of its first weeks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::job::{Halt, Job, Simulation, Watch};
use super::plan::Plan;
use crate::results::RunRecord;

/// Cost of the runs that remain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub runs: usize,
    pub weeks_per_run: u32,
    /// Wall time on the threads given.
    pub seconds: f64,
    /// Result tables held in memory until they are written.
    pub bytes: u64,
}

const FEW_WEEKS: u32 = 2;
const MORE_WEEKS: u32 = 10;

struct Timed {
    seconds: f64,
    weekly_bytes: f64,
    detail_bytes: f64,
}

fn timed(simulation: &dyn Simulation, job: Job, watch: &Watch) -> Result<Timed, Halt> {
    let began = Instant::now();
    let RunRecord {
        weekly, entities, ..
    } = simulation.run(&job, watch)?;
    Ok(Timed {
        seconds: began.elapsed().as_secs_f64(),
        weekly_bytes: weekly.bytes() as f64,
        detail_bytes: entities.iter().map(|table| table.bytes() as f64).sum(),
    })
}

/// The estimate, or nothing when the timing fails: the runs themselves will say why.
pub fn attempted(
    simulation: &dyn Simulation,
    plan: &Plan,
    threads: usize,
    remaining: usize,
) -> Option<Estimate> {
    let timing = || estimate(simulation, plan, threads, remaining);
    catch_unwind(AssertUnwindSafe(timing)).ok()?.ok()?
}

/// Times the first job over a few weeks and a few more: their difference is the price of a
/// week, the rest is the start of a run.
pub fn estimate(
    simulation: &dyn Simulation,
    plan: &Plan,
    threads: usize,
    remaining: usize,
) -> Result<Option<Estimate>, Halt> {
    let Some(first) = plan.jobs().first().copied() else {
        return Ok(None);
    };
    if plan.weeks <= MORE_WEEKS {
        return Ok(None);
    }
    let watch = Watch::default();
    // The first call pays for what all later ones find warm.
    timed(simulation, Job { weeks: 1, ..first }, &watch)?;
    let few = timed(
        simulation,
        Job {
            weeks: FEW_WEEKS,
            ..first
        },
        &watch,
    )?;
    let more = timed(
        simulation,
        Job {
            weeks: MORE_WEEKS,
            ..first
        },
        &watch,
    )?;
    Ok(Some(extrapolated(&few, &more, plan, threads, remaining)))
}

/// Both timings carried on to the whole plan: a straight line through them.
fn extrapolated(
    few: &Timed,
    more: &Timed,
    plan: &Plan,
    threads: usize,
    remaining: usize,
) -> Estimate {
    let span = f64::from(MORE_WEEKS - FEW_WEEKS);
    let slope = |few: f64, more: f64| ((more - few) / span).max(0.0);
    let week_seconds = slope(few.seconds, more.seconds);
    let start_seconds = (few.seconds - f64::from(FEW_WEEKS) * week_seconds).max(0.0);
    let run_seconds = start_seconds + f64::from(plan.weeks) * week_seconds;
    let waves = (remaining as f64 / threads.max(1) as f64).ceil();
    let detailed = plan.jobs().iter().filter(|job| job.detail).count() as f64;
    let weekly = plan.runs() as f64 * slope(few.weekly_bytes, more.weekly_bytes);
    let detail = detailed * slope(few.detail_bytes, more.detail_bytes);
    Estimate {
        runs: remaining,
        weeks_per_run: plan.weeks,
        seconds: waves * run_seconds,
        bytes: ((weekly + detail) * f64::from(plan.weeks)) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_costs_its_waves_of_starts_and_weeks() {
        let timed = |seconds| Timed {
            seconds,
            weekly_bytes: 0.0,
            detail_bytes: 0.0,
        };
        let plan = Plan {
            arms: Vec::new(),
            seed: 0,
            draws: (0..10).collect(),
            luck: vec![0],
            weeks: 200,
            detail_draws: 0,
        };
        // A start of 0.5 s and weeks of 0.01 s; 10 runs on 4 threads are 3 waves.
        let found = extrapolated(&timed(0.52), &timed(0.60), &plan, 4, 10);
        assert!(
            (found.seconds - 3.0 * 2.5).abs() < 1e-9,
            "{}",
            found.seconds
        );
        // A slow first timing makes no negative week.
        let found = extrapolated(&timed(0.60), &timed(0.50), &plan, 1, 1);
        assert!((found.seconds - 0.60).abs() < 1e-9, "{}", found.seconds);
    }
}
