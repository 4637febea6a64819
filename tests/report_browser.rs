//! The report in a real browser: headless Chromium, narrow and wide, with and without script,
//! and as print. Where no Chromium is installed the tests say so and pass; continuous
//! integration installs it and sets `WATTFLOP_BROWSER=required`.
#![cfg(all(feature = "charts", unix))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn browser() -> Option<&'static str> {
    static FOUND: OnceLock<Option<&'static str>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let runs = |name: &&str| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        };
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let found = names.into_iter().find(|name| runs(name));
        let required = std::env::var_os("WATTFLOP_BROWSER").is_some();
        assert!(found.is_some() || !required, "no Chromium is installed");
        if found.is_none() {
            eprintln!("no Chromium here: the report was not opened");
        }
        found
    })
}

/// A small run with policies and a shock; its folder.
fn run_folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let _ = std::fs::remove_dir_all(&place);
        std::fs::create_dir_all(&place).unwrap();
        let scenario = "question: \"Do <b>quotes</b> & 'signs' \\\"survive\\\"?\"\n\
            base: incentives.yaml\nhorizon: { start: 2025-11-03, weeks: 30 }\n\
            ensemble: { draws: 8 }\nproviders: { rows: 2000 }\ndemand: { nodes: 4 }\n\
            shocks:\n  hbm_shortage: { at: 2026-01-05, weeks: 8, memory_capacity: \
            { factor: 0.6 } }\nuncertain:\n  grid.fuels.gas.price_usd_per_mmbtu: { lognormal: \
            { median: 3.9, sigma: 0.2 } }\nexpect: null\n";
        std::fs::write(place.join("seen.yaml"), scenario).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_wattflop"))
            .args(["run", "seen.yaml", "--out", "runs"])
            .current_dir(&place)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        let run = std::fs::read_dir(place.join("runs")).unwrap().flatten();
        let mut run = run.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
        run.next().unwrap().path()
    })
}

fn chromium(name: &str, words: &[&str]) -> Output {
    let profile = std::env::temp_dir().join(format!("wattflop-{name}-{}", std::process::id()));
    let output = Command::new(browser().unwrap())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg("--disable-dev-shm-usage")
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(words)
        .output()
        .unwrap();
    let _ = std::fs::remove_dir_all(profile);
    output
}

/// Looks into the page from outside: the page itself forbids script.
const PROBE: &str = r#"<!DOCTYPE html><html><head><style>body{margin:0}iframe{border:0}</style>
</head><body><iframe id="f" width="WIDTH" height="2000" src="report.html"></iframe>
<pre id="found">waiting</pre><script>
document.getElementById('f').addEventListener('load', () => {
  const found = [], frame = document.getElementById('f'), page = frame.contentDocument;
  const say = text => found.push(text);
  const root = page.documentElement;
  if (root.scrollWidth > root.clientWidth + 1)
    say(`the page is ${root.scrollWidth} px wide in ${root.clientWidth} px`);
  const light = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 };
  const colour = text => { const m = text.match(/[\d.]+/g); return m ? m.map(Number) : null };
  const luminance = c => 0.2126 * light(c[0]) + 0.7152 * light(c[1]) + 0.0722 * light(c[2]);
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05) };
  const behind = node => { for (let n = node; n && n.nodeType === 1; n = n.parentElement) {
    const c = colour(frame.contentWindow.getComputedStyle(n).backgroundColor);
    if (c && (c.length < 4 || c[3] > 0)) return c } return [255, 255, 255] };
  const style = node => frame.contentWindow.getComputedStyle(node);
  const prose = 'p,h1,h2,h3,th,td,li,dt,dd,summary,caption,small,a,pre';
  for (const node of page.querySelectorAll(prose)) {
    if (!node.textContent.trim() || !node.offsetParent) continue;
    const front = colour(style(node).color);
    if (front && contrast(front, behind(node)) < 4.5)
      say(`faint: ${node.tagName} ${node.textContent.slice(0, 40)}`);
    const clipped = style(node).overflow === 'hidden' && node.scrollWidth > node.clientWidth + 1;
    if (clipped) say(`clipped: ${node.textContent.slice(0, 40)}`);
  }
  const levels = [...page.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]));
  if (levels.filter(l => l === 1).length !== 1 || levels[0] !== 1) say('not one h1 first');
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) say('a heading level is skipped') });
  if (!root.lang) say('no language');
  if (!page.title) say('no title');
  if (page.querySelectorAll('main').length !== 1) say('not one main');
  const ids = [...page.querySelectorAll('[id]')].map(n => n.id);
  if (new Set(ids).size !== ids.length) say('an id is used twice');
  for (const svg of page.querySelectorAll('svg')) {
    const title = svg.querySelector('title'), about = svg.querySelector('desc');
    if (svg.getAttribute('role') !== 'img' || !title || !title.textContent)
      say('a picture without a name');
    if (!about || about.textContent.length < 20) say('a picture without words');
    const area = svg.getBoundingClientRect(), texts = [];
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect(), words = text.textContent.trim();
      if (!words || !box.width) continue;
      const out = box.left < area.left - 1 || box.right > area.right + 1
        || box.top < area.top - 1 || box.bottom > area.bottom + 1;
      if (out) say(`outside its picture: ${words} in ${title.textContent.slice(0, 40)}`);
      texts.push([box, words]);
    }
    texts.forEach(([a, x], i) => texts.slice(i + 1).forEach(([b, y]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Boxes hold room above and below the letters.
      if (wide > 2 && high > 0.45 * Math.min(a.height, b.height))
        say(`overlap: “${x}” and “${y}” in ${title.textContent.slice(0, 40)}`);
    }));
  }
  for (const table of page.querySelectorAll('table'))
    if (!table.querySelector('th')) say('a table without headings');
  say(`${page.querySelectorAll('svg').length} pictures, ${levels.length} headings`);
  document.getElementById('found').textContent = found.join('\n');
});
</script></body></html>"#;

