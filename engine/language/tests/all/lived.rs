//! Small definitions that are lived through: what the machine records of legs, clocks and notices.

use std::collections::BTreeMap;

use crate::OFFICE;
use paidan_language::{Checked, Library};
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::fact::{Fact, LinkFact, MessageFact, StateFact, Verdict};
use paidan_machine::{Case, Code, Law, decide, evolve};
use paidan_model::id::{ActionId, UnitId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::{Person, Post, Roster};
use paidan_model::text::Text;
use serde_json::{Value as Json, json};

const DRAIN: &str = r#"[workflow]
id       = "drain"
version  = 1
title    = { zh = "下水道", en = "Drain" }
calendar = "office"
start    = "asked"

[roles]
keeper = { post = "keeper", of = "community" }
boss   = { post = "boss", of = "community" }
unit   = { leg = true }
lead   = { leg = "lead" }

[fields]
size  = { type = "choice", choices = ["small", "large"], required = true, zh = "大小", en = "Size" }
units = { type = "units", required_from = "helped", zh = "单位", en = "Units" }
who_leads = { type = "unit", among = "units", required_from = "helped", zh = "主办", en = "Lead" }

[states.asked]
title   = { zh = "待办", en = "Asked" }
who     = ["keeper"]
on.call = { go = "helped", fill = ["units", "who_leads"] }
on.look = { fill = ["size"] }
on.ring = { go = "asked" }
enter   = { notify = ["rung"] }

[states.helped]
title          = { zh = "协办", en = "Helped" }
who            = ["unit"]
handoff        = "help"
on.joined      = { go = "mended" }
on.join_failed = { go = "asked" }

[states.mended]
title   = { zh = "已办", en = "Mended" }
outcome = "solved"

[handoffs.help]
each = "units"
lead = "who_leads"
join = "all"
leg  = { clocks = ["help"] }

[handoffs.help.start_without]
who   = ["boss"]
clock = "help"
after = "breach"

[clocks.help]
scope  = "leg"
starts = "notified"
stops  = "done"
limit  = "2 business days"
ladder = "up"

[clocks.mending]
starts = "intake"
stops  = "mended"
limit  = { per = "size", small = "8 business hours", large = "16 business hours" }
carry  = "keep"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["boss"] }]

[notices]
rung = { who = ["keeper"], zh = "{number}", en = "{number}" }
"#;

struct Play {
    checked: Checked,
    now: Moment,
    case: Option<Case>,
    facts: Vec<Fact>,
    roster: Option<Roster>,
}

fn at(text: &str) -> Moment {
    Moment::parse_local(text, &Zone::SHANGHAI).unwrap()
}

impl Play {
    /// Files a case on a working Monday at nine.
    fn of(definition: &str) -> Self {
        Self::among(None, definition)
    }

    /// The same, where a roster says who holds which job.
    fn among(roster: Option<Roster>, definition: &str) -> Self {
        let mut library = Library::new();
        library.add("office.toml", OFFICE.to_string());
        library.add("drain.toml", definition.to_string());
        let checked = library.check();
        assert_eq!(checked.findings, vec![], "{}", paidan_language::print::text(&checked, false));
        let mut play = Self { checked, now: at("2026-11-23 09:00"), case: None, facts: Vec::new(), roster };
        let fill = BTreeMap::from([("size".to_string(), json!("small"))]);
        let levels = [("community".to_string().try_into().unwrap(), "river".to_string().try_into().unwrap())];
        let open = Open {
            stream: "case/1".into(),
            number: "1".into(),
            levels: levels.into(),
            fill,
            channel: "test".into(),
            code: None,
            parent: None,
            since: None,
        };
        play.ask(Actor::Engine, Ask::Open(open)).unwrap();
        play
    }

    fn ask(&mut self, actor: Actor, ask: Ask) -> Result<(), Code> {
        let agreed = self.checked.workflows.first().unwrap();
        let law = Law::new(&agreed.workflow, &agreed.digest, &self.checked.calendars, self.roster.as_ref())
            .unwrap();
        let command = Command { actor, ask };
        let decision = decide(&law, self.case.as_ref(), &command, self.now, &mut || [0; 32]);
        let decision = decision.map_err(|refusal| refusal.code)?;
        self.facts.extend(decision.drafts.into_iter().flat_map(|draft| draft.facts));
        let folded = self.facts.iter().fold(None, evolve);
        assert_eq!(folded.as_ref(), Some(&decision.case), "folding the facts gives the case");
        self.case = Some(decision.case);
        Ok(())
    }

