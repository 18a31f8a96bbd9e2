//! The groups of a record's facts, as they are written.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use paidan_model::clock::Colour;
use paidan_model::id::WorkflowId;
use paidan_model::id::{
    ActionId, ChannelId, FieldId, NoticeId, OutcomeId, RoleId, StateId, UnitId, UnitKind,
};
use paidan_model::moment::Moment;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::short::{Gap, Hash, Key, Term};
use super::value::{Meant, Said};
use crate::fact::Fact;

macro_rules! groups {
    ($($(#[$doc:meta])* $group:ident = $name:literal ($of:ty),)+) => {
        /// Facts of one kind that follow each other; `P` is a fact without a short form.
        pub(super) enum Group<P> {
            $($(#[$doc])* $group($of),)+
            /// A fact without a short form.
            Plain(P),
        }

        impl Serialize for Group<Whole<'_>> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(1))?;
                match self {
                    $(Self::$group(of) => map.serialize_entry($name, of)?,)+
                    Self::Plain(whole) => map.serialize_entry(whole.fact.kind(), whole)?,
                }
                map.end()
            }
        }

        impl<'de> Deserialize<'de> for Group<Named> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Read;
                impl<'de> Visitor<'de> for Read {
                    type Value = Group<Named>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a group of facts")
                    }
                    fn visit_map<A: MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let kind: String =
                            map.next_key()?.ok_or_else(|| A::Error::custom("a group has a name"))?;
                        let found = match kind.as_str() {
                            $($name => Group::$group(map.next_value()?),)+
                            _ => Group::Plain(Named { kind, members: map.next_value()? }),
                        };
                        match map.next_key::<IgnoredAny>()? {
                            None => Ok(found),
                            Some(_) => Err(A::Error::custom("a group has one name")),
                        }
                    }
                }
                deserializer.deserialize_map(Read)
            }
        }

        /// The names of groups, of which no fact has one.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$($name),+];
    };
}

groups! {
    /// What the case was filed under.
    Filed = "filed" (Filed),
    /// Fields that were written, by name.
    Set = "set" (BTreeMap<FieldId, Said>),
    /// Fields that were emptied.
    Clear = "clear" (Vec<FieldId>),
    /// States that were entered.
    In = "in" (Vec<In>),
    /// States that were left.
    Out = "out" (Vec<StateId>),
    /// An action that was taken.
    Did = "did" (Did),
    /// A reason, sealed.
    Why = "why" (Hash),
    /// The case ended with an outcome that is named as its class is.
    End = "end" (OutcomeId),
    /// Messages that were ordered.
    Tell = "tell" (Vec<Tell>),
    /// Clocks that started, with the timers that were armed after all of them.
    Clocks = "clocks" (Vec<Started>),
    /// Timers of clocks that were armed, as they stand to the record's moment.
    Arm = "arm" (Vec<Armed>),
    /// Clocks that ended in time.
    Met = "met" (Vec<Key>),
    /// Clocks that ended late.
    Late = "late" (Vec<Key>),
    /// Clocks that no longer count.
    Void = "void" (Vec<Key>),
}

/// A fact without a short form, to be written.
pub(super) struct Whole<'f> {
    pub fact: &'f Fact,
    pub moment: Moment,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.fact.write_members(self.moment, &mut map)?;
        map.end()
    }
}

/// A fact without a short form, as it was read.
pub(super) struct Named {
    pub kind: String,
    pub members: Map<String, Json>,
}

/// What a case was filed under; the stream is the record's, the channel the door by which it came,
/// unless they are said.
#[derive(Serialize, Deserialize)]
pub(super) struct Filed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Hash>,
    pub under: (WorkflowId, Hash),
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<UnitKind, UnitId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    pub number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
}

/// The items of a list whose last one may be missing.
type Four<A, B, C, D> = (A, B, C, Option<D>);

fn four<'de, D: Deserializer<'de>, A, B, C, E>(from: D) -> Result<Four<A, B, C, E>, D::Error>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: DeserializeOwned,
    E: DeserializeOwned,
{
    struct Read<A, B, C, E>(PhantomData<(A, B, C, E)>);
    impl<'de, A, B, C, E> Visitor<'de> for Read<A, B, C, E>
    where
        A: DeserializeOwned,
        B: DeserializeOwned,
        C: DeserializeOwned,
        E: DeserializeOwned,
    {
        type Value = Four<A, B, C, E>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("three items or four")
        }
        fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
            let few = || S::Error::custom("three items are expected");
            let a = seq.next_element()?.ok_or_else(few)?;
            let b = seq.next_element()?.ok_or_else(few)?;
            let c = seq.next_element()?.ok_or_else(few)?;
            Ok((a, b, c, seq.next_element()?))
        }
    }
    from.deserialize_seq(Read(PhantomData))
}

/// A state that was entered: its name, or more where it was entered at another moment, or from
/// other states than those that the record says were just left.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(super) struct In {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<StateId>>,
    pub state: StateId,
}

