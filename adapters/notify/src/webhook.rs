//! Signed webhooks: Standard Webhooks headers, a CloudEvents 1.0 body. <https://www.standardwebhooks.com>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use paidan_model::channel::Webhook;
use paidan_runtime::{Message, Sent};
use reqwest::{Client, header};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::address::{allowed, client};
use crate::answer::verdict;
use crate::clock::unix_millis;
use crate::secret::Known;
use crate::unusable::Unusable;

/// Bytes of a secret, by the specification.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A sender of webhooks.
pub struct Hook {
    keys: Vec<Vec<u8>>,
    internal: bool,
    client: Client,
}

impl Hook {
    /// Gets ready.
    ///
    /// # Errors
    /// When a secret is not there, or is not `whsec_` and 24 to 64 bytes in base64.
    pub fn new(webhook: &Webhook) -> Result<Self, Unusable> {
        let keys = webhook.secrets.iter().map(|secret| key(&Known::read(secret)?));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            internal: webhook.internal,
            client: client(webhook.internal)?,
        })
    }

    /// Sends one message. Any answer but 2xx is a failure; 410 ends it.
    pub async fn send(&self, message: &Message) -> Sent {
        let url = match allowed(&message.to.at, self.internal) {
            Ok(url) => url,
            Err(why) => return Sent::Never(why),
        };
        let millis = unix_millis();
        let id = format!("msg_{}", hex::encode(Sha256::digest(message.id.as_bytes())));
        let body = event(&id, message, millis).to_string();
        let seconds = (millis / 1_000).to_string();
        let signatures: Vec<String> =
            self.keys.iter().map(|key| signature(key, &id, &seconds, &body)).collect();
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/cloudevents+json; charset=UTF-8")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &seconds)
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        match request.send().await {
            Ok(answer) => verdict(&answer),
            Err(error) => Sent::Later(error.without_url().to_string()),
        }
    }
}

fn key(secret: &Known) -> Result<Vec<u8>, Unusable> {
    let wrong = || Unusable::Client("a webhook secret is `whsec_` and 24 to 64 bytes in base64".into());
    let text = secret.value().strip_prefix("whsec_").ok_or_else(wrong)?;
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    if SECRET_BYTES.contains(&bytes.len()) { Ok(bytes) } else { Err(wrong()) }
}

/// `v1,` and the signature of `id.timestamp.body`.
fn signature(key: &[u8], id: &str, seconds: &str, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The event in structured mode.
fn event(id: &str, message: &Message, millis: i64) -> serde_json::Value {
    let time = paidan_model::moment::Moment::from_millis(millis).rfc3339();
    json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("/{}", message.stream),
        "type": format!("paidan.notice.{}.v1", message.notice),
        "subject": message.number,
        "time": time,
        "datacontenttype": "application/json",
        "data": {
            "number": message.number,
            "notice": message.notice,
            "zh": message.text.zh,
            "en": message.text.en,
            "link": message.link,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's own test.
    #[test]
    fn known_answer() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_or_default();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
