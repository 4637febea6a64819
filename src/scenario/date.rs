//! Calendar days without a clock: proleptic Gregorian, counted from 1970-01-01.

use std::fmt;
use std::str::FromStr;

/// One day, as the number of days since 1970-01-01 (negative before).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// `None` where the calendar has no such day. Years 1 to 9999.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Date> {
        let known = (1..=9999).contains(&year) && (1..=12).contains(&month);
        if !known || day == 0 || day > days_in_month(year, month) {
            return None;
        }
        // Years that begin in March put the leap day last, so month lengths follow 153/5.
        let march_year = i64::from(year) - i64::from(month <= 2);
        let era = march_year.div_euclid(400);
        let year_of_era = march_year.rem_euclid(400);
        let march_month = i64::from((month + 9) % 12);
        let day_of_year = (153 * march_month + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Date((era * 146_097 + day_of_era - 719_468) as i32))
    }

    /// Year, month (1..12), day (1..31).
    pub fn parts(self) -> (i32, u32, u32) {
        let days = i64::from(self.0) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year as i32, month as u32, day as u32)
    }

    pub fn year(self) -> i32 {
        self.parts().0
    }

    pub fn month(self) -> u32 {
        self.parts().1
    }

    pub fn day(self) -> u32 {
        self.parts().2
    }

    /// Days since 1 January of the same year (0..365).
    pub fn day_of_year(self) -> u32 {
        let january = Date::new(self.year(), 1, 1).map_or(self.0, |first| first.0);
        (self.0 - january) as u32
    }

    /// 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> u32 {
        (i64::from(self.0) + 3).rem_euclid(7) as u32
    }

    pub fn add_days(self, days: i32) -> Date {
        Date(self.0.saturating_add(days))
    }

    pub fn add_weeks(self, weeks: i32) -> Date {
        self.add_days(weeks.saturating_mul(7))
    }

    pub fn days_since(self, earlier: Date) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole weeks since `earlier`, rounded down (so −1 for the day before).
    pub fn weeks_since(self, earlier: Date) -> i32 {
        self.days_since(earlier).div_euclid(7)
    }

    /// Years with a fraction: 2026-07-02 is about 2026.5.
    pub fn fractional_year(self) -> f64 {
        let year = self.year();
        let length = if is_leap(year) { 366.0 } else { 365.0 };
        f64::from(year) + f64::from(self.day_of_year()) / length
    }
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Date {
    type Err = ();

    /// Only `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Date, ()> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(());
        }
        let digits = |from: usize, to: usize| -> Option<u32> {
            let part = &bytes[from..to];
            part.iter().all(u8::is_ascii_digit).then(|| {
                part.iter()
                    .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
            })
        };
        let date = || Date::new(digits(0, 4)? as i32, digits(5, 7)?, digits(8, 10)?);
        date().ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn every_day_of_nine_centuries_follows_the_one_before() {
        let mut date = Date::new(1800, 1, 1).unwrap();
        let (mut year, mut month, mut day) = (1800, 1, 1);
        while year < 2700 {
            assert_eq!(date.parts(), (year, month, day));
            assert_eq!(Date::new(year, month, day), Some(date));
            day += 1;
            if Date::new(year, month, day).is_none() {
                (month, day) = (month + 1, 1);
            }
            if month == 13 {
                (year, month) = (year + 1, 1);
            }
            date = date.add_days(1);
        }
    }

    #[test]
    fn known_days() {
        assert_eq!(Date::new(1970, 1, 1), Some(Date(0)));
        assert_eq!(Date::new(2000, 3, 1), Some(Date(11_017)));
        assert_eq!(Date::new(2025, 11, 3).unwrap().weekday(), 0);
        assert_eq!("2025-11-03".parse(), Ok(Date(20_395)));
        assert_eq!(Date(20_395).to_string(), "2025-11-03");
        assert_eq!(Date(20_395).add_weeks(52).to_string(), "2026-11-02");
        assert_eq!(Date(20_394).weeks_since(Date(20_395)), -1);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-1-1",
            "25-01-01",
            "0000-01-01",
        ] {
            assert_eq!(text.parse::<Date>(), Err(()), "{text}");
        }
    }
}
