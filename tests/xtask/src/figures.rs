//! Figures of a checkout, of any age: sizes, habits, circles, packages. Two runs on two checkouts can be
//! laid side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::Context;
use syn::visit::{self, Visit};

use crate::survey::arrows::arrows;
use crate::survey::circles::circles;
use crate::survey::functions::functions;
use crate::survey::names::twice_named_types;
use crate::survey::wide::COLUMNS_MAX;
use crate::survey::{self, Krate, arms};

/// Lines that a function may have.
pub const FUNCTION_LINES_MAX: usize = 70;

/// Rows of name and value.
type Rows = Vec<(String, String)>;

/// Prints the figures of a checkout: what ships, without tests.
///
/// # Errors
/// When the checkout cannot be read.
pub fn print(root: &Path) -> anyhow::Result<()> {
    let crates = survey::crates(root)?;
    let mut rows = habits(&crates);
    rows.extend(rings(&crates));
    rows.extend(packages(root)?);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let lines = rows.iter().map(|(name, value)| format!("{name:width$}  {value:>8}\n"));
    // Whoever reads only the head of the table closes the pipe.
    match std::io::stdout().write_all(lines.collect::<String>().as_bytes()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(fault.into()),
        _ => Ok(()),
    }
}

/// What is counted over all modules.
#[derive(Default)]
struct Sum {
    files: usize,
    lines: usize,
    wide: usize,
    functions: usize,
    long: usize,
    borrowed_texts: usize,
    tuples: usize,
    clones: usize,
    body_lines: usize,
    comments: usize,
}

fn habits(crates: &[Krate]) -> Rows {
    let mut sum = Sum::default();
    for module in crates.iter().flat_map(|krate| &krate.modules) {
        let lines: Vec<&str> = module.text.lines().collect();
        sum.files += 1;
        sum.lines += lines.len();
        sum.wide += lines.iter().filter(|line| line.chars().count() > COLUMNS_MAX).count();
        let mut clones = Clones(0);
        clones.visit_file(&module.tree);
        sum.clones += clones.0;
        let functions = functions(&module.tree);
        // A function inside another is part of the outer body; each line counts once.
        let inside: BTreeSet<usize> =
            functions.iter().flat_map(|function| function.body.0 + 1..function.body.1).collect();
        sum.body_lines += inside.len();
        let bodies = inside.iter().filter_map(|line| lines.get(line - 1));
        sum.comments += bodies.filter(|line| line.trim_start().starts_with("//")).count();
        for function in functions {
            sum.functions += 1;
            sum.long += usize::from(function.lines > FUNCTION_LINES_MAX);
            sum.borrowed_texts += function.borrowed_texts;
            sum.tuples += if function.is_of_a_trait { 0 } else { function.tuples.len() };
        }
    }
    let enums = arms::domain_enums(crates);
    let caught: usize = crates.iter().map(|krate| arms::findings(krate, &enums).len()).sum();
    let twice: BTreeSet<(String, String)> =
        crates.iter().flat_map(twice_named_types).map(|finding| (finding.krate, finding.key)).collect();
    let row = |name: &str, value: String| (name.to_owned(), value);
    vec![
        row("files", sum.files.to_string()),
        row("lines", sum.lines.to_string()),
        row("functions", sum.functions.to_string()),
        row("functions over 70 lines", sum.long.to_string()),
        row("`&str` parameters per 1,000 lines", tenths(sum.borrowed_texts * 1000, sum.lines)),
        row("clones per 1,000 lines", tenths(sum.clones * 1000, sum.lines)),
        row("comments inside bodies, %", tenths(sum.comments * 100, sum.body_lines)),
        row("lines over 100 columns, %", tenths(sum.wide * 100, sum.lines)),
        row("tuple parameters", sum.tuples.to_string()),
        row("catch-all arms on enums of the engine", caught.to_string()),
        row("type names used twice in a crate", twice.len().to_string()),
    ]
}

struct Clones(usize);

impl<'ast> Visit<'ast> for Clones {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.0 += usize::from(call.method == "clone" && call.args.is_empty());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.0 += call.tokens.to_string().matches(". clone ()").count();
        self.0 += call.tokens.to_string().matches(".clone()").count();
    }
}

fn rings(crates: &[Krate]) -> Rows {
    let mut rows = Rows::new();
    for krate in crates.iter().filter(|krate| krate.modules.len() > 1) {
        let sizes: Vec<usize> = circles(krate, &arrows(krate)).iter().map(Vec::len).collect();
        let largest = sizes.first().copied().unwrap_or_default();
        let all: usize = sizes.iter().sum();
        let name = format!("largest module circle, {} of {} files", krate.name, krate.modules.len());
        let value = if all > largest { format!("{largest} ({all} in all)") } else { largest.to_string() };
        rows.push((name, value));
    }
    rows
}

/// Packages in `Cargo.lock` that come from elsewhere.
fn packages(root: &Path) -> anyhow::Result<Rows> {
    let Ok(text) = std::fs::read_to_string(root.join("Cargo.lock")) else { return Ok(Rows::new()) };
    let lock: toml::Table = text.parse().context("Cargo.lock is no TOML")?;
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    let packages = lock.get("package").and_then(toml::Value::as_array);
    for package in packages.into_iter().flatten().filter(|package| package.get("source").is_some()) {
        if let Some(name) = package.get("name").and_then(toml::Value::as_str) {
            *versions.entry(name).or_default() += 1;
        }
    }
    let twice = versions.values().filter(|count| **count > 1).count();
    Ok(vec![
        ("outside packages".to_owned(), versions.values().sum::<usize>().to_string()),
        ("outside packages in more than one version".to_owned(), twice.to_string()),
    ])
}

/// A quotient with one digit after the point.
fn tenths(count: usize, by: usize) -> String {
    let tenths = (count * 10 + by / 2).checked_div(by).unwrap_or_default();
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_are_rounded_to_tenths() {
        assert_eq!(tenths(5, 3), "1.7");
        assert_eq!(tenths(5, 0), "0.0");
    }
}
