//! What one command writes: the decision upon its case, and what it asks of other streams, as one append.
//!
//! A claim touches the item, the claimer's account and, if something offered goes with it, an item on another list.
//! Each stream decides what is its own; one refusal refuses the whole command.

use std::collections::BTreeMap;

use paidan_journal::Header;
use paidan_journal::entry::{Answer, Append, Draft, StreamAppend};
use paidan_journal::record::body;
use paidan_machine::actor::Actor;
use paidan_machine::claim::Touch;
use paidan_machine::command::{Ask, Command, Hold, Open};
use paidan_machine::party::{self, Party, PartyAsk, PartyFact};
use paidan_machine::{Case, Decision, References, Refusal, decide, sight};
use paidan_model::field::{FieldType, Meaning};
use paidan_model::id::{UnitId, UnitKind};
use paidan_model::moment::Moment;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;
use serde_json::{Value as Json, json};

use crate::commands::{Denied, Order, Receipt, Want};
use crate::committer::Committer;
use crate::entry::fold;
use crate::held::{Account, Loaded, Ready};
use crate::number::number;
use crate::progress::{Note, Progress, StartKey};
use crate::queries::code_hash;
use crate::shelf::InForce;
use crate::starts::Due;
use crate::world::{Clock as _, Ids as _, World};
use crate::written::{Stamp, changes, rows, written};

/// How long answers are kept: 72 hours.
const ANSWERS_KEPT: i64 = 72 * 3_600_000;
/// The most streams of one command.
pub const STREAMS_MAX: usize = 8;

/// A claimer's account with what is noted of it in this command.
struct Noted {
    before: Account,
    after: Option<Party>,
    facts: Vec<PartyFact>,
}

/// What is asked, of which case, under which definition.
struct Asked {
    ask: Ask,
    before: Option<Loaded>,
    digest: String,
    code: Option<String>,
    start: Option<Occurring>,
}

/// An occurrence that a case is opened for.
struct Occurring {
    key: StartKey,
    planned: Moment,
    progress: Progress,
}

/// The record that a case was opened for an occurrence, written with the case.
fn opened_for(
    start: Option<&Occurring>,
    cases: &[(String, Loaded)],
    at: Moment,
    cmd: &str,
) -> Result<Option<StreamAppend>, Denied> {
    let Some((Occurring { key, planned, progress }, (_, first))) = start.zip(cases.first()) else {
        return Ok(None);
    };
    let filing = &first.case.filing;
    let note = Note::Opened { case: &filing.stream, number: &filing.number };
    let part = progress.record(key.stream(), *planned, note, at, cmd.to_string());
    part.map(Some).map_err(|fault| Denied::Fault(fault.to_string()))
}

impl<W: World> Committer<W> {
    pub(crate) async fn load(&mut self, stream: &str) -> Result<Loaded, Denied> {
        if let Some(loaded) = self.cases.get(stream) {
            return Ok(loaded.clone());
        }
        let entries =
            self.desk.queries.timeline(stream).await.map_err(|fault| Denied::Fault(fault.to_string()))?;
        let (Some(case), Some(last)) = (fold(&entries, None), entries.last()) else {
            return Err(Denied::NotFound);
        };
        let in_force = self.desk.shelf.now();
        let workflow = in_force.workflow(&case.filing.digest).ok_or(Denied::NotFound)?;
        let rows = rows(workflow, &in_force.zone(), &case)?;
        let named = entries.iter().flat_map(|entry| entry.named.clone()).collect();
        let opened = if has_secret(workflow, &case) {
            self.desk.queries.reveal(stream).await.map_err(|fault| Denied::Fault(fault.to_string()))?
        } else {
            BTreeMap::new()
        };
        Ok(Loaded { case, seq: last.seq, at: last.at, rows, named, opened })
    }

    /// A claimer's account; a new one when there is none.
    async fn account(&self, stream: &str) -> Result<Account, Denied> {
        if let Some(account) = self.parties.get(stream) {
            return Ok(account.clone());
        }
        let store = self.desk.store();
        let fault = |fault: &dyn std::fmt::Display| Denied::Fault(fault.to_string());
        let records = store.load(stream, 0).await.map_err(|e| fault(&e))?;
        let mut account = Account::default();
        for record in &records {
            let header = Header::read(&record.bytes).map_err(|e| fault(&e))?;
            let facts = header.data.get("facts").cloned().unwrap_or_default();
            let facts: Vec<PartyFact> = serde_json::from_value(facts).map_err(|e| fault(&e))?;
            account.party = facts.iter().fold(account.party, party::evolve);
            (account.seq, account.at) = (header.seq, header.at);
        }
        Ok(account)
    }

