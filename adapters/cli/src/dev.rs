//! `paidan dev`: an embedded store, a seeded town, a fast clock, pages.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use paidan_http::{App, dev_router};
use paidan_journal::{Sqlite, Store as _};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::{Alarm, Committer, Courier, Desk, Outside, Published, Shelf};

use crate::Exit;
use crate::files::STORY_OF;
use crate::line::say;
use crate::story::{Story, Town, play};
use crate::world::{Sink, SystemClock, SystemIds};

/// What `dev` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Where the pages are.
    #[arg(long, default_value = "127.0.0.1:8311")]
    listen: SocketAddr,
    /// How many times faster than the clock on the wall.
    #[arg(long, default_value_t = 60)]
    speed: u32,
    /// When the clock starts, in local time.
    #[arg(long, default_value = "2026-09-30 14:50")]
    start: String,
    /// The store; without it a new one in a scratch folder.
    #[arg(long)]
    store: Option<PathBuf>,
    /// Doesn't play the story of the eve of National Day.
    #[arg(long)]
    quiet: bool,
    /// Other definitions than the shipped ones.
    #[arg(long)]
    workflows: Option<PathBuf>,
}

/// Opens the town and serves until stopped.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))?;
    Ok(Exit::Fine)
}

async fn serve(arguments: &Arguments) -> Result<()> {
    let scratch = std::env::temp_dir().join(format!("paidan-dev-{}", std::process::id()));
    let path = match &arguments.store {
        Some(path) => path.clone(),
        None => {
            std::fs::create_dir_all(&scratch)?;
            scratch.join("town.paidan")
        }
    };
    let store = Sqlite::open(&path).await.with_context(|| path.display().to_string())?;
    store.mark("dev", "true").await?;
    let start =
        Moment::parse_local(&arguments.start, &Zone::SHANGHAI).context("--start is YYYY-MM-DD hh:mm")?;
    let clock = SystemClock::fast(start, arguments.speed);
    let world = Arc::new(Outside { store, clock, ids: SystemIds, transport: Sink });
    let shelf = Arc::new(Shelf::default());
    let story = Some(furnish(&shelf, &world.store, arguments).await?).filter(|_| !arguments.quiet);
    let (desk, orders) = Desk::new(Arc::clone(&world), shelf);
    let committer = Committer::new(desk.clone(), orders);
    let alarm = Alarm::new(desk.clone());
    let courier = Courier::new(desk.clone(), &format!("http://{}", arguments.listen));
    let told = tell(desk.clone(), Arc::clone(&world), story);
    let app = App { desk, title: "东台 Dongtai".to_string() };
    let listener = tokio::net::TcpListener::bind(arguments.listen).await.context("cannot listen")?;
    say!("pages:  http://{}", listener.local_addr()?);
    say!("clock:  {} Asia/Shanghai, {} times faster", arguments.start, arguments.speed);
    say!("store:  {}", path.display());
    let pages = paidan_http::serve(listener, dev_router(app));
    // A part that ends takes the others with it: start-up is recovery.
    tokio::select! {
        () = committer.run() => bail!("the committer ended"),
        ended = alarm.run() => ended.context("the alarm ended")?,
        ended = courier.run() => ended.context("the courier ended")?,
        ended = told => ended.context("the story ended")?,
        ended = pages => ended.context("the pages ended")?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    if arguments.store.is_none() {
        std::fs::remove_dir_all(&scratch)?;
    }
    Ok(())
}

async fn furnish(shelf: &Shelf, store: &Sqlite, arguments: &Arguments) -> Result<Story> {
    let mut library = match &arguments.workflows {
        Some(path) => crate::files::library(std::slice::from_ref(path))?,
        None => crate::files::shipped(),
    };
    library.add("config/towns/dongtai/roster.toml", crate::files::ROSTER.to_string());
    let checked = library.check();
    if checked.has_errors() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        bail!("the definitions are not sound");
    }
    let story = story()?;
    let published: Vec<Published> = checked
        .workflows
        .iter()
        .filter(|agreed| agreed.workflow.kind == paidan_model::workflow::Kind::Case)
        .map(|a| Published {
            workflow: a.workflow.clone(),
            digest: a.digest.clone(),
            source: a.source.clone(),
        })
        .collect();
    shelf.publish(store, Default::default(), &published, &checked.calendars, checked.roster.as_ref()).await?;
    Ok(story)
}

/// The town's story: the last test of its workflow, with the town's own beside the shipped ones.
fn story() -> Result<Story> {
    let told = crate::files::story().check();
    let agreed = told.workflows.iter().find(|agreed| agreed.workflow.id.as_str() == STORY_OF);
    let agreed = agreed.context("the town's story is no sound test of its workflow")?;
    let calendar = told.calendars.get(&agreed.workflow.calendar).context("the calendar of the story")?;
    let script = agreed.scripts.last().context("the town has no story")?;
    Ok(Story { workflow: agreed.workflow.id.clone(), script: script.clone(), calendar: calendar.clone() })
}

/// Plays the story, then waits: the town goes on without it.
async fn tell(desk: Desk<Town>, world: Arc<Town>, story: Option<Story>) -> Result<()> {
    if let Some(story) = story {
        play(desk, world, story).await?;
    }
    std::future::pending().await
}
