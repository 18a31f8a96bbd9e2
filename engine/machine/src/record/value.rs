//! Short forms of values and of who is meant. Whoever asked is `@`: their id stands in the record
//! once.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use paidan_model::id::{ChoiceId, PostId, UnitId};
use paidan_model::value::{Held, Value};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::short::{NoRecord, lengthen, shorten};
use crate::audience::Audience;

/// What stands before words that begin with a sign.
const WORDS: char = '=';
/// What stands before a commitment.
const SEALED: char = '~';
/// What stands before a person's subject id; alone: whoever asked.
const PERSON: char = '@';
/// What stands before a choice.
const CHOICE: char = ':';

/// A value of a field: numbers, yes and no as they are; words, choices, people and commitments as
/// texts with a sign; any other under the name of its kind.
pub(super) enum Said {
    Int(i64),
    Bool(bool),
    Text(String),
    Value(Value),
}

impl Said {
    pub fn new(held: &Held, asker: &str) -> Self {
        let value = match held {
            Held::Sealed(commitment) => {
                return Self::Text(format!("{SEALED}{}", shorten(commitment)));
            }
            Held::Open(value) => value,
        };
        match value {
            Value::Int(number) => Self::Int(*number),
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Text(words) if words.starts_with([WORDS, SEALED, PERSON, CHOICE]) => {
                Self::Text(format!("{WORDS}{words}"))
            }
            Value::Text(words) => Self::Text(words.clone()),
            Value::Choice(choice) => Self::Text(format!("{CHOICE}{choice}")),
            Value::Person(subject) if subject == asker => Self::Text(PERSON.into()),
            Value::Person(other) if !other.is_empty() => Self::Text(format!("{PERSON}{other}")),
            Value::Person(_)
            | Value::Choices(_)
            | Value::Date(_)
            | Value::Moment(_)
            | Value::Unit(_)
            | Value::Units(_)
            | Value::Place(_)
            | Value::Files(_)
            | Value::Money(_)
            | Value::Area(_)
            | Value::Case(_)
            | Value::Roster(_)
            | Value::Table(_) => Self::Value(value.clone()),
        }
    }

    pub fn held(self, asker: &str) -> Result<Held, NoRecord> {
        let text = match self {
            Self::Int(number) => return Ok(Held::Open(Value::Int(number))),
            Self::Bool(yes) => return Ok(Held::Open(Value::Bool(yes))),
            Self::Value(value) => return Ok(Held::Open(value)),
            Self::Text(text) => text,
        };
        let mut rest = text.chars();
        let sign = rest.next();
        let rest = rest.as_str();
        let wrong = |why: &dyn fmt::Display| NoRecord(why.to_string());
        match sign {
            Some(WORDS) => Ok(Held::Open(Value::Text(rest.into()))),
            Some(SEALED) => lengthen(rest).map(Held::Sealed).map_err(|error| wrong(&error)),
            Some(PERSON) if rest.is_empty() => Ok(Held::Open(Value::Person(asker.into()))),
            Some(PERSON) => Ok(Held::Open(Value::Person(rest.into()))),
            Some(CHOICE) => {
                let choice = ChoiceId::try_from(rest.to_string()).map_err(|error| wrong(&error))?;
                Ok(Held::Open(Value::Choice(choice)))
            }
            Some(_) | None => Ok(Held::Open(Value::Text(text))),
        }
    }
}

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Said;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_bool<E: Error>(self, yes: bool) -> Result<Said, E> {
                Ok(Said::Bool(yes))
            }
            fn visit_i64<E: Error>(self, number: i64) -> Result<Said, E> {
                Ok(Said::Int(number))
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<Said, E> {
                i64::try_from(number).map(Said::Int).map_err(E::custom)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Said, E> {
                Ok(Said::Text(text.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Said, A::Error> {
                Value::deserialize(MapAccessDeserializer::new(map)).map(Said::Value)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// Who is meant: a person by a text, all others by a list: a post and its unit, a unit alone, a
/// post and an empty text for any unit, a person and the posts in which they were named.
pub(super) enum Meant {
    Person(String),
    Post(PostId, UnitId),
    Unit(UnitId),
    Agent(String, BTreeSet<PostId>),
    Anywhere(PostId),
}

impl Meant {
    pub fn new(audience: &Audience, asker: &str) -> Self {
        match audience {
            Audience::Person(subject) if subject == asker => Self::Person(PERSON.into()),
            Audience::Person(subject) if subject.starts_with(PERSON) => {
                Self::Person(format!("{PERSON}{subject}"))
            }
            Audience::Person(subject) => Self::Person(subject.clone()),
            Audience::Post { post, unit } => Self::Post(post.clone(), unit.clone()),
            Audience::Unit(unit) => Self::Unit(unit.clone()),
            Audience::Agent { person, posts } => Self::Agent(person.clone(), posts.clone()),
            Audience::Anywhere(post) => Self::Anywhere(post.clone()),
        }
    }

    pub fn audience(self, asker: &str) -> Audience {
        match self {
            Self::Person(text) => Audience::Person(match text.strip_prefix(PERSON) {
                Some("") => asker.into(),
                Some(subject) => subject.into(),
                None => text,
            }),
            Self::Post(post, unit) => Audience::Post { post, unit },
            Self::Unit(unit) => Audience::Unit(unit),
            Self::Agent(person, posts) => Audience::Agent { person, posts },
            Self::Anywhere(post) => Audience::Anywhere(post),
        }
    }
}

impl Serialize for Meant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Person(text) => serializer.serialize_str(text),
            Self::Post(post, unit) => (post, unit).serialize(serializer),
            Self::Unit(unit) => (unit,).serialize(serializer),
            Self::Agent(person, posts) => (person, posts).serialize(serializer),
            Self::Anywhere(post) => (post, "").serialize(serializer),
        }
    }
}

/// The second item of such a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Second {
    Text(String),
    Posts(Vec<PostId>),
}

impl<'de> Deserialize<'de> for Meant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Meant;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an audience")
            }
            fn visit_str<E: Error>(self, subject: &str) -> Result<Meant, E> {
                Ok(Meant::Person(subject.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Meant, A::Error> {
                let first: Option<String> = seq.next_element()?;
                let first = first.ok_or_else(|| A::Error::custom("nobody is meant"))?;
                let unit = |text| UnitId::try_from(text).map_err(A::Error::custom);
                let post = |text| PostId::try_from(text).map_err(A::Error::custom);
                Ok(match seq.next_element()? {
                    None => Meant::Unit(unit(first)?),
                    Some(Second::Posts(posts)) => Meant::Agent(first, posts.into_iter().collect()),
                    Some(Second::Text(text)) if text.is_empty() => Meant::Anywhere(post(first)?),
                    Some(Second::Text(text)) => Meant::Post(post(first)?, unit(text)?),
                })
            }
        }
        deserializer.deserialize_any(Read)
    }
}
