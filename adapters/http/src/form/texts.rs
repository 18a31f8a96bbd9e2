//! Texts that a form brings along: written into it, or as files; none of them is kept.

use std::collections::BTreeSet;

use axum::Form;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{StatusCode, header};
use paidan_language::read::DEFINITION_BYTES_MAX;

use super::VALUES_MAX;
use crate::problem::{Code, Problem};

/// What a text is called that was written into the form.
const WRITTEN: &str = "definition.toml";
/// The longest name of a file, in characters.
const NAME_CHARACTERS_MAX: usize = 100;

/// What was sent.
#[derive(Debug, Default)]
pub struct Texts {
    /// Which button was pressed.
    pub pressed: String,
    /// Names and contents, with line ends of one kind; no two of a name.
    pub texts: Vec<(String, String)>,
}

/// Reads a form with the inputs `do`, `path` before each `text`, and `files`.
///
/// # Errors
/// When it cannot be read, has a text that is too long, or no text at all.
pub async fn receive(request: Request) -> Result<Texts, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let parts = match kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        true => parts(request).await?,
        false => {
            let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
            let Form(sent) = form.map_err(|rejection| unread(rejection.status(), rejection.body_text()))?;
            sent.into_iter().map(|(name, text)| Part { name, file: None, text }).collect()
        }
    };
    if parts.len() > VALUES_MAX {
        return Err(Problem::of(Code::TooLarge).because(format!("more than {VALUES_MAX} values")));
    }
    gathered(parts)
}

struct Part {
    name: String,
    file: Option<String>,
    text: String,
}

fn wrong(why: impl Into<String>) -> Problem {
    Problem::of(Code::Malformed).because(why)
}

fn unread(status: StatusCode, why: String) -> Problem {
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE { Code::TooLarge } else { Code::Malformed };
    Problem::of(code).because(why)
}

async fn parts(request: Request) -> Result<Vec<Part>, Problem> {
    let broken = |error: MultipartError| unread(error.status(), error.body_text());
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| wrong(error.body_text()))?;
    let mut found = Vec::new();
    while let Some(mut part) = form.next_field().await.map_err(broken)? {
        let (name, file) = (part.name().unwrap_or_default().to_string(), part.file_name().map(String::from));
        let called = file.clone().unwrap_or_else(|| name.clone());
        let mut bytes = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&piece);
            // A browser sends two bytes for the end of each line of a text.
            if bytes.len() > 2 * DEFINITION_BYTES_MAX {
                return Err(Problem::of(Code::TooLarge).because(format!("{called} is too long")));
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong(format!("{called} is not UTF-8")))?;
        found.push(Part { name, file, text });
        if found.len() > VALUES_MAX {
            break;
        }
    }
    Ok(found)
}

/// The texts of the parts in order; what is empty was not written, and a file that is sent anew comes in the place of
/// the text that was read from it before.
fn gathered(parts: Vec<Part>) -> Result<Texts, Problem> {
    let sent: BTreeSet<String> = parts
        .iter()
        .filter(|part| !part.text.trim().is_empty())
        .filter_map(|part| part.file.clone())
        .collect();
    let mut found = Texts::default();
    let mut path = String::new();
    for Part { name, file, text } in parts {
        match (name.as_str(), file) {
            ("do", None) => found.pressed = text,
            ("path", None) => path = text,
            ("text", None) if sent.contains(&path) => path.clear(),
            ("text", None) => add(&mut found, &std::mem::take(&mut path), &text),
            ("files", Some(file)) => add(&mut found, &file, &text),
            _ => {}
        }
    }
    if found.texts.is_empty() {
        return Err(wrong("there is no text"));
    }
    Ok(found)
}

fn add(found: &mut Texts, path: &str, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let path: String = path.chars().filter(|c| !c.is_control()).take(NAME_CHARACTERS_MAX).collect();
    let path = if path.is_empty() { WRITTEN.to_string() } else { path };
    let (stem, end) = path.strip_suffix(".toml").map_or((path.as_str(), ""), |stem| (stem, ".toml"));
    let is_free = |name: &String| found.texts.iter().all(|(other, _)| other != name);
    let numbered = (2..).map(|n: u32| format!("{stem}-{n}{end}"));
    let name = std::iter::once(path.clone()).chain(numbered).find(is_free).unwrap_or_default();
    found.texts.push((name, text.replace("\r\n", "\n")));
}
