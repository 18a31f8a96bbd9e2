//! Case numbers: `UNIT-YYYYMMDD-NNNN-C`, read over the telephone, hence the check digit.

/// The number of a case.
#[must_use]
pub fn number(unit: &str, day: &str, serial: u32) -> String {
    let body = format!("{}-{day}-{serial:04}", unit.to_ascii_uppercase());
    let digit = check_digit(&body);
    format!("{body}-{digit}")
}

/// Whether a number's check digit fits the rest.
#[must_use]
pub fn is_number(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(body, digit)| digit == check_digit(body).to_string())
}

/// The check digit of ISO 7064, mod 11,10, over the digits and letters; a letter counts as its place
/// in the alphabet, modulo ten.
#[must_use]
pub fn check_digit(body: &str) -> u32 {
    let values = body.bytes().filter_map(|byte| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A' + 1) % 10),
        _ => None,
    });
    let product = values.fold(10, |product, value| {
        let sum = match (product + value) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the standard.
    #[test]
    fn known_answer() {
        assert_eq!(check_digit("0794"), 5);
    }

    #[test]
    fn one_wrong_digit_is_found() {
        let good = number("jinchen", "20260930", 17);
        assert!(is_number(&good), "{good}");
        for (place, byte) in good.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
            let mut other = good.clone().into_bytes();
            if let Some(slot) = other.get_mut(place) {
                *slot = b'0' + (byte - b'0' + 1) % 10;
            }
            assert!(!is_number(&String::from_utf8_lossy(&other)), "place {place}");
        }
    }
}
