//! Catch-all arms in a `match` on an enum of the engine: a new variant would slip through them.

use std::collections::BTreeSet;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Item, Pat};

use super::arrows::imports;
use super::{Finding, Krate, Module};

/// The folder of the crates whose enums count as the domain's.
const DOMAIN: &str = "engine";

/// The names of all enums of the domain.
#[must_use]
pub fn domain_enums(crates: &[Krate]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for krate in crates.iter().filter(|krate| krate.folder.starts_with(DOMAIN)) {
        for module in &krate.modules {
            enums(&module.tree.items, &mut names);
        }
    }
    names
}

fn enums(items: &[Item], into: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Enum(item) => drop(into.insert(item.ident.to_string())),
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    enums(items, into);
                }
            }
            _ => {}
        }
    }
}

/// Every catch-all arm of a crate, listed under the name of the enum.
#[must_use]
pub fn findings(krate: &Krate, enums: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in &krate.modules {
        let foreign = foreign_names(krate, module);
        let mut reader = Arms { krate, module, enums, foreign, own: None, findings: &mut findings };
        reader.visit_file(&module.tree);
    }
    findings
}

/// What a module imports from crates that are not ours.
fn foreign_names(krate: &Krate, module: &Module) -> BTreeSet<String> {
    let is_ours = |word: &str| {
        matches!(word, "crate" | "self" | "super")
            || word.starts_with("paidan")
            || krate.modules.iter().any(|module| module.name.iter().any(|name| name == word))
    };
    let imported = imports(&module.tree).into_iter();
    let foreign = imported.filter(|leaf| leaf.path.first().is_some_and(|first| !is_ours(first)));
    foreign.filter_map(|leaf| leaf.name).collect()
}

struct Arms<'a> {
    krate: &'a Krate,
    module: &'a Module,
    enums: &'a BTreeSet<String>,
    /// Imported from crates of other people, perhaps under the name of one of ours.
    foreign: BTreeSet<String>,
    /// What `Self` means here.
    own: Option<String>,
    findings: &'a mut Vec<Finding>,
}

impl Arms<'_> {
    /// The enum of the domain that a pattern names, also inside a tuple, an option or a result.
    fn named(&self, pattern: &Pat) -> Option<String> {
        match pattern {
            Pat::Or(or) => or.cases.iter().find_map(|case| self.named(case)),
            Pat::Reference(reference) => self.named(&reference.pat),
            Pat::Paren(paren) => self.named(&paren.pat),
            Pat::Ident(ident) => self.named(&ident.subpat.as_ref()?.1),
            Pat::Tuple(tuple) => tuple.elems.iter().find_map(|part| self.named(part)),
            Pat::Path(path) => self.owner(&path.path),
            Pat::Struct(shape) => self.owner(&shape.path),
            Pat::TupleStruct(shape) => {
                let is_wrapper = ["Some", "Ok", "Err"].iter().any(|name| shape.path.is_ident(name));
                if is_wrapper {
                    return shape.elems.iter().find_map(|part| self.named(part));
                }
                self.owner(&shape.path)
            }
            _ => None,
        }
    }

    /// `Kind` of `Kind::Variant`, where it is an enum of the domain.
    fn owner(&self, path: &syn::Path) -> Option<String> {
        let mut segments = path.segments.iter().rev();
        segments.next()?;
        let name = segments.next()?.ident.to_string();
        let name = if name == "Self" { self.own.clone()? } else { name };
        let is_spelt_out = segments.next().is_some_and(|segment| segment.ident == "serde_json");
        let is_foreign = is_spelt_out || self.foreign.contains(&name);
        (!is_foreign && self.enums.contains(&name)).then_some(name)
    }
}

/// True for `_`, for a name that takes whatever is left, and for a tuple of such.
fn takes_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Paren(paren) => takes_all(&paren.pat),
        Pat::Reference(reference) => takes_all(&reference.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
        Pat::Ident(ident) => {
            ident.subpat.is_none() && ident.ident.to_string().starts_with(|first: char| first.is_lowercase())
        }
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Arms<'_> {
    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let outer = self.own.take();
        if let syn::Type::Path(path) = block.self_ty.as_ref() {
            self.own = path.path.segments.last().map(|segment| segment.ident.to_string());
        }
        visit::visit_item_impl(self, block);
        self.own = outer;
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        if let Some(name) = expression.arms.iter().find_map(|arm| self.named(&arm.pat)) {
            let arms = expression.arms.iter().filter(|arm| arm.guard.is_none() && takes_all(&arm.pat));
            for arm in arms {
                self.findings.push(Finding {
                    krate: self.krate.name.clone(),
                    key: name.clone(),
                    place: self.module.place(arm.pat.span().start().line),
                    message: format!("a catch-all arm in a match on `{name}`: name its variants"),
                });
            }
        }
        visit::visit_expr_match(self, expression);
    }
}
