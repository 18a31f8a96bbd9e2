//! Chinese texts in Rust: they belong into the catalogues.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

use super::{Finding, Krate, Module};

/// Every literal with Chinese in it, listed under its module. Comments are not literals.
#[must_use]
pub fn chinese(krate: &Krate) -> Vec<Finding> {
    let mut findings = Vec::new();
    for module in &krate.modules {
        Literals { krate, module, findings: &mut findings }.visit_file(&module.tree);
    }
    findings
}

struct Literals<'a> {
    krate: &'a Krate,
    module: &'a Module,
    findings: &'a mut Vec<Finding>,
}

impl Literals<'_> {
    fn see(&mut self, literal: &str, line: usize) {
        if literal.chars().any(is_chinese) {
            let start: String = literal.chars().take(40).collect();
            self.findings.push(Finding {
                krate: self.krate.name.clone(),
                key: self.module.title(),
                place: self.module.place(line),
                message: format!("a Chinese literal outside the catalogues: {start}"),
            });
        }
    }

    fn scan(&mut self, tokens: TokenStream) {
        let mut is_attribute = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    // `///` inside a macro arrives as `#[doc = ".."]`.
                    let is_doc = is_attribute && group.stream().to_string().starts_with("doc");
                    if !is_doc {
                        self.scan(group.stream());
                    }
                    is_attribute = false;
                }
                TokenTree::Literal(literal) => {
                    self.see(&literal.to_string(), literal.span().start().line);
                    is_attribute = false;
                }
                TokenTree::Punct(mark) => is_attribute = mark.as_char() == '#',
                TokenTree::Ident(_) => is_attribute = false,
            }
        }
    }
}

/// Letters and punctuation of Chinese: ideographs, their marks, full-width forms.
fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

impl<'ast> Visit<'ast> for Literals<'_> {
    fn visit_lit(&mut self, literal: &'ast syn::Lit) {
        self.see(&quote::ToTokens::to_token_stream(literal).to_string(), literal.span().start().line);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.scan(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let Ok(list) = attribute.meta.require_list() {
            self.scan(list.tokens.clone());
        }
    }
}
