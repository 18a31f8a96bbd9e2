//! Appending: a batch is one transaction; within it each append is all or nothing.

use sqlx::{Connection as _, SqliteConnection};

use crate::entry::{Answer, Append, Head, Outcome, StoredRecord, StreamAppend, Tenant, link};
use crate::store::Fault;

/// Writes a batch. When the commit answers nothing clear, every outcome is unknown.
pub(super) async fn append(
    writer: &mut SqliteConnection,
    tenant: Tenant,
    batch: Vec<Append>,
) -> Vec<Outcome> {
    let count = batch.len();
    let failed = |error: &dyn std::fmt::Display| vec![Outcome::Failed(error.to_string()); count];
    let mut transaction = match writer.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => transaction,
        Err(error) => return failed(&error),
    };
    let mut outcomes = Vec::with_capacity(count);
    for append in &batch {
        match one(&mut transaction, tenant, append).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(Fault::Record(why)) => outcomes.push(Outcome::Failed(why)),
            Err(fault) => {
                let rolled_back = transaction.rollback().await;
                return match rolled_back {
                    Ok(()) => failed(&fault),
                    Err(error) => failed(&format!("{fault}; {error}")),
                };
            }
        }
    }
    match transaction.commit().await {
        Ok(()) => outcomes,
        Err(error) => vec![Outcome::Unknown(error.to_string()); count],
    }
}

async fn one(connection: &mut SqliteConnection, tenant: Tenant, append: &Append) -> Result<Outcome, Fault> {
    if let Some(answer) = &append.answer
        && let Some(before) = super::read::answer(&mut *connection, tenant, &answer.key).await?
    {
        return Ok(Outcome::Repeated(before));
    }
    let mut linked = Vec::with_capacity(append.streams.len());
    for part in &append.streams {
        let head = super::read::head(&mut *connection, tenant, &part.stream).await?.unwrap_or_default();
        if head.seq != part.expected {
            return Ok(Outcome::Conflict { stream: part.stream.clone(), actual: head.seq });
        }
        linked.push((link(&part.stream, &head, &part.drafts)?, head.seq));
    }
    let mut ends = Vec::with_capacity(linked.len());
    for (part, ((records, head), _)) in append.streams.iter().zip(&linked) {
        put(connection, tenant, part, records, head).await?;
        ends.push(head.seq);
    }
    let first = linked.first().map_or(0, |(_, seq)| *seq);
    put_letters(connection, tenant, append, first).await?;
    put_vault(connection, tenant, append).await?;
    put_documents(connection, tenant, append).await?;
    if let Some(answer) = &append.answer {
        put_answer(connection, tenant, answer, ends.first().copied().unwrap_or(0)).await?;
    }
    Ok(Outcome::Stored(ends))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn put(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    part: &StreamAppend,
    records: &[StoredRecord],
    head: &Head,
) -> Result<(), Fault> {
    for record in records {
        let query = sqlx::query(
            "INSERT INTO records (tenant, stream, seq, kind, at, cmd, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let query = query
            .bind(tenant.0)
            .bind(&part.stream)
            .bind(signed(record.seq))
            .bind(&record.kind)
            .bind(record.at);
        query.bind(&record.cmd).bind(&record.bytes).bind(&record.hash).execute(&mut *connection).await?;
    }
    let query = sqlx::query(
        "INSERT INTO heads (tenant, stream, seq, hash, due, number) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant, stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, due = excluded.due,
         number = coalesce(number, excluded.number)",
    );
    let hash = hex::decode(&head.hash).unwrap_or_default();
    let query = query.bind(tenant.0).bind(&part.stream).bind(signed(head.seq)).bind(hash).bind(part.due);
    query.bind(&part.number).execute(&mut *connection).await?;
    let query = sqlx::query("DELETE FROM rows WHERE tenant = ? AND stream = ?");
    query.bind(tenant.0).bind(&part.stream).execute(&mut *connection).await?;
    for row in &part.rows {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO rows (tenant, view, key, owner, due, stream, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&row.view).bind(&row.key).bind(&row.owner).bind(row.due);
        query.bind(&part.stream).bind(&row.body).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put_letters(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    append: &Append,
    first: u64,
) -> Result<(), Fault> {
    for letter in &append.letters {
        let query = sqlx::query(
            "INSERT OR IGNORE INTO outbox (tenant, id, stream, seq, body, not_before) VALUES (?, ?, ?, ?, ?, ?)",
        );
        let query =
            query.bind(tenant.0).bind(&letter.id).bind(&letter.stream).bind(signed(first + 1 + letter.seq));
        query.bind(&letter.body).bind(letter.not_before).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put_vault(connection: &mut SqliteConnection, tenant: Tenant, append: &Append) -> Result<(), Fault> {
    for row in &append.vault {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO vault (tenant, commitment, subject, stream, field, salt, value) VALUES (?, ?, ?, ?, ?, ?, ?)",
        );
        let query =
            query.bind(tenant.0).bind(&row.commitment).bind(&row.subject).bind(&row.stream).bind(&row.field);
        query.bind(&row.salt).bind(&row.value).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put_documents(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    append: &Append,
) -> Result<(), Fault> {
    for document in &append.documents {
        let query = sqlx::query(
            "INSERT OR IGNORE INTO documents (tenant, digest, kind, name, version, body, source) VALUES (?, ?, ?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&document.digest).bind(&document.kind).bind(&document.name);
        let query = query.bind(i64::from(document.version)).bind(&document.bytes).bind(&document.source);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn put_answer(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    answer: &Answer,
    seq: u64,
) -> Result<(), Fault> {
    let query = sqlx::query(
        "INSERT INTO answers (tenant, key, cmd, body_hash, stream, seq, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    let query =
        query.bind(tenant.0).bind(&answer.key).bind(&answer.cmd).bind(&answer.body_hash).bind(&answer.stream);
    query.bind(signed(seq)).bind(answer.expires).execute(&mut *connection).await?;
    Ok(())
}
