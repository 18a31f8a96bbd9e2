//! Definitions are TOML 1.0, which every editor and tool reads. What only TOML 1.1 has is a finding:
//! lines and a last comma inside `{ }`, and the escapes `\e` and `\x`.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind, EventReceiver, RecursionGuard, parse_document};
use toml_parser::{ParseError, Source};

use crate::code::Code;
use crate::finding::Finding;
use crate::source::Place;

/// Nested values, as many as the reader of the text itself takes.
const DEPTH_MAX: u32 = 80;

/// What of a sound text is TOML 1.1 alone.
pub(crate) fn newer(source: usize, text: &str) -> Vec<Finding> {
    let mut looked = Looked { text, source, open: Vec::new(), comma: false, findings: Vec::new() };
    let tokens = Source::new(text).lex().into_vec();
    let mut look = |event: Event| looked.see(&event);
    let receiver: &mut dyn EventReceiver = &mut look;
    let mut guarded = RecursionGuard::new(receiver, DEPTH_MAX);
    // A text with errors is not looked at.
    parse_document(&tokens, &mut guarded, &mut |_: ParseError| ());
    looked.findings
}

/// What a value stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Table,
    Array,
}

struct Looked<'t> {
    text: &'t str,
    source: usize,
    open: Vec<Inside>,
    /// Whether a comma came last.
    comma: bool,
    findings: Vec<Finding>,
}

impl Looked<'_> {
    fn see(&mut self, event: &Event) {
        let in_table = self.open.last() == Some(&Inside::Table);
        match event.kind() {
            EventKind::InlineTableOpen => self.open.push(Inside::Table),
            EventKind::ArrayOpen => self.open.push(Inside::Array),
            EventKind::InlineTableClose => {
                if self.comma {
                    let en = "a comma before `}`: leave it out";
                    self.find(event, "花括号`}`前多一个逗号，请删去", en);
                }
                self.open.pop();
            }
            EventKind::ArrayClose => {
                self.open.pop();
            }
            EventKind::Newline if in_table => {
                let en = "a line ends inside `{ }`: write it in one line, or as a table of its own";
                self.find(event, "花括号内换行，请写成一行，或另立一张表", en);
            }
            EventKind::Scalar | EventKind::SimpleKey => self.escapes(event),
            EventKind::StdTableOpen
            | EventKind::StdTableClose
            | EventKind::ArrayTableOpen
            | EventKind::ArrayTableClose
            | EventKind::KeySep
            | EventKind::KeyValSep
            | EventKind::ValueSep
            | EventKind::Whitespace
            | EventKind::Comment
            | EventKind::Newline
            | EventKind::Error => {}
        }
        self.comma = match event.kind() {
            EventKind::ValueSep => true,
            EventKind::Whitespace | EventKind::Comment | EventKind::Newline => self.comma,
            EventKind::StdTableOpen
            | EventKind::StdTableClose
            | EventKind::ArrayTableOpen
            | EventKind::ArrayTableClose
            | EventKind::InlineTableOpen
            | EventKind::InlineTableClose
            | EventKind::ArrayOpen
            | EventKind::ArrayClose
            | EventKind::SimpleKey
            | EventKind::KeySep
            | EventKind::KeyValSep
            | EventKind::Scalar
            | EventKind::Error => false,
        };
    }

    fn escapes(&mut self, event: &Event) {
        let escaping = [Some(Encoding::BasicString), Some(Encoding::MlBasicString)];
        if !escaping.contains(&event.encoding()) {
            return;
        }
        let raw = self.text.get(event.span().start()..event.span().end()).unwrap_or_default();
        let mut chars = raw.chars();
        while let Some(char) = chars.next() {
            if char == '\\' && matches!(chars.next(), Some('e' | 'x')) {
                let en = "the escapes `\\e` and `\\x`: write `\\u001B`, or `\\u` and four digits";
                self.find(event, "转义`\\e`、`\\x`：请写成`\\u001B`，或`\\u`加四位数字", en);
                return;
            }
        }
    }

    /// Notes what was found, once for each kind in a row of lines.
    fn find(&mut self, event: &Event, zh: &str, en: &str) {
        let (start, end) = (event.span().start(), event.span().end());
        let place = Place { source: self.source, start, end };
        let zh = format!("TOML 1.1才有的写法，这里用1.0：{zh}");
        let en = format!("TOML 1.1 alone has this, and definitions are TOML 1.0: {en}");
        if self.findings.last().is_none_or(|last| last.en != en) {
            self.findings.push(Finding::new(Code::Syntax, place, zh, en));
        }
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::newer;

    fn found(text: &str) -> Vec<String> {
        newer(0, text).into_iter().map(|finding| finding.en).collect()
    }

    #[test]
    fn toml_1_0_has_no_finding() {
        let text = "a = [\n  { b = 1 },\n  # said\n  { b = [\n 1,\n 2,\n ] },\n]\n[c]\nd = \"\\u001B \\\\e\"\n\
                    e = '\\x'\nf = \"\"\"\nline\\\n  on\n\"\"\"\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn what_only_1_1_has_is_told() {
        assert!(found("a = { b = 1,\n c = 2 }\n")[0].contains("a line ends inside"));
        assert!(found("a = { b = 1, }\n")[0].contains("a comma before"));
        assert!(found("a = \"\\e[0m\"\n")[0].contains("the escapes"));
        assert!(found("\"\\x41\" = 1\n")[0].contains("the escapes"));
        assert!(found("a = [{ b = 1,\n c = [2] }]\n")[0].contains("a line ends inside"));
    }
}
