//! Names, numbers and dates as a reader wants them; escaping of everything a user may write.

/// `text` safe inside HTML and SVG, in text and in quoted attributes. Control characters, which
/// XML forbids, become spaces.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push('\n'),
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

const WRITTEN: [(&str, &str); 56] = [
    ("us", "US"),
    ("eu", "EU"),
    ("uk", "UK"),
    ("uae", "UAE"),
    ("usd", "USD"),
    ("gpu", "GPU"),
    ("npu", "NPU"),
    ("tpu", "TPU"),
    ("hbm", "HBM"),
    ("hhi", "HHI"),
    ("ai", "AI"),
    ("co2", "CO₂"),
    ("mwh", "MWh"),
    ("h100", "H100"),
    ("h100e", "H100e"),
    ("h200", "H200"),
    ("h20", "H20"),
    ("a100", "A100"),
    ("b200", "B200"),
    ("b300", "B300"),
    ("gb200", "GB200"),
    ("gb300", "GB300"),
    ("mi300x", "MI300X"),
    ("mi355x", "MI355X"),
    ("mi325x", "MI325X"),
    ("mi350x", "MI350X"),
    ("mi450", "MI450"),
    ("vr200", "VR200"),
    ("vr300", "VR300"),
    ("xai", "xAI"),
    ("coreweave", "CoreWeave"),
    ("amazon", "Amazon"),
    ("microsoft", "Microsoft"),
    ("alphabet", "Alphabet"),
    ("meta", "Meta"),
    ("oracle", "Oracle"),
    ("china", "China"),
    ("texas", "Texas"),
    ("rtx", "RTX"),
    ("next", "Next generation"),
    ("virginia", "Virginia"),
    ("california", "California"),
    ("midwest", "Midwest"),
    ("northwest", "Northwest"),
    ("southeast", "Southeast"),
    ("brazil", "Brazil"),
    ("germany", "Germany"),
    ("gulf", "Gulf"),
    ("india", "India"),
    ("ireland", "Ireland"),
    ("japan", "Japan"),
    ("nordics", "Nordics"),
    ("ionet", "io.net"),
    ("akash", "Akash"),
    ("render", "Render"),
    ("nvidia", "NVIDIA"),
];

/// `us_east` as “US east”, `on_demand` as “On demand”.
#[must_use]
pub fn name(raw: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut as_written = false;
    for word in raw.split(['_', ' ']).filter(|word| !word.is_empty()) {
        let lower = word.to_lowercase();
        let known = WRITTEN.iter().find(|(key, _)| *key == lower);
        as_written |= words.is_empty() && known.is_some();
        words.push(known.map_or_else(|| word.to_owned(), |(_, written)| (*written).to_owned()));
    }
    let joined = words.join(" ");
    if as_written {
        joined
    } else {
        sentence_case(&joined)
    }
}

