//! A whole definition taken to pieces: its head, and a part for each thing it declares.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::Display;
use paidan_model::id::{FieldId, WorkflowId};
use paidan_model::leg::Ground;
use paidan_model::outcome::Outcome;
use paidan_model::text::Text;
use paidan_model::workflow::{Always, Hint, Keep, Role, Whose, Workflow};

use super::part::Part;
use super::words::{
    called, choice, expr, field, id, join, maybe, quoted, role, same, span, state, text, yes,
};
use super::{form, member, step, time};

/// The definition as a part of which everything is said, to be compared with another. Its version is told above the lines.
pub(super) fn outline(workflow: &Workflow, other: &Workflow) -> Part {
    let mut all = Part::unnamed("workflow");
    head(&mut all, workflow, other);
    declared(&mut all, workflow);
    all
}

/// What is said of the whole.
fn head(all: &mut Part, w: &Workflow, other: &Workflow) {
    let Workflow {
        form,
        id: name,
        version: _,
        // Said beside the difference: which profile becomes which.
        profile: _,
        kind,
        title,
        owner,
        who,
        for_others,
        calendar,
        start,
        rounds,
        number,
        ladder,
        at_end,
        keep,
        roles: _,
        fields: _,
        order,
        states: _,
        outcomes: _,
        actions: _,
        handoffs: _,
        grounds: _,
        clocks: _,
        pauses: _,
        ladders: _,
        notices: _,
        votes: _,
        opens,
        splits: _,
        hints: _,
        claims: _,
        listing: _,
        starts: _,
        always: _,
    } = w;
    all.says(("格式", "form"), form, same(form));
    all.says(("流程", "workflow"), name, id(name));
    all.says(("种类", "kind"), kind, member::named(kind));
    all.says(("标题", "title"), title, quoted(title));
    all.says(("责任岗位", "who answers for it"), owner, maybe(owner.as_ref(), |owner| whose(w, owner)));
    all.lists(("谁可以开办", "who may open a case"), who, role);
    all.lists(("谁可以代他人开办", "who may open one for somebody else"), for_others, role);
    all.says(("日历", "calendar"), calendar, same(calendar));
    all.lists(("从哪里开始", "where a case begins"), start, |id| state(w, id));
    all.says(("最多返工", "most rounds of rework"), rounds, text(format!("{rounds}轮"), format!("{rounds}")));
    all.says(("编号格式", "form of the number"), number, quoted(&same(number)));
    all.says(("通用升级梯", "ladder for clocks that name none"), ladder, maybe(ladder.as_ref(), id));
    step::effects(all, w, ("每个结局时", "at every end"), at_end);
    kept(all, keep.as_ref());
    along(all, w, opens);
    // How those that are in both stand to each other; what is new or gone is told by the fields.
    let order: Vec<&FieldId> = order.iter().filter(|id| other.fields.contains_key(*id)).collect();
    all.says(("字段的先后", "the order of fields on forms"), &order, Text::default());
}

/// What it declares, each with what is said of it.
fn declared(all: &mut Part, w: &Workflow) {
    let Workflow {
        form: _,
        id: _,
        version: _,
        profile: _,
        kind: _,
        title: _,
        owner: _,
        who: _,
        for_others: _,
        calendar: _,
        start: _,
        rounds: _,
        number: _,
        ladder: _,
        at_end: _,
        keep: _,
        roles,
        fields,
        order: _,
        states,
        outcomes,
        actions,
        handoffs,
        grounds,
        clocks,
        pauses,
        ladders,
        notices,
        votes,
        opens: _,
        splits,
        hints,
        claims,
        listing,
        starts,
        always,
    } = w;
    each(all, w, ("角色", "role"), roles, |_| None, holder);
    each(all, w, ("字段", "field"), fields, |found| Some(&found.label), form::field);
    each(all, w, ("状态", "state"), states, |found| Some(&found.title), step::state);
    each(all, w, ("结局", "outcome"), outcomes, |found| Some(&found.title), outcome);
    each(all, w, ("动作", "action"), actions, Some, name);
    each(all, w, ("交办", "hand-off"), handoffs, |_| None, member::handoff);
    each(all, w, member::GROUNDS, grounds, |found| Some(&found.title), ground);
    each(all, w, ("计时", "clock"), clocks, |found| Some(&found.title), time::clock);
    each(all, w, ("暂停", "pause"), pauses, |pause| Some(&pause.title), time::pause);
    each(all, w, ("升级梯", "ladder"), ladders, |_| None, |part, w, found| time::ladder(part, w, found));
    each(all, w, ("通知", "notice"), notices, |_| None, time::notice);
    each(all, w, ("表决", "vote"), votes, |_| None, member::vote);
    each(all, w, ("分摊", "split"), splits, |_| None, member::split);
    each(all, w, ("提示", "hint"), hints, |_| None, hint);
    each(all, w, ("认领", "claim"), claims, |_| None, member::claims);
    if let Some(listing) = listing {
        all.has(member::listing(w, listing));
    }
    each(all, w, ("自动发起", "start"), starts, |_| None, time::start);
    for always in always {
        all.has(invariant(w, always));
    }
}

