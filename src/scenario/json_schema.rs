//! The schema as JSON Schema (draft 2020-12), for completion and hints in editors. It describes
//! what one file may say; whether all layers together are complete is for `check` to say.

use serde_json::{Map, Value as Json, json};

use super::facts::{FACT_KEYS, STATUSES};
use super::root::{EXPERIMENT_BLOCKS, FILE_BLOCKS};
use super::schema::{Choice, Default, Field, Names, Record, Rule, Shape, Tagged};
use crate::units::unit_of;

/// The JSON Schema of every scenario file.
pub fn json_schema(root: &'static Record) -> Json {
    let mut writer = Writer {
        root,
        defs: Map::new(),
    };
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("wattflop {}", root.name.to_lowercase()),
        "description": prose(root.doc),
        "type": "object",
        "additionalProperties": false,
    });
    let properties = writer.properties(root);
    writer.defs.insert("number_text".to_owned(), number_text());
    writer.defs.insert("fact".to_owned(), fact_definition());
    if let Some(object) = whole.as_object_mut() {
        object.insert("properties".to_owned(), Json::Object(properties));
        object.insert("$defs".to_owned(), Json::Object(writer.defs));
    }
    whole
}

/// Numbers with underscores are texts to YAML editors.
fn number_text() -> Json {
    let pattern = r"^[-+]?[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][-+]?[0-9]+)?$";
    json!({ "type": "string", "pattern": pattern })
}

struct Writer {
    root: &'static Record,
    defs: Map<String, Json>,
}

