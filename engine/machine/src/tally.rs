//! Counting: the sums of a vote on each axis, the tests they must pass, and whether the rest could still change it.
//!
//! Whole numbers only, and every test is kept with the two products it compared.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::ChoiceId;
use paidan_model::vote::{Axis, Share, Vote};
use serde::{Deserialize, Serialize};

/// What a ballot says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Yes.
    Agree,
    /// No.
    Oppose,
    /// Neither; takes part.
    Abstain,
    /// Every option that would do.
    Options(Vec<ChoiceId>),
}

/// One head of the electorate, as it was frozen when the vote opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elector {
    /// Whose vote it is: an owner's subject id, or a unit.
    pub owner: String,
    /// Their exclusive area together, in square centimetres.
    pub area: i64,
    /// The parts they own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Who owns a part of it with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_owners: Vec<String>,
    /// Must agree, whatever the others say.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub must: bool,
}

impl Elector {
    fn weight(&self, axis: Axis) -> i64 {
        match axis {
            Axis::Heads => 1,
            Axis::Area => self.area,
        }
    }
}

/// The sums of one axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Everybody.
    pub all: i64,
    /// Those who took part.
    pub part: i64,
    /// Those who agreed; of a vote on options, those who chose at least one.
    pub yes: i64,
    /// Those who opposed.
    pub no: i64,
    /// Those who abstained.
    pub abstain: i64,
}

/// What is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Enough took part.
    TakePart,
    /// Enough of those agreed.
    Consent,
}

/// One test with the products it compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// What was tested.
    pub what: What,
    /// On which axis.
    pub axis: Axis,
    /// The share that was demanded.
    pub share: Share,
    /// Denominator times the part.
    pub left: i64,
    /// Numerator times the whole.
    pub right: i64,
    /// Whether it holds.
    pub holds: bool,
}

/// How a vote ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every test holds.
    Passed,
    /// At least one does not.
    Failed,
    /// Two options have the same votes.
    Tied,
    /// It was stopped or left before its end; it decides nothing.
    Void,
}

/// Everybody who must agree, and how many did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Must {
    /// How many must.
    pub all: u32,
    /// How many did.
    pub agreed: u32,
}

/// A vote, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The sums of each axis.
    pub sums: BTreeMap<Axis, Sums>,
    /// The tests, participation first.
    pub tests: Vec<Test>,
    /// Those who must agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must: Option<Must>,
    /// The votes of each option, by axis.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<ChoiceId, BTreeMap<Axis, i64>>,
    /// The option that won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<ChoiceId>,
    /// Ballots that a co-owner disputes: they count for nothing.
    #[serde(default, skip_serializing_if = "crate::tally::is_zero")]
    pub disputed: u32,
    /// Ballots whose value was erased: they count for nothing.
    #[serde(default, skip_serializing_if = "crate::tally::is_zero")]
    pub erased: u32,
    /// How it stands.
    pub verdict: Verdict,
}

/// For serde: leaves 0 out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// What is counted: the rules, the electorate, and the ballots that are valid, by owner.
#[derive(Clone, Copy, Debug)]
pub struct Count<'a> {
    /// The rules.
    pub vote: &'a Vote,
    /// The electorate.
    pub electors: &'a [Elector],
    /// The options that may be chosen; empty for agree or oppose.
    pub options: &'a [ChoiceId],
    /// Options that were struck out.
    pub struck: &'a BTreeSet<ChoiceId>,
    /// The valid ballots.
    pub ballots: &'a BTreeMap<String, Choice>,
}

