//! The reference: every word that definitions, commands and answers have, from the tables that decide.

use std::fmt::Write as _;

use paidan_language::Document;
use paidan_language::code::Code;
use paidan_language::words::{Key, keys, named};
use paidan_machine::verb::Verb;
use paidan_model::notice::BUILT_IN_NAMES;
use paidan_model::state::ENGINE_EVENTS;
use paidan_model::text::Tongue;

/// The whole reference, as Markdown.
pub fn all() -> String {
    let mut out = String::from(
        "# Reference 参考\n\nEvery word there is; `paidan explain WORD` tells more of each. \
         全部词汇；`paidan explain 词`说明每一个。\n",
    );
    for document in Document::ALL {
        let title = match document {
            Document::Workflow => "Keys of a definition 流程定义的键",
            Document::Town => "Keys of a town's files 地方文件的键",
        };
        section(&mut out, title, ["key", "what it is", "what may be written"]);
        for key in keys(document) {
            let must = if key.required { " (must be there 必填)" } else { "" };
            row(&mut out, [&code(&key.path), &format!("{}{must}", key.about), &key.kind]);
        }
    }
    section(&mut out, "Verbs 内置动作", ["verb", "中文", "English"]);
    for verb in Verb::all() {
        let title = verb.title();
        row(&mut out, [&code(verb.name()), &title.zh, &title.en]);
    }
    out.push_str("\n## Events that the engine raises 引擎抛出的事件\n\n");
    out.push_str(&listed(&ENGINE_EVENTS));
    out.push_str("\n## Words in messages 消息里可用的词\n\n");
    out.push_str(&listed(&BUILT_IN_NAMES));
    section(&mut out, "Findings 检查结果", ["code", "中文", "English"]);
    for found in Code::ALL {
        let (zh, en) = found.title();
        row(&mut out, [found.number(), zh, en]);
    }
    section(&mut out, "Refusals 拒绝", ["code", "中文", "English"]);
    for refusal in paidan_machine::Code::ALL {
        let (zh, en) = (refusal.sentence(Tongue::Zh), refusal.sentence(Tongue::En));
        row(&mut out, [&format!("{} `{}`", refusal.number(), refusal.slug()), zh, en]);
    }
    section(&mut out, "Answers of the API 接口的回答", ["code", "中文", "English"]);
    for problem in paidan_http::problem::Code::ALL {
        let text = problem.text();
        row(&mut out, [&format!("{} `{}`", problem.number(), problem.slug()), &text.zh, &text.en]);
    }
    out
}

/// What a key or a verb is; nothing of other words.
pub fn word(asked: &str) -> Option<String> {
    let mut out = String::new();
    for key in named(asked) {
        tell(&mut out, &key);
    }
    for verb in Verb::all().filter(|verb| verb.name() == asked) {
        let title = verb.title();
        let _written = writeln!(out, "`{asked}`: a verb 内置动作\n{}\n{}\n", title.zh, title.en);
    }
    Some(out).filter(|out| !out.is_empty())
}

fn tell(out: &mut String, key: &Key) {
    let file = match key.document {
        Document::Workflow => "a definition 流程定义",
        Document::Town => "a town's file 地方文件",
    };
    let must = if key.required { "must be there 必填" } else { "may be absent 可省略" };
    let _written = writeln!(out, "`{}`, in {file}\n{}\n{}; {must}\n", key.path, key.about, key.kind);
}

fn section(out: &mut String, title: &str, columns: [&str; 3]) {
    let _written = writeln!(out, "\n## {title}\n");
    row(out, columns);
    out.push_str("|---|---|---|\n");
}

fn row(out: &mut String, cells: [&str; 3]) {
    let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
    let _written = writeln!(out, "| {} |", cells.join(" | "));
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("- `{word}`\n")).collect()
}
