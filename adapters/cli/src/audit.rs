//! `paidan audit`: verify a store or a case, take its records out, replay it.

mod anchor;
mod cells;
mod changes;
mod eventlog;
mod single;
mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use paidan_journal::verify::verify;
use paidan_journal::{Header, Sqlite, Store as _};
use paidan_machine::{Case, evolve};
use paidan_model::moment::{Moment, Zone};
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;
use paidan_runtime::Look;
use paidan_runtime::entry::Entry;

use self::store::{PAGE, empty, open, stream_of};
use crate::exit::Exit;
use crate::line::say;

/// What `audit` does.
#[derive(clap::Subcommand)]
pub enum Arguments {
    /// Looks through every record: hashes, links, numbering, columns; then computes lists and timers again.
    Verify {
        /// The store.
        #[arg(long, required_unless_present = "records")]
        store: Option<PathBuf>,
        /// The records of this case alone, by its stream or its number; prints their head.
        #[arg(long)]
        case: Option<String>,
        /// Instead of a store: the records of one case, as its page or `export` wrote them. With `--anchor` the proof among
        /// them has to be one of that anchor.
        #[arg(long, conflicts_with_all = ["store", "case"])]
        records: Option<PathBuf>,
        /// Holds the whole history against an anchor that was kept elsewhere.
        #[arg(long, conflicts_with = "case")]
        anchor: Vec<PathBuf>,
    },
    /// Writes the head of the whole history as a text of three lines, to be kept where nobody who writes the store can
    /// reach it: the body of a C2SP tlog-checkpoint.
    Anchor {
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// Where to; else it is printed.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Whose history it is; else what the town calls itself.
        #[arg(long)]
        origin: Option<String>,
        /// Where what each record is in the tree goes to, one a line: whoever has these computes the head without us.
        #[arg(long)]
        leaves: Option<PathBuf>,
    },
    /// Takes cases out: the records of one as they are stored, or an event log of many for process mining.
    Export(Export),
    /// Prints a case as it is, or as it was at a recorded time.
    Replay {
        /// The case: its stream or its number.
        case: String,
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// The recorded time, `YYYY-MM-DD hh:mm` in local time or RFC 3339.
        #[arg(long)]
        at: Option<String>,
    },
    /// Prints who changed which field of a case, from what to what and why, one change a line.
    Changes {
        /// The case: its stream or its number.
        case: String,
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// Of this field only.
        #[arg(long)]
        field: Option<String>,
    },
    /// Prints who looked at a case, one look a line.
    Access {
        /// The case: its stream or its number.
        case: String,
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
}

/// What `audit export` takes.
#[derive(clap::Args)]
pub struct Export {
    /// The cases, each by its stream or its number; of records one, of an event log none means all.
    cases: Vec<String>,
    /// In which form.
    #[arg(long, value_enum, default_value_t = Format::Records)]
    format: Format,
    /// The store.
    #[arg(long)]
    store: PathBuf,
    /// Where to; records are printed when nothing is said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Of records: the anchor of which a proof is written after them, as a file.
    #[arg(long)]
    anchor: Option<PathBuf>,
    /// Of an event log: cases of this workflow alone.
    #[arg(long)]
    workflow: Option<String>,
    /// Of an event log: cases that came in on this day or later, `YYYY-MM-DD`.
    #[arg(long)]
    from: Option<String>,
    /// Of an event log: cases that came in on this day or earlier.
    #[arg(long)]
    to: Option<String>,
    /// Of an event log: in which language activities are called.
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    tongue: Spoken,
}

/// In which form cases are taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The records of one case as they are stored, one a line: whoever has them verifies them without the store.
    Records,
    /// An event log by IEEE 1849-2016.
    Xes,
    /// The same as rows.
    Csv,
}

/// A language, as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Spoken {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Audits.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments {
            Arguments::Verify { records: Some(records), anchor, .. } => {
                let anchors = anchor.iter().map(|path| anchor::read(path)).collect::<Result<Vec<_>>>()?;
                single::verify_records(records, &anchors)
            }
            Arguments::Verify { store, case, anchor, .. } => {
                let store = store.as_ref().context("say which store: --store FILE")?;
                match case {
                    Some(case) => single::verify_case(case, store).await,
                    None => verify_store(store, anchor).await,
                }
            }
            Arguments::Anchor { store, out, origin, leaves } => {
                anchor::write(store, origin.as_deref(), out.as_deref(), leaves.as_deref()).await
            }
            Arguments::Export(wanted) => export(wanted).await,
            Arguments::Access { case, store } => access(case, store).await,
            Arguments::Changes { case, store, field } => changes::run(case, store, field.as_deref()).await,
            Arguments::Replay { case, store, at } => replay(case, store, at.as_deref()).await,
        }
    })
}

