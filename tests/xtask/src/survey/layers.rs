//! Arrows that run upward: a module of a lower layer takes something from a higher one.
//! `tests/tidy/layers.toml` names the layers of a crate, the lowest first.

use super::arrows::arrows;
use super::{Finding, Krate};

/// What stands in `layers.toml` for one crate: for each layer the modules in it. A module brings the
/// modules below it along, unless they are named themselves.
pub type Layers = Vec<Vec<String>>;

/// Every upward arrow, and every module that no layer names.
#[must_use]
pub fn findings(krate: &Krate, layers: &Layers) -> Vec<Finding> {
    let floors: Vec<Option<usize>> = krate.modules.iter().map(|module| floor(&module.name, layers)).collect();
    let mut findings = Vec::new();
    let mut report = |module: usize, line: usize, message: String| {
        if let Some(module) = krate.modules.get(module) {
            findings.push(Finding {
                krate: krate.name.clone(),
                key: module.title(),
                place: module.place(line),
                message,
            });
        }
    };
    for (index, module) in krate.modules.iter().enumerate() {
        if floors.get(index).copied().flatten().is_none() && !module.name.is_empty() {
            report(index, 1, format!("`{}` is in no layer of tests/tidy/layers.toml", module.title()));
        }
    }
    for arrow in arrows(krate) {
        let of = |index: usize| floors.get(index).copied().flatten();
        let (Some(from), Some(to)) = (of(arrow.from), of(arrow.to)) else { continue };
        if from < to
            && let Some(target) = krate.modules.get(arrow.to)
        {
            let message = format!(
                "takes `{}` of `{}`: from layer {} up to layer {}",
                arrow.name,
                target.title(),
                from + 1,
                to + 1
            );
            report(arrow.from, arrow.line, message);
        }
    }
    findings
}

/// The layer that names the module, or the nearest module above it.
fn floor(name: &[String], layers: &Layers) -> Option<usize> {
    (1..=name.len()).rev().find_map(|length| {
        let title = name.get(..length)?.join("::");
        layers.iter().position(|layer| layer.contains(&title))
    })
}
