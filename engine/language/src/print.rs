//! Printing findings as rustc would, or as JSON.

use annotate_snippets::{AnnotationKind, Group, Level as Mark, Renderer, Snippet};
use paidan_model::text::Text;
use serde_json::json;

use crate::code::Code;
use crate::explain::Page;
use crate::finding::{Finding, Level};
use crate::library::Checked;
use crate::source::{Place, Sources};

/// The findings as text, the place of each underlined.
#[must_use]
pub fn text(checked: &Checked, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in &checked.findings {
        out.push_str(&one(&checked.sources, finding).print(&renderer));
        out.push_str("\n\n");
    }
    out
}

/// One finding as text without colours.
#[must_use]
pub fn excerpt(sources: &Sources, finding: &Finding) -> String {
    one(sources, finding).print(&Renderer::plain())
}

/// Something that is no finding, as text without colours: why a text is not taken that is sound by itself.
#[must_use]
pub fn pointed(sources: &Sources, place: Place, code: &str, words: &Text, help: &str) -> String {
    let pointed =
        Pointed { mark: Mark::ERROR, code, zh: &words.zh, en: &words.en, place, help: Some(help), sources };
    pointed.print(&Renderer::plain())
}

/// Words about a place in a text.
struct Pointed<'p> {
    mark: Mark<'p>,
    code: &'p str,
    zh: &'p str,
    en: &'p str,
    place: Place,
    help: Option<&'p str>,
    sources: &'p Sources,
}

fn one<'p>(sources: &'p Sources, finding: &'p Finding) -> Pointed<'p> {
    let mark = match finding.level {
        Level::Error => Mark::ERROR,
        Level::Lint => Mark::WARNING,
    };
    let Finding { code, level: _, zh, en, place, help } = finding;
    Pointed { mark, code, zh, en, place: *place, help: help.as_deref(), sources }
}

impl Pointed<'_> {
    fn print(&self, renderer: &Renderer) -> String {
        let title = self.mark.clone().primary_title(self.en).id(self.code);
        let mut group = Group::with_title(title);
        if let Some(source) = self.sources.0.get(self.place.source) {
            let end = self.place.end.min(source.text.len());
            let start = self.place.start.min(end);
            let note = AnnotationKind::Primary.span(start..end).label(self.zh);
            let snippet = Snippet::source(source.text.as_str()).path(source.path.as_str());
            group = group.element(snippet.annotation(note));
        }
        if let Some(help) = self.help {
            group = group.element(Mark::HELP.message(help));
        }
        renderer.render(&[group]).to_string()
    }
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
