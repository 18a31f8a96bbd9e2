//! Every code has a smallest wrong text that shows it; mended, the same text is clean.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use paidan_language::{Checked, Code, Library};

const SOUND: &str = r#"[workflow]
id       = "drain"
version  = 1
title    = { zh = "下水道", en = "Drain" }
calendar = "office"
start    = "asked"

[roles]
resident = { person = "asker" }
keeper   = { post = "keeper", of = "community" }
boss     = { post = "boss", of = "subdistrict" }
unit     = { leg = true }

[fields]
asker = { type = "person", required = true, private = true, zh = "谁", en = "Who" }
size  = { type = "choice", choices = ["small", "large"], required = true, zh = "大小", en = "Size" }
units = { type = "units", required_from = "helped", zh = "单位", en = "Units" }
words = { type = "text", zh = "话", en = "Words" }

[states.asked]
title   = { zh = "待办", en = "Asked" }
who     = ["keeper"]
on.call = { go = "helped", fill = ["units"], when = "size == 'large'" }
on.mend = { go = "mended" }

[states.helped]
title          = { zh = "协办", en = "Helped" }
who            = ["unit"]
handoff        = "help"
on.joined      = { go = "mended" }
on.join_failed = { go = "asked" }

[states.mended]
title   = { zh = "已办", en = "Mended" }
outcome = "solved"
enter   = { notify = ["done"] }

[handoffs.help]
each = "units"
join = "all"

[clocks.mending]
starts = "asked"
limit  = { per = "size", small = "4 business hours", large = "2 business days" }
ladder = "up"

[ladders]
up = [{ at = "75%", tell = ["keeper"] }, { at = "breach", tell = ["boss"] }]

[notices]
done = { who = ["resident"], zh = "{number} 已办", en = "{number} is mended" }
"#;

const CALENDAR: &str =
    "[calendars.office]\nzone = \"Asia/Shanghai\"\nweek = { mon-fri = [\"08:30-12:00\"] }\n";

/// A town in which nobody keeps drains.
const TOWN: &str = r#"
[[units]]
id = "old-town"
kind = "subdistrict"
zh = "老城"
en = "Old town"
[[units]]
id = "river"
kind = "community"
parent = "old-town"
zh = "河边"
en = "River"
[[people]]
id = "li"
zh = "李"
en = "Li"
posts = [{ post = "boss", unit = "old-town" }]
"#;

/// For each code: what in the sound text is changed, and into what.
const WRONG: [(&str, &str, &str); 30] = [
    ("E0101", "version  = 1", "version  = = 1"),
    ("E0102", "outcome = \"solved\"", "outcome = \"solved\"\ncolour = \"red\""),
    ("E0103", "version  = 1", "version  = \"one\""),
    ("E0104", "id       = \"drain\"\n", ""),
    ("E0105", "words = {", "\"two words\" = {"),
    ("E0106", "4 business hours", "4 hours"),
    ("E0107", "go = \"mended\" }\n\n[states.helped]", "go = \"mendet\" }\n\n[states.helped]"),
    ("E0108", "[handoffs.help]", "[votes.install]\nroster = \"owners\"\n[handoffs.help]"),
    ("E0109", "version  = 1", "version  = 0"),
    ("E0110", "size == 'large'", "size == 'huge'"),
    ("E0111", "{number} is mended", "{numbr} is mended"),
    ("E0112", "outcome = \"solved\"", "outcome = \"resolved\""),
    ("E0113", ", large = \"2 business days\"", ""),
    ("E0114", "[states.mended]", "[states.helped.mended]"),
    ("E0115", "", ""),
    ("E0116", "", ""),
    ("E0117", "on.mend = { go = \"mended\" }", "on.mend = { go = \"mended\", when = \"size(units) > 1\" }"),
    ("E0118", "on.join_failed = { go = \"asked\" }\n", ""),
    (
        "E0119",
        "who     = [\"keeper\"]\n",
        "who     = [\"keeper\"]\nin = \"open\"\n[states.other]\nin = \"open\"\n[states.open]\n",
    ),
    ("E0120", "who     = [\"keeper\"]\n", ""),
    (
        "E0121",
        "{ at = \"75%\", tell = [\"keeper\"] }, { at = \"breach\", tell = [\"boss\"] }",
        "{ at = \"breach\", tell = [\"boss\"] }, { at = \"75%\", tell = [\"keeper\"] }",
    ),
    (
        "E0122",
        "[ladders]",
        "[promises.doer_never_verifies]\naction = [\"look\"]\n[states.helped.on.look]\ngo = \"mended\"\n[ladders]",
    ),
    ("E0123", "who = [\"resident\"], zh = \"{number} 已办\"", "who = [\"keeper\"], zh = \"{asker} 已办\""),
    ("L0301", "on.call = { go = \"helped\"", "on.call = { go = \"mended\""),
    (
        "L0302",
        "on.join_failed = { go = \"asked\" }\n",
        "on.join_failed = { go = \"stuck\" }\n[states.stuck]\ntitle = { zh = \"卡住\", en = \"Stuck\" }\n",
    ),
    ("L0303", "[clocks.mending]\nstarts = \"asked\"", "[clocks.mending]\nstarts = \"helped\""),
    ("L0304", "title    = { zh = \"下水道\", en = \"Drain\" }", "title    = { zh = \"下水道\" }"),
    ("L0305", "ladder = \"up\"\n", ""),
    ("L0306", "", ""),
    ("L0307", "[ladders]", "[promises]\nno_unowned_minute = true\n[ladders]"),
];

