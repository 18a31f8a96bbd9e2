//! Rows on their way into the file: many in one statement, in a fixed ladder of sizes, so that each statement is
//! prepared once. One statement for each row would cost several times as much.

use std::sync::LazyLock;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Sqlite as Db, SqliteConnection};

use super::batch::{Batch, list};
use crate::entry::{Head, StreamAppend};
use crate::fault::Fault;
use crate::record::FORM;
use crate::tenant::Tenant;

/// Rows of one statement, largest first.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// The texts of one table's statement, by size.
struct Insert {
    texts: [&'static str; 4],
}

impl Insert {
    /// Made once for each table and kept for ever: a statement's text must outlive every call.
    fn new(head: &str, columns: usize, tail: &str) -> Self {
        let tuple = format!("({})", vec!["?"; columns].join(", "));
        let text = |size: usize| -> &'static str {
            let tuples = vec![tuple.as_str(); size].join(", ");
            Box::leak(format!("{head} VALUES {tuples} {tail}").into_boxed_str())
        };
        Self { texts: SIZES.map(text) }
    }

    /// Writes every row; `bind` adds the values of one.
    async fn write<T>(
        &self,
        connection: &mut SqliteConnection,
        all: &[T],
        bind: impl Fn(&mut SqliteArguments, &T) -> Result<(), sqlx::error::BoxDynError>,
    ) -> Result<(), Fault> {
        let mut rest = all;
        for (size, text) in SIZES.into_iter().zip(self.texts) {
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let mut arguments = SqliteArguments::default();
                for row in now {
                    bind(&mut arguments, row).map_err(sqlx::Error::Encode)?;
                }
                sqlx::query_with::<Db, _>(text, arguments).execute(&mut *connection).await?;
                rest = later;
            }
        }
        Ok(())
    }
}

macro_rules! inserts { ($($name:ident = $head:literal, $columns:literal, $tail:literal;)+) => { $(
    static $name: LazyLock<Insert> = LazyLock::new(|| Insert::new($head, $columns, $tail));
)+ } }

inserts! {
    RECORDS = "INSERT INTO records (tenant, stream, seq, kind, at, cmd, form, body, hash)", 9, "";
    HEADS = "INSERT INTO heads (tenant, stream, seq, hash, due, number)", 6,
        "ON CONFLICT (tenant, stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, due = excluded.due, number = coalesce(number, excluded.number)";
    ROWS = "INSERT OR REPLACE INTO rows (tenant, view, key, owner, due, stream, body)", 7, "";
    LETTERS = "INSERT OR IGNORE INTO outbox (tenant, id, stream, seq, body, not_before)", 6, "";
    VAULT = "INSERT OR REPLACE INTO vault (tenant, commitment, subject, stream, field, salt, value)", 7, "";
    FILE_USES = "INSERT OR IGNORE INTO file_uses (tenant, digest, commitment, stream)", 4, "";
    ANSWERS = "INSERT INTO answers (tenant, key, cmd, body_hash, stream, seq, expires)", 7, "";
    DOCUMENTS = "INSERT OR IGNORE INTO documents (tenant, digest, kind, name, version, body, source)", 7, "";
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Writes all that a batch took.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    batch: &Batch<'_>,
) -> Result<(), Fault> {
    RECORDS
        .write(connection, &batch.records, |to, (stream, record)| {
            to.add(tenant.0)?;
            to.add(*stream)?;
            to.add(signed(record.seq))?;
            to.add(record.kind.as_str())?;
            to.add(record.at)?;
            to.add(record.cmd.as_str())?;
            to.add(signed(FORM))?;
            to.add(record.body())?;
            to.add(record.hash.as_slice())
        })
        .await?;
    let ends: Vec<(&&str, &(Head, &StreamAppend))> = batch.ends.iter().collect();
    HEADS
        .write(connection, &ends, |to, (stream, (head, part))| {
            to.add(tenant.0)?;
            to.add(**stream)?;
            to.add(signed(head.seq))?;
            to.add(hex::decode(&head.hash).unwrap_or_default())?;
            to.add(part.due)?;
            to.add(part.number.as_deref())
        })
        .await?;
    lists(connection, tenant, batch).await?;
    beside(connection, tenant, batch).await
}