    /// What is asked; nothing when it was done already.
    async fn asked(
        &mut self,
        in_force: &InForce,
        want: &Want,
        clock: Moment,
    ) -> Result<Option<Asked>, Denied> {
        let (ask, stream) = match want {
            Want::Open { .. } => {
                let (open, digest, code) = self.opening(in_force, want, None, clock).await?;
                let ask = Ask::Open(open);
                return Ok(Some(Asked { ask, before: None, digest, code, start: None }));
            }
            Want::Start { key, planned } => {
                return self.starting(in_force, key, *planned, clock).await;
            }
            Want::Act { stream, act } => (Ask::Act(act.clone()), stream),
            Want::Send { stream, event } => (Ask::Send(event.clone()), stream),
            Want::Hear { stream, heard } => (Ask::Hear(heard.clone()), stream),
            Want::Tick { stream } => (Ask::Tick, stream),
            Want::Redact { stream } => (Ask::Redact, stream),
        };
        let loaded = self.load(stream).await?;
        let digest = loaded.case.filing.digest.clone();
        Ok(Some(Asked { ask, before: Some(loaded), digest, code: None, start: None }))
    }

    /// Decides one order; nothing when there is nothing to write.
    pub(crate) async fn prepare(
        &mut self,
        in_force: &InForce,
        order: &Order,
    ) -> Result<Option<Ready>, Denied> {
        let clock = self.desk.world.clock().now();
        let Some(asked) = self.asked(in_force, &order.want, clock).await? else { return Ok(None) };
        let Asked { ask, before, digest, code, start } = asked;
        let law = in_force.law(&digest).ok_or(Denied::NotFound)?.map_err(Denied::Refused)?;
        // Whoever may not know of a case gets the answer of one that is not there.
        let seen = |loaded: &Loaded| sight(law.workflow, &loaded.case, &order.actor).is_some();
        if !before.as_ref().is_none_or(seen) {
            return Err(Denied::NotFound);
        }
        if is_stale(&ask, before.as_ref()) {
            return Err(Denied::Refused(Refusal::new(paidan_machine::Code::Stale)));
        }
        let cmd = self.desk.world.ids().id();
        let mut append = Append::default();
        let mut parties: BTreeMap<String, Noted> = BTreeMap::new();
        let command = Command { actor: order.actor.clone(), ask };
        let references = self.references(in_force, law.workflow, &command).await?;
        let Some((first, touches)) =
            self.decided(in_force, before, (&digest, &references), &command, &cmd, &mut append)?
        else {
            return Ok(None);
        };
        let mut cases = vec![(first.case.filing.stream.clone(), first)];
        for touch in touches {
            match touch {
                Touch::Party { party, claim, ask } => {
                    let item = cases.first().map(|(stream, _)| stream.clone()).unwrap_or_default();
                    self.touch_party(&party, (&item, claim), &ask, clock, &mut parties).await?;
                }
                Touch::Item { stream, hold } => {
                    let held = cases.iter().rev().find(|(held, _)| *held == stream).map(|(_, l)| l.clone());
                    let loaded = match held {
                        Some(loaded) => loaded,
                        None => self.load(&stream).await?,
                    };
                    let loaded = self.touch_item(in_force, loaded, hold, order, &cmd, &mut append)?;
                    cases.extend(loaded.map(|loaded| (loaded.case.filing.stream.clone(), loaded)));
                }
            }
        }
        let parties = write_parties(parties, &order.actor, &cmd, clock, &mut append)?;
        append.streams.extend(opened_for(start.as_ref(), &cases, clock, &cmd)?);
        if append.streams.len() > STREAMS_MAX {
            let what = Text { zh: "一次要写的档案".into(), en: "streams in one append".into() };
            let refusal = Refusal::new(paidan_machine::Code::TooMany).saying("what", what);
            return Err(Denied::Refused(refusal.with("limit", STREAMS_MAX)));
        }
        let Some((stream, first)) = cases.first() else { return Ok(None) };
        let receipt = Receipt {
            stream: stream.clone(),
            seq: first.seq,
            number: first.case.filing.number.clone(),
            code,
            repeated: false,
        };
        append.answer = order.key.as_ref().map(|key| Answer {
            key: key.key.clone(),
            cmd,
            body_hash: key.body_hash.clone(),
            stream: stream.clone(),
            seq: 0,
            expires: clock.millis() + ANSWERS_KEPT,
        });
        Ok(Some(Ready { append, receipt, cases, parties }))
    }

