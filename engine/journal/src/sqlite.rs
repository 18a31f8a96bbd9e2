//! The journal in one SQLite file: WAL, every commit synced, one writer, several readers.

mod account;
mod append;
mod batch;
mod file;
mod folder;
mod letter;
mod read;
mod rows;
pub mod upgrade;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};
use tokio::sync::Mutex;

use crate::entry::{Answer, Append, Document, Head, Outcome, Posted, StoredRecord, VaultRow, ViewRow};
use crate::fault::Fault;
use crate::store::{After, Delivery, Store};
use crate::tenant::Tenant;

/// The number of the file's format.
pub const FORMAT: u32 = 11;
/// Readers at once.
const READERS: u32 = 4;
/// The schema of that format.
const SCHEMA: &str = include_str!("../migrations/0001_journal.sql");

/// A store in one file.
#[derive(Debug)]
pub struct Sqlite {
    writer: Mutex<SqliteConnection>,
    readers: SqlitePool,
    path: PathBuf,
    files: PathBuf,
    _lock: File,
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(false)
        .pragma("wal_autocheckpoint", "20000")
        .pragma("cache_size", "-65536")
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

impl Sqlite {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`Fault::Locked`] when another process has it, [`Fault::Format`] when it is of another format,
    /// [`Fault::NotDurable`] when it would not sync its commits.
    pub async fn open(path: &Path) -> Result<Self, Fault> {
        let lock = lock(path)?;
        let mut writer = options(path).connect().await?;
        assert_durable(&mut writer).await?;
        migrate(&mut writer).await?;
        folder::clear(&folder::folder(path)).await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options(path)).await?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers,
            path: path.to_path_buf(),
            files: folder::folder(path),
            _lock: lock,
        })
    }

    /// Writes a copy of the whole store into a file that is not there yet, as of one moment, while
    /// work goes on. Files that cases hold lie beside the store and are not copied.
    ///
    /// # Errors
    /// When the file is there already, or cannot be written.
    pub async fn copy_to(&self, path: &Path) -> Result<(), Fault> {
        if path.exists() {
            let why = std::io::Error::new(std::io::ErrorKind::AlreadyExists, path.display().to_string());
            return Err(Fault::Files(why));
        }
        let name = path.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO ?").bind(name).execute(&self.readers).await?;
        Ok(())
    }

    /// Folds what lies in the write-ahead file into the store itself, so that the one file is
    /// whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn fold_in(&self) -> Result<(), Fault> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut *self.writer.lock().await).await?;
        Ok(())
    }

    /// Closes the file; what was acknowledged is in it.
    pub async fn close(self) {
        self.readers.close().await;
        let closed = self.writer.into_inner().close().await;
        drop(closed);
    }
}

/// Takes the file for this process, by a lock file beside it.
fn lock(path: &Path) -> Result<File, Fault> {
    let mut name = path.as_os_str().to_os_string();
    name.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(PathBuf::from(name))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::Locked),
        Err(TryLockError::Error(error)) => Err(Fault::Files(error)),
    }
}

async fn assert_durable(writer: &mut SqliteConnection) -> Result<(), Fault> {
    let journal: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *writer).await?.try_get(0)?;
    let synchronous: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut *writer).await?.try_get(0)?;
    if journal != "wal" || synchronous != 2 {
        return Err(Fault::NotDurable(format!("journal_mode is {journal}, synchronous is {synchronous}")));
    }
    Ok(())
}

