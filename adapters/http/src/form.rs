//! Forms: inputs made from fields, and what browsers send back as JSON values.

pub mod money;
pub mod roster;
pub mod table;

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use futures_util::StreamExt as _;
use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::{Person, Roster};
use paidan_runtime::World;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::App;
use crate::page::season::Links;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// What a browser sent: names and values in order; a name may come several times.
pub type Sent = Vec<(String, String)>;

/// The most values of a form.
const VALUES_MAX: usize = 200;
/// The most bytes of one value.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// The input of one field, with its label. Tables, rosters and sums of money show what is `given` already, so that a
/// correction is not typed anew.
pub fn input(
    visitor: &Visitor,
    roster: &Roster,
    id: &FieldId,
    field: &Field,
    required: bool,
    given: Option<&Json>,
    links: &Links,
) -> Markup {
    let label = field.label.in_tongue(visitor.tongue);
    let label = if label.is_empty() { id.as_str() } else { label };
    html! {
        label {
            span { (label) @if required { " *" } }
            @match (field.kind, given) {
                (FieldType::Table | FieldType::Roster | FieldType::Money, given) => (written(visitor, id.as_str(), field, required, given)),
                (FieldType::Case, _) if field.of.as_ref().is_some_and(|of| links.get(of).is_some_and(|all| !all.is_empty())) => (named(id.as_str(), field, required, links)),
                _ => (control(visitor, roster, id, field, required)),
            }
        }
    }
}

fn control(visitor: &Visitor, roster: &Roster, id: &FieldId, field: &Field, required: bool) -> Markup {
    let name = id.as_str();
    html! {
        @match field.kind {
            FieldType::Text => {
                @let most = field.limit().unwrap_or_default();
                @if most > 100 { textarea name=(name) rows="2" maxlength=(most) required[required] {} }
                @else { input name=(name) maxlength=(most) required[required]; }
            }
            FieldType::Int | FieldType::Area => {
                input name=(name) type="number" min=[field.min] max=[field.max] required[required];
            }
            FieldType::Bool => select name=(name) required[required] {
                option value="" { "—" }
                option value="true" { (visitor.say("是", "Yes")) }
                option value="false" { (visitor.say("否", "No")) }
            },
            FieldType::Choice => select name=(name) required[required] {
                @if !required { option value="" { "—" } }
                @for choice in &field.choices { option value=(choice) { (field.choice_title(choice.as_str(), visitor.tongue)) } }
            },
            FieldType::Choices => select name=(name) multiple required[required] {
                @for choice in &field.choices { option value=(choice) { (field.choice_title(choice.as_str(), visitor.tongue)) } }
            },
            FieldType::Unit | FieldType::Units => (units(visitor, roster, name, field.kind == FieldType::Units, required)),
            FieldType::Place => select name=(name) required[required] {
                @for (place, declared) in &roster.places { option value=(place) { (declared.title.in_tongue(visitor.tongue)) } }
            },
            FieldType::Date => input name=(name) type="date" required[required];
            FieldType::Moment => input name=(name) type="datetime-local" required[required];
            FieldType::Person => @if field.post.is_empty() { input name=(name) value=(visitor.subject) required[required]; }
                @else { (holders(visitor, roster, name, field, required)) },
            FieldType::Files => input name=(name) type="file" multiple accept="image/*,application/pdf" required[required];
            FieldType::Case => input name=(name) required[required];
            // Written as lines or as yuan.
            FieldType::Table | FieldType::Roster | FieldType::Money => {}
        }
    }
}

/// What people write as text of their own: yuan, the lines of a roster or of a table.
fn written(visitor: &Visitor, name: &str, field: &Field, required: bool, given: Option<&Json>) -> Markup {
    let given = given.unwrap_or(&Json::Null);
    let lines = match field.kind {
        FieldType::Roster => roster::lines(given),
        FieldType::Table => table::lines(&field.columns, given),
        _ => String::new(),
    };
    html! {
        @if !lines.is_empty() { input type="hidden" name="_shown" value={ (name) ":" (fingerprint(&lines)) }; }
        @match field.kind {
            FieldType::Roster => {
                textarea name=(name) rows="6" required[required] placeholder="101, 1, 85.37, p-101" { (lines) }
                small { (visitor.say("每行一户：房号, 楼层, 面积（平方米）, 产权人[, 共有人…][, 未售]", "One part a line: part, floor, area in m², owner[, co-owners…][, unsold]")) }
            }
            FieldType::Table => {
                textarea name=(name) rows="5" required[required] { (lines) }
                small { (visitor.say("每行一条：", "One row a line: ")) (table::titles(visitor, field)) }
            }
            _ => {
                input name=(name) inputmode="decimal" pattern="¥?-?[0-9]{1,3}(,?[0-9]{3})*([.][0-9]{1,2})?|[0-9]+([.][0-9]{1,2})?" placeholder="0.00"
                    title=(visitor.say("元，最多两位小数", "yuan, at most two decimals"))
                    value=[given.as_i64().map(paidan_model::money::yuan)] required[required];
                small { (visitor.say("元", "yuan")) }
            }
        }
    }
}

/// The cases that a field may name, by what they are called.
fn named(name: &str, field: &Field, required: bool, links: &Links) -> Markup {
    let offered = field.of.as_ref().and_then(|of| links.get(of)).map(Vec::as_slice).unwrap_or_default();
    html! {
        select name=(name) required[required] {
            option value="" { "—" }
            @for (number, called) in offered { option value=(number) { (called) " · " (number) } }
        }
    }
}

