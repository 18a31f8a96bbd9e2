//! Short forms of what records name often: hashes, times, clocks, budgets, and who asked.

use alloc::format;
use alloc::string::{String, ToString};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use core::fmt;
use paidan_model::calendar::{Budget, DayKind};
use paidan_model::id::{ClockId, UnitId};
use paidan_model::moment::Moment;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::actor::By;
use crate::fact::ClockKey;

/// A body that is no record of a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoRecord(pub String);

/// Who asked and by which door; the engine is nobody and comes by none.
pub(super) fn asker(by: &By) -> (&str, &str) {
    match by {
        By::Engine => ("", ""),
        By::Person { subject, via, .. } => (subject, via),
    }
}

/// A hash, in hex here and in base64 in records; any other text as it is.
#[derive(Clone, Debug)]
pub(super) struct Hash(pub String);

/// Characters of a SHA-256 in base64 without padding.
const SHORT: usize = 43;
/// What stands before a text that could be taken for a hash in base64, or that begins so.
const AS_IT_IS: char = '=';

/// A hash as records have it.
pub(super) fn shorten(text: &str) -> String {
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match hex::decode(text) {
        Ok(bytes) if lower && text.len() == 64 => STANDARD_NO_PAD.encode(bytes),
        Ok(_) | Err(_) if text.len() == SHORT || text.starts_with(AS_IT_IS) => {
            format!("{AS_IT_IS}{text}")
        }
        Ok(_) | Err(_) => text.into(),
    }
}

