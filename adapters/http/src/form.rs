//! Forms: what browsers send back, as the JSON values of fields.

pub mod draft;
pub mod input;
pub mod money;
pub mod roster;
pub mod table;
pub mod texts;

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use futures_util::StreamExt as _;
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::FieldId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use paidan_runtime::{Case, World};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

pub use draft::Draft;

use crate::App;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// What a browser sent: names and values in order; a name may come several times.
pub type Sent = Vec<(String, String)>;

/// The most values of a form.
pub(crate) const VALUES_MAX: usize = 200;
/// The most bytes of one value.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// What was sent, as the values of fields; empty inputs are left out.
pub fn values(fields: &BTreeMap<FieldId, Field>, zone: &Zone, sent: &Sent) -> BTreeMap<String, Json> {
    let mut found: BTreeMap<String, Json> = BTreeMap::new();
    // A list that was shown and is emptied is an empty list; what stands as it was shown, or was left empty, says nothing.
    let sum = |name: &str| {
        let field = FieldId::parse(name).and_then(|id| fields.get(&id));
        field.is_some_and(|field| field.kind == FieldType::Money)
    };
    let said = |(name, text): &&(String, String)| match shown_as(sent, name) {
        Some(_) if sum(name) && text.trim().is_empty() => false,
        Some(before) => before != fingerprint(text),
        None => !name.starts_with('_') && !text.trim().is_empty(),
    };
    for (name, text) in sent.iter().filter(said) {
        let field = FieldId::parse(name).and_then(|id| fields.get(&id));
        let columns = field.map(|field| field.columns.as_slice()).unwrap_or_default();
        let value = match field.map(|field| field.kind) {
            Some(FieldType::Money) => money::fen(text).map_or_else(|| json!(text), |fen| json!(fen)),
            Some(FieldType::Table) => table::rows(columns, text),
            Some(FieldType::Int | FieldType::Area) => {
                text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
            }
            Some(FieldType::Bool) => text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth)),
            Some(FieldType::Moment) => json!(moment(text, zone)),
            Some(FieldType::Roster) => roster::rows(text),
            Some(FieldType::Units | FieldType::Choices | FieldType::Files) => listed(&mut found, name, text),
            // Parts of built-in forms that are lists.
            None if ["proof", "options"].contains(&name.as_str()) => listed(&mut found, name, text),
            Some(_) | None => json!(text),
        };
        found.insert(name.clone(), value);
    }
    found
}

/// A list with one entry more; a file that was sent twice is one.
fn listed(found: &mut BTreeMap<String, Json>, name: &str, text: &str) -> Json {
    let mut all = found.remove(name).unwrap_or_else(|| json!([]));
    if let Some(list) = all.as_array_mut().filter(|list| !list.contains(&json!(text))) {
        list.push(json!(text));
    }
    all
}

/// What a list looked like when the form was made, if it was shown then.
pub(crate) fn shown_as<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    let shown = sent.iter().filter(|(key, _)| key == "_shown");
    shown.filter_map(|(_, value)| value.split_once(':')).find(|(id, _)| *id == name).map(|(_, print)| print)
}

/// A short hash of the lines of a list, whatever ends them.
fn fingerprint(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    hex::encode(Sha256::digest(lines.join("\n").as_bytes())).chars().take(16).collect()
}

/// Whether a form changes a list or a sum as it was shown: then nobody else may have changed it meanwhile.
pub fn corrects_a_list(fields: &BTreeMap<FieldId, Field>, sent: &Sent) -> bool {
    let corrected = [FieldType::Table, FieldType::Roster, FieldType::Money];
    let lists = fields.iter().filter(|(_, f)| corrected.contains(&f.kind));
    let changed = |id: &FieldId| {
        let text = sent.iter().find(|(name, _)| name == id.as_str()).map(|(_, text)| text);
        text.zip(shown_as(sent, id.as_str())).is_some_and(|(text, before)| before != fingerprint(text))
    };
    lists.map(|(id, _)| id).any(changed)
}

/// A browser's local time, such as `2026-10-08T12:00`, as a moment in the town's zone.
fn moment(text: &str, zone: &Zone) -> String {
    let local = Moment::parse_local(&text.replace('T', " "), zone);
    local.map_or_else(|| text.to_string(), Moment::rfc3339)
}

/// One value of what was sent.
pub fn one<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    sent.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// What arrived of a form: what was written, and why a file was not taken.
pub struct Arrived {
    /// What was written; files that were taken stand for themselves by their digest.
    pub sent: Sent,
    /// The first file that was not.
    pub refused: Option<Problem>,
}

impl From<Sent> for Arrived {
    fn from(sent: Sent) -> Self {
        Self { sent, refused: None }
    }
}

/// What a browser sent, in either encoding, with every file in it; a file that is not taken does not lose the rest.
///
/// # Errors
/// When it cannot be read, or is too large.
pub async fn arrive<W: World>(app: &App<W>, visitor: &Visitor, request: Request) -> Result<Arrived, Problem> {
    received(app, visitor, request, false).await
}

