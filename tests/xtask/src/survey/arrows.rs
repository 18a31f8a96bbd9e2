//! Which module of a crate takes a name from which other: imports, and paths written out in code,
//! in macros and in the attributes of serde.
//!
//! A name is followed through re-exports to the module that defines it. Declaring a module is no
//! arrow, and neither is importing a module: what is then named through it is. A module that hands on
//! what stands below it takes nothing by that, as long as it does not use the name itself.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

use super::Krate;

/// Re-exports of re-exports are followed so far.
const REEXPORTS_MAX: usize = 8;

/// One module names something that another defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// Index into the crate's modules: who names.
    pub from: usize,
    /// Index into the crate's modules: who defines.
    pub to: usize,
    /// The name that is taken.
    pub name: String,
    /// The line where it is first taken.
    pub line: usize,
}

/// The arrows of a crate, each pair and name once, in order.
#[must_use]
pub fn arrows(krate: &Krate) -> Vec<Arrow> {
    let map = Map::draw(krate);
    let mut found: BTreeMap<(usize, usize, String), usize> = BTreeMap::new();
    for (index, module) in krate.modules.iter().enumerate() {
        let mut reader = Paths { map: &map, scope: module.name.clone(), paths: Vec::new() };
        reader.visit_file(&module.tree);
        for Taken { path, line } in reader.paths {
            if let Some(to) = map.home(&path, 0)
                && to != index
            {
                let name = path.last().cloned().unwrap_or_default();
                found.entry((index, to, name)).or_insert(line);
            }
        }
    }
    found.into_iter().map(|((from, to, name), line)| Arrow { from, to, name, line }).collect()
}

/// What one module, in a file or inline, makes known under a name.
#[derive(Default)]
struct Scope {
    file: usize,
    items: BTreeSet<String>,
    /// Name in this scope -> absolute path inside the crate.
    imports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

struct Map {
    scopes: BTreeMap<Vec<String>, Scope>,
}

impl Map {
    fn draw(krate: &Krate) -> Self {
        let mut map = Self { scopes: BTreeMap::new() };
        for (file, module) in krate.modules.iter().enumerate() {
            map.enter(file, &module.name, &module.tree.items);
        }
        // Imports are read when all modules are known: `use x::Y` may begin with a child.
        for module in &krate.modules {
            let mut imports = Imports { map: &map, scope: module.name.clone(), found: Vec::new() };
            imports.visit_file(&module.tree);
            for (scope, name, path) in imports.found {
                let Some(scope) = map.scopes.get_mut(&scope) else { continue };
                match name {
                    Some(name) => drop(scope.imports.insert(name, path)),
                    None => scope.globs.push(path),
                }
            }
        }
        map
    }

    fn enter(&mut self, file: usize, name: &[String], items: &[Item]) {
        let mut scope = Scope { file, ..Scope::default() };
        for item in items {
            match item {
                Item::Const(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Enum(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Fn(item) => drop(scope.items.insert(item.sig.ident.to_string())),
                Item::Static(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Struct(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Trait(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Type(item) => drop(scope.items.insert(item.ident.to_string())),
                Item::Macro(item) => {
                    scope.items.extend(item.ident.as_ref().map(ToString::to_string));
                }
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        let inner = [name, &[item.ident.to_string()]].concat();
                        self.enter(file, &inner, items);
                    }
                }
                _ => {}
            }
        }
        self.scopes.insert(name.to_vec(), scope);
    }

    /// The absolute path of what is written as `words` in `scope`; none when it belongs to another crate.
    fn absolute(&self, scope: &[String], words: &[String]) -> Option<Vec<String>> {
        let (first, rest) = words.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([scope, rest].concat()),
            "super" => {
                let (_, parent) = scope.split_last()?;
                let mut parent = parent.to_vec();
                let mut rest = rest;
                while let Some((word, after)) = rest.split_first()
                    && word == "super"
                {
                    parent.pop();
                    rest = after;
                }
                Some([parent, rest.to_vec()].concat())
            }
            _ => {
                let child = [scope, std::slice::from_ref(first)].concat();
                if self.scopes.contains_key(&child) {
                    return Some([&child, rest].concat());
                }
                let known = self.scopes.get(scope)?;
                if known.items.contains(first) {
                    return Some([scope, words].concat());
                }
                known.imports.get(first).map(|path| [path, rest].concat())
            }
        }
    }

    /// The file that defines what stands at an absolute path; none for a path that ends in a module.
    fn home(&self, path: &[String], hops: usize) -> Option<usize> {
        let mut scope = self.scopes.get(&[][..])?;
        for index in 0..path.len() {
            let (before, rest) = path.split_at(index);
            let (word, rest) = rest.split_first()?;
            scope = self.scopes.get(before)?;
            let is_last = rest.is_empty();
            let is_module = self.scopes.contains_key(path.get(..=index)?);
            if scope.items.contains(word) && (is_last || !is_module) {
                return Some(scope.file);
            }
            if is_module {
                if is_last {
                    return None;
                }
                continue;
            }
            if hops < REEXPORTS_MAX {
                if let Some(target) = scope.imports.get(word) {
                    return self.home(&[target, rest].concat(), hops + 1);
                }
                let globs = scope.globs.iter().filter(|glob| self.offers(glob, word));
                if let Some(glob) = globs.into_iter().next() {
                    let target = [glob.as_slice(), path.get(index..)?].concat();
                    return self.home(&target, hops + 1);
                }
            }
            // Made by a macro, or passed on from another crate.
            return Some(scope.file);
        }
        Some(scope.file)
    }

    fn offers(&self, module: &[String], word: &str) -> bool {
        self.scopes
            .get(module)
            .is_some_and(|scope| scope.items.contains(word) || scope.imports.contains_key(word))
    }
}

/// Collects what `use` makes known, inline modules and function bodies included.
struct Imports<'a> {
    map: &'a Map,
    scope: Vec<String>,
    /// Scope, name (none for a glob), absolute path.
    found: Vec<(Vec<String>, Option<String>, Vec<String>)>,
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.scope.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.scope.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for leaf in leaves(&item.tree) {
            if let Some(path) = self.map.absolute(&self.scope, &leaf.path) {
                self.found.push((self.scope.clone(), leaf.name, path));
            }
        }
    }
}

/// One name that a `use` brings.
pub struct Leaf {
    /// As it is written.
    pub path: Vec<String>,
    /// What it is called here; none for `*`.
    pub name: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// What the `use` lines at the top of a file bring.
#[must_use]
pub fn imports(tree: &syn::File) -> Vec<Leaf> {
    let lines = tree.items.iter().filter_map(|item| match item {
        Item::Use(item) => Some(leaves(&item.tree)),
        _ => None,
    });
    lines.flatten().collect()
}

fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(tree, &mut Vec::new(), &mut found);
    found
}

fn collect(tree: &UseTree, before: &mut Vec<String>, into: &mut Vec<Leaf>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            collect(&path.tree, before, into);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            into.push(Leaf { path: before.clone(), name: before.last().cloned(), span: name.span() });
        }
        UseTree::Name(name) => {
            let ident = name.ident.to_string();
            let path = [before.as_slice(), std::slice::from_ref(&ident)].concat();
            into.push(Leaf { path, name: Some(ident), span: name.span() });
        }
        UseTree::Rename(rename) => {
            let ident = rename.ident.to_string();
            let path = if ident == "self" { before.clone() } else { [before.as_slice(), &[ident]].concat() };
            into.push(Leaf { path, name: Some(rename.rename.to_string()), span: rename.span() });
        }
        UseTree::Glob(glob) => into.push(Leaf { path: before.clone(), name: None, span: glob.span() }),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, before, into);
            }
        }
    }
}

