//! A small world for tests: the shipped facts, few provider rows and few buyer nodes.

#![allow(dead_code)]

use std::path::Path;

use wattflop::kernels::random::Luck;
use wattflop::market::model::Model;
use wattflop::market::scratch::{NoMeter, Scratch};
use wattflop::market::week::{Fault, Week, step};
use wattflop::market::world::World;
use wattflop::scenario::load::load;
use wattflop::scenario::types::Scenario;

/// What makes a world small.
pub const SMALL: [&str; 2] = ["providers.rows=2000", "demand.nodes=4"];

/// A shipped scenario's policy in a small world, with further `--set` changes.
pub fn scenario(file: &str, policy: Option<&str>, sets: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(file);
    let sets: Vec<String> = SMALL.iter().chain(sets).map(ToString::to_string).collect();
    let loaded = load(&path, &sets).unwrap_or_else(|problems| panic!("{problems}"));
    loaded.scenario(policy.map(|name| loaded.policy(name).expect("a policy of the file")))
}

/// A run in progress.
pub struct Run {
    pub model: Model,
    pub world: World,
    pub scratch: Scratch,
    pub week: u32,
}

impl Run {
    pub fn open(scenario: &Scenario, draw: u32) -> Self {
        let model = Model::compile(
            scenario,
            Luck {
                seed: 42,
                draw,
                luck: 0,
            },
        );
        let world = World::open(&model);
        Self {
            model,
            world,
            scratch: Scratch::new(true, Box::new(NoMeter)),
            week: 0,
        }
    }

    pub fn step(&mut self) -> Result<(), Fault> {
        let week = Week {
            number: self.week,
            model: &self.model,
        };
        step(&week, &mut self.world, &mut self.scratch)?;
        self.week += 1;
        Ok(())
    }

    pub fn weeks(&mut self, weeks: u32) -> &mut Self {
        for _ in 0..weeks {
            self.step().unwrap_or_else(|fault| panic!("{fault}"));
        }
        self
    }

    /// One weekly outcome so far.
    pub fn outcome(&self, name: &str) -> Vec<f64> {
        self.scratch
            .recorder
            .weekly
            .column(name)
            .unwrap_or_else(|| panic!("no outcome `{name}`"))
    }

    /// Mean of an outcome over weeks, both included.
    pub fn mean(&self, name: &str, from_week: usize, to_week: usize) -> f64 {
        let values = self.outcome(name);
        values[from_week..=to_week].iter().sum::<f64>() / (to_week - from_week + 1) as f64
    }
}

/// Runs one draw for some weeks.
pub fn run(scenario: &Scenario, draw: u32, weeks: u32) -> Run {
    let mut run = Run::open(scenario, draw);
    run.weeks(weeks);
    run
}

/// How many of 16 paired draws have a larger mean under `treated` than under `control`.
pub fn larger(
    treated: &Scenario,
    control: &Scenario,
    outcome: &str,
    window: (usize, usize),
) -> usize {
    let value = |scenario: &Scenario, draw: u32| {
        run(scenario, draw, window.1 as u32 + 1).mean(outcome, window.0, window.1)
    };
    (0..16)
        .filter(|&draw| value(treated, draw) > value(control, draw))
        .count()
}

/// A shock from week 0 to the end, by the text of its effect.
pub fn shock(effect: &str) -> wattflop::scenario::types::Shock {
    use wattflop::scenario::Decode;
    let text = format!("{{ at: 2025-11-03, {effect} }}");
    let node = wattflop::scenario::read::parse(wattflop::scenario::tree::TextId(0), &text);
    let node = node.unwrap_or_else(|problems| panic!("{problems:?}"));
    wattflop::scenario::types::Shock::decode(&node)
}
