//! Demand of everybody but data centres: L = mean · (1 + s · (x_h − 1)), where x_h is a day's
//! course times heating and cooling by temperature, scaled to mean 1, and s is chosen when the
//! scenario is compiled so that mean ÷ peak is the published load factor.

use super::dispatch::{HOURS, Hours};
use super::weather::{DAYS, Season, day_course, seasonal_c};
use crate::kernels::math;
use crate::scenario::types::{Region, WeatherRules};

const DAY_H: usize = 24;
const TURN: f64 = std::f64::consts::TAU;
/// Heating begins below, cooling above.
const HEATING_BELOW_C: f64 = 15.0;
const COOLING_ABOVE_C: f64 = 20.0;
/// A weekend day ÷ a working day.
const WEEKEND: f64 = 0.93;
/// Weather of the hour that makes the year's peak, in standard deviations.
const PEAK_WEATHER: f64 = 2.0;

/// A region's demand, compiled.
#[derive(Clone, Debug)]
pub struct LoadShape {
    course: [f64; HOURS],
    day: [f64; DAY_H],
    heating: f64,
    cooling: f64,
    day_range_c: f64,
    norm: f64,
    scale: f64,
}

impl LoadShape {
    pub fn new(region: &Region, rules: &WeatherRules) -> Self {
        let mut shape = Self {
            course: course(),
            day: day_course(),
            heating: region.heating_share_per_c,
            cooling: region.cooling_share_per_c,
            day_range_c: rules.day_range_c,
            norm: 1.0,
            scale: 1.0,
        };
        let (mut sum, mut peak) = (0.0, 0.0);
        let weeks = 26;
        for week in 0..weeks {
            let season = Season {
                year_share: (f64::from(week) + 0.5) / f64::from(weeks),
            };
            let mean = seasonal_c(region, season);
            sum += (0..HOURS).map(|hour| shape.raw(hour, mean)).sum::<f64>();
            let swing = PEAK_WEATHER * rules.temperature_sd_c;
            for extreme in [mean - swing, mean + swing] {
                for hour in 0..5 * DAY_H {
                    let x = shape.raw(hour, extreme);
                    peak = if x > peak { x } else { peak };
                }
            }
        }
        shape.norm = 1.0 / (sum / f64::from(weeks) / HOURS as f64);
        let excess = peak * shape.norm - 1.0;
        shape.scale = (1.0 / region.load_factor_share - 1.0) / excess;
        shape
    }

    /// Temperature of an hour of the week whose day has the mean `day_c`.
    #[inline(always)]
    pub fn hour_c(&self, hour: usize, day_c: f64) -> f64 {
        day_c + self.day_range_c * self.day[hour % DAY_H]
    }

    #[inline(always)]
    fn raw(&self, hour: usize, day_c: f64) -> f64 {
        let t = self.hour_c(hour, day_c);
        let cold = HEATING_BELOW_C - t;
        let warm = t - COOLING_ABOVE_C;
        let heating = if cold > 0.0 { self.heating * cold } else { 0.0 };
        let cooling = if warm > 0.0 { self.cooling * warm } else { 0.0 };
        self.course[hour] * (1.0 + heating + cooling)
    }

    /// Demand of each hour, MW, and its temperature, °C.
    pub fn fill(&self, mean_mw: f64, day_c: &[f64; DAYS], load_mw: &mut Hours, c: &mut Hours) {
        for hour in 0..HOURS {
            let mean_c = day_c[hour / DAY_H];
            c[hour] = self.hour_c(hour, mean_c);
            let x = 1.0 + self.scale * (self.raw(hour, mean_c) * self.norm - 1.0);
            load_mw[hour] = mean_mw * if x > 0.2 { x } else { 0.2 };
        }
    }
}

/// A working week: lowest at 4 h, highest in the evening, weekends lower.
fn course() -> [f64; HOURS] {
    std::array::from_fn(|hour| {
        let h = (hour % DAY_H) as f64;
        let day = 1.0 - 0.15 * math::cos(TURN * (h - 4.0) / 24.0)
            + 0.03 * math::cos(2.0 * TURN * (h - 8.0) / 24.0);
        if hour / DAY_H >= 5 {
            day * WEEKEND
        } else {
            day
        }
    })
}
