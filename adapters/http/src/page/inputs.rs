//! The inputs of built-in actions on legs and claims: lists to choose from, so that nobody types an id.

use maud::{Markup, html};
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Actor, Offer};

use crate::form::input::Sheet;

/// The inputs of an offer that is built in; nothing for others.
pub fn built_in(sheet: &Sheet<'_>, in_force: &InForce, offer: &Offer) -> Markup {
    let (visitor, draft) = (sheet.visitor, &sheet.draft);
    html! {
        @match offer.action.as_str() {
            "refuse" => {
                (basis(sheet, in_force, offer))
                (instead(sheet, offer, visitor.say("应由哪个单位承办", "Which unit should have it")))
            }
            "rule" => {
                label {
                    span { (visitor.say("裁定 *", "Ruling *")) }
                    select name="ruling" required {
                        option value="" { "—" }
                        option value="keep" selected[draft.has("ruling", "keep")] { (visitor.say("继续承办", "It keeps its share")) }
                        option value="release" selected[draft.has("ruling", "release")] { (visitor.say("退单成立，另派", "It is released, another takes over")) }
                    }
                }
                (instead(sheet, offer, visitor.say("另派给哪个单位", "Which unit takes over")))
                label {
                    span { (visitor.say("裁定依据", "What the ruling rests on")) }
                    input name="basis" maxlength="500" autocomplete="off" value=[draft.said("basis")];
                    (sheet.why("basis"))
                }
            }
            "claim" => {
                label {
                    span { (visitor.say("数量（不填为全部）", "How many (leave it for all)")) }
                    input name="qty" type="number" min="1" value=[draft.said("qty")];
                    (sheet.why("qty"))
                }
                (own_unit(sheet))
            }
            "contact" | "deliver" | "drop" | "take_back" => label {
                span { (visitor.say("第几号认领（只有一个时不填）", "Which claim (leave it if there is one)")) }
                input name="claim" type="number" min="1" value=[draft.said("claim")];
                (sheet.why("claim"))
            },
            _ => {}
        }
    }
}

/// The duty cited: rows of the list are offered, other words may be written.
fn basis(sheet: &Sheet<'_>, in_force: &InForce, offer: &Offer) -> Markup {
    let visitor = sheet.visitor;
    let list = format!("duties-{}", offer.leg.as_ref().map_or("", |leg| leg.as_str()));
    html! {
        label {
            span { (visitor.say("职责依据（退单必填）*", "Duty cited (needed to hand back) *")) }
            input name="basis" list=(list) required maxlength="500" autocomplete="off" value=[sheet.draft.said("basis")];
            (sheet.why("basis"))
        }
        datalist id=(list) {
            @for duty in &in_force.duties.rows {
                @let unit = paidan_views::people::unit(&in_force.roster, &duty.unit);
                option value={ (duty.id) " " (duty.title.in_tongue(visitor.tongue)) "（" (unit.in_tongue(visitor.tongue)) "）" } {}
            }
        }
    }
}

/// Departments to choose from, but for the one whose leg it is.
fn instead(sheet: &Sheet<'_>, offer: &Offer, label: &str) -> Markup {
    let departments = sheet.roster.units.iter().filter(|(_, unit)| unit.kind.as_str() == "department");
    let departments = departments.filter(|(id, _)| offer.leg.as_ref() != Some(*id));
    html! {
        label {
            span { (label) }
            select name="instead" {
                option value="" { "—" }
                @for (id, unit) in departments { option value=(id) selected[sheet.draft.has("instead", id.as_str())] { (unit.title.in_tongue(sheet.visitor.tongue)) } }
            }
            (sheet.why("instead"))
        }
    }
}

/// In whose name something is claimed: one's own, or that of a unit one works for.
fn own_unit(sheet: &Sheet<'_>) -> Markup {
    let visitor = sheet.visitor;
    let Actor::Person { posts, .. } = &visitor.actor else { return html! {} };
    let mut units: Vec<_> = posts.iter().map(|held| &held.unit).collect();
    units.sort();
    units.dedup();
    html! {
        label {
            span { (visitor.say("以谁的名义", "In whose name")) }
            select name="unit" {
                option value="" { (visitor.say("我自己", "My own")) }
                @for id in units {
                    option value=(id) selected[sheet.draft.has("unit", id.as_str())] {
                        (paidan_views::people::unit(sheet.roster, id).in_tongue(visitor.tongue))
                    }
                }
            }
        }
    }
}
