//! The JSON Schema of what may be written, for editors that complete keys and underline what does not fit. The shapes here
//! only describe; what is read, the readers beside them say, and a test holds both together.
#![expect(dead_code, reason = "shapes are described, never made")]

mod case;
mod definition;
mod field;
mod script;
mod server;
mod simulation;
mod time;
mod town;
mod value;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A definition, or a block.
    Workflow,
    /// Everything else: calendars, units, people, duties, channels, the server, what a simulation assumes.
    Town,
}

impl Document {
    /// Every kind of file.
    pub const ALL: [Self; 2] = [Self::Workflow, Self::Town];

    /// Its name on the command line, and that of its schema's file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Town => "town",
        }
    }

    /// Its schema, in draft 7: later drafts are not read by every editor.
    #[must_use]
    pub fn schema(self) -> Json {
        match self {
            Self::Workflow => of::<definition::Definition>(),
            Self::Town => of::<town::Town>(),
        }
    }
}

fn of<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.to_value()
}

/// Takes `null` out of a schema: a key of TOML that has no value is not there.
fn without_null(schema: &mut Schema) {
    if let Some(Json::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".into(), one);
        }
    }
    let Some(Json::Array(of)) = schema.get_mut("anyOf") else { return };
    of.retain(|one| one.get("type") != Some(&Json::from("null")));
    if let [Json::Object(one)] = of.as_mut_slice() {
        let one = std::mem::take(one);
        schema.remove("anyOf");
        // What stands beside a reference is not looked at in this draft.
        match one.get("$ref") {
            Some(_) => drop(schema.insert("allOf".into(), Json::Array(vec![Json::Object(one)]))),
            None => one.into_iter().for_each(|(key, value)| drop(schema.insert(key, value))),
        }
    }
}
