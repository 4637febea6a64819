//! Which numbers matter? Every number of a scenario is moved on the same luck in a small world,
//! and the outcomes that answer are listed. A number that moves nothing is a defect or an
//! exception that somebody has explained.

use rayon::prelude::*;

use crate::kernels::random::Luck;
use crate::market::model::Model;
use crate::market::outcomes;
use crate::market::scratch::{NoMeter, Scratch};
use crate::market::week::{Fault, Week, step};
use crate::market::world::World;
use crate::scenario::Decode;
use crate::scenario::load::Loaded;
use crate::scenario::numbers::{NumberAt, numeric_paths, set_number};
use crate::scenario::tree::Node;
use crate::scenario::types::Scenario;

/// A relative change smaller than this is no answer.
pub const ALIVE: f64 = 1e-6;

/// Moves of a number, as factors.
pub const FACTORS: [f64; 4] = [1.1, 0.9, 2.0, 0.5];

/// The answer of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub path: String,
    pub value: f64,
    /// The outcome that moves most for a small move, and its elasticity.
    pub outcome: &'static str,
    pub elasticity: f64,
    /// Largest relative change of any outcome under any move.
    pub largest_change: f64,
    /// A move that broke an invariant.
    pub fault: Option<Fault>,
}

impl Answer {
    /// Does the number move some outcome?
    pub fn alive(&self) -> bool {
        self.largest_change > ALIVE
    }
}

/// The worlds that an audit compares.
pub struct Audit<'a> {
    pub loaded: &'a Loaded,
    pub tree: &'a Node,
    pub weeks: u32,
    pub luck: Luck,
    base: Vec<f64>,
}

impl<'a> Audit<'a> {
    /// Runs the undisturbed world.
    pub fn new(loaded: &'a Loaded, tree: &'a Node, weeks: u32, luck: Luck) -> Result<Self, Fault> {
        let base = summary(&Scenario::decode(tree), weeks, luck)?;
        Ok(Self {
            loaded,
            tree,
            weeks,
            luck,
            base,
        })
    }

    /// Every number of the model, in order of the tree: neither how long and how often it is
    /// run, nor what its opening is compared with.
    pub fn numbers(&self) -> Vec<NumberAt> {
        let about = ["horizon.", "ensemble.", "plausibility."];
        let mut numbers = numeric_paths(self.loaded.root, self.tree);
        numbers.retain(|number| !about.iter().any(|block| number.path.starts_with(block)));
        numbers
    }

    /// The answers of some numbers, in their order; `done` is told after each. A thorough audit
    /// makes every move of every number, otherwise the first move that is answered is the last.
    pub fn ask(
        &self,
        numbers: &[NumberAt],
        thorough: bool,
        done: &(dyn Fn() + Sync),
    ) -> Vec<Answer> {
        let answer = |number: &NumberAt| {
            let answer = self.one(number, thorough);
            done();
            answer
        };
        numbers.par_iter().map(answer).collect()
    }

    fn one(&self, number: &NumberAt, thorough: bool) -> Answer {
        let mut answer = Answer {
            path: number.path.clone(),
            value: number.value,
            outcome: outcomes::NAMES[0],
            elasticity: 0.0,
            largest_change: 0.0,
            fault: None,
        };
        for value in moves(number) {
            if answer.alive() && !thorough {
                break;
            }
            let mut tree = self.tree.clone();
            if !set_number(self.loaded.root, &mut tree, &number.path, value) {
                continue;
            }
            match summary(&Scenario::decode(&tree), self.weeks, self.luck) {
                Ok(moved) => self.compare(&moved, value, &mut answer),
                Err(fault) => answer.fault = Some(fault),
            }
        }
        answer
    }

    fn compare(&self, moved: &[f64], value: f64, answer: &mut Answer) {
        let scale = if answer.value == 0.0 {
            1.0
        } else {
            (value - answer.value) / answer.value
        };
        let small = scale.abs() < 0.3 || answer.elasticity == 0.0;
        for (index, (before, after)) in self.base.iter().zip(moved).enumerate() {
            let size = before.abs().max(after.abs());
            if size == 0.0 {
                continue;
            }
            let change = (after - before) / size;
            answer.largest_change = answer.largest_change.max(change.abs());
            if small && (change / scale).abs() > answer.elasticity.abs() {
                answer.elasticity = change / scale;
                answer.outcome = outcomes::NAMES[index % outcomes::NAMES.len()];
            }
        }
    }
}

/// The values that a number is moved to: 10 % up and down, doubled and halved, inside its range.
pub fn moves(number: &NumberAt) -> Vec<f64> {
    let (low, high) = match (number.rule.range, number.rule.whole_range) {
        (Some(range), _) => range,
        (None, Some((low, high))) => (low as f64, high as f64),
        (None, None) => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let mut values: Vec<f64> = Vec::new();
    for factor in FACTORS {
        let mut value = number.value * factor;
        if number.value == 0.0 {
            // Nothing to scale: a step into the range instead.
            value = if high > 0.0 {
                (high * 0.01).min(0.1 * factor)
            } else {
                low * 0.01
            };
        }
        if number.whole {
            let step = if factor > 1.0 { 1.0 } else { -1.0 };
            let rounded = value.round();
            value = if rounded == number.value {
                number.value + step
            } else {
                rounded
            };
        }
        let value = value.clamp(low, high);
        if value != number.value && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Means of every outcome over the whole run, its first and its last year.
fn summary(scenario: &Scenario, weeks: u32, luck: Luck) -> Result<Vec<f64>, Fault> {
    let model = Model::compile(scenario, luck);
    let mut world = World::open(&model);
    let mut scratch = Scratch::new(false, Box::new(NoMeter));
    for number in 0..weeks {
        step(
            &Week {
                number,
                model: &model,
            },
            &mut world,
            &mut scratch,
        )?;
    }
    let frame = &scratch.recorder.weekly;
    let width = frame.columns.len();
    let rows = frame.rows();
    let year = rows.min(52);
    let mut means = Vec::with_capacity(3 * width);
    for (from, to) in [(0, rows), (0, year), (rows - year, rows)] {
        for column in 0..width {
            let total: f64 = (from..to)
                .map(|row| frame.values[row * width + column])
                .sum();
            means.push(total / (to - from) as f64);
        }
    }
    Ok(means)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::schema::{Rule, number};
    use crate::scenario::tree::Place;

    fn share(value: f64) -> NumberAt {
        const RULE: Rule = number(0.0, 1.0).rule();
        NumberAt {
            path: "x".into(),
            value,
            rule: &RULE,
            field: "x_share",
            whole: false,
            at: Place::COMPUTED,
        }
    }

    #[test]
    fn moves_stay_inside_the_range_and_never_stand_still() {
        assert_eq!(moves(&share(0.8)), vec![0.8 * 1.1, 0.8 * 0.9, 1.0, 0.4]);
        assert_eq!(moves(&share(1.0)), vec![0.9, 0.5]);
        assert!(moves(&share(0.0)).iter().all(|value| *value > 0.0));
    }
}
