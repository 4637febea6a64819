//! Closed forms of token networks (T17 to T24) that must come out of the week: owners decide,
//! buyers choose, networks settle. The second table of `docs/limit-cases.md` is written here:
//! `WATTFLOP_WRITE_DOCS=1 cargo test --release --test theory_networks`.

mod small;
mod theory;

use std::path::PathBuf;
use std::sync::Mutex;

/// What one theory found.
#[derive(Default)]
pub struct Cases(Vec<(String, f64, f64, f64)>);

impl Cases {
    /// Judged together at the end, so that one failure shows all figures.
    fn meet(&mut self, name: &str, found: f64, expected: f64, tolerance: f64) {
        self.0.push((name.to_owned(), expected, found, tolerance));
    }
}

/// One writer at a time.
static PAGE: Mutex<()> = Mutex::new(());
const HEAD: &str = "## From the agents";

fn row((name, expected, found, tolerance): &(String, f64, f64, f64)) -> String {
    format!("| {name} | {expected:.8} | {found:.8} | {tolerance:.1e} |")
}

/// Runs the cases of one theory, and compares the page with them: the same cases, and figures
/// that meet the tolerance (they move a little whenever the model does).
fn judge(theory: &str, cases: fn(&mut Cases)) {
    let mut found = Cases::default();
    cases(&mut found);
    for case in &found.0 {
        println!("{}", row(case));
    }
    for (name, expected, found, tolerance) in &found.0 {
        let distance = (found - expected).abs();
        assert!(distance <= *tolerance, "{name}: {found} against {expected}");
    }
    let _one = PAGE.lock();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/limit-cases.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, after) = page.split_once(HEAD).expect("a table of the agents");
    let mine = |line: &&str| line.starts_with(&format!("| {theory} "));
    if std::env::var_os("WATTFLOP_WRITE_DOCS").is_some() {
        let mut lines: Vec<String> = (after.lines().filter(|line| !mine(line)))
            .map(str::to_owned)
            .collect();
        lines.extend(found.0.iter().map(row));
        let first = lines.iter().position(|line| line.starts_with("| T"));
        let first = first.unwrap_or(lines.len());
        // Stable: rows of one theory stay in their order.
        lines[first..].sort_by_key(|line| line[..5].to_owned());
        let page = format!("{before}{HEAD}{}\n", lines.join("\n"));
        std::fs::write(&path, page).unwrap();
        return;
    }
    let written: Vec<&str> = after.lines().filter(mine).collect();
    assert_eq!(written.len(), found.0.len(), "{theory} is not written down");
    for (line, (name, expected, _, tolerance)) in written.iter().zip(&found.0) {
        let columns: Vec<&str> = line.split(" | ").collect();
        assert_eq!(columns[0].trim_start_matches("| "), name);
        let figure: f64 = columns[2].parse().unwrap();
        let distance = (figure - expected).abs();
        assert!(distance <= tolerance + 1e-8, "{name}: {figure} is written");
    }
}

#[test]
fn t17_owners_share_a_reward_as_in_the_contest() {
    judge("T17", theory::contest::mining);
}

#[test]
fn t18_free_entry_dissipates_the_reward() {
    judge("T18", theory::contest::free_entry);
}

#[test]
fn t19_entry_has_the_elasticity_of_supply() {
    judge("T19", theory::contest::elasticity);
}

#[test]
fn t20_burns_and_mints_come_to_rest_at_their_ratio() {
    judge("T20", theory::value::burn_and_mint);
}

#[test]
fn t21_the_price_grows_at_the_discount_rate() {
    judge("T21", theory::value::fully_diluted);
}

#[test]
fn t22_without_an_end_to_minting_revenue_gives_no_price() {
    judge("T22", theory::value::collapse);
}

#[test]
fn t23_the_pool_pays_what_the_constant_product_pays() {
    judge("T23", theory::exchange::pool);
}

#[test]
fn t24_a_gain_above_one_explodes() {
    judge("T24", theory::reflexive::gain);
}

#[test]
fn a_network_opens_with_those_who_stay_and_loses_the_rest_slowly() {
    theory::subsidy::opening_is_at_rest();
}

#[test]
fn t30_a_small_subsidy_buys_what_the_closed_form_says() {
    judge("T30", theory::subsidy::measures);
}
