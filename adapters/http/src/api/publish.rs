//! Publishing: texts come in, findings, the difference and the cases they leave alone come back; a bad text changes nothing.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_language::{Agreed, Checked, Library, Settings, print};
use paidan_model::id::{PostId, ProfileId, WorkflowId};
use paidan_model::roster::Roster;
use paidan_model::text::Text;
use paidan_model::workflow::{Kind as Sort, Role, Workflow};
use paidan_runtime::publish::{NotPublished, Older};
use paidan_runtime::shelf::InForce;
use paidan_runtime::town::{Kind, NewTown};
use paidan_runtime::{Actor, Published, World};
use paidan_views::difference::{difference, town};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::json::{Strict, answer, bytes, read};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::problem::{Api, Code, Problem};

/// `publish`.
pub const PUBLISH: Operation = Operation {
    id: "publish",
    summary: "Publishes definitions, calendars, a roster, a duty list, or with `dry_run` says what would happen.",
    query: &[],
    takes: Takes::Plain("Texts"),
    answers: &[(200, "Published"), (201, "Published"), (422, "Published")],
    problems: &[409],
};

/// The most texts at once.
pub const FILES_MAX: usize = 64;

/// Texts to be published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    files: Vec<Strict<File>>,
    #[serde(default)]
    dry_run: bool,
}

/// One text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    path: String,
    text: String,
}

/// Publishes, or with `dry_run` says what would happen; for administrators.
pub async fn publish<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    if !caller.admin {
        return Err(Problem::of(Code::Forbidden)
            .because("definitions are published by administrators")
            .into());
    }
    let wanted: Wanted = read(&headers, &bytes(body)?)?;
    if wanted.files.len() > FILES_MAX {
        return Err(Problem::of(Code::Malformed).because(format!("at most {FILES_MAX} texts")).into());
    }
    let texts = wanted.files.into_iter().map(|Strict(file)| (file.path, file.text)).collect();
    let reply = published(&app, &caller.actor, texts, wanted.dry_run).await?;
    Ok(answer(reply.status(), &reply.json()))
}

/// What came of texts that were to be published.
pub struct Reply {
    /// What checking found.
    pub checked: Checked,
    /// What each sound definition changes.
    pub workflows: Vec<Json>,
    /// What each document of the town changes: calendars, roster, duty list.
    pub town: Vec<Changed>,
    /// What is not taken, and why.
    pub left: Vec<Text>,
    /// What is new in force.
    pub published: Vec<WorkflowId>,
    /// Documents of the town that are new in force.
    pub put: Vec<Kind>,
}

/// What another document of the town changes.
pub struct Changed {
    /// Which document.
    pub kind: Kind,
    /// What differs from the one in force.
    pub difference: Vec<Text>,
}

impl Reply {
    /// Whether there is something that may be published.
    pub fn is_sound(&self) -> bool {
        let is_empty = self.workflows.is_empty() && self.town.is_empty();
        !is_empty && !self.checked.has_errors()
    }

    /// The status it has in answers.
    pub fn status(&self) -> StatusCode {
        match (self.is_sound(), self.published.is_empty() && self.put.is_empty()) {
            (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, true) => StatusCode::OK,
            (true, false) => StatusCode::CREATED,
        }
    }

    /// The findings with their places as JSON and as `paidan check` prints them.
    fn findings(&self) -> Json {
        let mut all = print::json(&self.checked);
        for (json, finding) in all.as_array_mut().into_iter().flatten().zip(&self.checked.findings) {
            if let Some(members) = json.as_object_mut() {
                members.insert("excerpt".into(), print::excerpt(&self.checked.sources, finding).into());
            }
        }
        all
    }

    fn json(&self) -> Json {
        let town = self.town.iter().map(|changed| {
            let published = self.put.contains(&changed.kind);
            json!({
                "document": changed.kind.name(),
                "difference": changed.difference,
                "published": published,
            })
        });
        json!({
            "findings": self.findings(),
            "left": self.left,
            "published": self.published,
            "town": town.collect::<Vec<_>>(),
            "workflows": self.workflows,
        })
    }
}

