//! The charts and the page of a whole run, from made-up tables with the columns of a real one.
#![cfg(feature = "charts")]

use std::path::Path;

use wattflop::report::story;
use wattflop::results::columns::{Data, Table, Text, Value};
use wattflop::results::manifest::{JudgedExpectation, Manifest, ValueHash};
use wattflop::results::panel::Panel;
use wattflop::results::summary::summary;

const WEEKS: u32 = 520;
const DRAWS: u32 = 64;

/// Outcome, opening value, growth over the run, roughness.
const WEEKLY: [(&str, f64, f64, f64); 16] = [
    ("h100_list_usd_per_h", 6.4, 0.45, 0.01),
    ("h100_neocloud_usd_per_h", 2.9, 0.5, 0.02),
    ("h100_reserved_usd_per_h", 1.7, 0.6, 0.01),
    ("h100_spot_usd_per_h", 2.4, 0.35, 0.06),
    ("h100_marketplace_usd_per_h", 2.7, 0.3, 0.04),
    ("h100_network_usd_per_h", 1.5, 0.4, 0.05),
    ("h100e_price_usd_per_h", 2.8, 0.45, 0.02),
    ("network_share", 0.004, 4.0, 0.05),
    ("owner_hhi", 1290.0, 0.8, 0.01),
    ("top4_share", 0.67, 0.85, 0.01),
    ("chip_lead_time_weeks", 36.0, 0.7, 0.1),
    ("hopper_lead_time_weeks", 10.0, 0.3, 0.1),
    ("blackwell_lead_time_weeks", 42.0, 0.4, 0.1),
    ("backlog_h100e", 9e6, 3.0, 0.1),
    ("residential_bill_usd_per_month", 152.0, 1.4, 0.01),
    ("compute_twh_per_year", 190.0, 4.0, 0.02),
];
const GRID: [(&str, f64, f64, f64); 3] = [
    ("compute_co2_mt_per_year", 70.0, 2.6, 0.03),
    ("water_on_site_gl_per_year", 80.0, 2.0, 0.03),
    ("water_off_site_gl_per_year", 300.0, 2.4, 0.03),
];

