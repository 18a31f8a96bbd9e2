//! Canonical JSON: UTF-8, sorted keys, whole numbers below 2^53, no null. Equal to RFC 8785 for these.
//!
//! Bytes come straight from typed values. Members of an object are written where they come up; only
//! an object whose members did not come up in order of name is put in order, once it is whole.

use std::fmt::Display;

use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};

use crate::fault::Fault;

/// The first whole number that a double cannot tell from its neighbour.
const LARGEST: u64 = 1 << 53;

/// The canonical bytes of a value.
///
/// # Errors
/// [`Fault::Record`] for fractions, null, numbers that are too large, and a key that comes twice.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(256);
    value.serialize(Writer { out: &mut out }).map_err(|NotCanonical(why)| Fault::Record(why))?;
    Ok(out)
}

/// Why a value has no canonical form.
#[derive(Debug)]
struct NotCanonical(String);

impl Display for NotCanonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotCanonical {}

impl serde::ser::Error for NotCanonical {
    fn custom<T: Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

type Written = Result<(), NotCanonical>;

/// Writes one value at the end of what is there.
struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

impl Writer<'_> {
    fn whole(self, text: &str, size: u64) -> Written {
        if size >= LARGEST {
            return Err(NotCanonical(format!("{text} is no whole number below 2^53")));
        }
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn nothing() -> Written {
        Err(NotCanonical("null stands for nothing; leave the key out".into()))
    }

    fn fraction(number: f64) -> Written {
        Err(NotCanonical(format!("{number} is no whole number below 2^53")))
    }
}

fn text(words: &str, out: &mut Vec<u8>) -> Written {
    serde_json::to_writer(out, words).map_err(NotCanonical::custom)
}

macro_rules! whole {
    ($($name:ident: $number:ty),+) => { $(
        fn $name(self, number: $number) -> Written {
            let number = i128::from(number);
            let size = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
            self.whole(&number.to_string(), size)
        }
    )+ };
}

impl<'o> Serializer for Writer<'o> {
    type Ok = ();
    type Error = NotCanonical;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Items<'o>;
    type SerializeTupleVariant = Items<'o>;
    type SerializeMap = Members<'o>;
    type SerializeStruct = Members<'o>;
    type SerializeStructVariant = Members<'o>;

    whole!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    whole!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, yes: bool) -> Written {
        self.out.extend_from_slice(if yes { b"true" } else { b"false" });
        Ok(())
    }
    fn serialize_f32(self, number: f32) -> Written {
        Self::fraction(number.into())
    }
    fn serialize_f64(self, number: f64) -> Written {
        Self::fraction(number)
    }
    fn serialize_char(self, letter: char) -> Written {
        text(letter.encode_utf8(&mut [0; 4]), self.out)
    }
    fn serialize_str(self, words: &str) -> Written {
        text(words, self.out)
    }
    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        let mut items = self.serialize_seq(None)?;
        bytes.iter().try_for_each(|byte| SerializeSeq::serialize_element(&mut items, byte))?;
        SerializeSeq::end(items)
    }
    fn serialize_none(self) -> Written {
        Self::nothing()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Written {
        Self::nothing()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Self::nothing()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        text(variant, self.out)
    }
    fn serialize_newtype_struct<T>(self, _: &'static str, value: &T) -> Written
    where
        T: Serialize + ?Sized,
    {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.out.push(b'{');
        text(variant, self.out)?;
        self.out.push(b':');
        value.serialize(Writer { out: &mut *self.out })?;
        self.out.push(b'}');
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, NotCanonical> {
        Ok(Items::begin(self.out, ""))
    }
    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, NotCanonical> {
        Ok(Items::begin(self.out, ""))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, NotCanonical> {
        Ok(Items::begin(self.out, ""))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'o>, NotCanonical> {
        self.out.push(b'{');
        text(variant, self.out)?;
        self.out.push(b':');
        Ok(Items::begin(self.out, "}"))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Members<'o>, NotCanonical> {
        Ok(Members::begin(self.out, ""))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'o>, NotCanonical> {
        Ok(Members::begin(self.out, ""))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'o>, NotCanonical> {
        self.out.push(b'{');
        text(variant, self.out)?;
        self.out.push(b':');
        Ok(Members::begin(self.out, "}"))
    }
}

/// An array under way.
struct Items<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
    /// What closes the variant around it.
    after: &'static str,
}

impl<'o> Items<'o> {
    fn begin(out: &'o mut Vec<u8>, after: &'static str) -> Self {
        out.push(b'[');
        Self { out, first: true, after }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        value.serialize(Writer { out: &mut *self.out })
    }

    fn close(self) -> Written {
        self.out.push(b']');
        self.out.extend_from_slice(self.after.as_bytes());
        Ok(())
    }
}

macro_rules! items {
    ($($room:ident: $name:ident),+) => { $(
        impl $room for Items<'_> {
            type Ok = ();
            type Error = NotCanonical;
            fn $name<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.item(value)
            }
            fn end(self) -> Written {
                self.close()
            }
        }
    )+ };
}

items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

/// Where a member of an object stands in the bytes.
struct Place {
    start: usize,
    key_end: usize,
    end: usize,
}

/// An object under way.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    /// Where its first member begins.
    start: usize,
    places: Vec<Place>,
    /// Whether each key so far comes after the one before it.
    ordered: bool,
    after: &'static str,
}

/// The part of the bytes from one place to another.
fn part(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to).unwrap_or_default()
}

