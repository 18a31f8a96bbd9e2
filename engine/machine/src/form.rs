//! Forms: values come in as JSON, are checked against their fields, and are noted, sealed where personal.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::commitment::commitment;
use paidan_model::field::{Field, FieldType, Per, SetBy};
use paidan_model::guard::Expr;
use paidan_model::id::{ChoiceId, FieldId, PlaceId, StateId, UnitId, WorkflowId};
use paidan_model::moment::{Date, Moment};
use paidan_model::phone;
use paidan_model::text::{Text, Tongue};
use paidan_model::value::{Held, Value};
use serde_json::Value as Json;

use crate::case::Case;
use crate::decision::{NamedFile, Sealed};
use crate::fact::{CaseFact, FormFact, LinkFact};
use crate::reference::{self, Linked, is_name};
use crate::refusal::{Code, Refusal, both, shown, wrong};
use crate::step::{Step, undefined_in};
use crate::table::{Counts, fen, whole};

/// The most characters of a place's name.
const PLACE_CHARACTERS_MAX: usize = 200;
/// The most bytes of a file's name or hash.
const FILE_NAME_BYTES_MAX: usize = 128;
/// The most files given as proof.
const FILES_MAX: usize = 9;

/// Takes a form: only the fields it has, each checked and noted. Fields that a state asks for may be given with any
/// action while they are empty; what is written already is changed by forms that have it.
pub(crate) fn take(
    step: &mut Step<'_>,
    action: &str,
    fields: &[FieldId],
    fill: &BTreeMap<String, Json>,
) -> Result<(), Refusal> {
    // A field that must be part of another is looked at after it.
    let fields_of = &step.workflow().fields;
    let part_of = |name: &str| {
        FieldId::parse(name).and_then(|id| fields_of.get(&id)).is_some_and(|f| f.among.is_some())
    };
    let mut ordered: Vec<(&String, &Json)> = fill.iter().collect();
    ordered.sort_by_key(|(name, _)| part_of(name));
    for (name, json) in ordered {
        let unknown = || Refusal::new(Code::UnknownField).with("action", action).with("field", name);
        let id = FieldId::parse(name).ok_or_else(unknown)?;
        let field = step.workflow().fields.get(&id).ok_or_else(unknown)?;
        let asked = !field.required_from.is_empty() || field.required_when.is_some();
        let asked =
            asked && !step.case.form.fields.contains_key(&id) && (action != "open" || field.of.is_none());
        if field.set_by == SetBy::Engine || !(asked || fields.contains(&id)) {
            return Err(unknown());
        }
        if crate::vote::standing::is_voted_on(step, &id) {
            return Err(Refusal::new(Code::VotedOn).with("field", &id));
        }
        fill_one(step, &id, field, json)?;
    }
    Ok(())
}

/// Takes the form of a new case: every field that people write, with defaults and requirements.
pub(crate) fn take_intake(step: &mut Step<'_>, fill: &BTreeMap<String, Json>) -> Result<(), Refusal> {
    let workflow = step.workflow();
    // What is named later, when a state asks for it, is not named before anybody has looked.
    let later = |field: &Field| field.of.is_some() && !field.required;
    let people: Vec<FieldId> = workflow
        .fields
        .iter()
        .filter(|(_, field)| field.set_by == SetBy::People && !later(field))
        .map(|(id, _)| id.clone())
        .collect();
    for (id, field) in &workflow.fields {
        if let Some(value) = &field.default {
            step.note(FormFact::Filled { field: id.clone(), value: Held::Open(value.clone()) });
        }
    }
    crate::opening::check_whose(step, fill)?;
    take(step, "open", &people, fill)?;
    crate::opening::name_silent(step);
    let missing =
        workflow.fields.iter().find(|(id, field)| field.required && !step.case.form.fields.contains_key(*id));
    missing.map_or(Ok(()), |(id, field)| Err(required(id, field)))
}

fn required(id: &FieldId, field: &Field) -> Refusal {
    let label = if field.label.zh.is_empty() { id.to_string() } else { field.label.zh.clone() };
    Refusal::new(Code::Required).with("field", id).with("label", label)
}

