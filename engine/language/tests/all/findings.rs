//! Findings beyond the page of each code: other ways to the same code, limits, hostile texts, digests.

use std::collections::BTreeSet;

use paidan_language::{Checked, Library};

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

/// Codes that a text can earn in another way than their page shows: what is changed, and into what.
const OTHER_WAYS: [(&str, &str, &str); 7] = [
    ("E0101", "version  = 1", "version  = = 1"),
    ("E0108", "[handoffs.help]", "[effects.ring]\ncall = \"bell\"\n[handoffs.help]"),
    ("E0109", "version  = 1", "version  = 0"),
    ("E0117", "on.mend = { go = \"mended\" }", "on.mend = { go = \"mended\", when = \"size(units) > 1\" }"),
    ("L0301", "on.call = { go = \"helped\"", "on.call = { go = \"mended\""),
    ("L0303", "[clocks.mending]\nstarts = \"asked\"", "[clocks.mending]\nstarts = \"helped\""),
    ("L0304", "title    = { zh = \"下水道\", en = \"Drain\" }", "title    = { zh = \"下水道\" }"),
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
fn codes_are_also_found_in_other_ways() {
    for (code, from, to) in OTHER_WAYS {
        assert!(SOUND.contains(from), "{code}: `{from}` stands in the sound text");
        let checked = check(&SOUND.replacen(from, to, 1), CALENDAR, None);
        let printed = paidan_language::print::text(&checked, false);
        assert!(codes(&checked).contains(code), "{code} is not among {:?}\n{printed}", codes(&checked));
        assert_eq!(checked.workflows.is_empty(), code.starts_with('E'), "{code}: errors refuse\n{printed}");
    }
}

#[test]
fn a_time_that_is_none_makes_no_calendar() {
    let checked = check(SOUND, &CALENDAR.replace("08:30", "8 o'clock"), None);
    assert!(codes(&checked).contains("E0115"));
    assert!(checked.workflows.is_empty(), "its calendar is not there");
}

#[test]
fn of_duplicate_workflows_the_first_is_kept() {
    let checked = check(SOUND, CALENDAR, Some(SOUND));
    assert_eq!(codes(&checked), BTreeSet::from(["E0116"]));
    assert_eq!(checked.workflows.len(), 1);
}

/// The rest of the definition stays as it was: no names are lost to the nested state.
#[test]
fn parents_of_nested_states_are_kept() {
    let nested = "[states.mended.twice]\ntitle = { zh = \"重办\", en = \"Twice\" }\n[handoffs.help]";
    let checked = check(&SOUND.replacen("[handoffs.help]", nested, 1), CALENDAR, None);
    assert_eq!(codes(&checked), BTreeSet::from(["E0114"]));
}

#[test]
fn a_misspelt_name_gets_its_nearest_match() {
    let checked = check(&SOUND.replacen("go = \"helped\"", "go = \"helpd\"", 1), CALENDAR, None);
    let finding = checked.findings.first().unwrap();
    assert_eq!(finding.help.as_deref(), Some("did you mean `helped`?"));
    assert_eq!(checked.sources.line(finding.place), ("drain.toml", 23));
}

#[test]
fn traps_are_named_with_the_shortest_path() {
    let stuck =
        "[states.stuck]\ntitle = { zh = \"卡住\", en = \"Stuck\" }\nwho = [\"keeper\"]\n[states.mended]";
    let stuck = SOUND.replacen("[states.mended]", stuck, 1);
    let stuck = stuck.replacen("starts = \"asked\"", "starts = [\"asked\", \"stuck\"]", 1);
    let into = |from: &str, to: &str| {
        let checked = check(&stuck.replacen(from, to, 1), CALENDAR, None);
        let finding = checked.findings.into_iter().find(|finding| finding.code == "L0302").unwrap();
        assert_eq!(finding.en, "`stuck` has no way out and no outcome");
        finding.help
    };
    let far = into("on.join_failed = { go = \"asked\" }", "on.join_failed = { go = \"stuck\" }");
    assert_eq!(
        far.as_deref(),
        Some("the shortest way into it: `asked` --call--> `helped` --join_failed--> `stuck`")
    );
    let timer = "after = [{ time = \"2 calendar days\", go = \"stuck\" }]\non.mend = ";
    let near = into("on.mend = ", timer);
    assert_eq!(near.as_deref(), Some("the shortest way into it: `asked` --after 2 calendar days--> `stuck`"));
    assert_eq!(into("#", "#"), None, "nothing leads to it, which is a finding of its own");
    // It is refused, unless the definition says why it is meant.
    let trapped = stuck.replacen("on.mend = ", timer, 1);
    assert!(check(&trapped, CALENDAR, None).has_errors());
    let meant = format!("{trapped}\n[allow_findings]\nL0302 = \"waits for a later version\"\n");
    let checked = check(&meant, CALENDAR, None);
    assert!(!checked.has_errors(), "{:?}", codes(&checked));
}

#[test]
fn a_misspelt_duration_is_shown_where_it_stands() {
    for (place, written) in
        [("small = \"4 business hours\"", "small = \"4hh\""), ("at = \"breach\"", "at = \"breach + 4hh\"")]
    {
        let checked = check(&SOUND.replacen(place, written, 1), CALENDAR, None);
        let finding = checked.findings.iter().find(|finding| finding.code == "E0106").unwrap();
        let source = checked.sources.0.get(finding.place.source).unwrap();
        assert!(written.ends_with(source.text.get(finding.place.start..finding.place.end).unwrap()));
        let help = finding.help.as_deref().unwrap();
        assert!(help.starts_with("did you mean `4 business hours`"), "{help}");
    }
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
fn oversized_input_names_the_limit() {
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

#[test]
fn choice_titles_and_jobs_are_read_where_allowed() {
    let sized = "choices = [\"small\", \"large\"], required = true";
    let with = |more: &str| SOUND.replace(sized, &format!("{sized}, {more}"));
    let titled = check(&with("titles = { small = { zh = \"小\", en = \"Small\" } }"), CALENDAR, None);
    assert!(!titled.has_errors(), "{:?}", titled.findings);
    let size = titled.workflows.first().unwrap().workflow.fields.get("size").unwrap();
    let say = |choice: &str| size.choice_title(choice, paidan_model::text::Tongue::Zh).to_string();
    assert_eq!(
        (say("small").as_str(), say("large").as_str()),
        ("小", "large"),
        "one without a title goes by its id"
    );
    let unknown = check(&with("titles = { smal = { zh = \"小\" } }"), CALENDAR, None);
    assert!(
        unknown.findings.iter().any(|found| found.en.contains("no choice `smal`")),
        "{:?}",
        unknown.findings
    );
    let job = check(&with("post = \"keeper\""), CALENDAR, None);
    assert!(
        job.findings.iter().any(|found| found.en.contains("which job a person must hold")),
        "{:?}",
        job.findings
    );
    let person = "asker = { type = \"person\", required";
    let named = SOUND.replace(person, "asker = { type = \"person\", post = [\"keeper\", \"boss\"], required");
    let named = check(&named, CALENDAR, None);
    assert_eq!(named.workflows.first().unwrap().workflow.fields.get("asker").unwrap().post.len(), 2);
    assert_ne!(
        named.workflows.first().unwrap().digest,
        check(SOUND, CALENDAR, None).workflows.first().unwrap().digest,
        "it is part of the form"
    );
}

const PARENT: &str = r#"
[roles]
keeper = { post = "keeper", of = "community" }

[fields]
words = { type = "text", required = true, zh = "话", en = "Words" }
about = { type = "case", of = "drain", brings = { size = "size" }, zh = "事", en = "About" }
size  = { type = "choice", choices = ["small", "large"], set_by = "engine", zh = "大小", en = "Size" }
who   = { type = "person", required = true, zh = "谁", en = "Who" }
how   = { type = "choice", choices = ["small", "large"], required = true, zh = "多大", en = "How large" }

[states.asked]
title   = { zh = "待办", en = "Asked" }
who     = ["keeper"]
on.mend = { go = "mended", open = "drain" }

[states.mended]
title   = { zh = "已办", en = "Mended" }
outcome = "not_solved"

[clocks.mending]
starts = "asked"
limit  = "2 business days"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["keeper"] }]

[opens.drain]
asker = "who"
size  = "how"
"#;

/// What is found in a definition that opens a `drain` and may name one.
fn beside(parent: &str) -> Vec<String> {
    let head = "[workflow]\nid = \"call\"\nversion = 1\ntitle = { zh = \"电话\", en = \"Call\" }\ncalendar = \"office\"\nstart = \"asked\"\n";
    let mut library = Library::new();
    library.add("office.toml", CALENDAR.to_string());
    library.add("drain.toml", SOUND.to_string());
    library.add("call.toml", format!("{head}{parent}"));
    let checked = library.check();
    assert!(checked.workflows.len() == 1 || !checked.has_errors(), "what has an error is not agreed");
    checked.findings.iter().map(|finding| format!("{} {}", finding.code, finding.en)).collect()
}

#[test]
fn links_that_never_open_are_found() {
    assert_eq!(beside(PARENT), Vec::<String>::new());
    let found = beside(&PARENT.replace("asker = \"who\"", ""));
    assert_eq!(
        found,
        ["E0104 `drain` can never be opened from here: it needs `asker`, and nothing here fills it"]
    );
    let found = beside(&PARENT.replace("asker = \"who\"", "asker = \"words\""));
    assert_eq!(
        found,
        ["E0104 `drain` can never be opened from here: it needs `asker`, and it is of another type here"]
    );
    let found = beside(&PARENT.replace("asker = \"who\"", "asker = \"whom\""));
    assert_eq!(found, ["E0107 there is no field `whom`"]);
}

#[test]
fn fields_from_linked_cases_fit_and_are_public() {
    let brings = |what: &str| beside(&PARENT.replace("size = \"size\" }, zh", what));
    assert_eq!(brings("size = \"colour\" }, zh"), ["E0107 `drain` has no field `colour`"]);
    let other = "E0112 `units` is of another type there, so that naming a `drain` cannot fill `size`";
    assert_eq!(brings("size = \"units\" }, zh"), [other]);
    let hidden = "E0112 `words` is not public there, so that naming a `drain` cannot fill `words`";
    assert_eq!(brings("words = \"words\" }, zh"), [hidden]);
}

const SPLIT: &str = r#"[workflow]
id       = "lift"
version  = 1
title    = { zh = "电梯", en = "Lift" }
calendar = "office"
start    = "asked"

[roles]
keeper = { post = "keeper", of = "community" }

[fields]
owners  = { type = "roster", required_from = "voting", zh = "名册", en = "Owners" }
cost    = { type = "money", min = 1, required_from = "voting", zh = "造价", en = "Cost" }
spare   = { type = "money", min = 0, default = 0, zh = "备用", en = "Spare" }
since   = { type = "date", zh = "自", en = "Since" }
part    = { type = "text", public = true, zh = "户", en = "Home" }
secret  = { type = "table", zh = "密", en = "Secret", columns = [{ id = "who", type = "text", zh = "谁", en = "Who" }] }
weights = { type = "table", min = 1, required_from = "voting", zh = "权数", en = "Weights", columns = [{ id = "floor", type = "int", zh = "层", en = "Floor" }, { id = "weight", type = "int", min = 0, max = 9, zh = "权", en = "Weight" }] }

[states.asked]
title  = { zh = "待议", en = "Asked" }
who    = ["keeper"]
on.ask = { go = "voting", fill = ["owners", "cost", "weights", "since"] }

[states.voting]
title          = { zh = "表决", en = "Voting" }
who            = ["keeper"]
vote           = "all"
on.note        = { set = { spare = "1" } }
on.passed      = { go = "built" }
on.vote_failed = { go = "dropped" }

[states.built]
title   = { zh = "已建", en = "Built" }
who     = ["keeper"]
on.join = { fill = ["part"], join_late = "shares" }
on.end  = { go = "dropped" }

[states.dropped]
title   = { zh = "完", en = "Over" }
outcome = "passed"

[votes.all]
roster  = "owners"
axes    = ["heads"]
about   = ["weights"]
consent = "1/2"
window  = { shortest = "1 calendar day", longest = "9 calendar days" }

[splits.shares]
roster  = "owners"
amount  = "cost"
weights = "weights"
late    = { since = "since", over = "15 calendar years", part = "part" }

[clocks.asking]
starts = "intake"
stops  = "dropped"
limit  = "20 business days"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["keeper"] }]
"#;