/// Whoever holds a post that the field asks for, to choose from.
fn holders(visitor: &Visitor, roster: &Roster, name: &str, field: &Field, required: bool) -> Markup {
    let holds = |person: &Person| person.posts.iter().any(|held| field.post.contains(&held.post));
    html! {
        select name=(name) required[required] {
            option value="" { "—" }
            @for (id, person) in roster.people.iter().filter(|(_, person)| holds(person)) {
                option value=(id) { (person.title.in_tongue(visitor.tongue)) }
            }
        }
    }
}

fn units(visitor: &Visitor, roster: &Roster, name: &str, several: bool, required: bool) -> Markup {
    let departments = roster.units.iter().filter(|(_, unit)| unit.kind.as_str() == "department");
    html! {
        select name=(name) multiple[several] size=[several.then_some("6")] required[required] {
            @if !several { option value="" { "—" } }
            @for (unit, declared) in departments { option value=(unit) { (declared.title.in_tongue(visitor.tongue)) } }
        }
    }
}

/// What was sent, as the values of fields; empty inputs are left out.
pub fn values(fields: &BTreeMap<FieldId, Field>, sent: &Sent) -> BTreeMap<String, Json> {
    let mut found: BTreeMap<String, Json> = BTreeMap::new();
    // A list that was shown and is emptied is an empty list; what stands as it was shown, or was left empty, says nothing.
    let said = |(name, text): &&(String, String)| match shown_as(sent, name) {
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
            Some(FieldType::Moment) => json!(moment(text)),
            Some(FieldType::Roster) => roster::rows(text),
            Some(FieldType::Units | FieldType::Choices | FieldType::Files) => {
                let mut all = found.remove(name).unwrap_or_else(|| json!([]));
                if let Some(list) = all.as_array_mut() {
                    list.push(json!(text));
                }
                all
            }
            // Parts of built-in forms that are lists.
            None if ["proof", "options"].contains(&name.as_str()) => {
                let mut all = found.remove(name).unwrap_or_else(|| json!([]));
                if let Some(list) = all.as_array_mut() {
                    list.push(json!(text));
                }
                all
            }
            Some(_) | None => json!(text),
        };
        found.insert(name.clone(), value);
    }
    found
}

/// What a list looked like when the form was made, if it was shown then.
fn shown_as<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    let shown = sent.iter().filter(|(key, _)| key == "_shown");
    shown.filter_map(|(_, value)| value.split_once(':')).find(|(id, _)| *id == name).map(|(_, print)| print)
}

/// A short hash of the lines of a list, whatever ends them.
fn fingerprint(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    hex::encode(Sha256::digest(lines.join("\n").as_bytes())).chars().take(16).collect()
}

/// Whether a form changes a list as it was shown: then nobody else may have changed it meanwhile.
pub fn corrects_a_list(fields: &BTreeMap<FieldId, Field>, sent: &Sent) -> bool {
    let lists = fields.iter().filter(|(_, f)| matches!(f.kind, FieldType::Table | FieldType::Roster));
    let changed = |id: &FieldId| {
        let text = sent.iter().find(|(name, _)| name == id.as_str()).map(|(_, text)| text);
        text.zip(shown_as(sent, id.as_str())).is_some_and(|(text, before)| before != fingerprint(text))
    };
    lists.map(|(id, _)| id).any(changed)
}

/// A browser's local time, such as `2026-10-08T12:00`, as a moment in the town's zone.
fn moment(text: &str) -> String {
    let zone = paidan_model::moment::Zone::SHANGHAI;
    let local = paidan_model::moment::Moment::parse_local(&text.replace('T', " "), &zone);
    local.map_or_else(|| text.to_string(), paidan_model::moment::Moment::rfc3339)
}

/// One value of what was sent.
pub fn one<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    sent.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// What a browser sent, in either encoding; photos are kept and stand for themselves by their digest.
///
/// # Errors
/// When it cannot be read, is too large, or a file is not taken.
pub async fn receive<W: World>(app: &App<W>, visitor: &Visitor, request: Request) -> Result<Sent, Problem> {
    received(app, visitor, request, false).await
}

/// The same, where a code in the form says who asks: no file is kept before the code has opened a case.
///
/// # Errors
/// As for [`receive`], and not found when the code opens nothing.
pub async fn receive_by_code<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    request: Request,
) -> Result<Sent, Problem> {
    received(app, visitor, request, true).await
}

async fn received<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    request: Request,
    by_code: bool,
) -> Result<Sent, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return parts(app, visitor, request, by_code).await;
    }
    let Form(sent) = Form::<Sent>::from_request(request, &()).await.map_err(|rejection| {
        let code = if rejection.status().as_u16() == 413 { Code::TooLarge } else { Code::Malformed };
        Problem::of(code).because(rejection.body_text())
    })?;
    bounded(sent)
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
) -> Result<Sent, Problem> {
    let wrong = |why: String| Problem::of(Code::Malformed).because(why);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| wrong(error.body_text()))?;
    let mut sent = Sent::new();
    while let Some(mut part) = form.next_field().await.map_err(|error| wrong(error.body_text()))? {
        let name = part.name().unwrap_or_default().to_string();
        if part.file_name().is_some() {
            if by_code && app.desk.by_code(one(&sent, "_code").unwrap_or_default()).await?.is_none() {
                return Err(Problem::not_found());
            }
            let empty = part.file_name() == Some("");
            let pieces = (&mut part).map(|piece| piece.map_err(|error| error.body_text()));
            let kept = app.desk.keep_file(&visitor.subject, Box::pin(pieces)).await?;
            match kept {
                Ok(kept) => sent.push((name, kept.digest)),
                // An input of files that was left empty is sent as a file without name and bytes.
                Err(_) if empty => {}
                Err(not_kept) => return Err(not_kept.into()),
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
    bounded(sent)
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
