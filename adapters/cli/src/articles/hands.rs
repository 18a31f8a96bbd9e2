//! Who works on the articles' cases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use paidan_journal::Store as _;
use paidan_machine::actor::Actor;
use paidan_machine::command::Act;
use paidan_model::id::{ActionId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_runtime::commands::Want;
use paidan_runtime::{Clock as _, Desk, Receipt};
use serde_json::Value as Json;

use crate::engine::Town;

/// How the ids of those who wish begin; they have no accounts.
pub const WISHER: &str = "r-wish-";
/// Commands under way at once.
const AT_ONCE: usize = 64;

/// Who works on the articles' cases, and how many commands it took.
pub(super) struct Hands<'d> {
    pub desk: &'d Desk<Town>,
    pub commands: AtomicUsize,
}

impl Hands<'_> {
    pub async fn open(&self, who: &str, workflow: &str, form: Json) -> Result<Receipt> {
        let workflow = WorkflowId::parse(workflow).context("a workflow's name")?;
        let fill = form.as_object().into_iter().flatten().map(|(id, value)| (id.clone(), value.clone()));
        let (mut fill, channel) = (fill.collect(), "articles".to_string());
        let shelf = self.desk.shelf.now();
        let definition = shelf.latest(&workflow).and_then(|digest| shelf.workflow(digest));
        self.desk.send_pictures(definition.context("a workflow")?, who, &mut fill).await?;
        self.commands.fetch_add(1, Ordering::Relaxed);
        let want = Want::Open { workflow, fill, channel, parent: None, levels_of: None };
        Ok(self.desk.commands.ask(self.actor(who), want, None).await?)
    }

    pub async fn act(&self, who: &str, stream: &str, action: &str, form: Json) -> Result<()> {
        self.act_for(who, stream, action, None, form).await
    }

    /// The same, for a department's leg.
    pub async fn act_for(
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
            let case = self.desk.queries.case(stream).await?.context("a case")?;
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
        self.desk
            .commands
            .ask(self.actor(who), want, None)
            .await
            .with_context(|| format!("{who}: {action}"))?;
        Ok(())
    }

    fn actor(&self, who: &str) -> Actor {
        self.desk.actor(who, "articles")
    }

    /// Puts the clock forward, and waits until every timer that is due by then has fired and every letter is out.
    pub async fn until(&self, at: Moment) -> Result<()> {
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
pub(super) async fn each<T, F: Future<Output = Result<()>>>(
    all: impl IntoIterator<Item = T>,
    does: impl Fn(T) -> F,
) -> Result<()> {
    stream::iter(all).map(|one| Ok(does(one))).try_buffer_unordered(AT_ONCE).try_collect().await
}
