//! The raw writer: the same rows and indexes from bytes made before, and nothing else. What the disk and SQLite cost.

use std::collections::BTreeMap;
use std::time::Instant;

use paidan_journal::Sqlite;
use paidan_journal::chain::link;
use paidan_journal::entry::{Append, Head, StoredRecord};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Arguments as _, ConnectOptions as _, Connection as _, SqliteConnection};

use crate::Measured;
use crate::town::folder;

/// Rows of one statement, largest first.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// A table's statement in every size.
struct Table {
    texts: [&'static str; 4],
}

impl Table {
    fn new(head: &str, columns: usize, tail: &str) -> Self {
        let tuple = format!("({})", vec!["?"; columns].join(","));
        let text = |size: usize| -> &'static str {
            format!("{head} VALUES {} {tail}", vec![tuple.as_str(); size].join(",")).leak()
        };
        Self { texts: SIZES.map(text) }
    }

    async fn write<T>(
        &self,
        connection: &mut SqliteConnection,
        mut rest: &[T],
        bind: impl Fn(&mut SqliteArguments, &T),
    ) {
        for (size, text) in SIZES.into_iter().zip(self.texts) {
            while rest.len() >= size {
                let (now, later) = rest.split_at(size);
                let mut arguments = SqliteArguments::default();
                now.iter().for_each(|row| bind(&mut arguments, row));
                sqlx::query_with(text, arguments).execute(&mut *connection).await.unwrap();
                rest = later;
            }
        }
    }
}

struct Tables {
    records: Table,
    heads: Table,
    rows: Table,
    letters: Table,
    vault: Table,
    answers: Table,
}

impl Tables {
    fn new() -> Self {
        Self {
            records: Table::new(
                "INSERT INTO records (tenant, stream, seq, kind, at, cmd, body, hash)",
                8,
                "",
            ),
            heads: Table::new(
                "INSERT INTO heads (tenant, stream, seq, hash, due, number)",
                6,
                "ON CONFLICT (tenant, stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, due = excluded.due",
            ),
            rows: Table::new(
                "INSERT OR REPLACE INTO rows (tenant, view, key, owner, due, stream, body)",
                7,
                "",
            ),
            letters: Table::new("INSERT INTO outbox (tenant, id, stream, seq, body, not_before)", 6, ""),
            vault: Table::new(
                "INSERT INTO vault (tenant, commitment, subject, stream, field, salt, value)",
                7,
                "",
            ),
            answers: Table::new(
                "INSERT INTO answers (tenant, key, cmd, body_hash, stream, seq, expires)",
                7,
                "",
            ),
        }
    }
}

/// An append with its bytes made.
struct Made<'a> {
    append: &'a Append,
    records: Vec<StoredRecord>,
    head: Head,
}

fn made(appends: &[Append]) -> Vec<Made<'_>> {
    let mut heads: BTreeMap<&str, Head> = BTreeMap::new();
    let mut found = Vec::new();
    for append in appends {
        for part in &append.streams {
            let head = heads.get(part.stream.as_str()).cloned().unwrap_or_default();
            let (records, head) = link(&part.stream, &head, &part.drafts).unwrap();
            heads.insert(&part.stream, head.clone());
            found.push(Made { append, records, head });
        }
    }
    found
}

/// The mean size of a record.
pub fn record_bytes(appends: &[Append]) -> usize {
    let all: Vec<usize> =
        made(appends).iter().flat_map(|one| one.records.iter().map(|r| r.bytes.len())).collect();
    all.iter().sum::<usize>() / all.len().max(1)
}

fn add<'q, T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + 'q>(
    to: &mut SqliteArguments,
    value: T,
) {
    to.add(value).unwrap();
}

