//! What a refusal says of a condition that does not hold: in words, with titles, and no more than the asker may see.

use std::collections::BTreeMap;

use crate::OFFICE;
use paidan_language::Library;
use paidan_machine::actor::Actor;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::{Case, Law, decide, offers};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Post;
use paidan_model::text::Tongue;
use serde_json::json;

/// A matter with one action for each condition.
fn definition(guards: &[&str]) -> String {
    let actions: Vec<String> = guards
        .iter()
        .enumerate()
        .map(|(n, guard)| format!("on.a{n} = {{ go = \"over\", when = \"{guard}\" }}"))
        .collect();
    format!(
        r#"[workflow]
id       = "matter"
version  = 1
title    = {{ zh = "事", en = "Matter" }}
calendar = "office"
start    = "asked"

[roles]
keeper = {{ post = "keeper", of = "community" }}
helper = {{ post = "helper", of = "community" }}

[fields]
size  = {{ type = "choice", choices = ["small", "large"], titles = {{ small = {{ zh = "小", en = "small" }}, large = {{ zh = "大", en = "large" }} }}, required = true, zh = "大小", en = "Size" }}
cost  = {{ type = "money", min = 0, default = 500, zh = "造价", en = "Cost" }}
who   = {{ type = "int", default = 3, private = true, zh = "家里人数", en = "People at home" }}
until = {{ type = "date", zh = "期限", en = "Until" }}
rows  = {{ type = "table", default = [], zh = "明细", en = "Items", columns = [{{ id = "sum", type = "money", min = 0, zh = "金额", en = "Sum" }}] }}

[states.asked]
title = {{ zh = "待办", en = "Asked" }}
who   = ["keeper"]
{}
on.ask_helper = {{ go = "over", who = ["helper"], when = "who > 4 && cost > 600" }}

[states.over]
title   = {{ zh = "完", en = "Over" }}
outcome = "solved"

[clocks.asking]
starts = "intake"
stops  = "over"
limit  = "20 business days"
ladder = "up"

[ladders]
up = [{{ at = "breach", tell = ["keeper"] }}]
"#,
        actions.join("\n")
    )
}

/// What each condition needs, as somebody with a post reads it.
fn needs(text: &str, post: &str) -> BTreeMap<String, (String, String)> {
    let mut library = Library::new();
    library.add("office.toml", OFFICE.to_string());
    library.add("matter.toml", text.to_string());
    let checked = library.check();
    let errors = checked.findings.iter().filter(|f| f.level == paidan_language::Level::Error).count();
    assert_eq!(errors, 0, "{}", paidan_language::print::text(&checked, false));
    let agreed = checked.workflows.first().unwrap();
    let law = Law::new(&agreed.workflow, &agreed.digest, &checked.calendars, None).unwrap();
    let now = Moment::parse_local("2026-11-23 09:00", &Zone::SHANGHAI).unwrap();
    let levels = [("community".to_string().try_into().unwrap(), "river".to_string().try_into().unwrap())];
    let open = Open {
        stream: "case/1".into(),
        number: "1".into(),
        levels: levels.into(),
        fill: BTreeMap::from([("size".to_string(), json!("small"))]),
        channel: "test".into(),
        code: None,
        parent: None,
        since: None,
    };
    let command = Command { actor: Actor::Engine, ask: Ask::Open(open) };
    let case: Case = decide(&law, None, &command, now, &mut || [0; 32]).unwrap().case;
    let post = Post::new(post.to_string().try_into().unwrap(), "river".to_string().try_into().unwrap());
    let actor = Actor::Person { subject: "p".into(), posts: vec![post], via: "test".into() };
    let told = |offer: paidan_machine::Offer| {
        let refusal = offer.open.err()?;
        let said = |tongue| refusal.param("needs", tongue).map(ToString::to_string);
        Some((offer.action.to_string(), (said(Tongue::Zh)?, said(Tongue::En)?)))
    };
    offers(&law, &case, &actor, now).into_iter().filter_map(told).collect()
}

#[test]
fn conditions_read_with_titles_amounts_and_times() {
    let guards = [
        ("size == 'large'", "“大小”为“大”", "`Size` is `large`"),
        ("size in ['large']", "“大小”属于“大”", "`Size` is one of `large`"),
        ("cost >= 60000", "“造价”不少于600.00元", "`Cost` is at least 600.00 yuan"),
        ("cost == 500 && size == 'large'", "“大小”为“大”", "`Size` is `large`"),
        ("has(until) && until >= now", "“期限”已填写", "`Until` is filled in"),
        ("!has(cost)", "“造价”还没有填写", "`Cost` is not filled in yet"),
        (
            "total(rows, 'sum') > 100",
            "“明细”中“金额”的合计大于1.00元",
            "the sum of `Sum` in `Items` is more than 1.00 yuan",
        ),
        (
            "(size == 'large' || cost > 900) && cost > 700",
            "（“大小”为“大”或者“造价”大于9.00元），且“造价”大于7.00元",
            "(`Size` is `large` or `Cost` is more than 9.00 yuan) and `Cost` is more than 7.00 yuan",
        ),
        (
            "2 * (round + 1) > 4",
            "2×（轮次（从0数起）＋1）大于4",
            "2 × (the round, from 0 + 1) is more than 4",
        ),
    ];
    let texts: Vec<&str> = guards.iter().map(|(guard, ..)| *guard).collect();
    let found = needs(&definition(&texts), "keeper");
    for (n, (guard, zh, en)) in guards.iter().enumerate() {
        let said = found.get(&format!("a{n}"));
        assert_eq!(said, Some(&((*zh).to_string(), (*en).to_string())), "{guard}");
    }
}

/// A condition on what somebody may not see would tell them of it: each press would be an answer to a question.
#[test]
fn conditions_reveal_no_hidden_field() {
    let text = definition(&["cost > 900"]);
    let (zh, en) = needs(&text, "helper").remove("ask_helper").unwrap();
    assert_eq!(zh, "“造价”大于6.00元，且还有别的条件");
    assert_eq!(en, "`Cost` is more than 6.00 yuan and something else");
}