/// The same, where a code in the form says who asks: no file is kept before the code has opened a case.
///
/// # Errors
/// As for [`arrive`], and not found when the code opens nothing.
pub async fn arrive_by_code<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    request: Request,
) -> Result<Arrived, Problem> {
    received(app, visitor, request, true).await
}

async fn received<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    request: Request,
    by_code: bool,
) -> Result<Arrived, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return parts(app, visitor, request, by_code).await;
    }
    let Form(sent) = Form::<Sent>::from_request(request, &()).await.map_err(|rejection| {
        let code = if rejection.status().as_u16() == 413 { Code::TooLarge } else { Code::Malformed };
        Problem::of(code).because(rejection.body_text())
    })?;
    Ok(bounded(sent)?.into())
}

/// As whom somebody without an account asks who opens a case: a fresh id, the same for each press
/// of one form.
pub fn stranger(token: &str) -> String {
    let hash = paidan_runtime::queries::code_hash(&format!("resident/{token}"));
    format!("r-{}", hash.get(..32).unwrap_or(&hash))
}

/// The person whose case a code opens.
///
/// # Errors
/// Not found.
async fn resident_of<W: World>(app: &App<W>, code: &str) -> Result<String, Problem> {
    let stream = app.desk.queries.by_code(code).await?.ok_or_else(Problem::not_found)?;
    let case = app.desk.queries.case(&stream).await?.ok_or_else(Problem::not_found)?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).ok_or_else(Problem::not_found)?;
    resident(workflow, &case).ok_or_else(Problem::not_found)
}

/// The person the case was opened for.
pub fn resident(workflow: &Workflow, case: &Case) -> Option<String> {
    let people = workflow.fields.iter().filter(|(_, field)| {
        field.kind == FieldType::Person && field.required && field.set_by == SetBy::People
    });
    people.filter_map(|(id, _)| case.form.fields.get(id)).find_map(|held| match held {
        Held::Open(Value::Person(subject)) => Some(subject.clone()),
        Held::Open(_) | Held::Sealed(_) => None,
    })
}

fn bounded(sent: Sent) -> Result<Sent, Problem> {
    if sent.len() > VALUES_MAX {
        return Err(Problem::of(Code::TooLarge).because(format!("more than {VALUES_MAX} values")));
    }
    Ok(sent)
}

async fn parts<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    request: Request,
    by_code: bool,
) -> Result<Arrived, Problem> {
    let wrong = |why: String| Problem::of(Code::Malformed).because(why);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| wrong(error.body_text()))?;
    let mut sent = Sent::new();
    let mut refused: Option<Problem> = None;
    let mut sender = Some(visitor.subject.clone()).filter(|subject| !subject.is_empty() && !by_code);
    while let Some(mut part) = form.next_field().await.map_err(|error| wrong(error.body_text()))? {
        let name = part.name().unwrap_or_default().to_string();
        if part.file_name().is_some() {
            let by = match sender.take() {
                Some(known) => known,
                None if by_code => resident_of(app, one(&sent, "_code").unwrap_or_default()).await?,
                None => stranger(one(&sent, "_token").unwrap_or_default()),
            };
            let empty = part.file_name() == Some("");
            let pieces = (&mut part).map(|piece| piece.map_err(|error| error.body_text()));
            let kept = app.desk.keep_file(&by, Box::pin(pieces)).await?;
            sender = Some(by);
            match kept {
                Ok(kept) => sent.push((name, kept.digest)),
                // An input of files that was left empty is sent as a file without name and bytes.
                Err(_) if empty => {}
                Err(not_kept) => drop(refused.get_or_insert_with(|| Problem::from(not_kept).at(&name))),
            }
        } else {
            let mut bytes = Vec::new();
            while let Some(piece) = part.chunk().await.map_err(|error| wrong(error.body_text()))? {
                bytes.extend_from_slice(&piece);
                if bytes.len() > VALUE_BYTES_MAX {
                    return Err(Problem::of(Code::TooLarge).because(format!("{name} is too long")));
                }
            }
            let text = String::from_utf8(bytes).map_err(|_| wrong(format!("{name} is not UTF-8")))?;
            sent.push((name, text));
        }
        if sent.len() > VALUES_MAX {
            break;
        }
    }
    Ok(Arrived { sent: bounded(sent)?, refused })
}

/// A form with a shape of its own; what does not fit is a problem as the asker reads it.
pub struct Filled<T>(pub T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> axum::extract::FromRequest<S> for Filled<T> {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, axum::response::Response> {
        let path = request.uri().path().to_string();
        match Form::<T>::from_request(request, state).await {
            Ok(Form(found)) => Ok(Self(found)),
            Err(rejection) => {
                let code = if rejection.status().as_u16() == 413 { Code::TooLarge } else { Code::Malformed };
                let problem = Problem::of(code).because(rejection.body_text());
                Err(crate::problem::shown(&path, problem))
            }
        }
    }
}