/// The UTF-16 units of a key as it was written, quotes and all: RFC 8785 sorts by these.
fn units(key: &[u8]) -> Vec<u16> {
    let words: String = serde_json::from_slice(key).unwrap_or_default();
    words.encode_utf16().collect()
}

fn compare(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let inner = |key: &'_ [u8]| key.len().saturating_sub(1);
    let plain = |key: &[u8]| key.iter().all(|byte| byte.is_ascii() && *byte != b'\\');
    if plain(a) && plain(b) {
        part(a, 1, inner(a)).cmp(part(b, 1, inner(b)))
    } else {
        units(a).cmp(&units(b))
    }
}

impl<'o> Members<'o> {
    fn begin(out: &'o mut Vec<u8>, after: &'static str) -> Self {
        out.push(b'{');
        let start = out.len();
        Self { out, start, places: Vec::with_capacity(8), ordered: true, after }
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        if !self.places.is_empty() {
            self.out.push(b',');
        }
        let start = self.out.len();
        key.serialize(Writer { out: &mut *self.out })?;
        // A number as a key is a text.
        if self.out.get(start).is_some_and(u8::is_ascii_digit) {
            self.out.insert(start, b'"');
            self.out.push(b'"');
        }
        let key_end = self.out.len();
        if self.out.get(start) != Some(&b'"') {
            return Err(NotCanonical("a key is a text".into()));
        }
        if let Some(last) = self.places.last() {
            let before = part(self.out, last.start, last.key_end);
            self.ordered &= compare(before, part(self.out, start, key_end)).is_lt();
        }
        self.out.push(b':');
        self.places.push(Place { start, key_end, end: key_end });
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(Writer { out: &mut *self.out })?;
        if let Some(last) = self.places.last_mut() {
            last.end = self.out.len();
        }
        Ok(())
    }

    /// Puts the members in order of their keys.
    fn sort(&mut self) -> Written {
        let out = &*self.out;
        let key = |place: &Place| part(out, place.start, place.key_end);
        self.places.sort_by(|a, b| compare(key(a), key(b)));
        let mut sorted = Vec::with_capacity(out.len() - self.start);
        for (n, place) in self.places.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| self.places.get(n));
            if before.is_some_and(|before| compare(key(before), key(place)).is_eq()) {
                let twice = String::from_utf8_lossy(key(place));
                return Err(NotCanonical(format!("{twice} comes twice in one object")));
            }
            if n > 0 {
                sorted.push(b',');
            }
            sorted.extend_from_slice(part(out, place.start, place.end));
        }
        self.out.truncate(self.start);
        self.out.extend_from_slice(&sorted);
        Ok(())
    }

    fn close(mut self) -> Written {
        if !self.ordered {
            self.sort()?;
        }
        self.out.push(b'}');
        self.out.extend_from_slice(self.after.as_bytes());
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = NotCanonical;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.key(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.value(value)
    }
    fn end(self) -> Written {
        self.close()
    }
}

macro_rules! members {
    ($($room:ident),+) => { $(
        impl $room for Members<'_> {
            type Ok = ();
            type Error = NotCanonical;
            fn serialize_field<T>(&mut self, key: &'static str, value: &T) -> Written
            where
                T: Serialize + ?Sized,
            {
                self.key(key)?;
                self.value(value)
            }
            fn end(self) -> Written {
                self.close()
            }
        }
    )+ };
}

members!(SerializeStruct, SerializeStructVariant);

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-(1i64 << 53) + 1..1i64 << 53).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_to_another_library(value in values()) {
            prop_assert_eq!(to_vec(&value).unwrap(), serde_jcs::to_vec(&value).unwrap());
        }
    }

    /// The other library compares keys with their quotes and by bytes; RFC 8785 wants UTF-16 units of the
    /// keys alone, so the property above keeps to keys of the kind that records have.
    #[test]
    fn keys_are_sorted_by_utf16_units() {
        let value = json!({ "\u{ffff}": 1, "\u{1f600}": 2 });
        assert_eq!(to_vec(&value).unwrap(), "{\"\u{1f600}\":2,\"\u{ffff}\":1}".as_bytes());
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for wrong in [json!(null), json!(1.5), json!(1u64 << 53), json!({"a": [null]})] {
            assert!(to_vec(&wrong).is_err(), "{wrong}");
        }
    }

    /// A type whose members do not come up in order of name, in every shape that serde knows.
    #[derive(Serialize)]
    struct Unordered {
        z: Vec<Shape>,
        a: std::collections::BTreeMap<u32, char>,
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, i64>,
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(i64),
        Tuple(i64, bool),
        Struct { b: (u8, i8), a: &'static str },
    }

    #[test]
    fn typed_values_give_the_bytes_of_their_trees() {
        let value = Unordered {
            z: vec![
                Shape::Unit,
                Shape::New(-4),
                Shape::Tuple(1, true),
                Shape::Struct { b: (1, -1), a: "\n" },
            ],
            a: [(7, 'x'), (10, '\u{1f600}')].into(),
            rest: [("m".to_string(), 3)].into(),
        };
        let tree = serde_json::to_value(&value).unwrap();
        assert_eq!(to_vec(&value).unwrap(), to_vec(&tree).unwrap());
        assert_eq!(to_vec(&tree).unwrap(), serde_jcs::to_vec(&tree).unwrap());
    }

    #[test]
    fn a_key_that_comes_twice_is_refused() {
        #[derive(Serialize)]
        struct Twice {
            a: u8,
            #[serde(flatten)]
            rest: std::collections::BTreeMap<&'static str, u8>,
        }
        assert!(to_vec(&Twice { a: 1, rest: [("a", 2)].into() }).is_err());
    }
}
