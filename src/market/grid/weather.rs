//! Weather of a region's week: temperature, wind, sun, water.
//!
//! Every deviation is an AR(1), z' = φ z + √(1 − φ²) e with e = √c · common + √(1 − c) · own,
//! where `common` belongs to the area: neighbours share a share c of their weather's variance.
//! Wind is a logistic of z about a seasonal mean (hourly); clearness a logistic of z times the
//! clear-sky shape of the latitude (daily); inflow a lognormal (weekly). Means over a year are
//! the published capacity factors.

use super::dispatch::{HOURS, Hours};
use crate::kernels::{Level, Stream, math, math64};
use crate::scenario::types::Region;

/// Days of a week.
pub const DAYS: usize = 7;
const DAY_H: usize = 24;
const TURN: f64 = std::f64::consts::TAU;

/// Logit at which clearness has its mean.
const CLEARNESS_LOGIT: f64 = 1.0;

/// When in the year a week lies, 0 = 1 January; the southern half-year is shifted.
#[derive(Clone, Copy, Debug)]
pub struct Season {
    pub year_share: f64,
}

impl Season {
    /// 1 in the middle of the northern summer, −1 half a year later.
    pub fn warmth(self, latitude_deg: f64) -> f64 {
        let hot = if latitude_deg < 0.0 { 0.05 } else { 0.55 };
        math::cos(TURN * (self.year_share - hot))
    }

    /// Mean 1; 2 in spring and autumn, 0 in midwinter and midsummer: planned maintenance.
    pub fn shoulder(self) -> f64 {
        1.0 - math::cos(2.0 * TURN * (self.year_share - 0.05))
    }

    /// Declination of the sun, radians.
    fn declination(self) -> f64 {
        -0.409_1 * math::cos(TURN * (self.year_share + 10.0 / 365.0))
    }
}

/// Chance of an area's week, shared by its regions.
#[derive(Clone, Debug)]
pub struct Common {
    pub wind: Hours,
    pub temperature: [f64; DAYS],
    pub cloud: [f64; DAYS],
    pub inflow: f64,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            wind: [0.0; HOURS],
            temperature: [0.0; DAYS],
            cloud: [0.0; DAYS],
            inflow: 0.0,
        }
    }
}

/// The streams behind [`Common`].
#[derive(Clone, Copy, Debug)]
pub struct CommonStreams {
    pub wind: Stream,
    pub temperature: Stream,
    pub cloud: Stream,
    pub inflow: Stream,
}

impl Common {
    pub fn draw(&mut self, streams: &CommonStreams, week: u32) {
        streams.wind.normals(week, &mut self.wind);
        streams.temperature.normals(week, &mut self.temperature);
        streams.cloud.normals(week, &mut self.cloud);
        self.inflow = streams.inflow.normal(0, week);
    }
}

/// One AR(1) with a part of its innovations in common.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub keep: f64,
    pub fresh: f64,
    pub common: f64,
    pub own: f64,
}

impl Memory {
    /// `steps` is the number of steps after which a deviation has decayed to 1/e.
    pub fn new(steps: f64, common_share: f64) -> Self {
        let keep = math::exp(-1.0 / steps);
        Self {
            keep,
            fresh: (1.0 - keep * keep).sqrt(),
            common: common_share.sqrt(),
            own: (1.0 - common_share).sqrt(),
        }
    }

    #[inline(always)]
    pub fn next(&self, z: f64, common: f64, own: f64) -> f64 {
        self.keep * z + self.fresh * (self.common * common + self.own * own)
    }
}

/// E[logistic(m + s z)] for a standard normal z, by a fixed quadrature.
pub fn mean_logistic(m: f64, s: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for step in -20..=20 {
        let z = f64::from(step) * 0.2;
        let weight = math::exp(-0.5 * z * z);
        sum += weight * math::logistic(m + s * z);
        weights += weight;
    }
    sum / weights
}