    fn act(&mut self, post: (&str, &str), action: &str, leg: Option<&str>, fill: Json) -> Result<(), Code> {
        self.act_as("p", post, action, leg, fill)
    }

    fn act_as(
        &mut self,
        subject: &str,
        post: (&str, &str),
        action: &str,
        leg: Option<&str>,
        fill: Json,
    ) -> Result<(), Code> {
        let post = Post::new(post.0.to_string().try_into().unwrap(), post.1.to_string().try_into().unwrap());
        let actor = Actor::Person { subject: subject.into(), posts: vec![post], via: "test".into() };
        let act = Act {
            action: ActionId::parse(action).unwrap(),
            fill: serde_json::from_value(fill).unwrap(),
            reason: Some("because".into()),
            leg: leg.and_then(UnitId::parse),
            seen: None,
        };
        self.ask(actor, Ask::Act(act))
    }

    fn wait(&mut self, until: &str) {
        self.now = at(until);
        self.ask(Actor::Engine, Ask::Tick).unwrap();
    }
}

const KEEPER: (&str, &str) = ("keeper", "river");

#[test]
fn waived_legs_void_their_clocks() {
    let mut play = Play::of(DRAIN);
    play.act(KEEPER, "call", None, json!({ "units": ["roads", "water"], "who_leads": "water" })).unwrap();
    play.act(("worker", "water"), "finish", Some("water"), json!({})).unwrap_err();
    play.act(("worker", "water"), "check_in", Some("water"), json!({})).unwrap();
    play.act(("worker", "water"), "finish", Some("water"), json!({})).unwrap();
    play.wait("2026-11-23 10:00");
    play.act(("worker", "water"), "waive", Some("roads"), json!({})).unwrap();
    assert_eq!(play.act(("worker", "water"), "waive", Some("roads"), json!({})), Err(Code::NotYours));
    assert_eq!(play.act(KEEPER, "waive", Some("roads"), json!({})), Err(Code::NotYours));
    play.act(("boss", "river"), "waive", Some("roads"), json!({})).unwrap();
    let case = play.case.as_ref().unwrap();
    assert!(case.is_closed(), "the join looked again at who is left");
    let of = |unit: &str| case.clocks.all.iter().find(|c| c.key.leg == UnitId::parse(unit)).unwrap().verdict;
    assert_eq!((of("roads"), of("water")), (Some(Verdict::Void), Some(Verdict::Met)));
}

/// Whoever may agree, but acts for the lead, agrees to nothing the lead has proposed; and where nobody
/// outside the departments may, no leg is waived.
#[test]
fn nobody_waives_a_leg_alone() {
    let mut play = Play::of(DRAIN);
    play.act(KEEPER, "call", None, json!({ "units": ["roads", "river"], "who_leads": "river" })).unwrap();
    play.act(("boss", "river"), "waive", Some("roads"), json!({})).unwrap();
    assert_eq!(play.act(("boss", "river"), "waive", Some("roads"), json!({})), Err(Code::NotYours));
    let mut play = Play::of(&DRAIN.replace("who   = [\"boss\"]", "who   = [\"lead\"]"));
    play.act(KEEPER, "call", None, json!({ "units": ["roads", "water"], "who_leads": "water" })).unwrap();
    assert_eq!(play.act(("worker", "water"), "waive", Some("roads"), json!({})), Err(Code::LegElsewhere));
}

fn told(play: &Play) -> usize {
    let of = |fact: &&Fact| matches!(fact, Fact::Message(MessageFact::Told { notice, .. }) if notice.as_str() == "rung");
    play.facts.iter().filter(of).count()
}

