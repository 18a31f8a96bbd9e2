//! Canonical JSON: UTF-8, sorted keys, whole numbers below 2^53, no null. Equal to RFC 8785 for these.

use serde_json::Value;

use crate::fault::Fault;

/// The first whole number that a double cannot tell from its neighbour.
const LARGEST: u64 = 1 << 53;

/// The canonical bytes of a value.
///
/// # Errors
/// [`Fault::Record`] for fractions, null and numbers that are too large.
pub fn bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    check(value)?;
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn check(value: &Value) -> Result<(), Fault> {
    match value {
        Value::Null => Err(Fault::Record("null stands for nothing; leave the key out".into())),
        Value::Number(number) => {
            let fits = number.as_u64().is_some_and(|n| n < LARGEST)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() < LARGEST);
            if fits { Ok(()) } else { Err(Fault::Record(format!("{number} is no whole number below 2^53"))) }
        }
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(map) => map.values().try_for_each(check),
        Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), Fault> {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (n, key) in keys.into_iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                text(key, out)?;
                out.push(b':');
                if let Some(inner) = map.get(key) {
                    write(inner, out)?;
                }
            }
            out.push(b'}');
            Ok(())
        }
        Value::Array(items) => {
            out.push(b'[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
            Ok(())
        }
        Value::String(words) => text(words, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            serde_json::to_writer(out, value).map_err(|error| Fault::Record(error.to_string()))
        }
    }
}

fn text(words: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    serde_json::to_writer(out, words).map_err(|error| Fault::Record(error.to_string()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::json;

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
            prop_assert_eq!(bytes(&value).unwrap(), serde_jcs::to_vec(&value).unwrap());
        }
    }

    /// The other library compares keys with their quotes and by bytes; RFC 8785 wants UTF-16 units of the
    /// keys alone, so the property above keeps to keys of the kind that records have.
    #[test]
    fn keys_are_sorted_by_utf16_units() {
        let value = json!({ "\u{ffff}": 1, "\u{1f600}": 2 });
        assert_eq!(bytes(&value).unwrap(), "{\"\u{1f600}\":2,\"\u{ffff}\":1}".as_bytes());
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for wrong in [json!(null), json!(1.5), json!(1u64 << 53), json!({"a": [null]})] {
            assert!(bytes(&wrong).is_err(), "{wrong}");
        }
    }
}
