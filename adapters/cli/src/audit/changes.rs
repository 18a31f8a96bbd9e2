//! `paidan audit changes`: who wrote which field, what stood there before, what was put there, and for what reason.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, bail};
use paidan_journal::{Sqlite, Store as _};
use paidan_machine::actor::By;
use paidan_machine::fact::{CaseFact, Fact, FormFact};
use paidan_model::id::FieldId;
use paidan_model::value::Held;
use paidan_runtime::entry::Entry;
use serde_json::Value as Json;

use super::{open, stream_of};
use crate::exit::Exit;
use crate::line::say;

/// Prints the changes of a case; of one field when it is named.
///
/// # Errors
/// When there is no such store or no such case.
pub async fn run(case: &str, path: &Path, field: Option<&str>) -> Result<Exit> {
    let store = open(path).await?;
    let stream = stream_of(&store, case).await?;
    let vault = vault(&store, &stream).await?;
    let records = store.load(Default::default(), &stream, 0).await?;
    if records.is_empty() {
        bail!("there is no case `{case}`")
    }
    let zone = crate::engine::zone(&store).await?;
    let mut now: BTreeMap<FieldId, Held> = BTreeMap::new();
    for record in records {
        let Entry { seq, at, by, facts, .. } = Entry::read(&stream, &record)?;
        let reason = facts.iter().find_map(|fact| match fact {
            Fact::Case(CaseFact::Reasoned { reason }) => Some(format!(" because {}", said(reason, &vault))),
            _ => None,
        });
        let at = at.local_text(&zone);
        let who = who(&by);
        for (id, old, new) in changes(&mut now, &facts) {
            if field.is_some_and(|field| field != id.as_str()) {
                continue;
            }
            let told = |held: &Option<Held>| held.as_ref().map_or("-".to_string(), |held| said(held, &vault));
            let why = reason.as_deref().unwrap_or_default();
            say!("{at} record {} {who} {id}: {} -> {}{why}", seq, told(&old), told(&new));
        }
    }
    store.close().await;
    Ok(Exit::Fine)
}

/// What one record changes: the field, what stood there, what stands there now.
fn changes(now: &mut BTreeMap<FieldId, Held>, facts: &[Fact]) -> Vec<(FieldId, Option<Held>, Option<Held>)> {
    let mut found = Vec::new();
    for fact in facts {
        match fact {
            Fact::Form(FormFact::Filled { field, value }) => {
                let old = now.insert(field.clone(), value.clone());
                found.push((field.clone(), old, Some(value.clone())));
            }
            Fact::Form(FormFact::Cleared { field }) => {
                let old = now.remove(field);
                found.push((field.clone(), old, None));
            }
            _ => {}
        }
    }
    // What is cleared on the way, and stood empty, is no change.
    found.retain(|(_, old, new)| old != new);
    found
}

/// The personal values that are not erased, by commitment.
async fn vault(store: &Sqlite, stream: &str) -> Result<BTreeMap<String, Json>> {
    let rows = store.vault(Default::default(), stream).await?;
    let read =
        |row: paidan_journal::entry::VaultRow| Some((row.commitment, serde_json::from_str(&row.value).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

fn said(held: &Held, vault: &BTreeMap<String, Json>) -> String {
    match held {
        Held::Open(value) => match serde_json::to_value(value) {
            // A value is written with its type around it.
            Ok(Json::Object(typed)) => {
                typed.into_iter().next().map(|(_, inner)| inner.to_string()).unwrap_or_default()
            }
            Ok(other) => other.to_string(),
            Err(error) => error.to_string(),
        },
        Held::Sealed(commitment) => {
            vault.get(commitment).map_or_else(|| "(erased)".to_string(), ToString::to_string)
        }
    }
}

fn who(by: &By) -> String {
    match by {
        By::Engine => "engine".to_string(),
        By::Person { subject, post, unit, via, instead_of } => {
            let post = post.as_ref().map(|post| format!(" {post}")).unwrap_or_default();
            let unit = unit.as_ref().map(|unit| format!("@{unit}")).unwrap_or_default();
            let away = instead_of.as_ref().map(|away| format!(" for {away}")).unwrap_or_default();
            format!("{subject}{post}{unit}{away} [{via}]")
        }
    }
}
