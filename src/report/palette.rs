//! Who has which colour. Okabe and Ito's palette without yellow, five entities of a kind at
//! most, greys afterwards; an entity keeps its colour in every chart of every run.

use std::collections::BTreeMap;

/// A colour in sRGB, 0 to 255 a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

pub const BLUE: Rgb = Rgb(0x00, 0x72, 0xB2);
pub const ORANGE: Rgb = Rgb(0xE6, 0x9F, 0x00);
pub const GREEN: Rgb = Rgb(0x00, 0x9E, 0x73);
pub const PINK: Rgb = Rgb(0xCC, 0x79, 0xA7);
pub const VERMILION: Rgb = Rgb(0xD5, 0x5E, 0x00);
pub const SKY: Rgb = Rgb(0x56, 0xB4, 0xE9);

pub const WHITE: Rgb = Rgb(255, 255, 255);
pub const INK: Rgb = Rgb(0x1A, 0x1A, 0x1A);
pub const SOFT_INK: Rgb = Rgb(0x59, 0x59, 0x59);
pub const GRID: Rgb = Rgb(0xDC, 0xDC, 0xDC);
pub const AXIS: Rgb = Rgb(0x33, 0x33, 0x33);
pub const GHOST: Rgb = Rgb(0xC4, 0xC4, 0xC4);
pub const SHOCK: Rgb = Rgb(0xEE, 0xEE, 0xEC);

const SLOTS: [Rgb; 5] = [BLUE, VERMILION, GREEN, PINK, ORANGE];
const GREYS: [Rgb; 4] = [
    Rgb(0x6E, 0x6E, 0x6E),
    Rgb(0x93, 0x93, 0x93),
    Rgb(0xAD, 0xAD, 0xAD),
    Rgb(0xC6, 0xC6, 0xC6),
];

/// Names whose slot is fixed for good, so that two reports side by side agree.
const REGISTRY: [(&str, [&str; 5]); 5] = [
    (
        "tier",
        ["list", "spot", "reserved", "network", "marketplace"],
    ),
    (
        "operator",
        ["microsoft", "amazon", "alphabet", "coreweave", "meta"],
    ),
    (
        "policy",
        [
            "baseline",
            "fixed_emission",
            "burn_and_mint",
            "usd_floor",
            "none",
        ],
    ),
    (
        "region",
        [
            "us_virginia",
            "us_texas",
            "china_east",
            "us_midwest",
            "germany",
        ],
    ),
    ("network", ["render", "akash", "ionet", "edge", "open_gpu"]),
];

impl Rgb {
    /// Mixed with `other`; `share` 0 leaves self, 1 gives other.
    #[must_use]
    pub fn mixed(self, other: Rgb, share: f64) -> Rgb {
        let mix = |a: u8, b: u8| {
            let value = f64::from(a) * (1.0 - share) + f64::from(b) * share;
            // In 0..=255 by construction.
            value.round() as u8
        };
        Rgb(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// The same hue, dark enough to be read as text on white.
    #[must_use]
    pub fn for_text(self) -> Rgb {
        let mut colour = self;
        for _ in 0..12 {
            if colour.contrast_on_white() >= 4.5 {
                break;
            }
            colour = colour.mixed(Rgb(0, 0, 0), 0.08);
        }
        colour
    }

    /// WCAG contrast with white, with the square as approximation of the sRGB curve.
    #[must_use]
    pub fn contrast_on_white(self) -> f64 {
        let linear = |c: u8| {
            let share = f64::from(c) / 255.0;
            share * share
        };
        let luminance = 0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2);
        1.05 / (luminance + 0.05)
    }

    #[must_use]
    pub fn hex(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// The colours of one report: fixed names first, the others in the order they are met.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    slots: BTreeMap<(String, String), usize>,
}

impl Palette {
    /// Gives every name of `kind` a colour; `names` in order of importance.
    pub fn register(&mut self, kind: &str, names: &[String]) {
        let fixed = REGISTRY
            .iter()
            .find(|entry| entry.0 == kind)
            .map_or(&[][..], |e| &e.1[..]);
        for name in names {
            let slot = match fixed.iter().position(|known| known == name) {
                Some(slot) => slot,
                None => self.free_slot(kind, names, fixed),
            };
            self.slots
                .entry((kind.to_owned(), name.clone()))
                .or_insert(slot);
        }
    }

    fn free_slot(&self, kind: &str, names: &[String], fixed: &[&str]) -> usize {
        let taken = |slot: usize| {
            let here = fixed
                .get(slot)
                .is_some_and(|name| names.iter().any(|n| n == name));
            here || self.slots.iter().any(|((k, _), s)| k == kind && *s == slot)
        };
        (0..).find(|slot| !taken(*slot)).unwrap_or(usize::MAX)
    }

    /// The colour of an entity; unknown entities are the darkest grey.
    #[must_use]
    pub fn colour(&self, kind: &str, name: &str) -> Rgb {
        let key = (kind.to_owned(), name.to_owned());
        match self.slots.get(&key) {
            Some(&slot) if slot < SLOTS.len() => SLOTS[slot],
            Some(&slot) => GREYS[(slot - SLOTS.len()) % GREYS.len()],
            None => GREYS[0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&n| n.to_owned()).collect()
    }

    #[test]
    fn a_known_entity_keeps_its_colour_whoever_else_is_there() {
        let mut alone = Palette::default();
        alone.register("operator", &names(&["meta"]));
        let mut crowd = Palette::default();
        crowd.register("operator", &names(&["zeta", "amazon", "meta", "acme"]));
        assert_eq!(
            alone.colour("operator", "meta"),
            crowd.colour("operator", "meta")
        );
    }

    #[test]
    fn five_colours_then_greys_and_no_two_alike() {
        let list = names(&["a", "b", "c", "d", "e", "f", "g"]);
        let mut palette = Palette::default();
        palette.register("network", &list);
        let colours: Vec<_> = list.iter().map(|n| palette.colour("network", n)).collect();
        assert_eq!(&colours[..5], &SLOTS);
        assert_eq!(&colours[5..], &GREYS[..2]);
    }

    #[test]
    fn text_colours_can_be_read() {
        for colour in SLOTS.iter().chain(&GREYS).chain(&[SKY]) {
            assert!(
                colour.for_text().contrast_on_white() >= 4.5,
                "{}",
                colour.hex()
            );
        }
    }
}
