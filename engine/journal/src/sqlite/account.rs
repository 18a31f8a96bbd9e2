//! Accounts in the file.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite as Db};

use super::Sqlite;
use crate::account::{Accounts, ApiKey, SavedView, Session, User};
use crate::fault::Fault;
use crate::tenant::Tenant;

fn user(row: &SqliteRow) -> Result<User, Fault> {
    Ok(User {
        subject: row.try_get("subject")?,
        name: row.try_get("name")?,
        password: row.try_get("password")?,
        admin: row.try_get("admin")?,
        disabled: row.try_get("disabled")?,
        changed: row.try_get("changed")?,
    })
}

fn session(row: &SqliteRow) -> Result<Session, Fault> {
    Ok(Session {
        token: row.try_get("token")?,
        subject: row.try_get("subject")?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
    })
}

fn key(row: &SqliteRow) -> Result<ApiKey, Fault> {
    Ok(ApiKey {
        id: row.try_get("id")?,
        hash: row.try_get("hash")?,
        subject: row.try_get("subject")?,
        title: row.try_get("title")?,
        read_only: row.try_get("read_only")?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        revoked: row.try_get("revoked")?,
    })
}

impl Accounts for Sqlite {
    async fn users(&self, tenant: Tenant) -> Result<Vec<User>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT subject, name, password, admin, disabled, changed FROM users WHERE tenant = ? ORDER BY name",
        );
        query.bind(tenant.0).fetch_all(&self.readers).await?.iter().map(user).collect()
    }

    async fn put_user(&self, tenant: Tenant, user: User) -> Result<bool, Fault> {
        let query = sqlx::query(
            "INSERT INTO users (tenant, subject, name, password, admin, disabled, changed) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (tenant, subject) DO UPDATE SET name = excluded.name, password = excluded.password,
             admin = excluded.admin, disabled = excluded.disabled, changed = excluded.changed",
        );
        let query = query.bind(tenant.0).bind(&user.subject).bind(&user.name).bind(&user.password);
        let query = query.bind(user.admin).bind(user.disabled).bind(user.changed);
        let mut writer = self.writer.lock().await;
        match query.execute(&mut *writer).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn put_session(&self, tenant: Tenant, session: Session) -> Result<(), Fault> {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO sessions (tenant, token, subject, created, expires) VALUES (?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&session.token).bind(&session.subject);
        let mut writer = self.writer.lock().await;
        query.bind(session.created).bind(session.expires).execute(&mut *writer).await?;
        Ok(())
    }

    async fn session(&self, tenant: Tenant, token: &str) -> Result<Option<Session>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT token, subject, created, expires FROM sessions WHERE tenant = ? AND token = ?",
        );
        let rows = query.bind(tenant.0).bind(token).fetch_all(&self.readers).await?;
        rows.first().map(session).transpose()
    }

    async fn end_session(&self, tenant: Tenant, token: &str) -> Result<(), Fault> {
        let query = sqlx::query("DELETE FROM sessions WHERE tenant = ? AND token = ?");
        let mut writer = self.writer.lock().await;
        query.bind(tenant.0).bind(token).execute(&mut *writer).await?;
        Ok(())
    }

    async fn end_sessions(&self, tenant: Tenant, subject: &str, expired_by: i64) -> Result<u64, Fault> {
        let query = sqlx::query("DELETE FROM sessions WHERE tenant = ? AND (subject = ? OR expires <= ?)");
        let mut writer = self.writer.lock().await;
        let done = query.bind(tenant.0).bind(subject).bind(expired_by).execute(&mut *writer).await?;
        Ok(done.rows_affected())
    }

    async fn keys(&self, tenant: Tenant) -> Result<Vec<ApiKey>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT id, hash, subject, title, read_only, created, expires, revoked FROM keys
             WHERE tenant = ? ORDER BY created, id",
        );
        query.bind(tenant.0).fetch_all(&self.readers).await?.iter().map(key).collect()
    }

    async fn key(&self, tenant: Tenant, id: &str) -> Result<Option<ApiKey>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT id, hash, subject, title, read_only, created, expires, revoked FROM keys
             WHERE tenant = ? AND id = ?",
        );
        let rows = query.bind(tenant.0).bind(id).fetch_all(&self.readers).await?;
        rows.first().map(key).transpose()
    }

    async fn put_key(&self, tenant: Tenant, key: ApiKey) -> Result<(), Fault> {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO keys (tenant, id, hash, subject, title, read_only, created, expires, revoked)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&key.id).bind(&key.hash).bind(&key.subject).bind(&key.title);
        let query = query.bind(key.read_only).bind(key.created).bind(key.expires).bind(key.revoked);
        let mut writer = self.writer.lock().await;
        query.execute(&mut *writer).await?;
        Ok(())
    }

    async fn saved(&self, tenant: Tenant, subject: &str) -> Result<Vec<SavedView>, Fault> {
        let query = sqlx::query::<Db>(
            "SELECT subject, id, title, filter FROM saved_views WHERE tenant = ? AND subject = ? ORDER BY id",
        );
        let rows = query.bind(tenant.0).bind(subject).fetch_all(&self.readers).await?;
        let view = |row: &SqliteRow| {
            Ok(SavedView {
                subject: row.try_get("subject")?,
                id: row.try_get("id")?,
                title: row.try_get("title")?,
                filter: row.try_get("filter")?,
            })
        };
        rows.iter().map(view).collect()
    }

    async fn put_saved(&self, tenant: Tenant, view: SavedView) -> Result<(), Fault> {
        let query = sqlx::query(
            "INSERT OR REPLACE INTO saved_views (tenant, subject, id, title, filter) VALUES (?, ?, ?, ?, ?)",
        );
        let query = query.bind(tenant.0).bind(&view.subject).bind(&view.id).bind(&view.title);
        query.bind(&view.filter).execute(&mut *self.writer.lock().await).await?;
        Ok(())
    }

    async fn drop_saved(&self, tenant: Tenant, subject: &str, id: &str) -> Result<bool, Fault> {
        let query = sqlx::query("DELETE FROM saved_views WHERE tenant = ? AND subject = ? AND id = ?");
        let query = query.bind(tenant.0).bind(subject).bind(id);
        Ok(query.execute(&mut *self.writer.lock().await).await?.rows_affected() > 0)
    }
}
