//! Between two weeks nobody may touch the world. At the end of a week every state column is
//! summed bit by bit; the next week begins by summing again. A difference names the column.
//!
//! Conserved stocks have a second guard, the books; this one also covers prices, beliefs and
//! every other column that no posting describes.

use super::week::Fault;
use super::world::{Column, Visitor, World};

/// The sums of all columns at the end of a week; empty before the first.
#[derive(Clone, Debug, Default)]
pub struct Seal {
    sums: Vec<u64>,
}

impl Seal {
    /// Takes the sums of the world as it is.
    pub fn close(&mut self, world: &mut World) {
        self.sums.clear();
        world.visit(&mut Closing {
            sums: &mut self.sums,
        });
    }

    /// Compares the world with the sums taken; the first changed column is a fault.
    pub fn verify(&self, world: &mut World) -> Result<(), Fault> {
        if self.sums.is_empty() {
            return Ok(());
        }
        let mut check = Verifying {
            sums: &self.sums,
            next: 0,
            broken: None,
        };
        world.visit(&mut check);
        match check.broken {
            Some(name) => Err(Fault::new(name, "checksum difference", 1.0)),
            None if check.next != self.sums.len() => {
                Err(Fault::new("world", "number of columns", check.next as f64))
            }
            None => Ok(()),
        }
    }
}

struct Closing<'a> {
    sums: &'a mut Vec<u64>,
}

impl Visitor for Closing<'_> {
    fn column(&mut self, _name: &'static str, column: Column<'_>) {
        self.sums.push(sum(&column));
    }
}

struct Verifying<'a> {
    sums: &'a [u64],
    next: usize,
    broken: Option<&'static str>,
}

impl Visitor for Verifying<'_> {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        let expected = self.sums.get(self.next).copied();
        if self.broken.is_none() && expected != Some(sum(&column)) {
            self.broken = Some(name);
        }
        self.next += 1;
    }
}

/// Wrapping sum of the bits, so that any single changed value changes it.
fn sum(column: &Column<'_>) -> u64 {
    match column {
        Column::F64(values) => values
            .iter()
            .fold(0, |sum: u64, v| sum.wrapping_add(v.to_bits())),
        Column::F32(values) => add32(values.iter().map(|value| value.to_bits())),
        Column::U64(values) => values
            .iter()
            .fold(0, |sum: u64, value| sum.wrapping_add(*value)),
        Column::U32(values) => add32(values.iter().copied()),
        Column::U8(values) => bytes(values),
        Column::I64(values) => values
            .iter()
            .fold(0, |sum: u64, v| sum.wrapping_add(*v as u64)),
        Column::I128(values) => values.iter().fold(0, |sum: u64, v| {
            sum.wrapping_add(*v as u64).wrapping_add((*v >> 64) as u64)
        }),
    }
}

/// 32-bit sums stay in vector lanes of 32 bits; one changed value changes them all the same.
fn add32(values: impl Iterator<Item = u32>) -> u64 {
    u64::from(values.fold(0_u32, u32::wrapping_add))
}

/// Bytes are summed eight at a time.
fn bytes(values: &[u8]) -> u64 {
    let chunks = values.chunks_exact(8);
    let rest = chunks
        .remainder()
        .iter()
        .fold(0_u64, |sum, byte| sum.wrapping_add(u64::from(*byte)));
    chunks.fold(rest, |sum, chunk| {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        sum.wrapping_add(u64::from_le_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_value_changes_the_sum_of_any_column() {
        let mut floats = [1.5, -0.0, 2.5];
        let before = sum(&Column::F64(&mut floats));
        floats[1] = 0.0;
        assert_ne!(before, sum(&Column::F64(&mut floats)));
        let mut modes = [3_u8; 13];
        let before = sum(&Column::U8(&mut modes));
        modes[12] = 2;
        assert_ne!(before, sum(&Column::U8(&mut modes)));
        let mut cash = [1_i128 << 70];
        let before = sum(&Column::I128(&mut cash));
        cash[0] += 1 << 70;
        assert_ne!(before, sum(&Column::I128(&mut cash)));
    }
}
