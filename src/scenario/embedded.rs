//! The catalogue and the shipped scenarios travel inside the program, so that a lone scenario
//! file works anywhere. Names are relative to the `scenarios` folder.

/// Every file that the program carries, in order of name; listed when it is built.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// Folder of the catalogue, whose facts must be sourced.
pub const CATALOGUE: &str = "catalog/";

/// Fields that the model reads, with the files that do; found when the program is built.
const READERS: &[(&str, &[&str])] = include!(concat!(env!("OUT_DIR"), "/readers.rs"));

/// Files of the model in which a field of this name is read.
pub fn readers(field: &str) -> &'static [&'static str] {
    READERS
        .iter()
        .find(|(known, _)| *known == field)
        .map_or(&[], |(_, files)| files)
}

pub fn file(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// Scenarios, without the catalogue.
pub fn scenarios() -> impl Iterator<Item = &'static (&'static str, &'static str)> + Clone {
    FILES.iter().filter(|(name, _)| !name.contains('/'))
}

pub fn catalogue() -> impl Iterator<Item = &'static (&'static str, &'static str)> + Clone {
    FILES.iter().filter(|(name, _)| name.starts_with(CATALOGUE))
}
