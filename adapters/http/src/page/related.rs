//! What a case is related to: what opened it, what it opened, and what it names, as far as the visitor may see those.

use maud::{Markup, html};
use paidan_model::field::FieldType;
use paidan_model::workflow::Workflow;
use paidan_runtime::{Case, Seen, World, sight};
use paidan_views::worklist::opened_by;
use serde_json::Value as Json;

use crate::App;
use crate::page::wall::from_start;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Cases that a case opened, shown at most.
const OPENED_MAX: usize = 20;

/// The section of the page; nothing where there is none.
///
/// # Errors
/// When the store cannot be read.
pub async fn related<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    workflow: &Workflow,
    seen: &Seen,
) -> Result<Markup, Problem> {
    let mut found: Vec<(String, Case)> = Vec::new();
    let mut add = |how: &str, case: Option<Case>| found.extend(case.map(|case| (how.to_string(), case)));
    if let Some(parent) = &seen.case.filing.parent {
        add(visitor.say("由此开启", "Opened by"), one(app, visitor, parent).await?);
    }
    let most = u32::try_from(OPENED_MAX).unwrap_or(u32::MAX).saturating_add(1);
    let rows =
        app.desk.queries.page("child", &[opened_by(&seen.case.filing.stream)], &from_start(), most).await?;
    for row in rows.iter().take(OPENED_MAX) {
        add(visitor.say("开启了", "Opened"), one(app, visitor, &row.key).await?);
    }
    // What a field names that the visitor may see, by the field's own label.
    for (id, field) in workflow.fields_in_order() {
        let number = seen.values.get(id).filter(|_| field.kind == FieldType::Case).and_then(Json::as_str);
        let Some(stream) = (match number {
            Some(number) => app.desk.queries.by_number(number).await?,
            None => None,
        }) else {
            continue;
        };
        add(field.label.or_id(visitor.tongue, id.as_str()), one(app, visitor, &stream).await?);
    }
    let shelf = app.desk.shelf.now();
    Ok(html! {
        @if !found.is_empty() {
            section {
                h2 { (visitor.say("相关事项", "Related matters")) }
                ul { @for (how, case) in &found {
                    @if let Some(workflow) = shelf.workflow(&case.filing.digest) {
                        li { (how) " " a href={ "/" (case.filing.stream) } { (workflow.title.in_tongue(visitor.tongue)) " " (case.filing.number) } }
                    }
                } }
                @if rows.len() > OPENED_MAX { p { small { (visitor.say("还开启了别的事项，这里不全。", "It opened more than are shown here.")) } } }
            }
        }
    })
}

/// A related case, if the visitor may see it.
async fn one<W: World>(app: &App<W>, visitor: &Visitor, stream: &str) -> Result<Option<Case>, Problem> {
    let Some(case) = app.desk.queries.case(stream).await? else { return Ok(None) };
    let shelf = app.desk.shelf.now();
    let seen =
        shelf.workflow(&case.filing.digest).and_then(|workflow| sight(workflow, &case, &visitor.actor));
    Ok(seen.map(|_| case))
}
