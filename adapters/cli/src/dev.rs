//! `paidan dev`: an embedded store, a seeded town, a fast clock, pages.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use paidan_http::{App, Door, router};
use paidan_journal::Store as _;
use paidan_language::Library;
use paidan_model::id::WorkflowId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::period::Every;
use paidan_model::script::Script;
use paidan_notify::Post;
use paidan_runtime::publish::Older;
use tokio::sync::oneshot;

use crate::engine::{Engine, Town, in_force, open as open_store, publish, sound};
use crate::exit::Exit;
use crate::files::{SCENE, STORY_OF};
use crate::guest::is_guest;
use crate::line::say;
use crate::story::{Story, play, set_all};
use crate::world::SystemClock;

/// What `dev` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// A folder one works in: its definitions are beside the shipped ones, and what is saved there is in force at once
    /// when it is sound. The story is left out.
    folder: Option<PathBuf>,
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
    /// Other definitions than the shipped ones; a roster among them is the town. No story is
    /// played.
    #[arg(long)]
    workflows: Option<PathBuf>,
    /// Another town than Dongtai.
    #[arg(long)]
    roster: Option<PathBuf>,
    /// Another choice of profiles than Dongtai's.
    #[arg(long)]
    profiles: Option<PathBuf>,
    /// Channels that really send; without it every message stays in the sink.
    #[arg(long)]
    channels: Option<PathBuf>,
    /// Opens the town with the cases of the articles: 6,700 wishes in twelve seasons, 85 lifts. Takes a minute or two.
    #[arg(long)]
    articles: bool,
    /// Leaves the browser alone; it is opened only where somebody sits at a terminal.
    #[arg(long)]
    no_browser: bool,
    /// Lets the clock stand still but for what puts it forward on the page.
    #[arg(long)]
    still: bool,
}

/// Records read together.
const PAGE: u32 = 1_000;

/// Whose history the anchors of a demonstration say it is.
const ORIGIN: &str = "dongtai.dev.invalid";

/// Opens the town and serves until stopped.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))?;
    Ok(Exit::Fine)
}

async fn serve(arguments: &Arguments) -> Result<()> {
    if let Some(folder) = arguments.folder.as_ref().filter(|folder| !folder.is_dir()) {
        bail!("{} is no folder", folder.display());
    }
    let scratch = std::env::temp_dir().join(format!("paidan-dev-{}", std::process::id()));
    let path = match &arguments.store {
        Some(path) => path.clone(),
        None => {
            std::fs::create_dir_all(&scratch)?;
            scratch.join("town.paidan")
        }
    };
    let store = open_store(&path).await?;
    mark(&store).await?;
    let before = last(&store).await?;
    let library = definitions(arguments)?;
    let checked = sound(library.clone())?;
    let (clock, start) = clock(arguments, checked.zone(), before)?;
    let post = Post::new(&checked.channels, true)
        .map_err(|(id, why)| anyhow::anyhow!("the channel `{id}`: {why}"))?;
    let listener = tokio::net::TcpListener::bind(arguments.listen).await.context("cannot listen")?;
    let base = format!("http://{}", listener.local_addr()?);
    let engine = Engine::new(store, clock, post, &base).await?.anchoring(Every::Month, ORIGIN).await?;
    engine.desk.admit_guests(is_guest);
    let (told, begins) = oneshot::channel();
    let engine = engine.starting_after(begins);
    let mut checked = in_force(library, checked, &engine.desk.shelf.now())?;
    if let Some(roster) = checked.roster.as_mut().filter(|_| arguments.articles) {
        // What the articles report is played here, not told as figures beside it.
        roster.figures.clear();
    }
    publish(&engine.desk, &checked, Older::Taken).await?;
    let shipped = arguments.workflows.is_none() && arguments.roster.is_none();
    let app = app(&engine, &checked, &base, shipped);
    let stop = crate::engine::stopping()?;
    say!("pages:  {base}");
    let fresh = before.is_none();
    if fresh && shipped && !arguments.quiet && arguments.folder.is_none() {
        say!("story:  {base}/story");
    }
    let pace = match arguments.still {
        true => "stands still".to_string(),
        false => format!("{} times faster", arguments.speed),
    };
    let zone = checked.zone();
    say!("clock:  {} {}, {pace}", start.local_text(&zone), zone.name());
    let goes_on = if fresh { "" } else { "; what happened in it goes on, nothing is played again" };
    say!("store:  {}{goes_on}", path.display());
    if !arguments.no_browser && std::io::stdout().is_terminal() && open::that_detached(&base).is_err() {
        say!("browser: none was found; open the address above");
    }
    let told = tell(arguments, app.clone(), start, fresh, told);
    let pages = paidan_http::serve(listener, router(app), stop);
    let outside = async {
        tokio::select! {
            ended = told => ended.context("what plays in the town ended"),
            ended = pages => ended.context("the pages ended"),
        }
    };
    let desk = engine.desk.clone();
    engine.run(outside).await?;
    desk.world.store.fold_in().await?;
    if arguments.store.is_none() {
        std::fs::remove_dir_all(&scratch)?;
    }
    Ok(())
}

/// When the last record of a store was written; nothing of one without a history.
async fn last(store: &paidan_journal::Sqlite) -> Result<Option<Moment>> {
    let (mut found, mut after) = (None, 0);
    loop {
        let page = store.in_order(Default::default(), after, PAGE).await?;
        let Some((_, end)) = page.last() else { return Ok(found.map(Moment::from_millis)) };
        after = end.pos;
        found = page.iter().map(|(_, record)| record.at).max().max(found);
    }
}

