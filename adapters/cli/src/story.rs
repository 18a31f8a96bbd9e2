//! The story: a test of a shipped definition, played through the desk as people would, with the same commands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use paidan_http::Stage;
use paidan_machine::actor::Actor;
use paidan_machine::audience::{Audience, resolve};
use paidan_machine::command::Act;
use paidan_model::calendar::{Calendar, Roll};
use paidan_model::field::FieldType;
use paidan_model::id::{FieldId, PlaceId, RoleId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_model::roster::Roster;
use paidan_model::script::{Deed, Script, Step};
use paidan_model::workflow::{Role, Whose, Workflow};
use paidan_runtime::commands::Want;
use paidan_runtime::{Clock as _, Desk, Receipt};

use crate::engine::Town;
use crate::line::say;

/// Wall time between two steps, so that people can follow.
const PACE: Duration = Duration::from_millis(1_500);

/// What is played: a script of a workflow, in a calendar.
pub struct Story {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The script.
    pub script: Script,
    /// The workflow's calendar, for waits.
    pub calendar: Calendar,
}

/// Sets every scene, those that name others after those that stand for themselves.
pub async fn set_all(desk: &Desk<Town>, scenes: &[(WorkflowId, Script)]) -> Result<()> {
    let mut numbers: BTreeMap<WorkflowId, String> = BTreeMap::new();
    let (first, then): (Vec<_>, Vec<_>) = scenes.iter().partition(|(_, script)| script.others.is_empty());
    for (workflow, script) in first.into_iter().chain(then) {
        let number = set(desk, workflow, script, &numbers).await?;
        numbers.insert(workflow.clone(), number);
    }
    Ok(())
}

/// Opens a case and brings it to where a scene has it, at once; gives its number. Where a form names another case of
/// the scene's own, it gets the number of the one that was set last.
async fn set(
    desk: &Desk<Town>,
    workflow: &WorkflowId,
    script: &Script,
    numbers: &BTreeMap<WorkflowId, String>,
) -> Result<String> {
    let opened = open(desk, workflow, script).await?;
    let real = |name: &str| {
        let of = script.others.get(name)?.get("of")?.as_str().and_then(WorkflowId::parse)?;
        numbers.get(&of).cloned()
    };
    for step in &script.steps {
        match step {
            Step::Do(deed) => {
                let mut deed = deed.clone();
                for value in deed.fill.values_mut() {
                    if let Some(number) = value.as_str().and_then(real) {
                        *value = number.into();
                    }
                }
                act(desk, &opened.stream, &deed).await?;
            }
            Step::Send(event) => {
                let want = Want::Send { stream: opened.stream.clone(), event: event.clone() };
                desk.commands.ask(Actor::Engine, want, None).await?;
            }
            Step::In(_) | Step::See(_) => {}
            Step::Wait(_) | Step::WaitUntil(_) => bail!("`{}` waits; a scene is set at once", script.name),
        }
    }
    say!("scene:  {} {}", opened.number, script.name);
    Ok(opened.number)
}

async fn open(desk: &Desk<Town>, workflow: &WorkflowId, script: &Script) -> Result<Receipt> {
    let shelf = desk.shelf.now();
    let definition = shelf.latest(workflow).and_then(|digest| shelf.workflow(digest));
    let definition = definition.with_context(|| format!("there is no workflow {workflow}"))?;
    let given = script.given.iter().map(|(id, value)| (id.to_string(), value.clone()));
    let mut fill: BTreeMap<_, _> = given.collect();
    let opener = opener(desk, &shelf.roster, definition, &fill);
    desk.send_pictures(definition, opener.subject(), &mut fill).await?;
    let (workflow, channel) = (workflow.clone(), "story".into());
    let want = Want::Open { workflow, fill, channel, parent: None, levels_of: None };
    desk.commands.ask(opener, want, None).await.with_context(|| script.name.clone())
}

/// Who opens a case of a script: the first of those whom the definition names that the town has.
fn opener(
    desk: &Desk<Town>,
    roster: &Roster,
    definition: &Workflow,
    fill: &BTreeMap<String, serde_json::Value>,
) -> Actor {
    let text = |id: &FieldId| fill.get(id.as_str()).and_then(serde_json::Value::as_str);
    let places = definition.fields.iter().filter(|(_, field)| field.kind == FieldType::Place);
    let place = places.filter_map(|(id, _)| text(id)).find_map(PlaceId::parse);
    let levels = place.and_then(|place| roster.places.get(&place)).map(|place| roster.levels(&place.grid));
    let somebody = |role: &Role| match role {
        Role::Person(field) => text(field).map(ToString::to_string),
        Role::Post { post, of: Whose::Level(kind) } => {
            let unit = levels.as_ref()?.get(kind)?;
            roster.holders(post, unit).next().map(|(subject, _)| subject.clone())
        }
        Role::Post { .. }
        | Role::Department
        | Role::Lead
        | Role::Owners(_)
        | Role::Claimer
        | Role::Per { .. } => None,
    };
    let roles = definition.who.iter().filter_map(|role| definition.roles.get(role));
    roles.into_iter().find_map(somebody).map_or(Actor::Engine, |who| desk.actor(&who, "story"))
}

/// Plays the story to its end.
pub async fn play(desk: Desk<Town>, world: Arc<Town>, stage: &Stage, story: Story) -> Result<()> {
    world.clock.run(false);
    tokio::time::sleep(PACE).await;
    if let Some(at) = story.script.at {
        world.clock.put_forward(at);
    }
    let opened = open(&desk, &story.workflow, &story.script).await?;
    stage.play(&opened.stream);
    say!("story:  {} {}", opened.number, story.script.name);
    for step in &story.script.steps {
        match step {
            Step::Do(deed) => act(&desk, &opened.stream, deed).await?,
            Step::Send(_) | Step::In(_) | Step::See(_) => continue,
            Step::Wait(span) => {
                let due = story.calendar.due(world.clock.now(), span, Roll::default());
                jump(&desk, &world, due.context("the calendar does not reach that far")?.at).await?;
            }
            Step::WaitUntil(moment) => jump(&desk, &world, *moment).await?,
        }
        tokio::time::sleep(PACE).await;
    }
    say!("story:  told");
    Ok(())
}

/// Puts the clock forward from timer to timer, so that each is seen to fire.
async fn jump(desk: &Desk<Town>, world: &Town, until: Moment) -> Result<()> {
    use paidan_journal::Store as _;
    loop {
        let next = world.store.next_due(desk.tenant).await?.map(Moment::from_millis);
        let Some(next) = next.filter(|next| *next < until) else { break };
        if next > world.clock.now() {
            world.clock.put_forward(next);
        }
        tokio::time::sleep(PACE).await;
    }
    world.clock.put_forward(until);
    Ok(())
}

async fn act(desk: &Desk<Town>, stream: &str, deed: &Deed) -> Result<()> {
    let case = desk.queries.case(stream).await?.context("the case of the story")?;
    let shelf = desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).context("the workflow of the story")?;
    let actor = match &deed.who {
        Some(role) => {
            let audiences = resolve(workflow, &case, role, deed.leg.as_ref());
            somebody(&shelf.roster, role, &audiences, deed.leg.as_ref())?
        }
        None => Actor::Engine,
    };
    let actor = deed.person.as_ref().map_or(actor, |person| desk.actor(person, "story"));
    let mut fill = deed.fill.clone();
    desk.send_pictures(workflow, actor.subject(), &mut fill).await?;
    let act = Act {
        action: deed.action.clone(),
        fill,
        reason: deed.reason.clone(),
        leg: deed.leg.clone(),
        seen: None,
    };
    let done = desk.commands.ask(actor, Want::Act { stream: stream.to_string(), act }, None).await;
    match (done, &deed.refused) {
        (Ok(_), None) | (Err(_), Some(_)) => Ok(()),
        (Ok(_), Some(code)) => bail!("`{}` should be refused with {code}", deed.action),
        (Err(denied), None) => Err(denied).with_context(|| format!("`{}` of the story", deed.action)),
    }
}

/// A person of the town who holds the role here.
fn somebody(roster: &Roster, role: &RoleId, audiences: &[Audience], leg: Option<&UnitId>) -> Result<Actor> {
    let holds = |audience: &Audience, held: &paidan_model::roster::Post| match audience {
        Audience::Post { post, unit } => held.post == *post && held.unit == *unit,
        Audience::Unit(unit) => held.unit == *unit && leg.is_none_or(|leg| leg == unit),
        Audience::Anywhere(post) => held.post == *post,
        Audience::Person(_) | Audience::Agent { .. } => false,
    };
    if let Some(Audience::Person(subject) | Audience::Agent { person: subject, .. }) = audiences.first() {
        return Ok(Actor::Person { subject: subject.clone(), posts: Vec::new(), via: "story".into() });
    }
    let fits = |person: &paidan_model::roster::Person| {
        person.posts.iter().any(|held| audiences.iter().any(|audience| holds(audience, held)))
    };
    let (subject, person) = roster
        .people
        .iter()
        .find(|(_, person)| fits(person))
        .with_context(|| format!("nobody in town is `{role}`"))?;
    Ok(Actor::Person { subject: subject.clone(), posts: person.posts.clone(), via: "story".into() })
}
