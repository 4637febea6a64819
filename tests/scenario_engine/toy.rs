//! A small world and folders on disk to load it from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use wattflop::scenario::load::{Finding, Loaded, load_as};
use wattflop::scenario::problem::Severity;
use wattflop::scenario::{Date, Decode, Series};
use wattflop::{choice, record, tagged};

record! {
    /// A small world.
    pub struct World {
        /// What is asked.
        pub question: String => text().default("Why?");
        /// Start and length.
        pub horizon: Horizon;
        /// Places.
        pub regions: BTreeMap<String, Region>;
        /// Protocols.
        pub networks: BTreeMap<String, Network> => typed().empty();
        /// Shares of the generations.
        pub shares: BTreeMap<Class, f64> => number(0.0, 1.0).empty();
    }

    /// Start and length.
    pub struct Horizon {
        /// First day.
        pub start: Date;
        /// Length.
        pub weeks: u32 => integer(1, 1000).default(52);
    }

    /// A place.
    pub struct Region {
        /// Price of energy.
        pub power_price_usd_per_mwh: f64 => number(0.0, 10_000.0).plausible(1.0, 1_000.0);
        /// Share of hours down.
        pub outage_share: f64 => number(0.0, 1.0).default(0.02);
        /// Another place with which energy is traded.
        pub neighbour: Option<String> => reference("regions");
        /// Fuel.
        pub fuel_usd_per_mwh: Option<Series> => number(0.0, 500.0);
        /// Delays.
        pub delays_weeks: Vec<f64> => number(0.0, 520.0).empty();
        /// May one build here?
        pub open: bool => flag().default(true);
    }

    /// A protocol.
    pub struct Network {
        /// Generation of its chips.
        pub class: Class;
        /// How tokens are created.
        pub emission: Option<Emission>;
        /// What is staked.
        pub staking: Option<Staking>;
        /// Nodes.
        pub node_count: u64 => integer(0, 1_000_000);
    }

    /// A stake.
    pub struct Staking {
        /// Share lost.
        pub slash_share: f64 => number(0.0, 1.0);
        /// How long it is locked.
        pub lock_weeks: f64 => number(0.0, 520.0).default(4.0);
    }

    /// Halves.
    pub struct Halving {
        /// Tokens of the first year.
        pub first_year_tokens: u64 => integer(0, 1_000_000_000_000);
        /// How often.
        pub every_weeks: u32 => integer(1, 1000).default(208);
    }

    /// A fixed share.
    pub struct Tail {
        /// New tokens as a share of all.
        pub tail_share: f64 => number(0.0, 1.0);
    }
}

choice! {
    /// Generation.
    pub enum Class {
        /// Hopper and peers.
        Hopper = "hopper",
        /// Blackwell and peers.
        Blackwell = "blackwell",
    }
}

tagged! {
    /// How tokens are created.
    pub enum Emission {
        /// Halves.
        Halving(Halving) = "halving",
        /// A fixed share.
        Tail(Tail) = "tail",
    }
}

/// A rule between values: a region is no neighbour of itself.
fn verify(world: &World) -> Vec<Finding> {
    let selfish = world
        .regions
        .iter()
        .filter(|(name, region)| region.neighbour.as_ref() == Some(name));
    selfish
        .map(|(name, _)| Finding {
            path: format!("regions.{name}.neighbour"),
            message: format!("`{name}` is its own neighbour"),
            severity: Severity::Error,
        })
        .collect()
}

/// A folder that disappears.
pub struct Folder(pub PathBuf);

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Folder {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wattflop-engine-{}-{number}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, content) in files {
            let path = folder.0.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    /// Loads `main.yaml`; problems as the user reads them, without the folder's name.
    pub fn load(&self, sets: &[&str]) -> Result<Loaded, String> {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let path = self.0.join("main.yaml");
        let prefix = format!("{}/", self.0.display());
        load_as::<World>(&path, &sets, verify)
            .map_err(|problems| problems.to_string().replace(&prefix, ""))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Loads one file.
pub fn load(content: &str) -> Result<Loaded, String> {
    Folder::new(&[("main.yaml", content)]).load(&[])
}

/// The messages of a file that must be refused.
pub fn refused(content: &str) -> String {
    load(content)
        .map(|_| ())
        .expect_err("the file must be refused")
}

pub fn world(loaded: &Loaded) -> World {
    World::decode(&loaded.tree)
}

/// A world that is good, for tests that break one thing.
pub const GOOD: &str = "\
horizon: { start: 2025-11-03 }
regions:
  us_east: { power_price_usd_per_mwh: 74 }
  us_west: { power_price_usd_per_mwh: 91, neighbour: us_east }
networks:
  open_gpu:
    class: hopper
    node_count: 40_000
    emission: { halving: { first_year_tokens: 12_000_000 } }
";

/// [`GOOD`] with one line replaced.
pub fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}
