//! A file of the format before, rewritten: each record in the form of today, each chain anew. One
//! transaction: whatever stops it, the file is what it was. A copy of what it was is kept beside
//! it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteRow;
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

use super::{FORMAT, SCHEMA, lock, options};
use crate::anchor::leaf;
use crate::chain::{Broken, follow, hash, link};
use crate::entry::{Draft, Head, StoredRecord};
use crate::fault::Fault;
use crate::merkle::{Root, Tree};
use crate::record::{FORM, Header};
use crate::tenant::Tenant;

/// The format that can be upgraded.
pub const FORMAT_BEFORE: u32 = 10;
/// Records read at once.
const PAGE: i64 = 500;

/// What knows the records' meaning.
pub trait Rewrite: Sync {
    /// The body, in the form of today, of a record in the form before.
    ///
    /// # Errors
    /// When it cannot be read.
    fn body(&self, stream: &str, old: &Header) -> Result<Vec<u8>, Fault>;
    /// The stream and the record, after the last of them, that says what the history was before.
    ///
    /// # Errors
    /// When it cannot be written.
    fn note(&self, before: &Before) -> Result<(String, Draft), Fault>;
}

/// A whole history in the form before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// How many records.
    pub size: u64,
    /// The root over them.
    pub root: Root,
    /// The recorded time of the last of them.
    pub at: i64,
}

/// What an upgrade did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// Records rewritten.
    pub records: u64,
    /// The bytes of their bodies before.
    pub bytes_before: u64,
    /// The bytes of their bodies now.
    pub bytes: u64,
    /// The file as it was.
    pub kept: PathBuf,
}

/// Where the file as it was is kept.
#[must_use]
pub fn kept(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".format-{FORMAT_BEFORE}"));
    PathBuf::from(name)
}

/// Rewrites a file; nothing when it is of the format of today already.
///
/// # Errors
/// [`Fault::Locked`], [`Fault::Format`] for a file that cannot be upgraded, [`Fault::Record`] when
/// a chain is broken or a record cannot be read. The file is what it was then.
pub async fn upgrade(path: &Path, rewrite: &impl Rewrite) -> Result<Option<Upgraded>, Fault> {
    let lock = lock(path)?;
    let mut file = options(path).create_if_missing(false).connect().await?;
    let format = sqlx::query("SELECT value FROM meta WHERE key = 'format'");
    let found: String = format.fetch_one(&mut file).await?.try_get(0)?;
    if found == FORMAT.to_string() {
        file.close().await?;
        return Ok(None);
    }
    if found != FORMAT_BEFORE.to_string() {
        return Err(Fault::Format { found, known: FORMAT });
    }
    let kept = keep(&mut file, path).await?;
    let mut transaction = file.begin_with("BEGIN IMMEDIATE").await?;
    let done = all(&mut transaction, rewrite).await?;
    transaction.commit().await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut file).await?;
    sqlx::query("VACUUM").execute(&mut file).await?;
    file.close().await?;
    drop(lock);
    let Sums { records, bytes_before, bytes } = done;
    Ok(Some(Upgraded { records, bytes_before, bytes, kept }))
}

/// Copies the file under another name, so that only a whole copy ever has the name of the copy.
async fn keep(file: &mut SqliteConnection, path: &Path) -> Result<PathBuf, Fault> {
    let kept = kept(path);
    let mut part = kept.as_os_str().to_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    sqlx::query("VACUUM INTO ?").bind(part.to_string_lossy().into_owned()).execute(file).await?;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, &kept)?;
    Ok(kept)
}

/// What was counted on the way.
#[derive(Default)]
struct Sums {
    records: u64,
    bytes_before: u64,
    bytes: u64,
}

/// The ends of a stream: of the chain before, and of the new one.
#[derive(Default)]
struct Ends {
    before: Option<String>,
    now: Head,
}

/// The chains and the tree of one tenant, under way.
#[derive(Default)]
struct Town {
    streams: BTreeMap<String, Ends>,
    tree: Tree,
    at: i64,
}

async fn all(file: &mut SqliteConnection, rewrite: &impl Rewrite) -> Result<Sums, Fault> {
    sqlx::query("ALTER TABLE records RENAME TO records_before").execute(&mut *file).await?;
    sqlx::raw_sql(records_table()?).execute(&mut *file).await?;
    let (mut sums, mut towns, mut last) = (Sums::default(), BTreeMap::<i64, Town>::new(), 0);
    loop {
        let page = sqlx::query(
            "SELECT tenant, stream, pos, seq, kind, at, cmd, body, hash FROM records_before
             WHERE pos > ? ORDER BY pos LIMIT ?",
        );
        let page = page.bind(last).bind(PAGE).fetch_all(&mut *file).await?;
        if page.is_empty() {
            break;
        }
        for row in &page {
            let (tenant, stream, old) = read(row)?;
            last = old.pos;
            sums.records += 1;
            sums.bytes_before += old.bytes.len() as u64;
            let town = towns.entry(tenant).or_default();
            let new = town.take(&stream, &old, rewrite)?;
            sums.bytes += new.body().len() as u64;
            write(file, tenant, &stream, old.pos, &new).await?;
        }
    }
    for (tenant, mut town) in towns {
        last += 1;
        let before = Before { size: town.tree.size(), root: town.tree.root(), at: town.at };
        let (stream, draft) = rewrite.note(&before)?;
        let ends = town.streams.entry(stream.clone()).or_default();
        let (noted, head) = link(&stream, &ends.now, &[draft])?;
        ends.now = head;
        for record in &noted {
            write(file, tenant, &stream, last, record).await?;
        }
        heads(file, tenant, &town).await?;
    }
    sqlx::query("DROP TABLE records_before").execute(&mut *file).await?;
    let format = FORMAT.to_string();
    let put = sqlx::query("UPDATE meta SET value = ? WHERE key = 'format'");
    put.bind(format).execute(&mut *file).await?;
    Ok(sums)
}

