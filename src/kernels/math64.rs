//! Functions of `f64` in one lane or eight, free of branches, with equal bits in both.
//!
//! exp, ln, sin and cos follow the classic double-precision fits of FDLIBM, the inverse
//! normal is algorithm AS 241 (Wichura 1988), the normal integral is Cody's (1969).

use super::lanes::{Real, Word};

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// 1.5 · 2^52: adding it rounds to a whole number, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
const EXPONENT_ONE: u64 = 0x3ff0_0000_0000_0000;
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_0000_0000;

/// What a function below needs of its lanes.
pub trait Real64: Real<One = f64, Word: Word<One = u64>> {}
impl<R: Real<One = f64, Word: Word<One = u64>>> Real64 for R {}

/// Σ c_k x^k, constant first.
#[inline(always)]
pub fn polynomial<R: Real64, const N: usize>(x: R, coefficients: &[f64; N]) -> R {
    let mut sum = x.of(coefficients[N - 1]);
    let mut power = N - 1;
    while power > 0 {
        power -= 1;
        sum = sum * x + x.of(coefficients[power]);
    }
    sum
}

/// x = n ln 2 + r with |r| ≤ ln 2 / 2: returns (n as bits, n, e^r − 1).
#[inline(always)]
fn reduced_exp<R: Real64>(x: R) -> (R::Word, R, R) {
    const P: [f64; 5] = [
        1.666_666_666_666_660_2e-1,
        -2.777_777_777_701_559_3e-3,
        6.613_756_321_437_934e-5,
        -1.653_390_220_546_525_2e-6,
        4.138_136_797_057_238_5e-8,
    ];
    let shifted = x * x.of(LOG2_E) + x.of(ROUND);
    let n = shifted - x.of(ROUND);
    let high = x - n * x.of(LN2_HIGH);
    let low = n * x.of(LN2_LOW);
    let r = high - low;
    let square = r * r;
    let c = r - square * polynomial(square, &P);
    let two = x.of(2.0);
    let less_one = high - (low - r * c / (two - c));
    (shifted.bits(), n, less_one)
}

/// e^x. Below −708 the result is 0, above 709.78 infinity.
#[inline(always)]
pub fn exp<R: Real64>(x: R) -> R {
    let inside = x.of(-708.0).at_most(x) & x.at_most(x.of(709.782712893384));
    let (bits, _, less_one) = reduced_exp(R::pick(inside, x, x.of(0.0)));
    let near_one = x.of(1.0) + less_one;
    let value = R::from_bits(near_one.bits().plus(bits.left(52)));
    let outside = R::pick(x.at_most(x.of(0.0)), x.of(0.0), x * x.of(f64::INFINITY));
    R::pick(inside, value, outside)
}

/// e^x − 1 without cancellation.
#[inline(always)]
pub fn exp_m1<R: Real64>(x: R) -> R {
    let one = x.of(1.0);
    let inside = x.of(-40.0).below(x) & x.below(x.of(700.0));
    let (bits, _, less_one) = reduced_exp(R::pick(inside, x, x.of(0.0)));
    let scale = R::from_bits(bits.left(52).plus_one(EXPONENT_ONE));
    let value = scale * less_one + (scale - one);
    R::pick(inside, value, exp(x) - one)
}

/// Bits of a positive normal number → (exponent, mantissa in [√½, √2)).
#[inline(always)]
fn split_exponent<R: Real64>(x: R) -> (R, R) {
    const BIAS: u64 = EXPONENT_ONE - SQRT_HALF_BITS;
    let raised = x.bits().plus_one(BIAS);
    // A small whole number becomes a float by standing in the low bits of 2^52.
    let exponent = R::from_bits(raised.right(52).or_one(0x4330_0000_0000_0000));
    let exponent = exponent - x.of(4_503_599_627_370_496.0 + 1023.0);
    let mantissa = raised
        .and_one(0x000f_ffff_ffff_ffff)
        .plus_one(SQRT_HALF_BITS);
    (exponent, R::from_bits(mantissa))
}

