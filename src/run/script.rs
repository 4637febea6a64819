//! A scenario file as the script of a plan: the world of every arm and draw.

use super::economy::{Script, Timed};
use crate::kernels::random::Luck;
use crate::market::watch;
use crate::scenario::Decode;
use crate::scenario::load::{Loaded, PolicyTree};
use crate::scenario::print::yaml;
use crate::scenario::types::Scenario;

/// One arm: a policy of one version of the file (versions differ in the shocks they keep).
#[derive(Clone, Copy, Debug)]
struct Line {
    version: usize,
    policy: usize,
}

/// An arm's scenario as YAML and, when it starts later, its first day and what holds before.
pub struct Resolved {
    pub text: String,
    pub starts: Option<(String, String)>,
}

/// Versions of a file and the arms drawn from them.
pub struct FileScript {
    versions: Vec<Loaded>,
    lines: Vec<Line>,
    seed: u64,
}

impl FileScript {
    pub fn new(seed: u64) -> FileScript {
        FileScript {
            versions: Vec::new(),
            lines: Vec::new(),
            seed,
        }
    }

    /// Adds a version of the file and returns its position.
    pub fn add_version(&mut self, loaded: Loaded) -> usize {
        self.versions.push(loaded);
        self.versions.len() - 1
    }

    /// Adds an arm and returns what its results depend on; `None` when there is no such
    /// policy.
    pub fn add_arm(&mut self, version: usize, policy: &str) -> Option<Resolved> {
        let loaded = self.versions.get(version)?;
        let place = loaded
            .policies
            .iter()
            .position(|tree| tree.name == policy)?;
        let tree = &loaded.policies[place];
        let starts = tree
            .from
            .map(|from| (from.to_string(), yaml(&loaded.tree, None)));
        self.lines.push(Line {
            version,
            policy: place,
        });
        Some(Resolved {
            text: yaml(&tree.tree, None),
            starts,
        })
    }

    pub fn arms(&self) -> usize {
        self.lines.len()
    }
}

/// The variate of an uncertain number: by seed, draw and path, strictly between 0 and 1.
/// Luck has no part in it, so that all lucks of a draw share their world.
pub fn uniform(seed: u64, draw: u32, path: &str) -> f64 {
    const SMALLEST: f64 = 1.0 / (1_u64 << 54) as f64;
    let luck = Luck {
        seed,
        draw,
        luck: 0,
    };
    let variate = luck.stream("uncertain", path).uniform(0, 0);
    if variate > 0.0 { variate } else { SMALLEST }
}

impl Script for FileScript {
    fn scenario(&self, arm: u32, draw: u32) -> Timed {
        let line = self.lines[arm as usize];
        let loaded = &self.versions[line.version];
        let policy = &loaded.policies[line.policy];
        let variate = |path: &str| uniform(self.seed, draw, path);
        let world = |policy: Option<&PolicyTree>| -> Scenario {
            Scenario::decode(&loaded.drawn(policy, &variate))
        };
        Timed {
            before: policy.from.map(|_| world(None)),
            from: policy.from,
            scenario: world(Some(policy)),
            // The first version is the file as written: controls record what it asks for.
            watched: watch::named(&Scenario::decode(&self.versions[0].tree)),
        }
    }
}
