//! Durations that cannot be read: what was most likely meant, and else what can be written.

use paidan_model::span::{Span, SpanError};

use crate::finding::nearest;

/// Kinds of time, as people write them, and the word of the language.
const KINDS: [(&str, &str); 5] = [
    ("business", "business"),
    ("calendar", "calendar"),
    ("real", "real"),
    ("work", "business"),
    ("working", "business"),
];

/// Units, as people write them, and the word of the language; `m` is a minute to some and a month to others.
const UNITS: [(&str, &str); 25] = [
    ("d", "day"),
    ("day", "day"),
    ("days", "day"),
    ("h", "hour"),
    ("hour", "hour"),
    ("hours", "hour"),
    ("hr", "hour"),
    ("hrs", "hour"),
    ("min", "minute"),
    ("mins", "minute"),
    ("minute", "minute"),
    ("minutes", "minute"),
    ("mo", "month"),
    ("mon", "month"),
    ("month", "month"),
    ("months", "month"),
    ("s", "second"),
    ("sec", "second"),
    ("second", "second"),
    ("seconds", "second"),
    ("secs", "second"),
    ("y", "year"),
    ("year", "year"),
    ("years", "year"),
    ("yr", "year"),
];

/// A word of help for a text that is no duration.
pub fn help(text: &str, error: &SpanError) -> String {
    let example = "write for example `4 business hours`, `15 calendar days` or `30 real minutes`";
    match error {
        SpanError::NoKind(_) => which(text),
        SpanError::UnknownUnit(_) => meant(text).unwrap_or_else(|| {
            "business: minutes, hours, days; calendar: days, months, years; real: seconds, minutes, hours"
                .to_string()
        }),
        SpanError::NotADuration(_) => meant(text).unwrap_or_else(|| example.to_string()),
        SpanError::Zero | SpanError::TooLarge => example.to_string(),
    }
}

/// The duration that differs from a text by a slip of the pen.
fn meant(text: &str) -> Option<String> {
    let (number, rest) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let words: Vec<&str> = rest.split([' ', '_', '-']).filter(|word| !word.is_empty()).collect();
    let wanted = match *words.as_slice() {
        [unit] => choices(number, known(unit, &UNITS)?)?,
        [kind, unit] => {
            let text = format!("{number} {} {}", known(kind, &KINDS)?, known(unit, &UNITS)?);
            format!("`{}`", Span::parse(&text).ok()?)
        }
        _ => return None,
    };
    Some(format!("did you mean {wanted}?"))
}

/// The word of the language for one that people write, or for one that is near it and begins alike.
fn known(word: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    let of = |written: &str| words.iter().find(|(word, _)| *word == written).map(|(_, word)| *word);
    let alike =
        words.iter().map(|(word, _)| *word).filter(|other| other.chars().next() == word.chars().next());
    of(word).or_else(|| of(nearest(word, alike).filter(|_| word.len() > 1)?))
}

/// What a number of a unit without its kind can be.
fn choices(number: &str, unit: &str) -> Option<String> {
    let many = if number == "1" { unit.to_string() } else { format!("{unit}s") };
    let found = match unit {
        "day" => format!("`{number} business {many}` (working days) or `{number} calendar {many}`"),
        "hour" | "minute" => format!(
            "`{number} business {many}` (office hours only) or `{number} real {many}` (by the wall clock)"
        ),
        "month" | "year" => format!("`{number} calendar {many}`"),
        "second" => format!("`{number} real {many}`"),
        _ => return None,
    };
    Some(found)
}

/// Which time a duration may count that does not say it.
fn which(text: &str) -> String {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let unit = unit.trim_end_matches('s');
    let lead = match unit {
        "day" => "say which days: ",
        "hour" | "minute" => "say which time: ",
        _ => "write ",
    };
    let choices = choices(number, unit).map(|choices| format!("{lead}{choices}"));
    choices.unwrap_or_else(|| "say which time it counts: business, calendar or real".to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn helped(text: &str) -> String {
        help(text, &Span::parse(text).unwrap_err())
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let hours =
            "did you mean `4 business hours` (office hours only) or `4 real hours` (by the wall clock)?";
        for text in ["4h", "4hh", "4 h", "4hours", "4-hrs", "4 huors"] {
            assert_eq!(helped(text), hours, "{text}");
        }
        for text in
            ["4 busines hours", "4 business hourss", "4  business hours", "4business hours", "4 work h"]
        {
            assert_eq!(helped(text), "did you mean `4 business hours`?", "{text}");
        }
        assert_eq!(helped("1 calender day"), "did you mean `1 calendar day`?");
        assert_eq!(helped("3mon"), "did you mean `3 calendar months`?");
    }

    #[test]
    fn what_is_not_understood_gets_no_guess() {
        for text in
            ["soon", "", "4m", "4 purple hours", "4 business 小时", "小时", "4 weeks", "4 business weeks"]
        {
            assert!(!helped(text).contains("did you mean"), "{text}: {}", helped(text));
        }
        assert!(helped("4 real months").starts_with("business: "), "{}", helped("4 real months"));
        assert!(helped("2 days").starts_with("say which days: `2 business days`"), "{}", helped("2 days"));
    }
}