fn fill_one(step: &mut Step<'_>, id: &FieldId, field: &Field, json: &Json) -> Result<(), Refusal> {
    if json.is_null() {
        return Err(wrong(
            id,
            both!("不填的项请去掉，不要写null", "null stands for nothing; leave the field out"),
        ));
    }
    let value = parse(step, id, field, json)?;
    check_among(step, id, field, &value)?;
    let agreed_on = step.workflow().handoffs.values().any(|h| h.agree_on.as_ref() == Some(id));
    let brought = named(step, id, field, &value)?;
    let held = seal(step, id.as_str(), field.is_sealed(), value)?;
    // What stands there already is not written again, so that the history shows what was changed.
    if matches!(held, Held::Open(_)) && step.case.form.fields.get(id) == Some(&held) {
        return Ok(());
    }
    step.note(FormFact::Filled { field: id.clone(), value: held });
    for (id, value) in brought {
        step.note(FormFact::Filled { field: id, value: Held::Open(value) });
    }
    if agreed_on {
        crate::handoff::ask_agreement(step);
    }
    Ok(())
}

/// What naming another case brings along; it was checked before ([`reference::case`]).
fn brought(
    step: &Step<'_>,
    id: &FieldId,
    field: &Field,
    number: &str,
    other: Option<&Linked>,
) -> Result<Vec<(FieldId, Value)>, Refusal> {
    let mut found = Vec::new();
    for (target, source) in &field.brings {
        if crate::vote::standing::is_voted_on(step, target) {
            return Err(Refusal::new(Code::VotedOn).with("field", target));
        }
        let into = step.workflow().fields.get(target);
        let Some((json, into)) = other.and_then(|other| other.fields.get(source)).zip(into) else {
            return Err(wrong(id, both!("{number}还缺少要带来的内容", "{number} has no `{source}`")));
        };
        found.push((target.clone(), parse(step, target, into, json)?));
    }
    Ok(found)
}

/// Checks what a value names, and gives what naming it brings along.
fn named(
    step: &Step<'_>,
    id: &FieldId,
    field: &Field,
    value: &Value,
) -> Result<Vec<(FieldId, Value)>, Refusal> {
    match value {
        Value::Case(number) => {
            let other = reference::case(step, id, field, number)?;
            return brought(step, id, field, number, other);
        }
        Value::Person(subject) => reference::person(step, id, field, subject)?,
        Value::Place(place) => reference::place(step, id, place.as_str())?,
        Value::Text(name) if field.kind == FieldType::Place => reference::place(step, id, name)?,
        Value::Unit(unit) => reference::unit(step, id, unit)?,
        Value::Units(units) => units.iter().try_for_each(|unit| reference::unit(step, id, unit))?,
        Value::Files(files) => reference::files(step, id.as_str(), files)?,
        Value::Text(_)
        | Value::Int(_)
        | Value::Bool(_)
        | Value::Choice(_)
        | Value::Choices(_)
        | Value::Date(_)
        | Value::Moment(_)
        | Value::Money(_)
        | Value::Area(_)
        | Value::Roster(_)
        | Value::Table(_) => {}
    }
    Ok(Vec::new())
}

/// The plain JSON of a value, as the vault keeps it.
fn plain(value: &Value) -> Result<Json, Refusal> {
    let tagged =
        serde_json::to_value(value).map_err(|e| Refusal::new(Code::WrongValue).why(both!("{e}", "{e}")))?;
    Ok(match tagged {
        Json::Object(map) => map.into_iter().next().map(|(_, inner)| inner).unwrap_or(Json::Null),
        other => other,
    })
}

/// Keeps a value in the clear, or commits to it and hands it to the vault.
pub(crate) fn seal(step: &mut Step<'_>, field: &str, sealed: bool, value: Value) -> Result<Held, Refusal> {
    let files = match &value {
        Value::Files(files) => files.clone(),
        _ => Vec::new(),
    };
    let name = |file, commitment| NamedFile { file, commitment };
    if !sealed {
        step.files.extend(files.into_iter().map(|file| name(file, None)));
        return Ok(Held::Open(value));
    }
    let salt = (step.salt)();
    let value = plain(&value)?;
    let commit = commitment(&step.case.filing.stream, field, &value, &salt);
    let subject = step.case.form.fields.values().find_map(|held| match held.open() {
        Some(Value::Person(subject)) => Some(subject.clone()),
        _ => None,
    });
    step.files.extend(files.into_iter().map(|file| name(file, Some(commit.clone()))));
    step.sealed.push(Sealed { field: field.to_string(), value, salt, commitment: commit.clone(), subject });
    Ok(Held::Sealed(commit))
}

