//! The clocks of a case in words, each with how its due moment comes about; where somebody asks for it, day by day, and
//! what its ladder had done and would do.

use maud::{Markup, html};
use paidan_model::calendar::Calendar;
use paidan_model::moment::Moment;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::fact::ClockKey;
use paidan_runtime::{Case, CaseClock};
use paidan_views::days::{days, stood};
use paidan_views::ladder::ladder;
use paidan_views::{arithmetic, timeline};

use crate::visitor::Visitor;

/// The clocks of a case at a moment, and the calendars they count in.
pub struct Counting<'c> {
    /// The definition.
    pub workflow: &'c Workflow,
    /// What units are called.
    pub roster: &'c Roster,
    /// The case.
    pub case: &'c Case,
    /// The moment.
    pub now: Moment,
    /// The calendar of a clock.
    pub calendar: &'c (dyn Fn(&ClockKey) -> Option<&'c Calendar> + Sync),
    /// Whether it is told day by day, and why nothing was sent up.
    pub why: bool,
}

impl Counting<'_> {
    /// Every clock that has not ended.
    pub fn shown(&self, visitor: &Visitor) -> Markup {
        let open: Vec<&CaseClock> =
            self.case.clocks.all.iter().filter(|clock| clock.verdict.is_none()).collect();
        html! {
            section {
                h2 { (visitor.say("计时", "Clocks")) }
                @if self.why && open.is_empty() { p .none { (visitor.say("没有在走的计时", "No clock was running")) } }
                @else {
                    table .stacks[self.why] {
                        thead { tr {
                            th { (visitor.say("计时", "Clock")) }
                            th { (visitor.say("期限", "Due")) }
                            th { (visitor.say("怎么算的", "How it comes about")) }
                        } }
                        tbody { @for (n, clock) in open.iter().enumerate() { (self.row(visitor, n, clock)) } }
                    }
                }
            }
        }
    }

    /// The clock that is due first, in a line; nothing where none runs.
    pub fn first(&self, visitor: &Visitor) -> Markup {
        let open =
            self.case.clocks.all.iter().filter(|clock| clock.verdict.is_none() && clock.paused.is_none());
        let Some(clock) = open.min_by_key(|clock| clock.due) else { return html! {} };
        let calendar = (self.calendar)(&clock.key);
        let left = calendar.map(|calendar| arithmetic::left(calendar, clock, self.now)).unwrap_or_default();
        html! {
            p .first {
                (visitor.say("最近的期限：", "Due next: "))
                (timeline::clock_title(self.workflow, self.roster, &clock.key).in_tongue(visitor.tongue)) " "
                strong { (clock.due.local_text(&visitor.zone)) } " · "
                @if clock.late { strong .late { (visitor.say("逾期", "late")) } }
                @else { (left.in_tongue(visitor.tongue)) }
            }
        }
    }

    fn row(&self, visitor: &Visitor, n: usize, clock: &CaseClock) -> Markup {
        let zone = visitor.zone;
        let calendar = (self.calendar)(&clock.key);
        let left = calendar.map(|calendar| arithmetic::left(calendar, clock, self.now)).unwrap_or_default();
        let account =
            calendar.map(|calendar| arithmetic::account(self.workflow, calendar, clock)).unwrap_or_default();
        html! {
            tr .late[clock.late] {
                td { (timeline::clock_title(self.workflow, self.roster, &clock.key).in_tongue(visitor.tongue)) }
                td {
                    (clock.due.local_text(&zone)) @if clock.provisional { (visitor.say("（暂定）", " (provisional)")) }
                    br;
                    @if clock.paused.is_some() { small { (visitor.say("暂停", "stands still")) } }
                    @else if clock.late { strong { (visitor.say("逾期", "late")) } }
                    @else { small { (left.in_tongue(visitor.tongue)) } }
                }
                td {
                    small { (account.in_tongue(visitor.tongue)) }
                    @if let (true, Some(calendar)) = (self.why, calendar) { (self.why(visitor, n, calendar, clock)) }
                }
            }
        }
    }

    /// Why it was sent up, or was not.
    fn why(&self, visitor: &Visitor, n: usize, calendar: &Calendar, clock: &CaseClock) -> Markup {
        let zone = visitor.zone;
        let days = days(calendar, clock);
        let mut notices: Vec<&String> = days.iter().filter_map(|stretch| stretch.notice.as_ref()).collect();
        notices.dedup();
        let declared = self.workflow.clocks.get(&clock.key.clock);
        let cap = declared.and_then(|declared| declared.capped_by.as_ref());
        let cap =
            cap.and_then(|id| Some(self.workflow.clocks.get(id)?.title.or_id(visitor.tongue, id.as_str())));
        html! {
            details id={ "why-" (n) } {
                summary { (visitor.say("为什么升级了、没升级", "Why it was sent up, or was not")) }
                p { (stood(clock, self.now, &zone).in_tongue(visitor.tongue)) }
                ul { @for step in ladder(self.workflow, self.case, clock, &zone) { li { (step.in_tongue(visitor.tongue)) } } }
                @if let Some(cap) = cap { p { (visitor.say("最迟不超过的期限：", "Never later than the due moment of: ")) (cap) } }
                @if !days.is_empty() {
                    p { (visitor.say("逐日：", "Day by day:")) }
                    ul .days { @for stretch in &days { li {
                        strong { (stretch.days()) } " " (stretch.nature.in_tongue(visitor.tongue)) " · " (stretch.counts.in_tongue(visitor.tongue))
                    } } }
                }
                @for notice in notices { p { small { (visitor.say("放假和调休依据：", "Days off and made up rest on: ")) (notice) } } }
            }
        }
    }
}
