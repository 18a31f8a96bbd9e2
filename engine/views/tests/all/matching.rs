//! Matching says how well what is offered fits what is wished for, and why; and never suggests what does not fit.

use paidan_model::claim::List;
use paidan_model::text::Text;
use paidan_views::listing::Item;
use paidan_views::matching::{best, score};

const DAY: i64 = 86_400_000;

fn item(list: List, kind: &str, left: i64) -> Item {
    Item {
        list,
        show: Default::default(),
        category: vec![kind.into()],
        quantity: left,
        left: Some(left),
        from: None,
        until: None,
        vulnerable: 0,
        priority: 0,
        community: Some("jinchen".into()),
        subdistrict: Some("xixi".into()),
        opened: 0,
        state: Text::default(),
        here: None,
    }
}

#[test]
fn the_best_match_has_a_hundred_points() {
    let mut need = item(List::Needs, "bedding", 4);
    need.vulnerable = 10;
    let resource = item(List::Resources, "bedding", 4);
    let found = score(&need, &resource, 30 * DAY).unwrap();
    assert_eq!(found.points, 100);
    assert_eq!(found.grounds.iter().map(|g| g.most).collect::<Vec<_>>(), [40, 20, 15, 10, 10, 5]);
    assert_eq!(found.points, found.grounds.iter().map(|g| g.points).sum::<i64>());
}

#[test]
fn distance_delay_and_shortage_lower_the_score() {
    let need = item(List::Needs, "bedding", 4);
    let points = |change: fn(&mut Item)| {
        let mut resource = item(List::Resources, "bedding", 4);
        change(&mut resource);
        score(&need, &resource, 0).map(|score| score.points)
    };
    assert_eq!(points(|_| ()), Some(85));
    assert_eq!(points(|r| r.community = Some("hailing".into())), Some(77));
    assert_eq!(points(|r| (r.community, r.subdistrict) = (None, None)), Some(70));
    assert_eq!(points(|r| r.left = Some(1)), Some(77));
    assert_eq!(points(|r| r.category = vec!["food".into()]), None);
    assert_eq!(points(|r| r.left = Some(0)), None);
    let mut timed = need.clone();
    timed.until = Some("2026-11-30".into());
    let mut resource = item(List::Resources, "bedding", 4);
    resource.from = Some("2026-12-01".into());
    assert_eq!(score(&timed, &resource, 0).unwrap().points, 70);
}

#[test]
fn equal_matches_rank_by_waiting_time() {
    let resource = item(List::Resources, "bedding", 9);
    let mut needs = Vec::new();
    for (name, opened, hardship) in [("b", 2, 0), ("a", 1, 0), ("worst off", 3, 9), ("d", 4, 0)] {
        let mut need = item(List::Needs, "bedding", 1);
        (need.opened, need.vulnerable) = (opened, hardship);
        needs.push((name, need));
    }
    let found = best(needs.iter().map(|(name, need)| (*name, need)), &resource, 10, 3);
    assert_eq!(found.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["worst off", "a", "b"]);
}
