//! Votes against a slow obvious count: every ballot of small electorates, and whether the rest could still change it.

use std::collections::{BTreeMap, BTreeSet};

use paidan_machine::tally::{Choice, Count, Elector, Tally, Verdict};
use paidan_machine::vote::heads;
use paidan_model::id::FieldId;
use paidan_model::span::Span;
use paidan_model::vote::{Axis, Property, Share, Vote, Voters, Window};

const TWO_THIRDS: Share = Share { n: 2, of: 3, more: false };
const THREE_QUARTERS: Share = Share { n: 3, of: 4, more: false };
const MORE_THAN_HALF: Share = Share { n: 1, of: 2, more: true };
/// Participation and consent: the Civil Code, Yancheng's interim measure, other matters.
const RULES: [(Share, Share); 3] =
    [(TWO_THIRDS, THREE_QUARTERS), (TWO_THIRDS, TWO_THIRDS), (MORE_THAN_HALF, MORE_THAN_HALF)];

fn vote(take_part: Share, consent: Share) -> Vote {
    let both = |share| BTreeMap::from([(Axis::Heads, share), (Axis::Area, share)]);
    Vote {
        voters: Voters::Owners(FieldId::parse("owners").unwrap()),
        about: Vec::new(),
        axes: vec![Axis::Heads, Axis::Area],
        take_part: both(take_part),
        consent: both(consent),
        must_all: None,
        window: Window {
            shortest: Span::parse("15 calendar days").unwrap(),
            longest: Span::parse("60 calendar days").unwrap(),
            until: None,
        },
        to_the_end: false,
        secret: false,
        collect: Vec::new(),
        veto: Vec::new(),
        options: None,
        winner: None,
    }
}

fn electors(areas: &[i64], must: &[usize]) -> Vec<Elector> {
    let one = |(n, area): (usize, &i64)| Elector {
        owner: format!("o{n}"),
        area: *area,
        parts: vec![format!("{n}")],
        co_owners: Vec::new(),
        must: must.contains(&n),
    };
    areas.iter().enumerate().map(one).collect()
}

fn count<'a>(vote: &'a Vote, electors: &'a [Elector], ballots: &'a BTreeMap<String, Choice>) -> Count<'a> {
    const NONE: &BTreeSet<paidan_model::id::ChoiceId> = &BTreeSet::new();
    Count { vote, electors, options: &[], struck: NONE, ballots }
}

/// What owner `n` did, by a digit to the base of four: nothing, agreed, opposed, abstained.
fn did(number: u64, n: usize) -> Option<Choice> {
    match (number >> (2 * n)) & 3 {
        0 => None,
        1 => Some(Choice::Agree),
        2 => Some(Choice::Oppose),
        _ => Some(Choice::Abstain),
    }
}

fn ballots(number: u64, owners: usize) -> BTreeMap<String, Choice> {
    (0..owners).filter_map(|n| did(number, n).map(|choice| (format!("o{n}"), choice))).collect()
}

/// The oracle: the rule read aloud, owner by owner, comparing what is missing.
fn passes(areas: &[i64], must: &[usize], number: u64, take_part: Share, consent: Share) -> bool {
    let reaches = |share: Share, part: i64, whole: i64| {
        let missing = i64::from(share.n) * whole - i64::from(share.of) * part;
        if share.more { missing < 0 } else { missing <= 0 }
    };
    let (mut all, mut part, mut yes) = ([0i64; 2], [0i64; 2], [0i64; 2]);
    for (n, area) in areas.iter().enumerate() {
        let digit = (number >> (2 * n)) & 3;
        for (axis, weight) in [1, *area].into_iter().enumerate() {
            all[axis] += weight;
            part[axis] += if digit == 0 { 0 } else { weight };
            yes[axis] += if digit == 1 { weight } else { 0 };
        }
    }
    let musts = must.iter().all(|n| (number >> (2 * n)) & 3 == 1);
    let axis = |n: usize| reaches(take_part, part[n], all[n]) && reaches(consent, yes[n], part[n]);
    part[0] > 0 && musts && axis(0) && axis(1)
}

#[test]
fn tallies_of_ten_owners_equal_the_oracle() {
    // Two sizes of flats as in the shared vectors, and odd ones, so that heads and area part ways.
    let areas = [853_700, 914_200, 853_700, 914_200, 853_700, 1, 914_200, 2_000_000, 853_700, 333_333];
    let mut counted = 0u64;
    for owners in 1..=areas.len() {
        let areas = &areas[..owners];
        // Every rule for up to eight owners; the Civil Code's for nine and ten.
        for (take_part, consent) in RULES.into_iter().take(if owners > 8 { 1 } else { 3 }) {
            let vote = vote(take_part, consent);
            let electors = electors(areas, &[]);
            for number in 0..(1u64 << (2 * owners)) {
                let given = ballots(number, owners);
                let found = count(&vote, &electors, &given).tally().verdict == Verdict::Passed;
                assert_eq!(found, passes(areas, &[], number, take_part, consent), "{owners}: {number}");
                counted += 1;
            }
        }
    }
    println!("{counted} elections counted twice");
    assert!(counted > 1_500_000);
}

