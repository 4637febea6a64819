//! Decimals of 18 digits as the Cosmos chains compute them: products and quotients are rounded
//! half to even, truncation goes towards zero.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::Whole;

/// Digits after the point.
pub const DIGITS: usize = 18;

/// 10^18.
pub fn one() -> Whole {
    Whole::from(10_u64.pow(DIGITS as u32))
}

/// A number with exactly 18 digits after the point, as a count of 10^−18.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub Whole);

/// `x / 10^18`, half to even.
fn chopped(x: &Whole) -> Whole {
    if *x < Whole::ZERO {
        return -chopped(&-x);
    }
    let one = one();
    let (whole, rest) = (x / &one, x % &one);
    let up = match (&rest * 2_u32).cmp(&one) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => whole.bit(0),
    };
    if up { whole + 1_u32 } else { whole }
}

impl Decimal {
    pub fn whole(amount: &Whole) -> Decimal {
        Decimal(amount * one())
    }

    /// `above / below`, half to even at 18 digits.
    pub fn ratio(above: u64, below: u64) -> Option<Decimal> {
        Decimal::whole(&Whole::from(above)).over(&Decimal::whole(&Whole::from(below)))
    }

    pub fn plus(&self, other: &Decimal) -> Decimal {
        Decimal(&self.0 + &other.0)
    }

    pub fn minus(&self, other: &Decimal) -> Decimal {
        Decimal(&self.0 - &other.0)
    }

    pub fn times(&self, other: &Decimal) -> Decimal {
        Decimal(chopped(&(&self.0 * &other.0)))
    }

    /// The quotient: truncated at 36 digits, then rounded half to even at 18; none by zero.
    pub fn over(&self, other: &Decimal) -> Option<Decimal> {
        if other.0 == Whole::ZERO {
            return None;
        }
        let one = one();
        Some(Decimal(chopped(&(&self.0 * &one * &one / &other.0))))
    }

    /// Exact product with a whole number.
    pub fn times_whole(&self, other: &Whole) -> Decimal {
        Decimal(&self.0 * other)
    }

    /// Quotient by a whole number, truncated at 18 digits; none by zero.
    pub fn over_whole(&self, other: &Whole) -> Option<Decimal> {
        (*other != Whole::ZERO).then(|| Decimal(&self.0 / other))
    }

    /// Power by squaring, rounded at each product as the chain does.
    pub fn power(&self, exponent: u64) -> Decimal {
        let (mut base, mut rest) = (self.clone(), Decimal(one()));
        if exponent == 0 {
            return rest;
        }
        let mut left = exponent;
        while left > 1 {
            if !left.is_multiple_of(2) {
                rest = rest.times(&base);
            }
            left /= 2;
            base = base.times(&base);
        }
        base.times(&rest)
    }

    /// The whole part, towards zero.
    pub fn truncated(&self) -> Whole {
        &self.0 / one()
    }

    /// The decimal nearest to an f64, by its shortest text; none where it has too many digits.
    pub fn nearest(value: f64) -> Option<Decimal> {
        format!("{value:.18}").parse().ok()
    }
}

impl FromStr for Decimal {
    type Err = String;

    /// Reads `-0.000000020597257079`; more than 18 digits after the point are refused.
    fn from_str(text: &str) -> Result<Decimal, String> {
        let bad = || format!("`{text}` is not a decimal of at most {DIGITS} digits");
        let (sign, body) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, rest) = body.split_once('.').unwrap_or((body, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = digits(whole) && digits(rest) && !(whole.is_empty() && rest.is_empty());
        if !is_number || rest.len() > DIGITS {
            return Err(bad());
        }
        let joined = format!("{whole}{rest:0<DIGITS$}");
        let count: Whole = joined.parse().map_err(|_| bad())?;
        Ok(Decimal(count * sign))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, zero) = (one(), Whole::ZERO);
        let sign = if self.0 < zero { "-" } else { "" };
        let size = if self.0 < zero {
            -&self.0
        } else {
            self.0.clone()
        };
        let (whole, rest) = (&size / &one, (&size % &one).to_string());
        write!(out, "{sign}{whole}.{rest:0>DIGITS$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let tiny = of("0.000000000000000001");
        assert_eq!(tiny.times(&of("0.5")), of("0"));
        assert_eq!(
            of("0.000000000000000003").times(&of("0.5")),
            of("0.000000000000000002")
        );
        assert_eq!(
            of("-0.000000000000000003").times(&of("0.5")),
            of("-0.000000000000000002")
        );
        assert_eq!(
            of("1").over(&of("3")).unwrap().to_string(),
            "0.333333333333333333"
        );
        assert_eq!(
            of("2").over(&of("3")).unwrap().to_string(),
            "0.666666666666666667"
        );
        assert!(of("2").over(&of("0")).is_none());
    }

    #[test]
    fn texts_come_back_and_bad_ones_are_refused() {
        for text in [
            "-0.000000020597257079",
            "12.000000000000000000",
            "0.100000000000000000",
        ] {
            assert_eq!(of(text).to_string(), text);
        }
        for text in ["", ".", "1e3", "0.1234567890123456789", "a", "--1", "1.2.3"] {
            assert!(Decimal::from_str(text).is_err(), "{text}");
        }
        assert_eq!(of("1.1").power(2), of("1.21"));
        assert_eq!(of("-7.9").truncated(), Whole::from(-7));
    }
}