/// The m at which E[logistic(m + s z)] is `mean`.
pub fn logit_of_mean(mean: f64, s: f64) -> f64 {
    let (mut low, mut high) = (-12.0, 12.0);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if mean_logistic(middle, s) < mean {
            low = middle
        } else {
            high = middle
        }
    }
    0.5 * (low + high)
}

/// Mean over a year of the clear-sky shape at a latitude.
pub fn clear_sky_mean(latitude_deg: f64) -> f64 {
    let mut sum = 0.0;
    for week in 0..26 {
        let season = Season {
            year_share: (f64::from(week) + 0.5) / 26.0,
        };
        sum += clear_sky(latitude_deg, season).iter().sum::<f64>() / DAY_H as f64;
    }
    sum / 26.0
}

/// Output of a tracking field under a clear sky, hour by hour of the day: a concave function
/// of the sine of the sun's elevation, 1 at the zenith.
pub fn clear_sky(latitude_deg: f64, season: Season) -> [f64; DAY_H] {
    let latitude = latitude_deg * (TURN / 360.0);
    let declination = season.declination();
    let up = math::sin(latitude) * math::sin(declination);
    let turn = math::cos(latitude) * math::cos(declination);
    std::array::from_fn(|hour| {
        let sine = up + turn * math::cos(TURN * (hour as f64 - 11.5) / 24.0);
        if sine > 0.0 {
            1.25 * sine / (sine + 0.25)
        } else {
            0.0
        }
    })
}

/// Hourly output of sun per MW: capacity factor × shape × clearness.
pub fn solar(shape: &[f64; DAY_H], scale: f64, clearness: &[f64; DAYS], out: &mut Hours) {
    for (day, clear) in clearness.iter().enumerate() {
        for (hour, sky) in shape.iter().enumerate() {
            let output = scale * clear * sky;
            out[day * DAY_H + hour] = if output < 1.0 { output } else { 1.0 };
        }
    }
}

/// Clearness of a day whose deviation is z; its mean is 1.
pub fn clearness(volatility: f64, mean: f64, z: f64) -> f64 {
    math::logistic(CLEARNESS_LOGIT + volatility * z) / mean
}

/// Mean of the unscaled clearness.
pub fn clearness_mean(volatility: f64) -> f64 {
    mean_logistic(CLEARNESS_LOGIT, volatility)
}

/// A wind fleet's behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Wind {
    pub memory: Memory,
    pub logit: f64,
    pub volatility: f64,
}

/// Hourly output of wind per MW; advances the fleet's deviation.
pub fn wind(
    level: Level,
    wind: &Wind,
    (season, noise): (f64, [&Hours; 2]),
    z: &mut f64,
    out: &mut Hours,
) {
    for hour in 0..HOURS {
        *z = wind.memory.next(*z, noise[0][hour], noise[1][hour]);
        out[hour] = wind.logit + wind.volatility * *z;
    }
    match level {
        Level::Scalar => logistic_lanes(season, out),
        Level::Vector(level) => {
            fearless_simd::dispatch!(level, _simd => logistic_lanes(season, out));
        }
    }
}

#[inline(always)]
fn logistic_lanes(season: f64, out: &mut Hours) {
    for output in out.iter_mut() {
        let share = season * math64::logistic(*output);
        *output = if share < 1.0 { share } else { 1.0 };
    }
}

/// The day's course of temperature about its mean, warmest at 15 h.
pub fn day_course() -> [f64; DAY_H] {
    std::array::from_fn(|hour| math::cos(TURN * (hour as f64 - 15.0) / 24.0))
}

/// Mean temperature of a day in its season, without the week's deviation.
pub fn seasonal_c(region: &Region, season: Season) -> f64 {
    region.temperature_mean_c + region.temperature_season_c * season.warmth(region.latitude_deg)
}

