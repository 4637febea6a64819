//! The catalogue and the shipped scenarios travel inside the program, so that a lone scenario
//! file works anywhere. Names are relative to the `scenarios` folder.

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../scenarios/", $name)))),*]
    };
}

/// Every file that the program carries; a test compares the list with the folder.
pub const FILES: &[(&str, &str)] = embed![];

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