/// The town's clock, and what it shows when people come in: it does not go back to before what the store has.
fn clock(arguments: &Arguments, zone: Zone, before: Option<Moment>) -> Result<(SystemClock, Moment)> {
    let start = Moment::parse_local(&arguments.start, &zone).context("--start is YYYY-MM-DD hh:mm")?;
    let start = before.map_or(start, |before| before.max(start));
    let first = Moment::parse_local(crate::articles::START, &zone).context("the articles' first day")?;
    let articles = arguments.articles && before.is_none();
    let clock = SystemClock::fast(if articles { first } else { start }, arguments.speed);
    if arguments.still || articles {
        clock.run(false);
    }
    Ok((clock, start))
}

/// What the pages call the town: the unit above all others.
fn title(checked: &paidan_language::Checked) -> String {
    let mut units = checked.roster.iter().flat_map(|roster| roster.units.values());
    let top = units.find(|unit| unit.parent.is_none());
    top.map(|unit| format!("{} {}", unit.title.zh, unit.title.en)).unwrap_or_default()
}

/// The pages of a town; the shipped one has a stage for its story.
fn app(engine: &Engine, checked: &paidan_language::Checked, base: &str, shipped: bool) -> App<Town> {
    App {
        desk: engine.desk.clone(),
        title: if shipped { "东台 Dongtai".into() } else { title(checked).as_str().into() },
        door: Door::Demonstration,
        base: base.into(),
        setup: None,
        open_to_residents: Arc::default(),
        blocks: crate::files::blocks(&checked.sources),
        stage: shipped.then(|| Arc::new(crate::forge::stage(&engine.desk.world))),
        behind_proxy: false,
    }
}

/// Marks the store as one of a demonstration; a store with a town's own history is left alone.
async fn mark(store: &paidan_journal::Sqlite) -> Result<()> {
    let fresh = store.streams(Default::default(), "", 1).await?.is_empty();
    if !fresh && store.marked("dev").await?.is_none() {
        bail!("this store is not one of a demonstration; `dev` opens only its own");
    }
    Ok(store.mark("dev", "true").await?)
}

/// What the town is made of: what is given, and for the rest what ships.
fn definitions(arguments: &Arguments) -> Result<Library> {
    let mut library = match &arguments.workflows {
        Some(path) => crate::files::library(std::slice::from_ref(path))?,
        None => crate::files::shipped(),
    };
    let own_town = arguments.workflows.is_some() && library.clone().check().roster.is_some();
    match &arguments.roster {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            library.add(&path.display().to_string(), text);
        }
        None if own_town => {}
        None => {
            library.add("config/towns/dongtai/roster.toml", crate::files::ROSTER.to_string());
            library.add("config/towns/dongtai/duties.toml", crate::files::DUTIES.to_string());
        }
    }
    for path in arguments.channels.iter().chain(&arguments.profiles) {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        library.add(&path.display().to_string(), text);
    }
    // The shipped choice is about the shipped definitions.
    if arguments.profiles.is_none() && arguments.workflows.is_none() {
        library.add("config/towns/dongtai/profiles.toml", crate::files::PROFILES.to_string());
    }
    Ok(library)
}

/// The town's story: the last test of its workflow, with the town's own beside the shipped ones.
fn story(told: &paidan_language::Checked) -> Result<Story> {
    let agreed = told.workflows.iter().find(|agreed| agreed.workflow.id.as_str() == STORY_OF);
    let agreed = agreed.context("the town's story is no sound test of its workflow")?;
    let calendar = told.calendars.get(&agreed.workflow.calendar).context("the calendar of the story")?;
    let script = agreed.scripts.last().context("the town has no story")?;
    Ok(Story { workflow: agreed.workflow.id.clone(), script: script.clone(), calendar: calendar.clone() })
}

/// What is under way before the story begins: the scenes of every definition.
fn scenes(told: &paidan_language::Checked) -> Vec<(WorkflowId, Script)> {
    let of = |agreed: &paidan_language::Agreed| {
        let scenes = agreed.scripts.iter().filter(|script| script.name.starts_with(SCENE));
        scenes.map(|script| (agreed.workflow.id.clone(), script.clone())).collect::<Vec<_>>()
    };
    told.workflows.iter().flat_map(of).collect()
}

/// Tells what came before, sets the scenes, then keeps the folder or plays the story: the town goes on without it.
/// A store that has a history goes on with it. What does not fit the time at which the town starts is said, and left out.
async fn tell(
    arguments: &Arguments,
    app: App<Town>,
    start: Moment,
    fresh: bool,
    told_before: oneshot::Sender<()>,
) -> Result<()> {
    let desk = app.desk.clone();
    if arguments.articles && fresh {
        crate::articles::tell(&desk, start).await?;
        desk.world.clock.run(!arguments.still);
    }
    // From here on the town goes on by itself.
    let _heard = told_before.send(());
    let told = (!arguments.quiet && fresh && app.stage.is_some()).then(|| crate::files::story().check());
    if let Some(told) = &told {
        left_out("scenes", set_all(&desk, &scenes(told)).await);
    }
    if let Some(folder) = &arguments.folder {
        return crate::folder::keep(folder.clone(), &app).await;
    }
    if let Some((told, stage)) = told.as_ref().zip(app.stage.as_deref()) {
        let world = Arc::clone(&desk.world);
        left_out("steps of the story", play(desk, Arc::clone(&world), stage, story(told)?).await);
        world.clock.run(!arguments.still);
    }
    std::future::pending().await
}

/// Says what does not fit the time at which the town starts.
fn left_out(what: &str, played: Result<()>) {
    if let Err(why) = played {
        eprintln!(
            "the {what} of the town end here, for some of their days are fixed; the town goes on: {why:#}"
        );
    }
}