async fn export(wanted: &Export) -> Result<Exit> {
    let Export { cases, format, store, out, anchor, workflow, from, to, tongue } = wanted;
    if *format == Format::Records {
        if workflow.is_some() || from.is_some() || to.is_some() {
            bail!("`--workflow`, `--from` and `--to` choose the cases of an event log: add --format xes");
        }
        let [case] = cases.as_slice() else { bail!("say whose records: one case, by its stream or number") };
        let anchor = anchor.as_ref().map(|path| anchor::read(path)).transpose()?;
        return single::export(case, store, out.as_deref(), anchor.as_ref()).await;
    }
    if anchor.is_some() {
        bail!("`--anchor` is for records: an event log is no copy of them, and proves nothing");
    }
    let out = out.as_ref().context("say where to: --out FILE")?;
    let log = eventlog::Wanted {
        xes: *format == Format::Xes,
        cases,
        workflow: workflow.as_deref(),
        from: from.as_deref(),
        to: to.as_deref(),
        tongue: if *tongue == Spoken::Zh { Tongue::Zh } else { Tongue::En },
    };
    eventlog::run(&log, store, out).await
}

/// Looks through a whole store, and says what it found.
///
/// # Errors
/// When it cannot be read.
pub async fn verify_store(path: &Path, anchors: &[PathBuf]) -> Result<Exit> {
    let anchors = anchors.iter().map(|path| anchor::read(path)).collect::<Result<Vec<_>>>()?;
    let store = open(path).await?;
    let report = verify(&store, Default::default()).await?;
    for broken in &report.broken {
        say!("BROKEN {} record {}: {}", broken.stream, broken.seq, broken.what);
    }
    let derived = if report.broken.is_empty() { derived(&store).await? } else { Vec::new() };
    let held = anchor::hold(&store, anchors, report.broken.is_empty()).await?;
    // Closed well, everything stands in the one file.
    store.close().await;
    for (stream, what) in &derived {
        say!("BROKEN {stream}: {what}");
    }
    if report.records == 0 {
        return Ok(empty());
    }
    let broken = report.broken.len() + derived.len();
    say!("{} streams, {} records, {broken} broken", report.streams, report.records);
    Ok(if broken == 0 && held { Exit::Fine } else { Exit::Integrity })
}

/// What the store keeps beside the records, computed again from them: the rows of lists and the next timer.
async fn derived(store: &Sqlite) -> Result<Vec<(String, String)>> {
    let tenant = Default::default();
    let timers: BTreeMap<String, i64> = store.due(tenant, i64::MAX, u32::MAX).await?.into_iter().collect();
    let mut workflows: BTreeMap<String, Workflow> = BTreeMap::new();
    for document in store.documents(tenant, "definition").await? {
        workflows.insert(document.digest, Workflow::from_canonical(&document.bytes)?);
    }
    let zone = crate::engine::zone(store).await?;
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.streams(tenant, &after, PAGE).await?;
        let Some(last) = page.last().cloned() else { return Ok(found) };
        for stream in page {
            found.extend(altered(store, &stream).await?.map(|what| (stream.clone(), what)));
            let differs = differs(store, &workflows, &zone, timers.get(&stream).copied(), &stream).await?;
            found.extend(differs.map(|what| (stream, what)));
        }
        after = last;
    }
}

/// A personal value of a stream that is not what its record committed to.
async fn altered(store: &Sqlite, stream: &str) -> Result<Option<String>> {
    for row in store.vault(Default::default(), stream).await? {
        let salt: Option<[u8; 32]> = row.salt.as_slice().try_into().ok();
        let value: Option<serde_json::Value> = serde_json::from_str(&row.value).ok();
        let same = salt.zip(value).is_some_and(|(salt, value)| {
            paidan_model::commitment::commitment(stream, &row.field, &value, &salt) == row.commitment
        });
        if !same {
            return Ok(Some(format!("the value of `{}` is not what its record committed to", row.field)));
        }
    }
    Ok(None)
}

