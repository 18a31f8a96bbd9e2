//! Who may touch a ballot: nobody silences a voter without a paper and without being told of. Played as scripts, the way
//! definitions carry their own tests.

use crate::OFFICE;
use paidan_foresight::{Coverage, run};
use paidan_language::Library;

/// A vote of three homes: `p1` alone, `p2` with `p2b`, `p3` alone.
const VOTE: &str = r#"[workflow]
id       = "vote"
version  = 1
title    = { zh = "表决", en = "Vote" }
calendar = "office"
start    = "roster"

[roles]
desk  = { post = "desk", of = "community" }
owner = { owners = "owners" }

[fields]
owners = { type = "roster", min = 1, max = 9, required_from = "asked", zh = "名册", en = "Owners" }

[states.roster]
title   = { zh = "名册", en = "Roster" }
who     = ["desk"]
on.ask  = { go = "asked", fill = ["owners"] }

[states.asked]
title          = { zh = "投票", en = "Asked" }
who            = ["desk"]
vote           = "ballot"
on.passed      = { go = "over" }
on.vote_failed = { go = "over" }

[states.over]
title   = { zh = "完", en = "Over" }
outcome = "solved"

[votes.ballot]
roster    = "owners"
axes      = ["heads"]
take_part = "2/3"
consent   = "1/2"
window    = { shortest = "1 calendar day", longest = "9 calendar days" }

[clocks.asking]
starts = "intake"
stops  = "over"
limit  = "20 business days"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["desk"] }]

[[tests]]
name  = "the vote"
given = {}
steps = [
  { do = "ask", who = "desk", fill = { owners = [
    { part = "101", floor = 1, area = 100, owner = "p1" },
    { part = "102", floor = 1, area = 100, owner = "p2", co_owners = ["p2b"] },
    { part = "103", floor = 1, area = 100, owner = "p3" },
  ] } },
"#;

/// Plays steps after the vote has opened.
fn plays(steps: &str) {
    let mut library = Library::new();
    library.add("office.toml", OFFICE.to_string());
    library.add("vote.toml", format!("{VOTE}{steps}\n]\n"));
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    let agreed = checked.workflows.first().unwrap();
    let script = agreed.scripts.first().unwrap();
    let calendars = &checked.calendars;
    let verdict = run(&agreed.workflow, &agreed.digest, calendars, script, &mut Coverage::default()).unwrap();
    assert_eq!(verdict.failure, None);
}

#[test]
fn revoking_needs_a_paper_and_notifies_the_home() {
    plays(
        r#"
  { do = "cast", as = "p1", fill = { choice = "oppose" } },
  { do = "cast", as = "p2", fill = { choice = "oppose" } },
  { do = "revoke", who = "desk", fill = { owner = "p2" }, refused = "proof-missing" },
  { do = "revoke", who = "desk", fill = { owner = "p2", proof = ["letter.jpg"] } },
  { see = { notice = "ballot_revoked" } },
  { do = "cast", as = "p2b", fill = { choice = "oppose" } },
  { wait = "9 calendar days" },
  { see = { vote = "ballot", verdict = "failed", sums = { heads = [3, 2, 0] } } },"#,
    );
}

#[test]
fn the_desk_disputes_only_with_a_paper() {
    plays(
        r#"
  { do = "cast", as = "p1", fill = { choice = "oppose" } },
  { do = "cast", as = "p2", fill = { choice = "agree" } },
  { do = "dispute", who = "desk", fill = { owner = "p1", proof = ["letter.jpg"] }, refused = "not-yours" },
  { do = "dispute", who = "desk", fill = { owner = "p2" }, refused = "proof-missing" },
  { do = "dispute", who = "desk", fill = { owner = "p2", proof = ["letter.jpg"] } },
  { see = { notice = "ballot_disputed" } },
  { do = "cast", as = "p2", fill = { choice = "agree" } },
  { do = "cure", as = "p2", refused = "not-yours" },
  { do = "cure", who = "desk", fill = { owner = "p2", proof = ["both-signed.jpg"] } },
  { wait = "9 calendar days" },
  { see = { vote = "ballot", verdict = "passed", sums = { heads = [3, 2, 1] } } },"#,
    );
}

#[test]
fn a_proxy_only_votes_before_the_owner() {
    plays(
        r#"
  { do = "name_proxy", as = "p1", fill = { proxy = "p3" } },
  { do = "name_proxy", as = "p3", fill = { owner = "p1", proxy = "p9" }, refused = "not-yours" },
  { do = "cast", as = "p3", fill = { owner = "p1", choice = "agree" } },
  { do = "cast", as = "p3", fill = { owner = "p1", choice = "abstain" } },
  { do = "revoke", as = "p3", fill = { owner = "p1" } },
  { do = "cast", as = "p3", fill = { owner = "p1", choice = "agree" } },
  { do = "cast", as = "p1", fill = { choice = "oppose" } },
  { do = "cast", as = "p3", fill = { owner = "p1", choice = "agree" }, refused = "not-yours" },
  { do = "revoke", as = "p3", fill = { owner = "p1" }, refused = "not-yours" },
  { do = "dispute", as = "p3", fill = { owner = "p1" }, refused = "not-yours" },
  { do = "cast", as = "p2", fill = { choice = "oppose" } },
  { wait = "9 calendar days" },
  { see = { vote = "ballot", verdict = "failed", sums = { heads = [3, 2, 0] } } },"#,
    );
}

#[test]
fn owners_learn_of_a_proxy_named_on_paper() {
    plays(
        r#"
  { do = "name_proxy", who = "desk", fill = { owner = "p3", proxy = "p1" }, refused = "proof-missing" },
  { do = "name_proxy", who = "desk", fill = { owner = "p3", proxy = "p1", proof = ["power.jpg"] } },
  { see = { notice = "proxy_named" } },
  { do = "cast", who = "desk", fill = { owner = "p3", choice = "agree", proof = ["paper.jpg"] } },
  { do = "cast", as = "p1", fill = { owner = "p3", choice = "oppose" }, refused = "not-yours" },"#,
    );
}
