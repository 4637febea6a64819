//! Units as names carry them: `power_price_usd_per_mwh` is in USD/MWh.

use std::fmt;

/// A unit read from the end of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Above the line, as words of the name; empty for a pure rate such as `growth_per_year`.
    over: Vec<String>,
    /// Below the line, one entry for each `per`.
    under: Vec<Vec<String>>,
    /// Prices of this year, where the name says so.
    year: Option<String>,
}

/// Words that may end a name, and how they are written.
const ATOMS: [(&str, &str); 67] = [
    ("usd", "USD"),
    ("bn", "bn"),
    ("mn", "mn"),
    ("cent", "cent"),
    ("wh", "Wh"),
    ("kwh", "kWh"),
    ("mwh", "MWh"),
    ("gwh", "GWh"),
    ("twh", "TWh"),
    ("w", "W"),
    ("kw", "kW"),
    ("mw", "MW"),
    ("gw", "GW"),
    ("kva", "kVA"),
    ("h", "h"),
    ("hours", "hours"),
    ("minutes", "minutes"),
    ("s", "s"),
    ("seconds", "seconds"),
    ("ms", "ms"),
    ("days", "days"),
    ("weeks", "weeks"),
    ("months", "months"),
    ("quarters", "quarters"),
    ("years", "years"),
    ("share", "share"),
    ("ratio", "ratio"),
    ("factor", "factor"),
    ("elasticity", "elasticity"),
    ("exponent", "exponent"),
    ("index", "index"),
    ("sigma", "sigma"),
    ("probability", "probability"),
    ("hazard", "hazard"),
    ("count", "count"),
    ("tokens", "tokens"),
    ("chips", "chips"),
    ("units", "units"),
    ("devices", "devices"),
    ("servers", "servers"),
    ("racks", "racks"),
    ("nodes", "nodes"),
    ("rows", "rows"),
    ("wafers", "wafers"),
    ("dies", "dies"),
    ("packages", "packages"),
    ("stacks", "stacks"),
    ("customers", "customers"),
    ("households", "households"),
    ("people", "people"),
    ("copies", "copies"),
    ("draws", "draws"),
    ("gb", "GB"),
    ("tb", "TB"),
    ("pb", "PB"),
    ("eb", "EB"),
    ("gbps", "Gbit/s"),
    ("tflops", "TFLOP/s"),
    ("mm2", "mm²"),
    ("m3", "m³"),
    ("km", "km"),
    ("litre", "litre"),
    ("litres", "litres"),
    ("ml", "ml"),
    ("kg", "kg"),
    ("t", "t"),
    ("c", "°C"),
];

/// Units of one kind, each a thousand times the one before.
const LADDERS: [&[&str]; 6] = [
    &["wh", "kwh", "mwh", "gwh", "twh"],
    &["w", "kw", "mw", "gw"],
    &["gb", "tb", "pb", "eb"],
    &["ms", "s"],
    &["ml", "litre"],
    &["kg", "t"],
];

fn atom(word: &str) -> Option<&'static str> {
    ATOMS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, text)| *text)
}

/// The unit that ends a name; `None` where the name does not say.
pub fn unit_of(name: &str) -> Option<Unit> {
    let mut words: Vec<&str> = name.split('_').collect();
    let is_year = |word: &&&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let year = words.last().filter(is_year).map(|word| (*word).to_owned());
    if year.is_some() {
        words.pop();
    }
    let mut parts = words.split(|word| *word == "per");
    let before = parts.next().unwrap_or_default();
    let under: Vec<Vec<String>> = parts
        .map(|part| part.iter().map(|word| (*word).to_owned()).collect())
        .collect();
    if under.iter().any(Vec::is_empty) {
        return None;
    }
    let known = before
        .iter()
        .rev()
        .take_while(|word| atom(word).is_some())
        .count();
    // A name is more than its unit: `share` alone still has the unit share.
    let over: Vec<String> = before[before.len() - known..]
        .iter()
        .map(|word| (*word).to_owned())
        .collect();
    (known > 0 || !under.is_empty()).then_some(Unit { over, under, year })
}

