//! Who could take an order, and what may be the same matter: gathered from lists, scored in the views.

use paidan_model::field::{Field, FieldType, Meaning};
use paidan_model::id::{FieldId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::roster::{Person, deputies};
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Case, Clock as _, Seen, World};
use paidan_views::alike::{ALIKE_PERCENT, alike};
use paidan_views::candidate::{HANDS_FULL, Known, score, weight};
use paidan_views::matching::{Ground, Score};
use paidan_views::worklist::{ALIKE, Body, same_kind};
use serde_json::Value as Json;

use crate::App;
use crate::page::wall::from_start;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Candidates looked at.
const CANDIDATES_MAX: usize = 40;
/// Rows of somebody's list that are looked at.
const ROWS_MAX: u32 = 50;
/// Cases compared with the one at hand.
const COMPARED_MAX: u32 = 20;
/// How far back the same matter is looked for, in days.
const DAYS_BACK: i64 = 7;

/// Somebody, or a department, that could take an order.
pub struct Who {
    /// The subject or the unit.
    pub id: String,
    /// What people call them.
    pub title: Text,
    /// How well they fit, and why.
    pub score: Score,
}

/// A case that may be about the same.
pub struct Duplicate {
    /// Its stream.
    pub stream: String,
    /// Its number.
    pub number: String,
    /// Why.
    pub ground: Text,
}

/// Who could be named in a field of a case, best first.
///
/// # Errors
/// When the store cannot be read.
pub async fn candidates<W: World>(
    app: &App<W>,
    workflow: &Workflow,
    case: &Case,
    field: &FieldId,
) -> Result<Vec<Who>, Problem> {
    let shelf = app.desk.shelf.now();
    let Some(declared) = workflow.fields.get(field) else { return Ok(Vec::new()) };
    let mut found = match declared.kind {
        FieldType::Person => people(app, &shelf, workflow, case, declared).await?,
        _ => departments(&shelf, case),
    };
    found.sort_by(|a, b| (b.score.points, &a.id).cmp(&(a.score.points, &b.id)));
    Ok(found)
}

/// Those who hold a post that the field asks for at one of the case's units, and are there.
async fn people<W: World>(
    app: &App<W>,
    shelf: &InForce,
    workflow: &Workflow,
    case: &Case,
    field: &Field,
) -> Result<Vec<Who>, Problem> {
    let now = app.desk.world.clock().now();
    let near = |unit: &UnitId| case.filing.levels.values().any(|level| level == unit);
    let fits = |person: &Person| {
        person.posts_at(now).any(|held| field.post.contains(&held.post) && near(&held.unit))
    };
    let here = |id: &str| deputies(&shelf.absences, id, now).next().is_none();
    let all = shelf.roster.people.iter().filter(|(id, person)| fits(person) && here(id));
    let helped = helped_before(app, workflow, case).await?;
    let mut known = Vec::new();
    for (id, person) in all.take(CANDIDATES_MAX) {
        let at = |kind: &str| {
            case.filing
                .levels
                .get(kind)
                .is_some_and(|unit| person.posts_at(now).any(|held| held.unit == *unit))
        };
        let facts = Known {
            load: load(app, shelf, id).await?,
            grid: at("grid"),
            community: at("community"),
            before: helped.contains(id),
            had: had(app, shelf, id).await?,
        };
        known.push((id, person, facts));
    }
    let most_had = known.iter().map(|(_, _, facts)| facts.had).max().unwrap_or(0);
    let who = |(id, person, facts): (&String, &Person, Known)| Who {
        id: id.clone(),
        title: person.title.clone(),
        score: score(&facts, most_had),
    };
    Ok(known.into_iter().map(who).collect())
}

/// What somebody has on hand, by weight.
async fn load<W: World>(app: &App<W>, shelf: &InForce, id: &str) -> Result<i64, Problem> {
    let mut load = 0;
    for row in app.desk.queries.rows("task", &format!("person:{id}"), from_start(), ROWS_MAX).await? {
        let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
        let Some(case) = app.desk.queries.case(&body.stream).await? else { continue };
        // What somebody has to vote on as a neighbour is no work on hand.
        if !shelf.workflow(&case.filing.digest).is_some_and(|workflow| named(workflow, &case, id)) {
            continue;
        }
        let class = shelf.workflow(&case.filing.digest).and_then(|w| w.field_that_means(Meaning::Class));
        load += class.map_or(1, |(id, class)| weight(class, case.form.fields.get(id)));
        if load >= HANDS_FULL {
            break;
        }
    }
    Ok(load)
}

/// Orders in which somebody is named for a job; what they asked for themselves is nobody's business here.
async fn had<W: World>(app: &App<W>, shelf: &InForce, id: &str) -> Result<i64, Problem> {
    let mut had = 0;
    for row in app.desk.queries.rows("case", &format!("person:{id}"), from_start(), ROWS_MAX).await? {
        let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
        let Some(case) = app.desk.queries.case(&body.stream).await? else { continue };
        had +=
            i64::from(shelf.workflow(&case.filing.digest).is_some_and(|workflow| named(workflow, &case, id)));
    }
    Ok(had)
}

