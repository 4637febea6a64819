//! The top level of every file: what the engine itself reads, joined to the model's own blocks.

use std::collections::BTreeMap;

use super::decode::{Decode, DottedPath, Patch};
use super::schema::{Field, Record, Shape};
use super::types::Distribution;
use crate::record;

record! {
    /// Keys that every scenario understands, whatever the model.
    pub struct Layers {
        /// Parent file that this one is merged over; looked for beside this file, then among
        /// the files that the program carries, for example `catalog/2025-11.yaml`.
        pub base: Option<String>;
        /// Further files of the catalogue's own folder, one top-level block each. Catalogue only.
        pub include: Option<Vec<String>>;
        /// Publications that facts refer to by key.
        pub sources: BTreeMap<String, Source> => typed().empty();
        /// Numbers drawn once per draw of the ensemble, by dotted path; all others are points.
        pub uncertain: BTreeMap<DottedPath, Distribution> => typed().empty();
        /// Named alternatives: dotted paths and their new values, in force from `from`.
        pub policies: BTreeMap<String, Patch> => typed().empty();
    }

    /// A publication.
    pub struct Source {
        /// Title, with its publisher and year.
        pub title: String;
        /// Where it can be read.
        pub url: Option<String>;
        /// When it was published or read.
        pub date: Option<String>;
    }
}

/// Blocks that a policy or `--set` cannot change: they are about the file, not the world.
pub const FILE_BLOCKS: [&str; 7] = [
    "base",
    "include",
    "sources",
    "uncertain",
    "policies",
    "protocols",
    "closed_protocols",
];
/// Blocks about the experiment: the same for all policies.
pub const EXPERIMENT_BLOCKS: [&str; 5] = ["question", "horizon", "ensemble", "report", "expect"];

/// The root record of a model: its fields and the engine's. Built once per program.
pub fn root_of<T: Decode>() -> &'static Record {
    let (Shape::Record(model), Shape::Record(layers)) = (T::SHAPE, Layers::SHAPE) else {
        panic!("the root of a scenario is declared with record!");
    };
    let rest = model
        .fields
        .iter()
        .filter(|field| layers.field(field.name).is_none());
    let fields: Vec<Field> = layers.fields.iter().chain(rest).copied().collect();
    Box::leak(Box::new(Record {
        name: model.name,
        doc: model.doc,
        fields: fields.leak(),
    }))
}
