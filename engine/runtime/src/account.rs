//! Accounts: users with passwords, revocable sessions, keys for programs. Tokens are kept as hashes only.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use paidan_journal::account::{ApiKey, Session, User};
use paidan_journal::{Bind as _, Bound, Fault, Tenant};
use sha2::{Digest as _, Sha256};

use crate::throttle::Throttle;
use crate::world::{Clock as _, Ids as _, World};

/// Milliseconds a session lasts: twelve hours.
pub const SESSION_MILLIS: i64 = 12 * 3_600_000;
/// Milliseconds a key lasts when nothing else is said: a year.
pub const KEY_MILLIS: i64 = 365 * 86_400_000;
/// The fewest characters of a password.
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
/// The most bytes of a password: hashing more would cost us, and add nothing.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// The most bytes of a login name.
pub const NAME_BYTES_MAX: usize = 64;
/// What keys begin with, so that they are found where they do not belong.
pub const KEY_PREFIX: &str = "paidan_";

/// Somebody whose name is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The subject id.
    pub subject: String,
    /// The login name.
    pub name: String,
    /// Whether users, keys and undelivered messages are theirs to look after.
    pub admin: bool,
    /// Whether they may only look: a key that says so.
    pub read_only: bool,
}

/// Why somebody is not let in, or an account not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Turned {
    /// Name and password do not belong together; which of them is wrong is not said.
    #[error("name and password do not fit")]
    Wrong,
    /// Too many failures; again after so many seconds.
    #[error("too many attempts; try again after {0} s")]
    Wait(u32),
    /// A name, subject or password that cannot be.
    #[error("{0}")]
    Unfit(String),
    /// The store failed.
    #[error("fault: {0}")]
    Fault(String),
}

impl From<Fault> for Turned {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault.to_string())
    }
}

/// What the store keeps of a token.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn hash(password: &str, salt: &[u8]) -> Result<String, Turned> {
    let salt = salt.get(..16).unwrap_or(salt);
    let made: Result<PasswordHash, _> = Argon2::default().hash_password_with_salt(password.as_bytes(), salt);
    made.map(|hash| hash.to_string()).map_err(|error| Turned::Fault(error.to_string()))
}

fn verifies(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn fit(name: &str, what: &str) -> Result<(), Turned> {
    let fits = !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b));
    if fits {
        return Ok(());
    }
    let why = format!("{what} is 1 to {NAME_BYTES_MAX} letters, digits, `-`, `_`, `.` or `@`");
    Err(Turned::Unfit(why))
}

fn strong(password: &str) -> Result<(), Turned> {
    let long = password.chars().count() >= PASSWORD_CHARACTERS_MIN;
    if long && password.len() <= PASSWORD_BYTES_MAX {
        return Ok(());
    }
    let why = format!(
        "a password has at least {PASSWORD_CHARACTERS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes"
    );
    Err(Turned::Unfit(why))
}

/// A password's work, off the threads that serve requests.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Turned> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Turned::Fault(error.to_string()))
}

/// Who may come in: users, their sessions, and keys of programs.
#[derive(Debug)]
pub struct Accounts<W: World> {
    world: Arc<W>,
    tenant: Tenant,
    throttle: Arc<Throttle>,
}

impl<W: World> Clone for Accounts<W> {
    fn clone(&self) -> Self {
        let (world, throttle) = (Arc::clone(&self.world), Arc::clone(&self.throttle));
        Self { world, tenant: self.tenant, throttle }
    }
}

impl<W: World> Accounts<W> {
    /// The accounts of a tenant.
    #[must_use]
    pub(crate) fn new(world: Arc<W>, tenant: Tenant, throttle: Arc<Throttle>) -> Self {
        Self { world, tenant, throttle }
    }

