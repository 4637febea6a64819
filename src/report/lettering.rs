//! The embedded typeface: a subset of Liberation Sans 2, whose widths equal those of Arial and
//! Helvetica, so that an SVG that falls back to the reader's font keeps its layout.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::scene::Weight;

/// What an SVG asks for; also the name under which plotters finds the embedded files.
pub const FAMILY: &str = "Liberation Sans, Arial, Helvetica, sans-serif";

/// Ascent plus descent of the typeface in em: ab_glyph scales to it, SVG to the em.
pub const HEIGHT_EM: f64 = 2288.0 / 2048.0;

static REGULAR: &[u8] = include_bytes!("../../assets/wattflop-sans-regular.ttf");
static BOLD: &[u8] = include_bytes!("../../assets/wattflop-sans-bold.ttf");

/// Makes the typeface known to plotters, once; false if its bytes cannot be read.
pub fn ready() -> bool {
    static READY: OnceLock<bool> = OnceLock::new();
    *READY.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
    })
}

/// The typeface at a size in device units. Built in one go: plotters' `style` setter would
/// keep the regular outlines.
#[must_use]
pub fn font(weight: Weight, device_size: f64) -> FontDesc<'static> {
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::Name(FAMILY), device_size, style)
}

/// Width of `text` in px at `size` px an em.
#[must_use]
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    const FINE: f64 = 2000.0;
    let measured = if ready() {
        font(weight, FINE * HEIGHT_EM).layout_box(text).ok()
    } else {
        None
    };
    match measured {
        Some(((x0, _), (x1, _))) => f64::from(x1 - x0) / FINE * size,
        None => 0.55 * size * text.chars().count() as f64,
    }
}

/// Breaks `text` between words so that no line is wider than `room` px.
#[must_use]
pub fn wrapped(text: &str, size: f64, weight: Weight, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = match lines.last() {
            Some(line) => format!("{line} {word}"),
            None => word.to_owned(),
        };
        match lines.last_mut() {
            Some(line) if width(&longer, size, weight) <= room => *line = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_arial() {
        // Advance widths of Arial in 1/2048 em: W 1933, a 1139, t 569; W and a are kerned by -76.
        let unkerned = (1139.0 + 569.0) / 2048.0 * 100.0;
        assert!((width("at", 100.0, Weight::Regular) - unkerned).abs() < 0.1);
        // In Arial Bold: a 1139, t 682.
        let bold = (1139.0 + 682.0) / 2048.0 * 100.0;
        assert!((width("at", 100.0, Weight::Bold) - bold).abs() < 0.1);
    }

    #[test]
    fn lines_fit_and_no_word_is_lost() {
        let text = "A long sentence about the price of an hour of compute in the week to come";
        let lines = wrapped(text, 20.0, Weight::Bold, 200.0);
        assert!(lines.len() > 2);
        assert!(
            lines
                .iter()
                .all(|line| width(line, 20.0, Weight::Bold) <= 200.0)
        );
        assert_eq!(lines.join(" "), text);
    }
}