fn check(definition: &str, calendar: &str, more: Option<&str>) -> Checked {
    let mut library = Library::new();
    library.add("office.toml", calendar.to_string());
    library.add("drain.toml", definition.to_string());
    if let Some(more) = more {
        library.add("more.toml", more.to_string());
    }
    library.check()
}

fn codes(checked: &Checked) -> BTreeSet<&str> {
    checked.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn the_sound_text_is_clean() {
    let checked = check(SOUND, CALENDAR, None);
    assert_eq!(checked.findings, vec![], "{}", paidan_language::print::text(&checked, false));
    assert_eq!(checked.workflows.len(), 1);
}

#[test]
fn each_code_is_found_where_it_is() {
    for (code, from, to) in WRONG {
        let checked = match code {
            "E0115" => check(SOUND, &CALENDAR.replace("08:30", "8 o'clock"), None),
            "L0306" => check(SOUND, CALENDAR, Some(TOWN)),
            "E0116" => check(SOUND, CALENDAR, Some(SOUND)),
            _ => {
                assert!(SOUND.contains(from), "{code}: `{from}` stands in the sound text");
                check(&SOUND.replacen(from, to, 1), CALENDAR, None)
            }
        };
        let printed = paidan_language::print::text(&checked, false);
        assert!(codes(&checked).contains(code), "{code} is not among {:?}\n{printed}", codes(&checked));
        assert!(printed.contains(code), "{printed}");
        let refused = checked.workflows.is_empty() || code == "E0116";
        assert!(refused == code.starts_with('E'), "{code}: errors refuse, lints don't\n{printed}");
        assert!(paidan_language::print::explain(code).is_some());
    }
}

/// Of the codes none is without its text.
#[test]
fn no_code_is_forgotten() {
    let shown: BTreeSet<&str> = WRONG.iter().map(|(code, _, _)| *code).collect();
    let missing: Vec<&str> =
        Code::ALL.iter().map(|code| code.number()).filter(|code| !shown.contains(code)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn a_misspelt_name_gets_its_nearest_match() {
    let checked = check(&SOUND.replacen("go = \"helped\"", "go = \"helpd\"", 1), CALENDAR, None);
    let finding = checked.findings.first().unwrap();
    assert_eq!(finding.help.as_deref(), Some("did you mean `helped`?"));
    assert_eq!(checked.sources.line(finding.place), ("drain.toml", 23));
}

#[test]
fn reformatting_reordering_and_comments_change_no_digest() {
    let digest = |text: &str| {
        let checked = check(text, CALENDAR, None);
        checked
            .workflows
            .first()
            .unwrap_or_else(|| panic!("{}", paidan_language::print::text(&checked, false)))
            .digest
            .clone()
    };
    let (head, rest) = SOUND.split_once("[roles]").unwrap();
    let (roles, rest) = rest.split_once("[fields]").unwrap();
    let moved = format!("# a comment\n{head}[fields]{rest}\n[roles]{roles}");
    assert_eq!(digest(&moved), digest(SOUND));
    assert_eq!(digest(&SOUND.replace(" = ", "=")), digest(SOUND));
    assert_eq!(digest(&SOUND.replace("4 business hours", "240 business minutes")), digest(SOUND));
    assert_ne!(digest(&SOUND.replace("4 business hours", "5 business hours")), digest(SOUND));
    assert_ne!(digest(&SOUND.replace("已办\", en = \"Mended", "办好\", en = \"Mended")), digest(SOUND));
}

#[test]
fn what_is_too_large_is_refused_by_the_limits_name() {
    let long = format!("{SOUND}\n# {}", "x".repeat(256 * 1024));
    assert!(codes(&check(&long, CALENDAR, None)).contains("E0109"));
    let states: String = (0..201)
        .map(|n| format!("[states.s{n}]\ntitle = {{ zh = \"x\", en = \"x\" }}\noutcome = \"solved\"\n"))
        .collect();
    let checked = check(&format!("{SOUND}{states}"), CALENDAR, None);
    assert!(
        checked.findings.iter().any(|f| f.code == "E0109" && f.en.contains("states")),
        "{:?}",
        checked.findings
    );
}

#[test]
fn hostile_guards_are_refused_without_harm() {
    for guard in [
        &*"(".repeat(900),
        &*"!".repeat(900),
        &*"-".repeat(900),
        "size == '",
        "1/2 == 1",
        "a and b",
        "1.5 > 1",
    ] {
        let text = SOUND.replacen("size == 'large'", guard, 1);
        assert!(codes(&check(&text, CALENDAR, None)).contains("E0110"), "{guard}");
    }
}
