//! What people call units, jobs, and whoever did something: the names of the roster, the id where it has none.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::actor::By;
use paidan_machine::audience::Audience;
use paidan_model::id::{FieldId, PostId, RoleId, UnitId};
use paidan_model::roster::Roster;
use paidan_model::text::Text;
use paidan_model::workflow::{Role, Workflow};

fn text(zh: String, en: String) -> Text {
    Text { zh, en }
}

fn or_id(title: Option<&Text>, id: &str) -> Text {
    let title = title.cloned().unwrap_or_default();
    let named = |words: String| if words.is_empty() { id.to_string() } else { words };
    text(named(title.zh), named(title.en))
}

/// What people call a unit.
#[must_use]
pub fn unit(roster: &Roster, id: &UnitId) -> Text {
    or_id(roster.units.get(id).map(|unit| &unit.title), id.as_str())
}

/// What people call a job.
#[must_use]
pub fn job(roster: &Roster, id: &PostId) -> Text {
    or_id(roster.titles.get(id), id.as_str())
}

/// What people call a role: a job, or whose matter it is.
#[must_use]
pub fn role(workflow: &Workflow, roster: &Roster, id: &RoleId) -> Text {
    let field = |id: &FieldId| or_id(workflow.fields.get(id).map(|field| &field.label), id.as_str());
    match workflow.roles.get(id) {
        Some(Role::Post { post, .. }) => job(roster, post),
        Some(Role::Person(of) | Role::Owners(of)) => field(of),
        Some(Role::Department) => text("承办部门".into(), "a department that takes part".into()),
        Some(Role::Lead) => text("牵头单位".into(), "the lead".into()),
        Some(Role::Claimer) => text("认领人".into(), "whoever claimed it".into()),
        Some(Role::Per { field: by, .. }) => {
            let by = field(by);
            text(format!("按“{}”而定的人", by.zh), format!("whoever answers for that `{}`", by.en))
        }
        None => text(id.to_string(), id.to_string()),
    }
}

fn job_at(roster: &Roster, post: &PostId, at: &UnitId) -> Text {
    let (job, at) = (job(roster, post), unit(roster, at));
    text(format!("{} {}", at.zh, job.zh), format!("{}, {}", job.en, at.en))
}

/// What people call a person of the roster; residents have no name here.
#[must_use]
pub fn person(roster: &Roster, subject: &str) -> Option<Text> {
    roster.people.get(subject).map(|person| person.title.clone())
}

/// Who is meant.
#[must_use]
pub fn audience(roster: &Roster, to: &Audience) -> Text {
    match to {
        Audience::Post { post, unit } => job_at(roster, post, unit),
        Audience::Unit(id) => unit(roster, id),
        Audience::Anywhere(post) => {
            let job = job(roster, post);
            text(format!("全市 {}", job.zh), format!("{} anywhere", job.en))
        }
        Audience::Person(_) => text("本人".into(), "the person concerned".into()),
        Audience::Agent { person: subject, .. } => {
            person(roster, subject).unwrap_or_else(|| text("承办人".into(), "whoever was named".into()))
        }
    }
}

/// Several of them.
#[must_use]
pub fn audiences(roster: &Roster, to: &[Audience]) -> Text {
    let people = to.iter().filter(|to| matches!(to, Audience::Person(_))).count();
    let named = to.iter().filter(|to| people < 2 || !matches!(to, Audience::Person(_)));
    let mut all: Vec<Text> = named.map(|to| audience(roster, to)).collect();
    if people > 1 {
        all.push(text(format!("{people}人"), format!("{people} people")));
    }
    let join = |pick: fn(&Text) -> &str, by: &str| all.iter().map(pick).collect::<Vec<_>>().join(by);
    text(join(|text| &text.zh, "、"), join(|text| &text.en, "; "))
}

/// Who did something, by the job that gave them the right; who stands in is told with for whom.
#[must_use]
pub fn by(roster: &Roster, by: &By) -> Text {
    match by {
        By::Engine => text("系统".into(), "by itself".into()),
        By::Person { subject, post, unit: at, instead_of, .. } => {
            let called = person(roster, subject);
            let job = match (post, at, called) {
                (Some(post), Some(at), Some(called)) => {
                    let job = job_at(roster, post, at);
                    text(format!("{}（{}）", job.zh, called.zh), format!("{} ({})", job.en, called.en))
                }
                (Some(post), Some(at), None) => job_at(roster, post, at),
                (_, _, called) => called.unwrap_or_else(|| text("当事人".into(), "the person".into())),
            };
            let away = instead_of.as_ref().map(|away| or_id(roster.people.get(away).map(|p| &p.title), away));
            match away {
                Some(away) => {
                    text(format!("{}（代 {}）", job.zh, away.zh), format!("{} (for {})", job.en, away.en))
                }
                None => job,
            }
        }
    }
}