/// Whether somebody is named in a field that asks for a job.
fn named(workflow: &Workflow, case: &Case, id: &str) -> bool {
    let jobs = workflow.fields.iter().filter(|(_, field)| !field.post.is_empty());
    jobs.filter_map(|(field, _)| case.form.fields.get(field))
        .any(|held| matches!(held.open(), Some(Value::Person(subject)) if subject == id))
}

/// Everybody who was named in other cases of the person this one is about, that have come to their end: whoever was only
/// offered one has not helped yet.
async fn helped_before<W: World>(
    app: &App<W>,
    workflow: &Workflow,
    case: &Case,
) -> Result<Vec<String>, Problem> {
    let about = workflow.fields.iter().filter(|(_, field)| field.kind == FieldType::Person && field.required);
    let person = |id: &FieldId| match case.form.fields.get(id).and_then(Held::open) {
        Some(Value::Person(subject)) => Some(subject.clone()),
        _ => None,
    };
    let mut found = Vec::new();
    for resident in about.filter_map(|(id, _)| person(id)) {
        for row in
            app.desk.queries.rows("case", &format!("person:{resident}"), from_start(), ROWS_MAX).await?
        {
            let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
            let other = app.desk.queries.case(&body.stream).await?;
            let Some(other) = other.filter(|o| o.filing.stream != case.filing.stream && o.is_closed()) else {
                continue;
            };
            let jobs = workflow.fields.iter().filter(|(_, field)| !field.post.is_empty());
            found.extend(jobs.filter_map(|(id, _)| match other.form.fields.get(id).and_then(Held::open) {
                Some(Value::Person(subject)) => Some(subject.clone()),
                _ => None,
            }));
        }
    }
    Ok(found)
}

/// Departments by the rows of the duty list about the case's category.
fn departments(shelf: &InForce, case: &Case) -> Vec<Who> {
    let words = case.form.fields.values().filter_map(|held| match held.open() {
        Some(Value::Text(words)) => Some(words.as_str()),
        Some(Value::Choice(choice)) => Some(choice.as_str()),
        _ => None,
    });
    let mut found: Vec<Who> = Vec::new();
    for duty in words.flat_map(|word| shelf.duties.about(word)) {
        let ground = Ground {
            text: Text {
                zh: format!("{} {}（{}）", duty.id, duty.title.zh, duty.basis),
                en: format!("{} {} ({})", duty.id, duty.title.en, duty.basis),
            },
            points: 0,
            most: 0,
        };
        match found.iter_mut().find(|who| who.id == duty.unit.as_str()) {
            Some(who) => who.score.grounds.push(ground),
            None => found.push(Who {
                id: duty.unit.to_string(),
                title: paidan_views::people::unit(&shelf.roster, &duty.unit),
                score: Score { points: 0, grounds: vec![ground] },
            }),
        }
    }
    found
}

/// Cases of the same community, workflow and category of the last days, at the same place or in much the same words.
/// Each that is compared is looked at, and that is written down.
///
/// # Errors
/// When the store cannot be read.
pub async fn duplicates<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    workflow: &Workflow,
    seen: &Seen,
) -> Result<Vec<Duplicate>, Problem> {
    let Some(kind) = same_kind(workflow, &seen.case) else { return Ok(Vec::new()) };
    let since = app.desk.world.clock().now().plus_seconds(-DAYS_BACK * 86_400);
    let mut found = Vec::new();
    // The latest come first; the case itself is one of them.
    for row in app.desk.queries.rows(ALIKE, &kind, from_start(), COMPARED_MAX + 1).await? {
        let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
        let opened = Moment::from_millis(row.due.unwrap_or_default().saturating_neg());
        if opened < since || body.stream == seen.case.filing.stream {
            continue;
        }
        let Some(other) = app.desk.queries.look(&visitor.actor, &body.stream, None, "compare").await? else {
            continue;
        };
        if let Some(ground) = same(workflow, seen, &other) {
            found.push(Duplicate { stream: body.stream, number: body.number, ground });
        }
    }
    Ok(found)
}

/// Why two cases may be about the same.
fn same(workflow: &Workflow, a: &Seen, b: &Seen) -> Option<Text> {
    let of = |kind: FieldType| {
        workflow
            .fields
            .iter()
            .filter(move |(_, field)| field.kind == kind && field.means != Some(Meaning::Category))
            .map(|(id, _)| id)
    };
    let words = |seen: &Seen, id: &FieldId| seen.values.get(id).and_then(Json::as_str).map(String::from);
    let place = of(FieldType::Place).any(|id| words(a, id).is_some() && words(a, id) == words(b, id));
    let percent =
        of(FieldType::Text).filter_map(|id| Some(alike(&words(a, id)?, &words(b, id)?))).max().unwrap_or(0);
    let text = |zh: String, en: String| Some(Text { zh, en });
    match (place, percent >= ALIKE_PERCENT) {
        (true, true) => text(
            format!("地点相同，说法{percent}%相同"),
            format!("the same place, {percent}% the same words"),
        ),
        (true, false) => text("地点相同，类别相同".into(), "the same place and category".into()),
        (false, true) => text(format!("说法{percent}%相同"), format!("{percent}% the same words")),
        (false, false) => None,
    }
}
