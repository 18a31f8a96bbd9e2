//! Gateways: channels that configuration alone describes, for SMS and chat robots.

use std::collections::BTreeMap;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use paidan_model::channel::{Encoding, Gateway};
use paidan_model::notice::render;
use paidan_runtime::{Message, Sent};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Response, header};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::address::{allowed, client};
use crate::answer::verdict;
use crate::clock::unix_millis;
use crate::rate::Gate;
use crate::secret::Known;
use crate::unusable::Unusable;

/// The most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What stays as it is in a URL.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A gateway, ready to be called.
pub struct Caller {
    gateway: Gateway,
    secrets: BTreeMap<String, Known>,
    gate: Option<Gate>,
    client: Client,
}

/// A request, before it is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Caller {
    /// Gets ready.
    ///
    /// # Errors
    /// When a secret is not there.
    pub fn new(gateway: &Gateway) -> Result<Self, Unusable> {
        let known = |(name, secret): (&String, _)| Ok((name.clone(), Known::read(secret)?));
        Ok(Self {
            secrets: gateway.secrets.iter().map(known).collect::<Result<_, Unusable>>()?,
            gate: gateway.rate.map(Gate::new),
            client: client(gateway.internal)?,
            gateway: gateway.clone(),
        })
    }

    /// Sends one message, if the rate allows one now.
    pub async fn send(&self, message: &Message) -> Sent {
        if let Some(Err(seconds)) = self.gate.as_ref().map(|gate| gate.pass(Instant::now())) {
            return Sent::After { note: "the channel's rate is used up".into(), seconds, tried: false };
        }
        let request = self.request(message, unix_millis());
        let url = match allowed(&request.url, self.gateway.internal) {
            Ok(url) => url,
            Err(why) => return Sent::Never(why),
        };
        let mut call = self.client.post(url).header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        match call.body(request.body).send().await {
            Ok(answer) => self.heard(answer).await,
            Err(error) => Sent::Later(error.without_url().to_string()),
        }
    }

    /// Many gateways answer 200 and say in the body that it failed.
    async fn heard(&self, answer: Response) -> Sent {
        let said = verdict(&answer);
        if self.gateway.success.is_empty() || !matches!(said, Sent::Delivered(_)) {
            return said;
        }
        let text = match beginning(answer).await {
            Ok(text) => text,
            Err(why) => return Sent::Later(why),
        };
        let json: Json = serde_json::from_str(&text).unwrap_or(Json::Null);
        let differs = self.gateway.success.iter().find(|(at, value)| json.pointer(at) != Some(*value));
        match differs {
            None => said,
            Some((at, value)) => {
                let found = json.pointer(at).map(Json::to_string).unwrap_or_else(|| "nothing".into());
                Sent::Later(format!("`{at}` is {found} where {value} is success"))
            }
        }
    }

    /// The request for a message at a moment; `{sign}` is known only after what it signs.
    fn request(&self, message: &Message, millis: i64) -> Request {
        let plain = |name: &str| match name {
            "to" => Some(message.to.at.clone()),
            "zh" => Some(message.text.zh.clone()),
            "en" => Some(message.text.en.clone()),
            "number" => Some(message.number.clone()),
            "link" => Some(message.link.clone()),
            "notice" => Some(message.notice.clone()),
            "id" => Some(message.id.clone()),
            "ts" => Some((millis / 1_000).to_string()),
            "ts_ms" => Some(millis.to_string()),
            other => {
                let secret = other.strip_prefix("secret.").and_then(|name| self.secrets.get(name));
                secret.map(|known| known.value().to_string())
            }
        };
        let sign = self.gateway.sign.as_ref().map(|sign| {
            let (key, over) = (render(&sign.key, plain), render(&sign.over, plain));
            signature(key.as_bytes(), over.as_bytes(), sign.encoding)
        });
        let value = |name: &str| if name == "sign" { sign.clone() } else { plain(name) };
        let encoded = |name: &str| value(name).map(|text| utf8_percent_encode(&text, KEPT).to_string());
        let header = |(name, text): (&String, &String)| {
            let words: String = render(text, value).chars().filter(|c| !c.is_control()).collect();
            (name.clone(), words)
        };
        Request {
            url: render(&self.gateway.url, encoded),
            headers: self.gateway.headers.iter().map(header).collect(),
            body: filled(&self.gateway.body, &value).to_string(),
        }
    }
}

async fn beginning(mut answer: Response) -> Result<String, String> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                bytes.extend_from_slice(&chunk)
            }
            Ok(Some(_)) => return Err(format!("the answer is longer than {ANSWER_BYTES_MAX} bytes")),
            Ok(None) => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => return Err(error.without_url().to_string()),
        }
    }
}

fn signature(key: &[u8], over: &[u8], encoding: Encoding) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(over);
    let bytes = mac.finalize().into_bytes();
    match encoding {
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Hex => hex::encode(bytes),
    }
}

/// A body with its placeholders filled; words stay words and can break nothing.
fn filled(body: &Json, value: &impl Fn(&str) -> Option<String>) -> Json {
    match body {
        Json::String(text) => Json::String(render(text, value)),
        Json::Array(items) => items.iter().map(|item| filled(item, value)).collect(),
        Json::Object(map) => {
            Json::Object(map.iter().map(|(k, item)| (k.clone(), filled(item, value))).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => body.clone(),
    }
}

#[cfg(test)]
mod tests;
