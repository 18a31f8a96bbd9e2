//! Letters: what waits for delivery, and what became of it.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqliteConnection, SqliteExecutor};

use crate::entry::{Letter, Posted};
use crate::fault::Fault;
use crate::store::Delivery;
use crate::tenant::Tenant;

fn posted(row: &SqliteRow) -> Result<Posted, Fault> {
    let seq: i64 = row.try_get("seq")?;
    let attempts: i64 = row.try_get("attempts")?;
    Ok(Posted {
        letter: Letter {
            id: row.try_get("id")?,
            stream: row.try_get("stream")?,
            seq: u64::try_from(seq).unwrap_or(0),
            body: row.try_get("body")?,
            not_before: row.try_get("not_before")?,
        },
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        state: row.try_get("state")?,
        note: row.try_get("note")?,
        done_at: row.try_get("done_at")?,
    })
}

pub(super) async fn ready(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    by: i64,
    limit: u32,
) -> Result<Vec<Posted>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT * FROM outbox WHERE tenant = ? AND state = 'waiting' AND not_before <= ? ORDER BY not_before, id LIMIT ?",
    );
    let rows = query.bind(tenant.0).bind(by).bind(i64::from(limit)).fetch_all(db).await?;
    rows.iter().map(posted).collect()
}

pub(super) async fn latest(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    state: Option<&str>,
    limit: u32,
) -> Result<Vec<Posted>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT * FROM outbox WHERE tenant = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY not_before DESC, id DESC LIMIT ?3",
    );
    let rows = query.bind(tenant.0).bind(state).bind(i64::from(limit)).fetch_all(db).await?;
    rows.iter().map(posted).collect()
}

pub(super) async fn again(
    writer: &mut SqliteConnection,
    tenant: Tenant,
    id: &str,
    not_before: i64,
) -> Result<bool, Fault> {
    let query = sqlx::query(
        "UPDATE outbox SET state = 'waiting', attempts = 0, done_at = NULL, not_before = ?
         WHERE tenant = ? AND id = ? AND state = 'dead'",
    );
    let done = query.bind(not_before).bind(tenant.0).bind(id).execute(&mut *writer).await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn done(
    writer: &mut SqliteConnection,
    tenant: Tenant,
    id: &str,
    delivery: Delivery,
) -> Result<(), Fault> {
    let query = sqlx::query(
        "UPDATE outbox SET attempts = attempts + ?, state = ?, note = ?, done_at = ?, not_before = coalesce(?, not_before)
         WHERE tenant = ? AND id = ?",
    );
    let tries = i64::from(!matches!(delivery, Delivery::Again { tried: false, .. }));
    let (state, note, done_at, not_before) = match delivery {
        Delivery::Delivered { note, at } => ("delivered", note, Some(at), None),
        Delivery::Again { note, not_before, .. } => ("waiting", note, None, Some(not_before)),
        Delivery::Dead { note, at } => ("dead", note, Some(at), None),
    };
    let query =
        query.bind(tries).bind(state).bind(note).bind(done_at).bind(not_before).bind(tenant.0).bind(id);
    query.execute(&mut *writer).await?;
    Ok(())
}