/// Checks texts together with what is in force and the blocks at hand, and publishes what is sound
/// unless it is only asked: definitions, calendars, the roster, the duty list. Cases that other
/// calendars concern are counted again beside the answer.
///
/// # Errors
/// When a number is not above that of the version in force, or the store fails.
pub async fn published<W: World>(
    app: &App<W>,
    actor: &Actor,
    texts: Vec<(String, String)>,
    dry_run: bool,
) -> Result<Reply, Problem> {
    let shelf = app.desk.shelf.now();
    let mut library = Library::new();
    library.know(shelf.calendars());
    library.stand_in(app.blocks.iter().cloned());
    library.beside(shelf.workflows().cloned().collect());
    library.within(shelf.roster.clone());
    for (path, text) in texts {
        library.add(&path, text);
    }
    let checked = library.check();
    let mut reply = Reply {
        left: left(&checked),
        checked,
        workflows: Vec::new(),
        town: Vec::new(),
        published: Vec::new(),
        put: Vec::new(),
    };
    let checked = &reply.checked;
    if checked.has_errors() {
        return Ok(reply);
    }
    let new = new_town(checked, &shelf);
    reply.town = changes(&new, &shelf);
    stays_whole(&new, &shelf)?;
    let cases = cases(checked);
    app.desk.publishable(&cases, Older::Refused).map_err(|why| refused(checked, why))?;
    for agreed in &checked.workflows {
        reply.workflows.push(told(app, agreed).await?);
    }
    if !dry_run && reply.is_sound() {
        let put = app.desk.publish_town(actor, &new).await?;
        let new = app.desk.publish(actor, &cases, Older::Refused).await;
        reply.published = new.map_err(|why| refused(&reply.checked, why))?;
        if put.contains(&Kind::Calendars) {
            count_again(app);
        }
        reply.put = put;
    }
    Ok(reply)
}

/// What the texts say of the town and is another than what is in force.
fn new_town<'a>(checked: &'a Checked, held: &InForce) -> NewTown<'a> {
    NewTown {
        calendars: Some(&checked.calendars).filter(|all| **all != held.calendars()),
        roster: checked.roster.as_ref().filter(|roster| **roster != held.roster),
        duties: Some(&checked.duties).filter(|new| !new.rows.is_empty() && **new != held.duties),
    }
}

fn changes(new: &NewTown<'_>, held: &InForce) -> Vec<Changed> {
    let change = |kind, difference| Changed { kind, difference };
    let calendars = new.calendars.map(|all| town::calendars(&held.calendars(), all));
    let roster = new.roster.map(|roster| town::roster(&held.roster, roster));
    let duties = new.duties.map(|duties| town::duties(&held.duties, duties));
    let all = [(Kind::Calendars, calendars), (Kind::Roster, roster), (Kind::Duties, duties)];
    all.into_iter().filter_map(|(kind, lines)| Some(change(kind, lines?))).collect()
}

/// Refuses a roster without a unit that the duty list names: its duties would be nobody's.
fn stays_whole(new: &NewTown<'_>, held: &InForce) -> Result<(), Problem> {
    let Some(roster) = new.roster else { return Ok(()) };
    let duties = new.duties.unwrap_or(&held.duties);
    match duties.rows.iter().find(|duty| !roster.units.contains_key(&duty.unit)) {
        None => Ok(()),
        Some(duty) => Err(Problem::of(Code::NotPublished).because_both(&Text {
            zh: format!("名册里没有单位“{}”，职责“{}”归它；请一并发布职责清单", duty.unit, duty.id),
            en: format!(
                "the roster lacks `{}`, whose duty `{}` is; publish the duty list with it",
                duty.unit, duty.id
            ),
        })),
    }
}

/// What stands in the texts and is no matter of publishing.
fn left(checked: &Checked) -> Vec<Text> {
    let text = |zh: &str, en: &str| Text { zh: zh.into(), en: en.into() };
    let mut left = Vec::new();
    if !checked.channels.is_empty() {
        left.push(text(
            "渠道（[channels]）不在此发布：服务启动时读取",
            "[channels] is not published: `serve` reads it when it starts",
        ));
    }
    if checked.settings != Settings::default() {
        left.push(text(
            "服务设置（[serve]）不在此发布：服务启动时读取",
            "[serve] is not published: `serve` reads it when it starts",
        ));
    }
    let absent = |id: &&WorkflowId| checked.workflows.iter().all(|agreed| agreed.workflow.id != **id);
    for id in checked.picked.keys().filter(absent) {
        left.push(Text {
            zh: format!("“{id}”的地方参数没有生效：请连同它的定义一起发布"),
            en: format!("the profile of `{id}` is not taken: publish its definition with it"),
        });
    }
    left
}