/// What differs between a stream's records and what is kept beside them.
async fn differs(
    store: &Sqlite,
    workflows: &BTreeMap<String, Workflow>,
    zone: &Zone,
    timer: Option<i64>,
    stream: &str,
) -> Result<Option<String>> {
    // Accounts of claimers and documents have no rows and no timers; their chains were looked at already.
    if !paidan_runtime::publish::is_case(stream) {
        return Ok(timer.map(|_| "it has a timer, and is no case".to_string()));
    }
    let Some(case) = folded(store, stream, None).await? else { return Ok(None) };
    let Some(workflow) = workflows.get(&case.filing.digest) else {
        return Ok(Some(format!("its definition {} is not in the store", case.filing.digest)));
    };
    if case.next_due().map(Moment::millis) != timer {
        return Ok(Some("its next timer is another than its records say".into()));
    }
    let mut rows = paidan_runtime::committer::rows(workflow, zone, &case)?;
    rows.sort_by(|a, b| (&a.view, &a.key).cmp(&(&b.view, &b.key)));
    let kept = store.rows_of(Default::default(), stream).await?;
    let first = rows.iter().zip(&kept).find(|(row, kept)| row != kept).map(|(row, _)| row.key.clone());
    Ok(match (first, rows.len() == kept.len()) {
        (None, true) => None,
        (Some(key), _) => Some(format!("the row {key} is another than its records say")),
        (None, false) => Some(format!("{} rows are kept, its records give {}", kept.len(), rows.len())),
    })
}

/// A case by its records alone, up to a recorded time.
async fn folded(store: &Sqlite, stream: &str, until: Option<Moment>) -> Result<Option<Case>> {
    let mut found: Option<Case> = None;
    for record in store.load(Default::default(), stream, 0).await? {
        if until.is_some_and(|until| record.at > until.millis()) {
            break;
        }
        found = Entry::read(stream, &record)?.facts.iter().fold(found, evolve);
    }
    Ok(found)
}

async fn replay(case: &str, path: &Path, at: Option<&str>) -> Result<Exit> {
    let store = open(path).await?;
    let zone = crate::engine::zone(&store).await?;
    let stream = stream_of(&store, case).await?;
    let until = at.map(|at| moment(at, &zone)).transpose()?;
    let Some(found) = folded(&store, &stream, until).await? else {
        bail!("there is no case `{case}` at that time")
    };
    let mut shown = serde_json::to_value(&found)?;
    // Under which profile it was opened stands in its definition, which the store keeps.
    let definition = store.document(Default::default(), &found.filing.digest).await?;
    let definition = definition.map(|kept| Workflow::from_canonical(&kept.bytes)).transpose()?;
    let profile = definition.as_ref().and_then(Workflow::profile_id);
    if let (Some(profile), Some(members)) = (profile, shown.as_object_mut()) {
        members.insert("profile".into(), serde_json::to_value(profile)?);
    }
    say!("{}", serde_json::to_string_pretty(&shown)?);
    Ok(Exit::Fine)
}

/// Prints every look at a case from the records of the access log, not from the rows beside them.
async fn access(case: &str, path: &Path) -> Result<Exit> {
    let store = open(path).await?;
    let tenant = Default::default();
    let stream = stream_of(&store, case).await?;
    let (mut after, end) = ("access/".to_string(), "access0".to_string());
    loop {
        let page = store.streams(tenant, &after, PAGE).await?;
        let days: Vec<&String> = page.iter().filter(|day| **day < end).collect();
        let Some(last) = days.last().map(ToString::to_string) else { return Ok(Exit::Fine) };
        for day in days {
            for record in store.load(tenant, day, 0).await? {
                let looks = Header::read(&record.bytes)?.data.get("looks").cloned().unwrap_or_default();
                let looks: Vec<Look> = serde_json::from_value(looks)?;
                for look in looks.iter().filter(|look| look.stream == stream) {
                    say!("{}", look_line(look));
                }
            }
        }
        after = last;
    }
}

fn look_line(look: &Look) -> String {
    let posts: Vec<String> = look.posts.iter().map(|held| format!("{}@{}", held.post, held.unit)).collect();
    let at = Moment::from_millis(look.at).rfc3339();
    let allowed = if look.allowed { "shown" } else { "refused" };
    let subject = if look.subject.is_empty() { "-" } else { &look.subject };
    format!(
        "{at} {subject} [{}] {} {} {allowed} [{}]",
        posts.join(" "),
        look.via,
        look.what,
        look.fields.join(" ")
    )
}

fn moment(text: &str, zone: &Zone) -> Result<Moment> {
    let found = Moment::parse_local(text, zone).or_else(|| Moment::parse_rfc3339(text));
    found.with_context(|| format!("`{text}` is no moment such as `2026-10-08 12:00`"))
}
