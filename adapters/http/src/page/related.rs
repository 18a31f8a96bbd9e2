//! What a case is related to: what opened it, what it opened, and what it names, as far as the visitor may see those.

use maud::{Markup, html};
use paidan_runtime::{Case, World, leaves, sight};
use paidan_views::worklist::opened_by;

use crate::App;
use crate::page::wall::from_start;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Related cases looked at.
const RELATED_MAX: u32 = 50;

/// One of them: how it is related, and where it stands.
struct Related {
    how: (&'static str, &'static str),
    case: Case,
}

/// The section of the page; nothing where there is none.
///
/// # Errors
/// When the store cannot be read.
pub async fn related<W: World>(app: &App<W>, visitor: &Visitor, case: &Case) -> Result<Markup, Problem> {
    let mut found = Vec::new();
    if let Some(parent) = &case.parent {
        found.extend(one(app, visitor, parent, ("由此开启", "Opened by")).await?);
    }
    let rows = app.desk.page("child", &[opened_by(&case.stream)], &from_start(), RELATED_MAX).await?;
    for row in rows {
        found.extend(one(app, visitor, &row.key, ("开启了", "Opened")).await?);
    }
    let numbers: std::collections::BTreeSet<&String> = case.named.iter().map(|(_, number)| number).collect();
    for number in numbers {
        if let Some(stream) = app.desk.by_number(number).await? {
            found.extend(one(app, visitor, &stream, ("属于", "Part of")).await?);
        }
    }
    let shelf = app.desk.shelf.now();
    Ok(html! {
        @if !found.is_empty() {
            section {
                h2 { (visitor.say("相关事项", "Related matters")) }
                ul { @for Related { how, case } in &found {
                    @if let Some(workflow) = shelf.workflow(&case.digest) {
                        @let here = leaves(workflow, case).into_iter().filter_map(|id| workflow.states.get(id));
                        @let here = here.map(|state| state.title.in_tongue(visitor.tongue)).collect::<Vec<_>>().join("、");
                        li {
                            (visitor.say(how.0, how.1)) " "
                            a href={ "/" (case.stream) } { (workflow.title.in_tongue(visitor.tongue)) " " (case.number) }
                            " · " (here)
                        }
                    }
                } }
            }
        }
    })
}

/// A related case, if the visitor may see it.
async fn one<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    stream: &str,
    how: (&'static str, &'static str),
) -> Result<Option<Related>, Problem> {
    let Some(case) = app.desk.case(stream).await? else { return Ok(None) };
    let shelf = app.desk.shelf.now();
    let seen = shelf.workflow(&case.digest).and_then(|workflow| sight(workflow, &case, &visitor.actor));
    Ok(seen.map(|_| Related { how, case }))
}
