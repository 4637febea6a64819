//! From a scenario file and the user's wishes to a plan: arms, draws, expectations and the
//! controls that they need.

use std::path::PathBuf;

use super::expect::{Against, Expectation, Sign};
use super::study::Trial;
use crate::market::watch;
use crate::run::script::FileScript;
use crate::run::{Arm, Plan};
use crate::scenario::Decode;
use crate::scenario::load::{Loaded, load};
use crate::scenario::problem::{Problem, Problems, Texts};
use crate::scenario::types::{self, Scenario};
use crate::scenario::verify::unknown_outcomes;

/// What the user asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub file: PathBuf,
    /// `path=value` changes over everything.
    pub sets: Vec<String>,
    /// Policies to run; all when empty.
    pub policies: Vec<String>,
    pub draws: Option<u32>,
    pub seed: Option<u64>,
    pub weeks: Option<u32>,
    /// Run this draw alone.
    pub only_draw: Option<u32>,
    /// Run this luck alone.
    pub only_luck: Option<u32>,
    /// Judge what the scenario expects; needs runs without the shocks in question.
    pub expectations: bool,
}

/// A plan and everything that goes with it.
pub struct Prepared {
    pub name: String,
    pub question: String,
    /// The file as the user wrote it.
    pub text: String,
    pub start: String,
    pub reference: String,
    /// Outcomes that the report shows first; may be empty.
    pub outcomes: Vec<String>,
    pub plan: Plan,
    pub trials: Vec<Trial>,
    pub script: FileScript,
    pub texts: Texts,
    pub warnings: Vec<Problem>,
    /// Expectations that cannot be judged in this plan, and why.
    pub notes: Vec<String>,
    pub scenario: Scenario,
}

/// Why there is no plan: the user's input.
#[derive(Debug)]
pub enum Refused {
    Problems(Problems),
    Request(String),
}

impl Request {
    /// Flags are `--set` changes, so that the resolved scenario shows them.
    fn all_sets(&self) -> Vec<String> {
        let mut sets = self.sets.clone();
        sets.extend(self.draws.map(|draws| format!("ensemble.draws={draws}")));
        sets.extend(self.seed.map(|seed| format!("ensemble.seed={seed}")));
        sets.extend(self.weeks.map(|weeks| format!("horizon.weeks={weeks}")));
        sets
    }

    fn load(&self, without_shocks: &[String]) -> Result<Loaded, Refused> {
        let mut sets = self.all_sets();
        sets.extend(
            without_shocks
                .iter()
                .map(|name| format!("shocks.{name}=null")),
        );
        if !without_shocks.is_empty() {
            // What is expected of a shock cannot be asked of the world without it.
            sets.push("expect=null".to_owned());
        }
        let loaded = load(&self.file, &sets).map_err(Refused::Problems)?;
        match unknown_outcomes(&loaded, watch::outcomes) {
            unknown if unknown.is_empty() => Ok(loaded),
            unknown => Err(Refused::Problems(Problems::new(loaded.texts, unknown))),
        }
    }

    fn chosen(&self, loaded: &Loaded) -> Result<Vec<String>, Refused> {
        let known: Vec<String> = loaded
            .policies
            .iter()
            .map(|tree| tree.name.clone())
            .collect();
        if let Some(lost) = self.policies.iter().find(|name| !known.contains(name)) {
            let known = known.join(", ");
            return Err(Refused::Request(format!(
                "there is no policy `{lost}` (there is {known})"
            )));
        }
        let wanted = |name: &String| self.policies.is_empty() || self.policies.contains(name);
        Ok(known.into_iter().filter(wanted).collect())
    }
}

/// Reads the file and lays out the plan.
pub fn prepare(request: &Request) -> Result<Prepared, Refused> {
    let loaded = request.load(&[])?;
    let scenario = Scenario::decode(&loaded.tree);
    let policies = request.chosen(&loaded)?;
    let reference = scenario.report.reference.clone();
    let reference = reference.filter(|name| policies.contains(name));
    let text = loaded
        .texts
        .list()
        .first()
        .map_or_else(String::new, |text| text.content.clone());
    let ensemble = &scenario.ensemble;
    let draws = request
        .only_draw
        .map_or_else(|| (0..ensemble.draws).collect(), |k| vec![k]);
    let luck = request
        .only_luck
        .map_or_else(|| (0..ensemble.luck).collect(), |k| vec![k]);
    let plan = Plan {
        arms: Vec::new(),
        seed: ensemble.seed,
        draws,
        luck,
        weeks: scenario.horizon.weeks,
        detail_draws: scenario.report.detail,
    };
    let mut prepared = Prepared {
        name: loaded.name.clone(),
        question: scenario.question.clone(),
        text,
        start: scenario.horizon.start.to_string(),
        reference: reference.unwrap_or_else(|| policies[0].clone()),
        outcomes: scenario.report.outcomes.clone(),
        plan,
        trials: Vec::new(),
        script: FileScript::new(ensemble.seed),
        texts: loaded.texts.clone(),
        warnings: loaded.warnings.clone(),
        notes: Vec::new(),
        scenario,
    };
    if let Some(why) = unfit_start(&loaded) {
        return Err(Refused::Request(why));
    }
    let version = prepared.script.add_version(loaded);
    for policy in &policies {
        prepared.add_arm(version, policy, &[]);
    }
    if request.expectations {
        prepared.add_trials(request)?;
    }
    Ok(prepared)
}

