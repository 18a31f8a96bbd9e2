//! What a town's calendars, roster and duty list change when others come into force.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;

use paidan_model::calendar::Calendar;
use paidan_model::duty::{Duty, DutyList};
use paidan_model::id::CalendarId;
use paidan_model::moment::Date;
use paidan_model::roster::Roster;
use paidan_model::text::Text;

use super::at_most;
use super::words::text;

/// What other calendars change, by calendar and in order of days.
#[must_use]
pub fn calendars(old: &BTreeMap<CalendarId, Calendar>, new: &BTreeMap<CalendarId, Calendar>) -> Vec<Text> {
    let mut lines = Vec::new();
    for (id, after) in new {
        match old.get(id) {
            None => lines.push(text(format!("新增日历“{id}”"), format!("the calendar `{id}` is new"))),
            Some(before) if before == after => {}
            Some(before) => lines.extend(days(id, before, after)),
        }
    }
    at_most(lines)
}

fn days(id: &CalendarId, before: &Calendar, after: &Calendar) -> Vec<Text> {
    let named: BTreeSet<Date> = before.named_days().chain(after.named_days()).collect();
    let other = named.into_iter().filter(|day| before.opens_on(*day) != after.opens_on(*day));
    let line = |day: Date| match after.is_working_day(day) {
        true => text(format!("日历“{id}”：{day}上班"), format!("`{id}`: {day} is a workday")),
        false => text(format!("日历“{id}”：{day}休息"), format!("`{id}`: {day} is a day off")),
    };
    let lines: Vec<Text> = other.map(line).collect();
    if lines.is_empty() {
        let en = format!("`{id}`: its hours, or until when it is known, change");
        return alloc::vec![text(format!("日历“{id}”：工作时间或已知期限有改动"), en)];
    }
    lines
}

/// What another roster changes: who comes and goes, who has other jobs, which units there are.
#[must_use]
pub fn roster(old: &Roster, new: &Roster) -> Vec<Text> {
    let mut lines = members(&old.units, &new.units, |unit| &unit.title, &text("单位", "the unit"));
    lines.extend(members(&old.people, &new.people, |person| &person.title, &text("人员", "the person")));
    if lines.is_empty() && old != new {
        lines.push(text("地点、称谓或数据有改动", "places, titles or figures change"));
    }
    at_most(lines)
}

/// What another duty list changes.
#[must_use]
pub fn duties(old: &DutyList, new: &DutyList) -> Vec<Text> {
    let rows = |list: &DutyList| -> BTreeMap<String, Duty> {
        list.rows.iter().map(|duty| (duty.id.clone(), duty.clone())).collect()
    };
    at_most(members(&rows(old), &rows(new), |duty| &duty.title, &text("职责", "the duty")))
}

/// What is new, what is gone and what is another, in order of id.
fn members<I: Ord + Display, T: PartialEq>(
    old: &BTreeMap<I, T>,
    new: &BTreeMap<I, T>,
    title: impl Fn(&T) -> &Text,
    what: &Text,
) -> Vec<Text> {
    let line = |id: &I, one: &T, zh: &str, en: &str| {
        let title = title(one);
        let en = format!("{} `{id}` ({}) {en}", what.en, title.en);
        text(format!("{}“{}”（{id}）{zh}", what.zh, title.zh), en)
    };
    let ids: BTreeSet<&I> = old.keys().chain(new.keys()).collect();
    let told = ids.into_iter().filter_map(|id| match (old.get(id), new.get(id)) {
        (None, Some(after)) => Some(line(id, after, "新增", "is new")),
        (Some(before), None) => Some(line(id, before, "不再有", "is gone")),
        (Some(before), Some(after)) => (before != after).then(|| line(id, after, "有改动", "changes")),
        (None, None) => None,
    });
    told.collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use paidan_model::duty::{Duty, DutyList};
    use paidan_model::text::Text;

    use super::duties;

    fn list(rows: &[(&str, &str)]) -> DutyList {
        let duty = |(id, basis): &(&str, &str)| Duty {
            id: (*id).into(),
            category: "drain".into(),
            title: Text { zh: "疏通".into(), en: "drains".into() },
            unit: "water".to_string().try_into().unwrap(),
            basis: (*basis).into(),
        };
        DutyList { rows: rows.iter().map(duty).collect() }
    }

    #[test]
    fn new_gone_and_other_duties_are_told() {
        let (old, new) = (list(&[("a", "1"), ("b", "1")]), list(&[("b", "2"), ("c", "1")]));
        let told: Vec<_> = duties(&old, &new).into_iter().map(|line| line.en).collect();
        let wanted = [
            "the duty `a` (drains) is gone",
            "the duty `b` (drains) changes",
            "the duty `c` (drains) is new",
        ];
        assert_eq!(told, wanted);
        assert!(duties(&new, &new).is_empty());
        assert!(super::calendars(&BTreeMap::new(), &BTreeMap::new()).is_empty());
    }
}