/// A hash of a record in hex.
pub(super) fn lengthen(text: &str) -> Result<String, base64::DecodeError> {
    match text.strip_prefix(AS_IT_IS) {
        Some(text) => Ok(text.into()),
        None if text.len() != SHORT => Ok(text.into()),
        None => STANDARD_NO_PAD.decode(text).map(hex::encode),
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&shorten(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lengthen(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

/// Time between two moments: whole seconds as a number, else milliseconds as a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap(i64);

impl Gap {
    /// No time at all.
    pub const NONE: Self = Self(0);

    /// From one moment to another; nothing beyond what can be counted.
    pub fn between(from: Moment, to: Moment) -> Option<Self> {
        to.millis().checked_sub(from.millis()).map(Self)
    }

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    pub fn after(self, from: Moment) -> Moment {
        from.plus_millis(self.0)
    }
}

impl Serialize for Gap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000 == 0 {
            serializer.serialize_i64(self.0 / 1_000)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Gap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Gap;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds, or milliseconds in a text")
            }
            fn visit_i64<E: Error>(self, seconds: i64) -> Result<Gap, E> {
                seconds.checked_mul(1_000).map(Gap).ok_or_else(|| E::custom("too many seconds"))
            }
            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Gap, E> {
                self.visit_i64(i64::try_from(seconds).map_err(E::custom)?)
            }
            fn visit_str<E: Error>(self, millis: &str) -> Result<Gap, E> {
                millis.parse().map(Gap).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// A clock by a text: `clock`, `clock/unit` of a leg, `clock#1` of a claim.
#[derive(Clone, Debug)]
pub(super) struct Key(pub ClockKey);

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ClockKey { clock, leg, claim } = &self.0;
        match (leg, claim) {
            (None, None) => serializer.serialize_str(clock.as_str()),
            (Some(leg), None) => serializer.collect_str(&format_args!("{clock}/{leg}")),
            (None, Some(claim)) => serializer.collect_str(&format_args!("{clock}#{claim}")),
            (Some(leg), Some(claim)) => {
                let key = format!("{clock}/{leg}#{claim}");
                serializer.serialize_str(&key)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (rest, claim) = match text.split_once('#') {
            Some((rest, claim)) => (rest, Some(claim.parse().map_err(D::Error::custom)?)),
            None => (text.as_str(), None),
        };
        let (clock, leg) = match rest.split_once('/') {
            Some((clock, leg)) => {
                let leg = UnitId::try_from(leg.to_string()).map_err(D::Error::custom)?;
                (clock, Some(leg))
            }
            None => (rest, None),
        };
        let clock = ClockId::try_from(clock.to_string()).map_err(D::Error::custom)?;
        Ok(Self(ClockKey { clock, leg, claim }))
    }
}

/// A budget by a text, such as `5wd`; what has been paused or added to as it is.
#[derive(Clone, Debug)]
pub(super) struct Term(pub Budget);

/// The ends of the texts: seconds of business, seconds, working days, calendar days, months.
const UNITS: [&str; 5] = ["b", "s", "wd", "cd", "mo"];

impl Term {
    fn abbreviated(&self) -> Option<String> {
        let [business, real, working, calendar, months] = UNITS;
        let time = |left: u64, of: u64, unit: &str| match left == of {
            true => format!("{left}{unit}"),
            false => format!("{left}/{of}{unit}"),
        };
        match &self.0 {
            Budget::Business { left, of } => Some(time(*left, *of, business)),
            Budget::Real { left, of } => Some(time(*left, *of, real)),
            Budget::Days { kind, count, added: 0, start: None, paused: None } => {
                let unit = match kind {
                    DayKind::Working => working,
                    DayKind::Calendar => calendar,
                    DayKind::Months => months,
                };
                Some(format!("{count}{unit}"))
            }
            Budget::Days { .. } => None,
        }
    }

    fn parse(text: &str) -> Option<Budget> {
        let [business, real, working, calendar, months] = UNITS;
        let at = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (amount, unit) = text.split_at_checked(at)?;
        let (left, of) = amount.split_once('/').unwrap_or((amount, amount));
        let (left, of): (u64, u64) = (left.parse().ok()?, of.parse().ok()?);
        let days = |kind| {
            let count = amount.parse().ok()?;
            Some(Budget::Days { kind, count, added: 0, start: None, paused: None })
        };
        match unit {
            unit if unit == business => Some(Budget::Business { left, of }),
            unit if unit == real => Some(Budget::Real { left, of }),
            unit if unit == working => days(DayKind::Working),
            unit if unit == calendar => days(DayKind::Calendar),
            unit if unit == months => days(DayKind::Months),
            _ => None,
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.abbreviated() {
            Some(text) => serializer.serialize_str(&text),
            None => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Term;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a budget")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Term, E> {
                let wrong = || E::custom(format!("`{text}` is no budget"));
                Term::parse(text).map(Term).ok_or_else(wrong)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Term, A::Error> {
                Budget::deserialize(MapAccessDeserializer::new(map)).map(Term)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// Who asked: `engine`, or a list of subject, door, post, unit and whom it was done for, as far as
/// they are there.
#[derive(Clone, Debug)]
pub(super) struct Who(pub By);

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let By::Person { subject, post, unit, via, instead_of } = &self.0 else {
            return self.0.serialize(serializer);
        };
        match (post, unit, instead_of) {
            (None, None, None) => (subject, via).serialize(serializer),
            (Some(post), Some(unit), None) => (subject, via, post, unit).serialize(serializer),
            (Some(post), Some(unit), Some(away)) => {
                let all = (subject, via, post, unit, away);
                all.serialize(serializer)
            }
            (None, _, _) | (_, None, _) => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Who;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("who asked")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Who, E> {
                match text {
                    "engine" => Ok(Who(By::Engine)),
                    _ => Err(E::custom(format!("`{text}` is nobody"))),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Who, A::Error> {
                let missing = || A::Error::custom("subject and door are missing");
                let subject = seq.next_element()?.ok_or_else(missing)?;
                let via = seq.next_element()?.ok_or_else(missing)?;
                let (post, unit) = (seq.next_element()?, seq.next_element()?);
                Ok(Who(By::Person { subject, via, post, unit, instead_of: seq.next_element()? }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Who, A::Error> {
                By::deserialize(MapAccessDeserializer::new(map)).map(Who)
            }
        }
        deserializer.deserialize_any(Read)
    }
}