#[test]
fn votes_are_decided_exactly_when_settled() {
    let areas = [853_700, 914_200, 1, 2_000_000, 853_700, 914_200];
    for (take_part, consent) in RULES {
        for must in [&[][..], &[0, 3]] {
            let mut vote = vote(take_part, consent);
            vote.must_all = (!must.is_empty()).then(|| FieldId::parse("must").unwrap());
            let electors = electors(&areas, must);
            for number in 0..(1u64 << (2 * areas.len())) {
                let open: Vec<usize> = (0..areas.len()).filter(|n| did(number, *n).is_none()).collect();
                let ends: BTreeSet<bool> = (0..(1u64 << (2 * open.len())))
                    .map(|rest| {
                        let filled = open.iter().enumerate().map(|(k, n)| ((rest >> (2 * k)) & 3) << (2 * n));
                        passes(&areas, must, number | filled.sum::<u64>(), take_part, consent)
                    })
                    .collect();
                let given = ballots(number, areas.len());
                let decided = count(&vote, &electors, &given).is_decided();
                assert_eq!(decided, ends.len() == 1, "ballots {number}, {must:?}, {take_part:?}");
            }
        }
    }
}

/// Six floors of two flats, 85.37 and 91.42 square metres, 1060.74 together (DOMAIN 2.3).
fn building() -> Vec<Property> {
    let flat = |floor: i64, n: i64| Property {
        part: format!("{floor}0{n}"),
        floor,
        area: if n == 1 { 853_700 } else { 914_200 },
        owner: format!("p{floor}0{n}"),
        co_owners: Vec::new(),
        unsold: false,
    };
    (1..=6).flat_map(|floor| [flat(floor, 1), flat(floor, 2)]).collect()
}

fn civil_code(rows: &[Property], agree: &[&str], oppose: &[&str]) -> Tally {
    let vote = vote(TWO_THIRDS, THREE_QUARTERS);
    let electors = heads(rows, &BTreeSet::new());
    let said = |names: &[&str], choice: Choice| {
        names.iter().map(|name| (name.to_string(), choice.clone())).collect::<Vec<_>>()
    };
    let ballots = said(agree, Choice::Agree).into_iter().chain(said(oppose, Choice::Oppose)).collect();
    count(&vote, &electors, &ballots).tally()
}

#[test]
fn vector_four_small_four_large_reach_quorum() {
    let agree = ["p101", "p201", "p301", "p401", "p102", "p202", "p302", "p402"];
    let tally = civil_code(&building(), &agree, &[]);
    assert_eq!((tally.sums[&Axis::Heads].all, tally.sums[&Axis::Heads].part), (12, 8));
    assert_eq!(tally.sums[&Axis::Area].all, 10_607_400);
    assert_eq!(tally.verdict, Verdict::Passed);
}

#[test]
fn vector_six_small_two_large_lack_area() {
    let agree = ["p101", "p201", "p301", "p401", "p501", "p601", "p102", "p202"];
    let tally = civil_code(&building(), &agree, &[]);
    let [heads, area] = [&tally.tests[0], &tally.tests[1]];
    assert_eq!((heads.left, heads.right, heads.holds), (24, 24, true));
    // 3 x 695.06 = 2085.18 is less than 2 x 1060.74 = 2121.48.
    assert_eq!((area.left, area.right, area.holds), (20_851_800, 21_214_800, false));
    assert_eq!(tally.verdict, Verdict::Failed);
}

#[test]
fn vector_six_of_nine_is_two_thirds() {
    let agree = ["p101", "p102", "p201", "p202", "p301", "p302"];
    let tally = civil_code(&building(), &agree, &["p401", "p402", "p501"]);
    assert_eq!((tally.sums[&Axis::Heads].part, tally.sums[&Axis::Heads].yes), (9, 6));
    let consent: Vec<bool> = tally.tests.iter().skip(2).map(|test| test.holds).collect();
    assert_eq!(consent, [false, false]);
    assert_eq!(tally.verdict, Verdict::Failed);
}

#[test]
fn vector_two_flats_of_one_owner_count_once() {
    let mut rows = building();
    rows[1].owner = "p101".into();
    let seven = ["p101", "p201", "p202", "p301", "p302", "p401", "p402"];
    let tally = civil_code(&rows, &seven, &[]);
    let of_heads = &tally.tests[0];
    assert_eq!(tally.sums[&Axis::Heads].all, 11);
    assert_eq!((of_heads.left, of_heads.right, of_heads.holds), (21, 22, false));
    let eight = [&seven[..], &["p501"]].concat();
    assert!(civil_code(&rows, &eight, &[]).tests[0].holds);
}

#[test]
fn unsold_flats_and_co_owners_count_once() {
    let mut rows = building();
    for row in &mut rows[8..] {
        row.unsold = true;
        row.owner = "developer".into();
    }
    rows[0].co_owners = vec!["p101b".into()];
    let electors = heads(&rows, &BTreeSet::new());
    assert_eq!(electors.len(), 9);
    let developer = electors.iter().find(|elector| elector.owner == "developer").unwrap();
    assert_eq!((developer.parts.len(), developer.area), (4, 2 * (853_700 + 914_200)));
}