fn check_among(step: &Step<'_>, id: &FieldId, field: &Field, value: &Value) -> Result<(), Refusal> {
    let Some(among) = &field.among else { return Ok(()) };
    let whole: &[UnitId] = match step.case.form.fields.get(among).and_then(Held::open) {
        Some(Value::Units(units)) => units,
        _ => &[],
    };
    let part: &[UnitId] = match value {
        Value::Unit(unit) => core::slice::from_ref(unit),
        Value::Units(units) => units,
        _ => &[],
    };
    match part.iter().find(|unit| !whole.contains(unit)) {
        Some(unit) => {
            let title = step.law.roster.and_then(|roster| roster.units.get(unit));
            let title = title.map_or(unit.as_str(), |found| found.title.or_id(Tongue::Zh, unit.as_str()));
            Err(wrong(id, both!("{title}不在可选的单位之中", "`{unit}` is not among `{among}`")))
        }
        None => Ok(()),
    }
}

/// Reads one value of a field.
fn parse(step: &Step<'_>, id: &FieldId, field: &Field, json: &Json) -> Result<Value, Refusal> {
    let text = || json.as_str().ok_or_else(|| wrong(id, both!("请填文字", "a text is expected")));
    let value =
        match field.kind {
            FieldType::Text if text()?.trim().is_empty() => {
                return Err(wrong(
                    id,
                    both!("只有空格，请填内容或不填", "blank says nothing; leave the field out"),
                ));
            }
            FieldType::Text => Value::Text(text()?.to_string()),
            FieldType::Phone => Value::Text(phone::normal(text()?).ok_or_else(|| {
                wrong(
                    id,
                    both!(
                        "请填11位手机号，或带区号的固定电话",
                        "a mobile number has 11 digits, a landline its area code"
                    ),
                )
            })?),
            FieldType::Int => Value::Int(whole(id, json)?),
            FieldType::Money => Value::Money(fen(id, json)?),
            FieldType::Area => Value::Area(whole(id, json)?),
            FieldType::Bool => Value::Bool(
                json.as_bool().ok_or_else(|| wrong(id, both!("请选是或否", "true or false is expected")))?,
            ),
            FieldType::Choice => Value::Choice(choice(id, field, text()?)?),
            FieldType::Choices => {
                let names = list(id, json)?;
                Value::Choices(names.iter().map(|name| choice(id, field, name)).collect::<Result<_, _>>()?)
            }
            FieldType::Date => {
                let date = Date::parse_from_str(text()?, "%Y-%m-%d")
                    .map_err(|_| wrong(id, both!("日期写作2026-10-08这样", "a day is YYYY-MM-DD")))?;
                Value::Date(date.to_string())
            }
            FieldType::Moment => Value::Moment(Moment::parse_rfc3339(text()?).ok_or_else(|| {
                wrong(id, both!("时间写作2026-10-08 12:00这样", "a moment is as in RFC 3339"))
            })?),
            FieldType::Person => Value::Person(name(id, text()?)?),
            FieldType::Case => Value::Case(name(id, text()?)?),
            FieldType::Unit => Value::Unit(unit(id, text()?)?),
            FieldType::Units => {
                let names = list(id, json)?;
                Value::Units(names.iter().map(|name| unit(id, name)).collect::<Result<_, _>>()?)
            }
            FieldType::Place if field.public => Value::Place(
                PlaceId::parse(text()?)
                    .ok_or_else(|| wrong(id, both!("请从地点清单里选", "a place is an id")))?,
            ),
            FieldType::Place => Value::Text(text()?.to_string()),
            FieldType::Files => Value::Files(list(id, json)?.into_iter().map(ToString::to_string).collect()),
            FieldType::Roster => Value::Roster(crate::roster::rows(id, json)?),
            FieldType::Table => Value::Table(crate::table::rows(id, field, json)?),
        };
    check_size(step, id, field, &value)?;
    Ok(value)
}

fn list<'j>(id: &FieldId, json: &'j Json) -> Result<Vec<&'j str>, Refusal> {
    let items = json.as_array().ok_or_else(|| wrong(id, both!("应为列表", "a list is expected")))?;
    let texts: Vec<_> = items
        .iter()
        .map(|item| item.as_str().ok_or_else(|| wrong(id, both!("应为文字的列表", "a list of texts"))))
        .collect::<Result<_, _>>()?;
    let mut seen = texts.clone();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() == texts.len() {
        Ok(texts)
    } else {
        Err(wrong(id, both!("有重复的内容", "something stands in it twice")))
    }
}

