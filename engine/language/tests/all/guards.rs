//! Guards are typed: what compares two kinds of thing, or can never hold, is refused.

use paidan_foresight::{Coverage, run};
use paidan_language::{Checked, Library};

const FIELDS: &str = r#"
[fields]
kind  = { type = "choice", choices = ["quick", "hard"], default = "quick", zh = "类", en = "Kind" }
other = { type = "choice", choices = ["quick", "hard"], default = "quick", zh = "类", en = "Other" }
cats  = { type = "choices", choices = ["lift", "drain"], zh = "类", en = "Categories" }
fee   = { type = "money", default = 100, zh = "钱", en = "Fee" }
size  = { type = "area", default = 100, zh = "面积", en = "Size" }
count = { type = "int", default = 1, zh = "数", en = "Count" }
unit  = { type = "unit", zh = "单位", en = "Unit" }
units = { type = "units", zh = "单位", en = "Units" }
spot  = { type = "place", public = true, zh = "地点", en = "Spot" }
rows  = { type = "table", default = [], public = true, zh = "表", en = "Rows", columns = [{ id = "sum", type = "money", zh = "钱", en = "Sum" }] }
"#;

fn check(guard: &str) -> Checked {
    let head = "[workflow]\nid = \"typed\"\nversion = 1\nkind = \"chart\"\ntitle = { zh = \"图\", en = \"Chart\" }\nstart = \"a\"\n";
    let state = format!(
        "\n[states.a]\ntitle = {{ zh = \"A\", en = \"A\" }}\non.t = {{ go = \"a\", when = \"{guard}\" }}\n"
    );
    let mut library = Library::new();
    library.add("typed.toml", format!("{head}{FIELDS}{state}"));
    library.check()
}

#[test]
fn two_kinds_of_thing_are_not_compared() {
    let wrong = [
        "kind in [true]",
        "kind in [1, 2]",
        "kind == 1",
        "kind == other",
        "kind in []",
        "kind in ['quick', 'lift']",
        "'lfit' in cats",
        "1 in cats",
        "cats.exists(c, c == 'lfit')",
        "fee > size",
        "fee + size > 1",
        "fee > count",
        "size == total(rows, 'sum')",
        "fee in [size]",
        "has(unit) && has(spot) && unit == spot",
        "has(spot) && spot in units",
        "legs.exists(l, l.state == 'dne')",
        "legs.exists(l, l.state in ['done', 'dne'])",
        "legs.all(l, l.part == 'leed')",
        "legs.all(l, l.part == l.state)",
        "legs.all(l, l.unit == kind)",
        "-kind == 1",
    ];
    for guard in wrong {
        let checked = check(guard);
        let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["E0110"], "{guard} {:?}", checked.findings);
    }
}

#[test]
fn what_is_of_one_kind_is_compared() {
    let right = [
        "kind in ['quick', 'hard']",
        "'quick' == kind",
        "'lift' in cats",
        "has(cats) && cats.exists(c, c in ['lift', 'drain'])",
        "fee > 100",
        "fee * 2 + 1 > total(rows, 'sum')",
        "fee * count > fee - 100",
        "size * 2 >= size",
        "has(units) && fee * 100 > size(units) * fee",
        "has(unit) && unit in units",
        "has(unit) && unit == 'housing'",
        "legs.exists(l, l.state in ['done', 'accepted'] && l.part != 'lead')",
        "legs.all(l, l.unit in units)",
    ];
    for guard in right {
        let checked = check(guard);
        assert!(checked.findings.is_empty(), "{guard} {:?}", checked.findings);
    }
}

#[test]
fn missed_names_show_their_closed_set() {
    let help = |guard: &str| check(guard).findings[0].help.clone().unwrap_or_default();
    assert_eq!(help("legs.exists(l, l.state == 'dne')"), "did you mean 'done'?");
    assert_eq!(help("legs.exists(l, l.part == 'boss')"), "the parts are lead, assist, optional");
}

#[test]
fn parts_of_a_set_read_earlier_values() {
    for (one, two) in [("a", "b"), ("b", "a")] {
        let text = format!(
            "[workflow]\nid = \"swap\"\nversion = 1\nkind = \"chart\"\ntitle = {{ zh = \"图\", en = \"Chart\" }}\nstart = \"s\"\n\
             [fields]\n{one} = {{ type = \"int\", default = 1, zh = \"数\", en = \"A\" }}\n\
             {two} = {{ type = \"int\", default = 2, zh = \"数\", en = \"B\" }}\n\
             [states.s]\ntitle = {{ zh = \"S\", en = \"S\" }}\non.go = {{ set = {{ {one} = \"{two}\", {two} = \"{one}\" }} }}\n\
             [[tests]]\nname = \"swapped\"\nat = \"2026-11-23 09:00\"\nsteps = [\n  {{ send = \"go\" }},\n  \
             {{ see = {{ field = \"{one}\", is = 2 }} }},\n  {{ see = {{ field = \"{two}\", is = 1 }} }},\n]\n"
        );
        let mut library = Library::new();
        library.add("swap.toml", text);
        let checked = library.check();
        let agreed = &checked.workflows[0];
        let script = &agreed.scripts[0];
        let mut coverage = Coverage::default();
        let verdict =
            run(&agreed.workflow, &agreed.digest, &checked.calendars, script, &mut coverage).unwrap();
        assert_eq!(verdict.failure, None);
    }
}

/// A list that nobody filled has nothing in it; the condition says so without `has(...)`.
#[test]
fn empty_lists_contain_nothing() {
    let text = "[workflow]\nid = \"empty\"\nversion = 1\nkind = \"chart\"\ntitle = { zh = \"图\", en = \"Chart\" }\nstart = \"a\"\n\
        [fields]\ncats = { type = \"choices\", choices = [\"lift\", \"drain\"], zh = \"类\", en = \"Categories\" }\n\
        [states.a]\ntitle = { zh = \"A\", en = \"A\" }\non.t = [{ go = \"b\", when = \"'lift' in cats\" }, { go = \"c\" }]\n\
        [states.b]\ntitle = { zh = \"B\", en = \"B\" }\non.t = { go = \"a\" }\n\
        [states.c]\ntitle = { zh = \"C\", en = \"C\" }\non.t = { go = \"a\" }\n\
        [[tests]]\nname = \"empty\"\nat = \"2026-11-23 09:00\"\nsteps = [{ send = \"t\" }, { in = [\"c\"] }]\n\
        [[tests]]\nname = \"chosen\"\nat = \"2026-11-23 09:00\"\ngiven = { cats = [\"lift\"] }\n\
        steps = [{ send = \"t\" }, { in = [\"b\"] }]\n";
    let mut library = Library::new();
    library.add("empty.toml", text.to_string());
    let checked = library.check();
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    let agreed = &checked.workflows[0];
    for script in &agreed.scripts {
        let mut coverage = Coverage::default();
        let verdict =
            run(&agreed.workflow, &agreed.digest, &checked.calendars, script, &mut coverage).unwrap();
        assert_eq!(verdict.failure, None, "{}", script.name);
    }
}
