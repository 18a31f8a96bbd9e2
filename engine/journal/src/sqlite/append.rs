//! Appending: a batch is one transaction; within it each append is all or nothing. All that a batch
//! reads is read at once, all that it writes goes out in statements of many rows.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, Row as _, Sqlite as Db, SqliteConnection};

use super::batch::{Batch, list};
use super::rows;
use crate::entry::{Answer, Append, Head, Outcome};
use crate::fault::Fault;
use crate::tenant::Tenant;

/// Writes a batch. When the commit answers nothing clear, every outcome is unknown. With the
/// outcomes: whether the connection can still be used; one whose commit or rollback failed cannot.
pub(super) async fn append(
    writer: &mut SqliteConnection,
    tenant: Tenant,
    batch: Vec<Append>,
) -> (Vec<Outcome>, bool) {
    let count = batch.len();
    let failed = |error: &dyn std::fmt::Display| vec![Outcome::Failed(error.to_string()); count];
    let mut transaction = match writer.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => transaction,
        Err(error) => return (failed(&error), false),
    };
    let outcomes = match all(&mut transaction, tenant, &batch).await {
        Ok(outcomes) => outcomes,
        Err(fault) => {
            return match transaction.rollback().await {
                Ok(()) => (failed(&fault), true),
                Err(error) => (failed(&format!("{fault}; {error}")), false),
            };
        }
    };
    match transaction.commit().await.map_err(Fault::from) {
        Ok(()) => (outcomes, true),
        // Without room the commit's own mark was not written: nothing of it counts.
        Err(fault) if fault.is_full() => (failed(&fault), false),
        Err(fault) => (vec![Outcome::Unknown(fault.to_string()); count], false),
    }
}

async fn all(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<Vec<Outcome>, Fault> {
    let mut batch = Batch {
        heads: heads(connection, tenant, appends).await?,
        answers: answers(connection, tenant, appends).await?,
        files: files(connection, tenant, appends).await?,
        ..Batch::default()
    };
    let mut outcomes = Vec::with_capacity(appends.len());
    for append in appends {
        outcomes.push(match batch.take(append) {
            Ok(outcome) => outcome,
            Err(Fault::Record(why)) => Outcome::Failed(why),
            Err(fault) => return Err(fault),
        });
    }
    rows::write(connection, tenant, &batch).await?;
    Ok(outcomes)
}

async fn heads(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeMap<String, Head>, Fault> {
    let streams = list(appends.iter().flat_map(|append| &append.streams).map(|part| part.stream.as_str()));
    let query = sqlx::query::<Db>(
        "SELECT stream, seq, hash FROM heads WHERE tenant = ? AND stream IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(streams).fetch_all(connection).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (seq, hash): (i64, Vec<u8>) = (row.try_get("seq")?, row.try_get("hash")?);
        let head = Head { seq: u64::try_from(seq).unwrap_or(0), hash: hex::encode(hash) };
        found.insert(row.try_get("stream")?, head);
    }
    Ok(found)
}

async fn answers(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeMap<String, Answer>, Fault> {
    let keys = appends.iter().filter_map(|append| append.answer.as_ref()).map(|answer| answer.key.as_str());
    let keys = list(keys);
    if keys == "[]" {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query::<Db>(
        "SELECT key, cmd, body_hash, stream, seq, expires FROM answers
         WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(keys).fetch_all(connection).await?;
    let found = rows.iter().map(|row| super::read::of_answer(row).map(|answer| (answer.key.clone(), answer)));
    found.collect()
}

async fn files(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeSet<String>, Fault> {
    let digests = list(appends.iter().flat_map(|append| &append.files).map(|file| file.digest.as_str()));
    if digests == "[]" {
        return Ok(BTreeSet::new());
    }
    let query = sqlx::query::<Db>(
        "SELECT digest FROM files WHERE tenant = ? AND gone = 0 AND digest IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(digests).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