/// s² → (ln((1 + s)/(1 − s)) − 2s) / s.
#[inline(always)]
fn log_tail<R: Real64>(z: R) -> R {
    const LG: [f64; 7] = [
        6.666_666_666_666_735e-1,
        0.399_999_999_994_094_2,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    z * polynomial(z, &LG)
}

/// Brings subnormal numbers into the normal range: (x · 2^54, −54) or (x, 0).
#[inline(always)]
fn normalised<R: Real64>(x: R) -> (R, R) {
    let tiny = x.below(x.of(f64::MIN_POSITIVE));
    let scaled = R::pick(tiny, x * x.of(18_014_398_509_481_984.0), x);
    (scaled, R::pick(tiny, x.of(-54.0), x.of(0.0)))
}

/// ln of what is not a positive finite number.
#[inline(always)]
fn log_edges<R: Real64>(x: R, value: R) -> R {
    let zero = x.of(0.0);
    let value = R::pick(x.equals(zero), x.of(f64::NEG_INFINITY), value);
    let value = R::pick(x.below(zero), x.of(f64::NAN), value);
    R::pick(x.below(x.of(f64::INFINITY)), value, x)
}

/// Natural logarithm; −∞ at 0, NaN below.
#[inline(always)]
pub fn ln<R: Real64>(x: R) -> R {
    let (scaled, shift) = normalised(x);
    let (exponent, mantissa) = split_exponent(scaled);
    let k = exponent + shift;
    let f = mantissa - x.of(1.0);
    let half_square = x.of(0.5) * f * f;
    let s = f / (x.of(2.0) + f);
    let tail = log_tail(s * s);
    let low = s * (half_square + tail) + k * x.of(LN2_LOW);
    let value = k * x.of(LN2_HIGH) - ((half_square - low) - f);
    log_edges(x, value)
}

/// ln(1 + x) without cancellation.
#[inline(always)]
pub fn ln_1p<R: Real64>(x: R) -> R {
    let one = x.of(1.0);
    let u = one + x;
    let lost = R::pick(u.below(x.of(2.0)), x - (u - one), one - (u - x));
    let usual = one.of(0.0).below(u) & u.below(x.of(f64::INFINITY));
    let value = ln(u);
    R::pick(usual, value + lost / R::pick(usual, u, one), value)
}

/// Splits a number in two halves whose products are exact (Veltkamp).
#[inline(always)]
fn halves<R: Real64>(x: R) -> (R, R) {
    let wide = x * x.of(134_217_729.0);
    let high = wide - (wide - x);
    (high, x - high)
}

/// a · b = product + error, exactly (Dekker).
#[inline(always)]
fn exact_product<R: Real64>(a: R, b: R) -> (R, R) {
    let product = a * b;
    let (a_high, a_low) = halves(a);
    let (b_high, b_low) = halves(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// ln x as an unevaluated sum, good to about 1e-18 of its size, for pow.
#[inline(always)]
fn ln_pair<R: Real64>(x: R) -> (R, R) {
    let (scaled, shift) = normalised(x);
    let (exponent, mantissa) = split_exponent(scaled);
    let k = exponent + shift;
    let f = mantissa - x.of(1.0);
    let below = x.of(2.0) + f;
    let below_error = f - (below - x.of(2.0));
    let s = f / below;
    let (product, error) = exact_product(s, below);
    let s_low = ((f - product) - error - s * below_error) / below;
    let tail = s * log_tail(s * s);
    let head = k * x.of(LN2_HIGH);
    let twice = s + s;
    let sum = head + twice;
    let carried = sum - head;
    let carry = (head - (sum - carried)) + (twice - carried);
    let low = carry + ((s_low + s_low) + tail + k * x.of(LN2_LOW));
    let high = sum + low;
    (log_edges(x, high), low - (high - sum))
}

/// x^y for x ≥ 0 and any y; for x < 0 only a whole y has a value.
#[inline(always)]
pub fn pow<R: Real64>(x: R, y: R) -> R {
    let zero = x.of(0.0);
    let one = x.of(1.0);
    let size = x.abs();
    let (high, low) = ln_pair(size);
    let rough = y * high;
    let (product, error) = exact_product(y, high);
    let exact = rough.abs().below(x.of(710.0)) & y.abs().below(x.of(1e280));
    let rest = R::pick(exact, error + y * low, zero);
    let value = exp(R::pick(exact, product, rough));
    let value = R::pick(
        value.below(x.of(f64::INFINITY)),
        value + value * rest,
        value,
    );
    let whole = y.floor().equals(y);
    let half = y * x.of(0.5);
    let odd = whole & !half.floor().equals(half);
    let signed = R::pick(odd, -value, value);
    let negative = R::pick(whole, signed, x.of(f64::NAN));
    let value = R::pick(x.below(zero), negative, value);
    R::pick(y.equals(zero) | x.equals(one), one, value)
}

/// 1 / (1 + e^−x).
#[inline(always)]
pub fn logistic<R: Real64>(x: R) -> R {
    let one = x.of(1.0);
    one / (one + exp(-x))
}

/// x = n π/2 + r, in two parts; exact enough for |x| ≤ 1e6.
#[inline(always)]
fn quarter_turns<R: Real64>(x: R) -> (R::Word, R, R) {
    const PIO2_1: f64 = 1.570_796_326_734_125_6;
    const PIO2_2: f64 = 6.077_100_506_303_966e-11;
    const PIO2_2_TAIL: f64 = 2.022_266_248_795_950_6e-21;
    let shifted = x * x.of(std::f64::consts::FRAC_2_PI) + x.of(ROUND);
    let n = shifted - x.of(ROUND);
    let first = x - n * x.of(PIO2_1);
    let step = n * x.of(PIO2_2);
    let second = first - step;
    let rest = n * x.of(PIO2_2_TAIL) - ((first - second) - step);
    let high = second - rest;
    (shifted.bits(), high, (second - high) - rest)
}

/// sin(r + low) for |r| ≤ π/4.
#[inline(always)]
fn sine_kernel<R: Real64>(r: R, low: R) -> R {
    const S: [f64; 5] = [
        8.333_333_333_322_49e-3,
        -1.984_126_982_985_795e-4,
        2.755_731_370_707_006_8e-6,
        -2.505_076_025_340_686_3e-8,
        1.589_690_995_211_55e-10,
    ];
    let z = r * r;
    let cube = z * r;
    let tail = polynomial(z, &S);
    let inner = z * (r.of(0.5) * low - cube * tail) - low;
    r - (inner - cube * r.of(-1.666_666_666_666_663_2e-1))
}

/// cos(r + low) for |r| ≤ π/4.
#[inline(always)]
fn cosine_kernel<R: Real64>(r: R, low: R) -> R {
    const C: [f64; 6] = [
        4.166_666_666_666_66e-2,
        -1.388_888_888_887_411e-3,
        2.480_158_728_947_673e-5,
        -2.755_731_435_139_066_3e-7,
        2.087_572_321_298_175e-9,
        -1.135_964_755_778_819_5e-11,
    ];
    let z = r * r;
    let tail = z * polynomial(z, &C);
    let half_square = r.of(0.5) * z;
    let head = r.of(1.0) - half_square;
    head + (((r.of(1.0) - head) - half_square) + (z * tail - r * low))
}

/// sin(x + quarter turns), |x| ≤ 1e6.
#[inline(always)]
fn circular<R: Real64>(x: R, quarters: u64) -> R {
    let (bits, high, low) = quarter_turns(x);
    let turns = bits.plus_one(quarters);
    // Bit 0 chooses the function, bit 1 the sign.
    let odd = x.of(0.5).below(R::from_bits(turns.and_one(1).left(62)));
    let size = R::pick(odd, cosine_kernel(high, low), sine_kernel(high, low));
    let sign = turns.and_one(2).left(62);
    R::from_bits(size.bits().xor(sign))
}

/// sin x for |x| ≤ 1e6 (radians).
#[inline(always)]
pub fn sin<R: Real64>(x: R) -> R {
    circular(x, 0)
}

/// cos x for |x| ≤ 1e6 (radians).
#[inline(always)]
pub fn cos<R: Real64>(x: R) -> R {
    circular(x, 1)
}

/// Φ(x), the standard normal integral (Cody 1969), accurate in the tails too.
#[inline(always)]
pub fn norm_cdf<R: Real64>(x: R) -> R {
    let one = x.of(1.0);
    // Beyond 39 the tail is 0 in any case; infinities would only make NaN on the way.
    let size = R::pick(x.of(39.0).below(x.abs()), x.of(39.0), x.abs());
    let square = size * size;
    let middle = x * polynomial(square, &MIDDLE_ABOVE) / polynomial(square, &MIDDLE_BELOW);
    // e^(−x²/2) with x² in two parts: the square of a multiple of 1/16 is exact.
    let coarse = (size * x.of(16.0)).floor() * x.of(0.0625);
    let rest = (size - coarse) * (size + coarse);
    let bell = exp(x.of(-0.5) * coarse * coarse) * exp(x.of(-0.5) * rest);
    let side = polynomial(size, &SIDE_ABOVE) / polynomial(size, &SIDE_BELOW);
    let inverse = one / square;
    let below = inverse * polynomial(inverse, &END_ABOVE) / polynomial(inverse, &END_BELOW);
    let end = (x.of(0.398_942_280_401_432_7) - below) / size;
    let tail = bell * R::pick(size.below(x.of(5.656_854_249_492_381)), side, end);
    let outer = R::pick(x.below(x.of(0.0)), tail, one - tail);
    R::pick(size.below(x.of(0.674_489_75)), x.of(0.5) + middle, outer)
}

const MIDDLE_ABOVE: [f64; 5] = [
    18_154.981_253_343_56,
    1_067.689_485_460_371,
    161.028_231_068_555_87,
    2.235_252_035_460_684,
    6.568_233_791_820_745e-2,
];
const MIDDLE_BELOW: [f64; 5] = [
    45_507.789_335_026_73,
    10_260.932_208_618_979,
    976.098_551_737_776_7,
    47.202_581_904_688_245,
    1.0,
];
const SIDE_ABOVE: [f64; 9] = [
    9_842.714_838_383_978,
    11_602.651_437_647_35,
    6_848.190_450_536_283,
    2_494.537_585_290_372_6,
    597.270_276_394_800_2,
    93.506_656_132_177_85,
    8.883_149_794_388_377,
    0.398_941_512_088_134_66,
    1.076_557_677_372_019_2e-8,
];
const SIDE_BELOW: [f64; 9] = [
    19_685.429_676_859_992,
    38_912.003_286_093_27,
    34_900.952_721_145_98,
    18_615.571_640_885_097,
    6_485.558_298_266_761,
    1_519.377_599_407_554_7,
    235.387_901_782_625,
    22.266_688_044_328_117,
    1.0,
];
const END_ABOVE: [f64; 6] = [
    2.911_287_495_116_879_3e-5,
    1.421_619_193_227_893_4e-3,
    2.223_527_787_064_980_7e-2,
    0.127_401_161_160_247_36,
    0.215_898_534_057_957,
    2.307_344_176_494_017_3e-2,
];
const END_BELOW: [f64; 6] = [
    7.297_515_550_839_662e-5,
    3.782_396_332_027_582_4e-3,
    6.598_813_786_892_856e-2,
    0.468_238_212_480_865_1,
    1.284_260_096_144_911,
    1.0,
];

/// Φ⁻¹(p) for 0 < p < 1 (AS 241); ∓∞ at 0 and 1.
#[inline(always)]
pub fn norm_inv<R: Real64>(p: R) -> R {
    let q = p - p.of(0.5);
    let r = p.of(0.180625) - q * q;
    let central = q * polynomial(r, &CENTRAL_ABOVE) / polynomial(r, &CENTRAL_BELOW);
    let inside = q.abs().at_most(p.of(0.425));
    if !R::any(!inside) {
        return central;
    }
    let tail = R::pick(q.below(p.of(0.0)), p, p.of(1.0) - p);
    let s = (-ln(tail)).sqrt();
    let t = s - p.of(1.6);
    let mut outer = polynomial(t, &TAIL_ABOVE) / polynomial(t, &TAIL_BELOW);
    let far = p.of(5.0).below(s);
    if R::any(far) {
        let t = s - p.of(5.0);
        let beyond = polynomial(t, &FAR_ABOVE) / polynomial(t, &FAR_BELOW);
        outer = R::pick(far, beyond, outer);
        outer = R::pick(tail.equals(p.of(0.0)), p.of(f64::INFINITY), outer);
    }
    R::pick(inside, central, R::pick(q.below(p.of(0.0)), -outer, outer))
}

const CENTRAL_ABOVE: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRAL_BELOW: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_66e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_854e3,
];
const TAIL_ABOVE: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const TAIL_BELOW: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_ABOVE: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_BELOW: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];
