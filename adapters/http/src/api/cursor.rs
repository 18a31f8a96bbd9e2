//! Where a page of a list goes on.

use paidan_runtime::After;

use crate::problem::{Api, Code, Problem};

/// Where a next page goes on.
pub fn mark(due: i64, key: &str) -> String {
    hex::encode(format!("{due}|{key}"))
}

/// Where a page goes on.
///
/// # Errors
/// When it is not what a page before said.
pub fn cursor(text: &str) -> Result<After, Api> {
    let wrong = || Problem::of(Code::Malformed).because("`after` is the `next` of the page before");
    let bytes = hex::decode(text).map_err(|_| wrong())?;
    let plain = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (due, key) = plain.split_once('|').ok_or_else(wrong)?;
    Ok(After { due: due.parse().map_err(|_| wrong())?, key: key.to_string() })
}
