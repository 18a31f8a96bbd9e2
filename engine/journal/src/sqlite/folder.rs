//! The folder beside the store where the bytes of files lie, and what is erased from it with its
//! rows.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sqlx::{Connection as _, Row as _, Sqlite as Db, SqliteConnection};
use tokio::fs;
use tokio::sync::Mutex;

use super::batch::list;
use crate::fault::Fault;
use crate::tenant::Tenant;

/// How the names of pieces begin that are still arriving.
pub(super) const ARRIVING: &str = "incoming-";

/// The folder of files that belongs to a store.
pub(super) fn folder(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_os_string();
    name.push(".files");
    PathBuf::from(name)
}

/// Where a file lies. The digest is hex: it names nothing else.
pub(super) fn place(folder: &Path, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(folder.join(digest.get(..2)?).join(digest)).filter(|_| is_digest)
}

/// Erases the values that a statement takes out of the vault, and the files that only they name;
/// says how many values.
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
    let query = sqlx::query::<Db>(
        "DELETE FROM file_uses WHERE tenant = ? AND commitment <> '' AND commitment IN (SELECT value FROM json_each(?))
         RETURNING digest",
    );
    let all = list(values.iter().map(String::as_str));
    let uses = query.bind(tenant.0).bind(all).fetch_all(&mut *transaction).await?;
    let named: Vec<String> = uses.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let query = sqlx::query(
        "UPDATE files SET gone = 1 WHERE tenant = ?1 AND digest IN (SELECT value FROM json_each(?2)) AND NOT EXISTS
         (SELECT 1 FROM file_uses WHERE tenant = ?1 AND file_uses.digest = files.digest)",
    );
    let query = query.bind(tenant.0).bind(list(named.iter().map(String::as_str)));
    query.execute(&mut *transaction).await?;
    transaction.commit().await?;
    remove_gone(folder, &mut writer).await?;
    Ok(values.len() as u64)
}

/// Removes the bytes of files that are gone, unless another town has the same, and their rows
/// after: whoever is interrupted in between does it again.
pub(super) async fn remove_gone(folder: &Path, writer: &mut SqliteConnection) -> Result<(), Fault> {
    let query = sqlx::query::<Db>(
        "SELECT DISTINCT digest, digest IN (SELECT digest FROM files WHERE gone = 0) AS held FROM files WHERE gone = 1",
    );
    for row in query.fetch_all(&mut *writer).await? {
        let (digest, held): (String, bool) = (row.try_get("digest")?, row.try_get("held")?);
        if let Some(path) = place(folder, &digest).filter(|_| !held) {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                Ok(()) | Err(_) => {}
            }
        }
        let query = sqlx::query(
            "DELETE FROM file_senders WHERE digest = ?1 AND tenant IN
             (SELECT tenant FROM files WHERE digest = ?1 AND gone = 1)",
        );
        query.bind(&digest).execute(&mut *writer).await?;
        let query = sqlx::query("DELETE FROM files WHERE digest = ? AND gone = 1");
        query.bind(digest).execute(&mut *writer).await?;
    }
    Ok(())
}

/// Clears away pieces of files that never arrived because somebody stopped. Nobody else has the
/// store yet.
pub(super) async fn clear(folder: &Path) -> Result<(), Fault> {
    let Ok(mut inside) = fs::read_dir(folder).await else { return Ok(()) };
    while let Some(entry) = inside.next_entry().await? {
        if entry.file_name().to_string_lossy().starts_with(ARRIVING) {
            fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}
