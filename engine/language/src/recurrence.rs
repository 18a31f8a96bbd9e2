//! Recurrences as people write them: the five fields of cron, the same with seconds before them, or `every`.
//!
//! The crate `cron` expands each field into its numbers. Which number means which weekday, what two fields of days
//! mean together, `L` and `D#n` are decided here, and the moments are computed by the model (decision 0034).

use std::collections::BTreeSet;
use std::str::FromStr as _;

use cron::TimeUnitSpec as _;
use paidan_model::moment::{Moment, Zone};
use paidan_model::schedule::{Days, MonthDays, Pace, Schedule, WeekDays};

/// The most bytes of an expression.
pub const EXPRESSION_BYTES_MAX: usize = 200;

/// The names of the week as cron numbers them: 0 is Sunday.
const WEEK: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
/// Short forms of whole expressions.
const SHORT: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// Why a text is no recurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which kind of mistake.
    pub code: Mistake,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// What would help; empty where nothing short does.
    pub help: String,
}

/// The kinds of mistakes, each with a stable name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Neither five nor six fields.
    Fields,
    /// A field that cannot be read, or a number beyond its range.
    Field,
    /// A digit for a weekday beside seconds.
    WeekdayNumber,
    /// A recurrence that never comes.
    Never,
    /// More than [`EXPRESSION_BYTES_MAX`] bytes.
    TooLong,
    /// No form of `every`.
    Every,
}

impl Mistake {
    /// Its stable name.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Fields => "cron_fields",
            Self::Field => "cron_field",
            Self::WeekdayNumber => "cron_weekday_number",
            Self::Never => "cron_never",
            Self::TooLong => "cron_too_long",
            Self::Every => "every_form",
        }
    }
}

/// One field of an expression: what it is called and where the crate `cron` takes it.
#[derive(Clone, Copy)]
enum Field {
    Second,
    Minute,
    Hour,
    DayOfMonth,
    Month,
    Weekday,
}

impl Field {
    fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Second => ("秒", "second, 0 to 59"),
            Self::Minute => ("分", "minute, 0 to 59"),
            Self::Hour => ("时", "hour, 0 to 23"),
            Self::DayOfMonth => ("日", "day of the month, 1 to 31 or L"),
            Self::Month => ("月", "month, 1 to 12 or JAN to DEC"),
            Self::Weekday => ("星期", "weekday, 0 to 7 or SUN to SAT"),
        }
    }

    fn unreadable(self, text: &str, help: &str) -> Unreadable {
        let (zh, en) = self.title();
        Unreadable {
            code: Mistake::Field,
            zh: format!("`{text}`不是合法的“{zh}”字段"),
            en: format!("`{text}` is no field of this kind: {en}"),
            help: help.to_string(),
        }
    }

    /// The numbers that a text names, as the crate `cron` expands it.
    fn numbers(self, text: &str) -> Result<BTreeSet<u8>, Unreadable> {
        let whole = match self {
            Self::Second => format!("{text} * * * * *"),
            Self::Minute => format!("0 {text} * * * *"),
            // The crate counts weekdays from 1, Sunday; as hours they keep the numbers of POSIX.
            Self::Hour | Self::Weekday => format!("0 0 {text} * * *"),
            Self::DayOfMonth => format!("0 0 0 {text} * *"),
            Self::Month => format!("0 0 0 1 {text} *"),
        };
        let read = cron::Schedule::from_str(&whole).map_err(|_| self.unreadable(text, ""))?;
        let found: BTreeSet<u32> = match self {
            Self::Second => read.seconds().iter().collect(),
            Self::Minute => read.minutes().iter().collect(),
            Self::Hour | Self::Weekday => read.hours().iter().collect(),
            Self::DayOfMonth => read.days_of_month().iter().collect(),
            Self::Month => read.months().iter().collect(),
        };
        Ok(found.into_iter().filter_map(|number| u8::try_from(number).ok()).collect())
    }
}

/// Reads an expression of five fields, as POSIX has them, or of six with seconds first.
///
/// # Errors
/// [`Unreadable`]: what is wrong with it.
pub fn cron(text: &str) -> Result<Schedule, Unreadable> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(too_long(text));
    }
    let text = text.trim();
    let text = SHORT.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(text, |(_, long)| long);
    let fields: Vec<&str> = text.split_whitespace().collect();
    match *fields.as_slice() {
        [minute, hour, day, month, weekday] => expression("0", [minute, hour, day, month, weekday]),
        [second, minute, hour, day, month, weekday] => {
            named_weekdays(weekday)?;
            expression(second, [minute, hour, day, month, weekday])
        }
        _ => Err(Unreadable {
            code: Mistake::Fields,
            zh: format!("cron表达式应有5个字段（或加上秒共6个），这里有{}个", fields.len()),
            en: format!(
                "an expression has five fields, or six with seconds first; this one has {}",
                fields.len()
            ),
            help: "write minute, hour, day of the month, month, weekday, for example `0 9 * * 1-5`".into(),
        }),
    }
}

