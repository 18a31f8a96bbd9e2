//! What a decision becomes in the store: records, letters, personal values, files that are named, rows of lists.

use std::collections::BTreeMap;

use paidan_journal::canonical::to_vec;
use paidan_journal::entry::{Append, Draft, FileUse, Letter, StreamAppend, VaultRow, ViewRow};
use paidan_machine::audience::Audience;
use paidan_machine::errand::Errand;
use paidan_machine::record::Body;
use paidan_machine::{Case, Decision, errands};
use paidan_model::moment::{Moment, Zone};
use paidan_model::workflow::Workflow;

use crate::commands::Denied;
use crate::photo::is_digest;
use crate::recipient::{is_own, subjects_at};
use crate::shelf::InForce;

/// Under what a decision is recorded.
pub(crate) struct Stamp<'s> {
    /// The command's id.
    pub cmd: &'s str,
    /// The last sequence of the stream before it.
    pub seq: u64,
    /// When.
    pub now: Moment,
    /// What its first record names of the law: what is other than before.
    pub law: &'s BTreeMap<String, String>,
}

/// Adds the letters and vault values of a decision, and gives what its stream gets.
pub(crate) fn written(
    workflow: &Workflow,
    in_force: &InForce,
    stamp: &Stamp<'_>,
    decision: Decision,
    append: &mut Append,
) -> Result<StreamAppend, Denied> {
    let Stamp { cmd, seq, now, law } = *stamp;
    let Decision { case, drafts, sealed, files, .. } = decision;
    let stream = case.filing.stream.clone();
    append.files.extend(files.into_iter().filter(|named| is_digest(&named.file)).map(|named| FileUse {
        digest: named.file,
        stream: stream.clone(),
        commitment: named.commitment.unwrap_or_default(),
    }));
    let mut count = 0;
    let mut records = Vec::new();
    for (n, draft) in (1u64..).zip(&drafts) {
        for errand in errands(workflow, &case, &draft.facts) {
            let letters = letters_of(in_force, &stream, seq + n, errand, count, now)?;
            count += letters.len();
            append.letters.extend(letters);
        }
        let named = if n == 1 { law } else { &BTreeMap::new() };
        let body = to_vec(&Body::new(&stream, draft, named));
        records.push(Draft {
            at: draft.at.millis(),
            cmd: cmd.to_string(),
            kind: draft.kind.clone(),
            body: body.map_err(|fault| Denied::Fault(fault.to_string()))?,
        });
    }
    append.vault.extend(sealed.into_iter().map(|sealed| VaultRow {
        commitment: sealed.commitment,
        subject: sealed.subject,
        stream: stream.clone(),
        field: sealed.field,
        salt: sealed.salt.to_vec(),
        value: sealed.value.to_string(),
    }));
    Ok(StreamAppend {
        stream,
        expected: seq,
        drafts: records,
        due: case.next_due().map(Moment::millis),
        number: Some(case.filing.number.clone()),
        rows: Vec::new(),
        gone: Vec::new(),
    })
}

/// What is to be written so that the rows held become the rows wanted: those new or other, and the keys of those gone.
pub(crate) fn changes(held: &[ViewRow], wanted: &[ViewRow]) -> (Vec<ViewRow>, Vec<(String, String)>) {
    let before: BTreeMap<(&str, &str), &ViewRow> =
        held.iter().map(|row| ((row.view.as_str(), row.key.as_str()), row)).collect();
    let mut gone = before.clone();
    let mut rows = Vec::new();
    for row in wanted {
        let place = (row.view.as_str(), row.key.as_str());
        gone.remove(&place);
        if before.get(&place) != Some(&row) {
            rows.push(row.clone());
        }
    }
    (rows, gone.into_keys().map(|(view, key)| (view.to_string(), key.to_string())).collect())
}

/// The rows of every view that a case has, as the store keeps them.
///
/// # Errors
/// When a row has no JSON; not for cases that the machine made.
pub fn rows(workflow: &Workflow, zone: &Zone, case: &Case) -> Result<Vec<ViewRow>, Denied> {
    let found = paidan_views::rows(workflow, zone, case).into_iter();
    found
        .map(|row| {
            let body = serde_json::to_string(&row.body).map_err(|error| Denied::Fault(error.to_string()))?;
            Ok(ViewRow {
                view: row.view,
                key: row.key,
                owner: row.owner,
                due: row.due.map(Moment::millis),
                body,
            })
        })
        .collect()
}

/// The letters of an errand: one for each person, so that each is delivered and retried by itself.
fn letters_of(
    in_force: &InForce,
    stream: &str,
    seq: u64,
    errand: Errand,
    before: usize,
    now: Moment,
) -> Result<Vec<Letter>, Denied> {
    let parts = match errand {
        Errand::Tell(letter) => {
            let not_before = letter.not_before;
            let one = |audience: &Audience, person: Option<String>| {
                let mut one = letter.clone();
                one.to = vec![audience.clone()];
                one.stand_in = person.as_ref().is_some_and(|who| !is_own(in_force, audience, who, now));
                one.person = person;
                (Errand::Tell(one), not_before)
            };
            let each = |audience: &Audience| match subjects_at(in_force, audience, now) {
                people if people.is_empty() => vec![one(audience, None)],
                people => people.into_iter().map(|person| one(audience, Some(person))).collect(),
            };
            letter.to.iter().flat_map(each).collect()
        }
        other @ (Errand::OpenChild { .. } | Errand::ReportToParent { .. } | Errand::Report { .. }) => {
            vec![(other, now)]
        }
    };
    let mut found = Vec::new();
    for (k, (errand, not_before)) in parts.into_iter().enumerate() {
        let body = serde_json::to_string(&errand).map_err(|error| Denied::Fault(error.to_string()))?;
        let id = format!("{stream}/{seq}/{}", before + k);
        found.push(Letter { id, stream: stream.to_string(), seq, body, not_before: not_before.millis() });
    }
    Ok(found)
}
