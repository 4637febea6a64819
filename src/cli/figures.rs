//! Numbers for the terminal: as many digits as a reader uses.

/// About three significant digits, thousands separated by commas.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_string();
    }
    match size {
        0.0 => "0".to_string(),
        _ if size >= 1e15 => format!("{value:.2e}"),
        _ if size >= 999.5 => grouped(&format!("{value:.0}")),
        _ if size >= 99.95 => format!("{value:.0}"),
        _ if size >= 9.995 => format!("{value:.1}"),
        _ if size >= 0.9995 => format!("{value:.2}"),
        _ if size >= 0.0005 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

/// A count without decimals, thousands separated by commas.
pub fn whole(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

/// The same as `figure` with a plus before what is positive.
pub fn signed(value: f64) -> String {
    let plus = if value > 0.0 { "+" } else { "" };
    format!("{plus}{}", figure(value))
}

/// Low and high of an interval.
pub fn range(low: f64, high: f64) -> String {
    let dash = if low < 0.0 || high < 0.0 {
        " to "
    } else {
        "–"
    };
    format!("{}{dash}{}", figure(low), figure(high))
}

fn grouped(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let mut out = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the unit that gives a short number.
pub fn bytes(count: u64) -> String {
    let value = count as f64;
    match value {
        _ if value >= 1e9 => format!("{:.1} GB", value / 1e9),
        _ if value >= 1e6 => format!("{:.0} MB", value / 1e6),
        _ => format!("{:.0} kB", (value / 1e3).ceil()),
    }
}

/// A duration in seconds, minutes or hours.
pub fn duration(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1.0 => format!("{seconds:.2} s"),
        _ if seconds < 10.0 => format!("{seconds:.1} s"),
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        _ if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.1} h", seconds / 3600.0),
    }
}

/// Rows of cells as text, columns aligned; the first to the left, the others to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |place: usize| {
        rows.iter()
            .filter_map(|row| row.get(place))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|place| width(place).unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (place, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[place] - cell.chars().count());
            if place == 0 {
                line.push_str(&format!("{cell}{pad}"));
            } else {
                line.push_str(&format!("   {pad}{cell}"));
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        let shown: Vec<String> = [
            0.0,
            0.00012,
            0.0421,
            2.314,
            23.14,
            231.4,
            1_234_567.0,
            -1234.5,
            f64::NAN,
        ]
        .map(figure)
        .into();
        let expected = [
            "0",
            "1.2e-4",
            "0.042",
            "2.31",
            "23.1",
            "231",
            "1,234,567",
            "-1,234",
            "–",
        ];
        assert_eq!(shown, expected);
        assert_eq!(whole(15.0), "15");
        assert_eq!(signed(0.5), "+0.500");
        assert_eq!(range(1.6, 3.4), "1.60–3.40");
        assert_eq!(range(-0.1, 0.2), "-0.100 to 0.200");
    }
}
