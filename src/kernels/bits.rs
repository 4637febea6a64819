//! Wrapping sums of bit patterns: what tells whether a column has changed. Any order of adding
//! gives the same sum, so the compiler may use the widest vectors of the chosen level.

use super::Level;
use fearless_simd::dispatch;

/// Shorter columns are added at once: choosing a level costs more than it brings.
const LONG: usize = 256;

/// Declares sums over a type's words, each compiled plainly and for every level.
macro_rules! sums {
    ($($(#[$doc:meta])* $name:ident($value:ty) -> $word:ty = |$one:ident| $bits:expr;)*) => { $(
        $(#[$doc])*
        pub fn $name(values: &[$value]) -> u64 {
            #[inline(always)]
            fn add(values: &[$value]) -> u64 {
                let mut sum: $word = 0;
                for $one in values {
                    sum = sum.wrapping_add($bits);
                }
                u64::from(sum)
            }
            match Level::chosen() {
                Level::Vector(set) if values.len() >= LONG => dispatch!(set, _simd => add(values)),
                _ => add(values),
            }
        }
    )* };
}

sums! {
    /// Mod 2^64.
    of_f64(f64) -> u64 = |value| value.to_bits();
    /// Mod 2^32: one changed value changes it all the same.
    of_f32(f32) -> u32 = |value| value.to_bits();
    /// Mod 2^64.
    of_u64(u64) -> u64 = |value| *value;
    /// Mod 2^32.
    of_u32(u32) -> u32 = |value| *value;
    /// Mod 2^64.
    of_i64(i64) -> u64 = |value| *value as u64;
    /// Eight bytes as one word, mod 2^64.
    of_words([u8; 8]) -> u64 = |word| u64::from_le_bytes(*word);
}

/// Bytes eight at a time, and what is left one by one.
pub fn of_u8(values: &[u8]) -> u64 {
    let (words, rest) = values.as_chunks();
    let mut sum = of_words(words);
    for byte in rest {
        sum = sum.wrapping_add(u64::from(*byte));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every length around a vector's and the bound of long columns, every place in it.
    #[test]
    fn one_changed_value_changes_the_sum_wherever_it_stands() {
        for length in [1, 7, 8, 63, 65, LONG - 1, LONG, LONG + 13] {
            let mut doubles = vec![1.5_f64; length];
            let mut floats = vec![-0.0_f32; length];
            let mut bytes = vec![3_u8; length];
            let before = (of_f64(&doubles), of_f32(&floats), of_u8(&bytes));
            for at in 0..length {
                (doubles[at], floats[at], bytes[at]) = (-1.5, 0.0, 2);
                assert_ne!(of_f64(&doubles), before.0, "{at} of {length}");
                assert_ne!(of_f32(&floats), before.1, "{at} of {length}");
                assert_ne!(of_u8(&bytes), before.2, "{at} of {length}");
                (doubles[at], floats[at], bytes[at]) = (1.5, -0.0, 3);
            }
            assert_eq!((of_f64(&doubles), of_f32(&floats), of_u8(&bytes)), before);
        }
    }

    #[test]
    fn whole_numbers_add_up() {
        for length in [0, 5, LONG, 3 * LONG + 1] {
            let expected = (length * length.saturating_sub(1) / 2) as u64;
            assert_eq!(of_u64(&Vec::from_iter(0..length as u64)), expected);
            assert_eq!(of_u32(&Vec::from_iter(0..length as u32)), expected);
            assert_eq!(of_i64(&Vec::from_iter(0..length as i64)), expected);
        }
    }
}