impl Count<'_> {
    /// Counts the ballots as they are.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let sums: BTreeMap<Axis, Sums> =
            self.vote.axes.iter().map(|axis| (*axis, self.sums(*axis))).collect();
        let mut tests = Vec::new();
        for axis in &self.vote.axes {
            let of = sums.get(axis).copied().unwrap_or_default();
            if let Some(share) = self.vote.take_part.get(axis) {
                tests.push(test(What::TakePart, *axis, *share, of.part, of.all));
            }
        }
        let (options, winner, tied) = self.winner(&sums);
        for axis in &self.vote.axes {
            let of = sums.get(axis).copied().unwrap_or_default();
            let yes = match (&winner, self.options.is_empty()) {
                (Some(winner), _) => options.get(winner).and_then(|w| w.get(axis)).copied().unwrap_or(0),
                (None, true) => of.yes,
                (None, false) => 0,
            };
            if let Some(share) = self.vote.consent.get(axis) {
                tests.push(test(What::Consent, *axis, *share, yes, of.part));
            }
        }
        let must = self.must();
        let complete = must.is_none_or(|must| must.agreed == must.all);
        let chosen = self.options.is_empty() || winner.is_some();
        let verdict = if tied && tests.iter().all(|t| t.holds || t.what == What::Consent) {
            Verdict::Tied
        } else if complete && chosen && self.anybody() && tests.iter().all(|test| test.holds) {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        let winner = winner.filter(|_| verdict == Verdict::Passed);
        Tally { sums, tests, must, options, winner, disputed: 0, erased: 0, verdict }
    }

    /// Without a single ballot nothing passes, whatever the shares say.
    fn anybody(&self) -> bool {
        self.electors.iter().any(|elector| self.ballots.contains_key(&elector.owner))
    }

    fn sums(&self, axis: Axis) -> Sums {
        let mut sums = Sums::default();
        for elector in self.electors {
            let weight = elector.weight(axis);
            sums.all += weight;
            let Some(choice) = self.ballots.get(&elector.owner) else { continue };
            sums.part += weight;
            match choice {
                Choice::Agree => sums.yes += weight,
                Choice::Oppose => sums.no += weight,
                Choice::Options(chosen) if chosen.iter().any(|o| !self.struck.contains(o)) => {
                    sums.yes += weight;
                }
                Choice::Abstain | Choice::Options(_) => sums.abstain += weight,
            }
        }
        sums
    }

    /// The votes of every option, the one with the most on the first axis, and whether two have as many.
    fn winner(
        &self,
        sums: &BTreeMap<Axis, Sums>,
    ) -> (BTreeMap<ChoiceId, BTreeMap<Axis, i64>>, Option<ChoiceId>, bool) {
        let mut found: BTreeMap<ChoiceId, BTreeMap<Axis, i64>> = BTreeMap::new();
        for option in self.options.iter().filter(|option| !self.struck.contains(*option)) {
            let chose = |elector: &&Elector| match self.ballots.get(&elector.owner) {
                Some(Choice::Options(chosen)) => chosen.contains(option),
                Some(Choice::Agree | Choice::Oppose | Choice::Abstain) | None => false,
            };
            let votes = sums.keys().map(|axis| {
                (*axis, self.electors.iter().filter(chose).map(|elector| elector.weight(*axis)).sum())
            });
            found.insert(option.clone(), votes.collect());
        }
        let first = self.vote.axes.first().copied().unwrap_or(Axis::Heads);
        let of = |votes: &BTreeMap<Axis, i64>| votes.get(&first).copied().unwrap_or(0);
        let most = found.values().map(of).max().unwrap_or(0);
        let best: Vec<&ChoiceId> = found.iter().filter(|(_, v)| of(v) == most).map(|(o, _)| o).collect();
        let tied = most > 0 && best.len() > 1;
        let winner = best.first().filter(|_| most > 0 && !tied).map(|option| (*option).clone());
        (found, winner, tied)
    }

    fn must(&self) -> Option<Must> {
        self.vote.must_all.as_ref()?;
        let must = self.electors.iter().filter(|elector| elector.must);
        let agreed = must.clone().filter(|e| self.ballots.get(&e.owner) == Some(&Choice::Agree)).count();
        Some(Must {
            all: u32::try_from(must.count()).unwrap_or(u32::MAX),
            agreed: u32::try_from(agreed).unwrap_or(u32::MAX),
        })
    }

    /// Whether those who have not voted could no longer change how it ends, the ballots cast standing as they are.
    ///
    /// A vote passes for certain when nobody else need come and all who might come may oppose; it fails for
    /// certain when it would fail even if all the rest agreed. Votes on options are decided at their end only.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        if !self.options.is_empty() {
            return false;
        }
        let rest = |choice: &Choice| {
            let mut all = self.ballots.clone();
            for elector in self.electors {
                all.entry(elector.owner.clone()).or_insert_with(|| choice.clone());
            }
            all
        };
        let with = |ballots: &BTreeMap<String, Choice>| Count { ballots, ..*self }.tally();
        let best = with(&rest(&Choice::Agree));
        if best.verdict == Verdict::Failed {
            return true;
        }
        let now = self.tally();
        let worst = with(&rest(&Choice::Oppose));
        let holds =
            |tally: &Tally, what: What| tally.tests.iter().filter(|t| t.what == what).all(|t| t.holds);
        now.verdict == Verdict::Passed && holds(&now, What::TakePart) && holds(&worst, What::Consent)
    }
}

fn test(what: What, axis: Axis, share: Share, part: i64, whole: i64) -> Test {
    let (left, right) = share.sides(part, whole);
    let number = |n: i128| i64::try_from(n).unwrap_or(i64::MAX);
    Test { what, axis, share, left: number(left), right: number(right), holds: share.is_reached(part, whole) }
}
