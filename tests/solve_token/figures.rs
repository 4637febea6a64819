//! Replays against published figures, and the flaws of drafts found by the tool itself.

use wattflop::kernels::math;

use crate::replay::{Shown, near, replay_text, replay_with, shipped};

/// Reward, circulating, locked, pledge and locked rewards of mechafil 1.9 on four days.
const MECHAFIL: [(usize, [f64; 5]); 4] = [
    (
        1,
        [
            381470.7223925665,
            84772370.61805134,
            20268991.607910648,
            10038444.121671777,
            10230547.486238869,
        ],
    ),
    (
        365,
        [
            316450.71529999375,
            294594677.3278104,
            87248972.7357314,
            46494199.961076215,
            40754772.7746553,
        ],
    ),
    (
        1000,
        [
            200601.49763840437,
            584529077.5663743,
            134416241.135034,
            101662137.04500592,
            32754104.090028316,
        ],
    ),
    (
        1825,
        [
            108667.10329991579,
            873058002.5654743,
            110492413.14273728,
            94020033.75090265,
            16472379.3918345,
        ],
    ),
];

/// Values of mechafil 1.9 for a network of 15 EiB raw and 20 EiB quality-adjusted power, 0.02
/// onboarded and 0.01 renewed a day, a renewal share of 0.6 and nothing known in advance; the
/// baseline of the first day 3.3 EiB, cumulative capped power 210 EiB·days.
#[test]
fn filecoin_s_days_are_those_of_the_peer_model() {
    let text = "
horizon: { start: 2021-01-01, periods: 1826, period: day }
network:
  preset: filecoin
  series: { capacity: 15, quality_capacity: 20, onboarded: 0.02, renewed: 0.01,
    renewal_share: 0.6, burnt_tokens: 12000 }
  opening: { circulating_tokens: 60e6, locked_tokens: 20e6, vested_tokens: 60e6,
    burnt_tokens: 1.5e6, baseline_eib: 3.3, cumulative_capped_eib_days: 210 }
";
    let shown = replay_text("mechafil", text);
    for (day, [minted, circulating, locked, pledge, reward]) in MECHAFIL {
        let at = |name: &str, wanted: f64, tolerance: f64| {
            near(
                shown.column(name)[day],
                wanted,
                tolerance,
                &format!("{name} on day {day}"),
            );
        };
        // A day's reward is a difference of totals a thousand times as large.
        at("minted_tokens", minted, 1e-11);
        at("circulating_tokens", circulating, 1e-12);
        at("locked_tokens", locked, 1e-12);
        at("pledge_tokens", pledge, 1e-12);
        at("locked_reward_tokens", reward, 1e-12);
    }
    assert_eq!(shown.dates[1], "2021-01-02");
    // The opening is the end of the first day, and what it contradicts is said.
    assert_eq!(shown.column("circulating_tokens")[0], 60e6);
    assert!(shown.column("corrected_tokens")[1].abs() > 1.0);
}

/// Epoch by epoch the actors' simple reward is the golden file's, and with power at or above the
/// baseline network time keeps pace, so that the day's baseline reward is 7/3 of the simple one.
#[test]
fn filecoin_s_epochs_are_those_of_the_actors() {
    let text = |power: f64, period: &str, periods: u32| {
        format!(
            "horizon: {{ start: 2020-10-15, periods: {periods}, period: {period} }}\n\
             network: {{ preset: filecoin_actors, vesting: {{ none: {{ tokens: 0, starts: \
             2020-10-15, days: 1 }} }}, series: {{ capacity: {power} }} }}\n"
        )
    };
    let idle = replay_text("idle", &text(0.0, "epoch", 3));
    near(
        idle.column("minted_tokens")[0],
        36.266_264_293_777_13,
        1e-15,
        "epoch 0",
    );
    let summed = replay_text("summed", &text(0.0, "day", 2));
    // 330M·(1 − e^(−λ·5760)), and a reward of −λ before: 2,880 epochs a day.
    let lambda = std::f64::consts::LN_2 / (6.0 * 365.0 * 2_880.0);
    let simple = 330e6 * (math::exp(lambda) - math::exp(-lambda * 5_759.0));
    near(summed.total("minted_tokens"), simple, 1e-10, "two days");
    let full = replay_text("full", &text(1_000.0, "day", 30));
    let simple = replay_text("simple", &text(0.0, "day", 30));
    let ratio = full.total("minted_tokens") / simple.total("minted_tokens");
    assert!((ratio - 10.0 / 3.0).abs() < 1e-3, "{ratio}");
    // Three quarters are locked and come back day by day.
    let locked = full.total("locked_in_tokens");
    near(locked, 0.75 * full.total("minted_tokens"), 1e-15, "locked");
    let first = full.column("locked_in_tokens")[0];
    near(
        full.column("released_tokens")[1],
        first / 180.0,
        1e-12,
        "released",
    );
}

