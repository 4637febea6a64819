//! First year of the baseline's grids beside published figures: price, price-duration tail, carbon
//! and fuel mix. Writes the tables of docs/grid.md (`WATTFLOP_WRITE_DOCS=1`) and fails where a
//! figure leaves its tolerance or the band of its explained miss.

mod facts;
#[path = "../small/mod.rs"]
mod small;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wattflop::market::ids::RegionId;

const WEEKS: u32 = 52;
/// Draws of which medians are taken.
const DRAWS: u32 = 5;
/// Relative distance that passes without a word.
const TOLERANCE: f64 = 0.15;
/// Shares of a mix also pass within so many points.
const POINTS: f64 = 0.02;
/// Stores make nothing.
const STORES: [&str; 2] = ["battery", "pumped"];

/// One zone's first year in one draw.
#[derive(Default)]
struct Year {
    price: Vec<f64>,
    load: Vec<f64>,
    co2_t: f64,
    output_mwh: BTreeMap<String, f64>,
}

impl Year {
    fn mean_price(&self) -> f64 {
        let spent: f64 = self
            .price
            .iter()
            .zip(&self.load)
            .map(|(p, mw)| p * mw)
            .sum();
        spent / self.load.iter().sum::<f64>()
    }

    /// Mean of the dearest twentieth of hours ÷ the plain mean.
    fn dearest(&self) -> f64 {
        let sorted = self.falling();
        let count = sorted.len() / 20;
        let dear = sorted[..count].iter().sum::<f64>() / count as f64;
        dear / (sorted.iter().sum::<f64>() / sorted.len() as f64)
    }

    fn falling(&self) -> Vec<f64> {
        let mut sorted = self.price.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        sorted
    }

    fn hours_above(&self, usd: f64) -> f64 {
        self.price.iter().filter(|price| **price > usd).count() as f64
    }

    /// Share of hours at which power is worth nothing or less.
    fn worthless(&self) -> f64 {
        1.0 - self.hours_above(0.0) / self.price.len() as f64
    }

    /// Share of hours, dearest first, that make half of the year's cost.
    fn half_of_cost(&self) -> f64 {
        let hours = self.price.iter().zip(&self.load);
        let mut cost: Vec<f64> = hours.map(|(price, mw)| price * mw).collect();
        cost.sort_by(|a, b| b.total_cmp(a));
        let all: f64 = cost.iter().sum();
        let mut sum = 0.0;
        let count = cost.iter().take_while(|usd| {
            sum += **usd;
            sum < 0.5 * all
        });
        count.count() as f64 / cost.len() as f64
    }

    /// Mean of weekdays from 8 to 20 ÷ mean of all hours; weeks open on Monday.
    fn peak_to_base(&self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (hour, price) in self.price.iter().enumerate() {
            let (day, hour) = (hour / 24 % 7, hour % 24);
            if day < 5 && (8..20).contains(&hour) {
                sum += price;
                count += 1.0;
            }
        }
        sum / count / (self.price.iter().sum::<f64>() / self.price.len() as f64)
    }

    fn co2(&self) -> f64 {
        self.co2_t / self.load.iter().sum::<f64>()
    }

    /// Share of output of the technologies whose name begins so.
    fn share(&self, fuel: &str) -> f64 {
        let own = |name: &str| !STORES.contains(&name);
        let output = self.output_mwh.iter().filter(|(name, _)| own(name));
        let all: f64 = output.clone().map(|(_, mwh)| mwh).sum();
        let of = output.filter(|(name, _)| name.starts_with(fuel));
        of.map(|(_, mwh)| mwh).sum::<f64>() / all
    }

    fn join(&mut self, other: &Year) {
        self.price.extend(&other.price);
        self.load.extend(&other.load);
        self.co2_t += other.co2_t;
        for (name, mwh) in &other.output_mwh {
            *self.output_mwh.entry(name.clone()).or_default() += mwh;
        }
    }
}

