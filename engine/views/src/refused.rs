//! Refusals as people read them: actions, fields, units and jobs by what they are called, moments in the town's time.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::{Code, Refusal};
use paidan_model::claim::ClaimState;
use paidan_model::id::{ActionId, FieldId, RoleId, UnitId};
use paidan_model::leg::LegState;
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Roster;
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;

use crate::people;
use crate::timeline::action;

/// What somebody reads who was refused.
#[must_use]
pub fn refused(workflow: &Workflow, roster: &Roster, zone: &Zone, refusal: &Refusal) -> Text {
    let words = |tongue| {
        let known = |name: &str| {
            let given = refusal.with.get(name)?;
            let told = param(workflow, roster, zone, refusal.code, name, given);
            told.map(|told| told.in_tongue(tongue).to_string())
                .or_else(|| refusal.param(name, tongue).map(Into::into))
        };
        refusal.sentence_with(tongue, known)
    };
    Text { zh: words(Tongue::Zh), en: words(Tongue::En) }
}

/// A parameter by what people call it; nothing where it is said as it is.
fn param(
    workflow: &Workflow,
    roster: &Roster,
    zone: &Zone,
    code: Code,
    name: &str,
    given: &str,
) -> Option<Text> {
    let unit = |id: &str| UnitId::parse(id).filter(|id| roster.units.contains_key(id));
    match name {
        "action" => Some(titled(workflow, given)),
        "open" => Some(each(given, |id| quoted(titled(workflow, id)))),
        "who" => Some(each(given, |id| asker(workflow, roster, id))),
        "field" => called(workflow, given),
        "what" if code == Code::GuardUndefined => called(workflow, given),
        "leg" | "by" | "name" => unit(given).map(|id| people::unit(roster, &id)),
        "why" if code == Code::NotYet => unit(given).map(|id| people::unit(roster, &id)),
        "state" => LegState::parse(given).map(LegState::title).or_else(|| {
            ClaimState::ALL.into_iter().find(|state| state.name() == given).map(ClaimState::title)
        }),
        "until" => Moment::parse_rfc3339(given).map(|until| same(until.local_text(zone))),
        _ => None,
    }
}

fn quoted(text: Text) -> Text {
    Text { zh: alloc::format!("“{}”", text.zh), en: alloc::format!("`{}`", text.en) }
}

fn same(words: String) -> Text {
    Text { zh: words.clone(), en: words }
}

/// Several, as they are listed in a parameter.
fn each(given: &str, said: impl Fn(&str) -> Text) -> Text {
    let mut all: Vec<Text> = given.split(", ").filter(|id| !id.is_empty()).map(said).collect();
    all.dedup();
    let join = |pick: fn(&Text) -> &str, by: &str| all.iter().map(pick).collect::<Vec<_>>().join(by);
    if all.is_empty() {
        return Text { zh: "（无）".into(), en: "nothing".into() };
    }
    Text { zh: join(|text| &text.zh, "、"), en: join(|text| &text.en, ", ") }
}

fn titled(workflow: &Workflow, id: &str) -> Text {
    let known = ActionId::parse(id).and_then(|id| action(workflow, &id));
    known.unwrap_or_else(|| paidan_machine::built_in_title(id))
}

/// Who may do it: a role, a unit, or whom the engine calls by a word of its own.
fn asker(workflow: &Workflow, roster: &Roster, id: &str) -> Text {
    if let Some(role) = RoleId::parse(id).filter(|role| workflow.roles.contains_key(role)) {
        return people::role(workflow, roster, &role);
    }
    let (zh, en) = match id {
        "owners" => ("业主", "the owners"),
        "voters" => ("参加表决的人", "those who vote"),
        "arbiter" => ("裁定人", "whoever rules"),
        "lead" => ("牵头单位", "the lead"),
        "waiting" => ("反映人和上级", "whoever waits for it, and those above it"),
        _ => {
            let unit = UnitId::parse(id).filter(|id| roster.units.contains_key(id));
            return unit.map_or_else(|| same(id.into()), |id| people::unit(roster, &id));
        }
    };
    Text { zh: zh.into(), en: en.into() }
}

/// The label of a field or of an input that is built in.
#[must_use]
pub fn called(workflow: &Workflow, id: &str) -> Option<Text> {
    let field = FieldId::parse(id).and_then(|id| workflow.fields.get(&id));
    if let Some(field) = field {
        let said = |tongue| field.label.or_id(tongue, id).to_string();
        return Some(Text { zh: said(Tongue::Zh), en: said(Tongue::En) });
    }
    let (zh, en) = match id {
        "basis" => ("职责依据", "the duty cited"),
        "ruling" => ("裁定", "the ruling"),
        "instead" => ("另派的单位", "the unit that takes over"),
        "choice" => ("意见", "your vote"),
        "options" | "option" => ("选项", "the option"),
        "owner" => ("代谁", "for whom"),
        "proxy" => ("受托人", "who votes for you"),
        "proof" => ("证明材料", "the proof"),
        "qty" => ("数量", "how many"),
        "claim" => ("第几号认领", "which claim"),
        "unit" => ("以谁的名义", "in whose name"),
        _ => return None,
    };
    Some(Text { zh: zh.into(), en: en.into() })
}
