//! `paidan publish`: definitions, calendars, a roster or a duty list into force on a running server or on the file, with
//! what they change told first.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde_json::{Value as Json, json};

use crate::case::Reach;
use crate::exit::Exit;
use crate::line::say;

/// What `publish` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders of definitions.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only says what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reach: Reach,
}

/// Checks here, then asks the server or the file: a bad definition is never sent.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let library = crate::files::library(&arguments.paths)?;
    let files: Vec<Json> =
        library.texts().map(|(path, text)| json!({ "path": path, "text": text })).collect();
    let checked = library.check();
    if checked.has_errors() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        say!("nothing was published");
        return Ok(Exit::Wrong);
    }
    let body = json!({ "files": files, "dry_run": arguments.dry_run });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (status, answer) = runtime.block_on(arguments.reach.send("/v1/workflows", body))?;
    if arguments.reach.as_json() {
        say!("{}", serde_json::to_string_pretty(&answer)?);
    } else if status < 300 {
        tell(&answer, arguments.dry_run);
    } else if [409, 422].contains(&status) {
        turned_away(&answer);
    } else {
        eprintln!("{}", serde_json::to_string_pretty(&answer)?);
    }
    match status {
        200..300 => Ok(Exit::Fine),
        422 => Ok(Exit::Wrong),
        401 | 403 | 409 => Ok(Exit::Refused),
        other => bail!("the server answered {other}"),
    }
}

/// Says why nothing was published: a number that is not above the one in force, or what does not fit what is in force.
pub fn turned_away(answer: &Json) {
    let text = |value: &Json, key: &str| value.get(key).and_then(Json::as_str).map(String::from);
    match text(answer, "excerpt") {
        Some(excerpt) => eprintln!("{excerpt}\n"),
        None => {
            for key in ["code", "title", "detail"] {
                eprint!("{} ", text(answer, key).unwrap_or_default());
            }
            eprintln!();
        }
    }
    for finding in answer.get("findings").and_then(Json::as_array).into_iter().flatten() {
        eprintln!("{}\n", text(finding, "excerpt").unwrap_or_else(|| finding.to_string()));
    }
    say!("nothing was published");
}

/// How much of a digest is shown, as `check` does.
const DIGEST_SHOWN: usize = 12;

/// Says what was published, or would be.
pub fn tell(answer: &Json, dry_run: bool) {
    let text = |value: &Json, key: &str| value.get(key).map(ToString::to_string).unwrap_or_default();
    for workflow in answer.get("workflows").and_then(Json::as_array).into_iter().flatten() {
        let id = workflow.get("id").and_then(Json::as_str).unwrap_or_default();
        if workflow.get("same") == Some(&json!(true)) {
            say!("{id} version {}: in force already", text(workflow, "version"));
            continue;
        }
        match workflow.get("in_force").and_then(Json::as_u64) {
            Some(before) => say!("{id}: version {before} becomes {}", text(workflow, "version")),
            None => say!("{id} version {} is new", text(workflow, "version")),
        }
        for line in workflow.get("difference").and_then(Json::as_array).into_iter().flatten() {
            let en = line.get("en").and_then(Json::as_str).unwrap_or_default();
            let zh = line.get("zh").and_then(Json::as_str).unwrap_or_default();
            say!("  {zh} / {en}");
        }
        for post in workflow.get("nobody_holds").and_then(Json::as_array).into_iter().flatten() {
            let post = post.as_str().unwrap_or_default();
            say!("  warning: nobody in the roster holds the post `{post}` / 名册里没有人担任岗位 {post}");
        }
        let running = workflow.get("stay_as_they_are").and_then(Json::as_array);
        let count = |one: &Json| one.get("count").and_then(Json::as_u64).unwrap_or_default();
        let all: u64 = running.into_iter().flatten().map(count).sum();
        let digest = workflow.get("digest").and_then(Json::as_str).unwrap_or_default();
        let digest = digest.get(..DIGEST_SHOWN).unwrap_or(digest);
        say!("  {all} open cases stay as they are; new ones follow {digest}");
        for running in running.into_iter().flatten() {
            let state = running.get("state").and_then(|state| state.get("en")).and_then(Json::as_str);
            say!(
                "  {} open in \"{}\" stay on version {}",
                text(running, "count"),
                state.unwrap_or_default(),
                text(running, "version")
            );
        }
    }
    let lines = |of: &Json, key: &str| -> Vec<String> {
        let all = of.get(key).and_then(Json::as_array).into_iter().flatten();
        let said = |line: &Json, tongue: &str| text(line, tongue).trim_matches('"').to_string();
        all.map(|line| format!("{} / {}", said(line, "zh"), said(line, "en"))).collect()
    };
    let documents = || answer.get("town").and_then(Json::as_array).into_iter().flatten();
    for document in documents() {
        say!(
            "{}: another comes into force",
            document.get("document").and_then(Json::as_str).unwrap_or_default()
        );
        for line in lines(document, "difference") {
            say!("  {line}");
        }
    }
    for line in lines(answer, "left") {
        say!("not taken: {line}");
    }
    if dry_run {
        say!("dry run: nothing was published");
        return;
    }
    let published = answer.get("published").and_then(Json::as_array).map_or(0, Vec::len);
    let published = published + documents().filter(|one| one.get("published") == Some(&json!(true))).count();
    say!("{published} published; open cases stay with the version they were opened under");
}
