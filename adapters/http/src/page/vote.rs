//! A vote on the case page: the building floor by floor with how each household stands, both meters, and the ballot.

use maud::{Markup, html};
use paidan_model::id::VoteId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Roster;
use paidan_model::vote::Voters;
use paidan_model::workflow::Workflow;
use paidan_runtime::fact::VoteFact;
use paidan_runtime::{Actor, Case, Fact, Offer, Poll, Seen, acts_for, collects_papers, sees_ballots};
use paidan_views::people;
use paidan_views::standing::{Household, Look, Standing, part_and_whole, standing, test_words};
use paidan_views::timeline::verdict_title;

use crate::form::Draft;
use crate::form::input::Sheet;
use crate::visitor::Visitor;

/// How much of a vote somebody may see: its ballots, who cast one where the roster is theirs to see, or the sums.
pub fn look_of(workflow: &Workflow, seen: &Seen, id: &VoteId, actor: &Actor) -> Look {
    let roster = workflow.votes.get(id).map(|vote| &vote.voters);
    let shown = match roster {
        Some(Voters::Owners(field)) => seen.values.contains_key(field),
        Some(_) | None => true,
    };
    match (sees_ballots(workflow, &seen.case, id, actor), shown) {
        (true, _) => Look::Said,
        (false, true) => Look::Cast,
        (false, false) => Look::Sums,
    }
}

/// Whether somebody has a ballot of their own in a vote that is open: then it comes before all that is known of the case,
/// on a small screen it would be screens away.
pub fn has_own(visitor: &Visitor, workflow: &Workflow, case: &Case) -> bool {
    let open = case.votes.polls.iter().filter(|(_, poll)| poll.is_open());
    open.into_iter().any(|(id, _)| {
        let papers = collects_papers(workflow, case, id, &visitor.actor);
        !papers && !acts_for(workflow, case, id, &visitor.actor).is_empty()
    })
}

/// Every vote of a case, the one that is open first.
pub fn votes(visitor: &Visitor, workflow: &Workflow, roster: &Roster, seen: &Seen) -> Markup {
    let case = &seen.case;
    let mut found: Vec<(&VoteId, Standing)> = case
        .votes
        .polls
        .keys()
        .filter_map(|id| {
            let look = look_of(workflow, seen, id, &visitor.actor);
            standing(workflow, case, id, look).map(|standing| (id, standing))
        })
        .collect();
    found.sort_by_key(|(_, standing)| !standing.open);
    html! { @for (id, standing) in &found { (one(visitor, roster, seen, id, standing)) } }
}

fn one(visitor: &Visitor, roster: &Roster, seen: &Seen, id: &VoteId, standing: &Standing) -> Markup {
    let case = &seen.case;
    let Some(poll) = case.votes.polls.get(id) else { return html! {} };
    let until = ending(poll.until, &visitor.zone);
    html! {
        section .vote {
            h2 {
                (visitor.say("表决", "The vote")) " · "
                @match (&standing.tally, standing.open) {
                    (_, true) => { (visitor.say("投票中，至 ", "open until ")) (until) }
                    (Some(tally), false) => (verdict_title(tally.verdict).in_tongue(visitor.tongue)),
                    (None, false) => "",
                }
            }
            @if let Some(own) = own(visitor, poll, standing) {
                p .mine role="status" {
                    (visitor.say("您", "You")) "（" (own.part) "）："
                    strong { (own.stance.title().in_tongue(visitor.tongue)) }
                    @if standing.open && own.receipt.is_some() { (visitor.say("，截止前可以重投", "; you may vote again until the end")) }
                }
            }
            @if !standing.floors.is_empty() { (building(visitor, roster, seen, id, standing)) }
            (meters(visitor, standing))
            @if let Some((owner, receipt)) = mine(visitor, poll) {
                p {
                    (visitor.say("您的投票回执：", "The receipt of your vote: ")) code { (receipt) } " "
                    a href={ "/" (case.filing.stream) "/receipt/" (id) } { (visitor.say("核对", "Check it")) }
                }
                @for (receipt, at) in replaced(seen, id, owner) {
                    p { small {
                        (visitor.say("已被替换、不再计票的回执：", "Replaced, and no longer counted: ")) code { (receipt) }
                        " " (at.local_text(&visitor.zone))
                    } }
                }
            }
            p { small {
                (visitor.say("名册指纹 ", "Fingerprint of the roster ")) code { (poll.hash.get(..16).unwrap_or(&poll.hash)) }
                " · " (poll.electors.len()) (visitor.say("票", " votes"))
                @if let Some(about) = &poll.about {
                    br; (visitor.say("所表决内容的指纹 ", "Fingerprint of what is voted on ")) code { (about.get(..16).unwrap_or(about)) }
                }
            } }
        }
    }
}

