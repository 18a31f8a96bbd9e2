//! Those who take part, taken to pieces: hand-offs to departments, votes, claims, lists and shares of a sum.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::Debug;
use paidan_model::claim::{AfterDrops, Claims, Listing};
use paidan_model::clock::At;
use paidan_model::field::Per;
use paidan_model::leg::{Handoff, Join, LegRules, Rest, StartWithout};
use paidan_model::split::{Late, Split};
use paidan_model::text::Text;
use paidan_model::vote::{Axis, Share, Vote, Voters, Window};
use paidan_model::workflow::Workflow;
use serde::Serialize;

use super::part::Part;
use super::words::{
    choice, expr, field, id, join, maybe, maybe_field, of, role, same, span, state, text, yes,
};

/// What definitions call a value of a closed list.
pub(super) fn named<T: Serialize>(value: &T) -> Text {
    let name = serde_json::to_value(value).ok();
    same(name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default())
}

/// What the grounds of a refusal are called.
pub(super) const GROUNDS: (&str, &str) = ("退单理由", "ground of refusal");

/// A value that may differ by a choice: what it is, or by what it differs and what it is for each choice.
pub(super) fn per<T: Debug>(
    part: &mut Part,
    w: &Workflow,
    name: (&str, &str),
    value: Option<&Per<T>>,
    said: impl Fn(&T) -> Text,
) {
    match value {
        None => part.says(name, &None::<&T>, super::words::none()),
        Some(Per::One(one)) => part.says(name, &Some(one), said(one)),
        Some(Per::By { field: by, of: each }) => {
            let by_words = field(w, by);
            part.says(name, by, text(format!("按{}而定", by_words.zh), format!("by {}", by_words.en)));
            for (option, one) in each {
                part.says_of(of(name, &choice(w, by, option)), one, said(one));
            }
        }
    }
}

/// The same in one line.
pub(super) fn per_words<T>(w: &Workflow, value: &Per<T>, said: impl Fn(&T) -> Text) -> Text {
    match value {
        Per::One(one) => said(one),
        Per::By { field: by, of } => {
            let each = |(option, one): (_, &T)| {
                let (option, one) = (choice(w, by, option), said(one));
                text(format!("{}：{}", option.zh, one.zh), format!("{}: {}", option.en, one.en))
            };
            join(&of.iter().map(each).collect::<Vec<_>>(), "、", ", ")
        }
    }
}

/// Everything that is said of a vote.
pub(super) fn vote(part: &mut Part, w: &Workflow, vote: &Vote) {
    let Vote {
        voters,
        about,
        axes,
        take_part,
        consent,
        must_all,
        window,
        to_the_end,
        secret,
        collect,
        veto,
        options,
        winner,
    } = vote;
    part.says(("谁来表决", "who votes"), voters, electorate(w, voters));
    part.lists(("表决事项", "what is voted on"), about, |id| field(w, id));
    part.lists(("按什么计票", "votes are weighed by"), axes, |one| axis(*one));
    shares(part, ("参与比例", "participation"), take_part);
    shares(part, ("同意比例", "consent"), consent);
    part.says(("须全部同意", "everyone must agree in"), must_all, maybe_field(w, must_all.as_ref()));
    let Window { shortest, longest, until } = window;
    part.says(("最短", "open for at least"), shortest, span(shortest));
    part.says(("最长", "open for at most"), longest, span(longest));
    part.says(("截止时间", "open until"), until, maybe_field(w, until.as_ref()));
    part.says(("一直开到最后", "stays open to the end"), to_the_end, yes(*to_the_end));
    part.says(("不记名", "secret"), secret, yes(*secret));
    part.lists(("由谁登记纸质票", "who writes down papers"), collect, role);
    part.lists(("谁可以否决", "who may stop it"), veto, role);
    part.says(("可选项", "options"), options, maybe_field(w, options.as_ref()));
    part.says(("结果写入", "the winner is written to"), winner, maybe_field(w, winner.as_ref()));
}

