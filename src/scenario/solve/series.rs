//! Series of `solve` files: numbers in the file itself, or a column of a CSV file beside it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::scenario::problem::{Problem, Texts};
use crate::scenario::read;
use crate::scenario::suggest::hint;
use crate::scenario::tree::{Node, Place, TextId, Value, parse_number};
use crate::units::number_text;

/// Largest CSV file: a year of hours of some thousand columns.
const MAX_BYTES: u64 = 256 << 20;

/// Numbers by hour or period, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// The same at all times.
    Constant(f64),
    /// One number for each hour or period.
    Varying(Vec<f64>),
}

impl Course {
    /// How many hours or periods it tells of; a constant tells of any number.
    pub fn length(&self) -> Option<usize> {
        match self {
            Course::Constant(_) => None,
            Course::Varying(list) => Some(list.len()),
        }
    }

    /// The number at a time; the last one beyond the end.
    pub fn at(&self, time: usize) -> f64 {
        match self {
            Course::Constant(number) => *number,
            Course::Varying(list) => list.get(time).or(list.last()).copied().unwrap_or(0.0),
        }
    }

    /// As many numbers as asked for.
    pub fn spread(&self, length: usize) -> Vec<f64> {
        (0..length).map(|time| self.at(time)).collect()
    }
}

/// Reads the columns that a file names, each CSV file once. What is wrong with them is said with
/// the place in the CSV file.
pub struct Columns<'a> {
    /// The file that was asked for; names are relative to the file in which they are written.
    pub scenario: &'a Path,
    pub texts: &'a mut Texts,
    pub problems: &'a mut Vec<Problem>,
    files: BTreeMap<String, Option<Table>>,
}

#[derive(Clone, Debug)]
struct Table {
    text: TextId,
    names: Vec<String>,
    /// Rows of cells with the place of each.
    rows: Vec<Vec<(String, Place)>>,
}

impl<'a> Columns<'a> {
    pub fn new(
        scenario: &'a Path,
        texts: &'a mut Texts,
        problems: &'a mut Vec<Problem>,
    ) -> Columns<'a> {
        Columns {
            scenario,
            texts,
            problems,
            files: BTreeMap::new(),
        }
    }

    /// The series of a checked node; `None` after a problem. Values of a CSV file must lie in
    /// `range`, as those of the scenario do already.
    /// A node that the check refused gives nothing.
    pub fn course(&mut self, node: &Node, range: (f64, f64)) -> Option<Course> {
        match &node.value {
            Value::List(list) if list.is_empty() => {
                self.report(node.at, "an empty list has no hours");
                None
            }
            Value::List(list) => {
                let numbers = list.iter().map(|item| item.text().and_then(parse_number));
                numbers.collect::<Option<Vec<f64>>>().map(Course::Varying)
            }
            Value::Map(_) if node.get("csv").is_some() => {
                let (csv, column) = (node.field("csv"), node.field("column"));
                let places = (csv.at, column.at);
                let list = self.column(csv.text()?, column.text()?, places, range)?;
                Some(Course::Varying(list))
            }
            _ => node.text().and_then(parse_number).map(Course::Constant),
        }
    }

    fn report(&mut self, at: Place, message: impl Into<String>) {
        self.problems.push(Problem::error(at, message));
    }

    fn column(
        &mut self,
        csv: &str,
        column: &str,
        (csv_at, column_at): (Place, Place),
        range: (f64, f64),
    ) -> Option<Vec<f64>> {
        let home = self.texts.get(csv_at.text).map(|text| text.name.clone());
        let home = home.filter(|name| Path::new(name).exists());
        let home = home.map_or(self.scenario.to_path_buf(), std::path::PathBuf::from);
        let path = home.parent().unwrap_or(Path::new("")).join(csv);
        let name = path.display().to_string();
        let table = match self.files.remove(&name) {
            Some(table) => table,
            None => self.open(&path, &name, csv_at),
        };
        let list = table
            .as_ref()
            .and_then(|table| self.numbers(table, csv, (column, column_at), range));
        self.files.insert(name, table);
        list
    }

    fn numbers(
        &mut self,
        table: &Table,
        csv: &str,
        (column, column_at): (&str, Place),
        range: (f64, f64),
    ) -> Option<Vec<f64>> {
        let Some(index) = table.names.iter().position(|known| known == column) else {
            let message = format!("`{csv}` has no column `{column}`");
            let help = hint(column, table.names.iter().map(String::as_str));
            let problem = Problem::error(column_at, message).maybe_help(help);
            self.problems.push(problem);
            return None;
        };
        if table.rows.is_empty() {
            self.report(column_at, format!("`{csv}` has no rows"));
            return None;
        }
        let mut list = Vec::with_capacity(table.rows.len());
        let before = self.problems.len();
        for row in &table.rows {
            let (cell, at) = &row[index];
            match parse_number(cell) {
                None => self.report(*at, format!("`{cell}` in `{column}` is not a number")),
                Some(number) if number < range.0 || number > range.1 => {
                    let (low, high) = (number_text(range.0), number_text(range.1));
                    let message = format!("`{column}: {cell}` must lie in {low} to {high}");
                    self.report(*at, message);
                }
                Some(number) => list.push(number),
            }
        }
        (self.problems.len() == before).then_some(list)
    }

    fn open(&mut self, path: &Path, name: &str, at: Place) -> Option<Table> {
        let content = match read::read_limited(path, MAX_BYTES) {
            Ok(content) => content,
            Err(message) => {
                self.report(at, message);
                return None;
            }
        };
        let text = self.texts.add(name.to_owned(), content.clone(), false);
        let mut lines = content.lines().enumerate();
        let header = lines.next().map(|(number, line)| cells(line, number, text));
        let names: Vec<String> = header?.into_iter().map(|(name, _)| name).collect();
        let mut table = Table {
            text,
            names,
            rows: Vec::new(),
        };
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let row = cells(line, number, text);
            if row.len() != table.names.len() {
                let place = Place {
                    text: table.text,
                    line: number as u32 + 1,
                    column: 1,
                    length: line.chars().count() as u32,
                };
                let (wanted, found) = (table.names.len(), row.len());
                self.report(place, format!("{found} values under {wanted} names"));
                return None;
            }
            table.rows.push(row);
        }
        Some(table)
    }
}

/// The cells of a line with their places; quotes around a cell are taken off.
fn cells(line: &str, number: usize, text: TextId) -> Vec<(String, Place)> {
    let mut out = Vec::new();
    let mut column = 1;
    for cell in line.trim_start_matches('\u{feff}').split(',') {
        let length = cell.chars().count() as u32;
        let at = Place {
            text,
            line: number as u32 + 1,
            column,
            length: length.max(1),
        };
        out.push((cell.trim().trim_matches('"').to_owned(), at));
        column += length + 1;
    }
    out
}
