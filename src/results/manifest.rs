//! The manifest: what a run folder holds, what made it, and the seal that proves it whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything needed to repeat a run and to check its files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub tool_version: String,
    pub results_schema: u32,
    pub numerics_version: u32,
    /// SIMD level that ran; results do not depend on it.
    pub simd: String,
    pub scenario: String,
    pub question: String,
    /// The command that repeats this run.
    pub command: String,
    pub seed: u64,
    pub draws: u32,
    pub luck: u32,
    pub weeks: u32,
    /// First Monday, YYYY-MM-DD.
    pub start: String,
    pub policies: Vec<String>,
    /// Policy that the others are compared with.
    pub reference: String,
    /// Outcomes that the report puts first.
    pub outcomes: Vec<String>,
    /// blake3 over resolved scenario, seed, draws, weeks, policies and numerics version.
    pub fingerprint: String,
    /// Value hash of each policy and draw.
    pub hashes: Vec<ValueHash>,
    /// Worst gap of the books over all runs by unit, in base units; 0 means balanced.
    pub residuals: BTreeMap<String, i64>,
    /// Judged expectations of the scenario's author.
    pub expectations: Vec<JudgedExpectation>,
    pub timings: Timings,
    /// Scenario file as the user wrote it.
    pub scenario_text: String,
    /// Resolved scenario of each policy, as YAML.
    pub resolved: BTreeMap<String, String>,
    /// First day of each policy that starts later than the run.
    pub policy_starts: BTreeMap<String, String>,
    /// The resolved scenario until then; empty when every policy holds from the start.
    pub resolved_before: String,
    /// Size and blake3 of every other file of the folder.
    pub files: BTreeMap<String, FileSeal>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ValueHash {
    pub policy: String,
    pub draw: u32,
    pub blake3: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JudgedExpectation {
    pub name: String,
    pub statement: String,
    pub held: bool,
    pub finding: String,
    /// The paired difference behind the judgement; absent where no draw could be paired.
    #[serde(default)]
    pub effect: Option<JudgedEffect>,
}

/// A paired difference over a window of weeks, in the unit of its outcome.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JudgedEffect {
    pub outcome: String,
    /// The policy that is judged.
    pub policy: String,
    /// The policy it is compared with; empty where the comparison is without a shock.
    pub against: String,
    /// The shock that is left out; `all` for every one, empty where policies are compared.
    pub without_shock: String,
    pub from_week: u32,
    pub to_week: u32,
    pub control_mean: f64,
    pub difference: f64,
    /// 95 % interval of the mean difference; absent with fewer than two draws.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub agreeing_draws: usize,
    pub draws: usize,
    /// Draws at which the interval would leave out zero.
    pub needed_draws: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    pub threads: usize,
    pub runs: usize,
    /// Runs that an earlier, interrupted command had finished.
    pub resumed: usize,
    /// Wall time of this command's runs.
    pub wall_seconds: f64,
    /// Sum over all runs.
    pub run_seconds: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileSeal {
    pub bytes: u64,
    pub blake3: String,
}

const SEAL: &str = "  \"seal\": \"";

impl Manifest {
    /// JSON with a last line that seals all bytes before it.
    pub fn sealed(&self) -> Result<String, String> {
        let body = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let open = body
            .strip_suffix("\n}")
            .ok_or("manifest is not an object")?;
        let mut text = format!("{open},\n");
        let seal = blake3::hash(text.as_bytes());
        text.push_str(&format!("{SEAL}{}\"\n}}\n", seal.to_hex()));
        Ok(text)
    }

    /// Reads a manifest; any changed, missing or added byte is refused.
    pub fn opened(text: &str) -> Result<Manifest, String> {
        let place = text.rfind(SEAL).ok_or("the manifest has no seal")?;
        let body = &text[..place];
        let seal = format!("{SEAL}{}\"\n}}\n", blake3::hash(body.as_bytes()).to_hex());
        if text[place..] != seal {
            return Err("the manifest was changed after it was written".to_string());
        }
        serde_json::from_str(text).map_err(|error| format!("the manifest is not ours: {error}"))
    }
}
