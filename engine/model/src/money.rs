//! Money in words: records hold whole fen, people read yuan.

use alloc::format;
use alloc::string::String;

/// Fen as yuan with two decimals and without a sign of the currency, such as `1234.50`.
#[must_use]
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}