/// A part for each thing of a kind.
fn each<'w, K: Display, V>(
    all: &mut Part,
    w: &'w Workflow,
    kind: (&str, &str),
    found: &'w BTreeMap<K, V>,
    title: impl Fn(&'w V) -> Option<&'w Text>,
    say: impl Fn(&mut Part, &'w Workflow, &'w V),
) {
    for (key, value) in found {
        let key = format!("{key}");
        let mut part = Part::new(kind, &key, &called(title(value), &key));
        say(&mut part, w, value);
        all.has(part);
    }
}

fn holder(part: &mut Part, w: &Workflow, role: &Role) {
    part.says(("由谁担任", "who it is"), role, whose(w, role));
}

fn name(part: &mut Part, _: &Workflow, title: &Text) {
    part.says(("名称", "title"), title, quoted(title));
}

fn outcome(part: &mut Part, w: &Workflow, outcome: &Outcome) {
    let Outcome { title, class } = outcome;
    name(part, w, title);
    part.says(("统计归类", "counted as"), class, member::named(class));
}

fn ground(part: &mut Part, w: &Workflow, ground: &Ground) {
    let Ground { title, cites_duty } = ground;
    name(part, w, title);
    part.says(("须写依据", "a duty must be cited"), cites_duty, yes(*cites_duty));
}

fn kept(part: &mut Part, keep: Option<&Keep>) {
    let time = keep.map(|Keep { closed_for }| closed_for);
    let name = ("办结后个人信息保留", "personal values are kept after closing");
    part.says(name, &time, time.map_or_else(|| text("不限期", "without end"), span));
}

/// What goes along to linked cases.
fn along(part: &mut Part, w: &Workflow, opens: &BTreeMap<WorkflowId, BTreeMap<FieldId, FieldId>>) {
    for (child, fields) in opens {
        let given = |(to, from): (&FieldId, &FieldId)| {
            let from = field(w, from);
            text(format!("{}作“{to}”", from.zh), format!("{} as `{to}`", from.en))
        };
        let said: Vec<Text> = fields.iter().map(given).collect();
        let name = text(format!("开办“{child}”时带去"), format!("what goes along to `{child}`"));
        part.says_of(name, fields, join(&said, "、", ", "));
    }
}

fn hint(part: &mut Part, w: &Workflow, hint: &Hint) {
    let Hint { when, text } = hint;
    part.says(("条件", "condition"), when, expr(w, when));
    part.says(("文字", "text"), text, quoted(text));
}

fn invariant(w: &Workflow, always: &Always) -> Part {
    let Always { name, that } = always;
    let mut part = Part::new(("恒成立的条件", "condition that always holds"), name, &id(name));
    part.says(("条件", "condition"), that, expr(w, that));
    part
}

/// Who a role is.
pub(super) fn whose(w: &Workflow, role: &Role) -> Text {
    match role {
        Role::Post { post, of } => {
            let of = match of {
                Whose::Level(kind) => text(format!("（所在{kind}）"), format!(" at its `{kind}`")),
                Whose::Leg => text("（承办单位）", " at the department's unit"),
                Whose::Anywhere => text("（全市）", " anywhere"),
            };
            text(format!("岗位“{post}”{}", of.zh), format!("the post `{post}`{}", of.en))
        }
        Role::Person(id) => {
            let field = field(w, id);
            text(format!("{}里的人", field.zh), format!("the person in {}", field.en))
        }
        Role::Department => text("承办部门", "whoever acts for the department"),
        Role::Lead => text("牵头单位", "whoever acts for the lead"),
        Role::Owners(id) => {
            let field = field(w, id);
            text(format!("{}里的业主", field.zh), format!("the owners in {}", field.en))
        }
        Role::Claimer => text("认领人", "whoever claimed it"),
        Role::Per { field: by, of } => {
            let each = of.iter().map(|(option, role)| {
                let option = choice(w, by, option);
                text(format!("{}为{role}", option.zh), format!("{role} for {}", option.en))
            });
            let (by, each) = (field(w, by), join(&each.collect::<Vec<_>>(), "、", ", "));
            text(format!("按{}：{}", by.zh, each.zh), format!("by {}: {}", by.en, each.en))
        }
    }
}
