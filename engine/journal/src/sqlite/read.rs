//! Reading: committed state only.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqliteExecutor};

use crate::entry::{Answer, Document, Head, StoredRecord, VaultRow, ViewRow};
use crate::fault::Fault;
use crate::record::Frame;
use crate::store::After;
use crate::tenant::Tenant;

/// A page of a list; rows without a due moment come last.
const ROWS: &str =
    "SELECT stream, view, key, owner, due, body FROM rows WHERE tenant = ?1 AND view = ?2 AND owner = ?3
 AND coalesce(due, 9223372036854775807) >= ?4 AND (coalesce(due, 9223372036854775807), key) > (?4, ?5)
 ORDER BY coalesce(due, 9223372036854775807), key LIMIT ?6";
/// The rows of one stream.
const ROWS_OF: &str =
    "SELECT view, key, owner, due, body FROM rows WHERE tenant = ? AND stream = ? ORDER BY view, key";
/// The personal values of one stream.
const VAULT: &str =
    "SELECT commitment, subject, stream, field, salt, value FROM vault WHERE tenant = ? AND stream = ?
 ORDER BY commitment";

fn unsigned(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    row.try_get::<i64, _>(column).map(|number| u64::try_from(number).unwrap_or(0))
}

/// The columns of a record, and the hash of the one before it.
macro_rules! record_columns {
    () => {
        "SELECT r.stream, r.pos, r.seq, r.kind, r.at, r.cmd, r.form, r.body, r.hash,
         (SELECT p.hash FROM records p
          WHERE p.tenant = r.tenant AND p.stream = r.stream AND p.seq = r.seq - 1) AS prev
         FROM records r "
    };
}

pub(super) async fn load(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    stream: &str,
    after: u64,
) -> Result<Vec<StoredRecord>, Fault> {
    let query = sqlx::query::<Sqlite>(concat!(
        record_columns!(),
        "WHERE r.tenant = ? AND r.stream = ? AND r.seq > ? ORDER BY r.seq"
    ));
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = query.bind(tenant.0).bind(stream).bind(after).fetch_all(db).await?;
    rows.iter().map(|row| record(row, stream)).collect()
}

/// A record with the line that was hashed, put together from what is kept of it.
fn record(row: &SqliteRow, stream: &str) -> Result<StoredRecord, Fault> {
    let form = unsigned(row, "form")?;
    let (seq, at) = (unsigned(row, "seq")?, row.try_get("at")?);
    let (kind, cmd): (String, String) = (row.try_get("kind")?, row.try_get("cmd")?);
    let prev = hex::encode(row.try_get::<Option<&[u8]>, _>("prev")?.unwrap_or_default());
    let frame = Frame { form, stream, seq, prev: &prev, cmd: &cmd, kind: &kind, at };
    let (bytes, body) = frame.around(row.try_get("body")?)?;
    let (pos, hash) = (row.try_get("pos")?, row.try_get("hash")?);
    Ok(StoredRecord { pos, seq, kind, at, cmd, bytes, body, hash })
}

pub(super) async fn in_order(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    after: i64,
    limit: u32,
) -> Result<Vec<(String, StoredRecord)>, Fault> {
    let query = sqlx::query::<Sqlite>(concat!(
        record_columns!(),
        "WHERE r.tenant = ? AND r.pos > ? ORDER BY r.pos LIMIT ?"
    ));
    let rows = query.bind(tenant.0).bind(after).bind(i64::from(limit)).fetch_all(db).await?;
    let each = |row: &SqliteRow| {
        let stream: String = row.try_get("stream")?;
        let record = record(row, &stream)?;
        Ok((stream, record))
    };
    rows.iter().map(each).collect()
}

pub(super) async fn head(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    stream: &str,
) -> Result<Option<Head>, Fault> {
    let query = sqlx::query::<Sqlite>("SELECT seq, hash FROM heads WHERE tenant = ? AND stream = ?");
    let rows = query.bind(tenant.0).bind(stream).fetch_all(db).await?;
    let head = |row: &SqliteRow| {
        let hash: Vec<u8> = row.try_get("hash")?;
        Ok(Head { seq: unsigned(row, "seq")?, hash: hex::encode(hash) })
    };
    rows.first().map(head).transpose()
}

pub(super) async fn streams(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    after: &str,
    limit: u32,
) -> Result<Vec<String>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT stream FROM (SELECT stream FROM heads WHERE tenant = ?1 UNION SELECT stream FROM records WHERE tenant = ?1)
         WHERE stream > ?2 ORDER BY stream LIMIT ?3",
    );
    let rows = query.bind(tenant.0).bind(after).bind(i64::from(limit)).fetch_all(db).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?)
}

pub(super) async fn due(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    by: i64,
    limit: u32,
) -> Result<Vec<(String, i64)>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT stream, due FROM heads WHERE tenant = ? AND due IS NOT NULL AND due <= ? ORDER BY due, stream LIMIT ?",
    );
    let rows = query.bind(tenant.0).bind(by).bind(i64::from(limit)).fetch_all(db).await?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?)
}

