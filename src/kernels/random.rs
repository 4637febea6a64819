//! All chance: Philox4x32-10, a pure function of names and indices.
//!
//! key = hash(seed, purpose, name); counter = (row, week, draw, luck). No policy, thread,
//! order or position enters, so every policy meets the same luck, and draw *k* is the same
//! however many draws are asked for. Adding a purpose or a name disturbs no other.

use super::math64;
use fearless_simd::{Simd, SimdBase, dispatch, f64x8, u64x8};
use rand::TryRng;
use std::convert::Infallible;

const MULTIPLIER: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Four random words for a counter and a key (Salmon et al. 2011).
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let p = u64::from(a) * MULTIPLIER[0];
        let q = u64::from(c) * MULTIPLIER[1];
        (a, b, c, d) = (
            (q >> 32) as u32 ^ b ^ k0,
            q as u32,
            (p >> 32) as u32 ^ d ^ k1,
            p as u32,
        );
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    [a, b, c, d]
}

/// The ten round keys of a key.
#[inline(always)]
pub(super) fn round_keys(key: [u32; 2]) -> [[u64; 2]; ROUNDS] {
    let mut keys = [[0; 2]; ROUNDS];
    let [mut k0, mut k1] = key;
    for round in &mut keys {
        *round = [u64::from(k0), u64::from(k1)];
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    keys
}

/// [`philox`] for eight rows at once. Words stand in the low halves of 64-bit lanes, the high
/// halves are garbage: a widening product reads the low half only.
#[inline(always)]
pub(super) fn philox_lanes<S: Simd>(
    simd: S,
    rows: u64x8<S>,
    rest: [u32; 3],
    keys: &[[u64; 2]; ROUNDS],
) -> [u64x8<S>; 4] {
    const LOW: u64 = 0xffff_ffff;
    let mut a = rows;
    let mut b = u64x8::splat(simd, u64::from(rest[0]));
    let mut c = u64x8::splat(simd, u64::from(rest[1]));
    let mut d = u64x8::splat(simd, u64::from(rest[2]));
    for key in keys {
        let p = (a & LOW) * MULTIPLIER[0];
        let q = (c & LOW) * MULTIPLIER[1];
        a = (q >> 32) ^ b ^ key[0];
        c = (p >> 32) ^ d ^ key[1];
        b = q;
        d = p;
    }
    [a, b, c, d]
}

/// A key made of names, so that adding an entity leaves everyone else's luck unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub [u32; 2]);

impl Key {
    /// FNV-1a over the names, then SplitMix64's finaliser with the seed.
    pub fn new(seed: u64, purpose: &str, name: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in [purpose, name] {
            for byte in part.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
            // 0xff occurs in no UTF-8 text: ("ab", "c") differs from ("a", "bc").
            hash = (hash ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mixed = splitmix(splitmix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ hash);
        Key([mixed as u32, (mixed >> 32) as u32])
    }
}

fn splitmix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The chance of one run: the same for every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luck {
    pub seed: u64,
    pub draw: u32,
    pub luck: u32,
}

impl Luck {
    /// The random stream of a purpose ("outage", "weather") and the name of what it strikes.
    pub fn stream(&self, purpose: &str, name: &str) -> Stream {
        Stream {
            key: Key::new(self.seed, purpose, name),
            draw: self.draw,
            luck: self.luck,
        }
    }
}

/// Random numbers of one purpose and name, addressed by row and week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    pub key: Key,
    pub draw: u32,
    pub luck: u32,
}

impl Stream {
    /// Four random words.
    pub fn words(&self, row: u32, week: u32) -> [u32; 4] {
        philox([row, week, self.draw, self.luck], self.key.0)
    }

    /// Uniform in [0, 1), 53 bits.
    pub fn uniform(&self, row: u32, week: u32) -> f64 {
        let [low, high, _, _] = self.words(row, week);
        let bits = u64::from(high) << 32 | u64::from(low);
        (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Standard normal: the exact quantile of a 52-bit uniform that is never 0 or 1.
    pub fn normal(&self, row: u32, week: u32) -> f64 {
        let [low, high, _, _] = self.words(row, week);
        math64::norm_inv(open_uniform(u64::from(high) << 32 | u64::from(low)))
    }

    /// `out[row] = normal(row, week)` for every row, eight at a time.
    pub fn normals(&self, week: u32, out: &mut [f64]) {
        self.fill(Kind::Normal, week, out);
    }

    /// `out[row] = uniform(row, week)` for every row, eight at a time.
    pub fn uniforms(&self, week: u32, out: &mut [f64]) {
        self.fill(Kind::Uniform, week, out);
    }

    fn fill(&self, kind: Kind, week: u32, out: &mut [f64]) {
        match super::Level::chosen() {
            super::Level::Scalar => {
                for (row, number) in out.iter_mut().enumerate() {
                    *number = match kind {
                        Kind::Uniform => self.uniform(row as u32, week),
                        Kind::Normal => self.normal(row as u32, week),
                    };
                }
            }
            super::Level::Vector(level) => {
                dispatch!(level, simd => fill_lanes(simd, self, (kind, week), out));
            }
        }
    }

    /// A standard normal and an independent uniform in (0, 1) for every row, eight at a time;
    /// the normal is [`Self::normal`].
    pub fn normals_and_uniforms(&self, week: u32, normals: &mut [f64], uniforms: &mut [f64]) {
        match super::Level::chosen() {
            super::Level::Scalar => {
                for (row, (normal, uniform)) in normals.iter_mut().zip(uniforms).enumerate() {
                    let [a, b, c, d] = self.words(row as u32, week);
                    let word = |low, high| u64::from(high) << 32 | u64::from(low);
                    *normal = math64::norm_inv(open_uniform(word(a, b)));
                    *uniform = open_uniform(word(c, d));
                }
            }
            super::Level::Vector(level) => {
                dispatch!(level, simd => pairs_lanes(simd, self, week, (normals, uniforms)));
            }
        }
    }

    /// A sequential generator over consecutive rows of one week, for `rand`'s traits.
    pub fn sequence(&self, week: u32) -> Sequence {
        Sequence {
            stream: *self,
            week,
            row: 0,
            words: [0; 4],
            used: 4,
        }
    }
}

/// How numbers are spread.
#[derive(Clone, Copy)]
enum Kind {
    Uniform,
    Normal,
}

/// 52 random bits → the middle of one of 2^52 equal intervals of (0, 1).
#[inline(always)]
fn open_uniform(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}

/// [`open_uniform`] of the low halves of two words, in lanes.
#[inline(always)]
fn open_uniforms<S: Simd>(low: u64x8<S>, high: u64x8<S>) -> f64x8<S> {
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let bits = (high << 32) | (low & 0xffff_ffff);
    // Bits in the mantissa of 2^52 are that whole number plus 2^52, exactly.
    let whole: f64x8<S> = fearless_simd::Bytes::bitcast((bits >> 12) | TWO_52.to_bits());
    ((whole - TWO_52) + 0.5) * (1.0 / TWO_52)
}

/// 53 random bits → a number of [0, 1), in lanes: 52 of them as above, and the last as 0 or 1.
#[inline(always)]
fn uniforms_53<S: Simd>(low: u64x8<S>, high: u64x8<S>) -> f64x8<S> {
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let bits = (high << 32) | (low & 0xffff_ffff);
    let whole: f64x8<S> = fearless_simd::Bytes::bitcast((bits >> 12) | TWO_52.to_bits());
    let last: f64x8<S> = fearless_simd::Bytes::bitcast(((bits >> 11) & 1) | TWO_52.to_bits());
    ((whole - TWO_52) * 2.0 + (last - TWO_52)) * (0.5 / TWO_52)
}

/// Stores as many lanes as there is room for.
#[inline(always)]
fn store<S: Simd>(lanes: f64x8<S>, to: &mut [f64]) {
    if to.len() == 8 {
        lanes.store_slice(to);
    } else {
        let mut last = [0.0; 8];
        lanes.store_slice(&mut last);
        let length = to.len();
        to.copy_from_slice(&last[..length]);
    }
}

#[inline(always)]
fn pairs_lanes<S: Simd>(
    simd: S,
    stream: &Stream,
    week: u32,
    (normals, uniforms): (&mut [f64], &mut [f64]),
) {
    let keys = round_keys(stream.key.0);
    let rest = [week, stream.draw, stream.luck];
    let mut rows = u64x8::from_slice(simd, &[0, 1, 2, 3, 4, 5, 6, 7]);
    for (normals, uniforms) in normals.chunks_mut(8).zip(uniforms.chunks_mut(8)) {
        let [a, b, c, d] = philox_lanes(simd, rows, rest, &keys);
        store(math64::norm_inv(open_uniforms(a, b)), normals);
        store(open_uniforms(c, d), uniforms);
        rows += 8;
    }
}

#[inline(always)]
fn fill_lanes<S: Simd>(simd: S, stream: &Stream, (kind, week): (Kind, u32), out: &mut [f64]) {
    let keys = round_keys(stream.key.0);
    let rest = [week, stream.draw, stream.luck];
    let mut rows = u64x8::from_slice(simd, &[0, 1, 2, 3, 4, 5, 6, 7]);
    for chunk in out.chunks_mut(8) {
        let [low, high, _, _] = philox_lanes(simd, rows, rest, &keys);
        let numbers = match kind {
            Kind::Uniform => uniforms_53(low, high),
            Kind::Normal => math64::norm_inv(open_uniforms(low, high)),
        };
        store(numbers, chunk);
        rows += 8;
    }
}

/// [`Stream`] as a sequential generator: word after word, row after row.
#[derive(Clone, Debug)]
pub struct Sequence {
    stream: Stream,
    week: u32,
    row: u32,
    words: [u32; 4],
    used: usize,
}

impl TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.used == 4 {
            self.words = self.stream.words(self.row, self.week);
            self.row = self.row.wrapping_add(1);
            self.used = 0;
        }
        let word = self.words[self.used];
        self.used += 1;
        Ok(word)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        let high = self.try_next_u32()?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            let length = chunk.len();
            chunk.copy_from_slice(&word[..length]);
        }
        Ok(())
    }
}
