//! Channels of the configuration: where messages go, with the place of every mistake.

use std::collections::BTreeMap;

use paidan_model::channel::{
    Channel, Encoding, Gateway, PLACEHOLDERS, Rate, Secret, Sign, Smtp, Tls, Webhook,
};
use paidan_model::id::ChannelId;
use paidan_model::notice::{Piece, pieces};
use serde_json::{Value as Json, json};

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::tree::{Kind, Node};

/// The most headers, secrets and rules of a gateway.
const ENTRIES_MAX: usize = 32;

/// Reads `[channels]` of a file.
pub fn channels(reader: &Reader, root: &Node, known: &mut BTreeMap<ChannelId, Channel>) {
    let Some(node) = root.get("channels") else { return };
    for (id, entry) in reader.by_name::<ChannelId>(node) {
        let Some(table) = reader.table(&entry.value, "a channel") else { continue };
        let channel = channel(reader, &table);
        reader.done(&table);
        if let Some(channel) = channel
            && known.insert(id.clone(), channel).is_some()
        {
            let en = format!("the channel `{id}` is declared twice");
            reader.find(Code::Duplicate, entry.key, format!("渠道`{id}`重复声明"), en);
        }
    }
}

const KINDS: [&str; 5] = ["smtp", "webhook", "http", "black-hole", "sink"];

fn channel(reader: &Reader, table: &Table<'_>) -> Option<Channel> {
    match one_of(reader, table, "kind", &KINDS)? {
        "smtp" => smtp(reader, table).map(Channel::Smtp),
        "webhook" => webhook(reader, table).map(Channel::Webhook),
        "http" => gateway(reader, table).map(Channel::Gateway),
        "black-hole" => Some(Channel::BlackHole),
        _ => Some(Channel::Sink),
    }
}

/// A text that must be one of a few.
pub(super) fn one_of(
    reader: &Reader,
    table: &Table<'_>,
    key: &'static str,
    allowed: &'static [&'static str],
) -> Option<&'static str> {
    let Some(node) = table.get(key) else {
        reader.missing(table, key);
        return None;
    };
    let text = reader.text(node)?;
    let found = allowed.iter().copied().find(|one| *one == text);
    if found.is_none() {
        let en = format!("`{text}` is not one of {}", allowed.join(", "));
        let zh = format!("`{text}`不在{}之中", allowed.join("、"));
        let finding = Finding::new(Code::WrongValue, node.place, zh, en);
        reader.note(finding.nearest(&text, allowed.iter().copied()));
    }
    found
}

/// A text that must be there.
pub(super) fn demanded(reader: &Reader, table: &Table<'_>, key: &'static str) -> Option<String> {
    match table.get(key) {
        Some(node) => reader.text(node),
        None => {
            reader.missing(table, key);
            None
        }
    }
}

fn secret(reader: &Reader, node: &Node) -> Option<Secret> {
    let text = reader.text(node)?;
    let found = Secret::parse(&text);
    if found.is_none() {
        let zh = "密钥不写在配置里：用`env:变量名`或`file:路径`";
        let en = "a secret does not stand in the configuration: write `env:NAME` or `file:PATH`";
        reader.find(Code::WrongValue, node.place, zh, en);
    }
    found
}

fn smtp(reader: &Reader, table: &Table<'_>) -> Option<Smtp> {
    let tls = table.get("tls").map(|_| one_of(reader, table, "tls", &["none", "starttls", "tls"]));
    let tls = match tls.unwrap_or(Some("starttls"))? {
        "none" => Tls::None,
        "tls" => Tls::Tls,
        _ => Tls::Starttls,
    };
    let usual = match tls {
        Tls::None => 25,
        Tls::Starttls => 587,
        Tls::Tls => 465,
    };
    let port = table.get("port").map_or(Some(usual), |node| reader.int(node, 1, 65_535));
    let (host, from) = (demanded(reader, table, "host"), demanded(reader, table, "from"));
    let user = table.get("user").and_then(|node| reader.text(node));
    let password = table.get("password").and_then(|node| secret(reader, node));
    if user.is_some() && password.is_none() {
        reader.missing(table, "password");
    }
    Some(Smtp { host: host?, port: u16::try_from(port?).ok()?, tls, from: from?, user, password })
}

fn webhook(reader: &Reader, table: &Table<'_>) -> Option<Webhook> {
    let Some(node) = table.get("secrets") else {
        reader.missing(table, "secrets");
        return None;
    };
    let secrets: Vec<Secret> =
        reader.list(node, 4, "secrets").iter().filter_map(|item| secret(reader, item)).collect();
    if secrets.is_empty() {
        reader.missing(table, "secrets");
        return None;
    }
    Some(Webhook { secrets, internal: reader.flag(table, "internal") })
}