impl Writer {
    fn properties(&mut self, record: &'static Record) -> Map<String, Json> {
        record
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), self.field(field)))
            .collect()
    }

    fn field(&mut self, field: &'static Field) -> Json {
        let mut schema = self.shape(field.shape, &field.rule);
        let mut description = prose(field.doc);
        if let Some(unit) = unit_of(field.name) {
            description.push_str(&format!(" Unit: {unit}."));
        }
        if let Some((low, high)) = field.rule.plausible {
            description.push_str(&format!(" Usually {low} to {high}."));
        }
        if let Some(collection) = field.rule.reference.or(field.rule.keys) {
            description.push_str(&format!(" Names entries of `{collection}`."));
        }
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".to_owned(), Json::String(description));
            if let Some(default) = default_json(field.rule.default) {
                object.insert("default".to_owned(), default);
            }
        }
        nullable(schema)
    }

    fn shape(&mut self, shape: Shape, rule: &Rule) -> Json {
        match shape {
            Shape::Optional(inner) => self.shape(*inner, rule),
            Shape::Number => fact(number(rule, "number")),
            Shape::Integer => fact(number(rule, "integer")),
            Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Date => date(),
            Shape::Series => {
                let points = json!({
                    "type": "object",
                    "propertyNames": date(),
                    "additionalProperties": fact(number(rule, "number")),
                    "minProperties": 1,
                });
                fact(points)
            }
            Shape::Numbers => {
                let list = json!({ "type": "array", "items": number(rule, "number") });
                let text = json!({ "type": "string" });
                let column = json!({
                    "type": "object",
                    "properties": { "csv": text, "column": text },
                    "required": ["csv", "column"],
                    "additionalProperties": false,
                });
                json!({ "anyOf": [fact(number(rule, "number")), list, column] })
            }
            Shape::Patch => self.patch(),
            Shape::Choice(choice) => choice_json(choice),
            Shape::Tagged(tagged) => self.tagged(tagged),
            Shape::Record(record) => self.record(record),
            Shape::List(inner) => {
                json!({ "type": "array", "items": self.shape(*inner, rule) })
            }
            Shape::Map(names, inner) => {
                let keys = match names {
                    Names::Free => json!({ "pattern": "^[A-Za-z0-9_-]{1,64}$" }),
                    Names::Path => json!({ "pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$" }),
                    Names::Date => date(),
                    Names::Choice(choice) => choice_json(choice),
                };
                let value = nullable(self.shape(*inner, rule));
                json!({ "type": "object", "propertyNames": keys, "additionalProperties": value })
            }
        }
    }

    fn record(&mut self, record: &'static Record) -> Json {
        if !self.defs.contains_key(record.name) {
            // Present before its fields are, in case one of them leads back here.
            self.defs.insert(record.name.to_owned(), Json::Null);
            let mut properties = self.properties(record);
            for (name, text) in [
                (
                    "like",
                    "Copies this entry of the same collection, then overrides it.",
                ),
                (
                    "source",
                    "Key of the source of all plain numbers of this block.",
                ),
                ("note", "A remark."),
            ] {
                let schema = json!({ "type": "string", "description": text });
                properties.entry(name.to_owned()).or_insert(schema);
            }
            let schema = json!({
                "description": prose(record.doc),
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
            });
            self.defs.insert(record.name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{}", record.name) })
    }

    fn tagged(&mut self, tagged: &'static Tagged) -> Json {
        if !self.defs.contains_key(tagged.name) {
            self.defs.insert(tagged.name.to_owned(), Json::Null);
            let variants: Map<String, Json> = tagged
                .variants
                .iter()
                .map(|field| (field.name.to_owned(), self.field(field)))
                .collect();
            let schema = json!({
                "description": prose(tagged.doc),
                "type": "object",
                "properties": variants,
                "additionalProperties": false,
                "minProperties": 1,
            });
            self.defs.insert(tagged.name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{}", tagged.name) })
    }

    /// Dotted keys begin with a block that a policy may change.
    fn patch(&self) -> Json {
        let fixed = |name: &&str| FILE_BLOCKS.contains(name) || EXPERIMENT_BLOCKS.contains(name);
        let blocks = self.root.fields.iter().map(|field| field.name);
        let blocks: Vec<&str> = blocks.filter(|name| !fixed(name)).collect();
        let pattern = format!(r"^({})(\.[A-Za-z0-9_-]+)*$", blocks.join("|"));
        let mut from = date();
        if let Some(object) = from.as_object_mut() {
            object.insert(
                "description".to_owned(),
                json!("First day on which it is in force."),
            );
        }
        json!({
            "type": "object",
            "properties": { "from": from },
            "patternProperties": { pattern: {} },
            "additionalProperties": false,
        })
    }
}

fn number(rule: &Rule, kind: &str) -> Json {
    let mut schema = json!({ "type": kind });
    if let Some(object) = schema.as_object_mut() {
        if let Some((low, high)) = rule.range {
            object.insert("minimum".to_owned(), json!(low));
            object.insert("maximum".to_owned(), json!(high));
        }
        if let Some((low, high)) = rule.whole_range {
            object.insert("minimum".to_owned(), whole(low));
            object.insert("maximum".to_owned(), whole(high));
        }
    }
    json!({ "anyOf": [schema, { "$ref": "#/$defs/number_text" }] })
}

fn whole(number: i128) -> Json {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => json!(number),
        (_, Ok(number)) => json!(number),
        _ => json!(number as f64),
    }
}

/// A value alone, or with its evidence.
fn fact(value: Json) -> Json {
    json!({ "anyOf": [value, { "$ref": "#/$defs/fact" }] })
}

fn fact_definition() -> Json {
    let mut properties = Map::new();
    for key in FACT_KEYS {
        let schema = match key {
            "value" => json!({}),
            "low" | "high" => number(&Rule::NONE, "number"),
            "status" => json!({ "enum": STATUSES }),
            "date" => json!({ "type": ["string", "integer"] }),
            _ => json!({ "type": "string" }),
        };
        properties.insert(key.to_owned(), schema);
    }
    json!({
        "description": "A value with its evidence.",
        "type": "object",
        "properties": properties,
        "required": ["value"],
        "additionalProperties": false,
    })
}

fn date() -> Json {
    json!({ "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn choice_json(choice: &'static Choice) -> Json {
    let options = choice.options.iter();
    let options: Vec<Json> = options
        .map(|(name, doc)| json!({ "const": name, "description": prose(doc) }))
        .collect();
    json!({ "description": prose(choice.doc), "oneOf": options })
}

/// `null` deletes what a lower layer says.
fn nullable(schema: Json) -> Json {
    let mut outer = Map::new();
    let mut inner = schema;
    if let Some(object) = inner.as_object_mut() {
        for key in ["description", "default"] {
            if let Some(value) = object.remove(key) {
                outer.insert(key.to_owned(), value);
            }
        }
    }
    outer.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
    Json::Object(outer)
}

fn default_json(default: Default) -> Option<Json> {
    match default {
        Default::Required => None,
        Default::Number(number) => Some(json!(number)),
        Default::Integer(number) => Some(whole(number)),
        Default::Text(text) => Some(json!(text)),
        Default::Flag(flag) => Some(json!(flag)),
        Default::Empty => Some(json!({})),
    }
}

/// A documentation comment as one paragraph.
pub fn prose(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<&str>>().join(" ")
}
