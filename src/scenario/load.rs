//! The whole way from a file to checked trees, one for each policy.

use std::path::Path;

use super::check::check_tree;
use super::date::Date;
use super::decode::Decode;
use super::layers::Gather;
use super::merge::{Likeness, complete};
use super::numbers::{locate, set_number};
use super::patch::{Apply, Author, Change, covers, read_policy, read_set};
use super::problem::{Problem, Problems, Severity, Texts, sort};
use super::root::root_of;
use super::schema::{Record, Rule, Shape};
use super::tree::{Node, Place, TextId};
use super::types::{Distribution, Scenario};
use crate::units::number_text;

/// The policy of a scenario that names none.
pub const ONLY_POLICY: &str = "baseline";

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file's name without folder and ending.
    pub name: String,
    pub texts: Texts,
    pub root: &'static Record,
    /// What holds before any policy starts.
    pub tree: Node,
    pub policies: Vec<PolicyTree>,
    pub uncertain: Vec<Uncertain>,
    pub warnings: Vec<Problem>,
}

/// A policy applied to the whole tree.
#[derive(Clone, Debug)]
pub struct PolicyTree {
    pub name: String,
    /// Before this day the scenario without policies holds; absent means always in force.
    pub from: Option<Date>,
    pub tree: Node,
    pub changes: Vec<Change>,
}

/// One number that is drawn.
#[derive(Clone, Debug)]
pub struct Uncertain {
    pub path: String,
    pub distribution: Distribution,
    pub rule: &'static Rule,
}

/// What the model's own rules find in a decoded scenario.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The value that is meant; its place is shown.
    pub path: String,
    pub message: String,
    pub severity: Severity,
}

/// Rules between values, which need the decoded scenario.
pub type Verify<T> = fn(&T) -> Vec<Finding>;

/// Looks at a tree whatever is wrong with it: reads what stands in other files, adds problems.
pub type Survey<'a> = &'a mut dyn FnMut(&Node, &mut Texts, &mut Vec<Problem>);

/// Loads a scenario file, with `--set` changes over everything.
pub fn load(path: &Path, sets: &[String]) -> Result<Loaded, Problems> {
    load_as::<Scenario>(path, sets, super::verify::verify)
}

/// Loads a file as a scenario whose root is `T`, with `--set` changes over everything.
pub fn load_as<T: Decode>(
    path: &Path,
    sets: &[String],
    verify: Verify<T>,
) -> Result<Loaded, Problems> {
    let name = path
        .file_stem()
        .map_or("scenario".into(), |stem| stem.to_string_lossy());
    let survey: Survey<'_> = &mut |_, _, _| {};
    Loading::new::<T>().run::<T>(&name, sets, (verify, survey), |gather| gather.file(path))
}

/// As [`load_as`], with a survey of the tree, so that its problems are shown with all others.
pub fn load_surveyed_as<T: Decode>(
    path: &Path,
    sets: &[String],
    verify: Verify<T>,
    survey: Survey<'_>,
) -> Result<Loaded, Problems> {
    let name = path
        .file_stem()
        .map_or("scenario".into(), |stem| stem.to_string_lossy());
    Loading::new::<T>().run::<T>(&name, sets, (verify, survey), |gather| gather.file(path))
}

/// Loads a scenario from a text.
pub fn load_text_as<T: Decode>(
    name: &str,
    content: &str,
    sets: &[String],
    verify: Verify<T>,
) -> Result<Loaded, Problems> {
    let survey: Survey<'_> = &mut |_, _, _| {};
    Loading::new::<T>().run::<T>(name, sets, (verify, survey), |gather| {
        gather.text(name, content)
    })
}

struct Loading {
    root: &'static Record,
    texts: Texts,
    problems: Vec<Problem>,
}

impl Loading {
    fn new<T: Decode>() -> Loading {
        Loading {
            root: root_of::<T>(),
            texts: Texts::default(),
            problems: Vec::new(),
        }
    }