fn electorate(w: &Workflow, voters: &Voters) -> Text {
    let in_field = |id, zh: &str, en: &str| {
        let field = field(w, id);
        text(format!("{}里的{zh}", field.zh), format!("the {en} in {}", field.en))
    };
    match voters {
        Voters::Owners(id) => in_field(id, "业主", "owners"),
        Voters::Units(id) => in_field(id, "单位", "units"),
        Voters::Legs => text("承办单位", "the departments at work"),
        Voters::Role(role) => same(role),
    }
}

fn axis(axis: Axis) -> Text {
    match axis {
        Axis::Heads => text("人数", "heads"),
        Axis::Area => text("面积", "area"),
    }
}

fn shares(part: &mut Part, name: (&str, &str), shares: &BTreeMap<Axis, Share>) {
    for (by, share) in shares {
        let Share { n, of: whole, more } = share;
        let said = match more {
            true => text(format!("超过{n}/{whole}"), format!("more than {n}/{whole}")),
            false => text(format!("不少于{n}/{whole}"), format!("at least {n}/{whole}")),
        };
        part.says_of(of(name, &axis(*by)), share, said);
    }
}

/// Everything that is said of claims.
pub(super) fn claims(part: &mut Part, w: &Workflow, claims: &Claims) {
    let Claims {
        item,
        who,
        matcher,
        offered_by,
        partial,
        cap,
        after_drops,
        clocks,
        keep_late,
        send,
        reveal,
        at_contact,
        at_delivery,
    } = claims;
    part.says(("可认领的数量", "how many there are"), item, field(w, item));
    part.lists(("谁可以认领", "who may claim"), who, role);
    part.lists(("谁可以代为认领", "who may claim for somebody else"), matcher, role);
    part.says(("由谁提供", "whose the offer is"), offered_by, maybe_field(w, offered_by.as_ref()));
    part.says(("可分份认领", "may be claimed in parts"), partial, yes(*partial));
    per(part, w, ("同时认领上限", "open claims at most"), cap.as_ref(), |most| same(most));
    let drops = |AfterDrops { drops, cap, season }: &AfterDrops| {
        let season = maybe_field(w, season.as_ref());
        text(
            format!("放弃{drops}次后最多{cap}（按{}计）", season.zh),
            format!("{cap} after {drops} were given up, counted by {}", season.en),
        )
    };
    part.says(("放弃后的上限", "the cap after giving up"), after_drops, maybe(after_drops.as_ref(), drops));
    part.lists(("认领计时", "clocks of a claim"), clocks, id);
    part.says(("逾期保留", "a late claim stays"), keep_late, yes(*keep_late));
    part.lists(("认领人可见", "a claimer sees"), send, |id| field(w, id));
    part.lists(("联系后可见", "seen after the first contact"), reveal, |id| field(w, id));
    part.lists(("联系时填写", "filled with a contact"), at_contact, |id| field(w, id));
    part.lists(("送达时填写", "filled with a delivery"), at_delivery, |id| field(w, id));
}

/// Everything that is said of the list on which cases stand.
pub(super) fn listing(w: &Workflow, listing: &Listing) -> Part {
    let Listing { list, show, states, category, quantity, from, until, vulnerable, priority } = listing;
    let mut part = Part::only(("清单", "list of cases"));
    part.says(("哪张清单", "which"), list, list.title());
    part.lists(("公开的字段", "what everybody may read"), show, |id| field(w, id));
    part.lists(("列出的状态", "stands on it in"), states, |id| state(w, id));
    part.says(("类别", "category"), category, maybe_field(w, category.as_ref()));
    part.says(("数量", "quantity"), quantity, maybe_field(w, quantity.as_ref()));
    part.says(("从何时", "not before"), from, maybe_field(w, from.as_ref()));
    part.says(("到何时", "not after"), until, maybe_field(w, until.as_ref()));
    part.says(("困难程度", "how badly off"), vulnerable, maybe_field(w, vulnerable.as_ref()));
    part.says(("优先", "what stands first"), priority, maybe_field(w, priority.as_ref()));
    part
}

