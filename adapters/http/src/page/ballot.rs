//! The receipt of a ballot: what was said, in which record it stands, and whether the two are the same.

use axum::extract::State;
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::commitment::commitment;
use paidan_runtime::fact::VoteFact;
use paidan_runtime::{Choice, Fact, Seen, World};
use paidan_views::timeline::choice_title;
use serde_json::{Value as Json, json};

use crate::App;
use crate::api::ballot::{Own, RECIPE, own};
use crate::page::layout::page;
use crate::path::Path;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// The page, for whoever owns the ballot and for their co-owners.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path((id, vote)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let own = own(&app, &visitor.actor, &visitor.subject, &id, &vote).await?;
    let salt: Option<[u8; 32]> = own.salt.as_slice().try_into().ok();
    let case = &own.seen.case;
    let same = salt
        .is_some_and(|salt| commitment(&case.filing.stream, &own.field, &own.value, &salt) == own.receipt);
    let body = html! {
        p .crumbs { a href={ "/" (case.filing.stream) } { (case.filing.number) } }
        p .mine { (visitor.say("您投的是：", "You said: ")) strong { (said(&visitor, &own.value)) } }
        p role="status" {
            @if let Some(seq) = place(&own.seen, &own.receipt).filter(|_| same) {
                (visitor.say("核对一致：由所投内容算出的回执，就是历史第 ", "It holds: the receipt that follows from what you said is the one in record "))
                (seq) (visitor.say(" 条记录里的回执。", " of the history."))
            } @else {
                strong { (visitor.say("核对不一致：请告诉社区，并要求审计员核验这件事的历史。", "It does not hold: tell the community, and ask an auditor to verify the history of this case.")) }
            }
        }
        (by_oneself(&visitor, &own))
    };
    Ok(page(&app, &visitor, visitor.say("投票回执", "The receipt of a vote"), &body))
}

/// What a ballot says, in words.
fn said(visitor: &Visitor, value: &Json) -> String {
    let choice: Option<Choice> = serde_json::from_value(value.clone()).ok();
    choice.map_or_else(
        || value.to_string(),
        |choice| choice_title(&choice).in_tongue(visitor.tongue).to_string(),
    )
}

/// The record in which a receipt stands.
fn place(seen: &Seen, receipt: &str) -> Option<u64> {
    let has = |fact: &Fact| matches!(fact, Fact::Vote(VoteFact::Cast { receipt: of, .. }) if of == receipt);
    seen.entries.iter().find(|entry| entry.facts.iter().any(has)).map(|entry| entry.seq)
}

/// What is needed to compute it without us, and the line that does.
fn by_oneself(visitor: &Visitor, own: &Own) -> Markup {
    let text = json!([own.seen.case.filing.stream, own.field, own.value]).to_string();
    let salt: String = own.salt.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let line = format!("printf 'paidan/commit/1\\0{salt}%s' '{}' | sha256sum", text.replace('\'', "'\\''"));
    html! {
        details {
            summary { (visitor.say("不用我们的程序，自己核对", "Check it without our program")) }
            dl {
                dt { (visitor.say("回执", "Receipt")) } dd { code { (own.receipt) } }
                dt { (visitor.say("盐（只有您能看到；交给别人，别人就能证明您怎样投的票）", "Salt (only you see it; whoever has it can prove how you voted)")) } dd { code { (hex::encode(&own.salt)) } }
                dt { (visitor.say("算法", "How it is computed")) } dd { (RECIPE) }
            }
            p { (visitor.say("在装有 bash 的电脑上，这一行应得出同样的回执：", "In a bash shell this line gives the same receipt:")) }
            pre .rule tabindex="0" { code { (line) } }
        }
    }
}