impl Unit {
    pub fn is_share(&self) -> bool {
        self.under.is_empty() && matches!(self.over.last(), Some(last) if last == "share")
    }

    /// The unit in which a number `factor` times smaller says the same: USD/MWh and 1000 give
    /// USD/kWh, MW and 1000 give GW.
    pub fn scaled(&self, factor: f64) -> Option<Unit> {
        let rungs = match factor {
            1e3 => 1,
            1e-3 => -1,
            1e6 => 2,
            1e-6 => -2,
            _ => return None,
        };
        let mut unit = self.clone();
        let below = unit
            .under
            .iter_mut()
            .flatten()
            .rev()
            .find_map(|word| climb(word, -rungs));
        if below.is_some() {
            return Some(unit);
        }
        unit.over.last_mut().and_then(|word| climb(word, rungs))?;
        Some(unit)
    }
}

/// Moves a word up its ladder, in place.
fn climb(word: &mut String, rungs: i32) -> Option<()> {
    for ladder in LADDERS {
        if let Some(rung) = ladder.iter().position(|name| name == word) {
            let target = usize::try_from(i32::try_from(rung).ok()? + rungs).ok()?;
            *word = (*ladder.get(target)?).to_owned();
            return Some(());
        }
    }
    None
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |words: &[String]| -> String {
            let words = words
                .iter()
                .map(|word| atom(word).unwrap_or(word).to_owned());
            words.collect::<Vec<String>>().join(" ")
        };
        if self.over.is_empty() {
            let under: Vec<String> = self.under.iter().map(|part| say(part)).collect();
            write!(f, "per {}", under.join(" per "))?;
        } else {
            f.write_str(&say(&self.over))?;
            for part in &self.under {
                write!(f, "/{}", say(part).replace(' ', "-"))?;
            }
        }
        match &self.year {
            Some(year) => write!(f, " ({year})"),
            None => Ok(()),
        }
    }
}

/// A number as a reader writes it: at most six significant digits, no trailing zeros.
pub fn number_text(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let short = format!("{value:.5e}");
    let rounded: f64 = short.parse().unwrap_or(value);
    let size = rounded.abs();
    if (1e-5..1e15).contains(&size) {
        format!("{rounded}")
    } else {
        format!("{rounded:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::{number_text, unit_of};

    #[test]
    fn units_are_read_from_names() {
        let say = |name: &str| unit_of(name).map(|unit| unit.to_string());
        assert_eq!(say("power_price_usd_per_mwh").as_deref(), Some("USD/MWh"));
        assert_eq!(say("stake_usd_per_gpu_h").as_deref(), Some("USD/gpu-h"));
        assert_eq!(say("capex_usd_bn_2026").as_deref(), Some("USD bn (2026)"));
        assert_eq!(say("growth_per_year").as_deref(), Some("per year"));
        assert_eq!(say("connection_delay_weeks").as_deref(), Some("weeks"));
        assert_eq!(say("outage_share").as_deref(), Some("share"));
        assert_eq!(say("first_year_tokens").as_deref(), Some("tokens"));
        assert_eq!(say("maker"), None);
        assert_eq!(say("price_per"), None);
    }

    #[test]
    fn a_smaller_number_belongs_to_a_larger_unit() {
        let scaled = |name: &str, factor: f64| {
            unit_of(name)
                .and_then(|unit| unit.scaled(factor))
                .map(|unit| unit.to_string())
        };
        assert_eq!(scaled("price_usd_per_mwh", 1e3).as_deref(), Some("USD/kWh"));
        assert_eq!(scaled("load_mw", 1e3).as_deref(), Some("GW"));
        assert_eq!(scaled("load_mw", 1e-3).as_deref(), Some("kW"));
        assert_eq!(scaled("load_gw", 1e3), None);
        assert_eq!(scaled("price_usd", 1e3), None);
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number_text(0.074 * 1000.0), "74");
        assert_eq!(number_text(0.1 + 0.2), "0.3");
        assert_eq!(number_text(12_000_000.0), "12000000");
        assert_eq!(number_text(2.5e-9), "2.5e-9");
    }
}
