//! Our mathematics against the standard library, and many lanes against one, bit for bit.
#![allow(clippy::disallowed_methods)] // the standard library is the oracle here

use fearless_simd::{Level as Set, SimdBase, dispatch, f32x16, f64x8};
use wattflop::kernels::{Level, math, math32, math64, random::philox};

/// Distance in units of the last place of the true value.
fn ulps(ours: f64, truth: f64) -> f64 {
    if ours == truth || (ours.is_nan() && truth.is_nan()) {
        return 0.0;
    }
    let spacing = f64::from_bits(truth.abs().to_bits() + 1) - truth.abs();
    ((ours - truth) / spacing).abs()
}

/// Arguments spread over [low, high], with random low bits.
fn spread(low: f64, high: f64, count: u32) -> Vec<f64> {
    Vec::from_iter((0..count).map(|index| {
        let word = philox([index, 1, 2, 3], [4, 5])[0];
        low + (high - low) * ((f64::from(index) + f64::from(word) / 4.3e9) / f64::from(count))
    }))
}

fn worst(arguments: &[f64], ours: fn(f64) -> f64, truth: fn(f64) -> f64) -> f64 {
    arguments.iter().fold(0.0, |worst: f64, &x| {
        let error = ulps(ours(x), truth(x));
        assert!(!error.is_nan(), "{x}: {} against {}", ours(x), truth(x));
        worst.max(error)
    })
}

/// Positive numbers of every exponent, subnormals too.
fn positives(count: u32) -> Vec<f64> {
    Vec::from_iter((0..count).map(|index| {
        let [low, high, _, _] = philox([index, 9, 9, 9], [1, 2]);
        f64::from_bits((u64::from(high) << 32 | u64::from(low)) & 0x7fef_ffff_ffff_ffff)
    }))
}

#[test]
fn errors_stay_within_the_documented_bounds() {
    let n = 200_000;
    let wide = spread(-708.0, 709.7, n);
    let unit = spread(-2.0, 2.0, n);
    let near_zero = spread(-1e-6, 1e-6, n);
    let turns = spread(-1e6, 1e6, n);
    let above = spread(-0.999, 3.0, n);
    let checks: [(&str, f64, f64); 13] = [
        ("exp", worst(&wide, math::exp, f64::exp), 1.5),
        ("exp", worst(&unit, math::exp, f64::exp), 1.5),
        ("ln", worst(&positives(n), math::ln, f64::ln), 1.5),
        (
            "ln near 1",
            worst(&spread(0.5, 2.0, n), math::ln, f64::ln),
            1.5,
        ),
        ("exp_m1", worst(&wide, math::exp_m1, f64::exp_m1), 2.5),
        ("exp_m1", worst(&unit, math::exp_m1, f64::exp_m1), 2.5),
        (
            "exp_m1 near 0",
            worst(&near_zero, math::exp_m1, f64::exp_m1),
            1.5,
        ),
        ("ln_1p", worst(&above, math::ln_1p, f64::ln_1p), 2.5),
        (
            "ln_1p near 0",
            worst(&near_zero, math::ln_1p, f64::ln_1p),
            1.5,
        ),
        ("sin", worst(&turns, math::sin, f64::sin), 1.5),
        ("cos", worst(&turns, math::cos, f64::cos), 1.5),
        ("sin near 0", worst(&unit, math::sin, f64::sin), 1.5),
        ("cos near 0", worst(&unit, math::cos, f64::cos), 1.5),
    ];
    for (name, error, limit) in checks {
        println!("{name}: {error:.3} ulp");
        assert!(error <= limit, "{name}: {error} ulp");
    }
}

#[test]
fn powers_are_close_and_their_edges_exact() {
    let bases = positives(100_000);
    let exponents = spread(-3.0, 3.0, 100_000);
    let mut error: f64 = 0.0;
    for (&x, &y) in bases.iter().zip(&exponents) {
        let truth = x.powf(y);
        if truth > 1e-300 && truth < 1e300 {
            error = error.max(ulps(math::pow(x, y), truth));
        }
        let small = 0.5 + x.to_bits() as f64 / 1.9e19;
        error = error.max(ulps(math::pow(small, y * 20.0), small.powf(y * 20.0)));
    }
    println!("pow: {error:.3} ulp");
    assert!(error <= 2.5, "pow: {error} ulp");
    let infinity = f64::INFINITY;
    let values = [0.0, 1.0, 2.0, 0.5, 1e300, infinity, -2.0, -1.0];
    let powers = [
        0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 0.5, 1e300, infinity, -infinity,
    ];
    for x in values {
        for y in powers {
            if x == -1.0 && y.abs() == infinity {
                continue; // glibc calls it one; here it has no value
            }
            let (ours, truth) = (math::pow(x, y), x.powf(y));
            assert!(ulps(ours, truth) <= 1.0, "{x}^{y}: {ours} against {truth}");
        }
    }
    assert!(math::pow(-2.0, 0.5).is_nan());
    assert_eq!(math::powi(1.5, 3), 3.375);
    assert_eq!(math::powi(2.0, -3), 0.125);
    assert_eq!(math::powi(7.0, 0), 1.0);
}

