//! Votes and claims in words.

use alloc::format;
use alloc::string::{String, ToString};
use paidan_machine::fact::{ClaimFact, ShareFact, VoteFact};
use paidan_machine::party::Why;
use paidan_machine::tally::{Choice, Tally, Verdict};
use paidan_machine::vote::How;
use paidan_model::claim::ClaimState;
use paidan_model::id::UnitId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::money::yuan;
use paidan_model::roster::Roster;
use paidan_model::text::Text;

use super::wording::text;
use crate::people::{person, unit};

/// What an answer is called.
#[must_use]
pub fn choice_title(choice: &Choice) -> Text {
    match choice {
        Choice::Agree => text("同意".into(), "agree".into()),
        Choice::Oppose => text("反对".into(), "oppose".into()),
        Choice::Abstain => text("弃权".into(), "abstain".into()),
        Choice::Options(options) => {
            let all: alloc::vec::Vec<&str> = options.iter().map(|option| option.as_str()).collect();
            text(all.join("、"), all.join(", "))
        }
    }
}

/// What a verdict is called.
#[must_use]
pub fn verdict_title(verdict: Verdict) -> Text {
    let (zh, en) = match verdict {
        Verdict::Passed => ("通过", "passed"),
        Verdict::Failed => ("未通过", "not passed"),
        Verdict::Tied => ("打平", "tied"),
        Verdict::Void => ("作废", "void"),
    };
    text(zh.into(), en.into())
}

/// The sums and the tests of a vote, on one line.
#[must_use]
pub fn tally_words(tally: &Tally) -> Text {
    let (mut zh, mut en) = (String::new(), String::new());
    for (axis, sums) in &tally.sums {
        let name = match axis {
            paidan_model::vote::Axis::Heads => ("人数", "heads"),
            paidan_model::vote::Axis::Area => ("面积", "area"),
        };
        zh.push_str(&format!("；{}：共{}，参加{}，同意{}", name.0, sums.all, sums.part, sums.yes));
        en.push_str(&format!(
            "; {}: {} in all, {} took part, {} agreed",
            name.1, sums.all, sums.part, sums.yes
        ));
    }
    for test in &tally.tests {
        let sign = match (test.share.more, test.holds) {
            (false, true) => "≥",
            (false, false) => "<",
            (true, true) => ">",
            (true, false) => "≤",
        };
        zh.push_str(&format!("；{} {sign} {}", test.left, test.right));
        en.push_str(&format!("; {} {sign} {}", test.left, test.right));
    }
    text(zh, en)
}

/// What people call an elector: a unit or a person of the roster, else the id.
fn called(roster: &Roster, owner: &str) -> Text {
    let unit = UnitId::parse(owner).filter(|id| roster.units.contains_key(id)).map(|id| unit(roster, &id));
    let known = unit.or_else(|| person(roster, owner));
    known.unwrap_or_else(|| text(owner.to_string(), owner.to_string()))
}

