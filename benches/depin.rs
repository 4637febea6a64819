//! A published toy of a token network (mkq-volt/depin_sim at ce5ef58, "consistent" demand,
//! "bullish" macro), with every rule of it, timed on our kernels: `cargo bench --bench depin`.
//!
//! A week has three substeps; inside a substep every rule reads what the one before left:
//! candidates join if a unit pays, incumbents leave if the last week did not; buyers burn a part
//! of what they buy, providers share the mint and sell their cost; the price follows the flow.
//! As shipped its churn is dead (providers are changed on a copy), so both forms are run.
//! The unit of speed is a provider-step: one provider online in one week.

use std::time::Instant;
use wattflop::kernels::math::{exp, ln};
use wattflop::kernels::{Luck, Stream};

const BURNT_SHARE: f64 = 0.3;
const DEMAND_ELASTICITY: f64 = 0.1;
const MACRO_SENSITIVITY: f64 = 0.02;

/// One run's chance, word after word.
struct Chance {
    stream: Stream,
    row: u32,
    week: u32,
}

impl Chance {
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        self.row += 1;
        low + (high - low) * self.stream.uniform(self.row, self.week)
    }

    fn normal(&mut self) -> f64 {
        self.row += 1;
        self.stream.normal(self.row, self.week)
    }

    /// Poisson with mean 10, by the inverse of its distribution.
    fn poisson_ten(&mut self) -> usize {
        let uniform = self.uniform(0.0, 1.0);
        let (mut count, mut chance) = (0, exp(-10.0));
        let mut below = chance;
        while below < uniform && count < 100 {
            count += 1;
            chance *= 10.0 / count as f64;
            below += chance;
        }
        count
    }
}

/// All providers online, one column per quantity.
#[derive(Default)]
struct Providers {
    units: Vec<f64>,
    cost_usd: Vec<f64>,
    /// What the last week paid, at the price of that week; infinite before the first.
    reward_usd: Vec<f64>,
    balance: Vec<f64>,
}

impl Providers {
    fn join(&mut self, units: f64, unit_cost_usd: f64) {
        self.units.push(units);
        self.cost_usd.push(unit_cost_usd * units);
        self.reward_usd.push(f64::INFINITY);
        self.balance.push(0.0);
    }

    /// Those whose last week did not pay sell everything and go; returns the tokens sold.
    fn leave(&mut self) -> f64 {
        let (mut kept, mut sold) = (0, 0.0);
        for row in 0..self.units.len() {
            if self.reward_usd[row] - self.cost_usd[row] <= 0.0 {
                sold += self.balance[row];
                continue;
            }
            if kept == row {
                kept += 1;
                continue;
            }
            self.units[kept] = self.units[row];
            self.cost_usd[kept] = self.cost_usd[row];
            self.reward_usd[kept] = self.reward_usd[row];
            self.balance[kept] = self.balance[row];
            kept += 1;
        }
        for column in [
            &mut self.units,
            &mut self.cost_usd,
            &mut self.reward_usd,
            &mut self.balance,
        ] {
            column.truncate(kept);
        }
        sold
    }

    /// Everyone earns a share of the mint and sells his cost; returns the tokens sold.
    fn work(&mut self, per_unit: f64, price_usd: f64, live: bool) -> f64 {
        let mut lanes = [0.0; 8];
        for row in 0..self.units.len() {
            let earned = per_unit * self.units[row];
            let sold = self.cost_usd[row] / price_usd;
            if live {
                self.reward_usd[row] = earned * price_usd;
                self.balance[row] += earned - sold;
            }
            lanes[row % 8] += sold;
        }
        lanes.iter().sum()
    }

    fn capacity(&self) -> f64 {
        let mut lanes = [0.0; 8];
        for (row, units) in self.units.iter().enumerate() {
            lanes[row % 8] += units;
        }
        lanes.iter().sum()
    }
}

/// What a run came to.
struct Found {
    provider_steps: usize,
    last: usize,
}