struct Taken {
    path: Vec<String>,
    line: usize,
}

/// Collects every path inside the crate that a module names.
struct Paths<'a> {
    map: &'a Map,
    scope: Vec<String>,
    paths: Vec<Taken>,
}

impl Paths<'_> {
    fn take(&mut self, words: &[String], span: Span) {
        if let Some(path) = self.map.absolute(&self.scope, words) {
            self.paths.push(Taken { path, line: span.start().line });
        }
    }

    /// Paths of two words and more in the tokens of a macro.
    fn scan(&mut self, tokens: TokenStream) {
        let mut words: Vec<String> = Vec::new();
        let mut first = None;
        let mut colons = 0;
        let mut is_after_dot = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 || words.is_empty() {
                        self.finish(&mut words, first);
                        first = Some(ident.span());
                    }
                    if !is_after_dot {
                        words.push(ident.to_string());
                    }
                    colons = 0;
                    is_after_dot = false;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    let is_joint = mark.spacing() == Spacing::Joint;
                    colons = if is_joint && colons == 0 { 1 } else { colons + usize::from(colons == 1) };
                }
                TokenTree::Punct(mark) => {
                    self.finish(&mut words, first);
                    colons = 0;
                    is_after_dot = mark.as_char() == '.';
                }
                TokenTree::Group(group) => {
                    self.finish(&mut words, first);
                    colons = 0;
                    is_after_dot = false;
                    self.scan(group.stream());
                }
                TokenTree::Literal(_) => {
                    self.finish(&mut words, first);
                    colons = 0;
                    is_after_dot = false;
                }
            }
        }
        self.finish(&mut words, first);
    }

    fn finish(&mut self, words: &mut Vec<String>, span: Option<Span>) {
        let words = std::mem::take(words);
        if let Some(span) = span
            && words.len() > 1
        {
            self.take(&words, span);
        }
    }

    /// `#[serde(with = "crate::bytes")]` names a module, too.
    fn scan_texts(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.scan_texts(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_matches('"');
                    if let Some(start) = ["crate::", "super::"].iter().find(|start| text.starts_with(**start))
                    {
                        let mut words: Vec<String> = text.split("::").map(str::to_owned).collect();
                        // A module named for serde stands for the functions in it.
                        words.push((*start).to_owned());
                        self.take(&words, literal.span());
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.scope.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.scope.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_handed_on = !matches!(item.vis, syn::Visibility::Inherited);
        for mut leaf in leaves(&item.tree) {
            let home = self.map.absolute(&self.scope, &leaf.path);
            if is_handed_on && home.is_some_and(|path| path.starts_with(&self.scope)) {
                continue;
            }
            if leaf.name.is_none() {
                // A glob takes whatever there is: it names a thing in the module, not the module.
                leaf.path.push("*".to_owned());
            }
            self.take(&leaf.path, leaf.span);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.take(&words, path.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.scan(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let Ok(list) = attribute.meta.require_list() {
            self.scan_texts(list.tokens.clone());
        }
    }

    /// `pub(in crate::x)` takes nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}
