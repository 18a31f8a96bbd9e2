//! What a simulation assumed, a sentence each, so that nobody takes it for a fact. What a file or the command line said
//! begins with `given`, what nobody said with `assumed`.

use paidan_foresight::simulate::Demand;
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;

/// The weekdays, Monday first.
const DAYS: [(&str, &str); 7] =
    [("一", "Mon"), ("二", "Tue"), ("三", "Wed"), ("四", "Thu"), ("五", "Fri"), ("六", "Sat"), ("日", "Sun")];

/// Where people and units come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// From a roster that was given.
    Given,
    /// From the town that ships.
    Shipped,
}

/// What was assumed.
pub struct Assumed<'a> {
    /// The demand.
    pub demand: &'a Demand,
    /// The workflow.
    pub workflow: &'a Workflow,
    /// Whose town it is.
    pub whose: Whose,
}

impl Assumed<'_> {
    /// The sentences, in the order of what matters.
    pub fn sentences(&self, tongue: Tongue) -> Vec<String> {
        let usual = Demand::default();
        let d = self.demand;
        let mut said = Vec::new();
        let mut say = |given: bool, zh: String, en: String| {
            said.push(match (tongue, given) {
                (Tongue::Zh, true) => format!("已给：{zh}"),
                (Tongue::Zh, false) => format!("假设：{zh}"),
                (Tongue::En, true) => format!("given: {en}"),
                (Tongue::En, false) => format!("assumed: {en}"),
            });
        };
        let total = d.total();
        say(
            d.cases.is_some() || d.per_day.is_some(),
            format!("{total}件，分{}个工作日，随机时刻到来{}", d.days, weights(d, Tongue::Zh)),
            format!(
                "{total} cases over {} working days, at any minute of them{}",
                d.days,
                weights(d, Tongue::En)
            ),
        );
        let shipped = self.whose == Whose::Shipped;
        say(
            !shipped,
            if shipped {
                "随程序的示范城市的单位和人员".into()
            } else {
                "所给名册的单位和人员".into()
            },
            if shipped {
                "units and people of the town that ships; give a roster to take yours".into()
            } else {
                "units and people of the roster that was given".into()
            },
        );
        let calendar = d.calendar.as_ref().unwrap_or(&self.workflow.calendar);
        say(
            d.calendar.is_some(),
            format!("大家都按日历`{calendar}`上班"),
            format!("everybody works by the calendar `{calendar}`"),
        );
        match d.people {
            Some(people) => say(true, format!("每个岗位{people}人"), format!("{people} people at each desk")),
            None => say(
                false,
                "每个岗位的人数按名册，至少1人，各只管这一摊".into(),
                "at each desk as many people as the roster names there, at least one, with nothing else to do".into(),
            ),
        }
        say(
            d.minutes != usual.minutes,
            format!("每次办理{}分钟", d.minutes),
            format!("each handling takes {} minutes", d.minutes),
        );
        self.residents(&usual, &mut say);
        self.choices(&usual, &mut say);
        for (name, hand) in &d.hands {
            let people = hand.people.map(|n| (format!(" {n}人"), format!(", {n} people")));
            let minutes = hand.minutes.map(|n| (format!(" 每次{n}分钟"), format!(", {n} minutes each")));
            let calendar =
                hand.calendar.as_ref().map(|c| (format!(" 日历`{c}`"), format!(", calendar `{c}`")));
            let all = [people, minutes, calendar].into_iter().flatten();
            let (zh, en): (Vec<String>, Vec<String>) = all.unzip();
            say(true, format!("{name}{}", zh.concat()), format!("{name}{}", en.concat()));
        }
        said
    }

    fn residents(&self, usual: &Demand, say: &mut impl FnMut(bool, String, String)) {
        let d = self.demand;
        let (soonest, latest) = (hours(d.answer.0), hours(d.answer.1));
        say(
            d.answer != usual.answer || d.silent != usual.silent,
            format!("居民在{soonest}至{latest}小时内回应；有到期自动转的，100人中{}人不回应", d.silent),
            format!(
                "residents answer after {soonest} to {latest} hours; where a timer ends the wait, {} of 100 never do",
                d.silent
            ),
        );
    }

    fn choices(&self, usual: &Demand, say: &mut impl FnMut(bool, String, String)) {
        let d = self.demand;
        say(
            false,
            "表单照流程自带测试的内容填写；办事的多选往前走的，少数退回或另作了结".into(),
            "forms are filled in as the definition's tests do; people mostly take what leads to a good end, seldom what \
             hands back or ends otherwise"
                .into(),
        );
        if !self.workflow.votes.is_empty() {
            say(
                d.turnout != usual.turnout || d.agree != usual.agree,
                format!("100人中{}人投票，100票中{}票同意", d.turnout, d.agree),
                format!("{} of 100 vote, {} of 100 ballots agree", d.turnout, d.agree),
            );
        }
        if opens(self.workflow) {
            say(
                d.linked_days != usual.linked_days,
                format!("关联事项{}天后回话", d.linked_days),
                format!("a linked case reports after {} days", d.linked_days),
            );
        }
        say(
            d.watch_days != usual.watch_days,
            format!("最后一件到来后再看{}天；不模拟暂停、延期、重开", d.watch_days),
            format!(
                "watched for {} days after the last case came; nobody pauses, extends or reopens anything",
                d.watch_days
            ),
        );
        for (name, action) in &d.actions {
            let weight = action.weight.map(|n| (format!(" 权重{n}"), format!(", weight {n}")));
            let minutes = action.minutes.map(|n| (format!(" {n}分钟"), format!(", {n} minutes")));
            let (zh, en): (Vec<String>, Vec<String>) = [weight, minutes].into_iter().flatten().unzip();
            say(true, format!("{name}{}", zh.concat()), format!("{name}{}", en.concat()));
        }
    }
}

/// Whether a workflow opens linked cases.
fn opens(workflow: &Workflow) -> bool {
    workflow.states.values().any(|state| {
        let ways = state.on.values().flat_map(|action| &action.alternatives).chain(&state.always);
        state.enter.open.is_some()
            || state.leave.open.is_some()
            || ways.into_iter().any(|way| way.open.is_some())
    })
}

fn weights(demand: &Demand, tongue: Tongue) -> String {
    let all = demand.weekdays;
    if all.iter().all(|weight| Some(weight) == all.first()) {
        return match tongue {
            Tongue::Zh => "，各日相同".into(),
            Tongue::En => ", every day alike".into(),
        };
    }
    let each = DAYS.iter().zip(all).filter(|(_, weight)| *weight > 0);
    match tongue {
        Tongue::Zh => {
            let each: Vec<String> = each.map(|((zh, _), weight)| format!("周{zh}{weight}")).collect();
            format!("，权重{}", each.join("、"))
        }
        Tongue::En => {
            let each: Vec<String> = each.map(|((_, en), weight)| format!("{en} {weight}")).collect();
            format!(", weighing {}", each.join(", "))
        }
    }
}

/// Minutes as hours, with a decimal where there is one.
fn hours(minutes: u32) -> String {
    let tenths = minutes.saturating_mul(10) / 60;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}
