//! The catalogue and the shipped scenarios travel inside the program, so that a lone scenario
//! file works anywhere. Names are relative to the `scenarios` folder.

/// Every file that the program carries, in order of name; listed when it is built.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// Folder of the catalogue, whose facts must be sourced.
pub const CATALOGUE: &str = "catalog/";

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