#[test]
fn impossible_sums_and_votes_are_found() {
    let found = |from: &str, to: &str| {
        assert!(SPLIT.contains(from), "{from}");
        let checked = check(&SPLIT.replace(from, to), CALENDAR, None);
        checked.findings.iter().map(|f| format!("{} {}", f.code, f.en)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(found("Asked", "Asked"), "");
    let stands = "E0112 `cost` is a term of a sum that is divided: people write it on a form";
    assert!(found("spare = \"1\"", "cost = \"1\"").starts_with(stands), "a term is written by a rule");
    let voted = "E0112 `spare` is being voted on while this may happen";
    assert_eq!(found("about   = [\"weights\"]", "about = [\"weights\", \"spare\"]"), voted);
    let form =
        found("on.note        = {", "on.mend = { go = \"asked\", fill = [\"cost\"] }\non.note        = {");
    assert!(form.starts_with("E0112 `cost` is being voted on while this form asks for it"), "{form}");
    let enter = "vote           = \"all\"\nenter = { set = { spare = \"2\" } }";
    let both = found("vote           = \"all\"", &enter.replace("spare", "since"));
    assert_eq!(both, "", "what is not voted on may be written");
    for (from, to, code) in [
        (
            "amount  = \"cost\"",
            "amount  = \"cost * (round + 1)\"",
            "E0112 an amount is made of whole numbers",
        ),
        ("amount  = \"cost\"", "amount  = \"size(secret)\"", "E0110 `secret` cannot be counted"),
        ("amount  = \"cost\"", "amount  = \"total(weights, 'colour')\"", "E0110 `weights` has no column"),
        (
            "weights = \"weights\"\nlate",
            "weights = \"secret\"\nlate",
            "E0104 `secret` needs a column `floor`",
        ),
        (
            "id = \"weight\", type = \"int\", min = 0, max = 9",
            "id = \"weight\", type = \"int\", min = 9, max = 0",
            "E0112 nothing is at least",
        ),
        (
            "min = 1, required_from = \"voting\", zh = \"权数\"",
            "min = 1, default = [], zh = \"权数\"",
            "E0112 0 rows by default",
        ),
        ("spare = \"1\"", "weights = \"1\"", "E0112 `weights` is of a type that no expression makes"),
        ("over = \"15 calendar years\"", "over = \"15 calendar days\"", "E0112 a share ages over"),
        (
            "late    = { since = \"since\", over = \"15 calendar years\", part = \"part\" }",
            "",
            "E0104 nobody can join `shares`",
        ),
        ("roster  = \"owners\"\naxes", "roster  = \"keepers\"\naxes", "E0112 `keepers` is no role"),
        (
            "keeper = {",
            "owners = { post = \"boss\", of = \"community\" }\nkeeper = {",
            "E0116 `owners` is a role and a field",
        ),
        ("keeper = {", "unit = { leg = true }\nkeeper = {", ""),
    ] {
        let all = found(from, to);
        assert!(all.contains(code) && (code.is_empty() == all.is_empty()), "{to}: {all}");
    }
    let legs = SPLIT
        .replace("keeper = {", "unit = { leg = true }\nkeeper = {")
        .replace("roster  = \"owners\"\naxes", "roster  = \"unit\"\naxes");
    let checked = check(&legs, CALENDAR, None);
    assert!(
        checked.findings.iter().any(|f| f.en.contains("`unit` has no votes by head")),
        "{:?}",
        checked.findings
    );
}

/// A block divides its own sum, whatever the definition around it calls by the same names.
#[test]
fn a_blocks_sum_is_its_own() {
    let mut library = Library::new();
    library.add("office.toml", CALENDAR.to_string());
    let body = SPLIT.split_once("[roles]").unwrap().1;
    let block = body
        .replace("spare = \"1\"", "spare = \"total(weights, 'weight')\"")
        .replace("[states.built]", "[states.weight]")
        .replace("go = \"built\"", "go = \"weight\"");
    let block = block.replace("outcome = \"passed\"", "end = true");
    library.add("block.toml", format!("[block]\nid = \"pay\"\ntitle = {{ zh = \"付\", en = \"Pay\" }}\nstart = \"asked\"\nraises = []\n\n[roles]{block}"));
    library.add("call.toml", "[workflow]\nid = \"call\"\nversion = 1\ntitle = { zh = \"事\", en = \"Call\" }\ncalendar = \"office\"\nstart = \"open\"\nuse = [{ block = \"pay\", as = \"x\", in = \"open\" }]\n\n[fields]\ncost = { type = \"money\", zh = \"价\", en = \"Cost\" }\n\n[states.open]\ntitle = { zh = \"办\", en = \"Open\" }\nstart = \"x\"\non.done = { go = \"over\" }\n\n[states.over]\ntitle = { zh = \"完\", en = \"Over\" }\noutcome = \"solved\"\n".to_string());
    let checked = library.check();
    let workflow = checked.workflows.first().map(|agreed| &agreed.workflow);
    let workflow = workflow.unwrap_or_else(|| panic!("{:?}", checked.findings));
    let (_, split) = workflow.splits.first_key_value().unwrap();
    let names: Vec<&str> = split.terms().into_iter().map(|id| id.as_str()).collect();
    assert_eq!(names, ["x_cost", "x_owners", "x_weights"]);
}

/// What is published later is looked at together with what is in force, in both directions.
#[test]
fn what_is_in_force_is_a_partner() {
    let agreed = |text: &str| check(text, CALENDAR, None).workflows.into_iter().next().unwrap().workflow;
    let head = "[workflow]\nid = \"call\"\nversion = 1\ntitle = { zh = \"电话\", en = \"Call\" }\ncalendar = \"office\"\nstart = \"asked\"\n";
    let caller = format!("{head}{PARENT}");
    let beside = |partner: &str, text: &str| {
        let mut library = Library::new();
        library.beside(vec![agreed(partner)]);
        library.add("office.toml", CALENDAR.to_string());
        library.add("new.toml", text.to_string());
        let checked = library.check();
        checked.findings.iter().map(|finding| format!("{} {}", finding.code, finding.en)).collect::<Vec<_>>()
    };
    assert_eq!(beside(SOUND, &caller), Vec::<String>::new());
    assert_eq!(beside(&caller, SOUND), Vec::<String>::new());
    let found = beside(SOUND, &caller.replace("asker = \"who\"", ""));
    assert_eq!(
        found,
        ["E0104 `drain` can never be opened from here: it needs `asker`, and nothing here fills it"]
    );
    let more = SOUND.replace(
        "[fields]\n",
        "[fields]\nstreet = { type = \"text\", required = true, zh = \"街\", en = \"Street\" }\n",
    );
    let found = beside(&caller, &more);
    let wanted = "E0104 `drain` can never be opened from `call`, which is in force: it needs `street`, and nothing here fills it";
    assert_eq!(found, [wanted]);
}