/// What the probe finds in a page of this width.
fn probed(width: u32, report: &str) -> Vec<String> {
    let runs = run_folder().parent().unwrap();
    let probe = runs.join(format!("probe-{width}-{}", report.len()));
    std::fs::create_dir_all(&probe).unwrap();
    std::fs::write(probe.join("report.html"), report).unwrap();
    let page = probe.join("probe.html");
    std::fs::write(&page, PROBE.replace("WIDTH", &width.to_string())).unwrap();
    let url = format!("file://{}", page.display());
    let log = ["--enable-logging=stderr", "--allow-file-access-from-files"];
    let size = format!("--window-size={},2200", width + 20);
    let words = [
        &log[..],
        &[
            size.as_str(),
            "--virtual-time-budget=20000",
            "--dump-dom",
            &url,
        ],
    ];
    let output = chromium(&format!("probe-{width}"), &words.concat());
    let said = String::from_utf8_lossy(&output.stderr);
    let console: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    assert!(console.is_empty(), "{}", console.join("\n"));
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = dom
        .split("<pre id=\"found\">")
        .nth(1)
        .and_then(|rest| rest.split("</pre>").next());
    let found = found.unwrap_or_default();
    assert!(
        !found.is_empty() && found != "waiting",
        "the probe saw nothing: {dom:.500}"
    );
    found.lines().map(str::to_owned).collect()
}

#[test]
fn nothing_overlaps_is_clipped_faint_or_nameless_at_any_width() {
    if browser().is_none() {
        return;
    }
    let report = std::fs::read_to_string(run_folder().join("report.html")).unwrap();
    for width in [390, 1200] {
        let mut found = probed(width, &report);
        let counted = found.pop().unwrap_or_default();
        println!("{width} px: {counted}");
        let pictures: usize = counted.split(' ').next().unwrap().parse().unwrap();
        assert!(pictures >= 12, "{counted}");
        assert!(found.is_empty(), "{width} px:\n{}", found.join("\n"));
    }
}

/// The probe is no good unless it sees what is wrong.
#[test]
fn planted_defects_are_seen() {
    if browser().is_none() {
        return;
    }
    let report = std::fs::read_to_string(run_folder().join("report.html")).unwrap();
    let planted = "<h4>Deep</h4><p style=\"color:#ccc\">pale</p><div style=\"width:5000px\">.</div>\
        <svg width=\"100\" height=\"50\"><text x=\"5\" y=\"20\">one word</text>\
        <text x=\"7\" y=\"20\">another</text><text x=\"90\" y=\"20\">beyond</text>\
        <title>t</title></svg></main>";
    let found = probed(800, &report.replacen("</main>", planted, 1)).join("\n");
    for defect in [
        "a heading level is skipped",
        "faint: P pale",
        "px wide in",
        "overlap: “one word” and “another”",
        "outside its picture: beyond",
        "a picture without a name",
    ] {
        assert!(found.contains(defect), "{defect} is not in:\n{found}");
    }
}

/// A sandbox without `allow-scripts` turns script off for what is inside.
#[test]
fn the_page_is_the_same_without_script() {
    if browser().is_none() {
        return;
    }
    let probe = run_folder().parent().unwrap().join("probe-script");
    std::fs::create_dir_all(&probe).unwrap();
    std::fs::copy(run_folder().join("report.html"), probe.join("report.html")).unwrap();
    let shot = |name: &str, sandbox: &str| {
        let page = format!(
            "<body style=\"margin:0\"><iframe {sandbox} style=\"border:0\" width=\"1200\" \
             height=\"3000\" src=\"report.html\"></iframe>"
        );
        let frame = probe.join(format!("{name}.html"));
        std::fs::write(&frame, page).unwrap();
        let file = probe.join(format!("{name}.png"));
        let target = format!("--screenshot={}", file.display());
        let url = format!("file://{}", frame.display());
        chromium(name, &["--window-size=1200,3000", &target, &url]);
        std::fs::read(file).unwrap()
    };
    let with = shot("with", "");
    let without = shot("without", "sandbox=\"allow-same-origin\"");
    assert!(with.len() > 50_000, "{} bytes", with.len());
    assert!(with == without, "the page looks different without script");
}

#[test]
fn the_page_prints() {
    if browser().is_none() {
        return;
    }
    let folder = run_folder();
    let url = format!("file://{}", folder.join("report.html").display());
    let file = folder.parent().unwrap().join("report.pdf");
    let target = format!("--print-to-pdf={}", file.display());
    chromium("print", &[target.as_str(), "--no-pdf-header-footer", &url]);
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"%PDF"));
    let pages = bytes
        .windows(11)
        .filter(|part| part == b"/Type /Page")
        .count();
    let trees = bytes
        .windows(12)
        .filter(|part| part == b"/Type /Pages")
        .count();
    let pages = pages - trees;
    assert!((8..60).contains(&pages), "{pages} pages");
}
