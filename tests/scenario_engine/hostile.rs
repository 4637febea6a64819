//! Files from strangers are refused quickly and never crash the program.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::toy::{Folder, GOOD, load, refused};

/// Refused, with these words, in good time.
fn refused_fast(content: &str, words: &str) {
    let start = Instant::now();
    let text = refused(content);
    assert!(text.contains(words), "{}", &text[..text.len().min(2_000)]);
    assert!(text.len() < 60_000, "{} bytes of message", text.len());
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn alias_bombs_anchors_and_tags() {
    refused_fast("a: &x [1, 2]\nb: [*x, *x]\n", "anchors are not supported");
    refused_fast("a: *x\n", "anchor");
    refused_fast("a: !!python/object:os.system 1\n", "tags are not supported");
    refused_fast("a: !include /etc/passwd\n", "tags are not supported");
    refused_fast("<<: { a: 1 }\n", "merge keys are not supported");
    refused_fast(
        "%TAG ! tag:x,2000:\n---\na: !b 1\n",
        "tags are not supported",
    );
}

#[test]
fn deep_wide_and_large() {
    refused_fast(
        &format!("a: {}", "[".repeat(100_000)),
        "nested deeper than 32 levels",
    );
    refused_fast(
        &format!("a: {}", "{a: ".repeat(100_000)),
        "nested deeper than 32 levels",
    );
    let block: String = (0..2_000)
        .map(|i| format!("{}k:\n", " ".repeat(i)))
        .collect();
    refused_fast(&block, "nested deeper than 32 levels");
    refused_fast(
        &format!("a: [{}]", "1, ".repeat(12_000)),
        "more than 10000 entries in one block",
    );
    let row = format!("[{}]", "1, ".repeat(1_500));
    let rows: String = (0..300).map(|i| format!("k{i}: {row}\n")).collect();
    refused_fast(&rows, "more than 200000 values");
    refused_fast(&"x".repeat(5 << 20), "larger than 4 MiB");
    refused_fast(&format!("a: {}", "x".repeat(3 << 20)), "unknown key `a`");
}

#[test]
fn many_problems_are_counted_not_printed() {
    let keys: String = (0..1_900)
        .map(|i| format!("colour_of_the_sky_{i}: 1\n"))
        .collect();
    refused_fast(&format!("{keys}{GOOD}"), "… and 1800 more\n1900 errors");
    let entries: String = (0..1_900)
        .map(|i| format!("  r{i}: {{ like: r{} }}\n", i + 1))
        .collect();
    refused_fast(
        &format!("horizon: {{ start: 2025-11-03 }}\nregions:\n{entries}"),
        "to be like",
    );
}

#[test]
fn copies_of_copies_end() {
    let list = (0..1_900).map(|_| "1").collect::<Vec<&str>>().join(", ");
    let mut content = format!(
        "horizon: {{ start: 2025-11-03 }}\nregions:\n  r0: {{ power_price_usd_per_mwh: 1, \
         delays_weeks: [{list}] }}\n"
    );
    (1..1_900).for_each(|i| content.push_str(&format!("  r{i}: {{ like: r{} }}\n", i - 1)));
    refused_fast(&content, "`like` copies more than 200000 values");
}

#[test]
fn a_long_chain_of_likes_does_not_exhaust_the_stack() {
    let mut content =
        "horizon: { start: 2025-11-03 }\nregions:\n  r0: { power_price_usd_per_mwh: 1 }\n"
            .to_owned();
    (1..1_900)
        .rev()
        .for_each(|i| content.push_str(&format!("  r{i}: {{ like: r{} }}\n", i - 1)));
    load(&content).unwrap();
}

#[test]
fn texts_that_are_no_scenario() {
    refused_fast("", "the file is empty");
    refused_fast("# nothing\n", "the file is empty");
    refused_fast("- a\n- b\n", "a scenario is a block of keys");
    refused_fast("just words", "a scenario is a block of keys");
    refused_fast("a: 1\n---\nb: 2\n", "a second document begins here");
    refused_fast("a: [1, 2\n", "not valid YAML");
    refused_fast("{ [a]: 1 }\n", "a key must be a plain name");
    refused_fast(
        "regions:\nhorizon:\n  start: 2025-11-03\n",
        "`regions` has no value",
    );
    refused_fast("a: \"\u{0}\"\n", "error");
}

#[test]
fn only_regular_utf8_files_are_read() {
    let folder = Folder::new(&[]);
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("cannot read main.yaml: No such file"),
        "{text}"
    );
    std::fs::create_dir(folder.0.join("main.yaml")).unwrap();
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("cannot read main.yaml: not a regular file"),
        "{text}"
    );
    std::fs::remove_dir(folder.0.join("main.yaml")).unwrap();
    std::fs::write(folder.0.join("main.yaml"), b"a: 1\nb: \xff\n").unwrap();
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(
        text.contains("cannot read main.yaml: line 2 is not UTF-8"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_opened() {
    let folder = Folder::new(&[]);
    std::os::unix::fs::symlink("/dev/zero", folder.0.join("main.yaml")).unwrap();
    let text = folder.load(&[]).map(|_| ()).unwrap_err();
    assert!(text.contains("not a regular file"), "{text}");
}

#[test]
fn windows_line_ends_are_fine_and_byte_order_marks_are_named() {
    load(&GOOD.replace('\n', "\r\n")).unwrap_or_else(|text| panic!("{text}"));
    let text = load(&format!("\u{feff}{GOOD}")).map(|_| ()).unwrap_err();
    assert!(
        text.contains("it begins with a byte order mark; save it as UTF-8 without one"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_crash_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = load(&text);
    }

    #[test]
    fn no_yaml_like_text_crashes(text in "[a-c:{}\\[\\], \n&*!|>'\"0-9.-]{0,200}") {
        let _ = load(&text);
    }

    #[test]
    fn no_mutation_of_a_good_file_crashes(
        at in 0usize..GOOD.len(),
        with in "[a-z:{}\\[\\], \n0-9.-]{0,4}",
        drop in 0usize..6,
    ) {
        let end = (at + drop).min(GOOD.len());
        let _ = load(&format!("{}{with}{}", &GOOD[..at], &GOOD[end..]));
    }
}