/// Wet-bulb temperature, °C: a linear fit to Stull's formula between 0 and 45 °C.
pub fn wet_bulb_c(dry_c: f64, humidity_share: f64) -> f64 {
    let warm = if dry_c > 0.0 { dry_c } else { 0.0 };
    dry_c - (1.0 - humidity_share) * (5.0 + 0.4 * warm)
}

/// Water a cooling tower evaporates and drains per kWh of computers, litres, from the wet bulb
/// (°C): S/(S−1) · (6e-5 T³ − 0.01 T² + 0.61 T − 10.4) in °F, at least 0.05.
pub fn tower_water_l_per_kwh(wet_bulb_c: f64, cycles: f64) -> f64 {
    let t = wet_bulb_c * 1.8 + 32.0;
    let water = cycles / (cycles - 1.0) * (((6e-5 * t - 0.01) * t + 0.61) * t - 10.4);
    if water > 0.05 { water } else { 0.05 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_turn_with_the_hemisphere() {
        let july = Season { year_share: 0.55 };
        assert!(july.warmth(40.0) > 0.99 && july.warmth(-23.0) < -0.99);
        assert!(july.shoulder() < 0.01);
        let april = Season { year_share: 0.3 };
        assert!(april.shoulder() > 1.99);
    }

    #[test]
    fn the_sun_is_higher_in_summer_and_absent_at_night() {
        let summer = clear_sky(50.0, Season { year_share: 0.47 });
        let winter = clear_sky(50.0, Season { year_share: 0.97 });
        assert!(summer[12] > winter[12] && summer.iter().sum::<f64>() > winter.iter().sum());
        assert_eq!(summer[0], 0.0);
        let south = clear_sky(-50.0, Season { year_share: 0.47 });
        assert!(south[12] < winter[12] * 1.3);
    }

    #[test]
    fn wind_keeps_its_mean_and_its_memory() {
        let volatility = 1.2;
        let fleet = Wind {
            memory: Memory::new(33.0, 0.4),
            logit: logit_of_mean(0.3, volatility),
            volatility,
        };
        let luck = crate::kernels::Luck {
            seed: 1,
            draw: 0,
            luck: 0,
        };
        let (near, far) = (luck.stream("common", "a"), luck.stream("own", "b"));
        let (mut z, mut sum, mut steps) = (0.0, 0.0, 0.0);
        let mut output = [0.0; HOURS];
        for week in 0..600 {
            let (mut common, mut own) = ([0.0; HOURS], [0.0; HOURS]);
            near.normals(week, &mut common);
            far.normals(week, &mut own);
            wind(
                Level::best(),
                &fleet,
                (1.0, [&common, &own]),
                &mut z,
                &mut output,
            );
            sum += output.iter().sum::<f64>() / HOURS as f64 / 600.0;
            let jumps = output.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            steps += jumps.sum::<f64>() / HOURS as f64 / 600.0;
        }
        assert!((sum - 0.3).abs() < 0.015, "{sum}");
        assert!(steps < 0.05, "{steps}");
    }

    #[test]
    fn wet_bulbs_near_stull() {
        for (dry, humidity, wet) in [
            (20.0, 0.5, 13.7),
            (30.0, 0.5, 22.3),
            (40.0, 0.2, 21.9),
            (10.0, 0.7, 7.4),
        ] {
            let fit = wet_bulb_c(dry, humidity);
            assert!((fit - wet).abs() < 2.0, "{dry} {humidity} {fit}");
        }
    }

    /// At 5 and 22 °C wet bulb the published curve reads 2.3 and 4.8 litres per kWh.
    #[test]
    fn towers_drink_more_when_it_is_warm() {
        let cool = tower_water_l_per_kwh(5.0, 6.0);
        let warm = tower_water_l_per_kwh(22.0, 6.0);
        assert!(
            (cool - 2.322).abs() < 1e-3 && (warm - 4.841).abs() < 1e-3,
            "{cool} {warm}"
        );
        assert!(tower_water_l_per_kwh(22.0, 3.0) > warm);
    }
}