    /// Notes what a claim asks of a claimer's account.
    async fn touch_party(
        &self,
        party: &str,
        (item, claim): (&str, u32),
        ask: &PartyAsk,
        now: Moment,
        parties: &mut BTreeMap<String, Noted>,
    ) -> Result<(), Denied> {
        let stream = format!("party/{party}");
        if !parties.contains_key(&stream) {
            let before = self.account(&stream).await?;
            let after = before.party.clone();
            parties.insert(stream.clone(), Noted { before, after, facts: Vec::new() });
        }
        let Some(noted) = parties.get_mut(&stream) else { return Ok(()) };
        let facts =
            party::decide(noted.after.as_ref(), party, item, claim, ask, now).map_err(Denied::Refused)?;
        noted.after = facts.iter().fold(noted.after.take(), party::evolve);
        noted.facts.extend(facts);
        Ok(())
    }

    /// Asks an item on another list to hold a part of itself, or to let it go.
    fn touch_item(
        &self,
        in_force: &InForce,
        loaded: Loaded,
        hold: Hold,
        order: &Order,
        cmd: &str,
        append: &mut Append,
    ) -> Result<Option<Loaded>, Denied> {
        let digest = loaded.case.filing.digest.clone();
        let law = in_force.law(&digest).ok_or(Denied::NotFound)?.map_err(Denied::Refused)?;
        let ending = matches!(hold, Hold::End { .. });
        let actor = if ending { Actor::Engine } else { order.actor.clone() };
        if law.workflow.listing.is_none() || sight(law.workflow, &loaded.case, &actor).is_none() {
            return Err(Denied::NotFound);
        }
        let command = Command { actor, ask: Ask::Hold(hold) };
        let decided =
            self.decided(in_force, Some(loaded), (&digest, &References::default()), &command, cmd, append)?;
        Ok(decided.map(|(loaded, _)| loaded))
    }

    /// Decides a command upon one case and adds what it writes; gives the case afterwards and what is asked of others.
    fn decided(
        &self,
        in_force: &InForce,
        before: Option<Loaded>,
        (digest, references): (&str, &References),
        command: &Command,
        cmd: &str,
        append: &mut Append,
    ) -> Result<Option<(Loaded, Vec<Touch>)>, Denied> {
        let law = in_force.law(digest).ok_or(Denied::NotFound)?.map_err(Denied::Refused)?;
        let ids = self.desk.world.ids();
        let clock = self.desk.world.clock().now();
        let now = before.as_ref().map_or(clock, |loaded| loaded.at.max(clock));
        let none = BTreeMap::new();
        let opened = before.as_ref().map_or(&none, |loaded| &loaded.opened);
        let with = law.with_opened(opened).with_references(references);
        let decision = counted(in_force, &with, before.as_ref(), command, now, &mut || ids.salt());
        let decision = decision.map_err(Denied::Refused)?;
        if decision.drafts.is_empty() {
            return Ok(None);
        }
        let seq = before.as_ref().map_or(0, |loaded| loaded.seq);
        let rows = rows(law.workflow, &in_force.zone(), &decision.case)?;
        let (held, named, mut opened) =
            before.map(|loaded| (loaded.rows, loaded.named, loaded.opened)).unwrap_or_default();
        let ballots = decision.sealed.iter().filter(|sealed| sealed.field.starts_with("ballot/"));
        opened.extend(ballots.map(|sealed| (sealed.commitment.clone(), sealed.value.clone())));
        if !has_secret(law.workflow, &decision.case) {
            opened.clear();
        }
        let changed = differing(&named, &in_force.named);
        let loaded = Loaded {
            case: decision.case.clone(),
            seq: seq + decision.drafts.len() as u64,
            at: now,
            rows,
            named: in_force.named.clone(),
            opened,
        };
        let touches = decision.touches.clone();
        let stamp = Stamp { cmd, seq, now, law: &changed };
        let mut part = written(law.workflow, in_force, &stamp, decision, append)?;
        (part.rows, part.gone) = changes(&held, &loaded.rows);
        append.streams.push(part);
        Ok(Some((loaded, touches)))
    }

