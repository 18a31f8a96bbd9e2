//! Functions: how long they are, what they ask for, and what a comment inside them says.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{FnArg, Pat, Type};

use super::{Finding, Krate};

/// One function with a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`.
    pub line: usize,
    /// Lines from its `fn` to its closing brace.
    pub lines: usize,
    /// The first and the last line of the body, braces included.
    pub body: (usize, usize),
    /// Parameters of type `&str`.
    pub borrowed_texts: usize,
    /// Parameters that are taken apart in the signature, `(a, b): (A, B)`.
    pub tuples: Vec<String>,
    /// True where a trait gives the name and the shape.
    pub is_of_a_trait: bool,
}

/// The functions of a file, in order; those inside of others, too.
#[must_use]
pub fn functions(tree: &syn::File) -> Vec<Function> {
    let mut reader = Functions { found: Vec::new(), is_of_a_trait: false };
    reader.visit_file(tree);
    reader.found
}

/// The functions of a text.
///
/// # Errors
/// When it is no Rust.
pub fn functions_of(text: &str) -> syn::Result<Vec<Function>> {
    syn::parse_file(text).map(|tree| functions(&tree))
}

/// Tuple parameters: each hides two arguments or more from whoever reads the call.
#[must_use]
pub fn hidden_arguments(krate: &Krate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in &krate.modules {
        for function in functions(&module.tree).into_iter().filter(|function| !function.is_of_a_trait) {
            for parameter in &function.tuples {
                findings.push(Finding {
                    krate: krate.name.clone(),
                    key: function.name.clone(),
                    place: module.place(function.line),
                    message: format!("`{}` hides arguments in the tuple `{parameter}`", function.name),
                });
            }
        }
    }
    findings
}

struct Functions {
    found: Vec<Function>,
    is_of_a_trait: bool,
}

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let line = signature.fn_token.span().start().line;
        let first = block.brace_token.span.open().start().line;
        let last = block.brace_token.span.close().end().line;
        let typed = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        let typed: Vec<_> = typed.collect();
        let tuples = typed.iter().filter(|typed| matches!(typed.pat.as_ref(), Pat::Tuple(_)));
        self.found.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: last + 1 - line,
            body: (first, last),
            borrowed_texts: typed.iter().filter(|typed| is_borrowed_text(&typed.ty)).count(),
            tuples: tuples.map(|typed| typed.pat.to_token_stream().to_string()).collect(),
            is_of_a_trait: self.is_of_a_trait,
        });
    }
}

fn is_borrowed_text(kind: &Type) -> bool {
    let Type::Reference(reference) = kind else { return false };
    matches!(reference.elem.as_ref(), Type::Path(path) if path.path.is_ident("str"))
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let outer = std::mem::replace(&mut self.is_of_a_trait, false);
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
        self.is_of_a_trait = outer;
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let outer = std::mem::replace(&mut self.is_of_a_trait, block.trait_.is_some());
        visit::visit_item_impl(self, block);
        self.is_of_a_trait = outer;
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let outer = std::mem::replace(&mut self.is_of_a_trait, true);
        visit::visit_item_trait(self, item);
        self.is_of_a_trait = outer;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