/// The rows of lists: those that are gone, then those that are new or other. When a stream was appended to twice, the
/// second word counts, so parts go out one after another in as many rounds as the stream with most of them has.
async fn lists(connection: &mut SqliteConnection, tenant: Tenant, batch: &Batch<'_>) -> Result<(), Fault> {
    let mut left: Vec<&StreamAppend> = batch.parts.clone();
    while !left.is_empty() {
        let mut seen = std::collections::BTreeSet::new();
        let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|part| seen.insert(&part.stream));
        let gone: Vec<&(String, String)> = now.iter().flat_map(|part| &part.gone).collect();
        for view in gone.iter().map(|(view, _)| view).collect::<std::collections::BTreeSet<_>>() {
            let keys = list(gone.iter().filter(|(of, _)| of == view).map(|(_, key)| key.as_str()));
            let query = sqlx::query(
                "DELETE FROM rows WHERE tenant = ? AND view = ? AND key IN (SELECT value FROM json_each(?))",
            );
            query.bind(tenant.0).bind(view).bind(keys).execute(&mut *connection).await?;
        }
        let rows: Vec<_> =
            now.iter().flat_map(|part| part.rows.iter().map(move |row| (&part.stream, row))).collect();
        ROWS.write(connection, &rows, |to, (stream, row)| {
            to.add(tenant.0)?;
            to.add(row.view.as_str())?;
            to.add(row.key.as_str())?;
            to.add(row.owner.as_str())?;
            to.add(row.due)?;
            to.add(stream.as_str())?;
            to.add(row.body.as_str())
        })
        .await?;
        left = later;
    }
    Ok(())
}

/// Letters, personal values, documents and answers.
async fn beside(connection: &mut SqliteConnection, tenant: Tenant, batch: &Batch<'_>) -> Result<(), Fault> {
    let letters: Vec<_> = batch
        .written
        .iter()
        .flat_map(|append| append.letters.iter().map(|letter| (letter, letter.seq)))
        .collect();
    LETTERS
        .write(connection, &letters, |to, (letter, seq)| {
            to.add(tenant.0)?;
            to.add(letter.id.as_str())?;
            to.add(letter.stream.as_str())?;
            to.add(signed(*seq))?;
            to.add(letter.body.as_str())?;
            to.add(letter.not_before)
        })
        .await?;
    let vault: Vec<_> = batch.written.iter().flat_map(|append| &append.vault).collect();
    VAULT
        .write(connection, &vault, |to, row| {
            to.add(tenant.0)?;
            to.add(row.commitment.as_str())?;
            to.add(row.subject.as_deref())?;
            to.add(row.stream.as_str())?;
            to.add(row.field.as_str())?;
            to.add(row.salt.as_slice())?;
            to.add(row.value.as_str())
        })
        .await?;
    let files: Vec<_> = batch.written.iter().flat_map(|append| &append.files).collect();
    FILE_USES
        .write(connection, &files, |to, file| {
            to.add(tenant.0)?;
            to.add(file.digest.as_str())?;
            to.add(file.commitment.as_str())?;
            to.add(file.stream.as_str())
        })
        .await?;
    ANSWERS
        .write(connection, &batch.given, |to, answer| {
            to.add(tenant.0)?;
            to.add(answer.key.as_str())?;
            to.add(answer.cmd.as_str())?;
            to.add(answer.body_hash.as_str())?;
            to.add(answer.stream.as_str())?;
            to.add(signed(answer.seq))?;
            to.add(answer.expires)
        })
        .await?;
    let documents: Vec<_> = batch.written.iter().flat_map(|append| &append.documents).collect();
    DOCUMENTS
        .write(connection, &documents, |to, document| {
            to.add(tenant.0)?;
            to.add(document.digest.as_str())?;
            to.add(document.kind.as_str())?;
            to.add(document.name.as_str())?;
            to.add(i64::from(document.version))?;
            to.add(document.bytes.as_slice())?;
            to.add(document.source.as_str())
        })
        .await
}
