//! Demand: what is assumed of a town. How many cases come and when, how many people sit at a desk, how long a handling
//! takes, what people choose. Nothing here is a fact until somebody has counted it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use paidan_model::id::{ActionId, CalendarId};
use paidan_model::moment::Date;
use paidan_model::workflow::Workflow;

use super::hand_row::HandRow;
use super::turn::named;

/// The most cases of one run.
pub const CASES_MOST: u32 = 100_000;
/// The most working days over which they come.
pub const DAYS_MOST: u32 = 520;
/// The most people at one desk.
pub const PEOPLE_MOST: u32 = 10_000;
/// The longest handling, in minutes of the desk's calendar: a month of days around the clock.
pub const MINUTES_MOST: u32 = 43_200;
/// The greatest weight of a weekday or an action.
pub const WEIGHT_MOST: u32 = 1_000;
/// The longest that is watched after the last case has come, in days.
pub const WATCH_DAYS_MOST: u32 = 3_660;
/// The most hands and the most actions that a demand names.
pub const NAMES_MOST: usize = 500;

/// Cases when nothing is said.
const CASES: u32 = 1_000;
/// Days when nothing is said.
const DAYS: u32 = 20;
/// A handling when nothing is said, in minutes.
const MINUTES: u32 = 15;
/// Of a hundred residents, those who never answer where a timer ends the wait.
const SILENT: u32 = 20;
/// The soonest and the latest that a resident answers, in minutes around the clock.
const ANSWER: (u32, u32) = (60, 2_880);
/// Of a hundred ballots cast, those that agree.
const AGREE: u32 = 85;
/// Of a hundred voters, those who vote.
const TURNOUT: u32 = 90;
/// Days until a linked case reports.
const LINKED_DAYS: u32 = 14;
/// Days that are watched after the last case has come.
const WATCH_DAYS: u32 = 365;

/// What is assumed of one hand; none: as of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hand {
    /// How many people work there, at each such desk.
    pub people: Option<u32>,
    /// How long each handling takes, in minutes of the hand's calendar.
    pub minutes: Option<u32>,
    /// When they work; none: as of all.
    pub calendar: Option<CalendarId>,
}

/// What is assumed of one action; none: by where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// How often it is chosen among what is open: what leads on weighs 100, what fills in 40, what goes back 6, what
    /// ends otherwise 3. 0: never.
    pub weight: Option<u32>,
    /// How long it takes, in minutes of the hand's calendar.
    pub minutes: Option<u32>,
}

/// What is assumed of a town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// How many cases come; none: `per_day` times `days`.
    pub cases: Option<u32>,
    /// How many come on a working day.
    pub per_day: Option<u32>,
    /// Over how many working days of the workflow's calendar.
    pub days: u32,
    /// What all chance comes from.
    pub seed: u64,
    /// The first day.
    pub from: Date,
    /// How many come on each weekday, as weights; 0 is Monday.
    pub weekdays: [u32; 7],
    /// When hands work; none: the workflow's calendar.
    pub calendar: Option<CalendarId>,
    /// People at each desk; none: as many as the roster names there, at least one.
    pub people: Option<u32>,
    /// How long a handling takes, in minutes.
    pub minutes: u32,
    /// By role or unit; a unit comes before a role.
    pub hands: BTreeMap<String, Hand>,
    /// By action.
    pub actions: BTreeMap<ActionId, Action>,
    /// Of a hundred residents, those who never answer where a timer ends the wait.
    pub silent: u32,
    /// The soonest and the latest that a resident answers, in minutes around the clock.
    pub answer: (u32, u32),
    /// Of a hundred voters, those who vote.
    pub turnout: u32,
    /// Of a hundred ballots cast, those that agree.
    pub agree: u32,
    /// Days until a linked case reports.
    pub linked_days: u32,
    /// Days that are watched after the last case has come.
    pub watch_days: u32,
}

/// A working Monday: 2026-11-23.
const MONDAY: Option<Date> = Date::from_ymd_opt(2026, 11, 23);

impl Default for Demand {
    fn default() -> Self {
        Self {
            cases: None,
            per_day: None,
            days: DAYS,
            seed: 1,
            from: MONDAY.unwrap_or(Date::MIN),
            weekdays: [1; 7],
            calendar: None,
            people: None,
            minutes: MINUTES,
            hands: BTreeMap::new(),
            actions: BTreeMap::new(),
            silent: SILENT,
            answer: ANSWER,
            turnout: TURNOUT,
            agree: AGREE,
            linked_days: LINKED_DAYS,
            watch_days: WATCH_DAYS,
        }
    }
}

impl Demand {
    /// How many cases come.
    #[must_use]
    pub fn total(&self) -> u64 {
        match (self.cases, self.per_day) {
            (Some(cases), _) => u64::from(cases),
            (None, Some(per_day)) => u64::from(per_day) * u64::from(self.days),
            (None, None) => u64::from(CASES),
        }
    }

    /// The same with one person more at a hand that was counted.
    #[must_use]
    pub fn with_one_more(&self, workflow: &Workflow, row: &HandRow) -> Self {
        let names = named(workflow, &row.hand);
        let said = names.iter().find_map(|name| self.hands.get(name)).cloned().unwrap_or_default();
        let more = Hand { people: Some(row.people.saturating_add(1)), ..said };
        let mut demand = self.clone();
        demand.hands.extend(names.into_iter().next().map(|name| (name, more)));
        demand
    }
}