/// First letter as a capital, unless the word carries its own capitals.
#[must_use]
pub fn sentence_case(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or("");
    if first_word.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A label as it stands within a sentence: “H100, spot” keeps its capital, “Backlog” does not.
#[must_use]
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

/// A number with `decimals` places, thousands set apart by commas and a true minus sign.
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let plain = format!("{:.*}", decimals, value.abs());
    let (whole, rest) = match plain.split_once('.') {
        Some((whole, rest)) => (whole, Some(rest)),
        None => (plain.as_str(), None),
    };
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let nonzero = plain.chars().any(|c| c.is_ascii_digit() && c != '0');
    let sign = if value < 0.0 && nonzero { "−" } else { "" };
    match rest {
        Some(rest) => format!("{sign}{grouped}.{rest}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A number to three figures, large ones in thousands, millions, billions or trillions.
#[must_use]
pub fn short(value: f64) -> String {
    let size = value.abs();
    let (scale, suffix) = match size {
        s if s >= 0.9995e12 => (1e12, "trn"),
        s if s >= 0.9995e9 => (1e9, "bn"),
        s if s >= 0.9995e6 => (1e6, "m"),
        _ => (1.0, ""),
    };
    let scaled = size / scale;
    let decimals = match scaled {
        0.0 => 0,
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        s if s >= 0.0995 => 2,
        s if s >= 0.00995 => 3,
        // Two figures of what is very small.
        s => (4..9)
            .find(|d| s >= 0.95 / powers_of_ten(*d - 1))
            .unwrap_or(9),
    };
    // Whole numbers of more than three figures lose the others too.
    let unit = if scaled >= 99_950.0 {
        1000.0
    } else if scaled >= 9995.0 {
        100.0
    } else if scaled >= 999.5 {
        10.0
    } else {
        1.0
    };
    let scaled = if unit > 1.0 {
        (scaled / unit).round() * unit
    } else {
        scaled
    };
    let signed = if value < 0.0 { -scaled } else { scaled };
    let text = fixed(signed, decimals);
    // A single zero after the point claims a precision that nobody needs.
    format!(
        "{}{suffix}",
        if decimals == 1 {
            text.trim_end_matches(".0")
        } else {
            &text
        }
    )
}

fn powers_of_ten(count: usize) -> f64 {
    (0..count).fold(1.0, |power, _| power * 10.0)
}

/// A share as a per cent, to a sensible place.
#[must_use]
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = match value.abs() {
        v if v == 0.0 || v >= 9.95 => 0,
        v if v >= 0.095 => 1,
        v if v >= 0.0095 => 2,
        _ => 4,
    };
    format!("{}%", fixed(value, decimals))
}

/// Days before each month in a common year.
const MONTH_STARTS: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
pub const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `2027-04-05` as 2027.257…, for axes only.
#[must_use]
pub fn decimal_year(date: &str) -> Option<f64> {
    let mut parts = date.trim().splitn(3, '-');
    let year: u32 = parts.next()?.parse().ok()?;
    let month: usize = parts.next()?.parse().ok()?;
    let day: u32 = parts.next()?.get(..2)?.parse().ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year == 0 {
        return None;
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_day = u32::from(leap && month > 2);
    let day_of_year = MONTH_STARTS[month - 1] + leap_day + day - 1;
    let length = if leap { 366.0 } else { 365.0 };
    Some(f64::from(year) + f64::from(day_of_year) / length)
}

/// 2027.26 as “Apr 2027”.
#[must_use]
pub fn month_of(year: f64) -> String {
    let whole = year.floor();
    let month = (((year - whole) * 12.0 + 1e-6).floor() as usize).min(11);
    format!("{} {whole}", MONTHS[month])
}

/// “a, b and c”.
#[must_use]
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(fixed(-1_234_567.891, 1), "−1,234,567.9");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(short(2.2149), "2.21");
        assert_eq!(short(12_345_678.0), "12.3m");
        assert_eq!(short(999_999.0), "1.00m");
        assert_eq!(short(50.0), "50");
        assert_eq!(short(0.004_321), "0.0043");
        assert_eq!(short(0.000_012_3), "0.000012");
        assert_eq!(short(4321.0), "4,320");
        assert_eq!(short(201_374.0), "201,000");
        assert_eq!(percent(0.0123), "1.2%");
        assert_eq!(percent(0.5), "50%");
        assert_eq!(percent(0.0003), "0.03%");
        assert_eq!(fixed(f64::NAN, 1), "n/a");
    }

    #[test]
    fn names_read_well() {
        assert_eq!(name("us_east"), "US east");
        assert_eq!(name("on_demand"), "On demand");
        assert_eq!(name("xai"), "xAI");
        assert_eq!(name("ionet"), "io.net");
        assert_eq!(in_sentence("Backlog"), "backlog");
        assert_eq!(in_sentence("H100, spot"), "H100, spot");
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    #[test]
    fn dates_become_years() {
        assert_eq!(decimal_year("2026-01-01"), Some(2026.0));
        let leap = decimal_year("2028-12-31").unwrap_or(0.0);
        assert!((leap - (2028.0 + 365.0 / 366.0)).abs() < 1e-12);
        assert_eq!(decimal_year("2026-13-01"), None);
        assert_eq!(decimal_year("soon"), None);
        assert_eq!(month_of(2025.84), "Nov 2025");
    }

    #[test]
    fn nothing_dangerous_survives_escaping() {
        let safe = escaped("<script>\"'&\u{0}\u{1b}</script>");
        assert_eq!(safe, "&lt;script&gt;&quot;&#39;&amp;  &lt;/script&gt;");
    }
}