fn choice(id: &FieldId, field: &Field, text: &str) -> Result<ChoiceId, Refusal> {
    let found = field.choices.iter().find(|choice| choice.as_str() == text);
    found.cloned().ok_or_else(|| {
        let all = field.choices.iter().map(ChoiceId::as_str).collect::<Vec<_>>().join(", ");
        let titled = field.choices.iter().map(|one| field.choice_title(one.as_str(), Tongue::Zh));
        let (text, titled) = (shown(text), titled.collect::<Vec<_>>().join("、"));
        wrong(id, both!("“{text}”不是可选的：{titled}", "`{text}` is not one of {all}"))
    })
}

fn name(id: &FieldId, text: &str) -> Result<String, Refusal> {
    match is_name(text) {
        true => Ok(text.to_string()),
        false => Err(wrong(id, both!("应为标识：字母、数字和-_.，最多64个", "an id is expected"))),
    }
}

fn unit(id: &FieldId, text: &str) -> Result<UnitId, Refusal> {
    UnitId::parse(text).ok_or_else(|| wrong(id, both!("请从单位清单里选", "a unit's id is expected")))
}

fn check_size(step: &Step<'_>, id: &FieldId, field: &Field, value: &Value) -> Result<(), Refusal> {
    let size = match value {
        Value::Int(number) | Value::Money(number) | Value::Area(number) => *number,
        Value::Text(text) => i64::try_from(text.chars().count()).unwrap_or(i64::MAX),
        Value::Choices(all) => i64::try_from(all.len()).unwrap_or(i64::MAX),
        Value::Units(all) => i64::try_from(all.len()).unwrap_or(i64::MAX),
        Value::Files(all) => {
            if all.iter().any(|file| file.is_empty() || file.len() > FILE_NAME_BYTES_MAX) {
                return Err(wrong(id, both!("附件的名称为空或太长", "a file's name is empty or too long")));
            }
            i64::try_from(all.len()).unwrap_or(i64::MAX)
        }
        Value::Roster(rows) => i64::try_from(rows.len()).unwrap_or(i64::MAX),
        Value::Table(rows) => i64::try_from(rows.len()).unwrap_or(i64::MAX),
        Value::Date(_) => return check_ahead(step, id, field, value),
        Value::Bool(_)
        | Value::Choice(_)
        | Value::Moment(_)
        | Value::Person(_)
        | Value::Unit(_)
        | Value::Place(_)
        | Value::Case(_) => return Ok(()),
    };
    if field.kind == FieldType::Place && size > i64::try_from(PLACE_CHARACTERS_MAX).unwrap_or(i64::MAX) {
        return Err(wrong(
            id,
            both!("最多{PLACE_CHARACTERS_MAX}个字", "at most {PLACE_CHARACTERS_MAX} characters"),
        ));
    }
    let counts = Counts::of(field.kind);
    if let Some(min) = field.min.filter(|min| size < *min) {
        return Err(wrong(id, counts.at_least(min)));
    }
    match field.limit() {
        Some(max) if size > max => Err(wrong(id, counts.at_most(max))),
        Some(_) | None => Ok(()),
    }
}

fn check_ahead(step: &Step<'_>, id: &FieldId, field: &Field, value: &Value) -> Result<(), Refusal> {
    let (Some(ahead), Value::Date(date)) = (&field.ahead, value) else {
        return Ok(());
    };
    let calendar = step.calendar(&step.workflow().calendar)?;
    let latest = calendar.due(step.now, ahead, paidan_model::calendar::Roll::None).map(|due| due.at);
    let day = crate::step::end_of_day(step, date);
    match (latest, day) {
        (Some(latest), Some(day)) if day > latest.plus_seconds(86_400) => {
            let zh = ahead.words_zh();
            Err(wrong(id, both!("最晚在{zh}之内", "at most {ahead} ahead")))
        }
        _ => Ok(()),
    }
}

/// Writes fields from expressions, as `set` does: each is computed from what held before any of them is written.
pub(crate) fn set(step: &mut Step<'_>, all: &BTreeMap<FieldId, Expr>) -> Result<(), Refusal> {
    let mut values = Vec::new();
    for (id, expr) in all {
        let Some(field) = step.workflow().fields.get(id) else { continue };
        let value = crate::guard::value(expr, field, &step.view())
            .map_err(|undefined| undefined_in("set", &undefined))?;
        values.push((id.clone(), value));
    }
    for (field, value) in values {
        step.note(FormFact::Filled { field, value: Held::Open(value) });
    }
    Ok(())
}

