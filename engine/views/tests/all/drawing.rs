//! The picture of every shipped workflow: well formed, complete, the same each time, and no two states overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use paidan_language::Library;
use paidan_model::state::{State, Target};
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;
use paidan_views::drawing;

fn shipped() -> Vec<Workflow> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut library = Library::new();
    for folder in ["config/calendars", "workflows/blocks", "workflows/charts", "workflows"] {
        let mut files: Vec<_> = fs::read_dir(root.join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml")) {
            library.add(&file.display().to_string(), fs::read_to_string(file).unwrap());
        }
    }
    let found: Vec<_> = library.check().workflows.into_iter().map(|agreed| agreed.workflow).collect();
    assert!(found.len() >= 6, "only {} workflows are sound", found.len());
    found
}

/// Tags must close in order, and `<`, `>` and `&` stand for markup alone.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        assert!(!tag.contains("style="), "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
    for entity in svg.split('&').skip(1) {
        assert!(
            ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| entity.starts_with(known)),
            "{entity}"
        );
    }
}

fn number(tag: &str, name: &str) -> i64 {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

fn boxes(svg: &str) -> BTreeMap<String, [i64; 4]> {
    let groups = svg.split("<g data-state=\"").skip(1);
    let of = |group: &str| {
        let tag = group.split_once("<rect").unwrap().1.split('>').next().unwrap().to_string();
        let (x, y) = (number(&tag, "x"), number(&tag, "y"));
        (
            group.split('"').next().unwrap().to_string(),
            [x, y, x + number(&tag, "width"), y + number(&tag, "height")],
        )
    };
    groups.map(of).collect()
}

fn apart(workflow: &Workflow, svg: &str) {
    let boxes = boxes(svg);
    assert_eq!(boxes.len(), workflow.states.len());
    for (id, a) in &boxes {
        for (other, b) in boxes.iter().filter(|(other, _)| *other > id) {
            let meet = a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
            let above = |id: &str, other: &str| {
                let (state, _) = workflow.states.get_key_value(id).unwrap();
                workflow.ancestors(state).any(|up| up.as_str() == other)
            };
            assert!(!meet || above(id, other) || above(other, id), "{}: {id}, {other}", workflow.id);
        }
    }
}

fn complete(workflow: &Workflow, svg: &str) {
    for (id, state) in &workflow.states {
        let ways = state.on.values().flat_map(|action| &action.alternatives).chain(&state.always);
        let targets = ways.filter_map(|way| match &way.go {
            Some(Target::State(target)) => Some(target),
            _ => None,
        });
        for target in targets.chain(state.after.iter().map(|timer| &timer.go)) {
            assert!(svg.contains(&format!("data-from=\"{id}\" data-to=\"{target}\"")), "{id} to {target}");
        }
    }
}

#[test]
fn every_shipped_workflow_is_drawn_whole() {
    for workflow in shipped() {
        for tongue in [Tongue::Zh, Tongue::En] {
            let here: BTreeSet<_> = workflow.start.iter().cloned().collect();
            let svg = drawing(&workflow, tongue, &here, &here);
            well_formed(&svg);
            apart(&workflow, &svg);
            complete(&workflow, &svg);
            assert!(svg.contains('●'));
            assert_eq!(svg, drawing(&workflow, tongue, &here, &here));
        }
    }
}

#[test]
fn titles_are_escaped_and_parent_cycles_end() {
    let mut workflow = shipped().remove(0);
    let id = workflow.states.keys().next().unwrap().clone();
    let state: &mut State = workflow.states.get_mut(&id).unwrap();
    state.title = Text { zh: "<b>&\"'\u{1}".repeat(9), en: String::new() };
    state.parent = Some(id.clone());
    let svg = drawing(&workflow, Tongue::Zh, &BTreeSet::new(), &BTreeSet::new());
    well_formed(&svg);
    assert!(svg.contains("&lt;b&gt;"));
}