/// Years of every region, by name, one for each draw.
fn years() -> BTreeMap<String, Vec<Year>> {
    let scenario = small::scenario("baseline.yaml", None, &[]);
    let mut years: BTreeMap<String, Vec<Year>> = BTreeMap::new();
    for draw in 0..DRAWS {
        let mut run = small::Run::open(&scenario, draw);
        let names: Vec<String> = run.model.names.regions.iter().map(str::to_owned).collect();
        let mut own: Vec<Year> = names.iter().map(|_| Year::default()).collect();
        for _ in 0..WEEKS {
            run.weeks(1);
            for (name, year) in names.iter().zip(&mut own) {
                let id: RegionId = run.model.names.regions.id(name);
                let state = &run.world.grid.regions[id];
                year.price.extend(&state.hourly_usd_per_mwh);
                year.load.extend(&state.hourly_load_mw);
                let mwh: f64 = state.hourly_load_mw.iter().sum();
                year.co2_t += state.co2_average_t_per_mwh * mwh;
                for at in run.model.grid.regions[id].fleets.clone() {
                    let fleet = &run.model.grid.fleets[at].name;
                    let technology = fleet.split('/').nth(1).unwrap_or_default();
                    let sum = year.output_mwh.entry(technology.to_owned()).or_default();
                    *sum += run.world.grid.fleets.output_mwh[at];
                }
            }
        }
        for (name, year) in names.into_iter().zip(own) {
            years.entry(name).or_default().push(year);
        }
    }
    for (name, parts) in [
        ("china", &["china_east", "china_west"][..]),
        (
            "united_states",
            &[
                "us_virginia",
                "us_midwest",
                "us_texas",
                "us_southeast",
                "us_california",
            ],
        ),
    ] {
        let mut joined: Vec<Year> = (0..DRAWS).map(|_| Year::default()).collect();
        for part in parts {
            for (sum, year) in joined.iter_mut().zip(&years[*part]) {
                sum.join(year);
            }
        }
        years.insert(name.to_owned(), joined);
    }
    years
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A published figure, and between which factors of it the model may lie, with the reason, where
/// it lies further away than the tolerance.
struct Fact {
    zone: &'static str,
    figure: Figure,
    published: f64,
    source: &'static str,
    miss: Option<(f64, f64, &'static str)>,
}

#[derive(Clone, Copy)]
enum Figure {
    Price,
    Co2,
    Mix(&'static str),
    Tail(&'static str, fn(&Year) -> f64),
}

impl Figure {
    fn of(self, year: &Year) -> f64 {
        match self {
            Self::Price => year.mean_price(),
            Self::Co2 => year.co2(),
            Self::Mix(fuel) => year.share(fuel),
            Self::Tail(_, of) => of(year),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Price => "mean price, USD/MWh".to_owned(),
            Self::Co2 => "carbon, t/MWh".to_owned(),
            Self::Mix(fuel) => format!("{fuel}, share of output"),
            Self::Tail(name, _) => name.to_owned(),
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Price => format!("{value:.1}"),
            Self::Mix(_) => format!("{value:.2}"),
            _ => format!("{value:.3}"),
        }
    }
}

/// What a row of the table turned out to be.
struct Row {
    begins: String,
    text: String,
    found: f64,
    passed: bool,
}

fn judge(fact: &Fact, years: &BTreeMap<String, Vec<Year>>) -> Row {
    let found = median(
        years[fact.zone]
            .iter()
            .map(|year| fact.figure.of(year))
            .collect(),
    );
    let ratio = found / fact.published;
    let share = matches!(fact.figure, Figure::Mix(_));
    let points = share && (found - fact.published).abs() <= POINTS;
    let near = (ratio - 1.0).abs() <= TOLERANCE || points;
    let (passed, word) = match fact.miss {
        _ if near => (true, "near"),
        Some((low, high, why)) => (ratio >= low && ratio <= high, why),
        None => (false, "**missed**"),
    };
    let begins = format!("| {} | {} |", fact.zone, fact.figure.name());
    let text = format!(
        "{begins} {} | {} | {} | {:+.0} % | {word} |",
        fact.figure.text(fact.published),
        fact.source,
        fact.figure.text(found),
        100.0 * (ratio - 1.0)
    );
    Row {
        begins,
        text,
        found,
        passed,
    }
}

/// The table between its marks, and the page with it replaced.
fn between(page: &str, mark: &str, text: &str) -> (String, String) {
    let begin = format!("<!-- {mark}: written by tests/grid_calibration -->\n");
    let end = format!("<!-- end of {mark} -->");
    let from = page.find(&begin).expect("the mark of a table") + begin.len();
    let to = from + page[from..].find(&end).expect("the end of a table");
    let written = page[from..to].to_owned();
    (written, format!("{}{text}{}", &page[..from], &page[to..]))
}

/// Whether the written table has the row with its verdict and nearly its figure: parts that are
/// no business of this page may move it a little.
fn is_as(row: &Row, written: &str) -> bool {
    let Some(line) = written.lines().find(|line| line.starts_with(&row.begins)) else {
        return false;
    };
    let cell = |line: &str, at: usize| line.split('|').nth(at).unwrap_or("").trim().to_owned();
    let known: f64 = cell(line, 5).parse().unwrap_or(f64::NAN);
    let close = (known - row.found).abs() <= 0.05 * row.found.abs() + 0.011;
    close && cell(line, 7) == cell(&row.text, 7)
}

/// The tail of each zone's price-duration curve.
fn tails(years: &BTreeMap<String, Vec<Year>>) -> String {
    let mut text = String::from(
        "| zone | mean | dearest 5 % ÷ mean | dearest 1 % from | hours above 100 | above 200 | \
         above 500 | at 0 or below, % |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (name, years) in years {
        if name == "china" || name == "united_states" {
            continue;
        }
        let of = |figure: &dyn Fn(&Year) -> f64| median(years.iter().map(figure).collect());
        let _ = writeln!(
            text,
            "| {name} | {:.0} | {:.2} | {:.0} | {:.0} | {:.0} | {:.0} | {:.1} |",
            of(&Year::mean_price),
            of(&Year::dearest),
            of(&|year| year.falling()[year.price.len() / 100]),
            of(&|year| year.hours_above(100.0)),
            of(&|year| year.hours_above(200.0)),
            of(&|year| year.hours_above(500.0)),
            of(&|year| 100.0 * year.worthless()),
        );
    }
    text
}

#[test]
fn grids_are_near_published_figures_or_say_why_not() {
    let years = years();
    let rows: Vec<Row> = (facts::all().iter())
        .map(|fact| judge(fact, &years))
        .collect();
    let mut table = String::from(
        "| zone | figure | published | source | model | distance | verdict |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for row in &rows {
        let _ = writeln!(table, "{}", row.text);
    }
    let tails = tails(&years);
    println!("{table}\n{tails}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/grid.md");
    let page = std::fs::read_to_string(Path::new(&path)).unwrap_or_default();
    let (written, renewed) = between(&page, "calibration", &table);
    let (_, renewed) = between(&renewed, "tails", &tails);
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_some() {
        std::fs::write(&path, renewed).unwrap();
    }
    let out: Vec<&str> = (rows.iter().filter(|row| !row.passed))
        .map(|row| row.text.as_str())
        .collect();
    assert!(
        out.is_empty(),
        "out of tolerance and band:\n{}",
        out.join("\n")
    );
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_none() {
        let stale: Vec<&str> = (rows.iter().filter(|row| !is_as(row, &written)))
            .map(|row| row.text.as_str())
            .collect();
        assert!(
            stale.is_empty(),
            "docs/grid.md is out of date:\n{}",
            stale.join("\n")
        );
    }
}
