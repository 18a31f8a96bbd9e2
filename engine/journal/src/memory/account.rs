//! Accounts and files in memory.

use std::collections::BTreeSet;

use futures_core::Stream;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::Memory;
use crate::account::{Accounts, ApiKey, SavedView, Session, User};
use crate::fault::Fault;
use crate::file::{Files, HEAD_BYTES, Incoming, Kept, NotKept, STREAMS_OF_FILE_MAX, SWEEP_MAX};
use crate::tenant::Tenant;

impl Accounts for Memory {
    async fn users(&self, tenant: Tenant) -> Result<Vec<User>, Fault> {
        let tables = self.tables();
        let mut found: Vec<User> =
            tables.users.iter().filter(|(key, _)| key.0 == tenant.0).map(|(_, user)| user.clone()).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    async fn put_user(&self, tenant: Tenant, user: User) -> Result<bool, Fault> {
        let mut tables = self.tables();
        let taken = tables
            .users
            .iter()
            .any(|(key, other)| key.0 == tenant.0 && other.name == user.name && key.1 != user.subject);
        if !taken {
            tables.users.insert((tenant.0, user.subject.clone()), user);
        }
        Ok(!taken)
    }

    async fn put_session(&self, tenant: Tenant, session: Session) -> Result<(), Fault> {
        self.tables().sessions.insert((tenant.0, session.token.clone()), session);
        Ok(())
    }

    async fn session(&self, tenant: Tenant, token: &str) -> Result<Option<Session>, Fault> {
        Ok(self.tables().sessions.get(&(tenant.0, token.to_string())).cloned())
    }

    async fn end_session(&self, tenant: Tenant, token: &str) -> Result<(), Fault> {
        self.tables().sessions.remove(&(tenant.0, token.to_string()));
        Ok(())
    }

    async fn end_sessions(&self, tenant: Tenant, subject: &str, expired_by: i64) -> Result<u64, Fault> {
        let mut tables = self.tables();
        let before = tables.sessions.len();
        tables
            .sessions
            .retain(|key, held| key.0 != tenant.0 || (held.subject != subject && held.expires > expired_by));
        Ok((before - tables.sessions.len()) as u64)
    }

    async fn saved(&self, tenant: Tenant, subject: &str) -> Result<Vec<SavedView>, Fault> {
        let tables = self.tables();
        let of = |(key, _): &(&(i64, String, String), &SavedView)| key.0 == tenant.0 && key.1 == subject;
        Ok(tables.saved.iter().filter(of).map(|(_, view)| view.clone()).collect())
    }

    async fn put_saved(&self, tenant: Tenant, view: SavedView) -> Result<(), Fault> {
        self.tables().saved.insert((tenant.0, view.subject.clone(), view.id.clone()), view);
        Ok(())
    }

    async fn drop_saved(&self, tenant: Tenant, subject: &str, id: &str) -> Result<bool, Fault> {
        Ok(self.tables().saved.remove(&(tenant.0, subject.to_string(), id.to_string())).is_some())
    }

    async fn keys(&self, tenant: Tenant) -> Result<Vec<ApiKey>, Fault> {
        let tables = self.tables();
        let mut found: Vec<ApiKey> =
            tables.keys.iter().filter(|(key, _)| key.0 == tenant.0).map(|(_, key)| key.clone()).collect();
        found.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        Ok(found)
    }

    async fn key(&self, tenant: Tenant, id: &str) -> Result<Option<ApiKey>, Fault> {
        Ok(self.tables().keys.get(&(tenant.0, id.to_string())).cloned())
    }

    async fn put_key(&self, tenant: Tenant, key: ApiKey) -> Result<(), Fault> {
        self.tables().keys.insert((tenant.0, key.id.clone()), key);
        Ok(())
    }
}

impl Files for Memory {
    async fn keep_file<B: AsRef<[u8]> + Send>(
        &self,
        tenant: Tenant,
        incoming: Incoming<'_>,
        mut pieces: impl Stream<Item = Result<B, String>> + Send + Unpin,
    ) -> Result<Result<Kept, NotKept>, Fault> {
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => bytes.extend_from_slice(piece.as_ref()),
                Err(why) => return Ok(Err(NotKept::Broken(why))),
            }
            if bytes.len() as u64 > incoming.most {
                return Ok(Err(NotKept::TooLarge(incoming.most)));
            }
        }
        if bytes.is_empty() {
            return Ok(Err(NotKept::Broken("it is empty".into())));
        }
        let head = bytes.get(..HEAD_BYTES.min(bytes.len())).unwrap_or_default();
        let Some(kind) = (incoming.kind)(head) else { return Ok(Err(NotKept::Kind)) };
        let kept = Kept {
            digest: hex::encode(Sha256::digest(&bytes)),
            kind: kind.to_string(),
            size: bytes.len() as u64,
            by: incoming.by.to_string(),
            at: incoming.at,
        };
        let mut tables = self.tables();
        let held =
            tables.files.entry((tenant.0, kept.digest.clone())).or_insert_with(|| (kept.clone(), bytes));
        held.0.at = held.0.at.max(kept.at);
        tables.senders.insert(((tenant.0, kept.digest.clone()), kept.by.clone()));
        Ok(Ok(kept))
    }

    async fn file(&self, tenant: Tenant, digest: &str) -> Result<Option<Kept>, Fault> {
        Ok(self.tables().files.get(&(tenant.0, digest.to_string())).map(|held| held.0.clone()))
    }

    async fn sent_file(&self, tenant: Tenant, digest: &str, subject: &str) -> Result<bool, Fault> {
        let sent = ((tenant.0, digest.to_string()), subject.to_string());
        Ok(self.tables().senders.contains(&sent))
    }

    async fn streams_of_file(&self, tenant: Tenant, digest: &str) -> Result<Vec<String>, Fault> {
        let tables = self.tables();
        let uses = tables.uses.iter().filter(|(of, file)| *of == tenant.0 && file.digest == digest);
        let streams: BTreeSet<String> = uses.map(|(_, file)| file.stream.clone()).collect();
        Ok(streams.into_iter().take(STREAMS_OF_FILE_MAX as usize).collect())
    }

    async fn file_piece(
        &self,
        tenant: Tenant,
        digest: &str,
        offset: u64,
        most: usize,
    ) -> Result<Vec<u8>, Fault> {
        let tables = self.tables();
        let Some((_, bytes)) = tables.files.get(&(tenant.0, digest.to_string())) else {
            return Ok(Vec::new());
        };
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(bytes.iter().skip(offset).take(most).copied().collect())
    }

    async fn sweep_files(&self, tenant: Tenant, before: i64) -> Result<u64, Fault> {
        let mut tables = self.tables();
        let old = tables.files.iter().filter(|(key, held)| key.0 == tenant.0 && held.0.at < before);
        let old: Vec<_> = old.map(|(key, _)| key.clone()).filter(|key| !tables.is_named(key)).collect();
        let gone: Vec<_> = old.into_iter().take(SWEEP_MAX as usize).collect();
        for key in &gone {
            tables.remove_file(key);
        }
        Ok(gone.len() as u64)
    }
}
