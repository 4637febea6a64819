//! The file of `solve dispatch`: a grid and its hours, and the survey of its series.

use std::collections::BTreeMap;
use std::path::Path;

use crate::record;
use crate::scenario::decode::Numbers;
use crate::scenario::problem::{Problem, Texts};
use crate::scenario::solve::series::{Columns, Course};
use crate::scenario::suggest::hint;
use crate::scenario::tree::{Node, Place, parse_number};
use crate::units::number_text;

record! {
    /// A grid whose hours are cleared.
    pub struct DispatchCase {
        /// What is asked.
        pub question: Option<String>;
        /// Regions, corridors and rules.
        pub grid: GridCase;
    }
    /// Regions, corridors and rules.
    pub struct GridCase {
        /// Value of lost load; absent: load that cannot be served is an error.
        pub voll_usd_per_mwh: Option<f64> => number(0.0, 1e9);
        /// Paid by generators on top of their marginal cost.
        pub carbon_price_usd_per_t: f64 => number(0.0, 1e6).default(0.0);
        /// Places with one price each.
        pub regions: BTreeMap<String, RegionCase>;
        /// Lines between regions.
        pub corridors: BTreeMap<String, CorridorCase> => typed().empty();
        /// Demand for capacity that is held back, by region.
        pub reserve: BTreeMap<String, ReserveCase> => typed().keys("grid.regions").empty();
        /// How many such horizons the annual costs stand for: 52.14 for a week.
        pub hours_weight: f64 => number(1e-6, 1e9).default(1.0);
    }
    /// A place with one price.
    pub struct RegionCase {
        /// Load by hour.
        pub load_mw: Numbers => number(0.0, 1e9);
        /// What delivers power, and loads that leave at a price.
        pub generators: BTreeMap<String, GeneratorCase> => typed().empty();
        /// Stores with losses.
        pub storage: BTreeMap<String, StorageCase> => typed().empty();
    }
    /// A generator, or a load that leaves at its marginal cost.
    pub struct GeneratorCase {
        /// Any name.
        pub technology: Option<String>;
        /// What stands already.
        pub capacity_mw: Option<f64> => number(0.0, 1e9);
        /// Cost of one more MWh, without carbon; may be negative.
        pub marginal_cost_usd_per_mwh: f64 => number(-1e6, 1e7);
        /// CO2 of one MWh.
        pub co2_t_per_mwh: f64 => number(-10.0, 100.0).default(0.0);
        /// Water of one MWh.
        pub water_m3_per_mwh: f64 => number(0.0, 1e4).default(0.0);
        /// Share of the capacity that can run, by hour.
        pub availability: Numbers => number(0.0, 1.0).default(1.0);
        /// Capacity that may be added.
        pub build: Option<BuildCase>;
    }
    /// Capacity that may be added.
    pub struct BuildCase {
        /// Annuity and fixed cost of a year.
        pub annual_cost_usd_per_mw: f64 => number(0.0, 1e12);
        /// Most that can be added.
        pub max_mw: f64 => number(0.0, 1e18).default(1e18);
    }
    /// A store with losses.
    pub struct StorageCase {
        /// Largest charge and largest discharge.
        pub power_mw: f64 => number(0.0, 1e9);
        /// Largest level.
        pub energy_mwh: f64 => number(0.0, 1e12);
        /// Share of what is taken that arrives.
        pub charge_efficiency: f64 => number(0.01, 1.0).default(1.0);
        /// Share of the level taken that is delivered.
        pub discharge_efficiency: f64 => number(0.01, 1.0).default(1.0);
        /// Paid on what is delivered.
        pub marginal_cost_usd_per_mwh: f64 => number(-1e6, 1e7).default(0.0);
        /// Level before the first hour, or `cyclic`: as after the last hour.
        pub initial_mwh: String => text().default("cyclic");
    }
    /// A line that carries what is sent.
    pub struct CorridorCase {
        /// Region at one end; flows from here are positive.
        pub from: String => reference("grid.regions");
        /// Region at the other end.
        pub to: String => reference("grid.regions");
        /// Most that flows from → to.
        pub capacity_mw: f64 => number(0.0, 1e9);
        /// Most that flows to → from; absent: the same.
        pub reverse_capacity_mw: Option<f64> => number(0.0, 1e9);
    }
    /// Demand for reserve and who offers it.
    pub struct ReserveCase {
        /// Steps, each with its own megawatts.
        pub demand: Vec<StepCase>;
        /// Megawatts that a generator of the region may hold.
        pub offers: BTreeMap<String, f64> => number(0.0, 1e9);
    }
    /// A step of the demand for reserve.
    pub struct StepCase {
        /// Width of the step.
        pub mw: f64 => number(0.0, 1e9);
        /// What a megawatt held for an hour is worth.
        pub price_usd_per_mwh: f64 => number(0.0, 1e9);
    }
}

/// The series of a file, read, by names.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    pub hours: usize,
    /// Load by region.
    pub load_mw: BTreeMap<String, Course>,
    /// Availability by region and generator.
    pub availability: BTreeMap<(String, String), Course>,
    /// Length and place of every series that varies.
    lengths: Vec<(usize, Place, String)>,
}

