//! One text for one lane and for many: what a number must be able to do so that the same
//! function body serves `f64` and `f64x8`, `f32` and `f32x16`, with equal bits.
//!
//! Every operation here is exactly rounded or exact on bits, on every machine.

use fearless_simd::{Bytes, Select};
use fearless_simd::{Simd, SimdBase, SimdFloat, f32x16, f64x8, mask32x16, mask64x8, u32x16, u64x8};
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// Yes or no for each lane.
pub trait Mask: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {}
impl Mask for bool {}
impl<S: Simd> Mask for mask64x8<S> {}
impl<S: Simd> Mask for mask32x16<S> {}

/// Bit patterns of a [`Real`]; sums wrap.
pub trait Word: Copy {
    /// One lane.
    type One;
    fn plus(self, other: Self) -> Self;
    fn plus_one(self, other: Self::One) -> Self;
    fn and_one(self, other: Self::One) -> Self;
    fn or_one(self, other: Self::One) -> Self;
    fn xor(self, other: Self) -> Self;
    fn left(self, by: u32) -> Self;
    fn right(self, by: u32) -> Self;
}

/// Real numbers in one or many lanes; `One` is the type of one lane.
pub trait Real:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    type One: Copy;
    type Word: Word;
    type Mask: Mask;
    /// The same number in every lane.
    fn of(self, value: Self::One) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    /// Rounds down; exact.
    fn floor(self) -> Self;
    fn bits(self) -> Self::Word;
    fn from_bits(word: Self::Word) -> Self;
    fn below(self, other: Self) -> Self::Mask;
    fn at_most(self, other: Self) -> Self::Mask;
    fn equals(self, other: Self) -> Self::Mask;
    fn pick(mask: Self::Mask, yes: Self, no: Self) -> Self;
    fn pick_word(mask: Self::Mask, yes: Self::Word, no: Self::Word) -> Self::Word;
    /// Is bit `index` set?
    fn bit(word: Self::Word, index: u32) -> Self::Mask;
    /// As many numbers as there are lanes, from the head of a slice.
    fn read(self, from: &[Self::One]) -> Self;
    /// Writes the lanes to the head of a slice.
    fn write(self, to: &mut [Self::One]);
    /// Is any lane true? Only ever used to skip work that would change nothing.
    fn any(mask: Self::Mask) -> bool;
}

macro_rules! scalar {
    ($real:ty, $word:ty) => {
        impl Word for $word {
            type One = $word;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn plus_one(self, other: $word) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn and_one(self, other: $word) -> Self {
                self & other
            }
            #[inline(always)]
            fn or_one(self, other: $word) -> Self {
                self | other
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            #[inline(always)]
            fn left(self, by: u32) -> Self {
                self << by
            }
            #[inline(always)]
            fn right(self, by: u32) -> Self {
                self >> by
            }
        }
        impl Real for $real {
            type One = $real;
            type Word = $word;
            type Mask = bool;
            #[inline(always)]
            fn of(self, value: $real) -> Self {
                value
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$real>::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$real>::abs(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                <$real>::floor(self)
            }
            #[inline(always)]
            fn bits(self) -> $word {
                self.to_bits()
            }
            #[inline(always)]
            fn from_bits(word: $word) -> Self {
                <$real>::from_bits(word)
            }
            #[inline(always)]
            fn below(self, other: Self) -> bool {
                self < other
            }
            #[inline(always)]
            fn at_most(self, other: Self) -> bool {
                self <= other
            }
            #[inline(always)]
            fn equals(self, other: Self) -> bool {
                self == other
            }
            #[inline(always)]
            fn pick(mask: bool, yes: Self, no: Self) -> Self {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn pick_word(mask: bool, yes: $word, no: $word) -> $word {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn bit(word: $word, index: u32) -> bool {
                word >> index & 1 == 1
            }
            #[inline(always)]
            fn read(self, from: &[$real]) -> Self {
                from[0]
            }
            #[inline(always)]
            fn write(self, to: &mut [$real]) {
                to[0] = self;
            }
            #[inline(always)]
            fn any(mask: bool) -> bool {
                mask
            }
        }
    };
}
scalar!(f64, u64);
scalar!(f32, u32);

macro_rules! vector {
    ($real:ident, $word:ident, $mask:ident, $one:ty, $bits:ty) => {
        impl<S: Simd> Word for $word<S> {
            type One = $bits;
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn plus_one(self, other: $bits) -> Self {
                self + other
            }
            #[inline(always)]
            fn and_one(self, other: $bits) -> Self {
                self & other
            }
            #[inline(always)]
            fn or_one(self, other: $bits) -> Self {
                self | other
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            #[inline(always)]
            fn left(self, by: u32) -> Self {
                self << by
            }
            #[inline(always)]
            fn right(self, by: u32) -> Self {
                self >> by
            }
        }
        impl<S: Simd> Real for $real<S> {
            type One = $one;
            type Word = $word<S>;
            type Mask = $mask<S>;
            #[inline(always)]
            fn of(self, value: $one) -> Self {
                $real::splat(self.simd, value)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                SimdFloat::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                SimdBase::abs(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                SimdFloat::floor(self)
            }
            #[inline(always)]
            fn bits(self) -> $word<S> {
                self.bitcast()
            }
            #[inline(always)]
            fn from_bits(word: $word<S>) -> Self {
                word.bitcast()
            }
            #[inline(always)]
            fn below(self, other: Self) -> $mask<S> {
                self.simd_lt(other)
            }
            #[inline(always)]
            fn at_most(self, other: Self) -> $mask<S> {
                self.simd_le(other)
            }
            #[inline(always)]
            fn equals(self, other: Self) -> $mask<S> {
                self.simd_eq(other)
            }
            #[inline(always)]
            fn pick(mask: $mask<S>, yes: Self, no: Self) -> Self {
                mask.select(yes, no)
            }
            #[inline(always)]
            fn pick_word(mask: $mask<S>, yes: $word<S>, no: $word<S>) -> $word<S> {
                mask.select(yes, no)
            }
            #[inline(always)]
            fn bit(word: $word<S>, index: u32) -> $mask<S> {
                !(word & (1 << index)).simd_eq(0)
            }
            #[inline(always)]
            fn read(self, from: &[$one]) -> Self {
                $real::from_slice(self.simd, &from[..$real::<S>::LEN])
            }
            #[inline(always)]
            fn write(self, to: &mut [$one]) {
                self.store_slice(&mut to[..$real::<S>::LEN]);
            }
            #[inline(always)]
            fn any(mask: $mask<S>) -> bool {
                fearless_simd::SimdMask::any_true(mask)
            }
        }
    };
}
vector!(f64x8, u64x8, mask64x8, f64, u64);
vector!(f32x16, u32x16, mask32x16, f32, u32);