    fn store(&self) -> Bound<'_, W::Store> {
        self.world.store().of(self.tenant)
    }

    /// Whether nobody can log in yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_no_users(&self) -> Result<bool, Fault> {
        Ok(self.store().users().await?.is_empty())
    }

    /// Every user.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, Fault> {
        self.store().users().await
    }

    /// Writes a user with a new password; ends all sessions of the subject. Twice is the same as once.
    ///
    /// # Errors
    /// [`Turned::Unfit`] for a name, subject or password that cannot be, or a name that is taken.
    pub async fn put_user(
        &self,
        subject: &str,
        name: &str,
        password: &str,
        admin: bool,
    ) -> Result<(), Turned> {
        fit(subject, "a subject")?;
        fit(name, "a login name")?;
        strong(password)?;
        let (password, salt) = (password.to_string(), self.world.ids().salt());
        let password = off_thread(move || hash(&password, &salt)).await??;
        let changed = self.world.clock().now().millis();
        let user = User {
            subject: subject.to_string(),
            name: name.to_string(),
            password,
            admin,
            disabled: false,
            changed,
        };
        if !self.store().put_user(user).await? {
            return Err(Turned::Unfit(format!("the login name `{name}` is taken")));
        }
        self.store().end_sessions(subject, changed).await?;
        Ok(())
    }

    /// Locks a user out, at once: sessions end and keys no longer open. False when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn disable_user(&self, name: &str) -> Result<bool, Turned> {
        let (store, changed) = (self.store(), self.world.clock().now().millis());
        let Some(user) = self.users().await?.into_iter().find(|user| user.name == name) else {
            return Ok(false);
        };
        let subject = user.subject.clone();
        store.put_user(User { disabled: true, changed, ..user }).await?;
        store.end_sessions(&subject, changed).await?;
        Ok(true)
    }

    /// Lets somebody in; the token goes to the browser and is kept as a hash. `from` is where the request
    /// came from, for the throttle.
    ///
    /// # Errors
    /// [`Turned::Wrong`], the same and after the same work whether the name or the password is wrong;
    /// [`Turned::Wait`] after too many failures.
    pub async fn login(&self, name: &str, password: &str, from: &str) -> Result<(String, Account), Turned> {
        let now = self.world.clock().now().millis();
        let doors = [format!("name:{name}"), format!("from:{from}")];
        self.throttle.ask(&doors, now).map_err(Turned::Wait)?;
        let users = self.users().await?;
        let user = users.into_iter().find(|user| user.name == name && !user.disabled);
        let known = user.as_ref().map_or_else(|| NOBODY.to_string(), |user| user.password.clone());
        let word = password.get(..password.len().min(PASSWORD_BYTES_MAX)).unwrap_or_default().to_string();
        let fits = off_thread(move || verifies(&word, &known)).await?;
        let Some(user) = user.filter(|_| fits) else {
            self.throttle.failed(&doors, now);
            return Err(Turned::Wrong);
        };
        self.throttle.passed(&doors);
        let token = hex::encode(self.world.ids().salt());
        let session = Session {
            token: token_hash(&token),
            subject: user.subject.clone(),
            created: now,
            expires: now.saturating_add(SESSION_MILLIS),
        };
        self.store().put_session(session).await?;
        Ok((token, account(&user, false)))
    }

    /// Who a session's token belongs to; nobody when it has expired, was ended, or the user is locked out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_session(&self, token: &str) -> Result<Option<Account>, Fault> {
        let now = self.world.clock().now().millis();
        let session = self.store().session(&token_hash(token)).await?;
        let Some(session) = session.filter(|session| session.expires > now) else { return Ok(None) };
        Ok(self.user_of(&session.subject).await?.map(|user| account(&user, false)))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn logout(&self, token: &str) -> Result<(), Fault> {
        self.store().end_session(&token_hash(token)).await
    }

    /// Makes a key; its text is told this once. `valid_millis` from now.
    ///
    /// # Errors
    /// [`Turned::Unfit`] when there is no such user.
    pub async fn make_key(
        &self,
        subject: &str,
        title: &str,
        read_only: bool,
        valid_millis: i64,
    ) -> Result<(String, String), Turned> {
        if self.user_of(subject).await?.is_none() {
            return Err(Turned::Unfit(format!("there is no user with the subject `{subject}`")));
        }
        let id: String = self.world.ids().code().chars().take(12).collect();
        let text = format!("{KEY_PREFIX}{id}_{}", hex::encode(self.world.ids().salt()));
        let now = self.world.clock().now().millis();
        let key = ApiKey {
            id: id.clone(),
            hash: token_hash(&text),
            subject: subject.to_string(),
            title: title.chars().filter(|c| !c.is_control()).take(80).collect(),
            read_only,
            created: now,
            expires: Some(now.saturating_add(valid_millis)),
            revoked: false,
        };
        self.store().put_key(key).await?;
        Ok((id, text))
    }

    /// Every key, without its secret part.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, Fault> {
        self.store().keys().await
    }

    /// Revokes a key, at once; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_key(&self, id: &str) -> Result<bool, Fault> {
        let Some(key) = self.store().key(id).await? else { return Ok(false) };
        self.store().put_key(ApiKey { revoked: true, ..key }).await?;
        Ok(true)
    }

    /// Who a key speaks for; nobody when it is revoked, has expired, or its user is locked out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_key(&self, text: &str) -> Result<Option<Account>, Fault> {
        let id = text.strip_prefix(KEY_PREFIX).and_then(|rest| rest.split_once('_')).map(|(id, _)| id);
        let Some(id) = id else { return Ok(None) };
        let now = self.world.clock().now().millis();
        let Some(key) = self.store().key(id).await? else { return Ok(None) };
        let lives = !key.revoked && key.expires.is_none_or(|expires| expires > now);
        if !lives || !same(key.hash.as_bytes(), token_hash(text).as_bytes()) {
            return Ok(None);
        }
        Ok(self.user_of(&key.subject).await?.map(|user| account(&user, key.read_only)))
    }

    async fn user_of(&self, subject: &str) -> Result<Option<User>, Fault> {
        Ok(self.users().await?.into_iter().find(|user| user.subject == subject && !user.disabled))
    }
}

fn account(user: &User, read_only: bool) -> Account {
    Account { subject: user.subject.clone(), name: user.name.clone(), admin: user.admin, read_only }
}

/// Compares hashes in the same time wherever they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

/// A hash that nobody's password has, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFpZGFuLW5vYm9keS0x$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
