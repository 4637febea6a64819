//! Between two weeks nobody may touch the world. At the end of a week every state column is
//! summed bit by bit; the next week begins by summing again. A difference names the column.
//!
//! Conserved stocks have a second guard, the books; this one also covers prices, beliefs and
//! every other column that no posting describes.

use super::ids::Id;
use super::week::Fault;
use super::world::{Column, Visitor, World};
use crate::kernels::bits;

/// Columns written once are read in so many turns, one a week: their sums are taken at the
/// opening and hold for ever, so that a change is found within as many weeks.
const TURNS: usize = 16;

/// The sums of all columns at the end of a week; empty before the first.
#[derive(Clone, Debug, Default)]
pub struct Seal {
    sums: Vec<u64>,
    /// By constant column and turn, from the opening.
    constants: Vec<[u64; TURNS]>,
    turn: usize,
}

impl Seal {
    /// Takes the sums of the world as it is.
    pub fn close(&mut self, world: &mut World) {
        self.sums.clear();
        self.turn = (self.turn + 1) % TURNS;
        let opening = self.constants.is_empty();
        let constants = &mut self.constants;
        world.visit(&mut Closing {
            sums: &mut self.sums,
            constants,
            opening,
        });
    }

    /// Compares the world with the sums taken; the first changed column is a fault.
    pub fn verify(&self, world: &mut World) -> Result<(), Fault> {
        if self.sums.is_empty() {
            return Ok(());
        }
        let mut check = Verifying {
            seal: self,
            next: 0,
            next_constant: 0,
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
    constants: &'a mut Vec<[u64; TURNS]>,
    opening: bool,
}

impl Visitor for Closing<'_> {
    fn column(&mut self, _name: &'static str, column: Column<'_>) {
        self.sums.push(sum(&column));
    }
    fn numbers(&mut self, numbers: &mut [(&'static str, &mut f64)]) {
        let bits = numbers.iter().map(|(_, number)| number.to_bits());
        self.sums.extend(bits);
    }
    fn constant(&mut self, _name: &'static str, column: Column<'_>) {
        if self.opening {
            self.constants
                .push(std::array::from_fn(|turn| sum_of_turn(&column, turn)));
        }
    }
}

struct Verifying<'a> {
    seal: &'a Seal,
    next: usize,
    next_constant: usize,
    broken: Option<&'static str>,
}

impl Visitor for Verifying<'_> {
    fn column(&mut self, name: &'static str, column: Column<'_>) {
        let expected = self.seal.sums.get(self.next).copied();
        if self.broken.is_none() && expected != Some(sum(&column)) {
            self.broken = Some(name);
        }
        self.next += 1;
    }
    fn numbers(&mut self, numbers: &mut [(&'static str, &mut f64)]) {
        for (at, (name, number)) in numbers.iter().enumerate() {
            let expected = self.seal.sums.get(self.next + at).copied();
            if self.broken.is_none() && expected != Some(number.to_bits()) {
                self.broken = Some(name);
            }
        }
        self.next += numbers.len();
    }
    fn constant(&mut self, name: &'static str, column: Column<'_>) {
        let turn = self.seal.turn;
        let expected = self
            .seal
            .constants
            .get(self.next_constant)
            .map(|sums| sums[turn]);
        if self.broken.is_none() && expected != Some(sum_of_turn(&column, turn)) {
            self.broken = Some(name);
        }
        self.next_constant += 1;
    }
}

/// The sum of one of [`TURNS`] equal parts of a column.
fn sum_of_turn(column: &Column<'_>, turn: usize) -> u64 {
    fn part<T>(values: &[T], turn: usize) -> &[T] {
        let (from, to) = (
            turn * values.len() / TURNS,
            (turn + 1) * values.len() / TURNS,
        );
        &values[from..to]
    }
    match column {
        Column::F64(values) => bits::of_f64(part(values, turn)),
        Column::F32(values) => bits::of_f32(part(values, turn)),
        Column::U32(values) => bits::of_u32(part(values, turn)),
        other => sum(other),
    }
}

/// Wrapping sum of the bits, so that any single changed value changes it.
fn sum(column: &Column<'_>) -> u64 {
    match column {
        Column::F64(values) => bits::of_f64(values),
        Column::F32(values) => bits::of_f32(values),
        Column::U64(values) => bits::of_u64(values),
        Column::U32(values) => bits::of_u32(values),
        Column::U8(values) => bits::of_u8(values),
        Column::I64(values) => bits::of_i64(values),
        Column::I128(values) => add(values.iter().map(|value| {
            let (low, high) = (*value as u64, (*value >> 64) as u64);
            low.wrapping_add(high)
        })),
        Column::Flag(values) => add(values.iter().map(|value| u64::from(*value))),
        Column::Offer(values) => add(values
            .iter()
            .map(|offer| offer.map_or(0, |id| id.index() as u64 + 1))),
    }
}

fn add(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0_u64, u64::wrapping_add)
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
