//! The folder an integrator works in, beside `dev`: what is saved there is published into the running town when it is
//! sound, by the same way as `paidan publish`. Nothing is written into the folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use paidan_http::{App, Call, call, router};
use paidan_language::Checked;
use paidan_model::workflow::{Kind, Workflow};
use paidan_runtime::Ids as _;
use paidan_runtime::shelf::InForce;
use serde_json::{Value as Json, json};

use crate::engine::Town;
use crate::files::with_shipped;
use crate::gather::Files;
use crate::line::say;
use crate::watch::Watch;

/// Paths, each with its text.
type Texts = Vec<(String, String)>;

/// As whom the folder is published; the door of a demonstration knows everybody.
const WHO: &str = "integrator";

/// Publishes what the folder has, then each time something in it is saved; never ends by itself.
pub async fn keep(folder: PathBuf, app: &App<Town>) -> Result<()> {
    let mut watch = Watch::on(std::slice::from_ref(&folder))?;
    loop {
        match &watch.texts {
            Ok(texts) => publish(app, texts).await?,
            Err(why) => eprintln!("error: {why}"),
        }
        for name in watch.changed().await? {
            say!("\nsaved:  {name}");
        }
    }
}

/// Publishes texts that are sound; of others the findings are printed, and what is in force goes on.
async fn publish(app: &App<Town>, read: &Files) -> Result<()> {
    let shelf = app.desk.shelf.now();
    let mut library = with_shipped(read);
    library.know(shelf.calendars());
    library.beside(shelf.workflows().cloned().collect());
    let mut files: Texts = library.texts().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    let checked = library.check();
    eprint!("{}", crate::check::findings(&checked));
    if checked.has_errors() {
        say!("not published: what was in force goes on");
        return Ok(());
    }
    raise(&shelf, &checked, &mut files)?;
    let files: Vec<Json> = files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect();
    let asked = Call {
        path: "/v1/workflows".into(),
        body: Some(json!({ "files": files }).to_string()),
        key: app.desk.world.ids.id(),
        who: WHO.into(),
    };
    let (status, answer) = call(router(app.clone()), &asked).await.map_err(|why| anyhow!(why))?;
    match serde_json::from_str(&answer) {
        Ok(answer) if status < 300 => crate::publish::tell(&news(answer), false),
        Ok(refused) => crate::publish::turned_away(&refused),
        Err(_) => eprintln!("not published: {answer}"),
    }
    Ok(())
}

/// The answer without the definitions that are in force as they are: each time one of many is saved.
fn news(mut answer: Json) -> Json {
    if let Some(workflows) = answer.get_mut("workflows").and_then(Json::as_array_mut) {
        workflows.retain(|workflow| workflow.get("same") != Some(&json!(true)));
    }
    answer
}

/// Gives a form that changed under its old version the next one, in what is sent to this town alone: whoever tries
/// things out saves more often than there are versions. It is said, for a town of people refuses it.
fn raise(shelf: &InForce, checked: &Checked, files: &mut Texts) -> Result<()> {
    for agreed in checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Kind::Case) {
        let id = &agreed.workflow.id;
        let Some(before) = shelf.latest(id).and_then(|digest| shelf.workflow(digest)) else { continue };
        let written = agreed.workflow.version;
        if written > before.version {
            continue;
        }
        let tried = Workflow { version: before.version, ..agreed.workflow.clone() };
        let same = tried.digest().ok().as_deref() == shelf.latest(id);
        let version = if same { before.version } else { before.version.saturating_add(1) };
        if !same {
            say!(
                "{id}: version {} is in force with another form; here this one is tried as version {version}. \
                 Write a higher `version` than {written} before you publish it elsewhere.",
                before.version
            );
        }
        let file = files.iter_mut().find(|(path, _)| *path == agreed.path);
        let (path, text) = file.with_context(|| format!("`{id}` comes from no file"))?;
        *text = with_version(text, version).with_context(|| format!("{path} has no `version`"))?;
    }
    Ok(())
}

/// The text with another number at `version` of `[workflow]`.
fn with_version(text: &str, version: u32) -> Option<String> {
    let parsed = toml::de::DeTable::parse(text).ok()?;
    let head = parsed.get_ref().get("workflow")?.get_ref().as_table()?;
    let place = head.get("version")?.span();
    let mut raised = text.to_string();
    raised.replace_range(place, &version.to_string());
    Some(raised)
}

#[cfg(test)]
mod tests {
    use super::with_version;

    #[test]
    fn only_the_version_of_the_workflow_is_another() {
        let text = "# version = 1\n[workflow]\nversion  = 1 # 版本\n[states.version]\nversion = 1\n";
        let raised = "# version = 1\n[workflow]\nversion  = 12 # 版本\n[states.version]\nversion = 1\n";
        assert_eq!(with_version(text, 12).as_deref(), Some(raised));
        assert_eq!(
            with_version("workflow = { id = \"x\", version = 3 }", 4).as_deref(),
            Some("workflow = { id = \"x\", version = 4 }")
        );
        assert_eq!(with_version("[workflow]\nid = \"x\"\n", 2), None);
    }
}
