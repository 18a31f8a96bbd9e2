//! A clock as a strip of days: the hours that count are dark, nights and days off are not, and lines mark where it
//! started, where it stands, where it is due, and where a clock on the wall would have ended.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::clock::Clock;
use paidan_model::calendar::Calendar;
use paidan_model::moment::{Date, Moment};
use paidan_model::text::Tongue;

use crate::arithmetic::wall;

/// Days that are drawn; a longer clock shows its first ones.
const DAYS_MAX: usize = 31;
/// The width of the picture, in its own units.
const WIDTH: i64 = 378;
const TOP: i64 = 18;
const HEIGHT: i64 = 34;
const MINUTES: i64 = 1_440;

const GREY: &str = "#8a97a6";
const BLUE: &str = "#1f4e8c";
const RED: &str = "#a51d1d";
const INK: &str = "#1d2733";

struct Days<'c> {
    calendar: &'c Calendar,
    days: Vec<Date>,
}

impl Days<'_> {
    fn column(&self) -> i64 {
        WIDTH / i64::try_from(self.days.len().max(1)).unwrap_or(1)
    }

    /// Where a minute of a day lies.
    fn x(&self, nth: usize, minute: i64) -> i64 {
        i64::try_from(nth).unwrap_or(0) * self.column() + minute * self.column() / MINUTES
    }

    /// Where a moment lies, if its day is drawn.
    fn place(&self, at: Moment) -> Option<i64> {
        let day = at.local(self.calendar.zone()).date();
        let nth = self.days.iter().position(|drawn| *drawn == day)?;
        Some(self.x(nth, i64::from(at.minute_of_day(self.calendar.zone()))))
    }
}

/// The strip, as SVG that needs no script and no style of the page.
#[must_use]
pub fn strip(calendar: &Calendar, clock: &Clock, now: Moment, tongue: Tongue) -> String {
    let zone = calendar.zone();
    let first = clock.from.local(zone).date();
    let last = clock.due.max(now.min(clock.due)).local(zone).date();
    let days = first.iter_days().take(DAYS_MAX).take_while(|day| *day <= last).collect();
    let days = Days { calendar, days };
    let says = describe(clock, calendar, tongue);
    let mut out = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{says}\"><title>{says}</title>",
        TOP + HEIGHT + 4
    );
    for (nth, day) in days.days.iter().enumerate() {
        column(&days, nth, *day, &mut out);
    }
    let wall = wall(clock).filter(|wall| *wall < clock.due);
    let marks = [
        (Some(clock.from), BLUE, ""),
        (wall, GREY, "6 4"),
        (Some(now).filter(|now| *now < clock.due), INK, "2 2"),
        (Some(clock.due), RED, ""),
    ];
    for (at, colour, dashes) in marks {
        if let Some(x) = at.and_then(|at| days.place(at)) {
            out.push_str(&format!(
                "<path d=\"M{x} {}V{}\" stroke=\"{colour}\" stroke-width=\"3\" stroke-dasharray=\"{dashes}\"/>",
                TOP - 4,
                TOP + HEIGHT + 4
            ));
        }
    }
    out.push_str("</svg>");
    out
}

fn column(days: &Days<'_>, nth: usize, day: Date, out: &mut String) {
    let (x, width) = (days.x(nth, 0), days.column());
    out.push_str(&format!(
        "<rect x=\"{x}\" y=\"{TOP}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"#eef1f4\" stroke=\"#d5dce4\"/>"
    ));
    for window in days.calendar.opens_on(day) {
        let (open, close) = (days.x(nth, i64::from(window.open)), days.x(nth, i64::from(window.close)));
        out.push_str(&format!(
            "<rect x=\"{open}\" y=\"{TOP}\" width=\"{}\" height=\"{HEIGHT}\" fill=\"#9fc1e8\"/>",
            (close - open).max(1)
        ));
    }
    if width >= 36 {
        let label = day.format("%m-%d").to_string();
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"12\" text-anchor=\"middle\" fill=\"#5b6876\">{label}</text>",
            x + width / 2,
            TOP - 6
        ));
    }
}

/// The strip in words, for whoever cannot see it.
fn describe(clock: &Clock, calendar: &Calendar, tongue: Tongue) -> String {
    let zone = calendar.zone();
    let (from, due) = (clock.from.local_text(zone), clock.due.local_text(zone));
    let wall = wall(clock).filter(|wall| *wall < clock.due).map(|wall| wall.local_text(zone));
    match (tongue, wall) {
        (Tongue::Zh, Some(wall)) => format!("{from} 开始，{due} 到期；墙上的钟 {wall} 就到了"),
        (Tongue::Zh, None) => format!("{from} 开始，{due} 到期"),
        (Tongue::En, Some(wall)) => {
            format!("from {from}, due {due}; a clock on the wall would have ended {wall}")
        }
        (Tongue::En, None) => format!("from {from}, due {due}"),
    }
}