/// One run of `weeks` with everything but prices `scale` times the published size.
fn run(seed: u64, weeks: u32, scale: usize, live: bool) -> Found {
    let (draw, luck) = (0, 0);
    let stream = Luck { seed, draw, luck }.stream("bench", "depin");
    let size_stream = Luck { seed, draw, luck }.stream("bench", "sizes of candidates");
    let mut sizes = Vec::new();
    let mut chance = Chance {
        stream,
        row: 0,
        week: u32::MAX,
    };
    let size = scale as f64;
    let (base_demand, most_minted) = (12_000.0 * size, 10_000.0 * size);
    let mut providers = Providers::default();
    for _ in 0..10 * scale {
        let units = 1.3 * exp(5.0 + 0.7 * chance.normal());
        let unit_cost = chance.uniform(0.05, 0.2);
        providers.join(units, unit_cost);
    }
    let (mut supply, mut price_usd) = (1e6 * size, 3.0);
    let (mut service_usd, mut reward_rate, mut macro_factor) = (0.5, 0.3, 1.0);
    let mut provider_steps = 0;
    for week in 0..weeks {
        (chance.week, chance.row) = (week, 0);
        let mut flow = if live { -providers.leave() } else { 0.0 };
        let candidates: usize = (0..scale).map(|_| chance.poisson_ten()).sum();
        sizes.resize(candidates, 0.0);
        size_stream.normals(week, &mut sizes);
        for z in &sizes {
            let unit_cost = chance.uniform(0.05, 0.2);
            // His size is on both sides of the question: only who joins needs one.
            if price_usd * reward_rate > unit_cost {
                providers.join(exp(5.0 + 0.7 * z), unit_cost);
            }
        }
        let capacity = providers.capacity();
        let noise = chance.uniform(0.97, 1.03) * (1.0 + MACRO_SENSITIVITY * macro_factor);
        let demand = base_demand * exp(-0.5 * DEMAND_ELASTICITY * ln(service_usd)) * noise;
        macro_factor = chance.uniform(0.995, 1.011);

        let bought = demand * service_usd / price_usd;
        let minted = if bought < most_minted {
            bought
        } else {
            most_minted
        };
        reward_rate = if capacity > 0.0 {
            minted / capacity
        } else {
            0.0
        };
        flow += bought - providers.work(reward_rate, price_usd, live);
        supply += minted - BURNT_SHARE * bought;
        let tightness = capacity / (base_demand * chance.uniform(0.97, 1.03));
        service_usd = exp(-ln(tightness) / DEMAND_ELASTICITY).clamp(0.1, 1.0);

        price_usd *= exp(flow / supply) * macro_factor;
        provider_steps += providers.units.len();
    }
    Found {
        provider_steps,
        last: providers.units.len(),
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
fn agreement(weeks: u32, live: bool, steps: f64, last: f64) {
    let runs = 200;
    let (mut steps_sum, mut last_sum) = (0, 0);
    for seed in 0..runs {
        let found = run(seed, weeks, 1, live);
        steps_sum += found.provider_steps;
        last_sum += found.last;
    }
    let mean = |sum: usize| sum as f64 / runs as f64;
    let form = if live { "live" } else { "dead" };
    println!(
        "churn {form}, {weeks} weeks: {:.0} provider-steps a run (peer {steps}), {:.1} at last \
         (peer {last})",
        mean(steps_sum),
        mean(last_sum)
    );
    assert!((mean(steps_sum) / steps - 1.0).abs() < 0.15);
    assert!((mean(last_sum) / last - 1.0).abs() < 0.15);
}

fn main() {
    agreement(52, false, 5_457.0, 128.0);
    agreement(104, false, 12_585.0, 140.0);
    agreement(52, true, 3_521.0, 90.0);
    agreement(104, true, 8_551.0, 99.0);
    let began = Instant::now();
    for live in [false, true] {
        for (scale, runs) in [(1, 2_000), (100, 20), (10_000, 1)] {
            let before = processor_s(began);
            let steps: usize = (0..runs)
                .map(|seed| run(seed, 52, scale, live).provider_steps)
                .sum();
            let seconds = processor_s(began) - before;
            println!(
                "churn {}, {runs} runs of 52 weeks, {} providers each at first: {steps} \
                 provider-steps in {seconds:.4} CPU-s, {:.1} million a CPU-second",
                if live { "live" } else { "dead" },
                10 * scale,
                steps as f64 * 1e-6 / seconds
            );
        }
    }
}
