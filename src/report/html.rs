//! One offline page: no network, no script, every word of the user escaped. Plain data in,
//! text out.

use super::style::STYLE;
use super::words::{escaped, fixed, short};

/// Everything that the page says.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub scenario: String,
    pub run_id: String,
    pub question: String,
    /// The answer in one sentence, computed from the numbers.
    pub answer: String,
    /// Draws, weeks, seed in a line.
    pub scope: String,
    pub policies: Option<Grid>,
    /// Paired differences that answer a question about shocks.
    pub shock_effects: Option<Grid>,
    pub pictures: Vec<Picture>,
    /// Who gains and loses: groups first, then entities.
    pub winners: Vec<Grid>,
    pub flows: Vec<Picture>,
    pub drivers: Vec<Picture>,
    pub shocks: Vec<ShockLine>,
    pub checks: Vec<Check>,
    pub facts: Vec<Fact>,
    /// What the scenario and its policies change.
    pub changes: Vec<Grid>,
    pub trends: Vec<TrendLine>,
    pub assumptions: Vec<Section>,
    pub scenario_text: String,
    pub command: String,
    /// Name and value of everything that identifies the run.
    pub identity: Vec<(String, String)>,
}

/// A table of texts; the first column is a heading of its row.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A chart: finished SVG (trusted, ours), its finding, what it shows in words.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    pub svg: String,
    pub title: String,
    pub alternative: String,
}

/// A shock on the run's time axis; `from` and `to` as shares of the horizon.
#[derive(Clone, Debug, Default)]
pub struct ShockLine {
    pub name: String,
    pub when: String,
    pub from_share: f64,
    pub to_share: f64,
}

/// A check of the run. `passed` is none where there is nothing to pass.
#[derive(Clone, Debug, Default)]
pub struct Check {
    pub name: String,
    pub finding: String,
    pub passed: Option<bool>,
}

/// A fact beside what the model says of the same.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    pub what: String,
    pub fact: f64,
    pub model: f64,
    /// Weeks of the run that were averaged.
    pub weeks: String,
    pub source: String,
}

impl Fact {
    /// Model against fact, per cent of the fact.
    #[must_use]
    pub fn off_percent(&self) -> f64 {
        (self.model / self.fact - 1.0) * 100.0
    }
}

/// A series of the first weeks beside its trend in the year before.
#[derive(Clone, Debug, Default)]
pub struct TrendLine {
    pub what: String,
    pub source: String,
    /// No observation stands behind the trend.
    pub assumed: bool,
    /// Share.
    pub growth_per_year: f64,
    /// Median over draws in the first and in the last week judged.
    pub first: f64,
    pub last: f64,
    pub weeks: i64,
    /// Largest relative distance from the trend.
    pub off: f64,
    pub passes_within: f64,
}

/// Assumptions of one part of the scenario.
#[derive(Clone, Debug, Default)]
pub struct Section {
    pub name: String,
    pub rows: Vec<Assumption>,
}

#[derive(Clone, Debug, Default)]
pub struct Assumption {
    pub path: String,
    pub value: String,
    pub range: String,
    pub status: String,
    pub source: String,
    pub url: String,
    pub date: String,
}

/// The policy that browsers are held to.
const CONTENT_POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// The page as one HTML file.
#[must_use]
pub fn render(page: &Page) -> String {
    let mut out = String::with_capacity(1 << 20);
    head(&mut out, page);
    policies(&mut out, page);
    pictures(&mut out, "What happens", &page.pictures);
    grids(&mut out, "Who gains, who loses", &page.winners);
    pictures(&mut out, "What flows in a year", &page.flows);
    pictures(&mut out, "What drives the result", &page.drivers);
    shocks(&mut out, page);
    checks(&mut out, page);
    facts(&mut out, page);
    grids(&mut out, "What was changed", &page.changes);
    trends(&mut out, page);
    assumptions(&mut out, page);
    reproduce(&mut out, page);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, page: &Page) {
    let title = escaped(&page.scenario);
    out.push_str(&format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{CONTENT_POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · wattflop</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"kicker\">{title} · {run}</p>\n<h1>{question}</h1>\n\
         <p class=\"answer\">{answer}</p>\n<p class=\"scope\">{scope}</p>\n",
        run = escaped(&page.run_id),
        question = escaped(&page.question),
        answer = escaped(&page.answer),
        scope = escaped(&page.scope),
    ));
}

