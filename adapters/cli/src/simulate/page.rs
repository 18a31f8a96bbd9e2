//! The page of a simulation: plain text in one language, aligned.

use paidan_foresight::simulate::report::{ClockRow, HandRow, Report, Took};
use paidan_foresight::simulate::town::Hand;
use paidan_language::Agreed;
use paidan_model::roster::Roster;
use paidan_model::text::Tongue;

use super::assumed::Assumed;
use super::column::{Align, table};
use crate::line::say;

/// The most hands that are listed; the JSON has all.
const HANDS_SHOWN: usize = 12;
/// The weekdays, Monday first.
const WEEKDAYS: [(&str, &str); 7] = [
    ("星期一", "Monday"),
    ("星期二", "Tuesday"),
    ("星期三", "Wednesday"),
    ("星期四", "Thursday"),
    ("星期五", "Friday"),
    ("星期六", "Saturday"),
    ("星期日", "Sunday"),
];

/// What is printed of a simulation.
pub struct Page<'p> {
    /// The definition.
    pub agreed: &'p Agreed,
    /// What was assumed.
    pub assumed: Assumed<'p>,
    /// What came of it.
    pub report: &'p Report,
    /// What would have come of it with one more at the narrow place, if there is one.
    pub remedy: Option<HandRow>,
    /// The town.
    pub roster: Option<&'p Roster>,
    /// The language.
    pub tongue: Tongue,
}