#[test]
fn edges_of_exp_and_ln() {
    assert_eq!(math::exp(0.0), 1.0);
    assert_eq!(math::exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(math::exp(-1e9), 0.0);
    assert_eq!(math::exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(math::exp(710.0), f64::INFINITY);
    assert!(math::exp(f64::NAN).is_nan());
    assert_eq!(math::ln(1.0), 0.0);
    assert_eq!(math::ln(0.0), f64::NEG_INFINITY);
    assert_eq!(math::ln(f64::INFINITY), f64::INFINITY);
    assert!(math::ln(-1.0).is_nan() && math::ln(f64::NAN).is_nan());
    assert_eq!(math::ln_1p(-1.0), f64::NEG_INFINITY);
    assert_eq!(math::ln_1p(f64::INFINITY), f64::INFINITY);
    assert!(math::ln_1p(-2.0).is_nan());
    assert_eq!(math::exp_m1(-1e3), -1.0);
    assert_eq!(math::exp_m1(f64::INFINITY), f64::INFINITY);
    assert_eq!(math::logistic(0.0), 0.5);
    assert_eq!(math::logistic(-1e9), 0.0);
    assert_eq!(math::logistic(1e9), 1.0);
}

#[test]
fn the_normal_integral_and_its_inverse_meet_known_values() {
    // 40-digit values of Φ, and quantiles by another library.
    let integral = [
        (-37.0, 5.725571222524577e-300),
        (-20.0, 2.7536241186062337e-89),
        (-8.0, 6.220960574271784e-16),
        (-7.08, 7.207723086467479e-13),
        (-7.07, 7.746684865636478e-13),
        (-5.0, 2.866515718791939e-7),
        (-2.0, 0.02275013194817921),
        (-1.0, 0.15865525393145705),
        (-0.1, 0.460172162722971),
        (0.0, 0.5),
        (0.3, 0.6179114221889526),
        (1.5, 0.9331927987311419),
        (3.0, 0.9986501019683699),
        (6.0, 0.9999999990134123),
    ];
    for (x, truth) in integral {
        let error = (math::norm_cdf(x) / truth - 1.0).abs();
        println!("norm_cdf({x}): relative error {error:.1e}");
        assert!(error < 1e-14, "norm_cdf({x}): {error}");
    }
    assert_eq!(math::norm_cdf(-40.0), 0.0);
    assert_eq!(math::norm_cdf(40.0), 1.0);
    assert_eq!(math::norm_cdf(f64::NEG_INFINITY), 0.0);
    assert_eq!(math::norm_cdf(f64::INFINITY), 1.0);
    assert!(math::norm_cdf(f64::NAN).is_nan());
    let quantiles = [
        (1e-300, -37.0470962993612),
        (1e-100, -21.27345356096532),
        (1e-16, -8.222082216130435),
        (1e-9, -5.9978070150076865),
        (1e-5, -4.2648907939228256),
        (0.01, -2.3263478740408408),
        (0.07, -1.4757910281791702),
        (0.2, -0.8416212335729142),
        (0.5, 0.0),
        (0.7, 0.5244005127080407),
        (0.95, 1.6448536269514715),
        (0.999, 3.090232306167813),
    ];
    for (p, truth) in quantiles {
        assert!(
            (math::norm_inv(p) - truth).abs() <= 2e-15 * truth.abs().max(1.0),
            "{p}"
        );
    }
    assert_eq!(math::norm_inv(0.0), f64::NEG_INFINITY);
    assert_eq!(math::norm_inv(1.0), f64::INFINITY);
}

#[test]
fn single_precision_stays_within_its_bounds() {
    let spacing = |x: f64| {
        f64::from(f32::from_bits((x as f32).abs().to_bits() + 1)) - f64::from((x as f32).abs())
    };
    let (mut exp, mut ln, mut logistic, mut normal): (f64, f64, f64, f64) = (0.0, 0.0, 0.0, 0.0);
    for index in 0..400_000_u32 {
        let [word, other, _, _] = philox([index, 0, 0, 0], [7, 7]);
        let x = (f64::from(word) / 4_294_967_296.0 * 174.0 - 87.0) as f32;
        let wide = f64::from(x);
        exp = exp.max((f64::from(math32::exp(x)) - wide.exp()).abs() / spacing(wide.exp()));
        let p = f32::from_bits(other % 0x7f00_0000 + 0x0080_0000);
        let truth = f64::from(p).ln();
        ln = ln.max((f64::from(math32::ln(p)) - truth).abs() / spacing(truth));
        let gate = 1.0 / (1.0 + (-wide).exp());
        if x > -80.0 {
            logistic = logistic.max((f64::from(math32::logistic(x)) - gate).abs() / spacing(gate));
        }
        let tail = (f64::from(word & 0x7fff_ffff) + 0.5) / 4_294_967_296.0;
        let sign = if word >> 31 == 0 { -1.0 } else { 1.0 };
        let truth = -sign * math::norm_inv(tail);
        normal = normal.max((-f64::from(math32::norm_inv_word(word)) - truth).abs());
    }
    println!("f32: exp {exp:.3}, ln {ln:.3}, logistic {logistic:.3} ulp, normal {normal:.1e}");
    assert!(exp < 1.01 && ln < 0.85 && logistic < 2.5 && normal < 2.1e-6);
}

/// Every function at every level, on ordinary and extreme arguments.
#[test]
fn many_lanes_have_the_bits_of_one() {
    let mut arguments = spread(-800.0, 800.0, 4096);
    arguments.extend(spread(-2.0, 2.0, 4096));
    arguments.extend(positives(4096));
    let specials = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        -f64::INFINITY,
        1e-310,
    ];
    arguments.extend(specials);
    for (name, level) in Level::available() {
        let Level::Vector(set) = level else { continue };
        for lanes in arguments.chunks_exact(8) {
            let vector = all64(set, lanes);
            for (lane, &x) in lanes.iter().enumerate() {
                for (function, ours) in one64(x).into_iter().enumerate() {
                    let theirs = vector[function][lane];
                    let same =
                        ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan());
                    assert!(
                        same,
                        "{name}: function {function} at {x}: {ours} against {theirs}"
                    );
                }
            }
        }
        for index in 0..20_000_u32 {
            let mut words = [0; 16];
            for (lane, word) in words.iter_mut().enumerate() {
                *word = philox([index, lane as u32, 0, 0], [3, 3])[0];
            }
            let vector = all32(set, &words);
            for (lane, &word) in words.iter().enumerate() {
                for (function, ours) in one32(word).into_iter().enumerate() {
                    let theirs = vector[function][lane];
                    assert_eq!(
                        ours.to_bits(),
                        theirs.to_bits(),
                        "{name}: {function} at {word:x}"
                    );
                }
            }
        }
    }
}