fn grid(out: &mut String, grid: &Grid, class: &str) {
    out.push_str(&format!(
        "<div class=\"scroll\"><table class=\"{class}\">\n"
    ));
    if !grid.caption.is_empty() {
        out.push_str(&format!("<caption>{}</caption>\n", escaped(&grid.caption)));
    }
    out.push_str("<thead><tr>");
    for cell in &grid.head {
        out.push_str(&format!("<th scope=\"col\">{}</th>", escaped(cell)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &grid.rows {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            // A line break in a cell sets what follows in small print.
            let (main, small) = cell.split_once('\n').unwrap_or((cell, ""));
            let small = if small.is_empty() {
                String::new()
            } else {
                format!("<small>{}</small>", escaped(small))
            };
            let main = escaped(main);
            match index {
                0 => out.push_str(&format!("<th scope=\"row\">{main}{small}</th>")),
                _ => out.push_str(&format!("<td>{main}{small}</td>")),
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

/// Tables under one heading; nothing where there are none.
fn grids(out: &mut String, title: &str, tables: &[Grid]) {
    if !tables.is_empty() {
        out.push_str(&format!("<h2>{title}</h2>\n"));
        tables.iter().for_each(|table| grid(out, table, "numbers"));
    }
}

fn policies(out: &mut String, page: &Page) {
    if let Some(table) = &page.shock_effects {
        out.push_str("<h2>What the shocks change</h2>\n");
        grid(out, table, "numbers");
    }
    if let Some(table) = &page.policies {
        let many = table.head.len() > 2;
        let title = if many {
            "What the policies change"
        } else {
            "Where it ends"
        };
        out.push_str(&format!("<h2>{title}</h2>\n"));
        grid(out, table, "numbers");
    }
}

fn pictures(out: &mut String, title: &str, pictures: &[Picture]) {
    if pictures.is_empty() {
        return;
    }
    out.push_str(&format!("<h2>{title}</h2>\n"));
    for picture in pictures {
        // The SVG is ours and carries title and description for screen readers.
        out.push_str(&format!(
            "<figure aria-label=\"{}\">\n{}\n<details><summary>In words</summary><p>{}</p>\
             </details>\n</figure>\n",
            escaped(&picture.title),
            picture.svg.trim_end(),
            escaped(&picture.alternative)
        ));
    }
}

fn shocks(out: &mut String, page: &Page) {
    if page.shocks.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Shocks</h2>\n<p>Those that strike every draw in the same week; the bar is the \
         whole horizon.</p>\n<table class=\"shocks\"><tbody>\n",
    );
    for shock in &page.shocks {
        let from = shock.from_share.clamp(0.0, 1.0) * 100.0;
        let wide = (shock.to_share.clamp(0.0, 1.0) * 100.0 - from).max(0.4);
        out.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"axis\"><div><span \
             style=\"margin-left:{from:.2}%;width:{wide:.2}%\"></span></div></td></tr>\n",
            escaped(&shock.name),
            escaped(&shock.when)
        ));
    }
    out.push_str("</tbody></table>\n");
}

fn checks(out: &mut String, page: &Page) {
    out.push_str("<h2>Checks</h2>\n<ul class=\"checks\">\n");
    for check in &page.checks {
        let (class, mark) = match check.passed {
            Some(true) => ("good", "held"),
            Some(false) => ("bad", "failed"),
            None => ("plain", "note"),
        };
        out.push_str(&format!(
            "<li class=\"{class}\"><b>{mark}</b> {}: {}</li>\n",
            escaped(&check.name),
            escaped(&check.finding)
        ));
    }
    out.push_str("</ul>\n");
}

fn facts(out: &mut String, page: &Page) {
    if page.facts.is_empty() {
        return;
    }
    let rows = page.facts.iter().map(|fact| {
        let off = fact.off_percent();
        let sign = if off > 0.0 { "+" } else { "" };
        let off = if off.is_finite() {
            format!("{sign}{}%", fixed(off, 1))
        } else {
            "n/a".to_owned()
        };
        vec![
            format!("{}\n{}", fact.what, fact.source),
            short(fact.fact),
            short(fact.model),
            off,
            fact.weeks.clone(),
        ]
    });
    let table = Grid {
        caption: "The run’s opening beside published facts; medians over draws.".to_owned(),
        head: ["", "Fact", "Model", "Off", "Weeks"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    out.push_str("<h2>The opening beside the facts</h2>\n");
    grid(out, &table, "numbers");
}

fn trends(out: &mut String, page: &Page) {
    if page.trends.is_empty() {
        return;
    }
    let percent = |share: f64| {
        let sign = if share > 0.0 { "+" } else { "" };
        format!("{sign}{}%", fixed(share * 100.0, 1))
    };
    let rows = page.trends.iter().map(|line| {
        let trend = percent(line.growth_per_year);
        let mark = if line.off.abs() <= line.passes_within {
            "yes"
        } else {
            "no"
        };
        vec![
            format!("{}\n{}", line.what, line.source),
            if line.assumed {
                format!("{trend} (assumed)")
            } else {
                trend
            },
            short(line.first),
            short(line.last),
            percent(line.off),
            mark.to_owned(),
        ]
    });
    let weeks = page
        .trends
        .iter()
        .map(|line| line.weeks)
        .max()
        .unwrap_or(13);
    let table = Grid {
        caption: format!(
            "Weeks 0 to {weeks}, medians over draws: does each series go on as in the year \
             before? Off is the largest distance in any of these weeks."
        ),
        head: ["", "A year", "Week 0", "Last week", "Off", "Within"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows.collect(),
    };
    out.push_str("<h2>The first quarter beside the year before</h2>\n");
    grid(out, &table, "numbers");
}

fn assumptions(out: &mut String, page: &Page) {
    if page.assumptions.is_empty() {
        return;
    }
    let total: usize = page
        .assumptions
        .iter()
        .map(|section| section.rows.len())
        .sum();
    let rows = || page.assumptions.iter().flat_map(|section| &section.rows);
    let assumed = rows().filter(|row| row.status == "assumed").count();
    let share = 100.0 * assumed as f64 / total.max(1) as f64;
    out.push_str(&format!(
        "<h2>Assumptions and sources</h2>\n<p>{total} numbers with evidence; {assumed} of them \
         ({}%) are assumed, with a range.</p>\n",
        fixed(share, 0)
    ));
    for section in &page.assumptions {
        out.push_str(&format!(
            "<details><summary>{} <small>{} numbers</small></summary>\n<div class=\"scroll\">\
             <table class=\"evidence\">\n<thead><tr><th>Key</th><th>Value</th><th>Range</th>\
             <th>Status</th><th>Source</th></tr></thead>\n<tbody>\n",
            escaped(&section.name),
            section.rows.len()
        ));
        section.rows.iter().for_each(|row| assumption(out, row));
        out.push_str("</tbody></table></div></details>\n");
    }
}

fn assumption(out: &mut String, row: &Assumption) {
    let source = escaped(&row.source);
    // Only web addresses become links: a `javascript:` address stays text.
    let web = row.url.starts_with("https://") || row.url.starts_with("http://");
    let source = if web {
        format!(
            "<a rel=\"noreferrer\" href=\"{}\">{source}</a>",
            escaped(&row.url)
        )
    } else {
        source
    };
    let date = if row.date.is_empty() {
        String::new()
    } else {
        format!(", {}", escaped(&row.date))
    };
    out.push_str(&format!(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td>\
         <td>{source}{date}</td></tr>\n",
        escaped(&row.path),
        escaped(&row.value),
        escaped(&row.range),
        escaped(&row.status)
    ));
}

fn reproduce(out: &mut String, page: &Page) {
    out.push_str(&format!(
        "<section class=\"again\">\n<h2>Reproduce this</h2>\n<pre>{}</pre>\n<dl>\n",
        escaped(&page.command)
    ));
    for (name, value) in &page.identity {
        out.push_str(&format!(
            "<dt>{}</dt><dd>{}</dd>\n",
            escaped(name),
            escaped(value)
        ));
    }
    out.push_str("</dl>\n");
    if !page.scenario_text.is_empty() {
        out.push_str(&format!(
            "<details><summary>The scenario file</summary>\n<pre>{}</pre></details>\n",
            escaped(&page.scenario_text)
        ));
    }
    out.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "\"><script>alert(1)</script><img src=x onerror='x'>";

    fn nasty() -> Page {
        let text = NASTY.to_owned();
        let row = Assumption {
            path: text.clone(),
            value: text.clone(),
            range: text.clone(),
            status: text.clone(),
            source: text.clone(),
            url: "javascript:alert(1)".to_owned(),
            date: text.clone(),
        };
        let picture = Picture {
            svg: "<svg></svg>".to_owned(),
            title: text.clone(),
            alternative: text.clone(),
        };
        let table = Grid {
            caption: text.clone(),
            head: vec![text.clone()],
            rows: vec![vec![text.clone(), format!("{text}\n{text}")]],
        };
        Page {
            scenario: text.clone(),
            run_id: text.clone(),
            question: text.clone(),
            answer: text.clone(),
            scope: text.clone(),
            policies: Some(table.clone()),
            pictures: vec![picture.clone()],
            flows: vec![picture.clone()],
            drivers: vec![picture],
            shock_effects: Some(table.clone()),
            winners: vec![table.clone()],
            changes: vec![table],
            shocks: vec![ShockLine {
                name: text.clone(),
                when: text.clone(),
                ..ShockLine::default()
            }],
            checks: vec![Check {
                name: text.clone(),
                finding: text.clone(),
                passed: None,
            }],
            facts: vec![Fact {
                what: text.clone(),
                source: text.clone(),
                weeks: text.clone(),
                fact: 1.0,
                model: 1.1,
            }],
            trends: vec![TrendLine {
                what: text.clone(),
                source: text.clone(),
                first: 1.0,
                last: 1.1,
                ..TrendLine::default()
            }],
            assumptions: vec![Section {
                name: text.clone(),
                rows: vec![row],
            }],
            scenario_text: text.clone(),
            command: text.clone(),
            identity: vec![(text.clone(), text)],
        }
    }

    #[test]
    fn nothing_that_a_user_writes_becomes_markup() {
        let page = render(&nasty());
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains("<img"), "{page}");
        assert!(!page.contains("javascript:"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_is_offline_and_says_so_to_the_browser() {
        let page = render(&Page::default());
        assert!(page.contains(CONTENT_POLICY));
        for forbidden in [
            "<script", "<link", "@import", "url(", "src=", "http://", "https://",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn a_fact_says_how_far_off_the_model_is() {
        let fact = Fact {
            fact: 2.0,
            model: 2.1,
            ..Fact::default()
        };
        assert!((fact.off_percent() - 5.0).abs() < 1e-9);
    }
}
