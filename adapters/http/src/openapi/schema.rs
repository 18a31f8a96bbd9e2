//! Schemas of what comes in and goes out, by name. What comes in is closed; what goes out may gain members.

use serde_json::{Map, Value as Json, json};

/// A text.
pub fn text() -> Json {
    json!({ "type": "string" })
}

/// A whole number from 0.
pub fn count() -> Json {
    json!({ "type": "integer", "minimum": 0 })
}

/// How many of a list.
pub fn limit() -> Json {
    json!({ "type": "integer", "minimum": 1, "maximum": 200 })
}

/// Where a page goes on: the `next` of the page before.
pub fn cursor() -> Json {
    json!({ "type": "string", "pattern": "^([0-9a-f]{2})+$" })
}

/// A moment with its offset.
pub fn moment() -> Json {
    json!({ "type": "string", "format": "date-time" })
}

/// An id.
pub fn id() -> Json {
    json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$" })
}

/// Yes or no.
pub fn truth() -> Json {
    json!({ "type": "boolean" })
}

fn link(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list(of: Json) -> Json {
    json!({ "type": "array", "items": of })
}

fn maybe(of: Json) -> Json {
    json!({ "anyOf": [of, { "type": "null" }] })
}

fn map(of: Json) -> Json {
    json!({ "type": "object", "additionalProperties": of })
}

type Members<'m> = &'m [(&'m str, Json)];

fn object(required: Members<'_>, optional: Members<'_>) -> Json {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let all = required.iter().chain(optional).map(|(name, schema)| ((*name).to_string(), schema.clone()));
    json!({ "type": "object", "required": names, "properties": all.collect::<Map<String, Json>>() })
}

/// An object that takes no other member.
fn closed(required: Members<'_>, optional: Members<'_>) -> Json {
    let mut found = object(required, optional);
    if let Some(map) = found.as_object_mut() {
        map.insert("additionalProperties".into(), json!(false));
    }
    found
}

fn page(of: &str) -> Json {
    object(&[("items", list(link(of)))], &[("next", cursor())])
}

/// Every schema.
pub fn all() -> Json {
    let mut found: Map<String, Json> = Map::new();
    let rooms = [shared(), asked(), done(), lists(), cases(), votes(), workflows(), people()];
    for (name, schema) in rooms.into_iter().flatten() {
        found.insert(name.to_string(), schema);
    }
    Json::Object(found)
}

type Named = Vec<(&'static str, Json)>;

fn shared() -> Named {
    let place = object(&[], &[("pointer", text()), ("code", text()), ("line", count()), ("column", count())]);
    vec![
        ("Text", object(&[], &[("zh", text()), ("en", text())])),
        (
            "Problem",
            object(
                &[
                    ("type", text()),
                    ("title", text()),
                    ("title_zh", text()),
                    ("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 })),
                    ("code", json!({ "type": "string", "pattern": "^[RF][0-9]{4}$" })),
                ],
                &[
                    ("detail", text()),
                    ("detail_zh", text()),
                    ("excerpt", text()),
                    ("errors", list(place)),
                    ("with", map(text())),
                ],
            ),
        ),
        ("File", object(&[("digest", text()), ("kind", text()), ("size", count())], &[])),
        ("Fields", map(json!({}))),
    ]
}

fn asked() -> Named {
    let name = json!({ "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,62}$" });
    let opening = closed(&[("workflow", name.clone())], &[("fields", link("Fields"))]);
    let acting =
        closed(&[], &[("fields", link("Fields")), ("reason", maybe(text())), ("leg", maybe(name.clone()))]);
    let case_id = json!({ "type": "string", "minLength": 1, "maxLength": 64 });
    let one = closed(
        &[("case", case_id), ("action", name.clone())],
        &[
            ("fields", link("Fields")),
            ("reason", maybe(text())),
            ("leg", maybe(name)),
            ("seen", maybe(count())),
        ],
    );
    let many = json!({ "type": "array", "minItems": 1, "maxItems": 100, "items": one });
    vec![("Opening", opening), ("Acting", acting), ("Actions", closed(&[("actions", many)], &[]))]
}

fn done() -> Named {
    let receipt = object(&[("id", text()), ("number", text()), ("seq", count())], &[("code", text())]);
    let one = object(
        &[("case", text())],
        &[
            ("id", text()),
            ("number", text()),
            ("seq", count()),
            ("repeated", truth()),
            ("problem", link("Problem")),
        ],
    );
    vec![("Receipt", receipt), ("Done", object(&[("items", list(one))], &[]))]
}

fn lists() -> Named {
    let row = object(
        &[
            ("id", text()),
            ("number", text()),
            ("workflow", text()),
            ("state", link("Text")),
            ("late", truth()),
        ],
        &[("due", moment()), ("clock", text()), ("leg", text())],
    );
    let item = object(
        &[
            ("id", text()),
            ("number", text()),
            ("workflow", text()),
            ("show", map(json!({}))),
            ("category", list(text())),
            ("quantity", count()),
            ("state", link("Text")),
            ("opened", moment()),
            ("carried_over", count()),
        ],
        &[
            ("from", text()),
            ("until", text()),
            ("community", text()),
            ("left", count()),
            ("linked", link("Linked")),
        ],
    );
    let state = object(&[("state", link("Text")), ("count", count())], &[]);
    let linked = object(&[("total", count()), ("delivered", count()), ("states", list(state))], &[]);
    vec![("Row", row), ("Rows", page("Row")), ("Linked", linked), ("Item", item), ("Items", page("Item"))]
}

fn cases() -> Named {
    let words = [("ground", text()), ("zh", text()), ("en", text()), ("cites_duty", truth())];
    let ground = object(&words, &[]);
    let action = object(
        &[("action", text()), ("zh", text()), ("en", text()), ("open", truth())],
        &[
            ("leg", text()),
            ("about", object(&[], &[("clock", text()), ("pause", text())])),
            ("fields", list(link("Field"))),
            ("reason", truth()),
            ("grounds", list(ground)),
            ("proof", truth()),
            ("code", text()),
            ("why", link("Text")),
        ],
    );
    let event = object(
        &[("seq", count()), ("at", moment()), ("by", json!({})), ("what", list(link("Text")))],
        &[("due", moment())],
    );
    vec![
        ("State", object(&[("id", text()), ("zh", text()), ("en", text())], &[])),
        ("Case", case()),
        ("Offer", action),
        ("Offers", object(&[("items", list(link("Offer")))], &[])),
        ("Event", event),
        ("Events", object(&[("items", list(link("Event")))], &[("next", count())])),
    ]
}

fn case() -> Json {
    let clock = object(
        &[
            ("clock", text()),
            ("leg", maybe(text())),
            ("from", moment()),
            ("due", moment()),
            ("provisional", truth()),
            ("late", truth()),
            ("paused", maybe(text())),
            ("verdict", maybe(text())),
        ],
        &[],
    );
    let leg = object(
        &[
            ("part", text()),
            ("state", text()),
            ("round", count()),
            ("late", truth()),
            ("agreed", maybe(truth())),
        ],
        &[],
    );
    let claim = object(
        &[
            ("claim", count()),
            ("unit", maybe(text())),
            ("qty", count()),
            ("state", text()),
            ("since", moment()),
            ("initiator", json!({})),
        ],
        &[],
    );
    object(
        &[
            ("id", text()),
            ("number", text()),
            ("workflow", text()),
            ("hints", list(link("Text"))),
            ("digest", text()),
            ("profile", maybe(text())),
            ("seq", count()),
            ("opened", moment()),
            ("ended", maybe(moment())),
            ("outcome", maybe(text())),
            ("class", maybe(text())),
            ("round", count()),
            ("levels", map(text())),
            ("states", list(link("State"))),
            ("fields", link("Fields")),
            ("clocks", list(clock)),
            ("legs", map(leg)),
            ("parent", maybe(text())),
            ("claims", list(claim)),
        ],
        &[],
    )
}

fn split() -> Json {
    let share = object(
        &[
            ("part", text()),
            ("floor", json!({ "type": "integer" })),
            ("area", count()),
            ("pays", count()),
            ("outside", truth()),
            ("to_join_today", maybe(count())),
        ],
        &[],
    );
    let paid = object(&[("part", text()), ("fen", count())], &[]);
    let joined = object(&[("part", text()), ("price", count()), ("at", moment()), ("to", list(paid))], &[]);
    object(&[("split", text()), ("amount", count()), ("shares", list(share)), ("joined", list(joined))], &[])
}

fn votes() -> Named {
    let household = object(
        &[
            ("part", text()),
            ("floor", json!({ "type": "integer" })),
            ("area", count()),
            ("stance", text()),
            ("how", json!({})),
        ],
        &[],
    );
    let vote = object(
        &[
            ("vote", text()),
            ("open", truth()),
            ("opened", moment()),
            ("until", moment()),
            ("roster", text()),
            ("about", maybe(text())),
            ("households", list(household)),
            ("tally", maybe(json!({ "type": "object" }))),
            ("tests", list(link("Text"))),
        ],
        &[],
    );
    let receipt = object(
        &[
            ("receipt", text()),
            ("stream", text()),
            ("field", text()),
            ("value", json!({})),
            ("salt", text()),
            ("how", json!({})),
            ("check", text()),
            ("replaced", list(object(&[("receipt", text()), ("at", moment())], &[]))),
        ],
        &[],
    );
    vec![
        ("Vote", vote),
        ("Votes", object(&[("items", list(link("Vote")))], &[])),
        ("BallotReceipt", receipt),
        ("Split", split()),
        ("Splits", object(&[("items", list(link("Split")))], &[])),
    ]
}

fn workflows() -> Named {
    let words = link("Text");
    let field = object(
        &[("id", text()), ("type", text()), ("zh", text()), ("en", text()), ("required", truth())],
        &[
            ("choices", list(text())),
            ("min", json!({ "type": "integer" })),
            ("max", json!({ "type": "integer" })),
            ("private", truth()),
            ("columns", list(link("Column"))),
            ("of", text()),
        ],
    );
    let column = object(&[("id", text()), ("type", text()), ("zh", text()), ("en", text())], &[]);
    let more: Members<'_> =
        &[("fields", list(link("Field"))), ("states", map(words.clone())), ("actions", map(words.clone()))];
    let file = closed(&[("path", text()), ("text", text())], &[]);
    let files = json!({ "type": "array", "maxItems": 64, "items": file });
    let running = object(&[("version", count()), ("state", words.clone()), ("count", count())], &[]);
    let told = object(
        &[
            ("id", text()),
            ("version", count()),
            ("digest", text()),
            ("profile", maybe(text())),
            ("in_force", maybe(count())),
            ("same", truth()),
            ("difference", list(words.clone())),
            ("stay_as_they_are", list(running)),
            ("nobody_holds", list(text())),
        ],
        &[],
    );
    let finding = object(
        &[
            ("code", text()),
            ("level", text()),
            ("zh", text()),
            ("en", text()),
            ("path", text()),
            ("line", count()),
            ("start", count()),
            ("end", count()),
            ("help", maybe(text())),
            ("excerpt", text()),
        ],
        &[],
    );
    vec![
        ("Column", column),
        ("Field", field),
        ("Brief", object(&brief(), &[])),
        ("Briefs", object(&[("items", list(link("Brief")))], &[])),
        ("Workflow", object(&[&brief(), more].concat(), &[])),
        ("Texts", closed(&[("files", files)], &[("dry_run", truth())])),
        (
            "Published",
            object(
                &[
                    ("findings", list(finding)),
                    ("left", list(words.clone())),
                    ("published", list(text())),
                    ("town", list(changed())),
                    ("workflows", list(told)),
                ],
                &[],
            ),
        ),
    ]
}

/// What another document of the town changes.
fn changed() -> Json {
    object(&[("document", text()), ("difference", list(link("Text"))), ("published", truth())], &[])
}

/// What is said of a workflow wherever one is named.
fn brief() -> [(&'static str, Json); 6] {
    [
        ("id", text()),
        ("version", count()),
        ("digest", text()),
        ("profile", maybe(text())),
        ("zh", text()),
        ("en", text()),
    ]
}

fn people() -> Named {
    let look = object(
        &[
            ("at", moment()),
            ("subject", text()),
            ("posts", list(text())),
            ("via", text()),
            ("what", text()),
            ("fields", list(text())),
            ("allowed", truth()),
        ],
        &[],
    );
    let absence: Members<'_> =
        &[("person", text()), ("deputy", text()), ("from", moment()), ("until", moment())];
    let away = closed(
        &[("deputy", text()), ("until", moment())],
        &[("person", maybe(text())), ("from", maybe(moment()))],
    );
    let filter = closed(
        &[],
        &[
            ("workflow", maybe(text())),
            ("late", maybe(truth())),
            ("unit", maybe(text())),
            ("clock", maybe(text())),
            (
                "due_before",
                maybe(
                    json!({ "type": "integer", "minimum": -9_007_199_254_740_991_i64, "maximum": 9_007_199_254_740_991_i64 }),
                ),
            ),
        ],
    );
    let title = json!({ "type": "string", "minLength": 1, "maxLength": 60 });
    vec![
        ("Filter", filter),
        ("ViewWanted", closed(&[("title", title), ("filter", link("Filter"))], &[])),
        ("View", object(&[("id", text()), ("title", text()), ("filter", link("Filter"))], &[])),
        ("Views", object(&[("items", list(link("View")))], &[])),
        ("Look", look),
        ("Looks", page("Look")),
        ("Away", away),
        ("Absence", object(absence, &[])),
        ("Absences", object(&[("items", list(link("Absence")))], &[])),
    ]
}
