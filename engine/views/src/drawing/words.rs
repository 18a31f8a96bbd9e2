//! Words of the picture: how wide they are, where they wrap, and how they are escaped.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Size of titles of states.
pub const TITLE_SIZE: i64 = 14;
/// Size of labels of moves.
pub const LABEL_SIZE: i64 = 12;
/// The widest line, in ems: ten Chinese characters.
const LINE_EMS_MAX: i64 = 10;
/// A title or label has at most so many lines.
const LINES_MAX: usize = 2;

/// Width of one character in thousandths of an em, rather too much than too little.
const fn advance(letter: char) -> i64 {
    match letter {
        '\u{1f000}'.. => 1400,
        '\u{1100}'.. | 'm' | 'M' | 'W' | '@' | '%' => 1000,
        'A'..='Z' | 'w' | '\u{80}'..='\u{10ff}' => 800,
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' | ' ' => 400,
        _ => 650,
    }
}

/// Width of a text in pixels: Chinese characters count twice what Latin ones do.
pub fn width(text: &str, size: i64) -> i64 {
    let thousandths: i64 = text.chars().map(advance).sum();
    (thousandths * size + 999) / 1000
}

/// The widest of some lines.
pub fn widest(lines: &[String], size: i64) -> i64 {
    lines.iter().map(|line| width(line, size)).max().unwrap_or_default()
}

/// A text in at most two lines of about equal width; what does not fit ends in an ellipsis.
pub fn wrap(text: &str, size: i64) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let full = LINE_EMS_MAX * size;
    let whole = width(&text, size);
    if whole <= full {
        return Vec::from([text]);
    }
    let even = broken(&text, size, full.min(whole / 2 + size));
    if even.len() <= LINES_MAX {
        return even;
    }
    let mut lines = broken(&text, size, full);
    if lines.len() > LINES_MAX {
        lines.truncate(LINES_MAX);
        if let Some(last) = lines.last_mut() {
            while width(last, size) + size > full && last.pop().is_some() {}
            last.push('…');
        }
    }
    lines
}

/// Lines no wider than a limit, broken at the last space, else anywhere.
fn broken(text: &str, size: i64, limit: i64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for letter in text.chars() {
        line.push(letter);
        if width(&line, size) <= limit || line.chars().count() == 1 {
            continue;
        }
        let rest = match line.rfind(' ') {
            Some(space) if letter != ' ' => {
                let rest = line.split_off(space);
                rest.trim_start().to_string()
            }
            _ => {
                line.pop();
                letter.to_string().trim().to_string()
            }
        };
        lines.push(core::mem::replace(&mut line, rest));
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A text for XML: markup escaped, control characters as spaces.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
