//! A small wish (微心愿): two neighbours claim it at once and one has it; it is not begun in seven days and goes back to
//! the wall; the other fulfils it.
#![expect(clippy::unwrap_used, reason = "an example shows the way that goes well")]

use paidan_examples::{act, later, open, town};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let definitions = [
        ("wish-fulfilment.toml", include_str!("../workflows/wish-fulfilment.toml")),
        ("wish-season.toml", include_str!("../workflows/wish-season.toml")),
        ("alliance-project.toml", include_str!("../workflows/alliance-project.toml")),
        // What a wish may be turned into.
        ("resident-order.toml", include_str!("../workflows/resident-order.toml")),
        ("whistle-report.toml", include_str!("../workflows/whistle-report.toml")),
        ("elevator-installation.toml", include_str!("../workflows/elevator-installation.toml")),
        ("consultation-meeting.toml", include_str!("../workflows/consultation-meeting.toml")),
        ("satisfaction-survey.toml", include_str!("../workflows/satisfaction-survey.toml")),
        ("survey.toml", include_str!("../workflows/blocks/survey.toml")),
        ("mediation.toml", include_str!("../workflows/blocks/mediation.toml")),
        ("owner-vote.toml", include_str!("../workflows/blocks/owner-vote.toml")),
        ("public-notice.toml", include_str!("../workflows/blocks/public-notice.toml")),
    ];
    let desk = town(&definitions, "2026-11-23 09:00").await;
    let form = json!({
        "wisher": "resident-2", "place": "gate-3", "alias": "小星", "wish": "一盏台灯 A desk lamp", "category": "school",
        "phone": "13900000000", "address": "3-301",
    });
    let wish = open(&desk, "resident-2", "wish-fulfilment", &form).await;
    println!("{} is collected", wish.number);
    let stream = wish.stream.as_str();
    let checked = json!({ "check_proof": ["visit.jpg"], "worth": 8900 });
    act(&desk, "secretary-hailing", stream, "check", &checked).await.unwrap();
    let form = json!({
        "name": "The fourth season of 2026", "starts": "2026-11-23", "ends": "2027-01-31", "launch_on": "2026-11-23",
        "place": "gate-3", "target_wishes": 560, "target_lit": 500,
    });
    let season = open(&desk, "duty-donghe", "wish-season", &form).await;
    act(&desk, "duty-donghe", &season.stream, "launch", &json!({ "people": 1000 })).await.unwrap();
    let published = json!({ "season": season.number });
    act(&desk, "lead-hailing", stream, "publish", &published).await.unwrap();

    // Both press at the same moment: the store decides, once.
    let none = json!({});
    let (first, second) = tokio::join!(
        act(&desk, "volunteer-2", stream, "claim", &none),
        act(&desk, "volunteer-3", stream, "claim", &none)
    );
    assert_eq!(u32::from(first.is_ok()) + u32::from(second.is_ok()), 1, "one winner");

    // Nobody calls within seven days, so the promise ends by itself and the wish hangs on the wall again.
    later(&desk, 8).await;
    act(&desk, "volunteer-3", stream, "claim", &none).await.unwrap();
    let word = json!({ "contact_log": "rang; comes on Sunday", "promised_on": "2026-12-06" });
    act(&desk, "volunteer-3", stream, "contact", &word).await.unwrap();
    let with_a_face = json!({ "delivery_proof": ["lamp-and-face.jpg"], "face_shown": true });
    let refused = act(&desk, "volunteer-3", stream, "deliver", &with_a_face).await;
    assert!(refused.is_err(), "no photo with a face of somebody who has not agreed");
    let delivered = json!({ "delivery_proof": ["lamp.jpg"], "face_shown": false });
    act(&desk, "volunteer-3", stream, "deliver", &delivered).await.unwrap();
    act(&desk, "resident-2", stream, "confirm", &json!({ "rating": 5 })).await.unwrap();
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    for claim in &case.claims.all {
        println!("claim {} of {}: {}", claim.n, claim.party, claim.state.title().en);
    }
    assert_eq!(case.claims.all.iter().filter(|claim| claim.is_active()).count(), 1, "delivered once");
}
