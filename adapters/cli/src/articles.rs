//! What the articles report of Yancheng, played through the desk with the same commands as any day's work: twelve seasons
//! with 6,700 wishes fulfilled, 73 lifts in service and 12 under way. Years pass on the demonstration's clock.

mod agenda;
mod lift;
mod season;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use paidan_journal::Store as _;
use paidan_machine::actor::Actor;
use paidan_machine::command::Act;
use paidan_model::id::{ActionId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_runtime::desk::Want;
use paidan_runtime::{Clock as _, Desk, Receipt};
use serde_json::Value as Json;

use self::agenda::{Item, agenda};
use self::lift::Lifts;
use self::season::Seasons;
use crate::engine::Town;
use crate::line::say;

/// When the first season begins, in local time.
pub const START: &str = "2022-10-08 09:00";
/// How the ids of those who wish begin; they have no accounts.
pub const WISHER: &str = "r-wish-";
/// Commands under way at once.
const AT_ONCE: usize = 64;

/// Who works on the articles' cases, and how many commands it took.
struct Hands<'d> {
    desk: &'d Desk<Town>,
    commands: AtomicUsize,
}

impl Hands<'_> {
    async fn open(&self, who: &str, workflow: &str, form: Json) -> Result<Receipt> {
        let workflow = WorkflowId::parse(workflow).context("a workflow's name")?;
        let fill = form.as_object().into_iter().flatten().map(|(id, value)| (id.clone(), value.clone()));
        let (mut fill, channel) = (fill.collect(), "articles".to_string());
        let shelf = self.desk.shelf.now();
        let definition = shelf.latest(&workflow).and_then(|digest| shelf.workflow(digest));
        self.desk.send_pictures(definition.context("a workflow")?, who, &mut fill).await?;
        self.commands.fetch_add(1, Ordering::Relaxed);
        let want = Want::Open { workflow, fill, channel, parent: None, levels_of: None };
        Ok(self.desk.ask(self.actor(who), want, None).await?)
    }

    async fn act(&self, who: &str, stream: &str, action: &str, form: Json) -> Result<()> {
        self.act_for(who, stream, action, None, form).await
    }

    /// The same, for a department's leg.
    async fn act_for(
        &self,
        who: &str,
        stream: &str,
        action: &str,
        leg: Option<&str>,
        form: Json,
    ) -> Result<()> {
        let fill = form.as_object().into_iter().flatten().map(|(id, value)| (id.clone(), value.clone()));
        let mut fill = fill.collect();
        if form.as_object().is_some_and(|form| form.values().any(Json::is_array)) {
            let case = self.desk.case(stream).await?.context("a case")?;
            let shelf = self.desk.shelf.now();
            let definition = shelf.workflow(&case.filing.digest).context("a workflow")?;
            self.desk.send_pictures(definition, who, &mut fill).await?;
        }
        let act = Act {
            action: ActionId::parse(action).context("an action's name")?,
            fill,
            reason: None,
            leg: leg.and_then(UnitId::parse),
            seen: None,
        };
        self.commands.fetch_add(1, Ordering::Relaxed);
        let want = Want::Act { stream: stream.into(), act };
        self.desk.ask(self.actor(who), want, None).await.with_context(|| format!("{who}: {action}"))?;
        Ok(())
    }

    fn actor(&self, who: &str) -> Actor {
        self.desk.actor(who, "articles")
    }

    /// Puts the clock forward, and waits until every timer that is due by then has fired and every letter is out.
    async fn until(&self, at: Moment) -> Result<()> {
        /// Looks at the store after which what is due is taken for stuck.
        const LOOKS_MAX: usize = 15_000;
        let clock = &self.desk.world.clock;
        clock.put_forward(at);
        for _ in 0..LOOKS_MAX {
            let (store, now) = (&self.desk.world.store, clock.now());
            let next = store.next_due(self.desk.tenant).await?.map(Moment::from_millis);
            let letters = store.letters_ready(self.desk.tenant, now.millis(), 1).await?;
            if letters.is_empty() && next.is_none_or(|next| next > now) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
        bail!("timers that are due do not fire, or letters do not go out")
    }
}

/// Does something with each of them, several at once; stops at the first that fails.
async fn each<T, F: Future<Output = Result<()>>>(
    all: impl IntoIterator<Item = T>,
    does: impl Fn(T) -> F,
) -> Result<()> {
    stream::iter(all).map(|one| Ok(does(one))).try_buffer_unordered(AT_ONCE).try_collect().await
}

/// Plays what the articles report, up to a moment.
pub async fn tell(desk: &Desk<Town>, until: Moment) -> Result<()> {
    let begun = Instant::now();
    let hands = Hands { desk, commands: AtomicUsize::new(0) };
    let (mut seasons, mut lifts) = (Seasons::default(), Lifts::default());
    let zone = desk.shelf.now().zone();
    let start = Moment::parse_local(START, &zone).context("the first day")?;
    for (at, item) in agenda(start) {
        if at > until {
            bail!("`--start` is too early: the articles' cases need until {}", at.local_text(&zone));
        }
        hands.until(at).await?;
        match item {
            Item::Season(n, day) => seasons.day(&hands, n, day).await?,
            Item::Lift(batch, day) => lifts.day(&hands, batch, day).await?,
        }
    }
    hands.until(until).await?;
    let commands = hands.commands.load(Ordering::Relaxed);
    let seconds = begun.elapsed().as_secs_f64();
    say!("told:   {commands} commands of the articles in {seconds:.0} s");
    Ok(())
}
