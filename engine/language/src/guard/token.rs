//! Tokens of a guard.

use super::GuardError;

/// One token with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub offset: usize,
    pub len: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int(i64),
    Text(String),
    Name(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 19] =
    ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "(", ")", "[", "]", ",", ".", "="];

fn error(offset: usize, len: usize, en: String, help: Option<&str>) -> GuardError {
    GuardError { offset, len, zh: format!("条件读不懂：{en}"), en, help: help.map(Into::into) }
}

/// Splits a guard into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, GuardError> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let offset = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { break };
        let (kind, len) = match first {
            '0'..='9' => number(rest, offset)?,
            '\'' | '"' => quoted(rest, first, offset)?,
            c if c.is_ascii_alphabetic() || c == '_' => {
                let len = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
                    .unwrap_or(rest.len());
                let len = name_len(rest, len);
                (Kind::Name(rest.get(..len).unwrap_or_default().to_string()), len)
            }
            _ => sign(rest, first, offset)?,
        };
        found.push(Token { kind, offset, len });
        rest = rest.get(len..).unwrap_or_default();
    }
    found.push(Token { kind: Kind::End, offset: text.len(), len: 0 });
    Ok(found)
}

/// Names that guards read have no `-`, which means minus here.
fn name_len(rest: &str, len: usize) -> usize {
    rest.get(..len).and_then(|name| name.find('-')).unwrap_or(len)
}

fn number(rest: &str, offset: usize) -> Result<(Kind, usize), GuardError> {
    let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    if rest.get(len..).is_some_and(|tail| tail.starts_with('.')) {
        return Err(error(
            offset,
            len + 1,
            "there are no fractions here".into(),
            Some("use whole numbers, such as percent"),
        ));
    }
    let digits = rest.get(..len).unwrap_or_default();
    match digits.parse::<i64>() {
        Ok(number) if number < (1 << 53) => Ok((Kind::Int(number), len)),
        Ok(_) | Err(_) => Err(error(offset, len, "the number is too large".into(), None)),
    }
}

fn quoted(rest: &str, quote: char, offset: usize) -> Result<(Kind, usize), GuardError> {
    let inner = rest.get(1..).unwrap_or_default();
    let Some(end) = inner.find(quote) else {
        return Err(error(offset, rest.len(), "the text has no closing quote".into(), None));
    };
    let words = inner.get(..end).unwrap_or_default();
    if words.contains(['\\', '\n']) {
        return Err(error(offset, end + 2, "a text here has no backslash and no line break".into(), None));
    }
    Ok((Kind::Text(words.to_string()), end + 2))
}

fn sign(rest: &str, first: char, offset: usize) -> Result<(Kind, usize), GuardError> {
    match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        Some("=") => Err(error(offset, 1, "`=` does not compare".into(), Some("write `==`"))),
        Some(sign) => Ok((Kind::Sign(sign), sign.len())),
        None => {
            let help = match first {
                '&' => Some("write `&&`"),
                '|' => Some("write `||`"),
                '/' | '%' => Some("there is no division; multiply the other side"),
                '?' => Some("write two alternatives"),
                _ => None,
            };
            Err(error(offset, first.len_utf8(), format!("`{first}` means nothing in a guard"), help))
        }
    }
}