async fn migrate(writer: &mut SqliteConnection) -> Result<(), Fault> {
    let there =
        sqlx::query("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetch_all(&mut *writer).await?;
    if there.is_empty() {
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
        let format = FORMAT.to_string();
        sqlx::query("INSERT INTO meta (key, value) VALUES ('format', ?)")
            .bind(format)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        return Ok(());
    }
    let rows = sqlx::query("SELECT value FROM meta WHERE key = 'format'").fetch_all(&mut *writer).await?;
    let found: String = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    if found == FORMAT.to_string() { Ok(()) } else { Err(Fault::Format { found, known: FORMAT }) }
}

impl Store for Sqlite {
    async fn append(&self, tenant: Tenant, batch: Vec<Append>) -> Vec<Outcome> {
        let mut writer = self.writer.lock().await;
        let (outcomes, usable) = append::append(&mut writer, tenant, batch).await;
        if !usable && let Ok(fresh) = options(&self.path).connect().await {
            *writer = fresh;
        }
        outcomes
    }

    async fn load(&self, tenant: Tenant, stream: &str, after: u64) -> Result<Vec<StoredRecord>, Fault> {
        read::load(&self.readers, tenant, stream, after).await
    }

    async fn head(&self, tenant: Tenant, stream: &str) -> Result<Option<Head>, Fault> {
        read::head(&self.readers, tenant, stream).await
    }

    async fn in_order(
        &self,
        tenant: Tenant,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(String, StoredRecord)>, Fault> {
        read::in_order(&self.readers, tenant, after, limit).await
    }

    async fn streams(&self, tenant: Tenant, after: &str, limit: u32) -> Result<Vec<String>, Fault> {
        read::streams(&self.readers, tenant, after, limit).await
    }

    async fn due(&self, tenant: Tenant, by: i64, limit: u32) -> Result<Vec<(String, i64)>, Fault> {
        read::due(&self.readers, tenant, by, limit).await
    }

    async fn next_due(&self, tenant: Tenant) -> Result<Option<i64>, Fault> {
        read::next_due(&self.readers, tenant).await
    }

    async fn letters_ready(&self, tenant: Tenant, by: i64, limit: u32) -> Result<Vec<Posted>, Fault> {
        letter::ready(&self.readers, tenant, by, limit).await
    }

    async fn letter_done(&self, tenant: Tenant, id: &str, delivery: Delivery) -> Result<(), Fault> {
        letter::done(&mut *self.writer.lock().await, tenant, id, delivery).await
    }

    async fn letter_again(&self, tenant: Tenant, id: &str, not_before: i64) -> Result<bool, Fault> {
        letter::again(&mut *self.writer.lock().await, tenant, id, not_before).await
    }

    async fn letters(&self, tenant: Tenant, state: Option<&str>, limit: u32) -> Result<Vec<Posted>, Fault> {
        letter::latest(&self.readers, tenant, state, limit).await
    }

    async fn rows(
        &self,
        tenant: Tenant,
        view: &str,
        owner: &str,
        after: After,
        limit: u32,
    ) -> Result<Vec<(String, ViewRow)>, Fault> {
        read::rows(&self.readers, tenant, view, owner, &after, limit).await
    }

    async fn rows_of(&self, tenant: Tenant, stream: &str) -> Result<Vec<ViewRow>, Fault> {
        read::rows_of(&self.readers, tenant, stream).await
    }

    async fn vault(&self, tenant: Tenant, stream: &str) -> Result<Vec<VaultRow>, Fault> {
        read::vault(&self.readers, tenant, stream).await
    }

    async fn erase_stream(&self, tenant: Tenant, stream: &str) -> Result<u64, Fault> {
        let sql = "DELETE FROM vault WHERE tenant = ? AND stream = ? RETURNING commitment";
        folder::erase(&self.writer, &self.files, tenant, (sql, stream)).await
    }

    async fn erase(&self, tenant: Tenant, subject: &str) -> Result<u64, Fault> {
        let sql = "DELETE FROM vault WHERE tenant = ? AND subject = ? RETURNING commitment";
        folder::erase(&self.writer, &self.files, tenant, (sql, subject)).await
    }

    async fn answer(&self, tenant: Tenant, key: &str) -> Result<Option<Answer>, Fault> {
        read::answer(&self.readers, tenant, key).await
    }

    async fn document(&self, tenant: Tenant, digest: &str) -> Result<Option<Document>, Fault> {
        read::document(&self.readers, tenant, digest).await
    }

    async fn documents(&self, tenant: Tenant, kind: &str) -> Result<Vec<Document>, Fault> {
        read::documents(&self.readers, tenant, kind).await
    }

    async fn by_number(&self, tenant: Tenant, number: &str) -> Result<Option<String>, Fault> {
        read::by_number(&self.readers, tenant, number).await
    }

    async fn numbers(&self, tenant: Tenant, unit: &str, day: &str, size: u32) -> Result<u32, Fault> {
        let mut writer = self.writer.lock().await;
        let query = sqlx::query(
            "INSERT INTO numbers (tenant, unit, day, next) VALUES (?1, ?2, ?3, 1 + ?4)
             ON CONFLICT (tenant, unit, day) DO UPDATE SET next = next + ?4 RETURNING next - ?4",
        );
        let rows =
            query.bind(tenant.0).bind(unit).bind(day).bind(i64::from(size)).fetch_all(&mut *writer).await?;
        let first: i64 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or(1);
        Ok(u32::try_from(first).unwrap_or(u32::MAX))
    }

    async fn marked(&self, key: &str) -> Result<Option<String>, Fault> {
        let query = sqlx::query("SELECT value FROM meta WHERE key = ?");
        let rows = query.bind(key).fetch_all(&self.readers).await?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    async fn mark(&self, key: &str, value: &str) -> Result<(), Fault> {
        let mut writer = self.writer.lock().await;
        let query = sqlx::query(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        );
        query.bind(key).bind(value).execute(&mut *writer).await?;
        Ok(())
    }
}
