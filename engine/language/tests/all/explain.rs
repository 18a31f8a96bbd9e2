//! Every page of a code holds what it says: the wrong text has the finding, the mended one has none.
//!
//! `PAIDAN_UPDATE=1` writes `expected.txt` anew; look at what changed before it is kept.

use std::collections::BTreeSet;
use std::path::Path;

use paidan_language::explain::Page;
use paidan_language::{Checked, Code, Level, Library, print};

fn check(page: &Page, name: &str, text: &str) -> Checked {
    let mut library = Library::new();
    library.add(name, text.to_string());
    if let Some((beside, text)) = page.with {
        library.add(beside, text.to_string());
    }
    library.check()
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn each_wrong_text_has_exactly_its_finding() {
    for code in Code::ALL {
        let page = Page::of(*code);
        let checked = check(&page, "wrong.toml", page.wrong);
        let printed = print::text(&checked, false);
        let found: BTreeSet<&str> = checked.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(found, BTreeSet::from([code.number()]), "{printed}");
        assert_eq!(checked.has_errors(), code.level() == Level::Error, "{printed}");
        assert_eq!(
            checked.workflows.is_empty(),
            checked.has_errors(),
            "errors refuse, lints don't\n{printed}"
        );
    }
}

#[test]
fn each_wrong_text_prints_as_recorded() {
    let update = std::env::var_os("PAIDAN_UPDATE").is_some();
    for code in Code::ALL {
        let page = Page::of(*code);
        let printed = print::text(&check(&page, "wrong.toml", page.wrong), false);
        if update {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain").join(code.number());
            std::fs::write(folder.join("expected.txt"), printed).unwrap();
        } else {
            assert_eq!(printed, page.output, "{code:?}");
        }
    }
}

#[test]
fn the_mended_text_is_clean() {
    for code in Code::ALL {
        let page = Page::of(*code);
        let checked = check(&page, "mended.toml", page.mended);
        assert_eq!(checked.findings, vec![], "{}\n{}", code.number(), print::text(&checked, false));
        let read = !checked.workflows.is_empty() || checked.calendars.len() > 1 || checked.roster.is_some();
        assert!(read, "{code:?}: something stands in the mended text");
    }
}

/// A table that gives a code the page of another would compile.
#[test]
fn every_code_has_the_page_of_its_number() {
    for code in Code::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain").join(code.number());
        let page = Page::of(*code);
        assert_eq!(std::fs::read_to_string(folder.join("wrong.toml")).unwrap(), page.wrong);
        assert_eq!(std::fs::read_to_string(folder.join("page.md")).unwrap(), page.prose);
    }
}

#[test]
fn the_prose_is_in_both_languages() {
    for code in Code::ALL {
        let prose = Page::of(*code).prose;
        let lines = prose.lines().count();
        assert!((6..=15).contains(&lines), "{code:?}: {lines} lines");
        let (en, zh) = prose.split_at(prose.find(is_chinese).unwrap());
        assert!(en.split_whitespace().count() >= 30, "{code:?}: English comes first");
        assert!(zh.chars().filter(|c| is_chinese(*c)).count() >= 30, "{code:?}: then Chinese");
    }
}

#[test]
fn explain_pages_show_prose_files_and_output() {
    let page = print::explain("L0306").unwrap();
    let parts = ["L0306: a role that nobody holds", "没有人担任的角色", "lint:", "wrong.toml", "town.toml"];
    for part in parts.into_iter().chain(["    warning[L0306]", "mended.toml", "    [workflow]"]) {
        assert!(page.contains(part), "`{part}` is not in\n{page}");
    }
    assert_eq!(print::explain("E9999"), None);
}
