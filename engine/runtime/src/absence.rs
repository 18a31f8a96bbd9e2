//! Stand-ins (代理): somebody is away for a while, and a colleague has their posts meanwhile. The list is a document in
//! the journal, each change with a record of who made it; case records name its digest when it has changed.

use paidan_journal::Fault;
use paidan_journal::entry::{Draft, StreamAppend};
use paidan_journal::record::body;
use paidan_machine::actor::Actor;
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, Roster, Watch};
use paidan_model::text::Text;
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::shelf::{ABSENCES, absences};
use crate::town;
use crate::world::{Clock as _, Ids as _, World};

/// Absences that are not over, at most.
pub const ABSENCES_MAX: usize = 2_000;
/// How often a change is tried again when others write at the same moment.
const RETRIES_MAX: u32 = 16;
/// The longest absence, in days.
pub const DAYS_MAX: i64 = 366;
/// Why an absence is not written.
#[derive(Debug, thiserror::Error)]
pub enum NotAway {
    /// It cannot be so.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// Somebody else wrote one at the same moment.
    #[error("somebody else has just written an absence; try again")]
    Conflict,
    /// The store failed.
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// Whether two people work together at a moment: the deputy at one of the person's units, or at one above it. Whoever watches over
/// others does none of their work.
#[must_use]
pub fn may_stand_in(roster: &Roster, person: &str, deputy: &str, at: Moment) -> bool {
    let own = roster.posts_of(deputy, &[], at);
    let watches = own.iter().any(|held| held.watch != Watch::No);
    let posts = roster.posts_of(person, &[], at);
    person != deputy && !watches && posts.iter().any(|held| roster.is_near(&held.unit, &own))
}

fn unfit(zh: &str, en: &str) -> NotAway {
    NotAway::Unfit(Text { zh: zh.into(), en: en.into() })
}

/// What is to be written.
enum Change {
    Away(Absence),
    Back(String),
}

impl<W: World> Desk<W> {
    /// Writes that somebody is away and who stands in; one absence for each person, the last one written counts. In
    /// force at once.
    ///
    /// # Errors
    /// [`NotAway`]; nothing has changed then.
    pub async fn put_absence(&self, by: &Actor, absence: Absence) -> Result<(), NotAway> {
        let shelf = self.shelf.now();
        let now = self.world.clock().now();
        if absence.until <= absence.from || absence.until <= now {
            return Err(unfit(
                "结束时间要晚于开始时间，也不能在过去",
                "an absence ends after it begins, and not in the past",
            ));
        }
        if absence.until > absence.from.plus_seconds(DAYS_MAX * 86_400) {
            return Err(unfit("一次最长366天", "an absence is 366 days at most"));
        }
        if !may_stand_in(&shelf.roster, &absence.person, &absence.deputy, now) {
            return Err(unfit(
                "代办人须是同一单位或上级单位的同事；审计、仲裁、督查人员不代办",
                "a stand-in is a colleague at one of the person's units, or at one above it, and nobody who watches over others",
            ));
        }
        self.written_whole(by, Change::Away(absence)).await.map(|_| ())
    }

    /// Writes that somebody is back; false when they were not away.
    ///
    /// # Errors
    /// [`NotAway`]; nothing has changed then.
    pub async fn end_absence(&self, by: &Actor, person: &str) -> Result<bool, NotAway> {
        self.written_whole(by, Change::Back(person.to_string())).await
    }

    /// Writes a change in a task of its own: whoever asked may leave, and it is done whole or not at all.
    async fn written_whole(&self, by: &Actor, change: Change) -> Result<bool, NotAway> {
        let (desk, by) = (self.clone(), by.clone());
        let done = tokio::spawn(async move { desk.write_absence(&by, change).await }).await;
        done.map_err(|error| Fault::Record(format!("the absence was not written: {error}")))?
    }

    async fn write_absence(&self, by: &Actor, change: Change) -> Result<bool, NotAway> {
        let store = self.store();
        for _ in 0..=RETRIES_MAX {
            // The list with the record that the new one follows: whoever wrote in between is not lost.
            let held = absences(store).await?;
            let now = self.world.clock().now();
            let Some((all, kind, mut data)) = changed(&held.list, &change, now)? else {
                return Ok(false);
            };
            let document = town::document("absences", &all)?;
            if let Some(members) = data.as_object_mut() {
                members.insert("digest".into(), document.digest.clone().into());
            }
            let record = self.absence_record(by, kind, &data, held.seq)?;
            if self.shelf.publish_absences(store, document, record).await? {
                return Ok(true);
            }
        }
        Err(NotAway::Conflict)
    }

    fn absence_record(
        &self,
        by: &Actor,
        kind: &str,
        data: &Json,
        expected: u64,
    ) -> Result<StreamAppend, Fault> {
        let draft = Draft {
            at: self.world.clock().now().millis(),
            cmd: self.world.ids().id(),
            kind: kind.into(),
            body: body(&by.by(None), None, data)?,
        };
        Ok(StreamAppend {
            stream: ABSENCES.into(),
            expected,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        })
    }
}

/// A list of absences, and the kind and data of the record that brings it about.
type Listed = (Vec<Absence>, &'static str, Json);

/// The list after a change, with the kind and data of its record; nothing when there is nothing to change. What is over
/// is left out.
fn changed(held: &[Absence], change: &Change, now: Moment) -> Result<Option<Listed>, NotAway> {
    let person = match change {
        Change::Away(absence) => &absence.person,
        Change::Back(person) => person,
    };
    let open = held.iter().filter(|absence| absence.until > now);
    let (own, mut all): (Vec<Absence>, Vec<Absence>) = open.cloned().partition(|held| held.person == *person);
    let (kind, data) = match change {
        Change::Back(_) if own.is_empty() => return Ok(None),
        Change::Back(person) => ("back", json!({ "person": person })),
        Change::Away(absence) => {
            all.push(absence.clone());
            let data = json!({
                "person": absence.person, "deputy": absence.deputy,
                "from": absence.from.millis(), "until": absence.until.millis(),
            });
            ("away", data)
        }
    };
    if all.len() > ABSENCES_MAX {
        return Err(unfit("请假记录太多", "there are too many absences already"));
    }
    all.sort();
    Ok(Some((all, kind, data)))
}
