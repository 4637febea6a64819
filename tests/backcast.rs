//! The model opens in May 2025 and is asked for October: what it finds stands in docs/backcast.md.
//!
//! Where it is near, the test holds it there. Where it misses, the page says by how much and why,
//! and the test holds the page to what the model does. `WATTFLOP_WRITE_DOCS=1` writes the table.

mod small;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use wattflop::scenario::load::{Loaded, load};
use wattflop::scenario::tree::Node;
use wattflop::scenario::types::Scenario;

const WEEKS: u32 = 26;
/// Draws of which the median is judged.
const DRAWS: u32 = 9;
/// The weeks of 20 and 27 October 2025.
const OCTOBER: [usize; 2] = [24, 25];
/// The first day that the opening may not know.
const OPENS: &str = "2025-05-05";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn loaded() -> Loaded {
    let path = root().join("scenarios/backcast_2025.yaml");
    load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn history() -> Scenario {
    let loaded = loaded();
    loaded.scenario(loaded.policy("history"))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Medians over draws of an outcome's mean, over all weeks after the first and over October's.
struct Found {
    all: Vec<Vec<f64>>,
    october: Vec<Vec<f64>>,
}

const OUTCOMES: [&str; 12] = [
    "list_unchanged_share",
    "spot_unchanged_share",
    "marketplace_unchanged_share",
    "h100_ask_p10_usd_per_h",
    "h100_ask_p50_usd_per_h",
    "h100_ask_p90_usd_per_h",
    "h100_marketplace_usd_per_h",
    "h100_list_usd_per_h",
    "h100_reserved_usd_per_h",
    "h100_spot_usd_per_h",
    "h100_neocloud_usd_per_h",
    "fleet_h100e",
];

impl Found {
    fn of(scenario: &Scenario) -> Self {
        let mut found = Self {
            all: vec![Vec::new(); OUTCOMES.len()],
            october: vec![Vec::new(); OUTCOMES.len()],
        };
        for draw in 0..DRAWS {
            let run = small::run(scenario, draw, WEEKS);
            for (index, name) in OUTCOMES.iter().enumerate() {
                found.all[index].push(run.mean(name, 1, WEEKS as usize - 1));
                found.october[index].push(run.mean(name, OCTOBER[0], OCTOBER[1]));
            }
        }
        found
    }

    fn place(name: &str) -> usize {
        let place = OUTCOMES.iter().position(|known| *known == name);
        place.expect("an outcome of the table")
    }

    fn half_year(&self, name: &str) -> f64 {
        median(self.all[Self::place(name)].clone())
    }

    fn october(&self, name: &str) -> f64 {
        median(self.october[Self::place(name)].clone())
    }

    /// Discount of marketplaces to hyperscalers' list, of each draw.
    fn discount(&self) -> f64 {
        let market = &self.october[Self::place("h100_marketplace_usd_per_h")];
        let list = &self.october[Self::place("h100_list_usd_per_h")];
        median(market.iter().zip(list).map(|(m, l)| 1.0 - m / l).collect())
    }
}

/// What a row asks of the model.
enum Asked {
    AtLeast(f64),
    Between(f64, f64),
    /// Below another figure.
    Below(f64),
    /// Within a fifth of what was observed.
    Near(f64),
    /// Observed, but asked by nobody: for comparison.
    Seen(f64),
}

struct Row {
    what: &'static str,
    asked: Asked,
    found: f64,
}

impl Row {
    fn met(&self) -> bool {
        match self.asked {
            Asked::AtLeast(low) => self.found >= low,
            Asked::Between(low, high) => self.found >= low && self.found <= high,
            Asked::Below(high) => self.found < high,
            Asked::Near(seen) => (self.found / seen - 1.0).abs() <= 0.2,
            Asked::Seen(_) => true,
        }
    }

    fn text(&self) -> String {
        let (asked, far) = match self.asked {
            Asked::AtLeast(low) => (format!("at least {low:.2}"), String::new()),
            Asked::Between(low, high) => (format!("{low:.2} to {high:.2}"), String::new()),
            Asked::Below(high) => (format!("below {high:.2}"), String::new()),
            Asked::Near(seen) | Asked::Seen(seen) => {
                let far = 100.0 * (self.found / seen - 1.0);
                (format!("{seen:.2}"), format!("{far:+.0} %"))
            }
        };
        let verdict = match (&self.asked, self.met()) {
            (Asked::Seen(_), _) => "",
            (_, true) => "met",
            (_, false) => "missed",
        };
        format!(
            "| {} | {asked} | {:.2} | {far} | {verdict} |",
            self.what, self.found
        )
    }
}

impl Row {
    /// Whether the written table has this row with its verdict and nearly its figure: weather
    /// and rounding of other parts may move it by a tenth.
    fn is_as(&self, written: &str) -> bool {
        let begins = format!("| {} |", self.what);
        let Some(line) = written.lines().find(|line| line.starts_with(&begins)) else {
            return false;
        };
        let mine = self.text();
        let cells = |line: &str| -> Vec<String> {
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let (written, mine) = (cells(line), cells(&mine));
        let known: f64 = written[3].parse().unwrap_or(f64::NAN);
        written[5] == mine[5] && (known - self.found).abs() <= 0.1 * self.found + 0.02
    }
}

fn rows(found: &Found) -> Vec<Row> {
    let row = |what, asked, found| Row { what, asked, found };
    let half = |name: &str| found.half_year(name);
    let october = |name: &str| found.october(name);
    let list = half("list_unchanged_share");
    let spot = half("spot_unchanged_share");
    vec![
        row("weeks without a change, list", Asked::AtLeast(0.98), list),
        row(
            "weeks without a change, administered spot",
            Asked::Between(0.65, 0.98),
            spot,
        ),
        row(
            "weeks without a change, marketplaces",
            Asked::Below(if list < spot { list } else { spot }),
            half("marketplace_unchanged_share"),
        ),
        row(
            "H100 asks, 10th percentile, USD/h",
            Asked::Near(1.96),
            october("h100_ask_p10_usd_per_h"),
        ),
        row(
            "H100 asks, median, USD/h",
            Asked::Near(2.69),
            october("h100_ask_p50_usd_per_h"),
        ),
        row(
            "H100 asks, 90th percentile, USD/h",
            Asked::Near(2.71),
            october("h100_ask_p90_usd_per_h"),
        ),
        row(
            "discount of marketplaces to hyperscalers' list",
            Asked::Between(0.5, 0.9),
            found.discount(),
        ),
        row(
            "one-year contract, USD/h",
            Asked::Seen(1.7),
            october("h100_reserved_usd_per_h"),
        ),
        row(
            "neoclouds by the hour, USD/h",
            Asked::Seen(2.69),
            october("h100_neocloud_usd_per_h"),
        ),
        row(
            "hyperscalers' spot, USD/h",
            Asked::Seen(2.55),
            october("h100_spot_usd_per_h"),
        ),
        row(
            "accelerators owned, million H100e",
            Asked::Seen(17.5),
            october("fleet_h100e") / 1e6,
        ),
    ]
}

const BEGIN: &str = "<!-- written by tests/backcast.rs -->\n";
const END: &str = "<!-- end of what is written -->";

/// The table between its marks, and the page with it replaced.
fn table(page: &str, text: &str) -> (String, String) {
    let from = page.find(BEGIN).expect("the mark of the table") + BEGIN.len();
    let to = from + page[from..].find(END).expect("the end of the table");
    let written = page[from..to].to_owned();
    (written, format!("{}{text}{}", &page[..from], &page[to..]))
}

#[test]
fn october_is_found_or_the_page_says_by_how_much_it_is_missed() {
    let found = Found::of(&history());
    let rows = rows(&found);
    let mut text = String::from(
        "| figure | asked or observed | found | distance | verdict |\n|---|---|---|---|---|\n",
    );
    for row in &rows {
        let _ = writeln!(text, "{}", row.text());
    }
    println!("{text}");
    let path = root().join("docs/backcast.md");
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let (written, renewed) = table(&page, &text);
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_some() {
        std::fs::write(&path, renewed).unwrap();
    } else {
        for row in &rows {
            assert!(
                row.is_as(&written),
                "docs/backcast.md is out of date:\n{text}"
            );
        }
    }
    // What is missed is named in the page's text, and nothing else is.
    let missed: Vec<&str> = (rows.iter().filter(|row| !row.met()))
        .map(|row| row.what)
        .collect();
    for row in &rows {
        let named = page.contains(&format!("**{}**", row.what));
        assert!(
            named == missed.contains(&row.what),
            "{}: missed {}, explained {named}",
            row.what,
            missed.contains(&row.what)
        );
    }
}

/// Blocks that open the run: no fact in them may be younger than the opening.
const OPENING: [&str; 8] = [
    "operators.",
    "networks.",
    "marketplaces.",
    "providers.",
    "pricing.",
    "chips.nodes.",
    "chips.packaging.",
    "chips.memory.hbm.",
];
/// Parts of other blocks that do.
const OPENING_PARTS: [&str; 6] = [
    ".opening_h100e",
    ".production.price_usd",
    ".chips_per_week",
    "grid.fuels.gas.price_usd_per_mmbtu",
    ".data_centre_twh_per_year",
    ".other_data_centre_share",
];

/// Paths of facts that are dated after the opening.
fn younger(node: &Node, path: &str, out: &mut Vec<String>) {
    if node.get("value").is_some() {
        let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
        let (date, status) = (text("date"), text("status"));
        let later = date.get(..7).is_some_and(|month| month > &OPENS[..7]);
        if later && status != "assumed" {
            out.push(path.to_owned());
        }
        return;
    }
    for (key, below) in node.entries() {
        let dot = if path.is_empty() { "" } else { "." };
        younger(below, &format!("{path}{dot}{}", key.name), out);
    }
}

#[test]
fn nothing_later_is_read() {
    let loaded = loaded();
    let mut later = Vec::new();
    younger(&loaded.tree, "", &mut later);
    let opening: Vec<&String> = (later.iter())
        .filter(|path| {
            OPENING.iter().any(|block| path.starts_with(block))
                || OPENING_PARTS.iter().any(|part| path.contains(part))
        })
        .filter(|path| sold_in_the_run(&loaded.tree, path))
        .collect();
    assert!(
        opening.is_empty(),
        "facts of the opening that are younger than it: {opening:#?}"
    );
    assert!(later.len() > 50, "the walk finds the rest of the catalogue");
    // No device class, chip or price of October stands in an opening fleet.
    let scenario = history();
    let released = |chip: &str| scenario.chips.products[chip].release.to_string();
    for (name, operator) in &scenario.operators {
        for (chip, count) in &operator.fleet {
            assert!(
                *count == 0.0 || released(chip).as_str() <= OPENS,
                "{name} owns {chip}, which is not yet sold"
            );
        }
    }
}

/// Whether a fact of a product is of one that can be bought before the run ends.
fn sold_in_the_run(tree: &Node, path: &str) -> bool {
    let Some(rest) = path.strip_prefix("chips.products.") else {
        return true;
    };
    let name = rest.split('.').next().unwrap_or_default();
    let product = tree.field("chips").field("products").field(name);
    let release = product.get("release").and_then(Node::text);
    release.is_some_and(|date| date < "2025-11-03")
}

#[test]
fn an_earlier_opening_has_its_own_season_and_calendar() {
    let model = small::Run::open(&history(), 0).model;
    assert_eq!(model.calendar.date(25).to_string(), "2025-10-27");
    let rubin = model.chips.products.iter();
    let weeks: Vec<i64> = rubin.map(|(_, product)| product.release_week).collect();
    assert!(weeks.iter().any(|week| *week > 26) && weeks.iter().any(|week| *week < 0));
    // Every network that emits tokens has begun by the opening.
    let run = small::run(&history(), 0, 1);
    for (id, network) in run.world.networks.networks.iter() {
        let emits = run.model.networks.networks[id].facts.emission.is_some();
        assert!(!emits || network.week.emission_tokens > 0.0, "{id:?}");
    }
}