/// One fact about a vote as a sentence.
pub(super) fn of_vote(roster: &Roster, zone: &Zone, fact: &VoteFact) -> Text {
    let on = |at: &Moment| at.local_text(zone);
    match fact {
        VoteFact::Opened { electors, hash, until, .. } => {
            let short = hash.get(..12).unwrap_or(hash).to_string();
            text(
                format!("开始表决：{}名，名册 {short}，至 {}", electors.len(), on(until)),
                format!("Vote opened: {} voters, roster {short}, until {}", electors.len(), on(until)),
            )
        }
        VoteFact::Moved { until, .. } => {
            text(format!("表决截止改为 {}", on(until)), format!("The vote is now open until {}", on(until)))
        }
        // How somebody voted is shown with the vote, to those who may see it.
        VoteFact::Cast { owner, how, .. } => {
            let by = match how {
                How::Own => ("", ""),
                How::Proxy => ("（受托）", " (by proxy)"),
                How::Paper => ("（纸质）", " (on paper)"),
            };
            let owner = called(roster, owner);
            text(format!("{} 投票{}", owner.zh, by.0), format!("{} voted{}", owner.en, by.1))
        }
        VoteFact::Revoked { owner, .. } => {
            let owner = called(roster, owner);
            text(format!("{} 撤回投票", owner.zh), format!("{} took the ballot back", owner.en))
        }
        VoteFact::Disputed { owner, .. } => {
            let owner = called(roster, owner);
            text(
                format!("{} 的票有异议，暂不计", owner.zh),
                format!("The ballot of {} is disputed and does not count", owner.en),
            )
        }
        VoteFact::Cured { owner, .. } => {
            let owner = called(roster, owner);
            text(format!("{} 的票恢复有效", owner.zh), format!("The ballot of {} counts again", owner.en))
        }
        VoteFact::ProxyNamed { owner, .. } => {
            let owner = called(roster, owner);
            text(format!("{} 委托他人投票", owner.zh), format!("{} named a proxy", owner.en))
        }
        VoteFact::OptionStruck { option, .. } => {
            text(format!("否决选项 {option}"), format!("Option {option} was struck out"))
        }
        VoteFact::Closed { tally, .. } => {
            let (verdict, words) = (verdict_title(tally.verdict), tally_words(tally));
            text(format!("表决{}{}", verdict.zh, words.zh), format!("Vote {}{}", verdict.en, words.en))
        }
    }
}

/// One fact about a claim as a sentence.
pub(super) fn of_claim(roster: &Roster, fact: &ClaimFact) -> Text {
    match fact {
        ClaimFact::Taken { claim, unit: of, qty, .. } => {
            let by = of
                .as_ref()
                .map(|id| unit(roster, id))
                .unwrap_or_else(|| text("个人".into(), "a person".into()));
            text(
                format!("{}认领{qty}份（第{claim}号）", by.zh),
                format!("{} claimed {qty} (no. {claim})", by.en),
            )
        }
        ClaimFact::Moved { claim, to, why, .. } => claim_moved(*claim, *to, *why),
    }
}

/// One fact about a sum that is divided as a sentence.
pub(super) fn of_share(fact: &ShareFact) -> Text {
    match fact {
        ShareFact::Divided { amount, portions, .. } => {
            let pay = portions.iter().filter(|portion| portion.fen > 0).count();
            text(
                format!("费用 {} 元分摊给{pay}户", yuan(*amount)),
                format!("{} yuan are divided among {pay} homes", yuan(*amount)),
            )
        }
        ShareFact::Undone { .. } => {
            text("分摊的依据不全，暂不分摊".into(), "What is to be divided is not known any more".into())
        }
        ShareFact::JoinedLate { joined, .. } => {
            let to = |sign: &str| {
                let one = |paid: &paidan_machine::split::Paid| format!("{} {}", paid.part, yuan(paid.fen));
                joined.to.iter().map(one).collect::<alloc::vec::Vec<_>>().join(sign)
            };
            let price = yuan(joined.price);
            text(
                format!("{} 加入，付 {price} 元，退给：{}", joined.part, to("、")),
                format!("{} joined for {price} yuan, which went to {}", joined.part, to(", ")),
            )
        }
    }
}

fn claim_moved(claim: u32, to: ClaimState, why: Option<Why>) -> Text {
    let title = to.title();
    let why = why.map_or(("", ""), |why| match why {
        Why::Dropped => ("（认领人放弃）", " (given up)"),
        Why::Expired => ("（逾期）", " (late)"),
        Why::TakenBack => ("（社区收回）", " (taken back)"),
        Why::Withdrawn => ("（事项不再认领）", " (no longer to be claimed)"),
    });
    text(format!("认领{claim}：{}{}", title.zh, why.0), format!("Claim {claim}: {}{}", title.en, why.1))
}
