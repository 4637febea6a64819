//! Axes: round tick values, linear and logarithmic scales, calendar ticks.

use super::words::{MONTHS, fixed};

/// Maps values of one axis to px.
#[derive(Clone, Debug)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub from_px: f64,
    pub to_px: f64,
    pub log: bool,
}

/// A value on an axis and what is written beside it.
pub type Tick = (f64, String);

/// The ends of an axis and the values marked on it.
#[derive(Clone, Debug)]
pub struct Ticks {
    pub low: f64,
    pub high: f64,
    pub marks: Vec<Tick>,
}

impl Scale {
    #[must_use]
    pub fn px(&self, value: f64) -> f64 {
        let share = if self.log {
            let (low, high) = (log10(self.low), log10(self.high));
            (log10(value.max(self.low / 10.0)) - low) / (high - low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from_px + share * (self.to_px - self.from_px)
    }
}

/// Logarithm to base 10 of a positive value.
fn log10(value: f64) -> f64 {
    crate::kernels::math::ln(value) * std::f64::consts::LOG10_E
}

/// 10 to a whole power, by repeated multiplication.
fn ten_to(power: i32) -> f64 {
    let mut value = 1.0;
    for _ in 0..power.unsigned_abs() {
        value *= 10.0;
    }
    if power < 0 { 1.0 / value } else { value }
}

/// Largest whole power of ten not above `value` (> 0).
fn decade(value: f64) -> i32 {
    let mut power = 0;
    while power < 300 && ten_to(power + 1) <= value {
        power += 1;
    }
    while power > -300 && ten_to(power) > value {
        power -= 1;
    }
    power
}

/// The round step (1, 2, 2.5 or 5 times a power of ten) that cuts `span` into at most `most`.
fn round_step(span: f64, most: usize) -> f64 {
    let raw = span / most.max(1) as f64;
    let base = ten_to(decade(raw));
    let choices = [1.0, 2.0, 2.5, 5.0, 10.0];
    choices
        .iter()
        .map(|c| c * base)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(raw)
}

/// Round ticks that enclose `low` to `high`, at most `most` steps; the axis runs from the first
/// to the last. Zero is included when the data come near it.
#[must_use]
pub fn linear_ticks(low: f64, high: f64, most: usize) -> Ticks {
    let (mut low, mut high) = (low.min(high), low.max(high));
    if low >= 0.0 && low < 0.45 * high {
        low = 0.0;
    }
    if high <= 0.0 && high > 0.45 * low {
        high = 0.0;
    }
    if high - low <= 1e-12 * high.abs().max(1e-12) {
        let room = if high == 0.0 { 1.0 } else { 0.1 * high.abs() };
        (low, high) = (low - if low == 0.0 { 0.0 } else { room }, high + room);
    }
    let step = round_step(high - low, most);
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil();
    let count = (last - first) as usize;
    let values: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
    Ticks {
        low: first * step,
        high: last * step,
        marks: labelled(&values, step),
    }
}

/// Ticks with just the decimals that tell them apart, in a common power of a thousand.
fn labelled(values: &[f64], step: f64) -> Vec<Tick> {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let (scale, suffix) = match largest {
        l if l >= 1e12 => (1e12, "trn"),
        l if l >= 1e9 => (1e9, "bn"),
        l if l >= 1e6 => (1e6, "m"),
        _ => (1.0, ""),
    };
    let decimals = (0..8).find(|d| {
        let scaled = step / scale * ten_to(*d);
        (scaled - scaled.round()).abs() < 1e-6
    });
    let decimals = usize::try_from(decimals.unwrap_or(2)).unwrap_or(2);
    let label = |value: f64| {
        if value.abs() < step * 1e-6 {
            "0".to_owned()
        } else {
            format!("{}{suffix}", fixed(value / scale, decimals))
        }
    };
    values.iter().map(|&value| (value, label(value))).collect()
}

/// Ticks at 1, 2, 5 times powers of ten, or at the powers alone where those are many; the axis
/// is `low` to `high`, both positive, widened to the nearest of 1, 2, 5.
#[must_use]
pub fn log_ticks(low: f64, high: f64) -> Ticks {
    let low = low.max(1e-300);
    let high = high.max(low * 1.01);
    let mut values = Vec::new();
    for power in decade(low) - 1..=decade(high) + 1 {
        for factor in [1.0, 2.0, 5.0] {
            values.push(factor * ten_to(power));
        }
    }
    let first = values
        .iter()
        .rposition(|v| *v <= low * (1.0 + 1e-9))
        .unwrap_or(0);
    let last = values
        .iter()
        .position(|v| *v >= high * (1.0 - 1e-9))
        .unwrap_or(values.len() - 1);
    let inside = &values[first..=last];
    let powers_only = inside.len() > 7;
    let marks = (first..=last)
        .filter(|index| !powers_only || index % 3 == 0)
        .map(|index| (values[index], log_label(values[index])))
        .collect();
    Ticks {
        low: values[first],
        high: values[last],
        marks,
    }
}

fn log_label(value: f64) -> String {
    let (scale, suffix) = match value {
        v if v >= 1e9 => (1e9, "bn"),
        v if v >= 1e6 => (1e6, "m"),
        _ => (1.0, ""),
    };
    let scaled = value / scale;
    let decimals = if scaled >= 1.0 {
        0
    } else {
        (-decade(scaled)).unsigned_abs() as usize
    };
    format!("{}{suffix}", fixed(scaled, decimals))
}

/// Calendar ticks between two decimal years, at most one per `spacing` px of `width`.
#[must_use]
pub fn calendar_ticks(low: f64, high: f64, width: f64, spacing: f64) -> Vec<Tick> {
    let most = (width / spacing).max(1.0);
    if high - low > 2.6 {
        let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
            .into_iter()
            .find(|step| (high - low) / step <= most)
            .unwrap_or(100.0);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        return (first..=last)
            .map(|i| (i as f64 * step, format!("{}", i as f64 * step)))
            .collect();
    }
    let months = (high - low) * 12.0;
    let step = [1, 3, 6, 12]
        .into_iter()
        .find(|step| months / f64::from(*step) <= most)
        .unwrap_or(12);
    let first = (low * 12.0 - 1e-6).ceil() as i64;
    let last = (high * 12.0 + 1e-6).floor() as i64;
    (first..=last)
        .filter(|month| month % i64::from(step) == 0)
        .map(|month| (month as f64 / 12.0, month_label(month)))
        .collect()
}

fn month_label(month: i64) -> String {
    let index = usize::try_from(month.rem_euclid(12)).unwrap_or(0);
    if index == 0 {
        format!("{}", month / 12)
    } else {
        MONTHS[index].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(ticks: &Ticks) -> Vec<f64> {
        ticks.marks.iter().map(|tick| tick.0).collect()
    }

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.1.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_enclose_the_data() {
        assert_eq!(
            values(&linear_ticks(0.3, 2.31, 5)),
            [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
        );
        assert_eq!(
            labels(&linear_ticks(71.0, 88.0, 4).marks),
            ["70", "75", "80", "85", "90"]
        );
        assert_eq!(
            labels(&linear_ticks(0.0, 3.2e6, 4).marks),
            ["0", "1m", "2m", "3m", "4m"]
        );
        assert_eq!(
            labels(&linear_ticks(0.0, 1.4e6, 4).marks),
            ["0", "0.5m", "1.0m", "1.5m"]
        );
        for (low, high) in [(5.0, 5.0), (0.0, 0.0), (-3.0, 7.0), (1e-7, 2e-7)] {
            let ticks = linear_ticks(low, high, 5);
            assert!(
                ticks.marks.len() >= 2 && ticks.marks.len() <= 7,
                "{ticks:?}"
            );
            assert!(ticks.low <= low && ticks.high >= high, "{ticks:?}");
        }
    }

    #[test]
    fn log_ticks_are_ones_twos_and_fives() {
        assert_eq!(values(&log_ticks(0.3, 4.0)), [0.2, 0.5, 1.0, 2.0, 5.0]);
        assert_eq!(
            labels(&log_ticks(0.05, 0.4).marks),
            ["0.05", "0.1", "0.2", "0.5"]
        );
        let wide = log_ticks(0.003, 9000.0);
        assert_eq!(
            labels(&wide.marks),
            ["0.01", "0.1", "1", "10", "100", "1,000", "10,000"]
        );
        assert_eq!((wide.low, wide.high), (0.002, 10_000.0));
    }

    #[test]
    fn a_log_scale_puts_the_geometric_mean_in_the_middle() {
        let scale = Scale {
            low: 1.0,
            high: 100.0,
            from_px: 0.0,
            to_px: 200.0,
            log: true,
        };
        assert!((scale.px(10.0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn calendars_fit_their_width() {
        assert_eq!(
            labels(&calendar_ticks(2025.84, 2035.8, 1000.0, 60.0)).len(),
            10
        );
        assert_eq!(
            labels(&calendar_ticks(2025.84, 2035.8, 200.0, 55.0)),
            ["2030", "2035"]
        );
        let short = calendar_ticks(2025.84, 2026.84, 500.0, 60.0);
        assert!(
            labels(&short).contains(&"2026") && labels(&short).contains(&"Apr"),
            "{short:?}"
        );
    }
}
