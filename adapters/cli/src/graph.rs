//! `paidan graph`: a workflow as Mermaid, DOT or SVG.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
use paidan_model::id::StateId;
use paidan_model::state::Target;
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;

use crate::exit::Exit;
use crate::line::say;

/// What `graph` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only this workflow.
    #[arg(long)]
    workflow: Option<String>,
    /// In which language of drawing.
    #[arg(long, value_enum, default_value = "mermaid")]
    format: Format,
    /// The language of an SVG picture.
    #[arg(long, value_enum, default_value = "zh")]
    tongue: Language,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Mermaid,
    Dot,
    Svg,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Zh,
    En,
}

/// Draws.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let checked = crate::files::library(&arguments.paths)?.check();
    let wanted = |w: &Workflow| arguments.workflow.as_deref().is_none_or(|id| id == w.id.as_str());
    let found: Vec<&Workflow> = checked.workflows.iter().map(|a| &a.workflow).filter(|w| wanted(w)).collect();
    if found.is_empty() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        bail!("there is no such workflow");
    }
    let tongue = match arguments.tongue {
        Language::Zh => Tongue::Zh,
        Language::En => Tongue::En,
    };
    let nowhere = BTreeSet::new();
    for workflow in found {
        match arguments.format {
            Format::Mermaid => say!("{}", mermaid(workflow)),
            Format::Dot => say!("{}", dot(workflow)),
            Format::Svg => say!("{}", paidan_views::drawing(workflow, tongue, &nowhere, &nowhere)),
        }
    }
    Ok(if checked.has_errors() { Exit::Wrong } else { Exit::Fine })
}

/// Every move: from, to, by what.
fn moves(workflow: &Workflow) -> Vec<(&StateId, &StateId, String)> {
    let mut found = Vec::new();
    for (id, state) in &workflow.states {
        for (name, action) in &state.on {
            for way in &action.alternatives {
                if let Some(Target::State(target)) = &way.go {
                    found.push((id, target, name.to_string()));
                }
            }
        }
        for way in &state.always {
            if let Some(Target::State(target)) = &way.go {
                found.push((id, target, "always".into()));
            }
        }
        found.extend(state.after.iter().map(|timer| (id, &timer.go, "after".to_string())));
    }
    found
}

fn mermaid(workflow: &Workflow) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    for start in &workflow.start {
        out.push_str(&format!("    [*] --> {start}\n"));
    }
    nest(workflow, None, 1, &mut out);
    for (from, to, by) in moves(workflow) {
        out.push_str(&format!("    {from} --> {to} : {by}\n"));
    }
    for (id, _) in workflow.states.iter().filter(|(_, s)| s.outcome.is_some()) {
        out.push_str(&format!("    {id} --> [*]\n"));
    }
    out
}

fn nest(workflow: &Workflow, parent: Option<&StateId>, depth: usize, out: &mut String) {
    let indent = "    ".repeat(depth);
    for id in workflow.children(parent) {
        let Some(state) = workflow.states.get(id) else {
            continue;
        };
        let title = format!("{} {}", state.title.zh, state.title.en).replace(['"', '\n'], " ");
        if workflow.children(Some(id)).is_empty() {
            out.push_str(&format!("{indent}state \"{}\" as {id}\n", title.trim()));
            continue;
        }
        out.push_str(&format!("{indent}state \"{}\" as {id} {{\n", title.trim()));
        for start in &state.start {
            out.push_str(&format!("{indent}    [*] --> {start}\n"));
        }
        nest(workflow, Some(id), depth + 1, out);
        out.push_str(&format!("{indent}}}\n"));
    }
}

fn dot(workflow: &Workflow) -> String {
    let mut out =
        format!("digraph \"{}\" {{\n    rankdir=LR;\n    node [shape=box, style=rounded];\n", workflow.id);
    for (id, state) in &workflow.states {
        let label = format!("{}\\n{}", state.title.zh, state.title.en).replace('"', "'");
        let shape = if state.outcome.is_some() { ", peripheries=2" } else { "" };
        out.push_str(&format!("    \"{id}\" [label=\"{label}\"{shape}];\n"));
    }
    for (from, to, by) in moves(workflow) {
        out.push_str(&format!("    \"{from}\" -> \"{to}\" [label=\"{by}\"];\n"));
    }
    out.push_str("}\n");
    out
}
