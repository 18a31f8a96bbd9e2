//! Records of the form before, rewritten: those of cases by their facts, all others as they are.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paidan_journal::canonical::to_vec;
use paidan_journal::entry::Draft as Written;
use paidan_journal::record::{OBJECT_FORM, body};
use paidan_journal::sqlite::upgrade::{Before, Rewrite};
use paidan_journal::{Fault, Header};
use paidan_machine::Draft;
use paidan_machine::record::Body;
use paidan_model::moment::Moment;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::anchor::{ANCHORS, EARLIER_FORM};
use crate::publish::is_case;

/// How a town's records are rewritten.
#[derive(Clone, Copy, Debug)]
pub struct Rewriting;

fn part<T: DeserializeOwned>(of: &Json) -> Result<T, Fault> {
    serde_json::from_value(of.clone()).map_err(|error| Fault::Record(error.to_string()))
}

impl Rewrite for Rewriting {
    fn body(&self, stream: &str, old: &Header) -> Result<Vec<u8>, Fault> {
        let Header { at, by, data, due, kind, .. } = old;
        if is_case(stream) {
            let facts = data.get("facts").map_or_else(|| Ok(Vec::new()), part)?;
            let law = data.get("law").map_or_else(|| Ok(BTreeMap::new()), part)?;
            let (at, due) = (Moment::from_millis(*at), due.map(Moment::from_millis));
            let draft = Draft { at, due, by: part(by)?, kind: kind.clone(), facts };
            return to_vec(&Body::new(stream, &draft, &law));
        }
        let mut data = data.clone();
        if let (ANCHORS, Some(members)) = (stream, data.as_object_mut()) {
            members.insert(EARLIER_FORM.into(), OBJECT_FORM.into());
        }
        body(by, *due, &data)
    }

    fn note(&self, before: &Before) -> Result<(String, Written), Fault> {
        let Before { size, root, at } = before;
        let origin = format!("paidan/form-{OBJECT_FORM}");
        let root = STANDARD.encode(root);
        let form = OBJECT_FORM;
        let said = json!({ EARLIER_FORM: form, "origin": origin, "root": root, "size": size });
        let (kind, cmd) = ("upgraded".to_string(), "upgrade".to_string());
        Ok((ANCHORS.into(), Written { at: *at, cmd, kind, body: body("engine", None, &said)? }))
    }
}
