//! Channels, as configured: how a message leaves the house. Definitions name them, configuration says what they are.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Where a secret is found; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// In a variable of the environment.
    Env(String),
    /// In a file, without its last line break.
    File(String),
}

impl Secret {
    /// Reads `env:NAME` or `file:PATH`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("env", name) if !name.is_empty() => Some(Self::Env(name.into())),
            ("file", path) if !path.is_empty() => Some(Self::File(path.into())),
            _ => None,
        }
    }
}

/// How an SMTP connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Not at all; for a server on the same machine.
    None,
    /// By STARTTLS, or not sent.
    Starttls,
    /// From the first byte.
    Tls,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is protected.
    pub tls: Tls,
    /// The sender, such as `派单 <paidan@town.example>`.
    pub from: String,
    /// The name it knows us by.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

/// Signed webhooks (Standard Webhooks headers, CloudEvents body); the address of a person is a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Secrets `whsec_…`, newest first; each signs, so that a receiver can change over.
    pub secrets: Vec<Secret>,
    /// Whether addresses inside the house may be called.
    pub internal: bool,
}

/// How bytes become text in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Base64 with padding.
    Base64,
    /// Lower-case hex.
    Hex,
}

/// A signature by HMAC-SHA256; `{sign}` is what comes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// The key, with placeholders.
    pub key: String,
    /// What is signed, with placeholders.
    pub over: String,
    /// How it is written.
    pub encoding: Encoding,
}

/// How often a channel may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// So many messages.
    pub count: u32,
    /// In so many seconds.
    pub seconds: u32,
}

/// A gateway that takes HTTP requests; texts hold placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// The URL; values in it are percent-encoded.
    pub url: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// The body, sent as JSON.
    pub body: Json,
    /// Secrets, as `{secret.name}`.
    pub secrets: BTreeMap<String, Secret>,
    /// The signature.
    pub sign: Option<Sign>,
    /// What the answer's JSON must hold, by pointer, such as `/errcode` = 0.
    pub success: BTreeMap<String, Json>,
    /// How often it may be used.
    pub rate: Option<Rate>,
    /// Whether an address inside the house may be called.
    pub internal: bool,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Smtp(Smtp),
    /// Signed webhooks.
    Webhook(Webhook),
    /// A gateway for SMS or a chat robot.
    Gateway(Gateway),
    /// Takes everything, keeps nothing.
    BlackHole,
    /// Keeps the words beside the letter, where the messages page shows them.
    Sink,
}

/// Placeholders of gateways, besides `secret.<name>`.
pub const PLACEHOLDERS: [&str; 10] =
    ["to", "zh", "en", "number", "link", "notice", "id", "ts", "ts_ms", "sign"];