#[test]
fn notices_stop_at_their_ceiling() {
    let ceiling = "rung = { at_most = { count = 2, per_time = \"4 business hours\" }, who";
    let mut play = Play::of(&DRAIN.replace("rung = { who", ceiling));
    let ring = |play: &mut Play, at: &str| {
        play.wait(at);
        play.act(KEEPER, "ring", None, json!({})).unwrap();
        told(play)
    };
    assert_eq!(told(&play), 1, "at nine");
    assert_eq!(ring(&mut play, "2026-11-23 10:00"), 2);
    assert_eq!(ring(&mut play, "2026-11-23 12:59"), 2, "twice within four hours");
    assert_eq!(ring(&mut play, "2026-11-23 13:00"), 3, "the first is four hours ago");
    assert_eq!(ring(&mut play, "2026-11-23 13:30"), 3);
    for minute in 0..60 {
        ring(&mut play, &format!("2026-11-2{} 14:{minute:02}", 4));
    }
    assert_eq!(told(&play), 5);
    assert!(play.case.as_ref().unwrap().messages.tellings.len() <= 16);
    let mut without = Play::of(DRAIN);
    for minute in 0..60 {
        ring(&mut without, &format!("2026-11-24 14:{minute:02}"));
    }
    assert_eq!(told(&without), 61);
    assert_eq!(
        without.case.as_ref().unwrap().messages.tellings,
        vec![],
        "nothing is remembered that nobody asks for"
    );
}

#[test]
fn prorated_clocks_keep_their_used_share() {
    let prorated = DRAIN.replace("\"keep\"", "\"prorate\"");
    let days = prorated.replace("8 business hours", "10 business days").replace("16 business", "2 real");
    let days = days.replace("2 real hours", "5 business days");
    for (text, when, due) in [
        (DRAIN, "2026-11-23 13:00", "2026-11-24 17:00"), // the four hours used count as four
        (&prorated, "2026-11-23 13:00", "2026-11-24 13:00"), // half of eight is used, so half of sixteen is
        (&prorated, "2026-11-23 17:00", "2026-11-23 17:00"), // what is late stays late
        (&days, "2026-11-27 10:00", "2026-12-02 17:00"), // four of ten days are used: so are two of five
        (&days, "2026-11-23 10:00", "2026-11-30 17:00"), // nothing is used yet
        (&days, "2026-12-07 10:00", "2026-12-07 17:00"), // on the last day
    ] {
        let mut play = Play::of(text);
        play.wait(when);
        play.act(KEEPER, "look", None, json!({ "size": "large" })).unwrap();
        let clocks = &play.case.as_ref().unwrap().clocks;
        let clock = clocks.all.iter().find(|c| c.key.clock.as_str() == "mending").unwrap();
        assert_eq!(clock.due.rfc3339(), at(due).rfc3339(), "{when}");
    }
}

const PANEL: &str = r#"[workflow]
id       = "panel"
version  = 1
title    = { zh = "评审", en = "Panel" }
calendar = "office"
start    = "proposed"
ladder   = "up"

[roles]
keeper = { post = "keeper", of = "community" }
judges = { post = "judge", of = "community" }

[fields]
size   = { type = "choice", choices = ["small", "large"], required = true, zh = "大小", en = "Size" }
budget = { type = "money", min = 1, required_from = "voting", zh = "预算", en = "Budget" }
items  = { type = "table", max = 3, default = [], zh = "明细", en = "Items", columns = [{ id = "cost", type = "money", min = 0, zh = "金额", en = "Cost" }] }

[states.proposed]
title  = { zh = "待评审", en = "Proposed" }
who    = ["keeper"]
on.ask = { go = "voting", fill = ["budget", "items"], when = "has(budget) && has(items) && total(items, 'cost') <= budget" }

[states.voting]
title          = { zh = "评审中", en = "Voting" }
who            = ["keeper"]
vote           = "panel"
on.mend        = { fill = ["size"] }
on.passed      = { go = "carried" }
on.vote_failed = { go = "dropped" }

[states.carried]
title   = { zh = "通过", en = "Carried" }
outcome = "passed"

[states.dropped]
title   = { zh = "未通过", en = "Dropped" }
outcome = "not_solved"

[votes.panel]
roster    = "judges"
about     = ["budget", "items"]
axes      = ["heads"]
take_part = "more than 1/2"
consent   = "more than 1/2"
window    = { shortest = "1 calendar day", longest = "10 calendar days" }

[clocks.asking]
starts = "intake"
stops  = ["carried", "dropped"]
limit  = "20 business days"

[ladders]
up = [{ at = "breach", tell = ["keeper"] }]
"#;