fn too_long(text: &str) -> Unreadable {
    Unreadable {
        code: Mistake::TooLong,
        zh: format!("表达式有{}字节，最多{EXPRESSION_BYTES_MAX}", text.len()),
        en: format!("{} bytes; an expression has at most {EXPRESSION_BYTES_MAX}", text.len()),
        help: String::new(),
    }
}

/// With seconds before them other programs count weekdays from 1 or from 0, so that only names are clear.
fn named_weekdays(text: &str) -> Result<(), Unreadable> {
    let digit = |item: &str| {
        let value = item.split(['/', '#']).next().unwrap_or_default();
        value.contains(|c: char| c.is_ascii_digit())
    };
    if !text.split(',').any(digit) {
        return Ok(());
    }
    Err(Unreadable {
        code: Mistake::WeekdayNumber,
        zh: format!("六个字段的表达式里星期只能写名称，不能写数字：`{text}`"),
        en: format!("beside seconds weekdays are names only, `{text}` has a digit"),
        help: "some programs count from Sunday = 1, others from Sunday = 0: write SUN, MON, TUE, ...".into(),
    })
}

fn expression(second: &str, fields: [&str; 5]) -> Result<Schedule, Unreadable> {
    let [minute, hour, day, month, weekday] = fields;
    let is_step = |field: &str| field.starts_with('*');
    let of_month = if is_any(day) { None } else { Some(month_days(day)?) };
    let of_week = if is_any(weekday) { None } else { Some(week_days(weekday)?) };
    let schedule = Schedule {
        seconds: Field::Second.numbers(second)?,
        minutes: Field::Minute.numbers(minute)?,
        hours: Field::Hour.numbers(hour)?,
        months: Field::Month.numbers(month)?,
        days: match (of_month, of_week) {
            (None, None) => Days::Every,
            (Some(days), None) => Days::OfMonth(days),
            (None, Some(days)) => Days::OfWeek(days),
            (Some(of_month), Some(of_week)) => Days::Either(of_month, of_week),
        },
        pace: if is_step(minute) || is_step(hour) { Pace::Real } else { Pace::Wall },
    };
    comes(schedule, &fields.join(" "))
}

/// A field of days that restricts nothing.
fn is_any(field: &str) -> bool {
    matches!(field, "*" | "?")
}

/// Refuses a recurrence that never comes.
fn comes(schedule: Schedule, text: &str) -> Result<Schedule, Unreadable> {
    if schedule.next_after(Moment::from_millis(0), &Zone::default()).is_some() {
        return Ok(schedule);
    }
    Err(Unreadable {
        code: Mistake::Never,
        zh: format!("`{text}`永远不会到来"),
        en: format!("`{text}` never comes"),
        help: "no month it names has such a day".into(),
    })
}

fn month_days(text: &str) -> Result<MonthDays, Unreadable> {
    let (last, plain): (Vec<&str>, Vec<&str>) =
        text.split(',').partition(|item| item.eq_ignore_ascii_case("l"));
    let numbers = match plain.as_slice() {
        [] => BTreeSet::new(),
        plain => Field::DayOfMonth.numbers(&plain.join(","))?,
    };
    Ok(MonthDays { numbers, last: !last.is_empty() })
}

fn week_days(text: &str) -> Result<WeekDays, Unreadable> {
    let mut found = WeekDays::default();
    for item in text.split(',') {
        match item.split_once('#') {
            Some((day, nth)) => {
                let help = "the nth weekday of a month is a weekday and 1 to 5, for example `MON#1`";
                let wrong = || Field::Weekday.unreadable(item, help);
                let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth)).ok_or_else(wrong)?;
                let days = weekdays(day).ok().filter(|days| days.len() == 1).ok_or_else(wrong)?;
                found.nth.extend(days.into_iter().map(|day| (day, nth)));
            }
            None => found.each.extend(weekdays(item)?),
        }
    }
    Ok(found)
}

