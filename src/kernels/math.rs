//! The transcendental functions every module uses: `f64`, one number at a time, with the same
//! bits on every machine (the system's own differ between machines).
//!
//! The bodies are in `math64` (also eight lanes at once) and `math32`.
//! Each function states the largest error measured against the system's library on 2·10^5
//! arguments.

use super::math64;

/// e^x; error at most 1 ulp. 0 below −708, infinity above 709.78.
pub fn exp(x: f64) -> f64 {
    math64::exp(x)
}

/// Natural logarithm; error at most 1 ulp. −∞ at 0, NaN below.
pub fn ln(x: f64) -> f64 {
    math64::ln(x)
}

/// e^x − 1 without cancellation; error at most 2 ulp.
pub fn exp_m1(x: f64) -> f64 {
    math64::exp_m1(x)
}

/// ln(1 + x) without cancellation; error at most 2 ulp.
pub fn ln_1p(x: f64) -> f64 {
    math64::ln_1p(x)
}

/// x^y; error at most 2 ulp. For x < 0 only a whole y has a value, otherwise NaN.
pub fn pow(x: f64, y: f64) -> f64 {
    math64::pow(x, y)
}

/// x^n for a whole n, by squaring: exact while the products are.
pub fn powi(x: f64, n: i32) -> f64 {
    let mut left = n.unsigned_abs();
    let mut square = x;
    let mut product = 1.0;
    while left > 0 {
        if left & 1 == 1 {
            product *= square;
        }
        square *= square;
        left >>= 1;
    }
    if n < 0 { 1.0 / product } else { product }
}

/// sin x for |x| ≤ 1e6 radians; error at most 1 ulp.
pub fn sin(x: f64) -> f64 {
    math64::sin(x)
}

/// cos x for |x| ≤ 1e6 radians; error at most 1 ulp.
pub fn cos(x: f64) -> f64 {
    math64::cos(x)
}

/// 1 / (1 + e^−x).
pub fn logistic(x: f64) -> f64 {
    math64::logistic(x)
}

/// Φ(x), the standard normal integral; relative error below 1e-14, in the tails too.
pub fn norm_cdf(x: f64) -> f64 {
    math64::norm_cdf(x)
}

/// Φ⁻¹(p), the standard normal quantile; relative error below 1e-15.
pub fn norm_inv(p: f64) -> f64 {
    math64::norm_inv(p)
}
