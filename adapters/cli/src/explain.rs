//! `paidan explain`: a code's page, a key of the language, a verb, or a workflow's duty sheet
//! (一页责任清单); without a word, the list of all that it explains.

use std::path::PathBuf;

use anyhow::Result;
use paidan_language::Agreed;
use paidan_model::text::Tongue;
use paidan_views::sheet::{Duty, sheet};

use crate::exit::Exit;
use crate::line::say;

/// What `explain` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// A code such as E0106 or R1003, a key such as `clocks.limit`, a verb such as `urge`, or the id
    /// of a workflow; without it, everything that can be explained.
    what: Option<String>,
    /// Where to look for the workflow; without it among the shipped ones.
    paths: Vec<PathBuf>,
    /// The language of a duty sheet: zh or en; both when nothing is said.
    #[arg(long)]
    tongue: Option<String>,
}

/// Explains.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let Some(what) = &arguments.what else {
        say!("{}", crate::reference::all().trim_end());
        return Ok(Exit::Fine);
    };
    if let Some(page) = page(what).or_else(|| page(&what.to_uppercase())) {
        say!("{page}");
        return Ok(Exit::Fine);
    }
    let word = crate::reference::word(what);
    let library = match arguments.paths.as_slice() {
        [] => crate::files::shipped(),
        paths => crate::files::library(paths)?,
    };
    let checked = library.check();
    let Some(agreed) = checked.workflows.iter().find(|agreed| agreed.workflow.id.as_str() == *what) else {
        let Some(word) = word else {
            eprintln!(
                "error: there is no code, key, verb or workflow `{what}`; `paidan explain` lists all of them"
            );
            return Ok(Exit::Usage);
        };
        say!("{}", word.trim_end());
        return Ok(Exit::Fine);
    };
    for tongue in [Tongue::Zh, Tongue::En] {
        let wanted = match arguments.tongue.as_deref() {
            Some("zh") => tongue == Tongue::Zh,
            Some("en") => tongue == Tongue::En,
            _ => true,
        };
        if wanted {
            print(agreed, tongue);
        }
    }
    Ok(Exit::Fine)
}

fn print(agreed: &Agreed, tongue: Tongue) {
    let workflow = &agreed.workflow;
    let title = workflow.title.in_tongue(tongue);
    say!("# {title} ({} v{})\n", workflow.id, workflow.version);
    match tongue {
        Tongue::Zh => say!("| 谁 | 做什么 | 什么时候前 | 否则 | 谁知道 |\n|---|---|---|---|---|"),
        Tongue::En => say!("| who | does what | by when | otherwise | who hears |\n|---|---|---|---|---|"),
    }
    for Duty { who, what, by, otherwise, hears } in sheet(workflow, tongue) {
        say!("| {who} | {what} | {by} | {otherwise} | {hears} |");
    }
    say!("");
    if let Some(line) = profiles(agreed, tongue) {
        say!("{line}");
    }
    say!("digest {}\n", agreed.digest);
}

/// Which profile is applied, and which there are; nothing of a definition that has none.
fn profiles(agreed: &Agreed, tongue: Tongue) -> Option<String> {
    let declared: Vec<&str> = agreed.profiles().map(|profile| profile.as_str()).collect();
    let applied = agreed.workflow.profile_id().map(|profile| profile.as_str());
    let all = declared.join(", ");
    (!declared.is_empty()).then(|| match tongue {
        Tongue::Zh => format!("地方参数：{}（有：{all}）", applied.unwrap_or("不用")),
        Tongue::En => format!("profile: {} (there are: {all})", applied.unwrap_or("none")),
    })
}

/// The page of a code: of a finding, of a refusal by the rules, or of one at the door.
fn page(code: &str) -> Option<String> {
    let refusal =
        paidan_machine::Code::ALL.iter().find(|known| known.number() == code || known.slug() == code);
    let door =
        paidan_http::problem::Code::ALL.iter().find(|known| known.number() == code || known.slug() == code);
    let found = paidan_language::print::explain(code);
    let found = found.or_else(|| {
        refusal.map(|code| {
            let (zh, en) = (code.sentence(Tongue::Zh), code.sentence(Tongue::En));
            let advice = code.advice();
            format!("{} ({})\n{en}\n{zh}\n\n{}\n{}\n", code.number(), code.slug(), advice.en, advice.zh)
        })
    });
    found.or_else(|| {
        door.map(|code| {
            let text = code.text();
            format!("{} ({})\n{}\n{}\n", code.number(), code.slug(), text.zh, text.en)
        })
    })
}
