//! The inputs of built-in actions on legs and claims: lists to choose from, so that nobody types an id.

use maud::{Markup, html};
use paidan_model::id::RoleId;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Actor, Case, Offer, Refusals, grounds, refusals};

use crate::form::input::Sheet;

/// The inputs of an offer that is built in; nothing for others.
pub fn built_in(sheet: &Sheet<'_>, in_force: &InForce, case: Option<&Case>, offer: &Offer) -> Markup {
    let (visitor, draft) = (sheet.visitor, &sheet.draft);
    html! {
        @match offer.action.as_str() {
            "refuse" => (hand_back(sheet, in_force, case, offer)),
            "rule" => {
                label {
                    span { (visitor.say("裁定 *", "Ruling *")) }
                    select name="ruling" required {
                        option value="" { "—" }
                        option value="keep" selected[draft.has("ruling", "keep")] { (visitor.say("继续承办", "It keeps its share")) }
                        option value="release" selected[draft.has("ruling", "release")] { (visitor.say("退单成立，另派", "It is released, another takes over")) }
                    }
                }
                (instead(sheet, offer, visitor.say("另派给哪个单位", "Which unit takes over"), "—"))
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

/// The form of a hand-back: the ground, the duty cited, whose it is instead, and what a hand-back leads to.
fn hand_back(sheet: &Sheet<'_>, in_force: &InForce, case: Option<&Case>, offer: &Offer) -> Markup {
    let (visitor, draft) = (sheet.visitor, &sheet.draft);
    let leg = case.zip(offer.leg.as_ref()).and_then(|(case, unit)| case.legs.by_unit.get(unit));
    let known = leg.map(|leg| grounds(sheet.workflow, leg)).unwrap_or_default();
    let cited = known.iter().filter(|(_, ground)| ground.cites_duty).count();
    html! {
        label {
            span { (visitor.say("退单理由 *", "Why *")) }
            select name="ground" required {
                option value="" { "—" }
                @for (id, ground) in &known {
                    option value=(id) selected[draft.has("ground", id.as_str())] {
                        (ground.title.or_id(visitor.tongue, id.as_str()))
                    }
                }
            }
            (sheet.why("ground"))
        }
        @if cited > 0 { (duty(sheet, in_force, offer, cited == known.len())) } @else { (why_not(sheet)) }
        (instead(sheet, offer, visitor.say("应由哪个单位承办", "Which unit should have it"), visitor.say("说不准，请裁定", "I cannot say: whoever rules decides")))
        @if let Some((case, leg)) = case.zip(offer.leg.as_ref()).and_then(|(case, unit)| Some((case, case.legs.by_unit.get(unit)?))) {
            p { small { (leads_to(sheet, &refusals(sheet.workflow, case, leg))) } }
        }
    }
}

/// Who rules on a hand-back, and what a further one leads to: known before it is made.
fn leads_to(sheet: &Sheet<'_>, refusals: &Refusals<'_>) -> Markup {
    let visitor = sheet.visitor;
    let named = |roles: &[RoleId]| -> String {
        let roles = roles.iter().map(|role| paidan_views::people::role(sheet.workflow, sheet.roster, role));
        roles
            .map(|role| role.in_tongue(visitor.tongue).to_string())
            .collect::<Vec<_>>()
            .join(visitor.say("、", ", "))
    };
    let (now, then) = (named(refusals.ruled_by), named(refusals.then_by));
    html! {
        @if refusals.made == 0 {
            (visitor.say("由", "It goes to the ")) strong { (now) } (visitor.say("裁定，对居民的承诺期限照走。", ", who rules; the resident's date stays. "))
            @if refusals.most > 1 {
                (visitor.say("本单位对这件事只能退一次；再有单位退单，由", "A unit hands a matter back once; a second hand-back, by another unit, goes to the ")) strong { (then) } (visitor.say("裁定。", "."))
            } @else { (visitor.say("此后不能再退。", "After that nobody hands it back.")) }
        } @else {
            (visitor.say("这件事已经退过", "This matter was handed back before, by ")) (refusals.made) (visitor.say("次：这次由", if refusals.made == 1 { " unit: now it goes to the " } else { " units: now it goes to the " }))
            strong { (now) } (visitor.say("裁定，对居民的承诺期限照走。", ", who rules; the resident's date stays."))
            @if refusals.made + 1 >= refusals.most { " " (visitor.say("此后不能再退。", "After that nobody hands it back.")) }
        }
    }
}

/// The duty cited: rows of the list are offered, other words may be written.
fn duty(sheet: &Sheet<'_>, in_force: &InForce, offer: &Offer, always: bool) -> Markup {
    let visitor = sheet.visitor;
    let list = format!("duties-{}", offer.leg.as_ref().map_or("", |leg| leg.as_str()));
    html! {
        label {
            span { (visitor.say("依据：职责清单的条目，或法规条款", "Legal basis or duty-list entry"))  @if always { " *" } }
            input name="basis" list=(list) required[always] maxlength="500" autocomplete="off" value=[sheet.draft.said("basis")];
            (sheet.why("basis"))
        }
        datalist id=(list) {
            @for duty in &in_force.duties.rows {
                @let unit = paidan_views::people::unit(&in_force.roster, &duty.unit);
                option value={ (duty.id) " " (duty.title.in_tongue(visitor.tongue)) (format!("（{}）", unit.in_tongue(visitor.tongue))) } {}
            }
        }
    }
}

/// What a hand-back says beyond its ground, where none cites a duty.
fn why_not(sheet: &Sheet<'_>) -> Markup {
    html! {
        label {
            span { (sheet.visitor.say("说明（选填）", "Explanation (optional)")) }
            input name="basis" maxlength="500" autocomplete="off" value=[sheet.draft.said("basis")];
            (sheet.why("basis"))
        }
    }
}

/// Departments to choose from, but for the one whose leg it is.
fn instead(sheet: &Sheet<'_>, offer: &Offer, label: &str, nobody: &str) -> Markup {
    let departments = sheet.roster.departments().filter(|(id, _)| offer.leg.as_ref() != Some(*id));
    html! {
        label {
            span { (label) }
            select name="instead" {
                option value="" { (nobody) }
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