    /// The opening of a case for an occurrence of a start; nothing when it was dealt with already.
    async fn starting(
        &mut self,
        in_force: &InForce,
        key: &StartKey,
        planned: Moment,
        now: Moment,
    ) -> Result<Option<Asked>, Denied> {
        let due = self.desk.start_due(in_force, key, planned).await;
        let due = due.map_err(|fault| Denied::Fault(fault.to_string()))?;
        let Some(Due { fill, progress }) = due else { return Ok(None) };
        let (workflow, channel) = (key.workflow.clone(), "schedule".to_string());
        let want = Want::Open { workflow, fill, channel, parent: None, levels_of: None };
        let (open, digest, code) = self.opening(in_force, &want, key.unit.as_ref(), now).await?;
        let start = Some(Occurring { key: key.clone(), planned, progress });
        Ok(Some(Asked { ask: Ask::Open(open), before: None, digest, code, start }))
    }

    async fn opening(
        &mut self,
        in_force: &InForce,
        want: &Want,
        unit: Option<&UnitId>,
        now: Moment,
    ) -> Result<(Open, String, Option<String>), Denied> {
        let Want::Open { workflow, fill, channel, parent, levels_of } = want else {
            return Err(Denied::NotFound);
        };
        let digest = in_force.latest(workflow).ok_or(Denied::NotFound)?.to_string();
        let definition = in_force.workflow(&digest).ok_or(Denied::NotFound)?;
        let levels = match (levels_of, unit) {
            (Some(stream), _) => self.load(stream).await?.case.filing.levels,
            (None, Some(unit)) => in_force.roster.levels(unit),
            (None, None) => levels(in_force, definition, fill),
        };
        let turned = match parent {
            Some(parent) => Some(self.load(&parent.stream).await?.case).filter(was_turned),
            None => None,
        };
        let day = now.local(&in_force.zone()).format("%Y%m%d").to_string();
        let unit = unit_of(in_force, &levels);
        let serial = self.serial(&unit, &day).await.map_err(|fault| Denied::Fault(fault.to_string()))?;
        // What was turned into this case keeps its receipt: the same code opens both.
        let kept = turned.as_ref().and_then(|case| case.filing.code.clone());
        let code = if kept.is_some() { None } else { Some(self.desk.world.ids().code()) };
        let open = Open {
            stream: format!("{}/{}", kind_of(definition), self.desk.world.ids().id()),
            number: number(&unit, &day, serial),
            levels,
            fill: fill.clone(),
            channel: channel.clone(),
            code: kept.or(code.as_deref().map(code_hash)),
            parent: parent.clone(),
            since: turned.map(|case| case.filing.since.unwrap_or(case.filing.opened)),
        };
        Ok((open, digest, code))
    }
}

/// Whether somebody insists on a state of the case that is past.
fn is_stale(ask: &Ask, before: Option<&Loaded>) -> bool {
    match ask {
        Ask::Act(act) => act.seen.zip(before).is_some_and(|(seen, loaded)| seen < loaded.seq),
        Ask::Open(_)
        | Ask::Send(_)
        | Ask::Hear(_)
        | Ask::Tick
        | Ask::Recount
        | Ask::Redact
        | Ask::Hold(_) => false,
    }
}

/// Whether a case ended by going on in another (转办).
fn was_turned(case: &Case) -> bool {
    case.life.class == Some(paidan_model::outcome::Class::MovedOn)
}

