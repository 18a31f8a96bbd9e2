//! `paidan serve`: the engine for a town, on the clock on the wall, behind logins and keys.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use paidan_http::{App, Door, metrics_router, router};
use paidan_journal::Store as _;
use paidan_language::{Checked, Library, Settings};
use paidan_notify::Post;
use paidan_runtime::Ids as _;
use paidan_runtime::publish::Older;

use crate::engine::{Engine, in_force, open, publish, sound, stopping, tell_profiles};
use crate::exit::Exit;
use crate::line::say;
use crate::world::SystemClock;

/// What `serve` takes; what is not given, the configuration says.
#[derive(clap::Args)]
pub struct Arguments {
    /// The configuration.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The store's file; made when it is not there.
    #[arg(long)]
    store: Option<PathBuf>,
    /// Where the pages are; 127.0.0.1:8311 when nothing is said.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Files and folders of definitions, calendars and rosters to publish at the start.
    #[arg(long)]
    definitions: Vec<PathBuf>,
}

/// Where pages are when nothing is said.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8311);

/// Serves until stopped.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))?;
    Ok(Exit::Fine)
}

/// The configuration and all it names, to be checked together; and whether it names anything.
fn library(arguments: &Arguments) -> Result<(Library, bool)> {
    let text = match &arguments.config {
        Some(path) => std::fs::read_to_string(path).with_context(|| path.display().to_string())?,
        None => String::new(),
    };
    let path = arguments.config.as_ref().map_or("paidan.toml".into(), |path| path.display().to_string());
    let mut alone = Library::new();
    alone.add(&path, text.clone());
    let named = alone.check().settings.definitions.into_iter().map(PathBuf::from);
    let paths: Vec<PathBuf> = arguments.definitions.iter().cloned().chain(named).collect();
    let mut library = if paths.is_empty() { Library::new() } else { crate::files::library(&paths)? };
    library.add(&path, text);
    Ok((library, !paths.is_empty()))
}

async fn serve(arguments: &Arguments) -> Result<()> {
    let (library, gives) = library(arguments)?;
    let checked = sound(library.clone())?;
    let settings = &checked.settings;
    let listen = arguments.listen.or(settings.listen).unwrap_or(LISTEN);
    if !listen.ip().is_loopback() && !settings.behind_tls {
        bail!(
            "{listen} is not this machine alone: put a proxy with TLS before it and say `behind_tls = true`"
        );
    }
    let path = arguments.store.clone().or(settings.store.as_ref().map(PathBuf::from));
    let path = path.context("say where the store is: --store FILE, or `store` in [serve]")?;
    let store = open(&path).await?;
    if store.marked("dev").await?.is_some() {
        bail!("{} is the store of a demonstration; `serve` does not open it", path.display());
    }
    let post = Post::new(&checked.channels, false)
        .map_err(|(id, why)| anyhow::anyhow!("the channel `{id}`: {why}"))?;
    let listener = tokio::net::TcpListener::bind(listen).await.context("cannot listen")?;
    let address = listener.local_addr()?;
    let base = settings.base.clone().unwrap_or_else(|| format!("http://{address}"));
    let engine = Engine::new(store, SystemClock::wall(), post, &base).await?;
    let engine = engine.anchoring(settings.anchor.unwrap_or_default(), &origin(settings)).await?;
    if gives {
        let checked = in_force(library, checked.clone(), &engine.desk.shelf.now())?;
        publish(&engine.desk, &checked, Older::LeftAlone).await?;
        newer(&engine, &checked);
    }
    if engine.desk.shelf.now().workflows().next().is_none() {
        bail!("the store has no definition yet: give some with --definitions");
    }
    let app = app(&engine, &checked, &base).await?;
    let stop = stopping()?;
    say!("pages:  http://{address}");
    say!("store:  {}", path.display());
    if let Some(token) = &app.setup {
        say!("first administrator: {base}/setup?token={token}");
    }
    tell_profiles(&engine.desk.shelf.now(), &checked);
    let desk = engine.desk.clone();
    let watched = async {
        // Cases that were counted by other calendars are counted again, beside the work.
        desk.recount().await?;
        watch(settings, app.clone()).await
    };
    let pages = paidan_http::serve(listener, router(app.clone()), stop);
    let outside = async {
        tokio::select! {
            ended = pages => ended.context("the pages ended"),
            ended = watched => ended,
        }
    };
    let last = engine.desk.clone();
    engine.run(outside).await?;
    Ok(last.world.store.fold_in().await?)
}

/// Whose history anchors say it is: the address of the town without its scheme, where nothing else is said.
fn origin(settings: &Settings) -> String {
    let address = settings.base.as_ref().and_then(|base| base.split_once("://")).map(|(_, address)| address);
    let address = address.map(|address| address.trim_end_matches('/').to_string());
    settings.origin.clone().or(address).or_else(|| settings.title.clone()).unwrap_or_else(|| "paidan".into())
}

/// Says which of the definitions given are older than what is in force.
fn newer(engine: &Engine, checked: &Checked) {
    let shelf = engine.desk.shelf.now();
    for given in checked.workflows.iter().map(|agreed| &agreed.workflow) {
        let held = shelf.latest(&given.id).and_then(|digest| shelf.workflow(digest));
        if let Some(held) = held.filter(|held| held.version > given.version) {
            let (id, version, in_force) = (&given.id, given.version, held.version);
            eprintln!("{id}: version {version} was published before; version {in_force} stays in force");
        }
    }
}

async fn app(engine: &Engine, checked: &Checked, base: &str) -> Result<App<crate::engine::Town>> {
    let settings = &checked.settings;
    let first = engine.desk.accounts.has_no_users().await?;
    let token = first.then(|| engine.desk.world.ids.code());
    Ok(App {
        desk: engine.desk.clone(),
        title: settings.title.clone().unwrap_or_default().as_str().into(),
        door: Door::Accounts,
        base: base.into(),
        setup: token.map(|token| token.as_str().into()),
        open_to_residents: settings.open_to_residents.clone().into(),
        blocks: crate::files::blocks(&checked.sources),
        stage: None,
        behind_proxy: settings.behind_tls,
    })
}

/// Shows metrics where the settings say; without, nowhere.
async fn watch(settings: &Settings, app: App<crate::engine::Town>) -> Result<()> {
    let Some(at) = settings.metrics else { return std::future::pending().await };
    let listener = tokio::net::TcpListener::bind(at).await.context("cannot listen for metrics")?;
    say!("metrics: http://{}/metrics", listener.local_addr()?);
    paidan_http::serve(listener, metrics_router(app), std::future::pending()).await.context("metrics ended")
}
