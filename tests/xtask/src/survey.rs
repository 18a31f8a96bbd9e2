//! The source of a checkout as trees: every crate with its modules, tests taken out.

pub mod arms;
pub mod arrows;
pub mod circles;
pub mod functions;
pub mod layers;
pub mod literals;
pub mod names;
pub mod wide;

use std::path::{Path, PathBuf};

use anyhow::Context;
use syn::{Attribute, ImplItem, Item};

use crate::checkout;

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The crate, as its manifest names it.
    pub krate: String,
    /// What the finding is listed under in `tests/tidy`: a module, a type, a function.
    pub key: String,
    /// `path:line`, relative to the top of the checkout.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

/// One file of a crate's module tree.
pub struct Module {
    /// Relative to the top of the checkout.
    pub path: PathBuf,
    /// Segments below the crate root; empty for `lib.rs` and `main.rs`.
    pub name: Vec<String>,
    /// The text as it stands.
    pub text: String,
    /// The tree without test items.
    pub tree: syn::File,
}

impl Module {
    /// `a::b`, or `crate` for the root.
    #[must_use]
    pub fn title(&self) -> String {
        if self.name.is_empty() { "crate".to_owned() } else { self.name.join("::") }
    }

    /// `path:line`.
    #[must_use]
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// One library or binary with the modules that it declares.
pub struct Krate {
    /// As the manifest names it; a binary beside a library ends in ` (binary)`.
    pub name: String,
    /// The folder of the manifest, relative to the top.
    pub folder: PathBuf,
    /// The root first.
    pub modules: Vec<Module>,
}

/// Reads every crate of a checkout.
///
/// # Errors
/// When a file cannot be read, or is no Rust.
pub fn crates(root: &Path) -> anyhow::Result<Vec<Krate>> {
    let mut crates = Vec::new();
    let files = checkout::files(root)?;
    for manifest in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
        let text = std::fs::read_to_string(root.join(manifest))?;
        let table: toml::Table =
            text.parse().with_context(|| format!("{} is no TOML", manifest.display()))?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let (Some(name), Some(folder)) = (name, manifest.parent()) else { continue };
        let entrances = [("src/lib.rs", ""), ("src/main.rs", " (binary)")];
        let mut is_beside = false;
        for (entrance, suffix) in entrances {
            let file = folder.join(entrance);
            if files.binary_search(&file).is_err() {
                continue;
            }
            let name = if is_beside { format!("{name}{suffix}") } else { name.to_owned() };
            let mut modules = Vec::new();
            read(root, &file, Vec::new(), &mut modules)?;
            crates.push(Krate { name, folder: folder.to_path_buf(), modules });
            is_beside = true;
        }
    }
    Ok(crates)
}

/// Reads a file and, after it, the files of the modules that it declares outside tests.
fn read(root: &Path, path: &Path, name: Vec<String>, into: &mut Vec<Module>) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(root.join(path))
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let mut tree = syn::parse_file(&text).with_context(|| format!("{} cannot be parsed", path.display()))?;
    if is_test(&tree.attrs) {
        return Ok(());
    }
    take_out_tests(&mut tree.items);
    let stem = path.file_stem().unwrap_or_default();
    let folder = path.parent().unwrap_or(path);
    let is_folder_face = name.is_empty() || stem == "mod";
    let below = if is_folder_face { folder.to_path_buf() } else { folder.join(stem) };
    let mut declared = Vec::new();
    declarations(&tree.items, &below, &name, &mut declared);
    into.push(Module { path: path.to_path_buf(), name, text, tree });
    for (below, name) in declared {
        let last = name.last().map(String::as_str).unwrap_or_default();
        let candidates = [below.join(format!("{last}.rs")), below.join(last).join("mod.rs")];
        // What only a `#[path]` leads to is left out: this project has none outside tests.
        if let Some(file) = candidates.iter().find(|file| root.join(file).is_file()) {
            read(root, file, name, into)?;
        }
    }
    Ok(())
}

/// Where each `mod x;` looks for its file, and the full name of the module.
fn declarations(items: &[Item], below: &Path, name: &[String], into: &mut Vec<(PathBuf, Vec<String>)>) {
    for item in items {
        let Item::Mod(module) = item else { continue };
        let ident = module.ident.to_string();
        let full = [name, std::slice::from_ref(&ident)].concat();
        match &module.content {
            Some((_, items)) => declarations(items, &below.join(&ident), &full, into),
            None => into.push((below.to_path_buf(), full)),
        }
    }
}

fn take_out_tests(items: &mut Vec<Item>) {
    items.retain(|item| !is_test(attributes(item)));
    for item in items {
        if let Item::Mod(module) = item
            && let Some((_, items)) = &mut module.content
        {
            take_out_tests(items);
        } else if let Item::Impl(block) = item {
            block.items.retain(|item| match item {
                ImplItem::Fn(function) => !is_test(&function.attrs),
                ImplItem::Const(constant) => !is_test(&constant.attrs),
                _ => true,
            });
        }
    }
}

/// True for `#[test]` and for a `cfg` that asks for `test`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("test") {
            return true;
        }
        let Ok(list) = attribute.meta.require_list() else { return false };
        let words = list.tokens.to_string();
        path.is_ident("cfg")
            && !words.starts_with("not")
            && words.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