/// docs.iog.net: hours 1 to 6 to the cent, 300M in all.
#[test]
fn io_net_emits_what_its_page_says() {
    let shown = replay_with(&shipped("ionet_hours"), &[]);
    let published = [
        "4566.21", "4566.15", "4566.08", "4566.02", "4565.96", "4565.89",
    ];
    for (hour, published) in published.iter().enumerate() {
        assert_eq!(
            &format!("{:.2}", shown.column("minted_tokens")[hour]),
            published
        );
    }
    assert_eq!(shown.dates[5], "2024-06-11T05:00:00");
    // 0.025 · 500 / 3 tokens burnt an hour.
    near(shown.column("burnt_tokens")[0], 12.5 / 3.0, 1e-8, "burnt");
    let all = "
horizon: { start: 2024-06-11, periods: 7305, period: day }
network: { preset: ionet_v1 }
";
    near(
        replay_text("all_hours", all).total("minted_tokens"),
        3e8,
        1e-9,
        "all hours",
    );
}

/// AEP-76, worked examples: 10M USD at 1.14 are 8,771,929 AKT; settled at 1.25 they are
/// 8,000,000, at 0.90 they are 11,111,111, of which 2.34M are newly minted.
#[test]
fn akash_s_vault_pays_what_the_proposal_says() {
    let file = shipped("akash_vault");
    let up = replay_with(&file, &[]);
    near(
        up.total("deposited_tokens"),
        8_771_929.824561,
        1e-12,
        "deposited",
    );
    near(up.total("settled_tokens"), 8e6, 1e-12, "settled");
    assert_eq!(up.total("shortfall_minted_tokens"), 0.0);
    let down = replay_with(&file, &["network.series.token_price_usd=[1.14, 0.90]"]);
    near(
        down.total("settled_tokens"),
        11_111_111.111111,
        1e-12,
        "settled",
    );
    near(
        down.total("shortfall_minted_tokens"),
        2_339_181.286549,
        1e-9,
        "minted",
    );
    assert!(
        down.said.contains("credits did not suffice"),
        "{}",
        down.said
    );
    // An empty vault reads 0 and lets nobody in; a stalled oracle stops everything.
    let empty = replay_with(&file, &["network.opening.vault_tokens=0"]);
    assert_eq!(empty.total("deposited_tokens"), 0.0);
    assert!(empty.said.contains("stopped new credits"), "{}", empty.said);
    let stalled = replay_with(&file, &["network.series.token_price_usd=0"]);
    assert_eq!(
        stalled.total("deposited_tokens") + stalled.total("settled_tokens"),
        0.0
    );
    assert!(
        stalled.said.contains("no price that can be trusted"),
        "{}",
        stalled.said
    );
}

/// Regression of HIP pull request 1210: a floor formula that mints without bound in a 99 % crash.
#[test]
fn a_floor_without_a_bound_is_flagged() {
    let file = shipped("helium_crash");
    let budget =
        |value: &str| format!("network.settlement.net_emission.usd_floor_cap.budget={value}");
    let approved = replay_with(&file, &[]);
    assert!(approved.said.is_empty(), "{}", approved.said);
    // S stays at 9,100: re-emission 1,643.8 and at most the rest of it on top.
    let most = approved
        .column("topped_up_tokens")
        .iter()
        .fold(0.0, |a: f64, b| a.max(*b));
    near(most, 9_100.0 - 1_643.83561643, 1e-6, "top-up");
    let draft = replay_with(&file, &[&budget("none")]);
    assert!(draft.said.contains("mints without bound"), "{}", draft.said);
    assert!(
        draft.said.contains("one burn backs two mints"),
        "{}",
        draft.said
    );
    assert!(draft.column("topped_up_tokens")[10] > 500_000.0);
    assert_eq!(draft.column("topped_up_tokens")[9], 0.0);
    assert_eq!(draft.summary["warnings"].as_array().unwrap().len(), 2);
}

/// Regression of HIP pull request 1228: two re-mint paths share one burn; net inflation of up to
/// 1,644 HNT an epoch.
#[test]
fn one_burn_that_backs_two_mints_is_flagged() {
    let file = shipped("helium_crash");
    let own = "network.settlement.net_emission.usd_floor_cap.budget=own";
    let shown = replay_with(&file, &[own]);
    assert!(
        shown.said.contains("one burn backs two mints"),
        "{}",
        shown.said
    );
    assert!(!shown.said.contains("without bound"), "{}", shown.said);
    let net = |shown: &Shown| {
        let again = shown.column("reemitted_tokens")[20] + shown.column("topped_up_tokens")[20];
        again - shown.column("burnt_tokens")[20]
    };
    near(
        net(&shown),
        1_643.83561643,
        1e-6,
        "net inflation above the schedule",
    );
    assert!(net(&replay_with(&file, &[])) <= 1e-6);
}

