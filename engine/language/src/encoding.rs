//! Encodings: TOML is UTF-8; a file in another encoding is named as such, with the offset of its first wrong byte.

/// Why bytes are no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The encoding they seem to have, if it is a known one.
    pub encoding: Option<&'static str>,
    /// The first byte that is wrong in UTF-8, from 0.
    pub offset: usize,
}

/// The text of bytes.
///
/// # Errors
/// The first byte that UTF-8 does not have there.
pub fn decode(bytes: &[u8]) -> Result<&str, Wrong> {
    // Text in UTF-16 that is all ASCII is UTF-8 too, with a zero in every other byte.
    if let Some(offset) = zero_in_utf16(bytes) {
        return Err(Wrong { encoding: Some("UTF-16"), offset });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
        let encoding = match marked {
            true => Some("UTF-16"),
            false => is_gb18030(bytes).then_some("GB18030"),
        };
        Wrong { encoding, offset }
    })
}

/// The first zero of bytes that have one in at least every fourth place.
fn zero_in_utf16(bytes: &[u8]) -> Option<usize> {
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    let first = bytes.iter().position(|byte| *byte == 0)?;
    let marked = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    (!marked && zeros >= bytes.len() / 4).then_some(first)
}

/// Whether every byte can be read as GB18030 (GBK and GB2312 are part of it).
fn is_gb18030(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [0x00..=0x7F, more @ ..] => more,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, more @ ..] => more,
            [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, more @ ..] => more,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Wrong, decode};

    #[test]
    fn the_first_wrong_byte_is_named() {
        let wrong = |encoding, offset| Err(Wrong { encoding, offset });
        assert_eq!(decode("zh = \"例\"".as_bytes()), Ok("zh = \"例\""));
        // 例 in GB18030.
        assert_eq!(decode(b"zh = \"\xC0\xFD\""), wrong(Some("GB18030"), 6));
        assert_eq!(decode(b"\xFF\xFEz\0h\0"), wrong(Some("UTF-16"), 0));
        assert_eq!(decode(b"\xFE\xFF\0z\0h"), wrong(Some("UTF-16"), 0));
        assert_eq!(decode(b"z\0h\0 \0=\0"), wrong(Some("UTF-16"), 1));
        assert_eq!(decode(b"\0z\0h\0 \0="), wrong(Some("UTF-16"), 0));
        assert_eq!(decode(b"zh = \"\xC0\""), wrong(None, 6));
        assert_eq!(decode(b"zh = \0 nothing more"), Ok("zh = \0 nothing more"));
    }
}
