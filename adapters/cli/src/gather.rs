//! Gathering: the `.toml` files of paths and folders. Whatever lies in a folder, gathering ends, names what it did not
//! read, and reads the others.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use paidan_language::Unread;
use paidan_language::read::ROSTER_BYTES_MAX;

/// The most bytes of a file: those of a roster, the largest text there is.
const FILE_BYTES_MAX: u64 = ROSTER_BYTES_MAX as u64;
/// The most files that are read together.
const FILES_MAX: usize = 4_096;

/// Paths, each with its bytes, or why they were not read.
pub type Files = Vec<(String, Result<Vec<u8>, Unread>)>;

/// Reads every `.toml` of the paths.
pub fn gather(paths: &[PathBuf]) -> Result<Files> {
    let mut gathering = Gathering::default();
    for path in paths {
        let real = fs::canonicalize(path).with_context(|| format!("cannot read {}", path.display()))?;
        let found = fs::metadata(&real).with_context(|| format!("cannot read {}", path.display()))?;
        gathering.roots.push(real.clone());
        gathering.look(path, real, &found)?;
    }
    if gathering.files.is_empty() {
        bail!("there is no .toml file in what was given");
    }
    Ok(gathering.files)
}

/// What was gathered so far.
#[derive(Default)]
struct Gathering {
    files: Files,
    /// What was given, without links.
    roots: Vec<PathBuf>,
    /// Files and folders that were looked at, without links: each is read once.
    seen: BTreeSet<PathBuf>,
}

impl Gathering {
    /// Adds a file, or what a folder has.
    fn look(&mut self, path: &Path, real: PathBuf, found: &Metadata) -> Result<()> {
        if found.is_dir() {
            return if self.seen.insert(real) { self.folder(path) } else { Ok(()) };
        }
        if !is_toml(path) || !self.seen.insert(real) {
            return Ok(());
        }
        let read = if found.is_file() { bytes(path, found) } else { Err(not_regular()) };
        self.add(path, read)
    }

    fn add(&mut self, path: &Path, read: Result<Vec<u8>, Unread>) -> Result<()> {
        if self.files.len() >= FILES_MAX {
            bail!("more than {FILES_MAX} files; name the folder of the definitions");
        }
        self.files.push((path.display().to_string(), read));
        Ok(())
    }

    /// Adds what a folder has, links last; its hidden files are those of editors and version control.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let inside = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()
        });
        let mut inside: Vec<(bool, PathBuf)> = match inside {
            Ok(paths) => paths.into_iter().map(|path| (path.is_symlink(), path)).collect(),
            Err(error) => return self.add(folder, Err(cannot(&error))),
        };
        inside.retain(|(_, path)| !is_hidden(path));
        inside.sort();
        inside.iter().try_for_each(|(is_link, path)| match is_link {
            true => self.link(path),
            false => match fs::metadata(path) {
                Ok(found) => self.look(path, fs::canonicalize(path).unwrap_or_else(|_| path.clone()), &found),
                Err(error) => self.add(path, Err(cannot(&error))),
            },
        })
    }

    /// Follows a link that stays in what was given: a definition never makes the program show other files.
    fn link(&mut self, path: &Path) -> Result<()> {
        let target = fs::canonicalize(path).and_then(|real| Ok((fs::metadata(&real)?, real)));
        match target {
            Ok((found, real)) if self.roots.iter().any(|root| real.starts_with(root)) => {
                self.look(path, real, &found)
            }
            Ok((found, _)) if found.is_dir() || is_toml(path) => self.add(path, Err(link_out())),
            Err(error) if is_toml(path) => self.add(path, Err(cannot(&error))),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn bytes(path: &Path, found: &Metadata) -> Result<Vec<u8>, Unread> {
    if found.len() > FILE_BYTES_MAX {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| cannot(&error))?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX { Err(too_large()) } else { Ok(bytes) }
}

fn unread(zh: &str, en: &str) -> Unread {
    Unread { zh: zh.into(), en: en.into() }
}

fn not_regular() -> Unread {
    unread(
        "不是普通文件（管道、套接字或设备），没有读取",
        "no regular file but a pipe, socket or device: not read",
    )
}

fn link_out() -> Unread {
    unread("链接指向所给文件夹之外，没有读取", "a link that leads out of what was given: not read")
}

fn too_large() -> Unread {
    Unread {
        zh: format!("文件超过{FILE_BYTES_MAX}字节，没有读取"),
        en: format!("more than {FILE_BYTES_MAX} bytes: not read"),
    }
}

fn cannot(error: &std::io::Error) -> Unread {
    Unread { zh: format!("无法读取：{error}"), en: format!("cannot be read: {error}") }
}
