//! What lies beside each other: one finding a fault, at its cause; a file that was not read keeps no other from being read.

use paidan_language::{Checked, Library, Unread};

const SOUND: &str = r#"[workflow]
id       = "drain"
version  = 1
title    = { zh = "下水道", en = "Drain" }
calendar = "office"
start    = "asked"

[roles]
keeper = { post = "keeper", of = "community" }

[fields]
units = { type = "units", min = 1, max = 2, zh = "单位", en = "Units" }

[states.asked]
title = { zh = "待办", en = "Asked" }
who   = ["keeper"]
on.call = { go = "helped", fill = ["units"] }

[states.helped]
title          = { zh = "协办", en = "Helped" }
handoff        = "help"
on.joined      = { go = "mended" }
on.join_failed = { go = "mended" }

[states.mended]
title   = { zh = "已办", en = "Mended" }
outcome = "solved"

[clocks.mending]
starts = "asked"
limit  = "4 business hours"
ladder = "up"

[clocks.helping]
scope  = "leg"
starts = "notified"
stops  = "done"
limit  = "1 business day"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["keeper"] }]

[handoffs.help]
each       = "units"
join       = "all"
leg.clocks = ["helping"]
"#;
const CALENDAR: &str =
    "[calendars.office]\nzone = \"Asia/Shanghai\"\nweek = { mon-fri = [\"08:30-12:00\"] }\n";

fn library(files: &[(&str, &str)]) -> Library {
    let mut library = Library::new();
    library.add("office.toml", CALENDAR.to_string());
    files.iter().for_each(|(path, text)| library.add(path, (*text).to_string()));
    library
}

/// Each finding as `CODE FILE:LINE`.
fn places(checked: &Checked) -> Vec<String> {
    let place = |finding: &paidan_language::Finding| {
        let (path, line) = checked.sources.line(finding.place);
        format!("{} {path}:{line}", finding.code)
    };
    checked.findings.iter().map(place).collect()
}

#[test]
fn a_fault_is_one_finding_at_its_cause() {
    assert_eq!(places(&library(&[("a.toml", SOUND)]).check()), [""; 0]);
    let cases = [
        ("join       = \"all\"", "join       = \"3/2\"", "E0112 a.toml:46"),
        ("{ type = \"units\", min", "{ type = \"unitz\", min", "E0112 a.toml:12"),
        ("limit  = \"4 business hours\"", "limit  = \"4 hours\"", "E0106 a.toml:31"),
        ("limit  = \"4 business hours\"", "limt   = \"4 business hours\"", "E0102 a.toml:31"),
        ("start    = \"asked\"", "strat    = \"asked\"", "E0102 a.toml:6"),
    ];
    for (right, wrong, found) in cases {
        let text = SOUND.replacen(right, wrong, 1);
        assert_ne!(text, SOUND, "{right}");
        let checked = library(&[("a.toml", &text)]).check();
        assert_eq!(places(&checked), [found], "{wrong} {:?}", checked.findings);
    }
}

#[test]
fn misspelt_required_keys_name_the_right_one() {
    let text = SOUND.replacen("limit  = \"4 business hours\"", "limt   = \"4 business hours\"", 1);
    let checked = library(&[("a.toml", &text)]).check();
    let [finding] = checked.findings.as_slice() else { panic!("{:?}", checked.findings) };
    assert!(finding.en.contains("`limt`"), "{finding:?}");
    assert_eq!(finding.help.as_deref(), Some("did you mean `limit`?"));
}

#[test]
fn a_workflow_in_two_files_names_both() {
    let checked = library(&[("first.toml", SOUND), ("second.toml", SOUND)]).check();
    assert_eq!(places(&checked), ["E0116 second.toml:3"]);
    assert!(checked.findings[0].en.contains("first.toml"), "{:?}", checked.findings);
}

#[test]
fn an_unused_block_is_read_too() {
    let block =
        "[block]\nid = \"tail\"\nstart = \"ask\"\n\n[nonsense]\nk = 1\n\n[clokcs.x]\n\n[states.ask]\n";
    let checked = library(&[("a.toml", SOUND), ("block.toml", block)]).check();
    assert_eq!(places(&checked), ["E0102 block.toml:5", "E0102 block.toml:8"]);
    assert_eq!(checked.findings[1].help.as_deref(), Some("did you mean `clocks`?"));
    let twice = "[block]\nid = \"tail\"\nstart = \"ask\"\n[states.ask]\n";
    let checked = library(&[("one.toml", twice), ("two.toml", twice)]).check();
    assert_eq!(places(&checked), ["E0116 two.toml:2"]);
}

#[test]
fn other_encodings_are_named_beside_sound_files() {
    let mut library = library(&[("other.toml", &SOUND.replace("go = \"helped\"", "go = \"hepled\""))]);
    library.add_bytes("gb.toml", b"[workflow]\nzh = \"\xC0\xFD\"\n");
    library.add_bytes("wide.toml", b"\xFF\xFE[\0w\0]\0");
    library.unread("pipe.toml", Unread { zh: "管道".into(), en: "a pipe".into() });
    let checked = library.check();
    let wanted = ["E0107 other.toml:17", "E0101 gb.toml:2", "E0101 wide.toml:1", "E0101 pipe.toml:1"];
    assert_eq!(places(&checked), wanted, "{:?}", checked.findings);
    assert!(checked.findings[1].en.contains("GB18030") && checked.findings[1].en.contains("byte 17"));
    assert!(checked.findings[2].en.contains("UTF-16") && checked.findings[2].en.contains("byte 0"));
}

#[test]
fn calendars_stand_in_where_a_town_has_none() {
    let spare = || [paidan_language::source::Source { path: "spare.toml".into(), text: CALENDAR.into() }];
    let mut alone = Library::new();
    alone.add("a.toml", SOUND.to_string());
    alone.stand_in(spare());
    assert!(alone.check().findings.is_empty());
    let mut town = Library::new();
    town.add("a.toml", SOUND.to_string());
    town.add("town.toml", CALENDAR.replace("office", "town"));
    town.stand_in(spare());
    assert_eq!(places(&town.check()), ["E0107 a.toml:5"], "the town has calendars of its own");
}