/// The statement of the schema that makes the table of records.
fn records_table() -> Result<&'static str, Fault> {
    let from = SCHEMA.find("CREATE TABLE records (");
    let statement =
        from.and_then(|from| SCHEMA.get(from..)).and_then(|rest| rest.split_inclusive(';').next());
    statement.ok_or_else(|| Fault::Record("the schema has no table of records".into()))
}

fn read(row: &SqliteRow) -> Result<(i64, String, StoredRecord), Fault> {
    let record = StoredRecord {
        pos: row.try_get("pos")?,
        seq: u64::try_from(row.try_get::<i64, _>("seq")?).unwrap_or(0),
        kind: row.try_get("kind")?,
        at: row.try_get("at")?,
        cmd: row.try_get("cmd")?,
        bytes: row.try_get("body")?,
        body: 0,
        hash: row.try_get("hash")?,
    };
    Ok((row.try_get("tenant")?, row.try_get("stream")?, record))
}

impl Town {
    /// The next record of the history in the form of today. That of the form before must follow the
    /// one before it.
    fn take(
        &mut self,
        stream: &str,
        old: &StoredRecord,
        rewrite: &impl Rewrite,
    ) -> Result<StoredRecord, Fault> {
        let ends = self.streams.entry(stream.to_string()).or_default();
        let found = follow(stream, ends.now.seq + 1, ends.before.take(), std::slice::from_ref(old));
        let told = |Broken { seq, what, .. }| format!("{stream} record {seq}: {what}");
        found.map_err(|broken| Fault::Record(told(broken)))?;
        ends.before = Some(hex::encode(hash(&old.bytes)));
        self.tree.push(leaf(stream, old).as_bytes());
        self.at = self.at.max(old.at);
        let body = rewrite.body(stream, &Header::read(&old.bytes)?)?;
        let (cmd, kind) = (old.cmd.clone(), old.kind.clone());
        let (linked, head) = link(stream, &ends.now, &[Draft { at: old.at, cmd, kind, body }])?;
        ends.now = head;
        linked.into_iter().next().ok_or_else(|| Fault::Record("a record came to nothing".into()))
    }
}

async fn write(
    file: &mut SqliteConnection,
    tenant: i64,
    stream: &str,
    pos: i64,
    record: &StoredRecord,
) -> Result<(), Fault> {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let insert = sqlx::query(
        "INSERT INTO records (pos, tenant, stream, seq, kind, at, cmd, form, body, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    let insert = insert.bind(pos).bind(tenant).bind(stream).bind(signed(record.seq));
    let insert = insert.bind(&record.kind).bind(record.at).bind(&record.cmd);
    let insert = insert.bind(signed(FORM)).bind(record.body());
    insert.bind(&record.hash).execute(file).await?;
    Ok(())
}

/// The ends of the new chains; a stream whose end was not its last record is broken.
async fn heads(file: &mut SqliteConnection, tenant: i64, town: &Town) -> Result<(), Fault> {
    let kept = sqlx::query("SELECT stream, seq, hash FROM heads WHERE tenant = ?");
    for row in kept.bind(Tenant(tenant).0).fetch_all(&mut *file).await? {
        let (stream, hash): (String, Vec<u8>) = (row.try_get("stream")?, row.try_get("hash")?);
        let before = town.streams.get(&stream).and_then(|ends| ends.before.clone());
        if before != Some(hex::encode(hash)) {
            let why = format!("{stream}: the last record is not the end of the stream");
            return Err(Fault::Record(why));
        }
    }
    for (stream, Ends { now, .. }) in &town.streams {
        let put = sqlx::query(
            "INSERT INTO heads (tenant, stream, seq, hash) VALUES (?, ?, ?, ?)
             ON CONFLICT (tenant, stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        );
        let seq = i64::try_from(now.seq).unwrap_or(i64::MAX);
        let hash = hex::decode(&now.hash).unwrap_or_default();
        put.bind(tenant).bind(stream).bind(seq).bind(hash).execute(&mut *file).await?;
    }
    Ok(())
}
