//! Stand-ins (代理): somebody is away for a while, and a colleague has their posts meanwhile. The list is a document in
//! the journal, each change with a record of who made it; case records name its digest when it has changed.

use paidan_journal::entry::{Draft, StreamAppend};
use paidan_journal::{Fault, Store as _};
use paidan_machine::actor::Actor;
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, LEVELS_MAX, Roster};
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::world::{Clock as _, Ids as _, World};

/// Absences that are not over, at most.
pub const ABSENCES_MAX: usize = 2_000;
/// The longest absence, in days.
pub const DAYS_MAX: i64 = 366;
/// The stream of their changes.
const STREAM: &str = "document/absences";

/// Why an absence is not written.
#[derive(Debug, thiserror::Error)]
pub enum NotAway {
    /// It cannot be so.
    #[error("{0}")]
    Unfit(&'static str),
    /// Somebody else wrote one at the same moment.
    #[error("somebody else has just written an absence; try again")]
    Conflict,
    /// The store failed.
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// Whether two people work together: the deputy at one of the person's units, or at one above it.
#[must_use]
pub fn may_stand_in(roster: &Roster, person: &str, deputy: &str) -> bool {
    let posts = |who: &str| roster.people.get(who).map(|found| found.posts.as_slice()).unwrap_or_default();
    let above = |unit| {
        let mut at = Some(unit);
        let mut found = Vec::new();
        for _ in 0..LEVELS_MAX {
            let Some(unit) = at else { break };
            found.push(unit);
            at = roster.units.get(unit).and_then(|unit| unit.parent.as_ref());
        }
        found
    };
    person != deputy
        && posts(person)
            .iter()
            .flat_map(|held| above(&held.unit))
            .any(|unit| posts(deputy).iter().any(|held| held.unit == *unit))
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
            return Err(NotAway::Unfit("an absence ends after it begins, and not in the past"));
        }
        if absence.until > absence.from.plus_seconds(DAYS_MAX * 86_400) {
            return Err(NotAway::Unfit("an absence is 366 days at most"));
        }
        if !may_stand_in(&shelf.roster, &absence.person, &absence.deputy) {
            let why = "a stand-in is a colleague at one of the person's units, or at one above it";
            return Err(NotAway::Unfit(why));
        }
        let change = json!({
            "person": absence.person, "deputy": absence.deputy,
            "from": absence.from.millis(), "until": absence.until.millis(),
        });
        let mut all = self.others(&absence.person, now);
        all.push(absence);
        self.write_absences(by, all, "away", change).await
    }

    /// Writes that somebody is back; false when they were not away.
    ///
    /// # Errors
    /// [`NotAway`]; nothing has changed then.
    pub async fn end_absence(&self, by: &Actor, person: &str) -> Result<bool, NotAway> {
        let now = self.world.clock().now();
        let shelf = self.shelf.now();
        if !shelf.absences.iter().any(|absence| absence.person == person && absence.until > now) {
            return Ok(false);
        }
        let others = self.others(person, now);
        self.write_absences(by, others, "back", json!({ "person": person })).await?;
        Ok(true)
    }

    /// The absences of everybody else that are not over.
    fn others(&self, person: &str, now: Moment) -> Vec<Absence> {
        let shelf = self.shelf.now();
        shelf.absences.iter().filter(|held| held.person != person && held.until > now).cloned().collect()
    }

    async fn write_absences(
        &self,
        by: &Actor,
        mut all: Vec<Absence>,
        kind: &str,
        change: Json,
    ) -> Result<(), NotAway> {
        if all.len() > ABSENCES_MAX {
            return Err(NotAway::Unfit("there are too many absences already"));
        }
        all.sort();
        let head = self.world.store().head(self.tenant, STREAM).await?.unwrap_or_default();
        let by = serde_json::to_value(by.by(None)).map_err(|error| Fault::Record(error.to_string()))?;
        let draft = Draft {
            at: self.world.clock().now().millis(),
            by,
            cmd: self.world.ids().id(),
            data: change,
            due: None,
            kind: kind.into(),
        };
        let record = StreamAppend {
            stream: STREAM.into(),
            expected: head.seq,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        };
        match self.shelf.publish_absences(self.world.store(), self.tenant, &all, record).await? {
            true => Ok(()),
            false => Err(NotAway::Conflict),
        }
    }
}