/// The weekdays of one item, 0 is Monday.
fn weekdays(item: &str) -> Result<BTreeSet<u8>, Unreadable> {
    let wrong = || Field::Weekday.unreadable(item, "");
    let (days, step) = item.split_once('/').map_or((item, None), |(days, step)| (days, Some(step)));
    let range = match days.split_once('-') {
        Some((first, last)) => {
            let first = weekday_number(first).ok_or_else(wrong)?;
            // At the end of a range Sunday closes the week.
            let last = weekday_number(last).ok_or_else(wrong)?;
            format!("{first}-{}", if last == 0 && first > 0 { 7 } else { last })
        }
        None if is_any(days) => "0-6".to_string(),
        None => {
            let first = weekday_number(days).ok_or_else(wrong)?;
            if step.is_some() { format!("{first}-6") } else { first.to_string() }
        }
    };
    let text = step.map_or(range.clone(), |step| format!("{range}/{step}"));
    let numbers = Field::Weekday.numbers(&text).map_err(|_| wrong())?;
    Ok(numbers.into_iter().map(|day| (day + 6) % 7).collect())
}

/// The number of a weekday as cron counts: 0 and 7 are Sunday.
fn weekday_number(text: &str) -> Option<u8> {
    let name = text.to_ascii_lowercase();
    let named = WEEK.iter().zip(0..).find(|(day, _)| name.len() >= 3 && day.starts_with(&name));
    let number = || text.parse().ok().filter(|number| *number <= 7 && text.len() == 1);
    named.map(|(_, number)| number).or_else(number)
}

/// Reads what stands after `every`: `15 minutes`, `2 hours`, `day 09:00`, `mon,thu 09:00`, `month 1 09:00`,
/// `month last 17:00`, `quarter 1 09:00`, `year 05-01 09:00`.
///
/// # Errors
/// [`Unreadable`]: what is wrong with it.
pub fn every(text: &str) -> Result<Schedule, Unreadable> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(too_long(text));
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let written = match *words.as_slice() {
        ["minute"] => Some("* * * * *".to_string()),
        ["hour"] => Some("0 * * * *".to_string()),
        [count, "minutes"] => part_of(count, 60).map(|count| format!("*/{count} * * * *")),
        [count, "hours"] => part_of(count, 24).map(|count| format!("0 */{count} * * *")),
        ["day", time] => at(time, "* * *"),
        ["month", day, time] => month_day(day).and_then(|day| at(time, &format!("{day} * *"))),
        ["quarter", "last", time] => at(time, "L 3,6,9,12 *"),
        ["quarter", day, time] => month_day(day).and_then(|day| at(time, &format!("{day} 1,4,7,10 *"))),
        ["year", date, time] => {
            month_and_day(date).and_then(|(month, day)| at(time, &format!("{day} {month} *")))
        }
        [days, time] if !days.contains(|c: char| c.is_ascii_digit() || c == '*' || c == '?') => {
            at(time, &format!("* * {days}"))
        }
        _ => None,
    };
    let wrong = || {
        Unreadable {
        code: Mistake::Every,
        zh: format!("`{text}`不是合法的周期"),
        en: format!("`{text}` is no recurrence"),
        help: "write for example `mon 09:00`, `mon-fri 08:30`, `day 09:00`, `month 1 09:00`, `month last 17:00`, \
               `quarter 1 09:00`, `year 05-01 09:00`, `15 minutes` or `2 hours`"
            .into(),
    }
    };
    let written = written.ok_or_else(wrong)?;
    cron(&written).map_err(|error| match error.code {
        Mistake::Never => {
            Unreadable {
                en: format!("`{text}` never comes"), zh: format!("`{text}`永远不会到来"), ..error
            }
        }
        Mistake::Fields | Mistake::Field | Mistake::WeekdayNumber | Mistake::TooLong | Mistake::Every => {
            wrong()
        }
    })
}

/// A count of minutes or hours that divides the hour or the day: others would begin anew with each of them.
fn part_of(count: &str, whole: u32) -> Option<u32> {
    count.parse().ok().filter(|count| (2..whole).contains(count) && whole.is_multiple_of(*count))
}

/// An expression of that time, `hh:mm`, on those days.
fn at(time: &str, days: &str) -> Option<String> {
    let (hour, minute) = time.split_once(':')?;
    let two = |text: &str, most: u8| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| digits && *number <= most)
    };
    Some(format!("{} {} {days}", two(minute, 59)?, two(hour, 23)?))
}

fn month_day(text: &str) -> Option<String> {
    match text {
        "last" => Some("L".into()),
        number => number.parse::<u8>().ok().filter(|day| (1..=31).contains(day)).map(|day| day.to_string()),
    }
}

fn month_and_day(text: &str) -> Option<(u8, u8)> {
    let (month, day) = text.split_once('-')?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((month, day.parse().ok().filter(|day| (1..=31).contains(day))?))
}
