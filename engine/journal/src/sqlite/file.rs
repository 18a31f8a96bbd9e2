//! Files in a folder beside the store: bytes under the name of their hash, a row for each.

use std::io::SeekFrom;
use std::path::Path;

use futures_core::Stream;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Row as _, Sqlite as Db};
use tokio::fs;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use super::Sqlite;
use super::folder::{ARRIVING, place, remove_gone};
use crate::fault::Fault;
use crate::file::{Files, HEAD_BYTES, Incoming, Kept, NotKept, STREAMS_OF_FILE_MAX, SWEEP_MAX};
use crate::tenant::Tenant;

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
        let scratch = tempfile::Builder::new().prefix(ARRIVING).tempfile_in(&self.files)?.into_temp_path();
        let mut file = fs::File::create(&scratch).await?;
        let arrived = match receive(&mut file, incoming.most, &mut pieces).await? {
            Ok(arrived) => arrived,
            Err(not_kept) => return Ok(Err(not_kept)),
        };
        let Some(kind) = (incoming.kind)(&arrived.head) else { return Ok(Err(NotKept::Kind)) };
        let digest = hex::encode(arrived.hash.finalize());
        // With the writer in hand: no sweep comes between the bytes and their row.
        let mut writer = self.writer.lock().await;
        settle(&self.files, &scratch, &digest).await?;
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query(
            "INSERT INTO files (tenant, digest, kind, size, sender, at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (tenant, digest) DO UPDATE SET at = max(at, excluded.at), gone = 0",
        );
        let query = query.bind(tenant.0).bind(&digest).bind(kind);
        let query = query.bind(i64::try_from(arrived.size).unwrap_or(i64::MAX)).bind(incoming.by);
        query.bind(incoming.at).execute(&mut *transaction).await?;
        let query =
            sqlx::query("INSERT OR IGNORE INTO file_senders (tenant, digest, subject) VALUES (?, ?, ?)");
        let query = query.bind(tenant.0).bind(&digest).bind(incoming.by);
        query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        let by = incoming.by.to_string();
        let kept = Kept { digest, kind: kind.to_string(), size: arrived.size, by, at: incoming.at };
        Ok(Ok(kept))
    }

    async fn file(&self, tenant: Tenant, digest: &str) -> Result<Option<Kept>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT digest, kind, size, sender, at FROM files WHERE tenant = ? AND digest = ? AND gone = 0",
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

    async fn sent_file(&self, tenant: Tenant, digest: &str, subject: &str) -> Result<bool, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT 1 FROM file_senders JOIN files USING (tenant, digest)
             WHERE tenant = ? AND digest = ? AND subject = ? AND gone = 0",
        );
        let query = query.bind(tenant.0).bind(digest).bind(subject);
        Ok(query.fetch_optional(&self.readers).await?.is_some())
    }

    async fn streams_of_file(&self, tenant: Tenant, digest: &str) -> Result<Vec<String>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT DISTINCT stream FROM file_uses WHERE tenant = ? AND digest = ? ORDER BY stream LIMIT ?",
        );
        let query = query.bind(tenant.0).bind(digest).bind(STREAMS_OF_FILE_MAX);
        let rows = query.fetch_all(&self.readers).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
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

    async fn sweep_files(&self, tenant: Tenant, before: i64) -> Result<u64, Fault> {
        let query = sqlx::query(
            "UPDATE files SET gone = 1 WHERE tenant = ?1 AND digest IN (SELECT digest FROM files WHERE tenant = ?1
             AND at < ?2 AND gone = 0 AND NOT EXISTS
             (SELECT 1 FROM file_uses WHERE tenant = ?1 AND file_uses.digest = files.digest) LIMIT ?3)",
        );
        let mut writer = self.writer.lock().await;
        let query = query.bind(tenant.0).bind(before).bind(SWEEP_MAX);
        let count = query.execute(&mut *writer).await?.rows_affected();
        remove_gone(&self.files, &mut writer).await?;
        Ok(count)
    }
}
