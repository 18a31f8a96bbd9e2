//! Files: definitions from paths and folders, with what ships in the binary for what is not given.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use paidan_language::Library;
use paidan_language::source::{Source, Sources};

use crate::gather::{Files, gather};

/// Calendars that ship with the binary.
const CALENDARS: &str = include_str!("../../../config/calendars/office.toml");
/// Blocks that ship with the binary.
const BLOCKS: [(&str, &str); 4] = [
    ("workflows/blocks/mediation.toml", include_str!("../../../workflows/blocks/mediation.toml")),
    ("workflows/blocks/owner-vote.toml", include_str!("../../../workflows/blocks/owner-vote.toml")),
    ("workflows/blocks/public-notice.toml", include_str!("../../../workflows/blocks/public-notice.toml")),
    ("workflows/blocks/survey.toml", include_str!("../../../workflows/blocks/survey.toml")),
];

/// Definitions that ship with the binary.
const DEFINITIONS: [(&str, &str); 11] = [
    ("workflows/alliance-committee.toml", include_str!("../../../workflows/alliance-committee.toml")),
    ("workflows/alliance-project.toml", include_str!("../../../workflows/alliance-project.toml")),
    ("workflows/consultation-meeting.toml", include_str!("../../../workflows/consultation-meeting.toml")),
    ("workflows/elevator-installation.toml", include_str!("../../../workflows/elevator-installation.toml")),
    ("workflows/lift-inspection.toml", include_str!("../../../workflows/lift-inspection.toml")),
    ("workflows/resource-offer.toml", include_str!("../../../workflows/resource-offer.toml")),
    ("workflows/resident-order.toml", include_str!("../../../workflows/resident-order.toml")),
    ("workflows/satisfaction-survey.toml", include_str!("../../../workflows/satisfaction-survey.toml")),
    ("workflows/whistle-report.toml", include_str!("../../../workflows/whistle-report.toml")),
    ("workflows/wish-fulfilment.toml", include_str!("../../../workflows/wish-fulfilment.toml")),
    ("workflows/wish-season.toml", include_str!("../../../workflows/wish-season.toml")),
];
/// What is under way in the demonstration town before its story begins: tests whose names begin with [`SCENE`].
const SCENES: [(&str, &str); 4] = [
    (
        "workflows/elevator-installation.toml",
        include_str!("../../../config/towns/dongtai/scenes/elevator-installation.toml"),
    ),
    (
        "workflows/resource-offer.toml",
        include_str!("../../../config/towns/dongtai/scenes/resource-offer.toml"),
    ),
    (
        "workflows/wish-fulfilment.toml",
        include_str!("../../../config/towns/dongtai/scenes/wish-fulfilment.toml"),
    ),
    ("workflows/wish-season.toml", include_str!("../../../config/towns/dongtai/scenes/wish-season.toml")),
];
/// How the names of scenes begin.
pub const SCENE: &str = "scene: ";
/// The duty list of the demonstration town.
pub const DUTIES: &str = include_str!("../../../config/towns/dongtai/duties.toml");
/// Which profiles the demonstration town picks.
pub const PROFILES: &str = include_str!("../../../config/towns/dongtai/profiles.toml");
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
    library.replace(&path, with_tests(&path, STORY));
    for (path, scenes) in SCENES {
        library.replace(path, with_tests(path, scenes));
    }
    library
}

/// A shipped definition with more tests at its end.
fn with_tests(path: &str, tests: &str) -> String {
    let definition = DEFINITIONS.iter().find(|(shipped, _)| *shipped == path).map_or("", |(_, text)| *text);
    let tests = tests.find("\n[[tests]]").and_then(|start| tests.get(start..)).unwrap_or_default();
    format!("{definition}\n{tests}")
}

/// Everything that ships with the binary.
pub fn shipped() -> Library {
    let mut library = Library::new();
    library.add("config/calendars/office.toml", CALENDARS.to_string());
    for (path, text) in BLOCKS.into_iter().chain(DEFINITIONS) {
        library.add(path, text.to_string());
    }
    library
}

/// Whether a definition of that name ships with the binary.
pub fn ships(name: &str) -> bool {
    DEFINITIONS.iter().any(|(path, _)| Path::new(path).file_stem().is_some_and(|stem| stem == name))
}

/// The blocks that definitions may use when they are published: those that ship, and of the same name rather those
/// that were read.
pub fn blocks(read: &Sources) -> Arc<[Source]> {
    let shipped = BLOCKS.map(|(path, text)| Source { path: path.to_string(), text: text.to_string() });
    let declares =
        |source: &&Source| source.text.lines().any(|line| line.trim_start().starts_with("[block]"));
    let own = read.0.iter().filter(declares).filter(|source| !shipped.contains(source));
    shipped.iter().chain(own).cloned().collect()
}

/// Reads every `.toml` of the paths; shipped calendars and blocks stand in where none is given.
pub fn library(paths: &[PathBuf]) -> Result<Library> {
    Ok(with_shipped(&gather(paths)?))
}

/// The files, with shipped calendars and blocks where they have none.
pub fn with_shipped(files: &Files) -> Library {
    let mut library = Library::new();
    for (path, read) in files {
        match read {
            Ok(bytes) => library.add_bytes(path, bytes),
            Err(unread) => library.unread(path, unread.clone()),
        }
    }
    let calendars = [("config/calendars/office.toml", CALENDARS)];
    let shipped = calendars.into_iter().chain(BLOCKS);
    library.stand_in(shipped.map(|(path, text)| Source { path: path.to_string(), text: text.to_string() }));
    library
}