/// Three judges of the river community and one of another; whoever is hired later has no vote.
fn judges() -> Roster {
    let judge = |unit: &str| Person {
        title: Text::default(),
        posts: vec![Post::new("judge".to_string().try_into().unwrap(), unit.to_string().try_into().unwrap())],
        channels: BTreeMap::new(),
    };
    let people = [("j1", "river"), ("j2", "river"), ("j3", "river"), ("j4", "hill")];
    Roster {
        people: people.into_iter().map(|(id, unit)| (id.to_string(), judge(unit))).collect(),
        ..Roster::default()
    }
}

#[test]
fn role_votes_freeze_voters_and_subject_at_opening() {
    let mut play = Play::among(Some(judges()), PANEL);
    let judge = ("judge", "river");
    let items = json!([{ "cost": 300 }, { "cost": 200 }]);
    let ask = |budget: i64| json!({ "budget": budget, "items": items });
    assert_eq!(play.act(KEEPER, "ask", None, ask(499)), Err(Code::GuardFalse), "the items cost 500");
    play.act(KEEPER, "ask", None, ask(500)).unwrap();
    let poll = play.case.as_ref().unwrap().votes.polls.values().next().unwrap().clone();
    let electors: Vec<&str> = poll.electors.iter().map(|e| e.owner.as_str()).collect();
    assert_eq!(electors, ["j1", "j2", "j3"]);
    assert!(poll.about.is_some());
    // The checker refuses a form that asks for it; a definition that it has not seen is held to it all the same.
    for agreed in &mut play.checked.workflows {
        let voting = agreed.workflow.states.iter_mut().find(|(id, _)| id.as_str() == "voting").unwrap().1;
        for mend in voting.on.iter_mut().filter(|(name, _)| name.as_str() == "mend").map(|(_, action)| action)
        {
            mend.fill.push("budget".to_string().try_into().unwrap());
        }
    }
    assert_eq!(play.act(KEEPER, "mend", None, json!({ "budget": 1 })), Err(Code::VotedOn));
    let agree = || json!({ "choice": "agree" });
    assert_eq!(play.act_as("j4", ("judge", "hill"), "cast", None, agree()), Err(Code::NotYours));
    assert_eq!(play.act_as("j9", judge, "cast", None, agree()), Err(Code::NotYours), "hired since");
    play.act_as("j1", judge, "cast", None, agree()).unwrap();
    play.act_as("j2", judge, "cast", None, agree()).unwrap();
    play.wait("2026-11-24 17:00");
    assert!(play.case.as_ref().unwrap().is_closed());
}

#[test]
fn without_a_roster_the_job_is_the_voter() {
    let mut play = Play::of(PANEL);
    play.act(KEEPER, "ask", None, json!({ "budget": 5 })).unwrap();
    assert_eq!(
        play.act(KEEPER, "cast", None, json!({ "choice": "agree", "owner": "judge.river" })),
        Err(Code::ProofMissing)
    );
    play.act(("judge", "river"), "cast", None, json!({ "choice": "oppose" })).unwrap();
    play.wait("2026-11-24 17:00");
    assert_eq!(play.case.as_ref().unwrap().life.outcome.as_ref().map(|id| id.as_str()), Some("not_solved"));
}

const RIDE: &str = r#"[workflow]
id       = "ride"
version  = 1
title    = { zh = "电梯", en = "Lift" }
calendar = "office"
start    = "asked"
ladder   = "up"

[roles]
keeper = { post = "keeper", of = "community" }

[fields]
size    = { type = "choice", choices = ["small", "large"], required = true, zh = "大小", en = "Size" }
owners  = { type = "roster", zh = "名册", en = "Owners" }
cost    = { type = "money", min = 1, zh = "造价", en = "Cost" }
weights = { type = "table", zh = "权数", en = "Weights", columns = [{ id = "floor", type = "int", zh = "层", en = "Floor" }, { id = "weight", type = "int", zh = "权", en = "Weight" }] }
outside = { type = "table", public = true, default = [], zh = "暂不", en = "Outside", columns = [{ id = "part", type = "text", zh = "户", en = "Home" }] }
since   = { type = "date", zh = "自", en = "Since" }
part    = { type = "text", public = true, zh = "户", en = "Home" }

