//! The caller of the API: a key in `Authorization: Bearer`, a session, or in a demonstration whom one chose.

use axum::http::{HeaderMap, header};
use paidan_runtime::commands::Key;
use paidan_runtime::{Actor, World};

use crate::problem::{Api, Code, Problem};
use crate::visitor::{Visitor, lists};
use crate::{App, Door};

/// The most bytes of an `Idempotency-Key`.
pub const KEY_BYTES_MAX: usize = 255;

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The subject id.
    pub subject: String,
    /// As whom.
    pub actor: Actor,
    read_only: bool,
    /// Whether definitions, users and keys are theirs to look after.
    pub admin: bool,
}

impl Caller {
    /// The caller of a request.
    ///
    /// # Errors
    /// When nobody knows who it is.
    pub async fn of<W: World>(app: &App<W>, headers: &HeaderMap) -> Result<Self, Api> {
        let bearer = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        if let Some(bearer) = bearer {
            let key = bearer.strip_prefix("Bearer ").unwrap_or_default();
            let account = app.desk.accounts.by_key(key.trim()).await?.ok_or(Code::NotSignedIn)?;
            let actor = app.desk.actor(&account.subject, "api");
            return Ok(Self {
                subject: account.subject,
                actor,
                read_only: account.read_only,
                admin: account.admin,
            });
        }
        let visitor = Visitor::of(app, headers).await?;
        if !visitor.is_known() && app.door == Door::Accounts {
            return Err(Code::NotSignedIn.into());
        }
        let actor = app.desk.actor(&visitor.subject, "api");
        let admin = match app.door {
            Door::Demonstration => true,
            Door::Accounts => visitor.account.as_ref().is_some_and(|account| account.admin),
        };
        Ok(Self { subject: visitor.subject, actor, read_only: false, admin })
    }

    /// The caller of a request that changes something.
    ///
    /// # Errors
    /// When nobody knows who it is, or the key may only look.
    pub async fn who_changes<W: World>(app: &App<W>, headers: &HeaderMap) -> Result<Self, Api> {
        let caller = Self::of(app, headers).await?;
        if caller.read_only {
            return Err(Problem::of(Code::Forbidden).because("this key may only look").into());
        }
        Ok(caller)
    }

    /// On whose lists the caller's cases stand.
    pub fn lists(&self) -> Vec<String> {
        lists(&self.actor)
    }

    /// The key under which a request may be repeated.
    ///
    /// # Errors
    /// When it is missing or no key.
    pub fn key(&self, headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Key, Api> {
        let text = headers.get("idempotency-key").ok_or(Code::KeyMissing)?;
        let text = text.to_str().unwrap_or_default().trim();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if bare.is_empty() || bare.len() > KEY_BYTES_MAX || bare.contains(['"', '\\']) {
            let why = format!("Idempotency-Key is 1 to {KEY_BYTES_MAX} visible characters");
            return Err(Problem::of(Code::Malformed).because(why).into());
        }
        Ok(Key::of(&[&self.subject, "POST", path, bare], body))
    }
}

/// The sequence in `If-Match`, if it is there.
///
/// # Errors
/// When it is no entity tag of ours.
pub fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Api> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // What comes after the sequence says who saw it; acting goes by the sequence alone.
    let number =
        bare.map(|bare| bare.split_once('-').map_or(bare, |(seq, _)| seq)).and_then(|n| n.parse().ok());
    let wrong = || Problem::of(Code::Malformed).because("If-Match is an entity tag such as \"17\"");
    number.map(Some).ok_or_else(|| wrong().into())
}