/// A number in 0..1 from a few integers.
fn chance(seed: u64) -> f64 {
    let mut state = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((state ^ (state >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// One path: a trend that differs by draw, with noise.
fn path(start: f64, growth: f64, rough: f64, seed: u64) -> Vec<f64> {
    let mut noise = 0.0;
    let tilt = 0.6 + 0.8 * chance(seed * 7 + 1);
    (0..WEEKS)
        .map(|week| {
            let share = f64::from(week) / f64::from(WEEKS);
            noise = 0.92 * noise + rough * (chance(seed * 1000 + u64::from(week)) - 0.5);
            start * (1.0 + (growth * tilt - 1.0) * share) * (1.0 + noise)
        })
        .collect()
}

fn weekly(policies: &[&str]) -> Table {
    let mut all = Table::new("weekly");
    for (place, policy) in policies.iter().enumerate() {
        for draw in 0..DRAWS {
            let mut table = Table::new("weekly");
            let weeks = (0..i64::from(WEEKS)).collect();
            table.push_column("week", Data::I64(weeks)).expect("column");
            for (index, (name, start, growth, rough)) in WEEKLY.iter().chain(&GRID).enumerate() {
                let lift = 1.0 + 0.15 * place as f64 * f64::from(index as u32 % 3);
                let seed = u64::from(draw) * 100 + index as u64;
                let values = path(*start, growth * lift, *rough, seed);
                table.push_column(name, Data::F64(values)).expect("column");
            }
            all.append(&table.stamped(policy, draw, 0).expect("stamped"))
                .expect("joined");
        }
    }
    all
}

/// An entity table: names with a size each, columns with start and growth.
fn entities(name: &str, rows: &[(&str, &str, f64)], columns: &[(&str, f64, f64)]) -> Table {
    let mut all = Table::new(name);
    let key = name.trim_end_matches('s');
    for draw in 0..8 {
        for (place, (entity, class, size)) in rows.iter().enumerate() {
            let mut table = Table::new(name);
            let weeks: Vec<i64> = (0..i64::from(WEEKS)).collect();
            let mut text = Text::default();
            let mut classes = Text::default();
            for _ in &weeks {
                text.push(entity);
                classes.push(class);
            }
            table.push_column("week", Data::I64(weeks)).expect("column");
            table.push_column(key, Data::Text(text)).expect("column");
            table
                .push_column("class", Data::Text(classes))
                .expect("column");
            for (index, (column, start, growth)) in columns.iter().enumerate() {
                let seed = u64::from(draw) * 10_000 + place as u64 * 100 + index as u64;
                let values = path(start * size, *growth * size.sqrt(), 0.03, seed);
                table
                    .push_column(column, Data::F64(values))
                    .expect("column");
            }
            all.append(&table.stamped("baseline", draw, 0).expect("stamped"))
                .expect("joined");
        }
    }
    all
}

fn entity_tables() -> Vec<Table> {
    let regions = [
        ("us_virginia", "", 2.0),
        ("us_texas", "", 1.3),
        ("china_north", "", 1.9),
        ("eu_north", "", 0.5),
        ("ireland", "", 0.3),
        ("germany", "", 0.6),
        ("india", "", 0.4),
        ("japan", "", 0.7),
        ("brazil", "", 0.2),
        ("uae", "", 0.4),
    ];
    let chips = [
        ("h100_sxm", "hopper", 1.0),
        ("b200", "blackwell", 1.2),
        ("vr200", "rubin", 2.0),
        ("a100", "ampere", 0.2),
        ("rtx_4090", "consumer", 0.2),
    ];
    let operators = [
        ("microsoft", "", 1.5),
        ("amazon", "", 2.0),
        ("alphabet", "", 1.8),
        ("meta", "", 1.25),
        ("oracle", "", 0.5),
        ("coreweave", "", 0.3),
        ("xai", "", 0.25),
    ];
    let networks = [
        ("render", "", 1.0),
        ("akash", "", 0.2),
        ("io_net", "", 2.0),
        ("edge", "", 30.0),
    ];
    vec![
        entities(
            "regions",
            &regions,
            &[
                ("wholesale_usd_per_mwh", 60.0, 1.3),
                ("data_centre_mw", 6000.0, 3.0),
            ],
        ),
        entities("chips", &chips, &[("owned_h100e", 3e6, 6.0)]),
        entities(
            "operators",
            &operators,
            &[
                ("fleet_h100e", 2e6, 6.0),
                ("capex_usd", 1.9e9, 2.0),
                ("chip_spend_usd", 1.1e9, 2.0),
            ],
        ),
        entities(
            "networks",
            &networks,
            &[
                ("online_devices", 5000.0, 3.0),
                ("sold_device_h", 300_000.0, 4.0),
                ("token_price_usd", 2.0, 0.6),
                ("circulating_tokens", 5e8, 1.4),
            ],
        ),
    ]
}

fn events() -> Table {
    let mut all = Table::new("events");
    for draw in 0..DRAWS {
        let mut table = Table::new("events");
        let hours: [(u32, &str, f64); 2] = [
            (74, "hbm_shortage", 39.0 * 168.0),
            (160, "east_outage", 72.0),
        ];
        for (week, name, hours) in hours {
            let row = [
                ("week", Value::from(week)),
                ("kind", Value::from("shock")),
                ("entity", Value::from(name)),
                ("value", Value::from(hours)),
            ];
            table.push_row(&row).expect("row");
        }
        all.append(&table.stamped("baseline", draw, 0).expect("stamped"))
            .expect("joined");
    }
    all
}

const RESOLVED: &str = "
sources:
  aws: { title: AWS price list, url: \"https://aws.amazon.com/ec2/pricing\", date: 2025-10 }
plausibility:
  list:
    fact: Hyperscalers' list price of an H100-hour
    outcome: h100_list_usd_per_h
    value: { value: 6.4, source: aws, date: 2025-10, status: measured }
regions:
  us_virginia:
    load_twh_per_year: { value: 735, low: 700, high: 760, source: aws, status: measured }
";

fn manifest(policies: &[&str]) -> Manifest {
    Manifest {
        tool_version: "0.1.0".into(),
        scenario: "baseline".into(),
        question: "What will an hour of compute cost over the next ten years, and who sells it?"
            .into(),
        command: "wattflop run scenarios/baseline.yaml --seed 42".into(),
        seed: 42,
        draws: DRAWS,
        luck: 1,
        weeks: WEEKS,
        start: "2025-11-03".into(),
        policies: policies.iter().map(|&policy| policy.to_owned()).collect(),
        reference: policies[0].to_owned(),
        fingerprint: "7f3a91".repeat(10),
        residuals: [("usd".to_owned(), 0), ("chips".to_owned(), 0)].into(),
        expectations: vec![JudgedExpectation {
            name: "dearer".into(),
            statement: "a shortage raises the price of an hour".into(),
            held: true,
            finding: "+12% in 61 of 64 draws".into(),
            effect: None,
        }],
        hashes: vec![ValueHash {
            policy: "baseline".into(),
            draw: 0,
            blake3: "ab".repeat(32),
        }],
        scenario_text: "question: \"<script>alert(1)</script>\"".into(),
        resolved: policies
            .iter()
            .map(|&p| (p.to_owned(), RESOLVED.to_owned()))
            .collect(),
        ..Manifest::default()
    }
}

fn told(folder: &str, policies: &[&str]) -> (std::path::PathBuf, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).expect("folder");
    let weekly = weekly(policies);
    let panel = Panel::new(&weekly).expect("panel");
    let summary = summary(&panel).expect("summary");
    let effects = wattflop::experiment::effects::effects(&panel, policies[0]).expect("effects");
    let (entities, events) = (entity_tables(), events());
    let mut tables: Vec<&Table> = vec![&weekly, &summary, &effects, &events];
    tables.extend(&entities);
    story::tell(&manifest(policies), "baseline-7f3a91c2", tables, &folder).expect("told");
    let page = std::fs::read_to_string(folder.join("report.html")).expect("page");
    (folder, page)
}

#[test]
fn a_run_leaves_its_charts_and_one_offline_page() {
    let (folder, page) = told("run_report", &["baseline"]);
    let files: Vec<_> = std::fs::read_dir(folder.join("charts"))
        .expect("charts")
        .collect();
    assert!(files.len() >= 24, "{} files", files.len());
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<figure").count(), 13);
    assert_eq!(
        page.matches("<svg ").count(),
        page.matches("<title>").count() - 1
    );
    assert!(!page.contains("<script"));
    assert!(page.contains("AWS price list") && page.contains("HBM shortage"));
    assert!(
        page.contains("The median price of an H100-equivalent hour"),
        "no answer"
    );
    // Median opening price against the fact that the sample was made from.
    assert!(page.contains("<td>6.40</td>"), "plausibility row");
}

#[test]
fn several_policies_are_compared_before_anything_else() {
    let (_, page) = told("policy_report", &["baseline", "emission", "usd_floor"]);
    let effects = page.find("paired difference").expect("policy table");
    let charts = page.find("<figure").expect("charts");
    assert!(effects < charts);
    assert!(page.contains("95% interval"));
}

#[test]
fn a_run_with_nothing_but_a_grid_still_makes_a_page() {
    let manifest = Manifest {
        policies: vec!["baseline".into()],
        ..manifest(&["baseline"])
    };
    let entities = entity_tables();
    let page = story::html(&manifest, "grid-1", vec![&entities[0]]).expect("page");
    assert_eq!(page.matches("<figure").count(), 3);
}