/// Adds one record for each claimer's account that was touched; gives the accounts afterwards.
fn write_parties(
    parties: BTreeMap<String, Noted>,
    actor: &Actor,
    cmd: &str,
    now: Moment,
    append: &mut Append,
) -> Result<Vec<(String, Account)>, Denied> {
    let mut after = Vec::new();
    for (stream, noted) in parties {
        let at = now.millis().max(noted.before.at);
        let said = body(&actor.by(None), None, &json!({ "facts": noted.facts }));
        let said = said.map_err(|fault| Denied::Fault(fault.to_string()))?;
        append.streams.push(StreamAppend {
            stream: stream.clone(),
            expected: noted.before.seq,
            drafts: vec![Draft { at, cmd: cmd.to_string(), kind: "claimed".into(), body: said }],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        });
        after.push((stream, Account { party: noted.after, seq: noted.before.seq + 1, at }));
    }
    Ok(after)
}

/// Whether a vote is open whose ballots only the vault can read.
fn has_secret(workflow: &Workflow, case: &Case) -> bool {
    let secret = |id| workflow.votes.get(id).is_some_and(|vote| vote.secret);
    case.votes.polls.iter().any(|(id, poll)| poll.is_open() && secret(id))
}

/// The kind of stream that a definition's cases are: what stands on a list is an item.
fn kind_of(workflow: &Workflow) -> &'static str {
    if workflow.listing.is_some() { "item" } else { "case" }
}

/// The units of the place that the form names, by kind; without a known place, the centre alone.
fn levels(
    in_force: &InForce,
    workflow: &Workflow,
    fill: &BTreeMap<String, Json>,
) -> BTreeMap<UnitKind, UnitId> {
    let roster = &in_force.roster;
    let meant = workflow.field_that_means(Meaning::Place).map(|(id, _)| id);
    let places = workflow.fields.iter().filter(|(_, field)| field.kind == FieldType::Place);
    let places = places.map(|(id, _)| id).filter(|id| meant.is_none_or(|meant| meant == *id));
    let named = places.filter_map(|id| fill.get(id.as_str()).and_then(Json::as_str)).next();
    let place = named.and_then(paidan_model::id::PlaceId::parse).and_then(|id| roster.places.get(&id));
    if let Some(place) = place {
        return roster.levels(&place.grid);
    }
    let top = roster.units.iter().find(|(_, unit)| unit.parent.is_none());
    top.map(|(id, unit)| BTreeMap::from([(unit.kind.clone(), id.clone())])).unwrap_or_default()
}

/// The unit that a number names, as the town says.
fn unit_of(in_force: &InForce, levels: &BTreeMap<UnitKind, UnitId>) -> String {
    in_force.roster.numbering(levels).map_or_else(|| "CASE".to_string(), ToString::to_string)
}

/// What is named now and was not, or otherwise.
fn differing(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let other = |(kind, digest): &(&String, &String)| before.get(*kind) != Some(*digest);
    now.iter().filter(other).map(|(kind, digest)| (kind.clone(), digest.clone())).collect()
}

/// Decides a command; when the calendars are others than the case was counted by, its due moments are counted again
/// first, so that no timer fires by a calendar that is no longer in force.
fn counted(
    in_force: &InForce,
    law: &paidan_machine::Law<'_>,
    before: Option<&Loaded>,
    command: &Command,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<Decision, Refusal> {
    let calendars = |named: &BTreeMap<String, String>| named.get("calendars").cloned();
    // Where units name calendars, another roster is another calendar.
    let rosters = |named: &BTreeMap<String, String>| named.get("roster").cloned();
    let stale = |held: &&Loaded| {
        calendars(&held.named) != calendars(&in_force.named)
            || (law.workflow.counts_by_units() && rosters(&held.named) != rosters(&in_force.named))
    };
    let Some(loaded) = before.filter(stale) else {
        return decide(law, before.map(|loaded| &loaded.case), command, now, salt);
    };
    let again = Command { actor: Actor::Engine, ask: Ask::Recount };
    let first = decide(law, Some(&loaded.case), &again, now, salt)?;
    let second = decide(law, Some(&first.case), command, now, salt)?;
    Ok(Decision {
        case: second.case,
        drafts: first.drafts.into_iter().chain(second.drafts).collect(),
        sealed: first.sealed.into_iter().chain(second.sealed).collect(),
        touches: first.touches.into_iter().chain(second.touches).collect(),
        files: first.files.into_iter().chain(second.files).collect(),
        eventless: second.eventless,
    })
}