impl Page<'_> {
    /// Prints it.
    pub fn print(&self) {
        say!("{}\n", self.head());
        self.assumed.sentences(self.tongue).iter().for_each(|line| say!("{line}"));
        say!("");
        table(&self.cases(), &[Align::Left, Align::Left]).iter().for_each(|line| say!("{line}"));
        if !self.report.clocks.is_empty() {
            say!("");
            let align = [Align::Left, Align::Right, Align::Right, Align::Right];
            table(&self.clocks(), &align).iter().for_each(|line| say!("{line}"));
        }
        say!("");
        let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left];
        table(&self.hands(), &align).iter().for_each(|line| say!("{line}"));
        if let Some(more) = self.report.hands.len().checked_sub(HANDS_SHOWN).filter(|more| *more > 0) {
            say!(
                "{}",
                self.word(&format!("另有{more}个，见--json"), &format!("and {more} more; --json has all"))
            );
        }
        say!("");
        self.report.stuck.iter().for_each(|stuck| say!("{}", self.stuck(stuck)));
        say!("{}", self.bottleneck());
        self.remedy().iter().for_each(|line| say!("{line}"));
    }

    fn word(&self, zh: &str, en: &str) -> String {
        match self.tongue {
            Tongue::Zh => zh.into(),
            Tongue::En => en.into(),
        }
    }

    fn head(&self) -> String {
        let workflow = &self.agreed.workflow;
        let (id, version, title) = (&workflow.id, workflow.version, workflow.title.in_tongue(self.tongue));
        let (seed, opened) = (self.assumed.demand.seed, self.report.cases.opened);
        let (from, last) = self.report.days;
        self.word(
            &format!("{title}（{id} v{version}）：{from}至{last}共{opened}件，种子{seed}"),
            &format!("{title} ({id} v{version}): {opened} cases from {from} to {last}, seed {seed}"),
        )
    }

    fn cases(&self) -> Vec<Vec<String>> {
        let cases = &self.report.cases;
        let mut rows = vec![vec![
            self.word("事项", "cases"),
            self.word(
                &format!(
                    "收{}件，结{}件，未结{}件，其中卡住{}件",
                    cases.opened, cases.closed, cases.open, cases.stuck
                ),
                &format!(
                    "{} opened, {} closed, {} open, {} of them stuck",
                    cases.opened, cases.closed, cases.open, cases.stuck
                ),
            ),
        ]];
        let ends = self.report.outcomes.iter().map(|(outcome, count)| {
            let title = self.agreed.workflow.outcome_title(outcome);
            format!("{count} {}", self.word(&title.zh, &title.en))
        });
        let ends: Vec<String> = ends.collect();
        if !ends.is_empty() {
            rows.push(vec![self.word("结果", "ended"), ends.join(&self.word("、", ", "))]);
        }
        if let Some(took) = self.report.took {
            rows.push(vec![self.word("用时", "took"), self.took(took)]);
        }
        rows
    }

    fn took(&self, took: Took) -> String {
        let hours = |seconds: i64| {
            let tenths = (seconds + 180).div_euclid(360);
            format!("{}.{}", tenths.div_euclid(10), tenths.rem_euclid(10))
        };
        let (half, most, all) = (hours(took.p50), hours(took.p90), hours(took.p99));
        let calendar = &self.agreed.workflow.calendar;
        self.word(
            &format!("按日历`{calendar}`的小时数：一半不超过{half}，九成{most}，百分之九十九{all}"),
            &format!(
                "hours of the calendar `{calendar}`: half within {half}, nine of ten {most}, 99 of 100 {all}"
            ),
        )
    }

    fn clocks(&self) -> Vec<Vec<String>> {
        let head = [("计时", "clock"), ("按时", "kept"), ("超时", "breached"), ("超时率", "late")];
        let mut rows = vec![head.map(|(zh, en)| self.word(zh, en)).to_vec()];
        rows.extend(self.report.clocks.iter().map(|row: &ClockRow| {
            let declared = self.agreed.workflow.clocks.get(&row.clock);
            let title = declared
                .map_or(row.clock.as_str(), |clock| clock.title.or_id(self.tongue, row.clock.as_str()));
            let late = percent(row.breached_permille);
            vec![title.to_string(), row.kept.to_string(), row.breached.to_string(), late]
        }));
        rows
    }

    fn hands(&self) -> Vec<Vec<String>> {
        let head = [
            ("岗位", "hand"),
            ("人数", "people"),
            ("办理", "handled"),
            ("超时率", "late"),
            ("最长排队", "queue"),
            ("最忙", "longest on"),
        ];
        let mut rows = vec![head.map(|(zh, en)| self.word(zh, en)).to_vec()];
        rows.extend(self.report.hands.iter().take(HANDS_SHOWN).map(|row| {
            let resident = matches!(row.hand, Hand::Resident { .. });
            let people = if resident { "-".to_string() } else { row.people.to_string() };
            let day = row.weekday.and_then(|day| self.weekday(day)).unwrap_or_default();
            let late = percent(row.late_permille);
            vec![self.title(&row.hand), people, row.handled.to_string(), late, row.longest.to_string(), day]
        }));
        rows
    }

    fn weekday(&self, day: u8) -> Option<String> {
        WEEKDAYS.get(usize::from(day)).map(|(zh, en)| self.word(zh, en))
    }

    /// What people call a hand.
    fn title(&self, hand: &Hand) -> String {
        let unit = |id: &paidan_model::id::UnitId| {
            let known = self.roster.and_then(|roster| roster.units.get(id));
            known.map_or(id.to_string(), |unit| unit.title.or_id(self.tongue, id.as_str()).to_string())
        };
        match hand {
            Hand::Desk { post, unit: at } => {
                let known = self.roster.and_then(|roster| roster.titles.get(post));
                let post = known.map_or(post.as_str(), |title| title.or_id(self.tongue, post.as_str()));
                self.word(&format!("{}{post}", unit(at)), &format!("{post}, {}", unit(at)))
            }
            Hand::Unit(id) => unit(id),
            Hand::Person(subject) => {
                let known = self.roster.and_then(|roster| roster.people.get(subject));
                known.map_or(subject.clone(), |person| person.title.or_id(self.tongue, subject).to_string())
            }
            Hand::Resident { role, .. } => {
                self.word(&format!("居民（{role}）"), &format!("residents ({role})"))
            }
        }
    }

    fn stuck(&self, stuck: &paidan_foresight::simulate::report::Stuck) -> String {
        let states = stuck.states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
        let why = stuck.said.as_ref().map(|said| format!(": {said}")).unwrap_or_default();
        self.word(
            &format!("卡住：{}件在{states}，没有人能办，也没有计时{why}", stuck.cases),
            &format!("stuck: {} in {states}; nobody can go on and no timer stands{why}", stuck.cases),
        )
    }

    /// Where it is narrow, in one sentence; that it is nowhere, if the data does not show it.
    pub fn bottleneck(&self) -> String {
        let Some(row) = self.report.bottleneck() else {
            let longest = self.report.longest();
            return self.word(
                &format!("没有瓶颈：排队最长不超过{longest}件"),
                &format!("no bottleneck: nobody's queue exceeded {longest}"),
            );
        };
        let day = row.weekday.filter(|_| row.stands_out).and_then(|day| self.weekday(day));
        let (title, waiting, late) = (self.title(&row.hand), row.longest, percent(row.late_permille));
        let (zh, en) = match day {
            Some(day) => (format!("，{day}最忙"), format!(" on {day}s")),
            None => (String::new(), String::new()),
        };
        self.word(
            &format!("瓶颈：{title}{zh}：最多{waiting}件在等，{late}的环节超时"),
            &format!("bottleneck: {title}{en}: {waiting} waiting at most; {late} of its parts late"),
        )
    }

    /// What one more person there would have changed.
    pub fn remedy(&self) -> Option<String> {
        let (row, then) = (self.report.bottleneck()?, self.remedy.as_ref()?);
        let (people, waiting) = (then.people, then.longest);
        let (late, before) = (percent(then.late_permille), percent(row.late_permille));
        Some(self.word(
            &format!("若改为{people}人：超时{late}（原{before}），最多{waiting}件在等"),
            &format!(
                "with {people} people there: {late} late instead of {before}, {waiting} waiting at most"
            ),
        ))
    }
}

/// A share of a thousand as percent with one decimal.
fn percent(permille: u64) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}
