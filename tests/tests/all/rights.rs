//! Who may do what and see what: every shipped definition, every state, every post at every distance, before, while and
//! after somebody stands in, against a slow oracle that reads the definition by itself. Asked of both who answer: what is
//! offered, and what is refused when it is asked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::{oracle, scene};
use paidan_language::{Checked, Library};
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::vote::sees_paper;
use paidan_machine::{Case, Code, Law, Offer, decide, may_audit, offers, sight};
use paidan_model::id::{ActionId, UnitId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::workflow::{Kind, Workflow};
use serde_json::json;

const OF_LEG: [&str; 8] = ["sign", "refuse", "check_in", "agree", "object", "finish", "waive", "rule"];
const OF_VOTE: [&str; 6] = ["cast", "revoke", "dispute", "cure", "name_proxy", "veto"];
const OF_CLAIM: [&str; 5] = ["claim", "contact", "deliver", "drop", "take_back"];

fn definitions() -> Checked {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut library = Library::new();
    for folder in ["workflows", "workflows/blocks", "config/calendars"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "toml") {
                library.add(&path.display().to_string(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    library.check()
}

fn noon() -> Moment {
    Moment::parse_local("2026-11-23 12:00", &Zone::SHANGHAI).unwrap()
}

/// How often was asked, and how often it was allowed, by kind of right; and where the product and the rule differ.
#[derive(Default)]
struct Counts(BTreeMap<&'static str, (u64, u64)>, BTreeMap<String, String>);

impl Counts {
    fn add(&mut self, kind: &'static str, allowed: bool) {
        let count = self.0.entry(kind).or_default();
        *count = (count.0 + 1, count.1 + u64::from(allowed));
    }

    fn all(&self) -> u64 {
        self.0.values().map(|count| count.0).sum()
    }
}

/// One case, one asker, one moment.
struct Asking<'a> {
    law: &'a Law<'a>,
    case: &'a Case,
    actor: &'a Actor,
    now: Moment,
    /// Whether they may know of the case at all.
    known: bool,
    /// What is offered, by action and leg: whether it is theirs.
    offered: BTreeMap<(String, Option<UnitId>), Vec<bool>>,
    /// Where the product and the rule differ, each kind of difference once.
    differ: RefCell<BTreeMap<String, String>>,
}

impl<'a> Asking<'a> {
    fn new(law: &'a Law<'a>, case: &'a Case, actor: &'a Actor, now: Moment) -> Self {
        let mut offered: BTreeMap<_, Vec<bool>> = BTreeMap::new();
        for Offer { action, leg, open, .. } in offers(law, case, actor, now) {
            let theirs = !open.is_err_and(|refusal| refusal.code == Code::NotYours);
            offered.entry((action.to_string(), leg)).or_default().push(theirs);
        }
        offered.values_mut().for_each(|all| all.sort_unstable());
        let known = sight(law.workflow, case, actor).is_some();
        Self { law, case, actor, now, known, offered, differ: RefCell::default() }
    }

    fn workflow(&self) -> &'a Workflow {
        self.law.workflow
    }

    /// What is said of an action on the way to being done: whether it is theirs, whatever else hinders it. What somebody
    /// may not know of is answered as if it were not there.
    fn decided(&self, action: &str, leg: Option<&UnitId>, fill: &[(&str, &str)]) -> bool {
        let act = Act {
            action: ActionId::parse(action).unwrap(),
            fill: fill.iter().map(|(name, value)| ((*name).to_string(), json!(value))).collect(),
            reason: Some("a reason".into()),
            leg: leg.cloned(),
            seen: None,
        };
        let command = Command { actor: self.actor.clone(), ask: Ask::Act(act) };
        let decided = decide(self.law, Some(self.case), &command, self.now, &mut || [7; 32]);
        let denied = decided.is_err_and(|no| matches!(no.code, Code::NotYours | Code::NoSuchClaim));
        !denied && self.known
    }

    /// What was told and what the rule says are the same, or it is noted.
    fn agrees<T: PartialEq + std::fmt::Debug>(&self, told: &T, rule: &T, what: &str) {
        if told != rule {
            let states: Vec<&str> = self.case.chart.active.keys().map(|id| id.as_str()).collect();
            let differ = format!("told {told:?}, by rule {rule:?}: in {states:?} by {:?}", self.actor);
            self.differ.borrow_mut().entry(format!("{} {what}", self.workflow().id)).or_insert(differ);
        }
    }

    /// Takes what is offered of an action out of the list: whatever is left in the end is too much.
    fn take(&mut self, action: &str, leg: Option<&UnitId>) -> Vec<bool> {
        self.offered.remove(&(action.to_string(), leg.cloned())).unwrap_or_default()
    }

    /// An action of states: each state that has it offers it once, open to whom the rule says, and to nobody else.
    fn states(&mut self, raised: &BTreeSet<&str>, counts: &mut Counts) {
        let w = self.workflow();
        let (mut rules, mut nobodys) = (BTreeMap::<&ActionId, Vec<bool>>::new(), BTreeSet::new());
        for (state, (name, action)) in self
            .case
            .chart
            .active
            .keys()
            .flat_map(|state| w.states.get(state).unwrap().on.iter().map(move |on| (state, on)))
        {
            match oracle::is_nobodys(raised, name, action) {
                true => drop(nobodys.insert(name)),
                false => rules
                    .entry(name)
                    .or_default()
                    .push(oracle::may_do(w, self.case, self.actor, state, action)),
            }
        }
        nobodys.retain(|name| !rules.contains_key(*name));
        for (name, mut rule) in rules {
            rule.sort_unstable();
            rule.iter().for_each(|may| counts.add("action", *may));
            let may = rule.contains(&true);
            let told = self.take(name.as_str(), None);
            self.agrees(&told, &rule, name.as_str());
            self.agrees(&self.decided(name.as_str(), None, &[]), &may, name.as_str());
        }
        for name in nobodys.into_iter().filter(|_| !self.case.is_closed()) {
            counts.add("event of the engine", false);
            self.agrees(&self.decided(name.as_str(), None, &[]), &false, name.as_str());
        }
    }

    fn legs(&mut self, counts: &mut Counts) {
        let w = self.workflow();
        let gone = |unit: &&UnitId| unit.as_str() != "gas";
        for (unit, name) in
            self.case.legs.by_unit.keys().filter(gone).flat_map(|unit| OF_LEG.map(|name| (unit, name)))
        {
            let rule = oracle::may_on_leg(w, self.case, self.actor, name, unit);
            counts.add("leg", rule);
            let told = self.take(name, Some(unit));
            let offered = if rule { vec![true] } else { Vec::new() };
            self.agrees(&told, &offered, &format!("{name} on {unit}"));
            if !self.case.handoffs.joined.is_empty() {
                self.agrees(&self.decided(name, Some(unit), &[]), &rule, &format!("{name} on {unit}"));
            }
        }
        let starts =
            self.case.handoffs.joined.keys().filter_map(|id| w.handoffs.get(id)?.start_without.as_ref());
        for rule in starts {
            let rule = oracle::any_role(w, self.case, self.actor, &rule.who);
            counts.add("start without a leg", rule);
            self.agrees(&self.decided("start_without", None, &[]), &rule, "start_without");
        }
    }

    fn votes(&mut self, counts: &mut Counts) {
        let (w, case, actor) = (self.workflow(), self.case, self.actor);
        let Some((id, _, poll)) = oracle::vote::open(w, case) else { return };
        for name in OF_VOTE {
            let offered = oracle::vote::is_offered(w, case, actor, name);
            counts.add("vote", offered);
            let told = self.take(name, None);
            self.agrees(&told, &if offered { vec![true] } else { Vec::new() }, name);
            let owners = poll.electors.iter().map(|elector| Some(elector.owner.as_str())).chain([None]);
            for owner in owners.filter(|owner| name != "veto" || owner.is_none()) {
                let rule = oracle::vote::may(w, case, actor, name, owner);
                counts.add("vote for somebody", rule);
                let fill: Vec<(&str, &str)> = owner.map(|owner| ("owner", owner)).into_iter().collect();
                self.agrees(&self.decided(name, None, &fill), &rule, &format!("{name} for {owner:?}"));
            }
        }
        for elector in &poll.electors {
            let rule = oracle::vote::sees_paper(w, case, actor, id, elector);
            counts.add("paper of a ballot", rule);
            self.agrees(
                &sees_paper(w, case, id, &elector.owner, actor),
                &rule,
                &format!("paper of {}", elector.owner),
            );
        }
    }

    fn claims(&mut self, counts: &mut Counts) {
        let (w, case, actor) = (self.workflow(), self.case, self.actor);
        let Some((_, rules)) = oracle::claim::rules(w, case) else { return };
        for name in OF_CLAIM {
            let offered = oracle::claim::is_offered(w, case, actor, name);
            counts.add("claim", offered);
            let told = self.take(name, None);
            self.agrees(&told, &if offered { vec![true] } else { Vec::new() }, name);
            for claim in case.claims.all.iter().filter(|_| name != "claim") {
                // Whoever gave a claim back may know nothing more of it.
                let rule = self.known && oracle::claim::may_move(w, case, actor, name, claim.n);
                counts.add("move of a claim", rule);
                let told = self.decided(name, None, &[("claim", &claim.n.to_string())]);
                self.agrees(&told, &rule, &format!("{name} of {}", claim.n));
            }
        }
        for for_party in [false, true].into_iter().filter(|_| rules.offered_by.is_none()) {
            let rule = oracle::claim::may_take(w, case, actor, for_party);
            counts.add("claim for oneself or another", rule);
            let fill: &[(&str, &str)] =
                if for_party { &[("party", "p1"), ("resource", "item/9")] } else { &[] };
            self.agrees(&self.decided("claim", None, fill), &rule, "claim");
        }
    }

    /// More time, pauses, a start without those who are missing.
    fn time(&mut self, counts: &mut Counts) {
        let (w, case, actor) = (self.workflow(), self.case, self.actor);
        let mut rules: BTreeMap<(&str, Option<&UnitId>), usize> = BTreeMap::new();
        for (id, leg) in oracle::time::longer(w, case) {
            for name in ["extend", "approve_extension", "decline_extension", "withdraw_extension"] {
                let offered = oracle::time::is_longer_offered(w, case, actor, name, id, leg);
                counts.add("more time", offered);
                *rules.entry((name, leg)).or_default() += usize::from(offered);
                let rule = w.clocks.get(id).unwrap().extend.as_ref().unwrap();
                let own = ["extend", "withdraw_extension"].contains(&name);
                let who = if own { &rule.who } else { &rule.approve };
                let may = oracle::time::has(w, case, actor, who, leg) && self.known;
                let told = self.decided(name, leg, &[("clock", id.as_str())]);
                self.agrees(&told, &may, &format!("{name} of {id}"));
            }
        }
        for (id, leg) in oracle::time::pauses(w, case) {
            for name in ["pause", "approve_pause", "decline_pause", "withdraw_pause", "resume_clock"] {
                let offered = oracle::time::is_pause_offered(w, case, actor, name, id, leg);
                counts.add("pause", offered);
                *rules.entry((name, leg)).or_default() += usize::from(offered);
                let may = oracle::time::may_pause(w, case, actor, name, id, leg) && self.known;
                let told = self.decided(name, leg, &[("pause", id.as_str())]);
                self.agrees(&told, &may, &format!("{name} {id}"));
            }
        }
        let start = oracle::time::is_start_offered(w, case, actor);
        rules.insert(("start_without", None), usize::from(start));
        let may = oracle::time::may_urge(w, case, actor);
        counts.add("urge", may);
        self.agrees(&self.decided("urge", None, &[]), &(may && self.known), "urge");
        let heard = oracle::time::is_heard(w, case);
        rules.insert(("urge", None), usize::from(may && heard));
        for ((name, leg), rule) in rules {
            let told = self.take(name, leg);
            self.agrees(&told, &vec![true; rule], &format!("{name} offered"));
        }
    }

    /// What may be looked at, and whether a closed case may be taken up again.
    fn sight(&self, counts: &mut Counts) {
        let (w, case, actor) = (self.workflow(), self.case, self.actor);
        let shown = sight(w, case, actor).map(|sight| sight.fields);
        self.agrees(&shown, &oracle::may_see(w, case, actor), "sight");
        counts.add("sight", shown.is_some());
        let audit = oracle::may_audit(case, actor);
        self.agrees(&may_audit(case, actor), &audit, "audit");
        counts.add("audit", audit);
        let reopens = case.chart.active.keys().filter_map(|state| w.states.get(state)?.reopen.as_ref());
        for rule in reopens.take(1) {
            let rule = oracle::any_role(w, case, actor, &rule.who);
            counts.add("reopen", rule);
            self.agrees(&self.decided("reopen", None, &[]), &rule, "reopen");
        }
    }

    fn all(mut self, raised: &BTreeSet<&str>, counts: &mut Counts) {
        self.sight(counts);
        if self.case.is_closed() {
            let reopens = oracle::time::is_reopening_offered(self.workflow(), self.case, self.actor);
            let told = self.take("reopen", None);
            self.agrees(&told, &vec![true; usize::from(reopens)], "reopen offered");
            self.agrees(&self.offered, &BTreeMap::new(), "offered of a closed case");
        } else {
            self.states(raised, counts);
            self.legs(counts);
            self.votes(counts);
            self.claims(counts);
            self.time(counts);
            self.agrees(&self.offered, &BTreeMap::new(), "offered beyond the rules");
        }
        counts.1.extend(self.differ.into_inner());
    }
}

/// Everybody with the moment at which they ask: those with jobs of their own, and deputies before, in and after the time
/// in which they stand in.
fn askers(checked: &Checked, counts: &mut Counts) -> Vec<(Actor, Moment)> {
    let jobs = scene::jobs(checked);
    let mut found: Vec<(Actor, Moment)> =
        scene::everybody(&jobs).into_iter().map(|actor| (actor, noon())).collect();
    let (from, until) = (noon().plus_seconds(-3_600), noon().plus_seconds(3_600));
    let just = |moment: Moment| Moment::from_millis(moment.millis() - 1);
    let mut deputies = BTreeMap::new();
    for stand in scene::stands(&jobs, from, until) {
        for moment in [just(from), from, noon(), just(until), until] {
            for subject in ["deputy", "away"] {
                let posts = stand.roster.posts_of(subject, &stand.absences, moment);
                let rule = oracle::posts_at(&stand.roster, subject, &stand.absences, moment);
                assert_eq!(posts, rule, "{subject} at {}: {:?}", moment.rfc3339(), stand.absences);
                counts.add("jobs of a stand-in", posts.iter().any(|post| post.instead_of.is_some()));
                // The same jobs at the same side of the time give the same rights: asked once, and who is away keeps theirs.
                if subject == "deputy" && stand.beside {
                    deputies.entry((posts, moment < from, moment >= until)).or_insert(moment);
                }
            }
        }
    }
    found.extend(deputies.into_iter().map(|((posts, ..), moment)| (scene::person("deputy", posts), moment)));
    found
}

/// Who may open a case of a workflow: in the name that the form says, and in their own where it
/// says none.
fn openings(law: &Law<'_>, named: &Open, askers: &[(Actor, Moment)], counts: &mut Counts) {
    let w = law.workflow;
    let opens = |actor: &Actor, open: &Open, now: Moment| {
        let command = Command { actor: actor.clone(), ask: Ask::Open(open.clone()) };
        decide(law, None, &command, now, &mut || [7; 32])
    };
    let case = opens(&Actor::Engine, named, noon()).unwrap().case;
    let mut silent = named.clone();
    for field in oracle::opening::whose(w) {
        silent.fill.remove(field.as_str());
    }
    for (actor, now) in askers {
        let of_another = oracle::opening::may(w, &case, actor, &named.fill);
        let own = oracle::opening::may_silently(w, &case, actor);
        for (kind, open, rule) in [("opening", named, of_another), ("opening for oneself", &silent, own)] {
            let decided = opens(actor, open, *now);
            let told = !decided.is_err_and(|no| matches!(no.code, Code::NotYours | Code::NotForOthers));
            counts.add(kind, rule);
            if told != rule {
                let differ = format!("told {told}, by rule {rule}: {actor:?}");
                counts.1.insert(format!("{} {kind}", w.id), differ);
            }
        }
    }
}

#[test]
fn the_matrix_of_rights_equals_the_oracle() {
    let checked = definitions();
    let mut counts = Counts::default();
    let askers = askers(&checked, &mut counts);
    let began = noon().plus_seconds(-2 * 3_600);
    for agreed in checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Kind::Case) {
        let w = &agreed.workflow;
        let law = Law::new(w, &agreed.digest, &checked.calendars, None).unwrap();
        let raised = oracle::raised(w);
        openings(&law, &scene::opening(agreed), &askers, &mut counts);
        for leaf in w.states.keys().filter(|id| w.children(Some(id)).is_empty()) {
            let case = scene::case_in(&law, agreed, leaf, began);
            for (actor, now) in &askers {
                Asking::new(&law, &case, actor, *now).all(&raised, &mut counts);
            }
            for case in scene::on_the_clock(w, &case, began) {
                for (actor, now) in &askers {
                    let mut asking = Asking::new(&law, &case, actor, *now);
                    asking.time(&mut counts);
                    counts.1.extend(asking.differ.into_inner());
                }
            }
            let Some(after) = scene::after_standing_in(w, &case) else { continue };
            let deputies = askers.iter().filter(|(actor, _)| oracle::at(actor).0 == "deputy");
            for (actor, now) in deputies {
                Asking::new(&law, &after, actor, *now).all(&raised, &mut counts);
            }
        }
    }
    for (kind, (asked, allowed)) in &counts.0 {
        println!("{asked:>8} asked, {allowed:>7} allowed: {kind}");
    }
    println!("{:>8} in all, {} askers, {} differences", counts.all(), askers.len(), counts.1.len());
    assert!(counts.1.is_empty(), "{:#?}", counts.1);
    let nobody =
        counts.0.iter().filter(|(kind, (_, allowed))| *allowed == 0 && **kind != "event of the engine");
    assert_eq!(nobody.count(), 0, "nobody at all may");
    assert!(counts.all() >= 500_000 && counts.0.len() == 19);
}
