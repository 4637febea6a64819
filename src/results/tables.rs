//! Tables on disk. With the feature `tables` a table is `NAME.parquet` (zstd), written and
//! read by polars, which appears nowhere else; without it `NAME.columns`, our own compact
//! form. Missing numbers (NaN in memory) are nulls in parquet.

use std::fs;
use std::path::{Path, PathBuf};

use super::codec;
use super::columns::Table;
use super::disk::{DiskError, at};

/// Extension of the tables that this build writes.
pub const EXTENSION: &str = if cfg!(feature = "tables") {
    "parquet"
} else {
    "columns"
};

/// Writes a table into a folder and returns the name of its file.
pub fn write_table(folder: &Path, table: &Table) -> Result<String, DiskError> {
    let name = format!("{}.{EXTENSION}", table.name);
    let path = folder.join(&name);
    #[cfg(feature = "tables")]
    parquet::write(&path, table)?;
    #[cfg(not(feature = "tables"))]
    {
        let mut bytes = Vec::new();
        codec::encode_table(table, &mut bytes);
        fs::write(&path, bytes).map_err(at("write", &path))?;
    }
    Ok(name)
}

/// Reads a table by name from a folder, in whichever form it is there.
pub fn read_table(folder: &Path, name: &str) -> Result<Table, DiskError> {
    let own: PathBuf = folder.join(format!("{name}.columns"));
    if own.exists() {
        let bytes = fs::read(&own).map_err(at("read", &own))?;
        return codec::decode_table(&bytes).map_err(|damage| DiskError {
            action: "read",
            path: own,
            reason: damage.to_string(),
        });
    }
    let path = folder.join(format!("{name}.parquet"));
    #[cfg(feature = "tables")]
    return parquet::read(&path, name);
    #[cfg(not(feature = "tables"))]
    Err(DiskError {
        action: "read",
        path,
        reason: "this build has no parquet (feature `tables`)".to_string(),
    })
}

#[cfg(feature = "tables")]
mod parquet {
    use std::fs::File;
    use std::path::Path;

    use polars::prelude::{
        Column as Frame, DataFrame, DataType, IntoColumn, NamedFrom, ParquetCompression,
        ParquetReader, ParquetWriter, SerReader, Series,
    };

    use crate::results::columns::{Data, Table, Text};
    use crate::results::disk::{DiskError, at};

    fn told<'a, E: std::fmt::Display>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(E) -> DiskError + 'a {
        move |error| DiskError {
            action,
            path: path.to_path_buf(),
            reason: error.to_string(),
        }
    }

    pub fn write(path: &Path, table: &Table) -> Result<(), DiskError> {
        let mut columns = Vec::with_capacity(table.columns().len());
        for column in table.columns() {
            let name = column.name.as_str().into();
            columns.push(match &column.data {
                Data::F64(values) => {
                    let known: Vec<Option<f64>> =
                        values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect();
                    Series::new(name, known).into_column()
                }
                Data::I64(values) => Series::new(name, values.as_slice()).into_column(),
                Data::Text(text) => {
                    let words: Vec<&str> = text.iter().collect();
                    Series::new(name, words).into_column()
                }
            });
        }
        let mut frame = DataFrame::new(table.rows(), columns).map_err(told("lay out", path))?;
        let file = File::create(path).map_err(at("create", path))?;
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .finish(&mut frame)
            .map_err(told("write", path))?;
        Ok(())
    }

    pub fn read(path: &Path, name: &str) -> Result<Table, DiskError> {
        let file = File::open(path).map_err(at("open", path))?;
        let frame = ParquetReader::new(file)
            .finish()
            .map_err(told("read", path))?;
        let mut table = Table::new(name);
        for column in frame.columns() {
            let data = data_of(column).map_err(told("read", path))?;
            table
                .push_column(column.name(), data)
                .map_err(told("read", path))?;
        }
        Ok(table)
    }

    fn data_of(column: &Frame) -> Result<Data, polars::prelude::PolarsError> {
        let series = column.as_materialized_series();
        Ok(match series.dtype() {
            DataType::Float64 => Data::F64(
                series
                    .f64()?
                    .iter()
                    .map(|v| v.unwrap_or(f64::NAN))
                    .collect(),
            ),
            DataType::Int64 => Data::I64(series.i64()?.iter().map(|v| v.unwrap_or(0)).collect()),
            _ => {
                let mut text = Text::default();
                series
                    .str()?
                    .iter()
                    .for_each(|word| text.push(word.unwrap_or_default()));
                Data::Text(text)
            }
        })
    }
}
