//! Anchors for everybody: the heads of the whole history, each as a text to be kept elsewhere. Nothing in them is about
//! anybody.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_model::moment::Zone;
use paidan_runtime::{Anchored, World};

use crate::App;
use crate::page::layout::page;
use crate::path::Path;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Anchors on the page; the older ones have their addresses still.
const ANCHORS_SHOWN: usize = 400;

/// The day of an anchor, by which it is asked for.
pub fn day(anchored: &Anchored, zone: &Zone) -> String {
    anchored.at.local(zone).format("%Y-%m-%d").to_string()
}

/// The list, the latest first.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let anchors = app.desk.anchors().await?;
    let body = html! {
        p { (visitor.say("每期把全部记录的总指纹写成三行文字：来源、记录数、根。抄一份放在别处，以后就能证明这些记录没有被改动、删去或调换。", "In each period the head of the whole history is written as three lines: origin, number of records, root. Whoever keeps a copy elsewhere can prove later that none of these records was changed, taken out or put in another place.")) }
        @if anchors.is_empty() { p { (visitor.say("还没有锚。", "There is no anchor yet.")) } }
        @else { table .stacks {
            thead { tr {
                th { (visitor.say("时间", "When")) } th { (visitor.say("记录数", "Records")) } th { (visitor.say("根", "Root")) }
            } }
            tbody { @for anchored in anchors.iter().rev().take(ANCHORS_SHOWN) { tr {
                td { a href={ "/anchors/" (day(anchored, &visitor.zone)) } { (anchored.at.local_text(&visitor.zone)) } }
                td { (anchored.anchor.size) }
                td { code { (anchored.anchor.root_text()) } }
            } } }
        } }
        p { small {
            (visitor.say("在自己的电脑上核对：", "Compare it on a machine of your own: "))
            code { "paidan audit verify --store FILE --anchor FILE" }
        } }
    };
    Ok(page(&app, &visitor, visitor.say("锚", "Anchors"), &body))
}

/// The text of the anchor of a day; the last one where there are several.
pub async fn text<W: World>(
    State(app): State<App<W>>,
    Path(asked): Path<String>,
) -> Result<Response, Problem> {
    let (anchors, zone) = (app.desk.anchors().await?, app.desk.shelf.now().zone());
    let found =
        anchors.iter().rev().find(|anchored| day(anchored, &zone) == asked).ok_or_else(Problem::not_found)?;
    let name = format!("inline; filename=\"anchor-{asked}.txt\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, found.anchor.text()).into_response())
}