/// Why a policy cannot start in the middle of a run: it would add or remove whoever acts.
fn unfit_start(loaded: &Loaded) -> Option<String> {
    let base = Scenario::decode(&loaded.tree);
    let before = casts(&base);
    let late = loaded
        .policies
        .iter()
        .filter(|policy| policy.from.is_some());
    for policy in late {
        let changed = Scenario::decode(&policy.tree);
        let then = casts(&changed);
        if let Some(place) = (0..before.len()).find(|place| before[*place] != then[*place]) {
            return Some(format!(
                "policy `{}` starts later and changes who is in `{}`; \
                 leave out its `from`, or set their numbers to zero instead",
                policy.name, before[place].0
            ));
        }
    }
    None
}

/// Names of everyone and everything that acts, by collection.
fn casts(scenario: &Scenario) -> [(&'static str, Vec<&str>); 9] {
    fn names<T>(map: &std::collections::BTreeMap<String, T>) -> Vec<&str> {
        map.keys().map(String::as_str).collect()
    }
    [
        ("areas", names(&scenario.areas)),
        ("regions", names(&scenario.regions)),
        ("chips.products", names(&scenario.chips.products)),
        ("operators", names(&scenario.operators)),
        ("demand.segments", names(&scenario.demand.segments)),
        ("providers.hardware", names(&scenario.providers.hardware)),
        ("marketplaces", names(&scenario.marketplaces)),
        ("networks", names(&scenario.networks)),
        ("closed_networks", names(&scenario.closed_networks)),
    ]
}

impl Prepared {
    fn add_arm(&mut self, version: usize, policy: &str, without: &[String]) -> String {
        let name = match without {
            [] => policy.to_string(),
            _ => format!("{policy} without {}", without.join(", ")),
        };
        if self.plan.arms.iter().any(|arm| arm.name == name) {
            return name;
        }
        // The script's arms and the plan's stand in the same order.
        if let Some(resolved) = self.script.add_arm(version, policy) {
            self.plan.arms.push(Arm {
                name: name.clone(),
                policy: policy.to_string(),
                without_shocks: without.to_vec(),
                resolved: resolved.text,
                starts: resolved.starts,
            });
        }
        name
    }

    fn add_trials(&mut self, request: &Request) -> Result<(), Refused> {
        let mut versions: Vec<(Vec<String>, usize)> = Vec::new();
        let expected: Vec<_> = self.scenario.expect.clone().into_iter().collect();
        for (name, record) in expected {
            let expectation = match self.expectation(&name, &record) {
                Ok(expectation) => expectation,
                Err(why) => {
                    self.notes
                        .push(format!("expectation {name} is not judged: {why}"));
                    continue;
                }
            };
            let treated_arm = expectation.policy.clone().unwrap_or_default();
            let without = match &expectation.against {
                Against::Policy(_) => Vec::new(),
                Against::WithoutShock(shock) => vec![shock.clone()],
                Against::WithoutAllShocks => self.scenario.shocks.keys().cloned().collect(),
            };
            let control_arm = match &expectation.against {
                Against::Policy(policy) => policy.clone(),
                _ => {
                    let known = versions.iter().find(|(shocks, _)| *shocks == without);
                    let version = match known {
                        Some((_, version)) => *version,
                        None => {
                            let added = self.script.add_version(request.load(&without)?);
                            versions.push((without.clone(), added));
                            added
                        }
                    };
                    self.add_arm(version, &treated_arm, &without)
                }
            };
            self.trials.push(Trial {
                expectation,
                treated_arm,
                control_arm,
            });
        }
        Ok(())
    }

    /// The expectation with its defaults filled in, or why it cannot be judged here.
    fn expectation(&self, name: &str, record: &types::Expectation) -> Result<Expectation, String> {
        let runs = |policy: &str| self.plan.arms.iter().any(|arm| arm.name == policy);
        let policy = record
            .policy
            .clone()
            .unwrap_or_else(|| self.reference.clone());
        let against = match (&record.against, record.without_shock.as_deref()) {
            (Some(other), _) => Against::Policy(other.clone()),
            (None, Some("all") | None) if self.scenario.shocks.is_empty() => {
                return Err("there is neither `against` nor a shock to leave out".to_string());
            }
            (None, Some("all") | None) => Against::WithoutAllShocks,
            (None, Some(shock)) if self.scenario.shocks.contains_key(shock) => {
                Against::WithoutShock(shock.to_string())
            }
            (None, Some(shock)) => return Err(format!("there is no shock `{shock}`")),
        };
        let other = if let Against::Policy(other) = &against {
            other
        } else {
            &policy
        };
        if let Some(lost) = [&policy, other].into_iter().find(|name| !runs(name)) {
            return Err(format!("policy `{lost}` is not run"));
        }
        if record.to_week >= self.plan.weeks {
            return Err(format!(
                "its window ends after the {} weeks of the run",
                self.plan.weeks
            ));
        }
        Ok(Expectation {
            name: name.to_string(),
            outcome: record.outcome.clone(),
            policy: Some(policy),
            against,
            from_week: record.from_week,
            to_week: record.to_week,
            sign: match record.sign {
                types::Sign::Rises => Sign::Rises,
                types::Sign::Falls => Sign::Falls,
                types::Sign::Unchanged => Sign::Unchanged,
            },
            at_least_share: record.at_least_share,
            at_most_share: record.at_most_share,
            agreeing_share: record.agreeing_share,
        })
    }
}