/// A mint that the recorded supply does not know would read as a negative burn; here the burn is
/// a posting of its own, so the supplement leaves re-emission alone.
#[test]
fn the_supplement_does_not_touch_the_smoothed_burn() {
    let file = shipped("helium_crash");
    let start = "horizon.start=2026-08-01";
    let on = "network.settlement.net_emission.usd_floor_cap.supplement=true";
    let (with, without) = (
        replay_with(&file, &[start, on]),
        replay_with(&file, &[start]),
    );
    assert_eq!(
        with.column("reemitted_tokens"),
        without.column("reemitted_tokens")
    );
    assert_eq!(
        with.column("topped_up_tokens"),
        without.column("topped_up_tokens")
    );
    // 196,000 HNT a day from 6 August 2026 on.
    assert_eq!(with.column("supplement_tokens")[4], 0.0);
    assert_eq!(with.column("supplement_tokens")[5], 196_000.0);
}

#[test]
fn livepeer_and_cosmos_move_towards_their_targets() {
    let rounds = replay_with(&shipped("livepeer_rounds"), &[]);
    // 47M · 219,000/10^9 in the first round; a tenth to the treasury; 500 more each round.
    assert_eq!(rounds.column("minted_tokens")[0], 10_293.0);
    assert_eq!(rounds.column("treasury_tokens")[0], 1_029.3);
    near(
        rounds.summary["closing_inflation"].as_f64().unwrap(),
        427e-6,
        1e-12,
        "inflation",
    );
    let above = replay_with(
        &shipped("livepeer_rounds"),
        &["network.series.bonded_share=0.6"],
    );
    near(
        above.summary["closing_inflation"].as_f64().unwrap(),
        10e-6,
        1e-12,
        "inflation",
    );
    let text = |bonded: f64| {
        format!(
            "horizon: {{ start: 2025-01-01, periods: 365, period: day }}\n\
             network:\n  emission: {{ bonded_share: {{ inflation_per_year: 0.1, \
             highest_per_year: 0.2, lowest_per_year: 0.07 }} }}\n  \
             series: {{ bonded_share: {bonded} }}\n  opening: {{ circulating_tokens: 1e6 }}\n"
        )
    };
    let steady = replay_text("steady", &text(0.67));
    // Compounded block by block: e^0.1 over 365 of 365.25 days.
    near(
        steady.last("total_tokens"),
        1e6 * math::exp(0.1 * 365.0 / 365.25),
        1e-6,
        "steady",
    );
    let low = replay_text("low", &text(0.335));
    near(
        low.summary["closing_inflation"].as_f64().unwrap(),
        0.1 + 0.065,
        1e-3,
        "half bonded",
    );
    let high = replay_text("high", &text(1.0));
    assert_eq!(high.summary["closing_inflation"].as_f64().unwrap(), 0.07);
}

#[test]
fn bittensor_halves_when_half_is_issued() {
    let text = "
horizon: { start: 2025-12-01, periods: 40, period: day }
network: { preset: bittensor, opening: { circulating_tokens: 10.4e6 } }
";
    let shown = replay_text("bittensor", text);
    let minted = shown.column("minted_tokens");
    assert_eq!(minted[0], 7_200.0);
    assert_eq!(minted[39], 3_600.0);
    let total = shown.column("total_tokens");
    let day = total.iter().position(|total| *total >= 10.5e6).unwrap();
    assert!(minted[day] <= 7_200.0 && minted[day + 1] == 3_600.0);
}

#[test]
fn the_target_in_usd_pays_from_the_first_vault_and_then_the_second() {
    let text = "
horizon: { start: 2026-06-11, periods: 3, period: week }
network:
  preset: ionet_ide
  series: { token_price_usd: 0.5, target_usd: 100, fees_usd: [300, 50, 50] }
  opening: { circulating_tokens: 1000, reward_vault_tokens: 350, fee_vault_tokens: 0 }
";
    let shown = replay_text("ide", text);
    // 200 tokens are owed a week; a surplus of 200 USD burns half: 200 tokens.
    assert_eq!(shown.column("burnt_tokens"), [200.0, 0.0, 0.0]);
    assert_eq!(shown.column("bought_back_tokens"), [400.0, 100.0, 100.0]);
    assert_eq!(shown.column("paid_tokens"), [200.0, 200.0, 200.0]);
    assert_eq!(shown.column("reward_vault_tokens"), [150.0, 0.0, 0.0]);
    assert!(
        shown
            .said
            .contains("fees stay below the target in 2 periods"),
        "{}",
        shown.said
    );
    let assumed = shown.summary["assumed"].to_string();
    assert!(assumed.contains("our reconstruction"), "{assumed}");
}