impl Serialize for In {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self { at: None, from: None, state } => state.serialize(serializer),
            Self { .. } => Self::serialize(self, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for In {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = In;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a state")
            }
            fn visit_str<E: Error>(self, state: &str) -> Result<In, E> {
                let state = StateId::try_from(String::from(state)).map_err(E::custom)?;
                Ok(In { at: None, from: None, state })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<In, A::Error> {
                In::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// An action that was taken: by itself, or with the state and the alternative.
pub(super) enum Did {
    Alone(ActionId),
    At(ActionId, StateId, u32),
}

impl Serialize for Did {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Alone(action) => action.serialize(serializer),
            Self::At(action, state, way) => (action, state, way).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Did {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Did;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an action")
            }
            fn visit_str<E: Error>(self, action: &str) -> Result<Did, E> {
                ActionId::try_from(String::from(action)).map(Did::Alone).map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Did, A::Error> {
                let few = || A::Error::custom("action, state and way are expected");
                let action = seq.next_element()?.ok_or_else(few)?;
                let state = seq.next_element()?.ok_or_else(few)?;
                Ok(Did::At(action, state, seq.next_element()?.ok_or_else(few)?))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// A message that was ordered: notice, role, to whom, and what else there is to say.
pub(super) struct Tell {
    pub notice: NoticeId,
    pub role: RoleId,
    pub to: Vec<Meant>,
    pub more: Option<TellMore>,
}

/// What a message says beyond notice, role and audience.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct TellMore {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Key>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub counted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Gap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<UnitId>,
    /// Absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Gap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip: Option<Colour>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<ChannelId>,
}

impl Serialize for Tell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(&self.notice)?;
        list.serialize_element(&self.role)?;
        self.to.iter().try_for_each(|audience| list.serialize_element(audience))?;
        self.more.iter().try_for_each(|more| list.serialize_element(more))?;
        list.end()
    }
}

/// An item of a message after notice and role.
enum TellItem {
    To(Meant),
    More(TellMore),
}

impl<'de> Deserialize<'de> for TellItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = TellItem;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an audience, or what else there is to say")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<TellItem, E> {
                Ok(TellItem::To(Meant::Person(text.into())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TellItem, A::Error> {
                Meant::deserialize(SeqAccessDeserializer::new(seq)).map(TellItem::To)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TellItem, A::Error> {
                TellMore::deserialize(MapAccessDeserializer::new(map)).map(TellItem::More)
            }
        }
        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Tell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Tell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tell, A::Error> {
                let few = || A::Error::custom("a message has a notice and a role");
                let notice = seq.next_element()?.ok_or_else(few)?;
                let role = seq.next_element()?.ok_or_else(few)?;
                let mut tell = Tell { notice, role, to: Vec::new(), more: None };
                while let Some(item) = seq.next_element()? {
                    match item {
                        TellItem::To(audience) if tell.more.is_none() => tell.to.push(audience),
                        TellItem::To(_) => return Err(A::Error::custom("an audience is late")),
                        TellItem::More(more) => tell.more = Some(more),
                    }
                }
                Ok(tell)
            }
        }
        deserializer.deserialize_seq(Read)
    }
}

/// The timers of one clock, each as it stands to a moment.
#[derive(Default)]
pub(super) struct Ladder {
    /// `b`: it is due. A clock that starts has this one at its due moment without a word.
    pub breach: Option<Gap>,
    /// `r`: its rungs, from the first, none of which comes again.
    pub rungs: Vec<Gap>,
    /// `50`: a warning at a share of its budget; `r3.1`: a rung by itself, and how often it came
    /// before.
    pub others: BTreeMap<String, Gap>,
}

impl Serialize for Ladder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.breach.iter().try_for_each(|gap| map.serialize_entry("b", gap))?;
        if !self.rungs.is_empty() {
            map.serialize_entry("r", &self.rungs)?;
        }
        self.others.iter().try_for_each(|(name, gap)| map.serialize_entry(name, gap))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Ladder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Ladder;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("timers of a clock")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ladder, A::Error> {
                let mut ladder = Ladder::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "b" => ladder.breach = Some(map.next_value()?),
                        "r" => ladder.rungs = map.next_value()?,
                        _ => {
                            ladder.others.insert(name, map.next_value()?);
                        }
                    }
                }
                Ok(ladder)
            }
        }
        deserializer.deserialize_map(Read)
    }
}

/// A clock that started: its budget, its due moment as it stands to the record's, and its timers as
/// they stand to that.
pub(super) struct Started {
    pub clock: Key,
    pub budget: Term,
    pub due: Gap,
    pub ladder: Option<Ladder>,
}

impl Serialize for Started {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { clock, budget, due, ladder } = self;
        match ladder {
            Some(ladder) => (clock, budget, due, ladder).serialize(serializer),
            None => (clock, budget, due).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Started {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (clock, budget, due, ladder) = four(deserializer)?;
        Ok(Self { clock, budget, due, ladder })
    }
}

/// Timers of a clock that were armed, as they stand to the record's moment.
#[derive(Serialize, Deserialize)]
pub(super) struct Armed(pub Key, pub Ladder);
