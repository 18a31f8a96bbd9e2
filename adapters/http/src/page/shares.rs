//! Who pays what: a sum divided among the parts of a building, and what joining would cost today.

use maud::{Markup, html};
use paidan_model::id::SplitId;
use paidan_model::moment::Moment;
use paidan_model::workflow::Workflow;
use paidan_runtime::Seen;
use paidan_views::shares::{Divided, Share, divided};

use crate::form::money::yuan;
use crate::visitor::Visitor;

/// Every sum of a case that is divided, for those who may see all it depends on.
pub fn shares(visitor: &Visitor, workflow: &Workflow, seen: &Seen, now: Moment) -> Markup {
    let may = |id: &SplitId| workflow.splits.get(id).is_some_and(|split| seen.sight.covers(split.terms()));
    let found = seen.case.splits.by_split.iter().filter(|(id, _)| may(id)).filter_map(|(id, held)| {
        Some((divided(workflow, &seen.case, id, &visitor.zone, now)?, held.joined.as_slice()))
    });
    html! { @for (divided, joined) in found { (one(visitor, &divided, joined)) } }
}

fn one(visitor: &Visitor, divided: &Divided, joined: &[paidan_runtime::Joined]) -> Markup {
    let late = divided.shares.iter().any(|share| share.late.is_some());
    html! {
        section {
            h2 { (visitor.say("费用分摊", "Who pays what")) " · " (yuan(divided.amount)) }
            p { small { (visitor.say("按楼层权数（×面积）占参加各户之和的比例分摊；补偿另行支付。", "Divided by the weight of the floor (times the area) among the homes that pay; compensations are paid beside it.")) } }
            table .shares {
                thead { tr {
                    th { (visitor.say("房号", "Home")) }
                    th { (visitor.say("楼层", "Floor")) }
                    th { (visitor.say("面积", "Area")) }
                    th { (visitor.say("分摊", "Pays")) }
                    @if late { th { (visitor.say("今天加入", "To join today")) } }
                } }
                tbody { @for share in &divided.shares { (row(visitor, share, late)) } }
                tfoot { tr {
                    th scope="row" colspan="3" { (visitor.say("合计，分毫不差", "Together, to the fen")) }
                    td { (yuan(divided.shares.iter().map(|share| share.fen).sum())) }
                    @if late { td {} }
                } }
            }
            @for joined in joined {
                p {
                    (joined.at.local_text(&visitor.zone)) " " (joined.part)
                    (visitor.say(" 加入，付 ", " joined and paid ")) (yuan(joined.price))
                    (visitor.say("，退给：", ", which went to: "))
                    (joined.to.iter().map(|paid| format!("{} {}", paid.part, yuan(paid.fen))).collect::<Vec<_>>().join("，"))
                }
            }
        }
    }
}

fn row(visitor: &Visitor, share: &Share, late: bool) -> Markup {
    html! {
        tr {
            td { (share.part) }
            td { (share.floor) }
            td { (format!("{}.{:02} m²", share.area / 10_000, share.area % 10_000 / 100)) }
            td { @if share.outside { (visitor.say("暂不参加", "not for now")) } @else { (yuan(share.fen)) } }
            @if late { td { @if let Some(price) = share.late { (yuan(price)) } } }
        }
    }
}
