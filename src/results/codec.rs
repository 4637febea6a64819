//! A compact binary form of tables and finished runs: length-prefixed, little-endian.
//!
//! Decoding never trusts a length: every read is checked against what is left, so a damaged
//! file is an error and not a large allocation.

use super::columns::{Data, Table, Text};
use super::record::RunRecord;

/// Why bytes could not be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged(pub &'static str);

impl std::fmt::Display for Damaged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "damaged data: {}", self.0)
    }
}

/// Bytes of one run.
pub fn encode_record(record: &RunRecord) -> Vec<u8> {
    let mut out = Vec::new();
    for number in [record.arm, record.draw, record.luck] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&record.seconds.to_le_bytes());
    put_len(&mut out, record.residuals.len());
    for (unit, gap) in &record.residuals {
        put_text(&mut out, unit);
        out.extend_from_slice(&gap.to_le_bytes());
    }
    encode_table(&record.weekly, &mut out);
    put_len(&mut out, record.entities.len());
    record
        .entities
        .iter()
        .for_each(|table| encode_table(table, &mut out));
    encode_table(&record.events, &mut out);
    out
}

/// The run behind `encode_record`'s bytes; everything must be used up.
pub fn decode_record(bytes: &[u8]) -> Result<RunRecord, Damaged> {
    let mut from = Reader { bytes };
    let (arm, draw, luck) = (from.word()?, from.word()?, from.word()?);
    let seconds = f64::from_le_bytes(from.array()?);
    let mut residuals = Vec::new();
    for _ in 0..from.length(24)? {
        let unit = from.text()?;
        residuals.push((unit, i128::from_le_bytes(from.array()?)));
    }
    let weekly = from.table()?;
    let mut entities = Vec::new();
    for _ in 0..from.length(16)? {
        entities.push(from.table()?);
    }
    let events = from.table()?;
    if !from.bytes.is_empty() {
        return Err(Damaged("bytes left over"));
    }
    Ok(RunRecord {
        arm,
        draw,
        luck,
        weekly,
        entities,
        events,
        residuals,
        seconds,
    })
}

/// Appends the bytes of one table.
pub fn encode_table(table: &Table, out: &mut Vec<u8>) {
    put_text(out, &table.name);
    put_len(out, table.columns().len());
    for column in table.columns() {
        put_text(out, &column.name);
        match &column.data {
            Data::F64(values) => {
                out.push(0);
                put_len(out, values.len());
                values
                    .iter()
                    .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            Data::I64(values) => {
                out.push(1);
                put_len(out, values.len());
                values
                    .iter()
                    .for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            Data::Text(text) => {
                out.push(2);
                put_len(out, text.words().len());
                text.words().iter().for_each(|word| put_text(out, word));
                put_len(out, text.len());
                text.codes()
                    .iter()
                    .for_each(|code| out.extend_from_slice(&code.to_le_bytes()));
            }
        }
    }
}

/// The table behind `encode_table`'s bytes; everything must be used up.
pub fn decode_table(bytes: &[u8]) -> Result<Table, Damaged> {
    let mut from = Reader { bytes };
    let table = from.table()?;
    if from.bytes.is_empty() {
        Ok(table)
    } else {
        Err(Damaged("bytes left over"))
    }
}

fn put_len(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&(length as u64).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Damaged> {
        if length > self.bytes.len() {
            return Err(Damaged("ends too early"));
        }
        let (head, tail) = self.bytes.split_at(length);
        self.bytes = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn word(&mut self) -> Result<u32, Damaged> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A count of items that need at least `width` bytes each.
    fn length(&mut self, width: usize) -> Result<usize, Damaged> {
        let length = u64::from_le_bytes(self.array()?);
        if length > (self.bytes.len() / width) as u64 {
            return Err(Damaged("a length exceeds the file"));
        }
        Ok(length as usize)
    }

    fn text(&mut self) -> Result<String, Damaged> {
        let length = self.length(1)?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Damaged("text is not UTF-8"))
    }

    fn table(&mut self) -> Result<Table, Damaged> {
        let mut table = Table::new(&self.text()?);
        for _ in 0..self.length(17)? {
            let name = self.text()?;
            let [kind] = self.array()?;
            let data = match kind {
                0 => Data::F64(self.numbers(f64::from_le_bytes)?),
                1 => Data::I64(self.numbers(i64::from_le_bytes)?),
                2 => self.words()?,
                _ => return Err(Damaged("unknown column type")),
            };
            table
                .push_column(&name, data)
                .map_err(|_| Damaged("columns do not fit"))?;
        }
        Ok(table)
    }

    fn numbers<T>(&mut self, read: impl Fn([u8; 8]) -> T) -> Result<Vec<T>, Damaged> {
        let length = self.length(8)?;
        let mut values = Vec::with_capacity(length);
        for _ in 0..length {
            values.push(read(self.array()?));
        }
        Ok(values)
    }

    fn words(&mut self) -> Result<Data, Damaged> {
        let known = self.length(8)?;
        let mut words = Vec::with_capacity(known);
        for _ in 0..known {
            words.push(self.text()?);
        }
        let rows = self.length(4)?;
        let mut codes = Vec::with_capacity(rows);
        for _ in 0..rows {
            codes.push(self.word()?);
        }
        Text::from_codes(codes, words)
            .map(Data::Text)
            .ok_or(Damaged("a code has no word"))
    }
}
