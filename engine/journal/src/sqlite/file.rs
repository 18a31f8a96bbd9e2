//! Files in a folder beside the store: bytes under the name of their hash, a row for each.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use futures_core::Stream;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Row as _, Sqlite as Db, SqliteConnection};
use tokio::fs;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;

use super::Sqlite;
use crate::entry::Tenant;
use crate::file::{Files, HEAD_BYTES, Incoming, Kept, NotKept};
use crate::store::Fault;

/// The folder of files that belongs to a store.
pub(super) fn folder(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_os_string();
    name.push(".files");
    PathBuf::from(name)
}

/// Where a file lies. The digest is hex: it names nothing else.
fn place(folder: &Path, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(folder.join(digest.get(..2)?).join(digest)).filter(|_| is_digest)
}

/// What came in so far.
struct Arrived {
    hash: Sha256,
    size: u64,
    head: Vec<u8>,
}

async fn receive<B: AsRef<[u8]> + Send>(
    file: &mut fs::File,
    most: u64,
    pieces: &mut (impl Stream<Item = Result<B, String>> + Send + Unpin),
) -> Result<Result<Arrived, NotKept>, Fault> {
    let mut arrived = Arrived { hash: Sha256::new(), size: 0, head: Vec::new() };
    while let Some(piece) = pieces.next().await {
        let piece = match piece {
            Ok(piece) => piece,
            Err(why) => return Ok(Err(NotKept::Broken(why))),
        };
        let bytes = piece.as_ref();
        arrived.size += bytes.len() as u64;
        if arrived.size > most {
            return Ok(Err(NotKept::TooLarge(most)));
        }
        let room = HEAD_BYTES.saturating_sub(arrived.head.len());
        arrived.head.extend(bytes.iter().take(room));
        arrived.hash.update(bytes);
        file.write_all(bytes).await?;
    }
    if arrived.size == 0 {
        return Ok(Err(NotKept::Broken("it is empty".into())));
    }
    file.sync_all().await?;
    Ok(Ok(arrived))
}

/// Gives bytes that have arrived their name, durably.
async fn settle(folder: &Path, from: &Path, digest: &str) -> Result<(), Fault> {
    let Some(to) = place(folder, digest) else { return Ok(()) };
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).await?;
        fs::rename(from, &to).await?;
        fs::File::open(parent).await?.sync_all().await?;
    }
    Ok(())
}

impl Files for Sqlite {
    async fn keep_file<B: AsRef<[u8]> + Send>(
        &self,
        tenant: Tenant,
        incoming: Incoming<'_>,
        mut pieces: impl Stream<Item = Result<B, String>> + Send + Unpin,
    ) -> Result<Result<Kept, NotKept>, Fault> {
        fs::create_dir_all(&self.files).await?;
        let scratch = tempfile::Builder::new().prefix("incoming-").tempfile_in(&self.files)?.into_temp_path();
        let mut file = fs::File::create(&scratch).await?;
        let arrived = match receive(&mut file, incoming.most, &mut pieces).await? {
            Ok(arrived) => arrived,
            Err(not_kept) => return Ok(Err(not_kept)),
        };
        let Some(kind) = (incoming.kind)(&arrived.head) else { return Ok(Err(NotKept::Kind)) };
        let digest = hex::encode(arrived.hash.finalize());
        settle(&self.files, &scratch, &digest).await?;
        let query = sqlx::query(
            "INSERT OR IGNORE INTO files (tenant, digest, kind, size, sender, at) VALUES (?, ?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&digest).bind(kind);
        let query = query.bind(i64::try_from(arrived.size).unwrap_or(i64::MAX)).bind(incoming.by);
        query.bind(incoming.at).execute(&mut *self.writer.lock().await).await?;
        let by = incoming.by.to_string();
        let kept = Kept { digest, kind: kind.to_string(), size: arrived.size, by, at: incoming.at };
        Ok(Ok(kept))
    }

    async fn file(&self, tenant: Tenant, digest: &str) -> Result<Option<Kept>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT digest, kind, size, sender, at FROM files WHERE tenant = ? AND digest = ?",
        );
        let rows = query.bind(tenant.0).bind(digest).fetch_all(&self.readers).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let size: i64 = row.try_get("size")?;
        Ok(Some(Kept {
            digest: row.try_get("digest")?,
            kind: row.try_get("kind")?,
            size: u64::try_from(size).unwrap_or(0),
            by: row.try_get("sender")?,
            at: row.try_get("at")?,
        }))
    }

    async fn file_piece(
        &self,
        tenant: Tenant,
        digest: &str,
        offset: u64,
        most: usize,
    ) -> Result<Vec<u8>, Fault> {
        let known = self.file(tenant, digest).await?.and_then(|_| place(&self.files, digest));
        let Some(path) = known else { return Ok(Vec::new()) };
        let mut file = fs::File::open(path).await?;
        file.seek(SeekFrom::Start(offset)).await?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

/// What values that are lists of texts name.
fn named(values: &[String]) -> Vec<String> {
    values.iter().filter_map(|value| serde_json::from_str::<Vec<String>>(value).ok()).flatten().collect()
}

/// Erases the values that a statement takes out of the vault, and the files that only they name; says how many.
pub(super) async fn erase(
    writer: &Mutex<SqliteConnection>,
    folder: &Path,
    tenant: Tenant,
    (sql, of): (&'static str, &str),
) -> Result<u64, Fault> {
    let mut writer = writer.lock().await;
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let rows = sqlx::query(sql).bind(tenant.0).bind(of).fetch_all(&mut *transaction).await?;
    let values: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    forget(&mut transaction, folder, tenant, &values).await?;
    transaction.commit().await?;
    Ok(values.len() as u64)
}

/// Forgets the files that these vault values name and no other value does.
async fn forget(
    writer: &mut SqliteConnection,
    folder: &Path,
    tenant: Tenant,
    values: &[String],
) -> Result<(), Fault> {
    for digest in named(values) {
        let Some(path) = place(folder, &digest) else { continue };
        let query = sqlx::query::<Db>("SELECT 1 FROM vault WHERE tenant = ? AND instr(value, ?) > 0 LIMIT 1");
        if !query.bind(tenant.0).bind(&digest).fetch_all(&mut *writer).await?.is_empty() {
            continue;
        }
        let query = sqlx::query("DELETE FROM files WHERE tenant = ? AND digest = ?");
        let gone = query.bind(tenant.0).bind(&digest).execute(&mut *writer).await?.rows_affected();
        if gone > 0 {
            fs::remove_file(path).await?;
        }
    }
    Ok(())
}
