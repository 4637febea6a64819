//! Which numbers matter? Every number of a scenario is moved on the same luck in a small world,
//! and the outcomes that answer are listed. A number that moves nothing is a defect or an
//! exception that somebody has explained.

use rayon::prelude::*;

use crate::kernels::random::Luck;
use crate::market::model::Model;
use crate::market::outcomes;
use crate::market::scratch::{NoMeter, Scratch};
use crate::market::watch::{self, Watched};
use crate::market::week::{Fault, Week, step};
use crate::market::world::World;
use crate::scenario::Decode;
use crate::scenario::numbers::{NumberAt, numeric_paths, set_number};
use crate::scenario::schema::Record;
use crate::scenario::tree::Node;
use crate::scenario::types::Scenario;

/// A relative change smaller than this is no answer.
pub const ALIVE: f64 = 1e-6;

/// An outcome smaller than this is nothing.
const NOTHING: f64 = 1e-9;

/// Moves of a number, as factors.
pub const FACTORS: [f64; 4] = [1.1, 0.9, 2.0, 0.5];

/// Steps from zero, and the largest part of the range that each may cover.
const STEPS: [(f64, f64); 4] = [(0.1, 0.01), (10.0, 0.1), (1e3, 0.3), (1e5, 0.5)];

/// How finely owners and buyers are sampled: a choice of resolution, no fact of the world.
const RESOLUTION: [&str; 3] = ["rows", "row_share", "nodes"];

/// Weeks after which a quick audit looks whether the number has been answered: the first weeks
/// of a longer run are the shorter run.
const LOOKS: [u32; 8] = [2, 8, 26, 52, 104, 208, 312, 416];

/// What is about the run, its judgement and its report, and not about the world.
const ABOUT: [&str; 6] = [
    "trends.",
    "horizon.",
    "ensemble.",
    "plausibility.",
    "expect.",
    "report.",
];

/// The answer of one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub path: String,
    pub value: f64,
    /// The outcome that moves most for a small move, and its elasticity.
    pub outcome: String,
    pub elasticity: f64,
    /// Largest relative change of any outcome under any move.
    pub largest_change: f64,
    /// Weeks of the runs that were compared.
    pub weeks: u32,
    /// A move that broke an invariant.
    pub fault: Option<Fault>,
}

impl Answer {
    /// Does the number move some outcome?
    pub fn alive(&self) -> bool {
        self.largest_change > ALIVE
    }
}

/// How much is asked of each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every move over the whole horizon.
    Thorough,
    /// Until some outcome answers.
    Quick,
}

/// The worlds that an audit compares.
pub struct Audit<'a> {
    root: &'static Record,
    tree: &'a Node,
    weeks: u32,
    luck: Luck,
    /// Weekly outcomes, and those of single entities that the scenario itself names.
    outcomes: Vec<String>,
    /// Outcomes of the undisturbed world, row after row.
    base: Vec<f64>,
}

impl<'a> Audit<'a> {
    /// Runs the undisturbed world.
    pub fn new(
        root: &'static Record,
        tree: &'a Node,
        weeks: u32,
        luck: Luck,
    ) -> Result<Self, Fault> {
        let named = watch::named(&Scenario::decode(tree));
        let weekly = outcomes::NAMES.iter().map(ToString::to_string);
        let mut audit = Self {
            root,
            tree,
            weeks,
            luck,
            outcomes: weekly.chain(named).collect(),
            base: Vec::new(),
        };
        let mut base = Vec::new();
        audit.walk(tree, |rows, week| {
            if week == weeks {
                base.extend_from_slice(rows);
            }
            true
        })?;
        audit.base = base;
        Ok(audit)
    }

    /// Every number of the model, in order of the tree: neither how long and how often it is
    /// run, nor what it is compared with.
    pub fn numbers(&self) -> Vec<NumberAt> {
        let mut numbers = numeric_paths(self.root, self.tree);
        numbers.retain(|number| !ABOUT.iter().any(|block| number.path.starts_with(block)));
        numbers.retain(|number| !RESOLUTION.contains(&number.field));
        numbers
    }

