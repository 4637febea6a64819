//! Two thousand compositions at random: balances, identity, and refusals instead of crashes.

use std::fmt::Write;

use wattflop::cli::solve_token::prepare;
use wattflop::kernels::{Luck, Stream, math};
use wattflop::market::protocols::replay::replay;
use wattflop::market::protocols::supply::Account;

use crate::replay::Folder;

struct Draws(Stream, u32);

impl Draws {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.1 += 1;
        low + (high - low) * self.0.uniform(self.1, 0)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.between(0.0, n as f64) as usize).min(n - 1)
    }
    fn size(&mut self, low: f64, high: f64) -> f64 {
        math::pow(10.0, self.between(low, high))
    }
}

const PERIODS: usize = 30;

/// Prices that jump, crash by 99 % and sometimes vanish.
fn course(draws: &mut Draws, low: f64, high: f64) -> String {
    let mut value = draws.size(low, high);
    let numbers: Vec<String> = (0..PERIODS)
        .map(|_| {
            value *= [0.01, 0.5, 0.9, 1.0, 1.1, 2.0, 50.0][draws.below(7)];
            let shown = if draws.below(20) == 0 {
                0.0
            } else {
                value.clamp(1e-9, 1e9)
            };
            format!("{shown:.12}")
        })
        .collect();
    format!("[{}]", numbers.join(", "))
}

fn emission(draws: &mut Draws) -> (String, Vec<&'static str>) {
    let size = draws.size(0.0, 9.0);
    match draws.below(8) {
        0 => (
            format!("halving: {{ first_year_tokens: {size}, every_weeks: 10 }}"),
            vec![],
        ),
        1 => (
            format!(
                "inflation: {{ share_per_year: {} }}",
                draws.between(0.0, 5.0)
            ),
            vec![],
        ),
        2 => ("issuance_halving: {}".to_owned(), vec![]),
        3 => (
            "baseline_minting: { reading: actors }".to_owned(),
            vec!["capacity"],
        ),
        4 => {
            let (low, high) = (draws.between(0.0, 0.5), draws.between(0.5, 5.0));
            let text = format!(
                "bonded_share: {{ inflation_per_year: {low}, lowest_per_year: {low}, \
                 highest_per_year: {high} }}"
            );
            (text, vec!["bonded_share"])
        }
        5 => ("bonding_rounds: {}".to_owned(), vec!["bonded_share"]),
        6 => (
            "table: { treasury_share: 0.3 }".to_owned(),
            vec!["minted_tokens"],
        ),
        _ => (
            format!("fixed_schedule: {{ tokens_per_year: {{ 2024-01-01: {size} }} }}"),
            vec![],
        ),
    }
}

fn settlement(draws: &mut Draws) -> (String, Vec<&'static str>) {
    let share = draws.between(0.0, 0.9);
    let budget = ["shared", "own", "none"][draws.below(3)];
    let money = vec!["token_price_usd", "fees_usd"];
    match draws.below(6) {
        0 => (format!("burn_and_mint: {{ burn_share: {share} }}"), money),
        1 => (
            format!("buyback_and_burn: {{ take_share: {share}, buyback_share: 1 }}"),
            money,
        ),
        2 => (
            format!("net_emission: {{ usd_floor_cap: {{ budget: {budget} }} }}"),
            money,
        ),
        3 => ("credit_vault: { settle_spread_bps: 100 }".to_owned(), money),
        4 => (
            "usd_target: {}".to_owned(),
            vec!["token_price_usd", "fees_usd", "target_usd"],
        ),
        _ => (format!("fee_share: {{ take_share: {share} }}"), money),
    }
}

fn compose(draws: &mut Draws) -> String {
    let period = ["hour", "day", "week"][draws.below(3)];
    let (emission, mut names) = emission(draws);
    let (settlement, more) = settlement(draws);
    names.extend(more);
    let mut text = format!(
        "horizon: {{ start: 2026-07-20, periods: {PERIODS}, period: {period} }}\nnetwork:\n  \
         emission: {{ {emission} }}\n  settlement: {{ {settlement} }}\n  series:\n"
    );
    for name in names {
        let values = match name {
            "bonded_share" => format!("{}", draws.between(0.0, 1.0)),
            "token_price_usd" => course(draws, -3.0, 3.0),
            "capacity" => format!("{}", draws.between(0.0, 100.0)),
            _ => course(draws, 0.0, 7.0),
        };
        let _ = writeln!(text, "    {name}: {values}");
    }
    let opening = draws.size(0.0, 9.0);
    let _ = writeln!(
        text,
        "  opening: {{ circulating_tokens: {opening}, vault_tokens: 5 }}"
    );
    text
}

#[test]
fn two_thousand_compositions_keep_their_books() {
    let luck = Luck {
        seed: 5,
        draw: 0,
        luck: 0,
    };
    let mut draws = Draws(luck.stream("test", "tokens"), 0);
    let folder = Folder::new("token-chance");
    let (mut replayed, mut alarmed) = (0, 0);
    for number in 0..2_000 {
        let text = compose(&mut draws);
        let file = folder.write("chance.yaml", &text);
        let (plan, _, _) = match prepare(&file, &[]) {
            Ok(ready) => ready,
            Err(problems) => panic!("{number}: {problems}\n{text}"),
        };
        // What a chain's integers cannot hold is refused in words.
        let Ok(found) = replay(&plan) else { continue };
        replayed += 1;
        alarmed += usize::from(!found.settler.alarms.is_empty());
        assert_eq!(found.residual, 0, "{number}\n{text}");
        assert_eq!(found.entries.len(), PERIODS);
        for (period, entry) in found.entries.iter().enumerate() {
            for account in Account::ALL {
                let stock = entry.stock(account);
                assert!(
                    stock >= 0,
                    "{number}, {period}: {account:?} {stock}\n{text}"
                );
            }
        }
    }
    assert!(replayed > 1_900, "{replayed} replayed");
    assert!(
        alarmed > 500,
        "only {alarmed} under strain: the test would prove little"
    );
}

/// A broken design is refused with its place.
#[test]
fn broken_designs_are_refused() {
    let text = |block: &str| {
        format!("horizon: {{ start: 2026-01-01, periods: 3 }}\nnetwork:\n  {block}\n")
    };
    for (block, part) in [
        (
            "emission: { inflation: { share_per_year: -0.1 } }",
            "share_per_year",
        ),
        (
            "emission: { halving: { first_year_tokens: -5, every_weeks: 10 } }",
            "first_year_tokens",
        ),
        (
            "settlement: { burn_and_mint: { burn_share: 1.5 } }",
            "burn_share",
        ),
        (
            "settlement: { credit_vault: { warn_bps: 100, halt_bps: 200 } }",
            "halts before it warns",
        ),
        ("emission: { halvin: { first_year_tokens: 5 } }", "halving"),
        (
            "emission: { bonded_share: { inflation_per_year: 0.1, lowest_per_year: 0.2, \
             highest_per_year: 0.1 } }",
            "lowest inflation is above the highest",
        ),
    ] {
        let folder = Folder::new("token-broken");
        let file = folder.write("broken.yaml", &text(block));
        let said = prepare(&file, &[]).map(|_| ()).unwrap_err().to_string();
        assert!(
            said.contains(part) && said.contains("broken.yaml:3"),
            "{block}: {said}"
        );
    }
}
