//! `paidan simulate`: what thousands of cases would do to the desks of a town.

mod assumed;
mod column;
mod page;

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::ValueEnum;
use paidan_foresight::simulate::report::HandRow;
use paidan_foresight::simulate::{Demand, Fault, Report, Subject, simulate};
use paidan_language::{Agreed, Checked, Code, Library, Unread};
use paidan_model::text::Tongue;
use paidan_model::workflow::Kind;
use serde_json::{Value as Json, json};

use crate::exit::Exit;
use crate::gather::gather;
use crate::line::say;
use assumed::{Assumed, Whose};
use page::Page;

/// What `simulate` takes.
#[derive(clap::Args)]
#[command(after_help = "Example: paidan simulate my-flow --cases 5000 --from my-flow/demand.toml")]
pub struct Arguments {
    /// Files or folders: a definition, and a calendar and a roster if they are not those that ship; without any the
    /// folder one is in.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How many cases come; without it what the demand says, else 1000.
    #[arg(long)]
    cases: Option<u32>,
    /// What chance begins with: the same seed gives the same report.
    #[arg(long)]
    seed: Option<u64>,
    /// Over how many working days they come; without it what the demand says, else 20.
    #[arg(long)]
    days: Option<u32>,
    /// A file with `[demand]`, instead of that of the folder: who comes when, how many people work where, how long things take.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Which workflow, where several are given.
    #[arg(long)]
    workflow: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    /// The language of the report.
    #[arg(long, value_enum, default_value = "en")]
    tongue: Language,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Zh,
    En,
}

/// Simulates and prints.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let (library, whose) = library(arguments)?;
    let mut checked = library.check();
    // Roles that nobody holds in the town that ships are no matter of the definition.
    checked.findings.retain(|finding| whose == Whose::Given || finding.code != Code::EmptyRole.number());
    if checked.has_errors() {
        eprint!("{}", crate::check::findings(&checked));
        return Ok(Exit::Wrong);
    }
    let demand = demand(&checked, arguments);
    let agreed = chosen(&checked, arguments.workflow.as_deref())?;
    let subject = Subject {
        workflow: &agreed.workflow,
        digest: &agreed.digest,
        scripts: &agreed.scripts,
        calendars: &checked.calendars,
        roster: checked.roster.as_ref(),
    };
    let report = simulate(&subject, &demand).map_err(|fault| anyhow!("{}", words(&fault)))?;
    let page = Page {
        agreed,
        assumed: Assumed { demand: &demand, workflow: &agreed.workflow, whose },
        report: &report,
        remedy: remedy(&subject, &demand, &report),
        roster: subject.roster,
        tongue: match arguments.tongue {
            Language::Zh => Tongue::Zh,
            Language::En => Tongue::En,
        },
    };
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&as_json(&page)?)?);
    } else {
        page.print();
    }
    Ok(Exit::Fine)
}
/// The workflow that is meant: the one that is named, else the only one.
fn chosen<'c>(checked: &'c Checked, named: Option<&str>) -> Result<&'c Agreed> {
    let cases = || checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Kind::Case);
    let names = || cases().map(|agreed| agreed.workflow.id.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(named) = named {
        let found = cases().find(|agreed| agreed.workflow.id.as_str() == named);
        return found.with_context(|| format!("there is no workflow `{named}`; there are: {}", names()));
    }
    match cases().collect::<Vec<_>>().as_slice() {
        [one] => Ok(one),
        [] => bail!("there is no workflow whose cases could be simulated; a plain chart has nobody who acts"),
        _ => bail!("there are several workflows; name one with --workflow: {}", names()),
    }
}

/// What is assumed: by the file, and before it by the command line.
fn demand(checked: &Checked, arguments: &Arguments) -> Demand {
    let mut demand = checked.demand.clone().unwrap_or_default();
    demand.cases = arguments.cases.or(demand.cases);
    demand.seed = arguments.seed.unwrap_or(demand.seed);
    demand.days = arguments.days.unwrap_or(demand.days);
    demand
}

/// What is narrow, had it one more person; nothing where nothing is narrow.
fn remedy(subject: &Subject<'_>, demand: &Demand, report: &Report) -> Option<HandRow> {
    let row = report.bottleneck()?;
    let more = demand.with_one_more(subject.workflow, row);
    let then = simulate(subject, &more).ok()?;
    then.hands.into_iter().find(|other| other.hand == row.hand)
}

fn text_of(read: &Result<Vec<u8>, Unread>) -> Option<&str> {
    std::str::from_utf8(read.as_ref().ok()?).ok()
}

/// Whether a text says what is assumed, and nothing else.
fn assumes(text: &str) -> bool {
    let only = |table: &toml::de::DeTable<'_>| table.len() == 1 && table.contains_key("demand");
    toml::de::DeTable::parse(text).is_ok_and(|table| only(table.get_ref()))
}

/// The texts that were given, and the town that ships where they have none.
fn library(arguments: &Arguments) -> Result<(Library, Whose)> {
    let mut texts = gather(&arguments.paths)?;
    if let Some(from) = &arguments.from {
        let one = from.canonicalize().with_context(|| format!("cannot read {}", from.display()))?;
        let same = |path: &String| PathBuf::from(path).canonicalize().is_ok_and(|other| other == one);
        // What is named goes before what lies in the folder; what stands in a file with other tables is a second one.
        texts.retain(|(path, read)| same(path) || !text_of(read).is_some_and(assumes));
        if !texts.iter().any(|(path, _)| same(path)) {
            texts.extend(gather(std::slice::from_ref(from))?);
        }
    }
    let is_roster = |text: &str| text.contains("[[units]]") || text.contains("[[people]]");
    let whose = match texts.iter().any(|(_, read)| text_of(read).is_some_and(is_roster)) {
        true => Whose::Given,
        false => Whose::Shipped,
    };
    if whose == Whose::Shipped {
        texts.push(("config/towns/dongtai/roster.toml".into(), Ok(crate::files::ROSTER.into())));
    }
    Ok((crate::files::with_shipped(&texts), whose))
}

fn words(fault: &Fault) -> String {
    use paidan_foresight::simulate::demand::CASES_MOST;
    match fault {
        Fault::Chart => "a plain chart has nobody who acts: there is nothing to simulate".into(),
        Fault::Cases(cases) => format!("{cases} cases; one run has 1 to {CASES_MOST}"),
        Fault::Calendar(id) => format!("there is no calendar `{id}`"),
        Fault::NoDays => "no case can come: no weekday with a weight above 0 is a working day".into(),
        Fault::Intake(refusal) => {
            format!(
                "no case opens with what the tests give at intake, nor with a form filled in by type: {refusal}"
            )
        }
        Fault::Law(refusal) => refusal.to_string(),
    }
}

fn as_json(page: &Page<'_>) -> Result<Json> {
    let workflow = &page.agreed.workflow;
    let mut found = serde_json::to_value(page.report)?;
    if let Json::Object(members) = &mut found {
        members.insert("workflow".into(), json!(workflow.id));
        members.insert("version".into(), json!(workflow.version));
        members.insert("digest".into(), json!(page.agreed.digest));
        members.insert("seed".into(), json!(page.assumed.demand.seed));
        members.insert("assumed".into(), json!(page.assumed.sentences(page.tongue)));
        members.insert("bottleneck".into(), json!(page.report.bottleneck()));
        members.insert("remedy".into(), json!(page.remedy));
        members.insert("summary".into(), json!(page.bottleneck()));
    }
    Ok(found)
}
