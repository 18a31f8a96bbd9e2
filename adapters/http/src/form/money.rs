//! Money as people write it, in yuan with at most two decimals, and as records hold it, in whole fen.

/// Yuan as whole fen, also with a sign and commas between thousands as pages write them; nothing is ever rounded.
pub fn fen(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().map(narrow).collect();
    let text = text.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim();
    // Ten thousands, as people say sums here.
    if let Some(tens) = text.strip_suffix('万') {
        return fen(tens.trim())?.checked_mul(10_000);
    }
    let text = without_thousands(text)?;
    let text = text.as_str();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse::<i64>().ok().map(|fen| sign * fen)
}

/// A digit or sign of the full width as it is written on a keyboard of the other kind.
fn narrow(letter: char) -> char {
    match letter {
        '０'..='９' | '．' | '，' | '－' => {
            char::from_u32(u32::from(letter).wrapping_sub(0xFEE0)).unwrap_or(letter)
        }
        other => other,
    }
}

/// The same without commas between thousands; nothing when they stand elsewhere.
fn without_thousands(text: &str) -> Option<String> {
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let mut groups = whole.split([',', '，']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let fits = rest.is_empty()
        || (1..=3).contains(&first.trim_start_matches('-').len())
            && rest.iter().all(|group| group.len() == 3);
    let joined = format!("{first}{}", rest.concat());
    fits.then(|| part.map_or_else(|| joined.clone(), |part| format!("{joined}.{part}")))
}

/// Fen as people read them, such as `¥1,234.50`.
pub fn yuan(fen: i64) -> String {
    let whole = (fen.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}¥{grouped}.{:02}", fen.unsigned_abs() % 100)
}

#[cfg(test)]
mod tests {
    use paidan_model::money::yuan as plain;

    use super::{fen, yuan};

    #[test]
    fn yuan_are_fen_without_rounding() {
        assert_eq!(fen("600000"), Some(60_000_000));
        assert_eq!(fen("0.5"), Some(50));
        assert_eq!(fen("-12.34"), Some(-1_234));
        assert_eq!(fen("¥1,200.50"), Some(120_050));
        assert_eq!(fen("5,000"), Some(500_000));
        // As people write sums: with the word, in ten thousands, with the wide keys of a Chinese keyboard.
        assert_eq!(
            (fen("600000元"), fen("60万元"), fen("60万")),
            (Some(60_000_000), Some(60_000_000), Some(60_000_000))
        );
        assert_eq!((fen("1.5万"), fen("６０００．５０")), (Some(1_500_000), Some(600_050)));
        assert_eq!((fen("万"), fen("1.23456万"), fen("9000000000000000万")), (None, None, None));
        for wrong in ["", ".5", "1.234", "1,00", "1,0000", ",100", "1e3", "1.-5", "1.5,0"] {
            assert_eq!(fen(wrong), None, "{wrong}");
        }
        for whole in [0, 7, 99, 100, 123_456_789, -5] {
            assert_eq!(fen(&plain(whole)), Some(whole));
        }
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(yuan(123_456_789), "¥1,234,567.89");
        assert_eq!(yuan(99_900), "¥999.00");
        assert_eq!(yuan(-100_000), "-¥1,000.00");
    }
}