/// When a vote ends, in words; a day that ends at midnight is named by its last minute, so that nobody reads the next day.
fn ending(until: Moment, zone: &Zone) -> String {
    let text = until.local_text(zone);
    if text.ends_with(" 00:00") { until.plus_seconds(-1).local_text(zone) } else { text }
}

/// The visitor's own household, of which they may be one of several owners.
fn own<'s>(visitor: &Visitor, poll: &Poll, standing: &'s Standing) -> Option<&'s Household> {
    let elector = poll.elector_of(&visitor.subject)?;
    let mut all = standing.floors.iter().flat_map(|(_, households)| households);
    all.find(|household| household.owner == elector.owner)
}

/// The receipts of a household's ballots that another one took the place of, or that were taken back, oldest first, and
/// when each was cast.
pub fn replaced<'s>(seen: &'s Seen, id: &VoteId, owner: &str) -> Vec<(&'s str, Moment)> {
    let mut cast = Vec::new();
    for fact in seen.entries.iter().flat_map(|entry| &entry.facts) {
        match fact {
            // It is voted on again: what was cast before was another ballot.
            Fact::Vote(VoteFact::Opened { vote, .. }) if vote == id => cast.clear(),
            Fact::Vote(VoteFact::Cast { vote, owner: of, receipt, at, .. }) if vote == id && of == owner => {
                cast.push((receipt.as_str(), *at));
            }
            _ => {}
        }
    }
    let counts = seen.case.votes.polls.get(id).and_then(|poll| poll.ballots.get(owner));
    cast.retain(|(receipt, _)| counts.is_none_or(|ballot| ballot.receipt != *receipt));
    cast
}

/// Whose ballot the visitor's home cast, and its receipt.
fn mine<'p>(visitor: &Visitor, poll: &'p Poll) -> Option<(&'p str, &'p str)> {
    let owner = poll.elector_of(&visitor.subject)?.owner.as_str();
    poll.ballots.get(owner).map(|ballot| (owner, ballot.receipt.as_str()))
}

/// The elevation of the building: one row for each floor. Colour never stands alone: the word is in each cell.
fn building(visitor: &Visitor, roster: &Roster, seen: &Seen, id: &VoteId, standing: &Standing) -> Markup {
    let papers = |owner: &str| seen.papers.get(&(id.clone(), owner.to_string())).map(Vec::as_slice);
    html! {
        table .building {
            caption { (visitor.say("每户的态度", "How each household stands")) }
            tbody { @for (floor, households) in &standing.floors { tr {
                th scope="row" { @if *floor != 0 { (floor) (visitor.say("层", "F")) } }
                @for household in households {
                    (flat(visitor, roster, household, &seen.case.filing.stream, papers(&household.owner).unwrap_or_default()))
                }
            } } }
        }
    }
}

fn flat(
    visitor: &Visitor,
    roster: &Roster,
    household: &Household,
    stream: &str,
    papers: &[String],
) -> Markup {
    let area = household.area;
    let member = (area == 0).then(|| people::person(roster, &household.owner)).flatten();
    let called = member.map(|title| title.in_tongue(visitor.tongue).to_string());
    html! {
        td class={ "stance " (household.stance.name()) } {
            strong { (called.unwrap_or_else(|| household.part.clone())) } br;
            (household.stance.title().in_tongue(visitor.tongue))
            @if area > 0 { br; small { (format!("{}.{:02} m²", area / 10_000, area % 10_000 / 100)) } }
            @for digest in papers { " " a href={ "/" (stream) "/file/" (digest) } { (visitor.say("纸质票", "paper")) } }
        }
    }
}

/// Each test with its bar and its two products.
fn meters(visitor: &Visitor, standing: &Standing) -> Markup {
    let Some(tally) = &standing.tally else {
        return html! { p { (visitor.say("表决结束后公布合计。", "The sums are told when the vote is over.")) } };
    };
    html! {
        ul .meters {
            @for test in &tally.tests {
                @let (part, whole) = part_and_whole(test);
                li class=(if whole == 0 { "none" } else if test.holds { "holds" } else { "misses" }) {
                    @let words = test_words(test);
                    span { (words.in_tongue(visitor.tongue)) " " (if whole == 0 { "—" } else if test.holds { "✓" } else { "✗" }) }
                    progress max=(whole.max(1)) value=(part) aria-label=(words.in_tongue(visitor.tongue)) {}
                }
            }
            @if let Some(must) = tally.must.filter(|must| must.all > 0) {
                li class=(if must.agreed == must.all { "holds" } else { "misses" }) {
                    (visitor.say("被占用专有部分的业主同意 ", "owners whose own part is used, agreeing: "))
                    (must.agreed) "/" (must.all)
                }
            }
            @for (option, votes) in &tally.options {
                li { (option) ": " (votes.values().map(ToString::to_string).collect::<Vec<_>>().join(" / ")) }
            }
            @if tally.disputed > 0 {
                li { (visitor.say("有异议、未计入的票 ", "disputed and not counted: ")) (tally.disputed) }
            }
        }
    }
}

