//! Every preset, what is not known, mistakes with their places, and the manual's commands.

use std::process::Command;

use crate::replay::{Folder, near, refused, replay_text, replay_with, root};

#[test]
fn shipped_questions_are_answered_and_their_books_balance() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("scenarios/solve")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("token_") {
            continue;
        }
        count += 1;
        let shown = replay_with(&path, &[]);
        assert!(shown.summary["seconds"].as_f64().unwrap() >= 0.0);
        assert!(shown.summary["unknown"].is_array());
        // Stocks move by their flows: total = total before + created − destroyed.
        let created = [
            "minted",
            "reemitted",
            "topped_up",
            "supplement",
            "shortfall_minted",
        ];
        let flow = |name: &str, period: usize| {
            let column = shown.columns.get(&format!("{name}_tokens"));
            column.map_or(0.0, |column| column[period])
        };
        for period in 1..shown.dates.len() {
            let more: f64 = created.iter().map(|name| flow(name, period)).sum();
            let less = flow("burnt", period) + flow("slashed", period);
            let moved = more + flow("corrected", period) - less;
            let totals = shown.column("total_tokens");
            near(
                totals[period] - totals[period - 1],
                moved,
                1e-6,
                &format!("{name} {period}"),
            );
        }
    }
    assert!(count >= 6, "one question for each kind of token");
}

#[test]
fn what_is_not_known_is_refused_and_not_guessed() {
    let render = |start: &str| {
        format!(
            "horizon: {{ start: {start}, periods: 12, period: week }}\n\
             network: {{ preset: render }}\n"
        )
    };
    let year = replay_text("render", &render("2024-01-01"));
    near(
        year.column("minted_tokens")[0],
        9_126_804.0 * 7.0 / 366.0,
        1e-9,
        "year 1",
    );
    let later = refused("render", &render("2024-10-01"));
    assert!(later.contains("not known from 2024-12-03"), "{later}");
    assert!(later.contains("was not recovered"), "{later}");
    let akash = "horizon: { start: 2025-01-01, periods: 2 }\nnetwork:\n  preset: akash_take_rate\n";
    let said = refused("akash", akash);
    assert!(
        said.contains("current inflation of AKT is not known"),
        "{said}"
    );
    assert!(said.contains("bad.yaml:3:11"), "{said}");
    let given = format!("{akash}  emission: {{ inflation: {{ share_per_year: 0.1 }} }}\n");
    let shown = replay_text("akash_given", &given);
    assert!(
        shown.summary["unknown"]
            .to_string()
            .contains("community tax")
    );
}

#[test]
fn every_preset_is_replayed() {
    for (preset, period, series) in [
        ("render", "day", "token_price_usd: 2, fees_usd: 1000"),
        ("helium", "epoch", "token_price_usd: 2, fees_usd: 10000"),
        (
            "helium_hip149",
            "day",
            "token_price_usd: 0.2, fees_usd: 9100",
        ),
        ("akash_aep76", "day", "token_price_usd: 1, fees_usd: 9100"),
        ("filecoin", "day", "capacity: 10"),
        ("filecoin_actors", "hour", "capacity: 10"),
        ("livepeer", "day", "bonded_share: 0.5"),
        ("bittensor", "block", ""),
        ("ionet_v1", "week", ""),
        (
            "ionet_ide",
            "day",
            "token_price_usd: 1, fees_usd: 10, target_usd: 5",
        ),
        (
            "generic_gpu_pool",
            "week",
            "token_price_usd: 1, fees_usd: 1000",
        ),
        ("generic_edge", "week", "token_price_usd: 1, fees_usd: 1000"),
        (
            "generic_storage",
            "day",
            "token_price_usd: 1, fees_usd: 1000",
        ),
        (
            "generic_bandwidth",
            "week",
            "token_price_usd: 1, fees_usd: 1000",
        ),
        (
            "generic_data_market",
            "week",
            "token_price_usd: 1, fees_usd: 1000",
        ),
    ] {
        let text = format!(
            "horizon: {{ start: 2024-06-11, periods: 20, period: {period} }}\nnetwork:\n  \
             preset: {preset}\n  series: {{ {series} }}\n  \
             opening: {{ circulating_tokens: 1e7, vault_tokens: 1e6 }}\n"
        );
        let shown = replay_text(&format!("preset_{preset}"), &text);
        for column in ["minted", "vested", "burnt", "released", "slashed"] {
            shown.column(&format!("{column}_tokens"));
        }
        for column in ["locked", "pledge", "vault", "circulating"] {
            let stock = shown.column(&format!("{column}_tokens"));
            assert!(
                stock.iter().all(|tokens| *tokens >= 0.0),
                "{preset}: {column}"
            );
        }
        assert!(shown.dates.len() == 20, "{preset}");
    }
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let base = "horizon: { start: 2025-01-01, periods: 3 }\nnetwork:\n  preset: livepeer\n";
    for (name, rest, part) in [
        (
            "series",
            "  series: { bonded_shar: 0.5 }\n",
            "did you mean `bonded_share`?",
        ),
        (
            "short",
            "  series: { bonded_share: [0.5, 0.5] }\n",
            "2 of 3 periods",
        ),
        (
            "range",
            "  series: { bonded_share: 1.5 }\n",
            "must lie in 0 to 1",
        ),
        (
            "column",
            "  series: { bonded_share: { csv: no.csv, column: a } }\n",
            "no.csv",
        ),
        (
            "opening",
            "  series: { bonded_share: 0.5 }\n  opening: { circulating: 1 }\n",
            "circulating_tokens",
        ),
    ] {
        let said = refused(name, &format!("{base}{rest}"));
        assert!(said.contains(part), "{name}: {said}");
        assert!(said.contains("bad.yaml:"), "{name}: {said}");
    }
    let nothing = refused(
        "nothing",
        "horizon: { start: 2025-01-01, periods: 3 }\nnetwork: {}\n",
    );
    assert!(nothing.contains("needs a `preset`"), "{nothing}");
    let weekly = "horizon: { start: 2025-01-01, periods: 3, period: week }\n\
                  network: { emission: { baseline_minting: { reading: daily } } }\n";
    assert!(refused("weekly", weekly).contains("needs `period: day`"));
    let round = "horizon: { start: 2025-01-01, periods: 3, period: round }\n\
                 network: { emission: { inflation: { share_per_year: 0.1 } } }\n";
    assert!(refused("round", round).contains("no round of its own"));
    let preset = refused("preset", &base.replace("livepeer", "livepeeer"));
    assert!(
        preset.contains("livepeer") && preset.contains("bad.yaml:3"),
        "{preset}"
    );
}

