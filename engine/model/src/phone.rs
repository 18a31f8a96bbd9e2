//! Telephone numbers of mainland China: one number has one spelling, however people write it.

use alloc::format;
use alloc::string::String;

/// A number as it is kept, such as `+8613812345678` or `+8651288886666`; nothing when it is none: a
/// mobile number has 11 digits, a landline its area code.
#[must_use]
pub fn normal(text: &str) -> Option<String> {
    let typed = typed(text)?;
    let (abroad, digits) = match typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")) {
        Some(rest) => (true, rest.strip_prefix("86")?),
        // Some programs leave the plus out.
        None if typed.len() == 13 => (false, typed.strip_prefix("86")?),
        None => (false, typed.as_str()),
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    if is_mobile(digits) {
        return Some(format!("+86{digits}"));
    }
    let landline = match digits.strip_prefix('0') {
        Some(rest) => rest,
        None if abroad => digits,
        None => return None,
    };
    is_landline(landline).then(|| format!("+86{landline}"))
}

/// A kept number as people read it: `138 1234 5678` or `0512-88886666`.
#[must_use]
pub fn spoken(kept: &str) -> String {
    let Some(digits) = kept.strip_prefix("+86") else { return kept.into() };
    let parts = if is_mobile(digits) {
        digits.get(..3).zip(digits.get(3..7)).zip(digits.get(7..)).map(|((a, b), c)| format!("{a} {b} {c}"))
    } else {
        digits.split_at_checked(area_digits(digits)).map(|(area, number)| format!("0{area}-{number}"))
    };
    parts.unwrap_or_else(|| kept.into())
}

/// The digits that were typed, with a plus in front if there was one. Input methods write wide
/// digits; people part them as they like.
fn typed(text: &str) -> Option<String> {
    let mut found = String::new();
    for typed in text.chars() {
        let narrow = match typed {
            '\u{ff10}'..='\u{ff19}' | '\u{ff0b}' => char::from_u32(u32::from(typed).checked_sub(0xFEE0)?)?,
            other => other,
        };
        match narrow {
            ' ' | '\u{a0}' | '\u{3000}' | '-' | '\u{ff0d}' | '–' | '—' | '(' | ')' | '\u{ff08}'
            | '\u{ff09}' => {}
            '0'..='9' => found.push(narrow),
            '+' if found.is_empty() => found.push(narrow),
            _ => return None,
        }
    }
    Some(found)
}

/// Eleven digits, the first 1 and the second 3 to 9.
fn is_mobile(digits: &str) -> bool {
    let second = digits.as_bytes().get(1);
    digits.len() == 11 && digits.starts_with('1') && second.is_some_and(|digit| matches!(digit, b'3'..=b'9'))
}

/// How many digits the area code has without its zero: two in the largest cities, else three.
fn area_digits(digits: &str) -> usize {
    if digits.starts_with("10") || digits.starts_with('2') { 2 } else { 3 }
}

/// An area code without its zero and seven or eight digits, eight in the largest cities.
fn is_landline(digits: &str) -> bool {
    let Some((area, number)) = digits.split_at_checked(area_digits(digits)) else { return false };
    let short = area.len() == 3 && number.len() == 7;
    let known = area == "10" || area.bytes().next().is_some_and(|digit| matches!(digit, b'2'..=b'9'));
    known
        && (short || number.len() == 8)
        && number.bytes().next().is_some_and(|digit| matches!(digit, b'2'..=b'8'))
}

#[cfg(test)]
mod tests {
    use super::{normal, spoken};

    #[test]
    fn one_mobile_number_has_one_spelling() {
        let written = [
            "13812345678",
            "138 1234 5678",
            "138-1234-5678",
            "+86 138 1234 5678",
            "0086 13812345678",
            "8613812345678",
            "+86-13812345678",
            "(+86)13812345678",
            "１３８１２３４５６７８",
            "＋86 13812345678",
        ];
        for text in written {
            assert_eq!(normal(text).as_deref(), Some("+8613812345678"), "{text}");
        }
        assert_eq!(spoken("+8613812345678"), "138 1234 5678");
    }

    #[test]
    fn one_landline_has_one_spelling() {
        let county = ["0512-88886666", "(0512)88886666", "+86 512 8888 6666", "+86 0512 88886666"];
        for text in county {
            assert_eq!(normal(text).as_deref(), Some("+8651288886666"), "{text}");
        }
        assert_eq!(spoken("+8651288886666"), "0512-88886666");
        assert_eq!(normal("010-65001234").as_deref(), Some("+861065001234"));
        assert_eq!(spoken("+861065001234"), "010-65001234");
        assert_eq!(normal("0915 3212345").as_deref(), Some("+869153212345"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let wrong = [
            "",
            "12345",
            "1381234567",
            "138123456789",
            "12812345678",
            "88886666",
            "512 88886666",
            "+1 212 555 0100",
            "010-1234567",
            "0512-08886666",
            "13812345678x",
            "138+12345678",
            "021-6500123",
            "0112345678",
        ];
        for text in wrong {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
