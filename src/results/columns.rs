//! Result tables in memory: named columns of numbers, counts or dictionary-coded text.
//!
//! A table is filled row by row (a week at a time) or column by column, and says at once when
//! a row does not fit. Column names end in their unit; identity columns are `policy`, `draw`,
//! `luck`, `week`, `date` and the entity's key.

use std::cmp::Ordering;

pub use super::text::Text;

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    F64(Vec<f64>),
    I64(Vec<i64>),
    Text(Text),
}

impl Data {
    pub fn len(&self) -> usize {
        match self {
            Data::F64(values) => values.len(),
            Data::I64(values) => values.len(),
            Data::Text(text) => text.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name of the type as it enters the value hash.
    pub fn type_name(&self) -> &'static str {
        match self {
            Data::F64(_) => "f64",
            Data::I64(_) => "i64",
            Data::Text(_) => "text",
        }
    }

    fn empty_like(&self) -> Data {
        match self {
            Data::F64(_) => Data::F64(Vec::new()),
            Data::I64(_) => Data::I64(Vec::new()),
            Data::Text(_) => Data::Text(Text::default()),
        }
    }

    fn push(&mut self, value: Value) -> bool {
        match (self, value) {
            (Data::F64(values), Value::F64(value)) => values.push(value),
            (Data::I64(values), Value::I64(value)) => values.push(value),
            (Data::Text(text), Value::Text(word)) => text.push(word),
            _ => return false,
        }
        true
    }

    fn extend(&mut self, other: &Data) -> bool {
        match (self, other) {
            (Data::F64(mine), Data::F64(theirs)) => mine.extend_from_slice(theirs),
            (Data::I64(mine), Data::I64(theirs)) => mine.extend_from_slice(theirs),
            (Data::Text(mine), Data::Text(theirs)) => mine.extend(theirs),
            _ => return false,
        }
        true
    }

    fn picked(&self, rows: &[usize]) -> Data {
        match self {
            Data::F64(values) => Data::F64(rows.iter().map(|row| values[*row]).collect()),
            Data::I64(values) => Data::I64(rows.iter().map(|row| values[*row]).collect()),
            Data::Text(text) => Data::Text(text.picked(rows)),
        }
    }

    /// Numbers whose order is the order of the values.
    fn sort_keys(&self) -> Vec<i64> {
        match self {
            Data::F64(values) => values.iter().map(|value| total_order(*value)).collect(),
            Data::I64(values) => values.clone(),
            Data::Text(text) => {
                let ranks = text.ranks();
                text.codes()
                    .iter()
                    .map(|code| i64::from(ranks[*code as usize]))
                    .collect()
            }
        }
    }
}

/// The bits of a number as an integer in the same order, as in `f64::total_cmp`.
fn total_order(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// One cell of a row that is being appended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    F64(f64),
    I64(i64),
    Text(&'a str),
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::F64(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::I64(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Value::I64(i64::from(value))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub data: Data,
}

/// Columns of equal length under one name. The first row of an empty table fixes the types
/// of columns that were declared by name only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub name: String,
    columns: Vec<Column>,
}

/// Why a table refused rows or columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit(pub String);

impl std::fmt::Display for Misfit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl Table {
    /// A table without columns yet.
    pub fn new(name: &str) -> Table {
        Table {
            name: name.to_string(),
            columns: Vec::new(),
        }
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.data.len())
    }

    pub fn column(&self, name: &str) -> Option<&Data> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| &column.data)
    }

    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match self.column(name) {
            Some(Data::F64(values)) => Some(values),
            _ => None,
        }
    }

    pub fn counts(&self, name: &str) -> Option<&[i64]> {
        match self.column(name) {
            Some(Data::I64(values)) => Some(values),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> Option<&Text> {
        match self.column(name) {
            Some(Data::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Appends a column; its length must equal that of the others.
    pub fn push_column(&mut self, name: &str, data: Data) -> Result<(), Misfit> {
        self.insert_column(self.columns.len(), name, data)
    }

    fn insert_column(&mut self, place: usize, name: &str, data: Data) -> Result<(), Misfit> {
        if self.column(name).is_some() {
            return Err(Misfit(format!("table {}: column {name} twice", self.name)));
        }
        if !self.columns.is_empty() && data.len() != self.rows() {
            return Err(Misfit(format!(
                "table {}: column {name} has {} rows, the others {}",
                self.name,
                data.len(),
                self.rows()
            )));
        }
        self.columns.insert(
            place,
            Column {
                name: name.to_string(),
                data,
            },
        );
        Ok(())
    }

    /// Appends one row of (name, value). The first row fixes names, order and types.
    pub fn push_row(&mut self, row: &[(&str, Value)]) -> Result<(), Misfit> {
        if self.columns.is_empty() {
            for (name, value) in row {
                let data = match value {
                    Value::F64(_) => Data::F64(Vec::new()),
                    Value::I64(_) => Data::I64(Vec::new()),
                    Value::Text(_) => Data::Text(Text::default()),
                };
                self.push_column(name, data)?;
            }
        }
        let fits = row.len() == self.columns.len()
            && self.columns.iter().zip(row).all(|(column, (name, value))| {
                column.name == *name
                    && matches!(
                        (&column.data, value),
                        (Data::F64(_), Value::F64(_))
                            | (Data::I64(_), Value::I64(_))
                            | (Data::Text(_), Value::Text(_))
                    )
            });
        if !fits {
            let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
            return Err(Misfit(format!(
                "table {}: row {names:?} does not fit",
                self.name
            )));
        }
        for (column, (_, value)) in self.columns.iter_mut().zip(row) {
            column.data.push(*value);
        }
        Ok(())
    }

    /// Appends the rows of another table with the same columns.
    pub fn append(&mut self, other: &Table) -> Result<(), Misfit> {
        if self.columns.is_empty() {
            self.columns = other.columns.clone();
            return Ok(());
        }
        if other.columns.is_empty() {
            return Ok(());
        }
        let same = self.columns.len() == other.columns.len()
            && self
                .columns
                .iter()
                .zip(&other.columns)
                .all(|(mine, theirs)| {
                    mine.name == theirs.name && mine.data.type_name() == theirs.data.type_name()
                });
        if !same {
            return Err(Misfit(format!(
                "table {}: the columns to append differ",
                self.name
            )));
        }
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.data.extend(&theirs.data);
        }
        Ok(())
    }

    /// Rows in ascending order of the named columns; equal keys keep their order.
    pub fn sorted_by(&self, keys: &[&str]) -> Table {
        let keys: Vec<Vec<i64>> = keys
            .iter()
            .filter_map(|name| self.column(name))
            .map(Data::sort_keys)
            .collect();
        let compared = |left: usize, right: usize| {
            let mut orders = keys.iter().map(|key| key[left].cmp(&key[right]));
            orders
                .find(|found| *found != Ordering::Equal)
                .unwrap_or(Ordering::Equal)
        };
        if (1..self.rows()).all(|row| compared(row - 1, row) != Ordering::Greater) {
            return self.clone();
        }
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.sort_by(|left, right| compared(*left, *right));
        self.picked(&order)
    }

    /// The given rows, in the given order.
    pub fn picked(&self, rows: &[usize]) -> Table {
        let columns = self
            .columns
            .iter()
            .map(|column| Column {
                name: column.name.clone(),
                data: column.data.picked(rows),
            })
            .collect();
        Table {
            name: self.name.clone(),
            columns,
        }
    }

    /// The rows for which `keep` says yes.
    pub fn filtered(&self, keep: impl Fn(usize) -> bool) -> Table {
        let rows: Vec<usize> = (0..self.rows()).filter(|row| keep(*row)).collect();
        self.picked(&rows)
    }

    /// Puts who made the rows in front of them: `policy`, `draw`, `luck`.
    pub fn stamped(&self, policy: &str, draw: u32, luck: u32) -> Result<Table, Misfit> {
        let rows = self.rows();
        let mut table = self.clone();
        if self.columns.is_empty() {
            return Ok(table);
        }
        table.insert_column(0, "policy", Data::Text(Text::constant(policy, rows)))?;
        table.insert_column(1, "draw", Data::I64(vec![i64::from(draw); rows]))?;
        table.insert_column(2, "luck", Data::I64(vec![i64::from(luck); rows]))?;
        Ok(table)
    }

    /// The same columns without rows.
    pub fn emptied(&self) -> Table {
        let columns = self
            .columns
            .iter()
            .map(|column| Column {
                name: column.name.clone(),
                data: column.data.empty_like(),
            })
            .collect();
        Table {
            name: self.name.clone(),
            columns,
        }
    }

    /// Bytes held by the values (dictionaries not counted).
    pub fn bytes(&self) -> u64 {
        self.columns
            .iter()
            .map(|column| {
                let width = if matches!(column.data, Data::Text(_)) {
                    4
                } else {
                    8
                };
                width * column.data.len() as u64
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new("offers");
        for (week, offer, price) in [(1, "b", 2.0), (0, "b", 1.5), (1, "a", 3.0)] {
            table
                .push_row(&[
                    ("week", Value::I64(week)),
                    ("offer", offer.into()),
                    ("price_usd_per_h", price.into()),
                ])
                .unwrap();
        }
        table
    }

    #[test]
    fn rows_that_do_not_fit_are_refused_and_leave_the_table_as_it_was() {
        let mut table = sample();
        let before = table.clone();
        assert!(table.push_row(&[("week", 1_u32.into())]).is_err());
        let wrong_type = [
            ("week", 1.0.into()),
            ("offer", "a".into()),
            ("price_usd_per_h", 1.0.into()),
        ];
        assert!(table.push_row(&wrong_type).is_err());
        assert!(table.push_column("draw", Data::I64(vec![1])).is_err());
        assert!(table.push_column("week", Data::I64(vec![1, 2, 3])).is_err());
        assert_eq!(table, before);
    }

    #[test]
    fn sorting_is_by_value_and_stable() {
        let sorted = sample().sorted_by(&["week", "offer"]);
        assert_eq!(sorted.numbers("price_usd_per_h").unwrap(), [1.5, 3.0, 2.0]);
        let by_week = sample().sorted_by(&["week"]);
        assert_eq!(by_week.numbers("price_usd_per_h").unwrap(), [1.5, 2.0, 3.0]);
    }

    #[test]
    fn numbers_sort_as_total_order() {
        let values = [
            f64::NAN,
            1.0,
            -1.0,
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e-300,
        ];
        let mut table = Table::new("numbers");
        table
            .push_column("value", Data::F64(values.to_vec()))
            .unwrap();
        let mut expected = values;
        expected.sort_by(f64::total_cmp);
        let sorted = table.sorted_by(&["value"]);
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(sorted.numbers("value").unwrap()), bits(&expected));
    }

    #[test]
    fn appending_joins_dictionaries() {
        let mut table = sample();
        let mut other = sample().emptied();
        let row = [
            ("week", 2_u32.into()),
            ("offer", "c".into()),
            ("price_usd_per_h", 9.0.into()),
        ];
        other.push_row(&row).unwrap();
        table.append(&other).unwrap();
        let words: Vec<&str> = table.text("offer").unwrap().iter().collect();
        assert_eq!(words, ["b", "b", "a", "c"]);
        assert!(
            table
                .append(&table.clone().stamped("p", 0, 0).unwrap())
                .is_err()
        );
    }

    #[test]
    fn stamping_names_who_made_the_rows() {
        let stamped = sample().stamped("floor", 3, 1).unwrap();
        let names: Vec<&str> = stamped.columns().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            names,
            ["policy", "draw", "luck", "week", "offer", "price_usd_per_h"]
        );
        assert_eq!(stamped.text("policy").unwrap().get(2), "floor");
        assert_eq!(stamped.counts("draw").unwrap(), [3, 3, 3]);
    }
}