/// Refuses to enter a state before the fields it demands are filled.
pub(crate) fn demand_before(step: &Step<'_>, state: &StateId) -> Result<(), Refusal> {
    let missing =
        step.workflow().fields.iter().find(|(id, field)| {
            field.required_from.contains(state) && !step.case.form.fields.contains_key(*id)
        });
    missing.map_or(Ok(()), |(id, field)| Err(required(id, field)))
}

/// Refuses what leaves a field empty that must be filled now.
pub(crate) fn demand_now(step: &Step<'_>) -> Result<(), Refusal> {
    for (id, field) in &step.workflow().fields {
        if field.required_when.is_some()
            && !step.case.form.fields.contains_key(id)
            && step.holds(field.required_when.as_ref(), id.as_str())?
        {
            return Err(required(id, field));
        }
    }
    Ok(())
}

/// The files given as proof, each of which the asker may name.
pub(crate) fn proof(step: &Step<'_>, fill: &BTreeMap<String, Json>) -> Result<Vec<String>, Refusal> {
    let wrong = |why: Text| Refusal::new(Code::WrongValue).with("field", "proof").why(why);
    let list = match fill.get("proof") {
        Some(Json::Array(list)) => list.as_slice(),
        Some(Json::Null) | None => return Ok(Vec::new()),
        Some(_) => return Err(wrong(both!("应为附件", "a list of files is expected"))),
    };
    if list.len() > FILES_MAX {
        return Err(Refusal::new(Code::TooMany)
            .saying("what", both!("附件", "files"))
            .with("limit", FILES_MAX));
    }
    let name = |file: &Json| {
        let name = file.as_str().filter(|name| !name.is_empty() && name.len() <= FILE_NAME_BYTES_MAX);
        let why = || wrong(both!("附件的名称为空或太长", "a file's name is empty or too long"));
        name.map(ToString::to_string).ok_or_else(why)
    };
    let files: Vec<String> = list.iter().map(name).collect::<Result<_, _>>()?;
    reference::files(step, "proof", &files)?;
    Ok(files)
}

/// Notes a written reason.
pub(crate) fn reason(step: &mut Step<'_>, demanded: bool, reason: Option<&str>) -> Result<(), Refusal> {
    let words = reason.map(str::trim).filter(|words| !words.is_empty());
    match words {
        None if demanded => Err(Refusal::new(Code::ReasonMissing)),
        None => Ok(()),
        Some(words) if words.chars().count() > 2000 => {
            Err(Refusal::new(Code::TooMany).saying("what", both!("字数", "characters")).with("limit", 2000))
        }
        Some(words) => {
            let reason = seal(step, "reason", true, Value::Text(words.to_string()))?;
            step.note(CaseFact::Reasoned { reason });
            Ok(())
        }
    }
}

/// Asks for a linked case; fields go with it, some under the name they have there.
pub(crate) fn ask_child(step: &mut Step<'_>, open: &Per<WorkflowId>) {
    if let Some(workflow) = step.pick(open).cloned() {
        let mut fields = step.case.form.fields.clone();
        for (theirs, ours) in step.workflow().opens.get(&workflow).into_iter().flatten() {
            match step.case.form.fields.get(ours) {
                Some(held) => drop(fields.insert(theirs.clone(), held.clone())),
                None => drop(fields.remove(theirs)),
            }
        }
        let n = step.case.links.children + 1;
        step.note(LinkFact::ChildAsked { workflow, fields, n });
    }
}

/// The fields that a form of this action shows: its own, and those that the state it leads to demands and that are empty.
pub(crate) fn asked_for(
    step_fields: &[FieldId],
    workflow: &paidan_model::workflow::Workflow,
    case: &Case,
    target: Option<&StateId>,
) -> Vec<FieldId> {
    let mut found = step_fields.to_vec();
    for (id, field) in workflow.fields_in_order() {
        let there = |state: &StateId| {
            let names = |guard: &Expr| guard.names_state(state);
            field.required_from.contains(state) || field.required_when.as_ref().is_some_and(names)
        };
        let demanded = target.is_some_and(there);
        let open = field.set_by == SetBy::People && !case.form.fields.contains_key(id);
        if demanded && open && !found.contains(id) {
            found.push(id.clone());
        }
    }
    found
}
