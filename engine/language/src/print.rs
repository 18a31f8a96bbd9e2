//! Printing findings as rustc would, or as JSON.

use annotate_snippets::{AnnotationKind, Group, Level as Mark, Renderer, Snippet};
use serde_json::json;

use crate::code::Code;
use crate::explain::Page;
use crate::finding::{Finding, Level};
use crate::library::Checked;
use crate::source::Sources;

/// The findings as text, the place of each underlined.
#[must_use]
pub fn text(checked: &Checked, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in &checked.findings {
        out.push_str(&one(&checked.sources, finding, &renderer));
        out.push_str("\n\n");
    }
    out
}

fn one(sources: &Sources, finding: &Finding, renderer: &Renderer) -> String {
    let mark = match finding.level {
        Level::Error => Mark::ERROR,
        Level::Lint => Mark::WARNING,
    };
    let title = mark.primary_title(finding.en.as_str()).id(finding.code);
    let mut group = Group::with_title(title);
    if let Some(source) = sources.0.get(finding.place.source) {
        let end = finding.place.end.min(source.text.len());
        let start = finding.place.start.min(end);
        let note = AnnotationKind::Primary.span(start..end).label(finding.zh.as_str());
        group =
            group.element(Snippet::source(source.text.as_str()).path(source.path.as_str()).annotation(note));
    }
    if let Some(help) = &finding.help {
        group = group.element(Mark::HELP.message(help.as_str()));
    }
    renderer.render(&[group]).to_string()
}

/// The findings as JSON, with file and line.
#[must_use]
pub fn json(checked: &Checked) -> serde_json::Value {
    let each = |finding: &Finding| {
        let (path, line) = checked.sources.line(finding.place);
        json!({
            "code": finding.code, "level": finding.level, "zh": finding.zh, "en": finding.en,
            "path": path, "line": line, "start": finding.place.start, "end": finding.place.end, "help": finding.help,
        })
    };
    checked.findings.iter().map(each).collect()
}

/// The page of a code: what it is about, a text that is wrong, what is printed of it, the text mended.
#[must_use]
pub fn explain(code: &str) -> Option<String> {
    let code = Code::parse(code)?;
    let (zh, en) = code.title();
    let kind = match code.level() {
        Level::Error => {
            "error of meaning: the definition is refused until it is mended\n错误：改正以前，流程不能启用"
        }
        Level::Lint => {
            "lint: may be accepted in [allow_findings] by this code, with a reason\n\
             提示：可以在[allow_findings]里按编号接受，并写明理由"
        }
    };
    let page = Page::of(code);
    let mut out = format!("{}: {en}\n{zh}\n\n{kind}\n\n{}\n", code.number(), page.prose.trim_end());
    let files = [
        ("wrong 有误", Some(("wrong.toml", page.wrong))),
        ("beside it 一并检查", page.with),
        ("what is printed 检查结果", Some(("paidan check", page.output))),
        ("mended 改后", Some(("mended.toml", page.mended))),
    ];
    for (title, file) in files {
        if let Some((name, text)) = file {
            out.push_str(&format!("\n{title}: {name}\n\n{}", indented(text)));
        }
    }
    Some(out)
}

fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_string() } else { format!("    {line}\n") };
    text.trim_end().lines().map(line).collect()
}