/// Counts cases again beside the work; a town that is stopped meanwhile does it when it starts.
fn count_again<W: World>(app: &App<W>) {
    let desk = app.desk.clone();
    tokio::spawn(async move {
        if let Err(fault) = desk.recount().await {
            tracing::error!(%fault, "cases could not be counted again");
        }
    });
}

/// Why it was not published; of a number that is not above the one in force, where it is written.
fn refused(checked: &Checked, why: NotPublished) -> Problem {
    let NotPublished::NotAbove { workflow, version, in_force } = &why else { return why.into() };
    let number = in_force.saturating_add(1);
    let words = Text {
        zh: format!(
            "流程“{workflow}”现行的是第{in_force}版，第{version}版内容与它不同；请把版本号改成大于{in_force}的数"
        ),
        en: why.to_string(),
    };
    let with =
        json!({ "workflow": workflow, "version": version.to_string(), "in_force": in_force.to_string() });
    let mut problem = Problem::of(Code::NotPublished).because_both(&words).with("with", with);
    if let Some(agreed) = checked.workflows.iter().find(|agreed| agreed.workflow.id == *workflow) {
        let code = Code::NotPublished.number();
        let help = format!("write `version = {number}`, or any number above {in_force}");
        let excerpt = print::pointed(&checked.sources, agreed.version_place, code, &words, &help);
        problem = problem.with("excerpt", excerpt.into());
    }
    problem
}

fn cases(checked: &Checked) -> Vec<Published> {
    let cases = checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Sort::Case);
    cases
        .map(|agreed| Published {
            workflow: agreed.workflow.clone(),
            digest: agreed.digest.clone(),
            source: agreed.source.clone(),
        })
        .collect()
}

/// What a definition changes, and the cases that go on under what they were opened with.
async fn told<W: World>(app: &App<W>, agreed: &Agreed) -> Result<Json, Problem> {
    let shelf = app.desk.shelf.now();
    let before = shelf.latest(&agreed.workflow.id).and_then(|digest| shelf.workflow(digest));
    let other = before.and_then(|before| other_profile(before, &agreed.workflow));
    let lines = before.map(|before| difference(before, &agreed.workflow)).unwrap_or_default();
    let lines: Vec<Text> = other.into_iter().chain(lines).collect();
    let running = app.desk.running(&agreed.workflow.id).await?;
    let stays = |running: &paidan_runtime::publish::Running| json!({ "version": running.version, "state": running.state, "count": running.count });
    Ok(json!({
        "id": agreed.workflow.id,
        "version": agreed.workflow.version,
        "digest": agreed.digest,
        "profile": agreed.workflow.profile_id(),
        "nobody_holds": nobody_holds(&shelf.roster, &agreed.workflow),
        "in_force": before.map(|before| before.version),
        "same": before.is_some_and(|before| *before == agreed.workflow),
        "difference": lines,
        "stay_as_they_are": running.iter().map(stays).collect::<Vec<_>>(),
    }))
}

/// That another profile comes into force; what it changes, the difference says.
fn other_profile(before: &Workflow, after: &Workflow) -> Option<Text> {
    let (before, after) = (before.profile_id(), after.profile_id());
    let name = |profile: Option<&ProfileId>, none: &str| {
        profile.map_or_else(|| none.to_string(), |profile| format!("`{profile}`"))
    };
    let (zh, en) = ("不用", "none");
    (before != after).then(|| Text {
        zh: format!("地方参数：{}改为{}", name(before, zh), name(after, zh)),
        en: format!("profile: {} becomes {}", name(before, en), name(after, en)),
    })
}

/// The jobs that roles of a definition name and nobody in the roster has: what they are to do would wait for ever.
fn nobody_holds(roster: &Roster, workflow: &Workflow) -> Vec<PostId> {
    let held: BTreeSet<&PostId> =
        roster.people.values().flat_map(|person| person.posts.iter().map(|held| &held.post)).collect();
    let named = workflow.roles.values().filter_map(|role| match role {
        Role::Post { post, .. } if !held.contains(post) => Some(post.clone()),
        _ => None,
    });
    let found: BTreeSet<PostId> = named.collect();
    found.into_iter().collect()
}

impl From<NotPublished> for Problem {
    fn from(why: NotPublished) -> Self {
        match why {
            NotPublished::Fault(fault) => fault.into(),
            NotPublished::NotAbove { .. } | NotPublished::Conflict => {
                Self::of(Code::NotPublished).because(why.to_string())
            }
        }
    }
}