/// Columns of a CSV file are the numbers of a list.
#[test]
fn a_column_is_a_list() {
    let folder = Folder::new("token-column");
    folder.write(
        "given.csv",
        "day,price,fees\n0,1.5,100\n1,2.5,300\n2,0.5,50\n",
    );
    let text = |price: &str, fees: &str| {
        format!(
            "horizon: {{ start: 2025-01-01, periods: 3 }}\nnetwork:\n  \
             settlement: {{ burn_and_mint: {{ burn_share: 0.95 }} }}\n  \
             series: {{ token_price_usd: {price}, fees_usd: {fees} }}\n  \
             opening: {{ circulating_tokens: 1e6 }}\n"
        )
    };
    let column = |name: &str| format!("{{ csv: given.csv, column: {name} }}");
    let read = folder.write("a.yaml", &text(&column("price"), &column("fees")));
    let list = folder.write("b.yaml", &text("[1.5, 2.5, 0.5]", "[100, 300, 50]"));
    let (read, list) = (replay_with(&read, &[]), replay_with(&list, &[]));
    assert_eq!(read.columns, list.columns);
    near(
        read.column("burnt_tokens")[1],
        0.95 * 300.0 / 2.5,
        1e-8,
        "burnt",
    );
}

/// Every command that the manual shows for rules and tokens runs.
#[test]
fn the_manual_s_commands_run() {
    let manual = std::fs::read_to_string(root().join("docs/solve.md")).unwrap();
    let folder = Folder::new("token-manual");
    let mut count = 0;
    for line in manual.lines() {
        let is_ours = ["wattflop solve rule", "wattflop solve token"];
        if !is_ours.iter().any(|start| line.starts_with(start)) || line.contains("FILE") {
            continue;
        }
        let line = line.split(" #").next().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wattflop"));
        command
            .args(line.split_whitespace().skip(1))
            .current_dir(root());
        if line.contains("solve token") {
            command.arg("--out").arg(&folder.0);
        }
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        count += 1;
    }
    assert!(count >= 8, "{count} commands");
}

/// Series are optional: what stands in for them is said, and so is one that nobody reads.
#[test]
fn what_is_missing_or_idle_is_said() {
    let text = "horizon: { start: 2021-01-01, periods: 3, period: day }\nnetwork:\n  \
                preset: filecoin\n  series: { token_price_usd: 5, fees_usd: 10, onboarded: 0.01, \
                bonded_share: 0.5 }\n  opening: { circulating_tokens: 0, locked_tokens: 0 }\n";
    let shown = replay_text("unread", text);
    assert!(
        shown
            .said
            .contains("no mechanism of this network reads `bonded_share`")
    );
    assert!(
        shown
            .said
            .contains("`capacity` is not given: power keeps up with the baseline")
    );
    let epochs = text
        .replace("period: day", "period: epoch")
        .replace("2021-01-01", "2020-10-15");
    let epochs = replay_text("unread_epochs", &epochs);
    // 36.27 FIL of simple minting, and of baseline minting seven thirds of it.
    near(
        epochs.column("minted_tokens")[2],
        36.266264 * 10.0 / 3.0,
        1e-3,
        "epoch",
    );
    let rounds = "horizon: { start: 2025-11-01, periods: 5, period: round }\n\
                  network: { preset: livepeer, opening: { circulating_tokens: 47e6 } }\n";
    let rounds = replay_text("unread_rounds", rounds);
    let inflation = rounds.summary["closing_inflation"].as_f64().unwrap();
    assert_eq!(
        inflation, 218_500e-9,
        "at its target inflation stands still"
    );
}
