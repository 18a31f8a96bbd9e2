//! Files: definitions from paths and folders, with what ships in the binary for what is not given.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use paidan_language::Library;

/// Calendars that ship with the binary.
const CALENDARS: &str = include_str!("../../../config/calendars/office.toml");
/// Blocks that ship with the binary.
const SURVEY: &str = include_str!("../../../workflows/blocks/survey.toml");

/// Definitions that ship with the binary.
const DEFINITIONS: [(&str, &str); 3] = [
    ("workflows/resident-order.toml", include_str!("../../../workflows/resident-order.toml")),
    ("workflows/satisfaction-survey.toml", include_str!("../../../workflows/satisfaction-survey.toml")),
    ("workflows/whistle-report.toml", include_str!("../../../workflows/whistle-report.toml")),
];
/// The duty list of the demonstration town.
pub const DUTIES: &str = include_str!("../../../config/towns/dongtai/duties.toml");
/// The roster of the demonstration town.
pub const ROSTER: &str = include_str!("../../../config/towns/dongtai/roster.toml");

/// The story of the demonstration town: a test of `whistle-report` that lies beside the town.
const STORY: &str = include_str!("../../../config/towns/dongtai/story.toml");
/// The workflow the story is about.
pub const STORY_OF: &str = "whistle-report";

/// The definition of the story's workflow with the story as its last test.
pub fn story() -> Library {
    let mut library = shipped();
    let path = format!("workflows/{STORY_OF}.toml");
    let definition = DEFINITIONS.iter().find(|(shipped, _)| *shipped == path).map_or("", |(_, text)| *text);
    let tests = STORY.find("\n[[tests]]").and_then(|start| STORY.get(start..)).unwrap_or_default();
    library.replace(&path, format!("{definition}\n{tests}"));
    library
}

/// Everything that ships with the binary.
pub fn shipped() -> Library {
    let mut library = Library::new();
    library.add("config/calendars/office.toml", CALENDARS.to_string());
    library.add("workflows/blocks/survey.toml", SURVEY.to_string());
    for (path, text) in DEFINITIONS {
        library.add(path, text.to_string());
    }
    library
}

/// Reads every `.toml` of the paths; shipped calendars and blocks stand in where none is given.
pub fn library(paths: &[PathBuf]) -> Result<Library> {
    let mut texts = Vec::new();
    for path in paths {
        collect(path, &mut texts).with_context(|| format!("cannot read {}", path.display()))?;
    }
    if texts.is_empty() {
        bail!("there is no .toml file in what was given");
    }
    let mut library = Library::new();
    if !texts.iter().any(|(_, text)| text.contains("[calendars.")) {
        library.add("config/calendars/office.toml", CALENDARS.to_string());
    }
    if !texts.iter().any(|(path, _)| path.ends_with("blocks/survey.toml")) {
        library.add("workflows/blocks/survey.toml", SURVEY.to_string());
    }
    for (path, text) in texts {
        library.add(&path, text);
    }
    Ok(library)
}

fn collect(path: &Path, texts: &mut Vec<(String, String)>) -> Result<()> {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        inside.sort();
        return inside.iter().try_for_each(|path| collect(path, texts));
    }
    if path.extension().is_some_and(|extension| extension == "toml") {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        texts.push((path.display().to_string(), text));
    }
    Ok(())
}
