//! The scenario `depin_sim.yaml` (a published toy of a token network with every rule of it), timed:
//! `cargo bench --bench depin`. What is timed is `market::closed`, the code that a run steps; here
//! without a market around it, as the peers have none.
//!
//! As shipped its churn is dead (providers are changed on a copy), so both policies are run. The
//! unit of speed is a provider-step: one provider online in one week.

use std::path::Path;
use std::time::Instant;

use wattflop::kernels::random::Luck;
use wattflop::market::closed::{ClosedNetwork, ClosedRules, Comers};
use wattflop::scenario::load::load;
use wattflop::scenario::types::ClosedNetwork as Facts;

/// The toy under a policy of the scenario.
fn facts(policy: &str) -> Facts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/depin_sim.yaml");
    let loaded = load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = loaded.scenario(loaded.policy(policy));
    scenario.closed_networks["toy"].clone()
}

/// The same network with everything but prices `scale` times as large.
fn enlarged(facts: &Facts, scale: u32) -> Facts {
    let size = f64::from(scale);
    Facts {
        genesis_tokens: facts.genesis_tokens * size,
        opening_providers: facts.opening_providers * scale,
        candidates_per_week: facts.candidates_per_week * size,
        base_demand_units_per_week: facts.base_demand_units_per_week * size,
        highest_mint_tokens_per_week: facts.highest_mint_tokens_per_week * size,
        ..facts.clone()
    }
}

/// What a run came to.
struct Found {
    provider_steps: usize,
    last: usize,
}

/// One run with the seed's chance, from the opening to the last week.
fn run(facts: &Facts, seed: u64, weeks: u32, comers: &mut Comers) -> Found {
    let (draw, luck) = (0, 0);
    let rules = ClosedRules::new("toy", facts, Luck { seed, draw, luck });
    let mut network = ClosedNetwork::open(&rules, comers);
    let mut provider_steps = 0;
    for week in 0..weeks {
        network.step(&rules, week, comers);
        provider_steps += network.crowd.len();
    }
    assert_eq!(network.residual_quanta(), 0);
    let last = network.crowd.len();
    Found {
        provider_steps,
        last,
    }
}

/// Seconds that this thread has spent on a processor; wall time where the system does not tell.
fn processor_s(began: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    spent.map_or_else(|| began.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// Mean provider-steps and last count of 200 runs, against what the peers found (their spread
/// was not recorded, hence 15 %).
fn agreement(policy: &str, weeks: u32, steps: f64, last: f64) {
    let (facts, runs) = (facts(policy), 200);
    let (mut steps_sum, mut last_sum) = (0, 0);
    for seed in 0..runs {
        let found = run(&facts, seed, weeks, &mut Comers::default());
        steps_sum += found.provider_steps;
        last_sum += found.last;
    }
    let mean = |sum: usize| sum as f64 / runs as f64;
    println!(
        "{policy}, {weeks} weeks: {:.0} provider-steps a run (peer {steps}), {:.1} at last (peer \
         {last})",
        mean(steps_sum),
        mean(last_sum)
    );
    assert!((mean(steps_sum) / steps - 1.0).abs() < 0.15);
    assert!((mean(last_sum) / last - 1.0).abs() < 0.15);
}

fn main() {
    agreement("as_published", 52, 5_457.0, 128.0);
    agreement("as_published", 104, 12_585.0, 140.0);
    agreement("as_meant", 52, 3_521.0, 90.0);
    agreement("as_meant", 104, 8_551.0, 99.0);
    let began = Instant::now();
    for policy in ["as_published", "as_meant"] {
        for (scale, runs) in [(1, 2_000), (100, 20), (10_000, 1)] {
            let facts = enlarged(&facts(policy), scale);
            let mut comers = Comers::default();
            let before = processor_s(began);
            let (mut steps, mut last) = (0, 0);
            for seed in 0..runs {
                let found = run(&facts, seed, 52, &mut comers);
                steps += found.provider_steps;
                last = found.last;
            }
            let seconds = processor_s(began) - before;
            println!(
                "{policy}, {runs} runs of 52 weeks, {last} providers at last: {steps} \
                 provider-steps in {seconds:.4} CPU-s, {:.1} million a CPU-second",
                steps as f64 * 1e-6 / seconds
            );
        }
    }
}
