//! What is to be run: arms × draws × luck, and the fingerprint that names it.

use super::job::Job;

/// A line of the comparison: a policy, or a policy whose scenario lacks some shocks (the
/// control that an expectation is judged against).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Unique; the policy's name unless this is a control.
    pub name: String,
    pub policy: String,
    /// Shocks removed; empty for the policies themselves.
    pub without_shocks: Vec<String>,
    /// The resolved scenario as YAML.
    pub resolved: String,
    /// When the policy starts later: its first day, and the resolved scenario until then.
    pub starts: Option<(String, String)>,
}

impl Arm {
    pub fn is_control(&self) -> bool {
        !self.without_shocks.is_empty()
    }
}

/// All runs of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub arms: Vec<Arm>,
    pub seed: u64,
    /// Draws to run, ascending.
    pub draws: Vec<u32>,
    /// Independent chances per draw.
    pub luck: Vec<u32>,
    pub weeks: u32,
    /// Draws below this number keep entity tables.
    pub detail_draws: u32,
}

impl Plan {
    /// Every job, all arms of a draw together, so that an interrupted ensemble is paired.
    pub fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::with_capacity(self.runs());
        for draw in &self.draws {
            for luck in &self.luck {
                for (arm, what) in self.arms.iter().enumerate() {
                    let detail = *draw < self.detail_draws && !what.is_control();
                    let (draw, luck) = (*draw, *luck);
                    jobs.push(Job {
                        arm: arm as u32,
                        draw,
                        luck,
                        weeks: self.weeks,
                        detail,
                    });
                }
            }
        }
        jobs
    }

    pub fn runs(&self) -> usize {
        self.arms.len() * self.draws.len() * self.luck.len()
    }

    /// blake3 over everything that the results depend on. Threads and SIMD level are not in
    /// it, because results do not depend on them.
    pub fn fingerprint(&self, numerics_version: u32) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"wattflop plan 1");
        hasher.update(&numerics_version.to_le_bytes());
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&self.weeks.to_le_bytes());
        hasher.update(&self.detail_draws.to_le_bytes());
        for numbers in [&self.draws, &self.luck] {
            hasher.update(&(numbers.len() as u64).to_le_bytes());
            for number in numbers {
                hasher.update(&number.to_le_bytes());
            }
        }
        for arm in &self.arms {
            let (from, before) = arm.starts.clone().unwrap_or_default();
            for text in [&arm.name, &arm.resolved, &from, &before] {
                hasher.update(&(text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
        }
        hasher.finalize()
    }

    /// First eight hexadecimal digits of the fingerprint: they name folders.
    pub fn hash8(&self, numerics_version: u32) -> String {
        self.fingerprint(numerics_version).to_hex()[..8].to_string()
    }
}