/// Everything that is said of a hand-off.
pub(super) fn handoff(part: &mut Part, w: &Workflow, handoff: &Handoff) {
    let Handoff {
        each,
        lead,
        optional,
        continues,
        only,
        join: joins,
        reach,
        start_without,
        agree_on,
        rest,
        leg,
    } = handoff;
    part.says(("交给", "one leg for each of"), each, maybe_field(w, each.as_ref()));
    part.says(("牵头", "lead"), lead, maybe_field(w, lead.as_ref()));
    part.says(("可选单位", "optional"), optional, maybe_field(w, optional.as_ref()));
    part.says(("接续", "continues"), continues, maybe(continues.as_ref(), id));
    part.says(("只重办", "a new round only for"), only, maybe_field(w, only.as_ref()));
    per(part, w, ("等待", "waits for"), Some(joins), meeting);
    part.says(("算数的进展", "what counts"), reach, reach.title());
    without(part, start_without.as_ref());
    part.says(("须同意的方案", "the plan each agrees to"), agree_on, maybe_field(w, agree_on.as_ref()));
    part.says(
        ("其余单位", "the rest"),
        rest,
        match rest {
            Rest::Kept => text("继续办理", "go on"),
            Rest::Recall => text("不再承办", "are released"),
        },
    );
    let LegRules { clocks, send, grounds, refuse_within, arbiter, arbiter_again, hops } = leg;
    part.lists(("部门计时", "clocks of a department"), clocks, id);
    part.lists(("部门可见", "a department sees"), send, |id| field(w, id));
    part.lists(GROUNDS, grounds, |id| w.ground_title(id));
    part.says(("退单期限", "may be refused within"), refuse_within, maybe(refuse_within.as_ref(), span));
    part.lists(("由谁裁定", "who rules on a refusal"), arbiter, role);
    part.lists(("再次退单由谁裁定", "who rules on a further refusal"), arbiter_again, role);
    part.says(
        ("退单次数", "refusals before the arbiter holds it"),
        hops,
        match hops {
            0 => text("默认", "the default"),
            hops => same(hops),
        },
    );
}

fn meeting(join: &Join) -> Text {
    match join {
        Join::All => text("全部", "all"),
        Join::Any => text("任一", "any"),
        Join::Lead => text("牵头单位", "the lead"),
        Join::Share(n, of) => text(format!("不少于{n}/{of}"), format!("at least {n}/{of}")),
        Join::LeadAndShare(n, of) => {
            text(format!("牵头单位和其余的{n}/{of}"), format!("the lead and at least {n}/{of} of the others"))
        }
    }
}

fn without(part: &mut Part, rule: Option<&StartWithout>) {
    let Some(StartWithout { who, clock, after, tell }) = rule else { return };
    part.lists(("缺席先办，由谁", "starting without, who may"), who, role);
    part.says(("缺席先办，看哪个计时", "starting without, by the clock"), clock, id(clock));
    part.says(
        ("缺席先办，何时起", "starting without, from"),
        after,
        match after {
            At::Percent(percent) => same(format!("{percent}%")),
            At::Breach => text("到期", "when it is due"),
            At::After(later) => {
                let later = span(later);
                text(format!("逾期{}", later.zh), format!("{} after it is due", later.en))
            }
        },
    );
    part.lists(("缺席先办，告知", "starting without, who hears"), tell, role);
}

/// Everything that is said of a split.
pub(super) fn split(part: &mut Part, w: &Workflow, split: &Split) {
    let Split { roster, amount, weights, by_area, outside, late } = split;
    part.says(("分给谁", "divided among"), roster, field(w, roster));
    part.says(("分摊金额", "what is divided"), amount, expr(w, amount));
    part.says(("权重", "weights"), weights, field(w, weights));
    part.says(("乘以面积", "times the area"), by_area, yes(*by_area));
    part.says(("暂不分摊", "do not pay for now"), outside, maybe_field(w, outside.as_ref()));
    let joins = |Late { since, years, part }: &Late| {
        let (since, part) = (field(w, since), field(w, part));
        text(
            format!("{}加入，自{}起{years}年折完", part.zh, since.zh),
            format!("{} joins; nothing is left {} years after {}", part.en, years, since.en),
        )
    };
    part.says(("后来加入", "joining later"), late, maybe(late.as_ref(), joins));
}