[states.asked]
title   = { zh = "办", en = "Asked" }
who     = ["keeper"]
on.say  = { fill = ["owners", "cost", "weights", "outside", "since"] }
on.join = { fill = ["part"], join_late = "shares" }
on.end  = { go = "over" }

[states.over]
title   = { zh = "完", en = "Over" }
outcome = "solved"

[splits.shares]
roster  = "owners"
amount  = "cost"
weights = "weights"
outside = "outside"
late    = { since = "since", over = "15 calendar years", part = "part" }

[clocks.asking]
starts = "intake"
stops  = "over"
limit  = "20 business days"

[ladders]
up = [{ at = "breach", tell = ["keeper"] }]
"#;

#[test]
fn late_joiners_keep_their_price_after_sales() {
    let mut play = Play::of(RIDE);
    let owners = |a: &str| {
        let row =
            |part: &str, owner: &str| json!({ "part": part, "floor": 2, "area": 10_000, "owner": owner });
        json!([row("a", a), row("b", "pb"), row("c", "pc")])
    };
    let say = |play: &mut Play, fill: Json| play.act(KEEPER, "say", None, fill);
    let join = |play: &mut Play, part: &str| play.act(KEEPER, "join", None, json!({ "part": part }));
    assert_eq!(join(&mut play, "b"), Err(Code::Required), "nothing is divided yet");
    let weights = json!([{ "floor": 2, "weight": 1 }]);
    let outside = json!([{ "part": "b" }, { "part": "c" }]);
    let all = json!({ "owners": owners("pa"), "cost": 3000, "weights": weights, "outside": outside, "since": "2020-03-02" });
    say(&mut play, all).unwrap();
    join(&mut play, "b").unwrap();
    let pays = |play: &Play| {
        let shares = play.case.as_ref().unwrap().splits.by_split.values().next().unwrap();
        shares.now().iter().map(|portion| portion.fen).collect::<Vec<_>>()
    };
    let first = pays(&play);
    assert_eq!((first.iter().sum::<i64>(), first.get(2)), (3000, Some(&0)));
    // The terms stand, those that were not cleared too; an owner is no term, and an older `since` changes no price.
    assert_eq!(say(&mut play, json!({ "cost": 4000 })), Err(Code::WrongValue));
    assert_eq!(say(&mut play, json!({ "outside": [{ "part": "c" }] })), Err(Code::WrongValue));
    say(&mut play, json!({ "owners": owners("buyer"), "since": "2026-11-23" })).unwrap();
    assert_eq!(pays(&play), first);
    join(&mut play, "c").unwrap();
    let then = pays(&play);
    assert!(then.iter().all(|fen| *fen >= 0) && then.iter().sum::<i64>() == 3000, "{then:?}");
    assert_eq!(join(&mut play, "c"), Err(Code::WrongValue), "pays already");
    assert!(then.get(2).is_some_and(|fen| *fen < 700), "as old as for the first: {then:?}");
}

#[test]
fn only_the_last_linked_case_is_heard() {
    use paidan_machine::command::{Child, Heard};
    let text = DRAIN
        .replace(
            "on.ring = { go = \"asked\" }",
            "on.ring = { go = \"asked\" }\non.child_solved = { go = \"mended\" }",
        )
        .replace("enter   = { notify = [\"rung\"] }", "enter   = { notify = [\"rung\"], open = \"drain\" }");
    let mut play = Play::of(&text);
    play.act(KEEPER, "ring", None, json!({})).unwrap();
    let asked =
        play.facts.iter().filter(|fact| matches!(fact, Fact::Link(LinkFact::ChildAsked { .. }))).count();
    assert_eq!(asked, 2, "one at intake, one when it was rung again");
    let hear = |n: u32| {
        let child = Child { workflow: "drain".to_string().try_into().unwrap(), n };
        Ask::Hear(Heard { event: ActionId::parse("child_solved").unwrap(), child })
    };
    play.ask(Actor::Engine, hear(1)).unwrap();
    assert!(!play.case.as_ref().unwrap().is_closed(), "what the first comes to is past");
    assert!(
        play.facts.iter().any(|fact| matches!(fact, Fact::State(StateFact::Ignored { .. }))),
        "and the history says so"
    );
    play.ask(Actor::Engine, hear(2)).unwrap();
    assert!(play.case.as_ref().unwrap().is_closed());
}
