//! How a vote stands: the building floor by floor with what each household said, and each test with its two products.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::Case;
use paidan_machine::tally::{Choice, Count, Tally, Test, What};
use paidan_machine::vote::{How, Poll};
use paidan_model::id::{FieldId, VoteId};
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::vote::{Axis, Property, Voters};
use paidan_model::workflow::Workflow;

use crate::timeline::choice_title;

/// What a household has said, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stance {
    /// Nothing yet.
    Silent,
    /// A ballot that is not shown: of a secret vote, or to somebody outside.
    Cast,
    /// What its ballot says.
    Said(Choice),
    /// A ballot that a co-owner disputes: it counts for nothing.
    Disputed,
}

impl Stance {
    /// A word for it that is also its style on pages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Cast => "cast",
            Self::Said(Choice::Agree) => "agree",
            Self::Said(Choice::Oppose) => "oppose",
            Self::Said(Choice::Abstain) => "abstain",
            Self::Said(Choice::Options(_)) => "chose",
            Self::Disputed => "disputed",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> Text {
        let (zh, en) = match self {
            Self::Said(choice) => return choice_title(choice),
            Self::Silent => ("未投", "no vote yet"),
            Self::Cast => ("已投", "voted"),
            Self::Disputed => ("有异议", "disputed"),
        };
        Text { zh: zh.into(), en: en.into() }
    }
}

/// One part of the building, or one unit or member that votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// The part, or the unit.
    pub part: String,
    /// Whose vote it is.
    pub owner: String,
    /// Its area in square centimetres; 0 for a unit or a member.
    pub area: i64,
    /// What was said.
    pub stance: Stance,
    /// How the ballot came, if there is one.
    pub how: Option<How>,
    /// The voter's receipt, if there is a ballot.
    pub receipt: Option<String>,
}

/// How a vote stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Households by floor, the highest first; units on one floor of their own, 0.
    pub floors: Vec<(i64, Vec<Household>)>,
    /// The count: the result, or how it would be now for those who may see the ballots of a vote that is not secret.
    pub tally: Option<Tally>,
    /// Whether the vote is open.
    pub open: bool,
}

/// How much of a vote somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// How each voter voted, and the sums as they grow.
    Said,
    /// Who has voted; the sums when it is over, for sums that grow ballot by ballot tell each of them.
    Cast,
    /// The sums when it is over.
    Sums,
}

/// How a vote of a case stands, as far as one may see it; nothing when it was never opened.
#[must_use]
pub fn standing(workflow: &Workflow, case: &Case, id: &VoteId, look: Look) -> Option<Standing> {
    let (vote, poll) = (workflow.votes.get(id)?, case.votes.polls.get(id)?);
    let rows = match &vote.voters {
        Voters::Owners(field) => rows(case, field),
        Voters::Units(_) | Voters::Legs | Voters::Role(_) => &[],
    };
    let named = look == Look::Said;
    let mut floors: BTreeMap<i64, Vec<Household>> = BTreeMap::new();
    let rows = if look == Look::Sums { &[] } else { rows };
    if rows.is_empty() && look != Look::Sums {
        let all = poll.electors.iter().map(|e| household(poll, &e.owner, &e.owner, 0, named)).collect();
        floors.insert(0, all);
    }
    for row in rows {
        let elector = poll.electors.iter().find(|elector| elector.parts.contains(&row.part));
        let owner = elector.map_or(&row.owner, |elector| &elector.owner);
        floors.entry(row.floor).or_default().push(household(poll, &row.part, owner, row.area, named));
    }
    let now = || {
        let said = poll.ballots.iter().filter(|(_, ballot)| ballot.disputed.is_none());
        let ballots: BTreeMap<String, Choice> =
            said.filter_map(|(owner, ballot)| Some((owner.clone(), ballot.choice.clone()?))).collect();
        let count = Count {
            vote,
            electors: &poll.electors,
            options: &poll.options,
            struck: &poll.struck,
            ballots: &ballots,
        };
        count.tally()
    };
    let tally = poll.result.clone().or_else(|| (!vote.secret && named).then(now));
    Some(Standing { floors: floors.into_iter().rev().collect(), tally, open: poll.is_open() })
}

fn rows<'c>(case: &'c Case, field: &FieldId) -> &'c [Property] {
    match case.form.fields.get(field).and_then(Held::open) {
        Some(Value::Roster(rows)) => rows,
        _ => &[],
    }
}

fn household(poll: &Poll, part: &str, owner: &str, area: i64, named: bool) -> Household {
    let ballot = poll.ballots.get(owner);
    let stance = match ballot {
        None => Stance::Silent,
        Some(_) if !named => Stance::Cast,
        Some(ballot) if ballot.disputed.is_some() => Stance::Disputed,
        Some(ballot) => ballot.choice.clone().map_or(Stance::Cast, Stance::Said),
    };
    Household {
        part: part.to_string(),
        owner: owner.to_string(),
        area,
        stance,
        how: ballot.map(|ballot| ballot.how),
        receipt: ballot.map(|ballot| ballot.receipt.clone()),
    }
}

/// The part and the whole that a test compared.
#[must_use]
pub fn part_and_whole(test: &Test) -> (i64, i64) {
    (test.left / i64::from(test.share.of.max(1)), test.right / i64::from(test.share.n.max(1)))
}

/// A test as people read it: how many of how many, what was asked, and the two products that were compared.
#[must_use]
pub fn test_words(test: &Test) -> Text {
    let (part, whole) = part_and_whole(test);
    let amount = |n: i64| match test.axis {
        Axis::Heads => n.to_string(),
        Axis::Area => format!("{}.{:02} m²", n / 10_000, n % 10_000 / 100),
    };
    let (what_zh, what_en) = match (test.axis, test.what) {
        (Axis::Heads, What::TakePart) => ("参加人数", "took part, by heads"),
        (Axis::Heads, What::Consent) => ("同意人数（占参加）", "agreed, of those, by heads"),
        (Axis::Area, What::TakePart) => ("参加面积", "took part, by area"),
        (Axis::Area, What::Consent) => ("同意面积（占参加）", "agreed, of those, by area"),
    };
    let (n, of) = (test.share.n, test.share.of);
    let (least_zh, least_en) = if test.share.more { ("超过", "more than") } else { ("至少", "at least") };
    let sign = match (test.share.more, test.holds) {
        (false, true) => "≥",
        (false, false) => "<",
        (true, true) => ">",
        (true, false) => "≤",
    };
    let (part, whole) = (amount(part), amount(whole));
    let sums = format!("{of}×{part} {sign} {n}×{whole}");
    Text {
        zh: format!("{what_zh} {part} / {whole}，要求{least_zh}{n}/{of}（{sums}）"),
        en: format!("{what_en}: {part} of {whole}; {least_en} {n}/{of} ({sums})"),
    }
}
