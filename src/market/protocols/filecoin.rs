//! Filecoin's minting (M1, M2): exact in Q.128 as the actors compute it, and in f64.
//!
//! Source: filecoin-project/builtin-actors, `actors/reward/src/{logic,expneg,state}.rs`.
//! An epoch has 30 seconds; rewards are attoFIL (10^−18 FIL); power is in bytes.

use super::Whole;
use crate::kernels::math;

/// Bits after the point.
pub const PRECISION: u32 = 128;
/// attoFIL of one FIL.
pub const ATTO_PER_FIL: i128 = 1_000_000_000_000_000_000;
pub const EPOCHS_PER_DAY: u64 = 2_880;
/// FIL of simple and of baseline minting.
pub const SIMPLE_FIL: f64 = 330_000_000.0;
pub const BASELINE_FIL: f64 = 770_000_000.0;
/// λ = ln 2/(6 years of epochs) in Q.128.
const LAMBDA: u128 = 37_396_271_439_864_487_274_534_522_888_786;
/// e^λ − 1 in Q.128.
const EXP_LAMBDA_LESS_ONE: u128 = 37_396_273_494_747_879_394_193_016_954_629;
/// q − 2^128, where the baseline grows by q/2^128 each epoch and doubles in a year.
const GROWTH_ABOVE_ONE: u128 = 224_377_702_615_002_589_582_494_545_262_197;
/// Baseline power of the first epoch, bytes: 2.5057 EiB.
pub const FIRST_BASELINE_BYTES: u128 = 2_888_888_880_000_000_000;

/// Coefficients of the rational function for e^−x, highest power first; the last of each is 1.
const NUMERATOR: [i128; 7] = [
    -648_770_010_757_830_093_818_553_637_600,
    67_469_480_939_593_786_226_847_644_286_976,
    -3_197_587_544_499_098_424_029_388_939_001_856,
    89_244_641_121_992_890_118_377_641_805_348_864,
    -1_579_656_163_641_440_567_800_982_336_819_953_664,
    17_685_496_037_279_256_458_459_817_590_917_169_152,
    -115_682_590_513_835_356_866_803_355_398_940_131_328,
];
const DENOMINATOR: [u128; 13] = [
    1_225_524_182_432_722_209_606_361,
    114_095_592_300_906_098_243_859_450,
    5_665_570_424_063_336_070_530_214_243,
    194_450_132_448_609_991_765_137_938_448,
    5_068_267_641_632_683_791_026_134_915_072,
    104_716_890_604_972_796_896_895_427_629_056,
    1_748_338_658_439_454_459_487_681_798_864_896,
    23_704_654_329_841_312_470_660_182_937_960_448,
    259_380_097_567_996_910_282_699_886_670_381_056,
    2_250_336_698_853_390_384_720_606_936_038_375_424,
    14_978_272_436_876_548_034_486_263_159_246_028_800,
    72_144_088_983_913_131_323_343_765_784_380_833_792,
    224_599_776_407_103_106_596_571_252_037_123_047_424,
];

/// A polynomial in Q.128 with constant term 1, by Horner with a floor at each step.
fn polynomial<T: Copy + Into<Whole>>(coefficients: &[T], x: &Whole) -> Whole {
    let mut sum = Whole::ZERO;
    for coefficient in coefficients {
        sum = ((sum * x) >> PRECISION) + (*coefficient).into();
    }
    ((sum * x) >> PRECISION) + (Whole::from(1) << PRECISION)
}

/// e^−x for x ≥ 0 in Q.128, by the rational function of the actors.
pub fn exp_neg(x: &Whole) -> Whole {
    let above = polynomial(&NUMERATOR, x) << PRECISION;
    let below = polynomial(&DENOMINATOR, x);
    let (quotient, rest) = (&above / &below, &above % &below);
    // The actors divide towards −∞; far out the numerator turns negative.
    if rest < Whole::ZERO {
        quotient - 1_u32
    } else {
        quotient
    }
}

fn atto(fil: u64) -> Whole {
    Whole::from(fil) * ATTO_PER_FIL
}

/// Simple minting of an epoch for all leaders, in Q.128 attoFIL.
fn simple_q128(epoch: u64) -> Whole {
    let decay = exp_neg(&(Whole::from(LAMBDA) * epoch));
    (atto(SIMPLE_FIL as u64) * EXP_LAMBDA_LESS_ONE * decay) >> PRECISION
}

/// Baseline minting up to network time θ (Q.128), in Q.128 attoFIL.
pub fn baseline_supply_q128(theta: &Whole) -> Whole {
    let decay = exp_neg(&((theta * LAMBDA) >> PRECISION));
    ((Whole::from(1) << PRECISION) - decay) * atto(BASELINE_FIL as u64)
}

/// attoFIL of simple minting in one epoch (M1).
pub fn simple_reward(epoch: u64) -> Whole {
    simple_q128(epoch) >> PRECISION
}

/// attoFIL of baseline minting while network time goes from θ0 to θ1, both Q.128 (M2.5).
///
/// The actors floor the sum of simple and baseline reward; their golden file subtracts the
/// simple reward of epoch 0, and so does this.
pub fn baseline_reward(theta0: &Whole, theta1: &Whole) -> Whole {
    epoch_reward(0, theta0, theta1) - simple_reward(0)
}

/// attoFIL of an epoch: simple and baseline minting together.
pub fn epoch_reward(epoch: u64, theta0: &Whole, theta1: &Whole) -> Whole {
    let baseline = baseline_supply_q128(theta1) - baseline_supply_q128(theta0);
    (simple_q128(epoch) + baseline) >> PRECISION
}

