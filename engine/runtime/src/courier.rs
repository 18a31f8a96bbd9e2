//! The courier: takes letters from the outbox to people; its failures are retried, then seen by a person.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, stream};
use paidan_journal::Fault;
use paidan_journal::entry::Posted;
use paidan_journal::store::Delivery;
use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_machine::audience::Audience;
use paidan_machine::command::{Child, Heard, Parent};
use paidan_machine::errand::{Errand, Letter};
use paidan_model::field::SetBy;
use paidan_model::id::{ActionId, FieldId, WorkflowId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::notice::render;
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use serde_json::Value as Json;
use tokio::sync::broadcast;

use crate::commands::{Denied, Key, Live, Want};
use crate::count::add;
use crate::desk::Desk;
use crate::recipient::{addresses, subjects_at};
use crate::shelf::InForce;
use crate::world::{Clock as _, Message, Sent, Transport as _, World};

/// Letters taken at once.
pub const SLICE: u32 = 64;
/// Seconds to the next try, by how many went before; after the last a person has to look.
/// The ladder of the Standard Webhooks specification.
pub const RETRY_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Letters under way at once.
pub const AT_ONCE: usize = 16;
/// The longest sleep, in milliseconds of the clock on the wall.
const SLEEP_MAX: i64 = 1_000;

/// Takes letters to people.
#[derive(Debug)]
pub struct Courier<W: World> {
    desk: Desk<W>,
    live: broadcast::Receiver<Live>,
    /// Where links lead, such as `http://127.0.0.1:8311`.
    base: String,
}

impl<W: World> Courier<W> {
    /// The courier of a desk; links lead to `base`.
    #[must_use]
    pub fn new(desk: Desk<W>, base: &str) -> Self {
        let live = desk.commands.events();
        Self { desk, live, base: base.trim_end_matches('/').to_string() }
    }

    /// Takes what may go out now; says how many letters it took.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn step(&mut self) -> Result<usize, Fault> {
        let store = self.desk.store();
        let now = self.desk.world.clock().now();
        let ready = store.letters_ready(now.millis(), SLICE).await?;
        let this: &Self = self;
        let mut under_way =
            stream::iter(&ready).map(|posted| async move { (posted, this.deliver(posted).await) });
        let mut sent = under_way.by_ref().buffer_unordered(AT_ONCE);
        while let Some((posted, sent)) = sent.next().await {
            let delivery = outcome(sent?, posted.attempts, this.desk.world.clock().now());
            this.count(&delivery);
            store.letter_done(&posted.letter.id, delivery).await?;
        }
        if let Some(last) = ready.last() {
            self.desk.commands.tell(|| Live {
                stream: last.letter.stream.clone(),
                seq: 0,
                number: String::new(),
                owners: Vec::new(),
            });
        }
        Ok(ready.len())
    }

    /// Takes letters until stopped from outside; waits while the disk is full.
    ///
    /// # Errors
    /// As for [`Courier::step`].
    pub async fn run(mut self) -> Result<(), Fault> {
        loop {
            match self.step().await {
                Ok(0) => {}
                Ok(_) => continue,
                // What was sent and not noted is sent again under the same id when there is room.
                Err(fault) if fault.is_full() => tracing::error!(%fault, "deliveries cannot be noted"),
                Err(fault) => return Err(fault),
            }
            let clock = self.desk.world.clock();
            let next = clock.now().plus_millis(SLEEP_MAX.saturating_mul(i64::from(clock.speed())));
            tokio::select! {
                () = clock.until(next) => {}
                news = self.live.recv() => match news {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                },
            }
        }
    }

    fn count(&self, delivery: &Delivery) {
        let counts = &self.desk.counts;
        match delivery {
            Delivery::Delivered { .. } => add(&counts.delivered, 1),
            Delivery::Again { .. } => add(&counts.put_off, 1),
            Delivery::Dead { .. } => add(&counts.dead, 1),
        }
    }

    async fn deliver(&self, posted: &Posted) -> Result<Sent, Fault> {
        let errand: Errand = match serde_json::from_str(&posted.letter.body) {
            Ok(errand) => errand,
            Err(error) => return Ok(Sent::Never(error.to_string())),
        };
        match errand {
            Errand::Tell(letter) => self.tell(posted, &letter).await,
            Errand::OpenChild { workflow, fields, n } => {
                Ok(self.open_child(posted, (workflow, n), &fields).await?)
            }
            Errand::Report { parent, event, child } => {
                Ok(self.report(&parent, event.as_str(), child, posted).await)
            }
            Errand::ReportToParent { parent, outcome, child } => {
                let named = outcome.as_str();
                let heard = self.hears(&parent, named).await?;
                Ok(self.report(&parent, if heard { named } else { "ended" }, child, posted).await)
            }
        }
    }

    /// Tells whoever the letter is for: each by the first of their channels that takes it.
    async fn tell(&self, posted: &Posted, letter: &Letter) -> Result<Sent, Fault> {
        let shelf = self.desk.shelf.now();
        let stream = &posted.letter.stream;
        let case = self.desk.queries.case(stream).await?;
        let mut last = match letter.stand_in {
            true => Sent::Delivered("the absence is over".into()),
            false => Sent::Never("nobody holds that post".into()),
        };
        for (audience, who) in self.people(&shelf, letter) {
            last = Sent::Never(format!("{who} has no address"));
            for to in addresses(&shelf.roster, letter, &who) {
                let message = Message {
                    id: format!("{}/{who}", posted.letter.id),
                    to,
                    text: words(&self.base, &self.desk.shelf.now().zone(), letter, case.as_ref(), stream),
                    number: letter.number.clone(),
                    stream: stream.clone(),
                    notice: letter.notice.to_string(),
                    link: format!("{}/{stream}", self.base),
                };
                last = self.desk.world.transport().send(&message).await;
                if matches!(last, Sent::Delivered(_)) {
                    break;
                }
                tracing::warn!(id = message.id, channel = message.to.channel, ?audience, "not delivered");
            }
            if !matches!(last, Sent::Delivered(_)) {
                return Ok(last);
            }
        }
        Ok(last)
    }

    /// The person it was written for, if they still are one of those meant; else whoever is now.
    fn people<'l>(&self, shelf: &InForce, letter: &'l Letter) -> Vec<(&'l Audience, String)> {
        let mut found = Vec::new();
        for audience in &letter.to {
            let now = subjects_at(shelf, audience, self.desk.world.clock().now());
            match &letter.person {
                Some(person) if now.contains(person) => found.push((audience, person.clone())),
                // Written for a stand-in whose time is over: those who hold the job have letters of their own.
                Some(_) if letter.stand_in => {}
                Some(_) | None => found.extend(now.into_iter().map(|who| (audience, who))),
            }
        }
        found
    }

    async fn open_child(
        &self,
        posted: &Posted,
        (workflow, n): (WorkflowId, u32),
        fields: &BTreeMap<FieldId, Held>,
    ) -> Result<Sent, Fault> {
        let shelf = self.desk.shelf.now();
        let Some(definition) = shelf.latest(&workflow).and_then(|digest| shelf.workflow(digest)) else {
            return Ok(Sent::Never(format!("there is no workflow {workflow}")));
        };
        let opened = self.desk.queries.reveal(&posted.letter.stream).await?;
        let mut fill = BTreeMap::new();
        let case = self.desk.queries.case(&posted.letter.stream).await?;
        let own = case.as_ref().and_then(|case| shelf.workflow(&case.filing.digest));
        let kind = |id: &FieldId| Some(own?.fields.get(own?.source_of(&workflow, id))?.kind);
        // What only the engine writes is not part of a form, and a namesake of another type is something else.
        let asked = |id: &FieldId| {
            let theirs = definition.fields.get(id);
            theirs.is_some_and(|f| f.set_by == SetBy::People && kind(id).is_none_or(|kind| kind == f.kind))
        };
        // One of a list that stays behind would be one of nothing: the other case names its own.
        let whole = |id: &FieldId| {
            let list = definition.fields.get(id).and_then(|field| field.among.as_ref());
            list.is_none_or(|list| fields.contains_key(list) && asked(list))
        };
        for (id, held) in fields.iter().filter(|(id, _)| asked(id) && whole(id)) {
            let value = match held {
                Held::Open(value) => plain(value),
                Held::Sealed(commitment) => opened.get(commitment).cloned(),
            };
            fill.extend(value.map(|value| (id.to_string(), value)));
        }
        let stream = posted.letter.stream.clone();
        let levels_of = Some(stream.clone());
        let parent = Some(Parent { stream, n });
        let want = Want::Open { workflow, fill, channel: "case".into(), levels_of, parent };
        let key = Key::of(&["child", &posted.letter.id], b"");
        Ok(match self.desk.commands.ask(Actor::Engine, want, Some(key)).await {
            Ok(receipt) => Sent::Delivered(receipt.number),
            Err(Denied::Refused(refusal)) => Sent::Never(refusal.text().en),
            Err(Denied::NotFound) => Sent::Never("not found".into()),
            Err(denied) => Sent::Later(denied.to_string()),
        })
    }

    /// Whether the parent's definition has an event of its own for how a child ended.
    async fn hears(&self, parent: &str, what: &str) -> Result<bool, Fault> {
        let Some(case) = self.desk.queries.case(parent).await? else { return Ok(false) };
        let shelf = self.desk.shelf.now();
        let event = child_event(what);
        let states = shelf.workflow(&case.filing.digest).map(|workflow| workflow.states.values());
        Ok(states.into_iter().flatten().any(|s| event.as_ref().is_some_and(|event| s.on.contains_key(event))))
    }

    async fn report(&self, parent: &str, what: &str, child: Option<Child>, posted: &Posted) -> Sent {
        let Some(event) = child_event(what) else { return Sent::Never(String::new()) };
        let stream = parent.to_string();
        let want = match child {
            Some(child) => Want::Hear { stream, heard: Heard { event, child } },
            None => Want::Send { stream, event },
        };
        let key = Key::of(&["report", &posted.letter.id], b"");
        match self.desk.commands.ask(Actor::Engine, want, Some(key)).await {
            Ok(_) => Sent::Delivered("reported".into()),
            Err(Denied::Refused(refusal)) => Sent::Never(refusal.text().en),
            Err(Denied::NotFound) => Sent::Never("not found".into()),
            Err(denied) => Sent::Later(denied.to_string()),
        }
    }
}