    /// The answers of some numbers, in their order; `done` is told after each.
    pub fn ask(&self, numbers: &[NumberAt], depth: Depth, done: &(dyn Fn() + Sync)) -> Vec<Answer> {
        let answer = |number: &NumberAt| {
            let answer = self.one(number, depth);
            done();
            answer
        };
        numbers.par_iter().map(answer).collect()
    }

    fn one(&self, number: &NumberAt, depth: Depth) -> Answer {
        let mut answer = Answer {
            path: number.path.clone(),
            value: number.value,
            outcome: String::new(),
            elasticity: 0.0,
            largest_change: 0.0,
            weeks: self.weeks,
            fault: None,
        };
        for value in moves(number) {
            if answer.alive() && depth == Depth::Quick {
                break;
            }
            let mut tree = self.tree.clone();
            if !set_number(self.root, &mut tree, &number.path, value) {
                continue;
            }
            let walked = self.walk(&tree, |rows, week| {
                let look = depth == Depth::Quick && LOOKS.contains(&week);
                if look || week == self.weeks {
                    self.compare(rows, value, &mut answer);
                }
                let enough = depth == Depth::Quick && answer.alive();
                if enough {
                    answer.weeks = week;
                }
                !enough
            });
            answer.fault = answer.fault.or(walked.err());
        }
        answer
    }

    /// Runs a world and shows the rows so far after every week, until `go_on` says no.
    fn walk(&self, tree: &Node, mut go_on: impl FnMut(&[f64], u32) -> bool) -> Result<(), Fault> {
        let model = Model::compile(&Scenario::decode(tree), self.luck);
        let mut world = World::open(&model);
        let mut scratch = Scratch::new(false, Box::new(NoMeter));
        let common = outcomes::NAMES.len();
        scratch.recorder.watched = Watched::new(self.outcomes[common..].to_vec());
        let mut rows = Vec::new();
        for number in 0..self.weeks {
            let model = &model;
            step(&Week { number, model }, &mut world, &mut scratch)?;
            let recorder = &scratch.recorder;
            let (weekly, watched) = (&recorder.weekly.values, &recorder.watched.values);
            rows.extend_from_slice(&weekly[weekly.len() - common..]);
            let named = self.outcomes.len() - common;
            rows.extend_from_slice(&watched[watched.len() - named..]);
            if !go_on(&rows, number + 1) {
                break;
            }
        }
        Ok(())
    }

    fn compare(&self, moved: &[f64], value: f64, answer: &mut Answer) {
        let scale = if answer.value == 0.0 {
            1.0
        } else {
            (value - answer.value) / answer.value
        };
        let small = scale.abs() < 0.3 || answer.elasticity == 0.0;
        let width = self.outcomes.len();
        let before = summary(&self.base[..moved.len()], width);
        let after = summary(moved, width);
        for (index, (before, after)) in before.iter().zip(after).enumerate() {
            let size = before.abs().max(after.abs());
            if size < NOTHING {
                continue;
            }
            let change = (after - before) / size;
            answer.largest_change = answer.largest_change.max(change.abs());
            if small && (change / scale).abs() > answer.elasticity.abs() {
                answer.elasticity = change / scale;
                answer.outcome.clone_from(&self.outcomes[index % width]);
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
    for (index, factor) in FACTORS.into_iter().enumerate() {
        let mut value = number.value * factor;
        if number.value == 0.0 {
            // Nothing to scale: ever longer steps into the range instead.
            let (step, part) = STEPS[index];
            value = if high > 0.0 {
                (high * part).min(step)
            } else {
                low * part
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

/// Means of every outcome over all rows, the first and the last year.
fn summary(values: &[f64], width: usize) -> Vec<f64> {
    let rows = values.len() / width;
    let year = rows.min(52);
    let mut means = Vec::with_capacity(3 * width);
    for (from, to) in [(0, rows), (0, year), (rows - year, rows)] {
        for column in 0..width {
            let total: f64 = (from..to).map(|row| values[row * width + column]).sum();
            means.push(total / (to - from) as f64);
        }
    }
    means
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