fn gateway(reader: &Reader, table: &Table<'_>) -> Option<Gateway> {
    let secrets: BTreeMap<String, Secret> =
        table.get("secrets").map(|node| named(reader, node, |node| secret(reader, node))).unwrap_or_default();
    let words = |node: &Node| {
        let text = reader.text(node)?;
        check_places(reader, node, &text, &secrets);
        Some(text)
    };
    let url = match table.get("url") {
        Some(node) => words(node),
        None => {
            reader.missing(table, "url");
            None
        }
    };
    let headers = table.get("headers").map(|node| named(reader, node, words)).unwrap_or_default();
    let body = table.get("body").map_or(Some(json!({})), |node| plain(reader, node, &secrets));
    let success = table
        .get("success")
        .map(|node| named(reader, node, |node| plain(reader, node, &secrets)))
        .unwrap_or_default();
    let sign = table.get("sign").and_then(|node| sign(reader, node, &secrets));
    let rate = table.get("rate").and_then(|node| rate(reader, node));
    let internal = reader.flag(table, "internal");
    Some(Gateway { url: url?, headers, body: body?, secrets, sign, success, rate, internal })
}

/// A table of entries by name.
fn named<T>(reader: &Reader, node: &Node, read: impl Fn(&Node) -> Option<T>) -> BTreeMap<String, T> {
    let Some(table) = reader.table(node, "this table") else { return BTreeMap::new() };
    if table.node.entries().count() > ENTRIES_MAX {
        let en = format!("more than {ENTRIES_MAX} entries");
        reader.find(Code::Limit, node.place, format!("超过{ENTRIES_MAX}项"), en);
    }
    let entry = |(name, entry): (&String, &crate::tree::Entry)| Some((name.clone(), read(&entry.value)?));
    table.node.entries().filter_map(entry).collect()
}

fn plain(reader: &Reader, node: &Node, secrets: &BTreeMap<String, Secret>) -> Option<Json> {
    Some(match &node.kind {
        Kind::Text(text) => {
            check_places(reader, node, text, secrets);
            json!(text)
        }
        Kind::Int(number) => json!(number),
        Kind::Bool(truth) => json!(truth),
        Kind::Array(items) => items.iter().filter_map(|item| plain(reader, item, secrets)).collect(),
        Kind::Table(entries) => {
            let entry = |(name, entry): (&String, &crate::tree::Entry)| {
                Some((name.clone(), plain(reader, &entry.value, secrets)?))
            };
            Json::Object(entries.iter().filter_map(entry).collect())
        }
        Kind::Other(_) => {
            drop(reader.text(node));
            return None;
        }
    })
}

fn check_places(reader: &Reader, node: &Node, text: &str, secrets: &BTreeMap<String, Secret>) {
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        let known = match name.strip_prefix("secret.") {
            Some(secret) => secrets.contains_key(secret),
            None => PLACEHOLDERS.contains(&name),
        };
        if !known {
            let en = format!("`{{{name}}}` stands for nothing in a channel");
            let finding =
                Finding::new(Code::Placeholder, node.place, format!("渠道里没有占位符`{{{name}}}`"), en);
            reader.note(finding.nearest(name, PLACEHOLDERS));
        }
    }
}

fn sign(reader: &Reader, node: &Node, secrets: &BTreeMap<String, Secret>) -> Option<Sign> {
    let table = reader.table(node, "a signature")?;
    let encoding = match one_of(reader, &table, "encoding", &["base64", "hex"]) {
        Some("hex") => Encoding::Hex,
        _ => Encoding::Base64,
    };
    let (key, over) = (demanded(reader, &table, "key"), demanded(reader, &table, "over"));
    for text in [&key, &over].into_iter().flatten() {
        check_places(reader, node, text, secrets);
    }
    reader.done(&table);
    Some(Sign { key: key?, over: over?, encoding })
}

/// `20 per minute`, `5 per second`, `100 per hour`.
fn rate(reader: &Reader, node: &Node) -> Option<Rate> {
    let text = reader.text(node)?;
    let found = text.split_once(" per ").and_then(|(count, per)| {
        let seconds = match per {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            _ => return None,
        };
        count.parse().ok().filter(|count| *count > 0).map(|count| Rate { count, seconds })
    });
    if found.is_none() {
        let en = format!("`{text}` is no rate such as `20 per minute`");
        reader.find(Code::WrongValue, node.place, format!("`{text}`不是频率，应如`20 per minute`"), en);
    }
    found
}