/// The words of a letter in both languages, with a link below `base`. Groups get the number and the link; nothing
/// personal is in either.
#[must_use]
pub fn words(base: &str, zone: &Zone, letter: &Letter, case: Option<&Case>, stream: &str) -> Text {
    let link = format!("{base}/{stream}");
    let value = |name: &str, state: &str, clock: &str| match name {
        "number" => Some(letter.number.clone()),
        "state" => Some(state.to_string()),
        "clock" => Some(clock.to_string()),
        "due" => letter.due.map(|due| due.local_text(zone)),
        "link" => Some(link.clone()),
        _ => FieldId::parse(name).and_then(|id| case?.form.fields.get(&id)).and_then(shown),
    };
    Text {
        zh: render(&letter.text.zh, |name| value(name, &letter.state.zh, &letter.clock_title.zh)),
        en: render(&letter.text.en, |name| value(name, &letter.state.en, &letter.clock_title.en)),
    }
}

/// The event by which a case hears of one it opened.
fn child_event(what: &str) -> Option<ActionId> {
    ActionId::parse(&format!("{}{what}", paidan_machine::CHILD_PREFIX))
}

fn outcome(sent: Sent, attempts: u32, now: Moment) -> Delivery {
    let wait = usize::try_from(attempts).ok().and_then(|n| RETRY_SECONDS.get(n));
    let again = |note, seconds: i64, tried| {
        let not_before = now.plus_seconds(seconds).millis();
        Delivery::Again { note, not_before, tried }
    };
    match (sent, wait) {
        (Sent::Delivered(note), _) => Delivery::Delivered { note, at: now.millis() },
        (Sent::After { note, seconds, tried: false }, _) => again(note, i64::from(seconds), false),
        (Sent::After { note, seconds, .. }, Some(wait)) => again(note, i64::from(seconds).max(*wait), true),
        (Sent::Later(note), Some(wait)) => again(note, *wait, true),
        (Sent::Later(note) | Sent::Never(note) | Sent::After { note, .. }, _) => {
            Delivery::Dead { note, at: now.millis() }
        }
    }
}

/// A value as words; personal values are never shown here.
fn shown(held: &Held) -> Option<String> {
    match plain(held.open()?)? {
        Json::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

pub(crate) fn plain(value: &Value) -> Option<Json> {
    match serde_json::to_value(value).ok()? {
        Json::Object(map) => map.into_iter().next().map(|(_, inner)| inner),
        other => Some(other),
    }
}
