//! The shipped channels against known answers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use paidan_model::channel::{Channel, Secret};
use paidan_model::id::ChannelId;
use paidan_model::text::Text;
use paidan_runtime::Address;

use super::*;

fn shipped(name: &str) -> Gateway {
    let path = format!("{}/../../config/channels/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut library = paidan_language::Library::new();
    library.add(&path, std::fs::read_to_string(&path).unwrap());
    let checked = library.check();
    assert!(checked.findings.is_empty(), "{}", paidan_language::print::text(&checked, false));
    match checked.channels.get(&ChannelId::parse(name).unwrap()) {
        Some(Channel::Gateway(gateway)) => gateway.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// The caller of a shipped channel whose every secret is the same.
fn caller(name: &str, secret: &str) -> Caller {
    let mut gateway = shipped(name);
    let folder = std::env::temp_dir().join(format!("paidan-notify-{}-{name}", std::process::id()));
    std::fs::write(&folder, format!("{secret}\n")).unwrap();
    for place in gateway.secrets.values_mut() {
        *place = Secret::File(folder.display().to_string());
    }
    let caller = Caller::new(&gateway).unwrap();
    std::fs::remove_file(folder).unwrap();
    caller
}

fn message() -> Message {
    Message {
        id: "case/1/2/0/liaison".into(),
        to: Address { channel: "robot".into(), at: "13800000000".into() },
        text: Text { zh: "“逾期” {to}".into(), en: "late".into() },
        number: "JINCHEN-20260930-0001-5".into(),
        stream: "case/1".into(),
        notice: "overdue".into(),
        link: "http://127.0.0.1:8311/case/1".into(),
    }
}

#[test]
fn dingtalk_signs_the_query() {
    let request = caller("dingtalk", "SEC0000000000000000").request(&message(), 1_700_000_000_000);
    assert!(
        request.url.ends_with("&timestamp=1700000000000&sign=WfYUGpoGGwqxychtZs0cnijW6Or95adxr2jS78mZP2o%3D"),
        "{}",
        request.url
    );
}

#[test]
fn feishu_signs_nothing_with_the_text_as_key() {
    let request = caller("feishu", "demo").request(&message(), 1_700_000_000_000);
    let body: Json = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body.pointer("/timestamp").unwrap(), "1700000000");
    assert_eq!(body.pointer("/sign").unwrap(), "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=");
    assert_eq!(body.pointer("/msg_type").unwrap(), "text");
}

#[test]
fn wecom_takes_a_key_in_the_url() {
    let request = caller("wecom", "693a91f6-7xxx").request(&message(), 0);
    assert_eq!(request.url, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx");
    let body: Json = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body.pointer("/msgtype").unwrap(), "text");
    let words = body.pointer("/text/content").unwrap().as_str().unwrap();
    assert!(words.contains("“逾期” {to}"), "words of a message are never filled again: {words}");
}

#[test]
fn an_sms_gateway_gets_a_template_with_parameters() {
    let request = caller("sms", "token").request(&message(), 0);
    let body: Json = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body.pointer("/phone").unwrap(), "13800000000");
    assert_eq!(body.pointer("/parameters/number").unwrap(), "JINCHEN-20260930-0001-5");
    assert!(request.headers.iter().any(|(name, value)| name == "X-Sign" && value.len() == 64));
}

#[test]
fn hostile_text_stays_inside_url_header_and_body() {
    let mut message = message();
    message.to.at = "1&key=2#/../\r\nX: y\u{0}\"}".into();
    for name in ["wecom", "dingtalk", "feishu", "sms"] {
        let request = caller(name, "secret").request(&message, 0);
        let url = reqwest::Url::parse(&request.url).unwrap();
        assert!(url.fragment().is_none() && !request.url.contains(['\r', '\n']), "{url}");
        assert!(request.headers.iter().all(|(_, value)| !value.contains(['\r', '\n'])));
        let _: Json = serde_json::from_str(&request.body).unwrap();
    }
}