const LOAD: (f64, f64) = (0.0, 1e9);
const SHARE: (f64, f64) = (0.0, 1.0);

impl Survey {
    /// Reads all series and reports what the schema cannot know, whatever else is wrong.
    pub fn read(&mut self, path: &Path, tree: &Node, texts: &mut Texts, out: &mut Vec<Problem>) {
        let Some(regions) = tree.find(&["grid", "regions"]) else {
            return;
        };
        let mut columns = Columns::new(path, texts, out);
        for (key, region) in regions.entries() {
            let load = region.field("load_mw");
            let name = format!("grid.regions.{}.load_mw", key.name);
            if let Some(course) = columns.course(load, LOAD) {
                self.measure(&course, load.at, name);
                self.load_mw.insert(key.name.clone(), course);
            }
            for (unit, generator) in region.field("generators").entries() {
                let node = generator.field("availability");
                let name = format!(
                    "grid.regions.{}.generators.{}.availability",
                    key.name, unit.name
                );
                if let Some(course) = columns.course(node, SHARE) {
                    self.measure(&course, node.at, name);
                    let names = (key.name.clone(), unit.name.clone());
                    self.availability.insert(names, course);
                }
            }
        }
        self.agree(out);
        look_at_regions(regions, out);
        let grid = tree.field("grid");
        for (_, corridor) in grid.field("corridors").entries() {
            let (from, to) = (corridor.field("from"), corridor.field("to"));
            if from.text().is_some() && from.text() == to.text() {
                let message = "a corridor joins two regions, not one with itself";
                out.push(Problem::error(to.at, message));
            }
        }
        look_at_offers(grid, regions, out);
    }

    fn measure(&mut self, course: &Course, at: Place, name: String) {
        if let Some(length) = course.length() {
            self.lengths.push((length, at, name));
        }
    }

    /// All series must have the length that most have.
    fn agree(&mut self, out: &mut Vec<Problem>) {
        let count = |length: usize| {
            let same = self.lengths.iter().filter(|(other, ..)| *other == length);
            same.count()
        };
        let mut best: Option<usize> = None;
        for (index, (length, ..)) in self.lengths.iter().enumerate() {
            if best.is_none_or(|best| count(*length) > count(self.lengths[best].0)) {
                best = Some(index);
            }
        }
        let Some(best) = best else {
            self.hours = 1;
            return;
        };
        let (hours, _, other) = &self.lengths[best];
        self.hours = *hours;
        for (length, at, name) in &self.lengths {
            if length != hours {
                let message = format!("{length} hours in `{name}`, but {hours} in `{other}`");
                out.push(Problem::error(*at, message));
            }
        }
    }
}

fn look_at_regions(regions: &Node, out: &mut Vec<Problem>) {
    if regions.entries().is_empty() {
        out.push(Problem::error(regions.at, "a grid needs a region"));
    }
    for (key, region) in regions.entries() {
        let generators = region.field("generators").entries();
        if generators.is_empty() {
            let message = format!("the region `{}` has no generator", key.name);
            let help = "a region of load alone needs one of capacity_mw: 0";
            out.push(Problem::error(key.at, message).help(help));
        }
        for (unit, generator) in generators {
            let has = |name: &str| !generator.field(name).is_null();
            if !has("capacity_mw") && !has("build") {
                let message = format!("`{}` has neither `capacity_mw` nor `build`", unit.name);
                out.push(Problem::error(unit.at, message));
            }
        }
        for (_, store) in region.field("storage").entries() {
            let initial = store.field("initial_mwh");
            let energy = store.field("energy_mwh").text().and_then(parse_number);
            match (initial.text(), initial.text().and_then(parse_number)) {
                (Some("cyclic") | None, _) => {}
                (Some(text), None) => {
                    let message = format!("`initial_mwh: {text}` is neither MWh nor `cyclic`");
                    out.push(Problem::error(initial.at, message));
                }
                (_, Some(level)) if level < 0.0 || energy.is_some_and(|most| level > most) => {
                    let most = number_text(energy.unwrap_or(0.0));
                    let message = format!("the initial level must lie in 0 to {most} MWh");
                    out.push(Problem::error(initial.at, message));
                }
                _ => {}
            }
        }
    }
}

fn look_at_offers(grid: &Node, regions: &Node, out: &mut Vec<Problem>) {
    for (key, reserve) in grid.field("reserve").entries() {
        let Some(region) = regions.get(&key.name) else {
            continue;
        };
        let units = region.field("generators").entries();
        let names = || units.iter().map(|(unit, _)| unit.name.as_str());
        for (offer, _) in reserve.field("offers").entries() {
            if !names().any(|known| known == offer.name) {
                let message = format!("`{}` has no generator `{}`", key.name, offer.name);
                let help = hint(&offer.name, names());
                out.push(Problem::error(offer.at, message).maybe_help(help));
            }
        }
    }
}