pub(super) async fn next_due(db: impl SqliteExecutor<'_>, tenant: Tenant) -> Result<Option<i64>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT due FROM heads WHERE tenant = ? AND due IS NOT NULL ORDER BY due LIMIT 1",
    );
    let rows = query.bind(tenant.0).fetch_all(db).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn rows(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    view: &str,
    owner: &str,
    after: &After,
    limit: u32,
) -> Result<Vec<(String, ViewRow)>, Fault> {
    let query = sqlx::query::<Sqlite>(ROWS);
    let query = query.bind(tenant.0).bind(view).bind(owner).bind(after.due).bind(&after.key);
    let rows = query.bind(i64::from(limit)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("stream")?, view_row(row)?))).collect()
}

pub(super) async fn rows_of(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    stream: &str,
) -> Result<Vec<ViewRow>, Fault> {
    let query = sqlx::query::<Sqlite>(ROWS_OF);
    let rows = query.bind(tenant.0).bind(stream).fetch_all(db).await?;
    rows.iter().map(view_row).collect()
}

fn view_row(row: &SqliteRow) -> Result<ViewRow, Fault> {
    Ok(ViewRow {
        view: row.try_get("view")?,
        key: row.try_get("key")?,
        owner: row.try_get("owner")?,
        due: row.try_get("due")?,
        body: row.try_get("body")?,
    })
}

pub(super) async fn vault(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    stream: &str,
) -> Result<Vec<VaultRow>, Fault> {
    let query = sqlx::query::<Sqlite>(VAULT);
    let rows = query.bind(tenant.0).bind(stream).fetch_all(db).await?;
    let value = |row: &SqliteRow| {
        Ok(VaultRow {
            commitment: row.try_get("commitment")?,
            subject: row.try_get("subject")?,
            stream: row.try_get("stream")?,
            field: row.try_get("field")?,
            salt: row.try_get("salt")?,
            value: row.try_get("value")?,
        })
    };
    rows.iter().map(value).collect()
}

pub(super) async fn answer(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    key: &str,
) -> Result<Option<Answer>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT key, cmd, body_hash, stream, seq, expires FROM answers WHERE tenant = ? AND key = ?",
    );
    let rows = query.bind(tenant.0).bind(key).fetch_all(db).await?;
    rows.first().map(of_answer).transpose()
}

pub(super) fn of_answer(row: &SqliteRow) -> Result<Answer, Fault> {
    Ok(Answer {
        key: row.try_get("key")?,
        cmd: row.try_get("cmd")?,
        body_hash: row.try_get("body_hash")?,
        stream: row.try_get("stream")?,
        seq: unsigned(row, "seq")?,
        expires: row.try_get("expires")?,
    })
}

fn of_document(row: &SqliteRow) -> Result<Document, Fault> {
    Ok(Document {
        digest: row.try_get("digest")?,
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        version: u32::try_from(unsigned(row, "version")?).unwrap_or(u32::MAX),
        bytes: row.try_get("body")?,
        source: row.try_get("source")?,
    })
}

pub(super) async fn document(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    digest: &str,
) -> Result<Option<Document>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT digest, kind, name, version, body, source FROM documents WHERE tenant = ? AND digest = ?",
    );
    let rows = query.bind(tenant.0).bind(digest).fetch_all(db).await?;
    rows.first().map(of_document).transpose()
}

pub(super) async fn documents(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    kind: &str,
) -> Result<Vec<Document>, Fault> {
    let query = sqlx::query::<Sqlite>(
        "SELECT digest, kind, name, version, body, source FROM documents WHERE tenant = ? AND kind = ? ORDER BY rowid",
    );
    let rows = query.bind(tenant.0).bind(kind).fetch_all(db).await?;
    rows.iter().map(of_document).collect()
}

pub(super) async fn by_number(
    db: impl SqliteExecutor<'_>,
    tenant: Tenant,
    number: &str,
) -> Result<Option<String>, Fault> {
    let query = sqlx::query::<Sqlite>("SELECT stream FROM heads WHERE tenant = ? AND number = ?");
    let rows = query.bind(tenant.0).bind(number).fetch_all(db).await?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use sqlx::sqlite::SqlitePool;

    /// What is read of one case or one list costs what that case or list has, however much else is in the store: each
    /// goes by the index that begins with it, in the order asked for.
    #[tokio::test]
    async fn stream_reads_use_the_index() {
        let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(include_str!("../../migrations/0001_journal.sql")).execute(&pool).await.unwrap();
        for (query, index) in [
            (ROWS_OF, "rows_stream (tenant=? AND stream=?)"),
            (VAULT, "vault_stream (tenant=? AND stream=?)"),
            (ROWS, "rows_owner (tenant=? AND view=? AND owner=? AND <expr>>?)"),
        ] {
            let plan = format!("EXPLAIN QUERY PLAN {query}");
            let steps = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&pool).await.unwrap();
            let steps: Vec<String> = steps.iter().map(|step| step.try_get("detail").unwrap()).collect();
            assert!(matches!(steps.as_slice(), [one] if one.ends_with(index)), "{query}: {steps:?}");
        }
    }
}