/// Simple reward of an epoch in f64, FIL: 330M·(e^λ − 1)·e^(−λ·epoch) with `exp_m1`.
pub fn simple_reward_fil(epoch: f64) -> f64 {
    let lambda = lambda_per_epoch();
    SIMPLE_FIL * math::exp_m1(lambda) * math::exp(-lambda * epoch)
}

/// Baseline reward in f64, FIL, for network times in epochs.
pub fn baseline_reward_fil(theta0: f64, theta1: f64) -> f64 {
    let lambda = lambda_per_epoch();
    -BASELINE_FIL * math::exp(-lambda * theta0) * math::exp_m1(-lambda * (theta1 - theta0))
}

/// ln 2/(6·365·2880).
pub fn lambda_per_epoch() -> f64 {
    std::f64::consts::LN_2 / (6.0 * 365.0 * EPOCHS_PER_DAY as f64)
}

/// θ = n − (C − R)/e in Q.128 (M2.4): the fractional network time inside the last epoch.
pub fn reward_theta(n: u64, baseline: &Whole, realised: &Whole, cumulative: &Whole) -> Whole {
    if n == 0 || *baseline <= Whole::ZERO {
        return Whole::ZERO;
    }
    let short = ((cumulative - realised) << PRECISION) / baseline;
    (Whole::from(n) << PRECISION) - short
}

/// What a winner of `wins` of the 5 expected leaders receives.
pub fn winner_reward(reward: &Whole, wins: u64) -> Whole {
    reward * wins / 5_u32
}

/// floor(a·b/2^128) of two u128.
fn high_product(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0) = (a >> 64, a & LOW);
    let (b1, b0) = (b >> 64, b & LOW);
    let (ll, lh, hl) = (a0 * b0, a0 * b1, a1 * b0);
    let middle = (ll >> 64) + (lh & LOW) + (hl & LOW);
    a1 * b1 + (lh >> 64) + (hl >> 64) + (middle >> 64)
}

/// The baseline an epoch later, floored as on chain: b·q/2^128.
pub fn next_baseline(bytes: u128) -> u128 {
    bytes + high_product(bytes, GROWTH_ABOVE_ONE)
}

/// Network time as the reward actor keeps it, epoch by epoch (M2.1 to M2.4). Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkTime {
    /// Epochs passed.
    pub epoch: u64,
    /// Baseline of the present epoch.
    pub baseline: u128,
    /// Cumulative capped realised power.
    pub realised: u128,
    /// Effective network time, epochs, rounded up.
    pub effective: u64,
    effective_baseline: u128,
    cumulative: u128,
}

impl Default for NetworkTime {
    /// The state before the first epoch with power.
    fn default() -> Self {
        // One step earlier, so that the first update yields the first baseline.
        let q = Whole::from(GROWTH_ABOVE_ONE) + (Whole::from(1) << PRECISION);
        let earlier = ((Whole::from(FIRST_BASELINE_BYTES) << (2 * PRECISION)) / q) >> PRECISION;
        Self {
            epoch: 0,
            baseline: u128::try_from(earlier).unwrap_or(FIRST_BASELINE_BYTES),
            realised: 0,
            effective: 0,
            effective_baseline: FIRST_BASELINE_BYTES,
            cumulative: 0,
        }
    }
}

impl NetworkTime {
    /// One epoch with `power` bytes of raw power.
    pub fn pass(&mut self, power: u128) {
        self.epoch += 1;
        self.baseline = next_baseline(self.baseline);
        self.realised += if power < self.baseline {
            power
        } else {
            self.baseline
        };
        while self.realised > self.cumulative {
            self.effective += 1;
            self.effective_baseline = next_baseline(self.effective_baseline);
            self.cumulative += self.effective_baseline;
        }
    }

    /// θ in Q.128.
    pub fn theta(&self) -> Whole {
        let of = |bytes: u128| Whole::from(bytes);
        let baseline = of(self.effective_baseline);
        reward_theta(
            self.effective,
            &baseline,
            &of(self.realised),
            &of(self.cumulative),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wide_product_is_the_product() {
        let numbers = [
            0,
            1,
            u128::MAX,
            GROWTH_ABOVE_ONE,
            FIRST_BASELINE_BYTES,
            1 << 64,
        ];
        for a in numbers {
            for b in numbers {
                let wide = (Whole::from(a) * b) >> PRECISION;
                assert_eq!(Whole::from(high_product(a, b)), wide);
            }
        }
    }

    #[test]
    fn the_first_epoch_has_the_first_baseline_and_a_year_doubles_it() {
        let mut time = NetworkTime::default();
        time.pass(0);
        assert!(
            FIRST_BASELINE_BYTES - time.baseline <= 1,
            "{}",
            time.baseline
        );
        for _ in 1..=365 * EPOCHS_PER_DAY {
            time.pass(0);
        }
        let ratio = time.baseline as f64 / FIRST_BASELINE_BYTES as f64;
        assert!((ratio - 2.0).abs() < 1e-12, "{ratio}");
        assert_eq!(time.theta(), Whole::ZERO);
    }

    #[test]
    fn power_above_the_baseline_lets_network_time_keep_pace() {
        let mut time = NetworkTime::default();
        for _ in 0..10_000 {
            time.pass(u128::MAX >> 40);
        }
        let theta = (time.theta() >> 120_u32)
            .to_string()
            .parse::<f64>()
            .unwrap()
            / 256.0;
        assert!((theta - 10_000.0).abs() < 1.01, "{theta}");
    }
}