    fn run<T: Decode>(
        mut self,
        name: &str,
        sets: &[String],
        (verify, survey): (Verify<T>, Survey<'_>),
        gather: impl FnOnce(&mut Gather<'_>) -> Option<Node>,
    ) -> Result<Loaded, Problems> {
        let (root, problems) = (self.root, &mut self.problems);
        let tree = gather(&mut Gather {
            root,
            texts: &mut self.texts,
            problems,
        });
        let texts = &mut self.texts;
        let sets: Vec<Change> = sets
            .iter()
            .filter_map(|set| read_set(set, texts, &mut self.problems))
            .collect();
        let Some(mut tree) = tree else {
            return Err(Problems::new(self.texts, self.problems));
        };
        Likeness::new(&mut self.problems).resolve(Shape::Record(root), &mut tree);
        complete(Shape::Record(root), &mut tree);
        let before = tree.clone();
        let author = Author::CommandLine;
        Apply {
            root,
            author,
            problems: &mut self.problems,
        }
        .all(&mut tree, &sets);
        complete(Shape::Record(root), &mut tree);
        check_tree(root, &tree, &self.texts, &mut self.problems);
        survey(&tree, &mut self.texts, &mut self.problems);
        let policies = self.policies(&before, &tree, &sets);
        let uncertain = self.uncertain(&tree, &sets);
        if self.problems.iter().all(|problem| !problem.is_error()) {
            self.verify::<T>(&tree, None, verify);
            for policy in &policies {
                self.verify::<T>(&policy.tree, Some(policy), verify);
            }
        }
        if self.problems.iter().any(Problem::is_error) {
            return Err(Problems::new(self.texts, self.problems));
        }
        let mut warnings = self.problems;
        sort(&mut warnings);
        let (name, texts) = (name.to_owned(), self.texts);
        Ok(Loaded {
            name,
            texts,
            root,
            tree,
            policies,
            uncertain,
            warnings,
        })
    }

    fn policies(&mut self, before: &Node, base: &Node, sets: &[Change]) -> Vec<PolicyTree> {
        let root = self.root;
        let mut policies = Vec::new();
        for (key, patch) in base.field("policies").entries() {
            let (from, changes) = read_policy(patch, &mut self.problems);
            let mut tree = before.clone();
            let problems = &mut self.problems;
            Apply {
                root,
                author: Author::Policy,
                problems,
            }
            .all(&mut tree, &changes);
            // Completed once more in between, so that --set finds the defaults of new blocks.
            complete(Shape::Record(root), &mut tree);
            // A value that the policy deletes cannot be set: not the command line's mistake.
            let mut unfit = Vec::new();
            let author = Author::CommandLine;
            Apply {
                root,
                author,
                problems: &mut unfit,
            }
            .all(&mut tree, sets);
            complete(Shape::Record(root), &mut tree);
            let mut found = Vec::new();
            check_tree(root, &tree, &self.texts, &mut found);
            let same = |a: &Problem, b: &Problem| a.at == b.at && a.message == b.message;
            found.retain(|new| !self.problems.iter().any(|known| same(known, new)));
            let note = format!("under policy `{}`", key.name);
            self.problems
                .extend(found.into_iter().map(|p| p.also(key.at, note.clone())));
            policies.push(PolicyTree {
                name: key.name.clone(),
                from,
                tree,
                changes,
            });
        }
        if policies.is_empty() {
            let (name, tree) = (ONLY_POLICY.to_owned(), base.clone());
            policies.push(PolicyTree {
                name,
                from: None,
                tree,
                changes: Vec::new(),
            });
        }
        policies
    }

    fn uncertain(&mut self, tree: &Node, sets: &[Change]) -> Vec<Uncertain> {
        let mut list = Vec::new();
        for (key, node) in tree.field("uncertain").entries() {
            let found = match locate(self.root, tree, &key.name) {
                Ok(found) if matches!(found.shape.inner(), Shape::Number | Shape::Integer) => found,
                Ok(_) => {
                    let message = format!("`{}` is not a number", key.name);
                    self.problems.push(Problem::error(key.at, message));
                    continue;
                }
                Err(lost) => {
                    self.problems
                        .push(Problem::error(key.at, lost.message).maybe_help(lost.help));
                    continue;
                }
            };
            let mut faults = Vec::new();
            check_distribution(node, &self.texts, &mut faults);
            if !faults.is_empty() {
                // Already reported by the walk over the tree.
                continue;
            }
            let distribution = Distribution::decode(node);
            let rule = &found.field.rule;
            let at = if key.at.text == TextId(0) {
                key.at
            } else {
                latest(node)
            };
            if let Some(problem) = contradiction(&distribution, rule, at) {
                self.problems.push(problem);
            } else if !sets.iter().any(|change| covers(change, &key.name)) {
                list.push(Uncertain {
                    path: key.name.clone(),
                    distribution,
                    rule,
                });
            }
        }
        list
    }

    fn verify<T: Decode>(&mut self, tree: &Node, policy: Option<&PolicyTree>, verify: Verify<T>) {
        for finding in verify(&T::decode(tree)) {
            let at = deepest(tree, &finding.path);
            let message = match policy {
                Some(policy) => format!("{} (policy `{}`)", finding.message, policy.name),
                None => finding.message.clone(),
            };
            let said = |problem: &Problem| problem.at == at && problem.message == finding.message;
            if policy.is_none() || !self.problems.iter().any(said) {
                let problem = Problem::error(at, message);
                self.problems.push(Problem {
                    severity: finding.severity,
                    ..problem
                });
            }
        }
    }
}

fn check_distribution(node: &Node, texts: &Texts, out: &mut Vec<Problem>) {
    let Shape::Tagged(tagged) = Distribution::SHAPE else {
        return;
    };
    let known = node.entries().len() == 1;
    let variant = node
        .entries()
        .first()
        .and_then(|(key, _)| tagged.variant(&key.name));
    match variant.map(|variant| variant.shape) {
        Some(Shape::Record(record)) if known => {
            check_tree(record, &node.entries()[0].1, texts, out);
            out.retain(Problem::is_error);
        }
        _ => out.push(Problem::error(node.at, "no distribution")),
    }
}

fn contradiction(distribution: &Distribution, rule: &Rule, at: Place) -> Option<Problem> {
    if let Some(message) = distribution.contradiction() {
        return Some(Problem::error(at, message));
    }
    let whole = rule
        .whole_range
        .map(|(low, high)| (low as f64, high as f64));
    let (support, range) = (distribution.support()?, rule.range.or(whole)?);
    if support.0 >= range.0 && support.1 <= range.1 {
        return None;
    }
    let (low, high) = (number_text(range.0), number_text(range.1));
    let message = format!("draws would leave the range {low} to {high}");
    Some(Problem::error(at, message))
}

/// The place of a block, or of the first value in it that the user's own file wrote where the
/// block itself is a parent's.
fn latest(node: &Node) -> Place {
    fn own(node: &Node) -> Option<Place> {
        if node.at.text == TextId(0) {
            return Some(node.at);
        }
        node.entries().iter().find_map(|(_, below)| own(below))
    }
    own(node).unwrap_or(node.at)
}

/// The place of the last value on the path that exists.
fn deepest(tree: &Node, path: &str) -> Place {
    let mut node = tree;
    for name in path.split('.') {
        match node.get(name) {
            Some(child) => node = child,
            None => break,
        }
    }
    latest(node)
}

impl Loaded {
    pub fn policy(&self, name: &str) -> Option<&PolicyTree> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// The tree of one draw: every uncertain number becomes its quantile at `uniform(path)`, a
    /// value strictly between 0 and 1. What a policy sets itself is not drawn. `None` is the
    /// world before any policy.
    pub fn drawn(&self, policy: Option<&PolicyTree>, uniform: &dyn Fn(&str) -> f64) -> Node {
        let mut tree = policy.map_or(&self.tree, |policy| &policy.tree).clone();
        let changes = policy.map_or(&[][..], |policy| &policy.changes);
        for number in &self.uncertain {
            if !changes.iter().any(|change| covers(change, &number.path)) {
                let value = number.distribution.draw(uniform(&number.path), number.rule);
                set_number(self.root, &mut tree, &number.path, value);
            }
        }
        tree
    }

    /// The scenario of a policy with every number at its point value; `None` is the world
    /// before any policy.
    pub fn scenario(&self, policy: Option<&PolicyTree>) -> Scenario {
        Scenario::decode(policy.map_or(&self.tree, |policy| &policy.tree))
    }

    /// The scenario of one draw, see [`drawn`](Self::drawn).
    pub fn scenario_drawn(
        &self,
        policy: Option<&PolicyTree>,
        uniform: &dyn Fn(&str) -> f64,
    ) -> Scenario {
        Scenario::decode(&self.drawn(policy, uniform))
    }
}