/// The inputs of what is done in a vote: nobody has to know an id.
pub fn inputs(sheet: &Sheet<'_>, case: Option<&Case>, offer: &Offer) -> Option<Markup> {
    let (visitor, draft) = (sheet.visitor, &sheet.draft);
    let name = offer.action.as_str();
    if !["cast", "revoke", "dispute", "cure", "name_proxy", "veto"].contains(&name) {
        return None;
    }
    let open = case.and_then(|case| Some((case, case.votes.polls.iter().find(|(_, poll)| poll.is_open())?)));
    let poll = open.map(|(_, (_, poll))| poll);
    let acts_for =
        open.map(|(case, (id, _))| acts_for(sheet.workflow, case, id, &visitor.actor)).unwrap_or_default();
    let owners: Vec<(&str, String)> =
        acts_for.iter().map(|e| (e.owner.as_str(), e.parts.join("、"))).collect();
    let papers =
        open.is_some_and(|(case, (id, _))| collects_papers(sheet.workflow, case, id, &visitor.actor));
    let only_own = !papers && acts_for.iter().all(|elector| elector.owner == visitor.subject);
    let options = poll.map(|poll| poll.options.clone()).unwrap_or_default();
    Some(html! {
        @if name == "veto" {
            @if !options.is_empty() { (select(visitor.say("否决哪个选项", "Which option"), "option", &options, draft)) }
        } @else if !only_own {
            label {
                span { (visitor.say("代谁（本人不填）", "For whom (leave it for yourself)")) }
                select name="owner" {
                    option value="" { (visitor.say("本人", "myself")) }
                    @for (owner, parts) in &owners { option value=(owner) selected[draft.has("owner", owner)] { (parts) " " (owner) } }
                }
                (sheet.why("owner"))
            }
        }
        @if name == "cast" { (choices(visitor, &options, draft)) (sheet.why("choice")) (sheet.why("options")) }
        @if name == "name_proxy" {
            label { span { (visitor.say("受托人", "Who votes for you")) } input name="proxy" value=[draft.said("proxy")] required; (sheet.why("proxy")) }
        }
        @if papers && name != "veto" {
            @let (zh, en) = if name == "cast" { ("纸质票照片", "Photo of the paper ballot") } else { ("书面材料照片", "Photo of the paper") };
            (sheet.files("proof", &format!("{}{}", visitor.say(zh, en), visitor.say("（代填时必附）", " (needed when you write for others)")), false))
        }
    })
}

fn choices(visitor: &Visitor, options: &[paidan_model::id::ChoiceId], draft: &Draft<'_>) -> Markup {
    html! {
        @if options.is_empty() {
            fieldset {
                legend { (visitor.say("意见", "Your vote")) }
                @for (value, zh, en) in [("agree", "同意", "Agree"), ("oppose", "反对", "Oppose"), ("abstain", "弃权", "Abstain")] {
                    label .choice { input type="radio" name="choice" value=(value) checked[draft.has("choice", value)] required; " " (visitor.say(zh, en)) }
                }
            }
        } @else {
            fieldset {
                legend { (visitor.say("认可的选项（可多选）", "Every option that would do")) }
                @for option in options {
                    label .choice { input type="checkbox" name="options" value=(option) checked[draft.has("options", option.as_str())]; " " (option) }
                }
            }
        }
    }
}

fn select(label: &str, name: &str, options: &[paidan_model::id::ChoiceId], draft: &Draft<'_>) -> Markup {
    html! {
        label { span { (label) } select name=(name) { @for option in options { option value=(option) selected[draft.has(name, option.as_str())] { (option) } } } }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{Moment, Zone, ending};

    #[test]
    fn a_vote_ends_on_its_named_day() {
        let at = |text| Moment::parse_local(text, &Zone::SHANGHAI).unwrap();
        assert_eq!(ending(at("2026-11-06 17:30"), &Zone::SHANGHAI), "2026-11-06 17:30");
        assert_eq!(ending(at("2026-10-25 00:00"), &Zone::SHANGHAI), "2026-10-24 23:59");
    }
}
