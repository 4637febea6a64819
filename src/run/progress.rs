//! A bar on standard error while runs work; silent when nobody watches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::job::Watch;

const REDRAW: Duration = Duration::from_millis(100);

/// Runs `work` while a bar follows the weeks that `watch` counts. The bar is drawn only when
/// `visible` and standard error is a terminal.
pub fn shown<T>(total_weeks: u64, visible: bool, watch: &Watch, work: impl FnOnce() -> T) -> T {
    if !visible {
        return work();
    }
    let bar = ProgressBar::with_draw_target(Some(total_weeks), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(
        "{bar:30} {percent:>3} %  {human_pos} of {human_len} weeks  {eta} left",
    ) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    let finished = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !finished.load(Ordering::Relaxed) {
                bar.set_position(watch.weeks());
                std::thread::park_timeout(REDRAW);
            }
        });
        let outcome = work();
        finished.store(true, Ordering::Relaxed);
        outcome
    });
    bar.finish_and_clear();
    outcome
}

/// A bar that counts finished pieces of work; hidden unless standard error is a terminal.
pub fn counter(total: u64, of_what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template =
        format!("{{bar:30}} {{percent:>3}} %  {{pos}} of {{len}} {of_what}  {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}
