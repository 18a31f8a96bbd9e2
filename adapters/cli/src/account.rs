//! `paidan user` and `paidan key`: who may log in and which programs may ask, on the file under its lock.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use paidan_model::moment::{Moment, Zone};
use paidan_notify::Post;
use paidan_runtime::Desk;

use crate::engine::{Engine, Town, open};
use crate::exit::Exit;
use crate::line::say;
use crate::world::SystemClock;

/// What `user` does.
#[derive(clap::Subcommand)]
pub enum User {
    /// Makes a user, or gives one a new password; the password is read from standard input.
    Add {
        /// The login name.
        name: String,
        /// The id in the roster, by which cases know the person.
        #[arg(long)]
        subject: String,
        /// Looks after users, keys and undelivered messages.
        #[arg(long)]
        admin: bool,
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
    /// Lists the users.
    List {
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
    /// Locks a user out, at once.
    Disable {
        /// The login name.
        name: String,
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
}

/// What `key` does.
#[derive(clap::Subcommand)]
pub enum Key {
    /// Makes a key; its text is printed this once.
    Add {
        /// In whose name the program asks: the subject of a user.
        #[arg(long)]
        subject: String,
        /// What it is for.
        #[arg(long)]
        title: String,
        /// May only look.
        #[arg(long)]
        read_only: bool,
        /// How many days it lasts.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
    /// Lists the keys, without their secret part.
    List {
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
    /// Revokes a key, at once.
    Revoke {
        /// The key's public part.
        id: String,
        /// The store's file.
        #[arg(long)]
        store: PathBuf,
    },
}

fn with_desk<F: Future<Output = Result<Exit>>>(
    store: &std::path::Path,
    work: impl FnOnce(Desk<Town>) -> F,
) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let post = Post::new(&Default::default(), false).map_err(|(_, why)| why)?;
        let engine = Engine::new(open(store).await?, SystemClock::wall(), post, "").await?;
        work(engine.desk.clone()).await
    })
}

fn password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("password: ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password is read from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_string())
}

/// The day of a moment in the town's zone.
fn day(millis: i64, zone: &Zone) -> String {
    Moment::from_millis(millis).local(zone).date().to_string()
}

/// Looks after users.
pub fn user(what: &User) -> Result<Exit> {
    match what {
        User::Add { name, subject, admin, store } => {
            let password = password()?;
            with_desk(store, |desk| async move {
                desk.accounts.put_user(subject, name, &password, *admin).await?;
                say!("user {name} ({subject})");
                Ok(Exit::Fine)
            })
        }
        User::List { store } => with_desk(store, |desk| async move {
            let zone = desk.shelf.now().zone();
            for user in desk.accounts.users().await? {
                let role = if user.admin { "admin" } else { "user" };
                let state = if user.disabled { "disabled" } else { "active" };
                say!("{}\t{}\t{role}\t{state}\t{}", user.name, user.subject, day(user.changed, &zone));
            }
            Ok(Exit::Fine)
        }),
        User::Disable { name, store } => with_desk(store, |desk| async move {
            if !desk.accounts.disable_user(name).await? {
                bail!("there is no user `{name}`");
            }
            say!("user {name} is locked out");
            Ok(Exit::Fine)
        }),
    }
}

/// Looks after keys.
pub fn key(what: &Key) -> Result<Exit> {
    match what {
        Key::Add { subject, title, read_only, days, store } => with_desk(store, |desk| async move {
            let (id, text) = desk.accounts.make_key(subject, title, *read_only, days * 86_400_000).await?;
            eprintln!("key {id} for {subject}; its text is shown this once:");
            say!("{text}");
            Ok(Exit::Fine)
        }),
        Key::List { store } => with_desk(store, |desk| async move {
            let zone = desk.shelf.now().zone();
            for key in desk.accounts.keys().await? {
                let state = if key.revoked { "revoked" } else { "valid" };
                let until = key.expires.map(|expires| day(expires, &zone)).unwrap_or_default();
                let may = if key.read_only { "looks" } else { "acts" };
                say!("{}\t{}\t{may}\t{state}\tuntil {until}\t{}", key.id, key.subject, key.title);
            }
            Ok(Exit::Fine)
        }),
        Key::Revoke { id, store } => with_desk(store, |desk| async move {
            if !desk.accounts.revoke_key(id).await? {
                bail!("there is no key `{id}`");
            }
            say!("key {id} is revoked");
            Ok(Exit::Fine)
        }),
    }
}