fn one64(x: f64) -> [f64; 11] {
    let p = math::logistic(x);
    [
        math::exp(x),
        math::ln(x),
        math::exp_m1(x),
        math::ln_1p(x),
        math::sin(x),
        math::cos(x),
        math::logistic(x),
        math::norm_cdf(x),
        math::norm_inv(p),
        math::pow(x, 1.7),
        math::pow(p, x),
    ]
}

fn all64(set: Set, lanes: &[f64]) -> [[f64; 8]; 11] {
    dispatch!(set, simd => {
        let x = f64x8::from_slice(simd, lanes);
        let p = math64::logistic(x);
        let results = [
            math64::exp(x),
            math64::ln(x),
            math64::exp_m1(x),
            math64::ln_1p(x),
            math64::sin(x),
            math64::cos(x),
            p,
            math64::norm_cdf(x),
            math64::norm_inv(p),
            math64::pow(x, f64x8::splat(simd, 1.7)),
            math64::pow(p, x),
        ];
        let mut out = [[0.0; 8]; 11];
        for (row, result) in out.iter_mut().zip(results) {
            result.store_slice(row);
        }
        out
    })
}

fn one32(word: u32) -> [f32; 4] {
    let small = (word & 0x7fff_ffff) as f32 * 4e-8 - 40.0;
    let positive = (word & 0x7fff_ffff) as f32 + 0.5;
    [
        math32::exp(small),
        math32::ln(positive),
        math32::logistic(small),
        math32::norm_inv_word(word),
    ]
}

fn all32(set: Set, words: &[u32; 16]) -> [[f32; 16]; 4] {
    dispatch!(set, simd => {
        let mut low = [0.0; 16];
        for (low, word) in low.iter_mut().zip(words) {
            *low = (word & 0x7fff_ffff) as f32;
        }
        let low = f32x16::from_slice(simd, &low);
        let bits = fearless_simd::u32x16::from_slice(simd, words);
        let small = low * 4e-8 - 40.0;
        let (near, tail) = (math32::ln(low + 0.5), math32::norm_inv(low, bits));
        let results = [math32::exp(small), near, math32::logistic(small), tail];
        let mut out = [[0.0; 16]; 4];
        for (row, result) in out.iter_mut().zip(results) {
            result.store_slice(row);
        }
        out
    })
}