async fn write_some(connection: &mut SqliteConnection, tables: &Tables, some: &[Made<'_>]) {
    let part = |one: &Made<'_>| one.append.streams.first().cloned().unwrap();
    let records: Vec<_> =
        some.iter().flat_map(|one| one.records.iter().map(move |r| (part(one).stream, r))).collect();
    tables
        .records
        .write(connection, &records, |to, (stream, record)| {
            add(to, 0i64);
            add(to, stream.as_str());
            add(to, i64::try_from(record.seq).unwrap());
            add(to, record.kind.as_str());
            add(to, record.at);
            add(to, record.cmd.as_str());
            add(to, record.bytes.as_slice());
            add(to, record.hash.as_slice());
        })
        .await;
    tables
        .heads
        .write(connection, some, |to, one| {
            let part = part(one);
            add(to, 0i64);
            add(to, part.stream);
            add(to, i64::try_from(one.head.seq).unwrap());
            add(to, hex::decode(&one.head.hash).unwrap());
            add(to, part.due);
            add(to, part.number);
        })
        .await;
    let gone: Vec<_> = some.iter().flat_map(|one| part(one).gone).collect();
    for (view, key) in gone {
        let query = sqlx::query("DELETE FROM rows WHERE tenant = 0 AND view = ? AND key = ?");
        query.bind(view).bind(key).execute(&mut *connection).await.unwrap();
    }
    let rows: Vec<_> = some
        .iter()
        .flat_map(|one| part(one).rows.into_iter().map(move |row| (part(one).stream, row)))
        .collect();
    tables
        .rows
        .write(connection, &rows, |to, (stream, row)| {
            add(to, 0i64);
            add(to, row.view.as_str());
            add(to, row.key.as_str());
            add(to, row.owner.as_str());
            add(to, row.due);
            add(to, stream.as_str());
            add(to, row.body.as_str());
        })
        .await;
    write_beside(connection, tables, some).await;
}

async fn write_beside(connection: &mut SqliteConnection, tables: &Tables, some: &[Made<'_>]) {
    let letters: Vec<_> = some.iter().flat_map(|one| &one.append.letters).collect();
    tables
        .letters
        .write(connection, &letters, |to, letter| {
            add(to, 0i64);
            add(to, letter.id.as_str());
            add(to, letter.stream.as_str());
            add(to, 1i64);
            add(to, letter.body.as_str());
            add(to, letter.not_before);
        })
        .await;
    let vault: Vec<_> = some.iter().flat_map(|one| &one.append.vault).collect();
    tables
        .vault
        .write(connection, &vault, |to, row| {
            add(to, 0i64);
            add(to, row.commitment.as_str());
            add(to, row.subject.as_deref());
            add(to, row.stream.as_str());
            add(to, row.field.as_str());
            add(to, row.salt.as_slice());
            add(to, row.value.as_str());
        })
        .await;
    let answers: Vec<_> = some.iter().filter_map(|one| one.append.answer.as_ref()).collect();
    tables
        .answers
        .write(connection, &answers, |to, answer| {
            add(to, 0i64);
            add(to, answer.key.as_str());
            add(to, answer.cmd.as_str());
            add(to, answer.body_hash.as_str());
            add(to, answer.stream.as_str());
            add(to, 1i64);
            add(to, answer.expires);
        })
        .await;
}

/// Writes everything, so many appends in a commit.
pub async fn write(appends: &[Append], batch: usize) -> Measured {
    let folder = folder();
    let path = folder.path().join("raw.paidan");
    Sqlite::open(&path).await.unwrap().close().await;
    let mut connection = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", "20000")
        .pragma("cache_size", "-65536")
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    let (tables, all) = (Tables::new(), made(appends));
    let all = if batch == 1 { all.get(..all.len() / 4).unwrap() } else { &all };
    let began = Instant::now();
    let mut each = Vec::new();
    for some in all.chunks(batch) {
        let start = Instant::now();
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        write_some(&mut transaction, &tables, some).await;
        transaction.commit().await.unwrap();
        each.push(u64::try_from(start.elapsed().as_micros()).unwrap());
    }
    Measured { transitions: all.len(), took: began.elapsed(), each }
}
